import csv
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geodata.errors import FileError
from geodata.exchange import Limits, Table, read_csv_chunks, read_table

ROWS = "编号,名称,经度\n1,甲,117.1\n2,乙,117.2\n"


@pytest.fixture
def read(tmp_path):
    def of(content, name="table.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, **options)

    return of


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr("geodata.exchange.delimited.BLOCK", 101)


def kinds(table):
    return [note.kind for note in table.notes]


class TestEncodings:
    @pytest.mark.parametrize(
        "codec", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"], ids=str
    )
    def test_the_text_is_read_in_whatever_encoding_it_was_saved(self, read, codec):
        table = read(ROWS.encode(codec))
        assert list(table.frame.columns) == ["编号", "名称", "经度"]
        assert table.frame["名称"].tolist() == ["甲", "乙"]
        assert table.notes == ()

    def test_utf16_with_the_other_byte_order_mark_is_read(self, read):
        table = read(b"\xfe\xff" + ROWS.encode("utf-16-be"))
        assert table.frame["名称"].tolist() == ["甲", "乙"]

    def test_characters_beyond_the_basic_plane_and_markup_survive(self, read):
        names = ["😀", "𠮷野家", "<script>alert(1)</script>", "e\u0301", "\u202eabc", "a\u200bb"]
        for codec in ("utf-8", "gb18030", "utf-16"):
            table = read(("名称,x\n" + "".join(f"{name},1\n" for name in names)).encode(codec))
            assert table.frame["名称"].tolist() == names

    @pytest.mark.usefixtures("small_blocks")
    def test_a_byte_that_is_no_text_names_its_row(self, read):
        for codec, shown in (("utf-8", "UTF-8"), ("gb18030", "GB18030")):
            good = "".join(f"{n},济南市历下区泉城路{n}号\n" for n in range(2_000)).encode(codec)
            with pytest.raises(FileError, match=shown) as caught:
                read("编号,名称\n".encode(codec) + good + b"2000,\xff\xff\n")
            assert caught.value.facts["row"] == 2_002

    @pytest.mark.usefixtures("small_blocks")
    def test_a_first_foreign_letter_far_down_still_tells_the_encoding(self, read):
        plain = "".join(f"{n},plain\n" for n in range(2_000))
        table = read(("id,name\n" + plain + "9,济南\n").encode("gb18030"))
        assert table.frame["name"].iloc[-1] == "济南"

    @pytest.mark.usefixtures("small_blocks")
    def test_a_character_cut_by_the_reading_block_is_whole(self, read):
        for shift in range(4):
            text = "列" + "x" * shift + ",名\n" + "济,1\n" * 300
            table = read(text.encode("gb18030"))
            assert set(table.frame.iloc[:, 0]) == {"济"}

    def test_binary_content_is_refused(self, read):
        for content in (bytes(range(256)) * 50, b"\x00" * 5000, np.random.default_rng(1).bytes(50_000)):
            with pytest.raises(FileError):
                read(content)

    def test_utf32_is_refused_by_name(self, read):
        with pytest.raises(FileError, match="UTF-32"):
            read(ROWS.encode("utf-32"))

    def test_nul_in_a_name_is_replaced_and_an_error_with_its_row(self, read):
        table = read("code,name\n1,a\n2,b\x00c\n")
        assert table.frame["name"].tolist() == ["a", "b�c"]
        (note,) = table.notes
        assert (note.severity, note.kind, note.row) == ("error", "unstorable-text", 3)
        assert note.facts["column"] == "name"


class TestSeparators:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"], ids=repr)
    def test_the_separator_is_found(self, read, separator):
        table = read(ROWS.replace(",", separator))
        assert table.frame.shape == (2, 3)

    def test_commas_inside_addresses_don_t_mislead(self, read):
        table = read("编号;地址\n1;泉城路1号, 2楼\n2;泉城路2号\n3;泉城路3号, 甲, 乙\n")
        assert table.frame["地址"].tolist() == ["泉城路1号, 2楼", "泉城路2号", "泉城路3号, 甲, 乙"]

    def test_a_first_line_that_says_the_separator_is_obeyed(self, read):
        table = read("sep=^\na^b\n1^2\n")
        assert table.frame.to_dict("records") == [{"a": "1", "b": "2"}]
        assert table.rows.tolist() == [3]

    def test_one_column_is_a_table(self, read):
        table = read("地址\n泉城路1号\n泉城路2号\n")
        assert table.frame["地址"].tolist() == ["泉城路1号", "泉城路2号"]

    def test_quotes_keep_separators_line_ends_and_quotes(self, read):
        table = read('a,b\n"1,2","x\ny"\n3,"say ""hi"""\n')
        assert table.frame.to_numpy().tolist() == [["1,2", "x\ny"], ["3", 'say "hi"']]
        assert table.rows.tolist() == [2, 4]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
    def test_every_line_end_is_one(self, read, end):
        table = read(ROWS.replace("\n", end))
        assert table.frame.shape == (2, 3)
        assert table.rows.tolist() == [2, 3]

    @pytest.mark.parametrize("rows_after", [1, 50_000])
    def test_a_quote_that_is_never_closed_names_its_row(self, read, rows_after):
        with pytest.raises(FileError, match="Row 3") as caught:
            read('a,b\n1,2\n3,"open\n' + "4,5\n" * rows_after)
        assert "引号" in caught.value.detail_zh

    def test_a_quoted_last_cell_with_line_ends_is_no_open_quote(self, read):
        assert read('a,b\n1,"x\ny\nz"').frame["b"].tolist() == ["x\ny\nz"]


class TestHeaders:
    def test_title_rows_above_the_header_are_passed_over_with_a_note(self, read):
        table = read("历下区网格员名册,,\n填报单位：某街道,,\n\n编号,名称,户数\n1,甲,300\n\n2,乙,310\n")
        assert table.frame.to_dict("records") == [
            {"编号": "1", "名称": "甲", "户数": "300"},
            {"编号": "2", "名称": "乙", "户数": "310"},
        ]
        assert table.rows.tolist() == [5, 7]
        (note,) = table.notes
        assert (note.kind, note.severity, note.row) == ("header-row", "warning", 4)

    def test_a_group_header_above_the_header_is_passed_over(self, read):
        table = read("基本信息,,位置,\n编号,名称,经度,纬度\n1,甲,117,36\n")
        assert list(table.frame.columns) == ["编号", "名称", "经度", "纬度"]

    def test_a_header_that_stands_again_further_down_is_left_out(self, read):
        table = read("编号,名称\n1,甲\n编号,名称\n2,乙\n")
        assert table.frame["编号"].tolist() == ["1", "2"]
        assert [(note.kind, note.row) for note in table.notes] == [("repeated-header", 3)]

    def test_data_without_header_is_noted(self, read):
        table = read("370102001001,117.1,36.6\n370102001002,117.2,36.7\n")
        assert kinds(table) == ["doubtful-header"]

    def test_sparse_data_under_a_full_header_keep_it(self, read):
        table = read("编号,名称,别名,备注,电话\n1,甲,,,\n2,,,,\n")
        assert list(table.frame.columns) == ["编号", "名称", "别名", "备注", "电话"]
        assert table.frame["名称"].tolist() == ["甲", None]

    def test_years_as_column_names_are_a_header(self, read):
        table = read("社区,2022,2023\n甲,1,2\n")
        assert list(table.frame.columns) == ["社区", "2022", "2023"]

    def test_repeated_and_missing_column_names_are_made_distinct(self, read):
        table = read("a,a,,b,\n1,2,3,4,\n")
        assert list(table.frame.columns) == ["a", "a_2", "column 3", "b"]
        assert kinds(table) == ["unnamed-column", "duplicate-column"]

    def test_cells_beyond_the_last_column_are_noted_and_short_rows_filled(self, read):
        lines = ["a,b"] + ["1,2"] * 60 + ["1,2,3", "4"]
        table = read("\n".join(lines))
        assert table.frame.iloc[-2:].to_numpy().tolist() == [["1", "2"], ["4", None]]
        assert [(note.kind, note.row) for note in table.notes] == [("extra-cells", 62)]

    def test_a_nameless_column_that_fills_late_is_noted(self, read):
        lines = ["a,b,"] + ["1,2,"] * 60 + ["1,2,3"]
        table = read("\n".join(lines))
        assert list(table.frame.columns) == ["a", "b"]
        assert [(note.kind, note.row) for note in table.notes] == [("extra-cells", 62)]

    def test_names_are_stripped_of_blanks_and_line_ends(self, read):
        table = read('" 编号 ","名\n称"\n1,2\n')
        assert list(table.frame.columns) == ["编号", "名\n称"]

    @pytest.mark.parametrize("content", ["\n\n\n", " , ,\n", "\ufeff"], ids=repr)
    def test_a_file_without_cells_is_an_empty_table_with_an_error(self, read, content):
        table = read(content)
        assert table.frame.shape == (0, 0)
        assert [(note.kind, note.severity) for note in table.notes] == [("empty-table", "error")]

    def test_a_header_alone_is_a_table_without_rows(self, read):
        table = read("a,b\n")
        assert list(table.frame.columns) == ["a", "b"]
        assert len(table.frame) == len(table.rows) == 0

    def test_excel_errors_in_cells_are_empty_with_a_note(self, read):
        table = read("a,b\n1,#N/A\n2,#3\n")
        assert table.frame["b"].tolist() == [None, "#3"]
        assert [(note.kind, note.row, note.facts["column"]) for note in table.notes] == [("error-cell", 2, "b")]

    def test_cells_are_text_as_written(self, read):
        table = read("a,b,c\n007, x ,3.70102E+17\n")
        assert table.frame.iloc[0].tolist() == ["007", " x ", "3.70102E+17"]

    def test_a_hundred_notes_of_a_kind_are_kept_and_the_rest_counted(self, read):
        table = read("a,b\n" + "1,#N/A\n" * 1000)
        assert len(table.notes) == 101
        assert table.notes[-1].facts["hidden"] == 900


class TestLimits:
    def test_a_line_without_end_is_refused_before_it_is_in_memory(self, tmp_path):
        path = tmp_path / "long.csv"
        path.write_bytes(b"," * 60_000_000)
        tracemalloc.start()
        with pytest.raises(FileError):
            read_table(path, limits=Limits(cell_characters=100_000))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 30_000_000

    def test_too_long_a_cell_names_its_row(self, read):
        with pytest.raises(FileError, match="Row 3"):
            read("a,b\n1,2\n3," + "x" * 2_000 + "\n", limits=Limits(cell_characters=1_000))

    def test_too_many_columns_rows_and_cells_are_refused(self, read):
        with pytest.raises(FileError, match="columns"):
            read(",".join(f"c{n}" for n in range(30)) + "\n", limits=Limits(columns=20))
        with pytest.raises(FileError, match="rows"):
            read("a,b\n" + "1,2\n" * 50, limits=Limits(rows=40))
        with pytest.raises(FileError, match="cells"):
            read("a,b\n" + "1,2\n" * 5_000, limits=Limits(cells=9_000))

    def test_too_large_a_file_is_refused_unopened(self, read):
        with pytest.raises(FileError, match="larger"):
            read(ROWS, limits=Limits(file_bytes=10))


class TestChunks:
    def test_chunks_follow_one_another_with_their_rows(self, tmp_path):
        path = tmp_path / "many.csv"
        path.write_text("标题,\na,b\n" + "".join(f"{n},x\n" for n in range(2_500)), encoding="utf-8")
        chunks = list(read_csv_chunks(path, 1_000))
        assert [len(chunk.frame) for chunk in chunks] == [1_000, 1_000, 500]
        assert [cell for chunk in chunks for cell in chunk.frame["a"]] == [str(n) for n in range(2_500)]
        assert np.array_equal(np.concatenate([chunk.rows for chunk in chunks]), np.arange(3, 2_503))
        assert [kinds(chunk) for chunk in chunks] == [["header-row"], [], []]

    def test_an_empty_file_gives_one_empty_table(self, tmp_path):
        path = tmp_path / "empty.csv"
        path.write_text("a,b\n", encoding="utf-8")
        (chunk,) = read_csv_chunks(path)
        assert list(chunk.frame.columns) == ["a", "b"]

    @pytest.mark.usefixtures("small_blocks")
    def test_memory_does_not_grow_with_the_file(self, tmp_path):
        path = tmp_path / "long.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["code", "address"])
            writer.writerows((n, f"济南市历下区泉城路{n}号") for n in range(50_000))
        tracemalloc.start()
        count = sum(len(chunk.frame) for chunk in read_csv_chunks(path, 500))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 50_000
        assert peak < 3_000_000

    @pytest.mark.usefixtures("small_blocks")
    def test_a_fault_far_down_comes_after_the_sound_chunks(self, tmp_path):
        path = tmp_path / "late.csv"
        path.write_bytes("a,b\n甲,2\n".encode() + b"1,2\n" * 30_000 + b"\xff,3\n")
        seen = []
        with pytest.raises(FileError) as caught:
            seen.extend(len(chunk.frame) for chunk in read_csv_chunks(path, 1_000))
        assert sum(seen) > 25_000
        assert caught.value.facts["row"] == 30_003

    def test_a_missing_file_is_a_file_error(self, tmp_path):
        with pytest.raises(FileError):
            next(iter(read_csv_chunks(tmp_path / "none.csv")))


class TestAnything:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
    @given(st.binary(max_size=400))
    @example(b'"')
    @example(b"\xff\xfe\x00")
    @example(b"\xff\xfe\x00\xd8,\x00")
    @example(b"sep=\x00\n1")
    @example(b"\xef\xbb\xbf\xef\xbb\xbf")
    @example(b"a,a,a_2\n1,2,3")
    def test_any_bytes_are_a_table_or_a_file_error(self, tmp_path, content):
        path = tmp_path / "any.csv"
        path.write_bytes(content)
        try:
            table = read_table(path)
        except FileError:
            return
        self.assert_sound(table)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
    @given(
        st.lists(st.text(st.sampled_from("甲乙ab12.-=,;|\t\n\r\" '#N/A\x00\U0001f600"), max_size=12), max_size=20),
        st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    )
    def test_any_text_is_a_table_or_a_file_error(self, tmp_path, pieces, codec):
        path = tmp_path / "any.csv"
        path.write_bytes(",".join(pieces).encode(codec))
        try:
            table = read_table(path)
        except FileError:
            return
        self.assert_sound(table)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
    @given(
        st.integers(2, 5).flatmap(
            lambda width: st.lists(
                st.lists(
                    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), min_size=width, max_size=width
                ),
                min_size=1,
                max_size=12,
            )
        ),
        st.sampled_from(["utf-8-sig", "gb18030", "utf-16"]),
    )
    def test_what_the_csv_module_writes_comes_back_cell_for_cell(self, tmp_path, rows, codec):
        width = len(rows[0])
        header = [f"列{place}" for place in range(width)]
        path = tmp_path / "round.csv"
        with path.open("w", encoding=codec, newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([header, *rows])
        table = read_table(path)
        errors = {note.row for note in table.notes if note.kind in ("error-cell", "repeated-header")}
        kept = [(n, row) for n, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
        expected = [[cell or None for cell in row] for n, row in kept if n not in errors]
        found = [row for n, row in zip(table.rows, table.frame.to_numpy().tolist(), strict=True) if n not in errors]
        assert found == expected

    @staticmethod
    def assert_sound(table):
        assert isinstance(table, Table)
        assert len(table.frame) == len(table.rows)
        assert (np.diff(table.rows) > 0).all()
        assert len(set(table.frame.columns)) == table.frame.shape[1]
        for cell in table.frame.to_numpy().ravel():
            assert cell is None or (isinstance(cell, str) and cell and "\x00" not in cell)
            if cell is not None:
                cell.encode()


@pytest.mark.real_data
class TestRealFiles:
    @pytest.mark.parametrize(
        ("name", "shape"),
        [
            ("taipei/facilities.csv", (543, 6)),
            ("division/streets.csv", (179, 5)),
            ("division/communities.csv", (2830, 6)),
            ("beijing/tsinghua_places.csv", (50, 4)),
            ("beijing/wangjing_places.csv", (143, 4)),
        ],
    )
    def test_real_tables_are_read_without_a_note(self, shared_data, name, shape):
        table = read_table(shared_data / name)
        assert table.frame.shape == shape
        assert table.notes == ()
        with (shared_data / name).open(encoding="utf-8-sig", newline="") as stream:
            expected = [[cell or None for cell in row] for row in csv.reader(stream)][1:]
        assert table.frame.to_numpy().tolist() == expected


class TestEmptyRows:
    def test_a_long_stretch_of_empty_rows_is_said_at_the_row_after_it(self, read):
        table = read("编号,名称\n1,甲\n" + "\n" * 60 + ",,\n" * 60 + "2,乙\n")
        assert table.rows.tolist() == [2, 123]
        (note,) = [note for note in table.notes if note.kind == "empty-rows"]
        assert (note.severity, note.row) == ("warning", 123)
        assert "120" in note.message_zh

    def test_a_few_empty_rows_and_a_cell_of_many_lines_are_not(self, read):
        table = read("编号,名称\n1,甲\n" + "\n" * 20 + '2,"' + "行\n" * 150 + '"\n3,丙\n')
        assert len(table.frame) == 3
        assert "empty-rows" not in kinds(table)
