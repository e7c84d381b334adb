"""Files and commands that cannot be right: clear answers in both languages, and nothing is changed."""

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import psycopg
import pyogrio
import pytest
import shapely

from geodata.database import connect
from tests.commands import Terminal
from tests.territory import committed, state_of

SQUARE = shapely.box(87, 36.65, 87.01, 36.66)
STATIONS = "站点编码,站点名称,经度,纬度\n"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def territory_url(cluster_url: str, template_name: str) -> str:
    """A loaded database that no test of this module may change."""
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE bad_input TEMPLATE {template_name}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", "/bad_input?")
    committed(url)
    return url


@pytest.fixture
def unchanged(territory_url: str) -> Iterator[str]:
    """URL of the database, checked after the test to hold what it held."""
    before = state_of(territory_url)
    yield territory_url
    assert state_of(territory_url) == before


Content = Callable[[Path], Path]


def text(name: str, content: str) -> Content:
    def write(folder: Path) -> Path:
        (folder / name).write_text(content, encoding="utf-8")
        return folder / name

    return write


def geopackage(folder: Path, name: str = "secret.gpkg") -> Path:
    frame = gpd.GeoDataFrame({"code": ["A"]}, geometry=[SQUARE], crs="EPSG:4326")
    pyogrio.write_dataframe(frame, folder / "made.gpkg", layer="网格", driver="GPKG")
    return (folder / "made.gpkg").rename(folder / name)


def shapefile_without_table(folder: Path) -> Path:
    frame = gpd.GeoDataFrame({"code": ["A"]}, geometry=[SQUARE], crs="EPSG:4326")
    pyogrio.write_dataframe(frame, folder / "grids.shp", driver="ESRI Shapefile")
    (folder / "grids.dbf").unlink()
    return folder / "grids.shp"


def zipped_without_table(folder: Path) -> Path:
    path = shapefile_without_table(folder)
    with zipfile.ZipFile(folder / "grids.zip", "w") as archive:
        for part in folder.glob("grids.s*"):
            archive.write(part, part.name)
    path.unlink()
    return folder / "grids.zip"


def bomb(folder: Path) -> Path:
    """A table of a gigabyte in an archive of a megabyte."""
    block = b"0,0,0,0\n" * 2**17
    with (
        zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("stations.csv", "w", force_zip64=True) as entry,
    ):
        entry.write(STATIONS.encode())
        for _ in range(1024):
            entry.write(block)
    return folder / "bomb.zip"


def virtual(folder: Path) -> Path:
    source = geopackage(folder)
    path = folder / "grids.geojson"
    path.write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='网格'><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer>"
        "</OGRVRTDataSource>",
        encoding="utf-8",
    )
    return path


@dataclass(frozen=True)
class Bad:
    """A file or a word that cannot be right, and what the answer must say."""

    kind: str
    file: Content
    says: str
    options: tuple[str, ...] = ()
    status: int = 1


SOUND = text("stations.csv", STATIONS + "N1,新站,87.001,36.651\n")
REMOTE = '{"type": "FeatureCollection", "features": "https://example.org/grids.geojson"}'
GRID = '{{"type": "FeatureCollection", "features": [{{"type": "Feature", "properties": {}, "geometry": {}}}]}}'
BAD = {
    "a point outside the world": Bad(
        "stations",
        text("a.csv", STATIONS + "N1,甲,999,36.65\nN2,乙,87.001,36.651\n"),
        "row 2.*999.* is not on Earth: lon is within -180 and 180",
    ),
    "NaN": Bad("stations", text("a.csv", STATIONS + "N1,甲,NaN,36.65\n"), "row 2.*'NaN' is not a number"),
    "NaN in GeoJSON": Bad(
        "grids",
        text(
            "a.geojson",
            GRID.format('{"code": "A"}', '{"type": "Polygon", "coordinates": [[[NaN, 1], [1, 1], [1, 2]]]}'),
        ),
        "row 1.*not a finite number",
    ),
    "swapped axes": Bad(
        "stations", text("a.csv", STATIONS + "N1,甲,36.65,87.001\n"), "look exchanged: exchange the columns"
    ),
    "swapped axes of polygons": Bad(
        "grids",
        text("a.csv", 'code,wkt\nA,"POLYGON ((36 117, 36.1 117, 36.1 117.1, 36 117))"\n'),
        "look exchanged",
    ),
    "metres without a datum": Bad(
        "stations", text("a.csv", STATIONS + "N1,甲,500000,4000000\n"), "does not say its datum: use --crs"
    ),
    "an unknown datum": Bad("stations", SOUND, "Accepted are: EPSG:4326", ("--crs", "EPSG:999999"), 2),
    "a date that is no date": Bad(
        "stations", SOUND, "is not a time. Write 2026-01-31", ("--effective", "2026-02-30"), 2
    ),
    "a date that is no date in a cell": Bad(
        "duties",
        text("a.csv", "责任人,角色,对象类型,对象,开始\nW2,grid_chief,网格,A1,某日\n"),
        "row 2.*“?'?某日.* is not a time. Write 2026-01-31",
    ),
    "a column missing": Bad("workers", text("a.csv", "编号,电话\nW1,1\n"), "Found: 编号, 电话.*--map name=COLUMN"),
    "no geometry": Bad("grids", text("a.csv", "网格编码,户数\nA,1\n"), "grids need geometry.*--map wkt=COLUMN"),
    "a column that is not there": Bad("stations", SOUND, "There is no column '东经'", ("--map", "lon=东经")),
    "a field that is not there": Bad("stations", SOUND, "known: code, name", ("--map", "width=经度"), 2),
    "half a mapping": Bad("stations", SOUND, "write field=COLUMN", ("--map", "lon"), 2),
    "an unknown kind": Bad("rivers", SOUND, "the kinds are areas", (), 2),
    "an unknown layer": Bad("grids", geopackage, "known are general", ("--layer", "<b>"), 2),
    "an unknown area": Bad("grids", geopackage, "no area 'X'", ("--within", "X"), 2),
    "an unknown layer of the file": Bad("grids", geopackage, "There are: “网格”", ("--source-layer", "X"), 2),
    "no file": Bad("stations", lambda folder: folder / "none.csv", "no file “none.csv”", (), 2),
    "a folder": Bad("stations", lambda folder: folder, "no file|not a file|is a folder", (), 2),
    "a zip bomb": Bad("stations", bomb, "unpacks to more than", (), 2),
    "a Shapefile without its table": Bad(
        "grids", shapefile_without_table, r"lacks the attribute table \(\.dbf\)", (), 2
    ),
    "a zipped Shapefile without its table": Bad(
        "grids", zipped_without_table, r"hand in the \.shp, \.shx, \.dbf", (), 2
    ),
    "a GeoPackage named .geojson": Bad(
        "grids", lambda folder: geopackage(folder, "a.geojson"), "named .geojson but holds .*GeoPackage", (), 2
    ),
    "a virtual file named .geojson": Bad("grids", virtual, "virtual file.*Accepted are", (), 2),
    "a remote reference": Bad("grids", text("a.geojson", REMOTE), "not followed", (), 2),
    "NUL in a name": Bad("stations", text("a.csv", STATIONS + "N1,甲\0,87,36.65\n"), "row 2.*NUL.*delete it"),
    "a whole layer that would end": Bad("grids", geopackage, "--retire-missing"),
    "a time before the last release": Bad(
        "grids", geopackage, "cannot take effect earlier", ("--effective", "2020-01-01", "--retire-missing"), 2
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_load_that_cannot_be_right_is_answered_with_what_to_do_in_both_languages(
    name: str, unchanged: str, tmp_path: Path
) -> None:
    bad = BAD[name]
    file = bad.file(tmp_path)
    words = ("load", bad.kind, file, *bad.options, "--commit")
    english = Terminal(unchanged, tmp_path / "state").run(*words)
    assert english.status == bad.status, english.text
    assert re.search(bad.says, english.text), english.text
    chinese = Terminal(unchanged, tmp_path / "state", "zh_CN.UTF-8").run(*words)
    assert chinese.status == bad.status
    # What is said stands in the last lines; the first ones repeat the file's own words.
    assert CHINESE.search(chinese.text.strip().splitlines()[-1])
    assert english.text.strip().splitlines()[-1] not in chinese.text
    for said in (english.text, chinese.text):
        assert "Traceback" not in said
        assert len(said) < 3000


HOSTILE = [
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "😀站",
    "𠮷野站",
    'o\'Brien "x"',
    "[bold]粗[/bold]",
    "%s{0}\\n",
]


def test_names_with_markup_emoji_and_rare_characters_are_kept_as_written(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "stations.geojson"
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"N{number}", "name": name},
            "geometry": {"type": "Point", "coordinates": [87.001, 36.651]},
        }
        for number, name in enumerate(HOSTILE)
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    terminal = Terminal(database_url, tmp_path / "state")
    said = terminal.run("load", "stations", file, "--commit")
    assert said.status == 0, said.text
    with connect(database_url) as connection:
        rows = connection.execute("SELECT name FROM station_versions JOIN stations USING (station_id) ORDER BY code")
        assert [name for (name,) in rows.fetchall()] == HOSTILE
    again = terminal.run("load", "stations", file, "--commit")
    assert f"0 new, 0 changed, 0 ended, {len(HOSTILE)} the same" in again.text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("lookup", "999,36"), "lon is within -180 and 180"),
        (("lookup", "nan,36.65"), "finite numbers"),
        (("lookup", "36.65,117.0"), "They look exchanged: longitude comes first"),
        (("lookup", "87.005,36.655", "--crs", "NOPE"), "Accepted are: EPSG:4326"),
        (("lookup", "87.005,36.655", "--as-of", "2026-13-01"), "Write 2026-01-31"),
        (("lookup", "87.005,36.655", "--layer", "\U0001f600"), "known: general"),
        (("assign", "{}/no.csv", "{}/out.csv"), "no file “no.csv”"),
        (
            ("assign", "{}/columns.csv", "{}/out.csv"),
            "name it as lon=COLUMN, or an address as address=COLUMN; the columns are: a, b",
        ),
        (("assign", "{}/empty.csv", "{}/out.csv"), "is empty"),
        (("assign", "{}/points.csv", "{}/out.csv", "--crs", "NOPE"), "Accepted are: EPSG:4326"),
        (("assign", "{}/points.csv", "{}/out.csv", "--as-of", "soon"), "Write 2026-01-31"),
        (("assign", "{}/points.csv", "{}/out.csv", "--layer", "x"), "known: general"),
        (("assign", "{}/points.csv", "{}/points.csv"), "."),
        (("key", "create", "--role", "king", "--name", "x"), "dispatcher"),
        (("key", "create", "--role", "clerk", "--name", "a\0b"), "."),
        (("key", "revoke", "999999"), "999999"),
    ],
    ids=lambda value: " ".join(value)[:50].replace("\0", "NUL") if isinstance(value, tuple) else "",
)
def test_a_command_that_cannot_be_right_says_what_to_do(
    words: tuple[str, ...], says: str, unchanged: str, tmp_path: Path
) -> None:
    (tmp_path / "columns.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "points.csv").write_text("lon,lat\n87.005,36.655\n")
    terminal = Terminal(unchanged, tmp_path / "state")
    said = terminal.run(*[word.replace("{}", str(tmp_path)) for word in words])
    assert said.status == 2, said.text
    assert re.search(says, said.text), said.text
    assert not (tmp_path / "out.csv").exists()
    assert (tmp_path / "points.csv").read_text() == "lon,lat\n87.005,36.655\n"
