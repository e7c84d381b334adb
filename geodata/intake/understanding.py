"""What a table seems to hold: which kind of record, and which field each column is, for somebody to confirm."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import geopandas as gpd

from geodata.crs import CGCS2000, WGS84
from geodata.exchange import Table
from geodata.exchange.table import Fits
from geodata.intake.columns import gives_places, match_columns
from geodata.intake.fields import Kind
from geodata.intake.kinds import KINDS

SURE = 0.6
AHEAD = 0.05
SAMPLES = 3
LONGEST_SAMPLE = 60

How = Literal["told", "profile", "guessed"]


@dataclass(frozen=True, slots=True)
class GuessedKind:
    """A kind that a table may hold; ``score`` from 0 to 1."""

    kind: str
    score: float


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column, the field that is read from it (None for none) and why, and its first different contents."""

    column: str
    field: str | None
    how: How | None
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Understanding:
    """How the columns of a table are understood as one kind, and the fields that it needs and has no column for."""

    columns: tuple[ColumnUse, ...]
    missing: tuple[str, ...]


def guess_kinds(table: Table) -> list[GuessedKind]:
    """Kinds that a table may hold, the likeliest first; those without a single column of theirs are left out.

    Notes
    -----
    Seven tenths of the score are the fields that the kind must have, three tenths the columns that it can use, where a
    column that few kinds know tells more than one that many know. It is halved where something needed is missing.
    """
    return _guesses(*_headers(table))


def suiting(kind: str | None) -> Fits:
    """How well column names suit a kind, or any kind where None: by that the sheet of a workbook is chosen."""

    def fits(headers: Sequence[str]) -> float:
        return max((guess.score for guess in _guesses(headers, False) if kind in (None, guess.kind)), default=0.0)

    return fits


def _guesses(headers: Sequence[str], has_geometry: bool) -> list[GuessedKind]:
    matched = {kind.name: match_columns(kind, headers, {}, has_geometry=has_geometry) for kind in KINDS.values()}
    known_by = Counter(column for found in matched.values() for column in set(found.mapping.values()))
    whole = sum(1 / count for count in known_by.values()) or 1.0
    guesses = []
    for name, found in matched.items():
        kind = KINDS[name]
        used = set(found.mapping.values())
        if not used and not (has_geometry and kind.shape_required):
            continue
        needed = _needed(kind)
        share = sum(field in found.mapping for field in needed) / len(needed) if needed else 1.0
        score = 0.7 * share + 0.3 * sum(1 / known_by[column] for column in used) / whole
        if found.findings or (kind.placeless and not (has_geometry or _tells_places(kind, found.mapping))):
            score *= 0.5
        if has_geometry != (kind.shape != "none") and has_geometry:
            score *= 0.3
        guesses.append(GuessedKind(name, round(score, 3)))
    return sorted(guesses, key=lambda guess: -guess.score)


def _tells_places(kind: Kind, mapping: Mapping[str, str]) -> bool:
    """Whether columns say where records lie, themselves or by what they refer to."""
    return gives_places(mapping) or any(kind.field(name).refers in ("buildings", "compounds") for name in mapping)


def likeliest(guesses: Sequence[GuessedKind]) -> str | None:
    """The kind that is taken without asking; None where none is likely enough, or another nearly as likely."""
    if not guesses or guesses[0].score < SURE:
        return None
    if len(guesses) > 1 and guesses[0].score - guesses[1].score < AHEAD:
        return None
    return guesses[0].kind


def understand(kind: Kind, table: Table, told: Mapping[str, str], by_profile: Mapping[str, str]) -> Understanding:
    """How the columns are understood.

    Parameters
    ----------
    told, by_profile
        Field to column, as the user says and as the profile says; the user's word goes first.
    """
    headers, has_geometry = _headers(table)
    in_degrees = table.crs in (WGS84, CGCS2000)
    found = match_columns(kind, headers, {**by_profile, **told}, has_geometry=has_geometry, in_degrees=in_degrees)
    field_of = {column: field for field, column in found.mapping.items()}
    columns = []
    for header in headers:
        field = field_of.get(header)
        how: How | None = None
        if field is not None:
            how = "told" if field in told else "profile" if field in by_profile else "guessed"
        columns.append(ColumnUse(header, field, how, _samples(table, header)))
    missing = [str(finding.facts["field"]) for finding in found.findings if finding.kind == "missing-column"]
    return Understanding(tuple(columns), tuple(missing))


def unread(table: Table) -> Understanding:
    """The columns alone, where nobody knows yet what kind of record they are of."""
    headers, _ = _headers(table)
    return Understanding(tuple(ColumnUse(header, None, None, _samples(table, header)) for header in headers), ())


def cell_text(cell: Any) -> str:
    """A cell as its user sees it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if (cell.hour, cell.minute, cell.second) == (0, 0, 0) else f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return str(cell)


def _needed(kind: Kind) -> list[str]:
    made = {"code"} if kind.makes_codes else set()
    return [field.name for field in kind.fields if field.required and field.name not in made] + [*kind.tells]


def _headers(table: Table) -> tuple[list[str], bool]:
    frame = table.frame
    if isinstance(frame, gpd.GeoDataFrame):
        return [str(column) for column in frame.columns if column != frame.active_geometry_name], True
    return [str(column) for column in frame.columns], False


def _samples(table: Table, header: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for cell in table.frame[header].head(200):
        text = cell_text(cell).strip()
        if text:
            found[text[:LONGEST_SAMPLE]] = None
        if len(found) == SAMPLES:
            break
    return tuple(found)
