"""Stage 3: where each record lies, in EPSG:4326; what has no place, or looks as if it had the wrong one, is named."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.crs import CGCS2000, WGS84, Crs, geometries_to_wgs84, point_to_wgs84, to_wgs84
from geodata.errors import CoordinateError
from geodata.exchange import from_wkt
from geodata.exchange.table import Notes
from geodata.intake.fields import Kind
from geodata.intake.rows import Records
from geodata.records import Finding

LISTED_ROWS = 50
# Longitudes and latitudes between which China, with room, lies; exchanged they are ice or sea.
_CHINA_LON = (73.0, 136.0)
_CHINA_LAT = (3.0, 54.5)
_MOST_DEGREES = 360.0

Shapes = NDArray[np.object_]


def place_records(
    kind: Kind, records: Records, geometry: Sequence[Any] | None, crs: Crs | None
) -> tuple[Records | None, list[Finding]]:
    """Records with their geometry in EPSG:4326; None where nobody says in which datum the coordinates are.

    Parameters
    ----------
    kind
        What is loaded; kinds without geometry come back as they are.
    records
        From `read_records`.
    geometry
        Geometry that the source carries, in ``crs``; the fields ``lon lat`` or ``wkt`` win where records have them.
        Of kinds that have outlines, polygons are these, and a point inside is the place where no other is given.
    crs
        Datum of all coordinates; None where neither file nor user says: EPSG:4326 is taken, and said.
    """
    if kind.shape == "none":
        return records, []
    sound = records.sound.copy()
    shapes, outlines, findings = _shapes(kind, records, geometry, sound)
    if shapes is None:
        return records, findings
    given = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if crs is None and len(given):
        findings.append(_assumed(shapes[given]))
        if findings[-1].severity == "error":
            return None, findings
    datum = crs or WGS84
    moved, misplaced = _moved(records, shapes, datum, sound)
    findings += misplaced
    if outlines is not None:
        # What is wrong with both is said once, of the point.
        outlines, misplaced = _moved(records, _kept(outlines, sound), datum, sound)
        findings += misplaced
    fields = records.fields
    if kind.shape == "point":
        fields = {name: values for name, values in fields.items() if name not in ("lon", "lat", "wkt")}
        here = shapely.is_missing(moved)
        fields["lon"] = [None if gone else float(shapely.get_x(point)) for point, gone in zip(moved, here, strict=True)]
        fields["lat"] = [None if gone else float(shapely.get_y(point)) for point, gone in zip(moved, here, strict=True)]
    told = WGS84 if datum == CGCS2000 else datum
    return replace(records, geometry=moved, sound=sound, fields=fields, crs=told, outlines=outlines), findings


def _moved(records: Records, shapes: Shapes, datum: Crs, sound: NDArray[np.bool_]) -> tuple[Shapes, list[Finding]]:
    """Shapes in EPSG:4326; None, no longer sound, and named where axes are exchanged or a corner has no place."""
    given = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    swapped = _swapped(shapes, given, datum)
    moved = geometries_to_wgs84(shapes, datum)
    lost = np.zeros(len(shapes), dtype=bool)
    lost[given] = shapely.is_missing(moved[given]) | shapely.is_empty(moved[given])
    moved[swapped | lost] = None
    findings = _each(records, np.flatnonzero(swapped), _swapped_finding)
    findings += _each(records, np.flatnonzero(lost & ~swapped), _lost_finding(shapes, datum))
    sound &= ~(swapped | lost)
    return moved, findings


def _shapes(
    kind: Kind, records: Records, geometry: Sequence[Any] | None, sound: NDArray[np.bool_]
) -> tuple[Shapes | None, Shapes | None, list[Finding]]:
    """Geometry as the source has it, None where a record has none; and outlines, of kinds that have them too."""
    # Columns beside a geometry are only read where the user named them.
    written = _written(records)
    drawn: Shapes | None = None
    findings: list[Finding] = []
    if written is None or kind.outline:
        drawn, findings = _drawn(records, geometry, sound)
    shapes = written if written is not None else drawn
    if shapes is None:
        return None, None, findings
    outlines = None
    if kind.outline and drawn is not None:
        outlined = np.isin(
            shapely.get_type_id(drawn), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
        )
        outlines = _kept(drawn, outlined & ~shapely.is_empty(drawn))
        inside = np.array([_point_inside(shape) for shape in outlines], dtype=object)
        elsewhere = np.where(outlined, inside, drawn)
        shapes = elsewhere if written is None else np.where(shapely.is_missing(written), elsewhere, written)
    if kind.shape == "point":
        shapes, misplaced = _points(records, shapes, sound, needed=not kind.placeless)
        findings += misplaced
    return shapes, outlines, findings


def _kept(shapes: Shapes, keep: NDArray[np.bool_]) -> Shapes:
    """The shapes, None where one is not kept."""
    kept = shapes.copy()
    kept[~keep] = None
    return kept


def _written(records: Records) -> Shapes | None:
    """Points of the fields ``lon lat``; None where the source does not have both. 0, 0 is how programs write none."""
    if not {"lon", "lat"} <= records.fields.keys():
        return None
    written = np.array([records.fields["lon"], records.fields["lat"]], dtype=np.float64).reshape(2, -1)
    given = np.flatnonzero(~(np.isnan(written).any(axis=0) | (written == 0).all(axis=0)))
    shapes = np.full(len(records), None, dtype=object)
    shapes[given] = shapely.points(written[:, given].T)
    return shapes


def _drawn(
    records: Records, geometry: Sequence[Any] | None, sound: NDArray[np.bool_]
) -> tuple[Shapes | None, list[Finding]]:
    """Shapes of the field ``wkt``, else of the source's geometry."""
    if "wkt" in records.fields:
        notes = Notes()
        shapes = from_wkt(records.fields["wkt"], records.rows, notes)
        sound[[at for at, text in enumerate(records.fields["wkt"]) if text is not None and shapes[at] is None]] = False
        return shapes, list(notes.findings())
    return None if geometry is None else _object_array(geometry), []


def _point_inside(outline: Any) -> Any:
    if outline is None:
        return None
    return shapely.point_on_surface(outline if outline.is_valid else shapely.make_valid(outline))


def _points(
    records: Records, shapes: Shapes, sound: NDArray[np.bool_], *, needed: bool
) -> tuple[Shapes, list[Finding]]:
    """Points; None, no longer sound, and named where a record has another shape, or none though one is needed."""
    shapes = _as_points(shapes)
    wrong = [at for at in range(len(shapes)) if shapes[at] is not None and not isinstance(shapes[at], shapely.Point)]
    unfit = set(wrong)
    findings = _each(records, wrong, _no_point_finding(shapes))
    shapes[wrong] = None
    missing = [at for at in range(len(shapes)) if shapes[at] is None and at not in unfit and sound[at] and needed]
    findings += _each(records, missing, _no_place_finding)
    sound[wrong] = False
    sound[missing] = False
    return shapes, findings


def _object_array(values: Sequence[Any]) -> Shapes:
    shapes = np.full(len(values), None, dtype=object)
    for at, value in enumerate(values):
        shapes[at] = value if isinstance(value, shapely.Geometry) else None
    return shapes


def _as_points(shapes: Shapes) -> Shapes:
    points = shapes.copy()
    points[shapely.is_empty(shapes)] = None
    for at in np.flatnonzero(shapely.get_type_id(points) == shapely.GeometryType.MULTIPOINT).tolist():
        if len(points[at].geoms) == 1:
            points[at] = points[at].geoms[0]
    return points


def _swapped(shapes: Shapes, given: NDArray[np.intp], crs: Crs) -> NDArray[np.bool_]:
    """Whether each shape lies outside China as it is, and inside once its axes are exchanged."""
    result = np.zeros(len(shapes), dtype=bool)
    bounds = shapely.bounds(shapes[given])
    x, y = bounds[:, 0] / 2 + bounds[:, 2] / 2, bounds[:, 1] / 2 + bounds[:, 3] / 2
    result[given] = ~_in_china(*to_wgs84(x, y, crs)) & _in_china(*to_wgs84(y, x, crs))
    return result


def _in_china(lons: NDArray[np.float64], lats: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (_CHINA_LON[0] <= lons) & (lons <= _CHINA_LON[1]) & (_CHINA_LAT[0] <= lats) & (lats <= _CHINA_LAT[1])


def _each(records: Records, positions: Sequence[int] | NDArray[np.intp], make: Any) -> list[Finding]:
    """A finding for each position, those past `LISTED_ROWS` in one."""
    codes = records.column("code")
    listed = [make(at, int(records.rows[at]), codes[at]) for at in list(positions)[:LISTED_ROWS]]
    rest = len(positions) - len(listed)
    if rest > 0:
        first = listed[0]
        listed.append(
            Finding(
                first.severity,
                first.kind,
                f"{rest} more rows have the same fault.",
                f"另有 {rest} 行存在同样的问题。",
                facts={"rows": rest},
            )
        )
    return listed


def _assumed(shapes: Shapes) -> Finding:
    """Degrees of WGS 84 where most shapes could be that; a few that could not are faults of their own rows."""
    bounds = shapely.bounds(shapes)
    degrees = np.all(np.abs(bounds) <= _MOST_DEGREES, axis=1)
    if 2 * np.count_nonzero(degrees) >= len(shapes):
        return Finding(
            "warning",
            "assumed-crs",
            "The file does not say its datum; EPSG:4326 is assumed. Coordinates from Gaode or Tencent maps "
            "need --crs GCJ-02, from Baidu --crs BD-09.",
            "文件未注明坐标系，按 EPSG:4326 处理。高德、腾讯坐标请用 --crs GCJ-02，百度坐标请用 --crs BD-09。",
        )
    x, y = bounds[~degrees][0, :2].tolist()
    return Finding(
        "error",
        "unknown-crs",
        f"Coordinates such as ({x:.0f}, {y:.0f}) are no degrees and the file does not say its datum: use --crs, "
        "for example --crs EPSG:4547.",
        f"坐标（{x:.0f}, {y:.0f}）不是经纬度，文件也未注明坐标系，请用 --crs 指定，例如 --crs EPSG:4547。",
    )


def _swapped_finding(_at: int, row: int, code: str | None) -> Finding:
    return Finding(
        "error",
        "swapped-axes",
        "Longitude and latitude look exchanged: exchange the columns (--map lon=… --map lat=…) or the axes.",
        "经度和纬度似乎颠倒了：请交换两列（--map lon=… --map lat=…）或修正文件的坐标顺序。",
        row=row,
        code=code,
        facts={"field": "lon"},
    )


def _no_place_finding(_at: int, row: int, code: str | None) -> Finding:
    facts = {"field": "lon"}
    return Finding("error", "missing-value", "lon and lat are needed.", "缺少经纬度。", row=row, code=code, facts=facts)


def _no_point_finding(shapes: Shapes) -> Any:
    def make(at: int, row: int, code: str | None) -> Finding:
        kind = shapes[at].geom_type if shapes[at] is not None else "None"
        return Finding(
            "error",
            "not-a-point",
            f"The geometry is a {kind}, a point is needed.",
            f"图形是 {kind}，应为点。",
            row=row,
            code=code,
        )

    # The kinds are read now: the caller blanks the shapes afterwards.
    kept = shapes.copy()
    shapes = kept
    return make


def _lost_finding(shapes: Shapes, crs: Crs) -> Any:
    def make(at: int, row: int, code: str | None) -> Finding:
        points = shapely.get_coordinates(shapes[at])
        detail = f"A corner has no place on Earth in {crs.name}: check the coordinates and --crs."
        detail_zh = f"有节点在 {crs.name} 中不是有效位置，请检查坐标或 --crs。"
        for x, y in points.tolist():
            try:
                point_to_wgs84(x, y, crs)
            except CoordinateError as error:
                detail, detail_zh = error.detail, error.detail_zh
                break
        return Finding("error", "invalid-coordinate", detail, detail_zh, row=row, code=code)

    return make
