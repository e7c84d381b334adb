"""Grids from lists on the real streets of Wangjing, Beijing (© OpenStreetMap contributors, ODbL 1.0).

The compounds and places are real, with the points that people know; which of them make a grid is invented: no real
lists with streets and polygons of one place are to be had.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geodata.grid.publish import grids_in_force
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import parse_time

pytestmark = pytest.mark.real_data

BEGIN, LATER = parse_time("2025-01-01"), parse_time("2030-01-01")
BOX = (116.4570, 39.9850, 116.4790, 40.0020)
COMMIT = LoadOptions(crs="EPSG:4326", effective=BEGIN, commit=True)


@pytest.fixture
def wangjing(shared_data: Path) -> dict[str, pd.DataFrame]:
    """Streets, compounds and buildings as frames of the load kinds; one invented community about them."""
    source = shared_data / "beijing" / "wangjing.osm.pbf"
    streets = pyogrio.read_dataframe(source, layer="lines", columns=["osm_id", "name", "highway"])
    streets = streets[streets["highway"].notna()].clip(BOX)
    streets = streets[shapely.get_type_id(streets.geometry) == shapely.GeometryType.LINESTRING].fillna("")
    areas = pyogrio.read_dataframe(source, layer="multipolygons", columns=["name", "landuse"])
    compounds = areas[areas["landuse"].isin(["residential", "commercial", "retail"]) & areas["name"].notna()]
    compounds = compounds.drop_duplicates("name")[["name", "geometry"]].clip(BOX)
    places = pd.read_csv(shared_data / "beijing" / "wangjing_places.csv").drop_duplicates("name")
    points = places[~places["name"].isin(compounds["name"])][["name", "lon", "lat"]]
    return {
        "areas": gpd.GeoDataFrame(
            {"code": ["990101001"], "name": ["样例社区"], "level": ["community"]},
            geometry=[shapely.box(*BOX)],
            crs="EPSG:4326",
        ),
        "streets": streets,
        "compounds": compounds.assign(code=[f"C{at}" for at in range(len(compounds))]),
        "buildings": points.assign(code=[f"B{at}" for at in range(len(points))]),
    }


def _lists(data: dict[str, pd.DataFrame], grids: int) -> pd.DataFrame:
    """Each named thing goes to the nearest of some centres, as an office divides its streets by eye."""
    inside = data["buildings"][shapely.contains_xy(shapely.box(*BOX), data["buildings"][["lon", "lat"]].to_numpy())]
    centre = shapely.get_coordinates(shapely.centroid(data["compounds"].geometry.to_numpy()))
    points = np.vstack([centre, inside[["lon", "lat"]].to_numpy()])
    across, up = np.unique(np.arange(grids) % 4), np.arange(grids // 4)
    middles = np.array(
        [
            (BOX[0] + (BOX[2] - BOX[0]) * (x + 0.5) / 4, BOX[1] + (BOX[3] - BOX[1]) * (y + 0.5) / len(up))
            for y in up
            for x in across
        ]
    )
    nearest = np.argmin(np.hypot(*(points[:, None] - middles[None]).transpose(2, 0, 1)), axis=1)
    names = [*data["compounds"]["code"], *inside["code"]]
    rows = []
    for grid in range(grids):
        mine = [names[at] for at in np.flatnonzero(nearest == grid)]
        rows.append(
            {
                "网格编码": f"990101001{grid + 1:03d}",
                "社区": "样例社区",
                "小区": "、".join(name for name in mine if name.startswith("C")),
                "楼栋": "、".join(name for name in mine if name.startswith("B")),
            }
        )
    return pd.DataFrame([row for row in rows if row["小区"] or row["楼栋"]])


def test_real_streets_carry_the_borders_of_grids_from_lists(connection, wangjing):
    for kind, frame in wangjing.items():
        load_frame(connection, kind, frame, options=COMMIT)
    lists = _lists(wangjing, 12)
    report = load_frame(connection, "gridlists", lists, options=LoadOptions(effective=LATER, commit=True))
    layer_id = connection.execute("SELECT layer_id FROM layers WHERE code = 'general'").fetchone()[0]
    rows = grids_in_force(connection, layer_id, LATER)
    shapes = shapely.from_wkb([row["wkb"] for row in rows])
    assert len(rows) == len(lists)
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.box(*BOX).area)
    (borders,) = [finding for finding in report.findings if finding.kind == "borders-drawn"]
    assert borders.facts["share"] > 0.7
