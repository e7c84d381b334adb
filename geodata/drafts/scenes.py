"""What drafts are judged by, held in memory: made once for a base and a state of the data, given to every step."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any, Final

from psycopg import Connection

from geodata.drafts.bands import DEFAULT, Bands
from geodata.drafts.counted import counted_version
from geodata.drafts.memory import DraftMemory
from geodata.drafts.rules import findings_of_draft
from geodata.drafts.scene import Scene, scene_of
from geodata.drafts.state import DraftState
from geodata.drafts.store import Draft
from geodata.errors import NetworkNotReadyError
from geodata.records import Finding
from geodata.snapshot import Snapshot
from geodata.station.network.walking import Networks, Walking

_SCENES: Final = 3
_FOUND: Final = 16


class SceneMemory:
    """The scenes that a process used last; safe to be used by several threads at once.

    Parameters
    ----------
    bands
        How many households grids are to have.
    """

    def __init__(self, bands: Bands = DEFAULT) -> None:
        self._bands = bands
        self._scenes: OrderedDict[Hashable, Scene] = OrderedDict()
        self._found: OrderedDict[int, tuple[DraftState, Scene, list[Finding]]] = OrderedDict()
        self._lock = Lock()

    def findings(self, state: DraftState, scene: Scene) -> list[Finding]:
        """What is worth a look in a state of a draft, as `findings_of_draft`; looked for once.

        Notes
        -----
        The tiling is looked at where it differs from a state in which it was found whole.
        """
        known = self._found.get(id(state))
        if known is not None and known[1] is scene:
            return known[2]
        found = findings_of_draft(state, scene, whole=self._whole_before(state))
        with self._lock:
            # The state is held, so that no other one gets its identity.
            self._found[id(state)] = state, scene, found
            self._found.move_to_end(id(state))
            while len(self._found) > _FOUND:
                self._found.popitem(last=False)
        return found

    def _whole_before(self, state: DraftState) -> DraftState | None:
        """The last state without errors that a state was probably made from."""
        with self._lock:
            known = [one for one, _, found in self._found.values() if not any(f.severity == "error" for f in found)]
        own = [one for one in known if one.first is state.first and one.version <= state.version]
        made_from = [one for one in own if one.touched.keys() <= state.touched.keys()]
        return max(made_from, key=lambda one: one.version, default=None)

    def scene(
        self,
        connection: Connection[Any],
        draft: Draft,
        memory: DraftMemory,
        snapshot: Snapshot,
        networks: Networks,
        now: int,
    ) -> Scene:
        """What a draft is judged by now.

        Parameters
        ----------
        snapshot
            Stations, buildings, gates and roster.
        networks
            The walking network; while it is not ready, walks are straight lines.
        now
            Microseconds since 1970-01-01 UTC. Where the base takes effect later, then is meant.

        Raises
        ------
        ConflictError
            The release that it begins from was withdrawn.
        """
        base = memory.base(connection, draft)
        walking = _walking(networks)
        instant = max(now, draft.base_effective)
        key = _key(base, snapshot, instant, walking), counted_version(connection)
        # One is made at a time: another thread mostly waits for the same.
        with self._lock:
            if key not in self._scenes:
                moment, earlier = snapshot.moment(instant), self._nearest(base)
                self._scenes[key] = scene_of(connection, base, moment, walking, self._bands, before=earlier)
            self._scenes.move_to_end(key)
            while len(self._scenes) > _SCENES:
                self._scenes.popitem(last=False)
            return self._scenes[key]

    def _nearest(self, base: DraftState) -> Scene | None:
        """The scene that most of another one can be taken over from: the last one of the same base, or of any."""
        found = sorted(self._scenes.values(), key=lambda one: one.base.grids is base.grids)
        return found[-1] if found else None


def _walking(networks: Networks) -> Walking | None:
    try:
        return networks.current()
    except NetworkNotReadyError:
        return None


def _key(base: DraftState, snapshot: Snapshot, instant: int, walking: Walking | None) -> Hashable:
    version = None if walking is None else walking.version
    # Weekly hours decide nothing here: only what begins or ends does.
    changes = snapshot.interval(instant)[0]
    # The scene holds the base, so that no other one gets its identity.
    return id(base.grids), snapshot.version, changes, version
