"""The command ``gridmap export``."""

import getpass
from pathlib import Path

import pytest

from geodata.access import list_audit
from geodata.database import connect
from geodata.exchange import read_table
from geodata.lists.recorded import ACTION
from tests import stocked
from tests.commands import Terminal

NOW = "2026-11-18"


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    stocked.stocked(database_url)
    return Terminal(database_url, tmp_path / "state")


def test_an_export_is_written_and_loads_again(terminal: Terminal, tmp_path: Path) -> None:
    for name in ("duties", "workers", "grids", "gates"):
        file = tmp_path / f"{name}.xlsx"
        said = terminal.run("export", name, file)
        assert said.status == 0, said.text
        assert f"→ {file}" in said.text
        again = terminal.run("load", name, file)
        assert again.status == 0, again.text
        assert "Nothing to change" in again.text, again.text


def test_names_and_phones_are_whole_unless_masked(terminal: Terminal, tmp_path: Path) -> None:
    open_file, masked = tmp_path / "open.csv", tmp_path / "masked.csv"
    assert "7 rows" in terminal.run("export", "workers", open_file, "--as-of", NOW).text
    said = terminal.run("export", "workers", masked, "--as-of", NOW, "--masked")
    assert "names and phones masked" in said.text
    assert stocked.SECRET in open_file.read_text(encoding="utf-8-sig")
    assert stocked.SECRET_PHONE in open_file.read_text(encoding="utf-8-sig")
    assert not any(secret in masked.read_text(encoding="utf-8-sig") for secret in stocked.SECRETS)
    assert not any(secret in said.text for secret in stocked.SECRETS)


def test_who_writes_names_and_phones_in_full_is_recorded(terminal: Terminal, tmp_path: Path) -> None:
    masked = terminal.run("export", "workers", tmp_path / "masked.csv", "--as-of", NOW, "--masked")
    assert masked.status == 0, masked.text
    assert terminal.run("export", "stations", tmp_path / "stations.csv").status == 0
    with connect(terminal.url) as connection:
        assert list_audit(connection, action=ACTION) == []
    assert terminal.run("export", "workers", tmp_path / "open.XLSX", "--as-of", NOW).status == 0
    with connect(terminal.url) as connection:
        (entry,) = list_audit(connection, action=ACTION)
    assert (entry.actor, entry.target) == (f"command line: {getpass.getuser()}", "workers")
    assert entry.facts == {"format": "xlsx", "rows": 7, "as_of": "2026-11-17T16:00:00+00:00"}


def test_nothing_is_written_in_full_where_it_cannot_be_recorded(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "workers.csv"
    with connect(terminal.url) as connection:
        connection.execute(
            """CREATE FUNCTION gridmap.refuse() RETURNS trigger LANGUAGE plpgsql
               AS $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END $$"""
        )
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION gridmap.refuse()"
        )
    assert terminal.run("export", "workers", file).status == 2
    assert list(tmp_path.glob("**/*.csv")) == []
    assert terminal.run("export", "workers", file, "--masked").status == 0


def test_options_choose_what_is_written(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "职责.csv"
    options = ("--as-of", NOW, "--within", stocked.COMMUNITY, "--until", "2027-01-31", "--lang", "zh")
    said = Terminal(terminal.url, terminal.state, "zh_CN.UTF-8").run("export", "duties", file, *options)
    assert said.status == 0, said.text
    assert "职责" in said.text
    frame = read_table(file).frame
    assert {"A1", "A2", stocked.COMMUNITY, "B1", "B2#3", "S1", "C1"} <= set(frame["对象"])
    assert "990101" not in set(frame["对象"])
    assert stocked.SECRET in set(frame["责任人姓名"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("everything", "a.csv"), "the lists are areas, layers"),
        (("duties", "a.pdf"), ".csv, .xlsx, .gpkg"),
        (("duties", "nowhere/a.csv"), "there is no folder"),
        (("roles", "a.csv", "--within", "990101"), "within means nothing"),
        (("duties", "a.csv", "--within", "no such area"), "there is no area"),
        (("grids", "a.csv", "--layer", "no such layer"), "there is no layer"),
        (("duties", "a.csv", "--as-of", "someday"), "someday"),
        (("duties", "a.csv", "--until", "2000-01-01"), "until must be later"),
    ],
)
def test_what_cannot_be_exported_is_said_and_nothing_is_written(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    said = terminal.run("export", *words)
    assert said.status == 2
    assert told in said.text
    assert list(work.iterdir()) == []


def test_an_older_file_is_replaced_whole_and_kept_where_the_export_fails(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "stations.csv"
    file.write_text("older", encoding="utf-8")
    assert terminal.run("export", "stations", file, "--within", "no such area").status == 2
    assert file.read_text(encoding="utf-8") == "older"
    assert terminal.run("export", "stations", file).status == 0
    assert file.read_text(encoding="utf-8-sig").startswith("code,name,category")
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]
