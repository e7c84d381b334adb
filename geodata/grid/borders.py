"""Which polygons share a border, and the lines that part groups of them."""

import numpy as np
import shapely
from numpy.typing import NDArray


def neighbour_pairs(geometries: NDArray[np.object_], *, near_degrees: float = 2e-6) -> NDArray[np.int64]:
    """List the pairs of polygons that share a border longer than a point.

    Parameters
    ----------
    geometries
        Polygons or MultiPolygons, EPSG:4326 degrees, shape (n,).
    near_degrees
        How far two edges may lie apart and still be one border, in degrees (2e-6 is about 0.2 m).

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
    edges, owners = edges_of(geometries)
    same = _same_as_next(edges)
    twins = np.column_stack([owners[:-1][same], owners[1:][same]])
    beside, others = _beside(geometries, edges, owners, _alone(same), near_degrees)
    pairs = np.sort(np.vstack([twins, np.column_stack([owners[beside], others])]), axis=1)
    lower, higher = pairs[pairs[:, 0] != pairs[:, 1]].T
    return np.column_stack(np.divmod(np.unique(lower * len(geometries) + higher), max(len(geometries), 1)))


def dividing_lines(
    geometries: NDArray[np.object_], groups: NDArray[np.int64], *, near_degrees: float = 2e-6
) -> shapely.MultiLineString:
    """Draw the lines between polygons of different groups, and those around them all.

    Parameters
    ----------
    geometries
        Polygons or MultiPolygons, EPSG:4326 degrees, shape (n,).
    groups
        One number for each polygon, shape (n,); equal numbers are not parted. A negative one belongs to no group: it
        has no border with others of none.
    near_degrees
        How far two edges may lie apart and still be one border, in degrees.

    Notes
    -----
    Merged into lines as long as they go without branching. A stretch whose edges match occurs once, one whose edges
    don't match occurs from both sides. Hairlines between polygons of one group don't count as borders.
    """
    edges, owners = edges_of(geometries)
    same = _same_as_next(edges)
    alone = _alone(same)
    beside, others = _beside(geometries, edges, owners, alone, near_degrees)
    inner = np.zeros(len(edges), dtype=bool)
    inner[beside[groups[owners[beside]] == groups[others]]] = True
    drawn = alone & ~inner & (groups[owners] >= 0)
    between = np.zeros(len(edges), dtype=bool)
    between[:-1] = same & (groups[owners[:-1]] != groups[owners[1:]]) if len(edges) else False
    lines = shapely.linestrings(edges[drawn | between].reshape(-1, 2, 2))
    return shapely.multilinestrings(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines))))


def edges_of(geometries: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return every edge as (x0, y0, x1, y1), its lesser end first, in order, and the position of its polygon."""
    if not len(geometries):
        return np.empty((0, 4)), np.empty(0, dtype=np.int64)
    parts, owner_of_part = shapely.get_parts(geometries, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    starts, ends = coordinates[:-1][inside], coordinates[1:][inside]
    swapped = (starts[:, 0] > ends[:, 0]) | ((starts[:, 0] == ends[:, 0]) & (starts[:, 1] > ends[:, 1]))
    edges = np.hstack([np.where(swapped[:, None], ends, starts), np.where(swapped[:, None], starts, ends)])
    order = np.lexsort(edges.T)
    owners = np.asarray(owner_of_part[part_of_ring], dtype=np.int64)[ring[:-1][inside]]
    return edges[order], owners[order]


def _same_as_next(edges: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((edges[1:] == edges[:-1]).all(axis=1))


def _alone(same: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return ~(np.append(same, False) | np.insert(same, 0, False))


def _beside(
    geometries: NDArray[np.object_],
    edges: NDArray[np.float64],
    owners: NDArray[np.int64],
    asked: NDArray[np.bool_],
    near_degrees: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return places of asked edges and the other polygons at their midpoints."""
    places = np.flatnonzero(asked[: len(edges)])
    middles = shapely.points((edges[places, :2] + edges[places, 2:]) / 2)
    found, others = shapely.STRtree(geometries).query(middles, predicate="dwithin", distance=near_degrees)
    foreign = owners[places[found]] != others
    return places[found][foreign], others[foreign]
