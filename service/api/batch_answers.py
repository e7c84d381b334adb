"""Answers for rows of points, in chunks."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

from geodata.assign import ADDED, Assigner, coordinate_columns, numbers

ROWS_AT_ONCE = 2000

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


def answered(rows: Rows, assigner: Assigner, lon: str | None, lat: str | None) -> Iterator[tuple[Any, Answer]]:
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
    if next(iter(rows), None) is None:
        return iter(())
    return _answered(rows, assigner, *coordinate_columns(rows.columns, lon, lat))


def _answered(rows: Rows, assigner: Assigner, lon: str, lat: str) -> Iterator[tuple[Any, Answer]]:
    for chunk in chunks_of(rows):
        xs = numbers([rows.cell(row, lon) for row in chunk])
        ys = numbers([rows.cell(row, lat) for row in chunk])
        columns = assigner.columns(xs, ys)
        values = zip(*(columns[name].tolist() for name in ADDED), strict=True)
        yield from zip(chunk, (_answer(*row) for row in values), strict=True)


def _answer(status: str, score: float, level: str, lon: float, lat: float, *rest: Any) -> Answer:
    """One row of the columns; a place that is no number, as JSON knows none, is null."""
    known = status != "invalid"
    reasons = [rest[-1]] if rest[-1] else []
    place = (lon, lat) if known else (None, None)
    return dict(zip(ADDED, (status, score, level, *place, *rest[:-1], reasons), strict=True))


def chunks_of(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Items in lists of a bounded length."""
    source = iter(items)
    while chunk := list(islice(source, ROWS_AT_ONCE)):
        yield chunk
