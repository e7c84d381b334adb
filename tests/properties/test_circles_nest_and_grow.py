"""Circles on streets at random: a street more never takes ground away, and bands lie in each other."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.station.lattice import lattice_of
from geodata.station.network.arrays import Barrier, Line, Network
from geodata.station.network.build import build_network
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import connect
from geodata.station.outline import Outlines
from tests.drawn_streets import place

# 100 m take a minute.
WALKER = Profile("walker", "", "", 6.0, 1.0)
CORNERS = st.tuples(st.integers(0, 6), st.integers(0, 6))
STREETS = st.lists(st.tuples(CORNERS, CORNERS).filter(lambda ends: ends[0] != ends[1]), min_size=3, max_size=12)
WALLS = st.lists(st.tuples(CORNERS, CORNERS).filter(lambda ends: ends[0] != ends[1]), max_size=2)
# Rounding to a millimetre at each node of a way of at most so many edges.
ROUNDED_MS = 40


def network(streets: list, walls: list) -> Network:
    lines = [Line(shapely.LineString([place(*one, 90.0), place(*other, 90.0)])) for one, other in streets]
    barriers = [
        Barrier(shapely.LineString([place(one[0] + 0.4, one[1] + 0.3, 90.0), place(*other, 90.0)]), "wall")
        for one, other in walls
    ]
    return build_network(lines, barriers)


def surface(of: Network, minutes: float) -> dict[tuple[int, int], float]:
    """Times of the cells that are reached, by column and row."""
    station = connect(of, *([one] for one in place(3.1, 2.8, 90.0)))
    around = Outlines(of, WALKER).around(station, minutes)
    if around is None:
        return {}
    found = around.surface()
    rows, columns = np.nonzero(np.isfinite(found))
    cells = zip((columns + around.window.column).tolist(), (rows + around.window.row).tolist(), strict=True)
    return dict(zip(cells, found[rows, columns].tolist(), strict=True))


@settings(max_examples=25, deadline=None)
@given(STREETS, WALLS, st.tuples(CORNERS, CORNERS).filter(lambda ends: ends[0] != ends[1]))
def test_a_street_more_never_makes_a_walk_longer(streets: list, walls: list, added: tuple) -> None:
    before, after = network(streets, walls), network([*streets, added], walls)
    assert lattice_of(before.lats, before.barriers, before.barrier_area).step_lon == (
        lattice_of(after.lats, after.barriers, after.barrier_area).step_lon
    )
    sooner = surface(after, 6.5)
    for cell, ms in surface(before, 6).items():
        assert sooner.get(cell, np.inf) <= ms + ROUNDED_MS, cell


@settings(max_examples=25, deadline=None)
@given(STREETS, WALLS, st.lists(st.floats(0.5, 9), min_size=2, max_size=5))
def test_bands_are_valid_and_lie_in_each_other(streets: list, walls: list, minutes: list[float]) -> None:
    town = network(streets, walls)
    station = connect(town, *([one] for one in place(3.1, 2.8, 90.0)))
    found = Outlines(town, WALKER).of(station, minutes)
    assert all(shape.is_valid for shape in found.shapes)
    for smaller, larger in zip(found.shapes[:-1], found.shapes[1:], strict=True):
        assert smaller.is_empty or larger.covers(smaller)
