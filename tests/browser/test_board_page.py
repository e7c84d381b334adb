"""The board on a screen: readable on a phone, with numbers to dial, and what is printed is one page."""

from collections.abc import Callable

import pytest
import shapely

from tests.browser.browsing import Site, Visit
from tests.browser.usable import PHONE, assert_accessible, assert_fits, assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]


def test_the_boards_of_a_community_and_of_its_grids_can_be_read_called_from_and_printed(
    street: Site, visit: Begin
) -> None:
    assert street.city is not None
    grid = street.city.grids["general"].iloc[0]
    made = visit(street, **PHONE)
    page = made.open(f"/maps/boards?area={grid.community}")
    assert_fits(page)
    plan = page.locator("img.plan")
    plan.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('img.plan').complete")
    assert plan.evaluate("picture => picture.naturalWidth") > 0
    page.locator("h3 a", has_text=grid["name"][-4:]).first.click()
    page.wait_for_url("**/maps/boards/general/**")
    assert grid["name"] in page.locator("h1").inner_text()
    dials = page.locator("a.dial")
    assert dials.count() > 3
    assert all(link.get_attribute("href") == f"tel:{link.inner_text()}" for link in dials.all())
    assert page.locator(".board-findings").count() == 0
    assert_fits(page)
    assert_accessible(page)
    link = page.locator(".board-actions a", has_text="A3").get_attribute("href")
    printed = page.request.get(f"{made.address}{link}")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.body().startswith(b"%PDF-")
    inside = shapely.maximum_inscribed_circle(grid.geometry).coords[0]
    page.goto(f"{made.address}/maps/boards/general/{grid.code}?here={inside[0]},{inside[1]}&lang=en")
    assert "Whom to call" in page.locator("main").inner_text()
    assert_sound(made)
