"""Stage 5 for duties: who holds which role for what, from when to when."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from psycopg import Connection

from geodata.grid.layers import layers
from geodata.intake.draft import Draft
from geodata.intake.kinds import KINDS
from geodata.intake.references import Known, known_codes, known_grids, known_holders, now, unknown
from geodata.intake.report import LoadOptions, Plan
from geodata.intake.rows import Records
from geodata.people.roster import duty_labels, lock_register, stored_duties, write_duties
from geodata.records import FOREVER_TO, Finding
from geodata.times import LOCAL_ZONE, instant

_FIELDS = tuple(field.name for field in KINDS["duties"].fields)

Key = tuple[int, int, str, int, str]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One row of the file, resolved."""

    row: int
    label: str
    key: Key
    begins: int | None
    ends: int


def draft_duties(connection: Connection[Any], records: Records, options: LoadOptions) -> Draft:
    """The change that makes the duties in the database agree with the records.

    Parameters
    ----------
    records
        Read; unsound ones are left out of the plan.
    options
        ``layer``, ``effective``, ``retire_missing`` and ``commit`` are heeded. With ``commit`` other writers of duties
        wait from here to the end of the transaction.

    Notes
    -----
    A duty is known by holder, role, target, assignment and ``from``; without ``from`` the one that is held at the
    effective time is meant, or one that begins then. Another ``to`` ends or extends it. With ``retire_missing`` those
    that are held or to come and are not in the file end at the effective time.
    """
    if options.commit:
        lock_register(connection, "duties")
    effective = now(connection) if options.effective is None else options.effective
    asked, findings = _resolve(connection, records, options, effective)
    stored: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for held in stored_duties(connection):
        stored[_key(held)].append(held)
    added: list[dict[str, Any]] = []
    ends: dict[int, int] = {}
    kept: set[int] = set()
    labels: dict[str, list[str]] = {"new": [], "changed": []}
    for duty in asked:
        match = _match(duty, stored[duty.key], effective)
        begins = match["begins"] if match else (effective if duty.begins is None else duty.begins)
        if duty.ends <= begins:
            findings.append(_backwards(duty, begins))
        elif match is None:
            added.append(_as_row(duty, begins))
            labels["new"].append(duty.label)
        else:
            kept.add(match["duty_id"])
            if match["ends"] != duty.ends:
                ends[match["duty_id"]] = duty.ends
                labels["changed"].append(duty.label)
    over, withdrawn = _retired(stored, kept, effective) if options.retire_missing else ({}, [])
    findings += _overlaps(asked, stored, added, {**ends, **over}, withdrawn)
    ended = duty_labels(connection, [*over, *withdrawn])
    plan = Plan(tuple(labels["new"]), tuple(labels["changed"]), tuple(ended), len(kept) - len(ends))

    def write() -> None:
        write_duties(connection, added, {**ends, **over}, withdrawn)

    return Draft(plan, findings, write, effective)


def _resolve(
    connection: Connection[Any], records: Records, options: LoadOptions, effective: int
) -> tuple[list[_Asked], list[Finding]]:
    """Rows with identities in place of codes, and an error for each code that stands for nothing."""
    by_layer = {layer["code"]: layer["layer_id"] for layer in layers(connection)}
    default = options.layer or next((layer["code"] for layer in layers(connection) if layer["is_default"]), None)
    columns = {name: records.column(name) for name in _FIELDS}
    rows = [
        _Row(int(records.rows[at]), {name: values[at] for name, values in columns.items()}, default)
        for at in np.flatnonzero(records.sound).tolist()
    ]
    holders = known_holders(connection, [row.holder for row in rows], effective)
    roles = known_codes(connection, "roles", [row.role for row in rows], effective)
    targets: dict[tuple[str, str | None], dict[str, Known]] = {
        ("area", None): known_codes(connection, "areas", _targets(rows, "area"), effective),
        ("station", None): known_codes(connection, "stations", _targets(rows, "station"), effective),
    }
    for layer in {row.layer for row in rows if row.target_kind == "grid"}:
        codes = [row.target for row in rows if row.layer == layer]
        if layer in by_layer:
            targets["grid", layer] = known_grids(connection, by_layer[layer], codes, effective)
    asked: list[_Asked] = []
    findings: list[Finding] = []
    for row in rows:
        faults = row.faults(holders, roles, targets, by_layer, effective)
        findings += faults
        if not faults:
            holder = next(known for known in holders[row.holder] if known.alive or len(holders[row.holder]) == 1)
            target = targets[row.target_kind, row.layer][row.target]
            key = (holder.identity, roles[row.role].identity, row.target_kind, target.identity, row.assignment)
            asked.append(_Asked(row.row, row.label, key, row.begins, row.ends))
    return _once(asked, findings), findings


class _Row:
    """One sound record of the file."""

    def __init__(self, row: int, values: Mapping[str, Any], default_layer: str | None) -> None:
        self.row = row
        self.holder: str = values["holder"]
        self.role: str = values["role"]
        self.target_kind: str = values["target_kind"]
        self.target: str = values["target"]
        self.layer: str | None = (values["layer"] or default_layer) if self.target_kind == "grid" else None
        self.assignment: str = values["assignment"] or "primary"
        self.begins: int | None = values["from"]
        self.ends: int = FOREVER_TO if values["to"] is None else values["to"]
        self.label = " · ".join((self.holder, self.role, self.target_kind, self.target, self.assignment))

    def faults(
        self,
        holders: dict[str, list[Known]],
        roles: dict[str, Known],
        targets: dict[tuple[str, str | None], dict[str, Known]],
        by_layer: dict[str, int],
        effective: int,
    ) -> list[Finding]:
        """What it names that is not there. What is over may name what is over."""
        past = self.ends <= effective
        faults = []
        mine = [known for known in holders.get(self.holder, []) if known.alive or past]
        if not mine:
            faults.append(unknown("holder", self.holder, self.row, self.label))
        elif len(mine) > 1:
            faults.append(self._ambiguous())
        if self.role not in roles or not (roles[self.role].alive or past):
            faults.append(unknown("role", self.role, self.row, self.label))
        if self.layer is not None and self.layer not in by_layer:
            faults.append(unknown("layer", self.layer, self.row, self.label))
            return faults
        target = targets[self.target_kind, self.layer].get(self.target)
        if target is None or not (target.alive or past):
            faults.append(unknown("target", self.target, self.row, self.label))
        return faults

    def _ambiguous(self) -> Finding:
        return Finding(
            "error",
            "ambiguous-holder",
            f"holder: {self.holder} is a worker and an organisation; give one of them another code.",
            f"holder：{self.holder} 既是人员又是单位的编码，请更改其中一个。",
            row=self.row,
            code=self.label,
        )


def _targets(rows: Sequence[_Row], kind: str) -> list[str]:
    return [row.target for row in rows if row.target_kind == kind]


def _once(asked: Sequence[_Asked], findings: list[Finding]) -> list[_Asked]:
    """Rows without those that state the same duty again; each of those is an error."""
    first: dict[tuple[Key, int | None], _Asked] = {}
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


def _key(duty: dict[str, Any]) -> Key:
    return duty["holder_id"], duty["role_id"], duty["target_kind"], duty["target_id"], duty["assignment"]


def _match(asked: _Asked, stored: Sequence[dict[str, Any]], effective: int) -> dict[str, Any] | None:
    for duty in stored:
        if duty["begins"] == asked.begins or (asked.begins is None and duty["begins"] <= effective < duty["ends"]):
            return duty
    return None


def _as_row(duty: _Asked, begins: int) -> dict[str, Any]:
    holder_id, role_id, target_kind, target_id, assignment = duty.key
    return {
        "holder_id": holder_id,
        "role_id": role_id,
        "target_kind": target_kind,
        "target_id": target_id,
        "assignment": assignment,
        "begins": begins,
        "ends": duty.ends,
    }


def _retired(
    stored: dict[Key, list[dict[str, Any]]], kept: set[int], effective: int
) -> tuple[dict[int, int], list[int]]:
    """Ends of the duties that are held but not in the file, and those that had not begun."""
    open_duties = [
        duty
        for duties in stored.values()
        for duty in duties
        if duty["duty_id"] not in kept and duty["ends"] > effective
    ]
    over = {duty["duty_id"]: effective for duty in open_duties if duty["begins"] < effective}
    return over, [duty["duty_id"] for duty in open_duties if duty["begins"] >= effective]


def _overlaps(
    asked: Sequence[_Asked],
    stored: dict[Key, list[dict[str, Any]]],
    added: Sequence[dict[str, Any]],
    ends: dict[int, int],
    withdrawn: Sequence[int],
) -> list[Finding]:
    """Errors for duties that somebody would hold twice at one time."""
    gone = set(withdrawn)
    spans: dict[Key, list[tuple[int, int]]] = defaultdict(list)
    for key in {duty.key for duty in asked}:
        for duty in stored[key]:
            if duty["duty_id"] not in gone:
                spans[key].append((duty["begins"], ends.get(duty["duty_id"], duty["ends"])))
    for row in added:
        spans[_key(row)].append((row["begins"], row["ends"]))
    rows = {duty.key: duty for duty in asked}
    findings = []
    for key, periods in spans.items():
        periods.sort()
        for (_, one_ends), (begins, _) in pairwise(periods):
            if begins < one_ends:
                findings.append(_twice(rows[key], begins))
    return findings


def _day(micros: int) -> str:
    return instant(micros).astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")


def _twice(duty: _Asked, begins: int) -> Finding:
    return Finding(
        "error",
        "overlapping-duty",
        f"This duty is held already on {_day(begins)}: end the earlier one with its from and a to, or leave from out.",
        f"{_day(begins)} 时该职责已由同一责任人担任：请先用原“from”和“to”结束前一段，或不填“from”。",
        row=duty.row,
        code=duty.label,
    )


def _backwards(duty: _Asked, begins: int) -> Finding:
    return Finding(
        "error",
        "backward-period",
        f"The duty would end on {_day(duty.ends)}, before it begins on {_day(begins)}.",
        f"职责的结束时间（{_day(duty.ends)}）不晚于开始时间（{_day(begins)}）。",
        row=duty.row,
        code=duty.label,
    )
