"""What stands beside an address is found by itself, and names that look like it are left alone."""

import csv
from pathlib import Path

import pyogrio
import pytest

from geodata.address.characters import fold
from geodata.address.noise import Aside, find_courier, find_numbers, find_people, find_speech
from geodata.address.normalize import normalize


def found(asides: list[Aside]) -> list[tuple[str, str]]:
    return [(item.kind, item.text.strip()) for item in asides]


def bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("13800001234", "phone"),
        ("138 0000 1234", "phone"),
        ("138-0000-1234", "phone"),
        ("1380 000 1234", "phone"),
        ("138****1234", "phone"),
        ("+86 13800001234", "phone"),
        ("+8613800001234", "phone"),
        ("0531-88812345", "phone"),
        ("(0531)88812345", "phone"),
        ("010 8881 2345", "phone"),
        ("0531-88812345转801", "phone"),
        ("400-800-1234", "phone"),
        ("02-2345-6789", "phone"),
        ("(02)23456789", "phone"),
        ("0912-345-678", "phone"),
        ("88812345", "phone"),
        ("联系电话:13800001234", "phone"),
        ("幺三八零零零零一二三四", "phone"),
        ("370102199001011234", "identity"),
        ("身份证号:37010219900101123x", "identity"),
        ("邮编:250001", "postcode"),
    ],
)
def test_a_number_that_is_no_door_is_known_by_its_shape(typed: str, kind: str) -> None:
    assert (kind, typed) in found(list(find_numbers(typed)))
    assert normalize(f"文化西路44号 {typed}").text == "文化西路44号"


@pytest.mark.parametrize("typed", ["250001济南市", "250001 济南市", "110台北市", "11049 台北市", "825澎湖县"])
def test_a_postcode_before_an_address_is_known(typed: str) -> None:
    assert [kind for kind, _ in found(list(find_numbers(typed)))] == ["postcode"]


@pytest.mark.parametrize(
    "typed",
    [
        "13812345678号",
        "12345678号",
        "88812345弄",
        "123456号院",
        "园7-6-1046",
        "3-1-301",
        "125号1801室",
        "12 138 0000",
        "1-2-3-4-5-6-7-8-9",
        "798艺术区",
        "101大楼",
        "312国道",
        "110号",
        "100米大道",
        "370102199013011234",
        "一二三四五六七",
        "2026年",
    ],
)
def test_numbers_of_doors_are_left(typed: str) -> None:
    assert list(find_numbers(typed)) == []
    assert normalize(typed).aside == ()


@pytest.mark.parametrize(
    "typed",
    [
        "张先生",
        "王女士",
        "欧阳小姐",
        "李师傅",
        "赵阿姨",
        "刘大爷家",
        "陈小明先生收",
        "孙老师收",
        "联系人:张三",
        "姓名 李小四",
        "我姓王",
        "我叫张小三",
        "王小二收",
    ],
)
def test_people_are_known_by_surname_and_title(typed: str) -> None:
    assert set(found(list(find_people(typed)))) == {("person", typed)}
    assert normalize(f"文化西路44号 {typed}").text == "文化西路44号"


@pytest.mark.parametrize(
    "typed",
    [
        "黄河路12号",
        "王府井大街",
        "李村",
        "张店区",
        "孙先生路12号",
        "张阿姨饺子馆",
        "孙中山先生故居",
        "先生弄12号",
        "师傅街",
        "文化路王记",
        "大姐大烧烤",
        "方庄",
        "白老师里",
        "老师里3号",
        "经理楼",
        "收费站",
        "东方先生巷",
        "马主任村",
        "单元",
    ],
)
def test_a_surname_in_a_name_is_left(typed: str) -> None:
    assert list(find_people(typed)) == []
    assert normalize(typed).text == typed


@pytest.mark.parametrize(
    "typed",
    [
        "快递放门口",
        "请放驿站",
        "放丰巢",
        "收",
        "电话联系",
        "尽快派送",
        "送货上门",
        "不要放驿站",
        "到了打电话",
        "麻烦轻拿轻放",
        "谢谢",
        "本人签收",
        "急",
        "放物业前台就行",
    ],
)
def test_a_clause_of_couriers_words_is_known(typed: str) -> None:
    assert found(list(find_courier(typed))) == [("courier", typed)]
    assert normalize(f"文化西路44号，{typed}").text == "文化西路44号"


@pytest.mark.parametrize(
    "typed",
    ["收货地址:文化西路", "地址 文化西路", "住址是文化西路", "详细地址文化西路", "寄到文化西路", "事发地点：文化西路"],
)
def test_a_label_before_an_address_is_known(typed: str) -> None:
    assert normalize(typed).text == "文化西路"


@pytest.mark.parametrize(
    "typed",
    [
        "菜鸟驿站",
        "京东快递",
        "文化路丰巢",
        "放鹤亭路",
        "送仙桥",
        "收租院",
        "急救中心",
        "谢家集区",
        "寄畅园",
        "门口塘",
        "物业公司",
        "电话局",
        "请茶楼",
        "货站街",
        "前后街",
    ],
)
def test_names_that_begin_like_couriers_words_are_left(typed: str) -> None:
    assert list(find_courier(typed)) == []
    assert normalize(typed).text == typed


@pytest.mark.parametrize(
    "typed",
    [
        "喂,文化西路44号",
        "你好我在文化西路44号",
        "我家住在文化西路44号",
        "这里是文化西路44号",
        "我要反映一下,文化西路44号",
        "麻烦派人来一下文化西路44号",
        "请问文化西路44号",
        "帮我查一下文化西路44号",
        "嗯文化西路44号",
        "额文化西路44号",
        "啊，文化西路44号",
        "我在我在文化西路44号的呢",
        "文化西路44号这边",
        "文化西路44号那里的",
        "文化西路44号的",
        "文化西路44号吧",
        "文化西路44号啊",
        "文化西路44号属于哪个社区",
        "文化西路44号是哪个网格的",
        "文化西路44号归谁管",
        "文化西路44号在哪里?",
        "文化西路44号怎么走",
        "文化西路44号的网格员电话是多少",
        "文化西路44号网格长",
    ],
)
def test_words_of_callers_are_known(typed: str) -> None:
    normal = normalize(typed)
    assert normal.text == "文化西路44号"
    assert {item.kind for item in normal.aside} == {"speech"}


@pytest.mark.parametrize(
    "typed",
    [
        "在平县",
        "查济古镇",
        "找子营村",
        "谁园",
        "那里村3号",
        "那曲市",
        "这里村",
        "喜来登",
        "我爱我家",
        "家乐福",
        "住建局",
        "额尔古纳市",
        "哪咤路",
        "网吧",
        "的庄",
        "就峪村",
        "报恩寺",
        "位育中学",
    ],
)
def test_names_that_sound_like_words_of_callers_are_left(typed: str) -> None:
    assert list(find_speech(typed)) == []
    assert normalize(typed).text == typed


@pytest.mark.real_data
def test_no_real_name_of_a_division_or_a_place_loses_anything(shared_data: Path) -> None:
    names: set[str] = set()
    for file in sorted((shared_data / "division").glob("*.csv")):
        with file.open(encoding="utf-8-sig") as lines:
            names |= {value for row in csv.DictReader(lines) for value in row.values() if value and not value.isdigit()}
    villages = pyogrio.read_dataframe(shared_data / "taipei/taipei.gpkg", layer="village", read_geometry=False)
    names |= set(villages["PTVNAME"])
    for file in ("beijing/tsinghua.osm.pbf", "beijing/wangjing.osm.pbf", "network/huaxian.osm.pbf"):
        for layer in ("points", "lines", "multipolygons"):
            named = pyogrio.read_dataframe(shared_data / file, layer=layer, columns=["name"], read_geometry=False)
            names |= {name for name in named["name"].dropna() if "距离" not in name}  # those are told, not named
    lost = {name: normalize(name).aside for name in names}
    lost = {name: apart for name, apart in lost.items() if any(item.kind != "bracket" for item in apart)}
    assert {name for name in lost if not name.endswith("周边")} == set()
    assert len(names) > 4000
    whole = {name for name in names if not normalize(name).aside}
    assert {name for name in whole if bare(normalize(name).text) != bare(fold(name)[0])} == set()


@pytest.mark.parametrize(
    ("typed", "text", "set_apart"),
    [
        ("世纪公园有人晕倒", "世纪公园", ["有人晕倒"]),
        ("文化路44号对面有人打架", "文化路44号", ["对面", "有人打架"]),
        ("和谐宾馆着火了", "和谐宾馆", ["着火了"]),
        ("阳光花园有一辆车堵住出口", "阳光花园", ["有一辆车堵住出口"]),
        ("3号楼2单元漏水了，快来", "3号楼2单元 快来", ["漏水了"]),
        ("有人打架", "有人打架", []),
        ("大有人家小区", "大有人家小区", []),
        ("北京路有家超市", "北京路有家超市", []),
    ],
)
def test_what_happened_there_is_set_apart(typed: str, text: str, set_apart: list[str]) -> None:
    normal = normalize(typed)
    assert (normal.text, [item.text for item in normal.aside]) == (text, set_apart)
