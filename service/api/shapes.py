"""Outlines of grids for lists and maps: chosen by a box, simplified together so that neighbours still meet."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geodata.moment import Moment
from geodata.published.rows import Tiling
from geodata.records import GridVersion

Geometries = NDArray[np.object_]

# About 3 m: less than a pixel at the zoom levels of a whole street or district.
MAP_TOLERANCE_DEGREES = 3e-5
# 0.1 m, a tenth of a pixel at the deepest zoom.
MAP_DECIMALS = 6
_KEPT = 2
_FEATURES_AT_ONCE = 500

_lock = Lock()
_boxes: WeakKeyDictionary[Tiling, NDArray[np.float64]] = WeakKeyDictionary()
_simplified: WeakKeyDictionary[Tiling, OrderedDict[bytes, Geometries]] = WeakKeyDictionary()


def exact_shapes(moment: Moment, grids: Sequence[GridVersion]) -> Geometries:
    """Outlines of grids with the doubles that are stored, EPSG:4326."""
    shapes = np.empty(len(grids), dtype=object)
    for place, grid in enumerate(grids):
        shapes[place] = moment.geometry(grid)
    return shapes


def map_shapes(moment: Moment, layer: str) -> Callable[[Sequence[GridVersion]], Geometries]:
    """What gives outlines of grids, simplified by about 3 m and rounded to 0.1 m for drawing, EPSG:4326.

    Notes
    -----
    All grids in force are simplified together (a "coverage" in the words of GEOS), so that shared edges stay shared;
    the result is kept until other grids are in force.
    """
    tiling = moment.tilings[layer]
    active = np.flatnonzero(moment.active(layer))
    key = hashlib.blake2b(active.tobytes(), digest_size=16).digest()
    # Who finds them made must not wait for somebody else's.
    shapes = _simplified[tiling].get(key) if tiling in _simplified else None
    if shapes is None:
        with _lock:
            kept = _simplified.setdefault(tiling, OrderedDict())
            if key not in kept:
                kept[key] = _simplify(exact_shapes(moment, [tiling.versions[place] for place in active.tolist()]))
                while len(kept) > _KEPT:
                    kept.popitem(last=False)
            shapes = kept[key]
    simple = shapes

    def chosen(grids: Sequence[GridVersion]) -> Geometries:
        of_grids: Geometries = simple[np.searchsorted(active, [grid.position for grid in grids])]
        return of_grids

    return chosen


def _simplify(shapes: Geometries) -> Geometries:
    if len(shapes) == 0:
        return shapes
    simple = shapely.coverage_simplify(shapes, MAP_TOLERANCE_DEGREES)
    rounded: Geometries = shapely.transform(simple, lambda vertices: np.round(vertices, MAP_DECIMALS))
    return rounded


def in_box(
    moment: Moment, layer: str, grids: Sequence[GridVersion], box: tuple[float, float, float, float]
) -> list[GridVersion]:
    """Those grids whose outline meets a box of west, south, east, north in EPSG:4326 degrees; touching counts."""
    west, south, east, north = box
    bounds = _bounds(moment, layer)
    near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    # Most of those near lie in the box whole: only for the others the outline itself must be looked at.
    whole = (bounds[:, 0] >= west) & (bounds[:, 2] <= east) & (bounds[:, 1] >= south) & (bounds[:, 3] <= north)
    window = shapely.box(west, south, east, north)
    return [
        grid
        for grid in grids
        if whole[grid.position] or (near[grid.position] and moment.geometry(grid).intersects(window))
    ]


def _bounds(moment: Moment, layer: str) -> NDArray[np.float64]:
    tiling = moment.tilings[layer]
    with _lock:
        if tiling not in _boxes:
            shapes = exact_shapes(moment, tiling.versions)
            _boxes[tiling] = shapely.bounds(shapes) if len(shapes) else np.empty((0, 4))
        return _boxes[tiling]


def feature_collection(
    grids: Sequence[GridVersion],
    shapes_of: Callable[[Sequence[GridVersion]], Geometries],
    properties_of: Callable[[GridVersion], dict[str, Any]],
    members: dict[str, Any],
) -> Iterator[bytes]:
    """A GeoJSON FeatureCollection (RFC 7946), made piece by piece, so that its size does not matter.

    Parameters
    ----------
    grids
        One feature each.
    shapes_of
        Gives outlines of some of them, EPSG:4326.
    properties_of
        Gives what a feature says of its grid; ``code`` is its id.
    members
        Further members of the collection.
    """
    head = orjson.dumps({"type": "FeatureCollection", **members})[:-1]
    yield head + b',"features":['
    for start in range(0, len(grids), _FEATURES_AT_ONCE):
        some = grids[start : start + _FEATURES_AT_ONCE]
        outlines = shapely.to_geojson(shapes_of(some))
        piece = b",".join(_feature(outline, properties_of(grid)) for outline, grid in zip(outlines, some, strict=True))
        yield b"," + piece if start else piece
    yield b"]}"


def feature(shape: shapely.Geometry, properties: dict[str, Any], members: dict[str, Any]) -> bytes:
    """One GeoJSON Feature."""
    return orjson.dumps(members)[:-1] + b"," + _feature(shapely.to_geojson(shape), properties)[1:]


def _feature(outline: str, properties: dict[str, Any]) -> bytes:
    return b'{"type":"Feature","id":%s,"properties":%s,"geometry":%s}' % (
        orjson.dumps(properties["code"]),
        orjson.dumps(properties),
        outline.encode(),
    )
