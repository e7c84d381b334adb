"""The tiles of the ground that were made of the present state of its tables, and which state that is."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import psycopg

from geodata.basemap import Bounds, base_extent, base_tile, base_version
from service.maps.packed import Packed, packed_bytes
from service.maps.tile_memory import TileMemory
from service.maps.tile_shapes import FINEST_ZOOM, Tile

_ASKED_EVERY_SECONDS: Final = 5.0

Opened = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]


@dataclass(frozen=True, slots=True)
class BaseState:
    """One state of the ground: what tells it from others, the box around it, which kinds of things there are."""

    version: str
    bounds: Bounds | None
    layers: tuple[str, ...]

    def content(self) -> dict[str, Any]:
        """What a page begins with; the address is below the root path."""
        return {
            "version": self.version,
            "bounds": self.bounds,
            "layers": self.layers,
            "url": f"/basemap/{{z}}/{{x}}/{{y}}.mvt?v={self.version}",
            "max_zoom": FINEST_ZOOM,
        }


class BaseTiles:
    """Asks a database for the ground, and keeps what it said."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._memory = TileMemory()
        self._state: BaseState | None = None
        self._asked_at = -_ASKED_EVERY_SECONDS
        self._lock = Lock()

    def state(self) -> BaseState:
        """The present state, as it was a few seconds ago.

        Raises
        ------
        UnavailableError
            The database is away.
        """
        with self._lock:
            if self._state is None or time.monotonic() - self._asked_at >= _ASKED_EVERY_SECONDS:
                with self._opened() as connection:
                    version = base_version(connection)
                    if self._state is None or self._state.version != version:
                        self._state = BaseState(version, *base_extent(connection))
                self._asked_at = time.monotonic()
            return self._state

    def kept(self, version: str, tile: Tile) -> Packed | None:
        """A tile of some state, where it is still kept: the database is not asked."""
        return self._memory.get(version, tile)

    def tile(self, state: BaseState, tile: Tile) -> Packed:
        """A tile of the present state.

        Raises
        ------
        UnavailableError
            The database is away.
        """
        known = self._memory.get(state.version, tile)
        if known is None:
            with self._opened() as connection:
                body = base_tile(connection, *tile)
            known = packed_bytes(body, etag_of(state.version, tile))
            self._memory.keep(state.version, tile, known)
        return known


def etag_of(version: str, tile: Tile) -> str:
    """Mark of a tile: a state and a place make it what it is."""
    return f'"{version}-{tile.z}-{tile.x}-{tile.y}"'
