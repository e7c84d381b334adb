import numpy as np
import pytest
import shapely

from geodata.drafts.dividing import divided
from geodata.drafts.frontage import frontage
from geodata.drafts.surroundings import Barrier, Surroundings
from tests.drafted import drafted
from tests.support import CELL, corner

TWO = """
    aabb
    aabb
"""


def _line(*corners: tuple[float, float]) -> shapely.Geometry:
    return shapely.MultiLineString([[corner(*one) for one in corners]])


def _river(west: float, south: float, east: float, north: float) -> Barrier:
    return Barrier("样例河", "water", shapely.MultiPolygon([shapely.box(*corner(west, south), *corner(east, north))]))


RAILWAY = Barrier("样例铁路", "railway", _line((1, -1), (1, 3)))


def test_a_railway_through_a_grid_divides_it_and_the_place_is_on_it() -> None:
    found = divided(drafted(TWO).shape("g1"), Surroundings(barriers=[RAILWAY]))

    assert found is not None
    assert (found.barrier.name, found.sides) == ("样例铁路", 2)
    assert found.smaller_share == pytest.approx(0.5, abs=0.01)
    assert found.place.lon == pytest.approx(corner(1, 1)[0], abs=1e-5)
    assert divided(drafted(TWO).shape("g2"), Surroundings(barriers=[RAILWAY])) is None


def test_of_several_barriers_the_one_that_divides_is_named_not_the_longest() -> None:
    around_a_compound = [(1.2, 0.2), (1.8, 0.2), (1.8, 1.8), (1.2, 1.8), (1.2, 0.2)]
    wall = Barrier("样例围墙", "wall", _line(*around_a_compound))
    gate = shapely.Point(corner(1.8, 1))
    found = divided(drafted(TWO).shape("g1"), Surroundings(barriers=[wall, RAILWAY], gates=[gate]))

    assert found is not None
    assert (found.barrier.name, found.sides) == ("样例铁路", 2)


def test_a_way_across_inside_the_grid_joins_both_sides_and_one_outside_does_not() -> None:
    grid = drafted(TWO).shape("g1")
    inside = Surroundings([("footway", "", _line((0.5, 1), (1.5, 1)))], [RAILWAY])
    outside = Surroundings([("primary", "", _line((0.5, 2.2), (1.5, 2.2)))], [RAILWAY])

    assert divided(grid, inside) is None
    assert divided(grid, outside) is not None


def test_a_way_of_several_streets_joins_both_sides_too() -> None:
    streets = [("path", "", _line((0.5, 1), (1.0, 1.5))), ("path", "", _line((1.0, 1.5), (1.5, 1)))]

    assert divided(drafted(TWO).shape("g1"), Surroundings(streets, [RAILWAY])) is None


@pytest.mark.parametrize(("street_class", "foot"), [("motorway", ""), ("residential", "no"), ("rail", "")])
def test_what_nobody_walks_on_joins_nothing(street_class: str, foot: str) -> None:
    around = Surroundings([(street_class, foot, _line((0.5, 1), (1.5, 1)))], [RAILWAY])

    assert divided(drafted(TWO).shape("g1"), around) is not None


def test_a_river_divides_by_its_ground_and_a_bridge_joins() -> None:
    grid = drafted(TWO).shape("g1")
    river = _river(-1, 0.8, 5, 1.1)
    bridge = ("residential", "yes", _line((1, 0.5), (1, 1.5)))

    found = divided(grid, Surroundings(barriers=[river]))
    assert found is not None
    assert found.barrier.kind == "water"
    assert shapely.intersects_xy(river.shape, *found.place)
    assert divided(grid, Surroundings([bridge], [river])) is None


def test_a_bridge_over_one_of_two_rivers_leaves_the_far_side_alone() -> None:
    grid = drafted(TWO).shape("g1")
    rivers = [_river(-1, 0.5, 5, 0.6), _river(-1, 1.4, 5, 1.5)]
    found = divided(grid, Surroundings([("residential", "", _line((1, 0.2), (1, 1.0)))], rivers))

    assert found is not None
    assert found.sides == 2
    assert found.smaller_share == pytest.approx(0.25, abs=0.01)


def test_a_strip_of_bank_is_no_side_of_its_own() -> None:
    assert divided(drafted(TWO).shape("g1"), Surroundings(barriers=[_river(-1, 0.05, 5, 0.4)])) is None


def test_a_pond_or_the_end_of_a_wall_inside_a_grid_divides_nothing() -> None:
    pond, wall = _river(0.5, 0.5, 1.5, 1.5), Barrier("", "wall", _line((1, -1), (1, 1)))

    assert divided(drafted(TWO).shape("g1"), Surroundings(barriers=[pond, wall])) is None


def test_a_wall_is_open_where_it_has_a_gate() -> None:
    grid = drafted(TWO).shape("g1")
    wall = Barrier("", "wall", RAILWAY.shape)
    gate = shapely.Point(corner(1, 1))

    assert divided(grid, Surroundings(barriers=[wall])) is not None
    assert divided(grid, Surroundings(barriers=[wall], gates=[gate])) is None
    assert divided(grid, Surroundings(barriers=[wall], gates=[shapely.Point(corner(1.5, 1))])) is not None


def test_a_grid_of_two_parts_is_not_called_divided_by_what_lies_between_them() -> None:
    state = drafted("aaccaabb\naaccaabb")

    assert divided(state.shape("g1"), Surroundings(barriers=[_river(2.5, -1, 3.5, 3)])) is None


def test_a_border_along_a_street_follows_it_wholly_and_the_rim_does_not_count() -> None:
    state = drafted(TWO)
    street = ("residential", "", _line((2.05, -1), (2.05, 3)))
    found = frontage("g1", state.tiling, Surroundings([street]))

    assert found.share == pytest.approx(1)
    assert found.place is None
    assert found.metres == pytest.approx(2 * CELL * 110_960, rel=0.01)


def test_a_border_through_the_blocks_follows_nothing_and_its_middle_is_named() -> None:
    state = drafted(TWO)
    half = ("residential", "", _line((2, -1), (2, 1)))
    none = frontage("g1", state.tiling, Surroundings([("residential", "", _line((1, -1), (1, 3)))]))
    some = frontage("g1", state.tiling, Surroundings([half]))

    assert none.share == 0
    assert none.place == pytest.approx(corner(2, 1), abs=2e-4)
    assert some.share == pytest.approx(0.5, abs=0.1)
    assert some.place == pytest.approx(corner(2, 1.55), abs=2e-4)


def test_a_footway_is_nothing_to_follow_but_a_wall_and_a_river_are() -> None:
    state = drafted(TWO)
    foot = Surroundings([("footway", "", _line((2, -1), (2, 3)))])
    wall = Surroundings(barriers=[Barrier("", "wall", _line((2, -1), (2, 3)))])
    river = Surroundings(barriers=[_river(1.9, -1, 2.1, 3)])

    assert [frontage("g1", state.tiling, around).share for around in (foot, wall, river)] == [0, 1, 1]


def test_a_grid_alone_has_no_border_to_follow_anything() -> None:
    found = frontage("g1", drafted("aa\naa").tiling, Surroundings())

    assert (found.metres, found.share) == (0, None)


def test_nothing_loaded_is_said_and_divides_nothing() -> None:
    nothing = Surroundings()

    assert nothing.known == {"guides": 0, "barriers": 0}
    assert divided(drafted(TWO).shape("g1"), nothing) is None
    assert np.isclose(frontage("g1", drafted(TWO).tiling, nothing).followed_metres, 0)
