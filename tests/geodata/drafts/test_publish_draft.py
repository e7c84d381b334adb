"""Drafts become releases: grids, areas and duties at one instant; pending, stale, taken back, gone back to."""

import pytest
import shapely
from psycopg.types.json import Jsonb

from geodata.area import areas_in_force, write_areas
from geodata.changes import list_changes, undo_change
from geodata.datacheck import redrawn_since_counted
from geodata.drafts.living import Living
from geodata.drafts.writing import database_now
from geodata.errors import ConflictError, NotKnownError, PendingReleaseError, StaleBaseError
from geodata.grid.layers import layer, write_layers
from geodata.grid.publish import GridState, grids_in_force, publish_release
from geodata.people.texts import TEXTS
from geodata.redraw import (
    Scene,
    apply,
    conflicts,
    create_draft,
    diff,
    draft_of,
    draft_state,
    operations,
    publish,
    rebase,
    restore,
    undo,
    withdraw,
)
from geodata.times import instant, parse_time
from tests.drafted import homes_at
from tests.redrawing import EARLY, Planner, community, ground, line, pictured, publish_city
from tests.support import corner

FUTURE = parse_time("2999-01-01")
LONG_AFTER = parse_time("2999-06-01")


@pytest.fixture
def city(connection):
    publish_city(connection, stated={"A": 101, "B": 50, "C": 7, "D": 90, "E": 3, "F": 11, "G": 13})
    _duties(connection, {"W1": "A", "W2": "B", "W3": "E"}, {"K1": "990101001", "K2": "990101002"})
    return connection


@pytest.fixture
def planner(city):
    return Planner(city)


def _duties(connection, grids, areas):
    connection.execute("INSERT INTO roles (code) VALUES ('chief')")
    for holder in [*grids, *areas]:
        connection.execute("INSERT INTO holders (kind, code) VALUES ('worker', %s)", (holder,))
    connection.execute(
        """INSERT INTO duties (holder_id, role_id, grid_id, area_id, hours, period)
        SELECT h.holder_id, r.role_id, (SELECT grid_id FROM grid_versions WHERE code = t.grid),
               (SELECT area_id FROM area_versions WHERE code = t.area), 'Mo-Fr 08:00-18:00', '[2025-01-01,2998-01-01)'
        FROM jsonb_to_recordset(%s) AS t(holder text, grid text, area text) JOIN holders AS h ON h.code = t.holder,
             roles AS r""",
        (
            Jsonb(
                [{"holder": h, "grid": g} for h, g in grids.items()]
                + [{"holder": h, "area": a} for h, a in areas.items()]
            ),
        ),
    )


def _text(connection, code, target, at=EARLY):
    """Say something on the boards of a grid, or of an area."""
    what = "area" if len(target) > 1 else "grid"
    record = {"code": code, "slot": "notice", "target_kind": what, "target": target, "layer": "general"}
    words = {"title": f"样例{target}", "title_en": "", "body": "", "body_en": "", "phone": "", "position": 1}
    TEXTS.write(connection, [record | words], [], at)


def _counted(connection, *grids):
    """Count events in grids."""
    connection.execute(
        """INSERT INTO place_counts (code, layer, grid, counts)
        SELECT 'general ' || code, 'general', code, '{"events": 7}' FROM unnest(%s::text[]) AS code""",
        (list(grids),),
    )


def on_boards(connection, at=None):
    """Code, title and target of each text in force."""
    rows = TEXTS.in_force(connection, database_now(connection) if at is None else at)
    return [f"{row['code']} {row['title']} {row['target']}" for row in rows]


def on_duty(connection, at=None):
    """Holder and code of the grid or area of each duty in force, by what is called so then."""
    at = instant(database_now(connection) if at is None else at)
    rows = connection.execute(
        """SELECT h.code, coalesce(
               (SELECT code FROM grid_versions AS g WHERE g.grid_id = d.grid_id AND g.withdrawn_at IS NULL
                  AND g.period @> %(at)s::timestamptz),
               (SELECT code FROM area_versions AS a WHERE a.area_id = d.area_id AND a.withdrawn_at IS NULL
                  AND a.period @> %(at)s::timestamptz))
        FROM duties AS d JOIN holders AS h USING (holder_id)
        WHERE d.withdrawn_at IS NULL AND d.period @> %(at)s::timestamptz ORDER BY 1, 2""",
        {"at": at},
    ).fetchall()
    return [f"{holder} {target}" for holder, target in rows]


def in_force(connection, at=FUTURE):
    rows = grids_in_force(connection, layer(connection, None)["layer_id"], at)
    return {row["code"]: row for row in rows}


def areas(connection, at):
    return {row["code"]: row for row in areas_in_force(connection, at)}


def everything(connection):
    """All that a publish could write, without the books of what was done."""
    tables = {
        "area_versions": "area_version_id",
        "grid_versions": "grid_version_id",
        "duties": "duty_id",
        "text_versions": "text_version_id",
        "releases": "release_id",
        "successions": "release_id",
    }
    return {
        table: connection.execute(f"SELECT * FROM {table} ORDER BY {key}").fetchall()  # type: ignore[arg-type]
        for table, key in tables.items()
    }


def test_a_published_split_keeps_identity_and_divides_counts_and_duties(planner):
    city = planner.connection
    before = in_force(city)
    _text(city, "T1", "A")
    _text(city, "T2", "B")
    _counted(city, "A", "B", "G")
    done = planner.do("split", grid="A", line=line((1.5, 1.5), (1.5, 4.5)))
    new = next(each.after.code for each in done.changed.grids if each.before is None)
    published = publish(city, planner.draft_id, actor="样例-甲", memory=planner.memory)
    assert on_boards(city) == ["T1 样例A A", f"T1-{new} 样例A {new}", "T2 样例B B"]
    # What was counted in a grid as a whole is left alone, and it is said which grid has other ground now.
    assert published.miscounted == ("A",)
    assert redrawn_since_counted(city) == [("general", "A")]
    after = in_force(city)
    assert (published.number, published.changed, published.made, published.ended) == (2, 2, 1, 0)
    assert after["A"]["grid_id"] == before["A"]["grid_id"]
    assert after[new]["grid_id"] not in {row["grid_id"] for row in before.values()}
    assert after["A"]["households"] + after[new]["households"] == 101
    assert (after["A"]["households"], after["B"]["households"]) == (76, 50)
    assert on_duty(city) == sorted(["W1 A", f"W1 {new}", "W2 B", "W3 E", "K1 990101001", "K2 990101002"])
    assert published.inheritance.duties_begun == 1
    ended = city.execute("SELECT DISTINCT upper(period) FROM duties").fetchall()
    assert [end for (end,) in ended] == [instant(parse_time("2998-01-01T08:00+08:00"))]
    draft = draft_of(city, planner.draft_id)
    assert (draft.state, draft.published, draft.stale) == ("published", 2, False)


def test_a_published_merge_ends_grids_and_their_duties(planner):
    city = planner.connection
    _text(city, "T1", "A")
    _counted(city, "A", "B", "G")
    planner.do("merge", grids=["A", "B"], survivor="B")
    published = publish(city, planner.draft_id, actor="样例-甲")
    after = in_force(city)
    assert (on_boards(city), published.inheritance.texts_ended, published.miscounted) == ([], 1, ("A", "B"))
    assert "A" not in after
    assert after["B"]["households"] == 151
    assert on_duty(city) == ["K1 990101001", "K2 990101002", "W2 B", "W3 E"]
    assert (published.ended, published.inheritance.duties_ended) == (1, 1)
    rows = city.execute(
        """SELECT p.code, s.code, household_share, ground_share FROM successions
        JOIN grid_versions AS p ON p.grid_id = predecessor_id AND p.release_id = 1
        JOIN grid_versions AS s ON s.grid_id = successor_id AND s.release_id = 2"""
    ).fetchall()
    assert {row[:2] for row in rows} <= {("A", "B"), ("B", "B")}
    assert all(share == 1.0 and households is None for _, _, households, share in rows)


def test_grids_that_go_to_another_community_take_their_ground_with_them(planner):
    city = planner.connection
    planner.do("move-grids", grids=["B"], community="990101002")
    publish(city, planner.draft_id, actor="样例-甲")
    now = database_now(city)
    ground = {code: shapely.from_wkb(row["wkb"]) for code, row in areas(city, now).items()}
    grids = {code: shapely.from_wkb(row["wkb"]) for code, row in in_force(city).items()}
    assert ground["990101001"].equals(shapely.union_all([grids[code] for code in "ACD"]))
    assert ground["990101002"].equals(shapely.union_all([grids[code] for code in "BEFG"]))
    assert ground["990101"].equals(shapely.union_all(list(grids.values())))
    before = areas(city, now - 60_000_000)
    assert shapely.from_wkb(before["990101001"]["wkb"]).covers(grids["B"])
    assert before["990101"]["version_id"] == areas(city, now)["990101"]["version_id"]


def test_a_community_that_has_its_old_ground_again_is_not_among_what_changed(planner):
    # Border nodes of grids come to lie between the corners of their communities.
    code = planner.do("split", grid="B", line=line((3, 0.3), (3, 5))).changed.grids[-1].after.code
    before = draft_state(planner.connection, planner.draft_id)
    planner.do("move-grids", grids=[code, "B"], community="990101002")
    assert draft_state(planner.connection, planner.draft_id).areas_since_base() == ["990101001", "990101002"]
    planner.do("move-grids", grids=["B", code], community="990101001")
    state = draft_state(planner.connection, planner.draft_id)
    assert state.areas_since_base() == []
    assert state.changed_since_base() == before.changed_since_base() != []
    publish(planner.connection, planner.draft_id, actor="样例-甲")
    found = diff(planner.connection, None, 1, 2)
    # C and D only got a vertex where the new border ends.
    assert ({(one.grid.after or one.grid.before).code for one in found.grids}, found.areas) == ({"B", code}, ())


def test_a_merged_community_ends_with_its_duties_and_other_layers_follow(planner):
    city = planner.connection
    names = {"name": "样例警务", "name_en": "", "tiling": "partial", "nested_in": None, "position": 5}
    write_layers(city, [{"code": "police", **names, "is_default": False}])
    row = in_force(city)["E"]
    state = GridState(None, "P1", "警务", "urban", row["community_id"], None, None, row["wkb"])
    police = layer(city, "police")["layer_id"]
    publish_release(city, police, [state], [], effective=parse_time("2025-02-01"), actor="样例-甲")
    planner.do("merge-communities", communities=["990101001", "990101002"], survivor="990101001")
    published = publish(city, planner.draft_id, actor="样例-甲")
    now = database_now(city)
    assert sorted(areas(city, now)) == ["990101", "990101001"]
    assert {row["community"] for row in in_force(city, now).values()} == {"990101001"}
    assert on_duty(city) == ["K1 990101001", "W1 A", "W2 B", "W3 E"]
    assert published.others == {"police": 2}
    assert grids_in_force(city, police, now)[0]["community"] == "990101001"


def test_a_community_that_is_split_off_inherits_duties(planner):
    city = planner.connection
    planner.do(
        "split-community", community="990101001", line=line((-1, 2), (5, 2)), code="990101007", name="样例新社区"
    )
    _text(city, "T1", "990101001")
    # The code that a copy would have is taken.
    _text(city, "T1-990101007", "990101")
    publish(city, planner.draft_id, actor="样例-甲")
    now = database_now(city)
    assert "T1-990101007-2 样例990101001 990101007" in on_boards(city, now)
    found = {code: row["community"] for code, row in in_force(city, now).items()}
    # Nobody lives here: the larger part stays, and that is the one nearer to the equator.
    first, new, second = (community(number) for number in "172")
    assert found == dict.fromkeys("AB", new) | dict.fromkeys("CD", first) | dict.fromkeys("EFG", second)
    assert areas(city, now)["990101007"]["parent"] == "990101"
    assert [one for one in on_duty(city) if one.startswith("K")] == ["K1 990101001", "K1 990101007", "K2 990101002"]


def test_what_is_published_for_later_waits_and_can_be_taken_back_whole(planner):
    city = planner.connection
    before = everything(city)
    planner.do("merge-communities", communities=["990101001", "990101002"], survivor="990101001")
    planner.do("merge", grids=["A", "B"], survivor="B")
    published = publish(city, planner.draft_id, actor="样例-甲", effective=FUTURE)
    now = database_now(city)
    assert sorted(areas(city, now)) == ["990101", "990101001", "990101002"]
    assert sorted(areas(city, LONG_AFTER)) == ["990101", "990101001"]
    assert on_duty(city, now) == ["K1 990101001", "K2 990101002", "W1 A", "W2 B", "W3 E"]
    other = Planner(city, "样例-乙")
    other.do("change", grid="C", name="新名")
    with pytest.raises(PendingReleaseError):
        publish(city, other.draft_id, actor="样例-乙", effective=LONG_AFTER)
    assert withdraw(city, None, published.number, actor="样例-甲") == [planner.draft_id]
    after = everything(city)
    for table, rows in before.items():
        kept = [row for row in after[table] if row[0] in {old[0] for old in rows}]
        assert kept == rows, table
    assert sorted(areas(city, LONG_AFTER)) == ["990101", "990101001", "990101002"]
    assert sorted(in_force(city, LONG_AFTER)) == list("ABCDEFG")
    with pytest.raises(ConflictError, match="withdrawn already"):
        withdraw(city, None, published.number, actor="样例-甲")
    assert draft_of(city, planner.draft_id).state == "open"
    # What never was in force is no history: its codes can still be used.
    planner.do("split", grid="B", line=line((1, 1), (1, 5)), codes=["N"])
    publish(city, planner.draft_id, actor="样例-甲", effective=FUTURE)
    withdraw(city, None, 3, actor="样例-甲")
    planner.do("change", grid="N", code="M")
    planner.do("change", grid="M", code="N")
    assert publish(city, planner.draft_id, actor="样例-甲").number == 4


def test_a_draft_of_a_withdrawn_release_is_told_to_go_to_another(planner):
    city = planner.connection
    planner.do("merge", grids=["A", "B"], survivor="B")
    publish(city, planner.draft_id, actor="样例-甲", effective=FUTURE)
    other = Planner(city, "样例-乙")
    other.do("change", grid="C", name="新名")
    withdraw(city, None, 2, actor="样例-甲")
    for act in (
        lambda: other.do("change", grid="C", name="别名"),
        lambda: undo(city, other.draft_id, actor="样例-乙"),
        lambda: create_draft(city, None, name="样例", actor="样例-乙", release=2),
    ):
        with pytest.raises(ConflictError, match="withdrawn"):
            act()
    with pytest.raises(StaleBaseError, match="withdrawn"):
        publish(city, other.draft_id, actor="样例-乙")
    assert conflicts(city, other.draft_id) == []
    assert rebase(city, other.draft_id, actor="样例-乙").draft.base == 1
    assert draft_state(city, other.draft_id).by_code("C").name == "新名"
    assert "A" in draft_state(city, other.draft_id).codes


def test_nothing_to_publish_is_refused_also_after_undoing_everything(planner):
    city = planner.connection
    before = everything(city)
    planner.do("merge", grids=["A", "B"], survivor="B")
    undo(city, planner.draft_id, actor="样例-甲")
    with pytest.raises(ConflictError, match="changes nothing") as refused:
        publish(city, planner.draft_id, actor="样例-甲")
    assert refused.value.facts["reason"] == "empty-draft"
    planner.do("change", grid="A", name="名")
    with pytest.raises(ConflictError, match="2026-01-01 is past"):
        publish(city, planner.draft_id, actor="样例-甲", effective=parse_time("2026-01-01"))
    assert everything(city) == before


def test_a_stale_base_is_refused_with_what_both_changed_and_where(planner):
    city = planner.connection
    other = Planner(city, "样例-乙")
    planner.do("merge", grids=["A", "B"], survivor="A")
    planner.do("change", grid="G", name="甲改")
    planner.do("move-grids", grids=["C"], community="990101002")
    other.do("split", grid="B", line=line((3, 1.5), (3, 4.5)))
    other.do("change", grid="C", name="乙改")
    other.do("change", grid="F", name="乙改")
    publish(city, other.draft_id, actor="样例-乙")
    before = everything(city)
    with pytest.raises(StaleBaseError) as refused:
        publish(city, planner.draft_id, actor="样例-甲")
    told = refused.value.facts["conflicts"]
    assert [(one["what"], one["code"]) for one in told] == [("grid", "B"), ("grid", "C")]
    assert told[0]["draft"] == ("ended",)
    assert told[0]["release"] == ("counts", "ground")
    shape = shapely.from_wkb(in_force(city)["C"]["wkb"])
    assert shape.covers(shapely.Point(told[1]["lon"], told[1]["lat"]))
    assert everything(city) == before


def test_a_draft_is_taken_to_the_newest_release_with_what_still_applies(planner):
    city = planner.connection
    other = Planner(city, "样例-乙")
    new = next(
        each.after.code
        for each in planner.do("split", grid="A", line=line((1, 1.5), (1, 4.5))).changed.grids
        if each.before is None
    )
    planner.do("change", grid=new, name="随之改名")
    swapped = {new: ground((0, 2), (1, 2), (1, 4), (0, 4)), "A": ground((1, 2), (2, 2), (2, 4), (1, 4))}
    assert new == "A-1"
    planner.do("replace", grids=swapped)
    planner.do("merge", grids=["B", "D"], survivor="D")
    planner.do("change", grid="G", name="撤销的")
    undo(city, planner.draft_id, actor="样例-甲")
    other.do("merge", grids=["B", "E"], survivor="E")
    other.do("change", grid="C", code=new)
    publish(city, other.draft_id, actor="样例-乙")
    version = draft_of(city, planner.draft_id).version
    with pytest.raises(ConflictError) as refused:
        rebase(city, planner.draft_id, actor="样例-甲")
    assert [one["kind"] for one in refused.value.facts["operations"]] == ["merge"]
    assert draft_of(city, planner.draft_id).base == 1
    rebased = rebase(city, planner.draft_id, actor="样例-丙", leave_out=True, memory=planner.memory)
    assert (rebased.done, [one.kind for one in rebased.left_out]) == (3, ["merge"])
    assert (rebased.draft.base, rebased.draft.stale, rebased.draft.version) == (2, False, version + 3)
    state = draft_state(city, planner.draft_id)
    made = [grid for grid in state.grids.values() if grid.grid_id is None]
    assert [(grid.name, grid.code != new) for grid in made] == [("随之改名", True)]
    assert pictured(state).splitlines()[0].split()[:2] == [made[0].code, "A"]
    assert state.by_code(new).name == "C网格"
    assert "B" not in state.codes
    undo(city, planner.draft_id, actor="样例-甲", memory=planner.memory)
    assert publish(city, planner.draft_id, actor="样例-甲").number == 3
    with pytest.raises(ConflictError):
        rebase(city, planner.draft_id, actor="样例-甲")


def test_an_area_that_was_changed_since_is_not_overwritten(planner):
    city = planner.connection
    planner.do("move-grids", grids=["B"], community="990101002")
    now = database_now(city)
    row = areas(city, now)["990101002"]
    write_areas(city, [{**row, "name": "改名社区"}], [row["version_id"]], now)
    with pytest.raises(StaleBaseError) as refused:
        publish(city, planner.draft_id, actor="样例-甲")
    assert refused.value.facts["areas"] == ["990101002"]
    told = [(one["code"], one["draft"], one["release"]) for one in refused.value.facts["conflicts"]]
    assert told == [("990101002", ("ground",), ("name",))]
    rebase(city, planner.draft_id, actor="样例-甲")
    publish(city, planner.draft_id, actor="样例-甲")
    assert areas(city, database_now(city))["990101002"]["name"] == "改名社区"


def test_going_back_is_a_new_release_with_the_old_identities_areas_and_duties(planner):
    city = planner.connection
    for target in ("A", "E", "990101002"):
        _text(city, f"T{target}", target)
    before, old_areas, duties = in_force(city), areas(city, database_now(city)), on_duty(city)
    texts = on_boards(city)
    planner.do("merge-communities", communities=["990101001", "990101002"], survivor="990101001")
    planner.do("merge", grids=["A", "B"], survivor="B")
    planner.do("split", grid="C", line=line((1, -1), (1, 3)))
    planner.do("hand-over", to="G", ground=ground((4.4, 0), (5, 0), (5, 2), (4.4, 2)))
    publish(city, planner.draft_id, actor="样例-甲")
    assert in_force(city)["F"]["households"] < 11
    back = restore(city, None, 1, actor="样例-乙")
    assert (back.name, [one.kind for one in operations(city, back.draft_id)]) == ("恢复到第 1 版", ["restore"])
    told = city.execute("SELECT actor, facts FROM audit WHERE action = 'release.restore'").fetchall()
    assert told == [("样例-乙", {"layer": "general", "release": 1})]
    published = publish(city, back.draft_id, actor="样例-乙")
    assert published.number == 3
    after, now = in_force(city), database_now(city)
    assert after.keys() == before.keys()
    for code, row in before.items():
        names = ("grid_id", "name", "kind", "households", "wkb", "community_id")
        assert [after[code][name] for name in names] == [row[name] for name in names]
    found = areas(city, now)
    assert {code: (row["entity_id"], row["wkb"]) for code, row in found.items()} == {
        code: (row["entity_id"], row["wkb"]) for code, row in old_areas.items()
    }
    assert (on_duty(city), on_boards(city)) == (duties, texts)
    assert diff(city, None, 1, 3).grids == ()
    with pytest.raises(ConflictError, match="nothing to go back to"):
        restore(city, None, 3, actor="样例-乙")
    with pytest.raises(NotKnownError):
        restore(city, None, 9, actor="样例-乙")


def test_a_difference_of_releases_names_what_and_where(planner):
    city = planner.connection
    planner.do("merge", grids=["E", "F"], survivor="E")
    planner.do("change", grid="C", name="新名")
    planner.do("move-grids", grids=["B"], community="990101002")
    publish(city, planner.draft_id, actor="样例-甲")
    found = diff(city, "general", 1, 2)
    assert {(each.grid.after or each.grid.before).code: each.what for each in found.grids} == {
        "B": ("community",),
        "C": ("name",),
        "E": ("counts", "ground"),
        "F": ("ended",),
    }
    assert [(one.predecessor, one.successor, one.ground_share) for one in found.successions] == [
        ("E", "E", 1.0),
        ("F", "E", 1.0),
    ]
    assert {each.area.code: each.what for each in found.areas} == {
        "990101001": ("ground",),
        "990101002": ("ground",),
    }
    backwards = diff(city, "general", 2, 1)
    assert [each.what for each in backwards.grids if each.grid.before is None] == [("made",)]


def test_a_publish_is_one_change_that_is_noted_and_audited(planner):
    city = planner.connection
    planner.do("merge", grids=["A", "B"], survivor="B")
    publish(city, planner.draft_id, actor="样例-甲", note="街道会议通过")
    entry = list_changes(city, limit=1)[0]
    assert (entry.actor, entry.action, entry.facts["draft"]) == ("样例-甲", "draft.publish", planner.draft_id)
    row = city.execute("SELECT actor, facts FROM audit WHERE action = 'draft.publish'").fetchone()
    assert (row[0], row[1]["release"], row[1]["ended"]) == ("样例-甲", 2, 1)
    assert city.execute("SELECT note FROM releases WHERE number = 2").fetchone() == ("街道会议通过",)
    with pytest.raises(ConflictError, match="was published as release 2"):
        publish(city, planner.draft_id, actor="样例-甲")
    for text in ("UPDATE audit SET actor = 'x'", "DELETE FROM draft_operations", "DELETE FROM successions"):
        with pytest.raises(Exception, match=r"changed|deleted"), city.transaction():
            city.execute(text)


def test_a_draft_in_force_is_not_undone_behind_its_history(planner):
    city = planner.connection
    planner.do("merge", grids=["A", "B"], survivor="B")
    publish(city, planner.draft_id, actor="样例-甲")
    before = everything(city)
    with pytest.raises(ConflictError, match="go back by a draft"):
        undo_change(city, list_changes(city, limit=1)[0].change_id, "样例-甲")
    assert everything(city) == before


def scene_for(planner, *homes, **more):
    base = draft_state(planner.connection, planner.draft_id, planner.memory).first
    return Scene(Living.of(base, homes_at(*((*corner(x, y), people, 3 * people) for x, y, people in homes))), **more)


def test_where_it_is_known_who_lives_where_steps_are_judged_and_counts_follow_people(planner):
    city = planner.connection
    scene = scene_for(planner, (0.5, 3, 80), (1.5, 3, 20))
    operation = {"id": "1", "kind": "split", "grid": "A", "line": line((0.9, 1.5), (0.9, 4.5))}
    done = apply(city, planner.draft_id, operation, actor="样例-甲", memory=planner.memory, scene=scene)
    kept = done.after.by_code("A")
    assert (kept.key, pictured(done.after).splitlines()[0]) == (done.before.by_code("A").key, "A A-1 B B E E")
    assert done.impact is not None
    assert {finding.kind for finding in done.findings} >= {"size-band"}
    published = publish(city, planner.draft_id, actor="样例-甲", memory=planner.memory, scene=scene)
    after = in_force(city)
    assert (after["A"]["households"], after["A-1"]["households"]) == (81, 20)
    shares = city.execute(
        "SELECT round(household_share::numeric, 2)::text FROM successions WHERE release_id = (SELECT max(release_id) "
        "FROM releases) ORDER BY 1 DESC"
    ).fetchall()
    assert (published.made, shares[-2:]) == (1, [("0.80",), ("0.20",)])
    # What was known then is told later on, when people may have moved; backwards it is worked out.
    told = [
        (one.successor, one.household_share) for one in diff(city, None, 1, 2).successions if one.predecessor == "A"
    ]
    assert told == [("A", 0.8), ("A-1", 0.2)]
    back = [one for one in diff(city, None, 2, 1).successions if one.predecessor == "A-1"]
    assert [(one.successor, one.household_share, one.ground_share) for one in back] == [("A", None, 1.0)]


def test_errors_that_stand_against_a_draft_forbid_it(planner):
    city = planner.connection
    scene = scene_for(planner, once_known={"X": frozenset([999])})
    planner.do("change", grid="A", code="X")
    with pytest.raises(ConflictError, match="1 errors stand against it") as refused:
        publish(city, planner.draft_id, actor="样例-甲", memory=planner.memory, scene=scene)
    assert refused.value.facts["reason"] == "open-errors"
    assert [(one["kind"], one["code"]) for one in refused.value.facts["findings"]] == [("code-taken", "X")]
    assert sorted(in_force(city)) == list("ABCDEFG")
