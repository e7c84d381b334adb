"""Numbers and unit words in pinyin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.address.normalize import normalize
from geodata.address.spelled import respelled, respellings


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
        ("liangjiazhuangcun3fang1xiang8hao", "liangjiazhuangcun3坊1巷8号"),
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


def test_initials_may_end_with_a_number_and_its_unit_word() -> None:
    texts = [other.text for other in respellings(normalize("臺北市msdlsd163號"))]

    assert texts == ["台北市msdl三段163号", "台北市msdl四段163号", "台北市msdl十段163号"]
    assert not list(respellings(normalize("zhongshanlu 12")))


def test_of_two_addresses_the_first_is_meant_first_of_all() -> None:
    texts = [other.text for other in respellings(normalize("連雲街3號及新生南路1段124號"))]

    assert texts == ["连云街3号"]
