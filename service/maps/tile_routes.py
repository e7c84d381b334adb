"""Vector tiles over HTTP: the grids out of memory, the ground out of PostGIS; and the index of a large layer.

An address with the right version ``v`` may be kept for ever; others are asked about again, by their mark.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from geodata.errors import NotKnownError
from service.dependencies import current_snapshot, instant_of, serving
from service.maps.base_tiles import BaseTiles, etag_of
from service.maps.large_layers import LayerState
from service.maps.layers import map_layers
from service.maps.mvt import MEDIA_TYPE
from service.maps.packed import Packed, answer, packed, packed_bytes, unchanged
from service.maps.tile_memory import TileMemory
from service.maps.tile_shapes import FINEST_ZOOM, Tile

router = APIRouter(include_in_schema=False, default_response_class=Response)

_MEMORY: Final = TileMemory()
_NOTHING: Final = b""

Version = Annotated[str | None, Query(max_length=64)]
Place = Annotated[int, Path(ge=0, lt=1 << 31)]


@router.get("/tiles/{layer}/{z}/{x}/{y}.mvt")
async def grid_tile(
    request: Request, layer: str, z: Place, x: Place, y: Place, v: Version = None, as_of: str | None = None
) -> Response:
    """One tile of a layer's grids."""
    tile = _tile(z, x, y)
    state = map_layers().kept(layer, v) if v else None
    if state is None:
        state = await run_in_threadpool(_state, request, layer, as_of)
    right = v == state.version
    mark = etag_of(state.version, tile)
    known = unchanged(request, mark, for_ever=right)
    if known is not None:
        return known
    found = _MEMORY.get(state.version, tile)
    if found is None and state.ground.is_outside(tile):
        found = Packed(_NOTHING, mark)
    if found is None:
        found = await run_in_threadpool(_made, state, tile, mark)
    return answer(request, found, MEDIA_TYPE, for_ever=right)


@router.get("/maps/grids/index")
def grid_index(request: Request, layer: str | None = None, v: Version = None, as_of: str | None = None) -> Response:
    """Every grid of a layer in light columns."""
    state = map_layers().kept(layer, v) if layer and v else None
    if state is None:
        state = _state(request, layer, as_of)
    return answer(request, state.index, "application/json", for_ever=v == state.version)


@router.get("/basemap")
def base_map(request: Request) -> Response:
    """What there is of the ground, and where its tiles are."""
    return answer(request, packed(_base(request).state().content()), "application/json")


@router.get("/basemap/{z}/{x}/{y}.mvt")
async def base_map_tile(request: Request, z: Place, x: Place, y: Place, v: Version = None) -> Response:
    """One tile of the ground."""
    tile = _tile(z, x, y)
    found = _base(request).kept(v, tile) if v else None
    if found is not None:
        return answer(request, found, MEDIA_TYPE, for_ever=True)
    return await run_in_threadpool(_base_answer, request, tile, v)


def _base_answer(request: Request, tile: Tile, version: str | None) -> Response:
    base = _base(request)
    state = base.state()
    right = version == state.version
    known = unchanged(request, etag_of(state.version, tile), for_ever=right)
    return known or answer(request, base.tile(state, tile), MEDIA_TYPE, for_ever=right)


def _tile(z: int, x: int, y: int) -> Tile:
    """A tile that exists.

    Raises
    ------
    NotKnownError
        It lies beyond the finest zoom or the ends of the world.
    """
    if z > FINEST_ZOOM or not (x < 1 << z and y < 1 << z):
        raise NotKnownError(
            f"there is no tile {z}/{x}/{y}: zooms go from 0 to {FINEST_ZOOM}, columns and rows from 0 to 2^zoom - 1",
            f"没有瓦片 {z}/{x}/{y}：级别为 0 至 {FINEST_ZOOM}，行列号为 0 至 2^级别-1",
        )
    return Tile(z, x, y)


def _state(request: Request, layer: str | None, as_of: str | None) -> LayerState:
    moment = current_snapshot(request).moment(instant_of(as_of or None, serving(request).zone))
    return map_layers().state(moment, layer or moment.default_layer.code)


def _made(state: LayerState, tile: Tile, mark: str) -> Packed:
    found = packed_bytes(state.tiles.tile(tile), mark)
    _MEMORY.keep(state.version, tile, found)
    return found


def _base(request: Request) -> BaseTiles:
    """The tiles of the ground of this application."""
    held = request.app.state
    found: BaseTiles | None = getattr(held, "base_tiles", None)
    if found is None:
        found = held.base_tiles = BaseTiles(serving(request).database)
    return found
