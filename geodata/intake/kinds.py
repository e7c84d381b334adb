"""What can be loaded: every kind by its name."""

from geodata.errors import InputError
from geodata.intake import count_kinds, list_kinds, roster_kinds, street_kinds, territory_kinds
from geodata.intake.fields import LEVELS, Field, Kind, Reader, Shape
from geodata.intake.roster_columns import COMMON_ROSTER

__all__ = ["KINDS", "LEVELS", "Field", "Kind", "Reader", "Shape", "known_kind"]

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        territory_kinds.AREAS,
        territory_kinds.LAYERS,
        territory_kinds.GRIDS,
        roster_kinds.ROLES,
        roster_kinds.WORKERS,
        roster_kinds.ORGANISATIONS,
        roster_kinds.DUTIES,
        roster_kinds.LEAVE,
        roster_kinds.CALENDAR,
        roster_kinds.NORMS,
        roster_kinds.MATTERS,
        roster_kinds.TEXTS,
        roster_kinds.STATIONS,
        roster_kinds.STOPS,
        territory_kinds.COMPOUNDS,
        territory_kinds.GATES,
        territory_kinds.BUILDINGS,
        territory_kinds.PLACES,
        COMMON_ROSTER,
        street_kinds.STREETS,
        street_kinds.BARRIERS,
        street_kinds.BACKDROP,
        list_kinds.ADDRESSES,
        count_kinds.COUNTS,
        list_kinds.GRIDLISTS,
    )
}


def known_kind(name: str) -> Kind:
    """Kind of that name.

    Raises
    ------
    InputError
        Nothing of that name can be loaded; the error names what can.
    """
    if name not in KINDS:
        known = ", ".join(KINDS)
        raise InputError(
            f"Cannot load {name[:40]!r}: the kinds are {known}.",
            f"不能导入“{name[:40]}”，可导入的种类：{known}。",
            known=list(KINDS),
        )
    return KINDS[name]
