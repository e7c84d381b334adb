"""Stage 5 for what ends: who still counts on it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from geodata.intake.references import grids_in_areas
from geodata.people.roster import stored_duties
from geodata.records import Finding

_DUTY_COLUMN = {
    "areas": "target_id",
    "grids": "target_id",
    "stations": "target_id",
    "roles": "role_id",
    "workers": "holder_id",
    "organisations": "holder_id",
}


def dependant_findings(
    connection: Connection[Any], kind: str, ending: Sequence[Mapping[str, Any]], effective: int
) -> list[Finding]:
    """Errors for areas that end while grids lie in them; warnings for what ends while duties go on.

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
        target = kind.removesuffix("s")
        held = Counter(
            duty[column]
            for duty in stored_duties(connection)
            if duty["ends"] > effective
            and duty[column] in codes
            and (column != "target_id" or duty["target_kind"] == target)
        )
        findings += [_leaves_duties(codes[identity], count) for identity, count in held.items()]
    return findings


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
