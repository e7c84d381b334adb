from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from geodata.database import connect
from service.report_link import checked_template, report_link
from service.settings import Settings
from tests import staffed
from tests.service.conftest import Service, prepared, problem_of

PATH = "/api/v1/lookup"
IN_BUILDING = {"lon": staffed.IN_BUILDING[0], "lat": staffed.IN_BUILDING[1]}
WORKING, EVENING = "2026-06-03T10:00", "2026-06-03T20:00"
TEMPLATE = "https://cases.example/new?g={grid}&l={layer}&r={release}&at={lon},{lat}&m={matter}"


@pytest.fixture
def staffed_service(database_url: str, tmp_path: Path, serve_application: Callable[..., Service]) -> Service:
    # The keys that every service test has, over the territory with people at every level.
    keys = prepared(database_url, staffed.staffed)
    with connect(database_url) as connection:
        staffed.matter(connection, "noise", role="worker")
        staffed.matter(connection, "A&B #1?", office="HALL")
        connection.commit()
    return serve_application(database_url, tmp_path, keys, report_url=TEMPLATE)


def test_the_roster_of_a_look_up(staffed_service: Service) -> None:
    answer = staffed_service.get(PATH, "dispatcher", **IN_BUILDING, matter="noise", as_of=WORKING).json()
    (grid,) = answer["grids"]
    assert [(one["name"], one["via"]) for one in grid["workers"]][:2] == [("样例N1", "grid"), ("样例L1", "building")]
    assert sum(one["call_first"] for one in grid["workers"]) == 1
    assert answer["matter"]["promised_by"] == "2026-06-03T12:00:00+08:00"
    assert answer["building"]["code"] == "B1"
    by_body = staffed_service.client.post(
        PATH,
        json={**IN_BUILDING, "matter": "noise", "as_of": WORKING},
        headers=staffed_service.headers("dispatcher"),
    )
    assert by_body.json() == answer
    link = urlsplit(grid["report_url"])
    assert parse_qs(link.query) == {
        "g": ["A1"],
        "l": ["general"],
        "r": ["2"],
        "at": ["87.0035,36.6535"],
        "m": ["noise"],
    }
    odd = staffed_service.get(PATH, **IN_BUILDING, matter="A&B #1?", as_of=WORKING).json()["grids"][0]
    assert parse_qs(urlsplit(odd["report_url"]).query)["m"] == ["A&B #1?"]
    assert odd["workers"][0]["phone"] == "0531-00000001"


def test_a_target_stands_for_a_point_and_both_or_neither_are_refused(staffed_service: Service) -> None:
    answer = staffed_service.get(PATH, target="unit:B1#2单元", as_of=WORKING).json()
    assert (answer["query"]["point"], answer["query"]["target"]) == (None, "unit:B1#2单元")
    assert answer["target"] == {"kind": "unit", "code": "B1", "name": "示例B1楼", "unit": "2单元"}
    assert answer["grids"][0]["workers"][0]["via"] == "unit"
    both = staffed_service.get(PATH, target="building:B1", **IN_BUILDING)
    problem_of(both, 422, "invalid-input")
    problem_of(staffed_service.get(PATH, target="building:B1", lon=87), 422, "invalid-input")
    problem_of(staffed_service.get(PATH, target="grid:A1"), 422, "invalid-input")
    problem_of(staffed_service.get(PATH, target="building:\x00'--"), 404, "not-known")
    problem_of(staffed_service.get(PATH, target="building:" + "x" * 500), 422, "invalid-request")
    problem_of(staffed_service.get(PATH, **IN_BUILDING, matter="none"), 404, "not-known")
    problem_of(staffed_service.client.post(PATH, json={"matter": "noise"}), 422, "invalid-request")


def test_nobody_without_a_key_sees_a_phone_or_name_that_is_not_public(staffed_service: Service) -> None:
    for when in (WORKING, EVENING):
        for asked in (IN_BUILDING, {"target": "unit:B1#2单元"}, {"target": "place:PARK"}, {"target": "station:S1"}):
            for matter in ({}, {"matter": "noise"}):
                text = staffed_service.get(PATH, **asked, **matter, as_of=when).text
                assert "1380000000" not in text
                assert "样例N1" not in text


def test_a_list_that_tells_who_is_on_duty_is_another_one_when_hours_change(staffed_service: Service) -> None:
    path = "/api/v1/layers/general/grids/A1"
    tags = [
        staffed_service.get(path, as_of=when).headers["etag"]
        for when in (WORKING, "2026-06-03T16:00", EVENING, WORKING)
    ]
    working, _, evening, again = tags
    assert working == again
    assert working != evening
    people = {
        when: [one["on_duty_now"] for one in staffed_service.get(path, as_of=when).json()["workers"]]
        for when in (WORKING, EVENING)
    }
    assert people[WORKING] != people[EVENING]


@pytest.mark.parametrize(
    "template",
    [
        "javascript:alert({grid})",
        "//cases.example/{grid}",
        "ftp://cases.example/{grid}",
        "https://{grid}.example/",
        "https://{grid}/",
        "https://cases.example/{worker}",
        "https://cases.example/{grid",
        "https://cases.example/{{grid}}",
        "https://cases.example/{grid!r}",
        "https://cases.example/{0}",
        'https://cases.example/"><script>',
        "https://cases.example/ {grid}",
        "https:///{grid}",
        "https://cases.example/" + "x" * 3000,
    ],
)
def test_a_report_address_that_is_not_safe_is_refused_when_settings_are_read(template: str) -> None:
    with pytest.raises(ValueError, match="report address"):
        checked_template(template)
    with pytest.raises(ValueError, match="report address"):
        Settings(_env_file=None, report_url=template)  # type: ignore[call-arg]


def test_values_of_a_report_link_cannot_leave_their_place() -> None:
    template = checked_template(" http://cases.example/{grid}?m={matter} ")
    assert report_link(template, {"grid": "../a b&c=1#x", "matter": None}) == (
        "http://cases.example/..%2Fa%20b%26c%3D1%23x?m="
    )
    assert checked_template("") == ""
