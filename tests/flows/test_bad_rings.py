"""Rings that cannot be grids, all the kinds of two collections, through the whole door."""

import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import psycopg
import pyogrio
import pytest
import shapely

from geodata.errors import LoadRefusedError
from geodata.intake.report import LoadOptions, LoadReport
from geodata.load import load, load_frame
from geodata.times import parse_time
from tests.rings import ring_sets, scaled, shapes_of


def in_rows(shapes: list[Any], *, side: float = 0.01) -> list[Any]:
    """Shapes side by side, each as large as a neighbourhood; what cannot be placed stays as it is."""
    placed = []
    for place, shape in enumerate(shapes):
        here = scaled(shape)
        xy = shapely.get_coordinates(here)
        if here is not None and len(xy) and np.isfinite(xy).all():
            corner = (117 + place % 20 * side * 1.2, 36.5 + place // 20 * side * 1.2)
            here = shapely.transform(here, lambda points, to=corner: (points - (117, 36.5)) * side / 0.1 + to)
        placed.append(here)
    return placed


def loaded(connection: psycopg.Connection[Any], file: Path) -> tuple[LoadReport, LoadReport]:
    """Reports of dry runs, without repair and with it; the refusal of a commit repeats the second."""
    options = LoadOptions(effective=parse_time("2026-01-01"), actor="clerk")
    plain = load(connection, "grids", file, options=options)
    options = replace(options, repair=True)
    report = load(connection, "grids", file, options=options)
    with connection.transaction(force_rollback=True), pytest.raises(LoadRefusedError) as refused:
        load(connection, "grids", file, options=replace(options, commit=True))
    assert refused.value.report.errors == report.errors
    return plain, report


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["grids.gpkg", "grids.geojson"])
def test_bad_rings_of_all_kinds_are_findings_or_mends_through_the_loader(
    connection: psycopg.Connection[Any], shared_data: Path, tmp_path: Path, name: str
) -> None:
    different = {shapely.to_wkb(shape): shape for shape, _ in shapes_of(shared_data / "polygons" / "geos")}
    assert len(different) > 500
    # Every fourth: which, the format decides.
    cases = list(different.values())[len(name) % 4 :: 4] + list(ring_sets(shared_data / "polygons" / "earcut"))
    shapes = in_rows(cases)
    frame = gpd.GeoDataFrame({"code": [f"g{place:04d}" for place in range(len(shapes))]}, geometry=shapes, crs=4326)
    file = tmp_path / name
    with warnings.catch_warnings():
        # The writer of the file warns of infinities; it is they that are to be found.
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(frame, file, geometry_type="Unknown" if file.suffix == ".gpkg" else None)
    # A community over half of them, so that clipping has work.
    community = gpd.GeoDataFrame(
        {"code": ["C"], "name": ["社区"]}, geometry=[shapely.box(117, 36, 117.1, 37)], crs=4326
    )
    areas = LoadOptions(commit=True, effective=parse_time("2025-01-01"), actor="clerk")
    load_frame(connection, "areas", community, options=areas)

    plain, mended = loaded(connection, file)

    assert plain.rows_read == mended.rows_read == len(shapes)
    assert Counter(finding.kind for finding in plain.errors)["invalid-ring"] >= 30
    assert {mend.kind for mend in mended.mends} >= {"made-valid"}
    assert len(mended.errors) < len(plain.errors)
    for report in (plain, mended):
        assert all(finding.message and finding.message_zh for finding in report.findings)
        places = [(finding.lon, finding.lat) for finding in report.findings if finding.lon is not None]
        assert len(places) > len(shapes) / 4
        assert np.isfinite(places).all()
    usable = {"Polygon", "MultiPolygon"}
    for place, shape in enumerate(shapes):
        sound = shape is not None and shape.geom_type in usable and not shape.is_empty and shape.is_valid
        code, row = f"g{place:04d}", place + 1
        told = [finding for finding in plain.errors if finding.row == row or finding.code == code]
        assert sound or told, (code, shape)
        told_mended = any(finding.row == row or finding.code == code for finding in mended.errors)
        assert sound or told_mended or any(mend.code == code for mend in mended.mends), (code, shape)
