"""Tiles of grids, read by another library and laid beside the shapes they were made of."""

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from geodata.records import Area, GridVersion
from service.maps import grid_tiles
from service.maps.grid_tiles import GridTiles
from service.maps.ground import Ground
from service.maps.tile_shapes import FINEST_ZOOM, Tile, on_world
from tests.benchmarks.tilings import wiggly_tiling

SIDE = 8
SQUARE = shapely.box(0, 0, 4096, 4096)
BOUNDS = (117.0, 36.0, 117.016, 36.0128)
FIELD = {"valid_from": 0, "valid_to": 1}
STREETS = [Area(1000 + place, f"S{place}", f"{place}街道", "street", None, **FIELD) for place in range(2)]
COMMUNITIES = [Area(place, f"C{place}", f"{place}社区", "community", 1000, **FIELD) for place in range(4)]


def grid(place: int) -> GridVersion:
    code = f"G{place:03d}"
    return GridVersion(place, place, "general", code, f"{code}网格", "urban", 0, 1 + place, None, 1, 0, 1, place)


@cache
def ground() -> Ground:
    """Sixty-four grids of 180 m, four communities of two rows each, two streets of two communities each."""
    shapes = wiggly_tiling(SIDE, SIDE, bounds=BOUNDS)
    # One grid has a hole that belongs to nobody, and a part far away.
    hole = shapely.buffer(shapely.point_on_surface(shapes[9]), 0.0002)
    shapes[9] = shapely.union(shapely.difference(shapes[9], hole), shapely.box(117.02, 36.0, 117.021, 36.001))
    rows = np.arange(SIDE * SIDE) // (SIDE * SIDE // 4)
    chains = [(COMMUNITIES[row], STREETS[row // 2]) for row in rows.tolist()]
    return Ground([grid(place) for place in range(SIDE * SIDE)], shapes, chains)


@cache
def world(shapes: tuple[Any, ...]) -> Any:
    """The shapes on the square of the world, not rounded."""
    return shapely.transform(np.array(shapes, dtype=object), on_world)


def grids_on_world() -> Any:
    return world(tuple(ground().degrees))


@cache
def tiles() -> GridTiles:
    return GridTiles(ground(), ground())


def read(tile: Tile, made: GridTiles | None = None) -> dict[str, list[Any]]:
    decoded = mapbox_vector_tile.decode((made or tiles()).tile(tile), default_options={"y_coord_down": True})
    return {name: layer["features"] for name, layer in decoded.items()}


def all_tiles(z: int) -> Iterator[Tile]:
    west, north, east, south = (int(end) >> (FINEST_ZOOM + 12 - z) for end in ground().world_bounds or ())
    return (Tile(z, x, y) for x in range(west, east + 1) for y in range(north, south + 1))


def inside(feature: Any) -> Any:
    """What of a polygon lies in the square of its tile."""
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    # Where a hole ends at the rim of the buffer both rings run along it: by structure the inside stays the inside.
    return shapely.intersection(shapely.make_valid(shape, method="structure"), SQUARE)


@pytest.mark.parametrize(("z", "share"), [(16, 0.004), (15, 0.004), (14, 0.02), (13, 0.03)])
def test_every_grid_has_its_own_area_and_tiles_neither_gap_nor_overlap(z: int, share: float) -> None:
    areas: dict[str, float] = defaultdict(float)
    for tile in all_tiles(z):
        shapes = [inside(feature) for feature in read(tile).get("grids", [])]
        # In whole units of a tile: common borders are the same points, or these differ.
        assert shapely.union_all(shapes).area == pytest.approx(sum(shape.area for shape in shapes), abs=4 * len(shapes))
        for feature, shape in zip(read(tile).get("grids", []), shapes, strict=True):
            areas[feature["properties"]["code"]] += shape.area * 4.0 ** (FINEST_ZOOM - z)
    exact = {one.code: shape.area for one, shape in zip(ground().grids, grids_on_world(), strict=True)}
    assert areas == {code: pytest.approx(area, rel=share) for code, area in exact.items()}


def test_a_point_away_from_borders_lies_in_the_polygon_of_its_owner() -> None:
    random = np.random.default_rng(5)
    points = random.uniform(BOUNDS[:2], BOUNDS[2:], (90, 2))
    distance = shapely.distance(shapely.boundary(grids_on_world())[:, None], shapely.points(on_world(points))[None])
    owned = shapely.contains(ground().degrees[:, None], shapely.points(points)[None])
    asked = np.flatnonzero((distance.min(axis=0) > 24) & owned.any(axis=0))
    assert len(asked) > 40
    for at, place in zip(asked.tolist(), on_world(points[asked]), strict=True):
        x, y = (int(coordinate) >> 14 for coordinate in place)
        local = shapely.Point((place / 4 - [x * 4096, y * 4096]).tolist())
        codes, shapes = shapes_of(Tile(14, x, y))
        found = [code for code, shape in zip(codes, shapes, strict=True) if shape.contains(local)]
        assert found == [ground().grids[int(np.argmax(owned[:, at]))].code]


@cache
def shapes_of(tile: Tile) -> tuple[list[str], list[Any]]:
    features = read(tile)["grids"]
    return [one["properties"]["code"] for one in features], [inside(one) for one in features]


def test_every_grid_and_area_is_named_in_exactly_one_tile() -> None:
    found = [read(tile) for tile in all_tiles(16)]
    labels = [feature["properties"]["code"] for layers in found for feature in layers.get("labels", [])]
    areas = [feature["properties"]["code"] for layers in found for feature in layers.get("areas", [])]
    assert sorted(labels) == [one.code for one in ground().grids]
    assert sorted(areas) == ["C0", "C1", "C2", "C3", "S0", "S1"]


def test_a_tile_says_what_its_grids_are() -> None:
    tile = next(all_tiles(14))
    properties = {feature["properties"]["code"]: feature["properties"] for feature in read(tile)["grids"]}
    assert properties["G009"] == {
        "code": "G009",
        "name": "G009网格",
        "kind": "urban",
        "community": "C0",
        "colour": ground().colours[9],
        "households": 10,
    }


def test_borders_part_communities_and_streets_and_nothing_else() -> None:
    length: dict[int, float] = defaultdict(float)
    for tile in all_tiles(14):
        for feature in read(tile).get("borders", []):
            line = shapely.intersection(shapely.from_geojson(json.dumps(feature["geometry"])), SQUARE)
            length[feature["properties"]["depth"]] += line.length * 4
    communities = world(tuple(ground().united(0)[1]))
    for depth, pieces in (
        (0, communities),
        (1, [shapely.union_all(communities[:2]), shapely.union_all(communities[2:])]),
    ):
        twice = sum(piece.length for piece in pieces)
        common = shapely.union_all([shapely.boundary(piece) for piece in pieces]).length
        assert common < twice
        assert length[depth] == pytest.approx(common, rel=0.03)


def at(z: int) -> Tile:
    west, north, *_ = ground().world_bounds or ()
    return Tile(z, int(west) >> (FINEST_ZOOM + 12 - z), int(north) >> (FINEST_ZOOM + 12 - z))


def test_where_grids_cannot_be_told_apart_there_are_communities_then_streets(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if nothing below 250 pixels could be seen: grids are 186 wide at zoom 16, communities 186 at zoom 14.
    monkeypatch.setattr(grid_tiles, "_SMALLEST_PIXELS", 250.0)
    made = GridTiles(ground(), ground())
    nearest, middle, far = (read(at(z), made) for z in (16, 15, 14))
    assert "grids" in nearest
    assert "communities" not in nearest
    assert {one["properties"]["name"] for one in middle["communities"]} <= {f"{place}社区" for place in range(4)}
    assert {(one["properties"]["code"], one["properties"]["depth"]) for one in far["communities"]} == {
        ("S0", 1),
        ("S1", 1),
    }
    assert {one["properties"]["depth"] for one in (*far["communities"], *far["borders"])} == {1}
    assert made.grids_from == 16


def test_no_tile_is_larger_than_planned_even_if_names_and_then_grids_must_go(monkeypatch: pytest.MonkeyPatch) -> None:
    full = len(tiles().tile(at(14)))
    monkeypatch.setattr(grid_tiles, "_PLANNED_BYTES", 6000)
    slim = GridTiles(ground(), ground())
    assert set(read(at(14), slim)["grids"][0]["properties"]) == {"code", "colour"}
    assert len(slim.tile(at(14))) < full
    monkeypatch.setattr(grid_tiles, "_PLANNED_BYTES", 1000)
    assert "grids" not in read(at(14), GridTiles(ground(), ground()))


def test_a_layer_without_communities_is_one_outline_from_afar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_tiles, "_SMALLEST_PIXELS", 250.0)
    plain = Ground(ground().grids, ground().degrees, [()] * len(ground().grids))
    made = GridTiles(plain, plain)
    (outline,) = read(at(14), made)["communities"]
    assert outline["properties"] == {"code": "", "name": "", "colour": 0, "depth": 0}
    assert inside(outline).area == pytest.approx(sum(inside(one).area for one in read(at(14))["grids"]), rel=0.02)


def test_where_areas_are_too_many_to_be_sent_their_lines_are_drawn_on_the_ground_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact = shapely.union_all([inside(one) for one in read(at(14))["grids"]]).area
    monkeypatch.setattr(grid_tiles, "_SLIM_BYTES", 100_000)
    monkeypatch.setattr(grid_tiles, "_FULL_BYTES", 200_000)
    found = read(at(14), GridTiles(ground(), ground()))
    (whole,) = found["communities"]
    assert whole["properties"]["code"] == ""
    assert inside(whole).area == pytest.approx(exact, rel=0.05)
    assert {one["properties"]["depth"] for one in found["borders"]} == {0, 1}
    # Nothing is seen of communities that are as small as a pixel, and lines may be too many, too.
    for limit, changed in (("_SMALLEST_PIXELS", 5_000.0), ("_LINE_BYTES", 100_000)):
        with monkeypatch.context() as patch:
            patch.setattr(grid_tiles, limit, changed)
            alone = read(at(14), GridTiles(ground(), ground()))
        assert len(alone["communities"]) == 1
        assert {one["properties"]["depth"] for one in alone["borders"]} == {0}
        assert len(str(alone["borders"])) < len(str(found["borders"]))


def test_beside_the_grids_there_is_nothing() -> None:
    assert tiles().tile(Tile(14, 0, 0)) == b""


def test_a_layer_without_grids_has_empty_tiles() -> None:
    nothing = Ground([], np.zeros(0, dtype=object), [])
    made = GridTiles(nothing, nothing)
    made.prepare()
    assert made.tile(Tile(0, 0, 0)) == b""
