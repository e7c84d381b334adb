"""A text that stands in the register word for word means that entry, unless the same stands elsewhere too."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from geodata.address.candidates import Found
from geodata.address.compile import compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex
from geodata.address.verbatim import text_key


def register(folder: Path, rows: Sequence[tuple[str, float]]) -> AddressIndex:
    entries = [Entry(f"A{place}", "address", text, lon, 25.04) for place, (text, lon) in enumerate(rows)]
    compile_entries(entries, folder)
    return AddressIndex(folder)


def likeliest_point(found: Found) -> float:
    """How likely the likeliest of all points is."""
    lons = np.unique(found.points[:, 0])
    return max(float(found.weights[found.points[:, 0] == lon].sum()) for lon in lons)


SEVERAL = "臺北市示例區重樣北路三段284號2~4樓、286號1~4樓"
ROWS = [
    (SEVERAL, 121.51),
    ("臺北市示例區重樣北路三段290號", 121.52),
    ("示例區瑞樣路尚未有明確地址", 121.53),
    ("樣樂街52號八樓", 121.54),
    ("樣樂街52號", 121.54),
    ("示例區榮樣三路及磺樣溪旁(過天樣橋)", 121.55),
]


@pytest.mark.parametrize(
    "typed", [SEVERAL, "示例区瑞样路尚未有明确地址", "示例區榮樣三路及磺樣溪旁（過天樣橋）", "樣樂街52號八樓"]
)
def test_what_stands_in_the_register_is_found_however_its_numbers_are_read(tmp_path: Path, typed: str) -> None:
    first = register(tmp_path, ROWS).find(typed).candidates[0]
    assert text_key(first.text) == text_key(typed)
    assert first.score > 0.95


def test_twins_that_lie_apart_stay_a_question(tmp_path: Path) -> None:
    rows = [(SEVERAL, 121.51), (SEVERAL, 121.56)]
    assert likeliest_point(register(tmp_path, rows).find(SEVERAL)) < 0.6


def test_the_same_door_behind_another_town_stays_a_question(tmp_path: Path) -> None:
    rows = [("中樣路12號", 121.51), ("甲樣區中樣路12號", 121.56)]
    assert likeliest_point(register(tmp_path, rows).find("中樣路12號")) < 0.6


def test_a_misreading_gives_way_to_what_stands_there_word_for_word(tmp_path: Path) -> None:
    rows = [("臺北市示例區長樣西路2號5巷2號2樓", 121.51), ("臺北市示例區長樣西路5巷2號", 121.56)]
    index = register(tmp_path, rows)
    assert [index.find(text).candidates[0].code for text, _ in rows] == ["A0", "A1"]
    assert index.find(rows[0][0]).candidates[0].score > 0.95


def test_opposite_in_a_text_of_the_register_leads_nowhere_from_there(tmp_path: Path) -> None:
    rows = [("示例區萬樣街1號對面", 121.51), ("示例區萬樣街1號", 121.52)]
    index = register(tmp_path, rows)
    found = index.find("示例區萬樣街1號對面")
    assert found.candidates[0].code == "A0"
    assert not any(one.kind == "relation" for one in found.normal.aside)
    assert any(one.kind == "relation" for one in index.find("萬樣街1號旁邊").normal.aside)


def test_what_is_hidden_is_not_found_word_for_word(tmp_path: Path) -> None:
    index = register(tmp_path, ROWS)
    (entry,) = [one for one in index.find(SEVERAL).candidates if one.text == SEVERAL]
    hidden = index.hiding(index.keys[:1])
    assert entry.code == "A0"
    assert not any(one.code == "A0" for one in hidden.find(SEVERAL).candidates)


def test_numbers_that_a_sign_parts_are_not_run_together() -> None:
    assert text_key("樣樂街12 3號") != text_key("樣樂街123號")
    assert text_key("樣樂街12-3號") != text_key("樣樂街12 3號")
    assert text_key("樣樂街，52號") == text_key("样乐街52号")
    assert text_key("樣") == 0
    assert text_key("樣" * 300) == 0


def test_labels_of_what_is_merely_near_are_spelled_as_in_the_register(tmp_path: Path) -> None:
    rows = [("臺北市示例區光樣南路116巷3號", 121.51), ("臺北市示例區光樣南路116巷7號", 121.5101)]
    found = register(tmp_path, rows).find("光樣南路116巷")
    assert found.candidates[0].label == "光樣南路116巷"
