"""Lines as short texts: what a map page gets instead of numbers, a fifth of their size and quick to read."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.crs import from_wgs84, parse_crs

UNITS_PER_METRE: Final = 10
_BITS: Final = 5
_MORE: Final = 1 << _BITS
_FIRST_CHARACTER: Final = 63
_LONGEST: Final = 7
_WEB_MERCATOR: Final = parse_crs("EPSG:3857")


def mercator_units(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole decimetres of Web Mercator (EPSG:3857), the plane that browsers draw on.

    Parameters
    ----------
    points
        lon, lat in degrees, EPSG:4326, shape (n, 2).

    Notes
    -----
    Web Mercator is no plane to measure in: its metres are longer than those on the ground by 1 / cos(lat).
    """
    east, north = from_wgs84(points[:, 0], points[:, 1], _WEB_MERCATOR)
    return np.rint(np.column_stack([east, north]) * UNITS_PER_METRE).astype(np.int64)


def encoded_lines(points: NDArray[np.int64], starts: Sequence[int], origin: NDArray[np.int64]) -> list[str]:
    """Write each line as the steps from point to point, the first one from the origin.

    Parameters
    ----------
    points
        All points of all lines, shape (n, 2); steps are below 2**34.
    starts
        Place of each line's first point, and at last the number of points; no line is empty.
    origin
        Where the first step of each line begins.

    Returns
    -------
    list[str]
        A text for each line: x and y steps in turn, each a zigzag integer (0, -1, 1, -2 …) in groups of five bits,
        the lowest first; 32 is added to each group but the last, and 63 to all, which gives printable characters.
    """
    if not len(points):
        return []
    steps = np.diff(points, axis=0, prepend=origin[None])
    firsts = np.asarray(starts[:-1])
    steps[firsts] = points[firsts] - origin
    values = ((steps << 1) ^ (steps >> 63)).ravel()
    lengths = np.ones(len(values), dtype=np.int64)
    for groups in range(1, _LONGEST):
        lengths += values >= 1 << (_BITS * groups)
    ends = np.cumsum(lengths)
    characters = np.empty(int(ends[-1]), dtype=np.uint8)
    for group in range(_LONGEST):
        here = lengths > group
        bits = (values[here] >> (_BITS * group)) & (_MORE - 1)
        more = np.where(lengths[here] > group + 1, _MORE, 0)
        characters[ends[here] - lengths[here] + group] = bits + more + _FIRST_CHARACTER
    text = characters.tobytes().decode("ascii")
    cuts = [0, *ends[2 * np.asarray(starts[1:]) - 1].tolist()]
    return [text[cuts[line] : cuts[line + 1]] for line in range(len(starts) - 1)]
