"""Faults that a change of a tiling adds; those that were there before don't count. Only the neighbourhood is looked at.

Findings name grids by their keys (fact ``grids``) and pieces without an owner by their numbers (fact ``pieces``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import Geometry

from geodata.errors import EditRefusedError
from geodata.grid.edit.records import Edit
from geodata.grid.edit.rings import directed_edges, open_edges, reversed_edge
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import NOISE_METRES, LocalPlane, Place, Shapes, overlay, polygons_of, union, wider_than, widths
from geodata.grid.rings import invalid_reason
from geodata.grid.tiling import find_mismatches, find_overlaps, suspects
from geodata.grid.validate import DEFAULT_LIMITS, valid_in_plane
from geodata.records import Finding, Severity

Label = str | int
"""Key of a grid, or number of a piece."""

_AROUND_METRES = 1.0
"""So far around what changes, others are looked at."""
_TEXTS = {
    "invalid-ring": (
        "The border would cross or touch itself here. Move the point or the line away from the rest of the border.",
        "此处边界将自相交或自相接触，请将点或线移离边界的其他部分。",
    ),
    "overlap": (
        "Two grids would overlap here, over {area} m². Stay inside the grids on both sides of the border.",
        "此处两个网格将重叠 {area} 平方米，请勿越出边界两侧网格的范围。",
    ),
    "gap": (
        "{area} m² would belong to no grid here. Give that ground to one of the grids beside it.",
        "此处将有 {area} 平方米不属于任何网格，请将其划归相邻网格。",
    ),
    "outside": (
        "{area} m² outside the layer would become part of it here. The layer's outer border stays as it is.",
        "此处将有 {area} 平方米本类网格以外的范围被划入，外边界须保持不变。",
    ),
    "edge-mismatch": (
        "The common border of two grids would no longer match here. Draw it once for both.",
        "此处两个网格的公共边界将不再重合，请使两者共用同一条边界。",
    ),
    "sliver": (
        "This grid would be only {area} m², at most {width} m wide. Merge it into a neighbour, or draw it wider.",
        "该网格将仅有 {area} 平方米，最宽处 {width} 米，请并入相邻网格或将其画宽。",
    ),
    "many-parts": (
        "This grid would consist of {parts} separate parts, the smallest of {area} m². Check that this is meant.",
        "该网格将由 {parts} 个不相连的部分组成，最小的 {area} 平方米，请核实是否有意为之。",
    ),
}
_REASONS = {
    "invalid-ring": "crosses-itself",
    "overlap": "would-overlap",
    "gap": "would-gap",
    "outside": "on-rim",
    "edge-mismatch": "would-not-match",
}


@dataclass(frozen=True, slots=True)
class _Hood:
    """What an edit changes and what lies around it, in one plane: before and after."""

    plane: LocalPlane
    before: Shapes
    before_labels: list[Label]
    after: Shapes
    after_labels: list[Label]
    changed: int
    """So many of the first in either list are changed; the others are the same in both."""


def faults(before: Tiling, edit: Edit) -> list[Finding]:
    """Faults that an edit adds to a tiling, errors first.

    Parameters
    ----------
    before
        The tiling that the edit was made for.
    edit
        Its pieces count as grids of their own.

    Returns
    -------
    list of Finding
        Errors: ``invalid-ring``, ``overlap``, ``gap``, ``edge-mismatch``, ``outside`` (the rim of a full tiling
        moved). Warnings: ``sliver``, ``many-parts``. The operations of this package refuse what would be an error.
    """
    if not edit.shapes and not edit.pieces:
        return []
    broken = _invalid(edit)
    if broken:
        return broken
    hood = _hood(before, edit)
    findings = _touching_faults(hood, full=before.full)
    if before.full:
        findings += _ground_faults(hood, before, edit)
    return findings + _size_warnings(hood)


def sound(before: Tiling, edit: Edit) -> Edit:
    """The edit itself.

    Raises
    ------
    EditRefusedError
        It adds a fault to the tiling.
    """
    for fault in faults(before, edit):
        if fault.severity == "error":
            where = {"lon": fault.lon, "lat": fault.lat, "grids": fault.facts["grids"]}
            raise EditRefusedError(fault.message, fault.message_zh, reason=_REASONS[fault.kind], **where)
    return edit


def _present(edit: Edit) -> list[tuple[Label, Geometry]]:
    kept = [(key, shape) for key, shape in edit.shapes.items() if shape is not None]
    return [*kept, *enumerate(edit.pieces)]


def _invalid(edit: Edit) -> list[Finding]:
    """Faults of single shapes, in the order of the grids."""
    found = []
    for label, shape in _present(edit):
        if shapely.is_empty(shape) or not shapely.is_valid(shape):
            _, place = invalid_reason(shape)
            found.append(_finding("invalid-ring", [label], place or Place(*shapely.get_coordinates(shape)[:1].ravel())))
    return found


def _hood(before: Tiling, edit: Edit) -> _Hood:
    old = [(key, before.shape(key)) for key in edit.shapes if key in before]
    new = _present(edit)
    touched = np.array([shape for _, shape in (*old, *new)], dtype=object)
    plane = LocalPlane.around(touched)
    west, south, east, north = shapely.total_bounds(touched).tolist()
    lon, lat = 2 * _AROUND_METRES / plane.metres_east, 2 * _AROUND_METRES / plane.metres_north
    keys, shapes = before.within((west - lon, south - lat, east + lon, north + lat))
    others = [at for at in np.argsort(np.array(keys, dtype=object)).tolist() if keys[at] not in edit.shapes]
    flat = valid_in_plane(touched, plane)
    around = plane.forward(shapes[others]) if others else np.empty(0, dtype=object)
    if len(around):
        near = np.unique(shapely.STRtree(flat).query(around, predicate="dwithin", distance=_AROUND_METRES)[0])
        others, around = [others[at] for at in near.tolist()], around[near]
    names: list[Label] = [keys[at] for at in others]
    return _Hood(
        plane,
        np.concatenate((flat[: len(old)], around)),
        [*(key for key, _ in old), *names],
        np.concatenate((flat[len(old) :], around)),
        [*(label for label, _ in new), *names],
        len(new),
    )


def _touching_faults(hood: _Hood, *, full: bool) -> list[Finding]:
    named, _ = suspects(hood.after)
    if not named.any():
        return []
    old_named, old_edges = suspects(hood.before)
    old = find_overlaps(hood.before, old_named)
    known = shapely.buffer(union(np.array([overlap.shape for overlap in old], dtype=object)), NOISE_METRES)
    overlaps = find_overlaps(hood.after, named)
    findings = []
    for overlap in overlaps:
        piece = _new_ground(overlap.shape, known)
        if piece is not None:
            labels = [hood.after_labels[overlap.first], hood.after_labels[overlap.second]]
            findings.append(_on_ground("overlap", labels, piece, hood.plane))
    if full:
        explained = np.array([overlap.shape for overlap in overlaps], dtype=object)
        drawn = shapely.buffer(shapely.union_all(old_edges), 2 * NOISE_METRES)
        findings += _mismatches(hood, explained, drawn)
    return findings


def _mismatches(hood: _Hood, explained: Shapes, drawn: Any) -> list[Finding]:
    """Borders that don't match, apart from those that are drawn like that already."""
    findings = []
    # A crack that opens is ground that somebody loses: only borders in the same place are looked for.
    for mismatch in find_mismatches(hood.after, explained, crack_metres=0.0):
        rest = shapely.difference(mismatch.line, drawn)
        if shapely.length(rest) <= NOISE_METRES:
            continue
        labels = [hood.after_labels[mismatch.first], hood.after_labels[mismatch.second]]
        longest = max(shapely.get_parts(rest).tolist(), key=shapely.length)
        place = hood.plane.place(shapely.line_interpolate_point(longest, 0.5, normalized=True))
        findings.append(_finding("edge-mismatch", labels, place, square_metres=mismatch.square_metres))
    return findings


def _ground_faults(hood: _Hood, before: Tiling, edit: Edit) -> list[Finding]:
    """Ground that nobody has any more, or that was nobody's before."""
    old_keys = [key for key in edit.shapes if key in before]
    old = set(open_edges(edge for key in old_keys for edge in directed_edges(before.shape(key))))
    new = set(open_edges(edge for _, shape in _present(edit) for edge in directed_edges(shape)))
    if old == new:
        return []
    was, is_now = union(hood.before[: len(old_keys)]), union(hood.after[: hood.changed])
    findings = []
    # A crack that closes was nobody's ground before, and may be.
    for kind, first, second, metres in (
        ("gap", was, is_now, NOISE_METRES),
        ("outside", is_now, union(hood.before), DEFAULT_LIMITS.hairline_metres),
    ):
        piece = _new_ground(first, second, metres)
        if piece is not None:
            beside = np.flatnonzero(shapely.dwithin(hood.after, piece, NOISE_METRES))
            labels = [hood.after_labels[at] for at in beside.tolist() if at < hood.changed]
            findings.append(_on_ground(kind, labels, piece, hood.plane))
    return findings


def _new_ground(shape: Any, known: Any, metres: float = NOISE_METRES) -> Any | None:
    """What of a shape is not known already and this wide, more than rounding at least; None where nothing is."""
    parts, _ = polygons_of(overlay("difference", np.array([shape], dtype=object), np.array([known], dtype=object)))
    parts = parts[wider_than(parts, metres)] if len(parts) else parts
    return shapely.multipolygons(parts) if len(parts) else None


def _size_warnings(hood: _Hood) -> list[Finding]:
    """Grids that are tiny, thin or in several parts now, and were not before."""
    earlier = dict(zip(hood.before_labels, hood.before, strict=True))
    findings = []
    for label, shape in zip(hood.after_labels[: hood.changed], hood.after[: hood.changed], strict=True):
        old = earlier.get(label)
        if is_sliver(shape, hood.plane) and (old is None or not is_sliver(old, hood.plane)):
            width = f"{widths(np.array([shape], dtype=object))[0]:.2f}"
            findings.append(_on_ground("sliver", [label], shape, hood.plane, width=width))
        parts, before = shapely.get_parts(shape), 1 if old is None else shapely.get_num_geometries(old)
        if len(parts) > max(1, before):
            smallest = parts[np.argmin(shapely.area(parts))]
            findings.append(_on_ground("many-parts", [label], smallest, hood.plane, parts=len(parts)))
    return findings


def is_sliver(shape: Any, plane: LocalPlane) -> bool:
    """Whether a shape of the plane is so small or thin that it is probably left over from drawing."""
    if plane.square_metres(shape) < DEFAULT_LIMITS.sliver_square_metres:
        return True
    return not wider_than(np.array([shape], dtype=object), DEFAULT_LIMITS.sliver_metres)[0]


def slivers_beside(faces: Sequence[Geometry], others: Sequence[Geometry], plane: LocalPlane) -> list[Geometry]:
    """The slivers among faces that have a border in common with others."""
    border = {reversed_edge(edge) for other in others for edge in directed_edges(other)}
    flat = plane.forward(np.array(faces, dtype=object)) if faces else np.empty(0, dtype=object)
    return [
        face
        for face, metric in zip(faces, flat, strict=True)
        if is_sliver(metric, plane) and any(edge in border for edge in directed_edges(face))
    ]


def _on_ground(kind: str, labels: Iterable[Label], shape: Any, plane: LocalPlane, **facts: Any) -> Finding:
    parts, _ = polygons_of(np.array([shape], dtype=object))
    place = plane.inside(parts[np.argmax(shapely.area(parts))])
    return _finding(kind, labels, place, square_metres=plane.square_metres(shape), **facts)


def _finding(kind: str, labels: Iterable[Label], place: Place, **facts: Any) -> Finding:
    labels = list(labels)
    severity: Severity = "warning" if kind in {"sliver", "many-parts"} else "error"
    texts = [text.format(area=f"{facts.get('square_metres', 0.0):,.2f}", **facts) for text in _TEXTS[kind]]
    lon, lat = (float(value) for value in place)
    keys = sorted(label for label in labels if isinstance(label, str))
    pieces = sorted(label for label in labels if isinstance(label, int))
    return Finding(
        severity,
        kind,
        f"{texts[0]} (at {lon:.7f}, {lat:.7f})",
        f"{texts[1]}（位于 {lon:.7f}，{lat:.7f}）",
        lon=lon,
        lat=lat,
        facts={"grids": keys, "pieces": pieces, **facts},
    )
