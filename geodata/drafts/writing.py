"""What a draft that is published writes: grids, areas, duties, and which grid became which."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.area import areas_in_force, areas_later, write_areas
from geodata.changes import PUBLISH_DRAFT
from geodata.drafts.counted import counted_grids
from geodata.drafts.inheriting import Inheritance, write_inheritance
from geodata.drafts.miscounted import miscounted_grids
from geodata.drafts.releases import release_of
from geodata.drafts.state import DraftArea, DraftState
from geodata.drafts.step import Households
from geodata.drafts.store import Draft
from geodata.drafts.succession import Succession, stated_counts, successions
from geodata.errors import ConflictError, StaleBaseError
from geodata.grid.publish import GridState, publish_release
from geodata.queries import named_queries
from geodata.times import instant

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Published:
    """What was published.

    Parameters
    ----------
    number
        Of the release.
    effective
        When it takes effect, microseconds since 1970-01-01 UTC.
    changed, made, ended
        Grids that are otherwise, that are new, and that are no more.
    areas
        Areas that are otherwise, new ones and those that are no more included.
    inheritance
        Duties and texts of boards that new grids and areas take over, and those that end.
    others
        Releases of other layers that were made with it: their grids belong to another community now. By layer.
    miscounted
        Codes of grids whose loaded counts are those of other ground than they have now, or of grids that are no more.
    """

    number: int
    effective: int
    changed: int
    made: int
    ended: int
    areas: int
    inheritance: Inheritance
    others: Mapping[str, int]
    miscounted: tuple[str, ...]


def database_now(connection: Connection[Any]) -> int:
    """The database's clock, microseconds since 1970-01-01 UTC."""
    row = connection.execute(_SQL["now"]).fetchone()
    assert row is not None
    return int(row[0])


def refuse_stale_areas(connection: Connection[Any], state: DraftState, effective: int) -> dict[str, dict[str, Any]]:
    """Areas in force by code, where those that a draft changes or needs are still as it knows them.

    Raises
    ------
    StaleBaseError
        They are not: the facts name the ``areas``.
    ConflictError
        A version of one of them is planned for later.
    """
    current = {row["code"]: row for row in areas_in_force(connection, effective)}
    touched = state.areas_since_base()
    before = state.first.areas
    stale = [code for code in touched if not _as_known(current.get(code), before.get(code))]
    changed = [state.grids[key] for key in state.changed_since_base() if key in state.grids]
    needed = {grid.community for grid in changed if grid.community is not None and grid.community in before}
    stale += sorted(code for code in needed if code not in current and code not in stale)
    if stale:
        names = "、".join(stale[:5])
        raise StaleBaseError(
            f"The areas {names} were changed since the draft began: take it to the newest state (rebase).",
            f"草案开始后，区划 {names} 已被修改：请将草案转到最新状态。",
            areas=stale,
        )
    later = sorted(set(touched) & set(areas_later(connection, effective)))
    if later:
        raise ConflictError(
            f"Changes of the areas {'、'.join(later[:5])} are planned for later: publish after them, or undo them.",
            f"区划 {'、'.join(later[:5])} 已有计划在之后生效的变更：请在其后发布，或先撤销这些变更。",
            areas=later,
            reason="areas-later",
        )
    return current


def write_release(
    connection: Connection[Any],
    draft: Draft,
    state: DraftState,
    current: Mapping[str, Mapping[str, Any]],
    *,
    effective: int,
    actor: str,
    note: str,
    households: Households,
    restored: frozenset[str],
) -> tuple[int, Published]:
    """Identity of the release that a draft becomes, and what was published.

    Parameters
    ----------
    current
        Areas in force then, from `refuse_stale_areas`.
    restored
        Keys of grids that are as an earlier release left them: what it stated is stated again.

    Notes
    -----
    The caller holds the locks of areas, duties and layer, and notes the change.
    """
    touched = state.areas_since_base()
    _write_areas(connection, state, touched, current, effective)
    area_ids = dict(connection.execute(_SQL["area_ids"], {"at": instant(effective)}).fetchall())
    found = successions(state, households)
    states = _grid_states(state, stated_counts(state, found), area_ids, restored)
    base = state.first
    gone = [grid for key, grid in base.grids.items() if key not in state.grids]
    ended = sorted(grid.grid_id for grid in gone if grid.grid_id is not None)
    number = publish_release(
        connection,
        draft.layer_id,
        states,
        ended,
        effective=effective,
        actor=actor,
        note=note,
        base_number=draft.base,
    )
    release_id = int(release_of(connection, draft.layer_id, number)["release_id"])
    ids = _identities(connection, state, release_id)
    handed = write_inheritance(connection, state, ids, area_ids, current, effective)
    _write_successions(connection, release_id, found, ids)
    others = _follow_elsewhere(connection, draft, state, area_ids, current, effective=effective, actor=actor, note=note)
    made = sum(key not in base.grids for key in state.changed_since_base())
    changed = len(states) - made
    return release_id, Published(
        number=number,
        effective=effective,
        changed=changed,
        made=made,
        ended=len(ended),
        areas=len(touched),
        inheritance=handed,
        others=dict(sorted(others.items())),
        miscounted=tuple(miscounted_grids(state, counted_grids(connection, draft.layer))),
    )


def _as_known(row: Mapping[str, Any] | None, known: DraftArea | None) -> bool:
    if row is None or known is None:
        return row is None and known is None
    shape = None if row["wkb"] is None else shapely.from_wkb(row["wkb"])
    same = (row["entity_id"], row["name"], row["level"], row["parent"])
    return same == (known.area_id, known.name, known.level, known.parent) and shape == known.shape


def _write_areas(
    connection: Connection[Any],
    state: DraftState,
    touched: Sequence[str],
    current: Mapping[str, Mapping[str, Any]],
    effective: int,
) -> None:
    if not touched:
        return
    areas = [state.areas[code] for code in touched if code in state.areas]
    records = [
        {
            "code": area.code,
            "name": area.name,
            "level": area.level,
            "parent": area.parent,
            "wkb": None if area.shape is None else shapely.to_wkb(area.shape),
        }
        for area in areas
    ]
    ended = [current[code]["version_id"] for code in touched if code in current]
    write_areas(connection, records, ended, effective)


def _grid_states(
    state: DraftState,
    stated: Mapping[str, tuple[int | None, int | None]],
    area_ids: Mapping[str, int],
    restored: frozenset[str],
) -> list[GridState]:
    found = []
    for key in state.changed_since_base():
        grid = state.grids.get(key)
        if grid is None:
            continue
        households, persons = grid.stated if key in restored else stated.get(key, grid.stated)
        community = None if grid.community is None else area_ids[grid.community]
        wkb = shapely.to_wkb(state.shape(key))
        found.append(
            GridState(grid.grid_id, grid.code, grid.name, grid.kind, community, households, persons, wkb),
        )
    return found


def _identities(connection: Connection[Any], state: DraftState, release_id: int) -> dict[str, int]:
    """Identities of grids by key, of those that the release made too."""
    by_code = dict(connection.execute(_SQL["grid_ids"], {"release_id": release_id}).fetchall())
    both = {**state.first.grids, **state.grids}
    known = {key: grid.grid_id for key, grid in both.items() if grid.grid_id is not None}
    return known | {key: by_code[grid.code] for key, grid in state.grids.items() if grid.grid_id is None}


def _write_successions(
    connection: Connection[Any], release_id: int, found: Sequence[Succession], ids: Mapping[str, int]
) -> None:
    rows = [
        {
            "predecessor_id": ids[one.predecessor],
            "successor_id": ids[one.successor],
            "household_share": one.household_share,
            "ground_share": one.ground_share,
        }
        for one in found
    ]
    connection.execute(_SQL["add_successions"], {"release_id": release_id, "successions": Jsonb(rows)})


def _follow_elsewhere(
    connection: Connection[Any],
    draft: Draft,
    state: DraftState,
    area_ids: Mapping[str, int],
    current: Mapping[str, Mapping[str, Any]],
    *,
    effective: int,
    actor: str,
    note: str,
) -> dict[str, int]:
    """Releases of other layers whose grids were in communities that are no more: they go where those went."""
    gone = [code for code in state.first.areas if code not in state.areas and code in current]
    if not gone:
        return {}
    heirs = {current[code]["entity_id"]: area_ids.get(_heir(state, code) or "") for code in gone}
    values = {"layer_id": draft.layer_id, "area_ids": sorted(heirs)}
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        rows = cursor.execute(_SQL["grids_of_areas"], values).fetchall()
    layers: dict[tuple[int, str], list[GridState]] = {}
    for row in rows:
        named = {name: row[name] for name in ("grid_id", "code", "name", "kind", "households", "persons", "wkb")}
        state_then = GridState(community_id=heirs[row["community_id"]], **named)
        layers.setdefault((row["layer_id"], row["layer"]), []).append(state_then)
    return {
        code: publish_release(connection, layer_id, states, [], effective=effective, actor=actor, note=note)
        for (layer_id, code), states in layers.items()
    }


def _heir(state: DraftState, gone: str) -> str | None:
    """The community that most grids of one that is no more are in now; None where there were none."""
    members = [grid.key for grid in state.first.grids.values() if grid.community == gone]
    now = Counter(state.grids[key].community for key in members if key in state.grids)
    known = sorted((code for code in now if code is not None), key=lambda code: (-now[code], code))
    return known[0] if known else None


def change_of_release(connection: Connection[Any], release_id: int) -> int | None:
    """The change that published a draft as a release; None for a release that no draft became."""
    row = connection.execute(_SQL["release_change"], {"release_id": release_id, "action": PUBLISH_DRAFT}).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def reopen_drafts(connection: Connection[Any], release_id: int, actor: str) -> list[int]:
    """Drafts that became a release which was taken back: they are open again."""
    rows = connection.execute(_SQL["reopen_drafts"], {"release_id": release_id, "actor": actor}).fetchall()
    return [draft_id for (draft_id,) in rows]
