"""The commands ``gridmap release``; what works is imported late."""

from pathlib import Path
from typing import Annotated

import typer

from service.commands.arguments import actor, operator_settings

group = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Releases of a grid layer: list and show them, compare two, go back to one, withdraw one before its date.",
)

Number = Annotated[int, typer.Argument(min=1, help="Number of the release, as `gridmap release list` shows it.")]
Layer = Annotated[str | None, typer.Option(help="Code of the layer; the default layer where left out.")]


@group.command("list")
def list_releases(layer: Layer = None) -> None:
    """List what was published, what waits for its date, and what was withdrawn."""
    from service.commands import releases as command

    command.show(operator_settings(), layer)


@group.command("show")
def show_release(
    number: Number,
    layer: Layer = None,
    out: Annotated[Path | None, typer.Option("--out", help="GeoPackage to write its grids to, exact.")] = None,
) -> None:
    """One release: when it took effect, by whom, how many grids it left; with --out its grids as a file."""
    from service.commands import releases as command

    command.show_one(operator_settings(), layer, number, out)


@group.command("diff")
def diff_releases(
    first: Number,
    second: Annotated[int, typer.Argument(min=1, help="Number of the release to compare it with.")],
    layer: Layer = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File for all differences: .csv, .xlsx, .gpkg or .geojson with shapes.")
    ] = None,
    rows: Annotated[int, typer.Option(min=0, help="Most rows of the table; 0 for all.")] = 20,
) -> None:
    """What differs between two releases: grids made, ended and changed, communities, and which ground went where.

    `gridmap release diff 1 2 --out diff.gpkg`
    """
    from service.commands import release_diff

    release_diff.diff(operator_settings(), layer, first, second, out, rows)


@group.command("restore")
def restore_release(
    number: Number,
    layer: Layer = None,
    name: Annotated[str | None, typer.Option(help="What the draft is called.")] = None,
    commit: Annotated[bool, typer.Option("--commit", help="Do it. Without it nothing is changed.")] = False,
) -> None:
    """Begin a draft that goes back to an earlier release; `gridmap draft publish` makes it the next one."""
    from service.commands import releases as command

    command.restore(operator_settings(), layer, number, name, actor(), commit=commit)


@group.command("withdraw")
def withdraw_release(number: Number, layer: Layer = None) -> None:
    """Take a release back before its date: what is in force goes on."""
    from service.commands import releases as command

    command.withdraw(operator_settings(), layer, number, actor())
