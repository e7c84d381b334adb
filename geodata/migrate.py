"""Bring a database to the schema of this program: plain SQL files, forward only, under one lock.

The job queue lives in the same schema. Its library ships one file of the whole schema and its own migrations; the first
makes the tables, the later ones follow when the library is upgraded.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql
from psycopg.rows import TupleRow

from geodata.database import away_is_unavailable, connect
from geodata.errors import SetupError
from geodata.queries import named_queries

FOLDER = Path(__file__).parent / "migrations"
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
POSTGIS_FLOOR = (3, 3)
_LOCK_KEY = 0x67726964_6D6170
_QUERIES = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of the migrations folder.

    Parameters
    ----------
    number
        Place in the order, from 1.
    name
        File name without its ending.
    text
        The SQL.
    """

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Digest of the text, which must never change once it was applied."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """Migrations that this program has, in order.

    Raises
    ------
    ValueError
        A number is missing or stands twice.
    """
    found = []
    for place, path in enumerate(sorted(folder.glob("*.sql")), start=1):
        if path.stem.partition("_")[0] != f"{place:04d}":
            raise ValueError(f"{path.name}: expected number {place:04d}")
        found.append(Migration(place, path.stem, path.read_text(encoding="utf-8")))
    return found


def migrate(url: str, folder: Path = FOLDER) -> list[str]:
    """Apply what is missing, and return the names of what was applied.

    Parameters
    ----------
    url
        libpq URL of the database.
    folder
        Where the migrations are.

    Raises
    ------
    SetupError
        The database is newer than this program, an applied migration was changed, an extension or a right is missing:
        nothing was done. The text says what to do.
    UnavailableError
        The database is away.

    Notes
    -----
    Each migration is one transaction: one that fails leaves nothing behind, and those before it stay. Two processes at
    once are safe: the second waits for the first and finds nothing left to do.
    """
    with connect(url, autocommit=True) as connection, away_is_unavailable():
        _check_database(connection)
        connection.execute(_QUERIES["take_lock"], {"key": _LOCK_KEY})
        try:
            todo = _missing(connection, folder)
            todo_jobs = _missing_jobs(connection)
            if not todo and not todo_jobs:
                return []
            _create_extensions(connection)
            _begin(connection)
            for migration in todo:
                _apply(connection, migration)
            _apply_jobs(connection, todo_jobs)
            return [migration.name for migration in todo] + todo_jobs
        finally:
            if not connection.broken:
                connection.execute(_QUERIES["give_lock"], {"key": _LOCK_KEY})


def pending(url: str, folder: Path = FOLDER) -> list[str]:
    """Names of what `migrate` would apply; changes nothing.

    Raises
    ------
    SetupError
        As in `migrate`, but for missing extensions and rights, which only show when they are needed.
    UnavailableError
        The database is away.
    """
    with connect(url, autocommit=True) as connection, away_is_unavailable():
        return [migration.name for migration in _missing(connection, folder)] + _missing_jobs(connection)


def _check_database(connection: psycopg.Connection[TupleRow]) -> None:
    encoding, database, _ = _one(connection, "encoding")
    if encoding != "UTF8":
        raise SetupError(
            f"the database {database} stores text as {encoding}: create one with "
            "CREATE DATABASE gridmap ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0",
            f"数据库 {database} 的编码为 {encoding}：请用 "
            "CREATE DATABASE gridmap ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0 新建数据库",
        )


def _missing(connection: psycopg.Connection[TupleRow], folder: Path) -> list[Migration]:
    """Migrations that the database lacks, after what it has was found to be what we have."""
    ours = migrations(folder)
    (recorded,) = _one(connection, "has_record")
    if not recorded:
        return ours
    applied = connection.execute(_QUERIES["applied"]).fetchall()
    for number, name, sha256 in applied:
        known = ours[number - 1] if number <= len(ours) else None
        if known is None:
            raise SetupError(
                f"the database is newer than this program: it has the migration {name}. Install the newer version",
                f"数据库版本比本程序新：已包含迁移 {name}。请安装新版本",
                migration=name,
            )
        if (known.name, known.sha256) != (name, sha256):
            raise SetupError(
                f"the migration {known.name} differs from the one that was applied to this database ({name}): restore "
                "the file as it was released, and put changes into a new migration",
                f"迁移 {known.name} 与该数据库已应用的 {name} 不一致：请恢复发布时的文件，改动应写入新的迁移",
                migration=known.name,
            )
    numbers = {number for number, *_ in applied}
    missing = [migration for migration in ours if migration.number not in numbers]
    if missing and applied and missing[0].number < applied[-1][0]:
        raise SetupError(
            f"the database lacks the migration {missing[0].name} but has a later one: restore it from a backup",
            f"数据库缺少迁移 {missing[0].name}，却包含更新的迁移：请从备份恢复",
            migration=missing[0].name,
        )
    return missing


def _create_extensions(connection: psycopg.Connection[TupleRow]) -> None:
    """Create the extensions that are missing, or say which an administrator must create, and how."""
    found = {name: (schema, version) for name, schema, version in _extensions(connection)}
    absent = [name for name in EXTENSIONS if name not in found]
    if absent:
        raise SetupError(
            f"the database server does not have the extensions {', '.join(absent)}: on the server, "
            "apt-get install postgresql-15-postgis-3 (for its version of PostgreSQL)",
            f"数据库服务器没有扩展 {', '.join(absent)}：请在该服务器上执行 "
            "apt-get install postgresql-15-postgis-3（与其 PostgreSQL 版本对应）",
        )
    refused = []
    for name in (name for name in EXTENSIONS if found[name][0] is None):
        statement = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} WITH SCHEMA public").format(sql.Identifier(name))
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            refused.append(f"CREATE EXTENSION {name} WITH SCHEMA public;")
    if refused:
        _, database, role = _one(connection, "encoding")
        raise SetupError(
            f"the role {role} may not create extensions: run as a superuser in the database {database}: "
            f"{' '.join(refused)}",
            f"用户 {role} 无权创建扩展：请以超级用户在数据库 {database} 中执行：{' '.join(refused)}",
        )
    _check_extensions(connection)


def _check_extensions(connection: psycopg.Connection[TupleRow]) -> None:
    for name, schema, version in _extensions(connection):
        if schema != "public":
            raise SetupError(
                f"the extension {name} lies in the schema {schema}; create it in public, in a database of its own",
                f"扩展 {name} 位于模式 {schema}：请在单独的数据库中将其建在 public 模式下",
            )
        if name == "postgis" and tuple(int(part) for part in version.split(".")[:2]) < POSTGIS_FLOOR:
            raise SetupError(
                f"PostGIS {version} is too old: 3.3 or later is needed",
                f"PostGIS {version} 版本过低：需要 3.3 或更高版本",
            )


def _extensions(connection: psycopg.Connection[TupleRow]) -> list[TupleRow]:
    return connection.execute(_QUERIES["extensions"], {"names": list(EXTENSIONS)}).fetchall()


def _begin(connection: psycopg.Connection[TupleRow]) -> None:
    try:
        with connection.transaction():
            connection.execute(_QUERIES["begin_record"])
    except psycopg.errors.InsufficientPrivilege:
        _, database, role = _one(connection, "encoding")
        todo = f"GRANT CREATE ON DATABASE {database} TO {role};"
        raise SetupError(
            f"the role {role} may not create the schema gridmap: run as the database's owner: {todo}",
            f"用户 {role} 无权创建模式 gridmap：请以数据库所有者执行：{todo}",
        ) from None


def _apply(connection: psycopg.Connection[TupleRow], migration: Migration) -> None:
    facts = {"number": migration.number, "name": migration.name, "sha256": migration.sha256}
    try:
        with connection.transaction():
            connection.execute(_QUERIES["set_path"])
            connection.execute(migration.text)
            connection.execute(_QUERIES["record"], facts)
    except (psycopg.ProgrammingError, psycopg.IntegrityError, psycopg.DataError) as error:
        raise SetupError(
            f"the migration {migration.name} failed and was rolled back: {error}",
            f"迁移 {migration.name} 执行失败并已回滚：{error}",
            migration=migration.name,
        ) from error


def _job_migrations() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _missing_jobs(connection: psycopg.Connection[TupleRow]) -> list[str]:
    """Names of what the job queue's schema lacks; ``job-queue`` where there is none yet."""
    (recorded,) = _one(connection, "has_record")
    known = [path.stem for path in _job_migrations()]
    applied = {name for (name,) in connection.execute(_QUERIES["applied_jobs"])} if recorded else set()
    if newer := sorted(applied - set(known)):
        raise SetupError(
            f"the job queue in the database is newer than this program: it has {newer[-1]}. Install the newer version",
            f"数据库中的任务队列比本程序新：已包含 {newer[-1]}。请安装新版本",
            migration=newer[-1],
        )
    return [name for name in known if name not in applied] if applied else ["job-queue"]


def _apply_jobs(connection: psycopg.Connection[TupleRow], names: list[str]) -> None:
    paths = {path.stem: path for path in _job_migrations()}
    first = names == ["job-queue"]
    for name in names:
        text = SchemaManager.get_schema() if first else paths[name].read_text(encoding="utf-8")
        with connection.transaction():
            connection.execute(_QUERIES["set_path"])
            connection.execute(text)
            connection.execute(_QUERIES["record_jobs"], {"names": list(paths) if first else [name]})


def _one(connection: psycopg.Connection[TupleRow], query: str) -> TupleRow:
    row = connection.execute(_QUERIES[query]).fetchone()
    assert row is not None
    return row
