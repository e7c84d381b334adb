"""What boards say themselves, in Chinese and in English; data keeps its own names."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from service.maps.words import LANGUAGES, Language

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title_grid": ("{name}公示牌", "{name}"),
    "title_compound": ("{name}公示牌", "{name}"),
    "title_community": ("{name}网格公示牌", "{name}"),
    "kicker": ("", "Notice board"),
    "separator": (" · ", " · "),
    "households": ("户数", "Households"),
    "persons": ("人口", "People"),
    "area": ("面积", "Area"),
    "compounds": ("小区", "Compounds"),
    "buildings": ("楼栋", "Buildings"),
    "grids": ("网格", "Grids"),
    "unit_households": ("户", ""),
    "unit_persons": ("人", ""),
    "unit_km2": ("平方千米", "km²"),
    "unit_m2": ("平方米", "m²"),
    "unit_ha": ("万平方米", "ha"),
    "unit_compounds": ("个", ""),
    "unit_buildings": ("栋", ""),
    "unit_grids": ("个", ""),
    "plan_grid": ("网格示意图", "Where the grid is"),
    "plan_compound": ("小区与网格示意图", "The compound and its grids"),
    "plan_community": ("网格划分示意图", "The grids"),
    "no_plan": ("暂无图形数据", "Nothing says where it is"),
    "here": ("您在这里", "You are here"),
    "own_grid": ("本网格 · 您在这里", "this grid: you are here"),
    "own_compound": ("本小区 · 您在这里", "this compound: you are here"),
    "own_community": ("本社区", "this community"),
    "chart": ("组织架构", "Who works with whom"),
    "people": ("有事请找", "Whom to call"),
    "nobody": ("本网格暂无责任人，请拨打服务热线", "Nobody has this duty now: please call a hotline"),
    "nobody_community": ("本社区暂无责任人，请拨打服务热线", "Nobody has this duty now: please call a hotline"),
    "nobody_known": ("暂无责任人", "Nobody has this duty now"),
    "vacant_known": ("暂缺", "nobody now"),
    "vacant": ("暂缺，请拨打服务热线", "nobody now: call a hotline"),
    "stand_in": ("代班", "stand-in"),
    "duties": ("职责", "What each does"),
    "matters": ("什么事找谁", "Which matter goes to whom"),
    "matter": ("事项", "Matter"),
    "responsible": ("责任人 / 部门", "Who"),
    "phone": ("电话", "Phone"),
    "promised": ("承诺时限", "Done within"),
    "starred": ("＊ 拨打服务热线，由热线转办", "＊ call the hotline, which passes it on"),
    "stations": ("服务站点", "Service stations"),
    "walk": ("步行", "walk"),
    "minutes": ("{minutes} 分钟", "{minutes} min"),
    "straight": ("步行时间按直线距离估算", "Walking times are estimates by straight lines"),
    "crow": ("直线 {metres} 米", "{metres} m in a straight line"),
    "hotlines": ("服务热线", "Hotlines"),
    "scan": ("扫码看实时网格图", "Scan for the live map"),
    "scan_more": ("责任人、电话、站点随时更新", "people, phones and stations as they are now"),
    "more": ("另有 {count} 项，扫码查看", "{count} more: scan the code"),
    "more_no_link": ("另有 {count} 项未列出", "{count} more not listed"),
    "release": ("网格版本 {number}", "Release {number}"),
    "release_day": ("网格版本 {number}（{day} 起）", "Release {number}, from {day}"),
    "made": ("制版日期 {day}", "Printed {day}"),
    "approval": ("审图号：{number}", "Map approval: {number}"),
    "stated": ("户数、人口为填报数", "Counts as stated"),
    "two_hours": ("{count} 小时", "{count} h"),
    "days": ("{count} 天", "{count} d"),
    "in_minutes": ("{count} 分钟", "{count} min"),
    "always": ("全天", "day and night"),
    "closed": ("休息", "closed"),
    "daily": ("每天", "daily"),
    "holidays": ("节假日", "holidays"),
    "grid": ("网格", "Grids"),
    "building": ("楼栋", "Buildings"),
    "compound": ("小区", "Compounds"),
    "others": ("等 {count} 人", "and others, {count} in all"),
    "legend_station": ("服务站点", "service station"),
    "gone": ("网格“{name}”已撤销", "The grid “{name}” no longer exists"),
    "gone_choose": ("现由以下网格负责：", "These grids lie there now:"),
    "on_map": ("在地图上查看", "Show on the map"),
    "print_as": ("打印 {size}", "Print {size}"),
    "size_A4": ("A4", "A4"),
    "size_A3": ("A3", "A3"),
    "size_600x900": ("灯箱 600×900", "light box 600×900"),
    "findings": ("公示牌检查", "What is wrong with this board"),
    "no_findings": ("未发现问题。", "Nothing was found."),
    "plan_alt": ("{name}示意图", "Plan of {name}"),
}

_DAYS: Final = {
    "Mo": ("周一", "Mon"),
    "Tu": ("周二", "Tue"),
    "We": ("周三", "Wed"),
    "Th": ("周四", "Thu"),
    "Fr": ("周五", "Fri"),
    "Sa": ("周六", "Sat"),
    "Su": ("周日", "Sun"),
    "PH": ("节假日", "holidays"),
}


@lru_cache(maxsize=2)
def board_words(lang: Language) -> Mapping[str, str]:
    """The words of boards."""
    return {name: texts[LANGUAGES.index(lang)] for name, texts in _WORDS.items()}


def promised(minutes: int | None, lang: Language) -> str:
    """A promised time as people say it; empty for none."""
    words = board_words(lang)
    if minutes is None:
        return ""
    if minutes % 1440 == 0:
        return words["days"].format(count=minutes // 1440)
    return (
        words["two_hours"].format(count=minutes // 60)
        if minutes % 60 == 0
        else words["in_minutes"].format(count=minutes)
    )


def way_told(minutes: float | None, metres: float | None, lang: Language) -> str:
    """How far a station is: the walk, else the straight distance where no street leads from here; empty for neither."""
    words = board_words(lang)
    if minutes is not None:
        return f"{words['walk']} {words['minutes'].format(minutes=f'{minutes:g}')}"
    return "" if metres is None else words["crow"].format(metres=f"{metres:,.0f}")


@lru_cache(maxsize=512)
def hours_told(hours: str, lang: Language) -> str:
    """Weekly hours in OSM ``opening_hours`` syntax as people read them; as they are where that is not simple.

    Notes
    -----
    A rule that only closes on holidays is left out: that goes without saying on a wall.
    """
    words, place = board_words(lang), LANGUAGES.index(lang)
    if hours in ("", "24/7"):
        return words["always"] if hours else ""
    told = []
    for rule in hours.split(";"):
        days, _, times = rule.strip().partition(" ")
        if not times:
            days, times = ("", days) if days[:1].isdigit() else (days, "")
        if times in ("closed", "off") and days == "PH":
            continue
        named = _days_told(days, place)
        if named is None or not all(sign in "0123456789:-, +" for sign in times):
            return hours
        span = (
            times.replace("-", "–").replace(",", "、" if place == 0 else ", ").replace("00:00–24:00", words["always"])
        )
        told.append(" ".join(part for part in (named, span) if part))
    return ("；" if place == 0 else "; ").join(told)


def _days_told(days: str, place: int) -> str | None:
    if days in ("", "Mo-Su"):
        return _WORDS["daily"][place]
    parts = []
    for part in days.split(","):
        ends = [_DAYS.get(one) for one in part.split("-")]
        if not 1 <= len(ends) <= 2 or None in ends:
            return None
        parts.append(("至" if place == 0 else "–").join(one[place] for one in ends if one is not None))
    return ("、" if place == 0 else ", ").join(parts)
