"""Stations added, moved and closed in thought, counted by hand in the town of one street."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.candidates import Given, label, label_en
from geodata.coverage import coverage
from geodata.database import connect
from geodata.errors import ConflictError, InputError, NoNetworkError
from geodata.moment import Moment
from geodata.reachable import Reachable, Spot
from geodata.selected import Selection, spots_of
from geodata.siting import Goal, best_sites, instant, problem, proven
from geodata.snapshot import compile_snapshot
from geodata.station.network.arrays import Line
from geodata.station.network.profiles import ADULT
from geodata.station.network.walking import Walking
from geodata.times import parse_time
from geodata.what_if import MOST_CHANGES, Change, WhatIf, what_if
from tests.conftest import COPIED
from tests.coverage_town import LAT, NOW, STREET, empty_walking, publish_town, walking

CLUB = "党群服务站"
# S1 at 87.005 reaches 0.5 … 9.5, S2 at 87.025 reaches 20.5 … 29.5 thousandths: five minutes are 4.66 of them.
FIVE = Selection(minutes=5, category=CLUB)

Ask = Callable[..., WhatIf]


@pytest.fixture(scope="module")
def town(cluster_url: str, template_name: str, tmp_path_factory: pytest.TempPathFactory) -> Moment:
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE siting_town TEMPLATE {template_name} {COPIED}")  # type: ignore[arg-type]
    with connect(cluster_url.replace("/gridmap?", "/siting_town?")) as connection:
        publish_town(connection)
        for at, (code, kind) in enumerate((("P1", "school"), ("P2", "shop"), ("P3", "公园"))):
            connection.execute(
                """WITH one AS (INSERT INTO places (code) VALUES (%s) RETURNING place_id)
                INSERT INTO place_versions (place_id, name, category, geom, period)
                SELECT place_id, %s, %s, ST_SetSRID(ST_Point(%s, 36.6551), 4326), tstzrange('2025-01-01', NULL)
                FROM one""",
                (code, f"样例{code}", kind, 87.012 + at / 1000),
            )
        for at in range(12):
            # Two to a square of 100 m, the last ones where everybody is reached.
            connection.execute(
                """WITH one AS (INSERT INTO buildings (code) VALUES (%s) RETURNING building_id)
                INSERT INTO building_versions (building_id, name, point, period)
                SELECT building_id, %s, ST_SetSRID(ST_Point(%s, 36.6551), 4326), tstzrange('2025-01-01', NULL)
                FROM one""",
                (f"L{at:02}", f"样例楼{at}", 87.0102 + at * 0.0006),
            )
        connection.commit()
        return compile_snapshot(connection, tmp_path_factory.mktemp("town")).moment(NOW)


@pytest.fixture(scope="module")
def homes() -> Walking:
    return walking(persons=25)


@pytest.fixture(scope="module")
def memory() -> Reachable:
    return Reachable()


@pytest.fixture(scope="module")
def ask(town: Moment, homes: Walking, memory: Reachable) -> Ask:
    def asked(*changes: Change, selection: Selection = FIVE, by: str | None = None, on: Walking = homes) -> WhatIf:
        return what_if(memory, on, town, selection, changes, by=by)

    return asked


def households(found: WhatIf) -> tuple[float, float, float, float]:
    before, after = found.before["households"], found.after["households"]
    return before.covered, after.covered, found.gained["households"], found.lost["households"]


def test_a_new_station_gains_those_whom_nobody_reached(ask: Ask) -> None:
    found = ask(Change("add", lon=87.015, lat=LAT, name="样例新站"), by="grid")
    # 10.5 … 19.5: ten homes that nobody reached.
    assert households(found) == (200, 300, 100, 0)
    assert (found.gained["persons"], found.gained["places"]) == (250, 10)
    assert [(before.code, before.totals["households"].covered, after.totals["households"].covered)
            for before, after in found.by] == [("A2", 20, 120)]  # fmt: skip
    (effect,) = found.effects
    assert (effect.do, effect.name, effect.category, effect.reached["households"]) == ("add", "样例新站", CLUB, 100)
    assert (effect.on_network, effect.cut_off, effect.counted) == (True, False, True)
    assert found.warnings == ()


def test_a_moved_station_gains_some_and_loses_others(ask: Ask) -> None:
    found = ask(Change("move", "S1", 87.008, LAT), by="community")
    # 3.5 … 12.5 instead of 0.5 … 9.5.
    assert households(found) == (200, 200, 30, 30)
    assert [part.code for part, _ in found.by] == ["990101001"]
    assert found.effects[0].reached["households"] == 100


def test_a_closed_station_loses_only_those_whom_no_other_reaches(ask: Ask) -> None:
    fifteen = replace(FIVE, minutes=15)
    found = ask(Change("close", "S1"), selection=fifteen)
    # S2 reaches 11.5 and beyond.
    assert households(found) == (300, 190, 0, 110)
    (effect,) = found.effects
    assert effect.reached["households"] == 190
    assert (effect.lon, effect.lat) == (87.005, LAT)


def test_a_mobile_station_is_one_however_many_stops_it_has(ask: Ask) -> None:
    mobile = replace(FIVE, category="流动服务")
    # 7.5 … 16.5 and 13.5 … 22.5, the middle twice.
    closed = ask(Change("close", "S9"), selection=mobile)
    assert households(closed) == (160, 0, 0, 160)
    moved = ask(Change("move", "S9", 87.012, LAT), selection=mobile)
    assert households(moved) == (160, 100, 0, 60)


def test_changes_together_are_counted_as_coverage_would_count_them(
    ask: Ask, town: Moment, homes: Walking, memory: Reachable
) -> None:
    assert households(ask())[:2] == (200, 200)
    assert ask().before == coverage(memory, homes, town, FIVE, area=False).totals
    found = ask(Change("close", "S2"), Change("move", "S1", 87.012, LAT), Change("add", lon=87.003, lat=LAT), by="grid")
    assert households(found)[:2] == (200, 170)
    codes = {before.code: (before.totals["households"].covered, after.totals["households"].covered)
             for before, after in found.by}  # fmt: skip
    # A1 is as it was: 0.5 … 7.5 by the new one, 7.5 … 16.5 by the moved one.
    assert codes == {"A2": (20, 70), "B1": (80, 0)}


def test_what_is_asked_of_other_stations_has_no_effect_and_says_so(ask: Ask) -> None:
    found = ask(Change("close", "S3"), Change("add", lon=87.015, lat=LAT, category="养老服务站"))
    assert households(found) == (200, 200, 0, 0)
    assert [effect.counted for effect in found.effects] == [False, False]
    assert [warning.code for warning in found.warnings] == ["not-selected", "not-selected"]
    at_night = ask(Change("close", "S1"), selection=replace(FIVE, at=parse_time("2026-06-03T22:00+08:00")))
    assert [warning.code for warning in at_night.warnings] == ["not-open"]


def test_a_station_off_the_network_reaches_nobody_and_says_how_far_it_is(ask: Ask) -> None:
    found = ask(Change("move", "S1", 87.005, 36.6585))
    assert households(found) == (200, 100, 0, 100)
    (effect,) = found.effects
    assert not effect.on_network
    assert effect.metres == pytest.approx(388, abs=2)
    assert [warning.code for warning in found.warnings] == ["stations-off-network"]


def test_a_station_whose_circle_meets_the_edge_of_the_streets_says_so(ask: Ask) -> None:
    cut = walking(lines=[Line(STREET, "示例路", cut=shapely.MultiPoint([STREET.coords[-1]]))], version="cut")
    found = ask(Change("add", lon=87.028, lat=LAT), Change("add", lon=87.012, lat=LAT), on=cut)
    assert [effect.cut_off for effect in found.effects] == [True, False]
    assert [warning.code for warning in found.warnings] == ["cut-off"]


def test_where_nobody_lives_nobody_gains(ask: Ask) -> None:
    found = ask(Change("add", lon=87.015, lat=LAT), on=walking(households=0, version="empty"))
    # What the grids state is spread over the homes.
    assert found.before["households"].all == 300
    assert [warning.code for warning in found.warnings] == ["estimated"]
    with pytest.raises(NoNetworkError):
        ask(Change("close", "S1"), on=empty_walking())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([Change("close", "S1"), Change("move", "S1", 87.0, 36.6)], "both of station S1"),
        ([Change("close", "S1"), Change("close", "S1")], "both of station S1"),
        ([Change("close", "S7")], "no station 'S7'"),
        ([Change("close")], "needs a station"),
        ([Change("add", lon=87.0)], "needs lon and lat"),
        ([Change("move", "S1")], "needs lon and lat"),
        ([Change("add", lon=36.6, lat=117.0)], "exchanged"),
        ([Change("add", lon=float("nan"), lat=36.6)], "finite"),
        ([Change("add", lon=87.0, lat=36.6)] * (MOST_CHANGES + 1), "too many"),
    ],
)
def test_changes_that_cannot_all_be_made_are_refused(ask: Ask, changes: list[Change], told: str) -> None:
    with pytest.raises(InputError, match=told) as refused:
        ask(*changes)
    assert refused.value.detail_zh != refused.value.detail


SITES = [Given(87.0 + at / 1000, LAT, f"样例{at}") for at in (9, 11, 15, 19)]


def test_the_sites_that_help_most_are_proposed_with_what_each_brings(
    town: Moment, homes: Walking, memory: Reachable
) -> None:
    asked = problem(memory, homes, town, FIVE, Goal(stations=2), SITES)
    # Nobody reaches 10.5 … 19.5: site 15 all ten homes, 11 and 19 five or six of them.
    found = instant(asked)
    assert [asked.sites[site].name for site in found.siting.sites.tolist()] == ["样例15"]
    assert found.siting.gained.tolist() == [100]
    assert (found.bound, found.proven) == (100, True)
    assert (asked.covered, asked.total) == (200, 300)
    site = asked.sites[2]
    assert (site.streets, site.grid, site.grid_name) == (("示例路",), "A2", "A2网格")
    assert label(replace(site, name="")) == "示例路附近"
    assert label_en(replace(site, name="")) == "near 示例路"
    assert label(replace(site, name="", streets=())) == "网格A2网格"


def test_the_fewest_stations_for_a_share_are_proposed_or_what_the_most_is(
    town: Moment, homes: Walking, memory: Reachable
) -> None:
    ends = [SITES[0], SITES[1], SITES[3]]
    asked = problem(memory, homes, town, FIVE, Goal(share=0.95), ends)
    found = instant(asked)
    assert (asked.covered, asked.total, asked.needed) == (200, 300, pytest.approx(85))
    assert sorted(asked.sites[site].name for site in found.siting.sites.tolist()) == ["样例11", "样例19"]
    best = proven(asked.goal, asked.wanted, asked.needed, found.siting, seconds=5)
    assert (best.proven, best.bound) == (True, 2)
    with pytest.raises(InputError, match=r"bring 86\.6 %") as refused:
        problem(memory, homes, town, FIVE, Goal(share=0.9), [SITES[3]])
    assert refused.value.facts["most_share"] == 0.8666
    nothing = problem(memory, homes, town, FIVE, Goal(share=0.5), SITES)
    assert instant(nothing).siting.sites.size == 0


def test_one_building_of_each_square_near_an_uncovered_home_is_a_site(
    town: Moment, homes: Walking, memory: Reachable
) -> None:
    asked = problem(memory, homes, town, FIVE, Goal(stations=3), "buildings")
    assert asked.considered == 12
    assert asked.cell_metres == 100
    squares = [int(np.floor(site.lon * 89_418 / 100)) for site in asked.sites]
    assert len(set(squares)) == len(squares) < 12
    assert instant(asked).siting.reached == 100
    three = best_sites(memory, homes, town, FIVE, 3)
    assert sum(one.gained for one in three) == 100
    assert [one.share_after for one in three][-1] == 1
    assert three[0].gained >= three[-1].gained
    assert three[0].label == three[0].site.name
    assert best_sites(memory, walking([], version="nobody at all"), town, replace(FIVE, count="addresses"), 3) == ()
    everybody = problem(memory, homes, town, replace(FIVE, minutes=15), Goal(stations=3), "buildings")
    assert everybody.sites == ()
    assert [warning.code for warning in everybody.warnings] == ["all-covered"]
    assert instant(everybody).siting.sites.size == 0


def test_only_places_where_the_public_comes_and_goes_are_sites(town: Moment, homes: Walking, memory: Reachable) -> None:
    asked = problem(memory, homes, town, FIVE, Goal(stations=1), "places")
    assert {site.name for site in asked.sites} == {"样例P1", "样例P3"}
    both = problem(memory, homes, town, FIVE, Goal(stations=1), "both")
    assert {"样例P1", "样例P3"} < {site.name for site in both.sites}
    with pytest.raises(ConflictError, match="no public place"):
        problem(memory, homes, town, replace(FIVE, within="990101002", minutes=1), Goal(stations=1), "places")


def test_sites_off_the_network_are_left_out_and_told(town: Moment, homes: Walking, memory: Reachable) -> None:
    wild = Given(87.015, 36.659, "样例荒地")
    asked = problem(memory, homes, town, FIVE, Goal(stations=1), [wild, SITES[2]])
    assert [site.name for site in asked.sites] == ["样例15"]
    assert (asked.off_network, [warning.code for warning in asked.warnings]) == (1, ["sites-off-network"])
    with pytest.raises(ConflictError, match="none of the sites is on the walking network"):
        problem(memory, homes, town, FIVE, Goal(stations=1), [wild])


@pytest.mark.parametrize(
    ("goal", "sites", "told"),
    [
        (Goal(), SITES, "either how many stations"),
        (Goal(2, 0.9), SITES, "either how many stations"),
        (Goal(stations=0), SITES, "1 to 50"),
        (Goal(stations=51), SITES, "1 to 50"),
        (Goal(share=1.5), SITES, "at most 1"),
        (Goal(share=float("nan")), SITES, "at most 1"),
        (Goal(stations=1), [], "at least one site"),
        (Goal(stations=1), [SITES[0]] * 2001, "too many"),
        (Goal(stations=1), [Given(36.6, 117.0)], "exchanged"),
    ],
)
def test_a_goal_or_sites_that_cannot_be_used_are_refused(
    town: Moment, homes: Walking, memory: Reachable, goal: Goal, sites: list[Given], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        problem(memory, homes, town, FIVE, goal, sites)


def test_where_nobody_lives_nothing_is_proposed(town: Moment, memory: Reachable) -> None:
    nobody = walking([], version="nobody")
    with pytest.raises(ConflictError, match="nobody is known to live here"):
        problem(memory, nobody, town, replace(FIVE, count="addresses"), Goal(stations=1), SITES)


PLACE = st.integers(0, 300).map(lambda tenths: 87 + tenths / 10_000)
STEPS = st.one_of(
    st.builds(lambda lon: Change("add", lon=lon, lat=LAT), PLACE),
    st.builds(lambda code, lon: Change("move", code, lon, LAT), st.sampled_from(["S1", "S2", "S9"]), PLACE),
    st.builds(lambda code: Change("close", code), st.sampled_from(["S1", "S2", "S9"])),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=6, unique_by=lambda change: change.station or object()))
def test_whatever_changes_the_numbers_are_those_of_counting_anew(
    town: Moment, homes: Walking, memory: Reachable, changes: list[Change]
) -> None:
    everybody = Selection(minutes=3)
    found = what_if(memory, homes, town, everybody, changes, by="grid")
    gone = {change.station for change in changes}
    kept = [spot for spot in spots_of(town, everybody).spots if spot.station not in gone]
    new = [Spot("", "", "", one.lon, one.lat) for one in changes if one.lon is not None and one.lat is not None]
    anew = Reachable()
    demand = anew.demand(homes, town)
    reached = np.zeros(len(demand), dtype=bool)
    reached[anew.served(homes, demand, ADULT, [*kept, *new], everybody.limit_ms).place] = True
    assert found.after["households"].covered == demand.counts["households"][reached].sum()
    gained, lost = found.gained["households"], found.lost["households"]
    assert found.after["households"].covered - found.before["households"].covered == gained - lost
    apart = [after.totals["households"].covered - before.totals["households"].covered for before, after in found.by]
    # A grid in which as many gain as lose is shown too.
    assert sum(apart) == gained - lost
