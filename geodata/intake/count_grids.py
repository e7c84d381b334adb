"""Stage 4 for counts by grid: which grid of which layer each row is about; rows that only sum up grids are left out."""

from collections import defaultdict
from dataclasses import replace
from typing import Any, Final

import numpy as np
from psycopg import Connection

from geodata.grid.layers import layer as known_layer
from geodata.intake.named import coded, register_of
from geodata.intake.references import known_grids, unknown
from geodata.intake.rows import Records
from geodata.records import Finding

_GRID: Final = ("grid", "网格")


def without_sums(records: Records) -> tuple[Records, list[Finding]]:
    """Records without those that are about an area, or about what fell nowhere; one warning says how many they are.

    Notes
    -----
    A row that names a building or an address is about that, whatever level stands beside it.
    """
    levels, buildings, addresses = (records.column(name) for name in ("level", "building", "address"))
    others = [
        at
        for at, level in enumerate(levels)
        if level is not None and level.casefold() not in _GRID and buildings[at] is None and addresses[at] is None
    ]
    if not others:
        return records, []
    sound = records.sound.copy()
    sound[others] = False
    warning = Finding(
        "warning",
        "not-a-grid",
        f"{len(others)} rows are about areas or about nothing that has a place; the rows of grids are what is loaded.",
        f"有 {len(others)} 行是区划合计或未落入网格的数量，已略去，只导入网格的行。",
        row=int(records.rows[others[0]]),
        facts={"field": "level", "rows": len(others)},
    )
    return replace(records, sound=sound), [warning]


def resolve_grids(
    connection: Connection[Any], records: Records, at: int, layer: str | None
) -> tuple[Records, list[Finding]]:
    """Records with the layer and the code of the grid that each is about; an error for a grid that is not there.

    Parameters
    ----------
    records
        ``layer`` holds codes. Of a record that names a building or an address, layer and grid are set aside.
    at
        Instant that grids are in force at, microseconds since 1970-01-01 UTC.
    layer
        Code of the layer where a record names none; the default layer when None.

    Raises
    ------
    NotKnownError
        There is no such layer.

    Notes
    -----
    A name does where one grid alone has it; a warning says so, once for each name.
    """
    about = _about_grids(records)
    grids: list[Any] = [None] * len(records)
    of_layer: list[Any] = [None] * len(records)
    sound, findings = records.sound.copy(), []
    groups: dict[str | None, list[int]] = defaultdict(list)
    for place in about:
        groups[records.column("layer")[place] or layer].append(place)
    for wanted, places in groups.items():
        found = known_layer(connection, wanted)
        values = list(records.column("grid"))
        texts = [values[place] for place in places]
        register = register_of(connection, ["grids"], at, found["code"], texts)
        made = coded(register, "grid", values, places, records.rows.tolist())
        alive = known_grids(connection, found["layer_id"], [made.values[place] for place in places], at)
        findings += made.findings
        sound[list(made.doubtful)] = False
        for place in places:
            code = made.values[place]
            if place not in made.doubtful and not (code in alive and alive[code].alive):
                sound[place] = False
                findings.append(unknown("grid", code, int(records.rows[place]), code))
            grids[place], of_layer[place] = code, found["code"]
    return replace(records, fields={**records.fields, "grid": grids, "layer": of_layer}, sound=sound), findings


def _about_grids(records: Records) -> list[int]:
    """Places of the sound records that name a grid, and neither building nor address."""
    buildings, addresses, grids = (records.column(name) for name in ("building", "address", "grid"))
    sound = np.flatnonzero(records.sound).tolist()
    return [at for at in sound if buildings[at] is None and addresses[at] is None and grids[at] is not None]
