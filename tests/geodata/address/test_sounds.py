"""Characters sound as people say them, and typed pinyin is read as people mean it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from geodata.address.sounds import (
    MOST_READINGS,
    PLANE,
    SYLLABLES,
    initials,
    near,
    near_table,
    reading_table,
    readings,
    split_pinyin,
    split_unfinished,
    splits_of,
    syllable_id,
    toneless,
)

syllables = st.sampled_from(SYLLABLES)


def said(ids: tuple[int, ...] | None) -> str | None:
    return None if ids is None else " ".join(SYLLABLES[number - 1] for number in ids)


@pytest.mark.parametrize(
    ("character", "usual"),
    [
        ("中", "zhong"),
        ("行", "xing hang"),
        ("重", "zhong chong"),
        ("厦", "sha xia"),
        ("长", "chang zhang"),
        ("朝", "chao zhao"),
        ("单", "dan shan"),
        ("六", "liu lu"),
        ("莘", "shen xin"),
        ("乐", "le yue"),
        ("堡", "bao pu bu"),
        ("女", "nv"),
        ("略", "lve"),
        ("〇", "ling"),
        ("白", "bai"),
        ("佛", "fo"),
        ("郝", "hao"),
        ("甪", "lu"),
        ("a", ""),
        ("3", ""),
        (" ", ""),
        ("の", ""),
    ],
)
def test_a_character_has_its_usual_readings_first_and_no_old_ones(character: str, usual: str) -> None:
    assert said(readings(character)) == usual


def test_common_characters_have_the_reading_that_the_dictionary_gives_them_alone() -> None:
    common = "路街道巷弄村庄镇乡县市区省园苑庭府城堡寓楼栋幢座号室单元层门东西南北前后左右上下"
    for character in common:
        assert lazy_pinyin(character, style=Style.NORMAL)[0] in (said(readings(character)) or "").split()


def test_the_table_of_readings_is_the_function_for_every_character() -> None:
    table = reading_table()
    assert (table.shape, table.dtype) == ((PLANE, MOST_READINGS), np.int16)
    assert not table.flags.writeable
    for code in range(PLANE):
        ids = readings(chr(code))
        assert tuple(table[code][: len(ids)]) == ids
        assert not table[code][len(ids) :].any()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("li", "ni"),
        ("zhong", "zong"),
        ("chang", "can"),
        ("shi", "si"),
        ("yin", "ying"),
        ("feng", "hong"),
        ("fu", "hu"),
        ("fei", "hui"),
        ("huang", "fang"),
        ("ren", "len"),
        ("lv", "nv"),
        ("guang", "guan"),
    ],
)
def test_syllables_that_listeners_mix_up_share_a_class(one: str, other: str) -> None:
    assert near(syllable_id(one)) == near(syllable_id(other)) > 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bei", "nan"),
        ("dong", "xi"),
        ("xian", "xiang"),
        ("ba", "pa"),
        ("gu", "ku"),
        ("er", "e"),
        ("yi", "qi"),
        ("ju", "zhu"),
    ],
)
def test_syllables_that_sound_different_do_not(one: str, other: str) -> None:
    assert near(syllable_id(one)) != near(syllable_id(other))


def test_classes_are_few_characters_wide_and_none_is_class_zero() -> None:
    table = near_table()
    assert table.shape == (len(SYLLABLES) + 1,)
    assert table[0] == 0
    assert (table[1:] > 0).all()
    assert np.bincount(table[1:]).max() <= 6


@pytest.mark.parametrize(
    ("letters", "meant"),
    [
        ("zhongshanlu", "zhong shan lu"),
        ("xian", "xian"),
        ("xi'an", "xi an"),
        ("wenhuaxilu", "wen hua xi lu"),
        ("huaiyinqu", "huai yin qu"),
        ("lvyoulu", "lv you lu"),
        ("lueyang", "lve yang"),
        ("nver", "nv er"),
        ("tiananmen", "tian an men"),
        ("erhuandonglu", "er huan dong lu"),
        ("", ""),
        ("zsl", None),
        ("hello", None),
        ("zhongs", None),
        ("中山", None),
        ("Zhong", None),
    ],
)
def test_pinyin_is_read_as_it_is_most_likely_meant(letters: str, meant: str | None) -> None:
    assert said(split_pinyin(letters)) == meant


def test_pinyin_that_can_be_read_twice_is() -> None:
    assert [said(way) for way in splits_of("pingan")] == ["pin gan", "ping an"]
    assert splits_of("xyz") == []
    assert len(splits_of("fanganfangan", 2)) == 2


@pytest.mark.parametrize(
    ("letters", "whole", "begun"),
    [
        ("zhongsh", "zhong", "sh"),
        ("zhon", "", "zhon"),
        ("zhongshan", "zhong shan", ""),
        ("q", "", "q"),
        ("", "", ""),
        ("xyz", "", "xyz"),
    ],
)
def test_pinyin_being_typed_has_a_begun_syllable_at_its_end(letters: str, whole: str, begun: str) -> None:
    ids, rest = split_unfinished(letters)
    assert (said(ids), rest) == (whole, begun)


def test_initials_are_what_people_type_for_a_name() -> None:
    assert initials("中山路12号Ａ座") == "zsl12haz"
    assert initials("槐蔭區 ·の") == "hyq"


def test_tone_marks_are_left_out() -> None:
    assert [toneless(reading) for reading in ("nǚ", "lüè", "zhōng", "er")] == ["nv", "lve", "zhong", "er"]


@given(st.lists(syllables, max_size=12))
def test_syllables_written_together_are_read_as_pinyin_of_the_same_letters(names: list[str]) -> None:
    letters = "".join(names)
    split = split_pinyin(letters)
    assert split is not None
    assert "".join(SYLLABLES[number - 1] for number in split) == letters.replace("lue", "lve").replace("nue", "nve")
    assert split in splits_of(letters, 3)
    assert len(set(splits_of(letters, 3))) == len(splits_of(letters, 3))


WHOLE = [name for name in SYLLABLES if said(split_pinyin(name)) == name]


def test_every_syllable_but_the_rarest_is_read_as_one() -> None:
    assert {"xian", "lian", "jiao", "guo", "dia", "nin"} <= set(WHOLE)
    assert set(SYLLABLES) - set(WHOLE) == {"biang", "chua", "nia", "rua"}


@given(st.lists(st.sampled_from(WHOLE), min_size=1, max_size=12))
def test_an_apostrophe_keeps_syllables_apart(names: list[str]) -> None:
    assert said(split_pinyin("'".join(names))) == " ".join(names)


@given(st.text(max_size=40))
def test_any_letters_are_read_without_failing(letters: str) -> None:
    split_pinyin(letters)
    ids, begun = split_unfinished(letters)
    assert letters.endswith(begun)
    assert ids == () or split_pinyin(letters[: len(letters) - len(begun)]) == ids
