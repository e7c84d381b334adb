"""Where an OpenStreetMap extract ends, and what closes its ways; small extracts drawn here, and real ones."""

import osmium
import pytest
import shapely

from geodata.exchange import read_table
from geodata.exchange.osm_edge import FEWEST_WAYS

STREET = {"highway": "residential"}


def _extract(path, nodes, ways, box=None):
    """Write a PBF: nodes as (id, lon, lat, tags), ways as (id, ids of nodes, tags)."""
    header = osmium.io.Header()
    if box is not None:
        header.add_box(osmium.osm.Box(*box))
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for node_id, lon, lat, *tags in nodes:
            writer.add_node(osmium.osm.mutable.Node(id=node_id, location=(lon, lat), tags=dict(*tags)))
        for way_id, refs, tags in ways:
            writer.add_way(osmium.osm.mutable.Way(id=way_id, nodes=refs, tags=tags))
    return path


def _read(path, layer="streets"):
    table = read_table(path, source_layer=layer)
    return {row["code"]: row for row in table.frame.to_dict("records")}, [note.kind for note in table.notes]


def _points(text):
    return None if text is None else {(point.x, point.y) for point in shapely.from_wkt(text).geoms}


CROSS = [(1, 117.0, 36.0), (2, 117.01, 36.0), (3, 117.03, 36.0), (4, 117.01, 36.005), (5, 117.05, 36.0)]


def test_streets_end_at_the_box_that_the_head_states(tmp_path):
    path = _extract(
        tmp_path / "a.osm.pbf",
        CROSS,
        [(10, [1, 2, 3], STREET), (11, [2, 4], STREET), (12, [3, 5], STREET)],
        box=(116.99, 35.99, 117.02, 36.01),
    )
    rows, notes = _read(path)
    assert set(rows) == {"w10", "w11"}
    assert list(rows["w10"]["geometry"].coords) == [(117.0, 36.0), (117.01, 36.0), (117.02, 36.0)]
    assert _points(rows["w10"]["cut"]) == {(117.02, 36.0)}
    assert rows["w11"]["cut"] is None
    assert notes == []


@pytest.mark.parametrize("box", [None, (0.0, 0.0, 180.0, 90.0)])
def test_without_a_box_that_says_anything_nothing_is_cut_and_the_box_is_told(tmp_path, box):
    path = _extract(tmp_path / "a.osm.pbf", CROSS, [(10, [1, 2, 3], STREET), (11, [2, 4], STREET)], box=box)
    table = read_table(path, source_layer="streets")
    (note,) = table.notes
    assert note.kind == "no-box"
    assert "--box 117.0000,36.0000,117.0300,36.0050" in note.message
    assert "--box" in note.message_zh
    assert table.frame["cut"].isna().all()


def test_dead_ends_beyond_the_box_that_every_way_reaches_count_as_cut(tmp_path):
    side = 20
    nodes = [(1 + i * side + j, 117 + i / 1000, 36 + j / 1000) for i in range(side) for j in range(side)]
    ways = [(1000 + n, [n, n + 1], STREET) for n, *_ in nodes if n % side]
    ways += [(3000 + n, [n, n + side], STREET) for n, *_ in nodes if n + side <= side * side]
    nodes += [(900, 117.05, 36.01), (901, 117.0101, 36.0105)]
    ways += [(5000, [side * (side - 1) + 11, 900], STREET), (5001, [side * 10 + 11, 901], STREET)]
    assert len(ways) > FEWEST_WAYS
    rows, notes = _read(_extract(tmp_path / "a.osm.pbf", nodes, ways))
    cut = {code: _points(row["cut"]) for code, row in rows.items() if row["cut"]}
    assert cut == {"w5000": {(117.05, 36.01)}}
    assert notes == ["no-box"]


def test_a_street_is_parted_and_cut_where_the_extract_lacks_its_nodes(tmp_path):
    rows, _ = _read(_extract(tmp_path / "a.osm.pbf", CROSS, [(10, [1, 2, 999, 3, 5], STREET)]))
    assert [list(part.coords) for part in rows["w10"]["geometry"].geoms] == [
        [(117.0, 36.0), (117.01, 36.0)],
        [(117.03, 36.0), (117.05, 36.0)],
    ]
    assert _points(rows["w10"]["cut"]) == {(117.01, 36.0), (117.03, 36.0)}


def test_streets_share_vertices_to_the_last_bit_and_a_locked_gate_closes_its_own(tmp_path):
    nodes = [(1, 117.0, 36.0), (2, 117.0123457, 36.0765431, {"barrier": "gate", "locked": "yes"}), (3, 117.02, 36.1)]
    nodes.append((4, 117.0, 36.1, {"barrier": "bollard"}))
    rows, _ = _read(_extract(tmp_path / "a.osm.pbf", nodes, [(10, [1, 2], STREET), (11, [4, 2, 3], STREET)]))
    at = rows["w10"]["geometry"].coords[-1]
    assert at == rows["w11"]["geometry"].coords[1]
    assert _points(rows["w10"]["closed"]) == _points(rows["w11"]["closed"]) == {at}


def test_a_platform_is_walked_and_gives_no_street_its_name(tmp_path):
    ways = [(10, [1, 2, 3], {**STREET, "name": "建设路"}), (11, [2, 4], {"railway": "platform", "name": "示例站"})]
    rows, _ = _read(_extract(tmp_path / "a.osm.pbf", CROSS, ways))
    assert {code: (row["name"], row["class"], row["foot"]) for code, row in rows.items()} == {
        "w10": ("建设路", "residential", "yes"),
        "w11": (None, "platform", "yes"),
    }


def test_bridges_and_tunnels_are_told_so_that_a_repair_does_not_join_what_lies_beneath(tmp_path):
    above = {**STREET, "bridge": "viaduct", "layer": "1"}
    rows, _ = _read(_extract(tmp_path / "a.osm.pbf", CROSS, [(10, [1, 3], above), (11, [2, 4], STREET)]))
    assert [rows["w10"][name] for name in ("bridge", "tunnel", "layer")] == ["viaduct", None, "1"]
    assert rows["w11"]["bridge"] is None


def test_barriers_are_lines_and_areas_each_once(tmp_path):
    corners = [(1, 117.0, 36.0), (2, 117.02, 36.0), (3, 117.02, 36.02), (4, 117.0, 36.02)]
    ring = [1, 2, 3, 4, 1]
    ways = [
        (10, ring, {"natural": "water", "name": "示例湖"}),
        (11, ring, {"barrier": "wall"}),
        (12, [1, 3], {"railway": "rail"}),
        (13, [2, 4], {"waterway": "river", "tunnel": "yes"}),
        (14, ring, {"natural": "water", "barrier": "fence"}),
    ]
    rows, notes = _read(_extract(tmp_path / "a.osm.pbf", corners, ways), "barriers")
    found = {code: (row["class"], row["geometry"].geom_type) for code, row in rows.items()}
    assert found == {
        "w10": ("water", "MultiPolygon"),
        "w11": ("wall", "LineString"),
        "w12": ("railway", "LineString"),
        "w14": ("water", "MultiPolygon"),
    }
    assert rows["w10"]["name"] == "示例湖"
    assert notes == []


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "box", "walked"),
    [
        ("beijing/tsinghua", "116.3085,39.9907,116.3320,40.0122", 683),
        ("beijing/wangjing", "116.4596,39.9867,116.4816,40.0040", 239),
        ("network/huaxian", "114.9710,35.4984,115.0919,35.5624", 342),
    ],
)
def test_real_extracts_without_a_box_tell_the_one_that_they_were_cut_at(shared_data, name, box, walked):
    table = read_table(shared_data / f"{name}.osm.pbf", source_layer="streets")
    assert [note.message.rpartition("--box ")[2] for note in table.notes] == [box]
    assert table.frame["foot"].isin(["yes", "steps"]).sum() == walked
    assert 40 <= table.frame["cut"].notna().sum() <= 50
