"""Small faults of a layer of grids are mended and each mend is reported; large ones stay faults."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import metres_per_degree
from geodata.grid.repair import repair
from geodata.grid.validate import validate
from geodata.records import Finding, Mend
from tests.support import CELL, ORIGIN, changed, corner, draw, moved_vertex, nothing, of_code, with_shape

TILED = """
    AABB
    AABB
    CCDD
    CCDD
"""
WHOLE = """
    SSSS
    SSSS
    SSSS
    SSSS
"""
METRES = metres_per_degree(36.5)


def found(grids: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> set[tuple[str, str]]:
    return {(f.severity, f.kind) for f in validate(grids, communities)}


def kinds(mends: list[Mend]) -> set[str]:
    return {mend.kind for mend in mends}


def square_metres(shape: shapely.Geometry) -> float:
    return float(shapely.area(shape)) * METRES[0] * METRES[1]


def same_doubles(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, codes: str) -> bool:
    return all(shapely.to_wkb(of_code(first, code)) == shapely.to_wkb(of_code(second, code)) for code in codes)


def stable(grids: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, **options: object) -> bool:
    again, mends = repair(grids, communities, **options)  # type: ignore[arg-type]
    return mends == [] and bool((again.geometry.to_numpy() == grids.geometry.to_numpy()).all())


def errors(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def test_a_sound_tiling_keeps_its_exact_doubles_and_reports_nothing():
    grids = draw(TILED)
    result, mends = repair(grids, draw(WHOLE))
    assert mends == []
    assert same_doubles(grids, result, "ABCD")


def test_nothing_to_repair_is_no_fault():
    for grids in (draw(TILED).iloc[:0], with_shape(draw("A"), "A", None)):
        result, mends = repair(grids, nothing())
        assert (len(result), mends) == (len(grids), [])


def test_the_given_frame_and_other_columns_stay_as_they_are():
    grids = with_shape(draw(TILED), "A", shapely.Polygon([corner(0, 2), corner(2, 4), corner(2, 2), corner(0, 4)]))
    grids = grids.assign(name=["甲", "乙", "丙", "丁"])
    given_shapes = grids.geometry.to_numpy().copy()
    result, _ = repair(grids, draw(WHOLE))
    assert (grids.geometry.to_numpy() == given_shapes).all()
    assert result.drop(columns="geometry").equals(grids.drop(columns="geometry"))
    assert result.crs == grids.crs


def test_heights_are_dropped_silently():
    grids = draw(TILED)
    high = grids.set_geometry(gpd.GeoSeries(shapely.force_3d(grids.geometry.to_numpy(), 7.0), crs="EPSG:4326"))
    result, mends = repair(high, draw(WHOLE))
    assert mends == []
    assert same_doubles(grids, result, "ABCD")


def test_a_ring_that_crosses_itself_keeps_both_lobes():
    bowtie = shapely.Polygon([corner(0, 0), corner(2, 2), corner(2, 0), corner(0, 2)])
    result, mends = repair(with_shape(draw("A"), "A", bowtie), nothing())
    assert [(m.kind, m.row, m.code, (m.lon, m.lat)) for m in mends] == [("made-valid", 1, "A", corner(1, 1))]
    assert square_metres(of_code(result, "A")) == pytest.approx(2 * CELL**2 * METRES[0] * METRES[1], rel=1e-6)
    assert stable(result, nothing())


def test_ground_that_a_ring_covers_twice_stays_covered():
    loop = [(0, 0), (4, 0), (4, 3), (1, 3), (1, 1), (3, 1), (3, 4), (0, 4)]
    result, _ = repair(with_shape(draw("A"), "A", shapely.Polygon([corner(x, y) for x, y in loop])), nothing())
    assert of_code(result, "A").covers(shapely.Point(corner(2, 2)))


def test_a_hole_outside_its_shell_is_a_part_whose_ring_runs_the_wrong_way():
    shell, hole = [(0, 0), (2, 0), (2, 2), (0, 2)], [(3, 3), (4, 3), (4, 4)]
    shape = shapely.Polygon([corner(*p) for p in shell], [[corner(*p) for p in hole]])
    result, _ = repair(with_shape(draw("A"), "A", shape), nothing())
    island = shapely.Polygon([corner(*p) for p in hole])
    assert of_code(result, "A").equals(shapely.union(shapely.box(*corner(0, 0), *corner(2, 2)), island))
    assert ("warning", "many-parts") in found(result, nothing())


def test_a_collection_keeps_its_areas():
    area, line = shapely.box(*corner(0, 0), *corner(2, 2)), shapely.LineString([corner(5, 5), corner(6, 6)])
    result, mends = repair(with_shape(draw("A"), "A", shapely.GeometryCollection([line, area])), nothing())
    assert of_code(result, "A").equals(area)
    assert kinds(mends) == {"made-valid"}


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (shapely.Polygon([corner(0, 0), corner(2, 2), corner(0, 0)]), "invalid-ring"),
        (shapely.Polygon([corner(0, 0), corner(1, 1), corner(2, 2), corner(0, 0)]), "invalid-ring"),
        (shapely.LineString([corner(0, 0), corner(2, 2)]), "wrong-geometry-type"),
        (shapely.GeometryCollection([shapely.Point(corner(0, 0))]), "wrong-geometry-type"),
        (shapely.Polygon([(0, 0), (500, 0), (0, 1)]), "not-a-place"),
    ],
)
def test_a_shape_with_no_area_left_keeps_its_fault_instead_of_vanishing(shape, kind):
    grids = with_shape(draw(TILED), "D", shape)
    result, _ = repair(grids, draw(WHOLE))
    assert shapely.equals_exact(of_code(result, "D"), shape)
    assert ("error", kind) in found(result, draw(WHOLE))


@pytest.mark.parametrize("by", [(0.4, 0.0), (-0.4, 0.0), (0.3, 0.3), (0.0, -0.9)])
def test_a_vertex_off_by_less_than_the_tolerance_is_mended(by):
    damaged = moved_vertex(draw(TILED), "A", (2, 3), by)
    result, mends = repair(damaged, draw(WHOLE))
    assert validate(result, draw(WHOLE)) == []
    assert kinds(mends) <= {"closed-gap", "removed-overlap", "matched-edges"}
    assert same_doubles(damaged, result, "CD")
    assert stable(result, draw(WHOLE))


def test_a_narrow_overlap_goes_to_the_lowest_code():
    damaged = moved_vertex(draw(TILED), "B", (2, 3), (-0.5, 0))
    result, mends = repair(damaged, draw(WHOLE))
    mend = next(m for m in mends if m.kind == "removed-overlap")
    assert mend.code == "B"
    assert "A" in mend.message
    assert mend.square_metres == pytest.approx(0.5 * CELL * METRES[1], rel=0.02)
    assert shapely.equals(of_code(result, "A"), of_code(draw(TILED), "A"))


def test_a_narrow_gap_is_closed_and_reported_with_its_place():
    damaged = moved_vertex(draw(TILED), "B", (2, 3), (0.5, 0))
    result, mends = repair(damaged, draw(WHOLE))
    mend = next(m for m in mends if m.kind == "closed-gap")
    assert mend.square_metres == pytest.approx(0.5 * CELL * METRES[1], rel=0.02)
    assert shapely.distance(shapely.Point(mend.lon, mend.lat), shapely.Point(corner(2, 3))) < CELL
    assert validate(result, draw(WHOLE)) == []


def test_an_overlap_and_a_gap_wider_than_the_tolerance_stay_for_a_person():
    wide = moved_vertex(draw(TILED), "A", (2, 3), (3.0, 0))
    result, mends = repair(wide, draw(WHOLE))
    assert mends == []
    assert same_doubles(wide, result, "ABCD")
    assert ("error", "overlap") in found(result, draw(WHOLE))
    gap = moved_vertex(draw(TILED), "B", (2, 3), (3.0, 0))
    result, mends = repair(gap, draw(WHOLE))
    assert ("warning", "gap") in found(result, draw(WHOLE))
    assert square_metres(of_code(result, "A")) == pytest.approx(square_metres(of_code(gap, "A")), abs=1e-6)


def test_faults_elsewhere_are_mended_beside_a_wide_overlap():
    picture = "AABBCCDD\nAABBCCDD"
    damaged = moved_vertex(draw(picture), "A", (2, 1), (30.0, 0))
    damaged = moved_vertex(damaged, "C", (6, 1), (0.4, 0))
    result, mends = repair(damaged, draw("SSSSSSSS\nSSSSSSSS"))
    assert mends
    left = validate(result, draw("SSSSSSSS\nSSSSSSSS"))
    assert [(f.kind, f.code, f.facts["other"]) for f in errors(left)] == [("overlap", "A", "B")]
    assert not [f for f in left if f.code in "CD"]


def test_the_tolerance_is_a_parameter():
    damaged = moved_vertex(draw(TILED), "A", (2, 3), (3.0, 0))
    result, _ = repair(damaged, draw(WHOLE), tolerance_metres=5)
    assert validate(result, draw(WHOLE)) == []


def test_borders_get_the_same_vertices_and_say_so():
    square = shapely.box(*of_code(draw(TILED), "D").bounds)
    result, mends = repair(with_shape(draw(TILED), "D", square), draw(WHOLE))
    assert [(m.kind, m.code, m.square_metres) for m in mends] == [("matched-edges", "D", 0.0)]
    assert validate(result, draw(WHOLE)) == []
    assert {tuple(p) for p in shapely.get_coordinates(of_code(result, "D"))} >= {corner(3, 2), corner(2, 1)}


def test_partial_layers_keep_their_gaps_and_lose_narrow_overlaps():
    apart = moved_vertex(draw(TILED), "B", (2, 3), (0.5, 0))
    result, mends = repair(apart, draw(WHOLE), tiling="partial")
    assert "closed-gap" not in kinds(mends)
    assert square_metres(shapely.union_all(result.geometry.to_numpy())) == pytest.approx(
        square_metres(shapely.union_all(apart.geometry.to_numpy())), abs=0.01
    )
    over = moved_vertex(draw(TILED), "B", (2, 3), (-0.5, 0))
    result, mends = repair(over, draw(WHOLE), tiling="partial")
    assert "removed-overlap" in kinds(mends)
    assert "overlap" not in {f.kind for f in validate(result, draw(WHOLE), tiling="partial")}


def narrower(xy: np.ndarray, east: float, by_metres: float) -> np.ndarray:
    """Everything at or beyond a lattice line moved west."""
    return np.where(xy[:, :1] == east, xy - (by_metres / METRES[0] / CELL, 0), xy)


def test_what_sticks_out_of_the_community_at_the_rim_is_cut_off():
    grids = draw("AABB\nAABB")
    community = changed(draw("SSSS\nSSSS"), "S", lambda xy: narrower(xy, 4, 0.6))
    result, mends = repair(grids, community)
    assert [(m.kind, m.code) for m in mends] == [("clipped", "B")]
    assert mends[0].square_metres == pytest.approx(0.6 * 2 * CELL * METRES[1], rel=0.02)
    assert square_metres(of_code(result, "B").difference(of_code(community, "S"))) < 1e-3
    assert stable(result, community)


def test_what_sticks_out_into_the_next_community_goes_to_its_grid():
    grids = draw("AABB\nAABB")
    communities = changed(draw("SSTT\nSSTT"), "S", lambda xy: narrower(xy, 2, 0.6))
    communities = changed(communities, "T", lambda xy: narrower(xy, 2, 0.6))
    result, mends = repair(grids, communities)
    clipped = [m for m in mends if m.kind == "clipped"]
    assert [(m.code, "B" in m.message) for m in clipped] == [("A", True)]
    assert validate(result, communities) == []
    assert square_metres(of_code(result, "B").difference(of_code(communities, "T"))) < 1e-3
    assert stable(result, communities)


def test_clipping_can_be_left_out():
    grids = draw("AABB\nAABB")
    community = changed(draw("SSSS\nSSSS"), "S", lambda xy: narrower(xy, 4, 0.6))
    result, mends = repair(grids, community, clip=False)
    assert mends == []
    assert same_doubles(grids, result, "AB")


def test_a_grid_that_crosses_a_community_border_is_never_cut():
    grids = draw("AAAB\nAAAB")
    communities = draw("SSTT\nSSTT")
    result, mends = repair(grids, communities)
    assert mends == []
    assert same_doubles(grids, result, "AB")
    far = changed(draw("SSSS\nSSSS"), "S", lambda xy: narrower(xy, 4, 3.0))
    assert repair(draw("AABB\nAABB"), far)[1] == []


def test_a_community_left_out_by_less_than_the_tolerance_is_filled():
    grids = changed(draw("AABB\nAABB"), "B", lambda xy: narrower(xy, 4, 0.6))
    result, mends = repair(grids, draw("SSSS\nSSSS"))
    assert [(m.kind, m.code) for m in mends] == [("closed-gap", "B")]
    assert validate(result, draw("SSSS\nSSSS")) == []
    assert stable(result, draw("SSSS\nSSSS"))


def test_a_thin_grid_under_a_narrow_overlap_is_not_swallowed():
    grids = draw("AABB\nAABB")
    thin = shapely.box(*corner(1, 0), corner(1, 0)[0] + 0.5 / METRES[0], corner(1, 2)[1])
    grids = gpd.GeoDataFrame(
        {"code": ["A", "B", "C"], "row": [1, 2, 3]}, geometry=[*grids.geometry, thin], crs="EPSG:4326"
    )
    result, mends = repair(grids, draw("SSSS\nSSSS"))
    assert square_metres(of_code(result, "C")) == pytest.approx(square_metres(thin), rel=1e-3)
    assert not result.geometry.is_empty.any()
    assert [m.code for m in mends if m.kind == "removed-overlap"] == ["A"]


LATTICE = "\n".join("".join(chr(ord("A") + 5 * y + x) for x in range(5)) for y in range(5))
SURROUNDS = "\n".join("S" * 5 for _ in range(5))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_small_damage_to_a_tiling_is_always_mended(data):
    sound = draw(LATTICE)
    damaged = sound
    for _ in range(data.draw(st.integers(1, 4))):
        code = data.draw(st.sampled_from(sound["code"].tolist()))
        shape = of_code(damaged, code)
        ring = shapely.get_coordinates(shape)[:-1]
        at = data.draw(st.integers(0, len(ring) - 1))
        if data.draw(st.booleans()) and len(ring) > 3:
            ring = np.delete(ring, at, axis=0) if _is_straight(ring, at) else ring
        else:
            metres = data.draw(st.tuples(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6)))
            ring = ring.copy()
            ring[at] += np.array(metres) / METRES
        damaged = with_shape(damaged, code, shapely.Polygon(ring))
    result, _ = repair(damaged, nothing(), clip=False)
    shapes = result.geometry.to_numpy()
    assert result["code"].tolist() == sound["code"].tolist()
    assert shapely.is_valid(shapes).all()
    assert errors(validate(result, nothing())) == []
    assert shapely.coverage_is_valid(shapes)
    before, after = (square_metres(shapely.union_all(x.geometry.to_numpy())) for x in (sound, result))
    assert after == pytest.approx(before, abs=500 * METRES[0] * CELL * 0.01)
    again, mends = repair(result, nothing(), clip=False)
    assert mends == []
    assert (again.geometry.to_numpy() == shapes).all()


def _is_straight(ring: np.ndarray, at: int) -> bool:
    before, here, after = ring[at - 1], ring[at], ring[(at + 1) % len(ring)]
    (ax, ay), (bx, by) = here - before, after - here
    return abs(ax * by - ay * bx) < (CELL * 1e-3) ** 2


def test_the_origin_of_the_drawings_is_exact():
    assert corner(3, 1)[0] - ORIGIN[0] == 3 * CELL
