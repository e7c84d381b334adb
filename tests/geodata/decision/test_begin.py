"""Whose people come first for an address: only those of what it surely names."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from geodata.address.compile import compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex
from geodata.database import connect
from geodata.lookup import lookup_address, lookup_point
from geodata.moment import Moment
from geodata.snapshot import compile_snapshot
from geodata.start import start_of
from tests import staffed

WORKING = int(datetime(2026, 6, 3, 10, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1_000_000)


@pytest.fixture
def moment(database_url: str, tmp_path: Path) -> Moment:
    staffed.staffed(database_url)
    with connect(database_url) as connection:
        return compile_snapshot(connection, tmp_path / "state").moment(WORKING)


@pytest.fixture
def book(moment: Moment, tmp_path: Path) -> AddressIndex:
    building = moment.building("B1")
    lon, lat = building.lon, building.lat
    parts = {"compound": "示例花园", "building": "1号楼"}
    entries = [
        *(Entry("B1", "building", "示例花园1号楼", lon, lat, {**parts, "unit": unit}) for unit in building.units),
        *(Entry(f"D{number}", "address", f"示例花园{number}号楼", lon, lat) for number in range(2, 6)),
        Entry("C1", "compound", "示例花园", lon, lat),
    ]
    (tmp_path / "register").mkdir()
    compile_entries(entries, tmp_path / "register")
    return AddressIndex(tmp_path / "register")


def ask(moment: Moment, book: AddressIndex, text: str) -> dict[str, Any]:
    answer = lookup_address(moment, book, text, layer="general", unmasked=True)
    assert answer["status"] == "found"
    return answer


def by_target(moment: Moment, target: str) -> dict[str, Any]:
    start, lon, lat = start_of(moment, target)
    return lookup_point(moment, lon, lat, layer="general", start=start, unmasked=True)


@pytest.mark.parametrize(
    ("text", "target"),
    [("示例花园1号楼2单元", "unit:B1#2单元"), ("示例花园1号楼", "building:B1"), ("示例花园", "compound:C1")],
)
def test_the_people_of_what_is_named_come_first(moment: Moment, book: AddressIndex, text: str, target: str) -> None:
    answer, expected = ask(moment, book, text), by_target(moment, target)
    assert answer["grids"][0]["workers"] == expected["grids"][0]["workers"]
    assert (answer["building"], answer["compound"]) == (expected["building"], expected["compound"])


def test_another_building_of_the_compound_does_not_bring_this_ones_people(moment: Moment, book: AddressIndex) -> None:
    answer = ask(moment, book, "示例花园12号楼")
    assert answer["building"] is None
    assert {person["via"] for person in answer["grids"][0]["workers"]}.isdisjoint({"building", "unit"})
