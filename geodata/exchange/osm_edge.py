"""Streets of an OpenStreetMap extract as lines that end where it ends, with the vertices that nobody passes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.clipping import as_points, clip_lines, joined_points, points_in
from geodata.exchange.table import Notes

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

FEWEST_WAYS: Final = 100
"""Fewer ways tell nothing about where an extract ends."""
NO_BOX: Final = "no-box"
_LARGER: Final = 2.0

Shapes = NDArray[np.object_]


@dataclass(slots=True)
class Edge:
    """What is known of the edge of an extract, and of the vertices of its ways, while they are read.

    Parameters
    ----------
    stated
        The box in the head of the extract, None where there is none.
    closed
        Place of each node that nobody passes, by its number.
    """

    stated: Box | None = None
    closed: dict[int, tuple[float, float]] = field(default_factory=dict)
    _closed_of: dict[str, Any] = field(default_factory=dict)
    _lost_of: dict[str, Any] = field(default_factory=dict)

    def street(self, way: Any) -> tuple[str, Any]:
        """Code and line of a way, parted where the extract lacks its nodes; None for fewer than two nodes in a row."""
        code = f"w{way.id}"
        runs: list[list[tuple[float, float]]] = [[]]
        for node in way.nodes:
            if not node.location.valid():
                runs.append([])
            elif not runs[-1] or runs[-1][-1] != (node.lon, node.lat):
                runs[-1].append((node.lon, node.lat))
        if len(runs) > 1:
            lost = [run[0] for run in runs[1:] if run] + [run[-1] for run in runs[:-1] if run]
            self._lost_of[code] = as_points(lost)
        if self.closed:
            self._closed_of[code] = as_points([self.closed[n.ref] for n in way.nodes if n.ref in self.closed])
        lines = [shapely.LineString(run) for run in runs if len(run) > 1]
        if not lines:
            return code, None
        return code, lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)

    def ended(self, codes: Sequence[str], shapes: Shapes, notes: Notes) -> tuple[Shapes, list[Any], list[Any]]:
        """Lines as far as the extract goes, None for what lies outside; their closed vertices and their cut ends."""
        closed = [self._closed_of.get(code) for code in codes]
        lost = [self._lost_of.get(code) for code in codes]
        if not len(shapes):
            return shapes, closed, lost
        extent = tuple(float(side) for side in shapely.total_bounds(shapes))
        if self.stated is None or _is_far_larger(self.stated, extent):
            guessed = _guessed(shapes)
            notes.add(*_no_box(self.stated, guessed or extent))
            loose = _loose_ends(shapes, guessed) if guessed else [None] * len(shapes)
            return shapes, closed, [joined_points(one, other) for one, other in zip(lost, loose, strict=True)]
        box = shapely.box(*self.stated)
        clipped, ends = clip_lines(shapes, box)
        cut = [joined_points(points_in(one, box), other) for one, other in zip(lost, ends, strict=True)]
        return clipped, [points_in(points, box) for points in closed], cut


def _is_far_larger(box: Sequence[float], extent: Sequence[float]) -> bool:
    """Whether a box is no edge of what lies in it, as the box of the whole earth."""
    if extent[0] < box[0] or extent[1] < box[1] or extent[2] > box[2] or extent[3] > box[3]:
        return False
    return any(box[side + 2] - box[side] > _LARGER * max(extent[side + 2] - extent[side], 1e-3) for side in (0, 1))


def _guessed(shapes: Shapes) -> Box | None:
    """The smallest box that every way reaches, as extracts keep the ways that do; None where too few tell."""
    west, south, east, north = shapely.bounds(shapes).T
    box = (float(east.min()), float(north.min()), float(west.max()), float(south.max()))
    return box if len(shapes) >= FEWEST_WAYS and box[0] < box[2] and box[1] < box[3] else None


def _loose_ends(shapes: Shapes, box: Box) -> list[Any]:
    """Ends of each line outside a box that no other line shares: it seems to go on there."""
    parts, owners = shapely.get_parts(shapes, return_index=True)
    coordinates = shapely.get_coordinates(shapes).view(np.complex128).ravel()
    vertices, counts = np.unique(coordinates, return_counts=True)
    found: list[Any] = [None] * len(shapes)
    for place in (0, -1):
        points = shapely.get_point(parts, place)
        ends = shapely.get_coordinates(points).view(np.complex128).ravel()
        alone = counts[np.searchsorted(vertices, ends)] == 1
        outside = ~shapely.intersects(shapely.box(*box), points)
        for at in np.flatnonzero(alone & outside).tolist():
            owner = int(owners[at])
            found[owner] = joined_points(found[owner], as_points([(ends[at].real, ends[at].imag)]))
    return found


def _no_box(stated: Box | None, box: Sequence[float]) -> tuple[Any, ...]:
    told = ",".join(f"{side:.4f}" for side in box)
    why, why_zh = ("states no box", "未注明范围")
    if stated is not None:
        why, why_zh = "states a box far larger than what it holds", "注明的范围远大于实际内容"
    return (
        "warning",
        NO_BOX,
        f"The extract {why}, so nothing was cut off; streets that go on beyond it end where their ways do. "
        f"To cut it where it seems to end: --box {told}",
        f"该数据{why_zh}，因此未裁剪，越界的道路保留到其自身端点。如需按数据的大致范围裁剪：--box {told}",
    )
