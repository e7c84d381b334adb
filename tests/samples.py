"""Sample cities, each generated once in a run, whichever worker asks first: a test that changes one changes a copy."""

import fcntl
import pickle
from functools import cache
from pathlib import Path

from geodata.sample import SampleCity, generate

# The city is asked for by one worker alone, and is large.
SHARED = ("street", "district")
_kept: list[Path] = []


def share_in(folder: Path) -> None:
    """Keep what is generated from now on in a folder that all workers of a run share."""
    _kept[:] = [folder]


@cache
def sample(size: str) -> SampleCity:
    """The sample of a size and the usual seed."""
    return _shared(_kept[0] / f"{size}.pickle", size) if _kept and size in SHARED else generate(size)


def _shared(path: Path, size: str) -> SampleCity:
    with path.open("a+b") as file:
        # Who comes second waits, and reads.
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if written := file.read():
            city: SampleCity = pickle.loads(written)
            return city
        city = generate(size)
        pickle.dump(city, file, protocol=pickle.HIGHEST_PROTOCOL)
        return city
