"""The door: from cells to a committed change, or nothing."""

import threading

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely

from geodata.area import areas_in_force
from geodata.database import connect
from geodata.errors import CrsError, InputError, LoadRefusedError
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.people import holders
from geodata.times import parse_time
from tests.support import draw

EFFECTIVE = parse_time("2026-01-01")
COMMIT = LoadOptions(commit=True, actor="clerk Wang", effective=EFFECTIVE)
WORKERS = pd.DataFrame(
    {"工号": ["W1", "W2"], "姓名": ["甲", "乙"], "电话": [13800000000, "0531-1"], "备注": ["x", "y"]}
)


def test_the_report_says_how_the_file_was_understood(connection):
    report = load_frame(connection, "workers", WORKERS, name="人员.xlsx")
    assert (report.kind, report.file, report.rows_read) == ("workers", "人员.xlsx", 2)
    assert report.mapping == {"code": "工号", "name": "姓名", "phone": "电话"}
    assert report.unused_columns == ("备注",)
    assert report.plan.new == ("W1", "W2")


def test_a_commit_is_recorded_and_raises_the_version_once(connection):
    before = connection.execute("SELECT version FROM data_version").fetchone()[0]
    load_frame(connection, "workers", WORKERS, options=COMMIT, name="人员.xlsx")
    assert connection.execute("SELECT version FROM data_version").fetchone()[0] == before + 1
    actor, action, target, facts = connection.execute("SELECT actor, action, target, facts FROM audit").fetchone()
    assert (actor, action, target) == ("clerk Wang", "load.commit", "workers")
    assert (facts["file"], facts["new"], facts["changed"]) == ("人员.xlsx", 2, 0)


def test_neither_a_dry_run_nor_an_identical_load_is_recorded(connection):
    load_frame(connection, "workers", WORKERS)
    assert connection.execute("SELECT count(*) FROM audit").fetchone() == (0,)
    load_frame(connection, "workers", WORKERS, options=COMMIT)
    load_frame(connection, "workers", WORKERS, options=COMMIT)
    assert connection.execute("SELECT count(*) FROM audit").fetchone() == (1,)


def test_nothing_lasts_until_the_caller_commits(database_url):
    with connect(database_url) as writer, connect(database_url) as reader:
        assert load_frame(writer, "workers", WORKERS, options=COMMIT).committed
        assert holders.WORKERS.in_force(reader, EFFECTIVE) == []
        reader.rollback()
        writer.rollback()
        assert holders.WORKERS.in_force(reader, EFFECTIVE) == []
        load_frame(writer, "workers", WORKERS, options=COMMIT)
        writer.commit()
        assert len(holders.WORKERS.in_force(reader, EFFECTIVE)) == 2


def test_an_autocommit_connection_still_loads_all_or_nothing(database_url):
    with psycopg.connect(database_url, autocommit=True) as own:
        own.execute("SET search_path = gridmap, public")
        load_frame(own, "workers", WORKERS, options=COMMIT)
        with connect(database_url) as reader:
            assert len(holders.WORKERS.in_force(reader, EFFECTIVE)) == 2


def test_a_refused_load_leaves_the_transaction_usable_and_empty(connection):
    with pytest.raises(LoadRefusedError) as refused:
        load_frame(connection, "workers", WORKERS.assign(姓名=["甲", None]), options=COMMIT)
    (finding,) = refused.value.report.errors
    assert (finding.kind, finding.row, finding.code) == ("missing-value", 2, "W2")
    assert refused.value.facts == {"errors": 1, "warnings": 0}
    assert holders.WORKERS.in_force(connection, EFFECTIVE) == []


def test_two_loads_of_one_kind_go_one_after_the_other(database_url):
    with connect(database_url) as first, connect(database_url) as second:
        load_frame(first, "workers", WORKERS, options=COMMIT)
        done: list[int] = []

        def load_the_same() -> None:
            done.append(load_frame(second, "workers", WORKERS, options=COMMIT).plan.same)

        other = threading.Thread(target=load_the_same)
        other.start()
        other.join(0.3)
        assert other.is_alive()
        first.commit()
        other.join(60)
        assert done == [2]


def test_two_first_loads_of_one_layer_give_one_release(database_url):
    with connect(database_url) as first, connect(database_url) as second:
        load_frame(first, "grids", draw("AB"), options=COMMIT)
        reports = []
        other = threading.Thread(target=lambda: reports.append(load_frame(second, "grids", draw("AB"), options=COMMIT)))
        other.start()
        other.join(0.3)
        first.commit()
        other.join(60)
        assert [(report.plan.same, report.release) for report in reports] == [(2, None)]


def test_an_unknown_kind_field_layer_or_datum_is_refused(connection):
    with pytest.raises(InputError, match="the kinds are areas"):
        load_frame(connection, "dragons", WORKERS)
    with pytest.raises(InputError, match="no field"):
        load_frame(connection, "workers", WORKERS, options=LoadOptions(mapping={"salary": "备注"}))
    with pytest.raises(CrsError):
        load_frame(connection, "grids", draw("A"), options=LoadOptions(crs="EPSG:99999"))


@pytest.mark.parametrize("option", [{"within": "S"}, {"layer": "general"}, {"repair": True}, {"note": "a\x00b"}])
def test_an_option_that_means_nothing_for_a_kind_is_refused(connection, option):
    with pytest.raises(InputError):
        load_frame(connection, "workers", WORKERS, options=LoadOptions(**option))


def test_a_file_name_that_no_text_can_hold_is_still_recorded(connection):
    load_frame(connection, "workers", WORKERS, options=COMMIT, name="a\x00\udcff.csv")
    assert connection.execute("SELECT facts ->> 'file' FROM audit").fetchone() == ("a��.csv",)


def test_errors_come_before_warnings(connection):
    rows = pd.DataFrame({"code": ["a", "b"], "name": ["x", None], "lon": [117, 117], "lat": [36, 36]})
    severities = [finding.severity for finding in load_frame(connection, "stations", rows).findings]
    assert severities == ["error", "warning"]


def test_progress_names_each_stage(connection):
    stages: list[str] = []
    load_frame(
        connection, "grids", draw("AB"), options=COMMIT, progress=lambda stage, _done, _total: stages.append(stage)
    )
    assert stages[0] == "reading values"
    assert stages[-1] == "writing"


def test_names_with_markup_emoji_and_rare_characters_come_back_as_they_were(connection):
    names = ["<script>alert(1)</script>", "𠮷野家👮", "'; DROP TABLE areas; --", "=HYPERLINK(1)"]
    frame = pd.DataFrame({"code": ["1", "2", "3", "4"], "name": names})
    load_frame(connection, "areas", frame, options=COMMIT)
    assert [row["name"] for row in areas_in_force(connection, EFFECTIVE)] == names


def test_a_frame_in_another_system_is_transformed(connection):
    frame = draw("AB").to_crs("EPSG:4547")
    load_frame(connection, "areas", frame.assign(name="x"), options=COMMIT)
    stored = [shapely.from_wkb(row["wkb"]) for row in areas_in_force(connection, EFFECTIVE)]
    expected = draw("AB").geometry.to_numpy()
    assert np.all(shapely.hausdorff_distance(stored, expected) < 1e-9)


def test_pandas_kinds_of_nothing_are_empty(connection):
    frame = pd.DataFrame({"code": ["1", "2", "3"], "name": ["a", "b", "c"], "phone": [None, pd.NA, float("nan")]})
    load_frame(connection, "workers", frame.convert_dtypes(), options=COMMIT)
    assert [row["phone"] for row in holders.WORKERS.in_force(connection, EFFECTIVE)] == ["", "", ""]


def test_a_geometry_column_that_is_empty_throughout_is_reported_row_by_row(connection):
    frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[None, shapely.Polygon()], crs="EPSG:4326")
    report = load_frame(connection, "grids", frame)
    assert [(finding.kind, finding.row) for finding in report.errors] == [
        ("missing-geometry", 1),
        ("missing-geometry", 2),
    ]
