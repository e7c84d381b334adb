"""A drawn line laid over borders: nodes where the two meet, the borders themselves not moved.

What comes within 1 cm is the same place: the line goes through the node of the border that is there, and where it runs
along a border it becomes that border. Ends of lines are given half a metre, since nobody ends a line exactly on a
border. Only the line bends; a border gets nodes on its straight edges.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import shapely

from geodata.grid.edit.refusals import refused
from geodata.grid.edit.rings import Edge, Vertex, reversed_edge
from geodata.grid.plane import NOISE_METRES, LocalPlane

NODE_METRES: Final = 0.01
"""Two nodes of one border that would be closer than this become one."""

END_METRES: Final = 0.5
"""The end of a line goes to a border that is this near."""

MOST_CROSSINGS: Final = 300
"""A line that meets one straight edge more often is no border, and would take time with the square of that."""

_MOST_ROUNDS = 60
_ON_EDGE_METRES = 1e-6
_Metres = tuple[float, float]


@dataclass(slots=True)
class Noded:
    """What became of lines and borders.

    Parameters
    ----------
    paths
        For each line its points, all nodes with borders among them.
    inserted
        By edge of a border (its lesser end first) the nodes put into it, from its start to its end.
    """

    paths: list[list[Vertex]] = field(default_factory=list)
    inserted: dict[Edge, list[Vertex]] = field(default_factory=dict)


def noded(edges: Iterable[Edge], lines: Iterable[list[Vertex]], plane: LocalPlane) -> Noded:
    """Lines with nodes where they meet borders.

    Parameters
    ----------
    edges
        Straight edges of borders that cross each other nowhere.
    lines
        Each of two points or more, which do not cross themselves; closed ones have no ends to snap.
    plane
        Metres are measured in it.

    Raises
    ------
    EditRefusedError
        ``too-close``: a line runs so close along borders that it cannot be told from them; ``too-many-crossings``: it
        goes to and fro over one edge more than 300 times.
    """
    work = _Work(sorted({min(edge, reversed_edge(edge)) for edge in edges}), plane)
    work.put_touching()
    paths = []
    for line in lines:
        near = work.near(line)
        _refuse_tangled(line, work.most_met(line))
        snapped = _snapped(work, line, near)
        path = [snapped[0]]
        for at, (start, end) in enumerate(pairwise(snapped)):
            moved = start != line[at] or end != line[at + 1]
            path += work.crossed(start, end, 0) if moved or near[at] else [end]
        paths.append([point for at, point in enumerate(path) if at == 0 or point != path[at - 1]])
    return Noded(paths, work.inserted())


def _refuse_tangled(line: list[Vertex], crossings: int) -> None:
    if crossings > MOST_CROSSINGS:
        raise refused(
            "too-many-crossings",
            f"The line crosses one border {crossings} times, more than {MOST_CROSSINGS}. Draw it simpler.",
            f"该线与同一条边界相交 {crossings} 次，超过 {MOST_CROSSINGS} 次，请画得简单一些。",
            line[0],
        )


def touching_nodes(edges: Iterable[Edge], plane: LocalPlane) -> dict[Edge, list[Vertex]]:
    """Nodes of borders that lie on other edges of them, by edge (its lesser end first), from its start to its end.

    Notes
    -----
    Valid shapes may touch themselves where only one side has a vertex, and borders that were drawn twice do. On an edge
    means within a micrometre.
    """
    work = _Work(sorted({min(edge, reversed_edge(edge)) for edge in edges}), plane)
    work.put_touching()
    return work.inserted()


def _snapped(work: "_Work", line: list[Vertex], near: list[bool]) -> list[Vertex]:
    """The points of a line, each on the border that is there."""
    closed = line[0] == line[-1]
    ends = () if closed else (0, len(line) - 1)
    result = []
    for at, point in enumerate(line):
        close = near[min(at, len(near) - 1)] or near[max(at - 1, 0)]
        result.append(work.snapped(point, END_METRES if at in ends else NODE_METRES) if close else point)
    if closed:
        result[-1] = result[0]
    return result


class _Work:
    """Borders while lines are laid over them."""

    def __init__(self, edges: list[Edge], plane: LocalPlane) -> None:
        self._edges = edges
        self._plane = plane
        self._ends = [(self._metres(first), self._metres(last)) for first, last in edges]
        self._lengths = [math.dist(first, last) for first, last in self._ends]
        self._tree = shapely.STRtree(shapely.linestrings(np.array(self._ends).reshape(-1, 2, 2)))
        # Nodes put into each edge, by their place along it in metres.
        self._nodes: list[dict[Vertex, float]] = [{} for _ in edges]

    def inserted(self) -> dict[Edge, list[Vertex]]:
        """Nodes put into edges, from start to end."""
        return {self._edges[at]: sorted(nodes, key=nodes.__getitem__) for at, nodes in enumerate(self._nodes) if nodes}

    def put_touching(self) -> None:
        """Put the nodes into edges that lie on these without being their ends."""
        nodes = sorted({end for edge in self._edges for end in edge})
        if not nodes:
            return
        points = shapely.points(np.array([self._metres(node) for node in nodes]))
        for at, edge in np.column_stack(
            self._tree.query(points, predicate="dwithin", distance=_ON_EDGE_METRES)
        ).tolist():
            if nodes[at] not in self._edges[edge]:
                _, along = self._foot(edge, self._metres(nodes[at]))
                if 0 < along < self._lengths[edge]:
                    self._nodes[edge][nodes[at]] = along

    def near(self, line: list[Vertex]) -> list[bool]:
        """Whether each straight piece of a line comes near any border."""
        points = np.array([self._metres(point) for point in line])
        pieces = shapely.linestrings(np.stack((points[:-1], points[1:]), axis=1))
        result = np.zeros(len(pieces), dtype=bool)
        result[self._tree.query(pieces, predicate="dwithin", distance=END_METRES)[0]] = True
        return [bool(close) for close in result]

    def most_met(self, line: list[Vertex]) -> int:
        """How many straight pieces of a line meet the edge that most of them do."""
        if len(line) <= MOST_CROSSINGS:
            return 0
        points = np.array([self._metres(point) for point in line])
        pieces = shapely.linestrings(np.stack((points[:-1], points[1:]), axis=1))
        met = self._tree.query(pieces, predicate="intersects")[1]
        return int(np.bincount(met).max()) if len(met) else 0

    def snapped(self, point: Vertex, metres: float) -> Vertex:
        """The node, or else the place on a border, within so many metres of a point; or the point."""
        xy = self._metres(point)
        near = self._tree.query(shapely.Point(xy), predicate="dwithin", distance=metres).tolist()
        if not near:
            return point
        nearest = self._nearest(xy, (node for at in near for node in self._on(at)))
        if self._apart(xy, nearest) <= metres:
            return nearest
        _, along, edge = min((*self._foot(at, xy), at) for at in near)
        return self._put(edge, along)

    def crossed(self, start: Vertex, end: Vertex, depth: int) -> list[Vertex]:
        """The points of a straight piece after its start: nodes with borders, then its end."""
        if start == end:
            return []
        met = self._met(start, end)
        if not met:
            return [end]
        if depth > _MOST_ROUNDS:
            text = "The line runs so close to a border that the two cannot be told apart. Draw it farther away."
            raise refused("too-close", text, "线与边界过近，无法区分，请将线移远。", start)
        path: list[Vertex] = []
        for first, last in zip([start, *met], [*met, end], strict=True):
            path += self.crossed(first, last, depth + 1)
        return path

    def _met(self, start: Vertex, end: Vertex) -> list[Vertex]:
        """Nodes between two points where a straight piece meets borders, in order."""
        a, b = self._metres(start), self._metres(end)
        near = sorted(self._tree.query(shapely.LineString([a, b]), predicate="dwithin", distance=NODE_METRES).tolist())
        candidates = sorted({node for at in near for node in self._on(at)} - {start, end})
        found = self._passed(a, b, candidates)
        passed = {start, end, *found}
        for at in near:
            if passed.isdisjoint(self._on(at)):
                crossing = self._crossing(a, b, at, candidates)
                if crossing is not None and crossing[0] not in (start, end):
                    found[crossing[0]] = crossing[1]
        return sorted(found, key=lambda node: (found[node], node))

    def _passed(self, a: _Metres, b: _Metres, nodes: list[Vertex]) -> dict[Vertex, float]:
        """Nodes that a piece passes within 1 cm, by their place along it in metres."""
        length, found = math.dist(a, b), {}
        for node in nodes:
            x, y = self._metres(node)
            along = ((x - a[0]) * (b[0] - a[0]) + (y - a[1]) * (b[1] - a[1])) / length
            if 0 < along < length and abs(_side(a, b, (x, y))) / length <= NODE_METRES:
                found[node] = along
        return found

    def _crossing(self, a: _Metres, b: _Metres, edge: int, nodes: list[Vertex]) -> tuple[Vertex, float] | None:
        """The node where a piece crosses an edge, and its place along the piece; None where it doesn't."""
        u, v = self._ends[edge]
        below, above = _side(a, b, u), _side(a, b, v)
        first, last = _side(u, v, a), _side(u, v, b)
        if below * above >= 0 or first * last >= 0:
            return None
        along = below / (below - above) * self._lengths[edge]
        place = first / (first - last) * math.dist(a, b)
        xy = self._along(edge, along)
        nearest = self._nearest(xy, nodes) if nodes else None
        if nearest is not None and self._apart(xy, nearest) <= NOISE_METRES:
            # Another border has a node there: borders that were drawn twice.
            self._nodes[edge][nearest] = along
            return nearest, place
        return self._put(edge, along), place

    def _put(self, edge: int, along: float) -> Vertex:
        """A new node in an edge; the one that is there where it is less than 1 cm away."""
        xy = self._along(edge, along)
        nearest = self._nearest(xy, self._on(edge))
        if self._apart(xy, nearest) <= NODE_METRES:
            return nearest
        (west, south), (east, north) = self._edges[edge]
        share = along / self._lengths[edge]
        node = (west + (east - west) * share, south + (north - south) * share)
        self._nodes[edge][node] = along
        return node

    def _on(self, edge: int) -> list[Vertex]:
        return [*self._edges[edge], *self._nodes[edge]]

    def _foot(self, edge: int, xy: _Metres) -> tuple[float, float]:
        """How far a point is from an edge, and where along the edge it is nearest."""
        (x, y), (east, north) = self._ends[edge]
        length = self._lengths[edge]
        along = ((xy[0] - x) * (east - x) + (xy[1] - y) * (north - y)) / length
        along = min(max(along, 0.0), length)
        return math.dist(self._along(edge, along), xy), along

    def _along(self, edge: int, along: float) -> _Metres:
        (x, y), (east, north) = self._ends[edge]
        share = along / self._lengths[edge]
        return x + (east - x) * share, y + (north - y) * share

    def _nearest(self, xy: _Metres, nodes: Iterable[Vertex]) -> Vertex:
        return min(nodes, key=lambda node: (self._apart(xy, node), node))

    def _apart(self, xy: _Metres, node: Vertex) -> float:
        return math.dist(xy, self._metres(node))

    def _metres(self, place: Vertex) -> _Metres:
        plane = self._plane
        return (place[0] - plane.lon) * plane.metres_east, (place[1] - plane.lat) * plane.metres_north


def _side(a: _Metres, b: _Metres, point: _Metres) -> float:
    """Positive to the left of the way from a to b, in square metres."""
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
