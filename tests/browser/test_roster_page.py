"""The roster in a real browser: a week's work of a clerk, records edited by two, and what readers may see."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from geodata import access
from geodata.database import connect
from geodata.times import LOCAL_ZONE
from tests.browser.browsing import Site, Visit, served
from tests.browser.usable import PHONE, assert_accessible, assert_fits, assert_sound
from tests.samples import sample

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
MARKUP = "<img src=x onerror=alert(1)>"
ROLE = "grid_worker_full_time"
PATIENCE = 60_000


@pytest.fixture(scope="module")
def roster(
    make_street: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, browser: object
) -> Iterator[Site]:
    """The sample street with keys for everybody who may see its roster."""
    url = make_street("roster")
    with closing(connect(url)) as connection:
        keys = {
            name: access.create_key(connection, role=role, name=f"样例 {name}", created_by="test")[0]
            for name, role in (("clerk", "clerk"), ("second", "clerk"), ("dispatcher", "dispatcher"))
        }
        connection.commit()
    with served(url, tmp_path_factory.mktemp("roster")) as address:
        yield Site(address, sample("street"), keys)


def signed_in(made: Visit, site: Site, view: str = "week", *, key: str = "clerk", lang: str = "") -> Page:
    page = made.open(f"/roster{lang}#{view if '=' in view else f'view={view}'}")
    page.wait_for_selector("html[data-ready]")
    page.locator(".gate .button").click()
    page.fill("#key", site.keys[key])
    page.press("#key", "Enter")
    expect(page.locator(".gate")).to_have_count(0)
    return page


def monday_after(weeks: int) -> date:
    """A Monday to come when people are on duty: the holidays of the sample are left out."""
    today = datetime.now(LOCAL_ZONE).date()
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
    calendar = sample("street").calendar
    off = set(calendar.loc[calendar["kind"] == "holiday", "day"])
    while str(monday) in off:
        monday += timedelta(weeks=1)
    return monday


def a_post(page: Page, site: Site, place: int) -> tuple[Any, dict[str, Any]]:
    """A sample grid, and the one primary duty of its full-time worker."""
    assert site.city is not None
    grid = site.city.grids["general"].iloc[place]
    answer = page.request.get(f"{site.address}/api/v1/duties?target={grid['code']}&role={ROLE}").json()
    return grid, next(item for item in answer["items"] if item["assignment"] == "primary")


def someone_else(page: Page, site: Site, *codes: str) -> dict[str, Any]:
    items = page.request.get(f"{site.address}/api/v1/workers?kind=worker&limit=200").json()["items"]
    found: dict[str, Any] = next(item for item in reversed(items) if item["code"] not in codes)
    return found


def dialog(page: Page) -> Locator:
    return page.locator("dialog.record")


def open_record(page: Page, text: str) -> None:
    page.locator(".list tbody tr", has_text=text).first.locator(".opens").click()
    expect(dialog(page).locator("form")).to_be_visible()


def find(page: Page, text: str) -> None:
    page.get_by_label("查找").fill(text)
    expect(page.locator(".list tbody tr").first).to_contain_text(text)


def add_worker(page: Page, code: str, name: str) -> None:
    page.get_by_role("button", name="新增人员").click()
    dialog(page).get_by_label("编码").or_(dialog(page).get_by_label("工号")).first.fill(code)
    dialog(page).get_by_label("姓名").fill(name)
    dialog(page).get_by_label("电话", exact=True).fill("138 0000 7777")
    dialog(page).get_by_role("button", name="新增", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("已新增", timeout=PATIENCE)


def who_answers(page: Page, site: Site, grid: Any, at: str) -> list[dict[str, Any]]:
    inside = grid.geometry.representative_point()
    body = {"lon": inside.x, "lat": inside.y, "layer": "general", "as_of": at}
    answer = page.request.post(f"{site.address}/api/v1/lookup", data=body, headers={"Origin": site.address}).json()
    people: list[dict[str, Any]] = answer["grids"][0]["workers"]
    return [person for person in people if person["role"] == ROLE and person["on_duty_now"]]


def test_leave_makes_a_hole_a_stand_in_fills_it_and_the_look_up_answers_with_the_stand_in(
    roster: Site, visit: Begin
) -> None:
    made = visit(roster)
    page = signed_in(made, roster, "leave")
    grid, duty = a_post(page, roster, 10)
    other = someone_else(page, roster, duty["holder"]["code"])
    monday = monday_after(2)
    community = str(grid["community"])

    page.get_by_role("button", name="新增请假").click()
    form = dialog(page)
    form.get_by_label("请假人 *").fill(duty["holder"]["code"])
    form.get_by_label("开始 *").fill(f"{monday}T00:00")
    form.get_by_label("结束", exact=True).fill(f"{monday + timedelta(days=5)}T00:00")
    form.get_by_role("button", name="新增", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("已新增", timeout=PATIENCE)

    page.evaluate("hash => { location.hash = hash; }", f"view=week&week={monday}&within={community}")
    post = page.locator(".week tbody.with-hole", has_text=grid["name"]).filter(has_text="专职网格员")
    expect(post.locator("button.hole").first).to_be_visible(timeout=PATIENCE)
    expect(post.locator(".hole-word")).to_have_text(re.compile("缺岗"))
    expect(post.locator(".span.away")).to_have_count(1)
    expect(page.locator(".holes li", has_text=grid["name"]).first).to_contain_text("请假，无人代班")
    assert who_answers(page, roster, grid, f"{monday}T10:00") == []

    post.locator("button.hole").first.click()
    expect(dialog(page).locator(".ways label").first).to_contain_text("整个请假期间")
    dialog(page).get_by_label("谁来代班").fill(other["name"])
    expect(dialog(page).locator("datalist option").first).to_be_attached()
    dialog(page).get_by_role("button", name="安排代班").click()
    expect(page.locator("#notices")).to_contain_text("代班已安排", timeout=PATIENCE)
    expect(page.locator(".week tbody", has_text=grid["name"]).locator(".span.stand").first).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.locator(".week tbody.with-hole", has_text=grid["name"])).to_have_count(0)
    answering = who_answers(page, roster, grid, f"{monday}T10:00")
    assert [person["name"] for person in answering] == [other["name"]]
    assert answering[0]["assignment"] == "stand_in"

    page.locator("#notices").get_by_role("button", name="撤销").click()
    expect(page.locator("#notices")).to_contain_text("已撤销", timeout=PATIENCE)
    expect(post.locator("button.hole").first).to_be_visible(timeout=PATIENCE)
    # The address says which week of which community, and nothing about anybody.
    assert duty["holder"]["code"] not in page.url
    page.locator(".holes li", has_text=grid["name"]).get_by_role("button").first.click()
    dialog(page).get_by_text("只代这一岗").click()
    dialog(page).get_by_label("谁来代班").fill(other["code"])
    dialog(page).get_by_role("button", name="安排代班").click()
    expect(page.locator("#notices")).to_contain_text("代班已安排", timeout=PATIENCE)
    expect(page.locator(".week tbody", has_text=grid["name"]).locator(".span.stand").first).to_be_visible(
        timeout=PATIENCE
    )
    assert [person["name"] for person in who_answers(page, roster, grid, f"{monday}T10:00")] == [other["name"]]
    assert_sound(made)


def test_the_week_goes_back_and_forth_and_is_remembered_in_the_address(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    # The last minute of a week.
    made.page.clock.set_fixed_time("2026-11-29T23:59:30+08:00")
    page = signed_in(made, roster)
    expect(page.locator(".week tbody").first).to_be_visible()
    page.get_by_role("button", name="下一周").click()
    expect(page).to_have_url(re.compile("week=2026-11-30"))
    page.get_by_role("button", name="上一周").click()
    expect(page).to_have_url(re.compile("week=2026-11-23"))
    page.get_by_label("社区（村）").select_option(index=3)
    expect(page).to_have_url(re.compile(r"within=\d+"))
    chosen = page.get_by_label("社区（村）").input_value()
    page.reload()
    expect(page.get_by_label("社区（村）")).to_have_value(chosen, timeout=PATIENCE)
    expect(page.locator(".week tbody").first).to_be_visible(timeout=PATIENCE)
    page.get_by_label("角色").select_option(ROLE)
    expect(page.locator(".week .role-name").first).to_have_text("专职网格员", timeout=PATIENCE)
    assert set(page.locator(".week .role-name").all_inner_texts()) == {"专职网格员"}
    assert_sound(made)


def test_two_clerks_at_one_record_one_wins_and_the_other_decides(roster: Site, visit: Begin) -> None:
    made, other = visit(roster), visit(roster)
    page, second = signed_in(made, roster, "workers"), signed_in(other, roster, "workers", key="second")
    add_worker(page, "GW100", "样例-两人")
    for clerk in (page, second):
        find(clerk, "GW100")
        open_record(clerk, "GW100")
    dialog(page).get_by_label("电话", exact=True).fill("138 0000 1111")
    dialog(page).get_by_role("button", name="保存").click()
    expect(page.locator("#notices")).to_contain_text("已保存", timeout=PATIENCE)
    dialog(second).get_by_label("电话", exact=True).fill("138 0000 2222")
    dialog(second).get_by_label("姓名").fill("样例-两人改")
    dialog(second).get_by_role("button", name="保存").click()
    table = dialog(second).locator("table.conflict")
    expect(table).to_contain_text("13800001111", timeout=PATIENCE)
    expect(table).to_contain_text("138 0000 2222")
    expect(dialog(second)).to_contain_text("样例 clerk")
    table.locator("tr", has_text="电话").locator("input[value=theirs]").check()
    dialog(second).get_by_role("button", name="按所选保存").click()
    expect(second.locator("#notices")).to_contain_text("已保存", timeout=PATIENCE)
    now = second.request.get(f"{roster.address}/api/v1/workers/GW100").json()
    assert (now["name"], now["phone"]) == ("样例-两人改", "13800001111")
    open_record(second, "GW100")
    dialog(second).locator(".history summary").click()
    expect(dialog(second).locator(".history li")).to_have_count(3)
    other.faults = [fault for fault in other.faults if "status of 412" not in fault]
    assert_sound(made)
    assert_sound(other)


def test_what_cannot_be_is_told_at_its_field_and_nothing_is_saved(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    page = signed_in(made, roster, "workers")
    page.get_by_role("button", name="新增人员").click()
    dialog(page).get_by_role("button", name="新增", exact=True).click()
    expect(dialog(page).locator(".fault").first).to_have_text("必填")
    expect(dialog(page).locator("[aria-invalid]").first).to_be_focused()
    dialog(page).locator("input[aria-required]").first.fill("GW200")
    dialog(page).get_by_label("姓名").fill("样例-错号")
    dialog(page).get_by_label("电话", exact=True).fill("1380000abcd")
    dialog(page).get_by_role("button", name="新增", exact=True).click()
    fault = dialog(page).locator(".field", has=page.get_by_label("电话", exact=True)).locator(".fault")
    expect(fault).to_contain_text("1380000abcd")
    assert page.request.get(f"{roster.address}/api/v1/workers/GW200").status == 404
    made.faults = [fault for fault in made.faults if "status of 422" not in fault]
    assert_sound(made)


def test_ending_names_what_depends_on_it_and_can_be_undone(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    page = signed_in(made, roster, "stations")
    page.get_by_role("button", name="新增站点").click()
    form = dialog(page)
    form.get_by_label("编码").or_(form.get_by_label("站点编码")).first.fill("GS100")
    form.get_by_label("名称 *").fill("样例流动服务站")
    form.get_by_label("经度").fill("117.001")
    form.get_by_label("纬度").fill("36.651")
    form.get_by_role("button", name="新增", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("已新增", timeout=PATIENCE)
    created = page.request.post(
        f"{roster.address}/api/v1/stops",
        data={"station": "GS100", "address": "样例广场南门", "lon": 117.001, "lat": 36.651, "hours": "Tu 09:00-11:30"},
        headers={"Origin": roster.address},
    )
    assert created.status == 201, created.text()
    find(page, "GS100") if page.locator(".list tbody tr", has_text="GS100").count() else find(page, "样例流动服务站")
    open_record(page, "样例流动服务站")
    dialog(page).get_by_role("button", name="停用…").click()
    asked = page.locator("dialog.confirm")
    expect(asked.locator(".dependents")).to_contain_text("样例广场南门", timeout=PATIENCE)
    asked.get_by_role("button", name="取消").click()
    page.keyboard.press("Escape")
    stop = created.json()["record"]["code"]
    page.evaluate("location.hash = 'view=stops'")
    find(page, stop) if page.get_by_text(stop).count() else find(page, "样例流动服务站")
    open_record(page, "样例流动服务站")
    dialog(page).get_by_role("button", name="停用…").click()
    expect(asked).to_contain_text("没有其他记录与之有关", timeout=PATIENCE)
    asked.get_by_role("button", name="停用").click()
    expect(page.locator("#notices")).to_contain_text("已停用", timeout=PATIENCE)
    expect(page.locator(".list")).to_contain_text("没有符合的记录")
    page.locator("#notices").get_by_role("button", name="撤销").click()
    expect(page.locator(".list tbody tr", has_text="样例流动服务站")).to_have_count(1, timeout=PATIENCE)
    page.evaluate("location.hash = 'view=changes'")
    expect(page.locator(".list tbody tr").first).to_contain_text("撤销")
    expect(page.locator(".list tbody tr").first).to_contain_text("样例 clerk")
    assert_sound(made)


def test_only_what_has_holes_is_shown_on_demand_and_a_hole_leads_to_its_week(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    page = signed_in(made, roster)
    _, duty = a_post(page, roster, 60)
    monday = monday_after(4)
    leave = {"worker": duty["holder"]["code"], "from": f"{monday}", "to": f"{monday + timedelta(days=4)}"}
    created = page.request.post(f"{roster.address}/api/v1/leave", data=leave, headers={"Origin": roster.address})
    assert created.status == 201, created.text()
    street = next(
        item["code"]
        for item in page.request.get(f"{roster.address}/api/v1/areas").json()["items"]
        if item["level"] == "street"
    )
    page.evaluate("hash => { location.hash = hash; }", f"view=week&within={street}")
    expect(page.locator(".week tbody").nth(40)).to_be_attached(timeout=PATIENCE)
    name = duty["target"]["name"]
    page.locator(".holes li", has_text=name).get_by_role("link").first.click()
    expect(page.get_by_label("只看缺岗")).to_be_checked()
    assert f"week={monday}" in page.url
    holes = page.locator(".week tbody.with-hole", has_text=name)
    expect(holes.locator("button.hole").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".week tbody:not(.with-hole)")).to_have_count(0)
    page.get_by_label("只看缺岗").uncheck()
    expect(page.locator(".week tbody:not(.with-hole)").first).to_be_attached(timeout=PATIENCE)
    page.get_by_label("只看缺岗").check()
    page.get_by_role("button", name="上一周").click()
    page.get_by_role("button", name="上一周").click()
    expect(page.locator(".table-state")).to_have_text(re.compile("这里这一周没有缺岗|已显示"), timeout=PATIENCE)
    assert_sound(made)


def test_every_list_is_downloaded_from_where_it_is_shown(roster: Site, visit: Begin) -> None:
    made = visit(roster, accept_downloads=True)
    page = signed_in(made, roster, "leave")
    with page.expect_download() as started:
        page.get_by_role("link", name="下载 Excel").click()
    assert started.value.suggested_filename.startswith("请假-")
    sheet = openpyxl.load_workbook(io.BytesIO(started.value.path().read_bytes())).worksheets[0]
    until = page.request.get(f"{roster.address}/api/v1/leave?until=2100-01-01&limit=1000").json()["items"]
    assert 1 < sheet.max_row <= len(until) + 1
    assert "请假人" in [cell.value for cell in sheet[1]]
    links = dict.fromkeys(("duties", "workers", "stations", "texts", "calendar"), 1) | {"staffing": 2}
    for view, count in links.items():
        page.evaluate("view => { location.hash = `view=${view}`; }", view)
        expect(page.get_by_role("link", name="下载 Excel")).to_have_count(count)
        for link in page.get_by_role("link", name="下载 Excel").all():
            expect(link).to_have_attribute("href", re.compile("/api/v1/exports/.*format=xlsx&lang=zh"))
            answer = page.request.get(f"{roster.address}{link.get_attribute('href')}")
            assert answer.status == 200, answer.text()
    assert_sound(made)


def test_a_duty_and_a_leave_tell_what_they_were(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    page = signed_in(made, roster)
    _, duty = a_post(page, roster, 70)
    other = someone_else(page, roster, duty["holder"]["code"])
    origin = {"Origin": roster.address}
    path = f"{roster.address}/api/v1/duties/{duty['duty_id']}"
    headers = origin | {"If-Match": page.request.get(path).headers["etag"]}
    assert page.request.patch(path, data={"hours": "24/7", "effective": "2031-01-01"}, headers=headers).status == 200
    leave = {"worker": duty["holder"]["code"], "from": "2031-03-01", "to": "2031-03-31", "reason": "学习"}
    made_leave = page.request.post(f"{roster.address}/api/v1/leave", data=leave, headers=origin)
    path = f"{roster.address}/api/v1/leave/{made_leave.json()['record']['leave_id']}"
    changed = {"stand_in": other["code"], "effective": "2031-03-11"}
    headers = origin | {"If-Match": made_leave.headers["etag"]}
    assert page.request.patch(path, data=changed, headers=headers).status == 200

    page.evaluate("location.hash = 'view=duties'")
    page.get_by_label("姓名或工号").fill(duty["holder"]["code"])
    page.keyboard.press("Enter")
    own = page.locator(".list tbody tr", has_text="专职网格员").filter(has_text=duty["target"]["name"])
    own.first.locator(".opens").click()
    history = dialog(page).locator(".history")
    history.locator("summary").click()
    expect(history.locator("li").first).to_contain_text(re.compile("2031年1月1日 起.*→ 24/7"))
    expect(history.locator("li").nth(1)).to_contain_text("2030年12月31日")
    page.keyboard.press("Escape")
    record = page.evaluate(
        "id => window.rosterPage.record.open(window.rosterPage.config.kinds.leave, id, { editable: true })",
        path.rsplit("/", 1)[1],
    )
    assert record is None
    history.locator("summary").click()
    expect(history.locator("li")).to_have_count(2)
    expect(history.locator("li").first).to_contain_text(f"（空） → {other['name']}")
    expect(history.locator("li").nth(1)).to_contain_text("学习")
    assert_accessible(page)
    assert_sound(made)


def test_a_change_is_undone_from_the_list_only_after_it_was_said_what_it_is(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    page = signed_in(made, roster, "organisations")
    created = page.request.post(
        f"{roster.address}/api/v1/organisations",
        data={"code": "GO900", "name": "样例物业"},
        headers={"Origin": roster.address},
    )
    assert created.status == 201
    page.evaluate("location.hash = 'view=changes'")
    first = page.locator(".list tbody tr").first
    expect(first).to_contain_text("单位 GO900", timeout=PATIENCE)
    # What was loaded says how much it was.
    expect(page.locator(".list tbody tr", has_text="导入文件").first).to_contain_text("新增")
    first.get_by_role("button", name="撤销").click()
    asked = page.locator("dialog.confirm")
    expect(asked).to_contain_text("单位 GO900")
    expect(asked).to_contain_text("样例 clerk")
    asked.get_by_role("button", name="取消").click()
    assert page.request.get(f"{roster.address}/api/v1/organisations/GO900").status == 200
    first.get_by_role("button", name="撤销").click()
    asked.get_by_role("button", name="撤销").click()
    expect(page.locator("#notices")).to_contain_text("已撤销", timeout=PATIENCE)
    assert page.request.get(f"{roster.address}/api/v1/organisations/GO900").status == 404
    assert_sound(made)


def test_hours_say_what_they_mean_while_they_are_typed(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    page = signed_in(made, roster, "stations")
    page.get_by_role("button", name="新增站点").click()
    hours = dialog(page).get_by_label("开放时间")
    expect(dialog(page).locator(".hours-meaning")).to_contain_text("全天")
    hours.fill("每天 9:00-11:30")
    expect(dialog(page).locator(".spans li")).to_have_count(7)
    expect(dialog(page).locator(".spans li").first).to_contain_text("09:00–11:30")
    hours.fill("周一到周八")
    expect(dialog(page).locator(".hours-meaning .fault")).to_be_visible()
    expect(dialog(page).locator(".spans")).to_have_count(0)
    assert_sound(made)


def test_markup_in_names_stays_text(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    page = signed_in(made, roster, "workers")
    add_worker(page, "GW300", MARKUP)
    find(page, "GW300")
    open_record(page, "GW300")
    expect(dialog(page).locator("h2")).to_contain_text("<img")
    dialog(page).get_by_role("button", name="停用…").click()
    expect(page.locator("dialog.confirm")).to_contain_text("<img")
    assert page.locator("#view img, dialog img").count() == 0
    assert_sound(made)


def test_a_dispatcher_sees_everything_and_changes_nothing(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    page = made.open("/roster")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".gate")).to_contain_text("请先登录")
    expect(page.locator("#view > *")).to_have_count(0)
    page = signed_in(made, roster, "workers", key="dispatcher")
    expect(page.locator(".list tbody tr").first).to_be_visible()
    expect(page.get_by_role("button", name="新增人员")).to_have_count(0)
    page.locator(".list .opens").first.click()
    expect(dialog(page).locator(".particulars")).to_be_visible()
    expect(dialog(page).locator("form, input")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#views a", has_text="修改记录")).to_have_count(0)
    page.locator("#views a", has_text="一周值班").click()
    expect(page.locator(".week tbody").first).to_be_visible()
    expect(page.locator("button.hole, .holes .button")).to_have_count(0)
    page.get_by_role("button", name="退出").click()
    expect(page.locator(".gate")).to_be_visible()
    expect(page.locator("#view > *")).to_have_count(0)
    assert_sound(made)


def test_with_the_keyboard_alone_a_record_is_opened_changed_and_closed(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    page = signed_in(made, roster, "workers")
    first, second = (page.locator(".list .opens").nth(place) for place in (0, 1))
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page).locator("form")).to_be_visible()
    dialog(page).get_by_label("电话", exact=True).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("138 0000 4321")
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("已保存", timeout=PATIENCE)
    expect(dialog(page)).to_have_count(0)
    assert_sound(made)


@pytest.mark.parametrize("lang", ["", "?lang=en"], ids=["zh", "en"])
def test_on_a_phone_the_roster_fits_and_can_be_touched(roster: Site, visit: Begin, lang: str) -> None:
    made = visit(roster, **PHONE)
    page = signed_in(made, roster, lang=lang)
    expect(page.locator(".week tbody").first).to_be_visible(timeout=PATIENCE)
    assert_fits(page)
    page.locator("#view-choice").select_option("stations")
    expect(page.locator(".list tbody tr").first).to_be_visible()
    assert_fits(page)
    page.locator(".list .opens").first.tap()
    expect(dialog(page).locator("form")).to_be_visible()
    assert_fits(page)
    assert_sound(made)


def test_in_english_everything_but_the_data_is_english(roster: Site, visit: Begin) -> None:
    made = visit(roster, locale="en-GB")
    page = signed_in(made, roster, lang="?lang=en")
    expect(page.locator(".week tbody").first).to_be_visible()
    data = "h1, td, th, option, strong, li strong, .why, [lang], .session, .picked, .particulars dd, #record-title"
    assert chinese(page, data) == []
    for view in ("duties", "stations", "norms", "changes"):
        page.evaluate("view => { location.hash = `view=${view}`; }", view)
        expect(page.locator(".list tbody tr").first).to_be_visible()
        assert chinese(page, data) == []
    page.evaluate("location.hash = 'view=stations'")
    page.locator(".list .opens").first.click()
    expect(dialog(page).locator("form")).to_be_visible()
    assert chinese(page, data) == []
    assert_sound(made)


def chinese(page: Page, data: str) -> list[str]:
    """Chinese that stands outside the data."""
    found: list[str] = page.evaluate(
        """data => [...document.querySelectorAll("body *")]
            .filter((item) => !item.closest(data) && item.offsetParent)
            .flatMap((item) => [...item.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data))
            .filter((text) => /[\\u4e00-\\u9fff]/.test(text))""",
        data,
    )
    return found


def test_every_control_of_the_roster_has_a_name_and_every_colour_enough_contrast(roster: Site, visit: Begin) -> None:
    made = visit(roster)
    page = signed_in(made, roster)
    expect(page.locator(".week tbody").first).to_be_visible()
    assert_accessible(page)
    for view in ("leave", "duties", "staffing"):
        page.evaluate("view => { location.hash = `view=${view}`; }", view)
        expect(page.locator(".list")).to_be_visible()
        page.wait_for_timeout(500)
        assert_accessible(page)
    page.evaluate("location.hash = 'view=matters'")
    page.locator(".list .opens").first.click()
    expect(dialog(page).locator("form")).to_be_visible()
    assert_accessible(page)
