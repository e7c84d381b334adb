"""Seconds from the commit of a roster change until every worker answers with it.

    python -m tests.benchmarks.roster_change [--rounds 5] [--sizes "896 grids"]

``gridmap serve --workers 2``; a worker's phone is changed, then look-ups go out over new connections until forty in a
row come with the new version of the data. Less than a second is wanted, whatever the size: of what did not change
nothing is read.
"""

import argparse
import statistics
import time
import urllib.request

import orjson

from geodata.database import connect
from tests.benchmarks.territories import SIZES, Prepared, prepared, serving

IN_A_ROW = 40


def main() -> None:
    """Measure and print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", nargs="*", default=list(SIZES), choices=list(SIZES))
    asked = parser.parse_args()
    for size in asked.sizes:
        with prepared(size) as territory, serving(territory, workers=2) as server:
            address = server.address + territory.question()[0]
            _settled(address, 0)
            seconds = [_changed(territory, address) for _ in range(asked.rounds)]
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        print(f"{size:>13}  {statistics.median(seconds):5.2f} s  ({spread})", flush=True)


def _changed(territory: Prepared, address: str) -> float:
    """Seconds from one commit until all answers have it."""
    with territory.cluster as url, connect(url) as connection:
        connection.execute(
            """WITH old AS (UPDATE worker_versions SET period = tstzrange(lower(period), now())
                            WHERE worker_version_id = (SELECT max(worker_version_id) FROM worker_versions
                                                       WHERE withdrawn_at IS NULL AND upper_inf(period)
                                                         AND lower(period) < now()) RETURNING *)
            INSERT INTO worker_versions (holder_id, name, phone, period)
            SELECT holder_id, name, '138' || lpad((random() * 1e8)::int::text, 8, '0'), tstzrange(now(), NULL)
            FROM old"""
        )
        row = connection.execute("SELECT version FROM data_version").fetchone()
        connection.commit()
        began = time.perf_counter()
        assert row is not None
        _settled(address, row[0])
        return time.perf_counter() - began


def _settled(address: str, version: int) -> None:
    """Return when forty answers in a row, each over a connection of its own, have at least a version."""
    fresh = 0
    while fresh < IN_A_ROW:
        with urllib.request.urlopen(address, timeout=30) as answer:
            fresh = fresh + 1 if orjson.loads(answer.read())["version"] >= version else 0


if __name__ == "__main__":
    main()
