"""The command ``gridmap release``: what was published of a layer, going back to it, taking it back before its date."""

import time
from pathlib import Path

from rich.markup import escape

from geodata import redraw, redraw_files
from geodata.errors import NotKnownError
from geodata.records import Release
from geodata.times import instant
from service.commands.drafting_work import table_of, told_outcome, tried
from service.commands.known import latest_snapshot
from service.commands.screen import either, output, plural, table
from service.commands.state import connection, database_url
from service.commands.targets import refuse_unwritable
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


def show_one(settings: Settings, code: str | None, number: int, out: Path | None) -> None:
    """Print one release, and write its grids to a file.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        It was withdrawn, and its grids are asked for.
    """
    now = time.time_ns() // 1000
    if out is not None:
        refuse_unwritable(out, "--out", (".gpkg",))
    with table_of(settings) as work:
        moment = work.snapshot.moment(now)
        chosen = moment.default_layer if code is None else moment.layer(code)
        releases = {release.number: release for release in work.snapshot.releases.get(chosen.code, ())}
        release = releases.get(number)
        if release is None:
            raise NotKnownError(f"The layer has no release {number}.", f"没有版本 {number}。", release=number)
        in_force = moment.release(chosen.code)
        current = in_force is not None and in_force.number == number
        facts = (
            f"[bold]{escape(chosen.name)}[/] {chosen.code}",
            either(f"release {number}", f"版本 {number}"),
            _state(release, now, current=current),
            either(
                f"takes effect {_local(release.effective_at, settings)}",
                f"{_local(release.effective_at, settings)} 生效",
            ),
            either("published", "发布于") + f" {_local(release.published_at, settings)} {escape(release.published_by)}",
        )
        output.print(" · ".join(facts))
        if out is not None:
            count = redraw_files.export_release(work.connection, chosen.code, number, out)
            output.print(f"{plural(count, either('grid', '个网格'), either('grids', '个网格'))} → {escape(str(out))}")


def restore(settings: Settings, code: str | None, number: int, name: str | None, actor: str, *, commit: bool) -> None:
    """Begin a draft of the newest release that goes back to an earlier one.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        It was withdrawn, or everything is as it left it.
    """
    with table_of(settings) as work, tried(work, commit=commit):
        draft = redraw.restore(work.connection, code, number, actor=actor, name=name, memory=work.memory)
        state = work.state(draft.draft_id)
    changed = len(state.changed_since_base())
    output.print(
        either(
            f"{escape(draft.name)}: {plural(changed, 'grid')} as in release {number}",
            f"{escape(draft.name)}：{changed:,} 个网格恢复为版本 {number}",
        )
    )
    told_outcome(
        f"draft {draft.draft_id}; gridmap draft publish {draft.draft_id} makes it the next release",
        f"草案 {draft.draft_id}；用 gridmap draft publish {draft.draft_id} 发布",
        commit=commit,
    )


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
