"""What a redrawn neighbourhood says, in the words of single operations where these give the very same grids."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import Geometry

from geodata.drafts.applying import step_of
from geodata.drafts.operations import read_operation
from geodata.drafts.state import DraftState
from geodata.drafts.step import Around, Step
from geodata.errors import GeodataError
from geodata.grid.edit.rings import directed_edges, reversed_edge
from geodata.grid.plane import overlay

Body = dict[str, Any]

_SAME_DEGREES = 1e-9


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Grids that are drawn anew together.

    Parameters
    ----------
    old
        Codes of the grids whose ground it is.
    drawn
        By code, the shapes that divide it; codes that the draft has not are new grids.
    names
        Of new grids, where the file says one.
    """

    old: tuple[str, ...]
    drawn: Mapping[str, Geometry]
    names: Mapping[str, str]

    @property
    def new(self) -> list[str]:
        """Codes of the new grids."""
        return [code for code in self.drawn if code not in self.old]

    @property
    def gone(self) -> list[str]:
        """Codes of the grids that are no more."""
        return [code for code in self.old if code not in self.drawn]


@dataclass(frozen=True, slots=True)
class Told:
    """Operations, what each does in words, and the state after them."""

    bodies: tuple[Body, ...]
    words: tuple[tuple[str, str], ...]
    after: DraftState


def told(state: DraftState, hood: Neighbourhood, around: Around) -> Told:
    """The operations that draw a neighbourhood anew.

    Raises
    ------
    GeodataError
        It cannot be drawn so, as `geodata.drafts.replacing.draw_anew` says it.

    Notes
    -----
    Merges, splits and new borders are told as such; what none of them says exactly is one operation ``replace``.
    """
    whole = done(state, [_replace(hood)], around)
    for bodies in _candidates(state, hood, whole.after):
        try:
            found = done(state, bodies, around)
        except GeodataError:
            continue
        if _agree(found.after, whole.after, hood):
            return found
    return whole


def done(state: DraftState, bodies: Sequence[Body], around: Around) -> Told:
    """The state after operations.

    Raises
    ------
    GeodataError
        One of them cannot be done.
    """
    words = []
    for body in bodies:
        step, state, _ = _step(state, body, around)
        words.append((step.words, step.words_zh))
    return Told(tuple(bodies), tuple(words), state)


def _step(state: DraftState, body: Body, around: Around) -> tuple[Step, DraftState, Any]:
    return step_of(state, read_operation({"id": "recognised", **body}), around)


def _replace(hood: Neighbourhood) -> Body:
    body: Body = {"kind": "replace", "grids": {code: _geojson(shape) for code, shape in hood.drawn.items()}}
    names = {code: hood.names[code] for code in hood.new if code in hood.names}
    return body | ({"gone": hood.gone} if hood.gone else {}) | ({"names": names} if names else {})


def _geojson(shape: Geometry) -> dict[str, Any]:
    polygons = [[_points(ring) for ring in (part.exterior, *part.interiors)] for part in shapely.get_parts(shape)]
    return {"type": "MultiPolygon", "coordinates": polygons}


def _points(line: Geometry) -> list[list[float]]:
    points: list[list[float]] = shapely.get_coordinates(line).tolist()
    return points


def _candidates(state: DraftState, hood: Neighbourhood, whole: DraftState) -> Iterator[list[Body]]:
    shapes = {code: whole.shape(whole.by_code(code).key) for code in hood.drawn}
    if len(shapes) == 1 and len(hood.old) > 1:
        yield [_merged(hood, *shapes.items())]
    elif len(hood.old) == 1 and hood.old[0] in shapes and len(shapes) > 1:
        bodies = _split(hood, dict(shapes))
        if bodies is not None:
            yield bodies
    elif len(hood.old) == 2 and set(hood.old) == set(shapes):
        first, second = sorted(hood.old)
        line = _border(shapes[first], [shapes[second]])
        if line is not None:
            yield [{"kind": "reshape", "between": [first, second], "line": line}]
        for giver, taker in ((first, second), (second, first)):
            old, new = (np.array([shape], dtype=object) for shape in (state.shape(state.codes[giver]), shapes[giver]))
            ground = overlay("difference", old, new)[0]
            if isinstance(ground, shapely.Polygon | shapely.MultiPolygon) and not ground.is_empty:
                yield [{"kind": "hand-over", "to": taker, "from": [giver], "ground": _geojson(ground)}]


def _merged(hood: Neighbourhood, drawn: tuple[str, Geometry]) -> Body:
    code, shape = drawn
    parts = {"allow_parts": True} if shapely.get_num_geometries(shape) > 1 else {}
    if code in hood.old:
        return {"kind": "merge", "grids": sorted(hood.old), "survivor": code, **parts}
    name = {"name": hood.names[code]} if code in hood.names else {}
    return {"kind": "new-grid", "grids": sorted(hood.old), "code": code, **name, **parts}


def _split(hood: Neighbourhood, shapes: dict[str, Geometry]) -> list[Body] | None:
    """Cuts, each of which parts one new grid from what is left; None where one is no single line."""
    kept, bodies = hood.old[0], []
    while len(shapes) > 1:
        for code in sorted(set(shapes) - {kept}):
            line = _border(shapes[code], [shape for other, shape in shapes.items() if other != code])
            if line is not None:
                break
        else:
            return None
        names = {"names": [hood.names[code]]} if code in hood.names else {}
        bodies.append({"kind": "split", "grid": kept, "line": line, "codes": [code], **names})
        del shapes[code]
    return bodies


def _border(shape: Geometry, others: Sequence[Geometry]) -> list[list[float]] | None:
    """The border of a shape with others; None where it is not one line with two ends."""
    beyond = {reversed_edge(edge) for other in others for edge in directed_edges(other)}
    edges = [edge for edge in directed_edges(shape) if edge in beyond]
    if not edges:
        return None
    line = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(np.array(edges, dtype=np.float64))))
    if not isinstance(line, shapely.LineString) or line.is_ring:
        return None
    return _points(line)


def _agree(state: DraftState, whole: DraftState, hood: Neighbourhood) -> bool:
    """Whether two states have the same grids in a neighbourhood."""
    for code in hood.drawn:
        key, other = state.codes.get(code), whole.codes[code]
        known = code in hood.old
        if key is None or (known and key != other):
            return False
        apart = shapely.hausdorff_distance(state.shape(key).boundary, whole.shape(other).boundary)
        if not apart <= _SAME_DEGREES:
            return False
    return not any(code in state.codes for code in hood.gone)
