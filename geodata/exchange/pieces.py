"""Rows that come piece by piece → one file in bounded memory: CSV, Excel or GeoPackage, whole or not at all."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geodata.crs import WGS84
from geodata.errors import FileError
from geodata.exchange.sheet import new_workbook
from geodata.exchange.table import FIRST_DAMAGED
from geodata.exchange.write import (
    EXCEL_CHARACTERS,
    EXCEL_ROWS,
    CsvWriter,
    layer_name,
    replacing,
    stored_text,
)

SUFFIXES: Final = (".csv", ".xlsx", ".gpkg")
# A vertex as well-known text is shorter, with room for the name of the shape.
_CHARACTERS_PER_VERTEX = 42
MOST_EXCEL_VERTICES: Final = EXCEL_CHARACTERS // _CHARACTERS_PER_VERTEX - 2

CellType = Literal["text", "whole", "number", "truth"]
_WIDTHS: Final = {"text": 20, "whole": 12, "number": 14, "truth": 10}
_DTYPES: Final[dict[str, Any]] = {"text": object, "whole": "Int64", "number": "float64", "truth": "boolean"}


@dataclass(frozen=True, slots=True)
class Header:
    """Name of a column and what all its cells are, None apart."""

    name: str
    type: CellType = "text"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows, a cell per column, and the shape of each in EPSG:4326 where the format holds shapes."""

    rows: Sequence[Sequence[Any]]
    shapes: Sequence[shapely.Geometry | None] | None = None


def write_pieces(
    headers: Sequence[Header],
    pieces: Iterable[Piece],
    path: Path,
    *,
    written: Callable[[int], None] | None = None,
    shaped: bool = False,
) -> int:
    """Write rows in the format that the suffix names, and say how many; an older file is replaced once that is whole.

    Parameters
    ----------
    headers
        Of the columns, in their order.
    pieces
        Taken one at a time; memory grows with one of them, not with all.
    path
        ``.csv`` (UTF-8 with byte order mark), ``.xlsx`` or ``.gpkg`` (one layer named as the file).
    written
        Called with the number of rows so far.
    shaped
        Whether a GeoPackage gets the pieces' shapes, in EPSG:4326.

    Raises
    ------
    FileError
        Another suffix, more rows than Excel holds, or the file cannot be written.

    Notes
    -----
    Text that begins like a formula is escaped in CSV, and stands in text cells in Excel.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise FileError(
            f"Lists are written as {', '.join(SUFFIXES)}; not as “{path.suffix[:20]}”.",
            f"可写出的格式：{'、'.join(SUFFIXES)}，不支持“{path.suffix[:20]}”。",
        )
    counted = _Counted(pieces, written)
    if path.suffix.lower() == ".csv":
        with CsvWriter(path, [header.name for header in headers]) as rows:
            for piece in counted:
                rows.write_rows(piece.rows)
        return counted.rows
    with replacing(path) as unfinished:
        if path.suffix.lower() == ".xlsx":
            _write_xlsx(headers, counted, unfinished)
        else:
            _write_geopackage(headers, counted, unfinished, shaped=shaped)
    return counted.rows


class _Counted:
    """Pieces, and how many rows were taken."""

    def __init__(self, pieces: Iterable[Piece], written: Callable[[int], None] | None) -> None:
        self._pieces = pieces
        self._written = written
        self.rows = 0

    def __iter__(self) -> Iterator[Piece]:
        for piece in self._pieces:
            yield piece
            self.rows += len(piece.rows)
            if self._written is not None:
                self._written(self.rows)


def _write_xlsx(headers: Sequence[Header], pieces: _Counted, path: Path) -> None:
    with new_workbook(path, [_WIDTHS[header.type] for header in headers]) as sheet:
        sheet.append([[header.name for header in headers]])
        for piece in pieces:
            if pieces.rows + len(piece.rows) >= EXCEL_ROWS:
                raise FileError(
                    f"Excel holds {EXCEL_ROWS - 1:,} rows; write CSV or GeoPackage.",
                    f"Excel 最多 {EXCEL_ROWS - 1:,} 行，请改用 CSV 或 GeoPackage。",
                )
            sheet.append(map(_excel_row, piece.rows))


def _excel_row(cells: Sequence[Any]) -> list[Any]:
    # Excel keeps fifteen digits of a number.
    return [
        str(cell) if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= FIRST_DAMAGED else cell
        for cell in cells
    ]


def _write_geopackage(headers: Sequence[Header], pieces: _Counted, path: Path, *, shaped: bool) -> None:
    # GDAL reads meanings into paths (zip:, !, ?); this one has none.
    plain = path.with_name("table.gpkg")
    begun = False
    for piece in _at_least_one(pieces):
        pyogrio.write_dataframe(
            _frame(headers, piece, shaped=shaped),
            plain,
            layer=layer_name(path.stem),
            driver="GPKG",
            geometry_type="Unknown" if shaped else None,
            append=begun,
        )
        begun = True
    plain.rename(path)


def _at_least_one(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces, or an empty one where there is none: a file without rows still has columns."""
    empty = True
    for piece in pieces:
        empty = False
        yield piece
    if empty:
        yield Piece((), ())


def _frame(headers: Sequence[Header], piece: Piece, *, shaped: bool) -> pd.DataFrame:
    columns = list(zip(*piece.rows, strict=True)) if piece.rows else [() for _ in headers]
    frame = pd.DataFrame({header.name: _column(header, cells) for header, cells in zip(headers, columns, strict=True)})
    if not shaped:
        return frame
    shapes = list(piece.shapes or [None] * len(piece.rows))
    placed: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=WGS84.name))
    return placed


def _column(header: Header, cells: Sequence[Any]) -> pd.Series:
    if header.type == "text":
        cells = [None if cell is None else stored_text(cell) for cell in cells]
    column: pd.Series = pd.Series(list(cells), dtype=_DTYPES[header.type])
    return column
