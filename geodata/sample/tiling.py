"""Lines on the board → edges on the ground → faces: one per grid, shared edges the same vertices by construction."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.ground import Floats, Ground
from geodata.sample.subdivision import Board, Line, Place

Shapes = NDArray[Any]

STEP_METRES: Final = 45.0
"""Longest straight stretch of a curved border."""


@dataclass(frozen=True, slots=True)
class Tiling:
    """The faces of all grids in metres about the centre, in the order of the board's leaves, and the drawn lines."""

    faces: Shapes
    lines: tuple[Line, ...]
    courses: Shapes

    def course_of(self, kind: str) -> Any:
        """Return all lines of one kind as one line."""
        return shapely.line_merge(
            shapely.multilinestrings([c for line, c in zip(self.lines, self.courses, strict=True) if line.kind == kind])
        )


def make_tiling(board: Board, ground: Ground) -> Tiling:
    """Return the faces of a board's leaves.

    Notes
    -----
    Every line is drawn once, through each place where another line touches it, so the two faces beside an edge get
    the very same doubles.
    """
    lines = tuple(board.lines)
    edges, courses = _draw(lines, ground)
    faces = np.array(shapely.get_parts(shapely.polygonize(edges)))
    middles = shapely.points(ground.place([leaf.middle for leaf in board.leaves]))
    leaf, face = shapely.STRtree(faces).query(middles, predicate="intersects")
    assert len(faces) == len(board.leaves), "every piece has one face"
    assert np.array_equal(leaf, np.arange(len(middles))), "every piece has one face"
    assert len(np.unique(face)) == len(face), "every face has one piece"
    return Tiling(shapely.normalize(faces[face]), lines, courses)


def union_by(faces: Shapes, groups: Sequence[int] | NDArray[np.int64], count: int) -> Shapes:
    """Return the union of the faces of each group ``0 … count - 1``, every vertex of its border kept."""
    numbers = np.asarray(groups)
    return np.array([shapely.normalize(shapely.coverage_union_all(faces[numbers == k])) for k in range(count)])


def _draw(lines: Sequence[Line], ground: Ground) -> tuple[Shapes, Shapes]:
    """Return the edges between neighbouring places of each line, and each line as a whole."""
    stretches: list[Floats] = []
    owner: list[int] = []
    for number, line in enumerate(lines):
        places = _in_order(line)
        for start, end in itertools.pairwise(places):
            stretches.append(_sampled(start, end))
            owner.append(number)
    counts = np.array([len(s) for s in stretches])
    ground_points = ground.place(np.concatenate(stretches))
    of_edge = np.repeat(np.arange(len(stretches)), counts)
    edges = shapely.linestrings(ground_points, indices=of_edge)
    edges = edges[shapely.length(edges) > 0]
    of_line = np.asarray(owner)[of_edge]
    # The last place of a stretch is the first of the next on the same line.
    repeated = np.r_[False, (ground_points[1:] == ground_points[:-1]).all(axis=1) & (of_line[1:] == of_line[:-1])]
    courses = shapely.linestrings(ground_points[~repeated], indices=of_line[~repeated])
    return edges, courses


def _in_order(line: Line) -> list[Place]:
    (u0, v0), (u1, v1) = line.start, line.end

    def along(place: Place) -> float:
        return (place[0] - u0) * (u1 - u0) + (place[1] - v0) * (v1 - v0)

    return sorted({line.start, line.end, *line.touches}, key=along)


def _sampled(start: Place, end: Place) -> Floats:
    """Return the places from `start` to `end`, both exactly as given."""
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    share = np.linspace(0.0, 1.0, max(1, int(np.ceil(length / STEP_METRES))) + 1)[:, None]
    places = np.asarray(start) + share * (np.asarray(end) - np.asarray(start))
    places[0], places[-1] = start, end
    return np.asarray(places, dtype=np.float64)
