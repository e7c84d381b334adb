"""Compounds, gates, buildings and addresses of the sample cities agree with one another and with the streets."""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.sample import SampleCity
from geodata.sample.doors import as_one_course, sides

ToMetres = Callable[[Any], Any]


def points(table: Any, in_metres: ToMetres) -> Any:
    return in_metres(shapely.points(table["lon"], table["lat"]))


def test_every_compound_has_a_gate_in_its_wall(built_city: SampleCity, in_metres: ToMetres) -> None:
    walls = built_city.compounds.set_index("code").geometry
    gates = built_city.gates
    assert set(gates["compound"]) == set(walls.index)
    wall = shapely.boundary(in_metres(walls[gates["compound"]].array))
    assert shapely.distance(wall, points(gates, in_metres)).max() < 0.05


def test_every_gate_joins_an_inner_path_and_opens_on_a_road(built_city: SampleCity, in_metres: ToMetres) -> None:
    streets = built_city.streets
    at = points(built_city.gates, in_metres)
    paths = streets["class"] == "path"
    for chosen, reach in ((paths, 0.05), (~paths, 45.0)):
        lines = in_metres(streets.loc[chosen].geometry.array)
        _, distance = shapely.STRtree(lines).query_nearest(at, return_distance=True, all_matches=False)
        assert distance.max() < reach


def test_compounds_and_buildings_are_valid_polygons(built_city: SampleCity) -> None:
    assert built_city.compounds.geometry.is_valid.all()
    assert built_city.buildings.geometry.is_valid.all()


def test_compounds_do_not_overlap(built_city: SampleCity, in_metres: ToMetres) -> None:
    walls = shapely.buffer(in_metres(built_city.compounds.geometry.array), -0.05, join_style="mitre")
    first, second = shapely.STRtree(walls).query(walls, predicate="intersects")
    assert (first == second).all()


def test_a_road_enters_a_compound_nowhere_but_at_its_gates(built_city: SampleCity, in_metres: ToMetres) -> None:
    streets = built_city.streets
    walls = shapely.boundary(in_metres(built_city.compounds.geometry.array))
    lines = in_metres(streets.geometry.array)
    wall, line = shapely.STRtree(lines).query(walls, predicate="intersects")
    assert (streets["class"].to_numpy()[line] == "path").all()
    codes = built_city.compounds["code"].to_numpy()
    gates = {code: points(rows, in_metres) for code, rows in built_city.gates.groupby("compound")}
    met = shapely.intersection(walls[wall], lines[line])
    far = [
        shapely.distance(shapely.multipoints(gates[codes[w]]), place).max() if codes[w] in gates else np.inf
        for w, place in zip(wall, met, strict=True)
    ]
    assert max(far) < 0.2


def test_buildings_of_a_compound_stand_inside_its_wall(built_city: SampleCity, in_metres: ToMetres) -> None:
    walls = built_city.compounds.set_index("code").geometry
    inside = built_city.buildings.dropna(subset="compound")
    assert len(inside)
    wall = in_metres(walls[inside["compound"]].array)
    assert shapely.contains_properly(wall, in_metres(inside.geometry.array)).all()
    assert not inside.duplicated(["compound", "name"]).any()


def test_every_building_is_reached_by_a_path_or_street(built_city: SampleCity, in_metres: ToMetres) -> None:
    lines = in_metres(built_city.streets.geometry.array)
    boxes = in_metres(built_city.buildings.geometry.array)
    _, distance = shapely.STRtree(lines).query_nearest(boxes, return_distance=True, all_matches=False)
    assert distance.max() < 25


def test_every_building_stands_in_one_grid_and_grids_count_their_buildings(built_city: SampleCity) -> None:
    grids = built_city.grids["general"]
    joined = gpd.sjoin(built_city.buildings, grids[["code", "geometry"]], predicate="within", rsuffix="grid")
    assert len(joined) == len(built_city.buildings)
    counted = joined.groupby("code_grid")["households"].sum().reindex(grids["code"], fill_value=0)
    assert np.array_equal(counted.to_numpy(), grids["households"])


def test_addresses_count_the_same_households_as_buildings(built_city: SampleCity) -> None:
    grids = built_city.grids["general"]
    addresses = built_city.addresses
    at = gpd.GeoDataFrame(addresses, geometry=gpd.points_from_xy(addresses["lon"], addresses["lat"]), crs="EPSG:4326")
    joined = gpd.sjoin(at, grids[["code", "geometry"]], predicate="within", rsuffix="grid")
    counted = joined.groupby("code_grid")["households"].sum().reindex(grids["code"], fill_value=0)
    assert np.array_equal(counted.to_numpy(), grids["households"])
    assert addresses["code"].is_unique
    assert addresses["text"].is_unique


def test_an_address_says_its_parts_in_order(street: SampleCity) -> None:
    parts = ["road", "number", "compound", "building", "unit"]
    together = street.addresses[parts].agg("".join, axis=1)
    assert all(text.endswith(tail) for text, tail in zip(street.addresses["text"], together, strict=True))
    assert street.addresses["text"].str.contains(r"号").all()
    assert (street.addresses["unit"] == "1单元").any()


def test_doors_are_near_their_road_and_on_the_side_of_their_number(built_city: SampleCity, in_metres: ToMetres) -> None:
    streets = built_city.streets
    doors = built_city.addresses[built_city.addresses["compound"] == ""]
    lines = {name: in_metres(rows.geometry.array) for name, rows in streets.dropna(subset="name").groupby("name")}
    for name, rows in doors.groupby("road"):
        at = points(rows, in_metres)
        assert shapely.distance(shapely.multilinestrings(lines[name]), at).max() < 30
        course = as_one_course(lines[name])
        side = sides(course, shapely.get_coordinates(at))
        number = rows["number"].str.removesuffix("号").astype(int).to_numpy()
        assert np.array_equal(number % 2 == 1, side > 0)
        along = shapely.line_locate_point(course, at)
        for parity in (0, 1):
            chosen = number % 2 == parity
            order = np.argsort(number[chosen])
            assert (np.diff(along[chosen][order]) > -0.01).all()
            assert len(np.unique(number[chosen])) == chosen.sum()


def test_a_compounds_number_is_on_the_side_of_its_road_where_its_gate_is(
    built_city: SampleCity, in_metres: ToMetres
) -> None:
    compounds, gates = built_city.compounds, built_city.gates
    inside = built_city.addresses[built_city.addresses["compound"] != ""].drop_duplicates("compound")
    main = gates.drop_duplicates("compound").set_index("compound")
    codes = compounds.set_index("name")["code"]
    streets = built_city.streets.dropna(subset="name")
    lines = {name: in_metres(rows.geometry.array) for name, rows in streets.groupby("name")}
    assert len(inside) == len(compounds)
    for row in inside.itertuples():
        gate = main.loc[codes[row.compound]]
        at = in_metres(shapely.points([gate["lon"]], [gate["lat"]]))
        course = as_one_course(lines[row.road])
        assert shapely.distance(course, at[0]) < 45
        odd = int(row.number.removesuffix("号")) % 2 == 1
        assert odd == (sides(course, shapely.get_coordinates(at))[0] > 0)


def test_stations_stand_at_registered_addresses_in_their_community(built_city: SampleCity) -> None:
    stations = built_city.stations
    register = built_city.addresses.drop_duplicates("text").set_index("text")
    assert stations["address"].isin(register.index).all()
    found = register.loc[stations["address"]]
    assert np.array_equal(found["lon"], stations["lon"])
    assert np.array_equal(found["lat"], stations["lat"])
    assert stations.loc[stations["parent"].notna(), "parent"].isin(stations["code"]).all()
