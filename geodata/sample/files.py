"""Writes a sample city as files that a user could load: GeoPackage where there is geometry, CSV for tables."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio

from geodata.sample.city import SampleCity

FIXED_DATE: Final = "2025-01-01T00:00:00Z"
TABLES: Final = (
    "layers", "roles", "workers", "organisations", "duties", "leave", "calendar", "matters", "norms", "texts",
    "counts", "stations", "stops", "gates", "places", "addresses",
)  # fmt: skip
SHAPES: Final = ("areas", "streets", "rail", "water", "barriers", "compounds", "buildings")


def write(city: SampleCity, folder: Path) -> list[Path]:
    """Write every table of a city and return the files: ``grids-<layer>.gpkg``, ``areas.gpkg``, ``workers.csv`` ….

    Parameters
    ----------
    city
        What `generate` returned.
    folder
        Where to write; made if missing. Files of the same name are replaced.

    Notes
    -----
    The same city gives the same bytes: the date that a GeoPackage holds is fixed. CSV is UTF-8 with BOM, lines end
    with CR LF, as spreadsheets expect.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [_write_table(getattr(city, name), folder / f"{name}.csv") for name in TABLES]
    shapes = {name: getattr(city, name) for name in SHAPES}
    shapes |= {f"grids-{layer}": table for layer, table in city.grids.items()}
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        files += [_write_shapes(table, folder / f"{name}.gpkg", name) for name, table in shapes.items()]
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    return files


def _write_table(table: pd.DataFrame, path: Path) -> Path:
    path.write_bytes(table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"))
    return path


def _write_shapes(table: gpd.GeoDataFrame, path: Path, name: str) -> Path:
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", promote_to_multi=False)
    return path
