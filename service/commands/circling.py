"""What ``gridmap coverage circles`` does: draw each station's circle with a bar, write a file, name who has none."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.markup import escape

from geodata.circle_files import write_circles
from geodata.circle_memory import CircleMemory
from geodata.circles import Circle, parse_bands, station_circle
from geodata.errors import ConflictError
from geodata.exchange.pieces import SUFFIXES
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.reachable import Reachable, points_within
from geodata.records import Station
from geodata.selected import Selection, chosen_stations
from geodata.snapshot_store import snapshot_home
from geodata.station.network.walking import Walking
from geodata.times import parse_time
from service.commands.known import latest_snapshot, latest_walking
from service.commands.screen import chinese, either, output, plural, progress_bar
from service.commands.state import database_url
from service.commands.targets import refuse_unwritable
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as it was typed."""

    bands: str
    stations: tuple[str, ...]
    within: str | None
    category: str | None
    level: str | None
    at: str | None
    as_of: str | None
    profile: str | None


class _Drawer:
    """Draws the circles of stations one by one, and remembers who has none."""

    def __init__(
        self, memory: CircleMemory, walking: Walking, moment: Moment, present: Moment, minutes: Sequence[float]
    ) -> None:
        self._given = (memory, Reachable(), walking, moment, present)
        self._minutes = minutes
        self.without: list[ConflictError] = []
        self.cut_off = 0

    def drawn(
        self, stations: Sequence[Station], profile: str | None, at: int | None, told: Callable[[int], None]
    ) -> Iterator[Circle]:
        """The circles of those that have one."""
        for done, station in enumerate(stations):
            told(done)
            try:
                circle = station_circle(*self._given, station.code, self._minutes, profile=profile, at=at)
            except ConflictError as error:
                self.without.append(error)
                continue
            self.cut_off += circle.cut_off
            yield circle
        told(len(stations))


def circles(settings: Settings, question: Question, out: Path) -> None:
    """Write the circles of the stations that are asked for, and name those that have none.

    Raises
    ------
    InputError, NotKnownError
        Something that was asked for is not known or cannot be used.
    NoNetworkError
        No streets are loaded.
    FileError
        The file cannot be written.
    UnavailableError
        The database is away and nothing was compiled before.
    """
    refuse_unwritable(out, "--out", SUFFIXES)
    minutes = parse_bands(None, question.bands)
    now = time.time_ns() // 1000
    as_of = parse_time(question.as_of, zone=settings.zone) if question.as_of else now
    at = parse_time(question.at, zone=settings.zone) if question.at else None
    with database_url(settings) as url:
        snapshot = latest_snapshot(settings, url)
        walking = latest_walking(settings, url).ready()
        home = snapshot_home(settings.state_folder, url) / "circles"
    moment = snapshot.moment(as_of)
    stations = _stations(moment, question)
    drawer = _Drawer(CircleMemory(home), walking, moment, snapshot.moment(now), minutes)
    stage = either("drawing circles", "绘制服务圈")
    with progress_bar() as progress:
        drawn = drawer.drawn(stations, question.profile, at, lambda done: progress(stage, done, len(stations)))
        rows = write_circles(drawn, out, chinese=chinese())
    _tell(len(stations), rows, len(minutes), drawer, out)


def _stations(moment: Moment, question: Question) -> list[Station]:
    if question.stations:
        stations = [moment.station(code) for code in dict.fromkeys(question.stations)]
    else:
        stations = chosen_stations(moment, Selection(category=question.category, level=question.level))
    if question.within is None:
        return stations
    places = [(one, moment.place_of(one)) for one in stations]
    placed = [(one, point) for one, point in places if point is not None]
    points = np.array([point for _, point in placed], dtype=np.float64).reshape(-1, 2)
    lons, lats = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    grid = assign_points(moment, moment.default_layer.code, lons, lats).position
    inside = points_within(moment, question.within, lons, lats, grid)
    return [one for (one, _), kept in zip(placed, inside.tolist(), strict=True) if kept]


def _tell(asked: int, rows: int, bands: int, drawer: _Drawer, out: Path) -> None:
    drawn = rows // bands
    said = either(
        f"Circles of {drawn} of {plural(asked, 'station')}: {plural(rows, 'row')}",
        f"{asked} 个站点中 {drawn} 个有服务圈：{rows} 行",
    )
    output.print(f"{escape(said)} → {escape(str(out))}")
    if drawer.cut_off:
        said = either(
            f"{drawer.cut_off} of them reach the edge of the network and may be too small",
            f"其中 {drawer.cut_off} 个到达路网边缘，范围可能偏小",
        )
        output.print(f"[yellow]{escape(said)}[/]")
    for error in drawer.without:
        output.print(f"  [yellow]{escape(either(error.detail, error.detail_zh))}[/]")
