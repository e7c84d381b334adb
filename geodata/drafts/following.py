"""Areas follow their grids: ground that goes to a grid of another community goes to that community, and those above."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import Geometry

from geodata.drafts.ground import is_same_ground
from geodata.drafts.state import DraftArea, DraftState
from geodata.grid.edit.merging import joined
from geodata.grid.edit.records import square_metres

_SAME_SQUARE_METRES = 1.0
"""An area that differs from its grids by less is the ground of its grids."""
_CRUMB_SQUARE_METRES = 1.0
_STRIP_DEGREES = 5e-5
"""About five metres: so far do borders of communities and of grids that mean the same lie apart."""


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
    other the ground that leaves is cut, and what comes is added; an area without a shape stays without one. One that
    has the ground of the base again has its very shape again.
    """
    found: dict[str, DraftArea] = {}
    moved = _together(moved)
    whole: list[Moved] | None = None
    for code in _touched(state, after, moved):
        area = after.areas[code]
        if code in made:
            found[code] = replace(area, shape=_members(after, code))
        elif area.shape is not None:
            shape = _as_members(state, after, code)
            if shape is None:
                whole = [_with_strips(state, after, one) for one in moved] if whole is None else whole
                shape = _overlaid(state, after, area, whole)
            shape = None if shape is None else _as_known(state, code, shape)
            if shape is not None and shape != area.shape:
                found[code] = replace(area, shape=shape)
    return found


def _together(moved: Sequence[Moved]) -> list[Moved]:
    """All that goes from one community to another as one: a community of fifty grids is not overlaid fifty times."""
    grounds: dict[tuple[str | None, str | None], list[Geometry]] = {}
    for one in moved:
        grounds.setdefault((one.before, one.after), []).append(one.ground)
    return [Moved(*pair, some[0] if len(some) == 1 else joined(some)) for pair, some in grounds.items()]


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


def _as_known(state: DraftState, code: str, shape: Geometry) -> Geometry:
    """A shape of an area, or the one that the base has where both are the same ground."""
    base = state.first.areas.get(code)
    return shape if base is None or base.shape is None or not is_same_ground(base.shape, shape) else base.shape


def _overlaid(state: DraftState, after: DraftState, area: DraftArea, moved: Sequence[Moved]) -> Geometry | None:
    shape, lost, gained = area.shape, list[Geometry](), list[Geometry]()
    for one in moved:
        losing, gaining = area.code in _codes(state, one.before), area.code in _codes(after, one.after)
        if losing and not gaining:
            lost.append(one.ground)
        elif gaining and not losing:
            gained += _parts(_free(state, area, one))
    if lost:
        shape = shapely.difference(shape, lost[0] if len(lost) == 1 else shapely.union_all(lost))
    if gained:
        shape = joined([shape, *gained])
    kept = _parts(shape)
    if not kept:
        return area.shape
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def _with_strips(state: DraftState, after: DraftState, one: Moved) -> Moved:
    """Ground that moves, with what its community had beside it on the grids that it comes to.

    Notes
    -----
    Communities whose borders were drawn apart from those of the grids leave strips of some metres: they would part the
    ground from the community that it goes to.
    """
    giver = None if one.before is None else state.areas.get(one.before)
    if giver is None or giver.shape is None or one.after is None:
        return one
    near = shapely.buffer(one.ground, _STRIP_DEGREES)
    grids = [
        key
        for key in state.tiling.touching(one.ground)
        if key in after.grids and after.grids[key].community == one.after
    ]
    there = shapely.intersection(near, shapely.union_all([state.shape(key) for key in grids]))
    return replace(one, ground=shapely.union(one.ground, shapely.intersection(there, giver.shape)))


def _free(state: DraftState, area: DraftArea, one: Moved) -> Geometry:
    """Ground that moves to an area, without what is in a third one: a grid that reached into that still does."""
    own = {area.code, *_codes(state, one.before)}
    beside = [
        other.shape
        for other in state.areas.values()
        if other.level == area.level and other.shape is not None and other.code not in own
    ]
    near = np.array(beside, dtype=object)
    near = near[shapely.intersects(near, one.ground)] if len(near) else near
    return shapely.difference(one.ground, shapely.union_all(near)) if len(near) else one.ground


def _parts(shape: Geometry) -> list[Geometry]:
    """Polygons of a shape, without crumbs that rounding leaves."""
    parts = [part for part in shapely.get_parts(shape).tolist() if part.geom_type == "Polygon"]
    return [part for part in parts if square_metres(part) > _CRUMB_SQUARE_METRES]
