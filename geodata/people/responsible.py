"""Whom to call for which matter: the one of a grid's people who answers for it now, else an office and its phone."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from geodata.people.answers import duty_record, first_of, with_first
from geodata.people.concern import matter_record
from geodata.people.duties import Roster
from geodata.records import Matter, OnDuty

_WHO = ("role", "role_name", "role_name_en", "kind", "name", "phone", "via", "on_duty_now", "reason", "back_at")


def responsible_records(
    matters: Sequence[Matter], people: Sequence[OnDuty], who: Roster, *, unmasked: bool, zone: ZoneInfo
) -> list[dict[str, Any]]:
    """Every matter with who answers for it where these people do, in the order in which matters are told.

    Parameters
    ----------
    people
        Of one grid, the nearest first.
    unmasked
        Whether the asker may see names and phones that are not public.

    Returns
    -------
    list
        ``code name name_en description promised_minutes role organisation who phone`` of each: ``who`` is the one of
        the people in the role to be called first, None where nobody has it; ``phone`` the matter's own, else that of
        its organisation, empty where there is neither.
    """
    ordered = sorted(matters, key=lambda matter: (matter.position, matter.code))
    return [_record(matter, people, who, unmasked, zone) for matter in ordered]


def _record(matter: Matter, people: Sequence[OnDuty], who: Roster, unmasked: bool, zone: ZoneInfo) -> dict[str, Any]:
    told = matter_record(who, matter)
    office = told["organisation"]
    mine = [] if matter.role_id is None else [one for one in people if one.role.role_id == matter.role_id]
    first = first_of(with_first(mine))
    person = None if first is None else duty_record(first, unmasked=unmasked, zone=zone)
    return {
        "code": matter.code,
        "name": matter.name,
        "name_en": matter.name_en,
        "description": matter.description,
        "promised_minutes": matter.promised_minutes,
        "role": told["role"],
        "organisation": office,
        "who": None if person is None else {name: person[name] for name in _WHO},
        "phone": matter.phone or (office["phone"] if office is not None else ""),
    }
