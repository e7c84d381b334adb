"""CSV and its kin: encoding, separator and header found from the content; whole, or in chunks of bounded memory."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from geodata.errors import FileError
from geodata.exchange.header import HeaderedRows, with_header
from geodata.exchange.merged import NumberedCells
from geodata.exchange.sniff import checked_file, content_of
from geodata.exchange.table import DEFAULT_LIMITS, Limits, Notes, Table
from geodata.exchange.write import unescaped_text

BLOCK: Final = 2**20
SEPARATORS: Final = (",", ";", "\t", "|")
# A quote that was never closed swallows everything after it; no honest cell has so many lines.
LINES_PER_RECORD: Final = 2_000
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(n for n in range(32) if n not in (9, 10, 12, 13, 26))


def read_csv(path: Path, limits: Limits = DEFAULT_LIMITS, *, header_rows: tuple[int, int] | None = None) -> Table:
    """Table of a delimited text file.

    Parameters
    ----------
    path
        A regular file.
    limits
        What to refuse.
    header_rows
        First and last row of the header; guessed when None.

    Raises
    ------
    FileError
        The bytes are no text in UTF-8, UTF-16 or GB18030 (names the row), a quote is never closed, or a limit is hit.

    Notes
    -----
    Cells are text or None. The separator is the one of ``, ; tab |`` that cuts most rows to one width, or what a first
    line ``sep=;`` says. The apostrophe that keeps a spreadsheet from running a text as a formula is taken off.
    """
    notes = Notes()
    with _opened(path, limits) as text:
        records = with_header(_unescaped(text.records()), notes, limits, header_rows=header_rows)
        frame, rows = records.take()
    return Table(
        frame,
        rows,
        None,
        path.name,
        "csv",
        notes=notes.findings(),
        header_rows=records.header_rows,
        places=tuple(records.places),
        titles=records.titles,
    )


def _unescaped(records: Iterator[NumberedCells]) -> Iterator[NumberedCells]:
    for number, cells in records:
        yield number, [unescaped_text(cell) if cell[:1] == "'" else cell for cell in cells]


def csv_cells(path: Path, limits: Limits = DEFAULT_LIMITS) -> Generator[NumberedCells]:
    """Every row of a delimited text file as it stands, without a header looked for.

    Raises
    ------
    FileError
        As `read_csv`, while the rows are taken.
    """
    with _opened(path, limits) as text:
        yield from text.records()


def read_csv_chunks(
    path: Path | str,
    rows_per_chunk: int = 50_000,
    limits: Limits = DEFAULT_LIMITS,
    *,
    header_rows: tuple[int, int] | None = None,
    unescaped: bool = False,
) -> Iterator[Table]:
    """Tables of at most `rows_per_chunk` records that follow one another, for files of any size.

    Parameters
    ----------
    path
        A delimited text file; its size and number of rows are not limited.
    rows_per_chunk
        Memory grows with this and with the width of a row, not with the file.
    limits
        Columns and cell length to refuse; the other limits are not used here.
    header_rows
        First and last row of the header; guessed when None.
    unescaped
        Take off the apostrophe that keeps a text from being run as a formula; as it stands otherwise.

    Yields
    ------
    Table
        Each with the same columns, and the notes on its own rows; those on the header come with the first. At least
        one, empty where the file is.

    Raises
    ------
    FileError
        As `read_csv`; where a byte is wrong far down the file, when that row is reached.
    """
    source = Path(path)
    notes = Notes()
    endless = Limits(2**62, limits.unpacked_bytes, 2**62, limits.columns, 2**62, limits.cell_characters)
    checked_file(source, endless)
    if content_of(source) != "text":
        raise FileError(
            "Only CSV files are read in chunks; save the table as CSV.", "仅支持分块读取 CSV，请将表格另存为 CSV。"
        )
    with _opened(source, endless) as text:
        cells = _unescaped(text.records()) if unescaped else text.records()
        records: HeaderedRows = with_header(cells, notes, endless, header_rows=header_rows, remarks=False)
        first = True
        while True:
            frame, rows = records.take(rows_per_chunk)
            if not rows.size and not first:
                return
            yield Table(frame, rows, None, source.name, "csv", notes=notes.drain())
            first = False


def encoding_of(path: Path) -> str:
    """Codec that the text is in: ``utf-8-sig``, ``utf-16``, ``utf-16-le``, ``utf-16-be``, ``utf-8`` or ``gb18030``.

    Parameters
    ----------
    path
        A file. It is read up to the first byte that is not ASCII and one block beyond.

    Raises
    ------
    FileError
        Binary content, or text in none of these.
    """
    with path.open("rb") as stream:
        block = stream.read(BLOCK)
        for bom, codec in _BOMS:
            if block.startswith(bom):
                if codec == "utf-32":
                    raise FileError("The text is UTF-32; save it as UTF-8.", "文本为 UTF-32 编码，请另存为 UTF-8。")
                return codec
        wide = _utf16_without_bom(block)
        if wide is not None:
            return wide
        if len(block) - len(block.translate(None, _CONTROLS)) > max(8, len(block) // 50):
            raise FileError("This is no text; it cannot be read as a table.", "这不是文本文件，无法作为表格读取。")
        while block and block.isascii():
            block = stream.read(BLOCK)
        block += stream.read(BLOCK)
    for codec in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(codec)().decode(block, final=len(block) < BLOCK)
        except UnicodeDecodeError:
            continue
        return codec
    # The one that comes further is the one that was meant; reading it names the row of the fault.
    return max(("utf-8", "gb18030"), key=lambda codec: _sound_bytes(block, codec))


def _sound_bytes(block: bytes, codec: str) -> int:
    try:
        codecs.getincrementaldecoder(codec)().decode(block)
    except UnicodeDecodeError as error:
        return error.start
    return len(block)


def _utf16_without_bom(block: bytes) -> str | None:
    """UTF-16 by its zero bytes: those of separators, digits and line ends all stand on one side."""
    even, odd = block[0::2].count(0), block[1::2].count(0)
    enough = max(2, len(block) // 50)
    if odd >= enough and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even >= enough and odd == 0 else None


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator["_Text"]:
    codec = encoding_of(path)
    with path.open("r", encoding=codec, newline="") as stream:
        try:
            yield _Text(stream, limits, *_separator(stream))
        except UnicodeDecodeError as error:
            raise _undecodable(path, codec) from error


def _separator(stream: TextIO) -> tuple[str, int]:
    """Separator, and how many lines say it; the stream is back at its start."""
    sample = stream.read(2**16)
    stream.seek(0)
    lines = io.StringIO(sample, newline="").readlines()
    if len(sample) == 2**16 and len(lines) > 1:
        lines.pop()
    first = lines[0].strip() if lines else ""
    if len(first) == 5 and first.lower().startswith("sep="):
        return first[4], 1
    return max(SEPARATORS, key=lambda separator: _evenness(lines[:200], separator)), 0


def _evenness(lines: list[str], separator: str) -> tuple[float, int]:
    """Share of the rows that have the most frequent width, and that width; nothing where it is one column."""
    try:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=separator) if any(cells))
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, count = widths.most_common(1)[0]
    return (round(count / widths.total(), 1), width) if width > 1 else (0.0, 1)


@dataclass(slots=True)
class _Text:
    """Text cut into numbered records, never holding more than one of them."""

    stream: TextIO
    limits: Limits
    separator: str
    skip: int
    _held: list[str] = field(default_factory=list)
    _held_characters: int = 0

    def records(self) -> Iterator[NumberedCells]:
        """Cells of each record with the number of the line on which it starts."""
        csv.field_size_limit(max(csv.field_size_limit(), self.limits.cell_characters + 1))
        for _ in range(self.skip):
            self.stream.readline()
        reader = csv.reader(self._lines(), delimiter=self.separator)
        start = self.skip + 1
        held = self._held
        try:
            for cells in reader:
                if len(held) > 1:
                    self._refuse_open_quote(start)
                held.clear()
                self._held_characters = 0
                yield start, cells
                start = self.skip + reader.line_num + 1
        except csv.Error as error:
            raise _open_quote(start) from error

    def _lines(self) -> Iterator[str]:
        longest = 4 * self.limits.cell_characters
        held = self._held
        while line := self.stream.readline(longest):
            held.append(line)
            self._held_characters += len(line)
            if self._held_characters >= longest or len(held) > LINES_PER_RECORD:
                raise _too_long(self.limits) if len(held) == 1 else csv.Error
            yield line

    def _refuse_open_quote(self, start: int) -> None:
        """Refuse a record that ended with the file while its last cell was still quoted."""
        if sum(line.count('"') for line in self._held) % 2:
            raise _open_quote(start)


def _open_quote(row: int) -> FileError:
    return FileError(
        f"Row {row}: a quotation mark opens a cell that is never closed, or the cell is far too long.",
        f"第 {row} 行：引号没有成对，或单元格过长。",
        row=row,
    )


def _too_long(limits: Limits) -> FileError:
    return FileError(
        f"A line is longer than {4 * limits.cell_characters:,} characters: this is no table.",
        f"有一行超过 {4 * limits.cell_characters:,} 个字符，不是表格。",
    )


def _undecodable(path: Path, codec: str) -> FileError:
    """Error that names the row in which the text stops being text."""
    row = 1
    decoder = codecs.getincrementaldecoder(codec)()
    with path.open("rb") as stream:
        try:
            while block := stream.read(BLOCK):
                row += decoder.decode(block).count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode(codec, errors="replace")
            row += text.count("\n")
    shown = codec.upper().replace("-SIG", "")
    return FileError(
        f"Row {row}: the text stops being {shown}. Save the file as UTF-8 and try again.",
        f"第 {row} 行：文字编码不是 {shown}。请将文件另存为 UTF-8 后重试。",
        row=row,
        encoding=shown,
    )
