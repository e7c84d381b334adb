"""What surrounds every request: id, log line, security headers, the last net, and a limit to the body."""

import itertools
import logging
import secrets
from time import perf_counter

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import REQUEST_ID, BodyTooLargeError, http_problem

access_log = logging.getLogger("gridmap.access")
log = logging.getLogger("gridmap.service")

_SECURITY_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
_CONTENT_POLICY = b"content-security-policy"
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
    The log names the path alone: the query of a look-up says where somebody lives.
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
        except Exception:
            log.exception("unexpected error at %s %r (%s)", scope["method"], scope["path"], request_id)
            if status:
                raise
            await http_problem(scope, 500)(scope, receive, framed)
        finally:
            if access_log.isEnabledFor(logging.INFO):
                took = (perf_counter() - began) * 1000
                access_log.info("%s %r %d %.1f ms %s", scope["method"], scope["path"], status, took, request_id)


class BodyLimit:
    """Refuses a request body above a size: at once by its Content-Length, else as soon as the bytes are counted.

    Parameters
    ----------
    app
        What is protected.
    max_bytes
        The usual limit.
    max_bytes_at
        Limits of their own for single paths, below the root path.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, max_bytes_at: dict[str, int]) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.max_bytes_at = max_bytes_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        limit = self.max_bytes_at.get(path, self.max_bytes)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > limit:
            await http_problem(scope, 413, facts={"max_bytes": limit})(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise BodyTooLargeError(limit)
            return message

        await self.app(scope, counted, send)
