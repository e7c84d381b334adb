from types import SimpleNamespace
from typing import Any

import pytest
import shapely
import shapely.geometry

from service.api.shapes import in_box
from tests.service.conftest import Service, problem_of

GRIDS = "/api/v1/layers/general/grids"


def pages(service: Service, path: str, **params: Any) -> list[list[str]]:
    """Codes of each page, following `next`."""
    found = []
    body = service.get(path, **params).json()
    while True:
        found.append([item["code"] for item in body["items"]])
        if body["next"] is None:
            return found
        body = service.client.get(body["next"]).json()


def test_grids_come_in_code_order_page_by_page(service: Service) -> None:
    assert pages(service, GRIDS, limit=2) == [["A1", "A2"], ["B1"]]
    assert service.get(GRIDS, limit=2).json()["total"] == 3


def test_a_page_after_a_grid_that_is_gone_goes_on_behind_it(service: Service) -> None:
    assert [item["code"] for item in service.get(GRIDS, after="A1x").json()["items"]] == ["A2", "B1"]


def test_the_next_page_is_true_for_the_instant_of_the_first(service: Service) -> None:
    first = service.get(GRIDS, limit=1, as_of="2025-06-01").json()
    second = service.client.get(first["next"]).json()
    assert second["as_of"] == first["as_of"] == "2025-06-01T00:00:00+08:00"


def test_grids_are_chosen_by_area_of_any_level_and_by_box(service: Service) -> None:
    def codes(**params: Any) -> list[str]:
        return [item["code"] for item in service.get(GRIDS, **params).json()["items"]]

    assert codes(within="990101002") == ["B1"]
    assert codes(within="990101") == ["A1", "A2", "B1"]
    assert codes(bbox="87.0,36.6,87.005,36.7") == ["A1"]
    assert codes(bbox="87.021,36.6,87.022,36.7") == ["A2", "B1"]
    assert codes(bbox="0,0,1,1") == []
    assert codes(bbox="86,36,88,37") == ["A1", "A2", "B1"]
    assert codes(bbox="87.0,36.65,87.01,36.66") == ["A1", "A2"]


def test_a_box_in_the_bay_of_a_grid_meets_its_bounds_but_not_the_grid() -> None:
    bay = shapely.from_wkt("POLYGON((0 0, 3 0, 3 3, 2 3, 2 1, 1 1, 1 3, 0 3, 0 0))")
    grids: Any = [
        SimpleNamespace(position=0, shape=bay),
        SimpleNamespace(position=1, shape=shapely.box(1.2, 2, 1.8, 4)),
    ]

    class Tiling:
        versions = grids

    moment: Any = SimpleNamespace(tilings={"general": Tiling()}, geometry=lambda grid: grid.shape)

    def met(*box: float) -> list[int]:
        return [grid.position for grid in in_box(moment, "general", grids, box)]  # type: ignore[arg-type]

    assert met(1.1, 1.4, 1.9, 2.6) == [1]
    assert met(1.1, 1.4, 1.9, 5) == [1]
    assert met(0.5, 1.4, 1.1, 2) == [0]
    assert met(0, 0, 3, 4) == met(1.5, 0.5, 1.6, 2) == [0, 1]


def test_one_grid_says_where_it_is_and_who_is_on_duty(service: Service) -> None:
    grid = service.get(f"{GRIDS}/A1").json()
    west, south, east, north = grid["bbox"]
    assert [west, south, east, north] == [87.0, 36.65, 87.01, 36.66]
    assert west < grid["point"][0] < east
    assert [(person["name"], person["via"]) for person in grid["workers"]] == [("示**", "grid")]
    assert service.get(f"{GRIDS}/A1", "dispatcher").json()["workers"][0]["name"] == "示例W2"


@pytest.mark.parametrize("detail", ["full", "map"])
def test_geojson_holds_every_grid_with_its_outline(service: Service, detail: str) -> None:
    response = service.get(GRIDS, format="geojson", detail=detail)
    body = response.json()
    assert response.headers["content-type"] == "application/geo+json"
    assert [feature["id"] for feature in body["features"]] == ["A1", "A2", "B1"]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in body["features"]]
    assert all(shape.is_valid for shape in shapes)
    assert shapely.union_all(shapes).equals(shapely.box(87.0, 36.65, 87.03, 36.66))
    assert body["features"][0]["properties"]["name"] == "A1网格"


def test_outlines_in_full_are_the_stored_doubles(service: Service) -> None:
    feature = service.get(f"{GRIDS}/A2", format="geojson").json()
    xs = {x for x, _ in shapely.get_coordinates(shapely.geometry.shape(feature["geometry"])).tolist()}
    assert xs == {87 + 10 / 1000, 87 + 22 / 1000}


def test_a_list_of_no_grids_is_whole_geojson_too(service: Service) -> None:
    body = service.get(GRIDS, format="geojson", as_of="2020-01-01").json()
    assert (body["type"], body["features"], body["total"]) == ("FeatureCollection", [], 0)


def test_geojson_can_be_paged_too(service: Service) -> None:
    body = service.get(GRIDS, format="geojson", limit=2).json()
    assert len(body["features"]) == 2
    rest = service.client.get(body["next"]).json()
    assert [feature["id"] for feature in rest["features"]] == ["B1"]


@pytest.mark.parametrize("params", [{}, {"format": "geojson"}, {"as_of": "2026-03-01"}])
def test_who_holds_an_answer_already_gets_it_confirmed(service: Service, params: dict[str, str]) -> None:
    first = service.get(GRIDS, **params)
    again = service.client.get(GRIDS, params=params, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_a_tag_tells_mask_query_and_instant_apart(service: Service) -> None:
    path = f"{GRIDS}/A1"
    answers = [
        service.get(path),
        service.get(path, "dispatcher"),
        service.get(path, as_of="2025-06-01"),
        service.get(path, format="geojson"),
    ]
    assert len({answer.headers["etag"] for answer in answers}) == len(answers)
    assert answers[0].headers["cache-control"] == "public, no-cache"
    assert answers[1].headers["cache-control"] == "private, no-cache"


def test_areas_are_chosen_by_level_parent_and_area_above(service: Service) -> None:
    assert pages(service, "/api/v1/areas", limit=2) == [["990101", "990101001"], ["990101002"]]
    assert pages(service, "/api/v1/areas", level="street") == [["990101"]]
    assert pages(service, "/api/v1/areas", parent="990101") == [["990101001", "990101002"]]
    assert pages(service, "/api/v1/areas", within="990101002") == [["990101002"]]


def test_one_area_says_what_is_above_and_below(service: Service) -> None:
    street = service.get("/api/v1/areas/990101").json()
    assert [area["code"] for area in street["below"]] == ["990101001", "990101002"]
    assert street["bbox"] == [87.0, 36.65, 87.03, 36.66]
    community = service.get("/api/v1/areas/990101001").json()
    assert [area["name"] for area in community["above"]] == ["甲街道"]


def test_layers_say_how_many_grids_and_which_release(service: Service) -> None:
    (layer,) = service.get("/api/v1/layers").json()["items"]
    assert (layer["code"], layer["grids"], layer["release"], layer["tiling"]) == ("general", 3, 2, "full")


def test_releases_say_their_state_at_the_instant(service: Service) -> None:
    def states(as_of: str) -> list[str]:
        items = service.get("/api/v1/layers/general/releases", as_of=as_of).json()["items"]
        return [item["state"] for item in items]

    assert states("2025-06-01") == ["in_force", "pending"]
    assert states("2026-06-01") == ["past", "in_force"]
    one = service.get("/api/v1/layers/general/releases/2").json()
    assert one["effective_at"] == "2026-01-01T00:00:00+08:00"


def test_stations_are_chosen_by_area_box_and_category(service: Service) -> None:
    path = "/api/v1/stations"
    assert pages(service, path, limit=1) == [["S1"], ["S2"]]
    assert pages(service, path, within="990101002") == [["S2"]]
    assert pages(service, path, bbox="87.0,36.6,87.01,36.7") == [["S1"]]
    assert pages(service, path, category="党群服务站") == [["S1", "S2"]]
    assert pages(service, path, category="别的") == [[]]


def test_stations_near_a_point_come_nearest_first_on_every_page(service: Service) -> None:
    path = "/api/v1/stations"
    assert pages(service, path, near="87.03,36.655", limit=1) == [["S2"], ["S1"]]
    nearest = service.get(path, near="87.03,36.655").json()["items"][0]
    assert nearest["metres"] == pytest.approx(447, abs=2)
    assert service.get(f"{path}/S1").json()["services"] == ["社保", "咨询"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/areas/nope",
        "/api/v1/areas?within=nope",
        "/api/v1/areas?parent=nope",
        "/api/v1/layers/nope/grids",
        "/api/v1/layers/general/grids/nope",
        "/api/v1/layers/general/grids/%F0%9F%98%80%3Cb%3E",
        "/api/v1/layers/general/grids?within=nope",
        "/api/v1/layers/nope/releases",
        "/api/v1/layers/general/releases/99",
        "/api/v1/stations/nope",
        "/api/v1/stations?within=nope",
    ],
)
def test_what_does_not_exist_is_not_known(service: Service, path: str) -> None:
    problem_of(service.client.get(path), 404, "not-known")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{GRIDS}?bbox=1,2,3", "invalid-input"),
        (f"{GRIDS}?bbox=nan,0,1,1", "invalid-input"),
        (f"{GRIDS}?bbox=2,0,1,1", "invalid-input"),
        (f"{GRIDS}?limit=0", "invalid-request"),
        (f"{GRIDS}?limit=1001", "invalid-request"),
        (f"{GRIDS}?format=kml", "invalid-request"),
        (f"{GRIDS}?as_of=whenever", "invalid-time"),
        ("/api/v1/stations?near=1", "invalid-input"),
        ("/api/v1/stations?near=200,0", "invalid-coordinate"),
        ("/api/v1/layers/general/releases/0", "invalid-request"),
        ("/api/v1/layers/general/releases/9999999999999999999999", "invalid-request"),
    ],
)
def test_parameters_that_cannot_be_used_are_problems(service: Service, path: str, code: str) -> None:
    problem_of(service.client.get(path), 422, code)


def test_links_and_routes_work_below_a_path_of_a_proxy(service: Service, serve_application: Any, tmp_path: Any) -> None:
    below = serve_application(service.database_url, tmp_path, service.keys, root_path="/gridmap")
    for path in (GRIDS, f"/gridmap{GRIDS}"):
        body = below.get(path, limit=2).json()
        assert body["next"].startswith(f"/gridmap{GRIDS}?")
        assert [item["code"] for item in below.client.get(body["next"]).json()["items"]] == ["B1"]
    assert below.get("/openapi.json").json()["servers"] == [{"url": "/gridmap"}]
