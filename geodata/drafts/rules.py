"""What is worth a look in a draft: each fault with its place, in plain words, and whether the base had it already.

=====================  ========  ======================================================================================
kind                   severity  what is found
=====================  ========  ======================================================================================
code-taken             error     another grid has, or once had, the code
several tiling kinds   error     see `geodata.grid.edit.faults`; only in `findings_of_draft`
size-band              warning   more or fewer households than grids of the kind are to have
across-barrier         warning   a river, railway, wall or motorway through the grid, and no way across inside it
border-off-street      warning   less than half of the border towards other grids follows a street or a barrier
nobody-on-duty         warning   nobody has a duty for the grid
many-parts, sliver     warning   several parts; too small or thin to be meant
missing-community      warning   in no community
crosses-community      warning   less than 95 % of the ground is in its own community
name-twice             warning   another grid of the community has the name
community-border       warning   the border of an area moved with the grids
other-layer            warning   grids of another layer reach beyond that border, or are in an area that ends
counts-left            warning   something was counted of the grid as a whole, and its ground is to be another
=====================  ========  ======================================================================================
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely

from geodata.drafts.area_rules import findings_of_areas
from geodata.drafts.differing import reshaped
from geodata.drafts.dividing import divided
from geodata.drafts.frontage import NEAR_METRES, frontage
from geodata.drafts.ground import really_changed
from geodata.drafts.miscounted import findings_of_counts
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftGrid, DraftState
from geodata.drafts.wording import told
from geodata.grid.edit import Edit, faults
from geodata.grid.edit.faults import is_sliver
from geodata.grid.edit.records import common_ground, square_metres
from geodata.grid.plane import LocalPlane, Place
from geodata.grid.validate import DEFAULT_LIMITS
from geodata.records import Finding

LEAST_FRONTAGE: Final = 0.5


def findings_of(before: DraftState, after: DraftState, scene: Scene) -> list[Finding]:
    """What is worth a look in the grids and areas that one step of a draft touched, errors first.

    Parameters
    ----------
    before, after
        States of one draft, before and after the step.

    Notes
    -----
    Each finding says in its fact ``new`` whether the base had no such fault there. Faults of the tiling itself are not
    looked for: operations refuse to make any.
    """
    keys = [key for key in really_changed(before, after, scene) if key in after.grids]
    counts = findings_of_counts(before, after, scene.counted)
    return _in_order([*_of_grids(after, keys, scene), *findings_of_areas(before, after, scene), *counts])


def findings_of_draft(
    state: DraftState, scene: Scene, *, tiling: bool = True, whole: DraftState | None = None
) -> list[Finding]:
    """What is worth a look in everything that a draft changed since its base, errors first.

    Parameters
    ----------
    tiling
        Whether gaps, overlaps and borders that do not match are looked for too: all that the operations refuse to make.
    whole
        As for `tiling_findings`.
    """
    keys = [key for key in really_changed(state.first, state, scene) if key in state.grids]
    counts = findings_of_counts(state.first, state, scene.counted)
    found = [*_of_grids(state, keys, scene), *findings_of_areas(state.first, state, scene), *counts]
    return _in_order([*(tiling_findings(state, whole) if tiling else ()), *found])


def tiling_findings(state: DraftState, whole: DraftState | None = None) -> list[Finding]:
    """Gaps, overlaps and borders that do not match, where the base had none; all are errors.

    Parameters
    ----------
    whole
        Another state of a draft of the same base, in which none was found: where what differs adds none, there is none.
    """
    if whole is not None and not _faults_since(whole, state):
        return []
    return [_named(fault, state) for fault in _faults_since(state.first, state)]


def _faults_since(before: DraftState, after: DraftState) -> list[Finding]:
    keys = sorted(key for key in {*before.touched, *after.touched} if key[0] != "@" and reshaped(before, after, key))
    shapes = {key: after.shape(key) if key in after.grids else None for key in keys}
    found = faults(before.tiling, Edit(shapes)) if shapes else []
    return [fault for fault in found if fault.severity == "error"]


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: (one.severity != "error", not one.facts["new"], one.kind, one.code or ""))


def _named(fault: Finding, state: DraftState) -> Finding:
    """A fault of the tiling with the codes of grids in the place of their keys."""
    known = {**state.first.grids, **state.grids}
    codes = [known[key].code for key in fault.facts["grids"]]
    facts = {name: value for name, value in fault.facts.items() if name != "pieces"} | {"grids": codes, "new": True}
    return replace(fault, code=codes[0] if codes else None, facts=facts)


def _of_grids(state: DraftState, keys: Sequence[str], scene: Scene) -> Iterable[Finding]:
    for key in keys:
        found = [*_of_people(state, key, scene), *_of_ground(state, key, scene)]
        earlier = _signs_in_base(state, key, scene) if found else frozenset()
        for finding in found:
            yield replace(finding, facts={**finding.facts, "new": _sign(finding) not in earlier})
    yield from _of_names(state, keys, scene)


def _signs_in_base(state: DraftState, key: str, scene: Scene) -> frozenset[Any]:
    """What was found in the base of the grid, or of the one that it mostly comes from."""
    base = state.first
    # A grid that comes back from an earlier release comes from itself, which the base has not.
    own = next((one for one in (key, *state.grids[key].origins) if one in base.grids), None)
    if own is None:
        return frozenset()

    def signs() -> frozenset[Any]:
        return frozenset(map(_sign, [*_of_people(base, own, scene), *_of_ground(base, own, scene)]))

    return scene.of_base(own, signs)


def _sign(finding: Finding) -> tuple[str, Any]:
    return finding.kind, finding.facts.get("side") or finding.facts.get("barrier")


def _of_people(state: DraftState, key: str, scene: Scene) -> Iterable[Finding]:
    grid, band = state.grids[key], scene.bands.get(state.grids[key].kind)
    if band is not None:
        counts = scene.living.counts(state, [key])[key]
        if not band.holds(counts.households):
            side = "below" if band.least is not None and counts.households < band.least else "above"
            facts = {
                "households": counts.households,
                "estimated": counts.estimated > 0,
                "least": band.least,
                "most": band.most,
                "side": side,
            }
            texts = {"band": band.text, "source": band.source, "source_zh": band.source_zh}
            yield _finding(f"size-band/{side}", grid, _middle(state, key, scene), facts, **texts)
    if scene.staff.grids and not scene.staff.of_grid(state, key):
        yield _finding("nobody-on-duty", grid, _middle(state, key, scene), {})
    if grid.community is None:
        yield _finding("missing-community", grid, _middle(state, key, scene), {})


def _of_ground(state: DraftState, key: str, scene: Scene) -> Iterable[Finding]:
    grid, shape = state.grids[key], state.shape(key)
    cut = scene.remembered("divided", shape, lambda: divided(shape, scene.surroundings))
    if cut is not None:
        facts = {
            "barrier": cut.barrier.kind,
            "barrier_name": cut.barrier.name,
            "sides": cut.sides,
            "smaller_share": round(cut.smaller_share, 4),
        }
        yield _finding("across-barrier", grid, cut.place, facts)
    if scene.surroundings.known["guides"]:
        along = scene.remembered("frontage", shape, lambda: frontage(key, state.tiling, scene.surroundings))
        if along.share is not None and along.share < LEAST_FRONTAGE:
            assert along.place is not None
            facts = {"share": round(along.share, 4), "within_metres": NEAR_METRES}
            yield _finding("border-off-street", grid, along.place, facts)
    yield from _of_shape(state, key, scene)
    yield from _of_community(state, key, scene)


def _of_shape(state: DraftState, key: str, scene: Scene) -> Iterable[Finding]:
    grid, shape = state.grids[key], state.shape(key)
    parts = shapely.get_parts(shape)
    if len(parts) > 1:
        smallest = min(parts.tolist(), key=square_metres)
        facts = {"parts": len(parts), "square_metres": round(square_metres(smallest), 2)}
        yield _finding("many-parts", grid, _inside(smallest), facts)

    def thin() -> bool:
        one = np.array([shape], dtype=object)
        plane = LocalPlane.around(one)
        return is_sliver(plane.forward(one)[0], plane)

    if scene.remembered("sliver", shape, thin):
        yield _finding("sliver", grid, _middle(state, key, scene), {"square_metres": round(square_metres(shape), 2)})


def _of_community(state: DraftState, key: str, scene: Scene) -> Iterable[Finding]:
    """Ground of a grid outside its own community, where that has ground at all."""
    grid, shape = state.grids[key], state.shape(key)
    area = None if grid.community is None else state.areas.get(grid.community)
    if area is None or area.shape is None:
        return
    ground = area.shape

    def outside() -> tuple[float, Place] | None:
        inside = common_ground(shape, ground)
        share = 0.0 if inside is None else square_metres(inside) / square_metres(shape)
        if share >= DEFAULT_LIMITS.community_share:
            return None
        rest = shapely.get_parts(shape if inside is None else shapely.difference(shape, inside))
        return share, _inside(max(rest.tolist(), key=lambda part: float(part.area)))

    found = scene.remembered(f"community {id(ground)}", shape, lambda: (ground, outside()))[1]
    if found is not None:
        share, place = found
        facts = {"community": grid.community, "share": round(share, 4)}
        yield _finding("crosses-community", grid, place, facts, community_name=area.name or area.code)


def _of_names(state: DraftState, keys: Sequence[str], scene: Scene) -> Iterable[Finding]:
    """Codes and names that two grids have, where the draft gave one of them."""
    base = state.first.grids
    fresh = [
        key
        for key in keys
        if key not in base
        or (state.grids[key].code, state.grids[key].name, state.grids[key].community)
        != (base[key].code, base[key].name, base[key].community)
    ]
    if not fresh:
        return
    given_codes = {state.grids[key].code for key in fresh}
    given_names = {state.grids[key].name for key in fresh} - {""}
    codes = Counter(grid.code for grid in state.grids.values() if grid.code in given_codes)
    names = Counter((grid.community, grid.name) for grid in state.grids.values() if grid.name in given_names)
    for key in fresh:
        grid = state.grids[key]
        once = scene.once_known.get(grid.code, frozenset()) - {grid.grid_id}
        if codes[grid.code] > 1 or once:
            yield _finding("code-taken", grid, _middle(state, key, scene), {"new": True})
        if names[grid.community, grid.name] > 1:
            facts = {"name": grid.name, "community": grid.community, "new": True}
            yield _finding("name-twice", grid, _middle(state, key, scene), facts)


def _finding(kind: str, grid: DraftGrid, place: Place, facts: dict[str, Any], **texts: Any) -> Finding:
    return told(kind, grid.code, place, facts, **texts)


def _middle(state: DraftState, key: str, scene: Scene) -> Place:
    shape = state.shape(key)
    return scene.remembered("middle", shape, lambda: _inside(shape))


def _inside(shape: shapely.Geometry) -> Place:
    """A place in a shape in EPSG:4326."""
    point = shapely.point_on_surface(shape)
    return Place(float(point.x), float(point.y))
