"""Where records lie, and what looks as if it lay elsewhere."""

import numpy as np
import pytest
import shapely

from geodata.crs import BD09, GCJ02, WGS84, from_wgs84, parse_crs
from geodata.intake.kinds import KINDS
from geodata.intake.places import LISTED_ROWS, place_records
from geodata.intake.rows import Records
from geodata.intake.shifted import NO_COMMUNITIES, shifted_findings
from tests.support import draw, nothing

STATIONS, GRIDS = KINDS["stations"], KINDS["grids"]


def records(count, **fields):
    codes = {"code": [f"c{at}" for at in range(count)]}
    return Records(np.arange(2, count + 2), {**codes, **fields}, None, np.ones(count, dtype=bool))


def stations(lons, lats):
    return records(len(lons), lon=list(lons), lat=list(lats))


def kinds(findings):
    return [(finding.severity, finding.kind, finding.row) for finding in findings]


def test_points_come_from_two_columns():
    placed, findings = place_records(STATIONS, stations([117.0], [36.5]), None, WGS84)
    assert findings == []
    assert (placed.fields["lon"], placed.fields["lat"]) == ([117.0], [36.5])
    assert placed.geometry[0] == shapely.Point(117, 36.5)


def test_a_datum_is_taken_out():
    xs, ys = from_wgs84(np.array([117.0]), np.array([36.5]), BD09)
    placed, _ = place_records(STATIONS, stations(xs, ys), None, BD09)
    assert placed.fields["lon"][0] == pytest.approx(117.0, abs=1e-8)


def test_a_gauss_kruger_zone_is_taken_out():
    crs = parse_crs("EPSG:4547")
    xs, ys = from_wgs84(np.array([114.2]), np.array([36.5]), crs)
    placed, findings = place_records(STATIONS, stations(xs, ys), None, crs)
    assert findings == []
    assert placed.fields["lon"][0] == pytest.approx(114.2, abs=1e-8)


def test_degrees_of_no_datum_are_taken_as_wgs84_and_that_is_said():
    _, findings = place_records(STATIONS, stations([117.0], [36.5]), None, None)
    assert kinds(findings) == [("warning", "assumed-crs", None)]


def test_metres_of_no_datum_are_not_guessed():
    placed, findings = place_records(STATIONS, stations([500000.0], [4000000.0]), None, None)
    assert placed is None
    assert kinds(findings) == [("error", "unknown-crs", None)]


def test_one_row_off_the_earth_does_not_make_degrees_of_no_datum_doubtful():
    placed, findings = place_records(STATIONS, stations([999.0, 117.0], [36.5, 36.5]), None, None)
    assert kinds(findings) == [("warning", "assumed-crs", None), ("error", "invalid-coordinate", 2)]
    assert placed.geometry[1].x == 117.0
    _, findings = place_records(
        STATIONS, stations([500000.0, 117.0, 500001.0], [4000000.0, 36.5, 4000001.0]), None, None
    )
    assert "(500000, 4000000)" in findings[0].message


def test_exchanged_axes_are_named_for_points_and_polygons():
    placed, findings = place_records(STATIONS, stations([36.5, 117.0], [117.0, 36.5]), None, WGS84)
    assert kinds(findings) == [("error", "swapped-axes", 2)]
    assert placed.sound.tolist() == [False, True]
    swapped = shapely.transform(draw("AB").geometry.to_numpy(), lambda xy: xy[:, ::-1])
    _, findings = place_records(GRIDS, records(2), list(swapped), WGS84)
    assert kinds(findings) == [("error", "swapped-axes", 2), ("error", "swapped-axes", 3)]


def test_exchanged_axes_west_of_90_degrees_are_named_too():
    _, findings = place_records(STATIONS, stations([43.8], [87.6]), None, WGS84)
    assert kinds(findings) == [("error", "swapped-axes", 2)]


def test_northings_before_eastings_are_named_too():
    crs = parse_crs("EPSG:4547")
    (x,), (y,) = from_wgs84([114.2], [36.5], crs)
    _, findings = place_records(STATIONS, stations([y, x], [x, y]), None, crs)
    assert kinds(findings) == [("error", "swapped-axes", 2)]


def test_a_zone_number_in_front_of_the_easting_is_named():
    crs = parse_crs("EPSG:4547")
    (x,), (y,) = from_wgs84([114.2], [36.5], crs)
    _, findings = place_records(STATIONS, stations([38_000_000 + x], [y]), None, crs)
    assert "EPSG:4526" in findings[0].message


def test_columns_that_the_user_names_win_over_the_geometry_of_the_file():
    placed, _ = place_records(STATIONS, stations([117.0], [36.5]), [shapely.Point(0, 0)], WGS84)
    assert placed.fields["lon"] == [117.0]


def test_a_place_off_the_earth_is_an_error():
    placed, findings = place_records(STATIONS, stations([999.0, 117.0], [36.5, 36.5]), None, WGS84)
    assert kinds(findings) == [("error", "invalid-coordinate", 2)]
    assert placed.geometry[0] is None


def test_a_row_without_a_place_is_an_error():
    _, findings = place_records(KINDS["places"], stations([None, 117.0], [36.5, None]), None, WGS84)
    assert kinds(findings) == [("error", "missing-value", 2), ("error", "missing-value", 3)]


def test_a_polygon_is_no_station():
    _, findings = place_records(STATIONS, records(2), [draw("A").geometry[0], shapely.Point(117, 36)], WGS84)
    assert kinds(findings) == [("error", "not-a-point", 2)]


def test_shapes_may_be_well_known_text():
    wkt = ["POLYGON ((117 36, 117.1 36, 117.1 36.1, 117 36))", "POLYGON ((117 36", None]
    placed, findings = place_records(GRIDS, records(3, wkt=wkt), None, WGS84)
    assert placed.geometry[0].geom_type == "Polygon"
    assert kinds(findings) == [("error", "unreadable-shape", 3)]


def test_heights_are_dropped():
    placed, _ = place_records(GRIDS, records(1), [shapely.force_3d(draw("A").geometry[0], 5.0)], WGS84)
    assert not placed.geometry[0].has_z


def test_the_same_fault_in_many_rows_is_listed_in_part_and_counted():
    count = LISTED_ROWS + 7
    _, findings = place_records(STATIONS, stations([36.5] * count, [117.0] * count), None, WGS84)
    assert len(findings) == LISTED_ROWS + 1
    assert findings[-1].facts["rows"] == 7


PICTURE = """
    AABBCC
    AABBCC
    AABBCC
"""


def shifted(shapes, crs):
    return [
        shapely.transform(shape, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], crs))) for shape in shapes
    ]


@pytest.mark.parametrize("crs", [GCJ02, BD09])
def test_polygons_in_a_shifted_datum_are_noticed_by_their_communities(crs):
    grids = draw(PICTURE)
    placed, _ = place_records(GRIDS, records(3), shifted(grids.geometry, crs), WGS84)
    (finding,) = shifted_findings(placed, {}, grids)
    assert (finding.severity, finding.kind, finding.facts["fits"]) == ("warning", "looks-shifted", crs.name)
    assert f"--crs {crs.name}" in finding.message


def test_a_datum_told_by_mistake_is_noticed_too():
    grids = draw(PICTURE)
    placed, _ = place_records(GRIDS, records(3), list(grids.geometry), GCJ02)
    (finding,) = shifted_findings(placed, {}, grids)
    assert finding.facts == {"told": "GCJ-02", "fits": "EPSG:4326"}


def test_polygons_that_fit_are_not_suspected():
    grids = draw(PICTURE)
    placed, _ = place_records(GRIDS, records(3), list(grids.geometry), WGS84)
    assert shifted_findings(placed, {}, grids) == []
    assert shifted_findings(placed, {}, nothing()) == []


def test_polygons_of_another_city_are_not_suspected():
    grids = draw(PICTURE)
    placed, _ = place_records(GRIDS, records(3), list(grids.geometry), WGS84)
    assert shifted_findings(placed, {}, draw(PICTURE, origin=(104.0, 30.5))) == []


def test_points_are_compared_with_where_their_codes_were():
    lons, lats = np.array([117.0, 117.1, 117.2]), np.array([36.5, 36.6, 36.7])
    before = {f"c{at}": shapely.to_wkb(shapely.Point(lons[at], lats[at])) for at in range(3)}
    xs, ys = from_wgs84(lons, lats, GCJ02)
    placed, _ = place_records(STATIONS, stations(xs, ys), None, WGS84)
    assert [finding.facts["fits"] for finding in shifted_findings(placed, before, NO_COMMUNITIES)] == ["GCJ-02"]
    placed, _ = place_records(STATIONS, stations(lons + 0.005, lats), None, WGS84)
    assert shifted_findings(placed, before, NO_COMMUNITIES) == []
