"""From a question to a wall map: what is shown and coloured by, and its PDF."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from geodata.basemap import base_shapes
from geodata.errors import InputError, NetworkNotReadyError, UnavailableError
from geodata.themes import LIVING, Theme, theme_of
from service.maps.boards.making import Sources, imprint_of
from service.maps.wall_facts import PAPER, Orientation, PaperSize, WallMap
from service.maps.wall_map import title_of, wall_map
from service.maps.wall_mapping import wall_of
from service.maps.words import Language

SIZES: Final[tuple[PaperSize, ...]] = tuple(PAPER)


@dataclass(frozen=True, slots=True)
class WallAsked:
    """Which wall map: of an area or a whole layer (the default one where None), on which paper, coloured by what."""

    area: str | None = None
    layer: str | None = None
    size: PaperSize = "A3"
    orientation: Orientation | None = None
    theme: str | None = None
    lang: Language = "zh-CN"


@dataclass(frozen=True, slots=True)
class WallMade:
    """A wall map as PDF, and what it says."""

    wall: WallMap
    content: bytes

    @property
    def name(self) -> str:
        """What its file is called, without an ending."""
        return re.sub(r'[\x00-\x1f"/\\:*?<>|]+', "", title_of(self.wall))[:60]


def make_wall(sources: Sources, asked: WallAsked) -> WallMade:
    """The wall map, as the public may see it whoever asks: it hangs where everybody reads it.

    Raises
    ------
    InputError
        Neither an area nor a layer is named.
    NotKnownError
        There is no such area, layer or theme at this time, or nothing to show.
    UnavailableError
        The database is away: the ground below the grids and loaded counts come from there.
    """
    if asked.area is None and asked.layer is None:
        raise InputError("name an area or a layer", "请给出区划 area 或网格类型 layer")
    moment = sources.moment
    layer = moment.layer(asked.layer).code if asked.layer else moment.default_layer.code
    themes = _themes(sources, layer, asked.theme)
    theme = None if asked.theme is None else theme_of(themes, asked.theme).discreet()
    imprint = imprint_of(sources, layer, asked.lang, live_map(sources.address, layer, asked))
    wall = wall_of(moment, layer, asked.area, imprint, themes, theme)
    with sources.opened() as connection:
        laid = wall_map(
            wall, lambda bounds, detail: base_shapes(connection, bounds, detail), asked.size, asked.orientation
        )
    return WallMade(wall, laid.pdf())


def live_map(address: str, layer: str, asked: WallAsked) -> str:
    """Address of the live map that shows the same, for the code; empty where ours is not known."""
    if not address:
        return ""
    fields = {"layer": layer, "area": asked.area, "theme": asked.theme, "lang": "en" if asked.lang == "en" else None}
    return f"{address}/maps/grids?{urlencode({name: value for name, value in fields.items() if value})}"


def _themes(sources: Sources, layer: str, wanted: str | None) -> dict[str, Theme]:
    """Households and persons; loaded counts, too, where one of them is wanted."""
    loaded = None
    if wanted is not None and wanted not in LIVING:
        loaded = sources.themes.loaded(sources.opened, sources.printed_at)
        if loaded is None:
            raise UnavailableError("counts cannot be read: the database is away", "数据库暂时不可用，无法读取统计数据")
    try:
        walking = sources.network.current()
        homes, version = walking.homes, walking.version
    except NetworkNotReadyError:
        homes, version = None, ""
    return sources.themes.themes(sources.moment, layer, homes, version, loaded)
