"""The sample loads through the ordinary door without a word of complaint."""

from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from geodata.intake.report import LoadOptions
from geodata.load import load
from geodata.sample import SampleCity, write
from geodata.times import parse_time

FILES = (
    ("areas", "areas.gpkg", None),
    ("layers", "layers.csv", None),
    ("grids", "grids-general.gpkg", "general"),
    ("grids", "grids-service.gpkg", "service"),
    ("grids", "grids-dedicated.gpkg", "dedicated"),
    ("roles", "roles.csv", None),
    ("workers", "workers.csv", None),
    ("organisations", "organisations.csv", None),
    ("stations", "stations.csv", None),
    ("duties", "duties.csv", None),
)


@pytest.mark.parametrize("size", ["street", "district"])
def test_written_files_load_without_findings_and_a_second_time_change_nothing(
    request: pytest.FixtureRequest, connection: Connection[Any], tmp_path: Path, size: str
) -> None:
    city: SampleCity = request.getfixturevalue(size)
    write(city, tmp_path)
    for kind, name, layer in FILES:
        # A CSV cannot say its datum; the GeoPackages do.
        crs = "EPSG:4326" if kind == "stations" else None
        options = LoadOptions(layer=layer, crs=crs, effective=parse_time("2023-01-01"), commit=True)
        report = load(connection, kind, tmp_path / name, options=options)
        assert report.findings == (), (name, report.findings[:3])
        again = load(connection, kind, tmp_path / name, options=options)
        assert not again.plan.changes_anything, name
    counted = connection.execute("SELECT count(*) FROM grid_versions").fetchone()
    assert counted == (sum(len(table) for table in city.grids.values()),)
