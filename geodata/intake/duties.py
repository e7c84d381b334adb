"""Stage 5 for duties: who holds which role for what, from when to when, at which hours."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any

import numpy as np
from psycopg import Connection

from geodata.intake.consequences import (
    Outlook,
    Roster,
    Sources,
    as_duty,
    hole_consequences,
    norm_consequences,
)
from geodata.intake.crowds import crowd_findings
from geodata.intake.draft import Draft
from geodata.intake.kinds import KINDS
from geodata.intake.references import Known, known_codes, known_holders, now, unknown
from geodata.intake.report import Change, LoadOptions, Plan
from geodata.intake.rows import Records
from geodata.intake.targets import Target, Targets, Wanted
from geodata.intake.tenures import Asked, Edit, Tenures, Writing, edit, written
from geodata.intake.wording import duty_change, duty_code, names_of_duties
from geodata.people.roster import lock_duties, stored_duties, write_duties
from geodata.people.rota import post_of
from geodata.records import FOREVER_TO, Finding

_FIELDS = tuple(one.name for one in KINDS["duties"].fields)
_FIXED = ("holder_id", "role_id", "target_kind", "target_id", "unit", "assignment")
_KEY = itemgetter(*_FIXED)
_BLANK = {"hours": ""}

Key = tuple[int, int, str, int, str, str]
"""Holder, role, kind of target, target, unit, assignment."""


def draft_duties(connection: Connection[Any], records: Records, options: LoadOptions) -> Draft:
    """The change that makes the duties in the database agree with the records.

    Parameters
    ----------
    records
        Read; unsound ones are left out of the plan.
    options
        ``layer``, ``effective``, ``retire``, ``retire_missing`` and ``commit`` are heeded. With ``commit`` other
        writers of duties wait from here to the end of the transaction.

    Notes
    -----
    A duty is known by holder, role, target, assignment and ``from``; without ``from`` the one that is held at the
    effective time is meant, or one that begins then. Another ``to`` ends or extends it. Other hours hold from the
    effective time on: the row that is stored ends there and another begins. With ``retire_missing`` those that are held
    or to come and are not in the file end at the effective time; ``retire`` names others to end by their identity.
    """
    if options.commit:
        lock_duties(connection)
    effective = now(connection) if options.effective is None else options.effective
    asked, findings = _resolve(connection, records, options, effective)
    return plan_duties(connection, asked, findings, options, effective)


def plan_duties(
    connection: Connection[Any],
    asked: Sequence[Asked],
    findings: list[Finding],
    options: LoadOptions,
    effective: int,
) -> Draft:
    """The change for rows that are resolved; findings are added to those given."""
    whole = options.retire_missing or bool(options.retire)
    everything = stored_duties(
        connection,
        holder_ids=None if whole else {duty.fixed["holder_id"] for duty in asked},
        targets={(duty.fixed["target_kind"], duty.fixed["target_id"]) for duty in asked},
    )
    stored: dict[Hashable, list[dict[str, Any]]] = defaultdict(list)
    for held in everything:
        stored[key_of(held)].append(held)
    writing, edits, kept = _edits(asked, stored, effective, findings)
    ended = _retired(everything, kept, options, effective, findings)
    for duty in ended:
        writing.end(duty, effective)
    after = writing.applied(everything, "duty_id")
    findings += _overlaps(asked, after) + crowd_findings(asked, everything, after)
    plan = _plan(connection, edits, ended, effective)
    if (asked or ended) and not any(finding.severity == "error" for finding in findings):
        findings += _consequences(connection, everything, after, asked, ended, effective)

    def write() -> None:
        write_duties(connection, writing.added, writing.ends, writing.withdrawn)

    return Draft(plan, findings, write, effective)


def _consequences(
    connection: Connection[Any],
    before: Sequence[dict[str, Any]],
    after: Sequence[dict[str, Any]],
    asked: Sequence[Asked],
    ended: Sequence[dict[str, Any]],
    effective: int,
) -> list[Finding]:
    """Holes that open and norms that break because of the rows and of what ends."""
    outlook = Outlook(connection, effective)
    leaves = outlook.leaves()
    records = {id(row): as_duty(row) for row in (*before, *after)}
    old, new = (Roster([records[id(row)] for row in rows], leaves) for rows in (before, after))
    duties = [
        as_duty(duty.written(effective if duty.begins is None else duty.begins, duty.ends, {**_BLANK, **duty.content}))
        for duty in asked
    ]
    sources = Sources({}, {}, {})
    for duty, row in zip(duties, asked, strict=True):
        sources.posts[post_of(duty)] = sources.holders[duty.holder_id] = (row.row, row.label)
        sources.holders_in_role[duty.holder_id, duty.role_id] = (row.row, row.label)
    touched = [*duties, *map(as_duty, ended)]
    findings = hole_consequences(outlook, old, new, map(post_of, touched), sources)
    return findings + norm_consequences(outlook, old.duties, new.duties, touched, sources)


def key_of(duty: Mapping[str, Any]) -> Key:
    """What makes a stored duty the same as a row's."""
    key: Key = _KEY(duty)
    return key


def _edits(
    asked: Sequence[Asked],
    stored: Mapping[Hashable, Sequence[dict[str, Any]]],
    effective: int,
    findings: list[Finding],
) -> tuple[Writing, list[tuple[Asked, Edit]], set[int]]:
    starts: dict[Hashable, set[int]] = defaultdict(set)
    for duty in asked:
        if duty.begins is not None:
            starts[duty.key].add(duty.begins)
    writing = Writing()
    edits: list[tuple[Asked, Edit]] = []
    kept: set[int] = set()
    tenures: dict[Hashable, Tenures] = {}
    for duty in asked:
        known = tenures.get(duty.key)
        if known is None:
            known = tenures[duty.key] = Tenures(stored.get(duty.key, ()), starts[duty.key])
        made = edit(duty, known.of(duty, effective), effective, _BLANK)
        findings += made.findings
        kept |= made.kept
        if not any(finding.severity == "error" for finding in made.findings):
            writing.take(made)
            edits.append((duty, made))
    return writing, edits, kept


def _plan(
    connection: Connection[Any], edits: Sequence[tuple[Asked, Edit]], ended: Sequence[dict[str, Any]], effective: int
) -> Plan:
    changed = [(duty, made) for duty, made in edits if not made.same]
    names = names_of_duties(connection, [*(made.after for _, made in changed), *ended])
    changes: list[Change] = [
        duty_change("new" if made.before is None else "changed", names, made.before, made.after, duty.row)
        for duty, made in changed
    ]
    changes += [
        duty_change("ended", names, duty, {**duty, "ends": max(effective, duty["begins"])}, None) for duty in ended
    ]
    return Plan(
        tuple(duty.label for duty, made in changed if made.before is None),
        tuple(duty.label for duty, made in changed if made.before is not None),
        tuple(duty_code(names, duty) for duty in ended),
        len(edits) - len(changed),
        tuple(changes),
    )


def _resolve(
    connection: Connection[Any], records: Records, options: LoadOptions, effective: int
) -> tuple[list[Asked], list[Finding]]:
    """Rows with identities in place of codes, and an error for each code that stands for nothing."""
    columns = {name: records.column(name) for name in _FIELDS}
    timed = "hours" in records.fields
    rows = [
        _Row(int(records.rows[at]), {name: values[at] for name, values in columns.items()}, timed=timed)
        for at in np.flatnonzero(records.sound).tolist()
    ]
    holders = known_holders(connection, [row.holder for row in rows], effective)
    roles = known_codes(connection, "roles", [row.role for row in rows], effective)
    targets = Targets(connection, [row.wanted for row in rows], effective, options.layer)
    asked: list[Asked] = []
    findings: list[Finding] = []
    for row in rows:
        faults, duty = row.resolved(holders, roles, targets, effective)
        findings += faults
        if duty is not None:
            asked.append(duty)
    return _once(asked, findings), findings


class _Row:
    """One sound record of the file."""

    def __init__(self, row: int, values: Mapping[str, Any], *, timed: bool) -> None:
        self.row = row
        self.holder: str = values["holder"]
        self.role: str = values["role"]
        self.wanted = Wanted(values["target_kind"], values["target"], values["layer"])
        self.assignment: str = values["assignment"] or "primary"
        self.begins: int | None = values["from"]
        self.ends: int = FOREVER_TO if values["to"] is None else values["to"]
        self.hours: str | None = (values["hours"] or "") if timed else None
        self.label = " · ".join((self.holder, self.role, self.wanted.kind, self.wanted.code, self.assignment))

    def resolved(
        self, holders: dict[str, list[Known]], roles: dict[str, Known], targets: Targets, effective: int
    ) -> tuple[list[Finding], Asked | None]:
        """The row by identities, or what it names that is not there. What is over may name what is over."""
        past = self.ends <= effective
        faults = []
        mine = [known for known in holders.get(self.holder, []) if known.alive or past]
        if not mine:
            faults.append(unknown("holder", self.holder, self.row, self.label))
        elif len(mine) > 1:
            faults.append(self._ambiguous())
        role = roles.get(self.role)
        if role is None or not (role.alive or past):
            faults.append(unknown("role", self.role, self.row, self.label))
        target = targets.find(self.wanted, self.row, self.label, past=past)
        if not isinstance(target, Target):
            faults.append(target)
        if faults or role is None or not isinstance(target, Target):
            return faults, None
        key = (mine[0].identity, role.identity, target.kind, target.identity, target.unit, self.assignment)
        content = {} if self.hours is None else {"hours": self.hours}
        return [], Asked(
            self.row, self.label, key, self.begins, self.ends, dict(zip(_FIXED, key, strict=True)), content
        )

    def _ambiguous(self) -> Finding:
        return Finding(
            "error",
            "ambiguous-holder",
            f"holder: {self.holder} is a worker and an organisation; give one of them another code.",
            f"holder：{self.holder} 既是人员又是单位的编码，请更改其中一个。",
            row=self.row,
            code=self.label,
            facts={"field": "holder"},
        )


def _once(asked: Sequence[Asked], findings: list[Finding]) -> list[Asked]:
    """Rows without those that state the same duty again; each of those is an error."""
    first: dict[tuple[Hashable, int | None], Asked] = {}
    for duty in asked:
        other = first.setdefault((duty.key, duty.begins), duty)
        if other is not duty:
            findings.append(
                Finding(
                    "error",
                    "duplicate-duty",
                    f"The same duty stands in row {other.row} already: delete one of the two.",
                    f"同一职责已在第 {other.row} 行出现，请删除其一。",
                    row=duty.row,
                    code=duty.label,
                    facts={"first_row": other.row},
                )
            )
    return list(first.values())


def _retired(
    everything: Sequence[dict[str, Any]],
    kept: set[int],
    options: LoadOptions,
    effective: int,
    findings: list[Finding],
) -> list[dict[str, Any]]:
    """Duties that are held or to come and that end: those that are not in the file, and those that are named."""
    going = [duty for duty in everything if duty["ends"] > effective and duty["duty_id"] not in kept]
    named = set(options.retire)
    known = {str(duty["duty_id"]) for duty in going}
    findings += [_not_held(identity) for identity in sorted(named - known)]
    return going if options.retire_missing else [duty for duty in going if str(duty["duty_id"]) in named]


def _not_held(identity: str) -> Finding:
    return Finding(
        "error",
        "unknown-duty",
        f"There is no duty {identity[:40]} to end at that time: it is over already, never was, or stands in the file.",
        f"没有可在该时间结束的职责 {identity[:40]}：可能已结束、不存在，或就在本文件中。",
        facts={"value": identity[:40]},
    )


def _overlaps(asked: Sequence[Asked], after: Iterable[dict[str, Any]]) -> list[Finding]:
    """Errors for duties that somebody would hold twice at one time."""
    rows = {duty.key: duty for duty in asked}
    spans: dict[Hashable, list[tuple[int, int]]] = defaultdict(list)
    for duty in after:
        key = key_of(duty)
        if key in rows:
            spans[key].append((duty["begins"], duty["ends"]))
    return [
        _twice(rows[key], begins)
        for key, periods in spans.items()
        for (_, one_ends), (begins, _) in pairwise(sorted(periods))
        if begins < one_ends
    ]


def _twice(duty: Asked, begins: int) -> Finding:
    return Finding(
        "error",
        "overlapping-duty",
        f"This duty is held already on {written(begins)}: end the earlier one with its from and a to, or leave from "
        "out.",
        f"{written(begins)} 时该职责已由同一责任人担任：请先用原“from”和“to”结束前一段，或不填“from”。",
        row=duty.row,
        code=duty.label,
        facts={"field": "from"},
    )
