"""A base and what changed since are asked as one register: as if all had been compiled anew."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from geodata.address.areas import AreaChains
from geodata.address.book import PINNED, AddressBook
from geodata.address.compile import compile_chunks, compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex
from tests.mainland import make_register
from tests.noise import KINDS, Noise

DOORS = 3000
CHANGED = 150

Made = Callable[[Sequence[Entry]], AddressIndex]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    count = iter(range(100))

    def make(entries: Sequence[Entry]) -> AddressIndex:
        folder = tmp_path / str(next(count))
        folder.mkdir()
        compile_entries(entries, folder)
        return AddressIndex(folder)

    return make


def road(number: int, key: int, lon: float = 117.0) -> Entry:
    return Entry(f"A{key}", "address", f"甲区解放路{number}号", lon, 36.6, areas=("甲区",), key=key)


@pytest.mark.parametrize("style", ["qingdao", "jinan", "mixed"])
def test_a_register_in_two_parts_answers_as_one(style: str, made: Made, tmp_path: Path) -> None:
    register = make_register(style, doors=DOORS, seed=3)
    doors = register.doors
    entries = [
        Entry(door.code, "address", door.text, door.lon, door.lat, door.parts, (), door.areas, key=key)
        for key, door in enumerate(doors, start=1)
    ]
    rng = np.random.default_rng(1)
    moved = sorted(rng.choice(len(entries), CHANGED, replace=False).tolist())
    # The base has them elsewhere, under other texts.
    old = [replace(entry, text=f"旧{entry.text}", lon=0.0) if place in moved else entry
           for place, entry in enumerate(entries)]  # fmt: skip
    base, whole = made(old), made(entries)
    folder = tmp_path / "changed"
    folder.mkdir()
    compile_chunks([[entries[place] for place in moved]], folder, set(base.names(areas=False)),
                   areas=base.names(areas=True))  # fmt: skip
    book = AddressBook(base, AddressIndex(folder), np.array([entries[place].key for place in moved]))
    assert len(book) == len(whole)
    noise = Noise([door.text for door in doors], register.grid_of.tolist(), [door.areas for door in doors],
                  [door.aliases for door in doors])  # fmt: skip
    asked = alike = 0
    for kind in KINDS:
        text = noise.query(kind, int(rng.choice(moved)), rng)
        if not text:
            continue
        one, other = book.find(text), whole.find(text)
        assert one.weights.sum() + one.nothing + one.area_weight == pytest.approx(1)
        assert 0.0 not in one.points[one.weights > 0, 0]
        asked += 1
        first = [found.candidates[0].text if found.candidates else "" for found in (one, other)]
        score = [found.candidates[0].score if found.candidates else 0.0 for found in (one, other)]
        alike += first[0] == first[1] and abs(score[0] - score[1]) < 0.05
    assert asked > 25
    assert alike >= 0.97 * asked


def test_the_nearest_known_door_is_sought_in_both_parts(made: Made) -> None:
    base = made([road(number, number) for number in (8, 10, 12, 40)])
    book = AddressBook(base, made([road(16, 100), road(90, 101)]), np.array([12]))
    nearest = book.find("解放路14号").candidates[0]
    assert (nearest.text, nearest.exact) == ("甲区解放路16号", False)


def test_an_entry_that_is_no_more_hides_all_entries_of_its_key_and_no_others(made: Made) -> None:
    street = [Entry("S1", "street", "建设大街", 117.0 + step / 1000, 36.6, key=7) for step in range(5)]
    base = made([*street, road(8, 8)])
    book = AddressBook(base, None, np.array([7, 999]))
    assert len(book) == 1
    assert not book.find("建设大街").candidates
    assert book.find("解放路8号").candidates[0].code == "A8"
    assert base.find("建设大街").candidates[0].code == "S1"


def test_what_was_pinned_comes_first_and_likelihoods_still_sum_to_one(made: Made) -> None:
    pinned = (
        Entry("A9", "address", "甲区解放路9号", 117.5, 36.6),
        Entry("A9", "address", "甲区解放路9号", 117.6, 36.6),
    )
    book = AddressBook(made([road(8, 8), road(9, 9)]), pinned={"解放路8号": pinned})
    found = book.find("解放路 8号")
    assert (found.candidates[0].code, found.candidates[0].score) == ("A9", PINNED)
    assert found.candidates[0].points[:, 0].tolist() == [117.5, 117.6]
    assert found.candidates[1].code == "A8"
    assert found.weights.sum() + found.nothing + found.area_weight == pytest.approx(1)
    assert len(book.find("解放路8号", limit=1).candidates) == 1
    assert book.find("解放路9号").candidates[0].reasons[0].code != "pinned"


# --- areas -----------------------------------------------------------------------------------------------------------


def square(west: float, east: float) -> bytes:
    wkb: bytes = shapely.to_wkb(shapely.box(west, 36.0, east, 37.0))
    return wkb


def test_a_point_has_the_names_of_its_areas_the_widest_first() -> None:
    chains = AreaChains([
        (1, "甲市", None, None, 11),
        (2, "甲区", 1, square(117.0, 118.0), 12),
        (3, "东社区", 2, square(117.5, 118.0), 13),
    ])  # fmt: skip
    found = chains.of(np.array([117.2, 117.7, 119.0]), np.array([36.5, 36.5, 36.5]))
    assert found == [("甲市", "甲区"), ("甲市", "甲区", "东社区"), ()]


def test_a_point_on_a_border_lies_in_the_areas_on_both_sides() -> None:
    chains = AreaChains([(1, "西社区", None, square(117.0, 117.5), 1), (2, "东社区", None, square(117.5, 118.0), 2)])
    assert set(chains.of(np.array([117.5]), np.array([36.5]))[0]) == {"西社区", "东社区"}


def test_areas_that_are_each_others_parent_end() -> None:
    chains = AreaChains([(1, "甲区", 2, square(117.0, 118.0), 1), (2, "乙区", 1, None, 2)])
    assert chains.of(np.array([117.5]), np.array([36.5])) == [("乙区", "甲区")]


def test_without_areas_or_points_there_are_no_names() -> None:
    assert AreaChains([]).of(np.array([117.0]), np.array([36.0])) == [()]
    assert AreaChains([(1, "甲区", None, square(117.0, 118.0), 1)]).of(np.zeros(0), np.zeros(0)) == []


def test_areas_have_a_version_that_changes_with_them() -> None:
    rows = [(1, "甲区", None, square(117.0, 118.0), 1), (2, "乙区", None, None, 2)]
    assert AreaChains(rows).version == AreaChains(rows[::-1]).version
    assert AreaChains(rows).version != AreaChains([rows[0], (2, "乙区", None, None, 3)]).version
