"""Colour indices for a tiling, so that grids with a common border never look alike."""

import networkx as nx
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
    Neighbours share a border of some length; a common corner is not enough. The order is networkx's smallest-last,
    which needs at most six colours for polygons that don't overlap. An empty array gives an empty array.
    """
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(geometries)))
    graph.add_edges_from(neighbour_pairs(geometries, near_degrees=near_degrees).tolist())
    colours: dict[int, int] = nx.greedy_color(graph, strategy="smallest_last")
    return _evened_out(graph, np.array([colours[node] for node in range(len(geometries))], dtype=np.int8))


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
