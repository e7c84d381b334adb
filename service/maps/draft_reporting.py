"""From a draft and what it is judged by to its report: what is drawn, numbered and told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geodata.drafts.impact import GridChange, Impact, impact
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftState
from geodata.drafts.store import Draft
from geodata.records import Finding
from service.maps.draft_report import MOST_ROWS
from service.maps.draft_report_map import Ground, Marks, draw_places
from service.maps.draft_report_records import DraftReport, Standing
from service.maps.words import Language

# Where the place of a finding is the middle of its grid, the number of the grid says it.
_OF_WHOLE_GRID: Final = frozenset(
    (
        *("size-band", "nobody-on-duty", "missing-community", "crosses-community"),
        *("code-taken", "name-twice", "counts-left"),
    )
)
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Telling:
    """What a report says of the draft itself, and of its maps; see `draft_report.Standing` and `DraftReport`."""

    draft: str
    note: str
    layer: str
    base_on: str
    state: str
    release: int | None
    stale: bool
    written: str
    drawn_by: str = ""
    attribution: str = ""
    approval_number: str = ""


def telling_of(
    draft: Draft, layer: str, *, base_on: str, written: str, attribution: str = "", approval_number: str = ""
) -> Telling:
    """What a report says of a draft; dates as they are to be read, the layer by its name."""
    return Telling(
        draft.name, draft.note, layer, base_on, draft.state, draft.published, draft.stale, written, drawn_by_of(draft),
        attribution, approval_number,
    )  # fmt: skip


def drawn_by_of(draft: Draft) -> str:
    """Who began a draft, and who changed it last where that is somebody else."""
    return " / ".join(dict.fromkeys([draft.created_by, draft.changed_by]))


def make_report(
    state: DraftState,
    scene: Scene,
    findings: Sequence[Finding],
    telling: Telling,
    *,
    ground: Ground | None = None,
    stations: Sequence[tuple[float, float]] = (),
    lang: Language = "zh-CN",
) -> DraftReport:
    """All that the report about a draft says.

    Parameters
    ----------
    state, scene, findings
        The draft as it is, what it is judged by, and `rules.findings_of_draft`.
    ground
        Gives what lies below the grids; None draws none.
    stations
        Longitudes and latitudes, EPSG:4326.
    """
    before, whole = state.first, impact(state, scene)
    letters = _letters(findings)
    marked = [
        (letter, one.lon, one.lat)
        for letter, one in zip(letters, findings, strict=False)
        if letter and one.lon is not None and one.lat is not None
    ]
    maps, left = draw_places(before, state, _numbers(whole, before, state), ground, Marks(stations, marked))
    return DraftReport(
        standing=Standing(
            telling.draft,
            telling.note,
            telling.layer,
            _place(whole, before, state),
            whole.base,
            telling.base_on,
            whole.version,
            telling.state,
            telling.release,
            telling.stale,
            telling.written,
            telling.drawn_by,
        ),
        impact=whole,
        findings=findings,
        communities={code: area.name for code, area in ({**before.areas, **state.areas}).items()},
        maps=maps,
        places_left=left,
        letters=letters,
        attribution=telling.attribution,
        approval_number=telling.approval_number,
        lang=lang,
    )


def _numbers(whole: Impact, before: DraftState, after: DraftState) -> dict[str, int]:
    """The number in the table of each changed grid, by key."""
    return {_key(change, before, after): number for number, change in enumerate(whole.grids, 1)}


def _key(change: GridChange, before: DraftState, after: DraftState) -> str:
    if change.after is not None:
        return after.codes[change.after.code]
    assert change.before is not None
    return before.codes[change.before.code]


def _letters(findings: Sequence[Finding]) -> tuple[str, ...]:
    """A letter for each finding that is told and whose place is not that of a whole grid; empty for the others."""
    free = iter(_LETTERS)
    return tuple(
        next(free, "") if one.lon is not None and one.kind not in _OF_WHOLE_GRID else "" for one in findings[:MOST_ROWS]
    )


def _place(whole: Impact, before: DraftState, after: DraftState) -> str:
    """Name of the lowest area that all changed grids and communities are in; empty where there is none."""
    chains = []
    for state, side in ((before, "before"), (after, "after")):
        codes = {figures.community for one in whole.grids if (figures := getattr(one, side)) is not None}
        codes |= {figures.code for one in whole.communities if (figures := getattr(one, side)) is not None}
        chains += [[area.code for area in state.chain(code)] for code in codes]
    if not chains:
        return ""
    common = set(chains[0]).intersection(*chains[1:])
    code = next((code for code in chains[0] if code in common), None)
    return "" if code is None else (after.areas.get(code) or before.areas[code]).name
