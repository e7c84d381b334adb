"""Stage 4 for buildings: points that lie far from their own outlines, in metres."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely

from geodata.crs import metres_per_degree
from geodata.intake.rows import Records
from geodata.records import Finding

FAR_METRES: Final = 100.0
LISTED: Final = 50


def far_from_outline(records: Records, stored: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """A warning for each building whose point lies more than `FAR_METRES` from its outline; past `LISTED` a count.

    Parameters
    ----------
    records
        Placed, with sound outlines or none; what the file does not give is taken from what is stored.
    stored
        What is in force: ``code lon lat wkb`` (EPSG:4326) and more.
    """
    known = {row["code"]: row for row in stored}
    places = np.flatnonzero(records.sound).tolist()
    outlines, points = _outlines(records, known, places), _points(records, known, places)
    both = ~(shapely.is_missing(outlines) | shapely.is_missing(points))
    apart = [at for at in np.flatnonzero(both).tolist() if not shapely.intersects(outlines[at], points[at])]
    metres = {at: _metres(points[at], outlines[at]) for at in apart}
    far = [at for at in apart if metres[at] > FAR_METRES]
    findings = [_far(records, places[at], points[at], metres[at]) for at in far[:LISTED]]
    return [*findings, _more(len(far) - LISTED)] if len(far) > LISTED else findings


def _outlines(records: Records, known: Mapping[str, Mapping[str, Any]], places: Sequence[int]) -> Any:
    if records.outlines is not None:
        return records.outlines[places]
    codes = records.column("code")
    return shapely.from_wkb(np.array([known.get(codes[at], {}).get("wkb") for at in places], dtype=object))


def _points(records: Records, known: Mapping[str, Mapping[str, Any]], places: Sequence[int]) -> Any:
    if records.geometry is not None:
        return records.geometry[places]
    codes = records.column("code")
    rows = [known.get(codes[at]) for at in places]
    return np.array([None if row is None else shapely.Point(row["lon"], row["lat"]) for row in rows], dtype=object)


def _metres(point: Any, outline: Any) -> float:
    """Distance in the plane at the point: true within 0.1 % up to 50 km."""
    scale = np.array(metres_per_degree(point.y))
    flat = shapely.transform([point, outline], lambda degrees: (degrees - [point.x, point.y]) * scale)
    return float(shapely.distance(*flat))


def _far(records: Records, at: int, point: Any, metres: float) -> Finding:
    code = records.column("code")[at]
    away, away_zh = (f"{metres:.0f} m", f"{metres:.0f} 米")
    if metres >= 10_000:
        away, away_zh = f"{metres / 1000:.0f} km", f"{metres / 1000:.0f} 公里"
    return Finding(
        "warning",
        "far-from-outline",
        f"The point of building {code} lies {away} from its outline: one of the two is another building's, or in "
        "another datum.",
        f"楼栋 {code} 的坐标点距其轮廓 {away_zh}：其中之一可能属于别的楼栋，或坐标系不同，请核对。",
        row=int(records.rows[at]),
        code=code,
        lon=float(point.x),
        lat=float(point.y),
        facts={"field": "lon", "metres": round(metres)},
    )


def _more(count: int) -> Finding:
    return Finding(
        "warning",
        "far-from-outline",
        f"{count} more points of buildings lie more than {FAR_METRES:.0f} m from their outlines.",
        f"另有 {count} 栋楼的坐标点距其轮廓超过 {FAR_METRES:.0f} 米。",
        facts={"rows": count},
    )
