"""The clerk's desk by its routes: files brought, checked, understood otherwise, committed; what is shown of them."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from geodata.desk import stored
from tests.service.conftest import Service, problem_of
from tests.service.desks import GOOD, PATH, Desk, names, workbook


@pytest.fixture
def clerk(own_service: Service) -> Desk:
    return Desk(own_service)


def test_a_file_is_brought_checked_committed_and_undone(clerk: Desk) -> None:
    before = names(clerk.service)
    made = clerk.bring(GOOD)
    assert (made["state"], made["file"], made["counts"], made["can_commit"]) == ("queued", "名册.csv", None, False)
    clerk.work()
    load = clerk.get(f"/{made['id']}")
    assert (load["state"], load["kind"], load["problem"]) == ("checked", "workers", None)
    assert load["counts"] == {
        "rows": 2, "errors": 0, "warnings": 0, "new": 2, "changed": 0, "ended": 0, "same": 0, "mends": 0,
    }  # fmt: skip
    assert {column["column"]: column["field"] for column in load["columns"]} == {
        "工号": "code",
        "姓名": "name",
        "联系电话": "phone",
    }
    assert load["columns"][1]["samples"] == ["样例-甲", "样例-乙"]
    assert load["can_commit"]
    assert names(clerk.service) == before
    committed = clerk.step(load, "commit")
    assert (committed["state"], committed["can_undo"], committed["can_commit"]) == ("committed", True, False)
    assert names(clerk.service) == before | {"样例-甲", "样例-乙"}
    undone = clerk.step(committed, "undo")
    assert (undone["state"], undone["can_undo"]) == ("undone", False)
    assert names(clerk.service) == before


def test_the_change_and_the_audit_log_name_who_committed(clerk: Desk) -> None:
    committed = clerk.step(clerk.checked(GOOD), "commit")
    audit = clerk.service.get("/api/v1/audit", "admin").json()["items"]
    actions = {entry["action"]: entry for entry in audit}
    assert actions["load.commit"]["actor"] == "测试 clerk"
    assert actions["load.commit"]["facts"]["change"] == committed["change_id"]
    assert actions["load.upload"]["target"] == str(committed["id"])


def test_findings_rows_and_plan_come_in_pages(clerk: Desk) -> None:
    content = GOOD + "W13,样例-丙,13800x\nW14,,\n".encode()
    load = clerk.checked(content)
    assert load["counts"]["errors"] == 2
    assert not load["can_commit"]
    first = clerk.get(f"/{load['id']}/findings", limit=1)
    rest = clerk.get(f"/{load['id']}/findings", limit=5, after=first["next_after"])
    found = first["items"] + rest["items"]
    assert rest["next_after"] is None
    assert {(one["row"], one["severity"]) for one in found} == {(4, "error"), (5, "error")}
    assert all(one["message"] and one["message_zh"] for one in found)
    assert clerk.get(f"/{load['id']}/findings", severity="warning")["items"] == []
    rows = clerk.get(f"/{load['id']}/rows", limit=2, after=2)
    assert rows["columns"] == ["工号", "姓名", "联系电话"]
    assert [row["row"] for row in rows["items"]] == [3, 4]
    assert rows["items"][1]["cells"] == ["W13", "样例-丙", "13800x"]
    plan = clerk.get(f"/{load['id']}/plan", what="new")["items"]
    assert {one["code"] for one in plan} >= {"W11", "W12"}
    assert clerk.get(f"/{load['id']}/plan", what="ended")["items"] == []


def test_what_is_understood_wrongly_is_corrected_and_checked_again(clerk: Desk) -> None:
    load = clerk.checked("号,谁\nW11,样例-甲\n".encode(), kind="workers")
    assert set(load["missing_fields"]) == {"name"}
    assert load["counts"]["errors"] == 1
    response = clerk.ask(
        "PATCH",
        f"/{load['id']}",
        json={"version": load["version"], "mapping": {"code": "号", "name": "谁"}, "save_profile": "村表"},
    )
    assert (response.status_code, response.json()["state"]) == (200, "queued")
    clerk.work()
    again = clerk.get(f"/{load['id']}")
    assert [column["how"] for column in again["columns"]] == ["told", "told"]
    assert again["can_commit"]
    assert clerk.service.get("/api/v1/profiles", "clerk").json()["items"][0]["name"] == "村表"
    other = clerk.checked("号,谁\nW12,样例-乙\n".encode(), kind="workers")
    clerk.ask("PATCH", f"/{other['id']}", json={"profile": "村表"})
    clerk.work()
    assert [column["how"] for column in clerk.get(f"/{other['id']}")["columns"]] == ["profile", "profile"]


def test_a_sheet_is_chosen_and_the_others_are_named(clerk: Desk) -> None:
    content = workbook(
        ("说明", [["本表由样例街道填报"]]),
        ("一月", [["工号", "姓名"], ["W11", "样例-甲"]]),
        ("二月", [["工号", "姓名"], ["W21", "样例-丁"], ["W22", "样例-戊"]]),
    )
    load = clerk.checked(content, "名册.xlsx")
    assert load["sheets"] == ["说明", "一月", "二月"]
    assert load["sheet"] == "一月"
    assert load["header_rows"] == [1, 1]
    clerk.ask("PATCH", f"/{load['id']}", json={"sheet": "二月"})
    clerk.work()
    assert clerk.get(f"/{load['id']}")["counts"]["new"] == 2


def test_a_kind_that_nobody_can_tell_is_asked_for(clerk: Desk) -> None:
    load = clerk.checked("编码,名称\nX1,样例\n".encode())
    assert (load["state"], load["kind"], load["counts"]) == ("checked", None, None)
    assert {"roles", "organisations"} <= {guess["kind"] for guess in load["kinds_guessed"]}
    refused = clerk.ask("POST", f"/{load['id']}/commit")
    assert "say first what kind" in problem_of(refused, 409, "conflict")["detail"]
    clerk.ask("PATCH", f"/{load['id']}", json={"kind": "organisations"})
    clerk.work()
    assert clerk.get(f"/{load['id']}")["counts"]["new"] == 1


def test_what_is_no_table_is_refused_when_it_is_brought(clerk: Desk) -> None:
    response = clerk.ask("POST", params={"file": "图.pdf"}, content=b"%PDF-1.4 ...")
    assert "PDF" in problem_of(response, 422, "unreadable-file")["detail"]
    empty = clerk.ask("POST", params={"file": "空.csv"}, content=b"")
    problem_of(empty, 422, "unreadable-file")
    unnamed = clerk.ask("POST", content=GOOD)
    problem_of(unnamed, 422, "invalid-request")
    unknown = clerk.ask("POST", params={"file": "a.csv", "kind": "cats"}, content=GOOD)
    problem_of(unknown, 422, "invalid-input")
    assert clerk.get()["items"] == []


def test_a_broken_workbook_fails_with_its_reason_and_may_be_discarded(clerk: Desk) -> None:
    whole = workbook(("一", [["工号", "姓名"], ["W11", "样例-甲"]]))
    load = clerk.checked(whole[: len(whole) // 2], "名册.xlsx")
    assert load["state"] == "failed"
    assert load["problem"]["code"] == "unreadable-file"
    assert load["problem"]["detail_zh"]
    assert clerk.ask("DELETE", f"/{load['id']}").status_code == 204
    problem_of(clerk.ask("GET", f"/{load['id']}"), 404, "not-known")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/名 册.csv", "名 册.csv"),
        ("C:\\桌面\\表.csv", "表.csv"),
        ("a\nb\x1b[31m.csv", "a_b_[31m.csv"),
        ("😀' OR 1=1 --.csv", "😀' OR 1=1 --.csv"),
        ("长" * 300 + ".csv", "长" * 65 + ".csv"),
    ],
)
def test_a_file_may_be_called_anything(clerk: Desk, given: str, kept: str) -> None:
    load = clerk.checked(GOOD, given)
    assert load["file"] == kept
    assert load["counts"]["new"] == 2


def test_a_nameless_file_is_refused(clerk: Desk) -> None:
    problem_of(clerk.ask("POST", params={"file": "../.."}, content=GOOD), 422, "invalid-input")


def test_a_desk_that_is_full_takes_files_again_when_some_are_discarded(
    clerk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = clerk.checked(GOOD)
    monkeypatch.setattr(stored, "MOST_BYTES_KEPT", load["bytes"] + 1)
    refused = clerk.ask("POST", params={"file": "again.csv"}, content=GOOD)
    assert problem_of(refused, 409, "conflict")["facts"]["reason"] == "overfull"
    assert clerk.ask("DELETE", f"/{load['id']}").status_code == 204
    assert clerk.checked(GOOD)["state"] == "checked"


@pytest.mark.parametrize(
    "told",
    [
        {"sheet": "\0"},
        {"within": "\0"},
        {"layer": "a\0"},
        {"note": "\0"},
        {"profile": "\0"},
        {"save_profile": "\0"},
        {"mapping": {"name": "\0"}},
        {"mapping": {"\0": "a"}},
        {"mapping": {"n" * 1000: "a"}},
    ],
)
def test_what_cannot_be_kept_of_a_load_is_refused(clerk: Desk, told: dict[str, Any]) -> None:
    load = clerk.checked(GOOD)
    problem_of(clerk.ask("PATCH", f"/{load['id']}", json=told), 422, "invalid-request")
    assert clerk.get(f"/{load['id']}")["version"] == load["version"]


def test_lists_show_the_newest_first_page_by_page(clerk: Desk) -> None:
    made = [clerk.bring(GOOD, f"{number}.csv")["id"] for number in range(3)]
    first = clerk.get(limit=2)
    assert [load["id"] for load in first["items"]] == made[:0:-1]
    second = clerk.get(limit=2, before=first["next_before"])
    assert [load["id"] for load in second["items"]] == made[:1]
    assert second["next_before"] is None


def test_kinds_name_their_fields_in_both_languages(clerk: Desk) -> None:
    kinds = {kind["kind"]: kind for kind in clerk.get("/kinds")["items"]}
    workers = {field["field"]: field for field in kinds["workers"]["fields"]}
    assert workers["name"]["required"]
    assert "姓名" in workers["name"]["headers"]
    assert kinds["grids"]["shape_required"]
    assert all(field["label_zh"] and field["label_en"] for kind in kinds.values() for field in kind["fields"])


def test_a_file_above_the_limit_is_refused(own_service: Service) -> None:
    limit = own_service.settings.max_load_megabytes * 1_000_000
    headers = {**own_service.headers("clerk"), "Content-Length": str(limit + 1)}
    response = own_service.client.request("POST", f"{PATH}?file=a.csv", headers=headers, content=b"x")
    problem_of(response, 413, "body-too-large")


def test_a_file_larger_than_other_bodies_is_taken(clerk: Desk) -> None:
    rows = "".join(f"W9{number},样例-{number},13800000000{' ' * 80}\n" for number in range(80_000))
    content = ("工号,姓名,联系电话\n" + rows).encode()
    assert len(content) > clerk.service.settings.max_body_megabytes * 1_000_000
    load = clerk.checked(content)
    assert load["counts"]["new"] == 80_000
    assert clerk.get(f"/{load['id']}/rows", after=20_001)["items"] == []


def test_the_sheet_comes_back_with_its_faults_marked_and_loads_again(clerk: Desk) -> None:
    content = workbook(("名册", [["工号", "姓名", "联系电话"], ["W11", "样例-甲", "1380x"], ["W12", "样例-乙", ""]]))
    load = clerk.checked(content, "一月 名册.xlsx")
    response = clerk.ask("GET", f"/{load['id']}/marked")
    assert response.status_code == 200, response.text
    assert "filename*=UTF-8''%E4%B8%80%E6%9C%88%20" in response.headers["content-disposition"]
    sheet = openpyxl.load_workbook(BytesIO(response.content))["名册"]
    assert sheet["C2"].comment.text
    assert sheet["C3"].comment is None
    again = clerk.checked(response.content, "一月 名册-问题.xlsx")
    assert again["counts"]["errors"] == load["counts"]["errors"] == 1


def test_a_sheet_that_was_not_checked_is_not_marked(clerk: Desk) -> None:
    made = clerk.bring(GOOD)
    problem_of(clerk.ask("GET", f"/{made['id']}/marked"), 409, "conflict")
