"""The command ``gridmap boards``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from service.commands.arguments import actor, operator_settings


def boards(
    within: Annotated[str | None, typer.Option(help="Only what lies in the area of this code.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the files; made where missing.")] = None,
    kind: Annotated[Literal["grid", "community", "compound"], typer.Option(help="A board for each of these.")] = "grid",
    size: Annotated[Literal["A4", "A3", "600x900"], typer.Option(help="Paper; 600x900 is a light box.")] = "A3",
    layer: Annotated[str | None, typer.Option(help="Code of the layer; the default layer where left out.")] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of what is printed.")] = "zh",
    stale: Annotated[
        bool, typer.Option("--stale", help="Only boards that say something else than when they were printed.")
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="List what was printed and what is stale; print nothing.")
    ] = False,
    runs: Annotated[bool, typer.Option("--runs", help="List the last print runs and how far they are.")] = False,
    cancel: Annotated[int | None, typer.Option(min=1, help="Stop the print run of this number.")] = None,
    logo: Annotated[
        Path | None,
        typer.Option(help="PNG or JPEG for the heads of the boards of --within, or of all; prints nothing."),
    ] = None,
) -> None:
    """Print the notice boards (公示牌) of an area into a folder, one PDF each, with a table of what is wrong with them.

    Run it again to go on or to renew: a board that is there with the same content is not printed anew. Exit status 1
    where a board could not be made, or the run was stopped.

    `gridmap boards --within 370102001 --out boards`: a board for each grid of a street, A3

    `gridmap boards --list --stale`: boards that hang with something else on them than they would say now

    `gridmap boards --within 370102001 --out boards --stale`: print those anew
    """
    from service.commands import boards as command

    settings = operator_settings()
    question = command.Question(within, layer, kind, size, lang == "en", stale)
    if cancel is not None:
        command.stop(settings, cancel, actor())
    elif logo is not None:
        command.keep_logo(settings, logo, within, actor())
    elif runs:
        command.runs(settings)
    elif listed:
        command.show(settings, question)
    elif out is None:
        raise typer.BadParameter(
            "name a folder to print into, or --list, --runs, --cancel or --logo", param_hint="--out"
        )
    else:
        raise typer.Exit(0 if command.print_area(settings, question, out, actor()) else 1)
