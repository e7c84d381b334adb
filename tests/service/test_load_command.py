"""The commands ``gridmap load`` and ``release``: dry runs, refusals, profiles, reports, releases that wait."""

import json
from pathlib import Path

import openpyxl
import pytest

from geodata.records import Finding, Mend
from service.commands.findings import show_findings
from tests.commands import Run
from tests.support import draw


def _workers(folder: Path, *rows: str) -> str:
    path = folder / "网格员.csv"
    path.write_text("\n".join(("工号,姓名,手机号,备注", *rows)), encoding="gb18030")
    return str(path)


def test_a_load_is_a_dry_run_until_it_is_told_to_commit(territory: Run, tmp_path: Path) -> None:
    file = _workers(tmp_path, "W9,张三,13800000009,x")
    tried = territory("load", "workers", file)
    assert tried.status == 0
    assert "code = 工号" in tried.said
    assert "Not used: 备注" in tried.said
    assert "Dry run" in tried.said
    assert "1 new" in territory("load", "workers", file).said
    assert "Committed" in territory("load", "workers", file, "--commit").said
    again = territory("load", "workers", file, "--commit")
    assert (again.status, "1 the same" in again.said, "Nothing to change" in again.said) == (0, True, True)


def test_the_rows_of_a_header_can_be_named(territory: Run, tmp_path: Path) -> None:
    path = tmp_path / "workers.csv"
    path.write_text("工号,姓名\n旧编号,旧姓名\nW71,样例甲\n", encoding="utf-8")
    assert territory("load", "workers", str(path), "--map", "code=旧编号", "--map", "name=旧姓名").status == 1
    named = ("--map", "code=工号·旧编号", "--map", "name=姓名·旧姓名", "--header-rows", "1-2")
    assert territory("load", "workers", str(path), *named).status == 0
    for wrong in ("x", "2-1", "0", "3-x"):
        ended = territory("load", "workers", str(path), "--header-rows", wrong)
        assert ended.status == 2


def test_a_file_with_errors_is_refused_with_status_1_and_its_rows_and_columns(territory: Run, tmp_path: Path) -> None:
    file = _workers(tmp_path, "W8,李四,13800000008,", "W9,,13800000009,", "W8,王五,,")
    ended = territory("load", "workers", file, "--commit")
    assert ended.status == 1
    assert "row 3 (W9): 姓名 (name): is empty but needed." in ended.said
    assert "row 4" in ended.said
    assert "Not committed: 2 errors. Correct the file, and load it again." in ended.said
    assert "1 new" in territory("load", "workers", _workers(tmp_path, "W8,李四,,")).said


def test_what_cannot_be_loaded_at_all_exits_with_2(territory: Run, tmp_path: Path) -> None:
    file = _workers(tmp_path, "W9,张三,,")
    for arguments in (
        ("workers", "nothing.csv"),
        ("people", file),
        ("workers", file, "--map", "name"),
        ("workers", file, "--map", "colour=备注"),
        ("workers", file, "--within", "990101001"),
        ("workers", file, "--box", "116,39,117,40"),
        ("streets", file, "--box", "116,39,117"),
        ("workers", file, "--effective", "tomorrow"),
        ("workers", file, "--report", "findings.docx"),
        ("workers", file, "--report", "no-such-folder/findings.csv"),
    ):
        ended = territory("load", *arguments)
        assert (ended.status, ended.said) == (2, ""), arguments
        assert ended.complained, arguments


def test_streets_are_cut_at_a_box(territory: Run, tmp_path: Path) -> None:
    path = tmp_path / "路.csv"
    path.write_text('编码,图形\nR1,"LINESTRING (117 36, 118 36)"\n', encoding="utf-8")
    tried = territory("load", "streets", str(path), "--crs", "EPSG:4326", "--box", "117.2,35,117.4,37")
    assert (tried.status, "1 new" in tried.said) == (0, True)
    beside = territory("load", "streets", str(path), "--crs", "EPSG:4326", "--box", "8,49,9,50")
    assert (beside.status, "117.0000,36.0000,118.0000,36.0000" in beside.said) == (1, True)


def test_a_profile_is_kept_used_and_offered_when_another_is_asked_for(territory: Run, tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("甲,乙\nW9,张三\n", encoding="utf-8")
    told = ("--map", "code=甲", "--map", "name=乙")
    assert territory("load", "workers", str(path), *told, "--save-profile", "月报").status == 0
    assert "1 new" in territory("load", "workers", str(path), "--profile", "月报").said
    unknown = territory("load", "workers", str(path), "--profile", "年报")
    assert (unknown.status, "月报" in unknown.complained) == (2, True)


def test_a_release_that_waits_for_its_date_can_be_listed_and_withdrawn(territory: Run, tmp_path: Path) -> None:
    grids = draw("AABB", origin=(87.0, 36.65), cell=0.005)
    grids["code"], grids["name"] = ["A1", "A2"], ["甲一", "甲二"]
    path = tmp_path / "grids.gpkg"
    grids.drop(columns="row").to_file(path)
    wanted = ("load", "grids", str(path), "--within", "990101001", "--commit")
    ahead = territory(*wanted, "--effective", "2099-01-01", "--map", "name=name")
    assert (ahead.status, "in force from 2099-01-01 00:00" in ahead.said) == (0, True), ahead.said + ahead.complained
    refused = territory(*wanted)
    assert (refused.status, "gridmap release withdraw 3" in refused.complained) == (2, True)
    tried = territory(*wanted[:-1])
    assert (tried.status, "cannot be committed now" in tried.said) == (1, True)
    assert "pending" in territory("release", "list").said
    assert territory("release", "withdraw", "3").status == 0
    assert "withdrawn" in territory("release", "list").said
    assert territory("release", "withdraw", "3").status == 2
    assert territory(*wanted).status == 0


def test_part_of_a_layer_is_not_taken_for_the_whole(territory: Run, tmp_path: Path) -> None:
    path = tmp_path / "grids.gpkg"
    draw("A", origin=(87.0, 36.65)).assign(code="A1").drop(columns="row").to_file(path)
    ended = territory("load", "grids", str(path), "--commit")
    assert ended.status == 1
    assert "--within AREA" in ended.said
    assert "--retire-missing" in ended.said


def test_the_report_holds_every_finding_as_a_table_or_as_points(territory: Run, tmp_path: Path) -> None:
    file = _workers(tmp_path, *(f"W{number},,," for number in range(100)))
    ended = territory("load", "workers", file, "--report", "findings.xlsx")
    assert ended.status == 1
    assert "100 × error  missing-value" in ended.said
    assert ended.said.count("row") < 20
    sheet = openpyxl.load_workbook(tmp_path / "findings.xlsx").active
    assert sheet.max_row == 101
    assert [cell.value for cell in sheet[2]][:4] == ["error", "missing-value", 2, "W0"]

    path = tmp_path / "grids.gpkg"
    draw("AAB", "....\nA", origin=(87.0, 36.65)).drop(columns="row").to_file(path)
    territory("load", "grids", str(path), "--repair", "--retire-missing", "--report", "places.geojson")
    features = json.loads((tmp_path / "places.geojson").read_bytes())["features"]
    assert features
    assert any(feature["geometry"] for feature in features)


def test_what_is_said_with_the_same_words_of_many_rows_is_said_once(
    gridmap: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    swapped = [Finding("error", "swapped-axes", "Exchange them.", "请交换。", row=row) for row in range(2, 1502)]
    gaps = [Finding("warning", "gap", f"Gap {n}.", f"空隙 {n}。", code=f"G{n}") for n in range(1500)]
    mends = [Mend("clipped", f"Cut {n}.", f"裁去 {n}。", square_metres=2.0) for n in range(1500)]
    show_findings([*gaps, *swapped], mends)
    said = capsys.readouterr().out
    assert len(said.splitlines()) < 25
    assert said.splitlines()[0] == "1,500 × error  swapped-axes"
    assert "rows 2, 3, 4" in said
    assert "1,500 × mended  clipped, 3,000.0 m²" in said
    assert "--report" in said


def test_messages_are_chinese_where_the_terminal_is_and_nothing_of_them_is_cut(
    territory: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    ended = territory("load", "workers", _workers(tmp_path, "W9,,,"))
    assert "第 2 行（W9）：姓名（name）：为空，必须填写。" in ended.said
    assert "未提交：1 处错误。请修改文件，再重新导入。" in ended.said
    assert "…" not in ended.said
