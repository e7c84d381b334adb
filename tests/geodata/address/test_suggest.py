"""What a text that is being typed may become."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.address.book import AddressBook
from geodata.address.compile import compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex
from geodata.address.suggestions import GROUPS, Suggestion

LIXIA = ("济南市", "历下区", "泉城路街道")
SHIZHONG = ("济南市", "市中区", "大观园街道")
LONGEST_ANSWER = 10


def _door(code: str, road: str, number: str, areas: tuple[str, ...], lon: float = 117.0) -> Entry:
    return Entry(code, "address", f"{road}{number}号", lon, 36.6, {"road": road, "number": f"{number}号"}, (), areas)


def _unit(code: str, building: str, unit: str) -> Entry:
    parts = {"road": "中山路", "number": "12号", "compound": "锦安苑", "building": f"{building}号楼"}
    parts |= {"unit": f"{unit}单元"} if unit else {}
    return Entry(code, "address", f"历下区{''.join(parts.values())}", 117.001, 36.601, parts, (), LIXIA)


def _place(code: str, name: str, areas: tuple[str, ...] = LIXIA) -> Entry:
    return Entry(code, "place", name, 117.03, 36.6, {}, (), areas)


def _entries() -> Iterator[Entry]:
    numbers = ("1", "2", "12", "12-1", "12甲", "112", *map(str, range(120, 125)), "1200")
    yield from (_door(f"Z{number}", "中山路", number, LIXIA) for number in numbers)
    yield from (_door(f"Y{number}", "中山路", number, SHIZHONG, 116.9) for number in ("12", "200"))
    yield from (_unit(f"J{building}", building, "") for building in ("1", "30", "31"))
    yield from (_unit(f"J3-{unit}", "3", unit) for unit in ("1", "2"))
    yield Entry("C1", "compound", "锦安苑", 117.001, 36.601, {}, ("老机床厂宿舍",), LIXIA)
    for road in (
        "中山南路",
        "重庆路",
        "南京路",
        "西安路",
        "绿水路",
        "和泰一路",
        "和泰十二路",
        "槐荫大街",
        "北大槐树街",
    ):
        yield _door(f"R{road}", road, "5", SHIZHONG)
    yield from (
        _place(f"P{name}", name) for name in ("中山公园", "孙中山纪念馆", "SOHO现代城", "万达广场", "798艺术区")
    )
    yield Entry("W1", "address", "万达广场A座", 117.03, 36.6, {"compound": "万达广场", "building": "A座"}, (), LIXIA)
    yield Entry("S1", "street", "经十路", 117.05, 36.61, {}, (), LIXIA)
    yield Entry("T1", "place", "中山公园", 116.8, 36.5, {}, (), SHIZHONG)


def _keyed() -> list[Entry]:
    return [replace(entry, key=number) for number, entry in enumerate(_entries(), start=1)]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> AddressIndex:
    """A register of two districts."""
    folder: Path = tmp_path_factory.mktemp("suggest")
    compile_entries(_keyed(), folder)
    return AddressIndex(folder)


def _texts(found: tuple[Suggestion, ...], group: str = "") -> list[str]:
    return [one.text for one in found if group in ("", one.group)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("中山", "中山路"),
        ("中山l", "中山路"),
        ("中山lu", "中山路"),
        ("zhongsh", "中山路"),
        ("zhongshanlu", "中山路"),
        ("zhong shan lu", "中山路"),
        ("zsl", "中山路"),
        ("zhongsl", "中山路"),
        ("zhshl", "中山路"),
        ("中slu", "中山路"),
        ("ＺＳＬ", "中山路"),
        ("chongq", "重庆路"),
        ("cql", "重庆路"),
        ("xi'an", "西安路"),
        ("xian", "西安路"),
        ("lvshui", "绿水路"),
        ("槐蔭", "槐荫大街"),
        ("中山公園", "中山公园"),
        ("錦安苑", "锦安苑"),
        ("soho", "SOHO现代城"),
        ("soho现", "SOHO现代城"),
        ("sohoxd", "SOHO现代城"),
        ("798艺", "798艺术区"),
        ("798ys", "798艺术区"),
        ("和泰12", "和泰十二路"),
        ("和泰1", "和泰一路"),
        ("jingshi", "经十路"),
        ("lixia", "历下区"),
        ("历下", "历下区"),
    ],
)
def test_what_begins_so_is_suggested(index: AddressIndex, typed: str, meant: str) -> None:
    assert meant in _texts(index.suggest(typed))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("钟山", "中山路"),
        ("中删路", "中山路"),
        ("怀荫", "槐荫大街"),
        ("兰京", "南京路"),
        ("lanjing", "南京路"),
        ("zongsan", "中山路"),
        ("中三公园", "中山公园"),
        ("锦女苑", "锦安苑"),
        ("万达场广", "万达广场"),
        ("槐荫街", "槐荫大街"),
        ("市中区钟山路", "中山路"),
        ("市中区中删南路", "中山南路"),
        ("历下区锦女苑", "锦安苑"),
        ("钟山路12", "中山路12号"),
        ("锦女苑3", "锦安苑3号楼"),
        ("万达喜场", "万达广场"),
    ],
)
def test_what_sounds_so_or_differs_by_a_slip_is_suggested(index: AddressIndex, typed: str, meant: str) -> None:
    assert meant in _texts(index.suggest(typed))


@pytest.mark.parametrize("typed", ["和泰四十二路", "和泰42", "和泰二", "hetaier", "中山北路", "zhongshanbei", "中山东"])
def test_another_number_or_direction_is_no_slip(index: AddressIndex, typed: str) -> None:
    assert index.suggest(typed) == ()


def test_names_that_begin_so_go_before_those_that_have_it_inside(index: AddressIndex) -> None:
    places = _texts(index.suggest("中山"), "places")
    assert places == ["中山公园", "中山公园", "孙中山纪念馆"]


def test_of_equal_names_the_one_with_more_doors_goes_first(index: AddressIndex) -> None:
    roads = [(one.text, one.detail, one.doors) for one in index.suggest("中山") if one.group == "roads"]
    assert roads == [("中山路", "历下区", 17), ("中山路", "市中区", 2), ("中山南路", "市中区", 1)]


def test_of_equal_names_the_nearer_goes_first(index: AddressIndex) -> None:
    roads = [one.detail for one in index.suggest("中山路", near=(116.9, 36.6)) if one.group == "roads"]
    assert roads == ["市中区", "历下区"]


def test_twins_are_told_apart_by_their_districts(index: AddressIndex) -> None:
    parks = {(one.text, one.detail, one.code) for one in index.suggest("中山公园")}
    assert parks == {("中山公园", "历下区", "P中山公园"), ("中山公园", "市中区", "T1")}


def test_the_groups_stand_together_and_each_has_a_place(index: AddressIndex) -> None:
    groups = [one.group for one in index.suggest("中山", limit=4)]
    assert groups == sorted(groups, key=groups.index)
    assert set(groups) == {"roads", "places"}


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("中山路12", ["12号", "12甲号", "12-1号", "120号", "121号", "122号", "123号", "124号", "1200号"]),
        ("zhongshanlu12", ["12号", "12甲号", "12-1号", "120号", "121号", "122号", "123号", "124号", "1200号"]),
        ("中山路11", ["112号"]),
        ("中山路12-", ["12号", "12甲号", "12-1号", "120号", "121号", "122号", "123号", "124号", "1200号"]),
        ("中山路12-1", ["12-1号"]),
        ("中山路12号附", ["12-1号"]),
        ("中山路12号附1", ["12-1号"]),
        ("中山路一百二十", ["120号"]),
        ("中山路一二", ["12号", "12甲号", "12-1号", "120号", "121号", "122号", "123号", "124号", "1200号"]),
        ("历下区中山路112", ["112号"]),
    ],
)
def test_doors_that_begin_as_the_number_does_are_suggested(index: AddressIndex, typed: str, numbers: list[str]) -> None:
    found = index.suggest(typed, limit=20)
    assert [one.text for one in found if one.level == "number" and one.detail == "历下区"] == [
        f"中山路{number}" for number in numbers
    ]


def test_no_other_number_is_suggested_for_a_number_that_is_finished(index: AddressIndex) -> None:
    doors = [(one.text, one.detail, one.code) for one in index.suggest("中山路112号") if one.group == "doors"]
    assert doors == [("中山路112号", "历下区", "Z112")]


def test_a_number_that_is_not_there_leaves_the_road(index: AddressIndex) -> None:
    found = index.suggest("中山路77号")
    assert [(one.level, one.text) for one in found] == [("road", "中山路"), ("road", "中山路")]


def test_compounds_at_a_door_follow_the_door(index: AddressIndex) -> None:
    found = index.suggest("中山路12号")
    assert [(one.text, one.detail) for one in found if one.group == "compounds"] == [("锦安苑", "历下区 中山路12号")]


@pytest.mark.parametrize(
    ("typed", "level", "texts"),
    [
        ("锦安苑3", "building", ["锦安苑3号楼", "锦安苑30号楼", "锦安苑31号楼"]),
        ("锦安苑3号楼", "building", ["锦安苑3号楼"]),
        ("锦安苑3号楼", "unit", ["锦安苑3号楼1单元", "锦安苑3号楼2单元"]),
        ("锦安苑3号楼2", "unit", ["锦安苑3号楼2单元"]),
        ("锦安苑3号楼2单", "unit", ["锦安苑3号楼2单元"]),
        ("锦安苑3-2", "unit", ["锦安苑3号楼2单元"]),
        ("jay3", "building", ["锦安苑3号楼", "锦安苑30号楼", "锦安苑31号楼"]),
        ("中山路12号锦安苑3", "building", ["锦安苑3号楼", "锦安苑30号楼", "锦安苑31号楼"]),
        ("老机床厂宿舍30", "building", ["锦安苑30号楼"]),
        ("万达广场a", "building", ["万达广场A座"]),
    ],
)
def test_buildings_and_units_are_suggested_below_a_compound(
    index: AddressIndex, typed: str, level: str, texts: list[str]
) -> None:
    assert [one.text for one in index.suggest(typed) if one.level == level] == texts


@pytest.mark.parametrize(
    ("typed", "text", "matched"),
    [
        ("中山", "中山路", ["中山"]),
        ("zsl", "中山路", ["中山路"]),
        ("zhongs", "中山南路", ["中山"]),
        ("SOHO", "SOHO现代城", ["SOHO"]),
        ("纪念", "孙中山纪念馆", ["纪念"]),
        ("中山路12", "中山路120号", ["中山路12"]),
        ("锦安苑3号楼2", "锦安苑3号楼2单元", ["锦安苑3", "2"]),
        ("钟山路", "中山路", []),
        ("老机床", "锦安苑", []),
    ],
)
def test_what_is_typed_already_is_marked(index: AddressIndex, typed: str, text: str, matched: list[str]) -> None:
    found = next(one for one in index.suggest(typed) if one.text == text)
    assert [found.text[start:end] for start, end in found.matched] == matched


def test_another_name_is_told_with_the_name(index: AddressIndex) -> None:
    (found,) = (one for one in index.suggest("老机床") if one.group == "compounds")
    assert (found.text, found.alias, found.kind, found.code) == ("锦安苑", "老机床厂宿舍", "compound", "C1")


def test_entries_are_told_by_kind_code_and_point(index: AddressIndex) -> None:
    (street,) = index.suggest("经十")
    assert (street.kind, street.code, street.lon, street.lat) == ("street", "S1", 117.05, 36.61)
    (door,) = (one for one in index.suggest("中山路200") if one.group == "doors")
    assert (door.kind, door.code, door.lon, door.lat) == ("address", "Y200", 116.9, 36.6)


def test_a_road_that_is_no_entry_has_the_point_of_a_door_in_its_middle(index: AddressIndex) -> None:
    (road,) = index.suggest("南京路")
    assert (road.kind, road.code, road.lon, road.lat) == ("", "", 117.0, 36.6)


def test_a_name_behind_an_area_is_looked_for_in_it(index: AddressIndex) -> None:
    for typed in ("市中区中山", "市中中山", "济南市市中区中山"):
        found = index.suggest(typed)
        assert {one.detail for one in found} == {"市中区"}, typed
        assert "中山路" in _texts(found), typed


def test_a_wrong_area_in_front_does_not_hide_a_name(index: AddressIndex) -> None:
    assert _texts(index.suggest("市中区锦安")) == ["锦安苑"]


def test_what_is_withdrawn_is_not_suggested(index: AddressIndex) -> None:
    keys = [entry.key for entry in _keyed() if entry.code in ("P中山公园", "Z120", "C1")]
    without = index.hiding(np.array(keys))
    assert [one.code for one in without.suggest("中山公园")] == ["T1"]
    assert "中山路120号" not in _texts(without.suggest("中山路12", limit=20))
    assert [(one.kind, one.code) for one in without.suggest("锦安苑")] == [("", "")]
    assert index.suggest("中山公园")[0].code


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "中", "王", "z", "1", "12", "12号", "12-3", "123456", "13800000000", "张先生", "\x00\x07", "。。", "-",
        "#", "’", "ｚ", "①", "一二",
    ],
)  # fmt: skip
def test_too_little_gives_nothing(index: AddressIndex, typed: str) -> None:
    assert index.suggest(typed) == ()


@pytest.mark.parametrize(
    "typed",
    [
        "中" * 200, "z" * 200, "1" * 200, "a1" * 100, "中1" * 100, "(" * 200, "中山路" * 60, "zhongshanlu" * 20,
        "\U0001f600" * 50, "' OR 1=1 --", "<script>alert(1)</script>", "%s%n", "中\x00山\x07路", "\ud800中山",
        "中山路" + "9" * 40, "中山路1-1-1-1-1-1-1", "中山路12甲乙丙", "号楼单元室", "𠮷𠮷𠮷", "१२३ab", "xqzvvv",
        "lv", "ng", "eeee",
    ],
)  # fmt: skip
def test_hostile_texts_are_answered(index: AddressIndex, typed: str) -> None:
    found = index.suggest(typed)
    assert len(found) <= LONGEST_ANSWER
    assert all(one.text and one.group in GROUPS for one in found)


@given(
    typed=st.text(alphabet="中山路锦安苑历下区号楼单元一二12-3 azhongsl '甲\x00", max_size=24),
    limit=st.integers(-1, 12),
)
def test_whatever_is_typed_is_answered_with_no_more_than_asked_for(index: AddressIndex, typed: str, limit: int) -> None:
    found = index.suggest(typed, limit=limit)
    assert len(found) <= max(limit, 0)
    assert len({(one.group, one.text, one.detail) for one in found}) == len(found)
    for one in found:
        assert all(0 <= start < end <= len(one.text) for start, end in one.matched)


def test_a_register_without_entries_suggests_nothing(tmp_path: Path) -> None:
    compile_entries([], tmp_path)
    assert AddressIndex(tmp_path).suggest("中山路") == ()


def test_names_are_shown_as_the_register_writes_them(tmp_path: Path) -> None:
    areas = ("臺北市", "大安區")
    text = "臺北市大安區忠孝東路四段１２號"
    doors = [Entry("A1", "address", text, 121.5, 25.0, {}, (), areas), _place("P1", "台灣ＡＢＣ書店", areas)]
    compile_entries(doors, tmp_path)
    index = AddressIndex(tmp_path)
    (road,) = (one for one in index.suggest("zhongxiao") if one.group == "roads")
    assert (road.text, road.matched) == ("忠孝東路", ((0, 2),))
    assert "忠孝東路四段１２號" in _texts(index.suggest("忠孝东路四段12"), "doors")
    (shop,) = index.suggest("abc书")
    assert (shop.text, [shop.text[start:end] for start, end in shop.matched]) == ("台灣ＡＢＣ書店", ["ＡＢＣ書"])


TOWN = ("甲街道", "甲一社区"), ("甲街道", "甲二社区")


def _suggested(entries: list[Entry], folder: Path, typed: str) -> list[tuple[str, str, str]]:
    compile_entries([replace(entry, key=key) for key, entry in enumerate(entries, start=1)], folder)
    return [(one.text, one.detail, one.code) for one in AddressIndex(folder).suggest(typed)]


def _twice(kind: str, text: str, metres: float, parts: dict[str, str] | None = None) -> list[Entry]:
    """Two entries of one text, so far apart, in two communities of a town."""
    lons = (117.0, 117.0 + metres / 89_000)
    return [
        Entry(f"X{place}", kind, text, lon, 36.6, parts or {}, (), areas)
        for place, (lon, areas) in enumerate(zip(lons, TOWN, strict=True))
    ]


def test_doors_of_one_text_in_one_town_are_told_apart_by_their_communities(tmp_path: Path) -> None:
    doors = _twice("address", "幸福里3号", 2000)
    found = _suggested(doors, tmp_path, "幸福里3")
    assert sorted(found) == [("幸福里3号", "甲一社区", "X0"), ("幸福里3号", "甲二社区", "X1")]


@pytest.mark.parametrize("kind", ["compound", "place"])
def test_places_of_one_name_in_one_town_are_told_apart_by_their_communities(tmp_path: Path, kind: str) -> None:
    found = _suggested(_twice(kind, "和平小区", 2000), tmp_path, "和平小")
    assert sorted(found) == [("和平小区", "甲一社区", "X0"), ("和平小区", "甲二社区", "X1")]


def test_a_building_and_the_addresses_at_it_are_one_suggestion(tmp_path: Path) -> None:
    parts = {"compound": "锦安苑", "building": "3号楼"}
    record = Entry("B3", "building", "锦安苑3号楼", 117.0, 36.6, parts, (), TOWN[0])
    address = Entry(
        "A3", "address", "甲街道锦安苑3号楼1单元", 117.0002, 36.6, parts | {"unit": "1单元"}, (), TOWN[0][:1]
    )
    assert _suggested([record, address], tmp_path, "锦安苑3") == [("锦安苑3号楼", "甲街道", "B3")]


def test_doors_that_lie_together_are_no_one_of_them(tmp_path: Path) -> None:
    # Which of the two is meant decides the look-up, or asks: the border may run between them.
    (found,) = _suggested(_twice("address", "幸福里3号", 100), tmp_path, "幸福里3")
    assert found == ("幸福里3号", "甲街道", "")


def test_the_unit_of_a_building_stands_in_its_label(tmp_path: Path) -> None:
    parts = {"compound": "锦安苑", "building": "1号楼"}
    units = [
        Entry("B1", "building", "锦安苑1号楼", 117.0, 36.6, parts | {"unit": f"{unit}单元"}, (), TOWN[0])
        for unit in (1, 2)
    ]
    assert [text for text, _, _ in _suggested(units, tmp_path, "锦安苑1号楼1单")] == ["锦安苑1号楼1单元"]


def test_an_alias_of_several_sections_suggests_each_of_them(index: AddressIndex) -> None:
    sections = [Entry(f"C{k}", "compound", f"样例苑{k}区", 117.0 + k / 50, 36.0) for k in (1, 2)]
    found = AddressBook(index, pinned={"老厂后门那片": sections}).suggest("老厂后")
    assert [(one.text, one.detail, one.code) for one in found] == [
        ("老厂后门那片", "样例苑1区", "C1"),
        ("老厂后门那片", "样例苑2区", "C2"),
    ]


def test_crossings_are_no_places_of_a_roads_name(tmp_path: Path) -> None:
    crossing = Entry("K", "crossing", "甲路与乙路交叉口", 117.0, 36.6, {"road": "甲路", "place": "乙路"}, (), TOWN[0])
    road = Entry("R", "address", "乙路5号", 117.0, 36.6, {"road": "乙路", "number": "5号"}, (), TOWN[0])
    assert [text for text, _, _ in _suggested([crossing, road], tmp_path, "乙路")] == ["乙路"]


def test_the_door_of_a_compound_is_none_of_its_buildings(tmp_path: Path) -> None:
    parts = {"road": "甲路", "number": "15号", "compound": "锦安苑", "building": "1号楼"}
    unit = Entry("A", "address", "".join(parts.values()), 117.0, 36.6, parts, (), TOWN[0])
    assert [text for text, _, _ in _suggested([unit], tmp_path, "锦安苑1")] == ["锦安苑1号楼"]
