"""Stage 5 for stops of mobile stations: each stands for a period of its own, so some are over and some are to come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from geodata.intake.changes import planned
from geodata.intake.codes import make_codes
from geodata.intake.draft import Difference, Draft
from geodata.intake.fields import Kind
from geodata.intake.references import now
from geodata.intake.referred import resolve_references
from geodata.intake.report import LoadOptions
from geodata.intake.rows import Records
from geodata.intake.tenures import written, written_end
from geodata.intake.upsert import shifted_kind
from geodata.records import FOREVER_TO, Finding
from geodata.station.stops import lock_stops, stored_stops, write_stops

_PLAIN = {"station": None, "lon": None, "lat": None, "address": "", "hours": ""}
_FIELDS = (*_PLAIN, "from", "to")


@dataclass
class _Work:
    """What is to be written, and what was found, while the rows are gone through."""

    found: Difference
    ends: dict[int, int] = field(default_factory=dict)
    withdrawn: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    written: list[dict[str, Any]] = field(default_factory=list)


def draft_stops(connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions) -> Draft:
    """The change that makes the stops in the database agree with the records, by code.

    Parameters
    ----------
    records
        Read and placed; unsound ones are left out of the plan.
    options
        ``effective``, ``retire_missing``, ``retire`` and ``commit`` are heeded. With ``commit`` other writers of stops
        wait from here to the end of the transaction.

    Notes
    -----
    A stop stands from its ``from``, else from the effective time, to its ``to``, else for good. One that changes does
    so at the effective time, or where it has not begun, from the start; another ``to`` alone ends or extends it. With
    ``retire_missing`` those that stand or are to come and are not in the file end at the effective time.
    """
    if options.commit:
        lock_stops(connection)
    effective = now(connection) if options.effective is None else options.effective
    known = {row["code"]: row for row in stored_stops(connection)}
    work = _Work(Difference([], [], [], [], 0))
    if records.geometry is not None:
        work.findings += shifted_kind(connection, kind, records, list(known.values()), effective)
    records, faults = resolve_references(connection, kind, records, effective)
    work.findings += faults
    records, faults = make_codes(kind, records)
    work.findings += faults
    same = 0
    for at, sound in enumerate(records.sound.tolist()):
        if sound:
            given = {name: records.fields[name][at] for name in ("code", *_FIELDS) if name in records.fields}
            same += _compare(work, given, known.get(given["code"]), effective, int(records.rows[at]))
    ending = _ending(work, records, known, options, effective)
    for row in ending:
        _end(work, row, effective)
    rows = dict(zip(records.column("code"), records.rows.tolist(), strict=True))
    found = Difference(work.found.new, work.found.changed, ending, work.found.replaced, same)

    def write() -> None:
        write_stops(connection, work.written, work.ends, work.withdrawn)

    return Draft(planned(found, ending, _FIELDS, rows, _label), work.findings, write, effective)


def _label(stop: Mapping[str, Any]) -> str:
    return " · ".join(filter(None, (stop["station"], stop["address"])))


def _compare(work: _Work, given: dict[str, Any], row: dict[str, Any] | None, effective: int, source_row: int) -> bool:
    """Note what a record changes; says whether that is nothing."""
    begins, ends = given.get("from"), given.get("to")
    if row is None:
        stop = {**_PLAIN, **given}
        stop["from"] = effective if begins is None else begins
        stop["to"] = FOREVER_TO if ends is None else ends
        _add(work, stop, source_row)
        work.found.new.append(stop)
        return False
    stop = {**row, **given}
    stop["from"] = row["from"] if begins is None else begins
    stop["to"] = ends if ends is not None else FOREVER_TO if "to" in given else row["to"]
    if all(stop[name] == row[name] for name in _FIELDS):
        return True
    if begins is not None and begins < row["from"] <= effective:
        work.findings.append(_moved_begin(given["code"], row["from"], source_row))
        return False
    work.found.changed.append(stop)
    work.found.replaced.append(row)
    if all(stop[name] == row[name] for name in (*_PLAIN, "from")) and stop["to"] > row["begins"]:
        work.ends[row["version_id"]] = stop["to"]
    else:
        _renew(work, stop, row, effective, source_row)
    return False


def _renew(work: _Work, stop: dict[str, Any], row: dict[str, Any], effective: int, source_row: int) -> None:
    """Another version from the effective time, or from the start where the stop has not begun."""
    if row["begins"] < effective:
        starts = stop["from"] if stop["from"] > effective else effective
        if row["to"] > starts:
            work.ends[row["version_id"]] = starts
        _add(work, {**stop, "from": starts}, source_row)
    else:
        work.withdrawn.append(row["version_id"])
        _add(work, stop, source_row)


def _add(work: _Work, stop: dict[str, Any], source_row: int) -> None:
    if stop["to"] <= stop["from"]:
        work.findings.append(_backwards(stop, source_row))
    work.written.append({name: stop[name] for name in ("code", *_FIELDS)})


def _end(work: _Work, row: Mapping[str, Any], effective: int) -> None:
    if row["begins"] < effective:
        work.ends[row["version_id"]] = effective
    else:
        work.withdrawn.append(row["version_id"])


def _ending(
    work: _Work, records: Records, known: Mapping[str, dict[str, Any]], options: LoadOptions, effective: int
) -> list[dict[str, Any]]:
    """Stops that end: named by code, or missing where the user said so."""
    present = set(records.column("code"))
    open_stops = {code: row for code, row in known.items() if row["to"] > effective}
    ending = {code: row for code, row in open_stops.items() if options.retire_missing and code not in present}
    for code in dict.fromkeys(options.retire):
        if code in open_stops and code not in present:
            ending[code] = open_stops[code]
        else:
            said, said_zh = (
                f"{code} does not stand at that time, so it cannot end.",
                f"{code} 在该时间并未生效，无法停用。",
            )
            facts = {"field": "code", "value": code}
            work.findings.append(Finding("error", "unknown-code", said, said_zh, code=code, facts=facts))
    return list(ending.values())


def _backwards(stop: Mapping[str, Any], row: int) -> Finding:
    ends, begins = written_end(stop["to"]), written(stop["from"])
    return Finding(
        "error",
        "backward-period",
        f"The stop would end on {ends}, before it begins on {begins}.",
        f"停靠的结束时间（{ends}）不晚于开始时间（{begins}）。",
        row=row,
        code=stop["code"],
        facts={"field": "to"},
    )


def _moved_begin(code: str, began: int, row: int) -> Finding:
    return Finding(
        "error",
        "moved-begin",
        f"The stop stands there since {written(began)}, which is history: leave from out, or give it another code.",
        f"该停靠点自 {written(began)} 起已生效，不能再提前：请不填“开始”，或换一个编码。",
        row=row,
        code=code,
        facts={"field": "from"},
    )
