"""Lists of the sample's grids, as a clerk would write them who knows every compound, building and door."""

import re
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geodata.sample import SampleCity


def lists_of(city: SampleCity, layer: str = "general") -> pd.DataFrame:
    """A row per grid: ``code name kind community compounds buildings roads``.

    Notes
    -----
    A compound is listed where it lies in one grid alone, else its buildings are; doors outside compounds as ranges of
    odd and even numbers, as long as no other grid of the community has a door between them.
    """
    grids = city.grids[layer]
    tree = shapely.STRtree(grids.geometry.to_numpy())
    items: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    _list_compounds(city, tree, items)
    _list_doors(city, grids["community"].tolist(), tree, items)
    table = pd.DataFrame(grids[["code", "name", "kind", "community"]])
    for column in ("compounds", "buildings", "roads"):
        table[column] = ["、".join(items[at][column]) for at in range(len(table))]
    return table


def owners(tree: shapely.STRtree, points: Any) -> list[int]:
    """The lowest polygon that each point lies in, -1 for none."""
    point, grid = tree.query(points, predicate="intersects")
    owner = np.full(len(points), len(tree.geometries))
    np.minimum.at(owner, point, grid)
    return [int(at) if at < len(tree.geometries) else -1 for at in owner]


def _list_compounds(city: SampleCity, tree: shapely.STRtree, items: dict[int, dict[str, list[str]]]) -> None:
    names = dict(zip(city.compounds["code"], city.compounds["name"], strict=True))
    owner = owners(tree, shapely.points(city.buildings["lon"], city.buildings["lat"]))
    of_compound: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, compound, at in zip(city.buildings["name"], city.buildings["compound"], owner, strict=True):
        if isinstance(compound, str):
            of_compound[compound].append((name, at))
    for compound, buildings in of_compound.items():
        grids = {at for _, at in buildings}
        if len(grids) == 1:
            items[grids.pop()]["compounds"].append(names[compound])
        else:
            for name, at in buildings:
                items[at]["buildings"].append(names[compound] + name)


def _list_doors(
    city: SampleCity, community: list[str], tree: shapely.STRtree, items: dict[int, dict[str, list[str]]]
) -> None:
    addresses = city.addresses[city.addresses["compound"] == ""]
    owner = owners(tree, shapely.points(addresses["lon"], addresses["lat"]))
    doors: dict[tuple[str, str, int], list[tuple[int, int]]] = defaultdict(list)
    for road, number, at in zip(addresses["road"], addresses["number"], owner, strict=True):
        value = int(re.match(r"\d+", number)[0])  # type: ignore[index]
        doors[road, community[at], value % 2].append((value, at))
    for (road, _, odd), numbered in doors.items():
        for first, last, at in _runs(sorted(numbered)):
            side = "单号" if odd else "双号"
            items[at]["roads"].append(f"{road}{first}号" if first == last else f"{road}{first}-{last}{side}")


def _runs(numbered: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for value, at in numbered:
        if runs and runs[-1][2] == at:
            runs[-1] = (runs[-1][0], value, at)
        else:
            runs.append((value, value, at))
    return runs


def without(lists: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """The lists with a share of their items left out at random, and grids that then have none left out too."""
    thinned = lists.copy()
    for column in ("compounds", "buildings", "roads"):
        kept = [[item for item in text.split("、") if rng.random() >= share] for text in lists[column]]
        thinned[column] = ["、".join(items) for items in kept]
    return thinned[(thinned["compounds"] + thinned["buildings"] + thinned["roads"]) != ""]
