"""Entries as they are read, some at a time: names, chains of areas, stems and numbers, not yet sorted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.address.align import LONGEST_NAME
from geodata.address.entries import KINDS, Entry
from geodata.address.normalize import normalize
from geodata.address.numbering import Numbered, numbered
from geodata.address.parse import Name, Reading, parse
from geodata.address.values import packed
from geodata.address.verbatim import text_key
from geodata.address.words import SLOTS, Slot, Unit

CORES: Final = 3
"""Names by which an entry is found: its road, its compound, its place."""

_CACHED: Final = 1 << 16
_INNER: Final = {Unit.ENTRANCE: Slot.ENTRANCE, Unit.FLOOR: Slot.FLOOR, Unit.ROOM: Slot.ROOM}
_FORMER: Final = ("原", "旧", "曾用名", "又名")
_NAMED: Final = {"place": "place", "station": "place", "pin": "place", "compound": "compound", "street": "road"}
"""What the text of an entry of a kind is the name of."""


@dataclass(slots=True)
class Names:
    """Names by their folded text, numbered as they come.

    An alias has its names, and of each the packed phase that it is the alias of: 0 where that is none or several.
    """

    ids: dict[str, int] = field(default_factory=dict)
    aliases: dict[str, dict[int, int]] = field(default_factory=dict)
    cores: set[int] = field(default_factory=set)
    areas: set[int] = field(default_factory=set)

    def of(self, name: str, *, core: bool = False) -> int:
        """The number of a name, -1 for an empty one."""
        name = name.replace(" ", "")[:LONGEST_NAME]
        if not name:
            return -1
        found = self.ids.setdefault(name, len(self.ids))
        if core:
            self.cores.add(found)
        return found

    def also(self, alias: str, name: int, section: int = 0) -> None:
        """Let a name be found by another one; where that is the alias of one phase, say which."""
        alias = alias.replace(" ", "")[:LONGEST_NAME]
        if alias and name >= 0 and self.ids.get(alias) != name:
            self._own(alias, name, section)

    def _own(self, alias: str, name: int, section: int) -> None:
        owned = self.aliases.setdefault(alias, {})
        owned[name] = section if owned.get(name, section) == section else 0

    def join(self, others: "Names") -> NDArray[np.int32]:
        """Take in other names; their numbers here, with -1 for none at the end."""
        here = [self.ids.setdefault(name, len(self.ids)) for name in others.ids]
        self.cores.update(here[name] for name in others.cores)
        self.areas.update(here[name] for name in others.areas)
        for alias, names in others.aliases.items():
            for name, section in names.items():
                self._own(alias, here[name], section)
        return np.array([*here, -1], dtype=np.int32)


@dataclass(slots=True)
class Chunk:
    """Some entries, read; each chunk has numbers of its own for names, chains and stems.

    Parameters
    ----------
    chains
        Names of areas.
    stems
        Road, compound, place (-1 for none) and chain.
    stem, slots, entry
        Of each row: its stem, its packed numbers, its entry. An entry has a row for each of its doors and units.
    """

    names: Names = field(default_factory=Names)
    chains: dict[tuple[int, ...], int] = field(default_factory=dict)
    stems: dict[tuple[int, int, int, int], int] = field(default_factory=dict)
    stem: list[int] = field(default_factory=list)
    slots: list[tuple[int, ...]] = field(default_factory=list)
    entry: list[int] = field(default_factory=list)

    def add(self, position: int, entry: Entry, known: frozenset[str]) -> None:
        """Read one entry."""
        reading = _read(entry, known)
        levels = [*(folded(area) for area in entry.areas), *(reading.areas.values())]
        chain = tuple(dict.fromkeys(self.names.of(area) for area in levels if area))
        cores = [self.names.of(reading.first(kind), core=True) for kind in ("road", "compound", "place")]
        main = next((core for core in reversed(cores) if core >= 0), -1)
        section = _packed(reading.slots[Slot.SECTION]) if entry.kind == "compound" else 0
        for alias in entry.aliases:
            self._add_alias(alias, main, section)
        number = self.chains.setdefault(chain, len(self.chains))
        stem = self.stems.setdefault((cores[0], cores[1], cores[2], number), len(self.stems))
        for values in _rows(reading, entry.units):
            self.stem.append(stem)
            self.slots.append(values)
            self.entry.append(position)

    def _add_alias(self, alias: str, name: int, section: int) -> None:
        text = folded(alias)
        self.names.also(text, name, section)
        for former in _FORMER:
            if text.startswith(former) and len(text) > len(former) + 1:
                self.names.also(text[len(former) :], name, section)


@dataclass(frozen=True, slots=True)
class Packed:
    """A chunk as arrays, quick to pass from one process to another."""

    names: Names
    chains: list[tuple[int, ...]]
    stems: NDArray[np.int32]
    stem: NDArray[np.int32]
    slots: NDArray[np.int32]
    entry: NDArray[np.int32]
    points: NDArray[np.float64]
    kinds: NDArray[np.uint8]
    keys: NDArray[np.int64]
    text_keys: NDArray[np.int64]
    texts: bytes
    text_sizes: NDArray[np.int32]
    codes: bytes
    code_sizes: NDArray[np.int32]


def read_chunk(entries: Sequence[Entry], known: frozenset[str]) -> Packed:
    """Some entries, read.

    Parameters
    ----------
    known
        Folded names of areas, roads and compounds: they decide where a name ends in an entry that is only a text.
    """
    chunk = Chunk()
    for position, entry in enumerate(entries):
        chunk.add(position, entry, known)
    texts = [entry.text.encode() for entry in entries]
    codes = [entry.code.encode() for entry in entries]
    chunk.names.areas.update(name for chain in chunk.chains for name in chain)
    return Packed(
        chunk.names,
        list(chunk.chains),
        np.array(list(chunk.stems), dtype=np.int32).reshape(-1, CORES + 1),
        np.array(chunk.stem, dtype=np.int32),
        np.array(chunk.slots, dtype=np.int32).reshape(-1, SLOTS),
        np.array(chunk.entry, dtype=np.int32),
        np.array([(entry.lon, entry.lat) for entry in entries], dtype=np.float64).reshape(-1, 2),
        np.array([KINDS.index(entry.kind) for entry in entries], dtype=np.uint8),
        np.array([entry.key for entry in entries], dtype=np.int64),
        np.array([text_key(entry.text) for entry in entries], dtype=np.int64),
        b"".join(texts),
        np.array([len(text) for text in texts], dtype=np.int32),
        b"".join(codes),
        np.array([len(code) for code in codes], dtype=np.int32),
    )


@lru_cache(maxsize=_CACHED)
def folded(text: str) -> str:
    """A name as it is matched."""
    return normalize(text).text.strip()


def own_names(entry: Entry) -> list[str]:
    """Folded names that an entry says are names."""
    names = [*entry.areas, *(entry.parts[part] for part in ("road", "compound") if entry.parts.get(part))]
    if entry.kind in ("compound", "street"):
        names.append(entry.text)
    return [folded(name) for name in names]


def _rows(reading: Reading, units: Sequence[str]) -> list[tuple[int, ...]]:
    """Packed numbers of each row of an entry."""
    rows = []
    for door in reading.doors or (reading.slots[Slot.DOOR],):
        values = [_packed(value) for value in reading.slots]
        values[Slot.DOOR] = _packed(door)
        rows.append(tuple(values))
        for unit in units:
            inside = list(reading.slots)
            inside[Slot.DOOR] = door
            _fill(inside, folded(unit), Slot.ENTRANCE)
            rows.append(tuple(_packed(value) for value in inside))
    return list(dict.fromkeys(rows))


def _read(entry: Entry, known: frozenset[str]) -> Reading:
    """The names and numbers of an entry: from its parts where there are any, else from its text."""
    parts = entry.parts
    if any(parts.get(name) for name in ("road", "compound", "place", "building")):
        told = _from_parts(parts)
        return _completed(told, parse(normalize(entry.text).text, known)) if entry.kind == "address" else told
    if entry.kind in _NAMED:
        return _from_parts({_NAMED[entry.kind]: entry.text})
    text = normalize(entry.text).text
    return _named(parse(text, known), text)


def _named(reading: Reading, text: str) -> Reading:
    """A reading whose second compound is a place, and whose village is one where it has no other name: 王庄村委会."""
    names = list(reading.names)
    compounds = [name for name in names if name.kind == "compound"]
    if len(compounds) > 1 and not reading.first("place"):
        names[names.index(compounds[1])] = replace(compounds[1], kind="place")
    village = reading.areas.get("community", "")
    if not names and village and text.endswith(village):
        names.append(Name(village, "place", len(text) - len(village), len(text)))
    return replace(reading, names=tuple(names))


def _completed(told: Reading, text: Reading) -> Reading:
    """What columns tell, with areas and numbers that only the text has: columns often lack lanes, groups and rooms."""
    more = Counter(text.slots) - Counter(told.slots)  # 1 in 1组1号 twice: one is the door that the columns tell
    slots = [own or (other if more[other] else "") for own, other in zip(told.slots, text.slots, strict=True)]
    return Reading(text.areas, told.names, (), tuple(slots), text.doors if told.slots[Slot.DOOR] in text.doors else ())


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
    for kind, slot in (("unit", Slot.ENTRANCE), ("floor", Slot.FLOOR), ("room", Slot.ROOM)):
        _fill(slots, folded(parts.get(kind) or ""), slot)
    return Reading({}, tuple(names), (), tuple(slots), ())


def _fill(slots: list[str], text: str, natural: Slot) -> bool:
    """Put the numbers of one column into slots: the first where the column says, others by their unit words."""
    if not text:
        return False
    reading = _parsed(text)
    if natural is Slot.DOOR:
        for slot in Slot:
            if reading.slots[slot] and not slots[slot]:
                slots[slot if slot is not Slot.BUILDING or reading.slots[Slot.DOOR] else Slot.DOOR] = reading.slots[
                    slot
                ]
        return bool(reading.numbers)
    found = _numbers(text)
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
    for number in _numbers(name):
        if number.end == len(name) and number.start >= 2 and number.unit in (Unit.SECTION, Unit.SEGMENT):
            slot = Slot.SECTION if number.unit is Unit.SECTION else Slot.SEGMENT
            slots[slot] = number.value
            return name[: number.start]
    return name


@lru_cache(maxsize=_CACHED)
def _parsed(text: str) -> Reading:
    return parse(text)


@lru_cache(maxsize=_CACHED)
def _numbers(text: str) -> tuple[Numbered, ...]:
    return tuple(numbered(text))


_packed = lru_cache(maxsize=_CACHED)(packed)
