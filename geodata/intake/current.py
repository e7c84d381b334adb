"""Stage 5 for registers that are current only, streets and addresses: compare with what is there, mark, add."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from psycopg import Connection

from geodata.address.register import PARTS, addresses_now, lock_addresses, write_addresses
from geodata.area import areas_in_force
from geodata.intake.changes import named, planned
from geodata.intake.codes import make_codes
from geodata.intake.communities import territory
from geodata.intake.draft import Draft, difference
from geodata.intake.kinds import Kind
from geodata.intake.references import now
from geodata.intake.report import LoadOptions
from geodata.intake.rows import Records
from geodata.intake.shifted import NO_COMMUNITIES, shifted_findings
from geodata.records import Finding
from geodata.station.streets import lock_streets, streets_now, write_streets

CURRENT_KINDS = ("streets", "addresses")

_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)


@dataclass(frozen=True, slots=True)
class _Store:
    lock: Callable[[Connection[Any]], None]
    now: Callable[[Connection[Any]], list[dict[str, Any]]]
    write: Callable[[Connection[Any], Sequence[Mapping[str, Any]], Sequence[int]], None]
    defaults: Mapping[str, Any]
    label: Callable[[Mapping[str, Any]], str]


_STORES = {
    "streets": _Store(
        lock_streets,
        streets_now,
        write_streets,
        {"name": "", "class": "", "wkb": None},
        named,
    ),
    "addresses": _Store(
        lock_addresses,
        addresses_now,
        write_addresses,
        {"text": "", **dict.fromkeys(PARTS, ""), "households": None, "persons": None, "lon": None, "lat": None},
        lambda row: str(row["text"]),
    ),
}


def draft_current(connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions) -> Draft:
    """The change that makes a register agree with the records, by code.

    Parameters
    ----------
    kind
        ``streets`` or ``addresses``.
    records
        Read and placed; unsound ones are left out of the plan.
    options
        ``retire_missing`` and ``commit`` are heeded. With ``commit`` other writers of the kind wait from here to the
        end of the transaction.

    Notes
    -----
    These registers have no past and no future: whatever time a load names, they change when it is committed.
    """
    store = _STORES[kind.name]
    if options.commit:
        store.lock(connection)
    stored = store.now(connection)
    effective = now(connection)
    records, findings = _streets(records) if kind.name == "streets" else _addresses(records)
    records, repeated = make_codes(kind, records)
    findings += repeated + _shifted(connection, kind, records, stored, effective)
    found = difference(_rows(kind, records), stored, dict(store.defaults), records.column("code"))
    missing = found.missing if options.retire_missing else []
    withdrawn = [row["version_id"] for row in [*found.replaced, *missing]]

    def write() -> None:
        store.write(connection, found.records, withdrawn)

    at_row = dict(zip(records.column("code"), records.rows.tolist(), strict=True))
    plan = planned(found, missing, store.defaults, at_row, store.label)
    return Draft(plan, findings, write, effective)


def _streets(records: Records) -> tuple[Records, list[Finding]]:
    """Streets that are lines, each with its shape as the field ``wkt``; an error for every other shape."""
    assert records.geometry is not None
    shapes, sound = shapely.force_2d(records.geometry), records.sound.copy()
    lines = np.isin(shapely.get_type_id(shapes), _LINES) & ~shapely.is_empty(shapes)
    findings = [_no_line(records, at, shapes[at]) for at in np.flatnonzero(sound & ~lines).tolist()]
    texts = [shapely.to_wkb(shape, hex=True) if line else None for shape, line in zip(shapes, lines, strict=True)]
    return replace(records, geometry=shapes, sound=sound & lines, fields={**records.fields, "wkt": texts}), findings


def _addresses(records: Records) -> tuple[Records, list[Finding]]:
    """Addresses with a text; an error for each row that has neither text nor parts."""
    sound, findings = records.sound.copy(), []
    parts = list(zip(*(records.column(name) for name in PARTS), strict=True))
    given = records.column("text")
    texts = [text or "".join(part for part in own if part) for text, own in zip(given, parts, strict=True)]
    for at in np.flatnonzero(sound).tolist():
        if not texts[at]:
            sound[at] = False
            findings.append(_no_address(records, at))
    return replace(records, sound=sound, fields={**records.fields, "text": texts}), findings


def _rows(kind: Kind, records: Records) -> list[dict[str, Any]]:
    """Sound records as dicts of ``code`` and the fields that the file gives."""
    names = [name for name in records.fields if name != "wkt"]
    rows = [{name: records.fields[name][at] for name in names} for at in range(len(records))]
    if kind.name == "streets" and records.geometry is not None:
        for at in np.flatnonzero(records.sound).tolist():
            multi = shapely.multilinestrings(shapely.get_parts(records.geometry[at]))
            rows[at]["wkb"] = bytes(shapely.to_wkb(multi, byte_order=1))
    return [row for row, sound in zip(rows, records.sound, strict=True) if sound]


def _shifted(
    connection: Connection[Any], kind: Kind, records: Records, stored: Sequence[Mapping[str, Any]], at: int
) -> list[Finding]:
    if kind.name == "streets":
        # Streets leave the communities; only those that are known already tell.
        return shifted_findings(records, {row["code"]: row["wkb"] for row in stored}, NO_COMMUNITIES)
    points = shapely.to_wkb(shapely.points([(row["lon"], row["lat"]) for row in stored])) if stored else []
    before = {row["code"]: point for row, point in zip(stored, points, strict=True)}
    return shifted_findings(records, before, territory(areas_in_force(connection, at)).communities)


def _no_line(records: Records, at: int, shape: Any) -> Finding:
    kind = shape.geom_type if shape is not None else "None"
    return Finding(
        "error",
        "not-a-line",
        f"The geometry is a {kind}, a street needs a line.",
        f"图形是 {kind}，道路应为线。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "wkt"},
    )


def _no_address(records: Records, at: int) -> Finding:
    return Finding(
        "error",
        "missing-value",
        "An address needs its text, or its parts: road and number, compound, building.",
        "缺少地址：请填写地址全称，或道路、门牌号、小区、楼栋等部分。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "text"},
    )
