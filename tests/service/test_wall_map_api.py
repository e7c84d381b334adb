"""Wall maps by API, by command, and the page on which printing is chosen."""

import io
import subprocess
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.commands import Run
from tests.service.conftest import Service, problem_of

PATH = "/api/v1/wall-map"


def _text(content: bytes) -> str:
    told = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    return "".join(told.stdout.decode().split())


def test_a_key_gets_the_map_of_an_area_as_everybody_may_see_it(service: Service) -> None:
    answer = service.get(PATH, "admin", area="990101001", size="A4", orientation="portrait")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith('inline; filename="wall-map-990101001-A4-2')
    pdf = pypdf.PdfReader(io.BytesIO(answer.content))
    assert [round(float(side) / 72 * 25.4) for side in pdf.pages[0].mediabox[2:]] == [210, 297]
    assert len(pdf.pages) == 1
    text = _text(answer.content)
    assert "甲一社区网格图" in text
    assert "A1" in text
    assert "B1网格" not in text
    # The role makes neither names nor phones public.
    assert "示例W2" not in text
    assert "13800000001" not in text
    assert "网格长" in text


def test_a_layer_and_a_theme_and_english_are_maps_too(service: Service) -> None:
    answer = service.get(PATH, "planner", layer="general", theme="households", lang="en", as_of="2025-06-01")
    text = _text(answer.content)
    assert "Gridmapof甲街道" in text
    assert "Households" in text
    assert "Dataof2025-06-01" in text
    assert "Release1" in text


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "invalid-input"),
        ({"area": "990101", "size": "A9"}, 422, "invalid-request"),
        ({"area": "990101", "orientation": "diagonal"}, 422, "invalid-request"),
        ({"area": ["990101", "990102"]}, 422, "invalid-input"),
        ({"area": "no such area"}, 404, "not-known"),
        ({"area": "990101", "layer": "no such layer"}, 404, "not-known"),
        ({"area": "990101", "theme": "no such count"}, 404, "not-known"),
        ({"area": "990101", "as_of": "2020-01-01"}, 404, "not-known"),
        ({"area": "990101", "as_of": "soon"}, 422, "invalid-time"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(
    service: Service, asked: dict[str, Any], status: int, code: str
) -> None:
    problem_of(service.get(PATH, "clerk", **asked), status, code)


def test_a_wall_map_is_for_those_with_a_key(service: Service) -> None:
    problem_of(service.get(PATH, area="990101"), 401, "not-allowed")


def test_everybody_chooses_among_boards_and_those_with_a_key_among_maps(service: Service) -> None:
    page = service.get("/maps/print", area="990101001").text
    assert "甲一社区，2 个网格" in page
    assert 'id="wall-needs-key"' in page
    assert "/api/v1/wall-map" not in page
    for link in (
        "/maps/boards?layer=general&amp;grid=A1",
        '<form method="get" action="/api/v1/boards"',
        '<option value="600x900">',
        'name="area" value="990101001"',
    ):
        assert link in page
    assert "B1" not in page
    signed_in = service.get("/maps/print", "planner", area="990101001", lang="en", as_of="2026-03-01").text
    assert 'action="/api/v1/wall-map"' in signed_in
    assert '<input type="hidden" name="as_of" value="2026-03-01">' in signed_in
    assert "By Households" in signed_in


def test_the_page_starts_with_what_holds_everything_and_knows_no_other_areas(service: Service) -> None:
    assert "甲街道，3 个网格" in service.get("/maps/print").text
    before = service.get("/maps/print", as_of="2020-01-01")
    assert before.status_code == 200
    assert "gridmap demo" in before.text
    for asked in ({"area": "no such area"}, {"layer": "<b>"}):
        answer = service.client.get("/maps/print", params=asked, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "<b>" not in answer.text


def test_the_command_writes_one_page_or_says_why_not(territory: Run, tmp_path: Path) -> None:
    ended = territory("wall-map", "--area", "990101", "--size", "A4", "--out", "map.pdf")
    assert ended.status == 0, ended.complained
    assert "3 grids" in ended.said
    assert "GRIDMAP_PUBLIC_URL" in ended.said
    assert "甲街道网格图" in _text((tmp_path / "map.pdf").read_bytes())
    before = (tmp_path / "map.pdf").read_bytes()
    unknown = territory("wall-map", "--area", "nowhere", "--out", "map.pdf")
    assert (unknown.status, "nowhere" in unknown.complained) == (2, True)
    assert (tmp_path / "map.pdf").read_bytes() == before
    assert territory("wall-map", "--out", "map.txt").status == 2
