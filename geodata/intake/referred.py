"""Stage 4 for kinds that are known by their code: what their records refer to must be there, by code or by name."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from psycopg import Connection

from geodata.grid.layers import layers
from geodata.intake.fields import Kind, Referred
from geodata.intake.named import coded, register_of
from geodata.intake.references import known_buildings, known_codes, known_holders, unknown
from geodata.intake.rows import Records
from geodata.records import Finding


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
    fields, sound, labels = dict(records.fields), records.sound.copy(), records.column("code")
    for field in kind.fields:
        if field.refers is None or field.refers == kind.name or field.name not in fields:
            continue
        values = fields[field.name]
        wanted = sorted({value for value in values if value is not None})
        alive = _alive(connection, field.refers, wanted, at)
        lacking = [at_row for at_row, value in enumerate(values) if value is not None and value not in alive]
        if not lacking:
            continue
        made = coded(register_of(connection, [field.refers], at), field.name, values, lacking, records.rows.tolist())
        findings += made.findings
        for at_row in lacking:
            if made.values[at_row] == values[at_row]:
                made.values[at_row] = None
                sound[at_row] = False
                if at_row not in made.doubtful:
                    findings.append(unknown(field.name, values[at_row], int(records.rows[at_row]), labels[at_row]))
        fields[field.name] = made.values
    return replace(records, fields=fields, sound=sound), findings


def _alive(connection: Connection[Any], what: Referred, codes: Sequence[str], at: int) -> set[str]:
    if what == "layers":
        return {layer["code"] for layer in layers(connection)} & set(codes)
    if what == "workers" or what == "organisations":
        kind = what.removesuffix("s")
        holders = known_holders(connection, codes, at)
        return {code for code, known in holders.items() if any(one.alive and one.kind == kind for one in known)}
    if what == "buildings":
        return {code for code, (one, _) in known_buildings(connection, codes, at).items() if one.alive}
    known = known_codes(connection, what, codes, at)
    return {code for code, one in known.items() if one.alive}
