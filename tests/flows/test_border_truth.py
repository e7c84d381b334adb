"""One owner on every border, through the whole chain: loaded, published, compiled, asked; and PostGIS says the same."""

import itertools
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geodata.database import connect
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.lookup import lookup_point
from geodata.moment import Moment
from geodata.snapshot_store import SnapshotStore
from geodata.times import parse_time
from tests.owners import owners_by_bulk, owners_by_lookup, owners_by_postgis
from tests.support import CELL, ORIGIN, draw

DAY = 86_400_000_000
FIRST = parse_time("2020-01-01")
# In order of their code points; a locale, UTF-16 or numbers would order them otherwise.
CODES = ["10", "9", "B", "a", "b10", "b9", "é", "网格01", "网格甲", "�", "\U00020000", "\U0001f600"]


class Territory:
    """A database that is published again and again, and its snapshot."""

    def __init__(self, url: str, state: Path) -> None:
        self._url = url
        self._store = SnapshotStore(state, url)
        self._days = itertools.count()

    def publish(self, shapes: Sequence[shapely.Geometry], codes: Sequence[str]) -> Moment:
        """Replace the layer by these grids; everything in force after that."""
        effective = FIRST + next(self._days) * DAY
        frame = gpd.GeoDataFrame({"code": list(codes)}, geometry=list(shapes), crs="EPSG:4326")
        options = LoadOptions(commit=True, retire_missing=True, effective=effective, actor="test")
        with connect(self._url) as connection:
            load_frame(connection, "grids", frame, options=options)
        return self.at(effective)

    def at(self, as_of: int) -> Moment:
        """Everything in force at an instant, by the newest snapshot."""
        return self._store.refresh().moment(as_of)

    def postgis(self, points: NDArray[np.float64]) -> list[str | None]:
        """Lowest code among the grids that `ST_Covers` finds for each point."""
        with closing(connect(self._url)) as connection:
            return owners_by_postgis(connection, points)


@pytest.fixture
def territory(database_url: str, tmp_path: Path) -> Territory:
    return Territory(database_url, tmp_path)


def assert_one_truth(territory: Territory, moment: Moment, points: NDArray[np.float64]) -> list[str | None]:
    """Single, bulk and PostGIS name the same owner for each point; which."""
    bulk, on_boundary = owners_by_bulk(moment, points)
    assert owners_by_lookup(moment, points) == (bulk, on_boundary)
    assert territory.postgis(points) == bulk
    shuffled = np.random.default_rng(1).permutation(len(points))
    assert owners_by_bulk(moment, points[shuffled])[0] == [bulk[place] for place in shuffled.tolist()]
    return bulk


def lattice(width: int, height: int) -> NDArray[np.float64]:
    """Corners, middles of edges and cells, and points between them, every one an exact double."""
    xs = ORIGIN[0] + np.arange(-1, 4 * width + 2) / 4 * CELL
    ys = ORIGIN[1] + np.arange(-1, 4 * height + 2) / 4 * CELL
    return np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)


def covering(shapes: Sequence[shapely.Geometry], codes: Sequence[str], point: NDArray[np.float64]) -> list[str]:
    at = shapely.Point(point)
    return sorted(code for shape, code in zip(shapes, codes, strict=True) if shape.covers(at))


DRAWINGS = {
    "four at a corner": """
        CCDD
        CCDD
        AABB
        AABB
    """,
    "three at a corner": """
        CCCC
        CCCC
        AABB
        AABB
    """,
    "a hole with two in it": """
        AAAAAA
        AABBAA
        AACCAA
        AAAAAA
    """,
    "a hole that nobody owns": """
        BBBB
        B.AA
        BBAA
    """,
    "parts that touch at corners": """
        ABAB
        BABA
        CCAB
    """,
    "a stair": """
        DDDC
        DDCC
        DBBC
        ABBB
    """,
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawn_border_belongs_to_the_lowest_code_however_the_codes_lie(territory: Territory, name: str) -> None:
    shapes = draw(DRAWINGS[name]).geometry.to_list()
    points = lattice(6, 4)
    # Each grid has the lowest code once.
    for turn in range(len(shapes)):
        codes = [CODES[(turn + 3 * place) % len(CODES)] for place in range(len(shapes))]
        assert len(set(codes)) == len(codes)
        moment = territory.publish(shapes, codes)
        owners = assert_one_truth(territory, moment, points)
        for point, owner in zip(points, owners, strict=True):
            candidates = covering(shapes, codes, point)
            assert owner == (candidates[0] if candidates else None), (point, candidates)
            if len(candidates) > 1:
                grid = lookup_point(moment, *point.tolist())["grids"][0]
                assert grid["on_boundary"]
                assert grid["nearest_other"]["metres"] == 0.0
                assert grid["nearest_other"]["code"] == candidates[1]


@st.composite
def tilings(draw_: st.DrawFn) -> list[shapely.Geometry]:
    """A lattice whose cells are whole or cut along a diagonal, the pieces given to a few grids or to nobody.

    Grids get holes, parts that touch at corners, and T-junctions: vertices on straight stretches are dropped.
    """
    width, height = draw_(st.integers(1, 4)), draw_(st.integers(1, 4))
    pieces: list[shapely.Geometry] = []
    for x, y in itertools.product(range(width), range(height)):
        sw, se, ne, nw = (x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)
        cut = draw_(st.sampled_from("-/\\"))
        rings = {"-": [[sw, se, ne, nw]], "/": [[sw, se, ne], [sw, ne, nw]], "\\": [[sw, se, nw], [se, ne, nw]]}[cut]
        pieces += [shapely.Polygon(ring) for ring in rings]
    count = draw_(st.integers(1, min(len(pieces), 7)))
    owners = draw_(st.lists(st.integers(-1, count - 1), min_size=len(pieces), max_size=len(pieces)))
    grids = [[piece for piece, owner in zip(pieces, owners, strict=True) if owner == grid] for grid in range(count)]
    unions = [shapely.simplify(shapely.union_all(some), 0) for some in grids if some]
    whole = unions or [shapely.box(0, 0, 1, 1)]
    return [shapely.transform(shape, lambda xy: xy * CELL + ORIGIN) for shape in whole]


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(shapes=tilings(), order=st.permutations(CODES))
def test_index_and_postgis_name_the_same_owner_everywhere_on_any_tiling(
    territory: Territory, shapes: list[shapely.Geometry], order: list[str]
) -> None:
    codes = order[: len(shapes)]
    points = lattice(4, 4)
    owners = assert_one_truth(territory, territory.publish(shapes, codes), points)
    expected = [covering(shapes, codes, point) for point in points]
    assert owners == [candidates[0] if candidates else None for candidates in expected]


def test_the_owner_of_a_corner_changes_with_the_codes_of_the_instant_alone(territory: Territory) -> None:
    shapes = draw(DRAWINGS["four at a corner"]).geometry.to_list()
    corner = np.array([[ORIGIN[0] + 2 * CELL, ORIGIN[1] + 2 * CELL]])
    before = territory.publish(shapes, ["d", "c", "b", "a"])
    after = territory.publish(shapes, ["1", "c", "b", "a"])
    assert owners_by_lookup(before, corner)[0] == ["a"]
    assert assert_one_truth(territory, after, corner) == ["1"]
    assert owners_by_lookup(territory.at(before.as_of), corner)[0] == ["a"]
    assert owners_by_bulk(territory.at(before.as_of), corner)[0] == ["a"]
