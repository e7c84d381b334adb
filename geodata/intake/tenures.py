"""Stage 5 for duties and leave: a row of a file beside what is stored of the same, and what has to be written."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from itertools import pairwise
from typing import Any

from geodata.records import Finding
from geodata.times import LOCAL_ZONE, instant


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of a file, resolved.

    Parameters
    ----------
    row, label
        Where it stands, and what a finding calls it.
    key
        What makes a stored row the same.
    begins, ends
        Microseconds since 1970-01-01 UTC; ``begins`` is None where the row does not say.
    fixed
        Fields that the key stands for, as they are written.
    content
        Fields that may change while it lasts; one that the file has no column for is left out.
    """

    row: int
    label: str
    key: Hashable
    begins: int | None
    ends: int
    fixed: Mapping[str, Any] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)

    def differs(self, stored: Mapping[str, Any]) -> bool:
        """Whether a stored row has other content."""
        return any(stored[name] != value for name, value in self.content.items())

    def written(self, begins: int, ends: int, content: Mapping[str, Any]) -> dict[str, Any]:
        """The row as it is written."""
        return {**self.fixed, **content, "begins": begins, "ends": ends}


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be written for one row: nothing where the stored duty agrees with it already."""

    before: dict[str, Any] | None
    after: dict[str, Any]
    kept: frozenset[int] = frozenset()
    added: list[dict[str, Any]] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    withdrawn: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.added or self.ends or self.withdrawn)


@dataclass(slots=True)
class Writing:
    """What is to be written: rows to add, ends to move, rows that never came into force, by ``row_id``."""

    added: list[dict[str, Any]] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    withdrawn: list[int] = field(default_factory=list)

    def take(self, made: Edit) -> None:
        """Add what one row of a file asks for."""
        self.added += made.added
        self.ends |= made.ends
        self.withdrawn += made.withdrawn

    def end(self, row: Mapping[str, Any], effective: int) -> None:
        """End a stored row at an instant; what has yet to begin then never does."""
        if row["begins"] < effective:
            self.ends[row["row_id"]] = effective
        else:
            self.withdrawn.append(row["row_id"])

    def applied(self, stored: Iterable[dict[str, Any]], identity: str) -> list[dict[str, Any]]:
        """The rows as they will be.

        Parameters
        ----------
        identity
            The field by which those that are added are told apart, ``duty_id`` or ``leave_id``: they get negative ones.
        """
        gone = set(self.withdrawn)
        kept = [
            {**row, "ends": self.ends[row["row_id"]]} if row["row_id"] in self.ends else row
            for row in stored
            if row["row_id"] not in gone
        ]
        return kept + [{**row, identity: -1 - place} for place, row in enumerate(self.added)]


def goes_on(before: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether a stored row is a later part of the one before it: one time, of which the content changed midway."""
    return bool(before["ends"] == row["begins"] and row["continues"] is not None)


class Tenures:
    """The uninterrupted times that stored rows of one key make.

    Parameters
    ----------
    stored
        All rows of the key; no two hold at one time.
    starts
        Every ``from`` that the file gives for this key: a new time begins there for the file, so it does here.

    Notes
    -----
    A change of content makes a second row that begins where the first ends: one time for whoever reads it.
    """

    def __init__(self, stored: Iterable[Mapping[str, Any]], starts: Iterable[int]) -> None:
        breaks = set(starts)
        self._runs: list[list[Mapping[str, Any]]] = []
        for row in sorted(stored, key=begins_of):
            if self._runs and self._runs[-1][-1]["ends"] == row["begins"] and row["begins"] not in breaks:
                self._runs[-1].append(row)
            else:
                self._runs.append([row])
        self._begins = [run[0]["begins"] for run in self._runs]

    def of(self, asked: Asked, effective: int) -> list[Mapping[str, Any]]:
        """Stored rows of the time that a row of the file speaks of; empty where there are none.

        Parameters
        ----------
        effective
            Instant at which a row without ``from`` is in force.

        Notes
        -----
        Where one of those rows ends when the file says, what follows is another time, unless it was one with it when it
        was written.
        """
        place = bisect_right(self._begins, effective if asked.begins is None else asked.begins) - 1
        run = self._runs[place] if place >= 0 else []
        if asked.begins is None:
            return run if run and effective < run[-1]["ends"] else []
        return _up_to(run, asked.ends) if run and run[0]["begins"] == asked.begins else []


def begins_of(row: Mapping[str, Any]) -> int:
    """When a row begins."""
    return int(row["begins"])


def _up_to(run: list[Mapping[str, Any]], ends: int) -> list[Mapping[str, Any]]:
    """The rows of a run before another time begins when the file says that this one ends."""
    for place, (before, row) in enumerate(pairwise(run), start=1):
        if before["ends"] == ends and not goes_on(before, row):
            return run[:place]
    return run


def edit(asked: Asked, run: Sequence[Mapping[str, Any]], effective: int, blank: Mapping[str, Any]) -> Edit:
    """What makes the stored rows of one time agree with a row of the file.

    Parameters
    ----------
    run
        From `Tenures`; with ``row_id`` and every field of the content.
    effective
        Instant from which other content holds: what was before stays as it was.
    blank
        Every field of the content with its value where nothing is stored and the file does not say.
    """
    if not run:
        begins = effective if asked.begins is None else asked.begins
        row = asked.written(begins, asked.ends, {**blank, **asked.content})
        return Edit(None, row, added=[row], findings=[] if asked.ends > begins else [_backwards(asked, begins)])
    begins = run[0]["begins"]
    point = max(effective, begins)
    current = [stored for stored in run if stored["begins"] <= point][-1]
    content = {name: current[name] for name in blank}
    before = asked.written(begins, run[-1]["ends"], content)
    kept = frozenset(stored["row_id"] for stored in run)
    if asked.ends <= begins:
        return Edit(before, before, kept, findings=[_backwards(asked, begins)])
    planned = [stored for stored in run if point < stored["begins"] < asked.ends and asked.differs(stored)]
    if planned:
        return Edit(before, before, kept, findings=[_changes_later(asked, planned[0]["begins"])])
    if not asked.differs(current):
        return _moved_end(asked, run, Edit(before, {**before, "ends": asked.ends}, kept))
    if asked.ends <= point:
        past = Edit(before, {**before, "ends": asked.ends}, kept, findings=[_past(asked)])
        return _moved_end(asked, run, past)
    after = {**before, **asked.content, "ends": asked.ends}
    made = _other_content(run, Edit(before, after, kept), current, point)
    made.added.append({**after, "begins": point, "continues": _continued(current, point)})
    return made


def _moved_end(asked: Asked, run: Sequence[Mapping[str, Any]], made: Edit) -> Edit:
    """The same content, perhaps another end."""
    made.withdrawn.extend(stored["row_id"] for stored in run if stored["begins"] >= asked.ends)
    last = [stored for stored in run if stored["begins"] < asked.ends][-1]
    if last["ends"] != asked.ends:
        made.ends[last["row_id"]] = asked.ends
    return made


def _other_content(run: Sequence[Mapping[str, Any]], made: Edit, current: Mapping[str, Any], point: int) -> Edit:
    """The present row ends where the other content begins."""
    made.withdrawn.extend(stored["row_id"] for stored in run if stored["begins"] > point)
    if current["begins"] == point:
        made.withdrawn.append(current["row_id"])
    elif current["ends"] != point:
        made.ends[current["row_id"]] = point
    return made


def _continued(current: Mapping[str, Any], point: int) -> int | None:
    """The row that a part goes on from: the present one, or where the part takes its place, the one before it."""
    continued: int | None = current["row_id"] if current["begins"] < point else current["continues"]
    return continued


def written(micros: int) -> str:
    """Local time of an instant, to the minute."""
    return instant(micros).astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")


def written_end(micros: int) -> str:
    """Local time at which something ends, to the minute; midnight is 24:00 of the day before, the last one meant."""
    local = instant(micros).astimezone(LOCAL_ZONE)
    return written(micros) if local.time() != time() else f"{local.date() - timedelta(days=1)} 24:00"


def _backwards(asked: Asked, begins: int) -> Finding:
    return Finding(
        "error",
        "backward-period",
        f"It would end on {written_end(asked.ends)}, before it begins on {written(begins)}.",
        f"结束时间（{written_end(asked.ends)}）不晚于开始时间（{written(begins)}）。",
        row=asked.row,
        code=asked.label,
        facts={"field": "to"},
    )


def _changes_later(asked: Asked, begins: int) -> Finding:
    return Finding(
        "error",
        "later-version",
        f"It changes again on {written(begins)}: load with --effective at that time or later.",
        f"它在 {written(begins)} 另有变更，请将 --effective 设为该时间或更晚。",
        row=asked.row,
        code=asked.label,
        facts={"field": next(iter(asked.content))},
    )


def _past(asked: Asked) -> Finding:
    return Finding(
        "warning",
        "past-unchanged",
        f"It is over on {written_end(asked.ends)}, when this load takes effect: except for its end it stays as it was.",
        f"导入生效时它已于 {written_end(asked.ends)} 结束：除结束时间外保持原样。",
        row=asked.row,
        code=asked.label,
        facts={"field": next(iter(asked.content))},
    )
