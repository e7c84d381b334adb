"""Reference systems: the only file that turns one kind of coordinate into another.

Coordinates are (lon, lat) or (easting, northing), always in that order, whatever order the definition of a system has.
What cannot be placed on Earth becomes NaN in arrays, None among geometries and a `CoordinateError` for a single point.
Nothing here reads a file that a text names or opens the network.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj.exceptions import CRSError as ProjCrsError
from pyproj.exceptions import ProjError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

from geodata import datums
from geodata.errors import CoordinateError, CrsError
from geodata.metres import LocalMetres, metres_per_degree
from geodata.zones import fitting_code, zone_of

__all__ = [
    "BD09",
    "CGCS2000",
    "GCJ02",
    "WGS84",
    "Crs",
    "LocalMetres",
    "checked_point",
    "crs_from_wkt",
    "from_wgs84",
    "geometries_to_wgs84",
    "metres_per_degree",
    "parse_crs",
    "point_to_wgs84",
    "to_wgs84",
]

Floats = NDArray[np.float64]
CrsKind = Literal["wgs84", "epsg", "gcj02", "bd09", "wkt"]

ACCEPTED: Final = "EPSG:4326, EPSG:4490 (CGCS2000), any other EPSG code such as EPSG:4547, GCJ-02, BD-09"
_ACCEPTED_ZH: Final = "EPSG:4326、EPSG:4490（CGCS2000）、其他 EPSG 代码（如 EPSG:4547）、GCJ-02、BD-09"
LONGEST_NAME: Final = 64
LONGEST_WKT: Final = 20_000
# Units of a projected system; the way back through an old datum may differ by metres.
_ASTRAY: Final = 1_000.0


@dataclass(frozen=True, slots=True)
class Crs:
    """A reference system that coordinates can be given in.

    Parameters
    ----------
    name
        What users read: ``EPSG:4326``, ``GCJ-02``, ``BD-09``, ``EPSG:n``, or the name inside a file's own definition.
    kind
        ``wgs84`` (EPSG:4326, nothing to do), ``epsg``, ``gcj02``, ``bd09``, or ``wkt`` (a file's own definition that
        has no EPSG code, as city plans often have).
    definition
        The well-known text where ``kind`` is ``wkt``, else empty.
    """

    name: str
    kind: CrsKind
    definition: str = ""

    def __str__(self) -> str:
        return self.name


WGS84: Final = Crs("EPSG:4326", "wgs84")
CGCS2000: Final = Crs("EPSG:4490", "epsg")
GCJ02: Final = Crs("GCJ-02", "gcj02")
BD09: Final = Crs("BD-09", "bd09")

_NAMES: Final = {
    "WGS84": WGS84,
    "CRS84": WGS84,
    "OGC:CRS84": WGS84,
    "URN:OGC:DEF:CRS:OGC:1.3:CRS84": WGS84,
    "URN:OGC:DEF:CRS:OGC::CRS84": WGS84,
    "CGCS2000": CGCS2000,
    "GCJ02": GCJ02,
    "BD09": BD09,
    "BD09LL": BD09,
}
_EPSG = re.compile(r"(?:EPSG:{1,2}|URN:OGC:DEF:CRS:EPSG:[0-9.]{0,8}:)?([0-9]{4,6})")
# A definition may make PROJ open a grid file that it names; a file that users hand in must not choose what is opened.
_REACHES_OUT = re.compile(r"nadgrids|geoidgrids|PARAMETERFILE|EXTENSION\s*\[|\bproj=|@", re.IGNORECASE)


def parse_crs(text: str | int) -> Crs:
    """Reference system that a short name means.

    Parameters
    ----------
    text
        ``EPSG:4326``, ``4490``, ``epsg:4547``, ``GCJ-02``, ``gcj02``, ``BD-09``, ``WGS84``, ``CGCS2000``, ``OGC:CRS84``
        or ``urn:ogc:def:crs:EPSG::n``. Case, blanks, hyphens and full-width letters don't matter.

    Raises
    ------
    CrsError
        Anything else: an unknown code, a system without horizontal coordinates (heights, geocentric), well-known text,
        a PROJ string or pipeline, a path, a URL. None of these is opened or interpreted.
    """
    given = str(text)
    if isinstance(text, bool) or len(given) > LONGEST_NAME:
        raise _unknown(given)
    plain = re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", given)).upper()
    known = _NAMES.get(plain) or _NAMES.get(plain.replace("-", ""))
    if known is not None:
        return known
    match = _EPSG.fullmatch(plain)
    if match is None:
        raise _unknown(given)
    return _epsg(int(match[1]), given)


def crs_from_wkt(wkt: str) -> Crs:
    """Reference system of a file's own definition, as its EPSG code where it has one.

    Parameters
    ----------
    wkt
        Well-known text from a ``.prj`` or a GeoPackage, or a short name as `parse_crs` takes.

    Raises
    ------
    CrsError
        The text is too long, no horizontal system, or names files that PROJ would have to open.
    """
    if len(wkt) <= LONGEST_NAME and "[" not in wkt:
        return parse_crs(wkt)
    if len(wkt) > LONGEST_WKT or _REACHES_OUT.search(wkt):
        raise _unknown(wkt)
    try:
        known = pyproj.CRS.from_wkt(wkt)
        code = known.to_epsg(min_confidence=70)
    except (ProjCrsError, ProjError) as error:
        raise _unknown(wkt) from error
    if code is not None:
        return _epsg(code, wkt)
    _refuse_unless_horizontal(known, wkt)
    return Crs(known.name[:LONGEST_NAME], "wkt", wkt)


def checked_point(lon: float, lat: float) -> tuple[float, float]:
    """Point as two floats, sure to lie on Earth.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326.

    Raises
    ------
    CoordinateError
        NaN, infinite, no number, or outside [-180, 180] × [-90, 90]; says so when exchanging the two would help.
    """
    try:
        east, north = float(lon), float(lat)
    except (TypeError, ValueError, OverflowError) as error:
        raise CoordinateError("lon and lat must be numbers.", "经度和纬度必须是数字。") from error
    if abs(east) <= 180 and abs(north) <= 90:
        return east, north
    if not (math.isfinite(east) and math.isfinite(north)):
        raise CoordinateError("lon and lat must be finite numbers.", "经度和纬度必须是有限的数字。")
    hint, hint_zh = "", ""
    if abs(east) <= 90 and abs(north) <= 180:
        hint, hint_zh = " They look exchanged: longitude comes first.", "两者似乎颠倒了：经度在前。"
    raise CoordinateError(
        f"({east:g}, {north:g}) is not on Earth: lon is within -180 and 180, lat within -90 and 90.{hint}",
        f"（{east:g}，{north:g}）不在地球上：经度在 -180 到 180 之间，纬度在 -90 到 90 之间。{hint_zh}",
        lon=east,
        lat=north,
    )


def point_to_wgs84(x: float, y: float, crs: Crs) -> tuple[float, float]:
    """One point in EPSG:4326 degrees (lon, lat).

    Parameters
    ----------
    x, y
        Longitude and latitude in degrees, or easting and northing in the unit of `crs`.

    Raises
    ------
    CoordinateError
        No number, or no place on Earth in that system; names the Gauss-Krüger system that fits where the zone number
        in the easting tells it.
    """
    if crs.kind != "epsg" and crs.kind != "wkt":
        x, y = checked_point(x, y)
        if crs.kind == "wgs84":
            return x, y
    try:
        east, north = float(x), float(y)
    except (TypeError, ValueError, OverflowError) as error:
        raise CoordinateError("The coordinates must be numbers.", "坐标必须是数字。") from error
    lons, lats = to_wgs84([east], [north], crs)
    if math.isnan(lons[0]):
        raise _no_place(east, north, crs)
    return float(lons[0]), float(lats[0])


def to_wgs84(xs: ArrayLike, ys: ArrayLike, crs: Crs) -> tuple[Floats, Floats]:
    """Coordinates in EPSG:4326 degrees, as two new arrays (lons, lats).

    Parameters
    ----------
    xs, ys
        Longitudes and latitudes in degrees or eastings and northings, of one shape.

    Notes
    -----
    A coordinate that is not finite or has no place on Earth becomes NaN in both arrays, and so does an easting with
    another zone's number in one of China's Gauss-Krüger systems (see `zones.py`). EPSG:4326 and EPSG:4490 keep
    every bit. Datum shifts of older systems (Beijing 1954, Xian 1980) are the best that PROJ knows without the
    network: a few metres.
    """
    east, north = np.array(xs, dtype=np.float64), np.array(ys, dtype=np.float64)
    if crs.kind == "gcj02" or crs.kind == "bd09":
        _blank_outside_world(east, north)
        east, north = (datums.gcj02_to_wgs84 if crs.kind == "gcj02" else datums.bd09_to_wgs84)(east, north)
    elif crs.kind != "wgs84":
        _blank_other_zones(east, crs)
        east, north = _transformed(east, north, crs, "FORWARD")
    _blank_outside_world(east, north)
    return east, north


def from_wgs84(lons: ArrayLike, lats: ArrayLike, crs: Crs) -> tuple[Floats, Floats]:
    """Coordinates of EPSG:4326 points in another system, as two new arrays (xs, ys).

    Parameters
    ----------
    lons, lats
        Degrees, of one shape.

    Notes
    -----
    NaN where the point is not on Earth or the system does not reach it.
    """
    east, north = np.array(lons, dtype=np.float64), np.array(lats, dtype=np.float64)
    _blank_outside_world(east, north)
    if crs.kind == "gcj02":
        return datums.wgs84_to_gcj02(east, north)
    if crs.kind == "bd09":
        return datums.wgs84_to_bd09(east, north)
    return (east, north) if crs.kind == "wgs84" else _transformed(east, north, crs, "INVERSE")


def geometries_to_wgs84(geometries: ArrayLike, crs: Crs) -> NDArray[np.object_]:
    """Geometries in EPSG:4326, two-dimensional: heights and measures are dropped.

    Parameters
    ----------
    geometries
        Shapely geometries or None, any shape.

    Notes
    -----
    None and empty geometries stay so. A geometry with any vertex that has no place on Earth becomes None: compare with
    the input to name it. Validity is not touched. A vertex shared by two geometries stays shared.
    """
    flat = np.asarray(shapely.force_2d(np.asarray(geometries, dtype=object)), dtype=object)
    if crs.kind == "wgs84":
        moved = flat
        off = _geometries_off_world(flat)
    else:

        def move(points: Floats) -> Floats:
            return np.column_stack(to_wgs84(points[:, 0], points[:, 1], crs))

        moved = np.asarray(shapely.transform(flat, move), dtype=object)
        off = _geometries_off_world(moved)
    if off.any():
        moved = moved.copy()
        moved[off] = None
    return moved


def _epsg(code: int, given: str) -> Crs:
    if code == 4326:
        return WGS84
    try:
        known = _definition(code)
    except (ProjCrsError, ProjError) as error:
        raise _unknown(given) from error
    _refuse_unless_horizontal(known, given)
    return Crs(f"EPSG:{code}", "epsg")


@lru_cache(maxsize=512)
def _definition(code: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(code)


def _refuse_unless_horizontal(known: pyproj.CRS, given: str) -> None:
    if not (known.is_geographic or known.is_projected):
        raise _unknown(given)


def _unknown(given: str) -> CrsError:
    shown = "".join(c if c.isprintable() else "�" for c in given[:60]) + ("…" if len(given) > 60 else "")
    return CrsError(
        f"“{shown}” is not a reference system known here. Accepted are: {ACCEPTED}.",
        f"无法识别坐标系“{shown}”。可用：{_ACCEPTED_ZH}。",
        given=shown,
        accepted=ACCEPTED,
    )


@lru_cache(maxsize=128)
def _is_geographic(crs: Crs) -> bool:
    return bool((pyproj.CRS.from_wkt(crs.definition) if crs.kind == "wkt" else _definition(_code(crs))).is_geographic)


@lru_cache(maxsize=128)
def _transformer(crs: Crs) -> pyproj.Transformer:
    set_network_enabled(False)
    source = pyproj.CRS.from_wkt(crs.definition) if crs.kind == "wkt" else _definition(_code(crs))
    return pyproj.Transformer.from_crs(source.to_2d(), "EPSG:4326", always_xy=True)


def _transformed(
    east: Floats, north: Floats, crs: Crs, direction: Literal["FORWARD", "INVERSE"]
) -> tuple[Floats, Floats]:
    if crs == CGCS2000:
        return east, north
    transformer = _transformer(crs)
    xs, ys = transformer.transform(east, north, direction=direction)
    xs, ys = np.asarray(xs, dtype=np.float64), np.asarray(ys, dtype=np.float64)
    lost = ~(np.isfinite(xs) & np.isfinite(ys))
    if direction == "FORWARD" and not _is_geographic(crs):
        # Eastings beyond the world wrap around it in some projections: such a place does not lead back.
        back_east, back_north = transformer.transform(xs, ys, direction="INVERSE")
        with np.errstate(invalid="ignore"):
            lost |= ~((np.abs(back_east - east) < _ASTRAY) & (np.abs(back_north - north) < _ASTRAY))
    xs[lost] = ys[lost] = np.nan
    return xs, ys


def _blank_outside_world(lons: Floats, lats: Floats) -> None:
    off = ~((np.abs(lons) <= 180) & (np.abs(lats) <= 90))
    lons[off] = lats[off] = np.nan


def _geometries_off_world(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    flat = geometries.ravel()
    points, owners = shapely.get_coordinates(flat, return_index=True)
    off = ~((np.abs(points[:, 0]) <= 180) & (np.abs(points[:, 1]) <= 90))
    result = np.zeros(flat.size, dtype=bool)
    result[owners[off]] = True
    return result.reshape(geometries.shape)


def _code(crs: Crs) -> int:
    return int(crs.name[5:]) if crs.kind == "epsg" else 0


def _blank_other_zones(east: Floats, crs: Crs) -> None:
    """Make NaN of eastings that carry another zone's number: far along the parallel they would still be a place."""
    zone = zone_of(_code(crs))
    if zone is not None:
        east[np.floor(east / 1_000_000) != zone.million] = np.nan


def _no_place(x: float, y: float, crs: Crs) -> CoordinateError:
    code = fitting_code(x, _code(crs))
    fitting = f"EPSG:{code}" if code is not None else None
    hint = f" Its easting fits {fitting}." if fitting else ""
    hint_zh = f"其横坐标符合 {fitting}。" if fitting else ""
    return CoordinateError(
        f"({x:.12g}, {y:.12g}) has no place on Earth in {crs.name}.{hint}",
        f"坐标（{x:.12g}，{y:.12g}）在 {crs.name} 中没有对应的位置。{hint_zh}",
        crs=crs.name,
        fitting=fitting,
    )
