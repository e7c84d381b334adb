"""Stage 4 for compounds, buildings and places: two of one name side by side, and buildings far from their compound.

Warnings all: a look-up by such a name asks which of the two is meant, where one record would have done.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.intake.named import plain_name
from geodata.intake.register_findings import metres_between, some_of
from geodata.intake.rows import Records
from geodata.records import Finding

NEAR_METRES: Final = {"compounds": 300.0, "places": 100.0}
"""Two of one name that lie nearer than this are probably one."""

FAR_METRES: Final = 1_500.0
"""A building farther than this from the middle of its compound's buildings is in another one."""

_LEAST: Final = 3

_METRES_PER_DEGREE: Final = 111_320.0

_Key = tuple[Any, ...]
_Point = tuple[float, float]
_Said = tuple[str, str, int | None]
"""Where the other one stands, in English and Chinese, and its row in the file."""


def namesake_findings(kind: str, records: Records, stored: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """What contradicts itself among compounds, buildings or places; nothing for other kinds.

    Parameters
    ----------
    records
        Placed, with codes, also for the compounds that they name.
    stored
        In force, of which those count that the file does not hold; all of them, or few.
    """
    if kind not in ("compounds", "buildings", "places") or records.geometry is None:
        return []
    points = _points(records)
    first = _First(kind)
    codes = set(records.column("code"))
    for row in stored:
        if row["code"] not in codes:
            stored_as = f"the register as {row['code']}", f"数据库中的 {row['code']}", None
            first.met((plain_name(row["name"]), row.get(_BESIDES[kind]) or ""), _point_of(row), stored_as)
    twins: dict[int, _Said] = {}
    names, besides = records.column("name"), records.column(_BESIDES[kind])
    for at in np.flatnonzero(records.sound).tolist():
        if names[at] and (kind != "buildings" or besides[at]):
            row_number = int(records.rows[at])
            lon, lat = points[at].tolist()
            said = f"row {row_number}", f"第 {row_number} 行", row_number
            other = first.met((plain_name(names[at]), besides[at] or ""), (lon, lat), said)
            if other is not None:
                twins[at] = other
    findings = some_of(sorted(twins), lambda at: _same_name(records, at, *twins[at]))
    return findings + (_far_from_compound(records, points) if kind == "buildings" else [])


class _First:
    """The first of each name in each place, so that a file of one name is read in one go."""

    def __init__(self, kind: str) -> None:
        self._metres = NEAR_METRES.get(kind)
        self._known: dict[_Key, tuple[_Point, _Said]] = {}

    def met(self, name: _Key, point: _Point, said: _Said) -> _Said | None:
        """What was said of one of this name that is there already; from now on this one is, if there is none.

        Notes
        -----
        Two buildings of one name in one compound are one wherever they lie; what has no place is nobody's neighbour.
        """
        if self._metres is None:
            known = self._known.setdefault(name, (point, said))
            return None if known[1] is said else known[1]
        if any(math.isnan(degrees) for degrees in point):
            return None
        step = self._metres / _METRES_PER_DEGREE
        squeeze = max(math.cos(math.radians(point[1])), 0.01)
        x, y = int(point[0] * squeeze // step), int(point[1] // step)
        for east in (x - 1, x, x + 1):
            for north in (y - 1, y, y + 1):
                near = self._known.get((*name, east, north))
                if near is not None and _apart(near[0], point, squeeze) < self._metres:
                    return near[1]
        self._known.setdefault((*name, x, y), (point, said))
        return None


def _apart(here: _Point, there: _Point, squeeze: float) -> float:
    """Metres between two points that lie side by side."""
    return math.hypot((here[0] - there[0]) * squeeze, here[1] - there[1]) * _METRES_PER_DEGREE


def _points(records: Records) -> NDArray[np.float64]:
    """Lon and lat of each record, not a number where it has none; inside its shape where that is a polygon."""
    inside = shapely.point_on_surface(records.geometry)
    return np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])


_BESIDES: Final = {"compounds": "", "buildings": "compound", "places": "category"}
"""What tells two of one name apart besides where they lie."""


def _point_of(row: Mapping[str, Any]) -> _Point:
    if row.get("lon") is None and row.get("wkb") is not None:
        inside = shapely.point_on_surface(shapely.from_wkb(row["wkb"]))
        return float(inside.x), float(inside.y)
    lon, lat = row.get("lon"), row.get("lat")
    return math.nan if lon is None else lon, math.nan if lat is None else lat


def _far_from_compound(records: Records, points: NDArray[np.float64]) -> list[Finding]:
    members: dict[str, list[int]] = defaultdict(list)
    compounds = records.column("compound")
    for at in np.flatnonzero(records.sound & ~np.isnan(points).any(axis=1)).tolist():
        if compounds[at]:
            members[compounds[at]].append(at)
    far: dict[int, float] = {}
    for rows in members.values():
        if len(rows) >= _LEAST:
            middle = np.median(points[rows], axis=0)
            metres = metres_between(points[rows], np.broadcast_to(middle, (len(rows), 2)))
            far |= {rows[at]: float(metres[at]) for at in np.flatnonzero(metres > FAR_METRES).tolist()}
    return some_of(sorted(far), lambda at: _far(records, at, compounds[at], far[at]))


def _same_name(records: Records, at: int, other: str, other_zh: str, row: int | None) -> Finding:
    name = records.column("name")[at][:40]
    return Finding(
        "warning",
        "same-name-near",
        f"“{name}” stands in {other} too: one record is enough; if they are two, a look-up will ask which is meant.",
        f"“{name}”与{other_zh}同名且在同一处：如为同一对象请只留一条，否则查询时会要求确认是哪一个。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "name", **({} if row is None else {"other_row": row})},
    )


def _far(records: Records, at: int, compound: str, metres: float) -> Finding:
    return Finding(
        "warning",
        "far-from-compound",
        f"It lies {metres:,.0f} m from the middle of the buildings of compound {compound}: its point or compound is "
        "wrong.",
        f"距小区 {compound} 各楼栋的中心 {metres:,.0f} 米，请核对坐标或所属小区。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "compound", "metres": round(metres, 1)},
    )
