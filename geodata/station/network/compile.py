"""What walks are counted on, made from PostGIS in folders of their own, each named by the versions that it is made of.

A folder for the network, one for where people live, one for how these reach the network: a changed address makes no
network anew, a moved street reads no addresses. ``current`` names the three, with the profiles.

``python -m geodata.station.network.compile HOME`` makes them in a process of its own, so that servers go on answering.
The URL of the database comes by standard input.
"""

import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
from psycopg import Connection, IsolationLevel

from geodata import database
from geodata.garbage_collection import without_collecting
from geodata.station.homes import Homes, read_homes
from geodata.station.network.arrays import Network, Progress
from geodata.station.network.build import build_network
from geodata.station.network.files import DAMAGED, read_record, write_records
from geodata.station.network.homes_connected import connect_homes
from geodata.station.network.places import PlaceIndex, place_index
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import Connectors
from geodata.station.network.sources import (
    HOME_TABLES,
    NETWORK_TABLES,
    Marks,
    read_barriers,
    read_lines,
    read_marks,
    read_profiles,
    read_stretch,
)
from geodata.station.network.walking import Walking

_KINDS: Final = ("network", "homes", "places")
_PARTS: Final[Mapping[str, Mapping[str, type[Any]]]] = {
    "network": {"network": Network},
    "homes": {"homes": Homes},
    "places": {"connectors": Connectors, "places": PlaceIndex},
}
"""The folders of a state, and the records in each."""
_READ: Final = ("barriers", "foot", "homes", "streets")
"""Modules beside this package that what is compiled depends on."""

_CURRENT: Final = "current.json"
_KEPT: Final = 2
_NICER: Final = 5
_SHORT: Final = 12


@dataclass(frozen=True, slots=True)
class State:
    """What a walking network is made of.

    Parameters
    ----------
    program
        Which program wrote it: another one may write other arrays.
    database_id
        Identity of the database.
    network, homes, places
        Names of the folders.
    profiles
        Ways of walking, the one that is meant without being named first.
    at
        When this was read, microseconds since 1970-01-01 UTC.
    until
        When people live elsewhere by itself, as a building begins or ends; `sources.FOREVER` for never.
    """

    program: str
    database_id: str
    network: str
    homes: str
    places: str
    profiles: Sequence[Mapping[str, Any]]
    at: int
    until: int

    def same(self, other: "State") -> bool:
        """Whether another has the same content."""
        return self.names == other.names and self.profiles == other.profiles

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the folders."""
        return self.network, self.homes, self.places

    @property
    def version(self) -> str:
        """Of all of it."""
        return _digest(self.places, self.profiles)


@cache
def program() -> str:
    """A digest of the code that compiles: arrays of another one are made anew."""
    digest, folder = sha256(), Path(__file__).parent
    read = [path for name in _READ for path in folder.parent.glob(f"{name}.*")]
    for path in sorted([*folder.glob("*.*"), *read]):
        if path.suffix in (".py", ".sql"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def read_state(connection: Connection[Any], marks: Marks, at: int) -> State:
    """What the walking network of the database's present state is made of."""
    since, until = read_stretch(connection, at)
    network = f"network-{_digest(program(), marks.database_id, marks.of(NETWORK_TABLES))}"
    homes = f"homes-{_digest(program(), marks.database_id, marks.of(HOME_TABLES), since)}"
    profiles = [asdict(profile) for profile in read_profiles(connection).values()]
    places = f"places-{_digest(network, homes)}"
    return State(program(), marks.database_id, network, homes, places, profiles, at, until)


def newest_state(home: Path) -> State | None:
    """What was compiled last by this program; None where there is nothing."""
    try:
        state = State(**orjson.loads((home / _CURRENT).read_bytes()))
    except DAMAGED:
        return None
    return state if state.program == program() else None


def open_walking(home: Path, state: State, before: Walking | None = None) -> Walking | None:
    """What was compiled, mapped; None, and what is damaged is forgotten, where files are missing or damaged.

    Parameters
    ----------
    before
        What is open: a network that stays the same is shared with it.
    """
    network = None if before is None else before.network
    if network is None or not state.network.endswith(network.version):
        network = _opened(home / state.network, "network", Network)
    homes, connectors = (
        _opened(home / state.homes, "homes", Homes),
        _opened(home / state.places, "connectors", Connectors),
    )
    places = _opened(home / state.places, "places", PlaceIndex)
    if network is None or homes is None or connectors is None or places is None:
        return None
    profiles = {profile.code: profile for profile in (Profile(**values) for values in state.profiles)}
    return Walking(network, homes, connectors, places, profiles, state.version, state.at)


def _opened(folder: Path, part: str, kind: type[Any]) -> Any:
    try:
        return read_record(folder, part, kind)
    except DAMAGED:
        shutil.rmtree(folder, ignore_errors=True)
        return None


def compiling(home: Path) -> bool:
    """Whether some process compiles now."""
    with suppress(*DAMAGED), (home / "compile.lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def make_walking(connection: Connection[Any], home: Path, progress: Progress | None = None) -> State:
    """Compile the database's present state, as far as it is not there already.

    Parameters
    ----------
    connection
        Outside any transaction.
    home
        Folder of the compiled network; made if it is missing.
    progress
        Is told how many of some stages are done.

    Notes
    -----
    Several processes may call this at once: the first compiles, the others find it done.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "compile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _one_state(connection):
            at = time.time_ns() // 1000
            state = read_state(connection, read_marks(connection), at)
            missing = {kind for kind, name in zip(_KINDS, state.names, strict=True) if not _is_whole(home, kind, name)}
            lines = read_lines(connection) if "network" in missing else []
            barriers = read_barriers(connection) if "network" in missing else []
            homes = read_homes(connection, at) if "homes" in missing else None
        _forget_unfinished(home)
        if "network" in missing:
            version = state.network.rpartition("-")[2]
            network = build_network(lines, barriers, version=version, compiled_at=at, progress=progress)
            write_records(home, state.network, network=network)
        if homes is not None:
            write_records(home, state.homes, homes=homes)
        if "places" in missing:
            _connect_homes(home, state)
        _point_to(home, state)
        _forget_older(home, state)
        return state


def _connect_homes(home: Path, state: State) -> None:
    network = read_record(home / state.network, "network", Network)
    homes = read_record(home / state.homes, "homes", Homes)
    connectors = connect_homes(network, homes, _connected_before(home, state))
    write_records(home, state.places, connectors=connectors, places=place_index(network, connectors))


def _connected_before(home: Path, state: State) -> tuple[Homes, Connectors] | None:
    """The homes that were connected to the same network before, and how; None where none are."""
    newest = newest_state(home)
    if newest is None or newest.network != state.network:
        return None
    homes = _opened(home / newest.homes, "homes", Homes)
    connectors = _opened(home / newest.places, "connectors", Connectors)
    return None if homes is None or connectors is None else (homes, connectors)


def _is_whole(home: Path, kind: str, name: str) -> bool:
    return all(_opened(home / name, part, record) is not None for part, record in _PARTS[kind].items())


def _point_to(home: Path, state: State) -> None:
    unfinished = home / f"{_CURRENT}.unfinished"
    unfinished.write_bytes(orjson.dumps(asdict(state)))
    unfinished.replace(home / _CURRENT)


def _forget_unfinished(home: Path) -> None:
    for folder in home.glob("unfinished-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _forget_older(home: Path, state: State) -> None:
    """Drop all but the last folders of each kind; who has them open keeps them."""
    for kind, current in zip(_KINDS, state.names, strict=True):
        folders = sorted(home.glob(f"{kind}-*"), key=lambda folder: folder.stat().st_mtime)
        for folder in [folder for folder in folders if folder.name != current][: -(_KEPT - 1)]:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _one_state(connection: Connection[Any]) -> Iterator[None]:
    """A transaction that sees one state of the data from its first query to its last."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with connection.transaction(), without_collecting():
            yield
    finally:
        connection.isolation_level = None


def _digest(*parts: Any) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:_SHORT]


def main(home: str) -> None:
    """Compile in this process; see the module."""
    os.nice(_NICER)
    # Told to end, it takes away what it has begun.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with database.connect(sys.stdin.readline().strip()) as connection:
        make_walking(connection, Path(home))


if __name__ == "__main__":
    main(sys.argv[1])
