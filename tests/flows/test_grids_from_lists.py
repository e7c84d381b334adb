"""An office that has no polygons: from five files to a release that waits for its date, by commands alone."""

from pathlib import Path

import geopandas as gpd
import pytest

from geodata.sample.files import write
from tests.commands import Terminal
from tests.listing import lists_of
from tests.samples import sample


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    return Terminal(database_url, tmp_path / "state")


def test_a_clerks_workbook_of_lists_becomes_a_release_with_its_doubts_on_a_map(terminal: Terminal, tmp_path: Path):
    city = sample("street")
    write(city, tmp_path)
    for kind, name in (
        ("areas", "areas.gpkg"),
        ("streets", "streets.gpkg"),
        ("compounds", "compounds.gpkg"),
        ("buildings", "buildings.gpkg"),
        ("addresses", "addresses.csv"),
    ):
        said = terminal.run("load", kind, tmp_path / name, "--effective", "2023-01-01", "--commit")
        assert said.status == 0, said.text
    lists = lists_of(city).rename(columns={"code": "网格编码", "name": "网格名称", "community": "所属社区"})
    lists = lists.rename(columns={"compounds": "小区范围", "buildings": "楼栋范围", "roads": "门牌范围"})
    lists["门牌范围"] = lists["门牌范围"].str.replace("、", "\n")
    workbook, doubts = tmp_path / "网格清单.xlsx", tmp_path / "doubts.geojson"
    lists.to_excel(workbook, index=False)

    tried = terminal.run("load", "gridlists", workbook, "--effective", "2099-01-01", "--report", doubts)
    assert tried.status == 0, tried.text
    places = gpd.read_file(doubts)
    assert {"divided-block", "unlisted-ground", "borders-drawn"} <= set(places["kind"])
    inside = city.areas.geometry.union_all()
    drawn = places[places["kind"].isin(["divided-block", "unlisted-ground"])]
    assert drawn.geometry.within(inside).all()

    wrong = lists.copy()
    wrong.loc[0, "小区范围"] = "查无此园"
    wrong.to_excel(workbook, index=False)
    refused = terminal.run("load", "gridlists", workbook, "--effective", "2099-01-01", "--commit")
    assert refused.status == 1
    assert "查无此园" in refused.text

    lists.to_excel(workbook, index=False)
    done = terminal.run("load", "gridlists", workbook, "--effective", "2099-01-01", "--commit")
    assert done.status == 0, done.text
    assert "2099-01-01" in terminal.run("release", "list").text
