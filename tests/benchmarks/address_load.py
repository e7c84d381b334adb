"""Seconds and memory that a register of addresses takes to be loaded: checked, committed, loaded again, undone.

    python -m tests.benchmarks.address_load [--rows 100000]

The file is a CSV of doors along straight roads and of units in compounds beside them, in one column and in parts, each
with its community and without a code, as cities hand them out. Seconds of processor time are beside those of the clock:
the machine may have other work. Memory is the most that this process ever held, PostgreSQL's not counted.
"""

import argparse
import contextlib
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from psycopg import Connection

from geodata.changes import undo_change
from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster
from geodata.intake.report import LoadOptions, LoadReport
from geodata.load import load, load_frame
from geodata.migrate import migrate
from tests.mainland_names import NUMERALS

DOORS_PER_ROAD = 200
METRES_5 = 5 / 89_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        frame, areas = register(asked.rows)
        path = folder / "addresses.csv"
        frame.to_csv(path, index=False)
        changed, few = folder / "changed.csv", folder / "few.csv"
        frame.assign(户数=[2, *frame["户数"][1:]]).to_csv(changed, index=False)
        frame.head(10).assign(户数=2).to_csv(few, index=False)
        del frame
        with EmbeddedCluster(folder / "cluster") as url:
            migrate(url)
            with contextlib.closing(connect(url)) as connection:
                load_frame(connection, "areas", areas, options=LoadOptions(commit=True))
                connection.commit()
                _steps(connection, path, changed, few)


def _steps(connection: Connection[Any], path: Path, changed: Path, few: Path) -> None:
    told = LoadOptions(crs="EPSG:4326", actor="benchmark")
    commit = LoadOptions(crs="EPSG:4326", actor="benchmark", commit=True)
    _timed("check", lambda: load(connection, "addresses", path, options=told))
    change = _timed("commit", lambda: load(connection, "addresses", path, options=commit)).change_id
    connection.commit()
    _timed("again", lambda: load(connection, "addresses", path, options=commit))
    _timed("one changed", lambda: load(connection, "addresses", changed, options=commit))
    connection.rollback()
    _timed("ten rows", lambda: load(connection, "addresses", few, options=commit))
    connection.rollback()
    began = time.perf_counter()
    assert change is not None
    undo_change(connection, change, "benchmark")
    print(f"{'undone':12} {time.perf_counter() - began:7.2f} s")


def register(count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A register of so many rows, and the communities around its roads."""
    numbers = np.arange(count)
    road, door = numbers // DOORS_PER_ROAD, numbers % DOORS_PER_ROAD + 1
    names = np.array([f"{_said(at)}路" for at in range(int(road.max()) + 1)], dtype=object)
    compounds = np.char.replace(names.astype(str), "路", "花园").astype(object)
    doors, buildings = door <= DOORS_PER_ROAD // 2, (door - 1) % 25 + 1
    lon, lat = 117 + road % 40 * 0.012 + door * METRES_5, 36.5 + road // 40 * 0.001
    text = [
        f"示例市{names[r]}{d}号" if is_door else f"示例市{compounds[r]}{b}号楼{d % 4 + 1}单元{d}室"
        for r, d, b, is_door in zip(road, door, buildings, doors, strict=True)
    ]
    frame = pd.DataFrame(
        {
            "地址": text,
            "社区": [f"{name}社区" for name in names[road]],
            "道路": np.where(doors, names[road], ""),
            "门牌号": [f"{d}号" if is_door else "" for d, is_door in zip(door, doors, strict=True)],
            "小区": np.where(doors, "", compounds[road]),
            "楼栋": ["" if is_door else f"{b}号楼" for b, is_door in zip(buildings, doors, strict=True)],
            "单元": ["" if is_door else f"{d % 4 + 1}单元" for d, is_door in zip(door, doors, strict=True)],
            "经度": lon.round(7),
            "纬度": lat.round(7),
            "户数": 1,
        }
    )
    edges = [(117 + at % 40 * 0.012, 36.5 + at // 40 * 0.001) for at in range(len(names))]
    shapes = [
        f"POLYGON(({x} {y - 0.0005}, {x + 0.012} {y - 0.0005}, {x + 0.012} {y + 0.0005}, {x} {y + 0.0005}, "
        f"{x} {y - 0.0005}))"
        for x, y in edges
    ]
    areas = pd.DataFrame(
        {
            "code": [f"{at:012d}" for at in range(len(names))],
            "name": [f"{name}社区" for name in names],
            "wkt": shapes,
        }
    )
    return frame, areas


def _said(number: int) -> str:
    """A name of its own for each number."""
    return "".join(NUMERALS[int(digit)] for digit in f"{number:05d}")


def _timed(what: str, work: Callable[[], LoadReport]) -> LoadReport:
    began, began_cpu = time.perf_counter(), time.process_time()
    report = work()
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    kinds = sorted({finding.kind for finding in report.findings})
    print(
        f"{what:12} {seconds:7.2f} s, of the processor {cpu:7.2f} s, {held:5.2f} GiB; {report.rows_read:,} rows: "
        f"{len(report.plan.new):,} new, {len(report.plan.changed):,} changed, {report.plan.same:,} the same; "
        f"{len(report.errors)} errors, findings: {', '.join(kinds) or 'none'}",
        flush=True,
    )
    return report


if __name__ == "__main__":
    main()
