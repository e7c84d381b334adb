"""Who and what changes hands between two states of a draft: from grid to grid, from community to community."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely

from geodata.drafts.differing import grids_between, reshaped_between
from geodata.drafts.ground import common_square_metres, square_metres_of
from geodata.drafts.living import Counts
from geodata.drafts.points import NOBODY
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftState

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Flow:
    """What goes from one grid or community to another.

    Parameters
    ----------
    source, source_name
        Code and name before; the code is None for grids in no community.
    target, target_name
        Code and name after; the code is None where ground is in no grid, or grids are in no community, any more.
    counts
        Who lives and what stands on that ground.
    square_metres
        Its area.
    """

    source: str | None
    source_name: str
    target: str | None
    target_name: str
    counts: Counts
    square_metres: float


@dataclass(frozen=True, slots=True)
class Flows:
    """Everything that changes hands; the largest first, by households, then by area.

    Parameters
    ----------
    grids, communities
        From → to; ground that keeps its grid, or its community, is in neither.
    """

    grids: tuple[Flow, ...]
    communities: tuple[Flow, ...]

    @property
    def changing_grid(self) -> Counts:
        """Who and what changes grid."""
        return sum((flow.counts for flow in self.grids), start=Counts())

    @property
    def changing_community(self) -> Counts:
        """Who and what changes community."""
        return sum((flow.counts for flow in self.communities), start=Counts())


def flows(before: DraftState, after: DraftState, scene: Scene) -> Flows:
    """Who and what changes hands between two states of one draft.

    Parameters
    ----------
    before, after
        `before` is often the base.

    Notes
    -----
    A grid that only gets another code or name stays the grid it was. A community that another one is merged into ends,
    and all of it goes there.
    """
    people = scene.living.flows(before, after)
    ground = _ground(before, after, scene)
    pairs = sorted({pair for pair in people if pair[0] != pair[1] and people[pair] != Counts()} | ground.keys())
    moved = {pair: (people.get(pair, Counts()), ground.get(pair, 0.0)) for pair in pairs}
    grids = [_of_grids(before, after, pair, *amount) for pair, amount in moved.items()]
    for key in grids_between(before, after):
        # What stays in a grid goes with it to its new community.
        if key in before.grids and key in after.grids and _community(before, key) != _community(after, key):
            reshaped = before.shape(key) != after.shape(key)
            stayed = people.get((key, key), Counts()) if reshaped else scene.living.counts(after, [key])[key]
            moved[key, key] = stayed, common_square_metres(before.shape(key), after.shape(key), scene)
    return Flows(_largest_first(grids), _largest_first(_of_communities(before, after, moved)))


def people_between_communities(
    before: DraftState, after: DraftState, scene: Scene
) -> dict[tuple[str | None, str | None], Counts]:
    """Who and what changes community between two states of one draft, by the codes of these."""
    people = scene.living.flows(before, after)
    reshaped = {key for pair in people for key in pair}
    kept = [key for key in grids_between(before, after) if key in before.grids and key in after.grids]
    whole = [key for key in kept if key not in reshaped and _community(before, key) != _community(after, key)]
    counts = scene.living.counts(after, whole)
    found: dict[tuple[str | None, str | None], Counts] = {}
    for (one, other), some in [*people.items(), *(((key, key), counts[key]) for key in whole)]:
        pair = _community(before, one), _community(after, other)
        if pair[0] != pair[1]:
            found[pair] = found.get(pair, Counts()) + some
    return found


def _of_grids(before: DraftState, after: DraftState, pair: Pair, counts: Counts, square_metres: float) -> Flow:
    source, target = (None if key == NOBODY else s.grids[key] for s, key in zip((before, after), pair, strict=True))
    return Flow(
        None if source is None else source.code,
        "" if source is None else source.name,
        None if target is None else target.code,
        "" if target is None else target.name,
        counts,
        square_metres,
    )


def _of_communities(before: DraftState, after: DraftState, moved: dict[Pair, tuple[Counts, float]]) -> list[Flow]:
    found: dict[tuple[str | None, str | None], tuple[Counts, float]] = {}
    for (one, other), (counts, square_metres) in moved.items():
        pair = _community(before, one), _community(after, other)
        if pair[0] != pair[1]:
            sofar, area = found.get(pair, (Counts(), 0.0))
            found[pair] = (sofar + counts, area + square_metres)
    return [
        Flow(source, _area_name(before, source), target, _area_name(after, target), counts, square_metres)
        for (source, target), (counts, square_metres) in found.items()
        if square_metres or counts != Counts()
    ]


def _community(state: DraftState, key: str) -> str | None:
    return None if key == NOBODY else state.grids[key].community


def _area_name(state: DraftState, code: str | None) -> str:
    return state.areas[code].name if code is not None and code in state.areas else ""


def _largest_first(found: Iterable[Flow]) -> tuple[Flow, ...]:
    return tuple(
        sorted(
            found,
            key=lambda one: (-one.counts.households, -one.square_metres, one.source or "", one.target or ""),
        )
    )


def _ground(before: DraftState, after: DraftState, scene: Scene) -> dict[Pair, float]:
    """Square metres by key before and key after, of ground that changes its grid; `NOBODY` where it is in none."""
    reshaped = reshaped_between(before, after)
    givers, takers = ([key for key in reshaped if key in state.grids] for state in (before, after))
    shapes = np.array([after.shape(key) for key in takers], dtype=object)
    found: dict[Pair, float] = {}
    tree = shapely.STRtree(shapes)
    given, taken = tree.query(np.array([before.shape(key) for key in givers], dtype=object))
    for giver, taker in zip(given.tolist(), taken.tolist(), strict=True):
        pair = givers[giver], takers[taker]
        if pair[0] != pair[1]:
            square_metres = common_square_metres(before.shape(pair[0]), after.shape(pair[1]), scene)
            if square_metres:
                found[pair] = square_metres
    if not after.full:
        found |= {(key, NOBODY): left for key, left in _beyond(before, givers, after, takers).items()}
        found |= {(NOBODY, key): more for key, more in _beyond(after, takers, before, givers).items()}
    return found


def _beyond(state: DraftState, keys: list[str], other: DraftState, other_keys: list[str]) -> dict[str, float]:
    """Square metres of grids of a partial layer that are in no grid of another state."""
    covered = shapely.union_all([other.shape(key) for key in other_keys])
    found = {key: square_metres_of(shapely.difference(state.shape(key), covered)) for key in keys}
    return {key: square_metres for key, square_metres in found.items() if square_metres}
