"""What an asker by address should look at, in English and Chinese."""

from typing import Final

from geodata.address.normalize import LONGEST, Normal
from geodata.records import Area

Warning_ = dict[str, str]

REGISTER_IS_CURRENT: Final[Warning_] = {
    "code": "register-is-current",
    "message": "the register of addresses is kept as it is now: boundary and people are those of the time asked about, "
    "addresses are today's",
    "message_zh": "地址库只有现状：网格与人员为所问时间，地址为当前",
}
SWAPPED: Final[Warning_] = {
    "code": "looks-swapped",
    "message": "latitude stands before longitude: the two were exchanged",
    "message_zh": "纬度写在了经度之前，已对调",
}
DOOR_NEAR_BORDER: Final[Warning_] = {
    "code": "door-near-border",
    "message": "the number is not in the register, and the nearest known doors lie close to a border",
    "message_zh": "地址库中没有这个号码，最近的已知门牌靠近网格边界",
}
CROSSING_ON_BORDER: Final[Warning_] = {
    "code": "crossing-on-border",
    "message": "several grids meet at this crossing: ask which corner",
    "message_zh": "该路口位于多个网格交界处，请确认在哪个角",
}
DATUM_MATTERS: Final[Warning_] = {
    "code": "datum-matters",
    "message": "the coordinates do not say which map they are from, and their grid depends on it: say crs=EPSG:4326 "
    "(GPS), crs=GCJ-02 (AMap, Tencent) or crs=BD-09 (Baidu)",
    "message_zh": "坐标未注明来自哪种地图，而所属网格因此不同：请指定 crs=EPSG:4326（GPS）、"
    "crs=GCJ-02（高德、腾讯）或 crs=BD-09（百度）",
}
_SET_APART: Final = {
    "phone": ("a phone number", "电话号码"),
    "person": ("somebody's name", "人名"),
    "courier": ("words for a courier", "快递用语"),
    "speech": ("words around an address", "口语"),
    "identity": ("an identity number", "证件号码"),
    "postcode": ("a postcode", "邮政编码"),
    "bracket": ("a remark in brackets", "括号内的备注"),
    "relation": ("a direction or side", "方位词"),
}


def no_address(normal: Normal) -> Warning_:
    """The text has no address in it; what it has instead."""
    kinds = dict.fromkeys(one.kind for one in normal.aside if one.kind in _SET_APART)
    english = ", ".join(_SET_APART[kind][0] for kind in kinds)
    chinese = "、".join(_SET_APART[kind][1] for kind in kinds)
    return {
        "code": "no-address",
        "message": f"there is no address in the text{f', only {english}' if kinds else ''}",
        "message_zh": f"文本中没有地址{f'，只有{chinese}' if kinds else ''}",
    }


def text_was_cut() -> Warning_:
    """Only the beginning of the text was looked at."""
    return {
        "code": "text-cut",
        "message": f"only the first {LONGEST} characters were looked at",
        "message_zh": f"只读取了前 {LONGEST} 个字符",
    }


def found_elsewhere(area: Area) -> Warning_:
    """What is meant lies outside the area that was asked for."""
    return {
        "code": "found-elsewhere",
        "message": f"the register knows this address, but outside {area.name}",
        "message_zh": f"地址库中有该地址，但不在{area.name}内",
    }


def layer_not_sure(layer: str) -> Warning_:
    """In another layer than the one that decides the grid is not sure."""
    return {
        "code": "layer-not-sure",
        "message": f"in layer {layer} the address may lie in several grids: it is left out",
        "message_zh": f"网格类型“{layer}”中该地址可能属于多个网格，未列出",
        "layer": layer,
    }


def relation_reported(said: str) -> Warning_:
    """Words such as 对面 may lead across a border."""
    return {
        "code": "relation-crosses-border",
        "message": f"“{said}” may lie across a border: ask which side",
        "message_zh": f"“{said}”可能跨越网格边界，请确认在哪一侧",
    }


def datum_assumed(used: str) -> Warning_:
    """Coordinates in the text were taken for those of a system that it does not name."""
    return {
        "code": "datum-assumed",
        "message": f"the coordinates were taken for {used}; say crs=GCJ-02 (AMap, Tencent) or crs=BD-09 (Baidu) where "
        "they are from such a map",
        "message_zh": f"坐标按 {used} 读取；若来自高德、腾讯地图请指定 crs=GCJ-02，来自百度地图请指定 crs=BD-09",
    }
