"""The sums that are told with every step: those of the whole impact, whatever was done."""

from dataclasses import replace

import pytest

from geodata.drafts.impact import impact
from geodata.drafts.living import Living
from geodata.drafts.scene import Scene
from geodata.drafts.so_far import impact_so_far
from geodata.drafts.state import DraftState
from tests.drafted import drafted, homes_at, redrawn

BASE = """
aabb
aabb
ccdd
"""


def scene(base: DraftState) -> Scene:
    return Scene(Living.of(base, homes_at()))


@pytest.mark.parametrize(
    "drawing",
    [
        BASE,
        "aeeb\naeeb\nccdd",
        "aaaa\naaaa\nccdd",
        "abbb\nabbb\naddd",
        "eeee\neeee\neeee",
    ],
)
def test_the_sums_are_those_of_the_whole_impact(drawing: str) -> None:
    stated = {"a": (400, 900), "b": (310, 700), "c": (120, 200), "d": (50, None)}
    base = drafted(BASE, communities={"a": "K1", "b": "K2", "c": "K1", "d": "K2"}, stated=stated)
    state, known = redrawn(base, drawing), scene(base)
    moved = state.grids.get("g1")
    if moved is not None:
        state = state.changed({"g1": replace(moved, community="K2")}, {}, {}, 2)
    whole, sums = impact(state, known), impact_so_far(state, known)
    assert sums.changing_grid == whole.changing_grid
    assert sums.changing_community == whole.changing_community
    assert (sums.balance_before, sums.balance_after) == (whole.balance_before, whole.balance_after)
    assert sums.grids == len(whole.grids)
    assert sums.communities == len(whole.communities)
