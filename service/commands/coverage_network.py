"""The command ``gridmap coverage network``; what works is imported late."""

from typing import Annotated

import typer

from service.commands.arguments import operator_settings
from service.commands.coverage import Json


def network(
    pieces: Annotated[
        int, typer.Option(min=0, help="How many connected pieces are listed, the longest first; 0 for all.")
    ] = 10,
    as_json: Json = False,
) -> None:
    """The walking network: its length, its pieces and where they are, cut ends, homes on and off it, ways of walking.

    A piece that does not join the longest one is an island on foot: a street is missing, a gate is closed, or two
    streets meet without sharing a vertex.
    """
    from service.commands import network_told

    network_told.tell(operator_settings(), pieces=pieces, as_json=as_json)
