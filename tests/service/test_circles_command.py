"""Service circles on the terminal, as an operator asks for them."""

from pathlib import Path

import geopandas as gpd
import pytest

from geodata.database import connect
from tests.commands import Run
from tests.coverage_town import publish_homes, publish_streets, publish_town

CLUB = "党群服务站"


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


def test_all_circles_go_into_a_map_layer_and_stations_without_one_are_named(town: Run, tmp_path: Path) -> None:
    ended = town("coverage", "circles", "--out", "circles.gpkg", "--at", "2026-06-04T10:00")
    assert ended.status == 0, ended.complained
    assert "Circles of 2 of 4 stations: 6 rows → circles.gpkg" in ended.said
    assert "388" in ended.said
    assert "'S9' is mobile and has no stop" in ended.said
    frame = gpd.read_file(tmp_path / "circles.gpkg")
    assert frame[["station", "minutes"]].to_numpy().tolist() == [[one, m] for one in ("S1", "S2") for m in (15, 10, 5)]
    assert frame["households"].tolist() == [190, 140, 100, 190, 140, 100]
    assert frame.geometry.is_valid.all()
    assert frame.geometry[0].covers(frame.geometry[2])
    assert list((tmp_path / ".gridmap").rglob("circles/1/*/*"))

    ended = town("coverage", "circles", "--out", "one.csv", "--station", "S2", "--bands", "5")
    assert "Circles of 1 of 1 station: 1 row" in ended.said
    assert len((tmp_path / "one.csv").read_text(encoding="utf-8-sig").splitlines()) == 2
    within = town("coverage", "circles", "--out", "two.xlsx", "--within", "990101002", "--category", CLUB)
    assert "Circles of 1 of 1 station: 3 rows" in within.said

    refused = {
        ("--out", "circles.pdf"): "--out",
        ("--out", "a.csv", "--bands", "5,99"): "at most 60",
        ("--out", "a.csv", "--station", "S77"): "S77",
        ("--out", "a.csv", "--category", "花店"): "花店",
        ("--out", "a.csv", "--profile", "horse"): "horse",
    }
    for arguments, word in refused.items():
        ended = town("coverage", "circles", *arguments)
        assert ended.status != 0
        assert word in ended.complained
    assert not (tmp_path / "a.csv").exists()
