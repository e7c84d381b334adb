"""Communities → grids on the drawing board: each is cut in two, and again, until it has a piece for every grid.

A cut is a road, a lane or the main path of a compound, straight on the board. The end of a cut is a point of the line
that it ends on, so that both sides of that line know it: the pieces fit by construction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from geodata.sample.ground import Ground
from geodata.sample.partition import Community
from geodata.sample.plan import BANK_METRES, RAIL_HALF_METRES, Plan

Place = tuple[float, float]
Axis = Literal["u", "v"]
"""The axis along which a line runs: ``u`` west to east, ``v`` south to north."""

ALIGN_METRES: Final = 42.0
"""How far a cut is moved to continue the road that comes from the other side."""
LATTICE_PULL: Final = 0.16
"""How far, as a share of the piece, a cut is moved to follow a secondary road of the lattice."""


@dataclass(slots=True)
class Line:
    """A straight line on the board that borders follow.

    Parameters
    ----------
    kind
        ``arterial``, ``secondary``, ``branch``, ``lane``, ``path`` (a compound's main path), ``river``, ``rail`` or
        ``border`` (the outer border, where no road runs).
    road
        Key of the road that runs here; pieces of one road share it.
    community
        The community that the line lies in, -1 for a lattice line.
    """

    kind: str
    road: str
    axis: Axis
    start: Place
    end: Place
    community: int = -1
    touches: list[Place] = field(default_factory=list)
    arrivals: list[tuple[Place, int, str, Axis, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a piece: the family of lines it lies on and from which side the piece sees it (-1 low, +1 high)."""

    family: tuple[str, int]
    sign: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a community on the board: corners south-west, south-east, north-east, north-west, and its sides."""

    corners: tuple[Place, Place, Place, Place]
    south: Side
    east: Side
    north: Side
    west: Side


@dataclass(frozen=True, slots=True)
class Leaf:
    """One grid to be: its piece, community, service group, and the compound it shares with neighbours (-1 none)."""

    piece: Piece
    community: int
    service: int
    shared: int
    rural: bool

    @property
    def middle(self) -> Place:
        """The middle of the piece on the board."""
        corners = np.array(self.piece.corners)
        return float(corners[:, 0].mean()), float(corners[:, 1].mean())


class Board:
    """The drawing board while it is being cut."""

    def __init__(self, plan: Plan, ground: Ground, rng: np.random.Generator) -> None:
        self.plan = plan
        self.ground = ground
        self.rng = rng
        self.leaves: list[Leaf] = []
        self.cuts: list[Line] = []
        self.segments: dict[tuple[Axis, int, int], Line] = {}
        self.services = 0
        self.shared = 0

    @property
    def lines(self) -> list[Line]:
        """All lines, the lattice first."""
        return [*self.segments.values(), *self.cuts]

    def cut_community(self, number: int, community: Community) -> None:
        """Cut one community into its grids."""
        plan, (i0, i1, j0, j1) = self.plan, community.box
        for index in (i0, i1):
            for row in range(j0, j1):
                self._lattice_segment("v", index, row)
        for index in (j0, j1):
            for column in range(i0, i1):
                self._lattice_segment("u", index, column)
        west, east, south, north = plan.columns[i0], plan.columns[i1], plan.rows[j0], plan.rows[j1]
        piece = Piece(
            ((west, south), (east, south), (east, north), (west, north)),
            south=Side(("u", j0), +1),
            east=Side(("v", i1), -1),
            north=Side(("u", j1), -1),
            west=Side(("v", i0), +1),
        )
        self._cut(piece, community.grids, number, community.rural, service=-1, shared=-1)

    def _cut(self, piece: Piece, grids: int, community: int, rural: bool, *, service: int, shared: int) -> None:
        if service < 0 and grids <= 4:
            service, self.services = self.services, self.services + 1
        if grids == 1:
            self.leaves.append(Leaf(piece, community, service, shared, rural))
            return
        if shared < 0 and not rural and grids <= 3 and self.rng.random() < (0.34 if grids == 2 else 0.16):
            shared, self.shared = self.shared, self.shared + 1
        first = grids // 2
        if grids >= 5 and grids % 2 and self.rng.random() < 0.5:
            first += 1
        width, height = self._dry_size(piece)
        axis: Axis = "v" if width * self.rng.uniform(0.86, 1.16) > height else "u"
        kind = self._kind(grids, rural=rural, shared=shared)
        through = self._arterial_through(piece) if grids >= 4 else None
        if through is not None:
            axis, share = through
            first = int(np.clip(round(share * grids), 1, grids - 1))
        else:
            share = self._share_of_whole(piece, axis, first / grids)
        low, high = self._divide(piece, axis, share, kind, community)
        self._cut(low, first, community, rural, service=service, shared=shared)
        self._cut(high, grids - first, community, rural, service=service, shared=shared)

    def _kind(self, grids: int, *, rural: bool, shared: int) -> str:
        if shared >= 0:
            return "path"
        if rural:
            return "branch" if grids >= 5 else "lane"
        if grids >= 4:
            return "branch"
        return "branch" if self.rng.random() < 0.62 else "lane"

    def _divide(self, piece: Piece, axis: Axis, share: float, kind: str, community: int) -> tuple[Piece, Piece]:
        """Cut along `axis`; return the west (south) and the east (north) piece."""
        sw, se, ne, nw = piece.corners
        first, last = (piece.south, piece.north) if axis == "v" else (piece.west, piece.east)
        ends_first, ends_last = ((sw, se), (nw, ne)) if axis == "v" else ((sw, nw), (se, ne))
        lattice = self._lattice_near(piece, axis, share) if kind != "path" else None
        if lattice is not None:
            place = (self.plan.columns if axis == "v" else self.plan.rows)[lattice]
            start, end = _at(ends_first, axis, place), _at(ends_last, axis, place)
            kind, road = self._lattice_kind(axis, lattice, self._span(axis, start, end)), _lattice_road(axis, lattice)
        else:
            start, end, road = self._free_cut(ends_first, ends_last, first, last, axis, share, kind)
        line = Line(kind, road, axis, start, end, community)
        self.cuts.append(line)
        number = len(self.cuts) - 1
        for side, place_on in ((first, start), (last, end)):
            self._touch(side, place_on, number)
        below, above = Side(("cut", number), -1), Side(("cut", number), +1)
        if axis == "v":
            return (
                Piece((sw, start, end, nw), piece.south, below, piece.north, piece.west),
                Piece((start, se, ne, end), piece.south, piece.east, piece.north, above),
            )
        return (
            Piece((sw, se, end, start), piece.south, piece.east, below, piece.west),
            Piece((start, end, ne, nw), above, piece.east, piece.north, piece.west),
        )

    def _free_cut(
        self,
        ends_first: tuple[Place, Place],
        ends_last: tuple[Place, Place],
        first: Side,
        last: Side,
        axis: Axis,
        share: float,
        kind: str,
    ) -> tuple[Place, Place, str]:
        road = f"cut{len(self.cuts)}"
        found = []
        for ends, side in ((ends_first, first), (ends_last, last)):
            wanted = _between(ends, float(np.clip(share + self.rng.uniform(-0.035, 0.035), 0.12, 0.88)))
            arrival = self._arrival(side, ends, wanted, axis, kind)
            found.append(arrival or (wanted, ""))
        (start, road_start), (end, road_end) = found
        return start, end, road_start or road_end or road

    def _arrival(
        self, side: Side, ends: tuple[Place, Place], wanted: Place, axis: Axis, kind: str
    ) -> tuple[Place, str] | None:
        """Return the end of a road that meets this side from beyond near `wanted`, and its key."""
        low, high = sorted((_along(ends[0], axis), _along(ends[1], axis)))
        margin = 0.18 * (high - low)
        choices = []
        for line in self._lines_of(side, ends):
            for place, sign, road, its_axis, its_kind in line.arrivals:
                at = _along(place, axis)
                near = abs(at - _along(wanted, axis))
                if its_axis == axis and sign != side.sign and low + margin < at < high - margin and near < ALIGN_METRES:
                    same = its_kind == kind and line.kind not in ("river", "rail")
                    choices.append((near, place, road if same else ""))
        if not choices:
            return None
        _, place, road = min(choices)
        return place, road

    def _touch(self, side: Side, place: Place, number: int) -> None:
        cut = self.cuts[number]
        family, index = side.family
        line = self.cuts[index] if family == "cut" else self._segment_at(family, index, place)
        if place not in line.touches:
            line.touches.append(place)
        line.arrivals.append((place, side.sign, cut.road, cut.axis, cut.kind))

    def _lines_of(self, side: Side, ends: tuple[Place, Place]) -> Iterable[Line]:
        family, index = side.family
        if family == "cut":
            return [self.cuts[index]]
        lines = self.plan.columns if family == "u" else self.plan.rows
        axis: Axis = "v" if family == "u" else "u"
        low, high = sorted((_along(ends[0], axis), _along(ends[1], axis)))
        spans = (k for k in range(len(lines) - 1) if lines[k + 1] > low and lines[k] < high)
        found = (self.segments.get(("u" if family == "u" else "v", index, k)) for k in spans)
        return [line for line in found if line is not None]

    def _segment_at(self, family: str, index: int, place: Place) -> Line:
        lines, at = (self.plan.columns, place[0]) if family == "u" else (self.plan.rows, place[1])
        span = int(np.clip(np.searchsorted(lines, at, side="right") - 1, 0, len(lines) - 2))
        return self.segments["u" if family == "u" else "v", index, span]

    def _lattice_segment(self, axis: Axis, index: int, span: int) -> None:
        if (axis, index, span) in self.segments:
            return
        columns, rows = self.plan.columns, self.plan.rows
        if axis == "v":
            start, end = (columns[index], rows[span]), (columns[index], rows[span + 1])
        else:
            start, end = (columns[span], rows[index]), (columns[span + 1], rows[index])
        kind = self._lattice_kind(axis, index, span)
        self.segments[axis, index, span] = Line(kind, _lattice_road(axis, index), axis, start, end)

    def _lattice_kind(self, axis: Axis, index: int, span: int) -> str:
        plan = self.plan
        kinds, last = (plan.column_kinds, len(plan.columns)) if axis == "v" else (plan.row_kinds, len(plan.rows))
        kind = kinds[index]
        if kind in ("river", "rail"):
            return kind
        if plan.core == plan.whole:
            return kind
        if index in (0, last - 1):
            return "border"
        low, high = plan.core[:2] if axis == "v" else plan.core[2:]
        span_low, span_high = plan.core[2:] if axis == "v" else plan.core[:2]
        if low <= index <= high and span_low <= span < span_high:
            return kind
        return "secondary" if kind == "arterial" else "branch"

    def _lattice_near(self, piece: Piece, axis: Axis, share: float) -> int | None:
        sw, se, ne, nw = piece.corners
        lines, kinds = (
            (self.plan.columns, self.plan.column_kinds) if axis == "v" else (self.plan.rows, self.plan.row_kinds)
        )
        low = max(_along(sw, axis), _along(nw if axis == "v" else se, axis))
        high = min(_along(se if axis == "v" else nw, axis), _along(ne, axis))
        wanted = low + share * (high - low)
        choices = [
            (abs(lines[k] - wanted), k)
            for k in range(1, len(lines) - 1)
            if low < lines[k] < high
            and kinds[k] in ("secondary", "arterial")
            and abs(lines[k] - wanted) < LATTICE_PULL * (high - low)
        ]
        return min(choices)[1] if choices else None

    def _arterial_through(self, piece: Piece) -> tuple[Axis, float] | None:
        """Return the arterial that a piece would otherwise interrupt: its axis, and its share of the piece."""
        sw, se, ne, nw = piece.corners
        for axis, lines, kinds, low, high in (
            ("v", self.plan.columns, self.plan.column_kinds, max(sw[0], nw[0]), min(se[0], ne[0])),
            ("u", self.plan.rows, self.plan.row_kinds, max(sw[1], se[1]), min(nw[1], ne[1])),
        ):
            for line, kind in zip(lines, kinds, strict=True):
                share = (line - low) / (high - low)
                if kind == "arterial" and 0.1 < share < 0.9:
                    return ("v" if axis == "v" else "u"), share
        return None

    def _dry_size(self, piece: Piece) -> tuple[float, float]:
        """Return width and height on the ground in metres without what river and railway take."""
        sw, se, ne, nw = self.ground.place(piece.corners)
        width = np.hypot(*((se + ne - sw - nw) / 2)) - self._lost(piece.west) - self._lost(piece.east)
        height = np.hypot(*((nw + ne - sw - se) / 2)) - self._lost(piece.south) - self._lost(piece.north)
        return float(width), float(height)

    def _lost(self, side: Side) -> float:
        """Return how many metres of a piece the river or railway on a side takes."""
        family, index = side.family
        if family == "cut":
            return 0.0
        kind = (self.plan.column_kinds if family == "v" else self.plan.row_kinds)[index]
        return {"river": BANK_METRES, "rail": RAIL_HALF_METRES}.get(kind, 0.0)

    def _share_of_whole(self, piece: Piece, axis: Axis, share: float) -> float:
        """Return where to cut for a share of the dry land."""
        low, high = (piece.west, piece.east) if axis == "v" else (piece.south, piece.north)
        dry = self._dry_size(piece)[0 if axis == "v" else 1]
        whole = dry + self._lost(low) + self._lost(high)
        return (self._lost(low) + share * dry) / whole

    def _span(self, axis: Axis, start: Place, end: Place) -> int:
        """Return the lattice span that the middle of a line along `axis` lies in."""
        lines, at = (
            (self.plan.rows, (start[1] + end[1]) / 2) if axis == "v" else (self.plan.columns, (start[0] + end[0]) / 2)
        )
        return int(np.clip(np.searchsorted(lines, at, side="right") - 1, 0, len(lines) - 2))


def make_subdivision(plan: Plan, ground: Ground, communities: list[Community], rng: np.random.Generator) -> Board:
    """Return the board with every community cut into its grids."""
    board = Board(plan, ground, rng)
    for number, community in enumerate(communities):
        board.cut_community(number, community)
    return board


def _lattice_road(axis: Axis, index: int) -> str:
    return f"{'column' if axis == 'v' else 'row'}{index}"


def _along(place: Place, axis: Axis) -> float:
    """Return the coordinate across a line that runs along `axis`: u for north-south lines, v for east-west ones."""
    return place[0] if axis == "v" else place[1]


def _between(ends: tuple[Place, Place], share: float) -> Place:
    (u0, v0), (u1, v1) = ends
    return u0 + share * (u1 - u0), v0 + share * (v1 - v0)


def _at(ends: tuple[Place, Place], axis: Axis, coordinate: float) -> Place:
    """Return the place on a side where the coordinate across `axis` has a value, that value kept exactly."""
    low, high = _along(ends[0], axis), _along(ends[1], axis)
    u, v = _between(ends, (coordinate - low) / (high - low))
    return (coordinate, v) if axis == "v" else (u, coordinate)
