"""A text read without a register."""

import pytest

from geodata.address.normalize import normalize
from geodata.address.parse import Reading, areas_of, parse
from geodata.address.words import Slot


def read(text: str, known: frozenset[str] = frozenset()) -> Reading:
    return parse(normalize(text).text, known)


def names(reading: Reading) -> list[tuple[str, str]]:
    return [(name.kind, name.text) for name in reading.names]


def numbers(reading: Reading) -> dict[Slot, str]:
    return {slot: reading.slots[slot] for slot in Slot if reading.slots[slot]}


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("山东省青岛市市南区江菊街道银华里社区烟台路1号", "山东省 青岛市 市南区 江菊街道 银华里社区"),
        ("山东省青岛市市北区锦源路街道宝景里社区和华路81号", "山东省 青岛市 市北区 锦源路街道 宝景里社区"),
        ("江苏省苏州市昆山市玉山镇朝阳西路26号", "江苏省 苏州市 昆山市 玉山镇"),
        ("江西省景德镇市珠山区瓷都大道1号", "江西省 景德镇市 珠山区"),
        ("新疆维吾尔自治区乌鲁木齐市天山区解放路1号", "新疆维吾尔自治区 乌鲁木齐市 天山区"),
        ("上海市浦东新区东明路街道三林路15号", "上海市 浦东新区 东明路街道"),
        ("臺北市士林區永福里1鄰仰德大道二段2巷50號", "台北市 士林区 永福里"),
        ("哈尔滨市道里区中央大街89号", "哈尔滨市 道里区"),
        ("苏州市工业园区星湖街328号", "苏州市 工业园区"),
        ("北京市海淀区中关村南大街甲12号", "北京市 海淀区"),
        ("中山路12号", ""),
        ("中关村大街27号", ""),
        ("城关镇路3号", ""),
        ("城市花园3号楼", ""),
    ],
)
def test_areas_are_read_from_the_widest(text: str, areas: str) -> None:
    assert list(read(text).areas.values()) == areas.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("青岛市市南区香港中路12号", [("road", "香港中路")]),
        ("山东路16号", [("road", "山东路")]),
        ("和泰一路12号锦安苑3号楼", [("road", "和泰一路"), ("compound", "锦安苑")]),
        ("香港中路阳光花园3号楼", [("road", "香港中路"), ("compound", "阳光花园")]),
        ("阳光路小区3号楼", [("compound", "阳光路小区")]),
        ("和平三巷5号", [("road", "和平三巷")]),
        ("園7-6-1046", [("compound", "园")]),
        ("下沙街道2号大街501号", [("road", "2号大街")]),
        ("太平镇横河村二组36号", [("compound", "横河村")]),
        ("铁路新村3号楼", [("compound", "铁路新村")]),
        ("朝阳区中海国际社区24楼3门", [("compound", "中海国际社区")]),
        ("海淀区酒仙桥街道中关村东区2号楼", [("compound", "中关村东区")]),
    ],
)
def test_names_are_told_apart(text: str, expected: list[tuple[str, str]]) -> None:
    assert names(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("和泰路12号", {Slot.DOOR: "12"}),
        ("锦安苑3号楼2单元301室", {Slot.BUILDING: "3", Slot.ENTRANCE: "2", Slot.ROOM: "301"}),
        ("园7-6-1046", {Slot.BUILDING: "7", Slot.ENTRANCE: "6", Slot.ROOM: "1046"}),
        ("锦安苑3-201", {Slot.BUILDING: "3", Slot.ROOM: "201"}),
        ("和泰路12-1号", {Slot.DOOR: "12-1"}),
        ("和泰路12号3号", {Slot.DOOR: "12", Slot.BUILDING: "3"}),
        ("温州路18弄14号302室", {Slot.LANE: "18", Slot.DOOR: "14", Slot.ROOM: "302"}),
        ("光復南路116巷1弄5號5樓", {Slot.LANE: "116", Slot.ALLEY: "1", Slot.DOOR: "5", Slot.FLOOR: "5"}),
        ("苏家村2坊1巷7号", {Slot.GROUP: "2", Slot.LANE: "1", Slot.DOOR: "7"}),
        ("太平镇横河村二组36号", {Slot.GROUP: "2", Slot.DOOR: "36"}),
        ("固戍社区茶西三队新村8巷5号", {Slot.LANE: "8", Slot.DOOR: "5"}),
        ("家园3楼", {Slot.BUILDING: "3"}),
        ("和泰路12号3楼", {Slot.DOOR: "12", Slot.FLOOR: "3"}),
    ],
)
def test_numbers_find_their_places(text: str, expected: dict[Slot, str]) -> None:
    assert numbers(read(text)) == expected


def test_several_doors_of_one_address_are_all_there() -> None:
    assert read("光復南路116巷1、3、5號5樓").doors == ("1", "3", "5")


def test_a_known_name_ends_where_it_ends() -> None:
    assert names(read("老路口街道路3号", frozenset({"老路口街"}))) != []
    assert names(read("和泰路大街12号", frozenset({"和泰路"})))[0] == ("road", "和泰路")


def test_areas_that_are_said_twice_are_one_beginning() -> None:
    text = normalize("历下区解放路街道 山东省济南市历下区解放路街道和平路3号").text
    areas, end = areas_of(text)

    assert areas["province"] == "山东省"
    assert text[end:] == "和平路3号"


@pytest.mark.parametrize("text", ["", " ", "号", "路", "区", "省市区", "1", "---", "的的的的", "省" * 150])
def test_fragments_are_no_trouble(text: str) -> None:
    assert len(read(text).slots) == len(Slot)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("样园小区3号楼2单元301室(3-301)", {Slot.BUILDING: "3", Slot.ENTRANCE: "2", Slot.ROOM: "301"}),
        ("样园小区3号楼2单元301室 3-2-301", {Slot.BUILDING: "3", Slot.ENTRANCE: "2", Slot.ROOM: "301"}),
        ("样园小区3号楼301室 3-301", {Slot.BUILDING: "3", Slot.ROOM: "301"}),
        ("样园路12-3号 12-3", {Slot.DOOR: "12-3"}),
        ("样园小区3-3", {Slot.BUILDING: "3", Slot.ENTRANCE: "3"}),
        ("样园路3号3-3-3", {Slot.DOOR: "3", Slot.BUILDING: "3", Slot.ENTRANCE: "3", Slot.ROOM: "3"}),
        ("样园小区5号楼5-501", {Slot.BUILDING: "5", Slot.ENTRANCE: "5", Slot.ROOM: "501"}),
        ("样园路3号楼2单元301室 5-888", {Slot.BUILDING: "3", Slot.ENTRANCE: "2", Slot.ROOM: "301"}),
    ],
)
def test_numbers_that_are_said_again_with_dashes_change_nothing(text: str, expected: dict[Slot, str]) -> None:
    assert numbers(read(text)) == expected


@pytest.mark.parametrize("text", ["½-〸", "२-一", "廿½经1叉1-888", "0楼1-0楼1-888", "样园路1-", "1-1-1-1-1"])
def test_dashes_without_sense_are_read_without_a_fault(text: str) -> None:
    assert len(read(text).slots) == len(Slot)
