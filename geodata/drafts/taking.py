"""What an edit of borders changes in a draft: ground, grids that are no more, areas whose ground changes hands."""

from collections.abc import Sequence

from shapely import Geometry

from geodata.drafts.following import Moved, areas_following
from geodata.drafts.state import DraftGrid
from geodata.drafts.step import Step
from geodata.grid.edit import Edit


def take(
    step: Step,
    edit: Edit,
    moved: Sequence[tuple[str, Geometry]] | None = None,
    to: DraftGrid | None = None,
) -> None:
    """Take over what an edit changes: ground, grids that are no more, and the areas whose ground changes hands."""
    step.shapes |= edit.shapes
    for key, shape in edit.shapes.items():
        if shape is None:
            step.grids[key] = None
    step.notes += edit.notes
    if moved is None:
        transfers = [(one.from_key, _owner(step, str(one.to_key)), one.ground) for one in edit.moved]
    else:
        transfers = [(key, to, ground) for key, ground in moved]
    crossing = [
        Moved(step.before.grids[key].community, owner.community, ground)
        for key, owner, ground in transfers
        if owner is not None and step.before.grids[key].community != owner.community
    ]
    if crossing and step.before.full:
        step.areas |= areas_following(step.before, step.after(), crossing)


def _owner(step: Step, key: str) -> DraftGrid | None:
    return step.grids[key] if key in step.grids else step.before.grids[key]
