"""What a look-up is about: the matter, who is responsible for it, and when it is promised to be done."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from geodata.people.answers import with_first
from geodata.people.duties import Roster
from geodata.records import Matter, OnDuty, Role
from geodata.times import instant

_MINUTE = 60_000_000


def responsible_first(people: Sequence[OnDuty], matter: Matter, who: Roster) -> tuple[OnDuty, ...]:
    """The same people, those of the matter's role first, then its organisation with its duty phone, then the others.

    Notes
    -----
    Who is to be called first is chosen anew in that order: somebody responsible, if on duty.
    """
    mine = [person for person in people if person.role.role_id == matter.role_id]
    others = [person for person in people if person.role.role_id != matter.role_id]
    office = None if matter.organisation_id is None else who.holder(matter.organisation_id)
    if office is not None:
        office = replace(office, phone=office.phone or matter.phone)
        mine.append(OnDuty(_as_role(matter), office, "primary", "matter"))
    return with_first([*mine, *others])


def _as_role(matter: Matter) -> Role:
    """What an organisation is in for a matter: nobody gave it a role."""
    return Role(
        0,
        matter.code,
        matter.name,
        matter.name_en,
        matter.description,
        "",
        name_public=True,
        phone_public=True,
        position=0,
        valid_from=matter.valid_from,
        valid_to=matter.valid_to,
    )


def matter_record(who: Roster, matter: Matter, as_of: int | None = None) -> dict[str, Any]:
    """The matter of an answer.

    Parameters
    ----------
    as_of
        Instant that the promised time is counted from; the roster's own where None.
    """
    role = None if matter.role_id is None else who.role(matter.role_id)
    office = None if matter.organisation_id is None else who.holder(matter.organisation_id)
    begins = who.as_of if as_of is None else as_of
    due = None if matter.promised_minutes is None else begins + matter.promised_minutes * _MINUTE
    return {
        "code": matter.code,
        "name": matter.name,
        "name_en": matter.name_en,
        "phone": matter.phone,
        "promised_minutes": matter.promised_minutes,
        "promised_by": None if due is None else instant(due).astimezone(who.zone).isoformat(),
        "role": None if role is None else {"code": role.code, "name": role.name, "name_en": role.name_en},
        "organisation": None if office is None else {"code": office.code, "name": office.name, "phone": office.phone},
    }
