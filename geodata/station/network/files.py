"""Records of arrays in files: written into a folder that is named once it is whole, and mapped from there."""

import shutil
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, get_origin, get_type_hints

import numpy as np
import orjson
from numpy.typing import NDArray

DAMAGED: Final = (OSError, EOFError, KeyError, TypeError, ValueError)
"""What a file that is missing, cut off or not ours raises."""

_FACTS: Final = "facts.json"
_Record = TypeVar("_Record")


def write_records(home: Path, name: str, **records: Any) -> None:
    """Write records into a new folder.

    Parameters
    ----------
    home
        Folder of the new one.
    name
        Of the new folder; what is there already stays, for it holds the same.
    records
        Dataclasses by name, with fields that are arrays, such records again, arrays by name, or plain values.
    """
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=home))
    try:
        facts = {part: _write(unfinished, part, record) for part, record in records.items()}
        (unfinished / _FACTS).write_bytes(orjson.dumps(facts))
        if not (home / name).exists():
            unfinished.rename(home / name)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def read_record(folder: Path, part: str, kind: type[_Record]) -> _Record:
    """One of the records of a folder, its arrays mapped and not to be written to.

    Raises
    ------
    OSError, EOFError, KeyError, TypeError, ValueError
        Files are missing, cut off, changed in a single byte or another program's; see `DAMAGED`.
    """
    return _read(folder, part, kind, orjson.loads((folder / _FACTS).read_bytes())[part])


def _write(folder: Path, prefix: str, record: Any) -> dict[str, Any]:
    """Write the arrays of a record; gives what they are, and all else."""
    facts: dict[str, Any] = {}
    for field in fields(record):
        value, place = getattr(record, field.name), f"{prefix}.{field.name}"
        if isinstance(value, np.ndarray):
            facts[field.name] = _save(folder / f"{place}.npy", value)
        elif is_dataclass(value):
            facts[field.name] = _write(folder, place, value)
        elif isinstance(value, Mapping):
            arrays = enumerate(value.items())
            facts[field.name] = [[name, _save(folder / f"{place}.{at}.npy", array)] for at, (name, array) in arrays]
        else:
            facts[field.name] = value
    return facts


def _read(folder: Path, prefix: str, kind: type[_Record], facts: Mapping[str, Any]) -> _Record:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        place, hint, fact = f"{prefix}.{field.name}", hints[field.name], facts[field.name]
        if isinstance(fact, Mapping) and is_dataclass(hint):
            values[field.name] = _read(folder, place, hint, fact)  # type: ignore[arg-type]
        elif isinstance(fact, Mapping):
            values[field.name] = _mapped(folder / f"{place}.npy", fact)
        elif isinstance(fact, list) and get_origin(hint) in (Mapping, dict):
            values[field.name] = {name: _mapped(folder / f"{place}.{at}.npy", of) for at, (name, of) in enumerate(fact)}
        else:
            values[field.name] = tuple(fact) if isinstance(fact, list) else fact
    return kind(**values)


def _save(path: Path, array: NDArray[Any]) -> dict[str, Any]:
    np.save(path, array, allow_pickle=False)
    return _facts_of(array)


def _mapped(path: Path, facts: Mapping[str, Any]) -> NDArray[Any]:
    # The plain array over the map: compiled code takes subclasses only by a slow way round.
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    if _facts_of(array) != facts:
        raise ValueError(f"{path.name} is damaged")
    return array


def _facts_of(array: NDArray[Any]) -> dict[str, Any]:
    digest = zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return {"dtype": array.dtype.str, "shape": list(array.shape), "crc32": digest}
