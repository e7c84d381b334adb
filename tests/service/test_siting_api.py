"""Stations that could be: what planners ask, who may not, proofs as jobs from beginning to end, and the command."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely

from geodata.database import connect
from geodata.proposals import stored, work
from service import jobs
from tests.commands import Terminal
from tests.coverage_town import LAT
from tests.service.conftest import Service

CLUB = "党群服务站"
WHAT_IF, PROPOSALS = "/api/v1/coverage/what-if", "/api/v1/coverage/proposals"
NEW = {"do": "add", "lon": 87.015, "lat": LAT, "name": "样例拟建站"}
FIVE = {"minutes": 5, "category": CLUB}
# Ninety seconds reach 1.4 thousandths of a degree; four sites of these cannot be told best at a glance.
SITES = [{"lon": round(87.008 + at * 0.00035, 6), "lat": LAT, "name": f"样例{at}"} for at in range(40)]
HARD = {"minutes": 1.5, "category": CLUB, "stations": 4, "sites": SITES}


@pytest.fixture(scope="module")
def town(serve_town: Callable[..., Service]) -> Service:
    return serve_town("siting_api")


@pytest.fixture
def queue(town: Service) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the town's database, which holds the queue; no proposal is open afterwards."""
    with connect(town.database_url, autocommit=True) as connection:
        yield connection
        connection.execute("UPDATE proposals SET state = 'cancelled' WHERE state IN ('queued', 'proving')")
        connection.execute("DELETE FROM procrastinate_jobs")


def ask(town: Service, path: str, role: str | None = "planner", **body: Any) -> Any:
    return town.client.post(path, json=body, headers=town.headers(role))


def made(town: Service, **body: Any) -> dict[str, Any]:
    response = ask(town, PROPOSALS, **body)
    assert response.status_code == 201, response.text
    return response.json()  # type: ignore[no-any-return]


def told_of(response: Any) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.json()  # type: ignore[no-any-return]


def shown(town: Service, proposal: dict[str, Any]) -> dict[str, Any]:
    response = town.get(f"{PROPOSALS}/{proposal['id']}", "planner")
    assert response.status_code == 200, response.text
    return response.json()  # type: ignore[no-any-return]


def work_off(queue: psycopg.Connection[Any], url: str) -> None:
    """Do every proof that waits, as the worker would."""
    waiting = "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'todo' RETURNING task_name, args"
    for task, args in queue.execute(waiting).fetchall():
        assert task == "siting:prove"
        work.prove_proposal(url, **args)


def test_a_planner_sees_at_once_who_gains_and_who_loses(town: Service) -> None:
    changes = [NEW, {"do": "move", "station": "S1", "lon": 87.008, "lat": LAT}, {"do": "close", "station": "S2"}]
    response = ask(town, WHAT_IF, **FIVE, changes=changes, by="grid", circles=True)
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["before"]["households"] == {"covered": 200, "all": 300, "share": 0.6667}
    # 3.5 … 12.5 and 10.5 … 19.5 instead of 0.5 … 9.5 and 20.5 … 29.5.
    assert body["after"]["households"]["covered"] == 170
    assert (body["gained"]["households"], body["lost"]["households"]) == (100, 130)
    assert (body["gained"]["persons"], body["gained"]["places"]) == (250, 10)
    assert {one["code"]: one["after"]["households"]["covered"] for one in body["by"]} == {"A1": 70, "A2": 100, "B1": 0}
    added, moved, closed = body["stations"]
    assert (added["name"], added["category"], added["households"]) == ("样例拟建站", CLUB, 100)
    assert (moved["station"], moved["name"], moved["off_network"]) == ("S1", "示例站S1", None)
    assert (closed["do"], closed["lon"], closed["households"]) == ("close", 87.025, 100)
    assert [one["properties"]["change"] for one in body["circles"]["features"]] == [0, 1]
    circle = shapely.geometry.shape(body["circles"]["features"][0]["geometry"])
    assert circle.is_valid
    assert circle.covers(shapely.Point(87.015, LAT))
    assert body["network"]["version"]
    assert body["warnings"] == []


def test_of_many_changes_the_last_circles_are_drawn_and_that_is_said(town: Service) -> None:
    many = [{"do": "add", "lon": 87.002 + at / 1000, "lat": LAT} for at in range(22)]
    body = ask(town, WHAT_IF, **FIVE, changes=many, circles=True).json()
    assert [one["properties"]["change"] for one in body["circles"]["features"]] == list(range(2, 22))
    assert [one["code"] for one in body["warnings"]] == ["circles-left-out"]


def test_a_station_in_the_wild_is_told_off_the_network_with_its_distance(town: Service) -> None:
    wild = {"do": "add", "lon": 87.015, "lat": 36.66}
    body = ask(town, WHAT_IF, **FIVE, changes=[wild], circles=True).json()
    assert body["stations"][0]["off_network"] == pytest.approx(555, abs=2)
    assert (body["stations"][0]["households"], body["circles"]["features"]) == (0, [])
    assert body["before"] == body["after"]
    (warning,) = body["warnings"]
    assert warning["code"] == "stations-off-network"
    assert warning["message"].startswith("the new station would stand off the walking network (")
    assert warning["message_zh"].startswith("新增站点不在步行路网上")


@pytest.mark.parametrize(("role", "may"), [(None, 401), ("dispatcher", 403), ("clerk", 403), ("admin", 0)])
def test_only_planners_and_administrators_may_ask(town: Service, role: str | None, may: int) -> None:
    assert ask(town, WHAT_IF, role, **FIVE, changes=[]).status_code == (may or 200)
    assert ask(town, PROPOSALS, role, **HARD, prove=False).status_code == (may or 201)
    assert town.get(PROPOSALS, role).status_code == (may or 200)
    assert town.get(f"{PROPOSALS}/4711", role).status_code == (may or 404)
    assert town.client.post(f"{PROPOSALS}/4711/cancel", headers=town.headers(role)).status_code == (may or 404)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            {"changes": [{"do": "close", "station": "S1"}, {"do": "move", "station": "S1", "lon": 87, "lat": 36.6}]},
            "S1",
        ),
        ({"changes": [{"do": "close", "station": "S7"}]}, "S7"),
        ({"changes": [{"do": "add", "lon": 87.0}]}, "lon and lat"),
        ({"changes": [{"do": "add", "lon": 36.6, "lat": 117.0}]}, "exchanged"),
        ({"changes": [{"do": "burn", "station": "S1"}]}, "do"),
        ({"changes": [NEW] * 101}, "100"),
        ({"changes": [NEW], "minutes": 0}, "minutes"),
        ({"changes": [NEW], "minutes": 10_000}, "minutes"),
        ({"changes": [NEW], "by": "galaxy"}, "galaxy"),
        ({"changes": [NEW], "count": "cats"}, "cats"),
        ({"changes": [{**NEW, "name": "a\0b"}]}, "name"),
        ({"changes": [NEW], "profile": "bird"}, "bird"),
        ({"changes": [NEW], "colour": "red"}, "colour"),
        ({}, "changes"),
    ],
)
def test_changes_that_make_no_sense_are_refused_with_words(town: Service, body: dict[str, Any], told: str) -> None:
    response = ask(town, WHAT_IF, **body)
    assert response.status_code == 422
    problem = told_of(response)
    assert told in problem["detail"]
    assert any("一" <= mark <= "鿿" for mark in problem["detail_zh"])


def test_an_answer_that_is_proven_at_once_needs_no_job(town: Service) -> None:
    proposal = made(town, **FIVE, stations=2, sites=[{"lon": 87.015, "lat": LAT}, {"lon": 87.011, "lat": LAT}])
    assert (proposal["state"], proposal["job"], proposal["best"]) == ("done", None, None)
    instant = proposal["instant"]
    assert (instant["gained"], instant["covered"], instant["share"], instant["proven"]) == (100, 300, 1, True)
    # The second gains nobody any more.
    (site,) = instant["sites"]
    assert (site["rank"], site["name"], site["name_en"]) == (1, "示例路附近", "near 示例路")
    assert (site["gained"], site["share_after"]) == (100, 1)
    assert site["grid"] == {"code": "A2", "name": "A2网格"}
    assert shown(town, proposal) == proposal
    assert proposal["question"]["candidates"] == 2
    assert proposal["created_by"] == "测试 planner"


def test_a_proposal_is_proven_by_a_job_and_keeps_both_answers(town: Service, queue: psycopg.Connection[Any]) -> None:
    proposal = made(town, **HARD)
    assert (proposal["state"], proposal["best"], proposal["worker_alive"]) == ("queued", None, False)
    assert proposal["instant"]["bound"] > proposal["instant"]["gained"]
    assert 0 < proposal["instant"]["gap"] < 0.2
    job = town.get(f"/api/v1/jobs/{proposal['job']}", "planner").json()
    assert (job["task"], job["state"], job["proposal"], job["load"]) == ("prove", "waiting", proposal["id"], None)
    # Another instant answer now would be of other homes; the proof is of those that were asked about.
    queue.execute("UPDATE addresses SET withdrawn_at = now() WHERE code = 'A11'")
    work_off(queue, town.database_url)
    done = shown(town, proposal)
    assert (done["state"], done["progress"], done["problem"]) == ("done", None, None)
    best = done["best"]
    assert (best["proven"], best["ended"], best["gap"]) == (True, "proven", 0)
    assert best["bound"] == best["gained"] >= done["instant"]["gained"]
    assert done["instant"] == proposal["instant"]
    assert [site["rank"] for site in best["sites"]] == [1, 2, 3, 4]
    gains = [site["gained"] for site in best["sites"]]
    assert gains == sorted(gains, reverse=True)
    assert queue.execute("SELECT sites, wanted FROM proposals WHERE proposal_id = %s", (done["id"],)).fetchone() == (
        None,
        None,
    )
    job = town.get(f"/api/v1/jobs/{proposal['job']}", "admin").json()
    assert (job["state"], job["progress"]) == ("done", None)
    assert town.get(f"/api/v1/jobs/{proposal['job']}", "clerk").status_code == 404
    assert town.get(f"/api/v1/jobs/{proposal['job']}", "dispatcher").status_code == 403
    listed = town.get(PROPOSALS, "planner", limit=1).json()
    assert [one["id"] for one in listed["items"]] == [done["id"]]
    assert listed["next_before"] == done["id"]
    queue.execute("UPDATE addresses SET withdrawn_at = NULL WHERE code = 'A11'")


def test_the_fewest_stations_for_a_share_are_proven_too(town: Service, queue: psycopg.Connection[Any]) -> None:
    body = {**HARD, "stations": None, "share": 0.6, "minutes": 1.5}
    proposal = made(town, **body)
    assert proposal["instant"]["bound_of"] == "stations"
    assert proposal["instant"]["share"] >= 0.6
    work_off(queue, town.database_url)
    done = shown(town, proposal)
    best = done["best"] or done["instant"]
    assert best["proven"]
    assert best["bound"] == len(best["sites"]) <= len(done["instant"]["sites"])
    impossible = ask(town, PROPOSALS, **{**body, "share": 1})
    assert impossible.status_code == 422
    assert 0.6 < told_of(impossible)["facts"]["most_share"] < 1
    enough = made(town, **{**body, "share": 0.1})
    assert (enough["state"], enough["instant"]["sites"], enough["instant"]["proven"]) == ("done", [], True)


def test_a_proof_that_is_cancelled_stops_and_the_instant_answer_stays(
    town: Service, queue: psycopg.Connection[Any]
) -> None:
    proposal = made(town, **HARD)
    path = f"{PROPOSALS}/{proposal['id']}/cancel"
    assert town.client.post(path, headers=town.headers("clerk")).status_code == 403
    cancelled = town.client.post(path, headers=town.headers("planner"))
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    work_off(queue, town.database_url)
    assert shown(town, proposal)["best"] is None
    again = town.client.post(path, headers=town.headers("planner"))
    assert (again.status_code, told_of(again)["facts"]["state"]) == (409, "cancelled")
    recorded = queue.execute("SELECT action, actor FROM audit WHERE target = %s", (str(proposal["id"]),)).fetchall()
    assert {("proposal.create", "测试 planner"), ("proposal.cancel", "测试 planner")} <= set(recorded)


def test_a_proof_that_is_cancelled_while_it_runs_ends_and_adds_what_it_found(
    town: Service, queue: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = made(town, **HARD)
    proven = work.proven

    def cancelled_meanwhile(*given: Any, watch: Callable[..., bool], **named: Any) -> Any:
        stored.cancel_proposal(queue, proposal["id"], "样例")
        assert not watch(1.0, 2.0, 0.5)
        return proven(*given, watch=watch, **named)

    monkeypatch.setattr(work, "proven", cancelled_meanwhile)
    work_off(queue, town.database_url)
    done = shown(town, proposal)
    assert done["state"] == "cancelled"
    assert done["best"]["ended"] == "cancelled"
    assert done["best"]["gained"] >= done["instant"]["gained"]


def test_how_far_a_proof_is_can_be_followed(
    town: Service, queue: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = made(town, **HARD, seconds=90)

    def looked_at(*_: Any, watch: Callable[..., bool], **__: Any) -> Any:
        assert watch(120.0, 121.5, 7.9)
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(work, "proven", looked_at)
    seen: list[Any] = []
    fail = work._fail
    monkeypatch.setattr(work, "_fail", lambda *given: (seen.append(shown(town, proposal)), fail(*given)))
    work_off(queue, town.database_url)
    (proving,) = seen
    assert proving["state"] == "proving"
    assert proving["progress"] == {"stage": "proving", "done": 7, "total": 90, "best": 120, "bound": 121.5}
    failed = shown(town, proposal)
    assert (failed["state"], failed["problem"]["code"]) == ("failed", "internal-error")
    assert "secret" not in str(failed)


def test_a_proposal_whose_job_is_gone_says_so(town: Service, queue: psycopg.Connection[Any]) -> None:
    proposal = made(town, **HARD)
    jobs._settle(town.database_url)
    assert shown(town, proposal)["state"] == "queued"
    queue.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", (proposal["job"],))
    queue.execute(
        "UPDATE proposals SET progress_at = now() - interval '1 minute' WHERE proposal_id = %s", (proposal["id"],)
    )
    jobs._settle(town.database_url)
    settled = shown(town, proposal)
    assert (settled["state"], settled["problem"]["code"]) == ("failed", "worker-died")
    # The killed worker was only slow: what it brings comes too late.
    work.prove_proposal(town.database_url, proposal["id"])
    assert shown(town, proposal) == settled


def test_only_so_many_proofs_wait_at_a_time_and_old_ones_are_forgotten(
    town: Service, queue: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "MOST_OPEN", 1)
    proposal = made(town, **HARD)
    refused = ask(town, PROPOSALS, **HARD)
    assert (refused.status_code, told_of(refused)["code"]) == (409, "conflict")
    assert made(town, **HARD, prove=False)["state"] == "done"
    queue.execute("UPDATE proposals SET created_at = now() - interval '31 days'")
    assert stored.forget_old_proposals(queue) >= 2
    gone = town.get(f"{PROPOSALS}/{proposal['id']}", "planner")
    assert (gone.status_code, told_of(gone)["code"]) == (404, "not-known")
    work_off(queue, town.database_url)
    monkeypatch.setattr(stored, "MOST_KEPT", 1)
    made(town, **HARD, prove=False)
    made(town, **HARD, prove=False)
    assert len(town.get(PROPOSALS, "planner").json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"sites": SITES}, 422, "how many stations"),
        ({"stations": 3, "share": 0.9, "sites": SITES}, 422, "how many stations"),
        ({"stations": 51, "sites": SITES}, 422, "stations"),
        ({"stations": 0, "sites": SITES}, 422, "stations"),
        ({"share": 1.2, "sites": SITES}, 422, "share"),
        ({"stations": 1, "seconds": 601, "sites": SITES}, 422, "seconds"),
        ({"stations": 1, "sites": []}, 422, "at least one site"),
        ({"stations": 1, "sites": "houses"}, 422, "sites"),
        ({"stations": 1, "sites": [{"lon": 36.6, "lat": 117.0}]}, 422, "exchanged"),
        ({"stations": 1, "sites": [{"lon": True, "lat": 36.6}]}, 422, "number"),
        ({"stations": 1, "sites": [{"lon": 87.015, "lat": LAT, "name": "a\0b"}]}, 422, "name"),
        ({"stations": 1, "sites": [{"lon": 87.015, "lat": 36.66}]}, 409, "walking network"),
        ({"stations": 1, "sites": "buildings"}, 409, "no building"),
        ({"stations": 1, "within": "999", "sites": SITES}, 404, "999"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_with_words(
    town: Service, body: dict[str, Any], status: int, told: str
) -> None:
    response = ask(town, PROPOSALS, **FIVE, **body)
    assert (response.status_code, told in told_of(response)["detail"]) == (status, True)


def test_the_command_proposes_sites_and_proves_them(town: Service, tmp_path: Path) -> None:
    terminal = Terminal(town.database_url, town.settings.state_folder)
    file = tmp_path / "sites.csv"
    lines = [f"{site['lon']},{site['lat']},{site['name']}" for site in SITES]
    file.write_text("\n".join(["lon,lat,name", *lines]), encoding="utf-8")
    asked = ("coverage", "propose", "--minutes", "1.5", "--category", CLUB, "--sites", file)
    told = terminal.run(*asked, "-k", "4")
    assert told.status == 0, told.text
    assert "within" in told.text
    assert "样例" in told.text
    proven = terminal.run(*asked, "-k", "4", "--prove", "--out", tmp_path / "out.csv")
    assert "Proven: no other choice of these sites is better." in proven.text
    written = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert written[0].startswith("rank,name,gained,share_after,grid")
    assert len(written) == 5
    few = Terminal(town.database_url, town.settings.state_folder, "zh_CN.UTF-8").run(
        *asked, "--share", "60 %", "--prove"
    )
    assert "已证明" in few.text, few.text
    assert "户数 300 中" in few.text
    assert terminal.run(*asked, "--share", "99%").status == 2
    assert "such as 90%" in terminal.run(*asked, "--share", "most").text
    file.write_text("lon,lat\n36.6,117.1\n", encoding="utf-8")
    assert "row 2" in terminal.run(*asked, "-k", "1").text


def test_the_command_prints_json_as_the_api_gives_it(
    town: Service, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    terminal = Terminal(town.database_url, town.settings.state_folder)
    said = terminal.run("coverage", "propose", "-k", "1", "--minutes", "5", "--category", CLUB, "--sites", "buildings")
    assert said.status == 2
    assert "no building" in said.text
    file = tmp_path / "rooms.geojson"
    feature = {
        "type": "Feature",
        "properties": {"name": "样例房"},
        "geometry": {"type": "Point", "coordinates": [87.015, LAT]},
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    said = terminal.run(
        "coverage", "propose", "-k", "1", "--minutes", "5", "--category", CLUB, "--sites", file, "--json"
    )
    record = json.loads(said.text)
    assert (record["sites"][0]["name"], record["gained"], record["proven"]) == ("样例房", 100, True)
