"""Who answers for what in the sample: duties on areas, grids and stations, past, present and planned.

Every grid of every layer has somebody on duty, except the grids that `Roster.empty` names: one whose worker left in
2026 and was not replaced, one whose worker begins in 2030, one that never had anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.sample import hours as when
from geodata.sample.history import BEFORE, FIRST, FUTURE, GIVEN_UP, ROLE, VACATED, Place, full_time_duties, takeovers
from geodata.sample.leave import give_leave
from geodata.sample.roster import Post, Roster
from geodata.sample.standing import keep_places, lead_buildings

GRIDS_PER_CHIEF: Final = 7


@dataclass(frozen=True, slots=True)
class Served:
    """What duties are about: tables as in `SampleCity`."""

    areas: gpd.GeoDataFrame
    grids: dict[str, gpd.GeoDataFrame]
    stations: pd.DataFrame
    compounds: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    places: pd.DataFrame

    @property
    def general(self) -> list[Place]:
        """The general grids in code order."""
        general = self.grids["general"]
        return [
            Place(str(code), str(community), when.VILLAGE_DAY if kind == "rural" else when.TOWN_DAY)
            for code, community, kind in zip(general["code"], general["community"], general["kind"], strict=True)
        ]


def make_roster(served: Served, *, workers: int, empty: int, rng: np.random.Generator) -> Roster:
    """Return exactly `workers` workers, the organisations, and everybody's duties and leave.

    Parameters
    ----------
    served
        What duties are about.
    workers
        How many there are.
    empty
        How many general grids have nobody now.
    rng
        Source of who changes grids when.
    """
    roster, places = Roster(), served.general
    step = max(1, len(places) // (empty + 1))
    roster.empty = [places[step * (k + 1) - 1].code for k in range(empty)]
    staffed = [place for place in places if place.code not in roster.empty]
    full_time = {place.code: roster.worker() for place in staffed}
    _community_people(roster, staffed)
    _service_people(roster, served.grids["service"])
    _street_people(roster, served.areas)
    _offices(roster, served.areas)
    _dedicated_people(roster, served.grids["dedicated"])
    assert workers > len(roster.workers), "the plan has enough workers"
    part_time = [roster.worker() for _ in range(workers - len(roster.workers))]
    taken = takeovers(part_time[:-1], [place.code for place in staffed])
    full_time_duties(roster, places, full_time, taken, rng)
    _empty_grids(roster, places, [full_time[place.code] for place in staffed[:3]], part_time[-1])
    since = {one.earlier: one.first.isoformat() for one in taken} | {part_time[-1]: VACATED}
    _part_time(roster, staffed, part_time, since)
    _station_people(roster, served.stations, list(full_time.values()))
    lead_buildings(roster, served.buildings, part_time)
    keep_places(roster, served.compounds, served.places)
    give_leave(roster)
    return roster


def _empty_grids(roster: Roster, places: Sequence[Place], others: Sequence[str], left: str) -> None:
    """Say who was, and who will be, in the grids that have nobody now."""
    hours = {place.code: place.hours for place in places}
    posts = [Post(ROLE, "grid", code, "general") for code in roster.empty]
    roster.duty(left, posts[0], hours[posts[0].target], period=(FIRST, GIVEN_UP))
    roster.hole(posts[0], left, (VACATED, None), "ended")
    if len(posts) > 1:
        roster.duty(others[1], posts[1], hours[posts[1].target], period=FUTURE)
    last = Post(ROLE, "grid", places[-1].code, "general")
    roster.duty(others[2], last, hours[last.target], period=FUTURE, stand_in=True)


def _community_people(roster: Roster, staffed: Sequence[Place]) -> None:
    """Give each community its grid chiefs, police officer, auxiliaries and mediator."""
    by_community: dict[str, list[Place]] = {}
    for place in staffed:
        by_community.setdefault(place.community, []).append(place)
    for community, places in sorted(by_community.items()):
        chiefs = [roster.worker() for _ in range(max(1, round(len(places) / GRIDS_PER_CHIEF)))]
        for position, place in enumerate(places):
            chief = chiefs[position * len(chiefs) // len(places)]
            roster.duty(chief, Post("grid_chief", "grid", place.code, "general"), when.OFFICE)
        _police(roster, community, rural=places[0].hours == when.VILLAGE_DAY)
        mediation = Post("mediator", "area", community)
        roster.duty(roster.worker(), mediation, when.MEDIATION)
        roster.duty(chiefs[0], mediation, when.MEDIATION, period=BEFORE)


def _police(roster: Roster, community: str, *, rural: bool) -> None:
    """An officer by day; in town one auxiliary by day and one by night, in villages one by night.

    Who is there at night answers for the officer then.
    """
    officer, auxiliary = Post("police_officer", "area", community), Post("police_auxiliary", "area", community)
    roster.duty(roster.worker(), officer, when.BEAT)
    if not rural:
        roster.duty(roster.worker(), auxiliary, when.DAY_SHIFT)
    night = roster.worker()
    roster.duty(night, auxiliary, when.NIGHT_SHIFT)
    roster.duty(night, officer, when.NIGHT_SHIFT, stand_in=True)


def _service_people(roster: Roster, service: gpd.GeoDataFrame) -> None:
    """Give each community's service grids one specialist, and the next community's as a stand-in."""
    groups = [[str(c) for c in rows["code"]] for _, rows in service.groupby("community", sort=True)]
    people = [roster.worker() for _ in groups]
    for number, codes in enumerate(groups):
        for code in codes:
            post = Post("service_specialist", "grid", code, "service")
            roster.duty(people[number], post, when.VISITS)
            if number:
                roster.duty(people[number - 1], post, when.VISITS, stand_in=True)


def _street_people(roster: Roster, areas: gpd.GeoDataFrame) -> None:
    """Give each street an instructor, a judge, a prosecutor and a lawyer, and its communities linked cadres."""
    communities = areas[areas["level"] == "community"]
    for street in areas.loc[areas["level"] == "street", "code"]:
        for role in ("party_instructor", "judge", "prosecutor", "lawyer"):
            hours = when.LEGAL_AID if role == "lawyer" else when.OFFICE
            roster.duty(roster.worker(), Post(role, "area", str(street)), hours)
        cadres = [roster.worker(), roster.worker()]
        for position, community in enumerate(communities.loc[communities["parent"] == street, "code"]):
            post = Post("linked_cadre", "area", str(community))
            roster.duty(cadres[position % 2], post, when.OFFICE)
            roster.duty(cadres[(position + 1) % 2], post, when.OFFICE, period=BEFORE)


def _offices(roster: Roster, areas: gpd.GeoDataFrame) -> None:
    """Give every area an office with a duty phone, communities by day only, and every street a police station."""
    endings = {
        "community": "居民委员会",
        "street": "网格化服务中心",
        "district": "网格化指挥中心",
        "city": "网格化指挥中心",
    }
    for row in areas.itertuples():
        name, code, level = str(row.name), str(row.code), str(row.level)
        office = roster.organisation(f"{name}村民委员会" if name.endswith("村") else f"{name}{endings[level]}")
        hours = when.COMMITTEE if level == "community" else when.ALWAYS
        roster.duty(office, Post("duty_office", "area", code), hours)
        if level == "street":
            police = roster.organisation(f"{name}派出所")
            roster.duty(police, Post("police_officer", "area", code), when.ALWAYS, stand_in=True)


def _dedicated_people(roster: Roster, dedicated: gpd.GeoDataFrame) -> None:
    """Give every dedicated grid its own management office, and every other one a manager as well."""
    for position, row in enumerate(dedicated.itertuples()):
        code = str(row.code)
        office = roster.organisation(f"{row.name}管理办公室")
        roster.duty(office, Post("duty_office", "grid", code, "dedicated"), when.ALWAYS)
        if position % 2 == 0:
            roster.duty(roster.worker(), Post("dedicated_manager", "grid", code, "dedicated"), when.MARKET)


def _part_time(roster: Roster, staffed: Sequence[Place], workers: Sequence[str], since: dict[str, str]) -> None:
    """Let part-time workers help in a grid in their spare time, and stand in there for the full-time one."""
    for number, worker in enumerate(workers):
        position = number * len(staffed) // len(workers)
        period = (since.get(worker, FIRST), None)
        code = staffed[position].code
        roster.duty(worker, Post("grid_worker_part_time", "grid", code, "general"), when.SPARE_TIME, period=period)
        full_time = Post(ROLE, "grid", code, "general")
        roster.duty(worker, full_time, when.SPARE_TIME, period=period, stand_in=True)
        if number % 5 == 0:
            before = Post("grid_worker_part_time", "grid", staffed[max(position - 1, 0)].code, "general")
            roster.duty(worker, before, when.SPARE_TIME, period=BEFORE)


def _station_people(roster: Roster, stations: pd.DataFrame, workers: Sequence[str]) -> None:
    """Let a full-time worker look after each station that belongs to a community or a street, at its hours."""
    kept = stations[stations["level"].isin(["centre", "station"])]
    for worker, code, hours in zip(workers, kept["code"], kept["hours"], strict=False):
        roster.duty(worker, Post("station_manager", "station", str(code)), str(hours))
