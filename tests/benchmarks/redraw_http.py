"""How long a planner waits for each operation over HTTP, with its findings and its impact in the answer.

    python -m tests.benchmarks.redraw_http [--size district|city] [--rounds 40]

The sample with its register, streets and people; one draft that grows. Processor time of the service, and the wait with
that of PostGIS. Wanted: 95 of 100 within 300 ms.
"""

import argparse
import json
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import shapely

from geodata.access import create_key
from geodata.database import connect
from geodata.drafts.state import DraftState
from geodata.embedded.cluster import EmbeddedCluster
from geodata.redraw import draft_state
from service.app import create_app
from service.settings import Settings
from tests.benchmarks.lookup_http import prepare
from tests.service.conftest import Client, running

_DEGREES = 2e-5


class Planning:
    """A planner who redraws by chance.

    Parameters
    ----------
    client
        A running service.
    url
        Its database.
    key
        Of a planner.
    """

    def __init__(self, client: Client, url: str, key: str) -> None:
        self.client, self.url, self.chance = client, url, Random(5)
        self.headers = {"Authorization": f"Bearer {key}"}
        made = client.post("/api/v1/drafts", json={"name": "样例"}, headers=self.headers)
        self.path, self.draft_id = made.headers["Location"], made.json()["id"]
        self.version = 0
        self.spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.refused: Counter[tuple[str, str]] = Counter()

    def state(self) -> DraftState:
        """The draft as it is."""
        memory = self.client.app.state.serving.redrawing.memory
        with connect(self.url) as connection:
            return draft_state(connection, self.draft_id, memory)

    def send(self, part: str, body: dict[str, Any]) -> None:
        """Send one change, and note how long it took."""
        content = json.dumps({"id": uuid.uuid4().hex, **body}).encode()
        headers = {**self.headers, "If-Match": f'"{self.version}"', "Content-Type": "application/json"}
        began, used = time.perf_counter(), time.process_time()
        answer = self.client.post(f"{self.path}/{part}", content=content, headers=headers)
        span = 1000 * (time.process_time() - used), 1000 * (time.perf_counter() - began)
        kind = body.get("kind", part)
        if answer.status_code == 200:
            self.version = answer.json()["version"]
            self.spans[kind].append(span)
        else:
            self.refused[kind, answer.json()["facts"].get("reason") or answer.json()["code"]] += 1

    def round(self) -> None:
        """One operation of each kind on grids taken by chance."""
        state, grid, shape = self._grid()
        west, south, east, north = shape.bounds
        middle = (west + east) / 2
        cut = [[middle, south - _DEGREES], [middle, north + _DEGREES]]
        self.send("operations", {"kind": "split", "grid": grid.code, "line": cut})
        for kind in ("merge", "hand-over", "move-node", "move-grids", "change"):
            state, grid, shape = self._grid()
            others = sorted(state.tiling.neighbours(grid.key))
            if others:
                other = state.grids[self.chance.choice(others)]
                self.send("operations", {"kind": kind, **self._fields(kind, state, grid, shape, other)})
        self.send("undo", {})
        self.send("redo", {})

    def _grid(self) -> tuple[DraftState, Any, shapely.Geometry]:
        state = self.state()
        key = self.chance.choice(list(state.grids))
        return state, state.grids[key], state.shape(key)

    def _fields(self, kind: str, state: DraftState, grid: Any, shape: shapely.Geometry, other: Any) -> dict[str, Any]:
        corner = shapely.get_coordinates(shape)[0]
        border = shapely.intersection(shapely.boundary(shape), shapely.boundary(state.shape(other.key)))
        around = shapely.centroid(border).buffer(10 * _DEGREES, quad_segs=3)
        return {
            "merge": {"grids": [grid.code, other.code], "survivor": other.code},
            "hand-over": {"to": other.code, "ground": shapely.geometry.mapping(around)},
            "move-node": {"at": corner.tolist(), "to": (corner + _DEGREES).tolist()},
            "move-grids": {"grids": [grid.code], "community": other.community},
            "change": {"grid": grid.code, "name": f"样例{self.version}"},
        }[kind]


def main() -> None:
    """Measure and print each kind of operation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="district", choices=("street", "district", "city"))
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gridmap-bench-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with EmbeddedCluster(folder / "state", settings={"fsync": "off"}) as url:
            prepare(folder / "state", url, asked.size)
            with connect(url) as connection:
                key = create_key(connection, role="planner", name="样例规划员", created_by="bench")[0]
                connection.commit()
            settings = Settings(_env_file=None, database_url=url, state_folder=folder / "state")  # type: ignore[call-arg]
            with running(create_app(settings)) as client:
                client.app.state.serving.network.refresh()
                planning = Planning(client, url, key)
                for _ in range(asked.rounds):
                    planning.round()
                _print(planning)


def _print(planning: Planning) -> None:
    print(f"{len(planning.state().grids)} grids, version {planning.version}; milliseconds of processor | waited")
    whole = [span for spans in planning.spans.values() for span in spans]
    for kind, spans in [*sorted(planning.spans.items()), ("all", whole)]:
        half, most = (np.percentile(spans, share, axis=0) for share in (50, 95))
        print(
            f"  {kind:12} {len(spans):5} p50 {half[0]:4.0f} p95 {most[0]:4.0f} | p50 {half[1]:4.0f} p95 {most[1]:4.0f}"
        )
    print("  refused:", ", ".join(f"{kind} {reason} {count}" for (kind, reason), count in planning.refused.items()))


if __name__ == "__main__":
    main()
