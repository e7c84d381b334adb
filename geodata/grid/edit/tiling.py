"""A tiling while it is redrawn: who has which ground, found by key or by place. Immutable, and cheap to derive."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import shapely
from shapely import Geometry

from geodata.errors import NotKnownError
from geodata.grid.edit.rings import directed_edges, reversed_edge
from geodata.grid.plane import NOISE_METRES, LocalPlane, Positions, Shapes

_MOST_CHANGES = 500
"""So many changed shapes are looked through beside the index of the others; with more it is built anew."""


@dataclass(frozen=True)
class _Indexed:
    """Shapes that don't change, under an index of their places."""

    keys: tuple[str, ...]
    shapes: Shapes

    @cached_property
    def place(self) -> dict[str, int]:
        return {key: at for at, key in enumerate(self.keys)}

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    def near(self, box: Geometry) -> Positions:
        """Positions of the shapes whose bounding boxes meet a box."""
        return np.asarray(self.tree.query(box), dtype=np.int64)


class Tiling:
    """The ground of the grids of one layer.

    Parameters
    ----------
    full
        Whether the grids tile their ground; in a layer that is not full they only must not overlap.

    Notes
    -----
    Shapes are 2D Polygons or MultiPolygons in EPSG:4326, whose vertices are never moved or rounded by being held here.
    """

    __slots__ = ("_base", "_changes", "_since", "full")

    def __init__(self, base: _Indexed, changes: Mapping[str, Geometry | None], full: bool) -> None:
        self._base = base
        self._changes = changes
        present = {key: shape for key, shape in changes.items() if shape is not None}
        self._since = _Indexed(tuple(present), np.array(list(present.values()), dtype=object))
        self.full = full

    @classmethod
    def of(cls, shapes: Mapping[str, Geometry], *, full: bool = True) -> Self:
        """The tiling of some shapes.

        Parameters
        ----------
        shapes
            By key, valid (Multi)Polygons in EPSG:4326; heights are left out.
        full
            Whether they are to tile their ground.
        """
        flat = np.asarray(shapely.force_2d(np.array(list(shapes.values()), dtype=object)), dtype=object)
        return cls(_Indexed(tuple(shapes), flat), {}, full)

    def changed(self, shapes: Mapping[str, Geometry | None]) -> Self:
        """The tiling with some shapes put in the place of those of their keys, or added; None takes a grid out."""
        changes = {**self._changes, **shapes}
        if len(changes) <= _MOST_CHANGES:
            return type(self)(self._base, changes, self.full)
        kept = {key: self.shape(key) for key in self.keys() if key not in shapes}
        return type(self).of(kept | {key: s for key, s in shapes.items() if s is not None}, full=self.full)

    def __contains__(self, key: object) -> bool:
        if key in self._changes:
            return self._changes[str(key)] is not None
        return key in self._base.place

    def __len__(self) -> int:
        return sum(1 for _ in self.keys())

    def keys(self) -> Iterable[str]:
        """All keys: those of the beginning first."""
        yield from (key for key in self._base.keys if key not in self._changes)
        yield from self._since.keys

    def shape(self, key: str) -> Geometry:
        """Ground of a grid.

        Raises
        ------
        NotKnownError
            No grid has this key.
        """
        found = self._changes.get(key) if key in self._changes else self._at(key)
        if found is None:
            raise NotKnownError(f"There is no grid {key} here.", f"此处没有网格 {key}。", grid=key)
        return found

    def _at(self, key: str) -> Geometry | None:
        at = self._base.place.get(key)
        return None if at is None else self._base.shapes[at]

    def touching(self, shape: Geometry, metres: float = 0.0) -> list[str]:
        """Keys of the grids that are at most so far from a shape, sorted.

        Parameters
        ----------
        shape
            Any geometry, EPSG:4326.
        metres
            0 for those that have at least a point in common with it, as doubles have it.
        """
        if shapely.is_empty(shape):
            return []
        plane = LocalPlane.around(np.array([shape], dtype=object))
        west, south, east, north = shapely.bounds(shape)
        # A degree of longitude is shorter farther from the equator than at the plane's centre: twice the reach.
        lon, lat = 2 * metres / plane.metres_east, 2 * metres / plane.metres_north
        keys, shapes = self.within((west - lon, south - lat, east + lon, north + lat))
        if not keys:
            return []
        if metres > 0:
            flat = plane.forward(np.array([shape, *shapes], dtype=object))
            near = shapely.dwithin(flat[1:], flat[0], metres)
        else:
            shapely.prepare(shape)
            near = shapely.intersects(shape, shapes)
        return sorted(keys[at] for at in np.flatnonzero(near))

    def within(self, box: tuple[float, float, float, float]) -> tuple[list[str], Shapes]:
        """Keys and shapes of the grids whose bounding boxes meet a box (west, south, east, north in degrees)."""
        asked = shapely.box(*box)
        keys, shapes = [], []
        for indexed, hidden in ((self._base, self._changes), (self._since, {})):
            for at in indexed.near(asked).tolist() if indexed.keys else ():
                if indexed.keys[at] not in hidden:
                    keys.append(indexed.keys[at])
                    shapes.append(indexed.shapes[at])
        return keys, np.array(shapes, dtype=object)

    def neighbours(self, key: str) -> dict[str, float]:
        """Keys of the grids that share a border with a grid, and its length in metres; sorted by key.

        Notes
        -----
        A border that the two draw with different vertices counts where they are at most 1 mm apart. Grids that touch
        at points only are no neighbours.
        """
        shape = self.shape(key)
        plane = LocalPlane.around(np.array([shape], dtype=object))
        mine = directed_edges(shape)
        found: dict[str, float] = {}
        for other in self.touching(shape, NOISE_METRES):
            if other == key:
                continue
            theirs = {reversed_edge(edge) for edge in directed_edges(self.shape(other))}
            shared = [edge for edge in mine if edge in theirs]
            rest = [edge for edge in mine if edge not in theirs]
            metres = edges_metres(shared, plane) + _beside(rest, self.shape(other), plane)
            if metres > 2 * NOISE_METRES:
                found[other] = metres
        return found

    def at(self, lon: float, lat: float) -> str | None:
        """Key of the grid that covers a place, the least of several on a common border; None where none does."""
        point = shapely.Point(lon, lat)
        keys, shapes = self.within((lon, lat, lon, lat))
        covering = [key for key, shape in zip(keys, shapes, strict=True) if shapely.covers(shape, point)]
        return min(covering, default=None)


def edges_metres(edges: Iterable[Any], plane: LocalPlane) -> float:
    """Length of straight edges, each from one place to another in degrees."""
    ends = np.array(list(edges), dtype=np.float64).reshape(-1, 2, 2)
    east, north = ((ends[:, 1] - ends[:, 0]) * (plane.metres_east, plane.metres_north)).T
    return float(np.hypot(east, north).sum())


def _beside(edges: list[Any], shape: Geometry, plane: LocalPlane) -> float:
    """Metres of these edges that lie along a shape."""
    if not edges:
        return 0.0
    lines = plane.forward(np.asarray(shapely.linestrings(np.array(edges)), dtype=object))
    flat = plane.forward(np.array([shape], dtype=object))[0]
    shapely.prepare(flat)
    close = lines[shapely.dwithin(flat, lines, NOISE_METRES)]
    if not len(close):
        return 0.0
    along = shapely.length(shapely.intersection(close, shapely.buffer(flat, NOISE_METRES, quad_segs=2)))
    # What only crosses the border's neighbourhood at a corner is a point, not a border.
    return float(along[along > 3 * NOISE_METRES].sum())
