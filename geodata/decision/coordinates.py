"""Coordinates pasted as an address: the point, if the text says in which system they are or it does not matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from geodata.address.candidates import Candidate, Reason
from geodata.address.noise import Aside
from geodata.crs import BD09, GCJ02, WGS84, Crs, parse_crs, point_to_wgs84
from geodata.decision.warnings import DATUM_MATTERS, SWAPPED, Warning_, datum_assumed
from geodata.errors import InputError
from geodata.moment import Moment

_USUAL: Final = (WGS84, GCJ02, BD09)
_ASK: Final[dict[str, Any]] = {
    "part": "datum",
    "message": "ask which map the coordinates are from: GPS, AMap or Tencent (GCJ-02), Baidu (BD-09)",
    "message_zh": "请问坐标来自哪里：GPS、高德或腾讯地图（GCJ-02），还是百度地图（BD-09）？",
    "options": [str(crs) for crs in _USUAL],
}


@dataclass(frozen=True, slots=True)
class Placed:
    """What is known of pasted coordinates: a point and the layers in which its grid is sure, or what to ask."""

    status: str
    point: tuple[float, float] | None
    layers: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    ask: dict[str, Any] | None
    warnings: list[Warning_]


def placed(moment: Moment, layers: Sequence[str], coordinates: Aside, datum: Crs | None) -> Placed:
    """The point of coordinates in a text.

    Parameters
    ----------
    datum
        What they are in, unless the text says so itself. Where nobody says, the usual systems are tried: if all put the
        point in the same grid it does not matter, else it must be asked.
    """
    facts = coordinates.facts
    named = facts.get("datum")
    stated = parse_crs(str(named)) if named else datum
    warnings = [SWAPPED] if facts.get("swapped") else []
    candidates = [_candidate(crs, point) for crs in ((stated,) if stated else _USUAL) if (point := _point(facts, crs))]
    if not candidates:
        return Placed("not_found", None, (), (), _ASK, warnings)
    first = candidates[0]
    sure = [layer for layer in layers if len({_owner(moment, layer, one) for one in candidates}) == 1]
    if layers[0] not in sure:
        return Placed("ambiguous", None, (), tuple(candidates), _ASK, [*warnings, DATUM_MATTERS])
    warnings += [datum_assumed(str(WGS84))] if stated is None else []
    status = "found" if any(_owner(moment, layer, first) >= 0 for layer in sure) else "outside"
    return Placed(status, (first.lon, first.lat), tuple(sure), (first,), None, warnings)


def _point(facts: Any, crs: Crs) -> tuple[float, float] | None:
    degrees = (facts.get("lon"), facts.get("lat"))
    x, y = degrees if None not in degrees else (facts["x"], facts["y"])
    try:
        return point_to_wgs84(x, y, crs)
    except InputError:
        return None


def _candidate(crs: Crs, point: tuple[float, float]) -> Candidate:
    lon, lat = point
    return Candidate(
        points=np.array([point]),
        weights=np.ones(1),
        code="",
        text=f"{lon:.6f},{lat:.6f}",
        label=f"{lon:.6f},{lat:.6f}",
        level="point",
        score=1.0,
        exact=True,
        kind="point",
        lon=lon,
        lat=lat,
        reasons=(Reason("datum", {"value": str(crs)}),),
    )


def _owner(moment: Moment, layer: str, candidate: Candidate) -> int:
    return moment.tilings[layer].index.owner(candidate.lon, candidate.lat, moment.active(layer))[0]
