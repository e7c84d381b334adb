"""Stage 5 for layers that lie in another: each grid in one grid of the outer layer."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from psycopg import Connection

from geodata.grid.communities import assign_communities
from geodata.grid.layers import layer
from geodata.grid.publish import grids_in_force
from geodata.grid.validate import DEFAULT_LIMITS
from geodata.records import Finding


def nesting_findings(
    connection: Connection[Any], target: Mapping[str, Any], grids: gpd.GeoDataFrame, at: int
) -> list[Finding]:
    """A warning for each grid that does not lie in one grid of the layer that its own is nested in.

    Parameters
    ----------
    target
        The layer of the grids, from `geodata.grid.layers.layer`.
    grids
        Columns ``code row`` and geometry, EPSG:4326.
    at
        Instant at which the layers are compared, microseconds since 1970-01-01 UTC.

    Notes
    -----
    As little as a grid may stick out of its community it may stick out of the outer grid. Where the outer layer has
    no grids yet nothing is said.
    """
    if target["nested_in"] is None or grids.empty:
        return []
    outer = grids_in_force(connection, layer(connection, target["nested_in"])["layer_id"], at)
    if not outer:
        return []
    shapes = shapely.from_wkb(np.array([row["wkb"] for row in outer], dtype=object))
    around = gpd.GeoDataFrame({"code": [row["code"] for row in outer]}, geometry=list(shapes), crs="EPSG:4326")
    assigned = assign_communities(grids, around)
    rows = zip(assigned["code"], grids["row"], assigned["community"], assigned["share"], grids.geometry, strict=True)
    return [
        _sticks_out(code, int(row), outer_code, float(share), target["nested_in"])
        for code, row, outer_code, share, shape in rows
        if share < DEFAULT_LIMITS.community_share and shape is not None and not shape.is_empty
    ]


def _sticks_out(code: str, row: int, outer: str | None, share: float, outer_layer: str) -> Finding:
    if outer is None:
        said = f"Grid {code} lies in no grid of the layer {outer_layer}."
        said_zh = f"网格 {code} 不在“{outer_layer}”类型的任何网格内。"
    else:
        said = f"Only {share:.1%} of grid {code} lies in grid {outer} of the layer {outer_layer}: move the border."
        said_zh = f"网格 {code} 只有 {share:.1%} 的面积位于“{outer_layer}”类型的网格 {outer} 内，请调整边界。"
    facts = {"outer": outer, "share": round(share, 4), "layer": outer_layer}
    return Finding("warning", "crosses-outer-grid", said, said_zh, row=row, code=code, facts=facts)
