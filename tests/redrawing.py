"""A small published layer that tests redraw: grids drawn as letters, communities that are the ground of their grids."""

from collections.abc import Mapping
from typing import Any

import shapely
from psycopg import Connection

from geodata.area import write_areas
from geodata.drafts.memory import DraftMemory
from geodata.drafts.state import DraftState
from geodata.grid.layers import layer
from geodata.grid.publish import GridState, publish_release
from geodata.redraw import apply, create_draft
from geodata.times import parse_time
from tests.support import corner, draw

EARLY = parse_time("2025-01-01")
STREET = "990101"
# Community 1 has A to D in the west, community 2 has E to G in the east.
PICTURE = """
AABBEE
AABBEE
CCDDFG
CCDDFG
"""
COMMUNITIES = {"A": "1", "B": "1", "C": "1", "D": "1", "E": "2", "F": "2", "G": "2"}


def community(number: str) -> str:
    """Code of a community."""
    return f"{STREET}00{number}"


def publish_city(
    connection: Connection[Any],
    picture: str = PICTURE,
    communities: Mapping[str, str] = COMMUNITIES,
    *,
    codes: Mapping[str, str] | None = None,
    stated: Mapping[str, int] | None = None,
) -> None:
    """Publish areas and one release of the default layer, in force since 2025."""
    drawn = draw(picture)
    shapes = dict(zip(drawn["code"], drawn.geometry, strict=True))
    numbers = sorted(set(communities.values()))
    ground = {n: shapely.union_all([shapes[key] for key in shapes if communities[key] == n]) for n in numbers}
    whole = shapely.union_all(list(ground.values()))
    records = [_area(STREET, "样例街道", "street", None, whole)]
    records += [_area(community(n), f"样例{n}社区", "community", STREET, ground[n]) for n in numbers]
    write_areas(connection, records, [], EARLY)
    ids = dict(connection.execute("SELECT code, area_id FROM area_versions").fetchall())
    named = codes or {}
    states = [
        GridState(
            None,
            named.get(letter, letter),
            f"{named.get(letter, letter)}网格",
            "urban",
            ids[community(communities[letter])],
            (stated or {}).get(letter),
            None,
            shapely.to_wkb(shape),
        )
        for letter, shape in shapes.items()
    ]
    layer_id = layer(connection, None)["layer_id"]
    publish_release(connection, layer_id, states, [], effective=EARLY, actor="样例-甲")


def _area(code: str, name: str, level: str, parent: str | None, shape: shapely.Geometry) -> dict[str, Any]:
    return {"code": code, "name": name, "level": level, "parent": parent, "wkb": shapely.to_wkb(shape)}


class Planner:
    """Somebody who works on a draft; every operation gets the next id.

    Parameters
    ----------
    connection
        In a transaction.
    name
        Of the planner.
    draft_id
        A new draft of the last release, where None.
    """

    def __init__(
        self,
        connection: Connection[Any],
        name: str = "样例-甲",
        draft_id: int | None = None,
        memory: DraftMemory | None = None,
    ) -> None:
        self.connection = connection
        self.name = name
        self.memory = memory or DraftMemory()
        self.draft_id = draft_id or create_draft(connection, None, name="样例草案", actor=name).draft_id
        self.done = 0

    def do(self, kind: str, **fields: Any) -> Any:
        """Do an operation."""
        self.done += 1
        operation = {"id": f"{self.name}-{self.done}", "kind": kind, **fields}
        return apply(self.connection, self.draft_id, operation, actor=self.name, memory=self.memory)

    def another(self, name: str) -> "Planner":
        """Somebody else on the same draft, in another process."""
        return Planner(self.connection, name, self.draft_id, DraftMemory())


def line(*corners: tuple[float, float]) -> list[list[float]]:
    """A line between corners of the lattice."""
    return [list(corner(*each)) for each in corners]


def ground(*corners: tuple[float, float]) -> dict[str, Any]:
    """A polygon between corners of the lattice, as GeoJSON."""
    return {"type": "Polygon", "coordinates": [line(*corners)]}


def pictured(state: DraftState, width: int = 6, height: int = 4) -> str:
    """Codes of the grids that the middle of each cell is in, north at the top."""
    rows = []
    for y in reversed(range(height)):
        keys = [state.tiling.at(*corner(x + 0.5, y + 0.5)) for x in range(width)]
        rows.append(" ".join("." if key is None else state.grids[key].code for key in keys))
    return "\n".join(rows)
