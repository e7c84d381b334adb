"""What `gridmap staffing` prints on a terminal: posts by role, holes, norms that are not met, who has most."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table

from geodata.targets import KINDS
from geodata.times import instant
from service.commands.asking import OFF_DUTY
from service.commands.screen import either, output, plural, table

Row = dict[str, Any]
_Post = tuple[Any, ...]

_KINDS: Final = {
    "area": ("area", "区划"),
    "grid": ("grid", "网格"),
    "compound": ("compound", "小区"),
    "building": ("building", "楼栋"),
    "unit": ("unit", "单元"),
    "place": ("place", "场所"),
    "station": ("station", "站点"),
}
_WHY: Final = {
    "on_leave": ("{name} on leave, nobody stands in", "{name}请假，无人代班"),
    "off": ("{name} away, the stand-in is there at other hours", "{name}请假，代班人此时不在岗"),
    "ended": ("{name}'s duty ends without a successor", "{name}任期结束，无人接任"),
}


@dataclass(frozen=True, slots=True)
class Staffing:
    """What is known: rows as the lists of `geodata.lists.staffing` give them.

    Parameters
    ----------
    as_of, until
        Microseconds since 1970-01-01 UTC.
    area, layer
        Code of the area and of the layer, None for all.
    """

    as_of: int
    until: int
    area: str | None
    layer: str | None
    on_duty: list[Row]
    holes: list[Row]
    norms: list[Row]
    workloads: list[Row]

    @property
    def sound(self) -> bool:
        """Whether somebody is always there and every norm is met."""
        return not self.holes and not self.norms


def show(found: Staffing, zone: ZoneInfo, *, area: str | None, most: int) -> None:
    """Print everything.

    Parameters
    ----------
    area
        What the area is called, None for everywhere.
    most
        Most rows of each table; all where 0.
    """
    where = area or either("everywhere", "全部区划")
    layer = either(f", layer {found.layer}", f"，网格类型 {found.layer}") if found.layer else ""
    output.print(f"[bold]{escape(where + layer)}[/]  {_minute(found.as_of, zone)}")
    _show_roles(found)
    if found.area is not None or found.layer is not None:
        _show_people(found, most)
    _show_holes(found, zone, most)
    _show_norms(found, most)
    _show_loads(found, most)


def _show_roles(found: Staffing) -> None:
    """Print how many posts of each role have somebody now, are closed at this hour, or should have somebody."""
    if not found.on_duty:
        output.print(either("Nobody has a duty here.", "没有任何职责。"))
        return
    vacant = {_post(row) for row in found.holes if row["from"] == found.as_of}
    states: dict[_Post, set[str]] = defaultdict(set)
    roles: dict[tuple[int, str], dict[str, Any]] = {}
    for row in found.on_duty:
        states[_post(row)].add(row["state"])
        role = roles.setdefault((row["position"], row["role"]), {"row": row, "posts": set(), "away": set()})
        role["posts"].add(_post(row))
        if row["state"] == "on_leave":
            role["away"].add(row["holder"])
    listed = _numbers(
        either("role", "角色"),
        either("posts", "岗位"),
        either("on duty", "在岗"),
        either("off hours", "不在班"),
        either("nobody", "缺岗"),
        either("people on leave", "请假人数"),
    )
    for _, role in sorted(roles.items(), key=lambda item: item[0]):
        posts = role["posts"]
        here = sum("on_duty" in states[post] for post in posts)
        empty = len(posts & vacant)
        listed.add_row(
            escape(_role(role["row"])),
            f"{len(posts):,}",
            f"{here:,}",
            f"{len(posts) - here - empty:,}",
            f"[red]{empty:,}[/]" if empty else "0",
            f"{len(role['away']):,}",
        )
    output.print(listed)


def _show_people(found: Staffing, most: int) -> None:
    listed = table(either("for", "对象"), either("role", "角色"), either("who", "人员"), either("now", "现在"))
    for row in _some(found.on_duty, most):
        listed.add_row(escape(_target(row)), escape(_role(row)), escape(_who(row)), _state(row))
    if found.on_duty:
        output.print(listed)
        _tell_rest(found.on_duty, most)


def _show_holes(found: Staffing, zone: ZoneInfo, most: int) -> None:
    until = _minute(found.until, zone)
    if not found.holes:
        output.print(either(f"[green]No holes until {until}.[/]", f"[green]至 {until} 没有缺岗。[/]"))
        return
    count = len(found.holes)
    output.print(
        either(
            f"[bold]{plural(count, 'hole')} until {until}[/]: somebody is needed and nobody is there",
            f"[bold]至 {until} 有 {count:,} 处缺岗[/]：应有人在岗而无人",
        )
    )
    listed = table(either("from", "开始"), either("to", "结束"), either("for", "对象"), either("role", "角色"), "")
    for row in _some(found.holes, most):
        begins = either("now", "现在") if row["from"] == found.as_of else _minute(row["from"], zone)
        listed.add_row(begins, _ending(row, found, zone), escape(_target(row)), escape(_role(row)), escape(_why(row)))
    output.print(listed)
    _tell_rest(found.holes, most)


def _show_norms(found: Staffing, most: int) -> None:
    if not found.norms:
        output.print(either("[green]Every norm is met.[/]", "[green]配备标准全部达到。[/]"))
        return
    count = len(found.norms)
    output.print(either(f"[bold]{plural(count, 'norm')} not met[/]", f"[bold]{count:,} 处未达到配备标准[/]"))
    listed = table(
        either("where or who", "网格、区划或人员"),
        either("role", "角色"),
        either("has", "现有"),
        either("norm", "标准"),
    )
    listed.columns[2].justify = "right"
    for row in _some(found.norms, most):
        who = row["site_name"] or row["holder_name"]
        code = row["site"] or row["holder"]
        listed.add_row(escape(f"{who} {code}"), escape(_role(row)), f"{row['count']:,}", _norm(row))
    output.print(listed)
    _tell_rest(found.norms, most)


def _show_loads(found: Staffing, most: int) -> None:
    """Print who of those on the ground has most households; whoever answers for whole areas would hide them."""
    near = [row for row in found.workloads if not row["area_count"]]
    if not near:
        return
    output.print(_spread(near, len(found.workloads) - len(near)))
    listed = _numbers(
        either("worker", "人员"), either("looks after", "负责"), either("households", "户数"), either("persons", "人数")
    )
    listed.columns[1].justify = "left"
    ranked = sorted(near, key=lambda row: (-(row["households"] or 0), -sum(_targets(row).values()), row["worker"]))
    for row in _some(ranked, most):
        held = either(", ", "、").join(f"{either(*_KINDS[kind])} {count:,}" for kind, count in _targets(row).items())
        estimated = either(" (estimated)", "（估算）") if "estimated" in row["households_from"] else ""
        named = escape(f"{row['worker_name']} {row['worker']}")
        listed.add_row(named, held, _count(row["households"]) + estimated, _count(row["persons"]))
    output.print(listed)
    _tell_rest(ranked, most)


def _spread(near: Sequence[Row], over_areas: int) -> str:
    """How many people there are, and how unlike their households."""
    counted = [row["households"] for row in near if row["households"] is not None]
    people = len(near)
    said = either(
        f"[bold]{plural(people, 'worker')}[/] with grids, buildings or places",
        f"[bold]{people:,} 人负责网格、楼栋或场所[/]",
    )
    if counted:
        said += either(
            f"; households each: median {median(counted):,.0f}, most {max(counted):,}",
            f"；每人户数：中位数 {median(counted):,.0f}，最多 {max(counted):,}",
        )
    if over_areas:
        said += either(f"; {over_areas:,} more with whole areas", f"；另有 {over_areas:,} 人负责整个社区或街道")
    return said


def _some(rows: Sequence[Row], most: int) -> Sequence[Row]:
    return rows[:most] if most else rows


def _tell_rest(rows: Sequence[Row], most: int) -> None:
    left = len(rows) - most if most else 0
    if left > 0:
        output.print(
            either(
                f"{left:,} more: --rows 0 shows all, --format csv writes them.",
                f"另有 {left:,} 行：--rows 0 全部显示，--format csv 输出为表。",
            ),
            style="dim",
        )


def _numbers(first: str, *others: str) -> Table:
    """A table whose columns after the first are numbers."""
    made = table(first, *others)
    for column in made.columns[1:]:
        column.justify = "right"
    return made


def _post(row: Row) -> _Post:
    return row["target_kind"], row["layer"], row["target"], row["role"]


def _role(row: Row) -> str:
    return str(either(row.get("role_name_en") or row["role_name"], row["role_name"]))


def _target(row: Row) -> str:
    kind = "" if row["target_kind"] == "grid" else f"{either(*_KINDS[row['target_kind']])} "
    return f"{kind}{row['target_name']} {row['target']}"


def _who(row: Row) -> str:
    other = row["stands_in_for_name"]
    note = either(f" (for {other})", f"（代{other}）") if other else ""
    if not other and row["assignment"] == "stand_in":
        note = either(" (stand-in)", "（代班）")
    return f"{row['holder_name']}{note}"


def _state(row: Row) -> str:
    if row["state"] == "on_duty":
        return either("[green]on duty[/]", "[green]在岗[/]")
    return f"[yellow]{either(*OFF_DUTY[row['state']])}[/]"


def _ending(row: Row, found: Staffing, zone: ZoneInfo) -> str:
    ends = either("open end", "未见接续") if row["to"] >= found.until else _minute(row["to"], zone)
    if row["stretches"] == 1:
        return ends
    return ends + either(
        f" ({row['stretches']} stretches, {row['hours']:,g} h)", f"（{row['stretches']} 段，共 {row['hours']:,g} 小时）"
    )


def _why(row: Row) -> str:
    return either(*_WHY[row["reason"]]).format(name=either(", ", "、").join(row["missed_names"]))


def _norm(row: Row) -> str:
    """The limit that is not kept."""
    if row["kind"] == "below-norm":
        return either(f"at least {row['least']}", f"至少 {row['least']}")
    if row["kind"] == "above-norm":
        return either(f"at most {row['most']}", f"至多 {row['most']}")
    return either(f"at most {row['most_per_person']} for one person", f"每人至多 {row['most_per_person']}")


def _targets(row: Row) -> dict[str, int]:
    return {kind: row[f"{kind}_count"] for kind in KINDS if row[f"{kind}_count"]}


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _minute(micros: int, zone: ZoneInfo) -> str:
    return f"{instant(micros).astimezone(zone):%Y-%m-%d %H:%M}"
