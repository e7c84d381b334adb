"""Drafts over HTTP: begun, changed by operations in turn, told to others, taken back, published and gone back from."""

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
import shapely

from geodata.database import connect
from geodata.drafts.scenes import SceneMemory
from geodata.redraw import drafts
from service.drafting import DraftsAtHand, Redrawing
from tests.redrawing import community, ground, line, publish_city
from tests.service.conftest import Service, problem_of

DRAFTS, RELEASES = "/api/v1/drafts", "/api/v1/layers/general/releases"


def published_city(url: str) -> None:
    """Publish the city of seven grids, some of which state their households."""
    with connect(url) as connection:
        publish_city(connection, stated={"A": 400, "B": 300, "E": 200})
        connection.commit()


@pytest.fixture(scope="module")
def city(serve_town: Callable[..., Service]) -> Service:
    return serve_town("drafts_api", published_city)


class Plan:
    """Work of a planner on a draft over HTTP; each request says which version was seen last."""

    def __init__(self, service: Service, draft: str | None = None, role: str = "planner") -> None:
        self.service = service
        self.role = role
        self.version = 0
        self.done = 0
        self.path = draft or self._begun()

    def _begun(self) -> str:
        response = self.send("POST", DRAFTS, json={"name": "样例草案"})
        assert response.status_code == 201, response.text
        return str(response.headers["Location"])

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **given: Any) -> Any:
        sent = {**self.service.headers(self.role), **(headers or {})}
        return self.service.client.request(method, path, headers=sent, **given)

    def get(self, part: str = "", **params: Any) -> Any:
        response = self.send("GET", self.path + part, params=params or None)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, part: str, body: Any = None, seen: str | None = None) -> Any:
        tag = f'"{self.version}"' if seen is None else seen
        response = self.send("POST", self.path + part, {"If-Match": tag}, json=body)
        if response.status_code == 200 and "version" in response.json():
            self.version = response.json()["version"]
        return response

    def do(self, kind: str, **fields: Any) -> Any:
        self.done += 1
        return self.post("/operations", {"id": f"{self.role}-{self.done}", "kind": kind, **fields})

    def did(self, kind: str, **fields: Any) -> Any:
        response = self.do(kind, **fields)
        assert response.status_code == 200, response.text
        return response.json()


def codes(answer: Any) -> list[str]:
    return sorted(one["properties"]["code"] for one in answer["grids"]["changed"])


def split_a(plan: Plan) -> Any:
    return plan.did("split", grid="A", line=line((1, -1), (1, 5)))


def test_a_planner_splits_a_grid_and_is_told_the_ground_the_people_and_what_to_look_at(city: Service) -> None:
    plan = Plan(city)
    told = split_a(plan)
    assert (told["version"], told["seq"], told["repeated"]) == (1, 1, False)
    assert codes(told) == ["A", "A-1"]
    assert told["grids"]["removed"] == []
    old, new = (one["properties"] for one in told["grids"]["changed"])
    assert old["households"] + new["households"] == 400
    assert old["households"] > new["households"]
    assert (new["key"], new["community"], new["changed"], new["in_band"]) == ("n1.1", community("1"), True, False)
    assert {(one["kind"], one["code"], one["new"]) for one in told["findings"]} == {
        ("size-band", "A", True),
        ("size-band", "A-1", True),
    }
    assert all(one["message_zh"] and one["lon"] > 116 for one in told["findings"])
    assert told["impact"]["step"]["changing_grid"]["households"] == new["households"]
    assert told["impact"]["so_far"]["balance_after"]["grids"] == 8
    assert told["operation"]["body"]["kind"] == "split"
    assert (told["operation"]["mine"], told["can_undo"]["seq"], told["can_redo"]) == (True, 1, None)
    detail = plan.get()
    assert (detail["version"], detail["operations"], detail["stale"]) == (1, 1, False)
    assert detail["counts"] == {"grids": 8, "changed": 2, "errors": 0, "warnings": 2}


def test_shared_borders_are_given_with_the_same_doubles_on_both_sides(city: Service) -> None:
    plan = Plan(city)
    plan.did("move-node", at=line((2, 2))[0], to=[117.00171234567891, 36.50171234567891])
    shown = plan.get("/grids", codes="A,B,C,D")
    shapes = {one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in shown["features"]}
    assert all((117.00171234567891, 36.50171234567891) in shapely.get_coordinates(one) for one in shapes.values())
    assert shapely.coverage_is_valid(list(shapes.values()))
    everything = plan.get("/grids", bbox="116,36,118,37")
    assert [one["properties"]["code"] for one in everything["features"]] == list("ABCDEFG")
    assert everything["version"] == 1


def test_the_register_and_what_is_thought_of_a_draft_are_sent_again_only_when_they_changed(city: Service) -> None:
    plan = Plan(city)
    for part in ("", "/register", "/findings", "/impact"):
        tag = plan.send("GET", plan.path + part).headers["ETag"]
        assert plan.send("GET", plan.path + part, {"If-None-Match": tag}).status_code == 304
    tags = [plan.send("GET", plan.path + part).headers["ETag"] for part in ("", "/register", "/findings", "/impact")]
    split_a(plan)
    for part, tag in zip(("", "/register", "/findings", "/impact"), tags, strict=True):
        assert plan.send("GET", plan.path + part, {"If-None-Match": tag}).status_code == 200
    register = plan.get("/register")
    assert [(row["code"], row["households"] > 0) for row in register["grids"]][:3] == [
        ("A", True),
        ("A-1", True),
        ("B", True),
    ]
    assert [area["level"] for area in register["areas"]] == ["street", "community", "community"]
    assert plan.get("/findings")["items"] == plan.get("/changes")["findings"]
    whole = plan.get("/impact")
    assert [(one["change"], (one["after"] or one["before"])["code"]) for one in whole["grids"]] == [
        ("changed", "A"),
        ("new", "A-1"),
    ]
    # Of what it did not change, a grid and a community say the same of themselves when they are asked.
    assert plan.get("/figures", grid="A") == {"version": 1, "grid": whole["grids"][0]["after"], "community": None}
    assert plan.get("/figures", grid="B")["grid"].keys() == whole["grids"][0]["after"].keys()
    for one in whole["communities"]:
        assert plan.get("/figures", community=one["after"]["code"])["community"] == one["after"]
    for asked, status in (
        ({}, 422),
        ({"grid": "A", "community": "X"}, 422),
        ({"grid": "X"}, 404),
        ({"community": "X"}, 404),
    ):
        assert plan.send("GET", f"{plan.path}/figures", params=asked).status_code == status


def test_an_operation_is_undone_and_done_again(city: Service) -> None:
    plan = Plan(city)
    before = plan.get("/grids", codes="A")["features"][0]["geometry"]
    split_a(plan)
    undone = plan.post("/undo", {"id": "u"}).json()
    assert (undone["version"], undone["grids"]["removed"], undone["operation"]["undoes"]) == (2, ["n1.1"], 1)
    assert undone["grids"]["changed"][0]["geometry"] == before
    assert (undone["can_undo"], undone["can_redo"]["seq"]) == (None, 1)
    problem_of(plan.post("/undo", {"id": "v"}), 409, "conflict")
    again = plan.post("/redo").json()
    assert (again["version"], codes(again), again["can_redo"]) == (3, ["A", "A-1"], None)
    items = plan.get("/operations")["items"]
    assert [(one["seq"], one["kind"], one["undoes"], one["undone_by"]) for one in items] == [
        (1, "split", None, None),
        (2, "undo", 1, None),
        (3, "redo", 2, None),
    ]
    page = plan.get("/operations", limit=2)
    assert page["next_after"] == 2
    assert [one["seq"] for one in plan.get("/operations", after=page["next_after"])["items"]] == [3]


def test_two_planners_are_told_of_each_other_and_neither_undoes_the_others_work(city: Service) -> None:
    one = Plan(city)
    other = Plan(city, one.path, "admin")
    split_a(one)
    facts = problem_of(other.do("change", grid="A", name="样例甲"), 412, "stale-draft")["facts"]
    assert (facts["version"], facts["changed"], facts["changed_by"]) == (1, ["A", "A-1"], "测试 planner")
    seen = other.get("/changes", since=0)
    assert (seen["version"], codes(seen), seen["operations"][0]["mine"]) == (1, ["A", "A-1"], False)
    assert seen == other.get("/changes")
    other.version = seen["version"]
    other.did("merge", grids=["A-1", "B"], survivor="B")
    one.version = 2
    reason = problem_of(one.post("/undo", {"id": "u"}), 409, "conflict")["facts"]
    assert reason["reason"] == "changed-since"
    assert "B" in reason["grids"] or "A-1" in reason["grids"] or "n1.1" in reason["grids"]
    assert one.get()["can_undo"]["seq"] == 1
    assert other.get()["can_undo"]["seq"] == 2
    assert plan_of_nothing(one, 2)


def plan_of_nothing(plan: Plan, since: int) -> bool:
    """Whether nothing is told since a version."""
    told = plan.get("/changes", since=since)
    return told["grids"] == {"changed": [], "removed": []} and told["operations"] == []


def test_an_id_that_is_sent_again_changes_nothing_and_with_other_content_is_refused(city: Service) -> None:
    plan = Plan(city)
    operation = {"id": "x", "kind": "change", "grid": "A", "name": "样例甲"}
    first = plan.post("/operations", operation).json()
    again = plan.post("/operations", operation, seen='"0"').json()
    assert (first["repeated"], again["repeated"], again["version"]) == (False, True, 1)
    assert again["grids"] == first["grids"]
    facts = problem_of(plan.post("/operations", {**operation, "name": "样例乙"}), 409, "conflict")["facts"]
    assert facts["reason"] == "id-taken"
    assert plan.get()["version"] == 1


def test_a_draft_is_renamed_and_discarded_by_who_saw_it(city: Service) -> None:
    plan = Plan(city)
    tag = plan.send("GET", plan.path).headers["ETag"]
    renamed = plan.send("PATCH", plan.path, {"If-Match": tag}, json={"name": "样例二稿", "note": "样例"})
    assert (renamed.json()["name"], renamed.json()["note"]) == ("样例二稿", "样例")
    problem_of(plan.send("PATCH", plan.path, {"If-Match": tag}, json={"name": "样例三稿"}), 412, "stale-draft")
    problem_of(plan.send("DELETE", plan.path), 428, "if-match-needed")
    problem_of(plan.send("DELETE", plan.path, {"If-Match": '"7"'}), 412, "stale-draft")
    gone = plan.send("DELETE", plan.path, {"If-Match": renamed.headers["ETag"]})
    assert (gone.status_code, gone.json()["state"]) == (200, "discarded")
    problem_of(plan.do("change", grid="A", name="样例甲"), 409, "conflict")
    listed = plan.send("GET", DRAFTS, params={"state": "discarded", "limit": 1}).json()
    assert listed["items"][0]["name"] == "样例二稿"
    assert plan.send("GET", DRAFTS, params={"after": listed["items"][0]["id"]}).json()["items"] == [
        one for one in plan.send("GET", DRAFTS).json()["items"] if one["id"] < listed["items"][0]["id"]
    ]


def test_streets_barriers_and_buildings_are_given_to_draw_along(town: Service) -> None:
    plan = Plan(town)
    found = plan.get("/lines", bbox="87,36.6,87.1,36.7")
    assert all(one["type"] == "FeatureCollection" for one in found.values())
    (street, *_) = found["streets"]["features"]
    assert street["geometry"]["type"] == "MultiLineString"
    assert found["streets"]["features"]
    assert plan.get("/lines", bbox="10,10,11,11")["streets"]["features"] == []


@pytest.fixture(scope="module")
def town(serve_town: Callable[..., Service]) -> Service:
    return serve_town("drafts_town_api")


def test_the_report_is_a_workbook_in_either_language(city: Service) -> None:
    plan = Plan(city)
    split_a(plan)
    titles = {}
    for lang in ("zh", "en"):
        response = plan.send("GET", f"{plan.path}/report", params={"lang": lang})
        assert response.headers["content-disposition"].startswith("attachment; filename=")
        titles[lang] = openpyxl.load_workbook(io.BytesIO(response.content)).sheetnames
    assert len(titles["zh"]) == len(titles["en"]) > 5
    assert titles["zh"] != titles["en"]


def test_the_report_is_printed_too_for_planners_alone(city: Service) -> None:
    plan = Plan(city)
    split_a(plan)
    response = plan.send("GET", f"{plan.path}/report", params={"format": "pdf"})
    assert response.headers["content-type"] == "application/pdf", response.text
    assert response.headers["content-disposition"].startswith('inline; filename="draft-')
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(response.content)).pages)
    assert "样例1社区拟调整 2 个网格（新增 1 个）" in text.replace("\n", "")
    assert "A-1" in text
    assert city.client.get(f"{plan.path}/report", params={"format": "pdf"}).status_code == 401
    assert plan.send("GET", f"{plan.path}/report", params={"format": "docx"}).status_code == 422


def test_of_two_planners_who_do_something_at_once_one_is_told_to_look_again(city: Service) -> None:
    one = Plan(city)
    other = Plan(city, one.path, "admin")
    with ThreadPoolExecutor() as threads:
        first = threads.submit(one.do, "change", grid="A", name="样例甲")
        second = threads.submit(other.do, "change", grid="G", name="样例庚")
        answers = sorted((first.result(), second.result()), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 412]
    assert one.get()["version"] == 1


def test_another_process_of_the_service_goes_on_where_this_one_was(
    city: Service, serve_application: Callable[..., Service], tmp_path: Path
) -> None:
    here = Plan(city)
    there = Plan(serve_application(city.database_url, tmp_path, city.keys), here.path, "admin")
    for kind, fields in (
        ("split", {"grid": "A", "line": line((1, -1), (1, 5))}),
        ("merge", {"grids": ["A-1", "B"], "survivor": "B"}),
        ("change", {"grid": "B", "name": "样例乙"}),
    ):
        here.did(kind, **fields)
        here, there = there, here
        here.version = there.version
    assert (here.post("/undo").status_code, here.version) == (200, 4)
    whole, same = (plan.get("/grids", bbox="116,36,118,37") for plan in (here, there))
    assert whole == same
    for part in ("/impact", "/findings"):
        assert here.get(part) == there.get(part)
    assert here.get()["counts"] == there.get()["counts"]
    assert [here.get("/changes", since=since)["grids"] for since in (0, 2)] == [
        there.get("/changes", since=since)["grids"] for since in (0, 2)
    ]


def test_the_ground_of_drafts_is_looked_at_in_one_thread_at_a_time(
    city: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, ask, turn = [], SceneMemory.scene, city.client.app.state.serving.redrawing.turn

    def scene(*given: Any) -> Any:
        seen.append(turn.locked())
        return ask(*given)

    monkeypatch.setattr(SceneMemory, "scene", scene)
    plan = Plan(city)
    split_a(plan)
    for part in ("/impact", "/findings", "/changes", "/register"):
        plan.get(part)
    assert len(seen) >= 5
    assert all(seen)


def test_what_planners_work_on_is_read_before_somebody_asks(city: Service) -> None:
    split_a(Plan(city))
    held, redrawing = city.client.app.state.serving, Redrawing()
    at_hand = DraftsAtHand(redrawing, held.store, held.network, held.database)
    assert at_hand.look() > 0
    with held.database() as connection:
        draft = drafts(connection, state="open", limit=1)[0]
        state = redrawing.memory.state(connection, draft)
    assert state.version == 1
    assert state.first is redrawing.memory.base(connection, draft)


def test_a_draft_goes_out_as_a_file_and_comes_back_redrawn(city: Service) -> None:
    plan, other = Plan(city), Plan(city)
    split_a(plan)
    plan.did("change", grid="B", name="样例乙")
    exported = plan.send("GET", f"{plan.path}/export")
    assert exported.headers["content-type"] == "application/geopackage+sqlite3"
    seen = {"If-Match": '"0"'}
    told = other.send("POST", f"{other.path}/import", params={"file": "样例.gpkg"}, content=exported.content).json()
    assert (told["rows"], told["same"], told["applied"], told["findings"]) == (8, 6, 0, [])
    assert other.get()["version"] == 0
    commit = {"file": "样例.gpkg", "commit": "true"}
    problem_of(
        other.send("POST", f"{other.path}/import", params=commit, content=exported.content), 428, "if-match-needed"
    )
    done = other.send("POST", f"{other.path}/import", seen, params=commit, content=exported.content).json()
    assert done["applied"] == len(told["operations"]) == sum(told["kinds"].values()) > 0
    assert done["draft"]["version"] == done["applied"]
    problem_of(other.send("POST", f"{other.path}/import", seen, params=commit, content=b"PK"), 412, "stale-draft")
    ours, theirs = (one.get("/register")["grids"] for one in (plan, other))
    assert [(row["code"], row["name"], row["bbox"]) for row in ours] == [
        (row["code"], row["name"], row["bbox"]) for row in theirs
    ]
    release = plan.send("GET", f"{RELEASES}/1/export")
    again = other.send("POST", f"{other.path}/import", params={"file": "a.gpkg"}, content=release.content).json()
    assert again["rows"] == 7


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("a.gpkg", b"", "unreadable-file"),
        ("a.gpkg", b"<html>" * 100, "unreadable-file"),
        ("..", b"x", "invalid-input"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', ""),
        ("a.vrt", b"<OGRVRTDataSource/>", "unreadable-file"),
    ],
)
def test_a_file_that_holds_no_grids_is_refused(city: Service, file: str, content: bytes, code: str) -> None:
    plan = Plan(city)
    params = {"file": file, "commit": "true"}
    response = plan.send("POST", f"{plan.path}/import", {"If-Match": "*"}, params=params, content=content)
    problem_of(response, 422, code or response.json()["code"])
    assert plan.get()["version"] == 0


def test_a_file_of_another_city_is_refused_with_what_is_wrong(city: Service) -> None:
    plan = Plan(city)
    shape = {"type": "Polygon", "coordinates": [[[10, 50], [10.1, 50], [10.1, 50.1], [10, 50]]]}
    feature = {"type": "Feature", "properties": {"code": "Z", "name": "样例"}, "geometry": shape}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    params = {"file": "a.geojson", "commit": "true"}
    response = plan.send("POST", f"{plan.path}/import", {"If-Match": "*"}, params=params, content=content)
    facts = problem_of(response, 422, "load-refused")["facts"]
    assert facts["findings"][0]["severity"] == "error"
    problem_of(
        plan.send("POST", f"{plan.path}/import", params={"file": "a.geojson", "map": "colour=x"}, content=content),
        422,
        "invalid-input",
    )
    assert plan.get()["version"] == 0


def test_a_draft_is_published_compared_gone_back_from_and_a_stale_one_rebased(
    serve_town: Callable[..., Service],
) -> None:
    service = serve_town("drafts_published", published_city)
    early, late = Plan(service), Plan(service)
    facts = problem_of(early.post("/publish"), 409, "conflict")["facts"]
    assert facts["reason"] == "empty-draft"
    split_a(early)
    late.did("hand-over", to="B", ground=ground((1.5, 3), (2, 3), (2, 4), (1.5, 4)))
    published = early.post("/publish", {"note": "样例调整"}).json()
    assert (published["release"], published["changed"], published["made"]) == (2, 1, 1)
    assert (published["draft"]["state"], published["draft"]["published_release"]) == ("published", 2)
    assert (published["draft"]["effective_at"], published["draft"]["stale"]) == (published["effective_at"], False)
    assert early.get("/conflicts")["items"] == []
    problem_of(early.do("change", grid="A", name="样例甲"), 409, "conflict")
    _stale_and_rebased(late)
    _one_of_two_wins(service)
    _pending_and_withdrawn(service)
    _compared_and_restored(service)
    _community_ended(service)


def _stale_and_rebased(late: Plan) -> None:
    assert late.get()["stale"] is True
    stale = problem_of(late.post("/publish"), 412, "stale-base")["facts"]
    conflicts = late.get("/conflicts")
    assert conflicts["items"] == stale["conflicts"]
    assert [(one["what"], one["code"]) for one in conflicts["items"]] == [("grid", "A")]
    problem_of(late.post("/rebase", {"leave_out": "perhaps"}), 422, "invalid-request")
    rebased = late.post("/rebase", {"leave_out": True}).json()
    assert (rebased["draft"]["base"], rebased["draft"]["stale"]) == (2, False)
    assert rebased["done"] + len(rebased["left_out"]) == 1
    problem_of(late.send("GET", f"{late.path}/changes", params={"since": 0}), 412, "stale-draft")
    problem_of(late.post("/rebase"), 412, "stale-draft")
    late.version = rebased["draft"]["version"]
    problem_of(late.post("/rebase"), 409, "conflict")


def _one_of_two_wins(service: Service) -> None:
    plans = Plan(service), Plan(service)
    for plan, grid in zip(plans, "CD", strict=True):
        plan.did("change", grid=grid, name=f"样例{grid}")
    with ThreadPoolExecutor() as threads:
        answers = list(threads.map(lambda plan: plan.post("/publish"), plans))
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert won.status_code == 200
    problem_of(lost, 412, "stale-base")


def _pending_and_withdrawn(service: Service) -> None:
    plan = Plan(service)
    plan.did("change", grid="E", name="样例戊")
    published = plan.post("/publish", {"effective": "2099-01-01"}).json()
    assert published["effective_at"] == "2099-01-01T00:00:00+08:00"
    another = Plan(service)
    another.did("change", grid="F", name="样例己")
    assert another.get()["base"] == published["release"]
    problem_of(another.post("/publish"), 409, "pending-release")
    withdrawn = plan.send("POST", f"{RELEASES}/{published['release']}/withdraw").json()
    assert withdrawn["drafts"] == [published["draft"]["id"]]
    assert plan.get()["state"] == "open"
    detail = another.get()
    assert (detail["counts"], detail["stale"]) == (None, True)
    problem_of(another.do("change", grid="F", name="样例庚"), 409, "conflict")
    assert another.post("/rebase").status_code == 200
    problem_of(plan.send("POST", f"{RELEASES}/1/withdraw"), 409, "conflict")


def _compared_and_restored(service: Service) -> None:
    plan = Plan(service)
    found = plan.send("GET", f"{RELEASES}/1/diff/2").json()
    assert [(one["what"], (one["after"] or one["before"])["code"]) for one in found["grids"]] == [
        (["counts", "ground"], "A"),
        (["made"], "A-1"),
    ]
    assert {(one["predecessor"], one["successor"]) for one in found["successions"]} == {("A", "A"), ("A", "A-1")}
    drawn = plan.send("GET", f"{RELEASES}/1/diff/2", params={"format": "geojson"}).json()
    assert [one["properties"]["side"] for one in drawn["features"]] == ["before", "after", "after"]
    restored = plan.send("POST", f"{RELEASES}/1/restore")
    assert (restored.status_code, restored.json()["name"]) == (201, "恢复到第 1 版")
    back = Plan(service, restored.headers["Location"])
    back.version = restored.json()["version"]
    number = back.post("/publish").json()["release"]
    assert plan.send("GET", f"{RELEASES}/1/diff/{number}").json()["grids"] == []
    problem_of(plan.send("POST", f"{RELEASES}/{number}/restore"), 409, "conflict")
    problem_of(plan.send("GET", f"{RELEASES}/1/diff/99"), 404, "not-known")


def _community_ended(service: Service) -> None:
    """A code of an area that is no more answers with what replaced it, wherever it is asked for."""
    plan = Plan(service)
    plan.did("merge-communities", communities=[community("1"), community("2")], survivor=community("1"))
    assert plan.post("/publish").status_code == 200
    service.client.app.state.serving.store.refresh()
    for path in (f"areas/{community('2')}", f"boards?area={community('2')}", f"wall-map?area={community('2')}"):
        facts = problem_of(plan.send("GET", f"/api/v1/{path}"), 404, "retired")["facts"]
        assert facts["replaced_by"] == [{"code": community("1"), "name": "样例1社区", "share": 1.0}]
    problem_of(plan.send("GET", "/api/v1/areas/nosuch"), 404, "not-known")
