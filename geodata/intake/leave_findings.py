"""Stage 5 for leave: what cannot be, or needs a second look, in words."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise, takewhile
from typing import Any

from psycopg import Connection

from geodata.intake.tenures import Asked, begins_of, written, written_end
from geodata.intake.wording import Names, local_time, named
from geodata.people.roster import names_of
from geodata.records import FOREVER_TO, Finding


def stand_in_findings(
    connection: Connection[Any], asked: Sequence[Asked], after: Sequence[Mapping[str, Any]]
) -> list[Finding]:
    """Errors for stand-ins who are away themselves; warnings for those who stand in for several at once.

    Notes
    -----
    Looked at from both sides: a leave of somebody who stands in for another is as wrong as naming somebody on leave.
    """
    rows = {leave.key: leave for leave in asked}
    by_holder: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    by_stand_in: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for leave in after:
        by_holder[leave["holder_id"]].append(leave)
        if leave["stand_in_id"] is not None:
            by_stand_in[leave["stand_in_id"]].append(leave)
    found: list[tuple[bool, Mapping[str, Any], Mapping[str, Any]]] = []
    for stand_in, leaves in by_stand_in.items():
        own = sorted(by_holder.get(stand_in, ()), key=begins_of)
        for leave in leaves:
            found += [(True, leave, one) for one in _meeting(leave, own)]
        found += [
            (False, later, leave)
            for leave, later in pairwise(sorted(leaves, key=begins_of))
            if _meet(leave, later) and leave["holder_id"] != later["holder_id"]
        ]
    found = [one for one in found if one[1]["holder_id"] in rows or one[2]["holder_id"] in rows]
    people = {row[name] for _, *pair in found for row in pair for name in ("holder_id", "stand_in_id")} - {None}
    names = names_of(connection, {("holder", person) for person in people}) if people else {}
    return [
        (_away_too if error else _twice)(leave, other, names, rows.get(leave["holder_id"]) or rows[other["holder_id"]])
        for error, leave, other in found
    ]


def _meeting(leave: Mapping[str, Any], leaves: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Those of one person's leaves, in order and one after the other, that meet a leave."""
    first = bisect_right(leaves, leave["begins"], key=begins_of)
    yield from takewhile(partial(_meet, leave), leaves[first:])
    if first and _meet(leave, leaves[first - 1]):
        yield leaves[first - 1]


def _meet(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one["begins"] < other["ends"] and other["begins"] < one["ends"])


def _away_too(leave: Mapping[str, Any], own: Mapping[str, Any], names: Names, asked: Asked) -> Finding:
    who, away = (named(names, "holder", leave[name]).words for name in ("stand_in_id", "holder_id"))
    begins, ends = max(leave["begins"], own["begins"]), min(leave["ends"], own["ends"])
    return Finding(
        "error",
        "stand-in-on-leave",
        f"{who} is to stand in for {away}, but is on leave from {written(begins)}{_until(ends)} too. Name somebody "
        "else for that time.",
        f"{who} 是 {away} 的替补，但 {written(begins)} 起{_until_zh(ends)}也在请假，请另行指定替补人员。",
        row=asked.row,
        code=asked.label,
        facts={"field": "stand_in", "from": local_time(begins), "to": local_time(ends)},
    )


def _twice(leave: Mapping[str, Any], other: Mapping[str, Any], names: Names, asked: Asked) -> Finding:
    who = named(names, "holder", leave["stand_in_id"]).words
    one, two = (named(names, "holder", row["holder_id"]).words for row in (leave, other))
    begins, ends = max(leave["begins"], other["begins"]), min(leave["ends"], other["ends"])
    return Finding(
        "warning",
        "stand-in-twice",
        f"{who} stands in for {two} and {one} at once from {written(begins)}{_until(ends)}.",
        f"{who} 自 {written(begins)} 起{_until_zh(ends)}同时替补 {two} 和 {one}。",
        row=asked.row,
        code=asked.label,
        facts={"field": "stand_in", "from": local_time(begins), "to": local_time(ends)},
    )


def _until(micros: int) -> str:
    return "" if micros == FOREVER_TO else f" to {written_end(micros)}"


def _until_zh(micros: int) -> str:
    return "" if micros == FOREVER_TO else f"至 {written_end(micros)} "


def once(asked: Sequence[Asked], findings: list[Finding]) -> list[Asked]:
    """Rows without those that state the same leave again; each of those is an error."""
    first: dict[tuple[Hashable, int | None], Asked] = {}
    for leave in asked:
        other = first.setdefault((leave.key, leave.begins), leave)
        if other is not leave:
            findings.append(
                Finding(
                    "error",
                    "duplicate-leave",
                    f"The same leave stands in row {other.row} already: delete one of the two.",
                    f"同一请假已在第 {other.row} 行出现，请删除其一。",
                    row=leave.row,
                    code=leave.label,
                    facts={"first_row": other.row},
                )
            )
    return list(first.values())


def overlaps(asked: Sequence[Asked], after: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Errors for people who would be on two leaves at once."""
    rows: dict[Hashable, dict[int | None, Asked]] = defaultdict(dict)
    for leave in asked:
        rows[leave.key][leave.begins] = leave
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in after:
        if row["holder_id"] in rows:
            spans[row["holder_id"]].append((row["begins"], row["ends"]))
    findings = []
    for holder_id, periods in spans.items():
        mine = rows[holder_id]
        for (first, ends), (begins, _) in pairwise(sorted(periods)):
            if begins < ends:
                findings.append(_overlapping(mine.get(begins) or mine.get(first) or next(iter(mine.values())), begins))
    return findings


def _overlapping(leave: Asked, begins: int) -> Finding:
    return Finding(
        "error",
        "overlapping-leave",
        f"The same person is on another leave already on {written(begins)}: end that one first with its from and a to.",
        f"{written(begins)} 时该人员已在另一次请假中：请先用其原“from”和“to”结束那一次。",
        row=leave.row,
        code=leave.label,
        facts={"field": "from"},
    )


def own_stand_in(code: str, row: int, label: str) -> Finding:
    """The error that somebody is to stand in for themselves."""
    return Finding(
        "error",
        "own-stand-in",
        f"stand_in: {code} cannot stand in for themselves. Name somebody else, or nobody.",
        f"stand_in：{code} 不能替补自己，请填他人或留空。",
        row=row,
        code=label,
        facts={"field": "stand_in", "value": code},
    )


def no_person(code: str, row: int, label: str) -> Finding:
    """The error that an organisation is to be on leave."""
    return Finding(
        "error",
        "no-worker",
        f"worker: {code} is an organisation; only people go on leave.",
        f"worker：{code} 是单位，只有人员可以请假。",
        row=row,
        code=label,
        facts={"field": "worker", "value": code},
    )


def no_such_leave(identity: str) -> Finding:
    """The error that a leave that is to end is not there."""
    return Finding(
        "error",
        "unknown-leave",
        f"There is no leave {identity[:40]} to end at that time: it is over already, never was, or stands in the file.",
        f"没有可在该时间结束的请假 {identity[:40]}：可能已结束、不存在，或就在本文件中。",
        facts={"value": identity[:40]},
    )
