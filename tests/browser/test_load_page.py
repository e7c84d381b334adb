"""The clerk's desk in a real browser: files are brought, corrected, committed and undone, by pointer and keyboard."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import FilePayload, Page, expect
from shapely.affinity import translate

from geodata import access
from geodata.database import connect
from geodata.sample import generate
from geodata.sample.loading import load_city
from service.maps.blank_sheets import MEDIA_TYPE as XLSX
from tests.browser.browsing import Site, Visit, served

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
HEADER = ["工号", "姓名", "联系电话", "备注"]
MARKUP = "<img src=x onerror=alert(1)>"
PATIENCE = 60_000
ROOT = Path(__file__).parents[2]


@contextmanager
def worker(database_url: str, state_folder: Path) -> Iterator[None]:
    """A process that works on the jobs of a database."""
    environment = {**os.environ, "GRIDMAP_DATABASE_URL": database_url, "GRIDMAP_STATE_FOLDER": str(state_folder)}
    process = subprocess.Popen([sys.executable, "-m", "service.cli", "worker"], env=environment, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def keys_for(url: str) -> dict[str, str]:
    with closing(connect(url)) as connection:
        keys = {
            role: access.create_key(connection, role=role, name=f"样例 {role}", created_by="test")[0]
            for role in ("dispatcher", "clerk")
        }
        connection.commit()
    return keys


@pytest.fixture(scope="module")
def desk(
    make_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, browser: object
) -> Iterator[Site]:
    """The sample street with a desk that works."""
    url = make_database("desk")
    city = generate("street")
    with closing(connect(url)) as connection:
        load_city(connection, city)
        connection.commit()
    state = tmp_path_factory.mktemp("desk")
    with served(url, state) as address, worker(url, state):
        yield Site(address, city, keys_for(url))


def people(prefix: str, count: int = 30, **changed: list[Any]) -> list[list[Any]]:
    """Rows of a sheet of people; ``row_5=[…]`` takes the place of the fifth."""
    rows = [[f"{prefix}{n:03d}", f"样例-{prefix}{n}", f"138 0000 {n:04d}", "新进"] for n in range(1, count + 1)]
    for name, row in changed.items():
        rows[int(name.removeprefix("row_")) - 1] = row
    return rows


def workbook(rows: list[list[Any]], name: str, header: list[str] | None = None) -> FilePayload:
    """An Excel file as a clerk has it: a title above the header, and a second sheet with remarks."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名册"
    for row in [["某某街道人员名册"], header or HEADER, *rows]:
        sheet.append(row)
    book.create_sheet("说明").append(["每月五日前报送"])
    written = io.BytesIO()
    book.save(written)
    return {"name": name, "mimeType": XLSX, "buffer": written.getvalue()}


def faulty(prefix: str) -> FilePayload:
    """Thirty people, three of them with faults, one with a name that tries to be markup."""
    rows = people(
        prefix,
        row_3=[f"{prefix}003", "样例-三", "1380000abcd", ""],
        row_8=[f"{prefix}008", None, "138 0000 0008", ""],
        row_12=[f"{prefix}002", "样例-重复", "138 0000 0012", ""],
        row_15=[f"{prefix}015", MARKUP, "138 0000 0015", MARKUP],
    )
    return workbook(rows, f"{prefix}-{MARKUP.replace('/', '')}.xlsx")


def sign_in(page: Page, site: Site, role: str = "clerk") -> None:
    page.locator(".gate .button").click()
    page.fill("#key", site.keys[role])
    page.press("#key", "Enter")


def at_the_desk(made: Visit, site: Site, path: str = "/load") -> Page:
    page = made.open(path)
    page.wait_for_selector("html[data-ready]")
    sign_in(page, site)
    expect(page.locator(".gate")).to_have_count(0)
    return page


def bring(page: Page, file: FilePayload) -> None:
    page.set_input_files("#file", file)
    expect(page.locator(".understanding")).to_be_visible(timeout=PATIENCE)


def figure(page: Page, name: str) -> str:
    return page.locator(".band-figure", has_text=re.compile(rf"{name}$")).locator(".figure").inner_text()


def agree(page: Page, word: str) -> None:
    page.locator("dialog.confirm").get_by_role("button", name=word, exact=True).click()


def names_on_record(page: Page, address: str, prefix: str) -> int:
    answer = page.request.get(f"{address}/api/v1/workers?limit=1000")
    return sum(item["code"].startswith(prefix) for item in answer.json()["items"])


def assert_sound(made: Visit) -> None:
    """As `Visit.assert_sound`; a browser writes each refused request to its console, that one is allowed."""
    made.faults = [fault for fault in made.faults if "status of 401" not in fault]
    made.assert_sound()


def test_a_faulty_sheet_is_shown_where_it_is_wrong_and_a_mended_one_committed_and_undone(
    desk: Site, visit: Begin
) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    bring(page, faulty("QA"))
    assert (figure(page, "行数据"), figure(page, "处错误")) == ("30", "3")
    expect(page.get_by_role("button", name="提交…")).to_be_disabled()
    finding = page.locator(".findings tbody tr", has_text="1380000abcd")
    expect(finding.locator("td").nth(1)).to_have_text("5")
    finding.locator(".opens").click()
    expect(page.locator(".row-cells .error dd")).to_have_text("1380000abcd")
    page.get_by_role("button", name="在表格中查看").click()
    expect(page.locator(".preview tr[aria-current] td.error")).to_have_text("1380000abcd")

    page.get_by_role("button", name="← 全部导入").click()
    bring(page, workbook(people("QA"), "改好.xlsx"))
    assert (figure(page, "处错误"), figure(page, "新增")) == ("0", "30")
    page.get_by_role("button", name="提交…").click()
    expect(page.locator("dialog.confirm")).to_contain_text("新增 30")
    agree(page, "提交")
    expect(page.locator(".notice-box.good")).to_contain_text("已提交", timeout=PATIENCE)
    expect(page.locator(".notice-box.good a")).to_have_attribute("href", re.compile("/maps/grids"))
    expect(page.locator(".done-links")).to_be_visible()
    assert names_on_record(page, made.address, "QA") == 30

    page.get_by_role("button", name="撤销这次导入…").click()
    agree(page, "撤销")
    expect(page.locator(".load-title .chip")).to_have_text("已撤销", timeout=PATIENCE)
    page.wait_for_timeout(1000)
    assert names_on_record(page, made.address, "QA") == 0
    assert_sound(made)


def test_what_would_change_is_said_in_the_order_of_the_form_and_a_last_day_counts_whole(
    desk: Site, visit: Begin
) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    staff = desk.city.workers
    name = staff.loc[~staff["code"].isin(desk.city.leave["worker"]), "name"].iloc[0]
    header = ["请假人", "请假类别", "起", "止", "替班人员"]
    bring(page, workbook([[name, "年休假", "2031.11.20", "2031.11.27", None]], "请假登记.xlsx", header))
    assert (figure(page, "处错误"), figure(page, "新增")) == ("0", "1")
    told = page.locator("#plan-panel .field-list li")
    code = staff.loc[staff["name"] == name, "code"].iloc[0]
    expect(told.nth(0)).to_have_text(f"请假人 {name}（{code}）")
    expect(told.nth(1)).to_have_text("开始 2031年11月20日 00:00")
    expect(told.nth(2)).to_have_text("结束 2031年11月27日 24:00")
    expect(told.nth(3)).to_have_text("事由 年休假")
    assert_sound(made)


def test_the_address_opens_the_same_load_again_and_holds_nothing_of_it(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    bring(page, workbook(people("QB"), "样例-某人的名册.xlsx"))
    assert re.fullmatch(r".*/load#load=\d+", page.url)
    page.reload()
    expect(page.locator(".load-title h1")).to_have_text("样例-某人的名册.xlsx")
    page.go_back()
    expect(page.locator(".drop")).to_be_visible()
    row = page.locator(".arrival tbody tr").first
    expect(row).to_contain_text("样例-某人的名册.xlsx")
    expect(row).to_contain_text("样例 clerk")
    expect(row.locator(".chip")).to_have_text("待提交")
    page.goto(f"{made.address}/load#load=999999")
    expect(page.locator("#notices")).to_contain_text("没有这次导入")
    made.faults = [fault for fault in made.faults if "status of 404" not in fault]
    assert_sound(made)


def test_a_column_that_was_not_understood_is_chosen_by_hand(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    bring(page, workbook(people("QC"), "列名特别.xlsx", ["工号", "称呼甲", "联系电话", "备注"]))
    expect(page.locator(".missing")).to_contain_text("请先选择种类")
    expect(page.get_by_role("button", name="提交…")).to_be_disabled()
    page.get_by_label("种类").select_option("workers")
    page.get_by_role("button", name="按新设置检查").click()
    expect(page.locator(".band")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".missing")).to_contain_text("姓名")
    page.get_by_label("“称呼甲”列作为").select_option("name")
    expect(page.locator(".missing")).to_be_empty()
    page.get_by_role("button", name="按新设置检查").click()
    expect(page.locator(".load-title .chip")).to_have_text("待提交", timeout=PATIENCE)
    expect(page.locator("th", has_text="称呼甲").locator(".how")).to_have_text("已指定")
    assert figure(page, "新增") == "30"
    # A field has one column: who takes it from another leaves that one without.
    page.get_by_label("“备注”列作为").select_option("name")
    expect(page.get_by_label("“称呼甲”列作为")).to_have_value("")
    assert_sound(made)


def test_a_mapping_is_kept_under_a_name_and_used_for_the_next_file(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    odd = ["工号", "称呼乙", "联系电话", "备注"]
    bring(page, workbook(people("QM"), "一月.xlsx", odd))
    page.get_by_label("种类").select_option("workers")
    page.get_by_role("button", name="按新设置检查").click()
    expect(page.locator(".missing")).to_contain_text("姓名", timeout=PATIENCE)
    page.get_by_label("“称呼乙”列作为").select_option("name")
    page.get_by_text("更多选项").click()
    page.get_by_label("把列对应存为").fill("社区月报")
    page.get_by_role("button", name="按新设置检查").click()
    expect(page.locator(".load-title .chip")).to_have_text("待提交", timeout=PATIENCE)
    page.get_by_role("button", name="← 全部导入").click()
    bring(page, workbook(people("QM"), "二月.xlsx", odd))
    page.get_by_label("种类").select_option("workers")
    page.get_by_text("更多选项").click()
    page.get_by_label("使用已存的列对应").select_option("社区月报")
    page.get_by_role("button", name="按新设置检查").click()
    expect(page.locator("th", has_text="称呼乙").locator(".how")).to_have_text("按已存方案", timeout=PATIENCE)
    assert figure(page, "新增") == "30"
    assert_sound(made)


def test_a_file_may_be_let_go_anywhere_on_the_page(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    carried = page.evaluate_handle("""() => {
        const carried = new DataTransfer();
        carried.items.add(new File(["工号,姓名\\nQN001,样例-拖放\\n"], "拖放.csv", { type: "text/csv" }));
        return carried;
    }""")
    page.dispatch_event(".kinds", "dragover", {"dataTransfer": carried})
    expect(page.locator(".drop")).to_have_attribute("data-over", "true")
    page.dispatch_event(".kinds", "drop", {"dataTransfer": carried})
    expect(page.locator(".load-title h1")).to_have_text("拖放.csv")
    expect(page.locator(".band")).to_be_visible(timeout=PATIENCE)
    assert_sound(made)


def test_faults_with_a_place_are_marked_on_the_map(desk: Site, visit: Begin) -> None:
    assert desk.city is not None
    grids = desk.city.grids["general"].copy()
    grids.loc[grids.index[5], "geometry"] = translate(grids.geometry.iloc[5], 0.0008, 0.0004)
    made = visit(desk)
    page = at_the_desk(made, desk)
    file: FilePayload = {
        "name": "网格.geojson", "mimeType": "application/geo+json", "buffer": grids.to_json().encode()
    }  # fmt: skip
    bring(page, file)
    expect(page.locator(".fault-map path.leaflet-interactive").first).to_be_visible()
    page.locator(".findings tbody tr", has_text="重叠").first.locator(".opens").click()
    # The words of the command are those of the form.
    expect(page.locator(".fault-title")).to_contain_text("自动修补图形")
    expect(page.locator(".fault-detail")).to_have_attribute("data-placed", "true")
    page.get_by_text("更多选项").click()
    page.get_by_label("只替换此区划内的网格").fill("没有这个区划")
    page.get_by_role("button", name="按新设置检查").click()
    expect(page.locator(".load-body .notice-box").first).to_contain_text("没有这个区划", timeout=PATIENCE)
    assert_sound(made)


def test_markup_in_names_and_cells_stays_text(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    bring(page, faulty("QD"))
    expect(page.locator(".load-title h1")).to_contain_text("<img")
    expect(page.locator(".preview td", has_text=MARKUP).first).to_be_visible()
    expect(page.locator(".plan td", has_text=MARKUP).first).to_be_visible()
    page.locator(".findings .opens").first.click()
    page.get_by_role("button", name="删除", exact=True).click()
    expect(page.locator("dialog.confirm")).to_contain_text("<img")
    agree(page, "取消")
    page.get_by_role("button", name="← 全部导入").click()
    expect(page.locator(".arrival td", has_text="<img").first).to_be_visible()
    assert page.locator("#view img, #view script, #view svg[onload]").count() == 0
    assert_sound(made)


def test_with_the_keyboard_alone_a_sheet_is_read_corrected_and_committed(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = made.open("/load")
    page.wait_for_selector("html[data-ready]")
    page.locator(".gate .button").focus()
    page.keyboard.press("Enter")
    page.keyboard.type(desk.keys["clerk"])
    page.keyboard.press("Enter")
    expect(page.locator(".drop")).to_be_visible()
    page.locator("#file").focus()
    outline = page.evaluate("getComputedStyle(document.querySelector('.drop-prompt .button')).outlineStyle")
    assert outline == "solid"
    bring(page, faulty("QE"))
    expect(page.locator(".load-title h1")).to_be_focused()
    first, second = (page.locator(".findings .opens").nth(place) for place in (0, 1))
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".row-cells")).to_be_visible()
    page.get_by_label("“备注”列作为").focus()
    page.keyboard.press("Tab")
    tab = page.get_by_role("tab", name=re.compile("新增"))
    tab.focus()
    expect(tab).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.locator(".drop")).to_be_visible()
    bring(page, workbook(people("QE"), "键盘.xlsx"))
    page.get_by_role("button", name="提交…").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog.confirm").get_by_role("button", name="取消")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.confirm")).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".notice-box.good")).to_be_visible(timeout=PATIENCE)
    assert_sound(made)


def test_in_english_everything_but_the_data_is_english(desk: Site, visit: Begin) -> None:
    made = visit(desk, locale="en-GB")
    page = at_the_desk(made, desk, "/load?lang=en")
    file = workbook(people("QF", row_4=["QF004", "Sample Four", "1380000abcd", ""]), "people.xlsx")
    bring(page, file)
    expect(page.locator(".findings")).to_contain_text("Error")
    expect(page.get_by_role("button", name="Commit…")).to_be_disabled()
    page.get_by_text("More options").click()
    said = page.evaluate("""() => {
        const data = "h1, td, .column-name, option, .row-cells, [lang], .session, .facts, .chip";
        return [...document.querySelectorAll("body *")]
            .filter((item) => !item.closest(data) && item.offsetParent)
            .flatMap((item) => [...item.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data))
            .filter((text) => /[\\u4e00-\\u9fff]/.test(text));
    }""")
    assert said == []
    assert_sound(made)


def test_who_is_not_signed_in_or_no_clerk_is_told_so(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = made.open("/load")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".gate")).to_contain_text("请先登录")
    expect(page.locator(".drop")).to_have_count(0)
    expect(page.locator("nav [data-roles='clerk admin']")).to_be_hidden()
    sign_in(page, desk, "dispatcher")
    expect(page.locator(".gate")).to_contain_text("接线员")
    expect(page.locator("nav [data-roles='clerk admin']")).to_be_hidden()
    page.get_by_role("button", name="换一个密钥").click()
    page.fill("#key", desk.keys["clerk"])
    page.press("#key", "Enter")
    expect(page.locator(".drop")).to_be_visible()
    for path in ("/load", "/help", "/maps/grids"):
        made.open(path)
        expect(page.locator("nav [data-roles='clerk admin']")).to_be_visible()
    # The session ends while the page is open: what it was doing is kept in the address.
    page.goto(f"{made.address}/load")
    expect(page.locator(".drop")).to_be_visible()
    page.context.clear_cookies()
    page.set_input_files("#file", workbook(people("QG"), "名册.xlsx"))
    expect(page.locator(".gate")).to_be_visible()
    assert_sound(made)


def test_files_that_cannot_be_read_get_a_clear_answer(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    page.set_input_files("#file", {"name": "空.xlsx", "mimeType": XLSX, "buffer": b""})
    expect(page.locator(".drop-said")).to_contain_text("“空.xlsx”是空文件")
    page.set_input_files(
        "#file", {"name": "照片.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0" * 99}
    )
    expect(page.locator(".drop-said .failure")).to_be_visible()
    expect(page.locator(".drop-prompt")).to_be_visible()
    page.set_input_files("#file", {"name": "坏.xlsx", "mimeType": XLSX, "buffer": b"PK\x03\x04" + b"broken" * 50})
    shown = page.locator(".drop-said .failure, .load-body .notice-box.failure, .findings .error").first
    expect(shown).to_be_visible(timeout=PATIENCE)
    made.faults = [fault for fault in made.faults if "status of 4" not in fault]
    made.assert_sound()


def test_without_a_worker_the_page_says_that_the_file_waits(
    make_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, visit: Begin
) -> None:
    url = make_database("idle")
    with served(url, tmp_path_factory.mktemp("idle")) as address:
        site = Site(address, None, keys_for(url))
        made = visit(site)
        page = at_the_desk(made, site)
        page.set_input_files("#file", workbook(people("QH"), "名册.xlsx"))
        expect(page.locator(".progressing")).to_contain_text("等待后台任务进程启动")
        page.get_by_role("button", name="停止").click()
        expect(page.locator(".load-title .chip")).to_have_text("已停止")
        page.get_by_role("button", name="删除", exact=True).click()
        agree(page, "删除")
        expect(page.locator(".arrival")).to_contain_text("还没有导入过文件")
        assert_sound(made)


def test_two_clerks_at_one_load_do_not_overwrite_each_other(desk: Site, visit: Begin) -> None:
    made, other = visit(desk), visit(desk)
    page = at_the_desk(made, desk)
    bring(page, workbook(people("QI"), "两人.xlsx"))
    second = at_the_desk(other, desk, page.url.removeprefix(desk.address))
    expect(second.locator(".band")).to_be_visible()
    for clerk, word in ((page, "甲"), (second, "乙")):
        clerk.get_by_text("更多选项").click()
        clerk.get_by_label("备注", exact=True).fill(word)
    page.get_by_role("button", name="按新设置检查").click()
    expect(page.get_by_role("button", name="提交…")).to_be_visible(timeout=PATIENCE)
    second.get_by_role("button", name="按新设置检查").click()
    expect(second.locator(".said")).to_contain_text("有人同时改动了这次导入")
    second.get_by_role("button", name="查看现状").click()
    expect(second.get_by_role("button", name="提交…")).to_be_visible()
    other.faults = [fault for fault in other.faults if "status of 412" not in fault]
    assert_sound(made)
    assert_sound(other)


@pytest.mark.parametrize("lang", ["", "?lang=en"], ids=["zh", "en"])
def test_on_a_phone_everything_fits_and_can_be_touched(desk: Site, visit: Begin, lang: str) -> None:
    made = visit(desk, **PHONE)
    page = at_the_desk(made, desk, f"/load{lang}")
    assert_fits(page)
    bring(page, faulty(f"QJ{len(lang)}"))
    page.locator(".findings .opens").first.tap()
    expect(page.locator("tr.below .row-cells")).to_be_visible()
    page.locator(".more-options summary").tap()
    assert_fits(page)
    assert_sound(made)


def assert_fits(page: Page) -> None:
    """Nothing sticks out sideways, what is touched is 44 pixels high, text is 14 pixels or more."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    small = page.evaluate("""() => [...document.querySelectorAll("a, button, input, select, summary, label:has(input)")]
        .filter((item) => item.offsetParent && !item.matches(".skip, .unseen, [type=radio], [type=checkbox]"))
        .map((item) => [item.outerHTML.slice(0, 80), item.getBoundingClientRect().height])
        .filter(([, height]) => height < 43.5)""")
    assert small == []
    tiny = page.evaluate("""() => [...document.querySelectorAll("body *")]
        .filter((item) => [...item.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
        .filter((item) => item.offsetParent && parseFloat(getComputedStyle(item).fontSize) < 14)
        .map((item) => item.outerHTML.slice(0, 80))""")
    assert tiny == []


def test_every_control_has_a_name_and_every_colour_enough_contrast(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    assert_accessible(page)
    bring(page, faulty("QK"))
    page.locator(".findings .opens").first.click()
    page.get_by_text("更多选项").click()
    assert_accessible(page)
    page.get_by_role("button", name="删除", exact=True).click()
    assert_accessible(page)


def assert_accessible(page: Page) -> None:
    """Names, one main heading, identities used once, references that lead somewhere, contrast of 4.5 to 1."""
    faults = page.evaluate("""() => {
        const shown = (item) => item.offsetParent !== null || item.tagName === "DIALOG";
        const faults = [];
        const named = "a, button, input, select, summary, dialog, [role=region], [role=tab]";
        for (const item of document.querySelectorAll(named)) {
            if (!shown(item)) continue;
            const labelled = (item.getAttribute("aria-labelledby") ?? "").split(" ")
                .map((id) => document.getElementById(id)?.textContent ?? "").join("");
            const name = item.getAttribute("aria-label") || labelled || item.textContent.trim()
                || [...(item.labels ?? [])].map((label) => label.textContent).join("");
            if (!name.trim()) faults.push(["no name", item.outerHTML.slice(0, 90)]);
        }
        if ([...document.querySelectorAll("h1")].filter(shown).length !== 1) faults.push(["headings"]);
        const ids = [...document.querySelectorAll("[id]")].map((item) => item.id);
        for (const id of ids) if (ids.filter((one) => one === id).length > 1) faults.push(["id twice", id]);
        for (const item of document.querySelectorAll("[aria-describedby], [aria-controls]")) {
            for (const id of (item.getAttribute("aria-describedby") ?? item.getAttribute("aria-controls")).split(" ")) {
                if (!document.getElementById(id)) faults.push(["leads nowhere", id]);
            }
        }
        const parse = (text) => text.match(/[\\d.]+/g).map(Number);
        const light = ([r, g, b]) => {
            const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * x + 0.7152 * y + 0.0722 * z;
        };
        const ground = (item) => {
            for (let at = item; at; at = at.parentElement) {
                const colour = parse(getComputedStyle(at).backgroundColor);
                if (colour.length < 4 || colour[3] === 1) return colour;
            }
            return [255, 255, 255];
        };
        for (const item of document.querySelectorAll("main *, header *")) {
            if (!item.offsetParent || item.closest(".fault-map, .unseen, option")) continue;
            if (![...item.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
            const pair = [light(parse(getComputedStyle(item).color)), light(ground(item))];
            const [one, other] = pair.sort((a, b) => b - a);
            if ((one + 0.05) / (other + 0.05) < 4.5) faults.push(["contrast", item.outerHTML.slice(0, 90)]);
        }
        return faults;
    }""")
    assert faults == []


def test_an_empty_sheet_can_be_downloaded_and_its_headers_are_understood(desk: Site, visit: Begin) -> None:
    made = visit(desk)
    page = at_the_desk(made, desk)
    with page.expect_download() as started:
        page.get_by_role("link", name="下载“人员”空表").click()
    assert started.value.suggested_filename == "人员.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(started.value.path().read_bytes()))
    sheet = book.worksheets[0]
    header = [str(cell.value) for cell in sheet[1]]
    values = {"工号": "QL001", "编码": "QL001", "姓名": "样例-空表", "名称": "样例-空表", "电话": "13800000001"}
    sheet.append([values.get(name) for name in header])
    written = io.BytesIO()
    book.save(written)
    bring(page, {"name": "填好.xlsx", "mimeType": XLSX, "buffer": written.getvalue()})
    assert (figure(page, "处错误"), figure(page, "新增")) == ("0", "1")
    assert_sound(made)
