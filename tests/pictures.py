"""Draw the pictures of the help anew from the sample district: ``make pictures``."""

import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import playwright.sync_api
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster
from geodata.migrate import migrate
from geodata.sample.loading import load_city
from service.maps.assets import FOLDER
from tests.browser.browsing import Site, served
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.desk import keys_for
from tests.browser.dispatching import await_register, await_streets
from tests.samples import sample

PICTURES = FOLDER / "static" / "help"
LARGEST_BYTES = 60_000
COLOURS = (48, 32, 24, 16, 12)
WIDE, DESK = {"width": 840, "height": 540}, {"width": 1200, "height": 772}
PHONE = {"width": 390, "height": 760}
LANGUAGES = {"zh": "", "en": "&lang=en"}
Draw = Callable[[Page, Site, str], bytes]


def main() -> None:
    """Serve the district and take every picture, or those that are named, in both languages."""
    PICTURES.mkdir(exist_ok=True)
    with _district() as site, _browser() as browser:
        for name in sys.argv[1:] or DRAWN:
            size, role, draw = DRAWN[name]
            for lang, asked in LANGUAGES.items():
                with closing(browser.new_context(viewport=size, locale="zh-CN")) as context:  # type: ignore[arg-type]
                    page = context.new_page()
                    _sign_in(page, site, role)
                    _keep(PICTURES / f"{name}.{lang}.png", draw(page, site, asked))


@contextmanager
def _district() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="gridmap-pictures-") as made, EmbeddedCluster(_open(Path(made))) as url:
        migrate(url)
        with closing(connect(url)) as connection:
            load_city(connection, sample("district"))
            connection.commit()
        keys = keys_for(url, dispatcher="样例 热线", clerk="样例 网格办", planner="样例 规划")
        with served(url, Path(made) / "state") as address:
            yield Site(address, sample("district"), keys)


def _open(folder: Path) -> Path:
    """A folder that the user of the database server may pass through."""
    folder.chmod(0o755)
    return folder


@contextmanager
def _browser() -> Iterator[Browser]:
    playwright.sync_api.expect.set_options(timeout=60_000)
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, "--no-sandbox"])
        yield browser
        browser.close()


def _sign_in(page: Page, site: Site, role: str) -> None:
    if not role:
        return
    page.goto(site.address)
    answer = page.request.post(
        f"{site.address}/session", data={"key": site.keys[role]}, headers={"Origin": site.address}
    )
    assert answer.ok, answer.text()


def _keep(path: Path, picture: bytes) -> None:
    """Write a picture in as many colours as its size allows."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    if image.width > WIDE["width"]:
        image = image.resize((WIDE["width"], WIDE["width"] * image.height // image.width), Image.Resampling.LANCZOS)
    for colours in COLOURS:
        image.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
        if (size := path.stat().st_size) < LARGEST_BYTES:
            print(f"{path.name}: {image.width} × {image.height}, {colours} colours, {size / 1000:.0f} kB", flush=True)
            return
    raise AssertionError(f"{path.name} has {size} bytes")


def _grid(site: Site) -> Any:
    """A grid in the middle of the district that somebody works in."""
    assert site.city is not None
    grids = site.city.grids["general"]
    held = grids[~grids["code"].isin(site.city.holes)]
    return held.iloc[len(held) // 2]


def _shot(page: Page) -> bytes:
    page.wait_for_timeout(1500)
    return page.screenshot()


def _ready(page: Page, site: Site, path: str) -> None:
    page.goto(site.address + path)
    page.wait_for_selector("html[data-ready]", timeout=60_000)


def _resident(page: Page, site: Site, lang: str) -> bytes:
    _ready(page, site, f"/maps/grids?layer=general&grid={_grid(site)['code']}{lang}")
    expect(page.locator("#answer h2")).to_be_visible()
    return _shot(page)


def _themes(page: Page, site: Site, lang: str) -> bytes:
    assert site.city is not None
    street = site.city.areas.set_index("code").loc[_grid(site)["community"], "parent"]
    _ready(page, site, f"/maps/grids?layer=general&area={street}&theme=households&base=0&stations=0{lang}")
    return _shot(page)


def _dispatch(page: Page, site: Site, lang: str) -> bytes:
    assert site.city is not None
    buildings = site.city.buildings[site.city.buildings["compound"].notna()]
    building = buildings.iloc[len(buildings) // 2]
    await_register(page, site.address)
    await_streets(page, site.address, building["lon"], building["lat"])
    compound = site.city.compounds.set_index("code").loc[building["compound"]]
    _ready(page, site, f"/dispatch?{lang.lstrip('&')}")
    page.fill("#query", f"{compound['name']}{building['name']}")
    page.press("#query", "Enter")
    page.wait_for_timeout(4000)
    # What matters stands at the left: in full size, as it is read.
    return page.screenshot(clip={"x": 0, "y": 0, **WIDE})


def _roster(page: Page, site: Site, lang: str) -> bytes:
    _ready(page, site, f"/roster?{lang.lstrip('&')}#view=week&within={_grid(site)['community']}")
    expect(page.locator(".week tbody").first).to_be_visible()
    page.locator(".week").evaluate("week => window.scrollTo(0, week.getBoundingClientRect().top + scrollY - 90)")
    return _shot(page)


def _coverage(page: Page, site: Site, lang: str) -> bytes:
    await_streets(page, site.address, *_grid(site).geometry.representative_point().coords[0])
    _ready(page, site, f"/maps/coverage?{lang.lstrip('&')}")
    page.check("#minutes-5")
    page.wait_for_timeout(4000)
    return _shot(page)


def _board(page: Page, site: Site, lang: str) -> bytes:
    page.goto(f"{site.address}/maps/boards/general/{_grid(site)['code']}?{lang.lstrip('&')}")
    return _shot(page)


# Name → size, who is signed in, how it is drawn.
DRAWN: dict[str, tuple[dict[str, int], str, Draw]] = {
    "resident": (PHONE, "", _resident),
    "themes": (WIDE, "", _themes),
    "roster": (DESK, "clerk", _roster),
    "coverage": (WIDE, "", _coverage),
    "board": (DESK, "", _board),
    # By now its register is compiled.
    "dispatch": (DESK, "dispatcher", _dispatch),
}

if __name__ == "__main__":
    main()
