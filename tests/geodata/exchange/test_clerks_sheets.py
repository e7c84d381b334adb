"""Sheets as clerks lay them out: where the header is, what merged cells mean, which rows are no records."""

import zipfile

import openpyxl
import pytest

from geodata.errors import FileError
from geodata.exchange import read_table


@pytest.fixture
def sheet(tmp_path):
    """Write rows and merged ranges as a workbook, and read it."""

    def of(rows, merged=(), name="a.xlsx", **options):
        book = openpyxl.Workbook()
        for cells in rows:
            book.active.append(cells)
        for block in merged:
            book.active.merge_cells(block)
        book.save(tmp_path / name)
        return read_table(tmp_path / name, **options)

    return of


@pytest.fixture
def text(tmp_path):
    def of(content, **options):
        (tmp_path / "a.csv").write_text(content, encoding="utf-8")
        return read_table(tmp_path / "a.csv", **options)

    return of


def columns(table):
    return list(table.frame.columns)


def records(table):
    return table.frame.to_numpy().tolist()


def noted(table):
    return [(note.kind, note.row) for note in table.notes]


class TestHeadersOfSeveralLevels:
    def test_two_levels_are_joined(self, sheet):
        rows = [["网格", "网格长", None], [None, "姓名", "电话"], ["A", "样例甲", "138"]]
        table = sheet(rows, ["A1:A2", "B1:C1"])
        assert columns(table) == ["网格", "网格长·姓名", "网格长·电话"]
        assert table.header_rows == (1, 2)
        assert records(table) == [["A", "样例甲", "138"]]
        assert table.places == (0, 1, 2)

    def test_a_group_over_everything_stands_before_the_names(self, sheet):
        rows = [["样例表", None, None], ["基本情况", None, "人员"], ["编码", "户数", "姓名"], ["A", 5, "样例甲"]]
        table = sheet(rows, ["A1:C1", "A2:B2"])
        assert columns(table) == ["基本情况·编码", "基本情况·户数", "人员·姓名"]
        assert table.header_rows == (2, 3)

    def test_a_level_that_repeats_the_one_above_stands_once(self, sheet):
        rows = [["网格长", None, "户数"], ["网格长姓名", "网格长电话", "户数"], ["样例甲", "138", 5]]
        assert columns(sheet(rows, ["A1:B1"])) == ["网格长姓名", "网格长电话", "户数"]

    def test_levels_without_merged_cells_are_known_by_their_words(self, text):
        table = text("网格,网格长,,网格员,,户数\n,姓名,电话,姓名,电话,\nA,样例甲,138,样例乙,139,5\n")
        assert columns(table) == ["网格", "网格长·姓名", "网格长·电话", "网格员·姓名", "网格员·电话", "户数"]
        assert table.header_rows == (1, 2)
        assert len(table.frame) == 1

    def test_a_first_record_of_words_is_no_second_level(self, text):
        table = text("编码,名称,别名,\n甲,东园,,\n乙,西园,小西园,\n")
        assert columns(table) == ["编码", "名称", "别名"]
        assert len(table.frame) == 2

    def test_a_first_record_of_names_under_a_group_without_words_is_a_record(self, sheet):
        rows = [["网格", "人员", None], ["A", "样例甲", "样例乙"], ["B", "样例丙", "样例丁"]]
        assert len(sheet(rows, ["B1:C1"]).frame) == 2

    def test_lines_of_labels_above_are_no_header(self, sheet):
        rows = [
            ["花名册", None, None],
            ["单位：样例街道", None, "日期：2026年"],
            ["编码", "姓名", "电话"],
            ["1", "样例甲", "138"],
        ]
        table = sheet(rows, ["A1:C1", "A2:B2"])
        assert columns(table) == ["编码", "姓名", "电话"]
        assert table.header_rows == (3, 3)

    @pytest.mark.parametrize("header_rows", [(2, 3), (3, 3)])
    def test_the_header_can_be_told(self, sheet, header_rows):
        rows = [["说明", "x", "y"], ["一", "二", None], ["甲", "乙", "丙"], ["1", "2", "3"]]
        table = sheet(rows, header_rows=header_rows)
        assert table.header_rows == header_rows
        assert columns(table) == {2: ["一·甲", "二·乙", "二·丙"], 3: ["甲", "乙", "丙"]}[header_rows[0]]
        assert records(table) == [["1", "2", "3"]]
        assert "header-row" not in [kind for kind, _ in noted(table)]

    @pytest.mark.parametrize("header_rows", [(9, 9), (3, 2)])
    def test_a_told_header_where_nothing_stands_is_refused(self, sheet, text, header_rows):
        with pytest.raises(FileError, match="header") as caught:
            sheet([["a", "b"], [1, 2]], header_rows=header_rows)
        assert "表头" in caught.value.detail_zh
        with pytest.raises(FileError):
            text("a,b\n1,2\n", header_rows=header_rows)


class TestMergedCells:
    def test_a_value_goes_down_to_the_end_of_its_block_and_no_further(self, sheet):
        rows = [["社区", "网格"], ["甲", "1"], [None, "2"], [None, "3"], ["乙", "4"]]
        assert records(sheet(rows, ["A2:A3"])) == [["甲", "1"], ["甲", "2"], [None, "3"], ["乙", "4"]]

    def test_a_block_that_reaches_far_below_the_table_makes_no_records(self, sheet):
        table = sheet([["社区", "网格"], ["甲", "1"], [None, "2"]], ["A2:A60000"])
        assert records(table) == [["甲", "1"], ["甲", "2"]]

    def test_a_block_over_columns_has_its_value_in_the_first(self, sheet):
        table = sheet([["网格", "姓名", "电话"], ["1", "空缺", None], ["2", "样例甲", "138"]], ["B2:C2"])
        assert records(table)[0] == ["1", "空缺", None]

    def test_many_blocks_are_read_in_one_go(self, sheet):
        rows = [["社区", "网格"], *[[n // 2 if n % 2 == 0 else None, n] for n in range(2_000)]]
        table = sheet(rows, [f"A{n}:A{n + 1}" for n in range(2, 2_002, 2)])
        assert table.frame["社区"].tolist() == [n // 2 for n in range(2_000)]


class TestRowsThatAreNoRecords:
    def test_sums_titles_and_remarks_are_left_out_aloud(self, sheet):
        rows = [
            ["网格", "姓名", "户数"],
            ["甲社区", None, None],
            ["A", "样例甲", 5],
            ["小计", None, 5],
            ["B", "样例乙", 6],
            ["总 计", None, "11户"],
            ["备注：1.按月更新", None, None],
            ["2.及时报送", None, None],
            ["填表人：样例甲", None, "审核人：样例乙"],
        ]
        table = sheet(rows, ["A2:C2"])
        assert table.rows.tolist() == [3, 5]
        assert noted(table) == [
            ("section-row", 2),
            ("total-row", 4),
            ("total-row", 6),
            ("remark-row", 7),
            ("remark-row", 8),
            ("remark-row", 9),
        ]

    @pytest.mark.parametrize(
        "cells",
        [
            ["备注名册", "样例甲", 5],
            ["合计路", "样例甲", 5],
            ["合计", "样例甲", 5],
            ["联系人：样例甲", "样例乙", 5],
            ["共享站", None, None],
        ],
    )
    def test_a_record_that_only_looks_like_one_stays(self, sheet, cells):
        assert len(sheet([["网格", "姓名", "户数"], ["A", "样例甲", 5], cells]).frame) == 2

    def test_title_and_header_of_every_printed_page_are_left_out(self, sheet):
        page = [["花名册", None, None], ["网格", "网格长", None], [None, "姓名", "电话"]]
        rows = [*page, ["A", "样例甲", "138"], *page, ["B", "样例乙", "139"]]
        merged = ["A1:C1", "A2:A3", "B2:C2", "A5:C5", "A6:A7", "B6:C6"]
        table = sheet(rows, merged)
        assert records(table) == [["A", "样例甲", "138"], ["B", "样例乙", "139"]]
        assert noted(table)[1:] == [("section-row", 5), ("repeated-header", 6), ("repeated-header", 7)]

    def test_batches_keep_every_row(self, tmp_path):
        from geodata.exchange import read_csv_chunks

        path = tmp_path / "a.csv"
        path.write_text("编号,地址\n1,x\n合计,\n备注：无,\n", encoding="utf-8")
        assert sum(len(table.frame) for table in read_csv_chunks(path)) == 3


class TestSheets:
    def test_the_sheet_that_suits_is_read_and_the_others_named(self, tmp_path):
        book = openpyxl.Workbook()
        book.active.title = "说明"
        book.active.append(["一、如实填写"])
        for title, header in (("汇总", ["社区", "数量"]), ("名单", ["工号", "姓名"])):
            book.create_sheet(title).append(header)
            book[title].append(["a", "b"])
        book.save(tmp_path / "a.xlsx")
        assert read_table(tmp_path / "a.xlsx").sheet == "汇总"
        table = read_table(tmp_path / "a.xlsx", fits=lambda names: float("工号" in names))
        assert table.sheet == "名单"
        (note,) = table.notes
        assert note.facts["sheets"] == ["说明", "汇总"]

    def test_a_hidden_sheet_that_suits_better_is_not_read_in_silence(self, tmp_path):
        book = openpyxl.Workbook()
        book.active.append(["社区", "数量"])
        book.active.append(["a", 1])
        hidden = book.create_sheet("旧")
        hidden.append(["工号", "姓名"])
        hidden.append(["1", "a"])
        hidden.sheet_state = "veryHidden"
        book.save(tmp_path / "a.xlsx")
        assert read_table(tmp_path / "a.xlsx", fits=lambda names: float("工号" in names)).sheet == "Sheet"

    def test_macros_are_never_run_and_said_to_be_there(self, sheet, tmp_path):
        sheet([["a", "b"], [1, 2]])
        with zipfile.ZipFile(tmp_path / "a.xlsx", "a") as archive:
            archive.writestr("xl/vbaProject.bin", b"macro")
        table = read_table((tmp_path / "a.xlsx").rename(tmp_path / "a.xlsm"))
        assert noted(table) == [("macros", None)]
        assert records(table) == [[1, 2]]
