import os
from dataclasses import asdict, replace
from itertools import pairwise
from operator import attrgetter

import orjson
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.drafts.balance import Band
from geodata.drafts.flows import flows
from geodata.drafts.impact import Impact, Workload, impact, impact_of_step
from geodata.drafts.living import Counts, Living
from geodata.drafts.moves import StationMove, StationPoint, Stations
from geodata.drafts.scene import Scene
from geodata.drafts.staff import DutyChange, Held, Staff
from geodata.drafts.state import DraftArea, DraftState
from geodata.drafts.walks import StraightTimes
from tests.drafted import drafted, homes_at, redrawn
from tests.support import corner

TWO = """
    aabb
    aabb
"""
SPLIT = """
    aabb
    ccbb
"""
CELL_SQUARE_METRES = 87.45 * 108.37


def _held(holder: str, assignment: str = "primary") -> Held:
    return Held(holder, f"样例{holder}", "grid_worker", "网格员", "Grid worker", assignment)


def _scene(base: DraftState, **more: object) -> Scene:
    homes = homes_at(*((*corner(x + 0.5, y + 0.5), 10 * x + 1, 20) for x in range(4) for y in range(2)))
    station = ([corner(0, 0)[0]], [corner(0, 0)[1]])
    return Scene(Living.of(base, homes, stations=station, times=StraightTimes(station)), **more)  # type: ignore[arg-type]


def _merged(state: DraftState) -> DraftState:
    """The community K2 merged into K1."""
    moved = {key: replace(state.grids[key], community="K1") for key in state.members("K2")}
    ground = shapely.union_all([area.shape for area in state.areas.values()])
    areas: dict[str, DraftArea | None] = {"K1": replace(state.areas["K1"], shape=ground), "K2": None}
    return state.changed({**moved}, {}, areas, state.version + 1)


def test_a_draft_without_changes_has_no_impact() -> None:
    base = drafted(TWO)
    found = impact(base, _scene(base))

    assert (found.grids, found.communities, found.duties, found.workloads) == ((), (), (), ())
    assert found.changing_grid == found.changing_community == Counts()
    assert found.balance_before == found.balance_after


def test_a_split_tells_who_goes_where_and_both_grids() -> None:
    base = drafted(TWO)
    found = impact(redrawn(base, SPLIT), _scene(base))

    (flow,) = found.flows.grids
    assert (flow.source, flow.target, flow.counts) == ("a", "c", Counts(12, 40, 2, stations=1))
    assert flow.square_metres == pytest.approx(2 * CELL_SQUARE_METRES, rel=0.01)
    assert found.flows.communities == ()
    changes = [(one.change, (one.after or one.before).code) for one in found.grids]  # type: ignore[union-attr]
    assert changes == [("changed", "a"), ("new", "c")]
    assert found.grids[0].before is not None
    assert found.grids[0].before.counts == Counts(24, 80, 4, stations=1)
    assert found.balance_after.grids == 3


def test_ground_where_nobody_lives_changes_hands_too() -> None:
    base = drafted("aabb..\naabb..\naabbbb")
    scene = Scene(Living.of(base, homes_at()))
    (flow,) = impact(redrawn(base, "aabb..\naabb..\naabbcc"), scene).flows.grids

    assert (flow.source, flow.target, flow.counts) == ("b", "c", Counts())
    assert flow.square_metres == pytest.approx(2 * CELL_SQUARE_METRES, rel=0.01)


def test_a_merge_sends_all_of_the_grid_that_ends_to_the_survivor() -> None:
    base = drafted(TWO)
    found = impact(redrawn(base, "aaaa\naaaa"), _scene(base))

    assert [(one.change, one.after is None) for one in found.grids] == [("changed", False), ("ended", True)]
    assert [(flow.source, flow.target, flow.counts.households) for flow in found.flows.grids] == [("b", "a", 104)]


def test_a_new_code_or_name_moves_nobody() -> None:
    base = drafted(TWO)
    state = base.changed({"g1": replace(base.grids["g1"], code="z", name="新名")}, {}, {}, 1)
    found = impact(state, _scene(base))

    assert found.flows.grids == found.flows.communities == ()
    assert [(one.before.code, one.after.code) for one in found.grids if one.before and one.after] == [("a", "z")]


def test_a_grid_that_moves_to_another_community_takes_its_households_along() -> None:
    base = drafted("aabb\ncccc", communities={"b": "K2"})
    state = base.changed({"g3": replace(base.grids["g3"], community="K2")}, {}, {}, 1)
    found = impact(state, _scene(base))

    (flow,) = found.flows.communities
    assert (flow.source, flow.source_name, flow.target) == ("K1", "社区K1", "K2")
    assert flow.counts == Counts(64, 80, 4, stations=1)
    assert flow.square_metres == pytest.approx(4 * CELL_SQUARE_METRES, rel=0.01)
    assert found.flows.grids == ()
    sizes = {one.after.code: (one.before.balance.grids, one.after.balance.grids)
             for one in found.communities if one.before and one.after}  # fmt: skip
    assert sizes == {"K1": (2, 1), "K2": (1, 2)}


def test_ground_handed_over_a_community_border_changes_both_once() -> None:
    base = drafted("aabb\naabb", communities={"b": "K2"})
    found = impact(redrawn(base, "abbb\naabb"), _scene(base))

    assert [(one.source, one.target, one.counts.households) for one in found.flows.grids] == [("a", "b", 11)]
    assert [(one.source, one.target, one.counts.households) for one in found.flows.communities] == [("K1", "K2", 11)]
    assert found.changing_community == Counts(11, 20, 1)


def test_a_grid_that_moves_and_gives_ground_away_counts_each_household_once() -> None:
    base = drafted("aabb\naabb", communities={"b": "K2"})
    state = redrawn(base, "abbb\naabb")
    state = state.changed({"g1": replace(state.grids["g1"], community="K3")}, {}, {}, 2)
    found = impact(state, _scene(base))

    by_pair = {(one.source, one.target): one.counts.households for one in found.flows.communities}
    assert by_pair == {("K1", "K2"): 11, ("K1", "K3"): 13}
    assert found.changing_community.households == 24


def test_a_community_that_is_merged_ends_and_all_of_it_goes_to_the_survivor() -> None:
    base = drafted("aabb\ncccc", communities={"b": "K2"})
    found = impact(_merged(base), _scene(base))

    assert [(one.change, one.after is None) for one in found.communities] == [("changed", False), ("ended", True)]
    assert [(one.source, one.source_name, one.target) for one in found.flows.communities] == [("K2", "社区K2", "K1")]


def test_who_comes_into_a_grid_that_moves_to_another_community_comes_from_their_own() -> None:
    base = drafted("aabb", communities={"b": "K2"})
    scene = Scene(Living.of(base, homes_at((*corner(0.5, 0.5), 7, 9), (*corner(3.5, 0.5), 5, 9))))
    state = redrawn(base, "bbaa")
    state = state.changed({"g1": replace(state.grids["g1"], community="K3")}, {}, {}, 2)
    found = impact(state, scene)

    by_pair = {(one.source, one.target): one.counts.households for one in found.flows.communities}
    assert by_pair == {("K1", "K2"): 7, ("K2", "K3"): 5}


def test_a_grid_that_only_got_a_vertex_on_its_border_is_not_changed() -> None:
    base = drafted("aabb\naabb\ncccc")
    south = base.shape("g3")
    ring = list(south.exterior.coords)
    north = corner(0, 1)[1]
    at = next(place for place, (first, second) in enumerate(pairwise(ring)) if first[1] == second[1] == north)
    middle = ((ring[at][0] + ring[at + 1][0]) / 2, ring[at][1])
    state = base.changed({}, {"g3": shapely.Polygon([*ring[: at + 1], middle, *ring[at + 1 :]])}, {}, 1)

    assert state.reshaped_since_base() == ["g3"]
    assert impact(state, _scene(base)).grids == ()


def test_the_impact_of_a_step_is_of_that_step_alone() -> None:
    base = drafted("aabb\naabb\nddee")
    scene = Scene(Living.of(base, homes_at((*corner(0.5, 1.5), 5, 9), (*corner(0.5, 0.5), 7, 9))))
    first = redrawn(base, "aabb\nccbb\nddee")
    second = redrawn(first, "aabb\nccbb\nfdee")
    step = impact_of_step(first, second, scene)

    assert [(one.source, one.target, one.counts.households) for one in step.flows.grids] == [("d", "f", 7)]
    assert {one.source for one in impact(second, scene).flows.grids} == {"a", "d"}
    back = impact_of_step(second, redrawn(second, "aabb\naabb\nddee"), scene)
    assert {(one.source, one.target) for one in back.flows.grids} == {("c", "a"), ("f", "d")}


def test_new_grids_inherit_duties_and_those_of_an_ended_grid_end() -> None:
    base = drafted(TWO)
    staff = Staff({"g1": (_held("W1"),), "g2": (_held("W2"), _held("W3", "stand_in"))})
    scene = _scene(base, staff=staff)

    split = impact(redrawn(base, SPLIT), scene)
    assert split.duties == (DutyChange("inherited", "grid", "a", "c", _held("W1")),)
    assert split.workloads == (Workload("W1", "样例W1", 1, 2, 24, 24),)

    merged = impact(redrawn(base, "aaaa\naaaa"), scene)
    assert [(one.change, one.source, one.held.holder) for one in merged.duties] == [
        ("ends", "b", "W2"),
        ("ends", "b", "W3"),
    ]
    assert merged.workloads == (Workload("W1", "样例W1", 1, 1, 24, 128), Workload("W2", "样例W2", 1, 0, 104, 0))


def test_duties_for_a_community_end_with_it_and_a_new_one_inherits() -> None:
    base = drafted("aabb\ncccc", communities={"b": "K2"})
    scene = _scene(base, staff=Staff({}, {"K1": (_held("W1"),), "K2": (_held("W2"),)}))
    new = DraftArea(None, "K3", "新社区", "community", None, base.shape("g3"), origins=("K1",))
    state = base.changed({"g3": replace(base.grids["g3"], community="K3")}, {}, {"K3": new}, 1)

    assert impact(_merged(base), scene).duties == (DutyChange("ends", "area", "K2", None, _held("W2")),)
    assert impact(state, scene).duties == (DutyChange("inherited", "area", "K1", "K3", _held("W1")),)


def test_stations_that_change_grid_or_community_are_named() -> None:
    base = drafted("aabb\ncccc", communities={"b": "K2"})
    stations = Stations(
        [
            StationPoint("S2", "样例二站", *corner(0.5, 1.5)),
            StationPoint("S1", "样例一站", *corner(1, 1.5)),
            StationPoint("S3", "样例三站", *corner(0.5, 0.5)),
            StationPoint("S4", "样例四站", *corner(3.5, 1.5)),
            StationPoint("S5", "外面", *corner(9, 9)),
        ]
    )
    scene = Scene(Living.of(base, homes_at()), stations=stations)
    state = redrawn(base, "dabb\ncccc")
    moved = state.changed({"g3": replace(state.grids["g3"], community="K2")}, {}, {}, 2)
    renamed = base.changed({"g2": replace(base.grids["g2"], code="z")}, {}, {}, 1)

    assert impact(state, scene).stations == (StationMove("S2", "样例二站", "a", "K1", "d", "K1"),)
    assert impact(moved, scene).stations[1:] == (StationMove("S3", "样例三站", "c", "K1", "c", "K2"),)
    assert impact_of_step(state, moved, scene).stations == (StationMove("S3", "样例三站", "c", "K1", "c", "K2"),)
    assert impact(renamed, scene).stations == ()


def test_balance_and_bands_are_told_before_and_after() -> None:
    base = drafted(TWO)
    scene = _scene(base, bands={"urban": Band(10, 30, "", "")})
    found = impact(redrawn(base, "abbb\nabbb"), scene)

    assert (found.balance_before.in_band, found.balance_after.in_band) == (1, 0)
    assert (found.balance_before.least, found.balance_after.least) == (24, 2)
    assert [one.after.in_band for one in found.grids if one.after] == [False, False]
    assert found.balance_after.variation is not None
    assert found.balance_before.variation is not None
    assert found.balance_after.variation > found.balance_before.variation


def test_walks_and_compactness_are_told_with_how_they_were_measured() -> None:
    base = drafted(TWO)
    found = impact(redrawn(base, SPLIT), _scene(base))
    after = {one.after.code: one.after for one in found.grids if one.after}

    assert (found.walk_basis, found.walk_kmh) == ("straight", 5.0)
    assert after["c"].walk.minutes is not None
    assert after["a"].walk.minutes is not None
    assert after["c"].walk.minutes < after["a"].walk.minutes
    assert after["c"].compactness.reock < found.grids[0].before.compactness.reock  # type: ignore[union-attr]
    (community,) = found.communities
    assert community.before is not None
    assert community.after is not None
    assert community.before.walk == community.after.walk


def test_an_impact_is_plain_json() -> None:
    base = drafted(TWO, stated={"b": (100, 200)})
    scene = Scene(Living.of(base, homes_at()), staff=Staff({"g1": (_held("W1"),)}))
    found = impact(redrawn(base, "aabb\nccbd"), scene)
    read = orjson.loads(orjson.dumps(found))

    assert found.estimated is True
    assert found.walk_basis is None
    assert set(read) == set(asdict(found)) == set(Impact.__slots__)
    assert read["flows"]["grids"][0]["counts"]["households"] > 0


def test_ground_that_a_partial_layer_takes_on_is_a_flow_from_no_grid() -> None:
    base = drafted("aabb\n....", full=False)
    (flow,) = flows(base, redrawn(base, "aabb\n..bb"), _scene(base)).grids

    assert (flow.source, flow.target) == (None, "b")
    assert flow.square_metres == pytest.approx(2 * CELL_SQUARE_METRES, rel=0.01)
    (new,) = flows(base, redrawn(base, "aabb\ncc.."), _scene(base)).grids
    assert (new.source, new.target) == (None, "c")


def test_flows_of_a_partial_layer_tell_ground_that_no_grid_has() -> None:
    base = drafted(TWO, full=False)
    scene = _scene(base)
    found = flows(base, redrawn(base, "aabb\n..bb"), scene)

    (flow,) = found.grids
    assert (flow.source, flow.target, flow.counts.households) == ("a", None, 12)
    assert flow.square_metres == pytest.approx(2 * CELL_SQUARE_METRES, rel=0.01)


THOROUGH = int(os.environ.get("GRIDMAP_TEST_THOROUGH", "1"))
drawings = st.text(alphabet="abcd", min_size=9, max_size=9).map(lambda text: f"{text[:3]}\n{text[3:6]}\n{text[6:]}")


@settings(max_examples=10 * THOROUGH, deadline=None)
@given(drawings, drawings, st.sampled_from(["K1", "K2", "K3"]), st.integers(0, 400))
def test_what_comes_and_goes_is_what_each_grid_and_community_has_more_or_less(
    first: str, second: str, community: str, stated: int
) -> None:
    base = drafted(first, communities={"b": "K2", "d": "K2"}, stated={"c": (stated, None)})
    state = redrawn(base, second)
    key = min(state.grids)
    state = state.changed({key: replace(state.grids[key], community=community)}, {}, {}, 2)
    homes = homes_at(*((*corner(x / 2, y / 2), 5 * x + y, 3) for x in range(7) for y in range(7)))
    found = impact(state, Scene(Living.of(base, homes)))

    for changes, moved in ((found.grids, found.flows.grids), (found.communities, found.flows.communities)):
        for change in changes:
            code = (change.after or change.before).code  # type: ignore[union-attr]
            more, less = (
                sum((flow.counts for flow in moved if end(flow) == code), start=Counts())
                for end in (attrgetter("target"), attrgetter("source"))
            )
            before, after = (one.counts if one else Counts() for one in (change.before, change.after))
            assert after - before == more - less
