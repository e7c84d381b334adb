"""A file that somebody redrew → its grids, placed in EPSG:4326, with the rows that cannot be understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import shapely

from geodata.crs import CGCS2000, WGS84, parse_crs
from geodata.exchange import Table, read_table
from geodata.grid.rings import invalid_reason
from geodata.intake.columns import match_columns
from geodata.intake.fields import Kind
from geodata.intake.kinds import KINDS
from geodata.intake.places import place_records
from geodata.intake.rows import Records, read_records
from geodata.intake.understanding import suiting
from geodata.records import Finding

_FIELDS: Final = ("code", "name", "kind", "community")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a redrawn file is to be understood.

    Parameters
    ----------
    source_layer
        Layer of a GeoPackage, or table of an archive; the first where None.
    crs
        Datum of the coordinates, over what the file says.
    mapping
        Field (``code name kind community``) to column, before any guess.
    """

    source_layer: str | None = None
    crs: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RedrawnGrid:
    """A row of the file; None for what it does not say. The shape is a valid (Multi)Polygon in EPSG:4326."""

    row: int
    code: str | None
    name: str | None
    kind: str | None
    community: str | None
    shape: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What a file says.

    Parameters
    ----------
    file
        Its name.
    rows
        How many it has.
    mapping
        Field to column.
    grids
        Of the rows that can be understood.
    findings
        Of those that cannot.
    records
        As they were read, for what compares datums; None where nothing was.
    written_from
        Draft and version that it was exported from, where all rows say the same.
    """

    file: str
    rows: int
    mapping: Mapping[str, str]
    grids: tuple[RedrawnGrid, ...]
    findings: tuple[Finding, ...]
    records: Records | None = None
    written_from: tuple[int, int] | None = None


def read_redrawn(path: Path | str, reading: Reading | None = None) -> Redrawn:
    """The grids of a file in any format and datum that loads take.

    Parameters
    ----------
    path
        GeoPackage, Shapefile (zipped too), GeoJSON, or a table with well-known text.

    Raises
    ------
    InputError
        A field or the datum is not known.
    FileError
        The file cannot be read as what it claims to be.
    """
    told = reading or Reading()
    kind = _kind()
    table = read_table(path, source_layer=told.source_layer, fits=suiting("grids"))
    crs = parse_crs(told.crs) if told.crs else table.crs
    geometry, columns = _columns(table)
    matched = match_columns(
        kind, list(columns), told.mapping, has_geometry=geometry is not None, in_degrees=crs in (WGS84, CGCS2000)
    )
    nothing = Redrawn(table.name, len(table.rows), matched.mapping, (), (*table.notes, *matched.findings))
    if matched.findings:
        return nothing
    records, faults = read_records(kind, columns, table.rows, matched.mapping)
    placed, misplaced = place_records(kind, records, geometry, crs)
    findings = [*table.notes, *faults, *misplaced]
    if placed is None:
        return replace(nothing, findings=tuple(findings))
    grids, shapeless = _grids(placed)
    return replace(
        nothing,
        grids=tuple(grids),
        findings=(*findings, *shapeless),
        records=placed,
        written_from=_written_from(columns),
    )


def _kind() -> Kind:
    """Grids as a redrawn file has them: new ones may be without a code, and pieces of one have its code."""
    known = KINDS["grids"]
    kept = (one for one in known.fields if one.name in _FIELDS or one.name == "wkt")
    return replace(known, fields=tuple(replace(one, required=False) for one in kept), joins_rows=True)


def _columns(table: Table) -> tuple[list[object] | None, dict[str, list[object]]]:
    frame, geometry = table.frame, None
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None:
        geometry = list(frame.geometry.to_numpy())
        frame = frame.drop(columns=frame.active_geometry_name)
    return geometry, {str(column): frame[column].tolist() for column in frame.columns}


def _written_from(columns: Mapping[str, Sequence[object]]) -> tuple[int, int] | None:
    """The draft and version that an exported file says in each row."""
    said = {*zip(columns.get("draft", ()), columns.get("version", ()), strict=False)}
    draft, version = said.pop() if len(said) == 1 else (None, None)
    try:
        return int(str(draft)), int(str(version))
    except ValueError:
        return None


def _grids(records: Records) -> tuple[list[RedrawnGrid], list[Finding]]:
    """The rows that have a shape, and a finding for each whose shape is none of a grid."""
    shapes = [None] * len(records) if records.geometry is None else records.geometry.tolist()
    codes = records.column("code")
    texts = [records.column(name) for name in _FIELDS]
    grids, findings = [], []
    for at, shape in enumerate(shapes):
        row = int(records.rows[at])
        fault = _fault(shape, row, codes[at])
        if fault is None:
            code, name, kind, community = (text[at] for text in texts)
            grids.append(RedrawnGrid(row, code, name, kind, community, shapely.force_2d(shape)))
        elif records.sound[at]:
            findings.append(fault)
    return grids, findings


def _fault(shape: shapely.Geometry | None, row: int, code: str | None) -> Finding | None:
    """What is wrong with a shape, with its place; None where nothing is."""
    if shape is None or shapely.is_empty(shape):
        text, text_zh = "The row has no shape.", "该行没有图形。"
        return Finding("error", "missing-shape", text, text_zh, row=row, code=code)
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        text, text_zh = f"The shape is a {shape.geom_type}; a polygon is needed.", f"图形是 {shape.geom_type}，应为面。"
        return Finding("error", "not-a-polygon", text, text_zh, row=row, code=code)
    if shapely.is_valid(shape):
        return None
    _, place = invalid_reason(shape)
    lon, lat = place if place is not None else shapely.get_coordinates(shape)[0, :2].tolist()
    text, text_zh = "The border crosses or touches itself here.", "边界在此处自相交或自相接触。"
    return Finding("error", "invalid-ring", text, text_zh, row=row, code=code, lon=float(lon), lat=float(lat))
