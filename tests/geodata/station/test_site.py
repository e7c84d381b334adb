"""Sites that help most, counted by hand: each line is a site, each column a block of houses."""

import numpy as np
import pytest

from geodata.station.optimum import prove_fewest, prove_most
from geodata.station.site import Covers, fewest_sites, most_possible, most_reached, told, uncovered


def drawn(*sites: str) -> Covers:
    """Sites as lines; a letter other than a dot says that the site reaches the block of that column."""
    reached = [[column for column, mark in enumerate(line) if mark != "."] for line in sites]
    first = np.concatenate(([0], np.cumsum([len(places) for places in reached])))
    place = [column for places in reached for column in places]
    return Covers(first.astype(np.int64), np.array(place, dtype=np.int32))


# Households            9 8 7 6 5 4
HOMES = np.array([9.0, 8, 7, 6, 5, 4])
NOBODY = np.zeros(6, dtype=bool)
# The site that gains most (B: 26) spoils the best pair (A and C: 39).
SPOILT = drawn(
    "AAA...",
    ".BBBB.",
    "...CCC",
)


def test_the_sites_are_given_in_the_order_in_which_they_gain_most() -> None:
    found = most_reached(drawn("A.....", ".BB...", "...C.C"), HOMES, NOBODY, 3)
    assert found.sites.tolist() == [1, 2, 0]
    assert found.gained.tolist() == [15, 10, 9]
    assert found.reached == 34


def test_an_exchange_finds_what_taking_the_best_first_misses() -> None:
    found = most_reached(SPOILT, HOMES, NOBODY, 2)
    assert sorted(found.sites.tolist()) == [0, 2]
    assert found.gained.tolist() == [24, 15]


def test_homes_that_a_station_reaches_already_count_for_no_site() -> None:
    covered = np.array([True, True, True, False, False, False])
    found = most_reached(SPOILT, HOMES, covered, 1)
    assert (found.sites.tolist(), found.gained.tolist()) == ([2], [15])


def test_of_sites_that_gain_as_much_the_lowest_is_taken() -> None:
    found = most_reached(drawn("..A...", "..B...", "..C..."), HOMES, NOBODY, 2)
    assert (found.sites.tolist(), found.gained.tolist()) == ([0], [7])


def test_more_stations_than_sites_of_use_gives_those_of_use() -> None:
    found = most_reached(drawn("AAA...", "......", ".B....", "...CCC"), HOMES, NOBODY, 40)
    assert found.sites.tolist() == [0, 3]
    best = prove_most(drawn("AAA...", "......", ".B....", "...CCC"), HOMES, NOBODY, 40, found)
    assert (best.proven, best.bound, best.gap) == (True, 39, 0)


@pytest.mark.parametrize(
    ("homes", "covered"), [(HOMES, ~NOBODY), (0 * HOMES, NOBODY)], ids=["all covered already", "nobody lives there"]
)
def test_where_nothing_can_be_gained_no_site_is_chosen(homes: np.ndarray, covered: np.ndarray) -> None:
    found = most_reached(SPOILT, homes, covered, 2)
    assert found.sites.size == 0
    assert found.reached == 0
    assert prove_most(SPOILT, homes, covered, 2, found).proven
    assert most_possible(uncovered(SPOILT, homes, covered)) == 0


def test_no_sites_and_no_homes_are_no_fault() -> None:
    assert most_reached(drawn(), HOMES, NOBODY, 3).sites.size == 0
    assert most_reached(drawn("", ""), np.empty(0), np.empty(0, dtype=bool), 3).sites.size == 0


def test_the_fewest_sites_reach_what_is_needed_and_none_is_to_spare() -> None:
    # Taking the best first needs B, A and C; B can then be spared.
    found = fewest_sites(SPOILT, HOMES, NOBODY, 39)
    assert found is not None
    assert sorted(found.sites.tolist()) == [0, 2]
    best = prove_fewest(SPOILT, HOMES, NOBODY, 39, found)
    assert (best.proven, best.bound, best.siting.sites.size) == (True, 2, 2)


def test_a_need_that_all_sites_cannot_meet_has_no_sites() -> None:
    assert fewest_sites(SPOILT, HOMES, NOBODY, 39.5) is None
    assert most_possible(uncovered(SPOILT, HOMES, NOBODY)) == 39


def test_nothing_needed_takes_no_site() -> None:
    found = fewest_sites(SPOILT, HOMES, NOBODY, 0)
    assert found is not None
    assert found.sites.size == 0


def test_a_need_that_is_a_share_of_a_sum_is_met_by_exactly_that_share() -> None:
    # 0.1 * 3 is a little more than 0.3.
    found = fewest_sites(drawn("A..", ".B.", "..C"), np.array([0.1, 0.1, 0.1]), np.zeros(3, dtype=bool), 0.1 * 3)
    assert found is not None
    assert found.sites.size == 3


def test_the_proof_finds_what_exchanges_miss_and_says_that_nothing_is_better() -> None:
    # Rows and columns of a square of three: the three rows reach all, and no single exchange leads there.
    start = told(SPOILT, HOMES, NOBODY, [1])
    best = prove_most(SPOILT, HOMES, NOBODY, 2, start)
    assert sorted(best.siting.sites.tolist()) == [0, 2]
    assert (best.proven, best.bound, best.gap, best.ended) == (True, 39, 0, "proven")


def test_whoever_watches_a_proof_can_end_it_and_keeps_what_is_known() -> None:
    covers, homes = crowded()
    start = told(covers, homes, np.zeros(homes.size, dtype=bool), [0, 1])
    told_of: list[tuple[float, float]] = []

    def stop(best: float, bound: float, seconds: float) -> bool:
        told_of.append((best, bound))
        return False

    ended = prove_most(covers, homes, np.zeros(homes.size, dtype=bool), 12, start, watch=stop)
    assert ended.ended == "cancelled"
    assert not ended.proven
    assert ended.siting.reached >= start.reached
    assert ended.bound > ended.siting.reached
    assert 0 < ended.gap <= 1
    assert len(told_of) == 1


def test_a_proof_ends_when_its_time_is_over_with_a_bound_that_holds() -> None:
    covers, homes = crowded()
    nobody = np.zeros(homes.size, dtype=bool)
    start = most_reached(covers, homes, nobody, 12)
    ended = prove_most(covers, homes, nobody, 12, start, seconds=0)
    assert (ended.ended, ended.proven) == ("time", False)
    assert ended.siting.reached >= start.reached
    assert ended.bound >= ended.siting.reached
    need = 0.9 * float(homes.sum())
    few = fewest_sites(covers, homes, nobody, need)
    assert few is not None
    ended = prove_fewest(covers, homes, nobody, need, few, seconds=0)
    assert ended.siting.reached >= need
    assert 1 <= ended.bound <= ended.siting.sites.size


def crowded() -> tuple[Covers, np.ndarray]:
    """Two hundred sites in a square of eight hundred blocks: too many to be proven in the blink of an eye."""
    random = np.random.default_rng(7)
    sites, blocks = random.random((200, 2)), random.random((800, 2))
    near = ((sites[:, None] - blocks[None]) ** 2).sum(axis=2) < 0.11**2
    first = np.concatenate(([0], np.cumsum(near.sum(axis=1)))).astype(np.int64)
    return Covers(first, np.nonzero(near)[1].astype(np.int32)), random.integers(1, 200, 800).astype(np.float64)
