"""Which polygon covers a point: an index that is exact on every border, for one point or for millions.

The stages lie beside it: `raster` and `leaves` build the cells, `cells` answers from them, `nearest` measures to other
polygons, `exact` decides sides, `store` keeps the arrays in files, `compiled` the compiled code.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geodata.errors import InputError
from geodata.grid.around import borders_in_box, borders_within
from geodata.grid.cells import BORDER_METRES, DOUBTFUL, INSIDE, NOBODY, candidates_at, owner_at, owners_into
from geodata.grid.compiled import compile_lookups
from geodata.grid.exact import border_metres
from geodata.grid.leaves import EDGES_PER_LEAF, build_cells
from geodata.grid.nearest import build_tree, nearest_at
from geodata.grid.raster import frame_of, layers_in, raster_items
from geodata.grid.store import read_arrays, write_arrays

_SHAPELY_KEPT: Final = 4096


def warm() -> None:
    """Compile, or load from numba's cache, all that building and asking an index needs."""
    index = GridIndex.build([shapely.box(0.0, 0.0, 1.0, 1.0), shapely.Point(3.0, 3.0).buffer(1.0, quad_segs=32)])
    index.nearest(0.5, 0.5, np.ones(2, np.bool_), 0)


class GridIndex:
    """Polygons in order of their codes, ready to say which of them covers a point.

    Several polygons may cover one point: an index holds all versions of all times, and each call says by ``active``
    which of them are in force. Made by `build` or `open`; never changes; safe to use from several threads.

    Notes
    -----
    ``active`` is a contiguous bool array with one element for each position. Coordinates are EPSG:4326
    degrees, straight edges are straight in degrees. Nothing wraps around the 180th meridian.
    """

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        compile_lookups()
        self._arrays = arrays
        self._cells: tuple[Any, Any, Any, Any] = (
            arrays["frame"],
            arrays["cells"],
            arrays["leaves"],
            arrays["vertices"],
        )
        self._tree: tuple[Any, Any, Any] = (arrays["chunks"], arrays["boxes"], arrays["levels"])
        self._shape = arrays["multiple"].shape
        self._prepared: dict[int, Any] = {}

    @classmethod
    def build(cls, geometries: ArrayLike | Sequence[Any]) -> GridIndex:
        """Index of shapely Polygons and MultiPolygons given in order of their codes.

        Parameters
        ----------
        geometries
            EPSG:4326; heights are dropped. They should be valid: inside an invalid one, even-odd decides. Empty parts
            of a MultiPolygon are dropped. May be of length 0.

        Raises
        ------
        InputError
            A geometry is missing, empty, of another type, or has a coordinate that is no place on Earth; the fact
            ``positions`` names the first ten.
        """
        compile_lookups()
        shapes = _checked(geometries)
        arrays = _outlines(shapes)
        vertices, rings, parts = arrays["vertices"], arrays["rings"], arrays["parts"]
        starts = rings[parts[arrays["polygons"]]].astype(np.int64)
        last = np.zeros(len(vertices), np.bool_)
        last[rings[1:] - 1] = True
        areas = shapely.area(shapes)
        frame = frame_of(vertices, last, areas)
        offsets, items = raster_items(vertices, starts, last, frame)
        crowded = int(EDGES_PER_LEAF * layers_in(areas, offsets, frame))
        cells, leaves = build_cells(vertices, offsets, items, frame, crowded)
        del offsets, items
        chunks, boxes, levels = build_tree(vertices, starts, last)
        return cls(
            arrays
            | {"frame": frame, "cells": cells, "leaves": leaves, "chunks": chunks, "boxes": boxes, "levels": levels}
        )

    def save(self, folder: Path) -> None:
        """Write the index as files into ``folder``, which appears, or is replaced, complete or not at all."""
        write_arrays(folder, self._arrays)

    @classmethod
    def open(cls, folder: Path, *, verify: bool = True) -> GridIndex:
        """Index from files that `save` wrote, mapped into memory read-only and shared by all processes.

        Parameters
        ----------
        verify
            Compare all bytes with their checksums (about a second for 2 GB). Without it only types and lengths are
            compared: for further processes on files that one has verified.

        Raises
        ------
        FileError
            The folder holds no such index, one of another format, or a damaged one: build it again.
        """
        return cls(read_arrays(folder, verify=verify))

    def __len__(self) -> int:
        return int(self._shape[0])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north over all positions, in degrees; NaN for an empty index."""
        if len(self) == 0:
            return (np.nan, np.nan, np.nan, np.nan)
        root = self._arrays["boxes"][-1]
        return (float(root[0]), float(root[1]), float(root[2]), float(root[3]))

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays, which is what the files measure too."""
        return sum(array.nbytes for array in self._arrays.values())

    def owner(self, lon: float, lat: float, active: NDArray[np.bool_]) -> tuple[int, bool]:
        """Lowest active position that covers the point, -1 for nobody, and whether that is on the border.

        Returns
        -------
        position, on_boundary
            ``on_boundary``: within 1 mm of the owner's border, measured in the plane of the point. A point that nobody
            covers but that lies within 1 mm of active polygons is owned by the lowest of them, on the boundary.

        Notes
        -----
        *Covers*: a point on the border, or on that of a hole, belongs to the polygon; exactly as shapely decides it.
        NaN and infinity belong to nobody. Beyond 89° of latitude, 1 mm east or west is measured with the scale of 89°.
        """
        self._refuse_other_length(active)
        position, state = owner_at(*self._cells, active, float(lon), float(lat), NOBODY)
        if state == DOUBTFUL:
            return self._owner_by_shapely(float(lon), float(lat), active)
        return position, state != INSIDE

    def owners(
        self, lons: ArrayLike, lats: ArrayLike, active: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Owner of each point, as `owner` answers it: positions (-1 for nobody) and ``on_boundary``.

        Raises
        ------
        InputError
            ``lons`` and ``lats`` are not one-dimensional arrays of the same length.
        """
        self._refuse_other_length(active)
        xs = np.ascontiguousarray(lons, dtype=np.float64)
        ys = np.ascontiguousarray(lats, dtype=np.float64)
        if xs.ndim != 1 or xs.shape != ys.shape:
            raise InputError(f"lons and lats must be two lists of the same length, not {xs.shape} and {ys.shape}.")
        positions = np.empty(len(xs), np.int32)
        states = np.empty(len(xs), np.int8)
        doubtful, _ = owners_into(*self._cells, active, xs, ys, positions, states)
        on_boundary = states != INSIDE
        if doubtful:
            for point in np.flatnonzero(states == DOUBTFUL):
                positions[point], on_boundary[point] = self._owner_by_shapely(xs[point], ys[point], active)
        return positions, on_boundary

    def nearest(self, lon: float, lat: float, active: NDArray[np.bool_], exclude: int) -> tuple[int, float]:
        """Nearest active position other than ``exclude``, and the metres to it.

        Parameters
        ----------
        exclude
            A position that is left out, usually the owner; -1 for none.

        Returns
        -------
        position, metres
            0 metres where the polygon covers the point, (-1, inf) where there is none. Among equals the lowest.

        Notes
        -----
        Measured in the plane of the point's own latitude (see `geodata.crs.metres_per_degree`): right within 1e-4 up to
        2 km. Farther off the scale of the longitudes errs by about ``tan(lat) · Δlat / 2``: at 40° by 2 % over 300 km.
        """
        self._refuse_other_length(active)
        position, metres = nearest_at(*self._cells, *self._tree, active, float(lon), float(lat), exclude)
        return position, metres

    def within(
        self, lon: float, lat: float, metres: float, active: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Active positions that a circle around a point touches, and the metres to each, the nearest first.

        Parameters
        ----------
        metres
            Radius of the circle, not negative.

        Returns
        -------
        positions, metres
            int64 and float64, shape (n,): 0 metres where the polygon covers the point, the owner of the point before
            all others; among equals the lower position.
        """
        owner, _ = self.owner(lon, lat, active)
        positions, away = borders_within(self._arrays, active, float(lon), float(lat), float(metres))
        others = positions != owner
        positions, away = positions[others], away[others]
        order = np.lexsort((positions, away))
        positions, away = positions[order], away[order]
        if owner == NOBODY:
            return positions, away
        return np.concatenate([[owner], positions]), np.concatenate([[0.0], away])

    def meeting(self, shape: Any, active: NDArray[np.bool_]) -> list[int]:
        """Active positions that may overlap a shape in EPSG:4326, of polygons that don't overlap each other, rising."""
        inside = shape.representative_point()
        owner, _ = self.owner(inside.x, inside.y, active)
        found = set(borders_in_box(self._arrays, active, shape.bounds).tolist())
        return sorted(found if owner == NOBODY else found | {owner})

    def geometry(self, position: int) -> shapely.Polygon | shapely.MultiPolygon:
        """Polygon at ``position`` with exactly the doubles that it was built from, heights left out.

        Raises
        ------
        IndexError
            There is no such position.
        """
        if not 0 <= position < len(self):
            raise IndexError(f"position {position} of {len(self)}")
        polygons = [self._part(part) for part in range(*self._arrays["polygons"][position : position + 2])]
        return shapely.MultiPolygon(polygons) if self._arrays["multiple"][position] else polygons[0]

    def geometries(self, positions: ArrayLike) -> NDArray[np.object_]:
        """Polygons at several positions, as `geometry` gives them; all that lie between them in order are read.

        Raises
        ------
        IndexError
            There is no such position.
        """
        wanted = np.asarray(positions, dtype=np.int64)
        if not len(wanted):
            return np.empty(0, dtype=object)
        low, high = int(wanted.min()), int(wanted.max()) + 1
        if low < 0 or high > len(self):
            raise IndexError(f"positions {low} to {high - 1} of {len(self)}")
        polygons = self._arrays["polygons"][low : high + 1]
        parts = self._arrays["parts"][polygons[0] : polygons[-1] + 1]
        rings = self._arrays["rings"][parts[0] : parts[-1] + 1]
        vertices = np.ascontiguousarray(self._arrays["vertices"][rings[0] : rings[-1]])
        offsets = (rings - rings[0], parts - parts[0], polygons - polygons[0])
        found = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, vertices, offsets)[wanted - low]
        whole = self._arrays["multiple"][wanted]
        return np.asarray(np.where(whole, found, shapely.get_geometry(found, 0)), dtype=object)

    def _part(self, part: int) -> shapely.Polygon:
        rings = self._arrays["rings"]
        shell, *holes = (
            shapely.linearrings(self._arrays["vertices"][rings[ring] : rings[ring + 1]])
            for ring in range(*self._arrays["parts"][part : part + 2])
        )
        return shapely.Polygon(shell, holes)

    def _refuse_other_length(self, active: NDArray[np.bool_]) -> None:
        if active.shape != self._shape:
            raise ValueError(f"active has the shape {active.shape}, the index {self._shape}")

    def _owner_by_shapely(self, lon: float, lat: float, active: NDArray[np.bool_]) -> tuple[int, bool]:
        point = shapely.Point(lon, lat)
        candidates: list[int] = candidates_at(*self._cells[:3], active, lon, lat).tolist()
        for position in candidates:
            if shapely.covers(self._prepared_geometry(position), point):
                return position, self._border_metres(position, lon, lat) <= BORDER_METRES
        for position in candidates:
            if self._border_metres(position, lon, lat) <= BORDER_METRES:
                return position, True
        return NOBODY, False

    def _prepared_geometry(self, position: int) -> Any:
        geometry = self._prepared.get(position)
        if geometry is None:
            geometry = self.geometry(position)
            shapely.prepare(geometry)
            if len(self._prepared) >= _SHAPELY_KEPT:
                self._prepared = {}
            self._prepared[position] = geometry
        return geometry

    def _border_metres(self, position: int, lon: float, lat: float) -> float:
        parts = self._arrays["polygons"]
        first, end = self._arrays["parts"][parts[position]], self._arrays["parts"][parts[position + 1]]
        metres: float = border_metres(self._arrays["vertices"], self._arrays["rings"], first, end, lon, lat)
        return metres


def _checked(geometries: ArrayLike | Sequence[Any]) -> NDArray[np.object_]:
    array = np.asarray(geometries, dtype=object)
    if array.ndim != 1:
        raise InputError("The polygons must be one list.", "多边形必须是一个一维列表。")
    _refuse(shapely.is_missing(array) | shapely.is_empty(array), "missing or empty", "缺失或为空")
    _refuse(~np.isin(shapely.get_type_id(array), (3, 6)), "not a Polygon or MultiPolygon", "不是多边形")
    coordinates, owners = shapely.get_coordinates(array, return_index=True)
    unplaced = np.zeros(len(array), np.bool_)
    unplaced[owners[~(np.abs(coordinates) <= (180.0, 90.0)).all(axis=1)]] = True
    _refuse(unplaced, "not a place on Earth in degrees", "坐标不是地球上的经纬度")
    return array


def _refuse(wrong: NDArray[np.bool_], what: str, what_zh: str) -> None:
    positions = np.flatnonzero(wrong)
    if positions.size:
        first = [int(position) for position in positions[:10]]
        raise InputError(
            f"{positions.size} of {wrong.size} polygons cannot be indexed: {what}, first at position {first[0]}.",
            f"{wrong.size} 个多边形中有 {positions.size} 个无法建立索引：{what_zh}，首个位于第 {first[0]} 位。",
            positions=first,
        )


def _outlines(geometries: NDArray[np.object_]) -> dict[str, NDArray[Any]]:
    """Vertices of all rings, and by offsets their rings, the parts and the polygons; ``multiple``: a MultiPolygon."""
    multiple = shapely.get_type_id(geometries) == 6
    if len(geometries) == 0:
        none = np.zeros(1, np.int32)
        return {
            "vertices": np.empty((0, 2)),
            "rings": none,
            "parts": none,
            "polygons": none,
            "multiple": np.asarray(multiple, np.bool_),
        }
    _, vertices, offsets = shapely.to_ragged_array(geometries, include_z=False)
    rings, parts = offsets[0], offsets[1]
    polygons = offsets[2] if len(offsets) == 3 else np.arange(len(geometries) + 1)
    if len(vertices) >= 2**31:
        raise InputError("The polygons have more than 2³¹ vertices together.", "多边形顶点总数超过 2³¹ 个。")
    return {
        "vertices": np.ascontiguousarray(vertices, np.float64),
        "rings": np.asarray(rings, np.int32),
        "parts": np.asarray(parts, np.int32),
        "polygons": np.asarray(polygons, np.int32),
        "multiple": multiple,
    }
