"""A resident's map: their grid in one step, whom to call for what, figures in colour and table, links to a view."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import Site, Visit
from tests.browser.test_map_page import PHONE, a_grid
from tests.browser.usable import assert_accessible, assert_fits

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
OLD_WAYS = """Object.defineProperty(window, "isSecureContext", { value: false })"""


def on_a_border(site: Site) -> tuple[str, float, float]:
    """A grid's code and a point of its border that another grid shares: both lie within any accuracy."""
    assert site.city is not None
    grids = site.city.grids["general"]
    one = grids.iloc[40]
    other = next(
        row for _, row in grids.iterrows() if row["code"] != one["code"] and row.geometry.touches(one.geometry)
    )
    shared = one.geometry.intersection(other.geometry)
    middle = shared.interpolate(0.5, normalized=True) if shared.length else shared.representative_point()
    return one["code"], middle.x, middle.y


def standing_at(visit: Begin, site: Site, lon: float, lat: float, accuracy: float) -> Visit:
    place = {"longitude": lon, "latitude": lat, "accuracy": accuracy}
    return visit(site, **PHONE, geolocation=place, permissions=["geolocation"])


def test_a_phone_on_the_border_of_grids_is_asked_which_one_is_meant_and_its_place_stays_out_of_addresses(
    street: Site, visit: Begin
) -> None:
    code, lon, lat = on_a_border(street)
    made = standing_at(visit, street, lon, lat, 25)
    page = made.open("/")
    page.get_by_role("button", name="用我的位置查").tap()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#answer h2")).to_have_text("哪一个是您的网格？")
    choices = page.locator("#answer .pick")
    assert choices.count() >= 2
    drawn = page.evaluate("window.gridmap.page.scene.painter.beside.map((grid) => grid.code)")
    assert sorted(drawn) == sorted(choices.locator(".row-note").all_inner_texts())
    assert_fits(page)
    choices.filter(has_text=code).tap()
    expect(page.locator("#answer .grid-head .code")).to_have_text(code)
    page.wait_for_timeout(300)
    assert f"grid={code}" in page.url
    for address in [request.url for request in made.requests] + [page.url]:
        assert f"{lon:.4f}" not in address or f"{lat:.4f}" not in address
    made.assert_sound()

    _, name, inside_lon, inside_lat = a_grid(street)
    sure = standing_at(visit, street, inside_lon, inside_lat, 1)
    page = sure.open()
    page.locator("#locate").tap()
    expect(page.locator("#answer .grid-head h2")).to_have_text(name)
    page.context.set_geolocation({"longitude": inside_lon, "latitude": inside_lat, "accuracy": 9000})
    page.locator(".map-locate").tap()
    expect(page.locator("#answer h2")).to_have_text("定位不够准，无法判断网格")
    expect(page.locator("#answer")).to_contain_text("9 公里")
    sure.assert_sound()


def test_a_device_that_does_not_tell_its_place_is_a_normal_state_with_ways_to_go_on(street: Site, visit: Begin) -> None:
    made = visit(street, **PHONE)
    page = made.open()
    page.locator("#locate").tap()
    expect(page.locator("#answer h2")).to_have_text("没有拿到您的位置")
    expect(page.locator("#answer")).to_contain_text("许可")
    expect(page.locator("#answer")).to_contain_text("输入地址")
    page.context.grant_permissions(["geolocation"])
    _, name, lon, lat = a_grid(street)
    page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 1})
    page.get_by_role("button", name="重试").tap()
    expect(page.locator("#answer .grid-head h2")).to_have_text(name)
    page.add_init_script(OLD_WAYS)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    page.locator(".map-locate").tap()
    expect(page.locator("#answer")).to_contain_text("https")
    expect(page.locator("#answer").get_by_role("button", name="重试")).to_have_count(0)
    made.assert_sound()


def test_a_view_of_colours_table_and_card_says_the_same_figures_and_its_link_reopens_it(
    street: Site, visit: Begin
) -> None:
    assert street.city is not None
    made = visit(street, permissions=["clipboard-read", "clipboard-write"])
    page = made.open()
    code, name, _, _ = a_grid(street)
    page.get_by_role("tab", name="图层图例").click()
    page.get_by_label("按数据着色").select_option(label="户数")
    key, bar = page.locator("#theme-key li"), page.locator("#theme-bar li")
    expect(key.first).to_be_visible()
    assert bar.count() == key.count()
    counts = [int(re.sub(r"\D", "", text)) for text in key.locator(".row-note").all_inner_texts()]
    assert sum(counts) == len(street.city.grids["general"])
    page.get_by_role("checkbox", name="名称").uncheck()
    assert "theme=households" in str(page.locator("#print-map").get_attribute("href"))

    page.get_by_role("tab", name="网格列表").click()
    rows = page.locator(".grid-table tbody tr")
    expect(rows).to_have_count(50)
    page.locator(".grid-table th[data-column=value] button").click()
    figures = [int(text.replace(",", "")) for text in page.locator(".grid-table td.number").all_inner_texts()]
    assert figures == sorted(figures, reverse=True)
    expect(page.locator("th[data-column=value]")).to_have_attribute("aria-sort", "descending")
    values = page.request.get(f"{street.address}/api/v1/layers/general/themes/households").json()["values"]
    assert figures == sorted(values.values(), reverse=True)[:50]
    assert_accessible(page)
    page.get_by_role("button", name="下一页").click()
    expect(rows).to_have_count(len(values) - 50)
    expect(rows.first.get_by_role("button")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).get_by_role("button")).to_be_focused()
    page.get_by_label("筛选：名称、编码或社区").fill(code)
    expect(rows).to_have_count(1)
    rows.get_by_role("button").click()
    expect(page.locator("#answer .grid-head h2")).to_have_text(name)
    expect(page.locator("#matters h3")).to_have_text("办事找谁")
    expect(page.locator("#matters a[href^='tel:']").first).to_be_visible()
    assert_accessible(page)

    page.get_by_role("tab", name="图层图例").click()
    page.get_by_role("button", name="复制此视图的链接").click()
    expect(page.locator("#copied")).to_have_text("链接已复制。")
    assert_accessible(page)
    link = page.evaluate("navigator.clipboard.readText()")
    made.assert_sound()
    again = visit(street)
    reopened = again.page
    reopened.goto(link)
    expect(reopened.locator("#answer .grid-head h2")).to_have_text(name)
    expect(reopened.locator("#theme-bar")).to_be_visible()
    expect(reopened.locator("#show-names")).not_to_be_checked()
    again.assert_sound()


def test_a_link_to_what_is_not_there_opens_a_calm_page(street: Site, visit: Begin) -> None:
    made = visit(street)
    page = made.open("/maps/grids?grid=%3Cb%3E9&theme=nothing#map=14/0.5/0.5")
    expect(page.locator("#answer h2")).to_have_text("没有编码为“<b>9”的网格")
    expect(page.locator("#notice")).to_contain_text("nothing")
    of_service = street.city.grids["service"].iloc[3]  # type: ignore[union-attr]
    page = made.open(f"/maps/grids?layer=gone&grid={of_service['code']}#map=14/0.5/0.5")
    expect(page.locator("#answer h2")).to_have_text(f"没有编码为“{of_service['code']}”的网格")
    expect(page.locator("#notice")).to_contain_text("没有网格类型“gone”")
    expect(page.locator("#notice")).to_contain_text("(service)")
    expect(page.locator("#notice")).to_contain_text("链接中的地图位置不在数据范围内")
    assert "gone" not in page.url
    page.locator("#answer .pick").click()
    expect(page.locator("#answer .grid-head .code")).to_have_text(of_service["code"])
    assert "layer=service" in page.url
    page = made.open(f"/maps/grids?grid={a_grid(street)[0]}&theme=nothing")
    expect(page.locator("#answer .grid-head .code")).to_have_text(a_grid(street)[0])
    expect(page.locator("#notice")).to_contain_text("nothing")
    page = made.open("/maps/grids?layer=service")
    assert "layer=service" in str(page.locator("#print-map").get_attribute("href"))
    page = made.open("/maps/grids?area=nowhere#map=99/x")
    expect(page.locator("#answer h2")).to_have_text("没有编码为“nowhere”的区划")
    expect(page.locator("#notice")).to_have_text("链接中的地图位置不在数据范围内，已显示全图。")
    assert_accessible(page)
    chosen = "document.addEventListener('gridmap-chosen', (event) => (window.told = event.detail))"
    code, name, _, _ = a_grid(street)
    page.evaluate(f"() => {{ {chosen}; }}")
    show = "(detail) => document.dispatchEvent(new CustomEvent('gridmap-show', { detail }))"
    page.evaluate(show, {"grid": code, "theme": "persons"})
    expect(page.locator("#answer .grid-head h2")).to_have_text(name)
    expect(page.locator("#theme-bar")).to_be_visible()
    told = page.evaluate("window.told")
    assert (told["layer"], told["code"], told["name"]) == ("general", code, name)
    assert told["areas"][0]["level"] == "community"
    page.evaluate(show, {"grid": None, "theme": ""})
    expect(page.locator("#intro")).to_be_visible()
    expect(page.locator("#theme-bar")).to_be_hidden()
    assert "grid=" not in page.url
    made.faults = [fault for fault in made.faults if "404" not in fault]
    made.assert_sound()
