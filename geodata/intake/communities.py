"""Stage 4 for grids: which community each grid lies in: named by its row, else where most of its ground is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.errors import NotKnownError
from geodata.grid.communities import assign_communities
from geodata.intake.references import unknown
from geodata.records import Finding

LEVEL = "community"


@dataclass(frozen=True, slots=True)
class Territory:
    """The areas in force at one instant.

    Parameters
    ----------
    areas
        As `geodata.area.areas_in_force` gives them, by code.
    communities
        Columns ``code`` and geometry, EPSG:4326: the areas of level community that have a shape; where no area has
        that level, the lowest areas that have a shape.
    """

    areas: dict[str, dict[str, Any]]
    communities: gpd.GeoDataFrame

    def identity(self, code: str | None) -> int | None:
        """Identity of an area."""
        return None if code is None else int(self.areas[code]["entity_id"])

    def below(self, code: str) -> set[str]:
        """Codes of an area and of all areas in it.

        Raises
        ------
        NotKnownError
            There is no such area at that time.
        """
        if code not in self.areas:
            raise NotKnownError(
                f"There is no area {code[:40]!r} at that time.", f"没有区划“{code[:40]}”。", area=code[:40]
            )
        children: dict[str | None, list[str]] = defaultdict(list)
        for row in self.areas.values():
            children[row["parent"]].append(row["code"])
        found, open_codes = {code}, [code]
        while open_codes:
            lower = [child for child in children[open_codes.pop()] if child not in found]
            found.update(lower)
            open_codes += lower
        return found


def territory(areas: Iterable[dict[str, Any]]) -> Territory:
    """The areas, and the shapes of those that grids belong to."""
    by_code = {row["code"]: row for row in areas}
    drawn = [row for row in by_code.values() if row["wkb"] is not None]
    lowest = [row for row in drawn if row["level"] == LEVEL]
    if not any(row["level"] == LEVEL for row in by_code.values()):
        parents = {row["parent"] for row in by_code.values()}
        lowest = [row for row in drawn if row["code"] not in parents]
    shapes = shapely.from_wkb(np.array([row["wkb"] for row in lowest], dtype=object))
    frame = gpd.GeoDataFrame({"code": [row["code"] for row in lowest]}, geometry=list(shapes), crs="EPSG:4326")
    return Territory(by_code, frame)


def named_communities(
    known: Territory, given: Sequence[str | None], rows: Sequence[int], codes: Sequence[str | None]
) -> tuple[list[str | None], list[Finding]]:
    """Codes of the communities that rows name, by code or by a name that only one area has.

    Returns
    -------
    tuple
        A code or None for each row; an error for each name that stands for no area, or for several.
    """
    names = Counter(row["name"] for row in known.areas.values())
    by_name = {row["name"]: row["code"] for row in known.areas.values()}
    found: list[str | None] = []
    findings = []
    for value, row, code in zip(given, rows, codes, strict=True):
        named = None
        if value is not None:
            if value in known.areas:
                named = value
            elif names[value] == 1:
                named = by_name[value]
            elif names[value] > 1:
                findings.append(_ambiguous(value, names[value], row, code))
            else:
                findings.append(unknown("community", value, row, code))
        found.append(named)
    return found, findings


def largest_communities(grids: gpd.GeoDataFrame, known: Territory) -> Mapping[str, str | None]:
    """For each grid code the community that most of its ground is in, None where it touches none."""
    if known.communities.empty or grids.empty:
        return {}
    assigned = assign_communities(grids, known.communities)
    return dict(zip(assigned["code"].tolist(), assigned["community"].tolist(), strict=True))


def _ambiguous(name: str, count: int, row: int, code: str | None) -> Finding:
    return Finding(
        "error",
        "ambiguous-community",
        f"community: {count} areas are called {name}; write the code.",
        f"community：有 {count} 个区划名为“{name}”，请填写编码。",
        row=row,
        code=code,
        facts={"field": "community", "value": name},
    )
