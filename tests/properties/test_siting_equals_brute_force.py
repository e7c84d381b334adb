"""The proven choice of sites is the best of all choices, and the instant one is never better nor far worse."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.station.optimum import prove_fewest, prove_most
from geodata.station.site import Covers, Uncovered, fewest_sites, most_reached, uncovered

SITES, PLACES = 5, 10


@st.composite
def towns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which site reaches which place, households of the places, and whether they are covered."""
    sites = draw(st.integers(1, SITES))
    reached = draw(st.lists(st.integers(0, 2**PLACES - 1), min_size=sites, max_size=sites))
    matrix = np.array([[bool(mask >> place & 1) for place in range(PLACES)] for mask in reached])
    households = draw(st.lists(st.one_of(st.integers(0, 9), st.just(2.5)), min_size=PLACES, max_size=PLACES))
    covered = draw(st.integers(0, 2**PLACES - 1))
    return matrix, np.array(households, dtype=np.float64), np.array([bool(covered >> n & 1) for n in range(PLACES)])


def as_uncovered(matrix: np.ndarray, households: np.ndarray, covered: np.ndarray) -> Uncovered:
    first = np.concatenate(([0], np.cumsum(matrix.sum(axis=1)))).astype(np.int64)
    return uncovered(Covers(first, np.nonzero(matrix)[1].astype(np.int32)), households, covered)


@settings(max_examples=30, deadline=None)
@given(towns(), st.integers(1, SITES + 1), st.floats(0.01, 1.0))
def test_no_choice_of_sites_is_better_than_the_proven_one(
    town: tuple[np.ndarray, np.ndarray, np.ndarray], count: int, share: float
) -> None:
    matrix, households, covered = town
    wanted = as_uncovered(matrix, households, covered)

    def gain(chosen: tuple[int, ...]) -> float:
        return float(households[matrix[list(chosen)].any(axis=0) & ~covered].sum()) if chosen else 0.0

    choices = [chosen for size in range(len(matrix) + 1) for chosen in combinations(range(len(matrix)), size)]
    most = max(gain(chosen) for chosen in choices if len(chosen) <= count)
    instant = most_reached(wanted, count)
    best = prove_most(wanted, count, instant)
    assert gain(tuple(instant.sites.tolist())) == instant.reached
    assert 0.63 * most <= instant.reached <= most
    assert (best.proven, best.siting.reached, best.bound) == (True, most, most)
    assert best.siting.sites.size <= count
    all_of_them = max(map(gain, choices))
    # All of it ties most often, and ties are what a bound gets wrong by rounding.
    share = 1.0 if share > 0.8 else share
    few = fewest_sites(wanted, share * all_of_them)
    assert few is not None
    fewest = min(len(chosen) for chosen in choices if gain(chosen) >= share * all_of_them - 1e-6)
    proof = prove_fewest(wanted, share * all_of_them, few)
    assert few.reached >= share * all_of_them - 1e-6
    assert (proof.proven, proof.siting.sites.size, proof.bound) == (True, fewest, fewest)
