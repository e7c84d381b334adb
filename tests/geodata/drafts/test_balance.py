from dataclasses import replace

import pytest
import shapely

from geodata.drafts.balance import DEFAULT_BANDS, Band, balance
from geodata.drafts.bands import parse_bands
from geodata.drafts.compactness import compactness
from geodata.metres import metres_per_degree
from geodata.records import Layer


def _placed(shape: shapely.Geometry, lat: float = 36.5) -> shapely.Geometry:
    """A shape drawn in metres, put near a latitude."""
    per_lon, per_lat = metres_per_degree(lat)
    return shapely.transform(shape, lambda xy: xy / (per_lon, per_lat) + (117.0, lat))


def test_grids_in_town_are_to_have_300_to_500_households_both_included() -> None:
    found = balance([299, 300, 500, 501], ["urban"] * 4)

    assert (found.judged, found.in_band, found.share_in_band) == (4, 2, 0.5)


def test_a_kind_without_a_band_is_not_judged() -> None:
    found = balance([10, 400], ["rural", "urban"])

    assert (found.grids, found.judged, found.in_band) == (2, 1, 1)


def test_other_bands_can_be_given_with_an_open_end() -> None:
    bands = {"urban": Band(None, 800, "", ""), "rural": Band(50, None, "", "")}
    found = balance([801, 800, 49, 50], ["urban", "urban", "rural", "rural"], bands)

    assert found.in_band == 2
    assert [band.text for band in (*bands.values(), DEFAULT_BANDS["urban"])] == ["≤ 800", "≥ 50", "300–500"]
    assert [bands["rural"].holds(count) for count in (49, 50, 10**9)] == [False, True, True]
    assert [bands["urban"].holds(count) for count in (0, 800, 801)] == [True, True, False]


def test_the_figures_are_those_of_all_grids() -> None:
    found = balance([100, 300, 0, 400], ["urban"] * 4)

    assert (found.households, found.least, found.median, found.most, found.mean) == (800, 0, 200.0, 400, 200.0)
    assert found.variation == pytest.approx((25_000) ** 0.5 / 200)
    assert found.empty == 1


def test_equal_grids_vary_by_nothing_and_where_nobody_lives_nothing_can_be_said() -> None:
    assert balance([7, 7, 7], ["urban"] * 3).variation == 0
    assert balance([0, 0], ["urban"] * 2).variation is None
    nothing = balance([], [])
    assert (nothing.grids, nothing.median, nothing.share_in_band) == (0, None, None)


def test_a_circle_is_perfectly_compact_by_both_measures() -> None:
    found = compactness(_placed(shapely.Point(0, 0).buffer(100, quad_segs=64)))

    assert found.polsby_popper == pytest.approx(1, abs=1e-3)
    assert found.reock == pytest.approx(1, abs=1e-3)
    assert found.square_metres == pytest.approx(31_416, rel=1e-3)


def test_a_square_and_a_long_strip_are_as_compact_as_the_formulas_say() -> None:
    square = compactness(_placed(shapely.box(0, 0, 100, 100)))
    strip = compactness(_placed(shapely.box(0, 0, 900, 100)))

    assert square.polsby_popper == pytest.approx(0.7854, abs=1e-3)
    assert square.reock == pytest.approx(0.6366, abs=1e-3)
    assert strip.polsby_popper == pytest.approx(0.2827, abs=1e-3)
    assert strip.reock == pytest.approx(0.1397, abs=1e-3)


def test_compactness_is_the_same_at_another_latitude() -> None:
    south, north = (compactness(_placed(shapely.box(0, 0, 300, 100), lat)) for lat in (18.2, 53.5))

    assert south.polsby_popper == pytest.approx(north.polsby_popper, abs=1e-4)
    assert south.perimeter_metres == pytest.approx(north.perimeter_metres, rel=1e-4)


def test_ground_in_two_parts_is_less_compact_than_one_part() -> None:
    one = compactness(_placed(shapely.box(0, 0, 200, 100)))
    two = compactness(_placed(shapely.box(0, 0, 100, 100).union(shapely.box(1000, 0, 1100, 100))))

    assert two.square_metres == pytest.approx(one.square_metres, rel=1e-4)
    assert two.reock < one.reock / 5
    assert two.polsby_popper < one.polsby_popper


def test_ground_without_area_is_not_compact() -> None:
    assert compactness(shapely.Polygon()).polsby_popper == 0


def test_bands_are_set_by_kind_and_layer_and_other_layers_have_none_by_themselves() -> None:
    general = Layer("general", "综合网格", "", "full", None, True, 0)
    service = replace(general, code="service", is_default=False)
    assert {kind: band.text for kind, band in parse_bands("").of(general).items()} == {"urban": "300–500"}
    assert parse_bands("urban=1-2").of(service) == {}
    told = parse_bands(" urban=200-450，rural=-300, service/urban=800-, ")
    assert {kind: band.text for kind, band in told.of(general).items()} == {"urban": "200–450", "rural": "≤ 300"}
    assert {kind: band.text for kind, band in told.of(service).items()} == {"urban": "≥ 800"}
    assert parse_bands("urban=none").of(general) == {}
    for wrong in ("town=1-2", "urban=500-300", "urban=-", "urban", "urban=1-2;rural=3-4", "a/b/urban=1-2"):
        with pytest.raises(ValueError, match="household"):
            parse_bands(wrong)
