"""Stage 5 for streets, barriers and backdrop, current only: compare with what is there, mark, add."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import Connection

from geodata.crs import geometries_to_wgs84
from geodata.grid.rings import shape_finding
from geodata.intake.changes import planned
from geodata.intake.codes import make_codes
from geodata.intake.draft import Difference, Draft, difference
from geodata.intake.extent import barriers_in, extent_of, loses_parts, streets_in
from geodata.intake.kinds import Kind
from geodata.intake.noding import noded, unnoded_findings
from geodata.intake.references import now
from geodata.intake.report import LoadOptions, Progress
from geodata.intake.rows import Records
from geodata.intake.shifted import NO_COMMUNITIES, shifted_findings
from geodata.intake.walk_findings import walk_findings
from geodata.place.backdrop import backdrop_now, lock_backdrop, write_backdrop
from geodata.records import Finding, Mend
from geodata.station.barriers import barriers_now, lock_barriers, write_barriers
from geodata.station.foot import foot_of
from geodata.station.network.arrays import Line
from geodata.station.streets import lock_streets, streets_now, write_streets

_STREET: Mapping[str, Any] = {
    "name": "",
    "class": "",
    "aliases": [],
    "foot": "",
    "wkb": None,
    "closed": None,
    "cut": None,
}
_POINTS = ("closed", "cut")
_AIDS = ("bridge", "tunnel", "storey")
_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_DOTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of shapes that are current only: its fields, how it is read and written, and its words."""

    defaults: Mapping[str, Any]
    types: Sequence[int]
    lock: Callable[[Connection[Any]], None]
    stored: Callable[[Connection[Any]], list[dict[str, Any]]]
    write: Callable[[Connection[Any], Sequence[Mapping[str, Any]], Sequence[int]], None]
    word: str
    word_zh: str
    need_zh: str


_BARRIERS = _Table(
    {"name": "", "class": "", "wkb": None},
    (*_LINES, *_AREAS),
    lock_barriers,
    barriers_now,
    write_barriers,
    "barrier",
    "障碍",
    "步行障碍应为线或面",
)
_BACKDROPS = _Table(
    {"name": "", "cover": "", "wkb": None},
    _AREAS,
    lock_backdrop,
    backdrop_now,
    write_backdrop,
    "backdrop",
    "底图要素",
    "底图要素应为面",
)


def draft_streets(
    connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions, progress: Progress
) -> Draft:
    """The change that makes the streets agree with the records, by code.

    Parameters
    ----------
    records
        Read and placed; unsound ones are left out of the plan.
    options
        ``retire_missing``, ``within``, ``box``, ``repair`` and ``commit`` are heeded. With ``commit`` other writers of
        streets wait from here to the end of the transaction. With an area or a box only streets that reach into it end.

    Notes
    -----
    Streets have no past and no future: whatever time a load names, they change when it is committed.
    """
    if options.commit:
        lock_streets(connection)
    stored, at = streets_now(connection), now(connection)
    records, findings = _of_types(records, _LINES, "street", "道路应为线")
    records, unread = _with_points(records)
    records, repeated = make_codes(kind, records)
    findings += unread + repeated
    # Streets leave the communities; only those that are known already tell whether coordinates are shifted.
    findings += shifted_findings(records, {row["code"]: row["wkb"] for row in stored}, NO_COMMUNITIES)
    records, mends = noded(records) if options.repair else (records, [])
    findings += unnoded_findings(records)
    area = extent_of(connection, options, at)
    records, present, outside = _ended(records, area, streets_in)
    found = difference(_rows(records, shapely.multilinestrings), stored, dict(_STREET), present)
    missing = _missing(found, area) if options.retire_missing else []
    findings += outside + loses_parts(found.replaced, area)
    progress("joining streets", 0, None)
    findings += _walked(records, _lines_after(found, missing, stored))
    withdrawn = [row["version_id"] for row in [*found.replaced, *missing]]
    write = partial(write_streets, connection, found.records, withdrawn)
    plan = planned(found, missing, [name for name in _STREET if name not in _POINTS], _at_row(records))
    return Draft(plan, findings, write, at, mends)


def draft_barriers(connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions) -> Draft:
    """The change that makes the barriers agree with the records, by code; as `draft_streets`."""
    return _draft_shapes(connection, kind, records, options, _BARRIERS)


def draft_backdrop(connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions) -> Draft:
    """The change that makes the backdrop agree with the records, by code; as `draft_streets`."""
    return _draft_shapes(connection, kind, records, options, _BACKDROPS)


def _draft_shapes(
    connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions, table: _Table
) -> Draft:
    if options.commit:
        table.lock(connection)
    stored, at = table.stored(connection), now(connection)
    records, findings = _of_types(records, table.types, table.word, table.need_zh)
    records, faults, mends = _sound_areas(records, table, repair=options.repair)
    records, repeated = make_codes(kind, records)
    findings += faults + repeated
    findings += shifted_findings(records, {row["code"]: row["wkb"] for row in stored}, NO_COMMUNITIES)
    area = extent_of(connection, options, at)
    records, present, outside = _ended(records, area, barriers_in)
    found = difference(_rows(records, _as_multi), stored, dict(table.defaults), present)
    missing = _missing(found, area) if options.retire_missing else []
    findings += outside + loses_parts(found.replaced, area)
    withdrawn = [row["version_id"] for row in [*found.replaced, *missing]]
    write = partial(table.write, connection, found.records, withdrawn)
    return Draft(planned(found, missing, table.defaults, _at_row(records)), findings, write, at, mends)


def _of_types(records: Records, types: Sequence[int], what: str, need_zh: str) -> tuple[Records, list[Finding]]:
    """Records of the right shapes, each with its shape as the field ``wkt``; an error for every other shape."""
    assert records.geometry is not None
    shapes, sound = shapely.force_2d(records.geometry), records.sound.copy()
    fit = np.isin(shapely.get_type_id(shapes), types) & ~shapely.is_empty(shapes)
    findings = [_misfit(records, at, shapes[at], what, need_zh) for at in np.flatnonzero(sound & ~fit).tolist()]
    texts = [shapely.to_wkb(shape, hex=True) if fits else None for shape, fits in zip(shapes, fit, strict=True)]
    return replace(records, geometry=shapes, sound=sound & fit, fields={**records.fields, "wkt": texts}), findings


def _with_points(records: Records) -> tuple[Records, list[Finding]]:
    """Records whose ``closed`` and ``cut`` are MultiPoints in EPSG:4326 or None; an error for what is none."""
    fields, sound = dict(records.fields), records.sound.copy()
    findings = []
    for name in _POINTS:
        texts = records.column(name)
        shapes = shapely.from_wkt(np.array(texts, dtype=object), on_invalid="ignore")
        fit = np.isin(shapely.get_type_id(shapes), _DOTS)
        for at in np.flatnonzero(sound & ~fit).tolist():
            if texts[at]:
                sound[at] = False
                findings.append(_no_points(records, at, name))
        shapes[~fit] = None
        moved = geometries_to_wgs84(shapes, records.crs)
        fields[name] = [None if one is None else shapely.multipoints(shapely.get_parts(one)) for one in moved]
    return replace(records, fields=fields, sound=sound), findings


def _sound_areas(records: Records, table: _Table, *, repair: bool) -> tuple[Records, list[Finding], list[Mend]]:
    """Records whose areas are valid; faults of the others, or how they were mended."""
    assert records.geometry is not None
    shapes, sound = records.geometry.copy(), records.sound.copy()
    findings: list[Finding] = []
    mends: list[Mend] = []
    areas = np.isin(shapely.get_type_id(shapes), _AREAS)
    for at in np.flatnonzero(sound & areas & ~shapely.is_valid(shapes)).tolist():
        fault = shape_finding(shapes[at], row=int(records.rows[at]), code=records.column("code")[at])
        mended = shapely.make_valid(shapes[at], method="structure", keep_collapsed=False)
        if repair and shapely.get_type_id(mended) in _AREAS and not mended.is_empty:
            shapes[at] = mended
            mends.append(_made_valid(records, at, mended, table))
        elif fault is not None:
            sound[at] = False
            message, message_zh = (
                fault.message.replace("Grid", table.word.capitalize(), 1),
                fault.message_zh.replace("网格", table.word_zh, 1),
            )
            findings.append(replace(fault, message=message, message_zh=message_zh))
    return replace(records, geometry=shapes, sound=sound), findings, mends


def _ended(
    records: Records, area: shapely.Geometry | None, cut: Callable[..., tuple[Records, list[Finding]]]
) -> tuple[Records, list[str | None], list[Finding]]:
    """Records as far as they lie in an area, and the codes that the file has there."""
    present = records.column("code")
    if area is None:
        return records, present, []
    inside, findings = cut(records, area)
    return inside, [code for code, sound in zip(present, inside.sound.tolist(), strict=True) if sound], findings


def _missing(found: Difference, area: shapely.Geometry | None) -> list[dict[str, Any]]:
    """What is to end: of what the file lacks all, or what reaches into the area that was loaded."""
    if area is None or not found.missing:
        return found.missing
    shapely.prepare(area)
    reach = shapely.intersects(area, shapely.from_wkb(np.array([row["wkb"] for row in found.missing], dtype=object)))
    return [row for row, reaches in zip(found.missing, reach.tolist(), strict=True) if reaches]


def _walked(records: Records, lines: Sequence[Line]) -> list[Finding]:
    if not len(records):
        return [_no_streets()]
    if records.geometry is None or not records.sound.any():
        return []
    return walk_findings(lines, shapely.total_bounds(records.geometry[records.sound]).tolist())


def _lines_after(
    found: Difference, missing: Sequence[Mapping[str, Any]], stored: Sequence[Mapping[str, Any]]
) -> list[Line]:
    """All streets as they would be after the change."""
    gone = {row["version_id"] for row in [*found.replaced, *missing]}
    rows = [*found.records, *(row for row in stored if row["version_id"] not in gone)]
    shapes = [shapely.from_wkb(np.array([row[name] for row in rows], dtype=object)) for name in ("wkb", *_POINTS)]
    return [
        Line(shape, row["name"], foot_of(row["foot"], row["class"]), closed, cut)
        for row, shape, closed, cut in zip(rows, *shapes, strict=True)
    ]


def _rows(records: Records, multi: Any) -> list[dict[str, Any]]:
    """Sound records as dicts of ``code`` and the fields that the file gives."""
    assert records.geometry is not None
    names = [name for name in records.fields if name not in ("wkt", *_AIDS)]
    rows = []
    for at in np.flatnonzero(records.sound).tolist():
        row = {name: _stored(records.fields[name][at]) for name in names}
        row["wkb"] = bytes(shapely.to_wkb(multi(shapely.get_parts(records.geometry[at])), byte_order=1))
        rows.append(row)
    return rows


def _as_multi(parts: Shapes) -> Any:
    return shapely.multipolygons(parts) if parts[0].geom_type == "Polygon" else shapely.multilinestrings(parts)


def _stored(value: Any) -> Any:
    """A value as PostGIS gives it back."""
    if isinstance(value, shapely.Geometry):
        return bytes(shapely.to_wkb(value, byte_order=1))
    return list(value) if isinstance(value, tuple) else value


def _at_row(records: Records) -> dict[str, int]:
    return dict(zip(records.column("code"), records.rows.tolist(), strict=True))


def _no_streets() -> Finding:
    return Finding(
        "error",
        "no-streets",
        "There are no streets in the file: is it the right file, and the right layer?",
        "文件中没有道路：请确认文件及图层是否正确。",
    )


def _misfit(records: Records, at: int, shape: Any, what: str, need_zh: str) -> Finding:
    kind = shape.geom_type if shape is not None else "None"
    need = {"street": "a line", "barrier": "a line or an area"}.get(what, "an area")
    return Finding(
        "error",
        "not-an-area" if what == "backdrop" else "not-a-line",
        f"The geometry is a {kind}, a {what} needs {need}.",
        f"图形是 {kind}，{need_zh}。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "wkt"},
    )


def _no_points(records: Records, at: int, name: str) -> Finding:
    return Finding(
        "error",
        "not-points",
        f"{name} holds points as WKT, for example MULTIPOINT ((117.0 36.65)).",
        f"{name} 应为 WKT 点，例如 MULTIPOINT ((117.0 36.65))。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": name},
    )


def _made_valid(records: Records, at: int, mended: Any, table: _Table) -> Mend:
    place, code = shapely.point_on_surface(mended), records.column("code")[at]
    return Mend(
        "made-valid",
        f"The ring of {table.word} {code} was made valid.",
        f"已修复{table.word_zh} {code} 的无效边界。",
        int(records.rows[at]),
        code,
        float(place.x),
        float(place.y),
    )
