"""Generates the sample city: plan → partition → subdivision → tiling → roads → built land → people and stations."""

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.sample.affairs import counts_table, matters_table, norms_table, texts_table
from geodata.sample.built import Built, build
from geodata.sample.city import SampleCity
from geodata.sample.ground import Ground, make_ground, points_to_degrees
from geodata.sample.holidays import calendar_table
from geodata.sample.homes import Counts, count_households
from geodata.sample.land import make_land
from geodata.sample.names import Names
from geodata.sample.network import Network, barriers_table, make_network, name_roads
from geodata.sample.partition import Community, Street, make_partition
from geodata.sample.people import Served, make_roster
from geodata.sample.plan import Plan, make_plan
from geodata.sample.register import (
    ADDRESS_COLUMNS,
    Register,
    addresses_table,
    building_names,
    buildings_table,
    compounds_table,
    dedicated_table,
    gates_table,
    grid_prefixes,
    make_register,
)
from geodata.sample.roads import Barriers, Roads, make_barriers, make_roads
from geodata.sample.roles import roles_table
from geodata.sample.standing import places_table
from geodata.sample.stations import Spot, Tree, make_stations
from geodata.sample.subdivision import Board, make_subdivision
from geodata.sample.territory import (
    Territory,
    areas_table,
    frame,
    grids_table,
    make_territory,
    plain_dedicated_table,
    service_table,
)
from geodata.sample.tiling import Tiling, make_tiling

LAYERS: Final = (
    ("general", "综合网格", "General grids", "full", None),
    ("service", "服务片区", "Service grids", "full", None),
    ("dedicated", "专属网格", "Dedicated grids", "partial", None),
)


@dataclass(frozen=True, slots=True)
class Site:
    """The bare city: what it is planned on, before anything is built or named."""

    plan: Plan
    ground: Ground
    streets: list[Street]
    communities: list[Community]
    board: Board
    tiling: Tiling
    outline: Any
    barriers: Barriers
    roads: Roads


def generate(size: str, seed: int = 1) -> SampleCity:
    """Return the sample city of a size; the same seed gives the same city to the last bit.

    Parameters
    ----------
    size
        ``street`` (83 grids), ``district`` (896) or ``city`` (10,000, without buildings and addresses).
    seed
        Any whole number of at least 0.

    Raises
    ------
    InputError
        There is no such size.
    """
    rng = np.random.default_rng([seed, len(size)])
    site = _make_site(size, rng)
    names = Names(rng)
    territory = make_territory(site.plan, site.streets, site.communities, site.board, site.tiling.faces, names)
    rural = np.array([leaf.rural for leaf in site.board.leaves])
    if site.plan.detailed:
        land = make_land(site.board, site.tiling, site.roads, site.barriers, site.outline)
        built = build(site.board, site.ground, land, rng)
        network = make_network(site.roads, built, site.barriers)
        road_names = name_roads(network, site.board, site.tiling, territory, names)
        register = make_register(built, network, names, rng)
        homes = count_households(built, rural, rng)
        households = np.bincount(np.array(built.leaf), weights=homes, minlength=len(rural)).astype(np.int64)
        standing, spots = _standing(site, built, register, homes, road_names, territory)
        dedicated = dedicated_table(built, register, site.board, territory)
    else:
        network = make_network(site.roads, None, site.barriers)
        road_names = name_roads(network, site.board, site.tiling, territory, names)
        households = np.where(rural, rng.integers(120, 281, len(rural)), rng.integers(320, 481, len(rural)))
        standing = _nothing_standing()
        spots = _grid_spots(site, territory)
        dedicated = plain_dedicated_table(site.board, territory)
    persons = np.round(households * rng.uniform(2.3, 2.9, len(households))).astype(np.int64)
    grids = {
        "general": grids_table(site.board, territory, households, persons),
        "service": service_table(site.board, territory, households, persons),
        "dedicated": dedicated,
    }
    areas = areas_table(site.plan, site.streets, site.communities, territory)
    stations, stops = make_stations(_tree(site, territory), spots, site.plan.stations, rng)
    places = places_table(dedicated, spots, territory)
    served = Served(areas, grids, stations, standing["compounds"], standing["buildings"], places)
    roster = make_roster(served, workers=site.plan.workers, empty=site.plan.holes, rng=rng)
    return SampleCity(
        size=size,
        seed=seed,
        areas=areas,
        layers=pd.DataFrame(LAYERS, columns=["code", "name", "name_en", "tiling", "nested_in"]),
        grids=grids,
        roles=roles_table(),
        workers=roster.workers_table(),
        organisations=roster.organisations_table(),
        duties=roster.duties_table(),
        leave=roster.leave_table(),
        calendar=calendar_table(),
        matters=matters_table(roster),
        norms=norms_table(areas),
        texts=texts_table(areas),
        counts=counts_table(grids["general"], seed),
        stations=stations,
        stops=stops,
        streets=_streets_table(network, road_names),
        rail=frame({"name": ["示例铁路"]}, np.array([site.barriers.rail])),
        water=frame({"name": ["示例河"]}, np.array([site.barriers.water])),
        barriers=barriers_table(site.barriers, standing["compounds"]),
        places=places,
        holes=tuple(roster.empty),
        roster_holes=roster.holes_table(),
        **standing,
    )


def _make_site(size: str, rng: np.random.Generator) -> Site:
    plan = make_plan(size, rng)
    ground = make_ground(plan, rng)
    streets, communities = make_partition(plan)
    board = make_subdivision(plan, ground, communities, rng)
    tiling = make_tiling(board, ground)
    outline = shapely.coverage_union_all(tiling.faces)
    barriers = make_barriers(tiling, outline)
    roads = make_roads(plan, tiling, barriers, outline)
    return Site(plan, ground, streets, communities, board, tiling, outline, barriers, roads)


def _standing(
    site: Site, built: Built, register: Register, homes: Counts, road_names: dict[str, str], territory: Territory
) -> tuple[dict[str, Any], list[Spot]]:
    """Return the tables of what is built, and the doors where a station can open."""
    titles = building_names(built, register, road_names)
    prefixes = grid_prefixes(
        site.board, territory, [c.street for c in site.communities], [s.district for s in site.streets]
    )
    tables = {
        "compounds": compounds_table(register),
        "gates": gates_table(register),
        "buildings": buildings_table(built, titles, homes),
        "addresses": addresses_table(built, register, titles, homes, road_names, prefixes),
    }
    return tables, _door_spots(site, built, titles, prefixes)


def _nothing_standing() -> dict[str, Any]:
    """Return the same tables without rows."""
    none = np.array([], dtype=object)
    buildings = ("code", "name", "compound", "units", "households", "lon", "lat")
    return {
        "compounds": frame({name: [] for name in ("code", "name", "aliases")}, none),
        "gates": pd.DataFrame({name: [] for name in ("compound", "lon", "lat")}),
        "buildings": frame({name: [] for name in buildings}, none),
        "addresses": pd.DataFrame({name: [] for name in ADDRESS_COLUMNS}),
    }


def _streets_table(network: Network, road_names: dict[str, str]) -> gpd.GeoDataFrame:
    return frame(
        {
            "name": [road_names[key] if key else None for key in network.keys],
            "class": list(network.kinds),
            "foot": "yes",
            "bridge": network.bridges,
            "crossing": network.crossings,
        },
        network.edges,
    )


def _door_spots(site: Site, built: Built, titles: list[str], prefixes: list[str]) -> list[Spot]:
    """Return the doors of shops, and of houses in villages, by grid."""
    points = points_to_degrees(np.array([doors[0] for doors in built.doors]))
    return [
        Spot(
            prefixes[leaf] + titles[k],
            float(points[k, 0]),
            float(points[k, 1]),
            leaf,
            site.board.leaves[leaf].community,
        )
        for k, (leaf, style) in enumerate(zip(built.leaf, built.style, strict=True))
        if style in ("shop", "village")
    ]


def _grid_spots(site: Site, territory: Territory) -> list[Spot]:
    """Return a place in the middle of every grid."""
    middles = points_to_degrees(shapely.get_coordinates(shapely.point_on_surface(site.tiling.faces)))
    return [
        Spot(territory.grid_names[k], float(lon), float(lat), k, leaf.community)
        for k, (leaf, (lon, lat)) in enumerate(zip(site.board.leaves, middles, strict=True))
    ]


def _tree(site: Site, territory: Territory) -> Tree:
    return Tree(
        city="示例市" if site.plan.districts > 1 else None,
        districts=territory.district_names if site.plan.districts else [],
        streets=territory.street_names,
        communities=territory.community_names,
        street_of=[c.street for c in site.communities],
        district_of=[s.district for s in site.streets],
    )
