"""Neighbours never look alike; corners are not borders."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.grid.borders import dividing_lines, neighbour_pairs
from geodata.grid.colour import colour_indices

CELL = 0.001


def drawn(rows: str) -> tuple[list[str], np.ndarray]:
    """Build one polygon per letter from a drawing; each character is a square of 0.001 degrees."""
    lines = [line.strip() for line in rows.strip().splitlines()]
    cells: dict[str, list[shapely.Polygon]] = {}
    for row, line in enumerate(reversed(lines)):
        for column, letter in enumerate(line):
            if letter != ".":
                west, east = 117 + column * CELL, 117 + (column + 1) * CELL
                box = shapely.box(west, 36 + row * CELL, east, 36 + (row + 1) * CELL)
                cells.setdefault(letter, []).append(box)
    names = sorted(cells)
    return names, np.array([shapely.union_all(cells[name]) for name in names], dtype=object)


def pairs_of(rows: str) -> set[str]:
    names, polygons = drawn(rows)
    return {names[a] + names[b] for a, b in neighbour_pairs(polygons)}


def test_a_common_corner_is_no_border() -> None:
    assert pairs_of("""
        ab
        cd
    """) == {"ab", "ac", "bd", "cd"}


def test_a_long_edge_against_several_short_ones_is_a_border_with_each() -> None:
    assert pairs_of("""
        aaa
        bcd
    """) == {"ab", "ac", "ad", "bc", "cd"}


def test_a_hole_and_what_fills_it_are_neighbours() -> None:
    assert pairs_of("""
        aaa
        aba
        aaa
    """) == {"ab"}


def test_a_hairline_of_a_centimetre_does_not_part_neighbours() -> None:
    left, right = shapely.box(117, 36, 117.001, 36.001), shapely.box(117.0010001, 36, 117.002, 36.001)
    assert neighbour_pairs(np.array([left, right])).tolist() == [[0, 1]]


def test_polygons_a_street_apart_are_not_neighbours() -> None:
    left, right = shapely.box(117, 36, 117.001, 36.001), shapely.box(117.0012, 36, 117.002, 36.001)
    assert neighbour_pairs(np.array([left, right])).tolist() == []


def test_the_parts_of_one_grid_are_not_its_neighbours() -> None:
    _, polygons = drawn("""
        a.a
        bbb
    """)
    assert polygons[0].geom_type == "MultiPolygon"
    assert neighbour_pairs(polygons).tolist() == [[0, 1]]


def test_multipolygons_of_one_part_are_coloured_as_polygons_are() -> None:
    boxes = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(4) for y in range(4)], dtype=object)
    wrapped = np.array([shapely.MultiPolygon([box]) for box in boxes], dtype=object)
    assert neighbour_pairs(wrapped).tolist() == neighbour_pairs(boxes).tolist()
    assert colour_indices(wrapped).tolist() == colour_indices(boxes).tolist()
    assert dividing_lines(wrapped, np.arange(16) // 4).equals(dividing_lines(boxes, np.arange(16) // 4))


@pytest.mark.parametrize("count", [0, 1])
def test_few_or_no_polygons_are_coloured_too(count: int) -> None:
    polygons = np.array([shapely.box(117, 36, 117.1, 36.1)] * count, dtype=object)
    assert colour_indices(polygons).tolist() == [0] * count


def test_a_lattice_is_coloured_evenly_and_the_same_each_time() -> None:
    boxes = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(30) for y in range(30)], dtype=object)
    colours = colour_indices(boxes)
    assert colours.max() <= 5
    assert (colours == colour_indices(boxes)).all()
    counts = np.bincount(colours)
    assert counts.min() > 0.6 * counts.max()


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 60), st.integers(0, 2**32 - 1))
def test_neighbours_in_any_tiling_differ_with_at_most_six_colours(count: int, seed: int) -> None:
    points = shapely.multipoints(np.random.default_rng(seed).random((count, 2)))
    cells = np.array(shapely.get_parts(shapely.voronoi_polygons(points)), dtype=object)
    colours = colour_indices(cells, near_degrees=1e-9)
    left, right = neighbour_pairs(cells, near_degrees=1e-9).T
    assert (colours[left] != colours[right]).all()
    assert colours.max() < 6
    truth = {
        (a, b)
        for a in range(len(cells))
        for b in range(a + 1, len(cells))
        if shapely.length(shapely.intersection(shapely.boundary(cells[a]), shapely.boundary(cells[b]))) > 1e-6
    }
    assert truth <= set(map(tuple, neighbour_pairs(cells, near_degrees=1e-9).tolist()))


def lines_between(rows: str, groups: str) -> shapely.MultiLineString:
    names, polygons = drawn(rows)
    number = {letter: place for group in groups.split() for place, letter in [(groups.index(group), c) for c in group]}
    return dividing_lines(polygons, np.array([number.get(name, -1) for name in names]))


def test_lines_part_groups_and_go_around_them_but_not_within() -> None:
    lines = lines_between("aabb\nccdd", "ac bd")
    assert shapely.length(lines) == pytest.approx((4 + 2 + 4 + 2 + 2) * CELL)
    assert not shapely.box(117.0001, 36.0009, 117.0019, 36.0011).intersects(lines)
    assert shapely.box(117.0019, 36.0001, 117.0021, 36.0019).intersects(lines)


def test_a_t_junction_within_a_group_leaves_no_stray_line() -> None:
    assert shapely.length(lines_between("aaa\nbcd", "abcd")) == pytest.approx((3 + 2) * 2 * CELL)


def test_polygons_of_no_group_have_no_border_of_their_own() -> None:
    assert shapely.length(lines_between("ab", "a")) == pytest.approx(4 * CELL)
    assert lines_between("ab", "").is_empty


def test_no_polygons_have_no_lines() -> None:
    assert dividing_lines(np.array([], dtype=object), np.array([], dtype=np.int64)).is_empty
