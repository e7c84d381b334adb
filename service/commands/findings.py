"""Findings and mends as a clerk reads them: how many of each kind first, then some of each; all of them in a file."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from geodata.exchange.write import write_table
from geodata.records import Finding, Mend
from service.commands.screen import either, output, plural

LINES_SHOWN = 40
MOST_OF_A_KIND = 10
LEAST_OF_A_KIND = 3
ROWS_NAMED = 12
_COLUMNS = ("severity", "kind", "row", "code", "lon", "lat", "square_metres", "message", "message_zh")
_LOOKS = {
    "error": ("red", "error", "错误"),
    "warning": ("yellow", "warning", "警告"),
    "mend": ("cyan", "mended", "已修复"),
}


def show_findings(
    findings: Sequence[Finding],
    mends: Sequence[Mend],
    kept: tuple[str, str] = ("--report FILE.csv", "--report 文件.csv"),
) -> None:
    """Print findings, errors first, and mends: each kind with its number, then some of that kind.

    Parameters
    ----------
    kept
        What keeps those that are not shown, in English and Chinese.

    Notes
    -----
    What is said with the same words of several rows is said once, with the rows. Of many kinds fewer of each are
    shown, at least three; `write_report` keeps all.
    """
    groups = [
        (severity, kind, members)
        for severity, several in (
            ("error", [each for each in findings if each.severity == "error"]),
            ("warning", [each for each in findings if each.severity == "warning"]),
            ("mend", mends),
        )
        for kind, members in _by_kind(several)
    ]
    shown = min(max(LEAST_OF_A_KIND, LINES_SHOWN // max(len(groups), 1)), MOST_OF_A_KIND)
    left_out = 0
    for severity, kind, members in groups:
        left_out += _show_kind(severity, kind, members, LEAST_OF_A_KIND if severity == "mend" else shown)
    if left_out:
        output.print(
            either(
                f"{plural(left_out, 'line')} not shown: {kept[0]} keeps them all, with their places.",
                f"另有 {left_out} 条未显示：用 {kept[1]} 保存全部及其位置。",
            ),
            style="dim",
        )


def _by_kind(several: Iterable[Finding | Mend]) -> list[tuple[str, list[Finding | Mend]]]:
    kinds: dict[str, list[Finding | Mend]] = defaultdict(list)
    for each in several:
        kinds[each.kind].append(each)
    # What concerns the file as a whole explains the rest.
    return sorted(kinds.items(), key=lambda item: item[1][0].row is not None)


def _show_kind(severity: str, kind: str, members: Sequence[Finding | Mend], shown: int) -> int:
    """Print one kind; number of its lines that were left out."""
    colour, word, word_zh = _LOOKS[severity]
    moved = sum(each.square_metres for each in members if isinstance(each, Mend))
    ground = either(f", {moved:,.1f} m²", f"，共 {moved:,.1f} 平方米") if moved else ""
    output.print(f"[{colour}]{len(members):,} × {either(word, word_zh)}[/]  [dim]{kind}{ground}[/]")
    alike: dict[str, list[Finding | Mend]] = defaultdict(list)
    for each in members:
        alike[either(each.message, each.message_zh)].append(each)
    for message, same in list(alike.items())[:shown]:
        _print_indented(f"{_where(same)}{message}")
    if len(alike) <= shown:
        return 0
    more = len(alike) - shown
    _print_indented(either(f"… and {more:,} more of this kind", f"……同类还有 {more:,} 条"), style="dim")
    return more


def _where(same: Sequence[Finding | Mend]) -> str:
    """The rows, or the codes where there are no rows, that a message is about."""
    rows = sorted({each.row for each in same if each.row is not None})
    codes = list(dict.fromkeys(each.code for each in same if each.code))
    if rows:
        named = ", ".join(str(row) for row in rows[:ROWS_NAMED]) + (" …" if len(rows) > ROWS_NAMED else "")
        code = codes[0] if len(same) == 1 and codes and codes[0] not in same[0].message else ""
        english = f"{'row' if len(rows) == 1 else 'rows'} {named}{f' ({code})' if code else ''}: "
        return either(english, f"第 {named} 行{f'（{code}）' if code else ''}：")
    said = len(same) == 1 and codes and codes[0] in same[0].message
    return "" if said or not codes else ", ".join(codes[:ROWS_NAMED]) + either(": ", "：")


def _print_indented(text: str, style: str = "") -> None:
    if output.soft_wrap:
        output.print(f"  {escape(text)}", style=style)
    else:
        output.print(Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, 2)))


def write_report(path: Path, findings: Sequence[Finding], mends: Sequence[Mend]) -> None:
    """Write all findings and mends, as points where the format holds geometry.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    rows: list[tuple[Any, ...]] = [
        (each.severity, each.kind, each.row, each.code, each.lon, each.lat, None, each.message, each.message_zh)
        for each in findings
    ]
    rows += [
        ("mend", each.kind, each.row, each.code, each.lon, each.lat, each.square_metres, each.message, each.message_zh)
        for each in mends
    ]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"row": "Int64"})
    if path.suffix.lower() in (".gpkg", ".geojson"):
        points = gpd.points_from_xy(frame["lon"].astype(float), frame["lat"].astype(float))
        frame = gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")
    write_table(frame, path)
