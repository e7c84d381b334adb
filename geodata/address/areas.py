"""Names of the areas that points lie in."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Chain = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Area:
    """An area of the hierarchy, with a shape or without."""

    name: str
    parent_id: int | None


class AreaChains:
    """Full names of the areas of any point, the widest first.

    Parameters
    ----------
    rows
        Identity, name, identity of the parent or None, shape as well-known binary (EPSG:4326) or None, and identity of
        the version, of each area in force.

    Attributes
    ----------
    version_ids, version
        Of the areas, sorted; equal versions are the same areas.

    Notes
    -----
    A point on a border lies in the areas on both sides: either may be said. Parents count without a shape too.
    """

    def __init__(self, rows: Sequence[tuple[int, str, int | None, bytes | None, int]]) -> None:
        self._areas = {area_id: _Area(name, parent_id) for area_id, name, parent_id, _, _ in rows}
        self.version_ids = sorted(row[4] for row in rows)
        self.version = sha256(repr(self.version_ids).encode()).hexdigest()[:16]
        drawn = [(area_id, shape) for area_id, _, _, shape, _ in rows if shape is not None]
        self._ids = [area_id for area_id, _ in drawn]
        self._shapes = shapely.from_wkb([shape for _, shape in drawn]) if drawn else np.zeros(0, dtype=object)
        shapely.prepare(self._shapes)
        self._wide = shapely.area(self._shapes)
        self._known: dict[tuple[int, ...], Chain] = {(): ()}

    @property
    def names(self) -> list[str]:
        """Of all areas, each once."""
        return list(dict.fromkeys(area.name for area in self._areas.values()))

    def of(self, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> list[Chain]:
        """The areas of each point (EPSG:4326 degrees), empty for one outside all shapes."""
        if not self._ids or not len(lons):
            return [()] * len(lons)
        shape, point = shapely.STRtree(shapely.points(lons, lats)).query(self._shapes, predicate="intersects")
        order = np.lexsort((shape, point))
        ends = np.cumsum(np.bincount(point, minlength=len(lons))).tolist()
        shapes: list[int] = shape[order].tolist()
        return [self._chain(tuple(shapes[start:end])) for start, end in zip([0, *ends], ends, strict=False)]

    def unlike(self, other: "AreaChains") -> NDArray[np.object_]:
        """Shapes of the areas that are not the same in the other ones: shape, or name of it or of what it lies in."""
        told = set(other._told())  # noqa: SLF001 - of the same class
        return self._shapes[np.array([one not in told for one in self._told()], dtype=np.bool_)]

    def _told(self) -> list[tuple[Chain, bytes]]:
        lines = [tuple(self._line(area_id)) for area_id in self._ids]
        return list(zip(lines, shapely.to_wkb(self._shapes).tolist(), strict=True))

    def _chain(self, hits: tuple[int, ...]) -> Chain:
        if hits not in self._known:
            names: list[str] = []
            for hit in sorted(hits, key=lambda place: -float(self._wide[place])):
                names += self._line(self._ids[hit])
            self._known[hits] = tuple(dict.fromkeys(names))
        return self._known[hits]

    def _line(self, area_id: int) -> list[str]:
        """Names from the widest ancestor down to an area."""
        line: list[str] = []
        seen: set[int] = set()
        at: Any = area_id
        while at in self._areas and at not in seen:
            seen.add(at)
            line.append(self._areas[at].name)
            at = self._areas[at].parent_id
        return line[::-1]
