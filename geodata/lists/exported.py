"""What every list holds at one instant: a row per record with the fields of its load kind and names for people.

Rows are mappings; ``shape`` is a polygon in EPSG:4326, ``begins`` and ``ends`` are microseconds since 1970-01-01 UTC.
Names and phones are masked here, when a row is made, unless whoever asks may see them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg.rows import dict_row

from geodata.errors import InputError
from geodata.lists import registers
from geodata.lists.registers import Row, masked_field
from geodata.moment import Moment
from geodata.people.masking import masked_name, masked_phone
from geodata.queries import named_queries
from geodata.records import Duty, Holder, Leave, Role
from geodata.staffing import duties_in_force
from geodata.targets import Lives, Target, Targets
from geodata.times import instant

Rows = Iterator[dict[str, Any]]

_SQL = named_queries(__file__)


@dataclass(frozen=True)
class Asked:
    """What is asked for.

    Parameters
    ----------
    moment_of
        Gives the moment of an instant.
    database
        Opens a connection, for what is not held in memory.
    as_of
        Microseconds since 1970-01-01 UTC.
    within
        Code of an area, or None for everywhere.
    layer
        Code of a layer; the default one where None.
    until
        Also what begins before this instant; None for only what is in force.
    unmasked
        Whether personal data is shown in full.
    """

    moment_of: Callable[[int], Moment]
    database: Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
    as_of: int
    within: str | None = None
    layer: str | None = None
    until: int | None = None
    unmasked: bool = False

    @cached_property
    def moment(self) -> Moment:
        """Everything in force at the instant."""
        return self.moment_of(self.as_of)

    @cached_property
    def targets(self) -> Targets:
        """What duties are for, at the instant."""
        return Targets(self.moment)

    @cached_property
    def lives(self) -> Lives:
        """What duties are for, at the instant and until the end that is asked for."""
        return Lives(self.targets, self.targets if self.until is None else Targets(self.moment_of(self.until - 1)))

    @cached_property
    def area_ids(self) -> frozenset[int] | None:
        """Identities of the area and of those below it; None for everywhere."""
        return None if self.within is None else self.moment.within(self.within)

    @cached_property
    def _holders(self) -> Mapping[int, Holder]:
        return registers.holders_by_id(self.moment)

    @cached_property
    def _roles(self) -> Mapping[int, Role]:
        return registers.roles_by_id(self.moment)

    def holder(self, holder_id: int) -> Holder:
        """A holder as at the instant, else as it was or will be."""
        return self._holders.get(holder_id) or self.moment.roster.register.holders_of[holder_id][-1]

    def role(self, role_id: int) -> Role:
        """A role as at the instant, else as it was or will be."""
        return self._roles.get(role_id) or self.moment.roster.register.roles_of[role_id][-1]

    def shown(self, holder: Holder, role: Role | None) -> tuple[str, str]:
        """Name and phone of a holder in a role, masked where whoever asks may not see them."""
        name = self.unmasked or holder.kind == "organisation" or (role is not None and role.name_public)
        phone = self.unmasked or holder.phone_public or (role is not None and role.phone_public)
        return (
            holder.name if name else masked_name(holder.name),
            holder.phone if phone else masked_phone(holder.phone),
        )


def areas(asked: Asked) -> Rows:
    """Areas, in code order, with their outlines."""
    moment = asked.moment
    for area in sorted(moment.areas.values(), key=lambda one: one.code):
        if asked.area_ids is None or area.area_id in asked.area_ids:
            above = moment.area_by_id(area.parent_id)
            yield {
                "code": area.code,
                "name": area.name,
                "level": area.level,
                "parent": above and above.code,
                "parent_name": above and above.name,
                "shape": moment.area_geometry(area.code),
                **_period(area.valid_from, area.valid_to),
            }


def layers(asked: Asked) -> Rows:
    """Layers, the default first."""
    for layer in asked.moment.layers:
        names = ("code", "name", "name_en", "tiling", "nested_in", "position", "is_default")
        yield {name: getattr(layer, name) for name in names}


def grids(asked: Asked) -> Rows:
    """Grids of one layer, in code order."""
    moment = asked.moment
    layer = moment.layer(asked.layer) if asked.layer is not None else moment.default_layer
    for grid in moment.grids(layer.code):
        if asked.area_ids is None or grid.community_id in asked.area_ids:
            community = moment.area_by_id(grid.community_id)
            yield {
                "code": grid.code,
                "name": grid.name,
                "kind": grid.kind,
                "community": community and community.code,
                "community_name": community and community.name,
                "households": grid.households,
                "persons": grid.persons,
                "layer": layer.code,
                "release": grid.release,
                "shape": moment.geometry(grid),
                **_period(grid.valid_from, grid.valid_to),
            }


def duties(asked: Asked) -> Rows:
    """Duties whose holder, role and target are in force; until a later end those to come too, by their identity."""
    held = sorted(_held_duties(asked), key=lambda duty: duty.duty_id)
    if asked.within is not None:
        keys = {(duty.target_kind, duty.target_id) for duty in held}
        inside = asked.lives.inside(keys, asked.within)
        held = [duty for duty in held if (duty.target_kind, duty.target_id) in inside]
    for duty in held:
        target = asked.lives.target(duty.target_kind, duty.target_id, duty.unit)
        if target is not None:
            yield _duty(asked, duty, target)


def _held_duties(asked: Asked) -> Iterable[Duty]:
    if asked.until is None:
        return duties_in_force(asked.moment)
    return _lasting(asked, asked.moment.roster.register.duties)


def _lasting(asked: Asked, rows: Iterable[Any]) -> list[Any]:
    """Those in force at some time from the instant until the end that is asked for."""
    end = asked.as_of + 1 if asked.until is None else asked.until
    return [row for row in rows if row.valid_from < end and asked.as_of < row.valid_to]


def _duty(asked: Asked, duty: Duty, target: Target) -> dict[str, Any]:
    holder, role = asked.holder(duty.holder_id), asked.role(duty.role_id)
    name, phone = asked.shown(holder, role)
    return {
        "duty_id": duty.duty_id,
        "holder": holder.code,
        "holder_name": name,
        "holder_phone": phone,
        "role": role.code,
        "role_name": role.name,
        "target_kind": duty.target_kind,
        "target": target.code,
        "target_name": target.name,
        "layer": target.layer,
        "assignment": duty.assignment,
        "hours": duty.hours,
        "from": duty.valid_from,
        "to": duty.valid_to,
    }


def leave(asked: Asked) -> Rows:
    """Who is away; until a later end who will be too, by the identity of the leave."""
    found: list[Leave] = _lasting(asked, asked.moment.roster.register.leaves)
    inside = _people_inside(asked)
    for one in sorted(found, key=lambda one: one.leave_id):
        if inside is None or one.holder_id in inside:
            away = asked.holder(one.holder_id)
            other = None if one.stand_in_id is None else asked.holder(one.stand_in_id)
            yield {
                "leave_id": one.leave_id,
                "worker": away.code,
                "worker_name": asked.shown(away, None)[0],
                "reason": one.reason,
                "stand_in": other and other.code,
                "stand_in_name": other and asked.shown(other, None)[0],
                "from": one.valid_from,
                "to": one.valid_to,
            }


def _people_inside(asked: Asked) -> set[int] | None:
    """Identities of those with a duty in the area; None for everywhere."""
    if asked.within is None:
        return None
    held = list(_held_duties(asked))
    inside = asked.lives.inside({(duty.target_kind, duty.target_id) for duty in held}, asked.within)
    return {duty.holder_id for duty in held if (duty.target_kind, duty.target_id) in inside}


def _holders(asked: Asked, kind: str) -> Rows:
    inside = _people_inside(asked)
    codes = None if inside is None else {asked.holder(one).code for one in inside if asked.holder(one).kind == kind}
    rows = registers.workers if kind == "worker" else registers.organisations
    for row in _sorted(rows(asked.moment)):
        if codes is None or row.code in codes:
            shown = dict(row.fields)
            if kind == "worker" and not asked.unmasked:
                shown |= {name: masked_field(name, row.fields) for name in ("name", "phone")}
            yield {**shown, **_period(row.begins, row.ends)}


def workers(asked: Asked) -> Rows:
    """People, in code order; in an area those with a duty there."""
    return _holders(asked, "worker")


def organisations(asked: Asked) -> Rows:
    """Organisations, in code order; in an area those with a duty there."""
    return _holders(asked, "organisation")


def texts(asked: Asked) -> Rows:
    """Texts of boards and cards, in code order; those of an area or grid that has ended are shown nowhere."""
    moment = asked.moment
    in_area = None if asked.area_ids is None else _codes_inside(asked)
    for row in _sorted(registers.texts(moment)):
        target = (row.fields["target_kind"], row.fields["target"])
        if (target[0] is None or target[1] is not None) and (in_area is None or target in in_area):
            yield {**row.fields, **_period(row.begins, row.ends)}


def _codes_inside(asked: Asked) -> set[tuple[str, str]]:
    moment, ids = asked.moment, asked.area_ids or frozenset()
    found = {("area", area.code) for area in moment.areas.values() if area.area_id in ids}
    every = (grid for layer in moment.layers for grid in moment.grids(layer.code))
    return found | {("grid", grid.code) for grid in every if grid.community_id in ids}


def norms(asked: Asked) -> Rows:
    """Staffing norms, in code order; one about an area that has ended holds nowhere."""
    lost = {
        norm.code
        for norm in asked.moment.norms
        if norm.area_id is not None and asked.moment.area_by_id(norm.area_id) is None
    }
    return (row for row in _register(registers.norms)(asked) if row["code"] not in lost)


def matters(asked: Asked) -> Rows:
    """Kinds of work, in code order, with the role or organisation that answers, in force or not."""
    named = {matter.code: matter for matter in asked.moment.matters}
    for row in _register(registers.matters)(asked):
        matter = named[row["code"]]
        if row["role"] is None and matter.role_id is not None:
            row |= {"role": asked.role(matter.role_id).code, "role_name": asked.role(matter.role_id).name}
        if row["organisation"] is None and matter.organisation_id is not None:
            holder = asked.holder(matter.organisation_id)
            row |= {"organisation": holder.code, "organisation_name": holder.name}
        yield row


def stations(asked: Asked) -> Rows:
    """Stations, in code order; mobile ones at their base, or without a place and counted at their first stop."""
    names = {station.code: station.name for station in asked.moment.stations}
    places = {station.code: asked.moment.place_of(station) for station in asked.moment.stations}
    for row in _placed(asked, registers.stations(asked.moment), places):
        yield {**row, "parent_name": names.get(row["parent"] or "")}


def stops(asked: Asked) -> Rows:
    """Stops of mobile stations that are in force, in code order."""
    for row in _placed(asked, registers.stops(asked.moment)):
        if row["station"] is not None:
            yield {**row, "from": row["begins"], "to": row["ends"]}


def compounds(asked: Asked) -> Rows:
    """Compounds, in code order, with their outlines."""
    moment = asked.moment
    keys = {("compound", one.compound_id): one.code for one in moment.compounds}
    kept = None if asked.within is None else {keys[key] for key in asked.targets.inside(keys, asked.within)}
    for row in _sorted(registers.compounds(moment)):
        if kept is None or row.code in kept:
            shape = moment.compound_geometry(moment.compound(row.code))
            yield {**row.fields, "shape": shape, **_period(row.begins, row.ends)}


def buildings(asked: Asked) -> Rows:
    """Buildings, in code order, with their outlines."""
    moment = asked.moment
    known = {building.code: building for building in moment.buildings}
    for row in _placed(asked, registers.buildings(moment)):
        yield {**row, "shape": moment.building_geometry(known[row["code"]])}


def places(asked: Asked) -> Rows:
    """Named places, in code order."""
    return _placed(asked, registers.places(asked.moment))


def gates(asked: Asked) -> Rows:
    """Gates of compounds, in code order, read from the database."""
    with asked.database() as connection, connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_SQL["gates"], {"at": instant(asked.as_of)}).fetchall()
    rows = [Row(row["code"], row, row["begins"], row["ends"]) for row in found]
    return _placed(asked, rows)


def calendar(asked: Asked) -> Rows:
    """Days on which weekly hours mean something else, of all times."""
    return (dict(row.fields) for row in registers.calendar(asked.moment))


def roles(asked: Asked) -> Rows:
    """Roles, in code order."""
    return _register(registers.roles)(asked)


def _register(rows: registers.Rows) -> Callable[[Asked], Rows]:
    def listed(asked: Asked) -> Rows:
        return ({**row.fields, **_period(row.begins, row.ends)} for row in _sorted(rows(asked.moment)))

    return listed


def _placed(asked: Asked, rows: Iterable[Row], places: Mapping[str, tuple[float, float] | None] | None = None) -> Rows:
    """Rows with ``lon`` and ``lat``, in code order; those in the area where one is asked for, by ``places`` if told."""
    found = _sorted(rows)
    if asked.within is not None:
        located = [(row.fields["lon"], row.fields["lat"]) if places is None else places[row.code] for row in found]
        points = {("row", place): point for place, point in enumerate(located) if point is not None}
        inside = asked.targets.points_inside(points, asked.within)
        found = [row for place, row in enumerate(found) if ("row", place) in inside]
    return ({**row.fields, **_period(row.begins, row.ends)} for row in found)


def _sorted(rows: Iterable[Row]) -> Sequence[Row]:
    return sorted(rows, key=lambda row: row.code)


def _period(begins: int, ends: int) -> dict[str, int]:
    return {"begins": begins, "ends": ends, "valid_from": begins, "valid_to": ends}


def refuse_meaningless(name: str, asked: Asked, takes: Iterable[str]) -> None:
    """Refuse an option that means nothing for a list: it would be dropped in silence.

    Raises
    ------
    InputError
        ``within``, ``layer`` or ``until`` is given and the list does not take it, or the end is not after the begin.
    """
    for option, value in (("within", asked.within), ("layer", asked.layer), ("until", asked.until)):
        if value is not None and option not in takes:
            raise InputError(
                f"{option} means nothing for the export of {name}", f"导出“{name}”时不能使用 {option}", option=option
            )
    if asked.until is not None and asked.until <= asked.as_of:
        raise InputError("until must be later than as_of", "until 应晚于 as_of", option="until")
