"""What the printed report about a draft says, in Chinese and in English."""

from collections.abc import Mapping
from typing import Final

from service.maps.words import Language

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("网格调整方案", "Proposal to redraw grids"),
    "unnamed": ("未命名草案", "Unnamed draft"),
    "empty": ("草案“{draft}”尚未作任何调整。", "The draft “{draft}” changes nothing yet."),
    "say_grids": ("{place}拟调整 {grids} 个网格", "In {place}, {grids} would change"),
    "say_grids_nowhere": ("拟调整 {grids} 个网格", "{grids} would change"),
    "say_new": ("新增 {count} 个", "{count} new"),
    "say_ended": ("撤销 {count} 个", "{count} ended"),
    "say_communities": ("，涉及 {count} 个社区", ", in {communities}"),
    "say_moved": ("；{households} 户（{persons} 人）更换网格", "; {households} ({persons}) would change grid"),
    "say_moved_households": ("；{households} 户更换网格", "; {households} would change grid"),
    "say_nobody": ("；没有住户更换网格", "; nobody would change grid"),
    "say_community": ("，{count} 户更换社区", ", {households} would change community"),
    "say_only_community": ("；{count} 户随网格更换社区", "; {households} would change community with their grids"),
    "say_no_community": ("，无住户更换社区", ", nobody would change community"),
    "say_band": (
        "；户数达标的网格由 {before} 个变为 {after} 个",
        "; grids in their band of households: {before} before, {after} after",
    ),
    "say_same_band": ("；户数达标的网格仍为 {after} 个", "; grids in their band of households stay {after}"),
    "stop": ("。", "."),
    "layer": ("网格类型", "Layer"),
    "base": ("现行版本", "Made from"),
    "base_text": ("第 {base} 版（{on} 起施行）", "release {base}, in force from {on}"),
    "version": ("草案状态", "Draft"),
    "open": ("第 {version} 稿，未发布", "version {version}, not published"),
    "published": ("已发布为第 {release} 版", "published as release {release}"),
    "discarded": ("已放弃", "discarded"),
    "written": ("生成时间", "Written"),
    "drawn_by": ("编制", "Drawn up by"),
    "note": ("说明", "Note"),
    "stale": (
        "现行版本已更新，本方案基于较早的版本，发布前须先更新基准。",
        "A newer release is out: the draft has to be taken to it before it can be published.",
    ),
    "grids_changed": ("调整的网格", "Grids that change"),
    "grids_unit": ("个", ""),
    "moved": ("更换网格", "Change grid"),
    "moved_community": ("更换社区", "Change community"),
    "households_unit": ("户", "households"),
    "in_band": ("户数达标网格", "Grids in the band"),
    "to_look": ("须处理 / 须留意", "Errors / warnings"),
    "map_title": ("调整前后对照", "Before and after"),
    "map_place": ("调整前后对照 · 第 {place} 处（共 {places} 处）", "Before and after · place {place} of {places}"),
    "map_left": (
        "另有 {count} 处相距较远的调整未绘图，见网格表。",
        "{count} more places lie farther off and are not drawn; see the table of grids.",
    ),
    "before": ("调整前", "Before"),
    "after": ("调整后", "After"),
    "legend_changed": ("调整的网格（编号见下表，前后同号同色）", "grid that changes (numbers as in the table)"),
    "legend_same": ("不变的网格", "grid that stays"),
    "legend_moved": ("改变归属的范围", "ground that changes hands"),
    "legend_area": ("社区界线", "border of communities"),
    "legend_station": ("服务站点", "service station"),
    "legend_finding": ("须核实之处（字母见“检查结果”）", "place to check (letters as in the findings)"),
    "unnumbered": (
        "过小的网格未在图上编号。",
        "Grids too small for it bear no number.",
    ),
    "grids": ("调整的网格", "Grids that change"),
    "number": ("号", "No."),
    "grid": ("网格", "Grid"),
    "what": ("调整内容", "What changes"),
    "households": ("户数", "Households"),
    "persons": ("人数", "Persons"),
    "band": ("户数标准", "Band"),
    "walk": ("步行分钟", "Minutes' walk"),
    "roundness": ("紧凑度", "Compactness"),
    "new": ("新增", "new"),
    "ended": ("撤销", "ended"),
    "shape": ("边界", "border"),
    "code": ("编码", "code"),
    "name": ("名称", "name"),
    "kind": ("类别", "kind"),
    "community": ("社区", "community"),
    "fits": ("达标", "in band"),
    "few": ("偏少", "too few"),
    "many": ("偏多", "too many"),
    "more": ("另有 {count} 项，见同名工作簿。", "{count} more: see the workbook of this report."),
    "community_head": ("社区", "Community"),
    "communities": ("涉及的社区", "Communities"),
    "number_of_grids": ("网格数", "Grids"),
    "fitting": ("达标网格", "In the band"),
    "no_area": ("未属社区", "in no community"),
    "nowhere": ("不在任何网格", "in no grid"),
    "flows": ("谁去往哪里", "Who goes where"),
    "community_flows": ("社区之间", "Between communities"),
    "from": ("原网格", "From"),
    "to": ("现网格", "To"),
    "from_community": ("原社区", "From"),
    "to_community": ("现社区", "To"),
    "buildings": ("楼栋", "Buildings"),
    "stations": ("站点", "Stations"),
    "area": ("面积", "Area"),
    "estimated": (
        "更换归属的户数中有 {count} 户为估算。",
        "{count} of the households that change hands are estimates.",
    ),
    "station_moves": ("改变归属的服务站点", "Service stations that change hands"),
    "duties": ("职责变化", "Duties that change"),
    "change": ("变化", "Change"),
    "target": ("对象", "For"),
    "role": ("岗位", "Role"),
    "holder": ("人员", "Held by"),
    "workloads": ("人员工作量", "Workloads"),
    "own_grids": ("主岗网格", "Grids (primary)"),
    "own_households": ("户数", "Households"),
    "balance": ("均衡与紧凑", "Balance and compactness"),
    "figure": ("指标", "Figure"),
    "meaning": ("含义", "What it means"),
    "findings": ("检查结果", "Findings"),
    "no_findings": ("检查未发现问题。", "Nothing was found."),
    "inherited_finding": ("（调整前已有）", " (as before)"),
    "finding": ("内容", "What is found"),
    "place": ("位置", "Place"),
    "method": ("数据与方法", "Data and method"),
    "signatures": ("会签", "Signatures"),
    "opinion": ("意见", "Opinion"),
    "signature": ("签字（盖章）", "Signature"),
    "day": ("日期", "Date"),
    "sign_planner": ("编制", "Drawn up"),
    "sign_community": ("相关社区（村）", "Communities concerned"),
    "sign_street": ("街道（乡镇）", "Street or town"),
    "sign_approval": ("批准", "Approved"),
    "approval": ("审图号", "Map approval"),
}

BALANCE: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "grids": (("网格总数", "Grids in all"), ("本类型全部网格", "all grids of the layer")),
    "in_band": (
        ("户数达标的网格", "Grids in the band"),
        ("户数在标准以内的网格及其占比，越多越好", "as many households as the band asks; more is better"),
    ),
    "range": (
        ("每网格户数：最少 / 中位 / 最多", "Households of a grid: least / median / most"),
        ("三者越接近，各网格户数越均衡", "the nearer to each other, the more even"),
    ),
    "variation": (
        ("户数变异系数", "Coefficient of variation"),
        ("标准差除以平均数，0 为完全均衡，越小越好", "deviation by mean; 0 is even, less is better"),
    ),
    "empty": (("无住户的网格", "Grids without households"), ("没有登记或估算的住户", "nobody registered or estimated")),
    "polsby": (
        ("紧凑度 Polsby–Popper（调整网格的中位数）", "Compactness, Polsby–Popper (median of changed grids)"),
        ("4π×面积÷周长²，圆为 1、正方形为 0.79；边界曲折则小", "4π × area ÷ perimeter²; circle 1, square 0.79"),
    ),
    "reock": (
        ("紧凑度 Reock（调整网格的中位数）", "Compactness, Reock (median of changed grids)"),
        ("面积÷最小外接圆，圆为 1、正方形为 0.64；狭长则小", "area ÷ smallest circle; circle 1, square 0.64"),
    ),
}


def draft_report_words(lang: Language) -> dict[str, str]:
    """Every text of the report in a language."""
    return {name: pair[lang == "en"] for name, pair in _WORDS.items()}


def counted(count: int, noun: str, lang: Language) -> str:
    """A number of things in English, ``1 grid`` or ``1,200 grids``; in Chinese the number alone."""
    if lang != "en":
        return f"{count:,}"
    many = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{count:,} {noun if count == 1 else many}"
