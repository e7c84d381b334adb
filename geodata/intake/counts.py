"""Stage 5 for counts by place and by grid, current only: compare with what is there, mark, add."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from psycopg import Connection

from geodata.intake.changes import planned
from geodata.intake.codes import make_codes
from geodata.intake.count_grids import resolve_grids, without_sums
from geodata.intake.count_kinds import PREFIX
from geodata.intake.draft import Draft, difference
from geodata.intake.fields import Kind
from geodata.intake.references import now
from geodata.intake.referred import resolve_references
from geodata.intake.report import LoadOptions
from geodata.intake.rows import Records
from geodata.records import Finding
from geodata.station.counts import counts_now, known_addresses, lock_counts, write_counts

_FIELDS = {"building": "", "address": "", "layer": "", "grid": "", "counts": {}}


def draft_counts(connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions) -> Draft:
    """The change that makes the counts agree with the records, by what they are about.

    Parameters
    ----------
    records
        Read; unsound ones are left out of the plan.
    options
        ``layer``, ``retire_missing`` and ``commit`` are heeded. What is missing is sought among what the file is about:
        grids of its layers, or buildings and addresses.

    Notes
    -----
    Counts that the file has no column for stay as they are; an empty cell takes its count away. They have no past and
    no future: whatever time a load names, they change when it is committed.
    """
    if options.commit:
        lock_counts(connection)
    stored, at = counts_now(connection), now(connection)
    records, sums = without_sums(records)
    records, named = resolve_references(connection, kind, records, at)
    records, grids = resolve_grids(connection, records, at, options.layer)
    records, findings = _about_one_place(connection, records)
    records, repeated = make_codes(kind, _with_codes_of_grids(records))
    before = {row["code"]: row["counts"] for row in stored}
    found = difference(_rows(records, before), stored, dict(_FIELDS), records.column("code"))
    seen = set(records.column("code"))
    told = {_whole(row) for row in found.records} | {_whole(row) for row in stored if row["code"] in seen}
    missing = [row for row in found.missing if options.retire_missing and _whole(row) in told]
    withdrawn = [row["version_id"] for row in [*found.replaced, *missing]]
    at_row = dict(zip(records.column("code"), records.rows.tolist(), strict=True))
    plan = planned(found, missing, _FIELDS, at_row, _label)
    findings = [*sums, *named, *grids, *findings, *repeated]
    return Draft(plan, findings, partial(write_counts, connection, found.records, withdrawn), at)


def _about_one_place(connection: Connection[Any], records: Records) -> tuple[Records, list[Finding]]:
    """Records each of which is about one place that is known, and that no other is about; an error for the others."""
    buildings, addresses, grids = (records.column(name) for name in ("building", "address", "grid"))
    layers = records.column("layer")
    known = known_addresses(connection, sorted({code for code in addresses if code}))
    sound, findings = records.sound.copy(), []
    seen: dict[tuple[str | None, ...], int] = {}
    for at in np.flatnonzero(sound).tolist():
        building, address, grid, row = buildings[at], addresses[at], grids[at], int(records.rows[at])
        earlier = seen.setdefault((building, address, layers[at], grid), row)
        fault: tuple[str, str, str, str] | None = None
        if bool(building) + bool(address) + bool(grid) != 1:
            fault = (
                "which-place",
                "building",
                "Name a building, an address or a grid, and not both of the first two: people are counted once.",
                "请填写楼栋、地址或网格；楼栋与地址只填其一，以免重复计数。",
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
                "building" if building else "address" if address else "grid",
                f"Row {earlier} is about the same place: put all that is counted there into one row.",
                f"第 {earlier} 行已统计同一处，请合并为一行。",
            )
        if fault is not None:
            kind, field, message, message_zh = fault
            sound[at] = False
            findings.append(
                Finding("error", kind, message, message_zh, row, building or address or grid, facts={"field": field})
            )
    return replace(records, sound=sound), findings


def _with_codes_of_grids(records: Records) -> Records:
    """Records of which those about grids have the code that says which: a grid has one row of counts, ever the same."""
    codes, layers, grids = (list(records.column(name)) for name in ("code", "layer", "grid"))
    for at, grid in enumerate(grids):
        if grid is not None and layers[at] is not None:
            codes[at] = f"{layers[at]}/{grid}"
    return replace(records, fields={**records.fields, "code": codes})


def _rows(records: Records, before: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Sound records as they are stored: counts that the file does not give stay, those it leaves empty go."""
    names = [name for name in records.fields if name.startswith(PREFIX)]
    codes = records.column("code")
    about = {name: records.column(name) for name in ("building", "address", "layer", "grid")}
    rows = []
    for at in np.flatnonzero(records.sound).tolist():
        given = {name.removeprefix(PREFIX): records.fields[name][at] for name in names}
        every = {**before.get(codes[at], {}), **given}
        counts = {name: number for name, number in sorted(every.items()) if number is not None}
        where = {name: values[at] or "" for name, values in about.items()}
        rows.append({"code": codes[at], **where, "counts": counts})
    return rows


def _whole(record: Mapping[str, Any]) -> str:
    """What a record is missed among: the layer of its grid, nothing for buildings and addresses."""
    return str(record["layer"])


def _label(record: Mapping[str, Any]) -> str:
    return str(record["building"] or record["address"] or record["grid"])
