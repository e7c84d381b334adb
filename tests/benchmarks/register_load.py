"""Seconds that a register of buildings takes to be loaded from a clerk's file: checked, committed, loaded again.

    python -m tests.benchmarks.register_load [--rows 30000]

The file is a workbook with compounds by name, counts with units of measure and two coordinates; then the same buildings
drawn as outlines. A district has about 30,000 buildings; less than a minute is wanted for each step.
"""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster
from geodata.intake.report import LoadOptions, LoadReport
from geodata.load import load, load_frame
from geodata.migrate import migrate
from geodata.times import parse_time

COMPOUNDS = 1_000
METRES_20 = 0.0002


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=30_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        with EmbeddedCluster(folder / "cluster") as url:
            migrate(url)
            with contextlib.closing(connect(url)) as connection:
                names = [f"小区{number}" for number in range(COMPOUNDS)]
                compounds = pd.DataFrame({"code": [f"C{number}" for number in range(COMPOUNDS)], "name": names})
                load_frame(connection, "compounds", compounds, options=_options("2026-01-01"))
                frame = _buildings(asked.rows, names)
                path = folder / "buildings.xlsx"
                frame.to_excel(path, index=False)
                outlines = _outlines(frame)
                _timed(
                    "workbook, check",
                    lambda: load(connection, "buildings", path, options=_options("2026-01-01", commit=False)),
                )
                _timed("workbook, commit", lambda: load(connection, "buildings", path, options=_options("2026-01-01")))
                _timed("again", lambda: load(connection, "buildings", path, options=_options("2026-02-01")))
                _timed(
                    "outlines, commit",
                    lambda: load_frame(connection, "buildings", outlines, options=_options("2026-03-01")),
                )


def _options(day: str, *, commit: bool = True) -> LoadOptions:
    return LoadOptions(commit=commit, effective=parse_time(day), actor="benchmark")


def _buildings(count: int, compounds: list[str]) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    numbers = range(count)
    return pd.DataFrame(
        {
            "楼栋编码": [f"B{number}" for number in numbers],
            "楼栋": [f"{number}号楼" for number in numbers],
            "所属小区": [compounds[number % len(compounds)] for number in numbers],
            "单元数": [number % 6 + 1 for number in numbers],
            "户数": [f"{number % 60}户" for number in numbers],
            "经度": 117 + rng.random(count) * 0.5,
            "纬度": 36.5 + rng.random(count) * 0.5,
        }
    )


def _outlines(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    lon, lat = frame["经度"].to_numpy(), frame["纬度"].to_numpy()
    shapes = shapely.box(lon, lat, lon + METRES_20, lat + METRES_20)
    return gpd.GeoDataFrame(frame.drop(columns=["经度", "纬度"]), geometry=shapes, crs="EPSG:4326")


def _timed(what: str, work: Callable[[], LoadReport]) -> None:
    began = time.perf_counter()
    report = work()
    seconds = time.perf_counter() - began
    plan = report.plan
    print(
        f"{what:20} {seconds:6.2f} s  {report.rows_read:,} rows, {len(report.errors)} errors: {len(plan.new):,} new, "
        f"{len(plan.changed):,} changed, {plan.same:,} the same",
        flush=True,
    )


if __name__ == "__main__":
    main()
