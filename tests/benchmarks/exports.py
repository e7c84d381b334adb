"""Seconds and memory that exports take: every list of the district, and the grids of a province, in each format.

    python -m tests.benchmarks.exports [--sizes "896 grids"] [--lists grids duties]

Memory is the private memory (USS) that the process has at most while a file is written, above what it has with the
rows at hand, from which any answer is made; it is sampled ten times a second. A list is written piece by piece: it
should not grow with the list.
"""

import argparse
import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from geodata.database import connect
from geodata.export import LISTS, write_list
from geodata.lists.exported import Asked
from geodata.snapshot_store import SnapshotStore
from geodata.times import LOCAL_ZONE
from tests.benchmarks.territories import SIZES, Prepared, prepared

FORMATS = (".csv", ".xlsx", ".gpkg")
DISTRICT, PROVINCE = "896 grids", "100,000 grids"
EVERY_SECONDS = 0.1


def main() -> None:
    """Measure and print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=[DISTRICT, PROVINCE])
    parser.add_argument("--lists", nargs="+", choices=list(LISTS))
    asked = parser.parse_args()
    for size in asked.sizes:
        names = asked.lists or (list(LISTS) if size == DISTRICT else ["grids", "duties"])
        with prepared(size) as territory:
            _measure(size, territory, names)


def _measure(size: str, territory: Prepared, names: list[str]) -> None:
    url = territory.cluster.start()
    snapshot = SnapshotStore(territory.state, url).refresh()
    asked = Asked(snapshot.moment, lambda: contextlib.closing(connect(url)), time.time_ns() // 1000, unmasked=True)
    print(f"{size}: seconds and MiB above the rows")
    with tempfile.TemporaryDirectory(prefix="gridmap-bench-") as made:
        for name in names:
            for _ in LISTS[name].rows(asked):
                pass
            told = []
            for suffix in FORMATS:
                path = Path(made) / f"{name}{suffix}"
                began = time.perf_counter()
                with _highest() as memory:
                    rows = write_list(LISTS[name], asked, path, zone=LOCAL_ZONE)
                seconds = time.perf_counter() - began
                size_mb = path.stat().st_size / 1e6
                told.append(f"{suffix} {seconds:6.2f} s {memory[0] / 2**20:5.0f} MiB {size_mb:7.1f} MB")
            print(f"  {name:14} {rows:8,} rows  {'   '.join(told)}", flush=True)


@contextlib.contextmanager
def _highest() -> Iterator[list[int]]:
    """The most private bytes that this process had meanwhile above those of the begin, in a list of one."""
    process, ended = psutil.Process(), threading.Event()
    before = process.memory_full_info().uss
    most = [0]

    def watch() -> None:
        while not ended.wait(EVERY_SECONDS):
            most[0] = max(most[0], process.memory_full_info().uss - before)

    watching = threading.Thread(target=watch)
    watching.start()
    yield most
    ended.set()
    watching.join()


if __name__ == "__main__":
    main()
