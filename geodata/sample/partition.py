"""City → districts → streets and towns → communities: boxes of the lattice, and how many grids each community gets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.sample.plan import Box, Plan


@dataclass(frozen=True, slots=True)
class Street:
    """A street, or a town where rural: its district and its boxes of the lattice."""

    district: int
    boxes: tuple[Box, ...]
    rural: bool


@dataclass(frozen=True, slots=True)
class Community:
    """A community, or a village where rural: its street, its box of the lattice and its number of grids."""

    street: int
    box: Box
    rural: bool
    grids: int


def make_partition(plan: Plan) -> tuple[list[Street], list[Community]]:
    """Return the streets and communities of a plan; river and railway are borders of both or lie between boxes."""
    streets = _streets(plan)
    boxes = [
        (number, box, street.rural)
        for number, street in enumerate(streets)
        for whole in street.boxes
        for box in bisect(plan, whole, max(1, round(_cells(whole) / 4)))
    ]
    grids = np.zeros(len(boxes), dtype=np.int64)
    for rural, total in ((False, plan.urban_grids), (True, plan.rural_grids)):
        chosen = [position for position, entry in enumerate(boxes) if entry[2] == rural]
        if chosen:
            grids[chosen] = allocate(total, [_weight(plan, boxes[position][1]) for position in chosen])
    return streets, [
        Community(street, box, rural, int(count)) for (street, box, rural), count in zip(boxes, grids, strict=True)
    ]


def allocate(total: int, weights: Sequence[float]) -> NDArray[np.int64]:
    """Return whole numbers that sum to `total`, in proportion to `weights` by largest remainder, each at least 1."""
    shares = np.asarray(weights, dtype=np.float64)
    exact = shares / shares.sum() * (total - len(shares))
    counts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - counts), kind="stable")
    counts[order[: total - len(shares) - int(counts.sum())]] += 1
    return np.asarray(counts + 1, dtype=np.int64)


def bisect(plan: Plan, box: Box, pieces: int) -> list[Box]:
    """Return `pieces` boxes that make up `box`, cut along lattice lines, arterials first."""
    if pieces == 1:
        return [box]
    first = pieces // 2
    column_cut, row_cut = _best_cut(plan, box, first / pieces)
    if row_cut is None or (column_cut is not None and _is_wide(plan, box)):
        assert column_cut is not None, "a box of one cell cannot be cut"
        low, high = (box[0], column_cut, box[2], box[3]), (column_cut, box[1], box[2], box[3])
    else:
        low, high = (box[0], box[1], box[2], row_cut), (box[0], box[1], row_cut, box[3])
    first = min(max(first, pieces - _cells(high)), _cells(low))
    return bisect(plan, low, first) + bisect(plan, high, pieces - first)


def _best_cut(plan: Plan, box: Box, share: float) -> tuple[int | None, int | None]:
    def best(lines: tuple[float, ...], kinds: tuple[str, ...], low: int, high: int) -> int | None:
        length = lines[high] - lines[low]
        costs = [
            (abs((lines[k] - lines[low]) / length - share) + (0.17 if kinds[k] == "secondary" else 0.0), k)
            for k in range(low + 1, high)
        ]
        return min(costs)[1] if costs else None

    return best(plan.columns, plan.column_kinds, box[0], box[1]), best(plan.rows, plan.row_kinds, box[2], box[3])


def _streets(plan: Plan) -> list[Street]:
    quarters = _quarters(plan, plan.core)
    districts: list[Box] = []
    if plan.districts <= 1:
        pieces = allocate(plan.streets, [_area(plan, q) for q in quarters]) if plan.streets > 1 else None
        if pieces is None:
            return [Street(0, tuple(quarters), rural=False)]
        urban = [
            Street(0, (b,), rural=False) for q, n in zip(quarters, pieces, strict=True) for b in bisect(plan, q, n)
        ]
        return urban + [Street(0, boxes, rural=True) for boxes in _rim(plan)]
    for quarter, count in zip(quarters, allocate(plan.districts, [_area(plan, q) for q in quarters]), strict=True):
        districts += bisect(plan, quarter, int(count))
    urban = [
        Street(number, (box,), rural=False)
        for number, (district, n) in enumerate(
            zip(districts, allocate(plan.streets, [_area(plan, d) for d in districts]), strict=True)
        )
        for box in bisect(plan, district, int(n))
    ]
    rim = [box for boxes in _rim(plan) for box in boxes]
    towns = [
        box
        for whole, n in zip(rim, allocate(plan.towns, [_area(plan, r) for r in rim]), strict=True)
        for box in bisect(plan, whole, int(n))
    ]
    return urban + [Street(_nearest_district(plan, districts, town), (town,), rural=True) for town in towns]


def _rim(plan: Plan) -> list[tuple[Box, ...]]:
    """Return the four sides outside the core, each cut where river or railway cross it."""
    (i0, i1, j0, j1), (c0, c1, r0, r1) = plan.whole, plan.core
    sides = [(i0, i1, r1, j1), (c1, i1, r0, r1), (i0, i1, j0, r0), (i0, c0, r0, r1)]
    return [tuple(_quarters(plan, side)) for side in sides]


def _quarters(plan: Plan, box: Box) -> list[Box]:
    i0, i1, j0, j1 = box
    rail, river = plan.rail_column, plan.river_row
    columns = [(i0, rail), (rail, i1)] if i0 < rail < i1 else [(i0, i1)]
    rows = [(river, j1), (j0, river)] if j0 < river < j1 else [(j0, j1)]
    return [(a, b, c, d) for c, d in rows for a, b in columns]


def _nearest_district(plan: Plan, districts: list[Box], town: Box) -> int:
    def middle(box: Box) -> tuple[float, float]:
        return (plan.columns[box[0]] + plan.columns[box[1]]) / 2, (plan.rows[box[2]] + plan.rows[box[3]]) / 2

    u, v = middle(town)
    distances = []
    for district in districts:
        i0, i1, j0, j1 = district
        du = max(plan.columns[i0] - u, u - plan.columns[i1], 0)
        dv = max(plan.rows[j0] - v, v - plan.rows[j1], 0)
        distances.append((float(np.hypot(du, dv)), middle(district)))
    return distances.index(min(distances))


def _cells(box: Box) -> int:
    return (box[1] - box[0]) * (box[3] - box[2])


def _area(plan: Plan, box: Box) -> float:
    return (plan.columns[box[1]] - plan.columns[box[0]]) * (plan.rows[box[3]] - plan.rows[box[2]])


def _is_wide(plan: Plan, box: Box) -> bool:
    return plan.columns[box[1]] - plan.columns[box[0]] >= plan.rows[box[3]] - plan.rows[box[2]]


def _weight(plan: Plan, box: Box) -> float:
    """Return the area of a box times a density that falls from the middle of the board to its rim."""
    u = (plan.columns[box[0]] + plan.columns[box[1]]) / 2 / plan.columns[-1]
    v = (plan.rows[box[2]] + plan.rows[box[3]]) / 2 / plan.rows[-1]
    return _area(plan, box) * (1.2 - 0.35 * float(np.hypot(u, v)))
