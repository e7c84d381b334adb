"""Instants: what people write and what PostgreSQL holds, as integer microseconds since 1970-01-01 UTC and back.

A text or cell without a zone is local time, `LOCAL_ZONE` where no other is given.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from geodata.errors import TimeError
from geodata.records import FOREVER_FROM, FOREVER_TO

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an instant; one without a zone is local time."""
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=LOCAL_ZONE)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def instant(micros: int) -> datetime:
    """UTC instant of microseconds since 1970-01-01; the open ends have none.

    Raises
    ------
    TimeError
        It lies outside the years 1 to 9999.
    """
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError as error:
        raise TimeError("The time lies outside the years 1 to 9999.", "时间超出 1 至 9999 年的范围。") from error


def open_end(micros: int) -> datetime | None:
    """UTC instant of the end of a period; None where it never ends."""
    return None if micros in (FOREVER_TO, FOREVER_FROM) else instant(micros)


def start_of(day: date, zone: ZoneInfo = LOCAL_ZONE) -> int:
    """Microseconds at which a local day begins."""
    return microseconds(datetime.combine(day, time(), zone))


def end_of(day: date, zone: ZoneInfo = LOCAL_ZONE) -> int:
    """Microseconds at which a local day ends: the next midnight."""
    return start_of(day + timedelta(days=1), zone) if day < date.max else FOREVER_TO


def parse_time(text: str, *, inclusive_end: bool = False, zone: ZoneInfo = LOCAL_ZONE) -> int:
    """Microseconds of a written date or date and time.

    Parameters
    ----------
    text
        ``2026-01-31``, ``2026/1/31``, ``2026.1.31``, ``2026年1月31日`` or ``20260131``, with or without
        ``08:00[:30[.5]]`` after a blank or ``T``, with or without ``Z`` or ``+08:00``. Full-width forms are understood.
    inclusive_end
        A date without a time means the end of that day, not its start: the ``to`` of files.
    zone
        Local time: of a text that names no zone.

    Raises
    ------
    TimeError
        It is no date, or no time of day.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    matched = _DAY.match(written) or _COMPACT_DAY.match(written)
    try:
        if matched is None:
            raise ValueError(written)
        day = date(*(int(part) for part in matched.groups()))
        rest = written[matched.end() :].strip().removeprefix("T").removeprefix("t").strip()
        if not rest:
            return end_of(day, zone) if inclusive_end else start_of(day, zone)
        clock = _CLOCK.fullmatch(rest)
        if clock is None:
            raise ValueError(rest)
        return microseconds(_with_clock(day, clock, zone))
    except (ValueError, OverflowError) as error:
        raise TimeError(
            f"{text[:40]!r} is not a time. Write 2026-01-31 or 2026-01-31T08:00:00+08:00.",
            f"“{text[:40]}”不是有效的时间，请写成 2026-01-31 或 2026-01-31 08:00。",
        ) from error


def _with_clock(day: date, clock: re.Match[str], local_zone: ZoneInfo) -> datetime:
    hours, minutes, seconds, fraction, zone = clock.groups()
    fraction_micros = int((fraction or ".0")[1:].ljust(6, "0"))
    whole_day = hours == "24" and int(minutes) == 0
    clock_time = time(0 if whole_day else int(hours), int(minutes), int(seconds or 0), fraction_micros)
    local = datetime.combine(day + timedelta(days=whole_day), clock_time)
    if zone is None:
        return local.replace(tzinfo=local_zone)
    return datetime.fromisoformat(local.isoformat() + zone.upper().replace("Z", "+00:00"))
