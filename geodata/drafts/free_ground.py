"""New grids on ground that no grid has: only layers that are not full have such ground."""

from dataclasses import replace

import numpy as np
import shapely
from shapely import Geometry

from geodata.drafts.state import COMMUNITY, DraftGrid, DraftState
from geodata.drafts.step import Step
from geodata.errors import EditRefusedError


def free_grid(
    step: Step, number: int, shape: Geometry, *, code: str | None, name: str | None, community: str | None = None
) -> DraftGrid:
    """A new grid that comes from none, and so inherits nothing: its kind and the next code are as of the nearest one.

    Parameters
    ----------
    code, name
        The next code of its community and the code as name, where None.
    community
        The one that it lies in, where None.

    Raises
    ------
    EditRefusedError
        ``no-community``: it lies in no community, and those of the layer lie in one.
    """
    place = shapely.point_on_surface(shape)
    lies_in = community or _community_at(step.before, place)
    like = nearest(step.before, place, lies_in)
    if lies_in is None and like.community is not None:
        raise EditRefusedError(
            "The new grid lies in no community. Draw it inside one, or name the community that it belongs to.",
            "新网格不在任何社区内。请画在社区范围内，或指定所属社区。",
            reason="no-community",
            lon=float(place.x),
            lat=float(place.y),
            grids=[],
        )
    given = None if code is None else [code]
    chosen = step.codes_for(like, lies_in, [shape], given)[0]
    made = replace(step.new_grid(number, [like], chosen, name or chosen), community=lies_in, origins=())
    step.grids[made.key] = made
    return made


def nearest(state: DraftState, place: Geometry, community: str | None) -> DraftGrid:
    """The grid of a community, or of the layer where that has none, that is nearest to a place."""
    keys = state.members(community) or sorted(state.grids)
    apart = shapely.distance(np.array([state.shape(key) for key in keys], dtype=object), place)
    return state.grids[keys[int(np.argmin(apart))]]


def _community_at(state: DraftState, place: Geometry) -> str | None:
    """The community that a place lies in; of several the first by code."""
    found = (code for code, area in sorted(state.areas.items()) if area.level == COMMUNITY and area.shape is not None)
    return next((code for code in found if shapely.covers(state.areas[code].shape, place)), None)
