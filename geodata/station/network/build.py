"""Lines → the walking network: vertices that lines share become nodes, what lies between two becomes an edge."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numba
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.station.network.arrays import (
    UNREACHED,
    WALKED,
    WATER,
    Barrier,
    Flags,
    Line,
    Network,
    Numbers,
    Places,
    Progress,
    Reals,
)
from geodata.station.network.cells import make_index
from geodata.station.network.lengths import lengths_of

_STEPS: Final = "steps"
_POLYGONS: Final = (3, 6)


@dataclass(frozen=True, slots=True)
class _Segments:
    """Stretches between two vertices, and the vertices, in the order of (lon, lat).

    Parameters
    ----------
    ends
        Vertices at the two ends of each, the lower first; shape (n, 2).
    steps, name
        Whether it is stairs, and the place of its name.
    lons, lats, cut, end
        Of the vertices; the last is whether a line ends there.
    """

    ends: Places
    steps: Flags
    name: Places
    lons: Reals
    lats: Reals
    cut: Flags
    end: Flags


def build_network(
    lines: Sequence[Line],
    barriers: Sequence[Barrier] = (),
    *,
    version: str = "",
    compiled_at: int = 0,
    progress: Progress | None = None,
) -> Network:
    """The walking network of lines.

    Parameters
    ----------
    lines
        Lines that are not walked are left out.
    barriers
        Areas of water that overlap or touch are joined first, so that only their common rim remains.
    version, compiled_at
        As in `Network`.
    progress
        Is told how many of three stages are done.

    Notes
    -----
    Lines meet where they share a vertex, to the last bit of its coordinates; what merely crosses does not meet. Where a
    line ends is a node, also where another just goes on: a place reaches each edge near it once, so an edge must not
    grow when a street is drawn on, or that street could make ways longer. A vertex that a line calls closed joins
    nothing of that line, not even its own two sides. A stretch that is there twice between the same vertices, stairs or
    both not, is there once, with its name if either has one. Stretches of no length are left out. An edge is stairs or
    is not; it has the name that most of its named length has; it never runs through a vertex that is cut. A ring that
    nothing else meets has its node where its line begins.

    The same lines give the same arrays, in whatever order they come, up to the order of nodes at one closed vertex.
    No array can be written to.
    """
    told = progress or _unheard
    told(0, 3)
    names, segments = _segments(lines)
    told(1, 3)
    edges = _edges(segments, len(names))
    told(2, 3)
    rims, area = _rims(barriers)
    shape_lons, shape_lats = segments.lons[edges.shape], segments.lats[edges.shape]
    used, name = np.unique(np.append(edges.name, 0), return_inverse=True)
    piece, piece_mm = _pieces_by_length(edges)
    first, adjacent = _adjacent(edges)
    network = Network(
        version=version,
        compiled_at=compiled_at,
        lons=segments.lons[edges.nodes],
        lats=segments.lats[edges.nodes],
        tail=edges.tail,
        head=edges.head,
        mm=edges.mm,
        steps=edges.steps,
        name=name[:-1].astype(np.int32),
        names=tuple(names[place] for place in used.tolist()),
        shape_first=edges.first,
        shape_lons=shape_lons,
        shape_lats=shape_lats,
        adjacent_first=first,
        adjacent_edge=adjacent,
        piece=piece,
        piece_mm=piece_mm,
        cut=segments.cut[edges.nodes],
        barriers=rims,
        barrier_area=area,
        index=make_index(edges.first, shape_lons, shape_lats, rims, area),
    )
    _freeze(network, network.index)
    told(3, 3)
    return network


def _freeze(*records: Any) -> None:
    """Let nobody write into the arrays: they are as those of a network that is read from files."""
    for record in records:
        for field in fields(record):
            value = getattr(record, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False


def _unheard(_done: int, _total: int) -> None:
    """Tell nobody."""


def _segments(lines: Sequence[Line]) -> tuple[list[str], _Segments]:
    """Names in their order, the empty one first, and the stretches of all lines that are walked."""
    walked = [line for line in lines if line.foot in WALKED]
    parts, line_of_part = shapely.get_parts(_shapes([line.geom for line in walked]), return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    keys, vertex = np.unique(_keys(points), return_inverse=True)
    line = line_of_part[part]
    closed = _closed(walked, keys, line, vertex)
    begin = np.flatnonzero((part[1:] == part[:-1]) & (vertex[1:] != vertex[:-1]))
    ends = np.stack([begin, begin + 1], axis=1)
    occurrence, ends = _joined(vertex[ends], closed[ends])
    known = {name: place for place, name in enumerate(sorted({"", *(one.name for one in walked)}))}
    name = np.array([known[one.name] for one in walked], dtype=np.int64)
    steps = np.array([one.foot == _STEPS for one in walked], dtype=np.bool_)
    of_line = line[begin]
    cut = _keys_of([one.cut for one in walked])[1]
    kept = _once(ends, steps[of_line], name[of_line])
    return list(known), _Segments(
        ends=ends[kept],
        steps=steps[of_line][kept],
        name=name[of_line][kept],
        lons=np.ascontiguousarray(keys.real)[occurrence],
        lats=np.ascontiguousarray(keys.imag)[occurrence],
        cut=np.isin(keys[occurrence], cut),
        end=np.isin(occurrence, vertex[_ends_of(part)]),
    )


def _ends_of(part: Places) -> Flags:
    """Whether each vertex is the first or the last of its part of a line."""
    changes = part[1:] != part[:-1]
    ends: Flags = np.append(True, changes) | np.append(changes, True)
    return ends[: len(part)]


def _shapes(shapes: Sequence[Any]) -> NDArray[np.object_]:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def _keys(points: Reals) -> NDArray[np.complex128]:
    """Points (n, 2) as numbers that sort by lon, then lat; 0.0 and -0.0 are one."""
    keys: NDArray[np.complex128] = np.ascontiguousarray(points + 0.0).view(np.complex128).reshape(-1)
    return keys


def _keys_of(marks: Sequence[Any]) -> tuple[Places, NDArray[np.complex128]]:
    """Place of the line and key of each of its marked points."""
    points, line = shapely.get_coordinates(_shapes(marks), return_index=True)
    return line, _keys(points)


def _closed(walked: Sequence[Line], keys: NDArray[np.complex128], line: Places, vertex: Places) -> Flags:
    """Whether each vertex of each line is one that this line calls closed."""
    of_line, marked = _keys_of([one.closed for one in walked])
    place = np.searchsorted(keys, marked)
    there = place < len(keys)
    there[there] = keys[place[there]] == marked[there]
    shut = of_line[there] * len(keys) + place[there]
    flags: Flags = np.isin(line * len(keys) + vertex, shut)
    return flags


def _joined(vertex: Places, closed: Flags) -> tuple[Places, Places]:
    """Vertices once more, those that are closed apart for each end there: what each was before, and the ends (n, 2)."""
    apart = np.where(closed, np.arange(1, vertex.size + 1).reshape(vertex.shape), 0)
    each, ends = np.unique(vertex * (vertex.size + 1) + apart, return_inverse=True)
    return each // (vertex.size + 1), np.sort(ends.reshape(vertex.shape).astype(np.int64), axis=1)


def _once(ends: Places, steps: Flags, name: Places) -> Places:
    """Which stretches to keep of those that are there several times, one with a name if there is one."""
    order = np.lexsort((name, name == 0, steps, ends[:, 1], ends[:, 0]))
    same = (ends[order[1:]] == ends[order[:-1]]).all(axis=1) & (steps[order[1:]] == steps[order[:-1]])
    kept: Places = order[np.concatenate([[True], ~same])[: len(order)]]
    return kept


@dataclass(frozen=True, slots=True)
class _Edges:
    """Edges as in `Network`; `nodes` says which vertex each node is, `shape` which vertices each edge has."""

    nodes: Places
    tail: Numbers
    head: Numbers
    first: Places
    shape: Places
    mm: Numbers
    steps: Flags
    name: Places


def _edges(segments: _Segments, names: int) -> _Edges:
    """Stretches joined to edges from node to node."""
    count = len(segments.lons)
    half = segments.ends[:, ::-1].reshape(-1)
    origin = segments.ends.reshape(-1)
    order = np.lexsort((np.arange(len(half)), half, origin))
    first = np.searchsorted(origin[order], np.arange(count + 1))
    degree = np.diff(first)
    stairs = np.bincount(origin, weights=np.repeat(segments.steps, 2), minlength=count)
    is_node = (degree != 2) | (stairs == 1) | segments.cut | segments.end
    shape = np.empty(len(half) // 2 + len(half), dtype=np.int64)
    shape_first = np.zeros(len(half) // 2 + 1, dtype=np.int64)
    edge_of = np.empty(len(half) // 2, dtype=np.int64)
    edges = _trace(first, order, half, is_node, shape, shape_first, edge_of)
    shape_first = shape_first[: edges + 1].copy()
    shape = shape[: shape_first[-1]].copy()
    metres = np.empty(len(half) // 2)
    lengths_of(segments.lons, segments.lats, segments.ends[:, 0].copy(), segments.ends[:, 1].copy(), metres)
    node_of = np.cumsum(is_node) - 1
    mm = np.rint(1000 * np.bincount(edge_of, weights=metres, minlength=edges))
    steps = np.zeros(edges, dtype=np.bool_)
    steps[edge_of] = segments.steps
    return _Edges(
        nodes=np.flatnonzero(is_node),
        tail=node_of[shape[shape_first[:-1]]].astype(np.int32),
        head=node_of[shape[shape_first[1:] - 1]].astype(np.int32),
        first=shape_first,
        shape=shape,
        mm=np.clip(mm, 1, UNREACHED - 1).astype(np.int32),
        steps=steps,
        name=_names(edge_of, segments.name, metres, edges, names),
    )


def _names(edge_of: Places, name: Places, metres: Reals, edges: int, names: int) -> Places:
    """The name of each edge: of those that its stretches have, the one that is longest in all."""
    named = np.flatnonzero(name)
    pairs, pair_of = np.unique(edge_of[named] * names + name[named], return_inverse=True)
    length = np.bincount(pair_of, weights=metres[named], minlength=len(pairs))
    found = np.zeros(edges, dtype=np.int64)
    # The last that is written stays: the longest, of equal ones the first.
    order = np.lexsort((-pairs, length))
    found[pairs[order] // names] = pairs[order] % names
    return found


@numba.njit(cache=True, nogil=True)
def _follow(
    first: Places,
    order: Places,
    half: Places,
    is_node: Flags,
    begin: int,
    shape: Places,
    edge_of: Places,
    at: int,
    edge: int,
) -> int:
    """Write the vertices behind a half stretch up to the next node, and which edge each stretch is of; says the end."""
    here = begin
    while True:
        edge_of[here // 2] = edge
        vertex = half[here]
        shape[at] = vertex
        at += 1
        if is_node[vertex]:
            return at
        onward = order[first[vertex]]
        here = order[first[vertex] + 1] if onward // 2 == here // 2 else onward


@numba.njit(cache=True, nogil=True)
def _trace(
    first: Places, order: Places, half: Places, is_node: Flags, shape: Places, shape_first: Places, edge_of: Places
) -> int:
    """Fill in the vertices of each edge, and the edge of each stretch; says how many edges there are."""
    edge_of[:] = -1
    at, edge = 0, 0
    for vertex in range(is_node.shape[0]):
        if not is_node[vertex]:
            continue
        for place in range(first[vertex], first[vertex + 1]):
            begin = order[place]
            if edge_of[begin // 2] >= 0:
                continue
            shape[at] = vertex
            at = _follow(first, order, half, is_node, begin, shape, edge_of, at + 1, edge)
            edge += 1
            shape_first[edge] = at
    return edge


def _adjacent(edges: _Edges) -> tuple[Places, Numbers]:
    """Where the edges of each node begin, and the edges."""
    node = np.concatenate([edges.tail, edges.head])
    edge = np.tile(np.arange(len(edges.mm), dtype=np.int32), 2)
    order = np.lexsort((edge, node))
    return np.searchsorted(node[order], np.arange(len(edges.nodes) + 1)).astype(np.int64), edge[order]


def _pieces_by_length(edges: _Edges) -> tuple[Numbers, Places]:
    """The piece of each node and the length of each piece, the longest first, of equal ones that of the lowest node."""
    root = np.arange(len(edges.nodes), dtype=np.int32)
    _unite(edges.tail, edges.head, root)
    roots, piece = np.unique(root, return_inverse=True)
    mm = np.zeros(len(roots), dtype=np.int64)
    np.add.at(mm, piece[edges.tail], edges.mm)
    order = np.lexsort((roots, -mm))
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[piece], mm[order]


@numba.njit(cache=True, nogil=True)
def _unite(tail: Numbers, head: Numbers, root: Numbers) -> None:
    """Give all nodes of a connected piece the lowest of them as root."""
    for edge in range(tail.shape[0]):
        one, other = tail[edge], head[edge]
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        while root[other] != other:
            root[other] = root[root[other]]
            other = root[other]
        if one < other:
            root[other] = one
        else:
            root[one] = other
    for node in range(root.shape[0]):
        root[node] = root[root[node]]


def _rims(barriers: Sequence[Barrier]) -> tuple[Reals, Flags]:
    """Segments of all barriers (n, 4), and whether each is of the rim of water."""
    shapes = _shapes([barrier.geom for barrier in barriers])
    is_area = np.isin(shapely.get_type_id(shapes), _POLYGONS)
    is_water = is_area & np.array([barrier.kind == WATER for barrier in barriers], dtype=np.bool_)
    water = shapely.union_all(shapely.make_valid(shapes[is_water]))
    shapes[is_area] = shapely.boundary(shapes[is_area])
    lines, rims = _straight(shapes[~is_water]), _straight(_shapes([shapely.boundary(water)]))
    area = np.concatenate([np.zeros(len(lines), dtype=np.bool_), np.ones(len(rims), dtype=np.bool_)])
    return np.ascontiguousarray(np.concatenate([lines, rims])), area


def _straight(shapes: NDArray[np.object_]) -> Reals:
    """Segments of lines (n, 4), those of no length left out."""
    points, part = shapely.get_coordinates(shapely.get_parts(shapes), return_index=True)
    begin = np.flatnonzero((part[1:] == part[:-1]) & (points[1:] != points[:-1]).any(axis=1))
    segments: Reals = np.concatenate([points[begin], points[begin + 1]], axis=1)
    return segments
