import numpy as np
import pytest

from geodata.drafts.living import Living
from geodata.drafts.walks import NEVER, NetworkTimes, StraightTimes, Walk, Walked, added
from geodata.errors import NoNetworkError
from geodata.metres import metres_per_degree
from tests.coverage_town import LAT, empty_walking, walking
from tests.drafted import drafted, homes_at, redrawn
from tests.support import CELL, corner

TWO = """
    aabb
    aabb
"""


def _minutes(metres: float) -> float:
    return metres / 5000 * 60


def test_without_streets_walks_are_straight_at_five_kilometres_an_hour() -> None:
    base = drafted(TWO)
    per_lon, _ = metres_per_degree(36.5)
    times = StraightTimes(([corner(0.5, 0.5)[0]], [corner(0.5, 0.5)[1]]))
    homes = homes_at((*corner(1.5, 0.5), 10, 0), (*corner(3.5, 0.5), 30, 0))
    living = Living.of(base, homes, times=times)

    assert times.basis == "straight"
    one, two = (living.walks(base, [key]).walk for key in ("g1", "g2"))
    assert one.minutes == pytest.approx(_minutes(CELL * per_lon), rel=1e-3)
    assert two.farthest_minutes == pytest.approx(_minutes(3 * CELL * per_lon), rel=1e-3)
    both = living.walks(base, ["g1", "g2"]).walk
    assert both.minutes == pytest.approx((10 * one.minutes + 30 * two.minutes) / 40)


def test_walks_follow_the_ground_that_changes_hands() -> None:
    base = drafted(TWO, stated={"b": (120, None)})
    times = StraightTimes(([corner(0, 1)[0]], [corner(0, 1)[1]]))
    living = Living.of(base, homes_at((*corner(1.5, 0.5), 10, 0)), times=times)
    state = redrawn(base, "abbb\nabbb")

    before, after = living.walks(base, ["g2"]), living.walks(state, ["g2"])
    assert (before.households, after.households) == (120, 130)
    assert after.household_ms - before.household_ms == living.walks(base, ["g1"]).household_ms
    assert living.walks(state, ["g1", "g2"]) == living.walks(base, ["g1", "g2"])


def test_where_there_is_no_station_nobody_is_said_to_walk() -> None:
    base = drafted(TWO)
    living = Living.of(base, homes_at((*corner(1.5, 0.5), 10, 0)))

    assert living.walks(base, ["g1"]).walk == Walk(None, None, 0.0, 10)
    assert living.walks(base, ["g2"]).walk == Walk(None, None, None, 0)


def test_sums_of_parts_add_up_and_who_cannot_walk_is_counted() -> None:
    one = Walked.of(np.array([3, 0, 2]), np.array([60_000, 999, NEVER]))
    two = Walked.of(np.array([1]), np.array([900_001]))

    assert added([one, two]) == Walked.of(np.array([3, 2, 1]), np.array([60_000, NEVER, 900_001]))
    assert (one.walk.minutes, one.walk.farthest_minutes, one.walk.near_share, one.walk.unreached) == (1, 1, 0.6, 2)
    assert two.walk.near_share == 0


def test_with_streets_walks_follow_them_from_homes_and_from_bare_ground() -> None:
    known = walking()
    times = NetworkTimes(known, ([87.005, 87.025], [LAT, LAT]))
    per_lon, _ = metres_per_degree(LAT)

    assert (times.basis, times.profile.kmh) == ("network", 5.0)
    homes = times.of_homes(known.homes)
    assert homes[0] == pytest.approx(0.0045 * per_lon * 720, rel=2e-3)
    free = times.at(known.homes.lons[:2], known.homes.lats[:2])
    assert free.tolist() == homes[:2].tolist()
    assert times.at(np.array([88.0]), np.array([LAT])).tolist() == [NEVER]


def test_a_network_without_streets_gives_no_times() -> None:
    with pytest.raises(NoNetworkError):
        NetworkTimes(empty_walking(), ([87.005], [LAT]))


def test_straight_walks_are_never_longer_than_those_along_streets() -> None:
    known = walking()
    stations = ([87.005], [LAT + 0.001])
    straight = StraightTimes(stations).of_homes(known.homes)
    along = NetworkTimes(known, stations).of_homes(known.homes)

    assert (straight <= along + 1).all()
