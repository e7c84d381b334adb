"""``gridmap staffing`` over the small territory, in the year 2095: nothing of it depends on today."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from geodata.access import list_audit
from geodata.database import connect
from geodata.intake.report import LoadOptions
from geodata.lists.recorded import ACTION
from geodata.load import load_frame
from tests.commands import Said, Terminal
from tests.service.test_staffing_api import BEGIN, ROSTER
from tests.territory import COMMUNITY_A, COMMUNITY_B, committed

# A Monday morning, and the Wednesday on which W4 is away with nobody to stand in.
MONDAY, WEDNESDAY = "2095-01-10T09:00", "2095-01-12T09:00"


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    committed(database_url)
    with connect(database_url) as connection:
        for kind, frame in ROSTER:
            load_frame(connection, kind, frame, options=LoadOptions(commit=True, effective=BEGIN, actor="test"))
    return Terminal(database_url, tmp_path / "state")


def staffing(terminal: Terminal, *words: str, as_of: str = MONDAY) -> Said:
    return terminal.run("staffing", "--as-of", as_of, "--days", "7", *words)


def cells(said: Said, *named: str) -> list[str]:
    """Cells of the only line of a table that holds these words."""
    (line,) = [line for line in said.text.splitlines() if all(word in line for word in named)]
    return [cell.strip() for cell in line.strip("│ ").split("│")]


def parts(said: Said, part: str) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(said.text.removeprefix("\ufeff"), newline=""))
    return [{name: value for name, value in row.items() if value} for row in rows if row["part"] == part]


def test_posts_of_each_role_are_counted_by_whether_somebody_is_there(terminal: Terminal) -> None:
    # The grid A1, the building and the unit, each with its own worker.
    assert cells(staffing(terminal), "网格员", "│     3 │")[:6] == ["网格员", "3", "3", "0", "0", "0"]
    assert cells(staffing(terminal, as_of="2095-01-10T20:00"), "网格员", "│     3 │")[1:6] == ["3", "2", "1", "0", "0"]
    assert cells(staffing(terminal, as_of=WEDNESDAY), "网格员", "│     3 │")[1:6] == ["3", "1", "0", "2", "2"]


def test_holes_to_come_are_told_with_their_reason(terminal: Terminal) -> None:
    said = staffing(terminal)
    assert "2 holes until 2095-01-17 09:00" in said.text
    assert cells(said, "A1", "on leave") == [
        "2095-01-12 08:00",
        "2095-01-13 12:00 (2 stretches, 8 h)",
        cells(said, "A1", "on leave")[2],
        "网格员",
        "样例丁 on leave, nobody stands in",
    ]
    assert cells(staffing(terminal, as_of=WEDNESDAY), "A1", "on leave")[0] == "now"
    # Asked about fewer days there are none.
    assert "No holes until 2095-01-11" in staffing(terminal, "--days", "1").text


def test_norms_that_are_not_met_name_the_limit_and_what_there_is(terminal: Terminal) -> None:
    said = staffing(terminal)
    grids = [line for line in said.text.splitlines() if "at least 1" in line]
    assert len(grids) == len(
        [row for row in parts(staffing(terminal, "--format", "csv"), "norm") if row["norm"] == "one"]
    )
    assert cells(said, "at least 5")[2] == str(json_of(staffing(terminal, "--format", "json"))["norms"][-1]["count"])


def test_who_looks_after_most_households_comes_first(terminal: Terminal) -> None:
    lines = [line for line in staffing(terminal).text.splitlines() if "样例戊 W5" in line or "样例丁 W4" in line]
    households = [int(line.split("│")[3].split()[0].replace(",", "")) for line in lines if line.count("│") == 5]
    assert len(households) == 2
    assert households == sorted(households, reverse=True)


def test_with_an_area_everybody_is_named_and_nobody_elsewhere(terminal: Terminal) -> None:
    said = staffing(terminal, "--within", COMMUNITY_A)
    assert cells(said, "A1", "网格员", "样例丁", "duty")[3] == "on duty"
    assert "B-2" not in said.text
    other = staffing(terminal, "--within", COMMUNITY_B)
    assert "B-2#1" in other.text
    assert cells(staffing(terminal, "--within", COMMUNITY_A, as_of=WEDNESDAY), "B-1", "样例戊", "on leave")[0]
    assert "(for 样例戊)" in staffing(terminal, "--within", COMMUNITY_A, as_of=WEDNESDAY).text


def test_with_a_layer_only_its_grids_count(terminal: Terminal) -> None:
    rows = parts(staffing(terminal, "--layer", "general", "--format", "csv"), "on_duty")
    assert rows
    assert {(row["target_kind"], row["layer"]) for row in rows} == {("grid", "general")}


def test_strict_ends_with_one_where_something_is_wrong(terminal: Terminal) -> None:
    assert staffing(terminal).status == 0
    assert staffing(terminal, "--strict").status == 1
    assert staffing(terminal, "--strict", "--format", "json").status == 1
    with connect(terminal.url) as connection:
        connection.execute("UPDATE norm_versions SET withdrawn_at = now()")
        connection.commit()
    assert staffing(terminal, "--strict", "--days", "1").status == 0
    assert staffing(terminal, "--strict").status == 1


def json_of(said: Said) -> Any:
    return json.loads(said.text)


def test_json_and_csv_hold_every_row_whatever_the_terminal_shows(terminal: Terminal) -> None:
    told = json_of(staffing(terminal, "--format", "json", "--rows", "1"))
    table = staffing(terminal, "--format", "csv", "--rows", "1")
    assert (told["as_of"], told["until"]) == ("2095-01-10T09:00:00+08:00", "2095-01-17T09:00:00+08:00")
    for part, name in (("on_duty", "on_duty"), ("hole", "holes"), ("norm", "norms"), ("workload", "workloads")):
        assert len(parts(table, part)) == len(told[name]) > 0
    (hole,) = [row for row in parts(table, "hole") if row["target"] == "A1"]
    assert (hole["from"], hole["hours"], hole["state"]) == ("2095-01-12T08:00:00+08:00", "8.0", "on_leave")
    shown = staffing(terminal, "--rows", "1").text
    assert "1 more: --rows 0 shows all" in shown
    assert "more: --rows 0" not in staffing(terminal, "--rows", "0").text


def test_names_are_masked_on_demand_phones_never_shown_and_who_took_names_is_recorded(terminal: Terminal) -> None:
    for form in ("table", "csv", "json"):
        said = staffing(terminal, "--within", COMMUNITY_A, "--format", form)
        masked = staffing(terminal, "--within", COMMUNITY_A, "--format", form, "--masked")
        assert "样例丁" in said.text
        assert "样例丁" not in masked.text
        assert "13800000004" not in said.text
    with connect(terminal.url) as connection:
        entries = list_audit(connection, action=ACTION)
    assert [entry.facts["format"] for entry in entries] == ["json", "csv"]
    assert all(entry.facts["rows"] > 0 and entry.facts["within"] == COMMUNITY_A for entry in entries)
    assert "样例" not in str([entry.facts for entry in entries])


def test_in_chinese_everything_is_chinese(terminal: Terminal) -> None:
    said = staffing(Terminal(terminal.url, terminal.state, "zh_CN.UTF-8"), as_of=WEDNESDAY)
    assert "至 2095-01-19 09:00 有 2 处缺岗" in said.text
    assert "样例丁请假，无人代班" in said.text
    assert "现在" in cells(said, "A1", "请假")[0]
    assert "至少 5" in said.text
    for word in ("hole", "nobody", "duty", "at least", "worker "):
        assert word not in said.text


def test_where_nobody_has_a_duty_it_is_said(database_url: str, tmp_path: Path) -> None:
    committed(database_url)
    said = Terminal(database_url, tmp_path / "state").run("staffing", "--as-of", "1990-01-01")
    assert said.status == 0
    assert "Nobody has a duty here." in said.text
    assert "No holes" in said.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--within", "no such area"), "there is no area"),
        (("--layer", "no such layer"), "there is no layer"),
        (("--as-of", "someday"), "someday"),
        (("--as-of", "9999-12-20", "--days", "400"), "9999"),
        (("--days", "0"), "--days"),
        (("--days", "401"), "--days"),
        (("--format", "pdf"), "--format"),
    ],
)
def test_what_cannot_be_asked_is_said(terminal: Terminal, words: tuple[str, ...], told: str) -> None:
    said = terminal.run("staffing", *words)
    assert said.status == 2
    assert told in said.text
