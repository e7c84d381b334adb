"""Text measured, broken into lines and written as SVG: what was measured is what is printed, so nothing is ever cut.

Widths are those of `service.maps.lettering`; what is not said of a text there is said here: where its lines end.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from markupsafe import Markup, escape

from service.maps.lettering import clean, width_of
from service.maps.paper import FONT
from service.maps.quick_code import quick_code

Anchor = Literal["start", "middle", "end"]

ELLIPSIS: Final = "…"
# Neither may begin a line, nor may an opening sign end one.
_NOT_FIRST: Final = frozenset("，。、；：？！）》」』】〉”’·,.;:?!)]}%…")
_NOT_LAST: Final = frozenset("（《「『【〈“‘([{")
_PIECE: Final = re.compile(r"[!-~\u00a0-\u024f]+|\s+|.")


@lru_cache(maxsize=65536)
def text_width(text: str, size: float = 1.0, *, bold: bool = False) -> float:
    """How wide a line is, in what the size is in."""
    return width_of(text, size, bold=bold)


@lru_cache(maxsize=16384)
def _wrapped(text: str, room: float, size: float, bold: bool, most: int) -> tuple[str, ...]:
    lines: list[str] = []
    line = ""
    for piece in _pieces(clean(text), room, size, bold=bold):
        if line and text_width((line + piece).rstrip(), size, bold=bold) > room:
            kept, moved = _turned(line, piece)
            lines.append(kept.rstrip())
            line = (moved + piece).lstrip()
            if most and len(lines) > most:
                return tuple(lines)
        else:
            line += piece
    return (*lines, line.rstrip()) if line.strip() else tuple(lines)


def wrapped(text: str, room: float, size: float, *, bold: bool = False, most: int = 0) -> list[str]:
    """Lines of a text that are no wider than the room; none for an empty text.

    Parameters
    ----------
    most
        No more than one line beyond this many is worked out; all where 0.

    Notes
    -----
    Latin words stay whole unless one is wider than the room; no line begins with a closing sign, where that can be.
    """
    return list(_wrapped(text, room, size, bold, most))


def _pieces(text: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    for piece in _PIECE.findall(text):
        if text_width(piece, size, bold=bold) <= room:
            yield piece
        else:
            yield from piece


def _turned(line: str, piece: str) -> tuple[str, str]:
    """What stays on the line and what goes to the next, so that neither ends with or begins with the wrong sign."""
    if piece[0] in _NOT_FIRST and len(line) > 1 and line[-1] not in _NOT_FIRST:
        return line[:-1], line[-1]
    if line[-1] in _NOT_LAST and len(line) > 1:
        return line[:-1], line[-1]
    return line, ""


def shortened(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """A text on one line: whole where it fits, else its beginning and an ellipsis."""
    text = clean(text)
    if text_width(text, size, bold=bold) <= room:
        return text
    while text and text_width(text + ELLIPSIS, size, bold=bold) > room:
        text = text[:-1]
    return text + ELLIPSIS


def fitting_size(text: str, room: float, most: float, least: float, *, bold: bool = False) -> float:
    """The largest size between two at which a text is one line; the least where it is not even then."""
    wide = text_width(clean(text), bold=bold)
    return max(least, min(most, room / wide)) if wide else most


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; ``y`` is its baseline, millimetres."""

    x: float
    y: float
    text: str
    size: float
    colour: str = "#1d252c"
    bold: bool = False
    anchor: Anchor = "start"

    def at(self, x: float, y: float) -> "Text":
        """The same, moved."""
        return Text(self.x + x, self.y + y, self.text, self.size, self.colour, self.bold, self.anchor)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        wide = text_width(self.text, self.size, bold=self.bold)
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return left, self.y - self.size * 0.88, left + wide, self.y + self.size * 0.14

    def svg(self) -> Markup:
        """As an element."""
        return Markup(
            '<text x="{:.2f}" y="{:.2f}" font-size="{:.2f}" font-family="{}" font-weight="{}" text-anchor="{}" '
            'fill="{}">{}</text>'
        ).format(
            self.x,
            self.y,
            self.size,
            FONT + ", sans-serif",
            700 if self.bold else 400,
            self.anchor,
            self.colour,
            escape(self.text),
        )


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, or with no height a rule; millimetres."""

    x: float
    y: float
    width: float
    height: float
    fill: str = "none"
    stroke: str = "none"
    weight: float = 0.0
    radius: float = 0.0

    def at(self, x: float, y: float) -> "Box":
        """The same, moved."""
        return Box(self.x + x, self.y + y, self.width, self.height, self.fill, self.stroke, self.weight, self.radius)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.x, self.y, self.x + self.width, self.y + self.height

    def svg(self) -> Markup:
        """As an element."""
        return Markup(
            '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" rx="{:.2f}" fill="{}" stroke="{}" '
            'stroke-width="{:.2f}"/>'
        ).format(self.x, self.y, self.width, self.height, self.radius, self.fill, self.stroke, self.weight)


@dataclass(frozen=True, slots=True)
class Code:
    """The QR code of an address with its white rim, so wide and high; millimetres."""

    x: float
    y: float
    side: float
    link: str

    def at(self, x: float, y: float) -> "Code":
        """The same, moved."""
        return Code(self.x + x, self.y + y, self.side, self.link)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.x, self.y, self.x + self.side, self.y + self.side

    def svg(self) -> Markup:
        """As elements."""
        return quick_code(self.link, self.x, self.y, self.side)


Item = Text | Box | Code


@dataclass(frozen=True, slots=True)
class Block:
    """Part of a page: so high, with what is drawn in it from its own upper left corner."""

    height: float
    items: tuple[Item, ...]

    def at(self, x: float, y: float) -> Iterator[Item]:
        """What is drawn, where the block was put."""
        return (item.at(x, y) for item in self.items)


NOTHING: Final = Block(0.0, ())


def stacked(blocks: Iterable[Block], gap: float) -> Block:
    """Blocks below each other, those without height left out."""
    items: list[Item] = []
    height = 0.0
    for block in blocks:
        if block.height:
            height += gap if height else 0.0
            items += block.at(0.0, height)
            height += block.height
    return Block(height, tuple(items))


def paragraph(
    text: str,
    room: float,
    size: float,
    *,
    colour: str = "#1d252c",
    bold: bool = False,
    leading: float = 1.5,
    most: int = 0,
) -> Block:
    """A text over as many lines as it takes; over ``most`` where that is given, the last one then ends with dots."""
    lines = wrapped(text, room, size, bold=bold, most=most)
    if most and len(lines) > most:
        lines = [*lines[: most - 1], shortened(lines[most - 1] + ELLIPSIS * 2, room, size, bold=bold)]
    step = size * leading
    items = tuple(
        Text(0.0, step * place + size * (0.38 + leading / 2), line, size, colour, bold)
        for place, line in enumerate(lines)
    )
    return Block(step * len(lines), items)


def svg_of(items: Sequence[Item], width: float, height: float) -> Markup:
    """A page of so many millimetres."""
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w}mm" height="{h}mm" viewBox="0 0 {w} {h}">{body}</svg>'
    ).format(w=width, h=height, body=Markup("").join(item.svg() for item in items))
