"""Weekly hours as people write them, in Chinese or loose English → the OSM ``opening_hours`` syntax."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from geodata.errors import HoursError

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

_CHINESE = re.compile(r"[一-鿿]")
_TRADITIONAL = str.maketrans("週點時號國開閉館間節關診禮雙營業務無線單", "周点时号国开闭馆间节关诊礼双营业务无线单")
_DASHES = re.compile(r"\s*[-‐-―−~〜～]\s*")

_WEEK = r"(?:周|星期|礼拜)"
_NAMED = "一二三四五六日天1234567"
# A digit is a day unless it begins a time.
_DAY_NAME = r"(?:[一二三四五六日天]|[1-7](?![\d:点时]))"
_TO = r"\s*(?:-|至|到)\s*"
_PART = (
    r"(?P<{0}part>上午|早上|早晨|清晨|早|凌晨|中午|下午|午后|傍晚|晚上|晚间|夜间|晚|夜|当日|当天|次日|翌日|第二天)?\s*"
)
_CLOCK = (
    r"(?P<{0}hour>\d{{1,2}})"
    r"(?::(?P<{0}minute>\d{{1,2}})(?::00)?|[点时](?P<{0}spoken>半|一刻|三刻|整|\d{{1,2}}分?)?|(?![\d.]))"
)
_TIME = _PART + _CLOCK
_DONE = "营业|办公|工作|服务|开放|上班|接待|受理|值班|坐班|门诊"

_TOKENS: tuple[tuple[str, str], ...] = (
    ("span", _TIME.format("from_") + _TO + _TIME.format("to_")),
    (
        "always",
        r"(?:每周)?(?:7\s*[x×*]\s*24\s*(?:小时)?|24\s*(?:小时|h)|二十四小时|全天候|全天|全日|昼夜)(?:制|不打烊)?",
    ),
    ("days", rf"每?{_WEEK}(?P<first>{_DAY_NAME}){_TO}{_WEEK}?(?P<last>{_DAY_NAME})"),
    ("listed", rf"每?{_WEEK}(?P<names>{_DAY_NAME}(?:\s*[、,和及/]?\s*{_WEEK}?{_DAY_NAME})*)"),
    ("holidays", r"(?:国家)?(?:法定)?(?:公众|公共)?(?:国定假日|节假日|法定假日|公共假期|节日|假日|假期)"),
    ("weekend_and_holidays", "例假日"),
    ("workdays", "工作日|平日|上班日"),
    ("daily", "每周七天|每天|每日|天天|全年无休|全年|逐日"),
    ("weekend", r"周末|双休日|双休(?=[^\s,;。)]*\d)"),
    ("two_off", "双休"),
    ("one_off", "单休"),
    ("except", r"除(?!外)"),
    (
        "closed",
        "不上班|不办公|不开放|不营业|不接待|不对外|除外|休息|休馆|休诊|闭馆|关闭|关门|停诊|停业|放假|公休|休"
        r"|外(?=[\s,;。)]|$)",
    ),
    ("noise", rf"(?:{_DONE}|对外|作息)*(?:时间|时段)|{_DONE}|[为是均照常和及与,;。、:()\[\]\s/]"),
)
_TOKEN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _TOKENS))

_ENGLISH: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bmon(?:day)?s?\b\.?", re.IGNORECASE), "Mo"),
    (re.compile(r"\btue(?:s|sday)?s?\b\.?", re.IGNORECASE), "Tu"),
    (re.compile(r"\bwed(?:nesday)?s?\b\.?", re.IGNORECASE), "We"),
    (re.compile(r"\bthu(?:r|rs|rsday)?s?\b\.?", re.IGNORECASE), "Th"),
    (re.compile(r"\bfri(?:day)?s?\b\.?", re.IGNORECASE), "Fr"),
    (re.compile(r"\bsat(?:urday)?s?\b\.?", re.IGNORECASE), "Sa"),
    (re.compile(r"\bsun(?:day)?s?\b\.?(?!rise|set)", re.IGNORECASE), "Su"),
    (re.compile(r"\b(?:daily|every day)\b", re.IGNORECASE), "Mo-Su"),
    (re.compile(r"\b(?:weekdays|workdays)\b", re.IGNORECASE), "Mo-Fr"),
    (re.compile(r"\b(?:weekends?)\b", re.IGNORECASE), "Sa-Su"),
    (re.compile(r"\b(?:public )?holidays?\b", re.IGNORECASE), "PH"),
    (re.compile(r"\b(?:24 ?h(?:ours)?|around the clock)\b", re.IGNORECASE), "24/7"),
    (re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su|PH)\s*:\s+"), r"\1 "),
)


# The syntax takes holidays at the start or at the end of a list of days.
_DAY_LIST = re.compile(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:-\w\w)?(?:,(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:-\w\w)?)+\b(?!\[)")


def _holidays_last(days: list[str]) -> list[str]:
    return sorted(days, key=lambda day: day == "PH") if "PH" in days[1:] else days


def opening_hours_text(text: str) -> str:
    """Hours in the OSM syntax, not checked by a parser yet, from what somebody wrote; empty for an empty text.

    Raises
    ------
    HoursError
        Chinese words that are no hours, or a time of day that there is not.
    """
    written = unicodedata.normalize("NFKC", text).translate(_TRADITIONAL).strip().strip(";,。.")
    if _CHINESE.search(_unquoted(written)):
        return _Reading(_DASHES.sub("-", written)).text()
    return _outside_quotes(written, _english)


def _unquoted(text: str) -> str:
    return re.sub(r'"[^"]*"', "", text)


def _outside_quotes(text: str, change: Callable[[str], str]) -> str:
    pieces = re.split(r'("[^"]*")', text)
    return "".join(piece if place % 2 else change(piece) for place, piece in enumerate(pieces))


def _english(text: str) -> str:
    for pattern, meant in _ENGLISH:
        text = pattern.sub(meant, text)
    # A dash between times or days has no blanks; before a count of days it is a sign.
    text = _DAY_LIST.sub(lambda found: ",".join(_holidays_last(found[0].split(","))), text)
    text = re.sub(r"(?<=[\w\])])\s*[-‐-―−~〜～]\s*(?=[\w(])(?!\d+ ?days?\b)", "-", text)
    return re.sub(r"(?<=\d:\d\d)\s*,\s*(?=\d)", ",", text)


@dataclass
class _Rule:
    days: list[str] = field(default_factory=list)
    spans: list[str] = field(default_factory=list)
    closed: bool = False

    def text(self) -> str:
        what = "off" if self.closed else ",".join(self.spans)
        return " ".join(part for part in (",".join(_holidays_last(self.days)), what) if part)


class _Reading:
    """Reads Chinese hours piece by piece into rules: days, then what holds on them, until other days are named."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._rules: list[_Rule] = []
        self._rule = _Rule()
        self._workdays = False

    def text(self) -> str:
        """The rules in OSM syntax; days off come last, for they are meant whatever else is said."""
        for token in self._tokens():
            getattr(self, f"read_{token.lastgroup}")(token)
        self._finish()
        if not self._rules:
            raise _unreadable(self._source)
        if self._workdays and not any("PH" in rule.days for rule in self._rules):
            self._rules.append(_Rule(["PH"], closed=True))
        if all(rule.closed for rule in self._rules):
            self._rules.append(_Rule(["Mo-Su"]))
        rules = sorted(self._rules, key=lambda rule: rule.closed)
        if [rule.text() for rule in rules] in (["00:00-24:00"], ["Mo-Su 00:00-24:00"]):
            return "24/7"
        return "; ".join(rule.text() for rule in rules)

    def _tokens(self) -> Iterator[re.Match[str]]:
        place = 0
        while place < len(self._source):
            token = _TOKEN.match(self._source, place)
            if token is None or token.end() == place:
                raise _unreadable(self._source[place:])
            yield token
            place = token.end()

    def _finish(self) -> None:
        if self._rule.days or self._rule.spans:
            self._rules.append(self._rule)
        self._rule = _Rule()

    def _on(self, *days: str) -> None:
        if self._rule.spans:
            self._finish()
        self._rule.days += [day for day in days if day not in self._rule.days]

    def _off(self, *days: str) -> None:
        self._finish()
        self._rules.append(_Rule(list(days), closed=True))

    def read_noise(self, _token: re.Match[str]) -> None:
        """Words that say nothing about when."""

    def read_span(self, token: re.Match[str]) -> None:
        begin, end = _minutes(token, "from_"), _minutes(token, "to_")
        part = token["from_part"] or ""
        if token["to_part"] is None and part in _AFTERNOON and end < 720 and end + 720 > begin:
            end += 720
        if token["to_part"] is None and part in _MORNING and end <= begin:
            raise HoursError(
                f"{token[0]!r} ends before it begins: write times from 0:00 to 24:00",
                f"“{token[0]}”结束早于开始，请使用24小时制",
                piece=token[0],
            )
        if begin == end:
            raise HoursError(f"{token[0]!r} has no length", f"“{token[0]}”没有时长", piece=token[0])
        self._rule.spans.append(f"{_clock(begin)}-{_clock(end)}")

    def read_always(self, _token: re.Match[str]) -> None:
        self._rule.spans.append("00:00-24:00")

    def read_days(self, token: re.Match[str]) -> None:
        self._on(f"{_day(token['first'])}-{_day(token['last'])}")

    def read_listed(self, token: re.Match[str]) -> None:
        self._on(*(_day(name) for name in token["names"] if name in _NAMED))

    def read_holidays(self, _token: re.Match[str]) -> None:
        self._on("PH")

    def read_weekend_and_holidays(self, _token: re.Match[str]) -> None:
        self._on("Sa", "Su", "PH")

    def read_workdays(self, _token: re.Match[str]) -> None:
        self._workdays = True
        self._on("Mo-Fr")

    def read_daily(self, _token: re.Match[str]) -> None:
        self._on("Mo-Su")

    def read_weekend(self, _token: re.Match[str]) -> None:
        self._on("Sa", "Su")

    def read_two_off(self, _token: re.Match[str]) -> None:
        self._off("Sa", "Su")

    def read_one_off(self, _token: re.Match[str]) -> None:
        self._off("Su")

    def read_except(self, _token: re.Match[str]) -> None:
        self._finish()

    def read_closed(self, token: re.Match[str]) -> None:
        if self._rule.spans or not self._rule.days:
            raise _unreadable(token[0])
        self._rule.closed = True
        self._finish()


_MORNING = ("上午", "早上", "早晨", "清晨", "早", "凌晨")
_AFTERNOON = ("下午", "午后", "傍晚", "晚上", "晚间", "夜间", "晚", "夜")


def _minutes(token: re.Match[str], side: str) -> int:
    """Minutes since midnight of one side of a span."""
    hour, spoken = int(token[f"{side}hour"]), token[f"{side}spoken"] or ""
    quarters = {"半": 30, "一刻": 15, "三刻": 45, "整": 0, "": 0}
    minute = int(token[f"{side}minute"] or (quarters[spoken] if spoken in quarters else spoken.rstrip("分")))
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise HoursError(
            f"{hour}:{minute:02d} is no time of day",
            f"“{hour}:{minute:02d}”不是有效的时刻",
            piece=f"{hour}:{minute:02d}",
        )
    if hour < 12 and token[f"{side}part"] in _AFTERNOON:
        hour += 12
    return hour * 60 + minute


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _day(name: str) -> str:
    return DAYS["一二三四五六日".index(name.replace("天", "日"))] if name in "一二三四五六日天" else DAYS[int(name) - 1]


def _unreadable(piece: str) -> HoursError:
    return HoursError(
        f"hours cannot be read at {piece[:20]!r}: write for example Mo-Fr 08:30-12:00,14:00-17:30; PH off",
        f"服务时间在“{piece[:20]}”处无法识别，请写成例如：周一至周五 8:30-12:00，14:00-17:30，节假日休息",
        piece=piece[:20],
    )
