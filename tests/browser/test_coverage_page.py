"""Coverage in a real browser: what is said is what the API counts, changes are tried out, every state has its words."""

import re
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from geodata import access
from geodata.database import connect
from tests.browser.browsing import Site, Visit
from tests.browser.usable import PHONE, assert_accessible, assert_fits, assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
MARKUP = "<img src=x onerror=alert(1)>"
PATIENCE_SECONDS = 60.0
PATIENCE = 60_000


@pytest.fixture(scope="module")
def planned(street: Site, street_url: str, browser: Browser) -> Site:
    """The sample street with its walking network compiled, and a key for a planner."""
    with closing(connect(street_url)) as connection:
        key = access.create_key(connection, role="planner", name="样例 规划", created_by="test")[0]
        connection.commit()
    waiting = browser.new_page()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not waiting.request.get(f"{street.address}/api/v1/coverage").ok:
        assert time.monotonic() < deadline, "the walking network is not compiled"
        waiting.wait_for_timeout(200)
    waiting.close()
    return Site(street.address, street.city, {"planner": key})


def opened(made: Visit, fragment: str = "", lang: str = "") -> Page:
    page = made.open(f"/maps/coverage{lang}#{fragment}")
    page.wait_for_selector("html[data-ready]")
    return page


def asked(page: Page, site: Site, path: str = "", **fields: object) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    found: dict[str, Any] = page.request.get(f"{site.address}/api/v1/coverage{path}?{query}").json()
    return found


def plans(page: Page, site: Site) -> None:
    """Sign in as a planner and open the editor."""
    page.click("#sign-in")
    page.fill("#key", site.keys["planner"])
    page.press("#key", "Enter")
    page.click("#tab-plan")
    page.wait_for_selector("#plan-add")


def told(page: Page) -> str:
    return page.locator("#headline .quote").inner_text()


def after(page: Page) -> int:
    """Households that would be reached, as the editor tells."""
    text = page.locator(".before-after div").nth(1).locator("dd.small").inner_text()
    return int(re.sub(r"\D", "", text))


def test_the_sentence_the_tables_and_the_link_tell_what_the_api_counts(visit: Begin, planned: Site) -> None:
    made = visit(planned, reduced_motion="reduce")
    page = opened(made)
    page.click("label:has(#minutes-5)")
    answer = asked(page, planned, minutes=5, by="community")
    counted = answer["total"]["households"]
    assert 0 < counted["covered"] < counted["all"]
    expect(page.locator("#headline .quote")).to_contain_text(f"{counted['covered']:,} 户", timeout=PATIENCE)
    share = f"{counted['share'] * 100:.1f}\N{NO-BREAK SPACE}%"
    figures = f"（{counted['all']:,} 户中 {counted['covered']:,} 户），{counted['all'] - counted['covered']:,} 户在外。"
    assert told(page) == f"5 分钟步行可达服务站点的户数占 {share}{figures}"
    worst = max(answer["by"], key=lambda part: part["households"]["all"] - part["households"]["covered"])
    row = page.locator("#panel-places tbody tr").first
    outside = worst["households"]["all"] - worst["households"]["covered"]
    assert row.locator("td").all_inner_texts()[::2] == [worst["name"], f"{outside:,}"]
    row.locator("button").click()
    expect(page.locator("#chosen h2")).to_have_text(worst["name"], timeout=PATIENCE)
    page.click("text=只看这里")
    expect(page.locator("#headline .quote")).to_contain_text(f"{worst['name']}5 分钟", timeout=PATIENCE)
    page.click("#shown summary")
    page.select_option("#shade", "outside")
    address = page.url
    again = opened(visit(planned), address.split("#")[1])
    assert told(again) == told(page)
    assert again.input_value("#within") == worst["name"]
    assert again.locator("#map-key").inner_text() == page.locator("#map-key").inner_text()
    made.assert_sound()


def test_gaps_and_stations_are_told_by_keyboard_with_place_and_circle(visit: Begin, planned: Site) -> None:
    made = visit(planned, reduced_motion="reduce")
    page = opened(made, "minutes=5")
    page.focus("#tab-places")
    page.keyboard.press("ArrowRight")
    gap = asked(page, planned, "/gaps", minutes=5)["items"][0]
    first = page.locator("#panel-gaps .opens").first
    first.focus()
    page.keyboard.press("Enter")
    card = page.locator("#chosen")
    expect(card).to_contain_text(f"{gap['households']:,} 户", timeout=PATIENCE)
    expect(card).to_contain_text(f"最近：{gap['nearest']['name']}", timeout=PATIENCE)
    mark = page.locator(".folium-map .map-mark.station").first
    mark.focus()
    name = str(mark.get_attribute("aria-label"))
    page.keyboard.press("Enter")
    expect(card.locator("h2")).to_have_text(name, timeout=PATIENCE)
    code = page.request.get(f"{planned.address}/api/v1/stations?q={name}").json()["items"][0]["code"]
    circle = page.request.get(f"{planned.address}/api/v1/stations/{code}/circle?minutes=5").json()
    expect(card.locator("tbody td").first).to_have_text(
        f"{circle['features'][0]['properties']['households']:,}", timeout=PATIENCE
    )
    made.assert_sound()


def test_a_planner_tries_stations_and_nothing_is_stored(visit: Begin, planned: Site) -> None:
    made = visit(planned, reduced_motion="reduce")
    page = opened(made, "minutes=5")
    plans(page, planned)
    before = page.request.get(f"{planned.address}/api/v1/stations").json()["items"]
    gap = asked(page, planned, "/gaps", minutes=5)["items"][0]
    page.click("#tab-gaps")
    page.locator("#panel-gaps .opens").first.click()
    page.click("text=在这里试设站点")
    expect(page.locator(".gained")).to_contain_text("新增可达", timeout=PATIENCE)
    with_one = after(page)
    assert with_one >= asked(page, planned, minutes=5)["total"]["households"]["covered"] + gap["households"]
    mark = page.locator(".map-mark.added")
    box = mark.bounding_box()
    assert box
    answers: list[int] = []
    page.on("response", lambda got: answers.append(got.status) if got.url.endswith("/what-if") else None)
    page.mouse.move(box["x"] + 14, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] + 14, box["y"] + 194, steps=12)
    page.mouse.up()
    lat = page.locator("[id^=plan-lat]")
    expect(lat).not_to_have_value(f"{gap['lat']:.6f}", timeout=PATIENCE)
    dragged = float(lat.input_value())
    with page.expect_response("**/what-if"):
        mark.focus()
        page.keyboard.press("ArrowUp")
    assert (float(lat.input_value()) - dragged) * 111_195 == pytest.approx(20, abs=0.2)
    assert set(answers) == {200}
    page.click("#plan-undo")
    page.click("#plan-undo")
    expect(lat).to_have_value(f"{gap['lat']:.6f}", timeout=PATIENCE)
    expect(page.locator(".before-after div").nth(1)).to_contain_text(f"{with_one:,}", timeout=PATIENCE)
    page.locator(".folium-map .map-mark.station:not(.added)").first.click()
    page.click("text=关闭此站")
    expect(page.locator(".trial-changes > li")).to_have_count(2, timeout=PATIENCE)
    fragment = page.url.split("#")[1]
    page.fill("[id^=plan-lon]", "10.5")
    page.press("[id^=plan-lon]", "Tab")
    expect(page.locator(".trial-changes .refused")).to_contain_text("不计入", timeout=PATIENCE)
    again = visit(planned)
    other = opened(again, fragment.replace("%E6%96%B0%E7%AB%99%E7%82%B9", MARKUP))
    plans(other, planned)
    expect(other.locator(".trial-changes > li")).to_have_count(2, timeout=PATIENCE)
    expect(other.locator(".trial-changes")).to_contain_text(MARKUP, timeout=PATIENCE)
    assert page.request.get(f"{planned.address}/api/v1/stations").json()["items"] == before
    made.assert_sound()
    again.assert_sound()


def test_proposed_sites_go_into_the_trial_with_what_they_gain(visit: Begin, planned: Site) -> None:
    made = visit(planned, reduced_motion="reduce")
    page = opened(made, "minutes=5")
    plans(page, planned)
    page.fill("#propose-stations", "0")
    page.click("text=求建议")
    expect(page.locator(".fault")).to_be_visible()
    page.fill("#propose-stations", "2")
    with page.expect_response("**/proposals") as answered:
        page.click("text=求建议")
    choice = answered.value.json()["instant"]
    expect(page.locator(".proposal-sites li")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator(".map-mark.site")).to_have_count(2, timeout=PATIENCE)
    page.click("text=放入推演")
    expect(page.locator(".before-after div").nth(1)).to_contain_text(f"{round(choice['covered']):,}", timeout=PATIENCE)
    expect(page.locator(".map-mark.added")).to_have_count(2, timeout=PATIENCE)
    made.assert_sound()


def test_no_streets_compiling_and_failing_are_said_and_the_page_goes_on(visit: Begin, planned: Site) -> None:
    page = visit(planned).page
    problems = {
        "no-network": (409, {"code": "no-network", "detail": "no streets", "detail_zh": "没有道路"}),
        "network-not-ready": (503, {"code": "network-not-ready", "detail": "compiling", "detail_zh": "正在编译"}),
        "internal": (500, {"code": "internal", "detail": "it broke", "detail_zh": "出错了"}),
    }
    state = {"now": "no-network"}

    def answer(route: Route) -> None:
        if state["now"] not in problems:
            route.fallback()
            return
        status, problem = problems[state["now"]]
        route.fulfill(status=status, json=problem, content_type="application/problem+json")

    page.route("**/api/v1/coverage?**", answer)
    page.goto(f"{planned.address}/maps/coverage")
    headline = page.locator("#headline")
    expect(headline).to_contain_text("尚未导入道路", timeout=PATIENCE)
    expect(headline.locator("code")).to_have_text("gridmap load streets 文件.osm.pbf --commit", timeout=PATIENCE)
    state["now"] = "internal"
    page.click("label:has(#minutes-10)")
    expect(headline).to_contain_text("出错了", timeout=PATIENCE)
    state["now"] = "network-not-ready"
    headline.get_by_role("button").click()
    expect(headline).to_contain_text("正在准备步行路网", timeout=PATIENCE)
    expect(page.locator("#details")).to_be_hidden()
    state["now"] = "done"
    expect(headline.locator(".quote")).to_contain_text("10 分钟步行可达", timeout=PATIENCE)
    expect(page.locator("#details")).to_be_visible()


@pytest.mark.parametrize("lang", ["", "?lang=en"])
def test_it_is_usable_on_a_phone_and_by_a_screen_reader(visit: Begin, planned: Site, lang: str) -> None:
    made = visit(planned, **PHONE)
    page = opened(made, "minutes=5", lang)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for tab in ("gaps", "stations", "places"):
        page.locator(f"#tab-{tab}").evaluate("item => item.click()")
        assert_fits(page)
        assert_accessible(page)
    plans(page, planned)
    page.click("#plan-add")
    page.locator(".folium-map").tap(position={"x": 200, "y": 90})
    expect(page.locator(".trial-changes > li")).to_have_count(1, timeout=PATIENCE)
    assert_fits(page)
    assert_accessible(page)
    assert_sound(made)
