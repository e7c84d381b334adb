"""Stage 2: the rows of a table → records with typed fields, each row that cannot be read named."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.crs import WGS84, Crs
from geodata.intake.columns import MADE_CODE
from geodata.intake.kinds import Kind
from geodata.intake.values import Unreadable, read_value
from geodata.records import Finding


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one kind, column by column.

    Parameters
    ----------
    rows
        Row in the source of each record, as its user counts.
    fields
        Field name to one value per record; fields that no column gives are left out.
    geometry
        Shapely geometries in EPSG:4326, None where there is none; None as a whole where the source has no geometry.
    sound
        Whether each record was read without an error.
    crs
        Datum that the coordinates were read in; EPSG:4490 counts as EPSG:4326.
    """

    rows: NDArray[np.int64]
    fields: dict[str, list[Any]]
    geometry: NDArray[np.object_] | None = None
    sound: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    crs: Crs = WGS84

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """Values of a field; None for each record where no column gives it."""
        return self.fields.get(name) or [None] * len(self.rows)


def read_records(
    kind: Kind, columns: Mapping[str, Sequence[Any]], rows: NDArray[np.int64], mapping: Mapping[str, str]
) -> tuple[Records, list[Finding]]:
    """Records read from the cells of a table.

    Parameters
    ----------
    kind
        What is loaded.
    columns
        Column name to its cells.
    rows
        Row in the source of each record.
    mapping
        Field to column, from `match_columns`.

    Returns
    -------
    tuple
        The records, and an error for each cell that cannot be read, each required cell that is empty and each code
        that stands twice.
    """
    findings: list[Finding] = []
    sound = np.ones(len(rows), dtype=bool)
    fields: dict[str, list[Any]] = {}
    if "code" in mapping and mapping["code"] != MADE_CODE:
        fields["code"] = _read_column(
            kind, "code", mapping["code"], columns[mapping["code"]], rows, None, sound, findings
        )
    codes = fields.get("code")
    for name, column in mapping.items():
        if name != "code":
            fields[name] = _read_column(kind, name, column, columns[column], rows, codes, sound, findings)
    if mapping.get("code") == MADE_CODE:
        findings.extend(_make_codes(kind, fields, rows, sound))
    elif "code" in fields:
        findings.extend(_duplicates(fields["code"], rows, sound))
    return Records(rows, fields, None, sound), findings


def _read_column(
    kind: Kind,
    name: str,
    column: str,
    cells: Sequence[Any],
    rows: NDArray[np.int64],
    codes: Sequence[Any] | None,
    sound: NDArray[np.bool_],
    findings: list[Finding],
) -> list[Any]:
    field = kind.field(name)
    label, label_zh = (name, name) if column == name else (f"{column[:40]} ({name})", f"{column[:40]}（{name}）")
    values: list[Any] = []
    for position, cell in enumerate(cells):
        value = None
        try:
            value = read_value(field, cell)
            if value is None and field.required:
                raise Unreadable("missing-value", "is empty but needed.", "为空，必须填写。")
        except Unreadable as fault:
            sound[position] = False
            findings.append(
                Finding(
                    "error",
                    fault.kind,
                    f"{label}: {fault.message}",
                    f"{label_zh}：{fault.message_zh}",
                    row=int(rows[position]),
                    code=codes[position] if codes else None,
                    facts={"field": name},
                )
            )
        values.append(value)
    return values


def _make_codes(
    kind: Kind, fields: dict[str, list[Any]], rows: NDArray[np.int64], sound: NDArray[np.bool_]
) -> list[Finding]:
    """Add codes that last as long as the fields that they are made from; a row that stands twice counts once."""
    names = sorted(fields)
    contents = list(zip(*(fields[name] for name in names), strict=True))
    sources = [names.index(name) for name in kind.code_from if name in fields]
    first: dict[str, int] = {}
    findings = []
    codes = []
    for at, content in enumerate(contents):
        code = _digest(content[source] for source in sources)
        if code in first and contents[first[code]] != content:
            code = _digest(content)
        codes.append(code)
        if first.setdefault(code, at) != at:
            sound[at] = False
            findings.append(_repeated(int(rows[at]), int(rows[first[code]]), code))
    fields["code"] = codes
    return findings


def _digest(values: Iterable[Any]) -> str:
    content = "\x1f".join(str(value) for value in values)
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:12]


def _repeated(row: int, earlier: int, code: str) -> Finding:
    return Finding(
        "warning",
        "repeated-row",
        f"The row says the same as row {earlier} and is left out.",
        f"与第 {earlier} 行内容相同，已略去。",
        row=row,
        code=code,
        facts={"first_row": earlier},
    )


def _duplicates(codes: Sequence[Any], rows: NDArray[np.int64], sound: NDArray[np.bool_]) -> list[Finding]:
    first: dict[str, int] = {}
    findings = []
    for position, code in enumerate(codes):
        if code is None:
            continue
        if code not in first:
            first[code] = int(rows[position])
            continue
        sound[position] = False
        findings.append(
            Finding(
                "error",
                "duplicate-code",
                f"{code} stands in row {first[code]} already: keep one of the two, or give one another code.",
                f"编码 {code} 已在第 {first[code]} 行出现，请删除其一或更换编码。",
                row=int(rows[position]),
                code=code,
                facts={"first_row": first[code]},
            )
        )
    return findings
