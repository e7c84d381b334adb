"""What lies on the ground that grids are drawn on: streets that borders follow and people cross, and what divides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import shapely
from psycopg import Connection

from geodata.grid.barriers import NO_BARRIER, barrier_rank
from geodata.grid.plane import LocalPlane, Numbers, Shapes
from geodata.station.barriers import barriers_now
from geodata.station.foot import WALKED, foot_of
from geodata.station.network.sources import NETWORK_TABLES, read_marks
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

    Attributes
    ----------
    sign
        Of what was read: the same again, and nothing need be read anew; None for what was made by hand.
    """

    def __init__(
        self,
        streets: Iterable[tuple[str, str, shapely.Geometry]] = (),
        barriers: Iterable[Barrier] = (),
        gates: Iterable[shapely.Geometry] = (),
    ) -> None:
        classes, lines = [], []
        for street_class, foot, line in streets:
            classes.append((street_class, foot))
            lines.append(line)
        kinds = {one: _kind_of(*one) for one in set(classes)}
        parts, of = shapely.get_parts(np.array(lines, dtype=object), return_index=True)
        follows, walked = np.array([kinds[one] for one in classes], dtype=bool).reshape(-1, 2).T
        self._barriers = tuple(barriers)
        self._of_barrier = [one for one in self._barriers for _ in range(shapely.get_num_geometries(one.shape))]
        edges = [part for one in self._barriers for part in shapely.get_parts(one.shape).tolist()]
        self._guides = shapely.STRtree([*parts[follows[of]].tolist(), *edges])
        self._ways = shapely.STRtree(parts[walked[of]])
        self._edges = shapely.STRtree(edges)
        self._gates = shapely.STRtree(list(gates))
        self.sign: Any = None

    @classmethod
    def read(cls, connection: Connection[Any], gates: Numbers, before: Self | None = None) -> Self:
        """The streets and barriers that are loaded, current only.

        Parameters
        ----------
        gates
            Longitudes and latitudes, shape (n, 2).
        before
            What was read earlier: it is given back where nothing of it changed.
        """
        sign = read_marks(connection).of(NETWORK_TABLES), gates.tobytes()
        if before is not None and before.sign == sign:
            return before
        rows = streets_now(connection)
        lines = shapely.from_wkb(np.array([row["wkb"] for row in rows], dtype=object))
        streets = [(row["class"], row["foot"], line) for row, line in zip(rows, lines, strict=True)]
        barriers = [
            Barrier(row["name"], row["class"], shapely.from_wkb(row["wkb"])) for row in barriers_now(connection)
        ]
        found = cls(streets, barriers, shapely.points(gates).tolist())
        found.sign = sign
        return found

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


def _kind_of(street_class: str, foot: str) -> tuple[bool, bool]:
    """Whether borders may follow a street, and whether people walk on it."""
    rank = barrier_rank(street_class)
    return rank > NO_BARRIER, rank < _DIVIDING_RANK and foot_of(foot, street_class) in WALKED


def _taken(tree: shapely.STRtree, at: Any, plane: LocalPlane) -> Shapes:
    return plane.forward(np.asarray(tree.geometries, dtype=object)[np.sort(at)])
