"""The commands ``gridmap draft apply``, ``export``, ``import`` and ``report``: drafts into files and out of them."""

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.markup import escape

from geodata import redraw, redraw_files
from geodata.basemap import base_shapes
from geodata.drafts.impact import impact
from geodata.drafts.report import Cover, write_report
from geodata.drafts.rules import findings_of, findings_of_draft
from geodata.errors import ConflictError, FileError, GeodataError
from geodata.records import Finding
from geodata.redraw_files import Reading, Recognised
from geodata.times import instant
from service.commands.drafting import told_applied
from service.commands.drafting_work import Table, table_of, told_outcome, tried
from service.commands.findings import show_findings
from service.commands.findings import write_report as write_findings
from service.commands.screen import chinese, either, errors, output, plural
from service.commands.targets import refuse_unwritable
from service.maps.draft_report import report_pdf
from service.maps.draft_report_records import DraftReport
from service.maps.draft_reporting import drawn_by_of, make_report, telling_of
from service.settings import Settings

LARGEST_BYTES: Final = 64 * 2**20
_KINDS: Final = {
    "reshape": ("new borders", "重画边界"),
    "hand-over": ("ground handed over", "划转范围"),
    "split": ("splits", "拆分"),
    "merge": ("merges", "合并"),
    "new-grid": ("new grids", "新网格"),
    "replace": ("neighbourhoods drawn anew", "成片重画"),
    "change": ("codes, names or kinds", "编码、名称或类别"),
    "move-grids": ("moves to another community", "调整社区"),
}


def apply(settings: Settings, draft_id: int, path: Path, actor: str, *, commit: bool) -> None:
    """Do the operations of a file to a draft, all or none.

    Raises
    ------
    FileError
        It is not JSON.
    InputError, EditRefusedError, NotKnownError, ConflictError
        As `geodata.redraw.apply`.
    """
    bodies = _operations(path)
    with table_of(settings) as work:
        scene = work.scene(draft_id)
        with tried(work, commit=commit):
            done = [
                _applied(work, draft_id, body, actor, scene, at if len(bodies) > 1 else None)
                for at, body in enumerate(bodies, 1)
            ]
        told_applied(done)
    told_outcome(f"{plural(len(done), 'operation')}", f"{len(done)} 个操作", commit=commit)


def _applied(
    work: Table, draft_id: int, body: dict[str, Any], actor: str, scene: redraw.Scene | None, at: int | None
) -> redraw.Applied:
    """Do one operation; of several, a refusal says which."""
    try:
        return redraw.apply(work.connection, draft_id, body, actor=actor, memory=work.memory, scene=scene)
    except GeodataError:
        if at is not None:
            errors.print(either(f"Operation {at} of the file:", f"文件中的第 {at} 个操作："))
        raise


def export(settings: Settings, draft_id: int, path: Path) -> None:
    """Write a draft to a GeoPackage."""
    refuse_unwritable(path, "FILE", (".gpkg",))
    with table_of(settings) as work:
        scene = work.scene(draft_id)
        count = redraw_files.export_draft(work.connection, draft_id, path, memory=work.memory, scene=scene)
    output.print(either(f"{plural(count, 'grid')} → {escape(str(path))}", f"{count:,} 个网格 → {escape(str(path))}"))


def take_over(
    settings: Settings,
    draft_id: int,
    path: Path,
    reading: Reading,
    report: Path | None,
    actor: str,
    *,
    commit: bool,
) -> bool:
    """Make operations of a redrawn file, and with ``commit`` do them; says whether the file has no errors."""
    if report is not None:
        refuse_unwritable(report, "--report", others=(path,))
    with table_of(settings) as work:
        scene = work.scene(draft_id)
        found = redraw_files.recognise_file(
            work.connection, draft_id, path, reading=reading, memory=work.memory, scene=scene
        )
        findings = [*found.findings]
        if scene is not None and not found.errors:
            findings += findings_of(work.state(draft_id), found.after, scene)
        _told_recognised(found)
        show_findings(findings, ())
        if report is not None:
            write_findings(report, findings, ())
        if found.errors:
            output.print(either("[red]Nothing was taken over[/]: correct the file.", "[red]未导入[/]：请修改文件。"))
            return False
        if not found.planned:
            output.print(either("Nothing to change: the draft is like the file.", "没有变化：草案与文件一致。"))
            return True
        if commit:
            redraw_files.apply_recognised(
                work.connection, draft_id, found, actor=actor, memory=work.memory, scene=scene
            )
    count = len(found.planned)
    told_outcome(
        f"{plural(count, 'operation')}; `gridmap draft undo {draft_id}` takes them back one by one",
        f"{count} 个操作；可用 gridmap draft undo {draft_id} 逐个撤销",
        commit=commit,
    )
    return True


def report(settings: Settings, draft_id: int, path: Path, *, english: bool) -> None:
    """Write the impact of a draft as a workbook, or as a PDF to print.

    Raises
    ------
    ConflictError
        The release that it begins from was withdrawn.
    """
    refuse_unwritable(path, "FILE", (".xlsx", ".pdf"))
    now = time.time_ns() // 1000
    with table_of(settings) as work:
        draft, scene = work.draft(draft_id), work.scene(draft_id)
        if scene is None:
            raise ConflictError(
                "The release that the draft begins from was withdrawn.", "草案所基于的版本已撤回。", draft=draft_id
            )
        state = work.state(draft_id)
        layer = work.snapshot.moment(now).layer(draft.layer)
        written = f"{instant(now).astimezone(settings.zone):%Y-%m-%d %H:%M}"
        layer_name = layer.name_en or layer.name if english else layer.name
        cover = Cover(draft.name, layer_name, written, draft.note, drawn_by_of(draft))
        whole = impact(state, scene)
        findings = findings_of_draft(state, scene)
        if path.suffix.lower() == ".pdf":
            path.write_bytes(
                report_pdf(_printed(work, settings, state, scene, findings, draft, cover, english=english))
            )
        else:
            write_report(whole, findings, cover, path, language="en" if english else "zh")
    output.print(
        f"{plural(len(whole.grids), either('grid', '个网格'), either('grids', '个网格'))} → {escape(str(path))}"
    )


def _printed(
    work: Table,
    settings: Settings,
    state: redraw.DraftState,
    scene: redraw.Scene,
    findings: Sequence[Finding],
    draft: redraw.Draft,
    cover: Cover,
    *,
    english: bool,
) -> DraftReport:
    """The report to print."""
    telling = telling_of(
        draft,
        cover.layer,
        base_on=f"{instant(draft.base_effective).astimezone(settings.zone):%Y-%m-%d}",
        written=cover.written_at,
        attribution=settings.attribution,
        approval_number=settings.map_approval_number,
    )
    return make_report(
        state,
        scene,
        findings,
        telling,
        ground=lambda bounds, detail: base_shapes(work.connection, bounds, detail),
        stations=[(one.lon, one.lat) for one in scene.stations.points],
        lang="en" if english else "zh-CN",
    )


def _operations(path: Path) -> list[dict[str, Any]]:
    """The operations of a file: one JSON object, or a list of them; those without an id get one from the file."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise FileError(
                f"{path.name} is larger than {LARGEST_BYTES // 2**20} MB.",
                f"{path.name} 超过 {LARGEST_BYTES // 2**20} MB。",
            )
        content = path.read_bytes()
        read = json.loads(content)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.", f"无法读取 {path}。") from error
    except (ValueError, RecursionError) as error:
        raise FileError(
            f"{path.name} is not JSON: an operation is an object such as "
            '{"kind": "merge", "grids": ["A1", "A2"], "survivor": "A1"}, or a list of them.',
            f"{path.name} 不是 JSON：操作应为对象或其列表，例如 "
            '{"kind": "merge", "grids": ["A1", "A2"], "survivor": "A1"}。',
        ) from error
    listed = read if isinstance(read, list) else [read]
    mark = hashlib.sha256(content).hexdigest()[:16]
    return [
        {"id": f"apply-{mark}-{number}", **one} if isinstance(one, dict) else one
        for number, one in enumerate(listed, 1)
    ]


def _told_recognised(found: Recognised) -> None:
    same = either(f"{found.same:,} with the ground they have", f"{found.same:,} 个范围不变")
    rows = either(plural(found.rows, "row"), f"{found.rows:,} 行")
    output.print(f"[bold]{escape(found.file)}[/]{either(': ', '：')}{rows}{either(', ', '，')}{same}")
    for kind, count in found.kinds.items():
        output.print(f"  {count:,} {either('×', '个')} {either(*_KINDS[kind])}")
    shown = found.planned[:20]
    for one in shown:
        output.print(escape(f"    {one.words_zh if chinese() else one.words}"), style="dim")
    if len(found.planned) > len(shown):
        output.print(f"    … {len(found.planned) - len(shown):,}", style="dim")
