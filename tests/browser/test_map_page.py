"""The map page in a real browser, on the real application with the sample street."""

import re
from collections import Counter
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Site, Visit, served
from tests.browser.dispatching import DAY, NIGHT, at_moment, await_register, await_streets
from tests.territory import committed, publish

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def a_grid(site: Site, place: int = 10) -> tuple[str, str, float, float]:
    """Code and name of a sample grid, and a point well inside it."""
    assert site.city is not None
    row = site.city.grids["general"].iloc[place]
    inside = row.geometry.representative_point()
    return row["code"], row["name"], inside.x, inside.y


def off_centre(site: Site) -> tuple[str, float, float]:
    """Name of a sample grid, and a point inside it that is not its middle, which the address bar may name."""
    assert site.city is not None
    grid = site.city.grids["general"].iloc[10]
    middle, corner = grid.geometry.representative_point(), grid.geometry.exterior.coords[0]
    return grid["name"], 0.5 * middle.x + 0.5 * corner[0], 0.5 * middle.y + 0.5 * corner[1]


def search(page: Page, text: str) -> None:
    page.fill("#query", text)
    page.press("#query", "Enter")


def on_screen(page: Page, lon: float, lat: float) -> tuple[float, float]:
    x, y = page.evaluate(
        """([lon, lat]) => {
            const map = window.gridmap.map;
            const box = map.getContainer().getBoundingClientRect();
            const point = map.latLngToContainerPoint([lat, lon]);
            return [box.left + point.x, box.top + point.y];
        }""",
        [lon, lat],
    )
    return x, y


@pytest.mark.parametrize(("moment", "called"), [(DAY, "物业服务"), (NIGHT, "社区民警")], ids=["by day", "at night"])
def test_a_click_names_the_grid_its_people_and_its_stations(
    street: Site, visit: Begin, moment: str, called: str
) -> None:
    code, name, lon, lat = a_grid(street)
    made = visit(street)
    page = made.open()
    await_streets(page, street.address, lon, lat)
    at_moment(page, moment)
    page.mouse.click(*on_screen(page, lon, lat))
    card = page.locator("#answer")
    expect(card.locator("h2")).to_have_text(name)
    expect(card.locator(".code")).to_have_text(code)
    expect(card.locator(".call-first .role")).to_contain_text(called)
    expect(card.locator(".people li").first).to_be_visible()
    expect(card.locator(".people .role", has_text="专职网格员")).to_have_count(1)
    expect(card.locator("section", has_text="最近的服务站点").locator(".row")).to_have_count(3)
    stations = card.locator("section", has_text="最近的服务站点")
    expect(stations.locator(".row-figure").first).to_have_text(
        re.compile(r"^步行(约 [\d.]+|不到 1) 分钟[\d.]+ (米|公里)$")
    )
    expect(stations.locator("p.quiet").first).to_have_text("按步行路网计算。")
    made.assert_sound()


def test_a_grid_is_found_by_its_code_and_its_view_can_be_opened_again(street: Site, visit: Begin) -> None:
    code, name, _, _ = a_grid(street)
    made = visit(street)
    page = made.open()
    search(page, code)
    expect(page.locator("#answer h2")).to_have_text(name)
    page.wait_for_timeout(500)
    assert f"grid={code}" in page.url
    again = visit(street)
    opened = again.page
    opened.goto(page.url)
    expect(opened.locator("#answer h2")).to_have_text(name)
    made.assert_sound()
    again.assert_sound()


def test_points_are_understood_as_people_write_them_and_stay_out_of_addresses(street: Site, visit: Begin) -> None:
    name, lon, lat = off_centre(street)
    made = visit(street)
    page = made.open()
    for written in (f"{lon:.6f},{lat:.6f}", f"{lon:.6f}，{lat:.6f}", f"东经{lon:.6f}° 北纬{lat:.6f}°"):
        search(page, "")
        search(page, written)
        expect(page.locator("#answer h2")).to_have_text(name)
    page.wait_for_timeout(500)
    for address in [request.url for request in made.requests] + [page.url]:
        assert f"{lon:.4f}" not in address or f"{lat:.4f}" not in address
    lookups = [request for request in made.requests if request.url.endswith("/api/v1/lookup")]
    assert lookups
    assert {request.method for request in lookups} == {"POST"}
    made.assert_sound()


def test_latitude_first_is_asked_about_not_guessed(street: Site, visit: Begin) -> None:
    _, name, lon, lat = a_grid(street)
    page = visit(street).open()
    search(page, f"{lat:.6f}, {lon:.6f}")
    expect(page.locator("#hits [role=option]")).to_contain_text("您先写的是纬度")
    expect(page.locator("#answer h2")).to_have_count(0)
    page.press("#query", "Enter")
    expect(page.locator("#answer h2")).to_have_text(name)


def test_a_point_outside_gets_the_nearest_grid_never_a_worker(street: Site, visit: Begin) -> None:
    made = visit(street)
    page = made.open()
    west, south, _, _ = page.evaluate("window.gridmap.page.config.bounds")
    search(page, f"{west - 0.02:.5f}, {south:.5f}")
    expect(page.locator("#answer h2")).to_have_text("此处不在任何网格内")
    expect(page.locator("#answer .row-figure").first).to_have_text(re.compile("米|公里"))
    expect(page.locator("#answer .people")).to_have_count(0)
    page.locator("#answer .row").first.click()
    expect(page.locator("#answer .people")).to_be_visible()
    made.assert_sound()


def test_a_community_lists_its_grids(street: Site, visit: Begin) -> None:
    assert street.city is not None
    areas = street.city.areas
    community = areas[areas["level"] == "community"].iloc[0]
    made = visit(street)
    page = made.open()
    search(page, community["name"])
    expect(page.locator("#answer h2")).to_have_text(community["name"])
    members = (street.city.grids["general"]["community"] == community["code"]).sum()
    expect(page.locator("#answer .row")).to_have_count(int(members))
    made.assert_sound()


def test_a_street_leads_to_its_communities_and_they_to_their_grids(street: Site, visit: Begin) -> None:
    assert street.city is not None
    areas = street.city.areas
    above = areas[areas["level"] == "street"].iloc[0]
    communities = areas[areas["parent"] == above["code"]]
    made = visit(street)
    page = made.open()
    search(page, above["code"])
    rows = page.locator("#answer .row")
    expect(rows).to_have_count(len(communities))
    rows.first.click()
    expect(page.locator("#answer h2")).to_have_text(communities.iloc[0]["name"])
    rows.first.click()
    expect(page.locator("#answer .people")).to_be_visible()
    made.assert_sound()


def test_the_list_of_hits_is_used_with_the_keyboard_alone(street: Site, visit: Begin) -> None:
    made = visit(street)
    page = made.open()
    # Past the way to the content, the name, and the pages of the header.
    for _ in range(3 + page.locator("header nav a").count()):
        page.keyboard.press("Tab")
        if page.locator("#query").evaluate("field => field === document.activeElement"):
            break
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("网格")
    options = page.locator("#hits [role=option]")
    expect(options).to_have_count(12)
    expect(page.locator("#query")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#query")).to_have_attribute("aria-activedescendant", "hit-1")
    chosen = options.nth(1).locator(".hit-title").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#hits")).to_be_hidden()
    expect(page.locator("#answer h2")).to_have_text(chosen)
    made.assert_sound()


def test_the_centre_of_the_map_can_be_asked_about_by_keyboard(street: Site, visit: Begin) -> None:
    _, name, lon, lat = a_grid(street)
    made = visit(street)
    page = made.open()
    page.evaluate("([lon, lat]) => window.gridmap.map.setView([lat, lon], 16, {animate: false})", [lon, lat])
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#answer h2")).to_have_text(name)
    made.assert_sound()


def test_nothing_found_says_what_can_be_typed(street: Site, visit: Begin) -> None:
    made = visit(street)
    await_register(made.page, street.address)
    page = made.open()
    search(page, "<b>没有这个地方</b>")
    expect(page.locator("#answer h2")).to_have_text("没有找到“<b>没有这个地方</b>”")
    expect(page.locator("#answer")).to_contain_text("网格编码")


def test_english_is_given_on_request_and_kept_on_the_way(street: Site, visit: Begin) -> None:
    code, _, _, _ = a_grid(street)
    made = visit(street, locale="en-GB")
    page = made.open("/?lang=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Who covers this place?")
    page.get_by_role("link", name="Open the grid map").first.click()
    page.wait_for_selector("html[data-ready]")
    at_moment(page, DAY)
    search(page, code)
    expect(page.get_by_role("heading", name="Who is responsible")).to_be_visible()
    expect(page.locator(".people .role").first).to_contain_text("grid worker")
    page.locator("#other-language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    made.assert_sound()


def test_the_question_of_the_home_page_is_answered_on_the_map(street: Site, visit: Begin) -> None:
    name, lon, lat = off_centre(street)
    made = visit(street)
    page = made.open("/")
    expect(page.locator(".facts-band dd").first).to_have_text("83")
    search(page, f"{lon:.6f}, {lat:.6f}")
    expect(page.locator("#answer h2")).to_have_text(name)
    assert f"{lon:.4f}" not in page.url
    page.reload()
    page.wait_for_selector("html[data-ready]")
    made.assert_sound()


def test_the_layer_can_be_changed(street: Site, visit: Begin) -> None:
    assert street.city is not None
    made = visit(street)
    page = made.open()
    page.get_by_role("tab", name="图层图例").click()
    page.get_by_label("服务片区").check()
    expect(page.locator("body")).not_to_have_attribute("data-loading", "true")
    shown = page.evaluate("window.gridmap.page.model.grids.map((grid) => grid.code)")
    assert shown == sorted(street.city.grids["service"]["code"])
    assert "layer=service" in page.url
    expect(page.locator("#release")).to_contain_text("服务片区")
    page.get_by_label("查看时间").fill("2024-06-01")
    page.get_by_role("button", name="查看", exact=True).click()
    page.wait_for_selector("html[data-ready]")
    expect(page.get_by_label("服务片区")).to_be_checked()
    made.assert_sound()


def test_a_page_that_stays_open_draws_what_was_published_meanwhile(
    make_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, visit: Begin
) -> None:
    url = make_database("published")
    committed(url)
    with served(url, tmp_path_factory.mktemp("published")) as address:
        made = visit(Site(address))
        page = made.open()
        shown = "window.gridmap.page.model.grids.length"
        assert page.evaluate(shown) == 3
        with psycopg.connect(url, options="-c search_path=gridmap,public") as connection:
            publish(connection, 3, {"B2": (30, 40)}, "2026-02-01T00:00+08:00")
        for _ in range(40):
            search(page, "87.005, 36.655")
            expect(page.locator("#answer h2")).to_have_text("A1网格")
            if page.evaluate(shown) == 4:
                break
            page.wait_for_timeout(250)
        assert page.evaluate(shown) == 4
        made.assert_sound()
        with psycopg.connect(url, options="-c search_path=gridmap,public") as connection:
            ended = (
                "UPDATE grid_versions SET period = tstzrange(lower(period), %s) WHERE code = 'B2' AND upper_inf(period)"
            )
            connection.execute(ended, ("2026-03-01T00:00+08:00",))
            publish(connection, 4, {"B3": (30, 36), "B4": (36, 40)}, "2026-03-01T00:00+08:00")
        # Whoever kept the old link learns what is there now.
        for _ in range(40):
            made.open("/maps/grids?layer=general&grid=B2")
            page.wait_for_selector("#answer h2")
            if "已撤销" in page.locator("#answer h2").inner_text():
                break
            page.wait_for_timeout(250)
        expect(page.locator("#answer p").first).to_contain_text("2026-03-01")
        expect(page.locator(".pick .row-figure")).to_have_text(["占原范围 60%", "占原范围 40%"])
        page.locator(".pick", has_text="B4网格").click()
        expect(page.locator("#answer .grid-head h2")).to_have_text("B4网格")


def test_neighbours_are_painted_in_different_colours(street: Site, visit: Begin) -> None:
    page = visit(street).open("/maps/grids?base=0")
    used = page.evaluate("[...new Set(window.gridmap.page.model.grids.map((grid) => grid.colour))].sort()")
    assert len(used) >= 3
    painted = page.evaluate("""() => {
        const { map, page } = window.gridmap;
        const canvas = document.querySelector(".folium-map canvas");
        const context = canvas.getContext("2d");
        const box = canvas.getBoundingClientRect();
        const frame = map.getContainer().getBoundingClientRect();
        const ratio = canvas.width / box.width;
        const pixel = (x, y) => {
            const place = [(frame.left + x - box.left) * ratio, (frame.top + y - box.top) * ratio].map(Math.round);
            const [r, g, b] = context.getImageData(...place, 1, 1).data;
            return `#${[r, g, b].map((n) => n.toString(16).padStart(2, "0")).join("")}`;
        };
        return page.model.grids.map((grid) => {
            const { x, y } = map.latLngToContainerPoint([grid.point.lat, grid.point.lon]);
            const reach = grid.radius * map.getZoomScale(map.getZoom(), 0) * 0.8;
            const around = [...Array(16).keys()].map((n) => (n * Math.PI) / 8);
            return [grid.colour, around.map((a) => pixel(x + reach * Math.cos(a), y + reach * Math.sin(a)))];
        });
    }""")
    fills = page.evaluate("window.gridmap.page.config.fills")
    for colour, around in painted:
        assert Counter(pixel for pixel in around if pixel in fills).most_common(1)[0][0] == fills[colour]


def test_a_signed_in_dispatcher_sees_and_dials_whole_numbers(street: Site, visit: Begin) -> None:
    code, _, _, _ = a_grid(street)
    made = visit(street)
    page = made.open()
    at_moment(page, DAY)
    search(page, code)
    first = page.locator(".people .phone").first
    expect(first).to_have_text(re.compile(r"^\d{3}\*{4}\d{4}$"))
    page.get_by_role("button", name="登录").click()
    page.get_by_label("密钥", exact=True).fill("wrong")
    page.get_by_role("button", name="取消").click()
    expect(page.locator("#sign-in-dialog")).to_be_hidden()
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_label("密钥", exact=True)).to_have_value("")
    page.get_by_label("密钥", exact=True).fill("wrong")
    page.get_by_label("密钥", exact=True).press("Enter")
    expect(page.locator("#sign-in-message")).to_have_text("密钥无效、已过期或已被吊销。")
    made.faults[:] = [fault for fault in made.faults if "401" not in fault]
    page.get_by_label("密钥", exact=True).fill(street.keys["dispatcher"])
    page.locator("#sign-in-form").get_by_role("button", name="登录").click()
    expect(page.locator("#session-state")).to_have_text("热线 3 号席（接线员）")
    expect(first).to_have_text(re.compile(r"^\d{11}$"))
    assert first.get_attribute("href") == f"tel:{first.inner_text()}"
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="退出").click()
    expect(first).to_have_text(re.compile(r"\*{4}"))
    made.assert_sound()


def test_on_a_phone_the_map_and_the_answer_share_the_window(street: Site, visit: Begin) -> None:
    _, name, lon, lat = a_grid(street)
    made = visit(street, **PHONE)
    page = made.open()
    page.touchscreen.tap(*on_screen(page, lon, lat))
    expect(page.locator("#answer h2")).to_have_text(name)
    page.wait_for_timeout(600)
    shape = page.evaluate("""() => {
        const box = (selector) => document.querySelector(selector).getBoundingClientRect().toJSON();
        const wide = document.documentElement.scrollWidth;
        return { map: box(".folium-map"), panel: box("#panel"), bar: box(".bar"), wide };
    }""")
    assert shape["wide"] <= 390
    assert shape["map"]["height"] >= 200
    assert shape["panel"]["top"] >= shape["map"]["bottom"]
    assert shape["map"]["top"] >= shape["bar"]["bottom"] - 1
    x, y = on_screen(page, lon, lat)
    assert shape["map"]["left"] < x < shape["map"]["right"]
    assert shape["map"]["top"] < y < shape["map"]["bottom"]
    made.assert_sound()


def test_on_a_phone_everything_to_touch_is_large_enough(street: Site, visit: Begin) -> None:
    _, _, lon, lat = a_grid(street)
    page = visit(street, **PHONE).open()
    page.touchscreen.tap(*on_screen(page, lon, lat))
    page.wait_for_selector(".grid-head")
    small = page.evaluate("""() => [...document.querySelectorAll("a, button, input, summary, label:has(input)")]
        .filter((item) => item.offsetParent && !item.matches(".skip, input[type=radio], .notice a, .sheet-toggle"))
        .map((item) => [item.outerHTML.slice(0, 80), item.getBoundingClientRect().height])
        .filter(([, height]) => height < 43.5)""")
    assert small == []


def test_no_text_is_smaller_than_14_pixels(street: Site, visit: Begin) -> None:
    made = visit(street)
    for path in ("/maps/grids", "/", "/help"):
        page = made.open(path)
        small = page.evaluate("""() => [...document.querySelectorAll("body *")]
            .filter((item) => [...item.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
            .filter((item) => item.offsetParent && parseFloat(getComputedStyle(item).fontSize) < 14)
            .map((item) => item.outerHTML.slice(0, 80))""")
        assert small == []


def test_another_time_shows_its_own_grids_and_says_so(street: Site, visit: Begin) -> None:
    made = visit(street)
    page = made.open("/maps/grids?as_of=2024-06-01")
    expect(page.locator(".then")).to_contain_text("2024-06-01")
    code, name, _, _ = a_grid(street)
    search(page, code)
    expect(page.locator("#answer h2")).to_have_text(name)
    sent = [request.post_data_json for request in made.requests if request.url.endswith("/api/v1/lookup")]
    assert sent[-1]["as_of"].startswith("2024-06-01")
    page.goto(f"{street.address}/maps/grids?as_of=1999-01-01")
    expect(page.locator("#answer h2")).to_contain_text("1999-01-01")
    page.get_by_role("link", name="回到现在").click()
    page.wait_for_selector("html[data-ready=true]")
    made.assert_sound()


def test_a_service_that_is_away_is_said_with_a_way_to_try_again(street: Site, visit: Begin) -> None:
    code, name, _, _ = a_grid(street)
    made = visit(street)
    page = made.open()
    page.context.set_offline(True)
    search(page, code)
    expect(page.locator("#answer h2")).to_have_text("连不上服务")
    page.context.set_offline(False)
    page.get_by_role("button", name="重试").click()
    expect(page.locator("#answer h2")).to_have_text(name)
    assert all("ERR_INTERNET_DISCONNECTED" in fault for fault in made.faults)


def test_without_data_the_pages_say_which_command_to_run(empty: Site, visit: Begin) -> None:
    made = visit(empty)
    page = made.open()
    expect(page.locator(".no-data")).to_contain_text("gridmap demo")
    expect(page.locator(".no-data")).to_contain_text("gridmap load grids")
    made.open("/")
    expect(page.locator(".no-data")).to_contain_text("gridmap demo")
    made.open("/help")
    made.assert_sound()
