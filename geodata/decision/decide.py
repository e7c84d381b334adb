"""A text → the one point that it means and how sure that is, or what it may mean and what to ask the caller."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

import numpy as np

from geodata.address.candidates import SLOT_NAMES, Candidate, Found, Reason
from geodata.address.normalize import LONGEST, Normal
from geodata.address.query import says_crossing
from geodata.crs import Crs
from geodata.decision.area_alone import areas_named, candidate_of_area
from geodata.decision.ask import (
    crossing_question,
    differing_question,
    landmark_question,
    nothing_question,
    side_question,
)
from geodata.decision.begin import start_of_address
from geodata.decision.coordinates import Placed, placed
from geodata.decision.likely import FOUND, UNKNOWN, Likely, likely_grids, narrowed, only_where, status_of
from geodata.decision.nearby import CROSSING, Reach, Reached, around_door, reach_of, reached_grids, relation_in
from geodata.decision.shown import (
    Middle,
    address_facts,
    candidate_told,
    in_common,
    middle_of,
    told_apart,
    told_exactly,
)
from geodata.decision.warnings import (
    CROSSING_ON_BORDER,
    DOOR_NEAR_BORDER,
    Warning_,
    found_elsewhere,
    layer_not_sure,
    no_address,
    relation_reported,
    text_was_cut,
)
from geodata.moment import Moment
from geodata.start import Start

CANDIDATES: Final = 8
_WORTH_TELLING: Final = 0.001
_BESIDE_THE_BEST: Final = 0.02
_SURE_DOOR: Final = 0.9
_LIKELY_TOO: Final = 0.2


class Book(Protocol):
    """A register that can be asked what a text may mean."""

    def find(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 8) -> Found:
        """The entries that a text may mean."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of a text before people are asked for.

    Parameters
    ----------
    status
        ``found``, ``ambiguous``, ``outside`` or ``not_found``.
    query
        What the answer says of the text itself.
    facts
        ``address``, ``candidates``, ``ask`` and ``nearest_known`` of the answer.
    layers
        Codes of the layers in which the grid is sure; with status ``outside`` all that were asked.
    point
        Longitude and latitude, EPSG:4326; None unless ``found`` or ``outside``.
    start
        Whose people come first there; None to begin at the point.
    """

    status: str
    query: dict[str, Any]
    facts: dict[str, Any]
    layers: tuple[str, ...] = ()
    point: tuple[float, float] | None = None
    start: Start | None = None
    warnings: tuple[Warning_, ...] = ()


def decide(
    moment: Moment,
    book: Book,
    text: str,
    *,
    near: tuple[float, float] | None = None,
    layer: str | None = None,
    within: str | None = None,
    datum: Crs | None = None,
) -> Decided:
    """The point that a text means, if that is sure.

    Parameters
    ----------
    near
        Longitude and latitude, EPSG:4326, that it is probably about.
    layer
        Code of the only layer to ask; all of them, the default first, where None.
    within
        Code of the area that it lies in: what lies elsewhere is out of the question.
    datum
        Reference system of coordinates in the text, where it says none itself.

    Raises
    ------
    NotKnownError
        There is no such layer or area.

    Notes
    -----
    The first asked layer that covers any of the places decides; of the others those are answered that are sure too.
    """
    asked = tuple(one.code for one in moment.layers) if layer is None else (moment.layer(layer).code,)
    area = None if within is None else moment.area(within)
    found = book.find(text, near=near, limit=CANDIDATES)
    warnings = [text_was_cut()] if len(text) > LONGEST else []
    if area is not None:
        found, elsewhere = narrowed(moment, found, area)
        warnings += [found_elsewhere(area)] if elsewhere >= UNKNOWN else []
    case = _Case(moment, asked, _with_area(moment, found, asked[0]), warnings)
    decided = case.decided()
    coordinates = next((one for one in found.normal.aside if one.kind == "coordinates"), None)
    if coordinates is not None and decided.status != "found":
        return case.at_coordinates(placed(moment, asked, coordinates, datum))
    return decided


def query_facts(normal: Normal) -> dict[str, Any]:
    """What an answer says of a text: how it was read, and what was set apart, by its place in the text."""
    relation = relation_in(normal)
    return {
        "normalized": normal.text,
        "relation": None if relation is None else {"text": relation.text, **relation.facts},
        "aside": [{"kind": one.kind, "start": one.start, "end": one.end} for one in normal.aside],
    }


def _with_area(moment: Moment, found: Found, layer: str) -> Found:
    """What was found, with the area that a text names alone as a candidate where it has few grids."""
    candidate = candidate_of_area(moment, layer, found) if found.area_weight >= UNKNOWN else None
    if candidate is None:
        return found
    return replace(
        found,
        candidates=tuple(sorted((candidate, *found.candidates), key=lambda one: -one.score)),
        points=np.concatenate([candidate.points, found.points]),
        weights=np.concatenate([candidate.weights, found.weights]),
        area_weight=0.0,
    )


def _surest(candidates: Sequence[Candidate]) -> Candidate:
    """The first of some candidates if it is nearly all of them, else what those that matter have in common.

    Where they only tell more or less of the same, it is the one that tells most.
    """
    total = sum(one.score for one in candidates)
    if candidates[0].score >= _SURE_DOOR * total:
        return candidates[0]
    close = [one for one in candidates if one.score >= _BESIDE_THE_BEST * total]
    if all(_same_but_more(candidates[0], one) for one in close):
        likely = [one for one in close if one.score >= _LIKELY_TOO * total] or close[:1]
        return replace(max(likely, key=_how_much), score=float(sum(one.score for one in close)))
    return in_common(close)


def _how_much(candidate: Candidate) -> tuple[int, bool]:
    """How far a candidate goes into a place, and whether it is a record that people may be responsible for."""
    return sum(part in SLOT_NAMES and part != "number" for part in candidate.parts), candidate.kind != "address"


def _same_but_more(first: Candidate, other: Candidate) -> bool:
    """Whether one of two candidates has all parts of the other."""
    one, two = first.parts.items(), other.parts.items()
    return first.exact and other.exact and (one <= two or two <= one)


@dataclass(frozen=True, slots=True)
class _Case:
    """One text being decided on."""

    moment: Moment
    asked: tuple[str, ...]
    found: Found
    warnings: list[Warning_] = field(default_factory=list)

    def decided(self) -> Decided:
        """What is known of the text."""
        likelies = [likely_grids(self.moment, layer, self.found.points, self.found.weights) for layer in self.asked]
        deciding = next((one for one in likelies if one.positions), likelies[0])
        status = status_of(deciding, self.found)
        if status == "found":
            return self._found(likelies, deciding)
        if status == "outside":
            return self._outside()
        return self._ambiguous(deciding.layer) if status == "ambiguous" else self._not_found()

    def at_coordinates(self, here: Placed) -> Decided:
        """What is known of coordinates that were pasted as an address."""
        told = [candidate_told(self.moment, self.asked, one) for one in here.candidates]
        facts = _facts(told, ask=here.ask)
        if here.point is not None:
            facts = _facts(told, address=_address(here.candidates[0], middle_of(here.candidates[0])))
        warnings = (*self.warnings, *here.warnings)
        return Decided(here.status, self._query, facts, here.layers, here.point, None, warnings)

    @property
    def _query(self) -> dict[str, Any]:
        return query_facts(self.found.normal)

    def _worth_telling(self) -> list[Candidate]:
        best = max((one.score for one in self.found.candidates), default=0.0)
        least = max(_WORTH_TELLING, _BESIDE_THE_BEST * best)
        told = [told_exactly(one) for one in self.found.candidates if one.score >= least]
        return sorted(told, key=lambda one: -one.score)

    def _told(self) -> list[dict[str, Any]]:
        return [candidate_told(self.moment, self.asked, one) for one in self._worth_telling()]

    def _found(self, likelies: Sequence[Likely], deciding: Likely) -> Decided:
        address = _surest(self._inside(deciding))
        middle = middle_of(address)
        point = (middle.lon, middle.lat)
        around = CROSSING if address.level == "crossing" else around_door(address.within_metres)
        if around is not None and (ends := self._leads_elsewhere(deciding.layer, address, point, around)):
            return self._across(address, middle, deciding.layer, ends, "")
        crossed = self._crossed(address, point)
        if deciding.layer in crossed:
            said = relation_in(self.found.normal)
            return self._across(address, middle, deciding.layer, crossed[deciding.layer], said.text if said else "")
        sure = [
            one.layer
            for one in likelies
            if one.chance >= FOUND and one.layer not in crossed and self._owner(one.layer, point) == one.first
        ]
        unsure = [layer_not_sure(one.layer) for one in likelies if one.positions and one.layer not in sure]
        start = start_of_address(self.moment, address, *point)
        facts = _facts(self._told(), address=_address(address, middle))
        return Decided("found", self._query, facts, tuple(sure), point, start, (*self.warnings, *unsure))

    def _inside(self, likely: Likely) -> list[Candidate]:
        """The candidates as far as they lie in the likeliest grid of a layer, the likeliest first."""
        found = []
        for one in self._worth_telling():
            owners = likely_grids(self.moment, likely.layer, one.points, one.weights).owners
            found.append(only_where(one, owners == likely.first))
        return sorted((one for one in found if one.score > 0), key=lambda one: -one.score)

    def _owner(self, layer: str, point: tuple[float, float]) -> int:
        return self.moment.tilings[layer].index.owner(*point, self.moment.active(layer))[0]

    def _outside(self) -> Decided:
        address = _surest(self._worth_telling())
        middle = middle_of(address)
        facts = _facts(self._told(), address=_address(address, middle))
        point = (middle.lon, middle.lat)
        return Decided("outside", self._query, facts, self.asked, point, None, tuple(self.warnings))

    def _ambiguous(self, layer: str) -> Decided:
        parts = [part for one in self._worth_telling() for part in told_apart(self.moment, layer, one)]
        candidates = sorted(parts, key=lambda one: -one.score)
        told = [candidate_told(self.moment, self.asked, one) for one in candidates[:CANDIDATES]]
        ask = differing_question(told) if told else nothing_question()
        if candidates and candidates[0].level == "road" and says_crossing(self.found.normal.text):
            ask = crossing_question()
        return Decided("ambiguous", self._query, _facts(told, ask=ask), warnings=tuple(self.warnings))

    def _not_found(self) -> Decided:
        areas = areas_named(self.moment, self.found.areas)
        told = self._told()
        known: dict[str, Any] | None = None
        if areas:
            known = {"level": areas[0].level, "label": areas[0].name, "code": areas[0].code}
        elif told:
            known = {"level": told[0]["level"], "label": told[0]["label"], "code": None}
        warnings = [] if self.found.normal.text else [no_address(self.found.normal)]
        missing = told and any(one["code"] in ("number-other", "number-missing") for one in told[0]["matched"])
        facts = _facts(told, ask=landmark_question() if missing else nothing_question(), nearest_known=known)
        return Decided("not_found", self._query, facts, warnings=(*self.warnings, *warnings))

    def _crossed(self, address: Candidate, here: tuple[float, float]) -> dict[str, Sequence[Reached]]:
        """Layers in which what the text says beside the place may lead into another grid, and into which."""
        relation = relation_in(self.found.normal)
        reach = None if relation is None else reach_of(relation.facts)
        if reach is None:
            return {}
        found = {layer: self._leads_elsewhere(layer, address, here, reach) for layer in self.asked}
        return {layer: ends for layer, ends in found.items() if ends}

    def _leads_elsewhere(
        self, layer: str, address: Candidate, here: tuple[float, float], reach: Reach
    ) -> Sequence[Reached]:
        """The grids in which a reach ends, if one of them is not that of the place itself."""
        places = address.points[address.weights >= _BESIDE_THE_BEST * address.weights.max()]
        ends = reached_grids(self.moment, layer, places, reach)
        own = self._owner(layer, here)
        return ends if any(end.position not in (-1, own) for end in ends) else ()

    def _across(self, address: Candidate, middle: Middle, layer: str, reached: Sequence[Reached], said: str) -> Decided:
        """The place's own grid and its neighbours as candidates: for words such as 对面, or an unknown door."""
        own = self._owner(layer, (middle.lon, middle.lat))
        ends = [end for end in reached if end.position >= 0]
        candidates = [_beside(address, middle, end, said, own=end.position == own) for end in ends]
        told = [candidate_told(self.moment, self.asked, one) for one in candidates]
        versions = self.moment.tilings[layer].versions
        grids = [(versions[end.position].name, versions[end.position].code) for end in ends]
        unknown_door = not said and address.level != "crossing"
        ask = landmark_question() if unknown_door else side_question(grids)
        warning = relation_reported(said) if said else DOOR_NEAR_BORDER if unknown_door else CROSSING_ON_BORDER
        return Decided("ambiguous", self._query, _facts(told, ask=ask), warnings=(*self.warnings, warning))


def _beside(address: Candidate, middle: Middle, end: Reached, said: str, *, own: bool) -> Candidate:
    lon, lat = (middle.lon, middle.lat) if own else (end.lon, end.lat)
    score = address.score * end.share
    return replace(
        address,
        label=f"{address.label}{said}",
        points=np.array([(lon, lat)]),
        weights=np.array([score]),
        score=score,
        lon=lon,
        lat=lat,
        reasons=(*address.reasons, Reason("relation", {"text": said})) if said else address.reasons,
    )


def _address(candidate: Candidate, middle: Middle) -> dict[str, Any]:
    return {**address_facts(candidate), "spread_metres": round(middle.spread_metres)}


def _facts(
    candidates: list[dict[str, Any]],
    *,
    address: dict[str, Any] | None = None,
    ask: dict[str, Any] | None = None,
    nearest_known: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {"address": address, "candidates": candidates, "ask": ask, "nearest_known": nearest_known}
