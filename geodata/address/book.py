"""The register as it is asked: a compiled base, what changed since then, and what dispatchers pinned.

Immutable: a change makes another book.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.address.candidates import Candidate, Found, Reason, put_first
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex
from geodata.address.normalize import LONGEST, normalize
from geodata.address.suggestions import Suggestion, from_pins, merged
from geodata.address.weighing import find_in

# Between numbers it parts them: 12 3 is not 123.
_PAUSE: Final = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")

_BEFORE_NAMES: Final = frozenset("省市区县旗镇乡村社路街道巷弄号里原老旧0123456789")
_BEHIND_NAMES: Final = frozenset("0123456789abcdefgh零〇一二三四五六七八九十甲乙丙丁东西南北中第的#")

PINNED: Final = 0.99
"""How likely it is that a text means what a dispatcher pinned it to."""


class AddressBook:
    """Finds the entries that a text may mean; safe to use from several threads.

    Parameters
    ----------
    base
        The compiled register.
    changed
        Entries that came since it was compiled, or None.
    gone
        Keys of entries of the base that are no more.
    pinned
        By the characters of a text: entries of the one thing that it was pinned to.
    version
        Of the content: equal versions are the same content.
    compiled_at
        When the content was read, microseconds since 1970-01-01 UTC.
    """

    def __init__(
        self,
        base: AddressIndex,
        changed: AddressIndex | None = None,
        gone: NDArray[np.int64] | None = None,
        pinned: Mapping[str, Sequence[Entry]] | None = None,
        *,
        version: str = "",
        compiled_at: int = 0,
    ) -> None:
        self.base = base if gone is None or not len(gone) else base.hiding(gone)
        self.changed = changed
        self.changes = (0 if changed is None else len(changed)) + (0 if gone is None else len(gone))
        self.version = version
        self.compiled_at = compiled_at
        self._pinned = dict(pinned or {})
        self._compounds = [text for text, (entry, *_) in self._pinned.items() if entry.kind == "compound"]

    def __len__(self) -> int:
        return len(self.base) + (0 if self.changed is None else len(self.changed))

    def find(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 8) -> Found:
        """The entries that a text may mean; see `AddressIndex.find`.

        Notes
        -----
        A text that was pinned means what it was pinned to, whatever else it resembles.
        """
        parts = (self.base,) if self.changed is None else (self.base, self.changed)
        found = find_in(parts, text, near=near, limit=limit)
        if not self._pinned:
            return found
        said = found.normal.text.replace(" ", "")
        pinned = self._pinned.get(said) or self._pinned.get(_unparted(text))
        if pinned:
            return put_first(found, _pin(found, pinned), limit)
        within = max((pin for pin in self._compounds if _names(pin, said)), key=len, default="")
        return self._in_compound(found, said, within, near, limit) if within else found

    def _in_compound(self, found: Found, said: str, pin: str, near: tuple[float, float] | None, limit: int) -> Found:
        """What is found with the name of a compound in the place of what that was pinned as."""
        compound = self._pinned[pin][0]
        parts = (self.base,) if self.changed is None else (self.base, self.changed)
        place = near or (compound.lon, compound.lat)
        other = find_in(parts, said.replace(pin, compound.text, 1), near=place, limit=limit)
        if other.nothing + other.area_weight > found.nothing + found.area_weight:
            return found
        reason = Reason("name-alias", {"part": "compound", "name": compound.text, "typed": pin})
        candidates = tuple(replace(one, reasons=(reason, *one.reasons[1:])) for one in other.candidates)
        return replace(other, normal=found.normal, candidates=candidates)

    def suggest(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 10) -> tuple[Suggestion, ...]:
        """What a text that is being typed may become; see `AddressIndex.suggest`."""
        parts = (self.base,) if self.changed is None else (self.base, self.changed)
        found = [part.suggestions(text, near=near, limit=limit) for part in parts]
        if self._pinned:
            found.append(from_pins(self._pinned, normalize(text).text.replace(" ", "")))
        return merged(found, limit)


def _unparted(text: str) -> str:
    """A text as it is matched when nobody pauses: what stands behind a pause may be set apart as a person."""
    return normalize(_PAUSE.sub("", text[:LONGEST])).text.replace(" ", "")


def _names(pin: str, said: str) -> bool:
    """Whether a text has a pinned one as a name, not as a piece of a longer one: 阳光花园3号楼, not 新阳光花园3号楼."""
    before, met, behind = said.partition(pin)
    return met != "" and (not before or before[-1] in _BEFORE_NAMES) and (not behind or behind[0] in _BEHIND_NAMES)


def _pin(found: Found, pinned: Sequence[Entry]) -> Candidate:
    entry = pinned[0]
    parts = {entry.kind: entry.text} if entry.kind in ("compound", "place") else dict(entry.parts)
    return Candidate(
        points=np.array([(one.lon, one.lat) for one in pinned], dtype=np.float64),
        weights=np.full(len(pinned), PINNED / len(pinned)),
        code=entry.code,
        text=entry.text,
        label=entry.text,
        level={"compound": "compound", "address": "number", "building": "building"}.get(entry.kind, "place"),
        score=PINNED,
        exact=True,
        kind=entry.kind,
        lon=entry.lon,
        lat=entry.lat,
        parts=parts,
        reasons=(Reason("pinned", {"typed": found.normal.given, "name": entry.text}),),
    )
