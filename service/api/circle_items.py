"""What answers about service circles and life circles look like."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from service.api.answers import EXAMPLE_HEAD, example
from service.api.coverage_items import NETWORK, CountedItem, NetworkItem, WarningItem

_RING = [[117.0, 36.64], [117.01, 36.65], [117.0, 36.66], [116.99, 36.65], [117.0, 36.64]]
_WITHIN = {"minutes": 15, "area_m2": 1523000, "households": 2890, "persons": 7810}
_STATION = {"code": "S1", "name": "示例服务站", "category": "party", "lon": 117.0, "lat": 36.65}
_NEAREST = {**{name: _STATION[name] for name in ("code", "name", "lon", "lat")}, "walk_minutes": 6.4}
_HEAD = {**EXAMPLE_HEAD, "profile": "adult", "network": NETWORK}


class CircleStation(BaseModel):
    """The station, where it stands then."""

    code: str
    name: str
    category: str
    lon: float
    lat: float
    address: str
    mobile: bool = Field(description="Whether it has stops; lon and lat are those of the one that it stands at")
    open_now: bool | None = Field(description="Open at the time in `at`; null without that, or where nobody knows")


class CircleError(BaseModel):
    """How far the largest shape differs from the times, which decide."""

    missed: float | None = Field(description="Share of what is within by time that lies outside of the shape")
    wrongly_in: float | None = Field(description="Share of what lies in the shape that is not within by time")
    basis: Literal["households", "streets"] = Field(
        description="What the shares are of: households, or where nobody is known to live points on the streets"
    )


class BandProperties(BaseModel):
    """What is within so many minutes, by time."""

    minutes: float
    area_m2: float
    households: float
    persons: float
    missed: float | None
    wrongly_in: float | None


class BandFeature(BaseModel):
    """A band as GeoJSON: a MultiPolygon, EPSG:4326; without polygons where nothing is within."""

    type: Literal["Feature"]
    geometry: dict[str, Any]
    properties: BandProperties


class CircleAnswer(BaseModel):
    """A service circle: one feature per band, the largest first; each contains the next one."""

    model_config = example(
        type="FeatureCollection",
        features=[
            {
                "type": "Feature",
                "geometry": {"type": "MultiPolygon", "coordinates": [[_RING]]},
                "properties": {**_WITHIN, "missed": 0.004, "wrongly_in": 0.006},
            }
        ],
        **{**_HEAD, "as_of": None},
        at=None,
        station={**_STATION, "address": "示例路1号", "mobile": False, "open_now": None},
        cut_off=False,
        error={"missed": 0.004, "wrongly_in": 0.006, "basis": "households"},
        warnings=[],
    )

    type: Literal["FeatureCollection"]
    features: list[BandFeature]
    as_of: str | None = Field(description="Instant that the station is asked about; null for now")
    version: int
    stale_since: str | None
    at: str | None
    profile: str
    network: NetworkItem
    station: CircleStation
    cut_off: bool = Field(description="It reaches a place where streets were clipped: it may be larger")
    error: CircleError
    warnings: list[WarningItem]


class LifeStation(BaseModel):
    """A station and the walk to it; a mobile one at its nearest stop."""

    code: str
    name: str
    lon: float
    lat: float
    walk_minutes: float


class LifeCategory(BaseModel):
    """One category of station, as reached from a place."""

    category: str
    reached: bool
    stations: list[LifeStation] = Field(description="Within the minutes, the nearest first")
    nearest: LifeStation | None = Field(description="However far it is; null where the streets lead to none")


class LifeShare(BaseModel):
    """One category of station, as reached by those who live in an area."""

    category: str
    reached: bool = Field(description="By anybody")
    stations: int = Field(description="Those that somebody of the area reaches")
    households: CountedItem
    persons: CountedItem


class LifeFrom(BaseModel):
    """What was asked about."""

    kind: Literal["point", "building", "compound", "area"]
    code: str | None
    name: str | None
    lon: float | None
    lat: float | None
    gates: int | None = Field(description="Through how many gates walks leave; null where they begin at the point")


class LifeAnswer(BaseModel):
    """Which categories of station are within the minutes, and which are missing."""

    model_config = example(
        **{**_HEAD, "as_of": None},
        minutes=15,
        at=None,
        start={"kind": "point", "code": None, "name": None, "lon": 117.0, "lat": 36.65, "gates": None},
        reachable=["party"],
        missing=["health"],
        categories=[
            {"category": "party", "reached": True, "stations": [_NEAREST], "nearest": _NEAREST},
            {"category": "health", "reached": False, "stations": [], "nearest": None},
        ],
        cut_off=False,
        closed=[],
        away=[],
        hours_unknown=[],
        warnings=[],
    )

    as_of: str | None = Field(description="Instant that the stations are asked about; null for now")
    version: int
    stale_since: str | None
    minutes: float
    at: str | None
    profile: str
    network: NetworkItem
    start: LifeFrom
    reachable: list[str]
    missing: list[str] = Field(description="Of an area: those that nobody in it reaches")
    categories: list[LifeCategory | LifeShare] = Field(description="Of an area with shares instead of walks")
    cut_off: bool
    closed: list[str] = Field(description="Stations that are not open at the time in `at`")
    away: list[str] = Field(description="Mobile stations without a stop then")
    hours_unknown: list[str] = Field(description="Stations taken for open, because their hours are not known")
    warnings: list[WarningItem]
