from dataclasses import replace

import pytest
import shapely

from geodata.drafts.balance import Band
from geodata.drafts.living import Living
from geodata.drafts.rules import findings_of, findings_of_draft, tiling_findings
from geodata.drafts.scene import Scene
from geodata.drafts.scenes import SceneMemory
from geodata.drafts.staff import Held, Staff
from geodata.drafts.state import DraftArea, DraftState
from geodata.drafts.surroundings import Barrier, Surroundings
from geodata.records import Finding
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
WORKER = Held("W1", "样**", "grid_worker", "网格员", "Grid worker", "primary")
STREETS = Surroundings(
    [("residential", "", shapely.MultiLineString([[corner(0, y), corner(4, y)] for y in (0, 1, 2)]))]
)


def _scene(base: DraftState, *, counts: dict[str, int] | None = None, **more: object) -> Scene:
    places = {"a": (0.5, 1.5), "b": (3.5, 1.5), "c": (0.5, 0.5)}
    homes = homes_at(*((*corner(*places[one]), households, 0) for one, households in (counts or {}).items()))
    return Scene(Living.of(base, homes), **{"bands": {}, **more})  # type: ignore[arg-type]


def _kinds(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(finding.kind, finding.code) for finding in findings]


def test_a_step_that_leaves_nothing_to_look_at_finds_nothing() -> None:
    base = drafted(TWO)

    assert findings_of(base, redrawn(base, SPLIT), _scene(base)) == []


def test_only_grids_that_a_step_touched_are_judged() -> None:
    base = drafted("aabb\naabb\nddee")
    scene = _scene(base, bands={"urban": Band(300, 500, "s", "准")})
    first = redrawn(base, "aabb\nccbb\nddee")
    second = redrawn(first, "aabb\nccbb\nfdee")

    assert {code for _, code in _kinds(findings_of(first, second, scene))} == {"d", "f"}
    assert {code for _, code in _kinds(findings_of_draft(second, scene))} == {"a", "c", "d", "f"}


def test_grids_out_of_the_band_are_named_with_their_households_and_the_source() -> None:
    base = drafted(TWO, stated={"b": (501, None)})
    bands = {"urban": Band(300, 500, "the city's own rule", "本市规定")}
    state = redrawn(base, SPLIT)
    state = redrawn(state, "aabb\nccbd")
    found = {one.code: one for one in findings_of_draft(state, _scene(base, counts={"a": 300, "c": 299}, bands=bands))}

    assert "a" not in found
    assert found["c"].facts["side"] == "below"
    assert found["c"].message.startswith(
        "Grid c has 299 households, too few by the band of 300–500 (the city's own rule)"
    )
    assert found["c"].message_zh.startswith("网格“c”有 299 户，低于 300–500 户的标准（本市规定）")
    assert found["d"].facts["estimated"] is True
    assert "约有 " in found["d"].message_zh
    assert "about " in found["d"].message


def test_a_grid_that_was_too_large_before_is_no_new_fault_but_its_small_half_is() -> None:
    base = drafted(TWO)
    scene = _scene(base, counts={"a": 600, "c": 100}, bands={"urban": Band(300, 500, "s", "准")})
    found = {one.code: one for one in findings_of(base, redrawn(base, SPLIT), scene)}

    assert (found["a"].facts["side"], found["a"].facts["new"]) == ("above", False)
    assert (found["c"].facts["side"], found["c"].facts["new"]) == ("below", True)


def test_a_kind_without_a_band_is_of_any_size() -> None:
    base = drafted(TWO, kinds={"a": "rural"})
    scene = _scene(base, bands={"urban": Band(300, 500, "s", "准")})

    assert _kinds(findings_of(base, redrawn(base, SPLIT), scene)) == []


def test_a_river_through_a_new_grid_is_told_by_its_name_and_place() -> None:
    base = drafted(TWO)
    river = Barrier("样例河", "water", shapely.MultiPolygon([shapely.box(*corner(1.4, -1), *corner(1.6, 3))]))
    scene = _scene(base, surroundings=Surroundings(barriers=[river]))
    found = findings_of(base, redrawn(base, SPLIT), scene)
    new = findings_of(base, redrawn(base, "aaab\naabb"), scene)

    crossed = [one for one in found if one.kind == "across-barrier"]
    assert [(one.code, one.facts["new"]) for one in crossed] == [("a", False), ("c", False)]
    assert "Water (样例河) runs through grid a" in crossed[0].message
    assert "水域“样例河”穿过网格“a”" in crossed[0].message_zh
    assert shapely.intersects_xy(river.shape, crossed[0].lon, crossed[0].lat)
    assert all(one.facts["barrier"] == "water" for one in new if one.kind == "across-barrier")


def test_a_border_through_the_blocks_is_told_and_one_along_a_street_is_not() -> None:
    base = drafted(TWO)
    scene = _scene(base, surroundings=STREETS)
    along = findings_of(base, redrawn(base, "aaaa\nbbbb"), scene)
    through = findings_of(base, redrawn(base, "abbb\nabbb"), scene)

    assert _kinds(along) == []
    assert _kinds(through) == [("border-off-street", "a"), ("border-off-street", "b")]
    assert through[0].facts["share"] < 0.5
    assert through[0].lon == pytest.approx(corner(1, 1)[0], abs=1e-4)


def test_without_streets_nothing_is_said_about_borders() -> None:
    base = drafted(TWO)

    assert _kinds(findings_of(base, redrawn(base, "abbb\nabbb"), _scene(base))) == []


def test_a_grid_that_nobody_has_a_duty_for_is_told_and_a_half_inherits() -> None:
    base = drafted(TWO)
    staffed = _scene(base, staff=Staff({"g1": (WORKER,)}))
    inherited = redrawn(base, SPLIT)
    alone = redrawn(base, "aabb\naacc")

    assert _kinds(findings_of(base, inherited, staffed)) == []
    found = findings_of(base, alone, staffed)
    assert [(one.kind, one.code, one.facts["new"]) for one in found] == [
        ("nobody-on-duty", "b", False),
        ("nobody-on-duty", "c", False),
    ]
    assert _kinds(findings_of(base, alone, _scene(base))) == []


def test_a_code_that_another_grid_has_or_once_had_is_an_error() -> None:
    base = drafted(TWO)
    state = redrawn(base, SPLIT)
    known = {"a": frozenset({1}), "b": frozenset({2}), "c": frozenset({77})}
    found = findings_of(base, state, _scene(base, once_known=known))

    assert [(one.severity, one.kind, one.code) for one in found] == [("error", "code-taken", "c")]
    twice = state.changed({"n1.3": replace(state.grids["n1.3"], code="b")}, {}, {}, 2)
    assert [one.kind for one in findings_of(state, twice, _scene(base))] == ["code-taken"]


def test_a_grid_may_take_its_own_former_code_back() -> None:
    base = drafted(TWO)
    state = base.changed({"g1": replace(base.grids["g1"], code="old")}, {}, {}, 1)

    assert findings_of(base, state, _scene(base, once_known={"old": frozenset({1})})) == []


def test_a_name_is_told_only_where_the_draft_gave_it_twice_in_one_community() -> None:
    base = drafted(TWO, communities={"b": "K2"})
    same = base.changed({"g1": replace(base.grids["g1"], name="网格b")}, {}, {}, 1)
    moved = same.changed({"g1": replace(same.grids["g1"], community="K2")}, {}, {}, 2)

    assert findings_of(base, same, _scene(base)) == []
    found = [one for one in findings_of(same, moved, _scene(base)) if one.kind == "name-twice"]
    assert [one.facts["name"] for one in found] == ["网格b"]


def test_a_grid_outside_its_community_is_told_with_the_place_and_the_border_that_moved() -> None:
    base = drafted(TWO, communities={"b": "K2"})
    state = redrawn(base, "aaab\naaab")
    found = {one.kind: one for one in findings_of(base, state, _scene(base))}

    assert found["crosses-community"].code == "a"
    assert found["crosses-community"].facts["share"] == pytest.approx(2 / 3, abs=0.01)
    assert found["crosses-community"].lon > corner(2, 0)[0]
    west = shapely.box(*corner(0, 0), *corner(3, 2))
    east = shapely.box(*corner(3, 0), *corner(4, 2))
    areas: dict[str, DraftArea | None] = {
        code: replace(state.areas[code], shape=shape) for code, shape in (("K1", west), ("K2", east))
    }
    followed = state.changed({}, {}, areas, 2)
    told = findings_of(state, followed, _scene(base))
    assert _kinds(told) == [("community-border", "K1"), ("community-border", "K2")]
    assert told[0].facts["gained_square_metres"] == pytest.approx(told[1].facts["lost_square_metres"], rel=1e-6)
    assert told[0].facts["lost_square_metres"] == 0
    both = [(0.3, 0.5, 20, 50), (2.5, 0.5, 7, 15), (3.5, 0.5, 3, 6)]
    lived = homes_at(*((*corner(across, down), *count) for across, down, *count in both))
    moved = state.changed({"g2": replace(state.grids["g2"], community="K1")}, {}, areas, 2)
    told = findings_of(base, moved, Scene(Living.of(base, lived), bands={}))
    told = [one for one in told if one.kind == "community-border"]
    assert [(one.facts["gained_households"], one.facts["lost_households"]) for one in told] == [(10, 0), (0, 10)]
    assert "10 户" in told[0].message_zh
    assert "with 10 households less. The community" in told[1].message


def test_a_grid_without_a_community_is_told() -> None:
    base = drafted(TWO)
    state = base.changed({"g1": replace(base.grids["g1"], community=None)}, {}, {}, 1)

    assert _kinds(findings_of(base, state, _scene(base))) == [("missing-community", "a")]


def test_a_grid_on_ground_that_no_grid_had_is_judged_too() -> None:
    base = drafted("aabb\n....", full=False)
    scene = _scene(base, bands={"urban": Band(300, 500, "s", "准")})
    found = findings_of_draft(redrawn(base, "aabb\ncc.."), scene)

    assert ("size-band", "c", True) in [(one.kind, one.code, one.facts["new"]) for one in found]


def test_several_parts_and_slivers_are_told() -> None:
    base = drafted("aaab\naaab")
    thin = shapely.box(*corner(0, 0), corner(0, 0)[0] + 5e-6, corner(0, 2)[1])
    state = redrawn(base, "abab\naaab")
    state = state.changed({}, {"g1": thin}, {}, 2)

    assert _kinds(findings_of(base, state, _scene(base))) == [("many-parts", "b"), ("sliver", "a")]


def test_a_gap_and_an_overlap_that_slipped_in_are_errors_with_the_codes_of_the_grids() -> None:
    base = drafted(TWO)
    short = shapely.box(*corner(0, 0), *corner(1.5, 2))
    wide = shapely.box(*corner(0, 0), *corner(2.5, 2))
    gap = tiling_findings(base.changed({}, {"g1": short}, {}, 1))
    found = findings_of_draft(base.changed({}, {"g1": wide}, {}, 1), _scene(base))
    overlap = [one for one in found if one.kind == "overlap"]

    assert {one.kind for one in gap} >= {"gap"}
    assert overlap[0].severity == "error"
    assert overlap[0].facts["grids"] == ["a", "b"]
    assert tiling_findings(redrawn(base, SPLIT)) == []


def test_what_is_found_step_by_step_is_what_is_found_at_once() -> None:
    base = drafted("aabb\naabb\nddee")
    scene, known, state = _scene(base), SceneMemory(), base
    sound, short = base.shape("g1"), shapely.box(*corner(0, 1), *corner(1.5, 3))
    steps = [redrawn(state, "aabb\nccbb\nddee").shape("g1"), short, short, sound]
    for version, shape in enumerate(steps, start=1):
        state = state.changed({}, {"g1": shape}, {}, version)
        found = known.findings(state, scene)
        assert found == findings_of_draft(state, _scene(base))
        assert ("gap" in {one.kind for one in found}) is (shape is not sound)


def test_every_finding_says_what_to_do_in_both_languages_and_where() -> None:
    base = drafted(TWO, communities={"b": "K2"})
    river = Barrier("", "wall", shapely.MultiLineString([[corner(1, -1), corner(1, 3)]]))
    scene = _scene(
        base,
        bands={"urban": Band(300, 500, "s", "准")},
        surroundings=Surroundings(
            [("residential", "", shapely.MultiLineString([[corner(9, 0), corner(9, 2)]]))], [river]
        ),
        staff=Staff({"g2": (WORKER,)}),
    )
    found = findings_of_draft(redrawn(base, "aaab\naaab"), scene)

    assert {one.kind for one in found} >= {
        "size-band", "across-barrier", "border-off-street", "nobody-on-duty", "crosses-community"
    }  # fmt: skip
    for one in found:
        assert one.lon is not None
        assert one.lat is not None
        assert "{" not in one.message + one.message_zh
        assert one.message_zh != one.message
        assert isinstance(one.facts["new"], bool)
