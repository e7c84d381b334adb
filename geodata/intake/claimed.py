"""Listed compounds, buildings and doors → the places that grids claim, and what no list names."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geodata.grid.divide import Claims
from geodata.grid.plane import Numbers
from geodata.intake.directory import Directory
from geodata.intake.listed import GridList, Listing
from geodata.records import Finding


@dataclass(frozen=True, slots=True)
class Claimed:
    """Places by grid.

    Parameters
    ----------
    claims
        Shapes in metres with the grid that lists each.
    weights
        Households at each, 1 where they are not known.
    labels
        What each is called.
    """

    claims: Claims
    weights: Numbers
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Doors and buildings of one compound or road that no list names: how many, what they are called, a place."""

    place: int
    what: str
    items: tuple[str, ...]
    households: int
    shape: Any


class _Gathered:
    def __init__(self) -> None:
        self.shapes: list[Any] = []
        self.owner: list[int] = []
        self.whole: list[bool] = []
        self.weights: list[float] = []
        self.labels: list[str] = []

    def add(self, shape: Any, owner: int, weight: float, label: str, *, whole: bool = False) -> None:
        self.shapes.append(shape)
        self.owner.append(owner)
        self.whole.append(whole)
        self.weights.append(weight)
        self.labels.append(label)

    def claimed(self) -> Claimed:
        shapes = np.empty(len(self.shapes), dtype=object)
        shapes[:] = self.shapes
        owner, whole = np.array(self.owner, dtype=np.int64), np.array(self.whole, dtype=bool)
        return Claimed(Claims(shapes, owner, whole), np.array(self.weights, dtype=np.float64), self.labels)


def claimed_places(lists: Sequence[GridList], listing: Listing, directory: Directory) -> tuple[Claimed, list[Finding]]:
    """Where the things stand that each grid lists; an error for a grid of whose items none has a place."""
    gathered = _Gathered()
    for at, grid in sorted(listing.compounds.items()):
        compound = directory.compounds[at]
        carved = any(listing.buildings.get(one, grid) != grid for one in compound.buildings)
        if compound.outline is not None and not carved:
            gathered.add(compound.outline, grid, 1.0, compound.name, whole=True)
    for at, building in enumerate(directory.buildings):
        owner = listing.buildings.get(at)
        if owner is None and building.compound is not None:
            owner = listing.compounds.get(building.compound)
        if owner is not None and lists[owner].place == building.place:
            name = "" if building.compound is None else directory.compounds[building.compound].name
            gathered.add(building.shape, owner, building.households or 1.0, name + building.name)
    for at, door in enumerate(directory.doors):
        owner = listing.owner_of_door(directory, at)
        if owner is not None and lists[owner].place == door.place:
            gathered.add(door.shape, owner, door.households or 1.0, door.label)
    having = set(gathered.owner)
    missing = [_without_place(grid) for at, grid in enumerate(lists) if at not in having]
    return gathered.claimed(), missing


def unlisted(listing: Listing, directory: Directory) -> list[Unlisted]:
    """What stands in the communities and is in no list, by compound or road."""
    groups: dict[tuple[int, str], list[tuple[str, int, Any]]] = defaultdict(list)
    for at, door in enumerate(directory.doors):
        if listing.owner_of_door(directory, at) is None:
            what = door.road if door.compound is None else directory.compounds[door.compound].name
            groups[door.place, what].append((door.label, door.households, door.shape))
    housed = {door.building for door in directory.doors}
    for at, building in enumerate(directory.buildings):
        compound = building.compound
        if at not in housed and at not in listing.buildings and (compound is None or compound not in listing.compounds):
            what = building.name if compound is None else directory.compounds[compound].name
            groups[building.place, what].append((building.name, building.households, building.shape))
    for at, one in enumerate(directory.compounds):
        if not one.doors and not one.buildings and at not in listing.compounds and one.outline is not None:
            for place in one.places:
                groups[place, one.name].append((one.name, 0, one.outline))
    return [
        Unlisted(place, what, tuple(label for label, _, _ in items), sum(count for _, count, _ in items), items[0][2])
        for (place, what), items in sorted(groups.items())
    ]


def against_lists(claimed: Claimed, shapes: Any) -> dict[tuple[int, int], list[int]]:
    """Claims whose place came to another grid: the grid that lists them and the one that has them, to positions."""
    inside = shapely.point_on_surface(claimed.claims.shapes)
    inside = np.where(claimed.claims.whole, shapely.Point(), inside)
    claim, grid = shapely.STRtree(shapes).query(inside, predicate="intersects")
    right = set(claim[grid == claimed.claims.owner[claim]].tolist())
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at, has in zip(claim.tolist(), grid.tolist(), strict=True):
        if at not in right:
            found[int(claimed.claims.owner[at]), has].append(at)
    return dict(sorted(found.items()))


def _without_place(grid: GridList) -> Finding:
    return Finding(
        "error",
        "grid-without-place",
        f"Grid {grid.code}: nothing that it lists is known by its place, so nobody can say where the grid lies.",
        f"网格 {grid.code}：清单中没有任何已知位置的小区、楼栋或门牌，无法确定网格的位置。",
        grid.row,
        grid.code,
    )
