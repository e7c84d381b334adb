"""Roads, lanes and paths as one network: cut at every junction, everything reachable from everything, each named."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.sample.built import Built
from geodata.sample.names import Names, numeral
from geodata.sample.roads import Barriers, Roads, node
from geodata.sample.subdivision import Board
from geodata.sample.territory import Territory, frame
from geodata.sample.tiling import Shapes, Tiling

RANK: Final = ("arterial", "secondary", "branch", "lane", "path")
FIXED_NAMES: Final = {
    "bank-low": "滨河南路",
    "bank-high": "滨河北路",
    "rail-low": "铁路西街",
    "rail-high": "铁路东街",
}


@dataclass(frozen=True, slots=True)
class Network:
    """All streets, cut at every junction, in metres about the centre.

    Parameters
    ----------
    edges, kinds, keys
        Lines between junctions, their kind, and the key of the road that they belong to (empty for paths).
    bridges, crossings
        Whether an edge crosses the water, the railway.
    """

    edges: Shapes
    kinds: tuple[str, ...]
    keys: tuple[str, ...]
    bridges: Shapes
    crossings: Shapes


def make_network(roads: Roads, built: Built | None, barriers: Barriers) -> Network:
    """Return the skeleton together with the inner paths and lanes of what is built."""
    if built is None:
        keys = tuple("" if kind == "path" else key for kind, key in zip(roads.kinds, roads.keys, strict=True))
        return Network(roads.edges, roads.kinds, keys, roads.bridges, roads.crossings)
    edges, source = node([*roads.edges, *built.paths])
    kinds = (*roads.kinds, *built.path_kinds)
    keys = (*roads.keys, *built.path_keys)
    chosen = [kinds[k] for k in source]
    return Network(
        edges=edges,
        kinds=tuple(chosen),
        keys=tuple("" if kind == "path" else keys[k] for kind, k in zip(chosen, source, strict=True)),
        bridges=shapely.intersects(edges, barriers.water),
        crossings=shapely.intersects(edges, barriers.rail),
    )


def barriers_table(barriers: Barriers, compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what nobody on foot crosses: the river, the railway, the wall of each compound."""
    fixed = frame(
        {"code": ["river", "rail"], "name": ["示例河", "示例铁路"], "class": ["water", "railway"]},
        np.array([barriers.water, barriers.rail]),
    )
    if not len(compounds):
        return fixed
    walls = {
        "code": [f"wall-{code}" for code in compounds["code"]],
        "name": [f"{name}围墙" for name in compounds["name"]],
    }
    rings = shapely.boundary(compounds.geometry.to_numpy())
    drawn = gpd.GeoDataFrame({**walls, "class": "wall"}, geometry=rings, crs=fixed.crs)
    return gpd.GeoDataFrame(pd.concat([fixed, drawn], ignore_index=True), crs=fixed.crs)


def name_roads(network: Network, board: Board, tiling: Tiling, territory: Territory, names: Names) -> dict[str, str]:
    """Return the name of every road by its key.

    Notes
    -----
    A road has the ending of its highest class. Village lanes carry the village's name and a number; a lane quarter's
    lanes a name of their own.
    """
    best: dict[str, int] = {}
    for kind, key in zip(network.kinds, network.keys, strict=True):
        if key:
            best[key] = min(best.get(key, len(RANK)), RANK.index(kind))
    line_of = {line.road: line for line in reversed(tiling.lines)}
    result: dict[str, str] = {}
    for key in sorted(best, key=lambda k: (best[k], k)):
        if key in FIXED_NAMES:
            result[key] = names.unique(FIXED_NAMES[key])
        elif key.startswith("lane"):
            result[key] = _lane_name(key, board, territory, names)
        elif key in _ring(board):
            result[key] = names.unique(_ring(board)[key])
        else:
            line = line_of[key]
            stem = territory.community_stems[line.community] if line.community >= 0 else ""
            result[key] = names.road(RANK[best[key]], line.axis, stem)
    return result


def _ring(board: Board) -> dict[str, str]:
    """Return the names of the four roads around the core, none where the core is everything."""
    plan = board.plan
    if plan.core == plan.whole:
        return {}
    i0, i1, j0, j1 = plan.core
    return {
        f"column{i0}": "环城西路",
        f"column{i1}": "环城东路",
        f"row{j0}": "环城南路",
        f"row{j1}": "环城北路",
    }


def _lane_name(key: str, board: Board, territory: Territory, names: Names) -> str:
    number, _, row = key.removeprefix("lane").partition("-")
    leaf = board.leaves[int(number)]
    if not leaf.rural:
        return names.lane()
    group = int(territory.grid_codes[int(number)][-3:])
    stem = f"{territory.community_stems[leaf.community]}{numeral(group)}组"
    return names.unique(f"{stem}中街" if row == "spine" else f"{stem}{numeral(int(row) + 1)}巷")
