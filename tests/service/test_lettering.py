"""How wide letters are on paper, and what happens to names for which there is no room."""

import pytest

from service.maps.lettering import broken, clean, common_start, fitted, width_of


def test_chinese_signs_are_square_and_latin_ones_have_their_own_width() -> None:
    assert width_of("网格", 3.0) == pytest.approx(6.0)
    assert width_of("10", 1.0) == pytest.approx(1.11)
    assert width_of("iiii", 1.0) < width_of("mmmm", 1.0) / 3
    assert width_of("网格", 3.0, bold=True) > width_of("网格", 3.0)


def test_what_is_too_long_ends_with_dots_and_never_sticks_out() -> None:
    assert fitted("第一网格", 100.0, 3.0) == "第一网格"
    for room in (7.5, 11.0, 20.0):
        told = fitted("文阳花园东区第一网格", room, 3.0)
        assert told.endswith("…")
        assert width_of(told, 3.0) <= room
    assert fitted("网格", 1.0, 3.0) == ""


def test_a_name_is_parted_where_a_reader_would() -> None:
    assert broken("第十二网格") == ("第十二", "网格")
    assert broken("松山區莊敬里") == ("松山區", "莊敬里")
    assert broken("North Gate") == ("North", "Gate")
    assert broken("三网格") is None
    assert broken("0086") is None


def test_a_name_is_one_line_whatever_data_hold() -> None:
    assert clean("甲\n社区\x07 \u202e乙") == "甲 社区 乙"
    assert len(clean("a" + "\u0301" * 50)) == 3


def test_what_names_have_in_common_is_found_without_cutting_a_number() -> None:
    assert common_start(["A6301-0012", "A6301-0013"]) == "A6301-"
    assert common_start(["臺北市松山區", "臺北市大安區"]) == "臺北市"
    assert common_start(["甲"]) == ""
