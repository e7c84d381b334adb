"""Wall maps and notice boards as PDF: processor time of one, and how large the file is.

    python -m tests.benchmarks.wall_maps [--runs 3] [--paper A3]

A street of the sample district, the whole district, a notice board of one of its communities, and Taipei's 11,490 small
areas in 456 villages where the open data lies beside the project; each is printed once before it is measured. Only
what is printed counts: the data in force is in memory already, PostGIS gives the ground below.
"""

import argparse
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import Connection

from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster
from geodata.errors import NetworkNotReadyError
from geodata.migrate import migrate
from geodata.moment import Moment
from geodata.snapshot_store import SnapshotStore
from geodata.station.network.walking import Walking
from geodata.station.walked import WalksKept
from geodata.themes import Themes
from service.maps.boards.making import BoardMemory, Sources, Wanted, paper_of, sources_at, subject_of, tell
from service.maps.wall_making import WallAsked, make_wall
from service.settings import Settings
from tests.benchmarks.map_page import load, taipei
from tests.benchmarks.territories import load_district
from tests.conftest import SHARED_DATA

ADDRESS = "https://grids.example"


class NoStreets:
    """A network that was never compiled."""

    def current(self) -> Walking:
        """Never there."""
        raise NetworkNotReadyError("no streets", "没有道路")


def main() -> None:
    """Print one line for each map."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--paper", choices=("A4", "A3", "A2", "A1", "A0"), default="A3")
    asked = parser.parse_args()
    with stocked(lambda url: _loaded(url, load_district)) as sources:
        street, community = largest(sources.moment, 1), largest(sources.moment, 0)
        measure("a street", walls(sources, asked.paper, street), asked.runs)
        measure("the district", walls(sources, asked.paper, None), asked.runs)
        measure("notice board of a community", boards(sources, community), asked.runs)
    if SHARED_DATA.is_dir():
        with stocked(lambda url: load(url, *taipei())) as sources:
            measure("Taipei", walls(sources, asked.paper, None), asked.runs)


def measure(name: str, made: Callable[[], tuple[int, bytes]], runs: int) -> None:
    """The median processor time of several prints."""
    made()
    seconds = []
    for _ in range(runs):
        began = time.process_time()
        grids, content = made()
        seconds.append(time.process_time() - began)
    told = f"{statistics.median(seconds):5.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
    print(f"{name:<28} {grids:>7,} grids {told} {len(content) / 1e3:7,.0f} kB", flush=True)


def walls(sources: Sources, paper: str, area: str | None) -> Callable[[], tuple[int, bytes]]:
    """Print the wall map of an area, or of the default layer."""

    def made() -> tuple[int, bytes]:
        wall = make_wall(sources, WallAsked(area, sources.moment.default_layer.code, paper))  # type: ignore[arg-type]
        return len(wall.wall.grids), wall.content

    return made


def boards(sources: Sources, area: str) -> Callable[[], tuple[int, bytes]]:
    """Print the board of an area, never from memory."""

    def made() -> tuple[int, bytes]:
        subject = subject_of(sources.moment, Wanted(area=area))
        _, printed = BoardMemory().printed(sources, tell(sources, subject), paper_of("A3"))
        return len(subject.grids), printed.content

    return made


def largest(moment: Moment, depth: int) -> str:
    """Code of the area with most grids, so many levels above the lowest."""
    chains = [moment.area_chain(grid.community_id) for grid in moment.grids(moment.default_layer.code)]
    return Counter(chain[depth].code for chain in chains).most_common(1)[0][0]


@contextmanager
def stocked(fill: Callable[[str], None]) -> Iterator[Sources]:
    """What prints are made from, over a PostGIS of its own."""
    with tempfile.TemporaryDirectory(prefix="gridmap-bench-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with EmbeddedCluster(folder / "state", settings={"fsync": "off"}) as url:
            migrate(url)
            fill(url)
            now = time.time_ns() // 1000
            moment = SnapshotStore(folder / "state", url).refresh().moment(now)
            settings = Settings(public_url=ADDRESS)
            yield sources_at(moment, now, now, settings, lambda: connect(url), NoStreets(), WalksKept(), Themes())


def _loaded(url: str, fill: Callable[[Connection[object]], None]) -> None:
    with connect(url) as connection:
        fill(connection)


if __name__ == "__main__":
    main()
