"""Whatever is typed is read: no text of pieces of addresses, in whatever order, fails or is read twice another way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.address.normalize import normalize
from geodata.address.parse import parse
from geodata.address.words import AREA_ENDINGS, COMPOUND_ENDINGS, ROAD_ENDINGS, UNIT_WORDS, Slot

_NUMBERS = (
    "1", "3", "12", "301", "1046", "007", "99999", "一百二十五", "十", "廿", "幺", "〇", "甲", "a", "½", "③",
    "२", "〸", "Ⅳ",
)  # fmt: skip
_SIGNS = tuple("-－—~#、， ()（）【/之附与\n\u202e\x00")
_ASIDE = (
    "王女士", "13800000000", "0531-88880000", "117.0,36.65", "对面", "东50米", "收货地址：", "快递放门口", "归谁管",
)  # fmt: skip
_ENDINGS = tuple(word for words in AREA_ENDINGS.values() for word in words)
_NAMES = ("样园", "槐荫", "和平", "中山", "东", "北", "鄰", "lan", "𠀀", "👍")
_PIECES = st.sampled_from(
    (*_NAMES, *_NUMBERS, *_SIGNS, *_ASIDE, *_ENDINGS, *ROAD_ENDINGS, *COMPOUND_ENDINGS, *UNIT_WORDS)
)
_DASHES = st.sampled_from((*_NUMBERS, "-", "-", "-", "-", "号", "号楼", "楼", "单元", "室", "路", "小区"))
_TEXTS = st.one_of(
    st.lists(_PIECES, max_size=30).map("".join), st.lists(_DASHES, max_size=12).map("".join), st.text(max_size=60)
)


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
def test_any_text_is_read_and_what_was_read_of_it_is_read_the_same_again(text: str) -> None:
    normal = normalize(text)
    assert len(normal.source) == len(normal.text)
    assert list(normal.source) == sorted(normal.source)
    assert all(0 <= aside.start <= aside.end <= len(text) for aside in normal.aside)
    assert normalize(normal.text).text == normal.text
    reading = parse(normal.text)
    assert len(reading.slots) == len(Slot)
    assert all(0 <= name.start <= name.end <= len(normal.text) for name in reading.names)
