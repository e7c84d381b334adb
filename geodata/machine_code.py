"""Compiled code that numba keeps on disk never outlives the sources that it was made of.

numba discards what it kept of a function when the function's own file changes, not when a file that it calls into does.
A hash over all the sources stands beside the cache, therefore, and what was kept under another hash is deleted.
"""

import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path


def source_hash(sources: Iterable[Path]) -> str:
    """One hash of all sources, in the order given."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def discard_outdated(cache: Path, name: str, modules: Sequence[str], of_sources: str) -> None:
    """Delete what a cache folder keeps of modules, unless it was kept under this hash of the sources.

    Parameters
    ----------
    cache
        Folder where numba keeps what it compiled of the modules.
    name
        What the hash is kept as.
    modules
        Names of the modules' files, without their ending.
    of_sources
        From `source_hash`.

    Notes
    -----
    Other processes may do the same at the same time: what is missing is compiled anew. A folder that cannot be written
    is left as it is.
    """
    stamp = cache / f"{name}.sources"
    with contextlib.suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        if stamp.is_file() and stamp.read_text(encoding="ascii") == of_sources:
            return
        for module in modules:
            for kept in cache.glob(f"{module}.*.nbi"):
                kept.unlink(missing_ok=True)
        stamp.write_text(of_sources, encoding="ascii")
