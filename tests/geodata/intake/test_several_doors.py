"""One row for several doors, and names in brackets: from a street office's table to the answer of a look-up."""

from collections import Counter

import pandas as pd
import pytest

from geodata.address.compile import compile_entries
from geodata.address.index import AddressIndex
from geodata.address.sources import read_addresses, read_areas
from geodata.intake.references import now
from geodata.intake.report import LoadOptions
from geodata.intake.several_doors import MOST, spread
from geodata.load import load_frame

COMMIT = LoadOptions(crs="EPSG:4326", commit=True)


@pytest.mark.parametrize(
    ("text", "doors"),
    [
        ("解放路12、14、16号", ["解放路12号", "解放路14号", "解放路16号"]),
        ("解放路１２号，１４号", ["解放路12号", "解放路14号"]),
        ("解放路12号及14号", ["解放路12号", "解放路14号"]),
        ("解放路1-7号单", ["解放路1号", "解放路3号", "解放路5号", "解放路7号"]),
        ("解放路1-5单号", ["解放路1号", "解放路3号", "解放路5号"]),
        ("解放路2～6号（双号）", ["解放路2号", "解放路4号", "解放路6号"]),
        ("解放路12号至16号", ["解放路12号", "解放路14号", "解放路16号"]),
        ("解放路12至13号", ["解放路12号", "解放路13号"]),
        ("解放路12、14-18号", ["解放路12号", "解放路14号", "解放路16号", "解放路18号"]),
        ("解放路12号、12号甲", ["解放路12号", "解放路12号甲"]),
        ("柳园6、7号楼", ["柳园6号楼", "柳园7号楼"]),
        ("柳园5号楼1至3单元", ["柳园5号楼1单元", "柳园5号楼2单元", "柳园5号楼3单元"]),
        ("柳园5号楼1、2单元301室", ["柳园5号楼1单元301室", "柳园5号楼2单元301室"]),
        ("中山北路二段7、9號", ["中山北路二段7號", "中山北路二段9號"]),
        ("中山北路7、9號2樓及11號1、2樓", ["中山北路7號2樓", "中山北路9號2樓"]),
        ("中山北路三段84號2~4樓、86號1樓", ["中山北路三段84號2~4樓", "中山北路三段86號1樓"]),
        (
            "中山北路5弄13號1~2樓、15號2樓及17之1號",
            ["中山北路5弄13號1~2樓", "中山北路5弄15號2樓", "中山北路5弄17之1號"],
        ),
        ("中山北路7、9號1、2樓", ["中山北路7號1、2樓", "中山北路9號1、2樓"]),
    ],
)
def test_lists_and_certain_ranges_are_each_of_their_doors(text, doors):
    assert list(spread(text).doors) == doors


@pytest.mark.parametrize(
    "text",
    ["解放路125-2号", "解放路12之1号", "解放路1-3号", "解放路12,3号楼", "柳园3号楼,2单元", "园7-6-1046",
     "解放路18号/3号楼", "解放路12号、和平街3号", "解放路9至7号", "中和路3号", "解放路2号及地下室", "解放路3至5层",
     "解放路12号-18号", "解放路12号院、3号楼"],
)  # fmt: skip
def test_what_may_be_one_door_is_one(text):
    assert spread(text).doors == ()


@pytest.mark.parametrize(
    ("text", "written"), [("柳园6-8号楼", "6-8号楼"), ("柳园1-4单元", "1-4单元"), ("解放路1-399号单", "1-399号单")]
)
def test_what_may_be_one_or_several_is_said(text, written):
    assert spread(text).unclear == written
    assert spread(text).doors == ()


def test_no_row_is_more_doors_than_make_sense():
    assert spread("解放路" + "、".join(map(str, range(1, MOST + 3))) + "号").doors == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [("解放路18号（原红旗商店）", "红旗商店"), ("解放路18号(曾用名：老粮站)", "老粮站"), ("解放路18号(红)", None)],
)  # fmt: skip
def test_a_former_name_in_brackets_is_another_name(text, name):
    assert spread(text).names == (() if name is None else (name,))


@pytest.mark.parametrize(
    "text", ["1、" * 100, "1-" * 100, "12号、" * 60, "(" * 200, "9" * 200 + "、1号", "", "、", "(原)"]
)
def test_nonsense_is_taken_as_it_is(text):
    assert spread(text).names == ()


@pytest.fixture
def loaded(connection, tmp_path):
    """What a load of some doors reports, and the index of the register."""
    rows = [(f"解放路{number}号", None) for number in range(1, 11)]
    rows += [("解放路12、14、16号", None), ("解放路18号（原红旗商店）", None), ("解放路20号", "老粮站")]
    frame = pd.DataFrame(rows, columns=["地址", "别名"])
    frame["lon"], frame["lat"] = [117 + at / 1e4 for at in range(len(frame))], 36.65
    report = load_frame(connection, "addresses", frame, options=COMMIT)
    again = load_frame(connection, "addresses", frame, options=COMMIT)
    areas = read_areas(connection, now(connection))
    compile_entries([entry for some in read_addresses(connection, areas) for entry in some], tmp_path)
    return report, again, AddressIndex(tmp_path)


def test_a_load_says_which_rows_are_several_doors_and_changes_nothing_when_repeated(loaded):
    report, again, _ = loaded
    assert Counter(finding.kind for finding in report.findings) == {"several-doors": 1}
    assert [finding.row for finding in report.findings] == [11]
    assert len(report.plan.new) == 13
    assert not again.plan.changes_anything


@pytest.mark.parametrize(
    ("text", "row"),
    [("解放路12号", 10), ("解放路14号", 10), ("解放路16号", 10), ("红旗商店", 11), ("解放路18号", 11), ("老粮站", 12),
     ("解放路20号", 12)],
)  # fmt: skip
def test_each_door_and_each_name_is_found_where_its_row_says(loaded, text, row):
    first = loaded[2].find(text).candidates[0]
    assert first.exact
    assert first.score > 0.9
    assert (first.lon, first.lat) == (117 + row / 1e4, 36.65)


def test_the_name_of_a_door_is_not_that_of_its_road(loaded):
    found = loaded[2].find("老粮站8号").candidates
    assert not any(candidate.text == "解放路8号" and candidate.exact for candidate in found)


def test_in_a_column_of_units_a_range_is_several(connection):
    frame = pd.DataFrame({"小区": ["柳园"], "楼号": ["5"], "单元": ["1-3"], "lon": [117.0], "lat": [36.65]})
    report = load_frame(connection, "addresses", frame, options=LoadOptions(crs="EPSG:4326"))
    assert report.plan.changes[0].after["aliases"] == ["柳园5号楼1单元", "柳园5号楼2单元", "柳园5号楼3单元"]
