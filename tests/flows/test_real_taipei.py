"""A real city from its files to answers and a map: Taipei's villages, 11,490 small areas, its public facilities."""

import csv
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import psycopg
import pyogrio
import pytest
import shapely

from geodata.access import create_key
from geodata.database import connect
from geodata.moment import Moment
from geodata.snapshot_store import SnapshotStore
from service.app import create_app
from service.settings import Settings
from tests.commands import Said, Terminal
from tests.conftest import SHARED_DATA
from tests.owners import owners_by_bulk, owners_by_lookup, owners_by_postgis
from tests.service.conftest import Client, running

pytestmark = pytest.mark.real_data

GRIDS, VILLAGES, WITHOUT_COUNT = 11_490, 456, 630
FACILITIES, REPEATED = 543, 31
EFFECTIVE = ("--effective", "2020-01-01")
CHIEFS = "周一至周五 8:00-12:00，13:30-17:00；节假日休息"
# Every second chief is away in the first days of March; all but the first have the next one stand in.
LEAVE = ("2026-03-02", "2026-03-06")
# As written in the file, and as kept.
HOURS = (
    ("周一至周五 8:30-12:00，13:30-17:30", "Mo-Fr 08:30-12:00,13:30-17:30"),
    ("24小时", "24/7"),
    ("每天9:00-21:00（节假日休息）", "Mo-Su 09:00-21:00; PH closed"),
    ("Mo-Sa 09:00-17:00; PH off", "Mo-Sa 09:00-17:00; PH closed"),
)
VILLAGE = ("--source-layer", "village", "--map", "code=CPTVID", "--map", "name=PTVNAME", *EFFECTIVE)
SMALL_AREA = (
    *("--source-layer", "small_area", "--map", "code=CODEBASE"),
    *("--map", "households=H_CNT", "--map", "persons=P_CNT", *EFFECTIVE),
)


@dataclass(frozen=True)
class City:
    """What the commands said, one after the other, and where it all lies."""

    terminal: Terminal
    said: dict[str, Said]
    findings: pd.DataFrame
    areas: gpd.GeoDataFrame

    def moment(self) -> Moment:
        """Everything in force now."""
        return SnapshotStore(self.terminal.state, self.terminal.url).refresh().moment(time.time_ns() // 1000)


@pytest.fixture(scope="module")
def city(cluster_url: str, template_name: str, tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city as a clerk loads it, command by command."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the open data is not here: {SHARED_DATA} does not exist")
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE taipei TEMPLATE {template_name}")  # type: ignore[arg-type]
    folder = tmp_path_factory.mktemp("taipei")
    terminal = Terminal(cluster_url.replace("/gridmap?", "/taipei?"), folder / "state")
    file, facilities = SHARED_DATA / "taipei" / "taipei.gpkg", folder / "facilities.csv"
    _write_facilities(SHARED_DATA / "taipei" / "facilities.csv", facilities)
    areas = pyogrio.read_dataframe(file, layer="small_area", columns=["CODEBASE"], force_2d=True)
    areas = areas.sort_values("CODEBASE", ignore_index=True)
    villages = pyogrio.read_dataframe(file, layer="village", columns=["CPTVID"], read_geometry=False)
    _write_people(folder, areas["CODEBASE"].tolist())
    _write_chiefs(folder, sorted(villages["CPTVID"]))
    report = folder / "findings.csv"
    codes = ("--map", "code=*", "--map", "category=sub_type", *EFFECTIVE)
    steps: dict[str, tuple[str | Path, ...]] = {
        "unmapped": ("areas", file),
        "villages as they are": ("areas", file, *VILLAGE),
        "villages": ("areas", file, *VILLAGE, "--repair", "--commit"),
        "grids, dry": ("grids", file, *SMALL_AREA, "--report", report),
        "grids": ("grids", file, *SMALL_AREA, "--commit"),
        "grids again": ("grids", file, *SMALL_AREA, "--commit"),
        "stations": ("stations", facilities, *codes, "--commit"),
        "roles": ("roles", folder / "roles.csv", *EFFECTIVE, "--commit"),
        "workers": ("workers", folder / "workers.xlsx", *EFFECTIVE, "--commit"),
        "duties": ("duties", folder / "duties.csv", *EFFECTIVE, "--commit"),
        "duties again": ("duties", folder / "duties.csv", *EFFECTIVE, "--commit"),
        "calendar": ("calendar", folder / "calendar.csv", *EFFECTIVE, "--commit"),
        "chiefs": ("workers", folder / "chiefs.xlsx", *EFFECTIVE, "--commit"),
        "chiefs' duties": ("duties", folder / "chief_duties.xlsx", *EFFECTIVE, "--commit"),
        "leave": ("leave", folder / "leave.xlsx", *EFFECTIVE, "--commit"),
    }
    said = {name: terminal.run("load", *words) for name, words in steps.items()}
    return City(terminal, said, pd.read_csv(report, dtype=str), areas)


def _write_facilities(source: Path, path: Path) -> None:
    """The real facilities, with hours made up for each category, as a clerk may write them."""
    facilities = pd.read_csv(source, dtype=str)
    categories = sorted(facilities["sub_type"].dropna().unique())
    made_up = {category: HOURS[place % len(HOURS)][0] for place, category in enumerate(categories)}
    facilities["开放时间"] = facilities["sub_type"].map(made_up)
    facilities.to_csv(path, index=False)


def _write_people(folder: Path, grids: list[str]) -> None:
    """One worker on duty for each grid, in the files of three different offices."""
    numbers = [f"W{number:05d}" for number in range(len(grids))]
    (folder / "roles.csv").write_text("角色编码,角色名称\nfull,专职网格员\nchief,里长\n", encoding="utf-8")
    names = [f"示例{number}" for number in range(len(grids))]
    phones = [13_800_000_000 + number for number in range(len(grids))]
    workers = pd.DataFrame({"工号": numbers, "姓名": names, "手机号码": phones})
    workers.to_excel(folder / "workers.xlsx", index=False)
    with (folder / "duties.csv").open("w", encoding="gb18030", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["责任人", "角色", "对象类型", "对象编码"])
        writer.writerows((worker, "full", "网格", grid) for worker, grid in zip(numbers, grids, strict=True))


def _write_chiefs(folder: Path, villages: list[str]) -> None:
    """A chief for each village, with office hours, a holiday, and leave in March."""
    chiefs = [f"V{number:05d}" for number in range(len(villages))]
    phones = [13_900_000_000 + number for number in range(len(villages))]
    names = [f"示例里长{number}" for number in range(len(villages))]
    pd.DataFrame({"工号": chiefs, "姓名": names, "手机号码": phones}).to_excel(folder / "chiefs.xlsx", index=False)
    duties = pd.DataFrame(
        {"责任人": chiefs, "角色": "chief", "对象类型": "区划", "对象编码": villages, "值班时间": CHIEFS}
    )
    duties.to_excel(folder / "chief_duties.xlsx", index=False)
    leave = pd.DataFrame({"请假人": chiefs[::2], "请假时间": "至".join(LEAVE), "代班人": [None, *chiefs[3::2]]})
    leave.to_excel(folder / "leave.xlsx", index=False)
    (folder / "calendar.csv").write_text("日期,类型,名称\n2026-01-01,节假日,元旦\n", encoding="utf-8")


@pytest.fixture(scope="module")
def now(city: City) -> Moment:
    return city.moment()


@pytest.fixture(scope="module")
def client(city: City) -> Iterator[Client]:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=city.terminal.url,
        state_folder=city.terminal.state,
    )
    with running(create_app(settings)) as opened:
        yield opened


def test_hours_as_clerks_write_them_are_kept_in_one_syntax(now: Moment) -> None:
    kept = Counter(station.hours for station in now.stations)
    assert set(kept) <= {"", *(hours for _, hours in HOURS)}
    assert min(kept[hours] for _, hours in HOURS) > 50


def test_columns_that_nobody_could_guess_are_asked_for_by_name(city: City) -> None:
    said = city.said["unmapped"]
    assert said.status == 1
    assert "--map code=COLUMN" in said.text
    assert "CPTVID" in said.text
    assert "The file also holds: “small_area”" in said.text
    assert "--repair" not in said.text


def test_two_villages_with_crossing_borders_are_named_with_place_and_remedy(city: City) -> None:
    said = city.said["villages as they are"]
    assert said.status == 1
    for code, place in (("6301000001", "121.5705303, 25.0864693"), ("6301000039", "121.5953817, 25.0756550")):
        (line,) = (line for line in said.text.splitlines() if f"Area {code} " in line)
        assert place in line
        assert "--repair" in line
    assert "Not committed: 2 errors" in said.text
    mended = city.said["villages"]
    assert mended.status == 0
    assert f"{VILLAGES} new" in mended.text
    assert all(f"The ring of area {code} was made valid." in mended.text for code in ("6301000001", "6301000039"))


def test_grids_that_cross_a_village_border_are_warnings_with_shares_and_nothing_is_an_error(city: City) -> None:
    assert city.said["grids, dry"].status == 0
    assert "Dry run" in city.said["grids, dry"].text
    kinds = Counter(zip(city.findings["severity"], city.findings["kind"], strict=True))
    assert set(kinds) == {("warning", "crosses-community"), ("warning", "gap")}
    assert kinds["warning", "crosses-community"] / GRIDS == pytest.approx(0.131, abs=0.002)
    crossing = city.findings[city.findings["kind"] == "crosses-community"]
    assert crossing["row"].astype(int).between(1, GRIDS).all()
    assert crossing["message"].str.contains(r"Only \d+\.\d% of grid A63.* lies in its community 63").all()
    assert crossing["message_zh"].str.contains("请按社区界线调整边界").all()
    lons, lats = city.findings["lon"].astype(float), city.findings["lat"].astype(float)
    west, south, east, north = city.areas.total_bounds
    # Half of the villages reach a little beyond the small areas, and gaps may lie there.
    assert lons.between(west - 0.01, east + 0.01).all()
    assert lats.between(south - 0.01, north + 0.01).all()


def test_every_file_is_committed_and_the_same_file_again_changes_nothing(city: City, now: Moment) -> None:
    assert "Committed, release 1." in city.said["grids"].text
    for again in ("grids again", "duties again"):
        assert city.said[again].status == 0
        assert f"0 new, 0 changed, 0 ended, {GRIDS:,} the same" in city.said[again].text
        assert "Nothing to change" in city.said[again].text
    for name in ("stations", "roles", "workers", "duties", "calendar", "chiefs", "chiefs' duties", "leave"):
        assert city.said[name].status == 0, city.said[name].text
        assert "Committed." in city.said[name].text
    assert f"{FACILITIES - REPEATED} new" in city.said["stations"].text
    counts = [len(now.areas), len(now.grids("general")), len(now.stations), len(now.workers)]
    assert counts == [VILLAGES, GRIDS, FACILITIES - REPEATED, GRIDS + VILLAGES]
    assert sum(grid.households is None for grid in now.grids("general")) == WITHOUT_COUNT
    releases = now.release("general")
    assert releases is not None
    assert releases.number == 1


def test_shapes_come_back_with_the_very_doubles_of_the_file(city: City, now: Moment) -> None:
    stored = np.array([now.geometry(grid) for grid in now.grids("general")])
    assert [grid.code for grid in now.grids("general")] == city.areas["CODEBASE"].tolist()
    ours = shapely.normalize(stored)
    theirs = shapely.normalize(shapely.multipolygons([shapely.get_parts(one) for one in city.areas.geometry]))
    assert shapely.equals_identical(ours, theirs).all()


def test_a_file_of_a_hundred_thousand_points_gets_the_grids_that_sjoin_finds(city: City, tmp_path: Path) -> None:
    rng = np.random.default_rng(2026)
    west, south, east, north = city.areas.total_bounds
    points = np.column_stack([rng.uniform(west, east, 100_000), rng.uniform(south, north, 100_000)])
    events, assigned, summary = (tmp_path / name for name in ("events.csv", "assigned.csv", "summary.csv"))
    pd.DataFrame(points, columns=["经度", "纬度"]).to_csv(events, index_label="事件")
    said = city.terminal.run("assign", events, assigned, "--summary", summary)
    assert said.status == 0, said.text
    rows = pd.read_csv(assigned, dtype={"grid_code": str})
    assert np.array_equal(rows[["经度", "纬度"]].to_numpy(), points)
    frame = gpd.GeoDataFrame(geometry=shapely.points(points), crs="EPSG:4326")
    pairs = gpd.sjoin(frame, city.areas, predicate="covered_by")
    expected = pairs["CODEBASE"].groupby(level=0).min().reindex(frame.index)
    differs = rows["grid_code"].fillna("") != expected.fillna("")
    # Only a hairline between grids, at most a millimetre wide, is owned although no polygon covers it.
    assert not (differs & expected.notna()).any()
    assert rows.loc[differs, "on_boundary"].all()
    assert differs.sum() < 5
    assert (rows["status"] == "found").mean() > 0.4
    assert rows.loc[rows["status"] == "found", "worker"].notna().all()
    counted = pd.read_csv(summary)
    assert counted.loc[counted["level"] == "grid", "rows"].sum() == (rows["status"] == "found").sum()
    assert counted.loc[counted["level"] == "outside", "rows"].item() == (rows["status"] == "outside").sum()


def _shared_vertices(areas: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Vertices that two or more areas have in common, and how many have each."""
    vertices, owners = shapely.get_coordinates(areas.geometry.to_numpy(), return_index=True)
    pairs = np.unique(np.column_stack([vertices, owners]), axis=0)
    places, shared_by = np.unique(pairs[:, :2], axis=0, return_counts=True)
    return places[shared_by > 1], shared_by[shared_by > 1]


def test_a_vertex_that_grids_share_has_one_owner_however_it_is_asked(city: City, now: Moment) -> None:
    places, shared_by = _shared_vertices(city.areas)
    assert len(places) > 50_000
    bulk, on_boundary = owners_by_bulk(now, places)
    assert all(bulk)
    assert all(on_boundary)
    # All corners where four or more meet, and some of the rest, asked one by one and in PostGIS.
    chosen = np.unique(np.concatenate([np.flatnonzero(shared_by >= 4), np.arange(0, len(places), 29)]))
    some = places[chosen]
    expected = [bulk[place] for place in chosen.tolist()]
    assert owners_by_lookup(now, some)[0] == expected
    with closing(connect(city.terminal.url)) as connection:
        assert owners_by_postgis(connection, some) == expected
    tree = shapely.STRtree(city.areas.geometry)
    point, area = tree.query(shapely.points(some), predicate="covered_by")
    lowest = pd.Series(area).groupby(point).min().to_numpy()
    assert city.areas["CODEBASE"].to_numpy()[lowest].tolist() == expected


def test_the_service_answers_over_the_city(city: City, client: Client) -> None:
    with connect(city.terminal.url) as connection:
        key, _ = create_key(connection, role="dispatcher", name="1999", created_by="test")
    here = {"lon": "121.5645", "lat": "25.0340"}
    answer = client.get("/api/v1/lookup", params=here).json()
    (grid,) = answer["grids"]
    assert (answer["status"], grid["code"], grid["release"]) == ("found", "A6302-0529-00", 1)
    assert grid["areas"] == [{"level": "community", "code": "6300200001", "name": "臺北市信義區西村里"}]
    assert grid["nearest_other"]["metres"] == pytest.approx(94.6, abs=0.1)
    assert len(grid["stations"]) == 3
    worker, chief = grid["workers"]
    assert (worker["via"], chief["via"], chief["role"]) == ("grid", "community", "chief")
    assert (worker["name"], worker["phone"][3:7]) == ("示**", "****")
    outside = client.get("/api/v1/lookup", params={"lon": "121.7", "lat": "25.034"}).json()
    assert (outside["status"], outside["grids"]) == ("outside", [])
    assert outside["nearest"][0]["code"] == "A6309-0476-00"
    _await_key(client, key)
    bearer = {"Authorization": f"Bearer {key}"}
    unmasked = client.get("/api/v1/lookup", params=here, headers=bearer).json()["grids"][0]["workers"][0]
    row = city.areas["CODEBASE"].tolist().index("A6302-0529-00")
    assert (unmasked["name"], unmasked["phone"]) == (f"示例{row}", str(13_800_000_000 + row))


def _await_key(client: Client, key: str) -> None:
    """Wait until the service has heard of a key."""
    until = time.monotonic() + 60
    while client.get("/api/v1/workers", headers={"Authorization": f"Bearer {key}"}).status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.05)


# Local instants, whether each of `HOURS` is open then, and whether a village's chief is there.
INSTANTS = (
    ("2026-02-25T10:00", (True, True, True, True), True),
    ("2026-02-25T12:30", (False, True, True, True), False),
    ("2026-02-25T23:30", (False, True, False, False), False),
    ("2026-02-28T10:00", (False, True, True, True), False),
    ("2026-03-01T10:00", (False, True, True, False), False),
    # A Thursday, and a holiday: who says nothing of holidays is open.
    ("2026-01-01T10:00", (True, True, False, False), False),
)


@pytest.mark.parametrize(("at", "opened", "chief"), INSTANTS, ids=[at for at, _, _ in INSTANTS])
def test_every_facility_says_whether_it_is_open_then(
    client: Client, at: str, opened: tuple[bool, ...], chief: bool
) -> None:
    expected = dict(zip((hours for _, hours in HOURS), opened, strict=True))
    seen: Counter[str] = Counter()
    path: str | None = f"/api/v1/stations?as_of={at}&limit=1000"
    while path:
        page = client.get(path).json()
        for station in page["items"]:
            assert station["open_now"] == expected.get(station["hours"]), station
            seen[station["hours"]] += 1
        path = page["next"]
    assert seen.total() == FACILITIES - REPEATED
    near = client.get("/api/v1/lookup", params={"lon": "121.5645", "lat": "25.0340", "as_of": at}).json()
    (grid,) = near["grids"]
    assert all(station["open_now"] == expected.get(station["hours"]) for station in grid["stations"])
    states = {worker["role"]: worker["on_duty_now"] for worker in grid["workers"]}
    assert states == {"full": True, "chief": chief}


def test_the_chief_of_a_village_is_replaced_by_the_stand_in_while_on_leave(city: City, now: Moment, client: Client):
    with connect(city.terminal.url) as connection:
        key, _ = create_key(connection, role="dispatcher", name="1999", created_by="test")
    _await_key(client, key)
    grids = {grid.community_id: grid for grid in now.grids("general")}
    villages = [(number, now.area(code).area_id) for number, code in enumerate(sorted(now.areas)[:120])]
    for number, grid in [(number, grids[area_id]) for number, area_id in villages if area_id in grids]:
        at_home = now.geometry(grid).representative_point()
        chief, other = f"示例里长{number}", f"示例里长{number + 1}"
        away = {chief: (False, "on_leave")} | ({other: (True, None)} if number else {})
        for at, leave in (("2026-02-27T16:00", False), ("2026-03-03T09:00", True), ("2026-03-09T09:00", False)):
            people = _chiefs(client, key, {"lon": at_home.x, "lat": at_home.y, "as_of": at})
            assert people == (away if leave and number % 2 == 0 else {chief: (True, None)})
    assert sum(area_id in grids for _, area_id in villages) > 80


def _chiefs(client: Client, key: str, question: dict[str, object]) -> dict[str, tuple[bool, str | None]]:
    (grid,) = client.get("/api/v1/lookup", params=question, headers={"Authorization": f"Bearer {key}"}).json()["grids"]
    return {one["name"]: (one["on_duty_now"], one["reason"]) for one in grid["workers"] if one["role"] == "chief"}


def test_every_grid_can_be_listed_page_by_page(city: City, client: Client) -> None:
    codes: list[str] = []
    path: str | None = "/api/v1/layers/general/grids?limit=1000"
    while path:
        page = client.get(path).json()
        assert page["total"] == GRIDS
        codes += [item["code"] for item in page["items"]]
        path = page["next"]
    assert codes == city.areas["CODEBASE"].tolist()


def test_the_map_draws_every_grid_of_the_city(client: Client) -> None:
    assert client.get("/maps/grids").status_code == 200
    answer = client.get("/maps/grids/data", headers={"Accept-Encoding": "gzip"})
    drawn = answer.json()
    assert (len(drawn["areas"]), len(drawn["stations"])) == (VILLAGES, FACILITIES - REPEATED)
    assert "grids" not in drawn
    index = client.get(drawn["index"]).json()
    assert len(set(index["code"])) == GRIDS
    tile = client.get(drawn["tiles"]["url"].format(z=15, x=27449, y=14029))
    assert len(mapbox_vector_tile.decode(tile.content)["grids"]["features"]) > 100
    again = client.get("/maps/grids/data", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_check_says_what_is_left_to_do(city: City, now: Moment) -> None:
    said = city.terminal.run("check")
    lines = {words[1]: words[0] for line in said.text.splitlines() if len(words := line.split()) > 1}
    assert (lines["schema"], lines["people"], lines["tilings"]) == ("OK", "OK", "warning")
    assert f"{GRIDS} grids have somebody of their own" in said.text
    assert said.status == 0 or "failed" in said.text
