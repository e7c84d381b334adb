"""Where a committed load leads: to the week with its holes, to the register, to the map."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from geodata.times import LOCAL_ZONE
from tests.browser.browsing import Site, Visit
from tests.browser.desk import PATIENCE, agree, at_the_desk, bring, figure, workbook
from tests.browser.usable import assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
ROLE = "grid_worker_full_time"


def commit(page: Page, file: FilePayload) -> None:
    bring(page, file)
    assert figure(page, "处错误") == "0", page.locator(".findings").inner_text()
    page.get_by_role("button", name="提交…").click()
    agree(page, "提交")
    expect(page.locator(".notice-box.good")).to_contain_text("已提交", timeout=PATIENCE)


def undo(page: Page) -> None:
    page.get_by_role("button", name="撤销这次导入…").click()
    agree(page, "撤销")
    expect(page.locator(".load-title .chip")).to_have_text("已撤销", timeout=PATIENCE)


def somebody_without_leave(page: Page, site: Site) -> tuple[Any, dict[str, Any]]:
    """A sample grid and the only one who has its full-time duty, whose leave concerns nobody else's."""
    assert site.city is not None
    leave = page.request.get(f"{site.address}/api/v1/leave?until=2100-01-01&limit=1000").json()["items"]
    away = {item[name] for item in leave for name in ("worker", "stand_in")}
    for _, grid in site.city.grids["general"].iterrows():
        items = page.request.get(f"{site.address}/api/v1/duties?target={grid['code']}&role={ROLE}").json()["items"]
        own = [item for item in items if item["assignment"] == "primary"]
        if len(own) == 1 and own[0]["holder"]["code"] not in away:
            return grid, own[0]
    raise AssertionError("everybody has leave")


def test_after_leave_without_a_stand_in_the_page_leads_to_the_week_with_the_hole(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    grid, duty = somebody_without_leave(page, desk)
    begins = datetime.now(LOCAL_ZONE).date() + timedelta(days=1)
    # Longer than any holidays, when nobody is missed.
    row = [duty["holder"]["code"], f"{begins}", f"{begins + timedelta(days=13)}", "年假"]
    commit(page, workbook([row], "请假.xlsx", ["请假人", "开始日期", "结束日期", "请假原因"]))
    expect(page.locator(".done-links a")).to_have_count(1)
    expect(page.locator(".done-links a")).to_have_text("查看一周值班")
    expect(page.locator(".done-holes a")).to_be_visible(timeout=PATIENCE)
    told = page.request.get(f"{desk.address}/api/v1/roster/holes").json()
    assert grid["code"] in {item["target"]["code"] for item in told["items"]}
    expect(page.locator(".done-holes")).to_contain_text(f"有 {told['total']} 处缺岗")
    first = told["items"][0]["target"]["name"]
    expect(page.locator(".done-holes a")).to_contain_text(first)
    page.locator(".done-holes a").click()
    expect(page.locator(".week tbody.with-hole", has_text=first).first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".week tbody:not(.with-hole)")).to_have_count(0)
    page.go_back()
    undo(page)
    assert_sound(made)


def test_after_a_load_of_a_register_the_page_leads_to_it_and_after_stations_to_the_map_too(
    desk: Site, visit: Begin
) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    rows = [["QS-1", "样例驿站", "117.0", "36.65"], ["QS-2", "样例服务点", "117.001", "36.651"]]
    commit(page, workbook(rows, "站点.xlsx", ["站点编码", "站点名称", "经度", "纬度"]))
    expect(page.locator(".done-links a")).to_have_text(["在地图上查看", "查看现有记录"])
    expect(page.locator(".done-links a").first).to_have_attribute("href", re.compile("/maps/grids$"))
    page.locator(".done-links a").last.click()
    expect(page.locator(".list h2")).to_have_text("站点", timeout=PATIENCE)
    page.go_back()
    undo(page)
    assert_sound(made)


def test_after_grids_the_page_leads_to_the_map_alone_and_in_english_to_english_pages(desk: Site, visit: Begin) -> None:
    made = visit(desk, locale="en-GB")
    page = at_the_desk(made, desk, "/load?lang=en")
    bring(page, workbook([["QV001", "样例-英", "13800000000", ""]], "people.xlsx"))
    page.get_by_role("button", name="Commit…").click()
    agree(page, "Commit")
    expect(page.locator(".done-links a")).to_have_attribute("href", re.compile(r"/roster\?lang=en#view=workers$"))
    expect(page.locator(".done-links a")).to_have_text("See the records")
    expect(page.locator(".done-holes")).to_contain_text("oles until")
    page.get_by_role("button", name="Undo this load…").click()
    agree(page, "Undo")
    expect(page.locator(".load-title .chip")).to_have_text("Undone", timeout=PATIENCE)
    assert_sound(made)
