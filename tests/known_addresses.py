"""A register for the small territory of `tests.territory`: some doors, compounds and places in grids A1, A2 and B1."""

from collections.abc import Iterator
from pathlib import Path

from geodata.address.compile import compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex

# Grids since 2026: A1 from 87.000 to 87.010, A2 to 87.022, B1 to 87.030.
IN_A1, IN_A2, IN_B1, OUTSIDE = 87.005, 87.015, 87.026, 87.040
FIRST, SECOND = ("甲街道", "甲一社区"), ("甲街道", "甲二社区")


def entries() -> Iterator[Entry]:
    """Roads across the grids, a compound in each, two roads of one name, a place outside all grids."""
    for number in range(1, 61):
        lon = 87.0005 + 0.0005 * number - (0.0001 if number % 2 else 0)
        yield _door(f"样园路{number}号", lon, 36.655 + (0.0002 if number % 2 else 0))
    for building in range(1, 9):
        yield _door(f"槐荫小区{building}号楼", IN_A1 + building * 1e-4, 36.657)
        yield _door(f"银杏花园{building}号楼", IN_A2 + building * 1e-4, 36.657)
    for number in range(1, 6):
        yield _door(f"幸福里{number}号", IN_A1 + number * 1e-5, 36.652)
        yield _door(f"幸福里{number}号", IN_B1 + number * 1e-5, 36.652)
    yield Entry("P1", "place", "示例商场", IN_B1, 36.658, aliases=("老百货",), areas=SECOND)
    yield Entry("P2", "place", "城外果园", OUTSIDE, 36.655)
    yield _door("望山路2号", 87.0098, 36.6535)


def _door(text: str, lon: float, lat: float) -> Entry:
    return Entry(f"D-{text}-{lon:.5f}", "address", text, lon, lat, areas=FIRST if lon < 87.022 else SECOND)


def address_index(folder: Path) -> AddressIndex:
    """The register, compiled into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    compile_entries(list(entries()), folder)
    return AddressIndex(folder)
