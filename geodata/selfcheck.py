"""Small checks for the operator: each says OK, or what is wrong and what to do, in English and Chinese.

A check is a function from a `CheckContext` to a `CheckResult`. `run_checks` takes any list of them, so that packages
above this one add their own.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
import shapely
from psycopg.rows import TupleRow

from geodata.database import connect, reason
from geodata.errors import GeodataError, SetupError, UnavailableError
from geodata.migrate import EXTENSIONS, POSTGIS_FLOOR, pending
from geodata.queries import named_queries

OLDEST_POSTGRESQL = 13
TRIED_POSTGRESQL = 15
LOW_DISK_BYTES = 2 * 2**30
NO_DISK_BYTES = 256 * 2**20
WORKER_SILENT_SECONDS = 60.0
CLOCK_OFF_SECONDS = 5.0
_QUERIES = named_queries(__file__)

Status = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found.

    Parameters
    ----------
    name
        Stable name of the check, in kebab-case.
    status
        ``failed`` means that something does not work, ``warning`` that it soon may not, or not for everything.
    message, message_zh
        What was found, in English and Chinese.
    hint, hint_zh
        What to do; empty where all is well.
    """

    name: str
    status: Status
    message: str
    message_zh: str
    hint: str = ""
    hint_zh: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to do."""
        return self.status == "ok"


class CheckContext:
    """What checks may look at.

    Parameters
    ----------
    url
        libpq URL of the database.
    state_folder
        Where the service keeps its state.
    opened
        A connection in autocommit mode; or why there is none.
    """

    def __init__(self, url: str, state_folder: Path, opened: psycopg.Connection[TupleRow] | UnavailableError) -> None:
        self.url = url
        self.state_folder = state_folder
        self._opened = opened

    @property
    def connection(self) -> psycopg.Connection[TupleRow]:
        """A connection in autocommit mode.

        Raises
        ------
        UnavailableError
            The database is away.
        """
        if isinstance(self._opened, UnavailableError):
            raise self._opened
        return self._opened

    @property
    def away(self) -> bool:
        """Whether there is no connection."""
        return isinstance(self._opened, UnavailableError)

    def row(self, query: str, **values: object) -> TupleRow:
        """First row of one of this module's queries."""
        found = self.connection.execute(_QUERIES[query], values).fetchone()
        assert found is not None
        return found


Check = Callable[[CheckContext], CheckResult]


def check_server(context: CheckContext) -> CheckResult:
    """The server answers, is not too old and stores UTF-8."""
    try:
        major, version, encoding = context.row("server")
    except UnavailableError as error:
        hint = "start it, or set GRIDMAP_DATABASE_URL right; without it the service runs a PostGIS of its own"
        hint_zh = "请启动数据库或改正 GRIDMAP_DATABASE_URL；不设置时服务使用内置 PostGIS"
        said, said_zh = (f"{detail}{reason(error)}" for detail in (error.detail, error.detail_zh))
        return CheckResult("server", "failed", said, said_zh, hint, hint_zh)
    said, said_zh = f"PostgreSQL {version}, {encoding}", f"PostgreSQL {version}，编码 {encoding}"
    if encoding != "UTF8":
        hint, hint_zh = "use a database made with ENCODING 'UTF8'", "请使用 ENCODING 'UTF8' 的数据库"
        return CheckResult("server", "failed", said, said_zh, hint, hint_zh)
    if major < TRIED_POSTGRESQL:
        status: Status = "failed" if major < OLDEST_POSTGRESQL else "warning"
        hint, hint_zh = f"upgrade to PostgreSQL {TRIED_POSTGRESQL}", f"请升级到 PostgreSQL {TRIED_POSTGRESQL}"
        return CheckResult("server", status, said, said_zh, hint, hint_zh)
    return CheckResult("server", "ok", said, said_zh)


def check_extensions(context: CheckContext) -> CheckResult:
    """The extensions that the schema uses are there."""
    found = {name for (name,) in context.connection.execute(_QUERIES["extensions"], {"names": list(EXTENSIONS)})}
    missing = [name for name in EXTENSIONS if name not in found]
    if not missing:
        return CheckResult("extensions", "ok", ", ".join(EXTENSIONS), "、".join(EXTENSIONS))
    commands = " ".join(f"CREATE EXTENSION {name} WITH SCHEMA public;" for name in missing)
    return CheckResult(
        "extensions",
        "failed",
        f"missing in the schema public: {', '.join(missing)}",
        f"public 模式中缺少扩展：{'、'.join(missing)}",
        f"gridmap migrate; or, as a superuser: {commands}",
        f"运行 gridmap migrate；或以超级用户执行：{commands}",
    )


def check_geography(context: CheckContext) -> CheckResult:
    """PostGIS is recent enough; says which GEOS computes on either side."""
    try:
        postgis, geos = context.row("geography")
    except psycopg.errors.UndefinedFunction:
        hint, hint_zh = "gridmap migrate", "请运行 gridmap migrate"
        return CheckResult(
            "geography", "failed", "PostGIS is not in this database", "该数据库未安装 PostGIS", hint, hint_zh
        )
    ours = f"shapely {shapely.__version__}, GEOS {shapely.geos_version_string}"
    said, said_zh = f"PostGIS {postgis}, GEOS {geos}; {ours}", f"PostGIS {postgis}，GEOS {geos}；{ours}"
    if tuple(int(part) for part in postgis.split(".")[:2]) < POSTGIS_FLOOR:
        return CheckResult("geography", "failed", said, said_zh, "upgrade PostGIS to 3.3", "请将 PostGIS 升级到 3.3")
    return CheckResult("geography", "ok", said, said_zh)


def check_chinese(context: CheckContext) -> CheckResult:
    """Chinese text can be searched by likeness."""
    try:
        (works,) = context.row("chinese")
    except psycopg.errors.UndefinedFunction:
        works = False
    if works:
        return CheckResult("chinese", "ok", "Chinese text can be searched", "可检索中文")
    return CheckResult(
        "chinese",
        "warning",
        "pg_trgm does not see Chinese characters in this database",
        "该数据库中的 pg_trgm 无法识别汉字",
        "make the database anew with LOCALE 'C.UTF-8' or another UTF-8 locale",
        "请以 LOCALE 'C.UTF-8' 或其他 UTF-8 区域设置重建数据库",
    )


def check_schema(context: CheckContext) -> CheckResult:
    """The database has the schema of this program."""
    if context.away:
        raise UnavailableError("the schema cannot be read while the database is away")
    try:
        waiting = pending(context.url)
    except SetupError as error:
        return CheckResult("schema", "failed", error.detail, error.detail_zh)
    if not waiting:
        return CheckResult("schema", "ok", "the schema is current", "数据库结构为最新")
    return CheckResult(
        "schema",
        "failed",
        f"{len(waiting)} migrations are waiting, from {waiting[0]}",
        f"有 {len(waiting)} 个迁移未执行，从 {waiting[0]} 开始",
        "make a backup, then: gridmap migrate",
        "请先备份，再运行 gridmap migrate",
    )


def check_worker(context: CheckContext) -> CheckResult:
    """A worker process lives, so that jobs get done."""
    try:
        (silent_seconds,) = context.row("worker")
    except psycopg.errors.UndefinedTable:
        silent_seconds = None
    if silent_seconds is not None and silent_seconds < WORKER_SILENT_SECONDS:
        return CheckResult("worker", "ok", "a worker process is alive", "后台任务进程运行正常")
    return CheckResult(
        "worker",
        "warning",
        "no worker process is alive: jobs wait",
        "没有运行中的后台任务进程，任务将一直等待",
        "gridmap serve and gridmap demo start one; on its own it is: gridmap worker",
        "gridmap serve 与 gridmap demo 会自动启动；也可单独运行 gridmap worker",
    )


def check_disk(context: CheckContext) -> CheckResult:
    """The disk under the state folder has room."""
    place = context.state_folder.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    said, said_zh = f"{free / 2**30:.1f} GiB free under {place}", f"{place} 所在磁盘剩余 {free / 2**30:.1f} GiB"
    if free >= LOW_DISK_BYTES:
        return CheckResult("disk", "ok", said, said_zh)
    status: Status = "failed" if free < NO_DISK_BYTES else "warning"
    return CheckResult("disk", status, said, said_zh, "free at least 2 GiB", "请至少释放 2 GiB")


def check_clock(context: CheckContext) -> CheckResult:
    """Our clock and the server's agree about the time, which decides who is on duty."""
    before = time.time()
    (server,) = context.row("clock")
    off = max(before - server, server - time.time(), 0.0)
    said, said_zh = f"the clocks differ by {off:.1f} s", f"本机与数据库服务器时钟相差 {off:.1f} 秒"
    if off < CLOCK_OFF_SECONDS:
        return CheckResult("clock", "ok", said, said_zh)
    hint, hint_zh = "let both keep time by NTP", "请为两台机器配置 NTP 对时"
    return CheckResult("clock", "warning", said, said_zh, hint, hint_zh)


CHECKS: tuple[Check, ...] = (
    check_server,
    check_extensions,
    check_geography,
    check_chinese,
    check_schema,
    check_worker,
    check_disk,
    check_clock,
)


def run_checks(url: str, state_folder: Path, checks: Sequence[Check] = CHECKS) -> list[CheckResult]:
    """Results of all checks, in order.

    Parameters
    ----------
    url
        libpq URL of the database.
    state_folder
        Where the service keeps its state.
    checks
        Which to run.

    Notes
    -----
    While the database is away, the checks that need it are left out, but for the one that says that it is away. A check
    that fails for an unforeseen reason is a failed check; the others still run.
    """
    opened: psycopg.Connection[TupleRow] | UnavailableError
    try:
        opened = connect(url, autocommit=True, statement_seconds=60)
    except UnavailableError as error:
        opened = error
    context = CheckContext(url, state_folder, opened)
    try:
        return [result for check in checks if (result := _result(check, context)) is not None]
    finally:
        if not isinstance(opened, UnavailableError):
            opened.close()


def _result(check: Check, context: CheckContext) -> CheckResult | None:
    name = check.__name__.removeprefix("check_").replace("_", "-")
    try:
        return check(context)
    except UnavailableError as error:
        return None if context.away else CheckResult(name, "failed", error.detail, error.detail_zh)
    except (GeodataError, psycopg.Error, OSError) as error:
        return CheckResult(name, "failed", f"the check failed: {error}", f"检查未能完成：{error}")
