"""Suggestions as they are shown, and those of several registers put together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from geodata.address.apart import Box, around, gap_metres
from geodata.address.begun import ALIKE, SLIP
from geodata.address.entries import Entry

GROUPS: Final = ("roads", "compounds", "places", "areas", "doors")
LEVELS: Final = ("road", "compound", "place", "area")

SITES_APART_METRES: Final = 400.0
"""Compounds and places of one name that lie farther apart than this are several."""

_APART_METRES: Final = {"doors": 200.0, "compounds": SITES_APART_METRES, "places": SITES_APART_METRES}
"""The same for each group; roads are long, and areas wide: they are told apart by their towns alone."""
_RECORDS_APART_METRES: Final = 60.0
"""Two records of the register are one to a reader only where they lie this near."""
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
    town, areas, box
        The district or town, all areas that it lies in, the widest first, and the box around its entries: what is the
        same to a reader, and what must be told apart, is known by them.
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
    town: str = field(default="", compare=False, repr=False)
    areas: tuple[str, ...] = field(default=(), compare=False, repr=False)
    box: Box = field(default=(0.0, 0.0, 0.0, 0.0), compare=False, repr=False)


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
    met = ((text, text.find(said), entry) for text, entries in pinned.items() for entry in entries)
    return [
        Suggestion(
            _GROUP_OF.get(entry.kind, "places"), _LEVEL_OF.get(entry.kind, "place"), text, entry.text, entry.kind,
            entry.code, entry.lon, entry.lat, 0, ((place, place + len(said)),), "",
            (0.0 if text == said else _PIN_BEGUN if place == 0 else _PIN_INSIDE, 0.0, 0.0, 0.0, len(text)),
            "", entry.areas, (entry.lon, entry.lat, entry.lon, entry.lat),
        )
        for text, place, entry in met
        if place >= 0
    ]  # fmt: skip


def merged(found: Iterable[Sequence[Suggestion]], limit: int) -> tuple[Suggestion, ...]:
    """The likeliest suggestions of several registers, each once, and the first of every group that comes near them.

    Within a register a building and the addresses at it are one to a reader: what lies below is the same in both.
    Several registers have different entries: what lies below is added up.
    """
    parts = [one for part in found for one in _each_once(part, max)]
    best = min((one.rank[0] for one in parts), default=0.0)
    # What one register knows as it was typed, another need not guess at.
    known = [one for one in parts if best >= ALIKE or one.rank[0] < SLIP]
    each = _told_apart(_each_once(known, int.__add__))
    kept = _varied(each, limit)
    order = list(dict.fromkeys(one.group for one in kept))
    return tuple(sorted(kept, key=lambda one: order.index(one.group)))


def _each_once(found: Iterable[Suggestion], doors: Callable[[int, int], int]) -> list[Suggestion]:
    """Suggestions, the likeliest first, those that are the same to a reader as one."""
    each: dict[tuple[str, str], list[Suggestion]] = {}
    for one in sorted(found, key=lambda one: (one.rank, one.text, one.detail)):
        alike = each.setdefault((one.group, one.text), [])
        place = next((place for place, other in enumerate(alike) if _same(one, other)), len(alike))
        alike[place:] = [_joined(alike[place], one, doors) if place < len(alike) else one, *alike[place + 1 :]]
    return sorted((one for alike in each.values() for one in alike), key=lambda one: (one.rank, one.text, one.detail))


def _same(one: Suggestion, other: Suggestion) -> bool:
    """Whether two suggestions of one group and text mean one thing."""
    if one.group == "areas" or (one.town and other.town):
        if one.detail != other.detail:
            return False
    elif not one.areas or not other.areas or not set(one.areas) & set(other.areas):
        return one.detail == other.detail and _near(one, other)
    return _near(one, other)


def _near(one: Suggestion, other: Suggestion) -> bool:
    most = _APART_METRES.get(one.group)
    if most is not None and one.code and other.code and (one.kind, one.code) != (other.kind, other.code):
        most = _RECORDS_APART_METRES
    return most is None or gap_metres(one.box, other.box) <= most


def _joined(first: Suggestion, other: Suggestion, doors: Callable[[int, int], int]) -> Suggestion:
    """Two suggestions as one: the record of the one that has it, the town or what they have in common."""
    record = first if first.code else other
    return replace(
        first,
        detail=_detail(first, other),
        kind=record.kind,
        code=record.code,
        lon=record.lon,
        lat=record.lat,
        doors=doors(first.doors, other.doors),
        town=first.town or other.town,
        areas=max(first.areas, other.areas, key=len),
        box=around(first.box, other.box),
    )


def _detail(first: Suggestion, other: Suggestion) -> str:
    if first.detail == other.detail or first.town:
        return first.detail
    common = [area for area in first.areas if area in other.areas]
    return other.detail if other.town else common[-1] if common else ""


def _told_apart(each: list[Suggestion]) -> list[Suggestion]:
    """Suggestions; those of one text in one town with the narrowest area in which they differ."""
    twins: dict[tuple[str, str, str], list[Suggestion]] = {}
    for one in each:
        twins.setdefault((one.group, one.text, one.detail), []).append(one)
    return [_with_area(one, twins[one.group, one.text, one.detail]) for one in each]


def _with_area(one: Suggestion, twins: Sequence[Suggestion]) -> Suggestion:
    own = [area for area in one.areas if not all(area in other.areas for other in twins)]
    if one.group == "areas" or not own or own[-1] in one.detail:
        return one
    return replace(one, detail=f"{one.detail} {own[-1]}".strip())


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
