"""Stage 5 for streets, current only: compare with what is there, mark, add."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from psycopg import Connection

from geodata.intake.changes import planned
from geodata.intake.codes import make_codes
from geodata.intake.draft import Draft, difference
from geodata.intake.kinds import Kind
from geodata.intake.references import now
from geodata.intake.report import LoadOptions
from geodata.intake.rows import Records
from geodata.intake.shifted import NO_COMMUNITIES, shifted_findings
from geodata.records import Finding
from geodata.station.streets import lock_streets, streets_now, write_streets

_DEFAULTS: Mapping[str, Any] = {
    "name": "",
    "class": "",
    "aliases": [],
    "foot": "",
    "wkb": None,
    "closed": None,
    "cut": None,
}
_SHOWN = ("name", "class", "aliases", "foot", "wkb")
_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)


def draft_streets(connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions) -> Draft:
    """The change that makes the streets agree with the records, by code.

    Parameters
    ----------
    records
        Read and placed; unsound ones are left out of the plan.
    options
        ``retire_missing`` and ``commit`` are heeded. With ``commit`` other writers of streets wait from here to the
        end of the transaction.

    Notes
    -----
    Streets have no past and no future: whatever time a load names, they change when it is committed.
    """
    if options.commit:
        lock_streets(connection)
    stored = streets_now(connection)
    records, findings = _lines(records)
    records, repeated = make_codes(kind, records)
    findings += repeated
    # Streets leave the communities; only those that are known already tell whether coordinates are shifted.
    findings += shifted_findings(records, {row["code"]: row["wkb"] for row in stored}, NO_COMMUNITIES)
    found = difference(_rows(records), stored, dict(_DEFAULTS), records.column("code"))
    missing = found.missing if options.retire_missing else []
    withdrawn = [row["version_id"] for row in [*found.replaced, *missing]]

    def write() -> None:
        write_streets(connection, found.records, withdrawn)

    at_row = dict(zip(records.column("code"), records.rows.tolist(), strict=True))
    return Draft(planned(found, missing, _SHOWN, at_row), findings, write, now(connection))


def _lines(records: Records) -> tuple[Records, list[Finding]]:
    """Streets that are lines, each with its shape as the field ``wkt``; an error for every other shape."""
    assert records.geometry is not None
    shapes, sound = shapely.force_2d(records.geometry), records.sound.copy()
    lines = np.isin(shapely.get_type_id(shapes), _LINES) & ~shapely.is_empty(shapes)
    findings = [_no_line(records, at, shapes[at]) for at in np.flatnonzero(sound & ~lines).tolist()]
    texts = [shapely.to_wkb(shape, hex=True) if line else None for shape, line in zip(shapes, lines, strict=True)]
    return replace(records, geometry=shapes, sound=sound & lines, fields={**records.fields, "wkt": texts}), findings


def _rows(records: Records) -> list[dict[str, Any]]:
    """Sound records as dicts of ``code`` and the fields that the file gives."""
    names = [name for name in records.fields if name != "wkt"]
    rows = [{name: _stored(records.fields[name][at]) for name in names} for at in range(len(records))]
    if records.geometry is not None:
        for at in np.flatnonzero(records.sound).tolist():
            multi = shapely.multilinestrings(shapely.get_parts(records.geometry[at]))
            rows[at]["wkb"] = bytes(shapely.to_wkb(multi, byte_order=1))
    return [row for row, sound in zip(rows, records.sound, strict=True) if sound]


def _stored(value: Any) -> Any:
    """A value as PostGIS gives it back."""
    return list(value) if isinstance(value, tuple) else value


def _no_line(records: Records, at: int, shape: Any) -> Finding:
    kind = shape.geom_type if shape is not None else "None"
    return Finding(
        "error",
        "not-a-line",
        f"The geometry is a {kind}, a street needs a line.",
        f"图形是 {kind}，道路应为线。",
        row=int(records.rows[at]),
        code=records.column("code")[at],
        facts={"field": "wkt"},
    )
