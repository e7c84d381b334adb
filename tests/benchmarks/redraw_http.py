"""How long a planner waits for each operation over HTTP, with its findings and its impact in the answer.

    python -m tests.benchmarks.redraw_http [--size district|city|taipei] [--rounds 40] [--drafts 20]

The sample with its register, streets and people, or Taipei with those of `tests.benchmarks.taipei`; one draft that
grows, then what it takes to read it, lassos, more drafts beside it, and a process that starts anew. Processor time of
the service, and the wait with that of PostGIS. Wanted: 95 of 100 operations within 300 ms.
"""

import argparse
import gc
import json
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import psutil
import shapely

from geodata.access import create_key
from geodata.database import connect
from geodata.drafts.state import DraftState
from geodata.embedded.cluster import EmbeddedCluster
from geodata.migrate import migrate
from geodata.redraw import draft_state
from service.app import create_app
from service.settings import Settings
from tests.benchmarks.lookup_http import prepare
from tests.benchmarks.taipei import load_taipei
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
        made, self.begun = timed(lambda: client.post("/api/v1/drafts", json={"name": "样例"}, headers=self.headers))
        self.path, self.draft_id = made.headers["Location"], made.json()["id"]
        self.version = made.json()["version"]
        self.spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.refused: Counter[tuple[str, str]] = Counter()

    def state(self) -> DraftState:
        """The draft as it is."""
        memory = self.client.app.state.serving.redrawing.memory
        with connect(self.url) as connection:
            return draft_state(connection, self.draft_id, memory)

    def read(self, part: str) -> tuple[float, float]:
        """How long it takes to read something of the draft."""
        answer, span = timed(lambda: self.client.get(self.path + part, headers=self.headers))
        assert answer.status_code == 200, answer.text
        return span

    def send(self, part: str, body: dict[str, Any]) -> bool:
        """Send one change, and note how long it took; whether it was done."""
        content = json.dumps({"id": uuid.uuid4().hex, **body}).encode()
        headers = {**self.headers, "If-Match": f'"{self.version}"', "Content-Type": "application/json"}
        answer, span = timed(lambda: self.client.post(f"{self.path}/{part}", content=content, headers=headers))
        kind = body.get("kind", part)
        if answer.status_code == 200:
            self.version = answer.json()["version"]
            self.spans[kind].append(span)
        else:
            self.refused[kind, answer.json()["facts"].get("reason") or answer.json()["code"]] += 1
        return bool(answer.status_code == 200)

    def split(self) -> None:
        """Split a grid taken by chance from south to north."""
        _, grid, shape = self._grid()
        west, south, east, north = shape.bounds
        middle = (west + east) / 2
        cut = [[middle, south - _DEGREES], [middle, north + _DEGREES]]
        self.send("operations", {"kind": "split", "grid": grid.code, "line": cut})

    def lasso(self, count: int) -> bool:
        """Hand the ground of a circle about so many grids over to the one in its middle; whether that was done."""
        state, grid, shape = self._grid()
        middle, least, most = shapely.centroid(shape), 0.0, 0.2
        for _ in range(24):
            radius = (least + most) / 2
            fewer = len(state.tiling.touching(middle.buffer(radius))) <= count
            least, most = (radius, most) if fewer else (least, radius)
        ground = shapely.geometry.mapping(middle.buffer(least))
        body = {"kind": "hand-over", "to": grid.code, "ground": ground, "allow_parts": True}
        return self.send("operations", body) and self.send("undo", {})

    def round(self) -> None:
        """One operation of each kind on grids taken by chance."""
        self.split()
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


def timed(work: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
    """What a function gives, and the milliseconds of processor and of waiting that it took."""
    began, used = time.perf_counter(), time.process_time()
    found = work()
    return found, (1000 * (time.process_time() - used), 1000 * (time.perf_counter() - began))


def main() -> None:
    """Measure and print each kind of operation, and what surrounds them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="district", choices=("street", "district", "city", "taipei"))
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--drafts", type=int, default=20, help="drafts that are open side by side at the end")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gridmap-bench-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with EmbeddedCluster(folder / "state", settings={"fsync": "off"}) as url:
            _load(folder / "state", url, asked.size)
            with connect(url) as connection:
                key = create_key(connection, role="planner", name="样例规划员", created_by="bench")[0]
                connection.commit()
            settings = Settings(_env_file=None, database_url=url, state_folder=folder / "state")  # type: ignore[call-arg]
            with running(create_app(settings)) as client:
                client.app.state.serving.network.refresh()
                planning = _one_draft(client, url, key, asked.rounds)
                _beside(client, url, key, asked.drafts)
            with running(create_app(settings)) as client:
                client.app.state.serving.network.refresh()
                planning.client = client
                _print_spans("a new process, the draft", [planning.read("")])
                planning.spans.clear()
                planning.split()
                _print_spans("its first operation", planning.spans["split"])


def _load(state: Path, url: str, size: str) -> None:
    if size != "taipei":
        prepare(state, url, size)
        return
    migrate(url)
    with connect(url) as connection:
        load_taipei(connection)
        connection.commit()


def _one_draft(client: Client, url: str, key: str, rounds: int) -> Planning:
    """A draft that grows, and what it takes to read it."""
    planning = Planning(client, url, key)
    print("milliseconds of processor | waited")
    _print_spans("the first draft", [planning.begun])
    _print_spans("its register", [planning.read("/register")])
    for _ in range(rounds):
        planning.round()
    print(f"{len(planning.state().grids)} grids, version {planning.version}, {_mebibytes()} MiB")
    for kind, spans in [
        *sorted(planning.spans.items()),
        ("all", [one for own in planning.spans.values() for one in own]),
    ]:
        _print_spans(kind, spans)
    print("  refused:", ", ".join(f"{kind} {reason} {count}" for (kind, reason), count in planning.refused.items()))
    for when in ("first", "after one more operation"):
        print(f"  {when}:")
        for part in ("/findings", "/impact", "/changes", f"/changes?since={planning.version - 1}", ""):
            _print_spans(f"GET {part or 'the draft'}", [planning.read(part)])
        planning.split()
    for count in (20, 100, 300):
        planning.spans.clear()
        # Where a circle would leave a community without grids, another one is drawn.
        any(planning.lasso(count) for _ in range(10))
        _print_spans(f"a lasso of {count}", planning.spans["hand-over"])
    return planning


def _beside(client: Client, url: str, key: str, count: int) -> None:
    """More drafts of the same release, each worked on."""
    for number in range(2, count + 1):
        planning = Planning(client, url, key)
        planning.round()
        if number in (2, 5, count):
            _print_spans(f"draft {number} begun", [planning.begun])
            _print_spans("its first operation", planning.spans["split"][:1])
            print(f"  {number} drafts, {_mebibytes()} MiB")


def _mebibytes() -> int:
    gc.collect()
    return round(psutil.Process().memory_info().rss / 2**20)


def _print_spans(kind: str, spans: list[tuple[float, float]]) -> None:
    if spans:
        half, most = (np.percentile(spans, share, axis=0) for share in (50, 95))
        figures = f"p50 {half[0]:4.0f} p95 {most[0]:4.0f} | p50 {half[1]:4.0f} p95 {most[1]:4.0f}"
        print(f"  {kind:24} {len(spans):5} {figures}", flush=True)


if __name__ == "__main__":
    main()
