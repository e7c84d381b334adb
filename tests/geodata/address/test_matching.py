"""What a text may mean among the entries of a register: names with tolerance, numbers exactly."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from geodata.address.candidates import Found
from geodata.address.compile import compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex
from tests.geodata.address.address_cases import CASES, Case

STREET = "示例区碧望街道"
ROWS = [
    *(f"{STREET}和泰一路{number}号" for number in (1, 3, 5, 7, 12, 15, 21)),
    *(f"{STREET}和泰二路{number}号" for number in (1, 12, 21)),
    *(f"{STREET}香港东路{number}号" for number in (8, 10, 16)),
    *(f"{STREET}香港西路{number}号" for number in (8, 12, 16)),
    f"{STREET}香港中路16号",
    *(f"{STREET}和泰一路33号锦安苑{b}号楼{u}单元" for b in (1, 2, 3, 12) for u in (1, 2)),
    *(f"{STREET}锦华苑{b}号楼{u}单元{r}室" for b in (1, 2, 3) for u in (1, 2) for r in (101, 201, 301)),
    f"{STREET}锦华苑二期1号楼1单元101室",
    f"{STREET}和泰一路41号甲",
    f"{STREET}和泰一路41号附3号",
    f"{STREET}园7-6-1046",
    f"{STREET}温州路18弄14号302室",
    f"{STREET}苏家村2组7号",
    f"{STREET}A座商务楼",
    "示例区华银街道人民路5号",
    "样例区槐荫镇人民路5号",
]


@pytest.fixture(scope="module")
def find(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Found]:
    return _index(tmp_path_factory.mktemp("register"), ROWS).find


def _index(folder: Path, texts: Sequence[str]) -> AddressIndex:
    entries = [
        Entry(f"A{place}", "address", text, 117 + place / 1000, 36.6, areas=("示例区",) if "示例" in text else ())
        for place, text in enumerate(texts)
    ]
    entries.append(Entry("C1", "compound", "锦安苑", 118.0, 36.6, aliases=("原棉纺厂宿舍", "锦安小区")))
    entries.append(Entry("P1", "place", "德达市场", 118.1, 36.6, aliases=("大棚",)))
    compile_entries(entries, folder)
    return AddressIndex(folder)


def first(found: Found) -> str:
    """The text of the likeliest entry."""
    return found.candidates[0].label if found.candidates else ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("和泰一路12号", "和泰一路12号"),
        ("和泰1路12号", "和泰一路12号"),
        ("和泰一路十二号", "和泰一路12号"),
        ("和泰一路１２號", "和泰一路12号"),
        ("示例區碧望街道和泰一路12號", "和泰一路12号"),
        ("和太一路12号", "和泰一路12号"),
        ("和泰一路 12 号 张先生13800000000收", "和泰一路12号"),
        ("hetaiyilu12", "和泰一路12号"),
        ("我住在和泰一路十二号，楼道灯坏了", "和泰一路12号"),
        ("锦安苑3号楼2单元", "锦安苑3号楼2单元"),
        ("锦安苑3-2", "锦安苑3号楼2单元"),
        ("锦安苑三栋二单元301", "锦安苑3号楼2单元"),
        ("锦安小区3#2单元", "锦安苑3号楼2单元"),
        ("棉纺厂宿舍3号楼2单元", "锦安苑3号楼2单元"),
        ("紧安院3号楼2单元", "锦安苑3号楼2单元"),
        ("和泰一路33号3号楼2单元", "锦安苑3号楼2单元"),
        ("锦华苑2-1-201", "锦华苑2号楼1单元201室"),
        ("锦华苑2杠1杠201", "锦华苑2号楼1单元201室"),
        ("锦华苑二期1号楼1单元101", "锦华苑二期1号楼1单元101室"),
        ("和泰一路甲41号", "和泰一路41号甲"),
        ("和泰一路41号之3", "和泰一路41号附3号"),
        ("园7号楼6单元1046室", "园7-6-1046"),
        ("温州路18弄14号302", "温州路18弄14号302室"),
        ("苏家村二组七号", "苏家村2组7号"),
        ("香港东路16号", "香港东路16号"),
        ("德达市场", "德达市场"),
        ("大棚", "德达市场"),
        ("样例区人民路5号", "样例区槐荫镇人民路5号"),
        ("华银街道人民路5号", "示例区华银街道人民路5号"),
    ],
)
def test_what_is_typed_is_found(find: Callable[[str], Found], typed: str, meant: str) -> None:
    found = find(typed)

    assert first(found).removeprefix(STREET).endswith(meant)
    assert found.candidates[0].score > 0.9
    assert found.candidates[0].exact


@pytest.mark.parametrize(
    ("typed", "never"),
    [
        ("和泰一路17号", ("和泰一路15号", "和泰一路7号", "和泰一路1号", "和泰一路12号")),
        ("和泰二路15号", ("和泰一路15号",)),
        ("和泰三路12号", ("和泰一路12号", "和泰二路12号")),
        ("香港西路10号", ("香港东路10号",)),
        ("锦安苑21号楼", ("锦安苑12号楼1单元", "锦安苑2号楼1单元")),
        ("和泰一路41号乙", ("和泰一路41号甲",)),
    ],
)
def test_another_number_is_never_taken_for_it(find: Callable[[str], Found], typed: str, never: tuple[str, ...]) -> None:
    for candidate in find(typed).candidates:
        exact = candidate.exact and candidate.score > 0.05
        assert not exact or candidate.label.removeprefix(STREET) not in never


def test_where_two_are_meant_neither_is_likely(find: Callable[[str], Found]) -> None:
    for typed in ("人民路5号", "香港路16号"):
        scores = [candidate.score for candidate in find(typed).candidates]
        assert scores[0] < 0.7
        assert scores[1] > 0.2


def test_near_decides_between_two_of_the_same_name(tmp_path: Path) -> None:
    one, other = "示例区华银街道人民路5号", "样例区槐荫镇人民路5号"
    compile_entries([Entry("1", "address", one, 117.0, 36.6), Entry("2", "address", other, 117.1, 36.6)], tmp_path)
    index = AddressIndex(tmp_path)

    assert first(index.find("人民路5号", near=(117.0, 36.6))) == one
    assert first(index.find("人民路5号", near=(117.1, 36.6))) == other


def test_a_door_that_is_not_known_is_near_its_neighbours_on_the_same_side(find: Callable[[str], Found]) -> None:
    found = find("和泰一路9号")
    best = max(zip(found.weights.tolist(), found.points[:, 0].tolist(), strict=True))[1]

    assert not found.candidates[0].exact
    assert "number" not in found.candidates[0].parts
    assert round((best - 117) * 1000) == ROWS.index(f"{STREET}和泰一路7号")
    assert [reason.code for reason in found.candidates[0].reasons][-1] == "number-other"


def test_an_area_alone_is_told_as_an_area(find: Callable[[str], Found]) -> None:
    found = find("示例区碧望街道")

    assert found.area_weight > 0.9
    assert set(found.areas) == {"示例区", "碧望街道"}


@pytest.mark.parametrize(
    "typed",
    ["", " ", "1", "王", "12", "123456", "13800000000", "你好", "有人打架", "号楼单元室", "<script>", "' OR 1=1 --",
     "？", "1600 Pennsylvania Avenue", "广东省东莞市虎门镇运河北路84号", "东京都千代田区丸之内1丁目1", "a" * 200,
     "老造纸厂宿舍", "一" * 200, "路" * 200, "\x00\x07", "12-3-456"],
)  # fmt: skip
def test_nothing_is_found_where_nothing_is_meant(find: Callable[[str], Found], typed: str) -> None:
    found = find(typed)

    assert found.nothing + found.area_weight > 0.5
    assert sum(found.weights) + found.nothing + found.area_weight == pytest.approx(1.0)


def test_reasons_say_how_a_name_was_meant(find: Callable[[str], Found]) -> None:
    def reason(typed: str) -> str:
        return find(typed).candidates[0].reasons[0].code

    assert reason("和泰一路12号") == "name-same"
    assert reason("锦安小区3号楼") == "name-alias"
    assert reason("和太一路12号") == "name-sound"
    assert reason("hetaiyilu12") == "name-pinyin"


def test_parts_are_those_that_were_found(find: Callable[[str], Found]) -> None:
    assert find("锦安苑3号楼2单元").candidates[0].parts == {
        "road": "和泰一路", "compound": "锦安苑", "building": "3", "unit": "2",
    }  # fmt: skip


def test_a_register_may_be_empty(tmp_path: Path) -> None:
    compile_entries([], tmp_path)

    assert AddressIndex(tmp_path).find("和泰一路12号").nothing == 1.0


# The register has no 大港油田 on 花园路, and what it has on 花园西路 is nearer to the text.
_NEARER_TO_ANOTHER = "天津大港区大港油田花园路123号"
NAMED = [case for case in CASES if case.parts and case.text != _NEARER_TO_ANOTHER]


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> AddressIndex:
    """A register of all reported addresses and of what was taken for them."""
    folder = tmp_path_factory.mktemp("reported")
    texts = dict.fromkeys(text for case in CASES for text in (case.entry, *case.decoys))
    compile_entries([Entry(text, "address", text, 117.0, 36.0) for text in texts], folder)
    return AddressIndex(folder)


@pytest.mark.parametrize("case", NAMED, ids=lambda case: f"{case.source} {case.text[:12]}")
def test_what_broke_other_parsers_is_found(reported: AddressIndex, case: Case) -> None:
    assert reported.find(case.text).candidates[0].code == case.entry


@pytest.mark.parametrize(
    "typed", ["和泰路与锦安街交叉口", "锦安街和泰路路口", "和泰路锦安街交口", "禾泰路跟锦安街交叉路口有人打架"]
)
def test_a_crossing_is_found_by_its_two_roads(tmp_path: Path, typed: str) -> None:
    crossings = [("和泰路", "锦安街"), ("和泰路", "锦华街"), ("和平路", "锦安街")]
    compile_entries(
        [
            Entry(f"{one}×{other}", "crossing", f"{one}与{other}交叉口", 117 + place / 100, 36.6,
                  {"road": one, "place": other})
            for place, (one, other) in enumerate(crossings)
        ] + [Entry(str(n), "address", f"和泰路{n}号", 117.5, 36.6) for n in range(1, 9)],
        tmp_path,
    )  # fmt: skip
    found = AddressIndex(tmp_path).find(typed)

    alone = AddressIndex(tmp_path).find("和泰路")

    assert not [candidate for candidate in alone.candidates if candidate.kind == "crossing"]
    assert found.candidates[0].code == "和泰路×锦安街"
    assert found.candidates[0].level == "crossing"
    assert found.candidates[0].score > 0.9


def test_the_alias_of_one_phase_means_that_phase_alone(tmp_path: Path) -> None:
    entries = [
        Entry("A1", "address", "江樣廣場1號樓", 117.01, 36.6),
        Entry("A2", "address", "江樣廣場二期1號樓", 117.02, 36.6),
        Entry("C2", "compound", "江樣廣場二期", 117.02, 36.6, aliases=("印刷九廠宿舍",)),
    ]
    compile_entries(entries, tmp_path)
    found = AddressIndex(tmp_path).find("印刷九厂宿舍1栋")
    assert found.candidates[0].code == "A2"
    assert found.candidates[0].parts["section"] == "2"
    assert found.candidates[0].score > 0.95


def test_the_alias_of_two_phases_asks_which(tmp_path: Path) -> None:
    entries = [
        *(
            Entry(f"A{k}", "address", f"江樣廣場{phase}期1號樓", 117 + k / 100, 36.6)
            for k, phase in enumerate("一二三")
        ),
        *(
            Entry(f"C{k}", "compound", f"江樣廣場{phase}期", 117 + k / 100, 36.6, aliases=("印刷九廠宿舍",))
            for k, phase in enumerate("一二")
        ),
    ]
    compile_entries(entries, tmp_path)
    found = AddressIndex(tmp_path).find("印刷九厂宿舍1栋")
    by_lon = {round(lon, 2): weight for (lon, _), weight in zip(found.points, found.weights, strict=True)}
    assert by_lon[117.0] == pytest.approx(by_lon[117.01])
    assert by_lon[117.0] < 0.6


def test_half_of_a_short_name_is_too_little_to_be_sure_of(tmp_path: Path) -> None:
    entries = [
        Entry("A1", "address", "嘉庆新村12号楼2单元", 117.01, 36.6),
        Entry("A2", "address", "祥安花苑1号楼", 117.02, 36.6),
        Entry("A3", "address", "顺华苑1号楼", 117.03, 36.6),
    ]
    compile_entries(entries, tmp_path)
    index = AddressIndex(tmp_path)
    assert index.find("甲乙小区12号楼2单元").nothing > 0.05
    assert index.find("佳庆新村12号楼2单元").candidates[0].score > 0.95
    assert index.find("xianganhuayuan1栋").candidates[0].code == "A2"
