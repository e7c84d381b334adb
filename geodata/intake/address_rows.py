"""Stage 4 for addresses: the columns of a city's table → one text, the parts that are kept, and the areas stated."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from geodata.address.register import PARTS
from geodata.intake.rows import Records
from geodata.records import Finding

LEVELS: Final = ("province", "city", "district", "town", "community")
"""Columns of areas, the widest first."""
_OWN: Final = ("compound_code", "building_code", "sub_number", *LEVELS)
# What stands in the column of a city or district where there is none.
_NO_AREAS: Final = frozenset(
    {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县", "无", "-", "—"}
)
_WORDS: Final = {"number": "号", "building": "号楼", "unit": "单元", "floor": "层", "room": "室"}


def whole_addresses(records: Records) -> tuple[Records, list[Finding]]:
    """Addresses with a text and the areas that they state; an error for each row that says no address.

    Parameters
    ----------
    records
        With any of the kind's columns.

    Returns
    -------
    tuple
        Records whose fields are those of the register: a sub-number belongs to its number, columns of areas are one
        list, references have served. A text that a row has stays as it is; else it is made of the areas and parts, and
        a part that is a bare number gets its word: 12 becomes 12号.
    """
    sound, findings = records.sound.copy(), []
    fields = {name: values for name, values in records.fields.items() if name not in _OWN}
    if "sub_number" in records.fields:
        fields["number"] = [
            with_sub_number(number or "", sub or "")
            for number, sub in zip(records.column("number"), records.fields["sub_number"], strict=True)
        ]
    areas = _stated_areas(records)
    if any(name in records.fields for name in LEVELS):
        fields["areas"] = areas
    fields["text"] = _texts(records.column("text"), areas, fields, len(records))
    for at in np.flatnonzero(sound).tolist():
        if not fields["text"][at]:
            sound[at] = False
            findings.append(_no_address(records, at))
    return replace(records, sound=sound, fields=fields), findings


def with_sub_number(number: str, sub: str) -> str:
    """A door number with its sub-number: 12号 and 附1号 are 12号附1号."""
    inner = sub.strip().lstrip("附之-").removesuffix("号")
    if not (number and inner):
        return number
    return f"{_worded(number, '号')}附{inner}号"


def whole_text(areas: Sequence[str], parts: Mapping[str, str]) -> str:
    """The address that areas and parts are."""
    words = list(areas)
    for name in PARTS:
        part = _worded(parts.get(name) or "", _WORDS.get(name, ""))
        if name == "building" and words and parts.get("compound") and part.startswith(parts["compound"]):
            words.pop()
        if part:
            words.append(part)
    return "".join(words) if len(words) > len(areas) or areas else ""


def _worded(part: str, word: str) -> str:
    """A part with its word, where it is a bare number or letter."""
    return part + word if word and part and part[-1].isascii() and part[-1].isalnum() else part


def _texts(given: Sequence[Any], areas: Sequence[tuple[str, ...]], fields: Mapping[str, Any], count: int) -> list[str]:
    columns = {name: fields[name] for name in PARTS if name in fields}
    texts = []
    for at in range(count):
        text = given[at] or ""
        if not text:
            text = whole_text(areas[at], {name: column[at] or "" for name, column in columns.items()})
        texts.append(text)
    return texts


def _stated_areas(records: Records) -> list[tuple[str, ...]]:
    columns = [records.fields[name] for name in LEVELS if name in records.fields]
    if not columns:
        return [()] * len(records)
    # Few different ones: rows share the tuples.
    known: dict[tuple[Any, ...], tuple[str, ...]] = {}
    return [known.setdefault(own, _areas(own)) for own in zip(*columns, strict=True)]


def _areas(stated: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(area for area in stated if area and area not in _NO_AREAS))


def _no_address(records: Records, at: int) -> Finding:
    return Finding(
        "error",
        "missing-value",
        "An address needs its text, or its parts: road and number, compound, building.",
        "缺少地址：请填写地址全称，或道路、门牌号、小区、楼栋等部分。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "text"},
    )
