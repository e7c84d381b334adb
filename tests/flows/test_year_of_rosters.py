"""A district with a year of rosters: any grid at any instant answered as the rows say; holes; changes that arrive."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
import shapely

from geodata.access import create_key
from geodata.database import connect
from geodata.sample import SampleCity
from geodata.sample.loading import load_city
from service.app import create_app
from service.settings import Settings
from tests.conftest import COPIED
from tests.roster_by_hand import WHOLE_DAY, ByHand, Told
from tests.samples import sample
from tests.service.conftest import Client, running

QUESTIONS = 250
# Nobody's rosters hang on these: they are loaded elsewhere.
LEFT_OUT = ("gates", "streets", "barriers", "addresses", "matters", "texts")
FIRST, LAST = date(2025, 2, 1), date(2027, 1, 31)
PATIENCE_SECONDS = 60
WINDOW = (datetime(2026, 1, 1), datetime(2027, 1, 31))


@dataclass(frozen=True)
class District:
    """The sample district, served, and what its tables say."""

    client: Client
    keys: dict[str, str]
    city: SampleCity
    by_hand: ByHand

    def get(self, path: str, **params: Any) -> Any:
        answer = self.client.get(path, params=params, headers=self.headers("dispatcher"))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def lookup(self, lon: float, lat: float, layer: str, at: datetime) -> dict[str, Any]:
        answer = self.get("/api/v1/lookup", lon=lon, lat=lat, layer=layer, as_of=local(at))
        (grid,) = answer["grids"]
        return grid

    def pages(self, path: str, **params: Any) -> list[dict[str, Any]]:
        page = self.get(path, **params)
        items = page["items"]
        while page["next"]:
            page = self.get(page["next"])
            items += page["items"]
        return items


@pytest.fixture(scope="module")
def district(cluster_url: str, template_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE year_of_rosters TEMPLATE {template_name} {COPIED}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", "/year_of_rosters?")
    city = with_fewer_buildings(sample("district"))
    with connect(url) as connection:
        load_city(connection, replace(city, **{name: getattr(city, name).iloc[:0] for name in LEFT_OUT}))
        keys = {
            role: create_key(connection, role=role, name=f"测试 {role}", created_by="test")[0]
            for role in ("dispatcher", "clerk")
        }
    state = tmp_path_factory.mktemp("district")
    settings = Settings(_env_file=None, database_url=url, state_folder=state)  # type: ignore[call-arg]
    with ExitStack() as opened:
        yield District(opened.enter_context(running(create_app(settings))), keys, city, ByHand(city))


def with_fewer_buildings(city: SampleCity) -> SampleCity:
    """A city with all buildings that somebody leads, as a whole or a unit of it, and one in twenty of the others."""
    led = city.duties.loc[city.duties["target_kind"].isin(("building", "unit")), "target"].str.partition("#")[0]
    kept = city.buildings["code"].isin(set(led))
    kept.iloc[::20] = True
    return replace(city, buildings=city.buildings[kept])


def local(at: datetime) -> str:
    return f"{at.isoformat()}+08:00"


def instants(by_hand: ByHand, rng: random.Random) -> Iterator[tuple[str, datetime]]:
    """Kinds of instants and instants: nights, holidays, worked weekends, last March, any."""
    holidays, worked = sorted(by_hand.holidays), sorted(by_hand.worked)
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days)]
    march = [day for day in days if (day.year, day.month) == (2026, 3)]
    while True:
        for kind, choice, hours in (
            ("night", days, (22, 23, 0, 1, 2, 3, 4, 5)),
            ("holiday", holidays, range(24)),
            ("worked weekend", worked, range(7, 22)),
            ("last March", march, range(24)),
            ("any", days, range(24)),
        ):
            day = datetime.combine(rng.choice(choice), datetime.min.time())
            # On the very minute that something opens or closes, and a second before, as well as anywhere.
            more = rng.choice([0, 30 * 60, 30 * 60 - 1, rng.randrange(3600)])
            yield kind, day + timedelta(hours=rng.choice(list(hours)), seconds=more)


def places(city: SampleCity, rng: random.Random) -> Iterator[tuple[str, float, float]]:
    """Layers and points: buildings that have a leader, any buildings, and anywhere in a grid."""
    led = set(city.duties.loc[city.duties["target_kind"] == "building", "target"])
    leaders = city.buildings[city.buildings["code"].isin(led)]
    grids = city.grids["general"]
    empty = grids[grids["code"].isin([*city.holes, *city.roster_holes["target"]])]
    while True:
        for layer in ("general", "general", "service"):
            for table in (leaders, city.buildings):
                row = table.iloc[rng.randrange(len(table))]
                yield layer, float(row["lon"]), float(row["lat"])
            for table in (grids, empty):
                inside = table.geometry.iloc[rng.randrange(len(table))].representative_point()
                yield layer, inside.x, inside.y


def told(grid: dict[str, Any]) -> list[Told]:
    return [
        Told(one["role"], one["name"], one["via"], one["assignment"], one["on_duty_now"], one["reason"])
        for one in grid["workers"]
    ]


def test_any_grid_at_any_instant_is_answered_as_its_rows_say(district: District) -> None:
    rng = random.Random(20261122)
    seen: Counter[str] = Counter()
    questions = zip(instants(district.by_hand, rng), places(district.city, rng), range(QUESTIONS), strict=False)
    for (kind, at), (layer, lon, lat), _ in questions:
        grid = district.lookup(lon, lat, layer, at)
        expected = district.by_hand.answer(district.by_hand.chain(layer, lon, lat), at)
        assert told(grid) == expected, (kind, layer, lon, lat, at)
        first = [one["name"] for one in grid["workers"] if one["call_first"]]
        # Somebody is on duty everywhere: the street's office is, day and night.
        assert first == [next(one.name for one in expected if one.on_duty)]
        seen[kind] += 1
        seen.update(f"{one.assignment} {one.reason} {one.via}" for one in expected)
    assert min(seen[kind] for kind in ("night", "holiday", "worked weekend", "last March", "any")) >= QUESTIONS // 5
    # The questions met everything that can be said of somebody.
    for state in ("primary None", "stand_in None", "primary on_leave", "primary off_hours", "stand_in standby"):
        assert any(key.startswith(state) for key in seen), state
    # The district's office is never needed: each street's is there, day and night.
    assert {key.split()[-1] for key in seen} >= {"building", "compound", "grid", "community", "street"}


def test_the_same_people_come_where_the_building_is_named_instead_of_the_point(district: District) -> None:
    city, at = district.city, datetime(2026, 3, 10, 20, 15)
    units = city.duties.loc[city.duties["target_kind"] == "unit", "target"]
    for unit in units.iloc[:: max(1, len(units) // 10)]:
        building = city.buildings.set_index("code").loc[unit.split("#")[0]]
        answer = district.get("/api/v1/lookup", target=f"unit:{unit}", layer="general", as_of=local(at))
        (grid,) = answer["grids"]
        (leader,) = district.by_hand.people_at(("unit", unit, None), "unit", at)  # type: ignore[arg-type]
        chain = district.by_hand.chain("general", building["lon"], building["lat"])
        assert told(grid) == [leader, *district.by_hand.answer(chain, at)]


def test_the_holes_of_the_year_are_those_that_were_left_on_purpose(district: District) -> None:
    begins, ends = WINDOW
    holes = district.pages("/api/v1/roster/holes", **{"from": "2026-01-01", "to": "2027-01-30"})
    found = {
        (one["role"]["code"], one["target"]["code"], one["reason"], one["missed"][0]["code"]): [
            (span["from"], span["to"]) for span in one["spans"]
        ]
        for one in holes
    }
    assert len(found) == len(holes)
    duties = district.city.duties
    expected = {}
    for hole in district.city.roster_holes.to_dict("records"):
        first = datetime.fromisoformat(hole["from"])
        last = ends if hole["to"] is None else datetime.fromisoformat(hole["to"]) + WHOLE_DAY
        mine = duties[(duties["holder"] == hole["holder"]) & (duties["target"] == hole["target"])]
        (hours,) = set(mine.loc[(mine["role"] == hole["role"]) & (mine["from"] >= "2025"), "hours"])
        spans = [(first, last)] if hole["reason"] == "ended" else district.by_hand.open_between(hours, first, last)
        key = (hole["role"], hole["target"], hole["reason"], hole["holder"])
        expected[key] = [(local(max(one, begins)), local(other)) for one, other in spans]
    assert found == expected
    assert district.pages("/api/v1/roster/holes", **{"from": "2025-02-01", "to": "2025-12-31"}) == []


def test_the_norms_that_are_not_met_are_those_of_the_grids_left_empty(district: District) -> None:
    unmet = district.pages("/api/v1/staffing", as_of="2026-11-22T10:00:00+08:00")
    found = {(one["norm"]["code"], one["site"]["code"]) for one in unmet}
    assert found == {(norm, code) for norm in ("worker", "chief") for code in district.city.holes}


def test_a_van_is_near_where_it_stops_and_not_where_it_does_not(district: District) -> None:
    city = district.city
    for stop in city.stops.iloc[:10].to_dict("records"):
        weekday = ["Mo", "Tu", "We", "Th", "Fr"].index(stop["hours"][:2])
        there = datetime(2026, 3, 9 + weekday, 10, 0)
        for at, stands in ((there, True), (there + timedelta(hours=3), False), (there + WHOLE_DAY, False)):
            stations = district.lookup(stop["lon"], stop["lat"], "general", at)["stations"]
            mine = [one for one in stations if one["code"] == stop["station"] and one["metres"] < 300]
            assert bool(mine) == stands, (stop, at)
            assert all(one["open_now"] for one in mine)


def _await(claim: Any) -> float:
    """Seconds until a claim holds."""
    began = time.monotonic()
    while not claim():
        assert time.monotonic() - began < PATIENCE_SECONDS
        time.sleep(0.2)
    return time.monotonic() - began


def test_leave_and_stand_in_are_in_the_answers_soon_and_gone_again_once_undone(district: District) -> None:
    city, at = district.city, datetime(2027, 3, 2, 10, 0)
    full_time = city.duties[(city.duties["role"] == "grid_worker_full_time") & city.duties["to"].isna()]
    full_time = full_time[(full_time["assignment"] == "primary") & (full_time["from"] < "2027")]
    away, other = full_time.iloc[100], full_time.iloc[300]
    names = district.by_hand.name
    grids = city.grids["general"].set_index("code")
    inside: shapely.Point = grids.geometry[away["target"]].representative_point()

    def on_duty() -> set[str]:
        workers = district.lookup(inside.x, inside.y, "general", at)["workers"]
        return {one["name"] for one in workers if one["role"] == "grid_worker_full_time" and one["on_duty_now"]}

    assert on_duty() == {names[away["holder"]]}
    leave = {"worker": away["holder"], "from": "2027-03-01", "to": "2027-03-05", "reason": "年休假"}
    made = district.client.post("/api/v1/leave", json=leave, headers=district.headers("clerk"))
    assert made.status_code == 201, made.text
    assert [warning["kind"] for warning in made.json()["warnings"]] in ([], ["hole"])
    _await(lambda: names[away["holder"]] not in on_duty())

    path = made.headers["location"]
    headers = {**district.headers("clerk"), "If-Match": made.headers["etag"]}
    mended = district.client.request("PATCH", path, json={"stand_in": other["holder"]}, headers=headers)
    assert mended.status_code == 200, mended.text
    _await(lambda: on_duty() == {names[other["holder"]]})
    hole = district.pages("/api/v1/roster/holes", **{"from": "2027-03-01", "to": "2027-03-05"})
    assert away["target"] not in {one["target"]["code"] for one in hole}

    for change in (mended.json()["change_id"], made.json()["change_id"]):
        undone = district.client.post(f"/api/v1/changes/{change}/undo", headers=district.headers("clerk"))
        assert undone.status_code == 200, undone.text
    _await(lambda: on_duty() == {names[away["holder"]]})
