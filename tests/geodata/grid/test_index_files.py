"""The index as files: the same answers, or a clear refusal."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely

from geodata.errors import FileError
from geodata.grid.index import GridIndex
from tests.benchmarks.tilings import wiggly_tiling

NAMES = ["vertices", "rings", "parts", "polygons", "multiple", "frame", "cells", "leaves", "chunks", "boxes", "levels"]


@pytest.fixture(scope="module")
def built() -> GridIndex:
    return GridIndex.build(wiggly_tiling(6, 5, bounds=(116.9, 36.5, 117.0, 36.6)))


@pytest.fixture
def folder(built: GridIndex, tmp_path: Path) -> Path:
    built.save(tmp_path / "index")
    return tmp_path / "index"


def test_an_opened_index_answers_as_the_built_one(built: GridIndex, folder: Path) -> None:
    opened = GridIndex.open(folder)
    rng = np.random.default_rng(2)
    lons, lats = rng.uniform(116.88, 117.02, 4000), rng.uniform(36.48, 36.62, 4000)
    active = rng.random(30) < 0.8
    for mine, theirs in zip(built.owners(lons, lats, active), opened.owners(lons, lats, active), strict=True):
        assert np.array_equal(mine, theirs)
    for lon, lat in zip(lons[:200], lats[:200], strict=True):
        assert built.nearest(lon, lat, active, 3) == opened.nearest(lon, lat, active, 3)
    assert (len(opened), opened.bounds, opened.nbytes) == (len(built), built.bounds, built.nbytes)
    assert shapely.equals_identical(opened.geometry(7), built.geometry(7))


def test_an_index_of_nothing_is_saved_and_opened(tmp_path: Path) -> None:
    GridIndex.build([]).save(tmp_path / "empty")
    opened = GridIndex.open(tmp_path / "empty")
    assert opened.owner(117.0, 36.5, np.ones(0, np.bool_)) == (-1, False)


def test_saving_again_replaces_the_folder_and_leaves_nothing_beside_it(folder: Path) -> None:
    former = GridIndex.open(folder)
    GridIndex.build([shapely.box(0, 0, 1, 1)]).save(folder)
    assert len(GridIndex.open(folder)) == 1
    assert former.owner(116.95, 36.55, np.ones(30, np.bool_))[0] >= 0
    assert [path.name for path in folder.parent.iterdir()] == ["index"]


def test_a_save_that_fails_leaves_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="No space"):
        GridIndex.build([shapely.box(0, 0, 1, 1)]).save(folder)
    monkeypatch.undo()
    assert len(GridIndex.open(folder)) == 30
    assert [path.name for path in folder.parent.iterdir()] == ["index"]


def test_several_that_save_to_one_folder_at_once_leave_one_whole_index(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    sizes = [1, 2, 3, 4]
    indexes = [GridIndex.build([shapely.box(0, 0, 1, 1)] * size) for size in sizes]
    with ThreadPoolExecutor(len(sizes)) as pool:
        list(pool.map(lambda index: [index.save(folder) for _ in range(10)], indexes))
    assert len(GridIndex.open(folder)) in sizes
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("verify", [True, False])
def test_a_truncated_or_missing_array_is_refused(folder: Path, name: str, verify: bool) -> None:
    file = folder / f"{name}.npy"
    whole = file.read_bytes()
    for left in (len(whole) - 1, 100, 10, 0):
        file.write_bytes(whole[:left])
        with pytest.raises(FileError, match=f"{name}.npy"):
            GridIndex.open(folder, verify=verify)
    file.unlink()
    with pytest.raises(FileError, match=f"{name}.npy"):
        GridIndex.open(folder, verify=verify)


@pytest.mark.parametrize("name", NAMES)
def test_a_single_changed_byte_is_refused(folder: Path, name: str) -> None:
    file = folder / f"{name}.npy"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(FileError, match=f"{name}.npy"):
        GridIndex.open(folder)


def test_an_array_of_another_index_is_refused(folder: Path, tmp_path: Path) -> None:
    GridIndex.build(wiggly_tiling(6, 5, bounds=(116.9, 36.5, 117.0, 36.6), seed=2)).save(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "vertices.npy", folder / "vertices.npy")
    with pytest.raises(FileError, match="vertices"):
        GridIndex.open(folder)


@pytest.mark.parametrize(
    "meta",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"kind": "something else", "format": 1, "arrays": {}}',
        b'{"kind": "gridmap grid index", "format": 1}',
        b'{"kind": "gridmap grid index", "format": 1, "arrays": {}}',
        b'{"kind": "gridmap grid index", "format": 1, "arrays": {"vertices": 7}}',
    ],
)
def test_a_foreign_folder_is_refused(folder: Path, meta: bytes) -> None:
    (folder / "meta.json").write_bytes(meta)
    with pytest.raises(FileError):
        GridIndex.open(folder)


def test_a_folder_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(FileError, match=r"meta\.json"):
            GridIndex.open(folder)


def test_another_format_says_which_one_it_is(folder: Path) -> None:
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps(meta | {"format": 99}))
    with pytest.raises(FileError, match="99"):
        GridIndex.open(folder)
