"""Territories for benchmarks, from the files' door into PostGIS: grids with communities, people and stations."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from psycopg import Connection

from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.migrate import migrate
from geodata.moment import Moment
from geodata.sample import generate
from geodata.sample.loading import load_city
from geodata.snapshot_store import SnapshotStore
from geodata.times import parse_time
from service.commands.running import free_port
from tests.benchmarks.tilings import wiggly_tiling

PROVINCE_COLUMNS, PROVINCE_ROWS = 400, 250
# About 150,000 square kilometres.
PROVINCE_BOUNDS = (114.0, 34.5, 118.2, 38.1)
BLOCK = 10
"""Grids along one side of a community of the province."""
STATIONS = 1776
PATIENCE_SECONDS = 60.0
ROOT = Path(__file__).resolve().parents[2]


def load_district(connection: Connection[Any]) -> None:
    """The sample district: 896 grids, with people and stations."""
    load_city(connection, generate("district"))


def load_city_grids(connection: Connection[Any]) -> None:
    """10,000 grids in 100 communities, a worker on duty in each, 1,776 stations."""
    _load_rectangle(connection, 100, 100)


def load_province(connection: Connection[Any]) -> None:
    """100,000 grids in 1,000 communities, a worker on duty in each, 1,776 stations."""
    _load_rectangle(connection, PROVINCE_COLUMNS, PROVINCE_ROWS)


def _load_rectangle(connection: Connection[Any], across: int, upward: int) -> None:
    options = LoadOptions(commit=True, effective=parse_time("2025-01-01"), actor="benchmark")
    shapes = wiggly_tiling(across, upward, bounds=PROVINCE_BOUNDS)
    rows, columns = np.divmod(np.arange(len(shapes)), across)
    block = (rows // BLOCK) * (across // BLOCK) + columns // BLOCK
    codes = np.array([f"G{number:06d}" for number in range(len(shapes))], dtype=object)
    workers = np.array([f"W{number:06d}" for number in range(len(shapes))], dtype=object)
    communities = [f"C{number:04d}" for number in range(block.max() + 1)]
    unions = [shapely.coverage_union_all(shapes[block == number]) for number in range(len(communities))]
    west, south, east, north = PROVINCE_BOUNDS
    places = np.random.default_rng(3).uniform((west, south), (east, north), (STATIONS, 2))
    frames = {
        "areas": _frame(unions, code=communities, name=[f"示例社区{code}" for code in communities]),
        "grids": _frame(
            shapes, code=codes, name="示例网格" + codes, community=np.array(communities)[block], households=300
        ),
        "roles": pd.DataFrame({"code": ["full"], "name": ["专职网格员"]}),
        "workers": pd.DataFrame({"code": workers, "name": "示例" + workers, "phone": "13800000000"}),
        "duties": pd.DataFrame({"holder": workers, "role": "full", "target_kind": "grid", "target": codes}),
        "stations": pd.DataFrame(
            {
                "code": [f"S{number:04d}" for number in range(STATIONS)],
                "name": [f"示例站{number}" for number in range(STATIONS)],
                "lon": places[:, 0],
                "lat": places[:, 1],
            }
        ),
    }
    for kind, frame in frames.items():
        began = time.perf_counter()
        load_frame(connection, kind, frame, options=options)
        print(f"  loaded {len(frame):7,} {kind:9} in {time.perf_counter() - began:6.1f} s", flush=True)


def _frame(shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=list(shapes), crs="EPSG:4326")


SIZES: dict[str, Callable[[Connection[Any]], None]] = {
    "896 grids": load_district,
    "10,000 grids": load_city_grids,
    "100,000 grids": load_province,
}


@dataclass(frozen=True)
class Prepared:
    """A loaded territory whose snapshot lies compiled under its state folder, beside its own PostGIS."""

    state: Path
    cluster: EmbeddedCluster
    moment: Moment

    def question(self) -> tuple[str, str]:
        """Address of a look-up in the middle of the territory, and the code that is its right answer."""
        grids = self.moment.grids(self.moment.default_layer.code)
        grid = grids[len(grids) // 2]
        point = self.moment.geometry(grid).representative_point()
        return f"/api/v1/lookup?lon={point.x!r}&lat={point.y!r}", grid.code


@contextlib.contextmanager
def prepared(size: str) -> Iterator[Prepared]:
    """A territory of one of the `SIZES` in a temporary folder, its PostGIS running."""
    with tempfile.TemporaryDirectory(prefix="gridmap-bench-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        cluster = EmbeddedCluster(folder / "state")
        with cluster as url:
            migrate(url)
            with connect(url) as connection:
                SIZES[size](connection)
            began = time.perf_counter()
            moment = SnapshotStore(folder / "state", url).refresh().moment(time.time_ns() // 1000)
            print(f"  compiled the snapshot of {size} in {time.perf_counter() - began:.1f} s", flush=True)
            yield Prepared(folder / "state", cluster, moment)


@dataclass(frozen=True)
class Server:
    """A running ``gridmap serve``: its parent process, where it listens, the seconds until its first right answer."""

    pid: int
    address: str
    seconds: float


@contextlib.contextmanager
def serving(territory: Prepared, workers: int = 1) -> Iterator[Server]:
    """``gridmap serve`` over a territory, from its first correct answer on."""
    question, code = territory.question()
    port = free_port("127.0.0.1", 18_000)
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "GRIDMAP_DATABASE_URL": "", "GRIDMAP_STATE_FOLDER": str(territory.state)}
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(port), "--workers", str(workers)]
    began = time.perf_counter()
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        while not _answers(address + question, code):
            if server.poll() is not None or time.perf_counter() - began > PATIENCE_SECONDS:
                raise SystemExit("the service did not answer")
            time.sleep(0.02)
        yield Server(server.pid, address, time.perf_counter() - began)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _answers(address: str, code: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return any(grid["code"] == code for grid in orjson.loads(answer.read())["grids"])
    except OSError:
        return False
