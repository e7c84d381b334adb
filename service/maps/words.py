"""What pages say, in Chinese and in English; data keeps its own names."""

from collections.abc import Mapping
from typing import Any, Final, Literal

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
    "unavailable_title": ("服务暂时不可用", "The service is not available at the moment"),
    "refused_title": ("无法处理该请求", "This request cannot be answered"),
    "back_home": ("返回首页", "Back to the home page"),
    "intro": (
        "点地图上任意位置，或在上方查询，即可看到所在网格、负责人员和最近的服务站点。",
        "Click anywhere on the map, or search above, to see the grid, its people and the nearest stations.",
    ),
    "locate": ("查我现在的位置", "Use my location"),
    "layers": ("网格类型", "Layer"),
    "legend": ("图例", "Key"),
    "legend_grid": ("网格（颜色只为区分相邻）", "Grid (colours only part neighbours)"),
    "legend_community": ("社区（村）界", "Community border"),
    "legend_street": ("街道（乡镇）界", "Street border"),
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
}

# What the map page's modules say.
_MAP: Final[dict[str, tuple[str, str]]] = {
    "map_label": ("网格地图", "Map of the grids"),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "grid": ("网格", "Grid"),
    "station": ("服务站点", "Station"),
    "hits": ("{count} 个结果", "{count} results"),
    "more_hits": ("还有 {count} 个结果，请输入更多文字", "{count} more: type a little more"),
    "point_hit": ("查询坐标 {point}", "Look up {point}"),
    "point_order": ("经度在前，纬度在后", "longitude, latitude"),
    "point_swapped": (
        "您先写的是纬度？按“经度, 纬度”查询此处",
        "Did you write latitude first? Look up here, as longitude, latitude",
    ),
    "grid_count": ("{count} 个网格", "{count} grids"),
    "households": ("{count} 户", "{count} households"),
    "persons": ("{count} 人", "{count} persons"),
    "nothing_found": ("没有找到“{text}”", "Nothing found for “{text}”"),
    "nothing_found_text": (
        "可以输入小区和楼号、路名和门牌号、网格编码，网格、社区或站点的名称，或“经度, 纬度”；也可以直接点地图。",
        "Enter a compound and building, a road and number, the name or code of a grid, community or station, or "
        "“longitude, latitude”; or click the map.",
    ),
    "nothing_known": ("只认出：{label}", "All that is known of it: {label}"),
    "addresses": ("地址", "Addresses"),
    "suggest_alias": ("又称“{alias}”", "also “{alias}”"),
    "taken_as": ("按地址“{label}”查到", "Found by the address “{label}”"),
    "unsure_title": ("还不能确定是哪里", "Not sure which place is meant"),
    "unsure_choose": ("请选一个，或接着输入楼号、门牌号。", "Choose one, or type on: the building, the number."),
    "in_count_grids": ("可能在 {count} 个网格", "may lie in {count} grids"),
    "in_no_grid": ("不在任何网格内", "in no grid"),
    "spans_grids": (
        "“{label}”跨 {count} 个网格，请接着输入楼号或门牌号。",
        "“{label}” lies in {count} grids: type on, the building or the number.",
    ),
    "asking": ("正在查询…", "Looking up…"),
    "locating": ("正在定位…", "Finding your location…"),
    "locate_failed": ("无法获取当前位置", "Your location is not available"),
    "locate_failed_text": (
        "请允许浏览器使用位置信息，或直接在地图上点选。",
        "Allow the browser to use your location, or click on the map.",
    ),
    "people": ("谁负责", "Who is responsible"),
    "people_others": ("其他负责人员", "The others"),
    "nobody": ("没有登记的负责人员。", "Nobody is on record."),
    "stand_in": ("代班", "stand-in"),
    "call_first": ("先打这个电话", "Call first"),
    "call_first_away": ("现在无人在岗，最早回来的是", "Nobody is on duty; back soonest"),
    "no_phone": ("没有登记电话", "no phone on record"),
    "masked_hint": ("登录后显示完整号码", "sign in to see the whole number"),
    "on_duty": ("在岗", "on duty"),
    "off_hours": ("不在班", "off duty"),
    "back_at": ("{time} 上岗", "back {time}"),
    "on_leave": ("休假", "on leave"),
    "on_leave_until": ("休假，{time} 上岗", "on leave, back {time}"),
    "stood_in_by": ("由{name}代班", "{name} stands in"),
    "standby": ("备班", "standby"),
    "today_at": ("{time}", "at {time}"),
    "tomorrow_at": ("明天 {time}", "tomorrow at {time}"),
    "matter": ("事项", "What it is about"),
    "matter_none": ("未选择", "not chosen"),
    "matter_who": ("由{name}负责", "for {name}"),
    "matter_for": ("此事项负责", "for this matter"),
    "promised": ("承诺 {length} 内办结（{time} 前）", "promised within {length}, by {time}"),
    "promised_short": ("承诺 {length} 内办结", "promised within {length}"),
    "minutes_long": ("{count} 分钟", "{count} minutes"),
    "hours_long": ("{count} 小时", "{count} hours"),
    "days_long": ("{count} 天", "{count} days"),
    "report": ("上报处置", "Report the case"),
    "grid_page": ("网格详情", "All about this grid"),
    "open_now": ("开放中", "open now"),
    "closed_now": ("未开放", "closed now"),
    "via": ("{level}人员", "for the {level}"),
    "call": ("拨打 {name}", "Call {name}"),
    "stations": ("最近的服务站点", "Nearest stations"),
    "no_stations": ("没有登记的服务站点。", "No stations are on record."),
    "walked": ("按步行路网计算。", "Along the streets, on foot."),
    "walked_grid": ("从网格中部起算，按步行路网计算。", "From the middle of the grid, along the streets, on foot."),
    "straight_line": (
        "尚无步行路网，只有直线距离。",
        "There is no walking network yet: straight-line distances.",
    ),
    "straight_line_grid": (
        "从网格中部起算；尚无步行路网，只有直线距离。",
        "From the middle of the grid; there is no walking network yet: straight-line distances.",
    ),
    "walk": ("步行约 {minutes} 分钟", "about {minutes} min on foot"),
    "walk_within_a_minute": ("步行不到 1 分钟", "less than a minute on foot"),
    "straight": ("直线 {metres}", "{metres} in a straight line"),
    "off_network": ("不在步行网络上", "off the network"),
    "metres": ("{metres} 米", "{metres} m"),
    "kilometres": ("{kilometres} 公里", "{kilometres} km"),
    "other_layers": ("同一地点的其他网格", "Other grids at this place"),
    "layer_misses": ("此处没有“{layer}”网格。", "There is no grid of the layer “{layer}” here."),
    "no_area": ("未登记所属社区", "No community on record"),
    "on_boundary": ("正好在与“{name}”的边界上，请核对地址。", "Right on the border with “{name}”: check the address."),
    "close_to": ("距“{name}”只有 {metres}，请核对地址。", "Only {metres} from “{name}”: check the address."),
    "outside_title": ("此处不在任何网格内", "No grid covers this place"),
    "outside_nearest": ("最近的网格：", "The nearest grids:"),
    "outside_nothing": ("附近也没有网格。", "There is no grid nearby either."),
    "stale": (
        "数据库自 {time} 起无法连接，以下内容来自此前的数据。",
        "The database has been away since {time}; this is what was known then.",
    ),
    "offline_title": ("连不上服务", "The service cannot be reached"),
    "offline_text": ("请检查网络，然后重试。", "Check the connection and try again."),
    "busy_title": ("服务暂时不可用", "The service is not available at the moment"),
    "busy_text": ("请稍候几秒再试。", "Wait a few seconds and try again."),
    "failed_title": ("查询没有成功", "The look-up failed"),
    "again": ("重试", "Try again"),
    "key_refused": ("密钥无效、已过期或已被吊销。", "The key is not known, has expired or was revoked."),
    "session_ended": ("登录已失效，电话号码已隐藏。", "The session has ended; phone numbers are masked."),
    "signed_in": ("{name}（{role}）", "{name} ({role})"),
    "data_version": ("数据版本 {version}", "Data version {version}"),
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
    named = {"kinds": _KINDS, "levels": _LEVELS, "roles": _ROLES}
    return {name: texts[place] for name, texts in _MAP.items()} | {
        group: {name: texts[place] for name, texts in names.items()} for group, names in named.items()
    }
