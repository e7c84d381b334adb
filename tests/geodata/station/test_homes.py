"""Where people live: one count of households, one place per point, walks that begin at gates."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
from psycopg.rows import TupleRow

from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.station.homes import BUILDING, REGISTER, Homes, read_homes
from geodata.times import parse_time

NOW = parse_time("2026-06-01")
LON, LAT = 87.0, 36.65
NEAR = 0.0001

Connection = psycopg.Connection[TupleRow]


def load(connection: Connection, kind: str, frame: pd.DataFrame) -> None:
    options = LoadOptions(effective=parse_time("2026-01-01"), commit=True)
    connection.execute("SELECT 1")  # so that the load is part of what is rolled back
    report = load_frame(connection, kind, frame, options=options)
    assert report.committed, report.findings


def buildings(connection: Connection, *rows: tuple[str, str | None, int | None, float]) -> None:
    """Code, compound, households, and how far east of the corner; named by the last sign of the code."""
    made = [
        {"code": code, "name": f"{code[-1]}号楼" if compound else f"示例路{code[-1]}号", "compound": compound,
         "households": households, "lon": LON + east, "lat": LAT}
        for code, compound, households, east in rows
    ]  # fmt: skip
    load(connection, "buildings", pd.DataFrame(made))


def compounds(connection: Connection, *rows: tuple[str, str, Any]) -> None:
    codes, names, shapes = zip(*rows, strict=True)
    frame = gpd.GeoDataFrame({"code": codes, "name": names}, geometry=list(shapes), crs="EPSG:4326")
    load(connection, "compounds", frame)


def gates(connection: Connection, *rows: tuple[str, float]) -> None:
    made = [{"code": f"G{at}", "compound": code, "lon": LON + east, "lat": LAT} for at, (code, east) in enumerate(rows)]
    load(connection, "gates", pd.DataFrame(made))


def addresses(connection: Connection, *rows: dict[str, Any]) -> None:
    for at, row in enumerate(rows):
        values = {"code": f"A{at}", "text": f"示例{at}", "road": "", "number": "", "compound": "", "building": "",
                  "households": None, "persons": None, "east": 0.0, **row}  # fmt: skip
        connection.execute(
            """INSERT INTO addresses (code, text, road, number, compound, building, households, persons, geom)
            VALUES (%(code)s, %(text)s, %(road)s, %(number)s, %(compound)s, %(building)s, %(households)s, %(persons)s,
                    ST_SetSRID(ST_MakePoint(87.0 + %(east)s, 36.65), 4326))""",
            values,
        )


def households(homes: Homes) -> float:
    return float(homes.counts["households"].sum())


def test_an_empty_database_has_no_homes(connection: Connection) -> None:
    homes = read_homes(connection, NOW)
    assert (len(homes), len(homes.start_lons), homes.counts["households"].tolist()) == (0, 0, [])


def test_entries_at_one_point_are_one_place_with_the_sum_of_their_counts(connection: Connection) -> None:
    addresses(
        connection,
        {"households": 3, "persons": 7},
        {"households": 2, "persons": None},
        {"households": None, "east": NEAR},
    )
    homes = read_homes(connection, NOW)
    assert len(homes) == 2
    assert homes.counts["households"].tolist() == [5, 0]
    assert homes.counts["persons"].tolist() == [7, 0]
    assert homes.counts["addresses"].tolist() == [2, 1]
    assert homes.source.tolist() == [REGISTER, REGISTER]


def test_entries_that_are_no_more_are_nobody(connection: Connection) -> None:
    addresses(connection, {"households": 3})
    connection.execute("UPDATE addresses SET withdrawn_at = now()")
    assert len(read_homes(connection, NOW)) == 0


def test_a_building_counts_only_where_the_register_has_no_households_of_it(connection: Connection) -> None:
    compounds(connection, ("C1", "样例小区", None))
    buildings(connection, ("B1", "C1", 40, 0.001), ("B2", "C1", 50, 0.002), ("B3", "C1", None, 0.003))
    addresses(
        connection,
        {"compound": "样例小区", "building": "1栋", "households": 30, "east": 0.0011},
        {"compound": "样例小区", "building": "2号楼", "households": None, "east": 0.0021},
    )
    homes = read_homes(connection, NOW)
    assert households(homes) == 30 + 50
    assert homes.counts["households"][homes.source == BUILDING].tolist() == [50, 0]


def test_an_entry_of_a_whole_compound_stands_for_all_its_buildings(connection: Connection) -> None:
    compounds(connection, ("C1", "样例小区", None), ("C2", "样例新村", None))
    buildings(connection, ("B1", "C1", 40, 0.001), ("B2", "C1", 50, 0.002), ("B3", "C2", 60, 0.003))
    addresses(connection, {"road": "示例路", "number": "18号", "compound": "样例小区", "households": 88})
    assert households(read_homes(connection, NOW)) == 88 + 60


def test_the_number_of_a_house_in_a_compound_is_that_of_its_building(connection: Connection) -> None:
    compounds(connection, ("C1", "样例小区", None))
    buildings(connection, ("B1", "C1", 40, 0.001), ("B2", "C1", 50, 0.002))
    addresses(connection, {"compound": "样例小区", "number": "2号", "households": 1, "east": 0.0021})
    assert households(read_homes(connection, NOW)) == 40 + 1


def test_an_entry_of_a_building_that_nobody_loaded_takes_no_other_away(connection: Connection) -> None:
    compounds(connection, ("C1", "样例小区", None))
    buildings(connection, ("B1", "C1", 40, 0.001))
    addresses(connection, {"compound": "样例小区", "building": "7号楼", "households": 5, "east": 0.005})
    assert households(read_homes(connection, NOW)) == 40 + 5


def test_a_house_at_a_road_belongs_to_the_entry_of_that_number(connection: Connection) -> None:
    buildings(connection, ("B1", None, 6, 0.001), ("B2", None, 7, 0.002))
    addresses(connection, {"road": "示例路", "number": "２号", "households": 4, "east": 0.0025})
    assert households(read_homes(connection, NOW)) == 6 + 4


def test_an_entry_that_is_only_a_text_takes_the_place_of_the_building_it_stands_in(connection: Connection) -> None:
    outline = shapely.box(LON + 0.001, LAT - NEAR, LON + 0.0014, LAT + NEAR)
    frame = pd.DataFrame(
        {"code": ["B1", "B2"], "name": ["甲楼", "乙楼"], "households": [6, 7], "lon": [LON + 0.0012, LON + 0.003],
         "lat": [LAT, LAT], "wkt": [outline.wkt, None]}
    )  # fmt: skip
    load(connection, "buildings", frame)
    addresses(connection, {"households": 5, "east": 0.0011}, {"households": 4, "east": 0.003})
    assert households(read_homes(connection, NOW)) == 5 + 4


def test_walks_begin_at_every_gate_of_the_compound_and_elsewhere_at_the_door(connection: Connection) -> None:
    compounds(connection, ("C1", "样例小区", None), ("C2", "无门新村", None))
    gates(connection, ("C1", 0.0), ("C1", 0.004))
    buildings(connection, ("B1", "C1", 40, 0.001), ("B2", "C2", 50, 0.002))
    addresses(
        connection,
        {"compound": "样例小区", "building": "7号楼", "households": 2, "east": 0.003},
        {"households": 1, "east": 0.005},
    )
    homes = read_homes(connection, NOW)
    assert np.round(homes.lons - LON, 4).tolist() == [0.001, 0.002, 0.003, 0.005]
    assert homes.start_place.tolist() == [0, 0, 1, 2, 2, 3]
    assert np.round(homes.start_lons - LON, 4).tolist() == [0.0, 0.004, 0.002, 0.0, 0.004, 0.005]


def test_an_entry_without_a_compound_walks_through_the_gates_of_the_one_that_surrounds_it(
    connection: Connection,
) -> None:
    compounds(connection, ("C1", "样例小区", shapely.box(LON, LAT - 0.001, LON + 0.002, LAT + 0.001)))
    gates(connection, ("C1", 0.0))
    addresses(
        connection,
        {"households": 2, "east": 0.001},
        {"compound": "别的小区", "households": 2, "east": 0.0015},
        {"households": 2, "east": 0.003},
    )
    homes = read_homes(connection, NOW)
    assert np.round(homes.start_lons - LON, 4).tolist() == [0.0, 0.0015, 0.003]


def test_of_two_compounds_of_one_name_the_nearer_is_meant_and_a_far_one_is_not(connection: Connection) -> None:
    compounds(connection, ("C1", "样例小区", None), ("C2", "样例小区", None))
    gates(connection, ("C1", 0.0), ("C2", 0.01))
    addresses(
        connection,
        {"compound": "样例小区", "east": 0.002},
        {"compound": "样例小区", "east": 0.009},
        {"compound": "样例小区", "east": 0.2},
    )
    homes = read_homes(connection, NOW)
    assert np.round(homes.start_lons - LON, 4).tolist() == [0.0, 0.01, 0.2]


def test_gates_that_are_closed_for_good_are_gates_no_more(connection: Connection) -> None:
    compounds(connection, ("C1", "样例小区", None))
    gates(connection, ("C1", 0.004))
    buildings(connection, ("B1", "C1", 40, 0.001))
    connection.execute("UPDATE gate_versions SET period = tstzrange(lower(period), '2026-05-01')")
    homes = read_homes(connection, NOW)
    assert homes.start_lons.tolist() == pytest.approx([LON + 0.001])
    earlier = read_homes(connection, parse_time("2026-04-01"))
    assert earlier.start_lons.tolist() == pytest.approx([LON + 0.004])
