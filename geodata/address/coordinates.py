"""Coordinates pasted as text: 117.0123,36.6512, 36.65N 117.01E, 东经117°0'44" 北纬36°39'4"."""

import re
from collections.abc import Iterator
from typing import Any

from geodata.address.noise import Aside, aside

CHINA_LON = (73.0, 136.0)
CHINA_LAT = (3.0, 54.0)

_LON_MARKS = frozenset({"东经", "西经", "经度", "longitude", "lng", "lon", "long", "e", "w", "x"})
_LAT_MARKS = frozenset({"北纬", "南纬", "纬度", "latitude", "lat", "n", "s", "y"})
_NEGATIVE = frozenset({"西经", "南纬", "w", "s"})
_DATUMS = (
    ("BD-09", re.compile("bd-?09|百度")),
    ("GCJ-02", re.compile("gcj-?02|高德|腾讯|火星|国测局")),
    ("EPSG:4490", re.compile("cgcs2000|国家2000|天地图")),
    ("EPSG:4326", re.compile("wgs-?84|gps")),
)
_HAS_COORDINATES = re.compile(r"\d[.°度]\s?\d")
_LABEL = (
    r"(?:(?:百度|高德|腾讯|火星|天地图|国家2000|wgs-?84|gcj-?02|bd-?09|cgcs2000|gps)?"
    r"(?:经纬度|坐标|定位|位置|经度纬度)?(?:是|为)?[:=( ]{0,3}+)?"
    r"(?:point ?\()?"
)


def _angle(number: str) -> str:
    return (
        rf"(?:(?<![a-z])(?P<mark{number}>东经|西经|北纬|南纬|经度|纬度|longitude|latitude|long|lng|lon|lat|[ewnsxy])"
        rf"[:= ]{{0,2}}+)?"
        rf"(?P<degrees{number}>(?<![\d.])[-+]?\d{{1,3}}(?:\.\d{{1,15}})?)"
        rf"(?P<arc{number}> ?[°度] ?(?:(?P<minutes{number}>\d{{1,2}}(?:\.\d{{1,9}})?) ?['分] ?"
        rf"(?:(?P<seconds{number}>\d{{1,2}}(?:\.\d{{1,9}})?) ?(?:\"|''|秒))?)?)?"
        rf"(?![\d.])(?(mark{number})|(?: ?(?P<after{number}>[ewns])(?![a-z]))?)"
    )


_OTHER = re.compile(rf"{'|'.join(words.pattern for _, words in _DATUMS)}|坐标系?|[\W_]")
_PAIR = re.compile(rf"{_LABEL}{_angle('1')}[\s,;/&|]{{0,3}}+{_angle('2')}\)?")
_PROJECTED = re.compile(r"(?<![\d.])(?P<x>\d{6,8}\.\d{1,6})[\s,;/]{1,3}+(?P<y>\d{6,8}\.\d{1,6})(?![\d.])")


def find_coordinates(text: str) -> Iterator[Aside]:
    """Pairs of coordinates in a folded text.

    Returns
    -------
    iterator of Aside
        Their facts: ``x`` and ``y``, the two numbers as they stand, degrees or metres; where they can be degrees also
        ``lon``, ``lat``, and ``swapped``, whether latitude stands where longitude was expected; ``datum``, the CRS that
        the words around them name, None if they name none.

    Notes
    -----
    Without marks (E, 北纬, °, lat=) two plain numbers are a pair if both have three decimals, or two and lie in China's
    ranges, or one and there is nothing else: house numbers have none.
    """
    if not _HAS_COORDINATES.search(text):
        return
    for match in _PAIR.finditer(text):
        facts = _degrees(match, alone=not _OTHER.sub("", text[: match.start()] + text[match.end() :]))
        if facts:
            yield aside("coordinates", match, {**facts, "datum": _datum(text)})
    for match in _PROJECTED.finditer(text):
        yield aside("coordinates", match, {"x": float(match["x"]), "y": float(match["y"]), "datum": _datum(text)})


def _datum(text: str) -> str | None:
    return next((crs for crs, words in _DATUMS if words.search(text)), None)


def _degrees(match: re.Match[str], *, alone: bool) -> dict[str, Any]:
    first, second = _value(match, "1"), _value(match, "2")
    axes = _axis(match, "1"), _axis(match, "2")
    if not (any(axes) or match["arc1"] or match["arc2"]) and not _precise(match, first, second, alone=alone):
        return {}
    if not (match["arc1"] or match["arc2"]) and "." not in match["degrees1"] + match["degrees2"]:
        return {}
    if max(abs(first), abs(second)) > 180 or min(abs(first), abs(second)) > 90 or axes[0] == axes[1] != "":
        return {}
    lat_first = axes[0] == "lat" or axes[1] == "lon"
    lon, lat = (second, first) if lat_first else (first, second)
    swapped = _looks_swapped(lon, lat)
    if swapped:
        lon, lat = lat, lon
    return {"x": first, "y": second, "lon": lon, "lat": lat, "swapped": swapped}


def _axis(match: re.Match[str], number: str) -> str:
    marks = {match[f"mark{number}"], match[f"after{number}"]}
    return "lon" if marks & _LON_MARKS else "lat" if marks & _LAT_MARKS else ""


def _value(match: re.Match[str], number: str) -> float:
    value = float(match[f"degrees{number}"])
    part = float(match[f"minutes{number}"] or 0) / 60 + float(match[f"seconds{number}"] or 0) / 3600
    value += -part if value < 0 else part
    return -value if {match[f"mark{number}"], match[f"after{number}"]} & _NEGATIVE else value


def _precise(match: re.Match[str], first: float, second: float, *, alone: bool) -> bool:
    decimals = min(len(match[f"degrees{number}"].partition(".")[2]) for number in "12")
    here = _in_china(first, second) or _in_china(second, first)
    return decimals >= 3 or (here and decimals >= (1 if alone else 2))


def _in_china(lon: float, lat: float) -> bool:
    return CHINA_LON[0] <= lon <= CHINA_LON[1] and CHINA_LAT[0] <= lat <= CHINA_LAT[1]


def _looks_swapped(lon: float, lat: float) -> bool:
    return abs(lat) > 90 or (_in_china(lat, lon) and not _in_china(lon, lat))
