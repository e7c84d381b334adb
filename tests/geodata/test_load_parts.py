"""Files of addresses that are read in parts: the same as read whole, in memory that does not grow with them."""

import pandas as pd
import pytest

from geodata.access import list_audit
from geodata.address.register import addresses_now
from geodata.changes import change, list_changes, undo_change
from geodata.database import connect
from geodata.errors import FileError, LoadRefusedError
from geodata.intake.report import LoadOptions
from geodata.load import COMMITTED, load
from geodata.load_parts import load_large

DRY, COMMIT = LoadOptions(crs="EPSG:4326"), LoadOptions(crs="EPSG:4326", commit=True)


def doors(count, first=1):
    numbers = range(first, first + count)
    return pd.DataFrame({"编码": [f"D{n}" for n in numbers], "地址": [f"解放路{n}号" for n in numbers],
                         "经度": [f"{117 + n / 1e4:.4f}" for n in numbers], "纬度": "36.65"})  # fmt: skip


@pytest.fixture
def written(tmp_path):
    def write(frame, name="doors.csv"):
        frame.to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write


def in_parts(connection, path, options=COMMIT, kind="addresses"):
    return load_large(connection, kind, path, options=options, larger_than=0, rows=4)


def test_parts_are_the_same_register_as_the_whole(connection, written):
    path = written(doors(10))
    report = in_parts(connection, path)
    assert (report.rows_read, report.committed, len(report.plan.new)) == (10, True, 10)
    assert [one["code"] for one in addresses_now(connection)] == sorted(f"D{n}" for n in range(1, 11))
    assert not load(connection, "addresses", path, options=COMMIT).plan.changes_anything


def test_parts_are_one_change_that_says_what_came_of_all_and_is_undone_as_one(connection, written):
    report = in_parts(connection, written(doors(10)))
    assert len(list_changes(connection)) == 1
    assert change(connection, report.change_id).facts == {"file": "doors.csv", "in_parts": True}
    (told,) = [one for one in list_audit(connection) if one.action == COMMITTED]
    assert (told.facts["new"], told.facts["change"]) == (10, report.change_id)
    undo_change(connection, report.change_id, "clerk")
    assert addresses_now(connection) == []


def test_a_second_identical_load_changes_nothing_and_is_no_change(connection, written):
    path = written(doors(10))
    in_parts(connection, path)
    report = in_parts(connection, path)
    assert (report.committed, report.change_id, report.plan.same) == (False, None, 10)
    assert len(list_changes(connection)) == 1


def test_a_dry_run_writes_nothing(connection, written):
    report = in_parts(connection, written(doors(10)), DRY)
    assert (len(report.plan.new), report.committed) == (10, False)
    assert addresses_now(connection) == []


def test_an_error_in_any_part_keeps_all_of_them_out_and_names_its_row(connection, written):
    frame = doors(12)
    frame.loc[[1, 10], "地址"] = ""
    with pytest.raises(LoadRefusedError) as told:
        in_parts(connection, written(frame))
    assert [finding.row for finding in told.value.report.errors] == [3, 12]
    assert (addresses_now(connection), list_changes(connection)) == ([], [])


def test_of_a_code_in_two_parts_the_first_row_is_taken(connection, written):
    again = doors(1).assign(地址="解放路99号")
    path = written(pd.concat([doors(6), again]))
    report = in_parts(connection, path)
    (finding,) = report.warnings
    assert (finding.kind, finding.row, finding.code) == ("repeated-row", 8, "D1")
    assert {one["text"] for one in addresses_now(connection)} == {f"解放路{n}号" for n in range(1, 7)}
    assert not in_parts(connection, path).plan.changes_anything


def test_of_an_address_without_a_code_at_two_points_the_first_is_taken_each_time(connection, written):
    frame = pd.concat([doors(6), doors(1).assign(经度="117.5")]).drop(columns="编码")
    path = written(frame)
    in_parts(connection, path)
    assert len(addresses_now(connection)) == 6
    assert not in_parts(connection, path).plan.changes_anything


def test_the_caller_commits_where_it_does_not_itself_commit_each_statement(database_url, written):
    with connect(database_url, autocommit=True) as own, connect(database_url) as other:
        in_parts(own, written(doors(6)))
        in_parts(other, written(doors(4, first=7)))
        assert len(addresses_now(own)) == 6
    with connect(database_url) as after:
        assert len(addresses_now(after)) == 10


def test_what_no_part_holds_ends_where_that_was_asked_for(connection, written):
    in_parts(connection, written(doors(10)))
    ends = LoadOptions(crs="EPSG:4326", commit=True, retire_missing=True)
    report = in_parts(connection, written(doors(6, first=3)), ends)
    assert report.plan.ended == ("D1", "D10", "D2", "D9")
    assert len(addresses_now(connection)) == 6


def test_findings_of_the_whole_file_are_said_once_and_those_of_rows_are_counted(connection, written):
    frame = doors(40)
    frame["地址"] = [f"某处{chr(ord('甲') + n)}" for n in range(40)]
    report = in_parts(connection, written(frame), LoadOptions())
    kinds = [finding.kind for finding in report.warnings]
    assert kinds.count("assumed-crs") == 1
    assert len({finding.row for finding in report.warnings if finding.kind == "unreadable-address"}) == 40


def test_columns_that_are_not_understood_are_said_once(connection, written):
    report = in_parts(connection, written(doors(10).rename(columns={"地址": "甲", "经度": "乙"})), DRY)
    assert len(report.errors) == len({finding.message for finding in report.errors})
    assert report.effective is None


def test_other_kinds_and_small_files_are_read_whole(connection, written):
    places = doors(10).rename(columns={"地址": "名称"})
    assert in_parts(connection, written(places), kind="places").rows_read == 10
    assert load_large(connection, "addresses", written(doors(3)), options=COMMIT).rows_read == 3


def test_a_file_that_is_missing_is_said_as_ever(connection, tmp_path):
    with pytest.raises(FileError):
        in_parts(connection, tmp_path / "none.csv")


def test_a_workbook_that_is_too_large_may_come_as_text(connection, tmp_path):
    wide = pd.DataFrame([[1] * 1_001], columns=[f"列{n}" for n in range(1_001)])
    wide.to_excel(tmp_path / "doors.xlsx", index=False)
    with pytest.raises(FileError, match="Or save it as CSV") as told:
        in_parts(connection, tmp_path / "doors.xlsx")
    assert "不限大小" in told.value.detail_zh
