"""One record edited: by the checks of whole files, guarded by what the editor saw."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from psycopg import Connection

from geodata.changes import undo_change
from geodata.database import connect
from geodata.edit import change, create, end
from geodata.errors import ConflictError, LoadRefusedError, NotKnownError, StaleEditError
from geodata.record_states import versions
from geodata.records import FOREVER_TO
from geodata.times import parse_time

BEGIN = parse_time("2026-01-01")
SOON = parse_time("2097-01-01")
LATER = parse_time("2098-01-01")
AS_SEEN: None = None


def worker(connection: Connection[Any], code: str = "W1", **given: Any) -> str:
    """A worker since the beginning of the year; the tag of its state."""
    fields = {"code": code, "name": "样例-甲", "phone": "13800000001", **given}
    made = create(connection, "workers", fields, actor="样例-办事员", effective=BEGIN)
    assert made.version is not None
    return made.version.tag


def phones(connection: Connection[Any], code: str = "W1") -> list[str]:
    return [version.fields["phone"] for version in versions(connection, "workers", code)]


def test_what_is_not_given_stays(connection: Connection[Any]) -> None:
    tag = worker(connection)
    edited = change(connection, "workers", "W1", {"phone": "13800000002"}, seen=frozenset({tag}), actor="样例")
    assert edited.version is not None
    assert edited.version.fields["name"] == "样例-甲"
    assert phones(connection) == ["13800000001", "13800000002"]
    assert edited.change_id is not None


def test_an_edit_that_changes_nothing_leaves_no_trace(connection: Connection[Any]) -> None:
    tag = worker(connection)
    before = connection.execute("SELECT count(*) FROM changes").fetchone()
    edited = change(connection, "workers", "W1", {"name": " 样例-甲 "}, seen=frozenset({tag}), actor="样例")
    assert edited.change_id is None
    assert edited.version is not None
    assert edited.version.tag == tag
    assert connection.execute("SELECT count(*) FROM changes").fetchone() == before
    assert len(phones(connection)) == 1


def test_a_change_keeps_an_end_that_is_planned_and_may_take_it_back(connection: Connection[Any]) -> None:
    worker(connection)
    ended = end(connection, "workers", "W1", seen=AS_SEEN, actor="样例", effective=LATER)
    assert ended.version is not None
    assert ended.version.ends == LATER
    changed = change(connection, "workers", "W1", {"phone": "13800000002"}, seen=AS_SEEN, actor="样例")
    assert changed.version is not None
    assert changed.version.ends == LATER
    kept = change(connection, "workers", "W1", {}, seen=AS_SEEN, actor="样例", ends=FOREVER_TO)
    assert kept.version is not None
    assert (kept.version.ends, kept.version.fields["phone"]) == (FOREVER_TO, "13800000002")


def test_a_change_may_lie_in_the_past_but_not_before_what_it_changes(connection: Connection[Any]) -> None:
    tag = worker(connection)
    march = parse_time("2026-03-01")
    edited = change(
        connection, "workers", "W1", {"phone": "13800000002"}, seen=frozenset({tag}), actor="样例", effective=march
    )
    assert edited.version is not None
    assert edited.version.begins == march
    with pytest.raises(ConflictError) as error:
        change(
            connection,
            "workers",
            "W1",
            {"phone": "13800000003"},
            seen=frozenset({edited.version.tag}),
            actor="样例",
            effective=BEGIN,
        )
    assert error.value.facts["reason"] == "before-begin"
    assert phones(connection) == ["13800000001", "13800000002"]


def test_a_planned_change_stands_in_the_way_until_it_is_edited_itself(connection: Connection[Any]) -> None:
    worker(connection)
    planned = change(connection, "workers", "W1", {"phone": "13800000002"}, seen=AS_SEEN, actor="样例", effective=SOON)
    assert planned.version is not None
    for effective in (None, parse_time("2096-12-01")):
        with pytest.raises(ConflictError) as error:
            change(connection, "workers", "W1", {"name": "样例-乙"}, seen=AS_SEEN, actor="样例", effective=effective)
        assert error.value.facts["reason"] == "planned"
        assert "2097-01-01" in error.value.detail
    seen = frozenset({planned.version.tag})
    again = change(connection, "workers", "W1", {"phone": "13800000003"}, seen=seen, actor="样例")
    assert again.version is not None
    assert again.version.begins == SOON
    assert phones(connection) == ["13800000001", "13800000003"]
    never = end(connection, "workers", "W1", seen=frozenset({again.version.tag}), actor="样例")
    assert never.version is None
    assert phones(connection) == ["13800000001"]


def test_a_record_is_added_once_and_again_after_it_ended(connection: Connection[Any]) -> None:
    worker(connection)
    fields = {"code": "W1", "name": "样例-乙"}
    with pytest.raises(ConflictError) as error:
        create(connection, "workers", fields, actor="样例")
    assert error.value.facts["reason"] == "exists"
    end(connection, "workers", "W1", seen=AS_SEEN, actor="样例", effective=SOON)
    with pytest.raises(ConflictError):
        create(connection, "workers", fields, actor="样例", effective=parse_time("2096-12-01"))
    made = create(connection, "workers", fields, actor="样例", effective=LATER)
    assert made.version is not None
    assert [version.fields["name"] for version in versions(connection, "workers", "W1")] == ["样例-甲", "样例-乙"]
    with pytest.raises(ConflictError) as error:
        create(connection, "workers", fields, actor="样例", effective=parse_time("2097-06-01"))
    assert error.value.facts["reason"] == "planned"


def test_an_end_may_be_given_with_a_new_record(connection: Connection[Any]) -> None:
    made = create(connection, "workers", {"code": "W1", "name": "样例"}, actor="样例", effective=BEGIN, ends=LATER)
    assert made.version is not None
    assert (made.version.begins, made.version.ends) == (BEGIN, LATER)


def test_a_code_is_made_where_none_is_given_and_the_same_twice_is_a_conflict(connection: Connection[Any]) -> None:
    text = {"slot": "hotline", "title": "样例热线"}
    made = create(connection, "texts", text, actor="样例")
    assert made.version is not None
    assert made.version.code
    with pytest.raises(ConflictError):
        create(connection, "texts", {**text, "body": "另一段"}, actor="样例")
    assert made.version.fields == versions(connection, "texts", made.version.code)[0].fields


def test_nobody_edits_what_is_not_there_or_is_over(connection: Connection[Any]) -> None:
    for code in ("nope", "a\x00b", "\ud800", "x" * 5000):
        with pytest.raises(NotKnownError):
            change(connection, "workers", code, {"name": "样例"}, seen=AS_SEEN, actor="样例")
    worker(connection)
    end(connection, "workers", "W1", seen=AS_SEEN, actor="样例", effective=parse_time("2026-03-01"))
    with pytest.raises(NotKnownError, match="2026-03-01"):
        change(connection, "workers", "W1", {"name": "样例"}, seen=AS_SEEN, actor="样例")


def test_who_saw_an_older_state_is_told_who_changed_it_and_what_it_is(connection: Connection[Any]) -> None:
    tag = worker(connection)
    change(connection, "workers", "W1", {"phone": "13800000002"}, seen=AS_SEEN, actor="样例-另一位")
    with pytest.raises(StaleEditError) as error:
        change(connection, "workers", "W1", {"phone": "13800000003"}, seen=frozenset({tag}), actor="样例")
    assert error.value.facts["changed_by"] == "样例-另一位"
    assert "样例-另一位" in error.value.detail_zh
    assert error.value.current.fields["phone"] == "13800000002"
    assert phones(connection) == ["13800000001", "13800000002"]


def test_faults_write_nothing(connection: Connection[Any]) -> None:
    worker(connection)
    with pytest.raises(LoadRefusedError):
        change(connection, "workers", "W1", {"phone": "138****0000"}, seen=AS_SEEN, actor="样例")
    assert phones(connection) == ["13800000001"]


def test_each_edit_stands_once_in_the_audit_log_under_its_editor_without_personal_data(
    connection: Connection[Any],
) -> None:
    worker(connection)
    change(connection, "workers", "W1", {"phone": "13800000002"}, seen=AS_SEEN, actor="样例-甲方")
    end(connection, "workers", "W1", seen=AS_SEEN, actor="样例-乙方")
    rows = connection.execute("SELECT actor, action, target, facts::text FROM audit ORDER BY audit_id").fetchall()
    assert [row[:3] for row in rows] == [
        ("样例-办事员", "edit.create", "workers W1"),
        ("样例-甲方", "edit.change", "workers W1"),
        ("样例-乙方", "edit.end", "workers W1"),
    ]
    changes = connection.execute("SELECT facts::text FROM changes").fetchall()
    assert "13800000002" not in str(rows) + str(changes)


def test_an_outline_that_is_not_given_stays(connection: Connection[Any]) -> None:
    outline = "POLYGON ((117 36.6, 117.001 36.6, 117.001 36.601, 117 36.601, 117 36.6))"
    create(connection, "compounds", {"code": "C1", "name": "样例小区", "wkt": outline}, actor="样例")
    edited = change(connection, "compounds", "C1", {"name": "样例花园"}, seen=AS_SEEN, actor="样例")
    assert edited.version is not None
    assert str(edited.version.fields["wkt"]).startswith("MULTIPOLYGON")
    bare = change(connection, "compounds", "C1", {"wkt": None}, seen=AS_SEEN, actor="样例")
    assert bare.version is not None
    assert bare.version.fields["wkt"] is None


def test_a_place_may_be_given_in_another_datum(connection: Connection[Any]) -> None:
    place = {"code": "S1", "name": "样例站", "lon": 117.0, "lat": 36.65, "crs": "GCJ-02"}
    made = create(connection, "stations", place, actor="样例")
    assert made.version is not None
    assert made.version.fields["lon"] == pytest.approx(116.994, abs=0.002)
    moved = change(connection, "stations", "S1", {"name": "样例站二"}, seen=AS_SEEN, actor="样例")
    assert moved.version is not None
    assert moved.version.fields["lon"] == made.version.fields["lon"]


def test_two_clerks_edit_one_row_and_one_of_them_is_told(database_url: str) -> None:
    with connect(database_url) as first:
        tag = worker(first)
    ready = Barrier(2)

    def edit(name: str, phone: str) -> str:
        with connect(database_url) as own:
            ready.wait()
            try:
                change(own, "workers", "W1", {"phone": phone}, seen=frozenset({tag}), actor=name)
            except StaleEditError as error:
                return str(error.facts["changed_by"])
        return "saved"

    clerks = [("样例-甲方", "13800000002"), ("样例-乙方", "13800000003")]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda clerk: edit(*clerk), clerks))
    winner = outcomes.index("saved")
    assert outcomes[1 - winner] == clerks[winner][0]
    with connect(database_url) as after:
        assert phones(after) == ["13800000001", clerks[winner][1]]


def test_many_clerks_at_once_lose_nothing(database_url: str) -> None:
    with connect(database_url) as first:
        worker(first)

    def edit(at: int) -> str:
        phone = f"138000000{at:02d}"
        with connect(database_url) as own:
            while True:
                seen = versions(own, "workers", "W1")[-1]
                own.rollback()
                try:
                    change(own, "workers", "W1", {"phone": phone}, seen=frozenset({seen.tag}), actor=f"样例-{at}")
                    own.commit()
                except StaleEditError:
                    own.rollback()
                else:
                    return phone

    with ThreadPoolExecutor(4) as pool:
        wanted = set(pool.map(edit, range(10, 18)))
    with connect(database_url) as after:
        kept = versions(after, "workers", "W1")
        assert {version.fields["phone"] for version in kept[1:]} == wanted
        assert all(one.ends == other.begins for one, other in pairwise(kept))


def test_an_edit_of_two_steps_is_taken_back_as_one(connection: Connection[Any]) -> None:
    worker(connection)
    end(connection, "workers", "W1", seen=AS_SEEN, actor="样例", effective=LATER)
    before = versions(connection, "workers", "W1")
    edited = change(connection, "workers", "W1", {"phone": "13800000002"}, seen=AS_SEEN, actor="样例")
    assert edited.change_id is not None
    undo_change(connection, edited.change_id, "样例")
    assert versions(connection, "workers", "W1") == before
