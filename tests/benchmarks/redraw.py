"""How long each operation on a tiling takes, with the check that it stays one: 896, 11,490 and 20,000 grids.

    python -m tests.benchmarks.redraw [--times 200] [--taipei taipei.gpkg]

The sample district, Taipei's small areas, and an irregular lattice of 40 vertices to a grid. Processor time. Wanted: 95
of 100 within 60 ms at 11,490 grids. Every result is checked by GEOS, outside the measure.
"""

import argparse
import time
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pyogrio
import shapely

from geodata.errors import EditRefusedError
from geodata.grid.edit import Edit, Tiling
from geodata.sample import generate
from tests.benchmarks.tilings import wiggly_tiling
from tests.random_edits import OPERATIONS

TAIPEI = Path(__file__).resolve().parents[3] / "shared" / "data" / "taipei" / "taipei.gpkg"
LATTICE_BOUNDS = (117.0, 36.0, 117.6, 36.25)


def tilings(taipei: Path) -> dict[str, Tiling]:
    """The tilings to measure on, by what they are called."""
    district = generate("district").grids["general"]
    found = {"the sample district": np.asarray(district.geometry.to_numpy(), dtype=object)}
    if taipei.is_file():
        found["Taipei"] = shapely.from_wkb(pyogrio.raw.read(taipei, layer="small_area", columns=[])[2])
    found["a lattice"] = wiggly_tiling(200, 100, bounds=LATTICE_BOUNDS)
    return {name: Tiling.of({f"g{at}": shape for at, shape in enumerate(shapes)}) for name, shapes in found.items()}


def measured(tiling: Tiling, name: str, times: int) -> tuple[list[float], Counter[str]]:
    """Milliseconds that an operation took on grids taken by chance, and how often it was refused, why."""
    chance, keys = Random(11), sorted(tiling.keys())
    spans, refused = [], Counter[str]()
    while len(spans) < times and refused.total() < 5 * times:
        key = chance.choice(keys)
        began = time.process_time()
        try:
            edit = OPERATIONS[name](tiling, key, chance)
        except EditRefusedError as refusal:
            refused[refusal.reason] += 1
            continue
        spans.append(1000 * (time.process_time() - began))
        checked(tiling, edit)
    return spans, refused


def checked(tiling: Tiling, edit: Edit) -> None:
    """Make sure that what changed still tiles its ground."""
    old = [tiling.shape(key) for key in edit.shapes if key in tiling]
    new = [*(shape for shape in edit.shapes.values() if shape is not None), *edit.pieces]
    assert shapely.coverage_is_valid(new)
    assert abs(shapely.area(old).sum() / shapely.area(new).sum() - 1) < 1e-9


def main() -> None:
    """Measure every operation on every tiling."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200, help="operations of each kind")
    parser.add_argument("--taipei", type=Path, default=TAIPEI, help="GeoPackage with the layer small_area")
    given = parser.parse_args()
    for title, tiling in tilings(given.taipei).items():
        began = time.process_time()
        tiling.touching(tiling.shape("g0"))
        print(f"{title}, {len(tiling):,} grids; index in {1000 * (time.process_time() - began):.0f} ms")
        for name in OPERATIONS:
            spans, refused = measured(tiling, name, given.times)
            middle, high, most = np.percentile(spans, (50, 95, 100))
            why = ", ".join(f"{reason} {count}" for reason, count in refused.most_common())
            print(
                f"  {name:9} p50 {middle:5.1f} ms, p95 {high:5.1f} ms, most {most:6.1f} ms   refused: {why or 'none'}"
            )


if __name__ == "__main__":
    main()
