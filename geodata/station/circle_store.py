"""Outlines of service circles in files, named by all that they depend on.

A change of streets elsewhere, or of something that no outline depends on, leaves the name as it was; so nothing is
worked out again but where something changed, by whichever process, before or after a restart.
"""

import contextlib
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import orjson
import shapely
from shapely.errors import ShapelyError

from geodata.station.around import Around
from geodata.station.bands import SIMPLER_METRES, SMALLEST_HOLE
from geodata.station.lattice import CELL_METRES
from geodata.station.network.snap import Connectors
from geodata.station.outline import Outline, Outlines

MOST_FILES: Final = 10_000
"""So many circles are kept, about 10 kB each; those asked for longest ago go first."""

MOST_BYTES: Final = 500_000_000
"""What they may take: six bands of an hour's walk in a city take a hundred times as much, and anybody may ask."""

# Part of every name: what was drawn another way is never read.
_FORMAT: Final = "1"
_CHECKED: Final = 16
_WRITTEN_UNTIL_TIDIED: Final = 500
_TOUCHED_SECONDS: Final = 3600.0

_log = logging.getLogger(__name__)


class CircleStore:
    """Outlines in files below a folder; without a folder they are drawn each time.

    Parameters
    ----------
    home
        A folder of its own. What an older program left there is removed.
    most_files, most_bytes
        As `MOST_FILES` and `MOST_BYTES`.
    """

    def __init__(self, home: Path | None = None, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES) -> None:
        self._home = None if home is None else home / _FORMAT
        self._most_files, self._most_bytes = most_files, most_bytes
        self._written, self._written_bytes = 0, 0
        if home is not None and home.is_dir():
            for old in home.iterdir():
                if old.name != _FORMAT:
                    shutil.rmtree(old, ignore_errors=True)

    def outline(self, outlines: Outlines, station: Connectors, minutes: Sequence[float]) -> Outline:
        """The outline of what one place reaches: read, or drawn and kept.

        Notes
        -----
        A file that is damaged is drawn anew. Where nothing can be written, as on a full disk, the outline is given all
        the same.
        """
        around = outlines.around(station, max(minutes))
        if self._home is None or around is None:
            return outlines.drawn(around, minutes)
        path = self._path(self._home, around, minutes)
        found = _read(path)
        if found is None:
            found = outlines.drawn(around, minutes)
            self._write(path, found)
        return found

    def _path(self, home: Path, around: Around, minutes: Sequence[float]) -> Path:
        how = (sorted(set(minutes)), CELL_METRES, SIMPLER_METRES, SMALLEST_HOLE, around.digest())
        name = hashlib.blake2b(repr(how).encode(), digest_size=16).hexdigest()
        return home / name[:2] / name

    def _write(self, path: Path, outline: Outline) -> None:
        content = orjson.dumps(
            {
                "minutes": outline.minutes,
                "square_metres": outline.square_metres,
                "shapes": [shapely.to_wkb(shape, hex=True) for shape in outline.shapes],
            }
        )
        written = path.with_name(f"{path.name}.{os.getpid()}-{time.monotonic_ns()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            written.write_bytes(_checksum(content) + content)
            written.replace(path)
        except OSError as error:
            _log.warning("a circle was not kept: %s", error)
            with contextlib.suppress(OSError):
                written.unlink(missing_ok=True)
        self._written += 1
        self._written_bytes += len(content)
        if self._written >= _WRITTEN_UNTIL_TIDIED or self._written_bytes >= self._most_bytes // 10:
            self._written, self._written_bytes = 0, 0
            self.tidy()

    def tidy(self) -> None:
        """Remove the circles that were asked for longest ago, where there are too many or they take too much."""
        if self._home is None:
            return
        used: list[tuple[float, Path, int]] = []
        for path in self._home.glob("*/*"):
            with contextlib.suppress(OSError):
                state = path.stat()
                used.append((state.st_mtime, path, state.st_size))
        files, size = len(used), sum(one[2] for one in used)
        for _, path, own in sorted(used):
            if files <= self._most_files and size <= self._most_bytes:
                return
            files, size = files - 1, size - own
            with contextlib.suppress(OSError):
                path.unlink()


def _read(path: Path) -> Outline | None:
    """The outline in a file; None where there is none, or none that can be trusted."""
    try:
        whole = path.read_bytes()
        if time.time() - path.stat().st_mtime > _TOUCHED_SECONDS:
            os.utime(path)
    except OSError:
        return None
    content = whole[_CHECKED:]
    if whole[:_CHECKED] != _checksum(content):
        _log.warning("a damaged circle is drawn anew: %s", path.name)
        return None
    try:
        told = orjson.loads(content)
        shapes = tuple(shapely.from_wkb(shape) for shape in told["shapes"])
        return Outline(tuple(told["minutes"]), shapes, tuple(told["square_metres"]))
    except (ValueError, KeyError, TypeError, ShapelyError):
        return None


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECKED).digest()
