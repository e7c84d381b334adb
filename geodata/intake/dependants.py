"""Stage 5 for what ends: who still counts on it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from geodata.intake.draft import Difference
from geodata.intake.references import grids_in_areas
from geodata.people.roster import stored_duties
from geodata.queries import named_queries
from geodata.records import Finding
from geodata.times import instant

_SQL = named_queries(__file__)

_DUTY_COLUMN = {
    "areas": "target_id",
    "grids": "target_id",
    "stations": "target_id",
    "compounds": "target_id",
    "buildings": "target_id",
    "places": "target_id",
    "roles": "role_id",
    "workers": "holder_id",
    "organisations": "holder_id",
}
_BUILT = ("building", "unit")

# Kinds whose rows name a record of a kind, in the column named: buildings refuse the end of their compound, the others
# are warned of.
_NAMED_BY = {
    "areas": (("norms", "area_id"), ("texts", "area_id")),
    "grids": (("texts", "grid_id"),),
    "stations": (("stops", "station_id"),),
    "compounds": (("buildings", "compound_id"), ("gates", "compound_id")),
    "roles": (("matters", "role_id"), ("norms", "role_id")),
    "organisations": (("matters", "organisation_id"),),
}
_CHINESE = {
    "norms": "配备标准",
    "texts": "公示文字",
    "stops": "停靠点",
    "buildings": "楼栋",
    "gates": "出入口",
    "matters": "事项",
}


def dependant_findings(
    connection: Connection[Any], kind: str, ending: Sequence[Mapping[str, Any]], effective: int
) -> list[Finding]:
    """Errors for areas that end while grids lie in them, and compounds while buildings do; warnings for other holds.

    Parameters
    ----------
    kind
        Name of the kind that ends.
    ending
        ``code`` and ``entity_id`` of each record.
    effective
        When it ends, microseconds since 1970-01-01 UTC.
    """
    if not ending:
        return []
    codes = {row["entity_id"]: row["code"] for row in ending}
    findings = []
    if kind == "areas":
        for area_id, count in grids_in_areas(connection, list(codes)).items():
            findings.append(_still_holds_grids(codes[area_id], count))
    column = _DUTY_COLUMN.get(kind)
    if column is not None:
        targets = _BUILT if kind == "buildings" else (kind.removesuffix("s"),)
        held = Counter(
            duty[column]
            for duty in stored_duties(connection)
            if duty["ends"] > effective
            and duty[column] in codes
            and (column != "target_id" or duty["target_kind"] in targets)
        )
        findings += [_leaves_duties(codes[identity], count) for identity, count in held.items()]
    for what, column in _NAMED_BY.get(kind, ()):
        query = SQL(_SQL["named_by"]).format(
            column=Identifier(column), versions=Identifier(f"{what.removesuffix('s')}_versions")
        )
        for identity, count in connection.execute(query, {"ids": list(codes), "at": instant(effective)}):
            findings.append(_named_by(codes[identity], what, _CHINESE[what], count))
    return findings


def unit_findings(connection: Connection[Any], found: Difference, effective: int) -> list[Finding]:
    """A warning for each building that loses units on which duties go on."""
    lost = {
        row["entity_id"]: (row["code"], set(row["units"]) - set(record["units"]))
        for record, row in zip(found.changed, found.replaced, strict=True)
        if set(row["units"]) - set(record["units"])
    }
    if not lost:
        return []
    held: Counter[tuple[str, str]] = Counter()
    for duty in stored_duties(connection):
        if duty["target_kind"] == "unit" and duty["ends"] > effective and duty["target_id"] in lost:
            code, units = lost[duty["target_id"]]
            if duty["unit"] in units:
                held[code, duty["unit"]] += 1
    return [_leaves_duties(f"{code}#{unit}", count) for (code, unit), count in sorted(held.items())]


def _named_by(code: str, what: str, what_zh: str, count: int) -> Finding:
    if what == "buildings":
        return Finding(
            "error",
            "retires-compound",
            f"{code} would end, but {count} buildings lie in it: move or end them first.",
            f"{code} 将停用，但仍有 {count} 栋楼属于它，请先调整或停用这些楼栋。",
            code=code,
            facts={"buildings": count},
        )
    return Finding(
        "warning",
        f"leaves-{what}",
        f"{code} ends, but {count} {what} that name it go on: end or change them.",
        f"{code} 将停用，但仍有 {count} 条{what_zh}引用它，请停用或修改。",
        code=code,
        facts={what: count},
    )


def _still_holds_grids(code: str, count: int) -> Finding:
    return Finding(
        "error",
        "retires-community",
        f"{code} is not in the file and would end, but {count} grids lie in it: move them first.",
        f"文件中没有 {code}，它将停用，但仍有 {count} 个网格属于它，请先调整这些网格。",
        code=code,
        facts={"grids": count},
    )


def _leaves_duties(code: str, count: int) -> Finding:
    return Finding(
        "warning",
        "leaves-duties",
        f"{code} ends, but {count} duties on it go on: end them with a load of duties.",
        f"{code} 将停用，但仍有 {count} 条相关职责未结束，请导入职责表将其结束。",
        code=code,
        facts={"duties": count},
    )
