"""Tiles, index and ground over HTTP."""

import json
from contextlib import contextmanager
from typing import Any

import mapbox_vector_tile
import pytest

from geodata.errors import UnavailableError
from service.maps import layers
from tests.service.conftest import Service, problem_of

# The tile that all of the small territory lies in.
TILE = "/tiles/general/10/759/399.mvt"
FOR_EVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
MVT = "application/vnd.mapbox-vector-tile"
NOW, BEFORE = "2026-06-01", "2025-06-01"


@pytest.fixture
def large(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """The small territory, as if three grids were too many to be sent whole."""
    monkeypatch.setattr(layers, "WHOLE_UP_TO", 2)
    # What other tests were sent of it is kept.
    layers.map_layers.cache_clear()
    return service


def data_of(service: Service, **params: str) -> dict[str, Any]:
    answer = service.get("/maps/grids/data", **params)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def grids_in(body: bytes) -> dict[str, Any]:
    features = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})["grids"]["features"]
    return {one["properties"]["code"]: one["properties"] for one in features}


def test_a_large_layer_comes_as_addresses_of_tiles_with_areas_and_stations(large: Service) -> None:
    data = data_of(large, as_of=NOW)
    assert "grids" not in data
    assert data["bounds"] == pytest.approx([87.0, 36.65, 87.03, 36.66])
    assert data["typical_metres"] == pytest.approx(1000, rel=0.2)
    assert data["tiles"]["url"] == f"/tiles/general/{{z}}/{{x}}/{{y}}.mvt?v={data['version']}"
    assert [area["code"] for area in data["areas"]] == ["990101001", "990101002", "990101"]
    assert data["areas"][0]["parent"] == "990101"
    assert data["areas"][2]["grids"] == 3
    assert len(data["stations"]) > 0
    whole = data_of(large, as_of=NOW, whole="true")
    assert [grid["code"] for grid in whole["grids"]] == ["A1", "A2", "B1"]
    assert whole["stations"] == data["stations"]


def test_a_tile_of_the_right_version_may_be_kept_for_ever(large: Service) -> None:
    version = data_of(large, as_of=NOW)["version"]
    answer = large.get(TILE, v=version, as_of=NOW)
    assert (answer.status_code, answer.headers["content-type"]) == (200, MVT)
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.headers["content-encoding"] == "gzip"
    assert set(grids_in(answer.content)) == {"A1", "A2", "B1"}
    plain = large.client.get(f"{TILE}?v={version}&as_of={NOW}", headers={"Accept-Encoding": "identity"})
    assert plain.content == answer.content
    assert "content-encoding" not in plain.headers
    known = {"If-None-Match": f'"other", W/{answer.headers["etag"]}'}
    again = large.client.get(f"{TILE}?v={version}&as_of={NOW}", headers=known)
    assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", FOR_EVER)


def test_another_version_is_answered_with_the_present_and_asked_about_again(large: Service) -> None:
    version = data_of(large, as_of=NOW)["version"]
    for asked in ({}, {"v": "0123456789"}):
        answer = large.get(TILE, as_of=NOW, **asked)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, ASK_AGAIN)
        assert version in answer.headers["etag"]


def test_each_instant_has_its_own_tiles_and_a_version_means_one_of_them(large: Service) -> None:
    now, before = (data_of(large, as_of=day)["version"] for day in (NOW, BEFORE))
    assert now != before
    a2_now, a2_before = (large.get(TILE, as_of=day).content for day in (NOW, BEFORE))
    assert a2_now != a2_before
    # A page that was opened before a release goes on with what it began with.
    assert large.get(TILE, v=before, as_of=NOW).content == a2_before


def test_nothing_lies_outside_and_no_tile_beyond_the_world(large: Service) -> None:
    far = large.get("/tiles/general/14/1/1.mvt")
    assert (far.status_code, far.content) == (204, b"")
    assert far.headers["cache-control"] == ASK_AGAIN
    for path in ("17/0/0", "3/8/0", "3/0/8", "0/0/1"):
        problem_of(large.get(f"/tiles/general/{path}.mvt"), 404, "not-known")
        problem_of(large.get(f"/basemap/{path}.mvt"), 404, "not-known")
    for path in ("a/0/0", "-1/0/0", "3/0/1.5", "3/0/99999999999999999999"):
        problem_of(large.get(f"/tiles/general/{path}.mvt"), 422, "invalid-request")
    problem_of(large.get("/tiles/%E7%84%A1/3/1/1.mvt"), 404, "not-known")
    problem_of(large.get(TILE, as_of="never"), 422, "invalid-time")
    problem_of(large.get(TILE, v="x" * 65), 422, "invalid-request")
    problem_of(large.get("/maps/grids/index", layer="zz"), 404, "not-known")


def test_the_index_says_of_each_grid_what_the_map_needs(large: Service) -> None:
    data = data_of(large, as_of=NOW)
    answer = large.get(data["index"] + f"&as_of={NOW}")
    assert answer.headers["cache-control"] == FOR_EVER
    index = json.loads(answer.content)
    assert (index["count"], index["code"], index["kinds"]) == (3, ["A1", "A2", "B1"], ["urban"])
    assert [index["communities"][place] for place in index["community"]] == ["990101001", "990101001", "990101002"]
    west, south = index["origin"]
    for place, (left, right) in enumerate([(87.0, 87.01), (87.01, 87.022), (87.022, 87.03)]):
        lon, lat = west + index["x"][place] * 1e-6, south + index["y"][place] * 1e-6
        assert left < lon < right
        assert 36.65 < lat < 36.66
        assert lon + index["west"][place] * 1e-6 == pytest.approx(left, abs=2e-6)
        assert lon + index["east"][place] * 1e-6 == pytest.approx(right, abs=2e-6)
        assert lat + index["north"][place] * 1e-6 == pytest.approx(36.66, abs=2e-6)
        assert 300 < index["metres"][place] < 600


def test_the_ground_has_a_version_and_its_tiles_are_kept_by_it(own_service: Service) -> None:
    with own_service.client.app.state.serving.database() as connection:
        connection.execute(
            """INSERT INTO streets (code, name, class, geom) VALUES
            ('R', '迎春街', 'primary', ST_GeomFromText('MULTILINESTRING((87 36.655, 87.03 36.655))', 4326))"""
        )
    ground = own_service.get("/basemap").json()
    assert ground["layers"] == ["streets"]
    assert ground["bounds"] == pytest.approx([87.0, 36.655, 87.03, 36.655])
    path = ground["url"].format(z=10, x=759, y=399)
    answer = own_service.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, FOR_EVER)
    (street,) = mapbox_vector_tile.decode(answer.content)["streets"]["features"]
    assert street["properties"] == {"name": "迎春街", "rank": 1}
    assert own_service.get(path.split("?")[0]).headers["cache-control"] == ASK_AGAIN
    assert own_service.get("/basemap/14/0/0.mvt").status_code == 204
    with database_away(own_service):
        # What is kept is still served, the rest is not, and grids need no database.
        assert own_service.get(path).content == answer.content
        problem = own_service.get("/basemap/11/1519/799.mvt")
        problem_of(problem, 503, "database-away")
        assert int(problem.headers["retry-after"]) > 0
        assert own_service.get(TILE).status_code == 200


@contextmanager
def database_away(service: Service) -> Any:
    def refuse() -> Any:
        raise UnavailableError("the database does not answer", "数据库没有响应", retry_seconds=2)

    base = service.client.app.state.base_tiles
    opened, base._opened, base._asked_at = base._opened, refuse, -1e9
    try:
        yield
    finally:
        base._opened = opened
