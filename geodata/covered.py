"""What an answer about coverage says, and what whoever reads its numbers must know."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.demand import AREA, Demand
from geodata.reachable import Spot
from geodata.selected import Selection
from geodata.station.homes import BUILDING, ESTIMATED, REGISTER
from geodata.station.network.profiles import Profile
from geodata.station.share import Counted

MOST_STATIONS: Final = 10
"""What so many stations or more reach is counted together."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class StationsTold:
    """What became of the stations.

    Parameters
    ----------
    selected
        How many are of the category and level.
    counted
        How many of them reach somebody inside, or stand inside and on the network.
    off_network
        Spots inside that reach no street, with their distance in metres (infinite where there is none).
    cut_off
        Codes of counted stations whose circle reaches where the network was clipped.
    """

    selected: int
    counted: int
    off_network: tuple[tuple[Spot, float], ...]
    cut_off: tuple[str, ...]
    away: tuple[str, ...]
    closed: tuple[str, ...]
    hours_unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A grid or area, or all that lies in none (no code)."""

    level: str
    code: str | None
    name: str
    totals: Mapping[str, Counted]
    off_network: float

    def only(self, counts: Collection[str]) -> "Part":
        """The same of some counts alone."""
        return replace(self, totals={name: one for name, one in self.totals.items() if name in counts})


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that whoever reads the numbers must know."""

    code: str
    message: str
    message_zh: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who is reached.

    Parameters
    ----------
    profile
        How people walk.
    totals
        By count, ``area_m2`` among them where ground was counted.
    estimated
        Part of the households, and of the persons inside that are estimated; None where there is nobody.
    source
        ``register``, ``buildings``, ``mixed``, ``estimated`` or ``none``: where the households come from.
    off_network
        By count, of places that reach no street; ``places`` is how many. They are not covered.
    several
        How much of ``selection.count`` is reached by 0, 1, 2 … stations, the last by `MOST_STATIONS` or more.
    by
        Parts in code order.
    elsewhere
        What lies inside but in none of the parts; None where nothing is counted by parts.
    spacing_metres
        How far apart the points stand that ground is counted by; None where it is not.
    """

    selection: Selection
    profile: Profile
    network_version: str
    compiled_at: int
    totals: Mapping[str, Counted]
    estimated: Mapping[str, float | None]
    source: str
    off_network: Mapping[str, float]
    stations: StationsTold
    several: tuple[float, ...]
    by: tuple[Part, ...]
    elsewhere: Part | None
    spacing_metres: float | None
    warnings: tuple[Warned, ...]

    def only(self, counts: Collection[str]) -> "Coverage":
        """The same of some counts and the ground alone; `several` stays as it is."""
        kept = {*counts, AREA}
        return replace(
            self,
            totals={name: one for name, one in self.totals.items() if name in kept},
            off_network={name: one for name, one in self.off_network.items() if name in {*counts, "places"}},
            by=tuple(part.only(kept) for part in self.by),
            elsewhere=None if self.elsewhere is None else self.elsewhere.only(kept),
        )


def estimated(demand: Demand, inside: Flags) -> dict[str, float | None]:
    """Which part of the households and persons inside nobody counted; None where there is nobody."""
    guessed = {"households": demand.source == ESTIMATED, "persons": demand.persons_estimated}
    found: dict[str, float | None] = {}
    for name, which in guessed.items():
        every = float(demand.counts[name][inside].sum())
        found[name] = float(demand.counts[name][inside & which].sum()) / every if every else None
    return found


def source_of(demand: Demand, inside: Flags) -> str:
    """Where the households inside come from: ``register``, ``buildings``, ``estimated``, ``mixed`` or ``none``."""
    lived_in = inside & (demand.counts["households"] > 0)
    names = {REGISTER: "register", BUILDING: "buildings", ESTIMATED: "estimated"}
    found = [names[number] for number in np.unique(demand.source[lived_in]).tolist()]
    if not found:
        return "none"
    return found[0] if len(found) == 1 else "mixed"


def off_network(demand: Demand, inside: Flags) -> dict[str, float]:
    """What is inside and reaches no street, by count; ``places`` is how many."""
    lost = inside & ~demand.connectors.on_network()
    found = {name: float(values[lost].sum()) for name, values in demand.counts.items()}
    found["places"] = float((lost & (demand.counts["households"] > 0)).sum())
    return found


def warnings_of(
    total: Counted, source: str, guessed: Mapping[str, float | None], lost: Mapping[str, float], stations: StationsTold
) -> tuple[Warned, ...]:
    """What whoever reads the numbers must know, the gravest first."""
    found = []
    if not total.all:
        found.append(
            Warned("no-households", "nobody is known to live here: no share is given", "此处没有户数，不计算覆盖率")
        )
    if not stations.selected:
        found.append(Warned("no-stations", "there are no such stations at this time", "此时没有符合条件的站点"))
    if source in ("estimated", "mixed") and (part := guessed["households"]):
        found.append(
            Warned(
                "estimated",
                f"{part:.0%} of the households are estimated: spread from what grids state",
                f"{part:.0%} 的户数为估算：由网格填报户数分摊",
            )
        )
    if total.all and (part := guessed["persons"]):
        found.append(
            Warned(
                "persons-estimated",
                f"{part:.0%} of the persons are estimated: what grids state, spread like their households",
                f"{part:.0%} 的人数为估算：由网格填报人数按户数分摊",
            )
        )
    if lost["households"]:
        found.append(
            Warned(
                "homes-off-network",
                f"{lost['households']:,.0f} households reach no street that people walk on; they count as not covered",
                f"{lost['households']:,.0f} 户附近没有步行道路，按未覆盖计",
            )
        )
    return tuple(found) + _about_stations(stations)


def _about_stations(stations: StationsTold) -> tuple[Warned, ...]:
    found = []
    if stations.off_network:
        count = len(stations.off_network)
        found.append(
            Warned(
                "stations-off-network",
                f"{count} stations stand off the walking network and reach nobody",
                f"{count} 个站点不在步行路网上，未计入任何覆盖",
            )
        )
    if stations.cut_off:
        count = len(stations.cut_off)
        found.append(
            Warned(
                "cut-off",
                f"the circles of {count} stations reach the edge of the network: they may cover more than is counted",
                f"{count} 个站点的服务圈到达路网边缘，实际覆盖可能更大",
            )
        )
    if stations.hours_unknown:
        count = len(stations.hours_unknown)
        found.append(
            Warned(
                "hours-unknown",
                f"{count} stations state no hours and are taken for open",
                f"{count} 个站点没有营业时间，按开放计",
            )
        )
    return tuple(found)
