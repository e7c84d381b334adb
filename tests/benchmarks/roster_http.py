"""Requests per second of ``GET /api/v1/lookup`` with the roster in the answer, beside the same without any roster.

    python -m tests.benchmarks.roster_http [--size district] [--rounds 5] [--seconds 2]

Two granian workers of the same data, asked in turn; the second one holds no roles, holders, duties or leaves. The
roster may cost a fifth of the requests per second: the ratio must be 0.80 or more. A third of the sample's duties are
given hours first, so that the answers weigh hours too. Processor time tells more than the rate where the machine has
other work.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI

from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster
from geodata.people.duties import Register
from geodata.snapshot import Snapshot
from geodata.snapshot_store import SnapshotStore
from service.app import create_app
from tests.benchmarks.asker import CONNECTIONS
from tests.benchmarks.lookup_http import LOOKUP, compare, prepare, served

HERE = "tests.benchmarks.roster_http"


def with_roster() -> FastAPI:
    """The service as it is."""
    return create_app()


def without_roster() -> FastAPI:
    """The service, in every version of the data of which nobody has a duty."""

    class Unstaffed(Snapshot):
        """A version without people."""

        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[arg-type]
            self._published = replace(self._published, register=Register((), (), ()))

    import geodata.snapshot

    geodata.snapshot.Snapshot = Unstaffed  # type: ignore[misc]
    return create_app()


def main() -> None:
    """Measure and print both rates and their ratio."""
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
    _give_hours(url)
    SnapshotStore(folder / "state", url).refresh()
    targets = folder / "targets"
    targets.write_text("\n".join(f"{LOOKUP}?{query}" for query in queries))
    with (
        served(folder / "state", url, f"{HERE}:with_roster") as full,
        served(folder / "bare", url, f"{HERE}:without_roster") as bare,
    ):
        print(f"{asked.size}: {grids} grids, {CONNECTIONS} connections, 1 worker")
        compare({"without_roster": (bare, targets), "with_roster": (full, targets)}, asked.rounds, asked.seconds)


def _give_hours(url: str) -> None:
    with connect(url) as connection:
        connection.execute(
            """WITH old AS (UPDATE duties SET withdrawn_at = now() WHERE duty_id % 3 = 0 AND withdrawn_at IS NULL
                            RETURNING *)
            INSERT INTO duties (holder_id, role_id, area_id, grid_id, compound_id, building_id, unit, place_id,
                                station_id, assignment, period, hours)
            SELECT holder_id, role_id, area_id, grid_id, compound_id, building_id, unit, place_id, station_id,
                   assignment, period, (ARRAY['Mo-Fr 08:30-17:30; PH closed', 'Mo-Su 08:00-20:00', '20:00-08:00'])
                                       [1 + duty_id % 7 % 3] FROM old"""
        )
        connection.commit()


if __name__ == "__main__":
    main()
