"""Where each kind that is known by its code is kept: how it is locked, read and written."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from psycopg import Connection

from geodata.area import areas_in_force, areas_later, lock_areas, write_areas
from geodata.grid.layers import layers, lock_layers, write_layers
from geodata.people.calendar_days import calendar_days, lock_calendar, write_calendar
from geodata.people.holders import ORGANISATIONS, WORKERS
from geodata.people.matters import MATTERS
from geodata.people.norms import NORMS
from geodata.people.roles import ROLES
from geodata.people.texts import TEXTS
from geodata.place.buildings import BUILDINGS
from geodata.place.compounds import COMPOUNDS, GATES
from geodata.place.places import PLACES
from geodata.station.register import STATIONS


class Store(Protocol):
    """What a kind's tables can do; `geodata.version_tables.VersionTables` says more of each."""

    def lock(self, connection: Connection[Any]) -> None:
        """Hold other writers back until the transaction ends."""

    def in_force(self, connection: Connection[Any], at: int) -> list[dict[str, Any]]:
        """Records at an instant: ``entity_id version_id code``, the fields of the kind, ``ends`` where there is one."""

    def later(self, connection: Connection[Any], at: int) -> dict[str, int]:
        """Codes with a version that begins after an instant, and when."""

    def write(
        self, connection: Connection[Any], records: Sequence[Mapping[str, Any]], ended_versions: Sequence[int], at: int
    ) -> None:
        """End versions and add new ones at an instant."""


@runtime_checkable
class Narrow(Protocol):
    """A store that can be asked for some codes alone."""

    def in_force_of(self, connection: Connection[Any], at: int, codes: Sequence[str]) -> list[dict[str, Any]]:
        """As `Store.in_force`, of these codes alone."""


class _Areas:
    lock = staticmethod(lock_areas)
    in_force = staticmethod(areas_in_force)
    later = staticmethod(areas_later)
    write = staticmethod(write_areas)


class _Layers:
    """Layers have no periods: they are changed in place, and never end."""

    lock = staticmethod(lock_layers)

    def in_force(self, connection: Connection[Any], at: int) -> list[dict[str, Any]]:  # noqa: ARG002
        return layers(connection)

    def later(self, connection: Connection[Any], at: int) -> dict[str, int]:  # noqa: ARG002
        return {}

    def write(
        self,
        connection: Connection[Any],
        records: Sequence[Mapping[str, Any]],
        ended_versions: Sequence[int],  # noqa: ARG002
        at: int,  # noqa: ARG002
    ) -> None:
        write_layers(connection, records)


class _Calendar:
    """Days have no periods: each counts as soon as it is recorded."""

    lock = staticmethod(lock_calendar)

    def in_force(self, connection: Connection[Any], at: int) -> list[dict[str, Any]]:  # noqa: ARG002
        return calendar_days(connection)

    def later(self, connection: Connection[Any], at: int) -> dict[str, int]:  # noqa: ARG002
        return {}

    def write(
        self,
        connection: Connection[Any],
        records: Sequence[Mapping[str, Any]],
        ended_versions: Sequence[int],
        at: int,  # noqa: ARG002
    ) -> None:
        write_calendar(connection, records, ended_versions)


STORES: dict[str, Store] = {
    "areas": _Areas(),
    "layers": _Layers(),
    "stations": STATIONS,
    "roles": ROLES,
    "workers": WORKERS,
    "organisations": ORGANISATIONS,
    "calendar": _Calendar(),
    "matters": MATTERS,
    "norms": NORMS,
    "texts": TEXTS,
    "compounds": COMPOUNDS,
    "gates": GATES,
    "buildings": BUILDINGS,
    "places": PLACES,
}
