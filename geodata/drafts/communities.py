"""Operations on areas: grids go to another community; communities are split, merged and made."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.ops import split as cut

from geodata.drafts.codes import following_codes
from geodata.drafts.following import Moved, areas_following
from geodata.drafts.state import COMMUNITY, DraftArea, DraftGrid
from geodata.drafts.step import Step
from geodata.drafts.wording import listed
from geodata.errors import ConflictError, EditRefusedError
from geodata.grid.plane import LocalPlane
from geodata.records import Finding

_BESIDE_METRES = 1.0
_MOST_CROSSED = 0.01
"""A grid that has more than this of its ground beyond a line is said to be crossed by it."""


def move_grids(step: Step) -> None:
    """``move-grids {grids, community, keep_codes?}``: grids belong to another community from now on.

    Raises
    ------
    NotKnownError
        There is no such grid or area.
    EditRefusedError
        The area is no community, or the grids are in it already.
    """
    target = _community(step, step.operation.fields["community"])
    grids = [grid for grid in step.named(step.operation.fields["grids"]) if grid.community != target.code]
    if not grids:
        raise _refused("in-it-already", f"The grids are in {target.name} already.", f"所选网格已属于{target.name}。")
    _move(step, grids, target.code)
    codes, codes_zh = listed(grid.code for grid in grids)
    grids_told = "Grid" if len(grids) == 1 else "Grids"
    now, now_zh = _codes_now(step, grids)
    step.say(f"{grids_told} {codes} moved to {target.name}{now}", f"将网格 {codes_zh} 划入{target.name}{now_zh}")


def create_community(step: Step) -> None:
    """``create-community {grids, code, name, parent?}``: a new community out of grids of others.

    Raises
    ------
    NotKnownError
        There is no such grid, or no such parent.
    ConflictError
        The code is or was that of another area.
    """
    asked = step.operation
    grids = step.named(asked.fields["grids"])
    parent = asked.get("parent")
    if parent is not None:
        step.before.area(parent)
    _found(step, grids, asked.fields["code"], asked.fields["name"], parent)


def split_community(step: Step) -> None:
    """``split-community {community, grids | line, code, name}``: some of its grids become a community of their own.

    Raises
    ------
    NotKnownError
        There is no such grid or area.
    ConflictError
        The code is or was that of another area.
    EditRefusedError
        A grid is not in the community, or the line does not divide it.
    """
    asked = step.operation
    community = _community(step, asked.fields["community"])
    if asked.get("grids") is not None:
        grids = step.named(asked.fields["grids"])
        strangers = [grid.code for grid in grids if grid.community != community.code]
        if strangers:
            told, told_zh = listed(strangers)
            raise _refused(
                "not-in-it",
                f"{told}: not in {community.name}. Choose grids of the community only.",
                f"网格 {told_zh} 不属于{community.name}：请只选择该社区的网格。",
                strangers,
            )
    else:
        grids = _beyond(step, community, asked.fields["line"])
    _found(step, grids, asked.fields["code"], asked.fields["name"], community.parent)


def merge_communities(step: Step) -> None:
    """``merge-communities {communities, survivor}``: one of several communities gets the grids of all.

    Raises
    ------
    NotKnownError
        There is no such area.
    EditRefusedError
        Fewer than two are named, the survivor is not among them, or they don't lie beside each other.
    """
    asked = step.operation
    named = [_community(step, code) for code in dict.fromkeys(asked.fields["communities"])]
    survivor = _community(step, asked.fields["survivor"])
    if survivor not in named or len(named) < 2:
        raise _refused(
            "survivor-not-among",
            "Name two communities or more, and which of them stays.",
            "请指定两个或以上社区，并指明其中保留的社区。",
        )
    if not asked.get("allow_parts"):
        _refuse_apart(step, named)
    ended = [area for area in named if area != survivor]
    gone = {area.code for area in ended}
    step.areas |= dict.fromkeys(gone)
    for area in step.before.areas.values():
        if area.parent in gone and area.code not in gone:
            step.areas[area.code] = replace(area, parent=survivor.code)
    grids = [grid for grid in step.before.grids.values() if grid.community in gone]
    _move(step, sorted(grids, key=lambda grid: grid.code), survivor.code, [area.code for area in ended])
    names, names_zh = listed(area.name for area in ended)
    now, now_zh = _codes_now(step, grids)
    step.say(f"{names} merged into {survivor.name}{now}", f"将{names_zh}并入{survivor.name}{now_zh}")


def _found(step: Step, grids: Sequence[DraftGrid], code: str, name: str, parent: str | None) -> None:
    """Make a community of grids."""
    if code in step.before.areas or code in step.around.area_codes:
        raise ConflictError(
            f"The code {code!r} is or was that of another area, and codes are not used again: take another.",
            f"编码“{code}”已被其他区划使用或曾经使用，编码不可重复使用：请换一个。",
            code=code,
            reason="code-taken",
        )
    givers = _givers(step, grids)
    first = step.before.areas.get(givers[0]) if givers else None
    origins = dict.fromkeys(origin for giver in givers for origin in step.before.areas[giver].origins)
    level = COMMUNITY if first is None else first.level
    above = parent if parent is not None or first is None else first.parent
    step.areas[code] = DraftArea(None, code, name, level, above, None, tuple(origins))
    _move(step, grids, code, made=[code])
    made_of = "1 grid" if len(grids) == 1 else f"{len(grids)} grids"
    now, now_zh = _codes_now(step, grids)
    step.say(f"Community {name} made of {made_of}{now}", f"以 {len(grids)} 个网格新建社区{name}{now_zh}")


def _move(
    step: Step, grids: Sequence[DraftGrid], community: str, ended: Sequence[str] = (), made: Sequence[str] = ()
) -> None:
    """Give grids to a community, with codes of its own where codes begin with those of communities.

    The ground of areas follows where the layer tiles it, or where the area is new.
    """
    codes = {} if step.operation.get("keep_codes") else _codes_there(step, grids, community)
    for grid in grids:
        code = codes.get(grid.key, grid.code)
        name = grid.name.replace(grid.code, code) if grid.code in grid.name else grid.name
        step.grids[grid.key] = replace(grid, community=community, code=code, name=name)
    moved = [Moved(grid.community, community, step.before.shape(grid.key)) for grid in grids]
    if not step.before.full and not made:
        moved = []
    # What an ended community had beyond its grids goes with them.
    shapes = ((code, step.before.areas[code].shape) for code in ended)
    moved += [Moved(code, community, shape) for code, shape in shapes if shape is not None]
    step.areas |= areas_following(step.before, step.after(), moved, made)


def _codes_there(step: Step, grids: Sequence[DraftGrid], community: str) -> dict[str, str]:
    """Codes of grids in another community; none where its numbers don't suffice, which is noted."""
    try:
        return following_codes(step.before, grids, community, step.around.codes)
    except ConflictError as full:
        step.notes.append(
            Finding(
                "warning",
                "codes-kept",
                f"The grids keep their codes: {full.detail}",
                f"网格编码保持不变：{full.detail_zh}",
                facts={"area": community},
            )
        )
        return {}


def _codes_now(step: Step, grids: Sequence[DraftGrid]) -> tuple[str, str]:
    """What is said of codes that follow, English and Chinese; nothing where none does."""
    changed = [made.code for grid in grids if (made := step.grids[grid.key]) is not None and made.code != grid.code]
    if not changed:
        return "", ""
    codes, codes_zh = listed(changed)
    return f", now {codes}", f"，编码改为 {codes_zh}"


def _givers(step: Step, grids: Sequence[DraftGrid]) -> list[str]:
    """Communities of grids, the one that most households come from first; then the one with most grids."""
    households = step.around.households([step.before.shape(grid.key) for grid in grids])
    people: dict[str, float] = {}
    many: Counter[str] = Counter()
    for grid, count in zip(grids, households, strict=True):
        if grid.community is not None and grid.community in step.before.areas:
            people[grid.community] = people.get(grid.community, 0.0) + count
            many[grid.community] += 1
    return sorted(many, key=lambda code: (-people[code], -many[code], code))


def _community(step: Step, code: str) -> DraftArea:
    """The area of a code, where grids can belong to it.

    Raises
    ------
    NotKnownError
        There is none.
    EditRefusedError
        Areas of its level are not what grids belong to.
    """
    area = step.before.area(code)
    areas = step.before.areas.values()
    lowest = area.level == COMMUNITY
    if not any(each.level == COMMUNITY for each in areas):
        lowest = not any(each.parent == code for each in areas)
    if not lowest:
        raise _refused(
            "no-community",
            f"{area.name} is no community: grids belong to communities or villages.",
            f"{area.name}不是社区（村），网格只能属于社区（村）。",
        )
    return area


def _refuse_apart(step: Step, named: Sequence[DraftArea]) -> None:
    """Refuse communities that don't lie beside each other; those without a shape and without grids are let be."""
    shapes = [(area, shape) for area in named if (shape := _ground(step, area)) is not None]
    if len(shapes) < 2:
        return
    plane = LocalPlane.around(np.array([shape for _, shape in shapes], dtype=object))
    flat = plane.forward(np.array([shape for _, shape in shapes], dtype=object))
    reached, waiting = {0}, [0]
    while waiting:
        near = np.flatnonzero(shapely.dwithin(flat, flat[waiting.pop()], _BESIDE_METRES)).tolist()
        waiting += [at for at in near if at not in reached]
        reached.update(near)
    apart = [shapes[at][0] for at in range(len(shapes)) if at not in reached]
    if apart:
        point = shapely.point_on_surface(_ground(step, apart[0]))
        names, names_zh = listed(area.name for area in apart)
        raise EditRefusedError(
            f"{names}: not beside the others. Merge communities that lie together.",
            f"{names_zh}与其他社区不相邻：请合并相邻的社区。",
            reason="not-touching",
            lon=float(point.x),
            lat=float(point.y),
            areas=[area.code for area in apart],
        )


def _ground(step: Step, area: DraftArea) -> shapely.Geometry | None:
    if area.shape is not None:
        return area.shape
    members = step.before.members(area.code)
    return shapely.union_all([step.before.shape(key) for key in members]) if members else None


def _beyond(step: Step, community: DraftArea, line: Sequence[Sequence[float]]) -> list[DraftGrid]:
    """Grids that lie beyond a line, by most of their ground: those of the side with fewer households."""
    keys = step.before.members(community.code)
    shapes = np.array([step.before.shape(key) for key in keys], dtype=object)
    drawn = shapely.LineString(line)
    sides = shapely.get_parts(cut(shapely.union_all(shapes), drawn)) if len(keys) and drawn.is_simple else []
    ground = shapely.area(shapely.intersection(shapes[:, None], np.array(sides, dtype=object)[None, :]))
    side = ground.argmax(axis=1) if len(sides) else np.zeros(0, dtype=np.int64)
    numbers = np.unique(side).tolist()
    if len(numbers) < 2:
        raise _not_divided(community, drawn)
    crossed = int((np.sort(ground, axis=1)[:, -2] > _MOST_CROSSED * shapely.area(shapes)).sum())
    staying = numbers[step.most_households([shapely.union_all(shapes[side == at]) for at in numbers])]
    if crossed:
        step.notes.append(_crossed(community, crossed))
    return [step.before.grids[key] for key, at in zip(keys, side.tolist(), strict=True) if at != staying]


def _not_divided(community: DraftArea, line: shapely.LineString) -> EditRefusedError:
    point = line.interpolate(0.5, normalized=True)
    return EditRefusedError(
        f"The line does not divide {community.name}, grid by grid: draw it from outside to outside, without crossing "
        "itself, so that grids lie on both sides.",
        f"该线未能按网格划分{community.name}：请从外部画到外部，不要自相交，并使两侧均有网格。",
        reason="no-crossing",
        lon=float(point.x),
        lat=float(point.y),
    )


def _crossed(community: DraftArea, count: int) -> Finding:
    return Finding(
        "warning",
        "line-crosses-grids",
        f"The line crosses {count} grids of {community.name}: each went to the side that has most of its ground. "
        "Split them first if they are to be divided.",
        f"该线穿过{community.name}的 {count} 个网格，各按面积较大的一侧归属；如需划分网格，请先拆分。",
        facts={"count": count, "area": community.code},
    )


def _refused(reason: str, detail: str, detail_zh: str, grids: Sequence[str] = ()) -> EditRefusedError:
    return EditRefusedError(detail, detail_zh, reason=reason, grids=list(grids))
