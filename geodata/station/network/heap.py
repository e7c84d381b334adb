"""A heap of whole numbers with four branches, in an array: the order in which Dijkstra's algorithm takes nodes.

A key is a time and a node, ``ms << 32 | node``.
"""

import numba

from geodata.station.network.arrays import Places


@numba.njit(cache=True, nogil=True)
def push(keys: Places, size: int, key: int) -> int:
    """Put in a key; says how many there are then. There must be room."""
    at = size
    while at > 0:
        above = (at - 1) >> 2
        if keys[above] <= key:
            break
        keys[at] = keys[above]
        at = above
    keys[at] = key
    return size + 1


@numba.njit(cache=True, nogil=True)
def pop(keys: Places, size: int) -> int:
    """Take away the least key, ``keys[0]``; says how many are left."""
    size -= 1
    key, at = keys[size], 0
    while True:
        least = 4 * at + 1
        if least >= size:
            break
        for child in range(least + 1, min(least + 4, size)):
            if keys[child] < keys[least]:
                least = child
        if keys[least] >= key:
            break
        keys[at] = keys[least]
        at = least
    keys[at] = key
    return size
