"""A village of a real city, redrawn in desktop GIS and taken back among 11,490 small areas."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from geodata.drafts.exporting import write_state
from geodata.drafts.recognise import Recognised, recognised
from geodata.drafts.redrawn import Reading, read_redrawn
from geodata.drafts.state import DraftGrid, DraftState
from geodata.drafts.step import Around
from tests.conftest import SHARED_DATA

pytestmark = pytest.mark.real_data

TWD97 = 3826


@pytest.fixture(scope="module")
def city() -> DraftState:
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the open data is not here: {SHARED_DATA} does not exist")
    frame = pyogrio.read_dataframe(SHARED_DATA / "taipei" / "taipei.gpkg", layer="small_area").to_crs(4326)
    shapes = shapely.make_valid(shapely.force_2d(frame.geometry.to_numpy()), method="structure", keep_collapsed=False)
    codes = frame["CODEBASE"].tolist()
    keys = [f"g{number}" for number in range(len(codes))]
    grids = [
        DraftGrid(key, number, code, code, "urban", None, (key,))
        for number, (key, code) in enumerate(zip(keys, codes, strict=True))
    ]
    return DraftState.of_base("general", 1, grids, [], dict(zip(keys, shapes, strict=True)))


def _recognised(city: DraftState, path: Path, **reading: str) -> Recognised:
    return recognised(city, read_redrawn(path, Reading(**reading)), Around(frozenset(city.codes), frozenset()))


def test_a_city_that_was_not_redrawn_says_nothing_in_any_projection(city: DraftState, tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    assert write_state(city, path) == len(city.grids)
    found = _recognised(city, path)
    assert (found.planned, found.errors, found.same) == ((), [], len(city.grids))
    projected = tmp_path / "city.shp"
    gpd.read_file(path)[["code", "geometry"]].to_crs(TWD97).to_file(projected)
    found = _recognised(city, projected)
    assert (found.planned, found.errors, found.same) == ((), [], len(city.grids))


def test_a_village_that_was_redrawn_elsewhere_becomes_merges_splits_and_new_borders(
    city: DraftState, tmp_path: Path
) -> None:
    path = tmp_path / "city.gpkg"
    write_state(city, path)
    frame = gpd.read_file(path)[["code", "geometry"]]
    frame.index = frame["code"].to_list()
    # Some thirty small areas about the middle of the city.
    shapes = frame.geometry.to_numpy()
    at = shapely.Point(np.median(shapely.get_coordinates(shapes), axis=0))
    village = frame.iloc[np.argsort(shapely.distance(shapes, at))[:30]].copy()
    expected: dict[str, shapely.Geometry] = {}
    codes = village["code"].tolist()
    first = codes[0]
    second = next(c for c in codes[1:] if village.geometry[first].intersection(village.geometry[c]).length > 1e-4)
    union = shapely.coverage_union(village.geometry[first], village.geometry[second])
    village = village.drop(second)
    village.loc[first, "geometry"] = expected[first] = union
    apart = [c for c in codes[1:] if c != second and not village.geometry[c].touches(union)]
    for number, code in enumerate(apart[:3]):
        shape = village.geometry[code]
        west, south, east, north = shape.bounds
        middle = shapely.centroid(shape).x
        boxes = ((west, south, middle, north), (middle, south, east, north))
        halves = [shapely.intersection(shape, shapely.box(*box)) for box in boxes]
        if any(half.geom_type != "Polygon" for half in halves):
            continue
        village.loc[code, "geometry"] = expected[code] = halves[0]
        village.loc[f"X{number}", ["code", "geometry"]] = [f"X{number}", halves[1]]
        expected[f"X{number}"] = halves[1]
    redrawn = tmp_path / "village.gpkg"
    gpd.GeoDataFrame(village, crs=4326).to_crs(TWD97).to_file(redrawn)
    found = _recognised(city, redrawn)
    assert found.errors == []
    assert set(found.kinds) <= {"merge", "split", "replace"}
    assert found.kinds["merge"] == 1
    after = found.after
    for code, shape in expected.items():
        got = after.shape(after.by_code(code).key)
        assert shapely.area(shapely.symmetric_difference(got, shape)) < 1e-6 * shapely.area(shape)
        assert shapely.hausdorff_distance(got.boundary, shape.boundary) < 5e-6
    west, south, east, north = shapely.total_bounds(village.geometry.to_numpy()).tolist()
    around = after.tiling.within((west - 1e-3, south - 1e-3, east + 1e-3, north + 1e-3))[1]
    assert shapely.coverage_is_valid(around)
    assert second not in after.codes


def test_a_village_file_in_the_wrong_datum_is_refused(city: DraftState, tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    write_state(city, path)
    found = _recognised(city, path, crs="GCJ-02")
    assert {one.kind for one in found.errors} <= {"looks-shifted", "another-place"}
    assert found.errors
