"""The clerk's own sheet again, with each fault in its cell."""

import datetime
import zipfile

import openpyxl
import pytest

from geodata.exchange import read_table
from geodata.exchange.marked import AMBER, MOST_MARKS, RED, REMARKS, SUMMARY, write_marked
from geodata.records import Finding


def finding(severity, row, column=None, text="电话有误"):
    facts = {} if column is None else {"column": column}
    return Finding(severity, "some-kind", "Wrong.", text, row=row, facts=facts)


@pytest.fixture
def workbook(tmp_path):
    """A sheet with a title, a header of two levels and a formula."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "花名册"
    for cells in (
        ["样例社区花名册", None, None, None],
        ["网格", "网格长", None, "户数"],
        [None, "姓名", "电话", None],
        ["A1", "样例甲", "138000", "=100+20"],
        ["A2", "样例乙", 13800000002, 80],
    ):
        sheet.append(cells)
    for block in ("A1:D1", "A2:A3", "B2:C2", "D2:D3"):
        sheet.merge_cells(block)
    sheet.column_dimensions["A"].width = 33
    book.create_sheet("别的").append(["不变"])
    path = tmp_path / "名册.xlsx"
    book.save(path)
    return path


def marked(path, findings, sheet=None, **options):
    target = path.with_name("marked.xlsx")
    write_marked(path, sheet, findings, target, **options)
    return target


FAULTS = [
    finding("error", 4, "网格长·电话", "电话只有6位"),
    finding("warning", 5, "网格长·姓名", "同名"),
    finding("error", 5, None, "网格不存在"),
    finding("error", None, None, "整表的问题"),
]


def colour(cell):
    return cell.fill.fgColor.rgb[-6:] if cell.fill.fill_type else None


class TestMarks:
    def test_each_fault_is_marked_in_its_cell_and_in_a_last_column(self, workbook):
        sheet = openpyxl.load_workbook(marked(workbook, FAULTS))["花名册"]
        assert (colour(sheet["C4"]), sheet["C4"].comment.text) == (RED, "电话只有6位")
        assert (colour(sheet["B5"]), sheet["B5"].comment.text) == (AMBER, "同名")
        assert (colour(sheet["A5"]), sheet["A5"].comment.text) == (RED, "网格不存在")
        assert [sheet.cell(row, 5).value for row in (2, 4, 5)] == [REMARKS, "电话只有6位", "网格不存在；同名"]
        assert colour(sheet["B4"]) is None

    def test_looks_and_other_sheets_are_kept(self, workbook):
        book = openpyxl.load_workbook(marked(workbook, FAULTS))
        assert book.sheetnames == ["花名册", "别的", SUMMARY]
        assert book["花名册"].column_dimensions["A"].width == 33
        assert {"A1:D1", "A2:A3", "B2:C2"} <= {str(block) for block in book["花名册"].merged_cells.ranges}
        assert book["别的"]["A1"].value == "不变"

    def test_the_summary_lists_everything_in_both_languages(self, workbook):
        rows = list(openpyxl.load_workbook(marked(workbook, FAULTS))[SUMMARY].iter_rows(values_only=True))
        assert rows[0][0].startswith("错误 3 处，提醒 1 处")
        assert ("错误", 4, "网格长·电话", "电话只有6位", "Wrong.") in rows
        assert ("错误", None, None, "整表的问题", "Wrong.") in rows

    def test_the_copy_reads_as_the_original_with_one_column_more(self, workbook):
        before, after = read_table(workbook), read_table(marked(workbook, FAULTS))
        assert after.sheet == before.sheet
        assert after.header_rows == before.header_rows == (2, 3)
        assert list(after.frame.columns) == [*before.frame.columns, REMARKS]
        assert after.frame["网格长·电话"].tolist() == before.frame["网格长·电话"].tolist()

    def test_a_copy_that_was_marked_before_is_marked_anew(self, workbook):
        first = marked(workbook, FAULTS).rename(workbook.with_name("first.xlsx"))
        again = openpyxl.load_workbook(marked(first, [finding("error", 5, "网格长·电话", "新问题")]))
        sheet = again["花名册"]
        assert sheet["C4"].comment is None
        assert colour(sheet["C4"]) is None
        assert sheet["C5"].comment.text == "新问题"
        assert [sheet.cell(row, 5).value for row in (4, 5, 6)] == [None, "新问题", None]
        assert sheet.max_column == 5
        assert again.sheetnames.count(SUMMARY) == 1

    def test_a_value_of_merged_cells_is_marked_where_it_stands(self, tmp_path):
        book = openpyxl.Workbook()
        for cells in (["社区", "网格"], ["甲", "1"], [None, "2"], [None, "3"]):
            book.active.append(cells)
        book.active.merge_cells("A2:A4")
        book.save(tmp_path / "a.xlsx")
        found = [finding("error", row, "社区", f"第{row}行") for row in (3, 4)]
        sheet = openpyxl.load_workbook(marked(tmp_path / "a.xlsx", found)).active
        assert sheet["A2"].comment.text == "第3行\n第4行"

    def test_only_so_many_cells_are_marked_and_the_summary_says_so(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("编号,名称\n" + "".join(f"{n},x\n" for n in range(MOST_MARKS + 50)))
        found = [finding("error", n + 2, "名称") for n in range(MOST_MARKS + 50)]
        book = openpyxl.load_workbook(marked(path, found))
        assert sum(row[1].comment is not None for row in book.worksheets[0].iter_rows()) == MOST_MARKS
        assert f"仅在表中标出前 {MOST_MARKS:,} 处" in book[SUMMARY]["A2"].value


class TestOtherFiles:
    def test_delimited_text_becomes_a_sheet_with_marks(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("编号,电话\n007,138\n=1+1,139\n", encoding="gb18030")
        sheet = openpyxl.load_workbook(marked(path, [finding("error", 2, "电话")])).worksheets[0]
        assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
            ["编号", "电话", REMARKS],
            ["007", "138", "电话有误"],
            ["=1+1", "139", None],
        ]
        assert sheet["A3"].data_type == "s"
        assert (colour(sheet["B2"]), sheet["B2"].comment.text) == (RED, "电话有误")

    def test_a_table_in_a_zip_archive_is_marked(self, workbook, tmp_path):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.write(workbook, "in/名册.xlsx")
        sheet = openpyxl.load_workbook(marked(tmp_path / "a.zip", FAULTS, sheet="花名册"))["花名册"]
        assert sheet["C4"].comment is not None

    def test_records_without_a_header_row_of_their_own_get_one(self, tmp_path):
        path = tmp_path / "a.geojson"
        path.write_text(
            '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"=x","name":"甲"},'
            '"geometry":{"type":"Point","coordinates":[117,36]}}]}'
        )
        sheet = openpyxl.load_workbook(marked(path, [finding("error", 1, "name")])).worksheets[0]
        assert [cell.value for cell in sheet[1]] == ["code", "name", REMARKS]
        assert sheet["B2"].comment.text == "电话有误"
        assert sheet["A2"].data_type == "s"


class TestHostile:
    def test_no_formula_and_no_macro_is_in_the_copy(self, workbook, tmp_path):
        path = tmp_path / "a.xlsm"
        with zipfile.ZipFile(workbook) as source, zipfile.ZipFile(path, "w") as target:
            for name in source.namelist():
                target.writestr(name, source.read(name))
            target.writestr("xl/vbaProject.bin", b"macro")
        copy = marked(path, [finding("error", 4, "网格长·电话", "=HYPERLINK(1)")])
        with zipfile.ZipFile(copy) as archive:
            assert not [name for name in archive.namelist() if "vba" in name.lower()]
            assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]
        sheet = openpyxl.load_workbook(copy)["花名册"]
        assert sheet["E4"].value == "=HYPERLINK(1)"
        assert sheet["E4"].data_type == "s"

    def test_text_that_begins_like_a_formula_stays_text(self, tmp_path):
        book = openpyxl.Workbook()
        book.active.append(["编号", "名称"])
        book.active.append(["1", "x"])
        book.active["B2"].value = "=1+1"
        book.active["B2"].data_type = "s"
        book.save(tmp_path / "a.xlsx")
        sheet = openpyxl.load_workbook(marked(tmp_path / "a.xlsx", [finding("error", 2, "编号")])).active
        assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")

    def test_dates_and_long_numbers_read_the_same_again(self, tmp_path):
        book = openpyxl.Workbook()
        book.active.append(["编号", "日期", "时刻"])
        book.active.append([370102001001001001, datetime.datetime(2026, 10, 1), datetime.time(8, 30)])
        path = tmp_path / "a.xlsx"
        book.save(path)
        before, after = read_table(path), read_table(marked(path, [finding("error", 2, "编号")]))
        assert after.frame[list(before.frame.columns)].to_dict("records") == before.frame.to_dict("records")

    def test_a_sheet_too_large_to_keep_its_looks_is_written_from_its_cells(self, workbook, monkeypatch):
        monkeypatch.setattr("geodata.exchange.marked.MOST_CELLS_IN_PLACE", 3)
        copy = marked(workbook, FAULTS)
        sheet = openpyxl.load_workbook(copy)["花名册"]
        assert sheet["C4"].comment.text == "电话只有6位"
        assert not sheet.merged_cells.ranges
        after = read_table(copy)
        assert list(after.frame.columns) == ["网格", "网格长·姓名", "网格长·电话", "户数", REMARKS]

    def test_a_small_file_with_an_endless_merged_block_is_written_from_its_cells(self, workbook, tmp_path):
        book = openpyxl.load_workbook(workbook)
        book["花名册"].column_dimensions["A"].width = 33
        path = tmp_path / "大.xlsx"
        book.save(path)
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "endless.xlsx", "w") as new:
            for entry in old.infolist():
                content = old.read(entry)
                if entry.filename.endswith("sheet1.xml"):
                    content = content.replace(b'ref="D2:D3"', b'ref="D6:XFD1048576"')
                new.writestr(entry, content)
        sheet = openpyxl.load_workbook(marked(tmp_path / "endless.xlsx", FAULTS))["花名册"]
        assert colour(sheet["C4"]) == RED
        assert not sheet.merged_cells.ranges

    def test_control_characters_in_messages_do_no_harm(self, workbook):
        copy = marked(workbook, [finding("error", 4, "网格长·电话", "坏\x00\x0b字\ud800")])
        assert openpyxl.load_workbook(copy)["花名册"]["C4"].comment.text == "坏��字�"
