"""How a number below a name is written in the register, and which stretches of it are typed already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from geodata.address.below import Asked, Below
from geodata.address.characters import fold
from geodata.address.numbering import Numbered, numbered
from geodata.address.values import packed, unpacked
from geodata.address.words import Slot, Unit

_TRIED: Final = 5


@dataclass(frozen=True, slots=True)
class Label:
    """A text from a name on, up to a number, and its stretches (start, end) that are typed already."""

    text: str
    matched: tuple[tuple[int, int], ...]


def label_from_texts(texts: Sequence[str], name: str, below: Below, asked: Asked, met: tuple[int, int]) -> Label:
    """What texts have in common from a name to a number.

    Parameters
    ----------
    texts
        Of entries that share the name and the number.
    name
        Folded.
    below
        The number.
    asked
        What was typed.
    met
        Which characters of the name are typed.
    """
    before = asked.numbers if asked.closed and not below.exact else asked.numbers[:-1]
    values = [number.value for number in before]
    cut = (_cut(text, name, values, below) for text in texts[:_TRIED])
    text = next((text for text in cut if text), "") or _common(texts) + _unwritten(texts, below)
    return Label(text, stretches(text, _typed(fold(text)[0], name, asked, met)))


def _unwritten(texts: Sequence[str], below: Below) -> str:
    """The unit of a building whose record lists its units: its text does not end in one."""
    if below.slot is not Slot.ENTRANCE or len(set(texts)) > 1:
        return ""
    return f"{unpacked(below.value).upper()}单元"


def _cut(text: str, name: str, before: Sequence[str], below: Below) -> str:
    """A text from a name to a number, empty where it has one of them not."""
    folded, source = fold(text)
    start = folded.find(name)
    if start < 0:
        return ""
    behind = [number for number in numbered(folded) if number.start >= start + len(name)]
    if below.slot is Slot.ENTRANCE:
        # Unit 1 of building 1: the building is not taken for it.
        behind = [replace(one, value="") if one.unit is Unit.BUILDING else one for one in behind]
        before = [value for value in before if any(one.value == value for one in behind)]
    end = _end(behind, before, below.value)
    return text[source[start] : source[end - 1] + 1] if end else ""


def as_written(name: str, text: str) -> str:
    """A folded name as it stands in a text, the name itself where it does not."""
    folded, source = fold(text)
    start = folded.find(name)
    return text[source[start] : source[start + len(name) - 1] + 1] if start >= 0 else name


def stretches(text: str, folded: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Stretches of a folded text where they are in the text itself, those that touch as one."""
    source = fold(text)[1]
    found: list[tuple[int, int]] = []
    for start, end in folded:
        if not 0 <= start < end <= len(source):
            continue
        begin, stop = source[start], source[end - 1] + 1
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((begin, stop))
    return tuple(found)


def _end(found: Sequence[Numbered], before: Sequence[str], value: int) -> int:
    """Where a number of a text ends: the first behind those before it, alone or with the next one; 0 for none."""
    first = 0
    for earlier in before:
        first = next((k + 1 for k in range(first, len(found)) if found[k].value == earlier), first)
    for begin in (first, 0):
        for k in range(begin, len(found)):
            if packed(found[k].value) == value:
                return found[k].end
            if found[k].linked and packed(f"{found[k].value}-{found[k + 1].value}") == value:
                return found[k + 1].end
    return 0


def _typed(text: str, name: str, asked: Asked, met: tuple[int, int]) -> list[tuple[int, int]]:
    """Stretches of a folded label that are typed: the name as far as it is, then each number as far as it is."""
    spans = [met] if text.startswith(name) else []
    position = len(name)
    for number in asked.numbers:
        digits = number.value.lower()
        start = text.find(digits, position)
        if start < 0:
            break
        spans.append((start, start + len(digits)))
        position = start + len(digits)
    return spans


def _common(texts: Sequence[str]) -> str:
    """What texts have in common at their beginning, never a part of a number."""
    low, high = min(texts), max(texts)
    size = next((k for k, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    if size < len(high):
        while size and high[size - 1].isdigit():
            size -= 1
    return high[:size].rstrip("-#附之") or texts[0]
