"""The compiled entry points of the grid index, and their cache on disk.

numba keeps compiled code beside the sources, or under ``NUMBA_CACHE_DIR``: where the sources lie in a folder that the
service may not write and that variable is not set, in the user's cache folder, and where that is not writable either,
each process compiles anew for about half a minute. `geodata.grid.index.warm` fills the cache: call it at set-up, as the
user who will serve.
"""

import threading
from pathlib import Path
from typing import Any, Final

from numba import types

from geodata import crs, machine_code
from geodata.grid import cells, exact, leaves, nearest, raster

_MODULES: Final = (crs, exact, cells, raster, leaves, nearest)

_reals: Final = types.Array(types.float64, 1, "C", readonly=True)
_points: Final = types.Array(types.float64, 2, "C", readonly=True)
_words: Final = types.Array(types.int32, 1, "C", readonly=True)
_rows: Final = types.Array(types.int32, 2, "C", readonly=True)
_flags: Final = types.Array(types.boolean, 1, "C", readonly=True)
_cells: Final = (_reals, _words, _words, _points)
_place: Final = (types.float64, types.float64)
# One signature for each: a call can then never start a compilation, whatever array it brings.
_SIGNATURES: Final[tuple[tuple[Any, tuple[Any, ...]], ...]] = (
    (cells.owner_at, (*_cells, _flags, *_place, types.int64)),
    (cells.owners_into, (*_cells, _flags, _reals, _reals, types.int32[::1], types.int8[::1])),
    (cells.candidates_at, (_reals, _words, _words, _flags, *_place)),
    (nearest.nearest_at, (*_cells, _rows, _points, _words, _flags, *_place, types.int64)),
    (exact.border_metres, (_points, _words, types.int64, types.int64, *_place)),
)
_lock: Final = threading.Lock()


def compile_lookups() -> None:
    """Load or compile the entry points once in this process; later calls return at once."""
    with _lock:
        if cells.owner_at.signatures:
            return
        cache = cells.owner_at.stats.cache_path
        if cache:
            discard_outdated(Path(cache), _source_hash())
        for function, signature in reversed(_SIGNATURES):
            function.compile(signature)
            function.disable_compile()


def discard_outdated(cache: Path, source_hash: str) -> None:
    """Delete what a cache folder keeps of the grid index, unless it was kept under this hash of the sources."""
    names = [module.__name__.rpartition(".")[2] for module in _MODULES]
    machine_code.discard_outdated(cache, "grid-index", names, source_hash)


def _source_hash() -> str:
    return machine_code.source_hash(Path(str(module.__file__)) for module in _MODULES)
