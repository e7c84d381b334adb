"""A wall map: one page of the paper that was asked for, true to scale, and nothing on it that does not fit."""

import io
import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdf
import pytest
import shapely
import zxingcpp
from PIL import Image

from geodata.basemap import BaseCompound, BasePlace, BaseShapes, BaseStreet
from geodata.records import Area
from service.maps.sheet import Bounds, rounded_scale
from service.maps.wall_drawing import draw_map
from service.maps.wall_facts import PAPER, AreaTold, ClassTold, GridTold, PaperSize, StationTold, WallMap
from service.maps.wall_legend import legend_rows
from service.maps.wall_map import Ground, wall_map
from service.maps.wall_mapping import short_name, telling_start
from service.maps.wall_panel import flowed, least_height, text_row
from service.maps.wall_plan import Plan, planned

LINK = "https://grids.example/maps/grids?layer=general&area=990101"
HOSTILE = "<img src=x onerror=alert(1)>${alert(1)}`</script>\"'"


def _none(*_: object) -> BaseShapes:
    nothing = np.array([], dtype=object)
    return BaseShapes(nothing, nothing, nothing, nothing, [], nothing, [], [])


def _town(*_: object) -> BaseShapes:
    house, lake = shapely.box(117.001, 36.601, 117.0012, 36.6011), shapely.box(117.01, 36.602, 117.012, 36.604)
    street = BaseStreet(shapely.LineString([(117.0, 36.605), (117.02, 36.606)]), "和平路", 1)
    lane = BaseStreet(shapely.LineString([(117.004, 36.6), (117.004, 36.61)]), "示例巷", 3)
    one = np.array([lake], dtype=object)
    rail = np.array([shapely.LineString([(117.0, 36.608), (117.02, 36.609)])], dtype=object)
    compound = BaseCompound(shapely.box(117.006, 36.601, 117.009, 36.604), "示例花园")
    places = [BasePlace(shapely.Point(117.015, 36.603), "示例邮局", "post")]
    return BaseShapes(one, one, rail, rail, [lane, street], np.array([house], dtype=object), [compound], places)


def _wall(columns: int = 4, rows: int = 3, name: str = "第{}网格", people: str = "样例-甲") -> WallMap:
    """Grids side by side, the western half in one community, the eastern one in another."""
    grids, step = [], 0.02 / columns
    for place in range(columns * rows):
        column, row = place % columns, place // columns
        west, south = 117.0 + column * step, 36.6 + row * 0.01 / rows
        shape = shapely.box(west, south, west + step, south + 0.01 / rows)
        grids.append(
            GridTold(
                code=f"99{place:03d}",
                name=name.format(place),
                number=f"{place:03d}",
                shape=shape,
                fill="#fff7d6",
                areas=(int(column * 2 >= columns),),
                households=120 + place,
                people=people,
            )
        )
    return WallMap(
        place="示例街道",
        grids=grids,
        areas=[AreaTold("9900", "甲社区", "community", "值班室 000-1"), AreaTold("9901", "乙社区", "community")],
        depths=["community"],
        bounds=(117.0, 36.6, 117.02, 36.61),
        above=("示例区",),
        stations=[StationTold("示例站", "000-2 · 示例路1号", 117.003, 36.602)],
        neighbours=[("丙街道", shapely.box(117.02, 36.6, 117.05, 36.61))],
        households=1500,
        square_metres=1.9e6,
        link=LINK,
        release="第 3 版（2026-01-01 起）",
        as_of="2026-11-22",
        made_on="2026-11-22",
        attribution="© 样例数据",
        approval_number="样例0000号",
    )


def _pdf(wall: WallMap, size: PaperSize = "A4", ground: Ground = _none) -> bytes:
    laid = wall_map(wall, ground, size)
    assert laid.pages == 1
    return laid.pdf()


def _text(pdf: bytes) -> str:
    told = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(told.stdout.decode().split())


@pytest.mark.parametrize("size", ["A4", "A3", "A2", "A1", "A0"])
def test_a_wall_map_is_one_page_of_its_paper(size: PaperSize) -> None:
    pdf = pypdf.PdfReader(io.BytesIO(_pdf(_wall(), size)))
    assert len(pdf.pages) == 1
    sides = [round(float(side) / 72 * 25.4) for side in pdf.pages[0].mediabox[2:]]
    assert sorted(sides) == sorted(PAPER[size])


def test_everything_that_a_wall_map_is_for_stands_on_it_with_fonts_of_its_own() -> None:
    pdf = _pdf(_wall(), ground=_town)
    text = _text(pdf)
    told = (
        "示例街道网格图", "示例区", "12个", "1,500户", "甲社区", "乙社区", "第7网格", "样例-甲", "值班室000-1",
        "示例站", "000-2·示例路1号", "丙街道", "和平路", "比例尺1∶", "图例", "铁路", "水域", "绿地", "建筑", "第3版",
        "2026-11-22", "©样例数据", "审图号：样例0000号",
    )  # fmt: skip
    assert [one for one in told if one not in text] == []
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    fonts = [one.get_object()["/BaseFont"] for one in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all("+" in name and "CJK" in name for name in fonts)


def test_a_map_is_true_to_its_scale_which_is_a_round_number() -> None:
    plan = planned(_wall(), "A3", "landscape", lambda size: legend_rows(_wall(), size, numbered_stations=True))
    west, east = (plan.sheet.on_paper(shapely.Point(lon, 36.605)) for lon in (117.0, 117.02))
    # A degree of longitude is 89.5 km here.
    metres = (east.x - west.x) * plan.sheet.metres_per_millimetre
    assert metres == pytest.approx(0.02 * 89_480, rel=2e-3)
    assert rounded_scale(plan.sheet.metres_per_millimetre) == plan.sheet.metres_per_millimetre
    assert west.x >= 0
    assert east.x <= plan.sheet.width


def test_the_code_of_the_live_map_can_be_read_from_paper(tmp_path: Path) -> None:
    file = tmp_path / "map.pdf"
    file.write_bytes(wall_map(_wall(), _none, "A4").pdf())
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", file, tmp_path / "map"], check=True)
    found = zxingcpp.read_barcodes(np.asarray(Image.open(tmp_path / "map.png").convert("L")))
    assert [one.text for one in found] == [LINK]


def test_lists_give_way_where_they_are_too_long_and_the_map_does_not() -> None:
    many = _wall(20, 12, "第{}号示例花园东区与西区南片网格")
    text = _text(_pdf(many))
    assert "样例-甲" not in text
    assert "乙社区120" in text
    # There is no room for most names: all grids have numbers.
    assert "南片网格" not in text
    assert "007" in text
    few = _wall(12, 10)
    areas = [AreaTold(f"99{place}", f"甲{place}社区", "community") for place in range(120)]
    grids = [replace(one, areas=(place,)) for place, one in enumerate(few.grids)]
    alone = _text(_pdf(replace(few, areas=areas, grids=grids, stations=())))
    assert "图例" in alone
    assert "一览" not in alone


def test_a_grid_is_called_without_what_stands_around_it() -> None:
    street = Area(1, "99", "示例街道", "street", None, 0, 1)
    community = Area(2, "9900", "甲一社区", "community", 1, 0, 1)
    told = {
        name: short_name(name, [community, street]) for name in ("甲一社区第3网格", "甲一第3网格", "甲一社区", "乙网格")
    }
    assert list(told.values()) == ["第3网格", "第3网格", "甲一社区", "乙网格"]
    assert telling_start(["臺北市松山區莊敬里", "臺北市大安區義村里", "臺北市中山區大佳里"]) == "臺北市"
    assert telling_start(["甲社区", "乙社区", "丙社区"]) == ""
    assert telling_start(["甲社区", "甲社区一"]) == ""


def test_a_theme_is_told_by_its_classes_instead_of_colours_that_only_part() -> None:
    classes = [ClassTold("#fffbe3", "0 – 9", 5), ClassTold("#ffffff", "无数据", 7)]
    text = _text(_pdf(replace(_wall(), theme="户数", theme_classes=classes)))
    assert "0–9(5个网格)" in text
    assert "无数据(7个网格)" in text


@pytest.mark.parametrize("name", ["长" * 200, HOSTILE, "\x01\x02", "a\u0301" * 60])
def test_any_name_leaves_one_page_and_is_only_text(name: str) -> None:
    wall = _wall(name=name.replace("{", "{{").replace("}", "}}"), people=name)
    wall = replace(
        wall,
        place=name,
        above=(name,),
        attribution=name,
        theme=name,
        neighbours=[(name, wall.grids[0].shape)],
        areas=[replace(one, name=name, note=name) for one in wall.areas],
        stations=[StationTold(name, name, 117.003, 36.602)],
    )
    pdf = _pdf(wall)
    assert b"/JavaScript" not in pdf
    if name is HOSTILE:
        assert "<imgsrc=xonerror=alert(1)>" in _text(pdf)


def test_one_grid_that_is_a_point_of_paper_has_a_map_too() -> None:
    speck = shapely.box(117.0, 36.6, 117.0000001, 36.6000001)
    one = replace(_wall().grids[0], shape=speck, areas=())
    text = _text(_pdf(replace(_wall(), grids=[one], areas=[], depths=[], bounds=speck.bounds, neighbours=[], link="")))
    assert "网格1个" in text
    assert "扫码" not in text


def test_a_map_in_english_keeps_the_names_of_the_data() -> None:
    text = _text(_pdf(replace(_wall(), lang="en")))
    assert "Gridmapof示例街道" in text
    assert "Scale1:" in text
    assert "图例" not in text


def _rows(count: int) -> Sequence[object]:
    return [text_row([], 2.0) for _ in range(count)]


def test_columns_are_as_low_as_they_can_be_and_lose_no_row() -> None:
    rows = _rows(10)
    height = least_height(rows, 3, 100.0)  # type: ignore[arg-type]
    assert height == pytest.approx(4 * 3.0, abs=0.5)
    columns = flowed(rows, height or 0.0, 3)  # type: ignore[arg-type]
    assert columns is not None
    assert sum(len(column) for column in columns) == 10
    assert flowed(rows, 8.0, 3) is None  # type: ignore[arg-type]


def test_the_ground_is_asked_for_what_the_frame_shows_in_the_detail_of_the_paper() -> None:
    asked: list[tuple[Bounds, float]] = []

    def ground(bounds: Bounds, detail: float) -> BaseShapes:
        asked.append((bounds, detail))
        return _none()

    wall_map(_wall(), ground, "A4")
    (((west, south, east, north), detail),) = asked
    assert west < 117.0 < 117.02 < east
    assert south < 36.6 < 36.61 < north
    assert 0.5 < detail < 2.0


def _drawing(wall: WallMap) -> tuple[Plan, str]:
    plan = planned(wall, "A4", "landscape", lambda size: legend_rows(wall, size, numbered_stations=True))
    return plan, str(draw_map(wall, plan, _none()).group(furniture=False))


def test_a_border_between_two_neighbours_is_drawn_once_so_that_its_dashes_are_seen() -> None:
    beside = [
        ("丙街道", shapely.box(117.02, 36.6, 117.03, 36.605)),
        ("丁街道", shapely.box(117.02, 36.605, 117.03, 36.61)),
    ]
    plan, svg = _drawing(replace(_wall(), neighbours=beside))
    (dashed,) = re.findall(r'<path d="([^"]*)"[^>]* stroke-dasharray="2 1.2"', svg)
    lines = [
        shapely.LineString([tuple(map(float, point.split())) for point in line.split("L")])
        for line in dashed.split("M")[1:]
    ]
    between = plan.sheet.on_paper(shapely.LineString([(117.0205, 36.605), (117.03, 36.605)]))
    between = between.intersection(plan.sheet.frame)
    assert between.length > 5
    assert sum(line.intersection(between.buffer(0.05)).length for line in lines) == pytest.approx(
        between.length, abs=0.2
    )


def test_the_scale_stands_in_a_corner_where_it_covers_nothing() -> None:
    tip = shapely.Polygon([(117.0, 36.597), (117.004, 36.603), (117.02, 36.609), (117.02, 36.61), (117.0, 36.61)])
    grids = [replace(_wall().grids[0], shape=tip)]
    plan, svg = _drawing(replace(_wall(), grids=grids, bounds=tip.bounds, stations=[], neighbours=[]))
    placed = plan.sheet.on_paper(tip)
    found = re.findall(
        r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="#fff" fill-opacity="0.85"', svg
    )
    ((x, y, wide, high),) = (tuple(map(float, one)) for one in found)
    assert placed.intersects(shapely.box(0, y, wide, y + high))
    assert not placed.intersects(shapely.box(x, y, x + wide, y + high))
