"""Somebody else's site with our map in its pages: served from another origin, by a policy as strict as ours."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PAGES = Path(__file__).parent / "portal"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}


@contextlib.contextmanager
def portal_site(port: int, service: str) -> Iterator[None]:
    """Serve the portal's pages on a port, pointed at a service."""
    origin = "/".join(service.split("/")[:3])

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = PAGES / (urlsplit(self.path).path.lstrip("/") or "index.html")
            if path.parent != PAGES or not path.is_file():
                self.send_error(404)
                return
            body = path.read_text(encoding="utf-8").replace("SERVICE_ORIGIN", origin).replace("SERVICE", service)
            self.send_response(200)
            self.send_header("Content-Type", TYPES[path.suffix])
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
