"""Two of one name side by side, and buildings far from their compound."""

import pandas as pd
import pytest

from geodata.intake.report import LoadOptions
from geodata.load import load_frame

COMMIT = LoadOptions(crs="EPSG:4326", commit=True)
DRY = LoadOptions(crs="EPSG:4326")


def told(report):
    return [(finding.kind, finding.row) for finding in report.findings]


@pytest.fixture
def compound(connection):
    frame = pd.DataFrame({"code": ["C1", "C2"], "name": ["柳园", "桃园"]})
    assert told(load_frame(connection, "compounds", frame, options=COMMIT)) == []
    return "C1"


def buildings(count, compound):
    return pd.DataFrame({"code": [f"B{n}" for n in range(count)], "name": [f"{n + 1}号楼" for n in range(count)],
                         "compound": compound, "lon": [117 + n / 1e4 for n in range(count)], "lat": 36.65})  # fmt: skip


def test_a_building_that_stands_twice_in_its_compound_is_told(connection, compound):
    frame = buildings(4, compound)
    frame.loc[3, "name"] = "１号楼"
    assert told(load_frame(connection, "buildings", frame, options=DRY)) == [("same-name-near", 4)]


def test_a_building_that_the_register_has_under_another_code_is_told(connection, compound):
    load_frame(connection, "buildings", buildings(3, compound), options=COMMIT)
    ends = LoadOptions(crs="EPSG:4326", retire_missing=True)
    many = pd.DataFrame({"code": ["N1"], "name": ["2号楼"], "compound": [compound], "lon": [117.0], "lat": [36.65]})
    (finding,) = load_frame(connection, "buildings", many, options=ends).findings
    assert (finding.kind, "B1" in finding.message, "B1" in finding.message_zh) == ("same-name-near", True, True)


def test_buildings_of_one_number_in_two_compounds_are_two(connection, compound):
    frame = pd.concat([buildings(3, compound), buildings(3, "C2").assign(code=["X0", "X1", "X2"])])
    assert told(load_frame(connection, "buildings", frame, options=DRY)) == []


def test_a_building_far_from_the_others_of_its_compound_is_told_with_metres(connection, compound):
    frame = buildings(6, compound)
    frame.loc[2, "lon"] = 117.05
    (finding,) = load_frame(connection, "buildings", frame, options=DRY).findings
    assert (finding.kind, finding.row) == ("far-from-compound", 3)
    assert 4_000 < finding.facts["metres"] < 5_000


def test_places_of_one_name_and_kind_are_told_where_they_lie_side_by_side(connection):
    frame = pd.DataFrame({"code": ["P1", "P2", "P3", "P4"], "name": ["幸福超市"] * 4, "lat": 36.65,
                          "category": ["shop", "shop", "shop", "bank"],
                          "lon": [117.0, 117.0005, 117.02, 117.0]})  # fmt: skip
    assert told(load_frame(connection, "places", frame, options=DRY)) == [("same-name-near", 2)]


def test_compounds_of_one_name_are_told_where_both_are_drawn_side_by_side(connection):
    def square(lon):
        return f"POLYGON (({lon} 36.65, {lon + 0.001} 36.65, {lon + 0.001} 36.651, {lon} 36.651, {lon} 36.65))"

    frame = pd.DataFrame({"code": ["K1", "K2", "K3", "K4"], "name": ["梅园"] * 4,
                          "wkt": [square(117.0), square(117.0012), square(117.1), None]})  # fmt: skip
    assert told(load_frame(connection, "compounds", frame, options=DRY)) == [("same-name-near", 2)]
