"""Colour indices for a tiling, so that grids with a common border never look alike."""

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray


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
    Neighbours share a border of some length; a common corner is not enough. The order is networkx's smallest-last,
    which needs at most six colours for polygons that don't overlap. An empty array gives an empty array.
    """
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(geometries)))
    graph.add_edges_from(neighbour_pairs(geometries, near_degrees=near_degrees).tolist())
    colours: dict[int, int] = nx.greedy_color(graph, strategy="smallest_last")
    return _evened_out(graph, np.array([colours[node] for node in range(len(geometries))], dtype=np.int8))


def neighbour_pairs(geometries: NDArray[np.object_], *, near_degrees: float = 2e-6) -> NDArray[np.int64]:
    """List the pairs of polygons that share a border longer than a point.

    Parameters
    ----------
    geometries
        Polygons or MultiPolygons, EPSG:4326 degrees, shape (n,).
    near_degrees
        How far two edges may lie apart and still be one border, in degrees.

    Returns
    -------
    NDArray[np.int64]
        Positions, the lower one first, sorted, shape (m, 2).

    Notes
    -----
    An edge that occurs twice with the very same ends is a common border. Each edge that occurs once (an outer border,
    or one side of a T-junction) is asked by its midpoint which other polygon lies there: of two edges along a common
    border at least one lies on the other with its whole length.
    """
    segments, owners = _segments(geometries)
    if not len(segments):
        return np.empty((0, 2), dtype=np.int64)
    order = np.lexsort(segments.T)
    segments, owners = segments[order], owners[order]
    same = (segments[1:] == segments[:-1]).all(axis=1)
    twins = np.column_stack([owners[:-1][same], owners[1:][same]])
    alone = ~(np.append(same, False) | np.insert(same, 0, False))
    middles = shapely.points((segments[alone, :2] + segments[alone, 2:]) / 2)
    edge, other = shapely.STRtree(geometries).query(middles, predicate="dwithin", distance=near_degrees)
    pairs = np.sort(np.vstack([twins, np.column_stack([owners[alone][edge], other])]), axis=1)
    return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)


def _segments(geometries: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return every edge as (x0, y0, x1, y1) with its lesser end first, and the position of its polygon."""
    rings, owner_of_ring = shapely.get_rings(geometries, return_index=True) if len(geometries) else ([], [])
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    starts, ends = coordinates[:-1][inside], coordinates[1:][inside]
    swapped = (starts[:, 0] > ends[:, 0]) | ((starts[:, 0] == ends[:, 0]) & (starts[:, 1] > ends[:, 1]))
    first = np.where(swapped[:, None], ends, starts)
    last = np.where(swapped[:, None], starts, ends)
    return np.hstack([first, last]), np.asarray(owner_of_ring, dtype=np.int64)[ring[:-1][inside]]


def _evened_out(graph: "nx.Graph[int]", colours: NDArray[np.int8]) -> NDArray[np.int8]:
    """Move polygons from the commonest colours to rarer ones that none of their neighbours has."""
    used = np.bincount(colours, minlength=1)
    for node in sorted(graph, key=lambda node: (-used[colours[node]], node)):
        taken = {int(colours[other]) for other in graph.adj[node]}
        free = [colour for colour in range(len(used)) if colour not in taken]
        rarest = min(free, key=lambda colour: (int(used[colour]), colour))
        if used[rarest] + 1 < used[colours[node]]:
            used[colours[node]] -= 1
            used[rarest] += 1
            colours[node] = rarest
    return colours
