"""Sheets of a roster that cannot be right, by command and at the desk: the same clear finding, and nothing changed."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openpyxl import Workbook

from geodata.database import connect
from geodata.intake.report import LoadOptions
from geodata.load import load
from tests.commands import Terminal
from tests.service.conftest import Service
from tests.service.desks import Desk, workbook

DUTY = ["责任人", "角色", "对象类型", "对象", "开始", "结束", "值班时间"]
LEAVE = ["请假人", "开始", "结束", "代班人"]
WORKER = ["工号", "姓名", "电话"]
Content = Callable[[], bytes]


class Bad(NamedTuple):
    """A sheet, what it is, and the finding that both ways must give: kind, row, words in Chinese."""

    kind: str
    rows: list[list[Any]]
    finding: str
    row: int
    says: str


BAD = {
    "a person on two grids where one is allowed": Bad(
        "duties",
        [DUTY, ["W1", "grid_chief", "网格", "A1", "2027-12-10"], ["W1", "grid_chief", "网格", "A2", "2027-12-10"]],
        "above-norm-per-person",
        3,
        "规定每人最多 1 处",
    ),
    "a duty that ends before it begins": Bad(
        "duties",
        [DUTY, ["W1", "grid_chief", "网格", "A1", "2027-12-10", "2027-12-01"]],
        "backward-period",
        2,
        "不晚于开始时间",
    ),
    "hours that don't parse": Bad(
        "duties",
        [DUTY, ["W1", "grid_chief", "网格", "A1", "2027-12-10", None, "周八 25:00-99:00"]],
        "unreadable-hours",
        2,
        "“周八 25:00-99:00”处无法识别",
    ),
    "a stand-in who is on leave too": Bad(
        "leave",
        [LEAVE, ["W1", "2027-12-01", "2027-12-07", "W2"], ["W2", "2027-12-03", "2027-12-05", None]],
        "stand-in-on-leave",
        2,
        "也在请假",
    ),
    "a phone with letters": Bad("workers", [WORKER, ["N1", "样例-新", "138x"]], "letters-in-phone", 2, "138x"),
    "a role that doesn't exist": Bad(
        "duties", [DUTY, ["W1", "网格大队长", "网格", "A1", "2027-12-10"]], "unknown-role", 2, "没有“网格大队长”"
    ),
    "200,000 empty rows": Bad(
        "workers",
        [WORKER, ["N1", "样例-新", "13800000001"], *([] for _ in range(200_000)), ["N2", "样例-二", "1380000abcd"]],
        "empty-rows",
        200_003,
        "有 200000 个空行",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_faulty_roster_gets_the_same_finding_by_command_and_at_the_desk(
    name: str, own_service: Service, tmp_path: Path
) -> None:
    bad = BAD[name]
    _one_grid_for_each(own_service)
    content = workbook(("名册", bad.rows))
    (tmp_path / "名册.xlsx").write_bytes(content)
    terminal = Terminal(own_service.database_url, tmp_path / "state", "zh_CN.UTF-8")
    said = terminal.run("load", bad.kind, tmp_path / "名册.xlsx", "--commit")
    assert said.status == 1, said.text
    assert bad.says in said.text
    assert "未提交" in said.text

    desk = Desk(own_service)
    brought = desk.checked(content, "名册.xlsx", kind=bad.kind)
    assert (brought["state"], brought["can_commit"]) == ("checked", False)
    found = [one for one in desk.get(f"/{brought['id']}/findings", limit=100)["items"] if one["kind"] == bad.finding]
    assert [one["row"] for one in found] == [bad.row]
    assert bad.says in found[0]["message_zh"]
    refused = desk.ask("POST", f"/{brought['id']}/commit", json={"version": brought["version"]})
    assert refused.status_code in (409, 422)


def _one_grid_for_each(service: Service) -> None:
    norm = "角色,最多任职\ngrid_chief,1\n".encode()
    path = Path(service.settings.state_folder) / "norms.csv"
    path.write_bytes(norm)
    with connect(service.database_url) as connection:
        done = load(
            connection,
            "norms",
            path,
            options=LoadOptions(mapping={"role": "角色", "most_per_person": "最多任职"}, commit=True),
        )
        connection.commit()
    assert done.committed


def _cut_short() -> bytes:
    whole = workbook(("名册", [WORKER, ["N1", "样例-新", "13800000001"]]))
    return whole[: len(whole) // 2]


def _not_a_workbook() -> bytes:
    return b"\x00garbage" * 500


@pytest.mark.parametrize(
    ("content", "says"), [(_cut_short, "文件已损坏，或没有传输完整"), (_not_a_workbook, "请改正后缀或重新导出")]
)
def test_a_broken_workbook_is_told_from_a_sheet_with_faults(
    content: Content, says: str, own_service: Service, tmp_path: Path
) -> None:
    (tmp_path / "名册.xlsx").write_bytes(content())
    terminal = Terminal(own_service.database_url, tmp_path / "state", "zh_CN.UTF-8")
    said = terminal.run("load", "workers", tmp_path / "名册.xlsx")
    assert said.status == 2
    assert says in said.text
    desk = Desk(own_service)
    response = desk.ask("POST", params={"file": "名册.xlsx", "kind": "workers"}, content=content())
    if response.status_code == 201:
        desk.work()
        problem = desk.get(f"/{response.json()['id']}")["problem"]
    else:
        problem = response.json()
    assert problem["code"] == "unreadable-file"
    assert says in problem["detail_zh"]


def test_macros_are_never_run_and_said(own_service: Service, tmp_path: Path) -> None:
    content = _with_macros([WORKER, ["N5", "样例-五", "13800000005"]])
    (tmp_path / "名册.xlsm").write_bytes(content)
    terminal = Terminal(own_service.database_url, tmp_path / "state", "zh_CN.UTF-8")
    assert "宏不会运行" in terminal.run("load", "workers", tmp_path / "名册.xlsm").text
    desk = Desk(own_service)
    brought = desk.checked(content, "名册.xlsm", kind="workers")
    (found,) = desk.get(f"/{brought['id']}/findings")["items"]
    assert (found["kind"], found["severity"]) == ("macros", "warning")
    assert brought["counts"]["new"] == 1


def _with_macros(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    plain, kept = BytesIO(), BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(kept, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "[Content_Types].xml":
                part = part.replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
            target.writestr(name, part)
        target.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512)
    return kept.getvalue()
