"""Stage 2: the rows of a table → records with typed fields, each row that cannot be read named."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.crs import WGS84, Crs
from geodata.intake.cells import Doubted, Unreadable
from geodata.intake.columns import MADE_CODE
from geodata.intake.fields import Field, Kind
from geodata.intake.values import read_cell
from geodata.records import Finding, Severity

LISTED_DOUBTS = 1_000


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
    outlines
        Polygons beside points, EPSG:4326, of kinds that have both; None as a whole where the source gives none.
    """

    rows: NDArray[np.int64]
    fields: dict[str, list[Any]]
    geometry: NDArray[np.object_] | None = None
    sound: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    crs: Crs = WGS84
    outlines: NDArray[np.object_] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """Values of a field; None for each record where no column gives it."""
        return self.fields.get(name) or [None] * len(self.rows)


def read_records(
    kind: Kind,
    columns: Mapping[str, Sequence[Any]],
    rows: NDArray[np.int64],
    mapping: Mapping[str, str],
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
        The records; an error for each cell that cannot be read, each required cell that is empty and each code that
        stands twice; a warning for each cell that was read with doubt, those past `LISTED_DOUBTS` in one.
    """
    reading = _Reading(kind, columns, rows, mapping)
    fields: dict[str, list[Any]] = {}
    if "code" in mapping and mapping["code"] != MADE_CODE:
        fields["code"] = reading.column("code", None)
    codes = fields.get("code")
    for name in mapping:
        if name != "code":
            fields[name] = reading.column(name, codes)
    for one in kind.fields:
        if one.gives and one.name in fields:
            reading.part(one, fields)
    findings, sound = reading.findings, reading.sound
    if not any(field.name == "code" for field in kind.fields) and kind.code_from:
        fields["code"] = list(fields.get(kind.code_from[0], []))
    if "code" in fields and not kind.joins_rows:
        findings.extend(_duplicates(fields["code"], rows, sound))
    return Records(rows, fields, None, sound), findings


class _Reading:
    """The columns of a table being read: which rows are sound so far, and what was found."""

    def __init__(
        self,
        kind: Kind,
        columns: Mapping[str, Sequence[Any]],
        rows: NDArray[np.int64],
        mapping: Mapping[str, str],
    ) -> None:
        self._kind, self._columns, self._rows, self._mapping = kind, columns, rows, mapping
        self.sound = np.ones(len(rows), dtype=bool)
        self.findings: list[Finding] = []

    def column(self, name: str, codes: Sequence[Any] | None) -> list[Any]:
        """Values of one field, None where a cell cannot be read."""
        field = self._kind.field(name)
        values: list[Any] = []
        doubts: Counter[str] = Counter()
        for at, cell in enumerate(self._columns[self._mapping[name]]):
            value = None
            try:
                value = read_cell(field, cell)
                if isinstance(value, Doubted):
                    doubts[value.kind] += 1
                    if doubts[value.kind] <= LISTED_DOUBTS:
                        self._found("warning", value, name, at, codes)
                    value = value.value
                if value is None and field.required:
                    raise Unreadable("missing-value", "is empty but needed.", "为空，必须填写。")
            except Unreadable as fault:
                self.sound[at] = False
                self._found("error", fault, name, at, codes)
            values.append(value)
        for kind, count in doubts.items():
            if count > LISTED_DOUBTS:
                self.findings.append(_more(kind, count - LISTED_DOUBTS, name, self._mapping[name]))
        return values

    def part(self, field: Field, fields: dict[str, list[Any]]) -> None:
        """Share the values of a field out to those that it gives, where they have none of their own."""
        whole = fields.pop(field.name)
        for place, name in enumerate(field.gives):
            own = fields.get(name) or [None] * len(whole)
            fields[name] = [
                value if value is not None or parts is None else parts[place]
                for value, parts in zip(own, whole, strict=True)
            ]
            if self._kind.field(name).required and name not in self._mapping:
                lacking = Unreadable("missing-value", "is empty but needed.", "为空，必须填写。")
                for at, value in enumerate(fields[name]):
                    if value is None and self.sound[at]:
                        self.sound[at] = False
                        self._found("error", lacking, field.name, at, None)

    def _found(
        self, severity: Severity, fault: Unreadable | Doubted, name: str, at: int, codes: Sequence[Any] | None
    ) -> None:
        column = self._mapping[name]
        label, label_zh = (name, name) if column == name else (f"{column[:40]} ({name})", f"{column[:40]}（{name}）")
        self.findings.append(
            Finding(
                severity,
                fault.kind,
                f"{label}: {fault.message}",
                f"{label_zh}：{fault.message_zh}",
                row=int(self._rows[at]),
                code=codes[at] if codes else None,
                facts={"field": name, "column": column},
            )
        )


def _more(kind: str, count: int, name: str, column: str) -> Finding:
    return Finding(
        "warning",
        kind,
        f"{column[:40]}: {count} more rows are read like this.",
        f"{column[:40]}：另有 {count} 行按同样方式读取。",
        facts={"field": name, "column": column, "rows": count},
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
        findings.append(duplicate(int(rows[position]), first[code], code))
    return findings


def duplicate(row: int, earlier: int, code: str) -> Finding:
    """The error that a code stands in two rows."""
    return Finding(
        "error",
        "duplicate-code",
        f"{code} stands in row {earlier} already: keep one of the two, or give one another code.",
        f"编码 {code} 已在第 {earlier} 行出现，请删除其一或更换编码。",
        row=row,
        code=code,
        facts={"field": "code", "first_row": earlier},
    )
