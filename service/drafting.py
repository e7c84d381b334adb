"""Where drafts are worked on: in a thread beside the loop, with what this process knows of drafts."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import Any, ClassVar, Final, Self

import psycopg
from anyio import CapacityLimiter

from geodata.drafts.scenes import SceneMemory
from geodata.redraw import Draft, DraftMemory, drafts
from geodata.snapshot_store import SnapshotStore
from geodata.station.network.walking import Networks
from service.matching import Turns

_LOOKED_AGAIN_SECONDS: Final = 5.0
_STOP_SECONDS: Final = 10.0
_WORKED_ON: Final = timedelta(hours=12)
_MOST_PREPARED: Final = 4
_LOOKED_AT: Final = 100

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Redrawing(Turns):
    """Where operations are done and judged, which takes up to a second in a city; others keep the other threads.

    Parameters
    ----------
    turn
        Held by who looks at the ground of drafts: they share shapes, and GEOS crashes where two threads ask one that is
        prepared.
    memory
        States of drafts.
    scenes
        What drafts are judged by.
    """

    refusal: ClassVar[tuple[str, str]] = (
        "too many work on drafts at once; try again in a moment",
        "同时编辑草案的请求过多，请稍后重试",
    )

    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    turn: Lock = field(default_factory=Lock)
    memory: DraftMemory = field(default_factory=DraftMemory)
    scenes: SceneMemory = field(default_factory=SceneMemory)


class DraftsAtHand:
    """A thread that reads the drafts that planners work on and what they are judged by, before a planner asks here.

    Whichever process a planner's next request comes to, after a start or a change of the data too, has them then. Who
    asks earlier waits as long as reading takes.

    Parameters
    ----------
    redrawing
        Where what is read is kept.
    store, networks, database
        Snapshots, the walking network, and connections.
    """

    def __init__(
        self,
        redrawing: Redrawing,
        store: SnapshotStore,
        networks: Networks,
        database: Callable[[], AbstractContextManager[psycopg.Connection[Any]]],
    ) -> None:
        self._redrawing, self._store, self._networks, self._database = redrawing, store, networks, database
        self._judged: dict[tuple[int, int], int] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="drafts", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        self._thread.join(timeout=_STOP_SECONDS)

    def look(self) -> int:
        """Read what is not read yet; how many drafts are at hand.

        Raises
        ------
        NetworkNotReadyError
            Walks would only be straight lines yet.
        """
        self._networks.current()
        with self._database() as connection:
            found = self._worked_on(connection)
        for draft in found:
            if not self._stopping.is_set():
                with self._redrawing.turn, self._database() as connection:
                    self._read(connection, draft)
        return len(found)

    def _run(self) -> None:
        while not self._stopping.wait(_LOOKED_AGAIN_SECONDS):
            try:
                self.look()
            except Exception:
                # Whoever asks is told; the database may be away.
                _log.debug("drafts not read beforehand", exc_info=True)

    def _worked_on(self, connection: psycopg.Connection[Any]) -> list[Draft]:
        """The open drafts that were changed last, of those not long ago."""
        since = datetime.now(UTC) - _WORKED_ON
        known = drafts(connection, state="open", limit=_LOOKED_AT)
        found = [one for one in known if one.changed_at > since and not one.base_withdrawn]
        return sorted(found, key=lambda one: one.changed_at, reverse=True)[:_MOST_PREPARED]

    def _read(self, connection: psycopg.Connection[Any], draft: Draft) -> None:
        memory, scenes = self._redrawing.memory, self._redrawing.scenes
        now = time.time_ns() // 1000
        scene = scenes.scene(connection, draft, memory, self._store.current(), self._networks, now)
        memory.codes(connection, draft.layer_id)
        state = memory.state(connection, draft)
        known = self._judged.get((draft.draft_id, draft.generation))
        if known != id(scene):
            scenes.findings(state, scene)
            if len(self._judged) > _LOOKED_AT:
                self._judged.clear()
            self._judged[draft.draft_id, draft.generation] = id(scene)
