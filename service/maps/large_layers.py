"""What pages get of a layer too large to be sent whole: where its tiles are, its areas and stations, a light index."""

from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import quote, urlencode

import numpy as np
import shapely

from geodata.moment import Moment
from service.maps.grid_tiles import GridTiles
from service.maps.ground import DIGITS, AreaDrawn, Ground
from service.maps.packed import Packed, packed
from service.maps.tile_shapes import FINEST_ZOOM, Tile

_PER_DEGREE: Final = 10**DIGITS
# As measured: doubles of the shape and what is kept of it for tiles; and a record, its attributes, its place in lists.
_POINT_BYTES, _GRID_BYTES = 30, 2_000


class LayerState:
    """One layer as it was at moments of one version.

    Parameters
    ----------
    layer
        Its code.
    version
        Tells this state from every other one.
    ground
        The grids.
    base
        Those of the default layer at the same moments.
    """

    def __init__(self, layer: str, version: str, ground: Ground, base: Ground) -> None:
        self.layer = layer
        self.version = version
        self.ground = ground
        self.base = base
        self.tiles = GridTiles(ground, base)
        self._claimed = False
        self._lock = Lock()

    @cached_property
    def index(self) -> Packed:
        """Every grid of the layer as light columns: `index_content`."""
        return packed(index_content(self.ground))

    @cached_property
    def bytes(self) -> int:
        """About how much memory it takes once all of it is prepared, the shapes of its own grids included."""
        return (
            int(shapely.get_num_coordinates(self.ground.degrees).sum()) * _POINT_BYTES
            + len(self.ground.grids) * _GRID_BYTES
        )

    def claim(self) -> bool:
        """Take it upon oneself to prepare all of it: True for the first who asks."""
        with self._lock:
            first, self._claimed = not self._claimed, True
        return first

    def prepare(self, going_on: Callable[[], bool] = lambda: True) -> None:
        """Prepare the lines that all tiles are made of, the areas and the index, while somebody may ask already.

        Parameters
        ----------
        going_on
            Asked between steps; the rest is left out once it says no.
        """
        # What a page shows first, and what it asks for next; the lines of the tiling serve every zoom.
        self.tiles.tile(Tile(0, 0, 0))
        if going_on():
            _ = self.index
        self.tiles.prepare(going_on)

    def prepare_apart(self) -> None:
        """Prepare all of it in a thread, unless somebody does already."""
        if self.claim():
            Thread(target=self.prepare, name=f"tiles of {self.layer}", daemon=True).start()


def large_content(state: LayerState, moment: Moment) -> dict[str, Any]:
    """What the page of a large layer begins with.

    Notes
    -----
    Addresses are below the root path; a page that shows another instant than now adds its ``as_of``. ``grids_from`` is
    the lowest zoom whose tiles hold grids, and not areas instead.
    """
    version = state.version
    return {
        "tiling": moment.layer(state.layer).tiling,
        "version": version,
        "bounds": state.ground.bounds,
        "typical_metres": round(state.ground.typical_metres, 1),
        "tiles": {
            "url": f"/tiles/{quote(state.layer, safe='')}/{{z}}/{{x}}/{{y}}.mvt?v={version}",
            "min_zoom": 0,
            "max_zoom": FINEST_ZOOM,
            "grids_from": state.tiles.grids_from,
        },
        "index": f"/maps/grids/index?{urlencode({'layer': state.layer, 'v': version})}",
        "areas": [_area(drawn) for drawn in state.base.areas],
        "stations": stations_content(moment),
    }


def stations_content(moment: Moment) -> list[dict[str, Any]]:
    """The stations that have a place."""
    return [
        {
            "code": station.code,
            "name": station.name,
            "category": station.category,
            "level": station.level,
            "address": station.address,
            "point": [round(degrees, DIGITS) for degrees in place],
        }
        for station in moment.stations
        if (place := moment.place_of(station)) is not None
    ]


def index_content(ground: Ground) -> dict[str, Any]:
    """The grids of a layer as columns, in code order.

    Notes
    -----
    ``x`` and ``y`` are the roomiest point of each in millionths of a degree from ``origin``, ``metres`` how far that is
    from its border; ``west south east north`` the ends of its box in millionths of a degree from that point. ``kind``
    and ``community`` are places in ``kinds`` and ``communities``, -1 for no community.
    """
    origin = np.floor(np.array(ground.bounds[:2]) * _PER_DEGREE) if ground.bounds else np.zeros(2)
    points = np.rint(ground.labels[:, :2] * _PER_DEGREE)
    boxes = np.rint(shapely.bounds(ground.degrees).reshape(-1, 4) * _PER_DEGREE) - np.hstack([points, points])
    kinds, kind = _places([grid.kind for grid in ground.grids])
    communities, community = _places(ground.communities)
    columns = zip(("west", "south", "east", "north"), boxes.T.astype(np.int64).tolist(), strict=True)
    x, y = (points - origin).T.astype(np.int64).tolist() if len(points) else ([], [])
    return {
        "count": len(ground.grids),
        "origin": (origin / _PER_DEGREE).tolist(),
        "digits": DIGITS,
        "code": [grid.code for grid in ground.grids],
        "name": [grid.name for grid in ground.grids],
        "kinds": kinds,
        "kind": kind,
        "communities": communities,
        "community": community,
        "households": [grid.households for grid in ground.grids],
        "colour": ground.colours,
        "x": x,
        "y": y,
        "metres": ground.labels[:, 2].tolist(),
        **dict(columns),
    }


def _places(values: Sequence[str | None]) -> tuple[list[str], list[int]]:
    """Distinct values, and the place of each among them; -1 for none."""
    known: dict[str, int] = {}
    places = [-1 if value is None else known.setdefault(value, len(known)) for value in values]
    return list(known), places


def _area(drawn: AreaDrawn) -> dict[str, Any]:
    return {
        "code": drawn.area.code,
        "name": drawn.area.name,
        "level": drawn.area.level,
        "parent": drawn.parent,
        "depth": drawn.depth,
        "grids": drawn.grids,
        "label": drawn.label,
        "bounds": drawn.bounds,
    }
