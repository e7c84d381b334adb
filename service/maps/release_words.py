"""What pages of drafts say of releases: two beside each other, going back to one, taking one back."""

from typing import Final

RELEASES: Final[dict[str, tuple[str, str]]] = {
    "swipe": ("左右对比的分界", "Border between the two maps"),
    "release_caption": ("第 {number} 版 {day}", "Release {number}, {day}"),
    "release_option": ("第 {number} 版 {day}", "{number} · {day}"),
    "diff_none": ("两个版本的网格完全相同。", "The two releases are the same."),
    "diff_grids": ("{count} 个网格不同", "Grids that differ: {count}"),
    "diff_areas": ("{count} 个区划不同", "Areas that differ: {count}"),
    "diff_same": ("左右两边是同一个版本，请另选一个。", "Both sides show the same release: choose another one."),
    "diff_choose": ("选择版本", "Choose"),
    "diff_from": ("左边的版本", "Release on the left"),
    "diff_to": ("右边的版本", "Release on the right"),
    "diff_became": ("由 {codes} 接替", "succeeded by {codes}"),
    "diff_came_from": ("来自 {codes}", "from {codes}"),
    "compare": ("对比前后", "Compare"),
    "restore": ("恢复到第 {number} 版…", "Go back to release {number}…"),
    "restore_hint": (
        "恢复不会改动历史：先新建草案，查看影响后再发布为新版本。",
        "Going back changes no history: a draft is made, to be looked at and published as a new release.",
    ),
    "withdraw": ("撤回", "Withdraw"),
    "withdraw_asks": ("撤回…", "Withdraw…"),
    "was_withdrawn": (
        "第 {number} 版已撤回，它的草案恢复为进行中。",
        "Release {number} was withdrawn; its draft is open again.",
    ),
    "withdraw_release": ("撤回第 {number} 版…", "Withdraw release {number}…"),
    "withdraw_title": ("撤回第 {number} 版？", "Withdraw release {number}?"),
    "withdraw_text": (
        "它尚未生效，撤回后不再生效，草案恢复为进行中。",
        "It is not in force yet and never will be; its draft is open again.",
    ),
    "diff_failed": ("两个版本无法对比", "The releases can’t be compared"),
}

DIFFERENCES: Final[dict[str, tuple[str, str]]] = {
    "made": ("新增", "new"),
    "ended": ("终止", "ended"),
    "ground": ("范围", "ground"),
    "code": ("编码", "code"),
    "name": ("名称", "name"),
    "kind": ("类型", "kind"),
    "community": ("所属社区", "community"),
    "counts": ("户数", "counts"),
    "level": ("级别", "level"),
    "parent": ("上级", "parent"),
}
