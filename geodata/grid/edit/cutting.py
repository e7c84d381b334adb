"""Grids cut along lines into faces, which are then put together anew, with as few new nodes as that takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import Geometry

from geodata.grid.edit.matching import matched_vertices, straight_nodes, with_vertices, without_nodes
from geodata.grid.edit.noding import noded
from geodata.grid.edit.rings import Edge, Vertex, assembled, directed_edges, in_order, reversed_edge
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import LocalPlane, Numbers


@dataclass(frozen=True, slots=True)
class Cut:
    """Grids in faces.

    Parameters
    ----------
    faces
        By key, the polygons that the lines cut a grid into; one for each part where they don't.
    paths
        For each line its points, all nodes with borders among them.
    inserted
        By edge of a border, the nodes put into it.
    inner
        The straight pieces of the lines that lie inside grids, in both directions.
    """

    faces: Mapping[str, list[Geometry]]
    paths: list[list[Vertex]]
    inserted: Mapping[Edge, list[Vertex]]
    inner: frozenset[Edge]

    def whole(self, shapes: Mapping[str, Geometry | None], tiling: Tiling) -> dict[str, Geometry | None]:
        """New shapes of all grids: of those that were cut, and of their neighbours that get the same nodes.

        Parameters
        ----------
        shapes
            Every grid that was cut, put together of faces; by whatever keys.

        Notes
        -----
        A node was put in where a line meets a border. Where one of the two is no border in the end, the other is as
        straight as it was, and the node goes again.
        """
        new = {key: shape for key, shape in shapes.items() if shape is not None}
        put_in = {node for nodes in self.inserted.values() for node in nodes}
        idle = straight_nodes(put_in, new.values())
        needed = put_in - idle
        tidy = {key: without_nodes(shape, idle) if idle else shape for key, shape in new.items()}
        kept = {edge: [node for node in nodes if node in needed] for edge, nodes in self.inserted.items()}
        beside = matched_vertices(tiling, {edge: nodes for edge, nodes in kept.items() if nodes}, but=self.faces)
        return {**shapes, **tidy, **beside}


def free_faces(tiling: Tiling, done: Cut, ground: Geometry) -> list[Geometry]:
    """What of some ground no grid has, in polygons whose borders match those of the grids that were cut.

    Parameters
    ----------
    done
        A cut of all grids that touch the ground, along its rings.
    """
    borders = {edge for key in done.faces for edge in directed_edges(with_vertices(tiling.shape(key), done.inserted))}
    drawn = {min(edge, reversed_edge(edge)) for edge in borders.union(*(pairwise(path) for path in done.paths))}
    faces = shapely.get_parts(shapely.polygonize(shapely.linestrings(np.array(sorted(drawn)))))
    inside = shapely.point_on_surface(faces)
    free = shapely.covers(ground, inside)
    for key in done.faces:
        free &= ~shapely.covers(tiling.shape(key), inside)
    return in_order(faces[free])


def cut(tiling: Tiling, keys: Sequence[str], lines: Iterable[list[Vertex]], plane: LocalPlane) -> Cut:
    """Grids cut along lines.

    Parameters
    ----------
    keys
        Grids to cut. Others are not looked at.
    lines
        Each of two points or more, which do not cross themselves.
    plane
        Metres are measured in it.
    """
    shapes = {key: tiling.shape(key) for key in keys}
    laid = noded((edge for shape in shapes.values() for edge in directed_edges(shape)), lines, plane)
    along = np.array([edge for path in laid.paths for edge in pairwise(path)]).reshape(-1, 2, 2)
    faces, inner = {}, set[Edge]()
    for key, shape in shapes.items():
        borders = directed_edges(with_vertices(shape, laid.inserted))
        inside = _inside(along, shape, set(borders))
        inside += [reversed_edge(edge) for edge in inside]
        inner.update(inside)
        faces[key] = assembled([*borders, *inside])
    return Cut(faces, laid.paths, laid.inserted, frozenset(inner))


def _inside(pieces: Numbers, shape: Geometry, borders: set[Edge]) -> list[Edge]:
    """The straight pieces that lie inside a shape, each once."""
    if not len(pieces):
        return []
    shapely.prepare(shape)
    middles = pieces.mean(axis=1)
    within = pieces[shapely.contains_xy(shape, middles[:, 0], middles[:, 1])].tolist()
    found: dict[Edge, None] = {}
    for (west, south), (east, north) in within:
        edge = ((west, south), (east, north))
        if edge not in borders and reversed_edge(edge) not in borders and reversed_edge(edge) not in found:
            found[edge] = None
    return list(found)
