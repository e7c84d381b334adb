"""A roster of the sample as an untidy clerk keeps it, with mistakes, for whoever wants to try the clerk's desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.styles import Alignment, Font

from geodata.moment import Moment
from geodata.people.duties import Target
from geodata.records import GridVersion, Holder

ROLES: Final = ("grid_chief", "grid_worker_full_time")
MARK: Final = "样例-"
"""What every name of the sample begins with; nobody else's people are ever written."""
FEWEST_GRIDS: Final = 8
ROWS: Final = 10
TITLE: Final = "网格力量配备一览表（练习用，内有错误）"
REMARK: Final = "从十月起专职网格员每日巡查两次"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A cell that cannot be read as it is: where, what stands there, and what would be right (None: delete the row)."""

    cell: str
    written: str
    right: str | int | None


def write_messy_roster(path: Path, moment: Moment) -> tuple[Mistake, ...]:
    """Write the roster of one community of the sample as a workbook, and return its mistakes.

    Parameters
    ----------
    path
        Where to write; a file that is there is replaced. Only its owner may read it.
    moment
        What the roster says.

    Returns
    -------
    tuple
        The cells that a clerk must correct; empty, and nothing is written, where no community has enough grids with
        people of the sample.

    Notes
    -----
    Mess that is understood: a title, a header of two levels with merged cells, the community merged over its grids, two
    people in one cell with two phones, 同上, 空缺, phones as text and as numbers with decimals, sums and a remark. Two
    things differ from what is stored, so that there is something to commit.
    """
    rows = _rows_of(moment)
    if not rows:
        return ()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "网格力量"
    area = moment.area_by_id(rows[0][0].community_id)
    community = "" if area is None else area.name
    sheet.append([community + TITLE])
    sheet.append(["序号", "社区", "网格名称", "网格长", None, "专职网格员", None, "备注"])
    sheet.append([None, None, None, "姓名", "电话", "姓名", "电话", None])
    for number, (grid, chief, worker) in enumerate(rows):
        sheet.append([
            number + 1, community if number == 0 else None, grid.name,
            chief.name, int(chief.phone), worker.name, _phone(number, worker.phone), None,
        ])  # fmt: skip
    mistakes = _spoil(sheet, rows)
    sheet.append(["合计", None, f"{len(rows)}个网格"])
    sheet.append([f"备注：{REMARK}"])
    _merge(sheet, len(rows))
    path.touch(mode=0o600)
    book.save(path)
    return mistakes


def _rows_of(moment: Moment) -> list[tuple[GridVersion, Holder, Holder]]:
    """Return grids of the first community that has enough of them with a chief and a worker."""
    by_community: dict[int | None, list[tuple[GridVersion, Holder, Holder]]] = {}
    for grid in moment.grids(moment.default_layer.code):
        held = {
            tenure.role.code: tenure.holder
            for tenure in moment.roster.tenures(Target("grid", grid.grid_id))
            if tenure.assignment == "primary" and tenure.holder.name.startswith(MARK)
        }
        if all(role in held for role in ROLES):
            rows = by_community.setdefault(grid.community_id, [])
            rows.append((grid, held[ROLES[0]], held[ROLES[1]]))
            if len(rows) == ROWS:
                return rows
    return next((rows for rows in by_community.values() if len(rows) >= FEWEST_GRIDS), [])


def _phone(number: int, phone: str) -> int | float | str:
    """Return a phone as one of three clerks would type it."""
    return (int(phone), float(phone), f"{phone[:3]}-{phone[3:7]}-{phone[7:]}")[number % 3]


def _spoil(sheet: Any, rows: Sequence[tuple[GridVersion, Holder, Holder]]) -> tuple[Mistake, ...]:
    """Write mess and mistakes over sound rows; the first of them stands in the sheet's fourth row."""
    chief, worker = rows[1][1], rows[1][2]
    if chief == rows[0][1]:
        sheet["D5"], sheet["E5"] = "同上", "同上"
    sheet["F5"] = f"{worker.name}、{MARK}新0001（代）"
    sheet["G5"] = f"{worker.phone}、13800990001"
    sheet["F6"], sheet["G6"] = "空缺", "/"
    phone = rows[3][2].phone
    sheet["G7"] = f"{phone[:7]}O{phone[8:]}"
    sheet["E8"] = f"{rows[4][1].phone[:3]}****{rows[4][1].phone[7:]}"
    sheet["G9"] = int(rows[5][2].phone[:10])
    sheet["C10"] = "第九十九网格"
    return (
        Mistake("G7", str(sheet["G7"].value), int(phone)),
        Mistake("E8", str(sheet["E8"].value), int(rows[4][1].phone)),
        Mistake("G9", str(sheet["G9"].value), int(rows[5][2].phone)),
        Mistake("C10", "第九十九网格", rows[6][0].name),
    )


def _merge(sheet: Any, grids: int) -> None:
    last = 3 + grids
    merged = ("A1:H1", "A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:G2", "H2:H3", f"B4:B{last}", f"A{last + 2}:H{last + 2}")
    for cells in merged:
        sheet.merge_cells(cells)
    sheet["A1"].font = Font(bold=True, size=16)
    for row in sheet["A1:H3"]:
        for cell in row:
            cell.alignment = Alignment(horizontal="center", vertical="center")
    for column, width in zip("ABCDEFGH", (6, 16, 26, 16, 16, 30, 30, 16), strict=True):
        sheet.column_dimensions[column].width = width
