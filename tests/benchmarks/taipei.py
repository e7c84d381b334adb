"""Taipei as it is redrawn in benchmarks: real small areas, villages and facilities; doors, streets and people made up.

Each small area has some doors, which its households are spread over by chance. The borders of the small areas are the
streets, as most of the real ones run along streets. Each area has somebody on duty, and each village.
"""

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from psycopg import Connection

from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import parse_time

TAIPEI: Final = Path(__file__).resolve().parents[3] / "shared" / "data" / "taipei"
DOORS: Final = 6
"""In each small area: some 70,000 entries of the register in all."""

_WGS84 = "EPSG:4326"


def load_taipei(connection: Connection[Any], folder: Path = TAIPEI) -> None:
    """Load the city through the ordinary door; commits nothing."""
    since = parse_time("2020-01-01")
    for kind, frame in frames(folder).items():
        # Two of the villages have crossing borders.
        options = LoadOptions(commit=True, crs=_WGS84, effective=since, repair=kind == "areas", actor="benchmark")
        load_frame(connection, kind, frame, options=options, name=f"Taipei {kind}")


def frames(folder: Path) -> dict[str, pd.DataFrame]:
    """What is loaded, by kind, in an order in which every reference is there before it is needed."""
    source = folder / "taipei.gpkg"
    villages = pyogrio.read_dataframe(source, layer="village", columns=["CPTVID", "PTVNAME"], force_2d=True)
    areas = pyogrio.read_dataframe(source, layer="small_area", columns=["CODEBASE", "H_CNT", "P_CNT"], force_2d=True)
    columns = {"CODEBASE": "code", "H_CNT": "households", "P_CNT": "persons"}
    facilities = pd.read_csv(folder / "facilities.csv", dtype={"name": str})
    return {
        "areas": villages.rename(columns={"CPTVID": "code", "PTVNAME": "name"}),
        "grids": areas.rename(columns=columns),
        "streets": _streets(areas.geometry.to_numpy()),
        "addresses": _doors(areas.geometry.to_numpy(), areas["H_CNT"].fillna(0).to_numpy(dtype=np.int64)),
        "stations": facilities[["name", "lon", "lat"]].assign(code=[f"S{at}" for at in range(len(facilities))]),
        **_people(areas["CODEBASE"].tolist(), villages["CPTVID"].astype(str).tolist()),
    }


def _streets(shapes: Any) -> gpd.GeoDataFrame:
    """Every border once, from junction to junction."""
    rings = shapely.get_rings(shapes)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    ends = np.sort(np.stack([xy[:-1][same], xy[1:][same]], axis=1).view([("x", float), ("y", float)])[..., 0], axis=1)
    edges = np.unique(ends, axis=0)
    lines = shapely.linestrings(edges.view(np.float64).reshape(-1, 2, 2))
    streets = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    named = [f"示例{at // 20}路" for at in range(len(streets))]
    return gpd.GeoDataFrame({"name": named, "class": "residential"}, geometry=streets, crs=_WGS84)


def _doors(shapes: Any, households: Any) -> pd.DataFrame:
    chance = np.random.default_rng(7)
    rows = []
    for area, (shape, count) in enumerate(zip(shapes, households.tolist(), strict=True)):
        west, south, east, north = shape.bounds
        shapely.prepare(shape)
        xy = chance.uniform((west, south), (east, north), (20 * DOORS, 2))
        inside = xy[shapely.contains_xy(shape, xy)][:DOORS]
        shares = chance.multinomial(count, np.full(len(inside), 1 / max(len(inside), 1))) if len(inside) else []
        for door, ((lon, lat), lived) in enumerate(zip(inside.tolist(), shares, strict=True)):
            text = f"臺北市示例{area}路{door + 1}號"
            rows.append((text, lon, lat, int(lived), int(2.5 * lived)))
    return pd.DataFrame(rows, columns=["text", "lon", "lat", "households", "persons"])


def _people(grids: list[str], villages: list[str]) -> dict[str, pd.DataFrame]:
    """Somebody on duty for each grid, and for each village."""
    holders = [*(f"W{at}" for at in range(len(grids))), *(f"V{at}" for at in range(len(villages)))]
    duties = {
        "holder": holders,
        "role": ["full"] * len(grids) + ["chief"] * len(villages),
        "target_kind": ["grid"] * len(grids) + ["area"] * len(villages),
        "target": [*grids, *villages],
    }
    return {
        "roles": pd.DataFrame({"code": ["full", "chief"], "name": ["专职网格员", "里长"]}),
        "workers": pd.DataFrame({"code": holders, "name": [f"示例{one}" for one in holders], "phone": "13800000000"}),
        "duties": pd.DataFrame(duties),
    }
