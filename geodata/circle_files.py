"""Service circles as files: a row per station and band, the largest first, with its shape where the format holds it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from geodata.circles import Circle
from geodata.exchange.pieces import Header, Piece, write_pieces

_COLUMNS: Final = {
    "station": "站点编码",
    "name": "站点名称",
    "category": "类别",
    "lon": "经度",
    "lat": "纬度",
    "minutes": "步行分钟",
    "area_m2": "面积平方米",
    "households": "户数",
    "persons": "人数",
    "cut_off": "到达路网边缘",
    "missed": "图形漏计比例",
    "wrongly_in": "图形多计比例",
    "profile": "步行方式",
}
_TEXTS: Final = frozenset({"station", "name", "category", "profile"})
_DIGITS: Final = 4


def write_circles(circles: Iterable[Circle], path: Path, *, chinese: bool = False) -> int:
    """Write circles as they come, and say how many rows these are.

    Parameters
    ----------
    path
        ``.csv``, ``.xlsx`` or ``.gpkg``; the last with the shapes, EPSG:4326.

    Raises
    ------
    FileError
        The format is none of these, or the file cannot be written.
    """
    headers = [
        Header(name_zh if chinese else name, "text" if name in _TEXTS else "truth" if name == "cut_off" else "number")
        for name, name_zh in _COLUMNS.items()
    ]
    return write_pieces(headers, _pieces(circles), path, shaped=True)


def _pieces(circles: Iterable[Circle]) -> Iterator[Piece]:
    for circle in circles:
        yield Piece(list(_rows(circle)), [band.shape for band in circle.bands])


def _rows(circle: Circle) -> Iterator[list[Any]]:
    station = circle.station
    for band, error in zip(circle.bands, circle.error, strict=True):
        yield [
            station.code,
            station.name,
            station.category,
            station.lon,
            station.lat,
            band.minutes,
            round(band.square_metres),
            round(band.households, 2),
            round(band.persons, 2),
            circle.cut_off,
            None if error.missed is None else round(error.missed, _DIGITS),
            None if error.wrongly_in is None else round(error.wrongly_in, _DIGITS),
            circle.profile.code,
        ]
