"""`gridmap coverage network`, `gridmap check` and `/readyz`: what the operator learns of the walking network."""

import time
from pathlib import Path
from typing import Any

import orjson
import pytest
import shapely

from geodata import database
from geodata.station.streets import write_streets
from service.app import create_app
from service.settings import Settings
from tests.commands import Terminal
from tests.service.conftest import Client, prepared, running

PATIENCE_SECONDS = 60


def write(url: str) -> None:
    """A street that is cut in the east, a path that joins nothing, and homes at 40, 200 and 3,000 m from them."""
    lines = {
        "S1": ("示例街[red]", [(87.001, 36.652), (87.010, 36.652), (87.020, 36.652)], (87.020, 36.652)),
        "S2": ("", [(87.001, 36.6561), (87.003, 36.6561)], None),
    }
    with database.connect(url) as connection:
        records = [
            {"code": code, "name": name, "class": "residential", "aliases": [], "foot": "", "closed": None,
             "wkb": shapely.to_wkb(shapely.MultiLineString([points])),
             "cut": cut and shapely.to_wkb(shapely.MultiPoint([cut]))}
            for code, (name, points, cut) in lines.items()
        ]  # fmt: skip
        write_streets(connection, records, ())
        for number, lat in enumerate((36.6524, 36.6538, 36.625)):
            connection.execute(
                "INSERT INTO addresses (code, text, households, geom) VALUES (%s, %s, 4, "
                "ST_SetSRID(ST_MakePoint(87.012, %s), 4326))",
                (f"A{number}", f"示例街{number + 1}号", lat),
            )


def standing(client: Client) -> Any:
    return client.get("/readyz").json()["network"]


def eventually(client: Client, state: str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := standing(client))["state"] != state and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found["state"] == state
    return found


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    prepared(database_url)
    return Terminal(database_url, tmp_path)


def test_the_operator_sees_what_the_network_is_made_of_and_whom_it_misses(terminal: Terminal) -> None:
    refused = terminal.run("coverage", "network")
    assert refused.status == 2
    assert "gridmap load streets" in refused.text
    settings = Settings(_env_file=None, database_url=terminal.url, state_folder=terminal.state)  # type: ignore[call-arg]
    with running(create_app(settings)) as client:
        assert eventually(client, "empty")["version"] != ""
        write(terminal.url)
        found = eventually(client, "ready")
        assert (found["edges"], found["pieces"], found["off_network"]) == (2, 2, 2)
        assert found["stale_since"] is None

    said = terminal.run("coverage", "network", "--pieces", "1")
    assert said.status == 0
    for words in ("2 pieces", "1 end cut off", "示例街[red]", "1 more with", "Wheelchair", "off it: over 1000 m away"):
        assert words in said.text, words
    chinese = Terminal(terminal.url, terminal.state, "zh_CN.UTF-8").run("coverage", "network", "--pieces", "0")
    for words in ("步行路网", "2 个连通部分", "示例街[red]", "在路网上", "不可通行", "相距超过 1000 米"):
        assert words in chinese.text, words
    facts = orjson.loads(terminal.run("coverage", "network", "--json").text)
    assert (facts["version"], facts["pieces"], facts["cut_ends"]) == (found["version"], 2, 1)
    assert [piece["street"] for piece in facts["longest"]] == ["示例街[red]", ""]
    assert facts["longest"][0]["grid"] is not None
    assert sum(piece["metres"] for piece in facts["longest"]) == pytest.approx(facts["metres"], abs=1)
    assert facts["homes"]["on_network"] == {"places": 1, "households": 4.0}
    away = {step["up_to_metres"]: step["places"] for step in facts["homes"]["off_network"]}
    assert away == {150.0: 0, 300.0: 1, 500.0: 0, 1000.0: 0, None: 1}
    assert "2 of 3 homes are off the network" in terminal.run("check").text
