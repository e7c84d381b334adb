"""What is kept compiled of the walking network is of its sources as they are now."""

from functools import cache
from pathlib import Path
from typing import Final

from geodata import machine_code, metres
from geodata.station.network.heap import push
from geodata.station.walls import walls_between

_NETWORK: Final = Path(__file__).parent
# A function that numba compiled of each folder: numba alone knows where it keeps what.
_FOLDERS: Final = ((_NETWORK, push), (_NETWORK.parent, walls_between))


@cache
def discard_outdated() -> None:
    """Delete what was compiled of other sources; once in a process, before anything of it is read."""
    ours = [source for source in sorted(_NETWORK.parent.rglob("*.py")) if b"njit" in source.read_bytes()]
    sources = [Path(str(metres.__file__)), *ours]
    of_sources = machine_code.source_hash(sources)
    for folder, function in _FOLDERS:
        kept = function.stats.cache_path
        if kept:
            names = [source.stem for source in sources if source.parent == folder]
            machine_code.discard_outdated(Path(kept), "walking-network", names, of_sources)
