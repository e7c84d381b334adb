"""Which grids somebody may be in whose position is known to so many metres: what a phone says of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely

from geodata.grid.exact import metric_scale
from geodata.moment import Moment
from geodata.records import GridVersion, Layer

MOST_METRES: Final = 5_000.0
MOST_GRIDS: Final = 20

_QUARTER: Final = 32


@dataclass(frozen=True, slots=True)
class Touched:
    """A grid that the circle touches: how far it is from the point, and which share of the circle lies in it."""

    grid: GridVersion
    metres: float
    share: float

    @property
    def record(self) -> dict[str, Any]:
        """As an answer tells it."""
        return {
            "layer": self.grid.layer,
            "code": self.grid.code,
            "name": self.grid.name,
            "metres": round(self.metres, 1),
            "share": round(self.share, 4),
        }


def grids_touched(
    moment: Moment, lon: float, lat: float, metres: float, layer: str | None = None
) -> tuple[list[Touched], int]:
    """The grids that a circle around a point touches, the nearest first, at most `MOST_GRIDS`; and how many there are.

    Parameters
    ----------
    lon, lat
        EPSG:4326 degrees, a place on Earth.
    metres
        Radius of the circle, more than 0 and at most `MOST_METRES`.
    layer
        Code of the only layer to ask; all of them where None, the default first among equals.

    Raises
    ------
    NotKnownError
        There is no such layer.

    Notes
    -----
    The grid that covers the point comes first, with 0 metres. Shares of one layer add up to 1 where its grids cover the
    circle. Measured in the plane of the point's latitude.
    """
    asked: Sequence[Layer] = moment.layers if layer is None else (moment.layer(layer),)
    found: list[tuple[float, int, int, GridVersion]] = []
    for number, one in enumerate(asked):
        tiling = moment.tilings[one.code]
        positions, away = tiling.index.within(lon, lat, metres, moment.active(one.code))
        # In one layer the order is the index's own: who owns the point comes before who only borders on it.
        ranked = zip(positions.tolist(), away.tolist(), strict=True)
        found += [(far, number, rank, tiling.versions[place]) for rank, (place, far) in enumerate(ranked)]
    found.sort(key=lambda one: one[:3])
    circle = shapely.Point(0.0, 0.0).buffer(metres, quad_segs=_QUARTER)
    scale = metric_scale(lat)
    touched = [
        Touched(grid, far, _share(circle, moment.geometry(grid), (lon, lat), scale))
        for far, _, _, grid in found[:MOST_GRIDS]
    ]
    return touched, len(found)


def _share(circle: Any, shape: Any, point: tuple[float, float], scale: tuple[float, float]) -> float:
    """Which part of a circle in metres around a point lies in a shape in degrees."""
    around = shapely.transform(shape, lambda vertices: (vertices - point) * scale)
    return float(circle.intersection(around).area / circle.area)
