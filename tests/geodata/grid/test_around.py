"""Which polygons a circle or a shape meets, held to shapely's distances over a tiling of uneven polygons."""

import numpy as np
import pytest
import shapely

from geodata.crs import metres_per_degree
from geodata.grid.index import GridIndex

MIDDLE = (117.0, 36.65)
SCALE = np.array(metres_per_degree(MIDDLE[1]))


@pytest.fixture(scope="module")
def cells() -> list[shapely.Geometry]:
    """150 polygons without a gap over about 4 km, one of them with a hole that another fills."""
    draw = np.random.default_rng(11)
    points = shapely.MultiPoint(draw.uniform(-0.02, 0.02, (150, 2)) + MIDDLE)
    frame = shapely.box(MIDDLE[0] - 0.02, MIDDLE[1] - 0.02, MIDDLE[0] + 0.02, MIDDLE[1] + 0.02)
    found = [cell.intersection(frame) for cell in shapely.voronoi_polygons(points, extend_to=frame).geoms]
    largest = max(range(len(found)), key=lambda place: found[place].area)
    island = found[largest].centroid.buffer(0.0002)
    found[largest] = found[largest].difference(island)
    return [*found, island]


@pytest.fixture(scope="module")
def index(cells: list[shapely.Geometry]) -> GridIndex:
    return GridIndex.build(cells)


def _moved(cell: shapely.Geometry, lon: float, lat: float) -> shapely.Geometry:
    scale = np.array(metres_per_degree(lat))
    return shapely.transform(cell, lambda vertices: (vertices - (lon, lat)) * scale)


@pytest.mark.parametrize("metres", [1.0, 40.0, 250.0, 3000.0])
def test_a_circle_touches_what_is_no_farther_than_its_radius(
    cells: list[shapely.Geometry], index: GridIndex, metres: float
) -> None:
    draw = np.random.default_rng(int(metres))
    active = np.arange(len(cells)) % 7 != 0
    for lon, lat in draw.uniform(-0.025, 0.025, (15, 2)) + MIDDLE:
        away = np.array([_moved(cell, lon, lat).distance(shapely.Point(0, 0)) for cell in cells])
        positions, told = index.within(lon, lat, metres, active)
        assert set(positions.tolist()) == set(np.flatnonzero((away <= metres) & active).tolist())
        assert told == pytest.approx(away[positions], abs=1e-6)
        assert told.tolist() == sorted(told.tolist())


def test_the_owner_of_a_point_on_a_border_comes_first(cells: list[shapely.Geometry], index: GridIndex) -> None:
    active = np.ones(len(cells), dtype=bool)
    for lon, lat in shapely.get_coordinates(cells[40])[:3].tolist():
        positions, told = index.within(lon, lat, 5.0, active)
        owner, on_boundary = index.owner(lon, lat, active)
        assert on_boundary
        assert (positions[0], told[0]) == (owner, 0.0)
        assert len(positions) >= 2


def test_a_circle_inside_a_polygon_touches_that_alone(cells: list[shapely.Geometry], index: GridIndex) -> None:
    island = len(cells) - 1
    point = cells[island].centroid
    positions, _ = index.within(point.x, point.y, 2.0, np.ones(len(cells), dtype=bool))
    assert positions.tolist() == [island]


def test_an_index_without_polygons_is_touched_by_nothing() -> None:
    none = GridIndex.build([])
    positions, told = none.within(*MIDDLE, 100.0, np.ones(0, dtype=bool))
    assert (len(positions), len(told)) == (0, 0)


def test_whatever_overlaps_a_shape_is_among_what_may(cells: list[shapely.Geometry], index: GridIndex) -> None:
    active = np.ones(len(cells), dtype=bool)
    shapes = [*cells[:20], cells[-1].buffer(-0.0001), shapely.Point(MIDDLE).buffer(0.006)]
    for shape in shapes:
        overlapping = {place for place, cell in enumerate(cells) if cell.intersection(shape).area > 0}
        assert overlapping <= set(index.meeting(shape, active))
