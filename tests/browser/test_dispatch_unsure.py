"""The dispatcher's page where it is not sure: what to ask, candidates by number, places to point at, aliases."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Site, Visit
from tests.browser.dispatching import (
    ALIASES,
    NIGHT,
    PATIENCE,
    a_door,
    a_grid,
    answered,
    asked,
    at_dispatch,
    at_moment,
    body_of,
    candidate,
    point_in,
    sign_in,
    unsure,
)
from tests.browser.usable import PHONE, assert_accessible, assert_fits, assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
MARKUP = "<img src=x onerror=alert(1)>"


def two_roads(site: Site, text: str = "山东路12号", **told: Any) -> dict[str, Any]:
    """Two roads that sound alike, and a third that lies in several grids."""
    first, second, third = (a_grid(site, place) for place in (3, 12, 30))
    spread = [{"layer": "general", "code": one["code"], "name": one["name"], "score": 0.03} for one in (first, third)]
    return unsure(
        text,
        candidate(first, "山东路12号", score=0.52, areas=["泉景社区", "历山街道"]),
        candidate(second, "山东中路12号", score=0.31, areas=["文华社区", "历山街道"]),
        candidate(third, "山东路", score=0.06, level="road", grid_count=7, grids=spread, exact=False),
        ask={
            "part": "road", "options": ["山东路", "山东中路"],
            "message": "ask which road: 山东路 or 山东中路", "message_zh": "请问道路是山东路，还是山东中路？",
        },
        **told,
    )  # fmt: skip


def by_address(answer: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    return lambda body: answer if "address" in body else None


def test_a_road_that_lies_in_many_grids_is_no_answer_but_a_question(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    asked(page, a_door(hotline)["road"])
    expect(page.locator(".unsure h2")).to_have_text("还不能确定", timeout=PATIENCE)
    expect(page.locator(".ask-caller strong")).not_to_be_empty()
    expect(page.locator(".call-first")).to_have_count(0)
    expect(page.locator("#copying button")).to_have_count(0)
    page.keyboard.press("Alt+c")
    expect(page.locator(".copy-state")).to_have_count(0)
    assert_sound(made)


def test_numbers_choose_among_candidates_and_escape_leads_back(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    page.wait_for_selector("html[data-drawn]")
    answered(page, by_address(two_roads(hotline)))
    asked(page, "山东路12号")
    expect(page.locator(".ask-caller strong")).to_have_text("请问道路是山东路，还是山东中路？")
    choices = page.locator(".choice")
    expect(choices).to_have_count(3)
    expect(choices.first).to_be_focused()
    expect(choices.first).to_contain_text("可能性 52%")
    expect(choices.first).to_contain_text("历山街道 › 泉景社区")
    expect(choices.nth(1).locator(".differs")).to_have_text("中")
    expect(choices.nth(2)).to_contain_text("可能在 7 个网格")
    expect(page.locator(".map-number")).to_have_text(["1", "2", "3"])
    expect(page.locator(".call-first")).to_have_count(0)

    page.keyboard.press("2")
    expect(page.locator("#answer .grid-head h2")).to_have_text(a_grid(hotline, 12)["name"])
    expect(page.locator(".heard-as")).to_have_text("您选的是“山东中路12号”")
    expect(page.locator(".map-number")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(choices.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".heard-as")).to_contain_text("山东中路12号")
    page.get_by_role("button", name="返回候选").press("Escape")
    expect(choices.first).to_be_focused()
    page.locator(".map-number").first.click()
    expect(page.locator(".heard-as")).to_contain_text("您选的是“山东路12号”")
    page.get_by_role("button", name="返回候选").click()
    # Words go on behind what stands in the field; a number that is meant for it comes after Escape.
    page.keyboard.type("x")
    expect(page.locator("#query")).to_have_value("山东路12号x")
    choices.first.focus()
    page.keyboard.press("Escape")
    page.keyboard.type("3")
    expect(page.locator("#query")).to_have_value("山东路12号x3")
    page.keyboard.press("Escape")
    expect(page.locator("#query")).to_have_value("")
    expect(page.locator("#answer")).to_contain_text("来电人怎么说")
    assert_sound(made)


def test_a_candidate_in_several_grids_is_never_taken_as_one_of_them(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    bodies: list[dict[str, Any]] = []
    answered(page, lambda body: (bodies.append(body), two_roads(hotline))[1])
    asked(page, "山东路12号")
    expect(page.locator(".choice")).to_have_count(3)
    page.keyboard.press("3")
    expect(page.locator("#notices")).to_contain_text("“山东路”跨 7 个网格")
    expect(page.locator(".call-first")).to_have_count(0)
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator(".choice")).to_have_count(3)
    assert [body.get("address") for body in bodies] == ["山东路12号", "山东路7"]
    assert_sound(made)


def test_of_roads_of_one_name_the_chosen_one_stays_the_one_that_is_meant(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    twins = [
        candidate(a_grid(hotline, 3), "和平路", score=0.4, level="road", grid_count=5, areas=["一号社区", area])
        for area in ("历下街道", "市中街道")
    ]
    bodies: list[dict[str, Any]] = []
    answered(page, lambda body: (bodies.append(body), unsure("和平路", *twins))[1])
    asked(page, "和平路")
    expect(page.locator(".choice")).to_have_count(2)
    page.keyboard.press("2")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator(".heard-text")).to_contain_text("和平路7")
    assert [body.get("address") for body in bodies] == ["和平路", "市中街道和平路7"]
    assert_sound(made)


def test_places_of_one_name_are_told_apart_by_where_they_lie(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    twins = [
        candidate(a_grid(hotline, place), "和平小区", score=0.4, areas=["一号社区", area])
        for place, area in ((3, "历下街道"), (30, "市中街道"))
    ]
    answered(page, by_address(unsure("和平小区", *twins)))
    asked(page, "和平小区")
    choices = page.locator(".choice")
    expect(choices.first.locator(".choice-note > span").first.locator(".differs")).to_have_text("历下")
    expect(choices.nth(1).locator(".choice-note > span").first.locator(".differs")).to_have_text("市中")
    expect(choices.first.locator(".choice-title .differs")).to_have_count(0)
    assert_sound(made)


def test_across_a_road_each_side_is_named_for_the_question(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    point = point_in(a_grid(hotline))
    sides = [
        candidate(a_grid(hotline, place), "山东路5号对面", score=0.4, point=point | {"lat": point["lat"] + shift})
        for place, shift in ((3, 0.0003), (30, -0.0003))
    ]
    ask = {
        "part": "side", "options": [], "message": "ask on which side it is; it may be A or B",
        "message_zh": "请问在路的哪一侧？可能属于甲网格，或乙网格",
    }  # fmt: skip
    answered(page, by_address(unsure("山东路5号对面", *sides, ask=ask)))
    asked(page, "山东路5号对面")
    expect(page.locator(".choice-side")).to_have_text(["北侧", "南侧"])
    expect(page.locator(".ask-caller strong")).to_have_text("请问在路的哪一侧？")
    expect(page.locator(".unsure")).to_contain_text("可能属于甲网格，或乙网格")
    assert_accessible(page)
    assert_sound(made)


def test_with_one_candidate_the_field_waits_for_the_rest(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    answer = two_roads(hotline)
    answered(page, by_address(answer | {"candidates": answer["candidates"][2:]}))
    asked(page, "山东路")
    expect(page.locator(".choice")).to_have_count(1)
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("12")
    expect(page.locator("#query")).to_have_value("山东路12")
    assert_sound(made)


@pytest.mark.parametrize("text", ["王先生 13800000000", "13800000000", "'; DROP TABLE grids; --", MARKUP, "??"])
def test_what_is_no_address_is_not_found_with_what_to_ask_and_try(hotline: Site, visit: Begin, text: str) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    asked(page, text)
    expect(page.locator(".unsure h2")).to_have_text("没有找到这个地址", timeout=PATIENCE)
    expect(page.locator(".ask-caller strong")).to_contain_text("请问")
    expect(page.locator(".tries li")).to_have_count(4)
    expect(page.locator("#answer .call-first")).to_have_count(0)
    expect(page.locator("#query")).to_be_focused()
    assert page.locator("#answer img").count() == 0
    assert_sound(made)


def test_what_is_known_of_an_address_that_was_not_found_is_said(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    told = candidate(a_grid(hotline), "山东路", score=0.2, level="road", grid_count=7)
    known = {"level": "road", "label": "山东路", "code": None}
    answered(page, by_address(unsure("山东路999号", told, status="not_found", nearest_known=known)))
    asked(page, "山东路999号")
    expect(page.locator(".known li")).to_have_count(1)
    expect(page.locator(".known")).to_contain_text("山东路")
    expect(page.locator(".known")).to_contain_text("可能在 7 个网格")
    assert_sound(made)


def test_a_place_outside_every_grid_is_said_to_be_and_the_nearest_is_shown(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    page.wait_for_selector("html[data-drawn]")
    west, south, _, _ = a_grid(hotline).geometry.bounds
    asked(page, f"{west - 0.03:.5f}, {south:.5f}")
    expect(page.locator("#answer")).to_contain_text("不在任何网格内", timeout=PATIENCE)
    expect(page.locator("#answer .rows .row").first).to_contain_text("公里")
    expect(page.locator("#map-key")).to_contain_text("最近的相邻网格")
    expect(page.locator(".call-first")).to_have_count(0)
    page.locator("#answer .rows .row").first.click()
    assert_sound(made)


def test_the_place_can_be_pointed_at_by_mouse_and_by_keys(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    page.wait_for_selector("html[data-drawn]")
    page.locator("#map").click(position={"x": 330, "y": 300})
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".heard-as")).to_have_text("您在地图上点的位置")
    expect(page.locator("#recent .row")).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#pin")).to_be_hidden()
    assert_sound(made)


def test_what_was_not_found_can_be_saved_for_the_next_caller_and_taken_back(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    said, grid = "老造纸厂宿舍", a_grid(hotline, 12)
    asked(page, f"{said} 王先生 13800000000")
    expect(page.locator(".unsure")).to_be_visible(timeout=PATIENCE)
    point = {name: point_in(grid)[name] for name in ("lon", "lat")}
    page.evaluate("point => window.dispatchPage.choosePoint(point)", point)
    expect(page.locator("#answer .grid-head h2")).to_have_text(grid["name"])
    expect(page.locator("#pin")).to_be_hidden()
    sign_in(page, hotline)
    page.locator("#pin summary").click()
    form = page.locator("#pin form")
    # Neither the name nor the number that came with it is kept.
    expect(form.get_by_label("这样说的")).to_have_value(said)
    form.get_by_role("button", name="保存别名").click()
    expect(page.locator("#pin")).to_contain_text("请填写完整")
    form.get_by_label("这是什么地方").fill("造纸厂宿舍大门")
    form.get_by_role("button", name="保存别名").click()
    expect(page.locator("#pin")).to_contain_text("已保存")

    other = visit(hotline)
    await_answer(at_dispatch(other), said, ".grid-head")
    expect(other.page.locator("#answer .grid-head .code")).to_have_text(grid["code"])
    expect(other.page.locator(".heard-as")).to_contain_text("造纸厂宿舍大门")
    page.locator("#pin").get_by_role("button", name="撤销").click()
    expect(page.locator("#pin")).to_contain_text("已撤销")
    await_answer(other.page, said, ".unsure")
    assert_sound(made)
    assert_sound(other)


def await_answer(page: Page, text: str, part: str) -> None:
    """Ask until the answer has a part: changes of the register are seen within seconds."""
    for _ in range(40):
        asked(page, text)
        expect(page.locator("#told")).to_have_attribute("aria-busy", "false")
        if page.locator(f"#answer {part}").count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"no {part} for {text}")


def test_a_candidate_of_the_register_is_saved_by_what_it_is(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    sign_in(page, hotline)
    assert hotline.city is not None
    code = f"compound:{hotline.city.compounds.iloc[0]['code']}"
    one, other = (a_grid(hotline, place) for place in (3, 12))
    both = (candidate(one, "老小区", score=0.5, target=code), candidate(other, "新小区", score=0.3))
    answered(page, by_address(unsure("小区", *both)))
    bodies: list[Any] = []
    page.route(ALIASES, lambda route: (bodies.append(body_of(route)), route.fulfill(status=403, json={"detail": "no"})))
    asked(page, "小区")
    expect(page.locator(".choice")).to_have_count(2)
    page.keyboard.press("1")
    expect(page.locator(".heard-as")).to_contain_text("老小区")
    page.locator("#pin summary").click()
    expect(page.locator("#pin").get_by_label("这是什么地方")).to_have_count(0)
    page.locator("#pin").get_by_role("button", name="保存别名").click()
    expect(page.locator("#pin .failure")).to_be_visible()
    assert bodies == [{"text": "小区", "target": code}]
    made.faults = [fault for fault in made.faults if "403" not in fault]
    assert_sound(made)


def test_names_that_try_to_be_markup_are_shown_as_they_are(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    first, second = (a_grid(hotline, place) for place in (3, 12))
    hostile = [
        candidate(first, f"{MARKUP}1号", score=0.5, reasons_zh=[MARKUP], areas=[MARKUP]),
        candidate(second, f"{MARKUP}2号", score=0.4, target=MARKUP),
    ]
    ask = {"part": "number", "message": MARKUP, "message_zh": MARKUP, "options": [MARKUP]}
    warnings = [{"code": "x", "message": MARKUP, "message_zh": MARKUP}]
    answered(page, by_address(unsure(MARKUP, *hostile, ask=ask, warnings=warnings)))
    items = [{"group": MARKUP, "text": MARKUP, "detail": MARKUP, "matched": [[0, 3], [2, 90]], "point": None}]
    page.route("**/addresses/suggest", lambda route: route.fulfill(json={"items": items}))
    page.keyboard.insert_text("<img")
    expect(page.locator("#hits")).to_contain_text(MARKUP)
    asked(page, MARKUP)
    expect(page.locator(".choice").first).to_contain_text(MARKUP)
    expect(page.locator(".ask-caller")).to_contain_text(MARKUP)
    assert page.locator("main img").count() == 0
    assert_sound(made)


@pytest.mark.parametrize("lang", ["", "?lang=en"], ids=["zh", "en"])
def test_on_a_phone_every_answer_fits_and_can_be_touched(hotline: Site, visit: Begin, lang: str) -> None:
    made = visit(hotline, **PHONE)
    page = at_dispatch(made, f"/dispatch{lang}")
    assert_fits(page)
    sign_in(page, hotline)
    at_moment(page, NIGHT)
    asked(page, a_door(hotline)["text"])
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    assert_fits(page)
    page.locator("#copying .button").tap()
    assert_fits(page)
    answered(page, by_address(two_roads(hotline)))
    asked(page, "山东路12号")
    expect(page.locator(".choice")).to_have_count(3)
    assert_fits(page)
    page.locator(".choice").nth(1).tap()
    expect(page.locator("#answer .grid-head")).to_be_visible()
    page.locator("#pin summary").tap()
    assert_fits(page)
    page.unroute("**/api/v1/lookup")
    asked(page, "13800000000")
    expect(page.locator(".tries")).to_be_visible(timeout=PATIENCE)
    assert_fits(page)
    assert_sound(made)


@pytest.mark.parametrize("lang", ["", "?lang=en"], ids=["zh", "en"])
def test_every_control_has_a_name_and_every_colour_enough_contrast(hotline: Site, visit: Begin, lang: str) -> None:
    made = visit(hotline)
    page = at_dispatch(made, f"/dispatch{lang}")
    assert_accessible(page)
    sign_in(page, hotline)
    asked(page, a_door(hotline)["text"])
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Alt+c")
    expect(page.locator(".copy-state .notice-box")).to_be_visible()
    assert_accessible(page)
    answered(page, by_address(two_roads(hotline)))
    asked(page, "山东路12号")
    expect(page.locator(".choice")).to_have_count(3)
    assert_accessible(page)
    page.keyboard.press("1")
    page.locator("#pin summary").click()
    assert_accessible(page)
    expect(page.locator("#said")).not_to_be_empty()
    assert_sound(made)


def test_it_speaks_english_on_request(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made, "/dispatch?lang=en")
    answered(page, by_address(two_roads(hotline)))
    asked(page, "山东路12号")
    expect(page.locator(".ask-caller strong")).to_have_text("Ask which road: 山东路 or 山东中路")
    page.unroute("**/api/v1/lookup")
    asked(page, a_door(hotline)["text"])
    expect(page.locator(".call-title")).to_have_text(re.compile("Call first|Nobody is on duty"), timeout=PATIENCE)
    said = page.locator("body").inner_text()
    assert not re.search(r"请|查询|复制|最近", said.replace(a_door(hotline)["text"], ""))
    assert_sound(made)


def test_where_no_grids_are_loaded_it_says_so(empty: Site, visit: Begin) -> None:
    made = visit(empty)
    page = at_dispatch(made)
    expect(page.locator(".no-data")).to_be_visible()
    expect(page.locator("#query")).to_have_count(0)
    expect(page.locator("#sign-in")).to_be_visible()
    assert_sound(made)
