"""The grid index answers what shapely's `covers` over all polygons answers, wherever the point lies."""

import math

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geodata.crs import metres_per_degree
from geodata.grid.index import GridIndex
from tests.benchmarks.tilings import wiggly_tiling

SIDE = 12
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def lattice_polygon(draw: st.DrawFn) -> shapely.Geometry:
    """Polygon or MultiPolygon with corners on a lattice, often with holes and parts that touch."""
    numbers = st.integers(0, SIDE)
    corners = draw(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=7, unique=True))
    shape = shapely.make_valid(shapely.Polygon(corners))
    for _ in range(draw(st.integers(0, 2))):
        x, y = draw(st.tuples(st.integers(0, SIDE - 1), st.integers(0, SIDE - 1)))
        width, height = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
        box = shapely.box(x, y, x + width, y + height)
        shape = shape.difference(box) if draw(st.booleans()) else shape.union(box)
    parts = shapely.get_parts(shapely.make_valid(shape)).tolist()
    parts = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    return shapely.union_all(parts) if parts else shapely.box(*corners[0], corners[0][0] + 1, corners[0][1] + 1)


@st.composite
def placement(draw: st.DrawFn) -> tuple[float, float, float]:
    """Degrees for one lattice step and the origin: exact binary fractions, or doubles of any kind."""
    if draw(st.booleans()):
        return 2.0 ** draw(st.integers(-24, 1)), float(draw(st.integers(-150, 150))), float(draw(st.integers(-60, 60)))
    scale = draw(st.floats(1e-10, 1.0))
    return scale, draw(st.floats(-150.0, 150.0)), draw(st.floats(-60.0, 60.0))


def brute_force(
    shapes: NDArray[np.object_], active: NDArray[np.bool_], points: NDArray[np.float64]
) -> NDArray[np.int_]:
    """Lowest active polygon that covers each point, -1 for none."""
    covers = shapely.covers(shapes[:, None], shapely.points(points)[None, :]) & active[:, None]
    return np.where(covers.any(axis=0), covers.argmax(axis=0), -1)


def metres_to(shape: shapely.Geometry, lon: float, lat: float) -> float:
    """Metres from the point to the polygon in the plane of the point."""
    scale = np.array(metres_per_degree(lat))
    return float(shapely.distance(shapely.transform(shape, lambda xy: (xy - (lon, lat)) * scale), shapely.Point(0, 0)))


def assert_owned_like_covers(
    shapes: NDArray[np.object_], active: NDArray[np.bool_], points: NDArray[np.float64]
) -> None:
    index = GridIndex.build(shapes)
    positions, on_boundary = index.owners(points[:, 0], points[:, 1], active)
    expected = brute_force(shapes, active, points)
    hairline = (expected == -1) & (positions != -1)
    assert np.array_equal(positions[~hairline], expected[~hairline])
    for point in np.flatnonzero(hairline):
        assert on_boundary[point]
        lowest = next(p for p in np.flatnonzero(active) if metres_to(shapes[p], *points[point]) <= 1e-3)
        assert positions[point] == lowest
    for point in np.flatnonzero(expected >= 0)[:40]:
        border = metres_to(shapely.boundary(shapes[positions[point]]), *points[point])
        if not 0.99e-3 < border < 1.01e-3:
            assert on_boundary[point] == (border <= 1e-3)
    for point in np.flatnonzero((expected == -1) & ~hairline)[:10]:
        assert all(metres_to(shapes[p], *points[point]) > 0.999e-3 for p in np.flatnonzero(active))


def telling_points(shapes: NDArray[np.object_], seed: int) -> NDArray[np.float64]:
    """Vertices, points on edges and their nearest doubles, and points anywhere."""
    rng = np.random.default_rng(seed)
    vertices = shapely.get_coordinates(shapes)
    start, end = vertices[:-1], vertices[1:]
    west, south, east, north = shapely.total_bounds(shapes)
    size = max(east - west, north - south)
    middle = (start + end) / 2
    return np.concatenate(
        [
            vertices,
            middle,
            start + rng.random((len(start), 1)) * (end - start),
            middle + 1e-15,
            np.nextafter(vertices, -math.inf),
            np.column_stack([np.nextafter(vertices[:, 0], math.inf), vertices[:, 1]]),
            rng.uniform((west - 0.1 * size, south - 0.1 * size), (east + 0.1 * size, north + 0.1 * size), (200, 2)),
        ]
    )


@quick
@given(st.lists(lattice_polygon(), min_size=1, max_size=9), placement(), st.integers(0, 2**31))
def test_overlapping_versions_under_any_mask_are_owned_like_covers(
    shapes: list[shapely.Geometry], place: tuple[float, float, float], seed: int
) -> None:
    scale, lon, lat = place
    placed = np.array([shapely.transform(shape, lambda xy: xy * scale + (lon, lat)) for shape in shapes])
    valid = placed[shapely.is_valid(placed)]
    if len(valid):
        active = np.random.default_rng(seed).random(len(valid)) < 0.7
        assert_owned_like_covers(valid, active, telling_points(valid, seed))


@quick
@given(st.lists(lattice_polygon(), min_size=1, max_size=6), st.integers(-24, 1), st.integers(0, 2**31))
def test_all_points_of_a_lattice_are_owned_like_covers(
    shapes: list[shapely.Geometry], exponent: int, seed: int
) -> None:
    scale = 2.0**exponent
    placed = np.array([shapely.transform(shape, lambda xy: xy * scale + (117.0, 36.0)) for shape in shapes])
    halves = np.arange(-1, 2 * SIDE + 2) / 2 * scale
    points = np.stack(np.meshgrid(117.0 + halves, 36.0 + halves), axis=-1).reshape(-1, 2)
    assert_owned_like_covers(placed, np.random.default_rng(seed).random(len(placed)) < 0.8, points)


@settings(quick, max_examples=20)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 14), st.integers(0, 2**31), st.floats(1e-7, 40.0))
def test_every_point_of_a_random_tiling_has_the_one_owner_that_covers_it(
    columns: int, rows: int, steps: int, seed: int, size: float
) -> None:
    shapes = wiggly_tiling(columns, rows, bounds=(100.0, 20.0, 100.0 + size, 20.0 + size), steps=steps, seed=seed)
    assert_owned_like_covers(shapes, np.ones(len(shapes), np.bool_), telling_points(shapes, seed))


@settings(quick, max_examples=30)
@given(st.lists(lattice_polygon(), min_size=1, max_size=6), placement(), st.integers(0, 2**31))
def test_the_nearest_other_is_as_far_as_the_nearest_of_all(
    shapes: list[shapely.Geometry], place: tuple[float, float, float], seed: int
) -> None:
    scale, lon, lat = place
    placed = np.array([shapely.transform(shape, lambda xy: xy * scale + (lon, lat)) for shape in shapes])
    rng = np.random.default_rng(seed)
    index = GridIndex.build(placed)
    for x, y in rng.uniform(-SIDE, 2 * SIDE, (10, 2)) * scale + (lon, lat):
        active = rng.random(len(placed)) < 0.8
        exclude = int(rng.integers(-1, len(placed)))
        metres = [metres_to(s, x, y) if active[p] and p != exclude else math.inf for p, s in enumerate(placed)]
        position, nearest = index.nearest(x, y, active, exclude)
        if math.isinf(min(metres)):
            assert (position, nearest) == (-1, math.inf)
        else:
            assert math.isclose(nearest, min(metres), rel_tol=1e-9, abs_tol=1e-6)
            assert math.isclose(metres[position], min(metres), rel_tol=1e-9, abs_tol=1e-6)
