"""What a map on paper must be: to scale, north up, whole, and nothing but what was asked for."""

import re

import pytest
import shapely

from service.maps.sheet import Sheet, round_length

TOWN = (117.0, 36.6, 117.1, 36.65)


def test_a_sheet_is_to_scale_and_north_is_up() -> None:
    sheet = Sheet(TOWN, 180.0, 120.0)
    south, north, east = sheet.on_paper(
        [shapely.Point(117.05, 36.60), shapely.Point(117.05, 36.65), shapely.Point(117.1, 36.625)]
    )
    # A degree of latitude is 110.97 km here.
    assert abs(south.y - north.y) == pytest.approx(0.05 * 110_970 / sheet.metres_per_millimetre, rel=2e-3)
    assert south.y > north.y
    assert east.x == pytest.approx(180.0 - 4.0, abs=0.1)


@pytest.mark.parametrize("bounds", [(117.0, 36.6, 117.0, 36.6), (117.0, 36.6, 117.2, 36.6), (117.0, 36.6, 117.0, 36.9)])
def test_what_is_a_point_or_a_line_has_a_sheet_too(bounds: tuple[float, float, float, float]) -> None:
    placed = Sheet(bounds, 100.0, 80.0).on_paper(shapely.Point(bounds[0], bounds[1]))
    assert 0 <= placed.x <= 100
    assert 0 <= placed.y <= 80


def test_neighbours_keep_their_common_border_on_paper() -> None:
    sheet = Sheet(TOWN, 180.0, 120.0)
    wave = [(117.05 + 0.0004 * (place % 2), 36.6 + 0.005 * place) for place in range(11)]
    west = shapely.Polygon([(117.0, 36.6), *wave, (117.0, 36.65)])
    east = shapely.Polygon([(117.1, 36.6), *wave, (117.1, 36.65)])
    sheet.areas([west, east], ["#111111", "#222222"])
    drawn = [set(re.findall(r"[\d.]+ [\d.]+", path)) for path in re.findall(r'<path d="(M[^"]*)" fill="#', sheet.svg())]
    assert len(drawn[0] & drawn[1]) == len(wave)


def test_a_name_stands_where_it_fits_and_can_hold_anything() -> None:
    sheet = Sheet(TOWN, 180.0, 120.0)
    sheet.label(shapely.box(*TOWN), "<script>甲社区")
    sheet.label(shapely.box(117.0, 36.6, 117.001, 36.601), "放不下的名称")
    svg = str(sheet.svg())
    assert "&lt;script&gt;甲社区" in svg
    assert "<script>" not in svg
    assert "放不下" not in svg


def test_marks_outside_the_frame_are_left_out() -> None:
    sheet = Sheet(TOWN, 180.0, 120.0)
    empty = str(sheet.svg())
    sheet.dot(118.0, 36.6, radius=1.0, fill="#000000")
    sheet.number(118.0, 36.6, "7", fill="#000000")
    assert str(sheet.svg()) == empty
    sheet.number(117.05, 36.62, "7", fill="#000000")
    assert ">7</text>" in str(sheet.svg())


def test_a_pin_stands_with_its_point_on_the_place_and_its_words_inside_the_frame() -> None:
    for lon in (117.0, 117.05, 117.1):
        sheet = Sheet(TOWN, 180.0, 120.0)
        sheet.here(lon, 36.649, "您在这里")
        x, y = sheet.at(lon, 36.649)
        svg = str(sheet.svg())
        assert f"M{x:.2f} {y:.2f}l-" in svg
        left, wide = (float(one) for one in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)[0])
        assert 0 <= left < left + wide <= 180.0
        assert "您在这里" in svg
    empty = Sheet(TOWN, 180.0, 120.0)
    before = str(empty.svg())
    empty.here(118.0, 36.6, "您在这里")
    assert str(empty.svg()) == before


@pytest.mark.parametrize(
    ("metres", "shown"), [(0.0, 1), (1.9, 1), (47, 20), (51, 50), (999, 500), (1000, 1000), (26_000, 20_000)]
)
def test_a_scale_bar_is_a_round_length(metres: float, shown: float) -> None:
    assert round_length(metres) == shown
