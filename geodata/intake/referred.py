"""Stage 4 for kinds that are known by their code: what their records refer to must be there, by code or by name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from psycopg import Connection

from geodata.grid.layers import layers
from geodata.intake.fields import Field, Kind, Referred
from geodata.intake.references import known_codes, known_holders, unknown
from geodata.intake.rows import Records
from geodata.queries import named_queries
from geodata.records import Finding
from geodata.times import instant

_SQL = named_queries(__file__)


def resolve_references(
    connection: Connection[Any], kind: Kind, records: Records, at: int
) -> tuple[Records, list[Finding]]:
    """Records that hold codes where a file has names; what stands for nothing, or for several, is an error.

    Parameters
    ----------
    kind
        Its fields that refer to another kind are looked at; those that refer to records of their own kind are not.
    at
        Instant of the load, microseconds since 1970-01-01 UTC: what is over by then cannot be named.

    Notes
    -----
    A name is taken where no code reads like it and one record only has it; a warning says so, once for each name.
    """
    findings: list[Finding] = []
    fields, sound = dict(records.fields), records.sound.copy()
    for field in kind.fields:
        if field.refers is None or field.refers == kind.name or field.name not in fields:
            continue
        values = fields[field.name]
        wanted = sorted({value for value in values if value is not None})
        alive = _alive(connection, field.refers, wanted, at)
        names = _by_name(connection, field.refers, [value for value in wanted if value not in alive], at)
        fields[field.name] = [value if value in alive else _only(names.get(value)) for value in values]
        findings += _named(field, values, names, records)
        for at_row, value in enumerate(values):
            if value is not None and fields[field.name][at_row] is None:
                sound[at_row] = False
                findings.append(_unresolved(field, value, names.get(value), records, at_row))
    return replace(records, fields=fields, sound=sound), findings


def _alive(connection: Connection[Any], what: Referred, codes: Sequence[str], at: int) -> set[str]:
    if what == "layers":
        return {layer["code"] for layer in layers(connection)} & set(codes)
    if what == "workers" or what == "organisations":
        kind = what.removesuffix("s")
        holders = known_holders(connection, codes, at)
        return {code for code, known in holders.items() if any(one.alive and one.kind == kind for one in known)}
    known = known_codes(connection, what, codes, at)
    return {code for code, one in known.items() if one.alive}


def _by_name(connection: Connection[Any], what: str, names: Iterable[str], at: int) -> dict[str, list[str]]:
    """Codes of the records in force then that have each name."""
    asked = list(names)
    found: dict[str, list[str]] = {}
    if asked:
        values = {"names": asked, "at": instant(at)}
        for name, code in connection.execute(_SQL[f"{what}_by_name"], values):
            found.setdefault(name, []).append(code)
    return found


def _only(codes: Sequence[str] | None) -> str | None:
    return codes[0] if codes and len(codes) == 1 else None


def _named(field: Field, values: Sequence[Any], names: Mapping[str, Sequence[str]], records: Records) -> list[Finding]:
    """A warning for each name that was taken for a code."""
    counts = Counter(value for value in values if _only(names.get(value)) is not None)
    return [
        Finding(
            "warning",
            "resolved-by-name",
            f"{field.name}: {name} is read as {names[name][0]}, the only one of that name ({count} rows).",
            f"{field.label}：“{name}”按名称对应编码 {names[name][0]}（{count} 行）。",
            row=int(records.rows[list(values).index(name)]),
            facts={"field": field.name, "value": name, "code": names[name][0], "rows": count},
        )
        for name, count in counts.items()
    ]


def _unresolved(field: Field, value: str, codes: Sequence[str] | None, records: Records, at_row: int) -> Finding:
    row, code = int(records.rows[at_row]), records.column("code")[at_row]
    if not codes:
        return unknown(field.name, value, row, code)
    listed = ", ".join(codes[:5]) + (" …" if len(codes) > 5 else "")
    return Finding(
        "error",
        f"ambiguous-{field.name.replace('_', '-')}",
        f"{field.name}: {len(codes)} are called {value} ({listed}); write the code.",
        f"{field.label}：有 {len(codes)} 个名为“{value}”（{listed}），请填写编码。",
        row=row,
        code=code,
        facts={"field": field.name, "value": value},
    )
