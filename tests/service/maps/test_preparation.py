"""What map pages ask for is made beside the service when the data changes, once, and the newest wins."""

import copy
import gc
import time
import weakref
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from geodata.garbage_collection import settle
from geodata.moment import Moment
from geodata.snapshot import Snapshot
from service.maps import grid_tiles, ground, layers
from service.maps.layers import MapLayers
from service.maps.packed import Packed
from service.maps.preparation import Preparation
from service.maps.tile_shapes import Tile, on_world

PATIENCE_SECONDS = 30


@pytest.fixture
def snapshot(service: Any) -> Snapshot:
    found: Snapshot = service.client.app.state.serving.store.current()
    return found


@pytest.fixture
def begun() -> Iterator[Callable[[MapLayers, Snapshot], Preparation]]:
    running: list[Preparation] = []

    def begin(kept: MapLayers, first: Snapshot) -> Preparation:
        running.append(Preparation(kept))
        running[-1].take(first)
        running[-1].start()
        return running[-1]

    yield begin
    for one in running:
        one.stop()


def eventually(claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def now(snapshot: Snapshot) -> Moment:
    return snapshot.moment(time.time_ns() // 1000)


class Watched(MapLayers):
    """Tells which layers were prepared; the first one waits until it may go on, and fails where it is told to."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__()
        self.fails, self.seen, self.left_out = fails, list[tuple[Moment, str]](), False
        self.entered, self.released = Event(), Event()

    def prepare(self, moment: Moment, layer: str, going_on: Callable[[], bool]) -> bool:
        self.seen.append((moment, layer))
        if not self.entered.is_set():
            self.entered.set()
            assert self.released.wait(PATIENCE_SECONDS)
            if self.fails:
                raise ValueError("no sound layer")
            self.left_out = not going_on()
        return super().prepare(moment, layer, going_on)


def test_nothing_of_a_large_layer_is_left_to_be_made_when_somebody_asks(
    snapshot: Snapshot, begun: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "WHOLE_UP_TO", 2)
    kept = MapLayers()
    begun(kept, snapshot)
    moment = now(snapshot)
    version = kept.version(moment, "general")
    eventually(lambda: (state := kept.kept("general", version)) is not None and 16 in state.tiles._levels)
    for work in ("large_content", "ground_of", "map_content"):
        monkeypatch.setattr(layers, work, None)
    assert b'"grids_from"' in kept.data(moment, "general").body
    state = kept.state(moment, "general")
    assert "index" in vars(state)
    monkeypatch.setattr(type(state.tiles), "_planned", None)
    monkeypatch.setattr(grid_tiles, "mesh_of", None)
    monkeypatch.setattr(ground, "mesh_of", None)
    ((x, y),) = on_world(np.array([[87.001, 36.655]])).astype(int).tolist()
    assert all(state.tiles.tile(Tile(z, x >> (28 - z), y >> (28 - z))) for z in range(11, 17))


def test_who_asks_meanwhile_waits_for_the_same_work(
    snapshot: Snapshot, begun: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, entered, released = list[str](), Event(), Event()
    make = layers.map_content

    def slow(moment: Moment, layer: str) -> dict[str, Any]:
        made.append(layer)
        entered.set()
        assert released.wait(PATIENCE_SECONDS)
        return make(moment, layer)

    monkeypatch.setattr(layers, "map_content", slow)
    kept, found = MapLayers(), list[Packed]()
    begun(kept, snapshot)
    assert entered.wait(PATIENCE_SECONDS)
    asking = Thread(target=lambda: found.append(kept.data(now(snapshot), "general")))
    asking.start()
    asking.join(0.05)
    assert asking.is_alive()
    released.set()
    asking.join(PATIENCE_SECONDS)
    assert found == [kept.data(now(snapshot), "general")]
    assert made.count("general") == 1


def test_a_newer_snapshot_ends_the_work_on_the_one_before(snapshot: Snapshot, begun: Any) -> None:
    kept, newer = Watched(), copy.copy(snapshot)
    newer._moments, newer._latest = {}, None
    preparation = begun(kept, snapshot)
    assert kept.entered.wait(PATIENCE_SECONDS)
    preparation.take(newer)
    kept.released.set()
    codes = [layer.code for layer in now(newer).layers if now(newer).active(layer.code).any()]
    eventually(lambda: len(kept.seen) == 1 + len(codes))
    assert kept.left_out
    assert kept.seen[1:] == [(now(newer), code) for code in codes]


def test_a_fault_in_one_version_does_not_end_it(
    snapshot: Snapshot, begun: Any, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Watched(fails=True)
    preparation = begun(kept, snapshot)
    kept.released.set()
    eventually(lambda: "maps not prepared" in caplog.text)
    preparation.take(snapshot)
    eventually(lambda: (now(snapshot), "general") in kept.seen[1:])


def test_it_stops_after_the_step_that_is_being_made(snapshot: Snapshot, begun: Any) -> None:
    kept = Watched()
    preparation = begun(kept, snapshot)
    assert kept.entered.wait(PATIENCE_SECONDS)
    kept.released.set()
    preparation.stop()
    assert not preparation._thread.is_alive()


def test_what_settled_is_left_out_of_searches_but_found_once_it_is_given_up() -> None:
    class Circle:
        def __init__(self) -> None:
            self.itself = self

    one = Circle()
    gone = weakref.ref(one)
    settle()
    try:
        assert gc.get_freeze_count() > 1000
        del one
        gc.collect()
        assert gone() is not None
        settle()
        assert gone() is None
    finally:
        gc.freeze()
