"""Operations that give ground to other grids: by a new border, handed over, or drawn as a new grid."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely import Geometry

from geodata.drafts.free_ground import free_grid
from geodata.drafts.operations import ground_of
from geodata.drafts.state import DraftGrid
from geodata.drafts.step import Step
from geodata.drafts.taking import take
from geodata.drafts.wording import listed
from geodata.errors import EditRefusedError, InputError
from geodata.grid.edit import Edit, block_at, cells_of, hand_over, merge, reshape


def new_border(step: Step) -> None:
    """``reshape {between, line}``: a line takes the place of the border between two grids."""
    first, second = (step.before.by_code(code) for code in step.operation.fields["between"])
    line = shapely.LineString(step.operation.fields["line"])
    take(step, reshape(step.before.tiling, first.key, second.key, line))
    step.say(f"Border of {first.code} and {second.code} drawn anew", f"重画网格 {first.code} 与 {second.code} 的边界")


def give(step: Step) -> None:
    """``hand-over {to, ground | building | addresses | block, from?}``: ground goes to another grid."""
    asked = step.operation
    to = step.before.by_code(asked.fields["to"])
    givers = None if asked.get("from") is None else [grid.key for grid in step.named(asked.fields["from"])]
    parts = bool(asked.get("allow_parts"))
    edit = hand_over(step.before.tiling, _ground(step), to.key, of=givers, allow_parts=parts)
    take(step, edit)
    losers = _losers(step, edit)
    if not losers:
        step.say(f"Free ground added to {to.code}", f"将空白处划入网格 {to.code}")
        return
    codes, codes_zh = listed(losers)
    step.say(f"Ground of {codes} handed over to {to.code}", f"将网格 {codes_zh} 的部分范围划给 {to.code}")


def draw_grid(step: Step) -> None:
    """``new-grid {ground | building | addresses | block | grids, code?, name?, grid_kind?, community?}``."""
    asked = step.operation
    parts = bool(asked.get("allow_parts"))
    if asked.get("grids") is not None:
        keys = [grid.key for grid in step.named(asked.fields["grids"])]
        if len(keys) == 1:
            raise EditRefusedError(
                "A new grid out of one grid would be the same ground: change its code or name instead.",
                "仅由一个网格生成的新网格范围不变：请改为修改其编码或名称。",
                reason="too-few-grids",
                grids=keys,
            )
        kept = merge(step.before.tiling, keys, keys[0], allow_parts=parts)
        shape = kept.shapes[keys[0]]
        edit = replace(kept, shapes={**kept.shapes, keys[0]: None}, pieces=(shape,), moved=())
        givers = keys
        grounds = [step.before.shape(key) for key in keys]
    else:
        edit = hand_over(step.before.tiling, _ground(step), None, allow_parts=parts)
        givers = [transfer.from_key for transfer in edit.moved]
        grounds = [transfer.ground for transfer in edit.moved]
    if not givers:
        made = _on_free_ground(step, edit.pieces)
        take(step, edit.placed([made.key] * len(edit.pieces)))
        step.say(f"New grid {made.code} drawn on free ground", f"在空白处新建网格 {made.code}")
        return
    origins = by_households(step, givers, grounds)
    made = _drawn(step, origins, edit.pieces)
    take(step, edit.placed([made.key] * len(edit.pieces)), list(zip(givers, grounds, strict=True)), made)
    codes, codes_zh = listed(origin.code for origin in origins)
    step.say(f"New grid {made.code} drawn out of {codes}", f"由网格 {codes_zh} 划出新网格 {made.code}")


def _on_free_ground(step: Step, pieces: Sequence[Geometry]) -> DraftGrid:
    """The grid of an operation ``new-grid`` that takes no ground of others."""
    asked = step.operation
    if asked.get("community") is not None:
        step.before.area(asked.fields["community"])
    shape = pieces[0] if len(pieces) == 1 else shapely.union_all(list(pieces))
    code, name, community = (asked.get(field) for field in ("code", "name", "community"))
    made = free_grid(step, 1, shape, code=code, name=name, community=community)
    made = replace(made, kind=asked.get("grid_kind") or made.kind)
    step.grids[made.key] = made
    return made


def _drawn(step: Step, origins: Sequence[DraftGrid], pieces: Sequence[Geometry]) -> DraftGrid:
    """The grid of an operation ``new-grid``."""
    asked = step.operation
    community = asked.get("community") or origins[0].community
    if asked.get("community") is not None:
        step.before.area(asked.fields["community"])
    shape = pieces[0] if len(pieces) == 1 else shapely.union_all(list(pieces))
    codes = None if asked.get("code") is None else [asked.fields["code"]]
    code = step.codes_for(origins[0], community, [shape], codes)[0]
    name = asked.get("name") or step.name_for(origins[0], code, community)
    made = step.new_grid(1, origins, code, name)
    made = replace(made, community=community, kind=asked.get("grid_kind") or made.kind)
    step.grids[made.key] = made
    return made


def by_households(step: Step, givers: Sequence[str], grounds: Sequence[Geometry]) -> list[DraftGrid]:
    """Grids that ground comes from, the one that most households come from first; of equals the one of most ground."""
    households = step.around.households(grounds)
    people: dict[str, tuple[float, float]] = {}
    for key, count, ground in zip(givers, households, grounds, strict=True):
        before = people.get(key, (0.0, 0.0))
        people[key] = before[0] + count, before[1] + shapely.area(ground)
    ranked = sorted(people, key=lambda key: (-people[key][0], -people[key][1], step.before.grids[key].code))
    return [step.before.grids[key] for key in ranked]


def _losers(step: Step, edit: Edit) -> list[str]:
    return sorted({step.before.grids[one.from_key].code for one in edit.moved})


def _ground(step: Step) -> Geometry:
    """The ground that an operation names: drawn, a block, or what stands on it.

    Raises
    ------
    InputError
        It is named by what stands on it, and nothing is known of that here.
    NotKnownError
        There is no such building or address.
    """
    asked, places = step.operation, step.around.places
    if asked.get("ground") is not None:
        return ground_of(asked.fields["ground"])
    if places is None:
        raise InputError("Only drawn ground can be used here.", "此处只能使用绘制的范围。", field="ground")
    if asked.get("block") is not None:
        lon, lat = asked.fields["block"]
        key = _covering(step, (lon, lat))
        lines = np.array(places.lines(step.before.shape(key)), dtype=object)
        return block_at(step.before.tiling, key, (lon, lat), lines)
    building = asked.get("building")
    chosen = [places.building(building)] if building is not None else places.addresses(asked.fields["addresses"])
    keys = sorted({_covering(step, point) for point in chosen})
    points = [point for key in keys for point in places.within(step.before.shape(key))]
    every = list(dict.fromkeys([*points, *chosen]))
    wanted = set(chosen)
    return cells_of(step.before.tiling, np.array(every), np.array([point in wanted for point in every]))


def _covering(step: Step, point: tuple[float, float]) -> str:
    key = step.before.tiling.at(*point)
    if key is None:
        raise EditRefusedError(
            f"No grid is at {point[0]:.6f}, {point[1]:.6f}: choose a place inside a grid.",
            f"位置 {point[0]:.6f}，{point[1]:.6f} 不在任何网格内：请选择网格内的位置。",
            reason="outside",
            lon=point[0],
            lat=point[1],
            grids=[],
        )
    return key
