"""Stage 5 for kinds with one record per code: compare with what is in force, end and renew by code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely
from psycopg import Connection

from geodata.area import areas_in_force, areas_later, lock_areas, write_areas
from geodata.errors import InputError
from geodata.grid.layers import layers, lock_layers, write_layers
from geodata.grid.rings import shape_finding
from geodata.intake.communities import territory
from geodata.intake.dependants import dependant_findings
from geodata.intake.draft import Difference, Draft, difference
from geodata.intake.kinds import Kind
from geodata.intake.references import now, parent_findings
from geodata.intake.report import LoadOptions
from geodata.intake.rows import Records
from geodata.intake.shifted import NO_COMMUNITIES, shifted_findings
from geodata.people.roster import lock_register, register_in_force, register_later, write_register
from geodata.records import Finding, Mend
from geodata.station.register import lock_stations, stations_in_force, stations_later, write_stations
from geodata.times import LOCAL_ZONE, instant


@dataclass(frozen=True, slots=True)
class _Store:
    """How one kind is locked, read and written, and which field names another record of the kind."""

    lock: Callable[[Connection[Any]], None]
    in_force: Callable[[Connection[Any], int], list[dict[str, Any]]]
    later: Callable[[Connection[Any], int], dict[str, int]]
    write: Callable[[Connection[Any], Sequence[Mapping[str, Any]], Sequence[int], int], None]
    parent: str | None = None


_STORES: dict[str, _Store] = {
    "areas": _Store(lock_areas, areas_in_force, areas_later, write_areas, "parent"),
    "layers": _Store(
        lock_layers,
        lambda connection, _at: layers(connection),
        lambda _connection, _at: {},
        lambda connection, records, _ended, _at: write_layers(connection, records),
        "nested_in",
    ),
    "stations": _Store(lock_stations, stations_in_force, stations_later, write_stations, "parent"),
    "roles": _Store(
        lambda connection: lock_register(connection, "roles"),
        lambda connection, at: register_in_force(connection, "roles", at),
        lambda connection, at: register_later(connection, "roles", at),
        lambda connection, records, ended, at: write_register(connection, "roles", records, ended, at),
    ),
    "workers": _Store(
        lambda connection: lock_register(connection, "workers"),
        lambda connection, at: register_in_force(connection, "workers", at),
        lambda connection, at: register_later(connection, "workers", at),
        lambda connection, records, ended, at: write_register(connection, "workers", records, ended, at),
    ),
    "organisations": _Store(
        lambda connection: lock_register(connection, "organisations"),
        lambda connection, at: register_in_force(connection, "organisations", at),
        lambda connection, at: register_later(connection, "organisations", at),
        lambda connection, records, ended, at: write_register(connection, "organisations", records, ended, at),
    ),
}


def draft_upsert(connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions) -> Draft:
    """The change that makes what is in force agree with the records, by code.

    Parameters
    ----------
    kind
        ``areas``, ``layers``, ``stations``, ``roles``, ``workers`` or ``organisations``.
    records
        Read and placed; unsound ones are left out of the plan.
    options
        ``effective``, ``retire_missing``, ``repair`` and ``commit`` are heeded. With ``commit`` other writers of the
        kind wait from here to the end of the transaction.

    Raises
    ------
    InputError
        Layers are to be retired: they have no end.
    """
    store = _STORES[kind.name]
    if kind.name == "layers" and options.retire_missing:
        raise InputError(
            "Layers are never retired: leave --retire-missing out.", "网格类型不能停用，请去掉 --retire-missing。"
        )
    if options.commit:
        store.lock(connection)
    effective = now(connection) if options.effective is None else options.effective
    stored = store.in_force(connection, effective)
    findings: list[Finding] = []
    mends: list[Mend] = []
    if records.geometry is not None:
        findings += _shifted(connection, kind, records, stored, effective)
    if store.parent is not None:
        findings += parent_findings(records, store.parent, stored)
    if kind.name == "areas" and records.geometry is not None:
        records, more, mends = _sound_shapes(records, repair=options.repair)
        findings += more
    later = store.later(connection, effective)
    found = difference(_as_written(kind, records), stored, _defaults(kind), records.column("code"), later)
    missing = found.missing if options.retire_missing else []
    findings += _later_findings(records, [*found.records, *missing], later)
    if store.parent is not None:
        findings += _orphans(store.parent, found, missing, stored)
    findings += dependant_findings(connection, kind.name, missing, effective)
    ended = [row["version_id"] for row in [*found.replaced, *missing]] if kind.name != "layers" else []

    def write() -> None:
        store.write(connection, found.records, ended, effective)

    plan = found.plan([row["code"] for row in missing])
    return Draft(plan, findings, write, effective, mends)


def _shifted(
    connection: Connection[Any], kind: Kind, records: Records, stored: Sequence[Mapping[str, Any]], effective: int
) -> list[Finding]:
    """Stations are looked for at their old places, else inside the communities; areas at their old places."""
    if kind.name == "areas":
        return shifted_findings(records, {row["code"]: row["wkb"] for row in stored}, NO_COMMUNITIES)
    points = shapely.to_wkb(shapely.points([(row["lon"], row["lat"]) for row in stored])) if stored else []
    before = {row["code"]: point for row, point in zip(stored, points, strict=True)}
    return shifted_findings(records, before, territory(areas_in_force(connection, effective)).communities)


def _defaults(kind: Kind) -> dict[str, Any]:
    defaults = {field.name: field.default for field in kind.fields if field.name not in ("code", "lon", "lat", "wkt")}
    if kind.name == "areas":
        defaults["wkb"] = None
    if kind.name == "stations":
        defaults |= {"lon": None, "lat": None}
    return defaults


def _as_written(kind: Kind, records: Records) -> list[dict[str, Any]]:
    """Sound records as dicts of ``code`` and the fields that the file gives."""
    names = [name for name in records.fields if name != "wkt"]
    columns = [records.fields[name] for name in names]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    if kind.name == "areas" and records.geometry is not None:
        for row, shape in zip(rows, records.geometry, strict=True):
            row["wkb"] = None if shape is None else multi_wkb(shape)
    return [row for row, sound in zip(rows, records.sound, strict=True) if sound]


def multi_wkb(shape: Any) -> bytes:
    """Well-known binary of a Polygon or MultiPolygon, as PostGIS gives a MultiPolygon back."""
    multi = shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape
    return bytes(shapely.to_wkb(multi, byte_order=1))


def _sound_shapes(records: Records, *, repair: bool) -> tuple[Records, list[Finding], list[Mend]]:
    """Areas whose shapes are valid or none; faults of the others, or how they were mended."""
    assert records.geometry is not None
    shapes, sound = records.geometry.copy(), records.sound.copy()
    findings: list[Finding] = []
    mends: list[Mend] = []
    codes = records.column("code")
    for at, shape in enumerate(shapes):
        if shape is None or shape.is_empty:
            shapes[at] = None
            continue
        fault = shape_finding(shape, row=int(records.rows[at]), code=codes[at])
        if fault is None:
            continue
        mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        if repair and fault.kind == "invalid-ring" and mended.geom_type in ("Polygon", "MultiPolygon"):
            shapes[at] = mended
            mends.append(_made_valid(fault))
        else:
            sound[at] = False
            findings.append(_of_area(fault))
    return replace(records, geometry=shapes, sound=sound), findings, mends


def _of_area(fault: Finding) -> Finding:
    return replace(
        fault,
        message=fault.message.replace("Grid", "Area", 1),
        message_zh=fault.message_zh.replace("网格", "区划", 1),
    )


def _made_valid(fault: Finding) -> Mend:
    return Mend(
        "made-valid",
        f"The ring of area {fault.code} was made valid.",
        f"已修复区划 {fault.code} 的无效边界。",
        fault.row,
        fault.code,
        fault.lon,
        fault.lat,
    )


def _later_findings(records: Records, touched: Sequence[Mapping[str, Any]], later: Mapping[str, int]) -> list[Finding]:
    """Errors for records that would reach into a version that is planned already."""
    rows = dict(zip(records.column("code"), records.rows.tolist(), strict=True))
    findings = []
    for record in touched:
        code = record["code"]
        if code in later:
            day = instant(later[code]).astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")
            findings.append(
                Finding(
                    "error",
                    "later-version",
                    f"{code} changes again on {day}: load with --effective at that time or later.",
                    f"{code} 在 {day} 另有变更，请将 --effective 设为该时间或更晚。",
                    row=rows.get(code),
                    code=code,
                )
            )
    return findings


def _orphans(
    parent: str, found: Difference, missing: Sequence[Mapping[str, Any]], stored: Sequence[Mapping[str, Any]]
) -> list[Finding]:
    """Errors for records that end while others that stay name them as parent."""
    gone = {row["code"] for row in missing}
    above = {row["code"]: row[parent] for row in [*stored, *found.records] if row["code"] not in gone}
    return [
        Finding(
            "error",
            "retires-parent",
            f"{named} is not in the file and would end, but {code} still lies in it.",
            f"文件中没有 {named}，它将停用，但 {code} 仍以它为上级。",
            code=code,
            facts={"parent": named},
        )
        for code, named in above.items()
        if named in gone
    ]
