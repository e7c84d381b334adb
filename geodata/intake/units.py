"""Stage 2a for the units of a building: a count or a list → their labels."""

import json
import re
from typing import Any

from geodata.intake.cells import Unreadable, as_text, normal, plain_cell, short

MOST_UNITS = 200
LONGEST_LABEL = 20

_BETWEEN = re.compile(r"[、,;|/\s]+")
_COUNT = re.compile(r"(\d{1,9})\s*(?:个单元|个|个门|units?)?", re.IGNORECASE)
_DASH = re.compile(r"\s*[-~—–至到]+\s*")
_RANGE = re.compile(r"(\d{1,3})(?:单元)?-(\d{1,3})(?:单元)?")
_SUFFIX = re.compile(r"(?:号?单元|号?门|unit)$|^unit\s*", re.IGNORECASE)


def read_units(value: Any) -> tuple[str, ...]:
    """Labels of units: ``1`` to ``N`` for a count N, else those of a list; ``3单元`` is ``3``, ``1-4单元`` four labels.

    Raises
    ------
    Unreadable
        More than 200 units, or a label that is too long or holds ``#``, which parts a building from its unit.
    """
    if isinstance(value, list | tuple):
        return _labels([as_text(part) for part in map(plain_cell, value) if part is not None])
    text = normal(as_text(value, longest=5_000, keep_lines=True))
    if text.startswith("["):
        listed = _json_list(text)
        if listed is not None:
            return read_units(listed)
    count = _COUNT.fullmatch(text)
    if count:
        return _counted(int(count[1]), text)
    labels: list[str] = []
    for part in filter(None, _BETWEEN.split(_DASH.sub("-", text))):
        span = _RANGE.fullmatch(part)
        labels += _span(int(span[1]), int(span[2]), part) if span else [part]
        if len(labels) > MOST_UNITS:
            raise _too_many(text)
    return _labels(labels)


def _json_list(text: str) -> list[Any] | None:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, list) else None


def _counted(count: int, text: str) -> tuple[str, ...]:
    if count > MOST_UNITS:
        raise _too_many(text)
    return tuple(str(number) for number in range(1, count + 1))


def _span(first: int, last: int, text: str) -> list[str]:
    if last < first:
        raise Unreadable("unreadable-units", f"{short(text)!r} counts backwards.", f"“{short(text)}”的起止顺序颠倒。")
    if last - first >= MOST_UNITS:
        raise _too_many(text)
    return [str(number) for number in range(first, last + 1)]


def _labels(parts: list[str]) -> tuple[str, ...]:
    labels = tuple(dict.fromkeys(_SUFFIX.sub("", normal(part)).strip() or part for part in parts if part))
    if len(labels) > MOST_UNITS:
        raise _too_many(f"{labels[0]} …")
    for label in labels:
        if len(label) > LONGEST_LABEL or "#" in label:
            raise Unreadable(
                "unreadable-units",
                f"{short(label)!r} is not a unit's label: at most {LONGEST_LABEL} characters, without #. "
                "Write a count, or labels such as 1、2、3.",
                f"“{short(label)}”不是有效的单元号：最多 {LONGEST_LABEL} 个字符，不含 #。请填单元个数或“1、2、3”。",
            )
    return labels


def _too_many(text: str) -> Unreadable:
    return Unreadable(
        "unreadable-units",
        f"{short(text)!r} means more than {MOST_UNITS} units.",
        f"“{short(text)}”超过 {MOST_UNITS} 个单元。",
    )
