"""House numbers as lists write them: exact, on one side or both, with annexes, or refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.intake.ranges import LARGEST_NUMBER, DoorNumber, RangeError, RoadRange, read_door, read_range


def read_ranges(items: list[str]) -> list[RoadRange | RangeError]:
    """A range or its fault for each item, each going on with the road before it."""
    found: list[RoadRange | RangeError] = []
    road = ""
    for item in items:
        try:
            one = read_range(item, road)
            road = one.road
            found.append(one)
        except RangeError as fault:
            found.append(fault)
    return found


@pytest.mark.parametrize(
    ("item", "road", "first", "last", "side"),
    [
        ("建设路1-99单号", "建设路", 1, 99, "odd"),
        ("建设路2—98双号", "建设路", 2, 98, "even"),
        ("建设路 1号 ～ 35号", "建设路", 1, 35, "both"),
        ("建设路1号至99号（单号）", "建设路", 1, 99, "odd"),
        ("建设路（双号）2-98", "建设路", 2, 98, "even"),
        ("建设路１－９９单号", "建设路", 1, 99, "odd"),
        ("建设路1-9 odd", "建设路", 1, 9, "odd"),
        ("和平街12号", "和平街", 12, 12, "both"),
        ("和平街12", "和平街", 12, 12, "both"),
        ("和平街100号以上", "和平街", 100, LARGEST_NUMBER, "both"),
        ("和平街99号以内", "和平街", 0, 99, "both"),
        ("中山路全路", "中山路", 0, LARGEST_NUMBER, "both"),
        ("中山路", "中山路", 0, LARGEST_NUMBER, "both"),
        ("中山路单号侧", "中山路", 0, LARGEST_NUMBER, "odd"),
        ("102国道1-9号", "102国道", 1, 9, "both"),
        ("建设路12弄3号", "建设路12弄", 3, 3, "both"),
        ("单县路1-9号", "单县路", 1, 9, "both"),
        ("双桥路2-8双号", "双桥路", 2, 8, "even"),
    ],
)
def test_a_range_is_read_as_it_is_meant(item, road, first, last, side):
    assert read_ranges([item]) == [RoadRange(road, first, last, side, "", item)]


@pytest.mark.parametrize(
    ("item", "number", "annex"),
    [("和平街12号附1号", 12, "1"), ("和平街12之3号", 12, "3"), ("和平街12A号", 12, "a"), ("和平街12号甲", 12, "甲")],
)
def test_an_annex_that_is_written_out_means_itself_alone(item, number, annex):
    (found,) = read_ranges([item])
    assert (found.first, found.last, found.annex) == (number, number, annex)
    assert found.holds(DoorNumber(number, annex))
    assert not found.holds(DoorNumber(number, ""))


def test_an_item_without_a_road_goes_on_with_the_one_before():
    found = read_ranges(["和平街12号", "14号", "1号至35号", "建设路2号", "双号4-8"])
    assert [(one.road, one.first, one.last) for one in found] == [
        ("和平街", 12, 12),
        ("和平街", 14, 14),
        ("和平街", 1, 35),
        ("建设路", 2, 2),
        ("建设路", 4, 8),
    ]


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("14号", "unknown-road"),
        ("和平街12-1", "backward-range"),
        ("建设路2-98单号", "contradictory-range"),
        ("建设路3号双号", "contradictory-range"),
        ("建设路5号~", "unreadable-range"),
        ("建设路1-9999999号", "unreadable-range"),
        ("全路", "unreadable-range"),
        ("3号楼", "unreadable-range"),
        ("——", "unreadable-range"),
    ],
)
def test_what_is_no_range_is_refused_in_both_languages(item, kind):
    (found,) = read_ranges([item])
    assert isinstance(found, RangeError)
    assert found.kind == kind
    assert item in found.message
    assert item in found.message_zh


def test_an_item_after_a_faulty_one_keeps_the_road_before_it():
    _, fault, last = read_ranges(["和平街12号", "5号~", "14号"])
    assert isinstance(fault, RangeError)
    assert last.road == "和平街"


@pytest.mark.parametrize(
    ("text", "door"),
    [
        ("15号", (15, "")),
        ("15", (15, "")),
        ("１５號", (15, "")),
        ("12-1号", (12, "1")),
        ("12号附2号", (12, "2")),
        ("甲", None),
        ("建设路5号", None),
        ("", None),
        ("9" * 400, None),
    ],
)
def test_the_number_of_a_door_is_exact_or_none(text, door):
    assert read_door(text) == door


numbers = st.integers(1, 400)
sides = st.sampled_from(["both", "odd", "even"])
ranges = st.builds(lambda a, b, side: RoadRange("路", min(a, b), max(a, b), side, "", ""), numbers, numbers, sides)


@given(ranges, ranges)
def test_common_numbers_are_those_that_both_hold(one, other):
    both = [n for n in range(1, 401) if one.holds(DoorNumber(n, "")) and other.holds(DoorNumber(n, ""))]
    assert one.common(other) == ((both[0], both[-1]) if both else None)
    assert one.common(other) == other.common(one)


@given(st.text(alphabet="建设路单双号至附之甲全段以上1234567890-~—（） ", max_size=30))
def test_any_text_is_read_or_refused(text):
    (found,) = read_ranges([text])
    assert isinstance(found, RangeError | RoadRange)
