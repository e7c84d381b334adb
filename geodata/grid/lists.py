"""Grids from lists: blocks between streets go to the grid whose compounds, buildings and doors stand in them.

What the lists leave open is decided by the ground and said: a block of several grids is divided midway between what
they list, a block that nobody lists goes to the neighbour behind the least of its borders.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import shapely

from geodata.grid.blocks import Lines, Sides, connected, cut, merged, sides
from geodata.grid.divide import Claims, divided, dividing_lines
from geodata.grid.plane import Flags, Numbers, Positions, Shapes
from geodata.grid.strips import beside_strips

WALL_METRES = 4.0
"""A border this near to a wall follows it: the strip between two walls is no wider than a lane."""
LOOSE_METRES = 15.0
"""A dividing line may run this far off streets and walls before it is doubtful."""
SMALL_PART_SQUARE_METRES = 400.0
"""A part of a grid that lies apart and is smaller than this goes to a neighbour: a house with its yard."""
UNLISTED_SQUARE_METRES = 2_000.0
"""Smaller blocks that nobody lists are islands between lanes and corners of crossings: not worth a look."""
_REACH_SHARE = 0.1
_MOST_ROUNDS = 3

DoubtKind = Literal["divided", "unlisted", "detached", "given-away"]


class Doubt(NamedTuple):
    """A place where the lists do not decide.

    Parameters
    ----------
    kind
        ``divided``: a block of several grids, the border in it is a guess. ``unlisted``: nobody lists anything in
        the block. ``detached``: a part of a grid that lies apart. ``given-away``: such a part, small, that went to a
        neighbour.
    grids
        Positions of the grids concerned; of an unlisted block and a part given away the one that has it now, first.
    east, north
        A place in it, metres.
    square_metres
        Area of the block or part.
    metres
        Length of the border that follows neither street nor wall, for ``divided``.
    """

    kind: DoubtKind
    grids: tuple[int, ...]
    east: float
    north: float
    square_metres: float
    metres: float = 0.0


@dataclass(frozen=True, slots=True)
class Ground:
    """Where grids are to be built, in metres.

    Parameters
    ----------
    shapes
        The communities, valid (Multi)Polygons.
    taken
        Grids that stay: what they cover is nobody else's.
    streets
        Lines that borders follow.
    walls
        Outlines of compounds.
    """

    shapes: Shapes
    taken: Shapes
    streets: Lines
    walls: Shapes


@dataclass(frozen=True, slots=True)
class Built:
    """Grids as they came out.

    Parameters
    ----------
    shapes
        One (Multi)Polygon in metres for each grid, empty where nothing came to it. Together they cover the ground of
        every community that has a grid, edges matched.
    doubts
        What the lists do not decide.
    border_metres, drawn_metres
        For each grid the length of its border with others of the same community, and how much of that follows a
        street or a wall.
    """

    shapes: Shapes
    doubts: list[Doubt]
    border_metres: Numbers
    drawn_metres: Numbers


@dataclass(frozen=True, slots=True)
class _Board:
    """Blocks, where each lies, whose each is (-1 for nobody's yet), what of the lists is in each."""

    blocks: Shapes
    ground: Positions
    owner: Positions
    weight: Numbers


def build(ground: Ground, grid_ground: Positions, claims: Claims, weights: Numbers) -> Built:
    """Grids that cover the ground.

    Parameters
    ----------
    ground
        The communities with their streets and walls.
    grid_ground
        Position of the community of each grid.
    claims
        What each grid lists, in metres.
    weights
        How much each claim counts where a grid falls into parts: households.

    Notes
    -----
    The same input gives the same output. A community without claims, or of no grid, stays empty.
    """
    used = Lines(np.array([*ground.streets.shapes], dtype=object), ground.streets.ranks)
    blocks, place = _cut(ground, used)
    reach = _reach(blocks, place, claims, grid_ground)
    mixed = {at: own for at, own in reach.items() if len({int(claims.owner[c]) for c in own}) > 1}
    held = {at: _some(claims, own) for at, own in mixed.items()}
    parts = {at: divided(blocks[at], own) for at, own in held.items()}
    beside = beside_strips(blocks, place, reach, parts, claims, grid_ground)
    parts |= {at: divided(blocks[at], own) for at, own in beside.items()}
    held |= beside
    border = [line for at, (shapes, _) in parts.items() for line in dividing_lines(blocks[at], shapes, held[at])]
    faces, where = _cut_again(ground, used, border) if border else (blocks, place)
    parent = _parents(faces, blocks)
    owner = _owners(faces, parent, reach, parts, claims)
    board = _Board(faces, where, owner, _weights(faces, where, owner, claims, weights, grid_ground))
    shared = sides(faces, used)
    grown = _grown(board, shared)
    whole, doubts = _whole(replace(board, owner=grown), shared)
    doubts += _unlisted(blocks, whole.owner, parent, set(reach))
    drawn = _drawn(shared, ground.walls)
    doubts += _divided(whole, shared, drawn, parent, mixed)
    lengths = _border_lengths(whole.owner, shared, drawn, len(grid_ground))
    return Built(merged(faces, whole.owner, range(len(grid_ground))), sorted(doubts), *lengths)


def _cut(ground: Ground, lines: Lines) -> tuple[Shapes, Positions]:
    """Blocks of the communities, outside what is taken."""
    taken = len(ground.taken)
    blocks, place = cut(np.array([*ground.taken, *ground.shapes], dtype=object), lines)
    return blocks[place >= taken], place[place >= taken] - taken


def _cut_again(ground: Ground, streets: Lines, border: list[Any]) -> tuple[Shapes, Positions]:
    """Blocks as cut by the streets and by the borders within them."""
    inner = np.array(border, dtype=object)
    return _cut(ground, Lines(np.r_[streets.shapes, inner], np.r_[streets.ranks, np.zeros(len(inner), dtype=np.int64)]))


def _some(claims: Claims, which: list[int]) -> Claims:
    return Claims(claims.shapes[which], claims.owner[which], claims.whole[which])


def _reach(blocks: Shapes, place: Positions, claims: Claims, grid_ground: Positions) -> dict[int, list[int]]:
    """For each block the claims that hold it: points and buildings in it, outlines that reach well into it."""
    claim, block = shapely.STRtree(blocks).query(claims.shapes, predicate="intersects")
    mine = place[block] == grid_ground[claims.owner[claim]]
    claim, block = claim[mine], block[mine]
    area = shapely.area(claims.shapes[claim])
    polygons = np.flatnonzero(area > 0)
    common = np.zeros(len(claim))
    common[polygons] = shapely.area(shapely.intersection(claims.shapes[claim[polygons]], blocks[block[polygons]]))
    deep = (area == 0) | (common > _REACH_SHARE * area) | (common > 0.5 * shapely.area(blocks[block]))
    found: dict[int, list[int]] = {}
    for c, b in sorted(zip(claim[deep].tolist(), block[deep].tolist(), strict=True)):
        found.setdefault(b, []).append(c)
    return dict(sorted(found.items()))


def _parents(faces: Shapes, blocks: Shapes) -> Positions:
    """The block that each face is part of."""
    inside = shapely.point_on_surface(faces)
    face, block = shapely.STRtree(blocks).query_nearest(inside, all_matches=False)
    parent = np.zeros(len(faces), dtype=np.int64)
    parent[face] = block
    return parent


def _owners(
    faces: Shapes,
    parent: Positions,
    reach: dict[int, list[int]],
    parts: dict[int, tuple[Shapes, Positions]],
    claims: Claims,
) -> Positions:
    owner = np.full(len(faces), -1, dtype=np.int64)
    inside = shapely.point_on_surface(faces)
    for face, block in enumerate(parent.tolist()):
        if block in parts:
            shapes, owners = parts[block]
            owner[face] = owners[int(np.nanargmin(shapely.distance(shapes, inside[face])))]
        elif block in reach:
            owner[face] = claims.owner[reach[block][0]]
    return owner


def _weights(
    faces: Shapes, where: Positions, owner: Positions, claims: Claims, weights: Numbers, grid_ground: Positions
) -> Numbers:
    """Weight of the claims in each face that the face's owner makes."""
    total = np.zeros(len(faces))
    middle = shapely.point_on_surface(claims.shapes)
    claim, face = shapely.STRtree(faces).query(middle, predicate="intersects")
    mine = (owner[face] == claims.owner[claim]) & (where[face] == grid_ground[claims.owner[claim]])
    np.add.at(total, face[mine], weights[claim[mine]])
    return total


def _grown(board: _Board, shared: Sides, banned: Positions | None = None) -> Positions:
    """Owners once every block that has none went to a neighbour, over the least of its borders first."""
    owner = board.owner.copy()
    ranks = np.unique(shared.rank).tolist()
    ground = board.ground
    inside = np.flatnonzero(ground[shared.first] == ground[shared.second])
    pairs = np.concatenate(
        [
            np.column_stack([shared.first[inside], shared.second[inside]]),
            np.column_stack([shared.second[inside], shared.first[inside]]),
        ]
    )
    metres, rank = np.tile(shared.metres[inside], 2), np.tile(shared.rank[inside], 2)
    while True:
        open_ones = (owner[pairs[:, 0]] < 0) & (owner[pairs[:, 1]] >= 0)
        if banned is not None:
            open_ones &= owner[pairs[:, 1]] != banned[pairs[:, 0]]
        here = np.flatnonzero(open_ones)
        if not here.size:
            break
        least = next(level for level in ranks if (rank[here] <= level).any())
        here = here[rank[here] <= least]
        _give(owner, pairs[here, 0], owner[pairs[here, 1]], metres[here])
    return _given_afar(board.blocks, ground, owner)


def _give(owner: Positions, faces: Positions, candidates: Positions, metres: Numbers) -> None:
    """Each face goes to the candidate that it shares most border with, the lowest where that is equal."""
    order = np.lexsort((candidates, faces))
    faces, candidates, metres = faces[order], candidates[order], metres[order]
    starts = np.flatnonzero(np.r_[True, (faces[1:] != faces[:-1]) | (candidates[1:] != candidates[:-1])])
    total = np.round(np.add.reduceat(metres, starts), 3)
    faces, candidates = faces[starts], candidates[starts]
    best = np.lexsort((candidates, -total, faces))
    first = best[np.r_[True, faces[best][1:] != faces[best][:-1]]]
    owner[faces[first]] = candidates[first]


def _given_afar(blocks: Shapes, ground: Positions, owner: Positions) -> Positions:
    """Blocks that touch no grid of their community, an exclave, go to the nearest one of it."""
    for place in np.unique(ground[owner < 0]).tolist():
        mine = np.flatnonzero((ground == place) & (owner >= 0))
        rest = np.flatnonzero((ground == place) & (owner < 0))
        if mine.size:
            which, near = shapely.STRtree(blocks[mine]).query_nearest(blocks[rest], all_matches=False)
            owner[rest[which]] = owner[mine[near]]
    return owner


def _whole(board: _Board, shared: Sides) -> tuple[_Board, list[Doubt]]:
    """Small parts that lie apart given to neighbours, larger ones reported."""
    doubts: list[Doubt] = []
    banned = np.full(len(board.blocks), -1, dtype=np.int64)
    for _ in range(_MOST_ROUNDS):
        small = [part for part in _parts_apart(board, shared) if _is_small(board, part)]
        if not small:
            break
        owner, former = board.owner.copy(), board.owner
        for part in small:
            banned[part], owner[part] = former[part], -1
        grown = _grown(replace(board, owner=owner), shared, banned)
        doubts += [
            _doubt("given-away", (int(grown[part[0]]), int(former[part[0]])), board.blocks[part])
            for part in small
            if board.weight[part].any() and grown[part[0]] != former[part[0]]
        ]
        board = replace(board, owner=grown)
    apart = [
        _doubt("detached", (int(board.owner[part[0]]),), board.blocks[part]) for part in _parts_apart(board, shared)
    ]
    return board, doubts + apart


def _is_small(board: _Board, part: Positions) -> bool:
    area = float(shapely.area(board.blocks[part]).sum())
    return area < SMALL_PART_SQUARE_METRES or not board.weight[part].any()


def _parts_apart(board: _Board, shared: Sides) -> Iterator[Positions]:
    """The blocks of each part of a grid but its main one: that with most of what it lists, else the largest."""
    owner = board.owner
    joined = (owner[shared.first] == owner[shared.second]) & (owner[shared.first] >= 0)
    piece = connected(len(owner), shared.first, shared.second, joined)
    area = shapely.area(board.blocks)
    owned = np.flatnonzero(owner >= 0)
    pieces, index = np.unique(piece[owned], return_inverse=True)
    weight, size = np.bincount(index, board.weight[owned]), np.bincount(index, area[owned])
    whose = owner[pieces]
    order = np.lexsort((pieces, -size, -weight, whose))
    first = np.r_[True, whose[order][1:] != whose[order][:-1]] if len(order) else np.zeros(0, dtype=bool)
    for at in np.sort(order[~first]).tolist():
        yield owned[index == at]


def _unlisted(blocks: Shapes, owner: Positions, parent: Positions, listed: set[int]) -> list[Doubt]:
    """A doubt for each block that nobody listed, by what it went to."""
    doubts = []
    for block in sorted(set(parent.tolist()) - listed):
        grids = np.unique(owner[(parent == block) & (owner >= 0)])
        if grids.size and shapely.area(blocks[block]) >= UNLISTED_SQUARE_METRES:
            doubts.append(_doubt("unlisted", tuple(grids.tolist()), blocks[[block]]))
    return doubts


def _drawn(shared: Sides, walls: Shapes) -> Flags:
    """Whether each piece of border follows a street or a wall."""
    drawn = np.asarray(shared.rank > 0)
    loose = np.flatnonzero(~drawn)
    if len(walls) and loose.size:
        points = shapely.points(shared.east[loose], shared.north[loose])
        near = shapely.STRtree(shapely.boundary(walls)).query(points, predicate="dwithin", distance=WALL_METRES)[0]
        drawn[loose[np.unique(near)]] = True
    return drawn


def _divided(board: _Board, shared: Sides, drawn: Flags, parent: Positions, mixed: dict[int, list[int]]) -> list[Doubt]:
    """A doubt for each divided block whose inner border follows neither street nor wall for long."""
    owner = board.owner
    inner = (owner[shared.first] != owner[shared.second]) & (parent[shared.first] == parent[shared.second])
    loose = np.flatnonzero(inner & ~drawn & np.isin(parent[shared.first], list(mixed)))
    doubts = []
    for block in np.unique(parent[shared.first[loose]]).tolist():
        here = loose[parent[shared.first[loose]] == block]
        metres = float(shared.metres[here].sum())
        if metres < LOOSE_METRES:
            continue
        longest = here[int(np.argmax(shared.metres[here]))]
        faces = np.flatnonzero(parent == block)
        grids = tuple(np.unique(owner[np.r_[shared.first[here], shared.second[here]]]).tolist())
        place = float(shared.east[longest]), float(shared.north[longest])
        area = float(shapely.area(board.blocks[faces]).sum())
        doubts.append(Doubt("divided", grids, *place, area, metres))
    return doubts


def _border_lengths(owner: Positions, shared: Sides, drawn: Flags, grids: int) -> tuple[Numbers, Numbers]:
    apart = np.flatnonzero(owner[shared.first] != owner[shared.second])
    border, follows = np.zeros(grids), np.zeros(grids)
    for side in (shared.first, shared.second):
        whose = owner[side[apart]]
        known = whose >= 0
        np.add.at(border, whose[known], shared.metres[apart][known])
        np.add.at(follows, whose[known], (shared.metres[apart] * drawn[apart])[known])
    return border, follows


def _doubt(kind: DoubtKind, grids: tuple[int, ...], blocks: Shapes) -> Doubt:
    largest = blocks[int(np.argmax(shapely.area(blocks)))]
    point = shapely.point_on_surface(largest)
    area = float(shapely.area(blocks).sum())
    return Doubt(kind, grids, float(shapely.get_x(point)), float(shapely.get_y(point)), area)
