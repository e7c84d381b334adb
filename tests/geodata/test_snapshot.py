import shutil
import time
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
import shapely

from geodata.database import connect
from geodata.errors import NotKnownError, UnavailableError
from geodata.moment import Moment
from geodata.published import parts
from geodata.snapshot import Snapshot, compile_snapshot, newest_compiled
from tests.territory import COMMUNITY_A, STREET, committed, publish

LOCAL = ZoneInfo("Asia/Shanghai")


def at(year: int, month: int = 6, day: int = 1) -> int:
    return int(datetime(year, month, day, tzinfo=LOCAL).timestamp() * 1_000_000)


@pytest.fixture
def url(database_url: str) -> str:
    committed(database_url)
    return database_url


def compiled(url: str, home: Path) -> Snapshot:
    with connect(url) as connection:
        return compile_snapshot(connection, home)


@pytest.fixture
def snapshot(url: str, tmp_path: Path) -> Snapshot:
    return compiled(url, tmp_path / "home")


@pytest.fixture
def now(snapshot: Snapshot) -> Moment:
    return snapshot.moment(at(2026))


def test_one_instant_selects_boundary_roster_and_release_together(snapshot: Snapshot) -> None:
    before, after = snapshot.moment(at(2025)), snapshot.moment(at(2026))
    shapes = [moment.geometry(moment.grid("general", "A2")).bounds[2] for moment in (before, after)]
    chiefs = [moment.people(moment.grid("general", "A1"))[0].holder.code for moment in (before, after)]
    releases = [moment.release("general") for moment in (before, after)]
    assert shapes == [87.02, 87.022]
    assert chiefs == ["W1", "W2"]
    assert [release and release.number for release in releases] == [1, 2]


def test_asking_about_many_days_does_not_crowd_the_present_out(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geodata.snapshot._MOMENTS_KEPT", 2)
    present = snapshot.moment(time.time_ns() // 1000)
    others = [snapshot.moment(at(year)) for year in (2024, 2025, 2024, 2025)]
    assert all(other is not present for other in others)
    assert others[1] is not others[3]
    assert snapshot.moment(time.time_ns() // 1000) is present


def test_what_is_remembered_of_grids_is_bounded(now: Moment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geodata.moment._REMEMBERED", 2)
    made: list[str] = []

    def make(_: Moment, how: str, code: str) -> str:
        made.append(code)
        return how + code

    asked = [now.remembered(make, how, code) for how, code in (("x", "1"), ("x", "2"), ("y", "1")) * 2]
    assert asked == ["x1", "x2", "y1"] * 2
    assert now.remembered(make, "y", "1") == "y1"
    assert made == ["1", "2", "1"] * 2


def test_before_the_first_release_nothing_is_in_force(snapshot: Snapshot) -> None:
    moment = snapshot.moment(at(2024))
    assert moment.grids("general") == ()
    assert moment.release("general") is None
    assert moment.areas == {}
    assert moment.stations == ()


def test_a_period_begins_with_its_first_instant_and_ends_before_its_last(snapshot: Snapshot) -> None:
    change = at(2026, 1, 1)
    assert snapshot.moment(change - 1).release("general") != snapshot.moment(change).release("general")


def test_geometry_comes_back_with_the_stored_doubles(now: Moment, url: str) -> None:
    with connect(url) as connection:
        row = connection.execute("SELECT ST_AsBinary(geom) FROM grid_versions WHERE code = 'A1'").fetchone()
    assert row is not None
    assert shapely.equals_exact(now.geometry(now.grid("general", "A1")), shapely.from_wkb(row[0]).geoms[0]) or (
        now.geometry(now.grid("general", "A1")).normalize() == shapely.from_wkb(row[0]).normalize()
    )


def test_areas_form_a_chain_from_the_community_upward(now: Moment) -> None:
    grid = now.grid("general", "A1")
    assert [area.code for area in now.area_chain(grid.community_id)] == [COMMUNITY_A, STREET]
    assert [area.code for area in now.children(STREET)] == ["990101001", "990101002"]
    assert [area.code for area in now.children(None)] == [STREET]
    assert len(now.within(STREET)) == 3
    shape = now.area_geometry(COMMUNITY_A)
    assert shape is not None
    assert shape.bounds == (87.0, 36.65, 87.02, 36.66)


def test_stations_and_keys_are_in_the_snapshot(snapshot: Snapshot, now: Moment) -> None:
    assert [station.services for station in now.stations] == [("社保", "咨询"), ("社保", "咨询")]
    assert snapshot.keys[sha256(b"secret").digest()].role == "dispatcher"


@pytest.mark.parametrize(
    "ask",
    [
        lambda m: m.grid("general", "X"),
        lambda m: m.layer("x"),
        lambda m: m.grid("x", "A1"),
        lambda m: m.area("x"),
        lambda m: m.station("x"),
    ],
)
def test_what_is_not_there_is_said_to_be_not_known(now: Moment, ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotKnownError):
        ask(now)


def test_the_same_version_is_compiled_once(url: str, tmp_path: Path) -> None:
    first = compiled(url, tmp_path)
    again = compiled(url, tmp_path)
    assert again.compiled_at == first.compiled_at


def test_a_roster_change_builds_no_new_index(url: str, tmp_path: Path) -> None:
    compiled(url, tmp_path)
    indexes = {entry.name: entry.stat().st_ino for entry in (tmp_path / "tilings").iterdir()}
    with connect(url) as connection:
        connection.execute("UPDATE worker_versions SET withdrawn_at = now() WHERE name LIKE '%W3'")
    later = compiled(url, tmp_path)
    assert {entry.name: entry.stat().st_ino for entry in (tmp_path / "tilings").iterdir()} == indexes
    assert later.moment(at(2026)).people(later.moment(at(2026)).grid("general", "A2")) == ()


def test_a_roster_change_is_all_that_is_written_and_read_anew(url: str, tmp_path: Path) -> None:
    before = compiled(url, tmp_path)
    known = {entry.name for entry in (tmp_path / "parts").iterdir()}
    with connect(url) as connection:
        connection.execute("UPDATE worker_versions SET withdrawn_at = now() WHERE name LIKE '%W3'")
        connection.commit()
        later = compile_snapshot(connection, tmp_path, before=before)
    written = {entry.name for entry in (tmp_path / "parts").iterdir()} - known
    assert sorted(name.split("-")[1].split(".")[0] for name in written if "." in name) == ["holders"]
    assert [name.split("-")[2] for name in written if "." not in name] == ["holders"]
    assert later.moment(at(2026)).tilings["general"] is before.moment(at(2026)).tilings["general"]
    assert later.moment(at(2026)).stations[0] is before.moment(at(2026)).stations[0]
    assert later.moment(at(2026)).people(later.moment(at(2026)).grid("general", "A2")) == ()
    assert before.moment(at(2026)).people(before.moment(at(2026)).grid("general", "A2")) != ()


def test_of_a_long_register_only_the_shard_that_changed_is_written_and_read_anew(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "SHARD", 2)
    before = compiled(url, tmp_path)
    old = before.moment(at(2026)).roster.register
    known = {entry.name for entry in (tmp_path / "parts").iterdir()}
    with connect(url) as connection:
        connection.execute("UPDATE worker_versions SET withdrawn_at = now() WHERE name LIKE '%W3'")
        connection.commit()
        later = compile_snapshot(connection, tmp_path, before=before)
    written = {entry.name for entry in (tmp_path / "parts").iterdir()} - known
    assert len([name for name in known if name.startswith(f"{parts.FORMAT}-holders.")]) > 1
    assert len([name for name in written if name.startswith(f"{parts.FORMAT}-holders.")]) <= 1
    register = later.moment(at(2026)).roster.register
    shared = {id(holder) for holder in old.holders} & {id(holder) for holder in register.holders}
    assert shared
    anew = newest_compiled(tmp_path).moment(at(2026)).roster.register
    for name in ("roles_of", "holders_of", "duties_for", "leaves_of"):
        assert getattr(register, name) == getattr(anew, name)
    assert register.holders == anew.holders
    assert len(register.holders) == len(old.holders) - 1


def test_a_new_release_is_in_the_next_snapshot_and_old_files_go(url: str, tmp_path: Path) -> None:
    compiled(url, tmp_path)
    for number, east in ((3, 23), (4, 24), (5, 25)):
        with connect(url) as connection:
            publish(connection, number, {"A2": (10, east), "B1": (east, 30)}, f"202{number + 4}-01-01T00:00+08:00")
        later = compiled(url, tmp_path)
    assert later.moment(at(2029)).geometry(later.moment(at(2029)).grid("general", "A2")).bounds[2] == 87.025
    assert len(list(tmp_path.glob("*/records.json"))) == 2
    assert len(list((tmp_path / "tilings").iterdir())) == 2


def test_the_newest_compiled_opens_without_the_database(url: str, tmp_path: Path) -> None:
    version = compiled(url, tmp_path).version
    assert newest_compiled(tmp_path).version == version


def test_nothing_compiled_is_said_to_be_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        newest_compiled(tmp_path)


@pytest.mark.parametrize("damage", ["records.json", "area_starts.npy", "rows.json", "tilings"])
def test_damaged_files_are_unavailable_never_wrong(url: str, tmp_path: Path, damage: str) -> None:
    compiled(url, tmp_path)
    for left in (10, 0):
        for path in tmp_path.rglob(damage):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.write_bytes(path.read_bytes()[:left])
        with pytest.raises(UnavailableError):
            newest_compiled(tmp_path)


def test_damaged_files_are_compiled_anew_when_the_database_answers(url: str, tmp_path: Path) -> None:
    compiled(url, tmp_path)
    (records,) = tmp_path.glob("*/records.json")
    records.write_bytes(b"{")
    assert compiled(url, tmp_path).moment(at(2026)).grids("general")


def test_an_empty_database_compiles_to_an_empty_snapshot(database_url: str, tmp_path: Path) -> None:
    moment = compiled(database_url, tmp_path).moment(at(2026))
    assert [layer.code for layer in moment.layers] == ["general"]
    assert moment.grids("general") == ()
    assert moment.stations == ()


def test_writers_during_a_compile_do_not_mix_two_versions(url: str, tmp_path: Path) -> None:
    def meanwhile(stage: str) -> None:
        if stage == "records":
            with psycopg.connect(url, options="-c search_path=gridmap,public") as other:
                publish(other, 3, {"A2": (10, 29), "B1": (29, 30)}, "2027-01-01T00:00+08:00")

    with connect(url) as connection:
        torn = compile_snapshot(connection, tmp_path, meanwhile)
    assert len(torn.releases["general"]) == 2
    assert torn.moment(at(2027)).geometry(torn.moment(at(2027)).grid("general", "A2")).bounds[2] == 87.022
