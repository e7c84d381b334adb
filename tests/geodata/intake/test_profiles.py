"""Mappings of recurring files, kept by name."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.crs import GCJ02, from_wgs84
from geodata.errors import InputError, NotKnownError
from geodata.intake.profiles import profile, profiles, save_profile
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.station.register import STATIONS
from geodata.times import parse_time

EFFECTIVE = parse_time("2026-01-01")


def test_a_mapping_and_datum_that_worked_once_work_again_by_name(connection):
    (x,), (y,) = from_wgs84([117.0], [36.5], GCJ02)
    frame = pd.DataFrame({"ID号": ["s"], "叫什么": ["驿站"], "E": [x], "N": [y]})
    mapping = {"code": "ID号", "name": "叫什么", "lon": "E", "lat": "N"}
    told = LoadOptions(mapping=mapping, crs="gcj02", save_profile="每月站点", actor="clerk", effective=EFFECTIVE)
    assert load_frame(connection, "stations", frame, options=told).errors == ()
    assert profile(connection, "每月站点", "stations").crs == "GCJ-02"
    again = LoadOptions(profile="每月站点", commit=True, effective=EFFECTIVE)
    assert load_frame(connection, "stations", frame, options=again).committed
    (station,) = STATIONS.in_force(connection, EFFECTIVE)
    assert station["lon"] == pytest.approx(117.0, abs=1e-8)


def test_what_is_told_wins_over_the_profile(connection):
    save_profile(connection, "p", "workers", {"code": "A", "name": "B"}, "", "clerk")
    frame = pd.DataFrame({"A": ["1"], "B": ["wrong"], "C": ["right"]})
    report = load_frame(connection, "workers", frame, options=LoadOptions(profile="p", mapping={"name": "C"}))
    assert report.mapping == {"code": "A", "name": "C"}


def test_a_datum_that_the_file_states_is_left_to_the_file(connection):
    frame = gpd.GeoDataFrame({"code": ["s"], "name": ["x"]}, geometry=[shapely.Point(500000, 4000000)], crs="EPSG:4547")
    report = load_frame(connection, "stations", frame, options=LoadOptions(save_profile="zone"))
    assert report.errors == ()
    assert profile(connection, "zone", "stations").crs == ""


def test_saving_again_replaces(connection):
    save_profile(connection, "p", "workers", {"code": "A"}, "", "one")
    save_profile(connection, "p", "roles", {"code": "B"}, "GCJ-02", "two")
    (row,) = profiles(connection)
    assert (row["name"], row["kind"], row["mapping"], row["crs"], row["saved_by"]) == (
        "p",
        "roles",
        {"code": "B"},
        "GCJ-02",
        "two",
    )


def test_a_profile_of_another_kind_or_none_is_refused(connection):
    save_profile(connection, "p", "workers", {"code": "A"}, "", "one")
    with pytest.raises(InputError, match="for workers, not for roles"):
        profile(connection, "p", "roles")
    with pytest.raises(NotKnownError, match="nowhere"):
        profile(connection, "nowhere", "roles")
    with pytest.raises(NotKnownError):
        profile(connection, "\x00", "roles")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101, "\x00"])
def test_a_name_that_nobody_can_read_is_refused(connection, name):
    with pytest.raises(InputError):
        save_profile(connection, name, "workers", {}, "", "one")


def test_a_load_that_could_not_be_understood_saves_no_profile(connection):
    report = load_frame(connection, "workers", pd.DataFrame({"x": [1]}), options=LoadOptions(save_profile="p"))
    assert report.errors
    assert profiles(connection) == []
