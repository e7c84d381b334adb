"""Drafts over HTTP: begun, changed by operations in turn, told to others, taken back; and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from geodata.database import connect
from tests.redrawing import publish_city
from tests.service.conftest import Service
from tests.support import corner

DRAFTS = "/api/v1/drafts"


def published_city(url: str) -> None:
    with connect(url) as connection:
        publish_city(connection, stated={"A": 400, "B": 300, "E": 200})
        connection.commit()


@pytest.fixture(scope="module")
def city(serve_town: Callable[..., Service]) -> Service:
    return serve_town("drafts_api", published_city)


def begin(city: Service, **more: Any) -> str:
    response = city.client.post(DRAFTS, json={"name": "样例草案", **more}, headers=city.headers("planner"))
    assert response.status_code == 201, response.text
    return response.headers["Location"]


def do(city: Service, draft: str, version: int, kind: str, role: str = "planner", **fields: Any) -> Any:
    operation = {"id": f"{role}-{version}", "kind": kind, **fields}
    headers = {**city.headers(role), "If-Match": f'"{version}"'}
    return city.client.post(f"{draft}/operations", json=operation, headers=headers)


def line(*corners: tuple[float, float]) -> list[list[float]]:
    return [list(corner(*each)) for each in corners]


def test_a_planner_splits_a_grid_and_sees_what_that_does(city: Service) -> None:
    draft = begin(city)
    response = do(city, draft, 0, "split", grid="A", line=line((1, -1), (1, 5)))
    assert response.status_code == 200, response.text
    body = response.json()
    assert (body["version"], body["repeated"], response.headers["ETag"]) == (1, False, '"1"')
    assert [one["properties"]["code"] for one in body["grids"]["changed"]] == ["A", "A-1"]
    assert sum(one["properties"]["households"] for one in body["grids"]["changed"]) == 400
    assert body["impact"]["step"]["changing_grid"]["households"] == 186
    assert body["can_undo"]["seq"] == 1
