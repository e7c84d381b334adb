"""File → table: what it is, then the one reader for that."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geodata.errors import FileError
from geodata.exchange.delimited import read_csv
from geodata.exchange.excel import read_excel
from geodata.exchange.geojson import read_geojson
from geodata.exchange.geopackage import read_geopackage
from geodata.exchange.osm import read_osm
from geodata.exchange.shapefile import read_shapefile
from geodata.exchange.sniff import checked_file, content_of, is_zip
from geodata.exchange.table import DEFAULT_LIMITS, Fits, Limits, Notes, Table, note_unchosen
from geodata.exchange.zipped import check_archive, unpacked


def read_table(
    path: Path | str,
    *,
    sheet: str | int | None = None,
    source_layer: str | int | None = None,
    header_rows: tuple[int, int] | None = None,
    fits: Fits | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Table:
    """Table of a file in any format that is accepted.

    Parameters
    ----------
    path
        CSV, Excel or OpenDocument workbook, GeoJSON, GeoPackage, Shapefile, OpenStreetMap extract, or a zip archive
        with one of these.
    sheet
        Sheet of a workbook, by name or 1-based number.
    source_layer
        Layer of a GeoPackage or an OpenStreetMap extract, or table of a zip archive, by name or 1-based number.
    header_rows
        First and last row of the header in sheets and delimited text, as the user counts; guessed when None. Means
        nothing in other formats.
    fits
        How well column names suit what is wanted: tells which sheet of a workbook, or layer of an extract, is read
        when none is named.
    limits
        What to refuse.

    Raises
    ------
    FileError
        Anything that keeps the file from being read as what it claims to be, with what to do about it. No other
        exception leaves here, whatever the file holds.

    Notes
    -----
    The file is not changed, nothing beside it is made, nothing is fetched. What was left out, closed, guessed or
    cannot be kept stands in the table's notes.
    """
    source = Path(path)
    asked = _Asked(sheet, source_layer, header_rows, fits, limits)
    checked_file(source, limits)
    content = content_of(source)
    if content == "zip":
        return _read_zipped(source, asked)
    return _read(content, source, asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is wanted of the file."""

    sheet: str | int | None
    source_layer: str | int | None
    header_rows: tuple[int, int] | None
    fits: Fits | None
    limits: Limits


def _read(content: str, path: Path, asked: _Asked) -> Table:
    limits = asked.limits
    try:
        if content == "excel":
            if is_zip(path):
                check_archive(path, limits)
            return read_excel(path, asked.sheet, limits, header_rows=asked.header_rows, fits=asked.fits)
        if content == "text":
            return read_csv(path, limits, header_rows=asked.header_rows)
        if content == "geopackage":
            return read_geopackage(path, asked.source_layer, limits)
        if content == "osm":
            return read_osm(path, asked.source_layer, limits, asked.fits)
        readers: dict[str, Any] = {"json": read_geojson, "shapefile": read_shapefile}
        table: Table = readers[content](path, limits)
    except OSError as error:
        raise FileError(
            f"“{path.name[:100]}” cannot be read: {error.strerror}.", f"无法读取“{path.name[:100]}”。"
        ) from error
    return table


def _read_zipped(path: Path, asked: _Asked) -> Table:
    with unpacked(path, asked.source_layer, asked.limits) as (inside, tables):
        content = content_of(inside.path)
        if content == "zip":
            raise FileError(
                "The archive holds another archive; unpack that one first.", "压缩包内还有压缩包，请先解压。"
            )
        several = len(tables) > 1
        table = _read(content, inside.path, replace(asked, source_layer=None) if several else asked)
    notes = Notes()
    if several and asked.source_layer is None:
        note_unchosen(tables, 0, notes, "table", "数据表")
    return replace(
        table,
        name=inside.name,
        sheet=table.sheet if table.sheet is not None else inside.name,
        sheets=tuple(tables) if several else table.sheets,
        notes=(*notes.findings(), *table.notes),
    )
