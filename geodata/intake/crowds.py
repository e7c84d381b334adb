"""So many duties for one target that they can only be a slip, such as one code filled down a whole column."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from geodata.intake.tenures import Asked, written
from geodata.records import Finding

# Every answer lists all people of a target; no office has so many for one.
MOST_AT_ONCE: Final = 500

_Target = tuple[str, int, str]


def crowd_findings(
    asked: Sequence[Asked], before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> list[Finding]:
    """An error for each target that more than `MOST_AT_ONCE` duties would be in force for at one time.

    Parameters
    ----------
    asked
        Rows of the file; only their targets are looked at.
    before, after
        Duties of these targets as they are stored, and as they would be. More than enough already is no error where
        they become no more.
    """
    rows = {_target(duty.fixed): duty for duty in asked}
    had, has = _periods(before, rows), _periods(after, rows)
    found = []
    for target, periods in has.items():
        if len(periods) > MOST_AT_ONCE:
            most, when = _most(periods)
            if most > max(MOST_AT_ONCE, _most(had.get(target, []))[0]):
                found.append(_crowded(rows[target], most, when))
    return found


def _target(duty: Mapping[str, Any]) -> _Target:
    return duty["target_kind"], duty["target_id"], duty["unit"]


def _periods(
    duties: Iterable[Mapping[str, Any]], targets: Mapping[_Target, Asked]
) -> dict[_Target, list[tuple[int, int]]]:
    periods: dict[_Target, list[tuple[int, int]]] = defaultdict(list)
    for duty in duties:
        target = _target(duty)
        if target in targets:
            periods[target].append((duty["begins"], duty["ends"]))
    return periods


def _most(periods: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """How many periods hold at one time, and since when."""
    steps = sorted(step for begins, ends in periods if begins < ends for step in ((begins, 1), (ends, -1)))
    most = when = now = 0
    for instant, step in steps:
        now += step
        if now > most:
            most, when = now, instant
    return most, when


def _crowded(duty: Asked, most: int, when: int) -> Finding:
    return Finding(
        "error",
        "crowded-target",
        f"{most} duties would be in force for this target on {written(when)}; at most {MOST_AT_ONCE} make sense. Was "
        "one code filled down the column of targets?",
        f"该责任对象在 {written(when)} 将同时有 {most} 条职责（最多 {MOST_AT_ONCE} 条），是否把同一编码填充到了整列？",
        row=duty.row,
        code=duty.label,
        facts={"field": "target", "value": most},
    )
