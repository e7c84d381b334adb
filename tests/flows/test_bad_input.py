"""What cannot be right gets an answer that says what to do, from every door, and changes nothing."""

import asyncio
import json
import re
import tracemalloc
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import psycopg
import pyogrio
import pytest
import shapely

from geodata.database import connect
from geodata.errors import LoadRefusedError
from geodata.intake.report import LoadOptions, LoadReport
from geodata.load import load, load_frame
from geodata.times import parse_time
from service.app import create_app
from service.settings import Settings
from tests.commands import Terminal
from tests.rings import ring_sets, scaled, shapes_of
from tests.service.conftest import Service, prepared, problem_of, running
from tests.territory import committed

SQUARE = shapely.box(87, 36.65, 87.01, 36.66)
STATIONS = "站点编码,站点名称,经度,纬度\n"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def state_of(url: str) -> tuple[Any, ...]:
    """Version of the data, and how many rows there are of all that a load or a request could write."""
    counted = ("area_versions", "grid_versions", "releases", "holders", "duties", "station_versions", "keys", "audit")
    with connect(url) as connection:
        version = connection.execute("SELECT version FROM data_version").fetchone()
        counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in counted]
    return version, *counts


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


# --- files -----------------------------------------------------------------------------------------------------------

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
    "a column missing": Bad("workers", text("a.csv", "姓名,电话\n甲,1\n"), "Found: 姓名, 电话.*--map code=COLUMN"),
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
        (("lookup", "某路12号"), "write LON,LAT"),
        (("lookup", "87.005"), "write LON,LAT"),
        (("lookup", "87.005,36.655", "--crs", "NOPE"), "Accepted are: EPSG:4326"),
        (("lookup", "87.005,36.655", "--as-of", "2026-13-01"), "Write 2026-01-31"),
        (("lookup", "87.005,36.655", "--layer", "\U0001f600"), "known: general"),
        (("assign", "{}/no.csv", "{}/out.csv"), "no file “no.csv”"),
        (("assign", "{}/columns.csv", "{}/out.csv"), "name it as lon=COLUMN; the columns are: a, b"),
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


# --- the API ---------------------------------------------------------------------------------------------------------

MEGABYTE = 1_000_000


@pytest.fixture
def own_service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """An application of this test alone."""
    keys = prepared(database_url)
    settings = Settings(_env_file=None, database_url=database_url, state_folder=tmp_path)  # type: ignore[call-arg]
    with running(create_app(settings)) as client:
        yield Service(client, keys, settings, database_url)


@pytest.mark.parametrize(
    ("path", "read_megabytes", "held_megabytes"), [("/api/v1/lookup", 8, 20), ("/api/v1/lookup/batch", 64, 4)]
)
def test_a_body_of_200_megabytes_is_refused_early_and_held_nowhere(
    own_service: Service, path: str, read_megabytes: int, held_megabytes: int
) -> None:
    before = state_of(own_service.database_url)
    headers = [
        (b"content-type", b"application/json"),
        (b"authorization", f"Bearer {own_service.keys['clerk']}".encode()),
    ]
    open_files = len(list(Path("/proc/self/fd").iterdir()))
    taken, status, peak = own_service.client._portal.call(_sent_in_blocks, own_service.client.app, path, headers)
    assert status == 413
    assert taken <= read_megabytes + 1
    assert peak < held_megabytes * MEGABYTE
    assert len(list(Path("/proc/self/fd").iterdir())) <= open_files
    assert state_of(own_service.database_url) == before
    lookup = own_service.get("/api/v1/lookup", lon=87.005, lat=36.655)
    assert lookup.json()["status"] == "found"


async def _sent_in_blocks(app: Any, path: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, int, int]:
    """Send 200 MB without saying so beforehand: blocks that were taken, the status, the most bytes held meanwhile."""
    taken = 0
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if taken >= 200:
            await asyncio.Event().wait()
        taken += 1
        return {"type": "http.request", "body": b" " * MEGABYTE, "more_body": taken < 200}

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "query_string": b"",
        "headers": headers,
    }
    tracemalloc.start()
    try:
        await app(scope, receive, send)
        return taken, statuses[0], tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"role": "king", "name": "x"}, 422),
        ({"role": "clerk", "name": ""}, 422),
        ({"role": "clerk", "name": "a\0b"}, 422),
        ({"role": "clerk", "name": "x" * 100_000}, 422),
        ({"role": "clerk", "name": "x", "expires_at": "2026-02-30"}, 422),
        ({"role": "clerk", "name": "x", "expires_at": "never"}, 422),
        ({"role": "clerk"}, 422),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_a_key_that_cannot_be_right_is_not_made(own_service: Service, body: dict[str, str], status: int) -> None:
    before = state_of(own_service.database_url)
    answer = own_service.client.post("/api/v1/keys", json=body, headers=own_service.headers("admin"))
    problem = answer.json()
    assert problem_of(answer, status, problem["code"])["detail"]
    assert state_of(own_service.database_url) == before


# --- bad rings through the whole door --------------------------------------------------------------------------------


def in_rows(shapes: list[Any], *, side: float = 0.01) -> list[Any]:
    """Shapes side by side, each as large as a neighbourhood; what cannot be placed stays as it is."""
    placed = []
    for place, shape in enumerate(shapes):
        here = scaled(shape)
        xy = shapely.get_coordinates(here)
        if here is not None and len(xy) and np.isfinite(xy).all():
            corner = (117 + place % 20 * side * 1.2, 36.5 + place // 20 * side * 1.2)
            here = shapely.transform(here, lambda points, to=corner: (points - (117, 36.5)) * side / 0.1 + to)
        placed.append(here)
    return placed


def loaded(connection: psycopg.Connection[Any], file: Path, *, repair: bool) -> LoadReport:
    """Report of a dry run, which the refusal of a commit repeats."""
    options = LoadOptions(repair=repair, effective=parse_time("2026-01-01"), actor="clerk")
    report = load(connection, "grids", file, options=options)
    with connection.transaction(force_rollback=True), pytest.raises(LoadRefusedError) as refused:
        load(connection, "grids", file, options=replace(options, commit=True))
    assert refused.value.report.errors == report.errors
    return report


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["grids.gpkg", "grids.geojson"])
def test_bad_rings_of_all_kinds_are_findings_or_mends_through_the_loader(
    connection: psycopg.Connection[Any], shared_data: Path, tmp_path: Path, name: str
) -> None:
    different = {shapely.to_wkb(shape): shape for shape, _ in shapes_of(shared_data / "polygons" / "geos")}
    assert len(different) > 500
    # Every fourth: which, the format decides.
    cases = list(different.values())[len(name) % 4 :: 4] + list(ring_sets(shared_data / "polygons" / "earcut"))
    shapes = in_rows(cases)
    frame = gpd.GeoDataFrame({"code": [f"g{place:04d}" for place in range(len(shapes))]}, geometry=shapes, crs=4326)
    file = tmp_path / name
    with warnings.catch_warnings():
        # The writer of the file warns of infinities; it is they that are to be found.
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(frame, file, geometry_type="Unknown" if file.suffix == ".gpkg" else None)
    # A community over half of them, so that clipping has work.
    community = gpd.GeoDataFrame(
        {"code": ["C"], "name": ["社区"]}, geometry=[shapely.box(117, 36, 117.1, 37)], crs=4326
    )
    areas = LoadOptions(commit=True, effective=parse_time("2025-01-01"), actor="clerk")
    load_frame(connection, "areas", community, options=areas)

    plain, mended = loaded(connection, file, repair=False), loaded(connection, file, repair=True)

    assert plain.rows_read == mended.rows_read == len(shapes)
    assert Counter(finding.kind for finding in plain.errors)["invalid-ring"] >= 30
    assert {mend.kind for mend in mended.mends} >= {"made-valid"}
    assert len(mended.errors) < len(plain.errors)
    for report in (plain, mended):
        assert all(finding.message and finding.message_zh for finding in report.findings)
        places = [(finding.lon, finding.lat) for finding in report.findings if finding.lon is not None]
        assert len(places) > len(shapes) / 4
        assert np.isfinite(places).all()
    usable = {"Polygon", "MultiPolygon"}
    for place, shape in enumerate(shapes):
        sound = shape is not None and shape.geom_type in usable and not shape.is_empty and shape.is_valid
        code, row = f"g{place:04d}", place + 1
        told = [finding for finding in plain.errors if finding.row == row or finding.code == code]
        assert sound or told, (code, shape)
        told_mended = any(finding.row == row or finding.code == code for finding in mended.errors)
        assert sound or told_mended or any(mend.code == code for mend in mended.mends), (code, shape)
