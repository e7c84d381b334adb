"""Who is reached, counted by hand in a town of one street."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.coverage import coverage
from geodata.covered import Coverage
from geodata.database import connect
from geodata.errors import InputError, NoNetworkError, NotKnownError
from geodata.moment import Moment
from geodata.reachable import Reachable, Spot
from geodata.selected import Selection, spots_of
from geodata.snapshot import compile_snapshot
from geodata.station.homes import BUILDING
from geodata.station.network.arrays import Line
from geodata.station.network.places import place_times
from geodata.station.network.profiles import ADULT
from geodata.station.network.snap import connect as connect_places
from geodata.station.network.walking import Walking
from geodata.station.share import spread, stations_at
from geodata.times import parse_time
from geodata.uncovered import gaps
from tests.conftest import COPIED
from tests.coverage_town import HOMES, LAT, NOW, STREET, empty_walking, publish_town, walking

CLUB = "党群服务站"
FIVE = Selection(minutes=5, category=CLUB)

Ask = Callable[..., Coverage]


@pytest.fixture(scope="module")
def town(cluster_url: str, template_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moment]:
    """The town's grids, areas and stations at its instant."""
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE coverage_town TEMPLATE {template_name} {COPIED}")  # type: ignore[arg-type]
    with connect(cluster_url.replace("/gridmap?", "/coverage_town?")) as connection:
        publish_town(connection)
        connection.commit()
        yield compile_snapshot(connection, tmp_path_factory.mktemp("town")).moment(NOW)


@pytest.fixture(scope="module")
def homes() -> Walking:
    return walking(persons=25)


@pytest.fixture(scope="module")
def ask(town: Moment, homes: Walking) -> Ask:
    memory = Reachable()

    def asked(
        selection: Selection = FIVE, *, on: Walking = homes, by: str | None = None, area: bool = False
    ) -> Coverage:
        return coverage(memory, on, town, selection, by=by, area=area)

    return asked


def households(found: Coverage) -> tuple[float, float]:
    told = found.totals["households"]
    return told.covered, told.all


def codes(found: Coverage) -> list[str]:
    return [warning.code for warning in found.warnings]


def test_homes_within_five_minutes_of_a_station_are_counted_and_no_others(ask: Ask) -> None:
    found = ask()
    assert households(found) == (200, 300)
    assert found.totals["households"].share == pytest.approx(2 / 3)
    assert (found.totals["persons"].covered, found.totals["persons"].all) == (500, 750)
    assert (found.totals["addresses"].covered, found.totals["addresses"].all) == (20, 30)
    assert (found.source, found.estimated["households"], found.warnings) == ("register", 0, ())
    assert (found.stations.selected, found.stations.counted) == (2, 2)


def test_who_is_exactly_as_far_as_the_limit_is_inside(ask: Ask, town: Moment) -> None:
    at_home = walking([87.008, 87.021, 87.029], version="edge")
    memory = Reachable()
    spot = Spot("S1", "", "", 87.005, LAT)
    (ms,) = memory.served(at_home, memory.demand(at_home, town), ADULT, [spot], 600_000).ms.tolist()
    assert ms == pytest.approx(3 * 89.42 / 5 * 3600, abs=30)
    one = replace(FIVE, level="站")
    assert households(ask(replace(one, minutes=ms / 60_000), on=at_home)) == (10, 30)
    assert households(ask(replace(one, minutes=(ms - 1) / 60_000), on=at_home)) == (0, 30)


def test_grids_are_told_one_by_one_and_sum_to_the_whole(ask: Ask) -> None:
    found = ask(by="grid")
    told = {part.code: (part.totals["households"].covered, part.totals["households"].all) for part in found.by}
    assert told == {"A1": (100, 100), "A2": (20, 120), "B1": (80, 80)}
    assert found.elsewhere is not None
    assert found.elsewhere.totals["households"].all == 0
    assert [part.name for part in found.by][2] == "=B1网格"


def test_areas_of_a_level_sum_to_the_whole_and_homes_outside_all_are_told_apart(ask: Ask) -> None:
    with_stranger = walking([*HOMES, 86.9995], version="stranger")
    found = ask(on=with_stranger, by="community")
    told = {part.name: (part.totals["households"].covered, part.totals["households"].all) for part in found.by}
    assert told == {"甲一社区": (120, 220), "甲二社区": (80, 80)}
    assert found.elsewhere is not None
    assert found.elsewhere.totals["households"].all == 10
    assert households(found) == (200, 310)
    assert [part.code for part in ask(by="street").by] == ["990101"]


def test_an_area_counts_its_own_homes_and_the_stations_beyond_its_border(ask: Ask) -> None:
    found = ask(replace(FIVE, within="990101001"), by="grid")
    assert households(found) == (120, 220)
    assert [part.code for part in found.by] == ["A1", "A2"]
    assert (found.stations.selected, found.stations.counted) == (2, 2)
    one = ask(replace(FIVE, within="990101002"))
    assert households(one) == (80, 80)
    assert one.stations.counted == 1


def test_how_many_stations_reach_a_household_is_told(ask: Ask) -> None:
    found = ask(replace(FIVE, minutes=15))
    # Thirteen and a bit thousandths on both sides: 11.5 … 18.5 are reached by both.
    assert found.several == (0, 220, 80)
    assert sum(ask().several) == 300


def test_a_mobile_station_stands_at_all_its_stops_but_is_one_station(ask: Ask) -> None:
    found = ask(replace(FIVE, category="流动服务"))
    # 7.5 … 16.5 from the one, 13.5 … 22.5 from the other.
    assert households(found) == (160, 300)
    assert found.several == (140, 160)


def test_with_a_time_only_what_is_open_then_counts(ask: Ask) -> None:
    mobile = Selection(minutes=5, category="流动服务", at=parse_time("2026-06-02T10:00+08:00"))
    assert households(ask(mobile)) == (100, 300)
    nowhere = ask(replace(mobile, at=parse_time("2026-06-05T10:00+08:00")))
    assert households(nowhere) == (0, 300)
    assert nowhere.stations.away == ("S9",)
    at_night = ask(replace(FIVE, at=parse_time("2026-06-03T22:00+08:00")))
    assert (at_night.stations.closed, at_night.stations.hours_unknown) == (("S1",), ("S2",))
    assert households(at_night) == (100, 300)
    assert codes(at_night) == ["hours-unknown"]


def test_a_station_off_the_network_reaches_nobody_and_says_how_far_it_stands(ask: Ask) -> None:
    found = ask(replace(FIVE, category="养老服务站"))
    assert households(found) == (0, 300)
    ((spot, metres),) = found.stations.off_network
    assert (spot.station, round(metres)) == ("S3", 388)
    assert (found.stations.counted, codes(found)) == (0, ["stations-off-network"])


def test_only_stations_of_the_level_count(ask: Ask) -> None:
    assert households(ask(replace(FIVE, level="站"))) == (100, 300)


def test_a_slower_walk_reaches_fewer(ask: Ask) -> None:
    assert households(ask(replace(FIVE, profile="wheelchair"))) == (80, 300)


def test_homes_off_the_network_are_not_covered_and_are_told_apart(ask: Ask) -> None:
    far = walking([87.005, 87.015, 87.025], lat=36.658, version="far")
    found = ask(on=far, by="grid")
    assert households(found) == (0, 30)
    assert found.off_network == {"households": 30, "persons": 900, "addresses": 3, "places": 3}
    assert [part.off_network for part in found.by] == [10, 10, 10]
    assert codes(found) == ["persons-estimated", "homes-off-network"]


def test_a_circle_that_reaches_where_the_streets_were_cut_is_said_to_be_cut_off(ask: Ask) -> None:
    line = Line(STREET, "示例路", cut=shapely.MultiPoint([(87.0, LAT)]))
    clipped = walking(lines=[line], version="cut")
    assert ask(replace(FIVE, minutes=6), on=clipped).stations.cut_off == ("S1",)
    assert ask(replace(FIVE, minutes=4), on=clipped).stations.cut_off == ()


def test_households_of_a_grid_without_any_counted_are_spread_over_its_buildings(ask: Ask) -> None:
    built = walking([87.001, 87.011, 87.0195], households=[7, 0, 0], source=BUILDING, version="built")
    found = ask(on=built, by="grid")
    told = {part.code: part.totals["households"].all for part in found.by}
    # A1 has a count of its own, whatever it states; B1 has no building: points of a lattice stand for its homes.
    assert told == {"A1": 7, "A2": 120, "B1": 80}
    assert (found.source, found.estimated["households"]) == ("mixed", pytest.approx(200 / 207))
    assert {part.code: part.totals["persons"].all for part in found.by} == {"A1": 300, "A2": 360, "B1": 240}
    assert codes(found)[0] == "estimated"


def test_households_nobody_placed_are_spread_over_the_ground_and_walk_from_there(ask: Ask) -> None:
    found = ask(on=walking([], version="nobody"), by="grid")
    assert {part.code: part.totals["households"].all for part in found.by} == {"A1": 100, "A2": 120, "B1": 80}
    assert (found.source, found.estimated) == ("estimated", {"households": 1, "persons": 1})
    # The grids are 1.1 km high, the street is in their middle: most ground is farther than 150 m from it.
    assert 0 < households(found)[0] < 120
    assert found.off_network["households"] > 150


def test_ground_is_counted_in_points_of_a_lattice(ask: Ask) -> None:
    found = ask(by="grid", area=True)
    square_metres = found.totals["area_m2"]
    assert square_metres.all == pytest.approx(30 * 89.42 * 1109.9, rel=0.01)
    # Two circles along one street, 150 m to both sides at most.
    assert 2 * 300 * 600 < square_metres.covered < 2 * 300 * 900
    assert sum(part.totals["area_m2"].all for part in found.by) == pytest.approx(square_metres.all)
    assert found.spacing_metres == 50


def test_what_cannot_be_answered_is_refused(ask: Ask) -> None:
    for minutes in (0, -5, 10_000, float("nan"), float("inf"), 60.001):
        with pytest.raises(InputError, match="minutes must be above 0"):
            ask(replace(FIVE, minutes=minutes))
    with pytest.raises(InputError, match="adult, wheelchair"):
        ask(replace(FIVE, profile="bird"))
    with pytest.raises(InputError, match="households, persons, addresses"):
        ask(replace(FIVE, count="cats"))
    with pytest.raises(InputError, match="grid, community, street"):
        ask(by="galaxy")
    for wrong in ({"within": "000"}, {"category": "无"}, {"level": "无"}):
        with pytest.raises(NotKnownError):
            ask(replace(FIVE, **wrong))
    with pytest.raises(NotKnownError):
        ask(replace(FIVE, layer="nope"), by="grid")
    with pytest.raises(NoNetworkError):
        ask(on=empty_walking())


def test_a_spot_that_was_asked_for_before_is_remembered_and_a_moved_one_is_not_mistaken_for_it(
    town: Moment, homes: Walking
) -> None:
    memory = Reachable()
    demand = memory.demand(homes, town)
    spots = list(spots_of(town, FIVE).spots)
    first = memory.served(homes, demand, ADULT, spots, FIVE.limit_ms)
    moved = [spots[0], replace(spots[1], lon=87.015)]
    second = memory.served(homes, demand, ADULT, moved, FIVE.limit_ms)
    assert second.places_of(0).tolist() == first.places_of(0).tolist() == list(range(10))
    assert second.places_of(1).tolist() == list(range(10, 20))
    assert Reachable().served(homes, demand, ADULT, moved, FIVE.limit_ms).place.tolist() == second.place.tolist()


def test_what_is_remembered_for_more_minutes_answers_for_fewer(town: Moment) -> None:
    line = Line(STREET, cut=shapely.MultiPoint([(87.0, LAT)]))
    homes, memory = walking(lines=[line], version="cut and remembered"), Reachable()
    demand = memory.demand(homes, town)
    spots = spots_of(town, FIVE).spots
    for minutes in (15, 5, 12.5, 1, 14.999, 16, 45):
        limit = int(minutes * 60_000)
        served = memory.served(homes, demand, ADULT, spots, limit)
        there = connect_places(homes.network, [spot.lon for spot in spots], [spot.lat for spot in spots])
        times = place_times(homes.network, ADULT, homes.places, there, limit)
        assert served.first.tolist() == times.first.tolist()
        assert (served.place.tolist(), served.ms.tolist()) == (times.place.tolist(), times.ms.tolist())
        assert served.cut.tolist() == times.cut.tolist()


def test_a_small_memory_forgets_and_answers_the_same(town: Moment, homes: Walking) -> None:
    forgetful = Reachable(most_bytes=1)
    for _ in range(2):
        assert households(coverage(forgetful, homes, town, FIVE, area=False)) == (200, 300)


POSITIONS = st.lists(st.floats(87.0, 87.03), max_size=5)


@given(POSITIONS, st.floats(87.0, 87.03), st.floats(0.5, 30), st.floats(0.5, 30))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_more_minutes_or_one_station_more_never_reach_fewer(
    homes: Walking, town: Moment, lons: list[float], other: float, one: float, two: float
) -> None:
    memory = Reachable()
    demand = memory.demand(homes, town)
    spots = [Spot("", "", "", lon, LAT) for lon in lons]
    short, long = sorted((int(one * 60_000), int(two * 60_000)))

    def reached(spots: list[Spot], limit: int) -> set[int]:
        return set(memory.served(homes, demand, ADULT, spots, limit).place.tolist())

    assert reached(spots, short) <= reached(spots, long)
    more = [*spots, Spot("", "", "", other, LAT)]
    assert reached(spots, short) <= reached(more, short)
    # Closing it loses exactly those that reach it alone.
    served = memory.served(homes, demand, ADULT, more, short)
    alone = stations_at(served, np.arange(len(more)), len(demand)) == 1
    own = {place for place in served.places_of(len(spots)).tolist() if alone[place]}
    assert reached(more, short) - reached(spots, short) == own


@given(st.integers(0, 10_000), st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_what_is_spread_is_whole_and_sums_to_what_there_was(total: int, weights: list[float]) -> None:
    parts = spread(total, weights)
    assert parts.sum() == total
    assert parts.min() >= 0


def test_gaps_are_told_the_largest_first_with_all_their_households(town: Moment, homes: Walking) -> None:
    found = gaps(Reachable(), homes, town, replace(FIVE, level="站"))
    # 10.5 … 29.5 is 1.7 km long.
    assert found.households == 200
    assert sum(gap.households for gap in found.items) == 200
    assert [gap.households for gap in found.items] == sorted((gap.households for gap in found.items), reverse=True)
    assert all(gap.nearest is not None and gap.nearest.station == "S1" for gap in found.items)
    assert [grid.code for grid in found.items[0].grids]
    assert len(gaps(Reachable(), homes, town, replace(FIVE, level="站"), most=1).items) == 1


def test_the_nearest_station_of_a_gap_is_found_however_far_it_is(town: Moment) -> None:
    found = gaps(Reachable(), walking([87.0, 87.0155, 87.0295], version="far gap"), town, FIVE)
    told = {round(gap.lon, 4): (gap.nearest.station, gap.nearest_ms) for gap in found.items if gap.nearest}
    assert set(told) == {87.0, 87.0155}
    station, ms = told[87.0155]
    assert station == "S2"
    assert ms == pytest.approx(9.5 * 89.42 / 5 * 3600, abs=60)


def test_where_everybody_or_nobody_is_reached_gaps_are_none_or_all(town: Moment, homes: Walking) -> None:
    assert gaps(Reachable(), homes, town, replace(FIVE, minutes=30)).items == ()
    lost = gaps(Reachable(), homes, town, replace(FIVE, category="养老服务站"))
    assert lost.households == 300
    assert all(gap.nearest is None for gap in lost.items)
    empty = walking([87.001, 87.011, 87.025], households=0, version="no households")
    assert gaps(Reachable(), empty, town, replace(FIVE, minutes=60)).total == 0


def test_homes_without_a_street_are_a_gap_without_a_walk(town: Moment) -> None:
    far = walking([87.005, 87.0055, 87.0056, 87.015, 87.025], lat=36.658, version="far homes")
    first = gaps(Reachable(), far, town, FIVE).items[0]
    assert (first.households, first.off_network, first.nearest, first.street) == (30, 30, None, "")
    assert first.places == 3
