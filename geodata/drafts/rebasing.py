"""A draft whose base is not the last release any more: what both changed, and the draft done again on the newest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import shapely
from psycopg import Connection
from shapely import Geometry

from geodata.access import record_audit
from geodata.drafts.applying import step_of
from geodata.drafts.delta import Delta, between, said
from geodata.drafts.history import live
from geodata.drafts.memory import DraftMemory
from geodata.drafts.operations import Operation
from geodata.drafts.releases import base_state, release_of, release_state
from geodata.drafts.state import DraftState
from geodata.drafts.step import Households
from geodata.drafts.store import (
    OPEN,
    Draft,
    DraftOperation,
    begin_again,
    change_draft,
    marks_of,
    one_draft,
    operations_after,
    refuse_unless_open,
    written_after,
)
from geodata.drafts.working import Bench, note_operation, refuse_unless_version
from geodata.drafts.writing import database_now
from geodata.errors import ConflictError, GeodataError
from geodata.grid.publish import last_release

# Fields of operations that name grids by their codes.
_NAMING = ("grid", "grids", "survivor", "to", "from", "between", "gone", "names")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A grid or an area that both a draft and a later release changed.

    Parameters
    ----------
    what
        ``grid`` or ``area``.
    code, name
        As in the base.
    draft, release
        What each did: ``ended``, ``ground``, or names of fields.
    lon, lat
        A place in it, EPSG:4326 degrees; None where it has no ground.
    """

    what: str
    code: str
    name: str
    draft: tuple[str, ...]
    release: tuple[str, ...]
    lon: float | None
    lat: float | None

    def as_json(self) -> dict[str, Any]:
        """As the facts of an error hold it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An operation that cannot be done on another base: which, and why."""

    client_id: str
    kind: str
    done_by: str
    detail: str
    detail_zh: str
    lon: float | None
    lat: float | None

    def as_json(self) -> dict[str, Any]:
        """As the facts of an error hold it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Rebased:
    """A draft on another release: the operations that were done again, and those left out."""

    draft: Draft
    done: int
    left_out: tuple[LeftOut, ...]


def conflicts_of(connection: Connection[Any], draft: Draft, memory: DraftMemory) -> list[Conflict]:
    """Grids and areas that a draft and the releases since its base both changed, grids first, by code.

    Notes
    -----
    None of a draft that is closed: what it became is one of these releases.
    """
    if draft.state != OPEN or draft.base_withdrawn or draft.newest is None:
        return []
    state = memory.state(connection, draft)
    first = state.first
    newest = _newest_state(connection, draft, draft.newest)
    keys = [key for key in state.changed_since_base() if key in first.grids]
    ours, theirs = between(first, state, keys), between(first, newest, keys)
    found = [
        _conflict(first, key, mine, others)
        for key in keys
        if (mine := _what(ours, key)) and (others := _what(theirs, key))
    ]
    codes = state.areas_since_base()
    ours, theirs = between(first, state, (), codes), between(first, newest, (), codes)
    found += [
        _area_conflict(first, code, mine, others)
        for code in codes
        if (mine := said(ours.areas.get(code))) and (others := said(theirs.areas.get(code)))
    ]
    return sorted(found, key=lambda conflict: (conflict.what != "grid", conflict.code))


def rebase_draft(
    connection: Connection[Any],
    draft_id: int,
    *,
    actor: str,
    leave_out: bool,
    if_version: int | None,
    memory: DraftMemory,
    households: Households,
) -> Rebased:
    """A draft on the last release of its layer.

    Parameters
    ----------
    leave_out
        Whether operations that cannot be done there are left out; else nothing is done where there are any.

    Raises
    ------
    NotKnownError, StaleDraftError
        As elsewhere.
    ConflictError
        The draft is closed, or on the last release already; or operations would have to be left out: the fact
        ``operations`` names them.
    """
    draft = one_draft(connection, draft_id, locked=True)
    refuse_unless_open(draft)
    refuse_unless_version(draft, if_version)
    number = last_release(connection, draft.layer_id).number
    if number == draft.base and not draft.base_withdrawn and _areas_as_known(connection, draft, memory):
        raise ConflictError(
            f"The draft begins from the last release, {number}, already.",
            f"草案已基于最新的第 {number} 版。",
            reason="not-stale",
        )
    holding = {mark.seq for mark in live(marks_of(connection, draft))}
    operations = [one for one in operations_after(connection, draft) if one.seq in holding]
    old_codes = _made_codes(connection, draft)
    with connection.transaction():
        fresh = begin_again(connection, draft_id, number, actor=actor)
        left_out = _again(connection, fresh, operations, old_codes, memory, households)
        if left_out and not leave_out:
            raise _needs_telling(left_out)
        change_draft(connection, draft_id, actor=actor)
    done = len(operations) - len(left_out)
    facts = {"from": draft.base, "to": number, "done": done, "left_out": [one.client_id for one in left_out]}
    record_audit(connection, actor=actor, action="draft.rebase", target=str(draft_id), facts=facts)
    return Rebased(one_draft(connection, draft_id), done, tuple(left_out))


def _again(
    connection: Connection[Any],
    draft: Draft,
    operations: Sequence[DraftOperation],
    old_codes: Mapping[int, Sequence[str]],
    memory: DraftMemory,
    households: Households,
) -> list[LeftOut]:
    """Do operations on another base; those that cannot be done there."""
    # Read without the memory: the base is remembered only once it is committed.
    state = base_state(connection, draft)
    renamed: dict[str, str] = {}
    left_out = []
    for old in operations:
        fields = {name: value for name, value in old.body.items() if name not in ("id", "kind")}
        fields = {name: _renamed(name, value, renamed) for name, value in fields.items()}
        bench = Bench(connection, draft, state, memory, old.done_by)
        operation = Operation(old.client_id, old.kind, fields)
        try:
            step, after, delta = step_of(state, operation, bench.around(households))
        except GeodataError as error:
            left_out.append(_left_out(old, error))
            continue
        note_operation(bench, operation.body, step, after, delta)
        made = [after.grids[key].code for key in sorted(delta.grids) if key not in state.grids]
        renamed |= dict(zip(old_codes.get(old.seq, ()), made, strict=False))
        state = after
    return left_out


def _made_codes(connection: Connection[Any], draft: Draft) -> dict[int, list[str]]:
    """Codes of the grids that operations made, by version."""
    found = {}
    for written in written_after(connection, draft):
        made = [after["code"] for _, (before, after) in sorted(written.delta.grids.items()) if before is None and after]
        found[written.seq] = made
    return found


def _renamed(field: str, value: Any, renamed: Mapping[str, str]) -> Any:
    """The value of a field with the codes that grids of earlier operations have now."""
    if isinstance(value, Mapping) and field in ("grids", "names"):
        return {renamed.get(code, code): each for code, each in value.items()}
    if field not in _NAMING:
        return value
    return [renamed.get(each, each) for each in value] if isinstance(value, list) else renamed.get(value, value)


def _newest_state(connection: Connection[Any], draft: Draft, number: int) -> DraftState:
    release = release_of(connection, draft.layer_id, number)
    at = max(release["effective"], database_now(connection))
    return release_state(connection, draft.layer, number, release["release_id"], at, full=draft.full)


def _areas_as_known(connection: Connection[Any], draft: Draft, memory: DraftMemory) -> bool:
    """Whether the areas are as they were when the draft was taken to its base."""
    known = memory.base(connection, draft).areas
    return dict(_newest_state(connection, draft, draft.base).areas) == dict(known)


def _what(delta: Delta, key: str) -> tuple[str, ...]:
    fields = said(delta.grids.get(key))
    return (*fields, "ground") if key in delta.shapes and "ended" not in fields else fields


def _conflict(first: DraftState, key: str, ours: tuple[str, ...], theirs: tuple[str, ...]) -> Conflict:
    grid = first.grids[key]
    return Conflict("grid", grid.code, grid.name, ours, theirs, *_place(first.shape(key)))


def _area_conflict(first: DraftState, code: str, ours: tuple[str, ...], theirs: tuple[str, ...]) -> Conflict:
    area = first.areas.get(code)
    return Conflict(
        "area", code, code if area is None else area.name, ours, theirs, *_place(None if area is None else area.shape)
    )


def _place(shape: Geometry | None) -> tuple[float | None, float | None]:
    if shape is None:
        return None, None
    point = shapely.point_on_surface(shape)
    return float(point.x), float(point.y)


def _left_out(operation: DraftOperation, error: GeodataError) -> LeftOut:
    lon, lat = error.facts.get("lon"), error.facts.get("lat")
    return LeftOut(operation.client_id, operation.kind, operation.done_by, error.detail, error.detail_zh, lon, lat)


def _needs_telling(left_out: Iterable[LeftOut]) -> ConflictError:
    found = list(left_out)
    return ConflictError(
        f"{len(found)} operations cannot be done on the newest release: say that they are to be left out, or discard "
        "the draft.",
        f"有 {len(found)} 个操作无法在最新版本上重做：请确认略去这些操作，或废弃草案。",
        reason="operations-left-out",
        operations=[one.as_json() for one in found],
    )
