"""Empty sheets hold headers that the loaders understand, cells that keep codes whole, and what goes where."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geodata.exchange import read_table
from geodata.intake.columns import match_columns
from geodata.intake.kinds import KINDS
from geodata.intake.understanding import guess_kinds
from service.maps.blank_sheets import blank_sheet
from service.maps.words import LANGUAGES, Language, page_words
from tests.service.conftest import problem_of


def sheet_for(kind: str, lang: Language) -> Any:
    content = blank_sheet(KINDS[kind], chinese=lang != "en", words=page_words(lang))
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_header_is_read_as_its_own_field(kind: str, lang: Language, tmp_path: Path) -> None:
    book = sheet_for(kind, lang)
    header = [str(cell.value) for cell in book.worksheets[0][1]]
    found = match_columns(KINDS[kind], header, {}, has_geometry=False)
    assert found.findings == ()
    assert len(found.mapping) == len(KINDS[kind].fields)
    # Filled in, the sheet that is read is the one that was filled in, not the one that explains.
    book.worksheets[0].append(["1"] * len(header))
    path = tmp_path / "filled.xlsx"
    book.save(path)
    assert list(read_table(path).frame.columns) == header


@pytest.mark.parametrize("kind", ["workers", "duties", "leave", "calendar", "stations", "grids", "buildings"])
def test_a_filled_in_sheet_says_what_it_is(kind: str, tmp_path: Path) -> None:
    book = sheet_for(kind, "zh-CN")
    book.worksheets[0].append(["1" for _ in KINDS[kind].fields])
    path = tmp_path / "filled.xlsx"
    book.save(path)
    assert guess_kinds(read_table(path))[0].kind == kind


def test_codes_are_text_choices_are_listed_and_needed_columns_stand_out() -> None:
    book = sheet_for("duties", "zh-CN")
    sheet, explained = book.worksheets
    assert sheet.column_dimensions["A"].number_format == "@"
    assert any("网格" in str(listed.formula1) for listed in sheet.data_validations.dataValidation)
    bold = {str(cell.value) for cell in sheet[1] if cell.font.bold}
    assert len(bold) == sum(field.required for field in KINDS["duties"].fields)
    assert {row[0].value for row in explained.iter_rows(min_row=2) if row[1].value == "是"} == bold


def test_a_kind_that_nobody_knows_is_refused(service: Any) -> None:
    assert service.client.get("/load/blank/workers.xlsx").status_code == 200
    problem_of(service.client.get("/load/blank/secrets.xlsx"), 422, "invalid-input")
