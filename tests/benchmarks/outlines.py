"""Outlines of service circles on real streets: what they cost, and how many homes each way of drawing misjudges.

    python -m tests.benchmarks.outlines [--stations 402] [--homes 100000] [--extract FILE.osm.pbf] [--valhalla PYTHON]

402 outlines of three bands must take under 8 s of one core, and misjudge at most 2 % of homes either way. Beside them,
on the same times and homes, what others draw: streets made 40 m wide, a concave hull around the nodes, and, with the
Python of an environment that has ``pyvalhalla-weekly==3.5.1.post1.dev248``, Valhalla's contours.
"""

import argparse
import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from geodata.crs import LocalMetres
from geodata.station.network.arrays import UNREACHED, Network
from geodata.station.network.build import build_network
from geodata.station.network.pieces import reached_pieces
from geodata.station.network.places import PlaceTimes, place_index, place_times
from geodata.station.network.profiles import ADULT
from geodata.station.network.snap import Connectors, connect
from geodata.station.outline import Outline, Outlines, misjudged
from tests.benchmarks.service_circles import HEIDELBERG, beside_streets
from tests.streets_of_extract import read_extract

MINUTES = (5.0, 10.0, 15.0)
WANTED_SECONDS = 8.0
WANTED_SHARE = 0.02
COMPARED = 40
STREET_METRES = 40.0
HULL_RATIO = 0.3

Reals = NDArray[np.float64]


class Homes:
    """Homes, and when each is reached from each station."""

    def __init__(self, network: Network, lons: Reals, lats: Reals, stations: Connectors) -> None:
        self.lons, self.lats = lons, lats
        index = place_index(network, connect(network, lons, lats))
        self._times: PlaceTimes = place_times(network, ADULT, index, stations, MINUTES[-1] * 60_000)

    def errors(self, station: int, shapes: Sequence[Any]) -> list[tuple[float | None, float | None]]:
        """Shares missed and wrongly in of each band's shape, among homes near the largest."""
        rows = slice(*self._times.first[station : station + 2])
        ms = np.full(len(self.lons), UNREACHED)
        ms[self._times.place[rows]] = self._times.ms[rows]
        west, south, east, north = shapes[-1].bounds
        near = (self.lons >= west) & (self.lons <= east) & (self.lats >= south) & (self.lats <= north)
        near |= ms < UNREACHED
        lons, lats, ms = self.lons[near], self.lats[near], ms[near]
        told = [
            misjudged(g, lons, lats, ms <= m * 60_000, np.ones(len(ms))) for g, m in zip(shapes, MINUTES, strict=True)
        ]
        return [(one.missed, one.wrongly_in) for one in told]


def widened(network: Network, station: Connectors, _: Outlines) -> list[Any]:
    """Streets as far as they are reached, each made 40 m wide to both sides."""
    found = []
    for minutes in MINUTES:
        pieces = reached_pieces(network, ADULT.edge_ms(network), ADULT, station, minutes * 60_000)
        lines = [_part(network, *piece) for piece in zip(pieces.edge, pieces.from_mm, pieces.to_mm, strict=True)]
        plane = LocalMetres(*lines[0].coords[0])
        found.append(plane.inverse(shapely.union_all(shapely.buffer(plane.forward(np.array(lines)), STREET_METRES))))
    return found


def _part(network: Network, edge: int, from_mm: int, to_mm: int) -> Any:
    along = slice(network.shape_first[edge], network.shape_first[edge + 1])
    line = shapely.LineString(np.column_stack([network.shape_lons[along], network.shape_lats[along]]))
    ends = (from_mm / network.mm[edge], to_mm / network.mm[edge])
    return shapely.ops.substring(line, *ends, normalized=True)


def hull(network: Network, station: Connectors, _: Outlines) -> list[Any]:
    """A concave hull around the streets that are reached."""
    found = []
    for minutes in MINUTES:
        pieces = reached_pieces(network, ADULT.edge_ms(network), ADULT, station, minutes * 60_000)
        lines = [_part(network, *piece) for piece in zip(pieces.edge, pieces.from_mm, pieces.to_mm, strict=True)]
        found.append(shapely.concave_hull(shapely.MultiPoint(shapely.get_coordinates(lines)), ratio=HULL_RATIO))
    return found


def ours(_: Network, station: Connectors, outlines: Outlines) -> list[Any]:
    """The shapes that the service draws."""
    return list(outlines.of(station, MINUTES).shapes)


def drawn(outlines: Outlines, stations: Connectors) -> tuple[float, list[Outline]]:
    """Seconds of processor time for all outlines, and these."""
    outlines.of(stations.take([0]), MINUTES)
    began = time.process_time()
    found = [outlines.of(stations.take([at]), MINUTES) for at in range(len(stations))]
    return time.process_time() - began, found


def checked(found: Sequence[Outline]) -> None:
    """See that all shapes are valid and lie in each other."""
    for outline in found:
        assert all(shape.is_valid for shape in outline.shapes)
        assert all(b.covers(a) for a, b in zip(outline.shapes[:-1], outline.shapes[1:], strict=True) if not a.is_empty)


def shares(errors: Sequence[Sequence[tuple[float | None, float | None]]]) -> str:
    """Mean shares in per cent, band by band."""
    bands = []
    for band in zip(*errors, strict=True):
        missed, wrongly = ([one for one in side if one is not None] for side in zip(*band, strict=True))
        bands.append(f"{100 * np.mean(missed):.2f} / {100 * np.mean(wrongly):.2f} %")
    return "   ".join(bands)


def compared(network: Network, stations: Connectors, homes: Homes, outlines: Outlines) -> None:
    """Print what each way of drawing costs and misjudges."""
    ways: dict[str, Callable[..., list[Any]]] = {
        "time surface": ours,
        "streets 40 m wide": widened,
        "concave hull": hull,
    }
    print(f"missed / wrongly in at {', '.join(f'{m:g}' for m in MINUTES)} minutes, {COMPARED} stations:")
    for name, draw in ways.items():
        began = time.process_time()
        shapes = [draw(network, stations.take([at]), outlines) for at in range(min(COMPARED, len(stations)))]
        span = (time.process_time() - began) / len(shapes)
        errors = [homes.errors(at, one) for at, one in enumerate(shapes)]
        print(f"  {name:18} {span * 1000:7.1f} ms each   {shares(errors)}")


def beside_valhalla(python: Path, extract: Path, points: Sequence[tuple[float, float]], homes: Homes) -> None:
    """Print what Valhalla's contours cost and misjudge, judged by our times.

    It walks its own choice of streets and begins at the nearest one; with us a walk may begin with up to 150 m straight
    to any street in sight. Much of what it misses lies between these two rules.
    """
    script = Path(__file__).with_name("valhalla_contours.py")
    asked = json.dumps({"minutes": MINUTES, "points": points})
    ended = subprocess.run([python, script, extract], input=asked, capture_output=True, text=True, check=True)
    told = json.loads(ended.stdout.splitlines()[-1])
    drawn_at = [at for at, row in enumerate(told["shapes"]) if all(row)]
    errors = [homes.errors(at, [_joined(shapes) for shapes in told["shapes"][at]]) for at in drawn_at]
    each = 1000 * told["seconds"] / len(points)
    print(f"  {'Valhalla':18} {each:7.1f} ms each   {shares(errors)}   (tiles {told['tiles_seconds']:.1f} s)")
    if len(drawn_at) < len(points):
        print(f"  Valhalla has none for {len(points) - len(drawn_at)} of {len(points)} stations")


def _joined(shapes: Sequence[Any]) -> Any:
    return shapely.union_all(shapely.make_valid([shapely.geometry.shape(one) for one in shapes]))


def main() -> None:
    """Measure and print; fails where what is wanted is not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=402)
    parser.add_argument("--homes", type=int, default=100_000)
    parser.add_argument("--extract", type=Path, default=HEIDELBERG)
    parser.add_argument("--valhalla", type=Path, metavar="PYTHON", help="a Python that has pyvalhalla-weekly")
    asked = parser.parse_args()
    lines, barriers = read_extract(asked.extract)
    network = build_network(lines, barriers)
    lons, lats = beside_streets(network, asked.stations, 1)
    stations = connect(network, lons, lats)
    kept = np.flatnonzero(stations.on_network())
    stations = stations.take(kept)
    outlines = Outlines(network, ADULT)
    seconds, found = drawn(outlines, stations)
    checked(found)
    each = 1000 * seconds / len(found)
    vertices = np.mean([sum(len(shapely.get_coordinates(shape)) for shape in one.shapes) for one in found])
    print(
        f"{asked.extract.name}: {len(found)} outlines of {len(MINUTES)} bands in {seconds:.2f} s CPU "
        f"({each:.1f} ms each, {vertices:.0f} vertices), wanted under {WANTED_SECONDS * len(found) / 402:.2f} s"
    )
    homes = Homes(network, *beside_streets(network, asked.homes, 2), stations)
    errors = [homes.errors(at, one.shapes) for at, one in enumerate(found)]
    print(f"misjudged by all of them, missed / wrongly in: {shares(errors)}")
    compared(network, stations, homes, outlines)
    if asked.valhalla is not None:
        points = list(zip(lons[kept[:COMPARED]].tolist(), lats[kept[:COMPARED]].tolist(), strict=True))
        beside_valhalla(asked.valhalla, asked.extract, points, homes)
    worst = max(float(np.mean([one[-1][side] or 0 for one in errors])) for side in (0, 1))
    if seconds > WANTED_SECONDS * len(found) / 402 or worst > WANTED_SHARE:
        raise SystemExit("not reached what is wanted")


if __name__ == "__main__":
    main()
