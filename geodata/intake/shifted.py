"""Stage 4 for coordinates: whether they fit what is known better in another datum than in the one that was told.

GCJ-02 and BD-09 lie 50 to 1,200 m off: enough to put everything into the wrong grid, too little to be seen in numbers.
"""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.crs import BD09, GCJ02, WGS84, Crs, from_wgs84, geometries_to_wgs84, metres_per_degree
from geodata.intake.rows import Records
from geodata.records import Finding

SAMPLE = 300
# What moved less than this was redrawn, not shifted; what fits closer than this is the same place.
FAR_METRES = 40.0
NEAR_METRES = 10.0
LEAST_COMMON = 3
# Shares by which polygons must fit their communities, and points the areas, better in the other datum.
BETTER_POLYGONS = 0.1
BETTER_POINTS = 0.02

Shapes = NDArray[np.object_]

NO_COMMUNITIES = gpd.GeoDataFrame({"code": []}, geometry=[], crs="EPSG:4326")


def shifted_findings(
    records: Records, stored: Mapping[str, bytes | None], communities: gpd.GeoDataFrame
) -> list[Finding]:
    """A warning where the coordinates fit what is known only when they are read in another datum.

    Parameters
    ----------
    records
        Placed in EPSG:4326, with the datum that they were read in.
    stored
        Code to well-known binary of what is in force: records of the same code should lie near.
    communities
        Column geometry, EPSG:4326: new polygons should lie in one of them, new points inside one.

    Notes
    -----
    A sample of up to 300 records is looked at. Fewer than three records tell nothing.
    """
    if records.geometry is None or records.crs not in (WGS84, GCJ02, BD09):
        return []
    at = np.flatnonzero(~(shapely.is_missing(records.geometry) | shapely.is_empty(records.geometry)))
    if len(at) < LEAST_COMMON:
        return []
    at = at[np.linspace(0, len(at) - 1, min(len(at), SAMPLE)).astype(int)]
    shapes: Shapes = records.geometry[at]
    names = records.column("code")
    codes = [names[position] for position in at]
    others = [crs for crs in (WGS84, GCJ02, BD09) if crs != records.crs]
    read = {crs: _read_as(shapes, records.crs, crs) for crs in others}
    fitting = _fits_stored(shapes, codes, read, stored) or _fits_communities(shapes, read, communities)
    return [] if fitting is None else [_finding(records.crs, fitting)]


def _read_as(shapes: Shapes, told: Crs, crs: Crs) -> Shapes:
    """The shapes, had their coordinates been read in another datum."""

    def back(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_wgs84(points[:, 0], points[:, 1], told))

    return geometries_to_wgs84(shapely.transform(shapes, back), crs)


def _fits_stored(
    shapes: Shapes, codes: Sequence[str | None], read: Mapping[Crs, Shapes], stored: Mapping[str, bytes | None]
) -> Crs | None:
    common = [position for position, code in enumerate(codes) if code is not None and stored.get(code)]
    if len(common) < LEAST_COMMON:
        return None
    known = shapely.from_wkb(np.array([stored[str(codes[position])] for position in common], dtype=object))
    if _median_metres(shapes[common], known) < FAR_METRES:
        return None
    return next((crs for crs, other in read.items() if _median_metres(other[common], known) < NEAR_METRES), None)


def _median_metres(shapes: Shapes, known: Shapes) -> float:
    one, other = shapely.centroid(shapes), shapely.centroid(known)
    east, north = shapely.get_x(one) - shapely.get_x(other), shapely.get_y(one) - shapely.get_y(other)
    per_lon, per_lat = metres_per_degree(float(np.nanmedian(shapely.get_y(other))))
    return float(np.nanmedian(np.hypot(east * per_lon, north * per_lat)))


def _fits_communities(shapes: Shapes, read: Mapping[Crs, Shapes], communities: gpd.GeoDataFrame) -> Crs | None:
    if communities.empty:
        return None
    tree = shapely.STRtree(shapely.make_valid(communities.geometry.to_numpy()))
    points = isinstance(shapes[0], shapely.Point)
    fit = _inside if points else _largest_share
    least = BETTER_POINTS if points else BETTER_POLYGONS
    now = fit(shapes, tree)
    # Nothing fits at all: the file is about another place, not in another datum.
    best, crs = max(((fit(other, tree), crs) for crs, other in read.items()), key=lambda pair: pair[0])
    return crs if best > now + least and best >= 1 - least else None


def _inside(points: Shapes, tree: shapely.STRtree) -> float:
    return len(np.unique(tree.query(points, predicate="intersects")[0])) / len(points)


def _largest_share(shapes: Shapes, tree: shapely.STRtree) -> float:
    """Mean over the shapes of the largest part of one that lies in one community."""
    valid = shapely.make_valid(shapes)
    shape, community = tree.query(valid, predicate="intersects")
    common = shapely.area(shapely.intersection(valid[shape], tree.geometries[community]))
    best = np.zeros(len(valid))
    np.maximum.at(best, shape, common)
    areas = shapely.area(valid)
    return float(np.mean(best[areas > 0] / areas[areas > 0])) if (areas > 0).any() else 0.0


def _finding(told: Crs, fitting: Crs) -> Finding:
    return Finding(
        "warning",
        "looks-shifted",
        f"Read as {told.name} the coordinates lie off what is known; read as {fitting.name} they fit. "
        f"Check the source, then use --crs {fitting.name}.",
        f"按 {told.name} 读取时坐标整体偏移，按 {fitting.name} 读取则吻合。请核对来源后使用 --crs {fitting.name}。",
        facts={"told": told.name, "fits": fitting.name},
    )
