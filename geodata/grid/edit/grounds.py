"""Ground that planners name without drawing it: the block at a place, the surroundings of addresses."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely import Geometry

from geodata.crs import checked_point
from geodata.grid.blocks import LATTICE_METRES, Lines, cut, in_degrees
from geodata.grid.divide import Claims, divided, dividing_lines
from geodata.grid.edit.lines import plane_of
from geodata.grid.edit.refusals import refused
from geodata.grid.edit.rings import Vertex
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import Flags, Numbers, Positions

_SAME_METRES: Final = 0.05


def block_at(tiling: Tiling, key: str, point: Vertex, lines: Iterable[Geometry]) -> Geometry:
    """The block of a grid that a place lies in: the ground between streets and the grid's border.

    Parameters
    ----------
    key
        The grid.
    point
        Longitude and latitude.
    lines
        LineStrings or MultiLineStrings in EPSG:4326 that part blocks, such as streets and walls. Those that end inside
        a block don't part it.

    Returns
    -------
    Geometry
        Polygon, EPSG:4326. Where no line parts the grid, or the part of it that the place is in, that whole part.

    Raises
    ------
    EditRefusedError
        ``outside``: the place is not in the grid.
    CoordinateError
        The place is not on Earth.
    NotKnownError
        There is no such grid.
    """
    shape, place = tiling.shape(key), checked_point(*point)
    if not shapely.covers(shape, shapely.Point(place)):
        text = "This place is not in the grid. Choose one inside it."
        raise refused("outside", text, "该位置不在此网格内，请在网格内选择。", place, [key])
    plane = plane_of(shape)
    flat = plane.forward(np.array([shape], dtype=object))
    drawn = plane.forward(np.array(list(lines), dtype=object))
    near = drawn[shapely.dwithin(drawn, flat[0], LATTICE_METRES)] if len(drawn) else drawn
    blocks, _ = cut(flat, Lines(near, np.ones(len(near), dtype=np.int64)))
    at = plane.forward(np.array([shapely.Point(place)], dtype=object))[0]
    found = blocks[int(np.argmin(shapely.distance(blocks, at)))]
    return in_degrees(np.array([found], dtype=object), plane, np.array([shape], dtype=object))[0]


def cells_of(tiling: Tiling, points: ArrayLike, chosen: ArrayLike) -> Geometry:
    """The ground around chosen addresses: what of their grids is nearer to one of them than to any other address.

    Parameters
    ----------
    points
        Longitude and latitude of all addresses of the grids concerned, shape (n, 2); others do no harm.
    chosen
        Positions of the chosen ones, or a flag for each, shape (n,).

    Returns
    -------
    Geometry
        Polygon or MultiPolygon, EPSG:4326. All of a grid whose addresses are all chosen.

    Raises
    ------
    EditRefusedError
        ``no-addresses`` (none is chosen), ``outside`` (a chosen one is in no grid), ``same-place`` (one that is chosen
        and one that is not are in the same place).
    CoordinateError
        A chosen place is not on Earth.

    Notes
    -----
    Its borders are Voronoi cells' with their zigzag straightened as far as no address changes sides. An address on the
    border of two grids belongs to one of them, see `Tiling.at`.
    """
    places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    flags = np.zeros(len(places), dtype=bool)
    flags[np.asarray(chosen)] = True
    if not flags.any():
        raise refused("no-addresses", "Choose an address or a building first.", "请先选择地址或楼栋。")
    grids: dict[str, list[int]] = {}
    for at in np.flatnonzero(flags).tolist():
        lon, lat = checked_point(*places[at])
        key = tiling.at(lon, lat)
        if key is None:
            text = "One of the chosen addresses is in no grid. Leave it out."
            raise refused("outside", text, "所选地址中有不在任何网格内的，请去掉。", (lon, lat))
        grids.setdefault(key, []).append(at)
    parts = [part for key in sorted(grids) for part in _cells(tiling, key, places, flags)]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _cells(tiling: Tiling, key: str, places: Numbers, flags: Flags) -> list[Geometry]:
    """The ground around the chosen places of one grid."""
    shape = tiling.shape(key)
    west, south, east, north = shapely.bounds(shape)
    lon, lat = places.T
    near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    shapely.prepare(shape)
    near = near[shapely.intersects_xy(shape, places[near])]
    if flags[near].all():
        return list(shapely.get_parts(shape))
    plane = plane_of(shape)
    xy = (places[near] - (plane.lon, plane.lat)) * (plane.metres_east, plane.metres_north)
    owner = np.where(flags[near], 0, 1)
    _refuse_same_place(xy, owner, places[near], key)
    found = []
    for part in shapely.get_parts(plane.forward(np.array([shape], dtype=object))):
        inside = shapely.dwithin(part, shapely.points(xy), LATTICE_METRES)
        if (owner[inside] == 0).any():
            found += _chosen_blocks(part, xy[inside], owner[inside])
    return list(in_degrees(np.array(found, dtype=object), plane, np.array([shape], dtype=object)))


def _chosen_blocks(part: Geometry, xy: Numbers, owner: Positions) -> list[Geometry]:
    """The pieces of a polygon in metres that have the places of owner 0, or are nearest to them."""
    if (owner == 0).all():
        return [part]
    points = shapely.points(xy)
    claims = Claims(points, owner, np.zeros(len(points), dtype=bool))
    shapes, _ = divided(part, claims)
    lines = dividing_lines(part, shapes, claims)
    blocks, _ = cut(np.array([part], dtype=object), Lines(lines, np.ones(len(lines), dtype=np.int64)))
    tree = shapely.STRtree(points)
    chosen = []
    for block in blocks:
        mine = owner[tree.query(block, predicate="intersects")]
        nearest = owner[tree.nearest(shapely.point_on_surface(block))]
        if (mine == 0).sum() * 2 > len(mine) if len(mine) else nearest == 0:
            chosen.append(block)
    return chosen


def _refuse_same_place(xy: Numbers, owner: Positions, places: Numbers, key: str) -> None:
    points = shapely.points(xy)
    first, second = shapely.STRtree(points).query(points, predicate="dwithin", distance=_SAME_METRES)
    mixed = first[owner[first] != owner[second]]
    if len(mixed):
        lon, lat = places[int(mixed.min())].tolist()
        text = "Chosen addresses lie in the same place as others of the grid. Choose all addresses of a building."
        text_zh = "所选地址与该网格的其他地址位置相同，无法分开。请选择整栋楼的全部地址。"
        raise refused("same-place", text, text_zh, (lon, lat), [key])
