"""Who was responsible for a grid, and when: on the grid itself and on the areas that it lay in then."""

from typing import Any

import psycopg

from tests.service.conftest import Service, problem_of
from tests.territory import CHANGE, COMMUNITY_A, COMMUNITY_B, STREET

PEOPLE = "/api/v1/layers/general/grids/A1/people"


def on_area(connection: psycopg.Connection[Any], holder: str, area: str, begin: str, end: str | None) -> None:
    connection.execute(
        """INSERT INTO duties (holder_id, role_id, area_id, period)
        SELECT h.holder_id, r.role_id, (SELECT area_id FROM area_versions WHERE code = %s), tstzrange(%s, %s)
        FROM holders AS h, roles AS r WHERE h.code = %s AND r.code = 'grid_chief'""",
        (area, begin, end, holder),
    )


def told(service: Service, role: str) -> list[tuple[Any, ...]]:
    history = service.get(PEOPLE, role, history="true").json()["history"]
    return [
        (one["holder"]["code"], one["via"], one["valid_from"][:10], one["valid_to"] and one["valid_to"][:10])
        for one in history
    ]


def test_the_public_sees_who_answers_now_and_nobody_sees_the_past_without_a_key(service: Service) -> None:
    now = service.get(PEOPLE).json()
    assert [person["name"] for person in now["workers"]] == ["示**"]
    assert now["history"] is None
    problem_of(service.get(PEOPLE, history="true"), 401, "not-allowed")
    problem_of(service.get("/api/v1/layers/general/grids/nope/people"), 404, "not-known")


def test_everybody_who_was_responsible_is_told_the_newest_first(service: Service) -> None:
    assert told(service, "dispatcher") == [
        ("W2", "grid", "2026-01-01", None),
        ("W1", "grid", "2025-01-01", "2026-01-01"),
    ]
    masked = service.get(PEOPLE, "planner", history="true").json()["history"][0]["holder"]
    assert (masked["name"], masked["phone"]) == ("示**", "138****0001")


def test_a_duty_on_an_area_counts_while_the_grid_lay_in_it(own_service: Service) -> None:
    with psycopg.connect(own_service.database_url, options="-c search_path=gridmap,public") as connection:
        # From 2026 on the grid lies in the other community.
        connection.execute(
            "UPDATE grid_versions SET period = tstzrange(lower(period), %s) WHERE code = 'A1'", (CHANGE,)
        )
        connection.execute(
            """INSERT INTO grid_versions (grid_id, layer_id, release_id, code, name, kind, community_id, geom, period)
            SELECT g.grid_id, g.layer_id, (SELECT max(release_id) FROM releases), g.code, g.name, g.kind,
                   (SELECT area_id FROM area_versions WHERE code = %s), g.geom, tstzrange(%s, NULL)
            FROM grid_versions AS g WHERE g.code = 'A1'""",
            (COMMUNITY_B, CHANGE),
        )
        on_area(connection, "W1", COMMUNITY_A, "2025-06-01", None)
        on_area(connection, "W3", COMMUNITY_B, "2025-06-01", None)
        on_area(connection, "W3", STREET, "2025-03-01", None)
    assert told(own_service, "clerk") == [
        ("W3", "community", "2026-01-01", None),
        ("W2", "grid", "2026-01-01", None),
        ("W1", "community", "2025-06-01", "2026-01-01"),
        ("W3", "street", "2025-03-01", None),
        ("W1", "grid", "2025-01-01", "2026-01-01"),
    ]
