"""Geometry drawn as text, so that a reader of a test sees the border that it is about."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely

ORIGIN = (117.0, 36.5)
CELL = 2.0**-10
"""Degrees. Corners of the lattice are exact binary fractions: every cell, edge and midpoint has exact coordinates."""


def draw(*pictures: str, cell: float = CELL, origin: tuple[float, float] = ORIGIN) -> gpd.GeoDataFrame:
    """Polygons drawn as letters: one letter is one polygon, one character one cell of a lattice.

    Parameters
    ----------
    pictures
        Lines of characters, north at the top; ``.`` and space are nobody's. The lower left character's lower left
        corner is the origin. Further pictures lie over the first, so that polygons can overlap.
    cell
        Side of a cell in degrees (2^-10 of a degree is 87 by 109 m).
    origin
        Lower left corner, (lon, lat).

    Returns
    -------
    GeoDataFrame
        Columns ``code`` (the letter), ``row`` (from 1) and geometry, EPSG:4326, in order of the letters. Polygons have
        a vertex at every corner of the lattice on their border, so that shared borders match; letters in separate
        places become MultiPolygons.
    """
    boxes: dict[str, set[tuple[int, int]]] = {}
    for picture in pictures:
        lines = [line.strip() for line in picture.strip("\n").splitlines() if line.strip()]
        for y, line in enumerate(reversed(lines)):
            for x, letter in enumerate(line):
                if letter not in ". ":
                    boxes.setdefault(letter, set()).add((x, y))
    codes = sorted(boxes)
    shapes = [_from_cells(boxes[code], cell, origin) for code in codes]
    data = {"code": codes, "row": list(range(1, len(codes) + 1))}
    return gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:4326")


def _from_cells(cells: set[tuple[int, int]], cell: float, origin: tuple[float, float]) -> shapely.Geometry:
    lower = np.array(sorted(cells), dtype=float)
    union = shapely.union_all(shapely.box(lower[:, 0], lower[:, 1], lower[:, 0] + 1, lower[:, 1] + 1))
    return shapely.transform(union, lambda xy: xy * cell + origin)


def corner(x: float, y: float, *, cell: float = CELL, origin: tuple[float, float] = ORIGIN) -> tuple[float, float]:
    """Longitude and latitude of a corner of the lattice, counted from the lower left."""
    return origin[0] + x * cell, origin[1] + y * cell


def of_code(grids: gpd.GeoDataFrame, code: str) -> shapely.Geometry:
    """The shape of one grid."""
    return grids.geometry.to_numpy()[grids["code"].tolist().index(code)]


def with_shape(grids: gpd.GeoDataFrame, code: str, shape: shapely.Geometry | None) -> gpd.GeoDataFrame:
    """The same grids, one of them with another shape."""
    shapes = grids.geometry.to_numpy().copy()
    shapes[grids["code"].tolist().index(code)] = shape
    return grids.set_geometry(gpd.GeoSeries(shapes, index=grids.index, crs=grids.crs))


def changed(
    grids: gpd.GeoDataFrame, code: str, change: Callable[[np.ndarray], np.ndarray], *, cell: float = CELL
) -> gpd.GeoDataFrame:
    """The same grids, one of them with its vertices changed; the function sees lattice units and returns them."""
    shape = shapely.transform(of_code(grids, code), lambda xy: change((xy - ORIGIN) / cell) * cell + np.array(ORIGIN))
    return with_shape(grids, code, shape)


def moved_vertex(
    grids: gpd.GeoDataFrame, code: str, at: tuple[float, float], by_metres: tuple[float, float]
) -> gpd.GeoDataFrame:
    """The same grids, one vertex of one of them moved east and north by metres; the neighbours stay."""
    east, north = 111_320 * np.cos(np.radians(ORIGIN[1])) * CELL, 110_960 * CELL

    def change(xy: np.ndarray) -> np.ndarray:
        hit = (xy == at).all(axis=1)
        assert hit.any(), f"grid {code} has no vertex at {at}"
        return np.where(hit[:, None], xy + np.array((by_metres[0] / east, by_metres[1] / north)), xy)

    return changed(grids, code, change)


def nothing() -> gpd.GeoDataFrame:
    """A frame of communities that holds none."""
    return gpd.GeoDataFrame({"code": []}, geometry=[], crs="EPSG:4326")
