"""Walks to the nearest stations, against networkx on drawn and random streets."""

from collections.abc import Sequence
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import metres_per_degree
from geodata.records import FOREVER_FROM, FOREVER_TO, Station
from geodata.station.nearest import StationFinder
from geodata.station.network.arrays import UNREACHED, Barrier, Line, Network
from geodata.station.network.build import build_network
from geodata.station.network.places import place_index, place_times
from geodata.station.network.profiles import ADULT, Profile
from geodata.station.network.snap import Connectors, connect
from geodata.station.network.walking import Walking
from geodata.station.starts import Starts
from geodata.station.walked import StationWalks, WalksKept

PLAIN = Station(1, "S", "示例站", "站", "", None, "", 117.0, 36.65, "", "", (), FOREVER_FROM, FOREVER_TO)
EAST, NORTH = (100 / per_degree for per_degree in metres_per_degree(36.65))
SLOW_ON_STEPS, NEVER_ON_STEPS = replace(ADULT, kmh=3.6, steps_factor=1.5), replace(ADULT, steps_factor=None)


def at(x: float, y: float) -> tuple[float, float]:
    """A place so many hundreds of metres east and north of a corner."""
    return 117.0 + x * EAST, 36.65 + y * NORTH


def street(*points: tuple[float, float], foot: str = "yes") -> Line:
    return Line(shapely.LineString([at(*point) for point in points]), foot=foot)


def columns(points: Sequence[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    placed = np.array([at(*point) for point in points], dtype=np.float64).reshape(-1, 2)
    return np.ascontiguousarray(placed[:, 0]), np.ascontiguousarray(placed[:, 1])


def finder(points: Sequence[tuple[float, float]]) -> StationFinder:
    placed = [at(*point) for point in points]
    return StationFinder([replace(PLAIN, code=str(i), lon=lon, lat=lat) for i, (lon, lat) in enumerate(placed)])


def walks_in(network: Network, stations: Sequence[tuple[float, float]], profile: Profile = ADULT) -> StationWalks:
    return StationWalks(network, profile, *columns(stations))


def gates_at(points: Sequence[tuple[float, float]]) -> Starts:
    return Starts(*columns(points))


def reached(walks: StationWalks, points: Sequence[tuple[float, float]]) -> tuple[list[tuple[int, int, int]], bool]:
    """Station, milliseconds and millimetres of the walks from one point or the gates; whether it is on the network."""
    near = walks.quickest(*at(*points[0]), gates_at(points) if len(points) > 1 else None)
    ways = [(way.place, round((way.minutes or 0) * 60_000), round(way.metres * 1000)) for way in near.ways]
    return ways, near.street_metres is None


def told(network: Network, stations: Sequence[tuple[float, float]], point: tuple[float, float]) -> list[tuple]:  # type: ignore[type-arg]
    """Station, minutes, metres and how they were measured, of an answer about a point."""
    ways = walks_in(network, stations).near(finder(stations), *at(*point)).ways
    return [(way.place, way.minutes and round(way.minutes, 1), round(way.metres), way.measured) for way in ways]


def by_networkx(
    network: Network, profile: Profile, stations: Sequence[tuple[float, float]], starts: Sequence[tuple[float, float]]
) -> list[tuple[int, int]]:
    """The three stations that are reached first: every connector of every place is a node of its own on its edge."""
    places = {("s", place): [point] for place, point in enumerate(stations)} | {("p", 0): starts}
    edge_ms = profile.edge_ms(network)
    connectors = {place: connect(network, *columns(points)) for place, points in places.items()}
    graph = edges_with_stops(network, profile, [one for found in connectors.values() for one in spots_of(found)])
    for place, found in connectors.items():
        for row, (edge, at_mm) in enumerate(spots_of(found)):
            if edge_ms[edge] == UNREACHED and at_mm not in (0, network.mm[edge]):
                continue  # half way up stairs that nobody walks
            way = int(np.rint(found.walk_mm[row] * 3.6 / profile.kmh))
            shorter(graph, place, ("way", place, row), way)
            shorter(graph, ("way", place, row), spot(network, edge, at_mm), 0)
    reached = []
    for place in range(len(stations)):
        # Nobody walks by way of another station.
        only = graph.subgraph([node for node in graph if node not in places or node in (("s", place), ("p", 0))])
        if {("s", place), ("p", 0)} <= set(only) and nx.has_path(only, ("p", 0), ("s", place)):
            reached.append((nx.dijkstra_path_length(only, ("p", 0), ("s", place)), place))
    return [(place, ms) for ms, place in sorted(reached)[:3]]


def spots_of(found: Connectors) -> list[tuple[int, int]]:
    return list(zip(found.edge.tolist(), found.at_mm.tolist(), strict=True))


def spot(network: Network, edge: int, at_mm: int) -> object:
    ends = {0: int(network.tail[edge]), int(network.mm[edge]): int(network.head[edge])}
    return ends.get(at_mm, (edge, at_mm))


def edges_with_stops(network: Network, profile: Profile, stops: Sequence[tuple[int, int]]) -> nx.Graph:
    """The network with a node wherever somebody comes on to one of its edges."""
    graph = nx.Graph()
    for edge, whole in enumerate(profile.edge_ms(network).tolist()):
        mm = int(network.mm[edge])
        along = sorted({0, mm, *(at_mm for other, at_mm in stops if other == edge)})
        times = [int(np.rint(at_mm * (whole / mm))) for at_mm in along]
        if whole == UNREACHED:
            continue
        for one, other, begin, end in zip(along, along[1:], times, times[1:], strict=False):
            shorter(graph, spot(network, edge, one), spot(network, edge, other), end - begin)
    return graph


def shorter(graph: nx.Graph, one: object, other: object, ms: int) -> None:
    if not graph.has_edge(one, other) or graph[one][other]["weight"] > ms:
        graph.add_edge(one, other, weight=ms)


spots = st.tuples(st.integers(-1, 9).map(lambda x: x / 2), st.integers(-1, 9).map(lambda y: y / 2))
corners = st.tuples(st.integers(0, 4), st.integers(0, 4))


@st.composite
def streets(draw: st.DrawFn) -> Network:
    pairs = draw(
        st.lists(st.tuples(corners, corners, st.sampled_from(["yes", "yes", "steps"])), min_size=1, max_size=14)
    )
    lines = [street(one, other, foot=foot) for one, other, foot in pairs if one != other]
    bent = [street(one, (2.2, 1.7), other) for one, other, _ in pairs[:2] if one != other]
    walls = [Barrier(shapely.LineString([at(1.3, -1), at(1.3, 2.6)]), "railway")] if draw(st.booleans()) else []
    return build_network(lines + bent, walls)


profiles = st.sampled_from([ADULT, SLOW_ON_STEPS, NEVER_ON_STEPS])


@settings(max_examples=40, deadline=None)
@given(
    streets(),
    st.lists(spots, min_size=1, max_size=6),
    st.lists(spots, min_size=1, max_size=2),
    profiles,
)
def test_the_stations_reached_first_are_those_that_networkx_finds(
    network: Network,
    stations: list[tuple[float, float]],
    starts: list[tuple[float, float]],
    profile: Profile,
) -> None:
    walks, on_network = reached(walks_in(network, stations, profile), starts)
    expected = by_networkx(network, profile, stations, starts)
    assert [(station, ms) for station, ms, _ in walks] == expected
    if profile is ADULT:
        # Along nothing but level ground, time and length say the same, but for half a millisecond of each edge.
        assert all(abs(mm * 0.72 - ms) < 30 for _, ms, mm in walks)
    assert on_network or expected == []


@settings(max_examples=40, deadline=None)
@given(streets(), st.lists(spots, min_size=1, max_size=6), st.lists(spots, min_size=1, max_size=8), profiles)
def test_look_ups_and_circles_give_the_same_times(
    network: Network, stations: list[tuple[float, float]], points: list[tuple[float, float]], profile: Profile
) -> None:
    homes = place_index(network, connect(network, *columns(points)))
    times = place_times(network, profile, homes, connect(network, *columns(stations)), UNREACHED)
    station = np.repeat(np.arange(len(stations)), np.diff(times.first))
    walks = walks_in(network, stations, profile)
    for place, point in enumerate(points):
        here = times.place == place
        expected = sorted(zip(times.ms[here].tolist(), station[here].tolist(), strict=True))[:3]
        quickest, _ = reached(walks, [point])
        assert [(ms, one) for one, ms, _ in quickest] == expected
        each = walks.to_each(*at(*point))
        assert sorted((ms, one) for one, ms in enumerate(each[:, 0].tolist()) if ms != UNREACHED)[:3] == expected
        if profile is ADULT:
            assert all(abs(mm * 0.72 - ms) < 30 for ms, mm in each.tolist() if ms != UNREACHED)


def test_the_nearest_is_the_one_that_is_reached_first_not_the_one_beyond_the_river() -> None:
    network = build_network([street((0, 0), (4, 0)), street((4, 0), (4, 2)), street((4, 2), (0, 2))])
    over_there, round_the_corner = (0, 2), (3, 0)
    assert told(network, [over_there, round_the_corner], (0, 0)) == [
        (1, 3.6, 300, "network"),
        (0, 12.0, 1000, "network"),
    ]


def test_of_two_stations_equally_far_the_lower_comes_first_and_both_on_the_same_spot_are_told() -> None:
    network = build_network([street((0, 0), (4, 0))])
    assert [way[0] for way in told(network, [(4, 0), (0, 0), (0, 0), (4, 0)], (2, 0))] == [0, 1, 2]


def test_a_walk_on_one_street_does_not_go_to_its_end_first() -> None:
    network = build_network([street((0, 0), (4, 0))])
    assert told(network, [(2, 0)], (1, 0)) == [(0, 1.2, 100, "network")]


def test_what_is_not_reached_comes_last_without_minutes() -> None:
    network = build_network([street((0, 0), (4, 0)), street((0, 6), (1, 6))])
    off_every_street, elsewhere, beside = (0, 3), (0, 6), (3, 0)
    assert told(network, [off_every_street, elsewhere, beside], (0, 0)) == [
        (2, 3.6, 300, "network"),
        (0, None, 300, "off_network"),
        (1, None, 600, "off_network"),
    ]


def test_a_station_off_the_streets_is_told_beside_three_others_where_it_may_be_nearer() -> None:
    network = build_network([street((0, 0), (9, 0))])
    on_the_street = [(3, 0), (4, 0), (5, 0)]
    assert [way[0] for way in told(network, [*on_the_street, (0, 4.5), (0, 6)], (0, 0))] == [0, 1, 2, 3]


def test_a_place_off_the_network_has_straight_lines_and_knows_how_far_the_next_street_is() -> None:
    network = build_network([street((0, 0), (4, 0))])
    stations = [(0, 0), (4, 0)]
    near = walks_in(network, stations).near(finder(stations), *at(0, 4))
    assert near.street_metres == pytest.approx(400, abs=2)
    assert [(way.place, way.minutes, way.measured) for way in near.ways] == [
        (0, None, "off_network"),
        (1, None, "off_network"),
    ]


def test_all_stations_are_told_those_that_are_reached_first_before_those_that_are_not() -> None:
    network = build_network([street((0, 0), (9, 0))])
    stations = [(9, 0), (0, 4), (1, 0), (0, 3), (5, 0)]
    ways = walks_in(network, stations).every(finder(stations), *at(0, 0))
    assert [way.place for way in ways] == [2, 4, 0, 3, 1]
    assert [way.measured for way in ways] == ["network"] * 3 + ["off_network"] * 2
    assert [round(way.metres) for way in ways] == [100, 500, 900, 300, 400]


def test_a_walk_begins_at_whichever_gate_is_nearer_and_not_at_the_door() -> None:
    network = build_network([street((0, 0), (9, 0))])
    stations = [(9, 0)]
    walks, gates = walks_in(network, stations), gates_at([(1, 0), (3, 0)])
    assert walks.near(finder(stations), *at(0, 0), gates) == walks.near(finder(stations), *at(8, 0), gates)
    ((place, minutes, metres, measured),) = walks.near(finder(stations), *at(8, 0), gates).ways
    assert (place, round(minutes or 0, 1), round(metres), measured) == (0, 7.2, 600, "network")


def test_without_stations_there_are_none_to_tell() -> None:
    network = build_network([street((0, 0), (4, 0))])
    assert told(network, [], (0, 0)) == []


def test_a_place_in_the_water_is_off_the_network_though_a_street_is_near() -> None:
    lake = shapely.Polygon([at(0, 0.2), at(4, 0.2), at(4, 3), at(0, 3)])
    network = build_network([street((0, 0), (4, 0))], [Barrier(lake)])
    near = walks_in(network, [(0, 0)]).near(finder([(0, 0)]), *at(2, 0.5))
    assert near.street_metres == pytest.approx(50, abs=1)
    assert near.ways[0].minutes is None


def walking_on(network: Network) -> Walking:
    return Walking(network, None, None, None, {"adult": ADULT}, "1", 0)


def test_moments_with_stations_in_the_same_places_share_their_walks() -> None:
    kept, walking = WalksKept(), walking_on(build_network([street((0, 0), (4, 0))]))
    one, same, other = finder([(0, 0)]), finder([(0, 0)]), finder([(1, 0)])
    assert kept.known(walking, one) is None
    walks = kept.of(walking, one)
    assert kept.known(walking, one) is walks
    assert kept.known(walking, same) is walks
    assert kept.of(walking, other) is not walks


def test_another_network_has_other_walks_and_lets_those_before_go() -> None:
    kept, stations = WalksKept(), finder([(0, 0)])
    before, after = (walking_on(build_network([street((0, 0), end)])) for end in ((4, 0), (0, 4)))
    walks = kept.of(before, stations)
    assert kept.known(after, stations) is None
    assert kept.of(after, stations) is not walks
    assert kept.known(before, stations) is None


def test_only_a_few_walks_are_kept_and_those_that_are_asked_for_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geodata.station.walked._KEPT_BYTES", 0)
    kept, walking = WalksKept(), walking_on(build_network([street((0, 0), (4, 0))]))
    present, *others = (finder([(x, 0)]) for x in range(4))
    walks = kept.of(walking, present)
    for other in others:
        kept.of(walking, other)
        assert kept.known(walking, present) is walks
    assert kept.known(walking, others[0]) is None
