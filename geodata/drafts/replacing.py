"""Operation ``replace``: several grids drawn anew at once, as a file that was redrawn elsewhere says it."""

from collections.abc import Mapping

from shapely import Geometry

from geodata.drafts.free_ground import free_grid
from geodata.drafts.handing import by_households
from geodata.drafts.operations import ground_of
from geodata.drafts.state import DraftGrid
from geodata.drafts.step import Step
from geodata.drafts.taking import take
from geodata.drafts.wording import listed
from geodata.errors import EditRefusedError
from geodata.grid.edit import Edit, replace


def draw_anew(step: Step) -> None:
    """``replace {grids: {code: polygon}, gone?: [codes], names?: {code: name}}``: codes without a grid are new grids.

    Raises
    ------
    EditRefusedError
        The shapes don't divide the ground of the grids that are named and gone.
    ConflictError
        The code of a new grid was that of another once.
    """
    asked = step.operation
    shapes = {code: ground_of(stored) for code, stored in asked.fields["grids"].items()}
    gone = step.named(asked.get("gone") or [])
    _refuse_both(shapes, gone)
    new = sorted(code for code in shapes if code not in step.before.codes)
    for code in new:
        step.refuse_taken(code)
    keys = {code: step.before.codes[code] for code in shapes if code not in new}
    keys |= {code: f"n{step.seq}.{number}" for number, code in enumerate(new, 1)}
    drawn = {keys[code]: shape for code, shape in shapes.items()}
    edit = replace(step.before.tiling, drawn, [grid.key for grid in gone])
    for number, code in enumerate(new, 1):
        _make(step, number, code, keys[code], edit)
    take(step, edit)
    _say(step, shapes, gone, new)


def _refuse_both(shapes: Mapping[str, Geometry], gone: list[DraftGrid]) -> None:
    both = sorted(grid.code for grid in gone if grid.code in shapes)
    if both:
        raise EditRefusedError(
            f"Grid {both[0]} is drawn and gone at once: leave one of them out.",
            f"网格 {both[0]} 既被重画又被取消：请去掉其一。",
            reason="drawn-and-gone",
        )


def _make(step: Step, number: int, code: str, key: str, edit: Edit) -> None:
    """The grid of a new code, after the one that most of its households come from; or on free ground."""
    come = [transfer for transfer in edit.moved if transfer.to_key == key]
    name = (step.operation.get("names") or {}).get(code)
    if not come:
        shape = edit.shapes[key]
        assert shape is not None
        free_grid(step, number, shape, code=code, name=name)
        return
    origins = by_households(step, [one.from_key for one in come], [one.ground for one in come])
    step.new_grid(number, origins, code, name or step.name_for(origins[0], code, origins[0].community))


def _say(step: Step, shapes: Mapping[str, Geometry], gone: list[DraftGrid], new: list[str]) -> None:
    stay = sorted(code for code in shapes if code not in new)
    parts = [(stay, "Drawn anew", "重画网格"), (new, "New", "新增"), ([grid.code for grid in gone], "Ended", "撤销")]
    said = [f"{word}: {listed(codes)[0]}" for codes, word, _ in parts if codes]
    zh = [f"{word} {listed(codes)[1]}" for codes, _, word in parts if codes]
    step.say("; ".join(said), "，".join(zh))
