"""Grids brought to the borders of their communities where they are off by less than the tolerance."""

from typing import Any

import numpy as np
import shapely

from geodata.grid.communities import Membership, used_communities
from geodata.grid.mend import Work, contact_metres, gap_texts, narrow, part_count, with_piece, without_piece
from geodata.grid.plane import (
    NOISE_METRES,
    overlay,
    polygons_of,
)
from geodata.grid.tiling import covered_ground, find_gaps, segments_of, suspects

LEAST_SHARE_TO_CLIP = 0.95
LEAST_RIM = 0.25
"""A piece is cut off at the rim only where this part of its border, about half of its outer side, lies on the rim."""


def clip_to_communities(work: Work, member: Membership) -> None:
    """Cut off what sticks out of each grid's own community by less than the tolerance."""
    eligible = np.flatnonzero(
        ~shapely.is_empty(work.shapes) & (member.own >= 0) & (member.share >= LEAST_SHARE_TO_CLIP)
    )
    if not eligible.size:
        return
    own = work.communities[member.own[eligible]]
    sticking = np.flatnonzero(~shapely.covered_by(work.shapes[eligible], own))
    eligible, own = eligible[sticking], own[sticking]
    pieces, owners = polygons_of(overlay("difference", work.shapes[eligible], own))
    small = narrow(pieces, work.tolerance_metres)
    if not small.any():
        return
    around = _Around(work, member)
    for piece, grid in zip(pieces[small], eligible[owners[small]].tolist(), strict=True):
        _clip_piece(work, member, around, piece, grid)


class _Around:
    """What lies beside a piece: grids, the layer's rim, communities that have grids."""

    def __init__(self, work: Work, member: Membership) -> None:
        self._grids = shapely.STRtree(work.shapes)
        at = work.present()
        named, _ = suspects(work.shapes[at])
        bodies, _ = polygons_of(np.array([covered_ground(work.shapes[at], named)], dtype=object))
        self._rim = segments_of(shapely.get_exterior_ring(bodies))[0]
        self._rim_tree = shapely.STRtree(self._rim)
        used = used_communities(member, ~shapely.is_empty(work.shapes))
        self._communities = shapely.STRtree(work.communities[used])

    def grids(self, piece: Any, but: int) -> list[int]:
        """Positions of the grids at the piece's border."""
        found = self._grids.query(piece, predicate="dwithin", distance=NOISE_METRES)
        return [int(grid) for grid in sorted(found) if grid != but]

    def at_rim(self, piece: Any) -> bool:
        """Whether a fair part of the piece's border is the layer's outer border, and no community misses the piece."""
        lines = self._rim[self._rim_tree.query(piece, predicate="dwithin", distance=NOISE_METRES)]
        strip = shapely.buffer(piece, NOISE_METRES, quad_segs=2)
        outside = float(shapely.length(shapely.intersection(lines, strip)).sum())
        if outside < LEAST_RIM * piece.length:
            return False
        return not len(self._communities.query(shapely.point_on_surface(piece), predicate="intersects"))


def _clip_piece(work: Work, member: Membership, around: _Around, piece: Any, grid: int) -> None:
    rest = without_piece(work.shapes[grid], piece)
    if rest is None:
        return
    beside = [other for other in around.grids(piece, grid) if _lies_in_own(work, member, piece, other)]
    contact = contact_metres(piece, work.shapes[beside])
    code, community = work.codes[grid], work.community_codes[member.own[grid]]
    area = work.plane.square_metres(piece)
    texts = (
        f"{area:.2f} m² of grid {code} outside its community {community} were cut off",
        f"网格 {code} 超出所属社区 {community} 的 {area:.2f} 平方米已裁去",
    )
    if beside and contact.max() > 0:
        taker = beside[int(np.argmax(contact))]
        joined = with_piece(work.shapes[taker], piece)
        if part_count(joined) > part_count(work.shapes[taker]):
            return
        work.shapes[taker] = joined
        other = work.codes[taker]
        texts = (f"{texts[0]} and given to grid {other}", f"{texts[1]}，划入网格 {other}")
    elif not around.at_rim(piece):
        return
    work.shapes[grid] = rest
    work.report("clipped", grid, piece, (f"{texts[0]}.", f"{texts[1]}。"))


def _lies_in_own(work: Work, member: Membership, piece: Any, grid: int) -> bool:
    own = member.own[grid]
    return bool(own >= 0 and shapely.covers(work.communities[own], shapely.point_on_surface(piece)))


def fill_rim(work: Work, member: Membership) -> None:
    """Extend grids over narrow ground of their community that the layer's outer border leaves out."""
    at = work.present()
    used = used_communities(member, ~shapely.is_empty(work.shapes))
    if not used.size or not at.size:
        return
    shapes = work.shapes[at]
    named, _ = suspects(shapes)
    for gap in find_gaps(shapes, named, work.communities, used):
        if gap.community is None or gap.width_metres >= work.tolerance_metres:
            continue
        beside = at[[n for n in gap.neighbours if member.own[at[n]] == gap.community]]
        contact = contact_metres(gap.shape, work.shapes[beside])
        if not len(contact) or contact.max() <= 0:
            continue
        grid = int(beside[np.argmax(contact)])
        work.shapes[grid] = with_piece(work.shapes[grid], gap.shape)
        community = work.community_codes[gap.community]
        work.report("closed-gap", grid, gap.shape, gap_texts(work, grid, gap.shape, community))
