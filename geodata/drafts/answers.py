"""What a change of a draft answers: what is otherwise now, what was found, and what may be taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shapely import Geometry

from geodata.drafts.delta import Delta
from geodata.drafts.impact import Impact, impact_of_step
from geodata.drafts.rules import findings_of
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftArea, DraftGrid, DraftState
from geodata.drafts.store import DraftOperation
from geodata.records import Finding


@dataclass(frozen=True, slots=True)
class ChangedGrid:
    """A grid before and after, with its ground (EPSG:4326); None on the side where it is not there."""

    key: str
    before: DraftGrid | None
    after: DraftGrid | None
    shape_before: Geometry | None
    shape_after: Geometry | None


@dataclass(frozen=True, slots=True)
class ChangedArea:
    """An area before and after; None on the side where it is not there."""

    code: str
    before: DraftArea | None
    after: DraftArea | None


@dataclass(frozen=True, slots=True)
class Changed:
    """Grids and areas that differ between two states."""

    grids: tuple[ChangedGrid, ...]
    areas: tuple[ChangedArea, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """What an operation did.

    Parameters
    ----------
    version
        Of the draft after it.
    operation
        As it was noted.
    changed
        What it changed.
    findings
        What is to be known of it: things done beside what was asked, faults, doubts. Grids are named by code.
    before, after
        The states.
    impact
        Who changes hands by it, and more; None where nobody knows who lives where.
    repeated
        Whether it had been done before under the same id, and nothing was done now.
    """

    version: int
    operation: DraftOperation
    changed: Changed
    findings: tuple[Finding, ...]
    before: DraftState
    after: DraftState
    impact: Impact | None = None
    repeated: bool = False


def judged(applied: Applied, scene: Scene | None) -> Applied:
    """What an operation did, with what is to be thought of it in a scene."""
    if scene is None:
        return applied
    found = findings_of(applied.before, applied.after, scene)
    impact = impact_of_step(applied.before, applied.after, scene)
    return replace(applied, findings=(*applied.findings, *found), impact=impact)


def changed_between(before: DraftState, after: DraftState, delta: Delta) -> Changed:
    """Grids and areas that a change names, before and after."""
    return Changed(
        tuple(_grid(before, after, key) for key in delta.keys),
        tuple(ChangedArea(code, before.areas.get(code), after.areas.get(code)) for code in sorted(delta.areas)),
    )


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """A finding as it is stored."""
    return {
        "severity": finding.severity,
        "kind": finding.kind,
        "message": finding.message,
        "message_zh": finding.message_zh,
        "code": finding.code,
        "lon": finding.lon,
        "lat": finding.lat,
        "facts": dict(finding.facts),
    }


def findings_from_json(stored: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Findings that were stored."""
    return tuple(Finding(**found) for found in stored)


def _grid(before: DraftState, after: DraftState, key: str) -> ChangedGrid:
    return ChangedGrid(
        key,
        before.grids.get(key),
        after.grids.get(key),
        before.shape(key) if key in before.grids else None,
        after.shape(key) if key in after.grids else None,
    )
