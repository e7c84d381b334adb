"""Who stands on a board, tier by tier, as the public sees them; and who answers for which matter."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from geodata.moment import Moment
from geodata.people.answers import duty_record
from geodata.people.duties import Target
from geodata.records import Matter, OnDuty
from service.maps.boards.facts import MatterTold, Person, RoleTold, TextTold, Tier, dialable
from service.maps.boards.ground import Subject, ground_of
from service.maps.words import Language


def tiers_of(moment: Moment, subject: Subject, lang: Language) -> tuple[Tier, ...]:
    """Who answers, from the highest area to the buildings; tiers without anybody are left out, but a community's grids.

    Notes
    -----
    Whoever has a duty stands there, on leave and off duty too: a board hangs for weeks.
    """
    area_id = subject.area.area_id if subject.area is not None else _community(subject)
    chain = list(reversed(moment.area_chain(area_id)))
    tiers = [
        Tier(
            "area" if subject.area is not None and area.area_id == subject.area.area_id else "above",
            area.name,
            _people(moment, [(Target("area", area.area_id), "area", area.name)], lang),
        )
        for area in chain
    ]
    tiers += [
        Tier("grid", grid.name, _people(moment, [(Target("grid", grid.grid_id), "grid", grid.name)], lang))
        for grid in subject.grids
    ]
    if subject.kind != "community":
        tiers += _below(moment, subject, lang)
    # A resident of a community looks for the own grid: one without anybody stands there as well.
    wanted = subject.kind == "community" and len(subject.grids) > 1
    return tuple(tier for tier in tiers if tier.people or (wanted and tier.kind == "grid"))


def _community(subject: Subject) -> int | None:
    return subject.grids[0].community_id if subject.grids else None


def _below(moment: Moment, subject: Subject, lang: Language) -> list[Tier]:
    """Compounds and buildings: those of the compound, or those that lie in the grid."""
    ground = ground_of(moment, subject.layer)
    if subject.compound is not None:
        buildings = ground.buildings_of.get(subject.compound.compound_id, ())
        compounds = [subject.compound]
    else:
        buildings = [one for grid in subject.grids for one in ground.buildings.get(grid.position, ())]
        identities = dict.fromkeys(one.compound_id for one in buildings if one.compound_id is not None)
        compounds = [found for one in identities if (found := moment.compound_by_id(one)) is not None]
    inside = [(Target("compound", one.compound_id), "compound", one.name) for one in compounds]
    below = [
        (Target("building", one.building_id), "building", _building(moment, one.compound_id, one.name, len(compounds)))
        for one in buildings
    ]
    return [
        Tier("compound", "、".join(one.name for one in compounds[:3]), _people(moment, inside, lang)),
        Tier("building", "", _people(moment, below, lang)),
    ]


def _building(moment: Moment, compound_id: int | None, name: str, compounds: int) -> str:
    """A building's name, with its compound's where there are several."""
    compound = moment.compound_by_id(compound_id) if compounds > 1 else None
    return name if compound is None or name.startswith(compound.name) else f"{compound.name} {name}"


def _people(moment: Moment, targets: Iterable[tuple[Target, str, str]], lang: Language) -> tuple[Person, ...]:
    found: dict[tuple[str, str, str, str], Person] = {}
    for target, kind, name in targets:
        for held in moment.roster.held(target):
            told = duty_record(OnDuty(held.role, held.holder, held.assignment, kind), unmasked=False, zone=moment.zone)
            phone = str(told["phone"])
            person = Person(
                role=held.role.code,
                role_name=held.role.name_en if lang == "en" and held.role.name_en else held.role.name,
                name=str(told["name"]),
                phone=phone,
                target_kind=kind,
                target=name,
                stand_in=held.assignment != "primary",
                masked=phone != held.holder.phone,
                hours=held.hours,
            )
            found.setdefault((person.role, held.holder.code, kind, name), person)
    return tuple(found.values())


def roles_of(moment: Moment, tiers: Sequence[Tier], lang: Language) -> tuple[RoleTold, ...]:
    """What each role on the board does, those nearest to the reader first; roles without words are left out."""
    by_code = moment.roles
    order: dict[str, None] = {}
    for tier in sorted(tiers, key=lambda tier: tier.kind == "above"):
        order.update(dict.fromkeys(person.role for person in tier.people))
    return tuple(
        RoleTold(
            role.name_en if lang == "en" and role.name_en else role.name,
            role.duties_en if lang == "en" and role.duties_en else role.duties_text,
        )
        for code in order
        if (role := by_code.get(code)) is not None and (role.duties_text or (lang == "en" and role.duties_en))
    )


def matters_of(moment: Moment, tiers: Sequence[Tier], lang: Language) -> tuple[MatterTold, ...]:
    """Which matter goes to whom, in the order that the matters state."""
    nearest: dict[str, list[Person]] = {}
    # The lowest tier in which somebody has the role is who answers; grids of a community stand beside each other.
    for _, level in groupby(reversed(tiers), key=lambda tier: tier.kind):
        here = [person for tier in level for person in tier.people if not person.stand_in]
        for code in {person.role for person in here} - nearest.keys():
            nearest[code] = [person for person in here if person.role == code]
    ordered = sorted(moment.matters, key=lambda one: (one.position, one.code))
    return tuple(_matter(moment, one, nearest, lang) for one in ordered)


def _matter(moment: Moment, matter: Matter, nearest: dict[str, list[Person]], lang: Language) -> MatterTold:
    role = None if matter.role_id is None else moment.roster.role(matter.role_id)
    office = None if matter.organisation_id is None else moment.roster.holder(matter.organisation_id)
    people = nearest.get(role.code, []) if role is not None else []
    # Of several, the board says the role: each grid, each building has its own.
    person = people[0] if len(people) == 1 else None
    name = "" if role is None else role.name_en if lang == "en" and role.name_en else role.name
    phones = [
        person.phone if person is not None and person.dialable else "",
        matter.phone,
        office.phone if office is not None else "",
    ]
    return MatterTold(
        name=matter.name_en if lang == "en" and matter.name_en else matter.name,
        description=matter.description,
        responsible=name or (office.name if office is not None else ""),
        person=person.name if person is not None else "",
        phone=next((phone for phone in phones if phone), ""),
        promised_minutes=matter.promised_minutes,
    )


def by_hotline(matters: Sequence[MatterTold], hotlines: Sequence[TextTold]) -> tuple[MatterTold, ...]:
    """The same matters; those without a number get the first hotline's, where there is one."""
    first = next((one.phone for one in hotlines if dialable(one.phone)), "")
    return tuple(
        one if one.phone or not first or not one.responsible else replace(one, phone=first, by_hotline=True)
        for one in matters
    )
