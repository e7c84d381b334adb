import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from geodata.embedded.cluster import EmbeddedCluster
from geodata.errors import UnavailableError
from geodata.migrate import migrate
from geodata.snapshot_store import SnapshotStore, snapshot_home
from tests.territory import committed, publish

PATIENCE_SECONDS = 60


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[SnapshotStore]:
    committed(database_url)
    store = SnapshotStore(tmp_path, database_url)
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


def test_it_answers_as_soon_as_it_has_started(store: SnapshotStore) -> None:
    assert store.current().releases["general"]
    assert store.stale_since is None


def test_a_change_in_the_database_is_taken_by_itself(store: SnapshotStore, database_url: str) -> None:
    before = store.current()
    with psycopg.connect(database_url, options="-c search_path=gridmap,public") as connection:
        publish(connection, 3, {"A2": (10, 25), "B1": (25, 30)}, "2027-01-01T00:00+08:00")
    assert eventually(lambda: store.current().version > before.version)
    assert len(store.current().releases["general"]) == 3


def test_a_snapshot_in_use_does_not_change_under_its_user(store: SnapshotStore, database_url: str) -> None:
    held = store.current()
    with psycopg.connect(database_url, options="-c search_path=gridmap,public") as connection:
        publish(connection, 3, {"A2": (10, 25), "B1": (25, 30)}, "2027-01-01T00:00+08:00")
    assert eventually(lambda: store.current() is not held)
    assert len(held.releases["general"]) == 2


def test_the_home_of_a_snapshot_knows_no_credentials(tmp_path: Path) -> None:
    homes = {
        snapshot_home(tmp_path, f"postgresql://{who}@db.example:5432/gridmap") for who in ("a:secret", "b:other", "c")
    }
    assert len(homes) == 1
    assert homes != {snapshot_home(tmp_path, "postgresql://a@db.example:5432/another")}


def test_a_database_that_never_answered_is_unavailable(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path, "postgresql://nobody@127.0.0.1:9/nothing")
    store.start()
    try:
        with pytest.raises(UnavailableError):
            store.current()
    finally:
        store.stop()


@pytest.mark.cluster
def test_without_its_database_it_goes_on_says_since_when_and_recovers(
    make_short_folder: Callable[[], Path], tmp_path: Path
) -> None:
    cluster = EmbeddedCluster(make_short_folder(), settings={"fsync": "off"})
    url = cluster.start()
    migrate(url)
    committed(url)
    store = SnapshotStore(tmp_path, url)
    store.start()
    try:
        version = store.current().version
        cluster.stop()
        assert eventually(lambda: store.stale_since is not None)
        since = store.stale_since
        assert store.current().version == version

        restarted = SnapshotStore(tmp_path, url)
        restarted.start()
        assert restarted.current().version == version
        assert restarted.stale_since is not None
        assert since is not None
        assert abs(restarted.stale_since - since) < 1_000_000
        restarted.stop()

        assert cluster.start() == url
        assert eventually(lambda: store.stale_since is None)
    finally:
        store.stop()
        cluster.stop()


def test_only_a_store_that_follows_counts_as_a_server(database_url: str, tmp_path: Path) -> None:
    committed(database_url)
    asking = SnapshotStore(tmp_path, database_url)
    asking.refresh()
    assert asking.seconds_since_followed is None
    server = SnapshotStore(tmp_path, database_url)
    server.start()
    try:
        assert eventually(lambda: asking.seconds_since_followed is not None)
    finally:
        server.stop()
