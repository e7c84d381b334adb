"""Why a candidate is one: how its names and numbers stand in the text."""

from collections.abc import Sequence
from typing import Any

from geodata.address.align import HOMOPHONE, NEAR_SOUND, SYLLABLE_BASE
from geodata.address.candidates import CORE_NAMES, SLOT_NAMES, Reason
from geodata.address.explain import NATURAL
from geodata.address.query import Query
from geodata.address.values import packed, unpacked
from geodata.address.vocabulary import Spots
from geodata.address.words import Slot


def parts_of(names: Sequence[str], slots: Any, matched: int, against: int) -> dict[str, str]:
    """Names, and the numbers that are found, by the name of their part; nothing of a number that is another."""
    parts = {kind: name for kind, name in zip(CORE_NAMES, names, strict=True) if name}
    for slot in Slot:
        value = unpacked(int(slots[slot]))
        if value and matched & 1 << slot and not against & 1 << slot:
            parts[SLOT_NAMES[slot]] = value.upper()
    return parts


def reasons_of(
    query: Query, spots: Spots, name_spots: Sequence[int], names: Sequence[str], said: Sequence[bool], slots: Any,
    matched: int, against: int, covered: Any,
) -> tuple[Reason, ...]:  # fmt: skip
    """How each name and number of a candidate stands in the text.

    Parameters
    ----------
    name_spots, names, said
        Spot, text and presence of the road, the compound, the place.
    slots, matched, against
        Numbers of the candidate, and bits of those that the text says, and says otherwise.
    covered
        Which characters of the text the names explain.
    """
    reasons = [
        _name_reason(query, spots, spot, part, name)
        for part, spot, name, is_said in zip(CORE_NAMES, name_spots, names, said, strict=True)
        if is_said
    ]
    reasons += [
        Reason("number-same", {"part": SLOT_NAMES[slot], "value": unpacked(int(slots[slot])).upper()})
        for slot in Slot
        if matched & 1 << slot
    ]
    held = {int(slots[slot]) for slot in Slot if matched & 1 << slot}
    for number, start, end in query.numbers:
        if (
            covered[start:end].any()
            or packed(number.value) in held
            or number.doubtful
            or number.listed
            or number.linked
        ):
            continue
        natural = int(NATURAL[number.unit])
        if natural >= 0:
            code = "number-other" if against & 1 << natural else "number-missing"
            reasons.append(Reason(code, {"part": SLOT_NAMES[natural], "value": number.value.upper()}))
    return tuple(reasons)


def _name_reason(query: Query, spots: Spots, spot: int, part: str, name: str) -> Reason:
    cost, start, end = float(spots.cost[spot]), int(spots.start[spot]), int(spots.end[spot])
    codes = query.codes[start:end].tolist()
    typed = query.typed(start, end)
    facts = {"part": part, "name": name, "typed": typed}
    if any(code >= SYLLABLE_BASE for code in codes):
        return Reason("name-pinyin", facts)
    if cost == 0:
        return Reason("name-same" if typed == name else "name-alias", facts)
    changed = sum(a != b for a, b in zip(typed, name, strict=False)) if len(typed) == len(name) else 0
    if changed and cost <= HOMOPHONE * changed + 0.1:
        return Reason("name-sound", facts)
    if changed and cost <= NEAR_SOUND * changed + 0.1:
        return Reason("name-near-sound", facts)
    return Reason("name-slip", facts)
