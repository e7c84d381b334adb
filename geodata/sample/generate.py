"""Generates the sample city: plan → partition → subdivision → tiling → roads → built land → people and stations."""

from typing import Final

import numpy as np
import pandas as pd
import shapely

from geodata.sample.city import SampleCity
from geodata.sample.ground import make_ground, points_to_degrees
from geodata.sample.names import Names
from geodata.sample.partition import Community, Street, make_partition
from geodata.sample.people import make_roster
from geodata.sample.plan import Plan, make_plan
from geodata.sample.roads import make_barriers, make_roads
from geodata.sample.roles import roles_table
from geodata.sample.stations import Spot, Tree, make_stations
from geodata.sample.subdivision import make_subdivision
from geodata.sample.territory import (
    Territory,
    areas_table,
    frame,
    grids_table,
    make_territory,
    service_table,
)
from geodata.sample.tiling import make_tiling

LAYERS: Final = (
    ("general", "综合网格", "General grids", "full", None),
    ("service", "服务片区", "Service grids", "full", None),
    ("dedicated", "专属网格", "Dedicated grids", "partial", None),
)


def generate(size: str, seed: int = 1) -> SampleCity:
    """Return the sample city of a size; the same seed gives the same city to the last bit.

    Parameters
    ----------
    size
        ``street`` (83 grids), ``district`` (896) or ``city`` (10,000, without buildings).
    seed
        Any whole number of at least 0.

    Raises
    ------
    InputError
        There is no such size.
    """
    rng = np.random.default_rng([seed, len(size)])
    plan = make_plan(size, rng)
    ground = make_ground(plan, rng)
    streets, communities = make_partition(plan)
    board = make_subdivision(plan, communities, rng)
    tiling = make_tiling(board, ground)
    outline = shapely.coverage_union_all(tiling.faces)
    barriers = make_barriers(tiling, outline)
    roads = make_roads(plan, tiling, barriers, outline)
    names = Names(rng)
    territory = make_territory(plan, streets, communities, board, tiling.faces, names)
    households = np.where(
        [leaf.rural for leaf in board.leaves],
        rng.integers(120, 290, len(board.leaves)),
        rng.integers(305, 495, len(board.leaves)),
    )
    persons = np.round(households * rng.uniform(2.3, 2.9, len(households))).astype(np.int64)
    areas = areas_table(plan, streets, communities, territory)
    dedicated = grids_table(board, territory, households, persons).iloc[::40].reset_index(drop=True)
    dedicated["code"] = [f"{c}9{k % 100:02d}" for k, c in enumerate(dedicated["community"])]
    dedicated["name"] = [f"示例市场{k}" for k in range(len(dedicated))]
    grids = {
        "general": grids_table(board, territory, households, persons),
        "service": service_table(board, territory, households, persons),
        "dedicated": dedicated,
    }
    middles = points_to_degrees(shapely.get_coordinates(shapely.point_on_surface(tiling.faces)))
    spots = [
        Spot(territory.grid_names[k], float(lon), float(lat), k, leaf.community)
        for k, (leaf, (lon, lat)) in enumerate(zip(board.leaves, middles, strict=True))
    ]
    stations = make_stations(_tree(plan, streets, communities, territory), spots, plan.stations, rng)
    roster = make_roster(areas, grids, stations, workers=plan.workers, holes=plan.holes, rng=rng)
    nothing = shapely.from_wkt([])
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
        stations=stations,
        streets=frame(
            {"name": roads.keys, "class": roads.kinds, "bridge": roads.bridges, "crossing": roads.crossings},
            roads.edges,
        ),
        rail=frame({"name": ["示例铁路"]}, np.array([barriers.rail])),
        water=frame({"name": ["示例河"]}, np.array([barriers.water])),
        compounds=frame({"code": [], "name": [], "aliases": []}, nothing),
        gates=pd.DataFrame({"compound": [], "lon": [], "lat": []}),
        buildings=frame(
            {"code": [], "name": [], "compound": [], "units": [], "households": [], "lon": [], "lat": []}, nothing
        ),
        addresses=pd.DataFrame(
            {
                "code": [],
                "text": [],
                "road": [],
                "number": [],
                "compound": [],
                "building": [],
                "unit": [],
                "lon": [],
                "lat": [],
                "households": [],
            }
        ),
        holes=tuple(roster.holes),
    )


def _tree(plan: Plan, streets: list[Street], communities: list[Community], territory: Territory) -> Tree:
    return Tree(
        city="示例市" if plan.districts > 1 else None,
        districts=territory.district_names if plan.districts else [],
        streets=territory.street_names,
        communities=territory.community_names,
        street_of=[c.street for c in communities],
        district_of=[s.district for s in streets],
    )
