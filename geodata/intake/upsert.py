"""Stage 5 for kinds with one record per code: compare with what is in force, end and renew by code."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from psycopg import Connection

from geodata.area import areas_in_force
from geodata.errors import InputError
from geodata.grid.rings import shape_finding
from geodata.intake.changes import planned
from geodata.intake.codes import make_codes
from geodata.intake.communities import territory
from geodata.intake.consequences import leaving_consequences, unmet_norm_findings
from geodata.intake.dependants import dependant_findings, unit_findings
from geodata.intake.draft import Difference, Draft, difference
from geodata.intake.fields import Kind
from geodata.intake.mobile import placed_or_mobile
from geodata.intake.namesakes import namesake_findings
from geodata.intake.outlines import far_from_outline
from geodata.intake.references import now, parent_findings
from geodata.intake.referred import resolve_references
from geodata.intake.report import LoadOptions
from geodata.intake.rows import Records
from geodata.intake.secrecy import code_secret
from geodata.intake.sense import make_sense
from geodata.intake.shifted import NO_COMMUNITIES, shifted_findings
from geodata.intake.stores import STORES, Narrow, Store
from geodata.intake.worker_codes import worker_codes
from geodata.records import Finding, Mend
from geodata.times import LOCAL_ZONE, instant

# Fields that name another record of the kind.
_PARENTS = {"areas": "parent", "layers": "nested_in", "stations": "parent"}
_DRAWN = {"areas": ("Area", "区划"), "compounds": ("Compound", "小区"), "buildings": ("Building", "楼栋")}
_FEW_CODES = 100
_NEVER_IN_FIELDS = ("code", "lon", "lat", "wkt")


def draft_upsert(connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions) -> Draft:
    """The change that makes what is in force agree with the records, by code.

    Parameters
    ----------
    kind
        One of `geodata.intake.stores.STORES`.
    records
        Read and placed; unsound ones are left out of the plan.
    options
        ``effective``, ``retire_missing``, ``retire``, ``repair``, ``layer`` and ``commit`` are heeded. With ``commit``
        other writers of the kind wait from here to the end of the transaction.

    Raises
    ------
    InputError
        Layers are to be retired: they have no end.
    """
    store = STORES[kind.name]
    if kind.name == "layers" and (options.retire_missing or options.retire):
        raise InputError(
            "Layers are never retired: leave --retire-missing out.", "网格类型不能停用，请去掉 --retire-missing。"
        )
    if options.commit:
        store.lock(connection)
    effective = now(connection) if options.effective is None else options.effective
    stored = _stored(connection, store, records, options, effective)
    records, findings, mends = _checked(connection, kind, records, stored, options, effective)
    later = store.later(connection, effective)
    found = difference(_as_written(kind, records), stored, _defaults(kind), records.column("code"), later)
    ending, faults = _ending(kind, found, records, stored, options, effective)
    findings += faults
    findings += _later_findings(records, [*found.records, *ending], later)
    if kind.name in _PARENTS:
        findings += _orphans(_PARENTS[kind.name], found, ending, stored)
    findings += dependant_findings(connection, kind.name, ending, effective)
    if kind.name in ("workers", "organisations") and ending:
        findings += leaving_consequences(connection, [row["entity_id"] for row in ending], effective)
    rows = dict(zip(records.column("code"), records.rows.tolist(), strict=True))
    if kind.name == "buildings":
        findings += unit_findings(connection, found, effective)
    if kind.name == "norms":
        findings += unmet_norm_findings(connection, found.records, rows, effective)
    ended = [row["version_id"] for row in [*found.replaced, *ending]] if kind.name != "layers" else []

    def write() -> None:
        store.write(connection, found.records, ended, effective)

    return Draft(planned(found, ending, _defaults(kind), rows), findings, write, effective, mends)


def _stored(
    connection: Connection[Any], store: Store, records: Records, options: LoadOptions, effective: int
) -> list[dict[str, Any]]:
    """What is in force: of the codes at hand where these are few and the others do not matter, else everything."""
    codes = {*options.retire, *records.column("code")}
    # Codes that are still to be made are not known yet: None stands for them.
    few = len(codes) <= _FEW_CODES and None not in codes and not options.retire_missing
    if few and isinstance(store, Narrow):
        return store.in_force_of(connection, effective, sorted(codes))
    return store.in_force(connection, effective)


def _checked(
    connection: Connection[Any],
    kind: Kind,
    records: Records,
    stored: Sequence[Mapping[str, Any]],
    options: LoadOptions,
    effective: int,
) -> tuple[Records, list[Finding], list[Mend]]:
    """Records with codes for names and sound shapes, what is wrong with them, and what was mended."""
    findings: list[Finding] = []
    mends: list[Mend] = []
    if not kind.makes_codes:
        records, findings = make_codes(kind, records)
    if records.geometry is not None:
        findings += shifted_kind(connection, kind, records, stored, effective)
    if kind.name in _PARENTS:
        findings += parent_findings(records, _PARENTS[kind.name], stored)
    records, faults = resolve_references(connection, kind, records, effective)
    findings += faults
    records, faults = make_sense(connection, kind.name, records, effective, options.layer)
    findings += faults
    if kind.name == "workers":
        records, faults = worker_codes(records, stored, code_secret(connection))
        findings += faults
    elif kind.makes_codes:
        records, faults = make_codes(kind, records)
        findings += faults
    if kind.placeless:
        records, faults = placed_or_mobile(connection, records, stored, effective)
        findings += faults
    if kind.name in _DRAWN:
        records, faults, mends = _sound_shapes(kind, records, repair=options.repair)
        findings += faults
    if kind.outline:
        findings += far_from_outline(records, stored)
    findings += namesake_findings(kind.name, records, stored)
    return records, findings, mends


def _ending(
    kind: Kind,
    found: Difference,
    records: Records,
    stored: Sequence[dict[str, Any]],
    options: LoadOptions,
    effective: int,
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """What ends: named by its code, or missing where the user said so; and codes that cannot end."""
    known = {row["code"]: row for row in stored}
    missing = found.missing if options.retire_missing else []
    if kind.name == "calendar":
        # What the past days were is history, and a file of next year does not hold them.
        today = instant(effective).astimezone(LOCAL_ZONE).date().isoformat()
        missing = [row for row in missing if row["day"] >= today]
    ending = {row["code"]: row for row in missing}
    findings = []
    for code in dict.fromkeys(options.retire):
        if code not in known:
            findings.append(_not_there(code))
        elif code in set(records.column("code")):
            findings.append(_kept_and_ended(code))
        else:
            ending[code] = known[code]
    return list(ending.values()), findings


def _not_there(code: str) -> Finding:
    return Finding(
        "error",
        "unknown-code",
        f"{code} is not in force at that time, so it cannot end.",
        f"{code} 在该时间并未生效，无法停用。",
        code=code,
        facts={"field": "code", "value": code},
    )


def _kept_and_ended(code: str) -> Finding:
    return Finding(
        "error",
        "kept-and-ended",
        f"{code} is in the file and is to end: take it out of one of the two.",
        f"{code} 既在文件中又要停用，请二选一。",
        code=code,
    )


def shifted_kind(
    connection: Connection[Any], kind: Kind, records: Records, stored: Sequence[Mapping[str, Any]], effective: int
) -> list[Finding]:
    """Whether coordinates look shifted: what is known is looked for at its old place, all but areas in communities."""
    if kind.shape == "polygon":
        shapes = {row["code"]: row["wkb"] for row in stored}
        around = NO_COMMUNITIES
        if kind.name != "areas":
            around = territory(areas_in_force(connection, effective)).communities
        return shifted_findings(records, shapes, around)
    placed = [row for row in stored if row["lon"] is not None]
    points = shapely.to_wkb(shapely.points([(row["lon"], row["lat"]) for row in placed])) if placed else []
    before = {row["code"]: point for row, point in zip(placed, points, strict=True)}
    return shifted_findings(records, before, territory(areas_in_force(connection, effective)).communities)


def _defaults(kind: Kind) -> dict[str, Any]:
    defaults = {field.name: field.default for field in kind.fields if field.name not in _NEVER_IN_FIELDS}
    if kind.shape == "point":
        defaults |= {"lon": None, "lat": None}
    if kind.name in _DRAWN:
        defaults["wkb"] = None
    return defaults


def _as_written(kind: Kind, records: Records) -> list[dict[str, Any]]:
    """Sound records as dicts of ``code`` and the fields that the file gives."""
    names = [name for name in records.fields if name != "wkt"]
    rows = [{name: records.fields[name][at] for name in names} for at in range(len(records))]
    drawn = records.outlines if kind.outline else records.geometry
    if kind.name in _DRAWN and drawn is not None:
        for row, shape in zip(rows, drawn, strict=True):
            row["wkb"] = None if shape is None else multi_wkb(shape)
    return [row for row, sound in zip(rows, records.sound, strict=True) if sound]


def multi_wkb(shape: Any) -> bytes:
    """Well-known binary of a Polygon or MultiPolygon, as PostGIS gives a MultiPolygon back."""
    multi = shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape
    return bytes(shapely.to_wkb(multi, byte_order=1))


def _sound_shapes(kind: Kind, records: Records, *, repair: bool) -> tuple[Records, list[Finding], list[Mend]]:
    """Records whose shapes are valid or none; faults of the others, or how they were mended."""
    drawn = records.outlines if kind.outline else records.geometry
    if drawn is None:
        return records, [], []
    shapes, sound = drawn.copy(), records.sound.copy()
    findings: list[Finding] = []
    mends: list[Mend] = []
    codes = records.column("code")
    shapes[shapely.is_missing(shapes) | shapely.is_empty(shapes)] = None
    for at in np.flatnonzero(~shapely.is_missing(shapes)).tolist():
        fault = shape_finding(shapes[at], row=int(records.rows[at]), code=codes[at])
        if fault is None:
            continue
        mended = shapely.make_valid(shapes[at], method="structure", keep_collapsed=False)
        if repair and fault.kind == "invalid-ring" and mended.geom_type in ("Polygon", "MultiPolygon"):
            shapes[at] = mended
            mends.append(_made_valid(kind, fault))
        else:
            sound[at] = False
            findings.append(_of_kind(kind, fault))
    if kind.outline:
        return replace(records, outlines=shapes, sound=sound), findings, mends
    return replace(records, geometry=shapes, sound=sound), findings, mends


def _of_kind(kind: Kind, fault: Finding) -> Finding:
    name, name_zh = _DRAWN[kind.name]
    return replace(
        fault,
        message=fault.message.replace("Grid", name, 1),
        message_zh=fault.message_zh.replace("网格", name_zh, 1),
    )


def _made_valid(kind: Kind, fault: Finding) -> Mend:
    name, name_zh = _DRAWN[kind.name]
    return Mend(
        "made-valid",
        f"The ring of {name.lower()} {fault.code} was made valid.",
        f"已修复{name_zh} {fault.code} 的无效边界。",
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
