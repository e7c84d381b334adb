"""Stage 4 for addresses: points that lie outside the community, street or district that their rows state."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.address.characters import fold
from geodata.crs import metres_per_degree
from geodata.intake.address_reading import Doors
from geodata.intake.register_findings import some_of
from geodata.intake.rows import Records
from geodata.records import Finding

TOLERATED_METRES: Final = 30.0
"""So far outside a point may lie: across the border street, or where a border is drawn roughly."""

_LEFT_OUT: Final = ("", "社区", "村", "街道", "镇", "乡", "区", "市")
_COMMITTEES: Final = ("社区居委会", "居委会", "村委会", "社区居民委员会", "居民委员会", "村民委员会")
_COMMUNITY_WORDS: Final = ("社区", "村", *_COMMITTEES)


def outside_stated_areas(records: Records, doors: Doors, areas: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """A warning for each point that lies outside what its row states, and for each stated community that nobody knows.

    Parameters
    ----------
    areas
        In force: ``code name level parent wkb``, EPSG:4326.

    Notes
    -----
    The narrowest stated area counts that has a shape. Of several areas of one name those count that lie in what else
    the row states, if any do; a point in any of them is inside.
    """
    known = _Known(areas)
    if not known.names:
        return []
    found: dict[int, tuple[str, float]] = {}
    unknown: dict[str, list[int]] = defaultdict(list)
    for stated, rows in _by_stated(doors).items():
        narrowest = stated[-1]
        if known.has_communities and narrowest.endswith(_COMMUNITY_WORDS) and not known.knows(stated):
            unknown[narrowest].extend(doors.at[rows].tolist())
        shape, name = known.shape(stated)
        if shape is not None:
            outside = _metres_outside(doors.points[rows], shape)
            for place in np.flatnonzero(outside > TOLERATED_METRES).tolist():
                found[int(doors.at[rows[place]])] = (name, float(outside[place]))
    findings = some_of(sorted(found), lambda at: _outside(records, at, *found[at]))
    by_row = {rows[0]: (name, len(rows)) for name, rows in unknown.items() if "areas" in records.fields}
    return findings + some_of(sorted(by_row), lambda at: _unknown(records, at, *by_row[at]))


def _by_stated(doors: Doors) -> dict[tuple[str, ...], NDArray[np.int64]]:
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, stated in enumerate(doors.areas):
        if stated:
            groups[stated].append(place)
    return {stated: np.array(rows, dtype=np.int64) for stated, rows in groups.items()}


@lru_cache(maxsize=20_000)
def _plain(name: str) -> str:
    """A name as it is compared: in simplified characters, without blanks."""
    return "".join(fold(name)[0].split())


class _Known:
    """Areas by name, whatever level stands behind it."""

    def __init__(self, areas: Iterable[Mapping[str, Any]]) -> None:
        self._by_code = {row["code"]: row for row in areas}
        self.names: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self.has_communities = False
        for row in self._by_code.values():
            self.has_communities |= row["level"] == "community"
            self.names[_plain(row["name"])].append(row)

    def of(self, name: str) -> list[Mapping[str, Any]]:
        """Areas of a name: 甲社区 may be stated as 甲, or as 甲社区居委会."""
        plain = _plain(name)
        for committee in _COMMITTEES:
            if plain.endswith(committee) and len(plain) > len(committee) + 1:
                stem = plain.removesuffix(committee)
                return next((self.names[stem + word] for word in ("社区", "村", "") if stem + word in self.names), [])
        return next((self.names[plain + word] for word in _LEFT_OUT if plain + word in self.names), [])

    def knows(self, stated: Sequence[str]) -> bool:
        """Whether the narrowest stated area is one of these."""
        return bool(self.of(stated[-1]) or self._of_whole(stated))

    def shape(self, stated: Sequence[str]) -> tuple[Any, str]:
        """The narrowest stated area that has a shape, and its name; None where there is none."""
        for place in range(len(stated) - 1, -1, -1):
            found = self.of(stated[place]) or self._of_whole(stated[: place + 1])
            inside = [row for row in found if self._lies_in(row, stated[:place])]
            drawn = [row["wkb"] for row in inside or found if row["wkb"] is not None]
            if drawn:
                shapes = shapely.make_valid(shapely.from_wkb(np.array(drawn, dtype=object)))
                return shapely.union_all(shapes), str((inside or found)[0]["name"])
        return None, ""

    def _of_whole(self, stated: Sequence[str]) -> list[Mapping[str, Any]]:
        """Areas whose names are said with what they lie in: 甲市乙区丙里."""
        wholes = ("".join(stated[start:]) for start in range(len(stated) - 1))
        return next((found for whole in wholes if (found := self.of(whole))), [])

    def _lies_in(self, row: Mapping[str, Any], wider: Sequence[str]) -> bool:
        above = {_plain(name) for name in wider}
        seen: set[str] = set()
        code = row["parent"]
        while code in self._by_code and code not in seen:
            if _plain(self._by_code[code]["name"]) in above:
                return True
            seen.add(code)
            code = self._by_code[code]["parent"]
        return False


def _metres_outside(points: NDArray[np.float64], shape: Any) -> NDArray[np.float64]:
    """Metres from each point to a shape, 0 inside."""
    shapely.prepare(shape)
    inside = shapely.intersects_xy(shape, points[:, 0], points[:, 1])
    metres = np.zeros(len(points))
    if inside.all():
        return metres
    per_lon, per_lat = metres_per_degree(float(np.clip(shape.centroid.y, -89, 89)))
    scale = np.array([per_lon, per_lat])
    plane = shapely.transform(shape, lambda xy: xy * scale)
    metres[~inside] = shapely.distance(plane, shapely.points(points[~inside] * scale))
    return metres


def _outside(records: Records, at: int, area: str, metres: float) -> Finding:
    return Finding(
        "warning",
        "outside-stated-area",
        f"It is stated to be in {area}, and lies {metres:,.0f} m outside: the point or the area is wrong.",
        f"填写的所属区划是“{area}”，坐标却在其外 {metres:,.0f} 米，请核对坐标或区划。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        lon=records.fields["lon"][at],
        lat=records.fields["lat"][at],
        facts={"field": "community", "area": area, "metres": round(metres, 1)},
    )


def _unknown(records: Records, at: int, name: str, count: int) -> Finding:
    return Finding(
        "warning",
        "unknown-stated-area",
        f"“{name[:40]}” is none of the areas in force; {count:,} addresses state it.",
        f"现有区划中没有“{name[:40]}”，有 {count:,} 个地址填写了它。",
        row=int(records.rows[at]),
        facts={"field": "community", "value": name, "count": count},
    )
