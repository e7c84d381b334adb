"""Week, holes, norms and workloads over the small territory, in the year 2095: nothing of it depends on today."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from geodata.database import connect
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import parse_time
from tests.service.conftest import Service, prepared, problem_of
from tests.territory import COMMUNITY_A, COMMUNITY_B, STREET

BEGIN = parse_time("2095-01-01")
# A Monday.
MONDAY = "2095-01-10"


def rows(kind: str, *values: dict[str, Any]) -> tuple[str, pd.DataFrame]:
    return kind, pd.DataFrame(list(values))


ROSTER = (
    rows(
        "workers",
        {"code": "W4", "name": "样例丁", "phone": "13800000004"},
        {"code": "W5", "name": "样例戊", "phone": "13800000005"},
    ),
    rows("roles", {"code": "worker", "name": "网格员"}),
    rows(
        "buildings",
        {"code": "B-1", "name": "一号楼", "units": 2, "households": 30, "lon": 87.005, "lat": 36.655},
        {"code": "B-2", "name": "二号楼", "units": 1, "households": 12, "lon": 87.025, "lat": 36.655},
    ),
    rows(
        "duties",
        {"holder": "W4", "role": "worker", "target_kind": "grid", "target": "A1", "hours": "Mo-Fr 08:00-12:00"},
        {"holder": "W4", "role": "worker", "target_kind": "unit", "target": "B-2#1", "hours": ""},
        {"holder": "W5", "role": "worker", "target_kind": "building", "target": "B-1", "hours": ""},
    ),
    rows(
        "duties",
        {
            "holder": "W5",
            "role": "worker",
            "target_kind": "grid",
            "target": "B1",
            "from": "2095-03-01",
            "to": "2095-03-31",
        },
    ),
    rows("leave", {"worker": "W4", "from": "2095-01-12", "to": "2095-01-13", "stand_in": None}),
    rows("leave", {"worker": "W5", "from": "2095-01-12", "to": "2095-01-12", "stand_in": "W2"}),
    rows(
        "norms",
        {"code": "one", "role": "worker", "per": "grid", "least": 1, "most": None, "most_per_person": 1},
        {"code": "street", "role": "grid_chief", "per": "street", "least": 5, "most": None, "most_per_person": None},
    ),
)


@pytest.fixture(scope="module")
def staffed(
    cluster_url: str,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve_application: Callable[..., Service],
) -> Service:
    """The small territory with more people, leave, a building and norms."""
    name = "gridmap_staffing_tests"
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_name}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", f"/{name}?")
    keys = prepared(url)
    with connect(url) as connection:
        for kind, frame in ROSTER:
            load_frame(connection, kind, frame, options=LoadOptions(commit=True, effective=BEGIN, actor="test"))
    state: Path = tmp_path_factory.mktemp("staffing")
    return serve_application(url, state, keys)


PATHS = ("/api/v1/roster/week", "/api/v1/roster/holes", "/api/v1/staffing", "/api/v1/workloads")


@pytest.mark.parametrize("path", PATHS)
def test_staffing_is_not_for_the_public(service: Service, path: str) -> None:
    problem_of(service.get(path), 401, "not-allowed")


@pytest.mark.parametrize("path", PATHS)
def test_an_area_that_is_not_there_is_not_found(service: Service, path: str) -> None:
    problem_of(service.get(path, "clerk", within="nope"), 404, "not-known")


@pytest.mark.parametrize("path", PATHS)
def test_no_cache_keeps_who_is_on_duty(service: Service, path: str) -> None:
    assert service.get(path, "clerk").headers["cache-control"] == "no-store"


def ask(service: Service, path: str, key: str = "dispatcher", **query: Any) -> Any:
    answer = service.client.get(path, params=query, headers=service.headers(key))
    assert answer.status_code == 200, answer.text
    return answer.json()


def week(service: Service, key: str = "dispatcher", **query: Any) -> Any:
    return ask(service, "/api/v1/roster/week", key, **{"from": MONDAY, **query})


def post(answer: Any, target: str, role: str) -> Any:
    (found,) = [one for one in answer["items"] if (one["target"]["code"], one["role"]["code"]) == (target, role)]
    return found


def test_a_week_says_who_is_on_duty_when_and_when_nobody_is(staffed: Service) -> None:
    answer = week(staffed)
    assert (answer["from"], answer["to"]) == ("2095-01-10T00:00:00+08:00", "2095-01-17T00:00:00+08:00")
    found = post(answer, "A1", "worker")
    (shift,) = found["people"]
    assert shift["holder"]["name"] == "样例丁"
    days = [span["from"][:16] for span in shift["on_duty"]]
    assert days == ["2095-01-10T08:00", "2095-01-11T08:00", "2095-01-14T08:00"]
    assert shift["on_leave"] == [{"from": "2095-01-12T00:00:00+08:00", "to": "2095-01-14T00:00:00+08:00"}]
    holes = [(hole["from"][:16], hole["to"][11:16], hole["reason"]) for hole in found["holes"]]
    assert holes == [("2095-01-12T08:00", "12:00", "on_leave"), ("2095-01-13T08:00", "12:00", "on_leave")]
    assert found["holes"][0]["missed"][0]["code"] == "W4"


def test_a_week_tells_on_demand_only_posts_with_holes(staffed: Service) -> None:
    whole = {(one["target"]["code"], one["role"]["code"]): one for one in week(staffed)["items"]}
    lacking = week(staffed, with_holes=True)
    assert {key for key, one in whole.items() if one["holes"]} == {
        (one["target"]["code"], one["role"]["code"]) for one in lacking["items"]
    }
    assert 0 < lacking["total"] < len(whole)
    assert all(one == whole[one["target"]["code"], one["role"]["code"]] for one in lacking["items"])
    assert week(staffed, with_holes=True, **{"from": "2095-01-17"})["total"] == 0


def test_a_stand_in_of_a_leave_stands_in_the_week_for_that_time(staffed: Service) -> None:
    found = post(week(staffed), "B-1", "worker")
    own, other = found["people"]
    assert (other["holder"]["code"], other["assignment"], other["stands_in_for"]["code"]) == ("W2", "stand_in", "W5")
    assert other["on_duty"] == [{"from": "2095-01-12T00:00:00+08:00", "to": "2095-01-13T00:00:00+08:00"}]
    assert len(own["on_duty"]) == 2
    assert found["holes"] == []


def test_the_week_begins_with_the_local_day_of_the_instant(staffed: Service) -> None:
    answer = staffed.get("/api/v1/roster/week", "clerk", as_of="2095-01-11T15:00").json()
    assert answer["from"] == "2095-01-11T00:00:00+08:00"


def test_the_week_comes_page_by_page_in_one_order(staffed: Service) -> None:
    whole = [(one["target"]["code"], one["role"]["code"]) for one in week(staffed)["items"]]
    assert whole == [
        ("A1", "grid_chief"),
        ("A1", "worker"),
        ("A2", "grid_chief"),
        ("B-1", "worker"),
        ("B-2#1", "worker"),
    ]
    paged: list[tuple[str, str]] = []
    answer = week(staffed, limit=2)
    while True:
        paged += [(one["target"]["code"], one["role"]["code"]) for one in answer["items"]]
        if answer["next"] is None:
            break
        answer = staffed.client.get(answer["next"], headers=staffed.headers("dispatcher")).json()
    assert paged == whole


@pytest.mark.parametrize(
    ("query", "targets"),
    [
        ({"within": COMMUNITY_A}, ["A1", "A1", "A2", "B-1"]),
        ({"within": COMMUNITY_B}, ["B-2#1"]),
        ({"within": STREET, "role": "worker"}, ["A1", "B-1", "B-2#1"]),
        ({"role": "nope"}, []),
    ],
)
def test_the_week_can_be_of_one_area_and_role(staffed: Service, query: dict[str, str], targets: list[str]) -> None:
    assert [one["target"]["code"] for one in week(staffed, **query)["items"]] == targets


def test_a_planner_sees_the_week_masked(staffed: Service) -> None:
    (shift,) = post(week(staffed, "planner"), "A1", "worker")["people"]
    assert (shift["holder"]["name"], shift["holder"]["phone"]) == ("样**", "138****0004")
    text = staffed.get("/api/v1/roster/week", "planner", **{"from": MONDAY}).text
    assert "13800000" not in text


def test_holes_are_told_before_they_happen_with_their_hours(staffed: Service) -> None:
    answer = staffed.get("/api/v1/roster/holes", "clerk", as_of="2095-01-01").json()
    found = [(one["target"]["code"], one["hours"], one["reason"], one["missed"][0]["code"]) for one in answer["items"]]
    assert found == [("B-2#1", 48.0, "on_leave", "W4"), ("A1", 8.0, "on_leave", "W4")]
    assert len(answer["items"][1]["spans"]) == 2
    assert (answer["from"], answer["to"]) == ("2095-01-01T00:00:00+08:00", "2095-02-26T00:00:00+08:00")


def test_a_duty_that_ends_without_a_successor_is_a_hole_from_then_on(staffed: Service) -> None:
    query = {"from": "2095-03-15", "to": "2095-04-10", "role": "worker", "within": COMMUNITY_B}
    (hole,) = ask(staffed, "/api/v1/roster/holes", **query)["items"]
    assert (hole["target"]["code"], hole["reason"], hole["missed"][0]["code"]) == ("B1", "ended", "W5")
    assert (hole["from"], hole["to"]) == ("2095-04-01T00:00:00+08:00", "2095-04-11T00:00:00+08:00")


def test_a_duty_with_a_successor_leaves_no_hole(staffed: Service) -> None:
    # W1 held A1 until the day that W2 followed.
    query = {"from": "2025-12-25", "to": "2026-01-10", "role": "grid_chief"}
    assert ask(staffed, "/api/v1/roster/holes", **query)["items"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2095-01-10", "to": "2095-01-09"},
        {"from": "2095-01-10", "to": "2099-01-09"},
        {"from": "soon"},
        {"to": "later"},
        {"from": "9999-12-30"},
    ],
)
def test_a_time_that_cannot_be_told_is_refused(staffed: Service, asked: dict[str, str]) -> None:
    assert staffed.get("/api/v1/roster/holes", "clerk", **asked).status_code == 422
    assert staffed.get("/api/v1/roster/week", "clerk", as_of="9999-12-31").status_code == 422


def test_norms_that_are_not_met_are_told_with_the_place_or_the_person(staffed: Service) -> None:
    answer = staffed.get("/api/v1/staffing", "clerk", as_of=MONDAY).json()
    found = [
        (one["kind"], one["norm"]["code"], one["count"], (one["site"] or one["holder"])["code"])
        for one in answer["items"]
    ]
    assert found == [
        ("below-norm", "one", 0, "A2"),
        ("below-norm", "one", 0, "B1"),
        ("below-norm", "street", 2, STREET),
    ]


def test_norms_can_be_asked_for_one_area_and_role(staffed: Service) -> None:
    def codes(**query: str) -> list[str]:
        answer = ask(staffed, "/api/v1/staffing", "planner", as_of=MONDAY, **query)
        return [one["site"]["code"] for one in answer["items"]]

    assert codes(within=COMMUNITY_B) == ["B1"]
    assert codes(role="grid_chief") == [STREET]


def test_workload_counts_each_household_once_and_says_where_from(staffed: Service) -> None:
    answer = staffed.get("/api/v1/workloads", "clerk", as_of=MONDAY).json()
    found = {
        one["holder"]["code"]: (one["targets"], one["households"], one["households_from"], one["uncounted"])
        for one in answer["items"]
    }
    # A1 has no stated count: the register's building in it counts.
    assert found["W4"] == ({"grid": 1, "unit": 1}, 42, ["estimated", "register"], 0)
    assert found["W5"] == ({"building": 1}, 30, ["register"], 0)
    assert found["W3"] == ({"grid": 1}, None, [], 1)


def test_workloads_of_an_area_are_of_those_with_a_target_there(staffed: Service) -> None:
    answer = staffed.get("/api/v1/workloads", "planner", as_of=MONDAY, within=COMMUNITY_B).json()
    assert [one["holder"]["code"] for one in answer["items"]] == ["W4"]
    assert answer["items"][0]["holder"]["name"] == "样**"
