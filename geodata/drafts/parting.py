"""Rows of a redrawn file that have one code: a grid that was cut elsewhere, where pieces keep what the grid says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import shapely
from shapely import Geometry

from geodata.drafts.redrawn import Redrawn, RedrawnGrid
from geodata.drafts.state import DraftState
from geodata.drafts.step import Households
from geodata.grid.edit.aligning import ALIGN_METRES
from geodata.grid.plane import LocalPlane, overlay, polygons_of, wider_than
from geodata.intake.rows import duplicate
from geodata.records import Finding

_MOST = 0.5
"""A piece of a grid has more than this share of its ground in it."""


def parted(state: DraftState, redrawn: Redrawn, households: Households) -> Redrawn:
    """The file with each code once, and a finding for each that stood in several rows.

    Parameters
    ----------
    households
        How many households live in each of some shapes.

    Notes
    -----
    Rows of one code that lie side by side in the grid of that code are a split of it: the one that most households
    live in, of equals the largest, keeps the code; the others are new, their codes and names left to the draft. Rows
    that lie apart are the parts of a grid that has several. Everything else is an error.
    """
    rows, findings = list(redrawn.grids), list[Finding]()
    several = [code for code, count in Counter(row.code for row in rows).items() if code is not None and count > 1]
    for code in several:
        mine = [row for row in rows if row.code == code]
        shapes = [row.shape for row in mine]
        whole = shapely.union_all(shapes)
        old = state.shape(state.codes[code]) if code in state.codes else None
        if old is None or not _pieces(shapes, old):
            findings += [duplicate(row.row, mine[0].row, code) for row in mine[1:]]
        elif shapely.get_num_geometries(whole) == len(mine) <= shapely.get_num_geometries(old):
            rows = [replace(row, shape=whole) if row is mine[0] else row for row in rows if row not in mine[1:]]
        else:
            kept = _kept(mine, households)
            rows = [replace(row, code=None, name=None) if row in mine and row is not kept else row for row in rows]
            findings.append(_split(mine, kept, code))
    return replace(redrawn, grids=tuple(rows), findings=(*redrawn.findings, *findings))


def _pieces(shapes: Sequence[Geometry], old: Geometry) -> bool:
    """Whether shapes lie in a grid for the most part, and none over another by more than drawing does."""
    given = np.array(shapes, dtype=object)
    inside = shapely.area(shapely.intersection(given, old)) / shapely.area(given)
    pairs = np.array(list(combinations(LocalPlane.around(given).forward(given), 2)), dtype=object)
    common, _ = polygons_of(overlay("intersection", pairs[:, 0], pairs[:, 1]))
    return bool((inside > _MOST).all()) and not (len(common) and wider_than(common, ALIGN_METRES).any())


def _kept(rows: Sequence[RedrawnGrid], households: Households) -> RedrawnGrid:
    counts = households([row.shape for row in rows])
    ranked = zip(counts, (shapely.area(row.shape) for row in rows), (-row.row for row in rows), rows, strict=True)
    return max(ranked, key=lambda one: one[:3])[3]


def _split(rows: Sequence[RedrawnGrid], kept: RedrawnGrid, code: str) -> Finding:
    numbers = [str(row.row) for row in rows]
    text = (
        f"Rows {', '.join(numbers)} have the code {code}: taken for a split. Row {kept.row} keeps it, having most "
        "households or ground; the others are new grids."
    )
    text_zh = (
        f"第 {'、'.join(numbers)} 行编码均为 {code}，按拆分处理："
        f"第 {kept.row} 行户数（或面积）最多，保留编码，其余为新网格。"
    )
    facts = {"rows": [row.row for row in rows]}
    return Finding("warning", "split-by-code", text, text_zh, row=kept.row, code=code, facts=facts)
