"""Releases of a layer: one after the other, never half, with a memory."""

import threading
from dataclasses import replace

import pytest
import shapely

from geodata.database import connect
from geodata.errors import ConflictError, NotKnownError, PendingReleaseError, StaleBaseError
from geodata.grid.layers import layer, layers, write_layers
from geodata.grid.publish import (
    GridState,
    grids_in_force,
    last_release,
    lock_layer,
    publish_release,
    withdraw_pending,
)
from geodata.times import parse_time
from tests.support import draw

EARLY, LATER, LATEST, FUTURE = (parse_time(day) for day in ("2026-01-01", "2026-02-01", "2026-03-01", "2999-01-01"))


def states(picture, **ids):
    grids = draw(picture)
    return [
        GridState(ids.get(code), code, f"grid {code}", "urban", None, 300, None, shapely.to_wkb(shape))
        for code, shape in zip(grids["code"], grids.geometry, strict=True)
    ]


def publish(connection, changes, ended=(), effective=EARLY, **more):
    general = layer(connection, None)["layer_id"]
    return publish_release(connection, general, changes, ended, effective=effective, actor="tester", **more)


def in_force(connection):
    return {row["code"]: row for row in grids_in_force(connection, layer(connection, None)["layer_id"], LATEST)}


def versions(connection):
    return connection.execute(
        """SELECT code, period_from(period), upper_inf(period), withdrawn_at IS NOT NULL FROM grid_versions
        ORDER BY grid_version_id"""
    ).fetchall()


def test_the_first_release_brings_all_grids_and_the_next_only_what_changed(connection):
    assert publish(connection, states("AABB")) == 1
    before = in_force(connection)
    changed = states("AAAB", **{code: row["grid_id"] for code, row in before.items()})[:1]
    assert publish(connection, changed, effective=LATER) == 2
    after = in_force(connection)
    assert after["A"]["grid_id"] == before["A"]["grid_id"]
    assert after["A"]["version_id"] != before["A"]["version_id"]
    assert after["B"] == before["B"]
    assert versions(connection) == [("A", EARLY, False, False), ("B", EARLY, True, False), ("A", LATER, True, False)]


def test_geometry_comes_back_with_the_same_bits(connection):
    shape = shapely.Polygon([(117.1, 36.1), (117.2 + 1e-13, 36.1), (117.15, 36.3 - 1e-14)])
    publish(connection, [replace(states("A")[0], wkb=shapely.to_wkb(shape))])
    assert shapely.from_wkb(in_force(connection)["A"]["wkb"]) == shapely.MultiPolygon([shape])


def test_a_grid_that_ends_is_kept_as_history_and_gets_its_identity_back_with_its_code(connection):
    publish(connection, states("AABB"))
    first = in_force(connection)["B"]["grid_id"]
    publish(connection, [], [first], effective=LATER)
    assert list(in_force(connection)) == ["A"]
    publish(connection, states("..BB"), effective=LATEST)
    assert in_force(connection)["B"]["grid_id"] == first


def test_two_changes_at_one_instant_leave_no_version_that_never_was_in_force(connection):
    publish(connection, states("AABB"))
    mine = in_force(connection)["A"]["grid_id"]
    publish(connection, [replace(states("AABB", A=mine)[0], name="renamed")], effective=EARLY)
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert in_force(connection)["A"]["name"] == "renamed"
    assert [row for row in versions(connection) if row[3]] == [("A", EARLY, True, True)]


def test_a_release_before_the_last_one_is_refused(connection):
    publish(connection, states("A"), effective=LATER)
    with pytest.raises(ConflictError, match="2026-02-01"):
        publish(connection, states("A"), effective=EARLY)


def test_a_stale_base_is_refused(connection):
    publish(connection, states("A"))
    publish(connection, states(".B"), effective=LATER, base_number=1)
    with pytest.raises(StaleBaseError) as refused:
        publish(connection, states("..C"), effective=LATEST, base_number=1)
    assert refused.value.facts == {"base": 1, "release": 2}


def test_while_a_release_is_pending_no_other_may_follow(connection):
    publish(connection, states("AABB"))
    publish(connection, states("....CC"), effective=FUTURE)
    with pytest.raises(PendingReleaseError, match="2999-01-01"):
        publish(connection, states("......DD"), effective=FUTURE)


def test_a_withdrawn_release_leaves_everything_as_it_was(connection):
    publish(connection, states("AABB"))
    before = in_force(connection)
    general = layer(connection, None)["layer_id"]
    changed = states("AAAB.C", A=before["A"]["grid_id"])
    publish(connection, [changed[0], changed[2]], [before["B"]["grid_id"]], effective=FUTURE)
    assert sorted(in_force(connection)) == ["A", "C"]
    withdraw_pending(connection, general, 2, actor="tester")
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert in_force(connection) == before
    assert last_release(connection, general).number == 1
    who = connection.execute("SELECT actor FROM audit WHERE action = 'release.withdraw'").fetchall()
    assert who == [("tester",)]
    assert publish(connection, states("....CC"), effective=LATER) == 3


def test_only_a_pending_release_can_be_withdrawn(connection):
    general = layer(connection, None)["layer_id"]
    publish(connection, states("A"))
    with pytest.raises(ConflictError, match="in force"):
        withdraw_pending(connection, general, 1, actor="tester")
    with pytest.raises(NotKnownError):
        withdraw_pending(connection, general, 9, actor="tester")
    publish(connection, states(".B"), effective=FUTURE)
    withdraw_pending(connection, general, 2, actor="tester")
    with pytest.raises(ConflictError, match="already"):
        withdraw_pending(connection, general, 2, actor="tester")


def test_a_code_may_stand_in_two_layers(connection):
    write_layers(
        connection,
        [
            {
                "code": "party",
                "name": "组织",
                "name_en": "",
                "tiling": "full",
                "nested_in": "general",
                "position": 5,
                "is_default": False,
            }
        ],
    )
    other = layer(connection, "party")
    assert other["nested_in"] == "general"
    publish(connection, states("A"))
    assert publish_release(connection, other["layer_id"], states("A"), [], effective=EARLY, actor="t") == 1


def test_one_layer_at_most_is_the_default(connection):
    party = {
        "code": "party",
        "name": "组织",
        "name_en": "",
        "tiling": "full",
        "nested_in": None,
        "position": 5,
        "is_default": True,
    }
    write_layers(connection, [party])
    assert [row["code"] for row in layers(connection) if row["is_default"]] == ["party"]


def test_an_unknown_layer_names_the_known_ones(connection):
    with pytest.raises(NotKnownError, match="general"):
        layer(connection, "nowhere")


def test_a_second_publisher_waits_and_then_sees_the_first(database_url):
    with connect(database_url) as first, connect(database_url) as second:
        general = layer(first, None)["layer_id"]
        lock_layer(first, general)
        numbers: list[int] = []
        waiting = threading.Thread(target=lambda: numbers.append(publish(second, states(".B"), effective=LATER)))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        publish(first, states("A"))
        first.commit()
        waiting.join(60)
        assert numbers == [2]
        second.commit()
        assert sorted(in_force(first)) == ["A", "B"]
