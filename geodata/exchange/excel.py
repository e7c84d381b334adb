"""Excel and OpenDocument workbooks → tables, read by `workbook.py` in a process whose memory and time are limited."""

import contextlib
import datetime
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from geodata.errors import FileError
from geodata.exchange.header import NumberedCells, with_header
from geodata.exchange.table import (
    DEFAULT_LIMITS,
    ERROR_CELLS,
    Limits,
    Notes,
    Table,
    choose,
    note_unchosen,
    plain_number,
)

SECONDS: Final = 300


def read_excel(path: Path, sheet: str | int | None = None, limits: Limits = DEFAULT_LIMITS) -> Table:
    """Table of one sheet of an xlsx, xlsm, xlsb, xls or ods workbook.

    Parameters
    ----------
    path
        A regular file.
    sheet
        Name, or 1-based number. By default the first visible sheet that is not empty, with a note naming the others.
    limits
        What to refuse; ``unpacked_bytes`` is the memory that the reading process may take.

    Raises
    ------
    FileError
        No such sheet, a password, a damaged or far too large workbook.

    Notes
    -----
    Whole numbers are int, those of more than 15 digits `DamagedNumber`. Dates are datetime, times of day text
    (``08:30``). Error cells are None with a note; in xls and xlsb they are read as empty without one. Merged cells
    have their value in their first cell.
    """
    notes = Notes()
    with _Reading(path, sheet is None, limits) as reading:
        about = reading.first()
        names: list[str] = about["sheets"]
        filled: list[str] = about["filled"] or names[:1]
        chosen = choose(names, sheet, "sheet", "工作表")
        if chosen is None:
            if not filled:
                raise FileError("The workbook has no sheet with cells.", "工作簿中没有数据工作表。")
            note_unchosen(filled, 0, notes, "sheet", "工作表")
        name = filled[0] if chosen is None else names[chosen]
        reading.ask(name)
        frame, rows = with_header(_rows(reading.rest()), notes, limits).take()
    return Table(frame, rows, None, path.name, "excel", name, tuple(names), notes.findings())


def _rows(lines: Iterator[Any]) -> Iterator[NumberedCells]:
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
