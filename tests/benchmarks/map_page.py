"""Map page in headless Chromium without a cache: how soon the grids are painted, what comes over the wire, memory.

    python -m tests.benchmarks.map_page [--grids 896 20000] [--taipei] [--runs 5]

Beside ours, in turn in the same run, stands a stock Folium page: the same grids, unsimplified, written into the page as
one ``folium.GeoJson`` with a tooltip of code and name. Its links to content delivery networks are left out but for
Leaflet's, which is ours, so that it has less to fetch than it would. Memory is the heap of scripts after collection.
External requests are counted; there must be none.
"""

import argparse
import contextlib
import io
import math
import os
import re
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import folium
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
from tests.conftest import SHARED_DATA

GRIDS_PER_COMMUNITY = 12
GRID_DEGREES = 0.0028
ADDRESS = "/stock"
PATIENCE_MILLISECONDS = 300_000
READY = """<script>requestAnimationFrame(() => {
    window.gridmapReady = performance.now();
    document.documentElement.dataset.ready = "true";
});</script></html>"""


@dataclass(frozen=True, slots=True)
class Opened:
    """One visit: milliseconds until painted, bytes over the wire, bytes of heap, requests that left the service."""

    ready: float
    transferred: int
    heap: int
    foreign: int


def main() -> None:
    """Measure each size and print one line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grids", type=int, nargs="*", default=[896, 20_000])
    parser.add_argument("--taipei", action="store_true", help="11,490 real small areas in 456 villages")
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for areas, grids in [*map(generated, asked.grids), *([taipei()] if asked.taipei else [])]:
            measure(browser, areas, grids, asked.runs)
        browser.close()


def measure(browser: Browser, areas: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, runs: int) -> None:
    """Load and serve grids, and open both pages, a fresh context each time."""
    with tempfile.TemporaryDirectory(prefix="gridmap-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedCluster(Path(folder), settings={"fsync": "off"}) as url:
            migrate(url)
            load(url, areas, grids)
            with served(url, Path(folder)) as address:
                pages = (lambda page: page.goto(f"{address}/maps/grids"), stock_page(address, grids))
                for warm in pages:
                    opened(browser, address, warm)
                rounds = [[opened(browser, address, page) for page in pages] for _ in range(runs)]
    ours, theirs = ([one[place] for one in rounds] for place in (0, 1))
    print(f"{len(grids):>7,} grids", flush=True)
    for name, seen in (("ours", ours), ("stock Folium", theirs)):
        print(f"    {name:<13}{told(seen)}", flush=True)
    ratios = [middle(theirs, name) / middle(ours, name) for name in ("ready", "transferred", "heap")]
    print("    ratios       " + "  ".join(f"{ratio:8.1f} x" for ratio in ratios), flush=True)
    assert all(one.foreign == 0 for one in ours)


def middle(seen: list[Opened], name: str) -> float:
    """Median of one figure."""
    return float(statistics.median(getattr(one, name) for one in seen))


def told(seen: list[Opened]) -> str:
    """The medians in words."""
    ready, transferred, heap = (middle(seen, name) for name in ("ready", "transferred", "heap"))
    return f"{ready:8,.0f} ms {transferred / 1e3:8,.0f} kB {heap / 1e6:8.1f} MB; external requests {seen[-1].foreign}"


def taipei() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Villages as communities, small areas as grids."""
    file = SHARED_DATA / "taipei" / "taipei.gpkg"
    villages, smalls = (gpd.read_file(file, layer=name).to_crs(4326) for name in ("village", "small_area"))
    areas = gpd.GeoDataFrame(
        {"code": villages["CPTVID"].astype(str), "name": villages["PTVNAME"], "level": "community"},
        geometry=shapely.force_2d(villages.geometry.values),
        crs=4326,
    )
    codes = smalls["CODEBASE"].astype(str)
    grids = gpd.GeoDataFrame(
        {"code": codes, "name": codes, "kind": "urban", "households": smalls["H_CNT"].astype("Int64")},
        geometry=shapely.force_2d(smalls.geometry.values),
        crs=4326,
    )
    return areas, grids


def generated(count: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """A tiling of so many grids, a dozen to a community."""
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
    return areas, grids


def load(url: str, areas: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> None:
    """Load through the ordinary door."""
    options = LoadOptions(commit=True, actor="benchmark", repair=True)
    with contextlib.closing(connect(url)) as connection:
        for kind, frame in (("areas", areas), ("grids", grids)):
            load_frame(connection, kind, frame, options=options, name=kind)
        connection.commit()


def stock_page(address: str, grids: gpd.GeoDataFrame) -> Callable[[Page], object]:
    """Open what Folium writes by itself, from the same server."""
    west, south, east, north = grids.total_bounds.tolist()
    stock = folium.Map(tiles=None)
    shown = grids[["code", "name", "geometry"]]
    folium.GeoJson(shown, tooltip=folium.GeoJsonTooltip(["code", "name"])).add_to(stock)
    stock.fit_bounds([[south, west], [north, east]])
    written = io.BytesIO()
    stock.save(written, close_file=False)
    assets = installed_assets()
    text = re.sub(r'<(script|link)[^>]*(src|href)="https?://[^>]*>(</script>)?', "", written.getvalue().decode())
    links = (
        f'<link rel="stylesheet" href="{assets.url("leaflet/dist/leaflet.css")}">'
        f'<script src="{assets.url("leaflet/dist/leaflet.js")}"></script>'
    )
    text = text.replace("<head>", f"<head>{links}", 1).replace("</html>", READY)

    def go(page: Page) -> object:
        page.route(f"**{ADDRESS}", lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"))
        page.add_init_script(f"window.pageBytes = {len(text.encode())};")
        return page.goto(f"{address}{ADDRESS}", timeout=PATIENCE_MILLISECONDS)

    return go


def opened(browser: Browser, address: str, go: Callable[[Page], object]) -> Opened:
    """What one visit takes; a page that is handed over by the test counts as it stands, uncompressed."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        go(page)
        page.wait_for_selector("html[data-ready]", timeout=PATIENCE_MILLISECONDS)
        ready = float(page.evaluate("window.gridmapReady"))
        size = page.evaluate(
            """() => ["resource", "navigation"].flatMap((kind) => performance.getEntriesByType(kind))
                .reduce((sum, entry) => sum + entry.transferSize, window.pageBytes ?? 0)"""
        )
        heap = collected_heap(page)
    finally:
        context.close()
    foreign = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    return Opened(ready, int(size), heap, len(foreign))


def collected_heap(page: Page) -> int:
    """Bytes that scripts hold once the rest is collected."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return int(next(metric["value"] for metric in metrics if metric["name"] == "JSHeapUsedSize"))


if __name__ == "__main__":
    main()
