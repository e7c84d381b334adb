"""The register as arrays: names, stems (the names that many entries share) and rows (their numbers), sorted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from geodata.address.entries import KINDS, Entry
from geodata.address.normalize import normalize
from geodata.address.numbering import numbered
from geodata.address.parse import Name, Reading, parse
from geodata.address.values import packed
from geodata.address.vocabulary import LONGEST_NAME, build_vocabulary
from geodata.address.words import SLOTS, Slot, Unit

Progress = Callable[[int, int], None]

CORES: Final = 3
"""Names by which an entry is found: its road, its compound, its place."""

_REPORTED: Final = 5000
_INNER: Final = {Unit.ENTRANCE: Slot.ENTRANCE, Unit.FLOOR: Slot.FLOOR, Unit.ROOM: Slot.ROOM}
_TOWNS: Final = ("区", "县", "旗", "市", "镇", "乡")
_FORMER: Final = ("原", "旧", "曾用名", "又名")


def unheard(_done: int, _total: int) -> None:
    """Progress that nobody follows."""


@dataclass(slots=True)
class _Names:
    """Names by their folded text, numbered as they come."""

    ids: dict[str, int] = field(default_factory=dict)
    aliases: dict[str, set[int]] = field(default_factory=dict)
    cores: set[int] = field(default_factory=set)

    def of(self, name: str, *, core: bool = False) -> int:
        """The number of a name, -1 for an empty one."""
        name = name.replace(" ", "")[:LONGEST_NAME]
        if not name:
            return -1
        found = self.ids.setdefault(name, len(self.ids))
        if core:
            self.cores.add(found)
        return found

    def also(self, alias: str, name: int) -> None:
        """Let a name be found by another one."""
        alias = alias.replace(" ", "")[:LONGEST_NAME]
        if alias and self.ids.get(alias) != name:
            self.aliases.setdefault(alias, set()).add(name)


@dataclass(slots=True)
class _Rows:
    """Rows as they are read, to be sorted."""

    names: _Names = field(default_factory=_Names)
    chains: dict[tuple[int, ...], int] = field(default_factory=dict)
    stems: dict[tuple[int, int, int, int], int] = field(default_factory=dict)
    stem: list[int] = field(default_factory=list)
    slots: list[tuple[int, ...]] = field(default_factory=list)
    entry: list[int] = field(default_factory=list)

    def add(self, position: int, entry: Entry, known: set[str]) -> None:
        """Read one entry."""
        reading = _read(entry, known)
        levels = [*(folded(area) for area in entry.areas), *(reading.areas.values())]
        chain = tuple(dict.fromkeys(self.names.of(area) for area in levels if area))
        cores = [self.names.of(reading.first(kind), core=True) for kind in ("road", "compound", "place")]
        if entry.aliases:
            main = next((core for core in reversed(cores) if core >= 0), -1)
            for alias in entry.aliases:
                _add_alias(self.names, alias, main)
        number = self.chains.setdefault(chain, len(self.chains))
        stem = self.stems.setdefault((cores[0], cores[1], cores[2], number), len(self.stems))
        for door in reading.doors or (reading.slots[Slot.DOOR],):
            values = [packed(value) for value in reading.slots]
            values[Slot.DOOR] = packed(door)
            self.stem.append(stem)
            self.slots.append(tuple(values))
            self.entry.append(position)


def compile_entries(entries: Sequence[Entry], folder: Path, progress: Progress = unheard) -> None:
    """Write the arrays of a register into a folder.

    Parameters
    ----------
    folder
        Exists and is empty.
    progress
        Is told how many entries are read, of how many.
    """
    known = {name for entry in entries for name in _own_names(entry)}
    rows = _Rows()
    for position, entry in enumerate(entries):
        if position % _REPORTED == 0:
            progress(position, len(entries))
        rows.add(position, entry, known)
    progress(len(entries), len(entries))
    arrays = {**_sorted_rows(rows), **_named(rows), **_written(entries)}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    (folder / "meta.json").write_bytes(orjson.dumps({"entries": len(entries), "rows": len(rows.stem)}))


def folded(text: str) -> str:
    """A name as it is matched."""
    return normalize(text).text.strip()


def _own_names(entry: Entry) -> Iterable[str]:
    yield from (folded(area) for area in entry.areas)
    yield from (folded(entry.parts[part]) for part in ("road", "compound") if entry.parts.get(part))
    if entry.kind in ("compound", "street"):
        yield folded(entry.text)


def _read(entry: Entry, known: set[str]) -> Reading:
    """The names and numbers of an entry: from its parts where there are any, else from its text."""
    parts = entry.parts
    if entry.kind in ("place", "compound", "street"):
        kind = "road" if entry.kind == "street" else entry.kind
        return _from_parts({kind: entry.text})
    if any(parts.get(name) for name in ("road", "compound", "building")):
        return _from_parts(parts)
    return parse(normalize(entry.text).text, known)


def _from_parts(parts: Any) -> Reading:
    """A reading of parts that are known: names from their own columns, numbers from theirs."""
    names = []
    slots = [""] * SLOTS
    for kind in ("road", "compound", "place"):
        text = folded(parts.get(kind) or "")
        if text:
            text = _without_section(text, slots)
            names.append(Name(text, kind, 0, len(text)))
    _fill(slots, folded(parts.get("number") or ""), Slot.DOOR)
    building = folded(parts.get("building") or "")
    if building and not _fill(slots, building, Slot.BUILDING) and not any(name.kind == "place" for name in names):
        names.append(Name(building, "place", 0, len(building)))
    _fill(slots, folded(parts.get("unit") or ""), Slot.ENTRANCE)
    return Reading({}, tuple(names), (), tuple(slots), ())


def _fill(slots: list[str], text: str, natural: Slot) -> bool:
    """Put the numbers of one column into slots: the first where the column says, others by their unit words."""
    if not text:
        return False
    reading = parse(text)
    if natural is Slot.DOOR:
        for slot in Slot:
            if reading.slots[slot] and not slots[slot]:
                slots[slot if slot is not Slot.BUILDING or reading.slots[Slot.DOOR] else Slot.DOOR] = reading.slots[
                    slot
                ]
        return bool(reading.numbers)
    found = numbered(text)
    if not found:
        return False
    value = found[0].value
    if found[0].linked and len(found) > 1:
        value = f"{value}-{found[1].value}"
        found = found[1:]
    if not slots[natural]:
        slots[natural] = value
    for number in found[1:]:
        inner = _INNER.get(number.unit)
        if inner is not None and not slots[inner]:
            slots[inner] = number.value
    return True


def _without_section(name: str, slots: list[str]) -> str:
    """A name without the phase or segment at its end, which becomes a number: 阳光花园二期, 南港路二段."""
    for number in numbered(name):
        if number.end == len(name) and number.start >= 2 and number.unit in (Unit.SECTION, Unit.SEGMENT):
            slot = Slot.SECTION if number.unit is Unit.SECTION else Slot.SEGMENT
            slots[slot] = number.value
            return name[: number.start]
    return name


def _add_alias(names: _Names, alias: str, name: int) -> None:
    text = folded(alias)
    names.also(text, name)
    for former in _FORMER:
        if text.startswith(former) and len(text) > len(former) + 1:
            names.also(text[len(former) :], name)


def _sorted_rows(rows: _Rows) -> dict[str, NDArray[Any]]:
    """Stems in order of their names, rows in order of their stems and numbers."""
    stems = np.array(list(rows.stems), dtype=np.int32).reshape(-1, CORES + 1)
    order = np.lexsort(stems.T[::-1]) if len(stems) else np.zeros(0, np.int64)
    place = np.empty(len(stems), dtype=np.int32)
    place[order] = np.arange(len(stems), dtype=np.int32)
    slots = np.array(rows.slots, dtype=np.int32).reshape(-1, SLOTS)
    stem = place[np.array(rows.stem, dtype=np.int64)] if rows.stem else np.zeros(0, np.int32)
    sorting = np.lexsort((*slots.T[::-1], stem))
    return {
        "stems": stems[order],
        "stem_starts": np.searchsorted(stem[sorting], np.arange(len(stems) + 1)).astype(np.int32),
        "slots": np.ascontiguousarray(slots[sorting]),
        "row_entries": np.array(rows.entry, dtype=np.int32)[sorting],
        **_listed("chain", [list(chain) for chain in rows.chains]),
        "chain_towns": _towns(rows),
    }


def _towns(rows: _Rows) -> NDArray[np.int32]:
    """The narrowest district or town of each chain, -1 for none: the same name in two of them is two places."""
    town = {name for text, name in rows.names.ids.items() if text.endswith(_TOWNS) and not text.endswith("社区")}
    return np.array([next((name for name in reversed(chain) if name in town), -1) for chain in rows.chains], np.int32)


def _named(rows: _Rows) -> dict[str, NDArray[Any]]:
    """Names, the forms that they are found by, and the stems of each."""
    forms = [*rows.names.ids, *(alias for alias, names in rows.names.aliases.items() for _ in names)]
    owners = [*range(len(rows.names.ids)), *(name for names in rows.names.aliases.values() for name in sorted(names))]
    vocabulary = build_vocabulary(forms)
    core = np.zeros(len(rows.names.ids), dtype=np.bool_)
    core[list(rows.names.cores)] = True
    area = np.zeros(len(rows.names.ids), dtype=np.bool_)
    area[[name for chain in rows.chains for name in chain]] = True
    ordered = sorted(rows.stems)
    by_name: dict[int, list[int]] = {}
    for position, stem in enumerate(ordered):
        for name in set(stem[:CORES]):
            if name >= 0:
                by_name.setdefault(name, []).append(position)
    return {
        **{f"form_{name}": array for name, array in vocabulary.arrays.items()},
        "form_names": np.array(owners, dtype=np.int32),
        "core": core,
        "area": area,
        **_listed("name_stem", [by_name.get(name, []) for name in range(len(core))]),
        **_texts("name", list(rows.names.ids)),
    }


def _written(entries: Sequence[Entry]) -> dict[str, NDArray[Any]]:
    points = np.array([(entry.lon, entry.lat) for entry in entries], dtype=np.float64).reshape(-1, 2)
    return {
        "points": points,
        "kinds": np.array([KINDS.index(entry.kind) for entry in entries], dtype=np.uint8),
        **_texts("text", [entry.text for entry in entries]),
        **_texts("code", [entry.code for entry in entries]),
    }


def _listed(name: str, lists: Sequence[Sequence[int]]) -> dict[str, NDArray[Any]]:
    """Lists one after another, and where each begins."""
    starts = np.r_[0, np.cumsum([len(one) for one in lists])].astype(np.int32)
    return {f"{name}_starts": starts, f"{name}s": np.array([x for one in lists for x in one], dtype=np.int32)}


def _texts(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Texts as UTF-8 one after another, and where each begins."""
    encoded = [text.encode() for text in texts]
    starts = np.r_[0, np.cumsum([len(text) for text in encoded])].astype(np.int64)
    return {f"{name}_starts": starts, f"{name}s": np.frombuffer(b"".join(encoded), dtype=np.uint8)}
