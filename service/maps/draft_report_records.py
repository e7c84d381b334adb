"""What a report about a draft is made of: what the draft is, what it changes, its maps."""

from collections.abc import Sequence
from dataclasses import dataclass

from geodata.drafts.impact import Impact
from geodata.records import Finding
from service.maps.draft_report_map import Drawn
from service.maps.words import Language


@dataclass(frozen=True, slots=True)
class Standing:
    """What the draft is.

    Parameters
    ----------
    draft, note, layer, place
        Its name and note, the name of the layer, and of the ground that changes.
    base, base_on
        Number of the release that it begins from, and since when that is in force.
    version, state, release
        Its version; ``open``, ``published`` or ``discarded``; the number of the release that it became, or None.
    stale
        Whether a newer release is out.
    written
        When the report is written, as it is to be read.
    drawn_by
        Who began the draft, and who changed it last where that is somebody else.
    """

    draft: str
    note: str
    layer: str
    place: str
    base: int
    base_on: str
    version: int
    state: str
    release: int | None
    stale: bool
    written: str
    drawn_by: str = ""


@dataclass(frozen=True, slots=True)
class DraftReport:
    """All that the report says.

    Parameters
    ----------
    standing
        What the draft is.
    impact, findings
        Of the whole draft.
    communities
        Names of communities by code, before and after: of what ended, too.
    maps, places_left
        The places that are drawn, and how many are not.
    letters
        By position in `findings` the letter that marks its place on a map.
    attribution, approval_number
        Of the maps.
    """

    standing: Standing
    impact: Impact
    findings: Sequence[Finding]
    communities: dict[str, str]
    maps: Sequence[Drawn] = ()
    places_left: int = 0
    letters: tuple[str, ...] = ()
    attribution: str = ""
    approval_number: str = ""
    lang: Language = "zh-CN"
