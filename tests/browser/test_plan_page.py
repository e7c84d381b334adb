"""Redrawing in a real browser: a draft from its beginning to its release, by one planner and by two at once."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Site, Visit, served
from tests.browser.desk import keys_for
from tests.browser.usable import PHONE, assert_accessible, assert_fits, assert_sound
from tests.samples import sample

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def planning(make_street: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample street with two who may redraw it."""
    url = make_street("plan")
    keys = keys_for(url, planner="样例 甲", admin="样例 乙", clerk="样例 丙")
    with served(url, tmp_path_factory.mktemp("plan")) as address:
        yield Site(address, sample("street"), keys)


def signed(page: Page, site: Site, role: str) -> None:
    page.click("#sign-in")
    page.fill("#key", site.keys[role])
    page.press("#key", "Enter")


def asked(page: Page, site: Site, path: str) -> Any:
    answer = page.request.get(f"{site.address}/api/v1/{path}")
    assert answer.ok, answer.text()
    return answer.json()


def sent(page: Page, site: Site, role: str, path: str, body: dict[str, Any], version: int | None = None) -> Any:
    """What another program of somebody does."""
    headers = {"Authorization": f"Bearer {site.keys[role]}", "Content-Type": "application/json"}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    answer = page.request.post(f"{site.address}/api/v1/{path}", data=json.dumps(body), headers=headers)
    assert answer.ok, answer.text()
    return answer.json()


def choose(page: Page, grid: dict[str, Any], *more: dict[str, Any]) -> None:
    """Click grids on the map at a place inside them, more with Shift."""
    for number, row in enumerate((grid, *more)):
        lon, lat = row["label"]
        x, y = page.evaluate(
            """([lat, lon]) => {
                const { map } = window.gridmap;
                const at = map.latLngToContainerPoint([lat, lon]);
                const box = map.getContainer().getBoundingClientRect();
                return [box.left + at.x, box.top + at.y];
            }""",
            [lat, lon],
        )
        if number:
            page.keyboard.down("Shift")
        page.mouse.click(x, y)
        if number:
            page.keyboard.up("Shift")


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text("已保存")


def test_a_draft_is_begun_redrawn_undone_and_published(visit: Begin, planning: Site) -> None:
    made = visit(planning, reduced_motion="reduce")
    page = made.open("/maps/plan")
    expect(page.locator(".gate h2")).to_have_text("请先登录")
    assert_accessible(page)
    signed(page, planning, "clerk")
    expect(page.locator(".gate h2")).to_have_text("当前密钥不能调整网格")
    page.click(".gate button")
    page.fill("#key", planning.keys["planner"])
    page.press("#key", "Enter")
    expect(page.locator(".table-state")).to_contain_text("没有进行中的草案")
    page.click("#new-draft")
    page.click("dialog.plan-form button[type=submit]")
    expect(page.locator("dialog.plan-form .field .fault")).to_have_text("请填写此项。")
    page.fill("dialog.plan-form input[name=name]", f"一稿 {MARKUP}")
    page.press("dialog.plan-form input[name=name]", "Enter")
    page.wait_for_url("**/maps/plan/*")
    page.wait_for_selector("html[data-ready=true]")
    expect(page.locator("#draft-name")).to_have_text(f"一稿 {MARKUP}")
    draft = f"drafts/{page.url.rpartition('/')[2]}"

    page.click("#rename")
    page.fill("dialog.plan-form input[name=name]", "一稿 改")
    page.click("dialog.plan-form button[type=submit]")
    expect(page.locator("#draft-name")).to_have_text("一稿 改")

    rows = asked(page, planning, f"{draft}/register")["grids"]
    mine = [row for row in rows if row["community"] == rows[0]["community"]]
    other = next(row["community"] for row in rows if row["community"] != rows[0]["community"])
    first, second = mine[0], mine[1]
    choose(page, first)
    expect(page.locator(".grid-card h3")).to_have_text(first["name"])
    expect(page.locator(".grid-card tbody tr").first).to_contain_text(f"{first['households']:,}")
    page.click("#edit-grid summary")
    page.get_by_label("名称", exact=True).fill(f"{MARKUP}网格")
    page.click("#edit-grid button[type=submit]")
    expect(page.locator(".grid-card h3")).to_have_text(f"{MARKUP}网格")

    choose(page, first, second)
    expect(page.locator("#figures h2")).to_have_text("已选 2 个网格")
    page.select_option("#move-to", other)
    page.click("#move-grids")
    saved(page)
    moved = first["households"] + second["households"]
    page.click("#tab-impact")
    expect(page.locator("#impact .quote")).to_contain_text(f"{moved:,} 户")
    page.click("#tab-communities")
    expect(page.locator(".community-list li").first).to_contain_text("有变化")
    page.click("#tab-findings")
    expect(page.locator("#findings li")).not_to_have_count(0)
    before = page.evaluate("window.gridmap.map.getZoom()")
    page.locator("button.finding").first.click()
    page.wait_for_function("(zoom) => window.gridmap.map.getZoom() > zoom", arg=before)

    page.click("#undo")
    page.click("#tab-history")
    expect(page.locator("#history li.undone")).to_have_count(1)
    assert {row["community"] for row in asked(page, planning, f"{draft}/register")["grids"][:2]} == {first["community"]}
    page.click("#redo")
    expect(page.locator("#history li.undone")).to_have_count(0)
    for tab in ("chosen", "findings", "impact", "communities", "history"):
        page.click(f"#tab-{tab}")
        assert_accessible(page)

    # Meanwhile somebody publishes something else: this draft must be taken to the newest release first.
    rival = sent(page, planning, "admin", "drafts", {"name": "二稿"})
    away = {"id": "rival-1", "kind": "change", "grid": rows[-1]["code"], "name": "样例改名网格"}
    applied = sent(page, planning, "admin", f"drafts/{rival['id']}/operations", away, 0)
    sent(page, planning, "admin", f"drafts/{rival['id']}/publish", {}, applied["version"])
    expect(page.locator("#stale")).to_contain_text("已有第 2 版")
    page.click("#publish")
    expect(page.locator("#publish-dialog .notice-box")).to_contain_text("没有改到相同的网格")
    assert_accessible(page)
    page.click("#rebase")
    expect(page.locator("#draft-line")).to_contain_text("基于第 2 版")
    expect(page.locator("#tab-findings .badge")).to_be_visible()
    page.click("#publish")
    page.fill("#publish-note", "样例说明")
    page.fill("#publish-time", "")
    page.click("#publish-dialog button[type=submit]")
    expect(page.locator("#publish-time-said")).to_have_text("请把日期和时间填写完整。")
    page.get_by_label("立即生效").check()
    page.click("#publish-dialog button[type=submit]")
    expect(page.locator("#closed")).to_contain_text("已发布为第 3 版")
    expect(page.locator("#publish")).to_be_hidden()
    found = asked(page, planning, "layers/general/releases/2/diff/3")
    assert sorted(grid["before"]["code"] for grid in found["grids"]) == sorted([first["code"], second["code"]])

    page.goto(f"{planning.address}/maps/diff/general/2/3")
    page.wait_for_selector("html[data-ready=true]")
    expect(page.locator(".diff-list li").first).to_contain_text(f"{MARKUP}网格")
    page.focus(".swipe")
    page.keyboard.press("Home")
    assert page.evaluate("document.querySelector('.leaflet-swipe-before-pane').style.clip").count("px") == 4
    expect(page.locator(".swipe")).to_have_attribute("aria-valuenow", "0")
    assert_accessible(page)

    # Back to the release before; meanwhile another one, of a later date, changed the same grid.
    page.get_by_role("button", name="恢复到第 2 版").click()
    page.wait_for_url("**/maps/plan/*")
    page.wait_for_selector("html[data-ready=true]")
    expect(page.locator("#draft-name")).to_have_text("恢复到第 2 版")
    rival = sent(page, planning, "admin", "drafts", {"name": "三稿"})
    again = {**away, "grid": found["grids"][0]["after"]["code"]}
    applied = sent(page, planning, "admin", f"drafts/{rival['id']}/operations", again, 0)
    sent(page, planning, "admin", f"drafts/{rival['id']}/publish", {"effective": "2090-01-01"}, applied["version"])
    page.click("#rebase-now")
    expect(page.locator("#publish-dialog h2")).to_contain_text("已有第 4 版")
    expect(page.locator(".conflicts li")).to_contain_text("新版本：名称有修改")
    assert_accessible(page)
    before = page.evaluate("window.gridmap.map.getZoom()")
    page.locator(".conflicts button").click()
    expect(page.locator("#publish-dialog")).to_have_count(0)
    page.wait_for_function("(zoom) => window.gridmap.map.getZoom() > zoom", arg=before)

    # A release that waits for its date is taken back from the list.
    page.goto(f"{planning.address}/maps/plan")
    page.select_option("#draft-state", "published")
    page.get_by_role("button", name="撤回第 4 版").click()
    assert_accessible(page)
    page.locator("dialog[open] .danger").click()
    expect(page.locator("#notices")).to_contain_text("第 4 版已撤回")
    expect(page.locator("tbody tr")).to_have_count(2)
    # What is fetched anew is faded until it is there.
    expect(page.locator(".table[aria-busy]")).to_have_count(0)
    assert_accessible(page)
    page.goto(f"{planning.address}/maps/plan/{rival['id']}")
    expect(page.locator("#draft-line")).to_contain_text("基于第 3 版 · 1 个网格有变化")
    made.faults = [fault for fault in made.faults if "status of 4" not in fault]
    assert_sound(made)


def test_two_planners_see_each_other_and_nothing_is_written_over(visit: Begin, planning: Site) -> None:
    one, other = (visit(planning, reduced_motion="reduce") for _ in range(2))
    page = one.open("/maps/plan")
    signed(page, planning, "planner")
    page.wait_for_selector("#new-draft")
    draft = sent(page, planning, "planner", "drafts", {"name": "两人一稿"})
    path = f"/maps/plan/{draft['id']}"
    page = one.open(path)
    page.wait_for_selector("html[data-ready=true]")
    second = other.open(path)
    signed(second, planning, "admin")
    second.wait_for_selector("html[data-ready=true]")
    rows = asked(page, planning, f"drafts/{draft['id']}/register")["grids"]
    act = "([name, grid]) => page_act({ kind: 'change', grid, name }).then(() => 'done', (error) => error.kind)"
    act = act.replace("page_act", "window.planPage.act")

    # The other's page is told within seconds.
    assert page.evaluate(act, ["样例甲网格", rows[0]["code"]]) == "done"
    expect(second.locator("#others")).to_contain_text("样例 甲")
    second.click("#tab-history")
    expect(second.locator("#history li")).to_have_count(1)

    # What somebody is filling in is left alone by what others do elsewhere, and another's new name is not written over.
    choose(page, rows[4])
    page.click("#edit-grid summary")
    page.get_by_label("名称", exact=True).fill("样例未存网格")
    assert second.evaluate(act, ["样例庚网格", rows[5]["code"]]) == "done"
    expect(page.locator("#others")).to_contain_text("样例 乙")
    assert page.get_by_label("名称", exact=True).input_value() == "样例未存网格"
    page.click("#rename")
    second.evaluate("() => window.planPage.client.rename({ name: '乙稿' }, { name: '两人一稿', note: '' })")
    page.fill("dialog[open] input[name=name]", "甲稿")
    page.press("dialog[open] input[name=name]", "Enter")
    expect(page.locator("dialog[open] .fault").last).to_contain_text("样例 乙刚刚把草案改名为“乙稿”")
    page.press("dialog[open] input[name=name]", "Enter")
    expect(page.locator("#draft-name")).to_have_text("甲稿")

    # Who has not heard of it yet: another grid goes through, the same grid does not.
    for where in (page, second):
        where.evaluate("window.planPage.client.close()")
    assert second.evaluate(act, ["样例乙网格", rows[1]["code"]]) == "done"
    assert page.evaluate(act, ["样例丁网格", rows[2]["code"]]) == "done"
    assert second.evaluate(act, ["样例戊网格", rows[2]["code"]]) == "overtaken"
    expect(second.locator("#notices")).to_contain_text("样例 甲刚刚改动了")
    now = {row["code"]: row["name"] for row in asked(page, planning, f"drafts/{draft['id']}/register")["grids"]}
    assert [now[row["code"]] for row in rows[:3]] == ["样例甲网格", "样例乙网格", "样例丁网格"]

    # Without a connection the page says so, and what was begun is done once, when it is back.
    one.page.context.set_offline(True)
    late = "(grid) => { window.late = window.planPage.act({ kind: 'change', grid, name: '样例己网格' }); }"
    page.evaluate(late, rows[3]["code"])
    expect(page.locator("#saved")).to_contain_text("连接中断")
    expect(page.locator("#publish")).to_be_disabled()
    one.page.context.set_offline(False)
    assert page.evaluate("window.late.then((applied) => applied.operation.grids)") == [rows[3]["code"]]
    saved(page)

    # Who is signed out meanwhile keeps nothing of the draft on the page, and what was done is kept.
    second.context.clear_cookies()
    with second.expect_navigation():
        second.evaluate("() => { window.planPage.turn('undo'); }")
    second.wait_for_selector("html[data-ready=gate]")
    expect(second.locator(".gate p")).to_contain_text("已做的修改都已保存")
    assert "甲稿" not in second.content()

    phone = visit(planning, **PHONE)
    small = phone.open(f"{path}?lang=en")
    signed(small, planning, "planner")
    small.wait_for_selector("html[data-ready=true]")
    expect(small.locator("#impact .quote")).to_contain_text("Changed grids: 5")
    expect(small.locator("#phone-note")).to_contain_text("on a larger one")
    assert_fits(small)
    assert_accessible(small)
    for made in (one, other, phone):
        made.faults = [fault for fault in made.faults if "status of 4" not in fault and "ERR_INTERNET" not in fault]
        assert_sound(made)
