"""Where streets and barriers that are loaded end: at a box, or at the outline of an area."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import Connection

from geodata.area import areas_in_force
from geodata.clipping import clip_lines, joined_points, points_in
from geodata.errors import InputError
from geodata.intake.communities import territory
from geodata.intake.report import LoadOptions
from geodata.intake.rows import Records
from geodata.records import Finding

Box = tuple[float, float, float, float]
Shapes = NDArray[np.object_]

_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def parse_box(text: str) -> Box:
    """West, south, east and north, degrees, of ``117.0,36.6,117.1,36.7``.

    Raises
    ------
    InputError
        It is none, or has no area.
    """
    try:
        west, south, east, north = (float(side) for side in text.replace("，", ",").split(","))
    except ValueError:
        west, south, east, north = math.nan, 0.0, 0.0, 0.0
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(
            f"--box takes west,south,east,north in degrees, for example 117.0,36.6,117.1,36.7, not {text[:60]!r}.",
            f"--box 应为 西,南,东,北（单位：度），例如 117.0,36.6,117.1,36.7，而不是“{text[:60]}”。",
            option="--box",
        )
    return west, south, east, north


def extent_of(connection: Connection[Any], options: LoadOptions, at: int) -> shapely.Geometry | None:
    """The area that a load is meant for, EPSG:4326; None where nobody says.

    Parameters
    ----------
    options
        ``box`` and ``within`` are heeded: what lies in both, where both are given.
    at
        Microseconds since 1970-01-01 UTC.

    Raises
    ------
    InputError
        The area has no outline, nor has one in it; or box and area do not meet.
    NotKnownError
        There is no such area.
    """
    area = None if options.within is None else _outline(connection, options.within, at)
    if options.box is None:
        return area
    box = shapely.box(*options.box)
    if area is None:
        return box
    both = shapely.MultiPolygon(_polygons(area & box))
    if both.is_empty:
        raise InputError(
            f"The box and the area {options.within} do not meet.", f"范围框与区划 {options.within} 不相交。"
        )
    return both


def _outline(connection: Connection[Any], code: str, at: int) -> shapely.Geometry:
    """Outline of an area, else of the areas in it together."""
    known = territory(areas_in_force(connection, at))
    below = known.below(code)
    drawn = [known.areas[code]["wkb"]] if known.areas[code]["wkb"] is not None else []
    drawn = drawn or [known.areas[each]["wkb"] for each in sorted(below) if known.areas[each]["wkb"] is not None]
    if not drawn:
        raise InputError(
            f"Area {code} has no outline, so nothing can be cut at it: use --box.",
            f"区划 {code} 没有边界，无法按其裁剪：请改用 --box。",
            area=code,
        )
    return shapely.union_all(shapely.make_valid(shapely.from_wkb(drawn)))


def streets_in(records: Records, area: shapely.Geometry) -> tuple[Records, list[Finding]]:
    """Streets as far as they lie in an area, cut where they leave it; what lies outside is left out, and counted."""
    assert records.geometry is not None
    at = np.flatnonzero(records.sound)
    shapes, sound = records.geometry.copy(), records.sound.copy()
    shapes[at], ends = clip_lines(records.geometry[at], area)
    closed, cut = list(records.column("closed")), list(records.column("cut"))
    for place, made in zip(at.tolist(), ends, strict=True):
        closed[place] = points_in(closed[place], area)
        cut[place] = joined_points(points_in(cut[place], area), made)
    sound[at] = ~shapely.is_missing(shapes[at])
    found = replace(records, geometry=shapes, sound=sound, fields={**records.fields, "closed": closed, "cut": cut})
    return found, _outside(records, sound)


def barriers_in(records: Records, area: shapely.Geometry) -> tuple[Records, list[Finding]]:
    """Barriers as far as they lie in an area; what lies outside is left out, and counted."""
    assert records.geometry is not None
    shapes, sound = records.geometry.copy(), records.sound.copy()
    shapely.prepare(area)
    for at in np.flatnonzero(records.sound & ~shapely.contains_properly(area, records.geometry)).tolist():
        shape = records.geometry[at]
        if shapely.get_type_id(shape) in _POLYGONS:
            parts = _polygons(shape & area)
            shapes[at] = shapely.MultiPolygon(parts) if parts else None
        else:
            shapes[at] = clip_lines(records.geometry[at : at + 1], area)[0][0]
        sound[at] = shapes[at] is not None
    return replace(records, geometry=shapes, sound=sound), _outside(records, sound)


def _polygons(shape: Any) -> list[Any]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]


def _outside(records: Records, sound: NDArray[np.bool_]) -> list[Finding]:
    """How many lie outside; an error where all do."""
    all_of_them, left = int(records.sound.sum()), int(sound.sum())
    if not left and all_of_them:
        assert records.geometry is not None
        box = ",".join(f"{side:.4f}" for side in shapely.total_bounds(records.geometry[records.sound]))
        return [
            Finding(
                "error",
                "outside-extent",
                f"Nothing in the file lies in the box or area to load: the file is about {box}.",
                f"文件内容全部在指定范围之外：文件的范围是 {box}。",
                facts={"box": box},
            )
        ]
    if left == all_of_them:
        return []
    return [
        Finding(
            "warning",
            "outside-extent",
            f"{all_of_them - left:,} of {all_of_them:,} lie outside the box or area and are left out.",
            f"共 {all_of_them:,} 条，其中 {all_of_them - left:,} 条在指定范围之外，未读取。",
            facts={"count": all_of_them - left},
        )
    ]


def loses_parts(replaced: Sequence[Mapping[str, Any]], area: shapely.Geometry | None) -> list[Finding]:
    """A warning where records in force that are replaced reach beyond the area that is loaded: they end at its rim."""
    if area is None:
        return []
    shapes = shapely.from_wkb(np.array([row["wkb"] for row in replaced], dtype=object))
    around = shapely.buffer(area, 1e-6)
    shapely.prepare(around)
    beyond = [row["code"] for row, inside in zip(replaced, shapely.covers(around, shapes), strict=True) if not inside]
    if not beyond:
        return []
    return [
        Finding(
            "warning",
            "loses-part",
            f"{len(beyond):,} that are loaded already reach beyond the box or area and would end there, "
            f"for example {beyond[0]}.",
            f"有 {len(beyond):,} 条已导入的对象超出指定范围，提交后将在范围边界处截断，例如 {beyond[0]}。",
            code=beyond[0],
            facts={"count": len(beyond)},
        )
    ]
