"""What is drawn: matched borders, colours, label points inside, lines between communities, one answer per content."""

import json
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import from_wgs84, parse_crs, to_wgs84
from geodata.grid.borders import neighbour_pairs
from geodata.times import parse_time
from service.maps.encoding import encoded_lines
from service.maps.ground import roomiest_points
from service.maps.layers import MapLayers, _simplified


def drawn(service: Any, when: str = "2026-06-01", layer: str = "general") -> dict[str, Any]:
    moment = service.client.app.state.serving.store.current().moment(parse_time(when))
    content: dict[str, Any] = json.loads(MapLayers().data(moment, layer).body)
    return content


def points_of(text: str, content: dict[str, Any]) -> list[tuple[float, float]]:
    """Read a line as a browser does, and give it back in degrees."""
    at, place, points = 0, list(content["origin"]), []
    while at < len(text):
        for axis in (0, 1):
            value, shift, group = 0, 0, 32
            while group >= 32:
                group = ord(text[at]) - 63
                value |= (group & 31) << shift
                shift, at = shift + 5, at + 1
            place[axis] += ~(value >> 1) if value & 1 else value >> 1
        points.append(tuple(part / content["units_per_metre"] for part in place))
    lons, lats = to_wgs84(*zip(*points, strict=True), parse_crs("EPSG:3857"))
    return list(zip(lons, lats, strict=True))


def shape_of(grid: dict[str, Any], content: dict[str, Any]) -> shapely.Polygon:
    assert len(grid["rings"]) == 1
    return shapely.Polygon(points_of(grid["rings"][0], content))


def test_each_grid_is_drawn_with_its_names_and_a_colour_unlike_its_neighbours(service: Any) -> None:
    grids = drawn(service)["grids"]
    assert [grid["code"] for grid in grids] == ["A1", "A2", "B1"]
    assert grids[0] | {"colour": 0, "label": [], "rings": []} == {
        "code": "A1",
        "name": "A1网格",
        "kind": "urban",
        "community": "990101001",
        "households": None,
        "colour": 0,
        "label": [],
        "rings": [],
    }
    colours = [grid["colour"] for grid in grids]
    assert colours[0] != colours[1] != colours[2]


def test_the_moment_decides_what_is_drawn(service: Any) -> None:
    for when, east in (("2025-06-01", 87.02), ("2026-06-01", 87.022)):
        content = drawn(service, when)
        assert shape_of(content["grids"][1], content).bounds == pytest.approx((87.01, 36.65, east, 36.66), abs=1e-6)


def test_label_points_lie_inside_as_far_from_the_border_as_they_say(service: Any) -> None:
    half_widths = {"A1": 447, "A2": 536, "B1": 358}
    content = drawn(service)
    for grid in content["grids"]:
        lon, lat, metres = grid["label"]
        assert shape_of(grid, content).contains(shapely.Point(lon, lat))
        assert metres == pytest.approx(half_widths[grid["code"]], rel=0.03)


def test_areas_come_with_what_is_above_them(service: Any) -> None:
    areas = {area["code"]: area for area in drawn(service)["areas"]}
    assert areas["990101001"]["parent"] == "990101"
    assert (areas["990101001"]["depth"], areas["990101"]["depth"]) == (0, 1)
    assert (areas["990101001"]["grids"], areas["990101"]["grids"]) == (2, 3)
    assert areas["990101"]["bounds"] == pytest.approx([87, 36.65, 87.03, 36.66])


def test_lines_run_between_communities_and_around_the_street_not_within(service: Any) -> None:
    content = drawn(service)
    communities, streets = (
        shapely.MultiLineString([points_of(line, content) for line in lines]) for lines in content["borders"]
    )
    between = shapely.LineString([(87.022, 36.651), (87.022, 36.659)])
    within = shapely.LineString([(87.01, 36.651), (87.01, 36.659)])
    assert communities.buffer(3e-6).covers(between)
    assert not communities.intersects(within)
    assert not streets.intersects(between)
    assert shapely.length(streets) == pytest.approx(0.08, rel=1e-3)


def test_stations_are_drawn_without_their_telephones(service: Any) -> None:
    stations = drawn(service)["stations"]
    assert [station["code"] for station in stations] == ["S1", "S2"]
    assert stations[0]["point"] == [87.005, 36.655]
    assert "phone" not in stations[0]


def test_no_person_is_in_what_anybody_may_fetch(service: Any) -> None:
    text = json.dumps(drawn(service), ensure_ascii=False)
    assert "示例W" not in text
    assert "1380000" not in text


def test_two_moments_with_the_same_content_share_one_answer(service: Any) -> None:
    snapshot = service.client.app.state.serving.store.current()
    layers = MapLayers()
    first, second, before = (
        layers.data(snapshot.moment(parse_time(when)), "general") for when in ("2026-06-01", "2030-01-01", "2025-06-01")
    )
    assert first is second
    assert first.etag != before.etag


def test_states_are_kept_while_they_fit_into_memory(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = service.client.app.state.serving.store.current()
    moments = [snapshot.moment(parse_time(when)) for when in ("2025-06-01", "2026-06-01")]
    for room, kept in ((2, [True, True]), (1, [False, True])):
        layers = MapLayers()
        states = [layers.state(moment, "general") for moment in moments]
        monkeypatch.setattr("service.maps.layers._STATES_BYTES", room * max(state.bytes for state in states))
        states = [layers.state(moment, "general") for moment in moments]
        assert [layers.kept("general", state.version) is state for state in states] == kept


@given(
    st.lists(
        st.lists(st.tuples(*[st.integers(-200_375_083, 200_375_083)] * 2), min_size=1, max_size=5),
        min_size=1,
        max_size=4,
    )
)
def test_lines_are_read_as_they_were_written(lines: list[list[tuple[int, int]]]) -> None:
    origin = np.array([129_000_000, 43_000_000])
    starts = np.cumsum([0, *map(len, lines)]).tolist()
    texts = encoded_lines(np.array([point for line in lines for point in line]), starts, origin)
    content = {"origin": origin.tolist(), "units_per_metre": 10}
    for line, text in zip(lines, texts, strict=True):
        xs, ys = from_wgs84(*zip(*points_of(text, content), strict=True), parse_crs("EPSG:3857"))
        assert np.allclose(np.column_stack([xs, ys]) * 10, line, atol=0.01)


def tiling(seed: int, count: int) -> np.ndarray:
    """Cells with wavy common borders, about 3 km wide."""
    random = np.random.default_rng(seed)
    frame = shapely.box(117, 36, 117.03, 36.03)
    points = shapely.multipoints(random.random((count, 2)) * 0.03 + [117, 36])
    cells = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame)), frame)
    wavy = shapely.transform(
        shapely.segmentize(cells, 0.00005), lambda p: p + 0.0002 * np.sin(p[:, ::-1] * 900 + [1.0, 2.0])
    )
    return np.array([cell for cell in wavy if cell.is_valid], dtype=object)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 40))
def test_simplified_borders_stay_matched_and_close(seed: int, count: int) -> None:
    exact = tiling(seed, count)
    simpler = _simplified(exact)
    assert shapely.get_num_coordinates(simpler).sum() < 0.5 * shapely.get_num_coordinates(exact).sum()
    assert shapely.hausdorff_distance(simpler, exact).max() < 4e-5
    assert {tuple(pair) for pair in neighbour_pairs(exact)} == {tuple(pair) for pair in neighbour_pairs(simpler)}
    assert shapely.area(shapely.union_all(simpler)) == pytest.approx(shapely.area(simpler).sum(), rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 40))
def test_label_points_lie_inside_any_shape(seed: int, count: int) -> None:
    shapes = tiling(seed, count)
    labels = roomiest_points(shapes)
    assert shapely.contains_xy(shapes, labels[:, 0], labels[:, 1]).all()
    assert (labels[:, 2] > 0).all()
