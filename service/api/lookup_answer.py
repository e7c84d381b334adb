"""What a look-up answers: the grid of each layer, the people on duty there, the nearest stations."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from service.api.answers import AreaName


class Point(BaseModel):
    """A labelled coordinate pair."""

    lon: float
    lat: float
    crs: str


class Relation(BaseModel):
    """Such as 对面: the place itself may lie in the next grid."""

    text: str
    side: str = Field(
        description="opposite beside near front behind left right below above inside outside gate between, a direction "
        "such as north, or empty"
    )
    metres: float | None = None
    direction: str | None = None


class Aside(BaseModel):
    """A stretch of the text that is no part of the address."""

    kind: str = Field(
        description="phone person courier speech relation coordinates bracket postcode identity, or rest: sentences "
        "behind the address"
    )
    start: int
    end: int = Field(description="Position in the given text behind its last character")


class Query_(BaseModel):  # noqa: N801
    """What was asked, as given, and how an address was read."""

    address: str | None = Field(None, description="As it was given")
    normalized: str | None = Field(None, description="What was read as the address, folded to one form of writing")
    relation: Relation | None = Field(None, description="Words that say how the place lies to the one that is named")
    aside: list[Aside] = Field([], description="What was set apart from the address, by its place in the text")
    point: Point | None = Field(None, description="null where no point was given")
    target: str | None = None
    matter: str | None = None


class Warning_(BaseModel):  # noqa: N801
    """Something that the asker should look at."""

    code: str
    message: str
    message_zh: str
    layer: str | None = Field(None, description="Of the grid that it is about; left out where it is about the point")
    grid: str | None = Field(None, description="Code of the grid that it is about")
    metres: float | None = Field(
        None, description="Of off-network: how far the nearest street is; null where none is known"
    )


class NearGrid(BaseModel):
    """The nearest other grid."""

    metres: float
    code: str
    name: str


class NearestGrid(NearGrid):
    """The grid of a layer that is nearest to a point outside."""

    layer: str


class TouchedGrid(NearestGrid):
    """A grid that the circle around a position touches; 0 metres for the one that covers the position."""

    share: float = Field(description="Which part of the circle lies in it, 0 to 1")


class AddressTold(BaseModel):
    """What a text was taken for. Names may differ from the text, as the reasons say; numbers never do."""

    label: str
    level: str = Field(
        description="The narrowest part that was found: room floor unit building section number alley lane group "
        "segment place compound road area, or point for coordinates"
    )
    score: float = Field(description="How likely it is, 0 to 1")
    parts: dict[str, str] = Field(description="By name; nothing that the text contradicts")
    reasons: list[str]
    reasons_zh: list[str]
    matched: list[dict[str, str]] = Field(description="The reasons as codes, with part, name or value, and typed")
    spread_metres: int = Field(description="How far from the point the farthest place lies that may be meant")


class CandidateGrid(BaseModel):
    """A grid that a candidate may lie in."""

    layer: str
    code: str
    name: str
    score: float


class CandidateTold(AddressTold):
    """Something that a text may mean."""

    exact: bool = Field(description="Whether no number of the text is contradicted")
    target: str | None = Field(description="What to look up by target to ask about it, where it has people of its own")
    point: Point
    areas: list[str] = Field(description="Names of the areas of its likeliest grid, the lowest first")
    grids: list[CandidateGrid] = Field(description="The likeliest first, at most eight of each layer")
    grid_count: int = Field(description="In how many grids of one layer it may lie")


class Ask(BaseModel):
    """What to ask the caller."""

    part: str = Field(description="The part of the address that decides; or side, datum, landmark, address")
    message: str
    message_zh: str
    options: list[str] = Field(description="What it may be, where that is known")


class Known(BaseModel):
    """The nearest thing known."""

    level: str
    label: str
    code: str | None = Field(description="Of an area")


class Person(BaseModel):
    """Somebody who answers for the grid; name and phone are masked unless public or allowed by the key."""

    role: str
    role_name: str
    role_name_en: str
    duties: str = Field(description="What the role is for")
    duties_en: str = Field(description="The same in English; empty where nobody wrote it")
    kind: Literal["worker", "organisation"]
    name: str
    phone: str
    assignment: Literal["primary", "stand_in"]
    via: str = Field(
        description="unit, building, compound, place, station or grid, the level of the area that the duty is for, or "
        "matter for the organisation that answers for it"
    )
    hours: str = Field(description="Weekly hours in OSM opening_hours syntax; empty for always")
    on_duty_now: bool
    reason: Literal["off_hours", "on_leave", "standby"] | None = Field(
        description="Why not on duty; standby: a stand-in while the primary is there"
    )
    back_at: str | None = Field(description="When somebody off duty is back, where it is known")
    call_first: bool = Field(description="True of exactly one, where anybody has a duty")


class NearStation(BaseModel):
    """A service station near the point; a mobile one where it stands at the instant, none on its way."""

    code: str
    name: str
    category: str
    lon: float
    lat: float
    walk_minutes: float | None = Field(description="null where no walk is known")
    metres: float = Field(description="Along the walk, or in a straight line")
    measured: Literal["network", "straight_line", "off_network"] = Field(
        description="network: the quickest walk along the streets; straight_line: no streets are loaded or they are "
        "being compiled, and the minutes are those of a straight walk at 5 km/h; off_network: no walk along the "
        "streets joins point and station"
    )
    hours: str = Field(description="In OSM opening_hours syntax")
    open_now: bool | None = Field(description="null where the hours are not known")


class WalkingTold(BaseModel):
    """The streets that walks were counted on: those of now, whatever time is asked about."""

    network: str = Field(description="Version of the walking network")
    compiled_at: str = Field(description="When its streets were read, local time")
    profile: str = Field(description="Who walks")


class Named(BaseModel):
    """A building or compound."""

    code: str
    name: str


class TargetFound(Named):
    """What was named instead of a point."""

    kind: Literal["building", "unit", "compound", "place", "station"]
    unit: str | None


class RoleNamed(Named):
    """A role."""

    name_en: str


class OfficeNamed(Named):
    """An organisation and its duty phone."""

    phone: str


class MatterFound(Named):
    """What the look-up is about, who is responsible, and by when it is promised to be done."""

    name_en: str
    phone: str
    promised_minutes: int | None
    promised_by: str | None = Field(description="as_of and the promised time, local time")
    role: RoleNamed | None
    organisation: OfficeNamed | None


class FoundGrid(BaseModel):
    """The grid of one layer that covers the point."""

    layer: str
    code: str
    name: str
    kind: Literal["urban", "rural"]
    release: int
    households: int | None
    persons: int | None
    areas: list[AreaName] = Field(description="Its community and the areas above, the lowest first")
    on_boundary: bool = Field(description="The point lies within 1 mm of the grid's border")
    nearest_other: NearGrid | None
    workers: list[Person] = Field(description="The nearest first; those responsible for the matter before all others")
    stations: list[NearStation] = Field(
        description="The three that are reached first on foot; then those off the network that may be nearer"
    )
    report_url: str | None = Field(description="Link to the operator's case system; null where none is set")


class LookupAnswer(BaseModel):
    """Who covers the address or point: the grid of each asked layer, the people on duty, the nearest stations."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "found",
                "as_of": "2026-11-22T08:00:00+08:00",
                "version": 17,
                "stale_since": None,
                "warnings": [],
                "query": {
                    "address": "示例小区12号楼对面",
                    "normalized": "示例小区12号楼",
                    "relation": {"text": "对面", "side": "opposite"},
                    "aside": [{"kind": "relation", "start": 8, "end": 10}],
                    "point": None,
                    "target": None,
                    "matter": "noise",
                },
                "point": {"lon": 117.0, "lat": 36.65, "crs": "EPSG:4326"},
                "address": {
                    "label": "示例小区12号楼",
                    "level": "building",
                    "score": 0.9981,
                    "parts": {"compound": "示例小区", "building": "12"},
                    "reasons": ["compound 示例小区 as typed", "building 12 found"],
                    "reasons_zh": ["小区“示例小区”一致", "楼栋 12 已找到"],
                    "matched": [
                        {"code": "name-same", "part": "compound", "name": "示例小区", "typed": "示例小区"},
                        {"code": "number-same", "part": "building", "value": "12"},
                    ],
                    "spread_metres": 0,
                },
                "candidates": [],
                "ask": None,
                "nearest_known": None,
                "target": None,
                "building": {"code": "B0012", "name": "12号楼"},
                "compound": {"code": "C003", "name": "示例小区"},
                "matter": {
                    "code": "noise",
                    "name": "噪声扰民",
                    "name_en": "Noise",
                    "phone": "0531-00000000",
                    "promised_minutes": 120,
                    "promised_by": "2026-11-22T10:00:00+08:00",
                    "role": {"code": "grid_worker_full_time", "name": "专职网格员", "name_en": "Full-time grid worker"},
                    "organisation": None,
                },
                "walking": {
                    "network": "7-3e1f",
                    "compiled_at": "2026-11-21T23:10:00+08:00",
                    "profile": "adult",
                },
                "grids": [
                    {
                        "layer": "general",
                        "code": "370102001001003",
                        "name": "第三网格",
                        "kind": "urban",
                        "release": 3,
                        "households": 412,
                        "persons": 1130,
                        "areas": [
                            {"level": "community", "code": "370102001001", "name": "示例社区"},
                            {"level": "street", "code": "370102001", "name": "示例街道"},
                        ],
                        "on_boundary": False,
                        "nearest_other": {"metres": 3.1, "code": "370102001001004", "name": "第四网格"},
                        "workers": [
                            {
                                "role": "grid_worker_full_time",
                                "role_name": "专职网格员",
                                "role_name_en": "Full-time grid worker",
                                "duties": "走访、上报、服务",
                                "duties_en": "Visits, reports, helps",
                                "kind": "worker",
                                "name": "张**",
                                "phone": "138****0000",
                                "assignment": "primary",
                                "via": "grid",
                                "hours": "Mo-Fr 08:30-17:30; PH closed",
                                "on_duty_now": True,
                                "reason": None,
                                "back_at": None,
                                "call_first": True,
                            }
                        ],
                        "stations": [
                            {
                                "code": "S001",
                                "name": "示例社区服务站",
                                "category": "community",
                                "lon": 117.004,
                                "lat": 36.651,
                                "walk_minutes": 6.4,
                                "metres": 531,
                                "measured": "network",
                                "hours": "Mo-Fr 08:30-17:00",
                                "open_now": True,
                            }
                        ],
                        "report_url": None,
                    }
                ],
                "nearest": [],
            }
        }
    )

    status: Literal["found", "ambiguous", "outside", "not_found"]
    as_of: str
    version: int
    stale_since: str | None = Field(description="Since when the database has been away; null while it answers")
    warnings: list[Warning_]
    query: Query_
    point: Point | None = Field(
        description="In EPSG:4326; that of the address or target where one was named; null where it is not sure"
    )
    address: AddressTold | None = Field(description="What an address was taken for; null where that is not sure")
    candidates: list[CandidateTold] = Field(description="What an address may mean, the likeliest first")
    ask: Ask | None = Field(description="What to ask the caller; null where the answer is sure")
    nearest_known: Known | None = Field(description="Where an address was not found: the nearest thing that is known")
    target: TargetFound | None
    building: Named | None = Field(description="The building that was named or whose outline covers the point")
    compound: Named | None = Field(description="The compound that was named or whose outline covers the point")
    matter: MatterFound | None
    walking: WalkingTold | None = Field(
        description="What the walks to stations were counted on; null where they are straight lines, or there are none"
    )
    grids: list[FoundGrid] = Field(description="Of each asked layer that covers the point, the default first")
    nearest: list[NearestGrid] = Field(description="Where no asked layer covers the point: the nearest grid of each")
    within_accuracy: list[TouchedGrid] | None = Field(
        None,
        description="Where accuracy was given: the grids of the asked layers that the circle touches, the nearest "
        "first, at most 20. Left out otherwise",
    )
    within_accuracy_total: int | None = Field(None, description="How many the circle touches; left out likewise")
