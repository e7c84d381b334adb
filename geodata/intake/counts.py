"""Stage 5 for counts of people by place, current only: compare with what is there, mark, add."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from psycopg import Connection

from geodata.intake.changes import planned
from geodata.intake.codes import make_codes
from geodata.intake.count_kinds import PREFIX
from geodata.intake.draft import Draft, difference
from geodata.intake.fields import Kind
from geodata.intake.references import now
from geodata.intake.referred import resolve_references
from geodata.intake.report import LoadOptions
from geodata.intake.rows import Records
from geodata.records import Finding
from geodata.station.counts import counts_now, known_addresses, lock_counts, write_counts

_FIELDS = {"building": "", "address": "", "counts": {}}


def draft_counts(connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions) -> Draft:
    """The change that makes the counts agree with the records, by what they are about.

    Parameters
    ----------
    records
        Read, with codes of buildings for names; unsound ones are left out of the plan.
    options
        ``retire_missing`` and ``commit`` are heeded.

    Notes
    -----
    Counts that the file has no column for stay as they are; an empty cell takes its count away. They have no past and
    no future: whatever time a load names, they change when it is committed.
    """
    if options.commit:
        lock_counts(connection)
    stored, at = counts_now(connection), now(connection)
    records, named = resolve_references(connection, kind, records, at)
    records, findings = _about_one_place(connection, records)
    records, repeated = make_codes(kind, records)
    before = {row["code"]: row["counts"] for row in stored}
    found = difference(_rows(records, before), stored, dict(_FIELDS), records.column("code"))
    missing = found.missing if options.retire_missing else []
    withdrawn = [row["version_id"] for row in [*found.replaced, *missing]]
    at_row = dict(zip(records.column("code"), records.rows.tolist(), strict=True))
    plan = planned(found, missing, _FIELDS, at_row, _label)
    return Draft(plan, [*named, *findings, *repeated], partial(write_counts, connection, found.records, withdrawn), at)


def _about_one_place(connection: Connection[Any], records: Records) -> tuple[Records, list[Finding]]:
    """Records each of which is about one place that is known, and that no other is about; an error for the others."""
    buildings, addresses = records.column("building"), records.column("address")
    known = known_addresses(connection, sorted({code for code in addresses if code}))
    sound, findings = records.sound.copy(), []
    seen: dict[tuple[str | None, str | None], int] = {}
    for at in np.flatnonzero(sound).tolist():
        building, address, row = buildings[at], addresses[at], int(records.rows[at])
        earlier = seen.setdefault((building, address), row)
        fault: tuple[str, str, str, str] | None = None
        if bool(building) == bool(address):
            fault = (
                "which-place",
                "building",
                "Name a building or an address, and not both: people are counted once.",
                "请填写楼栋或地址，二者只填其一，以免重复计数。",
            )
        elif address and address not in known:
            fault = (
                "unknown-address",
                "address",
                f"address: {address} is the code of no entry of the register; load the addresses first or correct it.",
                f"地址“{address}”不在地址库中，请先导入地址或更正编码。",
            )
        elif earlier != row:
            fault = (
                "repeated-place",
                "building" if building else "address",
                f"Row {earlier} is about the same place: put all of its people into one row.",
                f"第 {earlier} 行已统计同一处，请合并为一行。",
            )
        if fault is not None:
            kind, field, message, message_zh = fault
            sound[at] = False
            findings.append(
                Finding("error", kind, message, message_zh, row, building or address, facts={"field": field})
            )
    return replace(records, sound=sound), findings


def _rows(records: Records, before: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Sound records as they are stored: counts that the file does not give stay, those it leaves empty go."""
    names = [name for name in records.fields if name.startswith(PREFIX)]
    codes, buildings, addresses = (records.column(name) for name in ("code", "building", "address"))
    rows = []
    for at in np.flatnonzero(records.sound).tolist():
        given = {name.removeprefix(PREFIX): records.fields[name][at] for name in names}
        every = {**before.get(codes[at], {}), **given}
        counts = {name: number for name, number in sorted(every.items()) if number is not None}
        rows.append(
            {"code": codes[at], "building": buildings[at] or "", "address": addresses[at] or "", "counts": counts}
        )
    return rows


def _label(record: Mapping[str, Any]) -> str:
    return str(record["building"] or record["address"])
