"""Compounds, gates, buildings and addresses as tables that agree with one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.sample.built import SPECIALS, Built
from geodata.sample.doors import number_doors
from geodata.sample.ground import Floats, points_to_degrees
from geodata.sample.homes import Counts, split_among_units
from geodata.sample.names import COMPOUND_ENDS, Names
from geodata.sample.network import Network
from geodata.sample.subdivision import Board
from geodata.sample.territory import Territory, frame
from geodata.sample.tiling import Shapes

JOIN_METRES: Final = 3.4
"""Half the width of a compound's main path, closed over where the compound lies in several grids."""
HAIR_METRES: Final = 0.02
ADDRESS_COLUMNS: Final = (
    "code", "text", "road", "number", "compound", "building", "unit", "lon", "lat", "households",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Register:
    """What stands where, with names and numbers.

    Parameters
    ----------
    compounds
        Numbers of the built compounds; the lists below follow them.
    names, aliases, walls
        Name, other names separated by ``;``, and the walled polygon in metres about the centre.
    gates
        Compound (its number), point in the wall, and point on the road of every gate; a compound's main gate first.
    compound_doors, building_doors
        Road key and number by compound number, by building position; buildings in compounds have none.
    """

    compounds: tuple[int, ...]
    names: tuple[str, ...]
    aliases: tuple[str, ...]
    walls: Shapes
    gates: tuple[tuple[int, Floats, Floats], ...]
    compound_doors: dict[int, tuple[str, int]]
    building_doors: dict[int, tuple[str, int]]


def make_register(built: Built, network: Network, names: Names, rng: np.random.Generator) -> Register:
    """Return names of compounds, all gates, and the number of every door that opens on a road."""
    compounds = tuple(number for number, compound in enumerate(built.compounds) if compound.walls)
    walls = np.array([_closed(built.compounds[number].walls) for number in compounds])
    titles, aliases = _titles(built, compounds, names, rng)
    gates = _gates(built, compounds, walls, network)
    main = {number: (gate, hit) for number, gate, hit in reversed(gates)}
    singles = [position for position, compound in enumerate(built.compound) if compound < 0]
    at_road = np.array([main[number][1] for number in main] + [built.doors[p][0] for p in singles]).reshape(-1, 2)
    in_wall = np.array([main[number][0] for number in main] + [built.doors[p][0] for p in singles]).reshape(-1, 2)
    keys = [""] * len(main) + [built.door_keys[p] for p in singles]
    doors = number_doors(network, at_road, in_wall, keys)
    numbered = list(zip(doors.keys, doors.numbers.tolist(), strict=True))
    return Register(
        compounds=compounds,
        names=tuple(titles),
        aliases=tuple(aliases),
        walls=walls,
        gates=tuple(gates),
        compound_doors=dict(zip(main, numbered, strict=False)),
        building_doors=dict(zip(singles, numbered[len(main) :], strict=True)),
    )


def _closed(walls: list[Any]) -> Any:
    if len(walls) == 1:
        return walls[0]
    wide = shapely.buffer(shapely.union_all(walls), JOIN_METRES, join_style="mitre")
    whole = shapely.union_all([shapely.buffer(wide, -JOIN_METRES, join_style="mitre"), *walls])
    # Corners that the detour left a hair apart would cross one another once they are degrees.
    return shapely.remove_repeated_points(whole, HAIR_METRES)


def _titles(
    built: Built, compounds: Sequence[int], names: Names, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    titles, aliases = [], []
    for number in compounds:
        special = built.compounds[number].special
        if special >= 0:
            stem = names.pair()
            titles.append(names.unique(stem + SPECIALS[special][1]))
            aliases.append("")
            continue
        title = names.compound()
        ending = next(end for end in COMPOUND_ENDS if title.endswith(end))
        stem = title.removesuffix(ending)
        other = [stem + "小区"] if ending != "小区" else []
        if rng.random() < 0.25:
            other.append(f"原{names.pair()}厂宿舍")
        titles.append(title)
        aliases.append(";".join(other))
    return titles, aliases


def _gates(built: Built, compounds: Sequence[int], walls: Shapes, network: Network) -> list[tuple[int, Floats, Floats]]:
    """Return the gates of rows, and one where the main path of a compound in several grids leaves its wall."""
    gates = list(built.gates)
    joint = [k for k, number in enumerate(compounds) if len(built.compounds[number].walls) > 1]
    paths = network.edges[[kind == "path" for kind in network.kinds]]
    if joint:
        which, path = shapely.STRtree(paths).query(shapely.boundary(walls[joint]), predicate="crosses")
        for k, p in zip(which, path, strict=True):
            number = compounds[joint[k]]
            outside = shapely.difference(paths[p], walls[joint[k]])
            for end in shapely.get_parts(outside):
                ends = shapely.get_coordinates(end)[[0, -1]]
                near = np.argmin(shapely.distance(walls[joint[k]], shapely.points(ends)))
                known = [gate for other, gate, _ in gates if other == number]
                if all(np.hypot(*(gate - ends[near])) > 0.5 for gate in known):
                    gates.append((number, np.round(ends[near], 3), ends[1 - near]))
    built_numbers = set(compounds)
    return sorted((g for g in gates if g[0] in built_numbers), key=lambda g: g[0])


def compounds_table(register: Register) -> gpd.GeoDataFrame:
    """Return the compounds with the wall as geometry."""
    codes = [compound_code(number) for number in register.compounds]
    return frame({"code": codes, "name": list(register.names), "aliases": list(register.aliases)}, register.walls)


def gates_table(register: Register) -> pd.DataFrame:
    """Return the gates: points in the wall."""
    points = points_to_degrees(np.array([gate for _, gate, _ in register.gates]).reshape(-1, 2))
    codes = [compound_code(number) for number, _, _ in register.gates]
    return pd.DataFrame({"compound": codes, "lon": points[:, 0], "lat": points[:, 1]})


def building_names(built: Built, register: Register, road_names: dict[str, str]) -> list[str]:
    """Return the name of every building: 3号楼 in a compound, road and number elsewhere."""
    result = []
    for position, compound in enumerate(built.compound):
        if compound < 0:
            key, number = register.building_doors[position]
            result.append(f"{road_names[key]}{number}号")
        else:
            special = built.compounds[compound].special
            ending = "号楼" if special < 0 else SPECIALS[special][3]
            result.append(f"{built.number[position]}{ending}")
    return result


def buildings_table(built: Built, names: list[str], households: Counts) -> gpd.GeoDataFrame:
    """Return the buildings with the footprint as geometry."""
    boxes = np.array(built.boxes).reshape(-1, 4, 2)
    middles = points_to_degrees(boxes.mean(axis=1))
    return frame(
        {
            "code": [f"B{position + 1:07d}" for position in range(len(names))],
            "name": names,
            "compound": [None if number < 0 else compound_code(number) for number in built.compound],
            "units": built.units,
            "households": households,
            "lon": middles[:, 0],
            "lat": middles[:, 1],
        },
        shapely.polygons(boxes),
    )


def addresses_table(
    built: Built,
    register: Register,
    names: list[str],
    households: Counts,
    road_names: dict[str, str],
    prefixes: Sequence[str],
) -> pd.DataFrame:
    """Return a row per unit in compounds and per door elsewhere; their households sum to the buildings'.

    Parameters
    ----------
    built, register, names, households
        The buildings, their doors, names and households.
    road_names
        Name of a road by its key.
    prefixes
        District, street and (for villages) village of each grid, in the order of the board's leaves.
    """
    title = dict(zip(register.compounds, register.names, strict=True))
    rows: list[tuple[object, ...]] = []
    doors = points_to_degrees(np.concatenate(built.doors))
    door = 0
    for position, compound in enumerate(built.compound):
        key, number = register.building_doors[position] if compound < 0 else register.compound_doors[compound]
        road, at, prefix = road_names[key], f"{number}号", prefixes[built.leaf[position]]
        shares = split_among_units(int(households[position]), built.units[position])
        for unit, share in enumerate(shares.tolist()):
            inside = ("", "", "")
            if compound >= 0:
                lived_in = built.compounds[compound].special < 0
                inside = (title[compound], names[position], f"{unit + 1}单元" if lived_in else "")
            if compound < 0 or inside[2] or unit == 0:
                text = prefix + road + at + "".join(inside)
                code = f"A{len(rows) + 1:08d}"
                rows.append((code, text, road, at, *inside, doors[door, 0], doors[door, 1], share))
            door += 1
    return pd.DataFrame(rows, columns=list(ADDRESS_COLUMNS))


def grid_prefixes(
    board: Board, territory: Territory, street_of: Sequence[int], district_of: Sequence[int]
) -> list[str]:
    """Return what an address in each grid begins with: district, street or town, and the village where rural."""
    result = []
    for leaf in board.leaves:
        street = street_of[leaf.community]
        village = territory.community_names[leaf.community] if leaf.rural else ""
        result.append(territory.district_names[district_of[street]] + territory.street_names[street] + village)
    return result


def dedicated_table(built: Built, register: Register, board: Board, territory: Territory) -> gpd.GeoDataFrame:
    """Return the dedicated layer: the walled land of each market, school, industrial park and hospital."""
    titles = dict(zip(register.compounds, zip(register.names, register.walls, strict=True), strict=True))
    chosen = [number for number in register.compounds if built.compounds[number].special >= 0]
    communities = [territory.community_codes[board.leaves[built.compounds[number].leaf].community] for number in chosen]
    counted: dict[str, int] = {}
    codes = []
    for community in communities:
        counted[community] = counted.get(community, 0) + 1
        codes.append(f"{community}{900 + counted[community]}")
    table = frame(
        {
            "code": codes,
            "name": [f"{titles[number][0]}专属网格" for number in chosen],
            "kind": ["urban"] * len(chosen),
            "community": communities,
            "households": [0] * len(chosen),
            "persons": [0] * len(chosen),
        },
        np.array([titles[number][1] for number in chosen]),
    )
    return table.sort_values("code", kind="stable").reset_index(drop=True)


def compound_code(number: int) -> str:
    """Return the code of a compound by its number."""
    return f"C{number + 1:06d}"
