"""How long a publish takes over HTTP, and how soon after it a service of two workers answers by the new release.

    python -m tests.benchmarks.publish_fresh [--rounds 8] [--villages 20]

Taipei's 11,490 small areas. Each round merges villages in pairs and publishes; then it is asked who covers a point of a
grid that changed community, until no worker answers by the old release any more. Wanted: a publish of 1,000 changed
grids within 5 s, fresh within 1 s. Waits by the clock: say how busy the machine was.
"""

import argparse
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, Final

from geodata.database import connect
from geodata.drafts.state import DraftState
from geodata.redraw import draft_state
from tests.benchmarks.publish_kills import Trial
from tests.benchmarks.taipei import load_taipei

ASKERS: Final = 4
# So long after the last old answer nothing old may come any more.
QUIET_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 0.02
# Between two rounds, in which the register follows the one before.
BETWEEN_SECONDS: Final = 20.0


def main() -> None:
    """Publish, and print how long each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--villages", type=int, default=20, help="pairs of villages that are merged in a round")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gridmap-fresh-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        trial = Trial(folder, load_taipei)
        try:
            trial.asked("GET", "/api/v1/drafts")
            rounds = [_round(trial, asked.villages) for _ in range(asked.rounds)]
        finally:
            trial.close()
    for name, seconds in zip(("publish", "the last old answer after it"), zip(*rounds, strict=True), strict=True):
        print(f"{name:30} {statistics.median(seconds):5.2f} s ({min(seconds):.2f} to {max(seconds):.2f})")


def _round(trial: Trial, villages: int) -> tuple[float, float]:
    """Seconds that a publish took, and from its answer to the last answer by the release before."""
    time.sleep(BETWEEN_SECONDS)
    draft_id = trial.asked("POST", "/api/v1/drafts", {"name": "样例"})[1]["id"]
    with connect(trial.url) as connection:
        state = draft_state(connection, draft_id)
    points, changed = [], 0
    for survivor, other in islice(_pairs(state), villages):
        merge = {"kind": "merge-communities", "communities": [survivor, other], "survivor": survivor}
        merge["id"] = uuid.uuid4().hex
        status, answer = trial.asked("POST", f"/api/v1/drafts/{draft_id}/operations", merge)
        if status == 200:
            members = state.members(other)
            changed += len(members)
            points.append((state.shape(members[0]).representative_point(), survivor))
    began = time.monotonic()
    status, answer = trial.asked("POST", f"/api/v1/drafts/{draft_id}/publish", {})
    published = time.monotonic()
    assert status == 200, answer
    with ThreadPoolExecutor(ASKERS) as pool:
        last = max(pool.map(lambda _: _last_old(trial, points[-1], published), range(ASKERS)))
    print(
        f"{changed:5} grids changed community: publish {published - began:.2f} s, fresh after {last:.2f} s", flush=True
    )
    return published - began, last


def _pairs(state: DraftState) -> Iterator[tuple[str, str]]:
    """Codes of villages beside each other, each in one pair."""
    taken: set[str] = set()
    for key, grid in state.grids.items():
        for beside in sorted(state.tiling.neighbours(key)):
            pair = grid.community, state.grids[beside].community
            if None not in pair and pair[0] != pair[1] and not taken & {*pair}:
                taken |= {*pair}
                yield pair


def _last_old(trial: Trial, where: tuple[Any, str], since: float) -> float:
    """Seconds after an instant at which the last answer by the release before was given; each asks anew, any worker."""
    point, community = where
    last = 0.0
    while time.monotonic() < since + last + QUIET_SECONDS:
        path = f"/api/v1/lookup?lon={point.x:.7f}&lat={point.y:.7f}"
        answer = trial.asked("GET", path)[1]
        if community not in [area["code"] for area in answer["grids"][0]["areas"]]:
            last = time.monotonic() - since
        time.sleep(PAUSE_SECONDS)
    return last


if __name__ == "__main__":
    main()
