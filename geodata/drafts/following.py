"""Areas follow their grids: ground that goes to a grid of another community goes to that community, and those above."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import Geometry

from geodata.drafts.state import DraftArea, DraftState
from geodata.grid.edit.merging import joined
from geodata.grid.edit.records import square_metres

_SAME_SQUARE_METRES = 1.0
"""An area that differs from its grids by less is the ground of its grids."""
_CRUMB_SQUARE_METRES = 1.0


@dataclass(frozen=True, slots=True)
class Moved:
    """Ground that goes from one community to another; None for no community."""

    before: str | None
    after: str | None
    ground: Geometry


def areas_following(
    state: DraftState, after: DraftState, moved: Sequence[Moved], made: Sequence[str] = ()
) -> dict[str, DraftArea]:
    """Areas whose ground changes when some ground changes hands, as they are then.

    Parameters
    ----------
    state
        Before.
    after
        With the grids and areas as they are to be, the ground of areas still as before.
    moved
        Ground that goes from one community to another.
    made
        Codes of communities that are new: their ground is that of their grids.

    Notes
    -----
    An area that was the ground of its grids is so afterwards, without any arithmetic where borders match. From any
    other the ground that leaves is cut, and what comes is added; an area without a shape stays without one.
    """
    found: dict[str, DraftArea] = {}
    for code in _touched(state, after, moved):
        area = after.areas[code]
        if code in made:
            found[code] = replace(area, shape=_members(after, code))
        elif area.shape is not None:
            shape = _as_members(state, after, code) or _overlaid(state, after, area, moved)
            if shape is not None and shape != area.shape:
                found[code] = replace(area, shape=shape)
    return found


def _touched(state: DraftState, after: DraftState, moved: Sequence[Moved]) -> list[str]:
    """Codes of the areas that gain or lose, the new and the lasting ones."""
    codes: set[str] = set()
    for one in moved:
        codes |= _codes(state, one.before) ^ _codes(after, one.after)
    return sorted(code for code in codes if code in after.areas)


def _codes(state: DraftState, community: str | None) -> set[str]:
    return {area.code for area in state.chain(community)}


def _members(state: DraftState, code: str) -> Geometry | None:
    keys = state.members(code)
    return joined([state.shape(key) for key in keys]) if keys else None


def _as_members(state: DraftState, after: DraftState, code: str) -> Geometry | None:
    """The ground of the grids of a community that was the ground of its grids; None for any other."""
    before = state.areas.get(code)
    if before is None or before.shape is None or not state.members(code):
        return None
    ground = shapely.union_all(np.array([state.shape(key) for key in state.members(code)], dtype=object))
    if square_metres(shapely.symmetric_difference(before.shape, ground)) > _SAME_SQUARE_METRES:
        return None
    return _members(after, code)


def _overlaid(state: DraftState, after: DraftState, area: DraftArea, moved: Sequence[Moved]) -> Geometry | None:
    shape = area.shape
    for one in moved:
        losing, gaining = area.code in _codes(state, one.before), area.code in _codes(after, one.after)
        if losing and not gaining:
            shape = shapely.difference(shape, one.ground)
        elif gaining and not losing:
            # Ground of a grid that lies beyond its community stays with the community that it is in.
            giver = None if one.before is None else state.areas.get(one.before)
            ground = one.ground
            if giver is not None and giver.shape is not None:
                ground = shapely.intersection(ground, giver.shape)
            shape = shapely.union(shape, ground)
    parts = [part for part in shapely.get_parts(shape).tolist() if part.geom_type == "Polygon"]
    kept = [part for part in parts if square_metres(part) > _CRUMB_SQUARE_METRES]
    if not kept:
        return area.shape
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)
