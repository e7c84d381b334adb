"""Numbers that an address's columns lack are taken from its text, each once."""

import pytest

from geodata.address.entries import Entry
from geodata.address.reading import read_chunk
from geodata.address.values import unpacked
from geodata.address.words import Slot


@pytest.mark.parametrize(
    ("text", "parts", "numbers"),
    [
        ("样例庄1组1号", {"compound": "样例庄", "number": "1号"}, {Slot.GROUP: "1", Slot.DOOR: "1"}),
        ("样例庄2组1号", {"compound": "样例庄", "number": "1号"}, {Slot.GROUP: "2", Slot.DOOR: "1"}),
        ("样例庄3坊3巷3号", {"compound": "样例庄", "number": "3号"}, {Slot.GROUP: "3", Slot.LANE: "3", Slot.DOOR: "3"}),
        ("样例庄1号", {"compound": "样例庄", "number": "1号"}, {Slot.DOOR: "1"}),
        ("样例庄1", {"compound": "样例庄", "number": "1号"}, {Slot.DOOR: "1"}),
        ("样例苑1栋", {"compound": "样例苑", "number": "1栋"}, {Slot.DOOR: "1"}),
    ],
)
def test_a_number_of_the_text_is_another_one_only_if_it_stands_there_twice(
    text: str, parts: dict[str, str], numbers: dict[Slot, str]
) -> None:
    slots = read_chunk([Entry("A1", "address", text, 117.0, 36.0, parts)], frozenset()).slots
    assert [{Slot(k): unpacked(value) for k, value in enumerate(row) if value} for row in slots.tolist()] == [numbers]
