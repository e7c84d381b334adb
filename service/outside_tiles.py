"""Somebody else's map below the grids, where an operator names one: the address of its tiles, and their datum."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from geodata.crs import parse_crs
from geodata.errors import GeodataError
from service.portals import origins_of

LONGEST: Final = 1000
DATUMS: Final = ("EPSG:4326", "EPSG:4490", "GCJ-02")

_FIELD: Final = re.compile(r"\{([^{}]*)\}")
_NEEDED: Final = frozenset({"z", "x", "y"})


@dataclass(frozen=True, slots=True)
class OutsideTiles:
    """Tiles of Web Mercator that browsers fetch themselves.

    Parameters
    ----------
    url
        With ``{z}``, ``{x}`` and ``{y}``; a key stands in it already.
    origin
        Scheme and host that pages must be allowed to show pictures of.
    attribution
        Whose map it is.
    shifted
        Whether it is drawn in GCJ-02, beside where things are.
    """

    url: str
    origin: str
    attribution: str
    shifted: bool


def checked_tiles_url(text: str) -> str:
    """The address of tiles, if pages can ask it for pictures; empty for none.

    Raises
    ------
    ValueError
        It is no https address (http is for this machine and private addresses), does not name {z}, {x} and {y}, names
        another field than those and {key}, or has a field where the host stands.
    """
    url = text.strip()
    if not url:
        return ""
    named = _FIELD.findall(url)
    odd = set(named) - _NEEDED - {"key"} or not set(named) >= _NEEDED or re.search(r"[{}]", _FIELD.sub("", url))
    if odd or len(url) > LONGEST or re.search(r"[\s<>\"'\\;,]", url):
        raise ValueError("the address of tiles must name {z}, {x} and {y}, may name {key}, and nothing else")
    parts = urlsplit(url)
    if "{" in parts.netloc or parts.username or parts.fragment:
        raise ValueError("the address of tiles must be like https://tiles.example/{z}/{x}/{y}.png?key={key}")
    origins_of(f"{parts.scheme}://{parts.netloc}", wildcards=False)
    return url


def checked_datum(text: str) -> str:
    """The name of the datum that tiles are drawn in.

    Raises
    ------
    ValueError
        It is none of `DATUMS`.
    """
    try:
        name = parse_crs(text).name
    except GeodataError:
        name = ""
    if name not in DATUMS:
        raise ValueError(f"tiles are in one of {', '.join(DATUMS)}; of BD-09 and others none are laid under the grids")
    return name


def outside_tiles(url: str, key: str, attribution: str, datum: str) -> OutsideTiles | None:
    """What pages show below the grids, None where no address is set; the arguments are checked settings."""
    if not url:
        return None
    parts = urlsplit(url)
    (origin,) = origins_of(f"{parts.scheme}://{parts.netloc}", wildcards=False)
    return OutsideTiles(url.replace("{key}", quote(key, safe="")), origin, attribution, datum == "GCJ-02")
