"""The command ``gridmap export``; what works is imported late."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from service.commands.arguments import actor, operator_settings

MAP = "map"


def export(
    name: Annotated[
        str,
        typer.Argument(metavar="LIST", help="What: map, or areas, grids, duties, holes …; a wrong one lists them all."),
    ],
    file: Annotated[Path | None, typer.Argument(help="File to write: .csv, .xlsx or .gpkg; a map .html.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The same, as an option.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day or time that is asked about, local time; now if left out.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Of duties, leave and holes also what begins by this day or time.")
    ] = None,
    within: Annotated[str | None, typer.Option(help="Only what lies in the area of this code.")] = None,
    layer: Annotated[str | None, typer.Option(help="Code of the layer; the default layer where left out.")] = None,
    masked: Annotated[bool, typer.Option("--masked", help="Hide names and phones that are not public.")] = False,
    lang: Annotated[
        Literal["en", "zh"] | None,
        typer.Option(help="Of headers and choices, en if left out; both load again. Of a map, zh if left out."),
    ] = None,
) -> None:
    """Write a list as it is at an instant to a file, which `gridmap load` reads again; or the map, to keep.

    Example: `gridmap export duties duties.xlsx --as-of 2026-03-01 --within 370102001`

    `gridmap export map --out map.html --within 370102001`: one file with the grids, who answers for them as everybody
    may see it, and the stations; it opens from a disk without a network
    """
    from service.commands import exporting, map_exporting

    target = exporting.one_target(file, out)
    settings = operator_settings()
    if name == MAP:
        map_exporting.refuse_meaningless(until=until)
        map_exporting.export(settings, target, layer=layer, within=within, as_of=as_of, english=lang == "en")
        return
    exporting.export(
        settings,
        name,
        target,
        as_of=as_of,
        within=within,
        layer=layer,
        until=until,
        masked=masked,
        chinese=lang == "zh",
        actor=actor(),
    )
