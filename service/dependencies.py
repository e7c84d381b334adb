"""What every route starts from: the snapshot to answer from, the instant that is asked about, and who asks."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import psycopg
from anyio import CapacityLimiter
from fastapi import Request
from starlette.types import Scope

from geodata.access import key_hash
from geodata.circle_memory import CircleMemory
from geodata.errors import AccessError, TimeError
from geodata.reachable import Reachable
from geodata.records import FOREVER_FROM, FOREVER_TO
from geodata.snapshot import Snapshot
from geodata.snapshot_store import SnapshotStore
from geodata.station.network.walking import Networks, NoNetwork
from geodata.station.walked import WalksKept
from geodata.themes import Themes
from geodata.times import parse_time
from service.drafting import Redrawing
from service.matching import Matching, NoRegister, Printing, Reaching, Register, Summing
from service.problems import SESSION_ENDED
from service.sessions import COOKIE, Sessions
from service.settings import Settings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A + that nobody escaped reaches us as a blank: 2026-11-22T08:00:00 08:00.
_LOST_PLUS = re.compile(r"(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) (\d{2}:?\d{2})$", re.ASCII)

READERS = ("dispatcher", "planner", "clerk", "admin")
CLERKS = ("clerk", "admin")
DISPATCHERS = ("dispatcher", "admin")
PLANNERS = ("planner", "admin")
ADMIN = ("admin",)
UNMASKED_ROLES = frozenset({"dispatcher", "clerk", "admin"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Serving:
    """What an application holds while it runs; found at ``app.state.serving``.

    Parameters
    ----------
    database
        Opens a connection for the length of a ``with``; UnavailableError where PostGIS is away.
    systems
        How many reference systems are looked up at a time, so that they leave threads for other work.
    exports
        How many files are written at a time.
    register
        The register of addresses.
    matching
        Where addresses are matched.
    network
        The walking network.
    circles
        The service circles that were drawn on it.
    walks
        The walks to stations that were worked out on it.
    walking
        How many threads work such out at a time; more would only wait for the same.
    themes
        What grids are coloured by.
    summing
        Where that is worked out.
    redrawing
        Where planners' drafts are worked on.
    """

    settings: Settings
    zone: ZoneInfo
    store: SnapshotStore
    sessions: Sessions
    database: Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
    systems: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(2))
    exports: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(2))
    register: Register = field(default_factory=NoRegister)
    matching: Matching = field(default_factory=Matching)
    network: Networks = field(default_factory=NoNetwork)
    reachable: Reachable = field(default_factory=Reachable)
    reaching: Reaching = field(default_factory=Reaching)
    printing: Printing = field(default_factory=Printing)
    circles: CircleMemory = field(default_factory=CircleMemory)
    walks: WalksKept = field(default_factory=WalksKept)
    walking: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    themes: Themes = field(default_factory=Themes)
    summing: Summing = field(default_factory=Summing)
    redrawing: Redrawing = field(default_factory=Redrawing)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: ``public`` or the role and name of a key, and whether the key came in a page's cookie."""

    role: str
    name: str = ""
    key_sha256: bytes = b""
    by_cookie: bool = False
    unmasked: bool = False


PUBLIC = Caller("public")


def serving(request: Request) -> Serving:
    """What the application holds."""
    found: Serving = request.app.state.serving
    return found


def current_snapshot(request: Request) -> Snapshot:
    """The snapshot to answer from; UnavailableError where nothing was ever read."""
    return serving(request).store.current()


def now_micros() -> int:
    """The present, microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


def instant_of(as_of: str | None, zone: ZoneInfo, *, inclusive_end: bool = False) -> int:
    """The instant that a request asks about, microseconds since 1970-01-01 UTC; now for None.

    Parameters
    ----------
    inclusive_end
        A date without a time means the end of that day.

    Raises
    ------
    TimeError
        It is no date or time, or lies outside the years 1 to 9999.
    """
    if as_of is None:
        return now_micros()
    micros = parse_time(_LOST_PLUS.sub(r"\1+\2", as_of), inclusive_end=inclusive_end, zone=zone)
    try:
        local_text(micros, zone)
    except OverflowError as error:
        raise TimeError("the time lies outside the years 1 to 9999", "时间超出 1 至 9999 年的范围") from error
    return micros


def local_text(micros: int, zone: ZoneInfo) -> str:
    """An instant as people here read it: RFC 3339 with the local offset."""
    second, fraction = divmod(micros, 1_000_000)
    day_and_time, offset = _local_second(second, zone)
    return f"{day_and_time}.{fraction:06d}{offset}" if fraction else day_and_time + offset


@lru_cache(maxsize=64)
def _local_second(second: int, zone: ZoneInfo) -> tuple[str, str]:
    """A second as local date and time, and its offset; most requests of one second ask about now."""
    text = (_EPOCH + timedelta(seconds=second)).astimezone(zone).isoformat()
    return text[:19], text[19:]


def local_or_none(micros: int | None, zone: ZoneInfo) -> str | None:
    """As `local_text`; None for an open end."""
    return None if micros is None or micros in (FOREVER_FROM, FOREVER_TO) else local_text(micros, zone)


def caller_of(request: Request, snapshot: Snapshot) -> Caller:
    """Who asks, by the key in ``Authorization: Bearer`` or, without one, by the session cookie of a page.

    Raises
    ------
    AccessError
        The key or session is unknown, revoked or expired: an answer for the public would look like an answer; or a
        page of another site uses the cookie to change something.
    """
    authorization = cookie = b""
    for name, value in request.scope["headers"]:
        if name == b"authorization":
            authorization = value
        elif name == b"cookie":
            cookie = value
    if authorization:
        return _by_bearer(authorization, snapshot)
    if cookie and COOKIE.encode() in cookie:
        return _by_cookie(cookie, request, snapshot)
    return PUBLIC


def require(request: Request, roles: tuple[str, ...]) -> Caller:
    """Who asks, if theirs is one of these roles.

    Raises
    ------
    AccessError
        There is no valid key, or its role does not allow this.
    """
    caller = caller_of(request, current_snapshot(request))
    if caller is PUBLIC:
        raise AccessError(
            "send a key as 'Authorization: Bearer KEY'; an administrator makes keys",
            "请以“Authorization: Bearer 密钥”发送密钥；密钥由管理员发放",
            reason="missing",
            roles=roles,
        )
    if caller.role not in roles:
        raise AccessError(
            f"a key of role {caller.role} does not allow this; it takes one of: {', '.join(roles)}",
            f"角色 {caller.role} 没有此权限；需要以下角色之一：{'、'.join(roles)}",
            reason="role",
            roles=roles,
        )
    return caller


def caller_of_key(text: str, snapshot: Snapshot) -> Caller:
    """The caller that a key stands for.

    Raises
    ------
    AccessError
        The key is unknown, revoked or expired.
    """
    # Keys are found by their hash, so the time that this takes tells nothing about them.
    return _known(key_hash(text), snapshot, by_cookie=False)


def _by_bearer(authorization: bytes, snapshot: Snapshot) -> Caller:
    scheme, _, key = authorization.decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise AccessError(
            "the header Authorization must read 'Bearer KEY'", "请求头 Authorization 应为“Bearer 密钥”", reason="scheme"
        )
    return caller_of_key(key.strip(), snapshot)


def _by_cookie(cookie: bytes, request: Request, snapshot: Snapshot) -> Caller:
    pairs = (pair.strip().partition("=") for pair in cookie.decode("latin-1").split(";"))
    value = next((value for name, _, value in pairs if name == COOKIE), None)
    if value is None:
        return PUBLIC
    key_sha256 = serving(request).sessions.read(value)
    if key_sha256 is None:
        raise _session_ended()
    if request.method not in SAFE_METHODS:
        refuse_cross_site(request.scope)
    try:
        return _known(key_sha256, snapshot, by_cookie=True)
    except AccessError as error:
        raise _session_ended() from error


def _session_ended() -> AccessError:
    return AccessError("the session has ended: sign in again", "登录已失效，请重新登录", reason=SESSION_ENDED)


def _known(key_sha256: bytes, snapshot: Snapshot, *, by_cookie: bool) -> Caller:
    key = snapshot.keys.get(key_sha256)
    if key is None:
        raise AccessError("this key is not known, or was revoked", "密钥无效或已被吊销", reason="unknown")
    if key.expires_at <= now_micros():
        raise AccessError("this key has expired", "密钥已过期", reason="expired")
    return Caller(key.role, key.name, key_sha256, by_cookie, key.role in UNMASKED_ROLES)


def refuse_cross_site(scope: Scope) -> None:
    """Let only our own pages change something by their cookie.

    Raises
    ------
    AccessError
        The browser says that another site asks, or does not say who asks.

    Notes
    -----
    ``Sec-Fetch-Site`` is decisive where the browser sends it; on plain HTTP it does not, and ``Origin`` must name the
    host that was asked. A proxy that changes ``Host`` keeps the original in ``X-Forwarded-Host``, which a foreign page
    cannot set without a preflight that nothing here answers.
    """
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    fetched_from = headers.get(b"sec-fetch-site")
    if fetched_from is not None:
        if fetched_from == "same-origin":
            return
    else:
        origin = _origin_host(headers.get(b"origin", ""))
        if origin and origin in _hosts(headers):
            return
    raise AccessError("a page of another site may not do this", "不允许其他网站的页面执行此操作", reason="cross-site")


def _origin_host(origin: str) -> str:
    """Host and port that an Origin names; empty where it names none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _hosts(headers: dict[bytes, str]) -> Iterator[str]:
    for name in (b"host", b"x-forwarded-host"):
        yield from (host.strip().lower() for host in headers.get(name, "").split(","))
