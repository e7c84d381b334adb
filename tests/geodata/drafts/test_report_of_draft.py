from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geodata.drafts.balance import Band
from geodata.drafts.impact import Impact, impact
from geodata.drafts.living import Living
from geodata.drafts.report import Cover, report_sheets, write_report
from geodata.drafts.report_words import FIGURES, HEADINGS, TITLES, VALUES
from geodata.drafts.rules import findings_of_draft
from geodata.drafts.scene import Scene
from geodata.drafts.staff import Held, Staff
from geodata.drafts.walks import StraightTimes
from geodata.errors import FileError
from geodata.exchange.sheets import Column, Sheet, write_sheets
from geodata.records import Finding
from tests.drafted import drafted, homes_at, redrawn
from tests.support import corner

COVER = Cover("样例草案", "综合网格", "2026-11-22 23:00", "第一稿")


@pytest.fixture(scope="module")
def judged() -> tuple[Impact, list[Finding]]:
    base = drafted("aabb\naabb", communities={"b": "K2"})
    station = ([corner(0, 0)[0]], [corner(0, 0)[1]])
    homes = homes_at(*((*corner(x + 0.5, y + 0.5), 100 * (x + 1), 20) for x in range(4) for y in range(2)))
    held = Held("W1", "=HYPERLINK(1)", "worker", "网格员", "Grid worker", "primary")
    scene = Scene(
        Living.of(base, homes, stations=station, times=StraightTimes(station)),
        staff=Staff({"g1": (held,)}),
        bands={"urban": Band(300, 500, "the city's rule", "本市规定")},
    )
    state = redrawn(base, "abbb\ncabb")
    state = state.changed({"n1.3": replace(state.grids["n1.3"], name="=1+1")}, {}, {}, 2)
    return impact(state, scene), findings_of_draft(state, scene)


def _read(path: Path) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def _figures(rows: list[list[Any]]) -> dict[str, list[Any]]:
    return {row[0]: row[1:] for row in rows}


def test_the_workbook_has_a_sheet_for_every_question_of_the_meeting(
    judged: tuple[Impact, list[Finding]], tmp_path: Path
) -> None:
    write_report(*judged, COVER, tmp_path / "report.xlsx")
    found = _read(tmp_path / "report.xlsx")

    assert list(found) == [chinese for chinese, _ in TITLES.values()]
    summary = _figures(found["概要"])
    assert summary["草案"][1] == "样例草案：第一稿"
    assert summary["网格数"] == [2, 3, 1]
    assert summary["总户数"] == [2000, 2000, 0]
    assert summary["调整网格的户数"] == [None, 300, None]
    assert summary["调整社区的户数"] == [None, 200, None]
    assert summary["继承的职责"][1] == 1
    header, *rows = found["网格"]
    grids = {row[1]: dict(zip(header, row, strict=True)) for row in rows}
    assert set(grids) == {"a", "b", "c"}
    assert grids["c"]["变化"] == "新增"
    assert (grids["c"]["户数（前）"], grids["c"]["户数（后）"]) == (None, 100)
    assert (grids["a"]["户数（前）"], grids["a"]["是否达标（后）"]) == (600, "是")
    assert grids["b"]["Reock（后）"] == pytest.approx(0.6, abs=0.2)
    assert [row[:4] for row in found["社区间流向"][1:]] == [["K1", "社区K1", "K2", "社区K2"]]
    assert [row[-1] for row in found["工作量"][1:]] == [-200]
    assert any("直线" in row[1] for row in found["说明"])
    assert any("300–500 户（本市规定）" in row[1] for row in found["说明"])


def test_the_report_is_there_in_english_too_and_says_the_same(
    judged: tuple[Impact, list[Finding]], tmp_path: Path
) -> None:
    write_report(*judged, COVER, tmp_path / "report.xlsx", language="en")
    found = _read(tmp_path / "report.xlsx")

    assert list(found) == [english for _, english in TITLES.values()]
    assert _figures(found["Summary"])["Grids"] == [2, 3, 1]
    assert {row[0] for row in found["Grids"][1:]} == {"new", "changed"}
    assert {row[0] for row in found["Findings"][1:]} == {"warning"}
    assert found["Duties"][1][:6] == ["inherited", "grid", "a", "c", "Grid worker", "W1"]


def test_text_that_begins_like_a_formula_is_text(judged: tuple[Impact, list[Finding]], tmp_path: Path) -> None:
    write_report(*judged, COVER, tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    formulas = [cell for cell in cells if cell.value.startswith("=")]
    assert {cell.value for cell in formulas} == {"=1+1", "=HYPERLINK(1)"}
    assert {cell.data_type for cell in formulas} == {"s"}


def test_a_name_that_is_a_word_of_ours_is_not_translated(judged: tuple[Impact, list[Finding]]) -> None:
    found, findings = judged
    change = found.grids[0]
    assert change.after is not None
    named = replace(found, grids=(replace(change, after=replace(change.after, name="new")),))
    sheets = {sheet.title: list(sheet.rows) for sheet in report_sheets(named, findings, COVER)}

    assert sheets["网格"][0][2] == "new"


def test_every_row_has_a_cell_for_each_column_and_every_finding_is_named(
    judged: tuple[Impact, list[Finding]],
) -> None:
    found, findings = judged
    for sheet, (name, headings) in zip(report_sheets(found, findings, COVER), HEADINGS.items(), strict=True):
        assert sheet.title == TITLES[name][0]
        assert {len(row) for row in sheet.rows} <= {len(headings)}
    assert {finding.kind for finding in findings} <= set(VALUES)
    assert all(len(words) == 2 and all(words) for words in FIGURES.values())


def test_a_sheet_can_be_called_anything_and_is_ready_to_print(tmp_path: Path) -> None:
    columns = [Column("甲", 12), Column("B", 8, "0.00")]
    write_sheets([Sheet("[样例]/2026*表:" + "长" * 40, columns, [["#N/A", 1.5], [None, 10**17]])], tmp_path / "x.xlsx")
    (sheet,) = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets

    assert sheet.title.startswith("样例 2026 表 长")
    assert len(sheet.title) == 31
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:B3", "$1:$1")
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("#N/A", "s")
    assert (sheet["B2"].value, sheet["B2"].number_format) == (1.5, "0.00")
    assert sheet["B3"].value == str(10**17)
    assert sheet.page_setup.fitToHeight == 0


def test_what_does_not_fit_is_refused_and_an_older_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"before")
    with pytest.raises(FileError):
        write_sheets([Sheet("a", [Column("a", 9)], [["x" * 40_000]])], path)
    with pytest.raises(FileError):
        write_sheets([Sheet("a", [Column("a", 9)], [[1]] * 1_048_576)], path)
    with pytest.raises(FileError):
        write_sheets([Sheet("a", [Column("a", 9)], [])], tmp_path / "nowhere" / "x.xlsx")

    assert path.read_bytes() == b"before"
