"""Hours in the normalised OSM ``opening_hours`` syntax as rules, each with the days that it is for.

The library reads the syntax and evaluates it; which rule says something of a day we must know ourselves, because it
knows no holidays but its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

from geodata.errors import HoursError
from geodata.people.written_hours import DAYS

LONGEST = 500

_PIECES = re.compile(r'("[^"]*")|(; |, | \|\| )')
_WEEKDAYS = re.compile(r"(?:PH|SH|Mo|Tu|We|Th|Fr|Sa|Su)(?![a-z])")
_ALWAYS = "24/7"
_TIMES = re.compile(r"24/7|\d\d:\d\d|\(|open|closed|unknown|\"")
_SUN = re.compile(r"sunrise|sunset|dawn|dusk")
_ONE = re.compile(r"(?P<first>PH|SH|Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?P<last>Mo|Tu|We|Th|Fr|Sa|Su))?(?:\[(?P<nth>[-\d,]+)\])?")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what stands before and after its days, and which days those are (None: every day)."""

    separator: str
    dates: str
    weekdays: frozenset[int] | None
    holidays: bool
    nth: tuple[tuple[int, int], ...]
    times: str

    @property
    def replaces(self) -> bool:
        """Whether it takes the place of the rules before it; hours off are only taken out of them."""
        off = "closed" in self.times.partition('"')[0]
        return self.separator in ("", "; ") and not (off and self.times[:1].isdigit())

    def holds(self, weekday: int, holiday: bool, nth: tuple[tuple[int, int], ...]) -> bool:
        """Whether it says something of a day: its weekday, whether it is a holiday, its places in its month."""
        if self.weekdays is None or weekday in self.weekdays or (holiday and self.holidays):
            return True
        return any(one in self.nth for one in nth)


@dataclass(frozen=True, slots=True)
class Rules:
    """Hours taken apart; ``weekly`` ones name no dates, so that a weekday says all."""

    rules: tuple[Rule, ...]
    weekly: bool


def hours_read(text: str) -> OpeningHours:
    """Hours as the library has them.

    Raises
    ------
    HoursError
        They cannot be read.
    """
    try:
        return OpeningHours(text)
    except (ParserError, ValueError) as error:
        raise HoursError(
            f"hours cannot be read: {text[:40]!r}. Write for example Mo-Fr 08:30-12:00,14:00-17:30; PH off",
            f"时间段“{text[:40]}”无法识别，请写成例如：周一至周五 8:30-12:00，14:00-17:30，节假日休息",
        ) from error


# Where nothing opens for long, a rule is asked on hundreds of days; reading it anew each time takes most of the time.
dates_read = lru_cache(maxsize=4096)(hours_read)


@lru_cache(maxsize=4096)
def rules_of(hours: str) -> Rules:
    """Hours as rules.

    Raises
    ------
    HoursError
        They cannot be read, or a rule cannot be kept.
    """
    if len(hours) > 2 * LONGEST:
        raise HoursError("the hours are too long", "时间段文字过长")
    rules = tuple(_rule(separator, text) for separator, text in _separated(str(hours_read(hours))))
    return Rules(rules, all(not rule.dates and not rule.nth for rule in rules))


def _separated(normal: str) -> Iterator[tuple[str, str]]:
    separator, rule = "", ""
    place = 0
    for found in _PIECES.finditer(normal):
        rule += normal[place : found.start()]
        place = found.end()
        if found[1]:
            rule += found[1]
        else:
            yield separator, rule
            separator, rule = found[2], ""
    yield separator, rule + normal[place:]


def _rule(separator: str, text: str) -> Rule:
    before_comment, quote, comment = text.partition('"')
    tokens = before_comment.split()
    if _SUN.search(before_comment):
        raise _not_kept("sunrise, sunset, dawn or dusk", "日出、日落等随季节变化的时间")
    place = next((place for place, word in enumerate(tokens) if _WEEKDAYS.match(word)), None)
    if place is None:
        end = next((place for place, word in enumerate(tokens) if _TIMES.match(word)), len(tokens))
        dates, times = tokens[:end], [word for word in tokens[end:] if word != _ALWAYS]
        return Rule(separator, " ".join(dates), None, False, (), _with_comment(times, quote + comment))
    dates, days, times = tokens[:place], tokens[place], tokens[place + 1 :]
    if len(times) > 1 and times[1].startswith("day"):
        raise _not_kept("days counted from another day", "相对某日推算的日期")
    weekdays: set[int] = set()
    nth: list[tuple[int, int]] = []
    holidays = False
    for one in _ONE.finditer(days):
        if one["first"] == "SH":
            raise _not_kept("school holidays (SH)", "学校假期（SH）")
        if one["first"] == "PH":
            holidays = True
        elif one["nth"]:
            nth += _nth_days(DAYS.index(one["first"]), one["nth"])
        else:
            first = DAYS.index(one["first"])
            last = DAYS.index(one["last"] or one["first"])
            weekdays.update((first + later) % 7 for later in range((last - first) % 7 + 1))
    return Rule(
        separator, " ".join(dates), frozenset(weekdays), holidays, tuple(nth), _with_comment(times, quote + comment)
    )


def _nth_days(weekday: int, written: str) -> Iterator[tuple[int, int]]:
    for number in written.split(","):
        first, _, last = number.rpartition("-") if not number.startswith("-") else ("", "", number)
        for place in range(int(first or last), int(last) + 1):
            yield weekday, place


def _with_comment(times: list[str], comment: str) -> str:
    return " ".join([*times, comment] if comment else times)


def _not_kept(what: str, what_zh: str) -> HoursError:
    return HoursError(f"hours cannot depend on {what}: write times of day", f"时间段不支持{what_zh}，请写明具体时间")
