import io
import os
import stat
import struct
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import FileError
from geodata.exchange import Limits, read_table

SQUARE = shapely.box(117, 36, 117.01, 36.01)


@pytest.fixture
def parts(tmp_path):
    """Files of a Shapefile by suffix, its text in GBK."""
    path = tmp_path / "parts" / "x.shp"
    path.parent.mkdir()
    frame = gpd.GeoDataFrame({"名称": ["历下区", "市中区"]}, geometry=[SQUARE, SQUARE], crs=4490)
    pyogrio.write_dataframe(frame, path, encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    return {part.suffix: part.read_bytes() for part in path.parent.iterdir()}


@pytest.fixture
def zipped(tmp_path):
    """Write an archive and read it."""

    def of(entries, **options):
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        return read_table(path, **options)

    return of


@pytest.fixture(autouse=True)
def unpacking_folder(tmp_path, monkeypatch):
    """Where archives are unpacked: empty after every test."""
    folder = tmp_path / "unpack"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def under(stem, parts):
    return {f"{stem}{suffix}": content for suffix, content in parts.items()}


class TestTables:
    @pytest.mark.parametrize("stem", ["x", "folder/x", "a/b/c/网格", "x.y z"])
    def test_a_shapefile_is_read_wherever_it_lies(self, zipped, parts, stem):
        table = zipped(
            {**under(stem, parts), "folder/": b"", "readme.md": b"x", f"__MACOSX/._{Path(stem).name}.shp": b"x"}
        )
        assert table.frame["名称"].tolist() == ["历下区", "市中区"]
        assert table.crs.name == "EPSG:4490"
        assert table.name == Path(stem).name + ".shp"
        assert table.notes == ()

    def test_suffixes_in_capitals_are_found(self, zipped, parts):
        table = zipped({f"X{suffix.upper()}": content for suffix, content in parts.items()})
        assert len(table.frame) == 2

    def test_of_several_tables_the_first_is_read_and_the_others_named(self, zipped, parts):
        table = zipped({**under("b", parts), **under("sub/a", parts), "c.csv": "x\n1\n"})
        assert table.sheet == "b.shp"
        assert table.sheets == ("b.shp", "sub/a.shp", "c.csv")
        assert [note.kind for note in table.notes] == ["several-sheets"]

    @pytest.mark.parametrize("wanted", ["sub/a.shp", "a.shp", "a", 2, "2"])
    def test_a_table_is_chosen_by_any_of_its_names(self, zipped, parts, wanted):
        table = zipped({**under("b", parts), **under("sub/a", parts)}, source_layer=wanted)
        assert table.sheet == "a.shp"
        assert table.notes == ()

    def test_a_table_that_is_not_there_is_answered_with_those_that_are(self, zipped, parts):
        with pytest.raises(FileError, match=r"sub/a\.shp"):
            zipped({**under("b", parts), **under("sub/a", parts)}, source_layer="z")

    def test_names_in_gbk_are_read(self, tmp_path, parts):
        path = tmp_path / "gbk.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for suffix, content in parts.items():
                archive.writestr("AAAA" + suffix, content)
        # Four bytes for four bytes: what a Chinese Windows writes without saying so.
        path.write_bytes(path.read_bytes().replace(b"AAAA.", "网格".encode("gbk") + b"."))
        assert read_table(path).name == "网格.shp"

    @pytest.mark.parametrize(
        ("name", "content"),
        [("a.csv", "码,名\n1,甲\n".encode("gbk")), ("a.geojson", b'{"type":"Point","coordinates":[1,2]}')],
    )
    def test_other_single_tables_are_read(self, zipped, name, content):
        assert len(zipped({name: content}).frame) == 1

    def test_a_layer_inside_an_archived_geopackage_can_be_chosen(self, zipped, tmp_path):
        path = tmp_path / "g.gpkg"
        for name in ("one", "two"):
            pyogrio.write_dataframe(
                gpd.GeoDataFrame({"n": [name]}, geometry=[SQUARE], crs=4326), path, layer=name, append=name == "two"
            )
        assert zipped({"g.gpkg": path.read_bytes()}, source_layer="two").frame["n"].tolist() == ["two"]

    @pytest.mark.parametrize("suffix", [".dbf", ".shx"])
    def test_a_missing_part_is_named(self, zipped, parts, suffix):
        del parts[suffix]
        with pytest.raises(FileError, match=rf"\{suffix}"):
            zipped(under("x", parts))

    def test_an_archive_without_shapes_says_so(self, zipped, parts):
        del parts[".shp"]
        with pytest.raises(FileError, match=r"\.shp"):
            zipped(under("x", parts))

    @pytest.mark.parametrize(
        ("entries", "shown"), [({}, "no table"), ({"a.txt": "x"}, "no table"), ({"a.zip": b"PK"}, "another archive")]
    )
    def test_an_archive_without_tables_is_refused(self, zipped, entries, shown):
        with pytest.raises(FileError, match=shown):
            zipped(entries)

    def test_an_archive_in_an_archive_is_not_opened_under_a_table_name(self, zipped):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr("a.csv", "x\n1\n")
        for name in ("a.csv", "a.shp", "a.json", "a.xlsx"):
            with pytest.raises(FileError):
                zipped({name: inner.getvalue()})

    def test_a_virtual_file_inside_is_not_opened(self, zipped):
        text = "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
        for name in ("a.geojson", "a.shp", "a.csv", "a.gpkg"):
            with pytest.raises(FileError, match="virtual"):
                zipped({name: text})


class TestHostileArchives:
    @pytest.mark.parametrize(
        "name", ["../x.csv", "a/../../x.csv", "/etc/x.csv", "C:/x.csv", "C:\\x.csv", "..\\x.csv", "\\\\host\\x.csv"]
    )
    def test_names_that_leave_the_folder_are_refused(self, zipped, name):
        with pytest.raises(FileError, match="outside"):
            zipped({"a.csv": "x\n1\n", name: "x\n1\n"})

    @pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
    def test_links_and_devices_are_refused(self, zipped, kind):
        link = zipfile.ZipInfo("a.csv")
        link.create_system = 3
        link.external_attr = (kind | 0o777) << 16
        with pytest.raises(FileError, match="link or device"):
            zipped({link: "/etc/passwd"})

    def test_a_password_is_named(self, zipped, tmp_path):
        zipped({"a.csv": "x\n1\n"})
        path = tmp_path / "a.zip"
        data = bytearray(path.read_bytes())
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1
        path.write_bytes(data)
        with pytest.raises(FileError, match="password") as caught:
            read_table(path)
        assert "密码" in caught.value.detail_zh

    def test_a_bomb_that_says_its_size_is_refused_unopened(self, zipped):
        with pytest.raises(FileError, match="200 times"):
            zipped({"a.csv": bytes(40 * 2**20)})

    def test_a_bomb_beyond_the_limit_is_refused_unopened(self, zipped):
        with pytest.raises(FileError, match="more than 1 MiB"):
            zipped({"a.csv": np.random.default_rng(1).bytes(2 * 2**20)}, limits=Limits(unpacked_bytes=2**20))

    def test_a_bomb_that_hides_its_size_is_stopped_while_unpacking(self, zipped, tmp_path, monkeypatch):
        monkeypatch.setattr("geodata.exchange.zipped.RATIO_COUNTS_FROM", 2**20)
        zipped({"a.csv": "x\n" + "1\n" * 100})
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", bytes(300 * 2**20))
        data = bytearray(path.read_bytes())
        directory = data.index(b"PK\x01\x02")
        # The directory claims a small file: what is unpacked decides.
        struct.pack_into("<I", data, directory + 24, 1000)
        path.write_bytes(data)
        with pytest.raises(FileError):
            read_table(path)

    def test_too_many_entries_are_refused(self, zipped):
        with pytest.raises(FileError, match="10,000"):
            zipped({f"{n}.txt": "" for n in range(10_001)})

    def test_the_same_name_twice_is_refused(self, tmp_path):
        path = tmp_path / "twice.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.csv", "x\n1\n")
            archive.writestr("b.csv", "y\n2\n")
        path.write_bytes(path.read_bytes().replace(b"b.csv", b"a.csv"))
        with pytest.raises(FileError, match="twice"):
            read_table(path)

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_unusual_packing_is_refused(self, tmp_path, method):
        path = tmp_path / "m.zip"
        with zipfile.ZipFile(path, "w", method) as archive:
            archive.writestr("a.csv", "x\n1\n")
        with pytest.raises(FileError, match="unusual"):
            read_table(path)

    def test_a_wrong_checksum_is_refused(self, zipped, tmp_path):
        zipped({"a.csv": os.urandom(3_000).hex()})
        path = tmp_path / "a.zip"
        data = bytearray(path.read_bytes())
        data[200] ^= 0xFF
        path.write_bytes(data)
        with pytest.raises(FileError):
            read_table(path)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
    @given(st.data())
    def test_any_damage_is_a_table_or_a_file_error(self, tmp_path, data):
        path = tmp_path / "d.zip"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", "码,名\n1,甲\n")
            archive.writestr("b/c.geojson", '{"type": "Point", "coordinates": [1, 2]}')
        broken = bytearray(buffer.getvalue())
        for _ in range(data.draw(st.integers(1, 5))):
            broken[data.draw(st.integers(4, len(broken) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(broken)
        try:
            table = read_table(path)
        except FileError:
            return
        assert len(table.frame) == len(table.rows)
