"""Numbers as they are written and said: 125, 一百二十五, 一二五, 幺二五, 廿三, 百二, 1百25, 壹佰贰拾伍."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from geodata.address.sounds import SYLLABLES, readings

MOST_SPOKEN = 9999
UNIT_WORDS = "号弄栋幢座单室楼层巷段期区院队组邻户房门排街路道支条级"

_SPOKEN = "零一二三四五六七八九"
_CHEQUE = "零壹贰叁肆伍陆柒捌玖"
_ALONE = frozenset(_SPOKEN + "〇")  # names hold the others too: 陆家嘴, 伍家岗, 老幺
_DIGITS = {character: value for numerals in (_SPOKEN, _CHEQUE) for value, character in enumerate(numerals)}
_DIGITS |= {"〇": 0, "幺": 1}
_UNITS = frozenset("十拾百佰千仟")
_SCORES = {"廿": 20, "卅": 30, "卌": 40}
_PLACES = ((1000, "thousands"), (100, "hundreds"), (10, "tens"))
_TO_CHEQUE = str.maketrans(_SPOKEN + "十百千", _CHEQUE + "拾佰仟")
_ASCII_DIGITS = frozenset("0123456789")
_RUN_CHARACTERS = frozenset((*_DIGITS, *_UNITS, *_SCORES, *_ASCII_DIGITS, "两"))
_CALLED = {"洞": 0, "两": 2, "拐": 7, "勾": 9}
"""Digits as they are called out beside 幺; most are found in names too: 龙洞, 两江, 拐子巷."""
_LEAST_CALLED = 3
_RUN = re.compile(f"[{''.join(sorted((*_RUN_CHARACTERS, *_CALLED)))}]+")
_NONZERO = "一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_BY_UNITS = re.compile(
    f"(?P<thousands>[{_NONZERO}两0-9][千仟]|[千仟](?=[{_NONZERO}]))?"
    f"(?P<hundreds>(?:[零〇]?[{_NONZERO}两0-9]|(?<![千仟零〇])(?=[百佰][{_NONZERO}十拾廿卅0-9零〇]))[百佰])?"
    f"(?:[零〇]?(?:(?P<tens>[{_NONZERO}0-9]?[十拾])|(?P<score>[廿卅卌])))?"
    f"(?:(?P<zero>[零〇])?(?P<ones>[{_NONZERO}](?![零〇十拾百佰千仟]))|(?P<tail>(?<=[百佰])[0-9]{{1,2}}(?![0-9])))?"
)
_HEARD_AS = dict(
    zip(
        ("yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu", "ling", "shi", "bai", "qian", "yao"),
        "一二三四五六七八九零十百千幺",
        strict=True,
    )
)
_LONGEST_HEARD = 9


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text.

    Attributes
    ----------
    value
        Canonical: ``125``; with the letters that belong to it in upper case, ``12A``, ``B3``.
    start, end
        Its place in the text, half-open.
    how
        ``digits``; ``chinese``, by tens and hundreds or one numeral; ``spoken``, digit by digit; ``heard``, with
        homophones of numerals.
    """

    value: str
    start: int
    end: int
    how: str


def numbers(text: str) -> list[Number]:
    """All numbers of a folded text, each as long as it can be, in order, none inside another.

    Notes
    -----
    A run of numerals is cut where it can be no single number: 二十一三零一 is 21 and 301, 五零二十一 is 50 and 21. Said
    short, 一百二 is 120 and 百五 150. 幺 and the numerals of cheques count in longer runs and beside a unit word only:
    陆家嘴 has no number. Called out, 幺洞拐 is 107 and 两三六 236. A single letter beside digits belongs to them, a
    word in Latin letters does not.
    """
    return [number for run in _RUN.finditer(text) for number in _cut(text, run.start(), run.end())]


def heard(text: str) -> list[Number]:
    """Numbers that a folded text has if some characters stand for numerals that sound the same: 一百而十五号 is 125.

    Only directly before a unit word, with a true numeral in them, and read by exact syllables. They overlap what
    `numbers` finds and are a second guess: 是一号 gives 11.
    """
    found = (_heard_before(text, position) for position, character in enumerate(text) if character in UNIT_WORDS)
    return [number for number in found if number is not None]


def counted_otherwise(text: str) -> tuple[str, ...]:
    """A text with a number of two digits and more in the other script: 南十六道街 is 南16道街, 16号大街 十六号大街.

    Of 东四十二条 both are given, 东42条 and 东四12条.
    """
    found = [one for one in numbers(text) if one.value.isdigit() and 9 < int(one.value) <= MOST_SPOKEN]
    if len(found) != 1 or found[0].how not in ("digits", "chinese"):
        return ()
    start, end, value = found[0].start, found[0].end, int(found[0].value)
    if found[0].how == "digits":
        return (f"{text[:start]}{spoken(value)[0]}{text[end:]}",)
    others = [f"{text[:start]}{value}{text[end:]}"]
    if 20 <= value < 100 and text[start + 1] == "十":
        others.append(f"{text[: start + 1]}{10 + value % 10}{text[end:]}")
    return tuple(others)


def spoken(value: int) -> tuple[str, ...]:
    """Ways to say a number from 0 to 9999, the usual one first; `numbers` reads each of them back.

    Raises
    ------
    ValueError
        The number is out of that range.
    """
    if not 0 <= value <= MOST_SPOKEN:
        raise ValueError(f"{value} is not between 0 and {MOST_SPOKEN}")
    usual = _by_tens(value)
    by_digit = "".join(_SPOKEN[int(digit)] for digit in str(value))
    ways = [usual, by_digit, by_digit.replace("零", "〇")]
    if value > 9:
        ways += [by_digit.replace("一", "幺"), usual.translate(_TO_CHEQUE)]
    if usual.startswith("一十"):
        ways.insert(0, usual[1:])
    if 20 < value < 50 or value in (20, 30, 40):
        ways.append("廿卅卌"[value // 10 - 2] + usual[2:])
    ways += _said_short(value, usual)
    return tuple(dict.fromkeys(ways))


# --- reading ---


def _cut(text: str, start: int, end: int) -> Iterator[Number]:
    position = start
    while position < end:
        number = _number_at(text, position, end)
        if number is None:
            position += 1
        else:
            yield number
            position = number.end


def _number_at(text: str, start: int, end: int) -> Number | None:
    """The longest number that begins here; digits before anything but a unit are what they are."""
    if text[start] in _ASCII_DIGITS and (start + 1 >= end or text[start + 1] not in _UNITS):
        return _plain(text, start)
    return _by_units(text, start, end) or _plain(text, start) or _digit_by_digit(text, start, end)


def _plain(text: str, start: int) -> Number | None:
    end = _past_digits(text, start)
    if end == start:
        return None
    value = text[start:end].lstrip("0") or "0"
    first = start - _letter_before(text, start)
    last = end + _letter_after(text, end)
    return Number((text[first:start] + value + text[end:last]).upper(), first, last, "digits")


def _past_digits(text: str, start: int) -> int:
    end = start
    while end < len(text) and text[end] in _ASCII_DIGITS:
        end += 1
    return end


def _is_letter(text: str, position: int) -> bool:
    return 0 <= position < len(text) and "a" <= text[position] <= "z"


def _letter_before(text: str, start: int) -> int:
    return int(_is_letter(text, start - 1) and not _is_letter(text, start - 2))


def _letter_after(text: str, end: int) -> int:
    begins_another = end + 1 < len(text) and text[end + 1] in _ASCII_DIGITS  # 3d302 is 3 and D302
    return int(_is_letter(text, end) and not _is_letter(text, end + 1) and not begins_another)


def _digit_by_digit(text: str, start: int, end: int) -> Number | None:
    position = _past_called(text, start, end)
    if position == start:
        position = _past_numerals(text, start, end, _DIGITS)
    if position == start or not _counts(text, start, position):
        return None
    value = "".join(str({**_DIGITS, **_CALLED}[one]) for one in text[start:position]).lstrip("0") or "0"
    return Number(value, start, position, "spoken" if position - start > 1 else "chinese")


def _past_called(text: str, start: int, end: int) -> int:
    """Where digits that are called out end: beside 幺, or three of them and more; never 洞 first."""
    stop = _past_numerals(text, start, end, _DIGITS.keys() | _CALLED.keys())
    run = text[start:stop]
    called = any(character in _CALLED for character in run) and run[0] != "洞"
    return stop if called and (len(run) >= _LEAST_CALLED or "幺" in run) else start


def _past_numerals(text: str, start: int, end: int, numerals: Collection[str]) -> int:
    """Where a run of numerals ends, at the latest before one that a unit follows."""
    position = start
    while position < end and text[position] in numerals:
        if position > start and position + 1 < end and text[position + 1] in _UNITS:
            break
        position += 1
    return position


def _counts(text: str, start: int, end: int) -> bool:
    """Whether what may be part of a name is a number here."""
    alone = end - start == 1 and text[start] not in _ALONE
    return not alone or _beside_unit_word(text, end)


def _beside_unit_word(text: str, end: int) -> bool:
    return end < len(text) and text[end] in UNIT_WORDS


def _by_units(text: str, start: int, end: int) -> Number | None:
    """A number of thousands, hundreds and tens; None if none of them is there."""
    match = _BY_UNITS.match(text, start, end)
    assert match is not None  # all its parts are optional
    if match.lastgroup is None or not _stands(text, match):
        return None
    total = sum(unit * _coefficient(match[name]) for unit, name in _PLACES if match[name] is not None)
    total += _SCORES.get(match["score"] or "", 0)
    if match["tail"]:
        total += int(match["tail"])
    elif match["ones"]:
        total += _DIGITS[match["ones"]] * (1 if match["zero"] else _short_for(match))
    return Number(str(total), start, match.end(), "chinese")


def _coefficient(part: str) -> int:
    leading = part[0]
    if leading in _UNITS:
        return 1
    return int(leading) if leading in _ASCII_DIGITS else 2 if leading == "两" else _DIGITS[leading]


def _short_for(match: re.Match[str]) -> int:
    """What a last numeral counts: one after tens, and a tenth of the unit before it otherwise, 一百二."""
    if match["tens"] or match["score"]:
        return 1
    return 10 if match["hundreds"] else 100


def _stands(text: str, match: re.Match[str]) -> bool:
    """Whether it has a unit, and a numeral beside 百 and 千, which begin many names."""
    written = match[0]
    if len(written) > 1:
        return any(match[name] for _, name in _PLACES) or bool(match["score"])
    return written in "十廿卅卌" or (written == "拾" and _beside_unit_word(text, match.end()))


def _heard_before(text: str, end: int) -> Number | None:
    """The longest number before a unit word that homophones can stand for."""
    written = ""
    found: Number | None = None
    for start in range(end - 1, max(end - _LONGEST_HEARD, 0) - 1, -1):
        numeral = _as_numeral(text[start])
        if numeral is None:
            break
        written = numeral + written
        true = sum(character in _RUN_CHARACTERS for character in text[start:end])
        if 0 < true < end - start and (read := _whole(written)) is not None:
            found = Number(read, start, end, "heard")
    return found


def _as_numeral(character: str) -> str | None:
    if character in _RUN_CHARACTERS:
        return character
    syllables = (SYLLABLES[number - 1] for number in readings(character)[:1])
    return next((_HEARD_AS[syllable] for syllable in syllables if syllable in _HEARD_AS), None)


def _whole(written: str) -> str | None:
    read = numbers(written)
    return read[0].value if len(read) == 1 and (read[0].start, read[0].end) == (0, len(written)) else None


# --- saying ---


def _by_tens(value: int) -> str:
    """一千零五十: each unit that is there, one 零 for those between that are not."""
    if value < 10:
        return _SPOKEN[value]
    said, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            said += ("零" if gap and said else "") + _SPOKEN[digit] + name
            gap = False
        else:
            gap = True
    return said


def _said_short(value: int, usual: str) -> list[str]:
    """两百 for 二百, 百二十五 for 一百二十五, 一百二 for 一百二十, 1百25."""
    ways: list[str] = []
    if "二百" in usual or "二千" in usual:
        ways.append(usual.replace("二百", "两百").replace("二千", "两千"))
    if 100 < value < 200:
        ways.append(usual[1:])
    if value > 100 and value % 100 and value % 10 == 0 and value // 100 % 10:
        ways.append(usual[:-1])
    if value > 1000 and value % 1000 and value % 100 == 0:
        ways.append(usual[:-1])
    if 100 < value < 1000 and value % 100 > 9:
        ways.append(f"{value // 100}百{value % 100}")
    return ways
