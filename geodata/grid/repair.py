"""Small faults of a layer of grids mended, each mend reported; what is too large to decide for a clerk stays a fault.

In order: rings are made valid, what sticks out of the community by less than the tolerance is cut off, overlaps and
gaps narrower than the tolerance are given to one grid, and common borders get the same vertices on both sides. Widths
decide, as in `validate`. A grid that needs no mend keeps its exact coordinates.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.grid.clip import clip_to_communities, fill_rim
from geodata.grid.communities import membership, valid_areas
from geodata.grid.match import match
from geodata.grid.mend import Work, changed_shapes
from geodata.grid.plane import (
    NOISE_METRES,
    Flags,
    LocalPlane,
    Positions,
    Shapes,
    polygonal,
    polygons_of,
    union,
    wider_than,
)
from geodata.grid.rings import absent, invalid_reason, on_earth
from geodata.grid.validate import Tiling, grid_codes, named_communities, source_rows, valid_in_plane
from geodata.records import Mend

_MOST_ROUNDS = 4


def repair(
    grids: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    *,
    tiling: Tiling = "full",
    tolerance_metres: float = 1.0,
    clip: bool = True,
) -> tuple[gpd.GeoDataFrame, list[Mend]]:
    """The grids with small faults mended, and one record of each mend.

    Parameters
    ----------
    grids, communities
        As in `validate`.
    tiling
        ``full``: gaps are closed and common borders matched. ``partial``: only overlaps are removed.
    tolerance_metres
        Overlaps, gaps and what sticks out of a community are mended where a circle of this diameter does not fit in.
    clip
        Whether to cut off what sticks out of a grid's community.

    Returns
    -------
    tuple
        A copy with the same rows and columns, shapes in 2D; and the mends.

    Notes
    -----
    Rings are made valid by their structure: shells cover, holes are taken out, ground covered twice is covered; a
    hole outside its shell is a part whose ring runs the wrong way. A
    shape that has no area left keeps its fault, and so does a grid that nothing would be left of: nothing vanishes,
    `validate` reports it. Narrow overlaps go to the lowest code, which owns them anyway; narrow gaps to the grid with
    the longest border on them. Two grids with a wider overlap are left as they are: that is an error for a person to
    settle.

    Only grids with at least 95 % of their area in their community are clipped. What is cut off goes to the grid of
    the neighbouring community that borders on it; where none does, it is cut only at the rim of the layer. So
    clipping opens no gap.

    Repairing the result again mends nothing.
    """
    given = np.asarray(grids.geometry.to_numpy(), dtype=object)
    rows, codes = source_rows(grids), grid_codes(grids)
    flat, mended = _made_valid(given)
    usable = _usable(flat)
    lonlat = np.where(usable, flat, shapely.Polygon())
    plane = LocalPlane.around(lonlat)
    by_code = np.argsort(communities["code"].to_numpy(dtype=object), kind="stable")
    areas = valid_in_plane(valid_areas(communities.geometry.to_numpy()[by_code]), plane)
    area_codes = [str(code) for code in communities["code"].to_numpy(dtype=object)[by_code]]
    work = Work(plane, valid_in_plane(lonlat, plane), rows, codes, areas, area_codes, tolerance_metres)
    for position in mended:
        _report_made_valid(work, int(position), given[position], flat[position])
    before = work.shapes.copy()
    named = named_communities(grids)
    for _ in range(_MOST_ROUNDS):
        start = work.shapes.copy()
        member = membership(work.shapes, areas, area_codes, named)
        if clip:
            clip_to_communities(work, member)
        if tiling == "full":
            fill_rim(work, member)
        match(work, tiling)
        if not changed_shapes(start, work.shapes).any():
            break
    result = grids.copy()
    result[result.geometry.name] = gpd.GeoSeries(_back_to_degrees(flat, before, work), index=grids.index, crs=grids.crs)
    return result, work.mends


def _usable(shapes: Shapes) -> Flags:
    types = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    usable: Flags = ~absent(shapes) & np.isin(shapely.get_type_id(shapes), types) & shapely.is_valid(shapes)
    return usable & on_earth(shapes)


def _made_valid(given: Shapes) -> tuple[Shapes, Positions]:
    """2D shapes with valid rings where that leaves an area, and the positions that were made valid."""
    flat = shapely.force_2d(given)
    types = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON, shapely.GeometryType.GEOMETRYCOLLECTION)
    candidates = ~absent(flat) & np.isin(shapely.get_type_id(flat), types)
    candidates[candidates] = on_earth(flat[candidates])
    candidates &= ~_usable(flat)
    mended = []
    for position in np.flatnonzero(candidates):
        shape = _valid_area(flat[position])
        if shape is not None:
            flat[position] = shape
            mended.append(position)
    return flat, np.array(mended, dtype=np.int64)


def _valid_area(shape: Any) -> Any | None:
    """What is covered by an invalid shape or a collection; None where that is no area worth the name."""
    valid = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    one = polygonal(np.array([valid], dtype=object))
    parts, _ = polygons_of(one)
    if not len(parts):
        return None
    wide = wider_than(LocalPlane.around(one).forward(parts), NOISE_METRES)
    if not wide.any():
        return None
    kept = one[0] if wide.all() else union(parts[wide])
    return kept if shapely.is_valid(kept) and not shapely.is_empty(kept) else None


def _report_made_valid(work: Work, position: int, given: Any, valid: Any) -> None:
    flat = shapely.force_2d(given)
    _, place = invalid_reason(flat)
    place = place or work.plane.inside(work.shapes[position])
    change = abs(shapely.area(valid) - shapely.area(flat)) * work.plane.metres_east * work.plane.metres_north
    code = work.codes[position]
    texts = (
        f"The border of grid {code} was made valid; its area changed by {change:.2f} m².",
        f"网格 {code} 的边界已修复为有效的面，面积变化 {change:.2f} 平方米。",
    )
    work.add("made-valid", position, place, float(change), texts)


def _back_to_degrees(flat: Shapes, before: Shapes, work: Work) -> Shapes:
    """Shapes in longitude and latitude: the given doubles where nothing changed, and at every vertex that stayed."""
    result = flat.copy()
    changed = np.flatnonzero(changed_shapes(before, work.shapes))
    if not changed.size:
        return result
    near = np.unique(shapely.STRtree(before).query(work.shapes[changed], predicate="dwithin", distance=1.0)[1])
    back = work.plane.inverse(work.shapes[changed], flat[near])
    several = shapely.get_type_id(flat[changed]) == shapely.GeometryType.MULTIPOLYGON
    back[several] = [shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in back[several]]
    fine = shapely.is_valid(back)
    result[changed[fine]] = back[fine]
    return result
