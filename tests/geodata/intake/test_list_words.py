"""Cells of lists: which items they hold, what is excepted, what is said around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.intake.list_words import Words, halves, is_bound, loosened, means_all, split_items, without_exceptions


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("甲园、乙园，丙园;丁园；戊园\n己园。", ("甲园", "乙园", "丙园", "丁园", "戊园", "己园")),
        ("甲园1、3、5-9号楼（除6、7号楼）、乙园", ("甲园1", "3", "5-9号楼（除6、7号楼）", "乙园")),
        ("甲园（1、3号楼）、乙园", ("甲园1", "3号楼", "乙园")),
        ("建设路（1、3、5号）", ("建设路1", "3", "5号")),
        ("甲园（含底商、车库）", ("甲园（含底商、车库）",)),
        ("甲园（1-5号楼", ("甲园（1-5号楼",)),
        ("甲园（1、3号楼、乙园", ("甲园（1", "3号楼", "乙园")),
        ("甲园）、乙园", ("甲园）", "乙园")),
        ("、，；", ()),
    ],
)
def test_items_stand_between_signs_outside_brackets(cell, items):
    assert split_items(cell) == items


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("5-9号楼（除6、7号楼）", Words("5-9号楼", ("6", "7号楼"))),
        ("5-9号楼(不含7号楼)", Words("5-9号楼", ("7号楼",))),
        ("5-9号楼除7号楼外", Words("5-9号楼", ("7号楼",))),
        ("5-9号楼（7号楼除外）", Words("5-9号楼", ("7号楼",))),
        ("除7号楼", Words("", ("7号楼",))),
        ("建设路1-99单号（除15号以外）", Words("建设路1-99单号", ("15号",))),
        ("5-9号楼", Words("5-9号楼", ())),
    ],
)
def test_exceptions_are_told_from_what_they_except(item, words):
    assert without_exceptions(item) == words


@pytest.mark.parametrize(
    "item", ["东至中山路", "东至中山路西至和平路", "北侧临滨河路", "南起建设路", "建设路以南", "四至：东", "中环以内"]
)
def test_how_far_a_grid_reaches_is_a_bound(item):
    assert is_bound(item)


@pytest.mark.parametrize("item", ["东园", "南街12号", "西苑新村1-9号楼", "建设路99号以内单号", "东风路1-99号"])
def test_names_with_directions_are_no_bounds(item):
    assert not is_bound(item)


@pytest.mark.parametrize(
    ("item", "core", "left_out"),
    [
        ("第一网格：甲园", "甲园", ""),
        ("甲园：1-12号楼", "甲园1-12号楼", ""),
        ("甲园等", "甲园", "等"),
        ("甲园及周边", "甲园", "及周边"),
        ("甲园（含底商）", "甲园", "(含底商)"),
        ("包括甲园", "甲园", "包括"),
        ("建设路1-9号沿街商铺", "建设路1-9号", "沿街商铺"),
    ],
)
def test_what_is_written_around_a_name_is_taken_off_and_said(item, core, left_out):
    assert (core, left_out) in list(loosened(item))


def test_all_of_it_is_known_in_its_forms():
    assert all(means_all(item) for item in ("全部", "全部楼栋", "所有", "整个小区"))
    assert not means_all("全园")


def test_an_item_is_halved_at_each_joint_but_not_without_end():
    assert list(halves("甲园和乙园 丙园")) == [("甲园", "乙园 丙园"), ("甲园和乙园", "丙园")]
    assert list(halves("和平路")) == []
    assert list(halves("1 " * 40)) == []


@given(st.text(alphabet="甲园号楼除外含（）()【、，:：1 23和东至", max_size=60))
def test_no_sign_of_a_cell_is_lost_but_those_between_items(cell):
    kept = "".join(split_items(cell))
    signs = "、，()（）【 "
    assert [sign for sign in kept if sign not in signs] == [sign for sign in cell if sign not in signs]


@pytest.mark.parametrize("cell", ["（" * 20_000, "除（" * 7_000, "甲（1、" * 5_000, "和 " * 10_000, "除甲" * 10_000])
def test_hostile_cells_end(cell):
    for item in split_items(cell):
        without_exceptions(item)
        is_bound(item[:100])
