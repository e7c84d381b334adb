import contextlib
import datetime
import shutil
import sqlite3
import struct
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import FileError
from geodata.exchange import Limits, is_damaged, read_table

SQUARE = shapely.box(117, 36, 117.01, 36.01)


def noted(table):
    return [(note.kind, note.severity, note.row) for note in table.notes]


@pytest.fixture
def path(tmp_path):
    """A GeoPackage with one layer of two squares."""
    path = tmp_path / "g.gpkg"
    pyogrio.write_dataframe(
        gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[SQUARE, SQUARE], crs=4326), path, layer="grid"
    )
    return path


@contextlib.contextmanager
def changing(path):
    """Connection that can do to the file whatever a hostile author can."""
    database = sqlite3.connect(path)
    for name in [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
        database.execute(f'DROP TRIGGER "{name}"')
    database.execute("PRAGMA writable_schema = ON")
    with contextlib.closing(database):
        yield database
        database.commit()


def blob(wkb):
    return b"GP\x00\x01" + struct.pack("<i", 4326) + wkb


def with_shapes(path, *blobs):
    with changing(path) as database:
        database.executemany(
            "UPDATE grid SET geom = ? WHERE fid = ?", [(content, n) for n, content in enumerate(blobs, 1)]
        )
    return read_table(path)


class TestLayers:
    @pytest.fixture
    def several(self, path):
        pyogrio.write_dataframe(
            gpd.GeoDataFrame({"x": [1]}, geometry=[SQUARE], crs=4490), path, layer="社区", append=True
        )
        pyogrio.write_dataframe(pd.DataFrame({"y": ["a"]}), path, layer="plain", append=True)
        return path

    def test_the_first_filled_layer_is_read_and_the_others_named(self, several):
        table = read_table(several)
        assert (table.sheet, table.sheets) == ("grid", ("grid", "社区", "plain"))
        assert table.notes[0].facts["sheets"] == ["社区", "plain"]

    @pytest.mark.parametrize(
        ("wanted", "name"), [("社区", "社区"), (2, "社区"), ("1", "grid"), ("GRID", "grid"), ("plain", "plain")]
    )
    def test_a_layer_is_chosen_by_name_or_number(self, several, wanted, name):
        table = read_table(several, source_layer=wanted)
        assert table.sheet == name
        assert not table.notes

    def test_a_table_without_shapes_is_a_plain_frame(self, several):
        table = read_table(several, source_layer="plain")
        assert not isinstance(table.frame, gpd.GeoDataFrame)
        assert table.crs is None
        assert table.frame.to_dict("records") == [{"y": "a"}]

    @pytest.mark.parametrize("wanted", ["none", "sqlite_master", "gpkg_contents", 'grid"; DROP TABLE grid; --', 0, 9])
    def test_a_layer_that_is_not_there_is_answered_with_those_that_are(self, several, wanted):
        with pytest.raises(FileError, match="社区"):
            read_table(several, source_layer=wanted)

    def test_each_layer_has_its_own_system(self, several):
        assert read_table(several, source_layer="社区").crs.name == "EPSG:4490"

    def test_a_layer_without_rows_is_passed_over(self, tmp_path):
        path = tmp_path / "e.gpkg"
        pyogrio.write_dataframe(gpd.GeoDataFrame({"a": []}, geometry=[], crs=4326), path, layer="empty")
        assert len(read_table(path).frame) == 0
        pyogrio.write_dataframe(
            gpd.GeoDataFrame({"a": [1]}, geometry=[SQUARE], crs=4326), path, layer="full", append=True
        )
        table = read_table(path)
        assert table.sheet == "full"
        assert not table.notes

    def test_a_system_without_a_code_is_read_from_its_definition(self, tmp_path):
        path = tmp_path / "own.gpkg"
        own = "+proj=tmerc +lat_0=0 +lon_0=117.1 +k=1 +x_0=50000 +y_0=-4000000 +ellps=GRS80 +units=m"
        pyogrio.write_dataframe(gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(5e4, 6e4)], crs=own), path)
        assert read_table(path).crs.kind == "wkt"

    @pytest.mark.parametrize("srs", [0, -1, 77])
    def test_a_layer_without_system_says_so(self, path, srs):
        with changing(path) as database:
            database.execute("UPDATE gpkg_geometry_columns SET srs_id = ?", (srs,))
        assert read_table(path).crs is None


class TestCells:
    def test_each_kind_of_cell_is_its_plain_value(self, path):
        with changing(path) as database:
            for name, kind in (
                ("n", "INTEGER"),
                ("r", "REAL"),
                ("b", "BOOLEAN"),
                ("d", "DATE"),
                ("t", "DATETIME"),
                ("raw", "BLOB"),
            ):
                database.execute(f'ALTER TABLE grid ADD COLUMN "{name}" {kind}')
            database.execute(
                "UPDATE grid SET n = 370102001001001001, r = 2.0, b = 1, d = '2024-05-01', t = '2024-05-01T08:30:00Z',"
                " raw = x'00ff' WHERE fid = 1"
            )
            database.execute("UPDATE grid SET r = 3.7e17, b = 0, d = 'May' WHERE fid = 2")
        table = read_table(path)
        first, second = table.frame.drop(columns=["code", "geometry"]).to_numpy().tolist()
        zulu = datetime.datetime(2024, 5, 1, 8, 30, tzinfo=datetime.UTC)
        assert first == [370102001001001001, 2, True, datetime.datetime(2024, 5, 1), zulu, None]
        assert [type(cell) for cell in first[:3]] == [int, int, bool]
        assert second[0] is None
        assert is_damaged(second[1])
        assert second[2:] == [False, "May", None, None]
        assert noted(table) == [("binary-cell", "warning", 1)]

    def test_names_and_text_of_any_kind_survive(self, path):
        with changing(path) as database:
            database.execute('ALTER TABLE grid ADD COLUMN "a""b;--" TEXT')
            database.execute('UPDATE grid SET "a""b;--" = \'<b>😀</b>\' WHERE fid = 1')
            database.execute('UPDATE grid SET "a""b;--" = CAST(x\'41ff42\' AS TEXT) WHERE fid = 2')
        table = read_table(path)
        assert table.frame['a"b;--'].tolist() == ["<b>😀</b>", "A�B"]
        assert noted(table) == [("unstorable-text", "error", 2)]

    def test_the_key_is_left_out_only_where_it_is_a_mere_count(self, path):
        assert list(read_table(path).frame.columns) == ["code", "geometry"]
        with changing(path) as database:
            database.execute("ALTER TABLE grid RENAME COLUMN fid TO grid_code")
        assert list(read_table(path).frame.columns) == ["grid_code", "code", "geometry"]


class TestShapes:
    def test_heights_are_dropped(self, tmp_path):
        path = tmp_path / "z.gpkg"
        pyogrio.write_dataframe(gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.force_3d(SQUARE, 5)], crs=4326), path)
        shape = read_table(path).frame.geometry[0]
        assert shape == SQUARE

    @pytest.mark.parametrize("order", [0, 1])
    def test_shapes_of_many_parts_come_back(self, path, order):
        rings = [shapely.box(n, 0, n + 0.9, 1).difference(shapely.box(n + 0.2, 0.2, n + 0.4, 0.4)) for n in range(9)]
        many = shapely.multipolygons(rings)
        mixed = shapely.from_wkt(
            "GEOMETRYCOLLECTION (MULTILINESTRING ((0 0, 1 1), (2 2, 3 3)), MULTIPOINT ((1 2), (3 4)))"
        )
        high = [shapely.to_wkb(shapely.force_3d(shape, 1), byte_order=order, flavor="iso") for shape in (many, mixed)]
        flat = [shapely.to_wkb(shape, byte_order=order) for shape in (many, mixed)]
        extended = [shapely.to_wkb(shapely.set_srid(shape, 4326), include_srid=True) for shape in (many, mixed)]
        for contents in (high, flat, extended):
            table = with_shapes(path, *map(blob, contents))
            assert table.notes == ()
            assert table.frame.geometry.tolist() == [many, mixed]

    def test_missing_and_empty_shapes_stay_so(self, path):
        table = with_shapes(path, None, blob(shapely.to_wkb(shapely.Polygon())))
        assert table.frame.geometry[0] is None
        assert table.frame.geometry[1].is_empty
        assert table.notes == ()

    def test_an_open_ring_is_closed_with_a_note(self, path):
        ring = struct.pack("<BIII8d", 1, 3, 1, 4, 0, 0, 1, 0, 1, 1, 0, 1)
        table = with_shapes(path, blob(ring))
        assert noted(table) == [("unclosed-ring", "warning", 1)]
        assert table.frame.geometry[0].equals(shapely.box(0, 0, 1, 1))

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"GP",
            b"XX\x00\x01" + bytes(20),
            b"GP\x00\x0f" + bytes(80),
            b"GP\x00\x21" + bytes(20),
            "text",
            5,
            blob(b""),
            blob(b"\x01\x03"),
            blob(struct.pack("<BIII", 1, 3, 1, 2**32 - 1)),
            blob(struct.pack("<BII", 1, 3, 2**32 - 1)),
            blob(struct.pack("<BII", 1, 6, 2**32 - 1)),
            blob(struct.pack("<BIII4d", 1, 3, 1, 2, 0, 0, 1, 1)),
            blob(struct.pack("<BIII8d", 1, 3, 1, 4, 0, 0, 1, float("nan"), 1, 1, 0, 0)),
            blob(struct.pack("<BI2d", 1, 99, 0, 0)),
            blob(struct.pack("<BII", 1, 6, 1) * 50_000 + struct.pack("<BII", 1, 6, 0)),
            blob(struct.pack("<BII", 1, 7, 1) * 300_000 + struct.pack("<BII", 1, 7, 0)),
            blob(struct.pack("<BII", 1, 12, 1) * 300_000 + struct.pack("<BII", 1, 12, 0)),
            blob(struct.pack("<BII", 1, 8, 2) + struct.pack("<4d", 0, 0, 1, 1)),
            blob(struct.pack("<BII", 1, 9, 0)),
        ],
        ids=range(20),
    )
    def test_a_shape_that_cannot_be_read_is_none_with_an_error(self, path, content):
        table = with_shapes(path, content)
        assert noted(table) == [("unreadable-shape", "error", 1)]
        assert table.frame.geometry[0] is None
        assert table.frame.geometry[1].equals(SQUARE)

    @pytest.mark.parametrize("order", ["<", ">"])
    def test_curves_become_lines_close_to_the_circle_with_a_note(self, path, order):
        mark = 1 if order == "<" else 0
        half = struct.pack(f"{order}BII6d", mark, 8, 3, 2, 1, 1, 2, 0, 1)
        back = struct.pack(f"{order}BII6d", mark, 8, 3, 0, 1, 1, 0, 2, 1)
        ring = struct.pack(f"{order}BII", mark, 9, 2) + half + back
        disc = struct.pack(f"{order}BII", mark, 10, 1) + ring
        surface = struct.pack(f"{order}BII", mark, 12, 2) + disc + shapely.to_wkb(shapely.box(5, 5, 6, 6))
        table = with_shapes(path, blob(disc), blob(surface))
        assert noted(table) == [("curve-straightened", "warning", 1), ("curve-straightened", "warning", 2)]
        one, many = table.frame.geometry
        assert one.geom_type == "Polygon"
        assert one.area == pytest.approx(np.pi, rel=5e-4)
        assert shapely.hausdorff_distance(one.exterior, shapely.Point(1, 1).buffer(1, 512).exterior) < 1e-3
        assert many.geom_type == "MultiPolygon"
        assert many.area == pytest.approx(np.pi + 1, rel=5e-4)

    def test_a_full_circle_of_one_arc_is_a_disc(self, path):
        circle = struct.pack("<BII6d", 1, 8, 3, 0, 0, 2, 0, 0, 0)
        (shape, _) = with_shapes(path, blob(struct.pack("<BII", 1, 10, 1) + circle)).frame.geometry
        assert shape.area == pytest.approx(np.pi, rel=5e-4)

    def test_an_arc_shared_by_neighbours_stays_shared(self, path):
        there = struct.pack("<BII6d", 1, 8, 3, 0, 0, 0.3, 1, 0, 2)
        back = struct.pack("<BII6d", 1, 8, 3, 0, 2, 0.3, 1, 0, 0)
        left = struct.pack("<BII6d", 1, 2, 3, 0, 2, -5, 1, 0, 0)
        right = struct.pack("<BII6d", 1, 2, 3, 0, 0, 5, 1, 0, 2)
        shapes = [
            blob(struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 9, 2) + arc + line)
            for arc, line in ((there, left), (back, right))
        ]
        assert shapely.coverage_is_valid(with_shapes(path, *shapes).frame.geometry.to_numpy())

    def test_a_multisurface_that_gdal_wrote_is_read(self, path):
        surface = struct.pack("<BII", 1, 12, 1) + shapely.to_wkb(SQUARE, byte_order=1)
        table = with_shapes(path, blob(surface))
        assert table.frame.geometry[0].equals(SQUARE)


class TestHostileFiles:
    def test_a_layer_that_is_a_view_is_not_read(self, path):
        with changing(path) as database:
            database.execute("ALTER TABLE grid RENAME TO hidden")
            database.execute(
                "CREATE VIEW grid AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                " SELECT i AS fid, NULL AS geom, 'x' AS code FROM n"
            )
        begin = time.monotonic()
        with pytest.raises(FileError):
            read_table(path)
        assert time.monotonic() - begin < 10

    def test_a_column_that_computes_is_not_read(self, path):
        with changing(path) as database:
            database.execute("ALTER TABLE grid ADD COLUMN big TEXT AS (hex(randomblob(100000000)))")
        with pytest.raises(FileError):
            read_table(path)

    def test_a_virtual_table_is_no_layer(self, path):
        with changing(path) as database:
            database.execute("ALTER TABLE grid RENAME TO hidden")
            database.execute("CREATE VIRTUAL TABLE grid USING rtree(fid, a, b)")
        with pytest.raises(FileError):
            read_table(path)

    def test_reading_changes_nothing_and_runs_no_trigger(self, path):
        with changing(path) as database:
            database.execute("CREATE TRIGGER t AFTER UPDATE ON grid BEGIN DELETE FROM grid; END")
        before, names = path.read_bytes(), sorted(path.parent.iterdir())
        read_table(path)
        assert path.read_bytes() == before
        assert sorted(path.parent.iterdir()) == names

    def test_a_read_only_file_in_a_read_only_folder_is_read(self, path):
        path.chmod(0o400)
        path.parent.chmod(0o500)
        try:
            assert len(read_table(path).frame) == 2
        finally:
            path.parent.chmod(0o700)

    @pytest.mark.parametrize("tail", ["-wal", "-journal"])
    def test_a_file_that_another_program_is_writing_is_refused(self, path, tail):
        path.with_name(path.name + tail).write_bytes(b"x")
        with pytest.raises(FileError, match="another program"):
            read_table(path)

    def test_a_database_that_is_no_geopackage_is_refused(self, tmp_path):
        path = tmp_path / "plain.gpkg"
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE a (b)")
            database.commit()
        with pytest.raises(FileError, match="no GeoPackage"):
            read_table(path)

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM gpkg_contents",
            "DROP TABLE gpkg_spatial_ref_sys",
            "UPDATE gpkg_geometry_columns SET column_name = 'nothing'",
            "UPDATE gpkg_contents SET table_name = 'nothing'",
            "UPDATE gpkg_contents SET table_name = x'ff00'",
            "ALTER TABLE gpkg_contents RENAME COLUMN data_type TO x",
        ],
    )
    def test_a_damaged_catalogue_is_refused(self, path, statement):
        with changing(path) as database:
            database.execute("PRAGMA foreign_keys = OFF")
            database.execute(statement)
        with pytest.raises(FileError):
            read_table(path)

    def test_limits_hold(self, path):
        with pytest.raises(FileError, match="rows"):
            read_table(path, limits=Limits(rows=1))
        with pytest.raises(FileError, match="columns"):
            read_table(path, limits=Limits(columns=1))
        with changing(path) as database:
            database.execute("UPDATE grid SET code = hex(zeroblob(500))")
        with pytest.raises(FileError, match="Row 1"):
            read_table(path, limits=Limits(cell_characters=900))

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
    @given(st.data())
    def test_any_damage_is_a_table_or_a_file_error(self, path, data):
        broken = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 8))):
            at = data.draw(st.integers(0, len(broken) - 1))
            broken[at : at + 4] = data.draw(st.binary(min_size=1, max_size=4))
        other = path.with_name("broken.gpkg")
        other.write_bytes(broken)
        try:
            table = read_table(other)
        except FileError:
            return
        assert len(table.frame) == len(table.rows)


@pytest.mark.real_data
class TestRealFile:
    @pytest.mark.parametrize(("layer", "count"), [("small_area", 11_490), ("village", 456)])
    def test_both_layers_of_taipei_are_those_that_gdal_reads(self, shared_data, layer, count):
        source = shared_data / "taipei" / "taipei.gpkg"
        table = read_table(source, source_layer=layer)
        expected = gpd.read_file(source, layer=layer)
        assert table.frame.shape == expected.shape
        assert len(table.frame) == count
        assert table.crs.name == "EPSG:4326"
        assert table.notes == ()
        assert (table.frame.geometry.to_numpy() == shapely.force_2d(expected.geometry.to_numpy())).all()
        for name in expected.columns.drop("geometry"):
            found, there = table.frame[name], expected[name]
            assert (found.isna() == there.isna()).all()
            assert (found[found.notna()] == there[there.notna()]).all(), name

    def test_a_copy_under_another_suffix_is_refused(self, shared_data, tmp_path):
        for name in ("a.geojson", "a.shp", "a.csv", "a.xlsx", "a.zip"):
            shutil.copy(shared_data / "taipei" / "taipei.gpkg", tmp_path / name)
            with pytest.raises(FileError, match="GeoPackage"):
                read_table(tmp_path / name)
            (tmp_path / name).unlink()
