"""What clerks bring to the desk as they have it: people without codes, holidays as ranges, rosters, mobile stations."""

from typing import Any

import pytest

from tests.service.conftest import Service
from tests.service.desks import Desk, names, workbook
from tests.service.test_keys import eventually

PEOPLE = [
    ["样例街道人员名单（2026年）", None, None, None],
    ["序号", "姓名", "联系电话", "所属社区"],
    [1, "样例-张一", "13800000001", "甲一社区"],
    [2, "样例-李二", 13800000002.0, "甲一社区"],
    [3, "样例-张一", "13800000003", "甲二社区"],
    [4, "样例-王三", "无", "甲二社区"],
]
HOLIDAYS = [
    ["关于2026年部分节假日安排的通知", None, None],
    ["节日", "放假时间", "类型"],
    ["国庆节", "10月1日（周四）至7日（周三），共7天", "放假"],
    ["国庆节", "9月20日（周日）、10月10日（周六）", "上班"],
]


@pytest.fixture
def clerk(own_service: Service) -> Desk:
    return Desk(own_service)


def plan(clerk: Desk, load: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return clerk.get(f"/{load['id']}/plan", what=what)["items"]  # type: ignore[no-any-return]


def kinds(clerk: Desk, load: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    found = clerk.get(f"/{load['id']}/findings")["items"]
    return [(one["severity"], one["kind"], one["row"]) for one in found if one["kind"] != "header-row"]


def test_a_list_of_people_without_codes_is_understood_committed_and_the_same_next_time(clerk: Desk) -> None:
    before = names(clerk.service)
    load = clerk.checked(workbook(("名单", PEOPLE)), "人员名单.xlsx")
    assert (load["kind"], load["missing_fields"], kinds(clerk, load)) == ("workers", [], [])
    read = {one["column"]: one["field"] for one in load["columns"]}
    assert read == {"序号": None, "姓名": "name", "联系电话": "phone", "所属社区": "unit"}
    assert load["counts"]["new"] == 4
    done = clerk.step(load, "commit")
    assert names(clerk.service) - before == {"样例-张一", "样例-李二", "样例-王三"}
    again = clerk.checked(workbook(("名单", PEOPLE)), "人员名单.xlsx")
    assert (again["counts"]["same"], again["counts"]["new"], again["counts"]["changed"]) == (4, 0, 0)
    clerk.step(done, "undo")
    assert names(clerk.service) == before


def test_two_of_one_name_that_nothing_tells_apart_are_asked_about_in_their_cells(clerk: Desk) -> None:
    load = clerk.checked(workbook(("名单", [*PEOPLE, [5, "样例-王三", None, "甲二社区"]])), "人员名单.xlsx")
    assert kinds(clerk, load) == [("error", "same-name-twice", 6), ("error", "same-name-twice", 7)]
    assert {one["column"] for one in clerk.get(f"/{load['id']}/findings", severity="error")["items"]} == {"姓名"}
    assert not load["can_commit"]
    assert clerk.ask("GET", f"/{load['id']}/marked").status_code == 200


def test_holidays_as_ranges_take_their_year_from_above_the_table(clerk: Desk) -> None:
    load = clerk.checked(workbook(("放假", HOLIDAYS)), "放假.xlsx", kind="calendar")
    assert (kinds(clerk, load), load["counts"]["rows"], load["counts"]["new"]) == ([], 2, 9)
    assert {one["row"] for one in plan(clerk, load, "new")} == {3, 4}
    clerk.step(load, "commit")
    assert eventually(lambda: clerk.service.get("/api/v1/calendar").json()["items"] != [])
    stored = clerk.service.get("/api/v1/calendar").json()["items"]
    assert [(one["day"][5:], one["kind"]) for one in stored] == [
        ("09-20", "workday"),
        *((f"10-0{day}", "holiday") for day in range(1, 8)),
        ("10-10", "workday"),
    ]


def test_the_plan_of_a_roster_names_who_comes_and_who_goes(clerk: Desk) -> None:
    rows = [["网格", "网格长", "电话"], ["A1", "样例-新人", "13800000009"]]
    load = clerk.checked(workbook(("花名册", rows)), "花名册.xlsx", kind="roster")
    (came,) = [one for one in plan(clerk, load, "new") if "·" in one["code"]]
    assert (came["after"]["holder_name"], came["after"]["role_name"]) == ("样例-新人", "网格长")
    assert came["label"].startswith(f"样例-新人（{came['after']['holder']}） · 网格长（grid_chief） · 网格 ")
    (went,) = plan(clerk, load, "ended")
    assert went["before"]["holder_name"] in names(clerk.service)
    assert went["before"]["holder_name"] in went["label"]


def test_a_mobile_station_comes_without_a_place_and_its_stops_after_it(clerk: Desk) -> None:
    header: list[Any] = ["站点编码", "站点名称", "类别", "地址", "经度", "纬度"]
    bus, stays = (
        ["BUS", "样例服务车", "流动服务站", "各社区", None, None],
        ["S7", "样例站", "服务站", "甲路7号", None, None],
    )
    load = clerk.checked(workbook(("站点", [header, bus, stays])), "站点.xlsx")
    assert load["kind"] == "stations"
    assert kinds(clerk, load) == [("error", "missing-place", 3), ("warning", "no-stops", 2)]
    load = clerk.checked(workbook(("站点", [header, bus])), "站点.xlsx")
    clerk.step(load, "commit")
    stops = [
        ["流动服务站", "经度", "纬度", "停靠地点", "停靠时间"],
        ["样例服务车", 87.006, 36.655, "广场", "周二 9:00-11:30"],
    ]
    load = clerk.checked(workbook(("停靠点", stops)), "停靠点.xlsx", kind="stops")
    assert load["counts"]["errors"] == 0
    assert clerk.step(load, "commit")["state"] == "committed"
