"""Grids of other layers that lie on ground which a draft gives to another community, or belong to one that it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import shapely

from geodata.drafts.state import DraftArea
from geodata.grid.edit.records import common_ground, square_metres
from geodata.grid.validate import DEFAULT_LIMITS
from geodata.moment import Moment
from geodata.records import GridVersion, Layer


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The other layers, as they are at a moment.

    Parameters
    ----------
    moment
        With the tilings of all layers.
    layer
        Code of the draft's own.
    """

    moment: Moment
    layer: str

    def crossing(
        self, before: DraftArea, after: DraftArea, lost: shapely.Geometry
    ) -> Iterator[tuple[Layer, list[GridVersion], shapely.Geometry]]:
        """Grids of an area that reach beyond its new border and not beyond its old one, with the ground that does.

        Parameters
        ----------
        before, after
            The area, with ground; `lost` is what it loses, EPSG:4326.

        Yields
        ------
        tuple
            Each layer with such grids; these in the order of codes; of the first one the ground outside.
        """
        for layer in self._others():
            tiling = self.moment.tilings[layer.code]
            meeting = (tiling.versions[place] for place in tiling.index.meeting(lost, self.moment.active(layer.code)))
            own = [grid for grid in meeting if grid.community_id == before.area_id]
            found = [grid for grid in own if self._leaves(grid, before, after)]
            if found:
                shape = self.moment.geometry(found[0])
                yield layer, found, common_ground(shape, lost) or shape

    def belonging(self, area: DraftArea) -> Iterator[tuple[Layer, list[GridVersion]]]:
        """Grids of an area, by layer, in the order of codes."""
        for layer in self._others():
            found = [grid for grid in self.moment.grids(layer.code) if grid.community_id == area.area_id]
            if found:
                yield layer, found

    def shape(self, grid: GridVersion) -> shapely.Geometry:
        """Ground of a grid of another layer, EPSG:4326."""
        return self.moment.geometry(grid)

    def _others(self) -> Sequence[Layer]:
        return [one for one in self.moment.layers if one.code != self.layer]

    def _leaves(self, grid: GridVersion, before: DraftArea, after: DraftArea) -> bool:
        shape, least = self.moment.geometry(grid), DEFAULT_LIMITS.community_share
        then, now = (_share(shape, area.shape) for area in (before, after))
        return now < least <= then or (then < least and now < then - (1 - least))


def _share(shape: shapely.Geometry, ground: shapely.Geometry | None) -> float:
    inside = None if ground is None else common_ground(shape, ground)
    return 0.0 if inside is None else square_metres(inside) / square_metres(shape)
