"""Stage 5 for leave: who is away from when to when, and who stands in."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from psycopg import Connection

from geodata.intake.consequences import Outlook, Roster, Sources, as_duty, as_leave, hole_consequences
from geodata.intake.draft import Draft
from geodata.intake.leave_findings import no_person, no_such_leave, once, overlaps, own_stand_in, stand_in_findings
from geodata.intake.references import Known, known_holders, now, unknown
from geodata.intake.report import Change, LoadOptions, Plan
from geodata.intake.rows import Records
from geodata.intake.tenures import Asked, Edit, Writing, begins_of, edit, goes_on, written
from geodata.intake.wording import Names, local_time, named
from geodata.people.roster import lock_leaves, names_of, stored_duties, stored_leaves, write_leaves
from geodata.people.rota import post_of
from geodata.records import FOREVER_TO, Finding

_BLANK: dict[str, Any] = {"stand_in_id": None, "reason": ""}


def draft_leave(connection: Connection[Any], records: Records, options: LoadOptions) -> Draft:
    """The change that makes the leave in the database agree with the records.

    Parameters
    ----------
    records
        Read; unsound ones are left out of the plan.
    options
        ``effective``, ``retire``, ``retire_missing`` and ``commit`` are heeded. With ``commit`` other writers of leave
        wait from here to the end of the transaction.

    Notes
    -----
    A leave is known by who is away and ``from``; another ``to`` ends or extends it. Another stand-in or reason holds
    from the effective time on. With ``retire_missing`` leaves that go on or are to come and are not in the file end at
    the effective time; ``retire`` names others to end by their identity.
    """
    if options.commit:
        lock_leaves(connection)
    effective = now(connection) if options.effective is None else options.effective
    asked, findings = _resolve(connection, records, effective)
    everything = stored_leaves(connection)
    writing, edits, kept = _edits(asked, everything, effective, findings)
    ended = _retired(everything, kept, options, effective, findings)
    for leave in ended:
        writing.end(leave, effective)
    after = writing.applied(everything, "leave_id")
    findings += overlaps(asked, after)
    plan = _plan(connection, edits, ended, effective)
    if (asked or ended) and not any(finding.severity == "error" for finding in findings):
        findings += stand_in_findings(connection, asked, after)
        findings += _consequences(connection, everything, after, asked, ended, effective)

    def write() -> None:
        write_leaves(connection, writing.added, writing.ends, writing.withdrawn)

    return Draft(plan, findings, write, effective)


def _resolve(connection: Connection[Any], records: Records, effective: int) -> tuple[list[Asked], list[Finding]]:
    """Rows with identities in place of codes, and an error for each code that stands for nobody."""
    columns = {name: records.column(name) for name in ("worker", "from", "to", "reason", "stand_in")}
    rows = [
        (int(records.rows[at]), {name: values[at] for name, values in columns.items()})
        for at in np.flatnonzero(records.sound).tolist()
    ]
    codes = {code for _, values in rows for code in (values["worker"], values["stand_in"]) if code}
    holders = known_holders(connection, codes, effective)
    asked: list[Asked] = []
    findings: list[Finding] = []
    for row, values in rows:
        faults, leave = _resolved(row, values, holders, effective, frozenset(records.fields))
        findings += faults
        if leave is not None:
            asked.append(leave)
    return once(asked, findings), findings


def _resolved(
    row: int, values: Mapping[str, Any], holders: Mapping[str, list[Known]], effective: int, given: frozenset[str]
) -> tuple[list[Finding], Asked | None]:
    worker, stand_in, begins = values["worker"], values["stand_in"], values["from"]
    ends = FOREVER_TO if values["to"] is None else values["to"]
    label = f"{worker} · {written(begins)}"
    past = ends <= effective
    away, faults = _person("worker", worker, holders, row, label, past=past)
    other, more = (None, []) if stand_in is None else _person("stand_in", stand_in, holders, row, label, past=past)
    faults += more
    if away is not None and other == away:
        faults.append(own_stand_in(worker, row, label))
    if faults or away is None:
        return faults, None
    content: dict[str, Any] = {}
    if "stand_in" in given:
        content["stand_in_id"] = other
    if "reason" in given:
        content["reason"] = values["reason"] or ""
    return [], Asked(row, label, away, begins, ends, {"holder_id": away}, content)


def _person(
    field_name: Literal["worker", "stand_in"],
    code: str,
    holders: Mapping[str, list[Known]],
    row: int,
    label: str,
    *,
    past: bool,
) -> tuple[int | None, list[Finding]]:
    """Identity of a worker; an organisation takes no leave, but may stand in where no worker has the code."""
    known = [one for one in holders.get(code, ()) if one.alive or past]
    workers = [one for one in known if one.kind == "worker"]
    if workers:
        return workers[0].identity, []
    if known and field_name == "stand_in":
        return known[0].identity, []
    if known:
        return None, [no_person(code, row, label)]
    return None, [unknown(field_name, code, row, label)]


def _edits(
    asked: Sequence[Asked], everything: Sequence[dict[str, Any]], effective: int, findings: list[Finding]
) -> tuple[Writing, list[tuple[Asked, Edit]], set[int]]:
    stored: dict[Hashable, list[dict[str, Any]]] = defaultdict(list)
    for row in everything:
        stored[row["holder_id"]].append(row)
    for leaves in stored.values():
        leaves.sort(key=begins_of)
    starts = {(leave.key, leave.begins) for leave in asked}
    writing = Writing()
    edits: list[tuple[Asked, Edit]] = []
    kept: set[int] = set()
    for leave in asked:
        run = _run(leave, stored.get(leave.key, ()), starts)
        made = edit(leave, run, effective, _BLANK)
        findings += made.findings
        kept |= made.kept
        if not any(finding.severity == "error" for finding in made.findings):
            writing.take(made)
            edits.append((leave, made))
    return writing, edits, kept


def _run(
    asked: Asked, stored: Sequence[dict[str, Any]], starts: set[tuple[Hashable, int | None]]
) -> list[dict[str, Any]]:
    """Stored rows of one leave: the one that begins when the row says, and its later parts, with another stand-in.

    Parameters
    ----------
    stored
        All leaves of that person, in order.

    Notes
    -----
    Leave after leave are two. What follows, and was not made of this leave by a change of it, is taken for the same
    leave only while it lasts by the file, or where it has the same reason, and where the file knows no leave that
    begins then.
    """
    first = 0 if asked.begins is None else bisect_left(stored, asked.begins, key=begins_of)
    run = [leave for leave in stored[first : first + 1] if leave["begins"] == asked.begins]
    for leave in stored[first + 1 :] if run else ():
        if (asked.key, leave["begins"]) not in starts and (goes_on(run[-1], leave) or _alike(asked, run[-1], leave)):
            run.append(leave)
        else:
            break
    return run


def _alike(asked: Asked, before: Mapping[str, Any], leave: Mapping[str, Any]) -> bool:
    return bool(
        before["ends"] == leave["begins"] != asked.ends
        and (leave["begins"] < asked.ends or leave["reason"] == before["reason"])
    )


def _retired(
    everything: Sequence[dict[str, Any]], kept: set[int], options: LoadOptions, effective: int, findings: list[Finding]
) -> list[dict[str, Any]]:
    going = [leave for leave in everything if leave["ends"] > effective and leave["leave_id"] not in kept]
    wanted = set(options.retire)
    known = {str(leave["leave_id"]) for leave in going}
    findings += [no_such_leave(identity) for identity in sorted(wanted - known)]
    return going if options.retire_missing else [leave for leave in going if str(leave["leave_id"]) in wanted]


def _plan(
    connection: Connection[Any], edits: Sequence[tuple[Asked, Edit]], ended: Sequence[dict[str, Any]], effective: int
) -> Plan:
    changed = [(leave, made) for leave, made in edits if not made.same]
    rows = [made.after for _, made in changed] + [made.before for _, made in changed if made.before] + list(ended)
    people = {row[name] for row in rows for name in ("holder_id", "stand_in_id") if row[name] is not None}
    names = names_of(connection, {("holder", person) for person in people}) if people else {}
    changes = [
        _change("new" if made.before is None else "changed", names, made.before, made.after, leave.row)
        for leave, made in changed
    ]
    changes += [
        _change("ended", names, leave, {**leave, "ends": max(effective, leave["begins"])}, None) for leave in ended
    ]
    return Plan(
        tuple(leave.label for leave, made in changed if made.before is None),
        tuple(leave.label for leave, made in changed if made.before is not None),
        tuple(_code(names, leave) for leave in ended),
        len(edits) - len(changed),
        tuple(changes),
    )


def _code(names: Names, leave: Mapping[str, Any]) -> str:
    return f"{named(names, 'holder', leave['holder_id']).code} · {written(leave['begins'])}"


def _change(
    what: Literal["new", "changed", "ended"],
    names: Names,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    row: int | None,
) -> Change:
    label = f"{named(names, 'holder', after['holder_id']).words} · {written(after['begins'])}"
    old = None if before is None else _fields(names, before)
    return Change(what, _code(names, after), label, old, _fields(names, after), row)


def _fields(names: Names, leave: Mapping[str, Any]) -> dict[str, Any]:
    worker = named(names, "holder", leave["holder_id"])
    stand_in = None if leave["stand_in_id"] is None else named(names, "holder", leave["stand_in_id"])
    return {
        "worker": worker.code,
        "worker_name": worker.name or None,
        "from": local_time(leave["begins"]),
        "to": local_time(leave["ends"]),
        "reason": leave["reason"],
        "stand_in": None if stand_in is None else stand_in.code,
        "stand_in_name": None if stand_in is None else stand_in.name or None,
    }


def _consequences(
    connection: Connection[Any],
    before: Sequence[dict[str, Any]],
    after: Sequence[dict[str, Any]],
    asked: Sequence[Asked],
    ended: Sequence[dict[str, Any]],
    effective: int,
) -> list[Finding]:
    """Holes that open while somebody is away."""
    away = {leave.fixed["holder_id"]: (leave.row, leave.label) for leave in asked}
    people = {*away, *(leave["holder_id"] for leave in ended)}
    # Where the one who stands in has another's post already, that one's duty there counts too.
    mine = stored_duties(connection, holder_ids=people)
    duties = stored_duties(
        connection, holder_ids=people, targets={(duty["target_kind"], duty["target_id"]) for duty in mine}
    )
    records = [as_duty(duty) for duty in duties]
    posts = {post_of(as_duty(duty)) for duty in mine}
    old, new = (Roster(records, [as_leave(leave) for leave in leaves]) for leaves in (before, after))
    return hole_consequences(Outlook(connection, effective), old, new, posts, Sources({}, dict(away), {}))
