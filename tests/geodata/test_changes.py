"""Each commit is a change: it says what it touched, and can be undone where nothing stands on it."""

from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from geodata.access import list_audit
from geodata.changes import begin_change, change, list_changes, noted_change, undo_change
from geodata.database import connect
from geodata.errors import ConflictError, NotKnownError
from geodata.grid.layers import layer
from geodata.grid.publish import last_release, withdraw_pending
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import parse_time
from tests.support import draw

LATER = parse_time("2099-01-01")


def load(connection, kind, rows, **options):
    frame = rows if hasattr(rows, "columns") else pd.DataFrame(rows)
    actor = options.pop("actor", "样例-甲")
    return load_frame(connection, kind, frame, options=LoadOptions(commit=True, actor=actor, **options))


def names(connection):
    rows = connection.execute(
        "SELECT h.code, v.name FROM worker_versions AS v JOIN holders AS h USING (holder_id) "
        "WHERE withdrawn_at IS NULL AND upper_inf(period)"
    ).fetchall()
    return dict(rows)


def grids(connection):
    rows = connection.execute(
        "SELECT code, ST_AsText(geom) FROM grid_versions WHERE withdrawn_at IS NULL AND upper_inf(period)"
    ).fetchall()
    return dict(rows)


def test_a_commit_is_a_change_with_its_actor_and_a_dry_run_is_none(connection):
    report = load(connection, "workers", {"code": ["1"], "name": ["样例-一"]})
    again = load(connection, "workers", {"code": ["1"], "name": ["样例-一"]})
    dry = load_frame(connection, "workers", pd.DataFrame({"code": ["2"], "name": ["样例-二"]}))
    assert (again.change_id, dry.change_id) == (None, None)
    entry = change(connection, report.change_id)
    assert (entry.actor, entry.action, entry.target) == ("样例-甲", "load.commit", "workers")
    assert entry.facts["new"] == 1
    assert entry.can_undo
    assert [each.change_id for each in list_changes(connection)] == [report.change_id]


def test_an_undo_brings_back_what_was_changed_ended_and_withdraws_what_was_added(connection):
    load(connection, "workers", {"code": ["1", "2"], "name": ["样例-一", "样例-二"]})
    report = load(connection, "workers", {"code": ["1", "3"], "name": ["样例-壹", "样例-三"]}, retire_missing=True)
    assert names(connection) == {"1": "样例-壹", "3": "样例-三"}
    done = undo_change(connection, report.change_id, "样例-乙")
    assert names(connection) == {"1": "样例-一", "2": "样例-二"}
    assert (done.withdrawn, done.restored) == (2, 2)
    entry = change(connection, report.change_id)
    assert (entry.undone_by, entry.can_undo) == (done.change_id, False)
    assert list_audit(connection)[0].action == "change.undo"


def test_undoing_an_undo_does_it_again(connection):
    report = load(connection, "workers", {"code": ["1"], "name": ["样例-一"]})
    undone = undo_change(connection, report.change_id, "样例-甲")
    assert names(connection) == {}
    undo_change(connection, undone.change_id, "样例-甲")
    assert names(connection) == {"1": "样例-一"}


def test_a_change_is_undone_once(connection):
    report = load(connection, "workers", {"code": ["1"], "name": ["样例-一"]})
    undone = undo_change(connection, report.change_id, "样例-乙")
    with pytest.raises(ConflictError, match="样例-乙 has undone") as refused:
        undo_change(connection, report.change_id, "样例-甲")
    assert refused.value.facts == {"change": undone.change_id, "actor": "样例-乙"}
    assert names(connection) == {}


def test_what_does_not_exist_cannot_be_undone(connection):
    with pytest.raises(NotKnownError, match="no change 4711"):
        undo_change(connection, 4711, "样例-甲")


def test_what_was_changed_since_stays_and_the_refusal_names_who_did_it(connection):
    first = load(connection, "workers", {"code": ["1", "2"], "name": ["样例-一", "样例-二"]})
    second = load(connection, "workers", {"code": ["1"], "name": ["样例-壹"]}, actor="样例-乙")
    with pytest.raises(ConflictError, match="1 of the workers that it touched were changed since, by 样例-乙") as told:
        undo_change(connection, first.change_id, "样例-甲")
    assert told.value.facts == {"what": "workers", "change": second.change_id, "actor": "样例-乙"}
    assert "样例-乙" in told.value.detail_zh
    assert names(connection) == {"1": "样例-壹", "2": "样例-二"}
    undo_change(connection, second.change_id, "样例-甲")
    undo_change(connection, first.change_id, "样例-甲")
    assert names(connection) == {}


def test_who_was_ended_and_came_anew_since_is_not_brought_back_twice(connection):
    load(connection, "workers", {"code": ["1", "2"], "name": ["样例-一", "样例-二"]})
    ended = load(connection, "workers", {"code": ["2"], "name": ["样例-二"]}, retire_missing=True)
    load(connection, "workers", {"code": ["1"], "name": ["样例-新"]}, actor="样例-乙")
    with pytest.raises(ConflictError, match=r"other workers made since hold at the same time .* by 样例-乙"):
        undo_change(connection, ended.change_id, "样例-甲")
    assert names(connection) == {"1": "样例-新", "2": "样例-二"}


def test_a_worker_with_duties_since_is_not_undone(connection):
    load(connection, "areas", {"code": ["990101"], "name": ["样例街道"], "level": ["street"]})
    load(connection, "roles", {"code": ["chief"], "name": ["网格长"]})
    report = load(connection, "workers", {"code": ["1"], "name": ["样例-一"]})
    row = {"holder": ["1"], "role": ["chief"], "target_kind": ["area"], "target": ["990101"]}
    duties = load(connection, "duties", row, actor="样例-乙")
    with pytest.raises(ConflictError, match="1 duties made since stand on workers that would be gone, by 样例-乙"):
        undo_change(connection, report.change_id, "样例-甲")
    undo_change(connection, duties.change_id, "样例-甲")
    undo_change(connection, report.change_id, "样例-甲")
    assert names(connection) == {}


def test_a_duty_that_stood_without_its_worker_before_is_in_nobodys_way_once_its_own_changes_are_undone(connection):
    day = [parse_time(f"2024-01-0{number}") for number in range(1, 6)]
    load(connection, "workers", {"code": ["1", "2"], "name": ["样例-一", "样例-二"]}, effective=day[0])
    load(connection, "roles", {"code": ["1"], "name": ["网格长"]}, effective=day[0])
    load(connection, "areas", draw("AA").drop(columns="row").assign(name="样例社区"), effective=day[0])
    duty = {"holder": ["1"], "role": ["1"], "target_kind": ["area"], "target": ["A"]}
    load(connection, "duties", duty, effective=day[0])
    load(connection, "workers", {"code": ["2"], "name": ["样例-二"]}, effective=day[1], retire_missing=True)
    back = load(connection, "workers", {"code": ["1"], "name": ["样例-一"]}, effective=day[2])
    ended = load(connection, "duties", duty | {"to": ["2024-01-04"]}, effective=day[3])
    with pytest.raises(ConflictError, match="made since stand on workers"):
        undo_change(connection, back.change_id, "样例-乙")
    undo_change(connection, ended.change_id, "样例-乙")
    undo_change(connection, back.change_id, "样例-乙")
    assert names(connection) == {"2": "样例-二"}


def test_a_renamed_worker_goes_back_to_the_old_name_whatever_duties_came_since(connection):
    load(connection, "areas", {"code": ["990101"], "name": ["样例街道"], "level": ["street"]})
    load(connection, "roles", {"code": ["chief"], "name": ["网格长"]})
    load(connection, "workers", {"code": ["1"], "name": ["样例-一"]})
    renamed = load(connection, "workers", {"code": ["1"], "name": ["样例-壹"]})
    load(connection, "duties", {"holder": ["1"], "role": ["chief"], "target_kind": ["area"], "target": ["990101"]})
    undo_change(connection, renamed.change_id, "样例-甲")
    assert names(connection) == {"1": "样例-一"}


def test_several_steps_of_one_change_are_undone_together(connection):
    with noted_change(connection, "样例-甲", "record.edit", "workers") as change_id:
        one = load(connection, "workers", {"code": ["1"], "name": ["样例-一"]})
        two = load(connection, "workers", {"code": ["1"], "name": ["样例-壹"]})
    assert one.change_id == two.change_id == change_id
    after = load(connection, "workers", {"code": ["2"], "name": ["样例-二"]})
    assert after.change_id != change_id
    undo_change(connection, change_id, "样例-甲")
    assert names(connection) == {"2": "样例-二"}


def test_a_load_and_an_undo_at_once_wait_for_each_other(database_url):
    with connect(database_url) as first, connect(database_url) as second, ThreadPoolExecutor(1) as pool:
        made = load(first, "workers", {"code": ["1"], "name": ["样例-一"]})
        first.commit()
        load(first, "organisations", {"code": ["2"], "name": ["样例-二"]})
        undoing = pool.submit(undo_change, second, made.change_id, "样例-乙")
        with pytest.raises(TimeoutError):
            undoing.result(0.3)
        # The undo wants the register that this load is about to lock: it holds nothing while it waits.
        load(first, "workers", {"code": ["3"], "name": ["样例-三"]})
        first.commit()
        assert undoing.result(10).withdrawn == 1
        second.commit()
        assert names(first) == {"3": "样例-三"}


def test_a_load_asks_for_no_register_while_something_is_undone(database_url):
    with connect(database_url) as first, connect(database_url) as second, ThreadPoolExecutor(1) as pool:
        made = load(first, "workers", {"code": ["1"], "name": ["样例-一"]})
        first.commit()
        undo_change(first, load(first, "roles", {"code": ["r"], "name": ["样例"]}).change_id, "样例-甲")
        loading = pool.submit(load, second, "workers", {"code": ["3"], "name": ["样例-三"]})
        with pytest.raises(TimeoutError):
            loading.result(0.3)
        undo_change(first, made.change_id, "样例-乙")
        first.commit()
        assert loading.result(10).committed
        second.commit()
        assert names(first) == {"3": "样例-三"}


def test_what_happens_outside_a_change_is_not_noted_under_it(connection):
    load(connection, "workers", {"code": ["1"], "name": ["样例-一"]})
    before = connection.execute("SELECT count(*) FROM changed_rows").fetchone()
    connection.execute("UPDATE worker_versions SET withdrawn_at = now()")
    assert connection.execute("SELECT count(*) FROM changed_rows").fetchone() == before


@pytest.mark.parametrize("table", ["changes", "changed_rows"])
def test_the_log_of_changes_cannot_be_rewritten(connection, table):
    begin_change(connection, "样例-甲", "load.commit")
    with pytest.raises(Exception, match="never deleted"):
        connection.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]


def test_undoing_a_release_in_force_publishes_the_former_grids_again(connection):
    load(connection, "grids", draw("AAB\nAAB"))
    before = grids(connection)
    report = load(connection, "grids", draw("ABB\nACC"), retire_missing=True)
    done = undo_change(connection, report.change_id, "样例-甲")
    target = layer(connection, None)["layer_id"]
    assert grids(connection) == before
    assert done.releases == ((target, 3),)
    assert last_release(connection, target).number == 3
    undo_change(connection, done.change_id, "样例-甲")
    assert set(grids(connection)) == {"A", "B", "C"}
    identities = connection.execute("SELECT count(DISTINCT grid_id), count(DISTINCT code) FROM grid_versions")
    assert identities.fetchone() == (3, 3)


def test_undoing_the_first_release_leaves_no_grids(connection):
    report = load(connection, "grids", draw("AAB"))
    undo_change(connection, report.change_id, "样例-甲")
    assert grids(connection) == {}


def test_undoing_a_pending_release_withdraws_it_and_redoing_publishes_it_for_the_same_date(connection):
    load(connection, "grids", draw("AAB"))
    before = grids(connection)
    report = load(connection, "grids", draw("ABB"), effective=LATER)
    done = undo_change(connection, report.change_id, "样例-甲")
    assert grids(connection) == before
    assert done.releases == ()
    target = layer(connection, None)["layer_id"]
    assert last_release(connection, target).number == 1
    again = undo_change(connection, done.change_id, "样例-甲")
    assert again.releases == ((target, 3),)
    assert last_release(connection, target).effective == LATER
    assert grids(connection) != before


def test_a_release_that_another_follows_is_not_undone(connection):
    first = load(connection, "grids", draw("AAB"))
    load(connection, "grids", draw("ABB"), actor="样例-乙")
    with pytest.raises(ConflictError, match="release 2 was published since, by 样例-乙"):
        undo_change(connection, first.change_id, "样例-甲")


def test_a_release_that_was_withdrawn_before_is_not_undone(connection):
    load(connection, "grids", draw("AAB"))
    report = load(connection, "grids", draw("ABB"), effective=LATER)
    withdraw_pending(connection, layer(connection, None)["layer_id"], 2, actor="样例-乙")
    with pytest.raises(ConflictError, match="withdrawn already"):
        undo_change(connection, report.change_id, "样例-甲")


def test_layers_go_back_to_what_they_were_unless_they_are_in_use(connection):
    load(connection, "layers", {"code": ["party"], "name": ["组织"], "tiling": ["partial"]})
    report = load(
        connection,
        "layers",
        {"code": ["party", "police"], "name": ["党建", "警务"], "tiling": ["partial"] * 2, "is_default": ["是", "否"]},
    )
    done = undo_change(connection, report.change_id, "样例-甲")
    found = connection.execute("SELECT code, name, is_default FROM layers ORDER BY code").fetchall()
    assert found == [("general", "综合网格", True), ("party", "组织", False)]
    undo_change(connection, done.change_id, "样例-甲")
    found = connection.execute("SELECT code, name, is_default FROM layers ORDER BY code").fetchall()
    assert found == [("general", "综合网格", False), ("party", "党建", True), ("police", "警务", False)]


def test_a_layer_with_grids_is_not_undone(connection):
    report = load(connection, "layers", {"code": ["party"], "name": ["组织"], "tiling": ["partial"]})
    load(connection, "grids", draw("A"), layer="party")
    with pytest.raises(ConflictError, match="a layer that it added is in use"):
        undo_change(connection, report.change_id, "样例-甲")


def test_an_area_that_grids_lie_in_since_is_not_undone(connection):
    areas = draw("AAB").rename(columns={"row": "name"}).astype({"name": str})
    areas["code"] = ["990101001", "990101002"]
    report = load(connection, "areas", areas)
    load(connection, "grids", draw("AAB"), actor="样例-乙")
    with pytest.raises(ConflictError, match="2 grids made since stand on areas that would be gone, by 样例-乙"):
        undo_change(connection, report.change_id, "样例-甲")
