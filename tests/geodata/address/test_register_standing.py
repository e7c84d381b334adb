"""What a register tells its operator: whether it answers, from what, how far it has come and since when it is old."""

import fcntl
from pathlib import Path
from threading import Event

import pandas as pd
import pytest

from geodata.address import base
from geodata.address.check import register_check
from geodata.address.store import RegisterStore
from geodata.database import connect
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.selfcheck import run_checks
from tests.territory import committed

DOORS = pd.DataFrame({"code": ["A1", "A2"], "text": ["甲街道解放路12号", "甲街道解放路14号"],
                      "lon": [87.004, 87.005], "lat": [36.655, 36.655]})  # fmt: skip
NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"


@pytest.fixture
def url(database_url: str) -> str:
    committed(database_url)
    with connect(database_url) as connection:
        load_frame(connection, "addresses", DOORS, options=LoadOptions(commit=True))
    return database_url


@pytest.fixture
def store(url: str, tmp_path: Path) -> RegisterStore:
    return RegisterStore(tmp_path, url)


def test_before_the_first_compiling_a_register_waits(store: RegisterStore) -> None:
    standing = store.standing
    assert (standing.state, standing.entries, standing.compiled_at, standing.progress) == ("waiting", 0, None, None)


def test_while_it_is_compiled_first_a_register_says_how_far_it_has_come(store: RegisterStore) -> None:
    (store.home / "progress").write_text("20000 3000000")
    with (store.home / "compile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert (store.standing.state, store.standing.progress) == ("compiling", (20_000, 3_000_000))


def test_a_register_that_answers_says_how_much_is_in_it_and_since_when(store: RegisterStore) -> None:
    book = store.refresh()
    standing = store.standing
    assert (standing.state, standing.entries, standing.changes) == ("ready", len(book), 0)
    assert (standing.compiled_at, standing.stale_since) == (book.compiled_at, None)


def test_a_register_that_is_compiled_anew_answers_meanwhile_and_says_both(store: RegisterStore, url: str) -> None:
    store.refresh()
    (store.home / "progress").write_text("1 2")
    with (store.home / "compile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert (store.standing.state, store.standing.progress) == ("ready", (1, 2))
        (result,) = run_checks(url, store.home, [register_check(store)])
        assert result.ok
        assert "being compiled anew: 1 of 2 addresses" in result.message
        assert "正在重新编译：1 / 2 条地址" in result.message_zh


def test_a_register_whose_database_is_away_says_since_when_it_may_be_old(store: RegisterStore) -> None:
    compiled = store.refresh()
    away = RegisterStore(store.home, NOWHERE)
    away.start()
    try:
        while away.standing.state != "ready":
            assert not Event().wait(0.02)
        assert away.standing.stale_since is not None
        assert away.standing.stale_since <= compiled.compiled_at
    finally:
        away.stop()


def test_a_register_that_follows_again_is_no_longer_old(store: RegisterStore) -> None:
    store.refresh()
    again = RegisterStore(store.home, store._url)
    again.open_compiled()
    assert again.standing.stale_since is not None
    again.refresh()
    assert again.standing.stale_since is None


def test_a_register_with_more_changes_than_it_can_take_is_old_until_it_is_compiled_anew(
    store: RegisterStore, url: str
) -> None:
    store.refresh()
    with connect(url) as connection:
        connection.execute(
            "INSERT INTO addresses (code, text, geom) SELECT 'N' || n, '甲街道青年路' || n || '号', "
            "ST_SetSRID(ST_Point(87.01, 36.655), 4326) FROM generate_series(1, 100001) AS n"
        )
    with connect(url) as connection:
        assert not store._take(connection)
    assert store.standing.stale_since is not None


def test_a_service_whose_program_was_exchanged_under_it_says_so_and_does_not_compile_again_and_again(
    store: RegisterStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answered = store.refresh()
    # The process that compiles takes the program from disk.
    monkeypatch.setattr(base, "program", lambda: "the one before")
    store._build(large=True)
    assert "restart the service" in caplog.text
    assert not store._follower.may_build
    assert store.current() is answered
