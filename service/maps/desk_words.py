"""What the clerk's desk says, in Chinese and in English; the parts that every working page shares come first."""

from collections.abc import Mapping
from typing import Any, Final

from service.maps.words import LANGUAGES, Language, map_words

# Said by the parts that pages with tables and forms are made of.
_KIT: Final[dict[str, tuple[str, str]]] = {
    "loading": ("正在读取…", "Loading…"),
    "stop": ("。", "."),
    "comma": ("、", ", "),
    "semicolon": ("；", "; "),
    "colon": ("：", ": "),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "cancel": ("取消", "Cancel"),
    "page_before": ("上一页", "Previous"),
    "page_after": ("下一页", "Next"),
    "page_range": ("第 {from}–{to} 条", "{from}–{to}"),
    "page_range_of": ("第 {from}–{to} 条，共 {total} 条", "{from}–{to} of {total}"),
    "page_cut": ("明细只保留前 {count} 条。", "Only the first {count} are kept in detail."),
    "gate_title": ("请先登录", "Please sign in"),
    "gate_text": (
        "数据导入供网格办工作人员使用，请用管理员发给您的密钥登录。",
        "The data desk is for grid office clerks: sign in with the key that the operator gave you.",
    ),
    "gate_sign_in": ("用密钥登录", "Sign in with a key"),
    "gate_other_title": ("当前密钥不能导入数据", "This key may not load data"),
    "gate_other_role": (
        "您以“{name}”（{role}）登录。导入数据需要网格办工作人员或管理员的密钥。",
        "You are signed in as “{name}” ({role}). Loading needs the key of a grid office clerk or an administrator.",
    ),
    "gate_other_key": ("换一个密钥", "Use another key"),
    "session_over": (
        "登录已失效，请重新登录；已上传的文件都还在。",
        "The session has ended: sign in again. What you uploaded is kept.",
    ),
}

_DESK: Final[dict[str, tuple[str, str]]] = {
    "drop_title": ("把文件拖到这里", "Drop a file here"),
    "drop_choose": ("选择文件", "Choose a file"),
    "drop_formats": (
        "Excel、WPS 表格、CSV、GeoPackage、GeoJSON，或压缩成 zip 的 Shapefile；不超过 {size}",
        "Excel, ODS, CSV, GeoPackage, GeoJSON, or a Shapefile as zip; up to {size}",
    ),
    "drop_one": ("一次只能导入一个文件。", "One file at a time, please."),
    "drop_empty": ("“{file}”是空文件。", "“{file}” is empty."),
    "drop_large": ("“{file}”有 {size}，超过了 {most} 的上限。", "“{file}” is {size}; at most {most} are taken."),
    "sending": ("正在上传", "Uploading"),
    "sending_file": ("正在上传“{file}”", "Uploading “{file}”"),
    "stop_it": ("停止", "Stop"),
    "before_title": ("以前的导入", "Earlier loads"),
    "before_none": ("还没有导入过文件。", "Nothing has been loaded yet."),
    "column_file": ("文件", "File"),
    "column_kind": ("种类", "Kind"),
    "column_state": ("状态", "State"),
    "column_changes": ("变化", "Changes"),
    "column_who": ("导入人", "By"),
    "column_when": ("时间", "When"),
    "kinds_title": ("可以导入什么", "What can be loaded"),
    "kinds_text": (
        "粗体为必填。列名不必与模板一致，常见写法都能认出；也可以下载空表填写。",
        "What is bold is required. Headers need not be ours, the usual ones are understood; "
        "or download an empty sheet and fill it in.",
    ),
    "more_fields": ("等另外 {count} 列", "and {count} more"),
    "template": ("下载空表", "Empty sheet"),
    "template_of": ("下载“{kind}”空表", "Empty sheet for {kind}"),
    "kind_unknown": ("种类未定", "Kind not known"),
    "bytes": ("{count} 字节", "{count} bytes"),
    "state_no_kind": ("待选种类", "Kind needed"),
    "state_with_errors": ("有 {count} 处错误", "{count} errors"),
    "count_new": ("新增 {count}", "{count} new"),
    "count_changed": ("变更 {count}", "{count} changed"),
    "count_ended": ("终止 {count}", "{count} ended"),
    "count_same": ("不变 {count}", "{count} the same"),
    "nothing_changes": ("没有变化", "no change"),
    "all_loads": ("← 全部导入", "← All loads"),
    "load_gone": (
        "没有这次导入：可能已删除，或超过 30 天已清理。",
        "There is no such load: it was deleted, or cleared after 30 days.",
    ),
    "progress": ("进度", "Progress"),
    "of_total": ("{done} / {total}", "{done} of {total}"),
    "may_leave": (
        "可以关闭页面，处理会继续；稍后从“以前的导入”打开。",
        "You may close this page: the work goes on, and the load is kept under “Earlier loads”.",
    ),
    "was_cancelled": ("已停止，没有写入任何内容。", "It was stopped; nothing was written."),
    "was_undone": (
        "这次导入已撤销，数据恢复到导入之前。",
        "This load was undone; the data is as it was before.",
    ),
    "result": ("检查结果", "Result of the check"),
    "figure_rows": ("行数据", "rows"),
    "figure_errors": ("处错误", "errors"),
    "figure_warnings": ("处提醒", "warnings"),
    "figure_new": ("新增", "new"),
    "figure_changed": ("变更", "changed"),
    "figure_ended": ("终止", "ended"),
    "figure_same": ("不变", "the same"),
    "sheet_title": ("系统这样理解这张表", "How the sheet was understood"),
    "sheet": ("工作表", "Sheet"),
    "kinds_guessed": ("看起来是", "Looks like"),
    "kinds_other": ("其他种类", "Other kinds"),
    "kind_choose": ("请选择种类", "Choose a kind"),
    "kind_needed": (
        "认不出这是什么表，请先选择种类，再检查。",
        "It is not clear what this sheet holds: choose its kind first, then check.",
    ),
    "header_rows": ("表头在第几行", "Header rows"),
    "header_first": ("表头第一行", "First header row"),
    "header_last": ("表头最后一行", "Last header row"),
    "header_wrong": ("表头从第几行到第几行，后者不能小于前者", "From the first to the last header row, counted from 1"),
    "to": ("至", "to"),
    "effective": ("生效时间", "Takes effect"),
    "effective_hint": ("不填为提交时；按 {zone} 时间", "At the commit if left empty; {zone} time"),
    "more_options": ("更多选项", "More options"),
    "crs": ("坐标系", "Coordinates"),
    "crs_file": ("按文件所写（没写按 WGS 84）", "As the file says (else WGS 84)"),
    "crs_other": ("其他坐标系…", "Another system…"),
    "crs_other_label": ("坐标系代号", "Code of the system"),
    "crs_wrong": ("请填写坐标系，例如 EPSG:4547", "Name a system, such as EPSG:4547"),
    "layers": ("网格类型", "Layer"),
    "layer_default": ("默认类型", "The default layer"),
    "within": ("只替换此区划内的网格", "Only the grids of this area"),
    "within_all": ("区划代码，不填为全部", "Code of an area; all if empty"),
    "within_hint": (
        "文件只有一个社区或街道时填写，其他地方的网格不动",
        "Where the file holds one community or street: grids elsewhere stay as they are",
    ),
    "note": ("备注", "Note"),
    "profile_use": ("使用已存的列对应", "Use a saved mapping"),
    "profile_none": ("不使用", "None"),
    "profile_save": ("把列对应存为", "Save the mapping as"),
    "profile_name": ("例如：民政局月报", "such as: monthly report"),
    "retire_missing": ("文件里没有的，视为终止", "End what is not in the file"),
    "retire_missing_hint": (
        "只有文件包含全部记录时才勾选；网格终止超过一成时也要勾选",
        "Only where the file holds every record; grids need it too where more than a tenth would end",
    ),
    "make_codes": ("没有编码，按内容生成", "Make codes from the content"),
    "make_codes_hint": ("编码由{fields}生成", "Codes are made from {fields}"),
    "repair": ("自动修补图形", "Repair shapes"),
    "repair_hint": ("修补自相交、细缝和重叠，每处都会列出", "Mends crossings, slivers and overlaps, and lists each"),
    "missing_fields": (
        "还没有找到必填的列：{fields}。请在下表中为它们选列。",
        "Required, but in no column yet: {fields}. Choose columns for them below.",
    ),
    "preview_caption": ("表格预览", "Preview of the sheet"),
    "preview_none": ("没有读出任何列。", "No columns could be read."),
    "preview_empty": ("没有数据行。", "There are no rows."),
    "row_to_see": ("查看第几行", "Go to row"),
    "see_row": ("查看", "Show"),
    "column_row": ("行", "Row"),
    "field_none": ("不使用", "not used"),
    "field_of": ("“{column}”列作为", "Read the column “{column}” as"),
    "findings_title": ("问题", "Findings"),
    "findings_none": ("没有问题。", "Nothing found."),
    "severity": ("级别", "Severity"),
    "error": ("错误", "Error"),
    "warning": ("提醒", "Warning"),
    "all_findings": ("全部 {count}", "All {count}"),
    "error_count": ("错误 {count}", "Errors {count}"),
    "warning_count": ("提醒 {count}", "Warnings {count}"),
    "marked": ("下载标好问题的表", "Download the sheet with faults marked"),
    "column_column": ("列", "Column"),
    "column_code": ("编码", "Code"),
    "column_label": ("名称", "Name"),
    "column_message": ("问题和办法", "What is wrong, and what to do"),
    "fault_detail": ("所选问题", "The chosen finding"),
    "fault_hint": (
        "点一条问题，这里显示它所在的行和位置。",
        "Choose a finding: its row and its place are shown here.",
    ),
    "fault_whole": ("这个问题涉及整个文件。", "This concerns the whole file."),
    "fault_map": ("问题所在位置", "Where the faults lie"),
    "row_gone": ("这一行不在表格数据中。", "This row is not among the data of the sheet."),
    "row_of_sheet": ("表格第 {row} 行", "Row {row} of the sheet"),
    "empty_cell": ("（空）", "(empty)"),
    "see_in_sheet": ("在表格中查看", "Show in the sheet"),
    "plan_title": ("提交后会改变什么", "What a commit would change"),
    "plan_done_title": ("改变了什么", "What was changed"),
    "plan_none": ("没有这一类变化。", "No such changes."),
    "all_the_same": (
        "与现有数据完全相同，共 {count} 条，没有要写入的内容。",
        "All {count} records are as they are now: there is nothing to write.",
    ),
    "before_after": ("原来 → 现在", "Before → after"),
    "content": ("内容", "Content"),
    "becomes": ("改为", "becomes"),
    "deciding": ("下一步", "What next"),
    "discard": ("删除", "Delete"),
    "discard_title": ("删除这次导入？", "Delete this load?"),
    "discard_text": (
        "“{file}”及其检查结果会从服务器删除；尚未提交的内容不会写入。",
        "“{file}” and what was found in it are removed from the server; nothing of it is written.",
    ),
    "check_again": ("重新检查", "Check again"),
    "check_again_hint": ("可以修改上面的选项后重新检查。", "Change the options above if need be, and check again."),
    "check_changes": ("按新设置检查", "Check with these settings"),
    "changes_unchecked": ("设置已修改，尚未检查。", "The settings were changed and not checked yet."),
    "commit": ("提交…", "Commit…"),
    "commit_title": ("提交这些变化？", "Commit these changes?"),
    "commit_text": ("{kind}：{summary}。", "{kind}: {summary}."),
    "commit_now": ("提交后立即生效。", "They take effect at once."),
    "commit_when": ("自 {time} 起生效。", "They take effect on {time}."),
    "commit_ended": (
        "有 {count} 条现行记录将终止。历史会保留，但此后不再显示。",
        "{count} records in force will end. Their history is kept; from then on they are not shown.",
    ),
    "commit_warnings": ("仍有 {count} 处提醒未处理。", "{count} warnings remain."),
    "commit_agree": ("提交", "Commit"),
    "verdict_errors": (
        "还有 {count} 处错误，改好后才能提交。",
        "{count} errors: they must be mended before anything can be committed.",
    ),
    "verdict_retire": (
        "会终止较多记录：确认无误后，在“更多选项”勾选“文件里没有的，视为终止”。",
        "Many records would end: if that is meant, tick “End what is not in the file” under “More options”.",
    ),
    "verdict_same": ("与现有数据相同，不需要提交。", "The same as what is in force: nothing to commit."),
    "verdict_ready": ("可以提交：{summary}", "Ready: {summary}"),
    "verdict_refused": ("暂时不能提交：{summary}", "Cannot be committed now: {summary}"),
    "done_title": ("已提交", "Committed"),
    "in_force_since": ("自 {time} 起生效", "in force from {time}"),
    "as_release": ("第 {number} 版", "release {number}"),
    "to_map": ("在地图上查看", "See it on the map"),
    "to_week": ("查看一周值班", "See the week on duty"),
    "to_register": ("查看现有记录", "See the records"),
    "no_holes_ahead": ("至 {day} 没有缺岗。", "No holes until {day}."),
    "holes_ahead": ("至 {day} 有 {count} 处缺岗。", "{count} holes until {day}."),
    "first_hole": ("查看最早一处：{where}，{day}", "See the first: {where}, {day}"),
    "undo": ("撤销这次导入…", "Undo this load…"),
    "undo_hint": ("发现导错了？可以整体撤销。", "Loaded by mistake? It can be undone as a whole."),
    "undo_title": ("撤销这次导入？", "Undo this load?"),
    "undo_text": (
        "撤销“{file}”：数据恢复到导入之前（{summary}）。如果之后有人改过其中的记录，会告诉您，不会覆盖。",
        "“{file}” is taken back: the data will be as it was before ({summary}). Records that somebody changed "
        "since are not overwritten: you are told.",
    ),
    "undo_short": ("撤销", "Undo"),
    "undo_of": ("撤销“{file}”", "Undo “{file}”"),
    "undo_agree": ("撤销", "Undo"),
    "somebody_else": (
        "有人同时改动了这次导入，您的操作没有执行。",
        "Somebody else changed this load at the same time; nothing was done.",
    ),
    "see_present": ("查看现状", "See the present state"),
}

# From the map's words: what signing in, failures and zooming say.
_SHARED: Final = (
    "again",
    "busy_text",
    "busy_title",
    "failed_title",
    "key_refused",
    "offline_text",
    "offline_title",
    "signed_in",
    "zoom_in",
    "zoom_out",
    "roles",
)

_GROUPS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "states": {
        "queued": ("等待处理", "Waiting"),
        "checking": ("正在检查", "Checking"),
        "checked": ("待提交", "Checked"),
        "committing": ("正在写入", "Writing"),
        "committed": ("已提交", "Committed"),
        "undoing": ("正在撤销", "Undoing"),
        "undone": ("已撤销", "Undone"),
        "failed": ("未能处理", "Failed"),
        "cancelled": ("已停止", "Stopped"),
        "discarded": ("已删除", "Deleted"),
    },
    "how": {
        "told": ("已指定", "chosen"),
        "profile": ("按已存方案", "from the profile"),
        "guessed": ("自动识别", "guessed"),
    },
    "datums": {
        "EPSG:4326": ("WGS 84 经纬度", "WGS 84 longitude, latitude"),
        "EPSG:4490": ("CGCS2000 经纬度", "CGCS2000 longitude, latitude"),
        "GCJ-02": ("GCJ-02（高德、腾讯）", "GCJ-02 (Gaode, Tencent)"),
        "BD-09": ("BD-09（百度）", "BD-09 (Baidu)"),
    },
    # Options of the command, as the form calls them.
    "options": {
        "--repair": ("“自动修补图形”", "“Repair shapes”"),
        "--retire-missing": ("“文件里没有的，视为终止”", "“End what is not in the file”"),
        "--within": ("“只替换此区划内的网格”", "“Only the grids of this area”"),
        "--crs": ("“坐标系”", "“Coordinates”"),
        "--layer": ("“网格类型”", "“Layer”"),
        "--effective": ("“生效时间”", "“Takes effect”"),
        "--sheet": ("“工作表”", "“Sheet”"),
        "--map code=*": ("“没有编码，按内容生成”", "“Make codes from the content”"),
        "--map": ("预览表上方的选列", "the choice above the column"),
    },
    # What the load door and its stages call what they do.
    "stages": {
        "reading the file": ("读取文件", "reading the file"),
        "reading values": ("读取各列", "reading values"),
        "placing": ("定位", "placing"),
        "validating": ("检查图形", "validating"),
        "repairing": ("修补图形", "repairing"),
        "finding communities": ("确定所属社区", "finding communities"),
        "reading what is in force": ("读取现有数据", "reading what is in force"),
        "writing": ("写入", "writing"),
    },
}


def kit_words(lang: Language) -> Mapping[str, Any]:
    """The words of the parts that every working page is made of: signing in, tables, forms."""
    place = LANGUAGES.index(lang)
    shared = map_words(lang)
    datums = {name: texts[place] for name, texts in _GROUPS["datums"].items()}
    own = {name: texts[place] for name, texts in _KIT.items()}
    return {name: shared[name] for name in _SHARED} | own | {"datums": datums}


def desk_words(lang: Language) -> Mapping[str, Any]:
    """The words of the desk's modules and of the parts that they are made of."""
    place = LANGUAGES.index(lang)
    own = {name: texts[place] for name, texts in _DESK.items()}
    groups = {group: {name: texts[place] for name, texts in names.items()} for group, names in _GROUPS.items()}
    return {**kit_words(lang)} | own | groups
