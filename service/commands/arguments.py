"""What options of ``gridmap`` are written as."""

import getpass

from pydantic import ValidationError

from geodata.errors import InputError, SetupError
from service.settings import Settings


def operator_settings() -> Settings:
    """What the operator has set.

    Raises
    ------
    SetupError
        A setting cannot be read; in words that can be acted on.
    """
    try:
        return Settings()
    except ValidationError as invalid:
        first = invalid.errors()[0]
        name = "GRIDMAP_" + "_".join(str(part) for part in first["loc"]).upper()
        said = first["msg"].removeprefix("Value error, ")
        raise SetupError(
            f"the setting {name} cannot be used: {said}", f"设置 {name} 无法使用：{said}", setting=name
        ) from None


def actor() -> str:
    """Who a change or a record says has done it."""
    return f"command line: {getpass.getuser()}"


def row_range(text: str) -> tuple[int, int]:
    """First and last row of ``3`` or ``3-5``.

    Raises
    ------
    InputError
        It is neither.
    """
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal() and 1 <= int(first) <= int(last or first)):
        raise InputError(
            f"--header-rows takes a row or a range such as 3-5, not {text[:20]!r}.",
            f"--header-rows 应为行号或范围，例如 3-5，而不是“{text[:20]}”。",
            option="--header-rows",
        )
    return int(first), int(last or first)


def field_and_column(text: str) -> tuple[str, str]:
    """Field and column of ``field=COLUMN``.

    Raises
    ------
    InputError
        There is no equals sign.
    """
    field, equals, column = text.partition("=")
    if not equals:
        raise InputError(f"--map {text!r} has no “=”: write field=COLUMN", f"--map“{text}”缺少等号：请写成 字段=列名")
    return field.strip(), column.strip()


def share_of_all(text: str) -> float:
    """A share between 0 and 1 of ``90%``, ``90 %`` or ``0.9``.

    Raises
    ------
    InputError
        It is none, or not above 0 and at most all.
    """
    plain = text.strip().replace("％", "%")
    number, percent = plain.removesuffix("%").strip(), plain.endswith("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise InputError(
            f"--share takes a share such as 90% or 0.9, not {text[:20]!r}.",
            f"--share 应为覆盖率，例如 90% 或 0.9，而不是“{text[:20]}”。",
            option="--share",
        )
    return share
