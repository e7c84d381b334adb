"""Stage 5 for addresses, current only: compared where the register is, since a city has three million of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import Connection

from geodata.address.register import (
    FIELDS,
    LISTS,
    Merged,
    addresses_of,
    lock_addresses,
    merge_staged,
    merged_rows,
    points_of,
    registered_twins,
    stage_addresses,
    staged_again,
    staged_without_place,
    write_merged,
)
from geodata.area import areas_in_force
from geodata.intake.address_places import placed_by_references
from geodata.intake.address_reading import read_doors
from geodata.intake.address_rows import whole_addresses
from geodata.intake.codes import make_codes
from geodata.intake.communities import territory
from geodata.intake.draft import Draft
from geodata.intake.fields import Kind
from geodata.intake.references import now
from geodata.intake.register_findings import (
    APART_METRES,
    metres_between,
    register_findings,
    some_of,
    two_points,
)
from geodata.intake.report import Change, LoadOptions, Plan, Progress
from geodata.intake.rows import Records
from geodata.intake.several_doors import spread_addresses
from geodata.intake.shifted import SAMPLE, shifted_findings
from geodata.intake.stated_areas import outside_stated_areas
from geodata.records import Finding

CHANGES_TOLD: Final = 20_000
"""So many new, changed and ended addresses are told with their fields; all are in the plan by their codes."""

_MOST_TWINS: Final = 10_000


def draft_addresses(
    connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions, progress: Progress
) -> Draft:
    """The change that makes the register of addresses agree with the records, by code.

    Parameters
    ----------
    records
        Read, and placed where the file says where; unsound ones are left out of the plan.
    options
        ``retire_missing`` and ``commit`` are heeded. With ``commit`` other writers of addresses wait from here to the
        end of the transaction.

    Notes
    -----
    The register has no past and no future: whatever time a load names, it changes when it is committed.
    """
    if options.commit:
        lock_addresses(connection)
    effective = now(connection)
    records, findings = placed_by_references(connection, kind, records, effective)
    records, faults = whole_addresses(records)
    findings += faults
    records, faults = make_codes(kind, records)
    findings += faults
    records, faults = spread_addresses(records)
    findings += faults
    progress("comparing", 0, len(records))
    stage_addresses(connection, _staged(records))
    records, faults = _without_place(records, staged_without_place(connection))
    findings += faults
    if options.part != "only":
        records, faults = _not_again(records, staged_again(connection))
        findings += faults
    progress("looking for contradictions", 0, len(records))
    findings += _contradictions(connection, records, effective)
    merged = merge_staged(connection, list(records.fields), _looking_for_missing(options))
    findings += _twins(connection, records)

    def write() -> None:
        write_merged(connection, [identity for identity, _ in merged.missing])

    return Draft(_plan(connection, records, merged), findings, write, effective)


def _looking_for_missing(options: LoadOptions) -> Literal["file", "parts"] | None:
    if not options.retire_missing or options.part == "more":
        return None
    return "file" if options.part == "only" else "parts"


def _staged(records: Records) -> Iterator[tuple[Any, ...]]:
    """Rows to stage: None for every field that the file does not give."""
    count = len(records)
    columns = [records.fields.get(name) or [None] * count for name in FIELDS]
    for at, name in enumerate(FIELDS):
        if name in LISTS and name in records.fields:
            columns[at] = [None if value is None else list(value) for value in columns[at]]
    codes, sound = records.column("code"), records.sound.tolist()
    for at, values in enumerate(zip(*columns, strict=True)):
        if codes[at] is not None:
            yield at, codes[at], sound[at], *values


def _without_place(records: Records, places: Sequence[int]) -> tuple[Records, list[Finding]]:
    """The records of which these are no longer sound, with an error each."""
    if not places:
        return records, []
    sound = records.sound.copy()
    sound[list(places)] = False

    def said(at: int) -> Finding:
        return Finding(
            "error",
            "missing-value",
            "It has no point: give lon and lat, or the code of its building or compound.",
            "缺少位置：请填写经纬度，或所属楼栋、小区的编码。",
            row=int(records.rows[at]),
            code=records.column("code")[at],
            facts={"field": "lon"},
        )

    return replace(records, sound=sound), some_of(places, said)


def _not_again(records: Records, places: Sequence[int]) -> tuple[Records, list[Finding]]:
    """The records without those whose code a part before has, with a warning each."""
    sound = records.sound.copy()
    sound[list(places)] = False

    def said(at: int) -> Finding:
        return Finding(
            "warning",
            "repeated-row",
            "An earlier row of the file has the same code, or says the same address: this one is left out.",
            "文件前面已有同一编码或同一地址的行，本行已略去。",
            row=int(records.rows[at]),
            code=records.column("code")[at],
        )

    return replace(records, sound=sound), some_of(places, said)


def _contradictions(connection: Connection[Any], records: Records, at: int) -> list[Finding]:
    if records.geometry is None:
        return []
    areas = areas_in_force(connection, at)
    doors = read_doors(records)
    findings = register_findings(records, doors) + outside_stated_areas(records, doors, areas)
    sample = _sample(records, doors.at)
    codes = [code for code in sample.column("code") if code is not None]
    return findings + shifted_findings(sample, points_of(connection, codes), territory(areas).communities)


def _sample(records: Records, places: NDArray[np.int64]) -> Records:
    """Some of the records, from all over the file."""
    some = places[np.linspace(0, len(places) - 1, min(len(places), SAMPLE)).astype(int)] if len(places) else places
    assert records.geometry is not None
    return replace(
        records,
        rows=records.rows[some],
        fields={"code": [records.column("code")[at] for at in some.tolist()]},
        geometry=records.geometry[some],
        sound=records.sound[some],
    )


def _twins(connection: Connection[Any], records: Records) -> list[Finding]:
    """Warnings for doors that the register has elsewhere, under another code."""
    twins = registered_twins(connection, _MOST_TWINS)
    if not twins or records.geometry is None:
        return []
    at = np.array([place for place, *_ in twins])
    here = np.column_stack([shapely.get_x(records.geometry[at]), shapely.get_y(records.geometry[at])])
    metres = metres_between(here, np.array([(lon, lat) for *_, lon, lat in twins]))
    apart = {int(at[i]): (twins[i][1], float(metres[i])) for i in np.flatnonzero(metres > APART_METRES).tolist()}

    def said(place: int) -> Finding:
        code, far = apart[place]
        return two_points(records, place, f"the register as {code}", f"地址库中的 {code} ", far)

    return some_of(sorted(apart), said)


def _plan(connection: Connection[Any], records: Records, merged: Merged) -> Plan:
    new = merged_rows(connection, new=True, most=CHANGES_TOLD)
    changed = merged_rows(connection, new=False, most=CHANGES_TOLD)
    told = [identity for identity, _ in merged.missing[:CHANGES_TOLD]]
    before = addresses_of(connection, [*(row["replaces"] for row in changed), *told])
    row_of = records.rows.tolist()
    changes = [Change("new", row["code"], row["text"], None, _shown(row), row_of[row["place"]]) for row in new]
    changes += [
        Change("changed", row["code"], row["text"], _shown(before[row["replaces"]]), _shown(row), row_of[row["place"]])
        for row in changed
    ]
    changes += [
        Change("ended", before[identity]["code"], before[identity]["text"], _shown(before[identity]))
        for identity in told
    ]
    return Plan(
        tuple(code for _, code in merged.new),
        tuple(code for _, code in merged.changed),
        tuple(code for _, code in merged.missing),
        int(np.count_nonzero(records.sound)) - len(merged.new) - len(merged.changed),
        tuple(changes),
    )


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": row["code"], **{name: row[name] for name in FIELDS}}
