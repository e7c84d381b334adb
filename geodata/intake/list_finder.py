"""One item of a list → the compound, buildings or doors that it means in its community, or what is wrong with it."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from geodata.intake.directory import Directory, building_key
from geodata.intake.list_words import halves, has_split_number
from geodata.intake.ranges import LONGEST_ITEM, RangeError, RoadRange, plain, read_range

MOST_BUILDINGS = 500

_BUILDINGS = re.compile(
    r"第?(\d{1,4})(?:号楼|号|栋|幢|座|楼|#楼?)?(?:(?:-+|~+|至|到|—+|–+)第?(\d{1,4}))?(?:号楼|號樓|号|栋|幢|座|楼|#楼?)?"
    r"(?:(单号?|单数|奇数|odd)|(双号?|双数|偶数|even))?(?:号楼|楼|栋|幢)?"
)


@dataclass(frozen=True, slots=True)
class Context:
    """What an item without a name of its own goes on with: the compound or the road before it.

    ``several`` says that more than one compound could be meant.
    """

    compound: int | None = None
    road: str = ""
    several: bool = False


class Meant(NamedTuple):
    """What an item means; ``lacking`` are numbers written out that no building has."""

    compounds: tuple[int, ...] = ()
    buildings: tuple[int, ...] = ()
    doors: tuple[RoadRange, ...] = ()
    lacking: tuple[int, ...] = ()
    context: Context = Context()

    def and_then(self, other: "Meant") -> "Meant":
        """What both mean, to go on with as the other says."""
        return Meant(
            self.compounds + other.compounds,
            self.buildings + other.buildings,
            self.doors + other.doors,
            self.lacking + other.lacking,
            other.context,
        )


class ListError(ValueError):
    """An item that cannot be taken: kind of finding and what is wrong with it, in both languages."""

    def __init__(self, kind: str, message: str, message_zh: str) -> None:
        super().__init__(message)
        self.kind, self.message, self.message_zh = kind, message, message_zh


class Finder:
    """Looks items up in a directory."""

    def __init__(self, directory: Directory, communities: tuple[str, ...]) -> None:
        self._known, self._communities = directory, communities

    def find(self, place: int, item: str, context: Context, *, roads_first: bool = False) -> Meant | None:
        """What an item means in a community, None where it means nothing there.

        Raises
        ------
        ListError
            It means several things, a thing of another community, no building of its compound, or runs backwards.
        """
        if len(item) > LONGEST_ITEM:
            return None
        if has_split_number(item):
            return self._both(place, item, context)
        if roads_first and (doors := self._doors(item, context)) is not None:
            return doors
        return (
            self._compound(place, item)
            or self._building(place, item, context)
            or self._doors(item, context)
            or self._named_building(place, item)
            or self._both(place, item, context)
        )

    def _both(self, place: int, item: str, context: Context) -> Meant | None:
        """What two items mean that a word or a blank joins, if both mean something."""
        for one, other in halves(item):
            try:
                first = self.find(place, one, context)
                second = self.find(place, other, first.context) if first else None
            except ListError:
                continue
            if first and second:
                return first.and_then(second)
        return None

    def _compound(self, place: int, item: str) -> Meant | None:
        known = self._known
        coded = known.compound_codes.get(item)
        named = [coded] if coded is not None else known.compounds_named.get((place, plain(item)), [])
        here = [at for at in named if place in known.compounds[at].places]
        if len(here) > 1:
            raise ListError("ambiguous-compound", *_ambiguous(item, [known.compounds[at].code or "?" for at in here]))
        return Meant(compounds=(here[0],), context=Context(here[0])) if here else None

    def elsewhere(self, item: str) -> str | None:
        """Communities of the compounds of that code or name, empty where none of these; None where none has it."""
        known, name = self._known, plain(item)
        coded = known.compound_codes.get(item)
        found = [coded] if coded is not None else [at for at, one in enumerate(known.compounds) if name in one.names]
        places = {self._communities[place] for at in found for place in known.compounds[at].places}
        return ", ".join(sorted(places)) if found else None

    def _building(self, place: int, item: str, context: Context) -> Meant | None:
        known, written = self._known, plain(item)
        coded = known.building_codes.get(item)
        if coded is not None:
            return self._coded(place, item, coded)
        named, rest = self._in_compound(place, written)
        compound = context.compound if named is None else named
        if numbers := _BUILDINGS.fullmatch(rest):
            if compound is not None:
                return self._numbered(place, item, compound, numbers)
            if context.several:
                raise ListError("unclear-compound", *_unclear(item))
        if compound is not None and (at := known.keyed.get((compound, building_key(rest)))) is not None:
            return Meant(buildings=(at,), context=Context(compound))
        return None

    def _named_building(self, place: int, item: str) -> Meant | None:
        """A building by its whole name; one that is called by its road and number was found as a door."""
        known, written = self._known, plain(item)
        called = known.buildings_named.get((place, written), [])
        if len(called) > 1:
            raise ListError("ambiguous-building", *_ambiguous(item, [known.buildings[at].code or "?" for at in called]))
        return Meant(buildings=(called[0],), context=Context(known.buildings[called[0]].compound)) if called else None

    def _coded(self, place: int, item: str, at: int) -> Meant:
        building = self._known.buildings[at]
        if building.place != place:
            raise ListError("listed-elsewhere", *lies_elsewhere(item, self._communities[building.place]))
        return Meant(buildings=(at,), context=Context(building.compound))

    def _in_compound(self, place: int, written: str) -> tuple[int | None, str]:
        """The compound that a text begins with, the longest name of several, and what follows it."""
        for length in range(len(written) - 1, 0, -1):
            named = self._known.compounds_named.get((place, written[:length]), [])
            if len(named) == 1:
                return named[0], written[length:]
        return None, written

    def _numbered(self, place: int, item: str, compound: int, numbers: re.Match[str]) -> Meant:
        known, first, last = self._known, int(numbers[1]), int(numbers[2] or numbers[1])
        if last - first >= MOST_BUILDINGS or last < first:
            raise ListError("backward-range", *_no_range(item))
        wanted = [n for n in range(first, last + 1) if not (numbers[3] and n % 2 == 0) and not (numbers[4] and n % 2)]
        keyed = {number: known.keyed.get((compound, str(number))) for number in wanted}
        found = tuple(at for at in keyed.values() if at is not None and known.buildings[at].place == place)
        if not found:
            raise ListError("unknown-building", *unknown(item, "building", "楼栋"))
        ends = {wanted[0], wanted[-1]}
        lacking = tuple(number for number in sorted(ends) if keyed[number] is None)
        return Meant(buildings=found, lacking=lacking, context=Context(compound))

    def _doors(self, item: str, context: Context) -> Meant | None:
        """Doors of a road that is known; what is wrong with the numbers is only said of such a road."""
        try:
            found = read_range(item, context.road)
        except RangeError as fault:
            if fault.kind in ("backward-range", "contradictory-range") and self._begins_with_road(item, context):
                raise ListError(fault.kind, fault.message, fault.message_zh) from fault
            return None
        if found.road not in self._known.roads:
            return None
        return Meant(doors=(found,), context=Context(road=found.road))

    def _begins_with_road(self, item: str, context: Context) -> bool:
        written = plain(item)
        return bool(context.road) or any(written[:length] in self._known.roads for length in range(1, len(written)))


def unknown(item: str, what: str, what_zh: str) -> tuple[str, str]:
    """That an item is not known where it should be."""
    return (
        f"the {what} {item!r} is not known in its community: correct it, or load it with its place first.",
        f"本社区没有{what_zh}“{item}”：请更正，或先导入带位置的{what_zh}。",
    )


def lies_elsewhere(item: str, communities: str) -> tuple[str, str]:
    """That an item is known, but in other communities; these are empty where it has no place."""
    where, where_zh = (
        (communities, communities)
        if communities
        else ("another community, or nobody knows where", "其他社区，或没有位置")
    )
    return (
        f"{item!r} lies in {where}, not in the grid's community: correct the item or the community.",
        f"“{item}”位于{where_zh}，不在该网格所属社区内：请更正清单或社区。",
    )


def _ambiguous(item: str, codes: list[str]) -> tuple[str, str]:
    listed = ", ".join(codes[:5])
    return (
        f"{item!r} stands for {len(codes)} in its community ({listed}): write the code.",
        f"本社区内有 {len(codes)} 个“{item}”（{listed}），请填写编码。",
    )


def _unclear(item: str) -> tuple[str, str]:
    return (
        f"{item!r} may belong to any of the compounds beside it: write the compound before the number.",
        f"“{item}”不知属于旁边哪个小区：请在楼号前写明小区名称。",
    )


def _no_range(item: str) -> tuple[str, str]:
    return (
        f"{item!r} is no range of buildings: write the lower number first, {MOST_BUILDINGS} at most.",
        f"“{item}”不是有效的楼号范围：请先写较小的楼号，最多 {MOST_BUILDINGS} 栋。",
    )
