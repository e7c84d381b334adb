"""What a look-up can end in, before and after it is compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

KINDS: Final = ("address", "building", "compound", "place", "street", "station", "pin", "crossing")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the register.

    Parameters
    ----------
    code
        Of the record in its own table; several entries of one code are one thing at several points.
    kind
        One of `KINDS`.
    text
        As it is shown.
    parts
        ``road number compound place building unit floor room``, as far as they are known; read from the text where
        all are empty.
    aliases
        Other names of a compound, a place, a street, or of what a door's compound or road is called.
    lon, lat
        EPSG:4326 degrees.
    areas
        Full names of the areas that it lies in, the widest first.
    units
        Of a building: each is found as a part of it.
    key
        Changes with all that the entry is made of, see `geodata.address.sources`; 0 where nobody follows it.
    """

    code: str
    kind: str
    text: str
    lon: float
    lat: float
    parts: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    key: int = 0

    def within(self, areas: tuple[str, ...]) -> Self:
        """The same entry in these areas, and in those that it was said to lie in."""
        return replace(self, areas=tuple(dict.fromkeys((*areas, *self.areas))))
