"""A lean load client: keep-alive sockets on loopback, bounded by its list of requests."""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of requests gave: seconds in all, latencies in seconds, counts by status."""

    seconds: float
    latencies: tuple[float, ...]
    statuses: dict[int, int]

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds that `share` (0..1) of requests stayed under."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# A phone's browser: without one the answers would be held as a machine's, a shorter way.
_AGENT = (
    "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1\r\nAccept-Language: en\r\n"
)


def post(path: str, fields: dict[str, str]) -> bytes:
    """Return a raw form POST."""
    body = urlencode(fields)
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{_AGENT}"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{_AGENT}\r\n".encode()


def run(port: int, requests: Sequence[bytes], *, clients: int = 8) -> Outcome:
    """Send all requests from `clients` parallel connections; runs in a process of its own."""
    queue: multiprocessing.Queue[Outcome] = multiprocessing.Queue()
    process = multiprocessing.Process(target=_run, args=(port, requests, clients, queue))
    process.start()
    outcome = queue.get(timeout=300)
    process.join()
    return outcome


def _run(
    port: int, requests: Sequence[bytes], clients: int, queue: multiprocessing.Queue[Outcome]
) -> None:
    results: list[list[tuple[float, int]]] = [[] for _ in range(clients)]
    threads = [
        threading.Thread(target=_client, args=(port, requests[index::clients], results[index]))
        for index in range(clients)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    flat = [item for result in results for item in result]
    statuses: dict[int, int] = {}
    for _, status in flat:
        statuses[status] = statuses.get(status, 0) + 1
    queue.put(Outcome(seconds, tuple(latency for latency, _ in flat), statuses))


def _client(port: int, requests: Sequence[bytes], out: list[tuple[float, int]]) -> None:
    connection: socket.socket | None = None
    for request in requests:
        started = time.perf_counter()
        if connection is None:
            connection = socket.create_connection(("127.0.0.1", port), timeout=30)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        status, is_closing = _read(connection)
        out.append((time.perf_counter() - started, status))
        if is_closing:
            connection.close()
            connection = None
    if connection is not None:
        connection.close()


def _read(connection: socket.socket) -> tuple[int, bool]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return 0, True
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lowered = head.lower()
    length = 0
    if b"content-length:" in lowered:
        length = int(lowered.split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return int(head.split(b" ", 2)[1]), b"connection: close" in lowered
