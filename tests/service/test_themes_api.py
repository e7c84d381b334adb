"""What a resident's map is drawn from: numbers by grid, whom to call for what, uncertain positions, retired grids."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from geodata.classes import classes_of
from geodata.database import connect
from geodata.errors import UnavailableError
from service.app import create_app
from service.settings import Settings
from tests.commands import Run
from tests.service.conftest import Service, prepared, problem_of, running
from tests.territory import publish

GRIDS = "/api/v1/layers/general/grids"
THEMES = "/api/v1/layers/general/themes"
NEXT = "2026-06-01T00:00+08:00"


@pytest.fixture(scope="module")
def mapped(
    cluster_url: str, template_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, str]]:
    """The small territory where B1 gives way to C1 and C2, with a register, matters and counts, some of them public."""
    name = "gridmap_themes_tests"
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_name}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", f"/{name}?")
    keys = prepared(url)
    with connect(url) as connection:
        _redraw(connection)
        _count(connection)
        _matters(connection)
    folder = tmp_path_factory.mktemp("themes")
    settings = Settings(_env_file=None, database_url=url, state_folder=folder, public_counts="events, 独居")  # type: ignore[call-arg]
    with running(create_app(settings)) as client:
        client.app.state.serving.network.refresh()
        yield Service(client, keys, settings, url), url


def _redraw(connection: psycopg.Connection[Any]) -> None:
    publish(connection, 3, {"D1": (40, 42)}, "2026-05-01T00:00+08:00")
    connection.execute(
        """UPDATE grid_versions SET period = tstzrange(lower(period), %s)
        WHERE code IN ('B1', 'D1') AND upper_inf(period)""",
        (NEXT,),
    )
    publish(connection, 4, {"C1": (22, 24), "C2": (24, 30)}, NEXT)
    # The territory states no numbers: as if its sources had.
    connection.execute("SET session_replication_role = replica")
    connection.execute("UPDATE grid_versions SET households = 40, persons = 100 WHERE code IN ('C1', 'A1')")
    connection.execute("SET session_replication_role = origin")


def _count(connection: psycopg.Connection[Any]) -> None:
    """Three homes in A2 with two persons each, of one household each; A1 and C1 state theirs; C2 knows nothing."""
    connection.execute(
        """INSERT INTO addresses (code, text, households, persons, geom)
        SELECT 'H' || n, '示例路' || n || '号', 1, 2, ST_SetSRID(ST_Point(87.012 + n / 1000.0, 36.655), 4326)
        FROM generate_series(1, 3) AS n"""
    )
    connection.execute(
        """INSERT INTO place_counts (code, address, layer, grid, counts) VALUES
        ('p1', 'H1', '', '', '{"elderly": 2, "独居": 1}'), ('p2', 'H2', '', '', '{"elderly": 0}'),
        ('g1', '', 'general', 'A1', '{"events": 7}'), ('g2', '', 'general', 'A2', '{"events": 0}'),
        ('g3', '', 'general', 'B1', '{"events": 9}')"""
    )


def _matters(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        """WITH office AS (INSERT INTO holders (kind, code) VALUES ('organisation', 'O1') RETURNING holder_id),
        named AS (INSERT INTO organisation_versions (holder_id, name, phone, period)
                  SELECT holder_id, '示例城管', '0531-00000001', tstzrange('2025-01-01', NULL) FROM office),
        kinds AS (INSERT INTO matters (code) VALUES ('noise'), ('waste') RETURNING matter_id, code)
        INSERT INTO matter_versions
            (matter_id, name, role_id, organisation_id, promised_minutes, position, period)
        SELECT k.matter_id, CASE k.code WHEN 'noise' THEN '噪声扰民' ELSE '垃圾清运' END,
               CASE WHEN k.code = 'noise' THEN (SELECT role_id FROM roles WHERE code = 'grid_chief') END,
               CASE WHEN k.code = 'waste' THEN o.holder_id END, 120,
               CASE k.code WHEN 'waste' THEN 1 ELSE 2 END, tstzrange('2025-01-01', NULL)
        FROM kinds AS k, office AS o"""
    )


# --- themes ----------------------------------------------------------------------------------------------------------


def test_everybody_sees_households_persons_and_the_counts_that_are_named(mapped: tuple[Service, str]) -> None:
    service, _ = mapped
    public = {item["code"]: item for item in service.get(THEMES).json()["items"]}
    assert list(public) == ["households", "persons", "events", "独居"]
    assert public["households"] | {"name": "", "recorded_at": None} == {
        "code": "households", "name": "", "name_en": "Households", "unit": "户", "unit_en": "households",
        "source": "register", "grids": 3, "total": 4, "stated": 2, "recorded_at": None,
    }  # fmt: skip
    assert public["events"]["source"] == "loaded"
    assert public["events"]["recorded_at"].endswith("+08:00")
    known = [item["code"] for item in service.get(THEMES, "planner").json()["items"]]
    assert known == ["households", "persons", "elderly", "events", "独居"]
    problem_of(service.get(f"{THEMES}/elderly"), 401, "not-allowed")
    problem_of(service.get(f"{THEMES}/nothing", "planner"), 404, "not-known")
    problem_of(service.get("/api/v1/layers/none/themes"), 404, "not-known")


def test_the_register_goes_before_what_a_grid_states(mapped: tuple[Service, str]) -> None:
    service, _ = mapped
    told = service.get(f"{THEMES}/households").json()
    assert told["values"] == {"A1": 40, "A2": 3, "C1": 40}
    assert told["classes"] == [{"from": 3, "to": 3, "grids": 1}, {"from": 40, "to": 40, "grids": 2}]


def test_people_of_few_homes_and_sums_of_few_places_are_for_keys_alone(mapped: tuple[Service, str]) -> None:
    service, _ = mapped
    for code, of_a2 in (("persons", 6), ("独居", 1)):
        assert service.get(f"{THEMES}/{code}", "dispatcher").json()["values"]["A2"] == of_a2
        assert "A2" not in service.get(f"{THEMES}/{code}").json()["values"]
    assert service.get(f"{THEMES}/elderly", "planner").json()["values"] == {"A2": 2}


def test_counts_belong_to_the_grids_of_the_day(mapped: tuple[Service, str]) -> None:
    service, _ = mapped
    assert service.get(f"{THEMES}/events").json()["values"] == {"A1": 7, "A2": 0}
    before = service.get(f"{THEMES}/events", as_of="2026-03-01").json()
    assert (before["values"], before["total"]) == ({"A1": 7, "A2": 0, "B1": 9}, 3)


def test_a_theme_is_sent_again_only_when_something_was_loaded(mapped: tuple[Service, str]) -> None:
    service, url = mapped
    path = f"{THEMES}/events"
    tag = service.get(path).headers["etag"]
    assert service.client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert service.client.get(path, headers={"If-None-Match": tag, **service.headers("clerk")}).status_code == 200
    with connect(url) as connection:
        connection.execute(
            """INSERT INTO place_counts (code, layer, grid, counts) VALUES ('g4', 'general', 'C2', '{"events": 1}')"""
        )
    again = service.client.get(path, headers={"If-None-Match": tag})
    assert again.json()["values"] == {"A1": 7, "A2": 0, "C2": 1}


def test_without_the_database_what_is_in_memory_is_told(mapped: tuple[Service, str]) -> None:
    service, _ = mapped
    held = service.client.app.state.serving

    def away() -> Any:
        raise UnavailableError("away")

    known = service.get(f"{THEMES}/events").json()["values"]
    fresh = type(held.themes)()
    assert held.themes.loaded(away, 0) is not None
    assert (
        known
        == held.themes.themes(
            held.store.current().moment(1_790_000_000_000_000), "general", None, "", held.themes.loaded(away, 0)
        )["events"].by_grid()
    )
    assert fresh.loaded(away, 0) is None


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([], []),
        ([7, 7, 7], [(7, 7, 3)]),
        ([1, 2, 2, 9], [(1, 1, 1), (2, 2, 2), (9, 9, 1)]),
        ([0] * 60 + list(range(1, 41)), [(0, 0, 60), (1, 9, 9), (10, 19, 10), (20, 29, 10), (30, 40, 11)]),
        (list(range(300, 500)), [(300, 339, 40), (340, 379, 40), (380, 419, 40), (420, 449, 30), (450, 499, 50)]),
    ],
)
def test_classes_hold_every_value_once_between_round_limits(values: list[int], classes: list[Any]) -> None:
    assert [(one.low, one.high, one.count) for one in classes_of(np.array(values), 5)] == classes


@pytest.mark.parametrize("seed", range(5))
def test_classes_of_any_numbers_are_in_order_and_none_is_empty(seed: int) -> None:
    values = np.random.default_rng(seed).lognormal(3, 1 + seed / 3, 500).round()
    for most in (2, 5, 9):
        found = classes_of(values, most)
        assert 1 < len(found) <= most
        assert all(one.count == np.sum((values >= one.low) & (values <= one.high)) > 0 for one in found)
        assert sum(one.count for one in found) == 500


# --- summaries -------------------------------------------------------------------------------------------------------


def test_what_assign_writes_as_a_summary_loads_as_events_by_grid(territory: Run, tmp_path: Path) -> None:
    rows = "event,lon,lat\n1,87.005,36.655\n2,87.006,36.655\n3,87.025,36.655\n4,0,0\n5,none,\n"
    Path("events.csv").write_text(rows, encoding="utf-8")
    assert territory("assign", "events.csv", "assigned.csv", "--summary", "summary.csv").status == 0
    dry = territory("load", "counts", "summary.csv")
    assert dry.status == 0, dry.complained
    assert "5" in dry.said
    assert "区划合计" in dry.said or "areas" in dry.said
    assert territory("load", "counts", "summary.csv", "--commit").status == 0
    assert territory("load", "counts", "summary.csv", "--map", "count.走访=rows", "--commit").status == 0
    assert territory("load", "counts", "summary.csv", "--layer", "nowhere").status != 0
    with connect(_url()) as connection:
        stored = connection.execute(
            "SELECT layer, grid, counts FROM place_counts WHERE withdrawn_at IS NULL ORDER BY grid"
        ).fetchall()
    assert stored == [
        ("general", "A1", {"events": 2, "走访": 2}),
        ("general", "A2", {"events": 0, "走访": 0}),
        ("general", "B1", {"events": 1, "走访": 1}),
    ]


def _url() -> str:
    return os.environ["GRIDMAP_DATABASE_URL"]


# --- whom to call ----------------------------------------------------------------------------------------------------


def test_every_matter_says_who_of_the_grid_answers_or_which_office(mapped: tuple[Service, str]) -> None:
    service, _ = mapped
    waste, noise = service.get(f"{GRIDS}/A1/matters").json()["items"]
    assert (waste["code"], waste["who"], waste["phone"]) == ("waste", None, "0531-00000001")
    assert (noise["promised_minutes"], noise["role"]["code"]) == (120, "grid_chief")
    assert (noise["who"]["name"], noise["who"]["phone"], noise["who"]["via"]) == ("示**", "138****0001", "grid")
    unmasked = service.get(f"{GRIDS}/A1/matters", "dispatcher").json()["items"][1]
    assert (unmasked["who"]["name"], unmasked["who"]["phone"]) == ("示例W2", "13800000001")
    assert service.get(f"{GRIDS}/C1/matters").json()["items"][1]["who"] is None
    problem_of(service.get(f"{GRIDS}/B1/matters"), 404, "retired")


# --- retired grids ---------------------------------------------------------------------------------------------------


def test_a_grid_that_is_no_more_says_since_when_and_what_lies_there(mapped: tuple[Service, str]) -> None:
    service, _ = mapped
    for path in (f"{GRIDS}/B1", f"{GRIDS}/B1/people"):
        facts = problem_of(service.get(path), 404, "retired")["facts"]
        assert facts["retired_at"] == "2026-06-01T00:00:00+08:00"
        assert [(one["code"], one["share"]) for one in facts["replaced_by"]] == [("C2", 0.75), ("C1", 0.25)]
    nothing = problem_of(service.get(f"{GRIDS}/D1"), 404, "retired")
    assert (nothing["facts"]["replaced_by"], "原处现无网格" in nothing["detail_zh"]) == ([], True)
    assert service.get(f"{GRIDS}/B1", as_of="2026-05-31").status_code == 200
    problem_of(service.get(f"{GRIDS}/C1", as_of="2026-05-31"), 404, "not-known")
    assert problem_of(service.get(f"{GRIDS}/B2"), 404, "not-known")["facts"] == {"elsewhere": []}
    problem_of(service.get("/api/v1/layers/none/grids/B1"), 404, "not-known")


def test_the_page_of_a_grid_that_is_no_more_says_why_and_leads_to_what_lies_there(mapped: tuple[Service, str]) -> None:
    client = mapped[0].client
    gone = client.get("/grids/general/B1?lang=en", headers={"Accept": "text/html"})
    assert gone.status_code == 404
    assert "replaced by C2, C1" in gone.text
    assert 'href="/maps/grids?layer=general&amp;grid=B1&amp;lang=en"' in gone.text
    never = client.get("/grids/general/%3Cb%3E", headers={"Accept": "text/html"})
    assert "没有网格“&lt;b&gt;”" in never.text
    assert "/maps/grids?" not in never.text


# --- uncertain positions ---------------------------------------------------------------------------------------------


def _ask(service: Service, **given: Any) -> Any:
    return service.client.post("/api/v1/lookup", json=given)


def test_a_position_of_some_accuracy_names_every_grid_that_it_may_be_in(mapped: tuple[Service, str]) -> None:
    service, _ = mapped
    point = {"lon": 87.0098, "lat": 36.655}
    sure = _ask(service, **point, accuracy=10).json()
    assert [one["code"] for one in sure["within_accuracy"]] == ["A1"]
    assert sure["within_accuracy"][0] | {"name": ""} == {
        "layer": "general", "code": "A1", "name": "", "metres": 0.0, "share": 1.0
    }  # fmt: skip
    told = _ask(service, **point, accuracy=100, layer="general").json()
    assert [one["code"] for one in told["within_accuracy"]] == ["A1", "A2"]
    assert told["within_accuracy"][1]["metres"] == pytest.approx(17.9, abs=0.2)
    assert sum(one["share"] for one in told["within_accuracy"]) == pytest.approx(1, abs=1e-3)
    assert told["status"] == "found"
    got = service.get("/api/v1/lookup", lon=87.0098, lat=36.655, accuracy=5000).json()
    assert [one["code"] for one in got["within_accuracy"]] == ["A1", "A2", "C1", "C2"]
    assert got["within_accuracy_total"] == 4


def test_an_answer_without_accuracy_has_no_word_of_it(mapped: tuple[Service, str]) -> None:
    service, _ = mapped
    plain = service.client.get("/api/v1/lookup?lon=87.0098&lat=36.655").json()
    told = service.client.get("/api/v1/lookup?lon=87.0098&lat=36.655&accuracy=50").json()
    assert told.keys() - plain.keys() == {"within_accuracy", "within_accuracy_total"}
    for answer in (plain, told):
        answer.pop("as_of")
    assert {name: told[name] for name in plain} == plain


def test_outside_of_all_grids_the_circle_still_tells_which_it_touches(mapped: tuple[Service, str]) -> None:
    service, _ = mapped
    near = _ask(service, lon=86.9995, lat=36.655, accuracy=200).json()
    assert (near["status"], [one["code"] for one in near["within_accuracy"]]) == ("outside", ["A1"])
    assert 0 < near["within_accuracy"][0]["share"] < 0.5
    assert _ask(service, lon=10, lat=10, accuracy=200).json()["within_accuracy"] == []


@pytest.mark.parametrize(
    "given",
    [
        {"lon": 87.005, "lat": 36.655, "accuracy": 0},
        {"lon": 87.005, "lat": 36.655, "accuracy": -3},
        {"lon": 87.005, "lat": 36.655, "accuracy": 5001},
        {"lon": 87.005, "lat": 36.655, "accuracy": True},
        {"address": "示例路1号", "accuracy": 30},
        {"target": "station:S1", "accuracy": 30},
    ],
)
def test_an_accuracy_that_cannot_be_meant_is_refused(mapped: tuple[Service, str], given: dict[str, Any]) -> None:
    service, _ = mapped
    assert _ask(service, **given).status_code == 422
