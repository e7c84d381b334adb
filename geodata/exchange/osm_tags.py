"""What the tags of OpenStreetMap say of places, streets, compounds, buildings and addresses in China."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from geodata.exchange.osm_walk import (
    NO_STREETS,
    barrier_class,
    foot,
    is_around_a_plot,
    is_closed,
    is_water_area,
    is_way,
    way_class,
)

Tags = Mapping[str, str]
Rows = list[dict[str, Any]]

_KINDS_OF_PLACES: Final = (
    "amenity",
    "shop",
    "office",
    "healthcare",
    "tourism",
    "leisure",
    "historic",
    "place",
    "railway",
    "public_transport",
    "craft",
    "club",
    "emergency",
    "military",
    "man_made",
    "aeroway",
)
_NO_PLACES: Final = {
    "railway": frozenset({"rail", "subway", "light_rail", "tram", "abandoned", "disused", "construction", "switch"}),
    "public_transport": frozenset({"stop_position", "stop_area"}),
    "place": frozenset({"state", "province", "country", "region", "ocean", "sea", "continent"}),
}
_OTHER_NAMES: Final = ("official_name", "alt_name", "old_name", "short_name", "loc_name", "reg_name", "name")
_CHINESE: Final = ("", ":zh", ":zh-Hans", ":zh-Hant", ":zh-CN", ":zh-TW", ":zh_hans", ":zh_hant")
_SEVERAL: Final = re.compile(r"\s*[;；]\s*")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_MOST_NUMBERS: Final = 20
_KEYS: Final = ("name", "name:zh", "highway", "landuse", "building", "addr:housenumber", "addr:housename")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of an extract.

    Parameters
    ----------
    columns
        Named as the fields of the kind; the first is ``code``.
    types
        Letters of the objects that it takes: n(ode), w(ay), a(rea).
    holds
        Whether tags are of something that belongs to it.
    rows
        Its records, none where the tags do not say enough; usually one.
    points
        Whether a shape stands for a point in it.
    around
        Column for the code of the compound that each lies in, where there is one.
    keys
        Only what has one of these is looked at.
    as_area
        Whether tags are of something that is an area, where it takes ways and areas.
    is_out
        Whether tags and shape together are of something that does not belong to it after all.
    closes
        Whether a node lets nobody pass, where its ways are walked: columns ``closed`` and ``cut`` say such vertices and
        the ends that the edge of the extract made.
    lack, lack_zh
        What those that do not say enough do not say.
    """

    name: str
    columns: tuple[str, ...]
    types: str
    holds: Callable[[Tags], bool]
    rows: Callable[[Tags, str], Rows]
    points: bool = False
    around: str = ""
    keys: tuple[str, ...] = _KEYS
    as_area: Callable[[Tags], bool] | None = None
    is_out: Callable[[Tags, Any], bool] | None = None
    closes: Callable[[Tags], bool] | None = None
    lack: str = "they have no name"
    lack_zh: str = "没有名称"

    @property
    def areas(self) -> bool:
        """Whether it takes areas."""
        return "a" in self.types

    def takes(self, type_letter: str, tags: Tags) -> bool:
        """Whether it takes objects of a type that have such tags."""
        if type_letter not in self.types:
            return False
        return self.as_area is None or type_letter == "n" or (type_letter == "a") == self.as_area(tags)

    def is_around(self, tags: Tags) -> bool:
        """Whether others lie in it."""
        return bool(self.around) and is_compound(tags) and bool(names(tags))

    def wants(self, tags: Tags) -> bool:
        """Whether its shape is of use."""
        return self.holds(tags) or self.is_around(tags)


def names(tags: Tags) -> list[str]:
    """The name that people use, in Chinese where there is one, then the others; empty where there is none."""
    found = [
        name
        for key in ("name", *_OTHER_NAMES)
        for language in _CHINESE
        for name in _SEVERAL.split(tags.get(key + language, "").strip())
        if name
    ]
    ordered = [name for name in found if _HAN.search(name)] + [name for name in found if not _HAN.search(name)]
    return list(dict.fromkeys(ordered))


def is_compound(tags: Tags) -> bool:
    """Whether an area is where people live together behind one name."""
    return tags.get("landuse") == "residential" or tags.get("place") in ("neighbourhood", "city_block", "plot")


def _is_place(tags: Tags) -> bool:
    if not names(tags) or (is_compound(tags) and "amenity" not in tags):
        return False
    return bool(_category(tags))


def _category(tags: Tags) -> str:
    for key in _KINDS_OF_PLACES:
        value = tags.get(key, "")
        if value and value != "no" and value not in _NO_PLACES.get(key, ()):
            return value if value != "yes" else key
    building = tags.get("building", "no")
    return "" if building == "no" else building if building != "yes" else "building"


def _places(tags: Tags, code: str) -> Rows:
    return [{**_named(tags, code), "category": _category(tags)}]


def _named(tags: Tags, code: str) -> dict[str, Any]:
    called = names(tags)
    return {"code": code, "name": called[0], "aliases": "；".join(called[1:]) or None} if called else {}


def _streets(tags: Tags, code: str) -> Rows:
    street = way_class(tags)
    # A platform has the name of its station: no address is on it.
    called = {} if street in NO_STREETS else _named(tags, code)
    above = {name: tags.get(name) for name in ("bridge", "tunnel", "layer")}
    return [{"code": code, "name": None, **called, "class": street, "foot": foot(tags), **above}]


def _is_barrier(tags: Tags) -> bool:
    return bool(barrier_class(tags))


def _barriers(tags: Tags, code: str) -> Rows:
    called = names(tags)
    return [{"code": code, "name": called[0] if called else None, "class": barrier_class(tags)}]


def _compounds(tags: Tags, code: str) -> Rows:
    named = _named(tags, code)
    return [named] if named else []


def _is_building(tags: Tags) -> bool:
    return tags.get("building", "no") != "no"


def _buildings(tags: Tags, code: str) -> Rows:
    called = names(tags)
    number = tags.get("addr:housename") or tags.get("addr:housenumber") or tags.get("ref") or ""
    name = called[0] if called else f"{number}号" if number[-1:].isalnum() and number.isascii() else number
    flats = tags.get("building:flats", "")
    return [{"code": code, "name": name, "households": int(flats) if _is_count(flats) else None}] if name else []


_GREEN: Final = {
    "leisure": frozenset({"park", "garden", "pitch", "golf_course", "nature_reserve"}),
    "landuse": frozenset({"grass", "forest", "meadow", "recreation_ground", "village_green", "orchard", "flowerbed"}),
    "natural": frozenset({"wood", "scrub", "grassland"}),
}


def _is_backdrop(tags: Tags) -> bool:
    """Whether maps alone show it: what is green, and buildings that have neither name nor number."""
    return _is_green(tags) or (_is_building(tags) and not _buildings(tags, ""))


def _is_green(tags: Tags) -> bool:
    return not _is_building(tags) and any(tags.get(key) in values for key, values in _GREEN.items())


def _backdrop(tags: Tags, code: str) -> Rows:
    called = names(tags)
    cover = "green" if _is_green(tags) else "building"
    return [{"code": code, "name": called[0] if called else None, "cover": cover}]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def _is_address(tags: Tags) -> bool:
    return bool(tags.get("addr:housenumber") or tags.get("addr:housename")) and "addr:interpolation" not in tags


_ADDRESS_TAGS: Final = {
    "text": ("addr:full",),
    "province": ("addr:province", "addr:state"),
    "city": ("addr:city",),
    "district": ("addr:district", "addr:county"),
    "town": ("addr:subdistrict", "addr:town", "addr:suburb"),
    "community": ("addr:village", "addr:neighbourhood"),
    "road": ("addr:street",),
    "compound": ("addr:place", "addr:block"),
    "building": ("addr:housename", "addr:building"),
    "unit": ("addr:unit",),
    "floor": ("addr:floor",),
    "room": ("addr:flats", "addr:door"),
}


def _addresses(tags: Tags, code: str) -> Rows:
    row: dict[str, Any] = {
        name: next((tags[key] for key in keys if tags.get(key)), None) for name, keys in _ADDRESS_TAGS.items()
    }
    if not (row["text"] or row["road"] or row["compound"]):
        return []
    written = tags.get("addr:housenumber", "")
    numbers = [number for number in _SEVERAL.split(written) if number][:_MOST_NUMBERS] or [None]
    return [
        {**row, "code": code if place == 0 else f"{code}.{place + 1}", "number": number}
        for place, number in enumerate(numbers)
    ]


LAYERS: Final[dict[str, Layer]] = {
    layer.name: layer
    for layer in (
        Layer("places", ("code", "name", "aliases", "category"), "na", _is_place, _places, points=True),
        Layer(
            "streets",
            ("code", "name", "aliases", "class", "foot", "closed", "cut", "bridge", "tunnel", "layer"),
            "w",
            is_way,
            _streets,
            keys=("highway", "railway", "man_made", "barrier"),
            closes=is_closed,
        ),
        Layer(
            "barriers",
            ("code", "name", "class"),
            "wa",
            _is_barrier,
            _barriers,
            keys=("waterway", "natural", "landuse", "railway", "barrier", "highway"),
            as_area=is_water_area,
            is_out=is_around_a_plot,
        ),
        Layer(
            "backdrop",
            ("code", "name", "cover"),
            "a",
            _is_backdrop,
            _backdrop,
            keys=("building", "leisure", "landuse", "natural"),
        ),
        Layer("compounds", ("code", "name", "aliases"), "a", is_compound, _compounds),
        Layer(
            "buildings",
            ("code", "name", "compound", "households"),
            "a",
            _is_building,
            _buildings,
            around="compound",
            lack="they have neither name nor number",
            lack_zh="没有名称或编号",
        ),
        Layer(
            "addresses",
            (
                *("code", "text", "province", "city", "district", "town", "community", "road", "number"),
                *("compound", "building", "unit", "floor", "room"),
            ),
            "na",
            _is_address,
            _addresses,
            points=True,
            lack="they have a number but neither street nor place",
            lack_zh="有门牌号但没有道路或地点",
        ),
    )
}
