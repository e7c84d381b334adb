"""Figures of every grid and community of a draft at one version, from which what changed follows."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from geodata.drafts.balance import Balance, balance
from geodata.drafts.compactness import Compactness, compactness
from geodata.drafts.living import Counts
from geodata.drafts.points import COLUMNS, HOUSEHOLDS
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftState
from geodata.drafts.walks import Walk


@dataclass(frozen=True, slots=True)
class GridFigures:
    """A grid as it is at one version.

    Parameters
    ----------
    code, name, kind, community
        As in the draft; the community by its code.
    counts
        Who lives and what stands there.
    in_band
        Whether its households are in the band for its kind; None where there is no band.
    compactness
        Size and roundness.
    walk
        How far the nearest station is.
    """

    code: str
    name: str
    kind: str
    community: str | None
    counts: Counts
    in_band: bool | None
    compactness: Compactness
    walk: Walk


@dataclass(frozen=True, slots=True)
class CommunityFigures:
    """A community as it is at one version.

    Parameters
    ----------
    code, name
        Of the area; the code is None for grids that are in no community.
    counts
        Of all its grids together.
    balance
        How evenly its households are spread over its grids.
    compactness
        Of the community's own ground; None where it has none.
    walk
        How far the nearest station is.
    """

    code: str | None
    name: str
    counts: Counts
    balance: Balance
    compactness: Compactness | None
    walk: Walk


def figures_of(state: DraftState, scene: Scene) -> "Figures":
    """Figures of a state; those of the last states are remembered."""
    return scene.of_state(state, lambda: Figures(state, scene))


class Figures:
    """What is counted in every grid of a state.

    Parameters
    ----------
    state, scene
        The state, and what it is judged by.
    """

    def __init__(self, state: DraftState, scene: Scene) -> None:
        self.state, self.scene = state, scene
        keys, values = scene.living.values(state)
        self._values = values
        self._place = {key: place for place, key in enumerate(keys)}
        grids = [state.grids[key] for key in keys]
        self._keys = keys
        self._kinds = np.array([grid.kind for grid in grids], dtype=object)
        self._communities = np.array([grid.community for grid in grids], dtype=object)

    def counts(self, key: str) -> Counts:
        """What is counted in a grid."""
        return Counts.of(self._values[self._place[key]])

    def grid(self, key: str) -> GridFigures:
        """A grid."""
        grid, shape, counts = self.state.grids[key], self.state.shape(key), self.counts(key)
        band = self.scene.bands.get(grid.kind)
        return GridFigures(
            grid.code,
            grid.name,
            grid.kind,
            grid.community,
            counts,
            None if band is None else band.holds(counts.households),
            self.scene.remembered("compactness", shape, lambda: compactness(shape)),
            self.scene.living.walks(self.state, [key]).walk,
        )

    def community(self, code: str | None) -> CommunityFigures | None:
        """A community; None where there is no such area, or, for None, no grid outside all."""
        members = np.flatnonzero(self._communities == code)
        area = None if code is None else self.state.areas.get(code)
        if area is None and (code is not None or not len(members)):
            return None
        shape = None if area is None else area.shape
        keys = [self._keys[place] for place in members.tolist()]
        total = self._values[members].sum(axis=0) if len(members) else np.zeros(COLUMNS, dtype=np.int64)
        return CommunityFigures(
            code,
            "" if area is None else area.name,
            Counts.of(total),
            self._balance(members),
            None if shape is None else self.scene.remembered("compactness", shape, lambda: compactness(shape)),
            self.scene.living.walks(self.state, keys).walk,
        )

    def whole(self) -> Balance:
        """How evenly households are spread over all grids of the layer."""
        return self._balance(np.arange(len(self._keys)))

    def total(self, keys: Iterable[str]) -> Counts:
        """What is counted in several grids together."""
        return Counts.of(self._values[[self._place[key] for key in keys]].sum(axis=0))

    def _balance(self, members: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Balance:
        return balance(self._values[members, HOUSEHOLDS], self._kinds[members].tolist(), self.scene.bands)
