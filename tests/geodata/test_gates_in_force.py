from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from geodata.database import connect
from geodata.moment import Moment
from geodata.snapshot import Snapshot, compile_snapshot
from geodata.start import start_at, start_of
from tests.staffed import IN_BUILDING, IN_COMPOUND, IN_GRID, gate, staff

LOCAL = ZoneInfo("Asia/Shanghai")


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=LOCAL).timestamp() * 1_000_000)


@pytest.fixture
def snapshot(database_url: str, tmp_path: Path) -> Snapshot:
    with connect(database_url) as connection:
        staff(connection)
        gate(connection, "G2", 87.006, 36.654)
        gate(connection, "G1", 87.002, 36.654, "2026-01-01T00:00+08:00", "2027-01-01T00:00+08:00")
        connection.commit()
        return compile_snapshot(connection, tmp_path)


def gates(moment: Moment, code: str = "C1") -> list[tuple[float, float]]:
    found = moment.gates_of(moment.compound(code).compound_id)
    return [] if found is None else list(zip(*(column.tolist() for column in found), strict=True))


def test_the_gates_of_a_compound_are_those_in_force_at_the_instant(snapshot: Snapshot) -> None:
    assert gates(snapshot.moment(at("2025-06-01"))) == [(87.006, 36.654)]
    assert sorted(gates(snapshot.moment(at("2026-06-01")))) == [(87.002, 36.654), (87.006, 36.654)]
    assert gates(snapshot.moment(at("2027-01-01"))) == [(87.006, 36.654)]


def test_what_has_no_gates_has_none(snapshot: Snapshot) -> None:
    now = snapshot.moment(at("2026-06-01"))
    assert now.gates_of(None) is None
    assert now.gates_of(now.compound("C1").compound_id + 1) is None


def test_a_walk_from_anything_in_a_compound_leaves_through_its_gates_and_any_other_begins_at_the_point(
    snapshot: Snapshot,
) -> None:
    now = snapshot.moment(at("2026-06-01"))
    walled = now.compound("C1").compound_id
    assert [start_at(now, *point).compound_id for point in (IN_BUILDING, IN_COMPOUND, IN_GRID)] == [
        walled,
        walled,
        None,
    ]
    named = ("building:B2", "unit:B1#2单元", "compound:C1", "place:PARK", "station:S1")
    assert [start_of(now, text)[0].compound_id for text in named] == [walled, walled, walled, None, None]
