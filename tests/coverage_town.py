"""A town that fits into the head: one street through the small territory, a home every thousandth of a degree.

The street runs east at 36.655 from 87.000 to 87.030; homes stand on it at 87.0005, 87.0015 … 87.0295, ten households
each. A thousandth of a degree is 89.42 m: five minutes are 416.7 m or 4.66 of them, fifteen 13.97.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from psycopg import Connection

from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.station.homes import REGISTER, Homes
from geodata.station.network.arrays import Barrier, Line
from geodata.station.network.build import build_network
from geodata.station.network.places import place_index
from geodata.station.network.profiles import ADULT, Profile
from geodata.station.network.snap import connect
from geodata.station.network.walking import Walking
from geodata.times import parse_time
from tests.territory import box, publish_small_territory

NOW = parse_time("2026-06-03T10:00+08:00")
"""A Wednesday."""
LAT = 36.655
STREET = shapely.LineString([(87.0, LAT), (87.03, LAT)])
HOMES = [87.0005 + at / 1000 for at in range(30)]
WHEELS = Profile("wheelchair", "轮椅", "Wheelchair", 2.5, None)

STATIONS = pd.DataFrame(
    [
        {"code": "S1", "name": "示例站S1", "category": "党群服务站", "level": "站", "lon": 87.005, "lat": LAT,
         "hours": "Mo-Fr 08:30-17:30"},
        {"code": "S2", "name": "示例站S2", "category": "党群服务站", "level": "点", "lon": 87.025, "lat": LAT,
         "hours": ""},
        {"code": "S3", "name": "样例养老站", "category": "养老服务站", "level": "点", "lon": 87.015, "lat": 36.6585,
         "hours": ""},
        {"code": "S9", "name": "样例流动车", "category": "流动服务", "level": "", "lon": None, "lat": None,
         "hours": ""},
    ]
)  # fmt: skip
STOPS = pd.DataFrame(
    {
        "station": ["S9", "S9"],
        "lon": [87.012, 87.018],
        "lat": [LAT, LAT],
        "from": ["2026-01-01", "2026-01-01"],
        "to": [None, None],
        "hours": ["Tu 09:00-11:30", "We 09:00-11:30"],
    }
)


def publish_town(connection: Connection[Any]) -> None:
    """Grids A1, A2, B1 with 100, 120 and 80 stated households, stations of three categories; no streets, no homes."""
    publish_small_territory(connection)
    options = LoadOptions(commit=True, effective=parse_time("2026-02-01"), actor="test")
    grids = gpd.GeoDataFrame(
        {"code": ["A1", "A2", "B1"], "name": ["A1网格", "A2网格", "=B1网格"], "households": [100, 120, 80],
         "persons": [300, 360, 240], "community": ["990101001", "990101001", "990101002"]},
        geometry=[shapely.from_wkt(box(*extent)) for extent in ((0, 10), (10, 22), (22, 30))], crs="EPSG:4326",
    )  # fmt: skip
    for kind, frame in (("grids", grids), ("stations", STATIONS), ("stops", STOPS)):
        report = load_frame(connection, kind, frame, options=options)
        assert report.committed, report.findings


def publish_homes(connection: Connection[Any]) -> None:
    """Ten households at each home, as entries of the register."""
    for at, lon in enumerate(HOMES):
        connection.execute(
            """INSERT INTO addresses (code, text, households, persons, geom)
            VALUES (%s, %s, 10, 25, ST_SetSRID(ST_MakePoint(%s, %s), 4326))""",
            (f"A{at}", f"示例路{at}号", lon, LAT),
        )


def publish_streets(connection: Connection[Any]) -> None:
    """The one street."""
    frame = gpd.GeoDataFrame(
        {"code": ["W1"], "name": ["示例路"], "class": ["residential"]}, geometry=[STREET], crs="EPSG:4326"
    )
    report = load_frame(connection, "streets", frame, options=LoadOptions(commit=True, actor="test"))
    assert report.committed, report.findings


def walking(
    lons: list[float] | None = None,
    *,
    households: list[float] | float = 10,
    source: int = REGISTER,
    lat: float = LAT,
    lines: list[Line] | None = None,
    barriers: list[Barrier] | None = None,
    persons: float = 0,
    version: str = "1",
) -> Walking:
    """What walks are counted on in the town, with homes at these longitudes."""
    network = build_network(lines or [Line(STREET, "示例路")], barriers or [], version=version, compiled_at=NOW)
    xs = np.array(HOMES if lons is None else lons, dtype=np.float64)
    count = len(xs)
    homes = Homes(
        xs,
        np.full(count, lat),
        {
            "households": np.broadcast_to(np.asarray(households, dtype=np.float64), count).copy(),
            "persons": np.full(count, persons, dtype=np.float64),
            "addresses": np.ones(count) if source == REGISTER else np.zeros(count),
        },
        np.full(count, source, dtype=np.uint8),
        xs,
        np.full(count, lat),
        np.arange(count, dtype=np.int32),
    )
    connectors = connect(network, homes.start_lons, homes.start_lats, place=homes.start_place, places=count)
    profiles = {ADULT.code: ADULT, WHEELS.code: WHEELS}
    return Walking(network, homes, connectors, place_index(network, connectors), profiles, f"w{version}", NOW)


def empty_walking() -> Walking:
    """Nothing to walk on."""
    network = build_network([], [])
    one = walking([])
    connectors = connect(network, [], [])
    return Walking(network, one.homes, connectors, place_index(network, connectors), one.profiles, "0", NOW)
