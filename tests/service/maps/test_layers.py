"""What is drawn: matched borders, colours, label points inside, lines between communities, one answer per content."""

import json
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.grid.borders import neighbour_pairs
from geodata.times import parse_time
from service.maps.layers import MapLayers, _label_points, _simplified


def drawn(service: Any, when: str = "2026-06-01", layer: str = "general") -> dict[str, Any]:
    moment = service.client.app.state.serving.store.current().moment(parse_time(when))
    collection: dict[str, Any] = json.loads(MapLayers().data(moment, layer).body)
    return collection


def test_each_grid_is_drawn_with_its_names_and_a_colour_unlike_its_neighbours(service: Any) -> None:
    features = drawn(service)["features"]
    assert [feature["properties"]["code"] for feature in features] == ["A1", "A2", "B1"]
    assert features[0]["properties"] | {"colour": 0, "label": []} == {
        "code": "A1",
        "name": "A1网格",
        "kind": "urban",
        "community": "990101001",
        "households": None,
        "colour": 0,
        "label": [],
    }
    colours = [feature["properties"]["colour"] for feature in features]
    assert colours[0] != colours[1] != colours[2]


def test_the_moment_decides_what_is_drawn(service: Any) -> None:
    before, after = (shapely.from_geojson(json.dumps(drawn(service, when))) for when in ("2025-06-01", "2026-06-01"))
    assert before.geoms[1].bounds[2] == pytest.approx(87.02)
    assert after.geoms[1].bounds[2] == pytest.approx(87.022)


def test_label_points_lie_inside_as_far_from_the_border_as_they_say(service: Any) -> None:
    half_widths = {"A1": 447, "A2": 536, "B1": 358}
    for feature in drawn(service)["features"]:
        lon, lat, metres = feature["properties"]["label"]
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shape.contains(shapely.Point(lon, lat))
        assert metres == pytest.approx(half_widths[feature["properties"]["code"]], rel=0.03)


def test_areas_come_with_what_is_above_them(service: Any) -> None:
    areas = {area["code"]: area for area in drawn(service)["areas"]}
    assert areas["990101001"]["parent"] == "990101"
    assert (areas["990101001"]["depth"], areas["990101"]["depth"]) == (0, 1)
    assert (areas["990101001"]["grids"], areas["990101"]["grids"]) == (2, 3)
    assert areas["990101"]["bounds"] == pytest.approx([87, 36.65, 87.03, 36.66])


def test_lines_run_between_communities_and_around_the_street_not_within(service: Any) -> None:
    communities, streets = (shapely.MultiLineString(lines) for lines in drawn(service)["borders"])
    between = shapely.LineString([(87.022, 36.651), (87.022, 36.659)])
    within = shapely.LineString([(87.01, 36.651), (87.01, 36.659)])
    assert communities.buffer(1e-6).covers(between)
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
    labels = np.array(_label_points(shapes))
    assert shapely.contains_xy(shapes, labels[:, 0], labels[:, 1]).all()
    assert (labels[:, 2] > 0).all()
