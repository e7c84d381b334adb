"""Attribute table of a Shapefile (.dbf) → columns of plain values, in whatever encoding it was written."""

import codecs
import datetime
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.errors import FileError
from geodata.exchange.table import Limits, Notes, clean_text, plain_number, unique_names

# Language driver byte → codec. 0x57 and 0 say nothing.
_LANGUAGES: Final = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5", 0x13: "cp932", 0x03: "cp1252"}
_CODE_PAGES: Final = {
    "utf8": "utf-8",
    "65001": "utf-8",
    "cp65001": "utf-8",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "936": "gb18030",
    "cp936": "gb18030",
    "ansi936": "gb18030",
    "ms936": "gb18030",
    "big5": "big5hkscs",
    "950": "big5hkscs",
    "cp950": "big5hkscs",
    "iso88591": "cp1252",
    "latin1": "cp1252",
    "1252": "cp1252",
    "cp1252": "cp1252",
    "ansi1252": "cp1252",
}


@dataclass(frozen=True, slots=True)
class _Field:
    name: bytes
    kind: str
    start: int
    length: int
    decimals: int


@dataclass(frozen=True, slots=True)
class Attributes:
    """Columns of an attribute table.

    Parameters
    ----------
    names
        Distinct column names.
    columns
        Cells of each, for all records.
    deleted
        Records that are marked as deleted.
    """

    names: list[str]
    columns: list[list[Any]]
    deleted: NDArray[np.bool_]


def read_dbase(path: Path, code_page: str | None, limits: Limits, notes: Notes) -> Attributes:
    """Attribute table with its text decoded.

    Parameters
    ----------
    path
        The ``.dbf``.
    code_page
        What the ``.cpg`` beside it says, None where there is none.
    limits
        What to refuse.
    notes
        Takes cells that cannot be read and a code page that proved wrong.

    Raises
    ------
    FileError
        The file is no dBASE table, is cut off, or its text is in no known encoding (names the row).

    Notes
    -----
    The encoding is UTF-8 where every text is and Chinese characters are among them, else what ``.cpg`` or the table's
    own language byte says if the text is in it, else UTF-8, GB18030 or Big5, whichever fits first. Text declared as
    Western that holds UTF-8, or nothing but pairs of Chinese bytes, is taken as that. A declaration that proved wrong
    is noted.
    """
    data = path.read_bytes()
    count, start, width, fields, language = _structure(data)
    limits.check_count(count, len(fields))
    # A table that was not closed well may lack its last records.
    held = min(count, (len(data) - start) // width) if width else 0
    if held < count:
        raise FileError(
            f"The attribute table (.dbf) is cut off: {held:,} of {count:,} records are there.",
            f"属性表（.dbf）不完整：应有 {count:,} 条记录，实有 {held:,} 条。",
        )
    table = np.frombuffer(data, dtype=np.uint8, count=count * width, offset=start).reshape(count, width)
    raw = {field: _texts(table, field) for field in fields}
    texts = [field.name for field in fields] + [text for field in fields if field.kind == "C" for text in raw[field]]
    codec = _encoding(texts, code_page, language, notes)
    names = unique_names(
        [
            clean_text(_decoded(field.name, codec, 0), 0, "?", notes).strip() or f"column {n}"
            for n, field in enumerate(fields, 1)
        ],
        notes,
        ["geometry"],
    )
    columns = [_column(name, field, raw[field], codec, notes) for name, field in zip(names, fields, strict=True)]
    return Attributes(names, columns, table[:, 0] == ord("*"))


def _structure(data: bytes) -> tuple[int, int, int, list[_Field], int]:
    """Count of records, place of the first, width of each, fields, and language byte."""
    if len(data) < 33 or data[0] & 0x07 not in (2, 3, 4):
        raise FileError("The attribute table (.dbf) is no dBASE file.", "属性表（.dbf）不是 dBASE 格式。")
    count, start, width = struct.unpack_from("<IHH", data, 4)
    fields, offset = [], 1
    for place in range(32, min(start, len(data)) - 31, 32):
        if data[place] == 0x0D:
            break
        length, decimals = data[place + 16], data[place + 17]
        kind = chr(data[place + 11])
        if kind == "C":
            # Long text fields use the byte for decimals too.
            length, decimals = length + 256 * decimals, 0
        fields.append(_Field(data[place : place + 11].split(b"\x00")[0], kind, offset, length, decimals))
        offset += length
    if not fields or offset > width or start > len(data):
        raise FileError("The attribute table (.dbf) has no sound columns.", "属性表（.dbf）的字段定义有误。")
    return count, start, width, fields, data[29]


def _texts(table: NDArray[np.uint8], field: _Field) -> list[bytes]:
    """Bytes of one field in every record, without the padding."""
    if not field.length or not len(table):
        return [b""] * len(table)
    part = np.ascontiguousarray(table[:, field.start : field.start + field.length])
    cells: list[bytes] = part.view(f"S{field.length}").ravel().tolist()
    return [cell.split(b"\x00", 1)[0].strip(b" ") if b"\x00" in cell else cell.strip(b" ") for cell in cells]


def _encoding(texts: list[bytes], code_page: str | None, language: int, notes: Notes) -> str:
    foreign = [text for text in texts if not text.isascii()]
    declared = None
    if code_page is not None:
        declared = _CODE_PAGES.get(
            "".join(sign for sign in code_page.lower() if sign.isalnum()).removeprefix("windows")
        )
    declared = declared or _LANGUAGES.get(language)
    if not foreign:
        return declared or "utf-8"
    if declared == "cp1252":
        better = next((codec for codec in ("utf-8", "gb18030") if _all_decode(foreign, codec)), None)
        if better == "utf-8" or (better == "gb18030" and all(_in_pairs(text) for text in foreign)):
            _note_encoding(notes, code_page or "Western", better)
            return better
        return declared
    candidates = [declared] if declared else []
    if any(byte >= 0xE0 for text in foreign for byte in text):
        # Text that makes sense as UTF-8 with characters of three bytes is never anything else by chance.
        candidates = ["utf-8", *candidates]
    for codec in [*candidates, "utf-8", "gb18030", "big5hkscs"]:
        if _all_decode(foreign, codec):
            if declared and codec != declared:
                _note_encoding(notes, code_page or declared, codec)
            return codec
    # None fits everywhere: reading on names the row at fault.
    return declared or "gb18030"


def _all_decode(texts: list[bytes], codec: str) -> bool:
    try:
        for text in texts:
            _cut_decoded(text, codec)
    except UnicodeDecodeError:
        return False
    return True


def _cut_decoded(text: bytes, codec: str) -> str:
    """Text without half a character at its end: writers cut long text at the width of the field."""
    return codecs.getincrementaldecoder(codec)().decode(text)


def _in_pairs(text: bytes) -> bool:
    """Whether bytes beyond ASCII come in pairs only, as those of GB 2312 do and those of Western words don't."""
    run = 0
    for byte in text + b" ":
        if byte >= 0xA1:
            run += 1
        elif byte >= 0x80 or run % 2:
            return False
    return True


def _note_encoding(notes: Notes, declared: str, found: str) -> None:
    notes.add(
        "warning",
        "encoding-differs",
        f"The attribute table says {declared[:40]}, but its text is {found.upper()}; read as that.",
        f"属性表声明编码为 {declared[:40]}，实际为 {found.upper()}，已按后者读取。",
    )


def _decoded(text: bytes, codec: str, row: int) -> str:
    try:
        return text.decode("ascii") if text.isascii() else _cut_decoded(text, codec)
    except UnicodeDecodeError as error:
        raise FileError(
            f"Row {row} of the attribute table is not {codec.upper()} text. Export it with a .cpg file that is right.",
            f"属性表第 {row} 行不是 {codec.upper()} 文本。请重新导出，并附上正确的 .cpg 文件。",
            row=row,
            encoding=codec,
        ) from error


def _column(name: str, field: _Field, cells: list[bytes], codec: str, notes: Notes) -> list[Any]:
    if field.kind == "C":
        return [clean_text(_decoded(cell, codec, row), row, name, notes) or None for row, cell in enumerate(cells, 1)]
    reader = _READERS.get(field.kind)
    if reader is None:
        notes.add(
            "warning",
            "column-left-out",
            f"Column “{name}” is of a kind ({field.kind!r}) that is not read; it is empty.",
            f"“{name}”列的类型（{field.kind!r}）不支持，按空值处理。",
            column=name,
        )
        return [None] * len(cells)
    result = []
    for row, cell in enumerate(cells, 1):
        try:
            result.append(reader(cell))
        except ValueError:
            result.append(None)
            shown = cell[:40].decode("ascii", "replace")
            notes.add(
                "warning",
                "unreadable-cell",
                f"Column “{name}”: “{shown}” cannot be read; taken as empty.",
                f"“{name}”列：“{shown}”无法读取，按空值处理。",
                row,
                column=name,
            )
    return result


def _number(cell: bytes) -> int | float | None:
    if not cell:
        return None
    text = cell.decode("ascii").replace(",", ".")
    digits = text.lstrip("+-")
    return int(text) if digits.isdigit() else plain_number(float(text))


def _date(cell: bytes) -> datetime.datetime | None:
    if not cell.strip(b"0"):
        return None
    return datetime.datetime.strptime(cell.decode("ascii"), "%Y%m%d")


def _truth(cell: bytes) -> bool | None:
    if cell in (b"", b"?"):
        return None
    if cell.lower() not in (b"t", b"y", b"f", b"n", b"0", b"1"):
        raise ValueError(cell)
    return cell.lower() in (b"t", b"y", b"1")


_READERS: Final[dict[str, Callable[[bytes], Any]]] = {"N": _number, "F": _number, "D": _date, "L": _truth}
