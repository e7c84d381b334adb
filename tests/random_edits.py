"""Operations on any grid of a real tiling, as a planner would draw them; by chance, but each time the same."""

from collections.abc import Callable
from random import Random

import numpy as np
import shapely

from geodata.grid.edit import (
    Edit,
    Tiling,
    block_at,
    cells_of,
    hand_over,
    insert_node,
    merge,
    move_node,
    remove_node,
    reshape,
    split,
)

Operation = Callable[[Tiling, str, Random], Edit]


def _node(tiling: Tiling, key: str, chance: Random) -> tuple[float, float]:
    nodes = shapely.get_coordinates(tiling.shape(key))
    x, y = nodes[chance.randrange(len(nodes))].tolist()
    return x, y


def _split(tiling: Tiling, key: str, chance: Random) -> Edit:
    west, south, east, north = tiling.shape(key).bounds
    middle = tiling.shape(key).representative_point()
    reach = np.array([east - west, north - south]) * chance.choice([(1, 0.3), (0.2, 1), (1, -0.7)])
    ends = [(middle.x + share * reach[0], middle.y + share * reach[1]) for share in (-1, 0, 1)]
    return split(tiling, key, shapely.LineString(ends))


def _merge(tiling: Tiling, key: str, chance: Random) -> Edit:
    return merge(tiling, [key, chance.choice(sorted(tiling.neighbours(key)))], key)


def _move(tiling: Tiling, key: str, chance: Random) -> Edit:
    x, y = _node(tiling, key, chance)
    return move_node(tiling, (x, y), (x + chance.uniform(-1, 1) * 5e-5, y + chance.uniform(-1, 1) * 5e-5))


def _insert(tiling: Tiling, key: str, chance: Random) -> Edit:
    nodes = shapely.get_coordinates(tiling.shape(key))
    at = chance.randrange(len(nodes) - 1)
    x, y = ((nodes[at] + nodes[at + 1]) / 2).tolist()
    return insert_node(tiling, (x, y))


def _remove(tiling: Tiling, key: str, chance: Random) -> Edit:
    return remove_node(tiling, _node(tiling, key, chance))


def _lasso(tiling: Tiling, key: str, chance: Random) -> Edit:
    border = shapely.get_exterior_ring(shapely.get_parts(tiling.shape(key))[0])
    place = shapely.line_interpolate_point(border, chance.random(), normalized=True)
    to = chance.choice([key, None])
    return hand_over(tiling, shapely.buffer(place, chance.choice([1e-4, 4e-4]), quad_segs=3), to, allow_parts=True)


def _reshape(tiling: Tiling, key: str, chance: Random) -> Edit:
    beside = tiling.neighbours(key)
    other = max(beside, key=lambda name: (beside[name], name))
    common = shapely.line_merge(shapely.intersection(tiling.shape(key), tiling.shape(other)))
    lines = [part for part in shapely.get_parts(common) if part.geom_type == "LineString"]
    line = max(lines, key=shapely.length)
    steps = [shapely.line_interpolate_point(line, share, normalized=True) for share in (0.2, 0.4, 0.6, 0.8)]
    points = [(step.x + bend * 1e-5, step.y + bend * 1e-5) for step, bend in zip(steps, (0, 2, -1, 0), strict=True)]
    return reshape(tiling, key, other, shapely.LineString(points))


def _block(tiling: Tiling, key: str, chance: Random) -> Edit:
    west, south, east, north = tiling.shape(key).bounds
    middle, bend = tiling.shape(key).representative_point(), chance.uniform(-0.2, 0.2) * (east - west)
    streets = [
        shapely.LineString([(west - 1e-4, middle.y + bend), (east + 1e-4, middle.y - bend / 2)]),
        shapely.LineString([(middle.x - 1e-6, south - 1e-4), (middle.x - 1e-6, north + 1e-4)]),
    ]
    return hand_over(tiling, block_at(tiling, key, (middle.x, middle.y), streets), None, of=[key], allow_parts=True)


def _addresses(tiling: Tiling, key: str, chance: Random) -> Edit:
    west, south, east, north = tiling.shape(key).bounds
    places = np.random.default_rng(chance.randrange(10**9)).uniform((west, south), (east, north), (300, 2))
    inside = places[shapely.contains_xy(tiling.shape(key), places)]
    middle = float(np.median(inside[:, 0]))
    ground = cells_of(tiling, inside, inside[:, 0] <= middle)
    return hand_over(tiling, ground, None, of=[key], allow_parts=True)


OPERATIONS: dict[str, Operation] = {
    "split": _split,
    "merge": _merge,
    "move": _move,
    "insert": _insert,
    "remove": _remove,
    "lasso": _lasso,
    "reshape": _reshape,
    "block": _block,
    "addresses": _addresses,
}
