"""Numbers of an address with their unit words."""

import pytest

from geodata.address.normalize import normalize
from geodata.address.numbering import heard_otherwise, numbered
from geodata.address.words import Unit


def told(text: str) -> list[tuple[str, Unit]]:
    return [(number.value, number.unit) for number in numbered(normalize(text).text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("和泰路12号", [("12", Unit.DOOR)]),
        ("和泰路一百二十五号", [("125", Unit.DOOR)]),
        ("和泰路幺二五号", [("125", Unit.DOOR)]),
        ("锦安苑3号楼2单元301室", [("3", Unit.BUILDING), ("2", Unit.ENTRANCE), ("301", Unit.ROOM)]),
        ("锦安苑3栋", [("3", Unit.BUILDING)]),
        ("锦安苑3#楼", [("3", Unit.BUILDING)]),
        ("锦安苑A座", [("a", Unit.BUILDING)]),
        ("锦安苑二期", [("2", Unit.SECTION)]),
        ("温州路18弄14号302室", [("18", Unit.LANE), ("14", Unit.DOOR), ("302", Unit.ROOM)]),
        ("苏家村2坊1巷7号", [("2", Unit.GROUP), ("1", Unit.LANE), ("7", Unit.DOOR)]),
        ("南港路二段60巷17號2樓", [("2", Unit.SEGMENT), ("60", Unit.LANE), ("17", Unit.DOOR), ("2", Unit.STOREY)]),
        ("王村三组21号", [("3", Unit.GROUP), ("21", Unit.DOOR)]),
        ("和泰路12号附3号", [("12-3", Unit.DOOR)]),
        ("和泰路12号之1", [("12-1", Unit.BARE)]),
        ("和泰路12号 附3号", [("12-3", Unit.DOOR)]),
        ("和泰路甲12号", [("12甲", Unit.DOOR)]),
        ("和泰路12号乙", [("12乙", Unit.DOOR)]),
        ("光明路甲字5号", [("5甲", Unit.DOOR)]),
        ("水源路临28号", [("28临", Unit.DOOR)]),
        ("青年路66号4樓之3", [("66", Unit.DOOR), ("4", Unit.STOREY), ("3", Unit.ROOM)]),
    ],
)
def test_a_number_is_read_with_its_unit_word(text: str, expected: list[tuple[str, Unit]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昆明路二十五号楼道灯坏了", [("25", Unit.DOOR)]),
        ("新疆路五十八号门口乱停车", [("58", Unit.DOOR)]),
        ("锦安苑3号楼梯间", [("3", Unit.DOOR)]),
    ],
)
def test_what_begins_another_word_is_no_unit_word(text: str, expected: list[tuple[str, Unit]]) -> None:
    assert told(text) == expected


def test_dashes_link_numbers_and_so_does_the_word_that_says_them() -> None:
    written = numbered(normalize("锦安苑7-6-1046").text)
    spoken = numbered(normalize("锦安苑七杠六杠一零四六").text)

    assert [(number.value, number.linked) for number in written] == [("7", True), ("6", True), ("1046", False)]
    assert [(number.value, number.linked) for number in spoken] == [("7", True), ("6", True), ("1046", False)]


def test_numbers_side_by_side_before_one_unit_word_are_a_list() -> None:
    doors = numbered(normalize("光復南路1、3、5號").text)

    assert [(number.value, number.listed) for number in doors] == [("1", True), ("3", True), ("5", False)]


def test_a_room_before_what_the_caller_says_of_a_storey_is_no_list() -> None:
    room = numbered(normalize("银松一村8-3-201，一楼在违建").text)[-2]

    assert (room.value, room.listed) == ("201", False)


def test_a_numeral_that_may_belong_to_a_name_is_doubtful() -> None:
    assert [number.doubtful for number in numbered("二七区三社")] == [True, True]
    assert not numbered("和泰路三号")[0].doubtful


def test_a_unit_word_is_known_by_its_sound() -> None:
    assert told("锦安苑三号楼二单圆") == [("3", Unit.BUILDING), ("2", Unit.ENTRANCE)]
    assert told("昆明路十六好") == [("16", Unit.DOOR)]


def test_numerals_are_known_by_their_sound_as_a_second_guess() -> None:
    text = normalize("昆明路一百而十五号").text

    assert [(number.value, number.unit) for number in heard_otherwise(text)] == [("125", Unit.DOOR)]
    assert heard_otherwise("石家庄5号") == []


@pytest.mark.parametrize("text", ["", " ", "号", "-", "---", "之", "附", "甲", "a", "号楼单元室", "12-", "-12", "杠"])
def test_fragments_are_no_trouble(text: str) -> None:
    assert all(0 <= number.start < number.end <= len(text) for number in numbered(text))
