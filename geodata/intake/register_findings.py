"""Stage 4 for addresses: what contradicts itself in a register, with rows and distances.

All of it are warnings: a city cannot wait with a million doors for the few that are wrong, and the look-up says that it
is not sure where one door has two places.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.crs import metres_per_degree
from geodata.intake.address_reading import Doors
from geodata.intake.rows import Records
from geodata.records import Finding

LISTED: Final = 50
"""Findings of one kind that are told each; the others are counted."""

APART_METRES: Final = 50.0
"""One door has one point: what lies farther apart is two."""

MOST_AT_A_POINT: Final = 50
"""More doors than this at one point were put there because nobody knew better."""

OFF_METRES: Final = 300.0
"""A door farther than this from both its neighbours along the road, which lie together, is in the wrong place."""

_SAME_POINT_DEGREES: Final = 1e-6
_TWO_ROADS_SHARE: Final = 0.2

Say = Callable[[int], Finding]


def register_findings(records: Records, doors: Doors) -> list[Finding]:
    """Contradictions among the rows of a file."""
    return [
        *doors_at_two_points(records, doors),
        *many_at_one_point(records, doors),
        *off_their_neighbours(records, doors),
        *unreadable(records, doors),
    ]


def metres_between(here: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from each of some points to another, EPSG:4326, shape (n, 2); true within a thousandth up to 10 km."""
    if not len(here):
        return np.zeros(0)
    per_lon, per_lat = metres_per_degree(float(np.clip(np.median(here[:, 1]), -89, 89)))
    scale = np.cos(np.radians(here[:, 1])) / np.cos(np.radians(np.clip(np.median(here[:, 1]), -89, 89)))
    apart = here - there
    metres: NDArray[np.float64] = np.hypot(apart[:, 0] * per_lon * scale, apart[:, 1] * per_lat)
    return metres


def some_of(positions: Sequence[int], say: Say) -> list[Finding]:
    """A finding for each of the first positions, and one that counts the others."""
    findings = [say(at) for at in positions[:LISTED]]
    rest = len(positions) - len(findings)
    if rest > 0:
        first = findings[0]
        findings.append(
            Finding(
                first.severity,
                first.kind,
                f"{rest:,} more rows have the same fault.",
                f"另有 {rest:,} 行存在同样的问题。",
                facts={"rows": rest},
            )
        )
    return findings


def doors_at_two_points(records: Records, doors: Doors) -> list[Finding]:
    """Rows whose address stands in an earlier row, over `APART_METRES` away; and such as repeat one."""
    order = np.lexsort((doors.at, doors.address))
    first = np.r_[True, np.diff(doors.address[order]) != 0] if len(order) else np.zeros(0, bool)
    head = order[np.flatnonzero(first)[np.cumsum(first) - 1]]
    again, earlier = order[~first], head[~first]
    metres = metres_between(doors.points[again], doors.points[earlier])
    apart = metres > APART_METRES
    other = {int(doors.at[a]): (int(doors.at[e]), float(m)) for a, e, m in zip(again, earlier, metres, strict=True)}
    findings = some_of(
        np.sort(doors.at[again[apart]]).tolist(),
        lambda at: two_points(records, at, f"row {records.rows[other[at][0]]}", f"第 {records.rows[other[at][0]]} 行",
                              other[at][1], int(records.rows[other[at][0]])),
    )  # fmt: skip
    return findings + some_of(
        np.sort(doors.at[again[~apart]]).tolist(), lambda at: _repeated(records, at, other[at][0])
    )


def two_points(
    records: Records, at: int, other: str, other_zh: str, metres: float, other_row: int | None = None
) -> Finding:
    """The warning that a door has two points; the other is a row, or a code of the register."""
    return _warning(
        records,
        at,
        "door-at-two-points",
        f"The same address stands in {other}, {metres:,.0f} m from here: keep the right point.",
        f"与{other_zh}是同一地址，两处相距 {metres:,.0f} 米，请保留正确的坐标。",
        metres=round(metres, 1),
        **({} if other_row is None else {"other_row": other_row}),
    )


def _repeated(records: Records, at: int, earlier: int) -> Finding:
    row = int(records.rows[earlier])
    return _warning(
        records,
        at,
        "repeated-address",
        f"The same address stands in row {row}, at the same place, as another record: one of the two is enough.",
        f"与第 {row} 行是同一地址、同一位置的另一条记录，保留一条即可。",
        other_row=row,
    )


def many_at_one_point(records: Records, doors: Doors) -> list[Finding]:
    """Points at which more than `MOST_AT_A_POINT` different doors lie."""
    if not len(doors.at):
        return []
    cells = np.round(doors.points / _SAME_POINT_DEGREES).astype(np.int64)
    different = np.unique(np.column_stack([cells, doors.door]), axis=0)
    crowded, counts = np.unique(different[:, :2], axis=0, return_counts=True)
    crowded, counts = crowded[counts > MOST_AT_A_POINT], counts[counts > MOST_AT_A_POINT]
    if not len(crowded):
        return []
    first: dict[tuple[int, int], int] = {}
    wanted = {(int(x), int(y)) for x, y in crowded}
    for (x, y), at in zip(cells.tolist(), doors.at.tolist(), strict=True):
        if (x, y) in wanted:
            first.setdefault((x, y), at)
    several = {first[int(x), int(y)]: int(n) for (x, y), n in zip(crowded, counts, strict=True)}

    def said(at: int) -> Finding:
        return _warning(
            records,
            at,
            "many-at-one-point",
            f"{several[at]:,} different doors have this one point, as when only the middle of a street or a district "
            "was known: their grids would be wrong.",
            f"有 {several[at]:,} 个不同门牌共用这一坐标，像是只定位到了街道或区县的中心，网格会因此出错。",
            doors=several[at],
        )

    return some_of(sorted(several), said)


def off_their_neighbours(records: Records, doors: Doors) -> list[Finding]:
    """Doors that lie far from the doors before and after them, though these lie together; and roads that are two."""
    has = np.flatnonzero((doors.road >= 0) & (doors.number > 0))
    # Sides of a road are numbered apart; one point of each number is enough.
    order = has[np.lexsort((doors.at[has], doors.number[has], doors.number[has] % 2, doors.road[has]))]
    side = doors.road[order] * 2 + doors.number[order] % 2
    keep = np.r_[True, (np.diff(side) != 0) | (np.diff(doors.number[order]) != 0)] if len(order) else np.zeros(0, bool)
    order, side = order[keep], side[keep]
    if len(order) < 3:
        return []
    points = doors.points[order]
    step = metres_between(points[:-1], points[1:])
    over = metres_between(points[:-2], points[2:])
    off = (
        (step[:-1] > OFF_METRES)
        & (step[1:] > OFF_METRES)
        & (over < OFF_METRES)
        & (side[:-2] == side[1:-1])
        & (side[1:-1] == side[2:])
    )
    wrong = np.flatnonzero(off) + 1
    roads, sizes = np.unique(doors.road[order], return_counts=True)
    faults = np.bincount(np.searchsorted(roads, doors.road[order[wrong]]), minlength=len(roads))
    two = (faults > 2) & (faults > _TWO_ROADS_SHARE * sizes)
    single = wrong[~np.isin(doors.road[order[wrong]], roads[two])]
    between = {int(doors.at[order[i]]): (float(step[i - 1]), int(doors.at[order[i - 1]])) for i in single}
    findings = some_of(sorted(between), lambda at: _off(records, at, *between[at]))
    starts = {int(doors.at[doors.road == road][0]): int(n) for road, n in zip(roads[two], faults[two], strict=True)}
    return findings + some_of(sorted(starts), lambda at: _two_roads(records, at, starts[at]))


def _off(records: Records, at: int, metres: float, neighbour: int) -> Finding:
    row = int(records.rows[neighbour])
    return _warning(
        records,
        at,
        "off-its-neighbours",
        f"It lies {metres:,.0f} m from the next doors of its road (row {row}), which lie together: check the point.",
        f"该门牌距同路相邻门牌（第 {row} 行）{metres:,.0f} 米，而前后门牌彼此相邻，请核对坐标。",
        metres=round(metres, 1),
        other_row=row,
    )


def _two_roads(records: Records, at: int, count: int) -> Finding:
    return _warning(
        records,
        at,
        "two-roads-of-one-name",
        f"The doors of this road lie in two places, number by number ({count} of them): two roads of one name? State "
        "the district or the street in a column.",
        f"同名道路的门牌交错分布在两处（{count} 个），可能是两条同名道路，请增加区县或街道列加以区分。",
        doors=count,
    )


def unreadable(records: Records, doors: Doors) -> list[Finding]:
    """Texts in which no name or no number is found: a look-up may not end in them."""

    def said(at: int) -> Finding:
        return _warning(
            records,
            at,
            "unreadable-address",
            f"No road or compound with a number is found in “{records.fields['text'][at][:60]}”: it will only be found "
            "as it is written.",
            f"“{records.fields['text'][at][:60]}”中没有读出道路或小区及其号码，只能按原文查到。",
            field="text",
        )

    return some_of(doors.unreadable.tolist(), said)


def _warning(records: Records, at: int, kind: str, message: str, message_zh: str, **facts: Any) -> Finding:
    return Finding(
        "warning",
        kind,
        message,
        message_zh,
        row=int(records.rows[at]),
        code=records.column("code")[at],
        lon=records.fields["lon"][at],
        lat=records.fields["lat"][at],
        facts=facts,
    )
