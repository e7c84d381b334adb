"""How places reach the network: near streets, across none of the barriers."""

from dataclasses import replace

import numpy as np
import pytest

from geodata.errors import InputError
from geodata.station.network.cells import make_index
from geodata.station.network.snap import connect
from tests.drawn_streets import Drawing, drawn, place


def metres_of(drawing: Drawing, letter: str) -> list[int]:
    """Lengths of a letter's connectors in whole metres, the shortest first."""
    found = connect(drawing.network, *drawing.where(letter))
    return sorted(np.rint(found.walk_mm / 1000).astype(int).tolist())


class TestEdges:
    def test_a_place_reaches_every_street_within_the_limit_and_no_other(self) -> None:
        drawing = drawn(
            """
            +----------+

            A

            +----------+



            +----------+
        """,
            50,
        )
        assert metres_of(drawing, "A") == [100, 100]

    def test_a_street_is_reached_where_it_is_nearest(self) -> None:
        drawing = drawn("""
            +-----+
              A
        """)
        found = connect(drawing.network, *drawing.where("A"))
        assert found.at_mm.tolist() == pytest.approx([200_000], rel=1e-4)
        assert found.walk_mm.tolist() == pytest.approx([100_000], rel=1e-4)

    def test_where_a_bent_street_is_nearest_is_told_along_it(self) -> None:
        drawing = drawn("""
            +---B
                |
                |A
                |
                +
        """)
        found = connect(drawing.network, *drawing.where("A"))
        from_west = drawing.network.tail[0] == np.argmin(drawing.network.lons)
        assert found.at_mm.tolist() == pytest.approx([600_000 if from_west else 200_000], rel=1e-4)

    def test_streets_that_are_nearest_at_the_same_node_are_reached_there_once(self) -> None:
        drawing = drawn("""
            A+---+
             |\\
             | \\
             +  +
        """)
        assert metres_of(drawing, "A") == [100]

    def test_the_end_of_an_edge_is_its_whole_length(self) -> None:
        drawing = drawn("""
            +---+A
        """)
        found = connect(drawing.network, *drawing.where("A"))
        assert found.at_mm.tolist() in ([0], drawing.network.mm.tolist())

    @pytest.mark.parametrize("cell", [20.0, 100.0, 3000.0])
    def test_cells_of_any_size_find_the_same(self, cell: float) -> None:
        rows = ["".join("+A-|/ "[(7 * x + 3 * y) % 6] for x in range(30)) for y in range(20)]
        network = drawn("\n".join(rows), 20).network
        shapes = (network.shape_first, network.shape_lons, network.shape_lats, network.barriers, network.barrier_area)
        other = replace(network, index=make_index(*shapes, cell_metres=cell))
        where = np.array([place(x, y, 20) for x in range(0, 40, 7) for y in range(-9, 30, 7)]).T
        one, two = connect(network, *where), connect(other, *where)
        assert one.first.tolist() == two.first.tolist()
        assert one.metres == pytest.approx(two.metres)
        for begin, end in zip(one.first[:-1], one.first[1:], strict=True):
            assert sorted(one.walk_mm[begin:end].tolist()) == sorted(two.walk_mm[begin:end].tolist())


class TestOffTheNetwork:
    def test_who_is_far_from_all_streets_is_told_how_far(self) -> None:
        drawing = drawn("""
            +--+


                A
        """)
        found = connect(drawing.network, *drawing.where("A"))
        assert found.on_network().tolist() == [False]
        assert found.metres.tolist() == pytest.approx([100 * 10**0.5], rel=1e-3)

    @pytest.mark.parametrize(("column", "row"), [(900, 3), (-900, 3), (3, 900), (3, -900), (700, -700)])
    def test_the_nearest_street_is_found_from_afar(self, column: float, row: float) -> None:
        drawing = drawn("""
            +--+
            |  |
            +--+
        """)
        lon, lat = place(column, row)
        found = connect(drawing.network, [lon], [lat])
        corners = [place(x, y) for x in (0, 3) for y in (0, 2)]
        nearest = min(
            np.hypot((x - lon) / (place(1, 0)[0] - 117), (y - lat) / (place(0, 1)[1] - 36.65)) for x, y in corners
        )
        assert found.metres[0] / 100 == pytest.approx(nearest, rel=0.02)

    def test_where_there_are_no_streets_nothing_is_near(self) -> None:
        found = connect(drawn("A").network, [117.0], [36.65])
        assert found.metres.tolist() == [np.inf]
        assert not found.on_network().any()

    @pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e300, -1e300])
    def test_what_is_no_coordinate_is_nowhere(self, wrong: float) -> None:
        network = drawn("+--+").network
        found = connect(network, [wrong, 117.0, wrong], [36.65, wrong, wrong])
        assert not found.on_network().any()

    def test_in_the_water_nobody_is_on_the_network(self) -> None:
        drawing = drawn(
            """
            +-----+
            ≈≈≈≈≈≈≈
            ≈≈≈A≈≈≈
            ≈≈≈≈≈≈≈
        """.replace("A", "≈"),
            40,
        )
        found = connect(drawing.network, *([value] for value in place(3, 2, 40)))
        assert found.metres.tolist() == pytest.approx([80], rel=1e-3)
        assert not found.on_network().any()

    def test_who_stands_on_a_bridge_is_on_it_and_nowhere_else(self) -> None:
        drawing = drawn(
            """
            +--+-+
            ≈≈≈|≈≈
            ≈≈≈|≈≈
            ≈≈≈|≈≈
            +--+-+
        """,
            40,
        )
        on_it, beside = (connect(drawing.network, *([value] for value in place(x, 2, 40))) for x in (3.01, 3.5))
        assert on_it.walk_mm.tolist() == pytest.approx([400], abs=5)
        assert not beside.on_network().any()


class TestBarriers:
    def test_a_wall_hides_a_street(self) -> None:
        drawing = drawn(
            """
            +-----+
            #######
              A
            +-----+
        """,
            50,
        )
        assert metres_of(drawing, "A") == [50]

    def test_nothing_slips_through_where_two_walls_join(self) -> None:
        drawing = drawn(
            """
            +-----+
            #######
              A
        """,
            40,
        )
        for shift in np.linspace(-0.1, 0.1, 21):
            lon, lat = place(2 + shift * 1e-9, 2, 40)
            assert not connect(drawing.network, [lon], [lat]).on_network().any()

    def test_behind_the_end_of_a_wall_the_street_is_in_sight(self) -> None:
        drawing = drawn(
            """
            +-----+
            ##
               A
        """,
            40,
        )
        assert metres_of(drawing, "A") == [80]

    def test_a_street_whose_nearest_point_is_hidden_is_reached_where_another_stretch_is_in_sight(self) -> None:
        drawing = drawn(
            """
            +---+
            ### |
             A  |
                |
                +
        """,
            25,
        )
        assert metres_of(drawing, "A") == [75]

    def test_a_street_on_a_wall_is_reached_from_both_sides(self) -> None:
        network = drawn(
            """
            +----+

            ######
        """,
            50,
        ).network
        line = np.array([[network.lons.min(), network.lats[0], network.lons.max(), network.lats[0]]])
        shapes = (network.shape_first, network.shape_lons, network.shape_lats, line, np.array([False]))
        walled = replace(network, barriers=line, barrier_area=np.array([False]), index=make_index(*shapes))
        lons, lats = np.array([place(2, -1, 50), place(2, 1, 50)]).T
        assert connect(walled, lons, lats).on_network().all()

    def test_who_stands_on_a_wall_has_both_its_sides(self) -> None:
        drawing = drawn(
            """
            +-----+
            ######
            +-----+
        """,
            50,
        )
        found = connect(drawing.network, *([value] for value in place(2, 1, 50)))
        assert np.rint(found.walk_mm / 1000).tolist() == [50, 50]

    def test_a_bridge_is_reached_from_the_bank_where_it_begins(self) -> None:
        drawing = drawn(
            """
            A-B
            ≈≈|≈≈≈
            ≈≈|≈≈≈
              +
        """,
            40,
        )
        found = connect(drawing.network, *drawing.where("A"))
        assert found.walk_mm.tolist() == [0]


class TestSeveralStarts:
    DRAWING = drawn("""
        +-+   +-+



        A       B
    """)

    def test_a_place_with_gates_starts_at_each_of_them(self) -> None:
        where = np.array([place(1, 1), place(6, 1), place(1, 1)]).T
        found = connect(self.DRAWING.network, *where, place=[0, 0, 1])
        assert np.diff(found.first).tolist() == [2, 1]
        assert sorted(found.walk_mm[:2].tolist()) == pytest.approx([100_000, 100_000], rel=1e-4)

    def test_places_without_a_start_have_no_way(self) -> None:
        found = connect(self.DRAWING.network, *([value] for value in place(1, 1)), place=[1], places=3)
        assert found.on_network().tolist() == [False, True, False]
        assert found.metres[[0, 2]].tolist() == [np.inf, np.inf]

    @pytest.mark.parametrize("of", [[1, 0], [-1, 0], [0], [0, 5]])
    def test_starts_that_name_no_place_in_order_are_refused(self, of: list[int]) -> None:
        with pytest.raises(InputError):
            connect(self.DRAWING.network, [117.0, 117.0], [36.65, 36.65], place=of, places=2)

    def test_coordinates_that_do_not_pair_are_refused(self) -> None:
        with pytest.raises(InputError):
            connect(self.DRAWING.network, [117.0], [36.65, 36.65])

    def test_some_places_are_taken_in_the_order_in_which_they_are_named(self) -> None:
        network = self.DRAWING.network
        where = np.array([place(1, 1), place(3, 30), place(6, 0), place(7, 1)]).T
        some = connect(network, *where).take([3, 1, 0])
        again = connect(network, *where[:, [3, 1, 0]])
        for name in ("first", "edge", "at_mm", "walk_mm", "metres"):
            assert getattr(some, name).tolist() == getattr(again, name).tolist()
