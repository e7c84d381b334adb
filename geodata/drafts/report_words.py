"""Headings and words of the report about a draft, in Chinese and English."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from geodata.exchange.sheets import DEGREES, ONE_DECIMAL, PERCENT, PLAIN, TEXT, TWO_DECIMALS, WHOLE, Column

Language = Literal["zh", "en"]
Words = tuple[str, str]
"""Chinese, English."""

TITLES: Final[Mapping[str, Words]] = {
    "summary": ("概要", "Summary"),
    "grids": ("网格", "Grids"),
    "communities": ("社区", "Communities"),
    "grid_flows": ("网格间流向", "From grid to grid"),
    "community_flows": ("社区间流向", "Between communities"),
    "stations": ("服务站点", "Stations"),
    "duties": ("职责变化", "Duties"),
    "workloads": ("工作量", "Workloads"),
    "findings": ("问题", "Findings"),
    "notes": ("说明", "Notes"),
}

_CODE: Final = ((("编码", "Code"), 18, TEXT), (("名称", "Name"), 20, TEXT))
_COUNTS: Final = (
    (("户数", "Households"), 9, WHOLE),
    (("人数", "Persons"), 9, WHOLE),
    (("地址数", "Addresses"), 9, WHOLE),
    (("楼栋数", "Buildings"), 9, WHOLE),
    (("服务站点数", "Stations"), 9, WHOLE),
    (("其中估算户数", "Households estimated"), 11, WHOLE),
)
_PAIRED: Final = ("{}（前）", "{} before"), ("{}（后）", "{} after")

Heading = tuple[Words, float, str]


def _before_and_after(heading: Heading) -> tuple[Heading, Heading]:
    (chinese, english), width, form = heading
    (before_zh, before), (after_zh, after) = _PAIRED
    return (
        ((before_zh.format(chinese), before.format(english)), width + 2, form),
        ((after_zh.format(chinese), after.format(english)), width + 2, form),
    )


def _each(*headings: Heading) -> tuple[Heading, ...]:
    return tuple(one for heading in headings for one in _before_and_after(heading))


_WALKS: Final = (
    (("到最近站点步行分钟", "Minutes to a station"), 10, ONE_DECIMAL),
    (("15分钟内户数占比", "Within 15 minutes"), 10, PERCENT),
)

HEADINGS: Final[Mapping[str, Sequence[Heading]]] = {
    "summary": (
        (("指标", "Figure"), 44, TEXT),
        (("调整前", "Before"), 14, PLAIN),
        (("调整后", "After"), 24, PLAIN),
        (("变化", "Change"), 14, PLAIN),
    ),
    "grids": (
        (("变化", "Change"), 8, TEXT),
        *_CODE,
        *_each((("社区", "Community"), 14, TEXT), *_COUNTS[:2]),
        *_each((("是否达标", "In band"), 7, TEXT), (("面积（平方米）", "Square metres"), 11, WHOLE)),
        *_each((("Polsby–Popper", "Polsby–Popper"), 8, TWO_DECIMALS), (("Reock", "Reock"), 7, TWO_DECIMALS), *_WALKS),
    ),
    "communities": (
        (("变化", "Change"), 8, TEXT),
        *_CODE,
        *_each((("网格数", "Grids"), 8, WHOLE), *_COUNTS[:2], (("达标网格数", "Grids in band"), 9, WHOLE)),
        *_each((("每网格最少户数", "Fewest households"), 9, WHOLE), (("每网格最多户数", "Most households"), 9, WHOLE)),
        *_each((("变异系数", "Variation"), 8, TWO_DECIMALS), *_WALKS),
    ),
    "grid_flows": (
        (("原网格", "From grid"), 18, TEXT),
        (("原网格名称", "Name"), 20, TEXT),
        (("现网格", "To grid"), 18, TEXT),
        (("现网格名称", "Name"), 20, TEXT),
        *_COUNTS,
        (("面积（平方米）", "Square metres"), 12, WHOLE),
    ),
    "community_flows": (
        (("原社区", "From community"), 18, TEXT),
        (("原社区名称", "Name"), 20, TEXT),
        (("现社区", "To community"), 18, TEXT),
        (("现社区名称", "Name"), 20, TEXT),
        *_COUNTS,
        (("面积（平方米）", "Square metres"), 12, WHOLE),
    ),
    "stations": (
        *_CODE,
        *_each((("网格", "Grid"), 18, TEXT), (("社区", "Community"), 14, TEXT)),
    ),
    "duties": (
        (("变化", "Change"), 8, TEXT),
        (("对象", "Target"), 8, TEXT),
        (("原编码", "From"), 18, TEXT),
        (("现编码", "To"), 18, TEXT),
        (("岗位", "Role"), 18, TEXT),
        (("人员编号", "Holder"), 14, TEXT),
        (("姓名", "Name"), 14, TEXT),
        (("主副岗", "Assignment"), 10, TEXT),
    ),
    "workloads": (
        (("人员编号", "Holder"), 14, TEXT),
        (("姓名", "Name"), 14, TEXT),
        *_each((("网格数", "Grids"), 9, WHOLE), (("户数", "Households"), 10, WHOLE)),
        (("户数变化", "Households more"), 10, WHOLE),
    ),
    "findings": (
        (("级别", "Severity"), 8, TEXT),
        (("类型", "Kind"), 18, TEXT),
        (("编码", "Code"), 18, TEXT),
        (("内容", "What is found"), 90, TEXT),
        (("经度", "Longitude"), 12, DEGREES),
        (("纬度", "Latitude"), 12, DEGREES),
        (("是否新增", "New"), 8, TEXT),
    ),
    "notes": ((("项目", "Subject"), 24, TEXT), (("说明", "What it means"), 110, TEXT)),
}

VALUES: Final[Mapping[str | bool, Words]] = {
    "new": ("新增", "new"),
    "changed": ("调整", "changed"),
    "ended": ("撤销", "ended"),
    "ends": ("终止", "ends"),
    "inherited": ("继承", "inherited"),
    "grid": ("网格", "grid"),
    "area": ("区划", "area"),
    "primary": ("主岗", "primary"),
    "stand_in": ("副岗", "stand-in"),
    "error": ("错误", "error"),
    "warning": ("提醒", "warning"),
    "size-band": ("户数不达标", "size"),
    "across-barrier": ("跨越障碍", "divided"),
    "border-off-street": ("边界未沿道路", "border off street"),
    "nobody-on-duty": ("无责任人", "nobody on duty"),
    "many-parts": ("多块不相连", "several parts"),
    "sliver": ("碎片", "sliver"),
    "missing-community": ("未属社区", "no community"),
    "crosses-community": ("跨社区", "crosses community"),
    "counts-left": ("统计数不再适用", "counts of other ground"),
    "community-border": ("区划界线调整", "border of an area"),
    "other-layer": ("影响其他网格类型", "other layer"),
    "code-taken": ("编码重复", "code taken"),
    "name-twice": ("名称重复", "name twice"),
    "overlap": ("重叠", "overlap"),
    "gap": ("空隙", "gap"),
    "edge-mismatch": ("边界不重合", "borders do not match"),
    "outside": ("越出外边界", "outside"),
    "invalid-ring": ("图形无效", "invalid shape"),
    True: ("是", "yes"),
    False: ("否", "no"),
}

FIGURES: Final[Mapping[str, Words]] = {
    "draft": ("草案", "Draft"),
    "layer": ("网格类型", "Layer"),
    "base": ("基于版本", "Made from release"),
    "drawn_by": ("编制", "Drawn up by"),
    "written": ("生成时间", "Written at"),
    "grids": ("网格数", "Grids"),
    "judged": ("有户数标准的网格数", "Grids with a band of households"),
    "in_band": ("达标网格数", "Grids in the band"),
    "share_in_band": ("达标率", "Share in the band"),
    "least": ("每网格最少户数", "Fewest households of a grid"),
    "median": ("每网格户数中位数", "Median households of a grid"),
    "mean": ("每网格平均户数", "Mean households of a grid"),
    "most": ("每网格最多户数", "Most households of a grid"),
    "variation": ("户数变异系数", "Coefficient of variation of households"),
    "empty": ("无住户网格数", "Grids without households"),
    "households": ("总户数", "Households of all grids"),
    "moved_households": ("调整网格的户数", "Households that change grid"),
    "moved_persons": ("调整网格的人数", "Persons that change grid"),
    "moved_buildings": ("调整网格的楼栋数", "Buildings that change grid"),
    "moved_stations": ("调整网格的服务站点数", "Stations that change grid"),
    "moved_community_households": ("调整社区的户数", "Households that change community"),
    "moved_community_persons": ("调整社区的人数", "Persons that change community"),
    "duties_ended": ("终止的职责", "Duties that end"),
    "duties_inherited": ("继承的职责", "Duties that are inherited"),
    "errors": ("错误", "Errors"),
    "warnings": ("提醒", "Warnings"),
}

NOTES: Final[Mapping[str, tuple[Words, Words]]] = {
    "households": (
        ("户数", "Households"),
        (
            "以标准地址库登记的户数为准，未登记的楼栋以楼栋户数为准；两者均无的网格按上报户数分摊到楼栋、地址或面积上，计为估算。",
            "Those of the register of addresses count, else those of buildings. Where a grid has neither, the number "
            "that it states is spread over its buildings, addresses or ground, and called estimated.",
        ),
    ),
    "persons": (
        ("人数", "Persons"),
        (
            "以标准地址库登记的人数为准；未登记的，按网格上报人数随户数分摊。",
            "Those of the register of addresses count. Where it has none, the number that a grid states is spread over "
            "its households.",
        ),
    ),
    "band": (("户数标准", "Band of households"), ("{bands_zh}", "{bands}")),
    "variation": (
        ("变异系数", "Coefficient of variation"),
        (
            "各网格户数的标准差除以平均数，0 表示完全均衡。",
            "Standard deviation of households divided by their mean; 0 is even.",
        ),
    ),
    "polsby": (
        ("Polsby–Popper", "Polsby–Popper"),
        (
            "紧凑度：4π×面积÷周长²，圆为 1，正方形为 0.79（Polsby 与 Popper，1991）。",
            "4π × area ÷ perimeter²: 1 for a circle, 0.79 for a square (Polsby and Popper, 1991).",
        ),
    ),
    "reock": (
        ("Reock", "Reock"),
        (
            "紧凑度：面积÷最小外接圆面积，圆为 1，正方形为 0.64（Reock，1961）。",
            "Area ÷ area of the smallest circle around it: 1 for a circle, 0.64 for a square (Reock, 1961).",
        ),
    ),
    "network": (
        ("步行时间", "Walks"),
        (
            "按步行路网计算，速度 {kmh:g} 公里/小时，取到最近服务站点的时间，按户数平均。",
            "Along the streets at {kmh:g} km/h to the nearest station, mean of the households.",
        ),
    ),
    "straight": (
        ("步行时间", "Walks"),
        (
            "没有步行路网，按直线距离以 {kmh:g} 公里/小时估算，实际时间只会更长。",
            "No streets are loaded: straight lines at {kmh:g} km/h. Real walks take longer.",
        ),
    ),
    "no_stations": (
        ("步行时间", "Walks"),
        ("没有服务站点，未计算。", "There are no stations: not worked out."),
    ),
}


def said(words: Words, language: Language) -> str:
    """Words in a language."""
    return words[language == "en"]


def columns_of(sheet: str, language: Language) -> list[Column]:
    """The columns of a sheet."""
    return [Column(said(words, language), width, form) for words, width, form in HEADINGS[sheet]]


def value_of(value: str | bool, language: Language) -> str:
    """A word of our own, or yes and no, in a language; what has no translation as it is."""
    known = VALUES.get(value)
    return str(value) if known is None else said(known, language)
