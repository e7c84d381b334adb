"""Cells of lists as offices write them → items: brackets kept whole, exceptions, bounds and loose words told apart."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from geodata.intake.ranges import plain

_BETWEEN = re.compile(r"[、,;，；|\n。]+")
_OPENING, _CLOSING = "(（[【〔", ")）]】〕"
_FOLDED = re.compile(r"(?P<head>[^()（）]+)[(（](?P<inner>[^()（）]*)[)）]")
_REMARK = re.compile(r"[(（](?:内含|含|包括|包含|共|约|原|即|注)[^()（）]*[)）]")
_WITHOUT = re.compile(
    r"(?P<core>.*?)[(（]?(?:除去?|不含|不包括|不包含|扣除)(?P<out>[^()（）]+?)(?:之外|以外|除外|外)?[)）]?"
)
_EXCEPTED = re.compile(r"(?P<core>.*?)[(（](?P<out>[^()（）]+?)除外[)）]")
_LABEL = re.compile(r"[^:：]{1,20}[:：](?P<rest>.+)")
_TAIL = re.compile(
    r"(?:等处|等地|等|及其?周边|周边|附近|一带|区域|片区|范围|全部|(?:的)?(?:沿街|临街)?"
    r"(?:门店|商铺|商户|店铺|门面房?|底商|住户|居民楼?|住宅楼?))$"
)
_LEAD = re.compile(r"^(?:另?含|包括|包含|其中|以及|及|和|与|管?辖|范围为?)")
_JOINED = re.compile(r"\s+|以及|[和及与]")
_SIDES = "[东南西北]{1,2}"
_BOUND = re.compile(rf"四至.*|{_SIDES}[侧面边部端]?[至到起临接邻靠以抵连达:].+|.+以(?:{_SIDES}|内)")
_ALL = re.compile(r"(?:全部|所有|整个|全)(?:小区|楼栋|楼幢|楼|范围)?|全小区|整小区")
_SPLIT_NUMBER = re.compile(r"\d\s+\d")
_MOST_JOINTS = 6
_LONGEST = 1_000


class Words(NamedTuple):
    """An item without its exceptions: what it is said to be, and what it is said not to hold."""

    core: str
    without: tuple[str, ...]


def split_items(text: str) -> tuple[str, ...]:
    """Items of a cell in their order, repeated ones too: 12号 means another door after another road.

    Notes
    -----
    What stands in brackets stays with its item, ``5-9号楼（除6、7号楼）``; brackets that only hold a list are opened,
    ``示例里（1、3号楼）`` is 示例里1 and 3号楼. Brackets without a partner hold nothing together.
    """
    return tuple(item for part in _outside_brackets(text) for item in _unfolded(part.strip()) if item)


def without_exceptions(item: str) -> Words:
    """An item and what it excepts: ``5-9号楼（除6、7号楼）`` is 5-9号楼 without 6 and 7号楼."""
    if len(item) > _LONGEST:
        return Words(item, ())
    text = unicodedata.normalize("NFKC", item).strip()
    found = _EXCEPTED.fullmatch(text) or _WITHOUT.fullmatch(text)
    if found is None:
        return Words(item, ())
    return Words(found["core"].strip(), split_items(found["out"].strip()))


def is_bound(item: str) -> bool:
    """Whether an item says how far a grid reaches, 东至中山路, 建设路以南: true of it and of what it does not list."""
    return _BOUND.fullmatch(plain(item)) is not None


def means_all(item: str) -> bool:
    """Whether an item says that all of what stands beside it is meant."""
    return _ALL.fullmatch(plain(item)) is not None


def loosened(item: str) -> Iterator[tuple[str, str]]:
    """An item with less and less of what offices write around a name, and what was left out of it.

    Notes
    -----
    Labels with a colon, remarks in brackets, 等 and 周边 after it, 包括 and 及 before it. The item as it stands is not
    among them: a name that holds such a word must be looked for first.
    """
    text, left_out = unicodedata.normalize("NFKC", item).strip(), ""
    if (label := _LABEL.fullmatch(text)) is not None:
        # The label may be a compound and its buildings: 示例里：1-12号楼.
        yield text.replace(":", "", 1), ""
        text = label["rest"].strip()
        yield text, ""
    for pattern in (_REMARK, _TAIL, _TAIL, _LEAD):
        for found in pattern.findall(text):
            left_out += found
        shorter = pattern.sub("", text).strip()
        if shorter and shorter != text:
            text = shorter
            yield text, left_out


def halves(item: str) -> Iterator[tuple[str, str]]:
    """An item in two, at each blank and each word for *and* in it: 和 may join two names, or be part of one.

    Notes
    -----
    Nothing where there are more of them than a list would have: each half may be halved again.
    """
    joints = list(_JOINED.finditer(item))
    for found in joints if len(joints) <= _MOST_JOINTS else ():
        first, second = item[: found.start()].strip(), item[found.end() :].strip()
        if first and second:
            yield first, second


def has_split_number(item: str) -> bool:
    """Whether a blank stands between two figures, which must not become one number: 示例里1 3号楼."""
    return _SPLIT_NUMBER.search(item) is not None


def short_list(items: Iterable[Any], most: int = 10) -> str:
    """At most so many items, and how many more there are."""
    listed = [str(item) for item in items]
    return "、".join(listed[:most]) + (f" … (+{len(listed) - most})" if len(listed) > most else "")


def _outside_brackets(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        if sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth = max(depth - 1, 0)
        elif depth == 0 and _BETWEEN.match(sign):
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]] if depth == 0 else _BETWEEN.split(text)


def _unfolded(part: str) -> list[str]:
    found = _FOLDED.fullmatch(part) if len(part) <= _LONGEST else None
    if found is None or _REMARK.search(part) or without_exceptions(part).without:
        return [part]
    inner = [item.strip() for item in _BETWEEN.split(found["inner"]) if item.strip()]
    return [part] if len(inner) < 2 else [found["head"].strip() + inner[0], *inner[1:]]
