"""What the stand-alone map says, in Chinese and in English; data keeps its own names."""

from collections.abc import Mapping
from typing import Final

from service.maps.words import LANGUAGES, Language

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title_of_grids": ("{place}地图", "Grid map: {place}"),
    "title": ("{place}网格地图", "Grid map: {place}"),
    "kept": (
        "离线地图：显示的是 {time} 的数据，不会自动更新。",
        "A map to keep: what it shows is of {time}, and does not change by itself.",
    ),
    "live": ("查看实时地图", "Open the live map"),
    "release": ("第 {number} 版，自 {day} 起施行", "Release {number}, in force since {day}"),
    "approval": ("审图号：{number}", "Map approval no. {number}"),
    "version": ("数据版本 {version}", "Data version {version}"),
    "search": ("查找网格、社区或服务站点", "Find a grid, a community or a station"),
    "search_hint": ("输入名称或编码", "A name or code"),
    "found_none": ("没有找到“{text}”", "Nothing is called “{text}”"),
    "found_more": ("还有 {count} 个，请再输入几个字", "{count} more: type a little more"),
    "intro": (
        "点击地图上的网格，查看由谁负责、如何联系。",
        "Click a grid to see who answers for it, and how to reach them.",
    ),
    "map": (
        "地图：拖动移动，滚轮或双指缩放；方向键移动，加减键缩放",
        "Map: drag to move, wheel or two fingers to zoom; arrow keys move, plus and minus zoom",
    ),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "whole": ("全图", "Whole map"),
    "list": ("网格列表", "List of grids"),
    "legend": ("图例", "Legend"),
    "legend_grid": ("网格，相邻的颜色不同", "Grids: neighbours differ in colour"),
    "legend_community": ("社区（村）界", "Border of a community"),
    "legend_street": ("街道（乡镇）界", "Border of a street or town"),
    "legend_station": ("服务站点", "Service station"),
    "legend_chosen": ("选中的网格", "The chosen grid"),
    "code": ("编码", "Code"),
    "households": ("{count} 户", "{count} households"),
    "urban": ("城镇网格", "urban grid"),
    "rural": ("乡村网格", "rural grid"),
    "people": ("负责人员", "Who answers"),
    "no_people": ("没有登记的负责人员。", "Nobody is on record."),
    "stand_in": ("代班", "stand-in"),
    "on_leave": ("休假", "on leave"),
    "hours": ("工作时间 {hours}", "Hours {hours}"),
    "via": ("{level}", "of the {level}"),
    "call": ("拨打 {name}", "Call {name}"),
    "matters": ("找谁办事", "Whom to call for what"),
    "promised": ("承诺 {length} 内办结", "promised within {length}"),
    "stations": ("最近的服务站点（直线距离）", "Nearest stations, in a straight line"),
    "metres": ("{count} 米", "{count} m"),
    "kilometres": ("{count} 公里", "{count} km"),
    "grids_of": ("{count} 个网格", "{count} grids"),
    "no_area": ("未登记社区", "No community on record"),
    "north": ("北", "N"),
    "no_script": ("本文件需要浏览器启用脚本。", "This file needs scripts to be enabled."),
}


def standalone_words(lang: Language) -> Mapping[str, str]:
    """The words of the stand-alone map, of its page and of its script."""
    return {name: texts[LANGUAGES.index(lang)] for name, texts in _WORDS.items()}
