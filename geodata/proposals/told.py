"""Proposals as records: what was asked, and what a choice of sites brings."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from geodata.candidates import Site, label, label_en
from geodata.coverage_records import number, share_of
from geodata.selected import Selection
from geodata.siting import Goal, Instant, Problem
from geodata.station.optimum import Optimum
from geodata.station.share import Counted


def site_record(site: Site) -> dict[str, Any]:
    """A site without what it gains."""
    return {
        "lon": site.lon,
        "lat": site.lat,
        "name": label(site),
        "name_en": label_en(site),
        "streets": list(site.streets),
        "grid": None if site.grid is None else {"code": site.grid, "name": site.grid_name},
    }


def question_record(selection: Selection, asked: Problem, *, prove: bool, seconds: float) -> dict[str, Any]:
    """What was asked, and what the answer rests on."""
    return {
        "minutes": selection.minutes,
        "within": selection.within,
        "category": selection.category,
        "level": selection.level,
        "at": selection.at,
        "count": selection.count,
        "profile": asked.profile,
        "network_version": asked.network_version,
        "stations": asked.goal.stations,
        "share": asked.goal.share,
        "sites": asked.source,
        "considered": asked.considered,
        "candidates": len(asked.sites),
        "cell_metres": asked.cell_metres,
        "sites_off_network": asked.off_network,
        "prove": prove,
        "seconds": seconds,
        "total": number(asked.total),
        "covered_before": number(asked.covered),
        "needed": asked.needed if asked.goal.share is not None else None,
        "warnings": [
            {"code": one.code, "message": one.message, "message_zh": one.message_zh} for one in asked.warnings
        ],
    }


def instant_record(question: Mapping[str, Any], asked: Problem, found: Instant) -> dict[str, Any]:
    """The answer at once."""
    sites = [site_record(asked.sites[at]) for at in found.siting.sites.tolist()]
    return _record(question, sites, found.siting.gained.tolist(), found.bound, proven=found.proven)


def best_record(question: Mapping[str, Any], sites: Sequence[Mapping[str, Any]], found: Optimum) -> dict[str, Any]:
    """What the proof found; ``sites`` are all candidates."""
    chosen = [dict(sites[at]) for at in found.siting.sites.tolist()]
    told = _record(question, chosen, found.siting.gained.tolist(), found.bound, proven=found.proven)
    return {**told, "ended": found.ended, "seconds": round(found.seconds, 2)}


def _record(
    question: Mapping[str, Any],
    sites: Sequence[Mapping[str, Any]],
    gained: Sequence[float],
    bound: float,
    *,
    proven: bool,
) -> dict[str, Any]:
    """A choice of sites: what each brings in its order, what all bring, and how much better any other could be."""
    before, total = question["covered_before"], question["total"]
    sums = list(accumulate(gained, initial=before))
    brought = sum(gained)
    most = question["stations"] is not None
    reached = brought if most else len(sites)
    worst = max(bound, reached) if most else max(reached, 1)
    return {
        "sites": [
            {"rank": rank, **site, "gained": number(gain), "share_after": share_of(Counted(sums[rank], total))}
            for rank, (site, gain) in enumerate(zip(sites, gained, strict=True), 1)
        ],
        "gained": number(brought),
        "covered": number(before + brought),
        "share": share_of(Counted(before + brought, total)),
        "bound": number(bound),
        "bound_of": "gained" if most else "stations",
        "gap": 0.0 if proven or not worst else round(abs(bound - reached) / worst, 4),
        "proven": proven,
    }


def goal_of(question: Mapping[str, Any]) -> Goal:
    """The goal of a stored question."""
    return Goal(question["stations"], question["share"])
