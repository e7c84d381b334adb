"""What an operation on a tiling gives back: new shapes, ground that waits for an owner, who lost ground to whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import shapely
from shapely import Geometry

from geodata.grid.edit.rings import one_shape
from geodata.grid.plane import NOISE_METRES, LocalPlane, overlay, polygons_of, wider_than
from geodata.records import Finding


@dataclass(frozen=True, slots=True)
class Transfer:
    """Ground that changes hands.

    Parameters
    ----------
    from_key
        Grid that had it.
    to_key
        Grid that gets it, or the number of the piece of the edit that it becomes part of.
    ground
        (Multi)Polygon, EPSG:4326.
    square_metres
        Its area.
    """

    from_key: str
    to_key: str | int
    ground: Geometry
    square_metres: float

    @classmethod
    def of(cls, from_key: str, to_key: str | int, ground: Geometry) -> Self:
        """The transfer of some ground, measured."""
        return cls(from_key, to_key, ground, square_metres(ground))


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a tiling that keeps it whole.

    Parameters
    ----------
    shapes
        By key, the grids whose shape is another one now, those that only got a vertex among them; None for a grid that
        has no ground any more, or whose ground is all in `pieces`.
    pieces
        Ground that no grid has yet, largest first, equal ones from west to east, then north to south.
    moved
        Ground that changes hands.
    notes
        What was done beside what was asked: slivers that joined a neighbour, ends that were snapped.
    """

    shapes: Mapping[str, Geometry | None]
    pieces: tuple[Geometry, ...] = ()
    moved: tuple[Transfer, ...] = ()
    notes: tuple[Finding, ...] = ()

    def placed(self, owners: Sequence[str]) -> Self:
        """The edit with its pieces given to grids.

        Parameters
        ----------
        owners
            A key for each piece, in their order: of a grid whose ground was cut, or new. One that is named more than
            once gets all its pieces, as one shape of several parts.
        """
        shapes = dict(self.shapes)
        for owner in dict.fromkeys(owners):
            mine = [piece for piece, whose in zip(self.pieces, owners, strict=True) if whose == owner]
            shapes[owner] = one_shape([part for piece in mine for part in shapely.get_parts(piece).tolist()])
        moved = (
            replace(transfer, to_key=owners[transfer.to_key]) if isinstance(transfer.to_key, int) else transfer
            for transfer in self.moved
        )
        changed = tuple(transfer for transfer in moved if transfer.from_key != transfer.to_key)
        return replace(self, shapes=shapes, pieces=(), moved=changed)


def square_metres(shape: Geometry) -> float:
    """Area of a shape in EPSG:4326, in true square metres (within 0.1 % up to 10 km)."""
    if shapely.is_empty(shape):
        return 0.0
    shapes = np.array([shape], dtype=object)
    plane = LocalPlane.around(shapes)
    return plane.square_metres(plane.forward(shapes)[0])


def largest_first(shapes: Sequence[Geometry]) -> list[Geometry]:
    """Shapes by their area, the larger before; those within 1 cm² of each other from west to east, north to south."""

    def rank(shape: Geometry) -> tuple[float, float, float]:
        west, _, _, north = shapely.bounds(shape).tolist()
        return -round(square_metres(shape), 4), west, -north

    return sorted(shapes, key=rank)


def swept(before: Mapping[str, Geometry], after: Mapping[str, Geometry | None]) -> tuple[Transfer, ...]:
    """What each grid of a change lost to each other, by keys; rounding left out."""
    moved = []
    for giver, old in sorted(before.items()):
        if after[giver] == old:
            continue
        for taker, new in sorted(after.items()):
            ground = None if taker == giver or new is None else common_ground(old, new)
            if ground is not None:
                moved.append(Transfer.of(giver, taker, ground))
    return tuple(moved)


def common_ground(first: Geometry, second: Geometry) -> Geometry | None:
    """What two shapes have in common, more than rounding; None where nothing is."""
    pair = np.array([first, second], dtype=object)
    parts, _ = polygons_of(overlay("intersection", pair[:1], pair[1:]))
    if not len(parts):
        return None
    parts = parts[wider_than(LocalPlane.around(pair).forward(parts), NOISE_METRES)]
    return one_shape(parts.tolist()) if len(parts) else None
