"""Registers of addresses as mainland cities write them, made from a seed: for tests and benchmarks of address matching.

Eight cities, each with its own grammar (弄, 附, 条, 栋座, 村组, 园7-6-1046 …) and its own way of writing a register
(full with province, without upper levels, room level, several ways in one register). Near twins are there on purpose:
roads and compounds whose names differ by a character, the same name in two districts, numbers with 甲 and 附. Doors lie
on straight roads and in compounds beside them; grids are rectangles that halve the doors until none has over 500.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from tests.mainland_names import NUMERALS, Stock, make_stock, real_stock, villages

GRID_DOORS = 500
METRES_PER_DEGREE = 111_320.0
SPACING = 14.0
"""Metres of road to a number of one side."""

Leaf = tuple[str, dict[str, str], float, float]
"""What an address says after its areas, its parts, and where it is in metres from the city's centre."""


@dataclass(frozen=True, slots=True)
class Door:
    """One row of a register; ``areas`` widest first (province, city, district, street, community)."""

    code: str
    text: str
    parts: dict[str, str]
    aliases: tuple[str, ...]
    lon: float
    lat: float
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """Doors, the grids that they lie in (EPSG:4326 polygons), and the position of each door's grid."""

    name: str
    doors: tuple[Door, ...]
    grids: NDArray[np.object_]
    grid_of: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Style:
    """One city: names, grammar of what follows the areas, and how many of the areas its register writes."""

    stock: str
    province: str
    city: str
    districts: tuple[str, ...]
    centre: tuple[float, float]
    leaves: tuple[tuple[str, float], ...]
    writing: tuple[str, ...]
    division: str = ""


STYLES: dict[str, Style] = {
    "qingdao": Style("seaside", "山东省", "青岛市", ("市南区", "市北区", "崂山区", "李沧区"), (120.38, 36.07),
                     (("road", 0.3), ("unit", 0.7)), ("full",)),
    "shanghai": Style("lanes", "", "上海市", ("徐汇区", "静安区", "普陀区", "杨浦区"), (121.44, 31.2),
                      (("lane", 0.75), ("road", 0.25)), ("district", "core")),
    "beijing": Style("hutong", "", "北京市", ("朝阳区", "东城区", "西城区", "海淀区"), (116.42, 39.93),
                     (("hutong", 0.3), ("yard", 0.25), ("gate", 0.45)), ("city", "street"), "110105"),
    "shenzhen": Style("zones", "广东省", "深圳市", ("南山区", "福田区", "龙岗区", "宝安区"), (114.05, 22.55),
                      (("block", 0.5), ("urban_village", 0.35), ("road", 0.15)), ("district", "street")),
    "chongqing": Style("hills", "", "重庆市", ("渝中区", "江北区", "南岸区", "沙坪坝区"), (106.55, 29.56),
                       (("annex", 0.55), ("room", 0.45)), ("city",)),
    "jinan": Style("numbered", "山东省", "济南市", ("槐荫区", "市中区", "天桥区", "历下区"), (116.99, 36.65),
                   (("room_bare", 0.45), ("unit", 0.3), ("road", 0.25)), ("core",), "370104"),
    "rural": Style("villages", "山东省", "邹城市", ("",), (116.97, 35.4),
                   (("group", 0.8), ("road", 0.2)), ("county", "town"), "370883"),
    "mixed": Style("numbered", "贵州省", "贵阳市", ("南明区", "云岩区", "观山湖区", "花溪区"), (106.71, 26.58),
                   (("unit", 0.3), ("block", 0.2), ("room_bare", 0.15), ("road", 0.2), ("annex", 0.15)),
                   ("full", "city", "street", "district", "core", "spaced"), "520103"),
}  # fmt: skip


def make_register(name: str, *, doors: int = 25_000, seed: int = 1, data: Path | None = None) -> Register:
    """Return a register in one of `STYLES`.

    Parameters
    ----------
    doors
        About how many; doors that would be written alike are left out.
    data
        Folder of the open data; then the streets and communities (and Beijing's compounds) have real names.
    """
    style, rng = STYLES[name], np.random.default_rng([seed, *name.encode()])
    stock = make_stock(style.stock, style.districts, rng, doors)
    if data is not None and style.division:
        stock = real_stock(data, style.division, stock)
    city = _City(style, stock, rng, doors)
    groups = city.groups()
    places = np.array([(x, y) for group in groups for _, _, x, y in group])
    boxes, leaf_of = halve(places, GRID_DOORS)
    rows = _written(style, stock, groups, leaf_of, len(boxes), rng)
    seen: dict[str, int] = {}
    for position, (text, _, _) in enumerate(rows):
        seen.setdefault(text, position)
    kept = sorted(seen.values())
    lons, lats = _degrees(places, style.centre)
    made = tuple(
        Door(f"A{position:07d}", *rows[position][:2], city.aliases(rows[position][1]), float(lons[position]),
             float(lats[position]), rows[position][2])
        for position in kept
    )  # fmt: skip
    west, south = _degrees(boxes[:, :2], style.centre)
    east, north = _degrees(boxes[:, 2:], style.centre)
    return Register(name, made, shapely.box(west, south, east, north), leaf_of[kept])


def halve(places: NDArray[np.float64], most: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return rectangles that cover all places without a gap, at most ``most`` places in each, and each place's.

    The rectangle is halved at the median of its longer side until few enough are left; neighbours stand in order, so
    that whole numbers of successive rectangles make wider areas.
    """
    low, high = places.min(axis=0) - 50.0, places.max(axis=0) + 50.0
    boxes: list[NDArray[np.float64]] = []
    leaf_of = np.zeros(len(places), dtype=np.int64)

    def split(chosen: NDArray[np.int64], low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        axis = int(np.argmax(high - low))
        # Between two places: none lies on a border.
        values = np.unique(places[chosen, axis])
        middle = len(values) // 2
        if len(chosen) <= most or len(values) < 2:
            leaf_of[chosen] = len(boxes)
            boxes.append(np.concatenate([low, high]))
            return
        cut = (values[middle - 1] + values[middle]) / 2
        inner_high, inner_low = high.copy(), low.copy()
        inner_high[axis] = inner_low[axis] = cut
        split(chosen[places[chosen, axis] < cut], low, inner_high)
        split(chosen[places[chosen, axis] >= cut], inner_low, high)

    split(np.arange(len(places)), low, high)
    return np.array(boxes), leaf_of


def _degrees(
    metres: NDArray[np.float64], centre: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    along = METRES_PER_DEGREE * np.cos(np.radians(centre[1]))
    return centre[0] + metres[:, 0] / along, centre[1] + metres[:, 1] / METRES_PER_DEGREE


def _written(
    style: Style, stock: Stock, groups: list[list[Leaf]], leaf_of: NDArray[np.int64], leaves: int,
    rng: np.random.Generator,
) -> list[tuple[str, dict[str, str], tuple[str, ...]]]:  # fmt: skip
    """Return text, parts and areas of each door; a group (a road's stretch, a compound) lies in one community."""
    rows = []
    position = 0
    for group in groups:
        share = leaf_of[position + len(group) // 2] / leaves
        areas = _areas(style, stock, float(share), leaves)
        for core, parts, _, _ in group:
            writing = style.writing[rng.integers(len(style.writing))]
            rows.append((_text(writing, areas, core), parts, tuple(area for area in areas if area)))
        position += len(group)
    return rows


def _areas(style: Style, stock: Stock, share: float, leaves: int) -> tuple[str, ...]:
    """Areas at a share of the way through the grids: province, city, district, street, community (may be empty)."""
    communities = max(1, leaves // 2)
    street = int(share * max(4, communities // 3))
    community = int(share * communities)
    return (
        style.province,
        style.city,
        stock.districts[int(share * len(stock.districts))],
        stock.areas[street % len(stock.areas)],
        # A village is what the address itself begins with.
        "" if style.stock == "villages" else stock.communities[community % len(stock.communities)],
    )


def _text(writing: str, areas: tuple[str, ...], core: str) -> str:
    province, city, district, street, community = areas
    upper = {
        "full": province + city + district + street + community,
        "city": city + district + street,
        "street": district + street,
        "district": district,
        "county": province + city + street,
        "town": street,
        "spaced": f"{city} {district} {street} {community} ",
        "core": "",
    }[writing]
    # A village stands in its address once.
    return (upper if not community or not core.startswith(community) else upper.removesuffix(community)) + core


def _with_some_twice(names: list[str], rng: np.random.Generator) -> list[str]:
    """The names with every twelfth or so twice, not far behind where it stands first."""
    result: list[str] = []
    for position, name in enumerate(names):
        result.append(name)
        if position >= 3 and rng.random() < 0.08:
            result.append(names[position - int(rng.integers(1, 4))])
    return result


class _City:
    """Makes groups of doors: stretches of roads with their numbers, and compounds with their buildings."""

    def __init__(self, style: Style, stock: Stock, rng: np.random.Generator, doors: int) -> None:
        self.style, self.rng, self.doors = style, rng, doors
        self.half = 4_000.0 * (doors / 25_000) ** 0.5
        self.roads, self.names = list(stock.roads), list(stock.compounds)
        if any(writing != "core" for writing in style.writing):
            # The same name in two districts, as cities have that grew together; not where no district is written.
            self.roads = _with_some_twice(self.roads, rng)
            self.names = _with_some_twice(self.names, rng)
        self._taken = set(self.names)
        self._known: dict[str, tuple[str, ...]] = {}
        self._next_road = self._next_name = self._next_village = 0

    def groups(self) -> list[list[Leaf]]:
        """All groups, of each kind as many as its share of the doors asks for."""
        made: list[list[Leaf]] = []
        for kind, share in self.style.leaves:
            maker: Callable[[], Iterator[Leaf]] = getattr(self, f"_{kind}")
            count, wanted = 0, int(self.doors * share)
            while count < wanted:
                group = list(islice(maker(), wanted - count))
                made.append(group)
                count += len(group)
        return made

    def aliases(self, parts: dict[str, str]) -> tuple[str, ...]:
        """Other names of the door's compound, always the same for one name."""
        name = parts.get("compound", "")
        if name not in self._taken:
            return ()
        if name not in self._known:
            ends = ("花园", "花苑", "家园", "雅苑", "嘉园", "佳苑", "公寓")
            end = next((end for end in ends if name.endswith(end)), "")
            other = [f"{name.removesuffix(end)}小区"] if end and self.rng.random() < 0.6 else []
            if self.rng.random() < 0.25:
                stems = ("棉纺", "机床", "轴承", "钢", "造纸", "化肥", "锅炉", "橡胶", "啤酒", "柴油机", "印刷", "电机")
                other.append(f"{stems[self.rng.integers(len(stems))]}{NUMERALS[self.rng.integers(9)]}厂宿舍")
            self._known[name] = tuple(alias for alias in other if alias not in self._taken)
            self._taken.update(other)
        return self._known[name]

    def _line(self) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
        """Name, start and direction of the next road; names come again once they are used up, elsewhere."""
        name = self.roads[self._next_road % len(self.roads)]
        self._next_road += 1
        start = self.rng.uniform(-self.half, self.half, 2)
        along = np.array([1.0, 0.0]) if self.rng.random() < 0.5 else np.array([0.0, -1.0])
        return name, start, along

    def _numbers(self, along: NDArray[np.float64], start: NDArray[np.float64]) -> Iterator[tuple[int, float, float]]:
        """Numbers of a road with gaps, odd left and even right, each with its place."""
        across = np.array([-along[1], along[0]])
        for number in range(1, int(self.rng.integers(40, 260))):
            if self.rng.random() < 0.75:
                side = 15.0 if number % 2 else -15.0
                x, y = start + along * (SPACING * (number // 2)) + across * side + self.rng.normal(0, 1.0, 2)
                yield number, float(x), float(y)

    def _road(self) -> Iterator[Leaf]:
        name, start, along = self._line()
        for number, x, y in self._numbers(along, start):
            written = f"{number}号"
            yield name + written, {"road": name, "number": written}, x, y
            if self.rng.random() < 0.06:
                sort = ("{}号甲", "{}号乙", "{}-1号", "{}号-2", "{}号之1", "甲{}号")[self.rng.integers(6)]
                written = sort.format(number)
                yield name + written, {"road": name, "number": written}, x + 4.0, y + 3.0

    def _annex(self) -> Iterator[Leaf]:
        name, start, along = self._line()
        for number, x, y in self._numbers(along, start):
            for annex in range(int(self.rng.integers(0, 5))):
                written = f"{number}号" + (f"附{annex}号" if annex else "")
                yield name + written, {"road": name, "number": written}, x + 3.0 * annex, y

    def _hutong(self) -> Iterator[Leaf]:
        name, start, along = self._line()
        for number, x, y in self._numbers(along, start):
            written = f"甲{number}号" if self.rng.random() < 0.06 else f"{number}号"
            yield name + written, {"road": name, "number": written}, x, y

    def _lane(self) -> Iterator[Leaf]:
        name, start, along = self._line()
        for lane, x, y in self._numbers(along, start):
            if self.rng.random() < 0.25:
                for house in range(1, int(self.rng.integers(3, 40))):
                    rooms = ["", "101室", "302室"] if self.rng.random() < 0.15 else [""]
                    for room in rooms:
                        written = f"{lane}弄{house}号"
                        yield (
                            name + written + room,
                            {"road": name, "number": written},
                            x + 12.0 * (house % 6),
                            y + 9.0 * (house // 6),
                        )

    def _site(self) -> tuple[str, str, str, float, float]:
        """Compound with the road and number of its gate, and its corner."""
        name = self.names[self._next_name % len(self.names)]
        self._next_name += 1
        x, y = self.rng.uniform(-self.half, self.half, 2)
        road = self.roads[self.rng.integers(len(self.roads))]
        return name, road, f"{self.rng.integers(1, 300)}号", float(x), float(y)

    def _buildings(self, most: int = 30) -> Iterator[tuple[int, float, float]]:
        across = int(self.rng.integers(3, 7))
        for building in range(1, int(self.rng.integers(4, most))):
            yield building, 60.0 * (building % across), 45.0 * (building // across)

    def _unit(self) -> Iterator[Leaf]:
        name, road, number, x, y = self._site()
        at_road = self.rng.random() < 0.5
        for building, dx, dy in self._buildings():
            for unit in range(1, int(self.rng.integers(2, 6))):
                parts = {"compound": name, "building": f"{building}号楼", "unit": f"{unit}单元"}
                core = f"{name}{building}号楼{unit}单元"
                if at_road:
                    parts, core = {"road": road, "number": number, **parts}, road + number + core
                yield core, parts, x + dx + 9.0 * unit, y + dy

    def _room(self) -> Iterator[Leaf]:
        name, _, _, x, y = self._site()
        for building, dx, dy in self._buildings(12):
            for floor in range(1, int(self.rng.integers(3, 8))):
                for flat in (1, 2):
                    core = f"{name}{building}栋{floor}-{flat}"
                    yield core, {"compound": name, "building": f"{building}栋"}, x + dx, y + dy

    def _room_bare(self) -> Iterator[Leaf]:
        name, _, _, x, y = self._site()
        for building, dx, dy in self._buildings(14):
            for unit in range(1, int(self.rng.integers(2, 5))):
                for floor in range(1, int(self.rng.integers(3, 7))):
                    core = f"{name}{building}-{unit}-{floor}0{self.rng.integers(1, 3)}"
                    parts = {"compound": name, "building": f"{building}号楼", "unit": f"{unit}单元"}
                    yield core, parts, x + dx + 9.0 * unit, y + dy

    def _yard(self) -> Iterator[Leaf]:
        road, start, along = self._line()
        for number, x, y in self._numbers(along, start):
            if self.rng.random() < 0.3:
                for building in range(1, int(self.rng.integers(2, 9))):
                    parts = {"road": road, "number": f"{number}号", "building": f"{building}号楼"}
                    yield (
                        f"{road}{number}号院{building}号楼",
                        parts,
                        x + 40.0 * (building % 3),
                        y + 40.0 * (building // 3),
                    )

    def _gate(self) -> Iterator[Leaf]:
        name, _, _, x, y = self._site()
        word = ("号楼", "楼")[int(self.rng.random() < 0.4)]
        for building, dx, dy in self._buildings():
            for gate in range(1, int(self.rng.integers(2, 6))):
                unit = f"{gate}{'门' if word == '楼' else '单元'}"
                parts = {"compound": name, "building": f"{building}{word}", "unit": unit}
                yield f"{name}{building}{word}{unit}", parts, x + dx + 9.0 * gate, y + dy

    def _block(self) -> Iterator[Leaf]:
        name, _, _, x, y = self._site()
        letters = self.rng.random() < 0.3
        for building, dx, dy in self._buildings():
            label = f"{chr(64 + building)}座" if letters and building <= 8 else f"{building}栋"
            yield name + label, {"compound": name, "building": label}, x + dx, y + dy

    def _urban_village(self) -> Iterator[Leaf]:
        village = villages(self._next_village).removesuffix("村") + "村"
        self._next_village += 1
        x, y = self.rng.uniform(-self.half, self.half, 2)
        for block in range(1, int(self.rng.integers(2, 5))):
            for lane in range(1, int(self.rng.integers(3, 9))):
                for house in range(1, int(self.rng.integers(3, 14))):
                    core = f"{village}{block}坊{lane}巷{house}号"
                    at = (float(x) + 150.0 * block + 11.0 * house, float(y) + 14.0 * lane)
                    yield core, {"compound": village, "number": f"{house}号"}, *at

    def _group(self) -> Iterator[Leaf]:
        village = villages(self._next_village)
        self._next_village += 1
        x, y = self.rng.uniform(-3.0 * self.half, 3.0 * self.half, 2)
        for group in range(1, int(self.rng.integers(2, 9))):
            for house in range(1, int(self.rng.integers(8, 45))):
                at = (
                    float(x) + 120.0 * (group % 3) + 10.0 * (house % 9),
                    float(y) + 90.0 * (group // 3) + 12.0 * (house // 9),
                )
                yield f"{village}{group}组{house}号", {"compound": village, "number": f"{house}号"}, *at
