"""What is kept compiled of the walking network is of its sources as they are now."""

import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

from numba.core.dispatcher import Dispatcher

from geodata import machine_code
from geodata.station import nearest
from geodata.station.network import heap

_ROOT: Final = Path(__file__).parents[3]
# A module of each folder that numba compiles something of.
_FOLDERS: Final = (heap, nearest)
_IMPORTED: Final = re.compile(r"^from (geodata(?:\.\w+)*) import", re.MULTILINE)


@cache
def discard_outdated() -> None:
    """Delete what was compiled of other sources; once in a process, before anything of it is read.

    Notes
    -----
    A module's code goes where it or a module that it imports has changed: functions and numbers of those are in it.
    """
    for module in _FOLDERS:
        kept = kept_in(module)
        for source in sorted(Path(str(module.__file__)).parent.glob("*.py")):
            if kept is not None and "njit" in source.read_text(encoding="utf-8"):
                of_sources = machine_code.source_hash(sorted(sources_of(source)))
                machine_code.discard_outdated(kept, source.stem, [source.stem], of_sources)


def kept_in(module: ModuleType) -> Path | None:
    """Where numba keeps what it compiles of a module's folder; None where it keeps nothing."""
    for function in vars(module).values():
        if isinstance(function, Dispatcher) and function.py_func.__module__ == module.__name__:
            kept = function.stats.cache_path
            return Path(kept) if kept else None
    return None


def sources_of(source: Path) -> set[Path]:
    """A module's file and those of all modules of the library that it imports, or that these import."""
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        one = waiting.pop()
        if one in found or not one.is_file():
            continue
        found.add(one)
        imported = _IMPORTED.findall(one.read_text(encoding="utf-8"))
        waiting.extend(_ROOT.joinpath(*module.split(".")).with_suffix(".py") for module in imported)
    return found
