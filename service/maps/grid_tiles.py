"""The vector tiles of one layer at one state, out of memory: polygons made simpler for each zoom, names, borders.

One mesh of lines serves every zoom (`tile_mesh`); a tile is chosen, made simpler, cut and written in some milliseconds.
The layers of a tile are ``grids`` (``code name kind community colour households``; where those would be too many for
one tile ``code colour`` alone), or ``communities`` instead where grids cannot be told apart or are still too many
(``code name colour depth``: the lowest areas that can), ``labels`` (the roomiest point of each grid: ``code metres``),
``borders`` (``depth`` 0 around communities, 1 around the areas above them …), ``areas`` (``code name level depth
metres`` at the roomiest point of each). Areas and borders are those of the default layer's grids.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.crs import metres_per_degree
from geodata.grid.colour import colours_of
from service.maps.ground import Ground, united
from service.maps.mvt import EXTENT, Column, Integers, column, layer, point_geometry
from service.maps.tile_cutting import lines_in, points_in, polygons_in
from service.maps.tile_mesh import Mesh, mesh_of
from service.maps.tile_shapes import FINEST_ZOOM, WORLD, Numbers, Shapes, Tile, on_world

LARGEST_BYTES: Final = 250_000
# What is planned for a tile: borders, names and what lies in the buffer come on top.
_PLANNED_BYTES: Final = 200_000
_UNITS_PER_PIXEL: Final = EXTENT // 512
_DETAIL, _COARSE_DETAIL = 2, 8
_AREA_DETAILS: Final = (4, 8, 16)
"""How far borders may move, in units of the tile: a quarter of a pixel, and one where it must be less to send."""

_SMALLEST_PIXELS: Final = 2.0
_LABEL_PIXELS: Final = 5.0
# What tiles were seen to take: a point, a line that is no polygon, a feature without its attributes, one with all.
_POINT_BYTES, _LINE_BYTES, _SLIM_BYTES, _FULL_BYTES = 2.7, 2, 30, 62
_DEPTHS: Final = 3
# A depth of its own: no area, all of them in one.
_OUTLINE: Final = -1
_ONE: Final = [column("code", [""]), column("name", [""]), column("colour", [0]), column("depth", [0])]
_DEPTH_COLUMN: Final = column("depth", list(range(_DEPTHS)))


@dataclass(frozen=True, slots=True)
class _Level:
    """What the tiles of one zoom draw: polygons of one tiling, borders along the lines of it or of another."""

    name: str
    mesh: Mesh
    columns: Sequence[Column]
    border_mesh: Mesh
    borders: tuple[Integers, Integers]
    tolerance: int


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Areas to be drawn instead of grids."""

    mesh: Mesh
    columns: Sequence[Column]
    borders: tuple[Integers, Integers]


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
        self._drawn_areas: dict[int, _Drawn] = {}
        self._lock = RLock()

    def tile(self, tile: Tile) -> bytes:
        """One tile; no bytes where nothing lies there."""
        if self.ground.is_outside(tile):
            return b""
        level = self._level(tile.z)
        chosen, polygons = polygons_in(tile, level.mesh, level.tolerance)
        depths, borders = lines_in(
            tile, level.border_mesh, level.borders, level.tolerance, joined=level.name == "grids"
        )
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
        """Work out what each zoom draws, and the places of names.

        Parameters
        ----------
        going_on
            Asked between steps; the rest is left out once it says no.
        """
        for step in (lambda: self.ground.mesh, lambda: self._labels, lambda: self._areas, lambda: self._columns):
            if not going_on():
                return
            step()
        for z in range(FINEST_ZOOM + 1 if len(self.ground.grids) else 0):
            self._level(z)

    def _level(self, z: int) -> _Level:
        known = self._levels.get(z)
        if known is None:
            with self._lock:
                known = self._levels[z] = self._levels.get(z) or self._planned(z)
        return known

    def _planned(self, z: int) -> _Level:
        detail = self._detail(z)
        if detail is None:
            return self._level_of_areas(z)
        columns = self._columns if detail == _DETAIL else [self._columns[0], self._columns[4]]
        tolerance = _tolerance(z, detail)
        return _Level("grids", self.ground.mesh, columns, self._base.mesh, self._borders_of_grids, tolerance)

    def _level_of_areas(self, z: int) -> _Level:
        """The lowest areas that can be told apart and sent; where none can be sent, the ground of all."""
        highest = self._base.depths - 1
        for depth in range(self._base.depths):
            drawn = self._areas_at(depth)
            if depth < highest and not _seen(drawn.mesh, z):
                continue
            for detail in _AREA_DETAILS:
                # Nearly every point of theirs is one of a border too.
                if _fits(drawn.mesh, z, detail, _FULL_BYTES, 2 * _POINT_BYTES):
                    return self._level_with(drawn, _tolerance(z, detail))
        return self._outlined(z)

    def _outlined(self, z: int) -> _Level:
        """The ground of all in one, and the borders of the lowest areas whose lines alone can be seen and sent."""
        whole = self._areas_at(_OUTLINE)
        for drawn in map(self._areas_at, range(self._base.depths)):
            tolerance = _tolerance(z, _AREA_DETAILS[-1])
            lines = drawn.borders[0]
            there = lines[np.isin(drawn.mesh.sides[lines], drawn.mesh.fullest(z)).any(axis=1)]
            size = len(there) * _LINE_BYTES + drawn.mesh.left_of(there, tolerance) * _POINT_BYTES
            if _seen(drawn.mesh, z) and size <= _PLANNED_BYTES:
                return _Level("communities", whole.mesh, whole.columns, drawn.mesh, drawn.borders, tolerance)
        fitting = (detail for detail in _AREA_DETAILS if _fits(whole.mesh, z, detail, 0, 2 * _POINT_BYTES))
        return self._level_with(whole, _tolerance(z, next(fitting, _AREA_DETAILS[-1])))

    def _level_with(self, drawn: _Drawn, tolerance: int) -> _Level:
        return _Level("communities", drawn.mesh, drawn.columns, drawn.mesh, drawn.borders, tolerance)

    def _areas_at(self, depth: int) -> _Drawn:
        """The areas at a depth as they are drawn below the zooms of the grids; at `_OUTLINE` all in one."""
        found = self._drawn_areas.get(depth)
        if found is None:
            ids, shapes = self._outline() if depth == _OUTLINE else self._base.united(depth)
            mesh = mesh_of(shapes).thinned(_tolerance(self.grids_from - 1, _AREA_DETAILS[0]))
            columns = _ONE if depth == _OUTLINE else self._area_columns(depth, colours_of(mesh.neighbours(), len(ids)))
            groups = [np.zeros(1, dtype=np.int64)] if depth == _OUTLINE else self._groups(depth, ids)
            found = self._drawn_areas[depth] = _Drawn(mesh, columns, mesh.borders(groups))
        return found

    def _outline(self) -> tuple[Sequence[int], Shapes]:
        """What the highest areas cover together; where there are none, the grids."""
        ids, shapes = [0] * len(self.ground.grids), self.ground.degrees
        if self._base.depths:
            _, shapes = self._base.united(self._base.depths - 1)
            ids = [0] * len(shapes)
        return united(shapes, ids)

    def _detail(self, z: int) -> int | None:
        """In which detail a zoom shows the grids; None where it does not. The finest always does."""
        if z == FINEST_ZOOM:
            return _DETAIL
        if z not in self._details:
            mesh = self.ground.mesh
            ways = ((_DETAIL, _FULL_BYTES), (_COARSE_DETAIL, _SLIM_BYTES)) if _seen(mesh, z) else ()
            self._details[z] = next((detail for detail, each in ways if _fits(mesh, z, detail, each)), None)
        return self._details[z]

    @cached_property
    def _borders_of_grids(self) -> tuple[Integers, Integers]:
        """Lines of the base layer's grids that are borders of areas, and the depth of each."""
        depths = range(min(self._base.depths, _DEPTHS))
        return self._base.mesh.borders([np.array(self._base.areas_of(depth), dtype=np.int64) for depth in depths])

    def _groups(self, lowest: int, ids: Sequence[int]) -> list[Integers]:
        """The area of each of those at the lowest depth, at every depth; nobody's below."""
        groups = [np.full(len(ids), -1, dtype=np.int64)] * lowest
        for depth in range(lowest, min(self._base.depths, _DEPTHS)):
            above = dict(zip(self._base.areas_of(lowest), self._base.areas_of(depth), strict=True))
            groups.append(np.array([above[area_id] if area_id >= 0 else -1 for area_id in ids], dtype=np.int64))
        return groups

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

    def _area_columns(self, depth: int, colours: NDArray[np.int8]) -> Sequence[Column]:
        ids, _ = self._base.united(depth)
        areas = {chain[depth].area_id: chain[depth] for chain in self._base.chains if depth < len(chain)}
        found = [areas.get(area_id) for area_id in ids]
        return [
            column("code", [area.code if area else "" for area in found]),
            column("name", [area.name if area else "" for area in found]),
            column("colour", colours.tolist()),
            column("depth", [depth] * len(ids)),
        ]

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


def _seen(mesh: Mesh, z: int) -> bool:
    """Whether polygons can be told apart in the fullest tile of a zoom."""
    there = mesh.areas[mesh.fullest(z)]
    side = np.sqrt(max(float(np.median(there)), 0.0)) if len(there) else 0.0
    return bool(side >= _SMALLEST_PIXELS * (_UNITS_PER_PIXEL << (FINEST_ZOOM - z)))


def _fits(mesh: Mesh, z: int, detail: int, each_bytes: int, point_bytes: float = _POINT_BYTES) -> bool:
    """Whether the fullest tile of a zoom may hold all of its polygons."""
    there = mesh.fullest(z)
    points = int(mesh.counts(_tolerance(z, detail))[there].sum())
    return len(there) * each_bytes + points * point_bytes <= _PLANNED_BYTES


def _tolerance(z: int, detail: int) -> int:
    return detail << (FINEST_ZOOM - z)
