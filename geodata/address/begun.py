"""Heads whose names begin with what is typed, or have it inside, or sound like it, or differ by a slip."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from geodata.address.align import SYLLABLE_BASE
from geodata.address.apart import metres_from
from geodata.address.heads import (
    CHARACTER_BITS,
    CHARACTERS_OF_KEY,
    CLASS_BITS,
    CLASSES_OF_KEY,
    LETTER_BITS,
    LETTERS_OF_KEY,
    letter_codes,
)
from geodata.address.sounds import split_unfinished
from geodata.address.typed import INITIAL, explained
from geodata.address.vocabulary import Vocabulary, classes_of, encoded, spot
from geodata.address.words import DIRECTIONS, NUMERAL_VALUES

INSIDE: Final = 2.0
ALIKE: Final = 4.0
SLIP: Final = 5.0
"""Tiers from which a name has the text inside, sounds like it, differs by a slip; below are those that begin so."""

_ALL_BUT_ENDING: Final = 0.25
_BEGUN: Final = 0.5
_BY_SOUND: Final = 0.6
_BY_INITIALS: Final = 0.75

_MOST: Final = 100_000
_MANY: Final = 20_000
"""Where so many names have a text, those that begin with it are enough."""
_MOST_TRIED: Final = 40_000
_MOST_SOUNDS: Final = 8
_KEPT: Final = 400
_KEPT_WITHIN: Final = 20_000
_DEAREST_SLIP: Final = 7.5
_FIRST_DIRECTION: Final = 2000

_Ints = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Begun:
    """Heads that what is typed may become, the likeliest first; all arrays of one length.

    Parameters
    ----------
    head
        Which head.
    tier
        How it answers to the text: from 0, whole, to `SLIP` and above.
    far
        Doublings of its distance from where the text is probably about, in kilometres; 0 where that is not known.
    form
        The form of its name that was met.
    start, length
        The characters of the form that are typed, or sound so.
    whole
        Whether the form is typed to its end, or all but its ending.
    """

    head: _Ints
    tier: NDArray[np.float32]
    far: NDArray[np.float32]
    form: _Ints
    start: _Ints
    length: _Ints
    whole: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.head)

    def __getitem__(self, chosen: Any) -> "Begun":
        return Begun(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


class _Met(NamedTuple):
    """Characters of forms from which on the text is met, with its cost, tier and length there."""

    at: _Ints
    tier: Any
    length: Any


class Beginnings:
    """The names of a compiled register, found while they are typed. Immutable; safe to use from several threads."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._arrays = arrays
        self._starts = arrays["form_starts"]
        self._vocabulary = Vocabulary(
            *(arrays[f"form_{name}"] for name in ("codes", "light", "starts", "table", "postings"))
        )
        light = np.r_[0, np.cumsum(arrays["form_light"])].astype(np.int32)
        self._light = light[self._starts[1:]] - light[self._starts[:-1]]

    def begun(self, typed: str, near: tuple[float, float] | None = None, within: Any = None) -> Begun:
        """Heads whose names begin with a text or have it inside.

        Parameters
        ----------
        typed
            Folded characters, letters and digits without separators.
        near
            Longitude and latitude that the text is probably about.
        within
            bool for each stem: only heads that have one of these.
        """
        return self._heads(self._met(typed), near, within)

    def alike(self, typed: str, near: tuple[float, float] | None = None, within: Any = None) -> Begun:
        """Heads whose names begin with what sounds like a text: homophones, n for l, zh for z."""
        return self._heads(self._heard(typed), near, within)

    def slips(self, typed: str, near: tuple[float, float] | None = None, within: Any = None) -> Begun:
        """Heads whose names differ from a text of three characters or more by one slip."""
        codes = _sounded(typed)
        if len(codes) < 3:
            return self._heads([], near, within)
        found = spot(self._vocabulary, codes)
        # One character may be too many, but none that tells names apart.
        last = np.where(found.start > 0, codes[0], codes[-1])
        spare = (last < SYLLABLE_BASE) & ~_tells(last)
        whole = found.end - found.start >= len(codes) - spare
        # 阳光锦园 is nearer to 阳光家园 than to 阳光: its ending is no less said for being said wrong.
        length = self._starts[found.form + 1] - self._starts[found.form]
        ends_so = (self._arrays["form_codes"][self._starts[found.form + 1] - 1] == codes[-1]) & (found.start == 0)
        ending = ends_so & (length == len(codes)) & (found.end == len(codes) - 2) & ~_tells(codes[-2:]).any()
        enough = (found.cost <= _DEAREST_SLIP) & (whole | ending)
        met = _Met(self._starts[found.form[enough]], SLIP + found.cost[enough] / 10.0, 0)
        return self._heads([met], near, within)

    def whole(self, text: str) -> tuple[int, _Ints]:
        """The longest name that a text begins with, and more follows: how many characters, and its heads."""
        for length in range(min(len(text) - 1, 40), 1, -1):
            forms = self._forms_that_are(text[:length])
            if len(forms):
                return length, self._heads_of(forms)[0]
        return 0, np.zeros(0, np.int32)

    def _forms_that_are(self, text: str) -> _Ints:
        """Forms that are a text, or areas that are it but for their ending: 历下 for 历下区."""
        at = self._stretch("characters", encoded(text[:CHARACTERS_OF_KEY]), CHARACTER_BITS, CHARACTERS_OF_KEY)
        forms = self._arrays["form_at"][at]
        left = self._starts[forms + 1] - at - len(text)
        is_area = self._arrays["area"][self._arrays["form_names"][forms]]
        chosen = (at == self._starts[forms]) & ((left == 0) | ((left > 0) & (left <= self._light[forms]) & is_area))
        if len(text) > CHARACTERS_OF_KEY and chosen.any():
            chosen[chosen] = self._explained(at[chosen], text)[0] == 0
        found: _Ints = forms[chosen]
        return found

    def _met(self, typed: str) -> list[_Met]:
        """Where a text is met, as characters, as pinyin, as initials."""
        run = next((k for k, character in enumerate(typed) if not _is_typed(character)), len(typed))
        plain = next((k for k, character in enumerate(typed) if "a" <= character <= "z"), len(typed)) or run
        codes = encoded(typed[: min(plain, CHARACTERS_OF_KEY)])
        at = self._stretch("characters", codes, CHARACTER_BITS, CHARACTERS_OF_KEY)
        met = [self._proved(at, typed, sure=len(codes) == len(typed))]
        if run and not typed[:run].isdigit():
            letters = letter_codes(typed[: min(run, LETTERS_OF_KEY)])
            at = self._stretch("letters", letters, LETTER_BITS, LETTERS_OF_KEY)
            met.append(self._proved(at, typed, sure=False))
            at = self._stretch("initials", letters, LETTER_BITS, LETTERS_OF_KEY)
            met.append(self._proved(at, typed, sure=False))
            if not any(len(one.at) for one in met):
                met.append(self._mixed(typed, letters))
        return met

    def _mixed(self, typed: str, letters: _Ints) -> _Met:
        """Where a text is met that is pinyin at first and then initials, or read in a rare way."""
        tried = 0
        for length in range(len(letters) - 1, 0, -1):
            at = self._stretch("letters", letters[:length], LETTER_BITS, LETTERS_OF_KEY)
            if not len(at):
                continue
            at = self._fewer(at)
            tried += len(at)
            if tried > _MOST_TRIED:
                break
            met = self._proved(at, typed, sure=False)
            if len(met.at):
                return met
        return _Met(np.zeros(0, np.int32), 0.0, 0)

    def _proved(self, at: _Ints, typed: str, *, sure: bool) -> _Met:
        """Of places where the beginning of a text is met those where all of it is."""
        at = self._fewer(at)
        if sure or not len(at):
            return _Met(at, 0.0, len(typed))
        cost, length = self._explained(at, typed)
        kept = np.flatnonzero(np.isfinite(cost))
        cost = cost[kept]
        tier = np.where(cost == 0, 0.0, np.where(cost < INITIAL, _BY_SOUND, _BY_INITIALS))
        return _Met(at[kept], tier, length[kept])

    def _fewer(self, at: _Ints) -> _Ints:
        """Places where a text is met, of very many those where a name begins."""
        if len(at) <= _MANY:
            return at
        firsts = at[at == self._starts[self._arrays["form_at"][at]]]
        return (firsts if len(firsts) else at)[:_MOST]

    def _explained(self, at: _Ints, typed: str) -> tuple[Any, Any]:
        ends = self._starts[self._arrays["form_at"][at] + 1]
        return explained(self._arrays["form_codes"], at, ends, typed)

    def _heard(self, typed: str) -> list[_Met]:
        """Where names begin with what sounds like a text."""
        codes = _sounded(typed)
        if len(codes) < 2:
            return []
        classes = classes_of(codes)[:, :3].astype(np.int64)
        each = [list(dict.fromkeys(row[row > 0].tolist())) for row in classes[:CLASSES_OF_KEY]]
        met = []
        for sounds in itertools.islice(itertools.product(*each), _MOST_SOUNDS):
            at = self._stretch("near", np.array(sounds), CLASS_BITS, CLASSES_OF_KEY)[:_MOST_TRIED]
            left = self._starts[self._arrays["form_at"][at] + 1] - at
            at = at[left >= len(codes)]
            for offset in range(len(codes)):
                name = self._arrays["form_codes"][at + offset].astype(np.int32)
                alike = ~_told_apart(name, int(codes[offset]))
                if offset >= CLASSES_OF_KEY:
                    here = classes_of(name)[:, :3, None]
                    alike &= ((here == classes[offset]) & (here > 0)).any(axis=(1, 2))
                at = at[alike]
            met.append(_Met(at, ALIKE, len(codes)))
        return met

    def _stretch(self, way: str, units: _Ints, bits: int, most: int) -> _Ints:
        """Characters of forms from which on the units are met."""
        low = 0
        for place, unit in enumerate(units.tolist()):
            low |= unit << bits * (most - 1 - place)
        keys = self._arrays[f"typed_{way}"]
        high = low + (1 << bits * (most - len(units))) - 1
        first = np.searchsorted(keys, np.uint64(low))
        last = np.searchsorted(keys, np.uint64(high), side="right")
        found: _Ints = self._arrays[f"typed_{way}_at"][first:last]
        return found

    def _heads_of(self, forms: _Ints) -> tuple[_Ints, _Ints]:
        """Heads of the names of forms, and for each the position of its form among them."""
        names = self._arrays["form_names"][forms]
        first = self._arrays["name_heads"][names]
        count = self._arrays["name_heads"][names + 1] - first
        source = np.repeat(np.arange(len(forms)), count)
        heads = np.repeat(first - np.r_[0, np.cumsum(count)][:-1], count) + np.arange(len(source))
        return heads, source

    def _heads(self, met: list[_Met], near: tuple[float, float] | None, within: Any) -> Begun:
        """Heads of the forms that were met, each once, the likeliest first."""
        at = np.concatenate([np.zeros(0, np.int32), *(one.at for one in met)])
        tier, length = (
            np.concatenate([np.zeros(0), *(np.broadcast_to(getattr(one, name), len(one.at)) for one in met)])
            for name in ("tier", "length")
        )
        form = self._arrays["form_at"][at]
        start = at - self._starts[form]
        left = self._starts[form + 1] - at - length
        inside = np.where((start > 0) & (tier < INSIDE), INSIDE, 0.0)
        whole = (left <= self._light[form]) & (start == 0)
        ending = np.where(left <= 0, 0.0, np.where(left <= self._light[form], _ALL_BUT_ENDING, _BEGUN))
        head, source = self._heads_of(form)
        tier = (tier + inside + np.where(tier < SLIP, ending, 0.0))[source]
        far = self._far(head, near)
        doors = self._arrays["head_doors"][head]
        most = _KEPT if within is None else _KEPT_WITHIN
        order = _least(tier, far, doors, most)
        if within is not None:
            arrays = self._arrays
            order = order[_any_within(head[order], arrays["head_stem_starts"], arrays["head_stems"], within)]
        first = np.sort(np.unique(head[order], return_index=True)[1])
        chosen = order[first]
        typed = source[chosen]
        return Begun(head[chosen], tier[chosen].astype(np.float32), far[chosen].astype(np.float32), form[typed],
                     start[typed], length[typed].astype(np.int32), whole[typed])  # fmt: skip

    def _far(self, heads: _Ints, near: tuple[float, float] | None) -> Any:
        if near is None:
            return np.zeros(len(heads))
        points = self._arrays["points"][self._arrays["heads"][heads, 4]]
        return np.floor(np.log2(1.0 + metres_from(near, points) / 1000.0))


def _least(tier: Any, far: Any, doors: Any, most: int) -> _Ints:
    """Positions in order of their tiers, then the nearer ones, then those with more doors; no more than asked for."""
    rough = tier * 1e6 + far * 1e4 - np.log2(1.0 + doors)
    chosen = np.argpartition(rough, most)[:most] if len(rough) > most else np.arange(len(rough))
    order: _Ints = chosen[np.lexsort((-doors[chosen], far[chosen], tier[chosen]))]
    return order


def _telling() -> NDArray[np.int16]:
    """For each character its value as a numeral, its number as a direction above those; -1 where it tells nothing."""
    telling = np.full(SYLLABLE_BASE, -1, np.int16)
    for character, value in NUMERAL_VALUES.items():
        telling[ord(character)] = value
    telling[[ord(character) for character in DIRECTIONS]] = _FIRST_DIRECTION + np.arange(len(DIRECTIONS))
    return telling


_TELLING: Final = _telling()


def _tells(codes: _Ints) -> Any:
    """Which characters are numerals or directions."""
    return (codes < SYLLABLE_BASE) & (_TELLING[np.minimum(codes, SYLLABLE_BASE - 1)] >= 0)


def _told_apart(names: _Ints, typed: int) -> Any:
    """Which characters are another numeral or another direction than a typed one, however alike they sound."""
    told = _TELLING[typed] if typed < SYLLABLE_BASE else -1
    here = _TELLING[names]
    return (told >= 0) & (here >= 0) & (here != told) & ((here < _FIRST_DIRECTION) == (told < _FIRST_DIRECTION))


def _is_typed(character: str) -> bool:
    return "a" <= character <= "z" or "0" <= character <= "9"


def _sounded(typed: str) -> _Ints:
    """Characters, and syllables for runs of letters that are pinyin, the begun one left out; none for other letters."""
    codes: list[int] = []
    for letters, run in itertools.groupby(typed, lambda character: "a" <= character <= "z"):
        text = "".join(run)
        if not letters:
            codes += encoded(text).tolist()
            continue
        syllables, _ = split_unfinished(text)
        if not syllables:
            return np.zeros(0, np.int32)
        codes += [SYLLABLE_BASE + syllable for syllable in syllables]
    return np.array(codes, dtype=np.int32)


@numba.njit(cache=True, nogil=True)
def _any_within(heads: Any, starts: Any, stems: Any, within: Any) -> Any:
    """Which heads have a stem that is asked for."""
    found = np.zeros(len(heads), np.bool_)
    for which in range(len(heads)):
        for place in range(starts[heads[which]], starts[heads[which] + 1]):
            if within[stems[place]]:
                found[which] = True
                break
    return found
