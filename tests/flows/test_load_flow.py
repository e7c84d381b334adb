"""Files as clerks have them, from the disk to PostGIS."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from geodata.area import areas_in_force
from geodata.crs import GCJ02, from_wgs84
from geodata.errors import FileError
from geodata.grid.layers import layer
from geodata.grid.publish import grids_in_force
from geodata.intake.report import LoadOptions
from geodata.load import load
from geodata.people.holders import WORKERS
from geodata.people.roster import stored_duties
from geodata.station.register import STATIONS
from geodata.times import parse_time
from tests.support import draw

EFFECTIVE = parse_time("2026-01-01")


def options(**more):
    return LoadOptions(effective=EFFECTIVE, actor="clerk", **more)


def commit(**more):
    return options(commit=True, **more)


def grids(connection):
    return {row["code"]: row for row in grids_in_force(connection, layer(connection, None)["layer_id"], EFFECTIVE)}


def kinds(report):
    return [(finding.severity, finding.kind, finding.row) for finding in report.findings]


def workbook(path: Path, rows) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


GRIDS = """
    AABB
    AABB
"""


def test_a_workbook_with_title_rows_numbers_as_text_and_text_as_numbers(connection, tmp_path):
    file = workbook(
        tmp_path / "人员.xlsx",
        [
            ["某某街道网格员名册", None, None, None],
            [None, None, None, None],
            ["工号", "姓名", "手机号码", "是否公开电话"],
            [1001, "甲", 13800000000, "是"],
            ["1002", "乙", "13900000000", "否"],
        ],
    )
    report = load(connection, "workers", file, options=commit())
    assert report.errors == ()
    rows = WORKERS.in_force(connection, EFFECTIVE)
    assert [(row["code"], row["phone"], row["phone_public"]) for row in rows] == [
        ("1001", "13800000000", True),
        ("1002", "13900000000", False),
    ]


def test_a_long_code_that_excel_holds_as_a_number_is_an_error_in_its_row(connection, tmp_path):
    file = workbook(
        tmp_path / "a.xlsx", [["区划代码", "社区名称"], [110105001024001001, "甲"], ["110105001024001002", "乙"]]
    )
    report = load(connection, "areas", file, options=options())
    assert ("error", "damaged-code", 2) in kinds(report)
    assert [finding.row for finding in report.errors] == [2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_in_any_usual_encoding(connection, tmp_path, encoding):
    file = tmp_path / "社区.csv"
    file.write_bytes(
        "区划代码,社区名称,上级\n370102001,千佛山街道,\n370102001001,历山社区,370102001\n".encode(encoding)
    )
    report = load(connection, "areas", file, options=commit())
    assert report.errors == ()
    assert [row["name"] for row in areas_in_force(connection, EFFECTIVE)] == ["千佛山街道", "历山社区"]


def test_a_shapefile_with_a_gbk_table(connection, tmp_path):
    frame = (
        draw(GRIDS).drop(columns="row").rename(columns={"code": "网格编码"}).assign(网格名称=["东一网格", "东二网格"])
    )
    pyogrio.write_dataframe(frame, tmp_path / "grids.shp", driver="ESRI Shapefile", encoding="GBK")
    (tmp_path / "grids.cpg").unlink(missing_ok=True)
    report = load(connection, "grids", tmp_path / "grids.shp", options=commit())
    assert report.errors == ()
    assert {code: row["name"] for code, row in grids(connection).items()} == {"A": "东一网格", "B": "东二网格"}
    expected = draw(GRIDS).geometry.to_numpy()
    stored = shapely.from_wkb([row["wkb"] for row in grids(connection).values()])
    assert np.all(shapely.equals(stored, expected))


def test_a_geopackage_layer_in_a_gauss_kruger_zone(connection, tmp_path):
    frame = draw(GRIDS, origin=(114.2, 36.5)).to_crs("EPSG:4547")
    pyogrio.write_dataframe(frame, tmp_path / "g.gpkg", layer="网格", driver="GPKG")
    pyogrio.write_dataframe(
        draw("X", origin=(114.2, 36.5)).to_crs("EPSG:4547"),
        tmp_path / "g.gpkg",
        layer="other",
        driver="GPKG",
        append=True,
    )
    report = load(connection, "grids", tmp_path / "g.gpkg", options=commit(source_layer="网格"))
    assert report.errors == ()
    stored = shapely.from_wkb([row["wkb"] for row in grids(connection).values()])
    assert np.all(shapely.hausdorff_distance(stored, draw(GRIDS, origin=(114.2, 36.5)).geometry.to_numpy()) < 1e-9)


def test_geojson_in_gcj02(connection, tmp_path):
    shapes = shapely.transform(
        draw(GRIDS).geometry.to_numpy(), lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], GCJ02))
    )
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": json.loads(shapely.to_geojson(shape))}
        for code, shape in zip("AB", shapes, strict=True)
    ]
    file = tmp_path / "g.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    report = load(connection, "grids", file, options=commit(crs="GCJ-02"))
    assert report.committed
    stored = shapely.from_wkb([row["wkb"] for row in grids(connection).values()])
    assert np.all(shapely.hausdorff_distance(stored, draw(GRIDS).geometry.to_numpy()) < 1e-8)


def test_a_csv_of_grids_with_well_known_text(connection, tmp_path):
    shape = shapely.to_wkt(draw("A").geometry[0], rounding_precision=-1)
    file = tmp_path / "g.csv"
    file.write_text(f'网格编码,户数,图形\nA,300,"{shape}"\n', encoding="utf-8")
    report = load(connection, "grids", file, options=commit())
    assert report.errors == ()
    assert grids(connection)["A"]["households"] == 300


def test_a_csv_with_a_column_missing_names_what_it_found(connection, tmp_path):
    file = tmp_path / "w.csv"
    file.write_text("工号,电话\nW1,13800000001\n", encoding="utf-8")
    report = load(connection, "workers", file, options=options())
    (finding,) = report.errors
    assert (finding.kind, finding.row) == ("missing-column", None)
    assert "工号, 电话" in finding.message


def test_rows_are_numbered_as_the_clerk_sees_them(connection, tmp_path):
    file = tmp_path / "w.csv"
    file.write_text("code,name\n1,甲\n2,\n2,丙\n", encoding="utf-8")
    report = load(connection, "workers", file, options=options())
    assert kinds(report) == [("error", "missing-value", 3), ("error", "duplicate-code", 4)]


def test_roster_stations_and_duties_from_tables_only(connection, tmp_path):
    def table(name: str, text: str) -> Path:
        file = tmp_path / f"{name}.csv"
        file.write_text(text, encoding="utf-8")
        return file

    load(connection, "roles", table("roles", "编码,名称,公开姓名\nfull,专职网格员,是\n"), options=commit())
    load(connection, "workers", table("workers", "工号,姓名\nW1,甲\n"), options=commit())
    load(connection, "areas", table("areas", "代码,名称,级别\nS,某街道,街道\n"), options=commit())
    load(
        connection,
        "stations",
        table("stations", "站点编码,站点名称,经度,纬度,服务项目\nT,驿站,117.0,36.5,办证、咨询\n"),
        options=commit(),
    )
    duties = "责任人,角色,对象类型,对象,开始,结束\nW1,full,街道,S,2026-01-01,2026-12-31\nW1,full,站点,T,2026/1/1,\n"
    report = load(connection, "duties", table("duties", duties), options=commit())
    assert report.errors == ()
    assert [row["target_kind"] for row in stored_duties(connection)] == ["area", "station"]
    assert stored_duties(connection)[0]["ends"] == parse_time("2027-01-01")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", b"PK\x03\x04 no zip"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": "http://example.org/x.geojson"}'),
        ("a.geojson", b"<OGRVRTDataSource></OGRVRTDataSource>"),
        ("a.gpkg", b"SQLite format 3\x00 nothing more"),
        ("a.xlsx", b"PK\x03\x04 no workbook"),
        ("a.csv", b""),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\x00" * 200),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_refused(connection, tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(FileError) as refused:
        load(connection, "grids", file, options=commit())
    assert refused.value.detail
    assert refused.value.detail_zh


@pytest.mark.real_data
def test_taipei_villages_small_areas_and_facilities(connection, shared_data):
    file = shared_data / "taipei" / "taipei.gpkg"
    villages = {"code": "CPTVID", "name": "PTVNAME"}
    refused = load(connection, "areas", file, options=options(source_layer="village", mapping=villages))
    assert Counter(finding.kind for finding in refused.errors) == {"invalid-ring": 2}
    areas = load(connection, "areas", file, options=commit(source_layer="village", mapping=villages, repair=True))
    assert (len(areas.plan.new), len(areas.mends)) == (456, 2)
    counts = {"code": "CODEBASE", "households": "H_CNT", "persons": "P_CNT"}
    report = load(connection, "grids", file, options=commit(source_layer="small_area", mapping=counts))
    assert (report.errors, len(report.plan.new), report.release) == ((), 11_490, 1)
    crossing = Counter(finding.kind for finding in report.warnings)["crosses-community"]
    assert crossing / 11_490 == pytest.approx(0.131, abs=0.002)
    stored = grids(connection)
    assert sum(row["households"] is None for row in stored.values()) == 630
    assert all(row["community"] for row in stored.values())
    again = load(connection, "grids", file, options=commit(source_layer="small_area", mapping=counts))
    assert (again.plan.same, again.release) == (11_490, None)


@pytest.mark.real_data
def test_taipei_facilities_as_stations_with_codes_made(connection, shared_data):
    file = shared_data / "taipei" / "facilities.csv"
    mapping = {"code": "*", "category": "sub_type"}
    report = load(connection, "stations", file, options=commit(mapping=mapping))
    assert Counter(finding.kind for finding in report.findings) == {"assumed-crs": 1, "repeated-row": 31}
    assert report.unused_columns == ("main_type",)
    assert len(STATIONS.in_force(connection, EFFECTIVE)) == 543 - 31
    assert load(connection, "stations", file, options=commit(mapping=mapping)).plan.same == 543 - 31


@pytest.mark.real_data
def test_real_codes_and_names_as_areas(connection, shared_data):
    folder = shared_data / "division"
    streets = pd.read_csv(folder / "streets.csv", dtype=str)
    report = load(connection, "areas", folder / "streets.csv", options=commit(mapping={"level": ""}))
    assert len(report.plan.new) == len(streets)
    mapping = {"parent": "streetCode"}
    report = load(connection, "areas", folder / "communities.csv", options=commit(mapping=mapping))
    assert report.errors == ()
    rows = areas_in_force(connection, EFFECTIVE)
    assert {row["parent"] for row in rows if row["parent"]} <= set(streets["code"])


@pytest.mark.real_data
def test_every_invalid_ring_of_the_collection_is_a_finding_or_a_mend(connection, shared_data, tmp_path):
    features = []
    for path in sorted((shared_data / "polygons" / "earcut").glob("*.json")):
        rings = json.loads(path.read_text())
        xy = np.concatenate(
            [np.asarray(ring, dtype=float).reshape(-1, 2) for ring in rings if ring] or [np.zeros((1, 2))]
        )
        low, span = xy.min(axis=0), float(np.ptp(xy, axis=0).max()) or 1.0
        # Each lies in a place of its own.
        east = 110 + 0.2 * len(features)
        placed = [
            [[east + 0.1 * (x - low[0]) / span, 30 + 0.1 * (y - low[1]) / span] for x, y in ring] for ring in rings
        ]
        features.append(
            {
                "type": "Feature",
                "properties": {"code": path.stem},
                "geometry": {"type": "Polygon", "coordinates": placed},
            }
        )
    file = tmp_path / "rings.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    report = load(connection, "grids", file, options=options())
    assert len(features) == 59
    found = Counter(finding.kind for finding in report.errors)
    assert found["invalid-ring"] >= 20
    assert all(finding.row for finding in report.errors)
    mended = load(connection, "grids", file, options=options(repair=True))
    assert len(mended.errors) < len(report.errors)
    bad = {finding.row for finding in mended.errors}
    sound = [feature for row, feature in enumerate(features, start=1) if row not in bad]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": sound}), encoding="utf-8")
    committed = load(connection, "grids", file, options=commit(repair=True))
    assert len(committed.plan.new) == len(sound)
