"""Items of the lists → what each grid claims; items that are unknown, ambiguous, empty or in two lists are named."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

from geodata.intake.cells import short
from geodata.intake.directory import Directory
from geodata.intake.list_finder import Context, Finder, ListError, Meant, lies_elsewhere, unknown
from geodata.intake.list_words import is_bound, loosened, means_all, short_list, without_exceptions
from geodata.intake.ranges import LONGEST_ITEM, RangeError, RoadRange, read_range
from geodata.records import Finding, Severity

MOST_FAULTS = 50
"""Faults of one cell, and overlaps on one road, that are listed: more have one cause."""


@dataclass(frozen=True, slots=True)
class ListPart:
    """What one row says of a grid."""

    row: int
    compounds: Sequence[str] = ()
    buildings: Sequence[str] = ()
    roads: Sequence[str] = ()
    scope: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class GridList:
    """One grid as a list: its first row, the position of its community, what each of its rows says."""

    row: int
    code: str
    place: int
    parts: Sequence[ListPart]


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
    for at, one in enumerate(lists):
        for part in one.parts:
            reading.part(at, part)
    reading.roads()
    return reading.listing, reading.findings


@dataclass(slots=True)
class _Taken:
    """What one row takes so far, each with the item that says so; words of it that mean no place."""

    compounds: dict[int, tuple[str, str]] = field(default_factory=dict)
    buildings: dict[int, tuple[str, str]] = field(default_factory=dict)
    doors: list[tuple[RoadRange, str]] = field(default_factory=list)
    bounds: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class _Doors(NamedTuple):
    """A range of doors with the grid, row and column that name it."""

    grid: int
    row: int
    column: str
    doors: RoadRange


class _Reading:
    """The lists being read, row by row."""

    def __init__(self, lists: Sequence[GridList], directory: Directory, communities: Sequence[str]) -> None:
        self._lists, self._directory, self._communities = lists, directory, communities
        self._finder = Finder(directory, tuple(communities))
        self._meant: dict[tuple[int, str], list[_Doors]] = defaultdict(list)
        self.listing = Listing()
        self.findings: list[Finding] = []

    def part(self, grid: int, part: ListPart) -> None:
        """Take what one row lists; buildings without a compound are those of the one beside them."""
        taken = _Taken()
        self._cell(grid, part, "compounds", part.compounds, taken)
        beside = sorted(taken.compounds)
        context = Context(beside[0] if len(beside) == 1 else None, several=len(beside) > 1)
        self._cell(grid, part, "buildings", part.buildings, taken, context)
        self._cell(grid, part, "scope", part.scope, taken)
        self._cell(grid, part, "roads", part.roads, taken)
        of_buildings = {self._directory.buildings[at].compound for at in taken.buildings}
        for at, (item, column) in taken.compounds.items():
            if at not in of_buildings:
                self._take(grid, part, column, self.listing.compounds, at, item)
        for at, (item, column) in taken.buildings.items():
            self._take(grid, part, column, self.listing.buildings, at, item)
        for one, column in dict.fromkeys(taken.doors):
            self._meant[self._lists[grid].place, one.road].append(_Doors(grid, part.row, column, one))
        self._words(grid, part, taken)

    def _cell(
        self,
        grid: int,
        part: ListPart,
        column: str,
        items: Sequence[str],
        taken: _Taken,
        context: Context = Context(),  # noqa: B008  a frozen value
    ) -> None:
        """Take the items of one cell; one without a name of its own goes on with the one before."""
        faults = 0
        for item in items:
            try:
                context = self._item(grid, part, column, item, taken, context)
            except ListError as fault:
                self._say(grid, part.row, column, fault.kind, short(item), fault.message, fault.message_zh)
                faults += 1
                if faults == MOST_FAULTS:
                    self._say(grid, part.row, column, "unreadable-list", short(item), *_no_list())
                    return

    def _item(self, grid: int, part: ListPart, column: str, item: str, taken: _Taken, context: Context) -> Context:
        place, roads_first = self._lists[grid].place, column == "roads"
        found = self._finder.find(place, item, context, roads_first=roads_first)
        without: tuple[str, ...] = ()
        if found is None and is_bound(item):
            taken.bounds.append(item)
            return context
        if found is None:
            core, without = without_exceptions(item)
            if means_all(core) and column == "buildings" and taken.compounds:
                core = ""
            found = self._found_loosely(place, core, taken, context, roads_first=roads_first) if core else None
            if found is None and core:
                found = self._unknown(column, core, context)
        if found is not None:
            context = found.context
            self._keep(grid, part, column, item, found, taken)
        for one in without:
            self._except(grid, one, taken, context)
        return context

    def _found_loosely(
        self, place: int, item: str, taken: _Taken, context: Context, *, roads_first: bool
    ) -> Meant | None:
        if (found := self._finder.find(place, item, context, roads_first=roads_first)) is not None:
            return found
        for text, left_out in loosened(item) if len(item) <= LONGEST_ITEM else ():
            if (found := self._finder.find(place, text, context, roads_first=roads_first)) is not None:
                taken.left_out += [left_out] if left_out else []
                return found
        return None

    def _unknown(self, column: str, item: str, context: Context) -> Meant:
        """Doors of a road that nobody knows, of a column of roads; all else is a fault."""
        if column == "roads":
            try:
                found = read_range(item, context.road)
            except RangeError as fault:
                raise ListError(fault.kind, fault.message, fault.message_zh) from fault
            return Meant(doors=(found,), context=Context(road=found.road))
        elsewhere = self._finder.elsewhere(item) if len(item) <= LONGEST_ITEM else None
        if elsewhere is not None and column != "buildings":
            raise ListError("listed-elsewhere", *lies_elsewhere(item, elsewhere))
        what, what_zh = {"compounds": ("compound", "小区"), "buildings": ("building", "楼栋")}.get(column, ("", ""))
        if what:
            raise ListError(f"unknown-{what}", *unknown(short(item), what, what_zh))
        raise ListError("unknown-item", *_meaningless(short(item)))

    def _keep(self, grid: int, part: ListPart, column: str, item: str, found: Meant, taken: _Taken) -> None:
        taken.compounds |= {at: (item, column) for at in found.compounds if at not in taken.compounds}
        taken.buildings |= {at: (item, column) for at in found.buildings if at not in taken.buildings}
        taken.doors += [(one, column) for one in found.doors]
        if found.lacking:
            text = _lacking(item, short_list(found.lacking))
            self._say(grid, part.row, column, "missing-building", item, *text, severity="warning")

    def _except(self, grid: int, item: str, taken: _Taken, context: Context) -> None:
        """Take back what an item excepts.

        Raises
        ------
        ListError
            It means nothing, or nothing that the row has.
        """
        place = self._lists[grid].place
        found = self._finder.find(place, item, context)
        if found is None or not self._taken_back(place, found, taken):
            raise ListError("exception-without-effect", *_no_exception(short(item)))

    def _taken_back(self, place: int, found: Meant, taken: _Taken) -> bool:
        known, done = self._directory, False
        for at in found.compounds:
            done |= taken.compounds.pop(at, None) is not None
        for at in found.buildings:
            compound = known.buildings[at].compound
            if compound in taken.compounds and at not in taken.buildings:
                rest = (one for one in known.compounds[compound].buildings if known.buildings[one].place == place)
                taken.buildings |= {one: taken.compounds[compound] for one in rest if one not in taken.buildings}
            done |= taken.buildings.pop(at, None) is not None
        for doors in found.doors:
            for at in reversed(range(len(taken.doors))):
                one, column = taken.doors[at]
                if one.road == doors.road and one.common(doors):
                    taken.doors[at] = replace(one, without=(*one.without, doors)), column
                    done = True
                    break
        return done

    def _words(self, grid: int, part: ListPart, taken: _Taken) -> None:
        """Say which words of a row decided nothing."""
        column = "scope" if part.scope else "roads" if part.roads else "compounds"
        for kind, words, say in (
            ("bounds-not-used", taken.bounds, _bounds),
            ("left-out-words", taken.left_out, _left_out),
        ):
            if words:
                listed = short_list(words, 6)
                self._say(grid, part.row, column, kind, listed, *say(listed), severity="warning")

    def _take(self, grid: int, part: ListPart, column: str, taken: dict[int, int], at: int, item: str) -> None:
        earlier = taken.setdefault(at, grid)
        if earlier != grid:
            other = self._lists[earlier]
            facts: dict[str, Any] = {"other": other.code, "other_row": other.row}
            self._say(grid, part.row, column, "listed-twice", item, *_twice(item, other), **facts)

    def roads(self) -> None:
        """Compare the ranges of all grids, those of one community and road with each other, and find their doors."""
        for (place, road), ranges in self._meant.items():
            self._overlaps(ranges)
            self._doors(place, road, ranges)

    def _overlaps(self, ranges: Sequence[_Doors]) -> None:
        for later, earlier, both in sorted(islice(_common(ranges), MOST_FAULTS)):
            one, other = ranges[later], ranges[earlier]
            beside = self._lists[other.grid]
            text = _overlapping(one.doors, other, beside, both)
            facts: dict[str, Any] = {"other": beside.code, "other_row": other.row, "first": both[0], "last": both[1]}
            self._say(one.grid, one.row, one.column, "overlapping-ranges", one.doors.text, *text, **facts)

    def _doors(self, place: int, road: str, ranges: Sequence[_Doors]) -> None:
        known = self._directory
        doors = known.doors_of.get((place, road), [])
        # An annex that is written out goes before the number that it belongs to.
        for grid, row, column, one in sorted(ranges, key=lambda meant: not meant.doors.annex):
            held = [at for at in doors if one.holds(known.doors[at].number)]
            for at in held:
                self.listing.doors.setdefault(at, grid)
            if not held and road not in known.roads:
                self._say(grid, row, column, "unknown-road", one.text, *unknown(one.text, "road", "道路"))
            elif not held:
                name = self._communities[place]
                self._say(grid, row, column, "empty-range", one.text, *_empty(one, name), severity="warning")

    def _say(
        self,
        grid: int,
        row: int,
        column: str,
        kind: str,
        item: str,
        message: str,
        message_zh: str,
        *,
        severity: Severity = "error",
        **facts: Any,
    ) -> None:
        code = self._lists[grid].code
        self.findings.append(
            Finding(
                severity,
                kind,
                f"Grid {code}: {message}",
                f"网格 {code}：{message_zh}",
                row,
                code,
                facts={"field": column, "value": item, **facts},
            )
        )


def _common(ranges: Sequence[_Doors]) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Positions of two ranges of different grids that have numbers in common, the later first, and these numbers."""
    reaching: list[int] = []
    for at in sorted(range(len(ranges)), key=lambda at: (ranges[at].doors.first, at)):
        one = ranges[at]
        reaching = [before for before in reaching if ranges[before].doors.last >= one.doors.first]
        for before in reaching:
            other = ranges[before]
            if other.grid != one.grid and (both := one.doors.common(other.doors)) is not None:
                yield max(at, before), min(at, before), both
        reaching.append(at)


def _twice(item: str, other: GridList) -> tuple[str, str]:
    return (
        f"{item!r} is listed by grid {other.code} too, in row {other.row}: leave it in one of them.",
        f"“{item}”同时列入网格 {other.code}（第 {other.row} 行）：只能列入一个网格。",
    )


def _overlapping(one: RoadRange, other: _Doors, beside: GridList, both: tuple[int, int]) -> tuple[str, str]:
    text, row = other.doors.text, other.row
    common = "all of it" if both[1] - both[0] > 90_000 else f"{both[0]} to {both[1]}"
    common_zh = "全路" if both[1] - both[0] > 90_000 else f"{both[0]}至{both[1]}号"
    return (
        f"{one.text!r} and {text!r} of grid {beside.code} (row {row}) have numbers in common ({common}).",
        f"“{one.text}”与网格 {beside.code}（第 {row} 行）的“{text}”号段重叠（{common_zh}）。",
    )


def _empty(one: RoadRange, community: str) -> tuple[str, str]:
    return (
        f"no known door in {community} is meant by {one.text!r}: it decides nothing.",
        f"{community}内没有“{one.text}”所指的门牌，该号段不起作用。",
    )


def _meaningless(item: str) -> tuple[str, str]:
    return (
        f"nothing in its community is called {item!r}: write a compound, a building such as 示例里3号楼, or a "
        "road with its numbers such as 建设路1-99单号.",
        f"本社区没有“{item}”：请写小区名、楼栋（如示例里3号楼）或道路号段（如建设路1-99单号）。",
    )


def _no_list() -> tuple[str, str]:
    return (
        f"{MOST_FAULTS} items of the cell mean nothing; the rest was not looked at. Is it the right column?",
        f"此单元格已有 {MOST_FAULTS} 处无法识别，其余未再检查。请确认所选的列是否正确。",
    )


def _lacking(item: str, numbers: str) -> tuple[str, str]:
    return (
        f"{item!r} names building {numbers}, which its compound does not have: check the number.",
        f"“{item}”中的 {numbers} 号楼在该小区不存在，请核对楼号。",
    )


def _no_exception(item: str) -> tuple[str, str]:
    return (
        f"{item!r} is to be left out, but is not in what stands before it: write the exception behind its range.",
        f"“{item}”要除外，但前面的内容并不包含它：请把“除…”写在对应的号段之后。",
    )


def _bounds(listed: str) -> tuple[str, str]:
    return (
        f"how far a grid reaches ({listed}) is not read: compounds, buildings and doors decide.",
        f"四至描述（{listed}）不参与划分，以小区、楼栋和门牌为准。",
    )


def _left_out(listed: str) -> tuple[str, str]:
    return (
        f"these words name no place and were left out: {listed}.",
        f"以下字样未指明具体地点，已略去：{listed}。",
    )
