import csv
import datetime
import json
import resource

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.crs import GCJ02, from_wgs84
from geodata.errors import FileError
from geodata.exchange import CsvWriter, escaped_text, is_damaged, read_table, write_table

SQUARE = shapely.box(117, 36, 117.01, 36.01)
DANGEROUS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"]
FORMATS = pytest.mark.parametrize("suffix", ["csv", "xlsx", "gpkg", "geojson"])


def frame_of(**columns):
    return pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})


@pytest.fixture
def shapes():
    noon = datetime.datetime(2024, 5, 1, 12, 30)
    frame = frame_of(
        code=["007", None, "<b>😀𠮷"],
        n=[1, None, -3],
        r=[1.5, 2, None],
        flag=[True, None, False],
        at=[noon, None, noon],
        mixed=["a", 1, None],
    )
    return gpd.GeoDataFrame(frame, geometry=[SQUARE, None, shapely.box(1 / 3, 0.1, 2 / 3, 0.7)], crs=4326)


class TestEveryFormat:
    @FORMATS
    def test_what_is_written_comes_back(self, tmp_path, shapes, suffix):
        path = tmp_path / f"网格.{suffix}"
        write_table(shapes, path)
        table = read_table(path)
        assert table.notes == ()
        assert table.frame["code"].tolist() == ["007", None, "<b>😀𠮷"]
        numbers = ["1", None, "-3"] if suffix == "csv" else [1, None, -3]
        assert table.frame["n"].tolist() == numbers
        if suffix in ("gpkg", "geojson"):
            assert [None if shape is None else shapely.normalize(shape) for shape in table.frame.geometry] == [
                None if shape is None else shapely.normalize(shape) for shape in shapes.geometry
            ]
            assert table.crs.name == "EPSG:4326"
            assert table.frame["flag"].tolist() == [True, None, False]
        else:
            assert shapely.from_wkt(table.frame["wkt"][2]).equals(shapes.geometry[2])

    @FORMATS
    def test_an_empty_table_keeps_its_columns(self, tmp_path, shapes, suffix):
        path = tmp_path / f"empty.{suffix}"
        write_table(shapes.iloc[:0], path)
        table = read_table(path)
        assert len(table.frame) == 0
        assert suffix == "geojson" or "code" in table.frame.columns

    @FORMATS
    def test_nothing_is_left_when_writing_fails(self, tmp_path, shapes, suffix, monkeypatch):
        path = tmp_path / f"a.{suffix}"
        path.write_text("older")
        names = {"csv": "_write_csv", "xlsx": "_write_xlsx", "gpkg": "_write_geopackage", "geojson": "_write_geojson"}

        def fail(frame, unfinished):
            unfinished.write_text("half")
            raise RuntimeError("power cut")

        monkeypatch.setattr(f"geodata.exchange.write.{names[suffix]}", fail)
        with pytest.raises(RuntimeError):
            write_table(shapes, path)
        assert path.read_text() == "older"
        assert [entry.name for entry in tmp_path.iterdir()] == [path.name]

    @FORMATS
    def test_a_folder_that_is_not_there_is_a_file_error(self, tmp_path, shapes, suffix):
        with pytest.raises(FileError, match="cannot be written"):
            write_table(shapes, tmp_path / "none" / f"a.{suffix}")

    @pytest.mark.parametrize("name", ["a.shp", "a.txt", "a", ".csv"])
    def test_another_suffix_is_refused(self, tmp_path, shapes, name):
        with pytest.raises(FileError, match="written as"):
            write_table(shapes, tmp_path / name)

    @FORMATS
    def test_the_index_and_odd_columns_don_t_matter(self, tmp_path, suffix):
        frame = gpd.GeoDataFrame({"a": ["x", "y"], 7: [1, 2]}, geometry=[SQUARE, SQUARE], index=[9, 5], crs=4326)
        path = tmp_path / f"i.{suffix}"
        write_table(frame, path)
        table = read_table(path)
        assert table.frame["a"].tolist() == ["x", "y"]
        assert [str(cell) for cell in table.frame["7"]] == ["1", "2"]


class TestCsv:
    def test_it_begins_with_a_byte_order_mark_and_is_plain_csv(self, tmp_path):
        path = tmp_path / "a.csv"
        write_table(frame_of(编码=["1", 'a"b'], 名称=["甲,乙", "x\ny"]), path)
        assert path.read_bytes().startswith("\ufeff编码,名称\r\n1,".encode())
        with path.open(encoding="utf-8-sig", newline="") as stream:
            assert list(csv.reader(stream)) == [["编码", "名称"], ["1", "甲,乙"], ['a"b', "x\ny"]]

    @pytest.mark.parametrize("text", DANGEROUS, ids=repr)
    def test_own_text_that_begins_like_a_formula_is_escaped(self, tmp_path, text):
        path = tmp_path / "a.csv"
        write_table(frame_of(**{"a": [text], text: ["x"]}), path)
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header, row = list(csv.reader(stream))
        assert row[0] == "'" + text
        assert header[1] == "'" + text

    def test_numbers_are_not_touched(self, tmp_path):
        path = tmp_path / "a.csv"
        write_table(frame_of(a=[-1, -1.5, np.int64(-7), np.float64(-0.25), True]), path)
        assert path.read_text(encoding="utf-8-sig").split() == ["a", "-1", "-1.5", "-7", "-0.25", "True"]

    def test_every_kind_of_empty_is_empty(self, tmp_path):
        path = tmp_path / "a.csv"
        write_table(frame_of(a=[None, float("nan"), pd.NaT, pd.NA, float("inf"), np.float64("nan")], b=[1] * 6), path)
        assert path.read_text(encoding="utf-8-sig").split() == ["a,b"] + [",1"] * 6

    def test_harmless_text_is_not_touched(self):
        for text in ("", "a=1", " =1", "'x", "1-2", "济南"):
            assert escaped_text(text) == text


class TestCsvWriter:
    def test_rows_stream_and_the_file_appears_at_the_end(self, tmp_path):
        path = tmp_path / "a.csv"
        with CsvWriter(path, ["a", "b"]) as writer:
            writer.write(["1", 2])
            writer.write_rows([["x", None], ["=y", -1]])
            writer.write_frame(frame_of(a=["z"], b=[datetime.datetime(2024, 5, 1)]))
            assert not path.exists()
        assert path.read_text(encoding="utf-8-sig").splitlines() == [
            "a,b",
            "1,2",
            "x,",
            "'=y,-1",
            "z,2024-05-01T00:00:00",
        ]
        assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]

    def test_columns_that_a_user_handed_in_go_back_unchanged(self, tmp_path):
        path = tmp_path / "a.csv"
        with CsvWriter(path, ["given", "ours"], own=["ours"]) as writer:
            writer.write(["=1", "=1"])
        assert path.read_text(encoding="utf-8-sig").splitlines()[1] == "=1,'=1"

    def test_an_exception_leaves_the_older_file(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("older")
        with pytest.raises(ZeroDivisionError), CsvWriter(path, ["a"]) as writer:
            writer.write_rows([n // n] for n in (1, 0))
        assert path.read_text() == "older"
        assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]

    def test_a_row_of_another_width_is_refused(self, tmp_path):
        with pytest.raises(ValueError, match=r"shorter|longer"), CsvWriter(tmp_path / "a.csv", ["a", "b"]) as writer:
            writer.write(["x"])
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_is_not_there_is_a_file_error(self, tmp_path):
        with pytest.raises(FileError), CsvWriter(tmp_path / "none" / "a.csv", ["a"]):
            pass

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
    @given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=8))
    def test_any_text_is_written_and_no_cell_is_a_formula(self, tmp_path, rows):
        path = tmp_path / "any.csv"
        with CsvWriter(path, ["a", "b"]) as writer:
            writer.write_rows(rows)
        with path.open(encoding="utf-8-sig", newline="") as stream:
            found = list(csv.reader(stream))[1:]
        assert len(found) == len(rows)
        for row in found:
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


class TestExcel:
    def cells(self, tmp_path, frame):
        path = tmp_path / "a.xlsx"
        write_table(frame, path)
        book = openpyxl.load_workbook(path)
        return [list(row) for row in book.active.iter_rows()]

    @pytest.mark.parametrize("text", DANGEROUS, ids=repr)
    def test_text_that_begins_like_a_formula_is_a_text_cell(self, tmp_path, text):
        (_, (cell,)) = self.cells(tmp_path, frame_of(a=[text]))
        assert cell.data_type == "s"
        assert cell.value.replace("_x000D_", "\r").strip() == text.strip()

    def test_long_whole_numbers_are_text_so_that_no_digit_is_lost(self, tmp_path):
        rows = self.cells(tmp_path, frame_of(code=[370102001001001001, 999_999_999_999_999, -3]))
        assert [row[0].value for row in rows[1:]] == ["370102001001001001", 999_999_999_999_999, -3]
        assert not is_damaged(read_table(tmp_path / "a.xlsx").frame["code"][0])

    def test_control_characters_are_removed(self, tmp_path):
        rows = self.cells(tmp_path, frame_of(a=["a\x01\x0b\x1fb", "x\x00y\ud800"]))
        assert [row[0].value for row in rows[1:]] == ["ab", "x�y�"]

    def test_what_excel_cannot_hold_is_refused(self, tmp_path):
        with pytest.raises(FileError, match="does not fit"):
            write_table(frame_of(a=["x" * 32_768]), tmp_path / "a.xlsx")
        wide = pd.DataFrame([range(16_385)])
        with pytest.raises(FileError, match="Excel holds"):
            write_table(wide, tmp_path / "a.xlsx")
        long = pd.DataFrame({"a": np.zeros(1_048_576)})
        with pytest.raises(FileError, match="Excel holds"):
            write_table(long, tmp_path / "a.xlsx")
        assert list(tmp_path.iterdir()) == []

    def test_times_with_a_zone_are_text(self, tmp_path):
        rows = self.cells(
            tmp_path, frame_of(a=[datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC), datetime.date(2024, 5, 1)])
        )
        assert rows[1][0].value == "2024-05-01T00:00:00+00:00"
        assert rows[2][0].value == datetime.datetime(2024, 5, 1)


class TestGeographicFormats:
    def test_the_layer_of_a_geopackage_is_named_as_the_file(self, tmp_path, shapes):
        write_table(shapes, tmp_path / "网格 2024.gpkg")
        assert pyogrio.list_layers(tmp_path / "网格 2024.gpkg")[:, 0].tolist() == ["网格 2024"]

    def test_types_of_a_geopackage_are_those_of_the_cells(self, tmp_path, shapes):
        write_table(shapes, tmp_path / "a.gpkg")
        dtypes = pyogrio.read_info(tmp_path / "a.gpkg")["dtypes"].tolist()
        assert dtypes == ["object", "int64", "float64", "bool", "datetime64[ms]", "object"]

    def test_points_and_areas_in_one_layer_are_written(self, tmp_path):
        mixed = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[SQUARE, shapely.Point(1, 2)], crs=4326)
        write_table(mixed, tmp_path / "a.gpkg")
        assert read_table(tmp_path / "a.gpkg").frame.geometry[1].equals(shapely.Point(1, 2))

    def test_another_system_is_kept_in_a_geopackage_and_becomes_wgs84_in_geojson(self, tmp_path):
        plan = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.box(500_000, 4e6, 500_100, 4_000_100)], crs=4548)
        write_table(plan, tmp_path / "a.gpkg")
        write_table(plan, tmp_path / "a.geojson")
        assert read_table(tmp_path / "a.gpkg").crs.name == "EPSG:4548"
        table = read_table(tmp_path / "a.geojson")
        assert table.frame.geometry[0].centroid.x == pytest.approx(117, abs=0.01)

    def test_coordinates_keep_every_bit(self, tmp_path):
        random = np.random.default_rng(4)
        lons, lats = from_wgs84(random.uniform(74, 134, 500), random.uniform(18, 53, 500), GCJ02)
        points = shapely.points(lons, lats)
        for suffix in ("gpkg", "geojson", "csv"):
            write_table(gpd.GeoDataFrame({"n": range(500)}, geometry=points, crs=4326), tmp_path / f"p.{suffix}")
            frame = read_table(tmp_path / f"p.{suffix}").frame
            found = shapely.from_wkt(frame["wkt"].to_numpy()) if suffix == "csv" else frame.geometry.to_numpy()
            assert np.array_equal(shapely.get_coordinates(found), np.column_stack([lons, lats])), suffix

    def test_geojson_follows_its_standard(self, tmp_path):
        clockwise = shapely.from_wkt("POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))")
        frame = gpd.GeoDataFrame({"a": ["</script>\u2028"]}, geometry=[clockwise], crs=4326)
        write_table(frame, tmp_path / "a.geojson")
        document = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
        assert "crs" not in document
        (ring,) = document["features"][0]["geometry"]["coordinates"]
        assert shapely.LinearRing(ring).is_ccw
        assert document["features"][0]["properties"] == {"a": "</script>\u2028"}

    def test_a_table_without_shapes_is_no_geojson_but_a_geopackage(self, tmp_path):
        with pytest.raises(FileError, match="shapes"):
            write_table(frame_of(a=["x"]), tmp_path / "a.geojson")
        write_table(frame_of(a=["x"]), tmp_path / "a.gpkg")
        assert read_table(tmp_path / "a.gpkg").frame["a"].tolist() == ["x"]


class TestFullDisk:
    @pytest.mark.parametrize("rows", [10, 3000])
    def test_nothing_is_left_of_rows_that_found_no_room_at_the_end_or_before(self, tmp_path, rows):
        (tmp_path / "out.csv").write_text("before")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        # No file may grow past some bytes: a disk with no room.
        resource.setrlimit(resource.RLIMIT_FSIZE, (40, limits[1]))
        try:
            with pytest.raises(FileError, match="cannot be written"), CsvWriter(tmp_path / "out.csv", ["a"]) as writer:
                writer.write_rows([["x" * 10]] * rows)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
        assert (tmp_path / "out.csv").read_text() == "before"
