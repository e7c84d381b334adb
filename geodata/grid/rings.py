"""What can be wrong with one grid's shape by itself: each fault with its place, in plain words."""

import re
from typing import Any

import numpy as np
import shapely

from geodata.grid.plane import Flags, LocalPlane, Place, Shapes, polygons_of, wider_than, widths
from geodata.records import Finding

_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

REASONS: dict[str, tuple[str, str, str]] = {
    "Self-intersection": (
        "self-intersection",
        "its border crosses itself",
        "边界自相交",
    ),
    "Ring Self-intersection": (
        "ring-self-intersection",
        "a ring of its border touches itself at a point",
        "边界环在一点与自身相接",
    ),
    "Hole lies outside shell": (
        "hole-outside-shell",
        "a hole lies outside its outer border",
        "内环（洞）位于外边界之外",
    ),
    "Holes are nested": ("nested-holes", "one hole lies inside another", "一个内环（洞）位于另一个内环之中"),
    "Interior is disconnected": (
        "disconnected-interior",
        "holes or touching borders cut its inside into pieces",
        "内环或相接的边界把网格内部切断",
    ),
    "Nested shells": ("nested-shells", "one part lies inside another part", "一个部分位于另一个部分之内"),
    "Duplicate Rings": ("duplicate-rings", "the same ring occurs twice", "同一条边界环重复出现"),
    "Too few points in geometry component": (
        "too-few-points",
        "a ring has fewer than three different points",
        "边界环的不同节点少于三个",
    ),
    "Ring is not closed": ("open-ring", "a ring is not closed", "边界环未闭合"),
}
_OTHER_REASON = ("invalid", "its border is not a proper ring", "边界不是有效的环")
_TYPE_NAMES = {
    "Point": "点",
    "MultiPoint": "多点",
    "LineString": "线",
    "LinearRing": "线",
    "MultiLineString": "多线",
    "GeometryCollection": "几何集合",
}


def absent(shapes: Shapes) -> Flags:
    """Whether each geometry is None or empty."""
    return np.asarray(shapely.is_missing(shapes) | shapely.is_empty(shapes), dtype=bool)


def is_area(shapes: Shapes) -> Flags:
    """Whether each geometry is a Polygon or MultiPolygon."""
    return np.isin(shapely.get_type_id(shapes), _AREAS)


def on_earth(shapes: Shapes) -> Flags:
    """Whether every coordinate is a longitude within ±180 and a latitude within ±90; True for None and empty."""
    xy, owners = shapely.get_coordinates(shapes, return_index=True)
    good = (np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90)
    result = np.ones(len(shapes), dtype=bool)
    result[owners[~good]] = False
    return result


def sound(shapes: Shapes) -> Flags:
    """Whether each geometry is a valid, non-empty Polygon or MultiPolygon on Earth."""
    return np.asarray(~absent(shapes) & is_area(shapes) & on_earth(shapes) & shapely.is_valid(shapes), dtype=bool)


def shape_finding(shape: Any, *, row: int | None, code: str | None) -> Finding | None:
    """The fault that keeps one geometry from being a grid, or None.

    Parameters
    ----------
    shape
        Any shapely geometry in EPSG:4326, or None.
    row, code
        Carried into the finding.

    Notes
    -----
    The kinds are ``missing-geometry``, ``wrong-geometry-type``, ``not-a-place`` and ``invalid-ring``, tried in this
    order; all are errors.
    """
    one = np.array([shape], dtype=object)
    if absent(one)[0]:
        return Finding(
            "error",
            "missing-geometry",
            f"Grid {code} has no shape. Draw its polygon in the source, or delete the row.",
            f"网格 {code} 没有图形。请在源数据中绘制多边形，或删除该行。",
            row,
            code,
        )
    if not is_area(one)[0]:
        return _wrong_type(shape, row, code)
    if not on_earth(one)[0]:
        return _not_a_place(shape, row, code)
    if not shapely.is_valid(shape):
        return _invalid_ring(shape, row, code)
    return None


def _wrong_type(shape: Any, row: int | None, code: str | None) -> Finding:
    name = shape.geom_type
    places = shapely.get_coordinates(shape)
    place = Place(*places[0].tolist()) if len(places) and np.isfinite(places[0]).all() else None
    return Finding(
        "error",
        "wrong-geometry-type",
        f"The shape of grid {code} is a {name}; a grid must be a Polygon or MultiPolygon. "
        "Convert it to an area, or choose the layer that holds the areas.",
        f"网格 {code} 的图形是{_TYPE_NAMES.get(name, name)}，网格必须是面（多边形）。请转换为面，或选择存放面的图层。",
        row,
        code,
        place.lon if place else None,
        place.lat if place else None,
        {"geometry_type": name},
    )


def _not_a_place(shape: Any, row: int | None, code: str | None) -> Finding:
    xy = shapely.get_coordinates(shape)
    bad = xy[~((np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90))]
    x, y = bad[0].tolist()
    return Finding(
        "error",
        "not-a-place",
        f"Grid {code} has {len(bad)} points that are no place on Earth, the first is ({x}, {y}). "
        "Say which coordinate system the file uses, or correct the points.",
        f"网格 {code} 有 {len(bad)} 个坐标不在地球范围内，第一个是（{x}，{y}）。请指定文件的坐标系，或更正这些坐标。",
        row,
        code,
        # Not finite is not a place to point at; a finite one is given as it stands in the facts.
        facts={"points": len(bad), "x": str(x), "y": str(y)},
    )


def _invalid_ring(shape: Any, row: int | None, code: str | None) -> Finding:
    reason, place = invalid_reason(shape)
    name, words, words_zh = REASONS.get(reason, _OTHER_REASON)
    at = f" at {place.lon:.7f}, {place.lat:.7f}" if place else ""
    at_zh = f"（{place.lon:.7f}，{place.lat:.7f}）" if place else ""
    return Finding(
        "error",
        "invalid-ring",
        f"Grid {code} is not a valid area: {words}{at}. Correct the border there, or load with --repair.",
        f"网格 {code} 的面无效：{words_zh}{at_zh}。请更正该处边界，或加 --repair 自动修复。",
        row,
        code,
        place.lon if place else None,
        place.lat if place else None,
        {"reason": name},
    )


def invalid_reason(shape: Any) -> tuple[str, Place | None]:
    """GEOS's reason why a shape is invalid, and the place it names (None where it names none)."""
    text = shapely.is_valid_reason(shape)
    match = re.fullmatch(r"(.*?)\s*\[(\S+) (\S+)\]", text)
    if match is None:
        return text, None
    lon, lat = float(match[2]), float(match[3])
    return match[1], Place(lon, lat) if np.isfinite((lon, lat)).all() else None


def size_findings(
    shapes: Shapes, plane: LocalPlane, rows: list[int | None], codes: list[str], *, square_metres: float, metres: float
) -> list[Finding]:
    """Warnings about grids that are tiny or thin (``sliver``) or in several parts (``many-parts``).

    Parameters
    ----------
    shapes
        Valid (Multi)Polygons in the plane, not empty.
    square_metres, metres
        A grid smaller than the area, or nowhere as wide as the length, is a sliver.
    """
    findings = []
    small = (shapely.area(shapes) < square_metres * 1.2) | ~wider_than(shapes, metres)
    for position in np.flatnonzero(small):
        area = plane.square_metres(shapes[position])
        width = float(widths(shapes[position : position + 1])[0])
        if area < square_metres or width < metres:
            place = plane.inside(shapes[position])
            findings.append(_sliver(rows[position], codes[position], place, area, width))
    several = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    return findings + [_many_parts(shapes[at], plane, rows[at], codes[at]) for at in several]


def collapsed_finding(shape: Any, row: int | None, code: str) -> Finding:
    """Warning about a grid, in longitude and latitude, that nothing is left of in metres."""
    return _sliver(row, code, Place(*shapely.get_coordinates(shape)[0].tolist()), 0.0, 0.0)


def _sliver(row: int | None, code: str, place: Place, area: float, width: float) -> Finding:
    return Finding(
        "warning",
        "sliver",
        f"Grid {code} is only {area:.2f} m² and at most {width:.2f} m wide: probably left over from drawing. "
        "Merge it into its neighbour if nobody lives there.",
        f"网格 {code} 面积仅 {area:.2f} 平方米，最宽处 {width:.2f} 米，可能是绘制残留。如无住户，请并入相邻网格。",
        row,
        code,
        *place,
        {"square_metres": area, "width_metres": width},
    )


def _many_parts(shape: Any, plane: LocalPlane, row: int | None, code: str) -> Finding:
    parts, _ = polygons_of(np.array([shape], dtype=object))
    smallest = parts[np.argmin(shapely.area(parts))]
    area = plane.square_metres(smallest)
    return Finding(
        "warning",
        "many-parts",
        f"Grid {code} consists of {len(parts)} separate parts; the smallest has {area:.2f} m². "
        "Check that all of them belong to it.",
        f"网格 {code} 由 {len(parts)} 个不相连的部分组成，最小的 {area:.2f} 平方米。请核实各部分是否都属于该网格。",
        row,
        code,
        *plane.inside(smallest),
        {"parts": len(parts), "smallest_square_metres": area},
    )
