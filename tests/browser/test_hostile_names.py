"""Names that try to be markup, script or a broken layout stay names, on every page that shows them."""

import contextlib
from collections.abc import Callable, Iterator

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
from playwright.sync_api import Page, expect
from shapely import box

from geodata.database import connect
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.pinning import pin_address
from geodata.times import parse_time
from tests.browser.browsing import Site, Visit, served
from tests.browser.dispatching import at_dispatch, await_register

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "${alert(1)}`${alert(2)}`{{7*7}}{%raw%}",
    "</script><script>alert(3)</script><!--",
    "أهلا \u200fשלום \U0001f469\u200d\U0001f467\u200d\U0001f466 🚨 𠮷𠀋",
    "很长的名字" * 100,
    "javascript:alert(4)//'\"><svg/onload=alert(5)>",
]
WIDTH = 0.01
MADE_OF_NAMES = "[onerror], [onload], img[src=x], [role=option] script"


def tables() -> Iterator[tuple[str, pd.DataFrame]]:
    """A row of square grids, each with a hostile name, code, area, worker, role and station."""
    places = range(len(HOSTILE))
    squares = [box(117 + place * WIDTH, 36, 117 + (place + 1) * WIDTH, 36.01) for place in places]
    yield (
        "areas",
        gpd.GeoDataFrame(
            {"code": [f"A{place}" for place in places], "name": HOSTILE, "level": "community", "parent": None},
            geometry=squares,
            crs=4326,
        ),
    )
    yield (
        "grids",
        gpd.GeoDataFrame(
            {
                "code": [f"G{place}<b>" for place in places],
                "name": HOSTILE,
                "kind": "urban",
                "community": [f"A{place}" for place in places],
                "households": 300,
                "persons": 900,
            },
            geometry=squares,
            crs=4326,
        ),
    )
    yield (
        "roles",
        pd.DataFrame(
            {
                "code": "worker",
                "name": HOSTILE[:1],
                "name_en": HOSTILE[1:2],
                "duties": HOSTILE[2:3],
                "name_public": True,
                "phone_public": True,
            }
        ),
    )
    yield (
        "workers",
        pd.DataFrame(
            {
                "code": [f"W{place}" for place in places],
                "name": [name[:200] for name in HOSTILE],
                "phone": "13800000000",
                "phone_public": True,
            }
        ),
    )
    yield (
        "duties",
        pd.DataFrame(
            {
                "holder": [f"W{place}" for place in places],
                "role": "worker",
                "target_kind": "grid",
                "target": [f"G{place}<b>" for place in places],
                "layer": "general",
                "assignment": "primary",
                "from": "2024-01-01",
                "to": None,
            }
        ),
    )
    yield (
        "stations",
        pd.DataFrame(
            {
                "code": [f"S{place}" for place in places],
                "name": HOSTILE,
                "category": HOSTILE,
                "level": "station",
                "parent": None,
                "address": HOSTILE,
                "lon": [117.005 + place * WIDTH for place in places],
                "lat": 36.003,
                "phone": "001-00000001",
                "hours": "",
                "services": "",
            }
        ),
    )


def load_hostile(url: str) -> None:
    with contextlib.closing(connect(url)) as connection:
        for kind, frame in tables():
            options = LoadOptions(effective=parse_time("2024-01-01"), commit=True, actor="test")
            load_frame(connection, kind, frame, options=options, name=kind)
        for place, name in enumerate(HOSTILE):
            said, lon = f"样例大榕树{'甲乙丙丁戊己'[place]}{name[:60]}", 117.005 + place * WIDTH
            pin_address(connection, said, "<b>test</b>", label=name[:200], lon=lon, lat=36.006)
        connection.commit()


@pytest.fixture(scope="module")
def hostile(make_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Grids with hostile names, served."""
    url = make_database("hostile")
    load_hostile(url)
    with served(url, tmp_path_factory.mktemp("hostile")) as address:
        yield Site(address)


def assert_in_layout(page: Page) -> None:
    """Nothing sticks out sideways, no foreign element appeared, nothing ran."""
    width = page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('#panel').scrollWidth <= document.querySelector('#panel').clientWidth")
    assert page.locator("main img, main svg[onload], main script").count() == 0


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["desktop", "phone"])
@pytest.mark.parametrize("lang", ["", "?lang=en"], ids=["zh", "en"])
def test_hostile_names_are_shown_as_written(hostile: Site, visit: Begin, size: tuple[int, int], lang: str) -> None:
    made = visit(hostile, viewport={"width": size[0], "height": size[1]})
    page = made.open(f"/maps/grids{lang}")
    for place, name in enumerate(HOSTILE):
        page.fill("#query", f"g{place}<b>")
        page.press("#query", "Enter")
        expect(page.locator("#answer h2")).to_have_text(name, use_inner_text=False)
        expect(page.locator("#answer .chain")).to_have_text(name)
        expect(page.locator("#answer .call-name .who")).to_have_text(name[:200])
        expect(page.locator("#answer .call-first a.phone")).to_have_attribute("href", "tel:13800000000")
        assert_in_layout(page)
    made.assert_sound()


def test_hostile_names_are_safe_in_the_list_of_hits_and_under_the_pointer(hostile: Site, visit: Begin) -> None:
    made = visit(hostile)
    page = made.open()
    for text in ("<", "$", "script", "很长", "alert"):
        page.fill("#query", text)
        expect(page.locator("#hits [role=option]").first).to_be_visible()
        assert page.locator("#hits img, #hits script, #hits svg").count() == 0
        assert_in_layout(page)
    page.keyboard.press("Escape")
    for lon in (117.005, 117.025, 117.045):
        x, y = page.evaluate(
            """(lon) => {
                const box = window.gridmap.map.getContainer().getBoundingClientRect();
                const at = window.gridmap.map.latLngToContainerPoint([36.005, lon]);
                return [box.left + at.x, box.top + at.y];
            }""",
            lon,
        )
        page.mouse.move(x, y)
        expect(page.locator("#hovered")).not_to_be_empty()
        assert_in_layout(page)
    made.assert_sound()


def test_a_hostile_question_or_address_runs_nothing(hostile: Site, visit: Begin) -> None:
    made = visit(hostile)
    page = made.open("/")
    page.fill("#query", "<img src=x onerror=alert(1)>")
    page.press("#query", "Enter")
    expect(page.locator("#hits [role=option]")).to_have_count(3)
    page.press("#query", "Enter")
    expect(page.locator("#answer h2")).to_have_text(HOSTILE[0])
    page.goto(f"{hostile.address}/maps/grids#map=NaN/x/y&layer=%3Cscript%3E&grid=%22%3E%3Cimg%3E")
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    expect(page.locator("#answer h2")).to_have_text("没有编码为“\"><img>”的网格")
    # The browser writes to its console that there is no such grid.
    made.faults = [fault for fault in made.faults if "status of 404" not in fault]
    page.goto(f"{hostile.address}/help?lang=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    expect(page.locator("h1")).to_have_text("使用帮助")
    made.assert_sound()


def test_what_was_pinned_with_a_hostile_text_and_label_is_text_to_the_dispatcher(hostile: Site, visit: Begin) -> None:
    made = visit(hostile)
    page = at_dispatch(made)
    await_register(page, hostile.address)
    page.fill("#query", "样例大榕树")
    expect(page.locator("[role=option]").first).to_be_visible()
    assert page.locator(MADE_OF_NAMES).count() == 0
    for letter in "甲丙己":
        page.fill("#query", f"样例大榕树{letter}")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("alert(")
        assert page.locator(MADE_OF_NAMES).count() == 0
    made.assert_sound()


def test_under_a_path_of_a_proxy_everything_is_found(
    make_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, visit: Begin
) -> None:
    url = make_database("subpath")
    load_hostile(url)
    with served(url, tmp_path_factory.mktemp("subpath"), root_path="/city/grids") as address:
        made = visit(Site(address))
        page = made.open("/")
        page.get_by_role("link", name="打开网格地图").first.click()
        page.wait_for_selector("html[data-ready=true]")
        page.fill("#query", "117.005, 36.005")
        page.press("#query", "Enter")
        expect(page.locator("#answer h2")).to_have_text(HOSTILE[0])
        page.get_by_role("link", name="English").click()
        page.wait_for_selector("html[lang=en][data-ready=true]")
        page.get_by_role("link", name="Help").click()
        expect(page.locator("h1")).to_have_text("Help")
        made.assert_sound()
        assert {"/".join(request.url.split("/")[3:5]) for request in made.requests} == {"city/grids"}


def test_with_the_database_away_answers_go_on_and_say_since_when(
    cluster_url: str, database_url: str, tmp_path_factory: pytest.TempPathFactory, visit: Begin
) -> None:
    load_hostile(database_url)
    with served(database_url, tmp_path_factory.mktemp("away")) as address:
        made = visit(Site(address))
        page = made.open()
        name = database_url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
        administration = cluster_url.replace("/gridmap?", "/postgres?")
        with psycopg.connect(administration, autocommit=True) as opened:
            opened.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")  # type: ignore[arg-type]
            opened.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        for _ in range(40):
            page.fill("#query", "117.005, 36.005")
            page.press("#query", "Enter")
            expect(page.locator("#answer h2")).to_have_text(HOSTILE[0])
            if page.locator("#notice").is_visible():
                break
            page.wait_for_timeout(500)
        expect(page.locator("#notice")).to_contain_text("无法连接")
        made.assert_sound()
