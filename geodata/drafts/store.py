"""Drafts in PostGIS: what they are, what was done to them, and the release that they begin from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from geodata.drafts.delta import Delta, as_json, from_json
from geodata.errors import ConflictError, NotKnownError
from geodata.queries import named_queries

OPEN, PUBLISHED, DISCARDED = "open", "published", "discarded"
LONGEST_NAME = 500
_LARGEST_ID = 2**63 - 1

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a draft besides its grids.

    Parameters
    ----------
    layer_id, layer, full
        The layer, its code, and whether its grids tile their ground.
    base_id, base, base_effective, base_withdrawn
        The release that it begins from, its number, its date (microseconds), and whether it was taken back.
    areas_at
        Instant that the areas are read at, microseconds.
    state
        ``open``, ``published`` or ``discarded``.
    version
        Of its last operation; 0 before the first.
    generation
        How often it was taken to another base.
    base_version
        The version that it had when it was; its operations since come after it.
    published, published_effective
        Number of the release that it became, and when that begins (microseconds), or None.
    newest
        Number of the last release of the layer that was not withdrawn; None where there is none.
    """

    draft_id: int
    layer_id: int
    layer: str
    full: bool
    base_id: int
    base: int
    base_effective: int
    base_withdrawn: bool
    areas_at: int
    name: str
    note: str
    state: str
    version: int
    generation: int
    base_version: int
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    published: int | None
    published_effective: int | None
    newest: int | None

    @property
    def stale(self) -> bool:
        """Whether it is open, and its base is not the last release of the layer any more."""
        return self.state == OPEN and (self.base_withdrawn or self.base != self.newest)


@dataclass(frozen=True, slots=True)
class DraftOperation:
    """One operation of a draft: as it was asked for (``body``), and what was answered.

    ``undoes`` is what an undo takes back, an operation or a redo, or the undo that a redo takes back; ``undone_by`` is
    the undo that took it back, where that was asked for.
    """

    seq: int
    client_id: str
    kind: str
    body: Mapping[str, Any]
    answer: Mapping[str, Any]
    undoes: int | None
    done_by: str
    done_at: datetime
    undone_by: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Who did or took back what in a draft; ``undoes`` as in `DraftOperation`."""

    seq: int
    kind: str
    undoes: int | None
    done_by: str


@dataclass(frozen=True, slots=True)
class Written:
    """What one version of a draft changed, and the mark of its writing."""

    seq: int
    token: UUID
    delta: Delta


def add_draft(connection: Connection[Any], layer_id: int, number: int, *, name: str, note: str, actor: str) -> int:
    """Identity of a new draft of a release."""
    values = {"layer_id": layer_id, "number": number, "name": name, "note": note, "actor": actor}
    row = connection.execute(_SQL["add_draft"], values).fetchone()
    assert row is not None
    return int(row[0])


def list_drafts(
    connection: Connection[Any],
    *,
    layer_id: int | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Draft]:
    """Drafts, the newest first.

    Parameters
    ----------
    layer_id, state
        Only of this layer, only in this state.
    before
        Only drafts made before the one of this identity.
    """
    values = {"draft_id": None, "layer_id": layer_id, "state": state, "before": before, "limit": limit}
    with connection.cursor(row_factory=class_row(Draft)) as cursor:
        return cursor.execute(_SQL["drafts"], values).fetchall()


def one_draft(connection: Connection[Any], draft_id: int, *, locked: bool = False) -> Draft:
    """A draft; nobody else changes it until the transaction ends, where it is ``locked``.

    Raises
    ------
    NotKnownError
        There is none of this identity.
    """
    known = 0 < draft_id <= _LARGEST_ID
    if known and locked:
        connection.execute(_SQL["lock_draft"], {"draft_id": draft_id})
    values = {"draft_id": draft_id, "layer_id": None, "state": None, "before": None, "limit": 1}
    with connection.cursor(row_factory=class_row(Draft)) as cursor:
        found = cursor.execute(_SQL["drafts"], values).fetchone() if known else None
    if found is None:
        raise NotKnownError(f"There is no draft {draft_id}.", f"没有编号为 {draft_id} 的草案。", draft=draft_id)
    return found


def refuse_unless_open(draft: Draft) -> None:
    """Do nothing where a draft can be changed.

    Raises
    ------
    ConflictError
        It was published or discarded.
    """
    if draft.state == PUBLISHED:
        raise ConflictError(
            f"Draft {draft.draft_id} was published as release {draft.published}: begin a new draft.",
            f"草案 {draft.draft_id} 已发布为第 {draft.published} 版：请新建草案。",
            draft=draft.draft_id,
            release=draft.published,
        )
    if draft.state == DISCARDED:
        raise ConflictError(
            f"Draft {draft.draft_id} was discarded by {draft.changed_by}: begin a new draft.",
            f"草案 {draft.draft_id} 已由 {draft.changed_by} 废弃：请新建草案。",
            draft=draft.draft_id,
        )


def refuse_withdrawn_base(draft: Draft) -> None:
    """Do nothing where the base of a draft can be read.

    Raises
    ------
    ConflictError
        The release that it begins from was withdrawn.
    """
    if draft.base_withdrawn:
        raise ConflictError(
            f"Release {draft.base}, which draft {draft.draft_id} begins from, was withdrawn: "
            "take the draft to the newest release (rebase).",
            f"草案 {draft.draft_id} 所基于的第 {draft.base} 版已撤回：请将草案转到最新版本。",
            draft=draft.draft_id,
            release=draft.base,
        )


def change_draft(
    connection: Connection[Any], draft_id: int, *, actor: str, name: str | None = None, note: str | None = None
) -> None:
    """Call a draft something else, or put another word on it; None leaves it."""
    values = {"draft_id": draft_id, "name": name, "note": note, "actor": actor}
    connection.execute(_SQL["change_draft"], values)


def close_draft(
    connection: Connection[Any], draft_id: int, state: str, *, actor: str, release_id: int | None = None
) -> None:
    """Say that a draft was published or discarded."""
    values = {"draft_id": draft_id, "state": state, "release_id": release_id, "actor": actor}
    connection.execute(_SQL["close_draft"], values)


def begin_again(connection: Connection[Any], draft_id: int, number: int, *, actor: str) -> Draft:
    """The draft on another release, before its operations are written again."""
    connection.execute(_SQL["rebase_draft"], {"draft_id": draft_id, "number": number, "actor": actor})
    return one_draft(connection, draft_id)


def add_operation(
    connection: Connection[Any],
    draft: Draft,
    seq: int,
    client_id: str,
    body: Mapping[str, Any],
    delta: Delta,
    answer: Mapping[str, Any],
    *,
    actor: str,
    undoes: int | None = None,
) -> UUID:
    """Mark of an operation that is noted; the version of its draft is raised to it."""
    values = {
        "draft_id": draft.draft_id,
        "seq": seq,
        "version": seq,
        "generation": draft.generation,
        "client_id": client_id,
        "kind": body["kind"],
        "body": Jsonb(dict(body)),
        "delta": Jsonb(as_json(delta)),
        "answer": Jsonb(dict(answer)),
        "undoes": undoes,
        "actor": actor,
    }
    row = connection.execute(_SQL["add_operation"], values).fetchone()
    assert row is not None
    connection.execute(_SQL["raise_version"], values)
    return UUID(str(row[0]))


def operation_of_id(connection: Connection[Any], draft_id: int, client_id: str) -> DraftOperation | None:
    """The operation that a client gave an id to; None where there is none."""
    values = {"draft_id": draft_id, "client_id": client_id}
    with connection.cursor(row_factory=class_row(DraftOperation)) as cursor:
        return cursor.execute(_SQL["operation_of_id"], values).fetchone()


def operations_after(
    connection: Connection[Any], draft: Draft, after: int = 0, limit: int | None = None
) -> list[DraftOperation]:
    """Operations since a version, in order; without a limit all."""
    values = {"draft_id": draft.draft_id, "generation": draft.generation, "after": after, "limit": limit}
    with connection.cursor(row_factory=class_row(DraftOperation)) as cursor:
        return cursor.execute(_SQL["operations"], values).fetchall()


def marks_of(connection: Connection[Any], draft: Draft) -> list[Mark]:
    """Who did and took back what in a draft since it was taken to its base, in order."""
    values = {"draft_id": draft.draft_id, "generation": draft.generation}
    with connection.cursor(row_factory=class_row(Mark)) as cursor:
        return cursor.execute(_SQL["marks"], values).fetchall()


def written_after(connection: Connection[Any], draft: Draft, after: int = 0, up_to: int | None = None) -> list[Written]:
    """What the versions since one changed, up to another or to that of the draft, in order."""
    values = {
        "draft_id": draft.draft_id,
        "generation": draft.generation,
        "after": after,
        "up_to": draft.version if up_to is None else up_to,
    }
    rows = connection.execute(_SQL["deltas"], values)
    return [Written(seq, token, from_json(delta)) for seq, token, delta in rows]


def tokens_of(connection: Connection[Any], draft_id: int, seqs: Sequence[int]) -> dict[int, UUID]:
    """Marks of the writings of some versions."""
    return dict(connection.execute(_SQL["tokens"], {"draft_id": draft_id, "seqs": list(seqs)}).fetchall())
