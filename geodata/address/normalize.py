"""Stage 1: what was typed → folded text with the address alone, and what was set apart from it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from geodata.address.characters import fold
from geodata.address.coordinates import find_coordinates
from geodata.address.noise import Aside, find_courier, find_numbers, find_people, find_speech
from geodata.address.relations import find_relations, relation_of

LONGEST: Final = 200

_FINDERS = (find_coordinates, find_numbers, find_people)
_LATER_FINDERS = (find_courier, find_relations, find_speech)
_NUMERALS = "0-9零〇一二三四五六七八九十百幺"
_ADDRESS_WORDS = "单元|号楼|号院|号|期|区|段|组|栋|幢|座|室|楼|层|门|院|排|弄|巷|户|邻"
_PART = re.compile(
    rf"第?(?>[{_NUMERALS}a-z甲乙丙丁东西南北中\-~、 ]{{1,8}}+(?>{_ADDRESS_WORDS})?+){{1,6}}+"
)  # (三期), (5-3-201), (北区)
_PLACE = re.compile(
    r"(?![近原旧旁距离靠挨邻与和在]|老小区|自建)[一-鿿0-9a-z]{2,18}"
    r"(?:区|县|市|镇|乡|街道|社区|村|路|街|大道|巷|弄|花园|家园|公寓|苑|里|庄|大厦|广场)"
    r"(?:[0-9一二三四五六七八九十百]{1,6}(?:号|弄)(?:[0-9]{1,4}(?:号楼|栋|幢|室|号))?)?"
)
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|\{([^{}]*)\}|〔([^〔〕]*)〕|<([^<>]*)>")
_SENTENCE_END = re.compile("[。!?;]|\\.(?= |$)")
_DOOR = re.compile(rf"[{_NUMERALS}][a-z]? ?(?:号|弄|栋|幢|座|单元|室|#|-[0-9])")
_MORE_ADDRESS = re.compile(
    rf"^[ -]*[0-9]|{_DOOR.pattern}|"
    rf"[一-鿿]{{2}}(?:路|街|大道|巷|弄|村|镇|乡|县|市|区|花园|公寓|大厦|家园)(?=[{_NUMERALS}\s,。!?;]|$)"
)
_TYPED_DASH = re.compile("(?<=[0-9])一(?=[0-9])")
_MARKERS = (
    (
        re.compile(
            rf"(?<=[{_NUMERALS}洞拐勾号栋幢楼座室元弄巷]) ?[-_]++ ?(?=[{_NUMERALS}a-z甲乙丙丁戊己庚辛])"
            "|(?<=[a-z]) ?[-_]++ ?(?=[0-9])"
        ),
        "\x01",
    ),
    (re.compile("(?<=[0-9a-z]) ?~++ ?(?=[0-9a-z])"), "\x02"),
    (re.compile("(?<=[0-9a-z一二三四五六七八九十])#|#(?=[0-9])"), "\x03"),
)
_DROPPED = "\x00"  # folded text has no controls: they can mark what is kept and what goes
_MARKS = str.maketrans("\x01\x02\x03", "-~#")
_PLAIN = re.compile("[^\\W_]*")
_PARTING = re.compile("[^\\w\ue000-\uf8ff\x00-\x03]|_")
_QUOTES = re.compile("(?<![0-9a-z])[\"'「」『』《》〈〉]|[\"'「」『』《》〈〉](?![0-9a-z])")


@dataclass(frozen=True, slots=True)
class Normal:
    """A text made ready to be read.

    Attributes
    ----------
    text
        Folded. One space wherever something parted words or was set apart, none at the ends; ``-`` only between
        numbers, ``~`` between digits, ``#`` beside digits.
    source
        For each character of `text` the position in `given` it comes from, never falling.
    aside
        What was set apart, as it stands in `given` from first to last; starts and ends are positions there.
    given
        What was typed, as it was; only the first `LONGEST` characters are looked at.
    """

    text: str
    source: tuple[int, ...]
    aside: tuple[Aside, ...]
    given: str


def normalize(text: str) -> Normal:
    """A text without what is no address, folded.

    Parameters
    ----------
    text
        What somebody typed or pasted. Anything; empty text gives an empty result.

    Returns
    -------
    Normal
        Normalizing its text again changes nothing, and sets nothing apart.
    """
    folded, source = fold(text[:LONGEST])
    work = _Work(folded[:LONGEST], source[:LONGEST])
    while work.read():
        pass
    return Normal(work.text, tuple(work.source), tuple(sorted(work.aside, key=lambda item: item.start)), text)


class _Work:
    """A text being cleaned: it only ever gets shorter or plainer."""

    __slots__ = ("aside", "source", "text")

    def __init__(self, text: str, source: tuple[int, ...]) -> None:
        self.text = text
        self.source = source
        self.aside: list[Aside] = []

    def read(self) -> bool:
        """Set apart what is found now; whether that changed the text, so that more may be found."""
        before = self.text
        for find in _FINDERS:
            self._set_apart(find(self.text))
        self._open_brackets()
        for find in _LATER_FINDERS:
            self._set_apart(find(self.text))
        self._cut_rest()
        self._make_plain()
        return self.text != before

    def _set_apart(self, found: Iterator[Aside]) -> None:
        for item in list(found):
            if not self.text[item.start : item.end].isspace() and self.text[item.start : item.end] == item.text:
                self._note(item)
                self._blank(item.start, item.end)

    def _note(self, item: Aside) -> None:
        self.aside.append(
            replace(item, text=item.text.strip(), start=self.source[item.start], end=self.source[item.end - 1] + 1)
        )

    def _blank(self, start: int, end: int) -> None:
        self.text = f"{self.text[:start]}{' ' * (end - start)}{self.text[end:]}"

    def _open_brackets(self) -> None:
        """Leave what is in brackets where it is a part of the address, set it apart where it is a hint."""
        while found := _BRACKETS.search(self.text):
            start, end = found.span()
            inside = self.text[start + 1 : end - 1]
            outside = self.text[:start] + self.text[end:]
            if not inside.strip() or _belongs(inside.strip(), outside):
                self._blank(start, start + 1)
                self._blank(end - 1, end)
                continue
            self._note(Aside("bracket", inside, start + 1, end - 1, relation_of(inside.strip())))
            self._blank(start, end)

    def _cut_rest(self) -> None:
        """Set apart what follows the sentence with the address, unless it has an address too."""
        for found in _SENTENCE_END.finditer(self.text):
            before, after = self.text[: found.start()], self.text[found.end() :]
            if _DOOR.search(before) and after.strip() and not _MORE_ADDRESS.search(after):
                self._note(Aside("rest", after, found.end(), len(self.text)))
                self._blank(found.end(), len(self.text))
                return

    def _make_plain(self) -> None:
        """Only characters that names and numbers are made of, and single spaces."""
        if _PLAIN.fullmatch(self.text) and not _TYPED_DASH.search(self.text):
            return
        text = _TYPED_DASH.sub("-", self.text)
        for pattern, marker in _MARKERS:
            text = pattern.sub(partial(_kept_as, marker), text)
        text = _QUOTES.sub(_DROPPED, text)
        kept = _squeezed(_PARTING.sub(" ", text))
        self.text = "".join([text[position] for position in kept])
        self.text = _PARTING.sub(" ", self.text).translate(_MARKS)
        self.source = tuple([self.source[position] for position in kept])


def _kept_as(marker: str, match: re.Match[str]) -> str:
    return marker + _DROPPED * (len(match[0]) - 1)


def _squeezed(text: str) -> list[int]:
    """Positions that stay when dropped characters, spaces beside spaces and spaces at the ends go."""
    kept: list[int] = []
    after_space = True
    for position, character in enumerate(text):
        is_space = character == " "
        if character == _DROPPED or (is_space and after_space):
            continue
        kept.append(position)
        after_space = is_space
    if kept and after_space:
        kept.pop()
    return kept


def _belongs(inside: str, outside: str) -> bool:
    """Whether what is in brackets is a part of the address, or all of it."""
    if _PART.fullmatch(inside) or _PLACE.fullmatch(inside):
        return True
    return sum(map(str.isalnum, outside)) < 2
