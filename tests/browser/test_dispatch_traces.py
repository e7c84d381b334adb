"""What stays of what a caller said: nothing in addresses, referrers and logs; in the browser only what is wanted."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import Site, Visit, served
from tests.browser.dispatching import PATIENCE, a_door, asked, at_dispatch, await_register
from tests.browser.usable import assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]


def test_a_question_in_the_address_is_asked_and_taken_off_it_at_once(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    text = a_door(hotline)["text"]
    page = at_dispatch(made, f"/dispatch?lang=zh#q={quote(text)}")
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#query")).to_have_value(text)
    assert page.url == f"{made.address}/dispatch?lang=zh"
    page.evaluate("text => { location.hash = `q=${encodeURIComponent(text)}`; }", a_door(hotline, 5)["text"])
    expect(page.locator("#query")).to_have_value(a_door(hotline, 5)["text"])
    assert "#" not in page.url
    assert text not in page.title()
    assert_sound(made)


def test_nothing_that_was_typed_stands_in_an_address_a_referrer_or_a_log(
    hotline_url: str, hotline: Site, visit: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log.txt"
    handler = {"class": "logging.FileHandler", "filename": str(log)}
    logger = {"level": "INFO", "handlers": ["file"], "propagate": False}
    loggers = dict.fromkeys(("gridmap", "granian.access", "_granian"), logger)
    configured = tmp_path / "log.json"
    configured.write_text(json.dumps({"version": 1, "handlers": {"file": handler}, "loggers": loggers}))
    monkeypatch.setenv("GRANIAN_LOG_CONFIG", str(configured))
    monkeypatch.setenv("GRANIAN_LOG_ACCESS_ENABLED", "true")
    with served(hotline_url, tmp_path / "state") as address:
        made = visit(Site(address))
        page = at_dispatch(made, f"/dispatch#q={quote('丰远佳苑一号楼')}")
        await_register(page, address)
        page.fill("#query", "")
        page.locator("#query").press_sequentially("丰远佳苑三号楼")
        page.keyboard.press("Enter")
        expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("link", name="网格详情").click()
        page.wait_for_selector("html[data-ready]")
        secrets = [quote(part) for part in ("丰远", "佳苑", "三号")] + ["丰远", "佳苑", "三号"]
        sent = [f"{request.url} {request.all_headers().get('referer', '')}" for request in made.requests]
    assert [text for text in sent if any(secret in text for secret in secrets)] == []
    written = log.read_text()
    assert "/api/v1/lookup" in written
    assert [secret for secret in secrets if secret in written] == []


def test_recent_look_ups_stay_in_this_browser_and_can_be_cleared_or_never_kept(hotline: Site, visit: Begin) -> None:
    made = visit(hotline)
    page = at_dispatch(made)
    text = a_door(hotline)["text"]
    asked(page, text)
    expect(page.locator("#recent .row-title")).to_have_text([text], timeout=PATIENCE)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    page.locator("#recent .row").click()
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    # A look-up of yesterday is no longer there.
    page.evaluate("""() => {
        const kept = JSON.parse(localStorage.getItem("gridmap.dispatch.recent"));
        const older = kept.map((one) => ({ ...one, at: one.at - 86_500_000 }));
        localStorage.setItem("gridmap.dispatch.recent", JSON.stringify(older));
    }""")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#recent .row")).to_have_count(0)
    asked(page, text)
    expect(page.locator("#recent .row")).to_have_count(1, timeout=PATIENCE)
    page.get_by_role("button", name="清除").click()
    expect(page.locator("#recent .row")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('gridmap.dispatch.recent')") is None

    page.get_by_label("公用电脑：不保留").check()
    asked(page, text)
    expect(page.locator("#answer .grid-head")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("Object.keys(localStorage)") == ["gridmap.dispatch.shared"]
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(page.get_by_label("公用电脑：不保留")).to_be_checked()
    assert_sound(made)
