"""Stage 4 for wide rosters: what each row is for, by code or by name, and where that lies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from psycopg import Connection

from geodata.grid.layers import layer as layer_of
from geodata.intake.named import OF_TARGET, Entry, Register, ambiguous_name, register_of
from geodata.intake.references import unknown
from geodata.intake.roster_columns import TARGET_FIELDS
from geodata.intake.rows import Records
from geodata.intake.targets import UNIT_MARK
from geodata.records import Finding

# The finest of these that a row gives is what its people are for.
FINEST: Final = ("building", "compound", "station", "place", "grid", "community")


@dataclass(frozen=True, slots=True)
class RosterTarget:
    """What the people of a row are for; ``code`` as duties name it."""

    kind: str
    identity: int
    unit: str
    code: str
    name: str
    layer: str | None

    @property
    def key(self) -> tuple[str, int, str]:
        """What tells it from others."""
        return self.kind, self.identity, self.unit

    @property
    def words(self) -> str:
        """What people call it."""
        return f"{self.name}（{self.code}）" if self.name and self.name != self.code else self.code


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose target is known.

    Parameters
    ----------
    at, number
        Position among the records, and row in the sheet.
    scopes
        Where it lies: the target itself, and its community where one is known, as kind and identity.
    community
        Code of the community; empty where none is known.
    """

    at: int
    number: int
    target: RosterTarget
    scopes: frozenset[tuple[str, int]]
    community: str


def rows_of(
    connection: Connection[Any], records: Records, mapping: Mapping[str, str], at: int, layer: str | None
) -> tuple[list[Row], list[Finding]]:
    """Rows whose target is known, an error for each other row, and a warning about targets that were named.

    Parameters
    ----------
    at
        Microseconds since 1970-01-01 UTC.
    layer
        Code of the layer of grids where a row names none; the default one when None.

    Raises
    ------
    NotKnownError
        There is no such layer.
    """
    finding_targets = _Finding(connection, records, mapping, at, layer)
    rows = [row for place in np.flatnonzero(records.sound).tolist() if (row := finding_targets.row(place)) is not None]
    if finding_targets.named:
        finding_targets.findings.append(_by_name(len(finding_targets.named)))
    return rows, finding_targets.findings


class _Finding:
    """The registers that the rows name, and what was found wrong so far."""

    def __init__(
        self, connection: Connection[Any], records: Records, mapping: Mapping[str, str], at: int, layer: str | None
    ) -> None:
        self._connection, self._records, self._mapping, self._at, self._layer = connection, records, mapping, at, layer
        self.findings: list[Finding] = []
        self.named: set[str] = set()
        self._columns = {field: records.column(field) for field in (*TARGET_FIELDS, "layer")}
        self._areas = register_of(connection, ["areas"], at)
        self._communities = {entry.identity: entry for entry in self._areas.by_code.values()}
        self._registers: dict[tuple[str, str | None], Register] = {}
        self._layers: dict[str | None, str] = {}

    def row(self, place: int) -> Row | None:
        """One row; None, with an error noted, where its target is not known."""
        number = int(self._records.rows[place])
        cells = {field: column[place] for field, column in self._columns.items()}
        field = next((field for field in FINEST if cells[field]), None)
        if field is None:
            self.findings.append(self._no_target(number))
            return None
        community = self._entry("community", cells["community"], number, self._areas) if cells["community"] else None
        if community is None and cells["community"]:
            return None
        found = community if field == "community" else self._target(field, cells, number, community)
        if found is None:
            return None
        return self._placed(place, number, field, found, cells, community)

    def _target(self, field: str, cells: Mapping[str, Any], number: int, community: Entry | None) -> Entry | None:
        """What the finest column names, looked for inside what the coarser ones name."""
        within: set[int] = set()
        if field == "grid" and community is not None:
            within = {community.identity}
        if field == "building" and cells["compound"]:
            compound = self._entry("compound", cells["compound"], number, self._register("compound", None))
            if compound is None:
                return None
            within = {compound.identity}
        register = self._register(field, self._grid_layer(cells) if field == "grid" else None)
        prefix = community.name if community is not None else (cells["compound"] or "")
        found = self._entry(field, cells[field], number, register, within, prefix)
        if found is not None and within and found.within is not None and found.within not in within:
            self.findings.append(self._elsewhere(field, found, cells, number))
            return None
        return found

    def _entry(
        self, field: str, text: str, number: int, register: Register, within: set[int] | None = None, prefix: str = ""
    ) -> Entry | None:
        found = register.find(text, within or set(), prefix)
        if len(found) == 1:
            if found[0].code != text:
                self.named.add(found[0].code)
            return found[0]
        if found:
            self.findings.append(ambiguous_name(field, text, found, number))
            return None
        missing = unknown("target", text, number, text)
        self.findings.append(replace(missing, facts={**missing.facts, "field": field}))
        return None

    def _register(self, field: str, layer: str | None) -> Register:
        key = (field, layer)
        if key not in self._registers:
            self._registers[key] = register_of(self._connection, [OF_TARGET[field]], self._at, layer=layer)
        return self._registers[key]

    def _grid_layer(self, cells: Mapping[str, Any]) -> str:
        named = cells["layer"] or self._layer
        if named not in self._layers:
            self._layers[named] = str(layer_of(self._connection, named)["code"])
        return self._layers[named]

    def _placed(
        self, place: int, number: int, field: str, found: Entry, cells: Mapping[str, Any], community: Entry | None
    ) -> Row:
        kind = "area" if field == "community" else field
        unit, code = "", found.code
        if field == "building" and cells["unit"]:
            kind, unit = "unit", str(cells["unit"]).strip()
            code = f"{found.code}{UNIT_MARK}{unit}"
        layer = self._grid_layer(cells) if field == "grid" else None
        if field == "grid" and found.within is not None:
            community = self._communities.get(found.within, community)
        scopes = {(kind, found.identity)}
        if community is not None:
            scopes.add(("area", community.identity))
        target = RosterTarget(kind, found.identity, unit, code, found.name, layer)
        return Row(place, number, target, frozenset(scopes), community.code if community else "")

    def _no_target(self, number: int) -> Finding:
        columns = [self._mapping[field] for field in FINEST if field in self._mapping] or ["building"]
        return Finding(
            "error",
            "missing-value",
            f"The row names no grid, building or community: fill in {' or '.join(columns)}.",
            f"此行没有填写责任对象，请填写：{'、'.join(columns)}。",
            row=number,
            facts={"column": columns[0]},
        )

    def _elsewhere(self, field: str, found: Entry, cells: Mapping[str, Any], number: int) -> Finding:
        other = cells["community"] if field == "grid" else cells["compound"]
        return Finding(
            "error",
            "elsewhere",
            f"{found.code} does not lie in {other}: correct one of the two.",
            f"{found.code} 不在“{other}”内，请更正其一。",
            row=number,
            code=found.code,
            facts={"field": field, "column": self._mapping[field]},
        )


def _by_name(count: int) -> Finding:
    return Finding(
        "warning",
        "resolved-by-name",
        f"{count} targets are given by name; each is the only one of its name there.",
        f"有 {count} 个责任对象按名称唯一对应。",
        facts={"field": "target", "names": count},
    )
