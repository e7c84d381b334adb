"""Several grids drawn anew at once: their ground is divided as somebody drew it, its outer border stays as it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Geometry

from geodata.grid.edit.aligning import ALIGN_METRES
from geodata.grid.edit.cutting import Cut, cut, free_faces
from geodata.grid.edit.faults import sound
from geodata.grid.edit.lines import drawn_ground
from geodata.grid.edit.records import Edit, Transfer
from geodata.grid.edit.refusals import refused
from geodata.grid.edit.rings import Edge, Vertex, directed_edges, one_shape, reversed_edge, united
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import LocalPlane, Shapes, overlay, polygons_of, union, wider_than

_TOLERANCE_METRES = 1.01 * ALIGN_METRES
"""What is narrower than this, left over or drawn twice, comes from drawing and goes to what lies beside it."""


def replace(tiling: Tiling, shapes: Mapping[str, Geometry], gone: Iterable[str] = ()) -> Edit:
    """Grids get the shapes that were drawn for them, those that are gone give all their ground.

    Parameters
    ----------
    shapes
        By key, of grids of the tiling or new, (Multi)Polygons in EPSG:4326.
    gone
        Keys of grids that are no more; their ground must be drawn as part of others.

    Raises
    ------
    EditRefusedError
        ``not-an-area``, ``too-many-points``, ``crosses-itself``; ``would-overlap`` (two of the shapes, or one and a
        grid that is not named, by more than half a metre), ``would-gap`` (ground that a named grid had and no shape
        covers, in a full layer), ``on-rim`` (ground outside a full layer), ``no-ground`` (a shape gets none).
    NotKnownError
        A grid that is to go is not there.

    Notes
    -----
    The outer border of all the ground together stays as it is, vertex by vertex; where new borders meet it, the grids
    outside get their nodes. What is drawn up to half a metre beside it is taken for the border.
    """
    drawn = {key: drawn_ground(shape) for key, shape in shapes.items()}
    ended = [key for key in dict.fromkeys(gone) if key not in drawn]
    old = [*(key for key in drawn if key in tiling), *ended]
    plane = LocalPlane.around(np.array([*drawn.values(), *(tiling.shape(key) for key in old)], dtype=object))
    ground = np.array(list(drawn.values()), dtype=object)
    others = [] if tiling.full else sorted({key for s in ground for key in tiling.touching(s)}.difference(old))
    _refuse_outside(tiling, drawn, old, plane)
    done = cut(tiling, [*old, *others], _new_lines(ground, [tiling.shape(key) for key in old]), plane)
    owned = _owned(tiling, done, drawn, others, plane)
    return sound(tiling, _edit(tiling, done, owned, [*drawn, *others], ended))


@dataclass(frozen=True, slots=True)
class _Faces:
    """Polygons that the ground is divided into: who had each, and who gets it; None for nobody."""

    shapes: Shapes
    before: list[str | None]
    after: list[str | None]


def _edit(tiling: Tiling, done: Cut, faces: _Faces, owners: Sequence[str], ended: Sequence[str]) -> Edit:
    mine: dict[str, list[Geometry]] = {owner: [] for owner in owners}
    given: dict[tuple[str, str], list[Geometry]] = {}
    for shape, before, after in zip(faces.shapes.tolist(), faces.before, faces.after, strict=True):
        if after is not None:
            mine[after].append(shape)
            if before is not None and before != after:
                given.setdefault((before, after), []).append(shape)
    for owner, parts in mine.items():
        if not parts:
            text = "A grid would get no ground: its shape lies where others are, or is too small."
            raise refused("no-ground", text, "有网格分不到任何范围：其图形与其他网格重合或过小。", grids=[owner])
    result: dict[str, Geometry | None] = {owner: one_shape(united(parts)) for owner, parts in mine.items()}
    whole = done.whole({**result, **dict.fromkeys(ended)}, tiling)
    changed = {key: shape for key, shape in whole.items() if key not in tiling or not _same(shape, tiling.shape(key))}
    moved = tuple(Transfer.of(one, other, one_shape(united(parts))) for (one, other), parts in sorted(given.items()))
    return Edit(changed, moved=moved)


def _same(shape: Geometry | None, other: Geometry) -> bool:
    if shape is None:
        return False
    one, two = (shapely.normalize(one_shape(shapely.get_parts(each).tolist())) for each in (shape, other))
    return bool(one == two)


def _new_lines(drawn: Shapes, old: Sequence[Geometry]) -> list[list[Vertex]]:
    """The borders that were drawn and are not there yet, as lines from one meeting of borders to the next."""
    there = {min(edge, reversed_edge(edge)) for shape in old for edge in directed_edges(shape)}
    edges = {min(edge, reversed_edge(edge)) for shape in drawn for edge in directed_edges(shape)}
    new: list[Edge] = sorted(edges - there)
    if not new:
        return []
    lines = shapely.multilinestrings(shapely.linestrings(np.array(new, dtype=np.float64)))
    if not shapely.coverage_is_valid(drawn):
        lines = shapely.multilinestrings(shapely.get_parts(shapely.union_all(lines)))
    merged = shapely.get_parts(shapely.line_merge(lines))
    paths = [[(x, y) for x, y in shapely.get_coordinates(line).tolist()] for line in merged]
    return sorted(min(path, path[::-1]) for path in paths)


def _refuse_outside(tiling: Tiling, drawn: Mapping[str, Geometry], old: Sequence[str], plane: LocalPlane) -> None:
    """Refuse shapes that reach, by more than drawing does, over grids that are not named, or out of a full layer."""
    known = union(plane.forward(np.array([tiling.shape(key) for key in old], dtype=object))) if old else shapely.Point()
    for shape in drawn.values():
        rest = _wide_parts(plane.forward(np.array([shape], dtype=object)), known)
        if not len(rest):
            continue
        others = [other for other in tiling.touching(shape) if other not in old]
        for other in others:
            flat = plane.forward(np.array([tiling.shape(other)], dtype=object))
            common, _ = polygons_of(overlay("intersection", rest, np.repeat(flat, len(rest))))
            common = common[wider_than(common, _TOLERANCE_METRES)] if len(common) else common
            if len(common):
                text = "A shape covers part of a grid that is not drawn anew with it. Draw that grid anew too."
                text_zh = "有图形压占了未一并重画的网格。请将该网格一并重画。"
                raise refused("would-overlap", text, text_zh, plane.inside(_largest(common)), [other])
        if tiling.full:
            text = "A shape reaches out of the layer. Its outer border stays as it is."
            raise refused(
                "on-rim", text, "有图形超出本类网格的外边界，外边界须保持不变。", plane.inside(_largest(rest))
            )


def _wide_parts(shapes: Shapes, known: Geometry) -> Shapes:
    parts, _ = polygons_of(overlay("difference", shapes, np.array([known], dtype=object)))
    return parts[wider_than(parts, _TOLERANCE_METRES)] if len(parts) else parts


def _largest(parts: Shapes) -> Geometry:
    return parts[int(np.argmax(shapely.area(parts)))]


def _owned(
    tiling: Tiling, done: Cut, drawn: Mapping[str, Geometry], others: Sequence[str], plane: LocalPlane
) -> _Faces:
    """All faces, each with the shape that covers it; narrow ones that several or none cover with what lies beside."""
    listed: list[tuple[Geometry, str | None]] = [(face, key) for key, mine in done.faces.items() for face in mine]
    if not tiling.full:
        ground = shapely.union_all(np.array(list(drawn.values()), dtype=object))
        listed += [(face, None) for face in free_faces(tiling, done, ground)]
    shapes = np.array([face for face, _ in listed], dtype=object)
    before = [key for _, key in listed]
    wide = wider_than(plane.forward(shapes), _TOLERANCE_METRES)
    covering = _covering(shapes, drawn)
    after: list[str | None] = []
    for at, names in enumerate(covering):
        if before[at] in others:
            after.append(before[at])
        elif len(names) > 1 and wide[at]:
            text = "Two of the shapes cover the same ground. Draw their common border once for both."
            raise refused(
                "would-overlap", text, "有两个图形重叠，请共用同一条边界。", _inside(shapes[at]), _known(tiling, names)
            )
        elif not names and wide[at] and tiling.full:
            text = "This ground would belong to no grid. Draw it as part of one."
            where = _inside(shapes[at])
            raise refused("would-gap", text, "此处将不属于任何网格，请将其画入某个网格。", where, [str(before[at])])
        else:
            after.append((before[at] if before[at] in names else names[0]) if names else None)
    if tiling.full:
        _give_away(shapes, after, plane)
    return _Faces(shapes, before, after)


def _covering(faces: Shapes, drawn: Mapping[str, Geometry]) -> list[list[str]]:
    """For each face the keys of the shapes that cover a point inside it, in their order."""
    keys, points = list(drawn), shapely.point_on_surface(faces)
    tree = shapely.STRtree(np.array(list(drawn.values()), dtype=object))
    found: list[list[str]] = [[] for _ in faces]
    for face, shape in sorted(np.column_stack(tree.query(points, predicate="covered_by")).tolist()):
        found[face].append(keys[shape])
    return found


def _give_away(faces: Shapes, owners: list[str | None], plane: LocalPlane) -> None:
    """Give faces that nobody covers to the grid that they have the longest border with."""
    edges: dict[Edge, int] = {edge: at for at, face in enumerate(faces) for edge in directed_edges(face)}
    waiting = [at for at, owner in enumerate(owners) if owner is None]
    while waiting:
        left = []
        for at in waiting:
            lengths: dict[str, float] = {}
            for edge in directed_edges(faces[at]):
                other = edges.get(reversed_edge(edge))
                owner = None if other is None else owners[other]
                if owner is not None:
                    (x, y), (east, north) = edge
                    metres = np.hypot((east - x) * plane.metres_east, (north - y) * plane.metres_north)
                    lengths[owner] = lengths.get(owner, 0.0) + float(metres)
            owners[at] = max(sorted(lengths), key=lengths.__getitem__, default=None)
            if owners[at] is None:
                left.append(at)
        if len(left) == len(waiting):
            text = "This ground would belong to no grid. Draw it as part of one."
            raise refused("would-gap", text, "此处将不属于任何网格，请将其画入某个网格。", _inside(faces[left[0]]))
        waiting = left


def _inside(face: Geometry) -> tuple[float, float]:
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(face))[0].tolist()
    return lon, lat


def _known(tiling: Tiling, names: Iterable[str]) -> list[str]:
    return [name for name in names if name in tiling]
