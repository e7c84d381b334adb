"""Whose people come first for an address: the unit, building or compound that it surely names."""

from typing import Final

import numpy as np

from geodata.address.candidates import Candidate
from geodata.errors import GeodataError
from geodata.moment import Moment
from geodata.records import Building
from geodata.start import POINT, Start, start_at, start_inside, start_of

_SAME_PLACE: Final = 1e-7
_INSIDE_A_BUILDING: Final = frozenset({"building", "unit", "floor", "room"})
_NAMED: Final = {"building": _INSIDE_A_BUILDING, "compound": frozenset({"compound"}), "place": frozenset({"place"}),
                 "station": frozenset({"place", "station"})}  # fmt: skip


def start_of_address(moment: Moment, candidate: Candidate, lon: float, lat: float) -> Start:
    """Where an address starts; the grid alone where it is not sure which building is meant.

    Parameters
    ----------
    candidate
        What was found, whose numbers all agree with the text where `exact`.
    lon, lat
        Its point, EPSG:4326 degrees.
    """
    compound = moment.compound_at(lon, lat) if "compound" in candidate.parts else None
    if not candidate.exact:
        # The building is not known, the compound is.
        return start_inside(None, compound) if candidate.level == "compound" and compound else POINT
    named = _named(moment, candidate)
    if named is not None:
        return named
    if not _one_place(candidate):
        return start_inside(None, compound)
    building = moment.building_at(lon, lat)
    if building is not None and candidate.level in _INSIDE_A_BUILDING:
        return start_inside(
            building, compound or moment.compound_by_id(building.compound_id), _unit(building, candidate)
        )
    return start_at(moment, lon, lat)


def target_of(moment: Moment, candidate: Candidate) -> str | None:
    """What a candidate can be looked up by as a target; None where it is only a place on the map."""
    if not candidate.exact or _named(moment, candidate) is None:
        return None
    if candidate.kind == "building":
        unit = _unit(moment.building(candidate.code), candidate)
        return f"unit:{candidate.code}#{unit}" if unit else f"building:{candidate.code}"
    return f"{candidate.kind}:{candidate.code}"


def _named(moment: Moment, candidate: Candidate) -> Start | None:
    """The start that the entry itself is, where the text names just that and it is still in force."""
    if candidate.level not in _NAMED.get(candidate.kind, ()):
        return None
    try:
        if candidate.kind == "building":
            building = moment.building(candidate.code)
            compound = moment.compound_by_id(building.compound_id) or moment.compound_at(building.lon, building.lat)
            return start_inside(building, compound, _unit(building, candidate))
        return start_of(moment, f"{candidate.kind}:{candidate.code}")[0]
    except GeodataError:
        return None


def _unit(building: Building, candidate: Candidate) -> str:
    """The building's own label for the unit that was found; empty where it has none."""
    wanted = candidate.parts.get("unit", "")
    plain = {label.removesuffix("单元").lstrip("0").upper(): label for label in building.units}
    return plain.get(wanted, "") if wanted else ""


def _one_place(candidate: Candidate) -> bool:
    """Whether all points of a candidate are the same."""
    return bool(np.ptp(candidate.points, axis=0).max() <= _SAME_PLACE)
