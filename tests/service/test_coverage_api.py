"""Coverage as anybody may ask for it: answers, files, refusals."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pypdf
import pytest
import shapely
from jsonschema import Draft202012Validator

from geodata import uncovered
from geodata.database import connect
from geodata.errors import BusyError
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.station.network.walking import NoNetwork
from service.matching import Reaching, Turns
from tests.coverage_town import LAT
from tests.service.conftest import Service, problem_of

CLUB = "党群服务站"
COVERAGE, GAPS = "/api/v1/coverage", "/api/v1/coverage/gaps"


class NobodysTurn(Turns):
    """Threads that are all taken."""

    async def run(self, *_: Any, **__: Any) -> Any:
        raise BusyError("busy", "忙")


@pytest.fixture(scope="module")
def town(serve_town: Callable[..., Service]) -> Service:
    return serve_town("coverage_api")


def test_anybody_sees_who_is_reached_by_grid(town: Service) -> None:
    response = town.get(COVERAGE, minutes=5, category=CLUB, by="grid", as_of="2026-06-03")
    assert response.status_code == 200
    body = response.json()
    assert body["total"]["households"] == {"covered": 200, "all": 300, "share": 0.6667}
    assert body["total"]["area_m2"]["share"] < 0.3
    assert {part["code"]: part["households"]["covered"] for part in body["by"]} == {"A1": 100, "A2": 20, "B1": 80}
    assert body["elsewhere"]["households"]["all"] == 0
    assert (body["minutes"], body["category"], body["profile"], body["count"]) == (5, CLUB, "adult", "households")
    assert body["source"] == "register"
    assert body["several"] == [
        {"stations": 0, "households": 100, "share": 0.3333},
        {"stations": 1, "households": 200, "share": 0.6667},
    ]
    assert body["stations"]["counted"] == 2
    assert body["network"]["version"]


def test_gaps_have_place_size_street_and_the_walk_to_the_nearest_station(town: Service) -> None:
    body = town.get(GAPS, minutes=5, category=CLUB).json()
    # 10.5 … 19.5: 900 m of homes are cut in two.
    assert (body["total"], body["households"]) == (2, 100)
    first = body["items"][0]
    assert first["households"] == 50
    assert first["street"] == "示例路"
    assert [grid["code"] for grid in first["grids"]] == ["A2"]
    assert first["area"]["name"] == "甲一社区"
    assert first["nearest"]["code"] == "S1"
    assert 7 < first["nearest"]["walk_minutes"] < 9
    around = shapely.geometry.shape(first["geometry"])
    assert around.is_valid
    assert around.covers(shapely.Point(first["lon"], first["lat"]))
    assert "text" not in str(body)
    assert town.get(GAPS, minutes=5, category=CLUB, limit=1).json()["total"] == 2


def test_who_has_a_key_does_not_wait_behind_the_public(town: Service) -> None:
    held = town.client.app.state.serving
    town.client.app.state.serving = replace(held, reaching=Reaching(public=NobodysTurn()))
    try:
        problem_of(town.get(COVERAGE, minutes=5), 503, "busy")
        assert town.get(COVERAGE, "planner", minutes=5).status_code == 200
    finally:
        town.client.app.state.serving = held


def test_how_many_live_in_the_only_home_of_a_gap_is_told_to_keys_alone(
    town: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"minutes": 5, "category": CLUB, "limit": 1}
    assert town.get(GAPS, **few).json()["items"][0]["persons"] == 125
    monkeypatch.setattr(uncovered, "FEW_HOUSEHOLDS", 51)
    (gap,) = town.get(GAPS, **few).json()["items"]
    assert (gap["households"], gap["persons"]) == (50, None)
    assert town.get(GAPS, format="csv", **few).text.splitlines()[1].startswith("1,50,,")
    assert town.get(GAPS, "dispatcher", **few).json()["items"][0]["persons"] == 125


def test_the_same_question_is_not_sent_twice(town: Service) -> None:
    first = town.get(COVERAGE, minutes=5, as_of="2026-06-03")
    tag = first.headers["etag"]
    again = town.client.get(f"{COVERAGE}?minutes=5&as_of=2026-06-03", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert town.get(COVERAGE, minutes=6, as_of="2026-06-03").headers["etag"] != tag


def test_a_csv_has_the_whole_first_and_no_formulas(town: Service) -> None:
    response = town.get(COVERAGE, minutes=5, category=CLUB, format="csv", lang="zh")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert "coverage-" in response.headers["content-disposition"]
    header, whole, *parts = response.content.decode("utf-8-sig").splitlines()
    assert header.startswith("级别,编码,名称,户数,已覆盖户数,未覆盖户数,户数覆盖率")
    assert whole.startswith("total,,合计,300,200,100,0.6667")
    assert [line.split(",")[2] for line in parts] == ["A1网格", "A2网格", "'=B1网格"]


def test_a_workbook_and_a_geopackage_hold_the_same(town: Service, tmp_path: Path) -> None:
    xlsx = town.get(COVERAGE, minutes=5, category=CLUB, format="xlsx", by="community").content
    rows = list(openpyxl.load_workbook(BytesIO(xlsx)).active.iter_rows(values_only=True))
    assert [row[:6] for row in rows[1:]] == [
        ("total", None, "all", 300, 200, 100),
        ("community", "990101001", "甲一社区", 220, 120, 100),
        ("community", "990101002", "甲二社区", 80, 80, 0),
    ]
    path = tmp_path / "coverage.gpkg"
    path.write_bytes(town.get(COVERAGE, minutes=5, category=CLUB, format="gpkg").content)
    frame = gpd.read_file(path).set_index("code")
    assert frame.loc["A2", "households_covered"] == 20
    assert frame.loc["A2"].geometry.bounds == pytest.approx((87.01, 36.65, 87.022, 36.66))
    path.write_bytes(town.get(GAPS, minutes=5, category=CLUB, format="gpkg").content)
    assert gpd.read_file(path)["households"].tolist() == [50, 50]


def test_a_gaps_file_without_gaps_still_has_its_columns(town: Service) -> None:
    text = town.get(GAPS, minutes=30, category=CLUB, format="csv").content.decode("utf-8-sig")
    assert text.splitlines() == [text.splitlines()[0]]
    assert text.startswith("rank,households,persons,places")


@pytest.mark.parametrize("minutes", ["0", "-5", "10000", "ten", "nan", "inf", ""])
@pytest.mark.parametrize("path", [COVERAGE, GAPS])
def test_minutes_that_are_none_are_refused(town: Service, path: str, minutes: str) -> None:
    response = town.client.get(f"{path}?minutes={minutes}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == "query.minutes"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"within": "000"}, 404, "not-known"),
        ({"category": "没有"}, 404, "not-known"),
        ({"level": "没有"}, 404, "not-known"),
        ({"layer": "nope", "by": "grid"}, 404, "not-known"),
        ({"layer": "nope"}, 404, "not-known"),
        ({"by": "galaxy"}, 422, "invalid-input"),
        ({"profile": "bird"}, 422, "invalid-input"),
        ({"count": "cats"}, 422, "invalid-input"),
        ({"at": "soon"}, 422, "invalid-time"),
        ({"as_of": "soon"}, 422, "invalid-time"),
    ],
)
def test_what_is_not_known_is_refused_with_what_there_is(
    town: Service, asked: dict[str, Any], status: int, code: str
) -> None:
    problem_of(town.get(COVERAGE, **asked), status, code)
    if "by" not in asked:
        problem_of(town.get(GAPS, **asked), status, code)


def test_a_parameter_that_is_given_twice_is_refused(town: Service) -> None:
    problem_of(town.client.get(f"{COVERAGE}?minutes=5&minutes=10"), 422, "invalid-input")


def test_stations_of_a_day_before_any_existed_leave_everybody_uncovered(town: Service) -> None:
    body = town.get(COVERAGE, as_of="2025-03-01", category=CLUB, level="站").json()
    assert body["code"] == "not-known"
    before = town.get(COVERAGE, as_of="2024-01-01").json()
    assert before["total"]["households"] == {"covered": 0, "all": 300, "share": 0.0}
    assert [warning["code"] for warning in before["warnings"]] == ["no-stations"]
    assert town.get(GAPS, as_of="2024-01-01").json()["items"][0]["nearest"] is None


def test_without_streets_coverage_is_refused(service: Service) -> None:
    service.client.app.state.serving.network.refresh()
    problem_of(service.get(COVERAGE), 409, "no-network")
    problem_of(service.get(GAPS), 409, "no-network")


def test_while_the_network_is_compiled_whoever_asks_is_told_to_come_again(town: Service) -> None:
    state = town.client.app.state
    held = state.serving
    state.serving = replace(held, network=NoNetwork())
    try:
        for path in (COVERAGE, GAPS):
            response = town.get(path)
            problem_of(response, 503, "network-not-ready")
            assert int(response.headers["retry-after"]) > 0
    finally:
        state.serving = held


REPORT = "/api/v1/coverage/report"


def test_where_too_many_wait_the_public_is_told_to_come_again_and_leaves_room_for_those_with_a_key(
    town: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.matching.MOST_WAITING_PUBLIC", 0)
    station, home = "/api/v1/stations/S1/circle", {"lon": 87.015, "lat": LAT}
    for path, asked in ((COVERAGE, {}), (GAPS, {}), (station, {}), ("/api/v1/life-circle", home)):
        refused = town.get(path, **asked)
        problem_of(refused, 503, "busy")
        assert refused.headers["retry-after"] == "2"
        assert town.get(path, "planner", **asked).status_code == 200


def test_a_planner_prints_the_report_with_the_sites_that_help_and_an_earlier_date(town: Service) -> None:
    asked = {"minutes": 5, "category": CLUB, "as_of": "2026-06-03", "compare": "2026-03-01", "stations": 2}
    response = town.get(REPORT, "planner", **asked)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["cache-control"] == "no-store"
    pages = pypdf.PdfReader(BytesIO(response.content)).pages
    text = "".join(page.extract_text() for page in pages).replace("\u00a0", " ")
    assert "甲街道 300 户中，步行 5 分钟内可达服务站点的占 66.7 %，尚有100 户在服务圈外" in text.replace("\n", "")
    assert "较 2026-03-01" in text
    assert f"只计：{CLUB}" in text
    english = town.get(REPORT, "admin", **asked, within="990101001", lang="en")
    told = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(english.content)).pages)
    assert "reach a service station within 5 minutes" in told.replace("\n", " ")


@pytest.mark.parametrize(
    ("role", "changed", "status", "kind"),
    [
        (None, {}, 401, "not-allowed"),
        ("dispatcher", {}, 403, "not-allowed"),
        ("planner", {"stations": 11}, 422, "invalid-request"),
        ("planner", {"minutes": 0}, 422, "invalid-request"),
        ("planner", {"compare": "yesterday"}, 422, "invalid-time"),
        ("planner", {"within": "nowhere"}, 404, "not-known"),
        ("planner", {"profile": "bird"}, 422, "invalid-input"),
    ],
)
def test_a_report_that_cannot_be_made_is_refused_with_the_reason(
    town: Service, role: str | None, changed: dict[str, Any], status: int, kind: str
) -> None:
    problem_of(town.get(REPORT, role, **{"minutes": 5, **changed}), status, kind)


def test_before_anything_was_in_force_there_is_nothing_to_compare_with(town: Service) -> None:
    response = town.get(REPORT, "planner", minutes=5, compare="1990-01-01", stations=0)
    assert response.status_code == 200
    assert "较 1990" not in "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(response.content)).pages)


def test_other_people_are_counted_as_soon_as_they_are_loaded(town: Service) -> None:
    with connect(town.database_url) as connection:
        frame = pd.DataFrame({"address": ["A0", "A15"], "老年人": [4, 6]})
        report = load_frame(connection, "counts", frame, options=LoadOptions(commit=True, actor="test"))
        assert report.committed, report.findings
        connection.commit()
    town.client.app.state.serving.network.refresh()
    body = town.get(COVERAGE, "planner", minutes=5, category=CLUB, count="elderly", by="community").json()
    assert body["total"]["elderly"] == {"covered": 4, "all": 10, "share": 0.4}
    assert body["several"] == [
        {"stations": 0, "elderly": 6, "share": 0.6},
        {"stations": 1, "elderly": 4, "share": 0.4},
    ]
    assert [part["elderly"]["all"] for part in body["by"]] == [10, 0]
    gaps = town.get(GAPS, "planner", minutes=5, category=CLUB, count="elderly").json()["items"]
    assert gaps[0]["grids"][0]["code"] == "A2"
    for path in (COVERAGE, GAPS):
        problem_of(town.get(path, count="elderly"), 401, "not-allowed")
    public, planners = (town.get(COVERAGE, role, by="grid") for role in (None, "planner"))
    assert "elderly" in planners.text
    assert "elderly" not in public.text
    assert "elderly" not in town.get(COVERAGE, format="csv").text
    # Whoever signs in is not told that the public's answer still holds.
    tagged = town.client.get(
        COVERAGE, params={"by": "grid"}, headers={**town.headers("planner"), "If-None-Match": public.headers["etag"]}
    )
    assert tagged.status_code == 200


def test_answers_have_the_documented_fields(town: Service) -> None:
    document = town.client.app.openapi()
    for path, params in ((COVERAGE, {"by": "grid"}), (GAPS, {"minutes": 5})):
        body = town.get(path, category=CLUB, **params).json()
        content = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        schema = {**content["schema"], "components": document["components"]}
        assert [error.message for error in Draft202012Validator(schema).iter_errors(body)] == []
        named = document["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[-1]]
        assert set(body) == set(named["properties"])
