"""The commands ``gridmap draft`` and ``gridmap release``: a layer is redrawn, compared and taken back in a terminal."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from geodata.database import connect
from geodata.drafts.operations import KINDS
from geodata.exchange import read_table
from service.cli import app
from tests.commands import Terminal
from tests.redrawing import line, publish_city
from tests.support import corner


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    with connect(database_url) as connection:
        publish_city(connection, stated={"A": 300, "B": 200})
    return Terminal(database_url, tmp_path / "state")


def said(terminal: Terminal, *words: Any, status: int = 0) -> str:
    """What a command says that ends as it is to end."""
    found = terminal.run(*(str(word) for word in words))
    assert found.status == status, found.text
    return found.text


def written(folder: Path, content: Any) -> Path:
    path = folder / "操作.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def merged(folder: Path) -> Path:
    return written(folder, {"kind": "merge", "grids": ["A", "B"], "survivor": "A"})


def test_nothing_is_done_without_commit(terminal: Terminal, tmp_path: Path) -> None:
    assert "Dry run" in said(terminal, "draft", "create", "西片区")
    assert "draft 1" in said(terminal, "draft", "create", "东片区", "--note", "先试", "--commit")
    assert "西片区" not in said(terminal, "draft", "list")
    assert "Dry run" in said(terminal, "draft", "apply", 1, merged(tmp_path))
    assert "No grid is changed" in said(terminal, "draft", "show", 1)
    said(terminal, "draft", "apply", 1, merged(tmp_path), "--commit")
    for words in (("undo", 1), ("publish", 1), ("discard", 1)):
        assert "Dry run" in said(terminal, "draft", *words)
    shown = said(terminal, "draft", "show", 1)
    assert "B merged into A" in shown
    assert "version 1" in shown
    assert "500" in shown


def test_a_draft_goes_from_operations_to_a_release_and_back(terminal: Terminal, tmp_path: Path) -> None:
    said(terminal, "draft", "create", "合并", "--commit")
    operations = written(
        tmp_path,
        [
            {"kind": "merge", "grids": ["A", "B"], "survivor": "A"},
            {"kind": "split", "grid": "E", "line": line((5, 2), (5, 4))},
        ],
    )
    said(terminal, "draft", "apply", 1, operations, "--commit")
    assert "done before" in said(terminal, "draft", "apply", 1, operations, "--commit")
    assert "version 3" in said(terminal, "draft", "undo", 1, "--commit")
    assert "version 4" in said(terminal, "draft", "redo", 1, "--commit")
    report = tmp_path / "影响.xlsx"
    said(terminal, "draft", "report", 1, report, "--english")
    assert {"A", "B", "E"} <= set(read_table(report, sheet=2).frame.iloc[:, 1].tolist())
    said(terminal, "draft", "report", 1, tmp_path / "meeting.pdf")
    assert (tmp_path / "meeting.pdf").read_bytes().startswith(b"%PDF")
    assert "published as release 2" in said(terminal, "draft", "publish", 1, "--commit")
    compared = said(terminal, "release", "diff", 1, 2, "--out", tmp_path / "diff.gpkg")
    for told in ("ended", "made", "B → A: 100%"):
        assert told in compared
    assert {"ended", "made"} < set(gpd.read_file(tmp_path / "diff.gpkg")["what"])
    assert "release 2 · in force" in said(terminal, "release", "show", 2, "--out", tmp_path / "r2.gpkg")
    assert len(gpd.read_file(tmp_path / "r2.gpkg")) == 7
    said(terminal, "release", "restore", 1, "--commit")
    said(terminal, "draft", "publish", 2, "--commit")
    assert "No grid or area differs" not in said(terminal, "release", "diff", 2, 3)
    assert "B" in gpd_codes(terminal, tmp_path, 3)


def gpd_codes(terminal: Terminal, folder: Path, number: int) -> set[str]:
    """Codes of the grids that a release left."""
    path = folder / f"release{number}.gpkg"
    said(terminal, "release", "show", number, "--out", path)
    return set(gpd.read_file(path)["code"])


def test_a_redrawn_file_is_shown_then_taken_over_then_nothing_is_left_to_do(terminal: Terminal, tmp_path: Path) -> None:
    said(terminal, "draft", "create", "外业", "--commit")
    path = tmp_path / "drawn.gpkg"
    assert "7 grids" in said(terminal, "draft", "export", 1, path)
    frame = gpd.read_file(path)
    frame.index = frame["code"].to_list()
    whole = shapely.union(frame.geometry["A"], frame.geometry["B"])
    redrawn = frame.drop("B")
    redrawn.loc["A", "geometry"] = whole
    redrawn.loc["C", "name"] = "改名"
    redrawn.to_file(path)
    dry = said(terminal, "draft", "import", 1, path)
    for told in ("1 × merges", "1 × codes, names or kinds", "B merged into A", "Dry run"):
        assert told in dry
    said(terminal, "draft", "import", 1, path, "--commit")
    assert "Nothing to change" in said(terminal, "draft", "import", 1, path, "--commit")
    redrawn.loc["A", "geometry"] = shapely.box(*corner(0, 2), *corner(3, 4))
    redrawn.to_file(path)
    places = tmp_path / "问题.csv"
    refused = said(terminal, "draft", "import", 1, path, "--report", places, "--commit", status=1)
    assert "would-gap" in refused
    assert read_table(places).frame["lon"].notna().any()
    redrawn["geometry"] = redrawn.geometry.translate(1, 1)
    redrawn.to_file(path)
    assert "another-place" in said(terminal, "draft", "import", 1, path, status=1)


def test_of_two_drafts_the_second_is_told_what_both_changed_and_taken_on(terminal: Terminal, tmp_path: Path) -> None:
    for name in ("甲", "乙"):
        said(terminal, "draft", "create", name, "--commit")
    said(terminal, "draft", "apply", 1, merged(tmp_path), "--commit")
    renamed = written(tmp_path, {"kind": "change", "grid": "B", "name": "改名"})
    said(terminal, "draft", "apply", 2, renamed, "--commit")
    said(terminal, "draft", "publish", 1, "--commit")
    stale = said(terminal, "draft", "publish", 2, "--commit", status=2)
    assert "gridmap draft rebase 2" in stale
    assert "B B网格" in stale
    said(terminal, "draft", "rebase", 2, "--commit", status=2)
    assert "1 left out" in said(terminal, "draft", "rebase", 2, "--leave-out", "--commit")
    said(terminal, "draft", "discard", 2, "--commit")
    assert "discarded" in said(terminal, "draft", "list", "--state", "discarded")


@pytest.mark.parametrize("content", ['{"kind": "merge"', "[" * 100_000, '"merge"', "[1]", '{"kind": "restore"}'])
def test_a_file_that_holds_no_operations_is_refused(terminal: Terminal, tmp_path: Path, content: str) -> None:
    said(terminal, "draft", "create", "甲", "--commit")
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    said(terminal, "draft", "apply", 1, path, "--commit", status=2)
    said(terminal, "draft", "apply", 1, tmp_path / "none.json", "--commit", status=2)


def test_every_command_teaches_in_its_help() -> None:
    for group in ("draft", "release"):
        listed = CliRunner().invoke(app, [group, "--help"], env={"COLUMNS": "200"}).output
        assert "draft begins" in listed or "Releases of a grid layer" in listed
    told = CliRunner().invoke(app, ["draft", "apply", "--help"], env={"COLUMNS": "200"}).output
    assert all(kind in told for kind in KINDS)


def test_drafts_speak_the_language_of_the_terminal(terminal: Terminal, tmp_path: Path) -> None:
    chinese = Terminal(terminal.url, terminal.state, "zh_CN.UTF-8")
    said(chinese, "draft", "create", "甲", "--commit")
    assert "试运行" in said(chinese, "draft", "create", "乙")
    assert "将网格 B 并入 A" in said(chinese, "draft", "apply", 1, merged(tmp_path), "--commit")
    assert "编辑中" in said(chinese, "draft", "list")
    said(chinese, "draft", "publish", 1, "--commit")
    assert "停用" in said(chinese, "release", "diff", 1, 2)
