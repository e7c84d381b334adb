"""More of the small territory, loaded through the door: every kind of list holds something, some of it hostile."""

from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import shapely
from psycopg import Connection

from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import parse_time
from tests.territory import publish_small_territory

BEGIN = "2025-06-01"
COMMUNITY = "990101001"
# A person of whom nothing is public, one whose role makes the phone public, one whose name is public too.
SECRET, PHONE_PUBLIC, ALL_PUBLIC = "样例隐", "样例显", "样例公"
SECRET_PHONE, ROLE_PHONE, PUBLIC_PHONE = "13800001111", "13800002222", "13800003333"
AWAY_NAME, AWAY_PHONE = "样例休", "13800004444"
SECRETS = (SECRET, SECRET_PHONE, PHONE_PUBLIC, AWAY_NAME, AWAY_PHONE, "示例W1", "示例W2", "示例W3", "13800000001")
HOSTILE = '=HYPERLINK("http://示例")'

_BOX = shapely.box(87.002, 36.652, 87.006, 36.656)
_SMALL = shapely.Polygon([(87.003, 36.653), (87.0041, 36.653), (87.004, 36.6537), (87.0033, 36.654)])

FRAMES: dict[str, pd.DataFrame] = {
    "layers": pd.DataFrame(
        {"code": ["party"], "name": ["党建网格"], "name_en": ["Party grids"], "tiling": ["partial"], "position": [5]}
    ),
    "roles": pd.DataFrame(
        {
            "code": ["closed", "half", "open"],
            "name": ["网格员", "民警", "书记"],
            "name_en": ["Worker", "", "Secretary"],
            "duties_text": ["走访；\n巡查“隐患”, 上报", "", HOSTILE],
            "duties_en": ["Visits,\nlooks and reports", "", HOSTILE],
            "name_public": [False, False, True],
            "phone_public": [False, True, True],
            "position": [10, 20, 30],
        }
    ),
    "workers": pd.DataFrame(
        {
            "code": ["370102000000000001", "N2", "N3", "N4"],
            "name": [SECRET, PHONE_PUBLIC, ALL_PUBLIC, AWAY_NAME],
            "phone": [SECRET_PHONE, ROLE_PHONE, PUBLIC_PHONE, AWAY_PHONE],
            "phone_public": [False, False, True, False],
        }
    ),
    "organisations": pd.DataFrame(
        {"code": ["O1", "O2"], "name": [HOSTILE, "'-样例物业"], "phone": ["0531-88880000转801", "+86 531 88880001"]}
    ),
    "compounds": gpd.GeoDataFrame(
        {"code": ["C1", "C2"], "name": ["样例小区", "样例新村"], "aliases": ["甲苑、乙苑", None]},
        geometry=[_BOX, None],
        crs="EPSG:4326",
    ),
    "gates": pd.DataFrame({"code": ["C1-1"], "compound": ["C1"], "lon": [87.0021], "lat": [36.6523]}),
    "buildings": pd.DataFrame(
        {
            "code": ["B1", "B2", "B3"],
            "name": ["1号楼", "2号楼", "@3"],
            "compound": ["C1", "C1", None],
            "units": ["2", '["3"]', "甲、乙"],
            "households": [24, None, 7],
            # The first stands at its door, which is not where the middle of its outline is.
            "lon": [87.0031, 87.0051, 87.0251],
            "lat": [36.6531, 36.6551, 36.6551],
            "wkt": [_SMALL.wkt, None, None],
        }
    ),
    "places": pd.DataFrame(
        {
            "name": ["样例公园", "样例市场"],
            "aliases": ['["南园（一、二期）", "老园"]', None],
            "category": ["公园", ""],
            "lon": [87.0081234567890123, 87.0212],
            "lat": [36.6581, 36.6577],
        }
    ),
    "stations": pd.DataFrame(
        {
            "code": ["S1", "S2", "S9"],
            "name": ["示例站S1", "示例站S2", "样例流动车"],
            "category": ["党群服务站", "党群服务站", "mobile"],
            "level": ["站", "点", ""],
            "parent": [None, "S1", None],
            "address": ["示例路 1 号", "-示例路2号", ""],
            "lon": [87.005, 87.025, None],
            "lat": [36.655, 36.655, None],
            "phone": ["0531-88880002", "", ""],
            "hours": ["Mo-Fr 08:30-17:30; PH off", "24/7", ""],
            "services": ["社保、咨询", "养老", None],
        }
    ),
    "stops": pd.DataFrame(
        {
            "station": ["S9", "S9"],
            "address": ["示例广场", "示例桥头"],
            "lon": [87.0071, 87.0261],
            "lat": [36.6571, 36.6555],
            "from": ["2025-07-01", "2025-07-01 08:30"],
            "to": [None, "2027-07-31"],
            "hours": ["Tu 09:00-11:30", "Th 14:00-16:00"],
        }
    ),
    "calendar": pd.DataFrame(
        {"day": ["2026-10-01", "2026-10-10"], "kind": ["holiday", "workday"], "name": ["国庆节", ""]}
    ),
    "matters": pd.DataFrame(
        {
            "name": ["噪音扰民", "+路灯不亮"],
            "name_en": ["Noise", ""],
            "description": ["夜间施工。\n装修", ""],
            "role": ["half", None],
            "organisation": [None, "O1"],
            "phone": ["", "0531-88880003"],
            "promised": ["2 hours", "90 minutes"],
            "position": [1, 2],
        }
    ),
    "norms": pd.DataFrame(
        {
            "role": ["closed", "half"],
            "per": ["grid", "community"],
            "kind": ["urban", None],
            "area": [None, "990101001"],
            "least": [1, None],
            "most": [None, 3],
            "most_per_person": [2, None],
        }
    ),
    "texts": pd.DataFrame(
        {
            "slot": ["hotline", "notice", "footer"],
            "target_kind": ["area", "grid", None],
            "target": ["990101001", "B1", None],
            "title": ["服务热线", "公告", ""],
            "body": ["", "第一行\n第二行", "=1+1"],
            "phone": ["0531-88880004", "", ""],
        }
    ),
    "duties": pd.DataFrame(
        {
            "holder": ["370102000000000001", "N2", "N3", "N4", "O1", "N4", "N4", "N2", "N3"],
            "role": ["closed", "half", "open", "closed", "half", "closed", "closed", "half", "closed"],
            "target_kind": ["grid", "area", "area", "building", "area", "unit", "place", "station", "compound"],
            "target": ["A1", "990101001", "990101", "B1", "990101", "B2#3", "样例公园", "S1", "C1"],
            "assignment": ["primary"] * 8 + ["stand_in"],
            "from": ["2025-06-01"] * 7 + ["2025-06-01 08:30", "2025-06-02T00:00:00+00:00"],
            "to": [None] * 7 + ["2099-12-31", "2098-01-01 12:00"],
            "hours": ["Mo-Fr 08:30-17:30", "Mo-Su 20:00-06:00", "", "", "24/7", "", "", "", "Sa,Su 09:00-12:00"],
        }
    ),
    "leave": pd.DataFrame(
        {
            "worker": ["N4", "370102000000000001"],
            "from": ["2025-07-01", "2026-12-01"],
            "to": ["2097-12-31", "2026-12-05"],
            "reason": ["年假", "-培训"],
            "stand_in": ["N2", None],
        }
    ),
}


def stock(connection: Connection[Any]) -> None:
    """The small territory with something in every list."""
    publish_small_territory(connection)
    for kind, frame in FRAMES.items():
        if kind == "duties":
            place = connection.execute(
                "SELECT code FROM places JOIN place_versions USING (place_id) WHERE name = '样例公园'"
            )
            found = place.fetchone()
            assert found is not None
            frame = frame.replace({"target": {"样例公园": found[0]}})
        options = LoadOptions(commit=True, effective=parse_time(BEGIN), actor="test")
        load_frame(connection, kind, frame, options=options)


def stocked(url: str) -> None:
    """As `stock`, committed."""
    with psycopg.connect(url, options="-c search_path=gridmap,public") as connection:
        stock(connection)
