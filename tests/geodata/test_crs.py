import contextlib
import json
import math
import warnings
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata import crs
from geodata.crs import BD09, CGCS2000, GCJ02, WGS84, LocalMetres, parse_crs
from geodata.datums import EAST, NORTH, SOUTH, WEST
from geodata.errors import CoordinateError, CrsError
from geodata.zones import fitting_code

MILLIMETRE = 1e-3 / 111_320
SHIFTED = pytest.mark.parametrize("shifted", [GCJ02, BD09], ids=str)


def box_grid(west, south, step, columns, rows):
    """Squares of `step` degrees, row by row from the south-west."""
    x, y = np.meshgrid(west + step * np.arange(columns), south + step * np.arange(rows))
    return shapely.box(x.ravel(), y.ravel(), x.ravel() + step, y.ravel() + step)


class TestNames:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("EPSG:4326", "EPSG:4326"),
            (" epsg:4326 ", "EPSG:4326"),
            ("4326", "EPSG:4326"),
            (4490, "EPSG:4490"),
            ("ＥＰＳＧ：４４９０", "EPSG:4490"),
            ("WGS 84", "EPSG:4326"),
            ("wgs-84", "EPSG:4326"),
            ("CGCS2000", "EPSG:4490"),
            ("OGC:CRS84", "EPSG:4326"),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
            ("urn:ogc:def:crs:EPSG::4547", "EPSG:4547"),
            ("urn:ogc:def:crs:EPSG:9.8.1:4547", "EPSG:4547"),
            ("EPSG:3857", "EPSG:3857"),
            ("gcj02", "GCJ-02"),
            ("GCJ-02", "GCJ-02"),
            ("gcj_02", "GCJ-02"),
            ("bd09", "BD-09"),
            ("BD-09", "BD-09"),
            ("bd09ll", "BD-09"),
        ],
    )
    def test_a_short_name_is_understood_however_it_is_written(self, text, name):
        assert parse_crs(text).name == name

    def test_two_spellings_are_one_system(self):
        assert parse_crs("4326") == WGS84
        assert parse_crs("cgcs 2000") == parse_crs("EPSG:4490") == CGCS2000

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "EPSG:",
            "EPSG:0001",
            "EPSG:999999",
            "EPSG:4978",  # geocentric
            "EPSG:5701",  # heights alone
            "-4326",
            "4326.0",
            "mars",
            "火星",
            "+proj=longlat",
            "+init=epsg:4326",
            "+proj=pipeline +step +proj=hgridshift +grids=/etc/passwd",
            "/etc/passwd",
            "file:///etc/passwd",
            "https://example.org/crs.prj",
            "EPSG:4326+5701",
            "EPSG:4326\x00",
            "\ud800",
            True,
            'GEOGCS["WGS 84"]',
            "EPSG:4326" + " " * 10_000_000 + "x",
            "GEOGCS[" * 1_000_000,
        ],
        ids=lambda text: repr(text)[:30],
    )
    def test_anything_else_is_refused_with_the_accepted_forms(self, text):
        with pytest.raises(CrsError) as caught:
            parse_crs(text)
        assert "EPSG:4490" in caught.value.detail
        assert "GCJ-02" in caught.value.detail_zh
        assert len(caught.value.detail) < 300
        caught.value.detail.encode()

    @given(st.text(max_size=80))
    def test_no_text_makes_it_fail_otherwise(self, text):
        with contextlib.suppress(CrsError):
            assert parse_crs(text).name

    def test_the_definition_in_a_file_is_known_by_its_code(self):
        assert crs.crs_from_wkt(pyproj.CRS.from_epsg(4326).to_wkt()) == WGS84
        assert crs.crs_from_wkt(pyproj.CRS.from_epsg(4490).to_wkt("WKT1_ESRI")) == CGCS2000
        assert crs.crs_from_wkt(pyproj.CRS.from_epsg(4547).to_wkt("WKT1_ESRI")).name == "EPSG:4547"

    def test_a_city_plan_of_its_own_is_taken_from_the_file(self):
        own = pyproj.CRS.from_proj4("+proj=tmerc +lon_0=117.1 +lat_0=0 +x_0=50000 +y_0=-4000000 +ellps=GRS80 +units=m")
        found = crs.crs_from_wkt(own.to_wkt())
        assert found.kind == "wkt"
        lon, lat = crs.point_to_wgs84(50_000.0, 60_000.0, found)
        assert lon == pytest.approx(117.1)
        assert 36 < lat < 37

    @pytest.mark.parametrize(
        "wkt",
        [
            'PROJCS["x",EXTENSION["PROJ4","+proj=merc +nadgrids=/etc/passwd"]]',
            'BOUNDCRS[SOURCECRS[GEOGCRS["x"]],ABRIDGEDTRANSFORMATION["y",PARAMETERFILE["f","/etc/passwd"]]]',
            "GEOGCS[" * 10_000,
            "PROJCS[" * 500,
            'VERT_CS["x",VERT_DATUM["y",2005],UNIT["metre",1]]',
            "/etc/passwd",
        ],
        ids=lambda text: text[:25],
    )
    def test_a_definition_that_names_files_or_makes_no_sense_is_refused(self, wkt):
        with pytest.raises(CrsError):
            crs.crs_from_wkt(wkt)


class TestOnePoint:
    @pytest.mark.parametrize(
        ("lon", "lat"),
        [(181, 0), (0, 91), (999, 36), (math.nan, 1), (1, math.inf), ("x", 1), (None, 1), (10**400, 1), (1j, 1)],
        ids=repr,
    )
    def test_a_point_off_the_earth_is_refused(self, lon, lat):
        with pytest.raises(CoordinateError):
            crs.checked_point(lon, lat)

    def test_a_point_on_the_rim_of_the_world_is_kept(self):
        assert crs.checked_point(-180, 90) == (-180.0, 90.0)
        assert crs.checked_point("117.5", np.float32(36.5)) == (117.5, 36.5)

    def test_exchanged_axes_are_named(self):
        with pytest.raises(CoordinateError, match="exchanged") as caught:
            crs.checked_point(36.65, 117.0)
        assert "经度在前" in caught.value.detail_zh

    def test_every_bit_of_wgs84_and_cgcs2000_is_kept(self):
        for system in (WGS84, CGCS2000):
            assert crs.point_to_wgs84(117.00000000000001, 36.650000000000006, system) == (
                117.00000000000001,
                36.650000000000006,
            )

    def test_a_single_point_moves_like_an_array(self):
        lons, lats = np.linspace(112, 116, 997), np.linspace(18, 53, 997)[::-1]
        for system in (GCJ02, BD09, parse_crs(4547)):
            xs, ys = crs.from_wgs84(lons, lats, system)
            back = np.column_stack(crs.to_wgs84(xs, ys, system))
            one_by_one = [crs.point_to_wgs84(x, y, system) for x, y in zip(xs, ys, strict=True)]
            assert np.array_equal(back, one_by_one)

    @pytest.mark.parametrize("system", ["EPSG:4547", "EPSG:3857", "EPSG:4490", "GCJ-02"])
    @pytest.mark.parametrize("x", [math.nan, math.inf, 1e300, 1e8, "x", None])
    def test_no_number_is_refused_in_any_system(self, system, x):
        with pytest.raises(CoordinateError):
            crs.point_to_wgs84(x, 36.0, parse_crs(system))


class TestShiftedDatums:
    @SHIFTED
    def test_there_and_back_is_exact_to_a_millimetre_all_over_china(self, shifted):
        random = np.random.default_rng(1)
        lons, lats = random.uniform(WEST, EAST, 100_000), random.uniform(SOUTH, NORTH, 100_000)
        self.assert_there_and_back(lons, lats, shifted)

    @SHIFTED
    def test_there_and_back_is_exact_on_the_edges_and_corners_of_the_box(self, shifted):
        along = np.linspace(0, 1, 5_001)
        lons, lats = WEST + along * (EAST - WEST), SOUTH + along * (NORTH - SOUTH)
        for edge in (WEST, EAST):
            self.assert_there_and_back(np.full(lats.size, edge), lats, shifted)
        for edge in (SOUTH, NORTH):
            self.assert_there_and_back(lons, np.full(lons.size, edge), shifted)

    @SHIFTED
    def test_there_and_back_is_exact_where_the_formula_has_a_kink(self, shifted):
        lons = 105 + np.linspace(-1e-7, 1e-7, 2_001)
        self.assert_there_and_back(lons, np.linspace(20, 45, 2_001), shifted)

    @staticmethod
    def assert_there_and_back(lons, lats, shifted):
        back_lons, back_lats = crs.to_wgs84(*crs.from_wgs84(lons, lats, shifted), shifted)
        assert np.abs(back_lons - lons).max() < MILLIMETRE / 100
        assert np.abs(back_lats - lats).max() < MILLIMETRE / 100

    @SHIFTED
    def test_outside_china_nothing_moves(self, shifted):
        places = np.array([[139.69, 35.69], [-0.13, 51.5], [151.2, -33.9], [71.9, 30.0], [180, 90], [-180, -90]])
        for move in (crs.to_wgs84, crs.from_wgs84):
            assert np.array_equal(np.column_stack(move(places[:, 0], places[:, 1], shifted)), places)

    @SHIFTED
    def test_inside_china_everything_moves_by_hundreds_of_metres(self, shifted):
        lons, lats = np.meshgrid(np.linspace(75, 134, 60), np.linspace(18, 53, 60))
        xs, ys = crs.from_wgs84(lons, lats, shifted)
        metres = np.hypot((xs - lons) * 111_320 * np.cos(np.radians(lats)), (ys - lats) * 111_320)
        assert metres.min() > 20
        assert metres.max() < 1_700

    @SHIFTED
    def test_a_coordinate_moves_alike_in_whatever_array_it_stands(self, shifted):
        random = np.random.default_rng(2)
        lons, lats = random.uniform(WEST, EAST, 1_003), random.uniform(SOUTH, NORTH, 1_003)
        whole = np.column_stack(crs.to_wgs84(lons, lats, shifted))
        for part in (slice(1, None), slice(None, None, 3), slice(7, 8)):
            assert np.array_equal(np.column_stack(crs.to_wgs84(lons[part], lats[part], shifted)), whole[part])

    @SHIFTED
    def test_what_is_no_place_becomes_nan_without_a_warning(self, shifted):
        xs = np.array([np.nan, np.inf, 1e308, 117.0, 117.0])
        ys = np.array([36.0, 36.0, 1e308, 91.0, 36.0])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for move in (crs.to_wgs84, crs.from_wgs84):
                lons, lats = move(xs, ys, shifted)
                assert np.isnan(lons).tolist() == np.isnan(lats).tolist() == [True, True, True, True, False]

    @given(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))
    def test_any_point_of_china_comes_back(self, lon, lat):
        for shifted in (GCJ02, BD09):
            x, y = crs.from_wgs84([lon], [lat], shifted)
            assert crs.point_to_wgs84(x[0], y[0], shifted) == pytest.approx((lon, lat), abs=MILLIMETRE / 100)

    @pytest.mark.real_data
    def test_independent_city_points_agree_within_a_hundred_thousandth_of_a_degree(self, shared_data):
        rows = json.loads((Path(shared_data) / "coords" / "china-cities.json").read_text(encoding="utf-8"))
        assert len(rows) == 664
        columns = {"GCJ-02": "GCJ02", "BD-09": "BD09", "EPSG:3857": "EPSG3857"}
        true = np.array([row["coords"]["WGS84"] for row in rows])
        for name, column in columns.items():
            given_points = np.array([row["coords"][column] for row in rows])
            found = np.column_stack(crs.to_wgs84(given_points[:, 0], given_points[:, 1], parse_crs(name)))
            assert np.abs(found - true).max() < 1e-5, name


class TestProjectedSystems:
    @pytest.mark.parametrize(
        ("code", "x"),
        [(4547, 512_345.0), (4526, 38_512_345.0), (4509, 242_000.0), (2384, 512_345.0)],
    )
    def test_gauss_krueger_eastings_come_first(self, code, x):
        lon, lat = crs.point_to_wgs84(x, 4_057_000.0, parse_crs(code))
        assert 113 < lon < 118
        assert 36 < lat < 37

    def test_the_zone_number_in_the_easting_changes_nothing_but_the_code(self):
        with_zone = crs.point_to_wgs84(38_512_345.0, 4_057_000.0, parse_crs(4526))
        without = crs.point_to_wgs84(512_345.0, 4_057_000.0, parse_crs(4547))
        assert with_zone == pytest.approx(without, abs=1e-12)

    @pytest.mark.parametrize(
        ("x", "given_code", "fitting"),
        [
            (38_512_345.0, 4547, "EPSG:4526"),
            (512_345.0, 4526, "EPSG:4547"),
            (39_512_345.0, 4526, "EPSG:4527"),
            (20_512_345.0, 4509, "EPSG:4498"),
            (38_512_345.0, 2384, "EPSG:2362"),
        ],
    )
    def test_an_easting_of_another_zone_is_refused_and_the_fitting_system_named(self, x, given_code, fitting):
        with pytest.raises(CoordinateError, match=fitting) as caught:
            crs.point_to_wgs84(x, 4_057_000.0, parse_crs(given_code))
        assert caught.value.facts["fitting"] == fitting
        assert pyproj.CRS(fitting).name.split("/")[0] == pyproj.CRS(given_code).name.split("/")[0]

    def test_only_the_zoned_systems_of_china_have_a_fitting_zone(self):
        assert fitting_code(38_512_345.0, 3857) is None
        assert fitting_code(512_345.0, 4547) is None
        assert fitting_code(99_512_345.0, 4547) is None
        assert fitting_code(math.nan, 4547) is None

    def test_there_and_back_is_exact(self):
        lons, lats = np.array([113.0, 114.2, 115.0]), np.array([30.0, 36.6, 40.0])
        for code in (4547, 4526, 3857, 32650, 4490, 4979):
            back = crs.to_wgs84(*crs.from_wgs84(lons, lats, parse_crs(code)), parse_crs(code))
            assert np.allclose(back, (lons, lats), rtol=0, atol=1e-9), code

    def test_what_the_system_does_not_reach_becomes_nan(self):
        xs, ys = crs.to_wgs84([512_345.0, 38_512_345.0, np.nan], [4e6, 4e6, 4e6], parse_crs(4547))
        assert np.isnan(xs).tolist() == np.isnan(ys).tolist() == [False, True, True]

    def test_heights_of_a_compound_system_are_left_aside(self):
        lon, lat = crs.point_to_wgs84(500_000.0, 5_500_000.0, parse_crs(5555))
        assert (round(lon), round(lat)) == (9, 50)


class TestGeometries:
    def test_heights_and_measures_are_dropped(self):
        given_shapes = [
            shapely.from_wkt("POLYGON Z ((0 0 5, 1 0 5, 0 1 5, 0 0 5))"),
            shapely.from_wkt("POINT M (1 2 3)"),
        ]
        for system in (WGS84, CGCS2000, GCJ02):
            moved = crs.geometries_to_wgs84(given_shapes, system)
            assert not shapely.has_z(moved).any()
            assert not shapely.has_m(moved).any()

    def test_missing_and_empty_geometries_stay_so(self):
        for system in (WGS84, BD09):
            moved = crs.geometries_to_wgs84([None, shapely.Polygon(), shapely.Point(117, 36)], system)
            assert moved[0] is None
            assert moved[1].is_empty
            assert not moved[2].is_empty

    @pytest.mark.parametrize("system", [WGS84, GCJ02, parse_crs(4547)], ids=str)
    def test_a_geometry_with_a_vertex_off_the_earth_becomes_none(self, system):
        off = shapely.LineString([(117, 36), (1e9, 36)])
        moved = crs.geometries_to_wgs84([off, None], system)
        assert moved.tolist() == [None, None]

    def test_the_input_is_left_as_it_is(self):
        shapes = np.array([shapely.Point(117, 36), shapely.Point(999, 0)], dtype=object)
        crs.geometries_to_wgs84(shapes, WGS84)
        assert shapes[1] is not None

    @SHIFTED
    def test_a_shared_border_stays_shared(self, shifted):
        moved = crs.geometries_to_wgs84(box_grid(117, 36.6, 0.003, 7, 5), shifted)
        assert shapely.coverage_is_valid(moved)
        assert shapely.is_valid(moved).all()


class TestMetres:
    @pytest.mark.parametrize("lat", [0.0, 22.5, 36.65, 53.0, 89.0, -45.0])
    def test_a_degree_measures_what_the_geodesic_says(self, lat):
        geod = pyproj.Geod(ellps="WGS84")
        per_lon, per_lat = crs.metres_per_degree(lat)
        assert per_lon == pytest.approx(geod.inv(10, lat, 10 + 1e-5, lat)[2] * 1e5, rel=1e-6)
        assert per_lat == pytest.approx(geod.inv(10, lat - 5e-6, 10, lat + 5e-6)[2] * 1e5, rel=1e-6)

    def test_a_degree_of_longitude_vanishes_at_the_pole(self):
        assert crs.metres_per_degree(90.0)[0] == pytest.approx(0, abs=1e-9)

    def test_lengths_are_true_within_a_ten_thousandth_over_a_province(self):
        plane, geod = LocalMetres(115, 35), pyproj.Geod(ellps="WGS84")
        random = np.random.default_rng(3)
        lons, lats, _ = geod.fwd(
            np.full(2_000, 115.0),
            np.full(2_000, 35.0),
            random.uniform(0, 360, 2_000),
            random.uniform(0, 217_000, 2_000),
        )
        ends = geod.fwd(lons, lats, random.uniform(0, 360, 2_000), np.full(2_000, 1_000.0))
        lines = plane.forward(
            shapely.linestrings(np.stack([np.column_stack([lons, lats]), np.column_stack(ends[:2])], 1))
        )
        assert np.abs(shapely.length(lines) / 1_000 - 1).max() < 1e-4

    def test_the_centre_is_the_origin_and_north_is_up(self):
        plane = LocalMetres(117, 36)
        assert shapely.get_coordinates(plane.forward(shapely.Point(117, 36))).tolist() == [[0, 0]]
        north = plane.forward(shapely.Point(117, 36.001))
        assert north.x == pytest.approx(0, abs=1e-6)
        assert north.y > 100

    def test_there_and_back_moves_nothing_visibly(self):
        shapes = box_grid(114, 34, 0.1, 20, 20)
        plane = LocalMetres(115, 35)
        back = plane.inverse(plane.forward(shapes))
        moved = np.abs(shapely.get_coordinates(back) - shapely.get_coordinates(shapes)).max()
        assert moved < 1e-7 / 111_320

    def test_missing_and_empty_geometries_stay_so(self):
        forward = LocalMetres(117, 36).forward(np.array([None, shapely.Polygon()], dtype=object))
        assert forward[0] is None
        assert forward[1].is_empty

    def test_a_centre_off_the_earth_is_refused(self):
        with pytest.raises(CoordinateError):
            LocalMetres(117, 136)
