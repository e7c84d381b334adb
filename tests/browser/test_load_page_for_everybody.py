"""The clerk's desk with the keyboard, on a phone, in English, without a key, with hostile names."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import Site, Visit
from tests.browser.desk import MARKUP, PATIENCE, agree, at_the_desk, bring, faulty, people, sign_in, workbook
from tests.browser.usable import PHONE, assert_accessible, assert_fits, assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]


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
