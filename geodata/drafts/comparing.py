"""Two releases of a layer side by side: which grids and areas differ, and which ground went where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely
from psycopg import Connection

from geodata.drafts.answers import ChangedArea, ChangedGrid, changed_between
from geodata.drafts.delta import Delta, between, said, same_ground
from geodata.drafts.ground import is_same_ground
from geodata.drafts.releases import noted_successions, release_of, state_of_release
from geodata.drafts.state import DraftState
from geodata.drafts.step import Households
from geodata.drafts.succession import Succession, successions
from geodata.grid.edit.records import square_metres
from geodata.grid.layers import layer


@dataclass(frozen=True, slots=True)
class GridDifference:
    """A grid that two releases have otherwise.

    Parameters
    ----------
    grid
        Before and after; None on the side where it is not there.
    what
        ``made``, ``ended``, or what differs: ``code name kind community counts ground``.
    square_metres
        Area before and after.
    lon, lat
        A place in it, EPSG:4326 degrees.
    """

    grid: ChangedGrid
    what: tuple[str, ...]
    square_metres: tuple[float, float]
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class AreaDifference:
    """An area that is otherwise; ``what`` as in `GridDifference`, with ``parent`` and ``level``."""

    area: ChangedArea
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleaseDifference:
    """What differs between two releases.

    Parameters
    ----------
    layer
        Code.
    first, second
        Numbers of the releases.
    grids, areas
        In the order of their codes.
    successions
        Which grid of the first became which of the second, those that stay included where their ground changed, by
        their codes.
    before, after
        The states.
    """

    layer: str
    first: int
    second: int
    grids: tuple[GridDifference, ...]
    areas: tuple[AreaDifference, ...]
    successions: tuple[Succession, ...]
    before: DraftState
    after: DraftState


def releases_compared(
    connection: Connection[Any], layer_code: str | None, first: int, second: int, households: Households
) -> ReleaseDifference:
    """What differs between two releases of a layer.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        One of them was withdrawn.

    Notes
    -----
    Areas are compared as they were when each release took effect; those that no grid of the layer is in are left out.
    Ground that only got a vertex, where a neighbour's border ends, is the same ground.
    """
    target = layer(connection, layer_code)
    full = target["tiling"] == "full"
    states = [
        state_of_release(connection, target["layer_id"], target["code"], number, full=full)
        for number in (first, second)
    ]
    before, after = states
    keys = [key for key in {*before.grids, *after.grids} if _differs(before, after, key)]
    delta = between(before, after, keys, _lived_in(before) | _lived_in(after))
    changed = changed_between(before, after, delta)
    grids = sorted((_grid(each, delta) for each in changed.grids), key=lambda each: _code(each.grid))
    areas = (AreaDifference(each, _area(each, delta)) for each in changed.areas)
    release = release_of(connection, target["layer_id"], second)
    noted = noted_successions(connection, release["release_id"]) if release["base_number"] == first else []
    became = _successions(before, after, keys, households, noted)
    differing = tuple(area for area in areas if area.what)
    return ReleaseDifference(target["code"], first, second, tuple(grids), differing, became, *states)


def _differs(before: DraftState, after: DraftState, key: str) -> bool:
    if before.grids.get(key) != after.grids.get(key):
        return True
    return not same_ground(before, after, key) and not is_same_ground(before.shape(key), after.shape(key))


def _lived_in(state: DraftState) -> set[str]:
    """Codes of the areas that grids are in, and of those above."""
    communities = {grid.community for grid in state.grids.values()}
    return {area.code for community in communities for area in state.chain(community)}


def _grid(each: ChangedGrid, delta: Delta) -> GridDifference:
    what = said(delta.grids.get(each.key))
    shapes = [each.shape_before, each.shape_after]
    if each.key in delta.shapes and what not in (("made",), ("ended",)) and not is_same_ground(*shapes):
        what = (*what, "ground")
    point = shapely.point_on_surface(shapes[1] if shapes[1] is not None else shapes[0])
    old, new = (0.0 if shape is None else square_metres(shape) for shape in shapes)
    return GridDifference(each, what, (old, new), float(point.x), float(point.y))


def _area(each: ChangedArea, delta: Delta) -> tuple[str, ...]:
    """What differs of an area; nothing where its ground is the same, drawn with other vertices."""
    what = said(delta.areas[each.code])
    shapes = [None if area is None else area.shape for area in (each.before, each.after)]
    if "ground" in what and None not in shapes and is_same_ground(*shapes):
        return tuple(name for name in what if name != "ground")
    return what


def _code(each: ChangedGrid) -> str:
    grid = each.after or each.before
    return "" if grid is None else grid.code


def _successions(
    before: DraftState,
    after: DraftState,
    keys: list[str],
    households: Households,
    noted: Sequence[tuple[int, int, float | None, float]],
) -> tuple[Succession, ...]:
    """Successions by code: as they were noted when the second was published from the first, else worked out anew."""
    known = [Succession(f"g{old}", f"g{new}", people, ground) for old, new, people, ground in noted]
    found = known or successions(replace(after, origin=before, touched=dict.fromkeys(keys, after.version)), households)
    differing = set(keys)
    by_code = (
        replace(one, predecessor=before.grids[one.predecessor].code, successor=after.grids[one.successor].code)
        for one in found
        if one.predecessor in before.grids and one.successor in after.grids
        if one.predecessor in differing or one.successor in differing
    )
    return tuple(sorted(by_code, key=lambda one: (one.predecessor, one.successor)))
