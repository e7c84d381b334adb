"""A small published territory, written straight into PostGIS: what tests above the loaders stand on."""

from typing import Any

import psycopg
from psycopg import Connection

from geodata.database import connect

STREET, COMMUNITY_A, COMMUNITY_B = "990101", "990101001", "990101002"
BEGIN, CHANGE = "2025-01-01T00:00+08:00", "2026-01-01T00:00+08:00"

# A1 | A2 | B1 side by side, 0.01 degrees wide; A2 moves east by 0.002 at CHANGE.
_BEFORE = {"A1": (0, 10), "A2": (10, 20), "B1": (20, 30)}
_AFTER = {"A2": (10, 22), "B1": (22, 30)}


def box(west: int, east: int) -> str:
    """WKT of a box between two thousandths of a degree east of 87, ten thousandths high."""
    w, e, s, n = 87 + west / 1000, 87 + east / 1000, 36.65, 36.66
    return f"MULTIPOLYGON((({w} {s}, {e} {s}, {e} {n}, {w} {n}, {w} {s})))"


def publish_small_territory(connection: Connection[Any]) -> None:
    """Two communities of one street, three grids with a change of shape, people, stations and one key."""
    _areas(connection)
    _grids(connection)
    _people(connection)
    _stations(connection)
    connection.execute(
        """INSERT INTO keys (key_sha256, role, name, created_by)
        VALUES (sha256('secret'), 'dispatcher', '示例热线', 'test')"""
    )


def _areas(connection: Connection[Any]) -> None:
    rows = [
        (STREET, "甲街道", "street", None, (0, 30)),
        (COMMUNITY_A, "甲一社区", "community", STREET, (0, 20)),
        (COMMUNITY_B, "甲二社区", "community", STREET, (20, 30)),
    ]
    for code, name, level, parent, extent in rows:
        connection.execute(
            """WITH one AS (INSERT INTO areas DEFAULT VALUES RETURNING area_id)
            INSERT INTO area_versions (area_id, code, name, level, parent_id, geom, period)
            SELECT area_id, %s, %s, %s, (SELECT area_id FROM area_versions WHERE code = %s),
                   ST_GeomFromText(%s, 4326), tstzrange(%s, NULL) FROM one""",
            (code, name, level, parent, box(*extent), BEGIN),
        )


def publish(connection: Connection[Any], number: int, shapes: dict[str, tuple[int, int]], effective: str) -> None:
    """Publish a release of the general layer that redraws these grids and leaves the others."""
    connection.execute(
        """INSERT INTO releases (layer_id, number, effective_at, published_by)
        SELECT layer_id, %s, %s, 'test' FROM layers WHERE code = 'general'""",
        (number, effective),
    )
    for code, extent in shapes.items():
        connection.execute(
            "UPDATE grid_versions SET period = tstzrange(lower(period), %s) WHERE code = %s AND upper_inf(period)",
            (effective, code),
        )
        connection.execute(
            """WITH old AS (SELECT grid_id FROM grid_versions WHERE code = %(code)s LIMIT 1),
            made AS (INSERT INTO grids (layer_id) SELECT layer_id FROM layers
                     WHERE code = 'general' AND NOT EXISTS (SELECT FROM old) RETURNING grid_id)
            INSERT INTO grid_versions (grid_id, layer_id, release_id, code, name, kind, community_id, geom, period)
            SELECT one.grid_id, l.layer_id, r.release_id, %(code)s, %(code)s || '网格', 'urban',
                   (SELECT area_id FROM area_versions WHERE code = %(community)s), ST_GeomFromText(%(shape)s, 4326),
                   tstzrange(%(effective)s, NULL)
            FROM layers AS l JOIN releases AS r USING (layer_id),
                 (SELECT grid_id FROM old UNION ALL SELECT grid_id FROM made) AS one
            WHERE l.code = 'general' AND r.number = %(number)s""",
            {
                "code": code,
                "shape": box(*extent),
                "number": number,
                "effective": effective,
                "community": COMMUNITY_A if code.startswith("A") else COMMUNITY_B,
            },
        )


def _grids(connection: Connection[Any]) -> None:
    publish(connection, 1, _BEFORE, BEGIN)
    publish(connection, 2, _AFTER, CHANGE)


def _people(connection: Connection[Any]) -> None:
    connection.execute(
        """WITH one AS (INSERT INTO roles (code) VALUES ('grid_chief') RETURNING role_id)
        INSERT INTO role_versions (role_id, name, period) SELECT role_id, '网格长', tstzrange(%s, NULL) FROM one""",
        (BEGIN,),
    )
    for code, target, until in (("W1", "A1", CHANGE), ("W2", "A1", None), ("W3", "A2", None)):
        begin = CHANGE if code == "W2" else BEGIN
        connection.execute(
            """WITH one AS (INSERT INTO holders (kind, code) VALUES ('worker', %(code)s) RETURNING holder_id),
            named AS (INSERT INTO worker_versions (holder_id, name, phone, period)
                      SELECT holder_id, '示例' || %(code)s, '13800000001', tstzrange(%(begin)s, NULL) FROM one)
            INSERT INTO duties (holder_id, role_id, grid_id, period)
            SELECT one.holder_id, r.role_id, (SELECT grid_id FROM grid_versions WHERE code = %(target)s LIMIT 1),
                   tstzrange(%(begin)s, %(until)s) FROM one, roles AS r WHERE r.code = 'grid_chief'""",
            {"code": code, "target": target, "begin": begin, "until": until},
        )


def _stations(connection: Connection[Any]) -> None:
    for code, lon in (("S1", 87.005), ("S2", 87.025)):
        connection.execute(
            """WITH one AS (INSERT INTO stations (code) VALUES (%(code)s) RETURNING station_id)
            INSERT INTO station_versions (station_id, name, category, services, geom, period)
            SELECT station_id, '示例站' || %(code)s, '党群服务站', '{社保,咨询}',
                   ST_SetSRID(ST_Point(%(lon)s, 36.655), 4326),
                   tstzrange(%(begin)s, NULL) FROM one""",
            {"code": code, "lon": lon, "begin": BEGIN},
        )


def committed(url: str) -> None:
    """Publish the small territory into a database and commit."""
    with psycopg.connect(url, options="-c search_path=gridmap,public") as connection:
        publish_small_territory(connection)


def state_of(url: str) -> tuple[Any, ...]:
    """Version of the data, and how many rows there are of all that a load or a request could write."""
    counted = ("area_versions", "grid_versions", "releases", "holders", "duties", "station_versions", "keys", "audit")
    with connect(url) as connection:
        version = connection.execute("SELECT version FROM data_version").fetchone()
        counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in counted]
    return version, *counts
