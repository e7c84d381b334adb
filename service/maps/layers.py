"""What a map page draws: simplified grids with a colour and a label point each, borders of areas, stations.

The answer is JSON for our own page alone: lines in decimetres of Web Mercator, as short texts (`encoding`), which a
browser draws several times sooner than GeoJSON; the API has that. It is worked out once for each state of the data,
whatever instant was asked for, and kept compressed.
"""

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import Lock, RLock
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geodata.crs import metres_per_degree
from geodata.grid.borders import dividing_lines
from geodata.grid.colour import colour_indices
from geodata.moment import Moment
from geodata.records import Area, GridVersion
from service.maps.encoding import UNITS_PER_METRE, encoded_lines, mercator_units
from service.maps.ground import ground_of, roomiest_points
from service.maps.large_layers import LayerState, large_content, stations_content
from service.maps.packed import Packed, packed

_FORMAT: Final = 4
_AT_ONCE: Final = 8192
WHOLE_UP_TO: Final = 5_000
"""Grids of a layer that pages still get whole; of more they get tiles."""

_KEPT: Final = 12
_STATES_KEPT: Final = 4
# A hundred thousand grids take a third of a gigabyte.
_STATES_BYTES: Final = 500_000_000
_DIGITS: Final = 6
# Share of the map's width that a vertex must bend the border by to be kept: well under a pixel where all is in view.
_DETAIL: Final = 1 / 12_000
_FINEST_METRES, _COARSEST_METRES = 0.4, 4.0

Bounds = tuple[float, float, float, float]


class MapLayers:
    """Keeps what map pages draw, by what it was made from."""

    def __init__(self) -> None:
        self._lock = Lock()
        # Whoever asks for what is being made waits for it; another layer is no reason to wait.
        self._making: defaultdict[str, RLock] = defaultdict(RLock)
        self._by_content: OrderedDict[str, Packed] = OrderedDict()
        self._by_moment: WeakKeyDictionary[Moment, dict[tuple[str, bool], Packed]] = WeakKeyDictionary()
        self._states: OrderedDict[str, LayerState] = OrderedDict()

    def data(self, moment: Moment, layer: str, *, whole: bool = False) -> Packed:
        """What to draw for one layer at one moment; made on first use.

        Parameters
        ----------
        whole
            Every grid with its shape, however many there are: for pages that show a figure for each.

        Raises
        ------
        NotKnownError
            There is no such layer.

        Notes
        -----
        `map_content` up to `WHOLE_UP_TO` grids, `large_content` beyond, whose tiles are prepared from then on.
        """
        moment.layer(layer)
        known = self._by_moment.get(moment, {}).get((layer, whole))
        if known is not None:
            return known
        large = not whole and int(moment.active(layer).sum()) > WHOLE_UP_TO
        with self._making[layer]:
            content = self._content(moment, layer, large)
            data = self._by_content.get(content)
            if data is None:
                data = packed(large_content(self.state(moment, layer), moment) if large else map_content(moment, layer))
            self._keep(moment, (layer, whole), content, data)
        if large:
            self.state(moment, layer).prepare_apart()
        return data

    def prepare(self, moment: Moment, layer: str, going_on: Callable[[], bool]) -> bool:
        """Make all that a page of a layer at a moment asks for; whether there was anything to make.

        Parameters
        ----------
        going_on
            Asked between steps of a second or two; the rest is left out once it says no.
        """
        if (layer, False) in self._by_moment.get(moment, {}):
            return False
        if int(moment.active(layer).sum()) <= WHOLE_UP_TO:
            self.data(moment, layer)
            return True
        state = self.state(moment, layer)
        ours = state.claim()
        self.data(moment, layer)
        if ours:
            state.prepare(going_on)
        return True

    def _keep(self, moment: Moment, what: tuple[str, bool], content: str, data: Packed) -> None:
        with self._lock:
            self._by_content[content] = data
            self._by_content.move_to_end(content)
            while len(self._by_content) > _KEPT:
                self._by_content.popitem(last=False)
            self._by_moment.setdefault(moment, {})[what] = data

    def version(self, moment: Moment, layer: str) -> str:
        """What tells the grids and areas of a layer at a moment from every other state of them.

        Raises
        ------
        NotKnownError
            There is no such layer.
        """
        moment.layer(layer)
        known: dict[str, str] = moment.worked_out.setdefault("territory_digests", {})
        if layer not in known:
            with self._making[layer]:
                known[layer] = known.get(layer) or _territory_digest(moment, layer)
        return known[layer]

    def state(self, moment: Moment, layer: str) -> LayerState:
        """A layer at a moment, ready to be drawn in tiles; the last few are kept.

        Raises
        ------
        NotKnownError
            There is no such layer.
        """
        version = self.version(moment, layer)
        # The default layer's lock is never held by who waits for another one.
        with self._making[layer]:
            known = self._states.get(version)
            if known is None:
                ground = ground_of(moment, layer)
                default = moment.default_layer.code
                base = ground if layer == default else self.state(moment, default).ground
                known = LayerState(layer, version, ground, base)
            self._keep_state(known)
        return known

    def _keep_state(self, state: LayerState) -> None:
        with self._lock:
            self._states[state.version] = state
            self._states.move_to_end(state.version)
            while len(self._states) > 1 and (
                len(self._states) > _STATES_KEPT or sum(one.bytes for one in self._states.values()) > _STATES_BYTES
            ):
                self._states.popitem(last=False)

    def kept(self, layer: str, version: str) -> LayerState | None:
        """The state of a layer that has a version, where it is still kept."""
        known = self._states.get(version)
        return known if known is not None and known.layer == layer else None

    def _content(self, moment: Moment, layer: str, large: bool) -> str:
        """What tells everything that a page draws from every other state of it."""
        placed = [(station, moment.place_of(station)) for station in moment.stations]
        stations = hashlib.sha256(orjson.dumps(placed)).hexdigest()
        return f"{self.version(moment, layer)} {stations} {large}"

    def bounds(self, moment: Moment, layer: str) -> Bounds | None:
        """West, south, east and north end of a layer's grids, EPSG:4326 degrees; None where there are none."""
        known: dict[str, Bounds | None] = moment.worked_out.setdefault("layer_bounds", {})
        if layer not in known:
            known[layer] = _layer_bounds(moment, layer)
        return known[layer]


@lru_cache(maxsize=1)
def map_layers() -> MapLayers:
    """The layers that this process keeps."""
    return MapLayers()


def _layer_bounds(moment: Moment, layer: str) -> Bounds | None:
    shapes = moment.geometries(moment.grids(layer))
    if not len(shapes):
        return None
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return west, south, east, north


def map_content(moment: Moment, layer: str, within: str | None = None) -> dict[str, Any]:
    """Everything that one layer's map draws.

    Parameters
    ----------
    within
        Code of the area whose grids alone are drawn; all where None. Stations come all in any case.

    Raises
    ------
    NotKnownError
        There is no such layer or area.

    Notes
    -----
    Communities, streets and the lines around them come from the default layer's grids, so that drawn borders coincide;
    where that layer has no grids in a community, areas have no lines. ``label`` is [lon, lat, metres]: the point
    farthest from the border, and how far that is. ``rings`` are drawn by the even-odd rule: holes and parts alike.
    """
    grids = grids_within(moment, layer, within)
    exact = moment.geometries(grids)
    shapes = _simplified(exact)
    base = grids if layer == moment.default_layer.code else grids_within(moment, moment.default_layer.code, within)
    base_shapes = shapes if base is grids else _simplified(moment.geometries(base))
    chains = [moment.area_chain(grid.community_id) for grid in base]
    origin = _origin(shapes, base_shapes)
    return {
        "origin": origin.tolist(),
        "units_per_metre": UNITS_PER_METRE,
        "tiling": moment.layer(layer).tiling,
        "grids": _grids(moment, grids, exact, shapes, origin),
        "areas": _areas(chains, base_shapes),
        "borders": _borders(chains, base_shapes, origin),
        "stations": stations_content(moment),
    }


def grids_within(moment: Moment, layer: str, area: str | None) -> Sequence[GridVersion]:
    """The grids of a layer, in code order; those of one area where its code is given.

    Raises
    ------
    NotKnownError
        There is no such layer or area.
    """
    grids = moment.grids(layer)
    if area is None:
        return grids
    inside = moment.within(area)
    return tuple(grid for grid in grids if grid.community_id in inside)


def _grids(
    moment: Moment,
    grids: Sequence[GridVersion],
    exact: NDArray[np.object_],
    shapes: NDArray[np.object_],
    origin: NDArray[np.int64],
) -> list[dict[str, Any]]:
    communities = {grid.community_id: moment.area_by_id(grid.community_id) for grid in grids}
    codes = {area_id: area.code if area else None for area_id, area in communities.items()}
    drawn = zip(
        grids, _rings(shapes, origin), colour_indices(exact).tolist(), roomiest_points(shapes).tolist(), strict=True
    )
    return [
        {
            "code": grid.code,
            "name": grid.name,
            "kind": grid.kind,
            "community": codes[grid.community_id],
            "households": grid.households,
            "colour": colour,
            "label": label,
            "rings": rings,
        }
        for grid, rings, colour, label in drawn
    ]


def _origin(*shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the south-west corner of what is drawn, in the units of the lines."""
    bounds = shapely.total_bounds(np.concatenate(shapes))[:2] if any(len(some) for some in shapes) else np.zeros(2)
    corner: NDArray[np.int64] = mercator_units(bounds[None])[0]
    return corner


def _territory_digest(moment: Moment, layer: str) -> str:
    digest = hashlib.sha256(orjson.dumps([_FORMAT, layer, moment.layer(layer).tiling]))
    for code in dict.fromkeys((layer, moment.default_layer.code)):
        grids = moment.grids(code)
        digest.update(orjson.dumps([grid.version_id for grid in grids]))
        digest.update(orjson.dumps([[grid.code, grid.name, grid.kind, grid.households] for grid in grids]))
        digest.update(orjson.dumps([[area.code for area in moment.area_chain(grid.community_id)] for grid in grids]))
        shapes = moment.geometries(grids)
        # Some at once: as bytes all of a large layer would take as much again.
        for first in range(0, len(shapes), _AT_ONCE):
            digest.update(b"".join(shapely.to_wkb(shapes[first : first + _AT_ONCE])))
    digest.update(orjson.dumps([[area.code, area.name, area.level] for area in moment.areas.values()]))
    return digest.hexdigest()[:24]


def _simplified(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the same tiling with fewer vertices, common borders still common, rounded to the digits that are sent."""
    if not len(shapes):
        return shapes
    west, south, east, north = shapely.total_bounds(shapes)
    per_lon, per_lat = metres_per_degree((south + north) / 2)
    width = max((east - west) * per_lon, (north - south) * per_lat)
    tolerance = min(max(width * _DETAIL, _FINEST_METRES), _COARSEST_METRES)
    scale = np.array([per_lon, per_lat])
    plane = shapely.transform(shapes, lambda points: (points - [west, south]) * scale)
    simpler = shapely.coverage_simplify(plane, tolerance)
    return np.asarray(shapely.transform(simpler, lambda points: np.round(points / scale + [west, south], _DIGITS)))


def _rings(shapes: NDArray[np.object_], origin: NDArray[np.int64]) -> list[list[str]]:
    """Encode every ring of every shape."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    found: list[list[str]] = [[] for _ in shapes]
    for position, text in zip(owner[part].tolist(), _encoded(rings, origin), strict=True):
        found[position].append(text)
    return found


def _encoded(lines: NDArray[np.object_], origin: NDArray[np.int64]) -> list[str]:
    points, line = shapely.get_coordinates(lines, return_index=True)
    starts = np.searchsorted(line, np.arange(len(lines) + 1)).tolist()
    return encoded_lines(mercator_units(points), starts, origin)


def _areas(chains: Sequence[tuple[Area, ...]], shapes: NDArray[np.object_]) -> list[dict[str, Any]]:
    """Every area that has grids, with where it lies and what is above it."""
    members: dict[str, list[int]] = {}
    found: dict[str, tuple[Area, str | None, int]] = {}
    for place, chain in enumerate(chains):
        for depth, area in enumerate(chain):
            members.setdefault(area.code, []).append(place)
            parent = chain[depth + 1].code if depth + 1 < len(chain) else None
            found[area.code] = (area, parent, depth)
    # Rounding can make a shape touch itself.
    sound = shapely.make_valid(shapes)
    unions = np.empty(len(found), dtype=object)
    unions[:] = [shapely.union_all(sound[members[code]], grid_size=10**-_DIGITS) for code in found]
    labels = roomiest_points(unions).tolist()
    return [
        {
            "code": area.code,
            "name": area.name,
            "level": area.level,
            "parent": parent,
            "depth": depth,
            "grids": len(members[area.code]),
            "label": label,
            "bounds": [round(value, _DIGITS) for value in shapely.bounds(union).tolist()],
        }
        for (area, parent, depth), union, label in zip(found.values(), unions, labels, strict=True)
    ]


def _borders(
    chains: Sequence[tuple[Area, ...]], shapes: NDArray[np.object_], origin: NDArray[np.int64]
) -> list[list[str]]:
    """Encode the lines around communities, then those around the areas above them."""
    borders = []
    for depth in range(min(max((len(chain) for chain in chains), default=0), 3)):
        groups = np.array([chain[depth].area_id if depth < len(chain) else -1 for chain in chains], dtype=np.int64)
        borders.append(_encoded(shapely.get_parts(dividing_lines(shapes, groups)), origin))
    return borders
