"""Who is responsible at one instant: duties in force, found by their target."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from geodata.people.masking import masked_name, masked_phone
from geodata.records import Area, Duty, Holder, OnDuty, Role

Target = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Roster:
    """Duties, roles and holders in force at one instant.

    Parameters
    ----------
    roles
        By identity.
    holders
        By identity.
    duties
        By target, a pair of kind (``area``, ``grid``, ``station``) and identity.
    """

    roles: Mapping[int, Role]
    holders: Mapping[int, Holder]
    duties: Mapping[Target, Sequence[Duty]]

    def on_duty(self, target: Target, via: str) -> list[OnDuty]:
        """Those responsible for one target, by role, primary before stand-in; empty where nobody is.

        A duty whose holder or role has ended counts as nobody.
        """
        found = [
            OnDuty(self.roles[duty.role_id], self.holders[duty.holder_id], duty.assignment, via)
            for duty in self.duties.get(target, ())
            if duty.role_id in self.roles and duty.holder_id in self.holders
        ]
        found.sort(key=lambda person: (person.role.position, person.role.code, person.assignment, person.holder.code))
        return found


def roster(roles: Iterable[Role], holders: Iterable[Holder], duties: Iterable[Duty]) -> Roster:
    """Index rows that are in force at one instant."""
    by_target: dict[Target, list[Duty]] = {}
    for duty in duties:
        by_target.setdefault((duty.target_kind, duty.target_id), []).append(duty)
    return Roster({role.role_id: role for role in roles}, {holder.holder_id: holder for holder in holders}, by_target)


def people_of_grid(who: Roster, grid_id: int, areas: Sequence[Area]) -> tuple[OnDuty, ...]:
    """Those who answer for a grid: its own people, and from each area above the roles that nobody nearer holds.

    Parameters
    ----------
    areas
        The grid's areas, the community first.

    Notes
    -----
    Where nobody holds a duty on the grid itself the list starts with the community's people, then the street's:
    ``via`` of each says which.
    """
    found = who.on_duty(("grid", grid_id), "grid")
    for area in areas:
        held = {person.role.code for person in found}
        found += [person for person in who.on_duty(("area", area.area_id), area.level) if person.role.code not in held]
    return tuple(found)


def duty_record(person: OnDuty, *, unmasked: bool) -> dict[str, object]:
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
        "name": holder.name if show_name else masked_name(holder.name),
        "phone": holder.phone if show_phone else masked_phone(holder.phone),
        "assignment": person.assignment,
        "via": person.via,
        "on_duty_now": True,
    }
