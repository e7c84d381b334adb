"""A grid's page and the card of the map: whom to call, by what, and who was responsible."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Site, Visit, served
from tests.browser.desk import keys_for
from tests.browser.usable import PHONE, assert_accessible, assert_fits, assert_sound
from tests.samples import sample

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]


@pytest.fixture(scope="module")
def site(
    make_street: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, browser: object
) -> Iterator[Site]:
    """The sample street, with a key for a dispatcher."""
    url = make_street("gridpage")
    keys = keys_for(url, dispatcher="样例 接线")
    with served(url, tmp_path_factory.mktemp("gridpage")) as address:
        yield Site(address, sample("street"), keys)


def a_grid(site: Site, place: int = 10) -> Any:
    assert site.city is not None
    return site.city.grids["general"].iloc[place]


def at_grid(made: Visit, site: Site, query: str = "") -> Page:
    page = made.open(f"/grids/general/{a_grid(site)['code']}{query}")
    page.wait_for_selector("html[data-ready]")
    return page


def sign_in(page: Page, site: Site) -> None:
    page.click("#sign-in")
    page.fill("#key", site.keys["dispatcher"])
    page.press("#key", "Enter")


def test_the_page_of_a_grid_says_whom_to_call_first_and_who_was_responsible(site: Site, visit: Begin) -> None:
    made = visit(site)
    page = at_grid(made, site)
    expect(page.locator("h1")).to_have_text(a_grid(site)["name"])
    expect(page.locator(".call-first")).to_have_count(1)
    expect(page.locator("#now .people li").first).to_be_visible()
    expect(page.locator("#now .masked").first).to_have_text(re.compile(r"\d{3}\*{4}\d{4}"))
    expect(page.locator("#before")).to_contain_text("登录后可查看历任人员")
    sign_in(page, site)
    expect(page.locator("#before tbody tr").first).to_be_visible()
    expect(page.locator("#before")).to_contain_text("历任")
    expect(page.locator("#now .masked")).to_have_count(0)
    expect(page.locator("#now a[href^='tel:']").first).to_be_visible()
    expect(page.locator("#matters")).to_contain_text("承诺")
    expect(page.locator("#stations .state").first).to_have_text(re.compile("开放"))
    page.get_by_role("link", name="在地图上查看").click()
    expect(page.locator("#answer h2")).to_have_text(a_grid(site)["name"], timeout=60_000)
    assert_sound(made)


def test_a_grid_of_another_day_says_so_and_an_unknown_one_is_not_found(site: Site, visit: Begin) -> None:
    made = visit(site)
    page = at_grid(made, site, "?as_of=2025-06-01")
    expect(page.locator("#facts .notice-box")).to_contain_text("2025")
    page.get_by_role("link", name="回到现在").click()
    expect(page.locator(".call-first")).to_be_visible()
    expect(page.locator("#facts .notice-box")).to_have_count(0)
    answer = page.goto(f"{made.address}/grids/general/none%3Cimg%3E")
    assert answer is not None
    assert answer.status == 404
    assert page.locator("main img").count() == 0


def test_at_night_the_page_of_a_grid_speaks_of_this_grid_alone(site: Site, visit: Begin) -> None:
    made = visit(site)
    page = at_grid(made, site, "?as_of=2026-03-18T02:00:00&lang=en")
    notices = page.locator("#now .notice")
    expect(notices).to_have_count(1)
    expect(notices).to_have_text(re.compile(f"^Nobody is on duty in grid {a_grid(site)['code']};"))
    made.assert_sound()


def card_of(made: Visit, site: Site, query: str = "") -> Page:
    page = made.open(f"/maps/grids{query}#layer=general&grid={a_grid(site)['code']}")
    expect(page.locator("#answer h2")).to_have_text(a_grid(site)["name"], timeout=60_000)
    return page


def test_the_card_puts_the_one_to_call_first_on_top_and_says_when_the_others_are_back(site: Site, visit: Begin) -> None:
    made = visit(site)
    # A Wednesday morning, and the night after it.
    page = card_of(made, site, "?as_of=2026-03-18T10:00:00")
    expect(page.locator("#answer .call-first .state.on")).to_have_text("在岗")
    expect(page.locator("#answer .call-first .masked, #answer .call-first a[href^='tel:']")).to_have_count(1)
    page = card_of(made, site, "?as_of=2026-03-18T02:00:00")
    expect(page.locator("#answer .people .state.off").first).to_be_visible()
    expect(page.locator("#answer .people .state-more").first).to_have_text(re.compile(r"\d\d:\d\d 上岗"))
    assert_sound(made)


def test_a_matter_puts_those_responsible_first_and_says_what_is_promised(site: Site, visit: Begin) -> None:
    made = visit(site)
    page = card_of(made, site, "?as_of=2026-03-18T10:00:00")
    page.locator("#answer #matters .row", has_text="噪音扰民").click()
    expect(page.locator("#answer .promise")).to_contain_text("承诺")
    expect(page.locator("#answer .promise")).to_contain_text("前")
    expect(page.locator("#answer .call-first .role")).to_contain_text("民警")
    expect(page.locator("#answer .matter-name")).to_be_focused()
    expect(page.locator("#matters .row[aria-pressed=true]")).to_contain_text("噪音扰民")
    page.get_by_role("button", name="不限事项").click()
    expect(page.locator("#answer .promise")).to_have_count(0)
    assert_sound(made)


@pytest.mark.parametrize("lang", ["", "?lang=en"], ids=["zh", "en"])
def test_on_a_phone_a_grid_page_fits(site: Site, visit: Begin, lang: str) -> None:
    made = visit(site, **PHONE)
    page = at_grid(made, site, lang)
    assert_fits(page)
    assert_sound(made)


def test_every_control_of_a_grid_page_has_a_name_and_every_colour_enough_contrast(site: Site, visit: Begin) -> None:
    made = visit(site)
    page = at_grid(made, site)
    sign_in(page, site)
    expect(page.locator("#before tbody tr").first).to_be_visible()
    assert_accessible(page)
