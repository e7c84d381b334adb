"""Kill the service and PostGIS while drafts are published over HTTP: the old release is there afterwards, or the new.

    python -m tests.benchmarks.publish_kills [--rounds 72]

Each round draws a draft of the sample street by chance, publishes it, and kills -9 after a moment by chance: the
workers, the whole service, PostGIS, or the processes of PostGIS that are at work. When all is back, grids, areas,
duties, releases, successions, drafts, audit log and changes must be as before, or as the same publish left them in a
trial that was rolled back. The publish is then sent again: it is done now, or refused because it was done. Ends at the
first state between.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any, Final

import psycopg
import shapely

from geodata.access import create_key
from geodata.database import connect
from geodata.drafts.state import DraftGrid, DraftState
from geodata.embedded.cluster import EmbeddedCluster
from geodata.embedded.processes import postmaster
from geodata.errors import GeodataError
from geodata.migrate import migrate
from geodata.redraw import draft_state, publish
from geodata.sample import generate
from geodata.sample.loading import load_city
from tests.browser.browsing import free_port

ROOT: Final = Path(__file__).resolve().parents[2]
WAYS: Final = ("workers", "service", "postgis", "backends")
PATIENCE_SECONDS: Final = 180.0
# What a publish writes, without identities and times: the same publish twice gives the same.
WRITTEN: Final = {
    "grids": """SELECT g.layer_id, g.code, g.name, g.kind, a.code, md5(ST_AsBinary(g.geom)) FROM grid_versions AS g
        LEFT JOIN area_versions AS a ON a.area_id = g.community_id AND a.withdrawn_at IS NULL AND upper_inf(a.period)
        WHERE g.withdrawn_at IS NULL AND upper_inf(g.period)""",
    "areas": """SELECT code, name, level, md5(ST_AsBinary(geom)) FROM area_versions
        WHERE withdrawn_at IS NULL AND upper_inf(period)""",
    "duties": """SELECT d.holder_id, d.role_id, g.code, a.code, d.assignment, d.hours FROM duties AS d
        LEFT JOIN LATERAL (SELECT code FROM grid_versions AS v WHERE v.grid_id = d.grid_id
                           ORDER BY lower(period) DESC LIMIT 1) AS g ON true
        LEFT JOIN LATERAL (SELECT code FROM area_versions AS v WHERE v.area_id = d.area_id
                           ORDER BY lower(period) DESC LIMIT 1) AS a ON true
        WHERE d.withdrawn_at IS NULL AND upper_inf(d.period)""",
    "releases": "SELECT layer_id, number, withdrawn_at IS NULL FROM releases",
    "successions": "SELECT count(*), round(sum(ground_share)::numeric, 6) FROM successions",
    "drafts": "SELECT draft_id, state, version, published_id IS NULL FROM drafts",
    "audit": "SELECT action, target, count(*) FROM audit GROUP BY 1, 2",
    "changes": "SELECT action, count(*) FROM changes GROUP BY 1",
}

Written = Mapping[str, Counter[tuple[Any, ...]]]


def written(connection: psycopg.Connection[Any]) -> Written:
    """All that a publish writes, as it is now."""
    return {name: Counter(map(tuple, connection.execute(query).fetchall())) for name, query in WRITTEN.items()}


def below(pid: int) -> list[int]:
    """Processes that a process started, and those that they did."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            found += [child, *below(child)]
    return found


def end(pids: list[int]) -> None:
    """Kill processes, whatever they are doing."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def command(pid: int) -> str:
    """What a process was started as, or says that it does."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


class Trial:
    """A service with two workers on a PostGIS of its own, and a planner who asks it.

    Parameters
    ----------
    folder
        Where all of it lies.
    fill
        Loads the city that is redrawn.
    """

    def __init__(self, folder: Path, fill: Callable[[psycopg.Connection[Any]], object]) -> None:
        self.folder, self.chance, self.port = folder, Random(), free_port()
        self.cluster = EmbeddedCluster(folder / "state")
        self.url = self.cluster.start()
        migrate(self.url)
        with connect(self.url) as connection:
            fill(connection)
            self.key = create_key(connection, role="planner", name="样例规划员", created_by="trial")[0]
            connection.commit()
        self.start()

    def start(self) -> None:
        """Start the service."""
        settings = {"GRIDMAP_DATABASE_URL": self.url, "GRIDMAP_STATE_FOLDER": str(self.folder / "service")}
        with (self.folder / "service.log").open("ab") as log:
            self.service = subprocess.Popen(
                [sys.executable, "-m", "service.cli", "serve", "--port", str(self.port), "--workers", "2"],
                env={**os.environ, **settings, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and answer; 0 where the connection was cut."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "If-Match": "*"}
        content = None if body is None else json.dumps(body).encode()
        address = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(address, content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())
        except OSError:
            return 0, None

    def asked(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The same, again until there is an answer."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            status, answer = self.ask(method, path, body)
            if status not in (0, 503):
                return status, answer
            assert time.monotonic() < until, answer
            time.sleep(0.2)

    def kill(self, way: str) -> None:
        """Kill one part of it, and start again what does not by itself."""
        server = postmaster(self.folder / "state" / "postgres" / "data")
        assert server is not None
        processes = below(self.service.pid)
        if way == "workers":
            end([pid for pid in processes if "service.cli worker" not in command(pid)])
        elif way == "service":
            end([self.service.pid, *processes])
            self.service.wait()
            self.start()
        elif way == "postgis":
            end([server, *below(server)])
            assert self.cluster.start() == self.url
        else:
            end([pid for pid in below(server) if "gridmap" in command(pid)])

    def close(self) -> None:
        """End it."""
        end([self.service.pid, *below(self.service.pid)])
        self.service.wait()
        self.cluster.stop()

    def draw(self) -> int:
        """A draft with a few operations by chance."""
        draft_id = self.asked("POST", "/api/v1/drafts", {"name": "样例"})[1]["id"]
        with connect(self.url) as connection:
            state = draft_state(connection, draft_id)
        for _ in range(5):
            grid = self.chance.choice(list(state.grids.values()))
            beside = state.grids[self.chance.choice(sorted(state.tiling.neighbours(grid.key)))]
            body = {"id": uuid.uuid4().hex, **self._operation(state, grid, beside)}
            status, answer = self.asked("POST", f"/api/v1/drafts/{draft_id}/operations", body)
            assert status in (200, 404, 409, 422), answer
        return int(draft_id)

    def _operation(self, state: DraftState, grid: DraftGrid, beside: DraftGrid) -> dict[str, Any]:
        west, south, east, north = shapely.bounds(state.shape(grid.key)).tolist()
        middle = (west + east) / 2
        number = self.chance.randrange(10**7)
        above = state.areas[grid.community].parent if grid.community else None
        made = {"grids": [grid.code], "code": f"99010{number:07}", "name": f"样例社区{number}", "parent": above}
        kinds = [
            {"kind": "split", "grid": grid.code, "line": [[middle, south - 1e-4], [middle, north + 1e-4]]},
            {"kind": "merge", "grids": [grid.code, beside.code], "survivor": grid.code},
            {"kind": "change", "grid": grid.code, "name": f"样例{number}"},
            {"kind": "move-grids", "grids": [grid.code], "community": beside.community},
            {"kind": "create-community", **made},
        ]
        return self.chance.choice(kinds)


def round_of(trial: Trial, way: str, moment: float) -> tuple[str, int, int]:
    """What was there after a kill, ``old`` or ``new``; what the publish was answered, and what the same one again.

    Raises
    ------
    AssertionError
        It was neither, or it is not the new one after the second publish, or a publish was lost that was confirmed.
    """
    draft_id, old, new = _drawn(trial)
    path = f"/api/v1/drafts/{draft_id}/publish"
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(trial.ask, "POST", path, {})
        time.sleep(moment)
        trial.kill(way)
        status = answer.result()[0]
    trial.asked("GET", "/api/v1/drafts")
    now = _read(trial.url)
    assert now in (old, new), [name for name in now if now[name] not in (old[name], new[name])]
    assert status != 200 or now == new
    again = trial.asked("POST", path, {})[0]
    assert again == (200 if now == old else 409)
    assert _read(trial.url) == new
    return "old" if now == old else "new", status, again


def _drawn(trial: Trial) -> tuple[int, Written, Written]:
    """A draft that can be published, and what is written before and after."""
    while True:
        draft_id = trial.draw()
        with connect(trial.url) as connection, contextlib.suppress(GeodataError):
            old = written(connection)
            publish(connection, draft_id, actor="样例规划员")
            new = written(connection)
            connection.rollback()
            return draft_id, old, new


def _read(url: str) -> Written:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with connect(url) as connection:
                return written(connection)
        except (GeodataError, psycopg.Error):
            assert time.monotonic() < until
            time.sleep(0.2)


def main() -> None:
    """Kill, and print how often the old and the new release were there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=72)
    asked = parser.parse_args()
    found: Counter[tuple[str, str, int]] = Counter()
    with tempfile.TemporaryDirectory(prefix="gridmap-kills-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        trial = Trial(folder, lambda connection: load_city(connection, generate("street")))
        try:
            trial.asked("GET", "/api/v1/drafts")
            for turn in range(asked.rounds):
                way = WAYS[turn % len(WAYS)]
                state, status, again = round_of(trial, way, trial.chance.uniform(0, 0.4))
                found[way, state, status] += 1
                print(f"{turn + 1:3} {way:8} answered {status:3}, {state} release; again {again}", flush=True)
        finally:
            trial.close()
    for (way, state, status), count in sorted(found.items()):
        print(f"  {way:8} {state}, answered {status or 'nothing'}: {count}")


if __name__ == "__main__":
    main()
