"""Beside a service: a thread that makes ready what map pages will ask for, whenever the data changed."""

import logging
import time
from threading import Event, Thread
from typing import Final

from geodata.garbage_collection import settle
from geodata.snapshot import Snapshot
from service.maps.layers import MapLayers

# So long what a release brings into force at a later instant may wait to be noticed.
_LOOKED_AGAIN_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 10.0

_log = logging.getLogger(__name__)


class Preparation:
    """Prepares every layer of the newest snapshot, one after the other; a newer snapshot ends work on the one before.

    Parameters
    ----------
    layers
        Where what is made is kept, and where requests find it; who asks for what is being made waits for it.
    """

    def __init__(self, layers: MapLayers) -> None:
        self._layers = layers
        self._newest: Snapshot | None = None
        self._changed = Event()
        self._stopping = False
        self._thread = Thread(target=self._run, name="maps", daemon=True)

    def take(self, snapshot: Snapshot) -> None:
        """Prepare what is in force in a snapshot; returns at once."""
        self._newest = snapshot
        self._changed.set()

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the step that is being made."""
        self._stopping = True
        self._changed.set()
        self._thread.join(timeout=_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping:
            self._changed.wait(_LOOKED_AGAIN_SECONDS)
            self._changed.clear()
            snapshot = self._newest
            if snapshot is None or self._stopping:
                continue
            try:
                if self._prepare(snapshot) and self._is_wanted(snapshot):
                    settle()
            except Exception:
                # Whoever asks is told; the next version may be sound.
                _log.exception("maps not prepared: each is made when it is asked for")

    def _prepare(self, snapshot: Snapshot) -> bool:
        """Whether there was anything to make."""
        moment = snapshot.moment(time.time_ns() // 1000)
        layers = [layer.code for layer in moment.layers if moment.active(layer.code).any()]
        made = False
        for layer in layers:
            if self._is_wanted(snapshot):
                made = self._layers.prepare(moment, layer, lambda: self._is_wanted(snapshot)) or made
        return made

    def _is_wanted(self, snapshot: Snapshot) -> bool:
        return not self._stopping and snapshot is self._newest
