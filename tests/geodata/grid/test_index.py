"""Who covers a point, on borders drawn as letters: A is position 0, B position 1, and so on."""

import itertools
import math

import numpy as np
import pytest
import shapely

from geodata.crs import metres_per_degree
from geodata.errors import InputError
from geodata.grid.index import GridIndex
from tests.support import CELL, corner, draw

FOUR = """
    CCDD
    CCDD
    AABB
    AABB
"""


def index_of(*pictures: str) -> GridIndex:
    return GridIndex.build(draw(*pictures).geometry.to_numpy())


def triangle_to(lon: float, lat: float) -> shapely.Polygon:
    with np.errstate(invalid="ignore"):
        return shapely.Polygon([(0, 0), (1, 0), (lon, lat)])


def everyone(index: GridIndex) -> np.ndarray:
    return np.ones(len(index), np.bool_)


def owner_at_corner(index: GridIndex, x: float, y: float, *, without: tuple[int, ...] = ()) -> tuple[int, bool]:
    active = everyone(index)
    active[list(without)] = False
    return index.owner(*corner(x, y), active)


def test_a_point_inside_belongs_to_its_polygon_and_is_not_on_the_boundary() -> None:
    index = index_of(FOUR)
    assert [owner_at_corner(index, x, y) for x, y in [(1, 1), (3, 1), (1, 3), (3, 3)]] == [
        (0, False),
        (1, False),
        (2, False),
        (3, False),
    ]


def test_a_corner_that_four_share_belongs_to_the_lowest_in_force() -> None:
    index = index_of(FOUR)
    assert owner_at_corner(index, 2, 2) == (0, True)
    assert owner_at_corner(index, 2, 2, without=(0,)) == (1, True)
    assert owner_at_corner(index, 2, 2, without=(0, 1)) == (2, True)
    assert owner_at_corner(index, 2, 2, without=(0, 1, 2)) == (3, True)
    assert owner_at_corner(index, 2, 2, without=(0, 1, 2, 3)) == (-1, False)


@pytest.mark.parametrize(
    ("x", "y", "lowest"),
    [(2, 0.5, 0), (2, 1, 0), (2, 3.25, 2), (0.5, 2, 0), (1, 2, 0), (3.125, 2, 1)],
    ids=["upright", "upright vertex", "upright above", "level", "level vertex", "level right"],
)
def test_a_point_on_a_shared_edge_belongs_to_the_lower_of_both(x: float, y: float, lowest: int) -> None:
    assert owner_at_corner(index_of(FOUR), x, y) == (lowest, True)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (0, 1.5), (4, 4), (4, 3.75), (1.5, 0), (2, 4)])
def test_the_outer_border_belongs_to_the_tiling(x: float, y: float) -> None:
    position, on_boundary = owner_at_corner(index_of(FOUR), x, y)
    assert position >= 0
    assert on_boundary


@pytest.mark.parametrize("eighths", range(1, 16))
def test_every_lattice_point_of_a_diagonal_belongs_to_the_lower_triangle(eighths: int) -> None:
    low, high = corner(0, 0), corner(2, 2)
    upper = shapely.Polygon([low, high, (low[0], high[1])])
    lower = shapely.Polygon([low, (high[0], low[1]), high])
    at = eighths / 8
    for first, second in ((upper, lower), (lower, upper)):
        index = GridIndex.build([first, second])
        assert owner_at_corner(index, at, at) == (0, True)
        assert owner_at_corner(index, at, at, without=(0,)) == (1, True)


def test_an_edge_between_two_points_that_no_double_can_hit_still_has_an_owner() -> None:
    a, b = (116.1, 36.3), (116.7, 36.9000001)
    left = shapely.Polygon([a, b, (116.1, 36.9)])
    right = shapely.Polygon([a, (116.7, 36.3), b])
    index = GridIndex.build([left, right])
    along = np.linspace(0.0, 1.0, 2001)
    lons, lats = a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])
    positions, on_boundary = index.owners(lons, lats, everyone(index))
    points = shapely.points(lons, lats)
    expected = np.where(shapely.covers(left, points), 0, np.where(shapely.covers(right, points), 1, 0))
    assert np.array_equal(positions, expected)
    assert on_boundary.all()


def test_a_hole_belongs_to_nobody_but_its_rim_to_the_polygon() -> None:
    index = index_of("""
        AAAAA
        AAAAA
        AA.AA
        AAAAA
        AAAAA
    """)
    assert owner_at_corner(index, 2.5, 2.5) == (-1, False)
    assert owner_at_corner(index, 2.5, 2) == (0, True)
    assert owner_at_corner(index, 3, 3) == (0, True)
    assert owner_at_corner(index, 3.5, 2.5) == (0, False)


def test_an_island_in_a_hole_owns_its_inside_and_the_lower_code_the_rim() -> None:
    index = index_of("""
        BBBBB
        BBBBB
        BBABB
        BBBBB
        BBBBB
    """)
    assert owner_at_corner(index, 2.5, 2.5) == (0, False)
    assert owner_at_corner(index, 2, 2.5) == (0, True)
    assert owner_at_corner(index, 2, 2.5, without=(0,)) == (1, True)


def test_all_parts_of_a_polygon_belong_to_it_also_where_two_touch_in_a_corner() -> None:
    index = index_of("""
        BBA
        BAB
        ABB
    """)
    for at in (0.5, 1.5, 2.5):
        assert owner_at_corner(index, at, at) == (0, False)
    assert owner_at_corner(index, 1, 1) == (0, True)
    assert owner_at_corner(index, 1, 1, without=(0,)) == (1, True)


def test_a_ring_that_touches_the_outer_ring_in_a_point_is_still_a_hole() -> None:
    ring = shapely.Polygon(
        [corner(*c) for c in [(0, 0), (4, 0), (4, 4), (2, 4), (0, 4)]],
        [[corner(*c) for c in [(2, 4), (1, 2), (3, 2)]]],
    )
    index = GridIndex.build([ring])
    assert shapely.is_valid(ring)
    assert owner_at_corner(index, 2, 3) == (-1, False)
    assert owner_at_corner(index, 2, 4) == (0, True)
    assert owner_at_corner(index, 0.5, 3.5) == (0, False)


@pytest.mark.parametrize("away", [1, 2, 3])
def test_a_neighbouring_double_of_a_border_is_decided_like_shapely(away: int) -> None:
    shapes = draw(FOUR).geometry.to_numpy()
    index = GridIndex.build(shapes)
    lon, lat = corner(2, 2)
    for toward in (-math.inf, math.inf):
        x = lon
        for _ in range(away):
            x = math.nextafter(x, toward)
        for y in (lat, math.nextafter(lat, -math.inf), math.nextafter(lat, math.inf), lat + 0.3 * CELL):
            covering = np.flatnonzero(shapely.covers(shapes, shapely.Point(x, y)))
            assert index.owner(x, y, everyone(index)) == (covering[0], True)


@pytest.mark.parametrize(("millimetres", "on_boundary"), [(0.0, True), (0.9, True), (1.1, False), (50.0, False)])
def test_on_boundary_means_within_one_millimetre_of_the_owners_border(millimetres: float, on_boundary: bool) -> None:
    index = index_of(FOUR)
    lon, lat = corner(2, 1.5)
    per_lon, _ = metres_per_degree(lat)
    assert index.owner(lon - millimetres / 1000 / per_lon, lat, everyone(index)) == (0, on_boundary)
    lon, lat = corner(1.5, 2)
    _, per_lat = metres_per_degree(lat)
    assert index.owner(lon, lat - millimetres / 1000 / per_lat, everyone(index)) == (0, on_boundary)


def test_a_hairline_that_nobody_owns_goes_to_the_lowest_within_one_millimetre() -> None:
    (a, b) = draw("AB").geometry.to_numpy()
    per_lon, _ = metres_per_degree(corner(0, 0.5)[1])
    for gap_millimetres, expected in ((1.5, (0, True)), (3.0, (-1, False))):
        shifted = shapely.transform(b, lambda xy, gap=gap_millimetres: xy + np.array([gap / 1000 / per_lon, 0.0]))
        middle = corner(1, 0.5)[0] + gap_millimetres / 2000 / per_lon
        assert GridIndex.build([a, shifted]).owner(middle, corner(1, 0.5)[1], np.ones(2, np.bool_)) == expected
        only_b = np.array([False, True])
        expected_b = (1, True) if expected[0] == 0 else (-1, False)
        assert GridIndex.build([a, shifted]).owner(middle, corner(1, 0.5)[1], only_b) == expected_b


def test_a_polygon_that_covers_wins_a_hairline_over_a_lower_one_that_is_only_near() -> None:
    index = index_of("AB")
    lon, lat = corner(1, 0.5)
    assert index.owner(math.nextafter(lon, math.inf), lat, everyone(index)) == (1, True)


def test_versions_that_lie_upon_each_other_answer_by_those_in_force() -> None:
    before = draw("AAB\nAAB").geometry.to_numpy()
    after = draw("ABB\nABB").geometry.to_numpy()
    index = GridIndex.build([before[0], after[0], before[1], after[1]])
    point = corner(1.5, 1.5)
    assert index.owner(*point, np.array([True, False, True, False])) == (0, False)
    assert index.owner(*point, np.array([False, True, False, True])) == (3, False)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(math.nan, 36.5), (117.0, math.nan), (math.inf, 36.5), (117.0, -math.inf), (1e300, 1e300), (-180.0, -90.0)],
)
def test_a_point_that_is_nowhere_belongs_to_nobody(lon: float, lat: float) -> None:
    index = index_of(FOUR)
    assert index.owner(lon, lat, everyone(index)) == (-1, False)
    positions, on_boundary = index.owners([lon], [lat], everyone(index))
    assert (positions.tolist(), on_boundary.tolist()) == ([-1], [False])


def test_one_call_for_many_points_answers_as_many_calls_do() -> None:
    index = index_of(FOUR)
    rng = np.random.default_rng(5)
    lons, lats = (corner(0, 0)[axis] + rng.integers(-4, 68, 3000) / 16 * CELL for axis in (0, 1))
    positions, on_boundary = index.owners(lons, lats, everyone(index))
    one_by_one = [index.owner(lon, lat, everyone(index)) for lon, lat in zip(lons, lats, strict=True)]
    assert list(zip(positions.tolist(), on_boundary.tolist(), strict=True)) == one_by_one


def test_a_frozen_mask_and_numbers_of_other_types_are_taken() -> None:
    index = GridIndex.build([shapely.box(0, 0, 4, 4)])
    mask = everyone(index)
    mask.flags.writeable = False
    assert index.owner(2, np.float32(2.0), mask) == (0, False)
    assert index.owners([2, 9], [2, 9], mask)[0].tolist() == [0, -1]


def test_an_index_of_nothing_answers_nobody() -> None:
    index = GridIndex.build([])
    assert len(index) == 0
    assert np.isnan(index.bounds).all()
    assert index.owner(117.0, 36.5, everyone(index)) == (-1, False)
    assert index.owners([117.0], [36.5], everyone(index))[0].tolist() == [-1]


@pytest.mark.parametrize("side", [1e-13, 1e-9, 1e-6, 1.0, 90.0])
def test_extents_from_less_than_a_hair_to_half_the_world_are_answered(side: float) -> None:
    index = GridIndex.build([shapely.box(0.0, 0.0, side, side), shapely.box(0.0, 0.0, side / 2, side)])
    active = everyone(index)
    assert index.owner(side / 2, side / 2, active)[0] == 0
    assert index.owner(side / 4, side / 2, np.array([False, True]))[0] == 1
    assert index.owner(0.0, 0.0, active) == (0, True)


def test_the_whole_world_is_covered_to_its_corners() -> None:
    index = GridIndex.build([shapely.box(-180, -90, 180, 90)])
    assert index.owner(0.0, 0.0, everyone(index)) == (0, False)
    assert index.owner(180.0, 90.0, everyone(index)) == (0, True)
    assert index.owner(-180.0, 12.5, everyone(index)) == (0, True)


def test_many_polygons_upon_one_spot_stay_small_and_the_lowest_in_force_wins() -> None:
    index = GridIndex.build([shapely.box(0, 0, 1, 1)] * 5000)
    active = np.zeros(5000, np.bool_)
    active[[4000, 4321]] = True
    assert index.owner(0.5, 0.5, active) == (4000, False)
    assert index.owner(1.0, 0.25, active) == (4000, True)
    assert index.nbytes < 20e6


def test_many_versions_of_one_grid_among_others_stay_small() -> None:
    others = [shapely.box(x, y, x + 1, y + 1) for x in range(20) for y in range(20)]
    index = GridIndex.build([*others, *[shapely.Point(30.0, 10.0).buffer(1.0, quad_segs=16)] * 60])
    active = np.zeros(460, np.bool_)
    active[430] = True
    assert [index.owner(30.0 + x, 10.0, active)[0] for x in (-1.01, -0.99, 0.0, 0.99, 1.01)] == [-1, 430, 430, 430, -1]
    assert index.nbytes < 2e6


def test_crowded_spots_beside_wide_ones_answer_like_shapely() -> None:
    spokes = np.linspace(0, 2 * math.pi, 181)
    fan = [
        shapely.Polygon([(0, 0), (math.cos(a), math.sin(a)), (math.cos(b), math.sin(b))])
        for a, b in itertools.pairwise(spokes)
    ]
    shapes = np.array([*fan, shapely.box(20, 20, 60, 60)])
    index = GridIndex.build(shapes)
    rng = np.random.default_rng(3)
    radius, angle = 10.0 ** rng.uniform(-9, 0, 3000), rng.uniform(0, 2 * math.pi, 3000)
    lons, lats = radius * np.cos(angle), radius * np.sin(angle)
    positions, _ = index.owners(lons, lats, everyone(index))
    covers = shapely.covers(shapes[:, None], shapely.points(lons, lats)[None, :])
    expected = np.where(covers.any(axis=0), covers.argmax(axis=0), -1)
    assert np.array_equal(positions, expected)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (None, "missing or empty"),
        (shapely.Polygon(), "missing or empty"),
        (shapely.MultiPolygon(), "missing or empty"),
        (shapely.Point(1, 1), "not a Polygon"),
        (shapely.GeometryCollection([shapely.box(0, 0, 1, 1)]), "not a Polygon"),
        (triangle_to(math.nan, 1), "not a place"),
        (triangle_to(0, math.inf), "not a place"),
        (shapely.box(179, 0, 181, 1), "not a place"),
        (shapely.box(4e6, 3e6, 4.1e6, 3.1e6), "not a place"),
    ],
)
def test_what_is_no_polygon_on_earth_is_refused_with_its_position(wrong: object, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        GridIndex.build([shapely.box(0, 0, 1, 1), wrong])
    assert refused.value.facts["positions"] == [1]
    assert refused.value.detail_zh != refused.value.detail


def test_a_mask_of_another_length_and_unequal_lists_are_refused() -> None:
    index = index_of(FOUR)
    with pytest.raises(ValueError, match="active"):
        index.owner(117.0, 36.5, np.ones(3, np.bool_))
    with pytest.raises(InputError, match="same length"):
        index.owners([117.0, 117.1], [36.5], everyone(index))


def test_a_geometry_comes_back_with_the_same_doubles_and_type() -> None:
    shapes = [
        shapely.Polygon([(0.1, 0.2), (1 / 3, 0.2), (0.3, 2 / 3)]),
        shapely.MultiPolygon([shapely.box(1, 1, 2, 2)]),
        shapely.MultiPolygon(
            [shapely.box(3, 3, 5, 5).difference(shapely.box(3.5, 3.5, 4, 4)), shapely.box(7, 7, 8, 8)]
        ),
        shapely.Polygon([(0, 0, 5), (1, 0, 6), (1, 1, 7)]),
    ]
    index = GridIndex.build(shapes)
    for position, shape in enumerate(shapes):
        back = index.geometry(position)
        assert back.geom_type == shape.geom_type
        assert shapely.equals_identical(back, shapely.force_2d(shape))
    for positions in ([2], [3, 1], [0, 1, 2, 3], []):
        several = index.geometries(positions)
        assert [shape.wkb_hex for shape in several] == [index.geometry(position).wkb_hex for position in positions]
    for beyond in ([0, 4], [-1, 2]):
        with pytest.raises(IndexError):
            index.geometries(beyond)
    with pytest.raises(IndexError):
        index.geometry(4)
    with pytest.raises(IndexError):
        index.geometry(-1)


def test_bounds_are_those_of_all_positions() -> None:
    index = GridIndex.build([shapely.box(1, 2, 3, 4), shapely.box(-5, 3, 0, 8)])
    assert index.bounds == (-5.0, 2.0, 3.0, 8.0)
