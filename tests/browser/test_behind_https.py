"""The service as it is reached in earnest: by HTTPS, below a path of a host that a proxy shares out."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import Site, Visit, free_port, served
from tests.browser.desk import keys_for
from tests.browser.https_proxy import behind_https
from tests.browser.portal_site import portal_site
from tests.browser.test_portal import framed, told, until

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
BELOW = "/city/grids"


@pytest.fixture(scope="module")
def portal_port() -> int:
    """Where a portal of another origin lies."""
    return free_port()


@pytest.fixture(scope="module")
def proxied(
    street_url: str, street: Site, portal_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The sample street by HTTPS below a path."""
    folder, keys = tmp_path_factory.mktemp("proxied"), keys_for(street_url, dispatcher="热线 5 号席")
    named = {"root_path": BELOW, "FRAME_ANCESTORS": f"http://localhost:{portal_port}"}
    with served(street_url, folder, **named) as inner, behind_https(inner, folder) as address:
        yield Site(address, street.city, keys)


def a_grid(site: Site) -> Any:
    assert site.city is not None
    return site.city.grids["general"].iloc[10]


def test_by_https_below_a_path_everything_is_found_and_a_session_is_kept(proxied: Site, visit: Begin) -> None:
    inside = a_grid(proxied).geometry.representative_point()
    place = {"longitude": inside.x, "latitude": inside.y, "accuracy": 1}
    made = visit(proxied, ignore_https_errors=True, geolocation=place, permissions=["geolocation"])
    page = made.open("/")
    page.get_by_role("link", name="打开网格地图").first.click()
    page.wait_for_selector("html[data-ready=true]")
    page.locator("#locate").click()
    expect(page.locator("#answer h2")).to_have_text(a_grid(proxied)["name"])
    page.click("#sign-in")
    page.fill("#key", proxied.keys["dispatcher"])
    page.press("#key", "Enter")
    expect(page.locator("#sign-out")).to_be_visible()
    (cookie,) = page.context.cookies()
    assert (cookie["secure"], cookie["httpOnly"], cookie["path"]) == (True, True, f"{BELOW}/")
    page.get_by_role("link", name="English").click()
    page.wait_for_selector("html[lang=en][data-ready=true]")
    expect(page.locator("#answer h2")).to_have_text(a_grid(proxied)["name"])
    page.get_by_role("link", name="Help").click()
    expect(page.locator("h1")).to_have_text("Help")
    made.assert_sound()
    assert {"/".join(request.url.split("/")[3:5]) for request in made.requests} == {"city/grids"}


def test_a_portal_frames_what_lies_behind_https_below_a_path(proxied: Site, portal_port: int, visit: Begin) -> None:
    made = visit(proxied, ignore_https_errors=True)
    page = made.page
    with portal_site(portal_port, proxied.address):
        page.goto(f"http://localhost:{portal_port}")
        framed(page, "first").wait_for_selector("html[data-ready=true]", state="attached")
        until(page, "() => window.heard.length >= 3")
        page.evaluate("code => document.getElementById('first').setAttribute('grid', code)", a_grid(proxied)["code"])
        until(page, "() => window.chosen.length")
        assert told(page)[-1]["name"] == a_grid(proxied)["name"]
    assert made.faults == []
