"""How fast type-ahead is over a large register: every stroke of names, pinyin, initials, numbers and slips.

    python -m tests.benchmarks.address_suggest [--entries 1000000] [--names 60000] [--texts 400] [--seed 1]

The register is several cities of `tests.mainland`, each many times over with names of its own, and places beside them.
For each way to type: strokes, suggestions at all, the meant one among the ten, the same at the last stroke,
milliseconds of processor time at the median, the 95th and the 99th percentile and the worst.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from geodata.address.compile import compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex
from geodata.address.sounds import SYLLABLES, initials, readings
from tests.mainland import make_register

STYLES = ("jinan", "shanghai", "shenzhen")
DOORS = 25_000
SWAPS = (
    "安康乐华泰和平兴盛隆昌福禄寿喜祥瑞宁静明辉光远宏达顺利丰茂荣锦绣翠竹松柏梅兰菊桃李杏梨枫桂莲荷春夏秋冬云霞虹月星"
)
PLACE_ENDINGS = ("超市", "药店", "小学", "幼儿园", "卫生院", "有限公司", "大酒店", "便利店", "饭店", "广场", "健身房")


def entries_of(count: int, places: int, rng: np.random.Generator) -> Iterator[Entry]:
    """Doors of many cities, no two of which name their roads and compounds alike; places with names of their own."""
    doors = [door for style in STYLES for door in make_register(style, doors=DOORS, seed=1).doors]
    for number in range(count - places):
        door = doors[number % len(doors)]
        again = number // len(doors)
        parts = {name: _renamed(value, again) if name in ("road", "compound") else value
                 for name, value in door.parts.items()}  # fmt: skip
        text = "".join(parts.get(name, "") for name in ("road", "number", "compound", "building", "unit")) or door.text
        areas = (*door.areas[:1], f"{SWAPS[again]}州市", *door.areas[2:])
        yield Entry(f"A{number}", "address", text, door.lon + again * 0.3, door.lat, parts, (), areas)
    roads = [door for door in doors if "road" in door.parts]
    for number in range(places):
        door = roads[int(rng.integers(len(roads)))]
        name = "".join(SWAPS[int(k)] for k in rng.integers(len(SWAPS), size=int(rng.integers(2, 5))))
        name += PLACE_ENDINGS[int(rng.integers(len(PLACE_ENDINGS)))]
        yield Entry(f"P{number}", "place", name, door.lon, door.lat, {}, (), door.areas)


def _renamed(name: str, again: int) -> str:
    """The name in another city: its first character is another one."""
    if not again or len(name) < 3:
        return name
    return SWAPS[(SWAPS.find(name[0]) + again) % len(SWAPS)] + name[1:]


def _letters(name: str) -> str:
    return "".join(SYLLABLES[readings(c)[0] - 1] if readings(c) else c for c in name.lower())


def _slipped(name: str, rng: np.random.Generator) -> str:
    place = int(rng.integers(len(name)))
    return name[:place] + SWAPS[int(rng.integers(len(SWAPS)))] + name[place + 1 :]


HOSTILE = (
    "中" * 200, "路" * 60, "小区" * 30, "z" * 200, "aeiou" * 40, "1" * 200, "a1" * 100, "中1" * 100, "中山路" * 60,
    "zs" * 100,
    "zhongshan" * 20, "的" * 50, "号" * 50, "1号" * 50, "安1康2" * 20, "x" * 30 + "路", "安a康b乐c华d泰e", "shi" * 20,
)  # fmt: skip
"""Texts that ask for much work."""


def _strokes(text: str, first: int) -> list[str]:
    return [text[:end] for end in range(first, len(text) + 1)]


def ways(entry: Entry, rng: np.random.Generator) -> Iterator[tuple[str, str, str]]:
    """Way of typing, text, and the name that is meant: all strokes of one entry in every way."""
    name = entry.parts.get("road") or entry.parts.get("compound") or entry.text
    number = "".join(c for c in entry.parts.get("number") or entry.parts.get("building") or "" if c.isdigit())
    area = "".join(entry.areas[2:3])
    for way, text, first in (
        ("characters", name, 2),
        ("inside", name[1:], 2),
        ("pinyin", _letters(name), 2),
        ("initials", initials(name), 2),
        ("mixed", name[:2] + initials(name[2:]), 3),
        ("slip", _slipped(name, rng) if len(name) > 2 else "", 3),
        ("area, name", area + name, len(area) + 2),
        ("numbers", name + number if number else "", len(name) + 1),
    ):
        yield from ((way, stroke, name) for stroke in _strokes(text, first))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--names", type=int, default=60_000, help="of them places with a name of their own")
    parser.add_argument("--texts", type=int, default=400, help="entries that are typed")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    entries = list(entries_of(arguments.entries, arguments.names, rng))
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        compile_entries(entries, Path(folder))
        print(f"{len(entries):,} entries, compiled in {time.process_time() - began:.0f} s of processor time")
        own = [*Path(folder).glob("typed_*.npy"), *Path(folder).glob("*head*.npy"), Path(folder) / "form_at.npy"]
        print(f"arrays of type-ahead: {sum(path.stat().st_size for path in own) / 1e6:.1f} MB")
        began = time.perf_counter()
        index = AddressIndex(Path(folder))
        print(f"opened in {(time.perf_counter() - began) * 1e3:.0f} ms")
        asked = [one for k in rng.integers(len(entries), size=arguments.texts) for one in ways(entries[int(k)], rng)]
        report(index, [*asked, *(("hostile", text, "") for text in HOSTILE)])


def report(index: AddressIndex, asked: list[tuple[str, str, str]]) -> None:
    """Print a line for each way to type, and one for all."""
    index.suggest("预热一下")
    spent, some, meant, last = (np.zeros(len(asked)) for _ in range(4))
    for k, (_, text, name) in enumerate(asked):
        began = time.thread_time()
        found = index.suggest(text)
        spent[k] = (time.thread_time() - began) * 1e3
        some[k] = bool(found)
        meant[k] = any(name in one.text for one in found)
        last[k] = k + 1 == len(asked) or not asked[k + 1][1].startswith(text)
    which = np.array([way for way, _, _ in asked])
    heads = ("strokes", "some %", "meant %", "last %", "p50 ms", "p95 ms", "p99 ms", "most ms")
    print(f"{'way':12}" + "".join(f"{head:>9}" for head in heads))
    for way in [*dict.fromkeys(which.tolist()), "all"]:
        chosen = which == way if way != "all" else np.ones(len(which), np.bool_)
        times = "".join(f"{value:9.2f}" for value in np.percentile(spent[chosen], (50, 95, 99, 100)))
        ends = chosen & (last > 0)
        shares = "".join(f"{part.mean() * 100:9.1f}" for part in (some[chosen], meant[chosen], meant[ends]))
        print(f"{way:12}{chosen.sum():9,}{shares}{times}")
    slow = np.argsort(-spent)[:8]
    print("slowest:", ", ".join(f"{asked[k][1]!r} {spent[k]:.0f}" for k in slow.tolist()))


if __name__ == "__main__":
    main()
