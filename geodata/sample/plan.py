"""What each size holds: the lattice of main roads, where river and railway lie, how many of everything."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from geodata.errors import InputError

Size = Literal["street", "district", "city"]

BANK_METRES: Final = 74.0
"""From the middle of the river to the middle of the road along it."""
RAIL_HALF_METRES: Final = 26.0
"""From the railway to the middle of the road along it."""

Box = tuple[int, int, int, int]
"""Lattice columns ``[0]`` to ``[1]`` and rows ``[2]`` to ``[3]``, as indices of lines."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The lattice of one sample city and its numbers.

    Parameters
    ----------
    columns, rows
        Positions of the lattice lines in metres east (north) of the centre, ascending.
    column_kinds, row_kinds
        Kind of each line: ``arterial``, ``secondary``, ``river`` (one row) or ``rail`` (one column).
    core
        The urban part; everything outside it is rural.
    bridges
        Columns that cross the river.
    crossings
        Rows that cross the railway.
    districts, streets, towns
        Number of districts, of urban streets and of rural towns.
    urban_grids, rural_grids
        Number of grids of the general layer.
    detailed
        Whether compounds, buildings and addresses are drawn.
    """

    size: Size
    columns: tuple[float, ...]
    rows: tuple[float, ...]
    column_kinds: tuple[str, ...]
    row_kinds: tuple[str, ...]
    core: Box
    bridges: frozenset[int]
    crossings: frozenset[int]
    districts: int
    streets: int
    towns: int
    urban_grids: int
    rural_grids: int
    stations: int
    workers: int
    holes: int
    detailed: bool

    @property
    def whole(self) -> Box:
        """The box of the whole lattice."""
        return 0, len(self.columns) - 1, 0, len(self.rows) - 1

    @property
    def river_row(self) -> int:
        """The row that is the middle of the river."""
        return self.row_kinds.index("river")

    @property
    def rail_column(self) -> int:
        """The column that is the railway."""
        return self.column_kinds.index("rail")


def make_plan(size: str, rng: np.random.Generator) -> Plan:
    """Return the plan of a size, its block lengths drawn from `rng`.

    Parameters
    ----------
    size
        ``street``, ``district`` or ``city``.
    rng
        Source of the spacing between lattice lines.

    Raises
    ------
    InputError
        `size` is none of these.
    """
    if size == "street":
        return Plan(
            size="street",
            columns=_lines(rng, rim=0, core=6, split=4, lost=RAIL_HALF_METRES),
            rows=_lines(rng, rim=0, core=4, split=2, lost=BANK_METRES),
            column_kinds=("arterial", "secondary", "arterial", "secondary", "rail", "secondary", "arterial"),
            row_kinds=("arterial", "secondary", "river", "secondary", "arterial"),
            core=(0, 6, 0, 4),
            bridges=frozenset({0, 2, 6}),
            crossings=frozenset({0, 3, 4}),
            districts=0,
            streets=1,
            towns=0,
            urban_grids=83,
            rural_grids=0,
            stations=14,
            workers=152,
            holes=1,
            detailed=True,
        )
    if size == "district":
        return Plan(
            size="district",
            columns=_lines(rng, rim=2, core=16, split=12, lost=RAIL_HALF_METRES),
            rows=_lines(rng, rim=2, core=12, split=7, lost=BANK_METRES),
            column_kinds=_kinds(20, arterials={0, 2, 5, 7, 10, 15, 18, 20}, other=("rail", 12)),
            row_kinds=_kinds(16, arterials={0, 2, 4, 9, 11, 14, 16}, other=("river", 7)),
            core=(2, 18, 2, 14),
            bridges=frozenset({2, 5, 10, 15, 18}),
            crossings=frozenset({2, 4, 9, 11, 14}),
            districts=1,
            streets=8,
            towns=4,
            urban_grids=700,
            rural_grids=196,
            stations=402,
            workers=1643,
            holes=3,
            detailed=True,
        )
    if size == "city":
        return _city_plan(rng)
    raise InputError(
        f"The sample has no size {size!r}; it has street, district and city.",
        f"示例数据没有规模 {size!r}，可选 street、district、city。",
        size=size,
    )


def _city_plan(rng: np.random.Generator) -> Plan:
    columns, rows = 64, 52
    arterials = set(range(4, columns, 4)) | {0, 2, columns - 2, columns}
    return Plan(
        size="city",
        columns=_lines(rng, rim=4, core=columns - 8, split=38, lost=RAIL_HALF_METRES),
        rows=_lines(rng, rim=4, core=rows - 8, split=22, lost=BANK_METRES),
        column_kinds=_kinds(columns, arterials=arterials, other=("rail", 38)),
        row_kinds=_kinds(rows, arterials=set(range(0, rows + 1, 4)), other=("river", 22)),
        core=(4, columns - 4, 4, rows - 4),
        bridges=frozenset(range(4, columns, 8)),
        crossings=frozenset(range(4, rows, 8)),
        districts=9,
        streets=108,
        towns=24,
        urban_grids=8600,
        rural_grids=1400,
        stations=1776,
        workers=18_300,
        holes=3,
        detailed=False,
    )


def _lines(rng: np.random.Generator, *, rim: int, core: int, split: int, lost: float) -> tuple[float, ...]:
    """Return line positions about a centre of 0: blocks of 365 to 500 m in the core, 800 to 1,100 m at the rim.

    The blocks beside line `split`, which is river or railway, are longer by what is lost to it.
    """
    gaps = np.concatenate([rng.uniform(800, 1100, rim), rng.uniform(365, 500, core), rng.uniform(800, 1100, rim)])
    gaps[[split - 1, split]] += lost
    positions = np.concatenate([[0.0], np.cumsum(gaps)])
    return tuple(float(p) for p in np.round(positions - positions[-1] / 2, 1))


def _kinds(last: int, *, arterials: set[int], other: tuple[str, int]) -> tuple[str, ...]:
    kind, where = other
    return tuple(
        kind if index == where else "arterial" if index in arterials else "secondary" for index in range(last + 1)
    )
