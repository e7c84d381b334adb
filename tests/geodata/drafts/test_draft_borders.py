"""Ground that goes to other grids in a draft: who keeps the identity, what new grids are called, which areas follow."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from geodata.drafts.applying import step_of
from geodata.drafts.operations import read_operation
from geodata.drafts.state import DraftArea, DraftGrid, DraftState
from geodata.drafts.step import Around
from geodata.errors import ConflictError, EditRefusedError, InputError, NotKnownError
from geodata.redraw import draft_state
from tests.redrawing import Planner, ground, line, pictured, publish_city
from tests.support import corner, draw


def state_of(picture, *, codes=None, communities=None, names=None):
    drawn = draw(picture)
    letters = list(drawn["code"])
    codes, communities, names = codes or {}, communities or {}, names or {}
    grids = [
        DraftGrid(
            f"g{at}",
            at,
            codes.get(letter, letter),
            names.get(letter, f"{letter}网格"),
            "urban",
            communities.get(letter, "C1"),
            (f"g{at}",),
        )
        for at, letter in enumerate(letters)
    ]
    shapes = {grid.key: shape for grid, shape in zip(grids, drawn.geometry, strict=True)}
    areas = []
    for code in sorted({grid.community for grid in grids}):
        ground = shapely.union_all([shapes[grid.key] for grid in grids if grid.community == code])
        areas.append(DraftArea(len(areas), code, f"{code}社区", "community", None, ground, (code,)))
    return DraftState.of_base("general", 1, grids, areas, shapes)


def done(state, kind, *, around=None, **fields):
    around = around or Around(frozenset(state.codes), frozenset(state.areas))
    return step_of(state, read_operation({"id": "1", "kind": kind, **fields}), around)[1]


def living_at(*places):
    """One household at each place, in units of the lattice."""
    points = [shapely.Point(*corner(*place)) for place in places]
    return lambda shapes: [float(sum(shape.covers(point) for point in points)) for shape in shapes]


def made(state):
    return {grid.code: grid.name for grid in state.grids.values() if grid.grid_id is None}


def test_the_part_with_most_households_stays_the_grid():
    state = state_of("AAAB")
    around = Around(frozenset("AB"), frozenset(), living_at((0.5, 0.5), (2.5, 0.4), (2.6, 0.6)))
    after = done(state, "split", grid="A", line=line((2, -1), (2, 2)), around=around)
    assert pictured(after, 4, 1) == "A-1 A-1 A B"
    assert after.by_code("A").key == "g0"
    assert (after.by_code("A-1").key, after.by_code("A-1").origins) == ("n1.1", ("g0",))


def test_without_households_the_largest_part_stays_and_of_equals_the_western():
    assert pictured(done(state_of("AAAB"), "split", grid="A", line=line((1, -1), (1, 2))), 4, 1) == "A-1 A A B"
    assert pictured(done(state_of("AAB"), "split", grid="A", line=line((1, -1), (1, 2))), 3, 1) == "A A-1 B"


def test_new_grids_are_numbered_from_west_to_east_in_rows_from_north_to_south():
    codes = {"A": "C1001", "B": "C1002"}
    state = state_of("AAAB\nAAAB\nAAAB", codes=codes, names={"A": "第1网格"})
    after = done(state, "split", grid="C1001", line=line((2, -1), (2, 1.5), (-1, 1.5)))
    assert sorted(made(after)) == ["C1003"]
    zigzag = line((1, -1), (1, 3.5), (2, 3.5), (2, -1))
    after = done(state, "split", grid="C1001", line=zigzag)
    assert pictured(after, 4, 1) == "C1001 C1003 C1004 B".replace("B", "C1002")
    assert made(after) == {"C1003": "第3网格", "C1004": "第4网格"}


def test_a_code_that_was_ever_used_is_not_used_again():
    state = state_of("AAB", codes={"A": "C1001", "B": "C1002"})
    around = Around(frozenset(["C1001", "C1002", "C1003", "C1007"]), frozenset())
    after = done(state, "split", grid="C1001", line=line((1, -1), (1, 2)), around=around)
    assert sorted(made(after)) == ["C1008"]
    with pytest.raises(ConflictError, match="not used again"):
        done(state, "split", grid="C1001", line=line((1, -1), (1, 2)), codes=["C1007"], around=around)
    with pytest.raises(ConflictError, match="not used again"):
        done(state, "change", grid="C1001", code="C1003", around=around)
    renamed = done(state, "change", grid="C1001", code="X", around=around)
    assert done(renamed, "change", grid="X", code="C1001", around=around).by_code("C1001").key == "g0"


def test_when_the_digits_are_used_up_free_numbers_are_taken_and_then_it_is_said():
    used = frozenset(f"C1{number:02d}" for number in range(1, 100) if number != 42)
    state = state_of("AAB", codes={"A": "C101", "B": "C102"})
    after = done(state, "split", grid="C101", line=line((1, -1), (1, 2)), around=Around(used, frozenset()))
    assert sorted(made(after)) == ["C142"]
    full = Around(used | {"C142"}, frozenset())
    with pytest.raises(ConflictError, match="give codes yourself"):
        done(state, "split", grid="C101", line=line((1, -1), (1, 2)), around=full)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ({"A": "C101", "B": "C102"}, "C103"),
        ({"A": "C1001", "B": "C1002"}, "C1003"),
        ({"A": "A6301-0001-00", "B": "A6301-0002-00"}, "A6301-0001-01"),
        ({"A": "东区", "B": "西区"}, "东区-1"),
        ({"A": "东区-1", "B": "西区"}, "东区-2"),
    ],
)
def test_codes_go_on_as_those_of_the_community_do(codes, expected):
    state = state_of("AAB", codes=codes)
    after = done(state, "split", grid=codes["A"], line=line((1, -1), (1, 2)))
    assert sorted(made(after)) == [expected]


def test_a_community_is_numbered_anew_by_rows_with_codes_that_never_were():
    state = state_of("AB\nCD", codes={"A": "C1004", "B": "C1003", "C": "C1002", "D": "C1001"}, names={"A": "C1004格"})
    after = done(state, "renumber", community="C1")
    assert pictured(after, 2, 2) == "C1005 C1006\nC1007 C1008"
    assert after.by_code("C1005").name == "C1005格"
    published = Around(frozenset(state.codes), frozenset(state.areas))
    with pytest.raises(EditRefusedError, match="changes nothing"):
        done(after, "renumber", community="C1", around=published)
    other = done(state, "renumber", community="C1", profile="community+2")
    assert pictured(other, 2, 2) == "C101 C102\nC103 C104"


def test_codes_and_names_are_given_to_new_grids_in_reading_order():
    state = state_of("AAAB")
    cut = line((1, -1), (1, 2), (2, 2), (2, -1))
    after = done(state, "split", grid="A", line=cut, codes=["X", "Y"], names=["甲", "乙"])
    assert (pictured(after, 4, 1), made(after)) == ("A X Y B", {"X": "甲", "Y": "乙"})
    assert sorted(made(done(state, "split", grid="A", line=cut, codes=["X"]))) == ["A-1", "X"]
    with pytest.raises(EditRefusedError, match="3 codes"):
        done(state, "split", grid="A", line=cut, codes=["X", "Y", "Z"])
    with pytest.raises(ConflictError):
        done(state, "split", grid="A", line=cut, codes=["X", "X"])


def test_a_refusal_names_grids_by_their_codes():
    with pytest.raises(EditRefusedError) as refused:
        done(state_of("AABBC"), "merge", grids=["A", "C"], survivor="A")
    assert refused.value.facts["grids"] == ["C"]
    assert refused.value.reason == "not-touching"


def test_a_border_between_communities_moves_their_ground():
    state = state_of("AABB", communities={"A": "C1", "B": "C2"})
    after = done(state, "reshape", between=["A", "B"], line=line((2, 0), (1.5, 0.5), (2, 1)))
    lost = shapely.Polygon([corner(2, 0), corner(1.5, 0.5), corner(2, 1)])
    assert after.areas["C2"].shape.covers(lost)
    for code, letter in (("C1", "A"), ("C2", "B")):
        assert after.areas[code].shape.equals(after.shape(after.by_code(letter).key))
    assert after.areas_since_base() == ["C1", "C2"]
    inside = done(state_of("AABB"), "reshape", between=["A", "B"], line=line((2, 0), (1.5, 0.5), (2, 1)))
    assert inside.areas_since_base() == []


def test_streets_follow_the_ground_that_leaves_one_for_another():
    state = state_of("AABBCC", communities={"A": "C1", "B": "C2", "C": "C3"})
    shapes = {key: state.shape(key) for key in state.grids}
    whole = shapely.box(*corner(0, 0), *corner(6, 1))
    first = shapely.union_all([shapes["g0"], shapes["g1"]])
    above = [("S1", "D", first), ("S2", "D", shapes["g2"]), ("D", None, whole)]
    areas = [replace(state.areas[code], parent=street) for code, street in (("C1", "S1"), ("C2", "S1"), ("C3", "S2"))]
    areas += [DraftArea(9, code, code, "street", parent, shape, (code,)) for code, parent, shape in above]
    state = DraftState.of_base("general", 1, state.grids.values(), areas, shapes)
    right = ground((3, 0), (4, 0), (4, 1), (3, 1))
    after = done(state, "hand-over", to="C", ground=right)
    assert after.areas_since_base() == ["C2", "C3", "S1", "S2"]
    assert after.areas["S1"].shape.equals(shapely.box(*corner(0, 0), *corner(3, 1)))
    assert after.areas["S2"].shape.equals(shapely.box(*corner(3, 0), *corner(6, 1)))
    left = ground((1, 0), (2, 0), (2, 1), (1, 1))
    assert done(state, "hand-over", to="B", ground=left).areas_since_base() == ["C1", "C2"]


def test_an_area_larger_than_its_grids_loses_and_gains_only_what_moves():
    state = state_of("AABB", communities={"A": "C1", "B": "C2"})
    wide = shapely.union_all([state.areas["C1"].shape, shapely.box(*corner(-2, 0), *corner(0, 1))])
    areas = [DraftArea(0, "C1", "一", "community", None, wide, ("C1",)), state.areas["C2"]]
    shapes = {key: state.shape(key) for key in state.grids}
    state = DraftState.of_base("general", 1, state.grids.values(), areas, shapes)
    after = done(state, "hand-over", to="B", ground=ground((1, 0), (2, 0), (2, 1), (1, 1)))
    assert after.areas["C1"].shape.equals(shapely.box(*corner(-2, 0), *corner(1, 1)))
    assert after.areas["C2"].shape.equals(shapely.box(*corner(1, 0), *corner(4, 1)))


def test_communities_drawn_a_little_apart_from_their_grids_stay_in_one_piece():
    state = state_of("AABBCC", communities={"A": "C1", "B": "C1", "C": "C2"})
    shapes = {key: state.shape(key) for key in state.grids}
    # The border of the communities lies three metres east of that of the grids.
    at = 4 + 3 / 87
    areas = [
        DraftArea(0, "C1", "一", "community", None, shapely.box(*corner(0, -1), *corner(at, 1)), ("C1",)),
        DraftArea(1, "C2", "二", "community", None, shapely.box(*corner(at, -1), *corner(6, 1)), ("C2",)),
    ]
    state = DraftState.of_base("general", 1, state.grids.values(), areas, shapes)
    after = done(state, "move-grids", grids=["B"], community="C2")
    assert after.areas["C2"].shape.geom_type == "Polygon"
    assert after.areas["C2"].shape.covers(state.shape("g1"))
    assert shapely.intersection(after.areas["C1"].shape, after.areas["C2"].shape).area == 0


def test_codes_that_begin_with_that_of_the_community_follow_to_another_one_and_come_back():
    codes = {"A": "C1001", "B": "C1002", "D": "C1003", "C": "C2001"}
    state = state_of("ABC\nDDC", codes=codes, communities={"C": "C2"}, names={"B": "C1002网格"})
    around = Around(frozenset([*codes.values(), "C2002"]), frozenset(["C1", "C2"]))
    moved = done(state, "move-grids", grids=["C1001", "C1002"], community="C2", around=around)
    assert pictured(moved, 3, 2) == "C2003 C2004 C2001\nC1003 C1003 C2001"
    assert [moved.by_code(code).name for code in ("C2003", "C2004")] == ["A网格", "C2004网格"]
    back = done(moved, "move-grids", grids=["C2004"], community="C1", around=around)
    assert back.by_code("C1002").key == "g1"
    kept = done(state, "move-grids", grids=["C1001"], community="C2", around=around, keep_codes=True)
    assert kept.by_code("C1001").community == "C2"
    merged = done(state, "merge-communities", communities=["C1", "C2"], survivor="C1", around=around)
    assert merged.by_code("C1004").key == state.codes["C2001"]
    full = Around(frozenset(f"C2{number:03d}" for number in range(1000)), frozenset())
    assert "C1001" in done(state, "move-grids", grids=["C1001"], community="C2", around=full).codes


def test_a_new_grid_drawn_out_of_others_comes_from_where_most_people_live():
    state = state_of("AABB", communities={"A": "C1", "B": "C2"})
    middle = ground((1, 0), (2.5, 0), (2.5, 1), (1, 1))
    around = Around(frozenset("AB"), frozenset(), living_at((2.2, 0.5)))
    after = done(state, "new-grid", ground=middle, around=around, name="中间")
    new = next(grid for grid in after.grids.values() if grid.grid_id is None)
    assert (new.code, new.name, new.community, new.origins) == ("B-1", "中间", "C2", ("g1", "g0"))
    assert after.areas["C2"].shape.equals(shapely.box(*corner(1, 0), *corner(4, 1)))
    given = done(state, "new-grid", ground=middle, code="N", grid_kind="rural", community="C1")
    assert (given.by_code("N").kind, given.by_code("N").community) == ("rural", "C1")
    with pytest.raises(NotKnownError):
        done(state, "new-grid", ground=middle, community="C9")


def test_a_new_grid_in_the_place_of_whole_ones_ends_them():
    after = done(state_of("ABBC"), "new-grid", grids=["A", "B"], code="N")
    assert pictured(after, 4, 1) == "N N N C"
    assert after.by_code("N").origins == ("g1", "g0")
    with pytest.raises(EditRefusedError, match="the same ground"):
        done(state_of("ABBC"), "new-grid", grids=["A"])


def test_the_last_grid_of_a_community_stays_in_it():
    state = state_of("AABB", communities={"A": "C1", "B": "C2"})
    whole = ground((0, 0), (2, 0), (2, 1), (0, 1))
    for kind, fields in (
        ("merge", {"grids": ["A", "B"], "survivor": "B"}),
        ("hand-over", {"to": "B", "ground": whole}),
        ("new-grid", {"grids": ["A", "B"], "community": "C2"}),
        ("move-grids", {"grids": ["A"], "community": "C2"}),
        ("split-community", {"community": "C1", "grids": ["A"], "code": "C3", "name": "三"}),
    ):
        with pytest.raises(EditRefusedError, match="left without grids") as refused:
            done(state, kind, **fields)
        assert refused.value.facts["grids"] == ["A"], kind


def test_a_grid_that_hands_everything_over_ends():
    state = state_of("ABBC")
    after = done(state, "hand-over", to="B", ground=ground((0, 0), (1, 0), (1, 1), (0, 1)))
    assert pictured(after, 4, 1) == "B B B C"
    assert after.changed_since_base() == ["g0", "g1"]


def test_ground_named_by_what_stands_on_it_needs_to_be_known():
    state = state_of("AABB")
    for asked in ({"building": "B1"}, {"addresses": ["1"]}, {"block": list(corner(0.5, 0.5))}):
        with pytest.raises(InputError, match="drawn ground"):
            done(state, "hand-over", to="B", **asked)


@pytest.fixture
def planner(connection):
    publish_city(connection)
    connection.execute(
        """INSERT INTO addresses (code, text, geom) SELECT 'a' || n, 'x' || n, ST_SetSRID(ST_Point(lon, lat), 4326)
        FROM unnest(%s::int[], %s::float8[], %s::float8[]) AS t(n, lon, lat)""",
        ([1, 2, 3, 4], *np.array([corner(*at) for at in ((0.5, 2.5), (1.5, 2.5), (0.5, 3.5), (1.5, 3.5))]).T.tolist()),
    )
    connection.execute(
        """WITH one AS (INSERT INTO buildings (code) VALUES ('B1') RETURNING building_id)
        INSERT INTO building_versions (building_id, name, point, period)
        SELECT building_id, '1号楼', ST_SetSRID(ST_Point(%s, %s), 4326), '[2025-01-01,)' FROM one""",
        corner(1.9, 2.1),
    )
    street = shapely.LineString([corner(1, 1), corner(1, 5)])
    connection.execute(
        "INSERT INTO streets (code, geom) VALUES ('s', ST_Multi(ST_SetSRID(ST_GeomFromWKB(%s), 4326)))",
        (shapely.to_wkb(street),),
    )
    return Planner(connection)


def owner(planner, *at):
    state = draft_state(planner.connection, planner.draft_id)
    return state.grids[state.tiling.at(*corner(*at))].code


def test_addresses_are_handed_over_with_the_ground_around_them(planner):
    planner.do("hand-over", to="B", addresses=["a4"])
    assert [owner(planner, *at) for at in ((0.5, 3.5), (1.5, 2.5), (1.5, 3.5))] == ["A", "A", "B"]
    with pytest.raises(NotKnownError) as refused:
        planner.do("hand-over", to="B", addresses=["a1", "a9"])
    assert refused.value.facts["missing"] == ["a9"]


def test_a_building_is_handed_over_and_the_doors_beside_it_stay(planner):
    planner.do("hand-over", to="B", building="B1")
    assert [owner(planner, *at) for at in ((1.9, 2.1), (1.5, 2.5))] == ["B", "A"]
    with pytest.raises(NotKnownError):
        planner.do("hand-over", to="B", building="B9")


def test_a_block_between_streets_is_handed_over_to_its_edges(planner):
    planner.do("hand-over", to="B", block=list(corner(1.5, 3)))
    state = draft_state(planner.connection, planner.draft_id)
    assert pictured(state).splitlines()[0] == "A B B B E E"
    assert state.shape(state.by_code("A").key).equals(shapely.box(*corner(0, 2), *corner(1, 4)))
    with pytest.raises(EditRefusedError, match="No grid is at"):
        planner.do("hand-over", to="B", block=list(corner(-5, 3)))
