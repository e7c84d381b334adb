"""The map of the editor in a real browser: borders are dragged, drawn and handed over, by mouse and by keys alone."""

import json
import math
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import shapely
from playwright.sync_api import expect

from tests.browser.browsing import Site, Visit
from tests.browser.usable import assert_accessible, assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
Place = tuple[float, float]
GRIDS = "grids?bbox=116,36,118,37"


class Editor:
    """The page of a new draft, and what the service says of it."""

    def __init__(self, made: Visit, site: Site) -> None:
        self.page, self.site = made.page, site
        self.headers = {"Authorization": f"Bearer {site.keys['planner']}", "Content-Type": "application/json"}
        self.draft = self.sent("drafts", name="样例")["id"]
        self.page.request.post(
            f"{site.address}/session",
            data=json.dumps({"key": site.keys["planner"]}),
            headers={"Content-Type": "application/json", "Origin": site.address},
        )
        made.open(f"/maps/plan/{self.draft}")
        self.page.wait_for_selector("html[data-ready=true]")
        self.told, self.callout = self.page.locator("#plan-told"), self.page.locator(".plan-callout")

    def sent(self, path: str, **body: object) -> Any:
        answer = self.page.request.post(
            f"{self.site.address}/api/v1/{path}", data=json.dumps(body), headers=self.headers
        )
        assert answer.ok, answer.text()
        return answer.json()

    def asked(self, path: str = "") -> Any:
        answer = self.page.request.get(
            f"{self.site.address}/api/v1/drafts/{self.draft}{path and '/'}{path}", headers=self.headers
        )
        assert answer.ok, answer.text()
        return answer.json()

    @property
    def version(self) -> int:
        return int(self.asked()["version"])

    @property
    def shapes(self) -> dict[str, Any]:
        """Exact shapes of all grids by code."""
        found = self.asked(GRIDS)["features"]
        return {one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in found}

    def stand(self, place: Place, zoom: float = 17) -> None:
        """Bring a place into the middle of the map, near enough for exact borders, and wait for them."""
        self.page.evaluate("([lon, lat, zoom]) => window.gridmap.map.setView([lat, lon], zoom)", [*place, zoom])
        expect(self.page.locator(".plan-tool").nth(2)).to_be_enabled()
        expect(self.told).not_to_contain_text("放大地图")

    def tool(self, key: str, hint: str) -> None:
        self.page.keyboard.press(key)
        expect(self.told).to_contain_text(hint)

    def at(self, place: Place) -> Place:
        """Where a place is in the window."""
        x, y = self.page.evaluate(
            """([lon, lat]) => {
                const { map } = window.gridmap;
                const { left, top } = map.getContainer().getBoundingClientRect();
                const at = map.latLngToContainerPoint([lat, lon]);
                return [left + at.x, top + at.y];
            }""",
            list(place),
        )
        return x, y

    def drag(self, start: Place, *others: Place) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        for other in others:
            mouse.move(*other, steps=4)
        mouse.up()

    def click(self, *places: Place) -> None:
        for place in places:
            self.page.mouse.move(*place)
            self.page.mouse.click(*place, delay=20)
            # Two quick ones would be a double click.
            self.page.wait_for_timeout(400)

    def assert_colours_differ(self) -> None:
        """No changed grid has the colour of one beside it."""
        same = self.page.evaluate(
            """() => {
                const { model, topology } = window.planPage.plan;
                const pairs = [...topology.nodes()].flatMap((node) => node.links.map(({ faces }) => faces));
                const isChanged = (key) => model.changed.faces.has(key);
                return pairs.filter(([one, other]) => other && (isChanged(one) || isChanged(other))
                    && model.item(one).colour === model.item(other).colour);
            }"""
        )
        assert same == []

    def assert_whole(self, before: dict[str, Any]) -> None:
        """The same ground as before, every place of it in one grid."""
        shapes = list(self.shapes.values())
        assert shapely.coverage_is_valid(shapes)
        assert shapely.union_all(shapes).area == pytest.approx(shapely.union_all(list(before.values())).area, rel=1e-12)


def middle_junction(shapes: dict[str, Any]) -> tuple[Place, set[str]]:
    """The node of three grids or more that lies nearest to the middle of all, and their codes."""
    grids: dict[Place, set[str]] = defaultdict(set)
    for code, shape in shapes.items():
        for x, y in shapely.get_coordinates(shape).tolist():
            grids[x, y].add(code)
    centre = shapely.union_all(list(shapes.values())).centroid
    inner = {place: codes for place, codes in grids.items() if len(codes) > 2}
    place = min(inner, key=lambda one: shapely.Point(one).distance(centre))
    return place, inner[place]


def nearest_apart(shapes: dict[str, Any], code: str) -> str:
    """The nearest grid that does not touch one."""
    own = shapes[code]
    return min((one for one in shapes if not shapes[one].intersects(own)), key=lambda one: shapes[one].distance(own))


def longest_stretch(node: Place, shapes: list[Any]) -> tuple[Place, Place]:
    """The longest straight stretch of the borders that end at a node."""
    stretches = []
    for shape in shapes:
        corners = [(x, y) for x, y in shapely.get_coordinates(shape).tolist()]
        stretches += [pair for pair in pairwise(corners) if node in pair]
    return max(stretches, key=lambda pair: math.dist(*pair))


def shifted(place: Place, right: float, down: float) -> Place:
    return place[0] + right, place[1] + down


def test_a_dragged_node_moves_the_borders_of_all_its_grids_and_undo_brings_them_back(
    visit: Begin, street: Site
) -> None:
    made = visit(street, reduced_motion="reduce")
    editor = Editor(made, street)
    page, base = editor.page, editor.shapes
    node, around = middle_junction(base)
    editor.stand(node)
    editor.tool("n", "拖动节点")
    start = editor.at(node)
    editor.drag(start, shifted(start, 14, -9), shifted(start, 26, 17))
    expect(editor.told).to_contain_text("移动节点")
    moved = editor.shapes
    assert {code for code in base if not shapely.equals_identical(base[code], moved[code])} == around
    corners = [set(map(tuple, shapely.get_coordinates(moved[code]).tolist())) for code in around]
    there = set.intersection(*corners)
    assert all(node not in those for those in corners)
    assert any(editor.at(place) == pytest.approx(shifted(start, 26, 17), abs=12) for place in there)
    editor.assert_whole(base)

    # Where borders would cross nothing is even asked for; what cannot be is said at its place.
    start = editor.at(
        next(place for place in there if editor.at(place) == pytest.approx(shifted(start, 26, 17), abs=12))
    )
    editor.drag(start, shifted(start, 330, 240))
    expect(editor.callout).to_contain_text("边界会互相交叉")
    page.keyboard.press("Escape")
    assert editor.version == 1
    page.keyboard.press("Control+z")
    expect(editor.told).to_contain_text("已撤销")
    undone = editor.shapes
    assert all(shapely.equals_identical(base[code], undone[code]) for code in base)

    # A border that is dragged where it has no node gets one: one step, taken back at once.
    version = editor.version
    one, other = longest_stretch(node, [base[code] for code in around])
    start = editor.at(((one[0] + other[0]) / 2, (one[1] + other[1]) / 2))
    editor.drag(start, shifted(start, 9, 9))
    expect(editor.told).to_contain_text("插入并移动节点")
    assert editor.version == version + 1
    editor.assert_whole(base)
    page.keyboard.press("Control+z")
    expect(editor.told).to_contain_text("已撤销")
    undone = editor.shapes
    assert all(shapely.equals_identical(base[code], undone[code]) for code in base)

    # The same without a mouse: a grid at the cross, its nodes one by one, ten metres to the east.
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    page.focus(".folium-map")
    page.keyboard.press("Enter")
    expect(page.locator(".grid-card")).to_have_count(1)
    editor.tool("n", "拖动节点")
    page.keyboard.press("Tab")
    expect(editor.told).to_contain_text("节点 1 / ")
    page.keyboard.press("Tab")
    expect(editor.told).to_contain_text("节点 2 / ")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(editor.told).to_contain_text("移动节点")
    editor.assert_whole(base)
    page.keyboard.press("Control+z")
    expect(editor.told).to_contain_text("已撤销")
    page.keyboard.press("?")
    expect(page.locator("#plan-keys")).to_be_visible()
    page.keyboard.press("Escape")
    assert_accessible(page)
    assert_sound(made)


def test_grids_are_split_reshaped_handed_over_and_merged_by_drawing(visit: Begin, street: Site) -> None:
    made = visit(street, reduced_motion="reduce")
    editor = Editor(made, street)
    page, base = editor.page, editor.shapes
    first = max(middle_junction(base)[1], key=lambda code: base[code].area)
    south, north = base[first].bounds[1::2]
    middle = base[first].representative_point()
    editor.stand((middle.x, middle.y), 16.5)
    editor.tool("s", "画一条线")
    # A line that ends inside cuts nothing: refused at its place, and still there to be drawn on.
    editor.click(editor.at((middle.x, north + 0.0004)), editor.at((middle.x, middle.y)))
    page.keyboard.press("Enter")
    expect(editor.callout).to_be_visible()
    assert editor.version == 0
    page.keyboard.press("Escape")
    editor.click(editor.at((middle.x, south - 0.0004)))
    page.keyboard.press("Enter")
    expect(editor.told).to_contain_text("拆分网格")
    expect(page.locator("#figures h2")).to_contain_text("已选 2 个网格")
    pieces = set(editor.shapes) - set(base)
    assert len(pieces) == 1
    editor.assert_whole(base)

    (second,) = pieces
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    editor.tool("b", "公共边界")
    border = shapely.line_merge(editor.shapes[first].intersection(editor.shapes[second]))
    ends = [border.interpolate(part, normalized=True) for part in (0.25, 0.75)]
    shape_before = editor.shapes[second]
    bend = shifted(editor.at((border.centroid.x, border.centroid.y)), 22, 0)
    editor.click(editor.at((ends[0].x, ends[0].y)), bend, editor.at((ends[1].x, ends[1].y)))
    page.get_by_role("button", name="完成").click()
    expect(editor.told).to_contain_text("重画网格")
    moved = editor.shapes
    assert moved[first].area != pytest.approx(base[first].area - shape_before.area, rel=1e-6)
    editor.assert_whole(base)

    # The larger piece takes a part of the smaller one, which a sweep of the mouse goes round.
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    expect(editor.told).to_contain_text("先点接收地块的网格")
    taker = moved[first].representative_point()
    editor.click(editor.at((taker.x, taker.y)))
    expect(editor.told).to_contain_text("圈出地块")
    x, y = editor.at((border.centroid.x, border.centroid.y))
    editor.drag((x - 40, y - 30), (x + 40, y - 30), (x + 40, y + 30), (x - 40, y + 30))
    expect(editor.told).to_contain_text("部分范围划给")
    assert editor.shapes[first].area > moved[first].area
    editor.assert_whole(base)

    # Grids that lie apart are merged where that is allowed at the place of the refusal.
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    editor.tool("m", "要合并的网格")
    apart = nearest_apart(editor.shapes, first)
    for code in (first, apart):
        place = editor.shapes[code].representative_point()
        editor.click(editor.at((place.x, place.y)))
    page.keyboard.press("Enter")
    version = editor.version
    page.get_by_role("button", name="允许分成几块").click()
    expect(editor.told).to_contain_text("并入")
    assert editor.version == version + 1
    assert len(editor.shapes[first].geoms) == 2
    editor.assert_colours_differ()
    page.keyboard.press("Control+z")
    expect(editor.told).to_contain_text("已撤销")

    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    editor.tool("m", "要合并的网格")
    for code in (first, second):
        place = editor.shapes[code].representative_point()
        editor.click(editor.at((place.x, place.y)))
    expect(page.locator("[data-choice=merge]")).to_be_enabled()
    page.keyboard.press("Enter")
    expect(editor.told).to_contain_text("并入")
    expect(page.locator("#figures h2")).to_contain_text("已选 1 个网格")
    merged = editor.shapes
    assert merged.keys() == base.keys()
    assert merged[first].symmetric_difference(base[first]).area < base[first].area * 1e-9
    editor.assert_whole(base)
    made.faults = [fault for fault in made.faults if "status of 422" not in fault]
    assert_sound(made)
