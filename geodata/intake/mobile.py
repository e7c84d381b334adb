"""Stage 4 for stations: those without a place are mobile, and found at their stops; of others it is asked for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from psycopg import Connection

from geodata.intake.rows import Records
from geodata.records import Finding
from geodata.station.stops import stored_stops

LISTED: Final = 50
# 移动 alone is in the name of a telephone company.
_MOBILE: Final = re.compile(
    r"流动|巡回|巡游|移动(?:服务|办事|站|车|点)|上门|mobile|travelling|traveling", re.IGNORECASE
)


def placed_or_mobile(
    connection: Connection[Any], records: Records, stored: Sequence[Mapping[str, Any]], at: int
) -> tuple[Records, list[Finding]]:
    """Stations that have a place, or need none; an error for each other one, a warning for those without stops so far.

    Parameters
    ----------
    stored
        Stations in force: what the file has no column for is theirs.
    at
        Instant of the load, microseconds since 1970-01-01 UTC.

    Notes
    -----
    A station is mobile whose category, level or name says so, or that has stops which stand or are to come.
    """
    known = {row["code"]: row for row in stored}
    lacking = [
        place for place in np.flatnonzero(records.sound).tolist() if _value(records, known, place, "lon") is None
    ]
    if not lacking:
        return records, []
    stopping = {stop["station"] for stop in stored_stops(connection) if stop["to"] > at}
    sound = records.sound.copy()
    errors: list[Finding] = []
    warnings: list[Finding] = []
    for place in lacking:
        code = records.column("code")[place]
        if code in stopping:
            continue
        if any(_MOBILE.search(_value(records, known, place, name) or "") for name in ("category", "level", "name")):
            warnings.append(_without_stops(records, place))
        else:
            sound[place] = False
            errors.append(_without_place(records, place, _value(records, known, place, "address")))
    return replace(records, sound=sound), _listed(errors) + _listed(warnings)


def _value(records: Records, known: Mapping[str, Mapping[str, Any]], place: int, name: str) -> Any:
    """What the file says of a field, else what is stored."""
    if name in records.fields:
        return records.fields[name][place]
    return known.get(records.column("code")[place], {}).get(name)


def _without_place(records: Records, at: int, address: str | None) -> Finding:
    name = records.column("name")[at]
    has, has_zh = ("an address, but no", "只有地址，") if address else ("neither an address nor", "没有地址，也")
    return Finding(
        "error",
        "missing-place",
        f"{name} has {has} longitude and latitude: add them. If it moves between stops, say so in its category, as "
        "in 流动服务站, and load its stops.",
        f"“{name}”{has_zh}缺少经纬度，请补充；若为流动站点，请在类别中注明“流动”，并导入其停靠点。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "lon" if "lon" in records.fields else "address", "value": address or ""},
    )


def _without_stops(records: Records, at: int) -> Finding:
    name = records.column("name")[at]
    return Finding(
        "warning",
        "no-stops",
        f"{name} has no place of its own and is taken for a mobile station: it is found once its stops are loaded.",
        f"“{name}”没有经纬度，按流动站点处理；导入停靠点后才能在地图和查询中找到。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "category"},
    )


def _listed(findings: list[Finding]) -> list[Finding]:
    """Findings up to `LISTED`, then how many more there are."""
    if len(findings) <= LISTED:
        return findings
    first, count = findings[0], len(findings) - LISTED
    more = Finding(
        first.severity,
        first.kind,
        f"{count} more rows have the same fault.",
        f"另有 {count} 行存在同样的问题。",
        facts={"rows": count},
    )
    return [*findings[:LISTED], more]
