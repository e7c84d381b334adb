"""What the coverage page says, in Chinese and in English, besides what signing in, failures and dialogs say."""

from collections.abc import Mapping
from typing import Any, Final

from service.maps.desk_words import kit_words
from service.maps.words import LANGUAGES, Language, level_names

# Where a text stands between others, it brings its own blanks: "{where}" is empty or ends with one in English.
_COVERAGE: Final[dict[str, tuple[str, str]]] = {
    "map_label": ("服务覆盖地图", "Map of service coverage"),
    "list_comma": ("、", ", "),
    "list_semicolon": ("；", "; "),
    "symbol": ("站", "S"),
    "class_from": ("≥ {from}", "≥ {from}"),
    "class_range": ("{from}–{to}", "{from}–{to}"),
    # The sentence to quote
    "headline": (
        "{where}{minutes} 分钟步行可达{when}{what}的{counted}占 {share}",
        "{share} of {counted}{where} are within {minutes} minutes’ walk of {what}{when}",
    ),
    "headline_counts": ("（{all}中 {covered}），{outside}在外。", " ({covered} of {all}); {outside} are outside."),
    "headline_nobody": (
        "{where}没有已知的{counted}，无法计算覆盖。",
        "No {counted} are known{where}, so there is no share to give.",
    ),
    "where_in": ("{name}", " in {name}"),
    "when_open": ("{time}开放的", ", open on {time}"),
    "what_any": ("服务站点", "a service station"),
    "what_category": ("“{name}”", "a “{name}”"),
    "what_level": ("“{name}”级站点", "a station of the level “{name}”"),
    "profile_note": ("按“{name}”步行计算。", "Walking as: {name}."),
    "share_text": ("{percent}\N{NO-BREAK SPACE}%", "{percent}\N{NO-BREAK SPACE}%"),
    "minutes_text": ("{minutes} 分钟", "{minutes} min"),
    "metres_text": ("{metres} 米", "{metres} m"),
    "area_text": ("可达面积 {area} 平方公里，占 {share}", "{area} km² of ground are reached, {share}"),
    "several": (
        "可达 {stations} 个以上站点的占 {share}",
        "{share} reach {stations} stations or more",
    ),
    # Controls
    "minutes_presets": ("步行时间", "Walk"),
    "minutes_unit": ("分钟", "min"),
    "minutes_other": ("其他", "other"),
    "minutes_wrong": ("请填大于 0、不超过 60 的分钟数。", "Minutes are more than 0 and at most 60."),
    "category": ("站点类别", "Category"),
    "category_all": ("全部类别", "all categories"),
    "level": ("站点级别", "Level"),
    "level_all": ("全部级别", "all levels"),
    "count": ("按什么计数", "Count"),
    "profile": ("谁在走", "Who walks"),
    "within": ("范围", "Within"),
    "within_hint": ("全部，或输入街道、社区名称", "everywhere, or a street or community"),
    "within_unknown": ("没有找到这个区划，请从列表里选。", "No such area: choose one from the list."),
    "within_clear": ("看全部范围", "See everywhere"),
    "hours": ("开放时间", "Opening hours"),
    "hours_any": ("不考虑", "not considered"),
    "hours_now": ("现在", "now"),
    "hours_at": ("指定时间", "at a time"),
    "hours_time": ("哪天几点", "Day and time"),
    "as_of": ("查看时间", "As of"),
    "as_of_now": ("回到现在", "Back to now"),
    "as_of_note": (
        "站点、网格和区划是 {day} 的；道路网和户数只有现行的。",
        "Stations, grids and areas as of {day}; streets and households are always the current ones.",
    ),
    "more_controls": ("更多条件", "More"),
    # States
    "counting": ("正在计算…", "Counting…"),
    "failed_count": ("没有算出结果", "The coverage could not be counted"),
    "no_network_title": ("尚未导入道路", "No streets are loaded"),
    "no_network_text": (
        "服务圈按步行路网计算。请管理员在服务器上导入道路：",
        "Circles follow the walking network. Let the operator load the streets on the server:",
    ),
    "no_network_command": (
        "gridmap load streets 文件.osm.pbf --commit",
        "gridmap load streets FILE.osm.pbf --commit",
    ),
    "compiling_title": ("正在准备步行路网", "The walking network is being prepared"),
    "compiling_text": (
        "道路有更新，正在编译；完成后本页自动继续。",
        "The streets have changed and are being compiled; this page goes on by itself.",
    ),
    "no_stations_title": ("没有符合条件的服务站点", "No station fits"),
    "no_stations_text": (
        "此范围、类别和时间内没有可计入的站点，所有住户都在圈外。",
        "No station of this area, category and time counts, so every household is outside.",
    ),
    "no_grids_title": ("{day} 时没有网格", "No grids were in force on {day}"),
    "no_grids_text": ("请选择其他时间，或回到现在。", "Choose another day, or go back to now."),
    "no_homes_title": ("没有住户数据", "No households are known"),
    "no_homes_text": (
        "地址库、楼栋和网格都没有户数。导入带户数的地址、楼栋或网格后即可计算。",
        "Neither the register nor buildings or grids have households. Load addresses, buildings or grids with them.",
    ),
    # Tabs
    "tabs": ("详情", "Details"),
    "tab_places": ("各地", "Places"),
    "tab_gaps": ("缺口", "Gaps"),
    "tab_stations": ("站点", "Stations"),
    "tab_plan": ("推演", "What if"),
    # Tables
    "by": ("按", "By"),
    "by_grid": ("网格", "grid"),
    "places_caption": ("各地覆盖情况，最差的在前", "Coverage by place, the worst first"),
    "column_place": ("名称", "Place"),
    "column_share": ("可达", "Reached"),
    "column_outside": ("圈外（{unit}）", "Outside ({unit})"),
    "column_all": ("共（{unit}）", "All ({unit})"),
    "column_nearest": ("到最近站点", "To the nearest"),
    "column_nearest_none": ("不可达", "none"),
    "elsewhere": ("不在以上区划或网格内", "in none of these"),
    "places_none": ("此范围内没有可列的地方。", "There is no place to list here."),
    "show_all": ("全部显示（{count}）", "Show all ({count})"),
    "shown_of": ("显示前 {shown} 个，共 {count} 个", "The first {shown} of {count}"),
    "gaps_caption": ("圈外住户聚集处，最大的在前", "Clusters of households outside, the largest first"),
    "gaps_total": (
        "{count} 处，共 {households} 户在圈外。",
        "{count} clusters with {households} households outside.",
    ),
    "gaps_none": ("没有圈外的住户。", "No household is outside."),
    "gap_title": ("{street}附近", "Near {street}"),
    "gap_place": ("第 {number} 处缺口", "Gap {number}"),
    "gap_households": ("{households} 户 · {persons} 人", "{households} households · {persons} persons"),
    "gap_households_only": ("{households} 户", "{households} households"),
    "gap_nearest": ("最近：{name}，步行 {minutes} 分钟", "Nearest: {name}, {minutes} min on foot"),
    "gap_nearest_none": ("步行路网上没有可达的站点。", "No station can be reached on the walking network."),
    "gap_radius": ("分布在半径 {metres} 米内", "within {metres} m of its middle"),
    "gap_grids": ("网格：{names}", "Grids: {names}"),
    "gap_mark": ("缺口 {number}：{households} 户", "Gap {number}: {households} households"),
    "gap_closed": ("推演后消失", "gone with the changes"),
    "gap_add": ("在这里试设站点", "Try a station here"),
    "stations_caption": ("计入的服务站点", "Stations that count"),
    "stations_count": ("计入 {count} 个站点。", "{count} stations count."),
    "stations_none": ("没有站点。", "There are no stations."),
    "station_off": ("离路网 {metres}，未计入", "off the network by {metres}: not counted"),
    "station_off_far": ("不在路网上，未计入", "off the network: not counted"),
    "station_cut": ("服务圈到达路网边缘，可能偏小", "its circle reaches the network’s edge: may be too small"),
    "station_nowhere": ("流动站点，此时没有停靠点", "mobile, at no stop then"),
    "station_shut": ("此时不开放，未计入", "closed then: not counted"),
    "station_symbol_off": ("不在路网上或不开放，未计入", "off the network or closed, not counted"),
    "station_symbol_cut": ("圈被路网边缘截断，可能偏小", "circle cut off, may be too small"),
    "circle_title": ("{name} 的服务圈", "Circle of {name}"),
    "circle_band": ("{minutes} 分钟", "{minutes} min"),
    "circle_households": ("户数", "Households"),
    "circle_persons": ("人数", "Persons"),
    "circle_area": ("面积（公顷）", "Area (ha)"),
    "circle_error": (
        "画出的圈与按时间逐点判断的差别：漏画约 {missed}，多画约 {wrong}。",
        "The outline against the true times: about {missed} missed, {wrong} too much.",
    ),
    "circle_none": ("画不出服务圈", "There is no circle to draw"),
    "close_chosen": ("关闭", "Close"),
    "see_only": ("只看这里", "Only this area"),
    "place_facts": (
        "{share}可达；{all}中 {outside}在外。",
        "{share} reached; {outside} of {all} are outside.",
    ),
    "place_nobody": ("没有已知的住户。", "No household is known here."),
    "no_data": ("无户数", "none known"),
    # Map layers and their key
    "map_layers": ("图层", "Map layers"),
    "shade": ("网格底色", "Grid colour"),
    "shade_share": ("可达比例", "share reached"),
    "shade_outside": ("圈外数量", "number outside"),
    "shade_none": ("不显示", "off"),
    "legend_share": ("可达{unit}比例", "{unit} reached"),
    "legend_outside": ("圈外（{unit}）", "{unit} outside"),
    "legend_nobody": ("无数据", "no data"),
    "layer_circles": ("服务圈", "Service circles"),
    "layer_stations": ("站点", "Stations"),
    "layer_gaps": ("缺口（圈大小=户数）", "Gaps (size = households)"),
    "layer_streets": ("步行路网", "Walking network"),
    "circles_many": ("站点太多，点一个站点看它的服务圈", "too many to draw: click a station for its own"),
    "streets_many": ("道路太多，画不下", "too many to draw"),
    "legend_circle": ("{minutes} 分钟圈", "{minutes} min"),
    "hover_place": ("{name}：{share}可达，{outside}在外", "{name}: {share} reached, {outside} outside"),
    "hover_nobody": ("{name}：无户数", "{name}: no households known"),
    # Warnings and basis
    "off_homes": (
        "{households} 户（{places} 处）离步行路网超过 150 米，不算可达。",
        "{households} households at {places} places are more than 150 m off the walking network: not reached.",
    ),
    "off_stations": ("{count} 个站点不在路网上，未计入：{names}", "{count} stations are off the network: {names}"),
    "cut_stations": (
        "{count} 个站点的服务圈到达路网边缘，实际可能更大：{names}",
        "The circles of {count} stations reach the edge of the streets that are known and may be too small: {names}",
    ),
    "about": ("数据与方法", "Data and method"),
    "basis": ("户数来源：{source}", "Households from: {source}"),
    "basis_estimated": (
        "；其中 {share} 按楼栋或面积估算分摊",
        "; {share} of them spread by estimate over buildings or area",
    ),
    "network_version": ("步行路网：版本 {version}，{time} 编译", "Walking network: version {version}, compiled {time}"),
    "method": (
        "每户沿实际道路步行到最近站点的时间不超过所选分钟数即算可达，小区从大门起算，不能穿过水面、铁路和围墙。"
        "按每户的步行时间逐户判断，图上的圈只是示意。",
        "A household is reached if the walk along real streets to the nearest station, from its compound’s gate and "
        "across no water, railway or wall, takes no longer than the minutes chosen. Each household is judged by its "
        "own walking time; the circles on the map only illustrate it.",
    ),
    "report": ("报告", "Report"),
    "export_csv": ("CSV", "CSV"),
    "export_xlsx": ("Excel", "Excel"),
    "export_gpkg": ("GeoPackage", "GeoPackage"),
    # What if
    "plan_only": (
        "推演站点的增设、迁移和关闭，需要规划人员或管理员登录。",
        "Trying out stations needs the key of a planner or an administrator.",
    ),
    "plan_sign_in": ("登录", "Sign in"),
    "plan_unsaved": ("这是推演，未保存", "A trial: nothing is saved"),
    "plan_unsaved_text": ("不改动任何数据；关闭页面即消失，链接可以分享。", "No data changes; the link can be shared."),
    "plan_present": ("推演只针对现在的站点和住户。", "Only the present can be tried out."),
    "plan_start": (
        "“增设”后点地图；拖动站点即迁移；在站点详情里可关闭。数字随之更新。",
        "Press “Add” and click the map; drag a station to move it; close one from its details. The numbers follow.",
    ),
    "plan_add": ("增设站点", "Add a station"),
    "plan_adding": (
        "点地图放置站点，或把地图移到位后按回车；Esc 取消。",
        "Click the map, or move it and press Enter; Esc cancels.",
    ),
    "plan_undo": ("撤销", "Undo"),
    "plan_redo": ("重做", "Redo"),
    "plan_clear": ("清除", "Clear"),
    "plan_share": ("复制链接", "Link"),
    "plan_shared": ("链接已复制。", "The link is copied."),
    "plan_share_failed": ("请从地址栏复制链接。", "Copy the link from the address bar."),
    "plan_before": ("现状", "Today"),
    "plan_after": ("推演后", "With the changes"),
    "plan_gained": ("新增可达 {count}", "{count} gained"),
    "plan_lost": ("失去可达 {count}", "{count} lost"),
    "plan_same": ("可达户数不变", "no household gained or lost"),
    "plan_changed_places": ("变化的地方", "Places that change"),
    "plan_changed_caption": ("推演前后各地可达比例", "Share reached by place before and after"),
    "plan_new_name": ("新站点 {number}", "New station {number}"),
    "plan_name": ("名称", "Name"),
    "plan_do_add": ("增设", "added"),
    "plan_do_move": ("迁移", "moved"),
    "plan_do_close": ("关闭", "closed"),
    "plan_move": ("迁移此站", "Move it"),
    "plan_close": ("关闭此站", "Close it"),
    "plan_remove": ("去掉这项改动：{name}", "Take back: {name}"),
    "plan_remove_short": ("去掉", "Take back"),
    "plan_lon": ("经度", "Longitude"),
    "plan_lat": ("纬度", "Latitude"),
    "plan_point_wrong": ("经纬度不对。", "No such point."),
    "plan_reaches": ("圈内 {count}", "reaches {count}"),
    "plan_off": ("离路网 {metres}，不计入：请靠近道路", "{metres} off the network, not counted: nearer to a street"),
    "plan_off_far": ("附近没有道路，不计入", "no street nearby: not counted"),
    "plan_cut": ("圈到达路网边缘，可能偏小", "its circle reaches the network’s edge"),
    "plan_keys": (
        "聚焦地图上的站点后，方向键每次移动 20 米，按住 Shift 移动 100 米。",
        "With a station on the map focused, arrow keys move it by 20 m, with Shift by 100 m.",
    ),
    "plan_marker": ("{name}，可拖动", "{name}, can be dragged"),
    "plan_refused": ("这次推演没有算出来", "This trial could not be counted"),
    "plan_link_wrong": (
        "链接里有一项推演改动看不懂，已略去。",
        "A change in the link makes no sense and was left out.",
    ),
    # Proposals
    "propose": ("建议新址", "Proposed sites"),
    "propose_text": (
        "在候选地点里找出最能补上缺口的位置。",
        "Among the candidates, the sites that reach the most households outside.",
    ),
    "propose_goal": ("目标", "Goal"),
    "propose_stations": ("新增站点数", "New stations"),
    "propose_share": ("达到的比例（%）", "Share to reach (%)"),
    "propose_by_stations": ("按站点数", "by number"),
    "propose_by_share": ("按覆盖率", "by share"),
    "propose_sites": ("候选地点", "Candidates"),
    "propose_buildings": ("楼栋", "buildings"),
    "propose_places": ("公共场所", "public places"),
    "propose_both": ("楼栋和公共场所", "both"),
    "propose_ask": ("求建议", "Propose"),
    "propose_asking": ("正在求解…", "Looking for sites…"),
    "propose_number_wrong": ("请填 1 至 50 的整数。", "A whole number from 1 to 50."),
    "propose_share_wrong": ("请填大于 0、不超过 100 的比例。", "A share above 0 and at most 100."),
    "propose_reached": (
        "{count} 个新站点，覆盖率可到 {share}",
        "{count} new stations bring the share to {share}",
    ),
    "propose_none": ("没有能新增可达户数的候选地点。", "No candidate would reach another household."),
    "propose_gained": ("+{count}", "+{count}"),
    "propose_site": ("建议 {rank}：{name}，新增 {count}", "Site {rank}: {name}, {count} more"),
    "propose_unnamed": ("候选地点", "candidate"),
    "propose_proving": ("正在证明是否最优…", "Proving whether it is the best…"),
    "propose_proven": ("已证明最优", "Proven to be the best"),
    "propose_bound": (
        "未证明最优：任何方案最多再多 {gap}",
        "Not proven: no plan can have more than {gap} beyond this",
    ),
    "propose_fewest": ("未证明最优：至少需要 {count} 个站点", "Not proven: at least {count} stations are needed"),
    "propose_no_worker": (
        "快速解；后台任务没有运行，暂时不能证明是否最优。",
        "A quick answer: no worker is running to prove it.",
    ),
    "propose_failed": (
        "证明没有完成；以上仍是快速解。",
        "The proof did not end; what stands above is the quick answer.",
    ),
    "propose_cancel": ("停止证明", "Stop proving"),
    "propose_take": ("放入推演", "Take into the trial"),
    "propose_forget": ("收起建议", "Put away"),
}

_UNITS: Final[dict[str, tuple[str, str]]] = {
    "households": ("户", "households"),
    "persons": ("人", "persons"),
    "addresses": ("个地址", "addresses"),
    "elderly": ("位老人", "older people"),
    "children": ("名儿童", "children"),
}
_COUNTED: Final[dict[str, tuple[str, str]]] = {
    "households": ("户数", "households"),
    "persons": ("人数", "persons"),
    "addresses": ("地址数", "addresses"),
    "elderly": ("老人数", "older people"),
    "children": ("儿童数", "children"),
}
_SOURCES: Final[dict[str, tuple[str, str]]] = {
    "register": ("标准地址库", "the register of addresses"),
    "buildings": ("楼栋", "buildings"),
    "estimated": ("网格统计数，分摊估算", "the grids’ stated counts, spread by estimate"),
    "mixed": ("标准地址库、楼栋和网格统计数", "the register of addresses, buildings and the grids’ stated counts"),
    "none": ("无", "nowhere"),
}
_STATION_LEVELS: Final[dict[str, tuple[str, str]]] = {
    "centre": ("中心", "centre"),
    "station": ("站", "station"),
    "point": ("点", "point"),
    "post": ("岗", "post"),
}
# From the roster's and the kit's words: signing in, failures, zooming.
_SHARED: Final = (
    "again",
    "busy_text",
    "busy_title",
    "cancel",
    "failed_title",
    "key_refused",
    "offline_text",
    "offline_title",
    "roles",
    "session_over",
    "signed_in",
    "stop",
    "zoom_in",
    "zoom_out",
)


def own_words(lang: Language) -> Mapping[str, Any]:
    """The words that the coverage page alone says."""
    place = LANGUAGES.index(lang)
    return {name: texts[place] for name, texts in _COVERAGE.items()}


def coverage_words(lang: Language) -> Mapping[str, Any]:
    """The words of the coverage page's modules and of the parts that they use."""
    place = LANGUAGES.index(lang)
    named = {"units": _UNITS, "counted": _COUNTED, "sources": _SOURCES, "station_levels": _STATION_LEVELS}
    kit = kit_words(lang)
    groups = {group: {name: texts[place] for name, texts in names.items()} for group, names in named.items()}
    shared = {name: kit[name] for name in _SHARED if name in kit}
    return {**shared, **own_words(lang), **groups, "levels": level_names(lang)}
