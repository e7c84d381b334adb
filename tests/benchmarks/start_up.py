"""Seconds from the start of ``gridmap serve`` to its first correct answer, the compiled snapshot being there.

    python -m tests.benchmarks.start_up [--rounds 3] [--sizes "896 grids"]

Each size twice: beside a PostGIS that runs already, and with the embedded one, which `serve` starts first. DESIGN.md
asks for 4 s and 6 s. The very first start is left out: it reads programs and files into the page cache.
"""

import argparse
import statistics

from tests.benchmarks.territories import SIZES, Prepared, prepared, serving

WANTED = {"896 grids": 4.0, "10,000 grids": 6.0, "100,000 grids": 6.0}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", nargs="*", default=list(SIZES), choices=list(SIZES))
    asked = parser.parse_args()
    measured: list[tuple[str, str, list[float]]] = []
    for size in asked.sizes:
        with prepared(size) as territory:
            start(territory)
            measured.append((size, "PostGIS running", [start(territory) for _ in range(asked.rounds)]))
            territory.cluster.stop()
            measured.append((size, "PostGIS started too", [start(territory) for _ in range(asked.rounds)]))
    for size, how, seconds in measured:
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        print(f"{size:>13}  {how:19}  {statistics.median(seconds):5.2f} s  ({spread}), wanted {WANTED[size]:.0f} s")


def start(territory: Prepared) -> float:
    """Seconds of one start until its first correct answer."""
    with serving(territory) as server:
        return server.seconds


if __name__ == "__main__":
    main()
