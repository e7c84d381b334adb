"""The walking network that a server counts on: what is in it, that changes are seen, that its files may break."""

import fcntl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psycopg
import pytest

from geodata import database
from geodata.errors import NetworkNotReadyError, NoNetworkError, UnavailableError
from geodata.selfcheck import CheckContext
from geodata.station.network import compile as compiling
from geodata.station.network import store as stores
from geodata.station.network.build import build_network
from geodata.station.network.check import network_check
from geodata.station.network.store import NetworkStore
from geodata.station.network.walking import NoNetwork

PATIENCE_SECONDS = 60
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
STREET = """INSERT INTO streets (code, name, class, foot, geom, closed, cut) VALUES (%s, %s, %s, %s,
    ST_SetSRID(ST_Multi(ST_GeomFromText(%s)), 4326), ST_SetSRID(ST_GeomFromText(%s), 4326),
    ST_SetSRID(ST_GeomFromText(%s), 4326))"""


def run(url: str, statement: str, *values: object) -> None:
    with database.connect(url) as connection:
        connection.execute(statement, values)  # type: ignore[arg-type]


def street(
    url: str, code: str, line: str, *, foot: str = "", closed: str | None = None, cut: str | None = None
) -> None:
    run(url, STREET, code, f"{code}路", "residential", foot, f"LINESTRING({line})", closed, cut)


def door(url: str, code: str, lon: float, lat: float, households: int = 3) -> None:
    run(
        url,
        """INSERT INTO addresses (code, text, road, number, households, geom)
        VALUES (%s, %s, '甲路', '1号', %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326))""",
        code,
        f"甲路{code}号",
        households,
        lon,
        lat,
    )


@pytest.fixture
def url(database_url: str) -> str:
    """Two streets that cross, and a home beside one of them."""
    street(database_url, "S1", "87 36, 87.01 36")
    street(database_url, "S2", "87.005 35.995, 87.005 36, 87.005 36.005")
    run(database_url, "UPDATE streets SET withdrawn_at = now() WHERE code = 'S1'")
    street(database_url, "S1", "87 36, 87.005 36, 87.01 36", cut="MULTIPOINT(87.01 36)")
    door(database_url, "A1", 87.002, 36.0005)
    return database_url


@pytest.fixture
def store(url: str, tmp_path: Path) -> NetworkStore:
    return NetworkStore(tmp_path / "network", url)


@pytest.fixture
def following(store: NetworkStore) -> Iterator[NetworkStore]:
    store.start()
    yield store
    store.stop()


def eventually(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def edges(store: NetworkStore) -> int:
    """How many edges the network has; -1 while there is none."""
    try:
        return store.current().network.edge_count
    except NetworkNotReadyError:
        return -1


def folders(store: NetworkStore) -> dict[str, int]:
    """When each compiled folder was written."""
    return {folder.name: folder.stat().st_mtime_ns for folder in store.home.iterdir() if folder.is_dir()}


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_a_network_has_the_streets_the_homes_and_the_profiles_of_one_state(store: NetworkStore) -> None:
    walking = store.refresh().ready()
    assert (walking.network.node_count, walking.network.edge_count) == (5, 4)
    assert walking.network.names == ("", "S1路", "S2路")
    assert np.count_nonzero(walking.network.cut) == 1
    assert walking.homes.counts["households"].tolist() == [3.0]
    assert walking.homes_connectors.on_network().tolist() == [True]
    assert walking.places.places == 1
    assert list(walking.profiles) == ["adult", "older", "wheelchair"]
    assert walking.profiles["adult"].kmh == 5.0
    assert walking.profiles["wheelchair"].steps_factor is None
    standing = store.standing
    assert (standing.state, standing.edges, standing.homes, standing.off_network) == ("ready", 4, 1, 0)
    assert (standing.version, standing.stale_since) == (walking.network.version, None)


def test_streets_that_are_not_walked_closed_gates_and_barriers_are_minded(url: str, store: NetworkStore) -> None:
    street(url, "S3", "87.01 36, 87.02 36", foot="private")
    street(url, "S4", "87 36, 87 36.01", foot="steps", closed="MULTIPOINT(87 36)")
    lake = "ST_Multi(ST_MakeEnvelope(87.001, 36.0001, 87.009, 36.0004, 4326))"
    run(url, f"INSERT INTO barriers (code, class, geom) VALUES ('B1', 'water', {lake})")
    walking = store.refresh()
    assert walking.network.steps.tolist().count(True) == 1
    assert len(walking.network.piece_mm) == 2
    assert walking.network.barrier_area.tolist() == [True] * 4
    assert store.standing.off_network == 1


def test_without_streets_there_is_a_network_that_nobody_can_walk_on(database_url: str, tmp_path: Path) -> None:
    door(database_url, "A1", 87.002, 36.0005)
    store = NetworkStore(tmp_path, database_url)
    walking = store.refresh()
    assert (walking.network.edge_count, len(walking.homes)) == (0, 1)
    assert store.standing.state == "empty"
    with pytest.raises(NoNetworkError) as refused:
        walking.ready()
    assert "gridmap load streets" in refused.value.detail
    assert "gridmap load streets" in refused.value.detail_zh


def test_until_it_is_compiled_nobody_is_told_a_time(store: NetworkStore) -> None:
    for networks in (store, NoNetwork()):
        assert networks.standing.state == "waiting"
        with pytest.raises(NetworkNotReadyError) as refused:
            networks.current()
        assert refused.value.facts["retry_seconds"] > 0
    store.home.mkdir()
    with (store.home / "compile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert (store.standing.state, store.standing.compiling) == ("compiling", True)


# --- changes ---------------------------------------------------------------------------------------------------------


def test_a_changed_address_compiles_no_network_anew_and_a_changed_street_reads_no_homes(
    url: str, store: NetworkStore
) -> None:
    before, made = store.refresh(), folders(store)
    door(url, "A2", 87.002, 36.002)
    after = store.refresh()
    assert after.network is before.network
    assert (len(after.homes), store.standing.off_network) == (2, 1)
    assert after.version != before.version
    assert {name for name in folders(store) if name not in made and name.startswith("network")} == set()

    made = folders(store)
    street(url, "S5", "87.005 36.005, 87.002 36.002")
    last = store.refresh()
    assert last.network.edge_count == 5
    assert last.network.version != before.network.version
    assert store.standing.off_network == 0
    assert {name for name in folders(store) if name not in made and name.startswith("homes")} == set()
    # Whoever holds what was there before goes on with it.
    assert (before.network.edge_count, before.homes_connectors.first.tolist()[-1] > 0) == (4, True)


def test_a_changed_profile_and_a_roster_compile_no_arrays_anew(url: str, store: NetworkStore) -> None:
    before, made = store.refresh(), folders(store)
    run(url, "UPDATE walking_profiles SET kmh = 4 WHERE code = 'adult'")
    after = store.refresh()
    assert after.profiles["adult"].kmh == 4.0
    assert after.version != before.version
    assert folders(store) == made
    run(url, "INSERT INTO roles (code) VALUES ('R1')")
    assert store.refresh() is after
    run(url, "DELETE FROM walking_profiles")
    assert list(store.refresh().profiles) == ["adult"]


def test_a_gate_that_comes_into_force_by_itself_moves_where_walks_begin(url: str, store: NetworkStore) -> None:
    run(
        url,
        """WITH one AS (INSERT INTO compounds (code) VALUES ('C1') RETURNING compound_id),
        made AS (INSERT INTO compound_versions (compound_id, name, geom, period)
            SELECT compound_id, '柳园', ST_Multi(ST_MakeEnvelope(87.0015, 36, 87.0025, 36.001, 4326)),
                   tstzrange(now() - interval '1 day', NULL) FROM one RETURNING compound_id),
        gate AS (INSERT INTO gates (code) VALUES ('G1') RETURNING gate_id)
        INSERT INTO gate_versions (gate_id, compound_id, geom, period)
        SELECT gate_id, compound_id, ST_SetSRID(ST_MakePoint(87.0025, 36.0002), 4326),
               tstzrange(now() + interval '1.5 seconds', NULL) FROM gate, made""",
    )
    assert store.refresh().homes.start_lons.tolist() == [87.002]
    assert eventually(lambda: store.refresh().homes.start_lons.tolist() == [87.0025])


def test_a_server_sees_changes_by_itself(url: str, following: NetworkStore) -> None:
    assert eventually(lambda: edges(following) == 4)
    street(url, "S5", "87.005 36.005, 87.002 36.002")
    street(url, "S6", "87.005 36.005, 87.008 36.002")
    assert eventually(lambda: edges(following) == 6)
    assert eventually(lambda: following.standing.stale_since is None and not following.standing.compiling)


def test_a_large_network_is_compiled_in_a_process_of_its_own_and_never_again_where_that_is_another_program(
    store: NetworkStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stores, "make_walking", None)
    with monkeypatch.context() as exchanged:
        # The process that compiles takes the program from disk.
        exchanged.setattr(compiling, "program", lambda: "the one before")
        store._build(large=True)
        assert "restart the service" in caplog.text
        assert not store._follower.may_build
        assert edges(store) == -1
    assert store.refresh().network.edge_count == 4


# --- files -----------------------------------------------------------------------------------------------------------


def test_what_one_process_compiled_others_open_with_the_database_away_too(store: NetworkStore, url: str) -> None:
    first, made = store.refresh(), folders(store)
    second = NetworkStore(store.home, url).refresh()
    assert folders(store) == made
    assert second.version == first.version
    assert not any(array.flags.writeable for array in (second.network.mm, second.homes.lons, second.places.place))
    assert np.array_equal(second.network.index.edge, first.network.index.edge)

    alone = NetworkStore(store.home, NOWHERE)
    alone.start()
    try:
        assert eventually(lambda: edges(alone) == 4)
    finally:
        alone.stop()
    assert alone.current().version == first.version
    assert alone.standing.stale_since == first.compiled_at
    with pytest.raises(UnavailableError):
        alone.refresh()

    run(url, "UPDATE data_version SET database_id = gen_random_uuid()")
    assert NetworkStore(store.home, url).refresh().network.version != first.network.version


def test_servers_that_start_at_once_compile_once(
    store: NetworkStore, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[object] = []

    def counting(*lines: object, **given: object) -> object:
        built.append(lines)
        time.sleep(0.2)
        return build_network(*lines, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(compiling, "build_network", counting)
    with ThreadPoolExecutor(3) as servers:
        stores_of_servers = [store, NetworkStore(store.home, url), NetworkStore(store.home, url)]
        found = list(servers.map(lambda one: one.refresh().version, stores_of_servers))
    assert (len(set(found)), len(built)) == (1, 1)


def test_without_database_and_files_there_is_nothing_to_answer_from(tmp_path: Path) -> None:
    alone = NetworkStore(tmp_path, NOWHERE)
    with pytest.raises(NetworkNotReadyError):
        alone.open_compiled()


def test_damaged_files_are_compiled_anew(store: NetworkStore, url: str) -> None:
    version = store.refresh().version
    for damage in ("gone", "empty", "cut off", "not ours", "one byte", "facts", "pointer"):
        break_files(store.home, damage)
        again = NetworkStore(store.home, url)
        with pytest.raises(NetworkNotReadyError):
            again.open_compiled()
        assert (damage, again.refresh().version) == (damage, version)
        assert again.current().network.edge_count == 4


def break_files(home: Path, damage: str) -> None:
    for file in home.rglob("*"):
        if damage == "facts" and file.name == "facts.json":
            file.write_text('{"network": {}}')
        elif damage == "pointer" and file.name == "current.json":
            file.write_text("[]")
        elif file.suffix == ".npy" and damage == "gone":
            file.unlink()
        elif file.suffix == ".npy" and damage not in ("facts", "pointer"):
            whole = file.read_bytes()
            other = whole[:-1] + bytes([whole[-1] ^ 1])
            file.write_bytes({"empty": b"", "cut off": whole[:-1], "not ours": b"x" * 400, "one byte": other}[damage])


def test_only_the_last_two_of_each_are_kept_and_nothing_unfinished(url: str, store: NetworkStore) -> None:
    for number in range(4):
        street(url, f"T{number}", f"87 36, 86.99 36.00{number}")
        door(url, f"B{number}", 87.001, 36 + number * 0.0001)
        store.refresh()
    (store.home / "unfinished-x").mkdir()
    door(url, "B9", 87.0015, 36.0001)
    store.refresh()
    kinds = [name.partition("-")[0] for name in folders(store)]
    assert {kind: kinds.count(kind) for kind in kinds} == {"network": 2, "homes": 2, "places": 2}


# --- the operator's check --------------------------------------------------------------------------------------------


def told(store: NetworkStore, url: str) -> tuple[str, str]:
    with psycopg.connect(url, autocommit=True, options="-c search_path=gridmap,public") as connection:
        found = network_check(store)(CheckContext(url, store.home, connection))
    assert found.message_zh
    return found.status, found.message


def test_the_check_says_what_is_compiled_and_what_is_not(url: str, store: NetworkStore) -> None:
    assert told(store, url)[0] == "warning"
    store.refresh()
    status, message = told(store, url)
    assert status == "ok"
    assert "4 edges" in message
    for number in range(3):
        door(url, f"F{number}", 88, 36 + number)
    assert told(store, url)[0] == "warning"
    store.refresh()
    status, message = told(store, url)
    assert status == "warning"
    assert "3 of 4" in message
    run(url, "UPDATE streets SET withdrawn_at = now()")
    store.refresh()
    assert "no streets" in told(store, url)[1]
