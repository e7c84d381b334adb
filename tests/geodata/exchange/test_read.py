import os
import socket
import time
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import FileError
from geodata.exchange import Limits, from_wkt, read_table, write_table
from geodata.exchange.table import Notes

SQUARE = shapely.box(117, 36, 117.01, 36.01)
VIRTUAL = (
    "<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{}</SrcDataSource>"
    "<SrcLayer>secret</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
)


@pytest.fixture
def secret(tmp_path):
    """A sound file that must not be reached through another."""
    path = tmp_path / "elsewhere" / "secret.gpkg"
    path.parent.mkdir()
    pyogrio.write_dataframe(gpd.GeoDataFrame({"a": ["secret"]}, geometry=[SQUARE], crs=4326), path, layer="secret")
    return path


class TestNothingElseIsOpened:
    @pytest.mark.parametrize(
        "suffix", ["gpkg", "geojson", "json", "shp", "csv", "xlsx", "xls", "zip", "vrt", "xml", "dat"]
    )
    def test_a_virtual_file_under_any_name_is_refused(self, tmp_path, secret, suffix):
        path = tmp_path / f"a.{suffix}"
        path.write_text(VIRTUAL.format(secret))
        if suffix in ("gpkg", "geojson", "shp"):
            assert pyogrio.read_dataframe(path)["a"].tolist() == ["secret"], "GDAL by itself would have followed it"
        with pytest.raises(FileError, match="virtual file"):
            read_table(path)

    @pytest.mark.parametrize(
        "name",
        [
            "/vsicurl/http://127.0.0.1:9/a.gpkg",
            "/vsizip/{}",
            "/vsimem/a.gpkg",
            "http://127.0.0.1:9/a.geojson",
            "zip://{}",
            "GPKG:{}",
            "GeoJSON:{}",
            "PG:host=127.0.0.1",
            "{}|layername=secret",
            "{}:secret",
            "s3://bucket/a.csv",
            "<OGRVRTDataSource/>",
            '{{"type":"Point","coordinates":[1,2]}}',
            "",
            "\x00",
            "x" * 5_000,
        ],
        ids=lambda name: name[:15],
    )
    def test_a_string_that_drivers_understand_is_no_file(self, secret, name):
        begin = time.monotonic()
        with pytest.raises(FileError):
            read_table(name.format(secret))
        assert time.monotonic() - begin < 1

    def test_no_format_is_given_to_gdal(self, tmp_path, monkeypatch):
        frame = gpd.GeoDataFrame({"a": ["x"]}, geometry=[SQUARE], crs=4326)
        names = ["a.csv", "a.xlsx", "a.gpkg", "a.geojson"]
        for name in names:
            write_table(frame, tmp_path / name)
        pyogrio.write_dataframe(frame, tmp_path / "a.shp")

        def refuse(*_, **__):
            raise AssertionError("GDAL was asked to read")

        for module in ("pyogrio.raw", "pyogrio._io"):
            monkeypatch.setattr(f"{module}.ogr_read", refuse)
        monkeypatch.setattr(gpd, "read_file", refuse)
        for name in [*names, "a.shp"]:
            assert read_table(tmp_path / name).frame["a"].tolist() == ["x"]


class TestWhatIsNoFile:
    def test_folders_devices_and_pipes_are_refused_at_once(self, tmp_path):
        os.mkfifo(tmp_path / "a.csv")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(tmp_path / "b.csv"))
        (tmp_path / "c.csv").mkdir()
        (tmp_path / "d.csv").symlink_to(tmp_path / "none")
        (tmp_path / "e.csv").symlink_to("/dev/zero")
        for name in ("a.csv", "b.csv", "c.csv", "d.csv", "e.csv"):
            with pytest.raises(FileError):
                read_table(tmp_path / name)

    def test_an_empty_file_is_refused_as_such(self, tmp_path):
        for name in ("a.csv", "a.gpkg", "a.shp", "a.zip", "a.geojson", "a.xlsx"):
            (tmp_path / name).touch()
            with pytest.raises(FileError, match="is empty"):
                read_table(tmp_path / name)

    def test_a_large_file_is_refused_without_being_read(self, tmp_path):
        path = tmp_path / "large.csv"
        with path.open("wb") as stream:
            stream.truncate(3 * 2**30)
        begin = time.monotonic()
        with pytest.raises(FileError, match="2,048 MiB"):
            read_table(path)
        assert time.monotonic() - begin < 1


class TestContentAndName:
    @pytest.mark.parametrize(
        "name",
        [
            "a b!c?d#e%20.csv",
            "网格（一）.gpkg",
            "a'b\"c;d.gpkg",
            "-rf.geojson",
            "a\nb.csv",
            "zip:x!y.gpkg",
            "?mode=rwc.gpkg",
        ],
    )
    def test_the_name_of_a_sound_file_does_not_matter(self, tmp_path, name):
        path = tmp_path / name
        write_table(gpd.GeoDataFrame({"a": ["x"]}, geometry=[SQUARE], crs=4326), path)
        table = read_table(path)
        assert table.frame["a"].tolist() == ["x"]
        assert table.name == name

    def test_a_relative_path_and_a_link_are_followed(self, tmp_path, monkeypatch):
        write_table(gpd.GeoDataFrame({"a": ["x"]}, geometry=[SQUARE], crs=4326), tmp_path / "a.gpkg")
        (tmp_path / "link.gpkg").symlink_to("a.gpkg")
        monkeypatch.chdir(tmp_path)
        assert len(read_table("a.gpkg").frame) == len(read_table(Path("link.gpkg")).frame) == 1

    @pytest.mark.parametrize(
        ("name", "content", "shown"),
        [
            ("a.csv", b"%PDF-1.7", "PDF"),
            ("a.xlsx", b"a,b\n1,2\n", "plain text"),
            ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
            ("a.xls", b"\xff\xd8\xff\xe0", "picture"),
            ("a.csv", b"\x1f\x8b\x08\x00" + bytes(20), "gzip"),
            ("a.csv", b"PK\x03\x04" + bytes(30), "zip"),
            ("a.csv", b"Rar!\x1a\x07", "RAR"),
            ("a.geojson", b"a,b\n1,2\n", "plain text"),
            ("a.shp", b'{"type": "Point", "coordinates": [1, 2]}', "JSON"),
            ("a.gpkg", b"\x00\x00\x27\x0a" + bytes(100), "Shapefile"),
            ("a.md", b"# x", r"\.md"),
            ("a.kml", b"<?xml version='1.0'?><kml/>", "KML"),
            ("a.parquet", b"PAR1" + bytes(20), "Parquet"),
        ],
    )
    def test_another_format_is_named(self, tmp_path, name, content, shown):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(FileError, match=shown) as caught:
            read_table(path)
        assert caught.value.detail_zh != caught.value.detail

    @pytest.mark.parametrize(
        ("name", "content"), [("a", b"a,b\n1,2\n"), ("a.db", None), ("a.backup", None), ("A.CSV", b"a,b\n1,2\n")]
    )
    def test_without_a_telling_suffix_the_content_decides(self, tmp_path, name, content):
        path = tmp_path / name
        if content is None:
            write_table(gpd.GeoDataFrame({"a": ["1"]}, geometry=[SQUARE], crs=4326), tmp_path / "a.gpkg")
            (tmp_path / "a.gpkg").rename(path)
        else:
            path.write_bytes(content)
        assert read_table(path).frame["a"].tolist() == ["1"]

    def test_a_csv_may_begin_with_a_bracket(self, tmp_path):
        for text in ("<b>,x\n1,2\n", "{a},x\n1,2\n", "[a],x\n1,2\n"):
            (tmp_path / "a.csv").write_text(text)
            assert read_table(tmp_path / "a.csv").frame["x"].tolist() == ["2"]

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
    @given(
        st.sampled_from(
            [
                b"",
                b"PK\x03\x04",
                b"\x00\x00\x27\x0a",
                b"SQLite format 3\x00",
                b"{",
                b"<",
                b'{"type":"Feature"',
                b"\xff\xfe",
            ]
        ),
        st.binary(max_size=200),
        st.sampled_from(["csv", "txt", "geojson", "gpkg", "shp", "zip", "", "dat"]),
    )
    def test_any_content_under_any_name_is_a_table_or_a_file_error(self, tmp_path, magic, content, suffix):
        path = tmp_path / f"any.{suffix}"
        path.write_bytes(magic + content)
        try:
            table = read_table(path, limits=Limits(unpacked_bytes=2**29))
        except FileError:
            return
        assert len(table.frame) == len(table.rows)


@pytest.mark.real_data
class TestRealFiles:
    def test_json_that_is_no_geojson_is_refused(self, shared_data):
        with pytest.raises(FileError, match="other JSON"):
            read_table(shared_data / "coords" / "china-cities.json")


class TestWellKnownText:
    def test_shapes_of_a_text_column_are_read_flat(self):
        notes = Notes()
        found = from_wkt(
            ["POINT (1 2)", None, "SRID=4490;POLYGON Z ((0 0 5, 1 0 5, 1 1 5, 0 0 5))", " point empty "],
            [2, 3, 4, 5],
            notes,
        )
        assert found[0] == shapely.Point(1, 2)
        assert found[1] is None
        assert found[2] == shapely.from_wkt("POLYGON ((0 0, 1 0, 1 1, 0 0))")
        assert found[3].is_empty
        assert notes.findings() == ()

    def test_an_open_ring_is_closed_with_a_note(self):
        notes = Notes()
        (shape,) = from_wkt(["POLYGON ((0 0, 1 0, 1 1, 0 1))"], [3], notes)
        assert shape.equals(shapely.box(0, 0, 1, 1))
        assert [(note.kind, note.row) for note in notes.findings()] == [("unclosed-ring", 3)]

    @pytest.mark.parametrize(
        "text",
        [
            "x",
            "",
            "POLYGON",
            "POLYGON ((0 0, 1 1))",
            "CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0, 1 -1, 0 0))",
            "GEOMETRYCOLLECTION (" * 300_000,
            "GEOMETRYCOLLECTION (" * 20 + "POINT (1 2)" + ")" * 20,
            "POINT (nan 1)",
            "POINT (1e999 1)",
            "POINT (1 2)\x00",
            5,
            1.5,
        ],
        ids=lambda text: str(text)[:25],
    )
    def test_what_is_no_shape_is_none_with_an_error_of_its_row(self, text):
        notes = Notes()
        found = from_wkt([text, "POINT (1 2)"], [7, 8], notes)
        assert found[0] is None
        assert found[1] == shapely.Point(1, 2)
        assert [(note.kind, note.severity, note.row) for note in notes.findings()] == [("unreadable-shape", "error", 7)]
