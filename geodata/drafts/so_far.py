"""What a draft changes so far, in sums: little enough to be told with every step, however much was done before."""

from dataclasses import dataclass

from geodata.drafts.balance import Balance
from geodata.drafts.differing import grids_between
from geodata.drafts.figures import figures_of
from geodata.drafts.ground import really_changed
from geodata.drafts.living import Counts
from geodata.drafts.points import NOBODY
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
    keys = really_changed(first, state, scene)
    grids = [known.grids[key] for key in keys for known in (first, state) if key in known.grids]
    duties = scene.staff.changes(first, state)
    changing_grid, changing_community = _changing(state, scene)
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


def _changing(state: DraftState, scene: Scene) -> tuple[Counts, Counts]:
    """Who and what comes into another grid, and into another community."""
    first = state.first
    people = scene.living.flows(first, state)
    moved = [(pair, counts) for pair, counts in people.items() if pair[0] != pair[1]]
    for key in grids_between(first, state):
        # What stays in a grid goes with it to its new community.
        if key in first.grids and key in state.grids and first.grids[key].community != state.grids[key].community:
            known = people.get((key, key))
            reshaped = first.shape(key) != state.shape(key)
            stayed = (known or Counts()) if reshaped else scene.living.counts(state, [key])[key]
            moved.append(((key, key), stayed))
    grids = sum((counts for pair, counts in moved if pair[0] != pair[1]), start=Counts())
    crossing = (counts for pair, counts in moved if _community(first, pair[0]) != _community(state, pair[1]))
    return grids, sum(crossing, start=Counts())


def _community(state: DraftState, key: str) -> str | None:
    return None if key == NOBODY else state.grids[key].community
