"""Stage 2: a folded text → its areas, names and numbers, by grammar and by the names that are known."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from geodata.address.numbering import Numbered, numbered
from geodata.address.words import (
    AREA_ENDINGS,
    COMPOUND_ENDINGS,
    DIRECTIONS,
    NUMERAL_VALUES,
    ROAD_ENDINGS,
    SLOTS,
    Slot,
    Unit,
)

_LEVELS: Final = tuple(AREA_ENDINGS)
_AREA_LASTS: Final = frozenset("里") | {ending[-1] for endings in AREA_ENDINGS.values() for ending in endings}
_LONGEST_AREA: Final = 14
_NOT_DISTRICTS: Final = frozenset("小社园校厂街库")
_ALSO_COMPOUNDS: Final = ("村", "社区", "园区")
_QUARTERS: Final = frozenset({"东区", "西区", "南区", "北区", "中区"})
_GOING_ON: Final = ("大街", "大道", "街道", "场", "委", "居委", "政府", "医院", "中学", "小学")
_GOING_ON_BEFORE_NUMBERS: Final = ("路", "街", "道")
_NO_ROAD_BEFORE: Final = ("局", "段", "桥", "口", "站", "街道", "工程")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text: of a road, a compound, or another place."""

    text: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says.

    Parameters
    ----------
    areas
        Names by level: province, city, district, street, community.
    names
        Of roads, compounds and places, as they stand.
    numbers
        All numbers that belong to no name.
    slots
        The value in each `Slot`, empty where there is none.
    doors
        All doors, where several stand side by side: 1、3、5号.
    """

    areas: dict[str, str] = field(default_factory=dict)
    names: tuple[Name, ...] = ()
    numbers: tuple[Numbered, ...] = ()
    slots: tuple[str, ...] = ("",) * SLOTS
    doors: tuple[str, ...] = ()

    def first(self, kind: str) -> str:
        """The first name of a kind, empty where there is none."""
        return next((name.text for name in self.names if name.kind == kind), "")


def parse(text: str, known: Collection[str] = ()) -> Reading:
    """What a folded text says, read without a register.

    Parameters
    ----------
    text
        As `normalize` gives it.
    known
        Full names of areas, roads and compounds that exist: they decide where names end.
    """
    areas: dict[str, str] = {}
    names: list[Name] = []
    numbers = _own_numbers(text)
    position = 0
    for number in [*numbers, None]:
        end = len(text) if number is None else number.start
        start = position
        if not numbers or number is numbers[0]:
            start = _read_areas(text, start, end, areas)
        for piece_start, piece_end in _pieces(text, start, end):
            begin = _behind(text, piece_start, areas)
            for name in _names(text, begin, piece_end, number, known):
                # 园7-6-1046: one character is a name at the beginning only.
                if len(name.text) > 1 or (not names and number is not None and number is numbers[0]):
                    names.append(name)
        position = end if number is None else number.end
    slots, doors = assigned(numbers, names)
    return Reading(areas, tuple(names), tuple(numbers), slots, doors)


def areas_of(text: str) -> tuple[dict[str, str], int]:
    """Areas at the beginning of a folded text by level, those said again too, and where they end."""
    first = next((number.start for number in _own_numbers(text)), len(text))
    areas: dict[str, str] = {}
    end = 0
    while (after := _read_areas(text, end, first, areas)) > end:
        end = after
    return areas, end


def _behind(text: str, start: int, areas: dict[str, str]) -> int:
    """Where a stretch goes on after areas that were said before."""
    while again := next((area for area in areas.values() if text.startswith(area, start)), ""):
        start += len(again)
    return start


def _own_numbers(text: str) -> list[Numbered]:
    """Numbers that belong to no name."""
    numbers: list[Numbered] = []
    for number in numbered(text):
        follows = bool(numbers) and numbers[-1].end == number.start
        if not _in_name(text, number, follows):
            numbers.append(number)
    return numbers


def _in_name(text: str, number: Numbered, follows: bool) -> bool:
    """Whether a number belongs to the name around it: 和泰一路, 三里屯, 和平三巷, 798艺术区."""
    if follows and number.unit is not Unit.BARE:
        return False
    before = text[number.start - 1 : number.start]
    named_before = _in_words(before)
    if number.unit is Unit.LANE:
        return named_before and before not in "路街道段巷弄村区坊队围"
    if number.unit is Unit.SEGMENT:
        return number.doubtful and before not in "路街道"
    if number.doubtful:
        ends = not _in_words(text[number.end : number.end + 1]) or text[number.end] in NUMERAL_VALUES
        numbers_it = number.unit is Unit.SECTION or (number.unit is Unit.GROUP and ends)
        return not numbers_it or not named_before or number.start < 2
    if number.unit is Unit.BARE:
        return any(text.startswith(ending, number.end) for ending in ("路", "街", "道", "条", "弄", "中学", "国道"))
    return False


def _in_words(character: str) -> bool:
    return bool(character) and "\u4e00" <= character <= "\u9fff"


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Stretches without separators."""
    pieces = []
    begin = start
    for position in range(start, end + 1):
        if position == end or not (_in_words(text[position]) or text[position].isalnum()):
            if position > begin:
                pieces.append((begin, position))
            begin = position + 1
    return pieces


def _read_areas(text: str, start: int, end: int, areas: dict[str, str]) -> int:
    """Fill `areas` from the beginning of a text; return where the names after them begin."""
    level = 0
    while start < end:
        if text[start] == " ":
            start, level = start + 1, 0
            continue
        found = _area_at(text, start, end, level)
        if found is None:
            break
        level, stop = found
        name = text[start:stop]
        if _LEVELS[level] == "city" and areas.get("city", name) != name:
            level += 1  # 昆山市 behind 苏州市 stands where districts do.
        areas.setdefault(_LEVELS[level], name)
        start = stop
    return start


def _area_at(text: str, start: int, end: int, level: int) -> tuple[int, int] | None:
    """Level and end of the area that begins at `start`; the widest level first, as it is written."""
    for stop in range(start + 2, min(end, start + _LONGEST_AREA) + 1):
        if text[stop - 1] == " ":
            break
        if text[stop - 1] not in _AREA_LASTS or _goes_on(text, stop, end):
            continue
        piece = text[start:stop]
        if piece.endswith(("市", "新区")) and stop == end < len(text):
            continue  # 东木头市172号, 红旗新区3栋: a city has no doors.
        if piece.endswith(_ALSO_COMPOUNDS) and (
            stop == end or text[stop : stop + 2] in _QUARTERS or text[stop].isdigit()
        ):
            continue
        for position in range(level, len(_LEVELS)):
            if _ends_as(piece, _LEVELS[position]):
                return position, stop
        if piece.endswith("里") and level and _before_road(text, stop, end):
            return len(_LEVELS) - 1, stop
    return None


def _ends_as(piece: str, level: str) -> bool:
    # Nearly every piece ends as nothing, and a register of a million entries asks this fifty million times.
    endings = AREA_ENDINGS[level]
    if not piece.endswith(endings):
        return False
    return any(piece.endswith(ending) and _may_end(piece[: -len(ending)], ending) for ending in endings)


def _may_end(stem: str, ending: str) -> bool:
    """Whether an area of this stem and ending is likely: never 小区, 北区 behind a name, or 中山路区."""
    if len(stem) < (0 if len(ending) > 2 and ending.endswith("区") else 1 if ending in ("区", "县", "旗") else 2):
        return False
    if ending == "区" and (stem[-1] in _NOT_DISTRICTS or (stem[-1] in "东西南北中" and len(stem) > 2)):
        return False
    if "省" in stem or ("市" in stem and "区" in stem):
        return False
    return ending in ("街道", "社区") or not stem.endswith(("路", "大街", "大道"))


def _before_road(text: str, stop: int, end: int) -> bool:
    """Whether a road begins there, or a neighbourhood: what stands before it is a village of Taiwan, not a lane."""
    rest = text[stop:end]
    if rest.startswith(("社区", "小区", "村", "区")):
        return False
    return (len(rest) > 2 and rest.endswith(ROAD_ENDINGS)) or (not rest and "邻" in text[end : end + 4])


def _goes_on(text: str, stop: int, end: int) -> bool:
    """Whether what looks like an area is the beginning of another name: 中关村大街, 城关镇路, 市场."""
    rest = text[stop:end]
    if rest.startswith(_GOING_ON) or (text[stop - 1] in "镇乡" and rest.startswith("市")):
        return True
    if rest.startswith(_GOING_ON_BEFORE_NUMBERS) and not _in_words(rest[1:2]):
        return True
    return rest[:1] in DIRECTIONS and rest[1:].startswith(("大街", "大道", "路", "街"))


_NUMBERS_INSIDE: Final = (Unit.BUILDING, Unit.STOREY, Unit.SECTION, Unit.BARE, Unit.ENTRANCE)


def _names(text: str, start: int, end: int, number: Numbered | None, known: Collection[str]) -> list[Name]:
    """Names in a stretch between numbers: a road, and what stands behind it."""
    piece = text[start:end]
    cut = _road_end(piece, known)
    names = []
    if cut:
        names.append(Name(piece[:cut], "road", start, start + cut))
    rest = piece[cut:]
    if rest:
        inside = number is not None and number.unit in _NUMBERS_INSIDE
        kind = "compound" if inside or rest.endswith(COMPOUND_ENDINGS) else "place"
        names.append(Name(rest, kind, start + cut, end))
    return names


def _road_end(piece: str, known: Collection[str]) -> int:
    """Where the road's name at the beginning of a stretch ends, 0 where there is none."""
    best = 0
    for stop in range(len(piece), 1, -1):
        head, rest = piece[:stop], piece[stop:]
        if not head.endswith(ROAD_ENDINGS) or head in ROAD_ENDINGS:
            continue
        if head in known:
            return stop
        if head.endswith("街") and rest.startswith("道"):
            continue
        if rest and (
            rest in COMPOUND_ENDINGS or rest in _QUARTERS or rest.startswith(_NO_ROAD_BEFORE) or len(rest) < 2
        ):
            continue
        if rest and rest.endswith(ROAD_ENDINGS) and rest[0] in DIRECTIONS and len(rest) < 3:
            continue
        best = stop
    return best


_NATURAL: Final = {
    Unit.SEGMENT: Slot.SEGMENT,
    Unit.GROUP: Slot.GROUP,
    Unit.LANE: Slot.LANE,
    Unit.DOOR: Slot.DOOR,
    Unit.SECTION: Slot.SECTION,
    Unit.BUILDING: Slot.BUILDING,
    Unit.ENTRANCE: Slot.ENTRANCE,
    Unit.FLOOR: Slot.FLOOR,
    Unit.ROOM: Slot.ROOM,
}


def assigned(numbers: list[Numbered], names: list[Name]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The value of each slot, and all doors that stand side by side before one 号."""
    slots = [""] * SLOTS
    doors: list[str] = []
    position = 0
    while position < len(numbers):
        number = numbers[position]
        chain = _chain(numbers, position)
        if len(chain) > 1:
            _assign_chain(chain, slots, names)
        elif number.listed:
            if _unit_of_list(numbers, position) is Unit.DOOR:
                doors.append(number.value)
        else:
            _assign(number, slots, names)
        position += len(chain)
    if doors and slots[Slot.DOOR]:
        doors.append(slots[Slot.DOOR])
    return tuple(slots), tuple(doors)


def _chain(numbers: list[Numbered], position: int) -> list[Numbered]:
    """The numbers joined to one by dashes; a dash with nothing read behind it joins nothing."""
    end = position + 1
    while end < len(numbers) and numbers[end - 1].linked:
        end += 1
    return numbers[position:end]


def _unit_of_list(numbers: list[Numbered], position: int) -> Unit:
    return next((number.unit for number in numbers[position:] if not number.listed), Unit.BARE)


def _behind_road(number: Numbered, names: list[Name]) -> bool:
    before = [name for name in names if name.end <= number.start]
    return bool(before) and before[-1].kind == "road"


def _assign(number: Numbered, slots: list[str], names: list[Name]) -> None:
    slot = _NATURAL.get(number.unit)
    if slot is None and number.unit is Unit.STOREY:
        slot = Slot.FLOOR if slots[Slot.BUILDING] or slots[Slot.DOOR] else Slot.BUILDING
    elif slot is None and number.unit is Unit.BARE:
        slot = _bare_slot(number.value, slots, names, number)
    elif slot is Slot.LANE and slots[Slot.LANE]:
        slot = Slot.ALLEY
    elif slot is Slot.DOOR and slots[Slot.DOOR]:
        slot = Slot.BUILDING if not slots[Slot.BUILDING] else Slot.ROOM
    if slot is not None and not slots[slot]:
        slots[slot] = number.value


def _bare_slot(value: str, slots: list[str], names: list[Name], number: Numbered) -> Slot:
    filled = max((slot for slot in Slot if slots[slot]), default=None)
    if filled is None:
        return Slot.DOOR if _behind_road(number, names) or not names else Slot.BUILDING
    if len(value) >= 3 and filled >= Slot.DOOR:
        return Slot.ROOM
    return {Slot.SECTION: Slot.BUILDING, Slot.BUILDING: Slot.ENTRANCE}.get(
        filled, Slot.DOOR if filled < Slot.DOOR else Slot.BUILDING if filled is Slot.DOOR else Slot.ROOM
    )


def _assign_chain(chain: list[Numbered], slots: list[str], names: list[Name]) -> None:
    """Numbers joined by dashes: 12-1号 is one door, 7-6-1046 is building, entrance and room; once said, they stand."""
    last = chain[-1]
    values = [number.value for number in chain]
    if "-".join(values) in slots or (slots[Slot.ROOM] == last.value and {*values} <= {*slots[Slot.BUILDING :]}):
        return
    at_road = _behind_road(chain[0], names) and not slots[Slot.DOOR]
    if len(chain) == 2 and (last.unit is Unit.DOOR or (at_road and last.unit is Unit.BARE and len(last.value) < 3)):
        _assign(Numbered(f"{chain[0].value}-{last.value}", Unit.DOOR, chain[0].start, last.end, last.how),
                slots, names)  # fmt: skip
        return
    first = Slot.DOOR if at_road else Slot.BUILDING
    ladder = [slot for slot in (first, Slot.BUILDING, Slot.ENTRANCE, Slot.ROOM) if not slots[slot]]
    ladder = [slot for place, slot in enumerate(ladder) if slot not in ladder[:place]]
    if len(chain) == 2 and len(last.value) >= 3:
        ladder = [*ladder[:1], Slot.ROOM] if not slots[Slot.ROOM] else []
    elif at_road and len(chain) == 3:
        ladder = [Slot.DOOR, Slot.ENTRANCE, Slot.ROOM]
    for number, slot in zip(chain, ladder, strict=False):
        natural = _NATURAL.get(number.unit, slot)
        slots[natural if not slots[natural] else slot] = number.value
