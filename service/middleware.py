"""What surrounds every request: id, log line, security headers, the last net, a limit to the body, other sites."""

import errno
import itertools
import logging
import re
import secrets
import traceback
from collections.abc import Sequence
from http import HTTPStatus
from time import perf_counter

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import REQUEST_ID, BodyTooLargeError, disk_full, http_problem

access_log = logging.getLogger("gridmap.access")
log = logging.getLogger("gridmap.service")

PATIENCE_SECONDS = 30.0
SLOWEST_BYTES_PER_SECOND = 10_000

_SECURITY_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_OF_CALLERS = ("/api/v1/lookup", "/api/v1/addresses/")
_CONTENT_POLICY = b"content-security-policy"
_OPEN_PATHS = ("/api/v1/", "/tiles/", "/basemap", "/openapi.json")
_OPEN_POSTS = ("/api/v1/lookup", "/api/v1/addresses/suggest")
_NUMBER = re.compile(r"/[0-9]+(?=/|$)")
_EXPOSED = [(b"access-control-expose-headers", b"ETag, Retry-After, X-Request-Id")]
_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"Content-Type, If-None-Match"),
    (b"access-control-max-age", b"3600"),
]
_DEFAULT_CONTENT_POLICY = b"frame-ancestors 'self'"


class RequestFrame:
    """Gives each request an id and a log line, each response its security headers, and each surprise a plain 500.

    Parameters
    ----------
    app
        What is surrounded.
    root_path
        Path that a proxy serves the application under; empty where there is none.

    Notes
    -----
    The log names the path alone: the query of a look-up says where somebody lives. So may the message of an error that
    nobody foresaw; of look-ups the log has its kind and place in the code.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self.app = app
        self.root_path = root_path
        self._prefix = secrets.token_hex(4)
        self._counter = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = f"{self._prefix}-{next(self._counter):x}"
        scope[REQUEST_ID] = request_id
        if self.root_path:
            scope["root_path"] = self.root_path
        began = perf_counter()
        status = 0

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), *_SECURITY_HEADERS, (b"x-request-id", request_id.encode())]
                if not any(name == _CONTENT_POLICY for name, _ in headers):
                    headers.append((_CONTENT_POLICY, _DEFAULT_CONTENT_POLICY))
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self.app(scope, receive, framed)
        except ClientDisconnect:
            log.info("the caller went away (%s)", request_id)
        except Exception as error:
            _tell(error, scope, request_id)
            if status and _asks_for_somebody(scope):
                raise AnswerBrokeOffError(request_id) from None
            if status:
                raise
            full = isinstance(error, OSError) and error.errno in _NO_ROOM
            await (disk_full(scope) if full else http_problem(scope, 500))(scope, receive, framed)
        finally:
            if access_log.isEnabledFor(logging.INFO):
                took = (perf_counter() - began) * 1000
                access_log.info("%s %r %d %.1f ms %s", scope["method"], scope["path"], status, took, request_id)


class AnswerBrokeOffError(Exception):
    """An answer could not be finished; why is in the log under the request's id."""


def _asks_for_somebody(scope: Scope) -> bool:
    """Whether what a request asks may be where somebody lives."""
    return any(path in scope["path"] for path in _OF_CALLERS)


def _tell(error: Exception, scope: Scope, request_id: str) -> None:
    """Log a surprise; of a look-up only where it happened, for an error's message may repeat what the caller said."""
    if not _asks_for_somebody(scope):
        log.exception("unexpected error at %s %r (%s)", scope["method"], scope["path"], request_id)
        return
    where = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    log.error(
        "unexpected %s at %s %r (%s)\n%s", type(error).__name__, scope["method"], scope["path"], request_id, where
    )


class HeadAsGet:
    """Answers HEAD as GET without the content, on every path that takes GET: what watches over services asks so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_content(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
            elif not message.get("more_body", False):
                await send({**message, "body": b""})

        await self.app({**scope, "method": "GET"}, receive, without_content)


class BodyLimit:
    """Refuses a body above a size, at once by its Content-Length, else once so many bytes came; and one that is slow.

    Parameters
    ----------
    app
        What is protected.
    max_bytes
        The usual limit.
    max_bytes_at
        Limits of their own for single paths, below the root path; numbers in them are written ``*``.
    patience_seconds
        How long a body may take, and as long again as what came of it takes at `SLOWEST_BYTES_PER_SECOND`. A worker
        has about a thousand connections: callers who announce a body and never send it must not keep them.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int,
        max_bytes_at: dict[str, int],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.max_bytes_at = max_bytes_at
        self.patience_seconds = patience_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        limit = self.max_bytes_at.get(_NUMBER.sub("/*", path), self.max_bytes)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > limit:
            await http_problem(scope, 413, facts={"max_bytes": limit})(scope, receive, send)
            return
        received = 0
        whole = False
        began = perf_counter()

        async def counted() -> Message:
            nonlocal received, whole
            if whole:
                # From here on the framework only waits for the caller to go away.
                return await receive()
            allowed = self.patience_seconds + received / SLOWEST_BYTES_PER_SECOND
            try:
                with anyio.fail_after(max(began + allowed - perf_counter(), 0)):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
            whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > limit:
                raise BodyTooLargeError(limit)
            return message

        await self.app(scope, counted, send)


class OtherSites:
    """Lets pages of named sites ask, by script, what everybody may know; never with a session or a key.

    Parameters
    ----------
    app
        What is asked.
    origins
        Of the sites, as browsers write them.
    root_path
        Path that a proxy serves the application under; empty where there is none.

    Notes
    -----
    Open are GET below `_OPEN_PATHS`, and POST of look-up and suggestions. No answer allows credentials, and no
    preflight the header ``Authorization``: a key has no place in a page of somebody else's.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str], root_path: str = "") -> None:
        self.app = app
        self.root_path = root_path
        self.origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        asked = headers.get(b"access-control-request-method", b"").decode("latin-1")
        preflight = scope["method"] == "OPTIONS" and asked != "" and b"origin" in headers
        method = asked if preflight else scope["method"]
        if not _is_open(method, scope["path"].removeprefix(self.root_path)):
            await self.app(scope, receive, send)
            return
        known = headers.get(b"origin") if headers.get(b"origin") in self.origins else None
        allowed = [(b"vary", b"Origin"), *([(b"access-control-allow-origin", known)] if known else [])]

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *allowed, *(_EXPOSED if known else ())]}
            await send(message)

        if not preflight:
            await self.app(scope, receive, told)
            return
        answer = [*allowed, *_PREFLIGHT] if known else allowed
        await send({"type": "http.response.start", "status": 204 if known else 403, "headers": answer})
        await send({"type": "http.response.body", "body": b""})


def _is_open(method: str, path: str) -> bool:
    return path in _OPEN_POSTS if method == "POST" else method in ("GET", "HEAD") and path.startswith(_OPEN_PATHS)
