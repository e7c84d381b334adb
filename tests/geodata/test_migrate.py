"""Migrations: applied once, in order, wholly or not at all; and what the migrated schema refuses and tells."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from procrastinate.schema import SchemaManager
from psycopg.rows import TupleRow

from geodata.database import connect
from geodata.errors import SetupError, UnavailableError
from geodata.migrate import EXTENSIONS, migrate, migrations, pending

Opened = psycopg.Connection[TupleRow]
ROOT = Path(__file__).resolve().parents[2]
MakeFolder = Callable[..., Path]
SQUARE = "SRID=4326;MULTIPOLYGON(((0 0,0 1,1 1,1 0,0 0)))"


@pytest.fixture
def folder_of(tmp_path: Path) -> MakeFolder:
    """A folder of migrations with the given texts, numbered from 1."""

    def make(*texts: str) -> Path:
        for number, text in enumerate(texts, start=1):
            (tmp_path / f"{number:04d}_step.sql").write_text(text, encoding="utf-8")
        return tmp_path

    return make


def _value(url: str, query: str) -> object:
    with connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None


# --- applying --------------------------------------------------------------------------------------------------------


def test_an_empty_database_gets_everything_once(empty_database_url: str) -> None:
    names = [each.name for each in migrations()]
    assert pending(empty_database_url) == [*names, "job-queue"]
    assert migrate(empty_database_url) == [*names, "job-queue"]
    assert migrate(empty_database_url) == []
    assert pending(empty_database_url) == []
    assert _value(empty_database_url, "SELECT count(*) FROM schema_migrations") == len(names)


def test_nothing_of_ours_lies_outside_our_schema(connection: Opened) -> None:
    strangers = connection.execute(
        "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE nspname = 'public' AND relname ~ '(procrastinate|grid|schema_migrations)'"
    ).fetchall()
    assert strangers == []


def test_two_processes_at_once_migrate_once(empty_database_url: str) -> None:
    command = [sys.executable, "-c", "import sys, geodata.migrate as m; print(len(m.migrate(sys.argv[1])))"]
    both = [
        subprocess.Popen([*command, empty_database_url], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    counts = sorted(int(each.communicate(timeout=120)[0]) for each in both)
    assert counts == [0, len(migrations()) + 1]


def test_a_failing_migration_leaves_nothing_and_those_before_it_stay(
    empty_database_url: str, folder_of: MakeFolder
) -> None:
    folder = folder_of("CREATE TABLE first (id int);", "CREATE TABLE second (id int); SELECT 1 / 0;")
    with pytest.raises(SetupError, match="0002_step failed and was rolled back: division by zero"):
        migrate(empty_database_url, folder)
    assert _value(empty_database_url, "SELECT to_regclass('gridmap.first') IS NOT NULL") is True
    assert _value(empty_database_url, "SELECT to_regclass('gridmap.second')") is None
    assert pending(empty_database_url, folder) == ["0002_step", "job-queue"]
    folder_of("CREATE TABLE first (id int);", "CREATE TABLE second (id int);")
    assert migrate(empty_database_url, folder) == ["0002_step", "job-queue"]


def test_a_failed_migration_lets_the_next_process_in(empty_database_url: str, folder_of: MakeFolder) -> None:
    with pytest.raises(SetupError):
        migrate(empty_database_url, folder_of("SELECT 1 / 0;"))
    held = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE locktype = 'advisory' "
    assert _value(empty_database_url, held + "AND datname = current_database()") == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE schema_migrations SET sha256 = 'other' WHERE number = 2", "0002_step differs from the one"),
        ("INSERT INTO schema_migrations VALUES (3, '0003_future', 'x')", "newer than this program.*0003_future"),
        ("DELETE FROM schema_migrations WHERE number = 1", "lacks the migration 0001_step"),
        ("INSERT INTO job_migrations VALUES ('99.00.00_01_future')", "job queue .* newer .*99.00.00_01_future"),
    ],
    ids=["changed", "newer", "missing", "newer job queue"],
)
def test_a_history_that_is_not_ours_is_refused_and_nothing_is_done(
    empty_database_url: str, folder_of: MakeFolder, change: str, words: str
) -> None:
    folder = folder_of("CREATE TABLE first (id int);", "CREATE TABLE second (id int);")
    migrate(empty_database_url, folder)
    with connect(empty_database_url) as connection:
        connection.execute(change)  # type: ignore[arg-type]
    before = _value(empty_database_url, "SELECT string_agg(schema_migrations::text, ';') FROM schema_migrations")
    for ask in (pending, migrate):
        with pytest.raises(SetupError, match=words):
            ask(empty_database_url, folder)
    after = _value(empty_database_url, "SELECT string_agg(schema_migrations::text, ';') FROM schema_migrations")
    assert after == before


def test_a_gap_in_the_numbers_is_a_fault_of_the_program(folder_of: MakeFolder) -> None:
    folder = folder_of("SELECT 1;", "SELECT 2;")
    (folder / "0002_step.sql").rename(folder / "0003_step.sql")
    with pytest.raises(ValueError, match="expected number 0002"):
        migrations(folder)


def test_a_role_without_rights_is_told_what_to_run(empty_database_url: str) -> None:
    with connect(empty_database_url) as connection:
        connection.execute("DROP ROLE IF EXISTS plain")
        connection.execute("CREATE ROLE plain LOGIN")
    plain = empty_database_url.replace("gridmap@", "plain@")
    try:
        with pytest.raises(SetupError, match=r"run as a superuser in the database test_.*CREATE EXTENSION postgis"):
            migrate(plain)
        with connect(empty_database_url) as connection:
            for name in EXTENSIONS:
                connection.execute(f"CREATE EXTENSION {name} WITH SCHEMA public")  # type: ignore[arg-type]
        with pytest.raises(SetupError, match=r"GRANT CREATE ON DATABASE test_.* TO plain"):
            migrate(plain)
        with connect(empty_database_url) as connection:
            connection.execute(f"GRANT CREATE ON DATABASE {connection.info.dbname} TO plain")  # type: ignore[arg-type]
        assert len(migrate(plain)) == len(migrations()) + 1
    finally:
        with connect(empty_database_url) as connection:
            connection.execute("DROP OWNED BY plain CASCADE")
            connection.execute("DROP ROLE plain")


def test_an_extension_in_another_schema_is_named(empty_database_url: str) -> None:
    with connect(empty_database_url) as connection:
        connection.execute("CREATE SCHEMA elsewhere; CREATE EXTENSION pg_trgm WITH SCHEMA elsewhere")
    with pytest.raises(SetupError, match="pg_trgm lies in the schema elsewhere"):
        migrate(empty_database_url)


def test_a_database_that_does_not_store_utf8_is_refused(cluster_url: str) -> None:
    with connect(cluster_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        try:
            with pytest.raises(SetupError, match="latin stores text as LATIN1"):
                migrate(cluster_url.replace("/gridmap?", "/latin?"))
        finally:
            connection.execute("DROP DATABASE latin")


def test_a_server_that_is_away_is_called_away(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        migrate(f"postgresql://gridmap@/gridmap?host={tmp_path}")


# --- the job queue ---------------------------------------------------------------------------------------------------


def test_the_job_queue_is_noted_with_every_migration_it_includes(connection: Opened) -> None:
    shipped = {path.stem for path in Path(SchemaManager.get_migrations_path()).glob("*.sql")}
    assert {name for (name,) in connection.execute("SELECT name FROM job_migrations")} == shipped


def test_an_upgraded_job_queue_gets_only_its_new_migrations(database_url: str) -> None:
    """The last migration of procrastinate only replaces a function, so it can be applied again."""
    last = max(path.stem for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    with connect(database_url) as connection:
        connection.execute("DELETE FROM job_migrations WHERE name = %s", [last])
        functions = connection.execute(
            "SELECT oid::regprocedure FROM pg_proc WHERE proname = 'procrastinate_retry_job_v2'"
        ).fetchall()
        for (function,) in functions:
            connection.execute(f"DROP FUNCTION {function}")  # type: ignore[arg-type]
    assert pending(database_url) == [last]
    assert migrate(database_url) == [last]
    assert pending(database_url) == []


# --- what the schema refuses -----------------------------------------------------------------------------------------


def _grid(connection: Opened) -> tuple[int, int, int]:
    """A layer, a release of it and a grid, by their numbers."""
    row = connection.execute(
        "WITH layer AS (SELECT layer_id FROM layers WHERE code = 'general'), "
        "release AS (INSERT INTO releases (layer_id, number, effective_at, published_by) "
        "            SELECT layer_id, 1, '2026-01-01Z', 'test' FROM layer RETURNING release_id), "
        "grid AS (INSERT INTO grids (layer_id) SELECT layer_id FROM layer RETURNING grid_id) "
        "SELECT layer_id, release_id, grid_id FROM layer, release, grid"
    ).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def _version(connection: Opened, ids: tuple[int, int, int], code: str, period: str) -> int:
    layer, release, grid = ids
    row = connection.execute(
        "INSERT INTO grid_versions (grid_id, layer_id, release_id, code, name, kind, geom, period) "
        "VALUES (%s, %s, %s, %s, 'name', 'urban', %s::geometry, %s::tstzrange) RETURNING grid_version_id",
        [grid, layer, release, code, SQUARE, period],
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_two_versions_of_a_grid_at_one_time_are_refused_at_commit(database_url: str) -> None:
    with connect(database_url) as connection:
        ids = _grid(connection)
        _version(connection, ids, "A", "[2026-01-01Z,)")
        _version(connection, ids, "A", "[2026-06-01Z,)")
        with pytest.raises(psycopg.errors.ExclusionViolation, match="one_grid_version_at_a_time"):
            connection.commit()


def test_a_new_version_may_come_before_the_old_one_ends_within_a_transaction(database_url: str) -> None:
    with connect(database_url) as connection:
        ids = _grid(connection)
        old = _version(connection, ids, "A", "[2026-01-01Z,)")
        connection.commit()
        _version(connection, ids, "A", "[2026-06-01Z,)")
        connection.execute(
            "UPDATE grid_versions SET period = '[2026-01-01Z,2026-06-01Z)' WHERE grid_version_id = %s", [old]
        )
        connection.commit()
    assert _value(database_url, "SELECT count(*) FROM grid_versions") == 2


def test_two_grids_of_a_layer_cannot_share_a_code_at_one_time(database_url: str) -> None:
    with connect(database_url) as connection:
        layer, release, grid = _grid(connection)
        other = connection.execute("INSERT INTO grids (layer_id) VALUES (%s) RETURNING grid_id", [layer]).fetchone()
        assert other is not None
        _version(connection, (layer, release, grid), "A", "[2026-01-01Z,)")
        _version(connection, (layer, release, other[0]), "A", "[2026-01-01Z,)")
        with pytest.raises(psycopg.errors.ExclusionViolation, match="one_grid_per_code_at_a_time"):
            connection.commit()


@pytest.mark.parametrize("wrong", ["MULTIPOLYGON(((0 0,1 1,1 0,0 1,0 0)))", "MULTIPOLYGON EMPTY"])
def test_an_invalid_or_empty_shape_cannot_be_stored(connection: Opened, wrong: str) -> None:
    layer, release, grid = _grid(connection)
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "INSERT INTO grid_versions (grid_id, layer_id, release_id, code, name, kind, geom, period) "
            "VALUES (%s, %s, %s, 'A', 'name', 'urban', ST_GeomFromText(%s, 4326), '[2026-01-01Z,)')",
            [grid, layer, release, wrong],
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE grid_versions SET name = 'other'",
        "UPDATE grid_versions SET geom = geom",
        "UPDATE grid_versions SET period = '[2025-01-01Z,)'",
        "DELETE FROM grid_versions",
        "DELETE FROM releases",
    ],
)
def test_what_was_published_is_neither_rewritten_nor_deleted(connection: Opened, change: str) -> None:
    _version(connection, _grid(connection), "A", "[2026-01-01Z,)")
    with pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(change)  # type: ignore[arg-type]


def test_what_was_published_may_end_and_be_withdrawn(connection: Opened) -> None:
    _version(connection, _grid(connection), "A", "[2026-01-01Z,)")
    ended = connection.execute("UPDATE grid_versions SET period = '[2026-01-01Z,2026-06-01Z)', withdrawn_at = now()")
    assert ended.rowcount == 1


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'other'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_audit_log_cannot_be_changed(connection: Opened, change: str) -> None:
    connection.execute("INSERT INTO audit (actor, action) VALUES ('test', 'tried')")
    with pytest.raises(psycopg.errors.RestrictViolation, match="audit log"):
        connection.execute(change)  # type: ignore[arg-type]


def test_a_transaction_raises_the_data_version_by_one_and_tells_it_once(database_url: str) -> None:
    with connect(database_url, autocommit=True) as listener, connect(database_url) as writer:
        listener.execute("LISTEN gridmap_version")
        before = _value(database_url, "SELECT version FROM data_version")
        assert isinstance(before, int)
        ids = _grid(writer)
        _version(writer, ids, "A", "[2026-01-01Z,2026-02-01Z)")
        _version(writer, ids, "A", "[2026-02-01Z,)")
        assert list(listener.notifies(timeout=0.1)) == []
        writer.commit()
        assert [notice.payload for notice in listener.notifies(timeout=1, stop_after=2)] == [str(before + 1)]
        writer.execute("UPDATE grid_versions SET withdrawn_at = now()")
        writer.commit()
    assert _value(database_url, "SELECT version FROM data_version") == before + 2


def test_a_transaction_that_is_rolled_back_tells_nobody(database_url: str) -> None:
    with connect(database_url, autocommit=True) as listener, connect(database_url) as writer:
        listener.execute("LISTEN gridmap_version")
        before = _value(database_url, "SELECT version FROM data_version")
        _version(writer, _grid(writer), "A", "[2026-01-01Z,)")
        writer.rollback()
        assert list(listener.notifies(timeout=0.2)) == []
    assert _value(database_url, "SELECT version FROM data_version") == before


def test_triggers_find_their_tables_whatever_the_search_path_is(connection: Opened) -> None:
    connection.execute("SET LOCAL search_path TO public")
    connection.execute("INSERT INTO gridmap.layers (code, name, tiling) VALUES ('x', 'x', 'partial')")
    version = connection.execute("SELECT raised_by = pg_current_xact_id() FROM gridmap.data_version").fetchone()
    assert version == (True,)
