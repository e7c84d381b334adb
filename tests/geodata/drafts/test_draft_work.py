"""Work on drafts: operations done once, taken back by who did them, refused where others would lose something."""

import pytest

from geodata.drafts.delta import as_json, from_json
from geodata.drafts.memory import DraftMemory
from geodata.drafts.store import one_draft, written_after
from geodata.errors import ConflictError, EditRefusedError, InputError, NotKnownError, StaleDraftError
from geodata.redraw import (
    apply,
    changes_since,
    create_draft,
    discard,
    draft_state,
    drafts,
    history,
    operations,
    redo,
    rename_draft,
    undo,
)
from tests.redrawing import Planner, ground, line, pictured, publish_city


@pytest.fixture
def city(connection):
    publish_city(connection)
    return connection


@pytest.fixture
def planner(city):
    return Planner(city)


def same(left, right):
    return (
        left.grids == right.grids
        and left.areas == right.areas
        and all(left.shape(key) == right.shape(key) for key in left.grids)
    )


def test_a_draft_begins_as_the_last_release(planner):
    state = draft_state(planner.connection, planner.draft_id)
    assert pictured(state) == "A A B B E E\nA A B B E E\nC C D D F G\nC C D D F G"
    assert state.version == 0
    assert state.changed_since_base() == []
    assert (state.by_code("A").community, state.areas["990101001"].parent) == ("990101001", "990101")


def test_a_draft_cannot_begin_from_what_is_not_there(connection):
    with pytest.raises(ConflictError, match="no grids yet"):
        create_draft(connection, None, name="样例", actor="样例-甲")
    publish_city(connection)
    with pytest.raises(NotKnownError):
        create_draft(connection, None, name="样例", actor="样例-甲", release=7)
    with pytest.raises(InputError):
        create_draft(connection, None, name="  ", actor="样例-甲")
    with pytest.raises(NotKnownError):
        draft_state(connection, 2**70)
    for name, word in (("样例", "a\x00b"), ("样" * 501, "")):
        with pytest.raises(InputError):
            create_draft(connection, None, name=name, note=word, actor="样例-甲")
    assert create_draft(connection, None, name="样例", note="第一行\n第二行", actor="样例-甲").note == "第一行\n第二行"


def test_what_was_done_is_there_for_a_process_that_knows_nothing(planner):
    done = planner.do("change", grid="A", name="新名")
    assert done.version == 1
    assert [each.after.name for each in done.changed.grids] == ["新名"]
    planner.do("merge", grids=["C", "D"], survivor="D")
    fresh = draft_state(planner.connection, planner.draft_id, DraftMemory())
    assert same(fresh, draft_state(planner.connection, planner.draft_id, planner.memory))
    assert pictured(fresh) == "A A B B E E\nA A B B E E\nD D D D F G\nD D D D F G"
    assert fresh.by_code("A").name == "新名"
    assert sorted(fresh.first.grids[key].code for key in fresh.changed_since_base()) == ["A", "C", "D"]


def test_an_operation_sent_twice_is_done_once_and_answered_alike(planner):
    first = planner.do("change", grid="A", name="新名")
    planner.done -= 1
    again = planner.do("change", grid="A", name="新名")
    assert (again.version, again.repeated) == (1, True)
    assert again.changed == first.changed
    planner.done -= 1
    with pytest.raises(ConflictError, match="another operation"):
        planner.do("change", grid="A", name="别名")
    assert one_draft(planner.connection, planner.draft_id).version == 1


def test_an_operation_for_another_version_is_refused_with_what_changed(planner):
    planner.do("change", grid="A", name="新名")
    with pytest.raises(StaleDraftError) as refused:
        undo(planner.connection, planner.draft_id, actor=planner.name, if_version=0)
    assert refused.value.facts["version"] == 1
    assert refused.value.facts["changed"] == ["A"]
    assert same(draft_state(planner.connection, planner.draft_id), draft_state(planner.connection, planner.draft_id))


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ({"kind": "merge", "grids": ["A", "G"], "survivor": "A"}, EditRefusedError),
        ({"kind": "split", "grid": "A", "line": [[117.0, 37.0], [117.1, 37.0]]}, EditRefusedError),
        ({"kind": "change", "grid": "Z", "name": "名"}, NotKnownError),
        ({"kind": "change", "grid": "A", "code": "B"}, ConflictError),
        ({"kind": "change", "grid": "A", "name": "A网格"}, EditRefusedError),
        ({"kind": "move-grids", "grids": ["A"], "community": "990101"}, EditRefusedError),
        ({"kind": "move-grids", "grids": ["E", "F", "G"], "community": "990101001"}, EditRefusedError),
        ({"kind": "move-grids", "grids": ["A"], "community": "990101001"}, EditRefusedError),
        ({"kind": "create-community", "grids": ["A"], "code": "990101002", "name": "样例"}, ConflictError),
    ],
)
def test_a_refused_operation_changes_nothing(planner, operation, error):
    before = draft_state(planner.connection, planner.draft_id)
    with pytest.raises(error) as refused:
        planner.do(**operation)
    assert refused.value.detail_zh != refused.value.detail
    assert not {key for key in refused.value.facts.get("grids", ()) if key in before.grids}
    assert one_draft(planner.connection, planner.draft_id).version == 0
    assert same(draft_state(planner.connection, planner.draft_id), before)


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("text", ""),
        ({"id": "1"}, "kind"),
        ({"id": "", "kind": "merge"}, "id"),
        ({"id": "x" * 65, "kind": "merge"}, "id"),
        ({"id": "1", "kind": "merge", "grids": ["A"]}, "survivor"),
        ({"id": "1", "kind": "merge", "grids": [], "survivor": "A"}, "grids"),
        ({"id": "1", "kind": "merge", "grids": ["A", 3], "survivor": "A"}, "grids"),
        ({"id": "1", "kind": "change", "grid": "A"}, "code"),
        ({"id": "1", "kind": "change", "grid": "A", "grid_kind": "river"}, "grid_kind"),
        ({"id": "1", "kind": "change", "grid": "A", "name": "a\x00b"}, "name"),
        ({"id": "1", "kind": "move-node", "at": [117, 36], "to": [36, 117]}, "to"),
        ({"id": "1", "kind": "move-node", "at": [117, 10**400], "to": [117, 36]}, "at"),
        ({"id": "1", "kind": "restore", "release": 1}, "kind"),
        ({"id": "1", "kind": "move-node", "at": [117, float("nan")], "to": [117, 36]}, "at"),
        ({"id": "1", "kind": "move-node", "at": [True, 36], "to": [117, 36]}, "at"),
        ({"id": "1", "kind": "split", "grid": "A", "line": [[117, 36]]}, "line"),
        ({"id": "1", "kind": "split", "grid": "A", "line": [[117, 36], [118, 36]], "strange": 1}, "strange"),
        ({"id": "1", "kind": "hand-over", "to": "A"}, "ground"),
        ({"id": "1", "kind": "hand-over", "to": "A", "building": "B1", "block": [117, 36]}, "block"),
        ({"id": "1", "kind": "hand-over", "to": "A", "ground": {"type": "Point", "coordinates": [1, 2]}}, "ground"),
        ({"id": "1", "kind": "new-grid", "ground": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}}, "ground"),
    ],
)
def test_an_operation_that_cannot_be_read_says_which_field(planner, operation, field):
    with pytest.raises(InputError) as refused:
        apply(planner.connection, planner.draft_id, operation, actor="样例-甲", memory=planner.memory)
    assert refused.value.facts["field"] == field


def test_undo_and_redo_go_back_and_forth_without_limit(planner):
    states = [draft_state(planner.connection, planner.draft_id)]
    planner.do("split", grid="A", line=line((1, 1.5), (1, 4.5)))
    planner.do("merge", grids=["E", "F"], survivor="E")
    planner.do("move-grids", grids=["B"], community="990101002")
    states += [draft_state(planner.connection, planner.draft_id, version=version) for version in (1, 2, 3)]
    for _ in range(2):
        for expected in reversed(states[:3]):
            undo(planner.connection, planner.draft_id, actor=planner.name, memory=planner.memory)
            assert same(draft_state(planner.connection, planner.draft_id), expected)
        with pytest.raises(ConflictError, match="nothing here that could be taken back"):
            undo(planner.connection, planner.draft_id, actor=planner.name)
        for expected in states[1:]:
            redo(planner.connection, planner.draft_id, actor=planner.name, memory=planner.memory)
            assert same(draft_state(planner.connection, planner.draft_id, planner.memory), expected)
        with pytest.raises(ConflictError, match="taken nothing back"):
            redo(planner.connection, planner.draft_id, actor=planner.name)
    assert one_draft(planner.connection, planner.draft_id).version == 15


def test_the_list_of_operations_tells_what_was_taken_back(planner):
    planner.do("change", grid="A", name="一")
    planner.do("change", grid="A", name="二")
    for turn in (undo, redo, undo):
        turn(planner.connection, planner.draft_id, actor=planner.name)
    found = operations(planner.connection, planner.draft_id)
    assert [(one.seq, one.kind, one.undoes, one.undone_by) for one in found] == [
        (1, "change", None, None),
        (2, "change", None, 5),
        (3, "undo", 2, None),
        (4, "redo", 3, None),
        (5, "undo", 4, None),
    ]
    assert found[1].answer["grids"] == ["A"]
    assert found[2].answer["words_zh"] == "撤销：网格 A：名称改为“二”"
    assert found[2].answer["words"] == "Undo: Grid A: name 二"
    assert [one.seq for one in operations(planner.connection, planner.draft_id, 3, 1)] == [4]
    assert changes_since(planner.connection, planner.draft_id, 1).grids == ()
    since = changes_since(planner.connection, planner.draft_id, 2)
    assert [(each.before.name, each.after.name) for each in since.grids] == [("二", "一")]


def test_a_new_operation_ends_what_could_be_done_again(planner):
    planner.do("change", grid="A", name="一")
    undo(planner.connection, planner.draft_id, actor=planner.name)
    planner.do("change", grid="A", name="二")
    assert history(planner.connection, planner.draft_id, actor=planner.name).undone == ()
    with pytest.raises(ConflictError):
        redo(planner.connection, planner.draft_id, actor=planner.name)


def test_an_undo_sent_twice_takes_back_one_operation(planner):
    planner.do("change", grid="A", name="一")
    planner.do("change", grid="A", name="二")
    for repeated in (False, True):
        done = undo(planner.connection, planner.draft_id, actor=planner.name, client_id="undo-1")
        assert (done.version, done.repeated) == (3, repeated)
    assert draft_state(planner.connection, planner.draft_id).by_code("A").name == "一"


def test_each_of_two_planners_takes_back_what_is_their_own(planner):
    other = planner.another("样例-乙")
    planner.do("change", grid="A", name="甲改")
    other.do("change", grid="B", name="乙改")
    undo(planner.connection, planner.draft_id, actor=planner.name, memory=planner.memory)
    state = draft_state(planner.connection, planner.draft_id, other.memory)
    assert (state.by_code("A").name, state.by_code("B").name) == ("A网格", "乙改")
    other.do("move-grids", grids=["A"], community="990101002")
    redo(planner.connection, planner.draft_id, actor=planner.name, memory=planner.memory)
    state = draft_state(planner.connection, planner.draft_id)
    assert (state.by_code("A").name, state.by_code("A").community) == ("甲改", "990101002")


def test_what_another_planner_changed_since_is_not_taken_back(planner):
    other = planner.another("样例-乙")
    planner.do("merge", grids=["A", "B"], survivor="A")
    other.do("change", grid="C", name="不相干")
    other.do("split", grid="A", line=line((2, 1.5), (2, 4.5)))
    before = draft_state(planner.connection, planner.draft_id)
    with pytest.raises(ConflictError, match="changed the same") as refused:
        undo(planner.connection, planner.draft_id, actor=planner.name, memory=planner.memory)
    assert refused.value.facts["grids"] == ["A"]
    assert same(draft_state(planner.connection, planner.draft_id), before)


def test_what_another_planner_stands_on_is_not_taken_back(planner):
    other = planner.another("样例-乙")
    planner.do("create-community", grids=["A", "B"], code="990101009", name="样例新社区")
    other.do("move-grids", grids=["E"], community="990101009")
    with pytest.raises(ConflictError, match="changed the same") as refused:
        undo(planner.connection, planner.draft_id, actor=planner.name)
    assert "990101009" in refused.value.facts["areas"]


def test_communities_do_not_part_again_where_ground_between_them_moved_since(planner):
    other = planner.another("样例-乙")
    planner.do("merge-communities", communities=["990101001", "990101002"], survivor="990101001")
    other.do("hand-over", to="F", ground=ground((3.5, 0), (4, 0), (4, 1), (3.5, 1)))
    with pytest.raises(ConflictError, match="changed the same"):
        undo(planner.connection, planner.draft_id, actor=planner.name)
    undo(planner.connection, planner.draft_id, actor=other.name)
    undo(planner.connection, planner.draft_id, actor=planner.name)
    assert draft_state(planner.connection, planner.draft_id).changed_since_base() == []


def test_ground_does_not_go_back_to_a_grid_that_is_in_another_community_since(planner):
    other = planner.another("样例-乙")
    planner.do("hand-over", to="D", ground=ground((1.5, 0), (2, 0), (2, 1), (1.5, 1)))
    other.do("move-grids", grids=["D"], community="990101002")
    with pytest.raises(ConflictError, match="changed the same") as refused:
        undo(planner.connection, planner.draft_id, actor=planner.name)
    assert refused.value.facts["grids"] == ["D"]


def test_a_line_that_leaves_all_grids_on_one_side_divides_no_community(planner):
    corner_cut = line((0, 0), (0, 1), (1, 0))
    with pytest.raises(EditRefusedError, match="grid by grid"):
        planner.do("split-community", community="990101001", line=corner_cut, code="990101009", name="样例")


def test_a_rolled_back_operation_is_not_remembered(planner):
    with planner.connection.transaction(force_rollback=True):
        planner.do("change", grid="A", name="丢失")
    planner.do("change", grid="B", name="留下")
    state = draft_state(planner.connection, planner.draft_id, planner.memory)
    assert (state.by_code("A").name, state.by_code("B").name) == ("A网格", "留下")


def test_the_same_operations_give_the_same_bytes(planner):
    twin = Planner(planner.connection)
    for each in (planner, twin):
        each.do("split", grid="A", line=line((1, 1.5), (1, 4.5)))
        each.do("merge", grids=["E", "F"], survivor="E")
        each.do("move-grids", grids=["B"], community="990101002")
        each.do("renumber", community="990101001", profile="community+3")
    first, second = (
        [as_json(written.delta) for written in written_after(one.connection, one_draft(one.connection, one.draft_id))]
        for one in (planner, twin)
    )
    assert first == second
    assert [as_json(from_json(delta)) for delta in first] == first


def test_a_closed_draft_takes_no_more_operations(planner):
    assert rename_draft(planner.connection, planner.draft_id, actor="样例-甲", name="改名").name == "改名"
    assert discard(planner.connection, planner.draft_id, actor="样例-甲").state == "discarded"
    for act in (
        lambda: planner.do("change", grid="A", name="名"),
        lambda: undo(planner.connection, planner.draft_id, actor="样例-甲"),
        lambda: rename_draft(planner.connection, planner.draft_id, actor="样例-甲", name="名"),
        lambda: discard(planner.connection, planner.draft_id, actor="样例-甲"),
    ):
        with pytest.raises(ConflictError, match="discarded"):
            act()
    assert [draft.state for draft in drafts(planner.connection, "general")] == ["discarded"]


def test_the_audit_log_tells_who_did_what_to_a_draft(planner):
    planner.do("change", grid="A", name="名")
    undo(planner.connection, planner.draft_id, actor="样例-甲")
    discard(planner.connection, planner.draft_id, actor="样例-乙")
    rows = planner.connection.execute("SELECT actor, action, facts->>'kind' FROM audit ORDER BY audit_id").fetchall()
    assert rows == [
        ("样例-甲", "draft.create", None),
        ("样例-甲", "draft.operation", "change"),
        ("样例-甲", "draft.operation", "undo"),
        ("样例-乙", "draft.discard", None),
    ]
