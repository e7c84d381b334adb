"""Operations as a client sends them: read, checked field by field, written in one way so that they can be compared."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import shapely

from geodata.drafts.codes import PROFILES
from geodata.errors import InputError

LONGEST_ID: Final = 64
LONGEST_TEXT: Final = 200
MOST_GRIDS: Final = 10_000
"""Grids that a file drawn elsewhere may bring at once."""
MOST_NAMED: Final = 1_000
"""Grids that another operation may name: somebody waits for it, and others for the draft."""
MOST_POINTS: Final = 10_000
MOST_ADDRESSES: Final = 10_000

_FARTHEST: Final = 1_000

_Reader = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: the id that the client gave it, its kind, and its fields as JSON can hold them."""

    client_id: str
    kind: str
    fields: Mapping[str, Any]

    @property
    def body(self) -> dict[str, Any]:
        """As it is stored; two that mean the same are equal."""
        return {"id": self.client_id, "kind": self.kind, **self.fields}

    def get(self, name: str) -> Any:
        """A field; None where it was not given."""
        return self.fields.get(name)


def _bad(field: str, what: str, what_zh: str) -> InputError:
    return InputError(f"{field}: {what}.", f"{field}：{what_zh}。", field=field)


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value.strip()) > LONGEST_TEXT:
        raise _bad(field, f"a text of 1 to {LONGEST_TEXT} characters is needed", f"应为 1 至 {LONGEST_TEXT} 个字符")
    if not value.strip().isprintable():
        raise _bad(field, "it has characters that cannot be printed", "含有不可显示的字符")
    return value.strip()


def _texts(most: int) -> _Reader:
    def read(field: str, value: Any) -> list[str]:
        if not isinstance(value, list) or not value or len(value) > most:
            raise _bad(field, f"a list of 1 to {most:,} texts is needed", f"应为 1 至 {most:,} 项的列表")
        return [_text(field, each) for each in value]

    return read


def _point(field: str, value: Any) -> list[float]:
    both = isinstance(value, list | tuple) and len(value) == 2
    if not both or not all(isinstance(each, int | float) and not isinstance(each, bool) for each in value):
        raise _bad(field, "a position is [lon, lat], two numbers", "位置应为 [经度, 纬度] 两个数字")
    # A whole number of 400 digits is JSON too.
    lon, lat = (float(each) if abs(each) < _FARTHEST else math.inf for each in value)
    if not (math.isfinite(lon) and math.isfinite(lat)):
        what = "numbers that large are no degrees: send longitude and latitude in EPSG:4326"
        raise _bad(field, what, "数值过大，不是经纬度：请发送 EPSG:4326 的经度和纬度")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise _bad(field, f"[{lon}, {lat}] is no place on Earth; longitude first", f"[{lon}, {lat}] 不是有效的经纬度")
    return [lon, lat]


def _line(field: str, value: Any) -> list[list[float]]:
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= MOST_POINTS:
        raise _bad(field, f"a line has 2 to {MOST_POINTS:,} positions", f"线应有 2 至 {MOST_POINTS:,} 个点")
    return [_point(field, each) for each in value]


def _flag(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _bad(field, "true or false is needed", "应为 true 或 false")
    return value


def _one_of(*choices: str) -> _Reader:
    def read(field: str, value: Any) -> str:
        if value not in choices:
            raise _bad(field, f"it is one of {', '.join(choices)}", f"应为 {'、'.join(choices)} 之一")
        return str(value)

    return read


def _pair(field: str, value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) != 2:
        raise _bad(field, "two codes of grids are needed", "应为两个网格编码")
    return [_text(field, each) for each in value]


def _ground(field: str, value: Any) -> dict[str, Any]:
    """A GeoJSON Polygon or MultiPolygon; its rings closed, each of positions on Earth."""
    kind = value.get("type") if isinstance(value, Mapping) else None
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(value.get("coordinates"), list | tuple):
        raise _bad(field, "a GeoJSON Polygon or MultiPolygon is needed", "应为 GeoJSON 的 Polygon 或 MultiPolygon")
    parts = [value["coordinates"]] if kind == "Polygon" else value["coordinates"]
    read = [_rings(field, part) for part in parts]
    if not read or sum(len(ring) for rings in read for ring in rings) > MOST_POINTS:
        raise _bad(field, f"the ground has 1 to {MOST_POINTS:,} positions", f"范围应有 1 至 {MOST_POINTS:,} 个点")
    return {"type": "MultiPolygon", "coordinates": read}


def _by_code(reader: _Reader) -> _Reader:
    """An object with the code of a grid for each name."""

    def read(field: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not 1 <= len(value) <= MOST_GRIDS:
            raise _bad(
                field, f"an object of 1 to {MOST_GRIDS:,} codes is needed", f"应为 1 至 {MOST_GRIDS:,} 个编码的对象"
            )
        found = {_text(field, code): reader(field, each) for code, each in value.items()}
        return {code: found[code] for code in sorted(found)}

    return read


def _rings(field: str, part: Any) -> list[list[list[float]]]:
    if not isinstance(part, list | tuple) or not part:
        raise _bad(field, "a polygon is a list of rings", "多边形应为环的列表")
    rings = []
    for ring in part:
        points = _line(field, ring)
        points = points if points[0] == points[-1] else [*points, points[0]]
        if len(points) < 4:
            raise _bad(field, "a ring has three corners or more", "环至少有三个顶点")
        rings.append(points)
    return rings


_CODES = _texts(MOST_NAMED)
_PLACES: Final[dict[str, _Reader]] = {
    "ground": _ground,
    "building": _text,
    "addresses": _texts(MOST_ADDRESSES),
    "block": _point,
}
_PARTS: Final[dict[str, _Reader]] = {"allow_parts": _flag}
_KEPT: Final[dict[str, _Reader]] = {"keep_codes": _flag}


@dataclass(frozen=True, slots=True)
class _Kind:
    """Fields that must and that may be given, and those of which exactly one is."""

    needed: Mapping[str, _Reader]
    more: Mapping[str, _Reader]
    either: Mapping[str, _Reader]
    some: bool = False


def _kind(
    needed: Mapping[str, _Reader],
    more: Mapping[str, _Reader] | None = None,
    either: Mapping[str, _Reader] | None = None,
    *,
    some: bool = False,
) -> _Kind:
    return _Kind(needed, more or {}, either or {}, some)


KINDS: Final[Mapping[str, _Kind]] = {
    "split": _kind({"grid": _text, "line": _line}, {"codes": _CODES, "names": _CODES}),
    "merge": _kind({"grids": _CODES, "survivor": _text}, _PARTS),
    "move-node": _kind({"at": _point, "to": _point}),
    "insert-node": _kind({"at": _point}, {"to": _point}),
    "remove-node": _kind({"at": _point}),
    "reshape": _kind({"between": _pair, "line": _line}),
    "hand-over": _kind({"to": _text}, {"from": _CODES, **_PARTS}, _PLACES),
    "new-grid": _kind(
        {},
        {"code": _text, "name": _text, "grid_kind": _one_of("urban", "rural"), "community": _text, **_PARTS},
        {**_PLACES, "grids": _CODES},
    ),
    "replace": _kind({"grids": _by_code(_ground)}, {"gone": _texts(MOST_GRIDS), "names": _by_code(_text)}),
    "change": _kind({"grid": _text}, {"code": _text, "name": _text, "grid_kind": _one_of("urban", "rural")}, some=True),
    "move-grids": _kind({"grids": _CODES, "community": _text}, _KEPT),
    "split-community": _kind(
        {"community": _text, "code": _text, "name": _text}, _KEPT, {"grids": _CODES, "line": _line}
    ),
    "merge-communities": _kind({"communities": _texts(1_000), "survivor": _text}, {**_PARTS, **_KEPT}),
    "create-community": _kind({"grids": _CODES, "code": _text, "name": _text}, {"parent": _text, **_KEPT}),
    "renumber": _kind({"community": _text}, {"profile": _one_of(*PROFILES)}),
}


def read_operation(given: Any) -> Operation:
    """An operation that was sent.

    Parameters
    ----------
    given
        JSON object with ``id``, ``kind`` and the fields of its kind.

    Raises
    ------
    InputError
        A field is missing, unknown or wrong; the fact ``field`` says which.
    """
    if not isinstance(given, Mapping):
        raise InputError("An operation is a JSON object.", "操作应为 JSON 对象。", field="")
    client_id = read_id(given.get("id"))
    kind = given.get("kind")
    known = KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        raise _bad("kind", f"it is one of {', '.join(KINDS)}", f"应为 {'、'.join(KINDS)} 之一")
    readers = {**known.needed, **known.more, **known.either}
    present = {name: value for name, value in given.items() if name not in ("id", "kind") and value is not None}
    strange = sorted(str(name) for name in present if name not in readers)
    if strange:
        raise _bad(strange[0][:40], f"an operation {kind} has no such field", f"操作 {kind} 没有该字段")
    missing = [name for name in known.needed if name not in present]
    if missing:
        raise _bad(missing[0], f"an operation {kind} needs it", f"操作 {kind} 需要该字段")
    _refuse_unless_one(str(kind), known, present)
    fields = {name: readers[name](name, value) for name, value in sorted(present.items())}
    return Operation(client_id, str(kind), fields)


def read_id(given: Any) -> str:
    """The id that a client gave an operation.

    Raises
    ------
    InputError
        It is no text of 1 to 64 characters that can be printed.
    """
    if not isinstance(given, str) or not 0 < len(given) <= LONGEST_ID or not given.isprintable():
        raise _bad("id", f"a text of 1 to {LONGEST_ID} characters is needed", f"应为 1 至 {LONGEST_ID} 个可显示的字符")
    return given


def ground_of(stored: Mapping[str, Any]) -> shapely.Geometry:
    """The ground that an operation names, EPSG:4326; not checked for validity."""
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in stored["coordinates"]]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _refuse_unless_one(kind: str, known: _Kind, present: Mapping[str, Any]) -> None:
    chosen = [name for name in known.either if name in present]
    if known.either and len(chosen) != 1:
        names = ", ".join(known.either)
        raise _bad(
            chosen[1] if chosen else next(iter(known.either)),
            f"an operation {kind} needs exactly one of {names}",
            f"操作 {kind} 须且只能给出 {names.replace(', ', '、')} 之一",
        )
    if known.some and not any(name in present for name in known.more):
        names = ", ".join(known.more)
        raise _bad(
            next(iter(known.more)),
            f"an operation {kind} needs at least one of {names}",
            f"操作 {kind} 至少须给出 {names.replace(', ', '、')} 之一",
        )
