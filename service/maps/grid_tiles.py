"""The vector tiles of one layer at one state, out of memory: polygons made simpler for each zoom, names, borders.

Each zoom is prepared when it is first asked for and kept; a tile is then chosen, cut and written in a few milliseconds.
The layers of a tile are ``grids`` (``code name kind community colour households``; where those would be too many for
one tile ``code colour`` alone), or ``communities`` instead where grids cannot be told apart or are still too many
(``code name colour depth``: the lowest areas that can), ``labels`` (the roomiest point of each grid: ``code metres``),
``borders`` (``depth`` 0 around communities, 1 around the areas above them …), ``areas`` (``code name level depth
metres`` at the roomiest point of each). Areas and borders are those of the default layer's grids.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Final

import numpy as np
import shapely

from geodata.crs import metres_per_degree
from geodata.grid.colour import colour_indices
from service.maps.ground import Ground, as_array, united
from service.maps.mvt import EXTENT, Column, Integers, column, layer, point_geometry
from service.maps.tile_borders import NEAR, border_lines, rims
from service.maps.tile_shapes import (
    FINEST_ZOOM,
    WORLD,
    Lines,
    Numbers,
    Rings,
    Shapes,
    Tile,
    lines_in,
    on_world,
    points_in,
    polygons_in,
    rings_of,
)

LARGEST_BYTES: Final = 250_000
# What is planned for a tile: borders, names and what lies in the buffer come on top.
_PLANNED_BYTES: Final = 200_000
_UNITS_PER_PIXEL: Final = EXTENT // 512
_DETAIL, _COARSE_DETAIL = 2, 8
_AREA_DETAILS: Final = (4, 8, 16)
"""How far borders may move, in units of the tile: a quarter of a pixel, and one where it must be less to send."""

_SMALLEST_PIXELS: Final = 2.0
_LABEL_PIXELS: Final = 5.0
# What tiles were seen to take for each point, and for each feature without and with all of its attributes.
_POINT_BYTES, _SLIM_BYTES, _FULL_BYTES = 2.7, 30, 62
_DEPTHS: Final = 3
_DEPTH_COLUMN: Final = column("depth", list(range(_DEPTHS)))


@dataclass(frozen=True, slots=True)
class _Level:
    """What the tiles of one zoom draw."""

    name: str
    polygons: Rings
    columns: Sequence[Column]
    borders: Lines


@dataclass(frozen=True, slots=True)
class _Points:
    """Points with attributes; ``radii`` are what is free around them, in units of the world."""

    places: Integers
    radii: Integers
    columns: Sequence[Column]

    def layer(self, name: str, tile: Tile) -> bytes:
        """Those of a tile around which a word may fit."""
        there = points_in(tile, self.places)
        there = there[self.radii[there] >> tile.shift >= _LABEL_PIXELS * _UNITS_PER_PIXEL]
        local = tile.local(self.places[there])
        return layer(name, "points", self.columns, there, point_geometry(local))


class GridTiles:
    """Tiles of the grids of a layer.

    Parameters
    ----------
    ground
        The grids.
    base
        Those of the default layer at the same moment.
    """

    def __init__(self, ground: Ground, base: Ground) -> None:
        self.ground = ground
        self._base = base
        self._levels: dict[int, _Level] = {}
        self._details: dict[int, int | None] = {}
        self._columns_of_areas: dict[int, Sequence[Column]] = {}
        self._locks = [Lock() for _ in range(FINEST_ZOOM + 1)]

    def tile(self, tile: Tile) -> bytes:
        """One tile; no bytes where nothing lies there."""
        if self.ground.is_outside(tile):
            return b""
        level = self._level(tile.z)
        chosen, polygons = polygons_in(tile, level.polygons)
        depths, borders = lines_in(tile, level.borders)
        return b"".join(
            (
                layer(level.name, "polygons", level.columns, chosen, polygons),
                layer("borders", "lines", [_DEPTH_COLUMN], depths, borders),
                self._labels.layer("labels", tile) if level.name == "grids" else b"",
                self._areas.layer("areas", tile),
            )
        )

    @cached_property
    def grids_from(self) -> int:
        """The lowest zoom whose tiles have the grids, not areas instead."""
        return next((z for z in range(FINEST_ZOOM) if self._detail(z) is not None), FINEST_ZOOM)

    def prepare(self, going_on: Callable[[], bool] = lambda: True) -> None:
        """Prepare every zoom, those that show all of it at once first, and the names.

        Parameters
        ----------
        going_on
            Asked before each; the rest is left out once it says no.
        """
        for z in range(FINEST_ZOOM + 1 if len(self.ground.grids) else 0):
            if not going_on():
                return
            self._level(z)
        if going_on():
            _ = self._columns, self._labels, self._areas

    def _level(self, z: int) -> _Level:
        z = self._drawn_zoom(z)
        known = self._levels.get(z)
        if known is None:
            # One lock for each: who asks for a tile does not wait for all zooms that are being prepared meanwhile.
            with self._locks[z]:
                known = self._levels.get(z) or self._prepared(z)
                self._levels[z] = known
        return known

    def _drawn_zoom(self, z: int) -> int:
        """The zoom whose shapes a zoom draws too: where all lies in one tile one is enough, beyond every second."""
        z = max(z, self._overview)
        return _source_zoom(z) if self._detail(z) == _DETAIL else z

    @cached_property
    def _overview(self) -> int:
        """The highest zoom at which all may lie in one tile: lower ones draw the same, rounded."""
        west, north, east, south = self.ground.world_bounds or (0.0, 0.0, 0.0, 0.0)
        side = max(east - west, south - north, 1.0)
        return int(np.clip(np.floor(np.log2(WORLD / side)), 0, FINEST_ZOOM))

    def _prepared(self, z: int) -> _Level:
        detail = self._detail(z)
        if detail is None:
            return self._level_of_areas(z)
        tolerance = _tolerance(z, detail)
        columns = self._columns if detail == _DETAIL else [self._columns[0], self._columns[4]]
        lowest, unions = united(self._base.simpler(tolerance), self._base.areas_of(0))
        borders = self._borders(0, lowest, unions)
        return _Level("grids", rings_of(self.ground.simpler(tolerance)), columns, borders)

    def _level_of_areas(self, z: int) -> _Level:
        """The lowest areas that can be told apart and sent; all in one where there are no areas."""
        for depth in range(self._base.depths):
            ids, shapes = self._base.united(depth)
            for detail in _AREA_DETAILS:
                simpler = as_array(shapely.coverage_simplify(shapes, _tolerance(z, detail)))
                # Nearly every point of theirs is one of a border too.
                if self._fits(z, simpler, _FULL_BYTES, 2 * _POINT_BYTES):
                    return self._areas_drawn(depth, ids, simpler)
        if self._base.depths:
            return self._areas_drawn(depth, ids, simpler)
        _, shapes = united(self.ground.world, [0] * len(self.ground.grids))
        simpler = as_array(shapely.coverage_simplify(shapes, _tolerance(z, _COARSE_DETAIL)))
        columns = [column("code", [""]), column("name", [""]), column("colour", [0]), column("depth", [0])]
        return _Level("communities", rings_of(simpler), columns, rims(simpler[0]))

    def _areas_drawn(self, depth: int, ids: Sequence[int], shapes: Shapes) -> _Level:
        return _Level("communities", rings_of(shapes), self._area_columns(depth), self._borders(depth, ids, shapes))

    def _detail(self, z: int) -> int | None:
        """In which detail a zoom shows the grids; None where it does not. The finest always does."""
        z = max(z, self._overview)
        if z == FINEST_ZOOM:
            return _DETAIL
        if z not in self._details:
            self._details[z] = next(
                (
                    detail
                    for detail, each in ((_DETAIL, _FULL_BYTES), (_COARSE_DETAIL, _SLIM_BYTES))
                    if self._grids_fit(z, detail, each)
                ),
                None,
            )
        return self._details[z]

    def _grids_fit(self, z: int, detail: int, each_bytes: int) -> bool:
        densest = list(self.ground.densest(z))
        if len(densest) * (each_bytes + 4 * _POINT_BYTES) > _PLANNED_BYTES or not densest:
            return False
        simpler = shapely.coverage_simplify(self.ground.world[densest], _tolerance(z, detail))
        return self._fits(z, as_array(simpler), each_bytes)

    def _fits(self, z: int, shapes: Shapes, each_bytes: int, point_bytes: float = _POINT_BYTES) -> bool:
        """Whether shapes can be told apart at a zoom, and one tile may hold them all."""
        pixels = np.sqrt(np.median(shapely.area(shapes))) / (_UNITS_PER_PIXEL << (FINEST_ZOOM - z))
        size = len(shapes) * each_bytes + int(shapely.get_num_coordinates(shapes).sum()) * point_bytes
        return bool(pixels >= _SMALLEST_PIXELS) and size <= _PLANNED_BYTES

    def _borders(self, lowest: int, ids: Sequence[int], shapes: Shapes) -> Lines:
        """Lines around areas, given those at the lowest depth; the depth of each."""
        none = np.full(len(ids), -1, dtype=np.int64)
        groups = [none] * lowest
        for depth in range(lowest, min(self._base.depths, _DEPTHS)):
            above = dict(zip(self._base.areas_of(lowest), self._base.areas_of(depth), strict=True))
            groups.append(np.array([above[area_id] if area_id >= 0 else -1 for area_id in ids], dtype=np.int64))
        return border_lines(shapes, groups)

    @cached_property
    def _columns(self) -> Sequence[Column]:
        grids = self.ground.grids
        return [
            column("code", [grid.code for grid in grids]),
            column("name", [grid.name for grid in grids]),
            column("kind", [grid.kind for grid in grids]),
            column("community", self.ground.communities),
            column("colour", self.ground.colours),
            column("households", [grid.households for grid in grids]),
        ]

    def _area_columns(self, depth: int) -> Sequence[Column]:
        if depth not in self._columns_of_areas:
            ids, shapes = self._base.united(depth)
            areas = {chain[depth].area_id: chain[depth] for chain in self._base.chains if depth < len(chain)}
            found = [areas.get(area_id) for area_id in ids]
            self._columns_of_areas[depth] = [
                column("code", [area.code if area else "" for area in found]),
                column("name", [area.name if area else "" for area in found]),
                column("colour", [int(colour) for colour in colour_indices(shapes, near_degrees=NEAR)]),
                column("depth", [depth] * len(ids)),
            ]
        return self._columns_of_areas[depth]

    @cached_property
    def _labels(self) -> _Points:
        labels = self.ground.labels
        codes = [grid.code for grid in self.ground.grids]
        return _points(labels, [column("code", codes), column("metres", labels[:, 2].tolist())])

    @cached_property
    def _areas(self) -> _Points:
        areas = self._base.areas
        labels = np.array([drawn.label for drawn in areas]).reshape(-1, 3)
        columns = [
            column("code", [drawn.area.code for drawn in areas]),
            column("name", [drawn.area.name for drawn in areas]),
            column("level", [drawn.area.level for drawn in areas]),
            column("depth", [drawn.depth for drawn in areas]),
            column("metres", labels[:, 2].tolist()),
        ]
        return _points(labels, columns)


def _points(labels: Numbers, columns: Sequence[Column]) -> _Points:
    places = np.floor(on_world(labels[:, :2])).astype(np.int64)
    per_lon = np.array([metres_per_degree(lat)[0] for lat in labels[:, 1].tolist()])
    return _Points(places, (labels[:, 2] / per_lon / 360 * WORLD).astype(np.int64), columns)


def _source_zoom(z: int) -> int:
    """The zoom whose shapes a zoom draws too: every second one is enough."""
    return min(z + z % 2, FINEST_ZOOM)


def _tolerance(z: int, detail: int) -> int:
    return detail << (FINEST_ZOOM - (_source_zoom(z) if detail == _DETAIL else z))
