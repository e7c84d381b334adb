"""The client of the HTTP benchmarks: asks over kept connections as fast as it is answered; imports nothing of ours.

    python -m tests.benchmarks.asker PORT TARGETS SECONDS

Prints the answers per second, the first fifth of the time left out, and how many answers came in all.
"""

import asyncio
import sys
import time
from pathlib import Path

CONNECTIONS = 16


class _Connection(asyncio.Protocol):
    """Asks one target after the other over one kept connection, as soon as the answer before is complete."""

    def __init__(self, requests: list[bytes], first: int) -> None:
        self._requests = requests
        self._next = first
        self._missing = 0
        self.answers = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            head, _, body = data.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            self._missing = length - len(body)
        if self._missing == 0:
            self.answers += 1
            self._ask()


async def _drive(port: int, targets: list[str], seconds: float) -> tuple[float, int]:
    """Answers per second over all connections, the first fifth of the time left out, and the answers of all of it."""
    requests = [f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() for target in targets]
    loop = asyncio.get_running_loop()
    connections = []
    for number in range(CONNECTIONS):
        first = number * len(requests) // CONNECTIONS
        made = await loop.create_connection(lambda first=first: _Connection(requests, first), "127.0.0.1", port)  # type: ignore[misc]
        connections.append(made[1])
    await asyncio.sleep(seconds / 5)
    before, began = sum(one.answers for one in connections), time.perf_counter()
    await asyncio.sleep(seconds * 4 / 5)
    answers = sum(one.answers for one in connections)
    return (answers - before) / (time.perf_counter() - began), answers


if __name__ == "__main__":
    port, targets, seconds = sys.argv[1:]
    print(*asyncio.run(_drive(int(port), Path(targets).read_text().split("\n"), float(seconds))))
