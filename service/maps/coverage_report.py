"""The coverage report as a PDF for a meeting: one sentence to quote, then what it rests on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from service.maps.assets import FOLDER
from service.maps.coverage_classes import NO_DATA_COLOUR, SHARE_CLASSES, share_class
from service.maps.coverage_report_words import COUNTS, report_words
from service.maps.paper import to_pdf
from service.maps.sheet import Sheet
from service.maps.templating import TEMPLATES
from service.maps.words import Language

MAP_WIDTH: Final = 180.0
MAP_HEIGHT: Final = 128.0
GAP_COLOUR: Final = "#7b1fa2"
SITE_COLOUR: Final = "#0c3577"
STATION_COLOUR: Final = "#124aa3"
# Metres in a millimetre beyond which footways, lanes, ordinary streets … are left out.
_SCALES: Final = (8.0, 25.0, 40.0, 80.0, 200.0)
_MANY_GRIDS: Final = 150


@dataclass(frozen=True, slots=True)
class Reached:
    """How much of a count is reached: its whole and the part within the minutes; ``share`` is None of nothing."""

    whole: float
    covered: float

    @property
    def outside(self) -> float:
        """What is not reached."""
        return self.whole - self.covered

    @property
    def share(self) -> float | None:
        """The part that is reached, 0 to 1."""
        return self.covered / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A street, community or grid in the ranking; ``before`` is what was reached at the earlier date."""

    code: str
    name: str
    reached: Reached
    before: Reached | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A cluster of people whom no station reaches; ``minutes`` to the ``nearest`` one, None where there is no way."""

    lon: float
    lat: float
    count: float
    where: str
    nearest: str
    minutes: float | None


@dataclass(frozen=True, slots=True)
class Site:
    """A proposed station: what it gains after those before it, and the share that is reached then."""

    lon: float
    lat: float
    where: str
    gained: float
    share_after: float


@dataclass(frozen=True, slots=True)
class ReportMap:
    """What the map shows, EPSG:4326.

    Parameters
    ----------
    bounds
        West, south, east, north of what must be seen.
    grids, shares
        Polygons, and the share that is reached in each; None without a count.
    areas
        Names and polygons.
    streets
        Lines with their rank as barriers (`geodata.grid.barriers`).
    stations
        Longitudes and latitudes.
    """

    bounds: tuple[float, float, float, float]
    grids: Sequence[Any] = ()
    shares: Sequence[float | None] = ()
    areas: Sequence[tuple[str, Any]] = ()
    streets: Sequence[tuple[int, Any]] = ()
    stations: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """All that the report says.

    Parameters
    ----------
    place
        Name of what is reported on.
    minutes, kmh, profile
        How far and how fast people walk, and what such walkers are called.
    count
        What is counted: a name of `coverage_report_words.COUNTS`, or of a loaded column.
    selection
        Which stations count, in words; empty for all.
    as_of, made_on, network_on, before_on
        Dates as they are read; ``before_on`` is empty without a comparison.
    level
        Of the ranking: a name of an area level in words.
    ranking
        The least reached first.
    stations, stations_off, stations_cut
        How many count; names of those off the network, and of those whose circle the extract cuts off.
    off_network, estimated_share
        People whose home no street leads to; the part of the count that was spread over buildings or area.
    gap_count
        What gaps are counted in.
    releases
        Of the grids, in words.
    """

    place: str
    minutes: float
    kmh: float
    profile: str
    count: str
    total: Reached
    as_of: str
    made_on: str
    network_on: str
    level: str
    ranking: Sequence[Ranked]
    gaps: Sequence[Gap]
    sites: Sequence[Site]
    stations: int
    map: ReportMap
    selection: str = ""
    before: Reached | None = None
    before_on: str = ""
    stations_off: Sequence[str] = ()
    stations_cut: Sequence[str] = ()
    off_network: float = 0.0
    estimated_share: float = 0.0
    releases: str = ""
    attribution: str = ""
    approval_number: str = ""
    gap_count: str = "households"
    lang: Language = "zh-CN"


def headline(report: CoverageReport) -> str:
    """The one sentence that a leader can quote: share, people outside, what the next stations would gain."""
    words = report_words(report.lang)
    unit = unit_of(report.count, report.lang)
    facts = {
        "place": report.place,
        "minutes": f"{report.minutes:g}",
        "unit": unit,
        "whole": number(report.total.whole),
        "covered": number(report.total.covered),
        "outside": number(report.total.outside),
        "share": percent(report.total.share),
    }
    if not report.total.whole:
        return words["headline_nobody"].format(**facts)
    if not report.total.outside:
        return words["headline_all"].format(**facts)
    said = words["headline"].format(**facts)
    if not report.sites:
        return said + words["stop"]
    gained = sum(site.gained for site in report.sites)
    more = words["headline_one" if len(report.sites) == 1 else "headline_sites"]
    return said + more.format(**facts, stations=len(report.sites), gained=number(gained)) + words["stop"]


def unit_of(count: str, lang: Language) -> str:
    """What a count counts; a loaded column's own name."""
    return COUNTS.get(count, (count, count))[lang == "en"]


def number(value: float) -> str:
    """A count as people read it."""
    return f"{round(value):,}"


def percent(share: float | None) -> str:
    """A share as people read it: never 100 % or 0 % of what is not quite that."""
    if share is None:
        return "–"
    shown = round(share * 100, 1)
    shown = min(shown, 99.9) if share < 1 else shown
    return f"{max(shown, 0.1) if share > 0 else shown:.1f} %"


def change(now: float | None, before: float | None) -> str:
    """How many percentage points a share rose or fell."""
    return "–" if now is None or before is None else f"{(now - before) * 100:+.1f}"


def report_html(report: CoverageReport) -> str:
    """The document that the PDF is made of."""
    return TEMPLATES.get_template("coverage_report.html").render(
        report=report,
        # No line begins with the sign.
        headline=headline(report).replace(" %", "\u00a0%"),
        words=report_words(report.lang),
        unit=unit_of(report.count, report.lang),
        gap_unit=unit_of(report.gap_count, report.lang),
        map=_drawn(report),
        classes=SHARE_CLASSES,
        no_data=NO_DATA_COLOUR,
        colours={"gap": GAP_COLOUR, "site": SITE_COLOUR, "station": STATION_COLOUR},
        class_of=share_class,
        number=number,
        percent=percent,
        change=change,
        style=Markup((FOLDER / "templates" / "coverage_report.css").read_text(encoding="utf-8")),  # noqa: S704 - ours
    )


def report_pdf(report: CoverageReport) -> bytes:
    """The report as PDF, A4, vector, fonts embedded; nothing is fetched for it."""
    return to_pdf(report_html(report))


def least_rank(sheet: Sheet) -> int:
    """The least rank of a street (`geodata.grid.barriers`) that is drawn: the larger the extent, the fewer."""
    return sum(sheet.metres_per_millimetre > scale for scale in _SCALES)


def _drawn(report: CoverageReport) -> Markup:
    drawn = report.map
    sheet = Sheet(drawn.bounds, MAP_WIDTH, MAP_HEIGHT)
    fills = [NO_DATA_COLOUR if share is None else share_class(share).colour for share in drawn.shares]
    fine = min(1.0, math.sqrt(_MANY_GRIDS / max(len(fills), 1)))
    sheet.areas(drawn.grids, fills, stroke="#b7a98f", weight=0.12 * fine)
    sheet.lines([line for rank, line in drawn.streets if rank >= least_rank(sheet)], stroke="#8a949d", weight=0.12)
    sheet.outlines([shape for _, shape in drawn.areas], stroke="#1d252c", weight=0.45)
    for lon, lat in drawn.stations:
        sheet.dot(lon, lat, radius=0.5 + 0.4 * fine, fill=STATION_COLOUR)
    for name, shape in drawn.areas:
        sheet.label(shape, name)
    for place, gap in enumerate(report.gaps, 1):
        sheet.number(gap.lon, gap.lat, str(place), fill=GAP_COLOUR)
    for place, site in enumerate(report.sites):
        sheet.number(site.lon, site.lat, chr(ord("A") + place), fill=SITE_COLOUR, square=True)
    return sheet.svg()
