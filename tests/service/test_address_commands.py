"""`gridmap lookup TEXT` and `gridmap assign` with addresses, over a register that was loaded from a file."""

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from tests.commands import Run
from tests.known_addresses import entries


@pytest.fixture
def addressed(territory: Run, tmp_path: Path) -> Run:
    """The command over the small territory with its addresses."""
    with (tmp_path / "addresses.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("code", "text", "lon", "lat"))
        rows.writerows((entry.code, entry.text, entry.lon, entry.lat) for entry in entries())
    ended = territory("load", "addresses", "addresses.csv", "--commit")
    assert ended.status == 0, ended.said + ended.complained
    return territory


def test_an_address_is_answered_as_a_person_would_like_it(addressed: Run) -> None:
    ended = addressed("lookup", "样园路十二号 王女士 13800000000")
    assert ended.status == 0
    assert "样园路12号" in ended.said
    assert "road 样园路 as typed; number 12 found" in ended.said
    assert "A1网格 A1" in ended.said
    assert "网格长  示例W2  13800000001" in ended.said
    assert "← call first" in ended.said


def test_what_is_not_sure_prints_candidates_and_what_to_ask(addressed: Run) -> None:
    ended = addressed("lookup", "幸福里3号")
    assert ended.status == 1
    assert "Not sure which is meant." in ended.said
    assert "甲街道 › 甲一社区" in ended.said
    assert "甲街道 › 甲二社区" in ended.said
    assert "→ ask which area: 甲一社区 or 甲二社区" in ended.said
    assert "网格长" not in ended.said
    assert addressed("lookup", "幸福里3号", "--within", "990101002").status == 0
    assert "B1" in addressed("lookup", "幸福里3号", "--near", "87.026,36.652", "--json").said


def test_what_is_not_in_the_register_says_so(addressed: Run) -> None:
    ended = addressed("lookup", "天马行空大道8号")
    assert (ended.status, "Not found in the register" in ended.said) == (1, True)
    assert "→ ask for the road and number" in ended.said


def test_the_answer_is_told_in_chinese_in_a_chinese_terminal(addressed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    said = addressed("lookup", "幸福里3号").said
    assert "不能确定是哪一处。" in said
    assert "请问区域是甲一社区，还是甲二社区？" in said


def test_json_is_the_answer_of_the_api_by_address(addressed: Run) -> None:
    answer = json.loads(addressed("lookup", "槐荫小区3号楼", "--json").said)
    assert (answer["status"], answer["address"]["level"]) == ("found", "building")
    assert answer["query"]["address"] == "槐荫小区3号楼"


@pytest.mark.parametrize("given", [("x" * 201,), ("样园路", "--near", "here"), ("样园路", "--crs", "NOPE"), ()])
def test_what_cannot_be_looked_up_exits_with_2(addressed: Run, given: tuple[str, ...]) -> None:
    ended = addressed("lookup", *given)
    assert (ended.status, ended.said) == (2, "")


@pytest.mark.parametrize("text", ["", "王女士", "' OR 1=1 --", "[bold]x[/]", "\x1b[31mred"])
def test_what_is_no_address_is_not_found_and_nothing_else_happens(addressed: Run, text: str) -> None:
    ended = addressed("lookup", "--", text)
    assert ended.status == 1
    assert "\x1b[31m" not in ended.said


def test_each_address_of_a_file_gets_its_answer_and_the_rest_is_counted_by_what_is_missing(
    addressed: Run, tmp_path: Path
) -> None:
    texts = [
        "样园路12号", "淮阴小区3号楼", "幸福里3号", "样园路", "样园路99号", "天马行空大道8号", "", "城外果园",
        "x" * 300, "=1+1", "样园路12号",
    ]  # fmt: skip
    frame = pd.DataFrame({"工单": range(len(texts)), "事发地址": texts})
    frame.to_csv(tmp_path / "in.csv", index=False, encoding="gb18030")
    ended = addressed("assign", "in.csv", "out.csv", "--summary", "sum.csv")
    assert ended.status == 0, ended.complained
    assert "11 rows: 3 in a grid, 3 not sure, 2 not found, 1 outside, 2 invalid" in ended.said
    assert "1  area (not sure)" in ended.said
    assert "1  number (not sure)" in ended.said
    rows = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert rows["事发地址"].tolist() == texts
    assert rows["status"].tolist() == [
        "found", "found", "ambiguous", "ambiguous", "ambiguous", "not_found", "invalid", "outside", "invalid",
        "not_found", "found",
    ]  # fmt: skip
    assert rows["grid_code"].tolist()[:4] == ["A1", "A1", "", ""]
    assert rows["worker"][0] == "示例W2"
    assert rows["level"].tolist()[:4] == ["number", "building", "number", "road"]
    assert float(rows["score"][0]) > 0.95
    assert rows["lon"][2] == ""
    assert "ask which area" in rows["reasons"][2]
    assert rows["reasons"].tolist()[6::2][:2] == ["no-address", "too-long"]
    summary = pd.read_csv(tmp_path / "sum.csv", keep_default_na=False)
    counted = dict(zip(summary["level"], summary["rows"], strict=True))
    assert (counted["ambiguous"], counted["not_found"], counted["outside"], counted["invalid"]) == (3, 2, 1, 2)


def test_of_a_row_with_both_the_point_counts_and_the_address_where_it_has_none(addressed: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        "id,lon,lat,地址\n1,87.026,36.655,样园路12号\n2,,,样园路12号\n3,abc,36,槐荫小区3号楼\n4,,,\n", encoding="utf-8"
    )
    mapped = ("--map", "lon=lon", "--map", "lat=lat", "--map", "address=地址")
    assert addressed("assign", "in.csv", "both.csv", *mapped).status == 0
    both = pd.read_csv(tmp_path / "both.csv", dtype=str, keep_default_na=False)
    assert both["grid_code"].tolist() == ["B1", "A1", "A1", ""]
    assert both["level"].tolist() == ["point", "number", "building", ""]
    assert addressed("assign", "in.csv", "points.csv").status == 0
    points = pd.read_csv(tmp_path / "points.csv", dtype=str, keep_default_na=False)
    assert points["status"].tolist() == ["found", "invalid", "invalid", "invalid"]
    assert addressed("assign", "in.csv", "texts.csv", "--map", "address=地址").status == 0
    texts = pd.read_csv(tmp_path / "texts.csv", dtype=str, keep_default_na=False)
    assert texts["grid_code"].tolist() == ["A1", "A1", "A1", ""]


def test_columns_that_are_not_there_are_refused(addressed: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    guessed = addressed("assign", "in.csv", "out.csv")
    assert (guessed.status, "address=COLUMN" in guessed.complained) == (2, True)
    named = addressed("assign", "in.csv", "out.csv", "--map", "address=c")
    assert (named.status, "no column for address" in named.complained) == (2, True)
    assert addressed("assign", "in.csv", "out.csv", "--map", "road=a").status == 2
    assert not (tmp_path / "out.csv").exists()
