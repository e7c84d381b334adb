"""The command ``gridmap change``: what was changed, by whom, and taking it back."""

from rich.markup import escape

from geodata.changes import UNDO, ChangeEntry, change, list_changes, undo_change
from geodata.edit import CHANGE, CREATE, END
from geodata.intake.fields import Kind
from geodata.intake.kinds import KINDS
from service.commands.screen import either, output, plural, table
from service.commands.state import connection
from service.settings import Settings

_EDITS = {CREATE: ("added", "新增"), CHANGE: ("changed", "修改"), END: ("ended", "停用")}


def show(settings: Settings, limit: int) -> None:
    """Print the last changes, the newest first."""
    with connection(settings) as opened:
        found = list_changes(opened, limit=limit)
    listed = table(
        either("change", "变更"),
        either("when", "时间"),
        either("by", "操作人"),
        either("what", "内容"),
        either("state", "状态"),
    )
    for entry in found:
        when = f"{entry.at.astimezone(settings.zone):%Y-%m-%d %H:%M}"
        listed.add_row(str(entry.change_id), when, escape(entry.actor), escape(_what(entry)), _state(entry))
    output.print(listed)


def undo(settings: Settings, change_id: int, actor: str, *, commit: bool) -> None:
    """Undo a change and print what that takes back; without ``commit`` only say what it would.

    Raises
    ------
    NotKnownError
        There is no such change.
    ConflictError
        It was undone before, or something that came later is in the way.
    """
    with connection(settings) as opened:
        entry = change(opened, change_id)
        with opened.transaction(force_rollback=not commit):
            done = undo_change(opened, change_id, actor)
    output.print(escape(_what(entry)))
    output.print(
        either(
            f"{plural(done.withdrawn, 'row')} withdrawn, {done.restored:,} as before",
            f"撤回 {done.withdrawn:,} 条，恢复 {done.restored:,} 条",
        )
    )
    for _, number in done.releases:
        output.print(either(f"Published as release {number}.", f"以版本 {number} 发布。"))
    if commit:
        output.print(
            either(
                f"[green]Undone[/], as change {done.change_id}: gridmap change undo {done.change_id} does it again.",
                f"[green]已撤销[/]（变更 {done.change_id}）；如需恢复：gridmap change undo {done.change_id}",
            )
        )
    else:
        output.print(
            either(
                "[yellow]Dry run[/]: nothing was changed. The same command with --commit undoes it.",
                "[yellow]试运行[/]：未作任何改动。确认后加 --commit 正式撤销。",
            )
        )


def _what(entry: ChangeEntry) -> str:
    kind = KINDS.get(entry.target)
    target = entry.target if kind is None else either(kind.label_en, kind.label)
    if entry.action == UNDO:
        return either(f"undoes change {entry.undoes}: {target}", f"撤销变更 {entry.undoes}：{target}")
    facts = entry.facts
    if entry.action in _EDITS:
        fields = [_field(kind, name) for name in facts.get("fields", ())] if entry.action == CHANGE else []
        done = f"{either(*_EDITS[entry.action])} {', '.join(fields)}".rstrip()
        return " · ".join(part for part in (target, facts.get("code") or "", done) if part)
    if facts.get("in_parts"):
        counts = either("a large file, read in parts", "大文件，分批导入")
        return " · ".join((target, str(facts.get("file", "")), counts))
    counts = either(
        f"{facts.get('new', 0)} new, {facts.get('changed', 0)} changed, {facts.get('ended', 0)} ended",
        f"新增 {facts.get('new', 0)}，变更 {facts.get('changed', 0)}，停用 {facts.get('ended', 0)}",
    )
    return " · ".join(part for part in (target, str(facts.get("file", "")), counts) if part)


def _field(kind: Kind | None, name: str) -> str:
    """What a field of an edit is called."""
    found = next((field for field in kind.fields if field.name == name), None) if kind is not None else None
    return name if found is None else either(found.label_en, found.label)


def _state(entry: ChangeEntry) -> str:
    if entry.undone_by is None:
        return either("in effect", "有效")
    return either(f"undone by {entry.undone_by}", f"已由变更 {entry.undone_by} 撤销")
