"""The clerk's desk in a real browser: files are brought, corrected, committed and undone, by pointer and keyboard."""

import io
import re
from collections.abc import Callable

import openpyxl
import pytest
from playwright.sync_api import FilePayload, expect
from shapely.affinity import translate

from service.maps.blank_sheets import MEDIA_TYPE as XLSX
from tests.browser.browsing import Site, Visit, served
from tests.browser.desk import (
    PATIENCE,
    agree,
    at_the_desk,
    bring,
    faulty,
    figure,
    keys_for,
    names_on_record,
    people,
    workbook,
)
from tests.browser.usable import assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]


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

    # The mended file is brought from where its faults are shown.
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="上传改好的文件…").click()
    chooser.value.set_files(workbook(people("QA"), "改好.xlsx"))
    expect(page.locator(".load-title h1")).to_have_text("改好.xlsx", timeout=PATIENCE)
    expect(page.locator(".understanding")).to_be_visible(timeout=PATIENCE)
    assert (figure(page, "处错误"), figure(page, "新增")) == ("0", "30")
    page.get_by_role("button", name="提交…").click()
    expect(page.locator("dialog.confirm")).to_contain_text("新增 30")
    agree(page, "提交")
    expect(page.locator(".notice-box.good")).to_contain_text("已提交", timeout=PATIENCE)
    expect(page.locator(".done-links a")).to_have_attribute("href", re.compile("/roster#view=workers$"))
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
    # On the page of a load too: the next file, not the browser's own view of it.
    page.evaluate(
        """carried => {
        carried.items.clear();
        carried.items.add(new File(["工号,姓名\\nQN002,样例-再拖\\n"], "再拖.csv", { type: "text/csv" }));
    }""",
        carried,
    )
    page.dispatch_event(".workspace", "drop", {"dataTransfer": carried})
    expect(page.locator(".load-title h1")).to_have_text("再拖.csv")
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
    expect(page.locator("#plan-panel .field-list").first).to_contain_text("图形 已绘制 → 重新绘制")
    page.get_by_text("更多选项").click()
    page.get_by_label("只替换此区划内的网格").fill("没有这个区划")
    page.get_by_role("button", name="按新设置检查").click()
    expect(page.locator(".load-body .notice-box").first).to_contain_text("没有这个区划", timeout=PATIENCE)
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
