"""Who has duties for the grids and areas of a draft, and what becomes of these when it is published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from geodata.drafts.differing import touched_between
from geodata.drafts.state import DraftState
from geodata.moment import Moment
from geodata.people.duties import Target, Tenure
from geodata.people.masking import masked_name

TargetKind = Literal["grid", "area"]


@dataclass(frozen=True, slots=True)
class Held:
    """A duty that somebody holds.

    Parameters
    ----------
    holder, role
        Their codes.
    holder_name
        Masked, unless it is an office or the role's names are public.
    assignment
        ``primary`` or ``stand_in``.
    """

    holder: str
    holder_name: str
    role: str
    role_name: str
    role_name_en: str
    assignment: str


@dataclass(frozen=True, slots=True)
class DutyChange:
    """A duty that ends, or that somebody gets with ground that they had before.

    Parameters
    ----------
    change
        ``ends`` with its target, or is ``inherited`` by a new one.
    target_kind
        ``grid`` or ``area``.
    source
        Code of the target of the base.
    target
        Code of the new target; None where the duty ends.
    held
        Whose, and in which role.
    """

    change: Literal["ends", "inherited"]
    target_kind: TargetKind
    source: str
    target: str | None
    held: Held


@dataclass(frozen=True)
class Staff:
    """Duties for the grids and areas of a base.

    Parameters
    ----------
    grids
        By key of the base; only grids that somebody has a duty for.
    areas
        By code likewise.
    """

    grids: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    areas: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, base: DraftState, moment: Moment) -> "Staff":
        """The duties in force at a moment: whoever is on leave or off duty just now has them too."""
        roster = moment.roster
        grids = {
            key: tuple(map(_held, roster.held(Target("grid", grid.grid_id))))
            for key, grid in base.grids.items()
            if grid.grid_id is not None
        }
        areas = {
            code: tuple(map(_held, roster.held(Target("area", area.area_id))))
            for code, area in base.areas.items()
            if area.area_id is not None
        }
        return cls(_filled(grids), _filled(areas))

    def of_grid(self, state: DraftState, key: str) -> tuple[Held, ...]:
        """Duties for a grid of a state; a new grid has those of the first grid that it comes from."""
        grid = state.grids[key]
        return self.grids.get(key if key in state.first.grids else next(iter(grid.origins), ""), ())

    def of_area(self, state: DraftState, code: str) -> tuple[Held, ...]:
        """Duties for an area of a state, likewise."""
        area = state.areas[code]
        return self.areas.get(code if code in state.first.areas else next(iter(area.origins), ""), ())

    def grids_of(self, state: DraftState, holders: Iterable[str]) -> dict[str, list[str]]:
        """Keys of the grids of a state that some holders, by their codes, have a primary duty for."""
        base = state.first.grids
        found = {holder: [key for key in self._by_holder.get(holder, ()) if key in state.grids] for holder in holders}
        fresh = sorted(key for key in state.touched if key not in base and key in state.grids)
        for key in fresh:
            for holder in {held.holder for held in self.of_grid(state, key) if held.assignment == "primary"}:
                if holder in found:
                    found[holder].append(key)
        return found

    @cached_property
    def _by_holder(self) -> Mapping[str, list[str]]:
        """Keys of the grids of the base that each holder has a primary duty for."""
        found: dict[str, list[str]] = {}
        for key, duties in self.grids.items():
            for holder in {held.holder for held in duties if held.assignment == "primary"}:
                found.setdefault(holder, []).append(key)
        return found

    def changes(self, before: DraftState, after: DraftState) -> list[DutyChange]:
        """Duties that end or are inherited between two states of a draft, in the order of the codes concerned."""
        touched = sorted(touched_between(before, after))
        keys = [key for key in touched if key[0] != "@"]
        codes = [key[1:] for key in touched if key[0] == "@"]
        found = [
            *self._of_kind("grid", before, after, _only(keys, before.grids, after.grids)),
            *self._of_kind("area", before, after, _only(codes, before.areas, after.areas)),
        ]
        return sorted(found, key=lambda one: (one.target_kind != "grid", one.source, one.target or "", one.change))

    def _of_kind(
        self, kind: TargetKind, before: DraftState, after: DraftState, ended_and_begun: tuple[list[str], list[str]]
    ) -> Iterable[DutyChange]:
        ended, begun = ended_and_begun
        for one in ended:
            for held in self._of(kind, before, one):
                yield DutyChange("ends", kind, _code(kind, before, one), None, held)
        for one in begun:
            origins = (after.grids if kind == "grid" else after.areas)[one].origins
            for held in self._of(kind, after, one):
                yield DutyChange("inherited", kind, _code(kind, after.first, origins[0]), _code(kind, after, one), held)

    def _of(self, kind: TargetKind, state: DraftState, one: str) -> tuple[Held, ...]:
        return self.of_grid(state, one) if kind == "grid" else self.of_area(state, one)


def _held(tenure: Tenure) -> Held:
    holder, role = tenure.holder, tenure.role
    name = holder.name if holder.kind == "organisation" or role.name_public else masked_name(holder.name)
    return Held(holder.code, name, role.code, role.name, role.name_en, tenure.assignment)


def _filled(found: Mapping[str, tuple[Held, ...]]) -> dict[str, tuple[Held, ...]]:
    return {one: held for one, held in found.items() if held}


def _only(
    touched: Iterable[str], before: Mapping[str, object], after: Mapping[str, object]
) -> tuple[list[str], list[str]]:
    """What is only in the first, and what only in the second."""
    differing = [one for one in touched if (one in before) != (one in after)]
    return [one for one in differing if one in before], [one for one in differing if one in after]


def _code(kind: TargetKind, state: DraftState, one: str) -> str:
    return state.grids[one].code if kind == "grid" else one
