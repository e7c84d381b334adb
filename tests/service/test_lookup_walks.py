"""Stations by the walk to them, in a territory with a few streets around its compound."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import psycopg
import pytest
import shapely

from geodata.database import connect
from geodata.station.nearest import StationFinder
from geodata.station.network.arrays import Line
from geodata.station.network.build import build_network
from geodata.station.network.profiles import ADULT
from geodata.station.network.walking import Standing, Walking
from geodata.station.walked import StationWalks, WalksKept
from tests import staffed
from tests.commands import Run
from tests.conftest import COPIED
from tests.service.conftest import Service, prepared
from tests.service.holding import hold

PATH, STATIONS = "/api/v1/lookup", "/api/v1/stations"
# West of the compound, south of it, and east of it; from there on to S2, north and far from everything.
STREETS = [
    [(87.0015, 36.658), (87.0015, 36.651)],
    [(87.0015, 36.651), (87.0062, 36.651), (87.025, 36.651)],
    [(87.0062, 36.651), (87.0062, 36.656)],
    [(87.025, 36.651), (87.025, 36.6545)],
]
BESIDE_THE_STREET = {"lon": 87.007, "lat": 36.654}
IN_BUILDING = {"lon": staffed.IN_BUILDING[0], "lat": staffed.IN_BUILDING[1]}
FAR_OFF = {"lon": 87.0185, "lat": 36.6585}
TUESDAY, WEDNESDAY = "2026-06-02T10:00", "2026-06-03T10:00"


class Streets:
    """A network that is always ready."""

    standing = Standing("ready")

    def __init__(self, lines: list[list[tuple[float, float]]]) -> None:
        network = build_network(
            [Line(shapely.LineString(line)) for line in lines], version="7", compiled_at=1_780_000_000_000_000
        )
        self._walking = Walking(network, None, None, None, {"adult": ADULT}, "7-1", 1_780_000_000_000_000)

    def current(self) -> Walking:
        return self._walking


def publish(url: str) -> None:
    with connect(url) as connection:
        staffed.staff(connection)
        staffed.gate(connection, "G1", 87.002, 36.654, "2026-01-01T00:00+08:00")
        add_mobile(connection)


def add_mobile(connection: psycopg.Connection[Any]) -> None:
    """Station S3, which stops beside the eastern street on Tuesdays."""
    connection.execute(
        """WITH one AS (INSERT INTO stations (code) VALUES ('S3') RETURNING station_id)
        INSERT INTO station_versions (station_id, name, category, period)
        SELECT station_id, '示例流动车', '流动服务车', tstzrange(%s, NULL) FROM one""",
        ("2025-01-01T00:00+08:00",),
    )
    staffed.stop(connection, "S3-1", "S3", 87.0065, "Tu 09:00-11:30")


@pytest.fixture(scope="module")
def walked(
    cluster_url: str,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve_application: Callable[..., Service],
) -> Iterator[Service]:
    name = "gridmap_walk_tests"
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_name} {COPIED}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", f"/{name}?")
    started = serve_application(url, tmp_path_factory.mktemp("walks"), prepared(url, publish))
    hold(started.client.app, network=Streets(STREETS))
    with pytest.MonkeyPatch.context() as patched:
        # However busy the machine is.
        patched.setattr("service.api.walks.PATIENCE_SECONDS", 60)
        yield started


@contextmanager
def other_streets(service: Service, lines: list[list[tuple[float, float]]]) -> Iterator[None]:
    """The service with another network for a while."""
    state = service.client.app.state
    before = state.serving
    hold(service.client.app, network=Streets(lines))
    try:
        yield
    finally:
        state.serving = before


def ask(service: Service, **asked: Any) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """An answer, and its stations with minutes, metres and how they were measured."""
    answer = service.get(PATH, **asked).json()
    (grid,) = answer["grids"]
    told = [(one["code"], one["walk_minutes"], one["metres"], one["measured"]) for one in grid["stations"]]
    return answer, told


def codes_of(answer: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in answer["warnings"]]


def test_stations_are_told_by_the_walk_along_the_streets_and_on_what_it_was_counted(walked: Service) -> None:
    answer, stations = ask(walked, **BESIDE_THE_STREET)
    # 72 m to the street, 111 m along it, 107 m from it.
    assert [one[0] for one in stations] == ["S1", "S2"]
    assert stations[0][1:] == (3.5, 290, "network")
    assert stations[1][3] == "network"
    assert stations[1][2] == pytest.approx(2529, abs=3)
    assert answer["walking"] == {"network": "7", "compiled_at": "2026-05-29T04:26:40+08:00", "profile": "adult"}
    assert codes_of(answer) == []


def test_the_body_of_a_post_and_any_crs_are_told_the_same(walked: Service) -> None:
    plain = walked.get(PATH, **BESIDE_THE_STREET).json()["grids"][0]["stations"]
    assert walked.get(PATH, **BESIDE_THE_STREET, crs="EPSG:4490").json()["grids"][0]["stations"] == plain
    assert walked.client.post(PATH, json=BESIDE_THE_STREET).json()["grids"][0]["stations"] == plain


@pytest.mark.parametrize("asked", [IN_BUILDING, {"target": "building:B1"}, {"target": "unit:B1#2单元"}])
def test_from_inside_a_compound_the_walk_begins_at_its_gate(walked: Service, asked: dict[str, Any]) -> None:
    _, stations = ask(walked, **asked)
    # From the gate in the west around the south, 214 m as the crow flies.
    assert stations[0][0] == "S1"
    assert stations[0][2] == pytest.approx(45 + 333 + 420 + 444 + 107, abs=3)


def test_a_station_that_is_asked_about_is_walked_from_itself(walked: Service) -> None:
    _, stations = ask(walked, target="station:S1")
    assert stations[0] == ("S1", 2.6, 215, "network")


def test_another_day_has_its_own_gates_and_stations_on_the_streets_of_today(walked: Service) -> None:
    before, stations = ask(walked, **IN_BUILDING, as_of="2025-12-31")
    # Before 2026 there was no gate, and no street is near the building.
    assert stations[0] == ("S1", None, 214, "off_network")
    assert codes_of(before) == ["off-network", "streets-are-current"]
    assert before["walking"] is not None
    assert codes_of(ask(walked, **BESIDE_THE_STREET, as_of="2025-12-31")[0]) == ["streets-are-current"]
    assert codes_of(ask(walked, **IN_BUILDING)[0]) == []


def test_a_mobile_station_counts_where_it_stands_and_not_on_its_way(walked: Service) -> None:
    _, standing = ask(walked, **BESIDE_THE_STREET, as_of=TUESDAY)
    _, away = ask(walked, **BESIDE_THE_STREET, as_of=WEDNESDAY)
    assert [one[0] for one in standing] == ["S3", "S1", "S2"]
    assert [one[0] for one in away] == ["S1", "S2"]


def test_off_the_network_distances_are_straight_and_it_is_said_how_far_the_next_street_is(walked: Service) -> None:
    answer, stations = ask(walked, **FAR_OFF)
    assert stations == [("S2", None, 699, "off_network"), ("S1", None, 1268, "off_network")]
    (warning,) = answer["warnings"]
    assert warning["code"] == "off-network"
    assert warning["metres"] == pytest.approx(732, abs=5)
    assert str(warning["metres"]) in warning["message"]
    assert str(warning["metres"]) in warning["message_zh"]


def test_outside_every_grid_nothing_is_walked(walked: Service) -> None:
    answer = walked.get(PATH, lon=87.05, lat=36.655).json()
    assert (answer["status"], answer["walking"], answer["warnings"]) == ("outside", None, [])


def test_stations_near_a_point_are_listed_by_the_walk_to_them(walked: Service) -> None:
    near = {"near": "87.007,36.654", "as_of": WEDNESDAY}
    items = walked.get(STATIONS, **near).json()["items"]
    assert [(one["code"], one["walk_minutes"], one["measured"]) for one in items] == [
        ("S1", 3.5, "network"),
        ("S2", 30.4, "network"),
        ("S3", None, None),
    ]
    second = walked.get(STATIONS, **near, limit=1, after="S1").json()
    assert [one["code"] for one in second["items"]] == ["S2"]
    from_inside = walked.get(STATIONS, near="87.0035,36.6535").json()["items"][0]
    assert from_inside["metres"] == pytest.approx(1349, abs=3)
    far = walked.get(STATIONS, near="87.0185,36.6585", as_of=WEDNESDAY).json()["items"]
    assert [(one["code"], one["walk_minutes"], one["measured"]) for one in far] == [
        ("S2", None, "off_network"),
        ("S1", None, "off_network"),
        ("S3", None, None),
    ]


def test_another_network_is_another_list_for_those_who_keep_it(walked: Service) -> None:
    near = {"near": "87.007,36.654", "as_of": WEDNESDAY}
    tag = walked.get(STATIONS, **near).headers["etag"]
    with other_streets(walked, []):
        straight = walked.get(STATIONS, **near)
    assert straight.headers["etag"] != tag
    assert {one["measured"] for one in straight.json()["items"]} == {"straight_line", None}


def test_without_streets_the_distances_are_straight_lines(service: Service) -> None:
    answer, stations = ask(service, lon=87.007, lat=36.654)
    assert answer["walking"] is None
    assert stations == [("S1", 2.5, 210, "straight_line"), ("S2", 19.4, 1613, "straight_line")]
    with other_streets(service, []):
        assert ask(service, lon=87.007, lat=36.654)[1] == stations


def test_nobody_waits_long_for_walks_that_are_being_worked_out(
    walked: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = Event()

    class Slow(WalksKept):
        def of(self, walking: Walking, finder: StationFinder) -> StationWalks:
            assert ready.wait(30)
            return super().of(walking, finder)

    monkeypatch.setattr("service.api.walks.PATIENCE_SECONDS", 0.05)
    with other_streets(walked, STREETS):
        hold(walked.client.app, walks=Slow())
        try:
            answer, stations = ask(walked, **BESIDE_THE_STREET)
        finally:
            ready.set()
        assert answer["walking"] is None
        assert {measured for *_, measured in stations} == {"straight_line"}
        monkeypatch.undo()
        assert ask(walked, **BESIDE_THE_STREET)[0]["walking"] is not None


def test_the_command_prints_the_walk_along_the_streets_that_were_loaded(territory: Run, database_url: str) -> None:
    straight = territory("lookup", "87.007,36.654").said
    assert "210 m in a straight line" in straight
    with connect(database_url) as connection:
        for place, line in enumerate(STREETS):
            connection.execute(
                """INSERT INTO streets (code, name, class, geom)
                VALUES (%s, '', 'residential', ST_GeomFromWKB(%s, 4326))""",
                (f"R{place}", shapely.to_wkb(shapely.MultiLineString([line]))),
            )
    said = territory("lookup", "87.007,36.654").said
    assert "3.5 min walk, 290 m" in said
    off = territory("lookup", "87.0185,36.6585", "--as-of", WEDNESDAY).said
    assert "731 m away" in off
    assert "today's streets" in off
    assert "not on the walking network, 699 m in a straight line" in off
