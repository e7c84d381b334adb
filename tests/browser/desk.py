"""The clerk's desk in a browser: who works behind it, files as clerks have them, the moves that every test makes."""

import io
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import FilePayload, Page, expect

from geodata import access
from geodata.database import connect
from service.maps.blank_sheets import MEDIA_TYPE as XLSX
from tests.browser.browsing import Site, Visit
from tests.forked import program

HEADER = ["工号", "姓名", "联系电话", "备注"]
MARKUP = "<img src=x onerror=alert(1)>"
PATIENCE = 60_000
ROOT = Path(__file__).parents[2]


@contextmanager
def worker(database_url: str, state_folder: Path) -> Iterator[None]:
    """A process that works on the jobs of a database."""
    environment = {**os.environ, "GRIDMAP_DATABASE_URL": database_url, "GRIDMAP_STATE_FOLDER": str(state_folder)}
    process = subprocess.Popen(program("service.cli:main", "worker"), env=environment, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def keys_for(url: str, **names: str) -> dict[str, str]:
    """A key for each role, in the name that is given for it; without any for a dispatcher and a clerk."""
    names = names or {"dispatcher": "样例 dispatcher", "clerk": "样例 clerk"}
    with closing(connect(url)) as connection:
        keys = {
            role: access.create_key(connection, role=role, name=name, created_by="test")[0]
            for role, name in names.items()
        }
        connection.commit()
    return keys


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
