"""The command ``gridmap demo``: the sample district in a PostGIS of its own, served, with a key per role."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import orjson
from rich.cells import cell_len
from rich.markup import escape

from geodata import access, database
from geodata.embedded.cluster import EmbeddedCluster
from geodata.errors import ConflictError, SetupError
from geodata.intake.report import Progress
from geodata.load import silent
from geodata.moment import Moment
from geodata.snapshot_store import SnapshotStore
from service.commands.running import free_port
from service.commands.screen import either, errors, output, plural, progress_bar
from service.commands.state import bring_up_to_date, database_url
from service.settings import Settings

ROLES = ("dispatcher", "planner", "clerk", "admin")
READY_SECONDS = 120.0
ROSTER_FILE = "样例名册.xlsx"
GRIDS = {"street": 83, "district": 896, "city": 10_000}
_ROLE_NAMES = {"dispatcher": "调度员", "planner": "规划员", "clerk": "网格办文员", "admin": "管理员"}


def demo(settings: Settings, *, size: str | None, host: str, port: int, reset: bool) -> int:
    """Serve the sample district until told to stop; the exit status of the server.

    Parameters
    ----------
    size
        Of the sample: ``street``, ``district`` or ``city``, ``district`` where none is asked for; used where the
        database is still empty.
    port
        The first to try.
    reset
        Throw the demo's data away first.

    Raises
    ------
    SetupError
        Something must be installed, or ``reset`` was asked of a database that is not the demo's own.
    ConflictError
        No port is free, or the demo's database is in use while it should be reset.
    """
    if reset:
        _reset(settings)
    with ExitStack() as running:
        with progress_bar() as progress:
            progress("starting the database", 0, None)
            url = running.enter_context(database_url(settings))
            bring_up_to_date(settings, url)
            loaded = load_sample(url, size or "district", progress)
        keys = demo_keys(settings, url)
        free = free_port(host, port)
        environment = {
            **os.environ,
            "GRIDMAP_DATABASE_URL": url,
            "GRIDMAP_STATE_FOLDER": str(settings.state_folder.absolute()),
            # Those of the sample are nobody's secret.
            "GRIDMAP_PUBLIC_COUNTS": settings.public_counts or "events",
        }
        command = [sys.executable, "-m", "service.cli", "serve", "--host", host, "--port", str(free)]
        server = subprocess.Popen(command, env=environment)  # noqa: S603 - our own program
        try:
            address = f"http://{'localhost' if host in ('127.0.0.1', '::1') else host}:{free}{settings.root_path}"
            with progress_bar() as progress:
                progress("starting the server", 0, None)
                _await_ready(server, f"http://{_reachable(host)}:{free}")
            _welcome(settings, url, address, keys, asked=None if loaded else size)
            return server.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            _end(server)


def _reset(settings: Settings) -> None:
    if settings.database_url:
        raise SetupError(
            "--reset only throws away the demo's own database: unset GRIDMAP_DATABASE_URL or empty that one yourself",
            "--reset 只能清除演示自带的数据库：请取消 GRIDMAP_DATABASE_URL，或自行清空该数据库",
        )
    EmbeddedCluster(settings.state_folder).remove()
    shutil.rmtree(settings.state_folder / "snapshots", ignore_errors=True)
    for file in (_keys_file(settings), settings.state_folder / ROSTER_FILE):
        file.unlink(missing_ok=True)


def load_sample(url: str, size: str, progress: Progress = silent) -> bool:
    """Load the sample into a database without grids; says whether it did.

    Notes
    -----
    Everything goes through the ordinary load door, in one transaction: an interrupted demo leaves the database empty.
    """
    with database.connect(url) as connection:
        if connection.execute("SELECT EXISTS (SELECT FROM grid_versions)").fetchone() == (True,):
            return False
        from geodata.sample import generate
        from geodata.sample.loading import load_city

        progress("generating the sample", 0, None)
        load_city(connection, generate(size), progress=progress)
    return True


def _keys_file(settings: Settings) -> Path:
    return settings.state_folder / "demo-keys.json"


def demo_keys(settings: Settings, url: str) -> dict[str, str]:
    """A key per role that this database accepts: those of the last start while they are valid, new ones else."""
    path = _keys_file(settings)
    kept = _kept_keys(path)
    with database.connect(url) as connection:
        valid = {role: key for role, key in kept.items() if access.role_of_key(connection, key) == role}
        for role in ROLES:
            if role not in valid:
                name = f"demo {role}"
                valid[role], _ = access.create_key(connection, role=role, name=name, created_by="demo")
    if valid != kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(orjson.dumps(valid))
        unfinished.replace(path)
    return valid


def _kept_keys(path: Path) -> dict[str, str]:
    try:
        return dict(orjson.loads(path.read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return {}


def _await_ready(server: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SetupError("the server stopped while starting; see above", "服务启动失败，见上方信息")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SetupError(
        f"the server did not get ready within {READY_SECONDS:.0f} s", f"服务在 {READY_SECONDS:.0f} 秒内未就绪"
    )


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104


def _welcome(settings: Settings, url: str, address: str, keys: dict[str, str], *, asked: str | None) -> None:
    """Print the link, the keys and what to try; where a size was asked for in vain, how to get it."""
    moment = SnapshotStore(settings.state_folder, url, settings.zone).refresh().moment(time.time_ns() // 1000)
    layer = moment.default_layer.code
    grids = moment.grids(layer)
    if not grids:
        raise ConflictError("the database has no grids in force", "数据库中没有生效的网格")
    grid = grids[len(grids) // 2]
    point = moment.geometry(grid).representative_point()
    place = f"{point.x:.5f},{point.y:.5f}"
    count = either(plural(len(grids), "grid"), f"{len(grids)} 个网格")
    output.print(f"\n[bold]Grid Map 网格地图[/]  {address}/   [dim]{count}[/]")
    if asked is not None and len(grids) != GRIDS[asked]:
        output.print(
            either(
                f"The data of before is kept; for a new sample of the size “{asked}” add --reset.",
                f"沿用已有数据；如需“{asked}”规模的新示例，请加 --reset。",
            ),
            style="yellow",
        )
    output.print(
        either(
            "\nDemo keys (sign in on the map, or send as Authorization: Bearer …)",
            "\n演示密钥（在地图页登录，或以 Authorization: Bearer … 发送）",
        )
    )
    for role in ROLES:
        output.print(f"  {_column(either(role, _ROLE_NAMES[role]))} {keys[role]}", soft_wrap=True)
    _to_try(address, place, write_roster(settings, moment), _said(moment))
    errors.print(either("\nCtrl+C stops it; the data stays for the next time.", "\n按 Ctrl+C 停止；数据保留到下次。"))


def write_roster(settings: Settings, moment: Moment) -> tuple[Path, int] | None:
    """Write the workbook to try the clerk's desk with beside the demo's data; its path, and how many mistakes it has.

    Notes
    -----
    Each start writes it anew, by the roster of the day. None where the people are not the sample's.
    """
    from geodata.sample.workbook import write_messy_roster

    path = settings.state_folder / ROSTER_FILE
    mistakes = write_messy_roster(path, moment)
    return (path, len(mistakes)) if mistakes else None


def _said(moment: Moment) -> str:
    """What a caller may say of the first compound that has a building 3, with what callers say besides."""
    third = {building.compound_id for building in moment.buildings if building.name == "3号楼"}
    named = (compound.name for compound in moment.compounds if compound.compound_id in third)
    return next((f"{name}三号楼 王女士 138 0000 0000" for name in named), "")


def _to_try(address: str, place: str, roster: tuple[Path, int] | None, said: str) -> None:
    program = "gridmap" if shutil.which("gridmap") else sys.argv[0]
    lon, lat = place.split(",")
    tries = [
        either(f"open {address}/maps/grids and click anywhere", f"打开 {address}/maps/grids，点击任意位置"),
        either(
            f"open {address}/roster as a clerk: who is on duty this week, and when nobody is",
            f"以网格办文员身份打开 {address}/roster：本周谁在岗、哪里缺岗",
        ),
        either(
            f"open {address}/maps/coverage as a planner, choose 5 minutes, and drag a station",
            f"以规划人员身份打开 {address}/maps/coverage，选 5 分钟，再拖动一个站点",
        ),
        f"curl '{address}/api/v1/lookup?lon={lon}&lat={lat}'",
        f"{program} lookup {place} --as-of 2026-10-01T22:00   ·   {program} check",
    ]
    if roster is not None:
        path, mistakes = roster
        tries.insert(
            1,
            either(
                f"open {address}/load as a clerk and drop {path}: a roster with {mistakes} mistakes to find",
                f"以网格办文员身份打开 {address}/load，拖入 {path}：一份有 {mistakes} 处错误的名册",
            ),
        )
    if said:
        tries.insert(
            1,
            either(
                f"open {address}/dispatch as a dispatcher and type {said}",
                f"以调度员身份打开 {address}/dispatch，输入 {said}",
            ),
        )
    output.print(either("\nTo try", "\n可以试试"))
    for number, words in enumerate(tries, 1):
        output.print(f"  {number}. {escape(words)}", soft_wrap=True)


def _column(text: str) -> str:
    """Text filled up to the width of the widest role; Chinese characters are two wide."""
    return text + " " * (12 - cell_len(text))


def _end(server: "subprocess.Popen[bytes]") -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
