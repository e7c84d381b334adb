"""Ground handed from grids to another, or taken out of them for a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from shapely import Geometry

from geodata.grid.edit.cutting import Cut, cut, free_faces
from geodata.grid.edit.faults import is_sliver, slivers_beside, sound
from geodata.grid.edit.lines import drawn_ground, plane_of
from geodata.grid.edit.merging import joined
from geodata.grid.edit.records import Edit, Transfer, common_ground, square_metres
from geodata.grid.edit.refusals import refused
from geodata.grid.edit.rings import one_shape, rings_of, united
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import LocalPlane, overlay, polygons_of, union
from geodata.records import Finding

MOST_GIVERS: Final = 300
"""Of more grids at once nobody gives parts: it would hold the draft for minutes."""
_NEW_KEY = ""
"""Stands for a new grid, which is piece 0 of the edit."""


@dataclass(slots=True)
class _Shares:
    """What each grid gives and keeps, in polygons whose common borders match."""

    given: dict[str, list[Geometry]] = field(default_factory=dict)
    kept: dict[str, list[Geometry]] = field(default_factory=dict)
    notes: list[Finding] = field(default_factory=list)


def hand_over(
    tiling: Tiling, ground: Geometry, to: str | None, *, of: Sequence[str] | None = None, allow_parts: bool = False
) -> Edit:
    """Ground goes to a grid, or becomes a new one.

    Parameters
    ----------
    ground
        Polygon or MultiPolygon, EPSG:4326: a lasso, a block, a building, cells of addresses. What of it lies in `to`
        already is left out, and so is what no grid has, unless the layer is not full: there it goes too.
    to
        The grid that gets it; None for a new grid, then it is the one of the edit's ``pieces``.
    of
        Only these grids give; None for all that the ground touches.
    allow_parts
        Whether grids may be in more parts afterwards than before.

    Raises
    ------
    EditRefusedError
        ``not-an-area``, ``too-many-points``, ``crosses-itself``, ``too-close``, ``outside`` (no grid has any of it),
        ``nothing-to-hand-over`` (it is all in `to`), ``sliver`` (only slivers would go), ``several-parts``,
        ``too-many-grids`` (it touches more than 300).
    CoordinateError
        A point that is not on Earth.
    NotKnownError
        There is no such grid.

    Notes
    -----
    A grid that gives all its ground is gone (its shape is None, a note ``used-up`` says so). A sliver that would go
    stays, and one that would stay goes, both noted; slivers are smaller than 10 m² or narrower than 1 m.
    """
    drawn = drawn_ground(ground)
    plane = plane_of(drawn)
    givers = [key for key in _asked(tiling, drawn, of) if key != to]
    if len(givers) > MOST_GIVERS:
        raise _too_many(drawn, len(givers))
    keys = givers if to is None else sorted({*givers, to})
    done = cut(tiling, keys, rings_of(drawn), plane)
    shares = _shares(done, givers, drawn, plane)
    free = [] if tiling.full or of is not None else _free(tiling, done, drawn, plane)
    if not shares.given and not free:
        slivers = bool(shares.notes) or is_sliver(plane.forward(np.array([drawn], dtype=object))[0], plane)
        raise _nothing(tiling, drawn, to, slivers=slivers)
    result = _results(done, shares, free, to)
    if not allow_parts:
        _refuse_parts(tiling, result, to)
    whole = done.whole(result, tiling)
    piece = whole.pop(_NEW_KEY, None)
    changed = {key: shape for key, shape in whole.items() if shape is None or not _same(shape, tiling.shape(key))}
    moved = tuple(
        Transfer.of(key, 0 if to is None else to, one_shape(united(faces))) for key, faces in shares.given.items()
    )
    notes = (*shares.notes, *_used_up(result, moved), *(_left_out(tiling, drawn, of) if tiling.full else ()))
    return sound(tiling, Edit(changed, () if piece is None else (piece,), moved, notes))


def _asked(tiling: Tiling, ground: Geometry, of: Sequence[str] | None) -> list[str]:
    """The grids that touch some ground, sorted."""
    for key in of or ():
        tiling.shape(key)
    return [key for key in tiling.touching(ground) if of is None or key in of]


def _too_many(ground: Geometry, count: int) -> Exception:
    place = ground.representative_point()
    text = f"The ground touches {count} grids, more than {MOST_GIVERS}. Draw it smaller, or go step by step."
    text_zh = f"所画范围涉及 {count} 个网格，超过 {MOST_GIVERS} 个，请缩小范围或分步进行。"
    return refused("too-many-grids", text, text_zh, (place.x, place.y), [])


def _shares(done: Cut, givers: Sequence[str], ground: Geometry, plane: LocalPlane) -> _Shares:
    """Every face to the ground or to its grid, by a point inside it; slivers to what lies beside them."""
    shares = _Shares()
    shapely.prepare(ground)
    for key in givers:
        faces = done.faces[key]
        inside = shapely.covers(ground, shapely.point_on_surface(np.array(faces, dtype=object))).tolist()
        given = united(face for face, goes in zip(faces, inside, strict=True) if goes)
        kept = united(face for face, goes in zip(faces, inside, strict=True) if not goes)
        stays = slivers_beside(given, kept, plane)
        given, kept = [face for face in given if face not in stays], united([*kept, *stays])
        goes_too = slivers_beside(kept, given, plane)
        kept, given = [face for face in kept if face not in goes_too], united([*given, *goes_too])
        shares.notes += [_note("sliver-stays", key, face) for face in stays]
        shares.notes += [_note("sliver-goes", key, face) for face in goes_too]
        if given:
            shares.given[key], shares.kept[key] = given, kept
    return shares


def _free(tiling: Tiling, done: Cut, ground: Geometry, plane: LocalPlane) -> list[Geometry]:
    """Ground of a layer that is not full which no grid has, slivers left out."""
    free = united(free_faces(tiling, done, ground))
    flat = plane.forward(np.array(free, dtype=object)) if free else np.empty(0, dtype=object)
    return [face for face, metric in zip(free, flat, strict=True) if not is_sliver(metric, plane)]


def _results(done: Cut, shares: _Shares, free: list[Geometry], to: str | None) -> dict[str, Geometry | None]:
    """New shapes of all grids that were cut, and of the one that gets the ground."""
    gained = [face for faces in shares.given.values() for face in faces]
    result: dict[str, Geometry | None] = {}
    for key, faces in done.faces.items():
        rest = shares.kept.get(key, faces)
        result[key] = one_shape(united(rest)) if rest else None
    result[to or _NEW_KEY] = joined([*(done.faces[to] if to else ()), *gained, *free])
    return result


def _refuse_parts(tiling: Tiling, result: Mapping[str, Geometry | None], to: str | None) -> None:
    """Refuse shapes of more parts than before."""
    for key, shape in result.items():
        before = shapely.get_num_geometries(tiling.shape(key)) if key in tiling else 1
        if shape is None or shapely.get_num_geometries(shape) <= before:
            continue
        smallest = min(shapely.get_parts(shape).tolist(), key=square_metres)
        where = shapely.get_coordinates(shapely.point_on_surface(smallest))[0].tolist()
        if key == (to or _NEW_KEY):
            text = "The ground does not lie beside the grid that gets it, or not in one piece."
            text_zh = "所划范围与接收网格不相邻，或不是一整块。"
        else:
            text = "A grid that gives ground would fall apart."
            text_zh = "划出范围的网格将被分割成互不相连的部分。"
        more, more_zh = (
            " Choose the ground so that all stays in one piece, or allow several parts.",
            "请调整范围，或允许多个部分。",
        )
        raise refused("several-parts", text + more, text_zh + more_zh, (where[0], where[1]), [key] if key else [])


def _nothing(tiling: Tiling, ground: Geometry, to: str | None, *, slivers: bool) -> Exception:
    where = shapely.get_coordinates(shapely.point_on_surface(ground))[0].tolist()
    place = (where[0], where[1])
    if slivers:
        text = "Only slivers of less than 1 m or 10 m² would change hands. Draw the area larger."
        return refused("sliver", text, "只有宽度不足 1 米或面积不足 10 平方米的碎片会被划转，请将区域画大。", place)
    if to is not None and common_ground(ground, tiling.shape(to)) is not None:
        text = "The area lies in the grid already that is to get it."
        return refused("nothing-to-hand-over", text, "该区域已属于接收网格。", place, [to])
    text = "The area lies outside the grids that could give it. Draw it over them."
    return refused("outside", text, "该区域不在可划出的网格范围内，请画在网格上。", place)


def _same(first: Geometry, second: Geometry) -> bool:
    """Whether two shapes have the same vertices."""
    first, second = (shapely.normalize(one_shape(shapely.get_parts(shape).tolist())) for shape in (first, second))
    return bool(first == second)


def _used_up(result: Mapping[str, Geometry | None], moved: Sequence[Transfer]) -> list[Finding]:
    return [
        _note("used-up", transfer.from_key, transfer.ground) for transfer in moved if result[transfer.from_key] is None
    ]


def _left_out(tiling: Tiling, ground: Geometry, of: Sequence[str] | None) -> list[Finding]:
    """A note where part of the ground is in no grid."""
    if of is not None:
        return []
    near = np.array([tiling.shape(key) for key in tiling.touching(ground)], dtype=object)
    rest, _ = polygons_of(
        overlay("difference", np.array([ground], dtype=object), np.array([union(near)], dtype=object))
    )
    plane = plane_of(ground)
    return [_note("outside-left-out", None, part) for part in rest if not is_sliver(plane.forward(part), plane)]


_NOTES = {
    "sliver-stays": ("A sliver of {area} m² stays with its grid", "面积 {area} 平方米的碎片仍留在原网格"),
    "sliver-goes": ("A sliver of {area} m² that would be left goes along", "剩余的 {area} 平方米碎片一并划转"),
    "used-up": ("A grid gives all its {area} m² and is gone", "一个网格的 {area} 平方米全部划出，该网格不再存在"),
    "outside-left-out": (
        "{area} m² of the area lie in no grid and are left out",
        "区域中有 {area} 平方米不属于任何网格，已忽略",
    ),
}


def _note(kind: str, key: str | None, ground: Geometry) -> Finding:
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(ground))[0].tolist()
    area = square_metres(ground)
    text, text_zh = (words.format(area=f"{area:,.2f}") for words in _NOTES[kind])
    return Finding(
        "warning",
        kind,
        f"{text} (at {lon:.7f}, {lat:.7f}).",
        f"{text_zh}（位于 {lon:.7f}，{lat:.7f}）。",
        lon=lon,
        lat=lat,
        facts={"grids": [key] if key else [], "square_metres": area},
    )
