"""States of drafts held in memory: a worker reads a base once, and from then on only what was changed since."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from psycopg import Connection

from geodata.drafts.delta import played
from geodata.drafts.releases import areas_ever, areas_mark, base_state, codes_ever, data_version
from geodata.drafts.state import DraftState
from geodata.drafts.store import Draft, refuse_withdrawn_base, tokens_of, written_after

_BASES: Final = 8
_DRAFTS: Final = 32
_VERSIONS: Final = 2
"""Of each draft so many states are held: the last one, and the one before in case that it is rolled back."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class _Latest(Generic[_Key, _Value]):
    """The values used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[_Key, _Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: _Key) -> _Value | None:
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, key: _Key, value: _Value) -> _Value:
        with self._lock:
            self._found[key] = value
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return value


@dataclass(frozen=True, slots=True)
class _Held:
    """A state, and the mark of the writing that made it; None for a base."""

    state: DraftState
    token: UUID | None


class DraftMemory:
    """What a process knows of drafts; safe to be used by several threads at once.

    Notes
    -----
    A state is used again only where its writing holds: what was rolled back is never seen.
    """

    def __init__(self) -> None:
        self._marks: _Latest[int, str] = _Latest(8 * _DRAFTS)
        self._bases: _Latest[tuple[int, str, int], DraftState] = _Latest(_BASES)
        self._states: _Latest[tuple[int, int], dict[int, _Held]] = _Latest(_DRAFTS)
        self._codes: _Latest[tuple[int, int], tuple[frozenset[str], frozenset[str]]] = _Latest(_BASES)
        self._reading = Lock()

    def base(self, connection: Connection[Any], draft: Draft) -> DraftState:
        """The state of a draft before its first operation; drafts of one release and the same areas share it.

        Raises
        ------
        ConflictError
            The release that it begins from was withdrawn.
        """
        refuse_withdrawn_base(draft)
        # One is read at a time: another thread mostly waits for the same.
        with self._reading:
            at = draft.areas_at
            ground = draft.base_id, self._marks.get(at) or self._marks.put(at, areas_mark(connection, at))
            known = self._bases.get((*ground, draft.base_version))
            if known is None:
                known = self._bases.get((*ground, 0))
                if known is None:
                    known = self._bases.put((*ground, 0), replace(base_state(connection, draft), version=0))
                if draft.base_version:
                    known = replace(known, version=draft.base_version)
                    self._bases.put((*ground, draft.base_version), known)
        return known

    def state(self, connection: Connection[Any], draft: Draft, version: int | None = None) -> DraftState:
        """The state of a draft at its version, or at an earlier one of the same generation.

        Raises
        ------
        ConflictError
            The release that it begins from was withdrawn.
        """
        wanted = draft.version if version is None else version
        state = self._from(connection, draft, wanted)
        written = written_after(connection, draft, state.version, wanted)
        if written:
            state = played(state, (one.delta for one in written), written[-1].seq)
            self.remember(draft, state, written[-1].token)
        return state

    def remember(self, draft: Draft, state: DraftState, token: UUID) -> None:
        """Hold the state that a writing made."""
        key = draft.draft_id, draft.generation
        held = {**(self._states.get(key) or {}), state.version: _Held(state, token)}
        self._states.put(key, {version: held[version] for version in sorted(held)[-_VERSIONS:]})

    def codes(self, connection: Connection[Any], layer_id: int) -> tuple[frozenset[str], frozenset[str]]:
        """Every code that a grid of a layer, and that an area, ever had."""
        key = (layer_id, data_version(connection))
        known = self._codes.get(key)
        return known or self._codes.put(key, (codes_ever(connection, layer_id), areas_ever(connection)))

    def _from(self, connection: Connection[Any], draft: Draft, wanted: int) -> DraftState:
        """The nearest state before a version that is held and holds."""
        base = self.base(connection, draft)
        held = self._states.get((draft.draft_id, draft.generation)) or {}
        seqs = [seq for seq in sorted(held, reverse=True) if seq <= wanted]
        if seqs:
            tokens = tokens_of(connection, draft.draft_id, seqs)
            for seq in seqs:
                if tokens.get(seq) == held[seq].token:
                    return held[seq].state
        return base
