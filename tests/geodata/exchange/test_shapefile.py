import datetime
import shutil
import struct

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


def dbf(fields, records, language=0, deleted=()):
    """A dBASE table by hand: fields (name, type, length, decimals), records of bytes."""
    width = 1 + sum(length for _, _, length, _ in fields)
    head = struct.pack("<BBBBIHH17xB2x", 3, 124, 1, 1, len(records), 33 + 32 * len(fields), width, language)
    for name, kind, length, decimals in fields:
        head += struct.pack("<11sc4xBB14x", name, kind.encode(), length, decimals)
    body = b""
    for n, record in enumerate(records):
        body += b"*" if n in deleted else b" "
        for (_, kind, length, _), cell in zip(fields, record, strict=True):
            body += cell.ljust(length) if kind == "C" else cell.rjust(length)
    return head + b"\r" + body + b"\x1a"


@pytest.fixture
def shapefile(tmp_path):
    """Write squares with a dBASE table of one's own and read them."""

    def of(table, count, cpg=None, **options):
        frame = gpd.GeoDataFrame({"n": range(count)}, geometry=[SQUARE] * count, crs=4490)
        path = tmp_path / "网格.shp"
        pyogrio.write_dataframe(frame, path)
        path.with_suffix(".cpg").unlink(missing_ok=True)
        path.with_suffix(".dbf").write_bytes(table)
        if cpg is not None:
            path.with_suffix(".cpg").write_text(cpg)
        return read_table(path, **options)

    return of


class TestAttributes:
    @pytest.mark.parametrize(
        ("codec", "cpg", "language"),
        [
            ("gb18030", None, 0),
            ("gb18030", None, 0x4D),
            ("gbk", "GBK", 0),
            ("gbk", "936", 0x57),
            ("gb18030", "GB18030\n", 0),
            ("utf-8", "UTF-8", 0),
            ("utf-8", None, 0),
            ("utf-8", "65001", 0x4D),
            ("big5", "Big5", 0),
        ],
    )
    def test_chinese_text_is_read_in_its_encoding_with_and_without_a_code_page(self, shapefile, codec, cpg, language):
        names = ["臺北市", "里"]
        table = shapefile(
            dbf([("名稱".encode(codec), "C", 20, 0)], [[name.encode(codec)] for name in names], language), 2, cpg
        )
        assert list(table.frame.columns) == ["名稱", "geometry"]
        assert table.frame["名稱"].tolist() == names
        assert table.notes == ()

    @pytest.mark.parametrize(
        ("codec", "cpg"), [("utf-8", "GBK"), ("gbk", "UTF-8"), ("utf-8", "ISO-8859-1"), ("gbk", "1252")]
    )
    def test_a_wrong_code_page_is_overruled_with_a_note(self, shapefile, codec, cpg):
        table = shapefile(
            dbf([(b"name", "C", 30, 0)], [["历下区泉城路街道".encode(codec)], ["趵突泉街道".encode(codec)]]), 2, cpg
        )
        assert table.frame["name"].tolist() == ["历下区泉城路街道", "趵突泉街道"]
        assert [note.kind for note in table.notes] == ["encoding-differs"]

    def test_western_text_stays_western_where_it_is_declared(self, shapefile):
        table = shapefile(
            dbf([(b"name", "C", 30, 0)], [["Müller".encode("latin-1")], ["Café au".encode("latin-1")]]), 2, "ISO-8859-1"
        )
        assert table.frame["name"].tolist() == ["Müller", "Café au"]

    @pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
    def test_text_cut_in_the_middle_of_a_character_loses_only_that(self, shapefile, codec):
        whole = "历下区泉城路街道" * 4
        cut = whole.encode(codec)[:19]
        table = shapefile(dbf([(b"name", "C", 19, 0)], [[cut], ["社区".encode(codec)]]), 2)
        assert table.frame["name"].tolist() == [whole[: 19 // (3 if codec == "utf-8" else 2)], "社区"]

    def test_bytes_in_no_encoding_are_refused_with_their_row(self, shapefile):
        with pytest.raises(FileError, match="Row 2") as caught:
            shapefile(dbf([(b"name", "C", 10, 0)], [[b"x"], [b"\xff\xff\x81"]]), 2, "UTF-8")
        assert caught.value.facts["row"] == 2

    def test_each_kind_of_field_is_its_plain_value(self, shapefile):
        fields = [
            (b"code", "N", 18, 0),
            (b"size", "N", 12, 3),
            (b"real", "F", 20, 10),
            (b"day", "D", 8, 0),
            (b"flag", "L", 1, 0),
            (b"text", "C", 8, 0),
        ]
        table = shapefile(
            dbf(
                fields,
                [
                    [b"370102001001001001", b"1.500", b"2.0", b"20240501", b"T", b"007"],
                    [b"", b"", b"1.5e+17", b"00000000", b"?", b""],
                    [b"-12", b"-0.250", b"nan", b"", b"n", b" x"],
                ],
            ),
            3,
        )
        plain = table.frame.drop(columns="geometry").to_numpy().tolist()
        assert plain[0] == [370102001001001001, 1.5, 2, datetime.datetime(2024, 5, 1), True, "007"]
        assert plain[1][:2] == [None, None]
        assert is_damaged(plain[1][2])
        assert plain[1][3:] == [None, None, None]
        assert plain[2] == [-12, -0.25, None, None, False, "x"]

    def test_cells_that_cannot_be_read_are_empty_with_a_note(self, shapefile):
        table = shapefile(
            dbf([(b"n", "N", 5, 0), (b"d", "D", 8, 0)], [[b"*****", b"20241399"], [b"5", b"20240101"]]), 2
        )
        assert table.frame["n"].tolist() == [None, 5]
        assert [(note.kind, note.row, note.facts["column"]) for note in table.notes] == [
            ("unreadable-cell", 1, "n"),
            ("unreadable-cell", 1, "d"),
        ]

    def test_records_marked_as_deleted_are_left_out_and_rows_stay_theirs(self, shapefile):
        table = shapefile(dbf([(b"n", "N", 5, 0)], [[b"1"], [b"2"], [b"3"]], deleted={1}), 3)
        assert table.frame["n"].tolist() == [1, 3]
        assert table.rows.tolist() == [1, 3]

    def test_padding_with_nul_is_no_text(self, shapefile):
        table = shapefile(dbf([(b"t", "C", 6, 0)], [[b"a\x00\x00\x00"], [b"\x00"]]), 2)
        assert table.frame["t"].tolist() == ["a", None]

    def test_a_column_called_geometry_does_not_hide_the_shapes(self, shapefile):
        table = shapefile(dbf([(b"geometry", "C", 6, 0)], [[b"x"]]), 1)
        assert list(table.frame.columns) == ["geometry_2", "geometry"]
        assert table.frame.geometry[0].equals(SQUARE)

    @pytest.mark.parametrize(
        "change", [lambda d: d[:40], lambda d: d[:-30], lambda _: b"x" * 500, lambda _: b""], ids=range(4)
    )
    def test_a_damaged_table_is_refused(self, shapefile, change):
        with pytest.raises(FileError, match="dbf"):
            shapefile(change(dbf([(b"n", "N", 25, 0)], [[b"1"], [b"2"]])), 2)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
    @given(st.data())
    def test_any_damage_is_a_table_or_a_file_error(self, tmp_path, data):
        frame = gpd.GeoDataFrame({"code": ["a", "b"], "n": [1, 2]}, geometry=[SQUARE, SQUARE.buffer(0.01, 2)], crs=4326)
        path = tmp_path / "d.shp"
        if not path.exists():
            pyogrio.write_dataframe(frame, path)
        suffix = data.draw(st.sampled_from([".shp", ".shx", ".dbf", ".prj", ".cpg"]))
        sound = path.with_suffix(suffix).read_bytes()
        broken = bytearray(sound)
        for _ in range(data.draw(st.integers(1, 6))):
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
        del broken[data.draw(st.integers(0, 2 * len(broken))) :]
        path.with_suffix(suffix).write_bytes(broken)
        try:
            table = read_table(path)
            assert len(table.frame) == len(table.rows)
        except FileError:
            pass
        finally:
            path.with_suffix(suffix).write_bytes(sound)


class TestParts:
    @pytest.fixture
    def path(self, tmp_path):
        path = tmp_path / "grid.shp"
        pyogrio.write_dataframe(gpd.GeoDataFrame({"n": [1, 2]}, geometry=[SQUARE, None], crs=4547), path)
        return path

    @pytest.mark.parametrize("suffix", [".dbf", ".shx"])
    def test_a_missing_part_is_named(self, path, suffix):
        path.with_suffix(suffix).unlink()
        with pytest.raises(FileError, match=rf"\{suffix}") as caught:
            read_table(path)
        assert caught.value.facts["missing"] == suffix
        assert suffix in caught.value.detail_zh

    def test_without_prj_the_system_is_unknown(self, path):
        assert read_table(path).crs.name == "EPSG:4547"
        path.with_suffix(".prj").unlink()
        assert read_table(path).crs is None

    def test_a_prj_that_makes_no_sense_is_noted(self, path):
        for text in ("nonsense", "", "GEOGCS[" * 10_000, 'GEOGCS["x",EXTENSION["PROJ4","+nadgrids=/etc/passwd"]]'):
            path.with_suffix(".prj").write_text(text)
            table = read_table(path)
            assert table.crs is None
            assert [note.kind for note in table.notes] == ["crs-unreadable"]

    def test_parts_in_capitals_are_found(self, path):
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            path.with_suffix(suffix).rename(path.with_suffix(suffix.upper()))
        table = read_table(path.with_suffix(".SHP"))
        assert table.frame["n"].tolist() == [1, 2]
        assert table.crs.name == "EPSG:4547"

    def test_parts_of_different_shapefiles_are_refused(self, path, tmp_path):
        other = tmp_path / "other.shp"
        pyogrio.write_dataframe(gpd.GeoDataFrame({"n": [1]}, geometry=[SQUARE], crs=4326), other)
        shutil.copy(other.with_suffix(".dbf"), path.with_suffix(".dbf"))
        with pytest.raises(FileError, match="2 shapes, 1 attribute"):
            read_table(path)

    def test_shapes_that_are_cut_off_are_refused(self, path):
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(FileError, match="cut off"):
            read_table(path)

    def test_too_large_a_part_is_refused(self, path):
        path.with_suffix(".dbf").write_bytes(path.with_suffix(".dbf").read_bytes() + b" " * 5_000)
        with pytest.raises(FileError, match="too large"):
            read_table(path, limits=Limits(file_bytes=2_000))


def wobbly(x, y, seed):
    angles = np.linspace(0, 2 * np.pi, 9)[:-1]
    radii = 0.002 + 0.001 * np.random.default_rng(seed).random(8)
    return shapely.polygons(np.column_stack([x + radii * np.cos(angles), y + radii * np.sin(angles)]))


class TestShapes:
    def read(self, tmp_path, shapes, **options):
        path = tmp_path / "s.shp"
        frame = gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=shapes, crs=4326)
        pyogrio.write_dataframe(frame, path, **options)
        return read_table(path)

    @pytest.mark.parametrize(
        "wkt",
        [
            ["POINT (1 2)", "POINT (3 4)"],
            ["MULTIPOINT ((1 2), (3 4))"],
            ["LINESTRING (0 0, 1 1)", "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3, 4 4))"],
            ["POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1))"],
            ["MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 1 3, 3 3, 3 1, 1 1)), ((1.5 1.5, 2 1.5, 2 2, 1.5 1.5)))"],
        ],
    )
    def test_every_kind_of_shape_comes_back(self, tmp_path, wkt):
        shapes = [shapely.from_wkt(text) for text in wkt]
        found = self.read(tmp_path, shapes).frame.geometry
        for shape, back in zip(shapes, found, strict=True):
            assert shapely.normalize(back) == shapely.normalize(shape)

    def test_heights_and_measures_are_dropped(self, tmp_path):
        for text in (
            "POLYGON Z ((0 0 9, 1 0 9, 1 1 9, 0 0 9))",
            "POINT Z (1 2 3)",
            "LINESTRING Z (0 0 1, 1 1 1)",
            "MULTIPOINT Z (1 2 3, 4 5 6)",
        ):
            (back,) = self.read(tmp_path, [shapely.from_wkt(text)]).frame.geometry
            assert not back.has_z
            assert shapely.normalize(back) == shapely.normalize(shapely.force_2d(shapely.from_wkt(text)))

    def test_many_shapes_with_holes_and_islands_are_those_that_gdal_reads(self, tmp_path):
        shapes = []
        for seed in range(60):
            whole = shapely.unary_union([wobbly(117 + 0.004 * k, 36, seed + k) for k in range(4)])
            shapes.append(whole.difference(wobbly(117.004, 36, seed).buffer(-0.001)))
        found = self.read(tmp_path, shapes).frame.geometry.to_numpy()
        by_gdal = pyogrio.read_dataframe(tmp_path / "s.shp").geometry.to_numpy()
        assert (shapely.normalize(found) == shapely.normalize(by_gdal)).all()
        assert shapely.is_valid(found).all()

    def test_a_row_without_shape_is_none(self, tmp_path):
        found = self.read(tmp_path, [SQUARE, None]).frame.geometry
        assert found[1] is None

    def broken(self, tmp_path, change):
        table = self.read(tmp_path, [SQUARE, SQUARE])
        assert table.notes == ()
        path = tmp_path / "s.shp"
        data = bytearray(path.read_bytes())
        change(data, 108)
        path.write_bytes(data)
        return read_table(path)

    def test_an_open_ring_is_closed_with_a_note(self, tmp_path):
        def open_it(data, start):
            struct.pack_into("<dd", data, start + 48 + 16 * 4, 117.005, 36.02)

        table = self.broken(tmp_path, open_it)
        assert [(note.kind, note.severity, note.row) for note in table.notes] == [("unclosed-ring", "warning", 1)]
        assert shapely.get_num_coordinates(table.frame.geometry[0]) == 6

    @pytest.mark.parametrize(
        ("offset", "code", "value"),
        [
            (48, "<d", float("nan")),
            (48, "<d", float("inf")),
            (0, "<i", 31),
            (0, "<i", 99),
            (36, "<i", 50_000),
            (40, "<i", 2),
            (44, "<i", -7),
        ],
    )
    def test_a_shape_that_cannot_be_built_is_none_with_an_error(self, tmp_path, offset, code, value):
        table = self.broken(tmp_path, lambda data, start: struct.pack_into(code, data, start + offset, value))
        assert [(note.kind, note.severity, note.row) for note in table.notes] == [("unreadable-shape", "error", 1)]
        assert table.frame.geometry[0] is None
        assert table.frame.geometry[1].equals(SQUARE)

    def test_a_bow_tie_is_handed_on_as_it_is(self, tmp_path):
        bow = shapely.from_wkt("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))")
        assert not self.read(tmp_path, [bow]).frame.geometry[0].is_valid

    def test_the_system_reaches_geopandas(self, tmp_path):
        table = self.read(tmp_path, [SQUARE])
        assert table.frame.crs == "EPSG:4326"
        assert isinstance(table.frame["n"].dtype, np.dtype)
        assert pd.api.types.is_object_dtype(table.frame["n"])
