"""A file that somebody redrew → operations of a draft: what changed, was split, merged, made, renamed.

Grids are known by their codes, and where these are not known, by their ground. What the file says of ground must tile:
nothing that a grid had is left over, nothing belongs to two. Places up to half a metre from a node are that node.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import shapely
from shapely import Geometry

from geodata.drafts.codes import new_codes
from geodata.drafts.free_ground import nearest
from geodata.drafts.naming import attribute_changes
from geodata.drafts.overlaps import Overlap, left_of, overlaps_of, same_grids
from geodata.drafts.parting import parted
from geodata.drafts.redrawn import Redrawn, RedrawnGrid
from geodata.drafts.rephrasing import Neighbourhood, Told, done, told
from geodata.drafts.state import DraftState
from geodata.drafts.step import Around
from geodata.drafts.wording import listed
from geodata.errors import GeodataError
from geodata.grid.edit.aligning import aligned
from geodata.intake.shifted import NO_COMMUNITIES, shifted_findings
from geodata.records import Finding

LEAST_HERE: Final = 0.5
"""A file of whose ground less lies in the layer is of another place."""
_MOST: Final = 0.5
"""A shape and a grid that have more than this share of each other in common are the same grid."""


@dataclass(frozen=True, slots=True)
class Planned:
    """An operation that a file says, without an id, and what it does."""

    body: Mapping[str, Any]
    words: str
    words_zh: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a redrawn file says of a draft.

    Parameters
    ----------
    file, rows
        Its name, and how many rows it has.
    version
        Of the draft that it was compared with.
    same
        Grids that are in the file as they are in the draft.
    planned
        The operations that take the draft to what the file says, in order; none where there are errors.
    findings
        Errors first: what cannot be understood or does not tile, with places; then warnings.
    after
        The draft as it will be.
    """

    file: str
    rows: int
    version: int
    same: int
    planned: tuple[Planned, ...]
    findings: tuple[Finding, ...]
    after: DraftState

    @property
    def errors(self) -> list[Finding]:
        """What keeps the file from being taken over."""
        return [finding for finding in self.findings if finding.severity == "error"]

    @property
    def kinds(self) -> dict[str, int]:
        """How many operations there are of each kind."""
        return dict(Counter(str(one.body["kind"]) for one in self.planned))


@dataclass(slots=True)
class _Work:
    """The file while it is understood; rows are positions in it.

    Parameters
    ----------
    shapes
        Aligned with the draft.
    keys
        The grid that a row is; rows that are new grids have none.
    overlaps
        Of the rows whose ground is not that of a grid.
    findings
        What is wrong.
    """

    state: DraftState
    rows: list[RedrawnGrid]
    shapes: list[Geometry]
    keys: dict[int, str] = field(default_factory=dict)
    overlaps: dict[int, list[Overlap]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def error(self, kind: str, text: str, text_zh: str, at: int | None, where: tuple[float, float] | None) -> None:
        """Note an error of a row, with its place."""
        row = None if at is None else self.rows[at]
        lon, lat = where or (None, None)
        found = Finding("error", kind, text, text_zh, lon=lon, lat=lat)
        self.findings.append(found if row is None else replace(found, row=row.row, code=row.code))

    def inside(self, at: int) -> tuple[float, float]:
        """A place in the shape of a row."""
        point = shapely.point_on_surface(self.shapes[at])
        return float(point.x), float(point.y)


def recognised(state: DraftState, redrawn: Redrawn, around: Around) -> Recognised:
    """The operations that take a draft to what a file says.

    Parameters
    ----------
    state
        The draft.
    redrawn
        The file; it may hold some of the grids only, the others stay as they are.
    around
        As for operations; who lives where decides from which grid a new one comes.
    """
    redrawn = parted(state, redrawn, around.households)
    nothing = Recognised(redrawn.file, redrawn.rows, state.version, 0, (), redrawn.findings, state)
    if nothing.errors:
        return nothing
    shifted = _shifted(state, redrawn)
    if shifted is not None:
        return replace(nothing, findings=(shifted, *redrawn.findings))
    work = _Work(state, list(redrawn.grids), aligned(state.tiling, [row.shape for row in redrawn.grids]))
    same = _find_same(work)
    refusal = _of_another_place(work, same)
    if refusal is not None:
        return replace(nothing, findings=(refusal, *redrawn.findings))
    _find_identities(work, same)
    work.findings = _elsewhere_in_one(work.findings, len(work.rows))
    plan = _drawn(work, around) if not work.findings else None
    if plan is None or work.findings:
        return replace(nothing, same=len(same), findings=(*work.findings, *redrawn.findings))
    named, faults = attribute_changes(plan.after, _rows_now(work, plan))
    try:
        more = done(plan.after, named, around)
    except GeodataError as error:
        faults.append(_told_error(error))
        more = Told((), (), plan.after)
    if faults:
        return replace(nothing, same=len(same), findings=(*faults, *redrawn.findings))
    pairs = zip((*plan.bodies, *more.bodies), (*plan.words, *more.words), strict=True)
    planned = tuple(Planned(body, *words) for body, words in pairs)
    findings = (*redrawn.findings, *_not_in_file(work))
    return replace(nothing, same=len(same), planned=planned, findings=findings, after=more.after)


def _find_same(work: _Work) -> dict[int, str]:
    """Rows that have the ground of a grid, give or take half a metre."""
    same = same_grids(work.state.tiling, work.shapes)
    for at, shape in enumerate(work.shapes):
        if at in same:
            continue
        found = overlaps_of(work.state.tiling, shape)
        only = work.state.shape(found[0].key) if len(found) == 1 else None
        free = only is not None and found[0].key not in same.values()
        if only is not None and free and left_of(shape, [only]) is None and left_of(only, [shape]) is None:
            same[at] = found[0].key
        else:
            work.overlaps[at] = found
    return same


def _of_another_place(work: _Work, same: Mapping[int, str]) -> Finding | None:
    """An error where most of the ground of the file is not that of the layer."""
    if not work.rows:
        text, text_zh = "The file has no grids.", "文件中没有网格。"
        return Finding("error", "empty-file", text, text_zh)
    areas = shapely.area(np.array(work.shapes, dtype=object))
    here = [1.0 if at in same else sum(one.of_shape for one in work.overlaps[at]) for at in range(len(work.rows))]
    if not work.state.full:
        here = [max(one, float(_in_areas(work, at))) for at, one in enumerate(here)]
    share = float((areas * np.minimum(here, 1.0)).sum() / areas.sum())
    if share >= LEAST_HERE:
        return None
    lon, lat = work.inside(int(np.argmin(here)))
    return Finding(
        "error",
        "another-place",
        f"Only {share:.0%} of the ground of the file lies in the layer {work.state.layer!r}: it is of another place, "
        "or its datum is not the one that it was read in. Nothing can be taken over.",
        f"文件中只有 {share:.0%} 的范围位于“{work.state.layer}”类网格之内：可能是其他地区的文件或坐标系不符。",
        lon=lon,
        lat=lat,
        facts={"share": round(share, 3)},
    )


def _in_areas(work: _Work, at: int) -> bool:
    """Whether a row lies where the layer has communities: in one that is not full it may be on free ground."""
    place = shapely.Point(work.inside(at))
    return any(shapely.intersects(one.shape, place) for one in work.state.areas.values() if one.shape is not None)


def _shifted(state: DraftState, redrawn: Redrawn) -> Finding | None:
    """An error where the coordinates fit only when they are read in another datum."""
    if redrawn.records is None:
        return None
    codes = {row.code for row in redrawn.grids if row.code in state.codes}
    stored = {code: shapely.to_wkb(state.shape(state.codes[code])) for code in codes if code is not None}
    found = shifted_findings(redrawn.records, stored, NO_COMMUNITIES)
    return replace(found[0], severity="error") if found else None


def _find_identities(work: _Work, same: Mapping[int, str]) -> None:
    """Which grid each row is: by its code, else by its ground; an error where the two don't agree."""
    codes = work.state.codes
    for at, row in enumerate(work.rows):
        named = None if row.code is None else codes.get(row.code)
        if at in same and named not in (None, same[at]):
            other = work.state.grids[same[at]].code
            text = f"Row {row.row} has the code {row.code} and the ground of grid {other}: codes stay with their grids."
            text_zh = f"第 {row.row} 行的编码为 {row.code}，范围却是网格 {other} 的：编码不可互换。"
            work.error("codes-exchanged", text, text_zh, at, work.inside(at))
        elif at in same or named is not None:
            work.keys[at] = str(same.get(at, named))
            if at not in same and work.keys[at] not in {one.key for one in work.overlaps[at]}:
                text = f"Grid {row.code} lies somewhere else in the draft: the file has it where it has no ground."
                text_zh = f"网格 {row.code} 在草案中位于别处，与文件中的位置没有重叠。"
                work.error("elsewhere", text, text_zh, at, work.inside(at))
    _find_renamed(work)
    _refuse_twice(work)


def _elsewhere_in_one(findings: list[Finding], rows: int) -> list[Finding]:
    """Findings, with one for all grids that lie elsewhere where these are many: the file is shifted as a whole."""
    apart = [one for one in findings if one.kind == "elsewhere"]
    if len(apart) < 2 or 2 * len(apart) <= rows:
        return findings
    text = (
        f"{len(apart):,} of {rows:,} grids lie where the draft has others: the file is shifted as a whole. Check its "
        "datum, and say which it is (crs)."
    )
    text_zh = (
        f"{rows:,} 个网格中有 {len(apart):,} 个的位置与草案不符，文件可能整体偏移：请核对坐标系并予以指定（crs）。"
    )
    told = replace(apart[0], kind="shifted", message=text, message_zh=text_zh, facts={"grids": len(apart)})
    return [told, *(one for one in findings if one.kind != "elsewhere")]


def _find_renamed(work: _Work) -> None:
    """Rows of unknown codes, or none, that are grids of which no other row has the code."""
    known = set(work.keys.values())
    for at in range(len(work.rows)):
        if at in work.keys or not work.overlaps.get(at):
            continue
        most = max(work.overlaps[at], key=lambda one: (min(one.of_shape, one.of_grid), one.key))
        if min(most.of_shape, most.of_grid) > _MOST and most.key not in known:
            work.keys[at] = most.key
            known.add(most.key)


def _refuse_twice(work: _Work) -> None:
    """Errors where two rows are one grid, or one lies over ground that another has as it is."""
    whose: dict[str, int] = {}
    for at, key in work.keys.items():
        if key in whose:
            first, code = work.rows[whose[key]].row, work.state.grids[key].code
            text = f"Rows {first} and {work.rows[at].row} are both grid {code}."
            work.error(
                "grid-twice", text, f"第 {first} 行和第 {work.rows[at].row} 行都是网格 {code}。", at, work.inside(at)
            )
        whose.setdefault(key, at)
    settled = {key: at for at, key in work.keys.items() if at not in work.overlaps}
    for at, found in work.overlaps.items():
        for one in found:
            if one.key in settled:
                other = work.rows[settled[one.key]].row
                text = f"Rows {other} and {work.rows[at].row} cover the same ground."
                text_zh = f"第 {other} 行与第 {work.rows[at].row} 行的范围重叠。"
                work.error("overlap", text, text_zh, at, (one.lon, one.lat))


def _neighbourhoods(work: _Work) -> list[tuple[list[int], list[str]]]:
    """Rows and grids that hang together by common ground, in the order of the rows."""
    leader: dict[int | str, int | str] = {}

    def first(one: int | str) -> int | str:
        while leader.setdefault(one, one) != one:
            one = leader[one]
        return one

    for at, found in work.overlaps.items():
        for overlap in found:
            leader[first(overlap.key)] = first(at)
    groups: dict[int | str, tuple[list[int], list[str]]] = {}
    for at in work.overlaps:
        groups.setdefault(first(at), ([], []))[0].append(at)
    for key in sorted({one.key for found in work.overlaps.values() for one in found}):
        groups[first(key)][1].append(key)
    return list(groups.values())


def _drawn(work: _Work, around: Around) -> Told:
    """Operations on the ground, one neighbourhood after the other; faults are noted, and all are looked for."""
    state = work.state
    bodies: list[dict[str, Any]] = []
    words: list[tuple[str, str]] = []
    taken = {*around.codes, *(row.code for row in work.rows if row.code is not None)}
    for rows, keys in _neighbourhoods(work):
        if not _covered(work, rows, keys):
            continue
        try:
            found = told(state, _hood(work, rows, keys, taken), around)
        except GeodataError as error:
            work.findings.append(_told_error(error))
            continue
        state = found.after
        bodies += found.bodies
        words += found.words
    return Told(tuple(bodies), tuple(words), state)


def _covered(work: _Work, rows: Iterable[int], keys: Iterable[str]) -> bool:
    """Whether the grids that the file has no row for are covered whole; else an error says where not."""
    mine, sound = [work.shapes[at] for at in rows], True
    present = {work.keys[at] for at in rows if at in work.keys}
    for key in keys:
        where = None if key in present else left_of(work.state.shape(key), mine)
        if where is not None:
            code, sound = work.state.grids[key].code, False
            text = (
                f"The file has no row for grid {code} but covers part of it: add it as it is to be, or cover all of it."
            )
            text_zh = f"文件中没有网格 {code}，却压占了它的一部分：请补上该网格，或完整覆盖。"
            found = Finding("error", "partly-covered", text, text_zh, code=code, lon=where[0], lat=where[1])
            work.findings.append(found)
    return sound


def _hood(work: _Work, rows: Iterable[int], keys: Iterable[str], taken: set[str]) -> Neighbourhood:
    """The neighbourhood by codes; new grids without one get the next."""
    drawn: dict[str, Geometry] = {}
    names: dict[str, str] = {}
    for at in rows:
        row, key = work.rows[at], work.keys.get(at)
        code = _code(work, at, taken) if key is None else work.state.grids[key].code
        if key is None and row.name is not None:
            names[code] = row.name
        drawn[code] = work.shapes[at]
        work.rows[at] = replace(row, code=code) if key is None else row
    return Neighbourhood(tuple(work.state.grids[key].code for key in keys), drawn, names)


def _code(work: _Work, at: int, taken: set[str]) -> str:
    """Code of a new grid."""
    row = work.rows[at]
    if row.code is not None:
        return row.code
    if work.overlaps[at]:
        source = work.state.grids[work.overlaps[at][0].key]
    else:
        source = nearest(work.state, shapely.point_on_surface(work.shapes[at]), row.community)
    code = new_codes(work.state, source.community, 1, taken, source.code)[0]
    taken.add(code)
    return code


def _rows_now(work: _Work, plan: Told) -> list[tuple[RedrawnGrid, str]]:
    """Rows with the keys of their grids after the operations on the ground."""
    return [(row, work.keys.get(at) or plan.after.codes[str(row.code)]) for at, row in enumerate(work.rows)]


def _not_in_file(work: _Work) -> list[Finding]:
    there = {*work.keys.values(), *(one.key for found in work.overlaps.values() for one in found)}
    codes = sorted(grid.code for key, grid in work.state.grids.items() if key not in there)
    if not codes:
        return []
    named, named_zh = listed(codes)
    text = f"The file has no row for {named}: as in the draft. A grid ends where others are drawn over its ground."
    text_zh = f"文件中没有网格 {named_zh}，保持草案中的样子；要取消网格，请将其范围画入其他网格。"
    facts = {"grids": len(codes)}
    return [Finding("warning", "not-in-file", text, text_zh, facts=facts)]


def _told_error(error: GeodataError) -> Finding:
    facts = dict(error.facts)
    lon, lat = facts.pop("lon", None), facts.pop("lat", None)
    code = facts.get("code") or next(iter(facts.get("grids") or ()), None)
    kind = str(facts.get("reason") or error.code)
    return Finding("error", kind, error.detail, error.detail_zh, code=code, lon=lon, lat=lat, facts=facts)
