"""The command ``gridmap coverage report``; what works is imported late."""

from pathlib import Path
from typing import Annotated

import typer

from service.commands.arguments import operator_settings
from service.commands.coverage import AsOf, At, Category, Count, Level, Minutes, WalkingProfile, Within


def report(
    out: Annotated[Path, typer.Option("--out", help="PDF to write.")] = Path("coverage.pdf"),
    minutes: Minutes = 15.0,
    within: Within = None,
    category: Category = None,
    level: Level = None,
    at: At = None,
    as_of: AsOf = None,
    compare: Annotated[
        str | None,
        typer.Option(help="An earlier date to compare with: its stations and areas, today's streets and homes."),
    ] = None,
    stations: Annotated[int, typer.Option(min=0, max=10, help="How many more stations to propose sites for.")] = 3,
    profile: WalkingProfile = None,
    count: Count = "households",
    english: Annotated[
        bool, typer.Option("--english/--chinese", help="Language of the report; data keeps its own names.")
    ] = False,
) -> None:
    """A report to print for a meeting: one sentence to quote, the map, the ranking, sites, gaps, the method.

    `gridmap coverage report --out 覆盖报告.pdf`

    `gridmap coverage report --within 370102001 --compare 2025-11-22 --out street.pdf`
    """
    from service.commands import covering, reporting

    question = covering.Question(minutes, within, category, level, at, as_of, profile, count, None)
    reporting.write(operator_settings(), question, out, compare=compare, stations=stations, english=english)
