"""The command ``gridmap release``: what was published of a layer, and taking it back before its date."""

import time

from rich.markup import escape

from geodata import redraw
from geodata.records import Release
from geodata.times import instant
from service.commands.known import latest_snapshot
from service.commands.screen import either, output, table
from service.commands.state import connection, database_url
from service.settings import Settings


def show(settings: Settings, code: str | None) -> None:
    """Print the releases of a layer, the default one where none is named.

    Raises
    ------
    NotKnownError
        There is no such layer.
    """
    now = time.time_ns() // 1000
    with database_url(settings) as url:
        snapshot = latest_snapshot(settings, url)
    moment = snapshot.moment(now)
    chosen = moment.default_layer if code is None else moment.layer(code)
    in_force = moment.release(chosen.code)
    output.print(f"[bold]{escape(chosen.name)}[/] {chosen.code}")
    listed = table(
        either("release", "版本"),
        either("takes effect", "生效"),
        either("published", "发布"),
        either("by", "发布人"),
        either("state", "状态"),
    )
    for release in snapshot.releases.get(chosen.code, ()):
        current = in_force is not None and release.number == in_force.number
        listed.add_row(
            str(release.number),
            _local(release.effective_at, settings),
            _local(release.published_at, settings),
            escape(release.published_by),
            _state(release, now, current=current),
        )
    output.print(listed)


def withdraw(settings: Settings, code: str | None, number: int, actor: str) -> None:
    """Take a release back before its date, with the areas and duties that were to change with it.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        It is in force, or withdrawn already.
    """
    with connection(settings) as opened:
        redraw.withdraw(opened, code, number, actor=actor)
    output.print(either(f"Release {number} is withdrawn.", f"版本 {number} 已撤回。"))


def _local(micros: int, settings: Settings) -> str:
    return f"{instant(micros).astimezone(settings.zone):%Y-%m-%d %H:%M}"


def _state(release: Release, now: int, *, current: bool) -> str:
    if release.withdrawn_at is not None:
        return either("withdrawn", "已撤回")
    if release.effective_at > now:
        return either("pending", "待生效")
    return either("in force", "生效中") if current else either("replaced", "已被替代")
