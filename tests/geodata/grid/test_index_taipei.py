"""The index over 11,490 real areas: the same answers as `geopandas.sjoin`, one owner on every border."""

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from geodata.grid.index import GridIndex
from tests.benchmarks.bulk_join import joined

pytestmark = pytest.mark.real_data


@pytest.fixture
def areas(shared_data: Path) -> np.ndarray:
    """Shapes of the small areas in order of their codes."""
    path = shared_data / "taipei" / "taipei.gpkg"
    _, _, shapes, (codes,) = pyogrio.raw.read(path, layer="small_area", columns=["CODEBASE"])
    return shapely.force_2d(shapely.from_wkb(shapes[np.argsort(codes)]))


def test_a_hundred_thousand_points_are_answered_as_sjoin_answers_them(areas: np.ndarray) -> None:
    index = GridIndex.build(areas)
    rng = np.random.default_rng(20)
    west, south, east, north = index.bounds
    lons, lats = rng.uniform(west, east, 100_000), rng.uniform(south, north, 100_000)
    positions, on_boundary = index.owners(lons, lats, np.ones(len(areas), np.bool_))
    _, expected = joined(areas, lons, lats)
    differs = positions != expected
    assert not differs[expected >= 0].any()
    for point in np.flatnonzero(differs):
        assert on_boundary[point]
        assert shapely.distance(areas[positions[point]], shapely.Point(lons[point], lats[point])) < 1e-8
    assert (positions >= 0).mean() > 0.4


def test_every_vertex_belongs_to_the_lowest_code_that_has_it(areas: np.ndarray) -> None:
    index = GridIndex.build(areas)
    vertices, position = shapely.get_coordinates(areas, return_index=True)
    places, inverse = np.unique(vertices, axis=0, return_inverse=True)
    lowest = np.full(len(places), len(areas))
    np.minimum.at(lowest, inverse.ravel(), position)
    positions, on_boundary = index.owners(places[:, 0], places[:, 1], np.ones(len(areas), np.bool_))
    assert on_boundary.all()
    # A vertex of one area may lie on an edge of a lower one that has none there.
    assert (positions <= lowest).all()
    lower = np.flatnonzero(positions < lowest)
    assert shapely.covers(areas[positions[lower]], shapely.points(places[lower])).all()
    some = slice(None, None, 7)
    _, expected = joined(areas, *places[some].T)
    assert np.array_equal(positions[some], expected)
