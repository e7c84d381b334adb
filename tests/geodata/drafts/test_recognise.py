"""A redrawn file becomes operations of a draft: what changed, was split, merged, made and renamed; nothing else."""

import itertools
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from psycopg import Connection

from geodata.crs import from_wgs84, parse_crs
from geodata.drafts.applying import step_of
from geodata.drafts.exporting import release_as_state
from geodata.drafts.operations import read_operation
from geodata.drafts.state import DraftArea, DraftGrid, DraftState
from geodata.drafts.step import Around
from geodata.drafts.succession import successions
from geodata.errors import ConflictError, EditRefusedError, FileError, InputError, LoadRefusedError, StaleDraftError
from geodata.redraw import draft_state, operations, publish, rebase, undo
from geodata.redraw_files import Reading, Recognised, apply_recognised, export_draft, export_release, recognise_file
from tests.redrawing import Planner, community, ground, line, pictured, publish_city
from tests.support import corner, draw

A_WITH_SLANT = [(0, 2), (1.5, 2), (1.2, 3), (2.5, 4), (0, 4)]
B_WITH_SLANT = [(1.5, 2), (4, 2), (4, 4), (2.5, 4), (1.2, 3)]


def shape(*corners: tuple[float, float]) -> shapely.Polygon:
    """A polygon between corners of the lattice."""
    return shapely.Polygon([corner(*each) for each in corners])


class Redrawing:
    """A draft, the file that was written of it, and what became of it."""

    def __init__(self, connection: Connection[Any], folder: Path) -> None:
        publish_city(connection)
        self.planner = Planner(connection)
        self.connection, self.folder = connection, folder
        self.path = folder / "drawn.gpkg"

    def frame(self) -> gpd.GeoDataFrame:
        """The draft as it is exported, by code."""
        export_draft(self.connection, self.planner.draft_id, self.path)
        return gpd.read_file(self.path).set_index("code", drop=False)

    def recognised(self, frame: gpd.GeoDataFrame, name: str = "redrawn.gpkg", **reading: Any) -> Recognised:
        """What is recognised of a frame, written as a file."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        plain = frame.reset_index(drop=True).rename(
            columns={"community_name": "named"} if path.suffix == ".shp" else {}
        )
        plain.to_file(path)
        return recognise_file(self.connection, self.planner.draft_id, path, reading=Reading(**reading))

    def taken_over(self, frame: gpd.GeoDataFrame, **more: Any) -> Recognised:
        """What is recognised of a frame, and done to the draft."""
        found = self.recognised(frame, **more)
        assert found.errors == []
        apply_recognised(self.connection, self.planner.draft_id, found, actor="样例-甲")
        return found

    @property
    def state(self) -> Any:
        return draft_state(self.connection, self.planner.draft_id)

    def shape_of(self, code: str) -> shapely.Geometry:
        return self.state.shape(self.state.by_code(code).key)


@pytest.fixture
def redrawing(connection: Connection[Any], tmp_path: Path) -> Redrawing:
    return Redrawing(connection, tmp_path)


def drawn(frame: gpd.GeoDataFrame, shapes: dict[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    """The frame with other shapes; those of codes that it has not are new rows after the first."""
    result = frame.copy()
    for code, new in shapes.items():
        if code not in result.index:
            result.loc[code] = result.iloc[0]
            result.loc[code, ["code", "name"]] = [code, f"新{code}"]
        result.loc[code, "geometry"] = new
    return result


def kinds(found: Recognised) -> list[str]:
    return [str(one.body["kind"]) for one in found.planned]


def apart(one: shapely.Geometry, other: shapely.Geometry) -> float:
    return shapely.hausdorff_distance(one.boundary, other.boundary)


@pytest.mark.parametrize(
    ("name", "crs"),
    [("a.gpkg", None), ("a.geojson", None), ("a.shp", None), ("a.gpkg", 4490), ("a.gpkg", 4547), ("a.shp", 3857)],
)
def test_what_is_exported_and_not_redrawn_says_nothing(redrawing: Redrawing, name: str, crs: int | None) -> None:
    redrawing.planner.do("split", grid="A", line=line((0.3, 2), (1.7, 4)))
    frame = redrawing.frame()
    found = redrawing.recognised(frame if crs is None else frame.to_crs(crs), name)
    assert (found.planned, found.same, found.errors) == ((), 8, [])


def test_a_draft_is_written_with_what_its_grids_are_called_and_exact_shapes(redrawing: Redrawing) -> None:
    redrawing.planner.do("move-node", at=list(corner(2, 2)), to=list(corner(2.1, 2.3)))
    frame = redrawing.frame()
    assert frame.loc["A", ["name", "kind", "community", "community_name"]].tolist() == [
        "A网格", "urban", community("1"), "样例1社区",
    ]  # fmt: skip
    written = shapely.get_parts(frame.geometry["A"])[0]
    assert shapely.equals_identical(shapely.normalize(written), shapely.normalize(redrawing.shape_of("A")))
    with pytest.raises(FileError):
        export_draft(redrawing.connection, redrawing.planner.draft_id, redrawing.folder / "a.shp")


def test_a_release_is_written_as_it_left_the_grids(redrawing: Redrawing) -> None:
    redrawing.planner.do("merge", grids=["A", "B"], survivor="A")
    publish(redrawing.connection, redrawing.planner.draft_id, actor="样例-甲")
    counts = [export_release(redrawing.connection, None, number, redrawing.folder / "r.gpkg") for number in (1, 2)]
    assert counts == [7, 6]
    assert sorted(gpd.read_file(redrawing.folder / "r.gpkg")["code"]) == ["A", "C", "D", "E", "F", "G"]
    assert len(release_as_state(redrawing.connection, None, 1).grids) == 7


def test_a_border_that_is_drawn_anew_is_a_reshape_with_the_very_places(redrawing: Redrawing) -> None:
    shapes = {
        "A": shape((0, 2), (2, 2), (1.2, 3), (2.6, 3.5), (2, 4), (0, 4)),
        "B": shape((2, 2), (4, 2), (4, 4), (2, 4), (2.6, 3.5), (1.2, 3)),
    }
    found = redrawing.taken_over(drawn(redrawing.frame(), shapes))
    assert kinds(found) == ["reshape"]
    assert all(apart(redrawing.shape_of(code), new) <= 1e-9 for code, new in shapes.items())
    assert shapely.coverage_is_valid([redrawing.state.shape(key) for key in redrawing.state.grids])
    assert redrawing.recognised(redrawing.frame()).planned == ()


def test_ground_that_goes_to_a_neighbour_is_handed_over_and_what_goes_both_ways_is_drawn_anew(
    redrawing: Redrawing,
) -> None:
    east = {"E": shape((4, 2), (5.5, 2), (6, 3), (6, 4), (4, 4)), "F": redrawing.shape_of("F")}
    east["G"] = shapely.union(redrawing.shape_of("G"), shape((5, 2), (5.5, 2), (6, 3), (6, 2)))
    both = {"A": shape(*A_WITH_SLANT), "B": shape(*B_WITH_SLANT)}
    found = redrawing.taken_over(drawn(redrawing.frame(), east | both))
    assert kinds(found) == ["replace", "hand-over"]
    assert all(apart(redrawing.shape_of(code), new) <= 1e-9 for code, new in (east | both).items())


def test_a_cut_grid_is_a_split_with_the_codes_and_names_of_the_file(redrawing: Redrawing) -> None:
    shapes = {"A": shape((0, 2), (0.8, 2), (0.8, 4), (0, 4)), "X": shape((0.8, 2), (2, 2), (2, 4), (0.8, 4))}
    frame = drawn(redrawing.frame(), shapes)
    found = redrawing.recognised(frame)
    # Where nobody is known to live the larger part would keep the code: the file says otherwise.
    assert kinds(found) == ["replace"]
    frame.loc[["A", "X"], "geometry"] = frame.loc[["X", "A"], "geometry"].to_numpy()
    assert kinds(redrawing.taken_over(frame)) == ["split"]
    assert redrawing.state.by_code("X").name == "新X"
    assert redrawing.state.by_code("X").origins == redrawing.state.by_code("A").origins
    assert apart(redrawing.shape_of("X"), shapes["A"]) <= 1e-9


def test_a_grid_cut_into_four_is_told_in_cuts_and_in_one_piece_where_they_meet_inside(redrawing: Redrawing) -> None:
    def quarter(x: float, width: float) -> shapely.Polygon:
        return shape((x, 2), (x + width, 2), (x + width, 4), (x, 4))

    shapes = {"A": quarter(0, 0.8), "X": quarter(0.8, 0.4), "Y": quarter(1.2, 0.4), "Z": quarter(1.6, 0.4)}
    assert kinds(redrawing.taken_over(drawn(redrawing.frame(), shapes))) == ["split"] * 3
    three = {
        "D": shape((2, 0), (3, 1), (2.4, 2), (2, 2)),
        "U": shape((2, 0), (4, 0), (4, 1), (3, 1)),
        "V": shape((3, 1), (4, 1), (4, 2), (2.4, 2)),
    }
    redrawing.taken_over(drawn(redrawing.frame(), three))
    assert all(apart(redrawing.shape_of(code), new) <= 1e-9 for code, new in (shapes | three).items())


def test_rows_that_became_one_are_a_merge_or_a_new_grid(redrawing: Redrawing) -> None:
    frame = redrawing.frame()
    merged = drawn(frame.drop("B"), {"A": shape((0, 2), (4, 2), (4, 4), (0, 4))})
    found = redrawing.recognised(merged)
    assert [dict(one.body) for one in found.planned] == [{"kind": "merge", "grids": ["A", "B"], "survivor": "A"}]
    merged.loc["A", ["code", "name"]] = ["N", "新网格"]
    assert kinds(redrawing.taken_over(merged)) == ["new-grid"]
    assert pictured(redrawing.state).splitlines()[0] == "N N N N E E"
    assert redrawing.state.by_code("N").name == "新网格"


def test_a_new_grid_between_others_takes_their_ground_and_gets_a_code_where_it_has_none(redrawing: Redrawing) -> None:
    shapes = {
        "A": shape((0, 2), (1, 2), (1.2, 4), (0, 4)),
        "B": shape((3, 2), (4, 2), (4, 4), (2.5, 4)),
        "N": shape((1, 2), (3, 2), (2.5, 4), (1.2, 4)),
    }
    frame = drawn(redrawing.frame(), shapes)
    frame.loc["N", "code"] = None
    found = redrawing.taken_over(frame)
    assert kinds(found) == ["replace"]
    made = [grid for grid in redrawing.state.grids.values() if grid.grid_id is None]
    assert [(grid.name, len(grid.origins)) for grid in made] == [("新N", 2)]
    assert apart(redrawing.state.shape(made[0].key), shapes["N"]) <= 1e-9
    assert shapely.coverage_is_valid([redrawing.state.shape(key) for key in redrawing.state.grids])


def test_codes_names_kinds_and_communities_that_differ_are_changes(redrawing: Redrawing) -> None:
    frame = redrawing.frame()
    frame.loc["F", ["code", "name", "kind"]] = ["F9", "改名", "rural"]
    frame.loc["B", "community"] = "样例2社区"
    frame["community"] = frame["community"].where(frame["code"] != "G")
    assert kinds(redrawing.taken_over(frame)) == ["change", "move-grids"]
    state = redrawing.state
    assert (state.by_code("F9").name, state.by_code("F9").kind) == ("改名", "rural")
    assert [state.by_code(code).community for code in "BG"] == [community("2"), community("2")]


def test_a_grid_with_another_code_and_border_is_the_same_grid_renamed(redrawing: Redrawing) -> None:
    frame = drawn(redrawing.frame(), {"A": shape(*A_WITH_SLANT), "B": shape(*B_WITH_SLANT)})
    key = redrawing.state.by_code("A").key
    frame.loc["A", "code"] = "A9"
    assert kinds(redrawing.taken_over(frame)) == ["replace", "change"]
    assert redrawing.state.by_code("A9").key == key


def test_part_of_the_city_is_enough_and_the_neighbours_get_the_nodes(redrawing: Redrawing) -> None:
    shapes = {"A": shape(*A_WITH_SLANT), "B": shape(*B_WITH_SLANT)}
    found = redrawing.taken_over(drawn(redrawing.frame().loc[["A", "B"]], shapes))
    assert [finding.kind for finding in found.findings] == ["not-in-file"]
    assert corner(1.5, 2) in set(map(tuple, shapely.get_coordinates(redrawing.shape_of("C")).tolist()))
    assert shapely.coverage_is_valid([redrawing.state.shape(key) for key in redrawing.state.grids])


def test_what_others_draw_half_a_metre_off_keeps_matched_borders(redrawing: Redrawing) -> None:
    frame = drawn(redrawing.frame(), {"A": shape(*A_WITH_SLANT), "B": shape(*B_WITH_SLANT)})
    metre = 1 / 111_000
    shaken = np.random.default_rng(7)

    def shake(xy: np.ndarray) -> np.ndarray:
        moved = xy + shaken.uniform(-0.2 * metre, 0.2 * metre, xy.shape)
        return np.vstack((moved[:-1], moved[:1]))

    frame["geometry"] = [shapely.transform(each, shake) for each in frame.geometry]
    frame["geometry"] = [shapely.set_precision(each, 1e-9) for each in frame.geometry]
    redrawing.taken_over(frame)
    shapes = [redrawing.state.shape(key) for key in redrawing.state.grids]
    assert shapely.coverage_is_valid(shapes)
    known = {corner(x, y) for x, y in itertools.product(range(7), range(5))}
    moved = {(x, y) for x, y in shapely.get_coordinates(shapes).tolist()} - known
    assert len(moved) == 3
    assert apart(redrawing.shape_of("A"), shape(*A_WITH_SLANT)) < metre


@pytest.mark.parametrize(
    ("shapes", "kind", "where"),
    [
        ({"A": shape(*A_WITH_SLANT)}, "partly-or-overlap", (2.0, 3.7)),
        ({"A": shape((0, 2), (1, 2), (1, 4), (0, 4))}, "would-gap", (1.5, 3)),
        ({"A": shape((-1, 2), (2, 2), (2, 4), (-1, 4))}, "on-rim", (-0.5, 3)),
        ({"A": shape((0, 2), (2, 4), (2, 2), (0, 4))}, "invalid-ring", (1, 3)),
        ({"X": shape((0.5, 2.5), (1.5, 2.5), (1.5, 3.5))}, "overlap", (1.2, 3)),
        ({"A": shape((4.5, 0), (5.5, 0), (5.5, 2), (4.5, 2))}, "elsewhere", (5, 1)),
    ],
)
def test_a_file_that_does_not_tile_is_refused_with_the_place(
    redrawing: Redrawing, shapes: dict[str, shapely.Geometry], kind: str, where: tuple[float, float]
) -> None:
    found = redrawing.recognised(drawn(redrawing.frame(), shapes))
    assert kind.rsplit("-or-", maxsplit=1)[-1] in {finding.kind for finding in found.errors}
    assert found.planned == ()
    near = corner(*where)
    places = [(one.lon, one.lat) for one in found.errors if one.lon is not None and one.lat is not None]
    assert min(np.hypot(lon - near[0], lat - near[1]) for lon, lat in places) < 0.6 / 1024
    with pytest.raises(LoadRefusedError):
        apply_recognised(redrawing.connection, redrawing.planner.draft_id, found, actor="样例-甲")
    assert operations(redrawing.connection, redrawing.planner.draft_id) == []


def test_a_file_without_the_grid_that_loses_ground_says_which(redrawing: Redrawing) -> None:
    found = redrawing.recognised(drawn(redrawing.frame().loc[["A"]], {"A": shape((0, 2), (3, 2), (3, 4), (0, 4))}))
    assert [(one.kind, one.code) for one in found.errors] == [("partly-covered", "B")]


@pytest.mark.parametrize("moved", [1.0, 0.02])
def test_a_file_of_another_place_is_refused(redrawing: Redrawing, moved: float) -> None:
    frame = redrawing.frame()
    frame["geometry"] = frame.geometry.translate(moved, 0)
    found = redrawing.recognised(frame)
    assert [one.kind for one in found.errors] == ["another-place"]


def test_a_file_that_is_shifted_as_a_whole_is_told_so_once(redrawing: Redrawing) -> None:
    frame = redrawing.frame().loc[["A", "B"]]
    frame["geometry"] = frame.geometry.translate(*np.subtract(corner(2.3, 0.1), corner(0, 2)))
    assert [one.kind for one in redrawing.recognised(frame).errors] == ["shifted"]


def test_another_datum_is_told_and_can_be_given(redrawing: Redrawing) -> None:
    frame = redrawing.frame()
    gcj = parse_crs("GCJ-02")
    frame["geometry"] = [
        shapely.transform(each, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], gcj)))
        for each in frame.geometry
    ]
    assert [one.kind for one in redrawing.recognised(frame).errors] in (["looks-shifted"], ["another-place"])
    found = redrawing.recognised(frame, crs="GCJ-02")
    assert (found.errors, found.planned, found.same) == ([], (), 7)


def test_codes_that_changed_places_or_stand_twice_or_were_used_are_refused(redrawing: Redrawing) -> None:
    frame = redrawing.frame()
    swapped = frame.copy()
    swapped.loc[["A", "B"], "code"] = ["B", "A"]
    assert {one.kind for one in redrawing.recognised(swapped).errors} == {"codes-exchanged"}
    twice = frame.copy()
    twice.loc["B", "code"] = "A"  # Where B is: nothing that cutting A would leave.
    assert "duplicate-code" in {one.kind for one in redrawing.recognised(twice).errors}
    unknown = frame.copy()
    unknown.loc["A", "community"] = "无此社区"
    assert [(one.kind, one.row is not None) for one in redrawing.recognised(unknown).errors] == [
        ("unknown-community", True)
    ]
    redrawing.planner.do("merge", grids=["A", "B"], survivor="A")
    publish(redrawing.connection, redrawing.planner.draft_id, actor="样例-甲")
    redrawing.planner = Planner(redrawing.connection)
    used = redrawing.frame()
    used.loc["A", "code"] = "B"
    assert [one.kind for one in redrawing.recognised(used).errors] == ["code-taken"]


def test_a_grid_that_was_cut_elsewhere_keeps_its_code_where_most_of_it_is(redrawing: Redrawing) -> None:
    frame = redrawing.frame()
    pieces = [shape((0, 2), (0.6, 2), (0.6, 4), (0, 4)), shape((0.6, 2), (2, 2), (2, 4), (0.6, 4))]
    cut = pd.concat([frame.drop("A"), frame.loc[["A", "A"]].set_geometry(pieces)])
    found = redrawing.recognised(cut)
    assert ([one.kind for one in found.findings], kinds(found)) == (["split-by-code"], ["split"])
    assert shapely.area(found.after.shape(found.after.by_code("A").key)) == pytest.approx(pieces[1].area)
    over = pd.concat([frame.drop("A"), frame.loc[["A", "A"]].set_geometry([frame.geometry["A"], pieces[1]])])
    assert {one.kind for one in redrawing.recognised(over).errors} == {"duplicate-code"}


def test_a_file_that_is_older_than_the_draft_says_what_it_would_change_back(redrawing: Redrawing) -> None:
    frame = redrawing.frame()
    frame.loc["C", "name"] = "新名"
    redrawing.planner.another("样例-乙").do("change", grid="D", name="乙改")
    found = redrawing.recognised(frame)
    assert [(one.kind, one.facts["grids"]) for one in found.findings] == [("older-version", ["D"])]
    assert redrawing.recognised(frame.loc[["C"]]).findings[-1].kind == "not-in-file"


def test_a_neighbour_drawn_a_little_off_changes_nothing(redrawing: Redrawing) -> None:
    frame = redrawing.frame()
    frame.loc["B", "geometry"] = frame.geometry["B"].buffer(2e-6)
    found = redrawing.recognised(frame)
    assert (found.errors, found.planned) == ([], ())


def test_a_draft_that_changed_meanwhile_or_is_closed_is_not_written_to(redrawing: Redrawing) -> None:
    found = redrawing.recognised(drawn(redrawing.frame().drop("B"), {"A": shape((0, 2), (4, 2), (4, 4), (0, 4))}))
    redrawing.planner.do("change", grid="G", name="另一个")
    with pytest.raises(StaleDraftError):
        apply_recognised(redrawing.connection, redrawing.planner.draft_id, found, actor="样例-甲")
    publish(redrawing.connection, redrawing.planner.draft_id, actor="样例-甲")
    with pytest.raises(ConflictError):
        recognise_file(redrawing.connection, redrawing.planner.draft_id, redrawing.path)


def test_what_a_file_did_is_taken_back_step_by_step(redrawing: Redrawing) -> None:
    before = pictured(redrawing.state)
    shapes = {"A": shape(*A_WITH_SLANT), "B": shape(*B_WITH_SLANT)}
    frame = drawn(redrawing.frame(), shapes)
    frame.loc["C", "name"] = "改名"
    found = redrawing.taken_over(frame)
    for _ in found.planned:
        undo(redrawing.connection, redrawing.planner.draft_id, actor="样例-甲")
    assert pictured(redrawing.state) == before
    assert redrawing.state.changed_since_base() == []


def test_ground_between_communities_moves_them_too(redrawing: Redrawing) -> None:
    shapes = {
        "B": shape((2, 2), (4.5, 2), (4.5, 4), (2, 4)),
        "E": shape((4.5, 2), (6, 2), (6, 4), (4.5, 4)),
    }
    redrawing.taken_over(drawn(redrawing.frame(), shapes))
    area = redrawing.state.area(community("1")).shape
    assert area is not None
    assert shapely.covers(area, shapely.Point(corner(4.4, 3)))


def test_a_replace_that_is_wrong_is_refused(redrawing: Redrawing) -> None:
    both = ground((0, 2), (4, 2), (4, 4), (0, 4))
    for fields in ({"grids": {"A": both}, "gone": ["A"]}, {"grids": {"Q": both}}, {"grids": {"A": both, "B": both}}):
        with pytest.raises((EditRefusedError, ConflictError)):
            redrawing.planner.do("replace", **fields)
    for fields in ({"grids": {}}, {"grids": {"A": {"type": "Point"}}}, {"grids": ["A"]}):
        with pytest.raises(InputError):
            redrawing.planner.do("replace", **fields)
    redrawing.planner.do("replace", grids={"A": both}, gone=["B"])
    assert pictured(redrawing.state).splitlines()[0] == "A A A A E E"


def test_in_a_layer_that_is_not_full_a_new_grid_may_stand_on_free_ground() -> None:
    frame = draw("AA..BB\nAA..BB")
    codes = frame["code"].tolist()
    grids = [DraftGrid(code, number, code, code, "urban", None, (code,)) for number, code in enumerate(codes)]
    shapes = dict(zip(codes, frame.geometry, strict=True))
    state = DraftState.of_base("dedicated", 1, grids, [], shapes, full=False)
    free = ground((2.2, 0), (3.5, 0), (3.5, 1), (2.2, 1))
    for fields in ({"kind": "new-grid", "ground": free, "code": "N"}, {"kind": "replace", "grids": {"N": free}}):
        after = step_of(state, read_operation({"id": "1", **fields}), Around(frozenset(codes), frozenset()))[1]
        made = after.by_code("N")
        assert (made.origins, made.name, made.kind) == ((), "N", "urban")
        assert after.shape(made.key).covers(shapely.Point(corner(3, 0.5)))
        assert successions(after) == []
    wider = {"kind": "replace", "grids": {"A": ground((0, 0), (3, 0), (3, 2), (0, 2))}}
    after = step_of(state, read_operation({"id": "1", **wider}), Around(frozenset(codes), frozenset()))[1]
    assert shapely.covers(after.shape("A"), shapely.Point(corner(2.9, 1)))
    inside = [DraftGrid(one.key, one.grid_id, one.code, one.name, one.kind, "1", one.origins) for one in grids]
    with pytest.raises(EditRefusedError) as refused:
        step_of(
            DraftState.of_base("dedicated", 1, inside, [], shapes, full=False),
            read_operation({"id": "1", "kind": "new-grid", "ground": free}),
            Around(frozenset(codes), frozenset()),
        )
    assert refused.value.reason == "no-community"


def test_a_new_grid_is_numbered_as_the_layer_does_where_its_community_has_none() -> None:
    frame = draw("AA..BB\nAA..BB")
    grids = [DraftGrid(f"g{at}", at, f"190{at}", f"专属{at}", "urban", "1", (f"g{at}",)) for at in (1, 2)]
    area = DraftArea(2, "2", "样例社区", "community", None, shapely.box(*corner(2, 0), *corner(4, 2)), ("2",))
    shapes = dict(zip(("g1", "g2"), frame.geometry, strict=True))
    state = DraftState.of_base("dedicated", 1, grids, [area], shapes, full=False)
    asked = {"id": "1", "kind": "new-grid", "ground": ground((2.2, 0), (3.5, 0), (3.5, 1), (2.2, 1))}
    after = step_of(state, read_operation(asked), Around(frozenset(state.codes), frozenset()))[1]
    assert after.by_code("2901").community == "2"


def test_what_a_file_said_is_done_again_on_a_newer_release(redrawing: Redrawing) -> None:
    redrawing.taken_over(drawn(redrawing.frame(), {"A": shape(*A_WITH_SLANT), "B": shape(*B_WITH_SLANT)}))
    other = Planner(redrawing.connection, "样例-乙")
    other.do("change", grid="G", name="另一个")
    publish(redrawing.connection, other.draft_id, actor="样例-乙")
    done = rebase(redrawing.connection, redrawing.planner.draft_id, actor="样例-甲")
    assert (done.done, done.left_out, done.draft.base) == (1, (), 2)
    assert apart(redrawing.shape_of("A"), shape(*A_WITH_SLANT)) <= 1e-9
