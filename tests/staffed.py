"""More of the small territory: compound, buildings, a place, stops, leave, hours, matters, written straight in."""

from typing import Any

import psycopg
from psycopg import Connection

from tests.territory import BEGIN, publish_small_territory

# Thousandths of a degree: the compound lies in A1, the first building in it has an outline, the second has none.
COMPOUND, OUTLINE = "(87.002, 36.652, 87.006, 36.656)", "(87.003, 36.653, 87.004, 36.654)"
IN_BUILDING, IN_COMPOUND, IN_GRID = (87.0035, 36.6535), (87.0055, 36.6555), (87.008, 36.658)


def staff(connection: Connection[Any]) -> None:
    """The small territory with a compound of two buildings, a place, a mobile station, and people at every level."""
    publish_small_territory(connection)
    _places(connection)
    for code, name, position, public in (
        ("leader", "楼栋长", 5, False),
        ("worker", "网格员", 20, False),
        ("duty_office", "值班室", 90, True),
    ):
        role(connection, code, name, position, public=public)
    for code in ("L1", "U1", "P1", "N1", "S9"):
        holder(connection, "worker", code)
    holder(connection, "organisation", "HALL", "0531-00000001")
    duty(connection, "L1", "leader", building="B1")
    duty(connection, "U1", "leader", building="B1", unit="2单元")
    duty(connection, "P1", "leader", place="PARK")
    duty(connection, "N1", "worker", grid="A1", hours="Mo-Fr 08:30-17:30; PH closed")
    duty(connection, "HALL", "duty_office", area="990101")


def _places(connection: Connection[Any]) -> None:
    connection.execute(
        f"""WITH one AS (INSERT INTO compounds (code) VALUES ('C1') RETURNING compound_id)
        INSERT INTO compound_versions (compound_id, name, geom, period)
        SELECT compound_id, '示例小区', ST_Multi(ST_MakeEnvelope{COMPOUND.replace(")", ", 4326)")}),
               tstzrange(%(begin)s, NULL) FROM one""",  # type: ignore[arg-type]
        {"begin": BEGIN},
    )
    for code, point, outline in (("B1", (87.0035, 36.6535), True), ("B2", (87.005, 36.655), False)):
        connection.execute(
            f"""WITH one AS (INSERT INTO buildings (code) VALUES (%(code)s) RETURNING building_id)
            INSERT INTO building_versions (building_id, name, compound_id, units, point, outline, period)
            SELECT building_id, '示例' || %(code)s || '楼', compound_id, '{{1单元,2单元}}',
                   ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4326),
                   CASE WHEN %(outline)s THEN ST_Multi(ST_MakeEnvelope{OUTLINE.replace(")", ", 4326)")}) END,
                   tstzrange(%(begin)s, NULL) FROM one, compounds""",  # type: ignore[arg-type]
            {"code": code, "lon": point[0], "lat": point[1], "outline": outline, "begin": BEGIN},
        )
    connection.execute(
        """WITH one AS (INSERT INTO places (code) VALUES ('PARK') RETURNING place_id)
        INSERT INTO place_versions (place_id, name, geom, period)
        SELECT place_id, '示例公园', ST_SetSRID(ST_Point(87.008, 36.658), 4326), tstzrange(%(begin)s, NULL) FROM one""",
        {"begin": BEGIN},
    )


def role(connection: Connection[Any], code: str, name: str, position: int, *, public: bool = False) -> None:
    """A role from the beginning on."""
    connection.execute(
        """WITH one AS (INSERT INTO roles (code) VALUES (%(code)s) RETURNING role_id)
        INSERT INTO role_versions (role_id, name, position, phone_public, period)
        SELECT role_id, %(name)s, %(position)s, %(public)s, tstzrange(%(begin)s, NULL) FROM one""",
        {"code": code, "name": name, "position": position, "public": public, "begin": BEGIN},
    )


def holder(connection: Connection[Any], kind: str, code: str, phone: str = "13800000002") -> None:
    """A worker or organisation from the beginning on."""
    connection.execute(
        f"""WITH one AS (INSERT INTO holders (kind, code) VALUES (%(kind)s, %(code)s) RETURNING holder_id)
        INSERT INTO {kind}_versions (holder_id, name, phone, period)
        SELECT holder_id, '样例' || %(code)s, %(phone)s, tstzrange(%(begin)s, NULL) FROM one""",  # type: ignore[arg-type]
        {"kind": kind, "code": code, "phone": phone, "begin": BEGIN},
    )


def duty(
    connection: Connection[Any],
    who: str,
    what: str,
    *,
    hours: str = "",
    unit: str | None = None,
    assignment: str = "primary",
    **target: str,
) -> None:
    """A duty from the beginning on; the target is named by its kind."""
    ((kind, code),) = target.items()
    source = {"area": "area_versions", "grid": "grid_versions"}.get(kind, f"{kind}s")
    connection.execute(
        f"""INSERT INTO duties (holder_id, role_id, {kind}_id, unit, assignment, hours, period)
        SELECT h.holder_id, r.role_id, (SELECT {kind}_id FROM {source} WHERE code = %(code)s LIMIT 1), %(unit)s,
               %(assignment)s, %(hours)s, tstzrange(%(begin)s, NULL)
        FROM holders AS h, roles AS r WHERE h.code = %(who)s AND r.code = %(what)s""",  # type: ignore[arg-type]
        {
            "who": who,
            "what": what,
            "code": code,
            "unit": unit,
            "assignment": assignment,
            "hours": hours,
            "begin": BEGIN,
        },
    )


def leave(connection: Connection[Any], who: str, begin: str, end: str, stand_in: str | None = None) -> None:
    """Somebody's absence."""
    connection.execute(
        """INSERT INTO leaves (holder_id, stand_in_id, period)
        SELECT h.holder_id, (SELECT holder_id FROM holders WHERE code = %(stand_in)s), tstzrange(%(begin)s, %(end)s)
        FROM holders AS h WHERE h.code = %(who)s""",
        {"who": who, "stand_in": stand_in, "begin": begin, "end": end},
    )


def matter(connection: Connection[Any], code: str, *, role: str | None = None, office: str | None = None) -> None:
    """A kind of work promised within two hours."""
    connection.execute(
        """WITH one AS (INSERT INTO matters (code) VALUES (%(code)s) RETURNING matter_id)
        INSERT INTO matter_versions (matter_id, name, name_en, phone, promised_minutes, role_id, organisation_id,
                                     period)
        SELECT matter_id, '事项' || %(code)s, 'Matter', '12345', 120, (SELECT role_id FROM roles WHERE code = %(role)s),
               (SELECT holder_id FROM holders WHERE code = %(office)s), tstzrange(%(begin)s, NULL) FROM one""",
        {"code": code, "role": role, "office": office, "begin": BEGIN},
    )


def stop(connection: Connection[Any], code: str, station: str, lon: float, hours: str) -> None:
    """Where a mobile station stands."""
    connection.execute(
        """WITH one AS (INSERT INTO stops (code) VALUES (%(code)s) RETURNING stop_id)
        INSERT INTO stop_versions (stop_id, station_id, address, geom, hours, period)
        SELECT stop_id, (SELECT station_id FROM stations WHERE code = %(station)s), '示例停靠点',
               ST_SetSRID(ST_Point(%(lon)s, 36.655), 4326), %(hours)s, tstzrange(%(begin)s, NULL) FROM one""",
        {"code": code, "station": station, "lon": lon, "hours": hours, "begin": BEGIN},
    )


def gate(
    connection: Connection[Any], code: str, lon: float, lat: float, begin: str = BEGIN, end: str | None = None
) -> None:
    """A gate of the compound."""
    connection.execute(
        """WITH one AS (INSERT INTO gates (code) VALUES (%s) RETURNING gate_id)
        INSERT INTO gate_versions (gate_id, compound_id, geom, period)
        SELECT gate_id, compound_id, ST_SetSRID(ST_Point(%s, %s), 4326), tstzrange(%s, %s) FROM one, compounds""",
        (code, lon, lat, begin, end),
    )


def holiday(connection: Connection[Any], day: str) -> None:
    """A day off."""
    connection.execute("INSERT INTO calendar_days (day, kind) VALUES (%s, 'holiday')", (day,))


def staffed(url: str) -> None:
    """Publish it all into a database and commit."""
    with psycopg.connect(url, options="-c search_path=gridmap,public") as connection:
        staff(connection)
