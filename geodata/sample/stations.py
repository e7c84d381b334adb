"""Service stations, 1 + 6 + 14 + N: a centre per street, a station per community, points and posts near people.

The last station of each street is a van without a place of its own: it stands somewhere else every working day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geodata.sample.hours import ALWAYS, LEGAL_AID, NEIGHBOUR, OFFICE

COLUMNS: Final = (
    "code", "name", "category", "level", "parent", "address", "lon", "lat", "phone", "hours", "services",
)  # fmt: skip
STOP_COLUMNS: Final = ("code", "station", "lon", "lat", "address", "from", "to", "hours")
COMMUNITY_HOURS: Final = "Mo-Sa 08:30-17:30; PH 09:00-16:00"
POINTS: Final = (
    ("便民服务点", "point", "Mo-Sa 08:30-18:00; PH 09:00-16:00", "代收代办;证照复印;意见收集"),
    ("养老服务驿站", "point", "Mo-Su 08:00-18:00", "助餐;日间照料;健康监测"),
    ("社区卫生服务站", "point", "Mo-Su 08:00-17:30; PH 08:00-12:00", "基本医疗;疫苗接种;家庭医生"),
    ("警务室", "post", ALWAYS, "报警求助;流动人口登记"),
    ("暖心驿站", "post", NEIGHBOUR, "饮水;充电;休息;应急药箱"),
    ("城市书房", "point", "Tu-Su 09:00-21:00; PH 10:00-18:00", "借阅;自习"),
    ("法律援助点", "point", LEGAL_AID, "法律咨询;人民调解"),
    ("托育服务点", "point", "Mo-Fr 07:30-18:00; PH closed", "托育;亲子活动"),
)
VAN: Final = ("流动服务车", "point", "Mo-Fr 09:00-11:30; PH closed", "上门办事;健康监测;意见收集")
DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr")
STOPS_SINCE: Final = "2025-01-01"


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


def make_stations(
    tree: Tree, spots: Sequence[Spot], total: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return exactly `total` stations, and the stops of those that move.

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
        top = add(f"{tree.city}党群服务中心", "党群服务中心", "centre", None, 0, OFFICE, everything)
    district_codes: list[str | None] = [
        add(f"{name}党群服务中心", "党群服务中心", "centre", top, first_of_district[k], OFFICE, everything)
        for k, name in enumerate(tree.districts)
    ] or [None]
    street_codes = [
        add(f"{name}党群服务中心", "党群服务中心", "centre", district_codes[tree.district_of[k]], first_of_street[k],
            OFFICE, everything)
        for k, name in enumerate(tree.streets)
    ]  # fmt: skip
    community_codes = [
        add(f"{name}党群服务站", "党群服务站", "station", street_codes[tree.street_of[k]], k, COMMUNITY_HOURS,
            "综合受理;党群活动;居民议事")
        for k, name in enumerate(tree.communities)
    ]  # fmt: skip
    for number in range(total - len(rows) - len(tree.streets)):
        community = number % len(tree.communities)
        turn = number // len(tree.communities)
        category, level, hours, services = POINTS[(turn + community) % len(POINTS)]
        name = f"{tree.communities[community]}{category}"
        add(name, category, level, community_codes[community], community, hours, services)
    category, level, hours, services = VAN
    vans = [
        add(f"{name}{category}", category, level, street_codes[k], first_of_street[k], hours, services)
        for k, name in enumerate(tree.streets)
    ]
    assert len(rows) == total, "the plan has room for a station in every community"
    return pd.DataFrame(rows, columns=list(COLUMNS)), _stops(tree, shelf, vans)


def _stops(tree: Tree, shelf: "_Shelf", vans: Sequence[str]) -> pd.DataFrame:
    """Return a stop for each van and working day, in a community of its street."""
    rows: list[tuple[object, ...]] = []
    for street, van in enumerate(vans):
        communities = [k for k, of in enumerate(tree.street_of) if of == street]
        for number, day in enumerate(DAYS):
            spot = shelf.take(communities[number % len(communities)])
            hours = f"{day} 09:00-11:30; PH closed"
            code = f"T{len(rows) + 1:05d}"
            rows.append((code, van, spot.lon, spot.lat, spot.address, STOPS_SINCE, None, hours))
    return pd.DataFrame(rows, columns=list(STOP_COLUMNS))


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
