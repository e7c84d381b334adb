"""What follows the database outlives faults, and does not compile again and again what fails."""

import time
from collections.abc import Callable

import pytest

from geodata.database import connect
from geodata.errors import UnavailableError
from geodata.following import Follower

PATIENCE_SECONDS = 60
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def eventually(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_fault_in_one_version_of_the_data_is_outlived(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    def look() -> None:
        seen.append("looked")
        if seen.count("looked") == 1:
            raise ZeroDivisionError
        if seen.count("looked") == 2:
            raise UnavailableError("the database went away meanwhile")

    follower = Follower(database_url, "example", look, lambda: seen.append("lost"))
    follower.start()
    try:
        assert eventually(lambda: seen == ["looked", "lost"])
        for _ in range(2):
            before = len(seen)
            with connect(database_url) as connection:
                connection.execute("SELECT pg_notify('gridmap_version', '1')")
            assert eventually(lambda before=before: len(seen) > before)  # type: ignore[misc]
    finally:
        follower.stop()
    assert seen[:5] == ["looked", "lost", "looked", "lost", "looked"]
    assert "changes of the example not taken" in caplog.text
    assert caplog.text.count("Traceback") == 1


def test_notices_of_one_change_are_waited_with_once(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    follower = Follower(database_url, "example", lambda: seen.append("looked"), lambda: None, pause_seconds=60.0)
    monkeypatch.setattr(follower._stopping, "wait", lambda seconds: seen.append(f"waited {seconds:.0f}"))
    follower.start()
    try:
        assert eventually(lambda: seen == ["looked"])
        follower._looked -= 3600
        with connect(database_url) as connection:
            connection.execute("SELECT pg_notify('gridmap_version', '1'), pg_notify('gridmap_version', '2')")
        assert eventually(lambda: len(seen) == 4)
    finally:
        follower.stop()
    assert seen == ["looked", "waited 60", "looked", "looked"]


def test_while_the_database_is_away_that_is_told_though_the_telling_fails() -> None:
    told: list[int] = []

    def lost() -> None:
        told.append(1)
        raise UnavailableError("nothing was compiled before")

    follower = Follower(NOWHERE, "example", lambda: None, lost)
    follower.start()
    assert eventually(lambda: len(told) > 1)
    follower.stop()
    assert follower.stopping
    with pytest.raises(UnavailableError):
        follower.unless_stopping(0, 1)


def test_what_could_not_be_compiled_waits_and_nothing_is_compiled_twice_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    follower = Follower(NOWHERE, "example", lambda: None, lambda: None)
    begun: list[str] = []

    def fail() -> None:
        begun.append("first")
        follower.build(lambda: begun.append("second"))
        raise OSError("the disk is full")

    assert follower.may_build
    follower.build(fail)
    assert eventually(lambda: bool(begun) and not follower.building)
    assert begun == ["first"]
    assert not follower.may_build
    assert "the example was not compiled: the disk is full" in caplog.text
    follower.stop()
    follower.build(lambda: begun.append("third"))
    assert begun == ["first"]
