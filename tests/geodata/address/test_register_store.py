"""The register that a server answers from: what is in it, and that changes are seen."""

import fcntl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psutil
import psycopg
import pytest
import shapely

from geodata.address.base import compiling, make_base
from geodata.address.book import AddressBook
from geodata.address.check import register_check
from geodata.address.store import RegisterStore
from geodata.changes import undo_change
from geodata.database import connect
from geodata.errors import RegisterNotReadyError
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.selfcheck import run_checks
from tests.territory import COMMUNITY_A, COMMUNITY_B, committed

PATIENCE_SECONDS = 60
ADDRESSES = {
    "code": ["A1", "A2", "A3"],
    "text": ["甲街道解放路12号", "甲街道解放路14号", "甲街道柳园小区3号楼2单元"],
    "lon": [87.004, 87.005, 87.012],
    "lat": [36.655, 36.655, 36.656],
}


def load(url: str, kind: str, frame: Any, *, ends: bool = False) -> int:
    """Load rows and commit; the change."""
    with connect(url) as connection:
        report = load_frame(connection, kind, frame, options=LoadOptions(commit=True, retire_missing=ends))
        assert not [finding for finding in report.findings if finding.severity == "error"], report.findings
        assert report.change_id is not None
        return report.change_id


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, options="-c search_path=gridmap,public") as connection:
        connection.execute(statement)  # type: ignore[arg-type]


@pytest.fixture
def url(database_url: str) -> str:
    committed(database_url)
    load(database_url, "addresses", pd.DataFrame(ADDRESSES))
    return database_url


@pytest.fixture
def store(url: str, tmp_path: Path) -> RegisterStore:
    return RegisterStore(tmp_path, url)


@pytest.fixture
def following(store: RegisterStore) -> Iterator[RegisterStore]:
    store.start()
    yield store
    store.stop()


def first(book: AddressBook, text: str) -> str:
    """Kind and code of the likeliest candidate, empty where it is merely near."""
    found = book.find(text).candidates
    return f"{found[0].kind}:{found[0].code}" if found and found[0].exact and found[0].score > 0.5 else ""


def eventually(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def found_in(store: RegisterStore, text: str) -> str:
    try:
        return first(store.current(), text)
    except RegisterNotReadyError:
        return "none"


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_doors_are_found_after_the_register_is_compiled(store: RegisterStore) -> None:
    book = store.refresh()
    assert first(book, "解放路12号") == "address:A1"
    assert first(book, "柳园小区3号楼2单元") == "address:A3"


def test_of_twins_the_one_in_the_area_that_is_said_is_meant(url: str, store: RegisterStore) -> None:
    # Neither text says its community: the shapes of the areas do.
    load(
        url, "addresses", pd.DataFrame({"code": ["A5"], "text": ["甲街道解放路12号"], "lon": [87.025], "lat": [36.655]})
    )
    book = store.refresh()
    assert first(book, "甲一社区解放路12号") == "address:A1"
    assert first(book, "甲二社区解放路12号") == "address:A5"


def test_compounds_buildings_places_stations_and_streets_are_found(url: str, store: RegisterStore) -> None:
    load(
        url,
        "compounds",
        gpd.GeoDataFrame(
            {"code": ["C1"], "name": ["柳园小区"], "aliases": ["纺织厂宿舍"]},
            geometry=[shapely.box(87.011, 36.6551, 87.014, 36.658)],
            crs="EPSG:4326",
        ),
    )
    load(
        url,
        "buildings",
        pd.DataFrame(
            {"code": ["B7"], "name": ["7号楼"], "compound": ["C1"], "units": ["1,2"], "lon": [87.012], "lat": [36.657]}
        ),
    )
    load(
        url,
        "places",
        pd.DataFrame({"code": ["P1"], "name": ["红星电影院"], "aliases": ["老影院"], "lon": [87.02], "lat": [36.656]}),
    )
    load(
        url,
        "streets",
        gpd.GeoDataFrame(
            {"code": ["S1"], "name": ["建设大街"]},
            geometry=[shapely.LineString([(87.001, 36.652), (87.025, 36.652)])],
            crs="EPSG:4326",
        ),
    )
    book = store.refresh()
    assert first(book, "纺织厂宿舍") == "compound:C1"
    assert first(book, "柳园小区7号楼") == "building:B7"
    assert first(book, "老影院") == "place:P1"
    assert first(book, "示例站S1") == "station:S1"
    street = book.find("建设大街").candidates[0]
    assert (street.kind, street.code) == ("street", "S1")
    # A point every hundred metres of two kilometres: in each of its grids.
    assert len(street.points) == 22
    unit = book.find("柳园小区7号楼2单元").candidates[0]
    assert (unit.kind, unit.code, unit.parts["unit"]) == ("building", "B7", "2")


def test_a_crossing_is_where_its_streets_meet(url: str, store: RegisterStore) -> None:
    lines = [
        [(87.001, 36.652), (87.010, 36.652)],
        [(87.010, 36.652), (87.025, 36.652)],
        [(87.010, 36.650), (87.010, 36.658)],
        [(87.012, 36.656), (87.020, 36.656)],
    ]
    streets = {"code": ["S1", "S2", "S3", "S4"], "name": ["建设大街", "建设大街", "光明路", "光明路"]}
    load(url, "streets", gpd.GeoDataFrame(streets, geometry=[*map(shapely.LineString, lines)], crs="EPSG:4326"))
    crossing = store.refresh().find("光明路建设大街路口").candidates[0]

    assert (crossing.level, crossing.text) == ("crossing", "光明路与建设大街交叉口")
    assert (round(crossing.lon, 4), round(crossing.lat, 4)) == (87.01, 36.652)
    assert len(crossing.points) == 1


def test_streets_of_one_name_side_by_side_are_no_changes_of_a_register_that_was_just_compiled(
    url: str, store: RegisterStore
) -> None:
    lines = [shapely.LineString([(87.001, lat), (87.010, lat)]) for lat in (36.652, 36.65201)]
    streets = {"code": ["S1", "S2"], "name": ["建设大街", "建设大街"]}
    load(url, "streets", gpd.GeoDataFrame(streets, geometry=lines, crs="EPSG:4326"))
    book = store.refresh()
    assert (book.changes, book.changed) == (0, None)
    assert book.find("建设大街").candidates[0].kind == "street"


def test_a_compound_is_at_its_gates_and_buildings_too(url: str, store: RegisterStore) -> None:
    load(url, "compounds", gpd.GeoDataFrame({"code": ["C1"], "name": ["长街花园"]}, geometry=[None], crs="EPSG:4326"))
    load(url, "gates", pd.DataFrame({"compound": ["C1"], "lon": [87.009], "lat": [36.655]}))
    load(
        url,
        "buildings",
        pd.DataFrame(
            {
                "code": ["B1", "B2"],
                "name": ["1号楼", "2号楼"],
                "compound": ["C1", "C1"],
                "lon": [87.0011, 87.0251],
                "lat": [36.655, 36.655],
            }
        ),
    )
    found = store.refresh().find("长街花园").candidates[0]
    assert (found.kind, found.code) == ("compound", "C1")
    assert set(found.points[:, 0].tolist()) == {87.0011, 87.009, 87.0251}


def test_an_empty_register_finds_nothing(database_url: str, tmp_path: Path) -> None:
    book = RegisterStore(tmp_path, database_url).refresh()
    assert len(book) == 0
    assert book.find("解放路12号").candidates == ()


# --- changes ---------------------------------------------------------------------------------------------------------


def test_a_new_changed_or_withdrawn_door_is_seen_without_compiling_all_anew(url: str, store: RegisterStore) -> None:
    before = store.refresh()
    load(
        url,
        "addresses",
        pd.DataFrame(
            {
                "code": ["A1", "A4"],
                "text": ["甲街道解放路112号", "甲街道解放路16号"],
                "lon": [87.004, 87.006],
                "lat": [36.655, 36.655],
            }
        ),
    )
    run(url, "UPDATE addresses SET withdrawn_at = now() WHERE code = 'A3'")
    after = store.refresh()
    assert after.base.keys is before.base.keys
    assert after.version != before.version
    assert first(after, "解放路16号") == "address:A4"
    assert first(after, "解放路112号") == "address:A1"
    assert first(after, "解放路12号") == ""
    assert first(after, "柳园小区3号楼2单元") == ""
    assert first(before, "解放路12号") == "address:A1"


def test_what_is_undone_is_as_it_was(url: str, store: RegisterStore) -> None:
    store.refresh()
    change = load(
        url,
        "addresses",
        pd.DataFrame({"code": ["A1"], "text": ["甲街道解放路112号"], "lon": [87.004], "lat": [36.655]}),
    )
    assert first(store.refresh(), "解放路112号") == "address:A1"
    with connect(url) as connection:
        undo_change(connection, change, "test")
    book = store.refresh()
    assert first(book, "解放路12号") == "address:A1"
    assert first(book, "解放路112号") == ""


@pytest.mark.parametrize("kind", ["compounds", "places", "buildings", "streets"])
def test_a_changed_record_of_any_kind_is_seen(url: str, store: RegisterStore, kind: str) -> None:
    def frame(name: str) -> Any:
        point, line = shapely.Point(87.015, 36.656), shapely.LineString([(87.01, 36.653), (87.02, 36.653)])
        shape = {"compounds": point.buffer(0.001), "streets": line}.get(kind, point)
        return gpd.GeoDataFrame({"code": ["X1"], "name": [name]}, geometry=[shape], crs="EPSG:4326")

    load(url, kind, frame("望湖大街"))
    before = store.refresh()
    assert first(before, "望湖大街").endswith(":X1")
    load(url, kind, frame("电信新村"))
    after = store.refresh()
    assert first(after, "电信新村").endswith(":X1")
    assert first(after, "望湖大街") == ""
    assert after.base.keys is before.base.keys


def test_areas_that_change_are_known_by_their_new_names(url: str, store: RegisterStore) -> None:
    store.refresh()
    run(url, "UPDATE area_versions SET withdrawn_at = now() WHERE code = '990101001'")
    run(
        url,
        "INSERT INTO area_versions (area_id, code, name, level, parent_id, geom, period) SELECT area_id, code, "
        "'锦绣社区', level, parent_id, geom, period FROM area_versions WHERE code = '990101001'",
    )
    book = store.refresh()
    assert book.find("锦绣社区解放路12号").candidates[0].score > book.find("甲二社区解放路12号").candidates[0].score


def draw(url: str, code: str, name: str, west: int, east: int) -> None:
    """A new version of an area: its name, and a box between two thousandths of a degree east of 87."""
    run(url, f"UPDATE area_versions SET withdrawn_at = now() WHERE code = '{code}'")
    run(
        url,
        "INSERT INTO area_versions (area_id, code, name, level, parent_id, geom, period) SELECT DISTINCT ON (code) "
        f"area_id, code, '{name}', level, parent_id, ST_Multi(ST_MakeEnvelope(87 + {west} * 0.001, 36.65, "
        f"87 + {east} * 0.001, 36.66, 4326)), period FROM area_versions WHERE code = '{code}' ORDER BY code",
    )


def test_a_border_that_is_moved_moves_what_lies_there_and_leaves_the_base(url: str, store: RegisterStore) -> None:
    load(
        url, "addresses", pd.DataFrame({"code": ["A5"], "text": ["甲街道解放路12号"], "lon": [87.025], "lat": [36.655]})
    )
    before = store.refresh()
    assert first(before, "甲一社区解放路12号") == "address:A1"
    draw(url, COMMUNITY_A, "甲一社区", 20, 30)
    draw(url, COMMUNITY_B, "甲二社区", 0, 20)
    after = store.refresh()
    assert first(after, "甲一社区解放路12号") == "address:A5"
    assert first(after, "甲二社区解放路12号") == "address:A1"
    assert after.base.keys is before.base.keys
    assert len(after) == len(before)


def test_areas_that_are_drawn_anew_as_they_were_move_nothing(url: str, store: RegisterStore) -> None:
    before = store.refresh()
    draw(url, COMMUNITY_A, "甲一社区", 0, 20)
    after = store.refresh()
    assert after.version != before.version
    assert after.base.keys is before.base.keys
    assert after.changes == 0


def test_a_new_area_is_known_though_nothing_lies_in_it(url: str, store: RegisterStore) -> None:
    before = store.refresh()
    assert not before.find("望湖社区").areas
    draw(url, COMMUNITY_B, "望湖社区", 40, 50)
    after = store.refresh()
    assert after.find("望湖社区").areas == ("望湖社区",)
    assert after.base.keys is before.base.keys


def test_where_too_much_lies_in_other_areas_the_base_is_made_anew(
    url: str, store: RegisterStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.refresh()
    monkeypatch.setattr("geodata.address.moved.MOST_MOVED", 1)
    draw(url, COMMUNITY_A, "锦绣社区", 0, 20)
    after = store.refresh()
    assert after.base.keys is not before.base.keys
    assert after.find("锦绣社区解放路12号").candidates[0].score > after.find("甲二社区解放路12号").candidates[0].score


def test_a_record_comes_into_force_by_itself(url: str, store: RegisterStore) -> None:
    run(
        url,
        "WITH one AS (INSERT INTO places (code) VALUES ('P9') RETURNING place_id) INSERT INTO place_versions "
        "(place_id, name, geom, period) SELECT place_id, '新开影城', ST_SetSRID(ST_Point(87.01, 36.655), 4326), "
        "tstzrange(now() + interval '1.5 seconds', NULL) FROM one",
    )
    assert first(store.refresh(), "新开影城") == ""
    assert eventually(lambda: first(store.refresh(), "新开影城") == "place:P9")


def test_a_record_ends_by_itself_though_a_later_end_was_known_before(url: str, store: RegisterStore) -> None:
    add = """WITH one AS (INSERT INTO places (code) VALUES ('{code}') RETURNING place_id) INSERT INTO place_versions
        (place_id, name, geom, period) SELECT place_id, '{name}', ST_SetSRID(ST_Point(87.01, 36.655), 4326),
        tstzrange(now() - interval '1 day', now() + interval '{seconds} seconds') FROM one"""
    run(url, add.format(code="P8", name="临时集市", seconds=3600))
    store.refresh()
    run(url, add.format(code="P9", name="流动影院", seconds=2.5))
    assert first(store.refresh(), "流动影院") == "place:P9"
    assert eventually(lambda: first(store.refresh(), "流动影院") == "")
    assert first(store.refresh(), "临时集市") == "place:P8"


def test_more_changes_than_are_listed_make_the_base_anew(url: str, store: RegisterStore) -> None:
    before = store.refresh()
    run(
        url,
        "INSERT INTO addresses (code, text, geom) SELECT 'N' || n, '甲街道青年路' || n || '号', "
        "ST_SetSRID(ST_MakePoint(87.01, 36.655), 4326) FROM generate_series(1, 20001) AS n",
    )
    after = store.refresh()
    assert after.base.keys is not before.base.keys
    assert len(after.base) == len(before.base) + 20001
    assert first(after, "青年路20001号") == "address:N20001"


def test_a_server_sees_changes_by_itself(url: str, following: RegisterStore) -> None:
    assert eventually(lambda: found_in(following, "解放路12号") == "address:A1")
    load(
        url, "addresses", pd.DataFrame({"code": ["A4"], "text": ["甲街道解放路16号"], "lon": [87.006], "lat": [36.655]})
    )
    assert eventually(lambda: found_in(following, "解放路16号") == "address:A4")


def test_an_index_in_use_does_not_change_under_its_user(url: str, store: RegisterStore) -> None:
    held = store.refresh()
    run(url, "UPDATE addresses SET withdrawn_at = now()")
    assert first(store.refresh(), "解放路12号") == ""
    assert first(held, "解放路12号") == "address:A1"


# --- files -----------------------------------------------------------------------------------------------------------


def test_until_it_is_compiled_the_register_is_unavailable(store: RegisterStore) -> None:
    with pytest.raises(RegisterNotReadyError) as told:
        store.current()
    assert told.value.facts["retry_seconds"] > 0
    assert "point" in told.value.detail
    assert "坐标" in told.value.detail_zh


def test_a_second_process_opens_what_the_first_compiled(url: str, store: RegisterStore) -> None:
    made = store.refresh()
    other = RegisterStore(store.home, url)
    assert other.refresh().version == made.version
    assert len(list(store.home.glob("base-*"))) == 1


def test_the_database_may_be_away_once_a_register_was_compiled(store: RegisterStore) -> None:
    store.refresh()
    away = RegisterStore(store.home, "postgresql://nobody@127.0.0.1:9/nothing")
    away.start()
    try:
        assert eventually(lambda: found_in(away, "解放路12号") == "address:A1")
    finally:
        away.stop()


@pytest.mark.parametrize("damage", ["slots.npy", "meta.json", "base.json", "texts.npy"])
def test_a_damaged_register_is_made_anew(store: RegisterStore, url: str, damage: str) -> None:
    store.refresh()
    (base,) = store.home.glob("base-*")
    (base / damage).write_bytes(b"damaged")
    book = RegisterStore(store.home, url).refresh()
    assert first(book, "解放路12号") == "address:A1"


@pytest.mark.parametrize("left", [0, -8])
def test_a_file_that_is_cut_short_is_damage(store: RegisterStore, url: str, left: int) -> None:
    store.refresh()
    (base,) = store.home.glob("base-*")
    whole = (base / "slots.npy").read_bytes()
    (base / "slots.npy").write_bytes(whole[:left])
    assert first(RegisterStore(store.home, url).refresh(), "解放路12号") == "address:A1"


def test_a_register_of_another_database_is_not_taken_for_ours(store: RegisterStore, url: str) -> None:
    before = store.refresh()
    run(url, "UPDATE data_version SET database_id = gen_random_uuid()")
    after = RegisterStore(store.home, url).refresh()
    assert after.base.keys is not before.base.keys
    assert len(list(store.home.glob("base-*"))) == 2


def test_a_register_of_a_later_state_than_a_restored_backup_is_not_taken(store: RegisterStore, url: str) -> None:
    store.refresh()
    run(url, "UPDATE data_parts SET version = 0, raised_by = '0' WHERE part = 'addresses'; DELETE FROM address_changes")
    run(url, "UPDATE addresses SET withdrawn_at = now() WHERE code = 'A1'")
    run(url, "UPDATE addresses SET withdrawn_at = NULL WHERE code = 'A1'")
    assert first(RegisterStore(store.home, url).refresh(), "解放路12号") == "address:A1"
    assert len(list(store.home.glob("base-*"))) == 2


def test_what_is_compiled_already_is_not_compiled_again(store: RegisterStore, url: str) -> None:
    far = time.time_ns() // 1000 + 3_600_000_000
    with connect(url) as connection:
        made = make_base(connection, store.home, far)
        assert make_base(connection, store.home, far).at == made.at
    run(url, "UPDATE addresses SET withdrawn_at = now() WHERE code = 'A1'")
    with connect(url) as connection:
        assert make_base(connection, store.home, far).at > made.at


def test_older_registers_are_forgotten(store: RegisterStore, url: str) -> None:
    for _ in range(4):
        store.refresh()
        run(url, "UPDATE data_version SET database_id = gen_random_uuid()")
    assert len(list(store.home.glob("base-*"))) == 2
    assert not list(store.home.glob("unfinished-*"))


def test_a_base_is_made_in_a_process_of_its_own(url: str, store: RegisterStore) -> None:
    program = [sys.executable, "-m", "geodata.address.base", str(store.home)]
    done = subprocess.run(program, input=f"{url}\n", text=True, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(store.home.glob("base-*"))
    assert first(RegisterStore(store.home, url).refresh(), "解放路12号") == "address:A1"


def test_a_compiling_that_is_told_to_end_leaves_nothing_behind(url: str, store: RegisterStore) -> None:
    run(url, "INSERT INTO addresses (code, text, geom) SELECT 'N' || n, '甲街道青年路' || n || '号', "
             "ST_SetSRID(ST_Point(87.01, 36.655), 4326) FROM generate_series(1, 110000) AS n")  # fmt: skip
    program = [sys.executable, "-m", "geodata.address.base", str(store.home)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdin is not None
        child.stdin.write(f"{url}\n")
        child.stdin.close()
        # Two processes read for it by then.
        assert eventually(lambda: (compiling(store.home) or (0, 0))[0] > 0)
        readers = psutil.Process(child.pid).children(recursive=True)
        assert len(readers) >= 2
        child.terminate()
        assert child.wait(timeout=PATIENCE_SECONDS) == 1
    assert eventually(lambda: not any(reader.is_running() for reader in readers))
    assert sorted(path.name for path in store.home.iterdir()) == ["compile.lock"]


# --- the operator's check --------------------------------------------------------------------------------------------


def checked(store: RegisterStore, url: str) -> Any:
    (result,) = run_checks(url, store.home, [register_check(store)])
    return result


def test_the_check_says_that_nothing_is_compiled_and_what_compiles_it(store: RegisterStore, url: str) -> None:
    result = checked(store, url)
    assert (result.name, result.status) == ("register", "warning")
    assert "3 addresses" in result.message
    assert "3 条地址" in result.message_zh
    assert "gridmap serve" in result.hint
    assert not store.home.exists() or not list(store.home.glob("base-*"))


def test_the_check_says_how_much_is_compiled_and_how_much_changed_since(store: RegisterStore, url: str) -> None:
    store.refresh()
    run(url, "UPDATE addresses SET withdrawn_at = now() WHERE code = 'A1'")
    result = checked(store, url)
    assert result.ok
    assert result.message == "2 addresses; compiled 5 entries, 1 changed since"


def test_the_check_says_that_too_much_changed_since(store: RegisterStore, url: str) -> None:
    store.refresh()
    run(url, "INSERT INTO addresses (code, text, geom) SELECT 'N' || n, '甲街道青年路' || n || '号', "
             "ST_SetSRID(ST_Point(87.01, 36.655), 4326) FROM generate_series(1, 20001) AS n")  # fmt: skip
    assert checked(store, url).status == "warning"


def test_the_check_says_how_far_the_compiling_has_come(store: RegisterStore, url: str) -> None:
    store.home.mkdir(exist_ok=True)
    (store.home / "progress").write_text("20000 3000000")
    with (store.home / "compile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "20,000 of 3,000,000" in checked(store, url).message
        with pytest.raises(RegisterNotReadyError, match="1 %"):
            store.current()
    assert "not compiled yet" in checked(store, url).message
