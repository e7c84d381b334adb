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
from geodata.crs import metres_per_degree

VERBATIM: Final = 0.99
"""How likely it is that what stands in the register word for word is meant, where nothing else is as exact."""

MOST: Final = 16
"""No text means so many entries: more are not looked at."""

_SHORTEST: Final = 4
_LONGEST: Final = 200
_RIVAL: Final = 0.02
_MISREAD: Final = 20.0
_ONE_PLACE: Final = 30.0
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
    so in one town, and behind the name of another town as well. Where the grammar hardly sees the entry itself, what it
    finds instead is a misreading. 对面 in a text of the register is part of it, and leads nowhere from there.
    """
    related = any(one.kind == "relation" for one in found.normal.aside)
    if found.candidates and found.candidates[0].score >= sure and not related:
        return found
    key = text_key(text)
    same = [one for part in parts for one in part.verbatim(key)] if key else []
    if not 0 < len(same) <= MOST:
        return found
    points = np.concatenate([one.points for one in same])
    seen = float(found.weights[(found.points[:, None] == points).all(axis=2).any(axis=1)].sum())
    # Who types 对面 as the register has it means no door without it.
    others = () if related else found.candidates
    rivals = [one for one in others if one.exact and _RIVAL < one.score <= _MISREAD * seen]
    if not all(map(_in_one_place, [points, *(np.concatenate([points, one.points]) for one in rivals)])):
        return found
    first = replace(
        same[0],
        points=points,
        weights=np.full(len(same), VERBATIM / len(same)),
        score=VERBATIM,
    )
    aside = tuple(one for one in found.normal.aside if one.kind != "relation")
    return put_first(replace(found, normal=replace(found.normal, aside=aside)), first, limit)


def _in_one_place(points: NDArray[np.float64]) -> bool:
    per_lon, per_lat = metres_per_degree(float(points[0, 1]))
    return bool(np.hypot(np.ptp(points[:, 0]) * per_lon, np.ptp(points[:, 1]) * per_lat) <= _ONE_PLACE)
