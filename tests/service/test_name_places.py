"""Names on paper: each inside its own polygon, along its own street, never two on one place."""

import numpy as np
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from service.maps.lettering import width_of
from service.maps.name_places import Placed, Taken, names_along, names_beside, names_inside


def _ground(placed: Placed) -> shapely.Geometry:
    wide = max(width_of(line, placed.size) for line in placed.lines)
    high = placed.size * len(placed.lines)
    box = shapely.box(placed.x - wide / 2, placed.y - high / 2, placed.x + wide / 2, placed.y + high / 2)
    return shapely.affinity.rotate(box, placed.turned, origin=(placed.x, placed.y))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=4, max_size=12, unique=True))
def test_a_name_lies_inside_its_polygon_in_letters_of_the_sizes_asked_for(points: list[tuple[int, int]]) -> None:
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points)))
    inside = shapely.intersection(cells, shapely.box(0, 0, 90, 90))
    ways = [[("第十二网格",), ("第十二", "网格"), ("012",)]] * len(inside)
    found = names_inside(inside, ways, most=4.0, least=1.6, taken=Taken())
    for cell, placed in zip(inside, found, strict=True):
        if placed is not None:
            assert cell.covers(_ground(placed))
            assert 1.6 <= placed.size <= 4.0 + 1e-9
    assert any(found)


def test_where_the_name_has_no_room_the_next_way_to_write_it_is_taken() -> None:
    narrow, tiny = shapely.box(0, 0, 8, 30), shapely.box(20, 0, 21, 1)
    ways = [[("第十二网格",), ("第十二", "网格"), ("012",)]] * 2
    first, second = names_inside([narrow, tiny], ways, most=4.0, least=2.0, taken=Taken())
    assert first is not None
    assert first.lines == ("第十二", "网格")
    assert second is None


def test_a_name_keeps_off_what_stands_there_and_takes_its_own_place() -> None:
    field, taken = shapely.box(0, 0, 40, 20), Taken([shapely.box(10, 4, 30, 16)])
    (placed,) = names_inside([field], [[("甲社区",)]], most=3.0, least=2.0, taken=taken)
    assert placed is not None
    assert not _ground(placed).intersects(shapely.box(10, 4, 30, 16))
    assert not taken.free(_ground(placed))


def test_names_rather_keep_off_buildings_where_they_lose_little_by_it() -> None:
    field, houses = shapely.box(0, 0, 40, 20), [shapely.box(14, 6, 26, 14)]
    (calm,) = names_inside([field], [[("甲社区",)]], most=3.0, least=2.0, taken=Taken(), better_off=houses)
    assert calm is not None
    assert not _ground(calm).intersects(houses[0])
    (forced,) = names_inside([houses[0]], [[("甲社区",)]], most=3.0, least=2.0, taken=Taken(), better_off=houses)
    assert forced is not None


def test_a_street_is_named_along_its_straight_part_and_can_be_read_from_below() -> None:
    bent = shapely.LineString([(0, 50), (2, 40), (6, 36), (70, 4)])
    (placed,) = names_along([(bent, "和平路")], size=2.5, taken=Taken(), apart=100.0, most=9)
    assert -90 < placed.turned <= 90
    assert np.isclose(placed.turned, np.degrees(np.arctan2(4 - 36, 70 - 6)), atol=1.0)
    assert bent.distance(shapely.Point(placed.x, placed.y)) < 0.5


def test_a_long_street_is_named_again_and_a_short_one_not_at_all() -> None:
    street, lane = shapely.LineString([(0, 10), (300, 10)]), shapely.LineString([(0, 20), (5, 20)])
    placed = names_along([(street, "和平路"), (lane, "短巷")], size=2.5, taken=Taken(), apart=90.0, most=9)
    assert {one.lines for one in placed} == {("和平路",)}
    assert len(placed) >= 3
    assert np.diff(sorted(one.x for one in placed)).min() >= 90.0


def test_a_street_on_a_border_is_named_beside_it() -> None:
    border = shapely.LineString([(0, 10), (60, 10)])
    (placed,) = names_along([(border, "和平路")], size=2.5, taken=Taken([border.buffer(0.5)]), apart=90.0, most=1)
    assert not _ground(placed).intersects(border)


def test_points_are_named_on_whichever_side_is_free() -> None:
    frame, taken = shapely.box(0, 0, 50, 30), Taken([shapely.box(26, 10, 50, 20)])
    points = [(25.0, 15.0, "邮局"), (49.0, 5.0, "银行"), (0.5, 15.0, "名称长得哪一边也放不下的地方" * 3)]
    found = dict(names_beside(points, size=2.0, gap=1.0, taken=taken, frame=frame, most=9))
    assert found[0].x < 25
    assert found[1].x < 49
    assert 2 not in found
