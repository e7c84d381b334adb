"""What a redrawn file calls its grids, as operations: codes, names, kinds and communities that differ."""

from collections.abc import Iterable
from typing import Any

from geodata.drafts.redrawn import RedrawnGrid
from geodata.drafts.state import COMMUNITY, DraftState
from geodata.records import Finding

Body = dict[str, Any]


def attribute_changes(state: DraftState, rows: Iterable[tuple[RedrawnGrid, str]]) -> tuple[list[Body], list[Finding]]:
    """Operations ``change`` and ``move-grids`` for what rows say otherwise, and errors of communities not known.

    Parameters
    ----------
    rows
        With the keys of their grids. What a row does not say stays.
    """
    changes: list[Body] = []
    moves: dict[str, list[str]] = {}
    findings = []
    for row, key in rows:
        grid = state.grids[key]
        said = {"code": (row.code, grid.code), "name": (row.name, grid.name), "grid_kind": (row.kind, grid.kind)}
        other = {name: new for name, (new, old) in said.items() if new is not None and new != old}
        if other:
            changes.append({"kind": "change", "grid": grid.code, **other})
        community = _community(state, row.community)
        if row.community is not None and community is None:
            findings.append(_unknown(row))
        elif community is not None and community != grid.community:
            moves.setdefault(community, []).append(row.code or grid.code)
    moved = [
        {"kind": "move-grids", "grids": codes, "community": code, "keep_codes": True}
        for code, codes in sorted(moves.items())
    ]
    return [*changes, *moved], findings


def _community(state: DraftState, said: str | None) -> str | None:
    """Code of a community that is named by its code, or by a name that one only has."""
    if said is None or said in state.areas:
        return said
    named = [area.code for area in state.areas.values() if area.name == said and area.level == COMMUNITY]
    return named[0] if len(named) == 1 else None


def _unknown(row: RedrawnGrid) -> Finding:
    return Finding(
        "error",
        "unknown-community",
        f"The draft has no community {row.community}: create it in the draft first, or correct the row.",
        f"草案中没有社区“{row.community}”：请先在草案中创建，或更正该行。",
        row=row.row,
        code=row.code,
    )
