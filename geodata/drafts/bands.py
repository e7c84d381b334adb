"""How many households grids are to have: 300 to 500 in town, or what an operator sets by layer and kind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from geodata.drafts.balance import DEFAULT_BANDS, Band
from geodata.records import Layer

_SOURCE: Final = "set by the operator", "本单位设定"
_ENTRY: Final = re.compile(r"(?:([^/=,\s]{1,64})/)?(urban|rural)=(none|[0-9]{0,6}-[0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands of households that an operator set, beside the default.

    Parameters
    ----------
    told
        By code of the layer, None for the one that is shown first, and kind of grid; None for no band.
    """

    told: Mapping[tuple[str | None, str], Band | None] = field(default_factory=dict)

    def of(self, layer: Layer) -> dict[str, Band]:
        """Bands of a layer by kind of grid.

        Notes
        -----
        The default is for the layer that is shown first: areas of service and grids for single sites are of other
        sizes, and of each layer its own.
        """
        found: dict[str, Band | None] = dict(DEFAULT_BANDS) if layer.is_default else {}
        for own in (None, layer.code) if layer.is_default else (layer.code,):
            found |= {kind: band for (code, kind), band in self.told.items() if code == own}
        return {kind: band for kind, band in found.items() if band is not None}


DEFAULT: Final = Bands()


def parse_bands(text: str) -> Bands:
    """Bands as they are set, such as ``urban=300-500,rural=-300,service/urban=800-``.

    Parameters
    ----------
    text
        Entries between commas: a kind of grid, after the code of a layer where it is not the one shown first, and the
        least and the most households, one of which may be left out; ``none`` for no band.

    Raises
    ------
    ValueError
        An entry is not of that form, or its least is more than its most.
    """
    told: dict[tuple[str | None, str], Band | None] = {}
    for entry in filter(None, (part.strip() for part in text.replace("，", ",").split(","))):
        found = _ENTRY.fullmatch(entry)
        if found is None or found[3] == "-":
            raise ValueError(
                f"{entry[:60]!r} is no band of households, such as urban=300-500, rural=-300 or service/urban=none"
            )
        told[found[1], found[2]] = None if found[3] == "none" else _band(found[3])
    return Bands(told)


def _band(text: str) -> Band:
    least, most = (int(end) if end else None for end in text.split("-"))
    if least is not None and most is not None and least > most:
        raise ValueError(f"the band of households {text} begins above its end")
    return Band(least, most, *_SOURCE)
