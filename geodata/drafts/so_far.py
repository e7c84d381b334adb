"""What a draft changes so far, in sums: little enough to be told with every step, however much was done before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geodata.drafts.balance import Balance
from geodata.drafts.differing import reshaped
from geodata.drafts.figures import figures_of
from geodata.drafts.living import Counts
from geodata.drafts.points import COLUMNS, NOBODY
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftState


@dataclass(frozen=True, slots=True)
class ImpactSoFar:
    """What a whole draft changes, in sums.

    Parameters
    ----------
    grids
        Grids that are new, have ended or are not as in the base.
    communities
        Communities that these are or were in.
    changing_grid, changing_community
        Who and what comes into another one: the same sums as those of the whole impact.
    duties_ended, duties_inherited
        Duties that end with their grid or area, or that somebody gets with ground of theirs.
    balance_before, balance_after
        Of all grids of the layer.
    """

    grids: int
    communities: int
    changing_grid: Counts
    changing_community: Counts
    duties_ended: int
    duties_inherited: int
    balance_before: Balance
    balance_after: Balance


def impact_so_far(state: DraftState, scene: Scene) -> ImpactSoFar:
    """What a draft would change if it were published, in sums."""
    first = state.first
    keys = figures_of(state, scene).changed
    grids = [known.grids[key] for key in keys for known in (first, state) if key in known.grids]
    duties = scene.staff.changes(first, state)
    changing_grid, changing_community = _changing(state, scene, keys)
    return ImpactSoFar(
        len(keys),
        len({grid.community for grid in grids}),
        changing_grid,
        changing_community,
        sum(one.change == "ends" for one in duties),
        sum(one.change == "inherited" for one in duties),
        figures_of(first, scene).whole(),
        figures_of(state, scene).whole(),
    )


def _changing(state: DraftState, scene: Scene, keys: Sequence[str]) -> tuple[Counts, Counts]:
    """Who and what comes into another grid, and into another community."""
    first, living = state.first, scene.living
    grids, communities = (np.zeros(COLUMNS, dtype=np.int64) for _ in range(2))
    for (before, after), amount in living.now(state):
        if before != after:
            grids += amount
        if _community(first, before) != _community(state, after):
            communities += amount
    kept = (key for key in keys if key in first.grids and key in state.grids and not reshaped(first, state, key))
    moved = [key for key in kept if _community(first, key) != _community(state, key)]
    # What stays in a grid goes with it to its new community.
    whole = sum(living.counts(state, moved).values(), start=Counts.of(communities))
    return Counts.of(grids), whole


def _community(state: DraftState, key: str) -> str | None:
    return None if key == NOBODY else state.grids[key].community
