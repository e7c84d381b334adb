from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geodata.exchange import read_table
from geodata.exchange.pieces import Header, Piece, write_pieces

WILD = ["=1+1", "<&>\"'", " 两端空白 ", "一行\n二行", "#REF!", "x\x00\x0b\ud800y", "007", "370102000000000001", "]]>"]
WILD.append("\ufffe")
# What XML cannot hold is left out, or shown as such.
KEPT = [*WILD[:5], "x��y", *WILD[6:9], ""]


@pytest.fixture
def sheet(tmp_path: Path) -> Any:
    path = tmp_path / "sheet.xlsx"
    headers = [Header("=名称"), Header("n", "whole"), Header("x", "number"), Header("b", "truth")]
    rows = [[text, place, place / 3, place % 2 == 0] for place, text in enumerate(WILD)]
    last = [[None] * 4, ["end", 10**17, None, None]]
    assert write_pieces(headers, [Piece(rows[:4]), Piece(rows[4:]), Piece(last)], path) == len(WILD) + 2
    return path


def test_text_is_text_whatever_it_looks_like(sheet: Path) -> None:
    cells = [row[0] for row in openpyxl.load_workbook(sheet).active.iter_rows()]
    assert [cell.value for cell in cells] == ["=名称", *KEPT, None, "end"]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert {cell.number_format for cell in cells if cell.value is not None} == {"@"}


def test_numbers_and_truth_values_are_what_they_were_and_long_numbers_keep_their_digits(sheet: Path) -> None:
    rows = list(openpyxl.load_workbook(sheet).active.iter_rows(min_row=2, values_only=True))
    assert [row[1:] for row in rows[:10]] == [(place, place / 3, place % 2 == 0) for place in range(10)]
    assert rows[-1][1] == str(10**17)


def test_our_own_reader_reads_it(sheet: Path) -> None:
    frame = read_table(sheet).frame
    assert list(frame.columns) == ["=名称", "n", "x", "b"]
    assert frame["=名称"].tolist()[:4] == WILD[:4]
    assert frame["x"].tolist()[1] == 1 / 3


def test_the_head_stays_in_view(sheet: Path) -> None:
    assert openpyxl.load_workbook(sheet).active.freeze_panes == "A2"
