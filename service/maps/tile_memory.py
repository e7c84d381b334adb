"""Tiles that were asked for lately, as many as fit into some megabytes."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from service.maps.packed import Packed
from service.maps.tile_shapes import Tile

_LARGEST_BYTES: Final = 48_000_000
# A key, a record and their places in the table.
_EACH_BYTES: Final = 400

_Key = tuple[str, Tile]


class TileMemory:
    """Keeps tiles by what tells their state, and their place; the one not asked for longest goes first.

    Parameters
    ----------
    largest_bytes
        How much they may take together.
    """

    def __init__(self, largest_bytes: int = _LARGEST_BYTES) -> None:
        self._largest = largest_bytes
        self._kept: OrderedDict[_Key, Packed] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, version: str, tile: Tile) -> Packed | None:
        """A tile, where it is kept."""
        key = (version, tile)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        return found

    def keep(self, version: str, tile: Tile, found: Packed) -> None:
        """Keep a tile."""
        key = (version, tile)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = found
                self._bytes += len(found.gzipped) + _EACH_BYTES
            while self._bytes > self._largest:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.gzipped) + _EACH_BYTES
