"""Fills each grid's land: compounds with walls, gates and paths, lanes of houses, villages, shops along the streets."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.frames import Frame, make_frames
from geodata.sample.ground import Floats, Ground
from geodata.sample.land import Land, largest
from geodata.sample.rows import STYLES, Rows, lay_rows
from geodata.sample.shops import lay_shops
from geodata.sample.spines import Surroundings
from geodata.sample.subdivision import Board

SPECIALS: Final = (
    ("market", "市场", "shed", "号厅"),
    ("school", "学校", "public", "号教学楼"),
    ("park", "产业园", "shed", "号厂房"),
    ("hospital", "医院", "public", "号医疗楼"),
)
DOUBLE_SQUARE_METRES: Final = 32_000.0
"""A block at least this large may hold two compounds, with a wall between them."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A part of one grid that is built in one style.

    Parameters
    ----------
    leaf
        Position of the grid.
    style
        Name of a style of `STYLES`.
    ground
        Its polygon in metres about the centre: a compound's wall, or the land of a lane quarter or village.
    compound
        Number of the compound, -1 for lanes and villages.
    """

    leaf: int
    style: str
    ground: Any
    compound: int


@dataclass(slots=True)
class Compound:
    """A walled compound; ``special`` is the position in `SPECIALS`, -1 for a residential one."""

    leaf: int
    special: int
    walls: list[Any] = field(default_factory=list)
    buildings: int = 0


@dataclass(slots=True)
class Built:
    """Everything that stands, in metres about the centre.

    Parameters
    ----------
    paths, path_kinds, path_keys
        Inner paths (``path``, no key) and the lanes of lane quarters and villages (``lane``, key of the lane).
    gates
        Compound, point in the wall, point on the road.
    leaf, compound, style, number, units
        Per building: its grid, its compound (-1 none), its style, its number in the compound, its units.
    boxes
        Footprint of each building, shape (4, 2).
    doors
        Points of the doors of each building's units.
    door_keys
        Key of the lane that a house's door opens on, empty elsewhere.
    """

    compounds: list[Compound] = field(default_factory=list)
    paths: list[Any] = field(default_factory=list)
    path_kinds: list[str] = field(default_factory=list)
    path_keys: list[str] = field(default_factory=list)
    gates: list[tuple[int, Floats, Floats]] = field(default_factory=list)
    leaf: list[int] = field(default_factory=list)
    compound: list[int] = field(default_factory=list)
    style: list[str] = field(default_factory=list)
    number: list[int] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    boxes: list[Floats] = field(default_factory=list)
    doors: list[Floats] = field(default_factory=list)
    door_keys: list[str] = field(default_factory=list)

    def add_building(
        self, leaf: int, compound: int, style: str, number: int, box: Floats, doors: Floats, key: str = ""
    ) -> None:
        """Add one building; it has a unit per door."""
        self.leaf.append(leaf)
        self.compound.append(compound)
        self.style.append(style)
        self.number.append(number)
        self.units.append(len(doors))
        self.boxes.append(box)
        self.doors.append(doors)
        self.door_keys.append(key)

    def add_path(self, points: Floats, kind: str, key: str) -> None:
        """Add one path or lane."""
        self.paths.append(shapely.linestrings(points))
        self.path_kinds.append(kind)
        self.path_keys.append(key)


def build(board: Board, ground: Ground, land: Land, rng: np.random.Generator) -> Built:
    """Return what stands on all grids."""
    built = Built()
    frames = make_frames(board, ground)
    special = _special_leaves(board, land)
    shared: dict[int, int] = {}
    for number, leaf in enumerate(board.leaves):
        frame = frames[number]
        drives: list[Any] = []
        lots = _lots(built, board, land, number, frame, special.get(number, -1), shared, rng)
        for lot in lots:
            walls = shapely.union_all([other.ground for other in lots if other is not lot])
            around = Surroundings(*(frame.inward(s) for s in (land.access[number], land.paths[number], walls)))
            drives += _fill_lot(built, lot, around, frame, rng)
        if not leaf.rural and not any(b == number and built.style[k] == "old" for k, b in _last(built.leaf)):
            for box, door in lay_shops(land.blocks[number], land.walls[number], land.access[number], drives, rng):
                built.add_building(number, -1, "shop", 0, box, door)
    return built


def _last(leaves: list[int]) -> list[tuple[int, int]]:
    """Return position and grid of the building added last, nothing where there is none."""
    return [(len(leaves) - 1, leaves[-1])] if leaves else []


def _special_leaves(board: Board, land: Land) -> dict[int, int]:
    """Return for some grids the kind of place that a dedicated grid is made for: a kind for every second community."""
    by_community: dict[int, list[int]] = {}
    for number, leaf in enumerate(board.leaves):
        if not leaf.rural and leaf.shared < 0:
            by_community.setdefault(leaf.community, []).append(number)
    every = 1 if len(by_community) < 10 else 2
    chosen = {}
    for turn, community in enumerate(sorted(by_community)[::every]):
        sizes = [float(shapely.area(land.walls[number])) for number in by_community[community]]
        chosen[by_community[community][int(np.argmax(sizes))]] = turn % len(SPECIALS)
    return chosen


def _lots(
    built: Built,
    board: Board,
    land: Land,
    number: int,
    frame: Frame,
    special: int,
    shared: dict[int, int],
    rng: np.random.Generator,
) -> list[Lot]:
    leaf, wall = board.leaves[number], land.walls[number]
    if leaf.rural:
        return [Lot(number, "village", land.blocks[number], -1)]
    style = "tower" if rng.random() < 0.24 else "slab"
    if leaf.shared >= 0:
        if leaf.shared not in shared:
            shared[leaf.shared] = _open_compound(built, number)
        return [Lot(number, style, wall, shared[leaf.shared])]
    if special >= 0:
        first, second = _halves(wall, frame, rng.uniform(0.34, 0.42))
        return [
            Lot(number, SPECIALS[special][2], first, _open_compound(built, number, special)),
            Lot(number, "tower" if rng.random() < 0.5 else "slab", second, _open_compound(built, number)),
        ]
    draw = rng.random()
    if draw < 0.13:
        return [Lot(number, "old", shapely.buffer(land.blocks[number], -1.5, join_style="mitre"), -1)]
    if draw < 0.5 and shapely.area(wall) > DOUBLE_SQUARE_METRES:
        halves = _halves(wall, frame, rng.uniform(0.4, 0.6))
        return [Lot(number, style, half, _open_compound(built, number)) for half in halves]
    return [Lot(number, style, wall, _open_compound(built, number))]


def _open_compound(built: Built, leaf: int, special: int = -1) -> int:
    built.compounds.append(Compound(leaf, special))
    return len(built.compounds) - 1


def _halves(wall: Any, frame: Frame, share: float) -> tuple[Any, Any]:
    """Return two parts of a lot, cut across its longer side in the lot's frame, a metre apart."""
    local = frame.inward(wall)
    x0, y0, x1, y1 = shapely.bounds(local)
    if x1 - x0 > 0.8 * (y1 - y0):
        middle = shapely.get_coordinates(shapely.centroid(local))[0]
        at = middle[0] + (share - 0.5) * (x1 - x0 - abs(frame.lean) * (y1 - y0))
        low, high = at + frame.lean * (y0 - middle[1]), at + frame.lean * (y1 - middle[1])
        boxes = shapely.polygons(
            [
                [(x0 - 500, y0), (low - 0.5, y0), (high - 0.5, y1), (x0 - 500, y1)],
                [(low + 0.5, y0), (x1 + 500, y0), (x1 + 500, y1), (high + 0.5, y1)],
            ]
        )
    else:
        y = y0 + share * (y1 - y0)
        boxes = shapely.box(x0, [y0, y + 0.5], x1, [y - 0.5, y1])
    first, second = (frame.outward(largest(part)) for part in shapely.intersection(local, boxes))
    return first, second


def _fill_lot(built: Built, lot: Lot, around: Surroundings, frame: Frame, rng: np.random.Generator) -> list[Any]:
    """Build on one lot; return the lines that lead from it out to a road, which no shop may block."""
    local = frame.inward(lot.ground)
    if lot.style == "village":
        local = _village_ground(local, around.roads, rng)
    rows = None
    for style in (lot.style, "slab", "public") if lot.compound >= 0 else (lot.style,):
        rows = lay_rows(local, around, frame.lean, STYLES[style], rng)
        if rows is not None:
            break
    if rows is None:
        return []
    if lot.compound >= 0:
        built.compounds[lot.compound].walls.append(lot.ground)
        for gate, hit in zip(rows.gates, rows.hits, strict=True):
            built.gates.append((lot.compound, *frame.on_ground([gate, hit])))
    _add_rows(built, lot, rows, frame)
    return [shapely.linestrings(frame.on_ground([gate, hit])) for gate, hit in zip(rows.gates, rows.hits, strict=True)]


def _add_rows(built: Built, lot: Lot, rows: Rows, frame: Frame) -> None:
    style = STYLES[lot.style]
    kind = "lane" if style.two_sided else "path"
    spine = {y: x for x, y in rows.spine}
    for number, (x0, y, x1, _) in enumerate(rows.paths):
        key = f"lane{lot.leaf}-{number}" if style.two_sided else ""
        # The spine and each gate are points of the path, so that they meet in the very same doubles.
        knots = sorted({x0, spine[y], x1, *(gate[0] for gate in rows.gates if gate[1] == y and x0 < gate[0] < x1)})
        built.add_path(frame.on_ground([(knot, y) for knot in knots]), kind, key)
    built.add_path(frame.on_ground(rows.spine), kind, f"lane{lot.leaf}-spine" if style.two_sided else "")
    for (bx0, by0, bx1, by1), units, row, front in zip(rows.boxes, rows.units, rows.row, rows.fronts, strict=True):
        box = frame.on_ground([(bx0, by0), (bx1, by0), (bx1, by1), (bx0, by1)])
        across = bx0 + (np.arange(units) + 0.5) * (bx1 - bx0) / units
        doors = frame.on_ground(np.column_stack([across, np.full(units, by1 if front > 0 else by0)]))
        number = 0
        if lot.compound >= 0:
            built.compounds[lot.compound].buildings += 1
            number = built.compounds[lot.compound].buildings
        key = f"lane{lot.leaf}-{row}" if style.two_sided else ""
        built.add_building(lot.leaf, lot.compound, lot.style, number, box, doors, key)


def _village_ground(local: Any, access: Any, rng: np.random.Generator) -> Any:
    """Return the land of a village: a rounded patch near the middle of the grid's road, the rest is farmland."""
    x0, y0, x1, y1 = shapely.bounds(local)
    width = float(rng.uniform(225, 330))
    height = float(rng.uniform(54_000, 78_000)) / width
    lines = shapely.get_parts(access)
    if len(lines) == 0:
        return local
    lengths = shapely.length(lines) * np.where(_is_level(lines), 1.0, 0.3)
    x, y = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[int(np.argmax(lengths))], 0.5, normalized=True)
    )[0]
    x = float(np.clip(x, x0 + width / 2 + 15, x1 - width / 2 - 15)) if x1 - x0 > width + 30 else (x0 + x1) / 2
    below = y > (y0 + y1) / 2
    near = y - 22 if below else y + 22
    far = near - height if below else near + height
    ground = largest(shapely.intersection(local, _patch(x, (near + far) / 2, width, height, rng)))
    return local if shapely.area(ground) < 0.55 * width * height else ground


def _patch(x: float, y: float, width: float, height: float, rng: np.random.Generator) -> Any:
    """Return a rounded, slightly uneven patch about a middle."""
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False) + 0.1
    reach = (np.abs(np.cos(angles)) ** 3.2 + np.abs(np.sin(angles)) ** 3.2) ** (-1 / 3.2) * rng.uniform(0.86, 1.06, 20)
    return shapely.polygons(
        np.column_stack([x + width / 2 * reach * np.cos(angles), y + height / 2 * reach * np.sin(angles)])
    )


def _is_level(lines: NDArray[Any]) -> NDArray[np.bool_]:
    x0, y0, x1, y1 = shapely.bounds(lines).T
    return np.asarray(x1 - x0 > y1 - y0)
