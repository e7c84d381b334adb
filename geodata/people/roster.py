"""Roles, workers, organisations and duties in PostGIS: what is in force, and the writing of new versions."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.queries import named_queries
from geodata.times import instant, open_end

Register = Literal["roles", "workers", "organisations"]

_SQL = named_queries(__file__)


def lock_register(connection: Connection[Any], register: Register | Literal["duties"]) -> None:
    """Hold other writers of a register back until the transaction ends."""
    connection.execute(_SQL[f"lock_{register}"])


def register_in_force(connection: Connection[Any], register: Register, at: int) -> list[dict[str, Any]]:
    """Roles, workers or organisations at an instant, in code order.

    Parameters
    ----------
    at
        Microseconds since 1970-01-01 UTC.

    Returns
    -------
    list of dict
        ``entity_id version_id code begins ends`` and the fields of the register.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL[f"{register}_in_force"], {"at": instant(at)}).fetchall()


def register_later(connection: Connection[Any], register: Register, at: int) -> dict[str, int]:
    """Codes with a version that begins after an instant, and when."""
    return dict(connection.execute(_SQL[f"{register}_later"], {"at": instant(at)}).fetchall())


def write_register(
    connection: Connection[Any],
    register: Register,
    records: Sequence[Mapping[str, Any]],
    ended_versions: Sequence[int],
    at: int,
) -> None:
    """End versions and add new ones at an instant.

    Parameters
    ----------
    records
        ``code`` and every field of the register, of each new or changed entry.
    ended_versions
        Versions that end, those that a record replaces included.
    at
        Microseconds since 1970-01-01 UTC.
    """
    values = {"records": Jsonb([dict(record) for record in records]), "at": instant(at)}
    connection.execute(_SQL[f"end_{register}"], {"version_ids": list(ended_versions), "at": instant(at)})
    connection.execute(_SQL[f"add_{register}"], values)
    connection.execute(_SQL[f"add_{register.removesuffix('s')}_versions"], values)


def stored_duties(connection: Connection[Any]) -> list[dict[str, Any]]:
    """Every duty that was not withdrawn: ``duty_id holder_id role_id target_kind target_id assignment begins ends``."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["duties"]).fetchall()


def duty_labels(connection: Connection[Any], duty_ids: Sequence[int]) -> list[str]:
    """Duties in words, in the order of their identities: ``holder · role · target kind · target · assignment``."""
    return [label for _, label in connection.execute(_SQL["duty_labels"], {"duty_ids": list(duty_ids)})]


def write_duties(
    connection: Connection[Any],
    added: Sequence[Mapping[str, Any]],
    ends: Mapping[int, int],
    withdrawn: Sequence[int],
) -> None:
    """Add duties, move the ends of others, withdraw those that never came into force.

    Parameters
    ----------
    added
        ``holder_id role_id target_kind target_id assignment begins ends`` of each, times in microseconds.
    ends
        Duty to its end, microseconds since 1970-01-01 UTC.
    withdrawn
        Identities of duties.
    """
    moved = [{"duty_id": duty_id, "ends": _written(micros)} for duty_id, micros in ends.items()]
    connection.execute(_SQL["set_duty_ends"], {"ends": Jsonb(moved)})
    connection.execute(_SQL["withdraw_duties"], {"duty_ids": list(withdrawn)})
    rows = [{**duty, "begins": _written(duty["begins"]), "ends": _written(duty["ends"])} for duty in added]
    connection.execute(_SQL["add_duties"], {"duties": Jsonb(rows)})


def _written(micros: int) -> str | None:
    moment = open_end(micros)
    return None if moment is None else moment.isoformat()
