"""Compiled code never outlives the sources that it was made of."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from geodata.grid import cells, compiled, nearest
from geodata.grid.index import GridIndex, warm

OURS = ("cells.owner_at-60.py311.nbi", "nearest.nearest_at-9.py311.nbi", "crs.metres_per_degree-268.py311.nbi")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "__pycache__"
    folder.mkdir()
    for name in (*OURS, "network.reach-3.py311.nbi", "cells.cpython-311.pyc"):
        (folder / name).write_bytes(b"kept")
    compiled.discard_outdated(folder, "0" * 64)
    for name in OURS:
        (folder / name).write_bytes(b"kept")
    return folder


def test_code_of_the_same_sources_is_kept(cache: Path) -> None:
    compiled.discard_outdated(cache, "0" * 64)
    assert all((cache / name).exists() for name in OURS)


def test_code_of_other_sources_is_deleted_and_nothing_else(cache: Path) -> None:
    compiled.discard_outdated(cache, "1" * 64)
    assert sorted(path.name for path in cache.iterdir()) == [
        "cells.cpython-311.pyc",
        "grid-index.sources",
        "network.reach-3.py311.nbi",
    ]


def test_a_cache_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    compiled.discard_outdated(tmp_path / "later", "0" * 64)
    assert (tmp_path / "later" / "grid-index.sources").read_text() == "0" * 64


def test_a_cache_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    compiled.discard_outdated(tmp_path / "file", "0" * 64)
    assert (tmp_path / "file").read_bytes() == b""


def test_no_call_starts_a_compilation() -> None:
    warm()
    kinds = (np.ones(1, np.bool_), np.frombuffer(b"\x01", np.bool_))
    assert [mask.flags.writeable for mask in kinds] == [True, False]
    index = GridIndex.build([shapely.box(0, 0, 1, 1)])
    for mask in kinds:
        index.owner(1, 1, mask)
        index.nearest(np.float32(2), 1, mask, -1)
        index.owners(np.arange(6)[::2], [1, 2, 3], mask)
    assert len(cells.owner_at.signatures) == 1
    assert len(nearest.nearest_at.signatures) == 1
    assert len(cells.owners_into.signatures) == 1
