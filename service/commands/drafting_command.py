"""The commands ``gridmap draft``: planners redraw a layer from the terminal; what works is imported late."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from service.commands.arguments import actor, field_and_column, operator_settings

group = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Redraw the grids of a layer in drafts: nothing is public before `publish`, and every step can be undone.\n\n"
    "A draft begins from a release. Operations change it (`apply`), or a file that was redrawn in desktop GIS "
    "(`export`, then `import`). `show` and `report` say what that changes for people; `publish` makes it the next "
    "release, now or later.",
)

DraftId = Annotated[int, typer.Argument(metavar="DRAFT", min=1, help="Number of the draft (`gridmap draft list`).")]
Commit = Annotated[bool, typer.Option("--commit", help="Do it. Without it nothing is changed.")]
Layer = Annotated[str | None, typer.Option(help="Code of the layer; the default layer where left out.")]


@group.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the draft is called.")],
    layer: Layer = None,
    note: Annotated[str, typer.Option(help="A word on it.")] = "",
    release: Annotated[
        int | None, typer.Option(min=1, help="Release that it begins from; the newest if left out.")
    ] = None,
    commit: Commit = False,
) -> None:
    """Begin a draft from a release.

    Example: `gridmap draft create 东片区调整 --commit`
    """
    from service.commands import drafting

    drafting.create(operator_settings(), layer, name, note, release, actor(), commit=commit)


@group.command("list")
def list_drafts(
    layer: Annotated[str | None, typer.Option(help="Only drafts of this layer.")] = None,
    state: Annotated[
        Literal["open", "published", "discarded"] | None, typer.Option(help="Only those in this state.")
    ] = None,
) -> None:
    """List drafts, the newest first."""
    from service.commands import drafting

    drafting.show_all(operator_settings(), layer, state)


@group.command("show")
def show(draft_id: DraftId) -> None:
    """What was done to a draft, which grids that changes, and what is to be known of it."""
    from service.commands import drafting

    drafting.show(operator_settings(), draft_id)


@group.command("apply")
def apply(
    draft_id: DraftId,
    file: Annotated[Path, typer.Argument(help="JSON: one operation, or a list of them.")],
    commit: Commit = False,
) -> None:
    """Do operations to a draft, all or none, and say what each of them changes.

    `{"kind": "merge", "grids": ["A1", "A2"], "survivor": "A1"}`

    `{"kind": "split", "grid": "A1", "line": [[117.01, 36.6], [117.02, 36.6]]}`

    Kinds: split, merge, move-node, insert-node, remove-node, reshape, hand-over, new-grid, replace, change,
    move-grids, split-community, merge-communities, create-community, renumber. Operations without an `id` get one
    from the file: the same file again does nothing more.
    """
    from service.commands import drafting_files

    drafting_files.apply(operator_settings(), draft_id, file, actor(), commit=commit)


@group.command("undo")
def undo(draft_id: DraftId, commit: Commit = False) -> None:
    """Take back your own last operation; what others did stays."""
    from service.commands import drafting

    drafting.turn(operator_settings(), draft_id, actor(), back=True, commit=commit)


@group.command("redo")
def redo(draft_id: DraftId, commit: Commit = False) -> None:
    """Do again what you took back last."""
    from service.commands import drafting

    drafting.turn(operator_settings(), draft_id, actor(), back=False, commit=commit)


@group.command("publish")
def publish(
    draft_id: DraftId,
    effective: Annotated[
        str | None, typer.Option(help="The day or time when it takes effect, local time; now if left out.")
    ] = None,
    note: Annotated[str, typer.Option(help="A word on the release; the name of the draft if left out.")] = "",
    commit: Commit = False,
) -> None:
    """Make a draft the next release: grids, communities and duties change at one instant.

    Refused while errors are open, while another release waits for its date, or where the layer was published since
    (`gridmap draft rebase`). To go back later: `gridmap release restore`.
    """
    from service.commands import drafting

    drafting.publish(operator_settings(), draft_id, effective, note, actor(), commit=commit)


@group.command("rebase")
def rebase(
    draft_id: DraftId,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Leave out operations that cannot be done there.")
    ] = False,
    commit: Commit = False,
) -> None:
    """Take a draft to the newest release: its operations are done again there, in their order."""
    from service.commands import drafting

    drafting.rebase(operator_settings(), draft_id, actor(), leave_out=leave_out, commit=commit)


@group.command("discard")
def discard(draft_id: DraftId, commit: Commit = False) -> None:
    """Close a draft for good; what was done to it stays readable."""
    from service.commands import drafting

    drafting.discard(operator_settings(), draft_id, actor(), commit=commit)


@group.command("export")
def export(
    draft_id: DraftId, file: Annotated[Path, typer.Argument(help="GeoPackage to write; its shapes are exact.")]
) -> None:
    """Write the grids of a draft to a GeoPackage, to redraw them in desktop GIS.

    `gridmap draft import` takes the redrawn file back, in this or another format and datum.
    """
    from service.commands import drafting_files

    drafting_files.export(operator_settings(), draft_id, file)


@group.command("import")
def import_file(
    draft_id: DraftId,
    file: Annotated[Path, typer.Argument(help="GeoPackage, Shapefile (zipped too) or GeoJSON that was redrawn.")],
    source_layer: Annotated[str | None, typer.Option(help="Layer inside the file, where it holds several.")] = None,
    crs: Annotated[str | None, typer.Option(help="Datum of the coordinates, over what the file says.")] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=COLUMN for code, name, kind, community.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="File for all findings, with places: .csv, .xlsx, .geojson or .gpkg.")
    ] = None,
    commit: Commit = False,
) -> None:
    """Make operations of a redrawn file: what changed, was split, merged, made, renamed.

    Grids are known by their codes, and by their ground where a code is new or missing. A file with some of the
    grids is enough: the others stay. Rows of one code, as desktop GIS leaves them, are a split. Places up to 0.5 m
    from a node of the draft are that node, so that shared borders stay matched. A file that leaves gaps, overlaps,
    or is of another city is refused, with places. Exit status 1 then.

    `gridmap draft import 3 redrawn.gpkg`, then the same with `--commit`
    """
    from geodata.redraw_files import Reading
    from service.commands import drafting_files

    reading = Reading(source_layer, crs, dict(field_and_column(text) for text in mapping or ()))
    sound = drafting_files.take_over(operator_settings(), draft_id, file, reading, report, actor(), commit=commit)
    raise typer.Exit(0 if sound else 1)


@group.command("report")
def report(
    draft_id: DraftId,
    file: Annotated[Path, typer.Argument(help="Excel workbook, or PDF to print, by its ending.")],
    english: Annotated[
        bool, typer.Option("--english/--chinese", help="Language of the report; data keeps its own names.")
    ] = False,
) -> None:
    """Write what a draft changes for the meeting that decides (.xlsx or .pdf): people, duties, balance, findings."""
    from service.commands import drafting_files

    drafting_files.report(operator_settings(), draft_id, file, english=english)
