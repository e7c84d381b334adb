"""Texts that stand in the register word for word: they mean those entries, whatever their parts say."""

import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from geodata.address.candidates import Candidate, Found, put_first
from geodata.address.characters import fold

VERBATIM: Final = 0.99
"""How likely it is that what stands in the register word for word is meant, where nothing else is as exact."""

MOST: Final = 16
"""No text means so many entries: more are not looked at."""

_SHORTEST: Final = 4
_LONGEST: Final = 200
_RIVAL: Final = 0.02
_ONE_PLACE: Final = 30.0
_METRES_PER_DEGREE: Final = (111_320.0, 110_540.0)
# Between digits a sign tells numbers apart: 12 3 is neither 123 nor 12-3.
_SIGNS: Final = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")


class Part(Protocol):
    """A part of a register."""

    def verbatim(self, key: int) -> Sequence[Candidate]:
        """Entries whose text has a key, each as a candidate."""


def text_key(text: str) -> int:
    """A number that stands for a text however its characters are written; 0 for what is too short or too long."""
    said = _SIGNS.sub("", fold(text)[0]) if len(text) <= _LONGEST else ""
    if len(said) < _SHORTEST:
        return 0
    return int.from_bytes(blake2b(said.encode(), digest_size=8).digest(), "little", signed=True) or 1


def with_verbatim(parts: Sequence[Part], text: str, found: Found, limit: int, sure: float) -> Found:
    """What was found, with what stands in the register word for word before it, where nothing was sure.

    Parameters
    ----------
    sure
        How likely a candidate is that needs no help.

    Notes
    -----
    Nothing changes where its entries lie apart, or far from another one that is found as exactly: 中山路1号 may stand
    so in one town, and behind the name of another town as well.
    """
    if found.candidates and found.candidates[0].score >= sure:
        return found
    key = text_key(text)
    same = [one for part in parts for one in part.verbatim(key)] if key else []
    if not 0 < len(same) <= MOST:
        return found
    points = np.concatenate([one.points for one in same])
    rivals = [one for one in found.candidates if one.exact and one.score > _RIVAL]
    if not all(map(_in_one_place, [points, *(np.concatenate([points, one.points]) for one in rivals)])):
        return found
    first = replace(
        same[0],
        points=points,
        weights=np.full(len(same), VERBATIM / len(same)),
        score=VERBATIM,
    )
    return put_first(found, first, limit)


def _in_one_place(points: NDArray[np.float64]) -> bool:
    east = np.ptp(points[:, 0]) * _METRES_PER_DEGREE[0] * np.cos(np.radians(points[0, 1]))
    north = np.ptp(points[:, 1]) * _METRES_PER_DEGREE[1]
    return bool(np.hypot(east, north) <= _ONE_PLACE)
