"""Refusals as pages: who opens an address in a browser and may not, or cannot, have it reads why in our own layout."""

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geodata.errors import GeodataError
from service.maps.pages import message_page
from service.problems import PROBLEM_JSON

_KEPT_HEADERS = ("retry-after", "allow", "set-cookie")
_NO_PAGES = ("/api/", "/assets/", "/session", "/tiles/", "/healthz", "/readyz", "/metrics", "/openapi.json")


class PagesForBrowsers:
    """Turns problem details into a page where the request asks for a page: GET, ``Accept: text/html``, no API path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if not _wants_page(scope):
            await self.app(scope, receive, send)
            return
        started: Message | None = None
        body = b""

        async def turned(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start" and _is_problem(message):
                started = message
            elif started is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await _send_page(Request(scope), started, body, send)

        await self.app(scope, receive, turned)


def _wants_page(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return not path.startswith(_NO_PAGES) and "text/html" in Headers(scope=scope).get("accept", "")


def _is_problem(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith(PROBLEM_JSON)


async def _send_page(request: Request, started: Message, body: bytes, send: Send) -> None:
    problem = orjson.loads(body)
    try:
        page = message_page(request, problem)
    except GeodataError:
        await send(started)
        await send({"type": "http.response.body", "body": body})
        return
    headers = Headers(raw=started["headers"])
    for name in _KEPT_HEADERS:
        for value in headers.getlist(name):
            page.headers.append(name, value)
    page.headers["Cache-Control"] = "no-store"
    await page(request.scope, request.receive, send)
