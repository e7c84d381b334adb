"""How long a part of a way takes, in whole milliseconds, the same wherever times are added up."""

import numba
import numpy as np

from geodata.station.network.arrays import UNREACHED


@numba.njit(cache=True, nogil=True, error_model="numpy")
def part_ms(edge_ms: int, mm: int, at_mm: int) -> int:
    """How long it takes from the tail of an edge to a point on it.

    Parameters
    ----------
    edge_ms, mm
        How long the whole edge takes, and its length.
    at_mm
        From the tail to the point, 0 to ``mm``.

    Notes
    -----
    From the point to the head it takes ``edge_ms - part_ms(…)``: the two always make up the whole edge.
    """
    return int(np.rint(at_mm * (edge_ms / mm)))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def walk_ms(mm: int, kmh: float) -> int:
    """How long a way over level ground takes; as `Profile.straight_ms`."""
    return int(np.rint(mm * 3.6 / kmh))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def end_legs(edge_ms: int, mm: int, at_mm: int, way_ms: int) -> tuple[int, int]:
    """How long it takes from a place to the tail and to the head of an edge, by a point on it.

    Parameters
    ----------
    edge_ms, mm, at_mm
        As in `part_ms`; ``edge_ms`` is `UNREACHED` where the edge cannot be walked.
    way_ms
        From the place to the point.

    Notes
    -----
    An end of an edge belongs to the junction: it is reached even where the edge itself cannot be walked.
    """
    if edge_ms == UNREACHED:
        return way_ms if at_mm == 0 else UNREACHED, way_ms if at_mm == mm else UNREACHED
    part = part_ms(edge_ms, mm, at_mm)
    return way_ms + part, way_ms + edge_ms - part


@numba.njit(cache=True, nogil=True, error_model="numpy")
def direct_ms(edge_ms: int, mm: int, from_mm: int, to_mm: int) -> int:
    """How long it takes from one point of an edge to another, straight along it; the edge can be walked."""
    return abs(part_ms(edge_ms, mm, from_mm) - part_ms(edge_ms, mm, to_mm))
