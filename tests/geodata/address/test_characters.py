"""Every way to write a character meets one form, and the way back is never lost."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.address.characters import fold, is_han

anything = st.text(st.characters(exclude_categories=[]))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("臺北市信義區", "台北市信义区"),
        ("槐蔭區", "槐荫区"),
        ("衚衕 衖 邨 甯", "胡同 弄 村 宁"),
        ("裡 裏 鄰 號 樓 雙峯", "里 里 邻 号 楼 双峰"),
        ("什么 幺八 乾县", "什么 幺八 乾县"),
        ("１２－３Ａ座＃", "12-3a座#"),
        ("①②③ ⑿ ⒌ Ⅶ ❼ ٣", "123 12 5 7 7 3"),
        ("㈢ ㊂ 〇 ○", "三 三 〇 〇"),
        ("Zhōngshān Lù, lǜ Nǚ", "zhongshan lu, lv nv"),
        ("3️⃣号", "3号"),
        ("“幸福里”—12～14", '"幸福里"-12~14'),
        ("邨⼀\u3000㐂", "村一 㐂"),
        ("a\tb\r\nc\u2028d\u00a0e", "a b  c d e"),
        ("𠮷野家", "𠮷野家"),
        ("", ""),
    ],
)
def test_what_is_typed_becomes_its_usual_form(typed: str, meant: str) -> None:
    assert fold(typed)[0] == meant


def test_invisible_characters_vanish_and_leave_the_places_of_the_others() -> None:
    assert fold("中\u200b山\ufeff路\x00\ud800") == ("中山路", (0, 2, 4))


def test_a_character_that_becomes_several_gives_its_place_to_all_of_them() -> None:
    assert fold("第⑫号") == ("第12号", (0, 1, 1, 2))


def test_a_character_of_the_simplified_set_stays_what_it_is() -> None:
    changed = {
        character
        for row in range(0xB0, 0xF8)
        for cell in range(0xA1, 0xFF)
        if fold(character := bytes([row, cell]).decode("gb2312", "ignore"))[0] != character
    }
    assert changed == set("亍仝菸薹拚捱摺吒後徵夥甯榘於砦锺袷麴醣麽")


def test_rare_and_private_characters_are_chinese_or_stay() -> None:
    assert fold("\ue000")[0] == "\ue000"
    assert all(map(is_han, "一鿿〇㐀𠮷"))
    assert not any(map(is_han, "a1 ，。のア"))


@given(anything)
def test_folding_twice_is_folding_once(text: str) -> None:
    folded, _ = fold(text)
    assert fold(folded)[0] == folded


@given(anything)
def test_places_never_fall_and_are_in_the_text(text: str) -> None:
    folded, source = fold(text)
    assert len(folded) == len(source)
    assert list(source) == sorted(source)
    assert all(0 <= place < len(text) for place in source)


@given(anything)
def test_each_character_is_folded_by_itself(text: str) -> None:
    assert fold(text)[0] == "".join(fold(character)[0] for character in text)


@given(anything)
def test_nothing_folded_is_a_control_or_a_lone_half_of_a_character(text: str) -> None:
    assert not {unicodedata.category(character) for character in fold(text)[0]} & {"Cc", "Cf", "Cs", "Cn", "Mn", "Zl"}
