"""The command ``gridmap staffing``: who is on duty, where nobody will be, norms that are not met, who has how much."""

import io
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import orjson

from geodata.database import connect
from geodata.exchange.write import CsvRows
from geodata.lists import staffing as rows_of
from geodata.lists.exported import Asked
from geodata.lists.recorded import on_record
from geodata.snapshot import Snapshot
from geodata.times import instant, parse_time
from service.commands.known import latest_snapshot
from service.commands.screen import progress_bar
from service.commands.staffing_tables import Row, Staffing, show
from service.commands.state import database_url
from service.settings import Settings

Format = Literal["table", "csv", "json"]

_DAY = int(timedelta(days=1) / timedelta(microseconds=1))
_TIMES: Final = ("from", "to")
# One table for everything, so that a spreadsheet can filter it by its first column.
_COLUMNS: Final = (
    "part",
    "target_kind",
    "layer",
    "target",
    "target_name",
    "role",
    "role_name",
    "person",
    "person_name",
    "state",
    "assignment",
    "weekly_hours",
    "from",
    "to",
    "stretches",
    "hours",
    "norm",
    "count",
    "least",
    "most",
    "most_per_person",
    "grid_count",
    "households",
    "persons",
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: of which area and layer, at which instant and how many days ahead; the layer None for all."""

    within: str | None
    layer: str | None
    as_of: str | None
    days: int
    masked: bool


def staffing(settings: Settings, question: Question, *, format: Format, rows: int, actor: str) -> bool:  # noqa: A002
    """Print it; says whether somebody is always there and every norm is met.

    Parameters
    ----------
    rows
        Most rows of each table on the terminal; all where 0. CSV and JSON have all.
    actor
        Whom the record names, where CSV or JSON has names in full.

    Raises
    ------
    TimeError
        The instant cannot be read, or the days lead past the year 9999.
    NotKnownError
        There is no such area or layer at the instant.
    UnavailableError
        The database is away: nothing was compiled before, or nobody can record who takes out names.
    """
    with database_url(settings) as url:
        snapshot = latest_snapshot(settings, url)
        asked = _asked(snapshot, url, settings.zone, question)
        with progress_bar() as progress:
            progress("reading the roster", 0, None)
            found = _found(asked, question.layer)
        if format == "table":
            area = None if found.area is None else asked.moment.area(found.area).name
            show(found, settings.zone, area=area, most=rows)
            return found.sound
        write = _print_csv if format == "csv" else _print_json
        if question.masked:
            write(found, settings.zone)
        else:
            with on_record(asked, actor=actor, target="staffing report", format=format) as facts:
                facts["rows"] = write(found, settings.zone)
    return found.sound


def _asked(snapshot: Snapshot, url: str, zone: ZoneInfo, question: Question) -> Asked:
    at = parse_time(question.as_of, zone=zone) if question.as_of else time.time_ns() // 1000
    until = at + question.days * _DAY
    instant(until + 2 * _DAY)
    return Asked(
        snapshot.moment,
        lambda: closing(connect(url)),
        at,
        within=question.within,
        layer=question.layer,
        until=until,
        unmasked=not question.masked,
    )


def _found(asked: Asked, layer: str | None) -> Staffing:
    """Everything; with a layer only its grids, and those who have one of them."""
    assert asked.until is not None
    if layer is not None:
        asked.moment.layer(layer)
    on_duty = _of_layer(rows_of.on_duty(asked), layer)
    holes = _of_layer(rows_of.holes(asked), layer)
    people = {row["holder"] for row in on_duty}

    def near(row: Row) -> bool:
        if row["site"] is not None:
            return bool(row["layer"] == layer)
        return row["holder"] in people

    norms = [row for row in rows_of.staffing(asked) if layer is None or near(row)]
    loads = [row for row in rows_of.workloads(asked) if layer is None or row["worker"] in people]
    return Staffing(asked.as_of, asked.until, asked.within, layer, on_duty, holes, norms, loads)


def _of_layer(rows: Iterable[Row], layer: str | None) -> list[Row]:
    return [row for row in rows if layer is None or row["layer"] == layer]


def _print_csv(found: Staffing, zone: ZoneInfo) -> int:
    """Print one table of everything; number of its rows."""
    text = io.StringIO(newline="")
    table = CsvRows(text, _COLUMNS)
    rows = [
        row | {name: _local(row[name], zone) for name in _TIMES if row.get(name) is not None} for row in _lines(found)
    ]
    table.write_rows([row.get(name) for name in _COLUMNS] for row in rows)
    sys.stdout.flush()
    sys.stdout.buffer.write(text.getvalue().encode("utf-8-sig", "replace"))
    return len(rows)


def _lines(found: Staffing) -> Iterator[Row]:
    """Rows of every part by the columns of the one table."""
    for row in found.on_duty:
        named = {"person": row["holder"], "person_name": row["holder_name"], "weekly_hours": row["hours"]}
        yield {**row, **named, "hours": None, "part": "on_duty"}
    for row in found.holes:
        missed = {"person": "、".join(row["missed"]), "person_name": "、".join(row["missed_names"])}
        yield {**row, **missed, "state": row["reason"], "part": "hole"}
    for row in found.norms:
        site = {"target_kind": row["level"], "target": row["site"], "target_name": row["site_name"]}
        named = {"person": row["holder"], "person_name": row["holder_name"], "state": row["kind"]}
        yield {**row, **site, **named, "part": "norm"}
    for row in found.workloads:
        yield {**row, "person": row["worker"], "person_name": row["worker_name"], "part": "workload"}


def _print_json(found: Staffing, zone: ZoneInfo) -> int:
    """Print everything as one object; number of its rows."""
    holes = [{**row, "from": _local(row["from"], zone), "to": _local(row["to"], zone)} for row in found.holes]
    told = {
        "as_of": _local(found.as_of, zone),
        "until": _local(found.until, zone),
        "within": found.area,
        "layer": found.layer,
        "on_duty": found.on_duty,
        "holes": holes,
        "norms": found.norms,
        "workloads": found.workloads,
    }
    sys.stdout.flush()
    sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return len(found.on_duty) + len(found.holes) + len(found.norms) + len(found.workloads)


def _local(micros: int, zone: ZoneInfo) -> str:
    return instant(micros).astimezone(zone).isoformat()
