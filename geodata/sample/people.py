"""Workers, organisations and their duties: today's, past ones, stand-ins, and a few that begin in the future.

Every grid of every layer has somebody on duty, except the grids that `Roster.holes` names: one whose worker left and
was not replaced, one whose worker begins in 2030, one that never had anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
NOW: Final = ("2025-01-01", None)
BEFORE: Final = ("2023-01-01", "2024-12-31")
EARLY: Final = ("2023-01-01", "2024-06-30")
LATE: Final = ("2024-07-01", "2024-12-31")
FUTURE: Final = ("2030-01-01", None)

Period = tuple[str, str | None]


@dataclass(slots=True)
class Roster:
    """Workers, organisations and duties while they are being made up."""

    workers: list[tuple[str, str, str, bool]] = field(default_factory=list)
    organisations: list[tuple[str, str, str]] = field(default_factory=list)
    duties: list[tuple[str, str, str, str, str | None, str, str, str | None]] = field(default_factory=list)
    holes: list[str] = field(default_factory=list)

    def worker(self) -> str:
        """Add a worker, visibly made up; return the code."""
        number = len(self.workers) + 1
        surname = SURNAMES[(number * 7) % len(SURNAMES)]
        self.workers.append((f"W{number:05d}", f"样例-{surname}{number:04d}", f"138{number:08d}", number % 9 == 0))
        return f"W{number:05d}"

    def organisation(self, name: str) -> str:
        """Add an organisation with a duty phone, visibly made up; return the code."""
        number = len(self.organisations) + 1
        self.organisations.append((f"O{number:05d}", name, f"000-{number:08d}"))
        return f"O{number:05d}"

    def area(self, holder: str, role: str, code: str, *, period: Period = NOW, stand_in: bool = False) -> None:
        """Give a duty for an area."""
        self._duty(holder, role, "area", code, None, period, stand_in=stand_in)

    def grid(
        self, holder: str, role: str, code: str, layer: str = "general", *, period: Period = NOW, stand_in: bool = False
    ) -> None:
        """Give a duty for a grid of a layer."""
        self._duty(holder, role, "grid", code, layer, period, stand_in=stand_in)

    def station(self, holder: str, role: str, code: str) -> None:
        """Give a duty for a station."""
        self._duty(holder, role, "station", code, None, NOW, stand_in=False)

    def _duty(
        self, holder: str, role: str, kind: str, target: str, layer: str | None, period: Period, *, stand_in: bool
    ) -> None:
        assignment = "stand_in" if stand_in else "primary"
        self.duties.append((holder, role, kind, target, layer, assignment, *period))

    def workers_table(self) -> pd.DataFrame:
        """Return the workers."""
        return pd.DataFrame(self.workers, columns=["code", "name", "phone", "phone_public"])

    def organisations_table(self) -> pd.DataFrame:
        """Return the organisations."""
        return pd.DataFrame(self.organisations, columns=["code", "name", "phone"])

    def duties_table(self) -> pd.DataFrame:
        """Return the duties; dates are inclusive local days, an empty ``to`` means that no end is known."""
        columns = ["holder", "role", "target_kind", "target", "layer", "assignment", "from", "to"]
        return pd.DataFrame(self.duties, columns=columns).astype(object).where(lambda t: t.notna(), None)


def make_roster(
    areas: gpd.GeoDataFrame,
    grids: dict[str, gpd.GeoDataFrame],
    stations: pd.DataFrame,
    *,
    workers: int,
    holes: int,
    rng: np.random.Generator,
) -> Roster:
    """Return exactly `workers` workers, the organisations, and everybody's duties."""
    roster = Roster()
    general = grids["general"]
    step = max(1, len(general) // (holes + 1))
    roster.holes = [str(general["code"].iloc[step * (k + 1) - 1]) for k in range(holes)]
    by_community = {
        str(community): [str(code) for code in rows["code"]]
        for community, rows in general.groupby("community", sort=True)
    }
    _full_time(roster, [str(code) for code in general["code"]], rng)
    for community, codes in by_community.items():
        _community_people(roster, community, [code for code in codes if code not in roster.holes])
    _service_people(roster, grids["service"])
    _street_people(roster, areas)
    _offices(roster, areas)
    _dedicated_people(roster, grids["dedicated"])
    _part_time(roster, by_community, workers)
    _station_people(roster, stations)
    return roster


def _full_time(roster: Roster, codes: Sequence[str], rng: np.random.Generator) -> None:
    """One worker per grid; half of them took over in 2025 or changed grids, so that the past differs from today."""
    previous: list[str] = []
    for code in codes:
        if code in roster.holes:
            continue
        worker = roster.worker()
        roster.grid(worker, "grid_worker_full_time", code)
        draw = rng.random()
        if draw < 0.25 and previous:
            roster.grid(previous[-1], "grid_worker_full_time", code, period=BEFORE)
        elif draw < 0.4 and len(previous) > 1:
            roster.grid(previous[-2], "grid_worker_full_time", code, period=EARLY)
            roster.grid(worker, "grid_worker_full_time", code, period=LATE)
        elif draw < 0.55:
            roster.grid(worker, "grid_worker_full_time", code, period=BEFORE)
        previous.append(worker)
    if roster.holes:
        roster.grid(previous[0], "grid_worker_full_time", roster.holes[0], period=BEFORE)
    if len(roster.holes) > 1:
        roster.grid(previous[1], "grid_worker_full_time", roster.holes[1], period=FUTURE)
    roster.grid(previous[2], "grid_worker_full_time", codes[-1], period=FUTURE, stand_in=True)


def _community_people(roster: Roster, community: str, codes: Sequence[str]) -> None:
    """Give a community its grid chiefs (one for about seven grids), police officer, auxiliary and mediator."""
    chiefs = [roster.worker() for _ in range(max(1, round(len(codes) / 7)))]
    for position, code in enumerate(codes):
        roster.grid(chiefs[position * len(chiefs) // len(codes)], "grid_chief", code)
    officer, auxiliary, mediator = roster.worker(), roster.worker(), roster.worker()
    roster.area(officer, "police_officer", community)
    roster.area(auxiliary, "police_auxiliary", community)
    roster.area(mediator, "mediator", community)
    roster.area(auxiliary, "police_officer", community, stand_in=True)
    roster.area(chiefs[0], "mediator", community, period=BEFORE)


def _service_people(roster: Roster, service: gpd.GeoDataFrame) -> None:
    """Give each community's service grids one specialist, and the next community's as a stand-in."""
    groups = [[str(c) for c in rows["code"]] for _, rows in service.groupby("community", sort=True)]
    people = [roster.worker() for _ in groups]
    for number, codes in enumerate(groups):
        for code in codes:
            roster.grid(people[number], "service_specialist", code, "service")
            if number:
                roster.grid(people[number - 1], "service_specialist", code, "service", stand_in=True)


def _street_people(roster: Roster, areas: gpd.GeoDataFrame) -> None:
    """Give each street an instructor, a judge, a prosecutor and a lawyer, and its communities linked cadres."""
    communities = areas[areas["level"] == "community"]
    for street in areas.loc[areas["level"] == "street", "code"]:
        for role in ("party_instructor", "judge", "prosecutor", "lawyer"):
            roster.area(roster.worker(), role, str(street))
        cadres = [roster.worker(), roster.worker()]
        for position, community in enumerate(communities.loc[communities["parent"] == street, "code"]):
            roster.area(cadres[position % 2], "linked_cadre", str(community))
            roster.area(cadres[(position + 1) % 2], "linked_cadre", str(community), period=BEFORE)


def _offices(roster: Roster, areas: gpd.GeoDataFrame) -> None:
    """Give every area an office with a duty phone, and every street a police station."""
    for row in areas.itertuples():
        ending = {
            "community": "居民委员会",
            "street": "网格化服务中心",
            "district": "网格化指挥中心",
            "city": "网格化指挥中心",
        }
        name = str(row.name)
        if name.endswith("村"):
            office = roster.organisation(f"{name}村民委员会")
        else:
            office = roster.organisation(f"{name}{ending[str(row.level)]}")
        roster.area(office, "duty_office", str(row.code))
        if row.level == "street":
            roster.area(roster.organisation(f"{name}派出所"), "police_officer", str(row.code), stand_in=True)


def _dedicated_people(roster: Roster, dedicated: gpd.GeoDataFrame) -> None:
    """Give every dedicated grid its own management office, and every other one a manager as well."""
    for position, row in enumerate(dedicated.itertuples()):
        office = roster.organisation(f"{row.name}管理办公室")
        roster.grid(office, "duty_office", str(row.code), "dedicated")
        if position % 2 == 0:
            roster.grid(roster.worker(), "dedicated_manager", str(row.code), "dedicated")


def _part_time(roster: Roster, by_community: dict[str, list[str]], workers: int) -> None:
    """Let the rest of the workers be part-time: stand-in for one grid, building leader or helper in the next."""
    codes = [code for community in by_community.values() for code in community if code not in roster.holes]
    rest = workers - len(roster.workers)
    assert rest > 0, "the plan has enough workers"
    for number in range(rest):
        worker = roster.worker()
        position = number * len(codes) // rest
        roster.grid(worker, "grid_worker_part_time", codes[position])
        roster.grid(worker, "grid_worker_full_time", codes[position], stand_in=True)
        if number % 3 == 0:
            roster.grid(worker, "building_leader", codes[min(position + 1, len(codes) - 1)])
        if number % 5 == 0:
            roster.grid(worker, "grid_worker_part_time", codes[max(position - 1, 0)], period=BEFORE)


def _station_people(roster: Roster, stations: pd.DataFrame) -> None:
    """Let a full-time worker look after each station that belongs to a community or a street."""
    for number, code in enumerate(stations.loc[stations["level"].isin(["centre", "station"]), "code"]):
        roster.station(roster.workers[number][0], "station_manager", str(code))
