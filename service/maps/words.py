"""What pages say, in Chinese and in English; data keeps its own names."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from service.maps.map_texts import LOCATE_REASONS, MAP, THEME_SOURCES

Language = Literal["zh-CN", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh-CN", "en")


def language(asked: str | None) -> Language:
    """The language of a page: English where the request asks for it, Chinese otherwise."""
    return "en" if asked is not None and asked.lower().split("-")[0] == "en" else "zh-CN"


# The layout around every page, and the pages that the server writes alone.
_PAGES: Final[dict[str, tuple[str, str]]] = {
    "product": ("网格地图", "Grid Map"),
    "full_map": ("在完整地图中打开", "Open in the full map"),
    "no_grids_yet": ("这张地图上还没有网格", "There are no grids on this map yet"),
    "not_shown": ("这里的地图无法显示", "The map cannot be shown here"),
    "home": ("首页", "Home"),
    "map": ("网格地图", "Grid map"),
    "help": ("使用帮助", "Help"),
    "api": ("接口文档", "API"),
    "dispatch": ("接线查询", "Dispatch"),
    "dispatch_title": ("接线查询", "Dispatch"),
    "dispatch_label": ("来电地址", "What the caller says"),
    "dispatch_hint": ("如：锦安苑3号楼2单元", "A compound and building, a road and number, a shop"),
    "dispatch_answer": ("查询结果", "The answer"),
    "dispatch_map": ("地图", "Map"),
    "open_dispatch_text": (
        "来电人怎么说就怎么输，查到网格和该打的电话。",
        "Type what a caller says: the grid, and whom to call.",
    ),
    "print": ("打印", "Print"),
    "open_print_text": ("挂图与公示牌，A4 至 A0", "Wall maps and notice boards, A4 to A0"),
    "coverage": ("服务覆盖", "Coverage"),
    "coverage_sign_in_text": (
        "请用规划人员或管理员的密钥登录，密钥不会保存在本机。",
        "Sign in with the key of a planner or an administrator; it is not kept on this device.",
    ),
    "coverage_trial": ("这是推演，未保存。", "A trial: nothing is saved."),
    "coverage_trial_open": ("查看推演", "See the trial"),
    "open_coverage_text": (
        "多少户 15 分钟走得到服务站点，缺口在哪。",
        "How many households are within 15 minutes’ walk, and where the gaps are.",
    ),
    "plan": ("网格调整", "Redraw grids"),
    "open_plan_text": (
        "拆分、合并、调整边界，发布前看清影响。",
        "Split, merge, move borders; see the impact before publishing.",
    ),
    "desk": ("数据导入", "Data desk"),
    "desk_title": ("数据导入", "Data desk"),
    "roster": ("排班", "Roster"),
    "roster_title": ("值班排班", "Roster"),
    "roster_sign_in_text": (
        "请用管理员发给您的密钥登录，密钥不会保存在本机。",
        "Sign in with the key that the operator gave you; it is not kept on this device.",
    ),
    "desk_sign_in_text": (
        "请用网格办工作人员或管理员的密钥登录，密钥不会保存在本机。",
        "Sign in with the key of a grid office clerk or an administrator; it is not kept on this device.",
    ),
    "needs_script": ("此页面需要启用 JavaScript。", "This page needs JavaScript."),
    "blank_fields": ("填写说明", "How to fill it in"),
    "blank_column": ("列", "Column"),
    "blank_required": ("必填", "Required"),
    "blank_content": ("内容", "Content"),
    "yes": ("是", "yes"),
    "other_language": ("English", "中文"),
    "skip": ("跳到查询结果", "Skip to the answer"),
    "search": ("查询", "Search"),
    "search_label": (
        "查地址、网格、社区、站点或坐标",
        "Find an address, grid, community, station or point",
    ),
    "search_hint": ("地址、小区、网格或经纬度", "Address, compound, grid, or lon, lat"),
    "home_title": ("这个地方归谁管？", "Who covers this place?"),
    "home_lead": (
        "输入地址、小区、网格编码或经纬度，即可查到所在网格、网格员和最近的服务站点。",
        "Enter a grid code, a community or a point: get the grid, the people responsible and the nearest stations.",
    ),
    "open_map": ("打开网格地图", "Open the grid map"),
    "open_map_text": ("在地图上点任意位置，即知归属。", "Click anywhere to see who covers it."),
    "open_help_text": ("给接线员和规划人员的简明说明。", "Short, for dispatchers and planners."),
    "open_api_text": ("把查询接入自己的系统。", "Look-ups from your own system."),
    "in_force": ("现行数据", "In force now"),
    "figure_grids": ("个网格", "grids"),
    "figure_communities": ("个社区（村）", "communities"),
    "figure_workers": ("名工作人员", "workers"),
    "figure_stations": ("个服务站点", "stations"),
    "release_since": ("{layer} 第 {number} 版，自 {day} 起施行", "{layer}: release {number}, in force since {day}"),
    "data_version": ("数据版本 {version}", "Data version {version}"),
    "no_data_title": ("还没有网格数据", "No grids are loaded yet"),
    "no_data_text": ("请管理员在服务器上运行以下命令之一：", "Let the operator run one of these on the server:"),
    "no_data_demo": ("载入示例数据", "load the sample district"),
    "no_data_load": ("载入自己的网格文件", "load your own grid file"),
    "no_grids_then": ("{day} 时没有已生效的网格", "No grids were in force on {day}"),
    "no_grids_then_text": ("请选择其他时间，或回到现在。", "Choose another time, or go back to now."),
    "not_found_title": ("没有这个页面", "There is no such page"),
    "not_found_text": (
        "地址可能已更改，请从首页重新开始。",
        "The address may have changed: start from the home page.",
    ),
    "not_known_title": ("没有找到", "Not found"),
    "on_the_map": ("在网格地图上查看", "See it on the grid map"),
    "unavailable_title": ("服务暂时不可用", "The service is not available at the moment"),
    "refused_title": ("无法处理该请求", "This request cannot be answered"),
    "back_home": ("返回首页", "Back to the home page"),
    "intro": (
        "点地图上任意位置，或在上方查询，即可看到所在网格、负责人员和最近的服务站点。",
        "Click anywhere on the map, or search above, to see the grid, its people and the nearest stations.",
    ),
    "locate": ("查我现在的位置", "Use my location"),
    "overview": ("按区划查看", "By area"),
    "tabs_label": ("内容", "Contents"),
    "tab_find": ("查询", "Find"),
    "tab_list": ("网格列表", "All grids"),
    "tab_layers": ("图层图例", "Layers"),
    "layers": ("网格类型", "Layer"),
    "theme": ("按数据着色", "Colour by"),
    "show": ("地图上显示", "On the map"),
    "show_base": ("底图（街道、建筑、水域）", "Base map: streets, buildings, water"),
    "show_stations": ("服务站点", "Service stations"),
    "show_names": ("名称", "Names"),
    "share": ("保存和打印", "Keep and print"),
    "copy_link": ("复制此视图的链接", "Copy a link to this view"),
    "print_map": ("打印挂图", "Print a wall map"),
    "map_file": ("下载离线网页", "Download for use offline"),
    "approval": ("审图号：{number}", "Map approval no. {number}"),
    "legend": ("图例", "Key"),
    "legend_grid": ("网格（颜色只为区分相邻）", "Grid (colours only part neighbours)"),
    "legend_community": ("社区（村）界", "Community border"),
    "legend_street": ("街道（乡镇）界", "Street border"),
    "legend_way": ("街道、道路", "Street or road"),
    "legend_water": ("水域", "Water"),
    "legend_building": ("建筑", "Building"),
    "legend_station": ("服务站点", "Service station"),
    "legend_chosen": ("所选网格", "Chosen grid"),
    "time": ("查看时间", "As of"),
    "time_show": ("查看", "Show"),
    "time_now": ("回到现在", "Back to now"),
    "time_then": ("显示的是 {day} 的网格、人员和站点", "Grids, people and stations as of {day}"),
    "sign_in": ("登录", "Sign in"),
    "sign_out": ("退出", "Sign out"),
    "sign_in_title": ("用密钥登录", "Sign in with a key"),
    "sign_in_text": (
        "登录后可看到完整的电话号码。密钥由管理员发放，不会保存在本机。",
        "Signed in, you see whole phone numbers. The operator gives out keys; yours is not kept on this device.",
    ),
    "key": ("密钥", "Key"),
    "cancel": ("取消", "Cancel"),
    "map_keys": (
        "方向键移动地图，加号减号缩放，回车查询十字中心。",
        "Arrow keys move the map, plus and minus zoom, Enter asks about the cross at the centre.",
    ),
    "sheet_toggle": ("展开或收起", "Expand or shrink"),
    "layer_empty": (
        "“{layer}”此时没有网格，显示的是“{shown}”。",
        "The layer “{layer}” has no grids at this time; “{shown}” is shown.",
    ),
    "layer_unknown": (
        "没有网格类型“{layer}”，显示的是“{shown}”。现有：{layers}。",
        "There is no layer “{layer}”; “{shown}” is shown. The layers: {layers}.",
    ),
    "locate_mine": ("用我的位置查", "Use my location"),
}

_KINDS: Final = {"urban": ("城镇网格", "urban"), "rural": ("乡村网格", "rural")}
_LEVELS: Final = {
    "province": ("省", "province"),
    "city": ("市", "city"),
    "district": ("区县", "district"),
    "street": ("街道（乡镇）", "street"),
    "town": ("街道（乡镇）", "town"),
    "community": ("社区（村）", "community"),
    "village": ("社区（村）", "village"),
    "sub_area": ("片区", "sub-area"),
    "grid": ("网格", "grid"),
    "station": ("站点", "station"),
    "unit": ("单元", "unit"),
    "building": ("楼栋", "building"),
    "compound": ("小区", "compound"),
    "place": ("场所", "place"),
}
_ROLES: Final = {
    "dispatcher": ("接线员", "dispatcher"),
    "planner": ("规划人员", "planner"),
    "clerk": ("网格办工作人员", "clerk"),
    "admin": ("管理员", "administrator"),
}


def level_names(lang: Language) -> Mapping[str, str]:
    """Names of the levels of areas, and of what else can be responsible."""
    return {name: texts[LANGUAGES.index(lang)] for name, texts in _LEVELS.items()}


def page_words(lang: Language) -> Mapping[str, str]:
    """The words of the layout and of the pages that the server writes."""
    return {name: texts[LANGUAGES.index(lang)] for name, texts in _PAGES.items()}


def map_words(lang: Language) -> Mapping[str, Any]:
    """The words of the map page's modules, with the names of kinds, levels and roles."""
    place = LANGUAGES.index(lang)
    named = {
        "kinds": _KINDS,
        "levels": _LEVELS,
        "roles": _ROLES,
        "theme_sources": THEME_SOURCES,
        "locate_reasons": LOCATE_REASONS,
    }
    return {name: texts[place] for name, texts in MAP.items()} | {
        group: {name: texts[place] for name, texts in names.items()} for group, names in named.items()
    }
