"""OpenStreetMap extracts: small ones drawn here, and real ones."""

import osmium
import pytest
import shapely

from geodata.errors import FileError
from geodata.exchange import read_table
from geodata.exchange.osm_tags import LAYERS, names
from geodata.exchange.table import Limits
from geodata.intake.understanding import suiting

SQUARE = [(1, 117.0, 36.0), (2, 117.01, 36.0), (3, 117.01, 36.01), (4, 117.0, 36.01)]
HOUSE = [(5, 117.002, 36.002), (6, 117.003, 36.002), (7, 117.003, 36.003), (8, 117.002, 36.003)]


def _extract(path, nodes=(), ways=(), corners=(*SQUARE, *HOUSE)):
    """Write a small PBF: tagged nodes as (id, lon, lat, tags), ways as (id, ids of nodes, tags)."""
    with osmium.SimpleWriter(str(path)) as writer:
        for node_id, lon, lat in corners:
            writer.add_node(osmium.osm.mutable.Node(id=node_id, location=(lon, lat)))
        for node_id, lon, lat, tags in nodes:
            writer.add_node(osmium.osm.mutable.Node(id=node_id, location=(lon, lat), tags=tags))
        for way_id, refs, tags in ways:
            writer.add_way(osmium.osm.mutable.Way(id=way_id, nodes=refs, tags=tags))
    return path


def _rows(table):
    return table.frame.drop(columns="geometry").to_dict("records")


def _kinds(table):
    return [note.kind for note in table.notes]


@pytest.fixture
def town(tmp_path):
    return _extract(
        tmp_path / "town.osm.pbf",
        nodes=[
            (20, 117.005, 36.005, {"name": "示例小学", "old_name": "示例村小学;一小", "amenity": "school"}),
            (21, 117.006, 36.006, {"addr:housenumber": "3;5", "addr:street": "建设路", "addr:city": "示例市"}),
            (22, 117.007, 36.007, {"addr:housenumber": "9"}),
            (23, 117.008, 36.008, {"amenity": "bench"}),
        ],
        ways=[
            (30, [1, 2, 3, 4, 1], {"landuse": "residential", "name": "示例花园", "alt_name": "花园小区"}),
            (31, [5, 6, 7, 8, 5], {"building": "apartments", "addr:housenumber": "3", "building:flats": "48"}),
            (32, [1, 2, 3], {"highway": "residential", "name": "建设路", "old_name": "解放路"}),
            (33, [2, 3], {"highway": "service"}),
            (34, [1, 3, 2, 4, 1], {"building": "yes", "name": "打结楼"}),
        ],
    )


@pytest.mark.parametrize("kind", LAYERS)
def test_the_layer_is_the_one_that_the_kind_needs(town, kind):
    assert read_table(town, fits=suiting(kind)).sheet == kind


def test_places_are_points_with_their_former_names(town):
    table = read_table(town, source_layer="places")
    (school,) = _rows(table)
    assert school == {"code": "n20", "name": "示例小学", "aliases": "示例村小学；一小", "category": "school"}
    (note,) = table.notes
    assert (note.kind, note.facts["count"]) == ("left-out", 1)  # a house whose outline crosses itself
    assert table.frame.geometry.iloc[0] == shapely.Point(117.005, 36.005)
    assert table.crs is not None
    assert table.crs.name == "EPSG:4326"


def test_streets_keep_those_without_a_name_since_borders_follow_them(town):
    rows = _rows(read_table(town, source_layer="streets"))
    assert [(row["code"], row["name"], row["aliases"], row["class"]) for row in rows] == [
        ("w32", "建设路", "解放路", "residential"),
        ("w33", None, None, "service"),
    ]


def test_compounds_are_outlines_and_buildings_lie_in_them(town):
    (compound,) = _rows(read_table(town, source_layer="compounds"))
    assert (compound["code"], compound["name"], compound["aliases"]) == ("w30", "示例花园", "花园小区")
    table = read_table(town, source_layer="buildings")
    building = _rows(table)[0]
    assert (building["code"], building["name"], building["compound"], building["households"]) == (
        "w31",
        "3号",
        "w30",
        48,
    )
    assert table.frame.geometry.iloc[0].geom_type in ("Polygon", "MultiPolygon")


def test_each_of_several_house_numbers_is_an_address_and_a_bare_number_is_counted(town):
    table = read_table(town, source_layer="addresses")
    assert [(row["code"], row["city"], row["road"], row["number"]) for row in _rows(table)] == [
        ("n21", "示例市", "建设路", "3"),
        ("n21.2", "示例市", "建设路", "5"),
    ]
    (note,) = [note for note in table.notes if note.kind == "left-out"]
    assert note.facts["count"] == 2  # a node and a house that have a number alone
    assert "道路" in note.message_zh


def test_a_way_that_misses_nodes_keeps_those_that_are_there_and_a_broken_area_is_counted(tmp_path):
    path = _extract(
        tmp_path / "edge.pbf",
        ways=[
            (40, [1, 2, 999], {"highway": "primary", "name": "边界路"}),
            (41, [1, 998, 3, 1], {"building": "yes", "name": "缺角楼"}),
            (42, [1, 997], {"highway": "primary", "name": "断头路"}),
        ],
    )
    streets = read_table(path, source_layer="streets")
    assert [row["name"] for row in _rows(streets)] == ["边界路"]
    assert "left-out" in _kinds(streets)
    assert _rows(read_table(path, source_layer="buildings")) == []


def test_without_a_kind_the_first_layer_is_read_and_the_others_are_named(town):
    table = read_table(town)
    assert (table.sheet, table.sheets) == ("places", tuple(LAYERS))
    assert "several-sheets" in _kinds(table)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, []),
        ({"name": "Example Road", "name:zh": "示例路"}, ["示例路", "Example Road"]),
        ({"name": "示例路", "name:zh": "示例路", "alt_name": "甲路; 乙路"}, ["示例路", "甲路", "乙路"]),
        ({"name": " "}, []),
    ],
)
def test_the_chinese_name_comes_first(tags, expected):
    assert names(tags) == expected


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_a_cut_off_extract_is_refused_or_read_as_far_as_it_is_whole(town, tmp_path, keep):
    content = town.read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(FileError):
        read_table(path, source_layer="streets")


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_extract_is_refused_or_read_and_never_worse(town, tmp_path, seed):
    content = bytearray(town.read_bytes())
    for step in range(3):
        content[20 + (seed * 7919 + step * 104729) % (len(content) - 20)] ^= 1 << (seed % 8)
    path = tmp_path / "damaged.osm.pbf"
    path.write_bytes(bytes(content))
    for layer in LAYERS:
        try:
            table = read_table(path, source_layer=layer)
        except FileError:
            continue
        assert len(table.frame) == len(table.rows)


def test_too_many_rows_are_refused(town):
    with pytest.raises(FileError, match="rows"):
        read_table(town, source_layer="streets", limits=Limits(rows=1))


def test_an_extract_under_another_name_is_refused(town, tmp_path):
    other = tmp_path / "town.csv"
    other.write_bytes(town.read_bytes())
    with pytest.raises(FileError, match="OpenStreetMap"):
        read_table(other)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        (
            "beijing/tsinghua.osm.pbf",
            {"places": 500, "streets": 600, "compounds": 5, "buildings": 290, "addresses": 25},
        ),
        ("beijing/wangjing.osm.pbf", {"places": 150, "streets": 200, "compounds": 3, "buildings": 50, "addresses": 0}),
        ("network/huaxian.osm.pbf", {"places": 30, "streets": 300, "compounds": 0, "buildings": 0, "addresses": 0}),
    ],
)
def test_real_extracts_hold_what_the_map_shows(shared_data, name, counts):
    for layer, least in counts.items():
        assert len(read_table(shared_data / name, source_layer=layer).frame) >= least, layer
