"""What answers about coverage look like."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from service.api.answers import EXAMPLE_HEAD, example

NETWORK = {"version": "12-4", "compiled_at": "2026-11-22T07:58:00+08:00"}
_COUNTED = {"covered": 2890, "all": 3200, "share": 0.9031}
_PERSONS = {"covered": 7810, "all": 8640, "share": 0.9039}
_ADDRESSES = {"covered": 1011, "all": 1120, "share": 0.9027}
_AREA = {"covered": 1523000, "all": 1810000, "share": 0.8414}
TOTALS: dict[str, Any] = {
    "households": _COUNTED,
    "persons": _PERSONS,
    "addresses": _ADDRESSES,
    "area_m2": _AREA,
}
ASKED: dict[str, Any] = {
    **EXAMPLE_HEAD,
    "minutes": 15,
    "within": "370102001",
    "within_name": "示例街道",
    "category": "党群服务站",
    "level": None,
    "at": None,
    "profile": "adult",
    "network": NETWORK,
    "count": "households",
}


class CountedItem(BaseModel):
    """How much of a count is covered."""

    covered: float
    all: float
    share: float | None = Field(description="Between 0 and 1; null where there is nobody")


class NetworkItem(BaseModel):
    """The walking network that times were worked out on: the present one, whatever as_of says."""

    version: str
    compiled_at: str


class WarningItem(BaseModel):
    """Something that whoever reads the numbers must know."""

    code: str
    message: str
    message_zh: str


class OffStationItem(BaseModel):
    """A station that reaches no street."""

    code: str
    name: str
    metres: float | None = Field(description="Straight to the nearest street; null where there is none")


class StationsItem(BaseModel):
    """What became of the stations."""

    selected: int = Field(description="Stations of the category and level")
    counted: int = Field(description="Those that reach somebody inside, or stand inside on the network")
    off_network: list[OffStationItem] = Field(description="Those inside that reach no street, and so nobody")
    cut_off: list[str] = Field(description="Whose circle reaches the edge of the network: it may cover more")
    away: list[str] = Field(description="Mobile ones without a stop then")
    closed: list[str] = Field(description="Not open at the time in `at`")
    hours_unknown: list[str] = Field(description="Taken for open, because their hours are not known")


class CoveragePart(BaseModel):
    """A grid or area, by its own homes; further counts stand beside households."""

    level: str = Field(description="grid, or a level of areas")
    code: str | None = Field(description="Null for what lies in none")
    name: str
    households: CountedItem
    persons: CountedItem
    addresses: CountedItem
    area_m2: CountedItem | None = Field(default=None, description="Square metres, counted in points of a lattice")
    off_network: float = Field(description="Households that reach no street; they are not covered")


class CoverageAsked(BaseModel):
    """What was asked."""

    as_of: str = Field(description="Instant of stations, grids and areas, local time")
    version: int = Field(description="Version of the data")
    stale_since: str | None = Field(description="Since when the database has been away; null while it answers")
    minutes: float
    within: str | None
    within_name: str | None
    category: str | None
    level: str | None
    at: str | None = Field(description="When stations are to be open; null where hours don't matter")
    profile: str = Field(description="Way of walking")
    network: NetworkItem
    count: str = Field(description="What `several` counts and gaps are ordered by")


class CoverageAnswer(CoverageAsked):
    """Who is reached."""

    model_config = example(
        **ASKED,
        total=TOTALS,
        source="register",
        estimated_share={"households": 0.0, "persons": 0.0},
        off_network={"households": 6, "persons": 16, "addresses": 2, "places": 2},
        stations={
            "selected": 402,
            "counted": 14,
            "off_network": [{"code": "S014", "name": "示例站", "metres": 212.4}],
            "cut_off": [],
            "away": [],
            "closed": [],
            "hours_unknown": [],
        },
        several=[
            {"stations": 0, "households": 310, "share": 0.0969},
            {"stations": 1, "households": 1790, "share": 0.5594},
            {"stations": 2, "households": 1100, "share": 0.3438},
        ],
        by=[
            {"level": "grid", "code": "370102001001001", "name": "示例网格", **TOTALS, "off_network": 0},
        ],
        elsewhere={"level": "grid", "code": None, "name": "", **TOTALS, "off_network": 0},
        lattice_metres=50.0,
        warnings=[],
    )

    total: dict[str, CountedItem] = Field(description="By count: households, persons, addresses, area_m2 and others")
    source: Literal["register", "buildings", "estimated", "mixed", "none"] = Field(
        description="Where households come from: entries of the register, buildings without any, what grids state"
    )
    estimated_share: dict[str, float | None] = Field(description="Part of households and persons nobody counted")
    off_network: dict[str, float] = Field(description="What reaches no street, by count; it is not covered")
    stations: StationsItem
    several: list[dict[str, float | None]] = Field(
        description="How much of the count so many stations reach; the last row with ten means ten or more"
    )
    by: list[CoveragePart]
    elsewhere: CoveragePart | None = Field(description="What lies in none of the parts: with them it is the whole")
    lattice_metres: float | None = Field(description="How far apart the points stand that area is counted in")
    warnings: list[WarningItem]


class NearestItem(BaseModel):
    """The station that is nearest on foot, however far."""

    code: str
    name: str
    category: str
    walk_minutes: float


class GapGrid(BaseModel):
    """A grid in which homes of a gap lie."""

    code: str
    name: str


class GapArea(BaseModel):
    """The area in which the middle of a gap lies."""

    code: str
    name: str
    level: str


class GapItem(BaseModel):
    """Neighbouring homes that no station reaches in time."""

    lon: float = Field(description="Of a home near the middle, EPSG:4326")
    lat: float
    households: float
    persons: float | None = Field(description="Null without a key where fewer than five households live")
    places: int = Field(description="Homes that have households")
    off_network: float = Field(description="Households of them that reach no street")
    estimated: bool = Field(description="Whether any of them is estimated from what a grid states")
    radius_m: int = Field(description="Metres from that home to the farthest")
    street: str = Field(description="Name of the nearest street that has one; empty where none is near")
    grids: list[GapGrid] = Field(description="Of the default layer, the one with most households first")
    area: GapArea | None
    nearest: NearestItem | None = Field(description="Null where no station can be reached on foot")
    geometry: dict[str, Any] = Field(description="Polygon around the homes, GeoJSON, WGS 84")


class GapsAnswer(CoverageAsked):
    """Where those live whom no station reaches."""

    model_config = example(
        **ASKED,
        total=1,
        households=310,
        persons=830,
        items=[
            {
                "lon": 117.0213,
                "lat": 36.6512,
                "households": 310,
                "persons": 830,
                "places": 41,
                "off_network": 0,
                "estimated": False,
                "radius_m": 260,
                "street": "示例路",
                "grids": [{"code": "370102001001001", "name": "示例网格"}],
                "area": {"code": "370102001001", "name": "示例社区", "level": "community"},
                "nearest": {"code": "S001", "name": "示例站", "category": "党群服务站", "walk_minutes": 18.2},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[117.02, 36.65], [117.03, 36.65], [117.03, 36.66], [117.02, 36.65]]],
                },
            }
        ],
    )

    total: int = Field(description="Gaps there are; the largest of them are told")
    households: float = Field(description="In all gaps")
    persons: float
    items: list[GapItem]
