"""Items of the lists → what each grid claims; items that are unknown, ambiguous, empty or in two lists are named."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from geodata.intake.cells import short
from geodata.intake.directory import Directory, building_key
from geodata.intake.ranges import LONGEST_ITEM, RangeError, RoadRange, plain, read_ranges
from geodata.records import Finding, Severity

_BUILDINGS = re.compile(
    r"第?(\d{1,4})(?:号楼|号|栋|幢|座|楼|#楼?)?(?:(?:-+|~+|至|到|—+|–+)第?(\d{1,4}))?(?:号楼|號樓|号|栋|幢|座|楼|#楼?)?"
    r"(?:(单号?|单数|奇数|odd)|(双号?|双数|偶数|even))?(?:号楼|楼|栋|幢)?"
)
_MOST_BUILDINGS = 500


@dataclass(frozen=True, slots=True)
class GridList:
    """One grid as a list: what its row says, the position of its community."""

    row: int
    code: str
    place: int
    compounds: Sequence[str]
    buildings: Sequence[str]
    roads: Sequence[str]


@dataclass(slots=True)
class Listing:
    """Which grid lists what, by position.

    Parameters
    ----------
    compounds, buildings
        Position in the directory to the position of the grid that lists it.
    doors
        Position of a door to the grid by whose ranges it is meant.
    """

    compounds: dict[int, int] = field(default_factory=dict)
    buildings: dict[int, int] = field(default_factory=dict)
    doors: dict[int, int] = field(default_factory=dict)

    def owner_of_door(self, directory: Directory, at: int) -> int | None:
        """The grid of a door: by its building, else by its compound, else by its road and number."""
        door = directory.doors[at]
        if door.building is not None and door.building in self.buildings:
            return self.buildings[door.building]
        if door.compound is not None and door.compound in self.compounds:
            return self.compounds[door.compound]
        return self.doors.get(at)


def read_lists(
    lists: Sequence[GridList], directory: Directory, communities: Sequence[str]
) -> tuple[Listing, list[Finding]]:
    """What the lists claim.

    Parameters
    ----------
    lists
        The grids.
    directory
        What they can name.
    communities
        Name of each community by its position.
    """
    reading = _Reading(lists, directory, communities)
    for at in range(len(lists)):
        reading.compounds(at)
        reading.buildings(at)
    reading.roads()
    return reading.listing, reading.findings


class _Reading:
    """The lists being read, grid by grid."""

    def __init__(self, lists: Sequence[GridList], directory: Directory, communities: Sequence[str]) -> None:
        self._lists, self._directory, self._communities = lists, directory, communities
        self.listing = Listing()
        self.findings: list[Finding] = []

    def compounds(self, grid: int) -> None:
        """Take the compounds of one grid."""
        for item in self._lists[grid].compounds:
            at = self._compound(grid, item)
            if at is not None:
                self._take(grid, "compounds", self.listing.compounds, at, item)

    def _compound(self, grid: int, item: str) -> int | None:
        one, known = self._lists[grid], self._directory
        if len(item) > LONGEST_ITEM:
            self._say(grid, "compounds", "unknown-compound", short(item), *_unknown(short(item), "compound", "小区"))
            return None
        coded = known.compound_codes.get(item)
        named = [coded] if coded is not None else known.compounds_named.get((one.place, plain(item)), [])
        here = [at for at in named if one.place in known.compounds[at].places]
        if len(here) == 1:
            return here[0]
        if len(here) > 1:
            codes = [known.compounds[at].code or "?" for at in here]
            self._say(grid, "compounds", "ambiguous-compound", item, *_ambiguous(item, codes))
        elif (elsewhere := self._compound_elsewhere(item, coded)) is not None:
            self._say(grid, "compounds", "listed-elsewhere", item, *_elsewhere(item, elsewhere))
        else:
            self._say(grid, "compounds", "unknown-compound", item, *_unknown(item, "compound", "小区"))
        return None

    def _compound_elsewhere(self, item: str, coded: int | None) -> str | None:
        """Communities of the compounds of that code or name, empty where none of these; None where none has it."""
        known, name = self._directory, plain(item)
        found = [coded] if coded is not None else [at for at, one in enumerate(known.compounds) if name in one.names]
        places = {self._communities[place] for at in found for place in known.compounds[at].places}
        return ", ".join(sorted(places)) if found else None

    def buildings(self, grid: int) -> None:
        """Take the buildings of one grid; an item without a compound goes on with the one before."""
        compound: int | None = None
        for item in self._lists[grid].buildings:
            compound, found = self._building(grid, item, compound)
            for at in found:
                self._take(grid, "buildings", self.listing.buildings, at, item)

    def _building(self, grid: int, item: str, before: int | None) -> tuple[int | None, list[int]]:
        one, known, written = self._lists[grid], self._directory, plain(item)
        if len(item) > LONGEST_ITEM:
            self._say(grid, "buildings", "unknown-building", short(item), *_unknown(short(item), "building", "楼栋"))
            return before, []
        coded = known.building_codes.get(item)
        if coded is not None:
            if known.buildings[coded].place == one.place:
                return known.buildings[coded].compound, [coded]
            place = self._communities[known.buildings[coded].place]
            self._say(grid, "buildings", "listed-elsewhere", item, *_elsewhere(item, place))
            return before, []
        compound, rest = self._in_compound(one.place, written, before)
        if compound is not None and (numbers := _BUILDINGS.fullmatch(rest)):
            return compound, self._numbered(grid, item, compound, numbers)
        if compound is not None and (at := known.keyed.get((compound, building_key(rest)))) is not None:
            return compound, [at]
        named = known.buildings_named.get((one.place, written), [])
        if len(named) == 1:
            return known.buildings[named[0]].compound, [named[0]]
        if named:
            codes = [known.buildings[at].code or "?" for at in named]
            self._say(grid, "buildings", "ambiguous-building", item, *_ambiguous(item, codes))
        else:
            self._say(grid, "buildings", "unknown-building", item, *_unknown(item, "building", "楼栋"))
        return compound, []

    def _in_compound(self, place: int, written: str, before: int | None) -> tuple[int | None, str]:
        """The compound that a text begins with, the longest name of several, and what follows it."""
        for length in range(len(written) - 1, 0, -1):
            named = self._directory.compounds_named.get((place, written[:length]), [])
            if len(named) == 1:
                return named[0], written[length:]
        return before, written

    def _numbered(self, grid: int, item: str, compound: int, numbers: re.Match[str]) -> list[int]:
        first, last = int(numbers[1]), int(numbers[2] or numbers[1])
        if last - first >= _MOST_BUILDINGS or last < first:
            self._say(grid, "buildings", "backward-range", item, *_no_range(item))
            return []
        wanted = [n for n in range(first, last + 1) if not (numbers[3] and n % 2 == 0) and not (numbers[4] and n % 2)]
        keyed = (self._directory.keyed.get((compound, str(number))) for number in wanted)
        here = self._lists[grid].place
        found = [at for at in keyed if at is not None and self._directory.buildings[at].place == here]
        if not found:
            self._say(grid, "buildings", "unknown-building", item, *_unknown(item, "building", "楼栋"))
        return found

    def _take(self, grid: int, column: str, taken: dict[int, int], at: int, item: str) -> None:
        earlier = taken.setdefault(at, grid)
        if earlier != grid:
            other = self._lists[earlier]
            self._say(grid, column, "listed-twice", item, *_twice(item, other), other=other.code, other_row=other.row)

    def roads(self) -> None:
        """Take the ranges of all grids, those of one community and road compared with each other."""
        meant: dict[tuple[int, str], list[tuple[int, RoadRange]]] = defaultdict(list)
        for grid, one in enumerate(self._lists):
            for found in read_ranges(one.roads):
                if isinstance(found, RangeError):
                    self._say(grid, "roads", found.kind, found.item, found.message, found.message_zh)
                else:
                    meant[one.place, found.road].append((grid, found))
        for (place, road), ranges in meant.items():
            self._overlaps(ranges)
            self._doors(place, road, ranges)

    def _overlaps(self, ranges: Sequence[tuple[int, RoadRange]]) -> None:
        for at, (grid, one) in enumerate(ranges):
            for earlier, other in ranges[:at]:
                both = one.common(other) if earlier != grid else None
                if both is not None:
                    beside = self._lists[earlier]
                    text = _overlapping(one, other, beside, both)
                    facts: dict[str, Any] = {
                        "other": beside.code,
                        "other_row": beside.row,
                        "first": both[0],
                        "last": both[1],
                    }
                    self._say(grid, "roads", "overlapping-ranges", one.text, *text, **facts)

    def _doors(self, place: int, road: str, ranges: Sequence[tuple[int, RoadRange]]) -> None:
        known = self._directory
        doors = known.doors_of.get((place, road), [])
        # An annex that is written out goes before the number that it belongs to.
        for grid, one in sorted(ranges, key=lambda pair: not pair[1].annex):
            held = [at for at in doors if one.holds(known.doors[at].number)]
            for at in held:
                self.listing.doors.setdefault(at, grid)
            if not held and road not in known.roads:
                self._say(grid, "roads", "unknown-road", one.text, *_unknown(one.text, "road", "道路"))
            elif not held:
                name = self._communities[place]
                self._say(grid, "roads", "empty-range", one.text, *_empty(one, name), severity="warning")

    def _say(
        self,
        grid: int,
        column: str,
        kind: str,
        item: str,
        message: str,
        message_zh: str,
        *,
        severity: Severity = "error",
        **facts: Any,
    ) -> None:
        one = self._lists[grid]
        self.findings.append(
            Finding(
                severity,
                kind,
                f"Grid {one.code}: {message}",
                f"网格 {one.code}：{message_zh}",
                one.row,
                one.code,
                facts={"field": column, "value": item, **facts},
            )
        )


def short_list(items: Iterable[Any], most: int = 10) -> str:
    """At most so many items, and how many more there are."""
    listed = [str(item) for item in items]
    return "、".join(listed[:most]) + (f" … (+{len(listed) - most})" if len(listed) > most else "")


def _ambiguous(item: str, codes: Sequence[str]) -> tuple[str, str]:
    listed = ", ".join(codes[:5])
    return (
        f"{item!r} stands for {len(codes)} in its community ({listed}): write the code.",
        f"本社区内有 {len(codes)} 个“{item}”（{listed}），请填写编码。",
    )


def _elsewhere(item: str, communities: str) -> tuple[str, str]:
    where, where_zh = (
        (communities, communities)
        if communities
        else ("another community, or nobody knows where", "其他社区，或没有位置")
    )
    return (
        f"{item!r} lies in {where}, not in the grid's community: correct the item or the community.",
        f"“{item}”位于{where_zh}，不在该网格所属社区内：请更正清单或社区。",
    )


def _unknown(item: str, what: str, what_zh: str) -> tuple[str, str]:
    return (
        f"the {what} {item!r} is not known in its community: correct it, or load it with its place first.",
        f"本社区没有{what_zh}“{item}”：请更正，或先导入带位置的{what_zh}。",
    )


def _no_range(item: str) -> tuple[str, str]:
    return (
        f"{item!r} is no range of buildings: write the lower number first, {_MOST_BUILDINGS} at most.",
        f"“{item}”不是有效的楼号范围：请先写较小的楼号，最多 {_MOST_BUILDINGS} 栋。",
    )


def _twice(item: str, other: GridList) -> tuple[str, str]:
    return (
        f"{item!r} is listed by grid {other.code} too, in row {other.row}: leave it in one of them.",
        f"“{item}”同时列入网格 {other.code}（第 {other.row} 行）：只能列入一个网格。",
    )


def _overlapping(one: RoadRange, other: RoadRange, beside: GridList, both: tuple[int, int]) -> tuple[str, str]:
    common = "all of it" if both[1] - both[0] > 90_000 else f"{both[0]} to {both[1]}"
    common_zh = "全路" if both[1] - both[0] > 90_000 else f"{both[0]}至{both[1]}号"
    return (
        f"{one.text!r} and {other.text!r} of grid {beside.code} (row {beside.row}) have numbers in common ({common}).",
        f"“{one.text}”与网格 {beside.code}（第 {beside.row} 行）的“{other.text}”号段重叠（{common_zh}）。",
    )


def _empty(one: RoadRange, community: str) -> tuple[str, str]:
    return (
        f"no known door in {community} is meant by {one.text!r}: it decides nothing.",
        f"{community}内没有“{one.text}”所指的门牌，该号段不起作用。",
    )
