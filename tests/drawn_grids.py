"""Tilings drawn as text, one letter for about 100 m × 100 m, north above; and what must hold after an operation."""

from collections.abc import Iterable

import numpy as np
import shapely

from geodata.grid.borders import edges_of
from geodata.grid.edit import Edit, Tiling
from geodata.grid.plane import LocalPlane

WEST, SOUTH, STEP = 117.0, 36.0, 0.001


def corner(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a corner of the cells, counted from the south-west."""
    return WEST + column * STEP, SOUTH + row * STEP


def line(*corners: tuple[float, float]) -> shapely.LineString:
    """A line through places counted in cells."""
    return shapely.LineString([corner(*place) for place in corners])


def area(*corners: tuple[float, float]) -> shapely.Polygon:
    """An area whose corners are counted in cells."""
    return shapely.Polygon([corner(*place) for place in corners])


def drawn(text: str, *, full: bool = True) -> Tiling:
    """The tiling of a drawing; a full stop is nobody's. Every corner of a cell on a border is a vertex."""
    rows = text.split()[::-1]
    cells: dict[str, list[shapely.Polygon]] = {}
    for row, letters in enumerate(rows):
        for column, letter in enumerate(letters):
            ring = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
            cells.setdefault(letter, []).append(area(*ring))
    cells.pop(".", None)
    return Tiling.of({key: shapely.coverage_union_all(cells[key]) for key in sorted(cells)}, full=full)


def whole_after(before: Tiling, edit: Edit) -> Tiling:
    """The tiling after an edit, its pieces as grids; sure that it is whole and has the ground it had."""
    if edit.pieces:
        edit = edit.placed([f"piece {number}" for number in range(len(edit.pieces))])
    after = before.changed(edit.shapes)
    old, new = (in_metres(tiling) for tiling in (before, after))
    assert shapely.is_valid([after.shape(key) for key in list(after.keys())]).all()
    # A gap or an overlap of any width would show in one of these.
    ground = shapely.union_all(new)
    assert shapely.symmetric_difference(shapely.union_all(old), ground).area < 1e-3
    assert abs(shapely.area(new).sum() - ground.area) < 1e-3
    assert abs(_lone_metres(new) - ground.length) < 1e-3
    return after


def _lone_metres(shapes: np.ndarray) -> float:
    """Length of the edges that only one shape has: of a tiling, its outer border.

    GEOS's own test of coverages takes a grid for faulty whose corner is where a hole of its neighbour touches the rim.
    """
    edges, _ = edges_of(shapes)
    _, count = np.unique(edges, axis=0, return_counts=True)
    lone = np.unique(edges, axis=0)[count == 1]
    return float(np.hypot(*(lone[:, 2:] - lone[:, :2]).T).sum())


def in_metres(tiling: Tiling) -> np.ndarray:
    """All shapes of a tiling in one plane."""
    shapes = np.array([tiling.shape(key) for key in list(tiling.keys())], dtype=object)
    return LocalPlane.around(shapes).forward(shapes)


def vertices(shape: shapely.Geometry) -> set[tuple[float, float]]:
    """All vertices of a shape."""
    return set(map(tuple, shapely.get_coordinates(shape).tolist()))


def grid_area(tiling: Tiling, keys: Iterable[str]) -> float:
    """Area in cells of about 100 m × 100 m."""
    return sum(tiling.shape(key).area for key in keys) / STEP**2
