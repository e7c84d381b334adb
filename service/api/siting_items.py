"""What is asked and answered about stations that could be: what-if and proposals."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geodata.candidates import MOST_SITES
from geodata.selected import MOST_MINUTES
from geodata.siting import MOST_STATIONS
from geodata.station.optimum import MOST_SECONDS
from geodata.what_if import MOST_CHANGES
from service.api.answers import LONGEST_CODE, Body, Degrees, example
from service.api.coverage_items import ASKED, TOTALS, CountedItem, CoverageAsked, WarningItem
from service.api.load_items import LoadProblem

_LONGEST_NAME = 200
# A proposal is stored with the names of its sites, and PostgreSQL stores no NUL.
Name = Annotated[str, Field(max_length=_LONGEST_NAME, pattern="^[^\\x00]*$")]
Code = Annotated[str, Field(min_length=1, max_length=LONGEST_CODE)]


class Asking(Body):
    """What is asked about coverage, in a body."""

    model_config = ConfigDict(extra="forbid")

    minutes: float = Field(15.0, gt=0, le=MOST_MINUTES, allow_inf_nan=False, description="Minutes of walking")
    within: Code | None = Field(None, description="Who lives in the area of this code; all if left out")
    category: Code | None = Field(None, description="Only stations of this category; new ones are of it")
    level: Code | None = Field(None, description="Only stations of this level")
    at: str | None = Field(None, max_length=40, description="Only stations that are open then")
    profile: Code | None = Field(None, description="Way of walking; the first one if left out")
    count: Code = Field("households", description="What is counted: households, persons, addresses or another count")


class ChangeItem(Body):
    """A station added, moved or closed."""

    model_config = ConfigDict(extra="forbid")

    do: Literal["add", "move", "close"]
    station: Code | None = Field(None, description="Code of the station that is moved or closed")
    lon: Degrees | None = Field(None, description="Where it would stand, EPSG:4326; for add and move")
    lat: Degrees | None = None
    name: Name = Field("", description="Of a new one, as the answer calls it")
    category: Annotated[str, Field(max_length=LONGEST_CODE)] = Field(
        "", description="Of a new one; of the category that is asked about if left out"
    )


class WhatIfQuestion(Asking):
    """Changes of stations, and whom they are counted for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "minutes": 15,
                "category": "党群服务站",
                "changes": [
                    {"do": "move", "station": "S014", "lon": 117.0512, "lat": 36.6611},
                    {"do": "add", "lon": 117.0443, "lat": 36.6587, "name": "拟建站"},
                    {"do": "close", "station": "S020"},
                ],
                "by": "grid",
            }
        },
    )

    layer: Code | None = Field(None, description="Layer of the grids in `by`; the default one if left out")
    by: Code | None = Field(None, description="Also one by one where something changes: grid, or a level of areas")
    changes: list[ChangeItem] = Field(max_length=MOST_CHANGES, description="Each station at most once")
    circles: bool = Field(False, description="Draw the circles of added and moved stations too, of the last twenty")


class EffectItem(BaseModel):
    """What a changed station would reach, or reached where it is closed."""

    do: Literal["add", "move", "close"]
    station: str | None
    name: str
    category: str
    lon: float | None = Field(description="Where it would stand, or stood; null for one that stands nowhere then")
    lat: float | None
    households: float = Field(description="Who lives inside and in time of it, whether others reach them or not")
    persons: float
    on_network: bool
    off_network: float | None = Field(description="Metres to the nearest street where it reaches none; else null")
    cut_off: bool = Field(description="Its circle reaches the edge of the network: it may reach more")
    counted: bool = Field(description="False where it is not one of the stations that are asked about: no effect")


class ChangedPart(BaseModel):
    """A grid or area in which somebody gains or loses a station within the minutes."""

    level: str
    code: str
    name: str
    before: dict[str, CountedItem]
    after: dict[str, CountedItem]


class WhatIfAnswer(CoverageAsked):
    """Who would be reached, and who is."""

    model_config = example(
        **ASKED,
        before={name: TOTALS[name] for name in ("households", "persons", "addresses")},
        after={
            "households": {"covered": 3010, "all": 3200, "share": 0.9406},
            "persons": {"covered": 8130, "all": 8640, "share": 0.941},
            "addresses": {"covered": 1053, "all": 1120, "share": 0.9402},
        },
        gained={"households": 140, "persons": 372, "addresses": 49, "places": 49},
        lost={"households": 20, "persons": 52, "addresses": 7, "places": 7},
        by=[
            {
                "level": "grid",
                "code": "370102001001001",
                "name": "示例网格",
                "before": {"households": {"covered": 120, "all": 260, "share": 0.4615}},
                "after": {"households": {"covered": 260, "all": 260, "share": 1.0}},
            }
        ],
        stations=[
            {
                "do": "add",
                "station": None,
                "name": "拟建站",
                "category": "党群服务站",
                "lon": 117.0443,
                "lat": 36.6587,
                "households": 412,
                "persons": 1103,
                "on_network": True,
                "off_network": None,
                "cut_off": False,
                "counted": True,
            }
        ],
        circles=None,
        warnings=[],
    )

    before: dict[str, CountedItem] = Field(description="By count, as coverage tells its total")
    after: dict[str, CountedItem]
    gained: dict[str, float] = Field(description="By count, homes that gain their first station in time")
    lost: dict[str, float] = Field(description="By count, homes that lose their last; `places` is how many homes")
    by: list[ChangedPart] = Field(description="Only what changes")
    stations: list[EffectItem] = Field(description="Of each change, in the order of the changes")
    circles: dict[str, Any] | None = Field(description="GeoJSON: one feature per added or moved station on the network")
    warnings: list[WarningItem]


class SiteGiven(Body):
    """A place where a station could stand."""

    model_config = ConfigDict(extra="forbid")

    lon: Degrees = Field(description="EPSG:4326")
    lat: Degrees = Field(description="EPSG:4326")
    name: Name = Field("", description="As the proposal calls it; by its streets if left out")


class ProposalQuestion(Asking):
    """How many stations, or which share, and where they could stand."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"minutes": 15, "category": "党群服务站", "stations": 3, "sites": "buildings", "prove": True}
        },
    )

    stations: int | None = Field(
        None, ge=1, le=MOST_STATIONS, description="So many new stations that reach the most; or else `share`"
    )
    share: float | None = Field(
        None, gt=0, le=1, allow_inf_nan=False, description="The fewest that bring this share of all, 1 being all"
    )
    sites: Literal["buildings", "places", "both"] | Annotated[list[SiteGiven], Field(max_length=MOST_SITES)] = Field(
        "both",
        description="Buildings in force, places where the public comes and goes, both, or the places themselves. Of "
        "buildings and places one per square of 100 m near a home that is not reached",
    )
    prove: bool = Field(True, description="Also prove, as a job, that no choice is better")
    seconds: float = Field(60, ge=1, le=MOST_SECONDS, allow_inf_nan=False, description="When to give up proving")


class GridNamed(BaseModel):
    """The grid of the default layer that a site lies in."""

    code: str
    name: str


class SiteItem(BaseModel):
    """A site, and what it brings after those before it."""

    rank: int
    lon: float
    lat: float
    name: str = Field(description="Its own name, else its streets, else its grid")
    name_en: str
    streets: list[str] = Field(description="The nearest two that have a name")
    grid: GridNamed | None
    gained: float = Field(description="Of the count, whom no station and no site before it reaches")
    share_after: float = Field(description="Covered share with this site and those before it")


class ChoiceItem(BaseModel):
    """A choice of sites."""

    sites: list[SiteItem] = Field(description="In the order in which they gain most; fewer where no more are of use")
    gained: float
    covered: float = Field(description="Of the count, with the stations that there are")
    share: float | None
    bound: float = Field(description="What no choice of so many sites gains more than, or the fewest that can do")
    bound_of: Literal["gained", "stations"]
    gap: float = Field(description="How far from the best it can be at most, as a share of the bound; 0 if proven")
    proven: bool = Field(description="No choice of these sites is better")


class BestItem(ChoiceItem):
    """What the proof found."""

    ended: Literal["proven", "time", "cancelled"]
    seconds: float


class ProvingItem(BaseModel):
    """How far a proof is."""

    stage: str
    done: int = Field(description="Seconds")
    total: int
    best: float | None = Field(description="What the best choice so far gains, or how many stations it takes")
    bound: float | None


class ProposalAsked(BaseModel):
    """What was asked, and what the answer rests on."""

    minutes: float
    within: str | None
    category: str | None
    level: str | None
    at: str | None
    count: str
    profile: str
    network_version: str
    stations: int | None
    share: float | None
    sites: Literal["buildings", "places", "both", "given"]
    considered: int = Field(description="Sites before one was chosen per square")
    candidates: int = Field(description="Sites that were compared: those on the walking network")
    cell_metres: float | None = Field(description="Side of the squares; larger than 100 where there were too many")
    sites_off_network: int
    prove: bool
    seconds: float
    total: float = Field(description="Of the count, all inside")
    covered_before: float
    needed: float | None = Field(description="What is to be gained for the share")
    warnings: list[WarningItem]


_SITE: dict[str, Any] = {
    "rank": 1,
    "lon": 117.0443,
    "lat": 36.6587,
    "name": "和平路 × 胜利街附近",
    "name_en": "near 和平路 × 胜利街",
    "streets": ["和平路", "胜利街"],
    "grid": {"code": "370102001001001", "name": "示例网格"},
    "gained": 141,
    "share_after": 0.9472,
}
_CHOICE: dict[str, Any] = {
    "sites": [_SITE],
    "gained": 141,
    "covered": 3031,
    "share": 0.9472,
    "bound": 143,
    "bound_of": "gained",
    "gap": 0.014,
    "proven": False,
}
PROPOSAL: dict[str, Any] = {
    "id": 12,
    "state": "done",
    "created_at": "2026-11-22T08:00:00+08:00",
    "created_by": "规划员",
    "question": {
        "minutes": 15,
        "within": None,
        "category": "党群服务站",
        "level": None,
        "at": None,
        "count": "households",
        "profile": "adult",
        "network_version": "12-4",
        "stations": 1,
        "share": None,
        "sites": "buildings",
        "considered": 812,
        "candidates": 96,
        "cell_metres": 100,
        "sites_off_network": 0,
        "prove": True,
        "seconds": 60,
        "total": 3200,
        "covered_before": 2890,
        "needed": None,
        "warnings": [],
    },
    "instant": _CHOICE,
    "best": {**_CHOICE, "bound": 141, "gap": 0, "proven": True, "ended": "proven", "seconds": 0.84},
    "job": 31,
    "progress": None,
    "problem": None,
    "worker_alive": True,
}


class ProposalItem(BaseModel):
    """Proposed sites: the answer at once, and the best that was proven since."""

    model_config = example(**PROPOSAL)

    id: int
    state: Literal["queued", "proving", "done", "cancelled", "failed"]
    created_at: str
    created_by: str
    question: ProposalAsked
    instant: ChoiceItem
    best: BestItem | None = Field(description="Null until the proof has ended, and where none was asked for or needed")
    job: int | None = Field(description="Of the proof")
    progress: ProvingItem | None
    problem: LoadProblem | None = Field(description="Why the proof broke off")
    worker_alive: bool = Field(description="False where it waits for a worker and none gives a sign of life")


class ProposalList(BaseModel):
    """A page of proposals, the newest first."""

    model_config = example(next_before=None, items=[PROPOSAL])

    next_before: int | None = Field(description="To be given as `before` for the next page; null on the last")
    items: list[ProposalItem]
