"""Rows of a batch: read from CSV or JSON in bounded memory, written with their answers as what they came as."""

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any

import orjson

from geodata.assign import added_names
from geodata.errors import FileError
from geodata.exchange.write import escaped_text
from service.api.batch_answers import Answer, chunks_of

LONGEST_ROW = 1_000_000

_BOM = "\ufeff"

# Rows are bounded here; the reader's own limit is one for the whole process.
csv.field_size_limit(max(csv.field_size_limit(), LONGEST_ROW + 1))


class CsvRows:
    """Rows of a CSV body whose first line names the columns.

    Parameters
    ----------
    body
        Opened for reading bytes; gone through from its start each time.
    charset
        As the request says; UTF-8 or else GB18030 where it doesn't.

    Raises
    ------
    FileError
        It is no text in that encoding, has no header, or a row is longer than a megabyte.
    """

    def __init__(self, body: IO[bytes], charset: str | None) -> None:
        self._body = body
        self._charset = _charset_of(body, charset)
        first = next(self._lines(), None)
        if not first or not any(name.strip() for name in first):
            raise FileError(
                "the CSV has no header: its first line must name the columns", "CSV 缺少标题行：第一行应为列名"
            )
        self._header = first
        self.columns = [name.strip() for name in first]
        self._place = {name: place for place, name in reversed(list(enumerate(self.columns)))}
        for _ in self._lines():
            pass

    def __iter__(self) -> Iterator[list[str]]:
        return islice(self._lines(), 1, None)

    def cell(self, row: list[str], column: str) -> str | None:
        """What a row says in a column; None where it ends before it."""
        place = self._place[column]
        return row[place] if place < len(row) else None

    def written(self, answered: Iterable[tuple[list[str], Answer]]) -> Iterator[bytes]:
        """The rows with their answers, as CSV in UTF-8 with a byte order mark."""
        names = added_names(self.columns)
        yield (_BOM + _csv_text([[*self._header, *names]])).encode()
        width = len(self._header)
        for chunk in chunks_of(answered):
            lines = [[*(row + [""] * width)[:width], *map(_csv_cell, answer.values())] for row, answer in chunk]
            yield _csv_text(lines).encode("utf-8", "replace")

    def _lines(self) -> Iterator[list[str]]:
        self._body.seek(0)
        text = io.TextIOWrapper(self._body, self._charset, newline="")
        counter = _BoundedLines(text)
        try:
            for row in csv.reader(counter):
                counter.begin_row()
                if row:
                    yield row
        except csv.Error as error:
            raise FileError(f"the CSV cannot be read: {error}", f"CSV 无法读取：{error}", row=counter.lines) from error
        finally:
            _let_go(text, self._body)


class _BoundedLines:
    """Lines of a text, refusing a row that grows beyond its limit."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._length = 0
        self.lines = 0

    def begin_row(self) -> None:
        self._length = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_ROW + 1)
        if not line:
            raise StopIteration
        self.lines += 1
        self._length += len(line)
        if self._length > LONGEST_ROW:
            raise FileError(
                f"row at line {self.lines} is longer than a megabyte", f"第 {self.lines} 行过长", row=self.lines
            )
        return line


class JsonRows:
    """Rows of a JSON body: an array of objects.

    Parameters
    ----------
    body
        Opened for reading bytes, UTF-8; gone through from its start each time.

    Raises
    ------
    FileError
        It is no JSON, no array, or an element is longer than a megabyte.
    """

    def __init__(self, body: IO[bytes]) -> None:
        self._body = body
        self.columns: Sequence[str] = ()
        for row in self:
            if not self.columns and isinstance(row, dict):
                self.columns = list(row)

    def __iter__(self) -> Iterator[Any]:
        self._body.seek(0)
        return _array_elements(self._body)

    def cell(self, row: Any, column: str) -> Any:
        """What a row says under a name; None where it says nothing or is no object."""
        return row.get(column) if isinstance(row, dict) else None

    def written(self, answered: Iterable[tuple[Any, Answer]]) -> Iterator[bytes]:
        """The rows with their answers, as a JSON array."""
        separator = b"["
        for chunk in chunks_of(answered):
            yield separator + b",".join(_json_row(row, answer) for row, answer in chunk)
            separator = b",\n"
        yield b"[]" if separator == b"[" else b"]"


def _csv_text(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(value)
    return escaped_text(value) if isinstance(value, str) else value


def _json_row(row: Any, answer: Answer) -> bytes:
    known = row if isinstance(row, dict) else {"row": row}
    whole = {**known, **dict(zip(added_names(list(known)), answer.values(), strict=True))}
    try:
        return orjson.dumps(whole)
    except orjson.JSONEncodeError:
        # Lone surrogates and integers beyond 64 bits go back as they came.
        return json.dumps(whole, allow_nan=False).encode()


def _let_go(text: io.TextIOWrapper, body: IO[bytes]) -> None:
    """Leave the body open for the next who goes through it."""
    if not body.closed:
        text.detach()


def _charset_of(body: IO[bytes], declared: str | None) -> str:
    """The encoding that decodes the whole body."""
    for charset in (declared,) if declared else ("utf-8-sig", "gb18030"):
        try:
            if codecs.lookup(charset).name == "utf-8":
                charset = "utf-8-sig"
            # Refuses codecs that don't make text, such as base64.
            io.TextIOWrapper(io.BytesIO(), charset)
            decoder = codecs.getincrementaldecoder(charset)()
            body.seek(0)
            while block := body.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except LookupError as error:
            raise FileError(f"charset {charset!r} is not known", f"不支持的字符集“{charset}”") from error
        except ValueError:
            continue
        return charset
    raise FileError(
        "the text is not in the declared charset, or in UTF-8 or GB18030 where none is declared",
        "文本编码有误：应为声明的字符集，未声明时应为 UTF-8 或 GB18030",
    )


def _array_elements(body: IO[bytes]) -> Iterator[Any]:
    """Elements of a JSON array one by one, so that its size does not matter."""
    text = io.TextIOWrapper(body, "utf-8-sig", newline="")
    try:
        yield from _ArrayReader(text).elements()
    except UnicodeDecodeError as error:
        raise FileError("the JSON is not in UTF-8", "JSON 应为 UTF-8 编码") from error
    finally:
        _let_go(text, body)


def _refuse_constant(name: str) -> Any:
    raise FileError(f"{name} is not JSON", f"{name} 不是有效的 JSON")


class _ArrayReader:
    """Reads a JSON array through a buffer that holds one element and some more."""

    _BLOCK = 1 << 16
    _decoder = json.JSONDecoder(parse_constant=_refuse_constant)

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._buffer = ""
        self._place = 0
        self._ended = False
        self._count = 0

    def elements(self) -> Iterator[Any]:
        if self._next_mark() != "[":
            raise self._broken("it must be an array of objects")
        self._place += 1
        if self._next_mark() == "]":
            self._place += 1
        else:
            yield from self._members()
        if self._next_mark():
            raise self._broken("something follows the array")

    def _members(self) -> Iterator[Any]:
        while True:
            self._count += 1
            yield self._element()
            mark = self._next_mark()
            self._place += 1
            if mark == "]":
                return
            if mark != ",":
                raise self._broken("a comma or the end of the array is missing")

    def _element(self) -> Any:
        self._next_mark()
        while True:
            try:
                element, end = self._decoder.raw_decode(self._buffer, self._place)
            except (ValueError, RecursionError) as error:
                if self._ended or isinstance(error, RecursionError):
                    raise self._broken("it is no JSON value") from error
            else:
                # A number may go on in the next block.
                if end < len(self._buffer) or self._ended:
                    self._place = end
                    return element
            if len(self._buffer) - self._place > LONGEST_ROW:
                raise self._broken("it is broken, or longer than a megabyte")
            self._read()

    def _next_mark(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            while self._place < len(self._buffer) and self._buffer[self._place] in " \t\r\n":
                self._place += 1
            if self._place < len(self._buffer):
                return self._buffer[self._place]
            if self._ended:
                return ""
            self._read()

    def _read(self) -> None:
        block = self._text.read(self._BLOCK)
        self._ended = not block
        self._buffer = self._buffer[self._place :] + block
        self._place = 0

    def _broken(self, what: str) -> FileError:
        return FileError(
            f"the JSON cannot be read at row {self._count}: {what}",
            f"JSON 第 {self._count} 行无法读取",
            row=self._count,
        )
