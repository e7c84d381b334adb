"""The register as arrays: names, stems (the names that many entries share) and rows (their numbers), sorted."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from geodata.address.entries import Entry
from geodata.address.heads import heads_of
from geodata.address.numerals import counted_otherwise
from geodata.address.reading import CORES, Names, Packed, folded, own_names, read_chunk
from geodata.address.values import Progress, unheard
from geodata.address.vocabulary import build_vocabulary
from geodata.address.words import SLOTS

__all__ = ["CORES", "compile_chunks", "compile_entries", "folded"]

_CHUNK: Final = 5000
_TOWNS: Final = ("区", "县", "旗", "市", "镇", "乡")


@dataclass(slots=True)
class _Register:
    """Chunks put together."""

    names: Names = field(default_factory=Names)
    chains: dict[tuple[int, ...], int] = field(default_factory=dict)
    stems: dict[tuple[int, ...], int] = field(default_factory=dict)
    stem: list[NDArray[np.int32]] = field(default_factory=list)
    entry: list[NDArray[np.int32]] = field(default_factory=list)
    chunks: list[Packed] = field(default_factory=list)
    entries: int = 0

    def add(self, chunk: Packed) -> None:
        """Take in a chunk, its numbers exchanged for those of the whole."""
        name_of = self.names.join(chunk.names)
        chain_of = np.array(
            [
                self.chains.setdefault(tuple(name_of[list(chain)].tolist()) if chain else (), len(self.chains))
                for chain in chunk.chains
            ],
            dtype=np.int32,
        )
        stems = np.column_stack([name_of[chunk.stems[:, :CORES]], chain_of[chunk.stems[:, CORES]]])
        stem_of = np.array(
            [self.stems.setdefault(tuple(stem), len(self.stems)) for stem in stems.tolist()], dtype=np.int32
        )
        self.stem.append(stem_of[chunk.stem])
        self.entry.append(chunk.entry + self.entries)
        self.entries += len(chunk.points)
        self.chunks.append(chunk)

    def joined(self, name: str) -> NDArray[Any]:
        """One array of all chunks, one after another."""
        arrays: NDArray[Any] = np.concatenate([getattr(chunk, name) for chunk in self.chunks])
        return arrays


def compile_entries(entries: Sequence[Entry], folder: Path, progress: Progress = unheard) -> None:
    """Write the arrays of a register into a folder.

    Parameters
    ----------
    folder
        Exists and is empty.
    progress
        Is told how many entries are read, of how many.
    """
    known = {name for entry in entries for name in own_names(entry)}
    compile_chunks(_chunked(entries, progress), folder, known)


def compile_chunks(
    chunks: Iterable[Sequence[Entry]],
    folder: Path,
    known: Collection[str],
    *,
    areas: Collection[str] = (),
    processes: int = 1,
) -> None:
    """As `compile_entries`, of entries that come some at a time.

    Parameters
    ----------
    known
        Folded names of areas, roads and compounds: they decide where a name ends in an entry that is only a text.
    areas
        Folded names of areas that no entry may lie in: they are known as areas all the same.
    processes
        How many processes read entries, this one not among them; with 1 it reads them itself.
    """
    register = _Register()
    with _reader(frozenset(known), processes) as read:
        for chunk in read(chunks):
            register.add(chunk)
    if not register.chunks:
        register.add(read_chunk((), frozenset()))
    register.names.areas.update(name for area in areas if (name := register.names.of(area)) >= 0)
    arrays = {**_sorted_rows(register), **_named(register), **_written(register)}
    arrays |= heads_of(arrays)
    for file, array in arrays.items():
        np.save(folder / f"{file}.npy", array)
    (folder / "meta.json").write_bytes(orjson.dumps({"entries": register.entries, "rows": len(arrays["row_entries"])}))


def _chunked(entries: Sequence[Entry], progress: Progress) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), _CHUNK):
        progress(start, len(entries))
        yield entries[start : start + _CHUNK]
    progress(len(entries), len(entries))


@contextmanager
def _reader(known: frozenset[str], processes: int) -> Iterator[Any]:
    """What turns chunks of entries into arrays, in their order."""
    if processes <= 1:
        yield partial(map, lambda chunk: read_chunk(chunk, known))
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_know, initargs=(known,)) as pool:
        try:
            yield partial(_ahead, pool, processes)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _ahead(pool: ProcessPoolExecutor, processes: int, chunks: Iterable[Sequence[Entry]]) -> Iterator[Packed]:
    """Chunks as they are read by a pool; no more of them are taken than it needs to stay busy."""
    coming = iter(chunks)
    waiting = [pool.submit(_read_known, chunk) for chunk in islice(coming, processes + 1)]
    while waiting:
        yield waiting.pop(0).result()
        waiting += [pool.submit(_read_known, chunk) for chunk in islice(coming, 1)]


_KNOWN: list[frozenset[str]] = []
"""What a reading process was told at its start."""


def _know(known: frozenset[str]) -> None:
    _KNOWN[:] = [known]


def _read_known(entries: Sequence[Entry]) -> Packed:
    return read_chunk(entries, _KNOWN[0])


def _sorted_rows(register: _Register) -> dict[str, NDArray[Any]]:
    """Stems in order of their names, rows in order of their stems and numbers."""
    stems = np.array(list(register.stems), dtype=np.int32).reshape(-1, CORES + 1)
    order = np.lexsort(stems.T[::-1])
    place = np.empty(len(stems), dtype=np.int32)
    place[order] = np.arange(len(stems), dtype=np.int32)
    slots = register.joined("slots")
    stem = place[np.concatenate(register.stem)]
    sorting = np.lexsort((*slots.T[::-1], stem))
    return {
        "stems": stems[order],
        "stem_starts": np.searchsorted(stem[sorting], np.arange(len(stems) + 1)).astype(np.int32),
        "slots": np.ascontiguousarray(slots[sorting]).reshape(-1, SLOTS),
        "row_entries": np.concatenate(register.entry)[sorting],
        **_listed("chain", list(register.chains)),
        "chain_towns": _towns(register),
    }


def _towns(register: _Register) -> NDArray[np.int32]:
    """The narrowest district or town of each chain, -1 for none: the same name in two of them is two places."""
    town = {name for text, name in register.names.ids.items() if text.endswith(_TOWNS) and not text.endswith("社区")}
    return np.array(
        [next((name for name in reversed(chain) if name in town), -1) for chain in register.chains], np.int32
    )


def _named(register: _Register) -> dict[str, NDArray[Any]]:
    """Names, the forms that they are found by, and the stems of each."""
    names = register.names
    for text, name in list(names.ids.items()):
        for other in _counted(text):
            names.also(other, name)
    forms = [*names.ids, *(alias for alias, owners in names.aliases.items() for _ in owners)]
    owned = [pair for sections in names.aliases.values() for pair in sorted(sections.items())]
    owners = [*range(len(names.ids)), *(name for name, _ in owned)]
    vocabulary = build_vocabulary(forms)
    core = np.zeros(len(names.ids), dtype=np.bool_)
    core[list(names.cores)] = True
    area = np.zeros(len(names.ids), dtype=np.bool_)
    area[list(names.areas)] = True
    by_name: dict[int, list[int]] = {}
    for position, stem in enumerate(sorted(register.stems)):
        for name in set(stem[:CORES]):
            if name >= 0:
                by_name.setdefault(name, []).append(position)
    return {
        **{f"form_{name}": array for name, array in vocabulary.arrays.items()},
        "form_names": np.array(owners, dtype=np.int32),
        "form_sections": np.array([*([0] * len(names.ids)), *(section for _, section in owned)], dtype=np.int32),
        "core": core,
        "area": area,
        **_listed("name_stem", [by_name.get(name, []) for name in range(len(core))]),
        "name_keys": np.array([_key(name) for name in names.ids], dtype=np.int64),
        **_texts("name", [name.encode() for name in names.ids]),
    }


_counted = lru_cache(maxsize=1 << 16)(counted_otherwise)


def _key(name: str) -> int:
    """A number that stands for a name in every register: never 0, which stands for none."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True) or 1


def _written(register: _Register) -> dict[str, NDArray[Any]]:
    keys = register.joined("keys")
    text_keys = register.joined("text_keys")
    order = np.argsort(text_keys, kind="stable").astype(np.int32)
    return {
        "text_keys": text_keys[order],
        "text_order": order,
        "points": register.joined("points"),
        "kinds": register.joined("kinds"),
        "keys": keys,
        "key_order": np.argsort(keys, kind="stable").astype(np.int32),
        **_concatenated("text", [chunk.texts for chunk in register.chunks], register.joined("text_sizes")),
        **_concatenated("code", [chunk.codes for chunk in register.chunks], register.joined("code_sizes")),
    }


def _listed(name: str, lists: Sequence[Sequence[int]]) -> dict[str, NDArray[Any]]:
    """Lists one after another, and where each begins."""
    starts = np.r_[0, np.cumsum([len(one) for one in lists])].astype(np.int32)
    return {f"{name}_starts": starts, f"{name}s": np.array([x for one in lists for x in one], dtype=np.int32)}


def _texts(name: str, texts: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """Texts in UTF-8 one after another, and where each begins."""
    return _concatenated(name, texts, np.array([len(text) for text in texts], dtype=np.int64))


def _concatenated(name: str, pieces: Sequence[bytes], sizes: NDArray[Any]) -> dict[str, NDArray[Any]]:
    starts = np.r_[0, np.cumsum(sizes, dtype=np.int64)].astype(np.int64)
    return {f"{name}_starts": starts, f"{name}s": np.frombuffer(b"".join(pieces), dtype=np.uint8)}
