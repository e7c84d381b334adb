"""Words that Chinese addresses are made of: unit words of numbers, endings of names. All in folded characters."""

from enum import IntEnum
from typing import Final


class Unit(IntEnum):
    """What the unit word after a number says that it numbers."""

    BARE = 0
    SEGMENT = 1
    GROUP = 2
    LANE = 3
    DOOR = 4
    SECTION = 5
    BUILDING = 6
    STOREY = 7
    ENTRANCE = 8
    FLOOR = 9
    ROOM = 10
    NEIGHBOURHOOD = 11


class Slot(IntEnum):
    """The places for numbers in an address, from the widest to the narrowest."""

    SEGMENT = 0
    GROUP = 1
    LANE = 2
    ALLEY = 3
    DOOR = 4
    SECTION = 5
    BUILDING = 6
    ENTRANCE = 7
    FLOOR = 8
    ROOM = 9


SLOTS: Final = len(Slot)

UNIT_WORDS: Final[dict[str, Unit]] = {
    "段": Unit.SEGMENT,
    "村民小组": Unit.GROUP,
    "村民组": Unit.GROUP,
    "居民组": Unit.GROUP,
    "小组": Unit.GROUP,
    "组": Unit.GROUP,
    "生产队": Unit.GROUP,
    "队": Unit.GROUP,
    "社": Unit.GROUP,
    "坊": Unit.GROUP,
    "街坊": Unit.GROUP,
    "弄": Unit.LANE,
    "支弄": Unit.LANE,
    "支巷": Unit.LANE,
    "巷": Unit.LANE,
    "号": Unit.DOOR,
    "号院": Unit.DOOR,
    "号大院": Unit.DOOR,
    "号门牌": Unit.DOOR,
    "公里": Unit.DOOR,
    "公里处": Unit.DOOR,
    "号小区": Unit.DOOR,
    "期": Unit.SECTION,
    "区": Unit.SECTION,
    "组团": Unit.SECTION,
    "号楼": Unit.BUILDING,
    "号楼栋": Unit.BUILDING,
    "号栋": Unit.BUILDING,
    "号幢": Unit.BUILDING,
    "号座": Unit.BUILDING,
    "#楼": Unit.BUILDING,
    "#": Unit.BUILDING,
    "栋": Unit.BUILDING,
    "栋楼": Unit.BUILDING,
    "幢": Unit.BUILDING,
    "幢楼": Unit.BUILDING,
    "座": Unit.BUILDING,
    "排": Unit.BUILDING,
    "楼": Unit.STOREY,
    "楼栋": Unit.BUILDING,
    "单元": Unit.ENTRANCE,
    "号单元": Unit.ENTRANCE,
    "单元门": Unit.ENTRANCE,
    "门栋": Unit.ENTRANCE,
    "号门": Unit.ENTRANCE,
    "门": Unit.ENTRANCE,
    "梯": Unit.ENTRANCE,
    "层": Unit.FLOOR,
    "层楼": Unit.FLOOR,
    "f": Unit.FLOOR,
    "室": Unit.ROOM,
    "号室": Unit.ROOM,
    "号房": Unit.ROOM,
    "房": Unit.ROOM,
    "房间": Unit.ROOM,
    "户": Unit.ROOM,
    "邻": Unit.NEIGHBOURHOOD,
}
"""Unit words by what they number; the longest that fits is meant."""

LONGEST_UNIT_WORD: Final = max(map(len, UNIT_WORDS))

LETTER_UNITS: Final = frozenset({Unit.BUILDING, Unit.DOOR, Unit.SECTION, Unit.ENTRANCE, Unit.STOREY, Unit.ROOM})
"""What a letter alone may number: A座, B区."""

STEMS: Final = "甲乙丙丁戊己庚辛"
"""Added to a number: 12号甲, 甲12号."""

MARKS: Final = "临特"
"""Put before a number as those are: 临12号, 特1号."""

AREA_ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    "province": ("特别行政区", "自治区", "省"),
    "city": ("自治州", "地区", "盟", "市"),
    "district": (
        "高新技术产业开发区", "经济技术开发区", "工业园区", "开发区", "高新区", "经开区", "保税区", "度假区", "风景区",
        "自治县", "自治旗", "新区", "林区", "特区", "区", "县", "旗", "市",
    ),
    "street": ("街道办事处", "街道", "办事处", "苏木", "地区", "镇", "乡"),
    "community": ("社区居民委员会", "社区居委会", "村民委员会", "居民委员会", "村委会", "居委会", "社区", "嘎查", "村"),
}  # fmt: skip
"""Endings of names of areas by level, the longest first."""

ROAD_ENDINGS: Final = (
    "高速公路", "国道", "省道", "县道", "公路", "大街", "大道", "胡同", "北路", "南路", "东路", "西路", "中路", "支路",
    "环路", "辅路", "路", "街", "道", "巷", "弄", "里弄", "夹道", "条", "坊", "径",
)  # fmt: skip

COMPOUND_ENDINGS: Final = (
    "家属院", "家属楼", "宿舍", "小区", "花园", "家园", "佳苑", "公寓", "新村", "华庭", "名邸", "雅居", "花苑", "嘉园",
    "雅苑", "别墅", "公馆", "山庄", "名苑", "庭院", "广场", "大厦", "中心", "工业园", "产业园", "工业区", "科技园",
    "商城", "大院", "新城", "名城", "豪庭", "豪苑", "豪园", "嘉苑", "佳园", "家苑", "馨苑", "馨园", "名园", "名都",
    "雅园", "丽苑", "景苑", "花城", "华府", "国际城", "别院", "苑", "园", "里", "村", "城", "府", "湾", "庄", "邸",
    "寓", "居", "院", "坊", "庭", "轩", "阁", "郡", "墅", "台",
)  # fmt: skip

ROAD_LIGHT: Final = frozenset("路街道巷弄")
"""What people leave out or say another way at the end of a road's name."""

NUMERAL_VALUES: Final[dict[str, int]] = {
    **{str(value): value for value in range(10)},
    **{character: value for value, character in enumerate("零一二三四五六七八九十")},
    "〇": 0, "两": 2, "幺": 1, "廿": 20, "卅": 30, "百": 100, "千": 1000,
}  # fmt: skip
"""Characters that tell names apart by number: 和泰一路 is never 和泰二路."""

DIRECTIONS: Final = "东西南北中上下前后左右内外新老大小"
"""Characters that tell names apart by place: 香港东路 is never 香港西路."""
