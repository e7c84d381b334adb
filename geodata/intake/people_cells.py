"""Stage 2a for wide rosters: the people whom one cell names, with their phones, as clerks write them.

张三、李四 · 张三13800000000 · 张三（代） · 同上 · 空缺: one cell holds one person, several, or nobody.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from geodata.intake.cells import Unreadable
from geodata.intake.phones import read_phone

MOST_PEOPLE: Final = 30

_VACANT = re.compile(
    r"空缺?|暂[缺无]|缺[岗员]?|空岗|无|没有|待[定补招配]|待补充|待配备|未配备|未定|未到岗|none|vacant|n/a|tbd|[-—/\\×]{1,2}"
)
_DITTO = re.compile(r"同上人?|同前|[〃″”“\"]")
_STAND_IN = re.compile(r"代[理管班]?|暂代|临时(代管)?|临代|替补?|顶[班岗]|备岗?|b[岗角]|副岗|协助")
_PRIMARY = re.compile(r"(兼[任职管]?|主岗?|主责|a[岗角]|专职|正)?")
_COMPOUND_SURNAMES = re.compile(
    r"欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|宇文|长孙|端木|独孤|南宫|西门|百里|呼延"
)
_PHONE = re.compile(
    r"(?<!\d)(?:(?:(?:\+|00)?86[\s-]*)?1[3-9]\d(?:[\s-]?[\d*●×]){4}(?:[\s-]?[\d*●×]){4}"
    r"|\(?0\d{2,3}\)?[\s-]?\d{7,8}(?:\s*(?:转|-)\s*\d{1,6})?|\d{3,4}-\d{7,8}|\d{7,12})(?!\d)"
)
_MARK = re.compile(r"[(\[【<]([^()\[\]【】<>]{0,30})[)\]】>]")
_PARTS = re.compile(r"[、,，;；|\n\r/&]+|\s+和\s+")
_LABELS = re.compile(r"(?:姓名|电话|手机号?码?|联系电话|联系方式|tel|phone)\s*[:：]?\s*", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Za-z][A-Za-z.'’-]*")
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


class UnreadablePhones(Unreadable):
    """The cell of phones beside the names is at fault, not that of the names."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a cell names; no phone is ``""``."""

    name: str
    phone: str = ""
    stand_in: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """What its user should look at: kind of finding and both messages, and whether it is about the phones."""

    kind: str
    message: str
    message_zh: str
    of_phone: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """What the cells of one role in one row say.

    Parameters
    ----------
    people
        In the order of the cell.
    vacant
        The cell says that nobody holds the role.
    stated
        The cell says anything at all; an empty one does not.
    """

    people: tuple[Person, ...] = ()
    vacant: bool = False
    stated: bool = False
    doubts: tuple[Doubt, ...] = ()


NOTHING: Final = People()


def read_people(names: str | None, phones: str | None, above: People = NOTHING) -> People:
    """People of one role in one row.

    Parameters
    ----------
    names
        Text of the cell that names them; phones may stand in it too.
    phones
        Text of the cell beside it with their phones, in the same order.
    above
        What the same cells of the row above said, for 同上.

    Raises
    ------
    UnreadablePhones
        A phone in its own cell that cannot be one, is hidden behind stars, or has nobody beside it.
    Unreadable
        The same of a phone beside a name; a text that names nobody; 同上 below nothing.
    """
    text = unicodedata.normalize("NFKC", names or "").strip()
    if _DITTO.fullmatch(text):
        if not above.stated:
            raise Unreadable(
                "nothing-above",
                f"“{text}” stands below an empty cell: write the name.",
                f"“{text}”上方没有内容，请填写姓名。",
            )
        return replace(above, doubts=())
    if not text:
        return _no_name(phones)
    if _is_vacant(text):
        return People(vacant=True, stated=True)
    people, doubts = _named(text)
    try:
        numbers = _numbers(phones)
    except Unreadable as fault:
        raise UnreadablePhones(fault.kind, fault.message, fault.message_zh) from fault
    people, more = _with_phones(people, numbers)
    return People(tuple(people), stated=True, doubts=(*doubts, *more))


def names_nobody(text: str) -> bool:
    """Whether a cell of names says that there is nobody: 空缺, 暂缺, 无."""
    return _is_vacant(unicodedata.normalize("NFKC", text))


def _is_vacant(text: str) -> bool:
    return _VACANT.fullmatch(re.sub(r"[\s()]+", "", text).casefold()) is not None


def _no_name(phones: str | None) -> People:
    text = unicodedata.normalize("NFKC", phones or "").strip()
    if not text or _is_vacant(text) or _DITTO.fullmatch(text) is not None:
        return NOTHING
    raise UnreadablePhones(
        "phone-without-name",
        f"There is a phone ({_shown(text)}) and nobody's name beside it.",
        f"有电话（{_shown(text)}）但没有姓名，请补填姓名。",
    )


def _named(text: str) -> tuple[list[Person], list[Doubt]]:
    """People of a cell of names, with the phones and marks that stand beside each."""
    people: list[Person] = []
    doubts: list[Doubt] = []
    for part in _PARTS.split(_LABELS.sub("", text)):
        for kind, value in _tokens(part):
            if kind == "name":
                people += [Person(name) for name in _names(value)]
            elif not people:
                raise _nobody(text)
            elif kind == "phone":
                people[-1], doubt = _given(people[-1], value)
                doubts += doubt
            else:
                people[-1], doubt = _marked(people[-1], value)
                doubts += doubt
    if not people:
        raise _nobody(text)
    if len(people) > MOST_PEOPLE:
        raise Unreadable(
            "too-many-people",
            f"The cell names {len(people)} people; at most {MOST_PEOPLE}.",
            f"一个单元格中有 {len(people)} 人，最多 {MOST_PEOPLE} 人。",
        )
    return people, doubts


def _tokens(part: str) -> list[tuple[str, str]]:
    """Names, phones and marks of one part, in order."""
    tokens: list[tuple[str, str]] = []
    place = 0
    found = sorted([*_PHONE.finditer(part), *_MARK.finditer(part)], key=lambda match: match.start())
    for match in found:
        if match.start() < place:
            continue
        _add_name(tokens, part[place : match.start()])
        inner = match[1] if match.re is _MARK else None
        if inner is not None and _PHONE.fullmatch(inner.strip()):
            tokens.append(("phone", inner.strip()))
        elif inner is not None:
            tokens.append(("mark", inner.strip()))
        else:
            tokens.append(("phone", match[0]))
        place = match.end()
    _add_name(tokens, part[place:])
    return tokens


def _add_name(tokens: list[tuple[str, str]], text: str) -> None:
    bare = text.strip(" \t:：.。()-—")
    if bare:
        tokens.append(("name", bare))


def _names(text: str) -> list[str]:
    """Names in a text without separators but blanks: 张 三 is one name, 张三 李四 are two."""
    if re.search(r"\d{5,}|(?<!\S)\d+(?!\S)", text):
        raise Unreadable(
            "unclear-name",
            f"“{_shown(text)}” is neither a name nor a whole phone number.",
            f"“{_shown(text)}”既不是姓名，也不是完整的电话号码，请核对。",
        )
    words = text.split()
    if len(words) == 1 or all(_LETTERS.fullmatch(word) for word in words):
        return [" ".join(words)]
    if all(len(word) == 1 for word in words):
        if len(words) <= 3:
            return ["".join(words)]
        raise Unreadable(
            "unclear-name",
            f"“{_shown(text)}”: where does one name end? Put 、 between people.",
            f"“{_shown(text)}”无法区分姓名，请用“、”分隔。",
        )
    if len(words) == 2 and (_COMPOUND_SURNAMES.fullmatch(words[0]) or len(words[0]) == 1 or len(words[1]) == 1):
        return ["".join(words)]
    return _joined(words)


def _joined(words: Sequence[str]) -> list[str]:
    """Words as names, single characters joined in pairs: 张 三 李四 is 张三 and 李四."""
    names: list[str] = []
    half = ""
    for word in words:
        if len(word) > 1 or not _CHINESE.fullmatch(word):
            names += [half] if half else []
            half = ""
            names.append(word)
        elif half:
            names.append(half + word)
            half = ""
        else:
            half = word
    return [*names, half] if half else names


def _given(person: Person, text: str) -> tuple[Person, list[Doubt]]:
    """A person with the phone beside the name; the first of several stays."""
    phone = _phone(text)
    if person.phone and person.phone != phone:
        return person, [_second_phone(person, phone)]
    return replace(person, phone=phone), []


def _marked(person: Person, mark: str) -> tuple[Person, list[Doubt]]:
    bare = mark.casefold()
    if _STAND_IN.fullmatch(bare):
        return replace(person, stand_in=True), []
    if _PRIMARY.fullmatch(bare):
        return person, []
    return person, [
        Doubt(
            "mark-left-out",
            f"“({mark})” beside {person.name} is left out.",
            f"{person.name} 后的“（{mark}）”已忽略。",
        )
    ]


def _numbers(phones: str | None) -> list[str]:
    """Phones of the cell beside the names; 同上 and 无 are none."""
    text = unicodedata.normalize("NFKC", phones or "").strip()
    if not text or _DITTO.fullmatch(text) is not None or _is_vacant(text):
        return []
    # A phone with a letter in it would else be cut to its first digits.
    if re.search(r"[A-Za-z0-9*●×]", _PHONE.sub("", _LABELS.sub("", text))):
        return [_phone(text)]
    return [_phone(match[0]) for match in _PHONE.finditer(text)] or [_phone(text)]


def _phone(text: str) -> str:
    value = read_phone(text.strip())
    return value if isinstance(value, str) else str(value.value)


def _with_phones(people: Sequence[Person], numbers: Sequence[str]) -> tuple[list[Person], list[Doubt]]:
    """People with the phones of the cell beside them, in order."""
    if not numbers:
        return list(people), []
    lacking = [person for person in people if not person.phone]
    if len(people) == 1 and len(numbers) > 1:
        first = people[0].phone or numbers[0]
        others = [number for number in numbers if number != first]
        return [replace(people[0], phone=first)], [_second_phone(people[0], number) for number in others]
    if len(numbers) == len(people):
        return [
            replace(person, phone=person.phone or number) for person, number in zip(people, numbers, strict=True)
        ], []
    held = dict(zip(lacking, numbers, strict=False))
    doubt = Doubt(
        "phones-do-not-match",
        f"{len(people)} people and {len(numbers)} phones: given to the first ones in order.",
        f"有 {len(people)} 人、{len(numbers)} 个电话，数量不一致，按先后顺序对应。",
        of_phone=True,
    )
    return [replace(person, phone=person.phone or held.get(person, "")) for person in people], [doubt]


def _second_phone(person: Person, phone: str) -> Doubt:
    return Doubt(
        "second-phone",
        f"{person.name} has a second phone, which is left out: one is kept.",
        f"{person.name} 有第二个电话（{phone[:3]}…），只保留第一个。",
        of_phone=True,
    )


def _nobody(text: str) -> Unreadable:
    return Unreadable(
        "unclear-name",
        f"“{_shown(text)}” names nobody: write the name, or 空缺 where nobody holds the role.",
        f"“{_shown(text)}”中没有姓名：请填写姓名；无人担任时填“空缺”。",
    )


def _shown(text: str) -> str:
    return re.sub(r"\s+", " ", text)[:30]
