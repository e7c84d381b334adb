"""Counts by building, address or grid: fields that everybody has, and as many more as a file has columns for."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from geodata.errors import InputError
from geodata.intake.fields import LAYER, Field, Kind, code_field

PREFIX: Final = "count."
MOST_COUNTS: Final = 20

_NAME = re.compile(r"[^\W\d]\w{0,39}")
# What every answer about coverage has already.
_TAKEN: Final = ("households", "persons", "addresses", "area_m2", "places", "level", "code", "name", "off_network")

_PLACES: Final = ("building", "address", "grid")
_COUNTED: Final = (f"{PREFIX}elderly", f"{PREFIX}children", f"{PREFIX}disabled", f"{PREFIX}events")

COUNTS = Kind(
    "counts",
    (
        code_field("统计编码", required=False),
        Field("building", "code", ("楼栋编码", "楼栋", "楼栋名称", "楼号"), refers="buildings"),
        Field("address", "code", ("地址编码", "标准地址编码", "门牌编码")),
        Field("grid", "code", ("网格编码", "网格代码", "网格编号", "网格", "grid_code")),
        LAYER,
        Field(
            f"{PREFIX}elderly",
            "count",
            ("老年人", "老年人数", "老人", "老人数", "老年人口", "60岁以上", "65岁以上", "elderly"),
            label_en="elderly",
        ),
        Field(
            f"{PREFIX}children",
            "count",
            ("儿童", "儿童数", "儿童人数", "未成年人", "children"),
            label_en="children",
        ),
        Field(
            f"{PREFIX}disabled",
            "count",
            ("残疾人", "残疾人数", "残障人士", "disabled"),
            label_en="disabled people",
        ),
        Field(
            f"{PREFIX}events",
            "count",
            ("事件", "事件数", "事件数量", "案件数", "工单数", "工单", "诉求数", "events", "rows"),
            label_en="events",
        ),
    ),
    # Not of the grid, whose counts are known by it: those of the others would get other codes than they have.
    code_from=("building", "address"),
    makes_codes=True,
    # A summary of rows by area and grid names both in one column, and says in another which it is.
    coded_by=("grid", "level"),
    aids=(Field("level", "text", ("级别", "层级")),),
    one_of=(_PLACES, _COUNTED),
    label="统计数据",
    label_en="counts by place or grid",
)


def public_names(text: str) -> tuple[str, ...]:
    """Names of counts in a list with commas, each once.

    Raises
    ------
    ValueError
        One of them is no name that a count can have.
    """
    names = tuple(dict.fromkeys(name for part in text.replace("，", ",").split(",") if (name := part.strip())))
    for name in names:
        if not _NAME.fullmatch(name) or name in _TAKEN:
            raise ValueError(f"{name[:40]!r} is not the name of a loaded count, such as events")
    return names


def with_counts(kind: Kind, fields: Iterable[str]) -> Kind:
    """The kind of counts with a field for each other count that somebody names; every other kind as it is.

    Parameters
    ----------
    fields
        Names of fields that columns were named for, those of counts as ``count.NAME``.

    Raises
    ------
    InputError
        A count has no name that can be asked for, or there are too many.
    """
    if kind.name != COUNTS.name:
        return kind
    known = {field.name for field in kind.fields}
    more = [name for name in dict.fromkeys(fields) if name.startswith(PREFIX) and name not in known]
    for name in more:
        own = name.removeprefix(PREFIX)
        if not _NAME.fullmatch(own) or own in _TAKEN:
            raise InputError(
                f"{own[:40]!r} cannot be the name of a count: use letters, digits and _, and none of "
                f"{', '.join(_TAKEN)}.",
                f"“{own[:40]}”不能作为统计名称：请用字母、数字和下划线，且不能是 {'、'.join(_TAKEN)}。",
                field=name[:60],
            )
    if len(known) + len(more) > MOST_COUNTS:
        raise InputError(f"There can be {MOST_COUNTS} counts at most.", f"统计项最多 {MOST_COUNTS} 个。")
    where, counted = kind.one_of
    added = tuple(Field(name, "count") for name in more)
    return replace(kind, fields=(*kind.fields, *added), one_of=(where, (*counted, *more)))
