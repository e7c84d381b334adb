"""Releases: a layer's grids change from one published state to the next in one transaction, and never otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from geodata.access import record_audit
from geodata.errors import ConflictError, NotKnownError, PendingReleaseError, StaleBaseError
from geodata.queries import named_queries
from geodata.times import LOCAL_ZONE, instant

_SQL = named_queries(__file__)
_COPIED_TYPES = ("int8", "text", "text", "text", "int8", "int4", "int4", "bytea")


@dataclass(frozen=True, slots=True)
class GridState:
    """What a grid is to be from a release on.

    ``grid_id`` None means a grid that is new to the layer; one that the layer once had under the same code gets its
    identity back. ``wkb`` is a valid Polygon or MultiPolygon in EPSG:4326.
    """

    grid_id: int | None
    code: str
    name: str
    kind: str
    community_id: int | None
    households: int | None
    persons: int | None
    wkb: bytes


@dataclass(frozen=True, slots=True)
class LastRelease:
    """The last release of a layer that was not withdrawn; number 0 where there is none."""

    number: int
    effective: int | None
    pending: bool


def lock_layer(connection: Connection[Any], layer_id: int) -> None:
    """Hold other releases of the layer back until the transaction ends; readers go on."""
    connection.execute(_SQL["lock_layer"], {"layer_id": layer_id})


def last_release(connection: Connection[Any], layer_id: int) -> LastRelease:
    """Where the layer stands."""
    row = connection.execute(_SQL["last_release"], {"layer_id": layer_id}).fetchone()
    return LastRelease(0, None, pending=False) if row is None else LastRelease(*row)


def refuse_unless_next(last: LastRelease, effective: int, base_number: int | None = None) -> None:
    """Do nothing where a release may follow the last one; raise where it may not.

    Parameters
    ----------
    last
        From `last_release`.
    effective
        When the next one is to take effect, microseconds since 1970-01-01 UTC.
    base_number
        Release that the change was made from; None where it replaces whatever there is.

    Raises
    ------
    PendingReleaseError
        The last release waits for its date: withdraw it or wait.
    StaleBaseError
        The last release is not the base.
    ConflictError
        It would take effect before the last one did.
    """
    if last.pending and last.effective is not None:
        raise PendingReleaseError(
            f"Release {last.number} takes effect on {_local(last.effective)}: wait until then, or withdraw it "
            f"(gridmap release withdraw {last.number}).",
            f"第 {last.number} 版将于 {_local(last.effective)} 生效：请等到生效之后，或先撤回该版本"
            f"（gridmap release withdraw {last.number}）。",
            release=last.number,
        )
    if base_number is not None and base_number != last.number:
        raise StaleBaseError(
            f"This was made from release {base_number}; release {last.number} has been published since.",
            f"本次修改基于第 {base_number} 版，此后已发布第 {last.number} 版。",
            base=base_number,
            release=last.number,
        )
    if last.effective is not None and effective < last.effective:
        raise ConflictError(
            f"Release {last.number} took effect on {_local(last.effective)}: the next one cannot take effect earlier.",
            f"第 {last.number} 版已于 {_local(last.effective)} 生效，新版本的生效时间不能更早。",
            release=last.number,
        )


def grids_in_force(connection: Connection[Any], layer_id: int, at: int) -> list[dict[str, Any]]:
    """Newest state of a layer's grids, in code order.

    Parameters
    ----------
    at
        When the codes of communities are read, microseconds since 1970-01-01 UTC.

    Returns
    -------
    list of dict
        ``version_id grid_id code name kind community_id community households persons wkb begins``.

    Notes
    -----
    With a release pending these are the grids as they will be.
    """
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(_SQL["grids_in_force"], {"layer_id": layer_id, "at": instant(at)}).fetchall()


def publish_release(
    connection: Connection[Any],
    layer_id: int,
    changes: Sequence[GridState],
    ended: Sequence[int],
    *,
    effective: int,
    actor: str,
    note: str = "",
    base_number: int | None = None,
) -> int:
    """Number of the release that was made; the grids that it does not name stay as they are.

    Parameters
    ----------
    changes
        New and changed grids.
    ended
        Identities of grids that end.
    effective
        When it takes effect, microseconds since 1970-01-01 UTC.
    actor, note
        Who publishes, and a word on it.
    base_number
        Release that the change was made from; None does not ask.

    Raises
    ------
    PendingReleaseError, StaleBaseError, ConflictError
        As `refuse_unless_next`.

    Notes
    -----
    The caller's transaction holds the layer's lock until it ends.
    """
    lock_layer(connection, layer_id)
    last = last_release(connection, layer_id)
    refuse_unless_next(last, effective, base_number)
    states = _with_identities(connection, layer_id, changes)
    values = {"layer_id": layer_id, "effective": instant(effective)}
    release = connection.execute(
        _SQL["add_release"], {**values, "base_number": last.number or None, "actor": actor, "note": note}
    ).fetchone()
    assert release is not None
    release_id, number = release
    gone = [*ended, *(state.grid_id for state in states)]
    connection.execute(_SQL["end_grids"], {**values, "grid_ids": gone})
    connection.execute(_SQL["stage"])
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_grids"]) as copy:
        copy.set_types(_COPIED_TYPES)
        for state in states:
            copy.write_row(
                (
                    state.grid_id,
                    state.code,
                    state.name,
                    state.kind,
                    state.community_id,
                    state.households,
                    state.persons,
                    state.wkb,
                )
            )
    connection.execute(_SQL["add_grid_versions"], {**values, "release_id": release_id})
    connection.execute(_SQL["unstage"])
    return int(number)


def withdraw_pending(connection: Connection[Any], layer_id: int, number: int, *, actor: str) -> None:
    """Take a release back before its date: what it would have ended goes on; the audit log says who did it.

    Raises
    ------
    NotKnownError
        The layer has no such release.
    ConflictError
        It is withdrawn already, or in force: then only a further release changes the grids.
    """
    lock_layer(connection, layer_id)
    found = connection.execute(_SQL["release"], {"layer_id": layer_id, "number": number}).fetchone()
    if found is None:
        raise NotKnownError(f"The layer has no release {number}.", f"没有第 {number} 版。", release=number)
    release_id, effective_at, withdrawn_at, pending = found
    if withdrawn_at is not None:
        raise ConflictError(f"Release {number} is withdrawn already.", f"第 {number} 版已经撤回。", release=number)
    if not pending:
        raise ConflictError(
            f"Release {number} is in force: publish a new one instead.",
            f"第 {number} 版已经生效，不能撤回；请发布新版本。",
            release=number,
        )
    connection.execute(_SQL["withdraw_release"], {"release_id": release_id})
    connection.execute(_SQL["withdraw_grid_versions"], {"release_id": release_id})
    connection.execute(_SQL["reopen_grid_versions"], {"layer_id": layer_id, "effective": effective_at})
    facts = {"layer_id": layer_id, "number": number, "effective": effective_at.isoformat()}
    record_audit(connection, actor=actor, action="release.withdraw", target=str(release_id), facts=facts)


def _with_identities(connection: Connection[Any], layer_id: int, changes: Sequence[GridState]) -> list[GridState]:
    codes = [state.code for state in changes if state.grid_id is None]
    known: dict[str, int] = {}
    if codes:
        known = dict(connection.execute(_SQL["grid_ids_once_known"], {"layer_id": layer_id, "codes": codes}).fetchall())
        taken = {state.grid_id for state in changes}
        unknown = [code for code in codes if known.get(code) is None or known[code] in taken]
        made = connection.execute(_SQL["new_grid_ids"], {"layer_id": layer_id, "count": len(unknown)}).fetchall()
        known |= {code: grid_id for code, (grid_id,) in zip(unknown, made, strict=True)}
    return [replace(state, grid_id=known[state.code]) if state.grid_id is None else state for state in changes]


def _local(micros: int) -> str:
    return instant(micros).astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M:%S")
