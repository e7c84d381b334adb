"""What the tags of OpenStreetMap say of walking: which ways are walked, which nodes close them, what nobody crosses.

Only plain values count. What holds at times only (``foot:conditional``, ``access:conditional``) is read as if its
condition did not hold: a park that is locked at night is walked. Oneway rules do not bind people on foot, not even
``oneway:foot`` and ``foot:backward``: times are the same in both directions.
"""

import re
from collections.abc import Mapping
from typing import Final

import shapely

from geodata.crs import metres_per_degree

Tags = Mapping[str, str]

YES, STEPS, NO, PRIVATE = "yes", "steps", "no", "private"

NOT_BUILT: Final = frozenset({"proposed", "planned", "construction", "abandoned", "razed", "disused", "dismantled"})
NO_WAYS: Final = frozenset({"", "no", *NOT_BUILT, "rest_area", "services", "bus_stop", "traffic_signals", "crossing"})
"""Values of ``highway`` on ways that are no street at all: not built, or a site."""

NO_STREETS: Final = frozenset({"platform", "pier", "square", "elevator"})
"""Classes of what is walked and no street by name."""

_NEVER: Final = frozenset(
    {"motorway", "motorway_link", "raceway", "bus_guideway", "escape", "emergency_bay", "via_ferrata"}
)
_WITH_SIDEWALK: Final = frozenset({"trunk", "trunk_link", "busway"})
_AREAS: Final = frozenset({"pedestrian", "footway", "path", "corridor", "platform", "elevator", "steps", "cycleway"})
_ALLOWED: Final = frozenset(
    {"yes", "designated", "official", "permissive", "destination", "customers", "public", "limited", "unknown"}
)
_FORBIDDEN: Final = frozenset(
    {"no", "use_sidepath", "discouraged", "military", "emergency", "restricted", "prohibited"}
)
_THEIRS: Final = frozenset({"private", "permit", "residents", "members", "employees", "staff"})
_SEVERAL: Final = re.compile(r"\s*;\s*")

# Nodes that nobody passes, unless they say so.
_SOLID: Final = frozenset({"wall", "fence", "hedge", "retaining_wall", "city_wall", "wire_fence", "hoarding"})
# What stops vehicles: a rule for access, or a lock, is for these.
_AROUND: Final = frozenset(
    {"bollard", "block", "cycle_barrier", "motorcycle_barrier", "height_restrictor", "kerb", "cattle_grid", "bus_trap",
     "sump_buster", "toll_booth", "log", "planter", "jersey_barrier", "chicane", "chain", "rope", "spikes", "debris",
     "stile", "horse_stile", "stone", "wedge"}
)  # fmt: skip
_UNLOCKED_ON_FOOT: Final = frozenset({"lift_gate", "swing_gate", "sliding_beam"})

PLOT_SQUARE_METRES: Final = 10_000.0

_RAILS: Final = frozenset({"rail", "light_rail", "subway", "narrow_gauge"})
_WALLS: Final = frozenset({"wall", "fence", "retaining_wall", "city_wall", "wire_fence"})
_WATERWAYS: Final = frozenset({"river", "canal"})
_BASINS: Final = frozenset({"reservoir", "basin"})


def is_way(tags: Tags) -> bool:
    """Whether the line of an object is a street or a way on foot.

    Notes
    -----
    Everything with a value of ``highway`` that is built, station platforms and piers. Of areas only those that people
    walk in, as squares: they are walked along their rings, where they are one way and not several. Ferries are not.
    """
    highway = _highway(tags)
    return highway not in NO_WAYS and (tags.get("area", "no") == "no" or highway in (*_AREAS, "pier"))


def way_class(tags: Tags) -> str:
    """Class of a street: its ``highway``, ``platform``, ``pier``; ``square`` for a pedestrian area."""
    highway = _highway(tags)
    return "square" if highway == "pedestrian" and tags.get("area", "no") != "no" else highway


def foot(tags: Tags) -> str:
    """Who walks on a way: ``yes``, ``steps``, ``private`` (only those whose it is) or ``no``.

    Notes
    -----
    In this order: motorways and race tracks never. What ``foot`` says. What ``access`` says, where it forbids. Trunk
    roads, roads for motor vehicles alone (``motorroad``) and busways only with a sidewalk on the road itself. All else
    is walked: footways, paths, steps, corridors, platforms, piers, elevators, tracks, cycleways, bridleways, service
    roads (driveways and aisles of car parks too), roads whose sidewalk is mapped beside them. Steps that a wheelchair
    can use are no steps.
    """
    highway = _highway(tags)
    if highway in _NEVER:
        return NO
    walked = STEPS if highway in ("steps", "ladder") and not _is_ramped(tags) else YES
    told = _rule(tags, "foot")
    if told is not None:
        return walked if told == YES else told
    told = _rule(tags, "access")
    if told in (NO, PRIVATE):
        return told
    return NO if _lacks_sidewalk(tags, highway) else walked


def is_closed(tags: Tags) -> bool:
    """Whether nobody passes a node of a way.

    Notes
    -----
    In this order: what ``foot`` says. What one walks around, as bollards and blocks, is open. A lock closes, but for
    beams that stop vehicles alone. ``access`` of ``no`` or ``private`` closes. Walls, fences and hedges are closed;
    gates, turnstiles, entrances and whatever else are open.
    """
    kind = tags.get("barrier", "no")
    if kind == "no":
        return False
    told = _rule(tags, "foot")
    if told is not None:
        return told != YES
    if kind in _AROUND:
        return False
    if tags.get("locked", "no") == "yes" and kind not in _UNLOCKED_ON_FOOT:
        return True
    told = _rule(tags, "access")
    return kind in _SOLID if told is None else told != YES


def barrier_class(tags: Tags) -> str:
    """What nobody on foot crosses but on a street: ``water``, ``railway``, ``wall`` or ``motorway``; empty for nothing.

    Notes
    -----
    Rivers and canals, water areas, tracks of trains and metros, walls and fences, motorways, all on the ground: nothing
    in tunnels and culverts, which one walks over, nor on bridges, which one walks under. Streams, ditches, trams and
    hedges are crossed; for walls see `is_around_a_plot` too.
    """
    if _is_off_the_ground(tags):
        return ""
    if is_water_area(tags) or tags.get("waterway") in _WATERWAYS:
        return "water"
    if tags.get("railway") in _RAILS:
        return "railway"
    if tags.get("highway") in ("motorway", "motorway_link"):
        return "motorway"
    return "wall" if tags.get("barrier") in _WALLS else ""


def is_around_a_plot(tags: Tags, line: shapely.Geometry) -> bool:
    """Whether a wall goes round less than a hectare: whoever lives in it has a door that nobody mapped.

    Parameters
    ----------
    line
        EPSG:4326.
    """
    if tags.get("barrier") not in _WALLS or line.geom_type != "LineString" or not line.is_ring:
        return False
    per_lon, per_lat = metres_per_degree(float(line.coords[0][1]))
    return bool(shapely.Polygon(line).area * per_lon * per_lat < PLOT_SQUARE_METRES)


def is_water_area(tags: Tags) -> bool:
    """Whether an area is water: lakes, the banks of rivers, reservoirs."""
    water = tags.get("natural") == "water" or tags.get("waterway") in ("riverbank", "dock")
    return water or tags.get("landuse") in _BASINS


def _highway(tags: Tags) -> str:
    """Its class as a way: platforms and piers are one as streets are."""
    highway = tags.get("highway", "")
    if highway not in ("", "no"):
        return highway
    if tags.get("railway") == "platform":
        return "platform"
    return "pier" if tags.get("man_made") == "pier" else ""


def _rule(tags: Tags, key: str) -> str | None:
    """Who may: of several values the first that is known; None where none is."""
    for value in _SEVERAL.split(tags.get(key, "").strip().lower()):
        for answer, values in ((YES, _ALLOWED), (NO, _FORBIDDEN), (PRIVATE, _THEIRS)):
            if value in values:
                return answer
    return None


def _is_ramped(tags: Tags) -> bool:
    return tags.get("wheelchair") in ("yes", "designated") or tags.get("ramp:wheelchair") in ("yes", "separate")


def _lacks_sidewalk(tags: Tags, highway: str) -> bool:
    if highway not in _WITH_SIDEWALK and tags.get("motorroad") != "yes":
        return False
    on_it = ("yes", "both", "left", "right")
    sides = [tags.get(f"sidewalk{side}", "no") for side in ("", ":both", ":left", ":right")]
    return not any(side in on_it for side in sides)


def _is_off_the_ground(tags: Tags) -> bool:
    return (
        tags.get("tunnel", "no") != "no"
        or tags.get("bridge", "no") != "no"
        or tags.get("covered", "no") == "yes"
        or tags.get("location") in ("underground", "overground")
    )
