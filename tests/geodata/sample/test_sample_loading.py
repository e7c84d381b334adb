"""The sample loads through the ordinary door without a word of complaint."""

from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from geodata.intake.report import LoadOptions
from geodata.load import load
from geodata.records import Finding
from geodata.sample import SampleCity, write
from geodata.times import parse_time

FILES = (
    ("areas", "areas.gpkg", None),
    ("layers", "layers.csv", None),
    ("grids", "grids-general.gpkg", "general"),
    ("grids", "grids-service.gpkg", "service"),
    ("grids", "grids-dedicated.gpkg", "dedicated"),
    ("compounds", "compounds.gpkg", None),
    ("gates", "gates.csv", None),
    ("buildings", "buildings.gpkg", None),
    ("places", "places.csv", None),
    ("streets", "streets.gpkg", None),
    ("barriers", "barriers.gpkg", None),
    ("addresses", "addresses.csv", None),
    ("roles", "roles.csv", None),
    ("workers", "workers.csv", None),
    ("organisations", "organisations.csv", None),
    ("stations", "stations.csv", None),
    ("stops", "stops.csv", None),
    ("calendar", "calendar.csv", None),
    ("matters", "matters.csv", None),
    ("texts", "texts.csv", None),
    ("duties", "duties.csv", None),
    ("leave", "leave.csv", None),
    ("norms", "norms.csv", None),
    ("counts", "counts.csv", None),
)
# A CSV cannot say its datum; the GeoPackages do.
POINTS = {"stations", "stops", "gates", "places", "addresses"}


def intended(city: SampleCity, finding: Finding) -> bool:
    """Whether a finding speaks of what the city leaves empty on purpose; what is past when it is loaded is not told."""
    if finding.kind == "hole":
        holes = city.roster_holes[city.roster_holes["reason"] == finding.facts["reason"]]
        return (finding.facts["role"], finding.facts["target"]) in set(zip(holes["role"], holes["target"], strict=True))
    codes = finding.message.rpartition(": ")[2].split(", ")
    return finding.kind == "below-norm" and set(codes) <= set(city.holes)


@pytest.mark.parametrize("size", ["street", "district"])
def test_written_files_load_with_no_findings_but_the_intended_holes_and_a_second_time_change_nothing(
    request: pytest.FixtureRequest, connection: Connection[Any], tmp_path: Path, size: str
) -> None:
    city: SampleCity = request.getfixturevalue(size)
    write(city, tmp_path)
    for kind, name, layer in FILES:
        effective = parse_time("2025-01-01" if kind == "norms" else "2023-01-01")
        crs = "EPSG:4326" if kind in POINTS else None
        options = LoadOptions(layer=layer, crs=crs, effective=effective, commit=True)
        report = load(connection, kind, tmp_path / name, options=options)
        assert [finding for finding in report.findings if not intended(city, finding)] == [], name
        # The street has rows of every kind.
        if size == "street":
            assert report.plan.changes_anything
            assert not load(connection, kind, tmp_path / name, options=options).plan.changes_anything, name
    counted = connection.execute("SELECT count(*) FROM grid_versions").fetchone()
    assert counted == (sum(len(table) for table in city.grids.values()),)
