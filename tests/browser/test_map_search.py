"""The map's search box and addresses: type, choose, and the grid is shown with those who answer for it."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.browsing import Site, Visit
from tests.browser.dispatching import (
    DAY,
    LOOKUP,
    PATIENCE,
    SUGGEST,
    a_door,
    a_grid,
    answered,
    asked,
    at_moment,
    candidate,
    unsure,
)
from tests.browser.usable import PHONE, assert_accessible, assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
MARKUP = "<img src=x onerror=alert(1)>"


def door_grid(page: Page, site: Site, place: int = 0) -> dict[str, Any]:
    door = a_door(site, place)
    body = {"lon": door["lon"], "lat": door["lat"], "layer": "general"}
    answer = page.request.post(f"{site.address}/api/v1/lookup", data=body, headers={"Origin": site.address})
    grid: dict[str, Any] = answer.json()["grids"][0]
    return grid


def test_an_address_is_typed_and_chosen_and_its_grid_is_shown(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = made.open()
    at_moment(page, DAY)
    grid = door_grid(page, hotline)
    page.locator("#query").press_sequentially("丰远佳苑1", delay=30)
    options = page.locator("#hits [role=option]")
    expect(options.first).to_contain_text("丰远佳苑1号楼", timeout=PATIENCE)
    expect(page.locator("#hits .group")).to_have_text(["地址"])
    assert_accessible(page)
    expect(options.first.locator(".differs")).to_have_text("号楼")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .grid-head h2")).to_have_text(grid["name"], timeout=PATIENCE)
    expect(page.locator("#answer .call-first .role")).to_contain_text("楼栋长")
    expect(page.locator("#answer .masked").first).to_have_text(re.compile(r"\d{3}\*{4}\d{4}"))
    expect(page.locator("#query")).to_have_value("丰远佳苑1号楼")
    expect(page.locator("#hits")).to_be_hidden()
    secrets = [quote(part) for part in ("丰远", "佳苑")] + ["丰远", "佳苑"]
    assert not [one.url for one in made.requests if any(secret in one.url for secret in secrets)]
    assert not [secret for secret in secrets if secret in page.url]
    assert_sound(made)


def test_an_address_as_it_is_said_is_found_and_what_it_was_taken_for_is_told(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = made.open()
    asked(page, "风远佳苑一号楼")
    expect(page.locator("#answer .grid-head .code")).to_have_text(door_grid(page, hotline)["code"], timeout=PATIENCE)
    expect(page.locator("#answer .taken")).to_contain_text("丰远佳苑1号楼")
    # Another kind of work is asked about for the same address.
    page.locator("#matters .row", has_text="噪音扰民").click()
    expect(page.locator("#answer .promise")).to_contain_text("承诺", timeout=PATIENCE)
    expect(page.locator("#answer .taken")).to_contain_text("丰远佳苑1号楼")
    assert_sound(made)


def test_what_the_map_knows_stands_before_addresses_and_stays_chosen_when_they_come(
    hotline: Site, visit: Begin
) -> None:
    made = visit(hotline)
    page = made.open()
    held: list[Route] = []
    page.route(SUGGEST, lambda route: held.append(route))
    name = a_grid(hotline)["name"]
    page.fill("#query", name)
    options = page.locator("#hits [role=option]")
    expect(options.first).to_contain_text(name)
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(250)
    item = {"group": "places", "text": f"{name}活动室", "detail": "", "alias": "", "kind": "", "code": ""}
    held[-1].fulfill(json={"items": [item | {"target": None, "point": None, "doors": 0, "matched": []}]})
    expect(page.locator("#hits")).to_contain_text("活动室")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .grid-head h2")).to_have_text(name)
    assert_sound(made)


def test_what_may_be_several_places_is_asked_about_never_guessed(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = made.open()
    first, second = a_grid(hotline, 3), a_grid(hotline, 12)
    ask = {"part": "road", "options": [], "message": "ask which road", "message_zh": "请问道路是山东路，还是山东中路？"}
    choices = (
        candidate(first, "山东路12号", score=0.5, areas=["泉景社区", "历山街道"]),
        candidate(second, f"{MARKUP}12号", score=0.4),
        candidate(second, "山东路", score=0.05, level="road", grid_count=7),
    )
    answered(page, lambda body: unsure("山东路12号", *choices, ask=ask) if "address" in body else None)
    asked(page, "山东路12号")
    expect(page.locator("#answer h2")).to_have_text("还不能确定是哪里", timeout=PATIENCE)
    expect(page.locator("#answer")).to_contain_text("请问道路是山东路，还是山东中路？")
    expect(page.locator("#answer .call-first")).to_have_count(0)
    rows = page.locator("#answer .row")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("历山街道 › 泉景社区")
    expect(rows.nth(2)).to_contain_text("可能在 7 个网格")
    assert_accessible(page)
    rows.nth(2).click()
    expect(page.locator("#notice")).to_contain_text("跨 7 个网格")
    expect(page.locator("#query")).to_have_value("山东路")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.press("Escape")
    rows.first.click()
    expect(page.locator("#answer .grid-head h2")).to_have_text(first["name"])
    expect(page.locator("#notice")).to_be_hidden()
    assert page.locator("main img").count() == 0
    assert_sound(made)


def test_an_address_that_nobody_knows_is_said_to_be_unknown(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = made.open()
    asked(page, "13800000000")
    expect(page.locator("#answer h2")).to_contain_text("没有找到", timeout=PATIENCE)
    expect(page.locator("#answer")).to_contain_text("小区和楼号")
    expect(page.locator("#answer .people")).to_have_count(0)
    assert_sound(made)


def test_a_road_is_the_beginning_of_an_address(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = made.open()
    road = a_door(hotline)["road"]
    page.fill("#query", road)
    option = page.locator("#hits [role=option]", has_text=road).first
    expect(option).to_be_visible(timeout=PATIENCE)
    option.click()
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("15")
    expect(page.locator("#hits")).to_contain_text(f"{road}15号", timeout=PATIENCE)
    assert_sound(made)


def test_without_suggestions_the_map_goes_on_and_a_busy_register_is_said(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = made.open()
    busy = {"status": 503, "code": "register-not-ready", "detail": "wait", "detail_zh": "地址库正在编译"}
    for path in (SUGGEST, LOOKUP):
        page.route(path, lambda route: route.fulfill(status=503, body=json.dumps(busy)))
    asked(page, "丰远佳苑1号楼")
    expect(page.get_by_role("button", name="重试")).to_be_visible()
    page.unroute(LOOKUP)
    page.get_by_role("button", name="重试").click()
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    page.fill("#query", a_grid(hotline)["name"])
    expect(page.locator("#hits [role=option]").first).to_be_visible()
    made.faults = [fault for fault in made.faults if "503" not in fault]
    assert_sound(made)


def test_an_address_asked_on_the_home_page_is_answered_on_the_map(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = made.open("/")
    asked(page, "风远佳苑一号楼")
    expect(page.locator("#answer .taken")).to_contain_text("丰远佳苑1号楼", timeout=PATIENCE)
    assert quote("佳苑") not in page.url
    assert_sound(made)


def assert_touchable(page: Page) -> None:
    """Nothing sticks out sideways, and what can be chosen is 44 pixels high."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    choices = page.locator("#hits [role=option]:visible, #answer .row:visible").all()
    assert [box for one in choices if (box := one.bounding_box()) and box["height"] < 43.5] == []


@pytest.mark.parametrize("lang", ["", "?lang=en"], ids=["zh", "en"])
def test_on_a_phone_addresses_are_found_too(hotline: Site, visit: Begin, lang: str) -> None:
    made = visit(hotline, **PHONE)
    page = made.open(f"/maps/grids{lang}")
    page.locator("#query").press_sequentially("fengyuanjia", delay=30)
    option = page.locator("#hits [role=option]", has_text="丰远佳苑").first
    expect(option).to_be_visible(timeout=PATIENCE)
    assert_touchable(page)
    option.tap()
    expect(page.locator("#answer h2").first).to_be_visible(timeout=PATIENCE)
    assert_touchable(page)
    grid = a_grid(hotline, 3)
    answered(
        page, lambda _: unsure("x", candidate(grid, "山东路12号", score=0.5), candidate(grid, "山东路", score=0.2))
    )
    asked(page, "山东路")
    expect(page.locator("#answer .row")).to_have_count(2)
    assert_touchable(page)
    page.locator("#answer .row").first.tap()
    assert_sound(made)
