"""Door: planners redraw a layer. A draft begins from a release, changes by operations, and becomes the next release.

Nothing is committed here: each function does its work in the caller's transaction. Where an error is raised after
something was written, the caller rolls back.
"""

from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from geodata.drafts.answers import Applied, judged
from geodata.drafts.applying import step_of
from geodata.drafts.history import REDO, UNDO, History
from geodata.drafts.keeping import create_draft, discard, draft_of, drafts, history, rename_draft
from geodata.drafts.memory import DraftMemory
from geodata.drafts.operations import read_operation
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftState
from geodata.drafts.step import nobody
from geodata.drafts.store import Draft, one_draft
from geodata.drafts.turning import turn
from geodata.drafts.working import done_before, note_operation, open_bench
from geodata.errors import StaleDraftError

__all__ = [
    "Applied",
    "Draft",
    "DraftMemory",
    "DraftState",
    "History",
    "Scene",
    "apply",
    "create_draft",
    "discard",
    "draft_of",
    "draft_state",
    "drafts",
    "history",
    "redo",
    "rename_draft",
    "undo",
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
    if version is not None and not draft.base_version <= version <= draft.version:
        raise StaleDraftError(
            f"Version {version} of draft {draft_id} cannot be read any more; it is at version {draft.version}.",
            f"草案 {draft_id} 的第 {version} 版已无法读取，目前为第 {draft.version} 版。",
            version=draft.version,
        )
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
        households = nobody if scene is None else scene.living.households
        step, after, delta = step_of(bench.before, wanted, bench.around(households))
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
