"""Choosing what to print in a real browser: residents find the board of a grid, planners get the map for the wall."""

import io
from collections.abc import Callable
from contextlib import closing

import pypdf
import pytest
from playwright.sync_api import expect

from geodata import access
from geodata.database import connect
from tests.browser.browsing import Site, Visit
from tests.browser.usable import PHONE, assert_accessible, assert_fits, assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]


def test_a_resident_finds_the_board_of_a_grid_on_a_phone(visit: Begin, street: Site) -> None:
    made = visit(street, **PHONE)
    page = made.open("/maps/print")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#wall-needs-key")).to_be_visible()
    community = page.locator("select[name=area] option").nth(1)
    page.select_option("select[name=area]", community.get_attribute("value"))
    page.click("form.print-choices button")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".print-chosen")).to_contain_text(str(community.text_content()).strip())
    assert_fits(page)
    assert_accessible(page)
    page.select_option("#boards select[name=size]", "A4")
    asked = page.locator("h3 + .print-boards button").first.evaluate(
        "button => new URLSearchParams(new FormData(button.form, button)).toString()"
    )
    answer = page.request.get(f"{street.address}/api/v1/boards?{asked}")
    assert answer.ok, answer.text()
    assert len(pypdf.PdfReader(io.BytesIO(answer.body())).pages) == 1
    look = page.locator("h3 + .print-boards a").first
    name = str(look.get_attribute("aria-label")).partition("公示牌")[0]
    look.click()
    expect(page.locator("h1")).to_contain_text(name)
    assert_sound(made)


def test_a_planner_signs_in_and_gets_the_map_that_was_chosen(visit: Begin, street: Site, street_url: str) -> None:
    with closing(connect(street_url)) as connection:
        key = access.create_key(connection, role="planner", name="样例 规划", created_by="test")[0]
        connection.commit()
    made = visit(street)
    page = made.open("/maps/print?lang=en&theme=households")
    page.wait_for_selector("html[data-ready]")
    page.click("#sign-in")
    page.fill("#key", key)
    with page.expect_navigation():
        page.press("#key", "Enter")
    page.wait_for_selector("html[data-ready]")
    assert_accessible(page)
    page.select_option("#wall select[name=size]", "A4")
    expect(page.locator("select[name=theme]")).to_have_value("households")
    form = page.locator("form#wall")
    fields = form.evaluate("form => new URLSearchParams(new FormData(form)).toString()")
    answer = page.request.get(f"{street.address}{form.get_attribute('action')}?{fields}")
    assert answer.ok, answer.text()
    pdf = pypdf.PdfReader(io.BytesIO(answer.body()))
    assert len(pdf.pages) == 1
    assert sorted(round(float(side) / 72 * 25.4) for side in pdf.pages[0].mediabox[2:]) == [210, 297]
    assert_sound(made)
