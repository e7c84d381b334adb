"""Empty workbooks to fill in: a column per field, text cells for codes, and a sheet that says what goes where."""

import io
from collections.abc import Mapping
from typing import Any, Final

from geodata.intake.kinds import Field, Kind

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_ROWS: Final = 2000
_WIDTHS: Final = {"shape": 40, "text": 22, "list": 26, "units": 22, "hours": 26, "boolean": 10, "count": 10}
_NEEDED_FILL: Final = "FFDCE8F8"
_OTHER_FILL: Final = "FFEEF1F4"
# What a cell of each reader holds, in Chinese and English.
_CONTENTS: Final[dict[str, tuple[str, str]]] = {
    "code": ("编码，按文本填写", "a code, as text"),
    "text": ("文字", "text"),
    "phone": ("完整的电话号码", "a whole phone number"),
    "count": ("整数", "a whole number"),
    "number": ("数字", "a number"),
    "boolean": ("是或否", "yes or no"),
    "list": ("可填多个，用顿号或逗号分开", "several, parted by commas"),
    "from": ("日期，如 2026-07-01；不填为生效时", "a date such as 2026-07-01; when it takes effect if empty"),
    "to": ("日期，当天仍有效；不填为长期", "a date, that day included; no end if empty"),
    "choice": ("从列表中选", "one of the list"),
    "level": ("级别", "a level"),
    "shape": ("WKT 图形文字", "a shape as WKT"),
    "hours": ("如：周一至周五 8:30-17:30；全天", "such as Mo-Fr 08:30-17:30; 24/7"),
    "day": ("日期，如 2026-10-01", "a date such as 2026-10-01"),
    "duration": ("如：2小时、2天", "such as 2 hours, 2 days"),
    "period": ("起止日期，如 2026-07-01至2026-07-15；与开始、结束二选一", "first and last day; or fill in both others"),
    "cell": ("姓名或电话，一格可填多人，用顿号分开", "names or phones, several parted by commas"),
    "items": ("可填多个，用顿号分开，如：建设路1-99单号", "several parted by commas, such as road number ranges"),
    "units": ("单元数，或单元名称列表", "how many, or a list of labels"),
}


def blank_sheet(kind: Kind, *, chinese: bool, words: Mapping[str, str]) -> bytes:
    """An Excel workbook with the headers of a kind, ready to be filled in and loaded.

    Parameters
    ----------
    kind
        What the sheet is to hold.
    chinese
        Headers and choices in Chinese, else in English; both are understood.
    words
        Of the page: names of the second sheet and of its columns.
    """
    import openpyxl

    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = (kind.label if chinese else kind.label_en)[:31]
    sheet.freeze_panes = "A2"
    for place, field in enumerate(kind.fields, 1):
        _head(sheet, place, field, chinese=chinese)
    _explain(workbook.create_sheet(words["blank_fields"]), kind, chinese=chinese, words=words)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _head(sheet: Any, place: int, field: Field, *, chinese: bool) -> None:
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = get_column_letter(place)
    cell = sheet.cell(1, place, header_of(field, chinese=chinese))
    cell.font = Font(bold=field.required)
    cell.fill = PatternFill("solid", fgColor=_NEEDED_FILL if field.required else _OTHER_FILL)
    sheet.column_dimensions[letter].width = _WIDTHS.get(field.reader, 18)
    if field.reader in ("code", "phone", "text", "hours", "units", "list"):
        # Excel keeps leading noughts and long codes of text cells as they are typed.
        sheet.column_dimensions[letter].number_format = "@"
    choices = choices_of(field, chinese=chinese)
    if choices and len(",".join(choices)) < 250:
        listed = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
        listed.add(f"{letter}2:{letter}{_ROWS}")
        sheet.add_data_validation(listed)


def _explain(sheet: Any, kind: Kind, *, chinese: bool, words: Mapping[str, str]) -> None:
    from openpyxl.styles import Font

    sheet.append([words["blank_column"], words["blank_required"], words["blank_content"]])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for field in kind.fields:
        choices = choices_of(field, chinese=chinese)
        content = "、".join(choices) if chinese else ", ".join(choices)
        needed = words["yes"] if field.required else ""
        sheet.append(
            [header_of(field, chinese=chinese), needed, content or _CONTENTS[field.reader][0 if chinese else 1]]
        )
    for letter, width in (("A", 22), ("B", 10), ("C", 70)):
        sheet.column_dimensions[letter].width = width


def header_of(field: Field, *, chinese: bool) -> str:
    """What the column of a field is called: a header that the loaders understand."""
    return next(iter(field.synonyms), field.name) if chinese else field.name


def choices_of(field: Field, *, chinese: bool) -> list[str]:
    """The values that a field takes, where they are few; yes and no for a truth value."""
    if field.reader == "boolean":
        return ["是", "否"] if chinese else ["yes", "no"]
    return [next(iter(said), value) if chinese else value for value, said in field.choices.items()]
