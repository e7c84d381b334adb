"""The operation that takes a draft back to an earlier release: its grids with their identities, and their areas."""

from dataclasses import replace

from geodata.drafts.delta import same_ground
from geodata.drafts.state import DraftArea, DraftState
from geodata.drafts.step import Step
from geodata.errors import InputError


def restore(step: Step) -> None:
    """``restore {release}``: grids, and the communities that they were in, as a release left them.

    Raises
    ------
    NotKnownError, ConflictError
        There is no such release, or it was withdrawn.
    """
    number = step.operation.fields["release"]
    if step.around.release is None:
        raise InputError("Releases cannot be read here.", "此处无法读取版本。", field="release")
    target, before = step.around.release(number), step.before
    for key in sorted({*before.grids, *target.grids}):
        if before.grids.get(key) != target.grids.get(key):
            step.grids[key] = target.grids.get(key)
        if not same_ground(before, target, key):
            step.shapes[key] = target.shape(key) if key in target.grids else None
    step.areas |= _areas(step, target)
    step.say(f"Back to release {number}", f"恢复到第 {number} 版")


def _areas(step: Step, target: DraftState) -> dict[str, DraftArea | None]:
    """Communities of the grids that change, and what is above them: their ground; those that are no more whole."""
    before = step.before
    keys = {*step.grids, *step.shapes}
    grids = [grid for state in (before, target) for key in keys if (grid := state.grids.get(key)) is not None]
    codes = {area.code for state in (before, target) for grid in grids for area in state.chain(grid.community)}
    found: dict[str, DraftArea | None] = {}
    for code in sorted(codes):
        now, then = before.areas.get(code), target.areas.get(code)
        if now is None:
            found[code] = then
        elif then is None and not _lived_in(step, code):
            found[code] = None
        elif then is not None and now.shape != then.shape and before.full:
            found[code] = replace(now, shape=then.shape)
    return found


def _lived_in(step: Step, code: str) -> bool:
    """Whether grids or areas stay in an area."""
    after = {**step.before.grids, **step.grids}.values()
    areas = step.before.areas.values()
    return any(grid is not None and grid.community == code for grid in after) or any(a.parent == code for a in areas)
