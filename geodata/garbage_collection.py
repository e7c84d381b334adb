"""Bulk work without the search for reference cycles, and what is there to stay left out of it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Leave out the search for cycles: it would look through ever more records that are all there to stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def settle() -> None:
    """Search for cycles once, and leave out what is in memory now from later searches.

    Notes
    -----
    A search stops the whole process: with the records of 20,000 grids some 60 ms, at any request. What settled before
    is searched again, so that cycles among what has meanwhile been given up are found.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
