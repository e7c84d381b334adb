"""Which service stations change grid or community between two states of a draft, by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geodata.drafts.state import DraftState


@dataclass(frozen=True, slots=True)
class StationPoint:
    """A station where it stands, EPSG:4326 degrees; a mobile one at its first stop."""

    code: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class StationMove:
    """A station whose grid or community is another one.

    Parameters
    ----------
    code, name
        Of the station.
    source, source_community
        Codes of its grid and community before; None where it is in none.
    target, target_community
        After.
    """

    code: str
    name: str
    source: str | None
    source_community: str | None
    target: str | None
    target_community: str | None


class Stations:
    """The stations of a base, found by place. Immutable."""

    def __init__(self, points: Sequence[StationPoint] = ()) -> None:
        self._points = tuple(points)
        self._tree = shapely.STRtree([shapely.Point(one.lon, one.lat) for one in self._points])

    @property
    def points(self) -> tuple[StationPoint, ...]:
        """All of them."""
        return self._points

    def moves(self, before: DraftState, after: DraftState, keys: Iterable[str]) -> tuple[StationMove, ...]:
        """Stations that change grid or community, by their codes.

        Parameters
        ----------
        keys
            Of the grids that differ between the two.
        """
        changed = list(keys)
        old, new = (self._grids(state, changed) for state in (before, after))
        found = []
        for number in sorted(old.keys() | new.keys(), key=lambda number: self._points[number].code):
            source, target = _named(before, old.get(number)), _named(after, new.get(number))
            # A grid that only got another code is the grid that it was.
            if old.get(number) != new.get(number) or source[1] != target[1]:
                found.append(StationMove(self._points[number].code, self._points[number].name, *source, *target))
        return tuple(found)

    def _grids(self, state: DraftState, keys: Iterable[str]) -> dict[int, str]:
        """Key of the grid among some that each station is in: on a border the lowest code."""
        present = sorted((key for key in keys if key in state.grids), key=lambda key: state.grids[key].code)
        shapes = np.array([state.shape(key) for key in present], dtype=object)
        found: dict[int, str] = {}
        if len(shapes):
            for place, number in sorted(zip(*self._tree.query(shapes, predicate="intersects").tolist(), strict=True)):
                found.setdefault(number, present[place])
        return found


def _named(state: DraftState, key: str | None) -> tuple[str | None, str | None]:
    return (None, None) if key is None else (state.grids[key].code, state.grids[key].community)
