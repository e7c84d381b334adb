"""Requests per second of ``GET /api/v1/lookup``, beside a route of the same parameters that returns constant bytes.

    python -m tests.benchmarks.lookup_http [--size district] [--rounds 5] [--seconds 2]

Two granian workers, asked in turn: the service as it is, and the same with the constant route in the place of the
look-up. A client process of its own holds 16 connections open. The constant answer is as long as the mean real one.
Printed are the medians and their ratio, wanted 0.80. Processor time tells more than the rate where the machine has
other work. Stations are told by the walk along the streets: the walking network is compiled before it begins.
"""

import argparse
import contextlib
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from fastapi import APIRouter, FastAPI, Request, Response

import service.app
from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster
from geodata.migrate import migrate
from geodata.sample import generate
from geodata.sample.loading import load_city
from geodata.snapshot_store import SnapshotStore
from service.api import lookup
from service.api.answers import JSON, AsOf
from service.api.lookup_question import WGS84, CrsName, Lat, LayerCode, Lon, MatterCode, TargetName
from tests.benchmarks.asker import CONNECTIONS

LOOKUP = "/api/v1/lookup"
POINTS = 500
ROOT = Path(__file__).resolve().parents[2]


def with_constant() -> FastAPI:
    """The service, with the constant route where the look-up was."""
    constant = APIRouter(prefix="/api/v1")

    @constant.get("/lookup", response_model=None)
    async def answer(
        request: Request,
        lon: Lon = None,
        lat: Lat = None,
        crs: CrsName = WGS84,
        target: TargetName = None,
        layer: LayerCode = None,
        matter: MatterCode = None,
        as_of: AsOf = None,
    ) -> Response:
        return Response(_constant(), headers={"Cache-Control": "no-store"}, media_type=JSON)

    service.app.ROUTERS = tuple(constant if router is lookup.router else router for router in service.app.ROUTERS)
    return service.app.create_app()


@cache
def _constant() -> bytes:
    """As many bytes as the file ``constant-length`` of the state folder says."""
    length = int((Path(os.environ["GRIDMAP_STATE_FOLDER"]) / "constant-length").read_text())
    return b'"' + b"x" * (length - 2) + b'"'


def main() -> None:
    """Measure and print one line for each route, then the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="district", choices=("street", "district"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gridmap-bench-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with EmbeddedCluster(folder / "state", settings={"fsync": "off"}) as url:
            _measure(folder, url, asked)


def _measure(folder: Path, url: str, asked: argparse.Namespace) -> None:
    queries, grids = prepare(folder / "state", url, asked.size)
    targets = folder / "targets"
    targets.write_text("\n".join(f"{LOOKUP}?{query}" for query in queries))
    with served(folder / "state", url) as real:
        wait_for_streets(real.port, f"{LOOKUP}?{queries[0]}")
        length = round(statistics.mean(len(_get(real.port, f"{LOOKUP}?{query}")) for query in queries[:100]))
        (folder / "state" / "constant-length").write_text(str(length))
        with served(folder / "state", url, "tests.benchmarks.lookup_http:with_constant") as constant:
            print(f"{asked.size}: {grids} grids, answers of {length} bytes, {CONNECTIONS} connections, 1 worker")
            compare({"constant": (constant, targets), "look-up": (real, targets)}, asked.rounds, asked.seconds)


def prepare(state: Path, url: str, size: str) -> tuple[list[str], int]:
    """Load the sample; queries for points inside its grids, and how many grids there are."""
    migrate(url)
    with connect(url) as connection:
        load_city(connection, generate(size))
    moment = SnapshotStore(state, url).refresh().moment(time.time_ns() // 1000)
    layer = moment.default_layer.code
    west, south, east, north = moment.tilings[layer].index.bounds
    chosen = random.Random(1)
    points = [(chosen.uniform(west, east), chosen.uniform(south, north)) for _ in range(20 * POINTS)]
    lons, lats = np.array(points).T
    positions, _ = moment.tilings[layer].index.owners(lons, lats, moment.active(layer))
    inside = np.flatnonzero(positions >= 0)[:POINTS]
    queries = ["lon={}&lat={}".format(*points[place]) for place in inside.tolist()]
    return queries, len(moment.grids(layer))


@dataclass(frozen=True)
class Server:
    """Where a server listens, and its parent process."""

    port: int
    pid: int

    @property
    def cpu_seconds(self) -> float:
        """Processor time that its worker processes have used so far."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        threads = [thread for child in children for thread in Path(f"/proc/{child}/task").iterdir()]
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def compare(contestants: dict[str, tuple[Server, Path]], rounds: int, seconds: float) -> None:
    """Ask two servers, or one for two things, in turn; print both and the share of the first that the second keeps.

    Parameters
    ----------
    contestants
        By name: a server, and the file of the targets that it is asked for.
    rounds
        After one that only warms up.
    seconds
        Length of each run.
    """
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    costs: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(-1, rounds):
        for name, (server, targets) in contestants.items():
            before = server.cpu_seconds
            rate, answers = run_client(server.port, targets, seconds)
            if number >= 0:
                rates[name].append(rate)
                costs[name].append((server.cpu_seconds - before) / max(answers, 1) * 1e6)
    for name in contestants:
        rate, low, high = _spread(rates[name])
        cost = statistics.median(costs[name])
        print(f"{name:16} {rate:8.0f} requests/s  ({low:.0f} to {high:.0f}), {cost:.0f} µs of the processor each")
    base, other = contestants
    by_rate = [b / a for a, b in zip(rates[base], rates[other], strict=True) if a]
    by_cost = [a / b for a, b in zip(costs[base], costs[other], strict=True)]
    # Of the medians: where other work takes the processor, one round of a pair is often hit and the other not.
    overall = {
        "requests/s": statistics.median(rates[other]) / statistics.median(rates[base]),
        "processor time": statistics.median(costs[base]) / statistics.median(costs[other]),
    }
    for (what, ratio), rounds_found in zip(overall.items(), (by_rate, by_cost), strict=True):
        print("ratio by {} {:.2f}  (rounds {:.2f}, {:.2f} to {:.2f})".format(what, ratio, *_spread(rounds_found)))


def _spread(found: list[float]) -> tuple[float, float, float]:
    return statistics.median(found), min(found), max(found)


@contextlib.contextmanager
def served(state: Path, url: str, factory: str = "service.app:create_app") -> Iterator[Server]:
    """One granian worker that runs an application over a database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--no-ws", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), factory]
    environment = {**os.environ, "GRIDMAP_DATABASE_URL": url, "GRIDMAP_STATE_FOLDER": str(state)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait_until_ready(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(15)


def _wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            _get(port, "/readyz")
            return
        time.sleep(0.1)
    raise SystemExit("the service did not get ready")


def wait_for_streets(port: int, target: str) -> None:
    """Wait until a look-up tells walks along the streets.

    Raises
    ------
    SystemExit
        It did not within five minutes.
    """
    until = time.monotonic() + 300
    while time.monotonic() < until:
        if json.loads(_get(port, target))["walking"]:
            return
        time.sleep(0.5)
    raise SystemExit("the walking network was not ready")


def _get(port: int, target: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{target}", timeout=5) as response:
        body: bytes = response.read()
    if target.startswith(LOOKUP) and json.loads(body)["status"] != "found":
        raise SystemExit(f"not found: {target}")
    return body


def run_client(port: int, targets: Path, seconds: float) -> tuple[float, int]:
    """Answers per second that a client process gets, asking for the targets of a file, and how many it got in all."""
    command = [sys.executable, "-m", "tests.benchmarks.asker", str(port), str(targets), str(seconds)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    rate, answers = done.stdout.split()
    return float(rate), int(answers)


if __name__ == "__main__":
    main()
