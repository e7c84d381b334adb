"""The grid index as a folder of files: one ``.npy`` for each array, and ``meta.json`` that vouches for them."""

import contextlib
import errno
import json
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.errors import FileError

FORMAT: Final = 1
_ATTEMPTS: Final = 100
KIND: Final = "gridmap grid index"
NAMES: Final = (
    "vertices",
    "rings",
    "parts",
    "polygons",
    "multiple",
    "frame",
    "cells",
    "leaves",
    "chunks",
    "boxes",
    "levels",
)


def write_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays beside ``folder`` and rename them into place; what lay there goes away only then.

    Notes
    -----
    Processes that have the former files mapped keep them until they let go.
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        fresh = work / "new"
        fresh.mkdir()
        meta = {"kind": KIND, "format": FORMAT, "arrays": {name: _facts(arrays[name]) for name in NAMES}}
        for name in NAMES:
            np.save(fresh / f"{name}.npy", arrays[name], allow_pickle=False)
        (fresh / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
        _put_in_place(fresh, folder, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _put_in_place(fresh: Path, folder: Path, work: Path) -> None:
    for attempt in range(_ATTEMPTS):
        with contextlib.suppress(FileNotFoundError):
            folder.rename(work / f"old{attempt}")
        try:
            fresh.rename(folder)
        except OSError as error:
            # Another process put its own there in between.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or attempt == _ATTEMPTS - 1:
                raise
        else:
            return


def read_arrays(folder: Path, *, verify: bool) -> dict[str, NDArray[Any]]:
    """Arrays of a folder, mapped read-only.

    Raises
    ------
    FileError
        It is not such a folder, or an array is not what ``meta.json`` says; with ``verify``, in a single byte.
    """
    folder = Path(folder)
    facts = _facts_in(folder)
    arrays = {}
    for name in NAMES:
        array = _mapped(folder, name)
        expected = facts.get(name)
        found = _facts(array) if verify else _form(array)
        if not isinstance(expected, dict) or any(expected.get(key) != value for key, value in found.items()):
            raise _damaged(folder, f"{name}.npy")
        arrays[name] = array
    return arrays


def _facts_in(folder: Path) -> dict[str, Any]:
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(folder, "meta.json") from error
    if not isinstance(meta, dict) or meta.get("kind") != KIND or not isinstance(meta.get("arrays"), dict):
        raise _damaged(folder, "meta.json")
    if meta.get("format") != FORMAT:
        raise FileError(
            f"{folder.name}: grid index of format {meta.get('format')}, this version reads {FORMAT}. Build it again.",
            f"{folder.name} 中的网格索引格式为 {meta.get('format')}，本版本只读取格式 {FORMAT}，请重新生成。",
            folder=folder.name,
        )
    arrays: dict[str, Any] = meta["arrays"]
    return arrays


def _mapped(folder: Path, name: str) -> NDArray[Any]:
    path = folder / f"{name}.npy"
    try:
        # The plain array over the map: numba takes subclasses only by a slow way round.
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(folder, path.name) from error


def _form(array: NDArray[Any]) -> dict[str, Any]:
    return {"dtype": array.dtype.str, "shape": list(array.shape)}


def _facts(array: NDArray[Any]) -> dict[str, Any]:
    return _form(array) | {"crc32": zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)}


def _damaged(folder: Path, name: str) -> FileError:
    return FileError(
        f"{name} in {folder.name} is missing, damaged or no part of a grid index. Build the index again.",
        f"{folder.name} 中的 {name} 缺失、损坏或不属于网格索引，请重新生成索引。",
        folder=folder.name,
        file=name,
    )
