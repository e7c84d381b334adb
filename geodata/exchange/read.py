"""File → table: what it is, then the one reader for that."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from geodata.errors import FileError
from geodata.exchange.delimited import read_csv
from geodata.exchange.excel import read_excel
from geodata.exchange.geojson import read_geojson
from geodata.exchange.geopackage import read_geopackage
from geodata.exchange.shapefile import read_shapefile
from geodata.exchange.sniff import checked_file, content_of, is_zip
from geodata.exchange.table import DEFAULT_LIMITS, Limits, Notes, Table, note_unchosen
from geodata.exchange.zipped import check_archive, unpacked


def read_table(
    path: Path | str,
    *,
    sheet: str | int | None = None,
    source_layer: str | int | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Table:
    """Table of a file in any format that is accepted.

    Parameters
    ----------
    path
        CSV, Excel or OpenDocument workbook, GeoJSON, GeoPackage, Shapefile, or a zip archive with one of these.
    sheet
        Sheet of a workbook, by name or 1-based number.
    source_layer
        Layer of a GeoPackage, or table of a zip archive, by name or 1-based number.
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
    checked_file(source, limits)
    content = content_of(source)
    if content == "zip":
        return _read_zipped(source, sheet, source_layer, limits)
    return _read(content, source, sheet, source_layer, limits)


def _read(content: str, path: Path, sheet: str | int | None, source_layer: str | int | None, limits: Limits) -> Table:
    try:
        if content == "excel":
            if is_zip(path):
                check_archive(path, limits)
            return read_excel(path, sheet, limits)
        if content == "geopackage":
            return read_geopackage(path, source_layer, limits)
        readers: dict[str, Any] = {"json": read_geojson, "shapefile": read_shapefile, "text": read_csv}
        table: Table = readers[content](path, limits)
    except OSError as error:
        raise FileError(
            f"“{path.name[:100]}” cannot be read: {error.strerror}.", f"无法读取“{path.name[:100]}”。"
        ) from error
    return table


def _read_zipped(path: Path, sheet: str | int | None, source_layer: str | int | None, limits: Limits) -> Table:
    with unpacked(path, source_layer, limits) as (inside, tables):
        content = content_of(inside.path)
        if content == "zip":
            raise FileError(
                "The archive holds another archive; unpack that one first.", "压缩包内还有压缩包，请先解压。"
            )
        several = len(tables) > 1
        table = _read(content, inside.path, sheet, None if several else source_layer, limits)
    notes = Notes()
    if several and source_layer is None:
        note_unchosen(tables, 0, notes, "table", "数据表")
    return replace(
        table,
        name=inside.name,
        sheet=table.sheet if table.sheet is not None else inside.name,
        sheets=tuple(tables) if several else table.sheets,
        notes=(*notes.findings(), *table.notes),
    )
