"""Stage 4 for addresses: one row for several doors, ``12、14、16号``, and names in brackets, ``18号（原红旗商店）``.

What a row says besides becomes other names of it, so that each door is found; the row stays one record. Numbers are
exact: only what can mean nothing but several is taken apart. ``125-2号`` is one door, ``1-15号单`` are eight, and
``1-4单元`` behind a compound may be unit 4 of building 1.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from geodata.intake.register_findings import some_of
from geodata.intake.rows import Records
from geodata.records import Finding

MOST: Final = 60
"""More doors than this in one row are a stretch of road, with more than one place."""

_WORDS: Final = "号楼|號樓|号院|号|號|栋|棟|幢|座|单元|單元|室"
_ITEM: Final = rf"[0-9]{{1,4}}(?:(?:{_WORDS})?[甲乙丙丁]|之[0-9]{{1,3}}|附[0-9]{{1,3}}|[a-zA-Z])?"
_DASH: Final = r"[-~至到—–－～]+"
_SPAN: Final = rf"(?:{_ITEM})(?:(?:{_WORDS})?{_DASH}[0-9]{{1,4}})?"
_TAIL: Final = r"(?![楼樓院])"
# A comma may also part a number from what stands behind it: 12,3号楼 is no two buildings.
_LIST: Final = re.compile(
    rf"(?<![0-9\-~至到第之附A-Za-z])(?P<items>{_SPAN}(?:{_WORDS})?(?:[、,/;及和]{_SPAN}(?:{_WORDS})?)+)"
    rf"(?<=[号號楼樓院栋棟幢座元室甲乙丙丁]){_TAIL}"
)
_RANGE: Final = re.compile(
    rf"(?<![0-9\-~至到第之附A-Za-z])(?P<first>[0-9]{{1,4}})(?:{_WORDS})?(?P<dash>{_DASH})(?P<last>[0-9]{{1,4}})"
    rf"(?:(?P<word>号|號)?\(?(?P<side>[单双單雙])(?!元)[号数號數]*\)?|(?P<plain>{_WORDS})){_TAIL}"
)
_PIECE: Final = re.compile(
    rf"(?P<first>[0-9]{{1,4}})(?P<inner>之[0-9]{{1,3}}|附[0-9]{{1,3}}|[甲乙丙丁a-zA-Z])?"
    rf"(?:(?:{_WORDS})?{_DASH}(?P<last>[0-9]{{1,4}}))?(?P<word>{_WORDS})?(?P<outer>[甲乙丙丁])?"
)
_SPLIT: Final = re.compile(r"[、,/;及和]")
# Behind the floor of the first doors others may follow: 3、5号2楼及7号1楼.
_MORE: Final = re.compile(r"[、,;及和](?=[0-9]+(?:之[0-9]+)?[号號巷弄])")
_NUMBERED: Final = re.compile(r"[0-9]{1,4}(?:之[0-9]{1,3})?[号號](?P<floors>[^号號]*)$")
_NAMED: Final = re.compile(
    r"\((?:原名|原为|原|曾用名|曾用|曾名|又名|又称|别名|俗称|旧称|旧名|现名|现为)[::]?([^()]{2,40})\)"
)
_DOOR: Final = ("号", "號")
_SURE_DASHES: Final = ("至", "到", "~")


@dataclass(frozen=True, slots=True)
class Spread:
    """What an address says besides itself.

    Parameters
    ----------
    doors
        The address with each of its numbers; empty where it is one.
    names
        In brackets, what it is called else.
    unclear
        What may mean several and may mean one, as written; empty where there is nothing.
    """

    doors: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    unclear: str = ""


_NOTHING: Final = Spread()


def spread(text: str) -> Spread:
    """What one address says besides itself."""
    if not any(mark in text for mark in "、,，/;；及和-－~～至到—–(（"):
        return _NOTHING
    plain = unicodedata.normalize("NFKC", text)
    names = tuple(found[1].strip() for found in _NAMED.finditer(plain))
    plain = _NAMED.sub("", plain)
    if doors := _each_with_floors(plain):
        return Spread(doors, names)
    listed = _LIST.search(plain)
    if listed is not None and (each := _listed(listed)):
        head, tail = plain[: listed.start()], _MORE.split(plain[listed.end() :])[0]
        return Spread(tuple(f"{head}{number}{tail}" for number in each), names)
    several = _RANGE.search(plain)
    if several is None or several["plain"] == "室":
        return Spread(names=names)
    word = several["word"] or several["plain"] or "号"
    if not _certain(several):
        return Spread(names=names, unclear=several[0] if word not in _DOOR else "")
    numbers = _numbered(int(several["first"]), int(several["last"]), several["side"] or "", word)
    head, tail = plain[: several.start()], plain[several.end() :]
    if not 1 < len(numbers) <= MOST:
        return Spread(names=names, unclear=several[0])
    return Spread(tuple(f"{head}{number}{word}{tail}" for number in numbers), names)


def _each_with_floors(plain: str) -> tuple[str, ...]:
    """Doors that stand one behind another, each with its floors: 3号1-2楼、5号1楼; none where it is no such list."""
    pieces = _MORE.split(plain)
    first = _NUMBERED.search(pieces[0])
    if len(pieces) < 2 or first is None or not first["floors"]:
        return ()
    head = pieces[0][: first.start()]
    doors: list[str] = []
    for piece in (pieces[0][first.start() :], *pieces[1:]):
        found = _NUMBERED.match(piece)
        if found is None or _word(found) != _word(first):
            return ()
        doors.append(head + piece)
    return tuple(dict.fromkeys(doors)) if len(doors) <= MOST else ()


def _word(numbered: re.Match[str]) -> str:
    """What a number is of, beside a door: 12号院 and 3号楼 are not two of one list."""
    return numbered["floors"][:1] if numbered["floors"][:1] in "楼樓院" else ""


def _certain(several: re.Match[str]) -> bool:
    return bool(several["side"]) or any(dash in several["dash"] for dash in _SURE_DASHES)


def _listed(found: re.Match[str]) -> list[str]:
    """Each number of a list with its word; nothing where the words differ, or it is no list."""
    pieces = _SPLIT.split(found["items"])
    last = _PIECE.fullmatch(pieces[-1])
    word = last["word"] if last is not None else None
    if word is None or (len(word) > 1 and "," in found["items"]):
        return []
    numbers: list[str] = []
    for piece in pieces:
        read = _PIECE.fullmatch(piece)
        if read is None or (read["word"] or word) != word:
            return []
        some: Sequence[object] = [read["first"] + (read["inner"] or "")]
        if read["last"]:
            some = _numbered(int(read["first"]), int(read["last"]), "", word)
        numbers += [f"{one}{word}{read['outer'] or ''}" for one in some]
    return list(dict.fromkeys(numbers)) if 1 < len(numbers) <= MOST else []


def _numbered(first: int, last: int, side: str, word: str) -> range:
    """The numbers from one to another; of a road those of the side that is said, or that both lie on.

    Notes
    -----
    None where they run backwards, or are more than a row can mean.
    """
    if last <= first or last - first > 2 * MOST:
        return range(0)
    if not side and (word not in _DOOR or first % 2 != last % 2):
        return range(first, last + 1)
    odd = side in "单單" if side else first % 2 == 1
    return range(first + (first % 2 != odd), last + 1, 2)


def spread_addresses(records: Records) -> tuple[Records, list[Finding]]:
    """Addresses with what their texts say besides among their other names.

    Returns
    -------
    tuple
        The records, and warnings: which rows are several doors at one point, and which may be.
    """
    texts, given, units = (records.column(name) for name in ("text", "aliases", "unit"))
    aliases: list[Any] = list(given)
    doors: dict[int, Spread] = {}
    unclear: dict[int, str] = {}
    changed = False
    for at in np.flatnonzero(records.sound).tolist():
        found = spread(texts[at] or "")
        if found.unclear and units[at] and found.unclear.startswith(units[at].removesuffix("单元")):
            # In a column of units it is no building with its unit.
            found = spread(texts[at].replace(found.unclear, re.sub(_DASH, "至", found.unclear)))
        own = (*found.doors, *found.names)
        if own:
            aliases[at] = tuple(dict.fromkeys((*(given[at] or ()), *own)))
            changed = True
        if found.doors:
            doors[at] = found
        if found.unclear:
            unclear[at] = found.unclear
    findings = some_of(list(doors), lambda at: _several(records, at, doors[at]))
    findings += some_of(list(unclear), lambda at: _unclear(records, at, unclear[at]))
    return (replace(records, fields={**records.fields, "aliases": aliases}) if changed else records), findings


def _several(records: Records, at: int, found: Spread) -> Finding:
    count = len(found.doors)
    return Finding(
        "warning",
        "several-doors",
        f"“{records.column('text')[at][:60]}” are {count} doors with one point: each is found there. A row for each, "
        "with its own point, is better.",
        f"“{records.column('text')[at][:60]}”是 {count} 个门牌共用一个坐标，均按此处查到；建议每个门牌一行、各有坐标。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "text", "doors": count},
    )


def _unclear(records: Records, at: int, written: str) -> Finding:
    return Finding(
        "warning",
        "unclear-range",
        f"“{written[:40]}” may mean several or one; it is taken as one. Write each, parted by 、, or 至 for a range.",
        f"“{written[:40]}”可能是一个也可能是多个，现按一个处理；如为多个，请用“、”分列，或用“至”表示范围。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "text", "value": written[:40]},
    )
