"""Numbers are read in each way they are said, exactly, and nothing else is a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.address.characters import fold
from geodata.address.numerals import MOST_SPOKEN, Number, heard, numbers, spoken

numerals = st.text("0123456789零〇一二三四五六七八九幺两十拾百佰千仟廿卅卌壹贰叁陆号弄路ab- ", max_size=30)


def read(text: str) -> list[str]:
    return [number.value for number in numbers(text)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("一百二十五号", ["125"]),
        ("一二五", ["125"]),
        ("幺八八号", ["188"]),
        ("廿三号", ["23"]),
        ("卅号", ["30"]),
        ("三〇一 三零一 三○一", ["301", "301", "301"]),
        ("1百25 3百 百二十五 2十", ["125", "300", "125", "20"]),
        ("一百二 百五 三千五 千五", ["120", "150", "3500", "1500"]),
        ("一百十五 一百零五 一千零五十 一千零五", ["115", "105", "1050", "1005"]),
        ("两百零二 两千", ["202", "2000"]),
        ("十 十五 二十 一十二", ["10", "15", "20", "12"]),
        ("壹佰贰拾伍號 伍号", ["125", "5"]),
        ("007 0 000 1046", ["7", "0", "0", "1046"]),
        ("12A座 b3 3d302 c栋", ["12A", "B3", "3", "D302"]),
        ("zhongshanlu12hao3dan", ["12", "3"]),
        ("园7-6-1046", ["7", "6", "1046"]),
        ("二十一三零一", ["21", "301"]),
        ("五零二十一", ["50", "21"]),
        ("一百二三零一", ["120", "301"]),
        ("二十二十三", ["20", "23"]),
        ("三百301", ["300", "301"]),
        ("五一路12号", ["51", "12"]),
        ("12一3", ["12", "1", "3"]),
        ("零号", ["0"]),
    ],
)
def test_a_number_is_read_as_it_is_said(text: str, values: list[str]) -> None:
    assert read(fold(text)[0]) == values


@pytest.mark.parametrize(
    "name", ["陆家嘴", "千佛山", "百花路", "百百", "老幺", "拾荒", "两江", "伍家岗", "佰仟", "b栋", "", "abc"]
)
def test_what_is_a_part_of_a_name_is_no_number(name: str) -> None:
    assert read(name) == []


def test_a_number_says_where_it_is_and_how_it_was_said() -> None:
    assert numbers("中山路一百二十五号b12") == [Number("125", 3, 8, "chinese"), Number("B12", 9, 12, "digits")]
    assert numbers("幺二 三") == [Number("12", 0, 2, "spoken"), Number("3", 3, 4, "chinese")]


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [
        ("一百而十五号", "125", "一百而十五"),
        ("幺吧八栋", "188", "幺吧八"),
        ("儿十三弄", "23", "儿十三"),
        ("三久室", "39", "三久"),
    ],
)
def test_a_homophone_of_a_numeral_is_heard_beside_a_unit_word(text: str, value: str, written: str) -> None:
    start = text.index(written)
    assert heard(text) == [Number(value, start, start + len(written), "heard")]


@pytest.mark.parametrize("text", ["一百而十五", "吴号", "武山路", "五武", "十二号", "", "久石寺"])
def test_nothing_is_heard_without_a_unit_word_or_without_a_numeral_or_a_homophone(text: str) -> None:
    assert heard(text) == []


def test_every_number_is_read_back_from_each_way_to_say_it() -> None:
    for value in range(MOST_SPOKEN + 1):
        for way in spoken(value):
            assert [(number.value, number.start, number.end) for number in numbers(way)] == [
                (str(value), 0, len(way))
            ], way


def test_the_usual_ways_to_say_a_number_are_known() -> None:
    assert set(spoken(125)) >= {"一百二十五", "一二五", "幺二五", "百二十五", "壹佰贰拾伍", "1百25"}
    assert set(spoken(200)) >= {"二百", "两百", "二零零", "二〇〇"}
    assert set(spoken(23)) >= {"二十三", "廿三", "二三"}
    assert set(spoken(120)) >= {"一百二十", "一百二"}
    assert spoken(10)[0] == "十"
    assert spoken(0) == ("零", "〇")
    assert spoken(1050)[0] == "一千零五十"


@pytest.mark.parametrize("value", [-1, 10_000])
def test_numbers_that_no_door_has_are_not_said(value: int) -> None:
    with pytest.raises(ValueError, match="not between 0 and 9999"):
        spoken(value)


@given(numerals)
def test_numbers_come_in_order_and_none_covers_another(text: str) -> None:
    found = numbers(text)
    places = [place for number in found for place in (number.start, number.end)]
    assert places == sorted(places)
    assert all(number.start < number.end <= len(text) for number in found)


@given(numerals)
def test_every_digit_belongs_to_a_number(text: str) -> None:
    covered = {place for number in numbers(text) for place in range(number.start, number.end)}
    assert {place for place, character in enumerate(text) if character in "0123456789"} <= covered


@given(st.integers(0, 10**12), st.text("中山路号- ", max_size=5), st.text("中山路号- ", max_size=5))
def test_digits_are_the_number_that_they_write(value: int, before: str, after: str) -> None:
    assert read(f"{before}00{value}{after}") == [str(value)]


@given(st.text(max_size=60))
def test_any_text_is_read_without_failing(text: str) -> None:
    numbers(text)
    heard(text)
