"""Door: points or addresses of many rows → columns that say which grid each belongs to, and how many fell where."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.crs import Crs, to_wgs84
from geodata.decision.decide import Book
from geodata.decision.rows import RowAnswer, RowAnswers
from geodata.errors import InputError
from geodata.exchange.table import Table
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.people.answers import duty_record, first_of

ADDED = (
    "status",
    "score",
    "level",
    "lon",
    "lat",
    "grid_code",
    "grid_name",
    "community",
    "worker",
    "on_boundary",
    "reasons",
)
PREFIX = "gridmap_"

_LON_NAMES = ("lon", "lng", "long", "longitude", "x", "经度", "东经", "经度坐标")
_LAT_NAMES = ("lat", "latitude", "y", "纬度", "北纬", "纬度坐标")
_ADDRESS_NAMES = (
    "address", "addr", "地址", "详细地址", "标准地址", "事发地址", "事发地点", "发生地址", "发生地点", "诉求地址",
    "案发地址", "住址", "家庭住址", "居住地址", "联系地址", "位置", "地点",
)  # fmt: skip

Column = NDArray[Any]


def added_names(columns: Sequence[str]) -> list[str]:
    """Names of the added columns; one that the input has already gets the prefix ``gridmap_``."""
    taken = set(columns)
    return [PREFIX + name if name in taken else name for name in ADDED]


@dataclass(frozen=True, slots=True)
class Read:
    """Names of the columns that are read: a pair of coordinates, an address, or both."""

    point: tuple[str, str] | None
    address: str | None


def columns_read(columns: Sequence[str], asked: Mapping[str, str]) -> Read:
    """The columns that hold points or addresses.

    Parameters
    ----------
    asked
        Names of columns by ``lon``, ``lat`` and ``address``, as far as they are told. Where none is, coordinates with a
        usual name are taken, and only without them an address with a usual name. Where both are told a row's point
        counts, and its address only where it has no point.

    Raises
    ------
    InputError
        There are no such columns.
    """
    told = {name: column for name, column in asked.items() if column}
    address = _named(columns, told["address"], (), "address") if "address" in told else None
    if "lon" in told or "lat" in told:
        return Read(coordinate_columns(columns, told.get("lon"), told.get("lat")), address)
    if address is not None:
        return Read(None, address)
    usual = _usual(columns, _ADDRESS_NAMES)
    if usual is not None and (_usual(columns, _LON_NAMES) is None or _usual(columns, _LAT_NAMES) is None):
        return Read(None, usual)
    return Read(coordinate_columns(columns), None)


def coordinate_columns(columns: Sequence[str], lon: str | None = None, lat: str | None = None) -> tuple[str, str]:
    """Names of the columns that hold longitude and latitude: those asked for, else the first with a usual name.

    Raises
    ------
    InputError
        There is no such column.
    """
    return _named(columns, lon, _LON_NAMES, "lon"), _named(columns, lat, _LAT_NAMES, "lat")


def _usual(columns: Sequence[str], usual: Sequence[str]) -> str | None:
    plain = {name.strip().lower(): name for name in reversed(columns)}
    return next((plain[name] for name in usual if name in plain), None)


def _named(columns: Sequence[str], asked: str | None, usual: Sequence[str], what: str) -> str:
    found = (asked if asked in columns else None) if asked is not None else _usual(columns, usual)
    if found is not None:
        return found
    shown = ", ".join(name[:40] for name in columns[:20])
    other, other_zh = (
        ("", "") if what == "address" else (", or an address as address=COLUMN", "，或以 address=列名 指定地址")
    )
    raise InputError(
        f"no column for {what}: name it as {what}=COLUMN{other}; the columns are: {shown}",
        f"没有 {what} 列：请以 {what}=列名 指定{other_zh}；现有列：{shown}",
        columns=[name[:40] for name in columns[:20]],
    )


def numbers(cells: Sequence[Any]) -> NDArray[np.float64]:
    """Coordinates of cells as they come from files, NaN where a cell is no number."""
    return np.array([_number(cell) for cell in cells], dtype=np.float64)


def _number(cell: Any) -> float:
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return np.nan
    if isinstance(cell, str) and "_" in cell:
        return np.nan  # which Python takes for nothing between digits
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return np.nan


class Assigner:
    """Gives points their grid in one layer at one instant, as columns.

    Parameters
    ----------
    layer
        Code of the layer; the default one where None.
    crs
        Of the coordinates that will be given.
    unmasked
        Whether workers' names are written in full.
    book
        Gives the register, where there are addresses.
    within
        Code of the area that addresses lie in.
    chinese
        Whether reasons about addresses are told in Chinese.

    Raises
    ------
    NotKnownError
        There is no such layer or area.
    """

    def __init__(
        self,
        moment: Moment,
        layer: str | None,
        crs: Crs,
        *,
        unmasked: bool,
        book: Callable[[], Book] | None = None,
        within: str | None = None,
        chinese: bool = False,
    ) -> None:
        self._moment = moment
        self._book = book
        self._within = None if within is None else moment.area(within).code
        self._chinese = chinese
        self._rows: RowAnswers | None = None
        self._layer = moment.layer(layer).code if layer else moment.default_layer.code
        self._crs = crs
        self._unmasked = unmasked
        size = len(moment.tilings[self._layer].versions) + 1
        # The last row stands for nobody, which is where the position -1 points to.
        self._facts = np.full((4, size), "", dtype=object)
        self._known = np.zeros(size, dtype=bool)
        self._known[-1] = True
        self.counts = Counts(moment, self._layer)

    def use_addresses(self) -> None:
        """Make ready for addresses.

        Raises
        ------
        UnavailableError
            The register is not ready.
        InputError
            There is no register here.
        """
        if self._book is None:
            raise InputError("addresses cannot be looked up here", "此处不能查询地址")
        self._rows = self._rows or RowAnswers(
            self._moment, self._book(), self._layer, self._within, chinese=self._chinese
        )

    def columns(
        self, xs: NDArray[np.float64], ys: NDArray[np.float64], texts: Sequence[Any] | None = None
    ) -> dict[str, Column]:
        """The added columns for points given by their coordinates, NaN where a row has none.

        Parameters
        ----------
        texts
            Addresses, which count where a row has no point; after `use_addresses`.

        Returns
        -------
        dict
            Of arrays as long as the points. ``status`` is ``found``, ``outside`` or ``invalid``, of an address also
            ``ambiguous`` or ``not_found``, and then no grid is named; ``reasons`` says why, or that the point lies in a
            grid when longitude and latitude are exchanged.
        """
        lons, lats = to_wgs84(xs, ys, self._crs)
        with np.errstate(invalid="ignore"):
            nowhere = ~((np.abs(lons) <= 180) & (np.abs(lats) <= 90))
        lons, lats = np.where(nowhere, np.nan, lons), np.where(nowhere, np.nan, lats)
        status = np.where(nowhere, "invalid", "").astype(object)
        score, level = np.where(nowhere, 0.0, 1.0), np.where(nowhere, "", "point").astype(object)
        answers: list[tuple[int, RowAnswer]] = []
        if texts is not None and self._rows is not None:
            without = np.flatnonzero(~(np.isfinite(xs) & np.isfinite(ys))).tolist()
            answers = [(row, self._rows.answer(texts[row])) for row in without]
            for row, answer in answers:
                status[row], score[row], level[row] = answer.status, answer.score, answer.level
                lons[row], lats[row] = answer.point or (np.nan, np.nan)
        found = assign_points(self._moment, self._layer, lons, lats)
        position = found.position
        status = np.where(status != "", status, np.where(position >= 0, "found", "outside"))
        reasons = self._reasons(xs, ys, nowhere, position)
        for row, answer in answers:
            reasons[row] = answer.reasons
        self.counts.add(position, status, [answer for _, answer in answers])
        self._learn(position)
        code, name, community, worker = self._facts[:, position]
        return {
            "status": status,
            "score": score,
            "level": level,
            "lon": lons,
            "lat": lats,
            "grid_code": code,
            "grid_name": name,
            "community": community,
            "worker": worker,
            "on_boundary": found.on_boundary,
            "reasons": reasons,
        }

    def _reasons(
        self,
        xs: NDArray[np.float64],
        ys: NDArray[np.float64],
        nowhere: NDArray[np.bool_],
        position: NDArray[np.int32],
    ) -> Column:
        reasons = np.full(len(xs), "", dtype=object)
        reasons[nowhere] = "not-on-earth"
        numeric = np.isfinite(xs) & np.isfinite(ys)
        reasons[~numeric] = "not-a-number"
        missed = np.flatnonzero((position < 0) & numeric)
        if missed.size:
            exchanged = to_wgs84(ys[missed], xs[missed], self._crs)
            hit = assign_points(self._moment, self._layer, *exchanged).position >= 0
            reasons[missed[hit]] = "looks-swapped"
        return reasons

    def _learn(self, position: NDArray[np.int32]) -> None:
        """Work out what is written for grids that were not met before."""
        versions = self._moment.tilings[self._layer].versions
        for place in np.unique(position[~self._known[position]]).tolist():
            grid = versions[place]
            community = self._moment.area_by_id(grid.community_id)
            people = self._moment.people(grid)
            first = first_of(people)
            worker = duty_record(first, unmasked=self._unmasked)["name"] if first is not None else ""
            self._facts[:, place] = grid.code, grid.name, community.name if community else "", worker
            self._known[place] = True


def assigned_frames(
    tables: Iterable[Table], assigner: Assigner, mapping: Mapping[str, str] | None = None
) -> Iterator[pd.DataFrame]:
    """Frames of a table that comes in chunks, the added columns last, as they are written to CSV.

    Parameters
    ----------
    tables
        All with the same columns.
    mapping
        As for `columns_read`.

    Raises
    ------
    InputError
        There are no such columns.
    UnavailableError
        There are addresses, and the register is not ready.
    """
    for table in tables:
        frame = table.frame
        names = [str(name) for name in frame.columns]
        answers = read_columns(frame, columns_read(names, mapping or {}), assigner)
        answers["on_boundary"] = np.where(answers["on_boundary"], "true", "false").astype(object)
        added = {
            name: pd.Series(answers[plain], dtype=answers[plain].dtype)
            for name, plain in zip(added_names(names), ADDED, strict=True)
        }
        yield pd.concat([frame, pd.DataFrame(added)], axis=1)


def read_columns(cells: Mapping[str, Any] | pd.DataFrame, read: Read, assigner: Assigner) -> dict[str, Column]:
    """The added columns for rows whose cells stand in columns by name."""
    texts = None
    if read.address is not None:
        assigner.use_addresses()
        texts = list(cells[read.address])
    if read.point is None:
        nothing = np.full(len(texts or ()), np.nan)
        return assigner.columns(nothing, nothing, texts)
    xs, ys = (numbers(list(cells[name])) for name in read.point)
    return assigner.columns(xs, ys, texts)


@dataclass
class Counts:
    """How many rows fell where, over all chunks of a file."""

    moment: Moment
    layer: str
    rows: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    missing: Counter[tuple[str, str]] = field(default_factory=Counter)
    _positions: Counter[int] = field(default_factory=Counter)

    def add(self, position: NDArray[np.int32], status: Column, answers: Sequence[RowAnswer]) -> None:
        """Count one chunk: the grids and statuses of its rows, and what is missing of those that a person must see."""
        self.rows += len(position)
        self.statuses.update(status.tolist())
        self.missing.update((one.status, one.missing) for one in answers if one.missing)
        places, counts = np.unique(position[position >= 0], return_counts=True)
        self._positions.update(dict(zip(places.tolist(), counts.tolist(), strict=True)))

    @property
    def found(self) -> int:
        """Rows that lie in a grid."""
        return sum(self._positions.values())

    @property
    def invalid(self) -> int:
        """Rows with neither a point nor an address."""
        return self.statuses["invalid"]

    def summary(self) -> list[tuple[str, str, str, int]]:
        """Level, code, name and rows: every grid that is in force, every area above them, then what fell nowhere.

        Rows of grids without an area count in the grids alone. Areas come from the widest to the narrowest, each level
        in code order.
        """
        areas: Counter[str] = Counter()
        depth: dict[str, int] = {}
        grids = []
        for grid in self.moment.grids(self.layer):
            count = self._positions[grid.position]
            grids.append(("grid", grid.code, grid.name, count))
            for height, area in enumerate(self.moment.area_chain(grid.community_id)):
                areas[area.code] += count
                depth[area.code] = max(height, depth.get(area.code, 0))
        ordered = sorted(areas, key=lambda code: (-depth[code], code))
        named = [(self.moment.area(code).level, code, self.moment.area(code).name, areas[code]) for code in ordered]
        unsure = [(status, "", "", self.statuses[status]) for status in ("ambiguous", "not_found")]
        nowhere = [(status, "", "", self.statuses[status]) for status in ("outside", "invalid")]
        return [*named, *grids, *(row for row in unsure if row[3]), *nowhere]
