"""Numbers and unit words in pinyin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.address.normalize import normalize
from geodata.address.spelled import respelled


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("huafuyiqi1haolou2danyuan", "huafu一期1号楼2单元"),
        ("liliuercunerqi2-2-102", "liliuercun二期2-2-102"),
        ("zhongshanluyierwuhao", "zhongshanlu一二五号"),
        ("bolinlu 195hao", "bolinlu 195号"),
        ("锦安苑3dong", "锦安苑3栋"),
        ("zhongshanlu", "zhongshanlu"),
        ("yiqi", "一期"),
        ("taiyi", "taiyi"),
        ("锦安苑3f", "锦安苑3f"),
        ("shananlu12haofu1hao", "shananlu12号附1号"),
        ("gxhy3haolou", "gxhy3号楼"),
        ("", ""),
    ],
)
def test_numbers_and_unit_words_become_characters(typed: str, text: str) -> None:
    assert respelled(normalize(typed)).text == text


@given(st.text(alphabet="abefghilnoqsuwxyz12 号锦", max_size=24))
def test_every_character_still_comes_from_where_it_was_typed(typed: str) -> None:
    normal = normalize(typed)
    respelt = respelled(normal)

    assert len(respelt.source) == len(respelt.text)
    assert list(respelt.source) == sorted(respelt.source)
    assert set(respelt.source) <= set(normal.source)
