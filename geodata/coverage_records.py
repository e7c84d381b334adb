"""Answers about coverage as records that can be sent or printed, and as tables in files."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import shapely

from geodata.covered import Coverage, Part
from geodata.demand import AREA
from geodata.exchange.pieces import Header, Piece, write_pieces
from geodata.moment import Moment
from geodata.selected import GRID
from geodata.station.share import Counted
from geodata.uncovered import Gap, Gaps

WHOLE: Final = "total"
ELSEWHERE: Final = "elsewhere"
"""Levels of the rows of a file that are no grid and no area."""

_ROWS_AT_ONCE: Final = 2_000
_DIGITS: Final = 4
_MS: Final = 60_000
_NAMES_ZH: Final = {
    "level": "级别",
    "code": "编码",
    "name": "名称",
    "off_network": "无步行道路户数",
    "rank": "序号",
    "places": "居住点数",
    "radius_m": "半径米",
    "street": "最近道路",
    "grids": "网格",
    "grid_names": "网格名称",
    "area": "区划",
    "area_name": "区划名称",
    "nearest": "最近站点",
    "nearest_name": "最近站点名称",
    "walk_minutes": "步行分钟",
    "lon": "经度",
    "lat": "纬度",
    "estimated": "含估算",
}
_COUNTS_ZH: Final = {
    "households": "户数",
    "persons": "人数",
    "addresses": "地址数",
    AREA: "面积平方米",
    "elderly": "老年人数",
    "children": "儿童数",
    "disabled": "残疾人数",
}


def number(value: float) -> int | float:
    """A count as it is written: whole where it is whole."""
    return int(value) if float(value).is_integer() else round(value, 2)


def share_of(counted: Counted) -> float | None:
    """Covered share with four digits; 1 and 0 only where it is all and nobody."""
    share = counted.share
    if share is None:
        return None
    rounded = round(share, _DIGITS)
    if rounded in (0.0, 1.0) and rounded != share:
        step = 10.0**-_DIGITS
        return step if rounded == 0.0 else 1.0 - step
    return rounded


def counted_record(counted: Counted) -> dict[str, Any]:
    """``covered all share`` of a count."""
    return {"covered": number(counted.covered), "all": number(counted.all), "share": share_of(counted)}


def totals_record(totals: Mapping[str, Counted]) -> dict[str, Any]:
    """Each count; square metres are whole."""
    whole = {name: one for name, one in totals.items() if name != AREA}
    found = {name: counted_record(one) for name, one in whole.items()}
    if AREA in totals:
        one = totals[AREA]
        found[AREA] = {"covered": round(one.covered), "all": round(one.all), "share": share_of(one)}
    return found


def part_record(part: Part) -> dict[str, Any]:
    """A grid or area; code is None for what lies in none."""
    return {
        "level": part.level,
        "code": part.code,
        "name": part.name,
        **totals_record(part.totals),
        "off_network": number(part.off_network),
    }


def coverage_record(found: Coverage) -> dict[str, Any]:
    """Everything but the question's times, which are written in local time by whoever sends it."""
    stations = found.stations
    reached = found.several
    every = sum(reached)
    return {
        "count": found.selection.count,
        "total": totals_record(found.totals),
        "source": found.source,
        "estimated_share": {
            name: None if part is None else round(part, _DIGITS) for name, part in found.estimated.items()
        },
        "off_network": {name: number(value) for name, value in found.off_network.items()},
        "stations": {
            "selected": stations.selected,
            "counted": stations.counted,
            "off_network": [
                {"code": spot.station, "name": spot.name, "metres": round(metres, 1) if math.isfinite(metres) else None}
                for spot, metres in stations.off_network
            ],
            "cut_off": list(stations.cut_off),
            "away": list(stations.away),
            "closed": list(stations.closed),
            "hours_unknown": list(stations.hours_unknown),
        },
        "several": [
            {
                "stations": at,
                found.selection.count: number(amount),
                "share": round(amount / every, _DIGITS) if every else None,
            }
            for at, amount in enumerate(reached)
        ],
        "by": [part_record(part) for part in found.by],
        "elsewhere": None if found.elsewhere is None else part_record(found.elsewhere),
        "lattice_metres": None if found.spacing_metres is None else round(found.spacing_metres, 1),
        "warnings": [
            {"code": one.code, "message": one.message, "message_zh": one.message_zh} for one in found.warnings
        ],
    }


def gap_record(gap: Gap) -> dict[str, Any]:
    """A gap with its polygon as GeoJSON."""
    return {
        "lon": round(gap.lon, 7),
        "lat": round(gap.lat, 7),
        "households": number(gap.households),
        "persons": None if gap.persons is None else number(gap.persons),
        "places": gap.places,
        "off_network": number(gap.off_network),
        "estimated": gap.estimated,
        "radius_m": round(gap.radius_metres),
        "street": gap.street,
        "grids": [{"code": grid.code, "name": grid.name} for grid in gap.grids],
        "area": None if gap.area is None else {"code": gap.area.code, "name": gap.area.name, "level": gap.area.level},
        "nearest": None
        if gap.nearest is None or gap.nearest_ms is None
        else {
            "code": gap.nearest.station,
            "name": gap.nearest.name,
            "category": gap.nearest.category,
            "walk_minutes": walk_minutes(gap.nearest_ms),
        },
        "geometry": shapely.geometry.mapping(shapely.set_precision(gap.shape, 1e-7)),
    }


def walk_minutes(ms: int) -> float:
    """Minutes with one digit, rounded up: what is farther than the limit never reads as if it were not."""
    return math.ceil(ms / _MS * 10) / 10


def write_coverage(found: Coverage, moment: Moment, path: Path, *, chinese: bool = False) -> int:
    """Write the whole and its parts as a table, a row each, and say how many rows it has.

    Parameters
    ----------
    path
        ``.csv``, ``.xlsx`` or ``.gpkg``; the last with the shapes of grids and areas, EPSG:4326.

    Raises
    ------
    FileError
        The format is none of these, or the file cannot be written.
    """
    whole = Part(WHOLE, None, "合计" if chinese else "all", found.totals, found.off_network["households"])
    parts = [whole, *found.by]
    if found.elsewhere is not None and any(one.all for one in found.elsewhere.totals.values()):
        rest = found.elsewhere
        name = "不在以上任何一处" if chinese else "in none of them"
        parts.append(Part(ELSEWHERE, None, name, rest.totals, rest.off_network))
    names = list(found.totals)
    headers = [*_headers(chinese, "level", "code", "name")]
    for name in names:
        said = _COUNTS_ZH.get(name, name) if chinese else name
        columns = (
            (said, f"已覆盖{said}", f"未覆盖{said}") if chinese else (said, f"{said}_covered", f"{said}_uncovered")
        )
        headers += [Header(column, "number") for column in columns]
        headers.append(Header(f"{said}覆盖率" if chinese else f"{said}_share", "number"))
    headers += _headers(chinese, "off_network")
    rows = [
        [
            part.level,
            part.code,
            part.name,
            *(cell for name in names for cell in _cells(part.totals[name])),
            number(part.off_network),
        ]
        for part in parts
    ]
    shapes = [_shape(moment, part, found.selection.layer) for part in parts]
    return write_pieces(headers, _pieces(rows, shapes), path, shaped=True)


def _cells(counted: Counted) -> tuple[Any, ...]:
    outside = counted.all - counted.covered
    return number(counted.all), number(counted.covered), number(outside), share_of(counted)


def _shape(moment: Moment, part: Part, layer: str | None) -> Any:
    if part.code is None:
        return None
    if part.level == GRID:
        return moment.geometry(moment.grid(layer or moment.default_layer.code, part.code))
    return moment.area_geometry(part.code)


def write_gaps(found: Gaps, path: Path, *, chinese: bool = False) -> int:
    """Write gaps as a table, the largest first, and say how many rows it has; as `write_coverage`."""
    texts = ("street", "grids", "grid_names", "area", "area_name", "nearest", "nearest_name")
    counts = [Header(_COUNTS_ZH[name] if chinese else name, "number") for name in ("households", "persons")]
    headers = [
        *_headers(chinese, "rank"),
        *counts,
        *_headers(chinese, "places", "off_network", "radius_m", *texts, "walk_minutes", "lon", "lat", "estimated"),
    ]
    rows = [_gap_row(rank, gap) for rank, gap in enumerate(found.items, 1)]
    return write_pieces(headers, _pieces(rows, [gap.shape for gap in found.items]), path, shaped=True)


def _gap_row(rank: int, gap: Gap) -> list[Any]:
    return [
        rank,
        number(gap.households),
        None if gap.persons is None else number(gap.persons),
        gap.places,
        number(gap.off_network),
        round(gap.radius_metres),
        gap.street,
        "、".join(grid.code for grid in gap.grids),
        "、".join(grid.name for grid in gap.grids),
        None if gap.area is None else gap.area.code,
        None if gap.area is None else gap.area.name,
        None if gap.nearest is None else gap.nearest.station,
        None if gap.nearest is None else gap.nearest.name,
        None if gap.nearest_ms is None else walk_minutes(gap.nearest_ms),
        round(gap.lon, 7),
        round(gap.lat, 7),
        gap.estimated,
    ]


_TYPES: Final[dict[str, Any]] = {
    "rank": "whole",
    "places": "whole",
    "radius_m": "whole",
    "off_network": "number",
    "walk_minutes": "number",
    "lon": "number",
    "lat": "number",
    "estimated": "truth",
}


def _headers(chinese: bool, *names: str) -> Iterator[Header]:
    for name in names:
        yield Header(_NAMES_ZH[name] if chinese else name, _TYPES.get(name, "text"))


def _pieces(rows: Sequence[Sequence[Any]], shapes: Sequence[Any]) -> Iterator[Piece]:
    for begin in range(0, len(rows), _ROWS_AT_ONCE):
        end = begin + _ROWS_AT_ONCE
        yield Piece(rows[begin:end], shapes[begin:end])
