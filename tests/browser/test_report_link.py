"""The link by which a case is handed to another system: on the map's card, a grid's page and the dispatcher's."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import Site, Visit, free_port, served
from tests.browser.usable import PHONE, assert_fits, assert_sound
from tests.forked import program

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def reporting(street: Site, street_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample street, served with a case system, which is a page of its own that nobody answers for."""
    cases = (
        f"http://127.0.0.1:{free_port()}/new?g={{grid}}&l={{layer}}&r={{release}}&lon={{lon}}&lat={{lat}}&m={{matter}}"
    )
    with served(street_url, tmp_path_factory.mktemp("reporting"), REPORT_URL=cases) as address:
        yield Site(address, street.city, street.keys)


def a_grid(site: Site) -> Any:
    assert site.city is not None
    return site.city.grids["general"].iloc[10]


def at_card(made: Visit, site: Site) -> Page:
    page = made.open(f"/maps/grids#layer=general&grid={a_grid(site)['code']}")
    expect(page.locator("#answer h2")).to_have_text(a_grid(site)["name"], timeout=60_000)
    return page


def at_page(made: Visit, site: Site) -> Page:
    page = made.open(f"/grids/general/{a_grid(site)['code']}")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".call-first")).to_be_visible()
    return page


def at_answer(made: Visit, site: Site) -> Page:
    page = made.open("/dispatch")
    page.wait_for_selector("html[data-ready]")
    inside = a_grid(site).geometry.representative_point()
    page.evaluate("point => window.dispatchPage.choosePoint(point)", {"lon": inside.x, "lat": inside.y})
    expect(page.locator("#answer h2")).to_have_text(a_grid(site)["name"], timeout=60_000)
    return page


PLACES = pytest.mark.parametrize("at", [at_card, at_page, at_answer], ids=["card", "grid page", "dispatch"])


def report_of(page: Page) -> Locator:
    return page.get_by_role("link", name="上报处置")


def carried(link: Locator) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(link.get_attribute("href") or "").query).items()}


@PLACES
def test_the_link_carries_grid_release_and_point_to_a_tab_that_knows_nothing_of_ours(
    reporting: Site, visit: Begin, at: Callable[[Visit, Site], Page]
) -> None:
    made = visit(reporting)
    page = at(made, reporting)
    link = report_of(page)
    expect(link).to_have_count(1)
    told = carried(link)
    grid = a_grid(reporting)
    assert (told["g"], told["l"], told["r"]) == (grid["code"], "general", "1")
    inside = page.request.get(f"{reporting.address}/api/v1/lookup?lon={told['lon']}&lat={told['lat']}&layer=general")
    assert inside.json()["grids"][0]["code"] == grid["code"]
    assert link.get_attribute("target") == "_blank"
    assert {"noopener", "noreferrer"} <= set((link.get_attribute("rel") or "").split())
    assert_sound(made)

    headers: dict[str, str] = {}
    page.context.route(
        "**/new?*",
        lambda route: (headers.update(route.request.headers), route.fulfill(body="<title>cases</title>")),
    )
    with page.context.expect_page() as opened:
        link.click()
    cases = opened.value
    cases.wait_for_load_state()
    assert carried(link) == {name: value for name, (value,) in parse_qs(urlsplit(cases.url).query).items()}
    assert cases.evaluate("window.opener") is None
    assert "referer" not in headers


def test_the_link_of_the_card_carries_the_matter_that_was_chosen(reporting: Site, visit: Begin) -> None:
    made = visit(reporting)
    page = at_card(made, reporting)
    assert "m" not in carried(report_of(page))
    row = page.locator("#matters li", has_text="噪音扰民")
    code = row.get_attribute("data-code")
    row.get_by_role("button").click()
    expect(page.locator("#answer .promise")).to_be_visible()
    assert carried(report_of(page))["m"] == code
    assert_sound(made)


@PLACES
def test_on_a_phone_the_link_can_be_touched(reporting: Site, visit: Begin, at: Callable[[Visit, Site], Page]) -> None:
    made = visit(reporting, **PHONE)
    page = at(made, reporting)
    box = report_of(page).bounding_box()
    assert box is not None
    assert box["height"] >= 43.5
    if at is not at_card:
        assert_fits(page)
    assert_sound(made)


@PLACES
def test_without_a_case_system_there_is_no_link(street: Site, visit: Begin, at: Callable[[Visit, Site], Page]) -> None:
    made = visit(street)
    page = at(made, street)
    expect(report_of(page)).to_have_count(0)
    assert_sound(made)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "//cases.example"]
)
def test_a_service_with_an_address_that_is_none_does_not_start(street_url: str, tmp_path: Path, address: str) -> None:
    settings = {"DATABASE_URL": street_url, "STATE_FOLDER": str(tmp_path / "state"), "REPORT_URL": address}
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **{f"GRIDMAP_{name}": value for name, value in settings.items()}}
    ended = subprocess.run(
        program("service.cli:main", "serve", "--port", str(free_port())),
        env=environment,
        cwd=ROOT,
        timeout=60,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "GRIDMAP_REPORT_URL" in ended.stdout
    assert "https://cases.example" in ended.stdout
    assert "Traceback" not in ended.stdout
