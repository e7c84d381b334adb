"""Streets and addresses: current only, compared by code, undone like other loads."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.address.register import addresses_near, addresses_now
from geodata.changes import undo_change
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.station.streets import streets_near, streets_now

COMMIT = LoadOptions(crs="EPSG:4326", commit=True)
ADDRESSES = pd.DataFrame(
    {
        "标准地址": ["示例区建设路1号", None],
        "道路": ["建设路", "建设路"],
        "门牌号": ["1号", "2号"],
        "小区": [None, "示例花园"],
        "经度": [117.0, 117.001],
        "纬度": [36.65, 36.651],
        "户数": [3, None],
    }
)


def _streets(*shapes, name="建设路") -> gpd.GeoDataFrame:
    rows = {"道路名称": [name] * len(shapes), "道路等级": ["支路"] * len(shapes)}
    return gpd.GeoDataFrame(rows, geometry=list(shapes), crs="EPSG:4326")


LINE = shapely.LineString([(117.0, 36.65), (117.01, 36.65)])
OTHER = shapely.LineString([(117.0, 36.66), (117.01, 36.66)])


def test_streets_without_codes_are_known_by_what_they_are(connection):
    report = load_frame(connection, "streets", _streets(LINE, OTHER), options=COMMIT)
    assert len(report.plan.new) == 2
    again = load_frame(connection, "streets", _streets(OTHER, LINE), options=COMMIT)
    assert (again.plan.same, again.committed) == (2, False)
    assert [(row["name"], row["class"]) for row in streets_now(connection)] == [("建设路", "支路")] * 2


def test_a_street_that_stands_twice_counts_once(connection):
    report = load_frame(connection, "streets", _streets(LINE, LINE))
    assert [finding.kind for finding in report.findings] == ["repeated-row"]
    assert len(report.plan.new) == 1


@pytest.mark.parametrize(
    "shape", [shapely.Point(117, 36), shapely.box(117, 36, 117.1, 36.1), None, shapely.LineString()]
)
def test_a_street_that_is_no_line_is_an_error(connection, shape):
    report = load_frame(connection, "streets", _streets(LINE, shape))
    assert [(finding.kind, finding.row) for finding in report.errors] == [("not-a-line", 2)]


def test_a_changed_street_replaces_the_old_one_and_only_missing_ones_end_when_told(connection):
    load_frame(connection, "streets", _streets(LINE, OTHER).assign(code=["S1", "S2"]), options=COMMIT)
    changed = _streets(OTHER, name="新路").assign(code=["S1"])
    kept = load_frame(connection, "streets", changed, options=COMMIT)
    assert (kept.plan.changed, kept.plan.ended) == (("S1",), ())
    ending = LoadOptions(crs="EPSG:4326", commit=True, retire_missing=True)
    assert load_frame(connection, "streets", changed, options=ending).plan.ended == ("S2",)
    (row,) = streets_now(connection)
    assert (row["code"], row["name"]) == ("S1", "新路")
    assert connection.execute("SELECT count(*) FROM streets").fetchone() == (3,)


def test_addresses_have_their_text_from_their_parts(connection):
    report = load_frame(connection, "addresses", ADDRESSES, options=COMMIT)
    assert report.errors == ()
    rows = {row["number"]: row for row in addresses_now(connection)}
    assert rows["1号"]["text"] == "示例区建设路1号"
    assert (rows["2号"]["text"], rows["2号"]["households"]) == ("建设路2号示例花园", None)
    assert (rows["2号"]["lon"], rows["2号"]["lat"]) == (117.001, 36.651)
    assert not load_frame(connection, "addresses", ADDRESSES, options=COMMIT).plan.changes_anything


def test_an_address_needs_text_or_parts_and_a_place(connection):
    frame = pd.DataFrame({"地址": [None, "示例路1号"], "lon": [117.0, None], "lat": [36.65, 36.65]})
    report = load_frame(connection, "addresses", frame)
    assert sorted((finding.kind, finding.row) for finding in report.errors) == [
        ("missing-value", 1),
        ("missing-value", 2),
    ]


def test_only_what_lies_near_is_read_for_a_place(connection):
    load_frame(connection, "addresses", ADDRESSES, options=COMMIT)
    load_frame(connection, "streets", _streets(LINE, OTHER), options=COMMIT)
    near = shapely.box(116.999, 36.649, 117.0005, 36.6505)
    assert [row["number"] for row in addresses_near(connection, near)] == ["1号"]
    assert [shapely.from_wkb(row["wkb"]).geoms[0] for row in streets_near(connection, near)] == [LINE]
    assert addresses_near(connection, shapely.Polygon()) == []


@pytest.mark.parametrize(("kind", "frame"), [("streets", _streets(LINE)), ("addresses", ADDRESSES)])
def test_a_load_can_be_undone(connection, kind, frame):
    report = load_frame(connection, kind, frame, options=COMMIT)
    undo_change(connection, report.change_id, "test")
    assert (streets_now(connection), addresses_now(connection)) == ([], [])
