"""What lies on the ground that grids are drawn on: streets that borders follow and people cross, and what divides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import shapely
from psycopg import Connection

from geodata.grid.barriers import NO_BARRIER, barrier_rank
from geodata.grid.plane import LocalPlane, Shapes
from geodata.station.barriers import barriers_now
from geodata.station.foot import WALKED, foot_of
from geodata.station.streets import streets_now

_DIVIDING_RANK: Final = 5
"""Classes of streets from here on divide and are crossed by nobody: motorways, railways, rivers."""


@dataclass(frozen=True, slots=True)
class Barrier:
    """Water, a railway, a wall or a motorway; the name may be empty."""

    name: str
    kind: str
    shape: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Near:
    """What lies near some ground, in metres of a plane about it.

    Parameters
    ----------
    guides
        Lines and areas that a border may follow.
    ways
        Lines that people walk on.
    gates
        Points where a wall is open.
    barriers
        What divides, and its outline in the plane.
    """

    guides: Shapes
    ways: Shapes
    gates: Shapes
    barriers: tuple[tuple[Barrier, shapely.Geometry], ...]


class Surroundings:
    """Streets, barriers and gates, found by place. Immutable.

    Parameters
    ----------
    streets
        Class, who may walk there (empty where the class says it) and line of each, EPSG:4326.
    barriers
        EPSG:4326.
    gates
        Points in walls, EPSG:4326.
    """

    def __init__(
        self,
        streets: Iterable[tuple[str, str, shapely.Geometry]] = (),
        barriers: Iterable[Barrier] = (),
        gates: Iterable[shapely.Geometry] = (),
    ) -> None:
        guides: list[Any] = []
        ways: list[Any] = []
        for street_class, foot, line in streets:
            parts = shapely.get_parts(line).tolist()
            rank = barrier_rank(street_class)
            guides += parts if rank > NO_BARRIER else []
            ways += parts if rank < _DIVIDING_RANK and foot_of(foot, street_class) in WALKED else []
        self._barriers = tuple(barriers)
        self._of_barrier = [one for one in self._barriers for _ in range(shapely.get_num_geometries(one.shape))]
        edges = [part for one in self._barriers for part in shapely.get_parts(one.shape).tolist()]
        self._guides = shapely.STRtree([*guides, *edges])
        self._ways = shapely.STRtree(ways)
        self._edges = shapely.STRtree(edges)
        self._gates = shapely.STRtree(list(gates))

    @classmethod
    def read(cls, connection: Connection[Any], gates: Iterable[shapely.Geometry] = ()) -> Self:
        """The streets and barriers that are loaded, current only."""
        streets = [(row["class"], row["foot"], shapely.from_wkb(row["wkb"])) for row in streets_now(connection)]
        barriers = [
            Barrier(row["name"], row["class"], shapely.from_wkb(row["wkb"])) for row in barriers_now(connection)
        ]
        return cls(streets, barriers, gates)

    @property
    def known(self) -> Mapping[str, int]:
        """How many lines that borders may follow, and how many barriers there are."""
        return {"guides": len(self._guides.geometries), "barriers": len(self._barriers)}

    def near(self, shape: shapely.Geometry, plane: LocalPlane, metres: float) -> Near:
        """What comes about so near to a shape (EPSG:4326); by bounding boxes, so more may be given."""
        west, south, east, north = shapely.bounds(shape).tolist()
        lon, lat = metres / plane.metres_east, metres / plane.metres_north
        box = shapely.box(west - lon, south - lat, east + lon, north + lat)
        at = np.sort(self._edges.query(box))
        return Near(
            _taken(self._guides, self._guides.query(box), plane),
            _taken(self._ways, self._ways.query(box), plane),
            _taken(self._gates, self._gates.query(box), plane),
            tuple(
                (self._of_barrier[position], flat)
                for position, flat in zip(at.tolist(), _taken(self._edges, at, plane), strict=True)
            ),
        )


def _taken(tree: shapely.STRtree, at: Any, plane: LocalPlane) -> Shapes:
    return plane.forward(np.asarray(tree.geometries, dtype=object)[np.sort(at)])
