"""What is worth a look where a draft moves the borders of areas or ends them, other layers of grids included."""

from collections.abc import Iterable, Sequence
from typing import Final

import shapely

from geodata.drafts.differing import areas_between
from geodata.drafts.flows import people_between_communities
from geodata.drafts.living import Counts
from geodata.drafts.scene import Scene
from geodata.drafts.state import COMMUNITY, DraftArea, DraftState
from geodata.drafts.wording import listed, told
from geodata.grid.edit.records import common_ground, square_metres
from geodata.grid.plane import Place
from geodata.records import Finding, GridVersion, Layer

_NOBODY: Final = (Counts(), Counts())


def findings_of_areas(before: DraftState, after: DraftState, scene: Scene) -> Iterable[Finding]:
    """Areas whose border moved with the grids, and grids of other layers that this concerns."""
    codes = areas_between(before, after)
    people = _people(before, after, scene) if codes else {}
    for code in codes:
        old, new = before.areas.get(code), after.areas.get(code)
        if old is not None and new is None:
            yield from _ended(old, scene)
        elif old is not None and new is not None and old.shape is not None and new.shape is not None:
            yield from _moved(old, new, people.get(code, _NOBODY), scene)


def _moved(old: DraftArea, new: DraftArea, people: tuple[Counts, Counts], scene: Scene) -> Iterable[Finding]:
    if old.shape is new.shape or old.shape == new.shape:
        return
    gained, lost = _difference(new.shape, old.shape, scene), _difference(old.shape, new.shape, scene)
    moved = [ground for ground in (gained, lost) if ground is not None]
    if not moved:
        return
    come, gone = people
    facts = {
        "area": new.code,
        "name": new.name,
        "gained_square_metres": 0.0 if gained is None else round(square_metres(gained), 1),
        "lost_square_metres": 0.0 if lost is None else round(square_metres(lost), 1),
        "gained_households": come.households,
        "lost_households": gone.households,
        "estimated": come.estimated + gone.estimated > 0,
        "new": True,
    }
    kind = "community-border" if new.level == COMMUNITY else "community-border/above"
    yield told(kind, new.code, _within(max(moved, key=square_metres)), facts)
    if lost is not None and scene.elsewhere is not None:
        for layer, grids, beyond in scene.elsewhere.crossing(old, new, lost):
            yield _of_layer("other-layer", new, layer, grids, _within(beyond))


def _ended(old: DraftArea, scene: Scene) -> Iterable[Finding]:
    if scene.elsewhere is None:
        return
    for layer, grids in scene.elsewhere.belonging(old):
        yield _of_layer("other-layer/ended", old, layer, grids, _within(scene.elsewhere.shape(grids[0])))


def _people(before: DraftState, after: DraftState, scene: Scene) -> dict[str, tuple[Counts, Counts]]:
    """Who comes to each area and who leaves it, with the grids that they live in."""
    found: dict[str, tuple[Counts, Counts]] = {}
    for (source, target), counts in people_between_communities(before, after, scene).items():
        was, is_now = ({area.code for area in chain} for chain in (before.chain(source), after.chain(target)))
        for code in was ^ is_now:
            come, gone = found.get(code, _NOBODY)
            found[code] = (come + counts, gone) if code in is_now else (come, gone + counts)
    return found


def _of_layer(kind: str, area: DraftArea, layer: Layer, grids: Sequence[GridVersion], place: Place) -> Finding:
    codes, codes_zh = listed(grid.code for grid in grids)
    facts = {
        "area": area.code,
        "name": area.name,
        "layer": layer.code,
        "grids": [grid.code for grid in grids],
        "new": True,
    }
    texts = {"layer_name": layer.name, "layer_name_en": layer.name_en or layer.name}
    return told(kind, area.code, place, facts, codes=codes, codes_zh=codes_zh, **texts)


def common_difference(first: shapely.Geometry, second: shapely.Geometry) -> shapely.Geometry | None:
    """Ground of the first that the second has not, more than rounding; None where there is none."""
    return common_ground(first, shapely.difference(first, second))


def _difference(first: shapely.Geometry, second: shapely.Geometry, scene: Scene) -> shapely.Geometry | None:
    def find() -> tuple[shapely.Geometry, shapely.Geometry | None]:
        # The second is held with what was found, as the first is.
        return second, common_difference(first, second)

    return scene.remembered(("beyond", id(second)), first, find)[1]


def _within(ground: shapely.Geometry) -> Place:
    """A place in the largest part of some ground, EPSG:4326."""
    point = shapely.point_on_surface(max(shapely.get_parts(ground).tolist(), key=lambda part: float(part.area)))
    return Place(float(point.x), float(point.y))
