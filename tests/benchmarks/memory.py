"""Memory of the service with two workers over 100,000 grids, after look-ups all over the province and a batch.

    python -m tests.benchmarks.memory [--lookups 20000]

Proportional set size: a page that processes share, as those of the mapped snapshot, counts once in all. DESIGN.md asks
for less than 6 GiB in all with 3 million addresses, which are not there yet; PostGIS is counted beside it.
"""

import argparse
import time
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil

from geodata.access import create_key
from geodata.database import connect
from tests.benchmarks.territories import PROVINCE_BOUNDS, Prepared, prepared, serving

SIZE = "100,000 grids"
WANTED_GIB = 6.0
WORKERS, CLIENTS, BATCH_ROWS = 2, 8, 200_000
# The second worker may still be opening the snapshot when the first one answers.
SETTLE_SECONDS = 5.0


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lookups", type=int, default=20_000)
    asked = parser.parse_args()
    with prepared(SIZE) as territory:
        with connect(territory.cluster.start()) as connection:
            key, _ = create_key(connection, role="dispatcher", name="benchmark", created_by="benchmark")
        with serving(territory, WORKERS) as server:
            print(f"{SIZE}, {WORKERS} workers, PSS in MiB")
            time.sleep(SETTLE_SECONDS)
            _show("started", territory, server.pid)
            _look_up(server.address, asked.lookups)
            _show(f"after {asked.lookups:,} look-ups", territory, server.pid)
            _batch(server.address, key)
            total = _show(f"after a batch of {BATCH_ROWS:,} rows", territory, server.pid)
    print(f"service in all {total / 2**30:.2f} GiB, wanted less than {WANTED_GIB:.0f}")


def _points(count: int, seed: int) -> list[list[float]]:
    west, south, east, north = PROVINCE_BOUNDS
    found: list[list[float]] = np.random.default_rng(seed).uniform((west, south), (east, north), (count, 2)).tolist()
    return found


def _look_up(address: str, count: int) -> None:
    def ask(point: list[float]) -> None:
        with urllib.request.urlopen(f"{address}/api/v1/lookup?lon={point[0]}&lat={point[1]}", timeout=20) as answer:
            answer.read()

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(ask, _points(count, 1)))


def _batch(address: str, key: str) -> None:
    body = "lon,lat\n" + "".join(f"{lon},{lat}\n" for lon, lat in _points(BATCH_ROWS, 2))
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "text/csv"}
    request = urllib.request.Request(f"{address}/api/v1/lookup/batch", body.encode(), headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        while answer.read(2**20):
            pass


def _show(when: str, territory: Prepared, parent: int) -> int:
    """Print what each part holds; bytes of the service in all, its parent and job worker included."""
    (postmaster, *_) = (territory.state / "postgres" / "data" / "postmaster.pid").read_text(encoding="utf-8").split()
    service = psutil.Process(parent)
    below = service.children(recursive=True)
    jobs = [process for process in below if "worker" in process.cmdline()]
    parts = {
        "web": _pss(process for process in below if process not in jobs),
        "parent and jobs": _pss([service, *jobs]),
        "PostGIS": _pss([psutil.Process(int(postmaster)), *psutil.Process(int(postmaster)).children()]),
    }
    figures = "  ".join(f"{part} {size / 2**20:6,.0f}" for part, size in parts.items())
    print(f"  {when:32} {figures}", flush=True)
    return parts["web"] + parts["parent and jobs"]


def _pss(processes: Iterable[psutil.Process]) -> int:
    return sum(process.memory_full_info().pss for process in processes)


if __name__ == "__main__":
    main()
