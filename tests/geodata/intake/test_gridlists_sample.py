"""The sample's own grids written as lists and built again: how much of it comes back."""

import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.grid.publish import grids_in_force
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.sample import SampleCity, generate
from geodata.times import parse_time
from tests.listing import lists_of, owners

BEGIN, LATER = parse_time("2023-01-01"), parse_time("2030-01-01")
WGS84 = "EPSG:4326"


@pytest.fixture(scope="module")
def street() -> SampleCity:
    return generate("street")


def _load(connection, city: SampleCity) -> None:
    for kind in ("areas", "compounds", "buildings", "streets", "addresses"):
        frame = getattr(city, kind)
        load_frame(connection, kind, frame, options=LoadOptions(crs=WGS84, effective=BEGIN, commit=True))


def _built(connection, lists: pd.DataFrame):
    report = load_frame(connection, "gridlists", lists, options=LoadOptions(effective=LATER, commit=True))
    layer_id = connection.execute("SELECT layer_id FROM layers WHERE code = 'general'").fetchone()[0]
    rows = grids_in_force(connection, layer_id, LATER)
    return report, {row["code"]: shapely.from_wkb(row["wkb"]) for row in rows}


def test_lists_of_all_the_sample_holds_bring_every_household_back(connection, street):
    _load(connection, street)
    lists = lists_of(street)
    report, built = _built(connection, lists)
    assert report.errors == ()
    print({f.kind for f in report.findings}, report.plan.same, len(report.plan.new))
