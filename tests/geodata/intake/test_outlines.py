"""A building's point and its outline belong together: what lies far apart is worth a look."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geodata.intake.outlines import LISTED, _metres
from geodata.intake.report import LoadOptions
from geodata.intake.stores import STORES
from geodata.load import load_frame
from geodata.times import parse_time

EARLY, LATER = parse_time("2026-01-01"), parse_time("2026-02-01")
OUTLINE = shapely.box(117, 36, 117.001, 36.001)


def load(connection, rows, *, commit=True, effective=EARLY, **more):
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, dtype=object)
    return load_frame(connection, "buildings", frame, options=LoadOptions(commit=commit, effective=effective, **more))


def building(lon, lat=36.0005, **more):
    return {"code": ["B"], "name": ["b"], "lon": [lon], "lat": [lat], "wkt": [OUTLINE.wkt]} | more


def far(report):
    return [finding for finding in report.findings if finding.kind == "far-from-outline"]


def test_a_point_far_from_its_outline_is_a_warning_with_the_distance(connection):
    (finding,) = far(load(connection, building(117.003)))
    expected = Geod(ellps="WGS84").inv(117.001, 36.0005, 117.003, 36.0005)[2]
    assert (finding.severity, finding.row, finding.code) == ("warning", 1, "B")
    assert finding.facts["metres"] == round(expected) == 180
    assert "180 m" in finding.message
    assert "180 米" in finding.message_zh
    assert (finding.lon, finding.lat, finding.facts["column"]) == (117.003, 36.0005, "lon")


@pytest.mark.parametrize("lon", [117.0005, 117.001, 117.002])
def test_a_point_in_its_outline_or_near_it_is_none(connection, lon):
    assert far(load(connection, building(lon))) == []


def test_a_building_without_an_outline_is_none(connection):
    assert far(load(connection, building(118, wkt=[None]))) == []


def test_a_point_is_held_against_the_outline_that_is_stored(connection):
    load(connection, building(117.0005))
    moved = {"code": ["B"], "name": ["b"], "lon": [117.2], "lat": [36.0005]}
    (finding,) = far(load(connection, moved, effective=LATER))
    assert "18 km" in finding.message
    assert STORES["buildings"].in_force(connection, LATER)[0]["wkb"] is not None


def test_a_drawn_building_brings_its_own_point(connection):
    load(connection, building(117.003))
    drawn = gpd.GeoDataFrame({"code": ["B"], "name": ["b"]}, geometry=[OUTLINE], crs="EPSG:4326")
    assert far(load(connection, drawn, effective=LATER)) == []


def test_many_are_listed_up_to_a_number_and_then_counted(connection):
    count = LISTED + 3
    rows = {name: values * count for name, values in building(117.01).items()}
    found = far(load(connection, rows | {"code": [f"B{at}" for at in range(count)]}, commit=False))
    assert (len(found), found[-1].facts["rows"]) == (LISTED + 1, 3)


@given(st.floats(73, 136), st.floats(3, 54), st.floats(-0.02, 0.02), st.floats(-0.02, 0.02))
def test_the_distance_is_that_on_the_ellipsoid(lon, lat, east, north):
    expected = Geod(ellps="WGS84").inv(lon, lat, lon + east, lat + north)[2]
    measured = _metres(shapely.Point(lon, lat), shapely.Point(lon + east, lat + north))
    assert measured == pytest.approx(expected, rel=2e-3, abs=0.01)
