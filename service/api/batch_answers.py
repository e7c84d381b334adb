"""Answers for rows of points, in chunks, and the columns that they become."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from geodata.crs import Crs, to_wgs84
from geodata.errors import InputError
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.people.duties import duty_record

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
ROWS_AT_ONCE = 2000

_LON_NAMES = ("lon", "lng", "long", "longitude", "x", "经度", "东经", "经度坐标")
_LAT_NAMES = ("lat", "latitude", "y", "纬度", "北纬", "纬度坐标")

Answer = dict[str, Any]


class Rows(Protocol):
    """A body of rows that can be gone through more than once."""

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns, or of the first object's members."""
        ...

    def __iter__(self) -> Iterator[Any]: ...

    def cell(self, row: Any, column: str) -> Any:
        """What a row says in a column; None where it says nothing."""
        ...

    def written(self, answered: Iterable[tuple[Any, Answer]]) -> Iterator[bytes]:
        """The rows with their answers, as bytes in the format that they came in."""
        ...


def added_names(columns: Sequence[str]) -> list[str]:
    """Names of the answer's columns; one that the input has already gets the prefix ``gridmap_``."""
    taken = set(columns)
    return [PREFIX + name if name in taken else name for name in ADDED]


def column_of(columns: Sequence[str], asked: str | None, usual: Sequence[str], what: str) -> str:
    """The column that holds a coordinate: the one asked for, else the first with a usual name.

    Raises
    ------
    InputError
        There is no such column.
    """
    if asked is not None:
        if asked in columns:
            return asked
    else:
        plain = {name.strip().lower(): name for name in reversed(columns)}
        for name in usual:
            if name in plain:
                return plain[name]
    shown = ", ".join(columns[:20])
    raise InputError(
        f"no column for {what}: name it by ?{what}=COLUMN; the columns are: {shown}",
        f"没有 {what} 列：请用 ?{what}=列名 指定；现有列：{shown}",
        columns=list(columns[:20]),
    )


class Answers:
    """Answers rows in chunks.

    Parameters
    ----------
    layer
        Code of the only layer that is asked.
    crs
        Of the rows' coordinates.
    unmasked
        Whether workers' names are shown in full.
    """

    def __init__(self, moment: Moment, layer: str, crs: Crs, *, unmasked: bool) -> None:
        self._moment = moment
        self._layer = moment.layer(layer).code
        self._crs = crs
        self._unmasked = unmasked
        self._known: dict[int, tuple[str, str, str, str]] = {}

    def of(self, rows: Rows, lon: str | None, lat: str | None) -> Iterator[tuple[Any, Answer]]:
        """Each row with its answer.

        Parameters
        ----------
        lon, lat
            Names of the columns; guessed where None.

        Raises
        ------
        InputError
            There are no such columns, although there are rows.
        """
        source = iter(rows)
        first = next(source, None)
        if first is None:
            return iter(())
        lon_column = column_of(rows.columns, lon, _LON_NAMES, "lon")
        lat_column = column_of(rows.columns, lat, _LAT_NAMES, "lat")
        return self._answered(rows, lambda row: (rows.cell(row, lon_column), rows.cell(row, lat_column)))

    def _answered(self, rows: Rows, pair_of: Callable[[Any], tuple[Any, Any]]) -> Iterator[tuple[Any, Answer]]:
        for chunk in chunks_of(rows):
            pairs = [pair_of(row) for row in chunk]
            xs = np.array([_number(x) for x, _ in pairs], dtype=np.float64)
            ys = np.array([_number(y) for _, y in pairs], dtype=np.float64)
            yield from zip(chunk, self._answers(xs, ys), strict=True)

    def _answers(self, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> list[Answer]:
        lons, lats = to_wgs84(xs, ys, self._crs)
        unread = ~(np.isfinite(xs) & np.isfinite(ys))
        with np.errstate(invalid="ignore"):
            nowhere = ~((np.abs(lons) <= 180) & (np.abs(lats) <= 90))
        lons = np.where(nowhere, np.nan, lons)
        lats = np.where(nowhere, np.nan, lats)
        found = assign_points(self._moment, self._layer, lons, lats)
        swapped = assign_points(self._moment, self._layer, lats, lons).position >= 0
        answers = []
        for place, position in enumerate(found.position.tolist()):
            if nowhere[place]:
                answers.append(_invalid("not-a-number" if unread[place] else "not-on-earth"))
                continue
            code, name, community, worker = self._grid(position) if position >= 0 else ("", "", "", "")
            answers.append(
                {
                    "status": "found" if position >= 0 else "outside",
                    "score": 1.0,
                    "level": "point",
                    "lon": float(lons[place]),
                    "lat": float(lats[place]),
                    "grid_code": code,
                    "grid_name": name,
                    "community": community,
                    "worker": worker,
                    "on_boundary": bool(found.on_boundary[place]),
                    "reasons": ["looks-swapped"] if position < 0 and swapped[place] else [],
                }
            )
        return answers

    def _grid(self, position: int) -> tuple[str, str, str, str]:
        known = self._known.get(position)
        if known is None:
            grid = self._moment.tilings[self._layer].versions[position]
            community = self._moment.area_by_id(grid.community_id)
            people = [duty_record(person, unmasked=self._unmasked) for person in self._moment.people(grid)]
            worker = str(people[0]["name"]) if people else ""
            known = self._known[position] = (grid.code, grid.name, community.name if community else "", worker)
        return known


def _invalid(reason: str) -> Answer:
    return {
        "status": "invalid",
        "score": 0.0,
        "level": "",
        "lon": None,
        "lat": None,
        "grid_code": "",
        "grid_name": "",
        "community": "",
        "worker": "",
        "on_boundary": False,
        "reasons": [reason],
    }


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return np.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return np.nan


def chunks_of(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Items in lists of a bounded length."""
    source = iter(items)
    while chunk := list(islice(source, ROWS_AT_ONCE)):
        yield chunk
