"""What type-ahead offers, as arrays made with a register: heads (a name in a town, what lies below it) and sorted keys.

A key is the beginning of a form from one of its characters on, packed into one integer: by its characters, by its
letters in pinyin, by its initials, by its near-sounding syllables. What was typed is a stretch of the sorted keys.
"""

import itertools
from collections.abc import Mapping
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from geodata.address.entries import KINDS
from geodata.address.sounds import SYLLABLES
from geodata.address.vocabulary import classes_of, readings_of

AREA: Final = 3
"""The kind of a head that is an area; roads, compounds and places are numbered as the names of a stem."""

CHARACTERS_OF_KEY: Final = 4
LETTERS_OF_KEY: Final = 10
CLASSES_OF_KEY: Final = 6
CHARACTER_BITS: Final = 16
LETTER_BITS: Final = 6
CLASS_BITS: Final = 10

UNREAD: Final = 63
"""The letter of a character that has no sound: nobody types it."""

_NO_KEY: Final = -1
_LONGEST_SYLLABLE: Final = 6
_TOWNS: Final = frozenset("区县旗市镇乡")
CORE_OF_KIND: Final = np.array(
    [{"street": 0, "compound": 1, "place": 2, "station": 2, "pin": 2}.get(kind, -1) for kind in KINDS], np.int8
)

_Arrays = Mapping[str, NDArray[Any]]
_Keys = NDArray[np.uint64]


def letter_codes(text: str) -> NDArray[np.int64]:
    """Letters as numbers of six bits: a is 1, 0 is 27; `UNREAD` for any other sign."""
    codes = [ord(c) - 96 if "a" <= c <= "z" else ord(c) - 21 if "0" <= c <= "9" else UNREAD for c in text]
    return np.array(codes, dtype=np.int64)


def heads_of(arrays: _Arrays) -> dict[str, NDArray[Any]]:
    """Heads and keys of a register.

    Parameters
    ----------
    arrays
        Of the register, as they are written: ``stems stem_starts slots row_entries points kinds chains chain_starts
        chain_towns form_codes form_starts form_names core``.

    Returns
    -------
    dict of arrays
        ``heads`` (name, kind, town or -1, entry that is the head itself or -1, entry in its middle), in order of their
        names; ``head_doors`` (rows with numbers below); ``head_stem_starts head_stems``; ``name_heads``, where the
        heads of each name begin; ``form_at``, the form of each character; and of each way to type ``typed_WAY``,
        sorted, with ``typed_WAY_at``, the character that it begins at.
    """
    key, stems = _members(arrays)
    order = np.lexsort((stems, key[:, 2], key[:, 1], key[:, 0]))
    key, stems = key[order], stems[order]
    fresh = np.flatnonzero(np.r_[True, np.any(key[1:] != key[:-1], axis=1)]) if len(key) else np.zeros(0, np.int64)
    head_starts = np.r_[fresh, len(key)].astype(np.int32)
    own, middle, doors = _below(
        key[fresh, 1], head_starts, stems, arrays["stem_starts"], np.any(arrays["slots"] != 0, axis=1),
        arrays["row_entries"], arrays["points"], CORE_OF_KIND[arrays["kinds"]],
    )  # fmt: skip
    return {
        "heads": np.column_stack([key[fresh], own, middle]).astype(np.int32).reshape(-1, 5),
        "head_doors": doors,
        "head_stem_starts": head_starts,
        "head_stems": stems,
        "name_heads": np.searchsorted(key[fresh, 0], np.arange(len(arrays["core"]) + 1)).astype(np.int32),
        **_keys(arrays["form_codes"], arrays["form_starts"]),
    }


def _members(arrays: _Arrays) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """For each stem below each head the head's name, kind and town, shape (n, 3), and the stem."""
    stems, towns = arrays["stems"], arrays["chain_towns"]
    keys, members = [np.zeros((0, 3), np.int32)], [np.zeros(0, np.int32)]
    chain = stems[:, AREA]
    for kind in range(AREA):
        chosen = np.flatnonzero(stems[:, kind] >= 0).astype(np.int32)
        keys.append(np.column_stack([stems[chosen, kind], np.full(len(chosen), kind), towns[chain[chosen]]]))
        members.append(chosen)
    starts = arrays["chain_starts"]
    above = _towns_above(arrays)
    length = np.diff(starts)[chain]
    member = np.repeat(np.arange(len(stems), dtype=np.int32), length)
    place = np.repeat(starts[chain] - np.r_[0, np.cumsum(length)][:-1], length) + np.arange(len(member))
    keys.append(np.column_stack([arrays["chains"][place], np.full(len(member), AREA), above[place]]))
    members.append(member)
    return np.concatenate(keys).astype(np.int32), np.concatenate(members)


def _towns_above(arrays: _Arrays) -> NDArray[np.int32]:
    """For each area of each chain the narrowest district or town above it, -1 for none."""
    starts, codes, bounds = arrays["chain_starts"].tolist(), arrays["form_codes"], arrays["form_starts"]
    is_town = [
        _names_town("".join(map(chr, codes[max(bounds[name], bounds[name + 1] - 2) : bounds[name + 1]].tolist())))
        for name in range(len(arrays["core"]))
    ]
    chains, above = arrays["chains"].tolist(), []
    for first, last in itertools.pairwise(starts):
        town = -1
        for name in chains[first:last]:
            above.append(town)
            town = name if is_town[name] else town
    return np.array(above, dtype=np.int32)


def _names_town(end: str) -> bool:
    return end[-1:] in _TOWNS and end != "社区"


@numba.njit(cache=True, nogil=True)
def _below(
    kinds: Any, starts: Any, stems: Any, stem_starts: Any, numbered: Any, entries: Any, points: Any, cores: Any
) -> Any:
    """The entry that each head is itself, the entry nearest to the middle of its rows, and how many have numbers."""
    n = len(starts) - 1
    own = np.full(n, -1, np.int32)
    middle = np.full(n, -1, np.int32)
    doors = np.zeros(n, np.int32)
    for head in range(n):
        count, lon, lat = 0, 0.0, 0.0
        for place in range(starts[head], starts[head + 1]):
            for row in range(stem_starts[stems[place]], stem_starts[stems[place] + 1]):
                entry = entries[row]
                count += 1
                lon += points[entry, 0]
                lat += points[entry, 1]
                doors[head] += numbered[row]
                if own[head] < 0 and cores[entry] == kinds[head] and not numbered[row]:
                    own[head] = entry
        nearest = np.inf
        for place in range(starts[head], starts[head + 1]):
            for row in range(stem_starts[stems[place]], stem_starts[stems[place] + 1]):
                entry = entries[row]
                apart = (points[entry, 0] - lon / count) ** 2 + (points[entry, 1] - lat / count) ** 2
                if apart < nearest:
                    nearest, middle[head] = apart, entry
    return own, middle, doors


# --- keys ---


def _keys(codes: NDArray[np.uint16], starts: NDArray[np.int32]) -> dict[str, NDArray[Any]]:
    """Sorted keys of all forms: by characters and letters from each character on, else from the first one on."""
    forms = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
    everywhere = np.arange(len(codes))
    firsts = starts[:-1][np.diff(starts) > 0].astype(np.int64)
    ends = starts[1:][forms].astype(np.int64)
    readings = readings_of(codes.astype(np.int32)).astype(np.int64)
    letters, lengths = _spelt(codes, readings)
    initial = np.where(letters >= 0, letters >> LETTER_BITS * (LETTERS_OF_KEY - 1), _NO_KEY)
    classes = classes_of(codes.astype(np.int32))[:, :3].astype(np.int64)
    classes = np.where(classes > 0, classes, _NO_KEY)
    one = np.ones(len(codes), np.int64)
    wide = codes.astype(np.int64)[:, None]
    return {
        "form_at": forms,
        **_sorted("characters", [_packed(wide, one, everywhere, ends, CHARACTER_BITS, CHARACTERS_OF_KEY)]),
        **_sorted("letters", _spellings(letters, lengths, everywhere, ends, LETTER_BITS, LETTERS_OF_KEY)),
        **_sorted("initials", _spellings(initial, one, firsts, ends, LETTER_BITS, LETTERS_OF_KEY)),
        **_sorted("near", _spellings(classes, one, firsts, ends, CLASS_BITS, CLASSES_OF_KEY)),
    }


def _spelt(codes: NDArray[np.uint16], readings: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Letters of each reading of each character, at the upper end of a key, -1 for no reading; and how many."""
    table = np.full(len(SYLLABLES) + 1, _NO_KEY, np.int64)
    length = np.ones(len(SYLLABLES) + 1, np.int64)
    for number, syllable in enumerate(SYLLABLES, start=1):
        table[number] = _upper(letter_codes(syllable))
        length[number] = len(syllable)
    letters, lengths = table[readings], length[readings]
    signs = letter_codes("".join(map(chr, codes.tolist()))) << LETTER_BITS * (LETTERS_OF_KEY - 1)
    silent = (readings[:, 0] == 0) | (codes < 128)
    letters[silent, 0], letters[silent, 1:], lengths[silent] = signs[silent], _NO_KEY, 1
    return letters, lengths


def _upper(letters: NDArray[np.int64]) -> int:
    return sum(
        letter << LETTER_BITS * (LETTERS_OF_KEY - 1 - place)
        for place, letter in enumerate(letters[:LETTERS_OF_KEY].tolist())
    )


def _spellings(
    units: NDArray[np.int64], lengths: NDArray[np.int64], at: NDArray[np.int64], ends: NDArray[np.int64], bits: int,
    most: int,
) -> list[tuple[_Keys, NDArray[np.int64]]]:  # fmt: skip
    """Keys by the usual readings, and those where the first or the second character is read another way."""
    upper = lengths.ndim > 1
    found = [_packed(units[:, :1], lengths, at, ends, bits, most, upper=upper)]
    for offset in range(2):
        for way in range(1, 3):
            chosen = at[at + offset < ends[at]]
            other = units[chosen + offset, way]
            chosen = chosen[(other >= 0) & (other != units[chosen + offset, 0])]
            found.append(_packed(units, lengths, chosen, ends, bits, most, (offset, way), upper=upper))
    return found


def _packed(
    units: NDArray[np.int64], lengths: NDArray[np.int64], at: NDArray[np.int64], ends: NDArray[np.int64], bits: int,
    most: int, other: tuple[int, int] = (-1, 0), *, upper: bool = False,
) -> tuple[_Keys, NDArray[np.int64]]:  # fmt: skip
    """Keys of what begins at each of some characters, with those characters; `other` is read in its own way."""
    key = np.zeros(len(at), np.uint64)
    used = np.zeros(len(at), np.int64)
    for offset in range(most):
        place = np.minimum(at + offset, len(ends) - 1)
        way = other[1] if offset == other[0] else 0
        unit = np.where((at + offset < ends[at]) & (units[place, way] >= 0), units[place, way], 0)
        unit = unit if upper else unit << bits * (most - 1)
        key |= (unit.astype(np.uint64) >> (bits * np.minimum(used, most)).astype(np.uint64)) * (used < most)
        used += lengths[place, way] if upper else 1
    return key, at


def _sorted(name: str, parts: list[tuple[_Keys, NDArray[np.int64]]]) -> dict[str, NDArray[Any]]:
    keys = np.concatenate([key for key, _ in parts])
    at = np.concatenate([place for _, place in parts])
    order = np.argsort(keys, kind="stable")
    return {f"typed_{name}": keys[order], f"typed_{name}_at": at[order].astype(np.int32)}
