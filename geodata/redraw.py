"""Door: planners redraw a layer. A draft begins from a release, changes by operations, and becomes the next release.

Nothing is committed here: each function does its work in the caller's transaction. Where an error is raised after
something was written, the caller rolls back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from geodata.drafts.answers import Applied, Changed, changed_between, judged
from geodata.drafts.applying import step_of
from geodata.drafts.comparing import ReleaseDifference, releases_compared
from geodata.drafts.delta import between, played
from geodata.drafts.differing import areas_between, grids_between
from geodata.drafts.history import REDO, UNDO, History
from geodata.drafts.keeping import beginning, create_draft, discard, draft_of, drafts, history, operations, rename_draft
from geodata.drafts.memory import DraftMemory
from geodata.drafts.operations import read_operation
from geodata.drafts.publishing import publish_draft, withdraw_release
from geodata.drafts.rebasing import Conflict, Rebased, conflicts_of, rebase_draft
from geodata.drafts.restoring import restore_release
from geodata.drafts.rules import findings_of_draft, tiling_findings
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftState
from geodata.drafts.step import Households, nobody
from geodata.drafts.store import Draft, one_draft, written_after
from geodata.drafts.turning import turn
from geodata.drafts.working import done_before, note_operation, open_bench
from geodata.drafts.writing import Published
from geodata.errors import StaleDraftError
from geodata.records import Finding

__all__ = [
    "Applied",
    "Changed",
    "Conflict",
    "Draft",
    "DraftMemory",
    "DraftState",
    "History",
    "Published",
    "Rebased",
    "ReleaseDifference",
    "Scene",
    "apply",
    "beginning",
    "changes_since",
    "conflicts",
    "create_draft",
    "diff",
    "discard",
    "draft_of",
    "draft_state",
    "drafts",
    "history",
    "operations",
    "publish",
    "rebase",
    "redo",
    "rename_draft",
    "restore",
    "undo",
    "withdraw",
]


def draft_state(
    connection: Connection[Any], draft_id: int, memory: DraftMemory | None = None, *, version: int | None = None
) -> DraftState:
    """Grids and areas of a draft.

    Parameters
    ----------
    memory
        What the process knows of drafts; without it everything is read.
    version
        An earlier version since the draft was taken to its base; the last one where None.

    Raises
    ------
    NotKnownError
        There is no such draft, or no such version of it.
    ConflictError
        The release that it begins from was withdrawn.
    """
    draft = one_draft(connection, draft_id)
    if version is not None:
        _refuse_unreadable(draft, version)
    return (memory or DraftMemory()).state(connection, draft, version)


def apply(
    connection: Connection[Any],
    draft_id: int,
    operation: Mapping[str, Any],
    *,
    actor: str,
    if_version: int | None = None,
    memory: DraftMemory | None = None,
    scene: Scene | None = None,
) -> Applied:
    """Do an operation to a draft.

    Parameters
    ----------
    operation
        JSON object with ``id``, ``kind`` and the fields of its kind, see `geodata.drafts.operations.KINDS`.
    if_version
        Version of the draft that it is meant for; None for whatever it is.
    memory
        What the process knows of drafts.
    scene
        What drafts of the same base are judged by. Without it nothing is judged, and the largest part of a split keeps
        the identity.

    Raises
    ------
    InputError
        The operation cannot be read.
    EditRefusedError
        It would break the tiling, or cannot be drawn; the facts say why and where. Nothing was changed.
    NotKnownError
        There is no such draft, or a grid, area, building or address that it names is not there.
    StaleDraftError
        The draft is of another version: the facts say what changed.
    ConflictError
        The draft is closed, its base was withdrawn, a code is taken, or the id was used for something else.
    """
    wanted = read_operation(operation)
    memory = memory or DraftMemory()
    answered = done_before(connection, draft_id, wanted.body, memory)
    if answered is None:
        bench = open_bench(connection, draft_id, memory, actor, if_version)
        step, after, delta = step_of(bench.before, wanted, bench.around(_households(scene)))
        answered = note_operation(bench, wanted.body, step, after, delta)
    return judged(answered, scene)


def undo(
    connection: Connection[Any],
    draft_id: int,
    *,
    actor: str,
    client_id: str | None = None,
    if_version: int | None = None,
    memory: DraftMemory | None = None,
    scene: Scene | None = None,
) -> Applied:
    """Take back one's own last operation: its inverse is done, what others did stays.

    Parameters
    ----------
    client_id
        Id that the client gives the undo; sent again it does nothing more.

    Raises
    ------
    ConflictError
        There is nothing to take back; or others changed the same since, and the facts name it.
    NotKnownError, StaleDraftError, InputError
        As `apply`.
    """
    return judged(turn(connection, draft_id, UNDO, actor, client_id, if_version, memory or DraftMemory()), scene)


def redo(
    connection: Connection[Any],
    draft_id: int,
    *,
    actor: str,
    client_id: str | None = None,
    if_version: int | None = None,
    memory: DraftMemory | None = None,
    scene: Scene | None = None,
) -> Applied:
    """Do again what one took back last.

    Raises
    ------
    ConflictError, NotKnownError, StaleDraftError, InputError
        As `undo`.
    """
    return judged(turn(connection, draft_id, REDO, actor, client_id, if_version, memory or DraftMemory()), scene)


def changes_since(
    connection: Connection[Any], draft_id: int, version: int, memory: DraftMemory | None = None
) -> Changed:
    """Grids and areas that differ between an earlier version of a draft and the last one.

    Raises
    ------
    NotKnownError
        There is no such draft.
    StaleDraftError
        The version cannot be read any more: the draft was taken to another base since.
    ConflictError
        The release that it begins from was withdrawn.
    """
    draft = one_draft(connection, draft_id)
    _refuse_unreadable(draft, version)
    after = (memory or DraftMemory()).state(connection, draft)
    before = after.first
    if version != draft.base_version:
        deltas = [one.delta for one in written_after(connection, draft, version)]
        before = played(after, (delta.inverse() for delta in reversed(deltas)), version)
    return changed_between(
        before, after, between(before, after, grids_between(before, after), areas_between(before, after))
    )


def publish(
    connection: Connection[Any],
    draft_id: int,
    *,
    actor: str,
    effective: int | None = None,
    note: str = "",
    if_version: int | None = None,
    memory: DraftMemory | None = None,
    scene: Scene | None = None,
) -> Published:
    """Make a draft the next release of its layer: grids, areas and duties change at one instant.

    Parameters
    ----------
    effective
        When it takes effect, microseconds since 1970-01-01 UTC, not before the last release did; now where None.
    note
        A word on it; the name of the draft where it is empty.
    if_version
        Version that is to be published; None for the last one.
    scene
        As in `apply`: its errors forbid the release, and stated counts are divided by where people live.

    Raises
    ------
    NotKnownError, StaleDraftError
        As `apply`.
    StaleBaseError
        The layer, or areas of the draft, were changed since: the fact ``conflicts`` lists what both changed, with
        places.
    PendingReleaseError
        Another release of the layer waits for its date.
    ConflictError
        The draft is closed or changes nothing, errors are open (fact ``findings``), or the date is too early.
    """

    def judge(state: DraftState) -> Sequence[Finding]:
        return tiling_findings(state) if scene is None else findings_of_draft(state, scene)

    return publish_draft(
        connection,
        draft_id,
        actor=actor,
        effective=effective,
        note=note,
        if_version=if_version,
        memory=memory or DraftMemory(),
        households=_households(scene),
        judge=judge,
    )


def withdraw(connection: Connection[Any], layer_code: str | None, number: int, *, actor: str) -> list[int]:
    """Take a release back before its date, with the areas and duties that were to change with it.

    Returns
    -------
    list of int
        Drafts that it was made from: they are open again.

    Raises
    ------
    NotKnownError
        The layer has no such release.
    ConflictError
        It is withdrawn already or in force, or what hangs on it was changed since.
    """
    return withdraw_release(connection, layer_code, number, actor=actor)


def conflicts(connection: Connection[Any], draft_id: int, memory: DraftMemory | None = None) -> list[Conflict]:
    """Grids and areas that a draft and what was published since both changed, with places.

    Raises
    ------
    NotKnownError
        There is no such draft.
    """
    return conflicts_of(connection, one_draft(connection, draft_id), memory or DraftMemory())


def rebase(
    connection: Connection[Any],
    draft_id: int,
    *,
    actor: str,
    leave_out: bool = False,
    if_version: int | None = None,
    memory: DraftMemory | None = None,
    scene: Scene | None = None,
) -> Rebased:
    """Take a draft to the last release of its layer: its operations are done again there, in their order.

    Parameters
    ----------
    leave_out
        Whether operations that cannot be done there are left out; else nothing is done where there are any.

    Raises
    ------
    NotKnownError, StaleDraftError
        As `apply`.
    ConflictError
        The draft is closed, or on the last release already; or the fact ``operations`` names what would be left out.
    """
    return rebase_draft(
        connection,
        draft_id,
        actor=actor,
        leave_out=leave_out,
        if_version=if_version,
        memory=memory or DraftMemory(),
        households=_households(scene),
    )


def restore(
    connection: Connection[Any],
    layer_code: str | None,
    number: int,
    *,
    actor: str,
    name: str | None = None,
    memory: DraftMemory | None = None,
    scene: Scene | None = None,
) -> Draft:
    """Begin a draft of the last release that goes back to an earlier one; published, it is a new release.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        The release was withdrawn, or everything is as it left it.
    """
    memory = memory or DraftMemory()
    households = _households(scene)
    return restore_release(connection, layer_code, number, actor=actor, memory=memory, households=households, name=name)


def diff(
    connection: Connection[Any], layer_code: str | None, first: int, second: int, *, scene: Scene | None = None
) -> ReleaseDifference:
    """What differs between two releases of a layer: grids, areas, and which ground went where.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        One of them was withdrawn.
    """
    return releases_compared(connection, layer_code, first, second, _households(scene))


def _refuse_unreadable(draft: Draft, version: int) -> None:
    if not draft.base_version <= version <= draft.version:
        raise StaleDraftError(
            f"Version {version} of draft {draft.draft_id} cannot be read any more; it is at version {draft.version}.",
            f"草案 {draft.draft_id} 的第 {version} 版已无法读取，目前为第 {draft.version} 版。",
            version=draft.version,
        )


def _households(scene: Scene | None) -> Households:
    return nobody if scene is None else scene.living.households
