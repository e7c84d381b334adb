"""The ground below the grids, through the door of loads, as shapes for paper and as tiles."""

from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import pytest
import shapely

from geodata.basemap import areas_of, base_extent, base_shapes, base_tile, base_version, lines_of
from geodata.errors import LoadRefusedError
from geodata.exchange.osm import read_osm
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import parse_time
from tests.conftest import SHARED_DATA

SINCE = LoadOptions(crs="EPSG:4326", commit=True, effective=parse_time("2025-01-01"))
BOX = (117.0, 36.0, 117.02, 36.02)
# The tiles of four zooms that the market lies in.
TILES = {14: (13517, 6433), 10: (844, 402), 13: (6758, 3216), 15: (27034, 12867)}


def _load(connection: Any, kind: str, shapes: list[Any], **columns: Any) -> None:
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
    load_frame(connection, kind, frame, options=SINCE)


@pytest.fixture
def ground(connection: Any) -> Any:
    """A town: a main street in two stretches, a lane, one that is only planned; water, rails, a wall, houses."""
    _load(
        connection,
        "streets",
        [
            shapely.LineString([(116.99, 36.01), (117.005, 36.01)]),
            shapely.LineString([(117.005, 36.01), (117.03, 36.01)]),
            shapely.LineString([(117.008, 36.006), (117.008, 36.008)]),
            shapely.LineString([(117.006, 36.004), (117.006, 36.008)]),
            shapely.LineString([(117.5, 36.5), (117.6, 36.5)]),
        ],
        code=["M1", "M2", "L1", "P1", "F1"],
        name=["解放路", "解放路", "柳巷", "新路", "远路"],
        **{"class": ["主干路", "主干路", "巷", "规划", "primary"]},
    )
    _load(
        connection,
        "barriers",
        [
            shapely.box(117.002, 36.002, 117.003, 36.003),
            shapely.LineString([(117.0, 36.015), (117.02, 36.016)]),
            shapely.LineString([(117.0, 36.018), (117.02, 36.018)]),
            shapely.LineString([(117.007, 36.001), (117.007, 36.002)]),
        ],
        code=["lake", "river", "rail", "wall"],
        **{"class": ["water", "water", "railway", "wall"]},
    )
    _load(connection, "compounds", [shapely.box(117.004, 36.003, 117.009, 36.006)], code=["C1"], name=["幸福小区"])
    houses = [shapely.box(117.005, 36.0031, 117.0051, 36.0032), shapely.box(117.0055, 36.0031, 117.0055002, 36.0031002)]
    _load(connection, "buildings", houses, code=["B1", "B2"], name=["1号楼", "岗亭"], compound=["C1", "C1"])
    parts = [shapely.box(117.01, 36.001, 117.012, 36.003), shapely.box(117.0085, 36.0041, 117.0087, 36.0043)]
    _load(connection, "backdrop", parts, code=["park", "shed"], name=["人民公园", None], cover=["公园", "building"])
    _load(
        connection, "places", [shapely.Point(117.0045, 36.0035)], code=["P1"], name=["<b>菜市场"], category=["market"]
    )
    return connection


def test_paper_gets_what_its_scale_can_show(ground: Any) -> None:
    near = base_shapes(ground, BOX, 0.3)
    assert (len(areas_of(near.water)), len(lines_of(near.water)), len(near.railways), len(near.walls)) == (1, 1, 1, 1)
    assert [(street.name, street.rank) for street in near.streets] == [("柳巷", 4), ("解放路", 1)]
    assert [compound.name for compound in near.compounds] == ["幸福小区"]
    assert [(place.name, place.category) for place in near.places] == [("<b>菜市场", "market")]
    # The box of two centimetres cannot be seen; one that has no name can.
    assert (len(near.buildings), len(near.green)) == (2, 1)
    far = base_shapes(ground, BOX, 5.0)
    assert [street.name for street in far.streets] == ["解放路"]
    assert (len(far.water), len(far.railways), len(far.walls), len(far.buildings)) == (2, 1, 0, 0)
    assert (len(far.compounds), len(far.places)) == (0, 0)


def test_stretches_of_a_street_are_one_line_cut_a_little_outside_the_box(ground: Any) -> None:
    (street,) = (street for street in base_shapes(ground, BOX, 1.0).streets if street.rank == 1)
    assert street.geometry.geom_type == "LineString"
    west, _, east, _ = street.geometry.bounds
    assert (west, east) == pytest.approx((117.0 - 0.0004, 117.02 + 0.0004), abs=1e-9)


def test_where_nothing_is_loaded_the_ground_is_empty(connection: Any) -> None:
    empty = base_shapes(connection, BOX, 0.3)
    assert not any(len(part) for part in (empty.water, empty.streets, empty.buildings, empty.compounds, empty.places))
    assert base_extent(connection) == (None, ())
    assert base_tile(connection, 10, *TILES[10]) == b""


def _layers(connection: Any, z: int) -> dict[str, list[Any]]:
    decoded = mapbox_vector_tile.decode(base_tile(connection, z, *TILES[z]))
    return {name: [one["properties"] for one in layer["features"]] for name, layer in decoded.items()}


def test_tiles_show_main_streets_first_then_houses_then_places(ground: Any) -> None:
    far, middle, near, nearest = (_layers(ground, z) for z in (10, 13, 14, 15))
    assert far["streets"] == [{"name": "解放路", "rank": 1}]
    assert set(far) == {"green", "water", "railways", "streets"}
    assert middle["streets"] == [{"name": "解放路", "rank": 1}]
    assert near["streets"] == [{"name": "柳巷", "rank": 4}, {"name": "解放路", "rank": 1}]
    assert near["compounds"] == [{"name": "幸福小区"}]
    assert near["buildings"] == [{}, {}]
    assert near["green"] == [{"name": "人民公园"}]
    assert not {"places", "walls"} & set(near)
    assert nearest["places"] == [{"name": "<b>菜市场", "category": "market"}]
    assert nearest["walls"] == [{}]


def test_the_extent_and_the_version_follow_what_is_loaded_and_withdrawn(ground: Any) -> None:
    bounds, layers = base_extent(ground)
    assert bounds == pytest.approx((116.99, 36.001, 117.6, 36.5))
    assert layers == ("buildings", "compounds", "green", "places", "railways", "streets", "walls", "water")
    before = base_version(ground)
    assert base_version(ground) == before
    ground.execute("UPDATE streets SET withdrawn_at = now() WHERE code = 'F1'")
    # Versions rise once in a transaction, and the whole test is one.
    ground.execute("UPDATE data_parts SET version = version + 1 WHERE part = 'streets'")
    assert base_version(ground) != before
    assert base_extent(ground)[0] == pytest.approx((116.99, 36.001, 117.03, 36.018))


def test_the_backdrop_changes_by_code_and_refuses_lines_and_rings_that_cross_themselves(ground: Any) -> None:
    before = base_version(ground)
    bow = shapely.Polygon([(117.01, 36.001), (117.012, 36.003), (117.012, 36.001), (117.01, 36.003)])
    for shape, kind in ((bow, "invalid-ring"), (shapely.LineString([(117, 36), (117.1, 36)]), "not-an-area")):
        with pytest.raises(LoadRefusedError) as refused:
            _load(ground, "backdrop", [shape], code=["park"], cover=["green"])
        (finding,) = refused.value.report.findings
        assert finding.kind == kind
    assert base_version(ground) == before
    _load(ground, "backdrop", [shapely.box(117.01, 36.001, 117.011, 36.003)], code=["park"], cover=["green"])
    assert base_shapes(ground, BOX, 0.3).green[0].bounds[2] == 117.011


@pytest.mark.real_data
def test_an_extract_gives_green_and_every_building_as_backdrop_or_by_its_name() -> None:
    path = SHARED_DATA / "beijing" / "wangjing.osm.pbf"
    if not path.exists():
        pytest.skip("the open data is not beside the project")
    backdrop, named = (read_osm(path, layer).frame for layer in ("backdrop", "buildings"))
    assert (int((backdrop["cover"] == "building").sum()), len(named)) == (165, 61)
    assert (backdrop["cover"] == "green").any()
