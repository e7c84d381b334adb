"""Streets that are walked and barriers that are not, through the door of loads."""

import geopandas as gpd
import pytest
import shapely

from geodata.errors import InputError, NotKnownError
from geodata.intake.extent import parse_box
from geodata.intake.report import LoadOptions
from geodata.load import load, load_frame
from geodata.station.barriers import barriers_now
from geodata.station.foot import foot_of
from geodata.station.streets import streets_now

COMMIT = LoadOptions(crs="EPSG:4326", commit=True)
BOX = (116.99, 35.99, 117.015, 36.015)


def _frame(*shapes, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4326")


def _line(*points):
    return shapely.LineString(points)


EAST = _line((117.0, 36.0), (117.01, 36.0), (117.02, 36.0))
NORTH = _line((117.01, 36.0), (117.01, 36.01))
APART = _line((117.0, 36.02), (117.01, 36.02))
LAKE = shapely.box(117.0, 36.0, 117.01, 36.01)


def _kinds(report):
    return [finding.kind for finding in report.findings]


def test_who_walks_and_where_nobody_passes_is_kept_and_the_same_again_changes_nothing(connection):
    frame = _frame(
        EAST,
        NORTH,
        code=["A", "B"],
        foot=["是", "steps"],
        closed=["MULTIPOINT ((117.01 36))", None],
        cut=[None, "POINT (117.01 36.01)"],
    )
    load_frame(connection, "streets", frame, options=COMMIT)
    first, second = streets_now(connection)
    assert (first["foot"], second["foot"]) == ("yes", "steps")
    assert shapely.from_wkb(first["closed"]) == shapely.MultiPoint([(117.01, 36)])
    assert (first["cut"], second["closed"]) == (None, None)
    assert shapely.from_wkb(second["cut"]) == shapely.MultiPoint([(117.01, 36.01)])
    assert not load_frame(connection, "streets", frame, options=COMMIT).plan.changes_anything
    opened = load_frame(connection, "streets", frame.assign(closed=None), options=COMMIT)
    assert opened.plan.changed == ("A",)


@pytest.mark.parametrize(
    ("column", "cell", "kind"), [("foot", "飞", "unknown-choice"), ("closed", "117,36", "not-points"),
                                 ("cut", "LINESTRING (0 0, 1 1)", "not-points")]
)  # fmt: skip
def test_a_cell_that_says_nothing_of_walking_is_an_error(connection, column, cell, kind):
    report = load_frame(connection, "streets", _frame(EAST, **{column: [cell]}))
    assert [(finding.kind, finding.row) for finding in report.errors] == [(kind, 1)]


@pytest.mark.parametrize(
    ("foot", "street_class", "expected"),
    [
        ("", "residential", "yes"),
        ("", "", "yes"),
        ("", "高速公路", "no"),
        ("", "motorway", "no"),
        ("", "trunk", "no"),
        ("", "steps", "steps"),
        ("", "台阶", "steps"),
        ("", "轮渡", "no"),
        ("yes", "trunk", "yes"),
        ("private", "支路", "private"),
    ],
)
def test_the_class_decides_where_nobody_says_who_walks(foot, street_class, expected):
    assert foot_of(foot, street_class) == expected


def test_streets_are_cut_at_the_box_with_their_ends_marked(connection):
    options = LoadOptions(crs="EPSG:4326", commit=True, box=BOX)
    report = load_frame(connection, "streets", _frame(EAST, NORTH, APART, code=["A", "B", "C"]), options=options)
    assert _kinds(report) == ["outside-extent"]
    assert report.findings[0].facts["count"] == 1
    east, north = streets_now(connection)
    assert shapely.get_coordinates(shapely.from_wkb(east["wkb"])).tolist() == [
        [117.0, 36.0],
        [117.01, 36.0],
        [117.015, 36.0],
    ]
    assert shapely.from_wkb(east["cut"]) == shapely.MultiPoint([(117.015, 36.0)])
    assert (north["cut"], len(streets_now(connection))) == (None, 2)


def test_only_what_reaches_into_the_box_ends_and_what_reaches_beyond_is_said(connection):
    load_frame(connection, "streets", _frame(EAST, NORTH, APART, code=["A", "B", "C"]), options=COMMIT)
    options = LoadOptions(crs="EPSG:4326", box=BOX, retire_missing=True)
    report = load_frame(connection, "streets", _frame(EAST, code=["A"]), options=options)
    assert (report.plan.changed, report.plan.ended) == (("A",), ("B",))
    assert "loses-part" in _kinds(report)


def test_a_box_beside_the_data_is_an_error_that_says_where_the_data_is(connection):
    options = LoadOptions(crs="EPSG:4326", box=(8.0, 49.0, 9.0, 50.0))
    for kind in ("streets", "barriers"):
        report = load_frame(connection, kind, _frame(EAST, **{"class": ["railway"]}), options=options)
        assert [finding.kind for finding in report.errors] == ["outside-extent"]
        assert "117.0000,36.0000" in report.errors[0].message


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "117.1,36,117,37", "117,36,117,37", "nan,0,1,1", "0,0,inf,1"])
def test_a_box_that_is_none_is_refused(text):
    with pytest.raises(InputError, match="west,south,east,north"):
        parse_box(text)


def test_a_box_is_west_south_east_north():
    assert parse_box(" 117.0, 36.6，117.1,36.7") == (117.0, 36.6, 117.1, 36.7)


def test_streets_are_cut_at_an_area_or_at_those_in_it_and_one_without_outline_is_refused(connection):
    areas = gpd.GeoDataFrame(
        {"code": ["1", "11", "2"], "name": ["示例街道", "示例社区", "无界街道"],
         "level": ["street", "community", "street"], "parent": [None, "1", None]},
        geometry=[None, shapely.box(*BOX), None], crs="EPSG:4326",
    )  # fmt: skip
    load_frame(connection, "areas", areas, options=COMMIT)
    within = LoadOptions(crs="EPSG:4326", commit=True, within="1")
    load_frame(connection, "streets", _frame(EAST, code=["A"]), options=within)
    (row,) = streets_now(connection)
    assert shapely.from_wkb(row["cut"]) == shapely.MultiPoint([(117.015, 36.0)])
    for code, error in (("2", InputError), ("3", NotKnownError)):
        with pytest.raises(error):
            load_frame(connection, "streets", _frame(EAST), options=LoadOptions(crs="EPSG:4326", within=code))
    both = LoadOptions(crs="EPSG:4326", within="1", box=(8.0, 49.0, 9.0, 50.0))
    with pytest.raises(InputError, match="do not meet"):
        load_frame(connection, "streets", _frame(EAST), options=both)


def test_pieces_that_are_not_joined_are_said_with_length_and_place(connection):
    report = load_frame(connection, "streets", _frame(EAST, NORTH, APART, name=[None, None, "孤路"]))
    (finding,) = report.findings
    assert finding.kind == "unconnected-piece"
    assert 890 < finding.facts["metres"] < 910
    assert (round(finding.lon, 2), round(finding.lat, 2)) in [(117.0, 36.02), (117.01, 36.02)]
    assert "孤路" in finding.message
    assert "孤路" in finding.message_zh


def test_pieces_past_fifty_are_counted(connection):
    rungs = [_line((117.0, 36 + n / 1000), (117.01, 36 + n / 1000)) for n in range(60)]
    found = load_frame(connection, "streets", _frame(*rungs)).findings
    assert [finding.kind for finding in found] == ["unconnected-piece"] * 51
    assert found[-1].facts["count"] == 9


def test_streets_that_nobody_walks_are_said_to_be_that(connection):
    report = load_frame(connection, "streets", _frame(EAST, NORTH, foot=["no", "private"]))
    assert _kinds(report) == ["no-foot-ways"]


def test_pieces_elsewhere_are_not_told_again(connection):
    load_frame(connection, "streets", _frame(EAST, APART, code=["A", "B"]), options=COMMIT)
    there = _line((118.0, 30.0), (118.01, 30.0))
    assert load_frame(connection, "streets", _frame(there, code=["C"])).findings == ()


def test_a_network_across_a_river_is_one_of_its_own(connection):
    (finding,) = load_frame(connection, "streets", _frame(EAST, APART)).findings
    assert finding.facts["share"] > 0.3
    assert "a network of its own" in finding.message
    assert "自成一片" in finding.message_zh


@pytest.mark.parametrize("repair", [False, True])
def test_a_file_without_streets_is_an_error_and_ends_none(connection, repair):
    options = LoadOptions(crs="EPSG:4326", retire_missing=True, repair=repair)
    report = load_frame(connection, "streets", _frame(EAST)[:0], options=options)
    assert [finding.kind for finding in report.errors] == ["no-streets"]
    assert load_frame(connection, "barriers", _frame(LAKE, **{"class": ["water"]})[:0], options=options).errors == ()


GRID = [_line((117.0, 36 + n / 100), (117.03, 36 + n / 100)) for n in range(3)]
GRID += [_line((117.005 + n / 100, 35.99), (117.005 + n / 100, 36.03)) for n in range(3)]


def test_lines_that_cross_without_a_vertex_are_said_and_joined_when_asked(connection):
    before = load_frame(connection, "streets", _frame(*GRID))
    assert _kinds(before) == ["not-noded", *["unconnected-piece"] * 5]
    assert before.findings[0].facts == {"crossings": 18, "apart": 18}
    mended = LoadOptions(crs="EPSG:4326", commit=True, repair=True)
    report = load_frame(connection, "streets", _frame(*GRID), options=mended)
    assert (report.findings, {mend.kind for mend in report.mends}, len(report.mends)) == ((), {"noded"}, 6)
    assert "got 3 vertices" in report.mends[0].message
    rows = streets_now(connection)
    assert all(len(shapely.get_coordinates(shapely.from_wkb(row["wkb"]))) == 5 for row in rows)
    assert not load_frame(connection, "streets", _frame(*GRID), options=mended).plan.changes_anything


@pytest.mark.parametrize(("column", "cell", "plain"), [("bridge", "T", "F"), ("tunnel", "yes", None), ("layer", 1, 0)])
def test_a_bridge_stays_above_what_it_crosses(connection, column, cell, plain):
    cells = [cell, *[plain] * 5]
    report = load_frame(
        connection, "streets", _frame(*GRID, **{column: cells}), options=LoadOptions(crs="EPSG:4326", repair=True)
    )
    assert _kinds(report) == ["unconnected-piece"]
    assert len(report.mends) == 5


def test_an_end_within_a_millimetre_of_a_line_joins_it(connection):
    touching = _line((117.005, 36.0 + 5e-9), (117.005, 36.01))
    report = load_frame(
        connection, "streets", _frame(EAST, touching), options=LoadOptions(crs="EPSG:4326", repair=True)
    )
    assert _kinds(report) == []


def test_barriers_are_kept_as_lines_or_areas_and_undone_and_changed_by_code(connection):
    frame = _frame(LAKE, EAST, code=["L", "R"], **{"class": ["湖泊", "铁路"]})
    report = load_frame(connection, "barriers", frame, options=COMMIT)
    assert report.findings == ()
    lake, rail = barriers_now(connection)
    assert (lake["class"], shapely.from_wkb(lake["wkb"]).geom_type) == ("water", "MultiPolygon")
    assert (rail["class"], shapely.from_wkb(rail["wkb"]).geom_type) == ("railway", "MultiLineString")
    assert not load_frame(connection, "barriers", frame, options=COMMIT).plan.changes_anything
    ending = LoadOptions(crs="EPSG:4326", commit=True, retire_missing=True)
    assert load_frame(connection, "barriers", frame[:1], options=ending).plan.ended == ("R",)
    assert [row["code"] for row in barriers_now(connection)] == ["L"]


def test_barriers_are_cut_at_the_box(connection):
    options = LoadOptions(crs="EPSG:4326", commit=True, box=(117.005, 35.99, 117.015, 36.005))
    frame = _frame(LAKE, EAST, shapely.box(118, 36, 118.1, 36.1), **{"class": ["water", "railway", "water"]})
    assert _kinds(load_frame(connection, "barriers", frame, options=options)) == ["outside-extent"]
    shapes = [shapely.from_wkb(row["wkb"]) for row in barriers_now(connection)]
    assert {shape.bounds for shape in shapes} == {(117.005, 36.0, 117.01, 36.005), (117.005, 36.0, 117.015, 36.0)}


def test_a_ring_that_crosses_itself_is_an_error_or_mended(connection):
    bow = shapely.Polygon([(117, 36), (117.01, 36.01), (117.01, 36), (117, 36.01)])
    frame = _frame(bow, **{"class": ["water"]})
    assert [finding.kind for finding in load_frame(connection, "barriers", frame).errors] == ["invalid-ring"]
    mended = load_frame(connection, "barriers", frame, options=LoadOptions(crs="EPSG:4326", repair=True))
    assert ([finding.kind for finding in mended.errors], [mend.kind for mend in mended.mends]) == ([], ["made-valid"])


@pytest.mark.parametrize(
    ("shape", "cell", "kind"),
    [(shapely.Point(117, 36), "water", "not-a-line"), (EAST, "沼泽", "unknown-choice"), (EAST, None, "missing-value")],
)
def test_a_barrier_that_is_none_is_an_error(connection, shape, cell, kind):
    report = load_frame(connection, "barriers", _frame(shape, **{"class": [cell]}))
    assert [finding.kind for finding in report.errors] == [kind]


@pytest.mark.parametrize("kind", ["places", "grids"])
def test_a_box_means_nothing_for_what_is_neither_street_nor_barrier(connection, kind):
    with pytest.raises(InputError, match="--box"):
        load_frame(connection, kind, _frame(LAKE), options=LoadOptions(box=BOX))


def _mark(connection, part):
    return connection.execute("SELECT version FROM data_parts WHERE part = %s", [part]).fetchone()[0]


def test_followers_see_that_barriers_and_profiles_changed(connection):
    before = [_mark(connection, part) for part in ("streets", "barriers", "walking_profiles")]
    load_frame(connection, "barriers", _frame(LAKE, **{"class": ["water"]}), options=COMMIT)
    connection.execute("UPDATE walking_profiles SET kmh = 3.4 WHERE code = 'older'")
    after = [_mark(connection, part) for part in ("streets", "barriers", "walking_profiles")]
    assert [new - old for old, new in zip(before, after, strict=True)] == [0, 1, 1]


def test_what_was_published_of_walking_is_history(connection):
    load_frame(connection, "streets", _frame(EAST, code=["A"], foot=["yes"]), options=COMMIT)
    load_frame(connection, "barriers", _frame(LAKE, code=["L"], **{"class": ["water"]}), options=COMMIT)
    for refused in ("UPDATE streets SET foot = 'no'", "UPDATE barriers SET class = 'wall'", "DELETE FROM barriers"):
        with pytest.raises(Exception, match=r"history|never deleted"), connection.transaction():
            connection.execute(refused)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "box", "pieces", "longest_apart"),
    [
        ("beijing/tsinghua", (116.3085, 39.9907, 116.3320, 40.0122), 33, 4245),
        ("beijing/wangjing", (116.4596, 39.9867, 116.4816, 40.0040), 9, 734),
        ("network/huaxian", None, 4, 463),
    ],
)
def test_real_streets_and_barriers_load_and_their_pieces_are_told(
    connection, shared_data, name, box, pieces, longest_apart
):
    path = shared_data / f"{name}.osm.pbf"
    report = load(connection, "streets", path, options=LoadOptions(box=box, commit=True))
    apart = [finding.facts["metres"] for finding in report.findings if finding.kind == "unconnected-piece"]
    assert report.errors == ()
    assert len(apart) == pieces
    assert apart[0] == pytest.approx(longest_apart, abs=1)
    assert ("no-box" in _kinds(report)) == (box is None)
    assert not load(connection, "streets", path, options=LoadOptions(box=box)).plan.changes_anything
    assert load(connection, "barriers", path, options=LoadOptions(box=box, commit=True)).errors == ()
