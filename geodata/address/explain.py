"""How well each entry explains a text: the compiled part of matching. Costs are in nats, lower is better."""

from typing import Any, Final

import numba
import numpy as np

from geodata.address.words import SLOTS, Slot, Unit

UNITS: Final = len(Unit)
IMPOSSIBLE: Final = 60.0
_LOOSE_AREA: Final = 1.1
_AS_ONE: Final = 0.5
"""Numbers joined by a dash rather stand for one value than by chance for the like."""
_BARE_BEHIND: Final = 4.0
_FINER_THAN_DOOR: Final = 2.5
_ROAD_OMITTED: Final = 0.1
_DOOR_OF_COMPOUND: Final = 0.1
"""Who names a compound needs no road and no door."""
_FIRST_BARE: Final = int(Slot.LANE)
_DOOR: Final = int(Slot.DOOR)
_SECTION: Final = int(Slot.SECTION)
_BUILDING: Final = int(Slot.BUILDING)
_DOOR_WORD: Final = int(Unit.DOOR)
_OF_A_COMPOUND: Final = 6.0
_FILLED_LATER: Final = 3.0
_BARE_LATER: Final = 7.0
_PASSED_OVER: Final = 0.4


def _fits() -> Any:
    """Cost of a number with a unit word standing in a slot, shape (units, slots)."""
    fits = np.full((UNITS, SLOTS), IMPOSSIBLE, dtype=np.float64)
    told: dict[Unit, dict[Slot, float]] = {
        Unit.BARE: {
            Slot.DOOR: 0.2, Slot.BUILDING: 0.2, Slot.ENTRANCE: 0.3, Slot.ROOM: 0.2, Slot.FLOOR: 1.5, Slot.LANE: 1.0,
            Slot.ALLEY: 1.0, Slot.SECTION: 1.5, Slot.GROUP: 1.5, Slot.SEGMENT: 2.5,
        },
        Unit.SEGMENT: {Slot.SEGMENT: 0.0},
        Unit.GROUP: {Slot.GROUP: 0.0, Slot.SECTION: 4.0},
        Unit.LANE: {Slot.LANE: 0.0, Slot.ALLEY: 0.7},
        Unit.DOOR: {Slot.DOOR: 0.0, Slot.BUILDING: 1.5, Slot.ROOM: 3.5, Slot.LANE: 5.0, Slot.ENTRANCE: 5.0},
        Unit.SECTION: {Slot.SECTION: 0.0, Slot.BUILDING: 6.0},
        Unit.BUILDING: {Slot.BUILDING: 0.0, Slot.DOOR: 3.0, Slot.SECTION: 6.0},
        Unit.STOREY: {Slot.FLOOR: 0.3, Slot.BUILDING: 0.7, Slot.DOOR: 5.0},
        Unit.ENTRANCE: {Slot.ENTRANCE: 0.0},
        Unit.FLOOR: {Slot.FLOOR: 0.0},
        Unit.ROOM: {Slot.ROOM: 0.0, Slot.ENTRANCE: 5.0},
        Unit.NEIGHBOURHOOD: {},
    }  # fmt: skip
    for unit, slots in told.items():
        for slot, cost in slots.items():
            fits[unit, slot] = cost
    return fits


def _by_slot(costs: dict[Slot, float]) -> Any:
    return np.array([costs[slot] for slot in Slot], dtype=np.float64)


FITS: Final = _fits()

UNSAID: Final = _by_slot({
    Slot.SEGMENT: 2.0, Slot.GROUP: 1.5, Slot.LANE: 3.0, Slot.ALLEY: 3.0, Slot.DOOR: 3.0, Slot.SECTION: 3.0,
    Slot.BUILDING: 0.8, Slot.ENTRANCE: 0.2, Slot.FLOOR: 0.1, Slot.ROOM: 0.1,
})  # fmt: skip
"""The entry has a number that the text does not say."""

CONTRADICTED: Final = _by_slot({
    Slot.SEGMENT: 7.0, Slot.GROUP: 6.0, Slot.LANE: 7.0, Slot.ALLEY: 6.0, Slot.DOOR: 5.0, Slot.SECTION: 6.0,
    Slot.BUILDING: 5.0, Slot.ENTRANCE: 4.5, Slot.FLOOR: 3.0, Slot.ROOM: 4.0,
})  # fmt: skip
"""The entry has another number there than the text says: it is not what was asked about, at best it is near it."""

_EXTRA: Final = {
    Unit.BARE: 4.5, Unit.SEGMENT: 3.5, Unit.GROUP: 3.0, Unit.LANE: 7.0, Unit.DOOR: 6.0, Unit.SECTION: 5.0,
    Unit.BUILDING: 5.5, Unit.STOREY: 2.0, Unit.ENTRANCE: 3.0, Unit.FLOOR: 1.5, Unit.ROOM: 2.5,
    Unit.NEIGHBOURHOOD: 0.0,
}  # fmt: skip
EXTRA: Final = np.array([_EXTRA[unit] for unit in Unit], dtype=np.float64)
"""The text says a number where the entry has none."""

_NATURAL = {
    Unit.SEGMENT: Slot.SEGMENT, Unit.GROUP: Slot.GROUP, Unit.LANE: Slot.LANE, Unit.DOOR: Slot.DOOR,
    Unit.SECTION: Slot.SECTION, Unit.BUILDING: Slot.BUILDING, Unit.STOREY: Slot.FLOOR, Unit.ENTRANCE: Slot.ENTRANCE,
    Unit.FLOOR: Slot.FLOOR, Unit.ROOM: Slot.ROOM,
}  # fmt: skip
NOWHERE: Final = 1 << SLOTS
"""Bit beside those of the slots: the text says where on a road or in a compound, and the row is the whole of it."""

NATURAL: Final = np.array([_NATURAL.get(unit, -1) for unit in Unit], dtype=np.int8)

PLACING: Final = np.array(
    [unit in (Unit.BARE, Unit.SEGMENT, Unit.GROUP, Unit.LANE, Unit.DOOR, Unit.SECTION, Unit.BUILDING) for unit in Unit],
    dtype=np.bool_,
)
"""Whether a number says where on a road or in a compound: not which unit, floor or room."""

MOST_LEFT: Final = 13.0
"""What leaving any number of characters unexplained costs at most."""

NAME_LEFT: Final = 4.0
"""Leaving out what is a name by its ending, with a number behind it: it is one that the register does not know."""

OMITTED: Final = np.array([0.4, 1.2, 1.2], dtype=np.float32)
"""The text does not name the road, the compound, the place of an entry."""

DOUBTFUL: Final = 1.0
"""What may be a number, or a part of a name that is not in the register, is neither."""

OTHER_AREA: Final = 6.0
OTHER_AREA_TOO: Final = 1.5
"""The text names an area that the entry does not lie in; who is wrong about the district is about the street too."""


@numba.njit(cache=True, nogil=True)
def stem_costs(
    stems: Any, asked: Any, chain_starts: Any, chains: Any, spot_of: Any, costs: Any, begins: Any, ends: Any,
    area_spots: Any, weights: Any, name_ends: Any, covered: Any,
) -> Any:  # fmt: skip
    """Cost of the names of each stem, and which of them the text says.

    Parameters
    ----------
    stems
        int32, shape (s, 4): the core names and the chain of areas of every stem.
    asked
        Positions of the stems that are asked about.
    spot_of
        By name: its spot, -1 for none.
    costs, begins, ends
        Of the spots.
    area_spots
        Spots of areas that the text surely names.
    weights
        What it costs to leave a character of the text unexplained.
    name_ends
        Whether a name ends at a character by its ending and by the number behind it: that costs more.
    covered
        bool, shape (asked, n): is filled with the characters that the names explain.

    Returns
    -------
    cost, said
        float32, and uint8 with a bit for each core name, 8 for any area.
    """
    total = np.empty(len(asked), np.float32)
    said = np.zeros(len(asked), np.uint8)
    for which in range(len(asked)):
        stem = stems[asked[which]]
        mask = covered[which]
        value, done = _core_cost(stem, spot_of, costs, begins, ends, mask)
        if done == 0:
            total[which] = IMPOSSIBLE
            continue
        for name in chains[chain_starts[stem[3]] : chain_starts[stem[3] + 1]]:
            spot = spot_of[name]
            if spot < 0 or costs[spot] >= _LOOSE_AREA * (ends[spot] - begins[spot]):
                continue
            if not mask[begins[spot] : ends[spot]].any():
                mask[begins[spot] : ends[spot]] = True
                value += costs[spot] * 0.5
                done |= 8
        price = OTHER_AREA
        for spot in area_spots:
            if not mask[begins[spot] : ends[spot]].any():
                mask[begins[spot] : ends[spot]] = True
                value += price
                price = OTHER_AREA_TOO
        left = np.float32(0.0)
        for j in range(len(weights)):
            if not mask[j]:
                left += weights[j]
                value += NAME_LEFT if name_ends[j] else 0.0
        total[which] = value + min(left, MOST_LEFT)
        said[which] = done
    return total, said


@numba.njit(cache=True, nogil=True)
def _core_cost(stem: Any, spot_of: Any, costs: Any, begins: Any, ends: Any, mask: Any) -> Any:
    """Cost of the core names of a stem and bits of those said; marks what they explain, the longest first."""
    value = np.float32(0.0)
    done = 0
    for _ in range(3):
        best, gain = -1, -1000.0
        for k in range(3):
            if stem[k] < 0 or done & (1 << k) or spot_of[stem[k]] < 0:
                continue
            spot = spot_of[stem[k]]
            worth = 2.0 * (ends[spot] - begins[spot]) - costs[spot]
            if worth > gain and not mask[begins[spot] : ends[spot]].any():
                best, gain = k, worth
        if best < 0:
            break
        spot = spot_of[stem[best]]
        done |= 1 << best
        value += costs[spot]
        mask[begins[spot] : ends[spot]] = True
    for k in range(3):
        if stem[k] >= 0 and not done & (1 << k):
            value += _ROAD_OMITTED if k == 0 and done else OMITTED[k]
    return value, done


@numba.njit(cache=True, nogil=True)
def row_cost(
    held: Any, values: Any, units: Any, joined: Any, doubtful: Any, within: bool, base: float, ceiling: float
) -> Any:
    """Cost of one row, bits of its matched and of its contradicted slots.

    Parameters
    ----------
    held
        int32, the packed values of its slots.
    values, units, joined, doubtful
        The numbers of the text: packed value, unit, packed value together with the next number (0 where no dash joins
        them), whether it may be no number at all.
    within
        Whether the text names a compound or place: then it need not say the door at the road.
    base
        Cost of the stem.
    ceiling
        A row that costs more than this is impossible: more than it, no matter how much, is what is given.
    """
    total = base
    hit = 0
    against = 0
    last = -1
    k = 0
    while k < len(values) and total <= ceiling:
        after = units[k + 1] if joined[k] else units[k]
        fit, place, joint = _best_slot(held, values[k], joined[k], units[k], after, hit | against, last, within)
        if place >= 0:
            total += fit
            hit |= 1 << place
            last = max(last, place)
        else:
            price, blocked = _unmatched(held, units[k], doubtful[k], hit, last)
            total += price
            if blocked >= 0:
                against |= 1 << blocked
            elif (
                PLACING[units[k]]
                and not doubtful[k]
                and (last < _DOOR or last == _SECTION or (within and last == _DOOR))
            ):
                against |= NOWHERE
        k += 2 if joint else 1
    for s in range(SLOTS):
        if held[s] != 0 and not (hit | against) & (1 << s):
            total += _DOOR_OF_COMPOUND if s == _DOOR and within else UNSAID[s]
    return total, hit, against


@numba.njit(cache=True, nogil=True)
def _best_slot(held: Any, value: int, joined: int, unit: int, after: int, hit: int, last: int, within: bool) -> Any:
    """Cost and slot where a number stands in a row, -1 for nowhere, and whether the next number stands there too."""
    best, place, joint = IMPOSSIBLE, -1, False
    passed = 0.0
    for s in range(SLOTS):
        if held[s] == 0 or hit & (1 << s):
            continue
        late = 0.0
        if unit == _DOOR_WORD and s == _BUILDING and not within:
            # 17号 at a road is never building 17 of some compound there.
            late = _OF_A_COMPOUND
        elif s < last:
            late = _BARE_LATER if unit == 0 else _FILLED_LATER
        elif unit == 0:
            # 1-1 is entrance and room in their order, not the room first.
            late = passed
            passed += _PASSED_OVER
        if joined != 0 and held[s] == joined:
            fit = min(FITS[unit, s], FITS[after, s]) + late - _AS_ONE
            if fit < best:
                best, place, joint = fit, s, True
        elif held[s] == value and FITS[unit, s] + late < best:
            best, place, joint = FITS[unit, s] + late, s, False
    return best, place, joint


@numba.njit(cache=True, nogil=True)
def _unmatched(held: Any, unit: int, doubtful: bool, hit: int, last: int) -> Any:
    """Cost of a number that stands nowhere in a row, and the slot that it contradicts, -1 for none."""
    natural = NATURAL[unit]
    if natural >= 0 and held[natural] != 0 and not hit & (1 << natural):
        return (DOUBTFUL * 2 if doubtful else CONTRADICTED[natural]), natural
    if doubtful:
        return DOUBTFUL, -1
    if natural < 0 and unit == 0:
        for s in range(max(last + 1, _FIRST_BARE), SLOTS):
            if held[s] != 0 and not hit & (1 << s):
                return CONTRADICTED[s], s
        return (_BARE_BEHIND if last >= _DOOR else EXTRA[0]), -1
    inside = last >= _DOOR and (last != _SECTION or natural > _BUILDING)
    return (min(EXTRA[unit], _FINER_THAN_DOOR) if inside else EXTRA[unit]), -1
