"""Releases as drafts begin from them: the grids that one left, the areas of an instant, all codes that ever were."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from psycopg import Connection
from psycopg.rows import dict_row

from geodata.area import areas_in_force
from geodata.drafts.state import DraftArea, DraftGrid, DraftState
from geodata.drafts.store import Draft, refuse_withdrawn_base
from geodata.errors import ConflictError, NotKnownError
from geodata.queries import named_queries
from geodata.times import instant

_SQL = named_queries(__file__)


def release_of(connection: Connection[Any], layer_id: int, number: int) -> dict[str, Any]:
    """``release_id number base_number effective withdrawn`` of a release.

    Raises
    ------
    NotKnownError
        The layer has no such release.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_SQL["releases"], {"layer_id": layer_id, "number": number}).fetchone()
    if found is None:
        raise NotKnownError(f"The layer has no release {number}.", f"没有第 {number} 版。", release=number)
    return found


def release_state(
    connection: Connection[Any], layer: str, number: int, release_id: int, areas_at: int, *, full: bool
) -> DraftState:
    """Grids as a release left them, and the areas of an instant (microseconds).

    Notes
    -----
    Of two releases with the same date the later one is read for both.
    """
    values = {"release_id": release_id, "areas_at": instant(areas_at)}
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        rows = cursor.execute(_SQL["release_grids"], values).fetchall()
    grids = [
        DraftGrid(
            f"g{row['grid_id']}",
            row["grid_id"],
            row["code"],
            row["name"],
            row["kind"],
            row["community"],
            (f"g{row['grid_id']}",),
            (row["households"], row["persons"]),
        )
        for row in rows
    ]
    shapes = shapely.from_wkb(np.array([row["wkb"] for row in rows], dtype=object))
    keyed = dict(zip((grid.key for grid in grids), shapes, strict=True))
    areas = [_area(row) for row in areas_in_force(connection, areas_at)]
    return DraftState.of_base(layer, number, grids, areas, keyed, full=full)


def state_of_release(connection: Connection[Any], layer_id: int, layer: str, number: int, *, full: bool) -> DraftState:
    """Grids and areas as they were when a release took effect.

    Raises
    ------
    NotKnownError
        The layer has no such release.
    ConflictError
        It was withdrawn.
    """
    release = release_of(connection, layer_id, number)
    if release["withdrawn"]:
        raise ConflictError(
            f"Release {number} was withdrawn: it never was in force.",
            f"第 {number} 版已撤回，从未生效。",
            release=number,
        )
    return release_state(connection, layer, number, release["release_id"], release["effective"], full=full)


def base_state(connection: Connection[Any], draft: Draft) -> DraftState:
    """The state of a draft before its first operation.

    Raises
    ------
    ConflictError
        The release that it begins from was withdrawn.
    """
    refuse_withdrawn_base(draft)
    state = release_state(connection, draft.layer, draft.base, draft.base_id, draft.areas_at, full=draft.full)
    return replace(state, version=draft.base_version)


def areas_mark(connection: Connection[Any], areas_at: int) -> str:
    """What is another text where other versions of areas are in force at an instant (microseconds)."""
    row = connection.execute(_SQL["areas_mark"], {"areas_at": instant(areas_at)}).fetchone()
    assert row is not None
    return str(row[0])


def codes_ever(connection: Connection[Any], layer_id: int) -> frozenset[str]:
    """Every code that a grid of the layer ever had."""
    return frozenset(code for (code,) in connection.execute(_SQL["codes_ever"], {"layer_id": layer_id}))


def areas_ever(connection: Connection[Any]) -> frozenset[str]:
    """Every code that an area ever had."""
    return frozenset(code for (code,) in connection.execute(_SQL["areas_ever"]))


def _area(row: Mapping[str, Any]) -> DraftArea:
    shape = None if row["wkb"] is None else shapely.from_wkb(row["wkb"])
    code = row["code"]
    return DraftArea(row["entity_id"], code, row["name"], row["level"], row["parent"], shape, (code,))


def data_version(connection: Connection[Any]) -> int:
    """What is another number when anything was published."""
    row = connection.execute(_SQL["data_version"]).fetchone()
    assert row is not None
    return int(row[0])


def noted_successions(connection: Connection[Any], release_id: int) -> list[tuple[int, int, float | None, float]]:
    """Identities of predecessor and successor, shares of households and ground, as noted with a release."""
    return connection.execute(_SQL["successions"], {"release_id": release_id}).fetchall()
