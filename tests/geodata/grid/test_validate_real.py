"""Real polygons through validation and repair: findings or a repair each, never an exception."""

from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from geodata.grid.communities import assign_communities
from geodata.grid.repair import repair
from geodata.grid.validate import validate
from tests.rings import ring_sets, scaled, shapes_of
from tests.support import nothing

pytestmark = pytest.mark.real_data

NOTHING = nothing()


def grids_of(shapes: list[shapely.Geometry | None]) -> gpd.GeoDataFrame:
    codes = [f"{number:05d}" for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"code": codes, "row": range(2, len(shapes) + 2)}, geometry=shapes, crs="EPSG:4326")


def check_alone(shape: shapely.Geometry | None) -> None:
    grids = grids_of([shape])
    usable = shape is not None and not shape.is_empty and shape.geom_type in ("Polygon", "MultiPolygon")
    before = [finding for finding in validate(grids, NOTHING) if finding.severity == "error"]
    in_world = not any(finding.kind == "not-a-place" for finding in before)
    assert bool(before) == (not usable or not in_world or not shape.is_valid)
    mended, mends = repair(grids, NOTHING)
    after = [finding for finding in validate(mended, NOTHING) if finding.severity == "error"]
    # Mended, or still called a fault: never silently gone.
    assert not before or any(mend.kind == "made-valid" for mend in mends) != bool(after), (before, mends, after)
    assert not mended.geometry.is_empty.any() or shape.is_empty
    assert repair(mended, NOTHING)[1] == []


def test_every_ring_set_gets_a_finding_or_a_repair(shared_data):
    shapes = list(ring_sets(shared_data / "polygons" / "earcut"))
    assert len(shapes) == 59
    for shape in shapes:
        check_alone(shape)
        check_alone(scaled(shape))
    invalid = sum(shape is not None and not shape.is_valid for shape in shapes)
    assert invalid >= 20


def test_every_validity_case_gets_a_finding_or_a_repair(shared_data):
    verdicts = 0
    different = {
        shapely.to_wkb(shape): (shape, verdict) for shape, verdict in shapes_of(shared_data / "polygons" / "geos")
    }
    for shape, verdict in different.values():
        kinds = {finding.kind for finding in validate(grids_of([shape]), NOTHING)}
        check_alone(scaled(shape) if "not-a-place" in kinds else shape)
        if verdict is not None and shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty:
            verdicts += 1
            assert ("invalid-ring" in kinds) == (not verdict) or "not-a-place" in kinds
    assert verdicts > 250


def test_bad_polygons_side_by_side_in_one_layer_are_judged_together(shared_data):
    polygons = [*ring_sets(shared_data / "polygons" / "earcut")]
    polygons += [shape for shape, _ in shapes_of(shared_data / "polygons" / "geos")][::10]
    # A little wider than their cells, so that neighbours overlap.
    beside = [
        shapely.transform(
            scaled(shape), lambda xy, at=at: (xy - (117, 36.5)) * 0.105 + (at % 12 * 0.01, at // 12 * 0.01)
        )
        if shape is not None and np.isfinite(shapely.get_coordinates(shape)).all()
        else shape
        for at, shape in enumerate(polygons)
    ]
    grids = grids_of(beside)
    findings = validate(grids, NOTHING)
    assert {finding.kind for finding in findings} >= {"wrong-geometry-type", "invalid-ring", "overlap"}
    mended, _ = repair(grids, NOTHING)
    assert len(mended) == len(grids)
    assert not (mended.geometry.is_empty & ~grids.geometry.is_empty).any()


def taipei(folder: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    path = folder / "taipei" / "taipei.gpkg"
    areas = pyogrio.read_dataframe(path, layer="small_area", columns=["CODEBASE"])
    villages = pyogrio.read_dataframe(path, layer="village", columns=["CPTVID"])
    return areas.rename(columns={"CODEBASE": "code"}), villages.rename(columns={"CPTVID": "code"})


def test_the_small_areas_of_taipei_tile_truly_and_one_in_eight_crosses_a_village(shared_data):
    areas, villages = taipei(shared_data)
    found = Counter((finding.severity, finding.kind) for finding in validate(areas, villages))
    assert set(found) == {("warning", "crosses-community"), ("warning", "gap")}
    assert 1450 <= found["warning", "crosses-community"] <= 1550
    assigned = assign_communities(areas, villages)
    assert assigned["community"].notna().all()
    assert (assigned["share"] < 0.95).sum() == found["warning", "crosses-community"]


def test_the_small_areas_of_taipei_need_no_mend(shared_data):
    areas, _ = taipei(shared_data)
    mended, mends = repair(areas, NOTHING, clip=False)
    assert mends == []
    assert (shapely.to_wkb(mended.geometry) == shapely.to_wkb(shapely.force_2d(areas.geometry))).all()


def test_hairlines_between_the_villages_of_taipei_are_warnings_that_a_repair_clears(shared_data):
    _, villages = taipei(shared_data)
    findings = validate(villages, villages)
    assert not [finding for finding in findings if finding.kind == "overlap"]
    hairlines = [finding for finding in findings if finding.kind == "edge-mismatch"]
    assert 40 <= len({code for f in hairlines for code in (f.code, f.facts["other"])}) <= 60
    assert sum(f.facts["overlap_square_metres"] for f in hairlines) == pytest.approx(0.10, abs=0.02)
    mended, mends = repair(villages, villages)
    assert validate(mended, villages) == []
    assert sum(mend.square_metres for mend in mends) < 10
    untouched = shapely.to_wkb(mended.geometry) == shapely.to_wkb(shapely.force_2d(villages.geometry))
    assert untouched.sum() > 400
    assert repair(mended, villages)[1] == []
