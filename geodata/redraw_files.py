"""Door: a draft or a release → a file that others redraw → operations of the draft.

Nothing is committed here: each function does its work in the caller's transaction.
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from psycopg import Connection

from geodata.drafts.differing import grids_between
from geodata.drafts.exporting import release_as_state, write_state
from geodata.drafts.recognise import Planned, Recognised, recognised
from geodata.drafts.redrawn import Reading, read_redrawn
from geodata.drafts.step import Around, nobody
from geodata.drafts.store import Draft, one_draft, refuse_unless_open
from geodata.drafts.wording import listed
from geodata.errors import LoadRefusedError
from geodata.records import Finding
from geodata.redraw import Applied, DraftMemory, Scene, apply, draft_state

__all__ = [
    "Planned",
    "Reading",
    "Recognised",
    "apply_recognised",
    "export_draft",
    "export_release",
    "recognise_file",
]


def export_draft(
    connection: Connection[Any],
    draft_id: int,
    path: Path,
    *,
    memory: DraftMemory | None = None,
    scene: Scene | None = None,
) -> int:
    """Write the grids of a draft to a GeoPackage, and say how many.

    Parameters
    ----------
    path
        ``.gpkg``; shapes are EPSG:4326, exact.
    scene
        As in `geodata.redraw.apply`: households and persons are counted by it.

    Raises
    ------
    NotKnownError
        There is no such draft.
    ConflictError
        The release that it begins from was withdrawn.
    FileError
        Another suffix, or the file cannot be written.
    """
    return write_state(draft_state(connection, draft_id, memory), path, scene, draft_id)


def export_release(connection: Connection[Any], layer_code: str | None, number: int, path: Path) -> int:
    """Write the grids that a release of a layer left to a GeoPackage, and say how many.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        It was withdrawn.
    FileError
        As `export_draft`.
    """
    return write_state(release_as_state(connection, layer_code, number), path)


def recognise_file(
    connection: Connection[Any],
    draft_id: int,
    path: Path,
    *,
    reading: Reading | None = None,
    memory: DraftMemory | None = None,
    scene: Scene | None = None,
) -> Recognised:
    """What a redrawn file says of a draft: operations that would take the draft there, or what is wrong with it.

    Parameters
    ----------
    path
        GeoPackage, GeoJSON, Shapefile or table with well-known text, in any datum that loads take. It may hold some of
        the grids; the others stay.

    Raises
    ------
    NotKnownError
        There is no such draft.
    ConflictError
        It is closed, or the release that it begins from was withdrawn.
    FileError, InputError
        The file, a column or the datum cannot be read.

    Notes
    -----
    Nothing is written, in the draft or elsewhere.
    """
    memory = memory or DraftMemory()
    draft = one_draft(connection, draft_id)
    refuse_unless_open(draft)
    state = draft_state(connection, draft_id, memory)
    codes, area_codes = memory.codes(connection, draft.layer_id)
    around = Around(codes, area_codes, nobody if scene is None else scene.living.households)
    redrawn = read_redrawn(path, reading)
    found = recognised(state, redrawn, around)
    older = _older(connection, draft, redrawn.written_from, found, memory)
    return found if older is None else replace(found, findings=(*found.findings, older))


def apply_recognised(
    connection: Connection[Any],
    draft_id: int,
    found: Recognised,
    *,
    actor: str,
    memory: DraftMemory | None = None,
    scene: Scene | None = None,
) -> list[Applied]:
    """Do to a draft what a redrawn file says, one operation after the other: each can be undone.

    Parameters
    ----------
    found
        As `recognise_file` gave it, with the same scene.

    Raises
    ------
    LoadRefusedError
        There are errors; ``report`` holds what was found.
    StaleDraftError
        The draft was changed since it was compared.
    ConflictError
        As `geodata.redraw.apply`.

    Notes
    -----
    The operations' ids come from the version and from what is done.
    """
    if found.errors:
        first = found.errors[0]
        refused = LoadRefusedError(first.message, first.message_zh)
        refused.report = found
        raise refused
    memory, done = memory or DraftMemory(), list[Applied]()
    for number, planned in enumerate(found.planned, 1):
        version = found.version + number - 1
        body = {"id": _id(version, planned), **planned.body}
        one = apply(connection, draft_id, body, actor=actor, if_version=version, memory=memory, scene=scene)
        done.append(one)
    return done


def _older(
    connection: Connection[Any],
    draft: Draft,
    written_from: tuple[int, int] | None,
    found: Recognised,
    memory: DraftMemory,
) -> Finding | None:
    """A warning where the file was exported before others changed grids that it would change back."""
    version = draft.version if written_from is None or written_from[0] != draft.draft_id else written_from[1]
    if not draft.base_version <= version < draft.version:
        return None
    now = draft_state(connection, draft.draft_id, memory)
    then = draft_state(connection, draft.draft_id, memory, version=version)
    keys = set(grids_between(then, now)).intersection(grids_between(now, found.after))
    both = sorted(now.grids[key].code for key in keys if key in now.grids)
    if not both:
        return None
    named, named_zh = listed(both)
    text = (
        f"The file was exported at version {version} of the draft, which is at {draft.version} now: {named} changed "
        "since, and would become as in the file. Export again to keep what was done."
    )
    text_zh = (
        f"文件导出自草案第 {version} 版，草案现为第 {draft.version} 版：网格 {named_zh} 此后已修改，"
        "导入后将变为文件中的样子。要保留这些修改，请重新导出后再编辑。"
    )
    return Finding("warning", "older-version", text, text_zh, facts={"version": version, "grids": both[:100]})


def _id(version: int, planned: Planned) -> str:
    content = orjson.dumps([version, planned.body], option=orjson.OPT_SORT_KEYS)
    return f"file-{version}-{hashlib.sha256(content).hexdigest()[:24]}"
