"""What the printed coverage report says, in Chinese and in English."""

from collections.abc import Mapping
from typing import Final

from service.maps.words import Language

COUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "households": ("户", "households"),
    "persons": ("人", "persons"),
    "addresses": ("个地址", "addresses"),
    "elderly": ("位老人", "older people"),
    "children": ("名儿童", "children"),
}

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("步行服务圈覆盖报告", "Walking coverage report"),
    "headline": (
        "{place} {whole} {unit}中，步行 {minutes} 分钟内可达服务站点的占 {share}，尚有 {outside} {unit}在服务圈外",
        "Of {whole} {unit} in {place}, {share} reach a service station within {minutes} minutes' walk; "
        "{outside} do not",
    ),
    "headline_all": (
        "{place}全部 {whole} {unit}步行 {minutes} 分钟内都可达服务站点。",
        "All {whole} {unit} in {place} reach a service station within {minutes} minutes' walk.",
    ),
    "headline_sites": (
        "；再设 {stations} 个站点，可新增覆盖 {gained} {unit}",
        "; {stations} more stations would reach {gained} of them",
    ),
    "headline_one": ("；再设 1 个站点，可新增覆盖 {gained} {unit}", "; one more station would reach {gained} of them"),
    "headline_nobody": (
        "{place}没有登记的{unit}，无法计算覆盖率。",
        "No {unit} are registered in {place}: there is no share to state.",
    ),
    "stop": ("。", "."),
    "share": ("覆盖率", "Share reached"),
    "outside": ("服务圈外", "Not reached"),
    "stations": ("计入站点", "Stations counted"),
    "off_network": ("住处不在步行网络上", "Homes off the network"),
    "before": ("与 {on} 相比", "Since {on}"),
    "points": ("{change} 个百分点", "{change} points"),
    "map_title": ("各网格覆盖率与缺口", "Share reached by grid, and gaps"),
    "map_title_sites": ("各网格覆盖率、缺口与建议站点", "Share reached by grid, gaps and proposed stations"),
    "legend_share": ("网格内{unit}的覆盖率", "Share of {unit} reached, by grid"),
    "legend_none": ("无数据", "no count"),
    "legend_station": ("服务站点", "service station"),
    "legend_gap": ("缺口（编号见表）", "gap (see table)"),
    "legend_site": ("建议站点", "proposed station"),
    "ranking": ("各{level}排名（由低到高）", "Ranking by {level}, the least reached first"),
    "rank": ("序", "No."),
    "name": ("名称", "Name"),
    "whole": ("总数", "In all"),
    "change_since": ("较 {on}（百分点）", "Since {on} (points)"),
    "gaps": ("最大的缺口", "The largest gaps"),
    "where": ("位置", "Where"),
    "count": ("{unit}", "{unit}"),
    "nearest": ("最近站点", "Nearest station"),
    "minutes": ("步行分钟", "Minutes' walk"),
    "no_way": ("步行不可达", "no way on foot"),
    "no_gaps": ("没有缺口。", "There are no gaps."),
    "sites": ("建议新增站点", "Where the next stations help most"),
    "gained": ("新增覆盖", "Gained"),
    "share_after": ("届时覆盖率", "Share then"),
    "method": ("方法", "Method"),
    "method_text": (
        "覆盖按步行网络上的实际用时逐户判定：从住处或小区出入口出发，以 {kmh} 公里/小时（{profile}）沿可步行道路到达"
        "至少一个站点不超过 {minutes} 分钟。不走无通道的河流、铁路和围墙，直线距离和图上圈形不参与判定。",
        "Each home is judged by its time on the walking network: from the home, or the gate of its compound, at {kmh} "
        "km/h ({profile}) to at least one station in no more than {minutes} minutes. Nobody crosses a river, railway "
        "or wall without a crossing; straight lines and drawn circles decide nothing.",
    ),
    "basis": ("数据", "Data"),
    "basis_text": (
        "站点与网格截至 {as_of}；步行网络与户数为现状（路网 {network_on}）。",
        "Stations and grids as of {as_of}; network and households as they are now (network of {network_on}).",
    ),
    "selection": ("只计：{selection}。", "Counted only: {selection}."),
    "estimated": (
        "{share} 的数为按楼栋或面积分摊的估算值。",
        "{share} of the count is an estimate, spread over buildings or area.",
    ),
    "stations_off": ("不在步行网络上、未计入的站点：{names}。", "Off the network and not counted: {names}."),
    "stations_cut": (
        "靠近路网数据边界、服务圈可能偏小的站点：{names}。",
        "Near the border of the street data, so that their circles may be too small: {names}.",
    ),
    "more": ("等 {count} 个", "and others, {count} in all"),
    "releases": ("网格版本", "Release of the grids"),
    "made_on": ("制作日期", "Made on"),
    "approval": ("审图号", "Map approval number"),
    "everywhere": ("全域", "The whole area"),
    "grid": ("网格", "grid"),
    "near": ("{street}附近", "near {street}"),
}


def report_words(lang: Language) -> Mapping[str, str]:
    """All words of the report in a language."""
    return {name: pair[lang == "en"] for name, pair in _WORDS.items()}
