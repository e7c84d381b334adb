"""Excel and OpenDocument workbooks → tables, read by `workbook.py` in a process whose memory and time are limited."""

import contextlib
import datetime
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import orjson

from geodata.errors import FileError
from geodata.exchange.header import with_header
from geodata.exchange.headings import find_heading
from geodata.exchange.merged import Block, NumberedCells, is_blank
from geodata.exchange.table import (
    DEFAULT_LIMITS,
    ERROR_CELLS,
    Fits,
    Limits,
    Notes,
    Table,
    choose,
    note_unchosen,
    plain_number,
)

SECONDS: Final = 300


def read_excel(
    path: Path,
    sheet: str | int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    *,
    header_rows: tuple[int, int] | None = None,
    fits: Fits | None = None,
) -> Table:
    """Table of one sheet of an xlsx, xlsm, xlsb, xls or ods workbook.

    Parameters
    ----------
    path
        A regular file.
    sheet
        Name, or 1-based number. By default the visible sheet that looks most like the wanted table, the first of
        several such, with a note naming the others.
    limits
        What to refuse; ``unpacked_bytes`` is the memory that the reading process may take.
    header_rows
        First and last row of the header; guessed when None.
    fits
        How well column names suit what is wanted, 0 for not at all.

    Raises
    ------
    FileError
        No such sheet, a password, a damaged or far too large workbook, nothing in the rows said to be the header.

    Notes
    -----
    Whole numbers are int, those of more than 15 digits `DamagedNumber`. Dates are datetime, times of day text
    (``08:30``). Error cells are None with a note; in xls and xlsb they are read as empty without one. The value of
    cells that are merged over rows stands in each of these rows (xlsx and xls; elsewhere in the first alone). Macros
    are never run; a note says that there are some.
    """
    notes = Notes()
    with _Reading(path, sheet is None, limits) as reading:
        about = reading.first()
        names: list[str] = about["sheets"]
        name = _chosen(about, sheet, fits, notes)
        if about["macros"]:
            notes.add(
                "warning",
                "macros",
                "The workbook holds macros; they are not run, and what they would fill in is missing.",
                "工作簿含有宏；宏不会运行，依赖宏填写的内容可能缺失。",
            )
        reading.ask(name)
        lines = reading.rest()
        blocks = [Block(*block) for block in next(lines)["merged"]]
        records = with_header(_rows(lines), notes, limits, blocks=blocks, header_rows=header_rows)
        frame, rows = records.take()
    return Table(
        frame,
        rows,
        None,
        path.name,
        "excel",
        name,
        tuple(names),
        notes.findings(),
        records.header_rows,
        tuple(records.places),
        records.titles,
    )


def sheet_cells(
    path: Path, sheet: str | int | None = None, limits: Limits = DEFAULT_LIMITS
) -> tuple[Generator[NumberedCells], list[Block]]:
    """Every filled row of a sheet as it stands, without a header looked for, and its merged cells.

    Parameters
    ----------
    path
        A workbook.
    sheet
        Name, or 1-based number; the first that is filled when None.
    limits
        As `read_excel`.

    Raises
    ------
    FileError
        As `read_excel`, some of it only while the rows are taken.
    """
    rows = _cells(path, sheet, limits)
    blocks = next(rows)
    assert isinstance(blocks, list)
    return cast("Generator[NumberedCells]", rows), blocks


def _cells(path: Path, sheet: str | int | None, limits: Limits) -> Generator[list[Block] | NumberedCells]:
    with _Reading(path, sheet is None, limits) as reading:
        reading.ask(_chosen(reading.first(), sheet, None, Notes()))
        lines = reading.rest()
        yield [Block(*block) for block in next(lines)["merged"]]
        yield from _rows(lines)


def _chosen(about: Mapping[str, Any], sheet: str | int | None, fits: Fits | None, notes: Notes) -> str:
    """Name of the wanted sheet, else of the one that looks most like the wanted table."""
    names: list[str] = about["sheets"]
    wanted = choose(names, sheet, "sheet", "工作表")
    if wanted is not None:
        return names[wanted]
    filled: list[str] = about["filled"] or names[:1]
    if not filled:
        raise FileError("The workbook has no sheet with cells.", "工作簿中没有数据工作表。")
    hidden = set(about["hidden"])
    visible = [name for name in filled if name not in hidden] or filled
    scores = [_score(about["beginnings"].get(name), fits) for name in visible]
    best = visible[scores.index(max(scores))]
    note_unchosen(filled, filled.index(best), notes, "sheet", "工作表")
    return best


def _score(beginning: Mapping[str, Any] | None, fits: Fits | None) -> float:
    """How much the beginning of a sheet looks like the wanted table; below 1 where only its form speaks for it."""
    if beginning is None:
        return 0.0
    rows = [row for row in _rows([beginning["rows"]]) if any(not is_blank(cell) for cell in row[1])]
    if not rows:
        return 0.0
    heading = find_heading(rows, [Block(*block) for block in beginning["merged"]])
    named = [name for name in heading.names if name]
    is_table = heading.is_sure and len(named) > 1 and heading.last + 1 < len(rows)
    return (1 + fits(named) if fits is not None and fits(named) > 0 else 0.5) if is_table else 0.0


def _rows(lines: Iterable[Any]) -> Iterator[NumberedCells]:
    for line in lines:
        for number, cells in line:
            yield number, [cell if isinstance(cell, str) else _cell(cell) for cell in cells]


def _cell(cell: Any) -> Any:
    if isinstance(cell, float):
        return plain_number(cell)
    if isinstance(cell, dict):
        if "t" in cell:
            return datetime.datetime.fromisoformat(cell["t"])
        return cell["e"] if cell["e"] in ERROR_CELLS else "#N/A"
    return cell


class _Reading:
    """The reading process and its lines."""

    def __init__(self, path: Path, look: bool, limits: Limits) -> None:
        program = Path(__file__).with_name("workbook.py")
        arguments = [str(path.resolve()), "1" if look else "0", str(limits.unpacked_bytes), str(SECONDS)]
        self._process = subprocess.Popen(  # noqa: S603  our own program, no shell
            [sys.executable, "-I", str(program), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._alarm = threading.Timer(2 * SECONDS, self._process.kill)
        self._alarm.daemon = True
        self._alarm.start()

    def __enter__(self) -> "_Reading":
        return self

    def __exit__(self, *_: object) -> None:
        self._alarm.cancel()
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def first(self) -> dict[str, Any]:
        """Description of the workbook."""
        about = next(self.rest(), None)
        if not isinstance(about, dict):
            raise _unreadable()
        return about

    def ask(self, name: str) -> None:
        """Have the rows of a sheet written."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(orjson.dumps(name, option=orjson.OPT_APPEND_NEWLINE))
                self._process.stdin.close()

    def rest(self) -> Iterator[Any]:
        """Lines that are left; sure that the process ended well."""
        stream = self._process.stdout
        if stream is None:
            raise _unreadable()
        for line in stream:
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise _unreadable() from error
            if isinstance(value, dict) and "failed" in value:
                raise _unreadable(value["failed"], value["detail"])
            yield value
        if self._process.wait() != 0:
            raise _unreadable()


def _unreadable(why: str = "", detail: str = "") -> FileError:
    if why == "password":
        return FileError(
            "The workbook is protected by a password; save it without.", "工作簿有密码保护，请取消密码后再试。"
        )
    if why == "damaged":
        return FileError(f"The workbook is damaged: {detail}", f"工作簿已损坏：{detail}")
    return FileError(
        "The workbook cannot be read: it is damaged or far too large. Save the sheet as CSV and try again.",
        "工作簿无法读取：已损坏或过大。请将工作表另存为 CSV 后重试。",
    )
