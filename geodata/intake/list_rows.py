"""Rows of lists → one grid each: rows of one grid joined, communities and codes that offices leave out found."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from geodata.intake.communities import Territory, named_communities
from geodata.intake.list_words import short_list
from geodata.intake.listed import ListPart
from geodata.intake.rows import Records
from geodata.records import Finding

LISTS = ("compounds", "buildings", "roads", "scope")
_COUNTS = ("households", "persons")
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Joined:
    """Grids of a list.

    Parameters
    ----------
    records
        One record for each grid, without the lists; ``community`` is a code.
    parts
        What each row of each grid lists.
    findings
        What was guessed, and what cannot be told.
    """

    records: Records
    parts: list[list[ListPart]]
    findings: list[Finding]


def join_rows(records: Records, known: Territory, existing: Sequence[Mapping[str, Any]], within: str | None) -> Joined:
    """One record for each grid.

    Parameters
    ----------
    records
        A row each: ``code name kind community households persons`` and the lists.
    known
        The areas in force.
    existing
        Grids of the layer: ``code name community households persons``.
    within
        The area that is loaded, where it is told.

    Notes
    -----
    A row that has neither code nor name belongs to the grid above it; so do rows of the same code, or without one of
    the same name and community. A community that is not written is that of the grid's code, the area that is loaded,
    or that of the row above. A grid without a code keeps that of the grid of its name, else gets its community's code
    and a number. A count that is left empty keeps what is stored.
    """
    return _Joining(records, known, existing, within).joined()


@dataclass(slots=True)
class _Grid:
    """Positions of the rows of one grid."""

    rows: list[int]
    code: str | None
    name: str | None
    community: str | None
    taken: bool = True


@dataclass(slots=True)
class _Said:
    """Rows of which the same was guessed."""

    rows: list[int] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    def add(self, row: int, example: str) -> None:
        self.rows.append(row)
        self.examples.append(example)


class _Joining:
    def __init__(
        self, records: Records, known: Territory, existing: Sequence[Mapping[str, Any]], within: str | None
    ) -> None:
        self._records, self._known, self._existing = records, known, existing
        self._stored = {one["code"]: one for one in existing}
        self._codes, self._names = records.column("code"), records.column("name")
        self._drawn = set(known.communities["code"])
        self._within = within if within in self._drawn else None
        named, self._findings = named_communities(
            known, records.column("community"), records.rows.tolist(), self._codes
        )
        self._named = named
        self._guessed: dict[str, _Said] = defaultdict(_Said)
        self._sound = records.sound.copy()

    def joined(self) -> Joined:
        grids = [grid for grid in self._grids() if grid.taken]
        self._make_codes(grids)
        first = [grid.rows[0] for grid in grids]
        fields = {
            name: [values[at] for at in first] for name, values in self._records.fields.items() if name not in LISTS
        }
        fields["code"] = [grid.code for grid in grids]
        fields["community"] = [grid.community for grid in grids]
        if "name" in fields:
            fields["name"] = [grid.name for grid in grids]
        for name in _COUNTS:
            if name in fields:
                fields[name] = [self._count(name, grid) for grid in grids]
        sound = np.array([all(self._sound[at] for at in grid.rows) for grid in grids], dtype=bool)
        records = replace(self._records, rows=self._records.rows[first], fields=fields, sound=sound, geometry=None)
        findings = [*self._findings, *(_guess(how, said) for how, said in self._guessed.items())]
        return Joined(records, [self._parts(grid) for grid in grids], findings)

    def _grids(self) -> list[_Grid]:
        """Rows put together, in the order of their first ones."""
        grids: list[_Grid] = []
        by_key: dict[tuple[str | None, str | None], _Grid] = {}
        above: str | None = None
        for at in range(len(self._records)):
            code, name = self._codes[at], self._names[at]
            if code is None and name is None:
                self._go_on(at, grids)
                continue
            community = self._community(at, above)
            above = community or above
            key = (code, None) if code is not None else (community, name)
            grid = by_key.get(key)
            if grid is None:
                by_key[key] = grid = _Grid([], code, name, community)
                grids.append(grid)
            elif not self._is_same(at, grid, name, community):
                continue
            grid.rows.append(at)
            grid.name = grid.name or name
        return grids

    def _go_on(self, at: int, grids: list[_Grid]) -> None:
        """A row without code and name, of the grid above."""
        row = int(self._records.rows[at])
        if not grids:
            self._say(at, None, "missing-value", "code", "has neither code nor name.", "没有网格编码，也没有名称。")
        elif self._named[at] not in (None, grids[-1].community):
            text = "names another community than the grid above, but no grid.", "写明了另一社区，但没有写明网格。"
            self._say(at, None, "missing-value", "code", *text)
        else:
            grids[-1].rows.append(at)
            self._guessed["grid-from-above"].add(row, grids[-1].code or str(grids[-1].name))

    def _is_same(self, at: int, grid: _Grid, name: str | None, community: str | None) -> bool:
        first = int(self._records.rows[grid.rows[0]])
        if name not in (None, grid.name) and grid.name is not None:
            self._say(
                at,
                grid.code,
                "duplicate-code",
                "code",
                f"stands in row {first} already, as {grid.name!r}: give one of the two another code.",
                f"编码 {grid.code} 已在第 {first} 行出现，名称为“{grid.name}”：请更换其中一个编码。",
                first_row=first,
            )
            return False
        if community != grid.community:
            self._say(
                at,
                grid.code,
                "duplicate-code",
                "community",
                f"stands in row {first} already, in another community: a grid lies in one.",
                f"编码 {grid.code} 已在第 {first} 行出现，但所属社区不同：一个网格只属于一个社区。",
                first_row=first,
            )
            return False
        return True

    def _community(self, at: int, above: str | None) -> str | None:
        """Code of a row's community; None where it is not known, which is said."""
        row, code = int(self._records.rows[at]), self._codes[at]
        written = self._records.column("community")[at]
        if self._named[at] is not None or written is not None:
            return self._named[at]
        by_code = [one for one in self._drawn if code is not None and code != one and code.startswith(one)]
        if by_code:
            found = str(max(by_code, key=len))
            self._guessed["community-by-code"].add(row, str(self._known.areas[found]["name"]))
            return found
        if self._within is not None:
            return self._within
        if above is not None:
            self._guessed["community-from-above"].add(row, str(self._known.areas[above]["name"]))
            return above
        text = (
            "no community is written, and the code begins with none: add a column, or name it with --within.",
            "没有写明社区，网格编码也不以社区编码开头：请增加社区列，或用 --within 指定社区。",
        )
        self._say(at, code, "missing-value", "community", *text)
        return None

    def _make_codes(self, grids: Sequence[_Grid]) -> None:
        """Codes for grids without one, and the full name of a grid that a list calls by the end of it."""
        by_name = {(one["community"], one["name"]): one["code"] for one in self._existing}
        used = {*self._stored, *(grid.code for grid in grids)}
        for grid in grids:
            if grid.community is None or grid.name is None:
                continue
            full = f"{self._known.areas[grid.community]['name']}{grid.name}"
            row = int(self._records.rows[grid.rows[0]])
            if grid.code is None:
                # As it is called now, or as it is called with the community before it.
                grid.code = by_name.get((grid.community, grid.name)) or by_name.get((grid.community, full))
                how = "code-by-name" if grid.code else "made-code"
                grid.code = grid.code or self._next(grid.community, used)
                used.add(grid.code)
                self._guessed[how].add(row, f"{grid.name} = {grid.code}")
            if self._stored.get(grid.code, {}).get("name") == full:
                grid.name = full

    @staticmethod
    def _next(community: str, used: set[str | None]) -> str:
        number = 1
        while f"{community}{number:0{_DIGITS}d}" in used:
            number += 1
        return f"{community}{number:0{_DIGITS}d}"

    def _count(self, name: str, grid: _Grid) -> int | None:
        """A count of a grid: what its rows agree on, else their sum, which is said; what is stored if none has it."""
        values = [value for at in grid.rows if (value := self._records.column(name)[at]) is not None]
        if not values:
            return self._stored.get(str(grid.code), {}).get(name)
        if len(set(values)) == 1:
            return int(values[0])
        row = int(self._records.rows[grid.rows[0]])
        self._findings.append(
            Finding(
                "warning",
                "summed-count",
                f"Grid {grid.code}: {name} of its {len(values)} rows are added up to {sum(values)}.",
                f"网格 {grid.code}：其 {len(values)} 行的数量合计为 {sum(values)}。",
                row,
                grid.code,
                facts={"field": name, "sum": sum(values)},
            )
        )
        return int(sum(values))

    def _parts(self, grid: _Grid) -> list[ListPart]:
        return [
            ListPart(int(self._records.rows[at]), *(tuple(self._records.column(name)[at] or ()) for name in LISTS))
            for at in grid.rows
        ]

    def _say(
        self, at: int, code: str | None, kind: str, column: str, message: str, message_zh: str, **facts: Any
    ) -> None:
        self._sound[at] = False
        subject, subject_zh = (f"{code} ", "") if code and kind == "duplicate-code" else (f"{column}: ", f"{column}：")
        self._findings.append(
            Finding(
                "error",
                kind,
                subject + message,
                subject_zh + message_zh,
                int(self._records.rows[at]),
                code,
                facts={"field": column, **facts},
            )
        )


_GUESSES = {
    "grid-from-above": (
        "{count} rows have neither code nor name and go with the grid above ({examples}).",
        "{count} 行没有网格编码和名称，归入上一行的网格（{examples}）。",
    ),
    "community-by-code": (
        "{count} rows name no community; it is taken from the beginning of the grid's code ({examples}).",
        "{count} 行没有写明社区，按网格编码开头认定（{examples}）。",
    ),
    "community-from-above": (
        "{count} rows name no community; it is that of the row above ({examples}).",
        "{count} 行没有写明社区，沿用上一行的社区（{examples}）。",
    ),
    "code-by-name": (
        "{count} grids have no code; they keep that of the grid of their name ({examples}).",
        "{count} 个网格没有编码，按名称沿用现有网格的编码（{examples}）。",
    ),
    "made-code": (
        "{count} grids have no code; they get their community's code and a number ({examples}).",
        "{count} 个网格没有编码，按社区编码加序号编制（{examples}）。",
    ),
}


def _guess(how: str, said: _Said) -> Finding:
    message, message_zh = _GUESSES[how]
    words = {"count": len(said.rows), "examples": short_list(dict.fromkeys(said.examples), 4)}
    facts = {"field": "community" if how.startswith("community") else "code", "rows": len(said.rows)}
    return Finding("warning", how, message.format(**words), message_zh.format(**words), said.rows[0], None, facts=facts)
