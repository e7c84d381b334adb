"""The command ``gridmap coverage propose``; what works is imported late."""

from typing import Annotated

import typer

from service.commands.arguments import operator_settings, share_of_all
from service.commands.coverage import At, Category, Count, Json, Level, Minutes, Out, WalkingProfile, Within


def propose(
    stations: Annotated[
        int | None, typer.Option("-k", "--stations", help="How many new stations, 1 to 50: those that reach the most.")
    ] = None,
    share: Annotated[
        str | None, typer.Option(help="Or the fewest that bring this share of all, as 90% or 0.9.")
    ] = None,
    sites: Annotated[
        str,
        typer.Option(
            help="Where they could stand: buildings, places (where the public comes and goes), both, or a file with "
            "points or columns lon and lat, and name."
        ),
    ] = "both",
    crs: Annotated[
        str | None, typer.Option(help="Reference system of the file's coordinates, such as GCJ-02; else what it says.")
    ] = None,
    minutes: Minutes = 15.0,
    within: Within = None,
    category: Category = None,
    level: Level = None,
    at: At = None,
    profile: WalkingProfile = None,
    count: Count = "households",
    prove: Annotated[bool, typer.Option("--prove", help="Also prove that no choice of these sites is better.")] = False,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="When to give up proving.")] = 60.0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Where new stations help most: a good choice at once, with `--prove` the best one and the bound that proves it.

    Of buildings and places one per square of 100 m is compared, near homes that no station reaches in time. Whether
    there is a room to let, and how many a station can serve, is not considered. Nothing is stored.

    `gridmap coverage propose -k 3 --category 党群服务站`: the three that reach the most households

    `gridmap coverage propose --share 90% --sites buildings --prove`: as few as possible for nine of ten

    `gridmap coverage propose -k 2 --sites rooms.csv --out sites.gpkg`: among rooms that are to let
    """
    from service.commands import covering, proposing

    question = covering.Question(minutes, within, category, level, at, None, profile, count, None)
    proposing.propose(
        operator_settings(),
        question,
        proposing.Wish(stations, None if share is None else share_of_all(share), sites, crs, prove, seconds),
        out=out,
        as_json=as_json,
    )
