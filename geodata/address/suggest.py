"""Type-ahead over a register: what the text that somebody is typing may become, from the second character on."""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.address.apart import box_of, together
from geodata.address.begun import ALIKE, Beginnings, Begun
from geodata.address.below import Asked, Below, asked_numbers, numbers_below
from geodata.address.candidates import SLOT_NAMES
from geodata.address.characters import fold
from geodata.address.entries import KINDS
from geodata.address.heads import AREA, CORE_OF_KIND
from geodata.address.labels import as_written, label_from_texts, stretches
from geodata.address.normalize import normalize
from geodata.address.numbering import numbered
from geodata.address.numerals import MOST_SPOKEN, numbers, spoken
from geodata.address.suggestions import GROUPS, LEVELS, SITES_APART_METRES, Rank, Suggestion
from geodata.address.words import SLOTS, Slot

_LONGEST: Final = 60
_MOST_IN_FRONT: Final = 6
"""Names in front of the one that is being typed: province, city, district, street, community, road."""
_MOST_MISHEARD: Final = 2
_LONGEST_MISHEARD: Final = 20
"""Sounds and slips are looked for in the whole text and behind the last name in front, where it is no longer."""
_HEADS_WITH_NUMBERS: Final = 8
_MOST_ROWS: Final = 100_000
_FURTHER_NUMBER: Final = 0.3
_BEHIND_BEGUN: Final = 0.6
_WITHOUT_NUMBER: Final = 0.5
_OTHERWISE_SPELT: Final = 0.1
_SAMPLE: Final = 50
_DOORS_APART_METRES: Final = 200.0
_OF_ROADS: Final = np.isin(np.arange(SLOTS), [Slot.SEGMENT, Slot.LANE, Slot.ALLEY, Slot.DOOR])
_CROSSING: Final = KINDS.index("crossing")
_SITES: Final = (1, 2)
"""Kinds of heads that are one place each: compounds and places; roads and areas are long and wide."""


_Areas = tuple[str, ...]
_Search = Callable[[str, tuple[float, float] | None, Any], Begun]


@dataclass(frozen=True, slots=True)
class _Item:
    """A suggestion that is not written out yet: a head, and a number below it if there is one."""

    rank: Rank
    group: int
    head: int
    begun: Begun
    asked: Asked | None = None
    below: Below | None = None
    rows: Any = None
    compound: int = -1


class Typeahead:
    """The suggestions of a compiled register. Immutable; safe to use from several threads.

    Parameters
    ----------
    arrays
        Of the register, by the names of their files.
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._arrays = arrays
        self._beginnings = Beginnings(arrays)
        self._gone: NDArray[np.bool_] | None = None
        self._gone_stems: NDArray[np.int32] = np.zeros(0, np.int32)

    def hiding(self, gone: NDArray[np.bool_]) -> "Typeahead":
        """The same without some entries: those that are withdrawn since the register was compiled."""
        other = copy(self)
        rows = np.flatnonzero(gone[self._arrays["row_entries"]])
        rows = rows[np.any(self._arrays["slots"][rows] != 0, axis=1)]
        stems = np.searchsorted(self._arrays["stem_starts"], rows, side="right") - 1
        other._gone, other._gone_stems = gone, stems.astype(np.int32)  # noqa: SLF001 - of the same class
        return other

    def ranked(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 10) -> list[Suggestion]:
        """What a text may become, the likeliest first, and some more than asked for; `merged` chooses among them.

        Parameters
        ----------
        text
            As it is typed so far: characters of any script, pinyin full or unfinished, initials, mixed; numbers behind
            a name. One character alone, numbers alone and what holds no address give nothing.
        near
            Longitude and latitude that the text is probably about: of equal names the nearer go first.
        limit
            How many suggestions are wanted at most.
        """
        said = normalize(text).text[:_LONGEST]
        items = self._items(said, near, limit) if limit > 0 and _is_enough(said) else []
        items.sort(key=lambda item: item.rank)
        found: list[Suggestion] = []
        taken = dict.fromkeys(range(len(GROUPS)), 0)
        for item in items:
            if taken[item.group] < 2 * limit:
                written = self._written(item)
                found += written
                taken[item.group] += bool(written)
            if len(found) >= 4 * limit:
                break
        return found

    def _items(self, said: str, near: tuple[float, float] | None, limit: int) -> list[_Item]:
        """Suggestions for the first way to read a text that finds any; of sounds and slips where they are few."""
        tried: list[tuple[str, Any]] = []
        items: list[_Item] = []
        for rest, within in self._ways(said):
            tried.append((rest, within))
            items = list(self._of(rest, near, within, limit, self._beginnings.begun))
            if items:
                tried = tried[-1:]
                break
        for search, enough in ((self._beginnings.alike, limit), (self._beginnings.slips, 1)):
            for rest, within in (*tried[:1], *tried[1:][-_MOST_MISHEARD:]):
                if len(items) < enough and len(rest) <= _LONGEST_MISHEARD:
                    items += self._of(rest, near, within, limit, search)
        return items

    def _ways(self, said: str) -> Iterator[tuple[str, Any]]:
        """The text as the beginning of one name, then without the names in front of it, below which it must lie."""
        yield said, None
        within = None
        rest = said
        for _ in range(_MOST_IN_FRONT):
            length, heads = self._beginnings.whole(rest)
            if not length:
                return
            mask = self._stems_of(heads)
            within = mask if within is None or not (mask & within).any() else mask & within
            rest = _behind_numbers(rest[length:])
            if len(rest) < 2 or not _is_enough(rest):
                return
            yield rest, within
            yield rest, None

    def _stems_of(self, heads: Any) -> NDArray[np.bool_]:
        mask = np.zeros(len(self._arrays["stems"]), np.bool_)
        starts, stems = self._arrays["head_stem_starts"], self._arrays["head_stems"]
        for head in heads.tolist():
            mask[stems[starts[head] : starts[head + 1]]] = True
        return mask

    def _of(self, said: str, near: Any, within: Any, limit: int, search: _Search) -> Iterator[_Item]:
        """Suggestions for a text as a name, and as a name with numbers."""
        for variant, name in enumerate(_spellings(said)):
            yield from self._named(search(name, near, within), limit, _OTHERWISE_SPELT * variant)
        asked = asked_numbers(said, numbered(said))
        if asked is not None:
            name = _plain(asked.name)
            if len(name) > 1:
                begun = search(name, near, within)
                items = [*self._numbered(begun, asked, within, limit)]
                if not items and any(number.value[:1].isdigit() for number in asked.numbers):
                    # The number is not known, the road is.
                    items = [*self._named(begun[begun.whole], limit, _WITHOUT_NUMBER)]
                yield from items

    def _named(self, begun: Begun, limit: int, worse: float) -> Iterator[_Item]:
        kinds = self._arrays["heads"][begun.head, 1]
        for kind in range(AREA + 1):
            for place in np.flatnonzero(kinds == kind)[: 2 * limit].tolist():
                head = int(begun.head[place])
                rank = (
                    float(begun.tier[place]) + worse, float(begun.far[place]),
                    -float(self._arrays["head_doors"][head]), 0.0,
                )  # fmt: skip
                yield _Item(rank, kind, head, begun[place : place + 1])

    def _numbered(self, begun: Begun, asked: Asked, within: Any, limit: int) -> Iterator[_Item]:
        """Numbers below the likeliest heads, and what has a name of its own at that number."""
        kinds = self._arrays["heads"][begun.head, 1]
        for place in np.flatnonzero(kinds != AREA)[:_HEADS_WITH_NUMBERS].tolist():
            head = int(begun.head[place])
            rows, stems = self._rows_below(head, within)
            slots = self._slots_below(rows, stems, int(kinds[place]))
            tier = float(begun.tier[place])
            rank = (tier + (0.0 if begun.whole[place] else _BEHIND_BEGUN), float(begun.far[place]))
            one = begun[place : place + 1]
            for order, below in enumerate(numbers_below(slots, asked, limit)):
                further = 0.0 if below.exact else _FURTHER_NUMBER
                item = _Item((rank[0] + further, rank[1], order, place), 4, head, one, asked, below, rows[below.rows])
                yield item
                if below.exact and kinds[place] == 0:
                    yield from self._there(item, stems[below.rows])

    def _there(self, item: _Item, stems: Any) -> Iterator[_Item]:
        """Compounds at a door."""
        compounds = self._arrays["stems"][stems, 1]
        for order, compound in enumerate(np.unique(compounds[compounds >= 0]).tolist()):
            rank = (item.rank[0] + 2 * _FURTHER_NUMBER, item.rank[1], order, item.rank[3])
            yield replace(item, rank=rank, group=1, rows=item.rows[compounds == compound], compound=compound)

    def _slots_below(self, rows: Any, stems: Any, kind: int) -> Any:
        """The numbers of rows, without those of the road that a compound or place stands at: they are not below it."""
        slots = self._arrays["slots"][rows]
        if kind not in _SITES:
            return slots
        at_road = self._arrays["stems"][stems, 0] >= 0
        return np.where(at_road[:, None] & _OF_ROADS, 0, slots)

    def _rows_below(self, head: int, within: Any) -> tuple[Any, Any]:
        """Rows below a head, and the stem of each."""
        starts, listed = self._arrays["head_stem_starts"], self._arrays["head_stems"]
        stems = listed[starts[head] : starts[head + 1]]
        if within is not None:
            stems = stems[within[stems]]
        first = self._arrays["stem_starts"][stems].astype(np.int64)
        count = self._arrays["stem_starts"][stems + 1] - first
        total = int(min(count.sum(), _MOST_ROWS))
        rows = np.repeat(first - np.r_[0, np.cumsum(count)][: len(count)], count)[:total] + np.arange(total)
        return rows, np.repeat(stems, count)[:total]

    # --- writing out ---

    def _written(self, item: _Item) -> list[Suggestion]:
        """A suggestion as it is shown: one for each place where several are meant, none if nothing of it is left."""
        kind = int(self._arrays["heads"][item.head, 1])
        if item.below is not None:
            rows = self._left(item.rows)
            return [self._number(item, rows[group]) for group in self._places(rows, _DOORS_APART_METRES)]
        if kind in _SITES:
            rows = self._left(self._rows_below(item.head, None)[0])
            found = [self._site(item, rows[group]) for group in self._places(rows, SITES_APART_METRES)]
            return [one for one in found if one is not None]
        return self._wide(item, kind)

    def _places(self, rows: Any, metres: float) -> list[Any]:
        """Rows in groups that lie apart."""
        return together(self._arrays["points"][self._arrays["row_entries"][rows]], metres) if len(rows) else []

    def _wide(self, item: _Item, kind: int) -> list[Suggestion]:
        """A road or an area."""
        own, middle = self._arrays["heads"][item.head, 3:].tolist()
        doors = int(self._arrays["head_doors"][item.head])
        if len(self._gone_stems) and kind == AREA:
            starts = self._arrays["head_stem_starts"]
            below = self._arrays["head_stems"][starts[item.head] : starts[item.head + 1]]
            doors -= int(np.isin(self._gone_stems, below).sum())
        elif self._gone is not None:
            rows = self._left(self._rows_below(item.head, None)[0])
            if not len(rows):
                return []
            entries = self._arrays["row_entries"][rows]
            doors = int(np.any(self._arrays["slots"][rows] != 0, axis=1).sum())
            own = -1 if own >= 0 and self._gone[own] else own
            middle = int(entries[len(entries) // 2]) if self._gone[middle] else middle
        stem = self._arrays["head_stems"][self._arrays["head_stem_starts"][item.head]]
        return [self._head(item, own, middle, doors, self._areas(stem), self._arrays["points"][[middle]])]

    def _site(self, item: _Item, rows: Any) -> Suggestion | None:
        """A compound or a place of that name; None for a crossing, whose name is that of a road."""
        kind = int(self._arrays["heads"][item.head, 1])
        entries = self._arrays["row_entries"][rows]
        kinds = self._arrays["kinds"][entries]
        if np.all(kinds == _CROSSING):
            return None
        numbered_ = np.any(self._arrays["slots"][rows] != 0, axis=1)
        records = entries[~numbered_ & (CORE_OF_KIND[kinds] == kind)]
        points = self._arrays["points"][entries]
        middle = int(entries[((points - points.mean(axis=0)) ** 2).sum(axis=1).argmin()])
        own = int(records[0]) if len(records) else -1
        return self._head(item, own, middle, int(numbered_.sum()), self._areas_of(rows), points)

    def _left(self, rows: Any) -> Any:
        """Rows whose entries are not hidden."""
        return rows if self._gone is None else rows[~self._gone[self._arrays["row_entries"][rows]]]

    def _head(self, item: _Item, own: int, middle: int, doors: int, areas: _Areas, points: Any) -> Suggestion:
        """A name in a town, or one of its places; ``points`` are those of its entries."""
        key, kind, town, *_ = self._arrays["heads"][item.head].tolist()
        name = self._text("name", key)
        entry = own if own >= 0 else middle
        written = self._text("text", entry)
        text = written if own >= 0 else as_written(name, written)
        met = self._form(int(item.begun.form[0]))
        matched = stretches(text, [self._met(item)]) if fold(text)[0] == name else ()
        lon, lat = self._arrays["points"][entry].tolist()
        return Suggestion(
            GROUPS[kind], LEVELS[kind], text, self._detail(town, name, areas),
            KINDS[self._arrays["kinds"][own]] if own >= 0 else "", self._text("code", own) if own >= 0 else "",
            lon, lat, doors, matched, "" if met == name else met, (*item.rank, len(name)),
            self._text("name", town) if town >= 0 else "", areas, box_of(points),
        )  # fmt: skip

    def _met(self, item: _Item) -> tuple[int, int]:
        """The characters of a head's name that are typed; none where it is met by another name, or only sounds so."""
        form, start, length = (int(getattr(item.begun, name)[0]) for name in ("form", "start", "length"))
        own = self._arrays["form_names"][form] == self._arrays["heads"][item.head, 0] == form
        return (start, start + length) if own and item.begun.tier[0] < ALIKE else (0, 0)

    def _number(self, item: _Item, rows: Any) -> Suggestion:
        """A number below a head, or a compound at it, where all rows lie together."""
        assert item.below is not None
        assert item.asked is not None
        entries = self._arrays["row_entries"][rows]
        name, _, town, _, _ = self._arrays["heads"][item.head].tolist()
        slots = self._arrays["slots"][rows]
        last = int(item.below.slot)
        plain = ~np.any(slots[:, last + 1 :] != 0, axis=1)
        chosen = entries[plain] if plain.any() else entries
        sample = [self._text("text", entry) for entry in np.unique(chosen)[:: max(1, len(chosen) // _SAMPLE)].tolist()]
        label = label_from_texts(sample, self._text("name", name), item.below, item.asked, self._met(item))
        areas = self._areas_of(rows)
        detail = self._detail(town, self._text("name", name), areas)
        text, level, matched = label.text, SLOT_NAMES[last], label.matched
        if item.compound >= 0:
            text = as_written(self._text("name", item.compound), sample[0])
            detail, level, matched = " ".join(filter(None, (detail, label.text))), LEVELS[1], ()
        entry = int(chosen[len(chosen) // 2])
        sure = len(np.unique(chosen)) == 1 and plain.any() and item.compound < 0
        lon, lat = self._arrays["points"][entry].tolist()
        group = GROUPS[item.group]
        if sure and KINDS[self._arrays["kinds"][entry]] == "compound":
            group, level = GROUPS[1], LEVELS[1]
        return Suggestion(
            group, level, text, detail, KINDS[self._arrays["kinds"][entry]] if sure else "",
            self._text("code", entry) if sure else "", lon, lat, len(rows), matched, "", (*item.rank, len(text)),
            self._text("name", town) if town >= 0 else "", areas, box_of(self._arrays["points"][entries]),
        )  # fmt: skip

    def _detail(self, town: int, name: str, areas: _Areas) -> str:
        """A town, else the narrowest area above a name."""
        if town >= 0:
            return self._text("name", town)
        above = areas[: areas.index(name)] if name in areas else areas
        return above[-1] if above else ""

    def _areas_of(self, rows: Any) -> _Areas:
        """Names of the areas that all rows lie in, the widest first."""
        stems = np.searchsorted(self._arrays["stem_starts"], rows, side="right") - 1
        _, firsts = np.unique(self._arrays["stems"][stems, AREA], return_index=True)
        first, *others = (self._areas(stem) for stem in stems[firsts].tolist())
        return tuple(area for area in first if all(area in other for other in others))

    def _areas(self, stem: int) -> _Areas:
        """Names of the areas that a stem lies in, the widest first."""
        chain = int(self._arrays["stems"][stem, AREA])
        starts = self._arrays["chain_starts"]
        return tuple(
            self._text("name", name) for name in self._arrays["chains"][starts[chain] : starts[chain + 1]].tolist()
        )

    def _text(self, kind: str, position: int) -> str:
        starts = self._arrays[f"{kind}_starts"]
        return str(bytes(self._arrays[f"{kind}s"][starts[position] : starts[position + 1]]), "utf-8")

    def _form(self, form: int) -> str:
        starts = self._arrays["form_starts"]
        return "".join(map(chr, self._arrays["form_codes"][starts[form] : starts[form + 1]].tolist()))


def _is_enough(said: str) -> bool:
    plain = _plain(said)
    return len(plain) > 1 and not plain.isdigit()


def _plain(said: str) -> str:
    return "".join(character for character in said if character.isalnum())


def _spellings(said: str) -> Iterator[str]:
    """A text without separators, and with its numbers in characters or in digits: 和泰12路 is 和泰十二路."""
    plain = _plain(said)
    yield plain
    runs = numbers(plain)
    if not runs:
        return
    turned, position = "", 0
    for run in runs:
        digits = run.value
        other = digits
        if plain[run.start : run.end].isascii() and digits.isdigit() and int(digits) <= MOST_SPOKEN:
            other = spoken(int(digits))[0]
        turned += plain[position : run.start] + other.lower()
        position = run.end
    turned += plain[position:]
    if turned != plain and not turned.isdigit():
        yield turned


def _behind_numbers(text: str) -> str:
    """What follows the numbers that a text begins with."""
    position = 0
    for number in numbered(text):
        if text[position : number.start].strip(" -"):
            break
        position = number.end
    rest = text[position:].strip()
    return rest if rest and not rest[0].isdigit() else text.strip()
