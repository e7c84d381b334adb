"""What a wall map says, before anything is drawn: records, EPSG:4326."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from service.maps.words import Language

PaperSize = Literal["A4", "A3", "A2", "A1", "A0"]
Orientation = Literal["portrait", "landscape"]
PAPER: Final[dict[PaperSize, tuple[float, float]]] = {
    "A4": (210, 297),
    "A3": (297, 420),
    "A2": (420, 594),
    "A1": (594, 841),
    "A0": (841, 1189),
}
"""Width and height of paper upright, millimetres."""


@dataclass(frozen=True, slots=True)
class GridTold:
    """A grid on a wall map.

    Parameters
    ----------
    name
        Without what its community is called.
    number
        The end of its code that tells it from others of its community.
    fill
        Colour.
    areas
        Positions in `WallMap.areas` of what it lies in, the lowest first.
    people
        Who answers for it, as the public sees them.
    """

    code: str
    name: str
    number: str
    shape: Any
    fill: str
    areas: tuple[int, ...] = ()
    households: int | None = None
    people: str = ""


@dataclass(frozen=True, slots=True)
class AreaTold:
    """An area that holds grids of the map; ``note`` is whom to call there."""

    code: str
    name: str
    level: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class StationTold:
    """A station with its place, and what the list says of it."""

    name: str
    note: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class ClassTold:
    """A colour of a theme: what it stands for and how many grids have it."""

    colour: str
    label: str
    grids: int


@dataclass(frozen=True, slots=True)
class WallMap:
    """All that a wall map says.

    Parameters
    ----------
    place, above
        Name of what is shown, and of what that lies in, the highest first.
    layer
        Name of the layer, empty for the usual one.
    level
        Of the area shown, empty for a whole layer.
    grids
        In code order.
    areas
        Below what is shown, and that itself last where it is one.
    depths
        Names of the levels that `GridTold.areas` counts up from the lowest one.
    neighbours
        Names and shapes of what lies beside.
    theme
        What the colours stand for; None where they only tell neighbours apart.
    theme_classes
        Its colours.
    persons, square_metres
        Of all; None where it is not known.
    link
        Of the live page; empty for none.
    release, as_of, made_on
        As they are read.
    """

    place: str
    grids: Sequence[GridTold]
    areas: Sequence[AreaTold]
    depths: Sequence[str]
    bounds: tuple[float, float, float, float]
    above: Sequence[str] = ()
    layer: str = ""
    level: str = ""
    stations: Sequence[StationTold] = ()
    neighbours: Sequence[tuple[str, Any]] = ()
    theme: str | None = None
    theme_classes: Sequence[ClassTold] = ()
    households: int | None = None
    persons: int | None = None
    square_metres: float = 0.0
    link: str = ""
    release: str = ""
    as_of: str = ""
    made_on: str = ""
    attribution: str = ""
    approval_number: str = ""
    lang: Language = "zh-CN"
