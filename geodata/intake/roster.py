"""Stage 5 for rosters: the people whom a sheet names for its grids → workers and duties, as one change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from psycopg import Connection

from geodata.intake.cells import Unreadable
from geodata.intake.draft import Draft
from geodata.intake.duties import draft_duties
from geodata.intake.kinds import KINDS
from geodata.intake.named import Register, grid_communities, register_of
from geodata.intake.people_cells import NOTHING, People, UnreadablePhones, read_people
from geodata.intake.references import now
from geodata.intake.report import Change, LoadOptions, Plan
from geodata.intake.roster_cells import readings_of
from geodata.intake.roster_columns import NAME, roles_by_call
from geodata.intake.roster_people import Holders, Mention
from geodata.intake.roster_targets import Row, rows_of
from geodata.intake.rows import Records
from geodata.intake.secrecy import code_secret
from geodata.intake.upsert import draft_upsert
from geodata.people.holders import WORKERS
from geodata.people.roster import lock_duties, stored_duties
from geodata.records import FOREVER_TO, Finding

LISTED_VACANCIES: Final = 50

Post = tuple[str, str, int, str]
"""Role, kind of target, target, unit."""


@dataclass(slots=True)
class _Said:
    """What the sheet says of one role on one target, perhaps in several rows."""

    row: Row
    column: str
    role: str
    stated: bool = False
    mentions: list[Mention] | None = None


def draft_roster(
    connection: Connection[Any], records: Records, options: LoadOptions, mapping: Mapping[str, str]
) -> Draft:
    """The change that makes workers and duties agree with a wide roster.

    Parameters
    ----------
    records
        Targets and the cells of each role, as text.
    options
        ``layer``, ``effective``, ``retire_missing`` and ``commit`` are heeded. With ``commit`` other writers of workers
        and duties wait from here to the end of the transaction.
    mapping
        Field to column, for the findings.

    Notes
    -----
    A cell that names people says who holds the role there from the effective time on: whoever else held it as primary
    until then is replaced, and ends. 空缺 says that nobody does. An empty cell says nothing, and everything stays. With
    ``retire_missing`` all duties of the sheet's roles on the sheet's targets end that the sheet does not name, those of
    empty cells and of stand-ins too. Other roles and other targets are never touched. Hours, and ends that are
    planned, of duties that the sheet names again stay as they are.

    A person is the worker of that name and phone; else the one of that name in the same community; else a worker of
    that name without any duty; else somebody new, whose code is made from name and phone, or from name and community.
    """
    if options.commit:
        WORKERS.lock(connection)
        lock_duties(connection)
    effective = now(connection) if options.effective is None else options.effective
    rows, findings = rows_of(connection, records, mapping, effective, options.layer)
    roles = [(entry.code, entry.name) for entry in register_of(connection, ["roles"], effective).by_code.values()]
    said, more = _said(rows, records, mapping, roles_by_call(roles))
    findings += more
    stored = stored_duties(connection)
    holders = _holders(connection, stored, effective)
    findings += holders.resolve([mention for one in said.values() for mention in one.mentions or ()])
    making = _Making(connection, said, holders, stored, options, effective)
    draft = making.draft()
    return replace(draft, findings=[*findings, *draft.findings])


def _said(
    rows: Sequence[Row], records: Records, mapping: Mapping[str, str], roles: Mapping[str, str]
) -> tuple[dict[Post, _Said], list[Finding]]:
    """What each cell says, by role and target, and what is wrong with the cells."""
    said: dict[Post, _Said] = {}
    readings, findings = readings_of(rows, records, mapping, roles)
    vacant = 0
    for reading in readings:
        column, phone_column = mapping[reading.name], mapping.get(reading.phone or "")
        names, phones = records.column(reading.name), records.column(reading.phone or "")
        above = NOTHING
        for row in reading.rows:
            try:
                above = read_people(names[row.at], phones[row.at], above)
            except Unreadable as fault:
                where = phone_column if phone_column and isinstance(fault, UnreadablePhones) else column
                findings.append(_fault(fault, row, where, reading.name))
                above = NOTHING
                continue
            findings += _doubts(above, row, column, phone_column)
            if reading.stands_in:
                _add(said, row, reading.role, column, _standing_in(above))
                continue
            vacant += above.vacant
            if above.vacant and vacant <= LISTED_VACANCIES:
                findings.append(_vacant(row, column, reading.role))
            _add(said, row, reading.role, column, above)
    if vacant > LISTED_VACANCIES:
        findings.append(_more_vacant(vacant - LISTED_VACANCIES))
    return said, findings


def _standing_in(people: People) -> People:
    """Those of a column of stand-ins; it says nothing of who holds the role."""
    return People(tuple(replace(person, stand_in=True) for person in people.people))


def _add(said: dict[Post, _Said], row: Row, role: str, column: str, people: People) -> None:
    one = said.setdefault((role, *row.target.key), _Said(row, column, role, mentions=[]))
    one.stated = one.stated or people.stated
    assert one.mentions is not None
    one.mentions += [Mention(row, column, person) for person in people.people]


def _holders(connection: Connection[Any], stored: Sequence[Mapping[str, Any]], effective: int) -> Holders:
    """Everybody who can hold a duty, and where each of them does."""
    communities = grid_communities(connection, effective)
    scopes: dict[int, set[tuple[str, int]]] = {}
    for duty in stored:
        if duty["begins"] <= effective < duty["ends"]:
            held = scopes.setdefault(duty["holder_id"], set())
            held.add((duty["target_kind"], duty["target_id"]))
            if duty["target_kind"] == "grid" and duty["target_id"] in communities:
                held.add(("area", communities[duty["target_id"]]))
    workers = WORKERS.in_force(connection, effective)
    organisations: Register = register_of(connection, ["organisations"], effective)
    return Holders(workers, organisations, scopes, code_secret(connection))


class _Making:
    """From what the sheet says to one draft for workers and duties."""

    def __init__(
        self,
        connection: Connection[Any],
        said: Mapping[Post, _Said],
        holders: Holders,
        stored: Sequence[Mapping[str, Any]],
        options: LoadOptions,
        effective: int,
    ) -> None:
        self._connection, self._said, self._holders, self._effective = connection, said, holders, effective
        self._options = options
        self._codes = {identity: code for code, identity in holders.identities.items()}
        self._roles = {
            entry.identity: code for code, entry in register_of(connection, ["roles"], effective).by_code.items()
        }
        self._held: dict[Post, list[Mapping[str, Any]]] = {}
        self._later: dict[tuple[Post, int, str], int] = {}
        for duty in stored:
            post = (self._roles.get(duty["role_id"], ""), duty["target_kind"], duty["target_id"], duty["unit"])
            if duty["begins"] <= effective < duty["ends"]:
                self._held.setdefault(post, []).append(duty)
            elif duty["begins"] > effective:
                key = (post, duty["holder_id"], duty["assignment"])
                self._later[key] = min(self._later.get(key, FOREVER_TO), duty["begins"])

    def draft(self) -> Draft:
        """Workers and duties as one: what it does, what is wrong, and the writing of both."""
        asked, columns, ended, same = self._compared()
        workers = self._workers()
        # Duties are checked beside the workers that the sheet brings, which are taken back again.
        with self._connection.transaction(force_rollback=True):
            workers.write()
            duties = self._duties(asked, ended)
        plan = _both(workers.plan, duties.plan, same, len(self._holders.kept))

        def write() -> None:
            workers.write()
            self._duties(asked, ended).write()

        found = [_at_cell(finding, columns, self._rows(asked)) for finding in duties.findings]
        return Draft(plan, [*workers.findings, *found], write, self._effective)

    def _compared(self) -> tuple[list[dict[str, Any]], list[str], list[int], int]:
        """Duties to begin, the column of each, identities of those to end, and how many stay."""
        asked: list[dict[str, Any]] = []
        columns: list[str] = []
        ended: list[int] = []
        same = 0
        for post, one in self._said.items():
            wanted: dict[tuple[str, str], Mention] = {}
            for mention in one.mentions or ():
                if mention.code is not None:
                    wanted.setdefault((mention.code, mention.assignment), mention)
            if any(mention.code is None for mention in one.mentions or ()):
                continue
            held = {
                (self._codes.get(duty["holder_id"], ""), duty["assignment"]): duty for duty in self._held.get(post, ())
            }
            ended += [duty["duty_id"] for key, duty in held.items() if self._ends(key, one, wanted)]
            for key, mention in wanted.items():
                if key in held:
                    same += 1
                else:
                    asked.append(self._duty(post, one, mention))
                    columns.append(mention.column)
        return asked, columns, ended, same

    def _ends(self, key: tuple[str, str], one: _Said, wanted: Mapping[tuple[str, str], Mention]) -> bool:
        """Whether a duty that is held ends: replaced, named in the other assignment, or missing and to be retired."""
        if key in wanted:
            return False
        if self._options.retire_missing:
            return True
        return one.stated and (key[1] == "primary" or (key[0], "primary") in wanted)

    def _duty(self, post: Post, one: _Said, mention: Mention) -> dict[str, Any]:
        """A row of the kind `duties`; it ends where the same duty is planned to begin."""
        identity = self._holders.identities.get(mention.code or "")
        later = None if identity is None else self._later.get((post, identity, mention.assignment))
        target = one.row.target
        return {
            "row": mention.row.number,
            "holder": mention.code,
            "role": post[0],
            "target_kind": target.kind,
            "target": target.code,
            "layer": target.layer,
            "assignment": mention.assignment,
            "to": later,
        }

    def _workers(self) -> Draft:
        """The draft for workers that the sheet brings or whose phone it changes."""
        made = self._holders.made
        fields = {name: [worker[name] for worker in made] for name in ("code", "name", "phone")}
        rows = np.array([worker["row"] for worker in made], dtype=np.int64)
        records = Records(rows, fields, None, np.ones(len(made), dtype=bool))
        options = LoadOptions(effective=self._effective)
        return draft_upsert(self._connection, KINDS["workers"], records, options)

    def _duties(self, asked: Sequence[Mapping[str, Any]], ended: Sequence[int]) -> Draft:
        names = ("holder", "role", "target_kind", "target", "layer", "assignment", "to")
        fields = {name: [duty[name] for duty in asked] for name in names}
        # Each duty has a number of its own, so that what is found can be brought back to its cell.
        records = Records(np.arange(1, len(asked) + 1), fields, None, np.ones(len(asked), dtype=bool))
        options = LoadOptions(
            effective=self._effective,
            layer=self._options.layer,
            retire=tuple(str(identity) for identity in ended),
        )
        return _with_rows(draft_duties(self._connection, records, options), self._rows(asked))

    def _rows(self, asked: Sequence[Mapping[str, Any]]) -> list[int]:
        return [duty["row"] for duty in asked]


def _with_rows(draft: Draft, rows: Sequence[int]) -> Draft:
    """The draft with rows of the sheet in its changes."""
    changes = tuple(
        replace(change, row=rows[change.row - 1]) if change.row is not None else change for change in draft.plan.changes
    )
    return replace(draft, plan=replace(draft.plan, changes=changes))


def _at_cell(finding: Finding, columns: Sequence[str], rows: Sequence[int]) -> Finding:
    """A finding about the nth duty as one about its cell."""
    if finding.row is None:
        return finding
    at = finding.row - 1
    return replace(finding, row=rows[at], facts={**finding.facts, "column": columns[at]})


def _both(workers: Plan, duties: Plan, same_duties: int, same_workers: int) -> Plan:
    changes: tuple[Change, ...] = (*workers.changes, *duties.changes)
    return Plan(
        (*workers.new, *duties.new),
        (*workers.changed, *duties.changed),
        (*workers.ended, *duties.ended),
        same_workers + same_duties + duties.same,
        changes,
    )


def _fault(fault: Unreadable, row: Row, column: str, field: str) -> Finding:
    return Finding(
        "error",
        fault.kind,
        f"{column[:40]}: {fault.message}",
        f"{column[:40]}：{fault.message_zh}",
        row=row.number,
        code=row.target.code,
        facts={"field": field, "column": column},
    )


def _doubts(people: People, row: Row, column: str, phone_column: str | None) -> list[Finding]:
    return [
        Finding(
            "warning",
            doubt.kind,
            f"{column[:40]}: {doubt.message}",
            f"{column[:40]}：{doubt.message_zh}",
            row=row.number,
            code=row.target.code,
            facts={"column": phone_column if doubt.of_phone and phone_column else column},
        )
        for doubt in people.doubts
    ]


def _vacant(row: Row, column: str, role: str) -> Finding:
    return Finding(
        "warning",
        "vacant",
        f"{column[:40]}: nobody holds the role {role} for {row.target.words}.",
        f"{column[:40]}：{row.target.words} 此岗位空缺。",
        row=row.number,
        code=row.target.code,
        facts={"field": role + NAME, "column": column, "role": role, "target": row.target.code},
    )


def _more_vacant(count: int) -> Finding:
    return Finding(
        "warning", "vacant", f"{count} more roles are vacant.", f"另有 {count} 处岗位空缺。", facts={"count": count}
    )
