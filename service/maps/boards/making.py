"""From a question to a board: which one is meant, what it rests on, and its PDF, kept by content."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import numpy as np
from psycopg import Connection
from starlette.requests import Request

from geodata.basemap import BaseShapes, base_shapes, base_version
from geodata.boards.logos import Logo, logo_of, logos_of_areas, nearest_logo
from geodata.errors import InputError, NetworkNotReadyError, UnavailableError
from geodata.moment import Moment
from geodata.station.network.walking import Walking
from geodata.station.walked import StationWalks, WalksKept
from geodata.themes import HOUSEHOLDS, PERSONS, Theme, Themes
from geodata.times import instant
from service.dependencies import now_micros, serving
from service.maps.boards.facts import Board, BoardFinding, findings
from service.maps.boards.ground import Subject, area_subject, compound_subject, grid_subject, ground_of
from service.maps.boards.layout import PAPERS, Paper
from service.maps.boards.pdf import Printed, print_board
from service.maps.boards.plan import Bounds
from service.maps.boards.reading import Counted, board_of
from service.maps.imprint import Imprint
from service.maps.words import Language
from service.settings import Settings

_KEPT_BYTES: Final = 48_000_000

Opened = Callable[[], AbstractContextManager[Connection[Any]]]


class Streets(Protocol):
    """Gives the walking network as it is now."""

    def current(self) -> Walking:
        """The network; NetworkNotReadyError until it was compiled."""


@dataclass(frozen=True, slots=True)
class NetworkRead:
    """A network that was read once."""

    walking: Walking

    def current(self) -> Walking:
        """It."""
        return self.walking


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which board: exactly one of grid, area and compound; the default layer where none is named."""

    layer: str | None = None
    grid: str | None = None
    area: str | None = None
    compound: str | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """What boards are made from, the same for all that are made at one time.

    Parameters
    ----------
    as_of, printed_at
        Microseconds since 1970-01-01 UTC.
    opened
        Gives a connection; UnavailableError where the database is away.
    address
        Of the service as residents reach it, for links in codes; empty where it is not known.
    """

    moment: Moment
    as_of: int
    printed_at: int
    zone: ZoneInfo
    opened: Opened
    network: Streets
    walks: WalksKept
    themes: Themes
    address: str = ""
    attribution: str = ""
    approval_number: str = ""
    counted: dict[str, dict[str, Counted]] = field(default_factory=dict)
    logos: dict[int | None, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """A board with what it is about and what is wrong with it."""

    board: Board
    subject: Subject
    findings: tuple[BoardFinding, ...]


def sources_at(
    moment: Moment,
    as_of: int,
    printed_at: int,
    settings: Settings,
    opened: Opened,
    network: Streets,
    walks: WalksKept,
    themes: Themes,
    address: str = "",
) -> Sources:
    """What boards are made from; logos are read once here, none where the database is away.

    Parameters
    ----------
    address
        Of the service where the operator set none.
    """
    try:
        with opened() as connection:
            logos = logos_of_areas(connection)
    except UnavailableError:
        logos = {}
    return Sources(
        moment,
        as_of,
        printed_at,
        settings.zone,
        opened,
        network,
        walks,
        themes,
        settings.public_url or address,
        settings.attribution,
        settings.map_approval_number,
        logos=logos,
    )


def sources_of(request: Request, moment: Moment, as_of: int, *, addressed: bool = True) -> Sources:
    """What boards are made from, for a request.

    Parameters
    ----------
    addressed
        Let codes lead to the address that was asked where the operator set none.
    """
    held = serving(request)
    root = request.scope.get("root_path", "")
    address = f"{request.url.scheme}://{request.url.netloc}{root}" if addressed else ""
    return sources_at(
        moment, as_of, now_micros(), held.settings, held.database, held.network, held.walks, held.themes, address
    )


def subject_of(moment: Moment, wanted: Wanted) -> Subject:
    """What a board is about.

    Raises
    ------
    InputError
        None or several are named, or the area has too many grids.
    NotKnownError
        There is no such thing at this time.
    """
    named = [(kind, code) for kind in ("grid", "area", "compound") if (code := getattr(wanted, kind))]
    if len(named) != 1:
        raise InputError(
            "name exactly one of grid, area and compound", "grid、area、compound 应且只应给出一个", given=len(named)
        )
    layer = wanted.layer or moment.default_layer.code
    ((kind, code),) = named
    makers = {"grid": grid_subject, "area": area_subject, "compound": compound_subject}
    return makers[kind](moment, layer, code)


def tell(
    sources: Sources, subject: Subject, *, lang: Language = "zh-CN", here: tuple[float, float] | None = None
) -> Told:
    """The board of a subject, as the public sees it.

    Raises
    ------
    InputError
        ``here`` lies elsewhere.
    """
    area = subject.area.area_id if subject.area is not None else None
    if area is None and subject.grids:
        area = subject.grids[0].community_id
    board = board_of(
        sources.moment,
        subject,
        imprint_of(sources, subject.layer, lang, live_link(sources.address, subject, lang)),
        logo=nearest_logo(sources.logos, sources.moment.area_chain(area)),
        here=here,
        walks=_walks(sources, subject.layer),
        counted=_counted(sources, subject.layer),
    )
    return Told(board, subject, findings(board))


def imprint_of(sources: Sources, layer: str, lang: Language, link: str) -> Imprint:
    """What stands on paper besides the data, where grids of a layer are shown."""
    release = sources.moment.release(layer)

    def day(micros: int) -> str:
        return instant(micros).astimezone(sources.zone).date().isoformat()

    return Imprint(
        lang=lang,
        as_of=day(sources.as_of),
        made_on=day(sources.printed_at),
        release_day="" if release is None else day(release.effective_at),
        link=link,
        attribution=sources.attribution,
        approval_number=sources.approval_number,
    )


def live_path(subject: Subject) -> str:
    """Path and query of a board's page."""
    if subject.kind == "grid":
        return f"/maps/boards/{quote(subject.layer, safe='')}/{quote(subject.code, safe='')}"
    name = "area" if subject.kind == "community" else "compound"
    return f"/maps/boards?{urlencode({'layer': subject.layer, name: subject.code})}"


def live_link(address: str, subject: Subject, lang: Language) -> str:
    """Address of a board's page, for the code; empty where ours is not known."""
    if not address:
        return ""
    path = live_path(subject)
    return address + path + (("&" if "?" in path else "?") + "lang=en" if lang == "en" else "")


def _walking(sources: Sources) -> Walking | None:
    try:
        return sources.network.current()
    except NetworkNotReadyError:
        return None


def _walks(sources: Sources, layer: str) -> StationWalks | None:
    walking = _walking(sources)
    finder = ground_of(sources.moment, layer).finder
    if walking is None or not walking.network.edge_count or not finder.stations:
        return None
    return sources.walks.of(walking, finder)


def _counted(sources: Sources, layer: str) -> dict[str, Counted]:
    """How many live in each grid, without what says too much of few people."""
    if layer not in sources.counted:
        walking = _walking(sources)
        homes, version = (None, "") if walking is None else (walking.homes, walking.version)
        themes = sources.themes.themes(sources.moment, layer, homes, version, None)
        sources.counted[layer] = _by_grid(themes[HOUSEHOLDS].discreet(), themes[PERSONS].discreet())
    return sources.counted[layer]


def _by_grid(households: Theme, persons: Theme) -> dict[str, Counted]:
    known = [None if np.isnan(value) else float(value) for value in households.values.tolist()]
    lived = [None if np.isnan(value) else float(value) for value in persons.values.tolist()]
    source = "register" if households.source == "register" and not households.stated else "stated"
    return {code: Counted(one, other, source) for code, one, other in zip(households.grids, known, lived, strict=True)}


class BoardMemory:
    """Keeps the PDFs that were printed last, by all that stands on them. Safe to be used by several threads at once."""

    def __init__(self, most_bytes: int = _KEPT_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, Printed] = OrderedDict()
        self._lock = Lock()

    def printed(self, sources: Sources, told: Told, paper: Paper) -> tuple[str, Printed]:
        """Tag and PDF of a board on a paper."""
        try:
            with sources.opened() as connection:
                return self._printed(sources, told, paper, connection)
        except UnavailableError:
            return self._printed(sources, told, paper, None)

    def _printed(
        self, sources: Sources, told: Told, paper: Paper, connection: Connection[Any] | None
    ) -> tuple[str, Printed]:
        version = "" if connection is None else base_version(connection)
        whole = (
            f"{told.board.digest()} {told.board.day} {told.board.release} {told.board.release_day} {paper} {version}"
        )
        tag = hashlib.blake2b(whole.encode(), digest_size=12).hexdigest()
        with self._lock:
            known = self._kept.get(tag)
            if known is not None:
                self._kept.move_to_end(tag)
                return tag, known
        made = _print(sources, told, paper, connection)
        with self._lock:
            self._keep(tag, made)
        return tag, made

    def _keep(self, tag: str, made: Printed) -> None:
        if tag not in self._kept:
            self._kept[tag] = made
            self._bytes += len(made.content)
        while self._bytes > self._most and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            self._bytes -= len(old.content)


def _print(sources: Sources, told: Told, paper: Paper, connection: Connection[Any] | None) -> Printed:
    logo: Logo | None = None
    if connection is not None and told.board.logo:
        logo = logo_of(connection, told.board.logo)

    def base_of(bounds: Bounds, detail_metres: float) -> BaseShapes | None:
        return None if connection is None else base_shapes(connection, bounds, detail_metres)

    return print_board(told.board, told.subject, sources.moment, paper, base_of=base_of, logo=logo)


@lru_cache(maxsize=1)
def board_memory() -> BoardMemory:
    """What this process keeps."""
    return BoardMemory()


def paper_of(name: str) -> Paper:
    """A size of paper.

    Raises
    ------
    InputError
        Boards are not printed in that size.
    """
    if name not in PAPERS:
        known = ", ".join(PAPERS)
        raise InputError(
            f"boards are printed as {known}, not {name[:20]!r}", f"公示牌可打印为 {known}，不支持“{name[:20]}”"
        )
    return PAPERS[name]
