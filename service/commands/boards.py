"""What ``gridmap boards`` does: print the boards of an area into a folder, list those that hang with something else."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from rich.markup import escape

from geodata.boards import printed as printed_log
from geodata.boards.logos import checked_logo, set_logo
from geodata.database import away_is_unavailable, connect
from geodata.errors import FileError
from geodata.station.walked import WalksKept
from geodata.themes import Themes
from geodata.times import instant
from service.commands.known import latest_snapshot, latest_walking
from service.commands.screen import chinese, either, output, plural, progress_bar, show_error, table
from service.commands.state import bring_up_to_date, connection, database_url
from service.maps.boards.making import NetworkRead, Sources, paper_of, sources_at
from service.maps.boards.runs import Outcome, RunAsked, codes_of, print_boards
from service.maps.boards.staleness import Standing, standing_of
from service.settings import Settings

_FINDINGS = {
    "no-dialable-number": ("without a number of their own to dial", "没有可拨打的责任人电话"),
    "nobody-on-duty": ("without anybody", "没有责任人"),
    "grids-without-people": ("with grids that have nobody", "有网格没有责任人"),
    "phone-not-public": ("with phones that are not public", "有未公开的电话"),
    "no-hotline": ("without a hotline", "没有服务热线"),
    "matter-without-anybody": ("with matters that nobody answers for", "有事项无人负责"),
}
_KINDS = {"grid": ("grid", "网格"), "community": ("community", "社区"), "compound": ("compound", "小区")}
_RUN_STATES = {
    "queued": ("queued", "等待"),
    "printing": ("printing", "正在打印"),
    "done": ("done", "已完成"),
    "cancelled": ("cancelled", "已取消"),
    "failed": ("failed", "已失败"),
}
_PARTS = {
    "name": ("name", "名称"),
    "people": ("people", "人员"),
    "duties": ("duties", "职责"),
    "matters": ("matters", "事项"),
    "hotlines": ("hotlines", "热线"),
    "stations": ("stations", "站点"),
    "texts": ("texts", "文字"),
    "figures": ("figures", "数据"),
    "plan": ("plan", "示意图"),
    "print": ("link, logo or attribution", "链接、标志或版权"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as it was typed."""

    within: str | None
    layer: str | None
    kind: str
    size: str
    english: bool
    stale: bool


def print_area(settings: Settings, question: Question, out: Path, actor: str) -> bool:
    """Print boards into a folder; whether every one of them could be made, and nobody stopped the run.

    Raises
    ------
    InputError, NotKnownError
        Something that was asked for is not known.
    FileError
        The folder cannot be written.
    UnavailableError
        The database is away.
    """
    paper_of(question.size)
    if out.exists() and not out.is_dir():
        raise FileError(f"--out: {out} is no folder", f"--out：{out} 不是文件夹")
    with database_url(settings) as url:
        sources = sources_now(settings, url)
        asked = _asked(sources, question, url)
        codes_of(sources.moment, asked)
        if not sources.address:
            output.print(
                either(
                    "GRIDMAP_PUBLIC_URL is not set: boards get no code of their live page.",
                    "未设置 GRIDMAP_PUBLIC_URL：公示牌上不印实时页面的二维码。",
                )
            )
        outcome = _run(url, sources, asked, out, actor)
    _report(outcome, out)
    return not outcome.failed and not outcome.stopped


def _asked(sources: Sources, question: Question, url: str) -> RunAsked:
    layer = question.layer or sources.moment.default_layer.code
    only = None
    if question.stale:
        only = frozenset(
            (one.printed.layer, one.printed.kind, one.printed.code)
            for one in _standing(sources, question, url)
            if one.stale and one.printed.size == question.size and (one.printed.lang == "en") == question.english
        )
    lang = "en" if question.english else "zh-CN"
    return RunAsked(layer, question.kind, question.size, "en" if lang == "en" else "zh-CN", question.within, only)


def sources_now(settings: Settings, url: str) -> Sources:
    """What boards are made from now, for a command."""
    walking = latest_walking(settings, url)
    now = time.time_ns() // 1000
    moment = latest_snapshot(settings, url).moment(now)
    return sources_at(moment, now, now, settings, lambda: connect(url), NetworkRead(walking), WalksKept(), Themes())


def _run(url: str, sources: Sources, asked: RunAsked, out: Path, actor: str) -> Outcome:
    told = {name: getattr(asked, name) for name in ("within", "layer", "kind", "size", "lang")}
    stage = either("printing boards", "打印公示牌")
    with away_is_unavailable(), connect(url, autocommit=True) as opened, progress_bar() as bar:
        run_id = printed_log.begin_run(opened, told, None, actor)

        def progress(done: int, total: int, printed: int) -> bool:
            bar(stage, done, total)
            return printed_log.move_on(opened, run_id, done, total, printed)

        ended = "failed"
        try:
            outcome = print_boards(sources, asked, out, opened, actor=actor, progress=progress)
            ended = "cancelled" if outcome.stopped else "done"
        except KeyboardInterrupt:
            ended = "cancelled"
            raise
        finally:
            # Where the database is away, whoever looks next sees that nobody prints any more.
            with contextlib.suppress(psycopg.OperationalError):
                printed_log.end_run(opened, run_id, ended)
    return outcome


def _report(outcome: Outcome, out: Path) -> None:
    for code, error in outcome.failed[:20]:
        output.print(f"[bold red]{escape(code)}[/]")
        show_error(error)
    english = (
        f"{plural(outcome.printed, 'board')} printed, {outcome.kept:,} were there with the same content"
        + (f", {len(outcome.failed)} could not be made" if outcome.failed else "")
        + (f"; stopped at {outcome.done:,} of {outcome.total:,}, run it again to go on" if outcome.stopped else "")
    )
    told = (
        f"已打印 {outcome.printed:,} 块公示牌，{outcome.kept:,} 块内容未变、无需重印"
        + (f"，{len(outcome.failed)} 块无法生成" if outcome.failed else "")
        + (f"；在 {outcome.done:,}/{outcome.total:,} 处停止，再次运行可继续" if outcome.stopped else "")
    )
    output.print(either(english, told))
    for kind, count in sorted(outcome.findings.items(), key=lambda one: -one[1]):
        english, told = _FINDINGS.get(kind, (kind, kind))
        output.print(either(f"  {plural(count, 'board')} {english}", f"  {count:,} 块{told}"))
    output.print(f"→ {escape(str(out))}")


def show(settings: Settings, question: Question) -> None:
    """Print which boards were printed, and which of them are stale, by what.

    Raises
    ------
    NotKnownError
        There is no such area.
    """
    with database_url(settings) as url:
        sources = sources_now(settings, url)
        standing = _standing(sources, question, url)
    shown = [one for one in standing if one.stale] if question.stale else standing
    rows = table(
        *(
            ("种类", "编码", "名称", "纸张", "打印日期", "状态")
            if chinese()
            else ("kind", "code", "name", "size", "printed", "state")
        )
    )
    for one in shown:
        printed = one.printed
        day = printed.printed_at.astimezone(settings.zone).date().isoformat()
        size = f"{printed.size} {printed.lang}" if printed.lang == "en" else printed.size
        rows.add_row(either(*_KINDS[printed.kind]), escape(printed.code), escape(printed.name), size, day, _state(one))
    if shown:
        output.print(rows)
    stale = sum(one.stale for one in standing)
    output.print(
        either(
            f"{plural(len(standing), 'board')} printed, {stale:,} stale",
            f"已打印 {len(standing):,} 块公示牌，其中 {stale:,} 块内容已过期",
        )
    )


def _standing(sources: Sources, question: Question, url: str) -> list[Standing]:
    with connect(url) as opened:
        known = printed_log.printed_boards(opened)
    wanted = [one for one in known if question.layer in (None, one.layer)]
    return standing_of(sources, wanted, question.within)


def _state(one: Standing) -> str:
    if one.gone:
        return either("stale: no longer there", "过期：对象已不存在")
    if not one.changed:
        return either("as printed", "与打印时一致")
    parts = [either(*_PARTS.get(part, (part, part))) for part in one.changed]
    return either(f"stale: {', '.join(parts)}", f"过期：{'、'.join(parts)}")


def stop(settings: Settings, run_id: int, actor: str) -> None:
    """Stop a print run that goes on somewhere else.

    Raises
    ------
    NotKnownError, ConflictError
        There is none of this number, or it has ended.
    """
    with connection(settings) as opened:
        printed_log.cancel_run(opened, run_id, actor)
    output.print(
        either(f"Print run {run_id} stops after its present board.", f"打印任务 {run_id} 将在当前公示牌完成后停止。")
    )


def keep_logo(settings: Settings, file: Path, within: str | None, actor: str) -> None:
    """Set the logo of an area's boards, or of all.

    Raises
    ------
    FileError
        It cannot be read, or is no picture.
    NotKnownError
        There is no such area.
    """
    try:
        logo = checked_logo(file.read_bytes())
    except OSError as error:
        raise FileError(f"{file} cannot be read: {error.strerror}", f"无法读取 {file}：{error.strerror}") from error
    with database_url(settings) as url:
        bring_up_to_date(settings, url)
        moment = latest_snapshot(settings, url).moment(time.time_ns() // 1000)
        area = None if within is None else moment.area(within)
        with connect(url) as opened:
            set_logo(opened, area, logo, actor)
    where = either("everywhere", "全部区划") if area is None else area.name
    output.print(
        either(
            f"Logo of {escape(where)}: {logo.width} × {logo.height} pixels",
            f"{escape(where)}的标志：{logo.width} × {logo.height} 像素",
        )
    )


def runs(settings: Settings) -> None:
    """Print the last print runs."""
    with connection(settings) as opened:
        printed_log.settle_stranded(opened)
        found = printed_log.print_runs(opened)
    rows = table(
        *(
            ("编号", "状态", "范围", "进度", "新印", "开始")
            if chinese()
            else ("run", "state", "what", "done", "printed", "begun")
        )
    )
    for one in found:
        asked = one.asked
        what = " ".join(str(asked.get(name)) for name in ("within", "kind", "size") if asked.get(name))
        begun = (
            instant(int(one.created_at.timestamp() * 1_000_000)).astimezone(settings.zone).strftime("%Y-%m-%d %H:%M")
        )
        rows.add_row(
            str(one.run_id),
            either(*_RUN_STATES[one.state]),
            escape(what),
            f"{one.done}/{one.total or '?'}",
            str(one.printed),
            begun,
        )
    output.print(rows)
