import os

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.drafts.differing import reshaped_between
from geodata.drafts.living import Counts, Living
from tests.drafted import drafted, homes_at, redrawn
from tests.support import CELL, ORIGIN, corner

TWO = """
    aabb
    aabb
"""


def _middle(x: float, y: float, households: int, persons: int = 0) -> tuple[float, float, int, int]:
    return (*corner(x + 0.5, y + 0.5), households, persons)


def test_each_home_counts_in_the_grid_that_covers_it() -> None:
    base = drafted(TWO)
    living = Living.of(base, homes_at(_middle(0, 0, 3, 7), _middle(1, 1, 2), _middle(3, 0, 5, 11)))

    assert living.counts(base, ["g1", "g2"]) == {"g1": Counts(5, 7, 2), "g2": Counts(5, 11, 1)}


def test_buildings_and_stations_are_counted_beside_people() -> None:
    base = drafted(TWO)
    living = Living.of(
        base,
        homes_at(),
        buildings=([ORIGIN[0] + CELL / 2], [ORIGIN[1] + CELL / 2]),
        stations=([ORIGIN[0] + 3.5 * CELL], [ORIGIN[1] + CELL / 2]),
    )

    assert living.counts(base, ["g1", "g2"]) == {"g1": Counts(buildings=1), "g2": Counts(stations=1)}


def test_a_home_on_a_border_counts_once_in_the_grid_of_the_lowest_code() -> None:
    base = drafted(TWO)
    living = Living.of(base, homes_at((*corner(2, 1), 4, 9)))

    assert living.counts(base, ["g1", "g2"]) == {"g1": Counts(4, 9, 1), "g2": Counts()}


def test_a_home_outside_all_grids_counts_nowhere() -> None:
    base = drafted(TWO)
    living = Living.of(base, homes_at(_middle(9, 9, 4)))

    assert sum(counts.households for counts in living.counts(base, base.grids).values()) == 0


def test_households_go_with_the_ground_that_changes_hands() -> None:
    base = drafted(TWO)
    living = Living.of(base, homes_at(_middle(1, 0, 3, 7), _middle(1, 1, 2), _middle(3, 0, 5)))
    state = redrawn(base, "aabb\nabbb")

    assert living.counts(state, ["g1", "g2"]) == {"g1": Counts(2, 0, 1), "g2": Counts(8, 7, 2)}
    assert living.flows(base, state)["g1", "g2"] == Counts(3, 7, 1)
    assert living.flows(base, state)["g1", "g1"] == Counts(2, 0, 1)


def test_a_split_hands_the_households_to_the_new_grid_and_a_merge_gives_them_back() -> None:
    base = drafted(TWO)
    living = Living.of(base, homes_at(_middle(0, 0, 3), _middle(0, 1, 2), _middle(3, 0, 5)))
    split = redrawn(base, "aabb\nccbb")
    merged = redrawn(split, TWO)

    assert living.counts(split, ["g1", "n1.3"]) == {"g1": Counts(2, 0, 1), "n1.3": Counts(3, 0, 1)}
    assert living.counts(merged, ["g1", "g2"]) == living.counts(base, ["g1", "g2"])
    assert living.flows(base, merged) == {}
    assert living.flows(split, merged)["n1.3", "g1"] == Counts(3, 0, 1)


def test_a_stated_count_is_spread_over_the_ground_in_whole_households_and_called_estimated() -> None:
    base = drafted(TWO, stated={"a": (401, 1000)})
    living = Living.of(base, homes_at())
    split = redrawn(base, "aabb\nccbb")
    halves = living.counts(split, ["g1", "n1.3"])

    assert living.counts(base, ["g1"]) == {"g1": Counts(401, 1000, estimated=401)}
    assert halves["g1"] + halves["n1.3"] == Counts(401, 1000, estimated=401)
    assert halves["g1"].households == pytest.approx(200, abs=10)


def test_a_stated_count_goes_to_the_buildings_where_there_are_some() -> None:
    base = drafted(TWO, stated={"a": (90, 180)})
    homes = homes_at(_middle(0, 1, 0), _middle(0, 0, 0), _middle(1, 0, 0), buildings=2)
    living = Living.of(base, homes)
    split = redrawn(base, "aabb\nccbb")

    assert living.counts(split, ["g1", "n1.3"]) == {
        "g1": Counts(0, 0, 1),
        "n1.3": Counts(90, 180, 0, estimated=90),
    }


def test_a_stated_count_is_left_aside_where_the_register_counts() -> None:
    base = drafted(TWO, stated={"a": (90, 30)})
    living = Living.of(base, homes_at(_middle(0, 0, 10), _middle(0, 1, 20)))

    assert living.counts(base, ["g1"]) == {"g1": Counts(30, 30, 2)}


def test_households_of_shapes_are_those_on_their_ground() -> None:
    base = drafted(TWO, stated={"b": (100, None)})
    living = Living.of(base, homes_at(_middle(0, 0, 3), (*corner(1, 1), 4, 0)))
    west = shapely.box(*corner(0, 0), *corner(1, 2))
    middle = shapely.box(*corner(1, 0), *corner(3, 2))

    first, second = living.households([west, middle])
    assert first == 7
    assert second == pytest.approx(50, abs=5)
    assert living.households([west.union(middle)]) == [first + second]


def test_ground_that_a_partial_layer_gives_up_is_nobodys() -> None:
    base = drafted(TWO, full=False)
    living = Living.of(base, homes_at(_middle(0, 0, 3), _middle(0, 1, 2)))
    state = redrawn(base, "aabb\n..bb")

    assert living.counts(state, ["g1"]) == {"g1": Counts(2, 0, 1)}
    assert living.flows(base, state)["g1", ""] == Counts(3, 0, 1)


def test_ground_that_a_partial_layer_takes_on_brings_its_households() -> None:
    base = drafted("aa..", full=False)
    living = Living.of(base, homes_at(_middle(0, 0, 3), _middle(2, 0, 4), _middle(9, 9, 5)))
    state = redrawn(base, "aaaa")

    assert living.counts(base, ["g1"])["g1"].households == 3
    assert living.counts(state, ["g1"])["g1"].households == 7
    assert living.flows(base, state) == {("g1", "g1"): Counts(3, 0, 1), ("", "g1"): Counts(4, 0, 1)}
    assert living.flows(state, redrawn(state, "aa.."))["g1", ""] == Counts(4, 0, 1)


def test_the_values_of_all_grids_are_those_of_each() -> None:
    base = drafted(TWO, stated={"a": (70, None)})
    living = Living.of(base, homes_at(_middle(3, 0, 5, 6)))
    state = redrawn(base, "acbb\nacbb")
    keys, values = living.values(state)

    assert set(keys) == set(state.grids)
    assert dict(zip(keys, map(Counts.of, values), strict=True)) == living.counts(state, keys)


SQUARES = 3
THOROUGH = int(os.environ.get("GRIDMAP_TEST_THOROUGH", "1"))
"""So many times as many examples are tried."""

letters = st.text(alphabet="abcd", min_size=SQUARES * SQUARES, max_size=SQUARES * SQUARES)
at_quarters = st.integers(0, 4 * SQUARES)
homes = st.lists(st.tuples(at_quarters, at_quarters, st.integers(0, 40), st.integers(0, 99)), max_size=12)


def _lines(text: str) -> str:
    return "\n".join(text[at : at + SQUARES] for at in range(0, len(text), SQUARES))


@settings(max_examples=20 * THOROUGH, deadline=None)
@given(letters, st.lists(letters, min_size=1, max_size=3), homes, st.integers(0, 500))
def test_whatever_is_redrawn_the_sums_stay_and_depend_on_the_borders_alone(
    first: str, drawings: list[str], places: list[tuple[int, int, int, int]], stated: int
) -> None:
    base = drafted(_lines(first), stated={"a": (stated, 2 * stated)})
    living = Living.of(base, homes_at(*((*corner(x / 4, y / 4), h, p) for x, y, h, p in places)))
    whole = living.points.totals().sum(axis=0)

    before = state = base
    for drawing in drawings:
        state = redrawn(state, _lines(drawing))
        _, values = living.values(state)
        assert np.array_equal(values.sum(axis=0), whole)
        moved = living.flows(before, state)
        # A home on a border may go to a lower code though the grid that had it stays as it was.
        for key in set(reshaped_between(before, state)) & before.grids.keys():
            came = sum((counts for (one, _), counts in moved.items() if one == key), start=Counts())
            assert came == living.counts(before, [key])[key]
        before = state

    direct = redrawn(base, _lines(drawings[-1]))
    named = {grid.code: living.counts(state, [key])[key] for key, grid in state.grids.items()}
    assert named == {grid.code: living.counts(direct, [key])[key] for key, grid in direct.grids.items()}
