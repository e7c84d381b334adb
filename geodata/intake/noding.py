"""Whether lines of streets meet where they cross, and how they are made to: they join in a vertex that both have."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.intake.rows import Records
from geodata.records import Finding, Mend

LOOKED_AT = 2_000
FEWEST = 3
SAME_DEGREES = 1e-8
"""Closer than this, a millimetre, an end lies on a line and a crossing on a vertex."""

Shapes = NDArray[np.object_]
Point = tuple[float, float]

# What a column says where there is no bridge and no tunnel.
_NONE = frozenset({"", "no", "f", "false", "0", "0.0", "n", "否", "无"})


def unnoded_findings(records: Records) -> list[Finding]:
    """A warning where most lines that cross on the ground have no vertex in common: nobody could turn there.

    Notes
    -----
    Some 2,000 lines are looked at. Lines with a bridge, a tunnel or a storey cross without meeting.
    """
    lines, places = _on_the_ground(records)
    if not len(lines):
        return []
    some = np.unique(np.linspace(0, len(lines) - 1, min(len(lines), LOOKED_AT)).astype(int))
    vertices = _Vertices(lines)
    tree = shapely.STRtree(lines)
    crossing, apart = 0, []
    for one, other in zip(*tree.query(lines[some], predicate="intersects"), strict=True):
        first, second = int(some[one]), int(other)
        if first != second:
            crossing += 1
            if not vertices.of(first) & vertices.of(second):
                apart.append(first)
    if len(apart) < FEWEST or 2 * len(apart) <= crossing:
        return []
    at = places[apart[0]]
    x, y = shapely.get_coordinates(shapely.centroid(lines[apart[0]]))[0]
    return [
        Finding(
            "warning",
            "not-noded",
            f"Lines cross without a common vertex in {len(apart):,} of {crossing:,} crossings that were looked at, so "
            "nobody could turn there: --repair joins lines that cross on the ground.",
            f"在检查的 {crossing:,} 处交叉中，有 {len(apart):,} 处没有公共顶点，步行网络在这些路口不连通："
            "可用 --repair 在地面交叉处自动打断连接。",
            row=int(records.rows[at]),
            code=records.column("code")[at],
            lon=float(x),
            lat=float(y),
            facts={"crossings": crossing, "apart": len(apart)},
        )
    ]


def noded(records: Records) -> tuple[Records, list[Mend]]:
    """Streets that have a vertex wherever they cross or touch another on the ground, each that got one as a mend.

    Notes
    -----
    No line moves: vertices are added on it, to a tenth of a millimetre. An end closer than a millimetre to a line joins
    it; one that is farther off does not.
    """
    assert records.geometry is not None
    lines, places = _on_the_ground(records)
    added: dict[int, set[Point]] = defaultdict(set)
    tree, vertices = shapely.STRtree(lines), _Vertices(lines)
    for one, other in zip(*tree.query(lines, predicate="dwithin", distance=SAME_DEGREES), strict=True):
        if one < other:
            for point in _meetings(lines[one], lines[other], vertices.of(int(one)) | vertices.of(int(other))):
                for line in (int(one), int(other)):
                    if complex(*point) not in vertices.of(line):
                        added[line].add(point)
    shapes, mends = records.geometry.copy(), []
    for line, points in sorted(added.items()):
        at = places[line]
        shapes[at] = _with_vertices(lines[line], sorted(points))
        mends.append(_mend(records, at, sorted(points)))
    return replace(records, geometry=shapes), mends


class _Vertices:
    """Vertices of each line, looked up when they are asked for."""

    def __init__(self, lines: Shapes) -> None:
        self._lines = lines
        self._known: dict[int, frozenset[complex]] = {}

    def of(self, line: int) -> frozenset[complex]:
        if line not in self._known:
            corners = shapely.get_coordinates(self._lines[line]).view(np.complex128).ravel()
            self._known[line] = frozenset(corners.tolist())
        return self._known[line]


def _on_the_ground(records: Records) -> tuple[Shapes, list[int]]:
    """Lines without bridge, tunnel or storey, and their places among the records."""
    assert records.geometry is not None
    off = np.zeros(len(records), dtype=bool)
    for name in ("bridge", "tunnel", "storey"):
        told = [str(value or "").strip().casefold() not in _NONE for value in records.column(name)]
        off |= np.array(told, dtype=bool)
    places = np.flatnonzero(records.sound & ~off)
    return records.geometry[places], places.tolist()


def _meetings(one: Any, other: Any, known: frozenset[complex]) -> Iterator[Point]:
    """Points in which two lines meet, as vertices that one of them has where they lie there."""
    ends = [end for line in (one, other) for end in _ends(line)]
    touching = [end for end in ends if shapely.dwithin(shapely.Point(end), one, SAME_DEGREES)
                and shapely.dwithin(shapely.Point(end), other, SAME_DEGREES)]  # fmt: skip
    yield from touching
    corners = np.array(sorted(known, key=lambda place: (place.real, place.imag)))
    for x, y in shapely.get_coordinates(shapely.intersection(one, other)).tolist():
        far = np.abs(corners - complex(x, y))
        nearest = corners[int(far.argmin())]
        at = nearest if far.min() <= SAME_DEGREES else complex(round(x, 9), round(y, 9))
        yield float(at.real), float(at.imag)


def _ends(line: Any) -> list[Point]:
    parts = shapely.get_parts(line)
    return [tuple(shapely.get_coordinates(shapely.get_point(part, place))[0]) for part in parts for place in (0, -1)]


def _with_vertices(line: Any, points: Sequence[Point]) -> Any:
    """The line with more vertices, each in the part that it lies on."""
    parts = []
    for part in shapely.get_parts(line):
        corners = shapely.get_coordinates(part)
        lengths = np.r_[0.0, np.cumsum(np.hypot(*np.diff(corners, axis=0).T))]
        here = np.array([p for p in points if shapely.dwithin(shapely.Point(p), part, 2 * SAME_DEGREES)]).reshape(-1, 2)
        along = shapely.line_locate_point(part, shapely.points(here)) if len(here) else np.zeros(0)
        order = np.argsort(np.r_[lengths, along], kind="stable")
        parts.append(shapely.LineString(np.r_[corners, here][order]))
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)


def _mend(records: Records, at: int, points: Sequence[Point]) -> Mend:
    code, count = records.column("code")[at], len(points)
    return Mend(
        "noded",
        f"Street {code} got {count} {'vertex' if count == 1 else 'vertices'} where it meets others.",
        f"已在道路 {code} 与其他道路的 {count} 个交点处增加顶点。",
        int(records.rows[at]),
        code,
        *points[0],
    )
