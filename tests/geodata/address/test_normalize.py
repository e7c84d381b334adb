"""What is typed → the address alone, with the way back, and what was set apart from it."""

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.address.normalize import LONGEST, Normal, normalize

# fmt: off
PIECES = (
    "文化西路", "44号", "3号楼", "2单元", "臺北市", "張先生", "13812345678", "138 0000 1234", "（", "）", "近",
    "大厦", "[", "]", "【", "】", "收", "地址：", "我在", "那个", "对面", "旁边", "东", "50米", "往北", "门口",
    "的", "归谁管", "？", "。", "！", "，", ",", ".", "-", "—", "~", "#", "117.0123", "36.6512", "N", "E", "°", "'",
    '"', "250001", "110", "台北市", "370102199001011234", "0531-88812345", "幺三八零零零零一二三四", "快递", "放",
    "一", "1", "a", "之", "甲", "\t", "\u200b", "😀", "《", "》", ";", "王女士", "老师", "谢谢", "急", "邮编",
    "距离", "里", "路", " ", "",
)
HOSTILE = (
    "(", "()", "(a)", "((", "[(", "1", "1-", "138 ", "1.", "1.1,", "一", "零", "王先生 ", "我在", "放门口 ", "的",
    "对面", "东50米", "。1号", "°", "收货地址：", "那个", "'", "12~", "#", "1 3 8 ", "e1°", "a1", "急 ", "谢谢，",
    "归谁", "近(", "\u200b", "㎯", "是", "路", "东", "我在的", "归谁的", "王女士收", "）（", "110台北市",
    "250001济", "1，", "放", "请",
)
# fmt: on
messy = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
anything = st.one_of(messy, st.text(st.characters(exclude_categories=[]), max_size=60))


def kinds(normal: Normal) -> list[str]:
    return [item.kind for item in normal.aside]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("臺北市信義區大仁里福德街１", "台北市信义区大仁里福德街1"),
        ("廿三號 , 一百二十五号", "廿三号 一百二十五号"),
        ("12－3号 12 — 3 12_3", "12-3号 12-3 12-3"),
        ("12號之1", "12号之1"),
        ("1、3、5號1～4樓", "1 3 5号1~4楼"),
        ("园7-6-1046", "园7-6-1046"),
        ("3一2一301", "3-2-301"),
        ("三一二号", "三一二号"),
        ("12#楼 #12 ＃ a#", "12#楼 #12 a#"),
        ("Zhong-shan-lu 12-3, xi'an lu", "zhong shan lu 12-3 xi an lu"),
        ("“幸福里”小区 《水岸》", "幸福里小区 水岸"),
        ("济南市 历下区 · 文化西路 / 44号", "济南市 历下区 文化西路 44号"),
        ("历下区。文化路。44号", "历下区 文化路 44号"),
        ("文化路44号。2 单元。301", "文化路44号 2 单元 301"),
        ("和谐家园（一期）3号楼(2单元)", "和谐家园 一期 3号楼 2单元"),
        ("（历下区）文化西路44号", "历下区 文化西路44号"),
        ("（文化西路44号）", "文化西路44号"),
        ("文化西路44号（", "文化西路44号"),
        ("文化西路与历山路交叉口", "文化西路与历山路交叉口"),
        ("3号楼顶上打闹", "3号楼顶上打闹"),
        ("のんき食堂 ②号", "のんき食堂 2号"),
        ("12-", "12"),
        ("", ""),
        ("。，！", ""),
        (" \u3000\n", ""),
    ],
)
def test_an_address_alone_is_made_plain_and_nothing_is_set_apart(typed: str, text: str) -> None:
    normal = normalize(typed)
    assert normal.text == text
    assert kinds(normal) == []
    assert normal.given == typed


@pytest.mark.parametrize(
    ("typed", "text", "apart"),
    [
        ("张先生13812345678收 文化西路44号", "文化西路44号", ["person", "phone", "courier"]),
        (
            "收货地址：文化西路44号，李师傅 138-0000-1234，快递放门口",
            "文化西路44号",
            ["courier", "person", "phone", "courier"],
        ),
        ("喂，你好，我这里是文化西路44号", "文化西路44号", ["speech"]),
        ("我在文化西路44号这边的", "文化西路44号", ["speech", "speech", "speech"]),
        ("文化西路44号归谁管？", "文化西路44号", ["speech"]),
        ("文化西路44号的网格员是谁", "文化西路44号", ["speech"]),
        ("历下区那个文化西路就是44号", "历下区 文化西路 44号", ["speech", "speech"]),
        ("文化西路44号（近银座大厦）", "文化西路44号", ["bracket"]),
        ("文化西路44号（（内）老小区）", "文化西路44号", ["bracket", "bracket"]),
        ("银座（原东方商场）对面", "银座", ["bracket", "relation"]),
        ("文化西路44号。楼道灯坏了，没人管！", "文化西路44号", ["rest"]),
        ("文化西路44号。历山路12号也一样", "文化西路44号 历山路12号也一样", []),
        ("250001济南市文化西路44号 邮编250002", "济南市文化西路44号", ["postcode", "postcode"]),
        ("370102199001011234 文化西路44号 0531-88812345", "文化西路44号", ["identity", "phone"]),
        ("117.0123,36.6512", "", ["coordinates"]),
        ("电话：13800001111，姓名：张三，地址：文化西路44号", "文化西路44号", ["phone", "person", "courier"]),
    ],
)
def test_what_is_no_address_is_set_apart(typed: str, text: str, apart: list[str]) -> None:
    normal = normalize(typed)
    assert (normal.text, kinds(normal)) == (text, apart)


def test_what_is_set_apart_says_where_it_was_typed() -> None:
    typed = "張先生 文化西路44號（近銀座大廈）對面"
    normal = normalize(typed)
    assert [(item.kind, typed[item.start : item.end], item.text) for item in normal.aside] == [
        ("person", "張先生", "张先生"),
        ("bracket", "近銀座大廈", "近银座大厦"),
        ("relation", "對面", "对面"),
    ]
    assert normal.aside[1].facts == {"side": "near"}
    assert normal.aside[2].facts == {"side": "opposite"}


def test_each_character_says_where_it_was_typed() -> None:
    typed = "我在 臺北市，  信義路①號\u200b之3"
    normal = normalize(typed)
    assert normal.text == "台北市 信义路1号之3"
    assert "".join(typed[place] for place in normal.source).replace("，", " ") == "臺北市 信義路①號之3"


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    normal = normalize("中山路" + "1号楼" * 4000)
    assert len(normal.text) == LONGEST
    assert normalize("㎯" * 200).text == normalize("㎯" * LONGEST).text
    assert len(normalize("㎯" * 200).text) <= LONGEST


@given(anything)
def test_normalizing_what_is_normal_changes_nothing(typed: str) -> None:
    normal = normalize(typed)
    again = normalize(normal.text)
    assert (again.text, again.aside) == (normal.text, ())
    assert again.source == tuple(range(len(normal.text)))


@given(anything)
def test_places_never_fall_and_lie_in_what_was_typed(typed: str) -> None:
    normal = normalize(typed)
    assert len(normal.text) == len(normal.source)
    assert list(normal.source) == sorted(normal.source)
    assert all(0 <= place < len(typed) for place in normal.source)
    assert all(0 <= item.start < item.end <= len(typed) for item in normal.aside)
    assert all(item.text for item in normal.aside)


@given(anything)
def test_a_normal_text_holds_only_characters_of_names_and_numbers(typed: str) -> None:
    text = normalize(typed).text
    assert text == " ".join(text.split())
    odd = [character for character in text if not (character.isalnum() or character in " -~#")]
    assert all("\ue000" <= character <= "\uf8ff" for character in odd)


def calls_of(typed: str) -> int:
    """How many Python functions normalizing calls."""
    count: Counter[str] = Counter()

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        count[event] += 1

    normalize(typed)  # so that characters are folded already
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        normalize(typed)
    finally:
        sys.setprofile(before)
    return count["call"] + count["c_call"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_costs_no_more_than_in_proportion(piece: str) -> None:
    """Twice as much text takes at most about three times as many calls, and more than `LONGEST` no more at all."""
    short = (piece * LONGEST)[: LONGEST // 2]
    long = (piece * LONGEST)[:LONGEST]
    assert calls_of(long) <= 3 * calls_of(short) + 200
    assert calls_of(piece * 10 * LONGEST) <= calls_of(long) + 20
    assert calls_of(long) < 6000
