"""The road skeleton: border lines that are roads, roads along river and railway, cut where nothing may cross."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import networkx
import numpy as np
import shapely

from geodata.sample.plan import BANK_METRES, RAIL_HALF_METRES, Plan
from geodata.sample.tiling import Shapes, Tiling

HALF_WIDTH_METRES: Final = {"arterial": 18.0, "secondary": 12.0, "branch": 8.0, "lane": 3.5, "path": 3.0}
RIVER_HALF_METRES: Final = 46.0
MILLIMETRE: Final = 0.001


@dataclass(frozen=True, slots=True)
class Roads:
    """Roads, cut at every junction, in metres about the centre.

    Parameters
    ----------
    edges
        Lines between junctions.
    kinds, keys
        Kind of each edge, and the key of the road that it is a part of.
    bridges, crossings
        Whether an edge crosses the water, the railway.
    """

    edges: Shapes
    kinds: tuple[str, ...]
    keys: tuple[str, ...]
    bridges: Shapes
    crossings: Shapes


@dataclass(frozen=True, slots=True)
class Barriers:
    """What can be crossed at few places: the railway, the water, and the strips that they take up to their roads."""

    rail: Any
    water: Any
    rail_strip: Any
    river_strip: Any


def make_barriers(tiling: Tiling, outline: Any) -> Barriers:
    """Return river and railway inside the outline of the whole city."""
    river, rail = tiling.course_of("river"), tiling.course_of("rail")
    return Barriers(
        rail=rail,
        water=shapely.normalize(
            shapely.intersection(shapely.buffer(river, RIVER_HALF_METRES, cap_style="flat"), outline)
        ),
        rail_strip=shapely.buffer(rail, RAIL_HALF_METRES - 0.05, cap_style="flat"),
        river_strip=shapely.buffer(river, BANK_METRES - 0.05, cap_style="flat"),
    )


def make_roads(plan: Plan, tiling: Tiling, barriers: Barriers, outline: Any) -> Roads:
    """Return the skeleton: few lattice lines cross river and railway, all others end at the road beside them."""
    lines = [line for line in tiling.lines if line.kind in HALF_WIDTH_METRES]
    courses = [c for line, c in zip(tiling.lines, tiling.courses, strict=True) if line.kind in HALF_WIDTH_METRES]
    kinds, keys = [line.kind for line in lines], [line.road for line in lines]
    for course, distance, kind, names in (
        (tiling.course_of("river"), BANK_METRES, "secondary", ("bank-low", "bank-high")),
        (barriers.rail, RAIL_HALF_METRES, "branch", ("rail-low", "rail-high")),
    ):
        for side, key in zip((-distance, distance), names, strict=True):
            beside = shapely.intersection(shapely.offset_curve(course, side, join_style="mitre"), outline)
            for part in shapely.get_parts(shapely.line_merge(beside)):
                courses.append(part)
                kinds.append(kind)
                keys.append(key)
    edges, source = node(courses)
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    over_river = shapely.intersects(barriers.river_strip, middles)
    over_rail = shapely.intersects(barriers.rail_strip, middles)
    allowed_river = np.isin([keys[s] for s in source], [f"column{k}" for k in plan.bridges])
    allowed_rail = np.isin([keys[s] for s in source], [f"row{k}" for k in plan.crossings])
    kept = (~over_river | allowed_river) & (~over_rail | allowed_rail)
    return _connected(edges[kept], [kinds[s] for s in source[kept]], [keys[s] for s in source[kept]], barriers)


def node(courses: Sequence[Any] | Shapes) -> tuple[Shapes, Shapes]:
    """Return the lines cut wherever two meet, to the millimetre, and for each piece the position of its source."""
    sources = shapely.set_precision(np.asarray(courses), MILLIMETRE, mode="pointwise")
    edges = shapely.get_parts(shapely.union_all(sources, grid_size=MILLIMETRE))
    edges = np.array(shapely.normalize(edges))
    edges = edges[np.lexsort(shapely.bounds(edges).T)]
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    found, source = shapely.STRtree(sources).query_nearest(middles, all_matches=False)
    assert np.array_equal(found, np.arange(len(edges))), "every piece has a source"
    return edges, source


def _connected(edges: Shapes, kinds: list[str], keys: list[str], barriers: Barriers) -> Roads:
    """Return the roads without what hangs together with nothing else."""
    part = components(edges)
    largest = np.bincount(part, weights=shapely.length(edges)).argmax()
    kept = np.flatnonzero(part == largest)
    edges = edges[kept]
    return Roads(
        edges=edges,
        kinds=tuple(kinds[k] for k in kept),
        keys=tuple(keys[k] for k in kept),
        bridges=shapely.intersects(edges, barriers.water),
        crossings=shapely.intersects(edges, barriers.rail),
    )


def components(edges: Shapes) -> Shapes:
    """Return for each edge the number of the connected part that it belongs to; edges join at equal end points only."""
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(edges, k)) for k in (0, -1)])
    _, node_of = np.unique(ends, axis=0, return_inverse=True)
    first, last = node_of[: len(edges)].tolist(), node_of[len(edges) :].tolist()
    graph = networkx.Graph()
    graph.add_edges_from(zip(first, last, strict=True))
    part_of = {n: number for number, nodes in enumerate(networkx.connected_components(graph)) for n in nodes}
    return np.array([part_of[n] for n in first])
