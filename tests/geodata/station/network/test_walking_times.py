"""Times between stations and places: equal to what networkx finds, and never longer for a path more."""

from functools import cache
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.station.network.arrays import UNREACHED, Barrier, Line, Network
from geodata.station.network.build import build_network
from geodata.station.network.places import PlaceTimes, nearest_places, place_index, place_times
from geodata.station.network.profiles import ADULT, Profile
from geodata.station.network.reach import NOBODY, reach
from geodata.station.network.snap import Connectors, connect
from tests.drawn_streets import drawn, place
from tests.streets_of_extract import read_extract
from tests.walked_by_networkx import Surroundings, as_dict, check_walks, graph_of_lines

MINUTE = 60_000
PROFILES = (ADULT, Profile("slow", "", "", 2.7, 1.7), Profile("wheels", "", "", 4.0, None))
SIDE = 4
_spots = st.tuples(st.floats(-0.5, SIDE - 0.5), st.floats(-0.5, SIDE - 0.5))
_corner = st.tuples(st.integers(0, SIDE - 1), st.integers(0, SIDE - 1))


@st.composite
def lines(draw: st.DrawFn) -> list[Line]:
    """Streets between the corners of a lattice that is out of shape: crossings, islands, stairs, parallels, loops."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    shifts = rng.uniform(-0.3, 0.3, (SIDE, SIDE, 2))
    ends = draw(st.lists(st.tuples(_corner, _corner), min_size=1, max_size=22))
    return [street(shifts, one, other, rng) for one, other in ends]


def street(shifts: np.ndarray, one: tuple[int, int], other: tuple[int, int], rng: np.random.Generator) -> Line:
    (a, b), (c, d) = one, other
    begin, end = (a + shifts[a, b, 0], b + shifts[a, b, 1]), (c + shifts[c, d, 0], d + shifts[c, d, 1])
    bend = ((begin[0] + end[0]) / 2 + rng.uniform(-0.4, 0.4), (begin[1] + end[1]) / 2 + rng.uniform(-0.4, 0.4))
    vertices = [place(*at) for at in (begin, bend, end)]
    return Line(shapely.LineString(vertices), foot="steps" if rng.random() < 0.2 else "yes")


@st.composite
def barriers(draw: st.DrawFn) -> list[Barrier]:
    ends = draw(st.lists(st.tuples(_spots, _spots), max_size=4))
    walls = [Barrier(shapely.LineString([place(*one), place(*other)]), "wall") for one, other in ends]
    pond = draw(st.none() | _spots)
    return walls if pond is None else [*walls, Barrier(shapely.Point(place(*pond)).buffer(5e-4), "water")]


def connected(network: Network, spots: list[tuple[float, float]]) -> Connectors:
    return connect(network, *np.array([place(*spot) for spot in spots]).reshape(-1, 2).T)


@settings(max_examples=25, deadline=None)
@given(
    lines(),
    barriers(),
    st.lists(_spots, min_size=1, max_size=4),
    st.lists(_spots, max_size=12),
    st.sampled_from(PROFILES),
    st.integers(0, 12),
)
def test_times_are_those_that_networkx_finds(
    streets: list[Line],
    walls: list[Barrier],
    stations: list[tuple[float, float]],
    homes: list[tuple[float, float]],
    profile: Profile,
    minutes: int,
) -> None:
    network = build_network(streets, walls)
    check_walks(network, profile, connected(network, stations), connected(network, homes), minutes * MINUTE)


@settings(max_examples=25, deadline=None)
@given(lines(), barriers(), st.lists(_spots, min_size=1, max_size=5))
def test_streets_near_a_place_are_those_that_shapely_finds(
    streets: list[Line], walls: list[Barrier], spots: list[tuple[float, float]]
) -> None:
    network = build_network(streets, [wall for wall in walls if wall.kind == "wall"])
    found = connected(network, spots)
    for i, spot in enumerate(spots):
        around = Surroundings(network, *place(*spot))
        rows = range(found.first[i], found.first[i + 1])
        edges = {int(found.edge[row]): found.walk_mm[row] / 1000 for row in rows}
        ends = {end_of(network, found, row): found.walk_mm[row] / 1000 for row in rows}
        for edge, metres in around.nearest_in_sight(149.9).items():
            taken = [ends.get(int(node), np.inf) for node in (network.tail[edge], network.head[edge])]
            assert min(edges.get(edge, np.inf), *taken) <= metres + 0.02
        for row in rows:
            there = around.point_on(int(found.edge[row]), int(found.at_mm[row]))
            assert np.hypot(there.x, there.y) == pytest.approx(found.walk_mm[row] / 1000, abs=0.05)
            assert around.in_sight(there, 0.03)


def end_of(network: Network, found: Connectors, row: int) -> int:
    """The node that a connector arrives at, -1 amid an edge."""
    edge, at = found.edge[row], found.at_mm[row]
    return int(network.tail[edge] if at == 0 else network.head[edge]) if at in (0, network.mm[edge]) else -1


@settings(max_examples=25, deadline=None)
@given(lines(), _corner, _corner, st.lists(_spots, min_size=1, max_size=3), st.lists(_spots, min_size=1, max_size=8))
def test_a_path_more_never_makes_a_way_longer(
    streets: list[Line],
    one: tuple[int, int],
    other: tuple[int, int],
    stations: list[tuple[float, float]],
    homes: list[tuple[float, float]],
) -> None:
    begin, end = (shapely.get_coordinates(streets[at % len(streets)].geom)[0] for at in (sum(one), sum(other)))
    path = Line(shapely.LineString([begin, place(*one), place(*other), end]))
    before, after = (all_times(build_network(some), stations, homes) for some in (streets, [*streets, path]))
    # Where the path splits a street, its halves are rounded by themselves: a few milliseconds.
    assert all(after.get(pair, np.inf) <= ms + 8 for pair, ms in before.items())


def all_times(
    network: Network, stations: list[tuple[float, float]], homes: list[tuple[float, float]]
) -> dict[tuple[int, int], int]:
    index = place_index(network, connected(network, homes))
    found = place_times(network, ADULT, index, connected(network, stations), 60 * MINUTE)
    return {(i, home): ms for i in range(len(stations)) for home, ms in as_dict(found, i).items()}


@settings(max_examples=10, deadline=None)
@given(lines(), st.lists(_spots, min_size=1, max_size=2), st.lists(_spots, min_size=1, max_size=10))
def test_who_is_within_five_minutes_is_within_ten_in_the_same_time(
    streets: list[Line], stations: list[tuple[float, float]], homes: list[tuple[float, float]]
) -> None:
    network = build_network(streets)
    index, begun = place_index(network, connected(network, homes)), connected(network, stations)
    for station in range(len(stations)):
        found = [as_dict(place_times(network, ADULT, index, begun, limit * MINUTE), station) for limit in (5, 10, 15)]
        assert found[0].items() <= found[1].items() <= found[2].items()


REAL = ("beijing/tsinghua", "beijing/wangjing", "network/huaxian")


@cache
def extract(path: Path) -> tuple[list[Line], Network]:
    streets, walls = read_extract(path)
    return streets, build_network(streets, walls)


@pytest.mark.real_data
@pytest.mark.parametrize("name", REAL)
def test_on_real_streets_times_are_those_that_networkx_finds(shared_data: Path, name: str) -> None:
    _, network = extract(shared_data / f"{name}.osm.pbf")
    rng = np.random.default_rng(5)
    beside = rng.integers(0, len(network.shape_lons), 200)
    lons = network.shape_lons[beside] + rng.normal(0, 4e-4, 200)
    lats = network.shape_lats[beside] + rng.normal(0, 3e-4, 200)
    stations, homes = connect(network, lons[:5], lats[:5]), connect(network, lons[5:], lats[5:])
    assert homes.on_network().sum() > 150
    for profile in PROFILES[::2]:
        check_walks(network, profile, stations, homes, 15 * MINUTE)


@pytest.mark.real_data
@pytest.mark.parametrize("name", REAL)
def test_on_real_streets_nodes_are_as_far_as_along_the_lines_that_were_read(shared_data: Path, name: str) -> None:
    streets, network = extract(shared_data / f"{name}.osm.pbf")
    graph = graph_of_lines(streets)
    for node in (0, network.node_count // 2, network.node_count - 1):
        here = (float(network.lons[node]), float(network.lats[node]))
        metres = nx.single_source_dijkstra_path_length(graph, here, weight="metres")
        found = reach(network, ADULT.edge_ms(network), ADULT, connect(network, *here, metres=0.001), 1e9)
        ours = {
            (float(network.lons[there]), float(network.lats[there])): ms * 5 / 3600
            for there, ms in zip(found.node.tolist(), found.ms.tolist(), strict=True)
        }
        at_nodes = set(zip(network.lons.tolist(), network.lats.tolist(), strict=True)) & metres.keys()
        assert at_nodes == ours.keys() & graph.nodes
        # Edges are rounded to the millimetre and the millisecond.
        assert all(abs(ours[there] - metres[there]) < 0.3 for there in at_nodes)


class TestPlaces:
    def test_along_the_same_street_nobody_walks_round_by_its_ends(self) -> None:
        drawing = drawn(
            """
            +-----+
            A   B
        """,
            50,
        )
        network = drawing.network
        stations, homes = (connect(network, *drawing.where(letter)) for letter in "AB")
        found = place_times(network, ADULT, place_index(network, homes), stations, 60 * MINUTE)
        assert found.ms[0] * 5 / 3600 == pytest.approx(50 + 200 + 50, rel=1e-3)

    @pytest.mark.parametrize("dead_end", ["+--+", "+-----+", "+--A"])
    def test_a_dead_end_beside_a_house_makes_nothing_slower(self, dead_end: str) -> None:
        drawing = drawn("""
            A-----B---C
                  |
                  +   H
        """)
        more = [
            Line(line.geom)
            for line in drawn(
                f"""
            +
                  {dead_end}
        """.replace("            +\n", "            .\n            .\n", 1)
            ).lines
        ]
        times = []
        for network in (drawing.network, build_network([*drawing.lines, *more])):
            homes = place_index(network, connect(network, *drawing.where("H")))
            stations = connect(network, *drawing.where("ABC"))
            times.append(as_dict_of(place_times(network, ADULT, homes, stations, 60 * MINUTE)))
        assert times[0].keys() <= times[1].keys()
        assert all(times[1][pair] <= ms for pair, ms in times[0].items())

    def test_a_walled_compound_is_left_by_its_gate(self) -> None:
        walled = drawn(
            """
            +---------------+---S
            |  #########    |
            |  #       #    |
            |  #   H   #    |
            |  #   |   #    |
            |  ####|####    |
            |      |        |
            +------+--------+
        """,
            25,
        )
        network = walled.network
        home, station = connect(network, *walled.where("H")), connect(network, *walled.where("S"))
        found = place_times(network, ADULT, place_index(network, home), station, 60 * MINUTE)
        metres = found.ms * 5 / 3600
        assert metres.tolist() == pytest.approx([25 * (4 + 9 + 7 + 4)], rel=0.01)

    def test_households_of_a_compound_start_at_its_gates(self) -> None:
        drawing = drawn(
            """
            S--------F     G--T
        """,
            50,
        )
        network = drawing.network
        homes = connect(network, *drawing.where("FG"), place=[0, 0])
        found = place_times(
            network, ADULT, place_index(network, homes), connect(network, *drawing.where("ST"), metres=5), 60 * MINUTE
        )
        assert (found.ms * 5 / 3600).tolist() == pytest.approx([450, 150], rel=0.01)

    def test_a_station_that_is_moved_changes_its_own_times_only(self) -> None:
        drawing = drawn("""
            A--+--B--+--C
               |     |
               H     K
        """)
        network = drawing.network
        homes = place_index(network, connect(network, *drawing.where("HK")))
        before = place_times(network, ADULT, homes, connect(network, *drawing.where("ABC")), 15 * MINUTE)
        moved = place_times(network, ADULT, homes, connect(network, *drawing.where("C")), 15 * MINUTE)
        assert as_dict(before, 2) == as_dict(moved, 0)
        assert as_dict(before, 0).keys() == {0, 1}

    def test_without_places_or_stations_there_are_no_times(self) -> None:
        network = drawn("A--B").network
        nobody, somebody = connect(network, [], []), connect(network, [117.0], [36.65])
        for homes, stations in ((nobody, somebody), (somebody, nobody)):
            found = place_times(network, ADULT, place_index(network, homes), stations, 15 * MINUTE)
            assert found.first.tolist() == [0] * (len(stations) + 1)

    def test_without_streets_there_are_no_times(self) -> None:
        network = build_network([])
        somebody = connect(network, [117.0], [36.65])
        assert not len(place_times(network, ADULT, place_index(network, somebody), somebody, 15 * MINUTE).ms)
        ms, station = nearest_places(network, ADULT, place_index(network, somebody), somebody)
        assert (ms.tolist(), station.tolist()) == ([UNREACHED], [NOBODY])

    def test_stations_left_out_are_nearest_to_nobody(self) -> None:
        drawing = drawn("A--H----B")
        network = drawing.network
        homes, stations = (connect(network, *drawing.where(letters), metres=5) for letters in ("H", "AB"))
        index = place_index(network, homes)
        for among, expected in (([True, True], 0), ([False, True], 1), ([False, False], NOBODY)):
            _, station = nearest_places(network, ADULT, index, stations, among=among)
            assert station.tolist() == [expected]


def as_dict_of(found: PlaceTimes) -> dict[tuple[int, int], int]:
    return {(i, home): ms for i in range(len(found.cut)) for home, ms in as_dict(found, i).items()}
