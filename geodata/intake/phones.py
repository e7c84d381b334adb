"""Stage 2a for phones: one number that can be dialled, written one way."""

import re
from typing import Any

from geodata.intake.cells import WHOLE_WITH_POINT, Doubted, Unreadable, as_text, damaged_number, is_scientific, normal

_LEAST_DIGITS, _MOST_DIGITS = 3, 15
_LOCAL_DIGITS = 7
_MOBILE_DIGITS = 11
_LONGEST = 100

_MASKED = re.compile(r"\d[\d\s-]*[*•●×xX]{2,}|[*•●×xX]{2,}[\s-]*\d")
_EXTENSION = re.compile(
    r"^(?P<number>.*?\d)\s*(?:转|轉|分机|分機|ext\.?|extension|#)[:：\s]*(?P<extension>\d{1,8})$", re.I
)
_BETWEEN_PHONES = re.compile(r"[/、,;|\n\r\t，；或及和]+")
_BLANKS = re.compile(r"\s{2,}")
_ONLY_DIALLED = re.compile(r"[\d\s()+\-.‐-―−—~]+")
_COUNTRY = re.compile(r"^(?:\+|00)?86[\s-]*(?=1[3-9])")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_MAYBE_MOBILE = re.compile(r"1[3-9]\d+")
_TWO_MOBILES = re.compile(r"1[3-9](?:[\s-]?\d){9}[\s-]*1[3-9](?:[\s-]?\d){9}")


def read_phone(value: Any) -> str | Doubted:
    """Phone as it is kept: a mobile number as its eleven digits, any other as written, full-width forms made plain.

    Raises
    ------
    Unreadable
        ``masked-phone``, ``two-phones``, ``letters-in-phone``, ``unlikely-phone``, or a number that lost its digits.
    """
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(value, float) and not value.is_integer():
        raise Unreadable("unreadable-phone", f"{value} is not a phone number.", f"“{value}”不是电话号码。")
    text = as_text(value, longest=_LONGEST, keep_lines=True)
    if _MOBILE.fullmatch(text):
        return text
    if is_scientific(text):
        raise damaged_number(text)
    text = normal(text)
    whole = WHOLE_WITH_POINT.fullmatch(text)
    text = whole[1] if whole else text
    _refuse_masked(text)
    _refuse_two(text)
    plain = _dialled(text)
    if numeric and re.fullmatch(r"[2-9]\d{8,10}", plain):
        return _lost_zero(plain)
    return plain


def _dialled(text: str) -> str:
    extension = _EXTENSION.match(text)
    number = extension["number"] if extension else text
    if not _ONLY_DIALLED.fullmatch(number):
        raise Unreadable(
            "letters-in-phone",
            f"{text[:40]!r} is not only digits: write the number alone, such as 13800000000 or 0531-88880000转801.",
            f"“{text[:40]}”含有数字以外的内容，请只填号码，例如 13800000000 或 0531-88880000转801。",
        )
    number = _COUNTRY.sub("", number)
    digits = re.sub(r"\D", "", number)
    _refuse_length(text, digits)
    if _MOBILE.fullmatch(digits) and not extension:
        return digits
    return text if extension else number.strip()


def _refuse_masked(text: str) -> None:
    if "*" in text or _MASKED.search(text):
        raise Unreadable(
            "masked-phone",
            f"{text[:40]!r} is hidden behind stars, as in a masked export; loading it would destroy the number that is "
            "stored. Enter the full number, or leave the column out.",
            f"“{text[:40]}”是脱敏后的号码，导入会覆盖原号码。请填写完整号码，或不导入该列。",
        )


def _refuse_two(text: str) -> None:
    # A wide blank may also stand inside one number, between the area code and the rest.
    parted = _numbers(_BETWEEN_PHONES, text, _LEAST_DIGITS) > 1 or _numbers(_BLANKS, text, _LOCAL_DIGITS) > 1
    if parted or _TWO_MOBILES.search(text):
        raise Unreadable(
            "two-phones",
            f"{text[:40]!r} holds more than one number: keep the one that is answered.",
            f"“{text[:40]}”含有多个号码，请只保留一个能接通的号码。",
        )


def _numbers(between: re.Pattern[str], text: str, least_digits: int) -> int:
    return sum(len(re.findall(r"\d", part)) >= least_digits for part in between.split(text))


def _refuse_length(text: str, digits: str) -> None:
    if not _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS:
        raise Unreadable(
            "unlikely-phone",
            f"{text[:40]!r} has {len(digits)} digits; a phone number has {_LEAST_DIGITS} to {_MOST_DIGITS}.",
            f"“{text[:40]}”有 {len(digits)} 位数字，电话号码应为 {_LEAST_DIGITS} 至 {_MOST_DIGITS} 位。",
        )
    if len(digits) in (_MOBILE_DIGITS - 1, _MOBILE_DIGITS + 1) and _MAYBE_MOBILE.fullmatch(digits):
        raise Unreadable(
            "unlikely-phone",
            f"{text[:40]!r} has {len(digits)} digits; a mobile number has {_MOBILE_DIGITS}.",
            f"“{text[:40]}”有 {len(digits)} 位数字，手机号应为 {_MOBILE_DIGITS} 位。",
        )


def _lost_zero(plain: str) -> Doubted:
    return Doubted(
        plain,
        "lost-zero",
        f"{plain} was held as a number, so a 0 before it (an area code) may be lost: check it, format the column as "
        "text.",
        f"“{plain}”被存成了数字，区号前的 0 可能已丢失，请核对并将该列设为文本格式。",
    )
