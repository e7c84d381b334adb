"""What the map draws: a layer in tiles as it draws it whole, the ground below it, somebody else's map instead."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from service.maps.assets import installed_assets
from tests.browser.browsing import Site, Visit, served

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]

# A coarse picture of the canvas: the mean colour of each square of 12 pixels, [r, g, b, a] in turn.
PICTURE = """() => {
    const { base } = window.gridmap.page.scene.painter;
    const source = base._container;
    const small = document.createElement("canvas");
    small.width = Math.floor(source.width / 12);
    small.height = Math.floor(source.height / 12);
    const context = small.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, small.width, small.height);
    return [...context.getImageData(0, 0, small.width, small.height).data];
}"""
# The code of the grid drawn at each of 600 places spread over the view.
DRAWN = """() => {
    const { map, page } = { map: window.gridmap.map, page: window.gridmap.page };
    const size = map.getSize();
    return Array.from({ length: 600 }, (_, i) => {
        const { lng, lat } = map.containerPointToLatLng([((i * 0.618034) % 1) * size.x, ((i + 0.5) / 600) * size.y]);
        return page.scene.at(lng, lat)?.code ?? null;
    });
}"""
SETTLED = "() => { const { tiles } = window.gridmap.page.scene.model; return tiles && !tiles.loading.size; }"


def in_tiles(route: Route) -> None:
    """Answer with the same layer as layers of more than 5,000 grids are told, tiles and index being the real ones."""
    whole = route.fetch().json()
    lons = [place for area in whole["areas"] for place in area["bounds"][::2]]
    lats = [place for area in whole["areas"] for place in area["bounds"][1::2]]
    radii = sorted(grid["label"][2] for grid in whole["grids"])
    large = {
        **{name: whole[name] for name in ("tiling", "areas", "stations")},
        "bounds": [min(lons), min(lats), max(lons), max(lats)],
        "typical_metres": radii[len(radii) // 2],
        "tiles": {"url": "/tiles/general/{z}/{x}/{y}.mvt?test=1", "min_zoom": 0, "max_zoom": 16},
        "index": "/maps/grids/index?layer=general",
    }
    route.fulfill(json=large)


def differing(one: list[int], other: list[int]) -> float:
    """Share of the squares whose colours are far from each other."""
    squares = [range(start, start + 4) for start in range(0, len(one), 4)]
    return sum(max(abs(one[place] - other[place]) for place in square) > 40 for square in squares) / len(squares)


def test_a_layer_in_tiles_looks_and_answers_as_it_does_whole(street: Site, visit: Begin) -> None:
    whole, tiled = visit(street), visit(street)
    tiled.page.route("**/maps/grids/data**", in_tiles)
    for made in (whole, tiled):
        made.open()
        made.page.evaluate("window.gridmap.page.scene.showBase(false)")
    tiled.page.wait_for_function(SETTLED)
    assert not whole.page.evaluate("window.gridmap.page.scene.model.large")
    assert tiled.page.evaluate("window.gridmap.page.scene.model.large")
    for zoom in (0, 1.75):
        for made in (whole, tiled):
            made.page.evaluate(
                "(by) => { const { map } = window.gridmap; map.setZoom(map.getZoom() + by, { animate: false }); }", zoom
            )
        tiled.page.wait_for_function(SETTLED)
        pictures = [made.page.evaluate(PICTURE) for made in (whole, tiled)]
        assert len(set(pictures[0])) > 20
        assert differing(*pictures) < 0.03
        answers = [made.page.evaluate(DRAWN) for made in (whole, tiled)]
        assert len(set(answers[0])) > 5
        # Borders are made simpler in each their own way: by less than a pixel.
        assert sum(one != other for one, other in zip(*answers, strict=True)) <= 6

    code = next(code for code in answers[0] if code)
    records = [
        made.page.evaluate("async (code) => window.gridmap.page.scene.grid(code)", code) for made in (whole, tiled)
    ]
    for name in ("code", "name", "short", "kind", "community", "households"):
        assert records[0][name] == records[1][name]
    for place, bound in enumerate(records[0]["bounds"]):
        assert records[1]["bounds"][place] == pytest.approx(bound, abs=2e-5)

    # Far away, where tiles hold no grid that could be told apart, the chosen one has its own border.
    tiled.page.evaluate(
        """async (code) => {
            const { scene } = window.gridmap.page;
            window.gridmap.map.setZoom(9, { animate: false });
            scene.choose({ grid: await scene.grid(code) });
        }""",
        code,
    )
    tiled.page.wait_for_function("() => window.gridmap.page.scene.painter.chosen.rings?.[0].length > 6")
    whole.assert_sound()
    tiled.assert_sound()


def test_the_ground_is_drawn_below_the_grids_named_along_its_streets_and_does_without_what_fails(
    street: Site, visit: Begin
) -> None:
    made = visit(street)
    page = made.page
    missed: list[str] = []

    def fail_first(route: Route) -> None:
        if route.request.url in missed:
            route.continue_()
        else:
            missed.append(route.request.url)
            route.abort()

    page.route("**/basemap/*/*/*.mvt*", fail_first)
    written = "window.written = []; const write = CanvasRenderingContext2D.prototype.fillText;"
    written += "CanvasRenderingContext2D.prototype.fillText = function (...given) { window.written.push(given[0]);"
    page.add_init_script(f"{written} return write.apply(this, given); }};")
    made.open()
    page.evaluate("window.gridmap.map.setZoom(16.5, { animate: false })")
    page.wait_for_function("() => !window.gridmap.page.scene.base.tiles.loading.size")
    assert missed
    with_ground = page.evaluate(PICTURE)
    names = page.evaluate("window.gridmap.page.scene.base.pieces.flatMap((p) => p.content.streets.map((s) => s.name))")
    page.evaluate("window.written.length = 0; window.gridmap.page.scene.painter.repaint()")
    letters = page.evaluate("window.written")
    assert any(name and all(letter in letters for letter in name) for name in names)
    page.evaluate("window.gridmap.page.scene.showBase(false)")
    assert differing(with_ground, page.evaluate(PICTURE)) > 0.1

    page.route("**/basemap/*/*/*.mvt*", lambda route: route.fulfill(status=503, headers={"Retry-After": "2"}))
    page.evaluate("window.gridmap.page.scene.showBase(true)")
    page.evaluate("window.gridmap.map.setZoom(14, { animate: false })")
    page.wait_for_function("() => window.gridmap.page.scene.base.tiles.failed.size > 0")
    assert page.evaluate("window.gridmap.page.scene.model.grids.length") == 83
    shown = [fault for fault in made.faults if "503" not in fault and "ERR_FAILED" not in fault]
    assert shown == []


def test_tiles_are_bounded_given_up_when_out_of_view_and_stood_in_for_until_they_come(
    street: Site, visit: Begin
) -> None:
    made = visit(street)
    page = made.open("/")
    seen = page.evaluate(
        """async (address) => {
            const { Tiles } = await import(address);
            const asked = [];
            const given = [];
            const real = window.fetch;
            window.fetch = (address, { signal }) => new Promise((resolve, reject) => {
                asked.push(address);
                signal.addEventListener("abort", () => {
                    given.push(address);
                    reject(new DOMException("", "AbortError"));
                });
                if (!address.includes("slow")) setTimeout(() => resolve(new Response(new Uint8Array())), 1);
            });
            const view = (zoom, x, y) => {
                const side = 256 / 2 ** zoom;
                return { scale: 512 / side, west: x * side + side / 8, east: (x + 1) * side - side / 8,
                         north: y * side + side / 8, south: (y + 1) * side - side / 8 };
            };
            const tiles = new Tiles({ url: "/t/{z}/{x}/{y}", maxZoom: 12, read: () => ({}), changed: () => null });
            const keys = (pieces) => pieces.map((piece) => piece.key).sort();
            await tiles.ready(view(5, 10, 10));
            const own = keys(tiles.pieces(view(5, 10, 10)));
            tiles.url = "/slow/{z}/{x}/{y}";
            const deeper = keys(tiles.pieces(view(6, 20, 20)));
            const higher = keys(tiles.pieces(view(4, 5, 5)));
            const abandoned = [...given];
            tiles.url = "/t/{z}/{x}/{y}";
            for (let x = 0; x < 10_500; x += 1) tiles.kept.set(`12/${x}/0`, { content: {}, vertices: 200 });
            await tiles.ready(view(5, 11, 10));
            const left = { most: tiles.kept.size, drawn: tiles.kept.has("5/11/10") };
            window.fetch = real;
            return { own, deeper, higher, abandoned, left, deepest: asked.filter((one) => one.startsWith("/t/13")) };
        }""",
        installed_assets().url("app/tiles.js"),
    )
    assert seen["own"] == ["5/10/10"]
    # Nearer, the tile above is stretched; farther, those below stand side by side.
    assert seen["deeper"] == ["5/10/10"]
    assert seen["higher"] == ["5/10/10"]
    assert seen["abandoned"] == ["/slow/6/20/20"]
    assert seen["left"]["most"] <= 10_001
    assert seen["left"]["drawn"]
    assert seen["deepest"] == []


def picture_of(page: Page) -> list[list[float]]:
    """Where each tile of the outside map stands: what it shows, and its corner in the map's window."""
    found: list[list[float]] = page.evaluate(
        """() => [...document.querySelectorAll(".leaflet-tile-loaded")].map((tile) => {
            const box = tile.getBoundingClientRect();
            const map = window.gridmap.map.getContainer().getBoundingClientRect();
            const [z, x, y] = new URL(tile.src).pathname.match(/\\d+/g).map(Number);
            return [z, x, y, box.left - map.left, box.top - map.top];
        })"""
    )
    return found


def test_somebody_elses_map_lies_where_it_belongs_and_the_page_goes_on_when_it_fails(
    street: Site, street_url: str, visit: Begin, tmp_path: Path
) -> None:
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0"
        "0000030101"
        "00c9fe92ef0000000049454e44ae426082"
    )
    settings = {
        "BASE_TILES_URL": "http://127.0.0.1:9/{z}/{x}/{y}.png?tk={key}",
        "BASE_TILES_KEY": "a b&c",
        "BASE_TILES_CRS": "gcj02",
        "BASE_TILES_ATTRIBUTION": "© <b>样例地图</b>",
    }
    with served(street_url, tmp_path, **settings) as address:
        made = visit(Site(address, street.city))
        asked: list[str] = []

        def give(route: Route) -> None:
            asked.append(route.request.url)
            route.fulfill(body=pixel, content_type="image/png")

        made.page.route("http://127.0.0.1:9/**", give)
        page = made.open()
        page.wait_for_selector(".leaflet-tile-loaded")
        assert all(url.endswith(".png?tk=a%20b%26c") for url in asked)
        assert made.faults == []
        expect(page.locator("#attribution")).to_contain_text("© <b>样例地图</b>")
        page.evaluate("window.gridmap.map.panBy([300, 200], { animate: false })")
        page.wait_for_timeout(300)
        config = json.loads(page.locator("#gridmap-config").text_content() or "")
        assert config["outside"]["shifted"]
        off = page.evaluate(
            """async ([address, tiles]) => {
                const { gcj02 } = await import(address);
                const { map } = window.gridmap;
                return tiles.map(([z, x, y, left, top]) => {
                    const place = (side) => [(x * 360) / 2 ** z - 180, 0][side];
                    const latitude = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI;
                    // The point whose shifted place is the tile's corner.
                    let [lon, lat] = [place(0), latitude];
                    for (let i = 0; i < 5; i += 1) {
                        const [east, north] = gcj02(lon, lat);
                        [lon, lat] = [lon + place(0) - east, lat + latitude - north];
                    }
                    const at = map.latLngToContainerPoint([lat, lon]);
                    const plain = map.latLngToContainerPoint([latitude, place(0)]);
                    return [Math.hypot(at.x - left, at.y - top), at.distanceTo(plain)];
                });
            }""",
            [installed_assets().url("app/outside.js"), picture_of(page)],
        )
        assert len(off) > 3
        # The shift is that of the middle of the map; without it all would be tens of pixels away.
        assert min(distance for distance, _ in off) < 2
        assert max(distance for distance, _ in off) < 7
        assert min(plain for _, plain in off) > 30

        lost = visit(Site(address, street.city))
        lost.page.route("http://127.0.0.1:9/**", lambda route: route.abort())
        page = lost.open()
        page.wait_for_function("() => window.gridmap.page.scene.base && !window.gridmap.page.scene.painter.over")
        assert page.evaluate("window.gridmap.page.scene.painter.ground === window.gridmap.page.scene.base")
