"""Stage 5 for grids: repair when asked, validate, find communities, compare with what is in force, publish."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from psycopg import Connection

from geodata.area import areas_in_force
from geodata.errors import ConflictError
from geodata.grid.layers import layer
from geodata.grid.publish import (
    GridState,
    grids_in_force,
    last_release,
    lock_layer,
    publish_release,
    refuse_unless_next,
)
from geodata.grid.repair import repair
from geodata.grid.validate import validate
from geodata.intake.changes import planned
from geodata.intake.communities import Territory, largest_communities, named_communities, territory
from geodata.intake.dependants import dependant_findings
from geodata.intake.draft import Difference, Draft, difference
from geodata.intake.nesting import nesting_findings
from geodata.intake.references import now
from geodata.intake.report import LoadOptions, Progress
from geodata.intake.rows import Records
from geodata.intake.shifted import shifted_findings
from geodata.intake.upsert import multi_wkb
from geodata.records import Finding, Mend

SHARE_TO_ASK = 0.1
_DEFAULTS: dict[str, Any] = {
    "name": None,
    "kind": "urban",
    "community": None,
    "households": None,
    "persons": None,
    "wkb": None,
}


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a load may touch: all grids of the layer, or those of one area."""

    within: str | None
    areas: set[str]
    stored: list[dict[str, Any]]
    outside: list[dict[str, Any]]


def draft_tiling(
    connection: Connection[Any],
    records: Records,
    options: LoadOptions,
    progress: Progress,
    areas: set[str] | None = None,
) -> Draft:
    """The release that makes a layer, or its grids in one area, agree with the records.

    Parameters
    ----------
    records
        Read and placed; unsound ones are left out of the plan.
    options
        All but the reading is heeded. With ``commit`` other releases of the layer wait from here to the end of the
        transaction.
    areas
        Codes of the areas whose grids are replaced, where ``options.within`` names none.

    Raises
    ------
    NotKnownError
        There is no such layer or area.
    PendingReleaseError, StaleBaseError, ConflictError
        With ``commit``, as `refuse_unless_next`; on a dry run that is a finding.
    """
    target = layer(connection, options.layer)
    layer_id = target["layer_id"]
    if options.commit:
        lock_layer(connection, layer_id)
    effective = now(connection) if options.effective is None else options.effective
    findings = _release_findings(connection, layer_id, effective, options)
    progress("reading what is in force", 0, None)
    known = territory(areas_in_force(connection, effective))
    scope = _scope(grids_in_force(connection, layer_id, effective), known, options.within, areas)
    frame, named, more = _frame(records, known)
    findings += more
    before = {row["code"]: row["wkb"] for row in scope.stored}
    findings += shifted_findings(records, before, known.communities)
    mends: list[Mend] = []
    if options.repair:
        progress("repairing", 0, len(frame))
        frame, mends = repair(frame, known.communities, tiling=target["tiling"])
    progress("validating", 0, len(frame))
    findings += _tiling_findings(frame, scope, known, target["tiling"], named)
    findings += nesting_findings(connection, target, frame, effective)
    progress("finding communities", 0, len(frame))
    rows = _rows(records, frame, named, known, scope)
    findings += _outside_findings(rows, records, scope)
    found = difference(rows, scope.stored, _DEFAULTS, records.column("code"))
    retire, needs_telling = _retire_findings(found, scope, options)
    ending = [{"code": row["code"], "entity_id": row["grid_id"]} for row in found.missing]
    findings += retire + dependant_findings(connection, "grids", ending, effective)
    at_row = dict(zip(records.column("code"), records.rows.tolist(), strict=True))
    plan = planned(found, found.missing, _DEFAULTS, at_row)

    def write() -> int:
        return publish_release(
            connection,
            layer_id,
            _states(found, known),
            [row["grid_id"] for row in found.missing],
            effective=effective,
            actor=options.actor,
            note=options.note,
            base_number=options.base,
        )

    return Draft(plan, findings, write, effective, mends, target["code"], needs_telling)


def _release_findings(
    connection: Connection[Any], layer_id: int, effective: int, options: LoadOptions
) -> list[Finding]:
    try:
        refuse_unless_next(last_release(connection, layer_id), effective, options.base)
    except ConflictError as conflict:
        if options.commit:
            raise
        return [Finding("error", conflict.code, conflict.detail, conflict.detail_zh, facts=conflict.facts)]
    return []


def _scope(stored: list[dict[str, Any]], known: Territory, within: str | None, areas: set[str] | None = None) -> _Scope:
    if within is None and areas is None:
        return _Scope(None, set(known.areas), stored, [])
    if within is not None or areas is None:
        areas = known.below(str(within))
    else:
        within = ", ".join(sorted(areas)[:5]) + (" …" if len(areas) > 5 else "")
    inside = [row for row in stored if row["community"] in areas]
    return _Scope(within, areas, inside, [row for row in stored if row["community"] not in areas])


def _frame(records: Records, known: Territory) -> tuple[gpd.GeoDataFrame, list[str | None], list[Finding]]:
    """Records that have a code as a GeoDataFrame of ``code row community`` and geometry, and what their rows name."""
    codes, rows = records.column("code"), records.rows.tolist()
    named, findings = named_communities(known, records.column("community"), rows, codes)
    shapes = records.geometry if records.geometry is not None else np.full(len(records), None, dtype=object)
    # A record whose place is wrong is reported as such; it would only be missing a shape here.
    keep = [at for at in range(len(records)) if codes[at] is not None and (records.sound[at] or shapes[at] is not None)]
    drawn = set(known.communities["code"])
    frame = gpd.GeoDataFrame(
        {
            "code": [codes[at] for at in keep],
            "row": [rows[at] for at in keep],
            "community": np.array([named[at] if named[at] in drawn else None for at in keep], dtype=object),
            "at": keep,
        },
        geometry=[shapes[at] for at in keep],
        crs="EPSG:4326",
    )
    return frame, named, findings


def _tiling_findings(
    frame: gpd.GeoDataFrame, scope: _Scope, known: Territory, tiling: Any, named: Sequence[str | None]
) -> list[Finding]:
    """Faults of the grids of the file, with those around them that stay."""
    others = _neighbours(frame, scope.outside)
    both = frame if others.empty else _stacked(frame, others)
    communities = known.communities
    if scope.within is not None:
        communities = communities[communities["code"].isin(scope.areas)]
    found = validate(both, communities, tiling=tiling)
    mine = set(frame["code"])
    stated = {code for code, at in zip(frame["code"], frame["at"], strict=True) if named[at] is not None}
    # Within an area a grid of no community there is an error of its own.
    answered = mine if scope.within is not None else stated
    concerning = [
        finding
        for finding in found
        if _concerns(finding, mine) and not (finding.kind == "missing-community" and finding.code in answered)
    ]
    unstated = len(mine - stated)
    return [*concerning, _no_communities(unstated)] if known.communities.empty and unstated else concerning


def _concerns(finding: Finding, mine: set[str]) -> bool:
    others = finding.facts.get("others", ())
    return finding.code in mine or finding.facts.get("other") in mine or any(other in mine for other in others)


def _neighbours(frame: gpd.GeoDataFrame, outside: Sequence[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Grids that stay and whose box meets that of a grid of the file."""
    mine = set(frame["code"])
    rows = [row for row in outside if row["code"] not in mine]
    shapes = shapely.from_wkb(np.array([row["wkb"] for row in rows], dtype=object))
    present = [shape for shape in frame.geometry if shape is not None and not shape.is_empty]
    near: set[int] = set()
    if rows and present:
        boxes = shapely.box(*shapely.bounds(np.array(present, dtype=object)).T)
        near = set(shapely.STRtree(shapes).query(boxes)[1].tolist())
    kept = sorted(near)
    return gpd.GeoDataFrame(
        {"code": [rows[at]["code"] for at in kept], "row": [None] * len(kept), "community": [None] * len(kept)},
        geometry=[shapes[at] for at in kept],
        crs="EPSG:4326",
    )


def _stacked(frame: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = ["code", "row", "community"]
    return gpd.GeoDataFrame(
        {name: np.array([*frame[name], *others[name]], dtype=object) for name in columns},
        geometry=[*frame.geometry, *others.geometry],
        crs="EPSG:4326",
    )


def _rows(
    records: Records,
    frame: gpd.GeoDataFrame,
    named: Sequence[str | None],
    known: Territory,
    scope: _Scope,
) -> list[dict[str, Any]]:
    """Sound grids as dicts of ``code`` and the fields that the file gives; the community always, where there is one."""
    unnamed = frame[[named[at] is None for at in frame["at"]]]
    largest = largest_communities(unnamed, known)
    before = {row["code"]: row["community"] for row in scope.stored}
    given = [name for name in ("name", "kind", "households", "persons") if name in records.fields]
    rows = []
    for at, shape in zip(frame["at"].tolist(), frame.geometry.to_numpy(), strict=True):
        if not records.sound[at] or shape is None or shape.is_empty:
            continue
        if shape.geom_type not in ("Polygon", "MultiPolygon"):
            continue
        code = records.fields["code"][at]
        row: dict[str, Any] = {"code": code, **{name: records.fields[name][at] for name in given}}
        row["community"] = named[at] or largest.get(code) or before.get(code)
        row["wkb"] = multi_wkb(shape)
        if row.get("name", "") is None:
            row["name"] = code
        rows.append(row)
    return rows


def _outside_findings(rows: Sequence[dict[str, Any]], records: Records, scope: _Scope) -> list[Finding]:
    """Errors for grids that do not belong to the area that is replaced."""
    if scope.within is None:
        return []
    at_row = dict(zip(records.column("code"), records.rows.tolist(), strict=True))
    taken = {row["code"]: row["community"] for row in scope.outside}
    findings = []
    for row in rows:
        code, community = row["code"], row["community"]
        if community not in scope.areas:
            findings.append(_not_within(code, community, scope.within, at_row.get(code)))
        elif code in taken:
            findings.append(_taken(code, taken[code], scope.within, at_row.get(code)))
    return findings


def _retire_findings(found: Difference, scope: _Scope, options: LoadOptions) -> tuple[list[Finding], bool]:
    """What is said when grids end, and whether the load waits to be told to."""
    ended, before = len(found.missing), len(scope.stored) + len(scope.outside)
    if not ended:
        return [], False
    ask = ended > SHARE_TO_ASK * before
    codes = ", ".join(row["code"] for row in found.missing[:10]) + (" …" if ended > 10 else "")
    needs = ask and not options.retire_missing
    then = " Use --retire-missing if that is meant." if needs else ""
    then_zh = "如确认，请加 --retire-missing。" if needs else ""
    finding = Finding(
        "error" if needs else "warning",
        "retires-many" if ask else "retires",
        f"{ended} of {before} grids of the layer are not in the file and end: {codes}.{then}",
        f"该类型共 {before} 个网格，其中 {ended} 个不在文件中，将停用：{codes}。{then_zh}",
        facts={"ended": ended, "before": before},
    )
    return [finding], needs


def _states(found: Difference, known: Territory) -> list[GridState]:
    identities: dict[str, int] = {str(row["code"]): row["grid_id"] for row in found.replaced}
    return [
        GridState(
            identities.get(row["code"]),
            row["code"],
            row["name"] or row["code"],
            row["kind"],
            known.identity(row["community"]),
            row["households"],
            row["persons"],
            row["wkb"],
        )
        for row in found.records
    ]


def _no_communities(count: int) -> Finding:
    return Finding(
        "warning",
        "missing-community",
        f"No community with a shape is known, so {count} grids have none: load areas with shapes first.",
        f"库中没有带图形的社区，{count} 个网格没有所属社区：请先导入带图形的区划。",
        facts={"grids": count},
    )


def _not_within(code: str, community: str | None, within: str, row: int | None) -> Finding:
    return Finding(
        "error",
        "outside-within",
        f"Grid {code} lies in {community or 'no community'}, not in {within}: take it out or load without --within.",
        f"网格 {code} 属于 {community or '无社区'}，不在 {within} 之内：请移除该行，或不使用 --within。",
        row=row,
        code=code,
        facts={"community": community, "within": within},
    )


def _taken(code: str, community: str | None, within: str, row: int | None) -> Finding:
    return Finding(
        "error",
        "outside-within",
        f"Grid {code} exists in {community or 'no community'}, outside {within}: load without --within to move it.",
        f"网格 {code} 现属于 {community or '无社区'}，不在 {within} 之内：如需移动，请不使用 --within。",
        row=row,
        code=code,
        facts={"community": community, "within": within},
    )
