"""Which few sources are nearest to each node of the network: what a single look-up goes on from."""

from typing import Final, TypeAlias

import numba
import numpy as np

from geodata.station.network.arrays import UNREACHED, Network, Numbers, Places
from geodata.station.network.ground import read_only
from geodata.station.network.heap import pop, push

NOBODY: Final = -1
"""Stands where a node is reached from fewer sources."""


def labels(network: Network, edge_ms: Numbers, begins: Places, count: int) -> Numbers:
    """The nearest sources of every node, each source once, the nearest first; of equally near ones the lower.

    Parameters
    ----------
    network
        What is walked.
    edge_ms
        Time along each edge, int32; `UNREACHED` where it cannot be walked.
    begins
        Where walks begin, int64 (4, n): node, source, and milliseconds and millimetres from the source to the node;
        with `UNREACHED` for one that does not count. In any order; a node and a source may come several times.
    count
        How many sources are told of each node.

    Returns
    -------
    int32 (nodes, 3 × count)
        Of each node the times, then the lengths, then the sources of the quickest walks; `UNREACHED`, 0 and `NOBODY`
        where there are fewer.
    """
    found = none_yet(network.node_count, count)
    ways = (network.adjacent_first, network.adjacent_edge, network.tail, network.head, edge_ms, network.mm)
    adjacent_first, adjacent_edge, tail, head, ms, mm = (read_only(array) for array in ways)
    _spread((adjacent_first, adjacent_edge, tail, head, ms, mm), begins, found)
    return found


_Ways: TypeAlias = tuple[Places, Numbers, Numbers, Numbers, Numbers, Numbers]


@numba.njit(cache=True, nogil=True)
def none_yet(rows: int, count: int) -> Numbers:
    """Rows of labels that nothing was put in yet."""
    found = np.empty((rows, 3 * count), np.int32)
    found[:, :count] = UNREACHED
    found[:, count : 2 * count] = 0
    found[:, 2 * count :] = NOBODY
    return found


@numba.njit(cache=True, nogil=True)
def put_in(row: Numbers, ms: int, mm: int, source: int) -> bool:
    """Put a walk in its place among the quickest of a row, one for each source; says whether it is one of them.

    Parameters
    ----------
    row
        As `labels` has of each node.
    """
    count = row.shape[0] // 3
    last = count - 1
    if ms > row[last] or (ms == row[last] and source >= row[2 * count + last]) or ms >= UNREACHED:
        return False
    place = last
    for at in range(count):
        if row[2 * count + at] == source:
            if row[at] <= ms:
                return False
            place = at
            break
    while place > 0 and (row[place - 1] > ms or (row[place - 1] == ms and row[2 * count + place - 1] > source)):
        for column in range(place, 3 * count, count):
            row[column] = row[column - 1]
        place -= 1
    row[place], row[count + place], row[2 * count + place] = ms, mm, source
    return True


@numba.njit(cache=True, nogil=True)
def _spread(ways: _Ways, begins: Places, found: Numbers) -> None:
    """Dijkstra's algorithm from all sources at once, in which a node goes on with as many walks as it keeps."""
    adjacent_first, adjacent_edge, tail, head, edge_ms, edge_mm = ways
    count = found.shape[1] // 3
    heap = np.empty(begins.shape[1] + 1024, np.int64)
    size = 0
    for at in range(begins.shape[1]):
        node, ms = begins[0, at], begins[2, at]
        if put_in(found[node], ms, begins[3, at], begins[1, at]):
            size = push(heap, size, (ms << 32) | node)
    while size:
        ms, node = heap[0] >> 32, heap[0] & 0xFFFFFFFF
        size = pop(heap, size)
        row = found[node]
        for place in range(adjacent_first[node], adjacent_first[node + 1]):
            edge = adjacent_edge[place]
            if edge_ms[edge] >= UNREACHED:
                continue
            to = head[edge] if tail[edge] == node else tail[edge]
            then = ms + edge_ms[edge]
            for slot in range(count):
                # Others of the node have gone on before, or go on when their time comes.
                if row[slot] == ms and put_in(
                    found[to], then, row[count + slot] + edge_mm[edge], row[2 * count + slot]
                ):
                    heap = _with_room(heap, size)
                    size = push(heap, size, (then << 32) | to)


@numba.njit(cache=True, nogil=True)
def _with_room(heap: Places, size: int) -> Places:
    """The heap, twice as long where it is full."""
    if size < heap.shape[0]:
        return heap
    longer = np.empty(2 * size, np.int64)
    longer[:size] = heap
    return longer
