"""What one operation changed: fields and ground before and after, so that it can be stored, repeated and taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

import shapely
from shapely import Geometry

from geodata.drafts.state import DraftArea, DraftGrid, DraftState

Fields = Mapping[str, Any]
Change = tuple[Fields | None, Fields | None]
Ground = tuple[Geometry | None, Geometry | None]

_Thing = TypeVar("_Thing", DraftGrid, DraftArea)

_SAID = {"shape": "ground", "stated": "counts"}
_NAMES = {kind: tuple(each.name for each in fields(kind)) for kind in (DraftGrid, DraftArea)}


@dataclass(frozen=True, slots=True)
class Delta:
    """Fields before and after of what an operation changed.

    Parameters
    ----------
    grids, areas
        By key, and by code: the fields that differ, before and after; all fields on one side and None on the other for
        what was made or is no more.
    shapes
        By key of grid: ground before and after, EPSG:4326, None where there was none.
    """

    grids: Mapping[str, Change] = field(default_factory=dict)
    shapes: Mapping[str, Ground] = field(default_factory=dict)
    areas: Mapping[str, Change] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.grids or self.shapes or self.areas)

    @property
    def keys(self) -> list[str]:
        """Keys of the grids that it touches, sorted."""
        return sorted({*self.grids, *self.shapes})

    def inverse(self) -> "Delta":
        """What takes it back."""
        return Delta(
            {key: (after, before) for key, (before, after) in self.grids.items()},
            {key: (after, before) for key, (before, after) in self.shapes.items()},
            {key: (after, before) for key, (before, after) in self.areas.items()},
        )

    def clashes(self, state: DraftState) -> list[str]:
        """Keys of grids, and codes of areas with ``@`` before them, that are not as it found them; sorted."""
        keys = {key for key, (before, _) in self.grids.items() if not _as_before(state.grids.get(key), before)}
        keys |= {key for key, (before, _) in self.shapes.items() if _ground(state, key) != before}
        codes = {
            f"@{code}" for code, (before, _) in self.areas.items() if not _as_before(state.areas.get(code), before)
        }
        return sorted(keys | codes)

    def applied(self, state: DraftState, version: int) -> DraftState:
        """The state with what it changed as it was after it."""
        return played(state, [self], version)


def played(state: DraftState, deltas: Iterable[Delta], version: int) -> DraftState:
    """The state with what several changed, one after the other; the version that it is of then."""
    grids: dict[str, DraftGrid | None] = {}
    shapes: dict[str, Geometry | None] = {}
    areas: dict[str, DraftArea | None] = {}
    for delta in deltas:
        for key, (_, after) in delta.grids.items():
            grids[key] = _made(DraftGrid, grids[key] if key in grids else state.grids.get(key), after)
        for code, (_, after) in delta.areas.items():
            areas[code] = _made(DraftArea, areas[code] if code in areas else state.areas.get(code), after)
        shapes |= {key: after for key, (_, after) in delta.shapes.items()}
    return state.changed(grids, shapes, areas, version)


def between(before: DraftState, after: DraftState, keys: Iterable[str], codes: Iterable[str] = ()) -> Delta:
    """What differs between two states.

    Parameters
    ----------
    keys, codes
        Keys of grids and codes of areas that may differ.
    """
    keys = sorted(set(keys))
    grids = {key: _difference(before.grids.get(key), after.grids.get(key)) for key in keys}
    shapes = {key: (_ground(before, key), _ground(after, key)) for key in keys}
    areas = {code: _difference(before.areas.get(code), after.areas.get(code)) for code in sorted(set(codes))}
    return Delta(
        {key: change for key, change in grids.items() if change is not None},
        {key: (old, new) for key, (old, new) in shapes.items() if old != new},
        {code: change for code, change in areas.items() if change is not None},
    )


def same_ground(before: DraftState, after: DraftState, key: str) -> bool:
    """Whether a grid has the same ground in two states, bit by bit; so it is where it is in neither."""
    return bool(_ground(before, key) == _ground(after, key))


def said(change: Change | None) -> tuple[str, ...]:
    """What a change is called: ``made``, ``ended``, or the fields that differ; nothing for None."""
    if change is None:
        return ()
    before, after = change
    if before is None or after is None:
        return ("made",) if before is None else ("ended",)
    return tuple(_SAID.get(name, name) for name in after if name != "origins")


def as_json(delta: Delta) -> dict[str, Any]:
    """As it is stored: ground as hexadecimal well-known binary, which keeps every bit."""
    return {
        "grids": {key: [_plain(before), _plain(after)] for key, (before, after) in delta.grids.items()},
        "shapes": {key: [_hex(before), _hex(after)] for key, (before, after) in delta.shapes.items()},
        "areas": {code: [_plain(before), _plain(after)] for code, (before, after) in delta.areas.items()},
    }


def from_json(stored: Mapping[str, Any]) -> Delta:
    """What was stored."""
    return Delta(
        {key: (_read(before), _read(after)) for key, (before, after) in stored["grids"].items()},
        {key: (_unhex(before), _unhex(after)) for key, (before, after) in stored["shapes"].items()},
        {code: (_read(before), _read(after)) for code, (before, after) in stored["areas"].items()},
    )


def _fields(thing: DraftGrid | DraftArea) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in _NAMES[type(thing)]}


def _difference(before: DraftGrid | DraftArea | None, after: DraftGrid | DraftArea | None) -> Change | None:
    if before == after:
        return None
    if before is None or after is None:
        return None if before is None else _fields(before), None if after is None else _fields(after)
    old, new = _fields(before), _fields(after)
    names = [name for name in old if old[name] != new[name]]
    return {name: old[name] for name in names}, {name: new[name] for name in names}


def _as_before(thing: DraftGrid | DraftArea | None, before: Fields | None) -> bool:
    if thing is None or before is None:
        return thing is None and before is None
    return all(getattr(thing, name) == value for name, value in before.items())


def _made(kind: type[_Thing], thing: _Thing | None, after: Fields | None) -> _Thing | None:
    if after is None:
        return None
    return kind(**{**({} if thing is None else _fields(thing)), **after})


def _ground(state: DraftState, key: str) -> Geometry | None:
    return state.tiling.shape(key) if key in state.grids else None


def _plain(found: Fields | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {name: _hex(value) if name == "shape" else value for name, value in found.items()}


def _read(stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if stored is None:
        return None
    found: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
    if "shape" in found:
        found["shape"] = _unhex(found["shape"])
    return found


def _hex(shape: Geometry | None) -> str | None:
    return None if shape is None else str(shapely.to_wkb(shape, hex=True, output_dimension=2, byte_order=1))


def _unhex(stored: str | None) -> Geometry | None:
    return None if stored is None else shapely.from_wkb(stored)
