"""Points in one cell, as maps hand them out, and zeros for none."""

import pandas as pd
import pytest

from geodata.intake.report import LoadOptions
from geodata.load import load_frame

DRY = LoadOptions(crs="EPSG:4326")


@pytest.mark.parametrize("pair", ["117.0,36.65", "117.0，36.65", " (117.0, 36.65) ", "117.0 36.65", "[117.0;36.65]"])
@pytest.mark.parametrize("column", ["坐标", "经纬度", "location"])
def test_a_point_may_stand_in_one_cell(connection, pair, column):
    report = load_frame(connection, "addresses", pd.DataFrame({"地址": ["解放路12号"], column: [pair]}), options=DRY)
    assert report.errors == ()
    assert (report.plan.changes[0].after["lon"], report.plan.changes[0].after["lat"]) == (117.0, 36.65)


def test_a_pair_the_other_way_round_or_in_words_is_an_error_of_its_row(connection):
    frame = pd.DataFrame({"名称": ["甲", "乙", "丙"], "坐标": ["36.65,117.0", "见附图", "117.0,36.65"]})
    report = load_frame(connection, "places", frame, options=DRY)
    assert {(finding.row, finding.kind) for finding in report.errors} == {(1, "swapped-axes"), (2, "unreadable-shape")}
    assert len(report.plan.new) == 1


def test_columns_of_longitude_and_latitude_count_before_a_pair(connection):
    frame = pd.DataFrame({"名称": ["甲"], "坐标": ["118.0,37.0"], "经度": [117.0], "纬度": [36.65]})
    report = load_frame(connection, "places", frame, options=DRY)
    assert report.plan.changes[0].after["lon"] == 117.0


@pytest.mark.parametrize("kind", ["places", "addresses"])
def test_zeros_are_no_place_but_a_cell_that_was_not_filled(connection, kind):
    column = {"places": "名称", "addresses": "地址"}[kind]
    frame = pd.DataFrame({column: ["甲路1号", "乙路2号"], "经度": [0, 117.0], "纬度": ["0.0", 36.65]})
    report = load_frame(connection, kind, frame, options=DRY)
    assert [(finding.row, finding.kind) for finding in report.errors] == [(1, "missing-value")]
