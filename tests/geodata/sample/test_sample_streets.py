"""Streets, river and railway of the sample cities."""

from collections.abc import Callable
from typing import Any

import networkx
import numpy as np
import pytest
import shapely

from geodata.sample import SampleCity

ToMetres = Callable[[Any], Any]


def graph_of(lines: Any) -> networkx.Graph:
    graph = networkx.Graph()
    ends = [shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)]
    graph.add_edges_from((tuple(a), tuple(b)) for a, b in zip(*ends, strict=True))
    return graph


def test_everything_can_be_walked_to_from_everywhere(any_city: SampleCity) -> None:
    assert networkx.is_connected(graph_of(any_city.streets.geometry.array))


def test_streets_meet_only_at_their_ends(street: SampleCity, in_metres: ToMetres) -> None:
    lines = in_metres(street.streets.geometry.array)
    first, second = shapely.STRtree(lines).query(lines, predicate="intersects")
    pairs = first < second
    met = shapely.intersection(lines[first[pairs]], lines[second[pairs]])
    ends = shapely.boundary(lines[first[pairs]])
    assert shapely.distance(met, ends).max() < 0.002
    assert shapely.length(met).max() < 0.01


def test_without_its_bridges_a_city_falls_into_two_banks(any_city: SampleCity) -> None:
    streets = any_city.streets
    graph = graph_of(streets.loc[~streets["bridge"]].geometry.array)
    assert networkx.number_connected_components(graph) >= 2


@pytest.mark.parametrize(("size", "bridges", "crossings"), [("street", 3, 3), ("district", 5, 5), ("city", 9, 8)])
def test_few_named_roads_cross_river_and_railway(
    request: pytest.FixtureRequest, size: str, bridges: int, crossings: int
) -> None:
    streets = request.getfixturevalue(size).streets
    assert streets.loc[streets["bridge"], "name"].nunique() <= bridges
    assert streets.loc[streets["crossing"], "name"].nunique() <= crossings
    assert streets["bridge"].any()
    assert streets["crossing"].any()
    assert not (streets["class"].isin(["path", "lane"]) & (streets["bridge"] | streets["crossing"])).any()


def test_walls_are_passed_at_their_gates_and_nowhere_else(built_city: SampleCity, in_metres: ToMetres) -> None:
    barriers, gates = built_city.barriers, built_city.gates
    walls = in_metres(barriers.loc[barriers["class"] == "wall"].geometry.array)
    lines = in_metres(built_city.streets.geometry.array)
    wall, line = shapely.STRtree(lines).query(walls, predicate="intersects")
    passed = shapely.get_parts(shapely.intersection(walls[wall], lines[line]))
    doors = in_metres(shapely.points(gates["lon"], gates["lat"]))
    assert set(barriers["class"]) == {"water", "railway", "wall"}
    assert len(passed) == len(doors)
    assert shapely.distance(passed, shapely.multipoints(doors)).max() < 0.02
    assert set(built_city.streets["foot"]) == {"yes"}


def test_only_bridges_cross_the_water_and_only_crossings_the_railway(any_city: SampleCity) -> None:
    lines, water, rail = any_city.streets, any_city.water.union_all(), any_city.rail.union_all()
    assert np.array_equal(shapely.intersects(lines.geometry.array, water), lines["bridge"])
    assert np.array_equal(shapely.intersects(lines.geometry.array, rail), lines["crossing"])


def test_nothing_is_built_on_water_rails_or_streets(built_city: SampleCity, in_metres: ToMetres) -> None:
    boxes = in_metres(built_city.buildings.geometry.array)
    lines = in_metres(built_city.streets.geometry.array)
    assert not shapely.intersects(boxes, in_metres(built_city.water.union_all())).any()
    assert shapely.distance(boxes, in_metres(built_city.rail.union_all())).min() > 15
    assert len(shapely.STRtree(boxes).query(lines, predicate="intersects")[0]) == 0


def test_buildings_do_not_overlap(built_city: SampleCity, in_metres: ToMetres) -> None:
    boxes = shapely.buffer(in_metres(built_city.buildings.geometry.array), -0.05, join_style="mitre")
    first, second = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    assert (first == second).all()


def test_roads_form_a_named_hierarchy(any_city: SampleCity, in_metres: ToMetres) -> None:
    streets = any_city.streets
    roads = streets[streets["class"] != "path"]
    assert roads["name"].notna().all()
    assert {"arterial", "secondary", "branch", "lane"} <= set(streets["class"])
    endings = roads["name"].str.extract(r"(大道|大街|路|街|巷)$")[0]
    assert endings.notna().all()
    lanes = streets["class"] == "lane"
    assert streets.loc[lanes, "name"].str.contains("巷|街").all()


def test_borders_of_grids_follow_roads_paths_water_and_rails(street: SampleCity, in_metres: ToMetres) -> None:
    lines = in_metres(street.streets.geometry.array)
    drawn = shapely.union_all([*lines, in_metres(street.rail.union_all()), in_metres(street.water.union_all())])
    borders = shapely.union_all(shapely.boundary(in_metres(street.grids["general"].geometry.array)))
    off = shapely.length(shapely.difference(borders, shapely.buffer(drawn, 30.0)))
    assert off < 0.02 * shapely.length(borders)
