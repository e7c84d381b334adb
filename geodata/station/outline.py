"""The outline of a service circle: shapes of what is within so many minutes' walk, and how far they can be trusted.

The shape illustrates; who is within is decided by time alone. So every outline says which share of what is within by
time lies outside of it, and the reverse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely

from geodata.station.around import Around, edges_from, look_around
from geodata.station.bands import bands
from geodata.station.estates import Estates
from geodata.station.lattice import CELL_METRES, lattice_of
from geodata.station.network.arrays import UNREACHED, Flags, Network, Reals
from geodata.station.network.profiles import Profile
from geodata.station.network.reach import reach
from geodata.station.network.snap import Connectors

MINUTE_MS: Final = 60_000
# Degrees are rounded to a tenth of a millimetre: vertices that differ are at least two millimetres apart.
_DECIMALS: Final = 9


@dataclass(frozen=True, slots=True)
class Misjudged:
    """How far a shape differs from the times that it illustrates.

    Parameters
    ----------
    missed
        Share of what is within by time that lies outside of the shape; None where nothing is within.
    wrongly_in
        Share of what lies in the shape that is not within by time; None where nothing lies in it.
    """

    missed: float | None
    wrongly_in: float | None


@dataclass(frozen=True, slots=True)
class Outline:
    """Shapes of a service circle, the smallest first, each inside the next.

    Parameters
    ----------
    minutes
        Ascending.
    shapes
        Shapely MultiPolygons, EPSG:4326, valid; empty where no cell is within.
    square_metres
        Their areas.
    """

    minutes: tuple[float, ...]
    shapes: tuple[Any, ...]
    square_metres: tuple[float, ...]


def outline(network: Network, profile: Profile, station: Connectors, minutes: Sequence[float]) -> Outline:
    """The outline of what one place reaches; `Outlines` where many are asked for.

    Parameters
    ----------
    station
        Connectors of one place.
    minutes
        Above 0, in any order.
    """
    return Outlines(network, profile).of(station, minutes)


class Outlines:
    """Outlines on one network for one way of walking.

    Parameters
    ----------
    estates
        Compounds that are entered through their gates: the time to the nearest gate holds for all of each.
    """

    def __init__(self, network: Network, profile: Profile, estates: Estates | None = None) -> None:
        self._network = network
        self._profile = profile
        self._estates = estates
        self._edge_ms = profile.edge_ms(network)
        self._straight_ms = float(profile.straight_ms(1_000_000)) / 1000
        self._cell_ms = CELL_METRES * self._straight_ms
        self.lattice = lattice_of(network.lats, network.barriers, network.barrier_area)

    def of(self, station: Connectors, minutes: Sequence[float]) -> Outline:
        """The outline of what one place reaches, as `outline`."""
        around = self.around(station, max(minutes))
        return self.drawn(around, minutes)

    def around(self, station: Connectors, minutes: float) -> Around | None:
        """What lies around a place that reaches so far, and a cell farther; None where it is at no street."""
        if not len(station.edge):
            return None
        most = minutes * MINUTE_MS + self._cell_ms
        limit = min(int(most) + 1, UNREACHED - 1)
        nodes = reach(self._network, self._edge_ms, self._profile, station, limit)
        way_ms = self._profile.straight_ms(station.walk_mm)
        edges = edges_from(self._network, nodes.node, nodes.ms, station, way_ms)
        far = most / (self._straight_ms * min(1.0, self._profile.steps_factor or 1.0))
        found = look_around(self._network, self.lattice, edges, self._edge_ms, self._straight_ms, most, far)
        if self._estates is None:
            return found
        gated, gate_ms = self._estates.times(found.window, self._network, self._profile, station, most - 1)
        return replace(found, gated=gated, gate_ms=gate_ms)

    def drawn(self, around: Around | None, minutes: Sequence[float]) -> Outline:
        """The outline of what lies around a place."""
        wanted = tuple(sorted(set(minutes)))
        if around is None:
            return _nothing(wanted)
        limits = [one * MINUTE_MS for one in wanted]
        shapes = bands(around.surface(), limits, self._cell_ms, CELL_METRES)
        areas = tuple(float(shape.area) * around.square_metres for shape in shapes)
        return Outline(wanted, tuple(_placed(shape, around) for shape in shapes), areas)


def misjudged(shape: Any, lons: Reals, lats: Reals, within: Flags, weights: Reals) -> Misjudged:
    """How far a shape differs from what is within by time.

    Parameters
    ----------
    shape
        Polygons, EPSG:4326; prepared by this.
    lons, lats
        Points.
    within
        Whether each is within by time.
    weights
        What each counts for, as households.
    """
    shapely.prepare(shape)
    inside = shapely.intersects_xy(shape, lons, lats)
    by_time, by_shape = float(weights[within].sum()), float(weights[inside].sum())
    missed, wrongly = float(weights[within & ~inside].sum()), float(weights[inside & ~within].sum())
    return Misjudged(missed / by_time if by_time else None, wrongly / by_shape if by_shape else None)


def _nothing(minutes: tuple[float, ...]) -> Outline:
    count = len(minutes)
    return Outline(minutes, (shapely.MultiPolygon(),) * count, (0.0,) * count)


def _placed(shape: Any, around: Around) -> Any:
    """A shape in cells of the window, EPSG:4326."""
    window, lattice = around.window, around.lattice
    first = (window.column + 0.5, window.row + 0.5)
    steps = (lattice.step_lon, lattice.step_lat)
    return shapely.transform(shape, lambda points: np.round((points + first) * steps, _DECIMALS))
