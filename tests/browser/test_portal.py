"""The map in a page of somebody else's site, and the map as a file on a disk."""

import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.browsing import Site, Visit
from tests.browser.portal_site import portal_site
from tests.browser.usable import assert_accessible, assert_fits

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
# What a page of a site that is not named would post, or one that is and slipped.
MALFORMED = [None, "hello", 7, {"gridMap": "show", "grid": {"a": 1}}, {"gridMap": "show", "grid": "x" * 201}, {"x": 1}]


@pytest.fixture(scope="module")
def portal(street: Site, portal_origin: str) -> Iterator[str]:
    """Address of the portal's page, which frames the sample street's map twice."""
    with portal_site(urlsplit(portal_origin).port or 0, street.address):
        yield portal_origin


def a_grid(site: Site, place: int) -> Any:
    assert site.city is not None
    return site.city.grids["general"].iloc[place]


def until(page: Page, claim: str, argument: object = None) -> None:
    """Wait for a claim to hold; Playwright itself would evaluate text in the page, which a portal's policy forbids."""
    deadline = time.monotonic() + 60
    while not page.evaluate(claim, argument):
        assert time.monotonic() < deadline, claim
        page.wait_for_timeout(50)


def framed(page: Page, element: str) -> Frame:
    """The page of ours inside an element."""
    until(page, "id => Boolean(document.getElementById(id).shadowRoot?.querySelector('iframe'))", element)
    handle = page.evaluate_handle("id => document.getElementById(id).shadowRoot.querySelector('iframe')", element)
    frame = handle.as_element().content_frame()  # type: ignore[union-attr]
    assert frame is not None
    return frame


def told(page: Page) -> list[dict[str, Any]]:
    chosen: list[dict[str, Any]] = page.evaluate("window.chosen")
    return chosen


def post_as(frame: Page | Frame, source: str, origin: str, data: object) -> None:
    """Let a window hear a message as if it came from an origin."""
    frame.evaluate(
        f"([origin, data]) => window.dispatchEvent(new MessageEvent('message', {{ data, origin, source: {source} }}))",
        [origin, data],
    )


def test_a_portal_shows_the_map_hears_which_grid_was_chosen_and_leads_it(
    street: Site, portal: str, visit: Begin
) -> None:
    grid, other = a_grid(street, 10), a_grid(street, 60)
    inside = grid.geometry.representative_point()
    position = {"latitude": inside.y, "longitude": inside.x, "accuracy": 5}
    made = visit(street, geolocation=position, viewport={"width": 1280, "height": 600})
    made.page.context.grant_permissions(["geolocation"], origin=street.address)
    made.page.context.grant_permissions(["geolocation"], origin=portal)
    page = made.page
    page.goto(portal)
    frame, second = framed(page, "first"), framed(page, "second")
    # The second lies below what is seen, and is ready all the same.
    for one in (frame, second):
        one.wait_for_selector("html[data-ready=true]", state="attached")
    assert second.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.getElementById('second').offsetHeight") == 422

    frame.get_by_role("button", name="查我现在的位置").first.click()
    expect(frame.locator("#answer h2")).to_have_text(grid["name"])
    until(page, "() => window.chosen.length")
    areas = [area["code"] for area in told(page)[-1].pop("areas")]
    assert told(page)[-1] | {"areas": []} == {
        "layer": "general",
        "code": grid["code"],
        "name": grid["name"],
        "areas": [],
        "by": "first",
    }
    assert grid["community"] in areas
    expect(page.locator("#chosen")).to_have_text(f"已选择：{grid['name']}")

    page.evaluate("code => document.getElementById('first').setAttribute('grid', code)", other["code"])
    expect(frame.locator("#answer h2")).to_have_text(other["name"])
    until(page, "code => window.chosen.at(-1).code === code", other["code"])
    assert other["name"] not in second.locator("#answer").inner_text()
    # What leads to our other pages, which may not be framed, opens beside the portal.
    with page.context.expect_page() as opened:
        frame.locator(f"#answer a[href*='/grids/general/{other['code']}']").first.click()
    assert f"/grids/general/{other['code']}" in opened.value.url
    opened.value.close()
    full = frame.locator("#full-map")
    full.evaluate("link => link.addEventListener('click', event => event.preventDefault())")
    full.click()
    assert f"grid={other['code']}" in (full.get_attribute("href") or "")

    count = len(told(page))
    page.evaluate("document.getElementById('first').setAttribute('grid', '<img src=x onerror=alert(1)>')")
    expect(frame.locator("#answer")).to_contain_text("<img src=x onerror=alert(1)>")
    assert len(told(page)) == count
    assert_accessible(frame)  # type: ignore[arg-type]
    made.requests = [one for one in made.requests if not one.url.startswith(portal)]
    # The browser itself writes that there is no such grid.
    made.faults = [fault for fault in made.faults if "status of 404" not in fault]
    made.assert_sound()


def test_messages_from_elsewhere_and_malformed_ones_change_nothing(street: Site, portal: str, visit: Begin) -> None:
    made = visit(street)
    page = made.page
    page.goto(portal)
    frame = framed(page, "first")
    frame.wait_for_selector("html[data-ready=true]", state="attached")
    until(page, "() => window.heard.length >= 4")
    before = frame.locator("#answer").inner_text()
    heard = page.evaluate("window.heard.length")
    chosen = {"gridMap": "chosen", "layer": "general", "code": "X", "name": "X", "areas": []}
    theirs = "document.getElementById('first').shadowRoot.querySelector('iframe').contentWindow"
    for source, origin in (("window", street.address), (theirs, "https://evil.example"), (theirs, portal)):
        post_as(page, source, origin, chosen)
    for slip in ({**chosen, "areas": [None]}, {**chosen, "code": 7}, {**chosen, "areas": "x"}, *MALFORMED):
        post_as(page, theirs, street.address, slip)
    for origin in ("https://evil.example", "null", f"{portal}.evil.example", portal.replace("http:", "https:")):
        for message in ({"gridMap": "hello"}, {"gridMap": "show", "grid": a_grid(street, 5)["code"]}):
            post_as(frame, "window.parent", origin, message)
    post_as(frame, "window", portal, {"gridMap": "show", "grid": a_grid(street, 5)["code"]})
    for slip in MALFORMED:
        page.evaluate(f"([slip, to]) => {theirs}.postMessage(slip, to)", [slip, street.address])
    page.wait_for_timeout(150)
    assert told(page) == []
    assert frame.locator("#answer").inner_text() == before
    assert page.evaluate("window.heard.length") == heard
    assert made.faults == []

    asked = """async ([address, body]) => {
        const response = await fetch(address, body && {
            method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
        });
        return [response.status, Object.keys(await response.json())];
    }"""
    inside = a_grid(street, 5).geometry.representative_point()
    point = {"lon": inside.x, "lat": inside.y}
    status, fields = page.evaluate(asked, [f"{street.address}/api/v1/lookup", point])
    assert (status, "grids" in fields) == (200, True)
    assert page.evaluate(asked, [f"{street.address}/api/v1/workers", None])[0] == 401

    small = visit(street, viewport={"width": 480, "height": 600})
    small.page.goto(f"{street.address}/embed/grids?layer=general&grid={a_grid(street, 10)['code']}&theme=households")
    expect(small.page.locator("#answer h2")).to_have_text(a_grid(street, 10)["name"])
    expect(small.page.locator("#theme-bar")).to_be_visible()
    assert_fits(small.page)
    small.assert_sound()


def test_a_site_that_is_not_named_is_refused_by_the_browser_and_the_element_says_so(
    street: Site, portal: str, visit: Begin
) -> None:
    made = visit(street, viewport={"width": 390, "height": 844})
    page = made.page
    page.goto(portal.replace("localhost", "127.0.0.1"))
    said = page.locator("#first .said")
    expect(said).to_contain_text("可能不在地图服务允许嵌入的名单内")
    link = said.get_by_role("link", name="在新窗口打开地图")
    assert link.get_attribute("href") == f"{street.address}/maps/grids"
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener")
    expect(page.locator("#second .said")).to_contain_text("may not allow this site")
    assert any("frame-ancestors" in fault for fault in made.faults)
    refused = page.evaluate(
        "address => fetch(address).then(() => 'read', () => 'refused')", f"{street.address}/api/v1/areas"
    )
    assert refused == "refused"
    box = link.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    page.evaluate("document.getElementById('first').setAttribute('src', 'javascript:alert(1)')")
    expect(said).to_contain_text("地图地址有误")
    assert not any("dialog" in fault for fault in made.faults)


def test_the_map_file_opens_from_a_disk_and_asks_for_nothing(street: Site, visit: Begin, tmp_path: Path) -> None:
    asked = urllib.request.Request(
        f"{street.address}/api/v1/exports/map", headers={"Authorization": f"Bearer {street.keys['dispatcher']}"}
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        file = tmp_path / "地图.html"
        file.write_bytes(answer.read())
    grid = a_grid(street, 10)
    for options in ({"viewport": {"width": 1280, "height": 800}}, {"viewport": {"width": 390, "height": 844}}):
        made = visit(street, offline=True, **options)
        page = made.page
        page.goto(f"{file.as_uri()}#grid={grid['code']}")
        expect(page.locator("#card h2")).to_have_text(grid["name"])
        expect(page.locator("#card .people li").first).to_be_visible()
        expect(page.locator("#card .stations li")).to_have_count(3)
        assert re.search(r"\d{3}\*{4}\d{4}", page.locator("#card").inner_text())
        kinds = page.evaluate("Object.entries(JSON.parse(document.getElementById('data').textContent).ground)")
        assert {"water", "buildings", "streets", "compounds"} <= {kind for kind, items in kinds if items}
        page.locator("#query").fill("社区")
        page.locator("#hits button").first.click()
        expect(page.locator("#card h2")).to_contain_text("社区")
        box = page.locator("#map").bounding_box()
        assert box is not None
        page.locator("#whole").click()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.wheel(0, -240)
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.locator("#card h2")).to_contain_text("网格")
        page.locator("#query").fill("<img src=x onerror=alert(1)>")
        expect(page.locator("#hits")).to_contain_text("<img src=x")
        assert_fits(page)
        if options["viewport"]["width"] > 1000:
            assert_accessible(page)
        assert made.faults == []
        assert [one.url for one in made.requests if not one.url.startswith("file:")] == []
        refused = page.evaluate(f"() => fetch('{street.address}/healthz').then(() => 'read', () => 'refused')")
        assert refused == "refused"
        assert any("Content Security Policy" in fault for fault in made.faults)
