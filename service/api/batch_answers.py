"""Bodies of a batch → the same rows with their answers: gone through once to find what is wrong, then streamed."""

import codecs
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import ijson
import orjson
import pandas as pd

from geodata.assign import ADDED, Assigner, Read, added_names, assigned_frames, columns_read, read_columns
from geodata.errors import FileError
from geodata.exchange.delimited import read_csv_chunks
from geodata.exchange.table import Limits
from geodata.exchange.write import CsvRows

ROWS_AT_ONCE = 2000
ADDRESSES_AT_ONCE = 200
LONGEST_ROW = 1_000_000
DEEPEST = 100
_BLOCK = 1 << 16
_STARTS, _ENDS = ("start_map", "start_array"), ("end_map", "end_array")
# A record may be four times as long as a cell.
_LIMITS = Limits(cell_characters=LONGEST_ROW // 4)
# What reading tells apart by the content; nothing else is taken for them.
_CHARSETS = {"ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb2312", "gbk", "gb18030"}


def csv_answers(path: Path, charset: str | None, assigner: Assigner, mapping: Mapping[str, str]) -> Iterator[bytes]:
    """CSV in UTF-8 with a byte order mark.

    Parameters
    ----------
    path
        CSV as `read_csv_chunks` takes it. It is open when this returns and may be deleted.
    charset
        As the request says, or None. The content decides among those that are read.
    mapping
        Names of the columns that hold ``lon``, ``lat`` and ``address``; guessed where none is told.

    Raises
    ------
    FileError
        It is no such text, has no header, a row is longer than a megabyte, or the charset is not read.
    InputError
        There are no such columns.
    UnavailableError
        There are addresses, and the register is not ready.
    """
    _check_charset(charset)
    names: list[str] = []
    for table in read_csv_chunks(path, ROWS_AT_ONCE, _LIMITS):
        names = [str(name) for name in table.frame.columns]
        if table.frame.columns.empty:
            raise FileError(
                "The CSV has no header: its first line must name the columns.", "CSV 缺少标题行：第一行应为列名。"
            )
    size = _rows_at_once(columns_read(names, mapping))
    frames = assigned_frames(read_csv_chunks(path, size, _LIMITS), assigner, mapping)
    first = next(frames)
    return _csv(list(first.columns), chain([first], frames))


def json_answers(path: Path, assigner: Assigner, mapping: Mapping[str, str]) -> Iterator[bytes]:
    """JSON array of the elements of a JSON array; one that is no object becomes the member ``row`` of one.

    Parameters
    ----------
    path
        A JSON array in UTF-8. It is open when this returns and may be deleted.
    mapping
        Names of the members that hold ``lon``, ``lat`` and ``address``; guessed by the first object where none is told.

    Raises
    ------
    FileError
        It is no JSON, no array, a number has more than 64 bits, or an element is longer than a megabyte or nested
        more than a hundred times.
    InputError
        There are no such members, although there are elements.
    UnavailableError
        There are addresses, and the register is not ready.
    """
    for _ in _elements(path):
        pass
    elements = _elements(path)
    first = list(islice(elements, ROWS_AT_ONCE))
    if not first:
        return iter([b"[]"])
    members = next((list(element) for element in first if isinstance(element, dict)), [])
    read = columns_read(members, mapping)
    if read.address is not None:
        assigner.use_addresses()
    return _json(chain(first, elements), assigner, read)


def _rows_at_once(read: Read) -> int:
    """So many rows that the first come soon: an address takes milliseconds, a point a millionth of a second."""
    return ROWS_AT_ONCE if read.address is None else ADDRESSES_AT_ONCE


def _check_charset(charset: str | None) -> None:
    try:
        known = charset is None or codecs.lookup(charset).name in _CHARSETS
    except (LookupError, ValueError):
        known = False
    if not known:
        raise FileError("The charset must be UTF-8, UTF-16 or GB18030.", "字符集应为 UTF-8、UTF-16 或 GB18030。")


def _csv(names: Sequence[str], frames: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    encoder = codecs.getincrementalencoder("utf-8-sig")("replace")
    rows = CsvRows(text, names, own=names[-len(ADDED) :])
    for frame in frames:
        rows.write_frame(frame)
        yield encoder.encode(text.getvalue())
        text.seek(0)
        text.truncate()


def _json(elements: Iterator[Any], assigner: Assigner, read: Read) -> Iterator[bytes]:
    separator = b"["
    while chunk := list(islice(elements, _rows_at_once(read))):
        rows = [element if isinstance(element, dict) else {"row": element} for element in chunk]
        members = [*(read.point or ()), *([read.address] if read.address is not None else [])]
        answers = read_columns({name: [row.get(name) for row in rows] for name in members}, read, assigner)
        *columns, reasons = (answers[name].tolist() for name in ADDED)
        listed = [[reason] if reason else [] for reason in reasons]
        for row, *answer in zip(rows, *columns, listed, strict=True):
            row.update(zip(added_names(list(row)), answer, strict=True))
        yield separator + b",\n".join(map(orjson.dumps, rows))
        separator = b",\n"
    yield b"]"


def _elements(path: Path) -> Iterator[Any]:
    """Elements of a JSON array one by one, in memory that does not grow with the array.

    Notes
    -----
    ``ijson.items`` remembers the path of every open container, which costs the square of the depth in memory; without
    ``use_float`` an integer of 5000 digits ends the process.
    """
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events, use_float=True)
    builder = ijson.ObjectBuilder()
    depth = count = unfinished = 0
    for block in _blocks(path):
        error = _refused(parser, block)
        unfinished += len(block)
        for event, value in events:
            depth -= event in _ENDS
            if depth:
                builder.event(event, value)
            elif event not in ("start_array", "end_array"):
                raise _broken(count, "it must be an array", "应为数组")
            depth += event in _STARTS
            if depth == 1 and event not in _STARTS:
                yield builder.value
                count, unfinished = count + 1, 0
            elif depth > DEEPEST:
                raise _broken(count, f"nested more than {DEEPEST} times", f"嵌套超过 {DEEPEST} 层")
        events.clear()
        if error:
            what, what_zh = "broken, not UTF-8, or a number beyond 64 bits", "格式错误、非 UTF-8 或数值超出 64 位"
            raise _broken(count, what, what_zh) from error
        if unfinished > LONGEST_ROW:
            raise _broken(count, "longer than a megabyte", "超过 1 MB")


def _blocks(path: Path) -> Iterator[bytes]:
    """Bytes of a file without byte order mark; an empty block is the end."""
    with path.open("rb") as body:
        block = body.read(_BLOCK).removeprefix(codecs.BOM_UTF8)
        while block:
            yield block
            block = body.read(_BLOCK)
    yield b""


def _refused(parser: Any, block: bytes) -> Exception | None:
    """What is wrong with a block of JSON; an empty one is the end."""
    try:
        parser.send(block) if block else parser.close()
    except (ijson.JSONError, ValueError) as error:
        return error
    return None


def _broken(count: int, what: str, what_zh: str) -> FileError:
    return FileError(
        f"The JSON cannot be read at row {count + 1}: {what}.",
        f"JSON 第 {count + 1} 行无法读取：{what_zh}。",
        row=count + 1,
    )
