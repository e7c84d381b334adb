"""The report about a draft as a PDF for the meeting that decides: one sentence, the maps, then every figure."""

import re
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from geodata.drafts.balance import Balance
from geodata.drafts.figures import GridFigures
from geodata.drafts.flows import Flow
from geodata.drafts.impact import CommunityChange, GridChange, Impact, Workload
from geodata.drafts.report_words import NOTES, said, value_of
from service.maps.assets import FOLDER
from service.maps.draft_report_map import (
    MARK_COLOUR,
    MOVED_COLOUR,
    NUMBER_COLOUR,
    SAME_FILL,
    STATION_COLOUR,
)
from service.maps.draft_report_records import DraftReport
from service.maps.draft_report_words import BALANCE, counted, draft_report_words
from service.maps.lettering import clean
from service.maps.palette import FILLS
from service.maps.paper import to_pdf
from service.maps.templating import TEMPLATES
from service.maps.wall_legend import AREA_LINES
from service.maps.words import Language

MOST_GRIDS: Final = 120
MOST_ROWS: Final = 30
_LONGEST_FOOT: Final = 40
_NONE: Final = "–"


def headline(report: DraftReport) -> str:
    """The one sentence that can be quoted: what changes, who changes hands, what that does for the band."""
    words, impact, lang = draft_report_words(report.lang), report.impact, report.lang
    if not impact.grids and not impact.communities:
        return words["empty"].format(draft=clean(report.standing.draft) or words["unnamed"])
    place = clean(report.standing.place)
    said_ = words["say_grids" if place else "say_grids_nowhere"].format(
        place=place, grids=counted(len(impact.grids), "grid", lang)
    )
    kinds = [one.change for one in impact.grids]
    more = [words[f"say_{kind}"].format(count=f"{kinds.count(kind):,}") for kind in ("new", "ended") if kind in kinds]
    if more:
        said_ += f" ({', '.join(more)})" if lang == "en" else f"（{'、'.join(more)}）"
    if impact.communities:
        communities = len(impact.communities)
        said_ += words["say_communities"].format(
            count=f"{communities:,}", communities=counted(communities, "community", lang)
        )
    return said_ + _moved(report, words) + _band(impact, words) + words["stop"]


def _moved(report: DraftReport, words: dict[str, str]) -> str:
    """Who changes hands, in words: whoever changes community with a whole grid stays in that grid."""
    grid, community = report.impact.changing_grid, report.impact.changing_community
    also = counted(community.households, "household", report.lang)
    told = {"count": f"{community.households:,}", "households": also}
    if not grid.households:
        return words["say_only_community" if community.households else "say_nobody"].format(**told)
    households, persons = (
        counted(count, noun, report.lang) for count, noun in ((grid.households, "household"), (grid.persons, "person"))
    )
    form = words["say_moved" if grid.persons else "say_moved_households"]
    more = words["say_community" if community.households else "say_no_community"]
    return form.format(households=households, persons=persons) + more.format(**told)


def _band(impact: Impact, words: dict[str, str]) -> str:
    before, after = impact.balance_before, impact.balance_after
    if not before.judged and not after.judged:
        return ""
    form = words["say_same_band" if before.in_band == after.in_band else "say_band"]
    return form.format(before=f"{before.in_band:,}", after=f"{after.in_band:,}")


def report_html(report: DraftReport) -> str:
    """The document that the PDF is made of."""
    words = draft_report_words(report.lang)
    return TEMPLATES.get_template("draft_report.html").render(
        report=report,
        standing=report.standing,
        impact=report.impact,
        # A number and what it counts stay on one line.
        headline=re.sub(r"(?<=\d) (?=\D)", "\u00a0", headline(report)),
        words=words,
        foot=clean(report.standing.draft)[:_LONGEST_FOOT],
        grids=[_grid(report, number, one, words) for number, one in _numbered(report.impact)[:MOST_GRIDS]],
        communities=[_community(one, words) for one in report.impact.communities[:MOST_ROWS]],
        most_grids=MOST_GRIDS,
        most_rows=MOST_ROWS,
        balance=_balance(report.impact, report.lang),
        findings=_findings(report, words),
        duties=_duties(report),
        stations=_stations(report),
        workloads=_workloads(report.impact),
        notes=_notes(report),
        estimated=sum(one.counts.estimated for one in report.impact.flows.grids),
        colours={
            "number": NUMBER_COLOUR,
            "mark": MARK_COLOUR,
            "station": STATION_COLOUR,
            "moved": MOVED_COLOUR,
            "same": SAME_FILL,
            "changed": FILLS[2],
            "area": AREA_LINES[0][0],
        },
        end=lambda flow, side, community: _end(flow, side, words, community=community),
        clean=clean,
        turned=turned,
        number=lambda value: f"{value:,.0f}",
        value_of=lambda value: value_of(value, _short(report.lang)),
        style=Markup((FOLDER / "templates" / "draft_report.css").read_text(encoding="utf-8")),  # noqa: S704 - ours
    )


def report_pdf(report: DraftReport) -> bytes:
    """The report as PDF, A4, vector, fonts embedded; nothing is fetched for it."""
    return to_pdf(report_html(report))


def turned(before: object | None, after: object | None) -> Markup:
    """What was, an arrow and what is; once where they are the same."""
    then, now = (_NONE if one is None else _read(one) for one in (before, after))
    if then == now:
        return Markup("{}").format(now)
    return Markup('<span class="was">{}</span> → <b>{}</b>').format(then, now)


def _read(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if abs(value) < 1 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else clean(str(value))


def _short(lang: Language) -> Any:
    return "en" if lang == "en" else "zh"


def _numbered(impact: Impact) -> list[tuple[int, GridChange]]:
    return list(enumerate(impact.grids, 1))


def _grid(report: DraftReport, number: int, change: GridChange, words: dict[str, str]) -> dict[str, Any]:
    """A row of the table of grids."""
    before, after = change.before, change.after
    shown = after or before
    assert shown is not None

    def both(read: Any) -> Markup:
        if before is None or after is None:
            return Markup("{}").format(_read(found) if (found := read(shown)) is not None else _NONE)
        return turned(read(before), read(after))

    return {
        "number": number,
        "name": clean(shown.name) or clean(shown.code),
        "code": clean(shown.code),
        "what": _what(report, change, words),
        "households": both(lambda one: one.counts.households),
        "persons": both(lambda one: one.counts.persons),
        "band": both(lambda one: _fit(report.impact, one, words)),
        "walk": both(lambda one: None if one.walk.minutes is None else f"{one.walk.minutes:.1f}"),
        "roundness": both(lambda one: f"{one.compactness.polsby_popper:.2f}"),
        "ended": after is None,
    }


def _fit(impact: Impact, figures: GridFigures, words: dict[str, str]) -> str | None:
    band = impact.bands.get(figures.kind)
    if band is None:
        return None
    if figures.in_band:
        return words["fits"]
    return words["few" if band.least is not None and figures.counts.households < band.least else "many"]


def _what(report: DraftReport, change: GridChange, words: dict[str, str]) -> str:
    """What changes about a grid besides its figures, in words."""
    before, after = change.before, change.after
    shown = after or before
    assert shown is not None
    if before is None or after is None:
        named = _community_name(report, shown.community, words)
        return f"{words[change.change]} · {named}"
    found = []
    if before.compactness != after.compactness:
        found.append(words["shape"])
    if before.code != after.code:
        found.append(f"{words['code']} {clean(before.code)} → {clean(after.code)}")
    if before.name != after.name:
        found.append(f"{words['name']} {clean(before.name)} → {clean(after.name)}")
    if before.kind != after.kind:
        found.append(words["kind"])
    if before.community != after.community:
        then, now = (_community_name(report, one.community, words) for one in (before, after))
        found.append(f"{words['community']} {then} → {now}")
    return (", " if report.lang == "en" else "、").join(found)


def _community_name(report: DraftReport, code: str | None, words: dict[str, str]) -> str:
    return words["no_area"] if code is None else clean(report.communities.get(code) or code)


def _community(change: CommunityChange, words: dict[str, str]) -> dict[str, Any]:
    before, after = change.before, change.after
    shown = after or before
    assert shown is not None

    def both(read: Any) -> Markup:
        return turned(*(None if one is None else read(one) for one in (before, after)))

    return {
        "name": clean(shown.name) or (clean(shown.code) if shown.code else words["no_area"]),
        "change": "" if change.change == "changed" else words[change.change],
        "grids": both(lambda one: one.balance.grids),
        "households": both(lambda one: one.counts.households),
        "persons": both(lambda one: one.counts.persons),
        "fitting": both(lambda one: one.balance.in_band if one.balance.judged else None),
        "walk": both(lambda one: None if one.walk.minutes is None else f"{one.walk.minutes:.1f}"),
    }


def _end(flow: Flow, side: str, words: dict[str, str], *, community: bool) -> str:
    """The name of one end of a flow."""
    code, name = (flow.source, flow.source_name) if side == "from" else (flow.target, flow.target_name)
    if code is None:
        return words["no_area" if community else "nowhere"]
    return clean(name) or clean(code)


def _balance(impact: Impact, lang: Language) -> list[dict[str, Any]]:
    """Rows of the table of balance: what, before, after, what it means."""
    before, after = impact.balance_before, impact.balance_after
    rows: list[tuple[str, str, str]] = [("grids", _read(before.grids), _read(after.grids))]
    if before.judged or after.judged:
        rows.append(("in_band", _in_band(before), _in_band(after)))
    rows.append(("range", _range(before), _range(after)))
    then, now = (_NONE if one.variation is None else f"{one.variation:.3f}" for one in (before, after))
    rows.append(("variation", then, now))
    if before.empty or after.empty:
        rows.append(("empty", _read(before.empty), _read(after.empty)))
    for name in ("polsby_popper", "reock"):
        sides = ([getattr(one.compactness, name) for one in figures] for figures in _figures(impact))
        then, now = (f"{float(np.median(side)):.2f}" if side else _NONE for side in sides)
        rows.append((name.partition("_")[0], then, now))
    return [
        {"figure": _in(BALANCE[name][0], lang), "before": then, "after": now, "meaning": _in(BALANCE[name][1], lang)}
        for name, then, now in rows
    ]


def _figures(impact: Impact) -> tuple[list[GridFigures], list[GridFigures]]:
    return (
        [one.before for one in impact.grids if one.before is not None],
        [one.after for one in impact.grids if one.after is not None],
    )


def _in(pair: tuple[str, str], lang: Language) -> str:
    return pair[lang == "en"]


def _in_band(balance: Balance) -> str:
    share = balance.share_in_band
    return _NONE if share is None else f"{balance.in_band:,} / {balance.judged:,}\u2002({share:.1%})"


def _range(balance: Balance) -> str:
    values = (balance.least, balance.median, balance.most)
    return " / ".join(_NONE if value is None else f"{value:,.0f}" for value in values)


def _findings(report: DraftReport, words: dict[str, str]) -> list[dict[str, Any]]:
    sides = [(number, figures) for number, one in _numbered(report.impact) for figures in (one.before, one.after)]
    numbers = {figures.code: number for number, figures in sides if figures is not None}
    rows = []
    for place, finding in enumerate(report.findings[:MOST_ROWS]):
        message = finding.message if report.lang == "en" else finding.message_zh
        letter = report.letters[place] if place < len(report.letters) else ""
        number = numbers.get(finding.code or "")
        rows.append(
            {
                "severity": finding.severity,
                "message": clean(message) + ("" if finding.facts.get("new", True) else words["inherited_finding"]),
                "letter": letter,
                "number": None if number is None or number > MOST_GRIDS else number,
                "place": "" if finding.lon is None else f"{finding.lon:.5f}, {finding.lat:.5f}",
            }
        )
    return rows


def _named(report: DraftReport) -> dict[str, str]:
    """Grids and communities by code as they are read: by their names, with the codes where there is room."""
    figures = (one for change in report.impact.grids for one in (change.before, change.after) if one is not None)
    grids = {one.code: one.name or one.code for one in figures}
    return {code: clean(name) for code, name in {**grids, **report.communities}.items()}


def _stations(report: DraftReport) -> list[tuple[str, ...]]:
    """Stations that change hands: name, grid before, grid after; codes where both are the same grid."""
    names, words, rows = _named(report), draft_report_words(report.lang), []
    for one in report.impact.stations:
        ends = [(one.source, one.source_community), (one.target, one.target_community)]
        grids = [names.get(code, clean(code)) if code else words["nowhere"] for code, _ in ends]
        if grids[0] == grids[1]:
            grids = [_community_name(report, community, words) for _, community in ends]
        rows.append((clean(one.name) or clean(one.code), *grids))
    return rows


def _workloads(impact: Impact) -> list[Workload]:
    """Of those who have more or less to look after than before."""
    return [
        one
        for one in impact.workloads
        if (one.grids_before, one.households_before) != (one.grids_after, one.households_after)
    ]


def _duties(report: DraftReport) -> list[dict[str, str]]:
    names, rows = _named(report), []
    for one in report.impact.duties:
        ends = [names.get(code, clean(code)) for code in (one.source, one.target) if code is not None]
        role = one.held.role_name_en if report.lang == "en" else ""
        rows.append(
            {
                "change": one.change,
                "target": " → ".join(ends),
                "code": clean(one.source if one.target is None else one.target),
                "role": clean(role or one.held.role_name or one.held.role),
                "holder": clean(one.held.holder_name),
                "assignment": one.held.assignment,
            }
        )
    return rows


def _notes(report: DraftReport) -> list[str]:
    """How people and walks are counted, and what the band is."""
    impact, lang = report.impact, _short(report.lang)
    kinds = {"urban": ("城市网格", "grids in town"), "rural": ("农村网格", "grids in the country")}
    bands = [(*kinds.get(kind, (kind, kind)), band) for kind, band in impact.bands.items()]
    facts = {
        "bands": "; ".join(f"{name}: {band.text} households ({band.source})" for _, name, band in bands) or "none",
        "bands_zh": "；".join(f"{name}：{band.text} 户（{band.source_zh}）" for name, _, band in bands) or "无",
        "kmh": impact.walk_kmh or 0.0,
    }
    names = ["households", "persons", "band", impact.walk_basis or "no_stations"]
    colon = ": " if lang == "en" else "："
    return [said(NOTES[name][0], lang) + colon + said(NOTES[name][1], lang).format(**facts) for name in names]
