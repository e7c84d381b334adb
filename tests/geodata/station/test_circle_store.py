"""Circles in files: read again, drawn anew where something changed, never trusted where damaged."""

import os
from pathlib import Path

import pytest
import shapely

from geodata.station.circle_store import CircleStore
from geodata.station.network.arrays import Line, Network
from geodata.station.network.build import build_network
from geodata.station.network.profiles import ADULT, Profile
from geodata.station.network.snap import connect
from geodata.station.outline import Outline, Outlines
from tests.drawn_streets import place

STREETS = [((0, 0), (8, 0)), ((4, 0), (4, 4)), ((90, 0), (99, 0))]


def town(*more: tuple[tuple[float, float], tuple[float, float]], version: str = "1") -> Network:
    lines = [Line(shapely.LineString([place(*one), place(*other)])) for one, other in [*STREETS, *more]]
    return build_network(lines, [], version=version)


class Counting(Outlines):
    """Counts what it draws."""

    drawings = 0

    def drawn(self, *given: object) -> Outline:
        Counting.drawings += 1
        return super().drawn(*given)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _none_drawn() -> None:
    Counting.drawings = 0


def circle(store: CircleStore, network: Network, *minutes: float, at: float = 4, profile: Profile = ADULT) -> Outline:
    lon, lat = place(at, 0.2)
    return store.outline(Counting(network, profile), connect(network, [lon], [lat]), minutes)


def files(home: Path) -> list[Path]:
    return sorted(path for path in home.rglob("*") if path.is_file())


def test_a_circle_is_drawn_once_whoever_asks_for_it(tmp_path: Path) -> None:
    first = circle(CircleStore(tmp_path), town(), 5, 3)
    again = circle(CircleStore(tmp_path), town(version="2"), 3, 5, 5)
    assert Counting.drawings == 1
    assert again == first
    assert len(files(tmp_path)) == 1


def test_what_changes_elsewhere_changes_no_circle_and_what_changes_here_does(tmp_path: Path) -> None:
    store = CircleStore(tmp_path)
    before = circle(store, town(), 5)
    circle(store, town(((90, 0), (90, 9))), 5)
    assert Counting.drawings == 1
    after = circle(store, town(((4, 0), (4, -3))), 5)
    assert Counting.drawings == 2
    assert after.square_metres > before.square_metres
    circle(store, town(), 5, at=4.1)
    circle(store, town(), 6)
    circle(store, town(), 5, profile=Profile("slow", "", "", 3.0))
    assert Counting.drawings == 5


@pytest.mark.parametrize("damage", [b"", b"\0" * 200, None])
def test_a_damaged_file_is_drawn_anew(tmp_path: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture) -> None:
    first = circle(CircleStore(tmp_path), town(), 5)
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-7] + b"1234567" if damage is None else damage)
    assert circle(CircleStore(tmp_path), town(), 5) == first
    assert Counting.drawings == 2
    assert path.read_bytes() == whole
    assert "damaged circle" in caplog.text


def test_only_so_many_are_kept_and_those_of_an_older_program_go(tmp_path: Path) -> None:
    old = tmp_path / "0" / "ab" / "circle"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    store = CircleStore(tmp_path, most_files=2)
    assert not old.exists()
    for at in (1, 2, 3):
        circle(store, town(), 2, at=at)
        for path in files(tmp_path):
            os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 100))
    store.tidy()
    assert len(files(tmp_path)) == 2
    circle(store, town(), 2, at=3)
    assert Counting.drawings == 3
    circle(store, town(), 2, at=1)
    assert Counting.drawings == 4


def test_they_take_no_more_room_than_they_may(tmp_path: Path) -> None:
    circle(CircleStore(tmp_path), town(), 2, at=1)
    (path,) = files(tmp_path)
    room = 3 * path.stat().st_size
    store = CircleStore(tmp_path, most_bytes=room)
    for number in range(12):
        circle(store, town(), 2 + number / 1000, at=1)
        assert sum(one.stat().st_size for one in files(tmp_path)) <= room
    assert len(files(tmp_path)) >= 2


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_asker(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "1"
    blocked.write_bytes(b"")
    assert not circle(CircleStore(tmp_path), town(), 5).shapes[0].is_empty
    assert "was not kept" in caplog.text


def test_a_place_off_the_network_is_not_kept(tmp_path: Path) -> None:
    assert circle(CircleStore(tmp_path), town(), 5, at=50).shapes[0].is_empty
    assert files(tmp_path) == []
