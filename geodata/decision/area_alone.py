"""A text that names an area and nothing in it: the areas of that name, and their grids where they are few."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from geodata.address.candidates import Candidate, Found, Reason
from geodata.moment import Moment
from geodata.records import Area

MOST_GRIDS: Final = 8


def areas_named(moment: Moment, names: Sequence[str]) -> list[Area]:
    """The areas that names mean together, the narrowest: 甲街道 and 乙社区 is the 乙社区 of that street.

    Returns
    -------
    list of Area
        Several where the names do not tell them apart.
    """
    named = [area for area in moment.areas.values() if area.name in names]
    chains = {area.code: moment.area_chain(area.area_id) for area in named}
    explained = {area.code: sum(above.name in names for above in chains[area.code]) for area in named}
    most = max(explained.values(), default=0)
    best = [area for area in named if explained[area.code] == most]
    return sorted(best, key=lambda area: (-len(chains[area.code]), area.code))


def candidate_of_area(moment: Moment, layer: str, found: Found) -> Candidate | None:
    """The area that a text names alone as a candidate, with a point in each of its grids; None where they are many."""
    areas = areas_named(moment, found.areas)
    if not areas:
        return None
    members = frozenset().union(*(moment.within(area.code) for area in areas))
    grids = [grid for grid in moment.grids(layer) if grid.community_id in members]
    if not 1 <= len(grids) <= MOST_GRIDS:
        return None
    inside = [moment.geometry(grid).representative_point() for grid in grids]
    points = np.array([(point.x, point.y) for point in inside])
    lon, lat = points[0].tolist()
    return Candidate(
        points=points,
        weights=np.full(len(points), found.area_weight / len(points)),
        code=areas[0].code,
        text=areas[0].name,
        label=areas[0].name,
        level="area",
        score=found.area_weight,
        exact=True,
        kind="area",
        lon=lon,
        lat=lat,
        reasons=(Reason("area-alone", {"name": areas[0].name}),),
    )
