"""Operations on the ground of single grids: cut, merged, their borders moved. Identity goes with households."""

from collections.abc import Sequence

import shapely
from shapely import Geometry

from geodata.drafts.codes import reading_order
from geodata.drafts.state import DraftGrid
from geodata.drafts.step import Step
from geodata.drafts.taking import take
from geodata.drafts.wording import listed
from geodata.grid.edit import draw_out, insert_node, merge, move_node, remove_node, split


def split_grid(step: Step) -> None:
    """``split {grid, line, codes?, names?}``: the part with most households stays the grid, the others are new."""
    asked = step.operation
    grid = step.before.by_code(asked.fields["grid"])
    edit = split(step.before.tiling, grid.key, shapely.LineString(asked.fields["line"]))
    keeping = step.most_households(edit.pieces)
    others = [at for at in range(len(edit.pieces)) if at != keeping]
    shapes = [edit.pieces[at] for at in others]
    owners = [grid.key] * len(edit.pieces)
    made = _made(step, [grid], shapes, asked.get("codes"), asked.get("names"))
    for at, new in zip(others, made, strict=True):
        owners[at] = new.key
    take(step, edit.placed(owners))
    codes, codes_zh = listed(new.code for new in made)
    step.say(f"Grid {grid.code} split, new: {codes}", f"拆分网格 {grid.code}，新增 {codes_zh}")


def merge_grids(step: Step) -> None:
    """``merge {grids, survivor, allow_parts?}``: the survivor gets the ground of all."""
    asked = step.operation
    grids = step.named(asked.fields["grids"])
    survivor = step.before.by_code(asked.fields["survivor"])
    keys = [grid.key for grid in grids]
    edit = merge(step.before.tiling, keys, survivor.key, allow_parts=bool(asked.get("allow_parts")))
    take(step, edit)
    gone = [grid.code for grid in grids if grid != survivor]
    codes, codes_zh = listed(gone)
    grids_told = "Grid" if len(gone) == 1 else "Grids"
    step.say(f"{grids_told} {codes} merged into {survivor.code}", f"将网格 {codes_zh} 并入 {survivor.code}")


def shift_node(step: Step) -> None:
    """``move-node {at, to}``: a node goes elsewhere, in all grids that have it."""
    at, to = step.operation.fields["at"], step.operation.fields["to"]
    take(step, move_node(step.before.tiling, (at[0], at[1]), (to[0], to[1])))
    step.say("A node moved", "移动节点")


def add_node(step: Step) -> None:
    """``insert-node {at, to?}``: a node on a border, in all grids that have it, which may go elsewhere at once."""
    at, to = step.operation.fields["at"], step.operation.get("to")
    if to is None:
        take(step, insert_node(step.before.tiling, (at[0], at[1])))
        step.say("A node added", "插入节点")
    else:
        take(step, draw_out(step.before.tiling, (at[0], at[1]), (to[0], to[1])))
        step.say("A node added and moved", "插入并移动节点")


def drop_node(step: Step) -> None:
    """``remove-node {at}``: a node is taken out of all borders."""
    at = step.operation.fields["at"]
    take(step, remove_node(step.before.tiling, (at[0], at[1])))
    step.say("A node removed", "删除节点")


def _made(
    step: Step,
    origins: Sequence[DraftGrid],
    shapes: Sequence[Geometry],
    codes: Sequence[str] | None,
    names: Sequence[str] | None,
) -> list[DraftGrid]:
    """New grids after one; given codes and names go by rows from north to south, each from west to east."""
    community = origins[0].community
    chosen = step.codes_for(origins[0], community, shapes, codes)
    if names is not None and len(names) > len(shapes):
        step.codes_for(origins[0], community, shapes, names)
    called = dict(zip(reading_order(shapes), names or (), strict=False))
    made = []
    for at in range(len(shapes)):
        name = called.get(at) or step.name_for(origins[0], chosen[at], community)
        made.append(step.new_grid(at + 1, origins, chosen[at], name))
    return made
