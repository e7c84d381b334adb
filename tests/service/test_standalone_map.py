"""The map as a file: by the API, by the command, and what is in it."""

import hashlib
import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from service.maps import standalone
from tests.commands import Run
from tests.service.conftest import Service, problem_of
from tests.territory import COMMUNITY_A, STREET

PATH = "/api/v1/exports/map"


def data_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_who_has_a_key_gets_the_map_as_a_file_with_a_name(service: Service) -> None:
    problem_of(service.get(PATH), 401, "not-allowed")
    for role in ("dispatcher", "planner", "clerk", "admin"):
        assert service.get(PATH, role).status_code == 200
    answer = service.get(PATH, "planner", within=COMMUNITY_A, as_of="2026-02-01")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert 'filename="map-990101001-2026-02-01.html"' in answer.headers["content-disposition"]


def test_the_file_lets_its_own_script_run_and_nothing_else(service: Service) -> None:
    text = service.get(PATH, "clerk").text
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    allowed = dict(part.split(" ", 1) for part in policy[1].replace("&#39;", "'").split("; "))
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'"
    assert set(allowed) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    for name, pattern in (("script-src", r"<script>(.*?)</script>"), ("style-src", r"<style>(.*?)</style>")):
        (inline,) = re.findall(pattern, text, re.DOTALL)
        digest = b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert allowed[name] == f"'sha256-{digest}'"
    assert not re.search(r"https?://|url\(|@import|\bimport\b|<link|<img|<iframe", text)
    assert not re.search(r"<[^>]+\s(style|on\w+)=", text)


def test_the_file_shows_what_the_public_may_know_whoever_asks(service: Service) -> None:
    told = [data_of(service.get(PATH, role, as_of="2026-02-01").text) for role in ("admin", "planner")]
    assert told[0] == told[1]
    data = told[0]
    people = {grid["code"]: [data["people"][place] for place in grid["people"]] for grid in data["grids"]}
    assert [person["phone"] for person in people["A1"]] == ["138****0001"]
    assert people["B1"] == []
    assert people["A1"][0]["role_name"] == "网格长"
    assert "W2" not in people["A1"][0]["name"]
    assert [(one["code"], one["category"]) for one in data["stations"]] == [("S1", "党群服务站"), ("S2", "党群服务站")]
    assert "13800000001" not in json.dumps(data)


def test_an_area_holds_its_own_grids_and_is_named_in_the_title(service: Service) -> None:
    whole = service.get(PATH, "clerk").text
    part = service.get(PATH, "clerk", within=COMMUNITY_A).text
    assert [grid["code"] for grid in data_of(whole)["grids"]] == ["A1", "A2", "B1"]
    assert [grid["code"] for grid in data_of(part)["grids"]] == ["A1", "A2"]
    assert {area["code"] for area in data_of(part)["areas"]} == {COMMUNITY_A, STREET}
    assert "<title>甲一社区网格地图</title>" in part
    assert "<title>甲街道网格地图</title>" in whole
    english = service.get(PATH, "clerk", lang="en", as_of="2025-06-01").text
    assert "<title>Grid map: 甲街道</title>" in english
    assert "of 2025-06-01 00:00" in english
    assert "Release 1, in force since" in english


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"layer": "none"}, 404, "not-known"),
        ({"within": "<b>"}, 404, "not-known"),
        ({"as_of": "1990-01-01"}, 422, "invalid-input"),
        ({"as_of": "soon"}, 422, "invalid-time"),
        ({"lang": "fr"}, 422, "invalid-request"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(
    service: Service, asked: dict[str, str], status: int, code: str
) -> None:
    problem_of(service.get(PATH, "clerk", **asked), status, code)


def test_more_than_a_file_can_hold_is_refused_with_advice(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standalone, "MOST_GRIDS", 2)
    problem = problem_of(service.get(PATH, "clerk"), 422, "invalid-input")
    assert "3 grids are too many" in problem["detail"]
    assert "within" in problem["detail"]
    assert "within" in problem["detail_zh"]
    assert problem["facts"] == {"grids": 3, "most": 2}
    assert service.get(PATH, "clerk", within=COMMUNITY_A).status_code == 200
    monkeypatch.setattr(standalone, "MOST_BYTES", 9000)
    problem_of(service.get(PATH, "clerk", within=COMMUNITY_A), 422, "invalid-input")


def test_the_command_writes_the_file_and_says_its_size(territory: Run, tmp_path: Path) -> None:
    target = tmp_path / "map.html"
    for arguments in (("--out", str(target)), (str(target), "--within", COMMUNITY_A, "--lang", "en")):
        said = territory("export", "map", *arguments)
        assert said.status == 0, said.complained
        assert re.search(r"\d grids, 0\.\d MB → .*map\.html", said.said.replace("\n", ""))
    assert "<title>Grid map: 甲一社区</title>" in target.read_text(encoding="utf-8")
    for wrong in (
        ("--out", str(tmp_path / "map.pdf")),
        (),
        (str(target), "--out", str(target)),
        ("--out", str(target), "--until", "2026-01-01"),
        ("--out", str(target), "--layer", "none"),
        ("--out", str(target), "--as-of", "1990-01-01"),
        ("--out", str(tmp_path / "none" / "map.html")),
    ):
        assert territory("export", "map", *wrong).status == 2, wrong
    assert "甲一社区" in target.read_text(encoding="utf-8")
