"""From an operation to the state after it: one function for each kind, the same refusals for all."""

from collections.abc import Callable, Mapping
from typing import Final

from geodata.drafts import attributes, borders, communities, handing, replacing, returning
from geodata.drafts.delta import Delta, between
from geodata.drafts.operations import Operation
from geodata.drafts.state import DraftState
from geodata.drafts.step import Around, Step, told_by_code
from geodata.errors import EditRefusedError

RESTORE: Final = "restore"
"""Done by us alone: clients ask for a draft that goes back."""

ACTS: Final[Mapping[str, Callable[[Step], None]]] = {
    "split": borders.split_grid,
    "merge": borders.merge_grids,
    "move-node": borders.shift_node,
    "insert-node": borders.add_node,
    "remove-node": borders.drop_node,
    "change": attributes.change,
    "renumber": attributes.renumber,
    "reshape": handing.new_border,
    "hand-over": handing.give,
    "new-grid": handing.draw_grid,
    "replace": replacing.draw_anew,
    "move-grids": communities.move_grids,
    "split-community": communities.split_community,
    "merge-communities": communities.merge_communities,
    "create-community": communities.create_community,
    RESTORE: returning.restore,
}


def step_of(before: DraftState, operation: Operation, around: Around) -> tuple[Step, DraftState, Delta]:
    """What an operation does to a state: the step, the state after it, and what differs.

    Raises
    ------
    EditRefusedError
        It would break the tiling, it cannot be drawn, it changes nothing, or a community would be left without grids.
    NotKnownError
        It names a grid, area, building or address that is not there.
    ConflictError
        A code is taken.
    """
    step = Step(before, operation, around)
    try:
        ACTS[operation.kind](step)
    except EditRefusedError as error:
        raise told_by_code(error, before) from error
    after = step.after()
    if before.full and operation.kind != RESTORE:
        _refuse_emptied(step, after)
    delta = between(before, after, {*step.grids, *step.shapes}, step.areas)
    if not delta:
        raise EditRefusedError(
            "The operation changes nothing: everything is so already.",
            "该操作没有带来任何变化：现状已是如此。",
            reason="changes-nothing",
        )
    return step, after, delta


def _refuse_emptied(step: Step, after: DraftState) -> None:
    """Refuse to take the last grid of a community: areas are the ground of their grids, it would be one of nothing."""
    before = step.before
    left = {before.grids[key].community for key in step.grids if key in before.grids}
    for code in sorted(code for code in left if code is not None and code in after.areas):
        if not after.members(code):
            grids = [before.grids[key].code for key in before.members(code)]
            name = after.areas[code].name
            raise EditRefusedError(
                f"{name} would be left without grids: leave it one, or merge it with another community.",
                f"{name}将不再有网格：请至少保留一个，或改用合并社区。",
                reason="no-grids-left",
                grids=grids,
                area=code,
            )
