"""Notice boards over HTTP: as the public sees them, one page, a code that is read back, and what is wrong with them."""

import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from geodata.boards.printed import begin_run, note_printed, print_run
from geodata.database import connect
from service.maps.boards.work import print_queued_run
from tests.service.conftest import Service, problem_of
from tests.territory import publish

PATH = "/api/v1/boards"


def _picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, "#c62828").save(content, kind)
    return content.getvalue()


def _seen(pdf: bytes, folder: Path) -> Image.Image:
    (folder / "board.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "150", "-png", "board.pdf", "page"], cwd=folder, check=True)
    (page,) = folder.glob("page*.png")
    return Image.open(page)


def test_a_board_is_one_page_of_its_paper_and_its_code_leads_to_the_live_page(service: Service, tmp_path: Path) -> None:
    answer = service.get(PATH, grid="A1", size="A4", here="87.005,36.655")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    read = PdfReader(io.BytesIO(answer.content))
    assert len(read.pages) == 1
    box = read.pages[0].mediabox
    assert [round(float(side) / 72 * 25.4) for side in (box.width, box.height)] == [210, 297]
    fonts = {font["/BaseFont"] for font in read.pages[0]["/Resources"]["/Font"].values()}  # type: ignore[index,union-attr]
    assert fonts
    assert all("Noto-Sans-CJK" in str(font) for font in fonts)
    codes = [code.text for code in zxingcpp.read_barcodes(_seen(answer.content, tmp_path))]
    assert codes == ["http://testserver/maps/boards/general/A1"]
    text = read.pages[0].extract_text()
    assert "A1网格公示牌" in text
    assert "您在这里" in text
    assert "13800000001" not in text
    again = service.client.get(
        f"{PATH}?grid=A1&size=A4&here=87.005,36.655", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_the_board_says_the_same_to_everybody_and_what_is_wrong_to_those_with_a_key(service: Service) -> None:
    told = service.get(PATH, grid="A1", format="json").json()
    (person,) = [one for tier in told["tiers"] for one in tier["people"]]
    assert (person["name"], person["phone"], person["masked"]) == ("示**", "138****0001", True)
    assert told["above"] == ["甲街道", "甲一社区"]
    assert [one["name"] for one in told["stations"]] == ["示例站S1", "示例站S2"]
    assert told["findings"] is None
    known = service.get(PATH, "admin", grid="A1", format="json").json()
    assert {one["kind"] for one in known["findings"]} == {"no-dialable-number", "phone-not-public", "no-hotline"}
    for name in ("tiers", "figures", "stations", "digest"):
        assert known[name] == told[name]


def test_a_community_without_people_on_duty_has_a_board_that_says_so(service: Service) -> None:
    told = service.get(PATH, "clerk", area="990101002", format="json").json()
    assert (told["kind"], told["tiers"]) == ("community", [])
    assert "nobody-on-duty" in {one["kind"] for one in told["findings"]}
    page = service.get("/maps/boards", area="990101002")
    assert page.status_code == 200
    assert "暂无责任人" in page.text
    assert "公示牌检查" not in page.text


def test_the_page_shows_the_board_and_its_findings_to_those_with_a_key(service: Service) -> None:
    page = service.get("/maps/boards/general/A1", "planner")
    assert page.status_code == 200
    assert "A1网格公示牌" in page.text
    assert "138****0001" in page.text
    assert "公示牌上没有" in page.text
    assert "script-src 'self' 'nonce-" in page.headers["content-security-policy"]
    plan = service.get("/maps/boards/plan.svg", layer="general", grid="A1")
    assert plan.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in plan.headers["content-security-policy"]
    english = service.get("/maps/boards/general/A1", lang="en")
    assert "Whom to call" in english.text
    assert 'href="/maps/print"' in service.get("/", "planner").text
    assert 'href="/maps/print"' not in service.get("/").text


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 422, "invalid-input"),
        ({"grid": "A1", "area": "990101001"}, 422, "invalid-input"),
        ({"grid": "<b>"}, 404, "not-known"),
        ({"area": "nowhere"}, 404, "not-known"),
        ({"compound": "C9"}, 404, "not-known"),
        ({"grid": "A1", "layer": "nosuch"}, 404, "not-known"),
        ({"grid": "A1", "size": "A5"}, 422, "invalid-request"),
        ({"grid": "A1", "here": "somewhere"}, 422, "invalid-input"),
        ({"grid": "A1", "here": "87.1,36.655"}, 422, "invalid-input"),
        ({"grid": "A1", "as_of": "yesterday"}, 422, "invalid-time"),
        ({"grid": "A1", "as_of": "2020-01-01"}, 404, "not-known"),
    ],
)
def test_what_no_board_can_be_made_of_is_told(service: Service, query: dict[str, str], status: int, code: str) -> None:
    problem_of(service.get(PATH, **query), status, code)


def test_a_run_is_queued_printed_by_its_job_and_given_as_a_zip_and_a_retired_grid_leads_on(
    own_service: Service,
) -> None:
    headers = own_service.headers("clerk")
    asked = {"kind": "community", "within": "990101002", "size": "A4"}
    run = own_service.client.post(f"{PATH}/runs", json=asked, headers=headers).json()
    assert (run["state"], run["total"], run["asked"]["within"]) == ("queued", 1, "990101002")
    problem_of(own_service.client.post(f"{PATH}/runs", json=asked, headers=headers), 409, "conflict")
    problem_of(
        own_service.client.post(f"{PATH}/runs", json={"kind": "street"}, headers=headers), 422, "invalid-request"
    )
    problem_of(own_service.get(f"{PATH}/runs/{run['id']}/file", "clerk"), 404, "not-known")
    with connect(own_service.database_url) as connection:
        row = connection.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'boards:print'").fetchone()
    assert row is not None
    print_queued_run(own_service.database_url, **row[0])
    done = own_service.get(f"{PATH}/runs/{run['id']}", "clerk").json()
    assert (done["state"], done["done"], done["printed"]) == ("done", 1, 1)
    bundle = own_service.get(f"{PATH}/runs/{run['id']}/file", "clerk")
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as files:
        assert files.namelist() == ["990101002-甲二社区-A4.pdf", "boards.csv"]
    # The code on a wall leads to a grid that is no more: the page leads on to what lies there now.
    with connect(own_service.database_url) as connection:
        connection.execute(
            "UPDATE grid_versions SET period = tstzrange(lower(period), '2026-06-01+08') WHERE code = 'A1'"
        )
        publish(connection, 3, {"A3": (0, 10)}, "2026-06-01T00:00+08:00")
    own_service.client.app.state.serving.store.refresh()
    problem_of(own_service.get(PATH, grid="A1"), 404, "retired")
    gone = own_service.get("/maps/boards/general/A1")
    assert gone.status_code == 404
    assert "网格“A1网格”已撤销" in gone.text
    assert 'href="/maps/boards/general/A3"' in gone.text
    # What a job that is run again finds done stays done.
    print_queued_run(own_service.database_url, **row[0])
    assert own_service.get(f"{PATH}/runs/{run['id']}", "clerk").json()["state"] == "done"


def test_logos_are_pictures_of_ours_and_hold_below_their_area(own_service: Service, tmp_path: Path) -> None:
    def put(content: bytes, role: str = "clerk", **query: str) -> Any:
        return own_service.client.request(
            "PUT", f"{PATH}/logo", params=query, headers=own_service.headers(role), content=content
        )

    for content in (b"", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"GIF89a..", _picture()[:60]):
        problem_of(put(content), 422, "unreadable-file")
    problem_of(put(_picture("JPEG")[:-200]), 422, "unreadable-file")
    problem_of(put(_picture(size=(900, 20))), 422, "unreadable-file")
    problem_of(put(b"x" * 2_100_000), 422, "unreadable-file")
    problem_of(put(_picture(), area="nowhere"), 404, "not-known")
    problem_of(put(_picture(), role="planner"), 403, "not-allowed")
    before = own_service.get(PATH, grid="A1", format="json").json()["digest"]
    assert put(_picture("JPEG"), area="990101").json() == {"area": "990101", "width": 60, "height": 40}
    assert own_service.get(PATH, grid="A1", format="json").json()["digest"] != before
    printed = own_service.get(PATH, grid="A1")
    (picture,) = PdfReader(io.BytesIO(printed.content)).pages[0].images
    assert picture.image is not None
    assert picture.image.size == (60, 40)
    assert (
        own_service.client.delete(f"{PATH}/logo?area=990101", headers=own_service.headers("clerk")).status_code == 204
    )
    assert own_service.get(PATH, grid="A1", format="json").json()["digest"] == before

    problem_of(own_service.client.delete(f"{PATH}/logo", headers=own_service.headers("clerk")), 404, "not-known")

    with connect(own_service.database_url) as connection:
        values = {"layer": "general", "kind": "grid", "code": "A1", "name": "A1网格", "size": "A3", "lang": "zh"}
        kept = {"digest": "x", "release": 1, "file": "A1.pdf"}
        note_printed(connection, values | kept, {"people": "other"}, "test")
        note_printed(connection, values | kept | {"code": "Z9"}, {}, "test")
        run = begin_run(connection, {"kind": "grid"}, 3, "test")
    listed = own_service.get(f"{PATH}/printed", "clerk", stale="true").json()
    assert [(one["code"], one["gone"], "people" in one["changed"]) for one in listed["items"]] == [
        ("A1", False, True),
        ("Z9", True, False),
    ]
    problem_of(own_service.get(f"{PATH}/printed"), 401, "not-allowed")
    assert own_service.get(f"{PATH}/runs/{run}", "clerk").json()["state"] == "printing"
    stop = own_service.client.post(f"{PATH}/runs/{run}/cancel", headers=own_service.headers("clerk"))
    assert stop.json()["state"] == "cancelled"
    problem_of(
        own_service.client.post(f"{PATH}/runs/{run}/cancel", headers=own_service.headers("clerk")), 409, "conflict"
    )
    problem_of(own_service.get(f"{PATH}/runs/999", "clerk"), 404, "not-known")
    with connect(own_service.database_url) as connection:
        assert print_run(connection, run).state == "cancelled"
