"""Frame → file: CSV, Excel, GeoPackage, GeoJSON. A file is there whole or not at all.

Text that a spreadsheet would run as a formula is written so that it shows as text: with an apostrophe before it in CSV,
as a text cell in Excel.
"""

import contextlib
import csv
import datetime
import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyogrio
import shapely

from geodata.crs import WGS84, crs_from_wkt, geometries_to_wgs84
from geodata.errors import FileError
from geodata.exchange.table import FIRST_DAMAGED

# Full-width signs count too: Chinese and Japanese Excel read them like the narrow ones.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
EXCEL_ROWS: Final = 1_048_576
EXCEL_COLUMNS: Final = 16_384
EXCEL_CHARACTERS: Final = 32_767
# What a layer of a GeoPackage may not be called by.
_LAYER_SIGNS = re.compile(r"[^\w .()（）-]")
# XML cannot hold them.
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def write_table(frame: pd.DataFrame, path: Path | str) -> None:
    """Write a frame in the format that the suffix names; an older file is replaced only once the new one is whole.

    Parameters
    ----------
    frame
        Cells of plain values; None and NaN are empty. Shapes of a GeoDataFrame become well-known text in a column
        ``wkt`` of CSV and Excel. Without a system they are taken for EPSG:4326.
    path
        ``.csv`` (UTF-8 with byte order mark), ``.xlsx``, ``.gpkg`` (one layer named as the file) or ``.geojson``
        (always WGS 84).

    Raises
    ------
    FileError
        Another suffix, more rows or longer text than Excel holds, or no shapes for GeoJSON.

    Notes
    -----
    Own text that begins like a formula is escaped in CSV; numbers are not touched. Whole numbers of more than 15
    digits are text in Excel, which would damage them.
    """
    target = Path(path)
    writers = {".csv": _write_csv, ".xlsx": _write_xlsx, ".gpkg": _write_geopackage, ".geojson": _write_geojson}
    writer = writers.get(target.suffix.lower())
    if writer is None:
        raise FileError(
            f"Tables are written as {', '.join(writers)}; not as “{target.suffix[:20]}”.",
            f"可写出的格式：{'、'.join(writers)}，不支持“{target.suffix[:20]}”。",
        )
    with replacing(target) as unfinished:
        writer(frame, unfinished)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Path beside the target to write to; it becomes the target when the block ends well and is gone otherwise.

    Parameters
    ----------
    target
        Where the finished file shall be.

    Raises
    ------
    FileError
        The folder is not there or not writable.
    """
    # A folder of its own, so that the unfinished file has the finished one's name: GeoPackage calls its layer by it.
    unfinished = target.parent / f".{secrets.token_hex(8)}" / target.name
    try:
        unfinished.parent.mkdir()
        yield unfinished
        with unfinished.open("rb+") as stream:
            os.fsync(stream.fileno())
        unfinished.replace(target)
    except OSError as error:
        raise FileError(
            f"“{target.name[:100]}” cannot be written: {error.strerror or error}.", f"无法写入“{target.name[:100]}”。"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(unfinished.parent)


class CsvRows:
    """Rows written as CSV to a text stream, the header first.

    Parameters
    ----------
    stream
        Opened for writing text without translating line ends.
    columns
        Names for the header.
    own
        Columns whose text is ours or comes from our data and is escaped; all by default. Columns that a user handed
        in and gets back unchanged are left out of it.
    """

    def __init__(self, stream: TextIO, columns: Sequence[str], own: Collection[str] | None = None) -> None:
        self._escaped = [own is None or name in own for name in columns]
        self._rows = csv.writer(stream, lineterminator="\r\n")
        self._rows.writerow([_escaped(_csv_cell(name)) for name in columns])

    def write(self, cells: Sequence[Any]) -> None:
        """Write one row, a cell per column."""
        self._rows.writerow(self._row(cells))

    def write_rows(self, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows, each with a cell per column."""
        self._rows.writerows(self._row(cells) for cells in rows)

    def write_frame(self, frame: pd.DataFrame) -> None:
        """Write the rows of a frame whose columns stand in the order of the header."""
        self.write_rows(zip(*(frame.iloc[:, place].tolist() for place in range(frame.shape[1])), strict=True))

    def _row(self, cells: Sequence[Any]) -> list[Any]:
        return [
            _escaped(cell) if escape else cell
            for cell, escape in zip(map(_csv_cell, cells), self._escaped, strict=True)
        ]


class CsvWriter:
    """CSV file written row by row in constant memory: UTF-8 with byte order mark, whole or not at all.

    Parameters
    ----------
    path
        The file; it appears, or is replaced, when the ``with`` block ends without an exception.
    columns, own
        As `CsvRows`, which the block gets.

    Raises
    ------
    FileError
        The file cannot be written.
    """

    def __init__(self, path: Path | str, columns: Sequence[str], own: Collection[str] | None = None) -> None:
        self._columns = list(columns)
        self._own = own
        self._replacing = replacing(Path(path))
        self._stream: TextIO | None = None

    def __enter__(self) -> CsvRows:
        path = self._replacing.__enter__()
        try:
            self._stream = path.open("w", encoding="utf-8-sig", newline="", errors="replace")
        except OSError as error:
            self._replacing.__exit__(type(error), error, error.__traceback__)
            raise
        return CsvRows(self._stream, self._columns, self._own)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._stream is not None:
                self._stream.close()
        except OSError as full:
            # The last rows go to the disk only now.
            self._replacing.__exit__(type(full), full, full.__traceback__)
            raise
        self._replacing.__exit__(kind, error, trace)


def escaped_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before it where it begins like one.

    Parameters
    ----------
    text
        Any text of our own.

    Notes
    -----
    One that begins like an escaped one gets another apostrophe, so that `unescaped_text` gives it back.
    """
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def unescaped_text(text: str) -> str:
    """The text that `escaped_text` was given."""
    return text[1:] if text[:1] == "'" and text.lstrip("'").startswith(FORMULA_STARTS) else text


def _escaped(cell: Any) -> Any:
    return escaped_text(cell) if isinstance(cell, str) else cell


def _csv_cell(cell: Any) -> Any:
    """Cell as the csv module writes it well: empty, number, or text that is text."""
    if isinstance(cell, str):
        return cell if cell.isascii() and "\x00" not in cell else _UNSTORABLE.sub("�", cell)
    plain = _plain(cell)
    return plain.isoformat() if isinstance(plain, datetime.date | datetime.time) else plain


def _plain(cell: Any) -> Any:
    """Python value of a cell; None for every kind of empty."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    if cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and not np.isfinite(cell)):
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime()
    return cell


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Frame without shapes: they stand as text in a last column."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame
    texts = pd.Series(shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=-1), index=frame.index, dtype=object)
    flat = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return flat.assign(wkt=texts)


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    flat = _flat(frame)
    with CsvWriter(path, [str(name) for name in flat.columns]) as writer:
        writer.write_frame(flat)


def _write_xlsx(frame: pd.DataFrame, path: Path) -> None:
    flat = _flat(frame)
    if len(flat) >= EXCEL_ROWS or flat.shape[1] > EXCEL_COLUMNS:
        raise FileError(
            f"Excel holds {EXCEL_ROWS - 1:,} rows of {EXCEL_COLUMNS:,} columns; write CSV or GeoPackage.",
            f"Excel 最多 {EXCEL_ROWS - 1:,} 行、{EXCEL_COLUMNS:,} 列，请改用 CSV 或 GeoPackage。",
        )
    # Before anything is begun: openpyxl leaves its own files behind when it is stopped halfway.
    longest = max((len(cell) for name in flat.columns for cell in flat[name] if isinstance(cell, str)), default=0)
    if longest > EXCEL_CHARACTERS:
        raise FileError(
            f"A cell of {longest:,} characters does not fit into Excel; write CSV or GeoPackage.",
            f"单元格有 {longest:,} 个字符，超出 Excel 限制，请改用 CSV 或 GeoPackage。",
        )
    import openpyxl

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("Sheet1")
    sheet.freeze_panes = "A2"
    sheet.append([excel_cell(sheet, str(name)) for name in flat.columns])
    for row in zip(*(flat.iloc[:, place].tolist() for place in range(flat.shape[1])), strict=True):
        sheet.append([excel_cell(sheet, cell) for cell in row])
    workbook.save(path)


def excel_cell(sheet: Any, cell: Any) -> Any:
    """Cell as openpyxl writes it well: a number, a date, or text that is text and never a formula."""
    from openpyxl.cell import WriteOnlyCell

    plain = _plain(cell)
    if isinstance(plain, datetime.datetime) and plain.tzinfo is not None:
        plain = plain.isoformat()
    if isinstance(plain, bool | datetime.date | datetime.time) or plain is None:
        return plain
    if isinstance(plain, int | float) and (isinstance(plain, float) or abs(plain) < FIRST_DAMAGED):
        return plain
    text = xml_text(str(plain))
    if not text.startswith(("=", "#")):
        return text
    written = WriteOnlyCell(sheet, text)
    # Set after the value: openpyxl makes a formula of text that begins with an equals sign, an error of some others.
    written.data_type = "s"
    return written


def xml_text(text: str) -> str:
    """Text without the signs that XML cannot hold."""
    return text if text.isprintable() else _CONTROLS.sub("", _UNSTORABLE.sub("�", text))


def _write_geopackage(frame: pd.DataFrame, path: Path) -> None:
    typed = pd.DataFrame({str(name): _typed(frame[name]) for name in _plain_columns(frame)})
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = gpd.GeoSeries(frame.geometry.to_numpy(), crs=frame.crs or WGS84.name)
        typed = gpd.GeoDataFrame(typed, geometry=shapes)
    # GDAL reads meanings into paths (zip:, !, ?); this one has none.
    plain = path.with_name("table.gpkg")
    pyogrio.write_dataframe(typed, plain, layer=layer_name(path.stem), driver="GPKG", promote_to_multi=_is_mixed(frame))
    plain.rename(path)


def layer_name(text: str) -> str:
    """Text as a layer of a GeoPackage may be called."""
    return _LAYER_SIGNS.sub("_", text)


def stored_text(cell: Any) -> str:
    """Cell as text that a database can hold."""
    return _UNSTORABLE.sub("�", str(_csv_cell(cell)))


def _is_mixed(frame: pd.DataFrame) -> bool:
    if not isinstance(frame, gpd.GeoDataFrame):
        return False
    kinds = shapely.get_type_id(frame.geometry.to_numpy())
    return len(set(kinds[kinds >= 0].tolist())) > 1


def _plain_columns(frame: pd.DataFrame) -> list[Any]:
    shapes = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    return [name for name in frame.columns if name != shapes]


def _typed(column: pd.Series) -> pd.Series:
    """Column of one type that a database column can have: truth value, whole number, number, time, or text."""
    cells = [_plain(cell) for cell in column.tolist()]
    held = [cell for cell in cells if cell is not None]
    fresh = range(len(cells))
    if held and all(isinstance(cell, bool) for cell in held):
        return pd.Series(cells, index=fresh, dtype="boolean")
    if held and all(type(cell) is int and abs(cell) < 2**63 for cell in held):
        return pd.Series(cells, index=fresh, dtype="Int64")
    if held and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in held):
        return pd.Series(cells, index=fresh, dtype="float64")
    if held and all(isinstance(cell, datetime.datetime) and cell.tzinfo is None for cell in held):
        return pd.Series(pd.to_datetime(cells), index=fresh)
    texts = [None if cell is None else stored_text(cell) for cell in cells]
    return pd.Series(texts, index=fresh, dtype=object)


def _write_geojson(frame: pd.DataFrame, path: Path) -> None:
    if not isinstance(frame, gpd.GeoDataFrame):
        raise FileError(
            "GeoJSON holds shapes; this table has none. Write CSV or xlsx.", "表格没有图形，请写为 CSV 或 xlsx。"
        )
    crs = crs_from_wkt(frame.crs.to_wkt()) if frame.crs is not None else WGS84
    shapes = shapely.orient_polygons(geometries_to_wgs84(frame.geometry.to_numpy(), crs))
    texts = shapely.to_geojson(shapes).tolist()
    names = [_UNSTORABLE.sub("�", str(name)) for name in _plain_columns(frame)]
    columns = [[_json_cell(cell) for cell in frame[name].tolist()] for name in _plain_columns(frame)]
    rows = zip(*columns, strict=True) if columns else iter([()] * len(frame))
    with path.open("wb") as stream:
        stream.write(b'{"type":"FeatureCollection","features":[')
        for place, (cells, text) in enumerate(zip(rows, texts, strict=True)):
            properties = orjson.dumps(dict(zip(names, cells, strict=True)))
            stream.write(b",\n" if place else b"\n")
            stream.write(b'{"type":"Feature","properties":%b,"geometry":%b}' % (properties, (text or "null").encode()))
        stream.write(b"\n]}\n")


def _json_cell(cell: Any) -> Any:
    plain = _csv_cell(cell)
    return plain if plain is None or isinstance(plain, str | bool | float) or _fits(plain) else str(plain)


def _fits(value: Any) -> bool:
    return isinstance(value, int) and abs(value) < 2**63
