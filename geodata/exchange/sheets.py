"""Tables → a workbook that can be handed round: a sheet each, headings, widths, numbers as numbers, ready to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geodata.errors import FileError
from geodata.exchange.write import EXCEL_CHARACTERS, EXCEL_ROWS, excel_cell, replacing

TEXT: Final = "@"
PLAIN: Final = "General"
WHOLE: Final = "#,##0"
ONE_DECIMAL: Final = "#,##0.0"
TWO_DECIMALS: Final = "0.00"
PERCENT: Final = "0.0%"
DEGREES: Final = "0.000000"

_SIGNS = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_LONGEST_TITLE: Final = 31
_A4: Final = 9


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet.

    Parameters
    ----------
    name
        Its heading.
    width
        In characters of a digit's width; a Chinese character takes two.
    format
        How numbers look, in Excel's words.
    """

    name: str
    width: float
    format: str = TEXT


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a workbook.

    Parameters
    ----------
    title
        Name of the sheet; what Excel does not allow in one is left out, and it is cut to 31 characters.
    columns, rows
        Rows have a cell for each column: None, a number, or text.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


def write_sheets(sheets: Sequence[Sheet], path: Path | str) -> None:
    """Write tables as one workbook; an older file is replaced only once the new one is whole.

    Parameters
    ----------
    sheets
        At least one, with different titles.
    path
        Of the ``.xlsx`` file.

    Raises
    ------
    FileError
        A table has more rows, or a cell more text, than Excel holds; or the file cannot be written.

    Notes
    -----
    Text is always text: what begins like a formula is shown as it is, and never run.
    """
    for sheet in sheets:
        _refuse_too_much(sheet)
    import openpyxl

    # A folder that is not there is noticed before openpyxl begins: it leaves files behind when it is stopped halfway.
    with replacing(Path(path)) as unfinished:
        workbook = openpyxl.Workbook(write_only=True)
        for sheet in sheets:
            _add(workbook, sheet)
        workbook.save(unfinished)


def _refuse_too_much(sheet: Sheet) -> None:
    rows = sheet.rows
    if len(rows) >= EXCEL_ROWS:
        raise FileError(
            f"Excel holds {EXCEL_ROWS - 1:,} rows; “{sheet.title[:31]}” has {len(rows):,}.",
            f"Excel 最多 {EXCEL_ROWS - 1:,} 行，“{sheet.title[:31]}”有 {len(rows):,} 行。",
        )
    longest = max((len(cell) for row in rows for cell in row if isinstance(cell, str)), default=0)
    if longest > EXCEL_CHARACTERS:
        raise FileError(
            f"A cell of {longest:,} characters does not fit into Excel.",
            f"单元格有 {longest:,} 个字符，超出 Excel 限制。",
        )


def _add(workbook: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    title = " ".join(sheet.title.translate(_SIGNS).split())[:_LONGEST_TITLE].strip("'")
    made = workbook.create_sheet(title or "Sheet")
    made.freeze_panes = "A2"
    for place, column in enumerate(sheet.columns, start=1):
        made.column_dimensions[get_column_letter(place)].width = column.width
    if sheet.rows:
        made.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
    made.page_setup.orientation = "landscape"
    made.page_setup.paperSize = _A4
    made.page_setup.fitToHeight = 0
    made.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    made.print_title_rows = "1:1"
    styles = {"font": Font(bold=True), "fill": PatternFill("solid", "FFE8EEF4"), "alignment": Alignment(wrap_text=True)}
    made.append([_styled(made, column.name, styles) for column in sheet.columns])
    wrapped = {"alignment": Alignment(wrap_text=True, vertical="top")}
    for row in sheet.rows:
        cells = zip(row, sheet.columns, strict=True)
        made.append([_styled(made, cell, {"number_format": column.format, **wrapped}) for cell, column in cells])


def _styled(made: Any, value: Any, styles: dict[str, Any]) -> Any:
    from openpyxl.cell import Cell, WriteOnlyCell

    plain = excel_cell(made, value)
    if plain is None:
        return None
    cell = plain if isinstance(plain, Cell) else WriteOnlyCell(made, plain)
    for name, style in styles.items():
        setattr(cell, name, style)
    return cell
