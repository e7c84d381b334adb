"""The sample's own grids written as lists and built again: how much of it comes back."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.grid.validate import validate
from geodata.intake.report import LoadOptions, LoadReport
from geodata.load import load_frame
from geodata.sample import SampleCity
from geodata.times import parse_time
from tests.listing import lists_of, owners, without
from tests.samples import sample

BEGIN, LATER = parse_time("2023-01-01"), parse_time("2030-01-01")


@pytest.fixture(scope="module")
def street() -> SampleCity:
    return sample("street")


@pytest.fixture
def loaded(connection, street):
    for kind in ("areas", "compounds", "buildings", "streets", "addresses"):
        load_frame(
            connection,
            kind,
            getattr(street, kind),
            options=LoadOptions(crs="EPSG:4326", effective=BEGIN, commit=True),
        )
    return connection


def _built(connection, lists: pd.DataFrame) -> tuple[LoadReport, gpd.GeoDataFrame]:
    report = load_frame(connection, "gridlists", lists, options=LoadOptions(effective=LATER, commit=True))
    rows = connection.execute("SELECT code, ST_AsBinary(geom) FROM grid_versions ORDER BY code").fetchall()
    shapes = [shapely.from_wkb(wkb) for _, wkb in rows]
    return report, gpd.GeoDataFrame({"code": [code for code, _ in rows]}, geometry=shapes, crs="EPSG:4326")


def _share_right(city: SampleCity, built: gpd.GeoDataFrame) -> float:
    """Share of the households whose grid is the true one."""
    truth = city.grids["general"]
    points = shapely.points(city.addresses["lon"], city.addresses["lat"])
    is_in = np.array([*built["code"], None], dtype=object)[owners(shapely.STRtree(built.geometry), points)]
    was_in = np.array([*truth["code"], None], dtype=object)[owners(shapely.STRtree(truth.geometry), points)]
    households = city.addresses["households"].to_numpy()
    return float(households[is_in == was_in].sum() / households.sum())


def test_lists_of_all_that_the_sample_holds_bring_every_household_back_along_streets_and_walls(loaded, street):
    report, built = _built(loaded, lists_of(street))
    assert _share_right(street, built) == 1.0
    communities = street.areas[street.areas["level"] == "community"]
    assert validate(built, communities[["code", "geometry"]]) == []
    ground = shapely.union_all(street.areas.geometry[street.areas["level"] == "community"])
    assert shapely.union_all(built.geometry).area == pytest.approx(ground.area, rel=1e-7)
    borders = [finding for finding in report.findings if finding.kind == "borders-drawn"]
    shares = [share for finding in borders for share in finding.facts["grids"].values()]
    assert len(shares) == len(built)
    assert np.median(shares) > 0.7


def test_with_a_twentieth_of_the_items_missing_hardly_a_household_moves(loaded, street):
    lists = without(lists_of(street), 0.05, np.random.default_rng(5))
    _, built = _built(loaded, lists)
    assert _share_right(street, built) > 0.99
    assert shapely.coverage_is_valid(built.geometry.to_numpy())


def test_the_same_lists_give_the_very_same_grids(loaded, street):
    lists = lists_of(street)
    load_frame(loaded, "gridlists", lists, options=LoadOptions(effective=BEGIN, commit=True))
    again = load_frame(loaded, "gridlists", lists.sample(frac=1, random_state=3), options=LoadOptions())
    assert (again.plan.same, again.plan.changes_anything) == (len(lists), False)
