"""The common border of two grids drawn anew."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np
import shapely
from shapely import Geometry

from geodata.grid.edit.cutting import Cut, cut
from geodata.grid.edit.faults import slivers_beside, sound
from geodata.grid.edit.lines import drawn_line, plane_of
from geodata.grid.edit.matching import with_vertices
from geodata.grid.edit.noding import END_METRES
from geodata.grid.edit.records import Edit, Transfer, square_metres
from geodata.grid.edit.refusals import refused
from geodata.grid.edit.rings import Vertex, directed_edges, one_shape, reversed_edge, united
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import LocalPlane


def reshape(tiling: Tiling, first: str, second: str, line: Geometry) -> Edit:
    """The border between two grids follows a line, from where the line meets it first to where it meets it last.

    Parameters
    ----------
    first, second
        Two grids with a common border.
    line
        LineString, EPSG:4326, inside the two grids. Its ends go to the border where that is at most 0.5 m away; what
        reaches over the border at either end is left out. A closed line that begins on a border which is a ring, of a
        grid inside another, takes the place of the whole ring.

    Raises
    ------
    EditRefusedError
        ``not-a-line``, ``too-many-points``, ``crosses-itself``, ``too-close``, ``same-grid``, ``not-touching``,
        ``not-on-border`` (the line doesn't begin and end on one stretch of the common border), ``outside`` (it leaves
        the two grids), ``no-change``, ``several-parts``, ``nothing-left`` (one of the two would have no ground).
    CoordinateError
        A point that is not on Earth.
    NotKnownError
        There is no such grid.

    Notes
    -----
    The ground between the old border and the new one changes hands; nothing else does.
    """
    if first == second:
        raise refused("same-grid", "Name two different grids.", "请指定两个不同的网格。", grids=[first])
    points = drawn_line(line)
    plane = plane_of(tiling.shape(first), tiling.shape(second))
    done = cut(tiling, [first, second], [points], plane)
    shared = _shared(tiling, done, first, second)
    new = _between_meetings(done.paths[0], shared, points, [first, second])
    _refuse_leaving(done, new, shared, [first, second])
    held = _Held(first, second, done.faces)
    held.exchange(_swept_faces(held.faces, [*new, *_old_stretch(new, shared, [first, second])[::-1]]))
    if not any(held.is_moved):
        text = "The line runs where the border is already."
        raise refused("no-change", text, "该线与现有边界重合，没有变化。", new[0], [first, second])
    for key in (first, second):
        held.exchange(held.slivers(key, _parts(tiling, key), plane))
    result: dict[str, Geometry | None] = {key: held.shape(tiling, key) for key in (first, second)}
    whole = done.whole(result, tiling)
    return sound(tiling, Edit(whole, moved=held.transfers()))


class _Held:
    """The faces of two grids, and who holds each."""

    def __init__(self, first: str, second: str, faces: Mapping[str, list[Geometry]]) -> None:
        self._other = {first: second, second: first}
        self.faces = [face for key in (first, second) for face in faces[key]]
        self._was = [key for key in (first, second) for _ in faces[key]]
        self.is_moved = [False] * len(self.faces)

    def exchange(self, places: Iterable[int]) -> None:
        """Give faces to the other grid."""
        for at in places:
            self.is_moved[at] = not self.is_moved[at]

    def components(self, key: str) -> list[Geometry]:
        """What a grid has, in connected polygons."""
        return united(face for face, holder in zip(self.faces, self._holders(), strict=True) if holder == key)

    def slivers(self, key: str, parts: int, plane: LocalPlane) -> list[int]:
        """Faces of slivers that would be more parts of a grid than it had, where they lie along the other grid."""
        mine = self.components(key)
        if len(mine) <= parts:
            return []
        thin = slivers_beside(mine, self.components(self._other[key]), plane)
        points = shapely.point_on_surface(np.array(self.faces, dtype=object))
        inside = [any(shapely.covers(sliver, point) for sliver in thin) for point in points]
        return [at for at, is_in in enumerate(inside) if is_in and self._holders()[at] == key]

    def shape(self, tiling: Tiling, key: str) -> Geometry:
        """The new shape of a grid, in no more parts than before."""
        mine = self.components(key)
        if not mine:
            text = "One of the two grids would have no ground left. Merge them instead."
            raise refused("nothing-left", text, "其中一个网格将没有任何范围，请改为合并。", grids=[key])
        if len(mine) > _parts(tiling, key):
            smallest = min(mine, key=square_metres)
            lon, lat = shapely.get_coordinates(shapely.point_on_surface(smallest))[0].tolist()
            text = "The line would cut a piece off one of the grids. Draw it within what lies beside the old border."
            text_zh = "该线会使其中一个网格被分割成互不相连的部分，请在原边界附近绘制。"
            raise refused("several-parts", text, text_zh, (lon, lat), [key])
        return one_shape(mine)

    def transfers(self) -> tuple[Transfer, ...]:
        """What changed hands."""
        moved = []
        for key, other in self._other.items():
            rows = zip(self.faces, self._was, self.is_moved, strict=True)
            lost = united(face for face, was, is_moved in rows if was == key and is_moved)
            if lost:
                moved.append(Transfer.of(key, other, one_shape(lost)))
        return tuple(moved)

    def _holders(self) -> list[str]:
        return [self._other[was] if moved else was for was, moved in zip(self._was, self.is_moved, strict=True)]


def _parts(tiling: Tiling, key: str) -> int:
    return int(shapely.get_num_geometries(tiling.shape(key)))


def _shared(tiling: Tiling, done: Cut, first: str, second: str) -> dict[Vertex, Vertex]:
    """The common border: from each node to the next, with the first grid's ground on the left."""
    mine, theirs = (directed_edges(with_vertices(tiling.shape(key), done.inserted)) for key in (first, second))
    beyond = {reversed_edge(edge) for edge in theirs}
    shared = {edge[0]: edge[1] for edge in mine if edge in beyond}
    if not shared:
        if second in tiling.neighbours(first):
            text = "The common border is drawn twice and does not match. Load the layer with --repair first."
            text_zh = "公共边界被绘制了两次且不重合，请先以 --repair 修复。"
            raise refused("not-matched", text, text_zh, grids=[first, second])
        text = "These two grids have no common border."
        raise refused("not-touching", text, "这两个网格没有公共边界。", grids=[first, second])
    return shared


def _between_meetings(
    path: list[Vertex], shared: Mapping[Vertex, Vertex], points: list[Vertex], keys: list[str]
) -> list[Vertex]:
    """The line from where it first meets the common border to where it last does."""
    nodes = {*shared, *shared.values()}
    meetings = [at for at, point in enumerate(path) if point in nodes]
    if len(meetings) < 2:
        end = points[0] if path[0] not in nodes else points[-1]
        raise _not_on_border(end, keys)
    return path[meetings[0] : meetings[-1] + 1]


def _not_on_border(where: Vertex, keys: list[str]) -> Exception:
    text = (
        f"The line must begin and end on one stretch of the common border (within {END_METRES} m of it). "
        "To move ground of other grids too, hand over an area."
    )
    text_zh = f"线的两端必须落在同一段公共边界上（{END_METRES} 米以内）。如需同时调整其他网格，请改用划转区域。"
    return refused("not-on-border", text, text_zh, where, keys)


def _refuse_leaving(done: Cut, new: list[Vertex], shared: Mapping[Vertex, Vertex], keys: list[str]) -> None:
    """Refuse a line that leaves the ground of the two grids."""
    for edge in pairwise(new):
        if edge in done.inner or shared.get(edge[0]) == edge[1] or shared.get(edge[1]) == edge[0]:
            continue
        middle = ((edge[0][0] + edge[1][0]) / 2, (edge[0][1] + edge[1][1]) / 2)
        text = "The line leaves the two grids, or runs along their outer border. Draw it inside them."
        raise refused("outside", text, "该线越出了这两个网格，或与其外侧边界重合，请在两者范围内绘制。", middle, keys)


def _old_stretch(new: list[Vertex], shared: Mapping[Vertex, Vertex], keys: list[str]) -> list[Vertex]:
    """The common border between the ends of a line: of two ways around a ring the one that moves less ground."""
    back = {last: first for first, last in shared.items()}
    ways = [way for way in (_walk(new[0], new[-1], shared), _walk(new[0], new[-1], back)) if way]
    if not ways:
        raise _not_on_border(new[-1], keys)
    return min(ways, key=lambda way: abs(_signed_area([*new, *way[::-1]])))


def _walk(start: Vertex, end: Vertex, following: Mapping[Vertex, Vertex]) -> list[Vertex]:
    """Nodes from one to another; empty where the way ends before."""
    way = [start]
    while (step := following.get(way[-1])) is not None:
        way.append(step)
        if step == end:
            return way
        if step == start:
            break
    return []


def _signed_area(ring: list[Vertex]) -> float:
    x, y = np.array(ring).T
    x, y = x - x[0], y - y[0]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2


def _swept_faces(faces: list[Geometry], ring: list[Vertex]) -> list[int]:
    """Positions of the faces between an old border and a new one, the two given as one closed way."""
    start = np.array(ring)
    end = np.roll(start, -1, axis=0)
    inside = []
    for at, point in enumerate(shapely.get_coordinates(shapely.point_on_surface(np.array(faces, dtype=object)))):
        x, y = point
        rises = (start[:, 1] > y) != (end[:, 1] > y)
        a, b = start[rises], end[rises]
        east = a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1]) > x
        if east.sum() % 2:
            inside.append(at)
    return inside
