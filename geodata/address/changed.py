"""What changed in the register since its base was compiled: found by keys, compiled to a small register of its own."""

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from geodata.address.areas import AreaChains
from geodata.address.base import DAMAGED, Base, program
from geodata.address.compile import compile_chunks
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex
from geodata.address.moved import moved_keys
from geodata.address.reading import folded, own_names
from geodata.address.sources import (
    ADDRESSES,
    SMALL,
    Marks,
    Source,
    addresses_changed,
    read_addresses_of,
    read_areas_once,
    read_entries,
    read_keys,
)  # fmt: skip

_KEPT: Final = 4

Keys = NDArray[np.int64]
_NONE: Final = np.zeros(0, np.int64)
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Changed:
    """What a base lacks, and the keys of what it has and should not."""

    entries: tuple[Entry, ...]
    gone: Keys
    whole: bool = True
    """Whether entries that lie in other areas now are among them; False where they are too many."""

    def __len__(self) -> int:
        return len(self.entries) + len(self.gone)


class Changes:
    """Finds what changed since a base was compiled, reading anew only what changed since it was asked last.

    Parameters
    ----------
    base, index
        The base and its arrays.
    """

    def __init__(self, base: Base, index: AddressIndex) -> None:
        self.base = base
        self.index = index
        self._known: dict[str, tuple[Any, Any]] = {}

    def since(
        self, connection: Connection[Any], marks: Marks, areas: AreaChains, at: int, until: int
    ) -> Changed | None:
        """All that changed, as it is at an instant (microseconds); None where addresses changed by too many to list.

        Parameters
        ----------
        marks
            Of the present state.
        until
            When a record begins or ends next.
        """
        elsewhere = self._kept("moved", areas.version, partial(self._moved, connection, areas))
        moved = _NONE if elsewhere is None else elsewhere
        state: Any = (marks.of((ADDRESSES,)), areas.version)
        found = [self._kept(ADDRESSES, state, partial(self._addresses, connection, areas, moved))]
        for source in SMALL:
            state = (marks.of(source.tables), areas.version, until)
            find = partial(self._small, connection, source, areas, moved, at)
            found.append(self._kept(source.query, state, find))
        known = [changed for changed in found if changed is not None]
        if len(known) < len(found):
            return None
        entries = tuple(entry for changed in known for entry in changed.entries)
        return Changed(entries, np.concatenate([changed.gone for changed in known]), whole=elsewhere is not None)

    def _kept(self, name: str, state: Any, find: Callable[[], _Found]) -> _Found:
        known = self._known.get(name)
        if known is None or known[0] != state:
            known = self._known[name] = (state, find())
        found: _Found = known[1]
        return found

    def _moved(self, connection: Connection[Any], areas: AreaChains) -> Keys | None:
        """Keys of what lies in other areas than when the base was compiled; None for too many."""
        if areas.version == self.base.areas:
            return _NONE
        before = read_areas_once(connection, self.base.area_versions)
        return moved_keys(self.index, before, areas) if before.version == self.base.areas else None

    @cached_property
    def names(self) -> tuple[list[str], list[str]]:
        """Names of areas that the base knows, and its other names."""
        return self.index.names(areas=True), self.index.names(areas=False)

    def _addresses(self, connection: Connection[Any], areas: AreaChains, moved: Keys) -> Changed | None:
        version, raised_by = self.base.parts.get(ADDRESSES, (0, "0"))
        keys = addresses_changed(connection, version, raised_by)
        if keys is None:
            return None
        start, end = self.base.spans[ADDRESSES]
        keys = np.union1d(keys, _among(moved, self.index.keys[start:end]))
        entries = read_addresses_of(connection, keys.tolist(), areas) if len(keys) else []
        return Changed(tuple(entries), keys)

    def _small(self, connection: Connection[Any], source: Source, areas: AreaChains, moved: Keys, at: int) -> Changed:
        start, end = self.base.spans[source.query]
        held = np.setdiff1d(self.index.keys[start:end], moved)
        present = read_keys(connection, source, at)
        added = np.setdiff1d(present, held, assume_unique=True)
        entries = read_entries(connection, source, at, areas, added.tolist()) if len(added) else []
        return Changed(tuple(entries), np.setdiff1d(self.index.keys[start:end], np.intersect1d(held, present)))


def _among(keys: Keys, held: Keys) -> Keys:
    """Those of some keys that are among many."""
    return keys[np.isin(keys, held)] if len(keys) else keys


def open_changed(home: Path, changes: Changes, areas: AreaChains, entries: Sequence[Entry]) -> AddressIndex | None:
    """Entries and names of areas that a base lacks as a register of their own, which every process maps; None for none.

    Parameters
    ----------
    home
        Folder of the compiled register.
    changes
        Of the base: names that it knows are known here too.
    """
    if not entries and areas.version == changes.base.areas:
        return None
    content = repr((changes.base.name, program(), areas.version, [(entry.key, entry.code) for entry in entries]))
    folder = home / f"delta-{sha256(content.encode()).hexdigest()[:24]}"
    with (home / "delta.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return AddressIndex(folder)
        except DAMAGED:
            shutil.rmtree(folder, ignore_errors=True)
        unfinished = Path(tempfile.mkdtemp(prefix="changing-", dir=home))
        known_areas, known_names = changes.names
        area_names = list(dict.fromkeys([*known_areas, *(folded(name) for name in areas.names)]))
        known = {*area_names, *known_names, *(one for entry in entries for one in own_names(entry))}
        compile_chunks([entries], unfinished, known, areas=area_names)
        unfinished.rename(folder)
        _forget_older(home, folder)
        return AddressIndex(folder)


def _forget_older(home: Path, current: Path) -> None:
    made = sorted(home.glob("delta-*"), key=lambda folder: folder.stat().st_mtime)
    stale = [folder for folder in made[:-_KEPT] if folder != current]
    for folder in [*stale, *home.glob("changing-*")]:
        shutil.rmtree(folder, ignore_errors=True)
