"""Names and codes of areas and grids, and their tables.

Codes are text of twelve digits that begin with 99, which no real area has: province and city 9901, district 2,
street 3, community 3. A grid's code is its community's and three digits, counted west to east, north to south.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.ground import Floats, to_degrees
from geodata.sample.names import Names, numeral
from geodata.sample.partition import Community, Street
from geodata.sample.plan import Plan
from geodata.sample.subdivision import Board
from geodata.sample.tiling import Shapes, union_by

WGS84: Final = "EPSG:4326"
CITY_CODE: Final = "990100000000"
SERVICE_START: Final = 501
SIDES: Final = ("东", "西", "南", "北", "中", "新", "高", "临", "望")


@dataclass(frozen=True, slots=True)
class Territory:
    """Names, codes and shapes (metres about the centre) of all areas and grids, in the order of the plan's parts.

    Parameters
    ----------
    community_stems
        Names of communities without 社区 or 村.
    grid_codes, grid_names
        In the order of the board's leaves.
    service_codes, service_names, service_community
        In the order of the board's service groups.
    """

    district_codes: list[str]
    district_names: list[str]
    street_codes: list[str]
    street_names: list[str]
    community_codes: list[str]
    community_names: list[str]
    community_stems: list[str]
    grid_codes: list[str]
    grid_names: list[str]
    service_codes: list[str]
    service_names: list[str]
    service_community: list[int]
    faces: Shapes
    community_shapes: Shapes
    service_shapes: Shapes
    street_shapes: Shapes


def make_territory(
    plan: Plan, streets: list[Street], communities: list[Community], board: Board, faces: Shapes, names: Names
) -> Territory:
    """Return names, codes and shapes of every area and grid."""
    leaf_community = [leaf.community for leaf in board.leaves]
    community_shapes = union_by(faces, leaf_community, len(communities))
    street_shapes = union_by(community_shapes, [c.street for c in communities], len(streets))
    service_shapes = union_by(faces, [leaf.service for leaf in board.leaves], board.services)
    service_community = [0] * board.services
    for leaf in board.leaves:
        service_community[leaf.service] = leaf.community

    districts = max(1, plan.districts)
    district_names = ["示例区"] if districts == 1 else [f"示例{SIDES[k]}区" for k in range(districts)]
    district_codes = [f"9901{k + 1:02d}000000" for k in range(districts)]
    street_codes = _codes([district_codes[s.district][:6] for s in streets], street_shapes, first=1, rest="000")
    stems = [names.village() if c.rural else names.pair() for c in communities]
    community_codes = _codes([street_codes[c.street][:9] for c in communities], community_shapes, first=1)
    community_names = [f"{stem}{'村' if c.rural else '社区'}" for stem, c in zip(stems, communities, strict=True)]
    grid_codes = _codes([community_codes[c] for c in leaf_community], faces, first=1)
    service_codes = _codes([community_codes[c] for c in service_community], service_shapes, first=SERVICE_START)
    return Territory(
        district_codes=district_codes,
        district_names=district_names,
        street_codes=street_codes,
        street_names=[f"{names.pair()}{'镇' if s.rural else '街道'}" for s in streets],
        community_codes=community_codes,
        community_names=community_names,
        community_stems=stems,
        grid_codes=grid_codes,
        grid_names=[
            f"{community_names[c]}第{numeral(int(code[-3:]))}网格"
            for c, code in zip(leaf_community, grid_codes, strict=True)
        ],
        service_codes=service_codes,
        service_names=[
            f"{community_names[c]}第{numeral(int(code[-3:]) - SERVICE_START + 1)}服务片区"
            for c, code in zip(service_community, service_codes, strict=True)
        ],
        service_community=service_community,
        faces=faces,
        community_shapes=community_shapes,
        service_shapes=service_shapes,
        street_shapes=street_shapes,
    )


def areas_table(
    plan: Plan, streets: list[Street], communities: list[Community], territory: Territory
) -> gpd.GeoDataFrame:
    """Return the areas, parents before children."""
    rows: list[tuple[str, str, str, str | None, Any]] = []
    parts = territory
    if plan.districts > 1:
        rows.append((CITY_CODE, "示例市", "city", None, shapely.coverage_union_all(parts.street_shapes)))
    if plan.districts:
        of_street = [s.district for s in streets]
        shapes = union_by(parts.street_shapes, of_street, plan.districts)
        above = CITY_CODE if plan.districts > 1 else None
        rows += [
            (c, n, "district", above, g)
            for c, n, g in zip(parts.district_codes, parts.district_names, shapes, strict=True)
        ]
    rows += [
        (c, n, "street", parts.district_codes[s.district] if plan.districts else None, g)
        for c, n, s, g in zip(parts.street_codes, parts.street_names, streets, parts.street_shapes, strict=True)
    ]
    rows += [
        (c, n, "community", parts.street_codes[k.street], g)
        for c, n, k, g in zip(
            parts.community_codes, parts.community_names, communities, parts.community_shapes, strict=True
        )
    ]
    rows.sort(key=lambda row: (("city", "district", "street", "community").index(row[2]), row[0]))
    columns = list(zip(*rows, strict=True))
    return frame(dict(zip(("code", "name", "level", "parent"), columns, strict=False)), np.array(columns[4]))


def grids_table(
    board: Board, territory: Territory, households: NDArray[np.int64], persons: NDArray[np.int64]
) -> gpd.GeoDataFrame:
    """Return the general layer in code order; households and persons as counted in the order of the leaves."""
    table = frame(
        {
            "code": territory.grid_codes,
            "name": territory.grid_names,
            "kind": ["rural" if leaf.rural else "urban" for leaf in board.leaves],
            "community": [territory.community_codes[leaf.community] for leaf in board.leaves],
            "households": households,
            "persons": persons,
        },
        territory.faces,
    )
    return in_code_order(table)


def service_table(
    board: Board, territory: Territory, households: NDArray[np.int64], persons: NDArray[np.int64]
) -> gpd.GeoDataFrame:
    """Return the service layer in code order: each grid is two to four neighbours of the general layer."""
    group = np.array([leaf.service for leaf in board.leaves])
    rural = np.zeros(board.services, dtype=bool)
    rural[group] = [leaf.rural for leaf in board.leaves]
    table = frame(
        {
            "code": territory.service_codes,
            "name": territory.service_names,
            "kind": np.where(rural, "rural", "urban").tolist(),
            "community": [territory.community_codes[c] for c in territory.service_community],
            "households": np.bincount(group, weights=households).astype(np.int64),
            "persons": np.bincount(group, weights=persons).astype(np.int64),
        },
        territory.service_shapes,
    )
    return in_code_order(table)


def plain_dedicated_table(board: Board, territory: Territory) -> gpd.GeoDataFrame:
    """Return a market in the middle of the first grid of every sixth urban community, for a city without buildings."""
    chosen: list[int] = []
    seen: set[int] = set()
    for number, leaf in enumerate(board.leaves):
        if not leaf.rural and leaf.community % 6 == 0 and leaf.community not in seen:
            chosen.append(number)
            seen.add(leaf.community)
    shapes = shapely.normalize(shapely.buffer(territory.faces[chosen], -70.0, join_style="mitre"))
    kept = [position for position, shape in enumerate(shapes) if shape.geom_type == "Polygon" and not shape.is_empty]
    communities = [board.leaves[chosen[position]].community for position in kept]
    table = frame(
        {
            "code": [f"{territory.community_codes[c]}901" for c in communities],
            "name": [f"{territory.community_stems[c]}市场专属网格" for c in communities],
            "kind": ["urban"] * len(kept),
            "community": [territory.community_codes[c] for c in communities],
            "households": [0] * len(kept),
            "persons": [0] * len(kept),
        },
        shapes[kept],
    )
    return in_code_order(table)


def frame(columns: dict[str, Any], shapes: Shapes) -> gpd.GeoDataFrame:
    """Return a table in EPSG:4326 with shapes given in metres about the centre."""
    return gpd.GeoDataFrame(columns, geometry=to_degrees(shapes), crs=WGS84)


def in_code_order(table: Any) -> Any:
    """Return a table sorted by its code, counted anew."""
    return table.sort_values("code", kind="stable").reset_index(drop=True)


def reading_order(points: Floats, band_metres: float) -> NDArray[np.int64]:
    """Return the order of reading a page: bands from north to south, west to east in each."""
    order = np.argsort(-points[:, 1], kind="stable")
    bands = np.zeros(len(points), dtype=np.int64)
    top, band = points[order[0], 1], 0
    for position in order:
        if top - points[position, 1] > band_metres:
            top, band = points[position, 1], band + 1
        bands[position] = band
    return np.lexsort((points[:, 0], bands))


def _codes(parents: Sequence[str], shapes: Shapes, *, first: int, rest: str = "") -> list[str]:
    """Return a three-digit number after each parent's code, counted in reading order among its children."""
    codes = [""] * len(parents)
    middles = shapely.get_coordinates(shapely.point_on_surface(shapes))
    for parent in dict.fromkeys(parents):
        children = np.flatnonzero(np.array(parents) == parent)
        band = 0.6 * float(np.sqrt(shapely.area(shapes[children]).mean()))
        for number, child in enumerate(children[reading_order(middles[children], band)]):
            codes[child] = f"{parent}{number + first:03d}{rest}"
    return codes
