"""What new grids and areas take over from those that they come from, and what ends with those that are no more."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.changes import PUBLISH_DRAFT
from geodata.drafts.state import DraftArea, DraftGrid, DraftState
from geodata.queries import named_queries
from geodata.times import instant

_SQL = named_queries(__file__)

_LONGEST: Final = 45
"""Of the codes that the code of a copied text is made from: an address of the API takes 100 characters."""


@dataclass(frozen=True, slots=True)
class Inheritance:
    """How many duties, and texts of boards, begin with new grids and areas and end with those that are no more."""

    duties_begun: int
    duties_ended: int
    texts_begun: int
    texts_ended: int


def lock_inherited(connection: Connection[Any]) -> None:
    """Hold other writers of duties and texts back until the transaction ends."""
    connection.execute(_SQL["lock_inherited"])


def write_inheritance(
    connection: Connection[Any],
    state: DraftState,
    ids: Mapping[str, int],
    area_ids: Mapping[str, int],
    current: Mapping[str, Mapping[str, Any]],
    effective: int,
) -> Inheritance:
    """What begins and ends with grids and areas when a draft takes effect.

    Parameters
    ----------
    ids
        Identities of grids by key, those of the draft and of its base.
    area_ids
        Identities of the areas of the draft, by code.
    current
        Areas that were in force until then, by code, with their ``entity_id``.
    effective
        Microseconds since 1970-01-01 UTC.
    """
    base = state.first
    grids = [grid for key in state.changed_since_base() if (grid := state.grids.get(key)) and key not in base.grids]
    areas = [area for code in state.areas_since_base() if (area := state.areas.get(code)) and code not in base.areas]
    heirs = [*_heirs_of_grids(grids, ids), *_heirs_of_areas(areas, area_ids, current)]
    there_again = {
        "grid_ids": [grid.grid_id for grid in grids if grid.grid_id is not None],
        "area_ids": [area.area_id for area in areas if area.area_id is not None],
    }
    gone = {
        "grid_ids": [ids[key] for key in base.grids if key not in state.grids],
        "area_ids": [area.area_id for code, area in base.areas.items() if code not in state.areas],
    }
    values = {"at": instant(effective), "heirs": Jsonb(heirs), "action": PUBLISH_DRAFT}
    duties = connection.execute(_SQL["inherit_duties"], values).rowcount if heirs else 0
    texts = _inherit_texts(connection, values) if heirs else 0
    return Inheritance(
        duties + connection.execute(_SQL["bring_back_duties"], values | there_again).rowcount,
        connection.execute(_SQL["end_duties"], values | gone).rowcount,
        texts + connection.execute(_SQL["bring_back_texts"], values | there_again).rowcount,
        connection.execute(_SQL["end_texts"], values | gone).rowcount,
    )


def _heirs_of_grids(grids: list[DraftGrid], ids: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for grid in grids:
        if grid.grid_id is None and grid.origins:
            yield {"code": grid.code, "grid_id": ids[grid.key], "from_grid_id": ids[grid.origins[0]]}


def _heirs_of_areas(
    areas: list[DraftArea], area_ids: Mapping[str, int], current: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    for area in areas:
        if area.area_id is None and area.origins and area.origins[0] in current:
            giver = current[area.origins[0]]["entity_id"]
            yield {"code": area.code, "area_id": area_ids[area.code], "from_area_id": giver}


def _inherit_texts(connection: Connection[Any], values: Mapping[str, Any]) -> int:
    """How many texts new grids and areas have: copies under codes of their own."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_SQL["texts_of"], values).fetchall()
    if not found:
        return 0
    wanted = {(row["code"], row["heir"]): f"{row['code'][:_LONGEST]}-{row['heir'][:_LONGEST]}" for row in found}
    like = connection.execute(_SQL["texts_like"], {"codes": list(wanted.values())})
    taken = {code for (code,) in like}
    codes: dict[tuple[str, str], str] = {}
    for copy, code in wanted.items():
        codes[copy] = next(each for each in _numbered(code) if each not in taken)
        taken.add(codes[copy])
    copies = [
        {name: row[name] for name in ("text_version_id", "grid_id", "area_id")}
        | {"code": codes[row["code"], row["heir"]]}
        for row in found
    ]
    connection.execute(_SQL["add_texts"], {"codes": list(codes.values())})
    return connection.execute(_SQL["inherit_texts"], {**values, "copies": Jsonb(copies)}).rowcount


def _numbered(code: str) -> Iterator[str]:
    """A code, and the same with the numbers from 2 on."""
    yield code
    for number in count(2):
        yield f"{code}-{number}"
