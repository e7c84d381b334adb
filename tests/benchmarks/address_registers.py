"""Registers to match addresses against, each with the grids that its entries lie in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from geodata.address.entries import Entry
from geodata.grid.index import GridIndex
from geodata.sample import generate
from tests.mainland import GRID_DOORS, METRES_PER_DEGREE, STYLES, Door, halve, make_register

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ABSENT_SHARE = 0.02
UNKNOWN_SHARE = 0.02
SMALL_GRID_DOORS = 60
PARTS = ("road", "number", "compound", "building", "unit")


@dataclass(frozen=True, slots=True)
class Source:
    """A register to be matched against.

    Parameters
    ----------
    entries, grid_of
        What is compiled, and the grid of each.
    doors
        Positions of the entries that queries are made from.
    other_names
        For each of the doors the other names of its compound.
    absent, absent_grids
        Doors that are left out of the register, so that they can be asked for all the same; and their grids.
    unknown, unknown_grids
        Doors of roads and compounds of which the register knows not even the name.
    names
        Positions of the places that are asked for by name.
    layers
        The grids that truth is told in, and smaller ones where the register is made.
    """

    name: str
    entries: Sequence[Entry]
    grid_of: NDArray[np.int64]
    doors: NDArray[np.int64]
    other_names: Sequence[tuple[str, ...]]
    absent: Sequence[Entry]
    absent_grids: NDArray[np.int64]
    unknown: Sequence[Entry]
    unknown_grids: NDArray[np.int64]
    names: NDArray[np.int64]
    layers: Mapping[str, GridIndex]

    @property
    def heading(self) -> str:
        """What stands over the report."""
        grids = len(set(self.grid_of.tolist()))
        return f"{self.name}: {len(self.doors):,} doors, {len(self.entries):,} entries, {grids} grids"


def mainland(style: str, *, doors: int, seed: int) -> Source:
    """A made register in the manner of a mainland city; compounds with their other names beside the doors."""
    register = make_register(style, doors=doors, seed=seed, data=SHARED_DATA if SHARED_DATA.is_dir() else None)
    rows = [_of_door(door) for door in register.doors]
    names = [door.aliases for door in register.doors]
    smaller = GridIndex.build(_rectangles(rows, SMALL_GRID_DOORS))
    layers = {"grids": GridIndex.build(register.grids), "small grids": smaller}
    return _source(style, rows, register.grid_of, names, _compounds(register.doors, register.grid_of), seed, layers)


def _rectangles(rows: Sequence[Entry], most: int) -> NDArray[np.object_]:
    """Rectangles of at most so many doors that cover all of them."""
    points = np.array([(row.lon, row.lat) for row in rows])
    scale = np.array([np.cos(np.radians(points[:, 1].mean())), 1.0]) * METRES_PER_DEGREE
    boxes = halve(points * scale, most)[0]
    return np.asarray(shapely.box(*(boxes / np.tile(scale, 2)).T), dtype=np.object_)


def _of_door(door: Door) -> Entry:
    return Entry(door.code, "address", door.text, door.lon, door.lat, door.parts, (), door.areas)


def _compounds(doors: Sequence[Door], grids: NDArray[np.int64]) -> tuple[list[Entry], list[int]]:
    """An entry for each compound, at its middle door."""
    members: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for position, door in enumerate(doors):
        if door.parts.get("compound"):
            members.setdefault((door.parts["compound"], door.areas), []).append(position)
    entries, found = [], []
    for number, ((name, areas), positions) in enumerate(members.items()):
        middle = doors[positions[len(positions) // 2]]
        entries.append(Entry(f"C{number}", "compound", name, middle.lon, middle.lat, {}, middle.aliases, areas))
        found.append(int(grids[positions[len(positions) // 2]]))
    return entries, found


def sample(size: str) -> Source:
    """The sample of a size: addresses, compounds with their other names, places."""
    city = generate(size)
    grids = city.grids["general"]
    index = GridIndex.build(grids.geometry.to_numpy())
    areas = _area_chains(city.areas)
    communities = grids["community"].tolist()
    addresses = city.addresses
    at = _owners(index, addresses["lon"], addresses["lat"])
    rows = [
        Entry(str(row["code"]), "address", str(row["text"]), float(row["lon"]), float(row["lat"]),
              {part: str(row[part]) for part in PARTS if isinstance(row[part], str)}, (),
              areas.get(communities[grid], ()) if grid >= 0 else ())
        for row, grid in zip(addresses.to_dict("records"), at.tolist(), strict=True)
    ]  # fmt: skip
    aliases = dict(zip(city.compounds["name"], map(_listed, city.compounds["aliases"]), strict=True))
    more, found = _named(city.compounds, "compound", index)
    for entries, owners in (_named(city.places, "place", index),):
        more, found = more + entries, found + owners
    names = [aliases.get(str(compound), ()) for compound in addresses["compound"]]
    return _source(f"sample {size}", rows, at, names, (more, found), 1, {"grids": index})


def _named(table: Any, kind: str, index: GridIndex) -> tuple[list[Entry], list[int]]:
    points = shapely.point_on_surface(table.geometry.to_numpy()) if "geometry" in table else None
    lons = shapely.get_x(points) if points is not None else table["lon"].to_numpy()
    lats = shapely.get_y(points) if points is not None else table["lat"].to_numpy()
    codes = table["code"].astype(str) if "code" in table else pd.Series([f"P{i}" for i in range(len(table))])
    entries = [
        Entry(code, kind, name, float(lon), float(lat), {}, _listed(aliases))
        for code, name, aliases, lon, lat in zip(codes, table["name"], table["aliases"], lons, lats, strict=True)
    ]
    return entries, _owners(index, lons, lats).tolist()


def _around(lons: Any, lats: Any) -> Any:
    return shapely.box(lons.min(), lats.min(), lons.max(), lats.max()).buffer(1e-7)


def _listed(value: object) -> tuple[str, ...]:
    return tuple(part for part in value.split(";") if part) if isinstance(value, str) else ()


def _area_chains(areas: Any) -> dict[str, tuple[str, ...]]:
    """Names from the widest area down to each, by its code."""
    names = dict(zip(areas["code"], areas["name"], strict=True))
    parents = dict(zip(areas["code"], areas["parent"], strict=True))

    def chain(code: str) -> Iterator[str]:
        while isinstance(code, str) and code in names:
            yield names[code]
            code = parents[code]

    return {code: tuple(reversed(list(chain(code)))) for code in names}


def taipei() -> Source:
    """543 real facilities of Taipei by address and by name, against the villages."""
    table = pd.read_csv(SHARED_DATA / "taipei" / "facilities.csv", dtype={"name": str, "address": str})
    _, _, shapes, _ = pyogrio.raw.read(SHARED_DATA / "taipei" / "taipei.gpkg", layer="village", columns=[])
    index = GridIndex.build(shapely.force_2d(shapely.from_wkb(shapes)))
    at = _owners(index, table["lon"], table["lat"])
    rows: list[Entry] = []
    grids: list[int] = []
    seen: set[str] = set()
    for row, grid in zip(table.to_dict("records"), at.tolist(), strict=True):
        text = str(row["address"]).strip()
        if text not in seen and grid >= 0:
            seen.add(text)
            rows.append(Entry(f"A{len(rows)}", "address", text, float(row["lon"]), float(row["lat"])))
            grids.append(grid)
    places = [
        Entry(f"P{i}", "place", str(row["name"]), float(row["lon"]), float(row["lat"]))
        for i, row in enumerate(table.to_dict("records"))
    ]
    names: list[tuple[str, ...]] = [()] * len(rows)
    return _source("taipei", rows, np.array(grids), names, (places, at.tolist()), 1, {"grids": index})


def from_file(path: Path) -> Source:
    """Any register: columns text lon lat, and where they are there code grid areas aliases and the parts."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    lons, lats = table["lon"].astype(float).to_numpy(), table["lat"].astype(float).to_numpy()
    if "grid" in table:
        grids = pd.factorize(table["grid"])[0].astype(np.int64)
    rows = [
        Entry(row.get("code") or f"A{i}", "address", row["text"], float(lons[i]), float(lats[i]),
              {part: row[part] for part in PARTS if row.get(part)}, (), _listed(row.get("areas", "")))
        for i, row in enumerate(table.to_dict("records"))
    ]  # fmt: skip
    shapes = _rectangles(rows, GRID_DOORS)
    if "grid" in table:
        # Where only the doors of a grid are known, it is taken for what they span.
        shapes = np.array([_around(lons[grids == grid], lats[grids == grid]) for grid in range(int(grids.max()) + 1)])
    index = GridIndex.build(shapes)
    if "grid" not in table:
        grids = _owners(index, lons, lats)
    names = [_listed(value) for value in table["aliases"]] if "aliases" in table else [()] * len(rows)
    return _source(path.stem, rows, grids, names, ([], []), 1, {"grids": index})


def _owners(index: GridIndex, lons: Any, lats: Any) -> NDArray[np.int64]:
    lons, lats = np.asarray(lons, np.float64), np.asarray(lats, np.float64)
    return index.owners(lons, lats, np.ones(len(index), np.bool_))[0].astype(np.int64)


def _source(
    name: str,
    rows: Sequence[Entry],
    grids: NDArray[np.int64],
    names: Sequence[tuple[str, ...]],
    more: tuple[list[Entry], list[int]],
    seed: int,
    layers: Mapping[str, GridIndex],
) -> Source:
    """Leave some doors out, and all doors of some names, at random but always the same."""
    rng = np.random.default_rng([seed, 77])
    out = set(rng.choice(len(rows), size=int(len(rows) * ABSENT_SHARE), replace=False).tolist())
    nameless = _names_left_out(rows, rng)
    unknown = [i for i, row in enumerate(rows) if not nameless.isdisjoint(_names_of(row))]
    kept = [i for i in range(len(rows)) if i not in out | set(unknown)]
    absent = sorted(out - set(unknown))
    others = [i for i, entry in enumerate(more[0]) if entry.kind != "compound" or entry.text not in nameless]
    more = [more[0][i] for i in others], [more[1][i] for i in others]
    entries = [rows[i] for i in kept] + more[0]
    places = [len(kept) + i for i, entry in enumerate(more[0]) if entry.kind == "place"]
    return Source(
        name,
        entries,
        np.array([int(grids[i]) for i in kept] + more[1], dtype=np.int64),
        np.arange(len(kept)),
        [names[i] for i in kept],
        [rows[i] for i in absent],
        np.array([int(grids[i]) for i in absent], dtype=np.int64),
        [rows[i] for i in unknown],
        np.array([int(grids[i]) for i in unknown], dtype=np.int64),
        np.array(places, dtype=np.int64),
        layers,
    )


def _names_left_out(rows: Sequence[Entry], rng: np.random.Generator) -> set[str]:
    """Names of roads and compounds that the register is not to know."""
    names = sorted({name for row in rows for name in _names_of(row)})
    return (
        set(rng.choice(np.array(names), size=int(len(names) * UNKNOWN_SHARE), replace=False).tolist())
        if names
        else set()
    )


def _names_of(row: Entry) -> tuple[str, ...]:
    return tuple(row.parts[part] for part in ("road", "compound") if row.parts.get(part))


def elsewhere(style: str, count: int, rng: np.random.Generator) -> list[str]:
    """Whole addresses of other cities."""
    others = [name for name in STYLES if name != style]
    chosen = str(others[int(rng.integers(len(others)))])
    doors = make_register(chosen, doors=3_000, seed=99).doors
    picked = [doors[i] for i in rng.integers(len(doors), size=count)]
    return ["".join(door.areas) + _bare(door.text, door.areas) for door in picked]


def _bare(text: str, areas: Sequence[str]) -> str:
    text = text.replace(" ", "")
    for area in areas:
        text = text.removeprefix(area)
    return text


def sources(arguments: Any) -> Iterator[Source]:
    """What was asked for on the command line, or two cities, the sample and Taipei."""
    if arguments.register:
        yield from_file(arguments.register)
    if arguments.sample:
        yield sample(arguments.sample)
    for style in arguments.mainland or ():
        yield mainland(style, doors=arguments.doors, seed=arguments.seed)
    if arguments.taipei:
        yield taipei()
    if not (arguments.register or arguments.sample or arguments.mainland or arguments.taipei):
        yield mainland("mixed", doors=arguments.doors, seed=arguments.seed)
        yield mainland("jinan", doors=arguments.doors, seed=arguments.seed)
        yield sample("street")
