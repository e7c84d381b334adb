"""Stage 4: codes → identities. What a record refers to must exist, in the database or in the same file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import Connection

from geodata.intake.rows import Records
from geodata.queries import named_queries
from geodata.records import Finding
from geodata.times import instant

Referred = Literal["roles", "areas", "stations", "compounds", "places"]

_SQL = named_queries(__file__)

_FIELD_ZH = {
    "parent": "上级",
    "nested_in": "所属类型",
    "holder": "责任人",
    "role": "角色",
    "target": "责任对象",
    "layer": "网格类型",
    "area": "区划",
    "community": "社区",
    "compound": "小区",
    "compound_code": "小区编码",
    "building_code": "楼栋编码",
    "station": "站点",
    "organisation": "单位",
    "worker": "人员",
    "stand_in": "代班人",
}


@dataclass(frozen=True, slots=True)
class Known:
    """Identity that a code stands for, and whether it is in force at the instant of the load or later."""

    identity: int
    alive: bool
    kind: str = ""


def now(connection: Connection[Any]) -> int:
    """The database's clock, microseconds since 1970-01-01 UTC."""
    row = connection.execute(_SQL["now"]).fetchone()
    assert row is not None
    return int(row[0])


def known_holders(connection: Connection[Any], codes: Iterable[str], at: int) -> dict[str, list[Known]]:
    """Workers and organisations of each code; two where a worker and an organisation share it."""
    found: dict[str, list[Known]] = {}
    rows = connection.execute(_SQL["holders"], {"codes": sorted(set(codes)), "at": instant(at)})
    for code, identity, kind, alive in rows:
        found.setdefault(code, []).append(Known(identity, alive, kind))
    return found


def known_codes(connection: Connection[Any], what: Referred, codes: Iterable[str], at: int) -> dict[str, Known]:
    """Roles, areas, stations, compounds or places of each code."""
    rows = connection.execute(_SQL[what], {"codes": sorted(set(codes)), "at": instant(at)})
    return {code: Known(identity, alive) for code, identity, alive in rows}


def known_grids(connection: Connection[Any], layer_id: int, codes: Iterable[str], at: int) -> dict[str, Known]:
    """Grids of each code in one layer."""
    values = {"layer_id": layer_id, "codes": sorted(set(codes)), "at": instant(at)}
    return {code: Known(identity, alive) for code, identity, alive in connection.execute(_SQL["grids"], values)}


def known_buildings(
    connection: Connection[Any], codes: Iterable[str], at: int
) -> dict[str, tuple[Known, tuple[str, ...]]]:
    """Buildings of each code, and the labels of their units."""
    rows = connection.execute(_SQL["buildings"], {"codes": sorted(set(codes)), "at": instant(at)})
    return {code: (Known(identity, alive), tuple(units)) for code, identity, alive, units in rows}


def grids_in_areas(connection: Connection[Any], area_ids: Sequence[int]) -> dict[int, int]:
    """Number of grids that lie in each of these areas from now on; areas without any are left out."""
    return dict(connection.execute(_SQL["grids_in_areas"], {"area_ids": list(area_ids)}).fetchall())


def parent_findings(records: Records, field: str, stored: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Errors for parents that do not exist, and for circles of parents.

    Parameters
    ----------
    records
        With ``code`` and the field; sound or not.
    field
        ``parent`` or ``nested_in``.
    stored
        What is in force: ``code`` and the field.
    """
    above = {row["code"]: row[field] for row in stored}
    codes, parents = records.column("code"), records.column(field)
    above |= dict(zip(codes, parents, strict=True)) if field in records.fields else dict.fromkeys(codes)
    findings = []
    for row, code, parent in zip(records.rows.tolist(), codes, parents, strict=True):
        if parent is None:
            continue
        if parent not in above:
            findings.append(unknown(field, parent, row, code))
        elif _in_circle(code, above):
            findings.append(
                Finding(
                    "error",
                    "circular-parent",
                    f"{field}: {code} lies in itself by way of {parent}.",
                    f"{field_zh(field)}：{code} 经由 {parent} 成为自己的上级。",
                    row=row,
                    code=code,
                    facts={"field": field},
                )
            )
    return findings


def field_zh(field: str) -> str:
    """What a field that refers to something is called in Chinese, with its name: 角色（role）."""
    return f"{_FIELD_ZH[field]}（{field}）" if field in _FIELD_ZH else field


def unknown(field: str, value: str, row: int | None, code: str | None) -> Finding:
    """The error that a code stands for nothing."""
    return Finding(
        "error",
        f"unknown-{field.replace('_', '-')}",
        f"{field}: {value} is neither in the file nor in the database at that time; load it first or correct it.",
        f"{field_zh(field)}：文件和数据库中（在生效时间）都没有“{value}”，请先导入或更正。",
        row=row,
        code=code,
        facts={"field": field, "value": value},
    )


def _in_circle(code: str | None, above: Mapping[str | None, str | None]) -> bool:
    seen: set[str | None] = set()
    at = above.get(code)
    while at is not None and at not in seen:
        if at == code:
            return True
        seen.add(at)
        at = above.get(at)
    return False
