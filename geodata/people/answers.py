"""Who answers: the people of a chain of targets, from the nearest to the farthest, and the one to call first."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from geodata.people.duties import Roster, Target
from geodata.people.masking import masked_name, masked_phone
from geodata.records import FOREVER_TO, Area, OnDuty
from geodata.times import LOCAL_ZONE, instant

Link = tuple[Target, str]
"""A target, and what people that come by it say in ``via``."""

NEAREST = frozenset({"unit", "building", "compound", "place", "station", "grid"})
"""What ``via`` says of people who belong to the grid or to something inside it."""


def people_of_grid(who: Roster, grid_id: int, areas: Sequence[Area], nearer: Sequence[Link] = ()) -> tuple[OnDuty, ...]:
    """Those who answer for a grid, its own first, then those of the areas above.

    Parameters
    ----------
    areas
        The grid's areas, the community first.
    nearer
        What lies inside the grid and is asked about, the nearest first: unit, building, compound, place, station.
    """
    above = [(Target("area", area.area_id), area.level) for area in areas]
    return people_of(who, [*nearer, (Target("grid", grid_id), "grid"), *above])


def people_of(who: Roster, chain: Iterable[Link]) -> tuple[OnDuty, ...]:
    """Those who answer for a chain of targets, the nearest first.

    Notes
    -----
    Of each target come the roles that nobody nearer is on duty in. Who is off duty is listed at the nearest target;
    from farther ones only in roles that were not listed yet. Where anybody has a duty, exactly one is to be called
    first.
    """
    found: list[OnDuty] = []
    staffed: set[int] = set()
    listed: set[int] = set()
    for target, via in chain:
        people = [
            person
            for person in who.people(target, via)
            if person.role.role_id not in staffed and (person.on_duty or person.role.role_id not in listed)
        ]
        found += people
        listed.update(person.role.role_id for person in people)
        staffed.update(person.role.role_id for person in people if person.on_duty)
    return with_first(found)


def with_first(people: Sequence[OnDuty]) -> tuple[OnDuty, ...]:
    """The same people, one of them to be called first: the first on duty; else who is back soonest and not on leave."""
    if not people:
        return ()
    first = min(range(len(people)), key=lambda place: (_remoteness(people[place]), place))
    return tuple(replace(person, call_first=place == first) for place, person in enumerate(people))


def _remoteness(person: OnDuty) -> tuple[bool, bool, int]:
    back_at = FOREVER_TO if person.back_at is None else person.back_at
    return not person.on_duty, person.reason == "on_leave", back_at if not person.on_duty else 0


def first_of(people: Iterable[OnDuty]) -> OnDuty | None:
    """The one to call first, or None where nobody has a duty."""
    return next((person for person in people if person.call_first), None)


def duty_record(person: OnDuty, *, unmasked: bool, zone: ZoneInfo = LOCAL_ZONE) -> dict[str, object]:
    """One person of an answer; name and phone are masked here, when the record is built, unless public or allowed."""
    role, holder = person.role, person.holder
    organisation = holder.kind == "organisation"
    show_name = unmasked or role.name_public or organisation
    show_phone = unmasked or role.phone_public or holder.phone_public
    return {
        "role": role.code,
        "role_name": role.name,
        "role_name_en": role.name_en,
        "duties": role.duties_text,
        "duties_en": role.duties_en,
        "kind": holder.kind,
        "name": holder.name if show_name else masked_name(holder.name),
        "phone": holder.phone if show_phone else masked_phone(holder.phone),
        "assignment": person.assignment,
        "via": person.via,
        "hours": person.hours,
        "on_duty_now": person.on_duty,
        "reason": person.reason,
        "back_at": None if person.back_at is None else instant(person.back_at).astimezone(zone).isoformat(),
        "call_first": person.call_first,
    }
