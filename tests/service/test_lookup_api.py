from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from opentelemetry import trace

from geodata.crs import Crs, parse_crs
from tests.service.conftest import Service, problem_of

PATH = "/api/v1/lookup"
IN_A1 = {"lon": 87.005, "lat": 36.655}


def test_a_point_is_answered_with_its_grid_areas_people_and_stations(service: Service) -> None:
    answer = service.get(PATH, **IN_A1).json()
    (grid,) = answer["grids"]
    assert answer["status"] == "found"
    assert (grid["layer"], grid["code"], grid["release"]) == ("general", "A1", 2)
    assert [area["code"] for area in grid["areas"]] == ["990101001", "990101"]
    assert [station["code"] for station in grid["stations"]] == ["S1", "S2"]
    assert grid["workers"][0]["role"] == "grid_chief"
    assert answer["stale_since"] is None
    assert answer["query"]["point"] == {**IN_A1, "crs": "EPSG:4326"}
    assert (answer["address"], answer["candidates"], answer["ask"]) == (None, [], None)


def test_the_body_of_a_post_asks_the_same(service: Service) -> None:
    got = service.get(PATH, **IN_A1, as_of="2026-06-01").json()
    posted = service.client.post(PATH, json={**IN_A1, "as_of": "2026-06-01"}).json()
    assert posted == got


def test_a_point_in_no_grid_is_an_answer_with_the_nearest_grid(service: Service) -> None:
    response = service.get(PATH, lon=87.035, lat=36.655)
    answer = response.json()
    assert response.status_code == 200
    assert (answer["status"], answer["grids"]) == ("outside", [])
    assert [near["code"] for near in answer["nearest"]] == ["B1"]


def test_the_time_asked_about_selects_the_boundary(service: Service) -> None:
    moved = {"lon": 87.021, "lat": 36.655}
    codes = [service.get(PATH, **moved, as_of=day).json()["grids"][0]["code"] for day in ("2025-12-31", "2026-01-01")]
    assert codes == ["B1", "A2"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-06-01", "2026-06-01T00:00:00+08:00"),
        ("2026-06-01T08:30", "2026-06-01T08:30:00+08:00"),
        ("2026-06-01T00:30:00Z", "2026-06-01T08:30:00+08:00"),
        ("2026-06-01T00:30:00+00:00", "2026-06-01T08:30:00+08:00"),
        ("2026-06-01T08:30:00 08:00", "2026-06-01T08:30:00+08:00"),
    ],
)
def test_times_are_read_as_local_unless_they_say_otherwise(service: Service, written: str, meant: str) -> None:
    assert service.get(PATH, **IN_A1, as_of=written).json()["as_of"] == meant


def test_now_is_said_in_local_time(service: Service) -> None:
    said = datetime.fromisoformat(service.get(PATH, **IN_A1).json()["as_of"])
    assert said.utcoffset() == timedelta(hours=8)
    assert abs(datetime.now(said.tzinfo) - said) < timedelta(minutes=1)


@pytest.mark.parametrize("role", [None, "planner"])
def test_those_who_need_not_see_them_get_masked_names_and_phones(service: Service, role: str | None) -> None:
    person = service.get(PATH, role, **IN_A1).json()["grids"][0]["workers"][0]
    assert (person["name"], person["phone"]) == ("示**", "138****0001")


@pytest.mark.parametrize("role", ["dispatcher", "clerk", "admin"])
def test_those_who_call_people_see_names_and_phones(service: Service, role: str) -> None:
    person = service.get(PATH, role, **IN_A1).json()["grids"][0]["workers"][0]
    assert (person["name"], person["phone"]) == ("示例W2", "13800000001")


def test_a_point_in_another_datum_is_moved_first_and_repeated_as_given(service: Service) -> None:
    answer = service.get(PATH, lon=87.005, lat=36.655, crs="gcj02").json()
    assert answer["query"]["point"]["crs"] == "gcj02"
    assert answer["point"]["crs"] == "EPSG:4326"
    assert 0.0005 < abs(answer["point"]["lon"] - 87.005) < 0.01


def test_swapped_coordinates_are_noticed(service: Service) -> None:
    answer = service.get(PATH, lon=36.655, lat=87.005).json()
    assert answer["status"] == "outside"
    assert [warning["code"] for warning in answer["warnings"]] == ["looks-swapped"]


def test_no_cache_keeps_an_answer_with_people(service: Service) -> None:
    assert service.get(PATH, **IN_A1).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "invalid-request"),
        ({"lon": "87"}, "invalid-request"),
        ({"lon": "abc", "lat": "36"}, "invalid-request"),
        ({"lon": "NaN", "lat": "36"}, "invalid-request"),
        ({"lon": "inf", "lat": "36"}, "invalid-request"),
        ({"lon": "1e400", "lat": "36"}, "invalid-request"),
        ({"lon": "999", "lat": "36"}, "invalid-coordinate"),
        ({"lon": "36", "lat": "117"}, "invalid-coordinate"),
        ({"lon": "87", "lat": "36", "crs": "EPSG:999999"}, "unknown-crs"),
        ({"lon": "87", "lat": "36", "crs": "+proj=longlat +nadgrids=@/etc/passwd"}, "unknown-crs"),
        ({"lon": "87", "lat": "36", "crs": "<script>\x00"}, "unknown-crs"),
        ({"lon": "1e300", "lat": "1e300", "crs": "EPSG:4547"}, "invalid-coordinate"),
        ({"lon": "87", "lat": "36", "as_of": "soon"}, "invalid-time"),
        ({"lon": "87", "lat": "36", "as_of": ""}, "invalid-time"),
        ({"lon": "87", "lat": "36", "as_of": "2026-02-30"}, "invalid-time"),
        ({"lon": "87", "lat": "36", "as_of": "0001-01-01T00:00:00+14:00"}, "invalid-time"),
        ({"lon": "87", "lat": "36", "as_of": "9999-12-31T23:59:59-12:00"}, "invalid-time"),
        ({"lon": "87", "lat": "36", "as_of": "x" * 500}, "invalid-request"),
    ],
)
def test_what_cannot_be_used_is_a_problem_that_says_so(service: Service, query: dict[str, str], code: str) -> None:
    problem_of(service.get(PATH, **query), 422, code)


def test_a_request_without_a_point_says_what_to_send(service: Service) -> None:
    problem = problem_of(service.get(PATH), 422, "invalid-request")
    assert [fault["location"] for fault in problem["errors"]] == ["query.lon", "query.lat"]
    assert "query.lon: Field required" in problem["detail"]
    assert "query.lon：缺少该项" in problem["detail_zh"]


@pytest.mark.parametrize("layer", ["nope", "", "<b>", "\x00", "😀", "𠮷", "' OR 1=1 --"])
def test_an_unknown_layer_is_not_known(service: Service, layer: str) -> None:
    problem_of(service.get(PATH, **IN_A1, layer=layer), 404, "not-known")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"lon": NaN, "lat": 1}',
        b'{"lon": Infinity, "lat": 1}',
        b'{"lon": 1e999, "lat": 1}',
        b'{"lon": 1, "lat": 1, "layer": "\\ud800"}',
        b'{"lon": 1, "lat": 1, "adress": "x"}',
        b'{"lon": ' + b"9" * 5000 + b', "lat": 1}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(service: Service, body: bytes) -> None:
    response = service.client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    problem_of(response, response.status_code, "bad-request" if response.status_code == 400 else "invalid-request")


def test_a_problem_does_not_repeat_what_was_asked(service: Service) -> None:
    response = service.client.post(PATH, json={"lon": "某某路12号", "lat": 1})
    assert "某某路" not in response.text


@pytest.mark.parametrize(
    "point", [(87.005, 36.655), (87.035, 36.655), (36.655, 87.005), (-87, 36), (999, 36.6), (0, 91)]
)
@pytest.mark.parametrize("layer", [None, "general", "nothing"])
def test_the_plain_query_means_what_every_other_spelling_of_it_means(
    service: Service, point: tuple[float, float], layer: str | None
) -> None:
    named = {} if layer is None else {"layer": layer}
    plain = service.get(PATH, lon=point[0], lat=point[1], **named)
    other = service.get(PATH, **named, crs="EPSG:4326", lat=point[1], lon=point[0])
    moving = {"as_of", "instance", "request_id"}
    assert plain.status_code == other.status_code
    assert {k: v for k, v in plain.json().items() if k not in moving} == {
        k: v for k, v in other.json().items() if k not in moving
    }


@pytest.mark.parametrize("how", ["GET", "POST"])
def test_a_slow_reference_system_holds_nobody_else_up(
    service: Service, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    asked, answered = Event(), Event()

    def slow(text: str) -> Crs:
        asked.set()
        assert answered.wait(60), "the other look-up waited for this one"
        return parse_crs(text)

    monkeypatch.setattr("service.api.lookup.parse_crs", slow)
    point = {"lon": 87.005, "lat": 36.655, "crs": "EPSG:4490"}
    given: dict[str, Any] = {"params": point} if how == "GET" else {"json": point}
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(service.client.request, how, "/api/v1/lookup", **given)
        assert asked.wait(60)
        assert service.get("/api/v1/lookup", lon=87.005, lat=36.655).status_code == 200
        answered.set()
        assert waiting.result(10).json()["grids"][0]["code"] == "A1"


def test_no_trace_of_a_request_is_kept_even_where_the_machine_collects_traces(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Collecting(trace.TracerProvider):
        def get_tracer(self, name: str, *_: Any, **__: Any) -> trace.Tracer:
            asked.append(name)
            return trace.NoOpTracer()

    monkeypatch.setattr(trace, "get_tracer_provider", Collecting)
    assert service.get(PATH, **IN_A1).status_code == 200
    assert asked == []
