"""What is told of a candidate: never a number that the text contradicts, reasons in words, the grids it may lie in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from geodata.address.candidates import Candidate, Reason
from geodata.address.wording import narrowest, told, wider, written
from geodata.crs import metres_per_degree
from geodata.decision.begin import target_of
from geodata.decision.likely import grids_of, likely_grids, only_where
from geodata.moment import Moment

MOST_GRIDS: Final = 8
_NEAR: Final = 300.0
_WIDE: Final = frozenset({"area", "road", "compound", "segment", "group", "lane", "alley", "section", "point"})


def told_exactly(candidate: Candidate) -> Candidate:
    """A candidate without what the text contradicts: of a door that is merely near only the road is what was asked.

    Its label is then written from the parts that are left; the nearest known door of the road is one of the reasons.
    """
    if candidate.exact:
        return candidate
    others = [str(reason.facts["part"]) for reason in candidate.reasons if reason.code == "number-other"]
    parts = dict(candidate.parts)
    for part in others:
        parts = {name: value for name, value in parts.items() if name in wider(part)}
    reasons = candidate.reasons
    if others and candidate.within_metres <= _NEAR:
        reasons = (*reasons, Reason("number-near", {"part": others[0], "value": candidate.text}))
    label = written(parts, candidate.text) or candidate.label
    return replace(candidate, parts=parts, label=label, level=narrowest(parts), reasons=reasons)


def in_common(candidates: Sequence[Candidate]) -> Candidate:
    """What several candidates have in common, as one: parts that all have, and how likely they are together."""
    first = candidates[0]
    if len(candidates) == 1:
        return first
    shared = {
        part: value for part, value in first.parts.items() if all(one.parts.get(part) == value for one in candidates)
    }
    if not shared:
        return replace(
            first,
            score=float(sum(one.score for one in candidates)),
            points=np.concatenate([one.points for one in candidates]),
            weights=np.concatenate([one.weights for one in candidates]),
        )
    reasons = tuple(
        reason for reason in first.reasons if "part" not in reason.facts or str(reason.facts["part"]) in shared
    )
    return replace(
        first,
        parts=shared,
        label=written(shared, first.text),
        level=narrowest(shared),
        score=float(sum(one.score for one in candidates)),
        points=np.concatenate([one.points for one in candidates]),
        weights=np.concatenate([one.weights for one in candidates]),
        reasons=reasons,
        kind="address",
        within_metres=max(one.within_metres for one in candidates),
    )


def told_apart(moment: Moment, layer: str, candidate: Candidate) -> list[Candidate]:
    """One candidate for each grid where the same door lies in several: two places of one name; else it alone."""
    if candidate.level in _WIDE or not candidate.exact:
        return [candidate]
    likely = likely_grids(moment, layer, candidate.points, candidate.weights)
    return [only_where(candidate, likely.owners == position) for position in likely.positions] or [candidate]


@dataclass(frozen=True, slots=True)
class Middle:
    """One of several points that stands for all, and how far from it the farthest lies."""

    lon: float
    lat: float
    spread_metres: float


def middle_of(candidate: Candidate) -> Middle:
    """The point of a candidate that lies nearest to the middle of all its points by weight."""
    points, weights = candidate.points, candidate.weights
    east, north = metres_per_degree(float(points[0, 1]))
    plane = (points - points[0]) * (east, north)
    centre = np.average(plane, axis=0, weights=weights) if weights.sum() > 0 else plane.mean(axis=0)
    nearest = int(np.argmin(((plane - centre) ** 2).sum(axis=1)))
    spread = float(np.hypot(*(plane - plane[nearest]).T).max())
    return Middle(float(points[nearest, 0]), float(points[nearest, 1]), spread)


def candidate_told(moment: Moment, layers: Sequence[str], candidate: Candidate) -> dict[str, Any]:
    """A candidate as an answer tells it, with the grids of each layer that it may lie in, the likeliest first.

    ``areas`` are those of the likeliest grid, the narrowest first.
    """
    grids: list[dict[str, Any]] = []
    areas: list[str] = []
    count = 0
    for layer in layers:
        likely = likely_grids(moment, layer, candidate.points, candidate.weights)
        versions = grids_of(moment, likely)
        if versions and not areas:
            areas = [area.name for area in moment.area_chain(versions[0].community_id)]
        count = max(count, len(versions))
        grids += [
            {"layer": layer, "code": grid.code, "name": grid.name, "score": _rounded(chance)}
            for grid, chance in zip(versions[:MOST_GRIDS], likely.chances, strict=False)
        ]
    middle = middle_of(candidate)
    return {
        **address_facts(candidate),
        "exact": candidate.exact,
        "target": target_of(moment, candidate),
        "point": {"lon": middle.lon, "lat": middle.lat, "crs": "EPSG:4326"},
        "spread_metres": round(middle.spread_metres),
        "areas": areas,
        "grids": grids,
        "grid_count": count,
    }


def address_facts(candidate: Candidate) -> dict[str, Any]:
    """Label, level, score, parts and reasons of a candidate as an answer tells them."""
    words = [told(reason) for reason in candidate.reasons]
    return {
        "label": candidate.label,
        "level": candidate.level,
        "score": _rounded(candidate.score),
        "parts": candidate.parts,
        "reasons": [english for english, _ in words],
        "reasons_zh": [chinese for _, chinese in words],
        "matched": [{"code": reason.code, **reason.facts} for reason in candidate.reasons],
    }


def _rounded(chance: float) -> float:
    """A likelihood as it is told: never rounded up to certain."""
    return min(round(chance, 4), 0.9999) if chance < 1.0 else 1.0
