import contextlib
import datetime
import io
import os
import shutil
import struct
import subprocess
import time
import zipfile

import numpy as np
import openpyxl
import pytest

from geodata.errors import FileError
from geodata.exchange import DamagedNumber, Limits, is_damaged, read_table


@pytest.fixture
def workbook(tmp_path):
    """Write sheets given as {name: {cell: value}} and read one."""

    def of(sheets, name="book.xlsx", hidden=(), **options):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, cells in sheets.items():
            sheet = book.create_sheet(title)
            sheet.sheet_state = "hidden" if title in hidden else "visible"
            for place, value in cells.items():
                sheet[place] = value
        path = tmp_path / name
        book.save(path)
        return read_table(path, **options)

    return of


def rows_of(*rows, first="A1"):
    column, row = ord(first[0]) - 65, int(first[1:])
    return {
        f"{chr(65 + column + c)}{row + r}": value
        for r, cells in enumerate(rows)
        for c, value in enumerate(cells)
        if value is not None
    }


def with_part(path, part, change):
    """Rewrite one part of an xlsx archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


class TestCells:
    def test_each_kind_of_cell_is_its_plain_value(self, workbook):
        noon = datetime.datetime(2024, 5, 1, 12, 30)
        table = workbook(
            {
                "s": rows_of(
                    list("abcdefgh"),
                    ["甲", 12, 1.5, True, noon, datetime.date(2024, 5, 1), datetime.time(8, 30), " x "],
                )
            }
        )
        row = table.frame.iloc[0].tolist()
        assert row == ["甲", 12, 1.5, True, noon, datetime.datetime(2024, 5, 1), "08:30", " x "]
        assert [type(cell) for cell in row[1:4]] == [int, float, bool]
        assert table.format == "excel"

    def test_numbers_kept_as_text_stay_text_with_all_their_digits(self, workbook):
        table = workbook({"s": rows_of(["code", "n"], ["370102001001001001", "007"])})
        assert table.frame.iloc[0].tolist() == ["370102001001001001", "007"]
        assert not is_damaged(table.frame["code"][0])

    def test_a_long_code_that_excel_holds_as_a_number_is_marked_as_damaged(self, workbook):
        table = workbook({"s": rows_of(["code"], [370102001001001001], [999_999_999_999_999], [10**15], [1.5e17])})
        cells = table.frame["code"].tolist()
        assert [is_damaged(cell) for cell in cells] == [True, False, True, True]
        assert [type(cell) for cell in cells] == [DamagedNumber, int, DamagedNumber, DamagedNumber]
        assert cells[1] == 999_999_999_999_999

    def test_damaged_codes_in_text_are_known_too(self):
        assert is_damaged("3.70102E+17")
        assert is_damaged(" 1.1E+11 ")
        assert not any(is_damaged(cell) for cell in ("370102001001", "1.5E+3", "E+17", 3.5, 12, None, True))

    def test_error_cells_are_empty_with_row_and_column_noted(self, workbook):
        table = workbook({"s": rows_of(["编号", "户数"], ["1", "#N/A"], ["2", "#DIV/0!"], ["3", 5], first="C4")})
        assert table.frame["户数"].tolist() == [None, None, 5]
        found = [(note.kind, note.severity, note.row, note.facts["column"]) for note in table.notes]
        assert found == [("error-cell", "warning", 5, "户数"), ("error-cell", "warning", 6, "户数")]

    def test_a_failed_formula_is_an_error_cell(self, workbook, tmp_path):
        workbook({"s": rows_of(["a", "b"], [1, 2], [3, 4])})
        with_part(
            tmp_path / "book.xlsx",
            "xl/worksheets/sheet1.xml",
            lambda xml: xml.replace(b'<c r="B3" t="n"><v>4</v></c>', b'<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
        )
        table = read_table(tmp_path / "book.xlsx")
        assert table.frame["b"].tolist() == [2, None]
        assert [(note.kind, note.row) for note in table.notes] == [("error-cell", 3)]

    def test_markup_emoji_and_rare_characters_survive(self, workbook):
        names = ["<b>x</b>", "😀", "𠮷", "a\nb", "=not a formula"]
        sheet = rows_of(["name"], *[[name] for name in names[:-1]])
        assert workbook({"s": sheet}).frame["name"].tolist() == names[:-1]

    def test_rows_and_unnamed_columns_count_as_on_the_sheet(self, workbook):
        table = workbook(
            {"s": rows_of(["名册"], [None], ["编号", None, "户数"], [None], [1, 2, 3], [None], [4, 5, 6], first="C3")}
        )
        assert list(table.frame.columns) == ["编号", "column 4", "户数"]
        assert table.rows.tolist() == [7, 9]
        assert [(note.kind, note.row) for note in table.notes] == [("unnamed-column", 5), ("header-row", 5)]


SHEETS = {"说明": {}, "网格": rows_of(["a"], [1]), "2": rows_of(["b"], [2]), "隐藏": rows_of(["c"], [3])}


class TestSheets:
    def test_the_first_filled_sheet_is_read_and_the_others_named(self, workbook):
        table = workbook(SHEETS, hidden=["隐藏"])
        assert (table.sheet, table.sheets) == ("网格", ("说明", "网格", "2", "隐藏"))
        (note,) = table.notes
        assert note.kind == "several-sheets"
        assert note.facts["sheets"] == ["2", "隐藏"]

    def test_a_hidden_sheet_is_read_only_when_nothing_else_is_filled(self, workbook):
        table = workbook({"隐藏": rows_of(["c"], [3]), "看": rows_of(["d"], [4])}, hidden=["隐藏"])
        assert table.sheet == "看"
        assert workbook({"隐藏": rows_of(["c"], [3]), "看": {}}, hidden=["隐藏"]).sheet == "隐藏"

    @pytest.mark.parametrize(
        ("wanted", "name"),
        [("网格", "网格"), (" 网格 ", "网格"), (2, "网格"), ("4", "隐藏"), ("2", "2"), ("隐藏", "隐藏")],
    )
    def test_a_sheet_is_chosen_by_name_or_else_by_number(self, workbook, wanted, name):
        table = workbook(SHEETS, sheet=wanted)
        assert table.sheet == name
        assert not table.notes

    @pytest.mark.parametrize("wanted", ["无", 0, 5, "-1", "²", "\x00", ""])
    def test_a_sheet_that_is_not_there_is_answered_with_those_that_are(self, workbook, wanted):
        with pytest.raises(FileError, match="网格") as caught:
            workbook(SHEETS, sheet=wanted)
        assert "说明" in caught.value.detail_zh

    def test_an_empty_workbook_is_an_empty_table(self, workbook):
        table = workbook({"a": {}})
        assert len(table.frame) == 0
        assert [note.kind for note in table.notes] == ["empty-table"]


def xls(sheets):
    """A BIFF8 workbook by hand in a compound file by hand: {name: [(row, column, value)]}, rows from 1."""

    def record(kind, content=b""):
        return struct.pack("<HH", kind, len(content)) + content

    def cell(row, column, value):
        place = struct.pack("<HHH", row - 1, column, 0)
        if isinstance(value, str):
            return record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
        return record(0x0203, place + struct.pack("<d", value))

    names = [struct.pack("<BBBB", 0, 0, len(name), 1) + name.encode("utf-16-le") for name in sheets]
    bodies = [
        record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 1997, 0, 0))
        + b"".join(cell(*c) for c in cells)
        + record(0x000A)
        for cells in sheets.values()
    ]
    head = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 0)) + record(
        0x0042, struct.pack("<H", 1200)
    )
    start = len(head) + sum(8 + len(name) for name in names) + 4
    for name, body in zip(names, bodies, strict=True):
        head += record(0x0085, struct.pack("<I", start) + name)
        start += len(body)
    stream = (head + record(0x000A) + b"".join(bodies)).ljust(4096, b"\x00")
    stream += b"\x00" * (-len(stream) % 512)
    count, end, free = len(stream) // 512, 0xFFFFFFFE, 0xFFFFFFFF
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)
    chain = [0xFFFFFFFD, end, *range(3, count + 2), end]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")

    def entry(name, kind, child, first, size):
        text = (name + "\x00").encode("utf-16-le") if name else b""
        tail = struct.pack("<BBIII", kind, 1, free, free, child) + bytes(36) + struct.pack("<IQ", first, size)
        return text.ljust(64, b"\x00") + struct.pack("<H", len(text)) + tail

    directory = (
        entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(stream)) + 2 * entry("", 0, free, 0, 0)
    )
    return header + table + directory + stream


class TestOtherWorkbooks:
    def test_an_old_binary_workbook_is_read(self, tmp_path):
        path = tmp_path / "a.xls"
        cells = [
            (1, 0, "历下区"),
            (2, 0, "编号"),
            (2, 1, "户数"),
            (4, 0, "007"),
            (4, 1, 300.0),
            (5, 0, 370102001001001001.0),
        ]
        path.write_bytes(xls({"说明": [], "网格": cells}))
        table = read_table(path)
        assert (table.sheet, table.sheets) == ("网格", ("说明", "网格"))
        assert table.frame["编号"].tolist()[0] == "007"
        assert is_damaged(table.frame["编号"][1])
        assert table.frame["户数"].tolist() == [300, None]
        assert table.rows.tolist() == [4, 5]

    def test_a_workbook_with_a_password_says_so(self, tmp_path):
        def named(name):
            return (name + "\x00").encode("utf-16-le").ljust(64, b"\x00") + struct.pack("<H", 2 * len(name) + 2)

        path = tmp_path / "a.xlsx"
        path.write_bytes(xls({"s": [(1, 0, "a")]}).replace(named("Workbook"), named("EncryptedPackage")))
        with pytest.raises(FileError, match="password") as caught:
            read_table(path)
        assert "密码" in caught.value.detail_zh

    def test_old_sheets_that_claim_all_memory_are_refused(self, tmp_path):
        path = tmp_path / "a.xls"
        path.write_bytes(xls({f"s{n}": [(1, 0, "a"), (65_536, 255, "b")] for n in range(12)}))
        with pytest.raises(FileError, match="too large"):
            read_table(path)

    def test_an_open_document_sheet_is_read(self, tmp_path):
        path = tmp_path / "a.ods"
        content = (
            '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
            'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
            '<table:table table:name="网格"><table:table-row>'
            '<table:table-cell office:value-type="string"><text:p>编号</text:p></table:table-cell>'
            '<table:table-cell office:value-type="string"><text:p>户数</text:p></table:table-cell></table:table-row>'
            '<table:table-row><table:table-cell office:value-type="string"><text:p>007</text:p></table:table-cell>'
            '<table:table-cell office:value-type="float" office:value="300"><text:p>300</text:p></table:table-cell>'
            "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
        )
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", content)
            archive.writestr(
                "META-INF/manifest.xml",
                '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
            )
        table = read_table(path)
        assert table.frame.to_dict("records") == [{"编号": "007", "户数": 300}]
        assert table.sheet == "网格"


class TestHostileWorkbooks:
    def test_two_cells_in_opposite_corners_don_t_take_all_memory(self, workbook):
        begin = time.monotonic()
        with pytest.raises(FileError, match="too large"):
            workbook({"s": {"A1": 1, "XFD1048576": 2}})
        assert time.monotonic() - begin < 60

    def test_a_workbook_that_unpacks_without_end_is_refused(self, workbook, tmp_path):
        workbook({"s": rows_of(["a"], [1])})
        bomb = io.BytesIO()
        with (
            zipfile.ZipFile(tmp_path / "book.xlsx") as source,
            zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target,
        ):
            for name in source.namelist():
                target.writestr(name, source.read(name))
            target.writestr("xl/media/zeros", bytes(40 * 2**20))
        path = tmp_path / "bomb.xlsx"
        path.write_bytes(bomb.getvalue())
        with pytest.raises(FileError, match="200 times"):
            read_table(path)

    @pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
    def test_random_bytes_behind_a_sound_signature_are_refused(self, tmp_path, suffix):
        magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" if suffix == "xls" else b"PK\x03\x04"
        random = np.random.default_rng(1)
        for size in (4, 600, 20_000):
            path = tmp_path / f"bad.{suffix}"
            path.write_bytes(magic + random.bytes(size))
            with pytest.raises(FileError):
                read_table(path)

    def test_a_damaged_sheet_is_refused(self, workbook, tmp_path):
        workbook({"s": rows_of(["a"], [1])})
        for change in (lambda _: b"", lambda xml: xml[: len(xml) // 2], lambda _: b"<" * 1000):
            path = tmp_path / "broken.xlsx"
            shutil.copy(tmp_path / "book.xlsx", path)
            with_part(path, "xl/worksheets/sheet1.xml", change)
            with contextlib.suppress(FileError):
                assert len(read_table(path).frame) == 0

    def test_a_zip_that_is_no_workbook_is_refused(self, tmp_path):
        path = tmp_path / "fake.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", "x")
        with pytest.raises(FileError):
            read_table(path)

    def test_too_many_rows_are_refused(self, workbook):
        with pytest.raises(FileError, match="rows"):
            workbook({"s": rows_of(["a"], *[[n] for n in range(50)])}, limits=Limits(rows=20))

    def test_no_reading_process_is_left_behind(self, workbook):
        workbook({"s": rows_of(["a"], [1])})
        with pytest.raises(FileError):
            workbook({"s": rows_of(["a"], *[[n] for n in range(3000)])}, limits=Limits(rows=20))
        ours = ["ps", "-o", "args", "--ppid", str(os.getpid())]
        listing = subprocess.run(ours, capture_output=True, text=True, check=True).stdout
        assert "exchange/workbook.py" not in listing
