"""Colour indices for a tiling, so that grids with a common border never look alike."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geodata.grid.borders import neighbour_pairs


def colour_indices(geometries: NDArray[np.object_], *, near_degrees: float = 2e-6) -> NDArray[np.int8]:
    """Give each polygon a small colour index that differs from those of all its neighbours.

    Parameters
    ----------
    geometries
        Polygons or MultiPolygons, EPSG:4326 degrees, shape (n,).
    near_degrees
        How far two edges may lie apart and still be one border, in degrees (2e-6 is about 0.2 m).

    Returns
    -------
    NDArray[np.int8]
        Indices from 0, shape (n,), usually 0 to 4 and about equally many of each. The same geometries in the same
        order always get the same indices.

    Notes
    -----
    Neighbours share a border of some length; a common corner is not enough. Greedy, the polygon with the fewest
    neighbours left last, which needs at most six colours for polygons that don't overlap. An empty array gives an empty
    array.

    References
    ----------
    D. W. Matula, L. L. Beck: Smallest-last ordering and clustering and graph coloring algorithms, JACM 30 (1983).
    """
    return colours_of(neighbour_pairs(geometries, near_degrees=near_degrees), len(geometries))


def colours_of(pairs: NDArray[np.int64], count: int) -> NDArray[np.int8]:
    """Colour indices as `colour_indices` gives them, of polygons whose neighbours are known.

    Parameters
    ----------
    pairs
        Positions of neighbours, shape (m, 2), in the order of `neighbour_pairs`.
    count
        How many polygons there are.
    """
    beside: list[list[int]] = [[] for _ in range(count)]
    for one, other in pairs.tolist():
        beside[one].append(other)
        beside[other].append(one)
    colours = [-1] * len(beside)
    for node in reversed(_smallest_first(beside)):
        taken = {colours[other] for other in beside[node]}
        colours[node] = next(colour for colour in range(len(beside)) if colour not in taken)
    return _evened_out(beside, np.array(colours, dtype=np.int8))


def _smallest_first(beside: Sequence[Sequence[int]]) -> list[int]:
    """Nodes in the order in which each has the fewest neighbours among those that follow."""
    left = [len(others) for others in beside]
    by_count: list[list[int]] = [[] for _ in range(max(left, default=0) + 1)]
    for node, count in enumerate(left):
        by_count[count].append(node)
    order: list[int] = []
    count = 0
    while len(order) < len(beside):
        if not by_count[count]:
            count += 1
            continue
        node = by_count[count].pop()
        # A node whose count fell stands in a lower list, too; one that is in the order has none.
        if left[node] != count:
            continue
        left[node] = -1
        order.append(node)
        for other in beside[node]:
            if left[other] > 0:
                left[other] -= 1
                by_count[left[other]].append(other)
        count = max(count - 1, 0)
    return order


def _evened_out(beside: Sequence[Sequence[int]], colours: NDArray[np.int8]) -> NDArray[np.int8]:
    """Move polygons from the commonest colours to rarer ones that none of their neighbours has."""
    used = np.bincount(colours, minlength=1).tolist()
    found: list[int] = colours.tolist()
    for node in sorted(range(len(beside)), key=lambda node: (-used[found[node]], node)):
        taken = {found[other] for other in beside[node]}
        rarest = min((colour for colour in range(len(used)) if colour not in taken), key=lambda colour: used[colour])
        if used[rarest] + 1 < used[found[node]]:
            used[found[node]] -= 1
            used[rarest] += 1
            found[node] = rarest
    return np.array(found, dtype=np.int8)
