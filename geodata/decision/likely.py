"""Entries that a text may mean → how likely each grid of a layer is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.address.candidates import Candidate, Found
from geodata.moment import Moment
from geodata.records import Area, GridVersion

FOUND: Final = 0.95
"""How likely a grid must be, in a layer, to be given there as the one that is meant.

Notes
-----
At most 2 in 1,000 of the grids given so may be wrong. Measured with `tests.benchmarks.address_match` over eight made
cities, real facilities and the sample, every kind of noise alike, in grids of 500 doors and of 60: 0.02 to 0.07 % of
the texts are given wrongly where the register holds what is meant, 0.5 % where it lacks the number, and 9 % where it
knows not even the name. Where one text in twenty lacks its number and one in a hundred its name, that is 0.15 % in all.
A score from 0.90 to 0.95 is wrong in 2 to 4 %: that is asked about.
"""
UNKNOWN: Final = 0.75
"""How likely it must be that nothing in the register is meant, to say that nothing was found, not to ask."""


@dataclass(frozen=True, slots=True)
class Likely:
    """Which grids of a layer a text may mean.

    Parameters
    ----------
    owners
        For each point of what was found the position of its grid, -1 where none covers it.
    positions, chances
        Grids, the likeliest first, and how likely each is.
    outside
        How likely it is that a place is meant that no grid covers.
    """

    layer: str
    owners: NDArray[np.int32]
    positions: tuple[int, ...]
    chances: tuple[float, ...]
    outside: float

    @property
    def first(self) -> int:
        """Position of the likeliest grid, -1 for none."""
        return self.positions[0] if self.positions else -1

    @property
    def chance(self) -> float:
        """How likely that is."""
        return self.chances[0] if self.chances else 0.0


def likely_grids(moment: Moment, layer: str, points: NDArray[np.float64], weights: NDArray[np.float64]) -> Likely:
    """The grids of a layer in which points lie, by the sum of the weights in each.

    Parameters
    ----------
    points
        Longitudes and latitudes, EPSG:4326 degrees, shape (n, 2).
    weights
        How likely each point is.

    Notes
    -----
    A point on a border belongs to the grid with the lowest code, as everywhere.
    """
    lons, lats = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    owners = moment.tilings[layer].index.owners(lons, lats, moment.active(layer))[0]
    covered = owners >= 0
    places, which = np.unique(owners[covered], return_inverse=True)
    chances = np.bincount(which, weights[covered], minlength=len(places))
    order = np.lexsort((places, -chances))
    outside = float(weights[~covered].sum())
    return Likely(layer, owners, tuple(places[order].tolist()), tuple(chances[order].tolist()), outside)


def status_of(likely: Likely, found: Found) -> str:
    """``found``, ``outside``, ``not_found`` or ``ambiguous``: what the likelihoods allow to say."""
    if likely.chance >= FOUND:
        return "found"
    if likely.outside >= FOUND:
        return "outside"
    return "not_found" if found.nothing + found.area_weight >= UNKNOWN else "ambiguous"


def grids_of(moment: Moment, likely: Likely) -> Sequence[GridVersion]:
    """The grids that may be meant, the likeliest first."""
    versions = moment.tilings[likely.layer].versions
    return [versions[position] for position in likely.positions]


def narrowed(moment: Moment, found: Found, within: Area) -> tuple[Found, float]:
    """What was found inside an area, the rest taken as out of the question; and how likely that rest was.

    A point lies in the area if the community of its grid in the default layer does, or, where no grid covers it, if
    the area's polygon does.
    """
    inside = _inside(moment, found.points, within)
    kept = found.weights[inside]
    rest = float(found.weights[~inside].sum())
    left = found.nothing + found.area_weight + float(kept.sum())
    if rest == 0.0 or left <= 0.0:
        return found, rest
    candidates = [only_where(one, _inside(moment, one.points, within), left) for one in found.candidates]
    return replace(
        found,
        candidates=tuple(sorted((one for one in candidates if one.score > 0), key=lambda one: -one.score)),
        points=found.points[inside],
        weights=kept / left,
        nothing=found.nothing / left,
        area_weight=found.area_weight / left,
    ), rest


def only_where(candidate: Candidate, chosen: NDArray[np.bool_], total: float = 1.0) -> Candidate:
    """A candidate with some of its points only, and its likelihood as a share of a total."""
    points, weights = candidate.points[chosen], candidate.weights[chosen] / total
    if not len(points):
        return replace(candidate, points=points, weights=weights, score=0.0)
    lon, lat = points[int(np.argmax(weights))].tolist()
    return replace(candidate, points=points, weights=weights, score=float(weights.sum()), lon=lon, lat=lat)


def _inside(moment: Moment, points: NDArray[np.float64], within: Area) -> NDArray[np.bool_]:
    layer = moment.default_layer.code
    owners = likely_grids(moment, layer, points, np.zeros(len(points))).owners
    areas = moment.within(within.code)
    versions = moment.tilings[layer].versions
    members = {place for place in np.unique(owners).tolist() if place >= 0 and versions[place].community_id in areas}
    inside: NDArray[np.bool_] = np.isin(owners, list(members))
    shape: Any = moment.area_geometry(within.code)
    if shape is not None:
        inside = inside | ((owners < 0) & shapely.intersects_xy(shape, points[:, 0], points[:, 1]))
    return inside
