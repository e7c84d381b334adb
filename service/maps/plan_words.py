"""What the pages of drafts say, in Chinese and in English, besides what signing in, tables and dialogs say."""

from collections.abc import Mapping
from typing import Any, Final

from service.maps.desk_words import kit_words
from service.maps.plan_tool_words import TOOLS
from service.maps.release_words import DIFFERENCES, RELEASES
from service.maps.words import LANGUAGES, Language, level_names, map_words

# What the server writes on the pages.
_PAGES: Final[dict[str, tuple[str, str]]] = {
    "title": ("网格调整", "Redraw grids"),
    "lead": (
        "草案从一个版本出发，改好、看清影响之后再发布；发布之前，对外一切照旧。",
        "A draft begins from a release. Change it, see what it does, then publish; until then nothing changes outside.",
    ),
    "skip": ("跳到草案内容", "Skip to the draft"),
    "list": ("全部草案", "All drafts"),
    "undo": ("撤销", "Undo"),
    "redo": ("重做", "Redo"),
    "rename": ("改名", "Rename"),
    "publish": ("发布…", "Publish…"),
    "rebase": ("处理", "See what to do"),
    "phone": (
        "屏幕较小，这里可以查看影响、问题和操作记录；绘制请在更大的屏幕上打开。",
        "On a small screen you can read the impact, the findings and the history. To draw, open it on a larger one.",
    ),
    "tabs": ("草案内容", "The draft"),
    "tab_chosen": ("网格", "Grids"),
    "tab_findings": ("问题", "Findings"),
    "tab_impact": ("影响", "Impact"),
    "tab_communities": ("社区", "Areas"),
    "tab_history": ("记录", "History"),
    "tools": ("绘图工具", "Drawing tools"),
    "diff_title": ("版本对比", "Releases compared"),
    "diff_lead": (
        "拖动地图上的分界，比较左右两个版本；红色虚线标出不同的网格。",
        "Drag the border on the map to compare the two releases. Red dashes mark grids that differ.",
    ),
    "diff_sides": ("左右两边的版本", "The releases on both sides"),
    "keys": ("键盘快捷键", "Keyboard shortcuts"),
}

_PLAN: Final[dict[str, tuple[str, str]]] = {
    "product": ("网格地图", "Grid Map"),
    "map_label": ("草案地图", "Map of the draft"),
    "gate_text": (
        "网格调整供规划人员使用，请用管理员发给您的密钥登录。",
        "Redrawing grids is for planners: sign in with the key that the operator gave you.",
    ),
    "gate_other_title": ("当前密钥不能调整网格", "This key may not redraw grids"),
    "gate_other_role": (
        "您以“{name}”（{role}）登录。调整网格需要规划人员或管理员的密钥。",
        "You are signed in as “{name}” ({role}). Redrawing takes the key of a planner or an administrator.",
    ),
    "session_over": (
        "登录已失效，请重新登录；草案里已做的修改都已保存。",
        "The session has ended: sign in again. Everything done to the draft so far is kept.",
    ),
    "save": ("保存", "Save"),
    "create": ("新建", "Create"),
    "needed": ("请填写此项。", "Please fill this in."),
    "me": ("我", "You"),
    "somebody": ("其他规划人员", "another planner"),
    # The list of drafts
    "drafts_title": ("草案", "Drafts"),
    "drafts_none": (
        "没有进行中的草案。新建一个，从当前版本开始调整。",
        "No draft is open. Begin one from the release in force.",
    ),
    "drafts_none_such": ("没有这样的草案。", "There are no such drafts."),
    "new_draft": ("新建草案", "New draft"),
    "new_draft_text": (
        "草案从最新版本开始，可以同时有多个，互不影响。",
        "It begins from the newest release. Several drafts may be open side by side.",
    ),
    "draft_name": ("名称", "Name"),
    "draft_name_hint": ("例如：2027 年社区调整", "such as: Communities 2027"),
    "draft_note": ("说明（可不填）", "A word on it (optional)"),
    "draft_state": ("状态", "State"),
    "all_layers": ("全部网格类型", "All layers"),
    "layer": ("网格类型", "Layer"),
    "no_layers": (
        "还没有已发布的网格，无法新建草案。请先导入网格。",
        "No grids are published yet, so there is nothing to begin from. Load grids first.",
    ),
    "base": ("基于", "Base"),
    "draft_base": ("基于第 {base} 版", "From release {base}"),
    "draft_changed": ("{count} 个网格有变化", "grids changed: {count}"),
    "base_withdrawn": ("该版本已撤回", "withdrawn"),
    "draft_stale": ("已有新版本", "outdated"),
    "compare_releases": ("版本对比与恢复", "Compare and restore releases"),
    "one_release": (
        "该网格类型只有一个版本，没有可对比的。",
        "This layer has one release only: nothing to compare yet.",
    ),
    "not_yet": ("尚未生效", "not in force yet"),
    "begins": ("{time} 生效", "from {time}"),
    "began": ("{time} 起生效", "in force from {time}"),
    "became": ("已发布为第 {number} 版", "Published as release {number}"),
    "changed": ("最近修改", "Last change"),
    "acts": ("操作", "Actions"),
    "look": ("查看", "Open"),
    "discard": ("废弃", "Discard"),
    "discard_named": ("废弃草案“{name}”", "Discard the draft “{name}”"),
    "discard_title": ("废弃草案“{name}”？", "Discard the draft “{name}”?"),
    "discard_text": (
        "废弃后不能再修改或发布，操作记录仍可查看。",
        "It can’t be changed or published any more; its history stays readable.",
    ),
    "was_discarded": ("草案“{name}”已废弃。", "The draft “{name}” was discarded."),
    # How the draft stands
    "all_drafts": ("查看全部草案", "All drafts"),
    "draft_gone": ("没有这个草案", "There is no such draft"),
    "draft_failed": ("草案没有打开", "The draft could not be opened"),
    "rename_draft": ("修改草案名称", "Rename the draft"),
    "saving": ("正在保存…", "Saving…"),
    "saved": ("已保存", "Saved"),
    "offline_state": ("连接中断，正在重试…", "No connection, trying again…"),
    "undo": ("撤销", "Undo"),
    "redo": ("重做", "Redo"),
    "stale_notice": (
        "已有第 {newest} 版，草案基于第 {base} 版。",
        "Release {newest} is out; this draft begins from release {base}.",
    ),
    "is_published": (
        "已发布为第 {number} 版，自 {time} 起生效，草案仅供查看。",
        "Published as release {number}, in force from {time}. The draft is read only.",
    ),
    "is_pending": (
        "已发布为第 {number} 版，将于 {time} 生效，草案仅供查看。",
        "Published as release {number}, to take effect on {time}. The draft is read only.",
    ),
    "is_discarded": (
        "草案已由{name}于 {time} 废弃，仅供查看。",
        "{name} discarded this draft on {time}. It is read only.",
    ),
    "renamed_meanwhile": (
        "{by}刚刚把草案改名为“{name}”。如仍要修改，请再点一次保存。",
        "{by} has just renamed the draft “{name}”. To change it all the same, save again.",
    ),
    "overtaken": (
        "{names}刚刚改动了{grids}，您的这一步没有执行。请看过现状后再做一次。",
        "{names} has just changed {grids}, so your step was not done. Look at it as it is now, then do it again.",
    ),
    "other_did": ("{name}：{summary}", "{name}: {summary}"),
    "others_did": ("{names}做了 {count} 步，最近：{summary}", "{names} did {count} things, the last: {summary}"),
    "see_there": ("查看", "Show"),
    "tab_findings": ("问题", "Findings"),
    # Figures of grids
    "choose_hint": (
        "点地图上的网格，这里显示它的户数、人数和步行时间；每做一步，都会列出前后变化。",
        "Choose a grid on the map: its households, persons and walks are shown here, and every step tells what it "
        "changes.",
    ),
    "chosen_count": ("已选 {count} 个网格", "{count} chosen"),
    "last_step": ("上一步涉及", "Touched by the last step"),
    "more_grids": ("另有 {count} 个网格未列出。", "{count} more grids are not listed."),
    "together": ("合计", "Together"),
    "figures_caption": ("调整前后的数字", "Figures before and after"),
    "before": ("调整前", "before"),
    "after": ("调整后", "after"),
    "households": ("户数", "Households"),
    "households_unit": ("户", "households"),
    "households_count": ("{count} 户", "{count} households"),
    "persons": ("人数", "Persons"),
    "persons_count": ("{count} 人", "{count} persons"),
    "addresses": ("地址", "Addresses"),
    "grids": ("网格", "Grids"),
    "grids_unit": ("个网格", "grids"),
    "name_before": ("原名称：{name}", "Called {name} before"),
    "walk": ("到最近站点", "To a station"),
    "minutes_text": ("{minutes} 分钟", "{minutes} min"),
    "in_band": ("规模达标", "in range"),
    "out_of_band": ("规模不达标", "out of range"),
    "below_band": ("户数偏少", "too few"),
    "above_band": ("户数偏多", "too many"),
    # What is done by forms
    "edit_grid": ("名称、编码和类型", "Name, code and kind"),
    "grid_name": ("名称", "Name"),
    "grid_code": ("编码", "Code"),
    "grid_code_hint": ("用过的编码不能再用", "A code that was ever used can’t be used again"),
    "grid_kind": ("类型", "Kind"),
    "move_to": ("将所选 {count} 个网格划归", "Move the chosen ({count}) to"),
    "move": ("划归", "Move"),
    "choose_first": ("请先选择社区（村）。", "Choose a community first."),
    "choose_community": ("选择社区（村）", "Choose a community"),
    "community_near": ("相邻的社区（村）", "Nearby"),
    "community_far": ("其他社区（村）", "Elsewhere"),
    "create_community": ("用所选网格新建社区…", "New community of these…"),
    "create_community_title": ("新建社区", "New community"),
    "community_of": ("由 {count} 个网格组成：{grids}", "Of {count} grids: {grids}"),
    "community_name": ("社区名称", "Name of the community"),
    "community_code": ("社区编码", "Code of the community"),
    "community_code_like": ("现有的如 {code}", "Such as {code}"),
    # Communities
    "communities_title": ("社区（村）", "Communities"),
    "community": ("社区（村）", "Community"),
    "community_filter": ("按名称或编码查找", "Find by name or code"),
    "community_none": ("没有找到。", "None found."),
    "community_more": ("另有 {count} 个，请输入名称查找。", "{count} more: type a name."),
    "community_without": ("未划入社区", "In no community"),
    "compactness": ("紧凑度", "Compactness"),
    "merge": ("合并", "Merge"),
    "merge_into": ("并入", "Merge into"),
    "merge_title": ("把“{name}”并入“{other}”？", "Merge “{name}” into “{other}”?"),
    "merge_text": (
        "“{name}”的 {count} 个网格归入“{other}”，“{name}”不再存在，其职责随之终止。可以撤销。",
        "The {count} grids of “{name}” go to “{other}”; “{name}” ends, and so do duties for it. You can undo this.",
    ),
    "split_by_line": ("画线拆分…", "Split by a line…"),
    "split_by_chosen": ("用所选 {count} 个网格拆出…", "Split off the {count} chosen…"),
    "split_hint": (
        "在地图上只选中其中一部分网格，就可以把它们拆成新社区。",
        "Choose some of its grids on the map to split them off.",
    ),
    "split_line_hint": (
        "画一条线穿过“{name}”，双击结束。",
        "Draw a line across “{name}”; double-click ends it.",
    ),
    "split_community_title": ("从“{name}”拆出新社区", "Split a community off “{name}”"),
    "renumber": ("重新编号", "Number anew"),
    "renumber_title": ("重新编排“{name}”的网格编码？", "Number the grids of “{name}” anew?"),
    "renumber_text": (
        "按自西向东、自北向南的顺序编排；用过的编码不再使用。可以撤销。",
        "From west to east and north to south; codes that were ever used are left out. You can undo this.",
    ),
    # Findings
    "findings_title": ("问题", "Findings"),
    "findings_none": ("没有新问题。", "Nothing new was found."),
    "findings_old": ("原来就有的 {count} 处", "{count} that were there before"),
    "findings_more": ("另有 {count} 处未列出。", "{count} more are not listed."),
    "finding_error": ("错误", "Error"),
    "finding_warning": ("提醒", "Warning"),
    "findings_count": ("{errors} 处错误、{warnings} 处提醒", "errors: {errors}, warnings: {warnings}"),
    "warnings_count": ("{warnings} 处提醒", "warnings: {warnings}"),
    # History
    "history_title": ("操作记录", "What was done"),
    "history_none": ("还没有做过修改。", "Nothing was done yet."),
    "history_older": ("另有较早的 {count} 步。", "{count} earlier steps are not listed."),
    "was_undone": ("已撤销", "taken back"),
    # Impact
    "impact_title": ("发布后的影响", "What publishing would change"),
    "impact_none": ("草案与所基于的版本相同，没有影响。", "The draft is as its base: nothing would change."),
    "clause": ("，", "; "),
    "impact_count": ("{count} 个网格有变化", "Changed grids: {count}"),
    "impact_grids": (
        "{households} 户（{persons} 人）换网格",
        "{households} households ({persons} persons) change grid",
    ),
    "impact_communities": (
        "{households} 户（{persons} 人）换社区",
        "{households} households ({persons} persons) change community",
    ),
    "impact_nobody": ("没有住户换网格或社区", "no household changes grid or community"),
    "impact_estimated": ("其中部分户数为估算。", "Some of these households are estimates."),
    "balance_title": ("规模均衡", "Balance of households"),
    "balance_grids": ("网格数", "Grids"),
    "balance_in_band": ("规模达标的网格占比", "Within the size range"),
    "balance_least": ("最少户数", "Fewest"),
    "balance_median": ("户数中位数", "Median"),
    "balance_most": ("最多户数", "Most"),
    "balance_variation": ("变异系数", "Variation"),
    "flows_communities": ("换社区", "From community to community"),
    "flows_grids": ("换网格", "From grid to grid"),
    "from_to": ("从 → 到", "From → to"),
    "nowhere": ("无", "none"),
    "communities_changed": ("有变化的社区（村）", "Communities that change"),
    "duties_title": ("职责变化", "Duties that change"),
    "duty_ends": (
        "{name}（{role}）对 {source} 的职责终止",
        "{name} ({role}): the duty for {source} ends",
    ),
    "duty_inherited": (
        "{name}（{role}）的职责由 {source} 延续到 {target}",
        "{name} ({role}): the duty for {source} goes on for {target}",
    ),
    "stations_title": ("换网格或社区的服务站点", "Stations that change grid or community"),
    "workloads_title": ("每人负责", "Who looks after how much"),
    "holder": ("负责人", "Who"),
    "rows_more": ("另有 {count} 项未列出，见报告。", "{count} more are in the report."),
    "walk_network": ("步行时间按路网计算。", "Walks follow the streets."),
    "walk_straight": ("没有路网，步行时间按直线估算。", "Without streets, walks are straight lines."),
    "report_pdf": ("报告 PDF", "Report (PDF)"),
    "report_xlsx": ("报告 Excel", "Report (Excel)"),
    "export_gpkg": ("图形 GeoPackage", "Shapes (GeoPackage)"),
    # Publishing
    "publish": ("发布", "Publish"),
    "publish_title": ("发布“{name}”", "Publish “{name}”"),
    "publish_grids": ("有变化的网格", "Grids that change"),
    "publish_households": ("换网格的户数", "Households that change grid"),
    "publish_communities": ("换社区的户数", "Households that change community"),
    "publish_duties": ("变化的职责", "Duties that change"),
    "publish_findings": ("未处理的问题", "Open findings"),
    "publish_when": ("生效时间", "Takes effect"),
    "publish_now": ("立即生效", "At once"),
    "publish_later": ("指定时间", "At a time"),
    "publish_time": ("生效的日期和时间", "Day and time"),
    "publish_nothing": ("草案还没有修改，无需发布", "Nothing was changed yet: there is nothing to publish"),
    "publish_zone": ("按{zone}", "{zone}"),
    "publish_past": (
        "这个时间已经过去：请选择以后的时间，或立即生效。",
        "This time is over: choose a later one, or at once.",
    ),
    "publish_time_missing": ("请把日期和时间填写完整。", "Fill in the day and the time."),
    "publish_no_findings": ("无", "none"),
    "publish_pending": (
        "第 {number} 版已发布、尚未生效，在此之前不能再发布另一版：请等它生效，或先撤回。",
        "Release {number} waits for its date, and only one can wait: wait until then, or withdraw it first.",
    ),
    "publish_see_pending": ("查看或撤回第 {number} 版", "See or withdraw release {number}"),
    "publish_note": ("发布说明", "A word on the release"),
    "publish_note_hint": ("不填则用草案名称", "The draft’s name if left empty"),
    "publish_errors": ("还有错误没有处理，不能发布。", "There are errors: it can’t be published yet."),
    "publish_changed": (
        "刚刚有人又修改了草案，请再看一遍后发布。",
        "Somebody has just changed the draft: look again, then publish.",
    ),
    "see_map": ("在网格地图上查看", "See it on the grid map"),
    "stale_looking": ("正在比较新版本…", "Comparing with the newest release…"),
    "stale_title": ("已有第 {newest} 版，需先转到该版本", "Release {newest} is out: take the draft there first"),
    "stale_conflicts": (
        "以下内容草案和新版本都改过，转过去后请逐一核对：",
        "Both the draft and the newest release changed these; check each one afterwards:",
    ),
    "stale_clean": (
        "两边没有改到相同的网格，草案的操作会在新版本上原样重做。",
        "They changed no grid in common: what was done to the draft is done again on the newest release.",
    ),
    "conflict_of": ("{name}（{code}）", "{name} ({code})"),
    "conflict": ("草案：{ours}；新版本：{theirs}", "Draft: {ours}. Newest release: {theirs}."),
    "conflicts_more": ("另有 {count} 处未列出。", "{count} more are not listed."),
    "rebase": ("转到最新版本", "Take it to the newest release"),
    "leave_out_title": ("有些操作无法重做", "Some of it can’t be done again"),
    "leave_out_text": (
        "有 {count} 步在新版本上无法重做，将略去：",
        "{count} steps can’t be done there and are left out:",
    ),
    "leave_out": ("略去并继续", "Leave them out"),
    "leave_out_more": ("另有 {count} 步未列出。", "{count} more are not listed."),
    "rebased": (
        "草案已转到第 {base} 版，{done} 步操作已重做。",
        "The draft is on release {base} now. Steps done again: {done}.",
    ),
    "rebased_without": (
        "草案已转到第 {base} 版，{done} 步操作已重做，{left} 步已略去。",
        "The draft is on release {base} now. Steps done again: {done}; left out: {left}.",
    ),
}

_GROUPS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "draft_states": {
        "open": ("进行中", "Open"),
        "published": ("已发布", "Published"),
        "discarded": ("已废弃", "Discarded"),
    },
    "changes": {"new": ("新增", "new"), "changed": ("有变化", "changed"), "ended": ("终止", "ends")},
    "diff_what": DIFFERENCES,
    "conflict_what": {
        "made": ("新增", "made"),
        "ended": ("终止", "ended"),
        "ground": ("范围有调整", "other ground"),
        "shape": ("范围有调整", "other ground"),
        "code": ("编码有修改", "another code"),
        "name": ("名称有修改", "another name"),
        "kind": ("类型有修改", "another kind"),
        "community": ("换了社区", "another community"),
        "parent": ("换了上级", "another parent"),
        "level": ("级别有修改", "another level"),
        "counts": ("户数有修改", "other counts"),
    },
}


def plan_page_words(lang: Language) -> Mapping[str, str]:
    """What the server writes on the pages of drafts."""
    place = LANGUAGES.index(lang)
    return {name: texts[place] for name, texts in _PAGES.items()}


def own_words(lang: Language) -> Mapping[str, Any]:
    """The words that the modules of these pages alone say."""
    place = LANGUAGES.index(lang)
    groups = {group: {name: texts[place] for name, texts in names.items()} for group, names in _GROUPS.items()}
    return {name: texts[place] for name, texts in (_PLAN | RELEASES).items()} | groups


def plan_words(lang: Language) -> Mapping[str, Any]:
    """The words of the modules of these pages and of the parts that they are made of."""
    shared = map_words(lang)
    mine = {"kinds": shared["kinds"], "whole_map": shared["whole_map"], "levels": level_names(lang)}
    tools = {name: texts[LANGUAGES.index(lang)] for name, texts in TOOLS.items()}
    return {**kit_words(lang), **mine, **tools, **own_words(lang)}
