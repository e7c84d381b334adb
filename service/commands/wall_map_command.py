"""The command ``gridmap wall-map``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from service.commands.arguments import operator_settings


def wall_map(
    out: Annotated[Path, typer.Option("--out", help="PDF to write.")] = Path("wall-map.pdf"),
    area: Annotated[str | None, typer.Option(help="Code of the area; a whole layer where left out.")] = None,
    layer: Annotated[str | None, typer.Option(help="Code of the layer; the default layer where left out.")] = None,
    size: Annotated[Literal["A4", "A3", "A2", "A1", "A0"], typer.Option(help="Paper.")] = "A3",
    orientation: Annotated[
        Literal["portrait", "landscape"] | None,
        typer.Option(help="Whichever shows the ground larger, if left out."),
    ] = None,
    theme: Annotated[str | None, typer.Option(help="Colour grids by households, persons or a loaded count.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day or time that is asked about, local time; now if left out.")
    ] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of what is printed.")] = "zh",
) -> None:
    """Print the wall map (挂图) of a community, street, district or layer: one page, vector, true to scale.

    Grids with their names, borders, numbered stations, streets and buildings below, a register of grids with people as
    far as there is room, scale, north arrow, and a code of the live map where GRIDMAP_PUBLIC_URL is set. Names and
    phones are those that the public may see.

    `gridmap wall-map --area 370102001 --size A3 --out 挂图.pdf`

    `gridmap wall-map --theme households --size A0 --out city.pdf`: all grids, coloured by households
    """
    from service.commands import wall_map as command
    from service.maps.wall_making import WallAsked

    settings = operator_settings()
    language: Literal["en", "zh-CN"] = "en" if lang == "en" else "zh-CN"
    command.write(settings, WallAsked(area, layer, size, orientation, theme, language), out, as_of=as_of)
