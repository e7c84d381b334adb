"""A grid cut in two or more by a line."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from shapely import Geometry

from geodata.grid.edit.cutting import Cut, cut
from geodata.grid.edit.faults import is_sliver, sound
from geodata.grid.edit.lines import drawn_line, plane_of
from geodata.grid.edit.records import Edit, Transfer, largest_first, square_metres
from geodata.grid.edit.refusals import refused
from geodata.grid.edit.rings import Edge, directed_edges, one_shape, reversed_edge, united
from geodata.grid.edit.tiling import Tiling, edges_metres
from geodata.grid.plane import LocalPlane, Place
from geodata.records import Finding

MOST_PIECES: Final = 12
_MOST_FACES: Final = 200
"""A line that cuts a grid into more is no border, and slivers take time with the square of their number."""


def split(tiling: Tiling, key: str, line: Geometry) -> Edit:
    """A grid in pieces along a line; who gets which is for others to say.

    Parameters
    ----------
    key
        The grid. Others that the line crosses stay as they are.
    line
        LineString, EPSG:4326. It may begin and end outside the grid, cross it more than once, run through nodes and
        along borders, and be closed. Its ends go to a border that is at most 0.5 m away.

    Returns
    -------
    Edit
        ``shapes[key]`` is None and ``pieces`` has all its ground; neighbours get nodes where the cut ends.

    Raises
    ------
    EditRefusedError
        ``not-a-line``, ``too-many-points``, ``too-many-crossings``, ``crosses-itself``, ``too-close``, ``no-crossing``
        (the line does not cut the grid), ``sliver`` (it only cuts off slivers), ``too-many-pieces`` (more than 12).
    CoordinateError
        A point that is not on Earth.
    NotKnownError
        There is no such grid.

    Notes
    -----
    Every connected face is a piece. Slivers, smaller than 10 m² or narrower than 1 m, join the piece with which they
    have the longest common border. Parts of the grid that the line does not cut go with the nearest piece; a line that
    only runs between its parts makes each part a piece.
    """
    shape = tiling.shape(key)
    points = drawn_line(line)
    plane = plane_of(shape)
    done = cut(tiling, [key], [points], plane)
    if len(done.faces[key]) > _MOST_FACES + shapely.get_num_geometries(shape):
        raise _too_many(len(done.faces[key]), key, points)
    faces, joined = without_slivers(done.faces[key], plane)
    if not done.inner or len(faces) <= shapely.get_num_geometries(shape):
        pieces = _parts_between(shape, points)
        if pieces is None:
            raise _not_cut(shape, key, points, slivers=bool(joined))
    else:
        pieces = _with_loose_parts(faces, done)
    if len(pieces) > MOST_PIECES:
        raise _too_many(len(pieces), key, points)
    whole = done.whole({f"{at}": piece for at, piece in enumerate(pieces)}, tiling)
    ordered = largest_first([piece for at in range(len(pieces)) if (piece := whole.pop(f"{at}")) is not None])
    moved = tuple(Transfer.of(key, at, piece) for at, piece in enumerate(ordered))
    notes = tuple(_joined_note(key, sliver, plane) for sliver in joined)
    return sound(tiling, Edit({key: None, **whole}, tuple(ordered), moved, notes))


def without_slivers(faces: Sequence[Geometry], plane: LocalPlane) -> tuple[list[Geometry], list[Geometry]]:
    """Faces of one grid, slivers joined to those that they lie along, and the slivers.

    Parameters
    ----------
    faces
        Polygons whose common borders match.
    plane
        Metres are measured in it.
    """
    kept, joined = list(faces), list[Geometry]()
    flat = {face: is_sliver(plane.forward(np.array([face], dtype=object))[0], plane) for face in kept}
    waiting = sorted((face for face in kept if flat[face]), key=square_metres)
    while waiting:
        sliver = waiting.pop(0)
        beside = longest_neighbour(sliver, [face for face in kept if face is not sliver], plane)
        if beside is None:
            continue
        together = one_shape(united([sliver, beside]))
        kept = [face for face in kept if face is not sliver and face is not beside]
        waiting = [face for face in waiting if face is not beside]
        kept.append(together)
        joined.append(sliver)
        if is_sliver(plane.forward(np.array([together], dtype=object))[0], plane):
            waiting.append(together)
    return kept, joined


def longest_neighbour(face: Geometry, others: Sequence[Geometry], plane: LocalPlane) -> Geometry | None:
    """The one of other faces with the longest border in common with a face; None where none has any."""
    mine: set[Edge] = {reversed_edge(edge) for edge in directed_edges(face)}
    shared = [edges_metres([edge for edge in directed_edges(other) if edge in mine], plane) for other in others]
    best = int(np.argmax(shared)) if shared else 0
    return others[best] if shared and shared[best] > 0 else None


def _with_loose_parts(faces: Sequence[Geometry], done: Cut) -> list[Geometry]:
    """Faces along the line, with the parts that it does not cut put to the nearest."""
    along = [face for face in faces if any(edge in done.inner for edge in directed_edges(face))]
    loose = [face for face in faces if not any(face is other for other in along)]
    groups = [[face] for face in along]
    for part in loose:
        apart = [shapely.distance(part, face) for face in along]
        groups[int(np.argmin(apart))].append(part)
    return [one_shape(group) for group in groups]


def _parts_between(shape: Geometry, points: list[tuple[float, float]]) -> list[Geometry] | None:
    """The parts of a shape that a line runs between; None where it does not."""
    parts = shapely.get_parts(shape).tolist()
    line = shapely.LineString(points)
    if len(parts) == 1 or not shapely.intersects(line, shapely.convex_hull(shape)) or shapely.crosses(line, shape):
        return None
    return [shapely.orient_polygons(shapely.normalize(part)) for part in parts]


def _too_many(pieces: int, key: str, points: list[tuple[float, float]]) -> Exception:
    text = f"The line cuts the grid into {pieces} pieces, more than {MOST_PIECES}. Cut it step by step."
    text_zh = f"该线将网格切成 {pieces} 块，超过 {MOST_PIECES} 块，请分步拆分。"
    return refused("too-many-pieces", text, text_zh, points[0], [key])


def _not_cut(shape: Geometry, key: str, points: list[tuple[float, float]], *, slivers: bool) -> Exception:
    inside = next(
        (point for point in (points[0], points[-1]) if shapely.covers(shape, shapely.Point(point))), points[0]
    )
    if slivers:
        text = "The line only cuts slivers of less than 1 m or 10 m² off the grid. Draw it farther from the border."
        text_zh = "该线只会切下宽度不足 1 米或面积不足 10 平方米的碎片，请将线画得离边界更远。"
        return refused("sliver", text, text_zh, inside, [key])
    text = "The line does not cut the grid in two. Draw it from border to border, or beyond."
    return refused("no-crossing", text, "该线未将网格切开，请从一侧边界画到另一侧边界或更远。", inside, [key])


def _joined_note(key: str, sliver: Geometry, plane: LocalPlane) -> Finding:
    place: Place = plane.inside(plane.forward(np.array([sliver], dtype=object))[0])
    area = square_metres(sliver)
    return Finding(
        "warning",
        "sliver-joined",
        f"A sliver of {area:.2f} m² stays with the piece beside it (at {place.lon:.7f}, {place.lat:.7f}).",
        f"面积 {area:.2f} 平方米的碎片已并入相邻部分（位于 {place.lon:.7f}，{place.lat:.7f}）。",
        lon=place.lon,
        lat=place.lat,
        facts={"grids": [key], "square_metres": area},
    )
