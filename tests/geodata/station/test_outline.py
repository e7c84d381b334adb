"""Outlines of service circles, on streets whose shapes a reader can see."""

import numpy as np
import pytest
import shapely

from geodata.crs import LocalMetres
from geodata.station.estates import estates_of
from geodata.station.network.build import build_network
from geodata.station.network.places import place_index, place_times
from geodata.station.network.profiles import ADULT, Profile
from geodata.station.network.snap import Connectors, connect
from geodata.station.outline import Outline, Outlines, misjudged, outline
from geodata.station.street_sample import street_times
from tests.drawn_streets import Drawing, drawn

# 100 m take a minute.
WALKER = Profile("walker", "", "", 6.0, 1.0)


def blocks(count: int, step: float) -> Drawing:
    """So many blocks of streets each way."""
    street = "-".join("+" * (count + 1))
    return drawn("\n".join([street, " ".join("|" * (count + 1))] * count + [street]), step / 2)


def at(drawing: Drawing, letter: str) -> Connectors:
    return connect(drawing.network, *drawing.where(letter))


def around(drawing: Drawing, letter: str, *minutes: float) -> Outline:
    return outline(drawing.network, WALKER, at(drawing, letter), minutes)


def inside(shape: shapely.Geometry, drawing: Drawing, letters: str) -> str:
    """Those of the letters that lie in the shape."""
    return "".join(one for one in letters if shape.covers(shapely.Point(drawing.points[one])))


def in_metres(shape: shapely.Geometry) -> shapely.Geometry:
    middle = shape.centroid
    return LocalMetres(middle.x, middle.y).forward(shape)


@pytest.mark.parametrize("minutes", [4, 8])
def test_on_a_dense_grid_of_streets_the_circle_is_a_square_on_its_corner(minutes: float) -> None:
    city = blocks(44, 40.0)
    middle = city.network.node_count // 2
    station = connect(city.network, [city.network.lons[middle]], [city.network.lats[middle]], metres=5)
    found = outline(city.network, WALKER, station, [minutes])
    reach = minutes * 100
    # Twice the square of the reach along streets; the last 150 m may lead straight on, which rounds its sides.
    rounded = 2 * (reach - 150) ** 2 + 4 * 2**0.5 * (reach - 150) * 150 + np.pi * 150**2
    assert 2 * reach**2 < found.square_metres[0] < rounded
    shape = in_metres(found.shapes[0])
    west, south, east, north = shape.bounds
    assert [east - west, north - south] == pytest.approx([2 * reach] * 2, abs=25)
    assert shape.area == pytest.approx(found.square_metres[0], rel=1e-3)


def test_a_river_is_crossed_by_its_bridge_alone_and_never_drawn_over() -> None:
    town = drawn(
        """
        +-+-+-+-+-+-+
        |     |     |
        +-+-S-+-+-+-+
         A    |
        ≈≈≈≈≈≈|≈≈≈≈≈≈
         B    |
        +-+-+-+-+-+-+
        """,
        step=50,
    )
    (shape,) = around(town, "S", 3).shapes
    assert inside(shape, town, "SAB") == "SA"
    (shape,) = around(town, "S", 9).shapes
    assert inside(shape, town, "SAB") == "SAB"
    water = town.barriers[0].geom
    assert in_metres(shape.intersection(water)).area < in_metres(water).area * 0.45  # its banks, half a cell wide
    assert not shape.covers(shapely.Point(*water.representative_point().coords[0]))


def test_an_island_reaches_itself() -> None:
    sea = drawn(
        """
        ≈≈≈≈≈≈≈≈≈
        ≈       ≈
        ≈  S-+  ≈   A-+
        ≈       ≈
        ≈≈≈≈≈≈≈≈≈
        """,
        step=50,
    )
    (shape,) = around(sea, "S", 60).shapes
    assert inside(shape, sea, "SA") == "S"
    assert not shape.intersects(shapely.Point(sea.points["A"]).buffer(0.0005))
    assert shape.geom_type == "MultiPolygon"
    assert len(shape.geoms) == 1


def test_a_walled_compound_is_entered_at_its_gate() -> None:
    town = drawn(
        """
        +-+-+-+-+-+-+
        | #########
        | #   C   #
        S #   +   #
        | #   |   #
        | ####|####
        +-+-+-+-+-+-+
        """,
        step=40,
    )
    near, far = around(town, "S", 3, 9).shapes
    assert inside(near, town, "C") == ""
    assert inside(far, town, "C") == "C"


def test_the_time_to_the_gates_of_an_estate_holds_for_all_of_it() -> None:
    town = drawn("S-+-+-+-+-+-+-+-+\n\n   A     G     B", step=50)
    (west, low), (east, _) = town.points["A"], town.points["B"]
    estate = shapely.box(west, low - 0.0005, east, low + 0.0003)
    outlines = Outlines(town.network, WALKER)
    gate = (np.array([town.points["G"][0]]), np.array([low]))
    gated = Outlines(town.network, WALKER, estates_of(town.network, outlines.lattice, [estate], [gate]))
    just_in = shapely.Point(west + 0.0004, low - 0.0002)
    assert outlines.of(at(town, "S"), [3]).shapes[0].covers(just_in)
    assert not gated.of(at(town, "S"), [3]).shapes[0].covers(just_in)
    (shape,) = gated.of(at(town, "S"), [6]).shapes
    assert shape.covers(estate.buffer(-0.00015))


def test_what_lies_too_far_from_any_street_is_a_hole() -> None:
    ring = drawn(
        """
        S-----+
        |     |
        |  A  |
        |     |
        +-----+
        """,
        step=130,
    )
    five, thirty = around(ring, "S", 5, 30).shapes
    assert inside(thirty, ring, "SA") == "S"
    (polygon,) = thirty.geoms
    assert len(polygon.interiors) == 1
    assert len(five.geoms[0].interiors) == 0


def test_each_band_lies_in_the_next_even_where_both_end_at_the_same_bank() -> None:
    town = drawn("+-+-S-+-+\n| | | | |\n≈≈≈≈≈≈≈≈≈", step=60)
    found = around(town, "S", 1, 2, 3, 4, 2.5, 2)
    assert found.minutes == (1, 2, 2.5, 3, 4)
    assert list(found.square_metres) == sorted(found.square_metres)
    for smaller, larger in zip(found.shapes[:-1], found.shapes[1:], strict=True):
        assert smaller.is_valid
        assert larger.covers(smaller)


def test_a_station_off_the_network_and_a_moment_too_short_give_an_empty_outline() -> None:
    street = drawn("+-----+\n\n\nF", step=80)
    found = around(street, "F", 5, 15)
    assert (found.minutes, found.square_metres) == ((5, 15), (0.0, 0.0))
    assert all(shape.is_empty for shape in found.shapes)
    beside = drawn("+-----+\nS", step=100)
    soon, later = around(beside, "S", 0.1, 3).shapes
    assert soon.is_empty
    assert not later.is_empty


def test_somebody_who_walks_no_stairs_goes_round() -> None:
    hill = drawn("S=A\n|\n+\n|\n+", step=150)
    wheels = Profile("wheels", "", "", 6.0, None)
    on_foot = outline(hill.network, WALKER, at(hill, "S"), [4]).shapes[0]
    rolling = outline(hill.network, wheels, at(hill, "S"), [4]).shapes[0]
    assert inside(on_foot, hill, "A") == "A"
    assert inside(rolling, hill, "A") == ""
    assert rolling.area > on_foot.area / 3


def test_the_surface_is_what_homes_at_the_centres_of_its_cells_would_be_told() -> None:
    town = drawn(
        r"""
        +---+--+-----+
        |\  #  |     |
        | \ ####  S  |
        |  \   |  |  |
        +---+==+--+--+
        ≈≈≈≈|≈≈≈≈≈≈≈≈
        +---+--+-----+
        """,
        step=70,
    )
    outlines = Outlines(town.network, ADULT)
    station = at(town, "S")
    ground = outlines.around(station, 12)
    assert ground is not None
    surface = ground.surface()
    rows, columns = np.mgrid[: surface.shape[0], : surface.shape[1]]
    lons = (columns.ravel() + ground.window.column + 0.5) * ground.lattice.step_lon
    lats = (rows.ravel() + ground.window.row + 0.5) * ground.lattice.step_lat
    places = place_index(town.network, connect(town.network, lons, lats))
    told = place_times(town.network, ADULT, places, station, ground.most_ms - 1)
    expected = np.full(surface.size, np.inf)
    expected[told.place] = told.ms
    both = np.isfinite(expected) & np.isfinite(surface.ravel())
    assert both.sum() > 900
    # Centimetres decide at 150 m from a street, and at the last millisecond.
    assert (np.isfinite(expected) != np.isfinite(surface.ravel())).sum() <= 3
    assert np.quantile(np.abs(expected[both] - surface.ravel()[both]), 0.998) < 20


def test_the_outline_says_how_far_it_differs_from_the_times() -> None:
    city = blocks(16, 100.0)
    middle = city.network.node_count // 2
    station = connect(city.network, [city.network.lons[middle]], [city.network.lats[middle]])
    outlines = Outlines(city.network, WALKER)
    found, ground = outlines.of(station, [5]), outlines.around(station, 5)
    assert ground is not None
    lons, lats, ms = street_times(city.network, WALKER, station, ground)
    within = ms <= 5 * 60_000
    told = misjudged(found.shapes[0], lons, lats, within, np.ones(len(lons)))
    assert told.missed is not None
    assert told.wrongly_in is not None
    assert max(told.missed, told.wrongly_in) < 0.03
    half = found.shapes[0].intersection(shapely.box(city.network.lons[middle], 0, 180, 90))
    told = misjudged(half, lons, lats, within, np.ones(len(lons)))
    assert told.missed == pytest.approx(0.5, abs=0.05)
    everywhere = misjudged(shapely.box(-180, -90, 180, 90), lons, lats, within, np.ones(len(lons)))
    assert (everywhere.missed, everywhere.wrongly_in) == (0.0, pytest.approx(1 - within.mean()))
    nowhere = misjudged(shapely.MultiPolygon(), lons, lats, np.zeros(len(lons), bool), np.ones(len(lons)))
    assert (nowhere.missed, nowhere.wrongly_in) == (None, None)


def test_a_long_road_does_not_make_the_window_long() -> None:
    road = drawn("S" + "-" * 400 + "+", step=250)
    ground = Outlines(road.network, WALKER).around(at(road, "S"), 15)
    assert ground is not None
    assert max(ground.window.shape) < 250


def test_a_road_that_only_passes_through_is_looked_at_where_it_is_near() -> None:
    road = drawn("S-+" + " " * 400 + "\n\n+" + "-" * 400 + "+", step=100)
    west, east = (road.network.lons.min(), road.network.lons.max())
    station = connect(road.network, [(west + east) / 2], [road.network.lats.min()])
    around = Outlines(road.network, WALKER).around(station, 5)
    assert around is not None
    lons, _, ms = street_times(road.network, WALKER, station, around)
    assert len(lons) > 300
    assert 0.4 < (ms <= 300_000).mean() < 0.8


def test_without_streets_there_is_no_outline() -> None:
    nothing = build_network([], [])
    found = outline(nothing, WALKER, connect(nothing, [117.0], [36.65]), [5])
    assert found.shapes[0].is_empty
