"""Who is responsible at one instant: duties in force, found by their target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from geodata.people.masking import masked_name, masked_phone
from geodata.records import Area, Duty, Holder, Leave, OnDuty, Role

Target = tuple[str, int]


class Register:
    """Roles, holders and duties of all times, by what they are asked for: made once, then asked about any instant.

    Parameters
    ----------
    roles, holders, duties, leaves
        Every version.
    """

    def __init__(
        self, roles: Iterable[Role], holders: Iterable[Holder], duties: Iterable[Duty], leaves: Iterable[Leave] = ()
    ) -> None:
        self.leaves = tuple(leaves)
        self.roles = tuple(roles)
        self.holders = tuple(holders)
        self.duties = tuple(duties)
        self.roles_of: dict[int, list[Role]] = {}
        self.holders_of: dict[int, list[Holder]] = {}
        self.duties_for: dict[Target, list[Duty]] = {}
        for role in self.roles:
            self.roles_of.setdefault(role.role_id, []).append(role)
        for holder in self.holders:
            self.holders_of.setdefault(holder.holder_id, []).append(holder)
        for duty in self.duties:
            self.duties_for.setdefault((duty.target_kind, duty.target_id), []).append(duty)


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is responsible at one instant.

    Parameters
    ----------
    register
        Of all times.
    as_of
        Microseconds since 1970-01-01 UTC.

    Notes
    -----
    Only what is asked for is looked at: anybody may ask about any instant, and a province has half a million duties.
    """

    register: Register
    as_of: int

    def has_duty(self, target: Target) -> bool:
        """Whether a duty for a target is in force."""
        return any(_holds(duty, self.as_of) for duty in self.register.duties_for.get(target, ()))

    def on_duty(self, target: Target, via: str) -> list[OnDuty]:
        """Those responsible for one target, by role, primary before stand-in; empty where nobody is.

        A duty whose holder or role has ended counts as nobody.
        """
        found = []
        for duty in self.register.duties_for.get(target, ()):
            if not _holds(duty, self.as_of):
                continue
            role = _in_force(self.register.roles_of.get(duty.role_id, ()), self.as_of)
            holder = _in_force(self.register.holders_of.get(duty.holder_id, ()), self.as_of)
            if role is not None and holder is not None:
                found.append(OnDuty(role, holder, duty.assignment, via))
        found.sort(key=lambda person: (person.role.position, person.role.code, person.assignment, person.holder.code))
        return found


_T = TypeVar("_T", Role, Holder)


def _holds(row: Role | Holder | Duty, as_of: int) -> bool:
    return row.valid_from <= as_of < row.valid_to


def _in_force(versions: Sequence[_T], as_of: int) -> _T | None:
    return next((version for version in versions if _holds(version, as_of)), None)


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
