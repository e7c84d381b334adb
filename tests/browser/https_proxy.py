"""What stands before a service in earnest: HTTPS, and a path of its own on a host that has other things, too."""

import contextlib
import http.client
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

# Those of one connection, not of what is sent over it.
HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding", "content-length")


@contextlib.contextmanager
def behind_https(service: str, folder: Path) -> Iterator[str]:
    """Put a proxy with a certificate made just now before a service; gives the address below the same path."""
    parts = urlsplit(service)

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            if not self.path.startswith(parts.path + "/"):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            inner = http.client.HTTPConnection(parts.netloc, timeout=60)
            inner.request(self.command, self.path, body, {**self.headers, "X-Forwarded-Proto": "https"})
            answer = inner.getresponse()
            content = answer.read()
            inner.close()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_OPTIONS = forward  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: a browser drops connections, first of all the one on which it learns of the certificate."""

    server = Server(("127.0.0.1", 0), Proxy)
    # In the thread of its connection: a browser may open one that it never speaks on.
    server.socket = _context(folder).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}{parts.path}"
    finally:
        server.shutdown()
        server.socket.close()
        thread.join()


def _context(folder: Path) -> ssl.SSLContext:
    program, both = shutil.which("openssl"), folder / "certificate.pem"
    assert program is not None, "openssl makes the certificate: apt-get install openssl"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    subprocess.run([program, *words.split(), "-keyout", both, "-out", both], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context
