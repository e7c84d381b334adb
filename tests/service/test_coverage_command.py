"""Coverage on the terminal, as an operator asks for it."""

import csv
from pathlib import Path

import geopandas as gpd
import orjson
import pytest

from geodata.database import connect
from tests.commands import Run
from tests.coverage_town import publish_homes, publish_streets, publish_town

CLUB = "党群服务站"
ASKED = ("--minutes", "5", "--category", CLUB)


@pytest.fixture
def town(gridmap: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command over the town of one street."""
    with connect(database_url) as connection:
        publish_town(connection)
        publish_homes(connection)
        publish_streets(connection)
        connection.commit()
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")
    return gridmap


def test_shares_gaps_files_and_refusals_on_the_terminal(
    town: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = town("coverage", *ASKED, "--by", "grid")
    assert ended.status == 0, ended.complained
    first = ended.said.splitlines()[0]
    assert first == f"everywhere, 5 minutes on foot, {CLUB}: 200 of 300 households are reached (66.7%), 100 are not."
    assert "Stations: 2 of 2 count here." in ended.said
    assert ended.said.index("A2") < ended.said.index("A1")

    ended = town("coverage", "share", *ASKED, "--within", "990101001", "--json")
    body = orjson.loads(ended.said)
    assert (body["total"]["households"]["covered"], body["within"], body["minutes"]) == (120, "990101001", 5)

    ended = town("coverage", *ASKED, "--out", "coverage.gpkg")
    assert ended.said.endswith("→ coverage.gpkg\n")
    assert gpd.read_file(tmp_path / "coverage.gpkg")["households_uncovered"].tolist() == [100, 0, 100, 0]

    ended = town("coverage", "gaps", *ASKED, "--out", "gaps.csv")
    assert "100 households in 2 gaps are not reached." in ended.said
    with (tmp_path / "gaps.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["households"], row["street"], row["nearest"]) for row in rows] == [
        ("50", "示例路", "S1"),
        ("50", "示例路", "S2"),
    ]
    assert orjson.loads(town("coverage", "gaps", *ASKED, "--json").said)["total"] == 2

    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert town("coverage", *ASKED).said.startswith(f"全域，步行 5 分钟，{CLUB}：户数 300，已覆盖 200（66.7%）")
    assert "共 100 户未覆盖" in town("coverage", "gaps", *ASKED).said
    monkeypatch.setenv("LANG", "C.UTF-8")

    for wrong, said in (
        (("--minutes", "0"), "minutes must be above 0"),
        (("--minutes", "10000"), "at most 60"),
        (("--within", "000"), "'000'"),
        (("--category", "none"), CLUB),
        (("--by", "galaxy"), "grid, community, street"),
        (("--profile", "bird"), "adult"),
        (("--count", "cats"), "households, persons, addresses"),
        (("--at", "soon"), "soon"),
        (("--out", "coverage.shp"), ".csv, .xlsx, .gpkg"),
        (("--out", "nowhere/coverage.csv"), "there is no folder"),
    ):
        ended = town("coverage", *wrong)
        assert ended.status == 2, wrong
        assert said in ended.complained


def test_the_command_says_what_it_needs(gridmap: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database_url)
    for command in (("coverage",), ("coverage", "gaps")):
        ended = gridmap(*command)
        assert ended.status == 2
        assert "gridmap load streets" in ended.complained
    assert "gaps" in gridmap("coverage", "--help").said
    assert "--minutes" in gridmap("coverage", "share", "--help").said
    assert gridmap("coverage", "nonsense").status == 2


def test_a_report_is_printed_and_its_first_sentence_said(town: Run, tmp_path: Path) -> None:
    ended = town("coverage", "report", *ASKED, "--stations", "1", "--english", "--out", "town.pdf")
    assert ended.status == 0, ended.complained
    assert "66.7 % reach a service station within 5 minutes' walk; 100 do not" in ended.said
    assert ended.said.endswith("→ town.pdf\n")
    assert (tmp_path / "town.pdf").read_bytes().startswith(b"%PDF-")
    refused = town("coverage", "report", "--out", "town.docx")
    assert refused.status == 2
    assert ".pdf" in refused.complained
