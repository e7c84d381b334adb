"""What the dispatcher's page says, in Chinese and in English, besides what the map's card and the kit say."""

from collections.abc import Mapping
from typing import Any, Final

from service.maps.desk_words import kit_words
from service.maps.words import LANGUAGES, Language, map_words

_DISPATCH: Final[dict[str, tuple[str, str]]] = {
    "intro_title": ("来电人怎么说，就怎么输", "Type what the caller says, as it is said"),
    "intro_text": (
        "小区和楼号、路名和门牌、店名、路口、拼音、“对面”“旁边”都可以；听不准的字用同音字。",
        "Compound and building, road and number, a shop, a crossing, pinyin, “opposite”: as it is heard.",
    ),
    "intro_map": (
        "也可以在地图上点出位置。",
        "Or click the place on the map.",
    ),
    "key_choose": ("选择", "choose"),
    "key_ask": ("查询", "look up"),
    "key_clear": ("清空", "clear"),
    "key_copy": ("复制", "copy"),
    "key_number": ("选候选", "candidate"),
    "suggestions_count": ("{count} 个候选，用上下键选择", "{count} suggestions: up and down to choose"),
    "doors_below": ("{count} 个门牌或楼栋", "{count} doors"),
    "suggest_alias": ("又称“{alias}”", "also “{alias}”"),
    "suggest_failed": ("候选暂时取不到，仍可按回车查询。", "No suggestions at the moment; Enter still looks up."),
    "heard": ("来电地址", "The caller said"),
    "taken_as": ("按“{label}”查询", "Taken as “{label}”"),
    "taken_as_said": ("与地址库一致", "As the register has it"),
    "chosen_as": ("您选的是“{label}”", "You chose “{label}”"),
    "chosen_point": ("您在地图上点的位置", "The place that you clicked on the map"),
    "sure": ("把握 {percent}%", "{percent}% sure"),
    "level_of": ("查到{level}", "found down to: {level}"),
    "reasons": ("依据", "Why"),
    "close_to": (
        "距“{name}”只有 {metres}，请核实在路的哪一侧。",
        "Only {metres} from “{name}”: ask which side of the road.",
    ),
    "on_boundary": (
        "正好在与“{name}”的边界上，请核实在路的哪一侧。",
        "Right on the border with “{name}”: ask which side of the road.",
    ),
    "unsure_title": ("还不能确定", "Not sure yet"),
    "unsure_ask": ("这样问来电人", "To be sure"),
    "unsure_choose": (
        "问清后按数字键选择，或接着输入文字；先按 Esc 才能接着输入数字。",
        "Then press its number, or type on; press Esc first to type on with a number.",
    ),
    "unsure_touch": ("问清后点选一个，或接着输入。", "Then touch it, or type on."),
    "in_grids": ("可能在 {count} 个网格：{names}", "may lie in {count} grids: {names}"),
    "in_many_grids": ("可能在 {count} 个网格", "may lie in {count} grids"),
    "no_grid": ("不在任何网格内", "in no grid"),
    "chance": ("可能性 {percent}%", "{percent}% likely"),
    "spans_grids": (
        "“{label}”跨 {count} 个网格，还不能确定。{ask}",
        "“{label}” lies in {count} grids. {ask}",
    ),
    "spans_ask": ("请接着输入门牌号或楼号。", "Type the number or the building behind it."),
    "back_to_choices": ("返回候选（Esc）", "Back to the candidates (Esc)"),
    "unknown_title": ("没有找到这个地址", "This address was not found"),
    "unknown_read": ("系统看到的是：{text}", "What was read: {text}"),
    "unknown_nearest": ("能认出的只有：", "All that is known of it:"),
    "unknown_try": ("可以这样试", "What to try"),
    "unknown_try_compound": (
        "问小区名和楼号，或路名和门牌号，输一样也行",
        "Ask for the compound and building, or the road and number; one of them will do",
    ),
    "unknown_try_landmark": (
        "问附近的店铺、学校、路口或公交站",
        "Ask for a shop, a school, a crossing or a bus stop nearby",
    ),
    "unknown_try_area": ("加上区、街道或社区", "Add the district, street or community"),
    "unknown_try_map": ("知道在哪里：在地图上点出来", "If you know the place: click it on the map"),
    "copy": ("复制为文字", "Copy as text"),
    "copied": ("已复制", "Copied"),
    "copy_failed": ("浏览器不允许复制，请手动选取下面的文字。", "The browser refuses to copy: select the text below."),
    "copy_text": ("看复制的文字", "See the text"),
    "case_heard": ("【来电地址】{text}", "[Caller said] {text}"),
    "case_address": ("【标准地址】{text}", "[Address] {text}"),
    "case_grid": ("【所属网格】{chain}（{code}）", "[Grid] {chain} ({code})"),
    "case_first": ("【先联系】{person}", "[Call first] {person}"),
    "case_other": ("【其他人员】{people}", "[Others] {people}"),
    "case_matter": ("【事项】{matter}", "[Matter] {matter}"),
    "case_note": ("【请核实】{note}", "[Check] {note}"),
    "case_point": ("【坐标】{point}（WGS 84）", "[Point] {point} (WGS 84)"),
    "case_time": ("【查询时间】{time}", "[Looked up] {time}"),
    "recent": ("最近查询", "Recent look-ups"),
    "recent_text": ("只存在这台电脑的浏览器里，一天后清除。", "Kept in this browser alone, for a day."),
    "recent_none": ("还没有查询。", "None yet."),
    "recent_clear": ("清除", "Clear"),
    "recent_off": ("公用电脑：不保留", "A shared computer: keep none"),
    "pin_title": ("下次这样说也能查到", "Let this be found next time"),
    "pin_text": (
        "把“{text}”记为“{label}”的别名，所有人下次直接查到这里。",
        "Save “{text}” as another name of “{label}”: from then on everybody finds it here.",
    ),
    "pin_here": ("把“{text}”记在地图上的这一点。", "Save “{text}” for this point of the map."),
    "pin_alias": ("这样说的", "What is said"),
    "pin_label": ("这是什么地方", "What it is"),
    "pin_save": ("保存别名", "Save"),
    "pin_saved": ("已保存，很快就能查到。", "Saved: it will be found in a moment."),
    "pin_undo": ("撤销", "Undo"),
    "pin_undone": ("已撤销。", "Undone."),
    "pin_short": ("请填写完整。", "Fill in what is empty."),
    "map_failed": ("地图暂时取不到，不影响查询。", "The map cannot be had at the moment; look-ups go on."),
    "map_chosen": ("所属网格", "the grid"),
    "map_nearest": ("最近的相邻网格：{name}，{metres}", "the nearest other: {name}, {metres}"),
    "map_possible": ("可能的网格", "possible grids"),
    "said_found": ("{grid}。{person}", "{grid}. {person}"),
    "said_unsure": ("还不能确定。{ask}", "Not sure yet. {ask}"),
    "session_over": ("登录已失效，请重新登录。", "The session has ended: sign in again."),
}

_LEVELS: Final[dict[str, tuple[str, str]]] = {
    "area": ("区划", "area"),
    "road": ("道路", "road"),
    "place": ("地点", "place"),
    "compound": ("小区", "compound"),
    "segment": ("路段", "section of the road"),
    "group": ("组", "group"),
    "lane": ("弄（巷）", "lane"),
    "alley": ("支弄", "alley"),
    "number": ("门牌", "number"),
    "section": ("分区", "section"),
    "building": ("楼栋", "building"),
    "unit": ("单元", "unit"),
    "floor": ("楼层", "floor"),
    "room": ("房间", "room"),
    "point": ("坐标点", "point"),
}

_SIDES: Final[dict[str, tuple[str, str]]] = {
    "n": ("北侧", "north side"),
    "ne": ("东北侧", "north-east side"),
    "e": ("东侧", "east side"),
    "se": ("东南侧", "south-east side"),
    "s": ("南侧", "south side"),
    "sw": ("西南侧", "south-west side"),
    "w": ("西侧", "west side"),
    "nw": ("西北侧", "north-west side"),
}

_GROUPS: Final[dict[str, tuple[str, str]]] = {
    "areas": ("区划", "Areas"),
    "roads": ("道路", "Roads"),
    "compounds": ("小区", "Compounds"),
    "places": ("地点", "Places"),
    "doors": ("门牌和楼栋", "Doors and buildings"),
}


def own_words(lang: Language) -> Mapping[str, Any]:
    """The words that this page alone says."""
    place = LANGUAGES.index(lang)
    groups = {"parts": _LEVELS, "groups": _GROUPS, "sides": _SIDES}
    return {name: texts[place] for name, texts in _DISPATCH.items()} | {
        group: {name: texts[place] for name, texts in names.items()} for group, names in groups.items()
    }


def dispatch_words(lang: Language) -> Mapping[str, Any]:
    """The words of the page's modules and of the parts that they are made of."""
    return {**kit_words(lang), **map_words(lang), **own_words(lang)}
