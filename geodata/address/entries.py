"""What a look-up can end in, before and after it is compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

KINDS: Final = ("address", "building", "compound", "place", "street")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the register.

    Parameters
    ----------
    code
        Of the row in its own table.
    kind
        One of `KINDS`.
    text
        As it is shown.
    parts
        ``road number compound building unit``, as far as they are known; read from the text where all are empty.
    aliases
        Other names of a compound or a place.
    lon, lat
        EPSG:4326 degrees.
    areas
        Full names of the areas that it lies in, the widest first.
    """

    code: str
    kind: str
    text: str
    lon: float
    lat: float
    parts: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
