"""The command ``gridmap coverage circles``; what works is imported late."""

from pathlib import Path
from typing import Annotated

import typer

from service.commands.arguments import operator_settings
from service.commands.coverage import AsOf, At, Category, Level, WalkingProfile


def circles(
    out: Annotated[Path, typer.Option("--out", help="File to write: .gpkg with shapes, .csv or .xlsx without.")],
    bands: Annotated[str, typer.Option(help="Minutes of walking between commas, at most six.")] = "5,10,15",
    station: Annotated[
        list[str] | None, typer.Option("--station", help="Only the station of this code; may be repeated.")
    ] = None,
    within: Annotated[str | None, typer.Option(help="Only stations that stand in the area of this code.")] = None,
    category: Category = None,
    level: Level = None,
    at: At = None,
    as_of: AsOf = None,
    profile: WalkingProfile = None,
) -> None:
    """The service circles of stations as a map layer: a row per station and band, with the people within by time.

    Each row says how far its shape differs from the times. Stations off the streets have no circle: they are named.

    `gridmap coverage circles --out circles.gpkg`

    `gridmap coverage circles --category 养老服务站 --bands 10,15 --out circles.xlsx`
    """
    from service.commands import circling

    question = circling.Question(bands, tuple(station or ()), within, category, level, at, as_of, profile)
    circling.circles(operator_settings(), question, out)
