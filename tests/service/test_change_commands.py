"""The command ``gridmap change``: who changed what, and taking it back."""

import re
from pathlib import Path

import pytest

from geodata import edit
from geodata.database import connect
from tests.commands import Terminal
from tests.support import draw


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    return Terminal(database_url, tmp_path / "state")


def load(terminal: Terminal, folder: Path, *rows: str) -> str:
    """Load workers and give the number of the change that the command names."""
    path = folder / "名册.csv"
    path.write_text("\n".join(("工号,姓名", *rows)), encoding="utf-8")
    said = terminal.run("load", "workers", path, "--commit")
    assert said.status == 0, said.text
    found = re.search(r"gridmap change undo (\d+)", said.text)
    assert found is not None, said.text
    return found[1]


def names(terminal: Terminal) -> set[str]:
    with connect(terminal.url) as connection:
        rows = connection.execute(
            "SELECT name FROM worker_versions WHERE withdrawn_at IS NULL AND upper_inf(period)"
        ).fetchall()
    return {name for (name,) in rows}


def test_a_load_says_how_it_is_undone_and_that_does_it(terminal: Terminal, tmp_path: Path) -> None:
    load(terminal, tmp_path, "W1,样例-甲")
    number = load(terminal, tmp_path, "W1,样例-乙", "W2,样例-丙")
    dry = terminal.run("change", "undo", number)
    assert dry.status == 0
    assert "2 rows withdrawn, 1 as before" in dry.text
    assert "Dry run" in dry.text
    assert names(terminal) == {"样例-乙", "样例-丙"}
    done = terminal.run("change", "undo", number, "--commit")
    assert done.status == 0
    assert names(terminal) == {"样例-甲"}
    again = re.search(r"gridmap change undo (\d+) does it again", done.text)
    assert again is not None
    assert terminal.run("change", "undo", again[1], "--commit").status == 0
    assert names(terminal) == {"样例-乙", "样例-丙"}


def test_the_list_names_file_author_and_what_was_undone(terminal: Terminal, tmp_path: Path) -> None:
    number = load(terminal, tmp_path, "W1,样例-甲")
    assert terminal.run("change", "undo", number, "--commit").status == 0
    said = terminal.run("change", "list")
    assert said.status == 0
    for told in ("名册.csv", "1 new, 0 changed, 0 ended", "command line: ", f"undoes change {number}", "undone by"):
        assert told in said.text
    chinese = Terminal(terminal.url, terminal.state, "zh_CN.UTF-8").run("change", "list", "--limit", "1")
    assert f"撤销变更 {number}" in chinese.text
    assert "名册.csv" not in chinese.text


def test_what_cannot_be_undone_is_told_with_its_reason(terminal: Terminal, tmp_path: Path) -> None:
    first = load(terminal, tmp_path, "W1,样例-甲")
    second = load(terminal, tmp_path, "W1,样例-乙")
    said = terminal.run("change", "undo", first, "--commit")
    assert said.status == 2
    assert f"(change {second})" in said.text
    assert "no change 4711" in terminal.run("change", "undo", "4711").text
    assert names(terminal) == {"样例-乙"}


def test_undoing_a_load_of_grids_names_the_release_that_it_takes(terminal: Terminal, tmp_path: Path) -> None:
    numbers = []
    for picture in ("AAB", "ABB"):
        path = tmp_path / "网格.geojson"
        path.write_text(draw(picture).drop(columns="row").to_json(), encoding="utf-8")
        said = terminal.run("load", "grids", path, "--commit")
        assert said.status == 0, said.text
        numbers.append(re.search(r"change undo (\d+)", said.text)[1])  # type: ignore[index]
    assert "Published as release 3" in terminal.run("change", "undo", numbers[-1], "--commit").text


def test_edits_are_listed_with_the_record_and_the_fields_that_changed(terminal: Terminal, tmp_path: Path) -> None:
    load(terminal, tmp_path, "W1,样例-甲")
    with connect(terminal.url) as connection:
        edit.change(connection, "workers", "W1", {"phone": "13800000001"}, seen=None, actor="test")
        connection.commit()
    with connect(terminal.url) as connection:
        edit.end(connection, "workers", "W1", seen=None, actor="test")
        connection.commit()
    said = terminal.run("change", "list").text
    assert "people · W1 · changed phone" in said
    assert "people · W1 · ended" in said
    zh = Terminal(terminal.url, terminal.state, "zh_CN.UTF-8").run("change", "list").text
    assert "人员 · W1 · 修改 电话" in zh
