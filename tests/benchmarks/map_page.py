"""Map page in headless Chromium without a cache: milliseconds until the grids are painted, beside Leaflet's own layer.

    python -m tests.benchmarks.map_page [--grids 896 20000] [--runs 5]

Beside ours stands a bare page that draws the API's simplified GeoJSON as one ``L.geoJSON`` layer on Leaflet's canvas:
no names, no panel, no stations. External requests are counted; there must be none.
"""

import argparse
import contextlib
import math
import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from playwright.sync_api import Browser, Page, sync_playwright

from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.migrate import migrate
from service.maps.assets import installed_assets
from tests.benchmarks.tilings import wiggly_tiling
from tests.browser.browsing import served
from tests.browser.conftest import ARGUMENTS, CHROMIUM

GRIDS_PER_COMMUNITY = 12
GRID_DEGREES = 0.0028
PLAIN = """<!DOCTYPE html><html><head><meta charset="utf-8"><link rel="stylesheet" href="{style}">
<style>html, body, #map {{ height: 100%; margin: 0 }}</style></head><body><div id="map"></div>
<script src="{script}"></script><script>
const map = L.map("map", {{ preferCanvas: true }});
fetch("/api/v1/layers/general/grids?format=geojson&detail=map").then((answer) => answer.json()).then((collection) => {{
  const layer = L.geoJSON(collection, {{ style: {{ weight: 1 }} }});
  map.fitBounds(layer.getBounds());
  layer.addTo(map);
  requestAnimationFrame(() => {{
    window.gridmapReady = performance.now();
    document.documentElement.dataset.ready = "true";
  }});
}});
</script></body></html>"""


def main() -> None:
    """Measure each size and print one line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grids", type=int, nargs="+", default=[896, 20_000])
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for count in asked.grids:
            measure(browser, count, asked.runs)
        browser.close()


def measure(browser: Browser, count: int, runs: int) -> None:
    """Load, serve and open a tiling of so many grids, a fresh context each time."""
    with tempfile.TemporaryDirectory(prefix="gridmap-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedCluster(Path(folder), settings={"fsync": "off"}) as url:
            migrate(url)
            load(url, count)
            with served(url, Path(folder)) as address:
                plain = plain_page(address)
                for warm in (lambda page: page.goto(f"{address}/maps/grids"), plain):
                    opened(browser, address, warm)
                rounds = [
                    (
                        opened(browser, address, lambda page: page.goto(f"{address}/maps/grids")),
                        opened(browser, address, plain),
                    )
                    for _ in range(runs)
                ]
    ours = statistics.median(ready for (ready, _, _), _ in rounds)
    theirs = statistics.median(ready for _, (ready, _, _) in rounds)
    external = sum(foreign for (_, _, foreign), _ in rounds)
    kilobytes = rounds[-1][0][1] / 1000
    print(
        f"{count:>7,} grids: ready {ours:5.0f} ms, bare L.geoJSON page {theirs:5.0f} ms,"
        f" ratio {theirs / ours:4.2f}; {kilobytes:,.0f} kB; external requests {external}",
        flush=True,
    )
    assert external == 0


def load(url: str, count: int) -> None:
    """Load a tiling through the ordinary door, a dozen grids to a community."""
    columns = max(divisor for divisor in range(1, math.isqrt(count) + 1) if count % divisor == 0)
    rows = count // columns
    bounds = (117.0, 36.0, 117.0 + columns * GRID_DEGREES, 36.0 + rows * GRID_DEGREES)
    shapes = wiggly_tiling(columns, rows, bounds=bounds)
    groups = np.arange(len(shapes)) // GRIDS_PER_COMMUNITY
    communities = [f"C{group:05d}" for group in groups]
    names = np.unique(communities)
    areas = gpd.GeoDataFrame(
        {"code": names, "name": [f"{name}社区" for name in names], "level": "community"},
        geometry=[shapely.union_all(shapes[groups == group]) for group in range(len(names))],
        crs=4326,
    )
    codes = [f"{place:06d}" for place in range(len(shapes))]
    grids = gpd.GeoDataFrame(
        {
            "code": codes,
            "name": [f"第{int(code)}网格" for code in codes],
            "kind": "urban",
            "community": communities,
            "households": 400,
        },
        geometry=list(shapes),
        crs=4326,
    )
    with contextlib.closing(connect(url)) as connection:
        for kind, frame in (("areas", areas), ("grids", grids)):
            load_frame(connection, kind, frame, options=LoadOptions(commit=True, actor="benchmark"), name=kind)
        connection.commit()


def plain_page(address: str) -> Callable[[Page], object]:
    """Open a bare page on the same server that draws the data with Leaflet's own layer."""
    assets = installed_assets()
    text = PLAIN.format(script=assets.url("leaflet/dist/leaflet.js"), style=assets.url("leaflet/dist/leaflet.css"))

    def go(page: Page) -> object:
        page.route("**/plain", lambda route: route.fulfill(body=text, content_type="text/html"))
        return page.goto(f"{address}/plain")

    return go


def opened(browser: Browser, address: str, go: Callable[[Page], object]) -> tuple[float, int, int]:
    """Milliseconds until painted, bytes that came over the wire, and requests that left the service."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        go(page)
        page.wait_for_selector("html[data-ready]", timeout=60_000)
        ready = float(page.evaluate("window.gridmapReady"))
        size = page.evaluate("performance.getEntriesByType('resource').reduce((sum, e) => sum + e.transferSize, 0)")
    finally:
        context.close()
    foreign = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    return ready, int(size), len(foreign)


if __name__ == "__main__":
    main()
