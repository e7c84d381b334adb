"""Who lives in each grid of a draft: every point of the base has one grid at every version, so sums never change."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.drafts.differing import reshaped_between
from geodata.drafts.holding import Holder, Holding, Places, Share
from geodata.drafts.points import HOUSEHOLDS, NOBODY, BasePoints, Whole
from geodata.drafts.state import DraftState
from geodata.drafts.walks import Pair, Times, Walked, added
from geodata.station.homes import Homes

_STATES: Final = 12
_PARTS: Final = 40_000


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted in some ground; ``estimated`` is how many of the households nobody counted there."""

    households: int = 0
    persons: int = 0
    addresses: int = 0
    buildings: int = 0
    stations: int = 0
    estimated: int = 0

    @classmethod
    def of(cls, values: Whole) -> Self:
        """The counts of a row of values, see `points`."""
        return cls(*values.tolist())

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(self.as_tuple(), other.as_tuple(), strict=True)))

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(*(a - b for a, b in zip(self.as_tuple(), other.as_tuple(), strict=True)))

    def as_tuple(self) -> tuple[int, int, int, int, int, int]:
        """The counts in the order of the columns of values."""
        return self.households, self.persons, self.addresses, self.buildings, self.stations, self.estimated


class Living:
    """Who lives where in all states of all drafts of one base; threads take turns with it, see `Scene`.

    Parameters
    ----------
    base
        A state without operations.
    points
        Who lives in its grids.
    """

    def __init__(self, base: DraftState, points: BasePoints) -> None:
        self.base = base
        self.points = points
        self._holdings: OrderedDict[int, tuple[DraftState, Holding]] = OrderedDict()
        self._holder = Holder(base, points)
        self._walked_in_base: dict[str, Walked] = {}
        self._walked_parts: dict[int, tuple[Places, Walked]] = {}
        self._lock = Lock()

    @classmethod
    def of(
        cls,
        base: DraftState,
        homes: Homes,
        *,
        buildings: Pair = ((), ()),
        stations: Pair = ((), ()),
        times: Times | None = None,
    ) -> Self:
        """Who lives in the grids of a base, parameters as for `BasePoints`."""
        return cls(base, BasePoints(base, homes, buildings, stations, times))

    def counts(self, state: DraftState, keys: Iterable[str]) -> dict[str, Counts]:
        """What is counted in some grids of a state of this base."""
        holding = self.holding(state)
        return {key: Counts.of(self._total(holding, key)) for key in keys}

    def values(self, state: DraftState) -> tuple[list[str], Whole]:
        """Keys of all grids of a state, and what is counted in each: shape (grids, 6)."""
        holding, gone = self.holding(state), set(self.base.grids) - state.grids.keys()
        kept = [number for number, key in enumerate(self.points.keys) if key not in holding.parts and key not in gone]
        keys = [self.points.keys[number] for number in kept]
        more = list(holding.parts)
        rows = [self.points.totals()[kept], *(self._total(holding, key)[None, :] for key in more)]
        return [*keys, *more], np.concatenate(rows)

    def flows(self, before: DraftState, after: DraftState) -> dict[tuple[str, str], Counts]:
        """What of each grid of one state that was reshaped since is in which grid of another; what stays included.

        Parameters
        ----------
        before, after
            States of one draft, `before` often its base.

        Returns
        -------
        dict
            By key before and key after, `NOBODY` where ground of a partial layer is in no grid.
        """
        one, other = self.holding(before), self.holding(after)
        bases: set[str] = set()
        reshaped = set(reshaped_between(before, after))
        for key in reshaped:
            for state, holding in ((before, one), (after, other)):
                if key in state.grids:
                    bases.update([key] if key not in holding.parts else [base for base, _ in holding.parts[key]])
        found: dict[tuple[str, str], Counts] = {}
        for base in sorted(bases):
            for pair, some in self._divided_again(one, other, base):
                found[pair] = found.get(pair, Counts()) + Counts.of(some)
        # Of a grid of the base that several have now, only some may be reshaped.
        return {pair: counts for pair, counts in found.items() if not reshaped.isdisjoint(pair)}

    def _divided_again(self, one: Holding, other: Holding, base: str) -> Iterator[tuple[tuple[str, str], Whole]]:
        """What of a grid of the base goes from which grid of one state to which of another."""
        values = self.points.of(base).values
        if base in other.shares and base not in one.shares:
            # Nearly all that a whole draft changes is asked for with every step: its sums are known already.
            yield from _now(base, *other.shares[base])
            return
        first, second = (holding.owners_of(base, len(values)) for holding in (one, other))
        for number, later in np.unique(np.column_stack([first, second]), axis=0).tolist():
            some = values[(first == number) & (second == later)].sum(axis=0)
            yield (one.name(base, number), other.name(base, later)), some

    def now(self, state: DraftState) -> Iterator[tuple[tuple[str, str], Whole]]:
        """What of each reshaped grid of the base is in which grid of a state: sums of the columns of values.

        Notes
        -----
        Keys as in `flows` from the base; what stays in a grid is told too.
        """
        for base, share in self.holding(state).shares.items():
            yield from _now(base, *share)

    def households(self, shapes: Sequence[shapely.Geometry]) -> list[int]:
        """Households on each of some ground; what two of them share at a border counts for the first."""
        sums = np.zeros(len(shapes), dtype=np.int64)
        taken: dict[str, NDArray[np.bool_]] = {}
        for number, shape in enumerate(shapes):
            for key, covered in self._holder.covered_by(shape).items():
                free = taken.setdefault(key, np.ones(len(self.points.of(key)), dtype=bool))
                sums[number] += self.points.of(key).values[covered[free[covered]], HOUSEHOLDS].sum()
                free[covered] = False
        return [int(one) for one in sums]

    def walks(self, state: DraftState, keys: Iterable[str]) -> Walked:
        """How far the nearest station is for those who live in some grids of a state, together."""
        holding, keys = self.holding(state), list(keys)
        self.points.make(key for key in keys if key not in holding.parts)
        return added(self._walked(holding, key) for key in keys)

    def _walked(self, holding: Holding, key: str) -> Walked:
        if key in holding.parts:
            return added(self._walked_part(base, chosen) for base, chosen in holding.parts[key])
        if key not in self._walked_in_base:
            points = self.points.of(key)
            self._walked_in_base[key] = Walked.of(points.values[:, HOUSEHOLDS], points.walk_ms)
        return self._walked_in_base[key]

    def _walked_part(self, base: str, chosen: Places) -> Walked:
        found = self._walked_parts.get(id(chosen))
        if found is None:
            if len(self._walked_parts) >= _PARTS:
                self._walked_parts.clear()
            points = self.points.of(base)
            walked = Walked.of(points.values[chosen, HOUSEHOLDS], points.walk_ms[chosen])
            # The positions are held, so that no others get their identity.
            found = self._walked_parts[id(chosen)] = (chosen, walked)
        return found[1]

    def holding(self, state: DraftState) -> Holding:
        """Which points each reshaped grid of a state has; the last states are remembered."""
        with self._lock:
            found = self._holdings.get(id(state))
            if found is not None:
                self._holdings.move_to_end(id(state))
                return found[1]
        made = self._holder.hold(state)
        with self._lock:
            # The state is held, so that no other one gets its identity.
            self._holdings[id(state)] = (state, made)
            while len(self._holdings) > _STATES:
                self._holdings.popitem(last=False)
        return made

    def _total(self, holding: Holding, key: str) -> Whole:
        return holding.totals[key] if key in holding.totals else self.points.total(key)


def _now(base: str, share: Share, keys: Sequence[str]) -> Iterator[tuple[tuple[str, str], Whole]]:
    """What of a grid of the base is in which grid now, `NOBODY` for none."""
    yield from (((base, keys[number]), total) for number, _, total in share.parts)
    if share.left is not None:
        yield (base, NOBODY), share.left
