"""Operations on what grids are called: code, name, kind; and all codes of a community anew."""

from dataclasses import replace

from geodata.drafts.codes import renumbered
from geodata.drafts.step import Step
from geodata.errors import EditRefusedError


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
    step.grids[grid.key] = replace(grid, code=code, name=asked.get("name") or grid.name, kind=kind)
    step.say(f"Grid {grid.code}: code, name or kind changed", f"修改网格 {grid.code} 的编码、名称或类型")


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
