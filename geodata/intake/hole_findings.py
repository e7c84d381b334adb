"""Stage 6 for duties and leave: holes in the roster, in words."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from geodata.intake.tenures import written, written_end
from geodata.intake.wording import TARGET_ZH, local_time, named, register_kind, target_words
from geodata.people.roster import Named
from geodata.people.rota import Hole
from geodata.people.spans import seconds, union
from geodata.records import Finding

_HOUR = 3600.0


def hole_findings(
    holes: Sequence[Hole],
    names: Mapping[tuple[str, int], Named],
    source_of: Callable[[Hole], tuple[int | None, str | None]],
    horizon_days: int,
) -> list[Finding]:
    """One warning for each post, reason and person: the many hours of a fortnight's leave are one hole to a reader.

    Parameters
    ----------
    names
        Of roles, targets and holders.
    source_of
        Gives the row that a hole comes from and what its record is called.
    """
    alike: dict[tuple[object, ...], list[Hole]] = defaultdict(list)
    for hole in holes:
        alike[hole.post, hole.reason, hole.holder_ids].append(hole)
    return [_finding(group, names, *source_of(group[0]), horizon_days) for group in alike.values()]


def _finding(
    group: Sequence[Hole],
    names: Mapping[tuple[str, int], Named],
    row: int | None,
    label: str | None,
    horizon_days: int,
) -> Finding:
    first = group[0]
    spans = union((hole.begins, hole.ends) for hole in group)
    begins, ends = spans[0][0], spans[-1][1]
    hours = round(seconds(spans) / _HOUR, 1)
    post = first.post
    role, where = named(names, "role", post.role_id), target_words(names, post.target_kind, post.target_id, post.unit)
    who = "、".join(named(names, "holder", holder_id).words for holder_id in first.holder_ids)
    why, why_zh = _REASONS[first.reason]
    return Finding(
        "warning",
        "hole",
        f"Nobody is on duty as {role.words} for {post.target_kind} {where} from {written(begins)} to "
        f"{written_end(ends)} ({hours:g} hours in the next {horizon_days} days): {why.format(who=who)}",
        f"{written(begins)} 至 {written_end(ends)}，{TARGET_ZH[post.target_kind]} {where} 无人担任“{role.words}”"
        f"（未来 {horizon_days} 天内共 {hours:g} 小时）：{why_zh.format(who=who)}",
        row=row,
        code=label,
        facts={
            "role": role.code,
            "target_kind": post.target_kind,
            "target": named(names, register_kind(post.target_kind), post.target_id).code,
            "unit": post.unit,
            "holders": [named(names, "holder", holder_id).code for holder_id in first.holder_ids],
            "reason": first.reason,
            "from": local_time(begins),
            "to": local_time(ends),
            "hours": hours,
        },
    )


_REASONS = {
    "on_leave": (
        "{who} is on leave and nobody stands in. Name a stand-in.",
        "{who} 请假期间无人替补，请指定替补人员。",
    ),
    "off": (
        "{who} is on leave and the stand-in is there at other hours. Name another stand-in or change the hours.",
        "{who} 请假，替补人员的值班时间不能覆盖，请另行指定替补人员或调整时间。",
    ),
    "ended": (
        "the duty of {who} is over and has no successor. Name a successor.",
        "{who} 的职责结束后无人接任，请指定接任人员。",
    ),
}
