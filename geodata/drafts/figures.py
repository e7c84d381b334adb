"""Figures of every grid and community of a draft at one version, from which what changed follows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from geodata.drafts.balance import Balance, balance
from geodata.drafts.compactness import Compactness, compactness
from geodata.drafts.ground import really_changed
from geodata.drafts.living import Counts
from geodata.drafts.points import COLUMNS, HOUSEHOLDS
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftState
from geodata.drafts.walks import Walk

Places = np.ndarray[tuple[int], np.dtype[np.int64]]

_NONE: Final[Places] = np.zeros(0, dtype=np.int64)


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
        self._keys = keys
        self._communities: dict[str | None, CommunityFigures | None] = {}
        self._kinds = np.array([state.grids[key].kind for key in keys], dtype=object)

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
        if code not in self._communities:
            self._communities[code] = self._community(code)
        return self._communities[code]

    def _community(self, code: str | None) -> CommunityFigures | None:
        members = self._members.get(code, _NONE)
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

    def has_grids(self, code: str | None) -> bool:
        """Whether any grid is in a community; None for those in no community."""
        return code in self._members

    @cached_property
    def _members(self) -> Mapping[str | None, Places]:
        """Places of the grids of each community."""
        found: dict[str | None, list[int]] = {}
        for place, key in enumerate(self._keys):
            found.setdefault(self.state.grids[key].community, []).append(place)
        return {code: np.array(places) for code, places in found.items()}

    @cached_property
    def changed(self) -> Sequence[str]:
        """Keys of the grids that are really otherwise than in the base."""
        return really_changed(self.state.first, self.state, self.scene)

    def whole(self) -> Balance:
        """How evenly households are spread over all grids of the layer."""
        return self._whole

    @cached_property
    def _whole(self) -> Balance:
        return self._balance(np.arange(len(self._keys)))

    def total(self, keys: Iterable[str]) -> Counts:
        """What is counted in several grids together."""
        return Counts.of(self._values[[self._place[key] for key in keys]].sum(axis=0))

    def _balance(self, members: Places) -> Balance:
        return balance(self._values[members, HOUSEHOLDS], self._kinds[members].tolist(), self.scene.bands)
