"""Vector tiles over HTTP, milliseconds for each zoom: those that must be made, and those that are kept.

    python -m tests.benchmarks.tiles [--grids 20000] [--tiles 120]

One connection asks for tiles spread over the layer, one after the other, each twice; the first time nobody asked for it
before. What is prepared once for each state of the layer (polygons made simpler for every zoom) is told apart.
"""

import argparse
import contextlib
import gzip
import http.client
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import orjson

from geodata.embedded.cluster import EmbeddedCluster
from geodata.migrate import migrate
from service.maps.tile_shapes import FINEST_ZOOM, Tile, on_world
from tests.benchmarks.map_page import generated, load
from tests.browser.browsing import served

PATIENCE_SECONDS = 120.0


class Asker:
    """Asks one server over one connection, as a browser does."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)

    def get(self, path: str) -> tuple[float, bytes]:
        """Milliseconds until the whole answer was there, and its body as it came."""
        began = time.perf_counter()
        self._connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        assert answer.status in (200, 204), (answer.status, path)
        return took, body


def main() -> None:
    """Load, serve and ask; one line for each zoom."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grids", type=int, default=20_000)
    parser.add_argument("--tiles", type=int, default=120)
    asked = parser.parse_args()
    with server(asked.grids) as address:
        asker = Asker(address)
        took, body = asker.get("/maps/grids/data?layer=general")
        data = orjson.loads(gzip.decompress(body))
        print(f"{asked.grids:,} grids, what the page begins with: {took:,.0f} ms, {len(body) / 1000:,.0f} kB")
        url = data["tiles"]["url"]
        took = prepared(asker, url, data["bounds"])
        print(f"all zooms prepared {took:.1f} s after that; grids from zoom {data['tiles']['grids_from']} on")
        took, body = asker.get(data["index"])
        print(f"index: {took:,.0f} ms, {len(body) / 1000:,.0f} kB")
        print("zoom  tiles   made: p50   p95   max     kept: p50   p95   max ms   largest kB")
        for z in range(FINEST_ZOOM + 1):
            measure(asker, url, z, some_tiles(data["bounds"], z, asked.tiles))


@contextlib.contextmanager
def server(count: int) -> Iterator[str]:
    """Address of a service over a tiling of so many grids."""
    with tempfile.TemporaryDirectory(prefix="gridmap-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedCluster(Path(folder), settings={"fsync": "off"}) as database:
            migrate(database)
            load(database, *generated(count))
            with served(database, Path(folder)) as address:
                yield address


def prepared(asker: Asker, url: str, bounds: list[float]) -> float:
    """Seconds until a tile of every zoom was there: one beside the grids, so that none of theirs is made."""
    began = time.perf_counter()
    for z in range(FINEST_ZOOM + 1):
        (corner,) = some_tiles([bounds[0], bounds[1], bounds[0], bounds[1]], z, 1)
        if z > 8:
            # The south-western corner is left out of what is measured.
            asker.get(url.format(z=z, x=corner.x, y=corner.y))
    return time.perf_counter() - began


def some_tiles(bounds: list[float], z: int, most: int) -> list[Tile]:
    """Tiles of a zoom that meet a box in degrees, spread over it where there are more than are wanted."""
    size = 28 - z
    places = on_world(np.array([[bounds[0], bounds[3]], [bounds[2], bounds[1]]])).astype(np.int64) >> size
    (west, north), (east, south) = places.tolist()
    every = [Tile(z, x, y) for x in range(west, east + 1) for y in range(north, south + 1)]
    return [every[at] for at in np.linspace(0, len(every) - 1, min(most, len(every))).astype(int).tolist()]


def measure(asker: Asker, url: str, z: int, tiles: list[Tile]) -> None:
    """Ask for each tile twice."""
    rounds = []
    largest = 0
    for _ in range(2):
        took = []
        for tile in tiles:
            milliseconds, body = asker.get(url.format(z=tile.z, x=tile.x, y=tile.y))
            took.append(milliseconds)
            largest = max(largest, len(gzip.decompress(body)) if body else 0)
        rounds.append(took)
    made, kept = (f"{np.median(one):5.1f} {np.percentile(one, 95):5.1f} {max(one):5.1f}" for one in rounds)
    print(f"{z:4} {len(tiles):6}        {made}           {kept}        {largest / 1000:6.0f}", flush=True)


if __name__ == "__main__":
    main()
