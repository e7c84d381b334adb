"""The layer while it is mended, and how ground is moved from shape to shape."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geodata.grid.plane import (
    NOISE_METRES,
    Flags,
    LocalPlane,
    Place,
    Positions,
    Shapes,
    overlay,
    polygonal,
    polygons_of,
    union,
    wider_than,
)
from geodata.records import Mend

_SNAP_METRES = 1e-6


@dataclass(slots=True)
class Work:
    """The layer while it is mended: shapes in the plane, and the mends so far."""

    plane: LocalPlane
    shapes: Shapes
    rows: list[int | None]
    codes: list[str]
    communities: Shapes
    community_codes: list[str]
    tolerance_metres: float
    mends: list[Mend] = field(default_factory=list)

    def present(self) -> Positions:
        """Positions of the grids that have a shape."""
        return np.flatnonzero(~shapely.is_empty(self.shapes))

    def report(self, kind: str, grid: int, piece: Any, texts: tuple[str, str]) -> None:
        """Note a mend that moved a piece of ground."""
        place = self.plane.inside(piece)
        self.add(kind, grid, place, self.plane.square_metres(piece), texts)

    def add(self, kind: str, grid: int, place: Place, area: float, texts: tuple[str, str]) -> None:
        """Note a mend."""
        self.mends.append(Mend(kind, *texts, self.rows[grid], self.codes[grid], place.lon, place.lat, area))


def narrow(pieces: Shapes, tolerance_metres: float) -> Flags:
    """Whether each piece is narrower than the tolerance, and more than rounding."""
    return wider_than(pieces, NOISE_METRES) & ~wider_than(pieces, tolerance_metres)


def contact_metres(piece: Any, shapes: Shapes) -> Any:
    """Length of the piece's border that lies along each shape."""
    if not len(shapes):
        return np.zeros(0)
    border = shapely.boundary(piece)
    return shapely.length(shapely.intersection(border, shapely.buffer(shapes, NOISE_METRES, quad_segs=2)))


def without_piece(shape: Any, piece: Any) -> Any | None:
    """The shape without the piece and without crumbs; None where nothing would be left or it would fall apart."""
    rest = overlay("difference", np.array([shape], dtype=object), np.array([piece], dtype=object))
    parts, _ = polygons_of(rest)
    parts = parts[wider_than(parts, NOISE_METRES)] if len(parts) else parts
    return union(parts) if 0 < len(parts) <= part_count(shape) else None


def with_piece(shape: Any, piece: Any) -> Any:
    """The shape and a piece at its border as one."""
    # A vertex on the other's edge is off it by rounding: without snapping, a slit of 1e-10 m would part the two.
    piece = _snapped(piece, shape)
    shape = _snapped(shape, piece)
    joined = overlay("union", np.array([shape], dtype=object), np.array([piece], dtype=object))
    return polygonal(joined)[0]


def _snapped(shape: Any, to: Any) -> Any:
    snapped = shapely.snap(shape, to, _SNAP_METRES)
    return snapped if shapely.is_valid(snapped) else shape


def part_count(shape: Any) -> int:
    """Number of parts of one shape."""
    return int(shapely.get_num_geometries(shape))


def gap_texts(work: Work, grid: int, piece: Any, community: str | None = None) -> tuple[str, str]:
    """What a closed gap is reported as, in English and Chinese."""
    area, code = work.plane.square_metres(piece), work.codes[grid]
    return (
        f"A gap of {area:.2f} m² {f'in community {community}' if community else 'between grids'} "
        f"was closed by grid {code}.",
        f"{f'社区 {community} 内' if community else '网格之间'} {area:.2f} 平方米的空隙已划入网格 {code}。",
    )


def changed_shapes(first: Shapes, second: Shapes) -> Flags:
    """Whether shapes differ in more than their order of rings and points."""
    changed: Flags = first != second
    rest = np.flatnonzero(changed)
    changed[rest] = _normal(first[rest]) != _normal(second[rest])
    return changed


def _normal(shapes: Shapes) -> Shapes:
    parts, owners = shapely.get_parts(shapes, return_index=True)
    result: Shapes = shapely.normalize(shapely.multipolygons(parts, indices=owners, out=_empty(len(shapes))))
    return result


def _empty(count: int) -> Shapes:
    return np.full(count, shapely.MultiPolygon(), dtype=object)
