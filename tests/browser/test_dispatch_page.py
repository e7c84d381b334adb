"""A dispatcher's work by keyboard alone: what a caller says goes in, whom to call comes out."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Site, Visit
from tests.browser.dispatching import (
    DAY,
    LOOKUP,
    NIGHT,
    PATIENCE,
    SUGGEST,
    a_door,
    a_grid,
    asked,
    at_dispatch,
    at_moment,
    await_streets,
    body_of,
    point_in,
    sign_in,
)
from tests.browser.usable import PHONE, assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]


def grid_of(page: Page, site: Site, lon: float, lat: float) -> dict[str, Any]:
    body = {"lon": lon, "lat": lat, "layer": "general"}
    answer = page.request.post(f"{site.address}/api/v1/lookup", data=body, headers={"Origin": site.address})
    grid: dict[str, Any] = answer.json()["grids"][0]
    return grid


def test_by_keyboard_alone_from_what_is_heard_to_the_text_for_the_case_system(hotline: Site, visit: Begin) -> None:
    made = visit(hotline, permissions=["clipboard-read", "clipboard-write"])
    page = at_dispatch(made)
    sign_in(page, hotline)
    door = a_door(hotline)
    grid = grid_of(page, hotline, door["lon"], door["lat"])
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#query")).to_be_focused()
    # Compound heard with another character, numbers spoken.
    page.keyboard.insert_text("风远佳苑一号楼一单元")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .grid-head h2")).to_have_text(grid["name"], timeout=PATIENCE)
    expect(page.locator("#answer .grid-head .code")).to_have_text(grid["code"])
    expect(page.locator(".heard")).to_contain_text("风远佳苑一号楼一单元")
    expect(page.locator(".heard-as")).to_contain_text("丰远佳苑1号楼")
    expect(page.locator(".heard .reasons")).to_contain_text("依据")
    first = page.locator(".call-first")
    expect(first.locator("a[href^='tel:']")).to_be_visible()
    sizes = page.evaluate("""() => [...document.querySelectorAll("#answer *")].filter((item) => item.offsetParent)
        .map((item) => [parseFloat(getComputedStyle(item).fontSize), item.className])""")
    assert max(sizes)[1] == "phone call-phone"

    page.keyboard.press("Alt+c")
    expect(page.locator(".copy-state")).to_contain_text("已复制")
    text = page.evaluate("navigator.clipboard.readText()")
    assert f"（{grid['code']}）" in text
    assert first.locator(".who").inner_text() in text
    assert "风远佳苑一号楼一单元" in text
    assert "丰远佳苑1号楼" in text

    # The next caller: what is typed takes the place of what stands there.
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("x")
    expect(page.locator("#query")).to_have_value("x")
    page.keyboard.press("Escape")
    expect(page.locator("#query")).to_have_value("")
    expect(page.locator("#answer")).to_contain_text("来电人怎么说")
    assert_sound(made)


LAPTOP = {"viewport": {"width": 1366, "height": 625}}


@pytest.mark.parametrize(
    ("options", "lang"), [(LAPTOP, ""), (PHONE, ""), (PHONE, "?lang=en")], ids=["laptop", "phone", "phone in English"]
)
def test_by_day_and_at_night_the_number_to_call_is_in_view_without_scrolling(
    hotline: Site, visit: Begin, options: dict[str, Any], lang: str
) -> None:
    made = visit(hotline, **options)
    page = at_dispatch(made, f"/dispatch{lang}")
    sign_in(page, hotline)
    for moment, place in itertools.product((DAY, NIGHT), (0, 2500)):
        at_moment(page, moment)
        asked(page, a_door(hotline, place)["text"])
        expect(page.locator(".heard-text")).to_contain_text(a_door(hotline, place)["text"], timeout=PATIENCE)
        expect(page.locator(".call-phone")).to_be_visible(timeout=PATIENCE)
        boxes = [page.locator(one).bounding_box() for one in (".call-phone", "#copying")]
        assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]  # type: ignore[index]
    assert_sound(made)


def test_at_night_it_says_below_the_number_that_nobody_of_the_grid_is_there(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    at_moment(page, NIGHT)
    asked(page, a_door(hotline)["text"])
    said = page.locator("#answer .notice", has_text="当前无人在岗")
    expect(said).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(".call-first .state.on")).to_be_visible()
    parts = (page.locator(".call-first"), said, page.locator("#matter"), page.locator("#answer .people"))
    order = [part.bounding_box()["y"] for part in parts]  # type: ignore[index]
    assert order == sorted(order)
    at_moment(page, DAY)
    asked(page, a_door(hotline)["text"])
    expect(said).to_have_count(0)
    assert_sound(made)


def test_what_is_not_as_it_was_said_stands_on_top_and_all_the_reasons_below(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    asked(page, a_door(hotline)["text"])
    expect(page.locator(".heard-as")).to_contain_text("与地址库一致", timeout=PATIENCE)
    expect(page.locator(".heard .reasons")).to_have_count(0)
    expect(page.locator(".why li").first).to_contain_text("滨河北路")
    asked(page, "风远佳苑一号楼")
    expect(page.locator(".heard .reasons")).to_contain_text("同音", timeout=PATIENCE)
    expect(page.locator(".heard .reasons")).not_to_contain_text("楼栋")
    expect(page.locator(".why li")).to_have_count(2)
    assert_sound(made)


def test_without_a_key_names_and_numbers_are_masked_and_with_one_they_are_whole(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    door = a_door(hotline)
    asked(page, door["text"])
    expect(page.locator("#answer .masked").first).to_have_text(re.compile(r"\d{3}\*{4}\d{4}"), timeout=PATIENCE)
    sign_in(page, hotline)
    expect(page.locator("#answer .masked")).to_have_count(0)
    expect(page.locator("#answer a[href^='tel:']").nth(3)).to_be_visible()
    # Signed out on what may be a shared computer: masked again, and nothing of the callers stays.
    expect(page.locator("#recent .row")).to_have_count(1)
    page.click("#sign-out")
    expect(page.locator("#answer .masked").first).to_be_visible()
    assert "丰远" not in (page.evaluate("JSON.stringify(localStorage)"))
    assert_sound(made)


def suggestions(text: str) -> list[dict[str, Any]]:
    point = {"lon": 116.985876, "lat": 36.653318, "crs": "EPSG:4326"}
    items: list[dict[str, Any]] = [
        {"group": "roads", "text": "丰远路", "doors": 213, "code": ""},
        {"group": "compounds", "text": "丰远佳苑", "doors": 12, "code": "C000001"},
        {"group": "doors", "text": "丰远佳苑1号楼", "code": "B0000001", "alias": "丰远小区1号楼"},
    ]
    found = [item | {"detail": "碧望街道", "matched": [[0, 2]], "point": point, "target": None} for item in items]
    return [item for item in found if item["text"].startswith(text)]


def test_suggestions_lead_by_keyboard_from_two_characters_to_a_door(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    bodies: list[dict[str, Any]] = []
    page.route(
        SUGGEST,
        lambda route: (bodies.append(body_of(route)), route.fulfill(json={"items": suggestions(body_of(route)["q"])})),
    )
    page.keyboard.insert_text("丰")
    page.wait_for_timeout(200)
    assert bodies == []
    page.keyboard.insert_text("远")
    options = page.locator("#hits [role=option]")
    expect(options).to_have_count(3)
    expect(page.locator("#hits .group")).to_have_text(["道路", "小区", "门牌和楼栋"])
    expect(options.nth(1).locator(".differs")).to_have_text("佳苑")
    expect(options.nth(2)).to_contain_text("又称“丰远小区1号楼”")
    expect(page.locator("#query")).to_have_attribute("aria-expanded", "true")

    # A compound is the beginning of an address: it goes into the field, and what lies below it is suggested.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#query")).to_have_attribute("aria-activedescendant", "hit-1")
    page.keyboard.press("Enter")
    expect(page.locator("#query")).to_have_value("丰远佳苑")
    expect(options).to_have_count(2)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#query")).to_have_value("丰远佳苑1号楼")
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".heard-as")).to_contain_text("丰远佳苑1号楼")
    expect(page.locator("#hits")).to_be_hidden()
    assert {"q", "limit"} >= set(bodies[0])
    assert_sound(made)


@pytest.mark.parametrize("typed", ["丰远佳苑1号楼", "滨河北路15号丰远佳苑1号楼1单"])
def test_a_chosen_door_is_answered_as_if_it_were_typed(hotline: Site, visit: Begin, typed: str) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    at_moment(page, DAY)
    asked(page, "丰远佳苑1号楼")
    expect(page.locator(".call-first .role")).to_contain_text("楼栋长", timeout=PATIENCE)
    first = page.locator(".call-name .who").inner_text()
    page.keyboard.press("Escape")
    page.fill("#query", typed)
    expect(page.locator("#hits [role=option]").first).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".heard-as")).to_contain_text("您选的是“丰远佳苑1号楼", timeout=PATIENCE)
    expect(page.locator(".call-name .who")).to_have_text(first)
    assert_sound(made)


def test_a_door_whose_text_would_lead_elsewhere_is_answered_by_its_point(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    far = a_grid(hotline, 40)
    door = {"group": "doors", "text": a_door(hotline)["text"], "detail": "", "code": "X1", "target": None}
    items = [door | {"alias": "", "doors": 1, "matched": [], "point": point_in(far)}]
    page.route(SUGGEST, lambda route: route.fulfill(json={"items": items}))
    page.keyboard.insert_text("丰远")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#hits [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .grid-head .code")).to_have_text(far["code"], timeout=PATIENCE)
    expect(page.locator("#recent .row")).to_have_count(1)
    assert_sound(made)


def test_of_twins_that_are_suggested_the_chosen_one_is_asked_about_never_the_other(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    here = {"matched": [[0, 3]], "target": None, "alias": "", "point": point_in(a_grid(hotline))}
    doors = [
        here | {"group": "doors", "text": "幸福里3号", "detail": area, "code": "", "doors": 1}
        for area in ("甲一社区", "甲二社区")
    ]
    page.route(SUGGEST, lambda route: route.fulfill(json={"items": doors}))
    bodies: list[dict[str, Any]] = []
    page.route(LOOKUP, lambda route: (bodies.append(body_of(route)), route.continue_()))
    page.keyboard.insert_text("幸福里3")
    expect(page.locator("#hits [role=option]")).to_have_count(2)
    expect(page.locator("#hits .hit-note")).to_have_text(["甲一社区", "甲二社区"])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".heard-text")).to_contain_text("幸福里3号", timeout=PATIENCE)
    assert bodies == [{"address": "甲二社区幸福里3号"}]
    assert_sound(made)


@pytest.mark.parametrize("typed", ["丰远佳", "fengyuanjia"])
def test_the_register_suggests_by_characters_and_by_pinyin(hotline: Site, visit: Begin, typed: str) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    page.locator("#query").press_sequentially(typed, delay=30)
    option = page.locator("#hits [role=option]", has_text="丰远佳苑").first
    expect(option).to_be_visible(timeout=PATIENCE)
    option.click()
    expect(page.locator("#query")).to_have_value("丰远佳苑")
    page.keyboard.type("1")
    expect(page.locator("#hits")).to_contain_text("丰远佳苑1", timeout=PATIENCE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    grid = grid_of(page, hotline, a_door(hotline)["lon"], a_door(hotline)["lat"])
    expect(page.locator("#answer .grid-head .code")).to_have_text(grid["code"], timeout=PATIENCE)
    assert_sound(made)


def test_escape_closes_suggestions_first_and_enter_before_they_come_asks_without_them(
    hotline: Site, visit: Begin
) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    page.route(SUGGEST, lambda route: route.fulfill(json={"items": suggestions("丰远")}))
    page.keyboard.insert_text("丰远")
    expect(page.locator("#hits")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#hits")).to_be_hidden()
    expect(page.locator("#query")).to_have_value("丰远")

    held: list[Any] = []
    page.unroute(SUGGEST)
    page.route(SUGGEST, lambda route: held.append(route))
    page.keyboard.insert_text("佳苑1号楼1单元")
    page.wait_for_timeout(150)
    page.keyboard.press("Enter")
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    assert held
    expect(page.locator("#hits")).to_be_hidden()
    assert_sound(made)


def test_a_pinyin_keyboard_at_work_neither_asks_nor_suggests(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    bodies: list[dict[str, Any]] = []
    page.route(SUGGEST, lambda route: (bodies.append(body_of(route)), route.fulfill(json={"items": []})))
    composing = page.context.new_cdp_session(page)
    composing.send("Input.imeSetComposition", {"text": "feng yuan", "selectionStart": 9, "selectionEnd": 9})
    page.locator("#query").dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    page.locator("#query").dispatch_event("keydown", {"key": "Escape", "isComposing": True, "bubbles": True})
    page.wait_for_timeout(200)
    assert bodies == []
    composing.send("Input.insertText", {"text": "丰远"})
    expect(page.locator("#query")).to_have_value("丰远")
    page.wait_for_timeout(200)
    assert [body["q"] for body in bodies] == ["丰远"]
    assert_sound(made)


def test_a_matter_puts_those_responsible_first_and_stays_for_the_next_address(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    asked(page, a_door(hotline)["text"])
    page.locator("#matter").select_option(label="噪音扰民")
    expect(page.locator("#answer .promise")).to_contain_text("承诺", timeout=PATIENCE)
    expect(page.locator("#answer .call-first .role")).to_contain_text("民警")
    expect(page.locator("#matter")).to_be_focused()
    expect(page.locator(".heard-as")).to_contain_text("与地址库一致")
    asked(page, a_door(hotline, 900)["text"])
    expect(page.locator(".heard-text")).to_contain_text(a_door(hotline, 900)["text"])
    expect(page.locator("#answer .promise")).to_be_visible()
    assert_sound(made)


def test_an_answer_that_comes_late_never_takes_the_place_of_the_next_callers(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    page.evaluate("""() => {
        const real = window.fetch;
        window.fetch = async (path, options) => {
            const late = options?.body?.includes?.("先来") && new Promise((go) => setTimeout(go, 700));
            const answer = await real(path, { ...options, signal: undefined });
            await late;
            return answer;
        };
    }""")
    first, second = a_door(hotline)["text"], a_door(hotline, 900)["text"]
    asked(page, f"先来 {first}")
    expect(page.locator("#answer")).to_contain_text("正在查询")
    asked(page, second)
    expect(page.locator(".heard-text")).to_contain_text(second)
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(900)
    expect(page.locator(".heard-text")).to_contain_text(second)
    assert_sound(made)


def beside_a_border(page: Page, site: Site, grid: Any) -> tuple[float, float, dict[str, Any]]:
    """A place in a grid some metres from another, and that other."""
    middle = point_in(grid)
    for share in range(0, 100, 5):
        edge = grid.geometry.exterior.interpolate(share / 100, normalized=True)
        lon, lat = (edge.x + (middle["lon"] - edge.x) * 0.03, edge.y + (middle["lat"] - edge.y) * 0.03)
        found = grid_of(page, site, lon, lat)
        if found["code"] == grid["code"] and found["nearest_other"]["metres"] < 30:
            return lon, lat, found["nearest_other"]
    raise AssertionError("no border is near")


def test_the_map_shows_the_grid_and_the_one_across_the_nearest_border(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    page.wait_for_selector("html[data-drawn]")
    grid = a_grid(hotline)
    lon, lat, near = beside_a_border(page, hotline, grid)
    page.evaluate("point => window.dispatchPage.choosePoint(point)", {"lon": lon, "lat": lat})
    notice = page.locator("#answer .notice").first
    expect(notice).to_contain_text(f"距“{near['name']}”只有")
    expect(notice).to_contain_text("请核实在路的哪一侧")
    expect(page.locator("#map-key")).to_contain_text(near["name"])
    shown = page.evaluate("""() => [window.dispatchPage.map.scene.painter.chosen.code,
        window.dispatchPage.map.scene.painter.beside.map((one) => one.code), window.dispatchPage.map.map.getZoom()]""")
    assert shown == [grid["code"], [near["code"]], 18]
    assert_sound(made)


def test_the_card_leads_to_stations_and_grids_of_other_layers(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    page.wait_for_selector("html[data-drawn]")
    inside = point_in(a_grid(hotline))
    await_streets(page, hotline.address, inside["lon"], inside["lat"])
    asked(page, a_door(hotline)["text"])
    station = page.locator("#answer .rows .row", has=page.locator("small")).first
    expect(station).to_contain_text("步行约", timeout=PATIENCE)
    before = page.evaluate("window.dispatchPage.map.map.getCenter().lng")
    station.click()
    page.wait_for_function("before => window.dispatchPage.map.map.getCenter().lng !== before", arg=before)
    other = page.locator("#answer section", has_text="同一地点的其他网格").locator(".row").first
    name = other.locator(".row-title").inner_text()
    other.click()
    expect(page.locator("#answer .grid-head h2")).to_have_text(name)
    assert_sound(made)


def test_while_the_service_is_away_it_is_said_and_asking_again_helps(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    text = a_door(hotline)["text"]
    page.context.set_offline(True)
    asked(page, text)
    expect(page.locator("#answer")).to_contain_text("连不上服务")
    expect(page.locator(".heard-text")).to_contain_text(text)
    page.context.set_offline(False)
    page.get_by_role("button", name="重试").click()
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)

    busy = {"status": 503, "code": "register-not-ready", "detail": "wait", "detail_zh": "地址库正在编译"}
    page.route(LOOKUP, lambda route: route.fulfill(status=503, json=busy))
    asked(page, text)
    expect(page.locator("#answer")).to_contain_text("地址库正在编译")
    expect(page.locator("#answer .grid-head")).to_have_count(0)
    page.unroute(LOOKUP)
    page.route(
        LOOKUP,
        lambda route: route.fulfill(json={**route.fetch().json(), "stale_since": "2026-11-22T08:00:00+08:00"}),
    )
    page.get_by_role("button", name="重试").click()
    expect(page.locator("#notices")).to_contain_text("此前的数据", timeout=PATIENCE)
    made.faults = [fault for fault in made.faults if "ERR_INTERNET" not in fault and "503" not in fault]
    assert_sound(made)


def test_a_text_that_is_too_long_is_refused_in_words(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    asked(page, "很长的地址" * 150)
    expect(page.locator("#answer .notice-box")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#answer .grid-head")).to_have_count(0)
    made.faults = [fault for fault in made.faults if "422" not in fault]
    assert_sound(made)
