"""What our writer of vector tiles writes, as another library reads it."""

from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest

from service.maps.mvt import Ragged, column, geometry, layer, point_geometry, varints


def read(tile: bytes) -> dict[str, Any]:
    found: dict[str, Any] = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    return found


def drawn(parts: list[list[tuple[int, int]]], owners: list[int], kind: Any) -> Ragged:
    points = np.array([point for part in parts for point in part], dtype=np.int64).reshape(-1, 2)
    starts = np.cumsum([0, *map(len, parts)])
    return geometry(points, starts, np.array(owners), max(owners) + 1, kind)


SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]
HOLE = [(20, 20), (20, 40), (40, 40), (40, 20)]
FAR = [(-64, 4000), (300, 4000), (300, 4160), (-64, 4160)]


def test_polygons_keep_their_holes_and_parts() -> None:
    body = layer("grids", "polygons", [], np.arange(2), drawn([SQUARE, HOLE, FAR, SQUARE], [0, 0, 0, 1], "polygons"))
    first, second = (feature["geometry"] for feature in read(body)["grids"]["features"])
    assert first["type"] == "MultiPolygon"
    (outer, hole), (far,) = first["coordinates"]
    assert [tuple(point) for point in outer] == [*SQUARE, SQUARE[0]]
    assert [tuple(point) for point in hole] == [*HOLE, HOLE[0]]
    assert [tuple(point) for point in far] == [*FAR, FAR[0]]
    assert second == {"type": "Polygon", "coordinates": [[[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]]}


def test_lines_and_points_begin_anew_in_each_feature() -> None:
    lines = [[(5, 5), (9, 5)], [(4000, 1), (4000, -64), (4100, -64)], [(0, 7), (7, 0)]]
    body = layer("borders", "lines", [], np.arange(2), drawn(lines, [0, 0, 1], "lines"))
    body += layer("labels", "points", [], np.arange(2), point_geometry(np.array([[3, 4], [4095, 0]])))
    found = read(body)
    assert [feature["geometry"]["coordinates"] for feature in found["borders"]["features"]] == [
        [[[5, 5], [9, 5]], [[4000, 1], [4000, -64], [4100, -64]]],
        [[0, 7], [7, 0]],
    ]
    assert [feature["geometry"]["coordinates"] for feature in found["labels"]["features"]] == [[3, 4], [4095, 0]]
    assert found["borders"]["extent"] == 4096


def test_attributes_are_those_of_the_chosen_and_what_is_none_is_not_there() -> None:
    columns = [
        column("name", ["甲网格", "<b>", "", "甲网格"]),
        column("households", [None, 0, 70_000, -3]),
        column("metres", [1.5, None, None, 2.0]),
    ]
    chosen = np.array([3, 0, 2])
    body = layer("grids", "points", columns, chosen, point_geometry(np.zeros((3, 2), dtype=np.int64)))
    assert [feature["properties"] for feature in read(body)["grids"]["features"]] == [
        {"name": "甲网格", "households": -3, "metres": 2.0},
        {"name": "甲网格", "metres": 1.5},
        {"name": "", "households": 70_000},
    ]


def test_a_layer_without_features_has_no_bytes() -> None:
    nothing = point_geometry(np.zeros((0, 2), dtype=np.int64))
    assert layer("grids", "points", [column("code", ["A"])], np.zeros(0, dtype=np.int64), nothing) == b""


@pytest.mark.parametrize("value", [0, 1, 127, 128, 16_383, 16_384, 2**31, 2**62])
def test_numbers_of_any_size_are_read_back(value: int) -> None:
    written = varints(np.array([value, 5]), np.array([1, 1]))
    read_back = sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(written.flat[:-1].tolist()))
    assert (read_back, int(written.flat[-1])) == (value, 5)
    assert written.lengths.tolist() == [len(written.flat) - 1, 1]
