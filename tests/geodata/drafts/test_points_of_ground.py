import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.demand import lattices
from geodata.drafts.living import Living
from geodata.drafts.points import GROUND_POINTS, _spread_each
from geodata.station.share import spread
from tests.drafted import drafted, homes_at
from tests.support import CELL, corner


def test_points_of_ground_lie_in_it_no_nearer_than_asked_and_no_more_than_asked() -> None:
    shapes = [shapely.box(*corner(0, 0), *corner(1, 1)), shapely.Polygon([corner(5, 0), corner(9, 0), corner(5, 4)])]
    found, whose = lattices(shapes, points=100, metres=1.0)

    for number, shape in enumerate(shapes):
        own = found[whose == number]
        assert shapely.contains_xy(shape, *own.T).all()
        assert 60 <= len(own) <= 125
    apart = np.unique(np.diff(np.unique(found[whose == 0][:, 0])))
    assert apart.min() > CELL / 13


def test_ground_too_thin_for_the_lattice_has_one_point_and_the_order_is_kept() -> None:
    square = shapely.box(*corner(4, 0), *corner(5, 1))
    thin = square.difference(square.buffer(-1e-8))
    wide = shapely.box(*corner(1, 0), *corner(2, 1))
    found, whose = lattices([thin, wide, thin], points=16, metres=10.0)

    assert whose.tolist() == [0, *[1] * (len(whose) - 2), 2]
    assert thin.distance(shapely.Point(found[0])) < 1e-9
    nothing, nobody = lattices([])
    assert (nothing.shape, nobody.tolist()) == ((0, 2), [])


def test_points_are_the_same_whether_made_one_by_one_or_together() -> None:
    stated = {"a": (77, 150), "b": (3, 9), "c": (0, 40), "d": (400, 0)}
    base = drafted("aabb\naabb\nccdd", stated=stated)
    alone, together = (Living.of(base, homes_at()).points for _ in range(2))
    together.make(base.grids)

    for key, grid in base.grids.items():
        one, other = alone.of(key), together.of(key)
        assert np.array_equal(one.values, other.values)
        assert np.array_equal(one.lons, other.lons)
        assert tuple(one.total()[:2].tolist()) == stated[grid.code]
        assert len(one) <= 1.3 * GROUND_POINTS


@given(st.lists(st.tuples(st.integers(0, 2000), st.lists(st.integers(0, 9), min_size=1, max_size=9)), min_size=1))
def test_several_totals_are_spread_as_each_alone(cases: list[tuple[int, list[int]]]) -> None:
    whose = np.repeat(np.arange(len(cases)), [len(weights) for _, weights in cases])
    weights = np.array([weight for _, own in cases for weight in own])
    found = _spread_each(np.array([total for total, _ in cases]), whose, weights)

    sums = np.bincount(whose, weights=found).astype(int).tolist()
    assert sums == [total for total, _ in cases]
    alone = np.concatenate([spread(total, own) for total, own in cases])
    # Rounding of a half may fall to either side, as sums are made in another order.
    assert np.abs(found - alone).max() <= 1
    assert (found >= 0).all()
