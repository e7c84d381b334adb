"""The registers as the snapshot holds them: rows with the fields of their load kinds, references as codes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from geodata.intake.kinds import KINDS
from geodata.moment import Moment
from geodata.people.masking import masked_name, masked_phone
from geodata.records import FOREVER_FROM, FOREVER_TO, Holder, Leave, Role, Station


class Row(NamedTuple):
    """One record: its code, fields as `geodata.record_states.Version` holds them, and its period in microseconds."""

    code: str
    fields: Mapping[str, Any]
    begins: int
    ends: int


Rows = Callable[[Moment], Iterable[Row]]


def masked_field(name: str, fields: Mapping[str, Any]) -> Any:
    """A personal field as those see it who may not see it in full."""
    value = fields.get(name)
    if value is None or fields.get(f"{name}_public"):
        return value
    kind = "stand_in_kind" if name == "stand_in_name" else "kind"
    if fields.get(kind) == "organisation":
        return value
    return masked_phone(value) if name.endswith("phone") else masked_name(value)


def _row(of: str, one: Any, /, **others: Any) -> Row:
    """A row of what a record and its kind call alike, and of others."""
    fields = {name: getattr(one, name) for name in _NAMES[of] if hasattr(one, name)}
    return Row(one.code, {**fields, **others}, one.valid_from, one.valid_to)


_NAMES = {name: tuple(field.name for field in kind.fields) for name, kind in KINDS.items()}


def workers(moment: Moment) -> Iterable[Row]:
    """People, without organisations."""
    return (holder_row(one) for one in moment.workers if one.kind == "worker")


def holder_row(one: Holder) -> Row:
    """A person or an organisation."""
    return _row("workers", one, kind=one.kind)


def organisations(moment: Moment) -> Iterable[Row]:
    """Organisations."""
    return (_row("organisations", one) for one in moment.workers if one.kind == "organisation")


def roles(moment: Moment) -> Iterable[Row]:
    """Roles."""
    return (_row("roles", one) for one in moment.roles.values())


def stations(moment: Moment) -> Iterable[Row]:
    """Stations."""
    return (station_row(one) for one in moment.stations)


def station_row(one: Station) -> Row:
    """A station."""
    return _row("stations", one)


def stops(moment: Moment) -> Iterable[Row]:
    """Stops of mobile stations that are in force."""
    codes = {one.station_id: one for one in moment.stations}
    for one in moment.stops:
        station = codes.get(one.station_id)
        yield _row(
            "stops", one, station=station.code if station else None, station_name=station.name if station else None
        )


def matters(moment: Moment) -> Iterable[Row]:
    """Kinds of work."""
    by_role, by_holder = roles_by_id(moment), holders_by_id(moment)
    for one in moment.matters:
        role = by_role.get(one.role_id or 0)
        organisation = by_holder.get(one.organisation_id or 0)
        yield _row(
            "matters",
            one,
            role=None if role is None else role.code,
            role_name=None if role is None else role.name,
            organisation=None if organisation is None else organisation.code,
            organisation_name=None if organisation is None else organisation.name,
            promised=one.promised_minutes,
        )


def norms(moment: Moment) -> Iterable[Row]:
    """Staffing norms."""
    by_role = roles_by_id(moment)
    for one in moment.norms:
        role, area = by_role.get(one.role_id), moment.area_by_id(one.area_id)
        yield _row(
            "norms",
            one,
            role=None if role is None else role.code,
            role_name=None if role is None else role.name,
            kind=one.grid_kind,
            area=None if area is None else area.code,
            area_name=None if area is None else area.name,
        )


def texts(moment: Moment) -> Iterable[Row]:
    """What boards and cards say."""
    asked = {one.grid_id for one in moment.texts if one.grid_id is not None}
    grids = {
        grid.grid_id: grid
        for layer in (moment.layers if asked else ())
        for grid in moment.grids(layer.code)
        if grid.grid_id in asked
    }
    for one in moment.texts:
        area, grid = moment.area_by_id(one.area_id), grids.get(one.grid_id or 0)
        target = area or grid
        kind = "area" if one.area_id is not None else "grid" if one.grid_id is not None else None
        yield _row(
            "texts",
            one,
            target_kind=kind,
            target=None if target is None else target.code,
            target_name=None if target is None else target.name,
            layer=None if grid is None else grid.layer,
        )


def leave(moment: Moment) -> Iterable[Row]:
    """Who is away at the instant."""
    return leave_rows(moment, moment.leaves)


def leave_rows(moment: Moment, leaves: Iterable[Leave]) -> Iterable[Row]:
    """Leaves with the people of the moment."""
    holders = holders_by_id(moment)
    for one in leaves:
        away, other = holders.get(one.holder_id), holders.get(one.stand_in_id or 0)
        fields = {
            "leave_id": one.leave_id,
            "worker": None if away is None else away.code,
            "worker_name": None if away is None else away.name,
            "reason": one.reason,
            "stand_in": None if other is None else other.code,
            "stand_in_name": None if other is None else other.name,
            "stand_in_kind": None if other is None else other.kind,
        }
        yield Row(str(one.leave_id), fields, one.valid_from, one.valid_to)


def calendar(moment: Moment) -> Iterable[Row]:
    """Days on which weekly hours mean something else, of all times."""
    for one in moment.calendar:
        yield Row(one.day, {"day": one.day, "kind": one.kind, "name": one.name}, FOREVER_FROM, FOREVER_TO)


def compounds(moment: Moment) -> Iterable[Row]:
    """Compounds."""
    return (_row("compounds", one) for one in moment.compounds)


def buildings(moment: Moment) -> Iterable[Row]:
    """Buildings."""
    known = {one.compound_id: one for one in moment.compounds}
    for one in moment.buildings:
        compound = known.get(one.compound_id or 0)
        yield _row(
            "buildings",
            one,
            compound=None if compound is None else compound.code,
            compound_name=None if compound is None else compound.name,
        )


def places(moment: Moment) -> Iterable[Row]:
    """Named places."""
    return (_row("places", one) for one in moment.places)


def roles_by_id(moment: Moment) -> dict[int, Role]:
    """Roles in force, by identity."""
    return {one.role_id: one for one in moment.roles.values()}


def holders_by_id(moment: Moment) -> dict[int, Holder]:
    """People and organisations in force, by identity."""
    return {one.holder_id: one for one in moment.workers}
