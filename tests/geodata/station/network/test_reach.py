"""What stations reach, on streets whose answers a reader can count."""

import numpy as np
import pytest

from geodata.errors import InputError
from geodata.station.network.arrays import UNREACHED
from geodata.station.network.pieces import reached_pieces
from geodata.station.network.profiles import ADULT, Profile
from geodata.station.network.reach import NOBODY, Reached, nearest, reach
from geodata.station.network.snap import connect
from tests.drawn_streets import Drawing, drawn, place

MINUTE = 60_000
# 100 m at 6 km/h take a minute.
WALKER = Profile("walker", "", "", 6.0, 1.0)


def blocks(count: int, step: float = 100.0) -> Drawing:
    """So many blocks of streets each way."""
    street = "-".join("+" * (count + 1))
    return drawn("\n".join([street, " ".join("|" * (count + 1))] * count + [street]), step / 2)


def reached(drawing: Drawing, letters: str, minutes: float, profile: Profile = WALKER) -> Reached:
    network = drawing.network
    stations = connect(network, *drawing.where(letters), metres=5)
    return reach(network, profile.edge_ms(network), profile, stations, minutes * MINUTE)


def node_at(drawing: Drawing, letter: str) -> int:
    lon, lat = drawing.points[letter]
    return int(np.flatnonzero((drawing.network.lons == lon) & (drawing.network.lats == lat))[0])


def times(drawing: Drawing, station: str, profile: Profile = WALKER) -> dict[str, float | None]:
    """Minutes, rounded to a second, from a station to each letter that is a node; None where it is not reached."""
    found = reached(drawing, station, 1000, profile)
    ms = dict(zip(found.node.tolist(), found.ms.tolist(), strict=True))
    answers = {}
    for letter, (lon, lat) in drawing.points.items():
        nodes = np.flatnonzero((drawing.network.lons == lon) & (drawing.network.lats == lat)).tolist()
        if nodes:
            answers[letter] = None if nodes[0] not in ms else round(ms[nodes[0]] / MINUTE, 2)
    return answers


class TestManhattan:
    @pytest.mark.parametrize("minutes", [1, 3, 4])
    def test_a_circle_is_a_diamond_of_all_nodes_within_so_many_blocks(self, minutes: int) -> None:
        drawing = blocks(10)
        network = drawing.network
        middle = connect(network, *([value] for value in place(10, 10, 50)), metres=5)
        found = reach(network, WALKER.edge_ms(network), WALKER, middle, (minutes + 0.01) * MINUTE)
        assert len(found.node) == 2 * minutes**2 + 2 * minutes + 1
        assert found.node.tolist() == sorted(found.node.tolist())

    @pytest.mark.parametrize("halves", [2, 3, 7])
    def test_its_streets_are_as_long_as_counting_says(self, halves: int) -> None:
        drawing = blocks(10)
        network = drawing.network
        middle = connect(network, *([value] for value in place(10, 10, 50)), metres=5)
        ms = WALKER.edge_ms(network)
        pieces = reached_pieces(network, ms, WALKER, middle, halves / 2 * MINUTE)
        whole, rest = divmod(halves, 2)
        expected = 4 * whole**2 + rest * (8 * whole + 4) / 2
        assert (pieces.to_mm - pieces.from_mm).sum() / 100_000 == pytest.approx(expected, rel=2e-4)


class TestStreets:
    def test_nothing_is_reached_across_a_river_but_by_the_bridge(self) -> None:
        drawing = drawn("""
            A--B--+
                  |
            ~~~~~~|~~~
                  |
            C--D--+
        """)
        assert times(drawing, "A")["C"] == pytest.approx(16.0, abs=0.01)

    def test_without_a_bridge_nothing_is_reached_across_it(self) -> None:
        drawing = drawn("""
            A--B--+
            ~~~~~~~
            C--D--+
        """)
        assert times(drawing, "A")["C"] is None

    def test_an_island_of_streets_reaches_itself_only(self) -> None:
        drawing = drawn("""
            A--B     C--D
        """)
        found = reached(drawing, "A", 60)
        assert sorted(found.node.tolist()) == sorted(node_at(drawing, letter) for letter in "AB")

    def test_of_parallel_streets_the_shorter_counts(self) -> None:
        drawing = drawn("""
            +-----+
            |     |
            A-----B--C
            |     |
            +-----+
        """)
        assert times(drawing, "A")["C"] == pytest.approx(9.0, abs=0.01)

    def test_a_loop_leads_nowhere_and_harms_nothing(self) -> None:
        drawing = drawn("""
               +--+
               |  |
            A--B--+
               |
               C
        """)
        assert times(drawing, "A") == {"A": 0.0, "B": 3.0, "C": 5.0}

    def test_stairs_take_as_long_as_the_profile_says(self) -> None:
        drawing = drawn("""
            A==B--C
        """)
        slow = Profile("slow", "", "", 6.0, 2.0)
        assert times(drawing, "A", slow)["C"] == pytest.approx(9.0, abs=0.01)

    def test_who_cannot_walk_stairs_goes_round(self) -> None:
        drawing = drawn("""
            A==B
            |  |
            +--+
        """)
        wheels = Profile("wheels", "", "", 6.0, None)
        assert times(drawing, "A")["B"] == pytest.approx(3.0, abs=0.01)
        assert times(drawing, "A", wheels)["B"] == pytest.approx(7.0, abs=0.01)

    def test_where_all_ways_are_stairs_nothing_is_reached_without_them(self) -> None:
        drawing = drawn("""
            A==B--C
        """)
        assert times(drawing, "A", Profile("wheels", "", "", 6.0, None)) == {"A": 0.0, "B": None, "C": None}


class TestStations:
    def test_a_station_amid_an_edge_goes_both_ways(self) -> None:
        drawing = drawn("""
            B--A---C
        """)
        found = reached(drawing, "A", 10)
        assert dict(zip(found.node.tolist(), (found.ms / 1000).round().tolist(), strict=True)) == {
            node_at(drawing, "B"): 180.0,
            node_at(drawing, "C"): 240.0,
        }

    def test_a_station_at_a_node_is_there_at_once(self) -> None:
        drawing = drawn("""
            A--+
            |
            B
        """)
        assert reached(drawing, "B", 0).ms.tolist() == [0]

    def test_a_station_off_the_network_reaches_nothing(self) -> None:
        drawing = drawn("""
            A--B

                  C
        """)
        found = reached(drawing, "AC", 60)
        assert np.diff(found.first).tolist() == [2, 0]

    def test_two_stations_at_one_point_reach_the_same(self) -> None:
        drawing = drawn("""
            A--B--C
               |
               +
        """)
        found = reached(drawing, "BAB", 4)
        rows = [slice(found.first[i], found.first[i + 1]) for i in (0, 2)]
        assert found.node[rows[0]].tolist() == found.node[rows[1]].tolist()
        assert found.ms[rows[0]].tolist() == found.ms[rows[1]].tolist()

    def test_the_limit_itself_counts_and_a_millisecond_more_does_not(self) -> None:
        drawing = drawn("""
            A--B
        """)
        network = drawing.network
        ms = WALKER.edge_ms(network)
        station = connect(network, *drawing.where("A"), metres=5)
        assert len(reach(network, ms, WALKER, station, int(ms[0])).node) == 2
        assert len(reach(network, ms, WALKER, station, int(ms[0]) - 1).node) == 1

    def test_a_station_that_reaches_where_streets_were_clipped_is_cut_off(self) -> None:
        drawing = drawn("""
            A-----*
        """)
        assert reached(drawing, "A", 5).cut.tolist() == [False]
        assert reached(drawing, "A", 7).cut.tolist() == [True]

    def test_many_stations_are_answered_as_each_by_itself(self) -> None:
        drawing = blocks(6)
        network = drawing.network
        ms = WALKER.edge_ms(network)
        stations = connect(network, np.tile(network.lons, 2) + 1e-4, np.tile(network.lats, 2))
        together = reach(network, ms, WALKER, stations, 3 * MINUTE)
        for i in (0, 17, 89):
            alone = reach(network, ms, WALKER, stations.take([i]), 3 * MINUTE)
            rows = slice(together.first[i], together.first[i + 1])
            assert (alone.node.tolist(), alone.ms.tolist()) == (
                together.node[rows].tolist(),
                together.ms[rows].tolist(),
            )

    def test_longer_walks_than_a_number_holds_are_not_reached(self) -> None:
        drawing = drawn("A--B--C", 1e5)
        crawl = Profile("crawl", "", "", 0.6, 1.0)
        found = reached(drawing, "A", 1e9, crawl)
        assert found.ms.max(initial=0) < UNREACHED
        assert len(found.node) == 1


class TestNearest:
    def test_each_node_goes_to_the_station_that_is_least_far(self) -> None:
        drawing = drawn("""
            A--B--C--D--E
               |     |
               +     +
        """)
        network = drawing.network
        stations = connect(network, *drawing.where("AE"), metres=5)
        ms, station = nearest(network, WALKER.edge_ms(network), WALKER, stations)
        assert [int(station[node_at(drawing, letter)]) for letter in "ABDE"] == [0, 0, 1, 1]
        assert (ms[[node_at(drawing, letter) for letter in "BD"]] / MINUTE).round(2).tolist() == [3.0, 3.0]

    def test_of_equally_near_stations_the_lower_is_named(self) -> None:
        drawing = drawn("""
            C--B--A
               |
               +
        """)
        network = drawing.network
        stations = connect(network, *drawing.where("AC"), metres=5)
        _, station = nearest(network, WALKER.edge_ms(network), WALKER, stations)
        assert station[node_at(drawing, "B")] == 0
        _, station = nearest(network, WALKER.edge_ms(network), WALKER, stations, among=[False, True])
        assert station[node_at(drawing, "B")] == 1

    def test_without_stations_nobody_is_near(self) -> None:
        network = drawn("A--B").network
        ms, station = nearest(network, ADULT.edge_ms(network), ADULT, connect(network, [], []))
        assert set(ms.tolist()) == {UNREACHED}
        assert set(station.tolist()) == {NOBODY}

    def test_beyond_the_limit_nobody_is_near(self) -> None:
        drawing = drawn("A---B---C")
        network = drawing.network
        stations = connect(network, *drawing.where("A"), metres=5)
        ms, _ = nearest(network, WALKER.edge_ms(network), WALKER, stations, limit_ms=5 * MINUTE)
        assert ms[node_at(drawing, "C")] == UNREACHED

    def test_stations_that_count_are_named_one_by_one(self) -> None:
        network = drawn("A--B").network
        with pytest.raises(InputError):
            nearest(network, ADULT.edge_ms(network), ADULT, connect(network, [117.0], [36.65]), among=[True, False])


class TestPieces:
    def test_two_ways_round_meet_where_they_take_equally_long(self) -> None:
        drawing = drawn("""
            A--+
            |  |
            +--+
        """)
        network = drawing.network
        station = connect(network, *drawing.where("A"), metres=5)
        pieces = reached_pieces(network, WALKER.edge_ms(network), WALKER, station, 60 * MINUTE)
        assert int((pieces.to_mm - pieces.from_mm).sum()) == int(network.mm.sum())
        assert max(pieces.to_ms) == pytest.approx(5 * MINUTE, rel=1e-4)

    def test_a_station_amid_an_edge_reaches_as_far_both_ways(self) -> None:
        drawing = drawn("B----A-----C")
        network = drawing.network
        station = connect(network, *drawing.where("A"), metres=5)
        pieces = reached_pieces(network, WALKER.edge_ms(network), WALKER, station, 2 * MINUTE)
        assert (pieces.to_mm - pieces.from_mm).tolist() == [200_000, 200_000]
        assert list(zip(pieces.from_ms.tolist(), pieces.to_ms.tolist(), strict=True)) == [
            (2 * MINUTE, 0),
            (0, 2 * MINUTE),
        ]

    def test_what_is_reached_of_stairs_that_nobody_walks_is_nothing(self) -> None:
        drawing = drawn("A==B")
        network = drawing.network
        wheels = Profile("wheels", "", "", 6.0, None)
        station = connect(network, *drawing.where("A"), metres=5)
        assert not len(reached_pieces(network, wheels.edge_ms(network), wheels, station, 5 * MINUTE).edge)
