"""Whatever is done to a tiling, in whatever order: it stays a tiling, of the same ground, and the same steps give the
same bytes; what is refused changes nothing.

GRIDMAP_TEST_THOROUGH=N tries N times as many sequences.
"""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import EditRefusedError
from geodata.grid.edit import (
    Edit,
    Tiling,
    faults,
    hand_over,
    insert_node,
    merge,
    move_node,
    remove_node,
    reshape,
    split,
)
from tests.benchmarks.tilings import wiggly_tiling
from tests.drawn_grids import drawn, in_metres, vertices, whole_after

BOUNDS = (117.0, 36.0, 117.004, 36.003)
METRE = 1.1e-5
THOROUGH = int(os.environ.get("GRIDMAP_TEST_THOROUGH", "1"))

STARTS = {
    "wiggly": lambda: _wiggly(1),
    "other": lambda: _wiggly(7),
    "islands": lambda: drawn("aaab acab aaab dddb"),
    "parts": lambda: drawn("abbc abac dddd"),
}

fractions = st.floats(0, 1)
places = st.one_of(
    st.tuples(st.just("anywhere"), st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)),
    st.tuples(st.just("node"), fractions, st.just(0.0)),
    st.tuples(st.just("edge"), fractions, fractions),
    st.tuples(st.just("near node"), fractions, st.sampled_from([1e-9, 1e-4, 0.004, 0.02, 0.3, 2.0])),
)
steps = st.one_of(
    st.tuples(st.just("split"), fractions, st.lists(places, min_size=2, max_size=6)),
    st.tuples(st.just("merge"), fractions, st.lists(places, min_size=1, max_size=3)),
    st.tuples(st.just("move"), fractions, st.lists(places, min_size=1, max_size=1)),
    st.tuples(st.just("insert"), fractions, st.lists(places, min_size=1, max_size=1)),
    st.tuples(st.just("remove"), fractions, st.just([])),
    st.tuples(st.just("reshape"), fractions, st.lists(places, min_size=1, max_size=4)),
    st.tuples(st.just("hand over"), fractions, st.lists(places, min_size=3, max_size=6)),
    st.tuples(st.just("new"), fractions, st.lists(places, min_size=3, max_size=6)),
)


def _wiggly(seed: int) -> Tiling:
    shapes = wiggly_tiling(4, 3, bounds=BOUNDS, steps=3, seed=seed)
    return Tiling.of({f"g{number}": shape for number, shape in enumerate(shapes)})


def _at(tiling: Tiling, place: tuple[str, float, float]) -> tuple[float, float]:
    """Longitude and latitude of a place that a step names."""
    kind, first, second = place
    west, south, east, north = BOUNDS
    if kind == "anywhere":
        return west + (east - west) * first, south + (north - south) * second
    shapes = [tiling.shape(key) for key in sorted(tiling.keys())]
    nodes = shapely.get_coordinates(shapes)
    at = int(first * (len(nodes) - 2))
    x, y = nodes[at].tolist()
    if kind == "edge":
        x, y = (nodes[at] + (nodes[at + 1] - nodes[at]) * second).tolist()
    return (x + second * METRE, y - second * METRE / 2) if kind == "near node" else (x, y)


def _edit(tiling: Tiling, step: tuple[str, float, list[Any]]) -> Edit:
    kind, which, named = step
    keys = sorted(tiling.keys())
    key = keys[int(which * (len(keys) - 1))]
    points = [_at(tiling, place) for place in named]
    beside = sorted(tiling.neighbours(key))
    node = _at(tiling, ("node", which, 0.0))
    operations: dict[str, Callable[[], Edit]] = {
        "split": lambda: split(tiling, key, shapely.LineString(points)),
        "merge": lambda: merge(tiling, [key, *beside[: len(points)]], key),
        "move": lambda: move_node(tiling, node, points[0]),
        "insert": lambda: insert_node(tiling, points[0]),
        "remove": lambda: remove_node(tiling, node),
        "reshape": lambda: reshape(
            tiling, key, (beside or [key])[0], shapely.LineString(_bowed(tiling, key, (beside or [key])[0], points))
        ),
        "hand over": lambda: hand_over(tiling, shapely.MultiPoint(points).convex_hull, key, allow_parts=True),
        "new": lambda: hand_over(tiling, shapely.MultiPoint(points).convex_hull, None, allow_parts=which > 0.5),
    }
    return operations[kind]()


def _bowed(tiling: Tiling, key: str, other: str, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A line between two nodes of the common border of two grids, bent a little towards some points."""
    theirs = vertices(tiling.shape(other))
    common = [node for node in map(tuple, shapely.get_coordinates(tiling.shape(key)).tolist()) if node in theirs]
    start, end = np.array(common[0]), np.array(common[-1] if common[-1] != common[0] else common[len(common) // 2])
    shares = np.linspace(0, 1, len(points) + 2)[1:-1, None]
    straight = start + (end - start) * shares
    return [tuple(place) for place in [start, *(straight + (np.array(points) - straight) * 0.15), end]]


def _played(start: Tiling, sequence: list[tuple[str, float, list[Any]]]) -> Tiling:
    """The tiling after the steps, each checked."""
    tiling = start
    for number, step in enumerate(sequence):
        before = _bytes(tiling)
        edit, reason = _tried(tiling, step)
        assert _bytes(tiling) == before
        if edit is None:
            # What is put together of faces is sound, or refused for what was asked: never found broken afterwards.
            assert step[0] in {"move", "remove"} or not reason.startswith("would-"), (step, reason)
            continue
        assert not [fault for fault in faults(tiling, edit) if fault.severity == "error"]
        whole_after(tiling, edit)
        owners = [f"n{number}.{piece}" for piece in range(len(edit.pieces))]
        tiling = tiling.changed(edit.placed(owners).shapes)
    return tiling


def _tried(tiling: Tiling, step: tuple[str, float, list[Any]]) -> tuple[Edit | None, str]:
    """The edit of a step, or why it is refused."""
    try:
        return _edit(tiling, step), ""
    except EditRefusedError as refusal:
        return None, refusal.reason


def _bytes(tiling: Tiling) -> dict[str, bytes]:
    return {key: shapely.to_wkb(tiling.shape(key)) for key in list(tiling.keys())}


@settings(max_examples=25 * THOROUGH, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=st.sampled_from(sorted(STARTS)), sequence=st.lists(steps, min_size=1, max_size=6))
def test_any_sequence_keeps_the_tiling_and_gives_the_same_bytes_again(
    start: str, sequence: list[tuple[str, float, list[Any]]]
) -> None:
    first = STARTS[start]()
    last = _played(first, sequence)
    assert _bytes(_played(STARTS[start](), sequence)) == _bytes(last)
    old, new = (shapely.area(in_metres(tiling)).sum() for tiling in (first, last))
    assert abs(old - new) < 1e-3
    rng = np.random.default_rng(5)
    west, south, east, north = BOUNDS
    for place in shapely.points(rng.uniform((west, south), (east, north), (20, 2))):
        owners = [key for key in list(last.keys()) if shapely.covers(last.shape(key), place)]
        assert len(owners) == len([key for key in list(first.keys()) if shapely.covers(first.shape(key), place)])
