"""What the wall map says, in Chinese and in English."""

from collections.abc import Mapping
from typing import Final

from service.maps.words import Language

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("{place}{layer}网格图", "{layer}grid map of {place}"),
    "title_alone": ("{layer}网格图", "{layer}grid map"),
    "again": ("{name}（续）", "{name} (continued)"),
    "scan": ("扫码看实时地图", "Scan for the live map"),
    "grids": ("网格", "Grids"),
    "grid_count": ("{count} 个", "{count}"),
    "households": ("户数", "Households"),
    "household_count": ("{count} 户", "{count}"),
    "persons": ("人口", "Residents"),
    "person_count": ("{count} 人", "{count}"),
    "area": ("面积", "Area"),
    "square_kilometres": ("{area} 平方公里", "{area} km²"),
    "hectares": ("{area} 公顷", "{area} ha"),
    "stations": ("服务站点", "Service stations"),
    "station_count": ("{count} 个", "{count}"),
    "legend": ("图例", "Legend"),
    "legend_grid": ("网格（颜色只为区分）", "Grid (colours only tell apart)"),
    "legend_border": ("{level}界", "{level} border"),
    "legend_grid_border": ("网格界", "Grid border"),
    "legend_station": ("服务站点", "Service station"),
    "legend_station_dot": ("服务站点", "Service station"),
    "legend_street": ("道路", "Street"),
    "legend_rail": ("铁路", "Railway"),
    "legend_water": ("水域", "Water"),
    "legend_green": ("绿地", "Green"),
    "legend_building": ("建筑", "Building"),
    "legend_none": ("无数据", "No data"),
    "legend_count": ("{count} 个网格", "{count} grids"),
    "register": ("网格与负责人", "Grids and people"),
    "register_note": ("户数 · 负责人", "households · people"),
    "register_short": ("网格一览", "Grids"),
    "areas": ("{level}一览", "By {level}"),
    "no_area": ("未划入社区", "In no community"),
    "nobody": ("暂无人员", "nobody"),
    "scale": ("比例尺 1∶{scale}", "Scale 1 : {scale}"),
    "release": ("第 {number} 版（{day} 起）", "Release {number} (from {day})"),
    "as_of": ("数据日期 {day}", "Data of {day}"),
    "made_on": ("印制 {day}", "Printed {day}"),
    "datum": ("坐标系 WGS 84", "Datum WGS 84"),
    "approval": ("审图号：{number}", "Approval number: {number}"),
    "unknown": ("–", "–"),
}


def wall_words(lang: Language) -> Mapping[str, str]:
    """All words in one language."""
    return {name: pair[lang == "en"] for name, pair in _WORDS.items()}
