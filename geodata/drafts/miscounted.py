"""Grids of which something was counted as a whole, and which are to have other ground: the count is not theirs then."""

from collections.abc import Iterable, Mapping

import shapely

from geodata.drafts.differing import grids_between
from geodata.drafts.ground import is_same_ground
from geodata.drafts.state import DraftState
from geodata.drafts.wording import told
from geodata.grid.plane import Place
from geodata.records import Finding

Counted = Mapping[str, tuple[str, ...]]


def miscounted_grids(state: DraftState, counted: Counted) -> list[str]:
    """Codes in the base of grids that were counted and that a draft gives other ground, another code, or ends; sorted.

    Parameters
    ----------
    counted
        Names of what was counted, by the code of the grid in the base.
    """
    return sorted(state.first.grids[key].code for key in _miscounted(state, counted))


def findings_of_counts(before: DraftState, after: DraftState, counted: Counted) -> Iterable[Finding]:
    """Grids of the base, touched by a step, whose counts would be those of other ground; each with a place in it."""
    base = after.first
    touched = set(grids_between(before, after)) if counted else set()
    for key in sorted(touched.intersection(_miscounted(after, counted))):
        point = shapely.point_on_surface(base.shape(key))
        code = base.grids[key].code
        now = after.grids.get(key)
        kind = "counts-left/ended" if now is None or now.code != code else "counts-left"
        names = counted[code]
        facts = {"counts": list(names), "new": True}
        place = Place(float(point.x), float(point.y))
        yield told(kind, code, place, facts, names=", ".join(names), names_zh="、".join(names))


def _miscounted(state: DraftState, counted: Counted) -> list[str]:
    """Keys of the grids of the base whose counts are not of what has their code in a state."""
    base = state.first
    keys = (key for code in counted if (key := base.codes.get(code)) is not None and key in state.touched)
    return [key for key in keys if _has_other_ground(base, state, key)]


def _has_other_ground(before: DraftState, after: DraftState, key: str) -> bool:
    grid = after.grids.get(key)
    if grid is None or grid.code != before.grids[key].code:
        return True
    return not is_same_ground(before.shape(key), after.shape(key))
