"""Answers about the roster as rows: who is on duty, when nobody is, norms not met, how much everybody looks after."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from geodata.errors import InputError
from geodata.lists.exported import Asked, Rows
from geodata.people.rota import Hole, Post, Shift
from geodata.people.spans import union
from geodata.people.staffing import NormFault, Workload
from geodata.staffing import Week, unmet_norms, week, workloads_at
from geodata.targets import KINDS

HOLES_DAYS = 56
LONGEST_DAYS = 400
# Who can be reached first.
STATES = ("on_duty", "standby", "off_hours", "on_leave")
_DAY = int(timedelta(days=1) / timedelta(microseconds=1))
_HOUR = _DAY // 24


def on_duty(asked: Asked) -> Rows:
    """Everybody with a duty at the instant, and whether they answer: by target and role, who is there first.

    Notes
    -----
    ``state`` is ``on_duty``, ``off_hours``, ``on_leave`` or ``standby``: a stand-in while the primary is there.
    """
    at = asked.as_of
    found = week(asked.moment, asked.moment, at, at + 1, within=asked.within)
    rows = [_shift(asked, found, post, shift) for post in found.posts for shift in found.window.shifts(post)]
    rows.sort(
        key=lambda row: (
            KINDS.index(row["target_kind"]),
            row["layer"] or "",
            row["target"],
            row["position"],
            row["role"],
            STATES.index(row["state"]),
            row["assignment"],
            row["holder"],
        )
    )
    return iter(rows)


def _shift(asked: Asked, found: Week, post: Post, shift: Shift) -> dict[str, Any]:
    stint, role = shift.stint, asked.role(post.role_id)
    target = found.lives.target(post.target_kind, post.target_id, post.unit)
    assert target is not None
    holder = asked.holder(stint.holder_id)
    other = None if stint.stands_in_for is None else asked.holder(stint.stands_in_for)
    return {
        "target_kind": target.kind,
        "layer": target.layer,
        "target": target.code,
        "target_name": target.name,
        "role": role.code,
        "role_name": role.name,
        "role_name_en": role.name_en,
        "position": role.position,
        "holder": holder.code,
        "holder_name": asked.shown(holder, role)[0],
        "assignment": stint.assignment,
        "stands_in_for": other and other.code,
        "stands_in_for_name": other and asked.shown(other, role)[0],
        "hours": stint.duty.hours,
        "state": _state(asked, found, shift),
    }


def _state(asked: Asked, found: Week, shift: Shift) -> str:
    if shift.on_duty:
        return "on_duty"
    if shift.on_leave:
        return "on_leave"
    opens = found.window.rota.opens
    hours = shift.stint.duty.hours
    open_now = not hours or bool(opens(hours, asked.as_of, asked.as_of + 1))
    return "standby" if open_now else "off_hours"


def holes(asked: Asked) -> Rows:
    """Posts in which nobody will be, from the instant until the end that is asked for or for eight weeks.

    Raises
    ------
    InputError
        The end is more than 400 days later.
    """
    end = asked.until if asked.until is not None else asked.as_of + HOLES_DAYS * _DAY
    if end - asked.as_of > LONGEST_DAYS * _DAY:
        raise InputError(
            f"until must be no more than {LONGEST_DAYS} days after as_of",
            f"until 与 as_of 相差不能超过 {LONGEST_DAYS} 天",
            option="until",
        )
    found = week(asked.moment, asked.moment_of(end - 1), asked.as_of, end, within=asked.within)
    alike: dict[tuple[Any, ...], list[Hole]] = defaultdict(list)
    for hole in found.holes():
        alike[hole.post, hole.reason, hole.holder_ids].append(hole)
    rows = [_hole(asked, found, group) for group in alike.values()]
    rows.sort(key=lambda row: (row["from"], KINDS.index(row["target_kind"]), row["target"], row["role"], row["reason"]))
    return iter(rows)


def _hole(asked: Asked, found: Week, group: list[Hole]) -> dict[str, Any]:
    first, spans = group[0], union((hole.begins, hole.ends) for hole in group)
    post, role = first.post, asked.role(first.post.role_id)
    target = found.lives.target(post.target_kind, post.target_id, post.unit)
    assert target is not None
    missed = [asked.holder(one) for one in first.holder_ids]
    return {
        "target_kind": target.kind,
        "layer": target.layer,
        "target": target.code,
        "target_name": target.name,
        "role": role.code,
        "role_name": role.name,
        "role_name_en": role.name_en,
        "from": spans[0][0],
        "to": spans[-1][1],
        "stretches": len(spans),
        "hours": round(sum(ends - begins for begins, ends in spans) / _HOUR, 2),
        "reason": first.reason,
        "missed": tuple(holder.code for holder in missed),
        "missed_names": tuple(asked.shown(holder, role)[0] for holder in missed),
    }


def staffing(asked: Asked) -> Rows:
    """Staffing norms that are not met, by norm, then by site or holder."""
    rows = [_fault(asked, fault) for fault in unmet_norms(asked.moment, within=asked.within)]
    names = ("norm", "layer", "site", "holder", "kind")
    rows.sort(key=lambda row: [row[name] or "" for name in names])
    return iter(rows)


def _fault(asked: Asked, fault: NormFault) -> dict[str, Any]:
    norm, site, role = fault.norm, fault.site, asked.role(fault.norm.role_id)
    holder = None if fault.holder_id is None else asked.holder(fault.holder_id)
    return {
        "kind": fault.kind,
        "norm": norm.code,
        "role": role.code,
        "role_name": role.name,
        "role_name_en": role.name_en,
        "count": fault.count,
        "least": norm.least,
        "most": norm.most,
        "most_per_person": norm.most_per_person,
        "level": site and site.level,
        "layer": site and site.layer,
        "site": site and site.code,
        "site_name": site and site.name,
        "holder": holder and holder.code,
        "holder_name": holder and asked.shown(holder, role)[0],
    }


def workloads(asked: Asked) -> Rows:
    """How much each worker looks after by primary duties, in code order."""
    found = sorted(workloads_at(asked.moment, within=asked.within), key=lambda load: asked.holder(load.holder_id).code)
    return (_load(asked, load) for load in found)


def _load(asked: Asked, load: Workload) -> dict[str, Any]:
    holder = asked.holder(load.holder_id)
    return {
        "worker": holder.code,
        "worker_name": asked.shown(holder, None)[0],
        **{f"{kind}_count": load.targets.get(kind, 0) for kind in KINDS},
        "households": load.households,
        "persons": load.persons,
        "households_from": tuple(load.sources),
        "uncounted": load.uncounted,
    }
