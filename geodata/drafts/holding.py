"""Which points of the base each grid of a state of a draft has: every point one grid, whatever the way to the state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.drafts.points import COLUMNS, NOBODY, BasePoints, Whole
from geodata.drafts.state import DraftState

Places = NDArray[np.int64]

_REMEMBERED: Final = 40_000
_HAIRLINE_DEGREES: Final = 1e-8

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Share:
    """How the points of one grid of the base are divided among some shapes.

    Parameters
    ----------
    shapes
        Who may have them, the lowest code first.
    owner
        Of each point its shape, -1 for none.
    parts
        Shape, positions of its points, and sum of each column of their values; only shapes that have any.
    left
        Sum of each column of the values of points that none has; None where all have one.
    """

    shapes: Sequence[shapely.Geometry]
    owner: Places
    parts: Sequence[tuple[int, Places, Whole]]
    left: Whole | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """Which points of reshaped grids of the base each grid of a state has.

    Parameters
    ----------
    shares
        By key of the base: how its points are divided, and the keys now of the shapes.
    parts
        By key now, of grids that are not shaped as in the base: keys of the base, each with positions of points.
    totals
        By key now: sum of each column of values.
    """

    shares: Mapping[str, tuple[Share, Sequence[str]]]
    parts: Mapping[str, Sequence[tuple[str, Places]]]
    totals: Mapping[str, Whole]

    def owners_of(self, base: str, count: int) -> Places:
        """Of the points of a grid of the base, of which there are so many, the grids now: numbers for `name`."""
        return self.shares[base][0].owner if base in self.shares else np.zeros(count, dtype=np.int64)

    def name(self, base: str, number: int) -> str:
        """Key now that a number stands for among the points of a grid of the base; `NOBODY` for none."""
        if base not in self.shares:
            return base
        return self.shares[base][1][number] if number >= 0 else NOBODY


class Holder:
    """Divides the points of a base among the grids of its drafts; most is as it was at the step before.

    Parameters
    ----------
    base
        A state without operations.
    points
        Its points.
    """

    def __init__(self, base: DraftState, points: BasePoints) -> None:
        self._base, self._points = base, points
        self._near: dict[int, tuple[shapely.Geometry, tuple[str, ...]]] = {}
        self._covered: dict[tuple[int, str], tuple[shapely.Geometry, Places]] = {}
        self._shares: dict[tuple[str, tuple[int, ...]], Share] = {}

    def hold(self, state: DraftState) -> Holding:
        """Which points each reshaped grid of a state has.

        Notes
        -----
        On a border the lowest code has a point, as in look-ups. One that rounding left beside every grid goes to the
        nearest, in a partial layer only within 1 mm.
        """
        reshaped = state.reshaped_since_base()
        live = sorted((key for key in reshaped if key in state.grids), key=lambda key: state.grids[key].code)
        lost = [key for key in reshaped if key in self._points]
        self._points.make(lost)
        claims: dict[str, list[str]] = {key: [] for key in lost if len(self._points.of(key))}
        for key in live:
            for base in self._bases_near(state.shape(key)):
                if base in claims or base == NOBODY:
                    claims.setdefault(base, []).append(key)
        shares: dict[str, tuple[Share, Sequence[str]]] = {}
        parts: dict[str, list[tuple[str, Places]]] = {key: [] for key in live}
        totals = {key: np.zeros(COLUMNS, dtype=np.int64) for key in live}
        for base, claiming in claims.items():
            keys = claiming or live
            share = self._share(base, [state.shape(key) for key in keys])
            shares[base] = share, keys
            for number, chosen, total in share.parts:
                parts[keys[number]].append((base, chosen))
                totals[keys[number]] += total
        return Holding(shares, parts, totals)

    def covered_by(self, shape: shapely.Geometry) -> Mapping[str, Places]:
        """Positions of the points that a shape covers, its border included, by key of the base."""
        near = self._bases_near(shape)
        self._points.make(near)
        return {base: covered for base in near if len(covered := self._covered_of(base, shape))}

    def _bases_near(self, shape: shapely.Geometry) -> tuple[str, ...]:
        """Keys of the grids of the base that a shape meets; in a partial layer `NOBODY` too."""
        found = self._near.get(id(shape))
        if found is None:
            near = (*self._base.tiling.touching(shape), *(() if self._base.full else (NOBODY,)))
            found = _kept(self._near, id(shape), (shape, near))
        return found[1]

    def _covered_of(self, base: str, shape: shapely.Geometry) -> Places:
        found = self._covered.get((id(shape), base))
        if found is None:
            points = self._points.of(base)
            covered = np.flatnonzero(shapely.intersects_xy(shape, points.lons, points.lats))
            found = _kept(self._covered, (id(shape), base), (shape, covered))
        return found[1]

    def _share(self, base: str, shapes: Sequence[shapely.Geometry]) -> Share:
        sign = base, tuple(map(id, shapes))
        return self._shares.get(sign) or _kept(self._shares, sign, self._divided(base, shapes))

    def _divided(self, base: str, shapes: Sequence[shapely.Geometry]) -> Share:
        points = self._points.of(base)
        owner = np.full(len(points), -1, dtype=np.int64)
        for number, shape in enumerate(shapes):
            covered = self._covered_of(base, shape)
            owner[covered[owner[covered] < 0]] = number
        rest = np.flatnonzero(owner < 0)
        if len(rest) and shapes and base != NOBODY:
            left = shapely.points(points.lons[rest], points.lats[rest])
            reach = None if self._base.full else _HAIRLINE_DEGREES
            point, nearest = shapely.STRtree(shapes).query_nearest(left, max_distance=reach, all_matches=False)
            owner[rest[point]] = nearest
        parts = []
        for number in np.unique(owner[owner >= 0]).tolist():
            chosen = np.flatnonzero(owner == number)
            parts.append((number, chosen, points.values[chosen].sum(axis=0)))
        left = points.values[owner < 0].sum(axis=0) if (owner < 0).any() else None
        return Share(shapes, owner, parts, left)


def _kept(memory: dict[_Key, _Value], key: _Key, value: _Value) -> _Value:
    """Remember a value, which holds the shapes whose identity is in its key, so that no other ones get it."""
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[key] = value
    return value
