"""A draft's impact as a workbook for the meeting that decides: a page of figures, then a table of every change."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from geodata.drafts.balance import Balance
from geodata.drafts.figures import CommunityFigures, GridFigures
from geodata.drafts.flows import Flow
from geodata.drafts.impact import CommunityChange, GridChange, Impact, Workload
from geodata.drafts.living import Counts
from geodata.drafts.moves import StationMove
from geodata.drafts.report_words import FIGURES, NOTES, TITLES, Language, columns_of, said, value_of
from geodata.drafts.staff import DutyChange
from geodata.drafts.walks import Walk
from geodata.exchange.sheets import Sheet, write_sheets
from geodata.records import Finding

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Cover:
    """What a report says of the draft itself.

    Parameters
    ----------
    draft, layer
        Their names.
    written_at
        When the report is written, as it is to be read.
    note
        What the planner noted; empty for nothing.
    drawn_by
        Who drew it up, as far as it is to be said.
    """

    draft: str
    layer: str
    written_at: str
    note: str = ""
    drawn_by: str = ""


def write_report(
    impact: Impact,
    findings: Sequence[Finding],
    cover: Cover,
    path: Path | str,
    *,
    language: Language = "zh",
) -> None:
    """Write the report as an Excel workbook.

    Parameters
    ----------
    impact, findings
        Of the whole draft: `impact.impact` and `rules.findings_of_draft`.
    path
        Of the ``.xlsx`` file.

    Raises
    ------
    FileError
        It does not fit into Excel, or cannot be written.
    """
    write_sheets(report_sheets(impact, findings, cover, language=language), path)


def report_sheets(
    impact: Impact,
    findings: Sequence[Finding],
    cover: Cover,
    *,
    language: Language = "zh",
) -> list[Sheet]:
    """The tables of the report, the figures first and what they mean last; parameters as for `write_report`."""
    rows: dict[str, list[Row]] = {
        "summary": _summary(impact, findings, cover, language),
        "grids": [_grid(one, language) for one in impact.grids],
        "communities": [_community(one, language) for one in impact.communities],
        "grid_flows": [_flow(one) for one in impact.flows.grids],
        "community_flows": [_flow(one) for one in impact.flows.communities],
        "stations": [_station(one) for one in impact.stations],
        "duties": [_duty(one, language) for one in impact.duties],
        "workloads": [_workload(one) for one in impact.workloads],
        "findings": [_finding(one, language) for one in findings],
        "notes": _notes(impact, language),
    }
    return [Sheet(said(TITLES[name], language), columns_of(name, language), table) for name, table in rows.items()]


def _summary(impact: Impact, findings: Sequence[Finding], cover: Cover, language: Language) -> list[Row]:
    named = {
        "draft": f"{cover.draft}：{cover.note}" if cover.note else cover.draft,
        "layer": cover.layer,
        "base": impact.base,
        "drawn_by": cover.drawn_by,
        "written": cover.written_at,
    }
    rows = [[said(FIGURES[name], language), None, value, None] for name, value in named.items() if value != ""]
    names = [one.name for one in fields(Balance)]
    names.insert(names.index("in_band") + 1, "share_in_band")
    for name in names:
        before, after = getattr(impact.balance_before, name), getattr(impact.balance_after, name)
        change = None if before is None or after is None else after - before
        rows.append([said(FIGURES[name], language), *(_rounded(value) for value in (before, after, change))])
    after_only = {
        "moved_households": impact.changing_grid.households,
        "moved_persons": impact.changing_grid.persons,
        "moved_buildings": impact.changing_grid.buildings,
        "moved_stations": impact.changing_grid.stations,
        "moved_community_households": impact.changing_community.households,
        "moved_community_persons": impact.changing_community.persons,
        "duties_ended": sum(one.change == "ends" for one in impact.duties),
        "duties_inherited": sum(one.change == "inherited" for one in impact.duties),
        "errors": sum(one.severity == "error" for one in findings),
        "warnings": sum(one.severity == "warning" for one in findings),
    }
    return rows + [[said(FIGURES[name], language), None, value, None] for name, value in after_only.items()]


def _rounded(value: float | None) -> float | None:
    return round(value, 3) if isinstance(value, float) else value


def _grid(change: GridChange, language: Language) -> Row:
    shown = change.after or change.before
    assert shown is not None

    def cells(figures: GridFigures | None) -> Row:
        if figures is None:
            return [None] * 9
        size = figures.compactness
        return [
            figures.community,
            figures.counts.households,
            figures.counts.persons,
            None if figures.in_band is None else value_of(figures.in_band, language),
            size.square_metres,
            size.polsby_popper,
            size.reock,
            *_walk(figures.walk),
        ]

    told = value_of(change.change, language)
    return [told, shown.code, shown.name, *_in_turn(cells(change.before), cells(change.after))]


def _community(change: CommunityChange, language: Language) -> Row:
    shown = change.after or change.before
    assert shown is not None

    def cells(figures: CommunityFigures | None) -> Row:
        if figures is None:
            return [None] * 9
        even = figures.balance
        return [
            even.grids,
            figures.counts.households,
            figures.counts.persons,
            even.in_band if even.judged else None,
            even.least,
            even.most,
            even.variation,
            *_walk(figures.walk),
        ]

    told = value_of(change.change, language)
    return [told, shown.code, shown.name, *_in_turn(cells(change.before), cells(change.after))]


def _walk(walk: Walk) -> Row:
    return [walk.minutes, None if walk.minutes is None else walk.near_share]


def _in_turn(before: Row, after: Row) -> Row:
    return [cell for pair in zip(before, after, strict=True) for cell in pair]


def _flow(flow: Flow) -> Row:
    return [flow.source, flow.source_name, flow.target, flow.target_name, *_counts(flow.counts), flow.square_metres]


def _counts(counts: Counts) -> Row:
    return list(counts.as_tuple())


def _station(move: StationMove) -> Row:
    return [move.code, move.name, move.source, move.target, move.source_community, move.target_community]


def _duty(change: DutyChange, language: Language) -> Row:
    held = change.held
    role = held.role_name_en or held.role_name if language == "en" else held.role_name
    return [
        value_of(change.change, language),
        value_of(change.target_kind, language),
        change.source,
        change.target,
        role or held.role,
        held.holder,
        held.holder_name,
        value_of(held.assignment, language),
    ]


def _workload(load: Workload) -> Row:
    return [
        load.holder,
        load.holder_name,
        load.grids_before,
        load.grids_after,
        load.households_before,
        load.households_after,
        load.households_after - load.households_before,
    ]


def _finding(finding: Finding, language: Language) -> Row:
    message = finding.message if language == "en" else finding.message_zh
    new = value_of(bool(finding.facts.get("new", True)), language)
    severity, kind = value_of(finding.severity, language), value_of(finding.kind, language)
    return [severity, kind, finding.code, message, finding.lon, finding.lat, new]


def _notes(impact: Impact, language: Language) -> list[Row]:
    kinds = {"urban": ("城市网格", "grids in town"), "rural": ("农村网格", "grids in the country")}
    told = [(kinds.get(kind, (kind, kind)), band) for kind, band in impact.bands.items()]
    words = {
        "bands": "; ".join(f"{name}: {band.text} households ({band.source})" for (_, name), band in told) or "none",
        "bands_zh": "；".join(f"{name}：{band.text} 户（{band.source_zh}）" for (name, _), band in told) or "无",
        "kmh": impact.walk_kmh or 0.0,
    }
    names = ["households", "persons", "band", "variation", "polsby", "reock", impact.walk_basis or "no_stations"]
    return [[said(NOTES[name][0], language), said(NOTES[name][1], language).format(**words)] for name in names]
