"""The commands ``gridmap draft``: begun, listed, shown, taken back step by step, published, discarded."""

from collections.abc import Sequence
from typing import Any, Final

from rich.markup import escape

from geodata import redraw
from geodata.drafts.impact import GridChange, impact
from geodata.drafts.rules import findings_of_draft
from geodata.drafts.store import DraftOperation
from geodata.drafts.wording import listed as codes_told
from geodata.errors import StaleBaseError
from geodata.redraw import Applied, Draft
from geodata.times import instant, parse_time
from service.commands.drafting_work import Table, table_of, told_outcome, tried
from service.commands.findings import show_findings
from service.commands.screen import either, output, plural, table
from service.settings import Settings

ROWS_SHOWN: Final = 20
KEPT: Final = ("gridmap draft report DRAFT FILE.xlsx", "gridmap draft report 草案 文件.xlsx")
_STATES: Final = {
    "open": ("open", "编辑中"),
    "published": ("published", "已发布"),
    "discarded": ("discarded", "已废弃"),
}
_CHANGES: Final = {"new": ("new", "新增"), "changed": ("changed", "变更"), "ended": ("ended", "停用")}


def show_all(settings: Settings, layer: str | None, state: str | None) -> None:
    """Print drafts, the newest first."""
    with table_of(settings) as work:
        found = redraw.drafts(work.connection, layer, state=state)
    listed = table(
        "#",
        either("name", "名称"),
        either("layer", "类型"),
        either("from release", "基于版本"),
        either("state", "状态"),
        either("steps", "步骤"),
        either("changed", "修改时间"),
        either("by", "修改人"),
    )
    for draft in found:
        when = f"{draft.changed_at.astimezone(settings.zone):%Y-%m-%d %H:%M}"
        stale = either(" (not the newest)", "（非最新）") if draft.stale else ""
        state_now = either(*_STATES[draft.state])
        cells = (draft.name, draft.layer, f"{draft.base}{stale}", state_now, str(draft.version), when, draft.changed_by)
        listed.add_row(str(draft.draft_id), *(escape(cell) for cell in cells))
    output.print(listed)


def create(
    settings: Settings, layer: str | None, name: str, note: str, release: int | None, actor: str, *, commit: bool
) -> None:
    """Begin a draft."""
    with table_of(settings) as work:
        # A dry run writes nothing at all: a number once given to a draft is not given again.
        begun = redraw.beginning(work.connection, layer, name=name, note=note, release=release)
        told = [f"[bold]{escape(begun.name)}[/]", escape(begun.layer), _from_release(begun.release)]
        output.print(" · ".join(told))
        number = None
        if commit:
            with tried(work, commit=True):
                number = redraw.create_draft(
                    work.connection, layer, name=name, note=note, release=release, actor=actor
                ).draft_id
    told_outcome(f"draft {number}", f"草案 {number}", commit=commit)


def show(settings: Settings, draft_id: int) -> None:
    """Print a draft: what was done, what that changes, what is to be known of it."""
    with table_of(settings) as work:
        draft, scene = work.draft(draft_id), work.scene(draft_id)
        _told_draft(draft)
        told_operations(redraw.operations(work.connection, draft_id))
        if scene is not None:
            state = work.state(draft_id)
            told_changes(impact(state, scene).grids)
            show_findings(findings_of_draft(state, scene), (), KEPT)
        if draft.stale:
            _told_conflicts(work, draft_id)


def turn(settings: Settings, draft_id: int, actor: str, *, back: bool, commit: bool) -> None:
    """Take back one's own last operation, or do it again."""
    act = redraw.undo if back else redraw.redo
    with table_of(settings) as work:
        scene = work.scene(draft_id)
        with tried(work, commit=commit):
            applied = act(work.connection, draft_id, actor=actor, memory=work.memory, scene=scene)
        told_applied([applied])
    told_outcome(f"version {applied.version}", f"第 {applied.version} 版", commit=commit)


def discard(settings: Settings, draft_id: int, actor: str, *, commit: bool) -> None:
    """Close a draft for good."""
    with table_of(settings) as work:
        _told_draft(work.draft(draft_id))
        with tried(work, commit=commit):
            redraw.discard(work.connection, draft_id, actor=actor)
    told_outcome(f"draft {draft_id} is discarded", f"草案 {draft_id} 已废弃", commit=commit)


def publish(settings: Settings, draft_id: int, effective: str | None, note: str, actor: str, *, commit: bool) -> None:
    """Make a draft the next release of its layer.

    Raises
    ------
    StaleBaseError
        The layer was changed since; the conflicts are printed.
    PendingReleaseError, ConflictError
        As `geodata.redraw.publish`.
    """
    when = None if effective is None else parse_time(effective, zone=settings.zone)
    with table_of(settings) as work:
        scene = work.scene(draft_id)
        try:
            with tried(work, commit=commit):
                done = redraw.publish(
                    work.connection, draft_id, actor=actor, effective=when, note=note, memory=work.memory, scene=scene
                )
        except StaleBaseError:
            _told_conflicts(work, draft_id)
            raise
    handed = done.inheritance
    at = f"{instant(done.effective).astimezone(settings.zone):%Y-%m-%d %H:%M}"
    output.print(
        either(
            f"{plural(done.changed, 'grid')} changed, {done.made:,} new, {done.ended:,} ended; "
            f"{plural(done.areas, 'area')} changed; {plural(handed.duties_begun, 'duty', 'duties')} begun, "
            f"{handed.duties_ended:,} ended; {plural(handed.texts_begun, 'board text')} begun, "
            f"{handed.texts_ended:,} ended; in force from {at}",
            f"网格：变更 {done.changed:,}，新增 {done.made:,}，停用 {done.ended:,}；区划变更 {done.areas:,}；"
            f"职责：新增 {handed.duties_begun:,}，终止 {handed.duties_ended:,}；"
            f"公示文字：新增 {handed.texts_begun:,}，终止 {handed.texts_ended:,}；{at} 起生效",
        )
    )
    if done.miscounted:
        named, named_zh = codes_told(done.miscounted)
        output.print(
            either(
                f"counts were loaded by grid for ground that is another now, load them anew: {named}",
                f"以下网格的范围已变更，按网格导入的统计数不再适用，请重新导入：{named_zh}",
            )
        )
    told_outcome(f"published as release {done.number}", f"以版本 {done.number} 发布", commit=commit)


def rebase(settings: Settings, draft_id: int, actor: str, *, leave_out: bool, commit: bool) -> None:
    """Take a draft to the newest release of its layer."""
    with table_of(settings) as work:
        scene = work.scene(draft_id)
        with tried(work, commit=commit):
            done = redraw.rebase(
                work.connection, draft_id, actor=actor, leave_out=leave_out, memory=work.memory, scene=scene
            )
    for one in done.left_out:
        output.print(escape(f"{one.kind}: {either(one.detail, one.detail_zh)}"))
    output.print(
        either(
            f"{plural(done.done, 'operation')} done again on release {done.draft.base}, {len(done.left_out)} left out",
            f"在版本 {done.draft.base} 上重做 {done.done} 个操作，略去 {len(done.left_out)} 个",
        )
    )
    told_outcome(
        f"draft {draft_id} is on release {done.draft.base}",
        f"草案 {draft_id} 已基于版本 {done.draft.base}",
        commit=commit,
    )


def told_applied(done: Sequence[Applied]) -> None:
    """Say what operations did, and what is to be known of it."""
    for one in done:
        words = either(str(one.operation.answer.get("words", "")), str(one.operation.answer.get("words_zh", "")))
        again = either(" (done before, not done again)", "（此前已执行，不再重复）") if one.repeated else ""
        output.print(f"  {one.version}  {escape(words)}{again}")
    show_findings([finding for one in done for finding in one.findings], (), KEPT)


def told_operations(done: Sequence[DraftOperation]) -> None:
    """Print what was done, the last first."""
    for one in list(reversed(done))[:ROWS_SHOWN]:
        words = either(str(one.answer.get("words", one.kind)), str(one.answer.get("words_zh", one.kind)))
        gone = either(f", taken back by {one.undone_by}", f"，已由第 {one.undone_by} 步撤销") if one.undone_by else ""
        output.print(f"  {one.seq}  {escape(words)} · {escape(one.done_by)}{gone}")
    if len(done) > ROWS_SHOWN:
        output.print(either(f"  … {len(done) - ROWS_SHOWN} earlier ones", f"  ……更早的 {len(done) - ROWS_SHOWN} 步"))


def told_changes(changes: Sequence[GridChange]) -> None:
    """Print grids that are otherwise, with their households before and after."""
    if not changes:
        output.print(either("No grid is changed.", "没有网格变更。"))
        return
    listed = table(
        either("grid", "网格"),
        either("name", "名称"),
        either("change", "变化"),
        either("households before", "原户数"),
        either("after", "现户数"),
        either("in band", "规模达标"),
    )
    for one in changes[:ROWS_SHOWN]:
        shown = one.after or one.before
        assert shown is not None
        band = {True: either("yes", "是"), False: either("no", "否"), None: ""}[
            None if one.after is None else one.after.in_band
        ]
        counts = ("" if side is None else f"{side.counts.households:,}" for side in (one.before, one.after))
        listed.add_row(escape(shown.code), escape(shown.name), either(*_CHANGES[one.change]), *counts, band)
    output.print(listed)
    if len(changes) > ROWS_SHOWN:
        more = len(changes) - ROWS_SHOWN
        output.print(either(f"… {more:,} more: gridmap draft report", f"……另有 {more:,} 个：gridmap draft report"))


def _told_draft(draft: Draft) -> None:
    facts: list[Any] = [
        f"[bold]{escape(draft.name)}[/]",
        either(f"draft {draft.draft_id}", f"草案 {draft.draft_id}"),
        escape(draft.layer),
        _from_release(draft.base),
        either(*_STATES[draft.state]),
        either(f"version {draft.version}", f"第 {draft.version} 版"),
    ]
    output.print(" · ".join(facts))
    if draft.note:
        output.print(escape(draft.note), style="dim")


def _from_release(number: int) -> str:
    return either(f"from release {number}", f"基于版本 {number}")


def _told_conflicts(work: Table, draft_id: int) -> None:
    output.print(
        either(
            f"A newer release was published since: gridmap draft rebase {draft_id}",
            f"此后已发布新版本，请先转到新版本：gridmap draft rebase {draft_id}",
        ),
        style="yellow",
    )
    for one in redraw.conflicts(work.connection, draft_id, work.memory)[:ROWS_SHOWN]:
        where = "" if one.lon is None else f" ({one.lon:.6f}, {one.lat:.6f})"
        both = either("changed by both", "双方均有修改")
        output.print(f"  {escape(one.code)} {escape(one.name)}{where}: {both}")
