"""The commands ``gridmap coverage``: who is reached, where those live who are not; what works is imported late."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from service.commands.arguments import operator_settings


class _ShareFirst(TyperGroup):
    """A group whose first command needs no name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the first command in front of options that stand without one."""
        named = args and (not args[0].startswith("-") or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["share", *args])


group = typer.Typer(
    cls=_ShareFirst,
    rich_markup_mode="markdown",
    help="Who is reached within some minutes' walk of a service station, true to the streets.\n\n"
    "`gridmap coverage` alone means `gridmap coverage share`. It needs streets (`gridmap load streets`), stations, and "
    "to count people addresses or buildings with households, or grids that state them.",
)

Minutes = Annotated[float, typer.Option(help="Minutes of walking, above 0 and at most 60.")]
Within = Annotated[
    str | None, typer.Option(help="Who lives in the area of this code; stations outside it count where they reach in.")
]
Category = Annotated[str | None, typer.Option(help="Only stations of this category.")]
Level = Annotated[str | None, typer.Option(help="Only stations of this level.")]
At = Annotated[
    str | None,
    typer.Option(
        help="Only stations open then, mobile ones at their stop of that time; without it hours don't matter."
    ),
]
AsOf = Annotated[
    str | None, typer.Option(help="The day of stations, grids and areas, local time; streets and homes are today's.")
]
WalkingProfile = Annotated[str | None, typer.Option("--profile", help="Way of walking; the first one if left out.")]
Count = Annotated[str, typer.Option(help="What comes first: households, persons, addresses, or another count.")]
Out = Annotated[Path | None, typer.Option("--out", help="File to write as well: .csv, .xlsx or .gpkg.")]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, as the API gives it.")]
Rows = Annotated[int, typer.Option(min=0, help="Most rows of a table on the terminal; 0 for all.")]


@group.command("share")
def share(
    minutes: Minutes = 15.0,
    within: Within = None,
    category: Category = None,
    level: Level = None,
    at: At = None,
    as_of: AsOf = None,
    profile: WalkingProfile = None,
    count: Count = "households",
    by: Annotated[str | None, typer.Option(help="Also one by one: grid, or a level of areas such as street.")] = None,
    layer: Annotated[str | None, typer.Option(help="Layer of the grids; the default layer where left out.")] = None,
    area: Annotated[bool, typer.Option(help="Count square metres too.")] = True,
    rows: Rows = 15,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Households, persons, addresses and ground within reach of a station, as a whole and one by one.

    In or out is decided by the walk along the streets, never by a drawn circle. Homes without a street near them are
    not covered, and told apart.

    `gridmap coverage`: the whole city, 15 minutes, all stations

    `gridmap coverage --within 370102001 --category 养老服务站 --minutes 10 --by community`

    `gridmap coverage --at 2026-11-22T20:00`: what is open on Sunday evening

    `gridmap coverage --by grid --out coverage.gpkg`: a map layer, a row per grid; .xlsx and .csv for tables
    """
    from service.commands import covering

    question = covering.Question(minutes, within, category, level, at, as_of, profile, count, layer)
    covering.share(operator_settings(), question, by=by, area=area, rows=rows, out=out, as_json=as_json)


@group.command("gaps")
def gaps(
    minutes: Minutes = 15.0,
    within: Within = None,
    category: Category = None,
    level: Level = None,
    at: At = None,
    as_of: AsOf = None,
    profile: WalkingProfile = None,
    count: Count = "households",
    limit: Annotated[int, typer.Option(min=1, help="How many of the largest are worked out.")] = 100,
    rows: Rows = 15,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Where those live whom no station reaches: clusters of homes, the largest first, with the nearest station.

    Homes are of one cluster within 120 m of each other with no river, railway or wall between them.

    `gridmap coverage gaps --category 养老服务站 --out gaps.xlsx`
    """
    from service.commands import covering

    question = covering.Question(minutes, within, category, level, at, as_of, profile, count, None)
    covering.gap_list(operator_settings(), question, limit=limit, rows=rows, out=out, as_json=as_json)
