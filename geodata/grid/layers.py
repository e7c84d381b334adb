"""Grid layers in PostGIS. A layer has no periods: its name and order are what they are now."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.errors import NotKnownError
from geodata.queries import named_queries

_SQL = named_queries(__file__)


def layers(connection: Connection[Any]) -> list[dict[str, Any]]:
    """Layers, the default first: ``layer_id code name name_en tiling nested_in position is_default``."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["layers"]).fetchall()


def layer(connection: Connection[Any], code: str | None) -> dict[str, Any]:
    """One layer as `layers` gives it; the default one when no code is given.

    Raises
    ------
    NotKnownError
        No layer has that code; the error names those there are.
    """
    known = layers(connection)
    for candidate in known:
        if candidate["code"] == code or (code is None and candidate["is_default"]):
            return candidate
    codes = ", ".join(candidate["code"] for candidate in known)
    if code is None:
        raise NotKnownError(f"No layer is the default: name one of {codes}.", f"没有默认网格类型，请指定：{codes}。")
    raise NotKnownError(
        f"There is no layer {code[:40]!r}; known are {codes}.",
        f"没有网格类型“{code[:40]}”，现有：{codes}。",
        layer=code[:40],
    )


def lock_layers(connection: Connection[Any]) -> None:
    """Hold other writers of layers back until the transaction ends."""
    connection.execute(_SQL["lock_layers"])


def write_layers(connection: Connection[Any], records: Sequence[Mapping[str, Any]]) -> None:
    """Add layers or change them in place.

    Parameters
    ----------
    records
        ``code name name_en tiling nested_in position is_default`` of each, in any order.
    """
    for record in records:
        if record["is_default"]:
            connection.execute(_SQL["yield_default"], {"code": record["code"]})
    values = {"records": Jsonb([dict(record) for record in records])}
    connection.execute(_SQL["add_layers"], values)
    connection.execute(_SQL["nest_layers"], values)
