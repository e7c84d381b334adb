"""Five workbooks as messy as the clerks of grid offices make them, and the same ones after correction.

Every function writes one workbook and lists its mess. With ``corrected`` only what a clerk must correct is different:
the rest of the mess stays, since it has to be understood as it is. Names and phones are made up.
"""

import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

EMPTY_ROWS = 200_000


def wide_roster(path: Path, *, corrected: bool = False) -> Path:
    """A community's roster, one row for each grid.

    Mess: a title over the whole width and a line 填报单位 … 填报日期 below it; a header of three levels with cells
    merged across and down; a running number; the community merged over its grids; a title row inside the table; two
    people in one cell with 、 and with a line break, their phones in the same order in another; a phone inside the
    cell of the name; （代） for a stand-in and （兼）; 同上; 空缺; 张 三 with a blank inside; one person merged
    over two grids; the header again in the middle, as printing repeats it; 合计, remarks and signatures below; a
    role column without a phone column of its own beside a plain 联系电话.

    Wrong: a phone with letters, a phone masked with stars, a grid that does not exist, two names stuck to half a
    phone.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "网格力量"
    bad = not corrected
    rows: list[list[Any]] = [
        ["样例街道网格力量配备一览表", *[None] * 9],
        ["填报单位：样例街道办事处", *[None] * 5, "填报日期：2026年11月20日", *[None] * 3],
        ["序号", "社区", "网格名称", "网格力量", *[None] * 5, "备注"],
        [None, None, None, "网格长", None, "专职网格员", None, "社区民警", "联系电话", None],
        [None, None, None, "姓名", "电话", "姓名", "电话", None, None, None],
        ["甲一社区（示范社区）", *[None] * 9],
        [1, "甲一社区", "第一网格", "样例 甲", 13800000001, "样例乙、样例丙", "13800000002、13800000003",
         "样例民一", "13800000091", None],
        [2, None, "第二网格", "样例丁（兼）", "138-0000-0004", "样例戊\n样例己（代）", "13800000005\n13800000006",
         "同上", "同上", None],
        [3, None, "第三网格", "样例庚13800000007", None, "空缺", "/", "同上", None, "待招聘" if bad else None],
        ["序号", "社区", "网格名称", "网格力量", *[None] * 5, "备注"],
        [None, None, None, "网格长", None, "专职网格员", None, "社区民警", "联系电话", None],
        [None, None, None, "姓名", "电话", "姓名", "电话", None, None, None],
        [4, "甲二社区", "D", "样例辛", "1380000OO08" if bad else 13800000008, "样例壬",
         "138****0009" if bad else 13800000009, "样例民二", 13800000092, None],
        [5, None, "E", "样例癸", 13800000010.0, "样例子13800" if bad else "样例子13800000011", None, "样例民二",
         None, None],
        [6, None, "第九网格" if bad else "F", None, None, "无", None, None, None, None],
        ["合计", None, "6个", 5, None, 6, None, 2, None, None],
        ["备注：1.本表按月报送；", *[None] * 9],
        ["2.人员变动请于三日内更新。", *[None] * 9],
        ["填表人：样例甲", None, None, "审核人：样例丁", *[None] * 6],
    ]  # fmt: skip
    for cells in rows:
        sheet.append(cells)
    _merge(sheet, "A1:J1", "A2:F2", "G2:J2", "D3:I3", "J3:J5", "A3:A5", "B3:B5", "C3:C5", "D4:E4", "F4:G4", "H4:H5")
    _merge(sheet, "I4:I5", "A6:J6", "B7:B9", "D10:I10", "J10:J12", "A10:A12", "B10:B12", "C10:C12", "D11:E11")
    _merge(sheet, "F11:G11", "H11:H12", "I11:I12", "B13:B15", "H13:H14", "A17:J17")
    book.save(path)
    return path


def worker_list(path: Path, *, corrected: bool = False) -> Path:
    """A list of people, exported from one system and edited by hand.

    Mess: a hidden sheet with an older list before it; phones as numbers with decimals; full-width digits, blanks
    and hyphens in phones; codes as numbers; a column of dates held as bare counts of days; the header twice more in
    the middle; blank columns between; blank rows; trailing blanks in names; a column of sums that is nobody's
    business.

    Wrong: a phone of ten digits, a phone that Excel shows as 1.38E+10 in text, a code that stands twice, no name.
    """
    book = openpyxl.Workbook()
    old = book.active
    old.title = "旧名单"
    old.append(["工号", "姓名", "手机"])
    old.append(["OLD-1", "样例旧", "13800000099"])
    old.sheet_state = "hidden"
    sheet = book.create_sheet("人员名单")
    bad = not corrected
    header = ["工号", None, "姓 名", "入职日期", None, "联系电话 "]
    rows: list[list[Any]] = [
        header,
        [1001, None, "样例一 ", 45000, None, 13800000101.0],
        [1002, None, "样例二", 45031.5, None, "１３８００００ ０１０２"],
        [None] * 6,
        header,
        [1003, None, "　样例三", 45100, None, "138-0000-0103"],
        [1004, None, "样例四", 45200, None, "1380000010" if bad else "13800000104"],
        [1003 if bad else 1005, None, "样例五", None, None, "+86 138 0000 0105"],
        header,
        [1006, None, None if bad else "样例六", "2024/3/1", None, "1.38E+10" if bad else "13800000106"],
        [1007, None, "样例七", datetime.date(2024, 4, 1), None, "0531-8888 0007"],
    ]
    for cells in rows:
        sheet.append(cells)
    book.save(path)
    return path


def station_list(path: Path, *, corrected: bool = False) -> Path:
    """Service stations with their hours.

    Mess: a first sheet that is only a note; a title; hours in Chinese (周一至周五 8:30-17:30, 全天, 工作日 …);
    degrees, minutes and seconds beside decimal degrees; services with different separators; full-width digits in
    hours; an empty half to the right that is formatted; a remark below.

    Wrong: longitude and latitude swapped in one row, hours that cannot be read, no coordinates at all.
    """
    book = openpyxl.Workbook()
    note = book.active
    note.title = "填表说明"
    for line in (
        "填表说明",
        "一、请如实填写各站点信息。",
        "二、经纬度请使用WGS-84坐标。",
        "三、有疑问请联系街道网格办。",
    ):
        note.append([line])
    sheet = book.create_sheet("站点")
    bad = not corrected
    rows: list[list[Any]] = [
        ["样例街道服务站点一览表", *[None] * 7],
        ["站点编码", "站点名称", "站点类别", "经度", "纬度", "服务时间", "服务项目", "联系电话"],
        ["S-01", "样例党群服务中心", "党群服务中心", 117.0005, 36.5005, "周一至周五 8:30-12:00，13:30-17:30",
         "社保、医保；咨询", "0531-88880001"],
        ["S-02", "样例便民驿站", "驿站", "117°00′03.6″", "36°30′03.6″", "全天", "休息\n饮水", 13800000201],
        ["S-03", "样例流动站", "流动站", 36.5010 if bad else 117.0010, 117.0010 if bad else 36.5010,
         "每天９：００－２１：００", None, None],
        ["S-04", "样例调解室", "调解室", 117.0012, 36.5012, "看情况" if bad else "工作日 9:00-17:00", "调解", None],
        ["S-05", "样例警务室", "警务室", None if bad else 117.0013, None if bad else 36.5013, "24小时", None, "110"],
        ["注：服务时间如遇节假日另行通知。", *[None] * 7],
    ]  # fmt: skip
    for cells in rows:
        sheet.append(cells)
    sheet.merge_cells("A1:H1")
    fill = PatternFill("solid", fgColor="EEEEEE")
    for row in range(1, 40):
        for column in range(9, 20):
            sheet.cell(row, column).fill = fill
    book.save(path)
    return path


def duty_table(path: Path, *, corrected: bool = False, empty_rows: int = EMPTY_ROWS) -> Path:
    """Duties one below the other.

    Mess: dates in five forms and as counts of days; 网格, 社区 as kinds of target; 主责 and 替补; the left half of
    the sheet empty; 200,000 empty but formatted rows below; names of people and of grids in place of codes; 合计 at
    the end.

    Wrong: a grid code cut by Excel to 15 digits, an end before the begin, a role that does not exist, a name that
    two people have.
    """
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("职责")
    bad = not corrected
    left = [None] * 6
    rows: list[list[Any]] = [
        ["责任人", "岗位", "对象类型", "对象", "主备", "开始日期", "结束日期"],
        ["W-1", "网格长", "网格", "A", "主责", "2026-01-01", None],
        ["样例二", "网格长", "网格", "第二网格", "主责", "2026/1/1", "2027.12.31"],
        ["W-3", "专职网格员", "网格", "C", "替补", "2026年1月1日", "长期"],
        ["W-4", "社区民警", "社区", "甲一社区", None, 46023, None],
        ["W-5", "网格长", "网格", 370102001001001001 if bad else "D", "主责", "20260101", None],
        ["W-1", "网格长", "网格", "E", "主责", "2026-06-01", "2026-05-01" if bad else "2026-12-31"],
        ["W-2", "楼长爷爷" if bad else "网格长", "网格", "F", "主责", datetime.date(2026, 1, 1), None],
        ["样例重名" if bad else "W-6", "专职网格员", "网格", "A", "主责", None, None],
        ["合计", None, None, 8, None, None, None],
    ]
    for cells in rows:
        sheet.append([*left, *cells])
    bold = Font(bold=True)
    for _ in range(empty_rows):
        blank = openpyxl.cell.WriteOnlyCell(sheet)
        blank.font = bold
        sheet.append([*left, blank, blank])
    book.save(path)
    return path


def leave_plan(path: Path, *, corrected: bool = False) -> Path:
    """Who is away in the autumn, and who stands in.

    Mess: a title; names in place of codes; begin and end in one cell, with and without years, one day alone, two
    months; the stand-in's name with a blank inside; reasons of any kind; signatures below.

    Wrong: a name that nobody has, a name that two people have, an end before the begin, 10.10 that Excel made 10.1.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "休假安排"
    bad = not corrected
    rows: list[list[Any]] = [
        ["样例街道网格员国庆休假安排表", *[None] * 4],
        ["序号", "姓名", "休假时间", "事由", "代班人"],
        [1, "样例一", "2026.12.1-12.7", "年休", "样例 二"],
        [2, "样例三", "2026年12月28日至2027年1月3日", "探亲", None],
        [3, "W-4", "2026-12-10", "体检", "W-5"],
        [4, "样例无" if bad else "样例五", "12.20-12.22", "事假", None],
        [5, "样例重名" if bad else "W-6", "2026/12/5～2026/12/6", "事假", None],
        [6, "样例二", "2026.12.20-2026.12.12" if bad else "2026.12.12-2026.12.20", None, None],
        [7, "样例二", 10.1 if bad else "2027.2.1-2.3", None, None],
        ["制表：样例一", None, None, "审核：样例二", None],
    ]
    for cells in rows:
        sheet.append(cells)
    sheet.merge_cells("A1:E1")
    book.save(path)
    return path


def _merge(sheet: Worksheet, *ranges: str) -> None:
    for one in ranges:
        sheet.merge_cells(one)
