"""Records of arrays in files: written into a folder that is named once it is whole, and mapped from there."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

import numpy as np
import orjson

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
        Files are missing, cut off or another program's; see `DAMAGED`.
    """
    return _read(folder, part, kind, orjson.loads((folder / _FACTS).read_bytes())[part])


def _write(folder: Path, prefix: str, record: Any) -> dict[str, Any]:
    """Write the arrays of a record; gives all else."""
    facts: dict[str, Any] = {}
    for field in fields(record):
        value, place = getattr(record, field.name), f"{prefix}.{field.name}"
        if isinstance(value, np.ndarray):
            np.save(folder / f"{place}.npy", value)
        elif is_dataclass(value):
            facts[field.name] = _write(folder, place, value)
        elif isinstance(value, Mapping):
            facts[field.name] = list(value)
            for number, array in enumerate(value.values()):
                np.save(folder / f"{place}.{number}.npy", array)
        else:
            facts[field.name] = value
    return facts


def _read(folder: Path, prefix: str, kind: type[_Record], facts: Mapping[str, Any]) -> _Record:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        place, hint = f"{prefix}.{field.name}", hints[field.name]
        if field.name not in facts:
            values[field.name] = _mapped(folder / f"{place}.npy")
        elif is_dataclass(hint):
            values[field.name] = _read(folder, place, hint, facts[field.name])  # type: ignore[arg-type]
        elif isinstance(facts[field.name], list) and _is_mapping(hint):
            values[field.name] = {
                name: _mapped(folder / f"{place}.{number}.npy") for number, name in enumerate(facts[field.name])
            }
        elif isinstance(facts[field.name], list):
            values[field.name] = tuple(facts[field.name])
        else:
            values[field.name] = facts[field.name]
    return kind(**values)


def _is_mapping(hint: Any) -> bool:
    return getattr(hint, "__origin__", None) in (Mapping, dict)


def _mapped(path: Path) -> Any:
    # A plain array, for compiled code knows those; it still maps the file.
    return np.load(path, mmap_mode="r").view(np.ndarray)
