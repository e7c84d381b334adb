"""Stage 4 for addresses: what the rows of a whole register say, so that they can be held against each other.

A million addresses have few different forms: doors of one road differ by their digits alone. Each form is read once,
with every digit replaced by another, and the digits are put back.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.address.normalize import normalize
from geodata.address.numbering import Numbered
from geodata.address.parse import Reading, parse
from geodata.address.words import Unit
from geodata.intake.rows import Records

_DIGIT: Final = re.compile(r"[0-9]")
_RUNS: Final = re.compile(r"[0-9]+")
_NUMBER: Final = re.compile(r"([0-9]+)(?=[号號附之\-甲乙丙丁]|$)")
_INNER: Final = (Unit.ENTRANCE, Unit.FLOOR, Unit.ROOM)
_LEVELS: Final = ("province", "city", "district", "street", "community")


@dataclass(frozen=True, slots=True)
class Doors:
    """Sound addresses that have a point, as arrays of one length.

    Parameters
    ----------
    at
        Position among the records.
    points
        Shape (n, 2): lon and lat, EPSG:4326 degrees.
    address
        Equal for rows of the same text and stated areas.
    door
        Equal for rows of one door or building, whatever their units and rooms.
    road
        Equal for doors along one road or lane in the same stated areas, -1 where a row has none.
    number
        The door's whole number, -1 where a row has none or lies in a compound or building behind it.
    areas
        The areas that each states, by column or in its text, the widest first.
    unreadable
        Positions of records that are only a text, in which neither a name nor a number is found, or one of both is not.
    """

    at: NDArray[np.int64]
    points: NDArray[np.float64]
    address: NDArray[np.int64]
    door: NDArray[np.int64]
    road: NDArray[np.int64]
    number: NDArray[np.int64]
    areas: list[tuple[str, ...]]
    unreadable: NDArray[np.int64]


def read_doors(records: Records) -> Doors:
    """What the sound records that have a point say; `Records` with the fields of the register."""
    assert records.geometry is not None
    at = np.flatnonzero(records.sound & ~shapely.is_missing(records.geometry))
    names = ("text", "areas", "road", "number", "compound", "building")
    columns = {name: records.column(name) for name in names}
    forms: dict[str, _Form] = {}
    keys: list[tuple[Any, Any, Any]] = []
    numbers: list[int] = []
    areas: list[tuple[str, ...]] = []
    unreadable: list[int] = []
    for place in at.tolist():
        own = {name: column[place] or "" for name, column in columns.items()}
        stated: Any = own["areas"] or ()
        if own["road"] or own["compound"] or own["building"]:
            # What stands behind one number in a compound lies all over it.
            at_door = not (own["compound"] or own["building"])
            road, number = _door_of_parts(own["road"], own["number"]) if at_door else (None, -1)
            door: Any = (stated, own["road"], own["number"], own["compound"], own["building"])
        else:
            form, runs = _form_of(own["text"], forms)
            road, number = form.road_and_number(runs)
            door = (stated, form.outer, runs[: form.outer_runs])
            stated = stated or form.areas
            if not form.readable:
                unreadable.append(place)
        keys.append(((stated, own["text"]), door, (stated[:-1] if len(stated) > 1 else stated, road) if road else None))
        numbers.append(number)
        areas.append(stated)
    address, door, road = (
        pd.factorize(_objects([key[which] for key in keys]))[0].astype(np.int64) for which in range(3)
    )
    points = np.column_stack([shapely.get_x(records.geometry[at]), shapely.get_y(records.geometry[at])])
    return Doors(
        at=at,
        points=points,
        address=address,
        door=door,
        road=road,
        number=np.array(numbers, dtype=np.int64),
        areas=areas,
        unreadable=np.array(unreadable, dtype=np.int64),
    )


def _objects(keys: list[Any]) -> NDArray[np.object_]:
    array = np.empty(len(keys), dtype=object)
    array[:] = keys
    return array


def _door_of_parts(road: str, number: str) -> tuple[Any, int]:
    """The road, with the lane that a number begins with, and the whole number of the door; -1 where there is none."""
    if not (road and number):
        return None, -1
    found = _NUMBER.search(unicodedata.normalize("NFKC", number))
    if found is None or len(found[1]) > 9:
        return None, -1
    return (road, number[: found.start()]), int(found[1])


@dataclass(frozen=True, slots=True)
class _Form:
    """How texts that differ by their digits alone are read.

    ``road`` is None where there is no door; ``before`` counts the runs of digits in front of the door's. ``outer`` is
    the text in front of unit, floor and room, with ``outer_runs`` runs of digits.
    """

    readable: bool
    areas: tuple[str, ...]
    road: str | None
    before: int
    outer: str
    outer_runs: int

    def road_and_number(self, runs: tuple[str, ...]) -> tuple[Any, int]:
        """The road of a text with these digits, and its door; -1 where there is none."""
        if self.road is None or self.before >= len(runs) or len(runs[self.before]) > 9:
            return None, -1
        return (self.road, runs[: self.before]), int(runs[self.before])


def _form_of(text: str, forms: dict[str, _Form]) -> tuple[_Form, tuple[str, ...]]:
    """The form of a text, and its runs of digits."""
    plain = unicodedata.normalize("NFKC", text)
    pattern = _DIGIT.sub("1", plain)
    form = forms.get(pattern)
    if form is None:
        form = forms[pattern] = _read_form(pattern)
    return form, tuple(_RUNS.findall(plain))


def _read_form(pattern: str) -> _Form:
    text = normalize(pattern).text
    reading = parse(text)
    areas = tuple(reading.areas[level] for level in _LEVELS if level in reading.areas)
    readable = bool(reading.names) and bool(reading.numbers)
    # Digits that were set apart, of phones and such, would shift the others.
    whole = len(_RUNS.findall(text)) == len(_RUNS.findall(pattern))
    door = _door(reading) if whole else None
    inner = next((number.start for number in reading.numbers if number.unit in _INNER), len(text)) if whole else -1
    outer = text[:inner] if inner >= 0 else pattern
    return _Form(
        readable,
        areas,
        reading.first("road") if door is not None else None,
        len(_RUNS.findall(text[: door.start])) if door is not None else 0,
        outer,
        len(_RUNS.findall(outer)),
    )


def _door(reading: Reading) -> Numbered | None:
    """The number of a door along a road, if it is written in digits and no compound or building stands behind it."""
    ends = [name.end for name in reading.names if name.kind == "road"]
    if not ends:
        return None
    for number in reading.numbers:
        if number.start >= ends[0] and number.unit in (Unit.DOOR, Unit.BARE) and number.how == "digits":
            named = any(name.kind == "compound" and name.start >= number.end for name in reading.names)
            built = any(other.unit is Unit.BUILDING and other.start >= number.end for other in reading.numbers)
            return None if named or built else number
    return None
