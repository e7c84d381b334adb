"""The grids of one layer at one moment as maps draw them: places, colours, roomiest points, the areas they make up.

Everything is worked out when it is first asked for, and kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import Any, Final

import numpy as np
import shapely

from geodata.crs import metres_per_degree
from geodata.grid.colour import colours_of
from geodata.moment import Moment
from geodata.records import Area, GridVersion
from service.maps.tile_mesh import Mesh, mesh_of
from service.maps.tile_shapes import Numbers, Shapes, Tile, on_world

Bounds = tuple[float, float, float, float]

DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class AreaDrawn:
    """An area that has grids: what is above it, its depth from the grids up, how many it has, and where.

    ``label`` is [lon, lat, metres]: the point farthest from the border, and how far that is; ``bounds`` west, south,
    east, north.
    """

    area: Area
    parent: str | None
    depth: int
    grids: int
    label: list[float]
    bounds: list[float]


class Ground:
    """The grids of a layer, to be drawn.

    Parameters
    ----------
    grids
        In code order.
    degrees
        Their polygons, EPSG:4326, shape (n,).
    chains
        The areas above each, the lowest first.
    """

    def __init__(self, grids: Sequence[GridVersion], degrees: Shapes, chains: Sequence[Sequence[Area]]) -> None:
        self.grids = grids
        self.degrees = degrees
        self.chains = chains
        self._united: dict[int, tuple[Sequence[int], Shapes]] = {}
        self._lock = RLock()

    @cached_property
    def bounds(self) -> Bounds | None:
        """West, south, east, north end of the grids in degrees; None where there are none."""
        return bounds_of(self.degrees)

    @cached_property
    def mesh(self) -> Mesh:
        """The lines that the grids are made of, on the world."""
        with self._lock:
            return mesh_of(self.degrees)

    @cached_property
    def world_bounds(self) -> Bounds | None:
        """Least x and y, greatest x and y on the world; None without grids."""
        if self.bounds is None:
            return None
        west, south, east, north = self.bounds
        (left, top), (right, bottom) = on_world(np.array([[west, north], [east, south]])).tolist()
        return left, top, right, bottom

    @cached_property
    def typical_metres(self) -> float:
        """Side of a square as large as the grid in the middle, were they lined up by size; 0 without grids."""
        if self.bounds is None:
            return 0.0
        per_lon, per_lat = metres_per_degree((self.bounds[1] + self.bounds[3]) / 2)
        return float(np.sqrt(np.median(shapely.area(self.degrees)) * per_lon * per_lat))

    @cached_property
    def colours(self) -> list[int]:
        """A small number for each grid, another than its neighbours have."""
        with self._lock:
            return [int(colour) for colour in colours_of(self.mesh.neighbours(), len(self.grids))]

    @cached_property
    def labels(self) -> Numbers:
        """lon, lat, metres to the border of the roomiest point of each grid, shape (n, 3)."""
        with self._lock:
            return roomiest_points(self.degrees)

    @cached_property
    def communities(self) -> list[str | None]:
        """Code of the community of each grid."""
        return [chain[0].code if chain else None for chain in self.chains]

    @cached_property
    def depths(self) -> int:
        """How many areas lie above a grid at most."""
        return max((len(chain) for chain in self.chains), default=0)

    @cached_property
    def areas(self) -> Sequence[AreaDrawn]:
        """Every area that has grids, the lowest first; one that lies at several depths is where it is lowest."""
        found: dict[str, AreaDrawn] = {}
        for depth in range(self.depths):
            for drawn in self._areas_at(depth):
                found.setdefault(drawn.area.code, drawn)
        return list(found.values())

    def areas_of(self, depth: int) -> list[int]:
        """Identity of the area of each grid at a depth; -1 where there is none."""
        return [chain[depth].area_id if depth < len(chain) else -1 for chain in self.chains]

    def united(self, depth: int) -> tuple[Sequence[int], Shapes]:
        """Identities of the areas at a depth, rising, -1 for what is in none, and the union of the grids of each."""
        with self._lock:
            if depth not in self._united:
                self._united[depth] = united(self.degrees, self.areas_of(depth))
            return self._united[depth]

    def is_outside(self, tile: Tile) -> bool:
        """Whether a tile has nothing at all of the grids."""
        if self.world_bounds is None:
            return True
        west, north, east, south = self.world_bounds
        low_x, low_y, high_x, high_y = tile.box
        return bool(low_x > east or high_x < west or low_y > south or high_y < north)

    def _areas_at(self, depth: int) -> list[AreaDrawn]:
        ids, degrees = self.united(depth)
        of_grids = self.areas_of(depth)
        counts = dict(zip(*(each.tolist() for each in np.unique(of_grids, return_counts=True)), strict=True))
        chains = {area_id: chain for area_id, chain in zip(of_grids, self.chains, strict=True) if area_id >= 0}
        found = []
        for area_id, shape, label in zip(ids, degrees, roomiest_points(degrees).tolist(), strict=True):
            if area_id in chains:
                area, *above = chains[area_id][depth:]
                box = [round(degree, DIGITS) for degree in shapely.bounds(shape).tolist()]
                parent = above[0].code if above else None
                found.append(AreaDrawn(area, parent, depth, counts[area_id], label, box))
        return found


def ground_of(moment: Moment, layer: str) -> Ground:
    """The grids of a layer at a moment, which is read and not kept; NotKnownError where there is no such layer."""
    grids = moment.grids(layer)
    shapes = moment.geometries(grids)
    return Ground(grids, shapes, [moment.area_chain(grid.community_id) for grid in grids])


def united(shapes: Shapes, groups: Sequence[int]) -> tuple[Sequence[int], Shapes]:
    """The distinct groups, rising, and the union of the polygons of each; those of a tiling have no lines inside."""
    found, place = np.unique(np.asarray(groups, dtype=np.int64), return_inverse=True)
    order = np.argsort(place, kind="stable")
    members = np.split(order, np.searchsorted(place[order], np.arange(1, len(found)))) if len(found) else []
    return found.tolist(), as_array([_union(shapes[some]) for some in members])


def roomiest_points(degrees: Shapes) -> Numbers:
    """[lon, lat, metres to the border] of each shape's roomiest point, shape (n, 3)."""
    if not len(degrees):
        return np.zeros((0, 3))
    _, south, _, north = shapely.total_bounds(degrees)
    per_lon, per_lat = metres_per_degree((south + north) / 2)
    plane = shapely.make_valid(shapely.transform(degrees, lambda points: points * [per_lon, per_lat]))
    tolerance = np.maximum(np.sqrt(shapely.area(plane)) * 0.02, 0.05)
    circles = shapely.maximum_inscribed_circle(plane, tolerance)
    centres = shapely.get_coordinates(shapely.get_point(circles, 0)) / [per_lon, per_lat]
    return np.column_stack([np.round(centres, DIGITS), np.round(shapely.length(circles), 1)])


def as_array(shapes: Sequence[Any] | Shapes) -> Shapes:
    """Shapes as an array, also where there are none."""
    found = np.empty(len(shapes), dtype=object)
    found[:] = list(shapes)
    return found


def bounds_of(shapes: Shapes) -> Bounds | None:
    """Least x and y, greatest x and y of all shapes; None for none."""
    if not len(shapes):
        return None
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return west, south, east, north


def _union(shapes: Shapes) -> Any:
    try:
        found = shapely.coverage_union_all(shapes)
    except shapely.GEOSException:
        found = None
    # Where edges do not match, or grids overlap, it is no sound polygon.
    return found if found is not None and found.is_valid else shapely.union_all(shapely.make_valid(shapes))
