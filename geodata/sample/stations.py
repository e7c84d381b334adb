"""Service stations, 1 + 6 + 14 + N: a centre per street, a station per community, points and posts near people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

COLUMNS: Final = (
    "code", "name", "category", "level", "parent", "address", "lon", "lat", "phone", "hours", "services",
)  # fmt: skip
OFFICE_HOURS: Final = "Mo-Fr 08:30-12:00,13:30-17:30"
POINTS: Final = (
    ("便民服务点", "point", "Mo-Sa 08:30-18:00", "代收代办;证照复印;意见收集"),
    ("养老服务驿站", "point", "Mo-Su 08:00-18:00", "助餐;日间照料;健康监测"),
    ("社区卫生服务站", "point", "Mo-Su 08:00-17:30", "基本医疗;疫苗接种;家庭医生"),
    ("警务室", "post", "24/7", "报警求助;流动人口登记"),
    ("暖心驿站", "post", "Mo-Su 07:00-22:00", "饮水;充电;休息;应急药箱"),
    ("城市书房", "point", "Tu-Su 09:00-21:00", "借阅;自习"),
    ("法律援助点", "post", "We 14:00-17:00", "法律咨询;人民调解"),
    ("托育服务点", "point", "Mo-Fr 07:30-18:00", "托育;亲子活动"),
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where a station can be: its address, point in degrees, grid and community (positions)."""

    address: str
    lon: float
    lat: float
    grid: int
    community: int


@dataclass(frozen=True, slots=True)
class Tree:
    """Names of areas and who lies in whom: the community's street, the street's district."""

    city: str | None
    districts: Sequence[str]
    streets: Sequence[str]
    communities: Sequence[str]
    street_of: Sequence[int]
    district_of: Sequence[int]


def make_stations(tree: Tree, spots: Sequence[Spot], total: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return exactly `total` stations.

    Parameters
    ----------
    tree
        The areas.
    spots
        Places to choose from, at least one in every community; none is used twice where there are enough.
    total
        Number of stations.
    rng
        Source of the choice.
    """
    shelf = _Shelf(spots, rng)
    rows: list[list[object]] = []

    def add(name: str, category: str, level: str, parent: str | None, community: int, hours: str, services: str) -> str:
        spot, code = shelf.take(community), f"S{len(rows) + 1:05d}"
        phone = f"001-{len(rows) + 1:08d}"
        rows.append([code, name, category, level, parent, spot.address, spot.lon, spot.lat, phone, hours, services])
        return code

    first_of_street = {street: k for k, street in reversed(list(enumerate(tree.street_of)))}
    first_of_district = {district: first_of_street[k] for k, district in reversed(list(enumerate(tree.district_of)))}
    everything = "综合受理;社会保障;民政救助;党群活动"
    top = None
    if tree.city is not None:
        top = add(f"{tree.city}党群服务中心", "党群服务中心", "centre", None, 0, OFFICE_HOURS, everything)
    district_codes: list[str | None] = [
        add(f"{name}党群服务中心", "党群服务中心", "centre", top, first_of_district[k], OFFICE_HOURS, everything)
        for k, name in enumerate(tree.districts)
    ] or [None]
    street_codes = [
        add(f"{name}党群服务中心", "党群服务中心", "centre", district_codes[tree.district_of[k]], first_of_street[k],
            OFFICE_HOURS, everything)
        for k, name in enumerate(tree.streets)
    ]  # fmt: skip
    community_codes = [
        add(f"{name}党群服务站", "党群服务站", "station", street_codes[tree.street_of[k]], k, "Mo-Sa 08:30-17:30",
            "综合受理;党群活动;居民议事")
        for k, name in enumerate(tree.communities)
    ]  # fmt: skip
    for number in range(total - len(rows)):
        community = number % len(tree.communities)
        turn = number // len(tree.communities)
        category, level, hours, services = POINTS[(turn + community) % len(POINTS)]
        name = f"{tree.communities[community]}{category}"
        add(name, category, level, community_codes[community], community, hours, services)
    assert len(rows) == total, "the plan has room for a station in every community"
    return pd.DataFrame(rows, columns=list(COLUMNS))


class _Shelf:
    """Hands out the places of each community in random order, from a different grid each time where it can."""

    def __init__(self, spots: Sequence[Spot], rng: np.random.Generator) -> None:
        self._of: dict[int, list[Spot]] = {}
        for position in rng.permutation(len(spots)):
            self._of.setdefault(spots[position].community, []).append(spots[position])
        self._used: dict[int, set[int]] = {}

    def take(self, community: int) -> Spot:
        here, used = self._of[community], self._used.setdefault(community, set())
        fresh = next((k for k, spot in enumerate(here) if spot.grid not in used), 0)
        spot = here.pop(fresh) if len(here) > 1 else here[0]
        used.add(spot.grid)
        return spot
