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
    differing = {name for name in after if after[name] != before[name]} - {"valid_from", "promised_minutes", "open_now"}
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


def duty(**others: Any) -> dict[str, Any]:
    return {"holder": "W3", "role": "grid_chief", "target_kind": "grid", "target": "B1", **others}


def test_a_duty_is_added_given_hours_replaced_and_ended(own_service: Service) -> None:
    made = add(own_service, "/duties", duty(**{"from": "2026-02-01", "hours": "周一至周五 8:30-17:30"}))
    first = made.json()["record"]
    assert (first["target"]["code"], first["hours"]) == ("B1", "Mo-Fr 08:30-17:30")
    path = f"/duties/{first['duty_id']}"
    longer = send(own_service, "PATCH", path, {"to": "2089-12-31"}, tag=made.headers["etag"])
    assert longer.json()["record"]["duty_id"] == first["duty_id"]
    assert longer.json()["record"]["valid_to"] == "2090-01-01T00:00:00+08:00"
    problem_of(send(own_service, "PATCH", path, {"to": None}, tag=made.headers["etag"]), 412, "stale-edit")

    always = send(own_service, "PATCH", path, {"hours": None}, tag=longer.headers["etag"])
    assert always.status_code == 200, always.text
    second = always.json()["record"]
    assert (second["hours"], second["valid_to"]) == ("", "2090-01-01T00:00:00+08:00")
    assert second["duty_id"] != first["duty_id"]
    before = own_service.get(f"{API}{path}", "clerk").json()
    assert (before["hours"], before["valid_to"]) == ("Mo-Fr 08:30-17:30", second["valid_from"])

    path = f"/duties/{second['duty_id']}"
    stand_in = send(own_service, "PATCH", path, {"assignment": "stand_in", "effective": "2088-01-01"}, tag="*")
    assert stand_in.status_code == 200, stand_in.text
    third = stand_in.json()["record"]
    assert (third["assignment"], third["valid_from"]) == ("stand_in", "2088-01-01T00:00:00+08:00")
    assert own_service.get(f"{API}{path}", "clerk").json()["valid_to"] == "2088-01-01T00:00:00+08:00"

    instead = duty(holder="W2", replaces=second["duty_id"], **{"from": "2087-06-01"})
    replaced = add(own_service, "/duties", instead).json()["record"]
    assert replaced["holder"]["code"] == "W2"
    assert own_service.get(f"{API}{path}", "clerk").json()["valid_to"] == "2087-06-01T00:00:00+08:00"

    never = send(own_service, "DELETE", f"/duties/{replaced['duty_id']}", tag="*")
    assert never.json()["record"] is None
    problem_of(own_service.get(f"{API}/duties/{replaced['duty_id']}", "clerk"), 404, "not-known")
    ended = send(own_service, "DELETE", f"{path}?effective=2087-01-01", tag="*")
    assert ended.json()["record"]["valid_to"] == "2087-01-01T00:00:00+08:00"


def test_a_leave_is_added_given_a_stand_in_and_cut_short(own_service: Service) -> None:
    made = add(own_service, "/leave", {"worker": "W2", "from": "2087-03-01", "to": "2087-03-10", "reason": "年假"})
    leave = made.json()["record"]
    assert leave["valid_to"] == "2087-03-11T00:00:00+08:00"
    path = f"/leave/{leave['leave_id']}"
    covered = send(own_service, "PATCH", path, {"stand_in": "W3"}, tag=made.headers["etag"])
    assert covered.status_code == 200, covered.text
    held = covered.json()["record"]
    assert (held["stand_in"], held["stand_in_name"], held["reason"]) == ("W3", "示例W3", "年假")
    assert (held["valid_from"], held["valid_to"]) == (leave["valid_from"], leave["valid_to"])
    path = f"/leave/{held['leave_id']}"
    shorter = send(own_service, "PATCH", path, {"to": "2087-03-05"}, tag=covered.headers["etag"])
    assert shorter.json()["record"]["valid_to"] == "2087-03-06T00:00:00+08:00"
    assert shorter.json()["record"]["stand_in"] == "W3"
    gone = send(own_service, "DELETE", path, tag=shorter.headers["etag"])
    assert gone.json()["record"] is None
    problem_of(own_service.get(f"{API}{path}", "clerk"), 404, "not-known")


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("/workers", {"code": "W9", "name": "样例", "phone": "not a phone"}, ["phone"]),
        ("/workers", {"code": "W9", "name": "  ", "phone": "138****0000"}, ["name", "phone"]),
        ("/stations", {"code": "S9", "name": "样例", "lon": 36.6, "lat": 87.0}, ["lon"]),
        ("/stations", {"code": "S9", "name": "样例", "lon": 87.0, "lat": 36.6, "hours": "sometimes"}, ["hours"]),
        ("/stations", {"code": "S9", "name": "样例", "lon": 87.0, "lat": 36.6, "parent": "nope"}, ["parent"]),
        ("/stations", {"code": "S9", "name": "样例"}, ["lon"]),
        ("/norms", {"role": "grid_chief"}, ["least"]),
        ("/texts", {"slot": "notice"}, ["body"]),
        ("/matters", {"name": "噪音", "role": "nobody", "promised": "soon"}, ["promised", "role"]),
        ("/duties", duty(role="nobody"), ["role"]),
        ("/duties", duty(target="Z9"), ["target"]),
        ("/duties", duty(hours="25:00-26:00 whenever"), ["hours"]),
        ("/duties", duty(**{"from": "2087-01-02", "to": "2087-01-01"}), ["to"]),
        ("/leave", {"worker": "W2", "from": "2087-03-02", "to": "2087-03-01"}, ["to"]),
        ("/leave", {"worker": "W2", "from": "2087-03-01", "stand_in": "W2"}, ["stand_in"]),
        ("/calendar", {"day": "2026-13-01", "kind": "holiday"}, ["day"]),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_written(
    service: Service, path: str, body: dict[str, Any], fields: list[str | None]
) -> None:
    before = service.get(f"{API}/changes", "clerk").json()
    problem = problem_of(send(service, "POST", path, body), 422, "record-refused")
    assert [one["field"] for one in problem["facts"]["findings"]] == fields
    assert all(one["message"] and one["message_zh"] and one["kind"] for one in problem["facts"]["findings"])
    assert [one["location"] for one in problem["errors"]] == [f"body.{one}" if one else "body" for one in fields]
    assert service.get(f"{API}/changes", "clerk").json() == before


def test_a_mobile_station_needs_no_place_of_its_own(own_service: Service) -> None:
    from_then = {"effective": "2026-01-01"}
    made = add(own_service, "/stations", {"code": "BUS", "name": "样例车", "category": "流动服务站", **from_then})
    assert made.json()["record"]["lon"] is None
    assert [one["kind"] for one in made.json()["warnings"]] == ["no-stops"]

    def codes(**asked: str) -> list[str]:
        items = own_service.get(f"{API}/stations", as_of="2026-11-24T10:00", **asked).json()["items"]
        return [one["code"] for one in items]

    assert eventually(lambda: codes() == ["BUS", "S1", "S2"])
    assert codes(within="990101") == codes(bbox="86,36,88,37") == ["S1", "S2"]
    assert codes(near="87.006,36.655")[-1] == "BUS"
    lost = own_service.get(f"{API}/lookup", target="station:BUS", as_of="2026-11-24T10:00")
    assert "没有停靠点" in problem_of(lost, 422, "invalid-input")["detail_zh"]
    stop = {"code": "X1", "station": "BUS", "lon": 87.006, "lat": 36.655, "hours": "Tu 09:00-11:30", **from_then}
    add(own_service, "/stops", stop)
    assert eventually(lambda: codes(within="990101") == ["BUS", "S1", "S2"])
    assert codes(bbox="87.0059,36.6549,87.0061,36.6551") == ["BUS"]
    assert codes(near="87.006,36.655")[0] == "BUS"
    found = own_service.get(f"{API}/lookup", target="station:BUS", as_of="2026-11-24T10:00").json()
    assert (found["point"]["lon"], found["point"]["lat"]) == (87.006, 36.655)
    drawn = own_service.get("/maps/grids/data", layer="general", as_of="2026-11-24T10:00").json()["stations"]
    assert [87.006, 36.655] in [one["point"] for one in drawn if one["code"] == "BUS"]


def test_a_station_that_stays_is_asked_for_its_place(own_service: Service) -> None:
    refused = send(own_service, "POST", "/stations", {"code": "X", "name": "样例站", "address": "甲路1号"})
    problem = problem_of(refused, 422, "record-refused")
    assert [one["kind"] for one in problem["facts"]["findings"]] == ["missing-place"]


def test_a_mobile_station_is_near_where_it_stops_and_only_while_it_does(own_service: Service) -> None:
    stop = {
        "code": "X9",
        "station": "S2",
        "lon": 87.006,
        "lat": 36.655,
        "hours": "Tu 09:00-11:30",
        "effective": "2026-01-01",
    }
    made = add(own_service, "/stops", stop)
    assert made.json()["record"]["station_name"] == "示例站S2"

    def nearest(as_of: str) -> list[tuple[str, bool]]:
        items = own_service.get(f"{API}/stations", near="87.006,36.655", as_of=as_of).json()["items"]
        return [(one["code"], one["metres"] is not None) for one in items]

    assert eventually(lambda: nearest("2026-11-24T10:00") == [("S2", True), ("S1", True)])
    assert nearest("2026-11-24T12:00") == [("S1", True), ("S2", False)]
    opened = [own_service.get(f"{API}/stops", as_of=f"2026-11-24T{hour}:00").json()["items"][0] for hour in (10, 12)]
    assert [one["open_now"] for one in opened] == [True, False]
