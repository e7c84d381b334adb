"""What jobs do with stored files: exactly once, stopped at once, and never stuck without a word."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from geodata.database import connect
from geodata.desk import kept, stored, work
from geodata.desk.stored import StoredLoad

GOOD = "工号,姓名\n".encode() + "".join(f"W{number:04d},样例-{number}\n" for number in range(500)).encode()


class Desk:
    """Loads of one database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def bring(self, content: bytes = GOOD, **options: Any) -> StoredLoad:
        path = self.folder / "名册.csv"
        path.write_bytes(content)
        with connect(self.url) as connection:
            return stored.add_load(connection, path, file=path.name, kind="workers", options=options, actor="样例-甲")

    def now(self, load: StoredLoad) -> StoredLoad:
        with connect(self.url) as connection:
            return stored.stored_load(connection, load.load_id)

    def checked(self, content: bytes = GOOD) -> StoredLoad:
        load = self.bring(content)
        work.check_load(self.url, load.load_id, load.version)
        return self.now(load)

    def committing(self) -> StoredLoad:
        load = self.checked()
        with connect(self.url) as connection:
            return stored.ask_commit(connection, load.load_id, load.version)

    def one(self, query: str, *values: Any) -> Any:
        with connect(self.url) as connection:
            row = connection.execute(query, values).fetchone()  # type: ignore[arg-type]
        return None if row is None else row[0]


@pytest.fixture
def clerk(database_url: str, tmp_path: Path) -> Desk:
    return Desk(database_url, tmp_path)


def test_a_file_larger_than_a_part_is_kept_byte_for_byte(clerk: Desk) -> None:
    content = GOOD + b"\n" * 2_500_000
    load = clerk.bring(content)
    assert clerk.one("SELECT count(*) FROM load_parts WHERE load_id = %s", load.load_id) == 3
    work.check_load(clerk.url, load.load_id, load.version)
    assert clerk.now(load).report["counts"]["new"] == 500


def test_a_job_for_another_version_leaves_the_load_alone(clerk: Desk) -> None:
    load = clerk.bring()
    work.check_load(clerk.url, load.load_id, load.version - 1)
    assert clerk.now(load) == load
    work.check_load(clerk.url, 4711, 1)


def test_a_check_says_for_which_data_it_is_true(clerk: Desk) -> None:
    report = clerk.checked().report
    assert report["data_version"] == clerk.one("SELECT version FROM data_version")
    assert report["checked_at"]


def test_two_workers_with_one_commit_write_it_once(clerk: Desk) -> None:
    load = clerk.committing()
    with ThreadPoolExecutor(2) as both:
        jobs = [both.submit(work.commit_load, clerk.url, load.load_id, load.version, "样例-甲") for _ in range(2)]
        for job in jobs:
            job.result()
    done = clerk.now(load)
    assert (done.state, done.problem) == ("committed", None)
    assert clerk.one("SELECT count(*) FROM changes") == 1
    assert clerk.one("SELECT count(*) FROM worker_versions WHERE withdrawn_at IS NULL") == 500
    work.commit_load(clerk.url, load.load_id, load.version, "样例-甲")
    assert clerk.one("SELECT count(*) FROM changes") == 1


def test_two_workers_with_one_undo_undo_it_once(clerk: Desk) -> None:
    load = clerk.committing()
    work.commit_load(clerk.url, load.load_id, load.version, "样例-甲")
    with connect(clerk.url) as connection:
        load = stored.ask_undo(connection, load.load_id, None)
    with ThreadPoolExecutor(2) as both:
        jobs = [both.submit(work.undo_load, clerk.url, load.load_id, load.version, "样例-甲") for _ in range(2)]
        for job in jobs:
            job.result()
    assert clerk.now(load).state == "undone"
    assert clerk.one("SELECT count(*) FROM changes") == 2


def test_a_commit_that_is_cancelled_while_it_writes_takes_everything_back(
    clerk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = clerk.committing()
    read = work.load_table

    def cancelled_meanwhile(*given: Any, **named: Any) -> Any:
        report = read(*given, **named)
        with connect(clerk.url) as connection:
            stored.cancel_load(connection, load.load_id, None)
        return report

    monkeypatch.setattr(work, "load_table", cancelled_meanwhile)
    work.commit_load(clerk.url, load.load_id, load.version, "样例-甲")
    stopped = clerk.now(load)
    assert (stopped.state, stopped.can_commit) == ("checked", True)
    assert clerk.one("SELECT count(*) FROM worker_versions") == 0
    assert clerk.one("SELECT count(*) FROM changes") == 0


def test_a_check_stops_at_the_next_sign_of_progress_once_it_is_cancelled(
    clerk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = clerk.bring()
    monkeypatch.setattr(work, "_BETWEEN_SECONDS", 0.0)
    stages = []

    def cancelled_meanwhile(connection: Any, kind: str, table: Any, *, options: Any, progress: Any) -> Any:
        with connect(clerk.url) as other:
            stored.cancel_load(other, load.load_id, None)
        stages.append("before")
        progress("validating", 1, 2)
        stages.append("after")

    monkeypatch.setattr(work, "load_table", cancelled_meanwhile)
    work.check_load(clerk.url, load.load_id, load.version)
    assert stages == ["before"]
    assert clerk.now(load).state == "cancelled"


def test_progress_is_written_at_most_four_times_a_second(clerk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    load = clerk.bring()
    clock = [1000.0]
    monkeypatch.setattr(work.time, "monotonic", lambda: clock[0])
    written = []

    def watched(connection: Any, kind: str, table: Any, *, options: Any, progress: Any) -> Any:
        for step in range(100):
            clock[0] += 0.05
            progress("validating", step, 100)
            written.append(clerk.now(load).progress)
        raise work._NoLongerWanted

    monkeypatch.setattr(work, "load_table", watched)
    work.check_load(clerk.url, load.load_id, load.version)
    assert {progress["stage"] for progress in written if progress} == {"reading the file", "validating"}
    assert 15 <= len({str(progress) for progress in written}) <= 21


def test_a_fault_of_ours_is_told_and_logged_and_never_leaves_a_load_waiting(
    clerk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    load = clerk.bring()

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(work, "load_table", broken)
    work.check_load(clerk.url, load.load_id, load.version)
    failed = clerk.now(load)
    assert failed.state == "failed"
    assert failed.problem is not None
    assert failed.problem["code"] == "internal-error"
    assert "secret" not in str(failed.problem)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("state", "after"),
    [("checking", "failed"), ("queued", "failed"), ("committing", "checked"), ("undoing", "committed")],
)
def test_a_load_whose_job_is_gone_says_so(clerk: Desk, state: str, after: str) -> None:
    load = clerk.bring()
    with connect(clerk.url) as connection:
        connection.execute(
            "UPDATE loads SET state = %s, progress_at = now() - interval '2 minutes' WHERE load_id = %s",
            (state, load.load_id),
        )
        assert work.settle_stranded(connection) == 1
        assert work.settle_stranded(connection) == 0
    settled = clerk.now(load)
    assert settled.state == after
    assert settled.problem is not None
    assert settled.problem["code"] == "worker-died"
    assert settled.version == load.version + 1


def test_a_load_whose_job_waits_is_left_alone(clerk: Desk) -> None:
    load = clerk.bring()
    with connect(clerk.url) as connection:
        connection.execute(
            """WITH job AS (INSERT INTO procrastinate_jobs (task_name, queue_name) VALUES ('desk:check', 'default')
                            RETURNING id)
            UPDATE loads SET job_id = job.id, progress_at = now() - interval '2 minutes' FROM job WHERE load_id = %s""",
            (load.load_id,),
        )
        assert work.settle_stranded(connection) == 0


def test_what_a_clerk_may_look_at_is_bounded_and_the_counts_are_whole(
    clerk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ROWS_KEPT", "FINDINGS_KEPT", "PLAN_KEPT"):
        monkeypatch.setattr(kept, name, 10)
    load = clerk.checked(GOOD + b"W9999,\n")
    assert load.report["counts"]["new"] == 500
    assert load.report["counts"]["errors"] == 1
    assert clerk.one("SELECT count(*) FROM load_plan") == 10
    # The row that something was found in is kept beside the first ones.
    assert clerk.one("SELECT max(row) FROM load_rows") == 502
    assert clerk.one("SELECT count(*) FROM load_rows") == 11


def test_two_clerks_at_one_load_one_is_told(clerk: Desk) -> None:
    load = clerk.checked()

    def ask() -> str:
        with connect(clerk.url) as connection:
            try:
                return stored.ask_commit(connection, load.load_id, load.version).state
            except stored.ConflictError as told:
                return told.code

    with ThreadPoolExecutor(2) as both:
        told = [job.result() for job in [both.submit(ask) for _ in range(2)]]
    assert sorted(told) == ["committing", "stale-edit"]


def test_a_load_says_what_became_of_its_change_elsewhere(clerk: Desk) -> None:
    load = clerk.committing()
    work.commit_load(clerk.url, load.load_id, load.version, "样例-甲")
    committed = clerk.now(load)
    assert committed.change_id is not None
    with connect(clerk.url) as connection:
        work.undo_change(connection, committed.change_id, "样例-乙")
    undone = clerk.now(load)
    assert undone.undone_by is not None
    assert not undone.can_undo
    with connect(clerk.url) as connection, pytest.raises(stored.ConflictError, match="undone already"):
        stored.ask_undo(connection, load.load_id, None)


def test_a_database_that_goes_away_is_for_the_queue_to_try_again(clerk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    load = clerk.bring()

    def away(*_: Any, **__: Any) -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(work, "load_table", away)
    with pytest.raises(work.UnavailableError):
        work.check_load(clerk.url, load.load_id, load.version)
    monkeypatch.undo()
    work.check_load(clerk.url, load.load_id, load.version)
    assert clerk.now(load).state == "checked"
