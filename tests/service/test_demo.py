"""What the demo loads, and what it says can be tried."""

import re
from pathlib import Path

import pytest

from geodata.database import connect
from geodata.load import load
from service.commands import demo, screen
from service.settings import Settings


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(_env_file=None, database_url=database_url, state_folder=tmp_path / "state")  # type: ignore[call-arg]


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    for console in (screen.output, screen.errors):
        monkeypatch.setattr(console, "_width", 10_000)


@pytest.mark.parametrize("language", ["C.UTF-8", "zh_CN.UTF-8"])
def test_the_demo_says_what_to_try_and_leaves_a_roster_to_drop(
    settings: Settings,
    database_url: str,
    language: str,
    wide: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    assert demo.load_sample(database_url, "street")
    keys = demo.demo_keys(settings, database_url)
    demo._welcome(settings, database_url, "http://localhost:8000", keys, asked="street")
    said = capsys.readouterr().out
    assert all(key in said for key in keys.values())
    assert re.findall(r"^ +(\d)\. ", said, re.MULTILINE) == ["1", "2", "3", "4", "5", "6", "7"]
    for page in ("/maps/grids", "/dispatch", "/load", "/roster", "/maps/coverage"):
        assert f"http://localhost:8000{page}" in said
    assert "三号楼 王女士" in said
    workbook = settings.state_folder / demo.ROSTER_FILE
    assert str(workbook) in said
    assert ("处错误" if language.startswith("zh") else "mistakes") in said
    with connect(database_url) as connection:
        report = load(connection, "roster", workbook)
    assert f"{len(report.errors)} " in said
    assert len(report.errors) == 4
