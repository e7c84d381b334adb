import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import parse_time

COMMIT = LoadOptions(commit=True, actor="tester")


def squares(*rows: str, size: float = 0.01, west: float = 117.0, north: float = 36.7) -> gpd.GeoDataFrame:
    """Grids drawn as text: each letter is a square, equal letters are one grid."""
    cells: dict[str, list[shapely.Polygon]] = {}
    for down, line in enumerate(rows):
        for right, letter in enumerate(line):
            if letter not in " .":
                x, y = west + right * size, north - down * size
                cells.setdefault(letter, []).append(shapely.box(x, y - size, x + size, y))
    codes = sorted(cells)
    return gpd.GeoDataFrame(
        {"code": codes}, geometry=[shapely.union_all(cells[code]) for code in codes], crs="EPSG:4326"
    )


@pytest.fixture
def territory(connection):
    areas = squares("CC DD").assign(name=["left", "right"], parent="S")
    streets = pd.DataFrame({"code": ["S"], "name": ["street"], "level": ["街道"]})
    load_frame(connection, "areas", streets, options=COMMIT)
    load_frame(connection, "areas", areas, options=COMMIT)
    return connection


def test_kinds_load_and_a_second_identical_load_changes_nothing(territory):
    grids = squares("ab cd")
    first = load_frame(territory, "grids", grids, options=COMMIT)
    assert (first.release, len(first.plan.new)) == (1, 4)
    again = load_frame(territory, "grids", grids, options=COMMIT)
    assert again.release is None
    assert again.plan.same == 4
    workers = pd.DataFrame(
        {"工号": ["W1", "W2"], "姓名": ["甲", "乙"], "电话": [13800000000, "0531-1"], "电话公开": ["是", "否"]}
    )
    assert load_frame(territory, "workers", workers, options=COMMIT).plan.new == ("W1", "W2")
    assert load_frame(territory, "workers", workers, options=COMMIT).plan.same == 2
    roles = pd.DataFrame({"code": ["r"], "name": ["专职网格员"]})
    load_frame(territory, "roles", roles, options=COMMIT)
    load_frame(territory, "organisations", pd.DataFrame({"code": ["O"], "name": ["所"]}), options=COMMIT)
    stations = pd.DataFrame(
        {
            "code": ["s1", "s2"],
            "name": ["x", "y"],
            "parent": ["s2", None],
            "lon": [117.0, 117.01],
            "lat": ["36.6", 36.5],
            "services": ["a、b", ""],
        }
    )
    load_frame(territory, "stations", stations, options=COMMIT)
    assert load_frame(territory, "stations", stations, options=COMMIT).plan.same == 2
    duties = pd.DataFrame(
        {
            "holder": ["W1", "W2", "O"],
            "role": ["r"] * 3,
            "target_kind": ["网格", "area", "station"],
            "target": ["a", "S", "s1"],
            "from": ["2026-01-01", None, "2026/2/1"],
            "to": [None, None, "2026-12-31"],
        }
    )
    assert len(load_frame(territory, "duties", duties, options=COMMIT).plan.new) == 3
    again = load_frame(territory, "duties", duties, options=COMMIT)
    assert again.plan.same == 3
    assert not again.plan.changes_anything
    duties["to"] = ["2026-06-30", None, "2026-12-31"]
    changed = load_frame(territory, "duties", duties, options=COMMIT)
    assert len(changed.plan.changed) == 1
    ends = territory.execute("SELECT period_to(period) FROM duties ORDER BY duty_id LIMIT 1").fetchone()[0]
    assert ends == parse_time("2026-07-01")
    layers = pd.DataFrame({"code": ["party"], "name": ["组织"], "tiling": ["全覆盖"], "nested_in": ["general"]})
    load_frame(territory, "layers", layers, options=COMMIT)
    assert load_frame(territory, "layers", layers, options=COMMIT).plan.same == 1
