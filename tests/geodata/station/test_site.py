"""Sites that help most, counted by hand: each line is a site, each column a block of houses."""

import numpy as np
import pytest

from geodata.station.optimum import prove_fewest, prove_most
from geodata.station.relaxed import relaxed
from geodata.station.site import (
    Covers,
    Uncovered,
    fewest_sites,
    most_reached,
    reached_units,
    told,
    uncovered,
)

# Households of six blocks.
HOMES = np.array([9.0, 8, 7, 6, 5, 4])
NOBODY = np.zeros(6, dtype=bool)


def drawn(*sites: str, homes: np.ndarray = HOMES, covered: np.ndarray | None = None) -> Uncovered:
    """Sites as lines; a letter says that the site reaches the block of that column."""
    reached = [[column for column, mark in enumerate(line) if mark != "."] for line in sites]
    first = np.concatenate(([0], np.cumsum([len(places) for places in reached])))
    place = [column for places in reached for column in places]
    covers = Covers(first.astype(np.int64), np.array(place, dtype=np.int32))
    return uncovered(covers, homes, np.zeros(homes.size, dtype=bool) if covered is None else covered)


# The site that gains most (B: 26) spoils the best pair (A and C: 39).
SPOILT = ("AAA...", ".BBBB.", "...CCC")


def test_the_sites_are_given_in_the_order_in_which_they_gain_most() -> None:
    found = most_reached(drawn("A.....", ".BB...", "...C.C"), 3)
    assert found.sites.tolist() == [1, 2, 0]
    assert found.gained.tolist() == [15, 10, 9]
    assert found.reached == 34


def test_an_exchange_finds_what_taking_the_best_first_misses() -> None:
    found = most_reached(drawn(*SPOILT), 2)
    assert sorted(found.sites.tolist()) == [0, 2]
    assert found.gained.tolist() == [24, 15]


def test_homes_that_a_station_reaches_already_count_for_no_site() -> None:
    covered = np.array([True, True, True, False, False, False])
    found = most_reached(drawn(*SPOILT, covered=covered), 1)
    assert (found.sites.tolist(), found.gained.tolist()) == ([2], [15])


def test_of_sites_that_gain_as_much_the_lowest_is_taken() -> None:
    found = most_reached(drawn("..A...", "..B...", "..C..."), 2)
    assert (found.sites.tolist(), found.gained.tolist()) == ([0], [7])


def test_more_stations_than_sites_of_use_gives_those_of_use() -> None:
    found = most_reached(drawn("AAA...", "......", ".B....", "...CCC"), 40)
    assert found.sites.tolist() == [0, 3]
    best = prove_most(drawn("AAA...", "......", ".B....", "...CCC"), 40, found)
    assert (best.proven, best.bound, best.gap) == (True, 39, 0)


@pytest.mark.parametrize(
    "town",
    [drawn(*SPOILT, covered=~NOBODY), drawn(*SPOILT, homes=0 * HOMES), drawn(), drawn("......")],
    ids=["all covered already", "nobody lives there", "no sites", "a site in the wild"],
)
def test_where_nothing_can_be_gained_no_site_is_chosen(town: Uncovered) -> None:
    found = most_reached(town, 2)
    assert found.sites.size == 0
    assert found.reached == 0
    assert town.most == 0
    best = prove_most(town, 2, found)
    assert (best.proven, best.bound, best.siting.sites.size) == (True, 0, 0)


def test_the_fewest_sites_reach_what_is_needed_and_none_is_to_spare() -> None:
    # Taking the best first needs B, A and C; B can then be spared.
    found = fewest_sites(drawn(*SPOILT), 39)
    assert found is not None
    assert sorted(found.sites.tolist()) == [0, 2]
    best = prove_fewest(drawn(*SPOILT), 39, found)
    assert (best.proven, best.bound, best.siting.sites.size) == (True, 2, 2)


def test_a_need_that_all_sites_cannot_meet_has_no_sites() -> None:
    assert fewest_sites(drawn(*SPOILT), 39.5) is None
    assert drawn(*SPOILT).most == 39


def test_nothing_needed_takes_no_site() -> None:
    found = fewest_sites(drawn(*SPOILT), 0)
    assert found is not None
    assert found.sites.size == 0


def test_a_need_that_is_a_share_of_a_sum_is_met_by_exactly_that_share() -> None:
    # 0.1 * 3 is a little more than 0.3.
    found = fewest_sites(drawn("A..", ".B.", "..C", homes=np.array([0.1, 0.1, 0.1])), 0.1 * 3)
    assert found is not None
    assert found.sites.size == 3


def test_a_share_of_estimated_households_is_told_apart_to_a_millionth() -> None:
    town = drawn("AA.", ".BB", homes=np.array([0.25, 1.5, 0.125]))
    assert most_reached(town, 2).gained.tolist() == [1.75, 0.125]
    assert prove_most(town, 1, told(town, [1])).bound == 1.75


def test_the_proof_finds_what_is_better_than_what_was_known_and_that_nothing_else_is() -> None:
    town = drawn(*SPOILT)
    best = prove_most(town, 2, told(town, [1]))
    assert sorted(best.siting.sites.tolist()) == [0, 2]
    assert (best.proven, best.bound, best.gap, best.ended) == (True, 39, 0, "proven")
    fewest = prove_fewest(town, 39, told(town, [0, 1, 2]))
    assert (fewest.proven, fewest.bound, sorted(fewest.siting.sites.tolist())) == (True, 2, [0, 2])


def test_the_bound_that_is_known_at_once_is_never_below_what_can_be_reached() -> None:
    town = crowded()
    for count in (1, 4, 12):
        start = most_reached(town, count)
        bound = relaxed(town, count, reached_units(town, start.sites)).bound
        best = prove_most(town, count, start)
        assert best.proven
        assert best.siting.reached <= bound <= 1.05 * best.siting.reached


def test_whoever_watches_a_proof_can_end_it_and_keeps_what_is_known() -> None:
    town = crowded()
    start = told(town, [0, 1])
    told_of: list[tuple[float, float]] = []

    def stop(best: float, bound: float, seconds: float) -> bool:
        told_of.append((best, bound))
        return False

    ended = prove_most(town, 12, start, watch=stop)
    assert (ended.ended, ended.proven) == ("cancelled", False)
    assert ended.siting.reached >= start.reached
    assert ended.bound > ended.siting.reached
    assert 0 < ended.gap <= 1
    assert len(told_of) == 1


def test_a_proof_ends_when_its_time_is_over_with_a_bound_that_holds() -> None:
    town = crowded()
    start = told(town, [0, 1])
    ended = prove_most(town, 12, start, seconds=0)
    assert (ended.ended, ended.proven) == ("time", False)
    assert ended.siting.reached >= start.reached
    assert ended.bound >= prove_most(town, 12, start).siting.reached
    few = told(town, range(200))
    ended = prove_fewest(town, 0.9 * town.most, few, seconds=0)
    assert (ended.ended, ended.proven) == ("time", False)
    assert ended.siting.reached >= 0.9 * town.most
    assert 1 <= ended.bound < ended.siting.sites.size


def test_what_is_kept_for_a_proof_is_read_back_as_it_was() -> None:
    town = crowded()
    again = Uncovered.unpacked(town.packed())
    assert again.total == town.total
    assert (most_reached(again, 9).sites == most_reached(town, 9).sites).all()
    for name in ("first", "group", "site_first", "site", "units"):
        assert (getattr(again, name) == getattr(town, name)).all()


def crowded() -> Uncovered:
    """Two hundred sites in a square of eight hundred blocks."""
    random = np.random.default_rng(7)
    sites, blocks = random.random((200, 2)), random.random((800, 2))
    near = ((sites[:, None] - blocks[None]) ** 2).sum(axis=2) < 0.11**2
    first = np.concatenate(([0], np.cumsum(near.sum(axis=1)))).astype(np.int64)
    covers = Covers(first, np.nonzero(near)[1].astype(np.int32))
    return uncovered(covers, random.integers(1, 200, 800), np.zeros(800, dtype=bool))
