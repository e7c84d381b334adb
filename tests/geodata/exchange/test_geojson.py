import json
import tracemalloc

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import FileError
from geodata.exchange import Limits, is_damaged, read_table

SQUARE = [[[117, 36], [117.01, 36], [117.01, 36.01], [117, 36.01], [117, 36]]]


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features, **members):
    return {"type": "FeatureCollection", **members, "features": list(features)}


def polygon(coordinates=SQUARE):
    return {"type": "Polygon", "coordinates": coordinates}


@pytest.fixture
def read(tmp_path):
    def of(content, name="a.geojson", **options):
        path = tmp_path / name
        if isinstance(content, dict | list):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, **options)

    return of


def noted(table):
    return [(note.kind, note.severity, note.row) for note in table.notes]


class TestForms:
    def test_a_collection_is_a_table(self, read):
        table = read(collection(feature(polygon(), code="1", n=5), feature(None, code="2", m=[1])))
        assert list(table.frame.columns) == ["code", "n", "m", "geometry"]
        assert table.frame.drop(columns="geometry").to_numpy().tolist() == [["1", 5, None], ["2", None, "[1]"]]
        assert table.frame.geometry[0].equals(shapely.box(117, 36, 117.01, 36.01))
        assert table.frame.geometry[1] is None
        assert table.rows.tolist() == [1, 2]
        assert table.crs.name == "EPSG:4326"
        assert table.notes == ()

    @pytest.mark.parametrize(
        "content", [feature(polygon(), a=1), polygon(), {"type": "GeometryCollection", "geometries": [polygon()]}]
    )
    def test_a_feature_or_a_bare_geometry_is_a_table_of_one(self, read, content):
        table = read(content)
        assert len(table.frame) == 1
        assert table.frame.geometry[0].area == pytest.approx(0.0001)

    @pytest.mark.parametrize("separator", ["\n", "\r\n", "\n\x1e", "", " "], ids=repr)
    def test_features_one_after_the_other_are_a_table(self, read, separator):
        text = separator.join(json.dumps(feature(polygon(), n=n)) for n in range(5))
        table = read(text, "a.geojsonl")
        assert table.frame["n"].tolist() == [0, 1, 2, 3, 4]

    def test_members_may_come_in_any_order(self, read):
        table = read('{"features": [], "bbox": [1, 2, 3, 4], "type": "FeatureCollection", "name": "x"}')
        assert len(table.frame) == 0

    def test_a_byte_order_mark_is_left_aside(self, read):
        assert len(read(b"\xef\xbb\xbf" + json.dumps(polygon()).encode()).frame) == 1

    def test_the_id_of_a_feature_is_a_column_unless_there_is_one(self, read):
        assert read(collection({**feature(None), "id": "x1"})).frame["id"].tolist() == ["x1"]
        assert read(collection({**feature(None, id="own"), "id": "x1"})).frame["id"].tolist() == ["own"]

    def test_a_property_called_geometry_does_not_hide_the_shapes(self, read):
        table = read(collection({**feature(polygon()), "properties": {"geometry": "text"}}))
        assert list(table.frame.columns) == ["geometry_2", "geometry"]

    def test_every_kind_of_shape_is_read_flat(self, read):
        shapes = [
            shapely.from_wkt(text)
            for text in (
                "POINT (1 2)",
                "MULTIPOINT ((1 2), (3 4))",
                "LINESTRING (0 0, 1 1)",
                "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
                "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1))",
                "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
                "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))",
            )
        ]
        high = shapely.force_3d(np.array(shapes, dtype=object), 7.0)
        for given_shapes in (shapes, high):
            table = read(collection(*(feature(json.loads(shapely.to_geojson(shape))) for shape in given_shapes)))
            assert table.notes == ()
            assert table.frame.geometry.tolist() == shapes

    def test_positions_with_and_without_height_may_stand_side_by_side(self, read):
        ring = [[0, 0], [1, 0, 5], [1, 1, 5], [0, 0]]
        assert read(polygon([ring])).frame.geometry[0].equals(shapely.from_wkt("POLYGON ((0 0, 1 0, 1 1, 0 0))"))

    def test_features_cut_by_the_reading_block_are_whole(self, read, monkeypatch):
        monkeypatch.setattr("geodata.exchange.jsontext.BLOCK", 7)
        table = read(collection(*(feature(polygon(), name='济南😀\\"', n=-n * 1000, f=1.5e3) for n in range(40))))
        assert table.frame["n"].tolist() == [-n * 1000 for n in range(40)]
        assert set(table.frame["name"]) == {'济南😀\\"'}


class TestCells:
    def test_cells_are_plain_values(self, read):
        table = read(
            '{"type": "Feature", "geometry": null, "properties": '
            '{"a": 370102001001001001, "b": 3.0, "c": 1e17, "d": true, "e": null, "f": NaN, "g": "", '
            '"h": {"x": "济"}}}'
        )
        row = table.frame.iloc[0]
        assert row["a"] == 370102001001001001
        assert type(row["b"]) is int
        assert is_damaged(row["c"])
        assert row["d"] is True
        assert row[["e", "f", "g"]].tolist() == [None, None, None]
        assert row["h"] == '{"x": "济"}'

    def test_rare_characters_survive_and_halves_of_them_are_errors(self, read):
        table = read(
            '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"n":"\\ud83d\\ude00<b>"}},{"type":"Feature","geometry":null,"properties":{"n":"a\\ud83d"}},{"type":"Feature","geometry":null,"properties":{"n":"a\\u0000b"}}]}'
        )
        assert table.frame["n"].tolist() == ["😀<b>", "a�", "a�b"]
        assert noted(table) == [("unstorable-text", "error", 2), ("unstorable-text", "error", 3)]


class TestShapesAtFault:
    def test_an_open_ring_is_closed_with_a_note(self, read):
        table = read(collection(feature(polygon([SQUARE[0][:-1]]))))
        assert noted(table) == [("unclosed-ring", "warning", 1)]
        assert table.frame.geometry[0].equals(shapely.box(117, 36, 117.01, 36.01))

    @pytest.mark.parametrize(
        "geometry",
        [
            polygon([[["117", "36"], ["118", "36"], ["118", "37"], ["117", "36"]]]),
            polygon([[[117, 36], [118, 36]]]),
            polygon([[[117, 36], [118, 36], [117, 36]]]),
            polygon([[[117], [118], [118], [117]]]),
            polygon([[[117, None], [118, 36], [118, 37], [117, 36]]]),
            polygon([[[117, True], [118, "x"], [118, 37], [117, 36]]]),
            polygon([[[117, 36], [118, 36, 1], [118], [117, 36]]]),
            polygon([[117, 36]]),
            polygon([[], SQUARE[0]]),
            polygon("117 36"),
            polygon(None),
            {"type": "Polygon"},
            {"type": "Polygon", "coordinates": {"0": 1}},
            {"type": "Point", "coordinates": [1]},
            {"type": "Point", "coordinates": [[1, 2]]},
            {"type": "Point", "coordinates": [10**400, 1]},
            {"type": "LineString", "coordinates": [[1, 2]]},
            {"type": "Curve", "coordinates": []},
            {"type": None},
            {"coordinates": [1, 2]},
            "POINT (1 2)",
            5,
        ],
        ids=lambda value: json.dumps(value)[:50],
    )
    def test_a_shape_that_cannot_be_built_is_none_with_an_error(self, read, geometry):
        table = read(collection(feature(polygon()), feature(geometry, code="x")))
        assert noted(table) == [("unreadable-shape", "error", 2)]
        assert table.frame.geometry[1] is None
        assert table.frame["code"][1] == "x"

    @pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999"])
    def test_numbers_that_are_none_are_errors(self, read, literal):
        table = read(
            '{"type":"Polygon","coordinates":[[[117,36],[118,LITERAL],[118,37],[117,36]]]}'.replace("LITERAL", literal)
        )
        assert noted(table) == [("unreadable-shape", "error", 1)]

    @pytest.mark.parametrize("coordinates", [[], [[]]])
    def test_a_polygon_without_coordinates_is_empty(self, read, coordinates):
        assert read(polygon(coordinates)).frame.geometry[0].is_empty

    def test_a_bow_tie_is_handed_on_as_it_is(self, read):
        assert not read(polygon([[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]])).frame.geometry[0].is_valid

    def test_entries_that_are_no_features_are_left_out_with_an_error(self, read):
        table = read(collection(None, "x", 5, {"type": "Topology"}, feature(None, a=1)))
        assert noted(table) == [("no-feature", "error", row) for row in (1, 2, 3, 4)]
        assert table.rows.tolist() == [5]


class TestSystems:
    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
            ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
            ("EPSG:4547", "EPSG:4547"),
            ("GCJ-02", "GCJ-02"),
        ],
    )
    def test_a_named_system_of_the_older_kind_is_honoured(self, read, name, found):
        for content in (
            collection(feature(polygon()), crs={"type": "name", "properties": {"name": name}}),
            {**collection(feature(polygon())), "crs": {"type": "name", "properties": {"name": name}}},
        ):
            assert read(content).crs.name == found

    @pytest.mark.parametrize(
        "member", [{"type": "name", "properties": {"name": "mars"}}, {"type": "name"}, "EPSG:4326", 5, []], ids=str
    )
    def test_a_system_that_makes_no_sense_is_noted(self, read, member):
        table = read(collection(feature(polygon()), crs=member))
        assert table.crs is None
        assert noted(table) == [("crs-unreadable", "warning", None)]

    def test_no_system_at_all_is_said_with_null(self, read):
        assert read(collection(crs=None)).crs is None

    def test_a_linked_system_is_refused(self, read):
        with pytest.raises(FileError, match="links"):
            read(collection(crs={"type": "link", "properties": {"href": "http://example.org/crs", "type": "proj4"}}))


class TestOtherContent:
    @pytest.mark.parametrize(
        ("content", "shown"),
        [
            ({"type": "Topology", "objects": {}, "arcs": []}, "TopoJSON"),
            ({"type": "Topology", "href": "http://example.org/t.json"}, "no GeoJSON"),
            (
                {"geometryType": "esriGeometryPolygon", "features": [{"attributes": {}, "geometry": {"rings": []}}]},
                "Esri",
            ),
            ({"features": [{"attributes": {}, "geometry": {"rings": []}}]}, "Esri"),
            ({"type": "FeatureCollection"}, "no list “features”"),
            ({"type": "FeatureCollection", "features": {"href": "http://example.org"}}, "no list “features”"),
            ({"type": "link", "href": "http://example.org/a.geojson"}, "no GeoJSON"),
            ({"url": "http://example.org/a.geojson"}, "no GeoJSON"),
            ({}, "no GeoJSON"),
            ([1, 2, 3], "other JSON"),
            ("{", "no sound JSON"),
            ('{"type": "FeatureCollection", "features": [', "no sound JSON"),
            ('{"type": "FeatureCollection", "features": [{"type": "Feature"} {}]}', "no sound JSON"),
            ('{"type": "Point", "coordinates": [1, 2]} x', "no sound JSON"),
            ("{'type': 'Point'}", "no sound JSON"),
            (b'{"type": "Feature", "name": "\xd6\xd0\xce\xc4"}', "UTF-8"),
            ("[" * 100_000, "other JSON"),
            ('{"a":' * 100_000, "nested too deeply"),
            ('{"type": "Polygon", "coordinates": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
            ('{"type": "Point", "coordinates": [' + "1" * 10_000 + ", 2]}", "too many digits"),
        ],
        ids=lambda value: repr(value)[:40],
    )
    def test_json_that_is_no_geojson_is_refused_by_name(self, read, content, shown):
        with pytest.raises(FileError, match=shown) as caught:
            read(content)
        assert caught.value.detail_zh
        assert caught.value.detail_zh != caught.value.detail

    @pytest.mark.parametrize(
        "content",
        [
            '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>',
            '<?xml version="1.0"?>\n<!-- x -->\n<OGRVRTDataSource/>',
            "http://example.org/a.geojson",
            "/vsicurl/http://example.org/a.geojson",
            "GeoJSON:/etc/passwd",
            "PG:host=example.org dbname=x",
            "/etc/passwd",
            "id,name\n1,a\n",
            "<kml></kml>",
            "SQLite format 3\x00" + "x" * 200,
            "\x00\x00\x27\x0a" + "x" * 200,
            "PK\x03\x04" + "x" * 200,
        ],
        ids=lambda text: text[:20],
    )
    def test_another_format_or_a_reference_under_this_name_is_refused(self, read, content):
        with pytest.raises(FileError):
            read(content)

    def test_deep_collections_are_errors_of_their_row(self, read):
        nested = polygon()
        for _ in range(50):
            nested = {"type": "GeometryCollection", "geometries": [nested]}
        assert noted(read(collection(feature(nested)))) == [("unreadable-shape", "error", 1)]

    def test_one_enormous_value_is_refused_before_it_fills_memory(self, read, monkeypatch):
        monkeypatch.setattr("geodata.exchange.jsontext.LONGEST_VALUE", 2**20)
        monkeypatch.setattr("geodata.exchange.jsontext.BLOCK", 2**16)
        text = '{"type": "Polygon", "coordinates": [' + "[]," * 8_000_000
        tracemalloc.start()
        with pytest.raises(FileError, match="larger"):
            read(text)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 120_000_000

    def test_a_new_column_in_every_feature_is_refused(self, read):
        with pytest.raises(FileError, match="columns"):
            read(collection(*(feature(None, **{f"p{n}": 1}) for n in range(50))), limits=Limits(columns=20))

    def test_too_many_features_and_too_long_text_are_refused(self, read):
        with pytest.raises(FileError, match="rows"):
            read(collection(*(feature(None, a=1) for n in range(50))), limits=Limits(rows=20))
        with pytest.raises(FileError, match="Row 1"):
            read(collection(feature(None, a="x" * 500)), limits=Limits(cell_characters=100))

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
    @given(
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text(max_size=5)
            | st.sampled_from(
                ["Polygon", "Point", "Feature", "FeatureCollection", "GeometryCollection", "MultiPolygon"]
            ),
            lambda inner: (
                st.lists(inner, max_size=5)
                | st.dictionaries(
                    st.sampled_from(
                        ["type", "features", "geometry", "coordinates", "geometries", "properties", "crs", "id", "x"]
                    ),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=30,
        )
    )
    def test_any_json_is_a_table_or_a_file_error(self, read, value):
        for content in (
            value,
            collection(value),
            collection(feature(value)),
            collection({**feature(None), "properties": value}),
        ):
            try:
                table = read(json.dumps(content))
            except FileError:
                continue
            assert len(table.frame) == len(table.rows)


@pytest.mark.real_data
class TestRealRings:
    def test_every_ring_set_of_the_earcut_samples_is_a_shape_or_a_named_fault(self, read, shared_data):
        files = sorted((shared_data / "polygons" / "earcut").glob("*.json"))
        assert len(files) == 59
        shapes = [json.loads(path.read_text()) for path in files]
        table = read(
            collection(*(feature(polygon(rings), name=path.stem) for rings, path in zip(shapes, files, strict=True)))
        )
        assert len(table.frame) == 59
        missing = {int(row) for row, shape in zip(table.rows, table.frame.geometry, strict=True) if shape is None}
        assert missing == {note.row for note in table.notes if note.kind == "unreadable-shape"}
        assert len(missing) < 10
