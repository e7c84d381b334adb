"""Boards of a whole area, one file each, in a folder that knows what it holds: a run goes on where another stopped."""

import contextlib
import csv
import gc
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
from psycopg import Connection

from geodata.boards.printed import note_printed
from geodata.errors import FileError, GeodataError, InputError
from geodata.moment import Moment
from service.maps.boards.facts import KINDS
from service.maps.boards.layout import Paper
from service.maps.boards.making import Sources, Told, board_memory, live_path, paper_of, subject_of, tell
from service.maps.boards.staleness import wanted_of
from service.maps.lettering import clean
from service.maps.words import Language

MANIFEST: Final = "boards.jsonl"
TABLE: Final = "boards.csv"
_COLUMNS: Final = (
    "kind",
    "code",
    "name",
    "layer",
    "size",
    "lang",
    "file",
    "release",
    "printed_at",
    "findings",
    "problem",
)

# Printed pages hold each other: left to themselves they are found when a gigabyte is full of them.
_BETWEEN_SEARCHES: Final = 4

Progress = Callable[[int, int, int], bool]
"""Is told how many boards were looked at, of how many, and how many were printed; False stops the run."""


@dataclass(frozen=True, slots=True)
class RunAsked:
    """What a run prints.

    Parameters
    ----------
    within
        Code of an area; everything where None.
    only
        Layer, kind and code of the boards to print; all where None.
    """

    layer: str
    kind: str
    size: str
    lang: Language = "zh-CN"
    within: str | None = None
    only: frozenset[tuple[str, str, str]] | None = None


@dataclass(slots=True)
class Outcome:
    """How a run ended: counts, boards with something wrong by kind of finding, and what could not be printed."""

    total: int = 0
    done: int = 0
    printed: int = 0
    stopped: bool = False
    findings: dict[str, int] = field(default_factory=dict)
    failed: list[tuple[str, GeodataError]] = field(default_factory=list)

    @property
    def kept(self) -> int:
        """Boards that were there with the same content."""
        return self.done - self.printed - len(self.failed)


def codes_of(moment: Moment, asked: RunAsked) -> list[str]:
    """Codes of the boards of a run, in their order.

    Raises
    ------
    InputError
        Boards are not made of this kind.
    NotKnownError
        There is no such layer, or no such area.
    """
    if asked.kind not in KINDS:
        raise InputError(
            f"boards are of kind {', '.join(KINDS)}, not {asked.kind[:20]!r}",
            f"公示牌种类为 {'、'.join(KINDS)}，不支持“{asked.kind[:20]}”",
        )
    inside = None if asked.within is None else moment.within(asked.within)
    grids = [grid for grid in moment.grids(asked.layer) if inside is None or grid.community_id in inside]
    if asked.kind == "grid":
        found = [grid.code for grid in grids]
    elif asked.kind == "community":
        areas = {area.area_id: area.code for area in moment.areas.values()}
        found = sorted({areas[grid.community_id] for grid in grids if grid.community_id in areas})
    else:
        found = _compounds(moment, asked, {grid.position for grid in grids})
    if asked.only is None:
        return found
    return [code for code in found if (asked.layer, asked.kind, code) in asked.only]


def _compounds(moment: Moment, asked: RunAsked, positions: set[int]) -> list[str]:
    subjects = (subject_of(moment, wanted_of(asked.layer, "compound", one.code)) for one in moment.compounds)
    return [one.code for one in subjects if any(grid.position in positions for grid in one.grids)]


def print_boards(
    sources: Sources,
    asked: RunAsked,
    folder: Path,
    connection: Connection[Any],
    *,
    actor: str,
    progress: Progress,
) -> Outcome:
    """Print every board that the folder does not hold with the same content already.

    Parameters
    ----------
    folder
        Made where it is missing.
    connection
        With autocommit: each board is noted as soon as it is there.

    Raises
    ------
    FileError
        The folder cannot be written.

    Notes
    -----
    A file appears under its name when it is whole. A board that cannot be made is told, and the others go on.
    """
    codes = codes_of(sources.moment, asked)
    paper = paper_of(asked.size)
    outcome = Outcome(total=len(codes))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = _read_manifest(folder)
        try:
            with (folder / MANIFEST).open("ab") as manifest, _settled():
                for place, code in enumerate(codes):
                    if place % _BETWEEN_SEARCHES == 0:
                        gc.collect()
                    if not progress(outcome.done, outcome.total, outcome.printed):
                        outcome.stopped = True
                        break
                    entry = _one(sources, asked, code, paper, folder, known, connection, actor, outcome)
                    # A line that was cut off before it must not take this one along.
                    manifest.write(b"\n" + orjson.dumps(entry) + b"\n")
                    manifest.flush()
                    known[entry["key"]] = entry
        finally:
            _write_table(folder, known.values())
    except OSError as error:
        raise FileError(
            f"{folder} cannot be written: {error.strerror}", f"无法写入 {folder}：{error.strerror}"
        ) from error
    if not outcome.stopped:
        progress(outcome.done, outcome.total, outcome.printed)
    return outcome


@contextlib.contextmanager
def _settled() -> Iterator[None]:
    """Leave what is in memory now out of searches for cycles, so that they are cheap enough to be made often."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _one(
    sources: Sources,
    asked: RunAsked,
    code: str,
    paper: Paper,
    folder: Path,
    known: dict[str, dict[str, Any]],
    connection: Connection[Any],
    actor: str,
    outcome: Outcome,
) -> dict[str, Any]:
    """Print one board if need be; its entry in the manifest."""
    key = "/".join((asked.layer, asked.kind, code, asked.size, asked.lang))
    outcome.done += 1
    try:
        told = tell(sources, subject_of(sources.moment, wanted_of(asked.layer, asked.kind, code)), lang=asked.lang)
    except GeodataError as error:
        outcome.failed.append((code, error))
        return {"key": key, "kind": asked.kind, "code": code, "digest": "", "file": "", "problem": error.detail}
    for one in told.findings:
        outcome.findings[one.kind] = outcome.findings.get(one.kind, 0) + 1
    digest = told.board.digest()
    before = known.get(key)
    if before is not None and before["digest"] == digest and before["file"] and (folder / before["file"]).is_file():
        return before
    name = file_name(told, asked.size)
    _write(folder / name, board_memory().printed(sources, told, paper)[1].content)
    values = {
        "layer": asked.layer,
        "kind": asked.kind,
        "code": code,
        "name": told.board.name,
        "size": asked.size,
        "lang": "en" if asked.lang == "en" else "zh",
        "digest": digest,
        "release": told.board.release,
        "file": name,
    }
    note_printed(connection, values, told.board.parts(), actor)
    outcome.printed += 1
    findings = [one.kind for one in told.findings]
    return {"key": key, **values, "printed_at": told.board.day, "findings": findings, "link": live_path(told.subject)}


def file_name(told: Told, size: str) -> str:
    """Name of a board's file: its code first, so that names sort and stay apart."""
    plain = re.sub(r'[\s"/\\:*?<>|.]+', "_", clean(told.board.name))[:60]
    code = re.sub(r"[^\w-]+", "_", told.board.code)[:60]
    return f"{code}-{plain}-{size}{'-en' if told.board.lang == 'en' else ''}.pdf"


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(content)
    except OSError:
        # Half of it would only take room where there is none.
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)


def _read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """What the folder holds, the last word on each board; lines that were cut off are left out."""
    path = folder / MANIFEST
    found: dict[str, dict[str, Any]] = {}
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            entry = orjson.loads(line)
            found[entry["key"]] = {"file": "", "digest": "", **entry}
        except (orjson.JSONDecodeError, KeyError, TypeError):
            continue
    return found


def _write_table(folder: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """The same for people: a row for each board, in a file that spreadsheets open."""
    unfinished = folder / f".{TABLE}.unfinished"
    with unfinished.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for entry in sorted(entries, key=lambda one: one["key"]):
            writer.writerow([_cell(entry.get(name, "")) for name in _COLUMNS])
    unfinished.replace(folder / TABLE)


def _cell(value: Any) -> str:
    text = " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text
