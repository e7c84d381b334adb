"""Registers edited through the API: one record at a time, guarded by what the editor saw."""

from typing import Any

import pytest

from tests.service.conftest import Service, problem_of
from tests.service.test_keys import eventually

API = "/api/v1"


def send(
    service: Service, method: str, path: str, body: Any = None, *, tag: str | None = None, role: str = "clerk"
) -> Any:
    headers = service.headers(role) | ({} if tag is None else {"If-Match": tag})
    return service.client.request(method, f"{API}{path}", json=body, headers=headers)


def add(service: Service, path: str, body: Any) -> Any:
    response = send(service, "POST", path, body)
    assert response.status_code == 201, response.text
    return response


def tag_of(service: Service, path: str) -> str:
    return str(service.get(f"{API}{path}", "clerk").headers["etag"])


@pytest.mark.parametrize(
    ("path", "code", "new", "changed"),
    [
        ("workers", "W9", {"code": "W9", "name": "样例-甲", "phone": "13800000009"}, {"phone": "13800000008"}),
        ("organisations", "O9", {"code": "O9", "name": "样例-物业"}, {"phone": "053100000000"}),
        ("roles", "lawyer", {"code": "lawyer", "name": "律师", "position": 7}, {"name_public": True}),
        ("stations", "S9", {"code": "S9", "name": "样例站", "lon": 87.01, "lat": 36.655}, {"services": ["社保"]}),
        ("matters", "noise", {"code": "noise", "name": "噪音", "promised": "2小时"}, {"promised": 2880}),
        ("norms", "N9", {"code": "N9", "role": "grid_chief", "least": 1}, {"most": 2}),
        ("texts", "T9", {"code": "T9", "slot": "hotline", "title": "热线"}, {"title": "服务热线"}),
        ("compounds", "C9", {"code": "C9", "name": "样例小区"}, {"aliases": ["样例花园"]}),
        (
            "buildings",
            "B9",
            {"code": "B9", "name": "9号楼", "units": 2, "lon": 87.01, "lat": 36.655},
            {"households": 30},
        ),
        ("places", "P9", {"code": "P9", "name": "样例公园", "lon": 87.01, "lat": 36.655}, {"category": "公园"}),
        ("stops", "X9", {"code": "X9", "station": "S1", "lon": 87.01, "lat": 36.655}, {"hours": "Tu 09:00-11:30"}),
        ("calendar", "2026-10-01", {"day": "2026-10-01", "kind": "holiday"}, {"name": "国庆节"}),
    ],
)
def test_a_record_is_added_read_changed_and_ended(
    own_service: Service, path: str, code: str, new: dict[str, Any], changed: dict[str, Any]
) -> None:
    made = add(own_service, f"/{path}", new)
    assert made.headers["location"] == f"{API}/{path}/{code}"
    read = own_service.get(f"{API}/{path}/{code}", "clerk")
    assert read.headers["etag"] == made.headers["etag"]
    assert {name: read.json()[name] for name in made.json()["record"]} == made.json()["record"]

    edited = send(own_service, "PATCH", f"/{path}/{code}", changed, tag=read.headers["etag"])
    assert edited.status_code == 200, edited.text
    before, after = made.json()["record"], edited.json()["record"]
    differing = {name for name in after if after[name] != before[name]} - {"valid_from", "promised_minutes"}
    assert differing == set(changed)
    again = send(own_service, "PATCH", f"/{path}/{code}", changed, tag=edited.headers["etag"])
    assert again.json()["change_id"] is None
    assert again.headers["etag"] == edited.headers["etag"]
    problem_of(send(own_service, "PATCH", f"/{path}/{code}", changed, tag=read.headers["etag"]), 412, "stale-edit")
    problem_of(send(own_service, "POST", f"/{path}", new), 409, "conflict")

    ended = send(own_service, "DELETE", f"/{path}/{code}", tag=edited.headers["etag"])
    assert ended.status_code == 200, ended.text
    assert ended.json()["change_id"] > edited.json()["change_id"]
    problem_of(own_service.get(f"{API}/{path}/{code}", "clerk"), 404, "not-known")

    def gone() -> bool:
        listed = own_service.get(f"{API}/{path}", "clerk").json()["items"]
        return code not in [one.get("code", one.get("day")) for one in listed]

    assert eventually(gone)
