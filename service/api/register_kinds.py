"""Every register that has a list: where it is, who may read it, what it shows."""

from typing import Literal

from fastapi import APIRouter

from geodata.lists import registers
from service.api.records import Shown
from service.api.registers import Register, add_list, add_one
from service.dependencies import READERS

_PHONE, _POSITION = "0531-00000000", 100
_OPEN_NOW = (bool | None, "Whether the weekly hours are open at the instant; null where there are none")

ROLES = Register(
    "roles",
    Shown(
        "roles",
        "Role",
        {
            "code": "grid_worker_full_time",
            "name": "专职网格员",
            "name_en": "Full-time grid worker",
            "duties_text": "走访入户，排查隐患。",
            "duties_en": "Visits homes, looks for hazards.",
            "name_public": False,
            "phone_public": True,
            "position": 20,
        },
    ),
    registers.roles,
)
ORGANISATIONS = Register(
    "organisations",
    Shown("organisations", "Organisation", {"code": "O001", "name": "样例-物业服务中心", "phone": _PHONE}),
    registers.organisations,
    READERS,
)
WORKERS = Register(
    "workers",
    Shown("workers", "Worker", {"code": "W0001", "name": "样例-甲", "phone": "13800000000", "phone_public": False}),
    registers.workers,
    READERS,
    ("name", "phone"),
)
LEAVE = Register(
    "leave",
    Shown(
        "leave",
        "Leave",
        {
            "leave_id": 7,
            "worker": "W0001",
            "worker_name": "样例-甲",
            "reason": "年假",
            "stand_in": "W0002",
            "stand_in_name": "样例-乙",
            "stand_in_kind": "worker",
        },
        {
            "leave_id": (int, "Identity of the leave"),
            "worker_name": (str | None, "Name of the one who is away"),
            "stand_in_name": (str | None, "Name of the one who stands in"),
            "stand_in_kind": (str | None, "worker or organisation"),
        },
    ),
    registers.leave,
    READERS,
    ("worker_name", "stand_in_name"),
)
MATTERS = Register(
    "matters",
    Shown(
        "matters",
        "Matter",
        {
            "code": "noise",
            "name": "噪音扰民",
            "name_en": "Noise",
            "description": "夜间施工、装修和音响噪音。",
            "role": "grid_worker_full_time",
            "organisation": None,
            "phone": "",
            "promised": "2 hours",
            "position": 10,
            "role_name": "专职网格员",
            "organisation_name": None,
            "promised_minutes": 120,
        },
        {
            "role_name": (str | None, "Name of the role"),
            "organisation_name": (str | None, "Name of the organisation"),
            "promised_minutes": (int | None, "The promised time in minutes"),
        },
    ),
    registers.matters,
)
NORMS = Register(
    "norms",
    Shown(
        "norms",
        "Norm",
        {
            "code": "officer-urban",
            "role": "police_officer",
            "per": "grid",
            "layer": "general",
            "kind": "urban",
            "area": None,
            "least": 1,
            "most": None,
            "most_per_person": 3,
            "role_name": "民警",
            "area_name": None,
        },
        {"role_name": (str | None, "Name of the role"), "area_name": (str | None, "Name of the area")},
    ),
    registers.norms,
    READERS,
)
TEXTS = Register(
    "texts",
    Shown(
        "texts",
        "Text",
        {
            "code": "hotline-1",
            "slot": "hotline",
            "target_kind": "area",
            "target": "370102001001",
            "layer": None,
            "title": "社区服务热线",
            "title_en": "Community hotline",
            "body": "",
            "body_en": "",
            "phone": _PHONE,
            "position": _POSITION,
            "target_name": "示例社区",
        },
        {"target_name": (str | None, "Name of the area or grid")},
    ),
    registers.texts,
)
CALENDAR = Register(
    "calendar",
    Shown("calendar", "Day", {"day": "2026-10-01", "kind": "holiday", "name": "国庆节"}),
    registers.calendar,
)
COMPOUNDS = Register(
    "compounds",
    Shown("compounds", "Compound", {"code": "C001", "name": "样例小区", "aliases": ["样例花园"]}),
    registers.compounds,
)
BUILDINGS = Register(
    "buildings",
    Shown(
        "buildings",
        "Building",
        {
            "code": "C001-3",
            "name": "3号楼",
            "compound": "C001",
            "units": ["1", "2"],
            "households": 48,
            "lon": 117.004,
            "lat": 36.651,
            "compound_name": "样例小区",
        },
        {"compound_name": (str | None, "Name of the compound")},
    ),
    registers.buildings,
)
PLACES = Register(
    "places",
    Shown(
        "places",
        "Place",
        {"code": "P001", "name": "样例公园", "aliases": [], "category": "公园", "lon": 117.004, "lat": 36.651},
    ),
    registers.places,
)
STATIONS = Register(
    "stations",
    Shown(
        "stations",
        "Station",
        {
            "code": "S001",
            "name": "示例社区服务站",
            "category": "community",
            "level": "station",
            "parent": "C001",
            "address": "示例路 12 号",
            "lon": 117.004,
            "lat": 36.651,
            "phone": "0531-00000000",
            "hours": "Mo-Fr 08:30-17:00",
            "services": ["养老", "托育"],
            "open_now": True,
            "metres": 531.0,
            "walk_minutes": 6.4,
            "measured": "network",
        },
        {
            "open_now": _OPEN_NOW,
            "metres": (float | None, "From near, along the walk or in a straight line; null where near was not given"),
            "walk_minutes": (float | None, "From near; null where no walk is known, or near was not given"),
            "measured": (
                Literal["network", "straight_line", "off_network"] | None,
                "As in a look-up; null where near was not given, or for a mobile station on its way",
            ),
        },
    ),
    registers.stations,
)
STOPS = Register(
    "stops",
    Shown(
        "stops",
        "Stop",
        {
            "code": "S009-1",
            "station": "S009",
            "address": "示例广场南门",
            "lon": 117.004,
            "lat": 36.651,
            "hours": "Tu 09:00-11:30",
            "station_name": "样例流动服务车",
            "open_now": False,
        },
        {"station_name": (str | None, "Name of the station"), "open_now": _OPEN_NOW},
    ),
    registers.stops,
)
REGISTERS = (
    ROLES,
    ORGANISATIONS,
    LEAVE,
    MATTERS,
    NORMS,
    TEXTS,
    CALENDAR,
    COMPOUNDS,
    BUILDINGS,
    PLACES,
    STOPS,
)

router = APIRouter(prefix="/api/v1", tags=["registers"])
for _register in REGISTERS:
    if _register is not LEAVE:
        add_list(router, _register)
        add_one(router, _register)
