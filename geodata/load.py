"""Door: a file as somebody sent it → records → findings → a change, written whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from psycopg import Connection, errors

from geodata.access import record_audit
from geodata.changes import join_changes, noted_change
from geodata.crs import CGCS2000, WGS84, Crs, crs_from_wkt, parse_crs
from geodata.errors import ConflictError, InputError, LoadRefusedError
from geodata.exchange import Table, read_table
from geodata.exchange.osm_edge import NO_BOX
from geodata.garbage_collection import without_collecting
from geodata.intake.addresses import draft_addresses
from geodata.intake.calendar_ranges import Cells, said_once, spread_days
from geodata.intake.columns import MADE_CODE, Columns, match_columns
from geodata.intake.count_kinds import with_counts
from geodata.intake.counts import draft_counts
from geodata.intake.current import draft_backdrop, draft_barriers, draft_streets
from geodata.intake.draft import Draft
from geodata.intake.duties import draft_duties
from geodata.intake.gridlists import draft_gridlists
from geodata.intake.kinds import Kind, known_kind
from geodata.intake.leave import draft_leave
from geodata.intake.named import with_codes
from geodata.intake.places import place_records
from geodata.intake.profiles import profile, save_profile
from geodata.intake.references import now
from geodata.intake.report import LoadOptions, LoadReport, Progress
from geodata.intake.roster import draft_roster
from geodata.intake.roster_columns import ROSTER, with_roles
from geodata.intake.rows import Records, read_records
from geodata.intake.stops import draft_stops
from geodata.intake.stores import STORES
from geodata.intake.tilings import draft_tiling
from geodata.intake.understanding import suiting
from geodata.intake.upsert import draft_upsert
from geodata.queries import named_queries
from geodata.records import Finding

LONGEST_NOTE = 500
COMMITTED = "load.commit"

_SQL = named_queries(__file__)


def silent(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def load(
    connection: Connection[Any],
    kind: str,
    path: Path | str,
    *,
    options: LoadOptions | None = None,
    progress: Progress = silent,
) -> LoadReport:
    """Load a file: say what is wrong with it and what it would change, and with ``commit`` change it.

    Parameters
    ----------
    connection
        Nothing is committed here: what was written lasts once the caller commits. Where an error is raised the
        transaction is as it was before.
    kind
        What the file holds: a name of `geodata.intake.kinds.KINDS`.
    path
        File in any format that `geodata.exchange.read_table` takes.
    options
        How to understand it and what to do; a dry run when None.
    progress
        Called with the stage, the records done and their number, or None.

    Raises
    ------
    InputError
        The kind, a field, an option or the datum is not known, or an option means nothing for the kind.
    FileError
        The file cannot be read as what it claims to be.
    NotKnownError
        The layer, area or profile does not exist.
    LoadRefusedError
        With ``commit``: there are findings of severity ``error``; ``report`` holds them.
    ConflictError, PendingReleaseError, StaleBaseError
        With ``commit``: the state does not allow it now.

    Notes
    -----
    Records are known by their code. A field whose column the file does not have keeps its stored value. A second
    identical load changes nothing and makes no release. Loads that commit to one kind, or to one grid layer, wait for
    each other from the reading of what is in force to the end of the transaction.
    """
    told = options or LoadOptions()
    _refuse_meaningless(known_kind(kind), told)
    progress("reading the file", 0, None)
    table = read_table(
        path, sheet=told.sheet, source_layer=told.source_layer, header_rows=told.header_rows, fits=suiting(kind)
    )
    return load_table(connection, kind, table, options=told, progress=progress)


def load_table(
    connection: Connection[Any],
    kind: str,
    table: Table,
    *,
    options: LoadOptions | None = None,
    progress: Progress = silent,
) -> LoadReport:
    """Load a table that was read already; as `load` from there on."""
    known, told = known_kind(kind), options or LoadOptions()
    _refuse_meaningless(known, told)
    return _load(connection, known, _from_table(table), told, progress)


def load_frame(
    connection: Connection[Any],
    kind: str,
    frame: pd.DataFrame,
    *,
    options: LoadOptions | None = None,
    name: str = "frame",
    progress: Progress = silent,
) -> LoadReport:
    """Load records that are in memory; as `load` from the columns on.

    Parameters
    ----------
    frame
        Columns as a file would have them; a GeoDataFrame brings its geometry and CRS. Rows count from 1.
    name
        What the report and the audit log call it.
    """
    known, told = known_kind(kind), options or LoadOptions()
    _refuse_meaningless(known, told)
    return _load(connection, known, _from_frame(frame, name), told, progress)


@dataclass(frozen=True, slots=True)
class _Source:
    """What was read: cells by column, rows as the user counts, geometry where there is one."""

    name: str
    columns: Mapping[str, Sequence[Any]]
    rows: NDArray[np.int64]
    geometry: Sequence[Any] | None
    crs: Crs | None
    notes: Sequence[Finding] = ()
    titles: Sequence[str] = ()
    sheet: str = ""


def _load(
    connection: Connection[Any], kind: Kind, source: _Source, options: LoadOptions, progress: Progress
) -> LoadReport:
    if not connection.autocommit:
        connection.execute(_SQL["begin"])
    with connection.transaction(), without_collecting():
        if options.commit:
            join_changes(connection)
        kind = with_roles(connection, kind, now(connection) if options.effective is None else options.effective)
        told, crs = _understanding(connection, kind, source, options)
        kind = with_counts(kind, told)
        columns = match_columns(
            kind,
            list(source.columns),
            told,
            has_geometry=source.geometry is not None,
            in_degrees=crs in (WGS84, CGCS2000),
        )
        records, findings = _read(kind, source, columns, crs, options, progress)
        draft = None if records is None else _draft(connection, kind, records, columns, options, progress)
        notes = [note for note in source.notes if note.kind != NO_BOX or (options.box or options.within) is None]
        report = _report(kind, source, columns, [*notes, *findings], draft)
        if options.commit:
            report = _commit(connection, report, draft, options, progress)
        if options.save_profile and draft is not None:
            # What the file itself says it will say again.
            datum = "" if crs is None or crs == source.crs else crs.name
            save_profile(connection, options.save_profile, kind.name, columns.mapping, datum, options.actor)
        return report


def _refuse_meaningless(kind: Kind, options: LoadOptions) -> None:
    """Raise where an option cannot mean anything for the kind: it would be dropped in silence."""
    meant = {
        "--within": (options.within, ("grids", "gridlists", "streets", "barriers", "backdrop")),
        "--box": (options.box, ("streets", "barriers", "backdrop")),
        "--layer": (options.layer, ("grids", "gridlists", "duties", "texts", "counts", ROSTER)),
        "--repair": (options.repair, ("grids", "areas", "compounds", "buildings", "streets", "barriers", "backdrop")),
        "retire": (options.retire, (*STORES, "stops", "duties", "leave")),
    }
    for name, (value, kinds) in meant.items():
        if value and kind.name not in kinds:
            raise InputError(
                f"{name} means nothing for {kind.name}, only for {' and '.join(kinds)}.",
                f"{name} 只用于 {'、'.join(kinds)}，不能用于 {kind.name}。",
                option=name,
            )
    if not options.note.isprintable() or len(options.note) > LONGEST_NOTE:
        raise InputError(
            f"A note has at most {LONGEST_NOTE} printable characters.", f"备注最多 {LONGEST_NOTE} 个可见字符。"
        )


def _understanding(
    connection: Connection[Any], kind: Kind, source: _Source, options: LoadOptions
) -> tuple[Mapping[str, str], Crs | None]:
    """What is told about columns and datum: by the profile, over it by the user; the datum else by the file."""
    told: dict[str, str] = {}
    crs = source.crs
    if options.profile:
        saved = profile(connection, options.profile, kind.name)
        told |= saved.mapping
        crs = parse_crs(saved.crs) if saved.crs else crs
    told |= options.mapping
    return told, parse_crs(options.crs) if options.crs else crs


def _read(
    kind: Kind, source: _Source, columns: Columns, crs: Crs | None, options: LoadOptions, progress: Progress
) -> tuple[Records | None, list[Finding]]:
    """Records with their places; None where the columns or the datum keep them from being understood."""
    # Where records are only to end, none need columns.
    if columns.findings and not (options.retire and not len(source.rows)):
        return None, list(columns.findings)
    progress("reading values", 0, len(source.rows))
    cells: Cells = (source.columns, source.rows, columns.mapping)
    if kind.name == "calendar":
        cells = spread_days(*cells, source.titles, (source.sheet, source.name))
    records, faults = read_records(kind, *cells)
    if kind.name == "calendar":
        faults = said_once(faults)
    damaged = [finding.row for finding in source.notes if finding.severity == "error" and finding.row is not None]
    records = replace(records, sound=records.sound & ~np.isin(records.rows, damaged))
    progress("placing", 0, len(source.rows))
    placed, misplaced = place_records(kind, records, source.geometry, crs)
    return placed, faults + misplaced


def _draft(
    connection: Connection[Any],
    kind: Kind,
    records: Records,
    columns: Columns,
    options: LoadOptions,
    progress: Progress,
) -> Draft:
    named: list[Finding] = []
    if not options.codes_only:
        records, named = with_codes(connection, kind, records, options)
    draft = _draft_of(connection, kind, records, columns, options, progress)
    return replace(draft, findings=[*named, *draft.findings])


_DRAFTS = {"backdrop": draft_backdrop, "barriers": draft_barriers, "counts": draft_counts, "stops": draft_stops}


def _draft_of(
    connection: Connection[Any],
    kind: Kind,
    records: Records,
    columns: Columns,
    options: LoadOptions,
    progress: Progress,
) -> Draft:
    if kind.name == "grids":
        return draft_tiling(connection, records, options, progress)
    if kind.name == "gridlists":
        return draft_gridlists(connection, records, options, progress)
    if kind.name == "streets":
        return draft_streets(connection, kind, records, options, progress)
    if kind.name == "addresses":
        return draft_addresses(connection, kind, records, options, progress)
    if kind.name == ROSTER:
        return draft_roster(connection, records, options, columns.mapping)
    if kind.name == "duties":
        return draft_duties(connection, records, options)
    if kind.name == "leave":
        return draft_leave(connection, records, options)
    draft = _DRAFTS.get(kind.name, draft_upsert)
    return draft(connection, kind, records, options)


def _in_its_column(finding: Finding, mapping: Mapping[str, str]) -> Finding:
    """The finding with the column that its field was read from, so that the cell can be shown."""
    column = mapping.get(str(finding.facts.get("field")))
    if column is None or column == MADE_CODE or finding.row is None or "column" in finding.facts:
        return finding
    return replace(finding, facts={**finding.facts, "column": column})


def _report(
    kind: Kind, source: _Source, columns: Columns, findings: Sequence[Finding], draft: Draft | None
) -> LoadReport:
    found = [_in_its_column(finding, columns.mapping) for finding in (*findings, *(draft.findings if draft else ()))]
    ordered = [finding for finding in found if finding.severity == "error"]
    ordered += [finding for finding in found if finding.severity != "error"]
    report = LoadReport(
        kind.name, source.name, len(source.rows), columns.mapping, columns.unused, findings=tuple(ordered)
    )
    if draft is None:
        return report
    return replace(
        report,
        mends=tuple(draft.mends),
        plan=draft.plan,
        effective=draft.effective,
        layer=draft.layer,
        needs_retire_missing=draft.needs_retire_missing,
    )


def _commit(
    connection: Connection[Any], report: LoadReport, draft: Draft | None, options: LoadOptions, progress: Progress
) -> LoadReport:
    """The report of what was written; an audit record stands beside it."""
    if report.errors or draft is None:
        raise refused(report)
    if not report.plan.changes_anything:
        return report
    progress("writing", 0, len(report.plan.new) + len(report.plan.changed))
    facts = loaded_facts(report)
    with noted_change(connection, options.actor, COMMITTED, report.kind, facts) as change_id:
        release = _written(connection, draft)
    facts |= {"release": release, "change": change_id}
    if options.recorded:
        record_audit(connection, actor=options.actor, action=COMMITTED, target=report.kind, facts=facts)
    return replace(report, release=release, committed=True, change_id=change_id)


def loaded_facts(report: LoadReport) -> dict[str, Any]:
    """What the logs say of a load; never personal data."""
    return {
        "file": "".join(mark if mark.isprintable() else "�" for mark in report.file),
        "layer": report.layer,
        "effective": report.effective,
        "new": len(report.plan.new),
        "changed": len(report.plan.changed),
        "ended": len(report.plan.ended),
        "same": report.plan.same,
        "warnings": len(report.warnings),
        "mends": len(report.mends),
    }


def _written(connection: Connection[Any], draft: Draft) -> int | None:
    """Number of the release, once every constraint has been asked."""
    try:
        release = draft.write()
        connection.execute(_SQL["check_now"])
        connection.execute(_SQL["check_later"])
    except errors.CheckViolation as error:
        raise InputError(
            f"PostGIS refuses a value ({error.diag.constraint_name}); nothing was written.",
            f"数据库拒绝了某个值（{error.diag.constraint_name}），未写入任何内容。",
            constraint=error.diag.constraint_name,
        ) from error
    except (errors.DeadlockDetected, errors.SerializationFailure, errors.IntegrityError) as error:
        raise ConflictError(
            "Somebody else changed the same data at the same time; nothing was written. Try again.",
            "有人同时修改了相同的数据，未写入任何内容，请重试。",
            constraint=error.diag.constraint_name,
        ) from error
    return release


def refused(report: LoadReport) -> LoadRefusedError:
    """The error that keeps a report with errors from being committed."""
    first = report.errors[0]
    error = LoadRefusedError(
        f"{len(report.errors)} errors, nothing was written. The first: {first.message}",
        f"共 {len(report.errors)} 处错误，未写入任何数据。第一处：{first.message_zh}",
        errors=len(report.errors),
        warnings=len(report.warnings),
    )
    error.report = report
    return error


def _from_table(table: Table) -> _Source:
    frame, geometry = table.frame, None
    if isinstance(frame, gpd.GeoDataFrame):
        geometry = frame.geometry.to_numpy()
        frame = pd.DataFrame(frame.drop(columns=frame.active_geometry_name))
    columns = {str(column): frame[column].tolist() for column in frame.columns}
    return _Source(table.name, columns, table.rows, geometry, table.crs, table.notes, table.titles, table.sheet or "")


def _from_frame(frame: pd.DataFrame, name: str) -> _Source:
    geometry, crs, plain = None, None, frame
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None:
        geometry = frame.geometry.to_numpy()
        crs = None if frame.crs is None else crs_from_wkt(frame.crs.to_wkt())
        plain = pd.DataFrame(frame.drop(columns=frame.active_geometry_name))
    columns = {str(column): plain[column].tolist() for column in plain.columns}
    return _Source(name, columns, np.arange(1, len(frame) + 1), geometry, crs)
