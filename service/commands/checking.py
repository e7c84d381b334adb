"""The commands ``gridmap check`` and ``gridmap migrate``."""

from rich.markup import escape

from geodata import migrate
from geodata.address.check import register_check
from geodata.address.store import RegisterStore
from geodata.datacheck import data_checks
from geodata.errors import SetupError
from geodata.selfcheck import CHECKS, CheckResult, run_checks
from geodata.snapshot_store import SnapshotStore
from geodata.station.network.check import network_check
from geodata.station.network.store import NetworkStore
from service.commands.board_check import board_check
from service.commands.screen import either, output
from service.commands.state import database_url
from service.maps.assets import installed_assets
from service.settings import Settings

_MARKS = {"ok": "[green]OK[/]  ", "warning": "[yellow]注意[/]", "failed": "[red]错误[/]"}
_MARKS_EN = {"ok": "[green]OK[/]     ", "warning": "[yellow]warning[/]", "failed": "[red]failed[/] "}


def check(settings: Settings) -> bool:
    """Print what every check found; says whether none failed."""
    try:
        with database_url(settings) as url:
            store = SnapshotStore(settings.state_folder, url, settings.zone)
            register = register_check(RegisterStore(store.home / "register", url))
            network = network_check(NetworkStore(store.home / "network", url))
            results = run_checks(
                url, settings.state_folder, [*CHECKS, *data_checks(store), register, network, board_check(settings)]
            )
    except SetupError as error:
        results = [CheckResult("server", "failed", error.detail, error.detail_zh)]
    results.append(_assets())
    for result in results:
        mark = either(_MARKS_EN[result.status], _MARKS[result.status])
        output.print(f"{mark} [bold]{result.name}[/]  {escape(either(result.message, result.message_zh))}")
        if result.hint:
            output.print(f"         [dim]→ {escape(either(result.hint, result.hint_zh))}[/]")
    return all(result.status != "failed" for result in results)


def _assets() -> CheckResult:
    try:
        installed_assets()
    except SetupError as error:
        return CheckResult("assets", "failed", error.detail, error.detail_zh)
    return CheckResult("assets", "ok", "scripts and styles of the pages are installed", "页面脚本与样式已安装")


def migrate_now(settings: Settings) -> None:
    """Bring the database up to date and print what was applied.

    Raises
    ------
    SetupError
        The database cannot be migrated; says why and what to do.
    """
    with database_url(settings) as url:
        applied = migrate.migrate(url)
    for name in applied:
        output.print(f"  {name}")
    output.print(either(f"{len(applied)} migrations applied.", f"已执行 {len(applied)} 个迁移。"))
