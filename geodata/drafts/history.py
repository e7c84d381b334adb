"""What can be taken back in a draft, and what can be done again: each planner has a history of their own."""

from collections.abc import Iterable
from dataclasses import dataclass

from geodata.drafts.store import Mark

UNDO, REDO = "undo", "redo"


@dataclass(frozen=True, slots=True)
class History:
    """Operations of one planner that are done, and those taken back, the last ones last; undos and redos left out.

    ``applied`` is by operation the version that did it last: its own, or that of a redo. ``undos`` is by operation the
    undo that took it back last.
    """

    done: tuple[Mark, ...]
    undone: tuple[Mark, ...]
    applied: dict[int, int]
    undos: dict[int, int]


def history_of(operations: Iterable[Mark], actor: str) -> History:
    """The history of one planner.

    Parameters
    ----------
    operations
        Of one draft and one generation, all of them, in order.
    """
    known: dict[int, Mark] = {}
    done: list[Mark] = []
    undone: list[Mark] = []
    applied: dict[int, int] = {}
    undos: dict[int, int] = {}
    root: dict[int, int] = {}
    for operation in operations:
        known[operation.seq] = operation
        if operation.kind not in (UNDO, REDO):
            root[operation.seq] = operation.seq
            if operation.done_by == actor:
                done.append(operation)
                undone.clear()
                applied[operation.seq] = operation.seq
            continue
        assert operation.undoes is not None
        first = root[operation.seq] = root[operation.undoes]
        if operation.done_by != actor:
            continue
        if operation.kind == UNDO:
            done.remove(known[first])
            undone.append(known[first])
            undos[first] = operation.seq
        else:
            undone.remove(known[first])
            done.append(known[first])
            applied[first] = operation.seq
    return History(tuple(done), tuple(undone), applied, undos)


def live(operations: Iterable[Mark]) -> list[Mark]:
    """Operations of all planners that hold, in order: those that were taken back, undos and redos left out."""
    known = list(operations)
    gone = taken_back(known)
    return [one for one in known if one.kind not in (UNDO, REDO) and one.seq not in gone]


def taken_back(operations: Iterable[Mark]) -> dict[int, int]:
    """By operation that was taken back, the undo that did it."""
    gone: dict[int, int] = {}
    root: dict[int, int] = {}
    for operation in operations:
        first = root[operation.seq] = operation.seq if operation.undoes is None else root[operation.undoes]
        if operation.kind == UNDO:
            gone[first] = operation.seq
        elif operation.kind == REDO:
            gone.pop(first, None)
    return gone
