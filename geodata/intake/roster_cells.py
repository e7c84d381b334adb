"""Stage 4 for rosters: which cells say who holds which role, in wide sheets and in lists of a row for each person."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geodata.intake.named import plain_name
from geodata.intake.roster_columns import NAME, OWN_ROLE, PERSON, PHONE, STAND_IN
from geodata.intake.roster_targets import Row
from geodata.intake.rows import Records
from geodata.records import Finding

_BETWEEN: Final = re.compile(r"[、,，;；/\n]+")
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """Cells of one role: the columns of names and phones, by their fields, and the rows in which they mean that role.

    ``stands_in`` where the column names only those who stand in.
    """

    role: str
    name: str
    phone: str | None
    rows: Sequence[Row]
    stands_in: bool = False


def readings_of(
    rows: Sequence[Row], records: Records, mapping: Mapping[str, str], roles: Mapping[str, str]
) -> tuple[list[Reading], list[Finding]]:
    """Where to read who holds which role, and what is wrong with the cells that name roles.

    Parameters
    ----------
    roles
        What roles are called, plain, to their codes (see `geodata.intake.roster_columns.roles_by_call`).

    Notes
    -----
    A column of stand-ins is for the role of its row, or for the only role of a wide sheet. In a wide sheet of several
    roles nobody can say whose stand-ins they are: a warning says that they are not read.
    """
    wide = [name.removesuffix(NAME) for name in mapping if name.endswith(NAME) and name != PERSON + NAME]
    readings = [Reading(role, role + NAME, role + PHONE if role + PHONE in mapping else None, rows) for role in wide]
    findings: list[Finding] = []
    if OWN_ROLE in mapping and PERSON + NAME in mapping:
        listed, findings = _listed(rows, records, mapping, roles)
        readings += listed
    elif not wide:
        findings.append(_no_names(mapping))
    elif STAND_IN in mapping:
        if len(wide) == 1:
            readings.append(Reading(wide[0], STAND_IN, None, rows, stands_in=True))
        else:
            findings.append(_whose_stand_ins(mapping[STAND_IN]))
    return readings, findings


def _listed(
    rows: Sequence[Row], records: Records, mapping: Mapping[str, str], roles: Mapping[str, str]
) -> tuple[list[Reading], list[Finding]]:
    """Readings of a list with a column that says which role somebody holds."""
    cells = records.column(OWN_ROLE)
    of_role: dict[str, list[Row]] = defaultdict(list)
    findings: list[Finding] = []
    for row in rows:
        said = [part.strip() for part in _BETWEEN.split(unicodedata.normalize("NFKC", cells[row.at] or ""))]
        for part in dict.fromkeys(said):
            role = roles.get(plain_name(part))
            if role is not None:
                of_role[role].append(row)
            else:
                findings.append(_unknown_role(row, part, mapping[OWN_ROLE], roles))
    phone = PERSON + PHONE if PERSON + PHONE in mapping else None
    readings = [Reading(role, PERSON + NAME, phone, found) for role, found in of_role.items()]
    if STAND_IN in mapping:
        readings += [Reading(role, STAND_IN, None, found, stands_in=True) for role, found in of_role.items()]
    return readings, findings


def _unknown_role(row: Row, text: str, column: str, roles: Mapping[str, str]) -> Finding:
    facts = {"field": OWN_ROLE, "column": column, "value": text}
    if not text:
        message, zh = f"{column[:40]}: which role is it? Empty.", f"{column[:40]}：为空，请填写角色。"
        return Finding("error", "missing-value", message, zh, row=row.number, code=row.target.code, facts=facts)
    # The first that a role is called is its name.
    known = list({code: call for call, code in reversed(list(roles.items()))}.values())
    shown = ", ".join(known[:_SHOWN]) + (" …" if len(known) > _SHOWN else "")
    return Finding(
        "error",
        "unknown-role",
        f"{column[:40]}: there is no role “{text[:30]}”; known are {shown}.",
        f"{column[:40]}：没有名为“{text[:30]}”的角色，可用：{shown}。请更正，或先导入该角色。",
        row=row.number,
        code=row.target.code,
        facts=facts,
    )


def _no_names(mapping: Mapping[str, str]) -> Finding:
    return Finding(
        "error",
        "missing-column",
        f"The sheet has the column {mapping.get(OWN_ROLE, '')!r} for roles and none for names: "
        f"say which it is: --map {PERSON + NAME}=COLUMN.",
        f"表中有角色列“{mapping.get(OWN_ROLE, '')}”，但没有姓名列，请指定：--map {PERSON + NAME}=列名。",
        facts={"field": PERSON + NAME},
    )


def _whose_stand_ins(column: str) -> Finding:
    return Finding(
        "warning",
        "stand-ins-not-read",
        f"{column[:40]} is not read: the sheet has several roles, and nobody can say whose stand-ins these are. "
        "Write them in the role's cell, as in 张三、李四（代）.",
        f"“{column[:40]}”未读取：表中有多个角色，无法判断代的是谁。请写在该角色的单元格中，例如 张三、李四（代）。",
        facts={"column": column},
    )
