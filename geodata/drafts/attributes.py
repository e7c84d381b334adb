"""Operations on what grids are called: code, name, kind; and all codes of a community anew."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from geodata.drafts.codes import renumbered
from geodata.drafts.state import DraftGrid
from geodata.drafts.step import Step
from geodata.errors import EditRefusedError

_KINDS_ZH: Final[Mapping[str, str]] = {"urban": "城市网格", "rural": "农村网格"}


def change(step: Step) -> None:
    """``change {grid, code?, name?, grid_kind?}``: a grid is called something else.

    Raises
    ------
    ConflictError
        Another grid has the code, or had it once.
    """
    asked = step.operation
    grid = step.before.by_code(asked.fields["grid"])
    code = asked.get("code") or grid.code
    if code != grid.code:
        step.refuse_taken(code, grid.key)
    kind = asked.get("grid_kind") or grid.kind
    changed = replace(grid, code=code, name=asked.get("name") or grid.name, kind=kind)
    step.grids[grid.key] = changed
    step.say(*_told(grid, changed))


def _told(before: DraftGrid, after: DraftGrid) -> tuple[str, str]:
    """What a grid is called from now on, English and Chinese."""
    told = []
    if after.code != before.code:
        told.append((f"code {after.code}", f"编码改为 {after.code}"))
    if after.name != before.name:
        told.append((f"name {after.name}", f"名称改为“{after.name}”"))
    if after.kind != before.kind:
        told.append((after.kind, f"类型改为{_KINDS_ZH[after.kind]}"))
    english, chinese = (", ".join(one for one, _ in told), "，".join(one for _, one in told))
    return f"Grid {before.code}: {english}", f"网格 {before.code}：{chinese}"


def renumber(step: Step) -> None:
    """``renumber {community, profile?}``: codes of a community from west to east and from north to south.

    Raises
    ------
    EditRefusedError
        The community has no grids.
    ConflictError
        The digits of the profile don't suffice.
    """
    community = step.before.area(step.operation.fields["community"])
    members = [step.before.grids[key] for key in step.before.members(community.code)]
    if not members:
        raise EditRefusedError(
            f"{community.name} has no grids that could be numbered.",
            f"{community.name}没有可编号的网格。",
            reason="no-grids",
            area=community.code,
        )
    codes = renumbered(step.before, community.code, step.around.codes, step.operation.get("profile"))
    for grid in members:
        code = codes[grid.key]
        name = grid.name.replace(grid.code, code) if grid.code in grid.name else grid.name
        step.grids[grid.key] = replace(grid, code=code, name=name)
    step.say(
        f"{len(members)} {'grid' if len(members) == 1 else 'grids'} of {community.name} numbered anew",
        f"重新编号{community.name}的 {len(members)} 个网格",
    )
