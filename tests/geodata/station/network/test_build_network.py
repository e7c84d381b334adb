"""From lines to nodes and edges: what joins, what does not, and how long it is."""

import itertools
import random
from dataclasses import fields
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata.station.network.arrays import UNREACHED, Barrier, Line, Network
from geodata.station.network.build import build_network
from geodata.station.network.profiles import ADULT, Profile
from tests.streets_of_extract import read_extract
from tests.walked_by_networkx import graph_of_lines

GEOD = Geod(ellps="WGS84")
STEP = 0.001
"""A letter or digit further is this much, in degrees."""


def at(east: float, north: float) -> tuple[float, float]:
    return 87 + east * STEP, 36 + north * STEP


def line(*places: tuple[float, float], name: str = "", foot: str = "yes", **marks: list[tuple[float, float]]) -> Line:
    """A line through places in steps from a corner, with vertices that are `closed` or `cut`."""
    points = {mark: shapely.MultiPoint([at(*place) for place in found]) for mark, found in marks.items()}
    return Line(shapely.LineString([at(*place) for place in places]), name, foot, **points)


def edges_of(network: Network) -> list[list[tuple[float, float]]]:
    """The shape of each edge, in steps from the corner."""
    shapes = np.column_stack([(network.shape_lons - 87) / STEP, (network.shape_lats - 36) / STEP]).round(6) + 0.0
    ends = itertools.pairwise(network.shape_first.tolist())
    return [[(east, north) for east, north in shapes[first:last].tolist()] for first, last in ends]


def same(one: Network, other: Network) -> bool:
    names = [field.name for field in fields(Network) if field.name != "index"]
    pairs = [(getattr(one, name), getattr(other, name)) for name in names]
    return all(np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in pairs)


# --- what joins ------------------------------------------------------------------------------------------------------


def test_lines_that_share_a_vertex_meet_there_and_what_only_crosses_does_not() -> None:
    street = line((0, 0), (1, 0), (2, 0))
    joined = build_network([street, line((1, 0), (1, 1))])
    assert (joined.node_count, joined.edge_count, len(joined.piece_mm)) == (4, 3, 1)
    bridge = build_network([street, line((0.5, -1), (0.5, 1))])
    assert (bridge.node_count, bridge.edge_count, len(bridge.piece_mm)) == (4, 2, 2)


def test_a_vertex_where_nothing_else_meets_is_shape_but_a_node_where_one_line_goes_on_as_another() -> None:
    network = build_network([line((0, 0), (1, 1), (2, 0), name="甲路"), line((3, 0), (2, 0), name="乙路乙路")])
    assert edges_of(network) == [[(0, 0), (1, 1), (2, 0)], [(2, 0), (3, 0)]]
    assert [network.names[place] for place in network.name] == ["甲路", "乙路乙路"]


def test_a_street_drawn_on_leaves_the_edges_that_were_there() -> None:
    street = [line((0, 0), (1, 0)), line((0, 0), (0, 1))]
    longer = build_network([*street, line((1, 0), (2, 3), (5, 5)), line((0, 1), (1, 1), (1, 0))])
    assert [edge for edge in edges_of(build_network(street)) if edge not in edges_of(longer)] == []


def test_where_lines_lie_on_each_other_no_name_gives_way_to_a_name() -> None:
    whole = line((0, 0), (5, 0), (7, 0), (8, 0))
    one, other = line((5, 0), (7, 0), name="长街"), line((7, 0), (8, 0), name="短巷")
    network = build_network([whole, one, other])
    assert [network.names[place] for place in network.name] == ["", "长街", "短巷"]


def test_neighbouring_doubles_are_two_places_but_zero_has_no_sign() -> None:
    lines = [Line(shapely.LineString([(-0.0, 1), (0, 0)])), Line(shapely.LineString([(0, 1), (-1, 1)]))]
    assert len(build_network(lines).piece_mm) == 1
    lines[1] = Line(shapely.LineString([(5e-324, 1), (-1, 1)]))
    assert len(build_network(lines).piece_mm) == 2


def test_a_closed_vertex_ends_each_line_that_calls_it_closed_and_joins_nothing() -> None:
    gate = [(1.0, 0.0)]
    across = line((1, -1), (1, 0), (1, 1), closed=gate)
    network = build_network([line((0, 0), (1, 0), (2, 0), closed=gate), across])
    assert (network.node_count, network.edge_count, len(network.piece_mm)) == (8, 4, 4)
    assert np.diff(network.adjacent_first).tolist() == [1] * 8
    # Whoever does not call it closed passes.
    open_road = line((1, -1), (1, 0), (1, 1))
    network = build_network([line((0, 0), (1, 0), (2, 0), closed=gate), open_road])
    assert (network.edge_count, len(network.piece_mm)) == (3, 3)


def test_a_closed_vertex_that_a_line_has_twice_ends_it_twice() -> None:
    ring = line((0, 0), (1, 0), (1, 1), (0, 0), closed=[(0, 0)])
    network = build_network([ring])
    assert (network.node_count, network.edge_count) == (2, 1)
    assert network.tail.tolist() != network.head.tolist()


def test_no_edge_runs_through_a_vertex_that_is_cut() -> None:
    network = build_network([line((0, 0), (1, 0), (2, 0), cut=[(1, 0), (2, 0), (9, 9)])])
    assert edges_of(network) == [[(0, 0), (1, 0)], [(1, 0), (2, 0)]]
    assert network.cut.tolist() == [False, True, True]


def test_parallel_edges_and_loops_are_kept() -> None:
    network = build_network([line((0, 0), (1, 1), (2, 0)), line((0, 0), (1, -1), (2, 0)), line((0, 0), (2, 0))])
    assert (network.tail.tolist(), network.head.tolist()) == ([0, 0, 0], [1, 1, 1])
    loop = build_network([line((0, 0), (1, 0), (1, 1), (0, 0)), line((0, 0), (-1, 0))])
    assert (loop.tail.tolist(), loop.head.tolist()) == ([0, 1], [1, 1])
    assert loop.adjacent_edge[loop.adjacent_first[1] :].tolist() == [0, 1, 1]


def test_a_ring_that_nothing_meets_has_one_node_where_its_line_begins() -> None:
    network = build_network([line((2, 0), (1, 1), (0, 0), (1, -1), (2, 0))])
    assert (network.node_count, network.tail.tolist(), network.head.tolist()) == (1, [0], [0])
    assert edges_of(network)[0][0] == edges_of(network)[0][-1] == (2, 0)
    assert len(edges_of(network)[0]) == 5


def test_stairs_never_share_an_edge_with_level_ground() -> None:
    network = build_network([line((0, 0), (1, 0), (2, 0)), line((2, 0), (3, 0), foot="steps"), line((3, 0), (4, 0))])
    assert network.steps.tolist() == [False, True, False]


def test_what_nobody_walks_is_left_out() -> None:
    ways = [line((0, 0), (1, 0), foot=foot) for foot in ("no", "private")]
    assert build_network(ways).edge_count == 0
    assert build_network([*ways, line((1, 0), (2, 0))]).edge_count == 1


def test_a_street_that_is_there_twice_is_there_once_with_its_name() -> None:
    street = line((0, 0), (1, 0), (2, 0))
    once = build_network([line((0, 0), (1, 0), name="人民路"), line((1, 0), (2, 0), name="人民路")])
    assert same(build_network([street, line((2, 0), (1, 0), name="人民路"), line((0, 0), (1, 0), name="人民路")]), once)
    assert build_network([street, line((0, 0), (1, 0), (2, 0), foot="steps")]).edge_count == 4


def test_stretches_of_no_length_are_left_out() -> None:
    network = build_network([line((0, 0), (1, 0), (1, 0), (2, 0)), line((5, 5), (5, 5))])
    assert edges_of(network) == [[(0, 0), (1, 0), (2, 0)]]


def test_parts_of_a_line_do_not_join_by_belonging_to_it() -> None:
    parts = shapely.MultiLineString([[at(0, 0), at(1, 0)], [at(2, 0), at(3, 0)]])
    assert len(build_network([Line(parts)]).piece_mm) == 2


def test_heights_mean_nothing() -> None:
    lines = [Line(shapely.LineString([(0, 0, 5), (1, 1, 6)])), Line(shapely.LineString([(1, 1, 9), (2, 2, 6)]))]
    assert len(build_network(lines).piece_mm) == 1


@pytest.mark.parametrize("lines", [[], [line((0, 0), (1, 0), foot="no")], [Line(shapely.MultiLineString())]])
def test_without_streets_the_network_is_empty(lines: list[Line]) -> None:
    network = build_network(lines, [Barrier(shapely.LineString([(0, 0), (1, 1)]))], version="v", compiled_at=7)
    assert (network.node_count, network.edge_count, len(network.piece_mm)) == (0, 0, 0)
    assert (network.version, network.compiled_at, network.names) == ("v", 7, ("",))
    assert (network.shape_first.tolist(), network.adjacent_first.tolist()) == ([0], [0])
    assert len(network.barriers) == 1
    assert len(ADULT.edge_ms(network)) == 0


# --- order and pieces ------------------------------------------------------------------------------------------------


def test_pieces_come_by_their_length() -> None:
    network = build_network([line((0, 0), (1, 0)), line((0, 5), (3, 5)), line((0, 9), (2, 9))])
    assert (np.diff(network.piece_mm) < 0).all()
    assert network.piece[network.tail].tolist() == [2, 0, 1]
    assert network.piece_mm.sum() == network.mm.sum()


POINTS = st.tuples(st.integers(0, 4), st.integers(0, 4))
STREETS = st.lists(
    st.tuples(st.lists(POINTS, min_size=2, max_size=6), st.sampled_from(["yes", "steps", "no"])), max_size=12
)


def drawn(streets: list[tuple[list[tuple[int, int]], str]]) -> list[Line]:
    return [line(*places, foot=foot) for places, foot in streets]


@settings(max_examples=60, deadline=None)
@given(streets=STREETS, seed=st.integers(0, 99))
def test_the_order_and_direction_of_lines_do_not_matter(
    streets: list[tuple[list[tuple[int, int]], str]], seed: int
) -> None:
    shuffled = [(places[:: random.Random(seed).choice((1, -1))], foot) for places, foot in streets]
    random.Random(seed).shuffle(shuffled)
    assert same(build_network(drawn(streets)), build_network(drawn(shuffled)))


@settings(max_examples=100, deadline=None)
@given(streets=STREETS)
def test_edges_are_all_the_stretches_that_lines_have_and_each_once(
    streets: list[tuple[list[tuple[int, int]], str]],
) -> None:
    network = build_network(drawn(streets))
    wanted = {
        (*sorted(pair), foot == "steps")
        for places, foot in streets
        for pair in itertools.pairwise(places)
        if foot != "no" and pair[0] != pair[1]
    }
    built = [
        (*sorted(pair), steps)
        for shape, steps in zip(edges_of(network), network.steps.tolist(), strict=True)
        for pair in itertools.pairwise(shape)
    ]
    assert sorted(built) == sorted(wanted)
    # Ends are nodes, and only ends: whoever stands at a vertex in the middle cannot turn.
    ends = [place for shape in edges_of(network) for place in (shape[0], shape[-1])]
    inner = {place for shape in edges_of(network) for place in shape[1:-1]}
    assert not inner & set(ends)
    assert network.node_count == len(set(ends))
    degree = np.diff(network.adjacent_first)
    assert degree.sum() == 2 * network.edge_count
    assert (degree > 0).all()
    for node in range(network.node_count):
        held = network.adjacent_edge[network.adjacent_first[node] : network.adjacent_first[node + 1]]
        assert ((network.tail[held] == node) | (network.head[held] == node)).all()
    assert (network.piece[network.tail] == network.piece[network.head]).all()
    assert (network.tail <= network.head).all()


def test_arrays_cannot_be_written_to() -> None:
    network = build_network([line((0, 0), (1, 0))])
    assert not any(getattr(network, field.name).flags.writeable for field in fields(Network)[2:8])


# --- how long --------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(lon=st.floats(-170, 170), lat=st.floats(-60, 60), angle=st.floats(0, 6.3), metres=st.floats(0.01, 10_000))
def test_lengths_are_those_on_the_ellipsoid(lon: float, lat: float, angle: float, metres: float) -> None:
    lon2, lat2, _ = GEOD.fwd(lon, lat, np.degrees(angle), metres)
    network = build_network([Line(shapely.LineString([(lon, lat), (lon2, lat2)]))])
    true = max(1.0, 1000 * GEOD.inv(lon, lat, lon2, lat2)[2])
    relative = 2e-8 if metres <= 1000 else 2e-6
    assert network.mm[0] == pytest.approx(true, abs=0.5 + 0.01, rel=relative)


def test_an_edge_is_never_without_length_and_never_longer_than_times_can_say() -> None:
    tiny = build_network([Line(shapely.LineString([(87, 36), (87 + 1e-12, 36)]))])
    assert tiny.mm.tolist() == [1]
    huge = build_network([Line(shapely.LineString([(0, 0), (150, 0)]))])
    assert UNREACHED > huge.mm[0] > 2_000_000_000
    assert ADULT.edge_ms(huge)[0] > 0
    assert Profile("snail", "蜗牛", "Snail", 1e-6).edge_ms(huge).tolist() == [UNREACHED]


# --- profiles --------------------------------------------------------------------------------------------------------


def test_times_are_whole_milliseconds_at_the_speed_of_the_profile() -> None:
    network = build_network([line((0, 0), (1, 0)), line((5, 0), (6, 0), foot="steps")])
    assert ADULT.edge_ms(network).tolist() == [round(mm * 3.6 / 5) for mm in network.mm.tolist()]
    assert ADULT.edge_ms(network).dtype == np.int32
    older = Profile("older", "老年人", "Older person", 3.6, 2.0)
    assert older.edge_ms(network).tolist() == [network.mm[0], 2 * network.mm[1]]
    wheelchair = Profile("wheelchair", "轮椅", "Wheelchair", 3.6, None)
    assert wheelchair.edge_ms(network).tolist() == [network.mm[0], UNREACHED]
    assert ADULT.straight_ms([1000, 0, 2**31 - 1]).tolist() == [720, 0, round((2**31 - 1) * 0.72)]


# --- barriers --------------------------------------------------------------------------------------------------------


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(*at(west, south), *at(east, north))


def inside(network: Network, east: float, north: float) -> bool:
    """Whether a ray to the east crosses an odd number of rims."""
    lon, lat = at(east, north)
    lon1, lat1, lon2, lat2 = network.barriers[network.barrier_area].T
    crosses = (lat1 > lat) != (lat2 > lat)
    with np.errstate(divide="ignore", invalid="ignore"):
        where = lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1)
    return bool(np.count_nonzero(crosses & (where > lon)) % 2)


def test_lakes_that_overlap_or_touch_are_one_and_islands_are_land() -> None:
    island = shapely.Polygon(box(0, 0, 4, 4).exterior, [box(1, 1, 2, 2).exterior])
    network = build_network([], [Barrier(island), Barrier(box(3, 0, 6, 4)), Barrier(box(6, 0, 8, 4))])
    assert network.barrier_area.all()
    for place, wet in {(0.5, 0.6): True, (1.5, 1.6): False, (3.5, 1.7): True, (7, 1.8): True, (9, 2): False}.items():
        assert inside(network, *place) is wet
    assert not (network.barriers[:, [0, 2]] == at(6, 0)[0]).all(axis=1).any()


def test_of_areas_other_than_water_only_the_rim_counts() -> None:
    wall = Barrier(box(0, 0, 1, 1), "wall")
    network = build_network([], [wall, Barrier(shapely.MultiLineString([[at(0, 2), at(1, 2)]]))])
    assert len(network.barriers) == 5
    assert not network.barrier_area.any()


# --- a real town -----------------------------------------------------------------------------------------------------


@pytest.mark.real_data
def test_the_pieces_of_a_real_town_are_the_components_that_networkx_finds(shared_data: Path) -> None:
    lines, _ = read_extract(shared_data / "network" / "huaxian.osm.pbf")
    network, graph = build_network(lines), graph_of_lines(lines)
    place = {(lon, lat): node for node, (lon, lat) in enumerate(zip(network.lons, network.lats, strict=True))}
    for component in nx.connected_components(graph):
        nodes = [place[vertex[:2]] for vertex in component if len(vertex) == 2 and vertex in place]
        assert len(nodes) > 0
        (piece,) = set(network.piece[nodes].tolist())
        metres = sum(length for _, _, length in graph.subgraph(component).edges(data="metres"))
        assert network.piece_mm[piece] / 1000 == pytest.approx(metres, abs=0.001 * network.edge_count)
    assert nx.number_connected_components(graph) == len(network.piece_mm)
    degrees = dict(graph.degree())
    assert {vertex for vertex, degree in degrees.items() if degree > 2} <= place.keys()
    assert len(network.shape_lons) - network.edge_count == graph.number_of_edges()
