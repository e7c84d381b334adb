"""Type-ahead over a whole register: the same as reading every name, and as one register when it is two."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.address.begun import INSIDE
from geodata.address.book import AddressBook
from geodata.address.compile import compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex
from geodata.address.sounds import SYLLABLES, initials, readings
from tests.mainland import make_register

EVERY = 2000
DOORS = 3000


def _compiled(entries: Sequence[Entry], folder: Path) -> AddressIndex:
    folder.mkdir(exist_ok=True)
    compile_entries(entries, folder)
    return AddressIndex(folder)


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    """Doors of a city, with keys."""
    doors = make_register("mixed", doors=DOORS, seed=3).doors
    return [
        Entry(door.code, "address", door.text, door.lon, door.lat, door.parts, (), door.areas, key=number)
        for number, door in enumerate(doors, start=1)
    ]


@pytest.fixture(scope="module")
def index(entries: list[Entry], tmp_path_factory: pytest.TempPathFactory) -> AddressIndex:
    """The city's register."""
    return _compiled(entries, tmp_path_factory.mktemp("names"))


@pytest.fixture(scope="module")
def names(index: AddressIndex) -> list[str]:
    """All names that can be suggested."""
    return sorted({*index.names(areas=False), *index.names(areas=True)})


def _spelt(name: str) -> str:
    return "".join(SYLLABLES[readings(c)[0] - 1] if readings(c) else c for c in name)


slow = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@slow
@given(data=st.data())
def test_the_names_with_a_text_in_them_are_those_that_reading_every_name_finds(
    index: AddressIndex, names: list[str], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([name for name in names if not any(map(str.isdigit, name))]))
    start = data.draw(st.integers(0, len(name) - 2)) if len(name) > 1 else 0
    typed = name[start : data.draw(st.integers(start + 2, max(len(name), start + 2)))]
    found = index.suggestions(typed, limit=EVERY)
    met = {one.text for one in found if one.group != "doors" and one.rank[0] < INSIDE + 1}
    assert {name for name in names if typed in name} <= met or len(typed) < 2


@slow
@given(data=st.data())
def test_every_name_is_found_by_every_beginning_of_its_pinyin(
    index: AddressIndex, names: list[str], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(names))
    letters = _spelt(name)
    typed = letters[: data.draw(st.integers(2, len(letters)))] if len(letters) > 1 else letters
    assert name in {one.text for one in index.suggestions(typed, limit=EVERY)}


@slow
@given(data=st.data())
def test_every_name_is_found_by_its_initials_and_by_characters_with_initials(
    index: AddressIndex, names: list[str], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([name for name in names if len(name) > 1]))
    cut = data.draw(st.integers(0, len(name) - 1))
    typed = name[:cut] + initials(name[cut:])
    assert name in {one.text for one in index.suggestions(typed, limit=EVERY)}, typed


@slow
@given(data=st.data())
def test_every_door_is_found_by_its_name_and_the_beginning_of_its_number(
    index: AddressIndex, entries: list[Entry], data: st.DataObject
) -> None:
    doors = [
        entry for entry in entries if {"road", "number"} == set(entry.parts) and entry.parts["number"][:-1].isdigit()
    ]
    door = data.draw(st.sampled_from(doors))
    road, number = door.parts["road"], door.parts["number"].removesuffix("号")
    typed = road + number[: data.draw(st.integers(1, len(number)))]
    assert f"{road}{number}号" in {one.text for one in index.suggestions(typed, limit=EVERY)}


def test_a_register_in_two_parts_suggests_what_it_does_as_one(
    entries: list[Entry], index: AddressIndex, names: list[str], tmp_path: Path
) -> None:
    rng = np.random.default_rng(5)
    late = rng.random(len(entries)) < 0.1
    old = [*(entry for entry, is_late in zip(entries, late, strict=True) if not is_late), *_withdrawn(entries)]
    base = _compiled(old, tmp_path / "base")
    changed = _compiled([entry for entry, is_late in zip(entries, late, strict=True) if is_late], tmp_path / "new")
    book = AddressBook(base, changed, np.array([entry.key for entry in _withdrawn(entries)]))
    for name in rng.choice(names, 60, replace=False).tolist():
        whole = {(one.group, one.text, one.detail, one.doors) for one in index.suggest(name, limit=EVERY)}
        parted = {(one.group, one.text, one.detail, one.doors) for one in book.suggest(name, limit=EVERY)}
        assert parted == whole, name


def _withdrawn(entries: list[Entry]) -> list[Entry]:
    """Doors that are no more, on a road of their own and on every hundredth road."""
    areas = entries[0].areas
    roads = ["旧时路", *(entry.parts["road"] for entry in entries[::100] if "road" in entry.parts)]
    return [
        Entry(
            f"W{k}",
            "address",
            f"{road}9999号",
            117.0,
            36.0,
            {"road": road, "number": "9999号"},
            (),
            areas,
            key=10**6 + k,
        )
        for k, road in enumerate(roads)
    ]


def test_suggestions_are_the_same_each_time(index: AddressIndex, names: list[str]) -> None:
    for name in names[::20]:
        assert index.suggest(name[:2]) == index.suggest(name[:2])


def test_what_dispatchers_pinned_is_suggested_as_they_wrote_it(index: AddressIndex) -> None:
    meant = Entry("C7", "compound", "样例苑", 117.0, 36.0)
    book = AddressBook(index, pinned={"老厂后门那片": [meant], "水塔平房": [Entry("7", "pin", "水塔", 117.1, 36.1)]})
    (found,) = book.suggest("老厂后")
    assert (found.group, found.text, found.detail, found.code, found.matched) == (
        "compounds", "老厂后门那片", "样例苑", "C7", ((0, 3),),
    )  # fmt: skip
    assert [(one.group, one.text, one.lon) for one in book.suggest("塔平")] == [("places", "水塔平房", 117.1)]
    assert book.suggest("老") == book.suggest("") == book.suggest("12") == ()
