"""A draft, or what a release left → a GeoPackage that can be redrawn elsewhere and recognised again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psycopg import Connection

from geodata.drafts.releases import release_of, state_of_release
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftState
from geodata.errors import ConflictError, FileError
from geodata.exchange.pieces import Header, Piece, write_pieces
from geodata.grid.layers import layer

ROWS_AT_ONCE = 2_000

_HEADERS = (
    Header("code"),
    Header("name"),
    Header("kind"),
    Header("community"),
    Header("community_name"),
    Header("households", "whole"),
    Header("persons", "whole"),
    Header("layer"),
    Header("release", "whole"),
    Header("version", "whole"),
    Header("draft", "whole"),
)


def write_state(state: DraftState, path: Path, scene: Scene | None = None, draft_id: int | None = None) -> int:
    """Write the grids of a draft to a GeoPackage, and say how many; the file is there whole or not at all.

    Parameters
    ----------
    path
        ``.gpkg``; shapes are EPSG:4326, their vertices exactly those of the draft.
    scene
        Who lives where: ``households`` and ``persons`` are counted by it; without one they are what the base states,
        empty where ground changed.
    draft_id
        Its identity, so that the file is known again; None for a release.

    Raises
    ------
    FileError
        Another suffix, or the file cannot be written.
    """
    if path.suffix.lower() != ".gpkg":
        raise FileError(
            f"Grids to redraw are written as .gpkg, not as “{path.suffix[:20]}”.",
            f"供重画的网格写为 .gpkg，不支持“{path.suffix[:20]}”。",
        )
    return write_pieces(_HEADERS, _pieces(state, scene, draft_id), path, shaped=True)


def release_as_state(connection: Connection[Any], layer_code: str | None, number: int) -> DraftState:
    """What a release of a layer left.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        It was withdrawn.
    """
    target = layer(connection, layer_code)
    if release_of(connection, target["layer_id"], number)["withdrawn"]:
        raise ConflictError(f"Release {number} was withdrawn.", f"第 {number} 版已撤回。", release=number)
    full = target["tiling"] == "full"
    return state_of_release(connection, target["layer_id"], target["code"], number, full=full)


def _pieces(state: DraftState, scene: Scene | None, draft_id: int | None) -> Iterator[Piece]:
    reshaped = set(state.reshaped_since_base())
    keys = sorted(state.grids, key=lambda key: state.grids[key].code)
    counts = {} if scene is None else scene.living.counts(state, keys)
    for start in range(0, len(keys), ROWS_AT_ONCE):
        some = keys[start : start + ROWS_AT_ONCE]
        rows = []
        for key in some:
            lives = counts.get(key)
            stated = (None, None) if key in reshaped else state.grids[key].stated
            people = stated if lives is None else (lives.households, lives.persons)
            rows.append([*_cells(state, key, people), draft_id])
        yield Piece(rows, [state.shape(key) for key in some])


def _cells(state: DraftState, key: str, people: tuple[int | None, int | None]) -> list[Any]:
    grid = state.grids[key]
    area = None if grid.community is None else state.areas.get(grid.community)
    named = (grid.code, grid.name, grid.kind, grid.community, None if area is None else area.name)
    return [*named, *people, state.layer, state.base, state.version]
