"""The command ``gridmap release diff``: what differs between two releases."""

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from rich.markup import escape

from geodata import redraw
from geodata.drafts.comparing import GridDifference, ReleaseDifference
from geodata.exchange.write import write_table
from service.commands.screen import either, output, plural, table
from service.commands.state import connection
from service.commands.targets import refuse_unwritable
from service.settings import Settings

_WHAT: Final = {
    "made": "新增",
    "ended": "停用",
    "code": "编码",
    "name": "名称",
    "kind": "类别",
    "community": "社区",
    "counts": "户数人数",
    "ground": "范围",
    "parent": "上级",
    "level": "级别",
}
_COLUMNS: Final = (
    *("what", "code_before", "code_after", "name_before", "name_after", "community_before", "community_after"),
    *("square_metres_before", "square_metres_after", "lon", "lat"),
)


def diff(settings: Settings, layer: str | None, first: int, second: int, out: Path | None, rows: int) -> None:
    """Print what differs between two releases, and write all of it to a file.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        One of them was withdrawn.
    """
    if out is not None:
        refuse_unwritable(out, "--out")
    with connection(settings) as opened:
        found = redraw.diff(opened, layer, first, second)
    _told(found, rows)
    if out is not None:
        _write(found, out)
        output.print(f"{plural(len(found.grids), either('row', '行'), either('rows', '行'))} → {escape(str(out))}")


def _told(found: ReleaseDifference, rows: int) -> None:
    if not found.grids and not found.areas:
        output.print(either("No grid or area differs.", "网格和区划均无差异。"))
        return
    listed = table(either("grid", "网格"), either("name", "名称"), either("what", "变化"),
                   either("m² before", "原面积（平方米）"), either("m² after", "现面积（平方米）"))  # fmt: skip
    for one in found.grids[: rows or None]:
        shown = one.grid.after or one.grid.before
        assert shown is not None
        areas = (f"{square_metres:,.0f}" if square_metres else "" for square_metres in one.square_metres)
        listed.add_row(escape(shown.code), escape(shown.name), _what(one.what), *areas)
    output.print(listed)
    if rows and len(found.grids) > rows:
        more = len(found.grids) - rows
        output.print(either(f"… {more:,} more: --rows 0, or --out FILE", f"……另有 {more:,} 个：--rows 0 或 --out 文件"))
    for area in found.areas:
        named = area.area.after or area.area.before
        assert named is not None
        output.print(f"  {escape(named.code)} {escape(named.name)}{either(': ', '：')}{_what(area.what)}")
    _told_successions(found, rows)


def _told_successions(found: ReleaseDifference, rows: int) -> None:
    """Which ground went from one grid to another."""
    moved = [one for one in found.successions if one.predecessor != one.successor]
    for one in moved[: rows or None]:
        output.print(
            escape(f"  {one.predecessor} → {one.successor}: {one.ground_share:.0%} {either('of its ground', '的范围')}")
        )


def _what(words: tuple[str, ...]) -> str:
    return either(", ", "、").join(either(word, _WHAT.get(word, word)) for word in words)


def _write(found: ReleaseDifference, path: Path) -> None:
    frame = pd.DataFrame([_row(one) for one in found.grids], columns=list(_COLUMNS))
    if path.suffix.lower() in (".gpkg", ".geojson"):
        shapes = [one.grid.shape_before if one.grid.after is None else one.grid.shape_after for one in found.grids]
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs="EPSG:4326"))
    write_table(frame, path)


def _row(one: GridDifference) -> tuple[Any, ...]:
    sides = (one.grid.before, one.grid.after)
    texts = [
        [None if side is None else getattr(side, name) for side in sides] for name in ("code", "name", "community")
    ]
    return (", ".join(one.what), *(text for pair in texts for text in pair), *one.square_metres, one.lon, one.lat)
