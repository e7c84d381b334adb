"""Names that try to be markup, script or a broken layout stay names, on every page and paper that shows them."""

import contextlib
import io
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import geopandas as gpd
import pandas as pd
import psycopg
import pypdf
import pytest
from playwright.sync_api import Page, Response, expect
from pypdf.generic import NameObject
from shapely import LineString, box

from geodata.database import connect
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.pinning import pin_address
from geodata.times import parse_time
from tests.browser.browsing import Site, Visit, served
from tests.browser.desk import keys_for
from tests.browser.dispatching import at_dispatch, await_register, await_streets

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
# What makes a PDF do more than show itself and lead to addresses.
ACTS = {"/AA", "/JS", "/JavaScript", "/Launch", "/SubmitForm", "/GoToR", "/ImportData", "/EmbeddedFile", "/OpenAction"}
MADE_OF_NAMES = "[onerror], [onload], img[src=x], [role=option] script"


def tables() -> Iterator[tuple[str, pd.DataFrame]]:
    """A row of square grids, each with a hostile name, code, area, worker, role and station."""
    places = range(len(HOSTILE))
    yield (
        "layers",
        pd.DataFrame({"code": ["general"], "name": HOSTILE[:1], "name_en": HOSTILE[2:3], "tiling": "full"}),
    )
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


def things() -> Iterator[tuple[str, pd.DataFrame]]:
    """What maps and boards show beside grids and people, all of it with hostile names."""
    places = range(len(HOSTILE))
    lons = [117.005 + place * WIDTH for place in places]
    ground = {"code": [f"B{place}" for place in places], "name": HOSTILE}
    footprints = gpd.GeoSeries([box(lon, 36.004, lon + 0.002, 36.0052) for lon in lons], crs=4326)
    yield (
        "compounds",
        gpd.GeoDataFrame(ground, geometry=[box(lon - 0.002, 36.002, lon + 0.004, 36.008) for lon in lons], crs=4326),
    )
    yield "buildings", gpd.GeoDataFrame({**ground, "households": 30}, geometry=footprints)
    yield "places", pd.DataFrame({**ground, "category": HOSTILE, "lon": lons, "lat": 36.0065})
    roads = [LineString([(lon - 0.004, 36.0015), (lon + 0.004, 36.0015)]) for lon in lons]
    yield "streets", gpd.GeoDataFrame({"name": HOSTILE, "class": "local"}, geometry=roads, crs=4326)
    rivers = [LineString([(lon - 0.004, 36.009), (lon + 0.004, 36.009)]) for lon in lons]
    yield "barriers", gpd.GeoDataFrame({**ground, "class": "water"}, geometry=rivers, crs=4326)
    covers = ["green", "building"] * (len(HOSTILE) // 2)
    yield "backdrop", gpd.GeoDataFrame({**ground, "cover": covers}, geometry=footprints)
    yield "organisations", pd.DataFrame({"code": ["O1"], "name": HOSTILE[2:3], "phone": "010-00000001"})
    named = {"name": HOSTILE, "name_en": HOSTILE, "description": HOSTILE, "organisation": "O1", "promised": "2 hours"}
    yield "matters", pd.DataFrame({"code": [f"M{place}" for place in places], **named})
    told = {"title": HOSTILE[:4], "title_en": HOSTILE[:4], "body": HOSTILE[:4], "body_en": HOSTILE[:4]}
    slots = ["hotline", "notice", "intro", "footer"]
    yield "texts", pd.DataFrame({"code": slots, "slot": slots, "phone": "010-00000002", **told})


def load_hostile(url: str) -> None:
    with contextlib.closing(connect(url)) as connection:
        for kind, frame in (*tables(), *things()):
            options = LoadOptions(effective=parse_time("2024-01-01"), commit=True, actor="test")
            load_frame(connection, kind, frame, options=options, name=kind)
        for place, name in enumerate(HOSTILE):
            said, lon = f"样例大榕树{'甲乙丙丁戊己'[place]}{name[:60]}", 117.005 + place * WIDTH
            pin_address(connection, said, "<b>test</b>", label=name[:200], lon=lon, lat=36.006)
        connection.commit()


@pytest.fixture(scope="module")
def hostile_url(make_database: Callable[..., str]) -> str:
    """URL of a database in which every name is hostile."""
    url = make_database("hostile")
    load_hostile(url)
    return url


@pytest.fixture(scope="module")
def hostile(hostile_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Grids with hostile names, served."""
    keys = keys_for(hostile_url, planner="样例 规划")
    with served(hostile_url, tmp_path_factory.mktemp("hostile")) as address:
        yield Site(address, keys=keys)


def assert_in_layout(page: Page) -> None:
    """Nothing sticks out sideways, no foreign element appeared, nothing ran."""
    width = page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('#panel').scrollWidth <= document.querySelector('#panel').clientWidth")
    assert page.locator("main img, main svg[onload], main script").count() == 0


@pytest.mark.parametrize(("size", "lang"), [((1280, 800), ""), ((390, 844), "?lang=en")], ids=["zh", "phone-en"])
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
    # Before and after the register is ready, other things are found.
    await_register(page, hostile.address)
    page.fill("#query", "<img src=x onerror=alert(1)>")
    page.press("#query", "Enter")
    expect(page.locator("#hits [role=option]")).to_have_count(6)
    page.press("#query", "Enter")
    expect(page.locator("#answer h2")).to_have_text(HOSTILE[0])
    page.goto("about:blank")
    page.goto(f"{hostile.address}/maps/grids#map=NaN/x/y&layer=%3Cscript%3E&grid=%22%3E%3Cimg%3E")
    page.wait_for_selector("html[data-ready=true]")
    expect(page.locator("#answer h2")).to_have_text('没有编码为“"><img>”的网格')
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


def words_of(printed: pypdf.PdfReader) -> set[str]:
    """Every key and name in the objects of a PDF."""
    objects = [printed.get_object(number) for number in range(1, int(printed.trailer["/Size"]))]
    pairs = [pair for one in objects if isinstance(one, dict) for pair in one.items()]
    return {str(key) for key, _ in pairs} | {str(value) for _, value in pairs if isinstance(value, NameObject)}


def assert_guarded(answer: Response | None) -> None:
    """A page that came with a policy which lets no script run but those that the page names."""
    assert answer is not None
    assert answer.status == 200, answer.url
    policy = answer.headers["content-security-policy"]
    scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
    assert "unsafe" not in scripts
    assert "http:" not in scripts
    assert "*" not in scripts


def test_boards_frames_lists_and_pages_of_grids_show_hostile_names_as_text_and_ask_nobody_else(
    hostile: Site, visit: Begin
) -> None:
    made = visit(hostile)
    page = made.page
    page.route(lambda url: not url.startswith(hostile.address), lambda route: route.abort())
    await_streets(page, hostile.address, 117.005, 36.005)
    code = quote("G2<b>", safe="")
    shown = {
        f"/maps/boards/general/{code}": [HOSTILE[2], HOSTILE[1]],
        f"/maps/boards/general/{code}?lang=en": [HOSTILE[2], HOSTILE[3]],
        "/maps/boards?area=A5": [HOSTILE[5]],
        "/maps/boards?compound=B0": [HOSTILE[0]],
        f"/grids/general/{code}": [HOSTILE[2]],
        "/maps/print": [HOSTILE[0], HOSTILE[5]],
        f"/embed/grids?layer=general&grid={code}": [HOSTILE[2]],
        f"/maps/coverage?area=A5&theme={code}": [],
    }
    for path, texts in shown.items():
        answer = page.goto(hostile.address + path)
        assert_guarded(answer)
        if not path.startswith("/maps/boards"):
            page.wait_for_selector("html[data-ready]")
        for text in texts:
            expect(page.locator("body")).to_contain_text(text)
        assert page.locator(MADE_OF_NAMES).count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path
    made.assert_sound()


def test_drafts_of_hostile_names_are_text_in_the_list_and_in_the_editor(hostile: Site, visit: Begin) -> None:
    made = visit(hostile, reduced_motion="reduce")
    page = made.open("/maps/plan")
    page.click("#sign-in")
    page.fill("#key", hostile.keys["planner"])
    page.press("#key", "Enter")
    page.click("#new-draft")
    page.fill("dialog input[name=name]", HOSTILE[5])
    page.fill("dialog input[name=note]", HOSTILE[2])
    page.press("dialog input[name=name]", "Enter")
    page.wait_for_url("**/maps/plan/*")
    page.wait_for_selector("html[data-ready=true]")
    expect(page.locator("#draft-name")).to_have_text(HOSTILE[5])
    page.evaluate("window.planPage.plan.select(['G0<b>', 'G1<b>', 'G2<b>', 'G3<b>', 'G4<b>', 'G5<b>'])")
    for name in HOSTILE:
        expect(page.locator("#figures .opens", has_text=name[:60]).first).to_be_visible()
    change = "window.planPage.act({ kind: 'change', grid: 'G1<b>', name: `${'<img src=x onerror=alert(6)>'}` })"
    assert page.evaluate(f"{change}.then(() => 'done')") == "done"
    for tab in ("findings", "impact", "communities", "history", "chosen"):
        page.click(f"#tab-{tab}")
        assert_in_layout(page)
    page.click("#rename")
    assert page.input_value("dialog input[name=note]") == HOSTILE[2]
    page.click("dialog.plan-form button:not([type=submit])")
    page.click("#publish")
    expect(page.locator("#publish-dialog h2")).to_contain_text(HOSTILE[5])
    page.goto(f"{hostile.address}/maps/plan")
    expect(page.locator(".draft-link")).to_have_text(HOSTILE[5])
    expect(page.locator(".drafts .hint")).to_have_text(HOSTILE[2])
    assert page.locator("main img, main svg[onload], main script:not([type='application/json'])").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    made.faults = [fault for fault in made.faults if "status of 401" not in fault]
    made.assert_sound()


def test_a_map_file_of_hostile_names_runs_nothing_from_the_disk(hostile: Site, visit: Begin, tmp_path: Path) -> None:
    made = visit(hostile)
    page = made.page
    bearer = {"Authorization": f"Bearer {hostile.keys['planner']}"}
    answer = page.request.get(f"{hostile.address}/api/v1/exports/map?layer=general", headers=bearer)
    assert answer.status == 200, answer.text()
    file = tmp_path / "map.html"
    file.write_bytes(answer.body())
    page.goto(file.as_uri())
    expect(page.locator("body")).to_contain_text(HOSTILE[0])
    assert page.locator("[onerror], [onload], img[src=x]").count() == 0
    assert [request.url for request in made.requests] == [file.as_uri()]
    assert made.faults == []


@pytest.mark.parametrize(
    ("path", "asked", "texts"),
    [
        ("/api/v1/boards", {"grid": "G0<b>", "size": "A3"}, [HOSTILE[0], HOSTILE[1]]),
        ("/api/v1/boards", {"area": "A2", "lang": "en"}, [HOSTILE[2]]),
        ("/api/v1/wall-map", {"layer": "general", "size": "A2"}, [HOSTILE[0], HOSTILE[2], HOSTILE[5]]),
        ("/api/v1/coverage/report", {"stations": 0, "minutes": 15}, [HOSTILE[0], HOSTILE[5]]),
    ],
    ids=["grid", "community", "wall", "report"],
)
def test_what_is_printed_has_hostile_names_as_letters_and_nothing_that_acts(
    hostile: Site, visit: Begin, tmp_path: Path, path: str, asked: dict[str, object], texts: list[str]
) -> None:
    bearer = {"Authorization": f"Bearer {hostile.keys['planner']}"}
    answer = visit(hostile).page.request.get(f"{hostile.address}{path}?{urlencode(asked)}", headers=bearer)
    assert answer.status == 200, answer.text()
    printed = pypdf.PdfReader(io.BytesIO(answer.body()))
    kept = tmp_path / "printed.pdf"
    kept.write_bytes(answer.body())
    letters = subprocess.run(["pdftotext", "-layout", kept, "-"], capture_output=True, text=True, check=True).stdout
    # Where a line has no room left, a name goes on in the next.
    letters = "".join(letters.split())
    for text in texts:
        assert "".join(text.split())[:24] in letters, text
    assert not ACTS & words_of(printed)
    for one in printed.pages:
        for note in one.get("/Annots", ()):
            assert str(note.get_object()["/A"]["/URI"]).startswith(hostile.address)


def test_with_the_database_away_answers_go_on_and_say_since_when(
    cluster_url: str, database_url: str, tmp_path_factory: pytest.TempPathFactory, visit: Begin
) -> None:
    load_hostile(database_url)
    with served(database_url, tmp_path_factory.mktemp("away")) as address:
        made = visit(Site(address))
        answers: list[Response] = []
        made.page.on("response", lambda answer: answers.append(answer))
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
        refused = [urlsplit(answer.url).path for answer in answers if answer.status == 503]
        assert all(path.startswith("/basemap/") for path in refused), refused
        # The map goes on without the ground below it; a browser writes each refusal to its console.
        made.faults = [fault for fault in made.faults if "status of 503" not in fault]
        made.assert_sound()
