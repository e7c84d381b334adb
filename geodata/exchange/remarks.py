"""Rows inside and below a table that are no records: sums, section titles, who filled it in, remarks."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from geodata.exchange.merged import Block, Cells, NumberedCells, is_blank
from geodata.exchange.table import Notes

_SUM: Final = re.compile(r"(?:合|总|小|共)\s*计\s*[:：]?|(?:sub|grand )?total", re.IGNORECASE)
_REMARK: Final = re.compile(
    r"(?:填\s*(?:表|报|写)|制\s*表|审\s*[核批]|经\s*办|复\s*核|校\s*对|抄\s*报|主\s*管|单位负责|分管负责|负责|联系|打印)"
    r"\s*(?:人|单位|日期|时间|说明|领导|电话|部门)*\s*(?:签[字章名])?\s*[:：]"
    r"|(?:备\s*注|附?\s*注|说\s*明|日\s*期|盖\s*章|单位[(（]盖章[)）]|notes?|remarks?|prepared by|checked by)"
    r"\s*\d{0,2}\s*[:：.、]",
    re.IGNORECASE,
)
# The first signs of what the two patterns match: nearly every row is told by one look.
_BEGINNINGS: Final = frozenset("合总小共填制审经复校抄主单分负联打备附注说日盖 　nNrRpPcCtTsSgG")
_SHOWN: Final = 30


@dataclass(slots=True)
class Remarks:
    """Takes out rows that are no records, and notes each.

    Parameters
    ----------
    width
        Number of columns of the table.
    sections
        Rows that are one merged cell.
    notes
        Takes the findings.
    """

    width: int
    sections: frozenset[int]
    notes: Notes
    _below: bool = False

    def records(self, rows: Iterable[NumberedCells]) -> Iterator[NumberedCells]:
        """The rows that can be records."""
        if self.width < 2:
            yield from rows
            return
        sections = self.sections
        for number, cells in rows:
            first = cells[0] if cells else None
            plain = isinstance(first, str) and first != "" and first[0] not in _BEGINNINGS
            if (plain and not self._below and number not in sections) or not self._taken(number, cells):
                yield number, cells

    def _taken(self, number: int, cells: Cells) -> bool:
        """Whether a row is no record; then it has been noted."""
        filled = [cell for cell in cells if not is_blank(cell)]
        first = str(filled[0]).strip()
        if _SUM.fullmatch(first) and all(_is_figure(cell) for cell in filled[1:]):
            self._note(number, "total-row", "is a sum", "是合计行", first)
            return True
        few = len(filled) <= max(1, self.width // 3)
        labelled = all(isinstance(cell, str) and ("：" in cell or ":" in cell) for cell in filled)
        is_remark = _REMARK.match(first) is not None and (few or labelled)
        if is_remark or (self._below and len(filled) == 1 and self.width > 2):
            self._below = True
            self._note(number, "remark-row", "is a remark, no record", "是表外说明", first)
            return True
        if number in self.sections and len(filled) == 1:
            self._note(number, "section-row", "is one merged cell, a title inside the table", "是合并的标题行", first)
            return True
        self._below = False
        return False

    def _note(self, number: int, kind: str, what: str, what_zh: str, text: str) -> None:
        shown = text[:_SHOWN]
        self.notes.add(
            "warning", kind, f"The row {what}: “{shown}”. Left out.", f"此行{what_zh}“{shown}”，已忽略。", number
        )


def section_rows(blocks: Sequence[Block], width: int) -> frozenset[int]:
    """Rows that one merged cell fills by more than half."""
    return frozenset(block.first_row for block in blocks if block.height == 1 and 2 * block.width > max(width, 2))


def _is_figure(cell: Any) -> bool:
    return not isinstance(cell, str) or any(sign.isdecimal() for sign in cell) or cell.strip() in ("-", "—", "/", "／")
