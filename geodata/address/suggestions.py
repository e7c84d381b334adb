"""Suggestions as they are shown, and those of several registers put together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from geodata.address.entries import Entry

GROUPS: Final = ("roads", "compounds", "places", "areas", "doors")
LEVELS: Final = ("road", "compound", "place", "area")

_CLEARLY_WORSE: Final = 2.5
"""What is so much worse than the best suggestion is not shown for variety's sake."""


_PIN_BEGUN: Final = 0.5
_PIN_INSIDE: Final = 2.0
_GROUP_OF: Final = {"compound": "compounds", "street": "roads", "address": "doors", "building": "doors"}
_LEVEL_OF: Final = {"compound": "compound", "street": "road", "address": "number", "building": "building"}

Rank = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a text may become.

    Parameters
    ----------
    group
        One of `GROUPS`.
    level
        road, compound, place, area, or what the number counts: number building unit floor room lane …
    text
        What to put into the field, as the register writes it.
    detail
        The district or town, which tells twins apart; the road and door of a compound that lies there.
    kind, code
        Of the register's entry, where the suggestion is one; else empty.
    lon, lat
        EPSG:4326 degrees; of an entry in its middle where it is no entry itself.
    doors
        How many entries with numbers lie below.
    matched
        Stretches of `text` (start, end) that are typed already; the rest is what differs.
    alias
        The other name that was met, if it is not `text`.
    rank
        For the order of suggestions of several registers: the lower, the likelier.
    """

    group: str
    level: str
    text: str
    detail: str
    kind: str
    code: str
    lon: float
    lat: float
    doors: int
    matched: tuple[tuple[int, int], ...] = ()
    alias: str = ""
    rank: Rank = field(default=(), compare=False, repr=False)


def from_pins(pinned: Mapping[str, Sequence[Entry]], said: str) -> list[Suggestion]:
    """Pinned texts that begin with what is typed or have it inside.

    Parameters
    ----------
    pinned
        By folded texts without separators: the entries that are meant.
    said
        Of the same form.
    """
    if len(said) < 2 or said.isdigit():
        return []
    met = ((text, text.find(said), entries[0]) for text, entries in pinned.items())
    return [
        Suggestion(
            _GROUP_OF.get(entry.kind, "places"), _LEVEL_OF.get(entry.kind, "place"), text, entry.text, entry.kind,
            entry.code, entry.lon, entry.lat, 0, ((place, place + len(said)),), "",
            (0.0 if text == said else _PIN_BEGUN if place == 0 else _PIN_INSIDE, 0.0, 0.0, 0.0, len(text)),
        )
        for text, place, entry in met
        if place >= 0
    ]  # fmt: skip


def merged(found: Iterable[Sequence[Suggestion]], limit: int) -> tuple[Suggestion, ...]:
    """The likeliest suggestions of several registers, each once, and the first of every group that comes near them."""
    ordered = sorted((one for part in found for one in part), key=lambda one: (one.rank, one.text, one.detail))
    each: dict[tuple[str, str, str], Suggestion] = {}
    for one in ordered:
        same = each.get(identity(one))
        each[identity(one)] = one if same is None else _joined(same, one)
    kept = _varied(list(each.values()), limit)
    order = list(dict.fromkeys(one.group for one in kept))
    return tuple(sorted(kept, key=lambda one: order.index(one.group)))


def _joined(first: Suggestion, other: Suggestion) -> Suggestion:
    """The same suggestion of two registers: what lies below it in both, and the entry of the one that has it."""
    if other.code and not first.code:
        first = replace(first, kind=other.kind, code=other.code, lon=other.lon, lat=other.lat)
    return replace(first, doors=first.doors + other.doors)


def identity(one: Suggestion) -> tuple[str, str, str]:
    """What makes two suggestions the same to a reader."""
    return one.group, one.text, one.detail


def _varied(ordered: list[Suggestion], limit: int) -> list[Suggestion]:
    """The first of the list, but the first of each group before the last ones of the others."""
    if not ordered or limit <= 0:
        return []
    worst = ordered[0].rank[0] + _CLEARLY_WORSE
    firsts: dict[str, int] = {}
    for place, one in enumerate(ordered):
        if one.rank[0] <= worst:
            firsts.setdefault(one.group, place)
    chosen = sorted(firsts.values())[:limit]
    others = [place for place in range(len(ordered)) if place not in set(chosen)]
    return [ordered[place] for place in sorted(chosen + others[: limit - len(chosen)])]
